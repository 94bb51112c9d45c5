//! A fixed size: which claims of a district are kept so that a month comes to the number of claims or bytes
//! that was asked for.

use tenken_parser::Kind;

use crate::{
    draw::{key, keyed},
    order::Written,
    plan::Draft,
    rng::Rng,
};

/// What is left to fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// everything is kept
    Natural,
    Claims,
    Bytes,
}

pub(crate) struct Quota {
    unit: Unit,
    left: i64,
    /// planned and still to come: claims that must stay, and the others
    must: i64,
    free: i64,
    /// expected and real size of what was written
    expected: i64,
    real: i64,
    asked: i64,
    rng: Rng,
}

impl Quota {
    pub fn natural() -> Self {
        Self::new(Unit::Natural, 0, 0)
    }

    pub fn claims(count: u64, seed: u64) -> Self {
        Self::new(Unit::Claims, count as i64, seed)
    }

    pub fn bytes(count: u64, seed: u64) -> Self {
        Self::new(Unit::Bytes, count as i64, seed)
    }

    fn new(unit: Unit, left: i64, seed: u64) -> Self {
        Self { unit, left, must: 0, free: 0, expected: 0, real: 0, asked: 0, rng: keyed(&[seed, 50]) }
    }

    fn weight(&self, d: &Draft) -> i64 {
        match self.unit {
            Unit::Bytes => expected_bytes(d),
            _ => 1,
        }
    }

    /// Takes out people until little more is left than is needed, and counts what remains.
    pub fn thin(&mut self, drafts: &mut Vec<Draft>) {
        if self.unit == Unit::Natural {
            return;
        }
        let all: i64 = drafts.iter().map(|d| self.weight(d)).sum();
        let wanted = self.left + self.left / if self.unit == Unit::Bytes { 7 } else { 14 } + 6;
        if all > wanted {
            let seed = self.rng.next();
            let mut people: Vec<(u64, u32, i64)> = drafts
                .chunk_by(|a, b| a.person == b.person)
                .map(|of| {
                    let weight = of.iter().filter(|d| !stays(d)).map(|d| self.weight(d)).sum();
                    (key(&[seed, u64::from(of[0].person)]), of[0].person, weight)
                })
                .collect();
            people.sort_unstable();
            let (mut left, mut last) = (all, 0);
            for (rank, _, weight) in &people {
                if left - weight < wanted {
                    break;
                }
                left -= weight;
                last = *rank;
            }
            drafts.retain(|d| stays(d) || key(&[seed, u64::from(d.person)]) > last);
        }
        for d in drafts.iter() {
            let w = self.weight(d);
            if fixed(d) {
                self.must += w;
            } else {
                self.free += w;
            }
        }
    }

    /// Whether the next planned claim is written.
    pub fn takes(&mut self, d: &Draft) -> bool {
        if self.unit == Unit::Natural {
            return true;
        }
        let weight = self.weight(d);
        self.asked = weight;
        if fixed(d) {
            self.must -= weight;
            return self.left > 0;
        }
        // weights are corrected by what they have been worth so far
        let (real, expected) = if self.expected > 200_000 { (self.real, self.expected) } else { (1, 1) };
        let worth = |w: i64| (i128::from(w) * i128::from(real) / i128::from(expected.max(1))) as i64;
        let need = self.left - worth(self.must);
        let free = worth(self.free).max(1);
        self.free -= weight;
        need > 0 && (self.rng.next() % free as u64) < need as u64
    }

    /// Whether there is room for what was written.
    pub fn fits(&self, written: &Written, rejected: bool, bytes: usize) -> bool {
        match self.unit {
            Unit::Natural => true,
            Unit::Claims => rejected || i64::from(written.claims) <= self.left,
            Unit::Bytes => bytes as i64 / 2 <= self.left,
        }
    }

    pub fn took(&mut self, written: &Written, rejected: bool, bytes: usize) {
        match self.unit {
            Unit::Natural => {}
            Unit::Claims if rejected => {}
            Unit::Claims => self.left -= i64::from(written.claims),
            Unit::Bytes => {
                self.left -= bytes as i64;
                self.expected += self.asked;
                self.real += bytes as i64;
            }
        }
    }
}

/// Claims that something hangs on.
fn fixed(d: &Draft) -> bool {
    d.linked || stays(d)
}

fn stays(d: &Draft) -> bool {
    d.scratch.is_some() || d.pair.is_some() || d.verdict.as_ref().is_some_and(|v| !v.expected.is_empty())
}

/// Bytes of a claim (volumes.md section 4), before anything was measured.
fn expected_bytes(d: &Draft) -> i64 {
    match (d.kind, d.inpatient) {
        (Kind::Dpc, _) => 9_000 + d.target / 6,
        (Kind::Medical, true) => 6_000 + d.target / 8,
        (Kind::Medical, false) => 900 + d.target / 3,
        (Kind::Dental, _) => 1_600 + d.target,
        (Kind::Pharmacy, _) => 700 + d.target / 4,
        (Kind::Nursing, _) => 2_500,
    }
}
