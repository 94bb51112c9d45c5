//! People who are seen on days on which they are not covered: after a loss, before an acquisition
//! (eligibility-rules.md E2xx, sections 4 and 7).

use super::{Draft, Patient};
use crate::{
    calendar::{Day, first, late_elderly_from, mask, span},
    draw::keyed,
    order::Course,
    tables::{Scheme, TABLES},
    town::{Known, Period, Person},
};

/// Why a day is not covered: the rule, and when the ledger learned of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    pub rule: &'static str,
    pub known: Known,
}

fn rule_of(reason: &str) -> &'static str {
    match reason {
        "転出" | "国外転出" => "E210",
        "社保加入" => "E211",
        "生保開始" => "E212",
        "後期加入" => "E213",
        "組合加入" => "E215",
        _ => "E201",
    }
}

/// Newborns seen before their birth, ‰.
const UNBORN: u32 = 150;
/// Seen on good days of the same month too, ‰.
const MIXED: u32 = 400;

impl Person {
    /// Why a day is no day of 国保 here; nothing when it is.
    pub(crate) fn cause(&self, day: Day) -> Option<Cause> {
        let rows = || self.periods.iter().filter(|r| r.scheme == Scheme::Kokuho);
        let kouki = self.periods.iter().find(|r| r.scheme == Scheme::Kouki);
        if day >= late_elderly_from(self.birth) || kouki.is_some_and(|r| r.covers(day)) {
            // the date is computed: nothing had to be learned
            let known = kouki.map(|r| r.known_from).or_else(|| rows().next_back().map(|r| r.known_to));
            return Some(Cause { rule: "E213", known: known.flatten() });
        }
        if self.death.is_some_and(|d| day > d) {
            return Some(Cause { rule: "E214", known: rows().next_back().and_then(|r| r.known_to) });
        }
        if rows().any(|r| r.covers(day)) {
            return None;
        }
        let span_lost = |acquired: Day| rows().filter(|r| r.acquired == acquired).find_map(|r| r.lost);
        for r in rows() {
            let covered = r.acquired <= day && span_lost(r.acquired).is_none_or(|l| day < l);
            if covered && day < r.from && rows().all(|o| o.acquired != r.acquired || o.from >= r.from) {
                return Some(Cause { rule: "E209", known: r.known_from });
            }
            if covered && r.to_reason == "県内転出" && r.to.is_some_and(|t| day >= t) {
                return Some(Cause { rule: "E208", known: r.known_to });
            }
        }
        let lost = rows().filter(|r| r.lost.is_some_and(|l| l <= day)).max_by_key(|r| r.lost);
        let next = rows().find(|r| r.acquired > day);
        Some(match lost.map(|r| (r, next)) {
            // between two spans: what the next one made known decides
            Some((r, Some(next))) if rule_of(r.lost_reason) == "E201" => Cause { rule: "E203", known: next.known_from },
            Some((r, _)) => Cause { rule: rule_of(r.lost_reason), known: r.known_to },
            None => Cause { rule: "E202", known: rows().next().and_then(|r| r.known_from) },
        })
    }
}

