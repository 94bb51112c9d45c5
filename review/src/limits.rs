//! 期限 (third-party.md 1.4, `data/time_limits.csv`). A period begins the day after, and ends with the day before the one
//! that corresponds; where no day corresponds, with the last of the month (民法140条, 143条).

use std::sync::LazyLock;

use jiff::{ToSpan, civil::Date};
use serde::Deserialize;

use crate::words::read;

#[derive(Debug, Deserialize)]
struct Row {
    limit: String,
    years: i16,
    /// days of the accident for which it holds, both included; empty = open
    accident_from: String,
    accident_to: String,
    name_ja: String,
    basis: String,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| read(include_str!("../data/time_limits.csv")));

/// Months by which a 催告 delays completion, once (民法150条).
const DEMAND_MONTHS: i32 = 6;
/// Alerts, months before the end.
pub const ALERTS: [i32; 4] = [12, 6, 3, 1];

/// What limits follow from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// day of the accident, or the earliest 診療開始日 as a cautious stand-in
    pub accident: Option<Date>,
    pub estimated: bool,
    /// 症状固定
    pub fixed: Option<Date>,
    pub death: Option<Date>,
    pub wrongdoer_known: bool,
    /// 催告
    pub demand: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// `jibai` `jibai_after_effects` `jibai_death` `tort` `long_stop`
    pub limit: String,
    /// the last day on which it can be done
    pub on: Date,
    pub name_ja: String,
    pub basis: String,
    /// counted from a stand-in
    pub estimated: bool,
}

/// The last day of a period of years that begins the day after `day`.
pub fn end_of_years(day: Date, years: i16) -> Date {
    end_of(day, i32::from(years) * 12)
}

fn end_of(day: Date, months: i32) -> Date {
    let start = day.saturating_add(1.day());
    // jiff ends at the last day of a month that is too short: then that day is the last of the period
    let corresponding = start.saturating_add(months.months());
    if corresponding.day() == start.day() { corresponding.saturating_sub(1.day()) } else { corresponding }
}

/// The limits of a case. Without a day to count from there are none.
pub fn limits(facts: &Facts) -> Vec<Limit> {
    let Some(accident) = facts.accident else { return Vec::new() };
    let row = |limit: &str| {
        ROWS.iter().find(|r| {
            let bound = |text: &str| text.parse::<Date>().ok();
            r.limit == limit
                && bound(&r.accident_from).is_none_or(|from| from <= accident)
                && bound(&r.accident_to).is_none_or(|to| accident <= to)
        })
    };
    let mut out = Vec::new();
    let mut add = |name: &str, of: &str, from: Date, estimated: bool| {
        if let Some(r) = row(of) {
            let mut on = end_of_years(from, r.years);
            if let Some(demand) = facts.demand.filter(|d| *d <= on) {
                on = on.max(end_of(demand, DEMAND_MONTHS));
            }
            out.push(Limit {
                limit: name.to_owned(),
                on,
                name_ja: r.name_ja.clone(),
                basis: r.basis.clone(),
                estimated,
            });
        }
    };
    add("jibai", "jibai", accident, facts.estimated);
    if let Some(fixed) = facts.fixed {
        add("jibai_after_effects", "jibai", fixed, false);
    }
    if let Some(death) = facts.death {
        add("jibai_death", "jibai", death, false);
    }
    // the five years run from knowing the wrongdoer too; until then only the twenty are sure
    if facts.wrongdoer_known {
        add("tort", "tort", accident, facts.estimated);
    }
    add("long_stop", "long_stop", accident, facts.estimated);
    out
}

