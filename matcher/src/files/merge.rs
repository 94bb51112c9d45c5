//! Rows that came, onto the rows of the register: a whole register is a change of an empty one.

use std::{cmp::Ordering, collections::HashSet};

use super::{
    attributes::value_key,
    checks::{Rejects, settle},
    layout::{kojin, setai, shikaku, zokusei},
    periods::starts,
    reader::{Bad, Names},
};
use crate::registry::rows::{Attribute, Household, Period, Person, Register, RegistryReject, Target};

/// A row by its key, with what it replaced.
pub(crate) struct Slot<T> {
    /// 0 for a row of an earlier load: it comes before all that came
    pub line: u32,
    pub row: T,
    pub old: Option<Box<T>>,
}

impl<T> Slot<T> {
    fn old(row: T) -> Self {
        Self { line: 0, row, old: None }
    }

    /// Whether it came with this load.
    pub fn is_new(&self) -> bool {
        self.line > 0
    }

    /// The slot before this load, if there was a row.
    pub fn before(self) -> Option<Self> {
        if self.is_new() { self.old.map(|row| Self::old(*row)) } else { Some(self) }
    }
}

/// Rows of the files with their lines.
#[derive(Default)]
pub(crate) struct Incoming {
    pub persons: Vec<(u32, Person)>,
    pub periods: Vec<(u32, Period)>,
    pub attributes: Vec<(u32, Attribute)>,
    pub households: Vec<(u32, Household)>,
}

/// Names of the files, in the order of the tables; nothing for one that did not come.
pub(crate) type FileNames<'a> = [Option<&'a Names>; 4];

/// The register after the rows that came, and the rows that it does not take.
pub(crate) fn merge(
    base: Register,
    new: Incoming,
    files: FileNames<'_>,
    rejects: &mut Vec<RegistryReject>,
) -> Register {
    let [f_kojin, f_shikaku, f_zokusei, f_setai] = files;
    let mut persons = slots(base.persons, new.persons, by_person, |line, p| {
        let bad = Bad::new(kojin::PERSON_ID, "同じ宛名番号の行が前にあります");
        rejects.extend(f_kojin.map(|n| n.reject(line, bad, Some(&p.person_id))));
    });
    let households = slots(base.households, new.households, by_household, |line, h| {
        let bad = Bad::new(setai::HOUSEHOLD_ID, "同じ世帯番号の行が前にあります");
        rejects.extend(f_setai.map(|n| n.reject(line, bad, Some(&h.household_id))));
    });
    let periods = slots(base.periods, new.periods, by_period, |line, p| {
        let bad = Bad::new(shikaku::PERSON_ID, "同じ人・制度・資格取得年月日・適用開始年月日の行が前にあります");
        rejects.extend(f_shikaku.map(|n| n.reject(line, bad, Some(&p.person_id))));
    });
    let mut to = Rejects { kojin: f_kojin, shikaku: f_shikaku, list: rejects };
    let periods = all_persons(&mut persons, periods, &mut to);

    let persons: Vec<Person> = persons.into_iter().map(|s| s.row).collect();
    let households: Vec<Household> = households.into_iter().map(|s| s.row).collect();
    let attributes = attributes(base.attributes, new.attributes, &persons, &periods, &households, |line, bad, id| {
        rejects.extend(f_zokusei.map(|n| n.reject(line, bad, Some(id))));
    });
    Register { persons, periods, attributes, households }
}

fn by_person(a: &Person, b: &Person) -> Ordering {
    a.person_id.cmp(&b.person_id)
}

fn by_household(a: &Household, b: &Household) -> Ordering {
    a.household_id.cmp(&b.household_id)
}

fn by_period(a: &Period, b: &Period) -> Ordering {
    let dates = |p: &Period| (p.scheme, p.acquired_on, starts(p));
    a.person_id.cmp(&b.person_id).then_with(|| dates(a).cmp(&dates(b)))
}

fn by_attribute(a: &Attribute, b: &Attribute) -> Ordering {
    let head = a.target.cmp(&b.target).then_with(|| a.id.cmp(&b.id)).then_with(|| a.kind.cmp(&b.kind));
    head.then_with(|| (a.valid_from, value_key(&a.value)).cmp(&(b.valid_from, value_key(&b.value))))
}

