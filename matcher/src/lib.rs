//! 資格突合: register, identification of the person of a claim, eligibility rules.
//!
//! Reads the parser's claims; knows nothing of storage.

pub mod calendar;
pub mod catalogue;
pub mod coverage;
pub mod facts;
pub mod files;
pub mod finding;
pub mod identify;
pub mod keys;
pub mod pairs;
pub mod registers;
pub mod registry;
pub mod rules;
pub mod settings;
pub mod standing;
pub mod third_party;
