//! 点検の蔵: claim tables in Delta Lake, original bytes, the ledger of imports, queries.
//!
//! Knows the parser's result types and turns them into columns. Knows nothing of terminals and pages.
//! Everything outside sees a synchronous [`Store`]; the asynchronous libraries stay inside.
//!
//! What makes an import visible is one row: see [`imports`].

pub mod columns;
mod delta;
mod durable;
pub mod error;
pub mod import;
pub mod imports;
pub mod originals;
mod parquet_file;
pub mod query;
pub mod schema;
mod store;
pub mod tables;
pub mod verify;

pub use arrow;
pub use error::{Error, Result};
pub use store::{Leftovers, Store, WriteLock};

/// `claim_id`: the first 16 hex digits of BLAKE3 over `file_hash:ordinal` (DESIGN section 4).
pub fn claim_id(file_hash: &str, ordinal: u64) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(file_hash.as_bytes());
    hasher.update(b":");
    hasher.update(ordinal.to_string().as_bytes());
    let mut hex = hasher.finalize().to_hex().to_string();
    hex.truncate(16);
    hex
}
