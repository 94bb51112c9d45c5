//! csv (contract), neutral and json.

use std::{borrow::Cow, io::Write};

use serde_json::{Value, json};

use crate::made::{Made, Report};

pub const CSV_HEADER: &str = "form,sheet,row_code,col_code,value";
pub const NEUTRAL_HEADER: &str =
    "pref_code,insurer_no,fiscal_year,label_ym,form_id,sheet_id,row_code,col_code,value,unit,version,input_hash";

/// RFC 4180, only where needed.
pub fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

/// Hands over sheet, row, column and value of every cell, in the order of the files: cells, list, checks.
fn each_value(report: &Report<'_>, made: &Made<'_>, mut each: impl FnMut(&str, &str, &str, &str, &str)) {
    for (cell, value) in made.form.cells.iter().zip(&made.values).filter(|(c, _)| c.sheet != "LIST") {
        each(&cell.sheet, &cell.row, &cell.col, &value.to_string(), unit(&cell.col, cell.decimals));
    }
    if let Some(list) = &made.list {
        let width = list.rows.len().to_string().len().max(4);
        let columns: Vec<&str> = made.form.list_columns().map(|c| c.col.as_str()).collect();
        for (no, row) in list.rows.iter().enumerate() {
            let no = format!("{:0width$}", no + 1);
            for (column, item) in columns.iter().zip(row) {
                each("LIST", &no, column, &item.as_text(), "");
            }
        }
    }
    for (no, check) in report.checks_of(&made.form.id).enumerate() {
        // several identities of one number: 1, 1.2, 1.3
        let same = report.checks_of(&made.form.id).take(no).filter(|c| c.number == check.number).count();
        let row = if same == 0 { check.number.to_string() } else { format!("{}.{}", check.number, same + 1) };
        let left = check.left.to_string();
        each("CHECK", &row, "left", &left, "");
        each("CHECK", &row, "right", &check.right.to_string(), "");
        each("CHECK", &row, "diff", &check.diff().to_string(), "");
    }
}

fn unit(col: &str, decimals: u32) -> &'static str {
    if decimals > 0 {
        return "×100";
    }
    match col {
        "cnt" | "drugs" => "件",
        "days" => "日",
        "prev" | "inc" | "dec" | "end" | "insured" | "persons" => "人",
        "households" => "世帯",
        _ => "円",
    }
}

/// `form,sheet,row_code,col_code,value`.
pub fn csv(report: &Report<'_>, made: &Made<'_>, guard: fn(&str) -> Cow<'_, str>) -> String {
    let mut out = String::with_capacity(64 * made.form.cells.len());
    out.push_str(CSV_HEADER);
    out.push('\n');
    each_value(report, made, |sheet, row, col, value, _| {
        for part in [&made.form.id, sheet, row, col] {
            out.push_str(&quoted(part));
            out.push(',');
        }
        out.push_str(&quoted(&guard(value)));
        out.push('\n');
    });
    out
}

/// For mappers onto other systems.
pub fn neutral(report: &Report<'_>, made: &Made<'_>) -> String {
    let mut out = format!("{NEUTRAL_HEADER}\n");
    let year = crate::cube::Label::of(report.label_month).fiscal_year();
    let head = format!("{},{},{year},{},{}", report.prefecture(), report.owner, report.label_month, made.form.id);
    each_value(report, made, |sheet, row, col, value, unit| {
        let tail = format!("{unit},{},{}", report.version, report.input_hash);
        out.push_str(&format!("{head},{},{},{},{},{tail}\n", quoted(sheet), quoted(row), quoted(col), quoted(value)));
    });
    out
}

/// One object: header, cells, list, checks, notes.
pub fn json(report: &Report<'_>, made: &Made<'_>, out: &mut impl Write) -> std::io::Result<()> {
    let cells: Vec<Value> = (made.form.cells.iter().zip(&made.values))
        .filter(|(c, _)| c.sheet != "LIST")
        .map(|(c, v)| {
            json!({
                "sheet": c.sheet, "row_code": c.row, "col_code": c.col, "value": v, "decimals": c.decimals,
                "label_ja": format!("{} {}", c.row_ja, c.col_ja).trim(),
            })
        })
        .collect();
    let columns: Vec<&str> = made.form.list_columns().map(|c| c.col.as_str()).collect();
    let list = made.list.as_ref().map(|list| {
        let row = |row: &Vec<crate::made::Item>| -> Value {
            let value = |i: &crate::made::Item| match i {
                crate::made::Item::Text(t) => json!(t),
                crate::made::Item::Number(n) => json!(n),
            };
            columns.iter().zip(row).map(|(c, i)| ((*c).to_owned(), value(i))).collect::<serde_json::Map<_, _>>().into()
        };
        list.rows.iter().map(row).collect::<Vec<Value>>()
    });
    let checks: Vec<Value> = report
        .checks_of(&made.form.id)
        .map(|c| {
            json!({
                "check": c.number, "text": c.text, "left": c.left, "right": c.right, "diff": c.diff(),
                "outcome": c.outcome_ja(), "ok": !c.is_wrong(),
            })
        })
        .collect();
    let all = json!({
        "form": made.form.id,
        "name_ja": made.form.name_ja,
        "form_version": made.form.version,
        "insurer_no": report.owner,
        "label_month": report.label_month.to_string(),
        "version": report.version,
        "input_hash": report.input_hash,
        "unverified": report.is_unverified(),
        "cells": cells,
        "list": list,
        "checks": checks,
        "notes": made.notes,
    });
    serde_json::to_writer_pretty(&mut *out, &all)?;
    out.write_all(b"\n")
}
