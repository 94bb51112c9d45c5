//! `--mapping FILE.toml`: other people's names, codes and conventions.
//!
//! ```toml
//! encoding = "cp932"            # or "utf-8"; otherwise detected
//! delimiter = "\t"              # otherwise a comma
//! end = "inclusive"             # ends are the last day; or per column: end = { 適用終了年月日 = "inclusive" }
//! dates = "slash"               # 2026/4/1 too
//! [columns]                     # ours = "theirs"
//! 宛名番号 = "住民コード"
//! [values.取得事由]             # their code = our word; "" empties the cell
//! 11 = "転入"
//! [fixed]                       # columns that their export lacks
//! 制度 = "1"
//! [zokusei.columns]             # any of the above for one file only, by its name without .csv
//! 番号 = "対象番号"
//! ```

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use tenken_parser::Encoding;
use toml::{Table, Value};

use super::{
    dates::DateStyle,
    error::{Error, SeenIn},
    layout::{Column, Layout},
    my_number::{ValueTest, names_my_number},
    text::decode,
};

/// A column of theirs that a column of ours is read from.
#[derive(Clone, Debug)]
struct Source {
    name: String,
    /// where the mapping says so
    place: String,
}

#[derive(Clone, Debug, Default)]
struct Section {
    columns: BTreeMap<&'static str, Source>,
    values: BTreeMap<&'static str, HashMap<String, String>>,
    fixed: BTreeMap<&'static str, String>,
    /// by column; the empty name stands for all
    inclusive: BTreeMap<&'static str, bool>,
    encoding: Option<Encoding>,
    delimiter: Option<u8>,
    dates: Option<DateStyle>,
}

/// A mapping that was read and checked against the layouts it is for.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    name: String,
    all: Section,
    files: BTreeMap<&'static str, Section>,
}

impl Mapping {
    /// # Errors
    /// When the file cannot be read, names a column or a word that is not there, or maps 個人番号.
    pub fn read(path: &Path, layouts: &[&'static Layout]) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        Self::parse(&name, &decode(bytes, None).text, layouts)
    }

    /// # Errors
    /// As [`Mapping::read`].
    pub fn parse(name: &str, text: &str, layouts: &[&'static Layout]) -> Result<Self, Error> {
        let reader = Reader { name, layouts };
        let table: Table = quote_keys(text).parse().map_err(|e: toml::de::Error| {
            let place = e.span().map(|s| format!("{} 行目", 1 + line_breaks(&quote_keys(text)[..s.start])));
            reader.error(&place.unwrap_or_default(), e.message(), e.message())
        })?;
        let mut mapping = Self { name: name.to_owned(), ..Self::default() };
        for (key, value) in table {
            if let Some(layout) = layouts.iter().find(|l| l.stem == key) {
                let Value::Table(t) = value else { return Err(reader.not_a_table(&key)) };
                let mut section = Section::default();
                for (k, v) in t {
                    reader.entry(&mut section, &[layout], &format!("{key}."), &k, v)?;
                }
                mapping.files.insert(layout.stem, section);
            } else {
                reader.entry(&mut mapping.all, layouts, "", &key, value)?;
            }
        }
        Ok(mapping)
    }

    /// What holds for a file.
    pub(crate) fn of(&self, layout: &'static Layout) -> FileMapping<'_> {
        FileMapping { all: &self.all, own: self.files.get(layout.stem) }
    }

    /// A column that was mapped and that no file has.
    ///
    /// `has` tells whether a file of the layout was given, and whether it has a column of that name.
    pub(crate) fn check_used(
        &self,
        layouts: &[&'static Layout],
        has: impl Fn(&Layout, &str) -> Option<bool>,
    ) -> Result<(), Error> {
        let missing = |s: &Source| Error::MappedColumnMissing {
            mapping: self.name.clone(),
            place: s.place.clone(),
            column: s.name.clone(),
        };
        for (ours, source) in &self.all.columns {
            let with = layouts.iter().filter(|l| l.columns.iter().any(|c| c.name == *ours));
            let found: Vec<bool> = with.filter_map(|l| has(l, &source.name)).collect();
            if !found.is_empty() && !found.contains(&true) {
                return Err(missing(source));
            }
        }
        for layout in layouts {
            for source in self.files.get(layout.stem).into_iter().flat_map(|s| s.columns.values()) {
                if has(layout, &source.name) == Some(false) {
                    return Err(missing(source));
                }
            }
        }
        Ok(())
    }
}

/// The mapping of one file: its own section before that for all.
#[derive(Clone, Copy)]
pub(crate) struct FileMapping<'m> {
    all: &'m Section,
    own: Option<&'m Section>,
}

impl<'m> FileMapping<'m> {
    fn first<T>(self, get: impl Fn(&'m Section) -> Option<T>) -> Option<T> {
        self.own.and_then(&get).or_else(|| get(self.all))
    }

    pub fn source(self, column: &Column) -> Option<&'m str> {
        self.first(|s| s.columns.get(column.name)).map(|s| s.name.as_str())
    }

    pub fn values(self, column: &Column) -> Option<&'m HashMap<String, String>> {
        self.first(|s| s.values.get(column.name))
    }

    pub fn fixed(self, column: &Column) -> Option<&'m str> {
        self.first(|s| s.fixed.get(column.name)).map(String::as_str)
    }

    pub fn is_inclusive(self, column: &Column) -> bool {
        column.is_end
            && self.first(|s| s.inclusive.get(column.name).or_else(|| s.inclusive.get(""))).copied().unwrap_or_default()
    }

    pub fn encoding(self) -> Option<Encoding> {
        self.first(|s| s.encoding)
    }

    pub fn delimiter(self) -> u8 {
        self.first(|s| s.delimiter).unwrap_or(b',')
    }

    pub fn dates(self) -> DateStyle {
        self.first(|s| s.dates).unwrap_or_default()
    }
}

struct Reader<'a> {
    name: &'a str,
    layouts: &'a [&'static Layout],
}