impl Patient<'_> {
    /// Plans what is seen outside; true when the month holds nothing else.
    pub(super) fn outside(&self, out: &mut Vec<Draft>) -> bool {
        let p = self.p;
        for (i, row) in p.periods.iter().enumerate().filter(|(_, r)| r.scheme == Scheme::Kokuho) {
            let mut rng = keyed(&[p.key, i as u64, 22]);
            if let Some(end) = row.end() {
                let reason = if row.lost.is_some() { row.lost_reason } else { row.to_reason };
                let Some(how) = TABLES.loss(reason) else { continue };
                let offset = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2][rng.below(10)];
                let seen = rng.per_mille(how.visits_per_mille);
                if seen && crate::calendar::month_of(end).plus(offset) == self.month {
                    // never on the day of the loss itself
                    let bad = mask(self.month, end + 1, first(self.month.plus(1)));
                    return self.uncovered(bad, row, &mut rng, out);
                }
            }
            let begins = row.from > first(self.month) && row.from < first(self.month.plus(1));
            if begins && (i == 0 || p.periods[i - 1].end().is_none_or(|e| e < row.from)) {
                let share = match row.acquired_reason {
                    "出生" => UNBORN,
                    _ if row.from_reason == "県内転入" => by_acquisition("県内転入"),
                    _ if i > 0 => 400,
                    reason => by_acquisition(reason),
                };
                let mut rng = keyed(&[p.key, i as u64, 28]);
                if rng.per_mille(share) {
                    let bad = mask(self.month, first(self.month), row.from);
                    return self.uncovered(bad, row, &mut rng, out);
                }
            }
        }
        false
    }

    /// One visit on bad days, perhaps on good ones too; a pharmacy may follow.
    fn uncovered(&self, bad: u32, row: &Period, rng: &mut crate::rng::Rng, out: &mut Vec<Draft>) -> bool {
        let p = self.p;
        let good = p.covered(Scheme::Kokuho, self.month);
        let mut days = rng.days_of(bad & !good, 1 + u32::from(rng.clone().per_mille(350)));
        if days == 0 {
            return false;
        }
        if rng.per_mille(MIXED) && !(row.lost_reason == "社保加入" && good.count_ones() < 3) {
            // the last good day is a finding of its own before another insurance (E207)
            let edge = row.lost.map_or(0, |l| mask(self.month, l - 1, l));
            days |= rng.days_of(good & !edge, 1);
        }
        let Some((rule, known)) = self.verdict_of(days) else { return false };
        let mixed = days & good != 0;
        let last_day = span(self.month, days).1;
        if known == Some(last_day) {
            return false;
        }
        let confirmation = match rng.below(20) {
            _ if mixed => "",
            0..3 => "02",
            3 => "04",
            _ => "01",
        };
        let also = |retro: bool| match confirmation {
            "02" => Some("E908"),
            "04" => Some("E901"),
            "01" if !retro => Some("E909"),
            _ => None,
        };
        let start = out.len();
        let rate = self.rate(Scheme::Kokuho, days);
        self.outpatient(Scheme::Kokuho, p.health.clinic, days, Course::Ordinary, rate, rng, out);
        for (i, d) in out[start..].iter_mut().enumerate() {
            let prescribed = i > 0;
            let own = if prescribed { self.verdict_of(d.days) } else { Some((rule, known)) };
            d.confirmation = confirmation;
            d.linked = true;
            let Some((own, own_known)) = own else {
                // dispensed on a good day
                continue;
            };
            let mut rules = vec![own];
            let bad_day = d.days & !good != 0;
            // a claim that was transferred to us is asked about first, and pulls no other with it
            if prescribed && bad_day && confirmation != "04" {
                let weaker = matches!(own, "E208" | "E209");
                rules.insert(usize::from(!weaker), "E608");
            }
            if d.days & good == 0 {
                rules.extend(also(own_known.is_some_and(|k| k > span(self.month, d.days).1)));
            }
            if own == "E202" && d.days != 0 && span(self.month, d.days).0 < p.birth {
                rules.push("E708");
            }
            d.judge(&rules, "資格のない日の受診");
        }
        true
    }

    /// The rule that a claim with these days gets, and when its cause was learned; nothing when all is well
    /// or when several causes meet.
    fn verdict_of(&self, days: u32) -> Option<(&'static str, Known)> {
        let start = first(self.month);
        let causes: Vec<Option<Cause>> =
            (0..31).filter(|d| days >> d & 1 == 1).map(|d| self.p.cause(start + d)).collect();
        let bad: Vec<Cause> = causes.iter().flatten().copied().collect();
        let one = *bad.first()?;
        if bad.iter().any(|c| c.rule != one.rule) {
            return None;
        }
        let mixed = bad.len() < causes.len();
        let rule = if mixed && !matches!(one.rule, "E208" | "E209" | "E213") { "E204" } else { one.rule };
        Some((rule, one.known))
    }
}

fn by_acquisition(reason: &str) -> u32 {
    TABLES.acquisitions.iter().find(|a| a.reason == reason).map_or(60, |a| a.visits_per_mille)
}
