//! The calculators' files (contract: cases/README.md): rows in, rows out in the same order, an `error` column last.

mod sheet;

pub mod claims;
pub mod households;

pub use sheet::{CellError, SheetError};

/// What a calculator made of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calculated {
    /// the file to be written
    pub csv: String,
    pub rows: usize,
    /// rows without figures: line, what they are, why
    pub failed: Vec<(u64, String, String)>,
    /// rows whose figures stand on limits that nobody has confirmed
    pub undecided: usize,
}

/// `未確定の限度額 A@2026-08;B@2026-08`; nothing where all are confirmed or accepted.
pub fn undecided_text(rows: &crate::limits::UsedRows, accepted: &[String]) -> Option<String> {
    let keys: Vec<&str> = rows.undecided(accepted).collect();
    (!keys.is_empty()).then(|| format!("未確定の限度額 {}", keys.join(";")))
}
