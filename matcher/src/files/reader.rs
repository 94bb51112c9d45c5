//! One CSV file to rows by a layout. Knows no table: registers and ledgers bring their layouts.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};
use tenken_parser::{Date, encoding::nfkc_trimmed};

use super::{
    dates::{DateStyle, next_day},
    error::{Error, SeenIn, Warning},
    layout::{Column, Layout, Need},
    mapping::FileMapping,
    my_number::{ValueTest, is_my_number, names_my_number},
    text::{decode, other_format},
};
use crate::registry::rows::{Moment, RegistryReject};

/// Bytes of a value that a reject shows.
const SHOWN_MAX: usize = 200;

/// Why a row was not taken, and by which column.
#[derive(Debug)]
pub(crate) struct Bad {
    pub column: Option<usize>,
    pub reason: String,
}

impl Bad {
    pub fn new(column: usize, reason: impl Into<String>) -> Self {
        Self { column: Some(column), reason: reason.into() }
    }
}

/// What rejects are named by, after the text of the file is gone.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub file: String,
    layout: &'static Layout,
    /// as the file calls them
    columns: Vec<String>,
    /// columns whose values are never shown
    hidden: Vec<bool>,
}

/// In the name of a column: it names a person, whatever a mapping takes it for.
const PERSONAL: [&str; 5] = ["氏名", "名前", "カナ", "住所", "送付先"];

impl Names {
    pub fn reject(&self, line: u32, bad: Bad, value: Option<&str>) -> RegistryReject {
        RegistryReject {
            file: self.file.clone(),
            line: i64::from(line),
            column: bad.column.map(|c| self.columns[c].clone()),
            value: value.filter(|v| bad.column.is_some_and(|c| self.may_show(c, v))).map(str::to_owned),
            reason: bad.reason,
        }
    }

    /// Nothing that names a person; a date column without digits may hold what slipped in from beside it.
    fn may_show(&self, column: usize, value: &str) -> bool {
        let is_date_like = || value.chars().any(char::is_numeric);
        !self.hidden[column]
            && !value.is_empty()
            && value.len() <= SHOWN_MAX
            && !is_my_number(value)
            && (!self.layout.columns[column].is_date || is_date_like())
    }
}

/// Where the value of a column comes from.
#[derive(Clone, Debug)]
enum Cell<'m> {
    Absent,
    At(usize),
    Fixed(&'m str),
}

/// A file whose header was read and found to be good.
pub(crate) struct Sheet<'m> {
    pub names: Names,
    layout: &'static Layout,
    text: String,
    delimiter: u8,
    /// names of all columns of the file
    header: Vec<String>,
    /// for each column of the layout
    cells: Vec<Cell<'m>>,
    values: Vec<Option<&'m HashMap<String, String>>>,
    inclusive: Vec<bool>,
    dates: DateStyle,
    pub warnings: Vec<Warning>,
}

