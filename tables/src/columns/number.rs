//! A column of numbers: counts, amounts, dates, masks, decimals, times.

use super::{dictionary::Numbers, validity::Validity};

#[derive(Default)]
pub struct NumberColumn {
    distinct: Numbers,
    numbers: Vec<u32>,
    validity: Validity,
}

impl NumberColumn {
    #[inline]
    pub fn push(&mut self, value: i64) {
        let n = self.distinct.number(value);
        self.numbers.push(n);
        self.validity.push(true);
    }

    #[inline]
    pub fn push_opt(&mut self, value: Option<i64>) {
        match value {
            Some(v) => self.push(v),
            None => self.validity.push(false),
        }
    }

    /// Forgets the rows, not the memory they took.
    pub fn clear(&mut self) {
        self.distinct.clear();
        self.numbers.clear();
        self.validity.clear();
    }

    pub fn distinct(&self) -> &Numbers {
        &self.distinct
    }

    /// Numbers (into the distinct values) of the rows that hold a value.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    pub fn validity(&self) -> &Validity {
        &self.validity
    }
}