/// The limits that end within 12, 6, 3 or 1 months of a day, with the narrowest of these; 0 = over. Never "time-barred" by
/// the limit of the 自賠責 alone: all are named.
pub fn alerts(limits: &[Limit], today: Date) -> Vec<(&Limit, i32)> {
    let within = |l: &&Limit| {
        if l.on < today {
            return Some((0, l.on));
        }
        ALERTS.into_iter().rev().find(|m| l.on <= today.saturating_add(m.months())).map(|m| (m, l.on))
    };
    limits.iter().filter_map(|l| Some((l, within(&l)?.0))).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn periods_end_as_the_law_counts() {
        for (day, years, end) in [
            (date(2026, 5, 10), 3, date(2029, 5, 10)),
            // begins on 29 February: no day corresponds
            (date(2024, 2, 28), 3, date(2027, 2, 28)),
            // begins on 1 March
            (date(2024, 2, 29), 3, date(2027, 2, 28)),
            (date(2023, 2, 28), 1, date(2024, 2, 29)),
            (date(2025, 12, 31), 5, date(2030, 12, 31)),
        ] {
            assert_eq!(end_of_years(day, years), end, "{day} {years}");
        }
        assert_eq!(end_of(date(2026, 8, 30), 6), date(2027, 2, 28), "begins on the 31st");
    }

    #[test]
    fn limits_of_a_case() {
        let facts = Facts { accident: Some(date(2026, 5, 10)), ..Facts::default() };
        let on = |f: &Facts| limits(f).into_iter().map(|l| (l.limit, l.on)).collect::<Vec<_>>();
        assert_eq!(on(&facts), [("jibai".into(), date(2029, 5, 10)), ("long_stop".into(), date(2046, 5, 10))]);
        let known = Facts { wrongdoer_known: true, ..facts };
        assert_eq!(on(&known)[1], ("tort".into(), date(2031, 5, 10)));
        let old = Facts { accident: Some(date(2010, 3, 31)), ..facts };
        assert_eq!(on(&old)[0].1, date(2012, 3, 31), "two years before 2010-04-01");
        let fixed = Facts { fixed: Some(date(2027, 1, 31)), death: Some(date(2027, 3, 1)), ..facts };
        assert_eq!(on(&fixed)[1], ("jibai_after_effects".into(), date(2030, 1, 31)));
        assert_eq!(on(&fixed)[2], ("jibai_death".into(), date(2030, 3, 1)));
        let demand = Facts { demand: Some(date(2029, 5, 1)), ..facts };
        assert_eq!(on(&demand)[0].1, date(2029, 11, 1));
        let late = Facts { demand: Some(date(2029, 5, 11)), ..facts };
        assert_eq!(on(&late)[0].1, date(2029, 5, 10), "a demand after the end does nothing");
        assert!(limits(&Facts { accident: None, ..known }).is_empty());
        assert!(limits(&Facts { estimated: true, ..facts })[0].estimated);
    }

    #[test]
    fn alerts_name_the_narrowest() {
        let all = limits(&Facts { accident: Some(date(2026, 5, 10)), ..Facts::default() });
        let months = |today| alerts(&all, today).iter().map(|(l, m)| (l.limit.as_str(), *m)).collect::<Vec<_>>();
        assert_eq!(months(date(2028, 5, 9)), []);
        assert_eq!(months(date(2028, 5, 10)), [("jibai", 12)]);
        assert_eq!(months(date(2029, 2, 10)), [("jibai", 3)]);
        assert_eq!(months(date(2029, 5, 10)), [("jibai", 1)]);
        assert_eq!(months(date(2029, 5, 11)), [("jibai", 0)]);
    }

    proptest! {
        #[test]
        fn a_later_accident_never_ends_earlier(a in 0i32..9000, more in 0i32..400) {
            let from = date(2010, 4, 1);
            let of = |n: i32| limits(&Facts {
                accident: Some(from.saturating_add(n.days())), wrongdoer_known: true, ..Facts::default()
            });
            for limit in ["jibai", "long_stop"] {
                let on = |n| of(n).into_iter().find(|l| l.limit == limit).unwrap().on;
                prop_assert!(on(a) <= on(a + more));
            }
        }
    }
}
