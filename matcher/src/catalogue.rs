//! The rule catalogue: `data/rules.csv`, one row per rule (eligibility-rules.md section 2).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::finding::{Disposition, Severity};

/// A rule as the catalogue describes it.
#[derive(Debug, Deserialize)]
pub struct Rule {
    pub rule: String,
    pub name_ja: String,
    pub name_en: String,
    severity: String,
    /// a code, two of which the first counts, `policy`, or empty
    pub disposition: String,
    pub k_code: String,
    /// needs a register to say anything
    #[serde(rename = "register", deserialize_with = "yes")]
    pub needs_register: bool,
    /// the input that is missing, in the words of the user
    pub needs: String,
    pub confidence: String,
    pub basis: String,
}

fn yes<'de, D: serde::Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    Ok(String::deserialize(d)? == "yes")
}

impl Rule {
    pub fn severity(&self) -> Severity {
        Severity::from_code(&self.severity).unwrap_or(Severity::S4)
    }

    /// The first disposition listed; D2 only where claims can be returned before payment.
    pub fn first_disposition(&self, return_before_payment: bool) -> Option<Disposition> {
        let first = self.disposition.split('/').next().and_then(Disposition::from_code);
        match first {
            Some(Disposition::D2) if !return_before_payment => Some(Disposition::D1),
            other => other,
        }
    }
}

/// Every rule in order.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../data/rules.csv").as_bytes());
    // `the_catalogue_is_whole` holds the file against the code
    reader.deserialize().filter_map(Result::ok).collect()
});

/// Index of a rule in [`RULES`].
pub fn index(code: &str) -> Option<usize> {
    RULES.binary_search_by(|r| r.rule.as_str().cmp(code)).ok()
}

pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.get(index(code)?)
}

/// Rules that no input of this release can feed; they stay off and say what they wait for.
pub const WAITING: [&str; 10] = ["E116", "E121", "E219", "E222", "E223", "E406", "E503", "E606", "E610", "T107"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_whole() {
        let rows = include_str!("../data/rules.csv").lines().count() - 1;
        assert_eq!(RULES.len(), rows);
        assert!(RULES.is_sorted_by(|a, b| a.rule < b.rule));
        for r in RULES.iter() {
            assert!(!r.name_ja.is_empty() && !r.name_en.is_empty() && !r.basis.is_empty(), "{}", r.rule);
            assert!(r.rule == "E223" || Severity::from_code(&r.severity).is_some(), "{}", r.rule);
            assert!(r.k_code.len() == 3 && r.k_code.starts_with('K'), "{}", r.rule);
            let known = |d: &str| Disposition::from_code(d).is_some() || ["", "policy", "linked", "of E2"].contains(&d);
            assert!(r.disposition.split('/').all(known), "{} {}", r.rule, r.disposition);
        }
        for code in WAITING {
            assert!(rule(code).is_some_and(|r| !r.needs.is_empty()), "{code} says what it waits for");
        }
    }
}
