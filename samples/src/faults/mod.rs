//! Wrong claims, put in on purpose and told in truth.csv: `data/faults.csv` by rule of eligibility-rules.md,
//! `data/accidents.csv` by case of third-party.md; and the clean ones that resemble them.

mod accident;
mod benefit;
mod dates;
mod identity;
mod lookalike;
mod pairs;

use std::sync::LazyLock;

use tenken_parser::Month;

use crate::{
    calendar::{first, last},
    draw::keyed,
    plan::{Draft, Scratch},
    rng::Rng,
    tables::Scheme,
    town::{District, Period, Person},
};

struct Fault {
    rule: &'static str,
    per_100_000: u32,
}

static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(|| {
    crate::tables::rows(include_str!("../../data/faults.csv"))
        .map(|r| Fault { rule: r.text("rule"), per_100_000: r.number("per_100000") })
        .collect()
});

/// Claims that are looked at for one that fits.
const TRIES: usize = 3_000;

/// Puts errors, accidents and damage into the claims of a district and month, and marks what looks like them.
/// Errors come so many times as often as the table says.
pub(crate) fn inject(district: &District, drafts: &mut Vec<Draft>, exam: Month, seed: u64, times: u32) {
    let rng = keyed(&[seed, u64::from(district.no), exam.index() as u64, 40]);
    let mut work = Work { district, drafts, exam, rng, pairs: 0 };
    work.accidents();
    for fault in FAULTS.iter() {
        for _ in 0..work.count(fault.per_100_000 * times) {
            work.one(fault.rule);
        }
    }
    work.lookalikes();
}

struct Work<'w> {
    district: &'w District,
    drafts: &'w mut Vec<Draft>,
    exam: Month,
    rng: Rng,
    /// pairs so far
    pairs: u32,
}

impl Work<'_> {
    /// How many of a rate this district gets: the fraction by chance.
    fn count(&mut self, per_100_000: u32) -> u64 {
        let all = self.drafts.len() as u64 * u64::from(per_100_000);
        all / 100_000 + u64::from(self.rng.next() % 100_000 < all % 100_000)
    }

    fn one(&mut self, rule: &'static str) {
        // what needs people of a rare sort looks for them first
        let done = match rule {
            "E114" => self.twins(),
            "E501" => self.special_treatment(),
            "E504" => self.custody(),
            _ => false,
        };
        if done || matches!(rule, "E114" | "E501" | "E504") || self.drafts.is_empty() {
            return;
        }
        let start = self.rng.below(self.drafts.len());
        let mut at = start;
        for _ in 0..TRIES.min(self.drafts.len()) {
            if self.put(rule, at) {
                return;
            }
            at = (at + 1) % self.drafts.len();
        }
    }

    fn put(&mut self, rule: &'static str, at: usize) -> bool {
        if self.drafts[at].service != self.exam.plus(-1) {
            return false;
        }
        if rule == "E115" {
            return self.old_number(at);
        }
        if !self.is_free(at) {
            return false;
        }
        match &rule[..2] {
            "E1" => self.identity(rule, at),
            "E3" | "E4" => self.benefit(rule, at),
            "E6" => self.pair(rule, at),
            "E7" => self.dates(rule, at),
            "tr" => self.transfer(at),
            _ => self.damage(at),
        }
    }

    /// Nothing is known of this claim yet, and it hangs together with no other.
    fn is_free(&self, at: usize) -> bool {
        let d = &self.drafts[at];
        d.verdict.is_none() && d.changed.is_none() && d.scratch.is_none() && !d.linked && d.confirmation == "01"
    }

    fn person(&self, at: usize) -> &Person {
        &self.district.people[self.drafts[at].person as usize]
    }

    fn period(&self, at: usize) -> &Period {
        let p = self.person(at);
        &p.periods[usize::from(self.drafts[at].period).min(p.periods.len() - 1)]
    }

    fn is_kokuho(&self, at: usize) -> bool {
        self.period(at).scheme == Scheme::Kokuho
    }

    /// Covered on every day of a month by one row.
    fn is_settled(&self, at: usize, month: Month) -> bool {
        let row = self.period(at);
        row.from <= first(month) && row.end().is_none_or(|e| e > last(month))
    }

    fn damage(&mut self, at: usize) -> bool {
        let d = &mut self.drafts[at];
        if d.kind != tenken_parser::Kind::Medical || d.inpatient {
            return false;
        }
        d.scratch = Some(match self.rng.below(4) {
            0 => Scratch::NoMonth,
            1 => Scratch::Beds,
            2 => Scratch::UnknownRecord,
            _ => Scratch::HalfCharacter,
        });
        true
    }
}
