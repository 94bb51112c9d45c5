//! 資格台帳: the rows of a register, and its compact form for matching.

pub mod rows;
