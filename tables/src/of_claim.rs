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

/// The columns of a table that a claim fills many times, in the order of the definition behind `seq`; each is filled
/// directly, without asking what kind of column it is: most rows of an import are in such tables.
macro_rules! rows_of_claims {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ident),* $(,)? }) => {
        $(#[$doc])*
        pub struct $name {
            pub of_claim: $crate::of_claim::OfClaim,
            $($field: $crate::of_claim::rows_of_claims!(@type $kind),)*
        }

        impl $name {
            /// In the memory of columns that were written.
            pub fn reusing(written: &mut Vec<$crate::columns::Columns>) -> Self {
                let mut used = $crate::columns::Used::of(&TABLE, written);
                Self { of_claim: $crate::of_claim::OfClaim::reusing(&mut used), $($field: used.$kind(),)* }
            }

            pub fn finish(self) -> $crate::columns::Columns {
                let [claim_id, seq] = self.of_claim.columns();
                $crate::columns::Columns::of(&TABLE, vec![claim_id, seq, $(self.$field.into(),)*])
            }
        }
    };
    (@type text) => { $crate::columns::TextColumn };
    (@type number) => { $crate::columns::NumberColumn };
    (@type flags) => { $crate::columns::Flags };
    (@type texts) => { $crate::columns::ListColumn };
}
pub(crate) use rows_of_claims;
