//! States of a case and what may follow (`data/third_party_states.csv`, third-party.md 5.1).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::words::read;

/// The state of a case that was just opened.
pub const FIRST: &str = "CANDIDATE";
pub const INQUIRY: &str = "INQUIRY_SENT";
pub const REMINDED: &str = "REMINDED";
pub const HOLD: &str = "HOLD";
pub const SCOPE_FIXED: &str = "SCOPE_FIXED";
/// Reminders of one inquiry or request.
pub const MOST_REMINDERS: usize = 2;

/// One transition.
#[derive(Debug, Deserialize)]
pub struct Rule {
    pub from: String,
    pub to: String,
    /// `reason` `dismissal` `document` `answer` `period` `amount`, or nothing
    pub needs: String,
    /// answers after which it may follow, joined by `;`; empty = any
    pub answers: String,
    pub basis: String,
}

pub(crate) static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| read(include_str!("../data/third_party_states.csv")));

/// What may follow a state.
pub fn next_states(from: &str) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(move |r| r.from == from)
}

/// Nothing follows but reopening.
pub fn is_end(state: &str) -> bool {
    let mut next = next_states(state).peekable();
    next.peek().is_some() && next.all(|r| r.basis.ends_with("(reopening)"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::words::words;

    #[test]
    fn every_state_is_reached_and_left() {
        assert_eq!(RULES.len(), include_str!("../data/third_party_states.csv").lines().count() - 1);
        let states: BTreeSet<&str> = words("state").map(|w| w.code.as_str()).collect();
        let mut seen = BTreeSet::from([FIRST]);
        loop {
            let before = seen.len();
            for r in RULES.iter() {
                assert!(states.contains(r.from.as_str()) && states.contains(r.to.as_str()), "{} {}", r.from, r.to);
                if seen.contains(r.from.as_str()) {
                    seen.insert(&r.to);
                }
            }
            if seen.len() == before {
                break;
            }
        }
        assert_eq!(seen, states);
        assert!(states.iter().all(|s| next_states(s).next().is_some()), "no state is a trap");
        assert!(is_end("CLOSED_PAID") && is_end("DISMISSED") && !is_end("PAID") && !is_end("REMINDED"));
    }
}
