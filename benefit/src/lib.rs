//! 高額療養費: what the insurer pays back, or has paid at the window already, when the shares of a month pass a limit.
//!
//! Arithmetic only: limits by date, one claim, one household and month, months that count, years, and what is high cost
//! for the insurer. Knows nothing of storage and nothing of registers; whoever has claims and people asks here.
//! The page is spec/high-cost.md.

pub mod annual;
pub mod category;
pub mod claim;
pub mod hits;
pub mod household;
pub mod insurer;
pub mod limits;
pub mod month;
pub mod parameters;
pub mod programmes;
pub mod tokki;
pub mod worksheets;
pub mod yen;

pub use category::{AgeBand, Categories, Scheme};
pub use limits::{Limits, Row};
pub use programmes::Programmes;
pub use yen::{Rate, Share, Yen};

use limits::LimitsError;
use parameters::Parameters;
use programmes::ProgrammeError;

/// Everything with a date that a calculation looks up.
#[derive(Clone, Debug)]
pub struct Law {
    pub limits: Limits,
    pub programmes: Programmes,
    pub categories: Categories,
    pub parameters: Parameters,
}

impl Law {
    /// As shipped with this release.
    pub fn shipped() -> Self {
        Self {
            limits: Limits::shipped(),
            programmes: Programmes::shipped(),
            categories: Categories::shipped(),
            parameters: Parameters::shipped(),
        }
    }

    /// The same with limits of one's own (the whole text of such a file).
    ///
    /// # Errors
    /// What is wrong with the file, with its line.
    pub fn with_limits(mut self, text: &str) -> Result<Self, LimitsError> {
        self.limits = Limits::parse(text)?;
        Ok(self)
    }

    /// The same with public programmes of one's own.
    ///
    /// # Errors
    /// What is wrong with the file, with its line.
    pub fn with_programmes(mut self, text: &str) -> Result<Self, ProgrammeError> {
        self.programmes = Programmes::parse(text)?;
        Ok(self)
    }
}
