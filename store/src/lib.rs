//! 点検の蔵: claim tables in Delta Lake, original bytes, the ledger of imports, queries.
//!
//! Knows the parser's result types and turns them into columns. Knows nothing of terminals and pages.
//! Everything outside sees a synchronous [`Store`]; the asynchronous libraries stay inside.
//!
//! What makes an import visible is one row: see [`imports`].

pub mod audit;
mod delta;
mod durable;
pub mod error;
pub mod import;
pub mod imports;
pub mod originals;
pub mod query;
mod squeeze;
mod statement;
mod store;
pub mod verify;

pub use error::{Error, Result};
pub use store::{Leftovers, Store, WriteLock};
pub use tenken_tables::{self as tables, arrow};
