//! E5xx 給付制限.

use super::{Case, day_list, text_of};
use crate::{
    calendar::{self, Day},
    finding::Certainty,
    registry::{AttributeKind, PersonView, compact::AttributeRow},
};

/// 窓口負担額区分 04: 特別の費用の額.
const SPECIAL_CHARGE: &str = "04";

pub(super) fn rules(case: &mut Case<'_, '_>) {
    let Some(p) = case.person else { return };
    if p.registry.has(AttributeKind::SpecialCare) || case.c.window_class == Some(SPECIAL_CHARGE) {
        special_care(case, p);
    }
    if p.registry.has(AttributeKind::Detained) {
        detained(case, p);
    }
}

/// E505: what a flagged claim says of its cause. Not on a held claim: who was hurt at home is not asked about a quarrel.
pub(super) fn of_claim(case: &mut Case<'_, '_>) {
    if case.c.third_party.is_some_and(|o| o.flag && o.restriction && !o.hold) {
        let reason = "闘争・泥酔・故意などの記載がある（給付を制限するかは人が決める）".to_owned();
        if let Some(f) = case.raise("E505", "restriction", reason) {
            f.certainty = Certainty::Possible;
        }
    }
}

/// 特別療養費 of the person, or of the household that applies on the day.
fn special_at(p: PersonView<'_>, day: Day) -> Option<&AttributeRow> {
    p.attribute_at(AttributeKind::SpecialCare, day).or_else(|| {
        let row = p.periods().iter().find(|r| r.start <= day && day < r.end)?;
        p.registry.household_attributes(row.household, AttributeKind::SpecialCare).find(|a| a.covers(day))
    })
}

fn special_care(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let c = case.c;
    let special = case.days_with(|d| special_at(p, d).is_some());
    if c.window_class == Some(SPECIAL_CHARGE) {
        if special == 0 {
            case.raise("E502", "special", "特別療養費として請求されているが、対象者でない".to_owned());
        }
        return;
    }
    // exempt: until 31 March after reaching 18, and who can have 公費負担医療
    let minor_until = p.birth().map_or(Day::MIN, calendar::minor_end);
    let entitled = |d| p.attribute_at(AttributeKind::PublicExpense, d).is_some();
    let bad = case.days_with(|d| special_at(p, d).is_some() && d > minor_until && !entitled(d));
    if bad == 0 || !c.publics.is_empty() {
        return;
    }
    let first = c.bounds().0 + bad.trailing_zeros() as Day;
    let from = special_at(p, first).map_or_else(String::new, |a| text_of(a.from));
    let reason = format!("{} は特別療養費の対象（{from} から）。現物給付はできない", day_list(c.month, bad));
    case.raise_on_days("E501", from, bad, reason);
}

fn detained(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let bad = case.days_with(|d| p.attribute_at(AttributeKind::Detained, d).is_some());
    if bad == 0 {
        return;
    }
    let first = case.c.bounds().0 + bad.trailing_zeros() as Day;
    let from = p.attribute_at(AttributeKind::Detained, first).map_or_else(String::new, |a| text_of(a.from));
    let reason = format!("{} は少年院・刑事施設に収容中（{from} から）", day_list(case.c.month, bad));
    case.raise_on_days("E504", from, bad, reason);
}
