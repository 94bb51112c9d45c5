//! `kojin.csv`

use super::{
    layout::kojin::*,
    reader::{Bad, Row},
};
use crate::registry::rows::Person;

pub(crate) fn read(row: &Row<'_>) -> Result<Person, Bad> {
    let person = Person {
        person_id: row.key(PERSON_ID)?,
        name: row.owned(NAME),
        kana: row.owned(KANA),
        other_names: row.get(OTHER_NAMES).map(names).unwrap_or_default(),
        birth_date: row.date(BIRTH_DATE)?,
        sex: row.word(SEX)?.and_then(|s| s.parse().ok()),
        death_date: row.date(DEATH_DATE)?,
        postal_code: row.owned(POSTAL_CODE),
        address: row.owned(ADDRESS),
        district: row.owned(DISTRICT),
        mail_name: row.owned(MAIL_NAME),
        mail_address: row.owned(MAIL_ADDRESS),
        no_notice: row.word(NO_NOTICE)? == Some("1"),
    };
    match (person.birth_date, person.death_date) {
        (Some(birth), Some(death)) if death < birth => Err(Bad::new(DEATH_DATE, "死亡年月日が生年月日より前です")),
        _ => Ok(person),
    }
}

fn names(text: &str) -> Vec<String> {
    text.split([';', '；']).map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect()
}

/// Cells in the order of the layout.
pub(crate) fn cells(p: &Person) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let date = |d: &Option<tenken_parser::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    vec![
        p.person_id.clone(),
        text(&p.name),
        text(&p.kana),
        p.other_names.join(";"),
        date(&p.birth_date),
        p.sex.map(|s| s.to_string()).unwrap_or_default(),
        date(&p.death_date),
        text(&p.postal_code),
        text(&p.address),
        text(&p.district),
        text(&p.mail_name),
        text(&p.mail_address),
        if p.no_notice { "1".to_owned() } else { String::new() },
    ]
}