/// Rows by key, in its order. Of rows that came with one key the first counts.
fn slots<T>(
    mut old: Vec<T>,
    mut new: Vec<(u32, T)>,
    order: fn(&T, &T) -> Ordering,
    mut twice: impl FnMut(u32, &T),
) -> Vec<Slot<T>> {
    old.sort_by(order);
    new.sort_by(|(l, a), (m, b)| order(a, b).then(l.cmp(m)));
    let mut out: Vec<Slot<T>> = Vec::with_capacity(old.len() + new.len());
    let mut old = old.into_iter().peekable();
    for (line, row) in new {
        if out.last().is_some_and(|last| last.is_new() && order(&last.row, &row).is_eq()) {
            twice(line, &row);
            continue;
        }
        while let Some(before) = old.next_if(|o| order(o, &row).is_lt()) {
            out.push(Slot::old(before));
        }
        let same = old.next_if(|o| order(o, &row).is_eq());
        out.push(Slot { line, row, old: same.map(Box::new) });
    }
    out.extend(old.map(Slot::old));
    out
}

/// Periods of all persons, each person's checked if anything of it came.
fn all_persons(persons: &mut [Slot<Person>], periods: Vec<Slot<Period>>, rejects: &mut Rejects<'_>) -> Vec<Period> {
    let mut out = Vec::with_capacity(periods.len());
    let mut periods = periods.into_iter().peekable();
    let mut next = 0;
    while let Some(first) = periods.next() {
        let mut rows = vec![first];
        while let Some(row) = periods.next_if(|s| s.row.person_id == rows[0].row.person_id) {
            rows.push(row);
        }
        let person_id = &rows[0].row.person_id;
        next += persons[next..].iter().take_while(|s| s.row.person_id < *person_id).count();
        let person = persons.get_mut(next).filter(|s| s.row.person_id == *person_id);
        let is_touched = person.as_ref().is_some_and(|p| p.is_new()) || rows.iter().any(Slot::is_new);
        let mut rows = match is_touched {
            true => settle(person, rows, rejects),
            false => rows.into_iter().map(|s| s.row).collect(),
        };
        rows.sort_by(by_period);
        number_spans(&mut rows);
        out.append(&mut rows);
    }
    out
}

/// From 1 in order of acquisition.
fn number_spans(rows: &mut [Period]) {
    let mut spans: Vec<_> = rows.iter().map(|p| (p.acquired_on, p.scheme)).collect();
    spans.sort_unstable();
    spans.dedup();
    for p in rows {
        let at = spans.binary_search(&(p.acquired_on, p.scheme)).unwrap_or_default();
        p.span_no = at as i32 + 1;
    }
}

fn attributes(
    old: Vec<Attribute>,
    mut new: Vec<(u32, Attribute)>,
    persons: &[Person],
    periods: &[Period],
    households: &[Household],
    mut reject: impl FnMut(u32, Bad, &str),
) -> Vec<Attribute> {
    let with_period = periods.iter().map(|p| p.household_id.as_str());
    let known: HashSet<&str> = with_period.chain(households.iter().map(|h| h.household_id.as_str())).collect();
    new.retain(|(line, a)| {
        let reason = match a.target {
            Target::Person if persons.binary_search_by(|p| p.person_id.as_str().cmp(&a.id)).is_err() => {
                "この宛名番号の人が kojin.csv の採用された行にありません"
            }
            Target::Household if !known.contains(a.id.as_str()) => {
                "この世帯番号が shikaku.csv にも setai.csv にもありません"
            }
            _ => return true,
        };
        reject(*line, Bad::new(zokusei::ID, reason), &a.id);
        false
    });
    let slots = slots(old, new, by_attribute, |line, a| {
        let bad = Bad::new(zokusei::ID, "同じ対象・種別・開始年月日・値の行が前にあります");
        reject(line, bad, &a.id);
    });
    let mut out: Vec<Attribute> = slots.into_iter().map(|s| s.row).collect();
    out.sort_by(|a, b| by_attribute(a, b).then_with(|| a.value.cmp(&b.value)));
    out
}
