//! Ages in law (eligibility-rules.md 1.3): 年齢計算ニ関スル法律, 国保法42条, 高確法50条・52条.
//!
//! Days are [`Day`]: days since 1970-01-01, as the compact register holds them.

use tenken_parser::{Date, Month};

/// Days since 1970-01-01.
pub type Day = i32;

/// No end is known.
pub const OPEN: Day = i32::MAX;

/// `n` years later; 29 February becomes 1 March where there is none.
pub fn add_years(date: Date, n: u16) -> Day {
    let (year, month, day) = (date.year_month().year() + n, date.year_month().month(), date.day_of_month());
    match Month::new(year, month) {
        Some(m) => m.day(day).map_or_else(|| m.last_day().epoch_days() + 1, Date::epoch_days),
        None => OPEN,
    }
}

/// 「n歳に達する日」: the day before the birthday.
pub fn reach(birth: Date, n: u16) -> Day {
    add_years(birth, n) - 1
}

/// The first 31 March on or after a day.
fn school_year_end(day: Day) -> Day {
    let Some(date) = Date::from_epoch_days(day) else { return OPEN };
    let year = date.year_month().year() + u16::from(date.year_month().month() > 3);
    Date::new(year, 3, 31).map_or(OPEN, Date::epoch_days)
}

/// The last day before compulsory schooling (義務教育就学前).
pub fn preschool_end(birth: Date) -> Day {
    school_year_end(reach(birth, 6))
}

/// 31 March after reaching 18: until then benefits in kind go on (国保法54条の3).
pub fn minor_end(birth: Date) -> Day {
    school_year_end(reach(birth, 18))
}

/// The first day of the month after the month of reaching an age.
pub fn month_after_reaching(birth: Date, n: u16) -> Day {
    Date::from_epoch_days(reach(birth, n)).map_or(OPEN, |d| d.year_month().plus(1).first_day().epoch_days())
}

/// 高齢受給者: the first day of the month after the month of reaching 70.
pub fn elder_start(birth: Date) -> Day {
    month_after_reaching(birth, 70)
}

/// 後期高齢者医療: the 75th birthday itself.
pub fn kouki_start(birth: Date) -> Day {
    add_years(birth, 75)
}

/// Whole years of age on a day.
pub fn age_on(birth: Date, day: Day) -> i32 {
    let Some(date) = Date::from_epoch_days(day) else { return 0 };
    let (b, d) = (birth.year_month(), date.year_month());
    let before = (d.month(), date.day_of_month()) < (b.month(), birth.day_of_month());
    i32::from(d.year()) - i32::from(b.year()) - i32::from(before)
}

/// First and last day of a month.
pub fn bounds(month: Month) -> (Day, Day) {
    (month.first_day().epoch_days(), month.last_day().epoch_days())
}

pub fn date(day: Day) -> Option<Date> {
    if day == OPEN { None } else { Date::from_epoch_days(day) }
}

/// The days of a mask (bit 0 = day 1) of a month.
pub fn days_of(mask: u32, month: Month) -> impl Iterator<Item = Day> {
    let first = month.first_day().epoch_days();
    (0..31).filter(move |i| mask >> i & 1 == 1).map(move |i| first + i)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        let mut p = text.split('-').map(|n| n.parse::<u16>().unwrap());
        Date::new(p.next().unwrap(), p.next().unwrap() as u8, p.next().unwrap() as u8).unwrap()
    }

    /// The boundary vectors of the page.
    #[test]
    fn boundary_vectors() {
        type Of = fn(Date) -> Day;
        for (of, birth, want) in [
            (preschool_end as Of, "2020-04-01", "2026-03-31"),
            (preschool_end, "2020-04-02", "2027-03-31"),
            (preschool_end, "2020-02-29", "2026-03-31"),
            (preschool_end, "2020-12-15", "2027-03-31"),
            (elder_start, "1956-09-01", "2026-09-01"),
            (elder_start, "1956-09-02", "2026-10-01"),
            (elder_start, "1956-09-30", "2026-10-01"),
            (elder_start, "1956-10-01", "2026-10-01"),
            (kouki_start, "1951-09-20", "2026-09-20"),
            (kouki_start, "1951-09-01", "2026-09-01"),
            (kouki_start, "1952-02-29", "2027-03-01"),
            (minor_end, "2008-04-01", "2026-03-31"),
            (minor_end, "2008-04-02", "2027-03-31"),
        ] {
            assert_eq!(date(of(day(birth))), Some(day(want)), "{birth}");
        }
    }

    #[test]
    fn ages() {
        for (birth, on, age) in
            [("1960-05-10", "2026-05-09", 65), ("1960-05-10", "2026-05-10", 66), ("2004-02-29", "2026-02-28", 21)]
        {
            assert_eq!(age_on(day(birth), day(on).epoch_days()), age, "{birth} {on}");
        }
    }
}
