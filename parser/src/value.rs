//! Values inside fields: 年月, 年月日, 小数. Grammar by nom; era or western is decided per field by
//! its length (uke-medical-dpc.md section 2).

use std::fmt;

use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{take, take_while_m_n},
    character::complete::{char, digit0, digit1},
    combinator::{all_consuming, map_opt, map_res, opt, verify},
    sequence::preceded,
};

/// 年月, western. Ordered; printed `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u16, u8);

/// 年月日, western, always a day of the calendar. Printed `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(Month, u8);

/// A decimal with at most five places, held as 10⁻⁵ units (使用量, 単価, 係数).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(pub i64);

/// Years added to the two-digit year of an era code (旧別表4: 1 明治 … 5 令和).
const ERA_OFFSET: [u16; 5] = [1867, 1911, 1925, 1988, 2018];

impl Month {
    /// A month of the years 1867 to 2999, or nothing.
    pub fn new(year: u16, month: u8) -> Option<Self> {
        ((1867..=2999).contains(&year) && (1..=12).contains(&month)).then_some(Self(year, month))
    }

    /// `YYYY-MM`, as the command line and the tables write it.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let (y, m) = text.split_once('-')?;
        if y.len() != 4 || m.len() != 2 {
            return None;
        }
        Self::new(y.parse().ok()?, m.parse().ok()?)
    }

    pub fn year(self) -> u16 {
        self.0
    }

    pub fn month(self) -> u8 {
        self.1
    }

    /// Number of days (日) of the month.
    #[inline]
    pub fn days(self) -> u8 {
        match self.1 {
            4 | 6 | 9 | 11 => 30,
            2 if self.0.is_multiple_of(4) && (!self.0.is_multiple_of(100) || self.0.is_multiple_of(400)) => 29,
            2 => 28,
            _ => 31,
        }
    }

    pub fn day(self, day: u8) -> Option<Date> {
        (1..=self.days()).contains(&day).then_some(Date(self, day))
    }

    #[inline]
    pub fn first_day(self) -> Date {
        Date(self, 1)
    }

    #[inline]
    pub fn last_day(self) -> Date {
        Date(self, self.days())
    }

    /// The month `n` months later (earlier when negative).
    pub fn plus(self, n: i32) -> Self {
        let index = i32::from(self.0) * 12 + i32::from(self.1) - 1 + n;
        Self(index.div_euclid(12) as u16, (index.rem_euclid(12) + 1) as u8)
    }

    /// Whole months since year 0, for differences.
    pub fn index(self) -> i32 {
        i32::from(self.0) * 12 + i32::from(self.1) - 1
    }

    /// `YYYYMM` as claim files write it.
    pub fn compact(self) -> String {
        format!("{:04}{:02}", self.0, self.1)
    }
}

impl Date {
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        Month::new(year, month)?.day(day)
    }

    pub fn year_month(self) -> Month {
        self.0
    }

    pub fn day_of_month(self) -> u8 {
        self.1
    }

    /// Days since 1970-01-01 (Arrow date32).
    #[inline]
    pub fn epoch_days(self) -> i32 {
        // Howard Hinnant's civil-from-days arithmetic, years beginning in March.
        let (m, d) = (i32::from(self.0.1), i32::from(self.1));
        let y = i32::from(self.0.0) - i32::from(m <= 2);
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day with this number of days since 1970-01-01.
    pub fn from_epoch_days(days: i32) -> Option<Self> {
        let z = days.checked_add(719_468)?;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i32::from(month <= 2);
        Self::new(u16::try_from(year).ok()?, month as u8, day as u8)
    }

    /// `YYYYMMDD` as claim files write it.
    pub fn compact(self) -> String {
        format!("{}{:02}", self.0.compact(), self.1)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0, self.1)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.0, self.1)
    }
}

impl Decimal {
    pub const PLACES: u32 = 5;
    pub const UNIT: i64 = 100_000;

    pub fn from_int(n: i64) -> Self {
        Self(n * Self::UNIT)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let n = self.0.unsigned_abs();
        let (int, frac) = (n / Self::UNIT as u64, n % Self::UNIT as u64);
        if frac == 0 {
            return write!(f, "{sign}{int}");
        }
        let digits = format!("{frac:05}");
        write!(f, "{sign}{int}.{}", digits.trim_end_matches('0'))
    }
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |n, b| n * 10 + u64::from(b - b'0'))
}

fn digits_n<'a>(n: usize) -> impl Parser<&'a [u8], Output = u64, Error = nom::error::Error<&'a [u8]>> {
    take_while_m_n(n, n, |b: u8| b.is_ascii_digit()).map(number)
}

/// An era code and two digits.
fn era_year(input: &[u8]) -> IResult<&[u8], u16> {
    map_opt((take(1usize), digits_n(2)), |(era, yy): (&[u8], u64)| {
        let offset = ERA_OFFSET.get(usize::from(era[0].wrapping_sub(b'1')))?;
        Some(offset + yy as u16)
    })
    .parse(input)
}

fn month_digits(input: &[u8]) -> IResult<&[u8], u8> {
    verify(digits_n(2).map(|m| m as u8), |m| (1..=12).contains(m)).parse(input)
}

/// The number of some digits, for the western forms that nearly every field has.
#[inline]
fn all_digits<const N: usize>(input: &[u8]) -> Option<[u8; N]> {
    let mut digits: [u8; N] = input.try_into().ok()?;
    for d in &mut digits {
        *d = d.wrapping_sub(b'0');
        if *d > 9 {
            return None;
        }
    }
    Some(digits)
}

