//! Years from August to July: 外来年間合算 of people of 70 and more, and the running totals of the 年間上限 by person and by
//! household (high-cost.md 2.3 and 7), from the stored results.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use tenken_benefit::{
    AgeBand, Scheme, Yen,
    annual::{OutpatientMonth, RunningTotal, Year, outpatient_year},
};
use tenken_matcher::standing;
use tenken_parser::Month;
use tenken_store::Store;

use super::Basis;

/// One person's year, or (without a person) one household's.
#[derive(Clone, Debug, Default)]
pub struct AnnualRow {
    pub owner: String,
    pub scheme: String,
    pub household_id: String,
    pub person_id: Option<String>,
    pub months: Vec<Month>,
    /// burdens left after the monthly benefit, 円
    pub burden: Yen,
    /// 年間上限 of the category, 円; nothing before the law has one
    pub cap: Option<Yen>,
    pub above: Yen,
    /// outpatient burdens left, of 70 and more, months of 現役並み left out, 円
    pub outpatient_burden: Yen,
    /// 外来年間合算, 円; nothing where it does not apply
    pub outpatient_benefit: Option<Yen>,
    /// category on the base date (31 July), or in the last month so far
    pub category: String,
}

#[derive(Default)]
struct Person {
    months: BTreeMap<Month, PersonMonth>,
}

#[derive(Clone, Copy, Default)]
struct PersonMonth {
    left: Yen,
    outpatient: Yen,
    active: bool,
    senior: bool,
}

/// The rows of a year, households before their persons.
pub fn years(store: &Store, year: Year, insurer: Option<&str>) -> Result<Vec<AnnualRow>> {
    let basis = Basis::of_store(store, year.to)?;
    let law = &basis.law;
    let in_year = |month: &str| Month::parse_iso(month).is_some_and(|m| year.contains(m));
    let mut newest = HashMap::new();
    for (_, r) in store.benefit_households(|owner, _, month| insurer.is_none_or(|i| i == owner) && in_year(month))? {
        let key = (r.owner.clone(), r.scheme.clone(), r.household_id.clone(), r.service_month.clone());
        let at = newest.entry(key).or_insert_with(|| r.clone());
        if at.version < r.version {
            *at = r;
        }
    }
    let by_id: HashMap<String, _> = newest.into_values().map(|r| (r.benefit_id.clone(), r)).collect();
    type Unit = (String, String, String);
    let mut persons: BTreeMap<Unit, BTreeMap<String, Person>> = BTreeMap::new();
    // outpatient and inpatient as paid, refund and step B of each person in each version
    let mut of: HashMap<(String, String), [i64; 4]> = HashMap::new();
    let mut bands: HashMap<(String, String), String> = HashMap::new();
    for g in store.benefit_groups(|id| by_id.contains_key(id))? {
        let key = (g.benefit_id.clone(), g.person_id.clone());
        let sums = of.entry(key.clone()).or_default();
        sums[usize::from(g.inpatient)] += g.window_paid_yen;
        sums[2] += g.person_cash_yen;
        let in_kind = if g.inpatient { 0 } else { g.in_kind_yen };
        sums[3] += g.person_benefit_yen - in_kind;
        bands.insert(key, g.age_band);
    }
    for ((benefit_id, person_id), [out, inside, refund, outpatient_refund]) in of {
        let r = &by_id[&benefit_id];
        let Some(month) = Month::parse_iso(&r.service_month) else { continue };
        let band = AgeBand::from_code(&bands[&(benefit_id, person_id.clone())]).unwrap_or(AgeBand::Under70);
        let senior = band.is_70_or_more();
        let own_outpatient = outpatient_refund.clamp(0, refund.max(0));
        let out_left = out - own_outpatient;
        // what step C gives is shared by what was left of both
        let rest = refund - own_outpatient;
        let both = out_left + inside;
        let of_c = if both > 0 { (i128::from(rest) * i128::from(out_left) / i128::from(both)) as i64 } else { 0 };
        let word = r.category_70plus.as_deref().unwrap_or_default();
        let row = law.categories.row_by_amount(&law.limits, word, band, month).ok().filter(|_| senior);
        let unit = (r.owner.clone(), r.scheme.clone(), r.household_id.clone());
        let at = persons.entry(unit).or_default().entry(person_id).or_default();
        at.months.insert(
            month,
            PersonMonth {
                left: Yen(out + inside - refund),
                outpatient: if senior { Yen(out_left - of_c) } else { Yen::ZERO },
                active: row.is_some_and(|row| row.outpatient_cap.is_none()),
                senior,
            },
        );
    }

    let mut rows = Vec::new();
    for ((owner, scheme, household_id), members) in persons {
        let registry = basis.registers.iter().find(|r| r.owner == owner);
        let kouki = scheme == Scheme::Kouki.code();
        let mut household = AnnualRow { owner, scheme, household_id, ..AnnualRow::default() };
        let mut of_persons = Vec::new();
        for (person_id, person) in members {
            let last = person.months.keys().last().copied().unwrap_or(year.to);
            // the base date, as far as the register knows it
            let at = year.to;
            let view = registry.and_then(|r| r.find(&person_id));
            let no = view.and_then(|v| standing::household_no(v, &household.household_id));
            let birth = view.and_then(|v| v.birth());
            let band = standing::age_band(if kouki { Scheme::Kouki } else { Scheme::Kokuho }, birth, at);
            let word = |month| registry.and_then(|r| standing::category(r, view, no, band, month));
            let category = word(at).or_else(|| word(last)).unwrap_or_default().to_owned();
            let row = law.categories.row_by_amount(&law.limits, &category, band, at).ok();
            let months: Vec<OutpatientMonth> = (person.months.iter())
                .filter(|(_, m)| m.senior)
                .map(|(month, m)| OutpatientMonth { month: *month, burden: m.outpatient, active: m.active })
                .collect();
            let reduced = registry.zip(no).is_some_and(|(r, h)| standing::has_reduced_cap(r, h, at));
            let total = row.map(|row| RunningTotal::of(row, reduced, person.months.values().map(|m| m.left)));
            let burden: Yen = person.months.values().map(|m| m.left).sum();
            household.burden += burden;
            household.months.extend(person.months.keys());
            if household.cap.is_none_or(|c| total.and_then(|t| t.cap).is_some_and(|new| new > c)) {
                household.cap = total.and_then(|t| t.cap);
                household.category.clone_from(&category);
            }
            of_persons.push(AnnualRow {
                person_id: Some(person_id),
                months: person.months.keys().copied().collect(),
                burden,
                cap: total.and_then(|t| t.cap),
                above: total.map(|t| t.above()).unwrap_or_default(),
                outpatient_burden: months.iter().filter(|m| !m.active).map(|m| m.burden).sum(),
                outpatient_benefit: row
                    .filter(|_| !months.is_empty())
                    .and_then(|row| outpatient_year(row, year, &months)),
                category,
                owner: household.owner.clone(),
                scheme: household.scheme.clone(),
                household_id: household.household_id.clone(),
            });
        }
        household.months.sort();
        household.months.dedup();
        household.above = household.cap.map_or(Yen::ZERO, |cap| (household.burden - cap).at_least_zero());
        rows.push(household);
        rows.extend(of_persons);
    }
    Ok(rows)
}
