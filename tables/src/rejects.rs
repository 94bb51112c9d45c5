//! `rejects`: everything that was not as it should be.

use tenken_parser::Problem;

use crate::{
    Origin,
    columns::Columns,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "rejects" by BY_IMPORT;
    import_id: Text, exam_month: Month, source_file: Code, file_no: I32, level: Code, claim_id: Text "?",
    ordinal: I64 "?", byte_start: I64, byte_len: I64, line: I64, record_id: Code "?", field: Code "?", code: Code,
    severity: Code, reason: Text, citation: Code,
}

pub fn push(columns: &mut Columns, origin: Origin<'_>, claim: Option<(&str, i64)>, p: &Problem) {
    columns
        .row()
        .text(origin.source_file)
        .i32(origin.file_no)
        .text(p.code.level().name())
        .opt_text(claim.map(|c| c.0))
        .opt_i64(claim.map(|c| c.1))
        .i64(p.byte_start as i64)
        .i64(p.byte_len as i64)
        .i64(p.line as i64)
        .opt_text(p.record.as_ref().map(|r| r.as_str()))
        .opt_text(p.field)
        .text(p.code.code())
        .text(p.code.severity().name())
        .text(&p.reason(true))
        .text(p.code.citation())
        .end();
}
