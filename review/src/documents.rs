//! The papers as which decisions leave: one list per kind, its columns as data (`data/documents.csv`), as csv, xlsx and a
//! page to be printed.

use std::sync::LazyLock;

use askama::Template;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{error::Result, text::thousands, words::read};

#[derive(Debug, Deserialize)]
pub struct Column {
    /// kinds that have it, `*` = all
    pub kind: String,
    pub column: String,
    pub title_ja: String,
    /// characters of a sheet
    pub width: f64,
    /// `sum`, or nothing
    pub total: String,
    pub basis: String,
}

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| read(include_str!("../data/documents.csv")));

/// The columns of a kind, in order.
pub fn columns(kind: &str) -> Vec<&'static Column> {
    COLUMNS.iter().filter(|c| c.kind == "*" || c.kind.split(' ').any(|k| k == kind)).collect()
}

/// What a list is made of. Each line: values by column; a line may have more than the list shows.
pub struct Document {
    pub kind: String,
    pub title: String,
    pub batch_no: String,
    pub insurer_no: String,
    pub cut_off: String,
    pub made_by: String,
    pub made_at: String,
    pub lines: Vec<Map<String, Value>>,
}

fn text(line: &Map<String, Value>, column: &str) -> String {
    match line.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(s)) => s.clone(),
        Some(other) => other.to_string(),
    }
}

/// A text that a spreadsheet would take for a formula is marked as text.
fn guarded(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

#[derive(Template)]
#[template(path = "document.html")]
struct Page<'d> {
    document: &'d Document,
    columns: Vec<&'static Column>,
    rows: Vec<Vec<(String, bool)>>,
    totals: Vec<String>,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Letters<'d> {
    document: &'d Document,
    letters: Vec<Letter>,
}

/// One letter: whom, about what.
pub struct Letter {
    pub name: String,
    pub postal_code: String,
    pub address: String,
    pub lines: Vec<[String; 4]>,
    pub sum: String,
}

impl Document {
    fn sum(&self, column: &str) -> i64 {
        self.lines.iter().filter_map(|l| l.get(column)?.as_i64()).sum()
    }

