//! Draws from distributions. Only the basic operations of IEEE 754 are used, so the bits are the same on every
//! machine (the logarithm and the exponential of the platform are not).

use crate::rng::Rng;

/// One number out of several: the seed of something that depends on all of them.
pub(crate) fn key(parts: &[u64]) -> u64 {
    parts.iter().fold(0x6A09_E667_F3BC_C908, |k, p| Rng::new(k ^ p.wrapping_mul(0x9E37_79B9_7F4A_7C15)).next())
}

/// A generator of its own for what `parts` name.
pub(crate) fn keyed(parts: &[u64]) -> Rng {
    Rng::new(key(parts))
}

impl Rng {
    /// A number below `n` (0 for 0).
    pub(crate) fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }

    pub(crate) fn per_mille(&mut self, p: u32) -> bool {
        self.next() % 1000 < u64::from(p)
    }

    /// True in `p` of 100,000 cases.
    pub(crate) fn per_100_000(&mut self, p: u32) -> bool {
        self.next() % 100_000 < u64::from(p)
    }

    /// `[0, 1)` in steps of 2⁻⁵³.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Index of one of the weights.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u64 = weights.clone().map(u64::from).sum();
        if total == 0 {
            return 0;
        }
        let mut at = self.next() % total;
        for (i, w) in weights.enumerate() {
            if at < u64::from(w) {
                return i;
            }
            at -= u64::from(w);
        }
        0
    }

    /// Standard normal (Marsaglia's polar method).
    fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * ln(s) / s).sqrt();
            }
        }
    }

    /// Log-normal with this mean and σ.
    pub(crate) fn log_normal(&mut self, mean: f64, sigma: f64) -> f64 {
        mean * exp(sigma * self.normal() - sigma * sigma / 2.0)
    }

    /// Pareto above `least` with exponent `alpha`, cut at `most`.
    pub(crate) fn pareto(&mut self, least: f64, alpha: f64, most: f64) -> f64 {
        let u = 1.0 - self.unit();
        (least * exp(-ln(u) / alpha)).min(most)
    }

    /// Poisson with a small mean, at most `most`.
    pub(crate) fn poisson(&mut self, mean: f64, most: u32) -> u32 {
        let (mut p, mut n, u) = (exp(-mean), 0, self.unit());
        let mut sum = p;
        while u > sum && n < most {
            n += 1;
            p *= mean / f64::from(n);
            sum += p;
        }
        n
    }

    /// `count` different days out of a mask; all of it, when it has fewer.
    pub(crate) fn days_of(&mut self, mask: u32, count: u32) -> u32 {
        if mask.count_ones() <= count {
            return mask;
        }
        let mut out = 0;
        for _ in 0..count {
            let left = mask & !out;
            let n = self.below(left.count_ones() as usize);
            let mut rest = left;
            for _ in 0..n {
                rest &= rest - 1;
            }
            out |= rest & rest.wrapping_neg();
        }
        out
    }
}

/// Natural logarithm of a positive number.
fn ln(x: f64) -> f64 {
    const LN_2: f64 = std::f64::consts::LN_2;
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as i32 - 1023;
    let mantissa = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
    // 2 artanh((m - 1) / (m + 1)), |t| ≤ 1/3
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let (t2, mut term, mut sum, mut k) = (t * t, t, 0.0, 1.0);
    while k < 36.0 {
        sum += term / k;
        term *= t2;
        k += 2.0;
    }
    2.0 * sum + f64::from(exponent) * LN_2
}

/// e to the power of `x`, for |x| below 700.
fn exp(x: f64) -> f64 {
    const LN_2: f64 = std::f64::consts::LN_2;
    let n = (x / LN_2).round();
    let r = x - n * LN_2;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while k < 16.0 {
        term *= r / k;
        sum += term;
        k += 1.0;
    }
    sum * f64::from_bits(((n as i64 + 1023).clamp(1, 2046) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_functions_are_near_the_real_ones() {
        for x in [1e-12, 0.3, 1.0, 2.5, 1e9] {
            assert!((ln(x) - x.ln()).abs() < 1e-9 * (1.0 + x.ln().abs()), "{x}");
        }
        for x in [-30.0, -1.0, 0.0, 0.4, 12.0] {
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn means() {
        let mut rng = keyed(&[1, 2]);
        let n = 200_000;
        let mean = (0..n).map(|_| rng.log_normal(100.0, 0.7)).sum::<f64>() / f64::from(n);
        assert!((mean - 100.0).abs() < 1.0, "{mean}");
        let mean = (0..n).map(|_| f64::from(rng.poisson(0.4, 9))).sum::<f64>() / f64::from(n);
        assert!((mean - 0.4).abs() < 0.01, "{mean}");
        assert_eq!(rng.days_of(0b1011, 9), 0b1011);
        assert_eq!(rng.days_of(0b1111_0000, 2).count_ones(), 2);
    }
}
