//! The first columns of a table that a claim fills many times: whose row it is, and which.

use crate::columns::{Column, NumberColumn, TextColumn, Used};

/// `claim_id` and `seq`. They follow from how many rows a claim got, so they are written once a claim.
pub struct OfClaim {
    claim_id: TextColumn,
    seq: NumberColumn,
    open: usize,
}

impl OfClaim {
    pub fn reusing(used: &mut Used) -> Self {
        Self { claim_id: used.text(), seq: used.number(), open: 0 }
    }

    /// One more row of the claim at hand.
    #[inline]
    pub fn row(&mut self) {
        self.open += 1;
    }

    /// The claim is complete.
    pub fn end(&mut self, claim_id: &str) {
        let rows = std::mem::take(&mut self.open);
        self.claim_id.push_many(claim_id, rows);
        (1..=rows as i64).for_each(|seq| self.seq.push(seq));
    }

    pub fn columns(self) -> [Column; 2] {
        [Column::Text(self.claim_id), Column::Number(self.seq)]
    }
}
