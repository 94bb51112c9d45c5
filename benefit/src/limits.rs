//! 自己負担限度額: `data/high_cost_limits.csv`, rows with the months in which they hold (high-cost.md 1).

use std::{collections::HashMap, fmt};

use tenken_parser::Month;

use crate::yen::{Rate, Share, Yen};

const SHIPPED: &str = include_str!("../data/high_cost_limits.csv");

/// How sure a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    InForce,
    /// published by the ministry for a date to come
    Announced,
    /// not published
    Inferred,
}

/// An amount that grows with the cost above a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    pub base: Yen,
    /// with the rate above it
    pub above: Option<(Yen, Rate)>,
}

/// One row: a category in the months in which it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub category: String,
    /// first and last month of treatment (診療年月); no last = open
    pub valid_from: Month,
    pub valid_to: Option<Month>,
    pub monthly: Amount,
    /// 多数回該当 円
    pub multi_hit: Option<Yen>,
    /// 外来特例 per person and month, 円
    pub outpatient_cap: Option<Yen>,
    /// 配慮措置
    pub outpatient_relief: Option<Amount>,
    /// 外来年間合算 円
    pub outpatient_annual_cap: Option<Yen>,
    /// 年間上限 円
    pub annual_cap: Option<Yen>,
    /// 年間上限, reduced, 円
    pub annual_cap_reduced: Option<Yen>,
    pub label_ja: String,
    pub income_criterion: String,
    pub status: Status,
    pub confidence: String,
    pub source: String,
    key: String,
}

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum LimitsError {
    #[error("限度額の表 {line}行目 列 {column}: {problem}")]
    Cell { line: u64, column: String, problem: String },
    #[error("限度額の表に列 {0} がない")]
    NoColumn(String),
    #[error("限度額の表: {0}")]
    Rows(String),
}

/// No row for a category in a month: an error of that result, never a zero.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("限度額が見つからない: {category} {month}")]
pub struct NoLimit {
    pub category: String,
    pub month: Month,
}

impl Status {
    pub fn code(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Announced => "announced",
            Self::Inferred => "inferred",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        [Self::InForce, Self::Announced, Self::Inferred].into_iter().find(|s| s.code() == code)
    }
}

impl Amount {
    /// For a cost, with base and threshold as a part of themselves.
    pub fn at(self, cost: Yen, share: Share) -> Yen {
        let base = self.base.share(share);
        match self.above {
            Some((threshold, rate)) => base + (cost - threshold.share(share)).at_least_zero().times(rate),
            None => base,
        }
    }

    /// As a clerk writes it: `80,100円 + (1,000,000円 − 267,000円) × 1% = 87,430円`.
    pub fn shown(self, cost: Yen, share: Share) -> String {
        let base = self.base.share(share);
        match self.above {
            Some((threshold, rate)) if cost > threshold.share(share) => {
                format!("{base} + ({cost} − {}) × {rate} = {}", threshold.share(share), self.at(cost, share))
            }
            _ => base.to_string(),
        }
    }
}

impl Row {
    /// `U70_U@2026-08`
    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn holds_in(&self, month: Month) -> bool {
        self.valid_from <= month && self.valid_to.is_none_or(|to| month <= to)
    }

    /// L: the limit of a month, 多数回 where it applies and exists.
    pub fn limit(&self, cost: Yen, multi_hit: bool, share: Share) -> Yen {
        match self.multi_hit.filter(|_| multi_hit) {
            Some(flat) => flat.share(share),
            None => self.monthly.at(cost, share),
        }
    }

    /// The same, as a clerk writes it.
    pub fn limit_shown(&self, cost: Yen, multi_hit: bool, share: Share) -> String {
        match self.multi_hit.filter(|_| multi_hit) {
            Some(flat) => format!("{}（多数回）", flat.share(share)),
            None => self.monthly.shown(cost, share),
        }
    }

    /// The same amounts, whatever the months and the words.
    pub fn same_amounts(&self, other: &Self) -> bool {
        (self.monthly, self.multi_hit, self.outpatient_cap, self.outpatient_relief)
            == (other.monthly, other.multi_hit, other.outpatient_cap, other.outpatient_relief)
            && (self.outpatient_annual_cap, self.annual_cap, self.annual_cap_reduced)
                == (other.outpatient_annual_cap, other.annual_cap, other.annual_cap_reduced)
    }
}

/// `U70_U@2026-08`
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

/// All rows.
#[derive(Clone, Debug)]
pub struct Limits {
    rows: Vec<Row>,
    by_category: HashMap<String, Vec<usize>>,
}

