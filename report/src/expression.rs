//! Measures and filters as a form's file writes them (reports.md 11.1).

use crate::{
    cube::{Cube, Key},
    line::{Class, Event, Measures, RowCode, Scheme},
};

macro_rules! sums {
    ($($(#[$doc:meta])* $name:ident $code:literal;)*) => {
        /// What of the lines is summed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sum { $($(#[$doc])* $name),* }

        impl Sum {
            fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

sums! {
    Cnt "cnt";
    Days "days";
    Cost "cost";
    Ins "ins";
    Cop "cop";
    OthT "oth_t";
    OthK "oth_k";
    /// both columns of other laws
    Oth "oth";
    /// 高額療養費 in kind, claims
    HkCnt "hk_cnt";
    /// 円
    HkAmt "hk_amt";
    CashCnt "cash_cnt";
    /// 円
    CashAmt "cash_amt";
    /// in kind and in cash, 円
    Amt "amt";
}

impl Sum {
    pub fn of(self, event: Event, m: &Measures) -> i64 {
        let cash = event == Event::Cash;
        match self {
            Self::Cnt => m.cnt,
            Self::Days => m.days,
            Self::Cost => m.cost,
            Self::Ins => m.ins,
            Self::Cop => m.cop,
            Self::OthT => m.oth_t,
            Self::OthK => m.oth_k,
            Self::Oth => m.oth_t + m.oth_k,
            Self::HkCnt => {
                if cash {
                    0
                } else {
                    m.cnt
                }
            }
            Self::HkAmt => m.hk,
            Self::CashCnt => {
                if cash {
                    m.cnt
                } else {
                    0
                }
            }
            Self::CashAmt => {
                if cash {
                    m.ins
                } else {
                    0
                }
            }
            Self::Amt => m.hk + if cash { m.ins } else { 0 },
        }
    }
}

/// A rate of a year sheet (reports.md 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ratio {
    /// 受診率: 件 per 100 insured
    CasesPer100,
    DaysPerCase,
    CostPerDay,
    CostPerCase,
    CostPerPerson,
}

/// Another cell: its sheet (empty: the same), row, column (empty: the same), and the sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub negative: bool,
    pub sheet: Option<String>,
    pub row: String,
    pub col: Option<String>,
}

/// How a cell gets its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// of lines, added
    Lines(Vec<Sum>),
    /// other cells of the form
    Cells(Vec<Term>),
    /// insured persons or households: the cell of the same row and column in the counts, or the month-end of a row
    Count { row: Option<String> },
    /// the fiscal year so far of the cell of the same row and column in this sheet
    YearToDate { sheet: String },
    /// month-ends of the year so far of a row of the counts, averaged
    AverageInsured { row: String },
    /// from the cells of the same row in the same sheet; the last: the row of the counts
    Ratio(Ratio, String),
}

/// Which lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub rows: Vec<RowCode>,
    pub classes: Vec<Class>,
    pub schemes: Vec<Scheme>,
    pub events: Vec<Event>,
    pub rates: Vec<u8>,
    pub local_aid: Option<bool>,
    /// by the month of payment, not of examination
    pub of_pay: bool,
}

impl Filter {
    pub fn takes(&self, k: &Key) -> bool {
        (if self.of_pay { k.of_pay } else { k.of_exam })
            && (self.rows.is_empty() || self.rows.contains(&k.row))
            && (self.classes.is_empty() || self.classes.contains(&k.class))
            && (self.schemes.is_empty() || self.schemes.contains(&k.scheme))
            && (self.events.is_empty() || self.events.contains(&k.event))
            && (self.rates.is_empty() || self.rates.contains(&k.rate))
            && self.local_aid.is_none_or(|a| a == k.local_aid)
    }

    pub fn sum(&self, cube: &Cube, of: &[Sum]) -> i64 {
        (cube.sums.iter())
            .filter(|(k, _)| self.takes(k))
            .map(|(k, m)| of.iter().map(|s| s.of(k.event, m)).sum::<i64>())
            .sum()
    }
}

/// What is wrong with a measure or a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExpressionError(pub String);

fn words<T>(dim: &str, values: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, ExpressionError> {
    values
        .split('|')
        .map(|v| read(v.trim()).ok_or_else(|| ExpressionError(format!("{dim} に {v} はありません"))))
        .collect()
}

/// Options of a measure that stand among the filters.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub sheet: Option<String>,
    pub insured: Option<String>,
}

/// Reads `row=R01|R02 & cls=70G & scheme=GENERAL`.
pub fn filter(text: &str) -> Result<(Filter, Options), ExpressionError> {
    let mut filter = Filter::default();
    let mut options = Options::default();
    for part in text.split('&').map(str::trim).filter(|p| !p.is_empty()) {
        let (dim, values) = part.split_once('=').ok_or_else(|| ExpressionError(format!("{part} に = がありません")))?;
        match dim.trim() {
            "row" => filter.rows = words("row", values, RowCode::new)?,
            "cls" => filter.classes = words("cls", values, Class::from_code)?,
            "scheme" => filter.schemes = words("scheme", values, Scheme::from_code)?,
            "event" => filter.events = words("event", values, Event::from_code)?,
            "rate" => filter.rates = words("rate", values, |v| v.parse().ok())?,
            "aid" => filter.local_aid = words("aid", values, |v| ["0", "1"].contains(&v).then_some(v == "1"))?.pop(),
            "month" => {
                filter.of_pay = words("month", values, |v| ["exam", "pay"].contains(&v).then_some(v == "pay"))?[0]
            }
            "sheet" => options.sheet = Some(values.trim().to_owned()),
            "insured" => options.insured = Some(values.trim().to_owned()),
            other => return Err(ExpressionError(format!("条件 {other} はありません"))),
        }
    }
    Ok((filter, options))
}

fn term(text: &str) -> Term {
    let text = text.trim();
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
    let (sheet, text) = text.split_once(':').map_or((None, text), |(s, t)| (Some(s.to_owned()), t));
    let (row, col) = text.split_once('.').map_or((text, None), |(r, c)| (r, Some(c.to_owned())));
    Term { negative, sheet, row: row.to_owned(), col }
}

/// Reads `cnt`, `ins+hk_amt`, `SUM(R01,R02,-S2:R20.cost)`, `count`, `ytd`, `avg_insured`, `cost_per_case`.
pub fn measure(text: &str, options: &Options) -> Result<Measure, ExpressionError> {
    let text = text.trim();
    let insured =
        || options.insured.clone().ok_or_else(|| ExpressionError(format!("{text} には条件 insured=行 が要ります")));
    if let Some(cells) = text.strip_prefix("SUM(").and_then(|t| t.strip_suffix(')')) {
        return Ok(Measure::Cells(cells.split(',').map(term).collect()));
    }
    Ok(match text {
        "count" => Measure::Count { row: options.insured.clone() },
        "ytd" => Measure::YearToDate {
            sheet: options
                .sheet
                .clone()
                .ok_or_else(|| ExpressionError("ytd には条件 sheet=シート が要ります".into()))?,
        },
        "avg_insured" => Measure::AverageInsured { row: insured()? },
        "cases_per_100" => Measure::Ratio(Ratio::CasesPer100, insured()?),
        "days_per_case" => Measure::Ratio(Ratio::DaysPerCase, String::new()),
        "cost_per_day" => Measure::Ratio(Ratio::CostPerDay, String::new()),
        "cost_per_case" => Measure::Ratio(Ratio::CostPerCase, String::new()),
        "cost_per_person" => Measure::Ratio(Ratio::CostPerPerson, insured()?),
        sums => Measure::Lines(
            sums.split('+')
                .map(|s| Sum::from_code(s.trim()).ok_or_else(|| ExpressionError(format!("項目 {s} はありません"))))
                .collect::<Result<_, _>>()?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_measures_are_read() {
        let (f, _) = filter("row=R01|R02 & cls=70G & scheme=GENERAL & month=pay & aid=1").unwrap();
        assert_eq!(f.rows.len(), 2);
        assert_eq!((f.classes, f.of_pay, f.local_aid), (vec![Class::General70], true, Some(true)));
        assert_eq!(filter("cls=71").unwrap_err().0, "cls に 71 はありません");
        assert_eq!(filter("colour=red").unwrap_err().0, "条件 colour はありません");
        let none = Options::default();
        assert_eq!(measure("ins+hk_amt", &none).unwrap(), Measure::Lines(vec![Sum::Ins, Sum::HkAmt]));
        let Measure::Cells(terms) = measure("SUM(R01,-S2:R20.cost)", &none).unwrap() else { panic!("cells") };
        assert_eq!(
            terms[1],
            Term { negative: true, sheet: Some("S2".into()), row: "R20".into(), col: Some("cost".into()) }
        );
        assert!(measure("yen", &none).is_err());
        assert!(measure("ytd", &none).is_err());
    }
}
