//! 事業月報 and the other documents that finance makes from claims (spec reports.md).
//!
//! Pure: decided claims, events and decisions become signed lines ([`booking`]); lines are summed by what forms ask for
//! ([`cube`]); a form is a file ([`forms`]); cells are checked ([`checks`]) and written ([`output`]).

pub mod booking;
pub mod checks;
pub mod cube;
pub mod expression;
pub mod forms;
pub mod line;
pub mod made;
pub mod output;
pub mod rates;

pub use cube::{Cube, Key};
pub use forms::{Form, Forms};
pub use line::{Class, Event, Line, Measures, Scheme};
pub use made::{List, Made, Report};
