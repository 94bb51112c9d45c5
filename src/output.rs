//! Lists as a table for people, csv and json for programs (spec/tables.md section 1).

use std::{
    borrow::Cow,
    collections::HashSet,
    io::{self, Write},
};

use anyhow::Result;
use serde_json::{Map, Value};
use tenken_parser::{Date, Decimal, Encoding};
pub use tenken_review::text::{pad, thousands, time};
use tenken_store::arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, SchemaRef, TimeUnit,
        TimestampMicrosecondType, UInt64Type,
    },
    record_batch::RecordBatch,
    util::display::{ArrayFormatter, FormatOptions},
};
use unicode_width::UnicodeWidthStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Table,
    Csv,
    Json,
}

impl Format {
    pub fn from_arg(name: &str) -> Self {
        match name {
            "csv" => Self::Csv,
            "json" => Self::Json,
            _ => Self::Table,
        }
    }
}

/// Encoding of csv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvEncoding {
    Utf8,
    Utf8Bom,
    Cp932,
}

impl CsvEncoding {
    pub fn from_arg(name: &str) -> Self {
        match name {
            "utf8-bom" => Self::Utf8Bom,
            "cp932" => Self::Cp932,
            _ => Self::Utf8,
        }
    }
}

/// A list to print: column names and rows of JSON values.
#[derive(Debug, Default)]
pub struct List {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

/// Columns that hold days as bits; in csv they are the days.
const MASKS: [&str; 2] = ["service_days", "day_mask"];

fn cell(array: &ArrayRef, i: usize) -> Value {
    if array.is_null(i) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(i).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(i).into(),
        DataType::Utf8View => array.as_string_view().value(i).into(),
        DataType::Boolean => array.as_boolean().value(i).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(i).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(i).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(i).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(i).into(),
        DataType::Date32 => Date::from_epoch_days(array.as_primitive::<Date32Type>().value(i))
            .map_or(Value::Null, |d| d.to_string().into()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            jiff::Timestamp::from_microsecond(array.as_primitive::<TimestampMicrosecondType>().value(i))
                .map_or(Value::Null, |t| time(t).into())
        }
        DataType::Decimal128(_, 5) => {
            let text = i64::try_from(array.as_primitive::<Decimal128Type>().value(i))
                .map_or_else(|_| String::new(), |n| Decimal(n).to_string());
            text.parse::<serde_json::Number>().map_or(Value::String(text), Value::Number)
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(i);
            (0..items.len()).map(|j| cell(&items, j)).collect()
        }
        _ => ArrayFormatter::try_new(array, &FormatOptions::default())
            .map_or(Value::Null, |f| f.value(i).to_string().into()),
    }
}

impl List {
    pub fn new(columns: &[&str]) -> Self {
        Self { columns: columns.iter().map(|c| (*c).to_owned()).collect(), rows: Vec::new() }
    }

    pub fn from_batches(schema: &SchemaRef, batches: &[RecordBatch]) -> Self {
        let columns = schema.fields().iter().map(|f| f.name().clone()).collect();
        let rows = batches
            .iter()
            .flat_map(|b| (0..b.num_rows()).map(move |i| b.columns().iter().map(|c| cell(c, i)).collect()))
            .collect();
        Self { columns, rows }
    }

    /// One row as an object.
    pub fn object(&self, row: usize) -> Map<String, Value> {
        self.columns.iter().cloned().zip(self.rows[row].iter().cloned()).collect()
    }

    /// Distinct persons in the list, where every row names one in `person_id`.
    pub fn persons(&self) -> Option<usize> {
        if self.rows.is_empty() {
            return Some(0);
        }
        let column = self.columns.iter().position(|c| c == "person_id")?;
        let ids: Option<HashSet<&str>> = self.rows.iter().map(|r| r[column].as_str()).collect();
        ids.map(|ids| ids.len())
    }