impl Limits {
    /// The table of this release.
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).expect("the shipped table of limits is held by a test")
    }

    /// # Errors
    /// The first thing that is wrong: a column, a cell, or rows of one category that overlap or leave a gap.
    pub fn parse(text: &str) -> Result<Self, LimitsError> {
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let header = reader.headers().map_err(|e| LimitsError::Rows(e.to_string()))?.clone();
        let place = |name: &str| header.iter().position(|h| h.trim() == name);
        for needed in [
            "category",
            "valid_from",
            "valid_to",
            "base_yen",
            "threshold_yen",
            "rate",
            "multi_hit_yen",
            "outpatient_cap_yen",
            "status",
        ] {
            place(needed).ok_or_else(|| LimitsError::NoColumn(needed.to_owned()))?;
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| LimitsError::Rows(e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |name: &str| place(name).and_then(|i| record.get(i)).unwrap_or_default().trim();
            let wrong = |name: &str, want: &str| LimitsError::Cell {
                line,
                column: name.to_owned(),
                problem: format!("「{}」は{want}でない", cell(name)),
            };
            let month = |name: &str| match cell(name) {
                "" => Ok(None),
                text => Month::parse_iso(text).map(Some).ok_or_else(|| wrong(name, "年月（YYYY-MM）")),
            };
            let yen = |name: &str| match cell(name) {
                "" => Ok(None),
                text => text.parse().ok().filter(|y| *y >= 0).map(|y| Some(Yen(y))).ok_or_else(|| wrong(name, "円")),
            };
            let rate = |name: &str| match cell(name) {
                "" => Ok(None),
                text => Rate::parse(text).map(Some).ok_or_else(|| wrong(name, "率")),
            };
            let above = |threshold: &str, of: &str| match (yen(threshold)?, rate(of)?) {
                (Some(t), Some(r)) => Ok(Some((t, r))),
                (None, None) => Ok(None),
                _ => Err(wrong(of, "基準額と組になった率")),
            };
            let valid_from = month("valid_from")?.ok_or_else(|| wrong("valid_from", "年月（YYYY-MM）"))?;
            let category = cell("category").to_owned();
            if category.is_empty() || category.contains(['@', ';']) {
                return Err(wrong("category", "区分の名"));
            }
            let monthly = Amount {
                base: yen("base_yen")?.ok_or_else(|| wrong("base_yen", "円"))?,
                above: above("threshold_yen", "rate")?,
            };
            // the threshold is the cost whose 3割 is the base
            if let Some((threshold, _)) = monthly.above
                && (monthly.base.0 * 20 + 3).div_euclid(6) != threshold.0
            {
                return Err(wrong("threshold_yen", "基本額 ÷ 0.3"));
            }
            let outpatient_relief = match yen("outpatient_base_yen")? {
                Some(base) => Some(Amount { base, above: above("outpatient_threshold_yen", "outpatient_rate")? }),
                None => None,
            };
            rows.push(Row {
                key: format!("{category}@{valid_from}"),
                category,
                valid_from,
                valid_to: month("valid_to")?,
                monthly,
                multi_hit: yen("multi_hit_yen")?,
                outpatient_cap: yen("outpatient_cap_yen")?,
                outpatient_relief,
                outpatient_annual_cap: yen("outpatient_annual_cap_yen")?,
                annual_cap: yen("annual_cap_yen")?,
                annual_cap_reduced: yen("annual_cap_reduced_yen")?,
                label_ja: cell("label_ja").to_owned(),
                income_criterion: cell("income_criterion").to_owned(),
                status: Status::from_code(cell("status"))
                    .ok_or_else(|| wrong("status", "in_force, announced, inferred のどれか"))?,
                confidence: cell("confidence").to_owned(),
                source: cell("source").to_owned(),
            });
        }
        Self::of_rows(rows)
    }

    fn of_rows(rows: Vec<Row>) -> Result<Self, LimitsError> {
        let mut by_category: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, row) in rows.iter().enumerate() {
            by_category.entry(row.category.clone()).or_default().push(i);
        }
        for of in by_category.values_mut() {
            of.sort_by_key(|i| rows[*i].valid_from);
            for pair in of.windows(2) {
                let (a, b) = (&rows[pair[0]], &rows[pair[1]]);
                if a.valid_to.map(|to| to.plus(1)) != Some(b.valid_from) {
                    return Err(LimitsError::Rows(format!("{a} と {b} の期間が重なるか、間があいている")));
                }
            }
            if let Some(row) = of.iter().map(|i| &rows[*i]).find(|r| r.valid_to.is_some_and(|to| to < r.valid_from)) {
                return Err(LimitsError::Rows(format!("{row} の終わりが始まりより前")));
            }
        }
        Ok(Self { rows, by_category })
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a category in a month of treatment.
    ///
    /// # Errors
    /// There is none.
    pub fn find(&self, category: &str, month: Month) -> Result<&Row, NoLimit> {
        let rows = self.by_category.get(category).map(Vec::as_slice).unwrap_or_default();
        rows.iter()
            .map(|i| &self.rows[*i])
            .find(|r| r.holds_in(month))
            .ok_or_else(|| NoLimit { category: category.to_owned(), month })
    }

    pub fn has_category(&self, category: &str) -> bool {
        self.by_category.contains_key(category)
    }

    /// The row with this key.
    pub fn by_key(&self, key: &str) -> Option<&Row> {
        self.rows.iter().find(|r| r.key == key)
    }
}

