//! `tenken benefit calc`: one claim a row.

use super::{
    Calculated, CellError, SheetError,
    sheet::{Row, Sheet, write},
    undecided_text,
};
use crate::{
    Law,
    category::{AgeBand, CategoryError, Scheme},
    claim::{Claim, Paid, Part},
    limits::NoLimit,
    parameters::Refused,
    yen::{Share, Yen},
};

/// Columns that a file must have.
pub const NEEDED: [&str; 6] =
    ["case_id", "service_month", "age_band", "inpatient", "burden_rate", "insurance_only_points"];
/// Parts with a public programme.
const PARTS: usize = 3;
const COLUMNS: [&str; 12] = [
    "case_id",
    "patient_total_yen",
    "uncovered_by_insurance_yen",
    "p1_uncovered_yen",
    "p1_patient_yen",
    "p2_uncovered_yen",
    "p2_patient_yen",
    "p3_uncovered_yen",
    "p3_patient_yen",
    "limit_rows",
    "trace",
    "error",
];

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
enum ClaimError {
    #[error(transparent)]
    Cell(#[from] CellError),
    #[error(transparent)]
    Category(#[from] CategoryError),
    #[error(transparent)]
    NoLimit(#[from] NoLimit),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("限度額の行 {given} は所得区分「{word}」の {meant} と合わない")]
    OtherRow { given: String, word: String, meant: String },
    #[error("公費{0}の法別番号がない")]
    NoProgramme(usize),
}

/// Works a file out. Rows whose limits are not confirmed are filled in and say so, unless their key is accepted.
///
/// # Errors
/// A file that is no such table.
pub fn calculate(law: &Law, accepted: &[String], text: &str) -> Result<Calculated, SheetError> {
    let sheet = Sheet::read(text, &NEEDED)?;
    if !sheet.has("category") && !sheet.has("limit_category") {
        return Err(SheetError::NoColumn("category".into()));
    }
    let mut rows = Vec::with_capacity(sheet.rows.len());
    let (mut failed, mut undecided) = (Vec::new(), 0);
    for cells in &sheet.rows {
        let row = sheet.row(cells);
        let case_id = row.text("case_id").to_owned();
        let mut out = vec![case_id.clone()];
        match one(law, &row) {
            Ok(paid) => {
                let amount = |yen: Option<Yen>| yen.map(|y| y.0.to_string()).unwrap_or_default();
                out.extend([amount(Some(paid.patient_total)), amount(Some(paid.uncovered))]);
                for no in 0..PARTS {
                    let part = paid.parts.get(no).copied().unwrap_or_default();
                    out.extend([amount(part.uncovered), amount(part.patient)]);
                }
                let doubt = undecided_text(&paid.rows, accepted);
                undecided += usize::from(doubt.is_some());
                out.extend([paid.rows.keys().join(";"), paid.trace.join(" / "), doubt.unwrap_or_default()]);
            }
            Err(e) => {
                out.resize(COLUMNS.len() - 1, String::new());
                out.push(e.to_string());
                failed.push((cells.line, case_id, e.to_string()));
            }
        }
        rows.push(out);
    }
    Ok(Calculated { csv: write(&COLUMNS, &rows), rows: rows.len(), failed, undecided })
}

fn one(law: &Law, row: &Row<'_>) -> Result<Paid, ClaimError> {
    let month = row.month("service_month")?;
    let band = row.word("age_band", " under70, 70plus, 75plus のどれか", AgeBand::from_code)?;
    let scheme = if band == AgeBand::SeventyFivePlus { Scheme::Kouki } else { Scheme::Kokuho };
    law.parameters.refuse(scheme, month)?;
    let rate = row.rate_needed("burden_rate")?;
    let (word, given) = (row.text("category"), row.text("limit_category"));
    let by_word = || law.categories.row(&law.limits, word, band, month, Some(rate));
    let limit = if given.is_empty() {
        by_word()?
    } else {
        let limit = law.limits.find(given, month)?;
        if !word.is_empty() {
            let meant = by_word()?;
            if meant.key() != limit.key() {
                return Err(ClaimError::OtherRow {
                    given: given.to_owned(),
                    word: word.to_owned(),
                    meant: meant.category.clone(),
                });
            }
        }
        limit
    };
    let half = row.flag("birthday75_month")? == Some(true);
    let tokutei = match row.yen("tokutei")? {
        None => None,
        Some(Yen(yen)) => Some(law.limits.find(&format!("TOKUTEI_{yen}"), month)?),
    };
    let mut parts = Vec::new();
    for no in 1..=PARTS {
        let column = |of: &str| format!("p{no}_{of}");
        let points = row.points(&column("points"))?;
        let code = row.text(&column("programme"));
        match (points, code) {
            (None | Some(0), "") => continue,
            (_, "") => return Err(ClaimError::NoProgramme(no)),
            _ => {}
        }
        let programme = law.programmes.of(code);
        parts.push(Part {
            programme,
            cost: Yen::of_points(points.unwrap_or(0)),
            patient_rate: row.rate(&column("patient_rate"))?,
            cap: row.yen(&column("patient_cap_yen"))?,
            written: None,
        });
    }
    let claim = Claim {
        month,
        band,
        row: limit,
        inpatient: row.word("inpatient", " 1 か 0 ", |t| ["0", "1"].contains(&t).then_some(t == "1"))?,
        multi_hit: row.flag("multi_hit")? == Some(true),
        share: if half { law.parameters.birthday75_share(month) } else { Share::WHOLE },
        tokutei,
        rate,
        insurance_only: Yen::of_points(row.points("insurance_only_points")?.unwrap_or(0)),
        parts,
    };
    Ok(claim.pay(law)?)
}
