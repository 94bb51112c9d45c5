//! `registry_rejects`: rows of registry and ledger files that were not taken.

use tenken_matcher::registry::rows::RegistryReject;

use crate::{
    columns::Columns,
    schema::{BY_OWNER, table},
};

table! {
    TABLE "registry_rejects" by BY_OWNER;
    run_id: Text, owner: Code, file: Text, line: I64, column: Text "?", value: Text "?", reason: Text,
}

pub fn push(columns: &mut Columns, r: &RegistryReject) {
    columns
        .row()
        .text(&r.file)
        .i64(r.line)
        .opt_text(r.column.as_deref())
        .opt_text(r.value.as_deref())
        .text(&r.reason)
        .end();
}
