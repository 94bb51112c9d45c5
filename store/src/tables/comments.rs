//! `comments`: CO, TK, SJ, TZ, and texts carried by lines and diagnoses.

use tenken_parser::{Encoding, view::comment::Comment};

use super::{opt, text_of};
use crate::{
    columns::Columns,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "comments" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code,
    category: Code "?", code: Code "?", text: Text "?",
}

pub fn push(columns: &mut Columns, claim_id: &str, seq: i32, c: &Comment<'_>, encoding: Encoding) {
    let mut row = columns.row();
    row.text(claim_id)
        .i32(seq)
        .i32(c.record_no as i32)
        .text(c.record_id.as_str())
        .opt_text(c.category)
        .opt_text(c.code);
    opt(&mut row, &text_of(c.text, encoding));
    row.end();
}
