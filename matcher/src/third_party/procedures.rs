//! Evidence of what was done (third-party.md 3.2).

use std::collections::BTreeMap;

use tenken_parser::Month;

use super::{
    rules::{Rules, RulesError},
    table::{Table, Validity},
};

/// A row of `procedures.csv`: a range of codes that is one piece of evidence with the others of its group.
#[derive(Debug)]
pub(super) struct ProcedureRow {
    pub group: String,
    from: u32,
    to: u32,
    pub points: i32,
    name: String,
    validity: Validity,
}

impl ProcedureRow {
    pub fn read(table: &Table) -> Result<Vec<Self>, RulesError> {
        table
            .rows()
            .map(|row| {
                let code = |column| {
                    let text = row.needed(column)?;
                    match text.parse() {
                        Ok(code) if text.len() == 9 => Ok(code),
                        _ => Err(row.error(
                            column,
                            format!("「{text}」は9桁のコードでない"),
                            "診療行為またはコメントの9桁",
                        )),
                    }
                };
                Ok(Self {
                    group: row.needed("group")?.to_owned(),
                    from: code("code_from")?,
                    to: code("code_to")?,
                    points: row.needed_number("points")?,
                    name: row.cell("name_ja").to_owned(),
                    validity: row.validity()?,
                })
            })
            .collect()
    }
}

/// One group of evidence on a claim.
pub(super) struct Found<'a> {
    pub group: &'a str,
    pub points: i32,
    pub record: u32,
    pub code: &'a str,
    pub name: &'a str,
}

/// The groups found among the codes, each once however many lines carry it, most points first.
pub(super) fn find<'a>(rules: &'a Rules, month: Month, codes: impl Iterator<Item = (u32, &'a str)>) -> Vec<Found<'a>> {
    let mut groups: BTreeMap<&str, Found<'a>> = BTreeMap::new();
    for (record, code) in codes {
        let Ok(number) = code.parse::<u32>() else { continue };
        for row in rules.procedures.iter().filter(|r| (r.from..=r.to).contains(&number) && r.validity.meets(month)) {
            let found = Found { group: &row.group, points: row.points, record, code, name: &row.name };
            let better = |old: &Found<'_>| {
                (-found.points.abs(), found.code, found.record) < (-old.points.abs(), old.code, old.record)
            };
            if groups.get(found.group).is_none_or(better) {
                groups.insert(&row.group, found);
            }
        }
    }
    let mut all: Vec<_> = groups.into_values().collect();
    all.sort_by_key(|f| (-f.points, f.group));
    all
}
