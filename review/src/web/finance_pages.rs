//! The month's reports, and the claims under a cell of them.

use askama::Template;
use serde_json::Value;
use tenken_store::audit::Look;

use super::{
    app::App,
    http::{Request, Response},
    shell::{self, Shell},
};
use crate::error::{Error, Result};

#[derive(Template)]
#[template(path = "finance.html")]
struct FinanceHtml {
    shell: Shell,
    months: Vec<String>,
}

pub fn months(app: &App, r: &Request) -> Result<Response> {
    let months = app.office.report_months()?;
    shell::page(&FinanceHtml { shell: Shell::of(r, "月報")?, months })
}

fn month_of(r: &Request) -> Result<&str> {
    let month = r.param("month");
    let known = tenken_parser::Month::parse_iso(month).is_some();
    if known { Ok(month) } else { Err(Error::NotFound { what: month.to_owned() }) }
}

pub fn month(app: &App, r: &Request) -> Result<Response> {
    let (owner, month) = (&r.caller()?.owner, month_of(r)?);
    app.log(r, Look::new("report").target(&format!("{owner} month={month}")))?;
    let html = app.office.report_page(owner, month)?;
    Ok(Response::own_style(html))
}

#[derive(Template)]
#[template(path = "cell.html")]
struct CellHtml {
    shell: Shell,
    month: String,
    form: String,
    sheet: String,
    row: String,
    col: String,
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<(String, bool)>>,
    sum: String,
    wrong: String,
}

/// The claims under a cell.
pub fn cell(app: &App, r: &Request) -> Result<Response> {
    let (owner, month) = (&r.caller()?.owner, month_of(r)?);
    let [form, sheet, row, col] = ["form", "sheet", "row", "col"].map(|name| r.asked(name));
    let mut html = CellHtml {
        shell: Shell::of(r, "欄の内訳")?,
        month: month.to_owned(),
        form,
        sheet,
        row,
        col,
        title: String::new(),
        columns: Vec::new(),
        rows: Vec::new(),
        sum: String::new(),
        wrong: String::new(),
    };
    if !html.form.is_empty() {
        let target = format!("{owner} month={month} {} {}:{}.{}", html.form, html.sheet, html.row, html.col);
        match app.office.report_cell(owner, month, &html.form, &html.sheet, &html.row, &html.col) {
            Ok(lines) => {
                app.log(r, Look::new("report explain").target(&target).rows(lines.rows.len()))?;
                let text = |v: &Value| match v {
                    Value::Null => String::new(),
                    Value::String(s) => s.clone(),
                    other => other.to_string(),
                };
                let claim = lines.columns.iter().position(|c| c == "claim_id");
                html.rows = lines
                    .rows
                    .iter()
                    .map(|row| {
                        row.iter().enumerate().map(|(i, v)| (text(v), Some(i) == claim && !v.is_null())).collect()
                    })
                    .collect();
                html.columns = lines.columns;
                html.sum = crate::text::thousands(lines.sum);
                html.title = lines.title;
            }
            Err(e) => html.wrong = format!("{e:#}"),
        }
    }
    shell::page(&html)
}
