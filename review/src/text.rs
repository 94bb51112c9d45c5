//! How numbers, days and columns are written for people.

use jiff::{Timestamp, Zoned, tz};
use tenken_parser::{Date, Month};
use unicode_width::UnicodeWidthStr;

/// Pads to a width on the screen, where a 漢字 takes two places.
pub fn pad(text: &str, width: usize, right: bool) -> String {
    let space = " ".repeat(width.saturating_sub(text.width()));
    if right { format!("{space}{text}") } else { format!("{text}{space}") }
}

/// `1,234,567`
pub fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// The same for templates, which hold numbers by value and by reference.
pub fn grouped(n: impl std::borrow::Borrow<i64>) -> String {
    thousands(*n.borrow())
}

/// Japan has one offset and no summer time.
const JAPAN: tz::Offset = tz::offset(9);

pub(crate) fn japan(at: Timestamp) -> Zoned {
    at.to_zoned(tz::TimeZone::fixed(JAPAN))
}

/// A moment as output writes it: RFC 3339 with `+09:00`.
pub fn time(at: Timestamp) -> String {
    at.display_with_offset(JAPAN).to_string()
}

/// A moment that was kept as text, as people read it.
pub fn moment_ja(at: &str) -> String {
    at.parse::<Timestamp>().map_or_else(|_| at.to_owned(), |t| japan(t).strftime("%Y-%m-%d %H:%M").to_string())
}

/// Japanese era of a day (旧別表4): its name, its letter, and the years before its first.
fn era(day: Date) -> (&'static str, char, u16) {
    let m = day.year_month();
    match (m.year(), m.month(), day.day_of_month()) {
        (2019, 5.., _) | (2020.., ..) => ("令和", 'R', 2018),
        (1989, 1, 8..) | (1989, 2.., _) | (1990.., ..) => ("平成", 'H', 1988),
        (1926, 12, 25..) | (1927.., ..) => ("昭和", 'S', 1925),
        (1912, 7, 30..) | (1912, 8.., _) | (1913.., ..) => ("大正", 'T', 1911),
        _ => ("明治", 'M', 1867),
    }
}

/// `令和8`
fn year_ja(day: Date) -> String {
    let (name, _, before) = era(day);
    format!("{name}{}", day.year_month().year().saturating_sub(before))
}

/// The year of a month's first day, long and short: `令和8年`, `R8`.
pub(crate) fn years_ja(m: Month) -> [String; 2] {
    let (_, letter, before) = era(m.first_day());
    [format!("{}年", year_ja(m.first_day())), format!("{letter}{}", m.year().saturating_sub(before))]
}

/// `令和8.6.10`
pub fn date_ja(d: Date) -> String {
    format!("{}.{}.{}", year_ja(d), d.year_month().month(), d.day_of_month())
}

/// `令和8年6月`
pub fn month_ja(m: Month) -> String {
    format!("{}年{}月", year_ja(m.first_day()), m.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!([thousands(0), thousands(-1234567), thousands(999)], ["0", "-1,234,567", "999"]);
    }

    #[test]
    fn eras_for_people() {
        let d = |y, m, d| date_ja(Date::new(y, m, d).unwrap());
        assert_eq!(d(2019, 4, 30), "平成31.4.30");
        assert_eq!(d(2019, 5, 1), "令和1.5.1");
        assert_eq!(d(1989, 1, 7), "昭和64.1.7");
        assert_eq!(d(1989, 1, 8), "平成1.1.8");
        assert_eq!(d(1926, 12, 25), "昭和1.12.25");
        assert_eq!(d(1912, 7, 29), "明治45.7.29");
        assert_eq!(month_ja(Month::new(2026, 10).unwrap()), "令和8年10月");
        assert_eq!(years_ja(Month::new(2026, 1).unwrap()), ["令和8年", "R8"]);
    }
}
