//! `periods`: one row per unbroken period under one household and one set of identifiers.

use tenken_matcher::registry::rows::Period;

use crate::{
    columns::Columns,
    schema::{BY_OWNER, table},
};

table! {
    TABLE "periods" by BY_OWNER;
    run_id: Text, owner: Code, person_id: Text, household_id: Text, scheme: Code, insurer_no: Code, kigo: Text "?",
    bango: Text "?", edaban: Text "?", is_head: Bool, acquired_on: Date, acquired_reason: Text "?",
    lost_on: Date "?", lost_reason: Text "?", applied_from: Date "?", applied_from_reason: Text "?",
    applied_to: Date "?", applied_to_reason: Text "?", registered_at: Time "?", registered_at_start: Time "?",
    span_no: I32,
}

pub fn push(columns: &mut Columns, p: &Period) {
    columns
        .row()
        .text(&p.person_id)
        .text(&p.household_id)
        .text(p.scheme.code())
        .text(&p.insurer_no)
        .opt_text(p.kigo.as_deref())
        .opt_text(p.bango.as_deref())
        .opt_text(p.edaban.as_deref())
        .bool(p.is_head)
        .date(p.acquired_on)
        .opt_text(p.acquired_reason.as_deref())
        .opt_date(p.lost_on)
        .opt_text(p.lost_reason.as_deref())
        .opt_date(p.applied_from)
        .opt_text(p.applied_from_reason.as_deref())
        .opt_date(p.applied_to)
        .opt_text(p.applied_to_reason.as_deref())
        .opt_micros(p.registered_at.map(|m| m.0))
        .opt_micros(p.registered_at_start.map(|m| m.0))
        .i32(p.span_no)
        .end();
}
