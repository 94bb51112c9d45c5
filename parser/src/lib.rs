//! レセプト電算ファイル (UKE と審査支払機関からのレセ電コード情報ファイル) を読む。
//!
//! Bytes become records, records become claims; nothing is copied and nothing is decoded before
//! someone asks. Content never makes this crate fail: what is wrong comes back as [`Problem`]s beside
//! the claim. Only reading a file from the disk is an `Err`.
//!
//! The way through: [`Source`] maps a file, [`Frames`] cuts it into [`RawClaim`]s and file-level
//! records, [`Claim::read`] turns one raw claim into records, and the modules of [`view`] give the
//! typed facts (header, public payers, diagnoses, lines, comments, service days) of its
//! *effective view* (審査後の姿).
//!
//! This crate knows nothing of storage, registry or rules.

pub mod claim;
pub mod codes;
pub mod encoding;
pub mod field;
pub mod frame;
pub mod identifiers;
pub mod layout;
pub mod lines;
pub mod masters;
pub mod problem;
pub mod record;
pub mod scan;
pub mod source;
pub mod value;
pub mod view;

pub use claim::{Claim, DataKind, Institution, Kind, Row};
pub use encoding::Encoding;
pub use field::{Field, FieldError};
pub use frame::{Form, Frames, RawClaim, sniff};
pub use layout::RecordLayout;
pub use problem::{Problem, ProblemCode, Severity};
pub use record::{Record, RecordId};
pub use source::Source;
pub use value::{Date, Decimal, Month};
