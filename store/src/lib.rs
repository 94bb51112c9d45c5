//! 点検の蔵: tables in Delta Lake, original bytes, the ledgers of imports and runs, queries.
//!
//! Knows the result types of parser and matcher and turns them into columns. Knows nothing of terminals and pages.
//! Everything outside sees a synchronous [`Store`]; the asynchronous libraries stay inside.
//!
//! What makes an import visible is one row, see [`imports`]; what makes anything else visible is one too, see [`runs`].

pub mod audit;
mod batch;
pub mod benefit;
pub mod claim_rows;
pub mod data;
pub mod decided;
mod delta;
mod durable;
pub mod error;
pub mod findings;
pub mod generations;
pub mod identification;
pub mod import;
pub mod imports;
mod ledger;
pub mod ledger_files;
mod names;
pub mod originals;
pub mod query;
pub mod register;
pub mod reports;
pub mod runs;
mod saved_register;
mod squeeze;
mod statement;
mod store;
#[cfg(test)]
mod testing;
pub mod third_party;
pub mod verify;
mod visible;

pub use error::{Error, Result};
pub use store::{Leftovers, Store, WriteLock};
pub use tenken_tables::{self as tables, arrow};
