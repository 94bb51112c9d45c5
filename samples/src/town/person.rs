//! People, households and periods as the register holds them.

use tenken_parser::Month;

use super::{Attribute, Health, Name, Public};
use crate::{
    calendar::{Day, first, last, mask},
    tables::Scheme,
};

/// When the ledger learned of something; nothing: always known.
pub(crate) type Known = Option<Day>;

/// A row of `shikaku.csv` (registry-files.md 2.2); the loss of a span stands on its last row.
#[derive(Clone, Debug)]
pub(crate) struct Period {
    pub household: u32,
    pub scheme: Scheme,
    pub bango: u64,
    pub edaban: u8,
    pub is_head: bool,
    pub acquired: Day,
    pub acquired_reason: &'static str,
    pub lost: Option<Day>,
    pub lost_reason: &'static str,
    pub from: Day,
    pub from_reason: &'static str,
    /// end of the row without a loss
    pub to: Option<Day>,
    pub to_reason: &'static str,
    pub known_from: Known,
    pub known_to: Known,
}

impl Period {
    /// First day that the row no longer covers.
    pub fn end(&self) -> Option<Day> {
        self.to.or(self.lost)
    }

    pub fn covers(&self, day: Day) -> bool {
        self.from <= day && self.end().is_none_or(|e| day < e)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// 宛名番号
    pub no: u64,
    /// seed of everything that happens to this person
    pub key: u64,
    pub sex: u8,
    pub birth: Day,
    pub death: Option<Day>,
    pub name: Name,
    pub household: u32,
    /// in order of time, not overlapping
    pub periods: Vec<Period>,
    pub attributes: Vec<Attribute>,
    pub publics: Vec<Public>,
    pub health: Health,
    /// one of twins: index of the other
    pub twin: Option<u32>,
}

impl Person {
    /// The days of a month on which this person is covered by a scheme here.
    pub fn covered(&self, scheme: Scheme, month: Month) -> u32 {
        let mut days = 0;
        for p in self.periods.iter().filter(|p| p.scheme == scheme) {
            if p.from <= last(month) && p.end().is_none_or(|e| e > first(month)) {
                days |= mask(month, p.from, p.end().unwrap_or(last(month) + 1));
            }
        }
        match self.death {
            Some(d) => days & mask(month, first(month), d + 1),
            None => days,
        }
    }

    /// The row of a scheme in force on a day, or the nearest before it, or after it.
    pub fn period(&self, scheme: Scheme, day: Day) -> Option<&Period> {
        let of = || self.periods.iter().filter(|p| p.scheme == scheme);
        of().rfind(|p| p.from <= day).or_else(|| of().next())
    }

    pub fn has(&self, kind: &str, month: Month) -> bool {
        self.attributes.iter().any(|a| a.kind == kind && a.touches(month))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Household {
    /// 世帯番号
    pub no: u64,
    /// family name, an index into the names
    pub family: usize,
    /// index of the insured head; nothing: 擬制世帯主
    pub head: Option<u32>,
    /// name of the head who is not insured
    pub head_name: String,
    pub place: u16,
    pub from: Day,
    /// income rank from a day on
    pub ranks: Vec<(Day, u32)>,
    pub attributes: Vec<Attribute>,
    /// somebody here is under seventy
    pub young: bool,
}

impl Household {
    pub fn rank(&self, on: Day) -> u32 {
        let at = self.ranks.partition_point(|r| r.0 <= on);
        self.ranks.get(at.saturating_sub(1)).map_or(500, |r| r.1)
    }

    pub fn has(&self, kind: &str, month: Month) -> bool {
        self.attributes.iter().any(|a| a.kind == kind && a.touches(month))
    }
}
