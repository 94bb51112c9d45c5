//! Sizes with a long tail, without floating point: the same on every machine.

use crate::rng::Rng;

/// Quantiles of a log-normal distribution in thousandths of its mean.
pub struct Shape([u16; 17]);

/// Percentiles of the entries of a [`Shape`], in thousandths.
const AT: [u16; 17] = [0, 10, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950, 980, 990, 997, 1000];

/// σ 0.4
pub const NARROW: Shape =
    Shape([250, 364, 478, 553, 659, 748, 834, 923, 1021, 1138, 1292, 1541, 1782, 2100, 2340, 2771, 3800]);
/// σ 0.55
pub const MEDIUM: Shape =
    Shape([165, 239, 348, 425, 541, 644, 748, 860, 988, 1147, 1366, 1740, 2125, 2660, 3090, 3897, 5500]);
/// σ 0.85
pub const WIDE: Shape =
    Shape([50, 97, 172, 235, 341, 446, 562, 697, 864, 1088, 1425, 2071, 2821, 3995, 5033, 7200, 13000]);

/// A number around `mean`.
pub fn around(rng: &mut Rng, mean: i64, shape: &Shape) -> i64 {
    let p = rng.between(0, 999) as u16;
    let upper = AT.iter().position(|at| *at > p).unwrap_or(AT.len() - 1).max(1);
    let (low, high) = (i64::from(AT[upper - 1]), i64::from(AT[upper]));
    let (from, to) = (i64::from(shape.0[upper - 1]), i64::from(shape.0[upper]));
    let share = from + (to - from) * (i64::from(p) - low) / (high - low);
    (mean * share / 1000).max(1)
}

/// `mean` for an amount that is `target` where `typical` is usual: larger claims have more records, by the
/// square root.
pub fn scaled(mean: i64, target: i64, typical: i64) -> i64 {
    let ratio = (target.max(1).saturating_mul(10_000) / typical.max(1)).isqrt().clamp(40, 300);
    (mean * ratio / 100).max(1)
}

/// `count` of the days of a mask.
pub fn some_days(rng: &mut Rng, mask: u32, count: u32) -> u32 {
    let all = mask.count_ones();
    let count = count.max(1);
    if count >= all {
        return mask;
    }
    // draws the smaller part: the days that are taken, or those that are left out
    let mut rest = mask;
    for left in (0..count.min(all - count)).map(|drawn| all - drawn) {
        let n = rng.between(0, i64::from(left) - 1);
        rest &= !nth_day(rest, n as u32);
    }
    if count <= all - count { mask & !rest } else { rest }
}

/// The bit of the n-th day of a mask, from 0.
fn nth_day(mask: u32, n: u32) -> u32 {
    let rest = (0..n).fold(mask, |rest, _| rest & rest.wrapping_sub(1));
    rest & rest.wrapping_neg()
}

/// The first day of a mask as a mask.
pub fn first_day(mask: u32) -> u32 {
    mask & mask.wrapping_neg()
}

/// The last day of a mask as a mask.
pub fn last_day(mask: u32) -> u32 {
    if mask == 0 { 0 } else { 1 << (31 - mask.leading_zeros()) }
}

/// The days of a mask, 1 to 31.
pub fn each_day(mask: u32) -> impl Iterator<Item = u8> {
    (0..31u8).filter(move |d| mask >> d & 1 == 1).map(|d| d + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_kept() {
        let mut rng = Rng::new(1);
        for shape in [&NARROW, &MEDIUM, &WIDE] {
            let mean = (0..100_000).map(|_| around(&mut rng, 1000, shape)).sum::<i64>() / 100_000;
            assert!((970..1050).contains(&mean), "{mean}");
        }
    }

    #[test]
    fn days_of_a_mask() {
        let mut rng = Rng::new(2);
        let mask = 0b1011_0110;
        for count in 1..6 {
            let some = some_days(&mut rng, mask, count);
            assert_eq!((some & !mask, some.count_ones()), (0, count.min(5)));
        }
        assert_eq!((first_day(mask), last_day(mask), last_day(0)), (0b10, 0b1000_0000, 0));
        assert_eq!(each_day(mask).collect::<Vec<_>>(), [2, 3, 5, 6, 8]);
    }
}