impl<'m> Sheet<'m> {
    /// Reads the header.
    pub fn open(
        file: &str,
        bytes: Vec<u8>,
        layout: &'static Layout,
        mapping: FileMapping<'m>,
    ) -> Result<Sheet<'m>, Error> {
        if let Some(found) = other_format(&bytes) {
            return Err(Error::NotCsv { file: file.to_owned(), found });
        }
        let text = decode(bytes, mapping.encoding());
        let mut warnings = Vec::new();
        if text.is_damaged {
            let before = text.text.find('\u{FFFD}').unwrap_or_default();
            let line = 1 + line_breaks(&text.text[..before]);
            warnings.push(Warning::BadText { file: file.to_owned(), line });
        }
        let delimiter = mapping.delimiter();
        let mut record = StringRecord::new();
        // of text, so that only a quote can go wrong
        let is_there = reader(&text.text, delimiter).read_record(&mut record).unwrap_or_default();
        let header: Vec<String> = record.iter().map(nfkc_trimmed).collect();
        if !is_there || header.iter().all(String::is_empty) {
            return Err(Error::NoHeader { file: file.to_owned() });
        }
        if let Some(column) = header.iter().find(|h| names_my_number(h)) {
            return Err(Error::MyNumber { file: file.to_owned(), column: column.clone(), seen: SeenIn::Name });
        }
        let mut sheet = Sheet {
            names: Names { file: file.to_owned(), layout, columns: Vec::new(), hidden: Vec::new() },
            layout,
            text: text.text,
            delimiter,
            header,
            cells: Vec::new(),
            values: layout.columns.iter().map(|c| mapping.values(c)).collect(),
            inclusive: layout.columns.iter().map(|c| mapping.is_inclusive(c)).collect(),
            dates: mapping.dates(),
            warnings,
        };
        sheet.place(mapping)?;
        Ok(sheet)
    }

    /// Whether the header has a column.
    pub fn has(&self, name: &str) -> bool {
        let name = nfkc_trimmed(name);
        self.header.contains(&name)
    }

    /// The place of a name in the header, which may be there once only.
    fn find(&self, name: &str) -> Result<Option<usize>, Error> {
        let name = nfkc_trimmed(name);
        let mut found = self.header.iter().enumerate().filter(|(_, h)| **h == name).map(|(i, _)| i);
        let first = found.next();
        if found.next().is_some() {
            return Err(Error::DuplicateColumn { file: self.names.file.clone(), column: name });
        }
        Ok(first)
    }

    fn place(&mut self, mapping: FileMapping<'m>) -> Result<(), Error> {
        let columns = self.layout.columns;
        let mut cells = vec![Cell::Absent; columns.len()];
        let mut used = vec![false; self.header.len()];
        for (cell, column) in cells.iter_mut().zip(columns) {
            if let Some(at) = mapping.source(column).map(|s| self.find(s)).transpose()?.flatten() {
                *cell = Cell::At(at);
                used[at] = true;
            }
        }
        // what a mapping took under another name is not the column of its own name too
        let taken = used.clone();
        for (cell, column) in cells.iter_mut().zip(columns) {
            if let Cell::At(_) = cell {
                continue;
            }
            let mut found = None;
            for name in std::iter::once(&column.name).chain(column.aliases) {
                let Some(at) = self.find(name)?.filter(|at| !taken[*at]) else { continue };
                if found.replace(at).is_some() {
                    return Err(Error::DuplicateColumn { file: self.names.file.clone(), column: column.name.into() });
                }
            }
            *cell = match (found, mapping.fixed(column)) {
                (_, Some(value)) => Cell::Fixed(value),
                (Some(at), None) => {
                    used[at] = true;
                    Cell::At(at)
                }
                (None, None) => Cell::Absent,
            };
        }
        let absent = |need: Need| -> Vec<&'static str> {
            let with = cells.iter().zip(columns).filter(|(p, c)| c.need == need && matches!(p, Cell::Absent));
            with.map(|(_, c)| c.name).collect()
        };
        let file = || self.names.file.clone();
        let missing = absent(Need::Required);
        if !missing.is_empty() {
            return Err(Error::MissingColumns { file: file(), columns: missing });
        }
        let unknown: Vec<String> = self
            .header
            .iter()
            .zip(&used)
            .enumerate()
            .filter(|(_, (_, used))| !**used)
            .map(|(i, (name, _))| match name.is_empty() || is_my_number(name) {
                true => format!("{} 列目", i + 1),
                false => name.clone(),
            })
            .collect();
        if !unknown.is_empty() {
            self.warnings.push(Warning::UnknownColumns { file: file(), columns: unknown });
        }
        let absent = absent(Need::Usual);
        if !absent.is_empty() {
            self.warnings.push(Warning::AbsentColumns { file: file(), columns: absent });
        }
        self.names.columns = cells
            .iter()
            .zip(columns)
            .map(|(cell, c)| match cell {
                Cell::At(at) => self.header[*at].clone(),
                _ => c.name.to_owned(),
            })
            .collect();
        let from = |cell: &Cell<'_>| if let Cell::At(at) = cell { Some(*at) } else { None };
        let of_persons: Vec<usize> =
            cells.iter().zip(columns).filter(|(_, c)| c.is_personal).filter_map(|(cell, _)| from(cell)).collect();
        let is_hidden = |(cell, c): (&Cell<'_>, &Column)| {
            let at = from(cell);
            let says_so = |at: usize| PERSONAL.iter().any(|p| self.header[at].contains(p));
            c.is_personal || at.is_some_and(|at| of_persons.contains(&at) || says_so(at))
        };
        self.names.hidden = cells.iter().zip(columns).map(is_hidden).collect();
        self.cells = cells;
        Ok(())
    }

    /// Hands over all rows in their order. Gives their number.
    ///
    /// # Errors
    /// When a column holds 個人番号, or a quote is not closed; what was handed over is then of no use.
    pub fn rows(
        &self,
        rejects: &mut Vec<RegistryReject>,
        mut take: impl FnMut(&Row<'_>) -> Result<(), Bad>,
    ) -> Result<u64, Error> {
        let mut reader = reader(&self.text, self.delimiter);
        let mut tests = vec![ValueTest::default(); self.header.len()];
        let mut record = StringRecord::new();
        let mut lines = Lines { text: &self.text, at: 0, line: 1 };
        let mut count = 0;
        let mut is_header = true;
        while reader.read_record(&mut record).unwrap_or_default() {
            let start = record.position().map_or(0, |p| p.byte() as usize);
            let (start, line) = lines.go_to(start);
            if std::mem::take(&mut is_header) || record.iter().all(|c| c.trim().is_empty()) {
                continue;
            }
            count += 1;
            record.iter().zip(&mut tests).for_each(|(cell, test)| test.see(cell));
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            let raw = self.text[start..reader.position().byte() as usize].trim_end_matches(['\r', '\n']);
            let quotes = if raw.contains('"') { quotes(raw, self.delimiter) } else { Quotes::Fine };
            let is_cut = record.len() != self.header.len() || quotes != Quotes::Fine;
            if quotes == Quotes::Open || (is_cut && raw.contains(['\r', '\n'])) {
                // it took in rows that followed
                return Err(Error::OpenQuote { file: self.names.file.clone(), line: line.into() });
            }
            if is_cut {
                let (want, found) = (self.header.len(), record.len());
                let reason = match quotes {
                    Quotes::Text => "引用符（\"）の後に文字があります".to_owned(),
                    _ => format!("列の数が見出しと違います（見出し {want}、この行 {found}）"),
                };
                rejects.push(self.names.reject(line, Bad { column: None, reason }, None));
                continue;
            }
            let row = Row { sheet: self, record: &record, line };
            if let Err(bad) = take(&row) {
                let value = bad.column.map(|c| row.raw(c));
                rejects.push(self.names.reject(line, bad, value));
            }
        }
        if let Some((column, _)) = self.header.iter().zip(&tests).find(|(_, t)| t.refuses()) {
            let at = self.header.iter().zip(&tests).position(|(_, t)| t.refuses()).unwrap_or_default();
            let column = match column.is_empty() || is_my_number(column) {
                true => format!("{} 列目", at + 1),
                false => column.clone(),
            };
            return Err(Error::MyNumber { file: self.names.file.clone(), column, seen: SeenIn::Values });
        }
        Ok(count)
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

fn line_breaks(text: &str) -> u64 {
    text.bytes().filter(|b| *b == b'\n').count() as u64
}

/// Counts lines up to places that only go forward.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The first byte at or after a place that ends no line, and its line.
    fn go_to(&mut self, at: usize) -> (usize, u64) {
        let blank = self.text.as_bytes()[at..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        self.line += line_breaks(&self.text[self.at..at + blank]);
        self.at = at + blank;
        (self.at, self.line)
    }
}

/// How the quotes of a record stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Fine,
    /// text after a closing quote, within the cell
    Text,
    /// none closes
    Open,
}

fn quotes(record: &str, delimiter: u8) -> Quotes {
    let is_end = |b: u8| b == delimiter || b == b'\n' || b == b'\r';
    let mut bytes = record.bytes().peekable();
    let mut found = Quotes::Fine;
    let mut is_start = true;
    while let Some(b) = bytes.next() {
        if b == b'"' && is_start {
            loop {
                match bytes.next() {
                    None => return Quotes::Open,
                    // two are one character
                    Some(b'"') if bytes.next_if_eq(&b'"').is_none() => break,
                    Some(_) => {}
                }
            }
            if bytes.peek().is_some_and(|b| !is_end(*b)) {
                found = Quotes::Text;
            }
        }
        is_start = is_end(b);
    }
    found
}

/// A row of a file.
pub(crate) struct Row<'r> {
    sheet: &'r Sheet<'r>,
    record: &'r StringRecord,
    pub line: u32,
}

