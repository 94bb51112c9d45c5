//! CSV by the names of its columns, in any order.

use std::collections::HashMap;

use tenken_parser::Month;

use crate::yen::{Rate, Yen};

/// A file that cannot be read at all.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SheetError {
    #[error("列 {0} がない")]
    NoColumn(String),
    #[error("{line}行目: {problem}")]
    Csv { line: u64, problem: String },
}

/// A cell that cannot be read: that row has no result.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("列 {column}: 「{value}」は{want}でない")]
pub struct CellError {
    pub column: String,
    pub value: String,
    pub want: &'static str,
}

pub struct Sheet {
    columns: HashMap<String, usize>,
    pub rows: Vec<Cells>,
}

/// A row with its line in the file.
#[derive(Clone)]
pub struct Cells {
    pub line: u64,
    record: csv::StringRecord,
}

pub struct Row<'s> {
    sheet: &'s Sheet,
    cells: &'s Cells,
}

impl Sheet {
    /// # Errors
    /// No CSV, or one of the columns `needed` is missing.
    pub fn read(text: &str, needed: &[&str]) -> Result<Self, SheetError> {
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let broken = |e: csv::Error| SheetError::Csv {
            line: e.position().map_or(1, csv::Position::line),
            problem: e.to_string(),
        };
        let header = reader.headers().map_err(broken)?.clone();
        let columns: HashMap<String, usize> =
            header.iter().enumerate().map(|(i, name)| (name.trim().to_owned(), i)).collect();
        if let Some(missing) = needed.iter().find(|c| !columns.contains_key(**c)) {
            return Err(SheetError::NoColumn((*missing).to_owned()));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            rows.push(Cells { line: record.position().map_or(0, csv::Position::line), record });
        }
        Ok(Self { columns, rows })
    }

    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    pub fn row<'s>(&'s self, cells: &'s Cells) -> Row<'s> {
        Row { sheet: self, cells }
    }
}

impl<'s> Row<'s> {
    /// The cell without blanks at its ends; empty where the column is not there.
    pub fn text(&self, column: &str) -> &'s str {
        self.sheet.columns.get(column).and_then(|i| self.cells.record.get(*i)).unwrap_or_default().trim()
    }

    fn read<T>(
        &self,
        column: &str,
        want: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, CellError> {
        let error = |value: &str| CellError { column: column.to_owned(), value: value.to_owned(), want };
        match self.text(column) {
            "" => Ok(None),
            text => parse(text).map(Some).ok_or_else(|| error(text)),
        }
    }

    fn needed<T>(&self, column: &str, want: &'static str, read: Option<T>) -> Result<T, CellError> {
        read.ok_or_else(|| CellError { column: column.to_owned(), value: String::new(), want })
    }

    pub fn month(&self, column: &str) -> Result<Month, CellError> {
        const WANT: &str = "年月（YYYY-MM）";
        self.needed(column, WANT, self.read(column, WANT, Month::parse_iso)?)
    }

    /// `1` or `0`; nothing where it is empty.
    pub fn flag(&self, column: &str) -> Result<Option<bool>, CellError> {
        self.read(column, " 1 か 0 ", |text| match text {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        })
    }

    pub fn yen(&self, column: &str) -> Result<Option<Yen>, CellError> {
        self.read(column, "円", |text| number(text).map(Yen))
    }

    pub fn points(&self, column: &str) -> Result<Option<i64>, CellError> {
        self.read(column, "点数", number)
    }

    pub fn rate(&self, column: &str) -> Result<Option<Rate>, CellError> {
        self.read(column, "率（0.3 など）", Rate::parse)
    }

    pub fn rate_needed(&self, column: &str) -> Result<Rate, CellError> {
        self.needed(column, "率（0.3 など）", self.rate(column)?)
    }

    pub fn age(&self, column: &str) -> Result<Option<u16>, CellError> {
        self.read(column, "年齢", |text| text.parse().ok())
    }

    /// One of the words that `parse` knows.
    pub fn word<T>(&self, column: &str, want: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, CellError> {
        self.needed(column, want, self.read(column, want, parse)?)
    }
}

/// A whole number that no sum of a month can overflow.
fn number(text: &str) -> Option<i64> {
    const MOST: i64 = 1_000_000_000_000;
    text.parse().ok().filter(|n| (0..=MOST).contains(n))
}

/// Writes rows with their header.
pub fn write(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let wrote = "writing to memory";
    writer.write_record(header).expect(wrote);
    for row in rows {
        writer.write_record(row).expect(wrote);
    }
    String::from_utf8(writer.into_inner().expect(wrote)).expect("cells are text")
}
