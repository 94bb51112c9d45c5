//! What is counted over a year from August to July: 外来年間合算 (high-cost.md 7) and the running totals of the new 年間上限
//! (2.3), which nothing here pays.

use tenken_parser::Month;

use crate::{limits::Row, yen::Yen};

/// August to the following July.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Year {
    pub from: Month,
    pub to: Month,
}

const FIRST: u8 = 8;

impl Year {
    pub fn of(month: Month) -> Self {
        let back = (i32::from(month.month()) - i32::from(FIRST)).rem_euclid(12);
        let from = month.plus(-back);
        Self { from, to: from.plus(11) }
    }

    pub fn contains(self, month: Month) -> bool {
        (self.from..=self.to).contains(&month)
    }
}

/// Outpatient burden of a person in a month, after the benefit of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutpatientMonth {
    pub month: Month,
    pub burden: Yen,
    /// 現役並み in that month: left out
    pub active: bool,
}

/// 外来年間合算 of a person. `base` = the person's row in July, the month of the base date.
///
/// Nothing where the row has no annual cap, or the person was 現役並み on the base date (such a row has none).
pub fn outpatient_year(base: &Row, year: Year, months: &[OutpatientMonth]) -> Option<Yen> {
    let cap = base.outpatient_annual_cap?;
    let counted = months.iter().filter(|m| year.contains(m.month) && !m.active);
    Some((counted.map(|m| m.burden).sum::<Yen>() - cap).at_least_zero())
}

/// The running total of a year against the annual cap. `reduced` = the lower cap applies (年少減額 of the register).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunningTotal {
    /// burdens left after the monthly benefit, 円
    pub burden: Yen,
    /// nothing before the law has one
    pub cap: Option<Yen>,
}

impl RunningTotal {
    pub fn of(row: &Row, reduced: bool, burdens: impl IntoIterator<Item = Yen>) -> Self {
        let cap = row.annual_cap_reduced.filter(|_| reduced).or(row.annual_cap);
        Self { burden: burdens.into_iter().sum(), cap }
    }

    /// What would be paid back when the year is over.
    pub fn above(&self) -> Yen {
        self.cap.map_or(Yen::ZERO, |cap| (self.burden - cap).at_least_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn month(text: &str) -> Month {
        Month::parse_iso(text).unwrap()
    }

    #[test]
    fn a_year_begins_in_august() {
        for (at, from) in
            [("2026-08", "2026-08"), ("2026-07", "2025-08"), ("2027-01", "2026-08"), ("2026-12", "2026-08")]
        {
            let year = Year::of(month(at));
            assert_eq!((year.from, year.to), (month(from), month(from).plus(11)), "{at}");
            assert!(year.contains(month(at)));
        }
    }

    #[test]
    fn the_outpatient_year_leaves_active_months_out_and_takes_the_cap_of_july() {
        let limits = Limits::shipped();
        let months = |burden: i64, active: usize| -> Vec<OutpatientMonth> {
            (0..12)
                .map(|n| OutpatientMonth {
                    month: month("2025-08").plus(n),
                    burden: Yen(burden),
                    active: (n as usize) < active,
                })
                .collect()
        };
        let row = |category: &str, at: &str| limits.find(category, month(at)).unwrap();
        for (category, at, burden, active, paid) in [
            ("K70_IPPAN", "2026-07", 18_000, 0, Some(216_000 - 144_000)),
            ("K70_IPPAN", "2026-07", 12_000, 0, Some(0)),
            ("K70_IPPAN", "2026-07", 18_000, 3, Some(162_000 - 144_000)),
            ("K70_G1", "2026-07", 18_000, 0, None),
            ("K75_TEI2", "2027-07", 11_000, 0, Some(132_000 - 96_000)),
        ] {
            let got = outpatient_year(row(category, at), Year::of(month("2025-08")), &months(burden, active));
            assert_eq!(got, paid.map(Yen), "{category} {at} {burden} {active}");
        }
    }

    #[test]
    fn the_annual_cap_is_reported_from_its_first_year_on() {
        let limits = Limits::shipped();
        let row = limits.find("U70_E", month("2026-09")).unwrap();
        let total = RunningTotal::of(row, false, [Yen(300_000), Yen(250_000)]);
        assert_eq!((total.cap, total.above()), (Some(Yen(530_000)), Yen(20_000)));
        assert_eq!(RunningTotal::of(row, true, [Yen(550_000)]).above(), Yen(140_000));
        let before = limits.find("U70_E", month("2026-07")).unwrap();
        assert_eq!(RunningTotal::of(before, false, [Yen(9_999_999)]).above(), Yen::ZERO);
    }
}
