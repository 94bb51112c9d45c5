//! Amounts, rates and shares. Whole yen everywhere; what is rounded is rounded half up, and only where the law rounds.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub, SubAssign},
};

/// 円.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Yen(pub i64);

/// A rate in ten-thousandths: 3割 = 3,000, 1 % = 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(pub u16);

/// A part of a limit: 1/1, 1/2, 1/4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(pub u8);

impl Yen {
    pub const ZERO: Self = Self(0);

    /// Yen of points (1点 = 10円).
    pub fn of_points(points: i64) -> Self {
        Self(points * 10)
    }

    /// Nothing below zero.
    pub fn at_least_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// Rounded half up to the yen (50 銭 and above up).
    pub fn times(self, rate: Rate) -> Self {
        Self((self.0 * i64::from(rate.0) + 5_000).div_euclid(10_000))
    }

    /// Rounded half up to the yen; the limits of the law divide evenly.
    pub fn share(self, share: Share) -> Self {
        let of = i64::from(share.0);
        Self((self.0 * 2 + of).div_euclid(of * 2))
    }
}

impl Rate {
    pub fn percent(percent: u16) -> Self {
        Self(percent * 100)
    }

    /// `0.3`, `0.05`, `1`: at most four places.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        if places.len() > 4 || whole.is_empty() || !(whole.bytes().chain(places.bytes())).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: u32 = format!("{whole}{places:0<4}").parse().ok()?;
        u16::try_from(number).ok().filter(|n| *n <= 10_000).map(Self)
    }
}

impl Share {
    pub const WHOLE: Self = Self(1);

    /// A part of a part.
    pub fn of(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

/// `80,430円`
impl fmt::Display for Yen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut text = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        write!(f, "{}{text}円", if self.0 < 0 { "−" } else { "" })
    }
}

/// `30%`
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, rest) => write!(f, "{}%", format!("{whole}.{rest:02}").trim_end_matches('0')),
        }
    }
}

/// ` × 1/2`; nothing for the whole.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1 { Ok(()) } else { write!(f, " × 1/{}", self.0) }
    }
}

impl Add for Yen {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Yen {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Yen {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Yen {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Yen {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Sum for Yen {
    fn sum<I: Iterator<Item = Self>>(yen: I) -> Self {
        Self(yen.map(|y| y.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_rounded_half_up() {
        for (text, rate) in [("0.3", 3_000), ("0.05", 500), ("0.01", 100), ("1", 10_000), ("0", 0), ("0.10", 1_000)] {
            assert_eq!(Rate::parse(text), Some(Rate(rate)), "{text}");
        }
        for text in ["", "-0.1", "1.1", "x", ".3", "0.00001", "0.3 "] {
            assert_eq!(Rate::parse(text), None, "{text}");
        }
        for (yen, percent) in [(103_760, 1_038), (97_520, 975), (50, 1), (49, 0), (0, 0)] {
            assert_eq!(Yen(yen).times(Rate(100)), Yen(percent), "{yen}");
        }
        assert_eq!(Yen(40_050).share(Share(2)), Yen(20_025));
        assert_eq!(Yen(15).share(Share(2)), Yen(8));
    }

    #[test]
    fn amounts_are_shown_as_clerks_write_them() {
        assert_eq!(Yen(0).to_string(), "0円");
        assert_eq!(Yen(1_234_567).to_string(), "1,234,567円");
        assert_eq!(Yen(-57_600).to_string(), "−57,600円");
        assert_eq!(Rate(3_000).to_string(), "30%");
        assert_eq!(Rate(50).to_string(), "0.5%");
        assert_eq!(Share(4).to_string(), " × 1/4");
    }
}
