//! `tenken benefit household`: one group of claims a row, one result per household and insurer.

use super::{
    Calculated, CellError, SheetError,
    sheet::{Cells, Row, Sheet, write},
    undecided_text,
};
use crate::{
    Law,
    category::{AgeBand, CategoryError, Scheme},
    household::{Group, GroupKind, Household, HouseholdError, Outcome, Person},
    limits::UsedRows,
    yen::{Rate, Share, Yen},
};

/// Columns that a file must have.
pub const NEEDED: [&str; 8] =
    ["household_id", "service_month", "scheme", "person", "age_band", "inpatient", "cost_yen", "burden_yen"];
const COLUMNS: [&str; 13] = [
    "household_id",
    "insurer",
    "counted_cost_yen",
    "counted_burden_yen",
    "limit_yen",
    "person_benefit_yen",
    "outpatient_benefit_yen",
    "seventyplus_benefit_yen",
    "all_ages_benefit_yen",
    "benefit_yen",
    "limit_rows",
    "trace",
    "error",
];

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
enum RowsError {
    #[error("{line}行目 {error}")]
    Cell { line: u64, error: CellError },
    #[error(transparent)]
    Household(#[from] HouseholdError),
    #[error("{line}行目 列 {column}: 世帯の中で値が違う")]
    Differs { line: u64, column: &'static str },
    #[error("{0}行目: 人がない行に費用か負担がある")]
    NoPerson(u64),
}

impl From<CategoryError> for RowsError {
    fn from(e: CategoryError) -> Self {
        Self::Household(e.into())
    }
}

/// The part of a column `special` about a birthday.
const BIRTHDAY: &str = "birthday75";
const MOVE: &str = "move";

/// Works a file out, in order of first appearance.
///
/// # Errors
/// A file that is no such table.
pub fn calculate(law: &Law, accepted: &[String], text: &str) -> Result<Calculated, SheetError> {
    let sheet = Sheet::read(text, &NEEDED)?;
    let mut units: Vec<(String, String, Vec<Cells>)> = Vec::new();
    for cells in &sheet.rows {
        let row = sheet.row(cells);
        let (household, insurer) = (row.text("household_id"), row.text("insurer"));
        match units.iter_mut().find(|(h, i, _)| h == household && i == insurer) {
            Some((_, _, of)) => of.push(cells.clone()),
            None => units.push((household.to_owned(), insurer.to_owned(), vec![cells.clone()])),
        }
    }
    let mut rows = Vec::with_capacity(units.len());
    let (mut failed, mut undecided) = (Vec::new(), 0);
    for (household_id, insurer, of) in units {
        let line = of[0].line;
        let lines: Vec<(u64, Row<'_>)> = of.iter().map(|c| (c.line, sheet.row(c))).collect();
        let mut out = vec![household_id.clone(), insurer];
        match one(law, &lines) {
            Ok(result) => {
                let doubt = undecided_text(&result.rows, accepted);
                undecided += usize::from(doubt.is_some());
                out.extend(result.figures);
                out.extend([result.rows.keys().join(";"), result.trace.join(" / "), doubt.unwrap_or_default()]);
            }
            Err(e) => {
                out.resize(COLUMNS.len() - 1, String::new());
                out.push(e.to_string());
                failed.push((line, household_id, e.to_string()));
            }
        }
        rows.push(out);
    }
    Ok(Calculated { csv: write(&COLUMNS, &rows), rows: rows.len(), failed, undecided })
}

struct Figures {
    figures: Vec<String>,
    rows: UsedRows,
    trace: Vec<String>,
}

/// A household's facts stand on each of its rows.
fn same<'r>(rows: &[(u64, Row<'r>)], column: &'static str) -> Result<&'r str, RowsError> {
    let first = rows[0].1.text(column);
    match rows.iter().find(|(_, r)| r.text(column) != first) {
        Some((line, _)) => Err(RowsError::Differs { line: *line, column }),
        None => Ok(first),
    }
}

fn one(law: &Law, rows: &[(u64, Row<'_>)]) -> Result<Figures, RowsError> {
    let at = |line: u64| move |error: CellError| RowsError::Cell { line, error };
    let (first, row) = (rows[0].0, &rows[0].1);
    let month = row.month("service_month").map_err(at(first))?;
    let scheme = row
        .word("scheme", " kokuho, kouki, kenpo のどれか", |text| match text {
            "kokuho" => Some(Scheme::Kokuho),
            "kouki" => Some(Scheme::Kouki),
            "kenpo" => Some(Scheme::Other),
            _ => None,
        })
        .map_err(at(first))?;
    let special = row
        .word("special", "空か move, birthday75, move+birthday75", |text| {
            let parts: Vec<&str> = text.split('+').collect();
            parts
                .iter()
                .all(|p| [MOVE, BIRTHDAY].contains(p))
                .then(|| (parts.contains(&MOVE), parts.contains(&BIRTHDAY)))
        })
        .or_else(|e| if e.value.is_empty() { Ok((false, false)) } else { Err(at(first)(e)) })?;
    for column in ["service_month", "scheme", "special", "category_under70", "category_70plus", "multi_hit"] {
        same(rows, column)?;
    }
    law.parameters.refuse(scheme, month).map_err(HouseholdError::from)?;
    let (moved, birthday) = special;

    let band_70 = if scheme == Scheme::Kouki { AgeBand::SeventyFivePlus } else { AgeBand::SeventyPlus };
    let rate_70 = rows.iter().find(|(_, r)| r.text("age_band") != AgeBand::Under70.code());
    let rate_70 = rate_70.and_then(|(_, r)| r.rate("burden_rate").ok().flatten());
    let under70 = law.categories.row(&law.limits, row.text("category_under70"), AgeBand::Under70, month, None);
    let word_70 = row.text("category_70plus");
    let seventy_plus = match rate_70 {
        Some(_) => law.categories.row(&law.limits, word_70, band_70, month, rate_70),
        None => law.categories.row_by_amount(&law.limits, word_70, band_70, month),
    };
    let mut household = Household {
        month,
        scheme,
        under70,
        seventy_plus,
        multi_hit: row.flag("multi_hit").map_err(at(first))? == Some(true),
        moved,
        persons: Vec::new(),
        groups: Vec::new(),
    };
    let has_75 = rows.iter().any(|(_, r)| matches!(r.age("age"), Ok(Some(74 | 75))));
    // in 国保 the person of 70 to 74 who has a row as 75 and more elsewhere
    let turned = |r: &Row<'_>| match r.age("age") {
        Ok(Some(74 | 75)) => true,
        _ if has_75 => false,
        _ => r.text("age_band") != AgeBand::Under70.code(),
    };
    for (line, row) in rows {
        let (cost, burden) = (row.yen("cost_yen").map_err(at(*line))?, row.yen("burden_yen").map_err(at(*line))?);
        let window = row.yen("window_paid_yen").map_err(at(*line))?;
        if [cost, burden, window].iter().all(Option::is_none) {
            continue;
        }
        let name = row.text("person");
        if name.is_empty() {
            return Err(RowsError::NoPerson(*line));
        }
        let band = row.word("age_band", " under70, 70plus, 75plus のどれか", AgeBand::from_code).map_err(at(*line))?;
        let rate = row.rate("burden_rate").map_err(at(*line))?;
        let burden = burden.or_else(|| Some(cost?.times(rate?))).or(window).unwrap_or_default();
        let own = row.flag("birthday75").map_err(at(*line))?;
        let birthday75 = birthday && own.unwrap_or_else(|| turned(row)) || own == Some(true);
        let person = match household.persons.iter().position(|p| p.name == name && p.band == band) {
            Some(person) => {
                household.persons[person].birthday75 |= birthday75;
                person
            }
            None => {
                household.persons.push(Person { name: name.to_owned(), band, birthday75 });
                household.persons.len() - 1
            }
        };
        let group = Group {
            person,
            institution: row.text("institution").to_owned(),
            kind: kind(row.text("kind")),
            inpatient: row.flag("inpatient").map_err(at(*line))? == Some(true),
            rate: rate.unwrap_or(Rate(0)),
            cost,
            burden,
            window_paid: window.unwrap_or(burden),
            parts: Vec::new(),
            tokutei: None,
            no_prescriber: false,
        };
        join(&mut household.groups, group);
    }
    for group in household.groups.iter_mut().filter(|g| g.kind == GroupKind::Pharmacy) {
        group.no_prescriber = true;
    }

    if household.groups.is_empty() {
        return limit_only(law, &household, birthday);
    }
    let outcome = household.calculate(law, true)?;
    let kouki = scheme == Scheme::Kouki;
    Ok(Figures { figures: figures(&outcome, kouki), rows: outcome.rows.clone(), trace: trace(&household, &outcome) })
}

fn kind(text: &str) -> GroupKind {
    match text {
        "歯科" => GroupKind::Dental,
        "調剤" => GroupKind::Pharmacy,
        "訪問看護" => GroupKind::Nursing,
        "療養費" => GroupKind::Cash,
        _ => GroupKind::Medical,
    }
}

/// Rows of one person, institution, kind and side are one group; dispensing joins the outpatient group of the
/// institution that it names. Where no institution is said, rows stay apart.
fn join(groups: &mut Vec<Group<'_>>, new: Group<'_>) {
    let dispensing = |kind: GroupKind| kind == GroupKind::Pharmacy;
    let same = |g: &Group<'_>| {
        let alike = g.person == new.person && g.inpatient == new.inpatient && g.institution == new.institution;
        alike && !new.institution.is_empty() && (g.kind == new.kind || dispensing(g.kind) || dispensing(new.kind))
    };
    match groups.iter_mut().find(|g| same(g)) {
        Some(group) => {
            group.cost = group.cost.zip(new.cost).map(|(a, b)| a + b);
            group.burden += new.burden;
            group.window_paid += new.window_paid;
            if dispensing(group.kind) {
                group.kind = new.kind;
            }
        }
        None => groups.push(Group { tokutei: None, ..new_owned(new) }),
    }
}

/// The same group for as long as the household lives: nothing in it is borrowed yet.
fn new_owned<'l>(g: Group<'_>) -> Group<'l> {
    Group {
        person: g.person,
        institution: g.institution,
        kind: g.kind,
        inpatient: g.inpatient,
        rate: g.rate,
        cost: g.cost,
        burden: g.burden,
        window_paid: g.window_paid,
        parts: g.parts,
        tokutei: None,
        no_prescriber: g.no_prescriber,
    }
}

