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
    let months = app.office.report_months(&r.caller()?.owner)?;
    shell::page(&FinanceHtml { shell: Shell::of(r, "月報")?, months })
}

fn month_of(r: &Request) -> Result<&str> {
    let month = r.param("month");
    let known = tenken_parser::Month::parse_iso(month).is_some();
    if known { Ok(month) } else { Err(Error::NotFound { what: month.to_owned() }) }
}

/// The policy of a page that brings its own style with it, named by the hash of that style.
pub fn policy_of(html: &str) -> String {
    use std::fmt::Write as _;
    let mut hashes = String::new();
    let mut rest = html;
    while let Some((_, from)) = rest.split_once("<style>") {
        let Some((style, after)) = from.split_once("</style>") else { break };
        let _ = write!(hashes, " 'sha256-{}'", sha256_base64(style.as_bytes()));
        rest = after;
    }
    format!("default-src 'none'; style-src{hashes}; img-src data:; frame-ancestors 'none'; base-uri 'none'")
}

fn sha256_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    use tokio_rustls::rustls::crypto::{hash::HashAlgorithm, ring};
    let suites = ring::default_provider().cipher_suites;
    let mut providers = suites.iter().filter_map(|s| Some(s.tls13()?.common.hash_provider));
    let sha256 = providers.find(|h| h.algorithm() == HashAlgorithm::SHA256);
    let hash = sha256.map(|h| h.hash(bytes).as_ref().to_vec()).unwrap_or_default();
    let mut out = String::new();
    for chunk in hash.chunks(3) {
        let n = chunk.iter().enumerate().fold(0u32, |n, (i, b)| n | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let letter = LETTERS[(n >> (18 - 6 * i)) as usize & 63] as char;
            out.push(if i <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

pub fn month(app: &App, r: &Request) -> Result<Response> {
    let (owner, month) = (&r.caller()?.owner, month_of(r)?);
    app.log(r, Look::new("report").target(&format!("{owner} month={month}")))?;
    let html = app.office.report_page(owner, month)?;
    let policy = policy_of(&html);
    Ok(Response::html(html).with("content-security-policy", &policy))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_named_by_its_hash() {
        // the hash of no bytes, as everybody knows it
        assert_eq!(sha256_base64(b""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert!(policy_of("<style></style>").contains("'sha256-47DEQ"));
    }
}
