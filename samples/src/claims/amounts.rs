//! Who pays what: 負担区分 of the units, and the sums of HO and KO.

use crate::{order::Order, rng::Rng};

/// 医保 and 第1 … 第4公費.
pub const PAYERS: usize = 5;

/// The payers that share a unit: bit 0 = 医保, bits 1 to 4 = 第1 to 第4公費.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharers(u8);

/// 別表21, by the bits of the payers.
const CLASSES: [u8; 32] = *b"?1526374BEHMJORVCGINKPSWLQTXUYZ9";

impl Sharers {
    /// Draws who shares one unit of the claim.
    pub fn draw(order: &Order<'_>, rng: &mut Rng) -> Self {
        let insurer = u8::from(!is_public_only(order));
        let mut mask = insurer;
        for (i, public) in order.publics.iter().take(PAYERS - 1).enumerate() {
            // the first public payer of a claim without insurer bears everything
            let all = insurer == 0 && i == 0;
            if all || rng.chance(i64::from(public.share)) {
                mask |= 2 << i;
            }
        }
        Self(mask)
    }

    /// The main payer alone: 医保, or 第1公費 of a claim without insurer.
    pub fn main(order: &Order<'_>) -> Self {
        Self(if is_public_only(order) { 2 } else { 1 })
    }

    /// 負担区分 (別表21).
    pub fn class(self) -> u8 {
        CLASSES[usize::from(self.0) % CLASSES.len()]
    }

    pub fn has(self, payer: usize) -> bool {
        self.0 >> payer & 1 == 1
    }

    /// Adds an amount to every payer that shares it.
    pub fn add(self, sums: &mut [i64; PAYERS], amount: i64) {
        for (payer, sum) in sums.iter_mut().enumerate() {
            if self.has(payer) {
                *sum += amount;
            }
        }
    }
}

/// 公費単独: no insurer and no number of an insured person, but a public payer.
pub fn is_public_only(order: &Order<'_>) -> bool {
    order.patient.insurer_no.is_empty() && order.patient.bango.is_empty() && !order.publics.is_empty()
}

/// What HO and the KO of a claim say, by payer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// 点 (訪問看護: 円)
    pub points: [i64; PAYERS],
    /// days on which the payer shares something
    pub days: [u32; PAYERS],
    /// 食事 回
    pub meals: [i64; PAYERS],
    /// 食事 円
    pub meal_yen: [i64; PAYERS],
}

impl Sums {
    pub fn add(&mut self, sharers: Sharers, points: i64, days: u32) {
        sharers.add(&mut self.points, points);
        for (payer, mask) in self.days.iter_mut().enumerate() {
            if sharers.has(payer) {
                *mask |= days;
            }
        }
    }

    /// 合計点数 of HO, or of the first KO where there is no HO.
    pub fn main(&self, order: &Order<'_>) -> i64 {
        self.points[usize::from(is_public_only(order))]
    }
}

#[cfg(test)]
mod tests {
    use tenken_parser::codes;

    use super::*;

    #[test]
    fn classes_are_those_of_the_annex() {
        for mask in 1..32 {
            assert_eq!(codes::payers_of(&[Sharers(mask).class()]), mask, "{mask:05b}");
        }
    }
}
