//! `diagnoses`: SY, SB, HS; one row each.

use tenken_parser::{Encoding, view::diagnosis::Diagnosis};

use super::{opt, text_of};
use crate::{
    columns::Columns,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "diagnoses" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code,
    disease_code: Code, modifiers: List, name: Text "?", start_date: Date "?", outcome: Code "?", main: Bool,
    teeth: List, note: Text "?",
}

pub fn push(columns: &mut Columns, claim_id: &str, seq: i32, d: &Diagnosis<'_>, encoding: Encoding) {
    let mut row = columns.row();
    row.text(claim_id)
        .i32(seq)
        .i32(d.record_no as i32)
        .text(d.record_id.as_str())
        .text(d.disease_code.unwrap_or_default())
        .list(d.modifiers());
    opt(&mut row, &text_of(d.disease_name, encoding));
    row.opt_date(d.start_date).opt_text(d.outcome).bool(d.main).list(d.teeth());
    opt(&mut row, &text_of(d.comment_text, encoding));
    row.end();
}
