//! Service days `D(c)` of a claim and whether they are known (eligibility-rules.md 1.5).

use super::{header::Header, walk::Totals};
use crate::claim::Kind;

/// Days of the service month (bit 0 = day 1) and whether they are exact. A day outside the month is left out
/// and makes them not exact, as does a number of days billed that disagrees (E707). The days of a 総括レセプト are the union with its subordinates.
pub fn service_days(kind: Kind, header: &Header<'_>, totals: &Totals) -> (u32, bool) {
    let Some(month) = header.common.service_month else { return (0, false) };
    let recorded = totals.item_days | totals.visit_days;
    let (days, exact) = match kind {
        Kind::Pharmacy | Kind::Nursing => (totals.dated_days | totals.visit_days, true),
        Kind::Dpc => {
            let recorded = recorded | totals.dated_days;
            if totals.has_jd { (recorded, true) } else { (recorded | stay_of(header, month), false) }
        }
        Kind::Medical | Kind::Dental if header.common.is_inpatient(kind) => {
            if totals.has_jd || totals.stay_days != 0 {
                (recorded, true)
            } else {
                let first = header
                    .common
                    .admission_date
                    .filter(|d| d.year_month() == month)
                    .map_or(1, crate::Date::day_of_month);
                let count = header.payer.and_then(|p| p.days).unwrap_or(0).clamp(0, 31) as u8;
                (interval(first, first.saturating_add(count).saturating_sub(1), month), false)
            }
        }
        Kind::Medical | Kind::Dental => (recorded, true),
    };
    let exact = exact && days != 0 && !totals.day_outside;
    (days, exact && days_billed(kind, header, totals, days).is_none_or(|(billed, recorded)| billed == recorded))
}

/// 実日数 as billed and as the day data say: outpatient claims but 調剤, whose count is of prescriptions.
/// Counted are the 1 of the main insurer's JD, else the days with an item cell.
fn days_billed(kind: Kind, header: &Header<'_>, totals: &Totals, days: u32) -> Option<(i64, i64)> {
    if kind == Kind::Pharmacy || header.common.is_inpatient(kind) {
        return None;
    }
    let billed = header.payer.and_then(|p| p.days)?;
    Some((billed, i64::from(totals.counted_days[0].unwrap_or(days.count_ones()))))
}

/// Whether 実日数 disagrees with day data that are known otherwise (E707).
pub fn days_differ(kind: Kind, header: &Header<'_>, totals: &Totals, days: u32) -> bool {
    days != 0
        && !totals.day_outside
        && days_billed(kind, header, totals, days).is_some_and(|(billed, recorded)| billed != recorded)
}

/// The stay of BU inside the month.
fn stay_of(header: &Header<'_>, month: crate::Month) -> u32 {
    let (Some(from), to) = header.stay else { return 0 };
    let to = to.unwrap_or(month.last_day());
    let first = if from.year_month() < month { month.first_day() } else { from };
    let last = to.min(month.last_day());
    if first.year_month() != month || last < first {
        return 0;
    }
    interval(first.day_of_month(), last.day_of_month(), month)
}

fn interval(first: u8, last: u8, month: crate::Month) -> u32 {
    (first..=last.min(month.days())).fold(0, |mask, d| mask | 1 << (d - 1))
}