fn western(d: &[u8]) -> Option<Month> {
    let year = d[..4].iter().fold(0, |n, d| n * 10 + u16::from(*d));
    Month::new(year, d[4] * 10 + d[5])
}

/// `YYYYMM` (6 bytes) or `GYYMM` (5 bytes).
pub fn month(input: &[u8]) -> Option<Month> {
    if let Some(d) = all_digits::<6>(input) {
        return western(&d);
    }
    let r: IResult<&[u8], Month> =
        all_consuming(map_opt((era_year, month_digits), |(y, m)| Month::new(y, m))).parse(input);
    r.ok().map(|(_, m)| m)
}

/// `YYYYMMDD` (8 bytes) or `GYYMMDD` (7 bytes); a day that the calendar has.
pub fn date(input: &[u8]) -> Option<Date> {
    if let Some(d) = all_digits::<8>(input) {
        return western(&d)?.day(d[6] * 10 + d[7]);
    }
    let r: IResult<&[u8], Date> =
        all_consuming(map_opt((era_year, month_digits, digits_n(2)), |(y, m, d)| Date::new(y, m, d as u8)))
            .parse(input);
    r.ok().map(|(_, d)| d)
}

/// An integer of up to 18 digits, with a leading `-` where the page allows it (DPC GT).
#[inline]
pub fn int(input: &[u8]) -> Option<i64> {
    let (negative, digits) = match input.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, input),
    };
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = number(digits) as i64;
    Some(if negative { -n } else { n })
}

/// A decimal with at most 13 integer digits and five places; more places must be zeros.
pub fn decimal(input: &[u8]) -> Option<Decimal> {
    fn places(input: &[u8]) -> IResult<&[u8], i64> {
        map_res(digit0, |d: &[u8]| {
            let (kept, rest) = d.split_at(d.len().min(Decimal::PLACES as usize));
            if rest.iter().any(|b| *b != b'0') {
                return Err("more than five places");
            }
            Ok(number(kept) as i64 * 10_i64.pow(Decimal::PLACES - kept.len() as u32))
        })
        .parse(input)
    }
    type Parts = (Option<char>, i64, Option<i64>);
    let r: IResult<&[u8], Parts> = all_consuming((
        opt(char('-')),
        alt((
            map_res(digit1, |d: &[u8]| if d.len() > 13 { Err("too long") } else { Ok(number(d) as i64) }),
            // ".5" is written by some software
            verify(nom::combinator::success(0), |_: &i64| input.contains(&b'.')),
        )),
        opt(preceded(char('.'), places)),
    ))
    .parse(input);
    let (_, (sign, int, frac)) = r.ok()?;
    if input.iter().all(|b| !b.is_ascii_digit()) {
        return None;
    }
    let n = int * Decimal::UNIT + frac.unwrap_or(0);
    Some(Decimal(if sign.is_some() { -n } else { n }))
}

/// One cell of a day column: a count of up to three digits.
#[inline]
pub fn day_count(input: &[u8]) -> Option<u16> {
    if input.is_empty() || input.len() > 3 || !input.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(number(input) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_both_calendars() {
        for (text, want) in [
            ("202410", Some("2024-10")),
            ("43012", Some("2018-12")),
            ("50502", Some("2023-02")),
            ("431", None),
            ("202413", None),
            ("93012", None),
            ("43000", None),
            ("NDM001", None),
            ("", None),
        ] {
            assert_eq!(month(text.as_bytes()).map(|m| m.to_string()).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn dates_of_both_calendars() {
        for (text, want) in [
            ("19800115", Some("1980-01-15")),
            ("3550115", Some("1980-01-15")),
            ("4310430", Some("2019-04-30")),
            ("4310501", Some("2019-05-01")),
            ("5010501", Some("2019-05-01")),
            ("1450729", Some("1912-07-29")),
            ("20240229", Some("2024-02-29")),
            ("20230229", None),
            ("19000229", None),
            ("20240431", None),
            ("2024 101", None),
        ] {
            assert_eq!(date(text.as_bytes()).map(|d| d.to_string()).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn decimals() {
        for (text, want) in [
            ("2.7", Some("2.7")),
            ("5.00", Some("5")),
            ("0.08", Some("0.08")),
            ("030", Some("30")),
            (".5", Some("0.5")),
            ("1.2345", Some("1.2345")),
            ("-3", Some("-3")),
            ("99999.99999", Some("99999.99999")),
            ("1.123456", None),
            ("1.1234500", Some("1.12345")),
            (".", None),
            ("-", None),
            ("1a", None),
            ("", None),
        ] {
            assert_eq!(decimal(text.as_bytes()).map(|d| d.to_string()).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn months_shift_over_years() {
        let m = Month::new(2026, 1).unwrap();
        assert_eq!(m.plus(-1).to_string(), "2025-12");
        assert_eq!(m.plus(23).to_string(), "2027-12");
    }

    proptest::proptest! {
        #[test]
        fn epoch_days_and_back(days in -36_000i32..100_000) {
            let d = Date::from_epoch_days(days).unwrap();
            proptest::prop_assert_eq!(d.epoch_days(), days);
            proptest::prop_assert_eq!(date(d.compact().as_bytes()), Some(d));
        }
    }

    #[test]
    fn epoch_is_1970() {
        assert_eq!(Date::new(1970, 1, 1).unwrap().epoch_days(), 0);
        assert_eq!(Date::new(2024, 10, 3).unwrap().epoch_days(), 19_999);
    }
}
