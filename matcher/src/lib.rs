//! 資格突合: register, identification of the person of a claim, eligibility rules.
//!
//! Reads the parser's claims; knows nothing of storage.

pub mod calendar;
pub mod files;
pub mod keys;
pub mod registry;
