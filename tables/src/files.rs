//! `files`: one row per file of an import; the four byte sums add up to `bytes`.

use crate::{
    columns::Columns,
    schema::{BY_IMPORT, table},
};
use tenken_parser::{Encoding, Form, Month};

table! {
    TABLE "files" by BY_IMPORT;
    import_id: Text, exam_month: Month, file_no: I32, source_file: Text, file_hash: Text, bytes: I64,
    bytes_claims: I64, bytes_rejected: I64, bytes_file_level: I64, bytes_trailing: I64, form: Code,
    encoding: Code, line_end: Code, billing_month: Month "?", claims: I64, rejected: I64, go_count: I64 "?",
    go_points: I64 "?", warnings: Json,
}

/// One file as it was met.
#[derive(Clone, Debug)]
pub struct FileRow {
    pub file_no: i32,
    pub source_file: String,
    pub file_hash: String,
    pub bytes: i64,
    pub bytes_claims: i64,
    pub bytes_rejected: i64,
    pub bytes_file_level: i64,
    pub bytes_trailing: i64,
    pub form: Form,
    pub encoding: Encoding,
    pub line_end: &'static str,
    pub billing_month: Option<Month>,
    pub claims: i64,
    pub rejected: i64,
    pub go_count: Option<i64>,
    pub go_points: Option<i64>,
    /// array of `{code, line, text}`
    pub warnings: serde_json::Value,
}

impl FileRow {
    /// Bytes that belong to no claim, record or mark. Always 0 in a sound store.
    pub fn bytes_lost(&self) -> i64 {
        self.bytes - self.bytes_claims - self.bytes_rejected - self.bytes_file_level - self.bytes_trailing
    }
}

pub fn push(columns: &mut Columns, f: &FileRow) {
    columns
        .row()
        .i32(f.file_no)
        .text(&f.source_file)
        .text(&f.file_hash)
        .i64(f.bytes)
        .i64(f.bytes_claims)
        .i64(f.bytes_rejected)
        .i64(f.bytes_file_level)
        .i64(f.bytes_trailing)
        .text(f.form.name())
        .text(f.encoding.name())
        .text(f.line_end)
        .opt_month(f.billing_month)
        .i64(f.claims)
        .i64(f.rejected)
        .opt_i64(f.go_count)
        .opt_i64(f.go_points)
        .text(&f.warnings.to_string())
        .end();
}
