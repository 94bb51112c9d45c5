//! 診療諸率 (reports.md 5.5): rounded half up; what has two decimals is kept × 100.

/// a ÷ b, rounded half up (away from zero below it); nothing to divide by gives 0.
pub fn divided(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let (a, b) = (i128::from(a) * i128::from(b.signum()), i128::from(b.abs()));
    let half = (a.abs() * 2 + b) / (b * 2);
    (half * a.signum()) as i64
}

/// Several month-ends, averaged to whole persons.
pub fn average(month_ends: &[i64]) -> i64 {
    divided(month_ends.iter().sum(), month_ends.len() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_goes_up() {
        for (a, b, expected) in
            [(1, 2, 1), (3, 2, 2), (1, 3, 0), (2, 3, 1), (-1, 2, -1), (5, 0, 0), (-7, 2, -4), (10, 5, 2)]
        {
            assert_eq!(divided(a, b), expected, "{a}/{b}");
        }
        assert_eq!(average(&[10, 11]), 11);
        assert_eq!(average(&[]), 0);
    }
}
