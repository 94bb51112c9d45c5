//! A form that was made.

use tenken_parser::Month;

use crate::{
    checks::Check,
    forms::{Form, Values},
};

/// A value of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Text(String),
    Number(i64),
}

impl Item {
    pub fn as_text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Text(t) => t.into(),
            Self::Number(n) => n.to_string().into(),
        }
    }
}

impl From<i64> for Item {
    fn from(n: i64) -> Self {
        Self::Number(n)
    }
}

impl From<String> for Item {
    fn from(t: String) -> Self {
        Self::Text(t)
    }
}

impl From<&str> for Item {
    fn from(t: &str) -> Self {
        Self::Text(t.to_owned())
    }
}

/// The rows of a list: as many items as the form has columns on its sheet `LIST`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    pub rows: Vec<Vec<Item>>,
    /// totals, by row and column of the sheet `SUM`
    pub sums: Vec<(String, String, i64)>,
}

/// One form of one owner and month.
#[derive(Clone, Debug)]
pub struct Made<'f> {
    pub form: &'f Form,
    /// in the order of the form's cells
    pub values: Values,
    pub list: Option<List>,
    /// what a reader has to know, in Japanese
    pub notes: Vec<String>,
}

/// All forms of an owner and month that were made together.
#[derive(Clone, Debug)]
pub struct Report<'f> {
    /// 保険者番号
    pub owner: String,
    pub label_month: Month,
    /// of the report, from 1
    pub version: i32,
    pub input_hash: String,
    /// day on which it was made, `YYYY-MM-DD`; nothing: not printed
    pub made_on: Option<String>,
    pub forms: Vec<Made<'f>>,
    /// forms that were not made, with what is missing
    pub missing: Vec<(String, String)>,
    pub checks: Vec<Check>,
    pub warnings: Vec<String>,
}

impl Report<'_> {
    /// A check failed: nothing of it may leave the house.
    pub fn is_unverified(&self) -> bool {
        self.checks.iter().any(Check::is_wrong)
    }

    /// The checks that stand on a form's sheet.
    pub fn checks_of<'r>(&'r self, form: &'r str) -> impl Iterator<Item = &'r Check> {
        self.checks.iter().filter(move |c| c.form == form)
    }

    /// 都道府県番号 of the owner: 国保 begins with it, 後期 has it behind 39.
    pub fn prefecture(&self) -> &str {
        let digits = if self.owner.len() == 8 { self.owner.get(2..4) } else { self.owner.get(..2) };
        digits.unwrap_or_default()
    }
}