impl Reader<'_> {
    fn error(&self, place: &str, ja: &str, en: &str) -> Error {
        Error::Mapping { mapping: self.name.to_owned(), place: place.to_owned(), ja: ja.to_owned(), en: en.to_owned() }
    }

    fn not_a_table(&self, place: &str) -> Error {
        self.error(place, &format!("[{place}] という表にしてください"), &format!("make it a table [{place}]"))
    }

    fn refused(&self, column: &str) -> Error {
        Error::MyNumber { file: self.name.to_owned(), column: column.to_owned(), seen: SeenIn::Mapping }
    }

    fn entry(
        &self,
        section: &mut Section,
        layouts: &[&'static Layout],
        prefix: &str,
        key: &str,
        value: Value,
    ) -> Result<(), Error> {
        let place = format!("{prefix}{key}");
        match key {
            "columns" => {
                for (ours, theirs) in self.table(&place, value)? {
                    let place = format!("[{place}] {ours}");
                    let theirs = self.text(&place, theirs)?;
                    for name in [&ours, &theirs] {
                        if names_my_number(name) {
                            return Err(self.refused(name));
                        }
                    }
                    let column = self.column(layouts, &place, &ours)?;
                    section.columns.insert(column.name, Source { name: theirs, place });
                }
            }
            "values" => {
                for (ours, codes) in self.table(&place, value)? {
                    self.refuse_name(&ours)?;
                    let place = format!("[{place}.{ours}]");
                    let column = self.column(layouts, &place, &ours)?;
                    let mut map = HashMap::new();
                    for (code, word) in self.table(&place, codes)? {
                        let place = format!("{place} {code}");
                        let word = self.text(&place, word)?;
                        self.word(column, &place, &word)?;
                        map.insert(code.trim().to_owned(), word);
                    }
                    self.refuse_values(column, map.keys())?;
                    self.refuse_values(column, map.values())?;
                    section.values.insert(column.name, map);
                }
            }
            "fixed" => {
                for (ours, word) in self.table(&place, value)? {
                    self.refuse_name(&ours)?;
                    let place = format!("[{place}] {ours}");
                    let column = self.column(layouts, &place, &ours)?;
                    let word = self.text(&place, word)?;
                    self.word(column, &place, &word)?;
                    section.fixed.insert(column.name, word);
                }
                self.refuse_values(&Column::new("fixed"), section.fixed.values())?;
            }
            "end" => match value {
                Value::Table(t) => {
                    for (ours, word) in t {
                        let place = format!("{place} {ours}");
                        let column = self.column(layouts, &place, &ours)?;
                        if !column.is_end {
                            return Err(self.error(&place, "終わりの日の列ではありません", "it holds no end"));
                        }
                        section.inclusive.insert(column.name, self.is_inclusive(&place, word)?);
                    }
                }
                word => {
                    let inclusive = self.is_inclusive(&place, word)?;
                    section.inclusive.insert("", inclusive);
                }
            },
            "encoding" => {
                let name = self.text(&place, value)?.to_lowercase().replace(['-', '_'], "");
                section.encoding = Some(match name.as_str() {
                    "utf8" => Encoding::Utf8,
                    "cp932" | "shiftjis" | "sjis" | "windows31j" | "ms932" => Encoding::Cp932,
                    _ => {
                        let (ja, en) = ("utf-8 か cp932 にしてください", "give utf-8 or cp932");
                        return Err(self.error(&place, ja, en));
                    }
                });
            }
            "delimiter" => {
                section.delimiter = match self.text(&place, value)?.as_bytes() {
                    [b] if b.is_ascii() && !matches!(b, b'"' | b'\r' | b'\n') => Some(*b),
                    _ => {
                        let (ja, en) = ("半角 1 文字にしてください", "give one ASCII character");
                        return Err(self.error(&place, ja, en));
                    }
                };
            }
            "dates" => {
                section.dates = match self.text(&place, value)?.as_str() {
                    "slash" => Some(DateStyle::Slash),
                    _ => return Err(self.error(&place, "slash だけが使えます", "only slash is known")),
                };
            }
            _ => {
                self.refuse_name(key)?;
                let files: Vec<&str> = self.layouts.iter().map(|l| l.stem).collect();
                let known = "columns, values, fixed, end, encoding, delimiter, dates";
                let ja = format!("この項目はありません。使えるのは {known} とファイル名 {}", files.join(", "));
                let en = format!("no such key; known are {known} and the files {}", files.join(", "));
                return Err(self.error(&place, &ja, &en));
            }
        }
        Ok(())
    }

    fn table(&self, place: &str, value: Value) -> Result<Table, Error> {
        match value {
            Value::Table(t) => Ok(t),
            _ => Err(self.not_a_table(place)),
        }
    }

    /// A text; whole numbers are taken for the text they show.
    fn text(&self, place: &str, value: Value) -> Result<String, Error> {
        match value {
            Value::String(s) => Ok(s.trim_matches(' ').to_owned()),
            Value::Integer(n) => Ok(n.to_string()),
            _ => Err(self.error(place, "\"\" で囲んだ文字にしてください", "give a text in quotes")),
        }
    }

    fn column(&self, layouts: &[&'static Layout], place: &str, name: &str) -> Result<&'static Column, Error> {
        let mut all = layouts.iter().flat_map(|l| l.columns);
        all.find(|c| c.name == name).ok_or_else(|| {
            self.error(place, &format!("台帳に列「{name}」はありません"), &format!("there is no column {name:?}"))
        })
    }

    fn word(&self, column: &Column, place: &str, word: &str) -> Result<(), Error> {
        if column.words.is_empty() || word.is_empty() || column.words.contains(&word) {
            return Ok(());
        }
        let ja = format!("「{word}」は {} に使えません。使えるのは {}", column.name, column.words.join(" "));
        let en = format!("{word:?} is no word of {}; known are {}", column.name, column.words.join(" "));
        Err(self.error(place, &ja, &en))
    }

    fn is_inclusive(&self, place: &str, value: Value) -> Result<bool, Error> {
        match self.text(place, value)?.as_str() {
            "inclusive" => Ok(true),
            "exclusive" => Ok(false),
            _ => Err(self.error(place, "inclusive か exclusive にしてください", "give inclusive or exclusive")),
        }
    }

    fn refuse_name(&self, name: &str) -> Result<(), Error> {
        if names_my_number(name) { Err(self.refused(name)) } else { Ok(()) }
    }

    fn refuse_values<'v>(&self, column: &Column, values: impl Iterator<Item = &'v String>) -> Result<(), Error> {
        let mut test = ValueTest::default();
        values.for_each(|v| test.see(v));
        if test.refuses() { Err(self.refused(column.name)) } else { Ok(()) }
    }
}

fn line_breaks(text: &str) -> usize {
    text.bytes().filter(|b| *b == b'\n').count()
}

/// TOML wants quotes around keys that are not ASCII; people leave them out. Outside of quotes and comments no
/// other such text can stand, so that each run of it is a key.
fn quote_keys(text: &str) -> String {
    let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || (!c.is_ascii() && !c.is_whitespace());
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => quoted(rest, c),
            c if is_key(c) => rest.find(|c| !is_key(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (part, after) = rest.split_at(len);
        if is_key(c) && !part.is_ascii() {
            out.extend(["\"", part, "\""]);
        } else {
            out.push_str(part);
        }
        rest = after;
    }
    out
}

/// Length of the quoted text at the beginning, with its quotes.
fn quoted(text: &str, quote: char) -> usize {
    let long = if quote == '"' { "\"\"\"" } else { "'''" };
    let close = if text.starts_with(long) { long } else { &long[..1] };
    let mut at = close.len();
    while at < text.len() {
        if text[at..].starts_with(close) {
            return at + close.len();
        }
        let mut chars = text[at..].chars();
        let c = chars.next();
        at += c.map_or(1, char::len_utf8);
        if quote == '"' && c == Some('\\') {
            at += chars.next().map_or(0, char::len_utf8);
        }
    }
    text.len()
}
