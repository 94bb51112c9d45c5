//! `persons`: one row per person of a register.

use tenken_matcher::registry::rows::Person;

use crate::{
    columns::Columns,
    schema::{BY_OWNER, table},
};

table! {
    TABLE "persons" by BY_OWNER;
    run_id: Text, owner: Code, person_id: Text, name: Text "?", kana: Text "?", other_names: List,
    birth_date: Date "?", sex: Code "?", death_date: Date "?", postal_code: Text "?", address: Text "?",
    district: Code "?", mail_name: Text "?", mail_address: Text "?", no_notice: Bool,
}

pub fn push(columns: &mut Columns, p: &Person) {
    let sex = p.sex.map(|s| s.to_string());
    columns
        .row()
        .text(&p.person_id)
        .opt_text(p.name.as_deref())
        .opt_text(p.kana.as_deref())
        .list(p.other_names.iter().map(String::as_str))
        .opt_date(p.birth_date)
        .opt_text(sex.as_deref())
        .opt_date(p.death_date)
        .opt_text(p.postal_code.as_deref())
        .opt_text(p.address.as_deref())
        .opt_text(p.district.as_deref())
        .opt_text(p.mail_name.as_deref())
        .opt_text(p.mail_address.as_deref())
        .bool(p.no_notice)
        .end();
}
