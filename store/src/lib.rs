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
    let mut text = [0u8; 64 + 1 + 20];
    let mut len = 0;
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut n = ordinal;
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    for part in [file_hash.as_bytes(), b":", &digits[at..]] {
        if let Some(to) = text.get_mut(len..len + part.len()) {
            to.copy_from_slice(part);
            len += part.len();
        }
    }
    let hash = blake3::hash(&text[..len]);
    let mut hex = String::with_capacity(16);
    for byte in &hash.as_bytes()[..8] {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::claim_id;

    /// The definition of the contract, in the plainest words.
    #[test]
    fn claim_ids_follow_the_definition() {
        let file_hash = blake3::hash(b"IR,1").to_hex().to_string();
        for ordinal in [1, 9, 10, 123_456, u64::MAX] {
            let want = &blake3::hash(format!("{file_hash}:{ordinal}").as_bytes()).to_hex()[..16];
            assert_eq!(claim_id(&file_hash, ordinal), want);
        }
    }
}
