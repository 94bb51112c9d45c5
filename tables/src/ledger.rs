//! Rows of ledger files as they came (registry-files.md 6): `events`, `cash`, `billed`, `counts`. A later load of the same
//! key replaces the earlier one for whoever reads; both stay.

use tenken_matcher::files::ledger::{Billed, Cash, Count, Event};

use crate::{
    columns::Columns,
    schema::{BY_OWNER, BY_RUN, table},
};

/// Changes to claims.
pub mod events {
    use super::*;

    table! {
        TABLE "events" by BY_OWNER;
        run_id: Text, owner: Code, event_id: Text, claim_id: Text "?", search_no: Text "?", kind: Code,
        exam_month: Month, pay_month: Month, delta_points: I64 "?", delta_days: I64 "?", old_rate: I32 "?",
        new_rate: I32 "?", reverses: Text "?", note: Text "?",
    }
}

/// Decisions paid in cash.
pub mod cash {
    use super::*;

    table! {
        TABLE "cash" by BY_OWNER;
        run_id: Text, owner: Code, decision_id: Text, row_code: Code, person_id: Text "?", household_id: Text "?",
        service_month: Month, decision_date: Date, cnt: I64, cost_yen: I64, ins_yen: I64, cop_yen: I64, oth_yen: I64,
        class: Code "?",
    }
}

/// 請求内訳 of the body that bills.
pub mod billed {
    use super::*;

    table! {
        TABLE "billed" by BY_RUN;
        run_id: Text, exam_month: Month, insurer_no: Code, kind: Code, cnt: I64, days: I64, points: I64, amount_yen: I64,
        high_cost_yen: I64,
    }
}

/// Overrides of insured counts.
pub mod counts {
    use super::*;

    table! {
        TABLE "counts" by BY_RUN;
        run_id: Text, label_month: Month, insurer_no: Code, row_code: Code, col_code: Code, value: I64,
    }
}

pub fn push_event(columns: &mut Columns, e: &Event) {
    columns
        .row()
        .text(&e.event_id)
        .opt_text(e.claim_id.as_deref())
        .opt_text(e.search_no.as_deref())
        .text(&e.kind)
        .text(&e.exam_month.to_string())
        .text(&e.pay_month.to_string())
        .opt_i64(e.delta_points)
        .opt_i64(e.delta_days)
        .opt_i32(e.old_rate)
        .opt_i32(e.new_rate)
        .opt_text(e.reverses.as_deref())
        .opt_text(e.note.as_deref())
        .end();
}

pub fn push_cash(columns: &mut Columns, c: &Cash) {
    columns
        .row()
        .text(&c.decision_id)
        .text(&c.row_code)
        .opt_text(c.person_id.as_deref())
        .opt_text(c.household_id.as_deref())
        .text(&c.service_month.to_string())
        .date(c.decision_date)
        .i64(c.cnt)
        .i64(c.cost_yen)
        .i64(c.ins_yen)
        .i64(c.cop_yen)
        .i64(c.oth_yen)
        .opt_text(c.class.as_deref())
        .end();
}

pub fn push_billed(columns: &mut Columns, b: &Billed) {
    columns
        .row()
        .text(&b.exam_month.to_string())
        .text(&b.insurer_no)
        .text(&b.kind)
        .i64(b.cnt)
        .i64(b.days)
        .i64(b.points)
        .i64(b.amount_yen)
        .i64(b.high_cost_yen)
        .end();
}

pub fn push_count(columns: &mut Columns, c: &Count) {
    columns
        .row()
        .text(&c.label_month.to_string())
        .text(&c.insurer_no)
        .text(&c.row_code)
        .text(&c.col_code)
        .i64(c.value)
        .end();
}