/// Rows that a calculation used, each once, in order of first use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedRows {
    keys: Vec<String>,
    unconfirmed: Vec<String>,
}

impl UsedRows {
    pub fn add(&mut self, row: &Row) {
        if !self.keys.contains(&row.key) {
            self.keys.push(row.key.clone());
            if row.status != Status::InForce {
                self.unconfirmed.push(row.key.clone());
            }
        }
    }

    pub fn join(&mut self, other: &Self) {
        for key in &other.keys {
            if !self.keys.contains(key) {
                self.keys.push(key.clone());
            }
        }
        for key in &other.unconfirmed {
            if !self.unconfirmed.contains(key) {
                self.unconfirmed.push(key.clone());
            }
        }
    }

    /// `U70_U@2026-08`
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Those that are not in force and that nobody accepted.
    pub fn undecided<'a>(&'a self, accepted: &'a [String]) -> impl Iterator<Item = &'a str> {
        self.unconfirmed.iter().map(String::as_str).filter(|k| !accepted.iter().any(|a| a == k))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::parse_iso(text).unwrap()
    }

    #[test]
    fn the_shipped_table_holds_its_own_checks() {
        let limits = Limits::parse(SHIPPED).unwrap();
        assert!(limits.rows().len() > 100);
        // what the page gives as half values (5.2)
        let u = limits.find("U70_U", month("2025-06")).unwrap();
        assert_eq!(u.key(), "U70_U@2015-01");
        assert_eq!(u.monthly.at(Yen(133_500), Share(2)), Yen(40_050));
        assert_eq!(u.monthly.shown(Yen(1_000_000), Share(2)), "40,050円 + (1,000,000円 − 133,500円) × 1% = 48,715円");
        assert_eq!(u.limit(Yen(9_000_000), true, Share(2)), Yen(22_200));
        // every amount divides evenly by four
        for row in limits.rows() {
            let amounts = [Some(row.monthly.base), row.monthly.above.map(|a| a.0), row.multi_hit, row.outpatient_cap];
            assert!(amounts.into_iter().flatten().all(|y| y.0 % 4 == 0), "{row}");
        }
    }

    #[test]
    fn a_category_without_a_row_is_an_error_and_never_a_zero() {
        let limits = Limits::shipped();
        for (category, at) in
            [("U70_A", "2027-08"), ("K70_GENEKI", "2018-08"), ("PUBEXP_70_IN", "2018-07"), ("X", "2020-01")]
        {
            assert_eq!(
                limits.find(category, month(at)).map(Row::key),
                Err(NoLimit { category: category.into(), month: month(at) })
            );
        }
        assert_eq!(limits.find("U70_A", month("2027-07")).unwrap().key(), "U70_A@2026-08");
    }

    #[test]
    fn mistakes_in_a_file_are_named_with_their_line() {
        let head = "category,valid_from,valid_to,base_yen,threshold_yen,rate,multi_hit_yen,outpatient_cap_yen,status\n";
        for (rows, part) in [
            ("A,2015-01,,80100,267000,0.01,,,in_force", None),
            ("A,2015-1,,80100,,,,,in_force", Some("2行目 列 valid_from")),
            ("A,2015-01,,80100,267001,0.01,,,in_force", Some("列 threshold_yen")),
            ("A,2015-01,,80100,267000,,,,in_force", Some("列 rate")),
            ("A,2015-01,,-1,,,,,in_force", Some("列 base_yen")),
            ("A,2015-01,,1,,,,,certain", Some("列 status")),
            ("A,2015-01,2015-02,4,,,,,in_force\nA,2015-02,,4,,,,,in_force", Some("重なる")),
            ("A,2015-01,2015-02,4,,,,,in_force\nA,2015-04,,4,,,,,in_force", Some("間があいている")),
            ("A,2015-01,,4,,,,,in_force\nA,2015-04,,4,,,,,in_force", Some("重なる")),
            ("A,2015-03,2015-02,4,,,,,in_force", Some("始まりより前")),
        ] {
            let read = Limits::parse(&format!("{head}{rows}\n")).map(|_| ()).map_err(|e| e.to_string());
            match part {
                None => assert_eq!(read, Ok(()), "{rows}"),
                Some(part) => assert!(read.as_ref().is_err_and(|e| e.contains(part)), "{rows}: {read:?}"),
            }
        }
        assert_eq!(Limits::parse("category\n").map(|_| ()), Err(LimitsError::NoColumn("valid_from".into())));
    }
}
