//! 資格台帳: the rows of a register, and its compact form for matching.

pub mod attribute;
pub mod compact;
pub mod rows;

pub use attribute::AttributeKind;
pub use compact::{OwnerRegistry, PersonView};
