//! 資格突合: register, identification of the person of a claim, eligibility rules.
//!
//! Reads the parser's claims; knows nothing of storage.

pub mod files;
pub mod registry;
