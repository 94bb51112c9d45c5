//! What a register says of persons and households for 高額療養費: age band, income category, half-limit months, hits
//! brought in from elsewhere (high-cost.md 1.2, 4.1, 5).

use tenken_benefit::{AgeBand, Scheme};
use tenken_parser::{Date, Month};

use crate::{
    calendar::{self, Day},
    registry::{AttributeKind, OwnerRegistry, PersonView, compact::AttributeRow, rows},
};

/// Scheme of a claim by the second digit of レセプト種別.
pub fn scheme_of(digit: u8) -> Scheme {
    if digit == 3 { Scheme::Kouki } else { Scheme::Kokuho }
}

pub fn age_band(scheme: Scheme, birth: Option<Date>, month: Month) -> AgeBand {
    let first = month.first_day().epoch_days();
    match (scheme, birth) {
        (Scheme::Kouki, _) => AgeBand::SeventyFivePlus,
        (_, Some(birth)) if calendar::elder_start(birth) <= first => AgeBand::SeventyPlus,
        _ => AgeBand::Under70,
    }
}

/// 75歳到達月: the birthday is in the month and not on its first day.
pub fn turns_75_in(birth: Date, month: Month) -> bool {
    let first = month.first_day().epoch_days();
    let day = calendar::kouki_start(birth);
    first < day && day <= month.last_day().epoch_days()
}

/// … and it is the birthday that brings the person to 後期, not a recognised disability before it.
pub fn has_half_month(person: Option<PersonView<'_>>, birth: Option<Date>, month: Month) -> bool {
    let Some(birth) = birth.filter(|b| turns_75_in(*b, month)) else { return false };
    let day = calendar::kouki_start(birth);
    let by_disability =
        |p: PersonView<'_>| p.spans().iter().any(|s| s.scheme == rows::Scheme::Kouki && s.acquired < day);
    !person.is_some_and(by_disability)
}

/// The row that covers the first day of the month, else the first that covers any of it.
fn in_month<'r>(rows: impl Iterator<Item = &'r AttributeRow>, month: Month) -> Option<&'r AttributeRow> {
    let (first, last) = calendar::bounds(month);
    let mut found: Option<&AttributeRow> = None;
    for row in rows.filter(|a| a.from <= last && first < a.to) {
        let earlier = |f: &&AttributeRow| f.from <= row.from;
        if found.as_ref().is_none_or(|f| !earlier(&f)) {
            found = Some(row);
        }
    }
    found
}

/// 所得区分 of the household under 70, or the person's own from 70 on. Nothing where the register has none.
pub fn category<'r>(
    registry: &'r OwnerRegistry,
    person: Option<PersonView<'r>>,
    household: Option<u32>,
    band: AgeBand,
    month: Month,
) -> Option<&'r str> {
    let row = match band {
        AgeBand::Under70 => in_month(registry.household_attributes(household?, AttributeKind::IncomeUnder70), month),
        _ => in_month(person?.attributes(AttributeKind::IncomeElder), month),
    };
    row.map(|a| registry.value(a))
}

/// 転居月: the household goes on from another municipality of the prefecture, not on the first day of the month.
pub fn moved_in(registry: &OwnerRegistry, household: u32, month: Month) -> bool {
    let (first, last) = calendar::bounds(month);
    let within = |from: Day| first < from && from <= last;
    registry.household_attributes(household, AttributeKind::HouseholdContinues).any(|a| within(a.from))
}

/// Months of hits that another municipality handed over.
pub fn inherited_hits(registry: &OwnerRegistry, household: u32) -> Vec<Month> {
    let rows = registry.household_attributes(household, AttributeKind::InheritedHit);
    rows.filter_map(|a| calendar::date(a.from)).map(Date::year_month).collect()
}

/// 年少減額: the reduced annual cap applies.
pub fn has_reduced_cap(registry: &OwnerRegistry, household: u32, month: Month) -> bool {
    in_month(registry.household_attributes(household, AttributeKind::ReducedCap), month).is_some()
}

/// 特定疾病 with its limit in 円 (10,000 where the register does not say); nothing without a certificate in the month.
pub fn specific_disease(person: PersonView<'_>, month: Month) -> Option<i64> {
    let row = in_month(person.attributes(AttributeKind::SpecificDisease), month)?;
    let value = person.registry.value(row);
    Some(value.split_once(':').and_then(|(_, yen)| yen.parse().ok()).unwrap_or(10_000))
}

/// 負担割合 in 割.
pub fn burden_ratio(person: PersonView<'_>, month: Month) -> Option<u8> {
    in_month(person.attributes(AttributeKind::BurdenRatio), month).and_then(|a| person.registry.value(a).parse().ok())
}

/// No automatic letter in the month: undated on the person, or dated on the person or the household.
pub fn has_no_notice(registry: &OwnerRegistry, person: PersonView<'_>, household: Option<u32>, day: Day) -> bool {
    let of_household =
        household.is_some_and(|h| registry.household_attributes(h, AttributeKind::NoNotice).any(|a| a.covers(day)));
    person.no_notice() || of_household || person.attribute_at(AttributeKind::NoNotice, day).is_some()
}

/// The number in memory of a person's household.
pub fn household_no(person: PersonView<'_>, household_id: &str) -> Option<u32> {
    let own = |r: &&crate::registry::compact::PeriodRow| person.registry.household_id(r) == household_id;
    person.periods().iter().find(own).map(|r| r.household)
}
