//! Whose register it is, and its own numbers (registry-files.md section 4).

use std::collections::BTreeMap;

use tenken_parser::Date;

use super::periods::{ends, starts};
use crate::registry::rows::{Register, Scheme};

/// The 国保 number on most rows; if there is none, the 39 number. Of two on as many rows the smaller one.
pub fn default_owner(register: &Register) -> Option<&str> {
    let mut rows: BTreeMap<(Scheme, &str), usize> = BTreeMap::new();
    for p in &register.periods {
        *rows.entry((p.scheme, &p.insurer_no)).or_default() += 1;
    }
    let best = |scheme: Scheme| {
        let of = rows.iter().rev().filter(|((s, _), _)| *s == scheme);
        of.max_by_key(|(_, n)| **n).map(|((_, number), _)| *number)
    };
    best(Scheme::Kokuho).or_else(|| best(Scheme::Kouki))
}

/// A number of the owner, and the days from the first to the last period that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnNumber {
    pub insurer_no: String,
    pub scheme: Scheme,
    pub from: Date,
    /// first day without it; nothing while a period is open
    pub to: Option<Date>,
}

/// All numbers of a register, in order of scheme and number.
pub fn own_numbers(register: &Register) -> Vec<OwnNumber> {
    let mut all: BTreeMap<(Scheme, &str), (Date, Option<Date>)> = BTreeMap::new();
    for person in register.periods.chunk_by(|a, b| a.person_id == b.person_id) {
        for p in person {
            let of_span = person.iter().filter(|q| q.span_no == p.span_no);
            let (from, to) = (starts(p), ends(p, of_span.filter_map(|q| q.lost_on).next()));
            let range = all.entry((p.scheme, &p.insurer_no)).or_insert((from, to));
            range.0 = range.0.min(from);
            range.1 = range.1.zip(to).map(|(a, b)| a.max(b));
        }
    }
    let own = |((scheme, number), (from, to)): ((Scheme, &str), _)| OwnNumber {
        insurer_no: number.to_owned(),
        scheme,
        from,
        to,
    };
    all.into_iter().map(own).collect()
}
