//! Sums of lines by everything that a form may ask for.

use std::collections::BTreeMap;

use tenken_parser::Month;

use crate::line::{Category, Class, Event, Line, Measures, RowCode, Scheme};

/// What lines are summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub row: RowCode,
    /// of 高額 in kind: what the claim is
    pub category: Option<Category>,
    pub class: Class,
    pub scheme: Scheme,
    pub event: Event,
    /// 給付割合 %
    pub rate: u8,
    pub local_aid: bool,
    /// examined in the report's month: all but lines that are only settled in it
    pub of_exam: bool,
    /// settled in the report's month of payment
    pub of_pay: bool,
}

/// The months that a label stands for (reports.md 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// 診療月
    pub month: Month,
    /// 審査月
    pub exam: Month,
    /// 支払月
    pub pay: Month,
}

impl Label {
    pub fn of(month: Month) -> Self {
        Self { month, exam: month.plus(1), pay: month.plus(2) }
    }

    /// The months of its fiscal year so far: March … this one.
    pub fn year_to_date(self) -> impl Iterator<Item = Month> {
        let since_march = i32::from((self.month.month() + 9) % 12);
        (0..=since_march).map(move |n| self.month.plus(n - since_march))
    }

    pub fn fiscal_year(self) -> u16 {
        tenken_benefit::insurer::fiscal_year(self.month)
    }
}

impl Key {
    pub fn of(line: &Line, label: Label) -> Self {
        Self {
            row: line.row,
            category: line.category,
            class: line.class,
            scheme: line.scheme,
            event: line.event,
            rate: line.rate,
            local_aid: line.local_aid,
            of_exam: line.exam_month == label.exam,
            of_pay: line.pay_month == label.pay,
        }
    }
}

/// Sums by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cube {
    pub sums: BTreeMap<Key, Measures>,
}

impl Cube {
    pub fn add(&mut self, key: Key, measures: Measures) {
        *self.sums.entry(key).or_default() += measures;
    }

    pub fn join(&mut self, other: Self) {
        for (key, m) in other.sums {
            self.add(key, m);
        }
    }
}
