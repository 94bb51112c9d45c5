//! 第三者行為: which claims may be the consequence of another person's act (third-party.md sections 3, 4, 5.3).
//!
//! [`Rules`] are data (`data/third_party/`); [`score`] holds one [`Input`] against them. A claim becomes an input in
//! [`claim`], a row of worked cases in [`mini_cases`]; [`episodes`] joins the claims of one injury.
//! An outcome is a question to the insured, never a decision.

pub mod claim;
pub mod diseases;
pub mod episodes;
pub mod finding;
pub mod icd;
pub mod links;
pub mod mini_cases;
mod prefilter;
pub mod procedures;
pub mod rules;
pub mod score;
mod table;
pub mod text;

pub use finding::finding;
pub use links::{Link, LinkError};
pub use rules::{Rules, RulesError};
pub use score::{Band, Comment, Disease, Evidence, Input, Outcome, Procedure, Route, score};
