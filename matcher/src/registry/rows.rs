//! The rows of a register as its files and the store hold them (registry-files.md section 2).
//!
//! `Debug` of what names a person shows the number only.

use std::fmt;

use jiff::{Timestamp, tz};
use tenken_parser::Date;

/// A moment of registration: microseconds since 1970, UTC. Printed in Japanese time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// Japan has one offset and no summer time.
const JAPAN: tz::Offset = tz::Offset::constant(9);

impl Moment {
    pub fn now() -> Self {
        Self(Timestamp::now().as_microsecond())
    }

    /// The first moment of a day in Japan.
    pub fn start_of(day: Date) -> Self {
        Self((i64::from(day.epoch_days()) * 86_400 - 9 * 3_600) * 1_000_000)
    }

    /// The day in Japan.
    pub fn day(self) -> Option<Date> {
        let seconds = self.0.div_euclid(1_000_000) + 9 * 3_600;
        Date::from_epoch_days(i32::try_from(seconds.div_euclid(86_400)).ok()?)
    }

    /// RFC 3339, or `YYYY-MM-DD HH:MM:SS` in Japanese time (seconds may be missing, `/` for `-` is not taken).
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(t) = text.parse::<Timestamp>() {
            return Some(Self(t.as_microsecond()));
        }
        let civil: jiff::civil::DateTime = text.replacen(' ', "T", 1).parse().ok()?;
        JAPAN.to_timestamp(civil).ok().map(|t| Self(t.as_microsecond()))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(t) => write!(f, "{}", t.display_with_offset(JAPAN)),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

/// 制度
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// 国民健康保険
    Kokuho,
    /// 後期高齢者医療
    Kouki,
}

impl Scheme {
    pub fn code(self) -> &'static str {
        match self {
            Self::Kokuho => "1",
            Self::Kouki => "3",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "1" => Some(Self::Kokuho),
            "3" => Some(Self::Kouki),
            _ => None,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Kokuho => "国保",
            Self::Kouki => "後期",
        }
    }
}

/// `kojin.csv`
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// 宛名番号
    pub person_id: String,
    pub name: Option<String>,
    pub kana: Option<String>,
    /// 別名
    pub other_names: Vec<String>,
    pub birth_date: Option<Date>,
    /// 1 male, 2 female
    pub sex: Option<u8>,
    pub death_date: Option<Date>,
    pub postal_code: Option<String>,
    pub address: Option<String>,
    /// 地区コード
    pub district: Option<String>,
    /// 送付先
    pub mail_name: Option<String>,
    pub mail_address: Option<String>,
    /// 通知除外
    pub no_notice: bool,
}

/// `shikaku.csv`: one unbroken period under one household and one set of identifiers. Periods are half-open.
#[derive(Clone, PartialEq, Eq)]
pub struct Period {
    pub person_id: String,
    /// 世帯番号
    pub household_id: String,
    pub scheme: Scheme,
    /// in normal form: 6 digits, or 8
    pub insurer_no: String,
    pub kigo: Option<String>,
    pub bango: Option<String>,
    /// two digits
    pub edaban: Option<String>,
    /// 世帯主区分
    pub is_head: bool,
    pub acquired_on: Date,
    pub acquired_reason: Option<String>,
    pub lost_on: Option<Date>,
    pub lost_reason: Option<String>,
    /// 適用開始; empty = the same as the qualification
    pub applied_from: Option<Date>,
    pub applied_from_reason: Option<String>,
    pub applied_to: Option<Date>,
    pub applied_to_reason: Option<String>,
    /// 登録日時
    pub registered_at: Option<Moment>,
    /// 登録日時_開始
    pub registered_at_start: Option<Moment>,
    /// rows of one person with the same number are one span; from 1 in order of acquisition
    pub span_no: i32,
}

/// Whose attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Person,
    Household,
}

impl Target {
    /// As the tables write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Household => "household",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "person" => Some(Self::Person),
            "household" => Some(Self::Household),
            _ => None,
        }
    }
}

/// `zokusei.csv`
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    pub target: Target,
    /// 宛名番号 or 世帯番号
    pub id: String,
    /// 種別
    pub kind: String,
    pub value: String,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub registered_at: Option<Moment>,
}

/// `setai.csv`
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Household {
    pub household_id: String,
    pub head_person_id: Option<String>,
    pub head_name: Option<String>,
    pub postal_code: Option<String>,
    pub address: Option<String>,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryReject {
    pub file: String,
    /// from 1, the header is line 1
    pub line: i64,
    pub column: Option<String>,
    /// never the value of a column that names a person
    pub value: Option<String>,
    pub reason: String,
}

/// The whole state of one owner's register.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// in order of `person_id`
    pub persons: Vec<Person>,
    /// in order of person, scheme, acquisition, application
    pub periods: Vec<Period>,
    /// in order of target, id, kind, beginning, value
    pub attributes: Vec<Attribute>,
    /// in order of `household_id`
    pub households: Vec<Household>,
}

macro_rules! debug_by_number {
    ($($ty:ident $id:ident;)*) => {$(
        impl fmt::Debug for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($ty), "({})"), self.$id)
            }
        }
    )*};
}

debug_by_number! {
    Person person_id;
    Period person_id;
    Attribute id;
    Household household_id;
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { persons, periods, attributes, households } = self;
        write!(
            f,
            "Register({} persons, {} periods, {} attributes, {} households)",
            persons.len(),
            periods.len(),
            attributes.len(),
            households.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_japanese_time() {
        let m = Moment::parse("2026-10-05 10:00:00").unwrap();
        assert_eq!(m.to_string(), "2026-10-05T10:00:00+09:00");
        assert_eq!(Moment::parse("2026-10-05T01:00:00Z"), Some(m));
        assert_eq!(m.day(), Date::new(2026, 10, 5));
        assert_eq!(Moment::start_of(Date::new(2026, 10, 5).unwrap()).to_string(), "2026-10-05T00:00:00+09:00");
        assert_eq!(Moment::parse("2026-13-05 10:00:00"), None);
    }
}
