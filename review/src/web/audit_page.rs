//! The access log on a page: whether it is whole, its last rows, failed sign-ins.

use askama::Template;
use tenken_store::audit::{Look, Row};

use super::{
    app::App,
    http::{Request, Response},
    shell::{self, Shell},
};
use crate::{error::Result, text::japan};

/// Rows that are shown.
const SHOWN: usize = 200;

pub struct LogRow {
    pub at: String,
    pub user: String,
    pub source: String,
    pub action: String,
    pub target: String,
    pub rows: u64,
    pub persons: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditHtml {
    shell: Shell,
    rows: Vec<LogRow>,
    total: u64,
    trouble: Vec<String>,
    anchor: String,
    failed: usize,
    refused: usize,
}

fn row_of(r: &Row) -> LogRow {
    LogRow {
        at: japan(r.at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        user: r.user.clone().unwrap_or_default(),
        source: r.source.clone(),
        action: r.action.clone(),
        target: r.target.clone(),
        rows: r.rows,
        persons: r.persons.map_or(String::new(), |n| n.to_string()),
    }
}

pub fn page(app: &App, r: &Request) -> Result<Response> {
    app.log(r, Look::new("audit"))?;
    let mut last: std::collections::VecDeque<Row> = std::collections::VecDeque::new();
    let (mut failed, mut refused) = (0, 0);
    let user = r.asked("user");
    let verified = app.store.access_log().read(None, &mut |row| {
        failed += usize::from(row.action == "sign-in failed");
        refused += usize::from(row.action == "refused");
        if user.is_empty() || row.user.as_deref() == Some(&user) {
            last.push_back(row.clone());
            if last.len() > SHOWN {
                last.pop_front();
            }
        }
    })?;
    shell::page(&AuditHtml {
        shell: Shell::of(r, "閲覧記録")?,
        rows: last.iter().rev().map(row_of).collect(),
        total: verified.rows,
        trouble: verified.trouble.iter().map(|t| format!("{}: {}", t.file, t.what.japanese())).collect(),
        anchor: verified.anchor.map_or(String::new(), |a| a.to_string()),
        failed,
        refused,
    })
}
