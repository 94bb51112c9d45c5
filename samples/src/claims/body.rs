//! What stands between head and end of a claim: one shape for all kinds.

use super::{
    amounts::{PAYERS, Sums},
    line::Lines,
};
use crate::{order::Order, rng::Rng};

/// What the review body took away, by payer.
pub type Loss = [i64; PAYERS];

/// The records of one kind of claim, planned so that the sums are known before anything is written.
pub trait Body {
    /// What HO and KO say.
    fn sums(&self) -> Sums;

    /// Writes diagnoses, charged records and comments, and keeps their 行番号.
    fn write(&mut self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>);

    /// Writes one correction of the review body (JY and its rows), if something can be corrected.
    fn cut(&self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) -> Option<Loss>;
}
