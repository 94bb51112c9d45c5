//! Parameters and switches of the rules, per insurer (`data/parameters.csv`, `tenken.toml`).

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use tenken_parser::Date;

use crate::{
    catalogue::{self, RULES},
    third_party,
};

/// A parameter as the data file describes it.
#[derive(Debug, Deserialize)]
pub struct Parameter {
    pub parameter: String,
    /// `bool` or `int`
    pub kind: String,
    /// the value of the release
    pub value: String,
    /// what it bears on
    pub rules: String,
    pub description_ja: String,
    pub source: String,
}

pub static PARAMETERS: LazyLock<Vec<Parameter>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../data/parameters.csv").as_bytes());
    reader.deserialize().filter_map(Result::ok).collect()
});

macro_rules! parameters {
    ($($name:ident: $ty:ty;)*) => {
        /// Values of the parameters in force.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Parameters { $(pub $name: $ty),* }

        impl Default for Parameters {
            fn default() -> Self {
                Self { $($name: default_of(stringify!($name))),* }
            }
        }

        impl Parameters {
            /// Sets one by name.
            ///
            /// # Errors
            /// What was expected, for a value of another kind; `None` for an unknown name.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), Option<&'static str>> {
                match name {
                    $(stringify!($name) => {
                        self.$name = value.parse::<$ty>().map_err(|_| Some(stringify!($ty)))?;
                        Ok(())
                    })*
                    _ => Err(None),
                }
            }

            pub fn get(&self, name: &str) -> Option<String> {
                match name {
                    $(stringify!($name) => Some(self.$name.to_string()),)*
                    _ => None,
                }
            }
        }
    };
}

parameters! {
    return_before_payment: bool;
    tolerate_number: bool;
    retired_read_through: bool;
    app_end_inclusive: bool;
    transfer_months: u16;
    late_months: u16;
    claim_years: u16;
    claim_years_before_2020_04: u16;
    ryoyohi_years: u16;
    ryoyohi_warning_days: u16;
    refill_after_days: u16;
    overlap_days: u16;
    grace_days: u16;
}

fn default_of<T: std::str::FromStr + Default>(name: &str) -> T {
    PARAMETERS.iter().find(|p| p.parameter == name).and_then(|p| p.value.parse().ok()).unwrap_or_default()
}

/// What is in force for one insurer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub parameters: Parameters,
    /// switched off by the user
    pub off: Vec<&'static str>,
    /// further own insurer numbers
    pub numbers: Vec<String>,
    /// retired own numbers, with the day from which they are
    pub retired: Vec<(String, Date)>,
}

impl Settings {
    /// Whether a rule is switched on and waits for nothing.
    pub fn is_on(&self, code: &str) -> bool {
        !self.off.contains(&code) && !catalogue::WAITING.contains(&code)
    }

    /// Switches a rule; false when there is no such rule.
    pub fn switch(&mut self, code: &str, on: bool) -> bool {
        let Some(rule) = catalogue::rule(code) else { return false };
        self.off.retain(|r| *r != rule.rule);
        if !on {
            self.off.push(&rule.rule);
            self.off.sort_unstable();
        }
        true
    }

    /// Everything that bears on findings, for `rules_version`.
    pub fn canonical(&self) -> String {
        let parameters: BTreeMap<&str, String> = PARAMETERS
            .iter()
            .filter_map(|p| Some((p.parameter.as_str(), self.parameters.get(&p.parameter)?)))
            .collect();
        format!("{parameters:?} off={:?} numbers={:?} retired={:?}", self.off, self.numbers, self.retired)
    }
}

/// Hash over the catalogue and the data files of the rules, the program's part of `rules_version`.
pub fn data_version() -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    for text in [
        include_str!("../data/rules.csv"),
        include_str!("../data/parameters.csv"),
        include_str!("../data/kanji_variants.csv"),
    ] {
        hasher.update(text.as_bytes());
    }
    hasher.update(third_party::Rules::embedded().version().as_bytes());
    hasher.update(&(RULES.len() as u32).to_le_bytes());
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_has_a_row_and_a_field() {
        let defaults = Parameters::default();
        for p in PARAMETERS.iter() {
            assert_eq!(defaults.get(&p.parameter).as_deref(), Some(p.value.as_str()), "{}", p.parameter);
            assert!(!p.description_ja.is_empty() && !p.source.is_empty());
        }
        assert_eq!(defaults.transfer_months, 12);
        let mut changed = defaults.clone();
        assert_eq!(changed.set("transfer_months", "24"), Ok(()));
        assert_eq!(changed.set("transfer_months", "x"), Err(Some("u16")));
        assert_eq!(changed.set("nothing", "1"), Err(None));
    }
}
