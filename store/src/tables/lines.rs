//! `lines`: one row per charged code.

use tenken_parser::{Encoding, view::line::Line};

use super::{opt, text_of};
use crate::{
    columns::Columns,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "lines" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code, unit_no: I32,
    category: Code "?", burden_class: Code "?", code: Code "?", name: Text "?", quantity: Dec "?",
    unit_price_yen: Dec "?", points: I64 "?", times: I32 "?", day_mask: Mask "?", service_date: Date "?",
    prescribed_date: Date "?",
}

pub fn push(columns: &mut Columns, claim_id: &str, seq: i32, l: &Line<'_>, encoding: Encoding) {
    let mut row = columns.row();
    row.text(claim_id)
        .i32(seq)
        .i32(l.record_no as i32)
        .text(l.record_id.as_str())
        .i32(l.unit_no as i32)
        .opt_text(l.category)
        .opt_text(l.burden_class)
        .opt_text(l.code);
    opt(&mut row, &text_of(l.name, encoding));
    row.opt_dec(l.quantity)
        .opt_dec(l.unit_price)
        .opt_i64(l.points)
        .opt_i32_from(l.times)
        .opt_i32(l.day_mask.map(|m| m as i32))
        .opt_date(l.service_date)
        .opt_date(l.prescribed_date)
        .end();
}
