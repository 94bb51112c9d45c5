//! `ledger` and `reports`: the signed lines of a month, and the cells that were made of them.

use crate::{
    columns::Columns,
    schema::{BY_OWNER, table},
};

/// Signed lines (reports.md 3).
pub mod ledger {
    use super::*;

    table! {
        TABLE "ledger" by BY_OWNER;
        line_id: Text, run_id: Text, owner: Code, event: Code, claim_id: Text "?", person_id: Text "?",
        household_id: Text "?", service_month: Month, exam_month: Month, pay_month: Month, category: Code "?",
        class: Code, row_code: Code, cnt: I64, days: I64, cost_yen: I64, ins_yen: I64, cop_yen: I64, oth_t_yen: I64,
        oth_k_yen: I64, hk_yen: I64, needs_decision: Bool, reverses: Text "?", note: Text "?",
    }
}

/// One row per cell.
pub mod reports {
    use super::*;

    table! {
        TABLE "reports" by BY_OWNER;
        run_id: Text, report_id: Text, owner: Code, form: Code, sheet: Code, row_code: Code, col_code: Code,
        label_month: Month, version: I32, value: I64, unverified: Bool, input_hash: Text,
    }
}

/// A line of the ledger. `Debug` is not derived: it names a person by number.
#[derive(Clone)]
pub struct LedgerRow<'r> {
    pub line_id: &'r str,
    pub event: &'r str,
    pub claim_id: Option<&'r str>,
    pub person_id: Option<&'r str>,
    pub household_id: Option<&'r str>,
    pub service_month: &'r str,
    pub exam_month: &'r str,
    pub pay_month: &'r str,
    pub category: Option<&'r str>,
    pub class: &'r str,
    pub row_code: &'r str,
    /// 件, 日, 円 in the order of the table: cnt, days, cost, ins, cop, oth_t, oth_k, hk
    pub measures: [i64; 8],
    pub needs_decision: bool,
    pub reverses: Option<&'r str>,
    pub note: Option<&'r str>,
}

pub fn push_line(columns: &mut Columns, l: &LedgerRow<'_>) {
    let mut row = columns.row();
    row.text(l.line_id)
        .text(l.event)
        .opt_text(l.claim_id)
        .opt_text(l.person_id)
        .opt_text(l.household_id)
        .text(l.service_month)
        .text(l.exam_month)
        .text(l.pay_month)
        .opt_text(l.category)
        .text(l.class)
        .text(l.row_code);
    for n in l.measures {
        row.i64(n);
    }
    row.bool(l.needs_decision).opt_text(l.reverses).opt_text(l.note).end();
}

/// A cell of a report that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportCell {
    pub report_id: String,
    pub form: String,
    pub sheet: String,
    pub row_code: String,
    pub col_code: String,
    pub label_month: String,
    /// from 1
    pub version: i32,
    pub value: i64,
    pub unverified: bool,
    pub input_hash: String,
}

pub fn push_cell(columns: &mut Columns, c: &ReportCell) {
    columns
        .row()
        .text(&c.report_id)
        .text(&c.form)
        .text(&c.sheet)
        .text(&c.row_code)
        .text(&c.col_code)
        .text(&c.label_month)
        .i32(c.version)
        .i64(c.value)
        .bool(c.unverified)
        .text(&c.input_hash)
        .end();
}
