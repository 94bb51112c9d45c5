//! The data files of the rules: CSV with a header, read into cells that know where they stand.

use std::{collections::HashMap, path::Path};

use tenken_parser::Date;

use super::rules::RulesError;

/// A data file of the rules.
pub(super) struct Table {
    file: String,
    columns: HashMap<String, usize>,
    rows: Vec<(u64, csv::StringRecord)>,
}

/// One row of a [`Table`].
#[derive(Clone, Copy)]
pub(super) struct Row<'t> {
    table: &'t Table,
    line: u64,
    record: &'t csv::StringRecord,
}

impl Table {
    /// Reads a table; every column of `needed` must be there, others may be absent or more.
    pub fn read(file: &str, text: &str, needed: &[&str]) -> Result<Self, RulesError> {
        let at = |line: u64, column: &str, problem: String, remedy: &str| RulesError {
            file: file.to_owned(),
            line,
            column: column.to_owned(),
            problem,
            remedy: remedy.to_owned(),
        };
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let header = reader.headers().map_err(|e| at(1, "", e.to_string(), "UTF-8 の CSV にする"))?;
        let columns: HashMap<String, usize> =
            header.iter().enumerate().map(|(i, name)| (name.trim().to_owned(), i)).collect();
        for name in needed {
            if !columns.contains_key(*name) {
                return Err(at(1, name, "列がない".to_owned(), "見出しの行にこの列を加える"));
            }
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| {
                let line = e.position().map_or(0, csv::Position::line);
                at(line, "", "行が読めない".to_owned(), "列の数と引用符を見出しの行に合わせる")
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                rows.push((line, record));
            }
        }
        Ok(Self { file: file.to_owned(), columns, rows })
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row { table: self, line: *line, record })
    }
}

impl<'t> Row<'t> {
    /// A cell; empty where the file has no such column.
    pub fn cell(self, column: &str) -> &'t str {
        self.table.columns.get(column).and_then(|i| self.record.get(*i)).unwrap_or_default().trim()
    }

    pub fn error(self, column: &str, problem: impl Into<String>, remedy: &str) -> RulesError {
        RulesError {
            file: self.table.file.clone(),
            line: self.line,
            column: column.to_owned(),
            problem: problem.into(),
            remedy: remedy.to_owned(),
        }
    }

    /// A cell that must not be empty.
    pub fn needed(self, column: &str) -> Result<&'t str, RulesError> {
        match self.cell(column) {
            "" => Err(self.error(column, "空である", "値を書く")),
            text => Ok(text),
        }
    }

    /// A whole number; `None` where the cell is empty.
    pub fn number(self, column: &str) -> Result<Option<i32>, RulesError> {
        match self.cell(column) {
            "" => Ok(None),
            text => {
                text.parse().map(Some).map_err(|_| self.error(column, format!("「{text}」は整数でない"), "整数を書く"))
            }
        }
    }

    pub fn needed_number(self, column: &str) -> Result<i32, RulesError> {
        self.needed(column)?;
        self.number(column).map(Option::unwrap_or_default)
    }

    /// Words joined by `|`.
    pub fn words(self, column: &str) -> Vec<String> {
        self.cell(column).split('|').map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    }

    /// `valid_from` and `valid_to`, both days included; an empty one is open.
    pub fn validity(self) -> Result<Validity, RulesError> {
        let day = |column| match self.cell(column) {
            "" => Ok(None),
            text => iso_date(text)
                .map(Some)
                .ok_or_else(|| self.error(column, format!("「{text}」は日付でない"), "YYYY-MM-DD で書く")),
        };
        Ok(Validity { from: day("valid_from")?, to: day("valid_to")? })
    }
}

/// When a row of the rules holds, both days included.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Validity {
    from: Option<Date>,
    to: Option<Date>,
}

impl Validity {
    /// Whether it holds on some day of a month.
    pub fn meets(self, month: tenken_parser::Month) -> bool {
        self.from.is_none_or(|d| d <= month.last_day()) && self.to.is_none_or(|d| d >= month.first_day())
    }
}

/// `YYYY-MM-DD`.
pub(super) fn iso_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// The text of a data file: from the folder when it lies there, else the one of the program.
pub(super) fn text_of(folder: Option<&Path>, name: &str, embedded: &'static str) -> Result<String, RulesError> {
    let Some(path) = folder.map(|f| f.join(name)).filter(|p| p.exists()) else { return Ok(embedded.to_owned()) };
    std::fs::read_to_string(&path).map_err(|e| RulesError {
        file: path.display().to_string(),
        line: 0,
        column: String::new(),
        problem: e.to_string(),
        remedy: "UTF-8 の CSV として読めるようにする".to_owned(),
    })
}