fn figures(o: &Outcome, kouki: bool) -> Vec<String> {
    let yen = |y: Yen| y.0.to_string();
    vec![
        yen(o.counted_cost),
        yen(o.counted_window),
        o.limit.map(yen).unwrap_or_default(),
        if kouki { yen(o.persons.iter().copied().sum()) } else { String::new() },
        yen(o.cash.outpatient),
        yen(o.cash.seventy_plus),
        yen(o.cash.all_ages),
        yen(o.refund().at_least_zero()),
    ]
}

fn trace(household: &Household<'_>, o: &Outcome) -> Vec<String> {
    let mut trace = o.trace.clone();
    if household.scheme == Scheme::Kouki {
        for (person, yen) in household.persons.iter().zip(&o.persons) {
            trace.push(format!("{} の支給額 {yen}", person.name));
        }
    }
    trace
}

/// The limit of a household that has no claims here (P14).
fn limit_only(law: &Law, household: &Household<'_>, birthday: bool) -> Result<Figures, RowsError> {
    let row = match (&household.seventy_plus, &household.under70) {
        (Ok(row), _) => row,
        (Err(CategoryError::Missing(_)), under70) => under70.as_ref().map_err(Clone::clone)?,
        (Err(e), _) => return Err(e.clone().into()),
    };
    let share = household.person_share(law, birthday);
    let mut rows = UsedRows::default();
    rows.add(row);
    let limit = row.limit(Yen::ZERO, household.multi_hit, share);
    let mut figures = vec![String::new(); COLUMNS.len() - 5];
    figures[2] = limit.0.to_string();
    let part = if share == Share::WHOLE { String::new() } else { share.to_string() };
    Ok(Figures { figures, rows, trace: vec![format!("限度額 {row}{part} = {limit}")] })
}
