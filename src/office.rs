//! What the reviewers' application asks of the command: reports, the batch of 高額療養費, names of rules.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tenken_matcher::catalogue;
use tenken_parser::Month;
use tenken_report::{Made, output::html};
use tenken_review::web::{CellLines, Office};
use tenken_store::{Store, query::literal};

use crate::{
    commands::cell_lines,
    lang::say,
    output::List,
    report::{Session, charts},
};

/// Pages of months that are kept in memory.
const PAGES_MOST: usize = 24;

/// The command's side of the application. Pages of reports are kept until the store moves on.
pub struct Desk {
    store: Store,
    pages: Mutex<HashMap<(String, String), (String, Arc<String>)>>,
}

impl Desk {
    pub fn new(store: Store) -> Self {
        Self { store, pages: Mutex::default() }
    }

    /// Changes whenever imports or runs do.
    fn state(&self) -> Result<String> {
        let imports: Vec<String> = self
            .store
            .imports()?
            .iter()
            .filter(|i| i.is_visible())
            .map(|i| format!("{}:{}", i.import_id, i.generation))
            .collect();
        let runs: Vec<String> = self.store.runs()?.into_iter().map(|r| r.run_id).collect();
        Ok(format!("{imports:?}{runs:?}"))
    }
}

fn month_of(month: &str) -> Result<Month> {
    Month::parse_iso(month).with_context(|| month.to_owned())
}

impl Office for Desk {
    fn report_months(&self) -> Result<Vec<String>> {
        let mut months: Vec<String> = self
            .store
            .imports()?
            .iter()
            .filter(|i| i.is_visible())
            .filter_map(|i| Month::parse_iso(&i.exam_month))
            .map(|m| m.plus(-1).to_string())
            .collect();
        months.sort();
        months.dedup();
        months.reverse();
        Ok(months)
    }

    fn report_page(&self, owner: &str, month: &str) -> Result<String> {
        let state = self.state()?;
        let key = (owner.to_owned(), month.to_owned());
        let lock = || self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, page)) = lock().get(&key).filter(|p| p.0 == state) {
            return Ok(page.as_ref().clone());
        }
        let session = Session::open(&self.store, month_of(month)?, Some(owner))?;
        // looked at, not released: nothing is kept in the store
        let reports = session.make(&self.store, None, None)?;
        let Some(one) = reports.first() else {
            bail!(say!("診療月 {month} の報告にするものがありません", "there is nothing to report for {month}"));
        };
        // letters and lists by name have no place on a page for everybody
        let made: Vec<&Made<'_>> = one.report.forms.iter().filter(|f| f.list.is_none()).collect();
        let page = html::page(&one.report, &made, &charts::of(one));
        let mut pages = lock();
        if pages.len() >= PAGES_MOST {
            pages.clear();
        }
        pages.insert(key, (state, Arc::new(page.clone())));
        Ok(page)
    }

    fn report_cell(
        &self,
        owner: &str,
        month: &str,
        form: &str,
        sheet: &str,
        row: &str,
        col: &str,
    ) -> Result<CellLines> {
        let session = Session::open(&self.store, month_of(month)?, Some(owner))?;
        let sheet = (!sheet.is_empty()).then_some(sheet);
        let (list, sum, title) = cell_lines(&self.store, &session, form, sheet, row, col)?;
        Ok(CellLines { columns: list.columns, rows: list.rows, sum, title })
    }

    fn high_cost(&self, owner: &str, household_id: &str, service_month: &str) -> Result<Option<Value>> {
        let sql = format!(
            "SELECT * FROM benefit_households WHERE owner = {} AND household_id = {} AND service_month = {}",
            literal(owner),
            literal(household_id),
            literal(service_month)
        );
        let (schema, batches) = self.store.query()?.sql(&sql)?;
        let list = List::from_batches(&schema, &batches);
        // the newest version stands last
        Ok(list.rows.len().checked_sub(1).map(|last| Value::Object(list.object(last))))
    }

    fn rule(&self, rule: &str) -> Option<(String, String)> {
        catalogue::rule(rule).map(|r| (r.name_ja.clone(), r.basis.clone()))
    }
}
