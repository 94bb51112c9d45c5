//! Who may be written to. A hold protects a person from a letter that the wrongdoer may open (third-party.md 4.1).

use jiff::{Unit, civil::Date};

use crate::{
    cases::{Case, Detail},
    error::{Error, Result},
    limits::{Limit, alerts},
    states::next_states,
};

/// No new inquiry about an injury older than this many months, unless marked 10 (third-party.md 1.4).
const OLDEST_MONTHS: i64 = 36;
/// The route of a claim that belongs to a case already.
const LINKED: &str = "LINKED";

/// Why nobody is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// a hold, whatever the route
    Held,
    /// the route asks nothing of the household
    Route,
}

/// Whether a letter to the household may be made without a person's decision.
///
/// # Errors
/// [`Refusal::Held`] for every route; [`Refusal::Route`] where the route has no question.
pub fn may_send_letter(route: &str, hold: bool) -> std::result::Result<(), Refusal> {
    if hold {
        Err(Refusal::Held)
    } else if matches!(route, "NONE" | LINKED | "SENSITIVE") {
        Err(Refusal::Route)
    } else {
        Ok(())
    }
}

pub(crate) fn months_between(from: Date, to: Date) -> i64 {
    from.until((Unit::Month, to)).map_or(0, |span| i64::from(span.get_months()))
}

pub(crate) fn young_enough(case: &Case, today: Date) -> Result<()> {
    let start = case.accident_date.or(case.first_day);
    match start.map(|s| months_between(s, today)) {
        Some(age) if age >= OLDEST_MONTHS && !case.marked_10 => {
            Err(Error::TooOld { case_no: case.case_no.clone(), months: OLDEST_MONTHS })
        }
        _ => Ok(()),
    }
}

/// A case whose person may be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Inquiry<'d> {
    pub detail: &'d Detail,
    /// limits that end soon, with months
    pub alerts: Vec<(Limit, i32)>,
}

/// Whom an inquiry may be sent to on a day: looked at, not held, young enough; the most urgent first. `held` says whether
/// somebody is held today for another reason (通知除外, a claim of the case): asked again on the day a letter is made.
pub fn inquiries<'d>(cases: &'d [Detail], today: Date, held: &dyn Fn(&Detail) -> bool) -> Vec<Inquiry<'d>> {
    let mut out: Vec<Inquiry<'d>> = cases
        .iter()
        .filter(|d| next_states(&d.case.state).any(|r| r.to == crate::states::INQUIRY))
        .filter(|d| may_ask(d, held(d)) && young_enough(&d.case, today).is_ok())
        .map(|detail| {
            let limits = detail.case.limits();
            let alerts = alerts(&limits, today).into_iter().map(|(l, m)| (l.clone(), m)).collect();
            Inquiry { detail, alerts }
        })
        .collect();
    out.sort_by(|a, b| urgency(a.detail).cmp(&urgency(b.detail)));
    out
}

/// A case opened without a claim (a telephone call) has no route of its own: it may ask.
fn may_ask(d: &Detail, held: bool) -> bool {
    let route = if d.case.claim_id.is_none() && d.case.route == "NONE" { "CANDIDATE" } else { d.case.route.as_str() };
    may_send_letter(route, d.case.hold || held).is_ok()
}

/// Band, 給付額 of the episode from the highest, nearest limit, claim (third-party.md 4).
pub(crate) fn urgency(d: &Detail) -> (u8, std::cmp::Reverse<i64>, Option<Date>, Option<&str>, &str) {
    let band = match d.case.band.as_deref() {
        Some("A") => 0,
        Some("B") => 1,
        Some("WATCH") => 2,
        _ => 3,
    };
    let nearest = d.case.limits().iter().map(|l| l.on).min();
    (band, std::cmp::Reverse(d.benefit_yen()), nearest, d.case.claim_id.as_deref(), &d.case.case_no)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_beats_every_route() {
        for route in ["LINKED", "MARKED", "SENSITIVE", "ROSAI", "SELF", "FOOD", "CANDIDATE", "NONE"] {
            assert_eq!(may_send_letter(route, true), Err(Refusal::Held), "{route}");
            let asks = matches!(route, "MARKED" | "ROSAI" | "SELF" | "FOOD" | "CANDIDATE");
            assert_eq!(may_send_letter(route, false).is_ok(), asks, "{route}");
        }
    }
}