    fn text(&self, column: usize, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(b) => u8::from(*b).to_string(),
            Value::String(s) => s.clone(),
            Value::Number(n) if MASKS.contains(&self.columns[column].as_str()) => {
                let mask = n.as_i64().unwrap_or(0);
                (1..=31).filter(|d| mask >> (d - 1) & 1 == 1).map(|d| d.to_string()).collect::<Vec<_>>().join(";")
            }
            Value::Number(n) => n.to_string(),
            Value::Array(items) => items.iter().map(|v| self.text(column, v)).collect::<Vec<_>>().join(";"),
            Value::Object(_) => value.to_string(),
        }
    }

    /// Writes the list.
    pub fn write(&self, out: &mut dyn Write, format: Format, encoding: CsvEncoding) -> Result<()> {
        match format {
            Format::Table => self.write_table(out)?,
            Format::Csv => self.write_csv(out, encoding)?,
            Format::Json => {
                let rows: Vec<Value> = (0..self.rows.len()).map(|i| Value::Object(self.object(i))).collect();
                serde_json::to_writer_pretty(&mut *out, &rows)?;
                writeln!(out)?;
            }
        }
        Ok(())
    }

    fn write_csv(&self, out: &mut dyn Write, encoding: CsvEncoding) -> Result<()> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().enumerate().map(|(i, v)| {
                let text = self.text(i, v);
                // a spreadsheet would run these as formulas; plain csv stays what it is
                if encoding != CsvEncoding::Utf8 && v.is_string() && text.starts_with(['=', '+', '-', '@']) {
                    return format!("'{text}");
                }
                text
            }))?;
        }
        let text = writer.into_inner().map_err(|e| io::Error::other(e.to_string()))?;
        Ok(out.write_all(&encoded(&String::from_utf8_lossy(&text), encoding))?)
    }

    fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        let cells: Vec<Vec<String>> =
            self.rows.iter().map(|r| r.iter().enumerate().map(|(i, v)| self.text(i, v)).collect()).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|i| cells.iter().map(|r| r[i].width()).chain([self.columns[i].width()]).max().unwrap_or(0))
            .collect();
        let numeric: Vec<bool> = (0..self.columns.len())
            .map(|i| {
                self.rows.iter().any(|r| r[i].is_number())
                    && self.rows.iter().all(|r| r[i].is_number() || r[i].is_null())
            })
            .collect();
        let mut line = |row: &[String]| {
            let parts: Vec<String> = row.iter().enumerate().map(|(i, c)| pad(c, widths[i], numeric[i])).collect();
            writeln!(out, "{}", parts.join("  ").trim_end())
        };
        line(&self.columns)?;
        line(&widths.iter().map(|w| "-".repeat(*w)).collect::<Vec<_>>())?;
        cells.iter().try_for_each(|r| line(r))
    }
}

/// The bytes of a csv.
pub fn encoded(text: &str, encoding: CsvEncoding) -> Cow<'_, [u8]> {
    match encoding {
        CsvEncoding::Utf8 => text.as_bytes().into(),
        CsvEncoding::Utf8Bom => [b"\xEF\xBB\xBF", text.as_bytes()].concat().into(),
        CsvEncoding::Cp932 => Encoding::Cp932.encode(text).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        let mut l = List::new(&["name", "n", "day_mask"]);
        l.rows.push(vec!["見本".into(), 5.into(), 5.into()]);
        l.rows.push(vec!["=1+1".into(), Value::Null, 0.into()]);
        l
    }

    fn csv(encoding: CsvEncoding) -> Vec<u8> {
        let mut out = Vec::new();
        list().write(&mut out, Format::Csv, encoding).unwrap();
        out
    }

    #[test]
    fn csv_is_plain_and_safe_for_spreadsheets() {
        assert_eq!(String::from_utf8(csv(CsvEncoding::Utf8)).unwrap(), "name,n,day_mask\n見本,5,1;3\n=1+1,,\n");
        assert!(String::from_utf8_lossy(&csv(CsvEncoding::Utf8Bom)).contains("\n'=1+1,"));
        assert!(csv(CsvEncoding::Cp932).windows(4).any(|w| w == b"\x8C\xA9\x96\x7B"));
    }

    #[test]
    fn tables_align_wide_characters() {
        let mut out = Vec::new();
        list().write(&mut out, Format::Table, CsvEncoding::Utf8).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("見本  5"), "{text}");
    }

    #[test]
    fn persons_are_counted_where_every_row_names_one() {
        let mut l = List::new(&["owner", "person_id"]);
        assert_eq!(l.persons(), Some(0));
        for id in ["1", "2", "1"] {
            l.rows.push(vec!["131001".into(), id.into()]);
        }
        assert_eq!(l.persons(), Some(2));
        l.rows.push(vec!["131001".into(), Value::Null]);
        assert_eq!(l.persons(), None);
        assert_eq!(list().persons(), None);
    }
}
