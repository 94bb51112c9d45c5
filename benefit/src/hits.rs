//! 多数回該当: months that count (high-cost.md 4.1).

use std::collections::BTreeSet;

use tenken_parser::Month;

use crate::Law;

/// The earlier hits that count for a month: those of the eleven months before it.
pub fn earlier(law: &Law, hits: &BTreeSet<Month>, month: Month) -> Vec<Month> {
    let (_, window) = law.parameters.multi_hit(month);
    hits.range(month.plus(1 - window)..month).copied().collect()
}

/// Whether so many earlier hits make the fourth.
pub fn is_multi(law: &Law, earlier: &[Month], month: Month) -> bool {
    let (needed, _) = law.parameters.multi_hit(month);
    needed > 0 && earlier.len() >= needed
}

/// The months whose count a change of a month's hit can touch: the eleven that follow.
pub fn touched(law: &Law, month: Month) -> impl Iterator<Item = Month> {
    let (_, window) = law.parameters.multi_hit(month);
    (1..window).map(move |n| month.plus(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_earlier_hits_in_twelve_months_make_the_fourth() {
        let law = Law::shipped();
        let month = |text| Month::parse_iso(text).unwrap();
        for (hits, at, count, multi) in [
            (&[][..], "2026-07", 0, false),
            (&["2026-04", "2026-05", "2026-06"][..], "2026-07", 3, true),
            (&["2026-04", "2026-05", "2026-07"][..], "2026-07", 2, false),
            (&["2025-08", "2025-09", "2025-10"][..], "2026-07", 3, true),
            (&["2025-07", "2025-09", "2025-10"][..], "2026-07", 2, false),
            (&["2026-08", "2025-09", "2025-10"][..], "2026-07", 2, false),
        ] {
            let hits: BTreeSet<Month> = hits.iter().map(|m| month(m)).collect();
            let earlier = earlier(&law, &hits, month(at));
            assert_eq!((earlier.len(), is_multi(&law, &earlier, month(at))), (count, multi), "{hits:?} {at}");
        }
        let touched: Vec<Month> = touched(&law, month("2026-07")).collect();
        assert_eq!((touched.len(), touched[0], touched[10]), (11, month("2026-08"), month("2027-06")));
    }
}
