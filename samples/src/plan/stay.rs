//! Stays in hospital: some of a few days, which may go over into the next month, and long ones.

use tenken_parser::{Kind, Month};

use super::{Diagnosis, Draft, Patient, amount};
use crate::{
    calendar::{Day, age, first, last, mask, span},
    draw::keyed,
    order::Course,
    tables::{Rate, Scheme, TABLES},
    town::health::disease,
};

/// Share of the stays that begin and end (the others are long), in %, and claims that one of them makes.
const SHORT: u32 = 75;
const CLAIMS_OF_A_STAY: u32 = 138;
/// Of the short stays: with an operation, and in a DPC hospital, ‰ (46 % of all inpatient claims).
const OPERATED: u32 = 400;
const DPC: u32 = 615;

#[derive(Clone, Copy)]
struct Stay {
    from: Day,
    /// first day at home
    to: Day,
    course: Course,
    dpc: bool,
    /// seed of what belongs to the whole stay
    key: u64,
}

impl Patient<'_> {
    /// The stay that would begin in a month.
    fn drawn(&self, scheme: Scheme, month: Month) -> Option<Stay> {
        let mut rng = keyed(&[self.p.key, month.index() as u64, 21]);
        let rate = TABLES.rate(scheme, age(self.p.birth, first(month)));
        if !rng.per_100_000(rate.inpatient * SHORT / CLAIMS_OF_A_STAY) {
            return None;
        }
        let from = first(month) + rng.below(usize::from(month.days())) as Day;
        let course = if rng.per_mille(OPERATED) { Course::Surgical } else { Course::Ordinary };
        let nights = rng.log_normal(if course == Course::Surgical { 15.5 } else { 15.0 }, 0.75) as Day;
        let stay = Stay { from, to: from + nights.clamp(1, 58) + 1, course, dpc: rng.per_mille(DPC), key: rng.next() };
        let alive = self.p.periods.iter().any(|r| r.covers(from)) && self.p.death.is_none_or(|d| from <= d);
        alive.then_some(stay)
    }

    /// Unless an earlier one still lasts, or ended in the same month: one hospital bills a month once.
    fn begun(&self, scheme: Scheme, month: Month, depth: u8) -> Option<Stay> {
        let stay = self.drawn(scheme, month)?;
        let overlaps = depth > 0
            && (1..=2).any(|n| {
                self.begun(scheme, month.plus(-n), depth - 1).is_some_and(|s| s.to >= stay.from.min(first(month) + 1))
            });
        (!overlaps).then_some(stay)
    }

    /// Plans the inpatient claims; returns the days of the stays.
    pub(super) fn stays(&self, scheme: Scheme, covered: u32, rate: &Rate, out: &mut Vec<Draft>) -> u32 {
        let _ = rate;
        let (start, end) = (first(self.month), last(self.month));
        if let Some((from, to)) = self.p.health.long_stay
            && from <= end
            && to > start
            && self.p.periods.iter().any(|r| r.covers(from))
        {
            let days = mask(self.month, from, to) & covered;
            if days != 0 {
                let stay = Stay { from, to, course: Course::LongStay, dpc: false, key: self.p.key ^ 23 };
                self.stay(scheme, &stay, days, out);
            }
            return days;
        }
        let mut all = 0;
        for n in (0..=2).rev() {
            let Some(stay) = self.begun(scheme, self.month.plus(-n), 2) else { continue };
            let days =
                mask(self.month, stay.from, stay.to.min(self.p.death.map_or(stay.to, |d| d + 1))) & covered & !all;
            if days != 0 && stay.to > start {
                self.stay(scheme, &stay, days, out);
                all |= days;
            }
        }
        all
    }

    fn stay(&self, scheme: Scheme, stay: &Stay, days: u32, out: &mut Vec<Draft>) {
        let p = self.p;
        let mut own = keyed(&[stay.key, 24]);
        let mut rng = keyed(&[stay.key, 25, self.month.index() as u64]);
        let hospital = match stay.course {
            Course::LongStay => p.health.long_hospital,
            _ if stay.dpc => p.health.dpc,
            _ => p.health.acute,
        };
        let kind = if stay.dpc { Kind::Dpc } else { Kind::Medical };
        let mut d = self.draft(scheme, kind, hospital, days);
        d.inpatient = true;
        d.course = stay.course;
        d.admission = Some(stay.from);
        d.target = amount::inpatient(stay.course, scheme, days.count_ones(), &mut rng);
        let group = match stay.course {
            Course::LongStay => "long",
            Course::Surgical => "surgery",
            _ => "stay",
        };
        let years = age(p.birth, stay.from);
        let discharged = stay.to <= span(self.month, days).1 + 1;
        let first = disease(group, p.sex, years, &mut own)
            .or_else(|| disease("stay", p.sex, years, &mut own))
            .map_or("4860030", |i| TABLES.diseases[usize::from(i)].code);
        d.diseases.push(Diagnosis {
            code: first,
            modifiers: "",
            start: stay.from,
            outcome: if discharged && own.per_mille(700) { 2 } else { 1 },
            main: true,
        });
        for i in p.health.diseases.iter().take(2) {
            let code = TABLES.diseases[usize::from(*i)].code;
            if code != first {
                d.diseases.push(Diagnosis {
                    code,
                    modifiers: "",
                    start: p.health.since.min(stay.from),
                    outcome: 1,
                    main: false,
                });
            }
        }
        let national = p.publics.iter().any(|g| !g.programme.local) && own.per_mille(500);
        self.publics(&mut d, national);
        self.limit(scheme, &mut d, &mut rng);
        out.push(d);
    }
}
