//! Numbers of the law with the months in which they hold (`data/parameters.csv`).

use tenken_parser::Month;

use crate::{
    category::Scheme,
    yen::{Share, Yen},
};

const SHIPPED: &str = include_str!("../data/parameters.csv");

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    from: Month,
    to: Option<Month>,
    value: i64,
    description_ja: String,
}

#[derive(Clone, Debug)]
pub struct Parameters {
    rows: Vec<Parameter>,
}

/// A month for which nothing may be worked out, and why.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Refused(pub String);

impl Parameters {
    pub fn shipped() -> Self {
        let mut reader = csv::Reader::from_reader(SHIPPED.as_bytes());
        let row = |record: csv::StringRecord| Parameter {
            name: record[0].to_owned(),
            from: Month::parse_iso(&record[1]).expect("a month"),
            to: Month::parse_iso(&record[2]),
            value: record[3].parse().expect("a number"),
            description_ja: record[7].to_owned(),
        };
        Self { rows: reader.records().map(|r| row(r.expect("a shipped table"))).collect() }
    }

    fn row(&self, name: &str, month: Month) -> Option<&Parameter> {
        self.rows.iter().find(|p| p.name == name && p.from <= month && p.to.is_none_or(|to| month <= to))
    }

    fn number(&self, name: &str, month: Month) -> i64 {
        self.row(name, month).map_or(0, |p| p.value)
    }

    /// 21,000: a group of someone under 70 counts from here on, 円.
    pub fn aggregation_minimum(&self, month: Month) -> Yen {
        Yen(self.number("aggregation_minimum_yen", month))
    }

    /// Earlier hits that make 多数回該当, and the months in which they are looked for.
    pub fn multi_hit(&self, month: Month) -> (usize, i32) {
        let number = |name| self.number(name, month);
        (number("multi_hit_earlier_months") as usize, number("multi_hit_window_months") as i32)
    }

    pub fn birthday75_share(&self, month: Month) -> Share {
        self.share("half_limit_birthday75", month)
    }

    /// Nothing is shared before the law of 2018-04.
    pub fn move_share(&self, month: Month) -> Share {
        self.share("half_limit_move", month)
    }

    fn share(&self, name: &str, month: Month) -> Share {
        self.row(name, month).map_or(Share::WHOLE, |p| Share(p.value as u8))
    }

    /// A difference to what was paid at the window that says nothing, 円 a claim.
    pub fn window_tolerance(&self, month: Month) -> Yen {
        Yen(self.number("window_tolerance_yen", month))
    }

    /// Years until a claim for a benefit expires.
    pub fn prescription_years(&self, month: Month) -> i32 {
        self.number("prescription_years", month) as i32
    }

    /// # Errors
    /// A month in which a household cannot be put into a category.
    pub fn refuse(&self, scheme: Scheme, month: Month) -> Result<(), Refused> {
        match self.row("kokuho_classes_unknown", month).filter(|_| scheme == Scheme::Kokuho) {
            Some(p) => Err(Refused(p.description_ja.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_hold_in_their_months() {
        let p = Parameters::shipped();
        let month = |text| Month::parse_iso(text).unwrap();
        assert_eq!(p.aggregation_minimum(month("2020-01")), Yen(21_000));
        assert_eq!(p.multi_hit(month("2020-01")), (3, 12));
        assert_eq!((p.move_share(month("2018-03")), p.move_share(month("2018-04"))), (Share(1), Share(2)));
        assert_eq!(p.birthday75_share(month("2015-01")), Share(2));
        assert!(p.refuse(Scheme::Kokuho, month("2027-07")).is_ok());
        let refused = p.refuse(Scheme::Kokuho, month("2027-08")).unwrap_err();
        assert_eq!(refused.to_string(), "2027-08以降の所得区分の境界が未確認");
        assert!(p.refuse(Scheme::Kouki, month("2027-08")).is_ok());
    }
}
