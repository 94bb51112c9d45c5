//! 点検者の側: the reviewers' desk and application, and the log of third-party cases.
//!
//! A relational database of its own beside the store (`review.sqlite`): people, the queue, cases and what became of them
//! (insurer-workflow.md 3), 求償事案 (third-party.md sections 1.3 to 1.5, 4.1, 5). States, decisions, words, roles, time
//! limits and the columns of the papers are data (`data/`). Claims, findings and registers are read from the store.

pub mod batches;
pub mod case_states;
mod cases;
pub mod claim_page;
mod database;
pub mod desk;
pub mod desk_case;
mod detection;
pub mod documents;
mod error;
pub mod findings;
pub mod functions;
pub mod kept;
mod kpi;
mod letters;
mod limits;
pub mod masters;
pub mod overview;
pub mod people;
mod progress;
pub mod queue;
pub mod saishinsa;
mod states;
pub mod text;
pub mod timeline;
pub mod web;
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
pub use words::{Word, case_title, case_words, is_named_role, title, words};
