//! Days as numbers, months as masks, and the birthdays that the insurance turns on
//! (eligibility-rules.md 1.3).

use tenken_parser::{Date, Month};

/// Days since 1970-01-01.
pub(crate) type Day = i32;

/// The day as a date; a day outside the calendar is brought back into it.
pub(crate) fn date(day: Day) -> Date {
    // 1868-01-01 and 2999-12-31
    let day = day.clamp(-37_255, 376_199);
    Date::from_epoch_days(day).unwrap_or_else(|| unreachable!("these days lie in the calendar"))
}

pub(crate) fn month_of(day: Day) -> Month {
    date(day).year_month()
}

pub(crate) fn first(month: Month) -> Day {
    month.first_day().epoch_days()
}

pub(crate) fn last(month: Month) -> Day {
    month.last_day().epoch_days()
}

/// All days of a month, bit 0 = day 1.
pub(crate) fn whole(month: Month) -> u32 {
    u32::MAX >> (32 - u32::from(month.days()))
}

/// The days of a month in `[from, to)`.
pub(crate) fn mask(month: Month, from: Day, to: Day) -> u32 {
    let start = first(month);
    let a = (from - start).clamp(0, 31) as u32;
    let b = (to - start).clamp(0, 31) as u32;
    let below = |n: u32| ((1u64 << n) - 1) as u32;
    below(b) & !below(a) & whole(month)
}

/// First and last day of a mask; a mask without days gives the first of the month.
pub(crate) fn span(month: Month, days: u32) -> (Day, Day) {
    let start = first(month);
    (start + (days.trailing_zeros() % 32) as i32, start + 31 - (days.leading_zeros().min(31) as i32))
}

/// `n` years later; 29 February becomes 1 March where there is none.
pub(crate) fn add_years(day: Day, n: i32) -> Day {
    let d = date(day);
    let year = (i32::from(d.year_month().year()) + n) as u16;
    let month = d.year_month().month();
    match Date::new(year, month, d.day_of_month()) {
        Some(same) => same.epoch_days(),
        None => Date::new(year, 3, 1).map_or(day, Date::epoch_days),
    }
}

/// Age in whole years on a day.
pub(crate) fn age(birth: Day, on: Day) -> i32 {
    let years = i32::from(month_of(on).year()) - i32::from(month_of(birth).year());
    if add_years(birth, years) > on { years - 1 } else { years }
}

/// First day that is no longer 義務教育就学前: 1 April after reaching six.
pub(crate) fn school_from(birth: Day) -> Day {
    let reach = add_years(birth, 6) - 1;
    let year = month_of(reach).year();
    let april = |y: u16| Date::new(y, 4, 1).map_or(reach, Date::epoch_days);
    if reach < april(year) { april(year) } else { april(year + 1) }
}

/// First day with the certificate of the elderly: first of the month after reaching seventy.
pub(crate) fn elderly_from(birth: Day) -> Day {
    first(month_of(add_years(birth, 70) - 1).plus(1))
}

/// The 75th birthday.
pub(crate) fn late_elderly_from(birth: Day) -> Day {
    add_years(birth, 75)
}

/// First of the August in or after the month of a day: income is assessed anew.
pub(crate) fn august_from(day: Day) -> Day {
    let m = month_of(day);
    let year = if m.month() >= 8 { m.year() + 1 } else { m.year() };
    Date::new(year, 8, 1).map_or(day, Date::epoch_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Day {
        let p: Vec<u16> = text.split('-').map(|x| x.parse().unwrap()).collect();
        Date::new(p[0], p[1] as u8, p[2] as u8).unwrap().epoch_days()
    }

    /// The boundary vectors of eligibility-rules.md 1.3.
    #[test]
    fn boundaries() {
        for (birth, want) in [
            ("2020-04-01", "2026-04-01"),
            ("2020-04-02", "2027-04-01"),
            ("2020-02-29", "2026-04-01"),
            ("2020-12-15", "2027-04-01"),
        ] {
            assert_eq!(school_from(d(birth)), d(want), "{birth}");
        }
        for (birth, want) in [
            ("1956-09-01", "2026-09-01"),
            ("1956-09-02", "2026-10-01"),
            ("1956-09-30", "2026-10-01"),
            ("1956-10-01", "2026-10-01"),
        ] {
            assert_eq!(elderly_from(d(birth)), d(want), "{birth}");
        }
        for (birth, want) in [("1951-09-20", "2026-09-20"), ("1951-09-01", "2026-09-01"), ("1952-02-29", "2027-03-01")]
        {
            assert_eq!(late_elderly_from(d(birth)), d(want), "{birth}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar() {
        assert_eq!(date(i32::MIN).to_string(), "1868-01-01");
        assert_eq!(date(i32::MAX).to_string(), "2999-12-31");
    }

    #[test]
    fn masks() {
        let m = Month::new(2026, 9).unwrap();
        assert_eq!(whole(m).count_ones(), 30);
        assert_eq!(mask(m, d("2026-08-01"), d("2026-09-03")), 0b11);
        assert_eq!(mask(m, d("2026-09-29"), d("2027-01-01")), 0b11 << 28);
        assert_eq!(span(m, 0b1010), (d("2026-09-02"), d("2026-09-04")));
        assert_eq!(age(d("1951-09-20"), d("2026-09-19")), 74);
        assert_eq!(age(d("1951-09-20"), d("2026-09-20")), 75);
    }
}
