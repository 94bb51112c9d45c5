//! Dates and moments as registers are exported.

use std::borrow::Cow;

use tenken_parser::{Date, Month, encoding::nfkc_trimmed, value};

use crate::registry::rows::Moment;

/// How the dates of a file are written, beyond the forms every file may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateStyle {
    #[default]
    Plain,
    /// `2026/4/1` and `R8/4/1` too
    Slash,
}

impl DateStyle {
    fn hyphens(self, text: &str) -> Cow<'_, str> {
        let text = if text.is_ascii() { Cow::Borrowed(text.trim()) } else { Cow::Owned(nfkc_trimmed(text)) };
        if self == Self::Slash && text.contains('/') { Cow::Owned(text.replace('/', "-")) } else { text }
    }

    /// `YYYY-MM-DD`, `YYYYMMDD`, `R8.4.1` or `GYYMMDD`; digits of any width.
    pub fn date(self, text: &str) -> Option<Date> {
        let text = self.hyphens(text);
        let bytes = text.as_bytes();
        match bytes.first()? {
            b'0'..=b'9' if bytes.len() == 8 && !text.contains('-') => value::date(bytes),
            // there is no year 0 of an era
            b'0'..=b'9' if bytes.len() == 7 && &bytes[1..3] != b"00" => value::date(bytes),
            b'0'..=b'9' => self.western(&text),
            letter => era(*letter, text.get(1..)?, self),
        }
    }

    fn western(self, text: &str) -> Option<Date> {
        let bytes = text.as_bytes();
        if let [_, _, _, _, b'-', _, _, b'-', _, _] = bytes {
            return Month::parse_iso(&text[..7])?.day(number(&text[8..])?);
        }
        if self == Self::Plain {
            return None;
        }
        let (year, month, day) = parts(text, '-')?;
        let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
        Date::new(year, number(month)?, number(day)?)
    }

    /// RFC 3339, or `YYYY-MM-DD HH:MM:SS` in Japanese time.
    pub fn moment(self, text: &str) -> Option<Moment> {
        let text = self.hyphens(text);
        if self == Self::Slash
            && let Some((day, time)) = text.split_once(' ')
        {
            let time = if time.as_bytes().get(1) == Some(&b':') { format!("0{time}") } else { time.to_owned() };
            return Moment::parse(&format!("{} {time}", self.date(day)?));
        }
        Moment::parse(&text)
    }
}

/// One or two digits.
fn number(text: &str) -> Option<u8> {
    let is_number = matches!(text.len(), 1..=2) && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn parts(text: &str, separator: char) -> Option<(&str, &str, &str)> {
    let (a, rest) = text.split_once(separator)?;
    let (b, c) = rest.split_once(separator)?;
    Some((a, b, c))
}

fn era(letter: u8, rest: &str, style: DateStyle) -> Option<Date> {
    let before = match letter.to_ascii_uppercase() {
        b'M' => 1867,
        b'T' => 1911,
        b'S' => 1925,
        b'H' => 1988,
        b'R' => 2018,
        _ => return None,
    };
    let slashes = || (style == DateStyle::Slash).then(|| parts(rest, '-')).flatten();
    let (year, month, day) = parts(rest, '.').or_else(slashes)?;
    let year = number(year).filter(|y| *y > 0)?;
    Date::new(before + u16::from(year), number(month)?, number(day)?)
}

/// The day after, for ends that are written inclusively.
pub fn next_day(day: Date) -> Option<Date> {
    Date::from_epoch_days(day.epoch_days() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_date() {
        for (text, want) in [
            ("2026-04-01", Some("2026-04-01")),
            ("20260401", Some("2026-04-01")),
            ("R8.4.1", Some("2026-04-01")),
            ("R08.04.01", Some("2026-04-01")),
            ("r8.4.1", Some("2026-04-01")),
            ("Ｒ８．４．１", Some("2026-04-01")),
            ("２０２６－０４－０１", Some("2026-04-01")),
            (" 2026-04-01　", Some("2026-04-01")),
            ("5080401", Some("2026-04-01")),
            ("S64.1.7", Some("1989-01-07")),
            ("H1.1.8", Some("1989-01-08")),
            ("3640107", Some("1989-01-07")),
            ("M45.7.29", Some("1912-07-29")),
            ("T1.7.30", Some("1912-07-30")),
            ("2024-02-29", Some("2024-02-29")),
            ("2026-02-29", None),
            ("2026-2-9", None),
            ("2026/04/01", None),
            ("2026-13-01", None),
            ("2026-04-00", None),
            ("20260431", None),
            ("99991231", None),
            ("00000000", None),
            ("5000401", None),
            ("R0.4.1", None),
            ("R8.4", None),
            ("R8.+4.1", None),
            ("X8.4.1", None),
            ("2026-04-01 00:00:00", None),
            ("見本", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(DateStyle::Plain.date(text).map(|d| d.to_string()).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn slashes_when_the_mapping_says_so() {
        for (text, want) in [
            ("2026/4/1", Some("2026-04-01")),
            ("2026/04/01", Some("2026-04-01")),
            ("R8/4/1", Some("2026-04-01")),
            ("R8.4.1", Some("2026-04-01")),
            ("26/4/1", None),
            ("4/1/2026", None),
        ] {
            assert_eq!(DateStyle::Slash.date(text).map(|d| d.to_string()).as_deref(), want, "{text}");
        }
        let moment = |style: DateStyle, text: &str| style.moment(text).map(|m| m.to_string());
        let ten = Some("2026-10-05T10:00:00+09:00".to_owned());
        assert_eq!(moment(DateStyle::Plain, "2026-10-05 10:00:00"), ten);
        assert_eq!(moment(DateStyle::Plain, "2026-10-05T01:00:00Z"), ten);
        assert_eq!(moment(DateStyle::Plain, "2026/10/05 10:00:00"), None);
        assert_eq!(moment(DateStyle::Slash, "2026/10/5 10:00:00"), ten);
        assert_eq!(moment(DateStyle::Slash, "2026/10/5 10:00"), ten);
    }

    proptest::proptest! {
        #[test]
        fn all_forms_are_the_same_day(days in 18_017i32..40_000) {
            let d = Date::from_epoch_days(days).unwrap();
            let (y, m, day) = (d.year_month().year(), d.year_month().month(), d.day_of_month());
            for text in [
                d.to_string(),
                d.compact(),
                format!("R{}.{m}.{day}", y - 2018),
                format!("5{:02}{m:02}{day:02}", y - 2018),
            ] {
                proptest::prop_assert_eq!(DateStyle::Plain.date(&text), Some(d));
            }
        }
    }
}
