//! 公費: what a public programme leaves to the patient, and how much of a part the insurer leaves to the programme
//! (`data/kohi_programmes.csv`, high-cost.md 6).

use std::collections::HashMap;

use crate::yen::{Rate, Yen};

const SHIPPED: &str = include_str!("../data/kohi_programmes.csv");
/// The row of every 法別 that has none of its own.
const LOCAL: &str = "local";

/// Which limit the part with the programme has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitClass {
    /// the patient's own category
    Own,
    /// 生活保護: the amounts of the lowest category
    Seiho,
    /// one amount for all
    Fixed,
    /// the programme pays the part in full, the insurer nothing
    None,
    /// a local subsidy: the part is insured like the rest
    Insurance,
}

/// What limits the patient's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapRule {
    None,
    /// the patient pays nothing
    Zero,
    /// the person's certificate says how much a month
    Monthly,
    /// only what KO says
    Ko,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    /// 法別番号
    pub code: String,
    pub name_ja: String,
    pub limit_class: LimitClass,
    pub patient_rate: Option<Rate>,
    pub cap_rule: CapRule,
    /// the amounts that a certificate can say, 円
    pub cap_steps: Vec<Yen>,
    /// 多数回 applies to the part of an inpatient claim
    pub multi_hit_inpatient: bool,
    /// 他法優先 (`oth_t`), 国保優先 (`oth_k`), or within the patient's share (`cop`)
    pub ledger_column: String,
}

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("公費の表 {line}行目 列 {column}: {problem}")]
pub struct ProgrammeError {
    pub line: u64,
    pub column: String,
    pub problem: String,
}

#[derive(Clone, Debug)]
pub struct Programmes {
    by_code: HashMap<String, Programme>,
    local: Programme,
}

impl Programmes {
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).expect("the shipped table of programmes is held by a test")
    }

    /// # Errors
    /// The first cell that cannot be read, or that there is no row `local`.
    pub fn parse(text: &str) -> Result<Self, ProgrammeError> {
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let error =
            |line: u64, column: &str, problem: String| ProgrammeError { line, column: column.to_owned(), problem };
        let header = reader.headers().map_err(|e| error(1, "", e.to_string()))?.clone();
        let mut by_code = HashMap::new();
        for record in reader.records() {
            let record = record.map_err(|e| error(0, "", e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |name: &str| {
                header.iter().position(|h| h.trim() == name).and_then(|i| record.get(i)).unwrap_or_default().trim()
            };
            let wrong = |name: &str| error(line, name, format!("「{}」は読めない", cell(name)));
            let programme = Programme {
                code: cell("code").to_owned(),
                name_ja: cell("name_ja").to_owned(),
                limit_class: match cell("limit_class") {
                    "own" => LimitClass::Own,
                    "seiho" => LimitClass::Seiho,
                    "fixed" => LimitClass::Fixed,
                    "none" => LimitClass::None,
                    "insurance" => LimitClass::Insurance,
                    _ => return Err(wrong("limit_class")),
                },
                patient_rate: match cell("patient_rate") {
                    "" => None,
                    text => Some(Rate::parse(text).ok_or_else(|| wrong("patient_rate"))?),
                },
                cap_rule: match cell("cap_rule") {
                    "none" => CapRule::None,
                    "zero" => CapRule::Zero,
                    "monthly" => CapRule::Monthly,
                    "ko" => CapRule::Ko,
                    _ => return Err(wrong("cap_rule")),
                },
                cap_steps: (cell("cap_steps_yen").split(';').filter(|s| !s.is_empty()))
                    .map(|s| s.parse().map(Yen).map_err(|_| wrong("cap_steps_yen")))
                    .collect::<Result<_, _>>()?,
                multi_hit_inpatient: match cell("multi_hit") {
                    "inpatient" => true,
                    "no" => false,
                    _ => return Err(wrong("multi_hit")),
                },
                ledger_column: match cell("ledger_column") {
                    column @ ("oth_t" | "oth_k" | "cop") => column.to_owned(),
                    _ => return Err(wrong("ledger_column")),
                },
            };
            by_code.insert(programme.code.clone(), programme);
        }
        let local = by_code.get(LOCAL).cloned().ok_or_else(|| error(1, "code", "local の行がない".into()))?;
        Ok(Self { by_code, local })
    }

    /// Of a 法別番号; a local subsidy where the table has no row.
    pub fn of(&self, code: &str) -> &Programme {
        self.by_code.get(code).unwrap_or(&self.local)
    }

    /// Of a 公費負担者番号: its first two digits.
    pub fn of_payer(&self, payer_no: &str) -> &Programme {
        self.of(payer_no.get(..2).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programmes_are_found_by_law_number() {
        let programmes = Programmes::parse(SHIPPED).unwrap();
        let nanbyo = programmes.of_payer("54136015");
        assert_eq!((nanbyo.limit_class, nanbyo.patient_rate), (LimitClass::Own, Some(Rate(2_000))));
        assert!(nanbyo.multi_hit_inpatient);
        assert_eq!(programmes.of("12").limit_class, LimitClass::Seiho);
        assert_eq!(programmes.of("10").patient_rate, Some(Rate(500)));
        assert_eq!(programmes.of("18").limit_class, LimitClass::None);
        for local in ["88", "81", "", "1"] {
            assert_eq!(programmes.of_payer(local).limit_class, LimitClass::Insurance, "{local}");
        }
    }
}
