//! 求償事案の台帳: what becomes of a candidate for a third-party act, from the first look to the last payment
//! (third-party.md sections 1.3 to 1.5, 4.1, 5).
//!
//! A relational database of its own beside the store. States, words, time limits and the columns of the list are data
//! (`data/`). Nobody's name stands in it: whoever prints a list supplies the names.

mod cases;
pub mod claim_page;
mod database;
mod detection;
mod error;
pub mod kept;
mod kpi;
mod letters;
mod limits;
pub mod masters;
mod progress;
mod states;
pub mod text;
pub mod timeline;
mod words;

pub use cases::{Attached, Case, Detail, Edit, Move, MoveRow, NewCase};
pub use database::Database;
pub use detection::{AnsweredNo, HeldCase, Known, Registered};
pub use error::{Error, Result};
pub use kpi::{Kpi, Measure};
pub use letters::{Inquiry, Refusal, inquiries, may_send_letter};
pub use limits::{Facts, Limit, alerts, end_of_years, limits};
pub use progress::{COLUMNS, Person, Persons, csv, rows, xlsx};
pub use states::{Rule, next_states};
pub use words::{Word, is_named_role, title, words};
