//! `attributes`: dated attributes of a person or a household.

use tenken_matcher::registry::rows::Attribute;

use crate::{
    columns::Columns,
    schema::{BY_OWNER, table},
};

table! {
    TABLE "attributes" by BY_OWNER;
    run_id: Text, owner: Code, target: Code, id: Text, kind: Text, value: Text, valid_from: Date "?",
    valid_to: Date "?", registered_at: Time "?",
}

pub fn push(columns: &mut Columns, a: &Attribute) {
    columns
        .row()
        .text(a.target.code())
        .text(&a.id)
        .text(&a.kind)
        .text(&a.value)
        .opt_date(a.valid_from)
        .opt_date(a.valid_to)
        .opt_micros(a.registered_at.map(|m| m.0))
        .end();
}