    /// UTF-8, RFC 4180.
    ///
    /// # Errors
    /// None in practice: written into memory.
    pub fn csv(&self) -> Result<String> {
        let columns = columns(&self.kind);
        let mut out = csv::WriterBuilder::new().from_writer(Vec::new());
        let failed = |e: csv::Error| crate::Error::Other(e.into());
        out.write_record(columns.iter().map(|c| c.column.as_str())).map_err(failed)?;
        for line in &self.lines {
            out.write_record(columns.iter().map(|c| text(line, &c.column))).map_err(failed)?;
        }
        let bytes = out.into_inner().map_err(|e| crate::Error::Other(anyhow::anyhow!("{e}")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// # Errors
    /// What writing a workbook can meet.
    pub fn xlsx(&self) -> Result<Vec<u8>> {
        let columns = columns(&self.kind);
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let head =
            Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center).set_text_wrap();
        let (cell, number) = (
            Format::new().set_border(FormatBorder::Thin).set_text_wrap(),
            Format::new().set_border(FormatBorder::Thin).set_num_format("#,##0;▲#,##0"),
        );
        sheet.write_with_format(0, 0, &self.title, &Format::new().set_bold().set_font_size(14))?;
        let about = format!(
            "保険者 {}　番号 {}　締切 {}　作成 {} {}",
            self.insurer_no, self.batch_no, self.cut_off, self.made_by, self.made_at
        );
        sheet.write(1, 0, about)?;
        for (at, column) in (0u16..).zip(&columns) {
            sheet.set_column_width(at, column.width)?;
            sheet.write_with_format(3, at, &column.title_ja, &head)?;
        }
        let mut row = 4u32;
        for line in &self.lines {
            for (at, column) in (0u16..).zip(&columns) {
                match line.get(&column.column) {
                    Some(Value::Number(n)) => {
                        sheet.write_with_format(row, at, n.as_f64().unwrap_or_default(), &number)?;
                    }
                    _ => {
                        sheet.write_with_format(row, at, guarded(text(line, &column.column)), &cell)?;
                    }
                }
            }
            row += 1;
        }
        for (at, column) in (0u16..).zip(&columns).filter(|(_, c)| c.total == "sum") {
            sheet.write_with_format(row, at, self.sum(&column.column) as f64, &number)?;
        }
        sheet.write_with_format(row, 0, "計", &head)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(3, 3)?;
        sheet.set_footer(format!("&L{} {}&C&P / &N", self.batch_no, self.made_by));
        sheet.set_freeze_panes(4, 2)?;
        Ok(book.save_to_buffer()?)
    }

    /// A page of its own, to be printed.
    ///
    /// # Errors
    /// None in practice: the template writes into memory.
    pub fn html(&self) -> Result<String> {
        let columns = columns(&self.kind);
        let cell = |line: &Map<String, Value>, column: &str| match line.get(column).and_then(Value::as_i64) {
            Some(n) => (thousands(n), true),
            None => (text(line, column), false),
        };
        let rows = self.lines.iter().map(|l| columns.iter().map(|c| cell(l, &c.column)).collect()).collect();
        let totals = columns
            .iter()
            .map(|c| if c.total == "sum" { thousands(self.sum(&c.column)) } else { String::new() })
            .collect();
        let page = Page { document: self, columns, rows, totals };
        page.render().map_err(|e| crate::Error::Other(e.into()))
    }

    /// A letter per addressee: of a 返納金 the notice, else the question how the injury came about. Nobody on hold gets one
    /// (`hold` of a line).
    ///
    /// # Errors
    /// None in practice: the template writes into memory.
    pub fn letters(&self) -> Result<String> {
        let mut letters: Vec<Letter> = Vec::new();
        for line in self.lines.iter().filter(|l| l.get("hold") != Some(&Value::Bool(true))) {
            let (name, address) = (text(line, "addressee_name"), text(line, "addressee_address"));
            let at = letters.iter().position(|l| l.name == name && l.address == address);
            let at = at.unwrap_or_else(|| {
                let postal_code = text(line, "addressee_postal_code");
                letters.push(Letter { name, postal_code, address, lines: Vec::new(), sum: String::new() });
                letters.len() - 1
            });
            let yen = line.get("benefit_yen").and_then(Value::as_i64).unwrap_or(0);
            let row = [text(line, "name"), text(line, "service_month"), text(line, "institution_name"), thousands(yen)];
            letters[at].lines.push(row);
            let sum = letters[at].sum.replace(',', "").parse::<i64>().unwrap_or(0) + yen;
            letters[at].sum = thousands(sum);
        }
        Letters { document: self, letters }.render().map_err(|e| crate::Error::Other(e.into()))
    }

    pub fn is_billing(&self) -> bool {
        self.kind == "HENNO"
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(kind: &str) -> Document {
        let line = |no: i64, name: &str| {
            json!({ "line_no": no, "case_no": no, "name": name, "points": 1_234, "cost_yen": 12_340, "benefit_yen": 8_638,
                "addressee_name": "見本 太郎", "addressee_address": "架空市1-1", "k_code": "K06", "k_text": "=cmd, \"x\"",
                "hold": no == 3 })
        };
        let lines = [line(1, "見本 一郎"), line(2, "見本 花子"), line(3, "配慮 さん")];
        Document {
            kind: kind.into(),
            title: "過誤調整依頼書".into(),
            batch_no: "20261127-001".into(),
            insurer_no: "138941".into(),
            cut_off: "2026-12-05".into(),
            made_by: "佐藤".into(),
            made_at: "2026-11-27 10:00".into(),
            lines: lines.into_iter().filter_map(|l| l.as_object().cloned()).collect(),
        }
    }

    #[test]
    fn every_kind_has_its_columns_and_lists_reconcile() {
        assert_eq!(COLUMNS.len(), include_str!("../data/documents.csv").lines().count() - 1);
        for d in crate::case_states::DECISIONS.iter() {
            assert!(columns(&d.decision).len() > 15, "{}", d.decision);
        }
        let d = document("KAGO");
        let csv = d.csv().unwrap();
        assert_eq!(csv.lines().count(), 4);
        assert!(csv.contains("\"=cmd, \"\"x\"\"\""), "{csv}");
        assert!(d.html().unwrap().contains("25,914"));
        assert!(d.xlsx().unwrap().starts_with(b"PK"));
    }

    #[test]
    fn nobody_on_hold_gets_a_letter() {
        let html = document("HENNO").letters().unwrap();
        assert!(html.contains("見本 花子") && html.contains("17,276") && !html.contains("配慮 さん"));
        assert_eq!(html.matches("class=\"letter\"").count(), 1);
    }
}
