//! Which rows of a column hold a value.

/// One bit a row. While all rows are alike only their number is kept: most columns never need the bits.
#[derive(Debug, Default)]
pub struct Validity {
    rows: usize,
    valid: usize,
    /// empty while no row is null, or every one
    bits: Vec<u64>,
}

impl Validity {
    #[inline]
    pub fn push(&mut self, valid: bool) {
        if valid && self.valid == self.rows {
            self.valid += 1;
            self.rows += 1;
        } else if !valid && self.valid == 0 {
            self.rows += 1;
        } else {
            self.push_bit(valid);
        }
    }

    fn push_bit(&mut self, valid: bool) {
        if self.bits.is_empty() {
            self.begin_bits();
        }
        if self.rows.is_multiple_of(64) {
            self.bits.push(0);
        }
        if let Some(word) = self.bits.last_mut() {
            *word |= u64::from(valid) << (self.rows % 64);
        }
        self.rows += 1;
        self.valid += usize::from(valid);
    }

    /// The rows so far, all valid or all null, as bits.
    #[cold]
    fn begin_bits(&mut self) {
        let word = if self.valid > 0 { u64::MAX } else { 0 };
        self.bits.resize(self.rows.div_ceil(64), word);
        let rest = self.rows % 64;
        if rest > 0
            && let Some(last) = self.bits.last_mut()
        {
            *last &= (1 << rest) - 1;
        }
    }

    /// Forgets the rows, not the memory they took.
    pub fn clear(&mut self) {
        (self.rows, self.valid) = (0, 0);
        self.bits.clear();
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn nulls(&self) -> usize {
        self.rows - self.valid
    }

    /// The bits, least significant first; `None` while all rows are alike.
    pub fn bits(&self) -> Option<&[u64]> {
        (!self.bits.is_empty()).then_some(&self.bits)
    }
}
