//! Who may do what: roles and functions (`data/functions.csv`). Every route names its function, and nothing else decides.

use std::sync::LazyLock;

use crate::{
    error::{Error, Result},
    words::case_words,
};

/// The table as it stands in the file, for printing.
pub const TABLE: &str = include_str!("../data/functions.csv");

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $code:literal;)*) => {
        /// What can be done. Which roles may is in the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Function { $($(#[$doc])* $name),* }

        impl Function {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

functions! {
    /// password, tokens, signing out
    Own "own";
    Queue "queue";
    Claim "claim";
    Review "review";
    Approve "approve";
    /// cases that only named roles see
    Hold "hold";
    Export "export";
    Results "results";
    Cashier "cashier";
    Finance "finance";
    Overview "overview";
    Calendar "calendar";
    People "people";
    Audit "audit";
}

struct Row {
    function: String,
    title_ja: String,
    allowed: Vec<bool>,
}

static ROLES: LazyLock<Vec<&'static str>> = LazyLock::new(|| case_words("role").map(|w| w.code.as_str()).collect());

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let mut file = csv::Reader::from_reader(TABLE.as_bytes());
    let header = file.headers().cloned().unwrap_or_default();
    let columns: Vec<Option<usize>> = ROLES.iter().map(|r| header.iter().position(|h| h == *r)).collect();
    let cell = |row: &csv::StringRecord, at: usize| row.get(at).unwrap_or_default().to_owned();
    file.records()
        .flatten()
        .map(|row| Row {
            function: cell(&row, 0),
            title_ja: cell(&row, 1),
            allowed: columns.iter().map(|at| at.is_some_and(|at| row.get(at) == Some("1"))).collect(),
        })
        .collect()
});

/// The roles in the order of the table.
pub fn roles() -> &'static [&'static str] {
    &ROLES
}

/// # Errors
/// [`Error::UnknownWord`]
pub fn known_role(role: &str) -> Result<&'static str> {
    let known = || Error::UnknownWord { word: role.to_owned(), known: ROLES.join(", ") };
    ROLES.iter().copied().find(|r| *r == role).ok_or_else(known)
}

impl Function {
    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|r| r.function == self.code())
    }

    pub fn title(self) -> &'static str {
        self.row().map_or(self.code(), |r| r.title_ja.as_str())
    }

    /// Whether a role may. What the table does not say is not allowed.
    pub fn allows(self, role: &str) -> bool {
        let at = ROLES.iter().position(|r| *r == role);
        at.zip(self.row()).is_some_and(|(at, row)| row.allowed[at])
    }

    /// # Errors
    /// [`Error::NotAllowed`]
    pub fn require(self, role: &str) -> Result<()> {
        if self.allows(role) {
            return Ok(());
        }
        Err(Error::NotAllowed { role: role.to_owned(), function: self.title().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_has_a_row_and_every_row_a_function() {
        let codes: Vec<&str> = Function::ALL.iter().map(|f| f.code()).collect();
        let rows: Vec<&str> = ROWS.iter().map(|r| r.function.as_str()).collect();
        assert_eq!(codes, rows);
        assert_eq!(roles(), ["閲覧", "点検", "決裁", "経理", "管理"]);
        assert!(Function::ALL.iter().all(|f| roles().iter().any(|r| f.allows(r))), "nothing is for nobody");
    }

    #[test]
    fn looking_changes_nothing_and_managing_decides_nothing() {
        for f in [Function::Review, Function::Approve, Function::Export, Function::Results, Function::Cashier] {
            assert!(!f.allows("閲覧") && !f.allows("管理"), "{f:?}");
        }
        assert!(!Function::Own.allows("だれでも"));
        assert!(Function::Approve.require("点検").is_err() && Function::Approve.require("決裁").is_ok());
    }
}