impl<'r> Row<'r> {
    /// As it stands in the file, without spaces around it.
    pub fn raw(&self, column: usize) -> &'r str {
        match self.sheet.cells[column] {
            Cell::Absent => "",
            Cell::At(at) => self.record.get(at).unwrap_or_default().trim(),
            Cell::Fixed(value) => value,
        }
    }

    /// In our words; nothing when empty.
    pub fn get(&self, column: usize) -> Option<&'r str> {
        let raw = self.raw(column);
        let value = match self.sheet.values[column] {
            Some(map) => map.get(raw).map_or(raw, String::as_str),
            None => raw,
        };
        (!value.is_empty()).then_some(value)
    }

    pub fn owned(&self, column: usize) -> Option<String> {
        self.get(column).map(str::to_owned)
    }

    fn name(&self, column: usize) -> &'r str {
        self.sheet.layout.columns[column].name
    }

    /// NFKC, so that full-width digits are the same number.
    pub fn plain(&self, column: usize) -> Option<String> {
        self.get(column).map(nfkc_trimmed).filter(|t| !t.is_empty())
    }

    /// A number that a row cannot be without.
    pub fn key(&self, column: usize) -> Result<String, Bad> {
        let key = self.plain(column).ok_or_else(|| Bad::new(column, format!("{}が空です", self.name(column))))?;
        match key.chars().count() {
            0..=20 => Ok(key),
            _ => Err(Bad::new(column, format!("{}が 20 文字を超えています", self.name(column)))),
        }
    }

    /// One of the words of the column.
    pub fn word(&self, column: usize) -> Result<Option<&'static str>, Bad> {
        let Some(value) = self.get(column) else { return Ok(None) };
        let words = self.sheet.layout.columns[column].words;
        let find = |v: &str| words.iter().find(|w| **w == v).copied();
        find(value)
            .or_else(|| find(&nfkc_trimmed(value)))
            .map(Some)
            .ok_or_else(|| Bad::new(column, format!("{}に使えるのは {} です", self.name(column), words.join("、"))))
    }

    /// The first day not covered where the column is an end.
    pub fn date(&self, column: usize) -> Result<Option<Date>, Bad> {
        let Some(value) = self.get(column) else { return Ok(None) };
        let date = self.sheet.dates.date(value);
        let date = if self.sheet.inclusive[column] { date.and_then(next_day) } else { date };
        date.map(Some).ok_or_else(|| {
            let hint = match value {
                v if v.starts_with("9999") => "（終わりのない日付は空にします）",
                v if v.contains('/') => "（YYYY-MM-DD、または対応表に dates = \"slash\"）",
                _ => "",
            };
            Bad::new(column, format!("{}が日付として読めません{hint}", self.name(column)))
        })
    }

    pub fn dates(&self) -> DateStyle {
        self.sheet.dates
    }

    pub fn moment(&self, column: usize) -> Result<Option<Moment>, Bad> {
        let Some(value) = self.get(column) else { return Ok(None) };
        let moment = self.sheet.dates.moment(value).map(Some);
        moment.ok_or_else(|| Bad::new(column, format!("{}が日時として読めません", self.name(column))))
    }
}
