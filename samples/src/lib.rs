//! 架空の町のレセプトと資格台帳: a register with five years of history, the claims of any number of months in
//! both forms, and what is known of each claim. Every person, number and institution is invented. The same
//! options give the same bytes on every machine, in the memory of one district for any size.

mod calendar;
pub mod claims;
mod draw;
mod faults;
mod files;
mod options;
pub mod order;
mod plan;
mod quota;
mod registry;
pub mod rng;
mod sample;
mod scratch;
mod small;
mod tables;
mod town;
mod truth;

pub use options::{Form, Options, Size};
pub use sample::{Sample, Total, may_be_written, write, write_with};
pub use small::small_month;

/// The first town's 国保 and its 後期 number (invented).
pub const INSURER_KOKUHO: &str = "139998";
pub const INSURER_KOKI: &str = "39139993";
