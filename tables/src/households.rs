//! `households`: one row per household of a register.

use tenken_matcher::registry::rows::Household;

use crate::{
    columns::Columns,
    schema::{BY_OWNER, table},
};

table! {
    TABLE "households" by BY_OWNER;
    run_id: Text, owner: Code, household_id: Text, head_person_id: Text "?", head_name: Text "?",
    postal_code: Text "?", address: Text "?",
}

pub fn push(columns: &mut Columns, h: &Household) {
    columns
        .row()
        .text(&h.household_id)
        .opt_text(h.head_person_id.as_deref())
        .opt_text(h.head_name.as_deref())
        .opt_text(h.postal_code.as_deref())
        .opt_text(h.address.as_deref())
        .end();
}
