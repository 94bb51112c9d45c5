//! States of a case of the desk, what may follow, and the decisions (`data/case_*.csv`, insurer-workflow.md 3.2).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::words::read;

/// A state and who has the case in it.
#[derive(Debug, Deserialize)]
pub struct State {
    pub state: String,
    pub name_ja: String,
    /// 0 ended, 1 with the reviewers, 2 outside, 3 with the cashier
    pub stage: i64,
}

/// One step that is legal.
#[derive(Debug, Deserialize)]
pub struct Transition {
    pub from: String,
    pub to: String,
    /// who makes it: a function of `functions.csv`, or `system`
    pub function: String,
    /// `reason` `due` `decision` `document` `result` `amount`, or nothing
    pub needs: String,
    pub basis: String,
}

/// What a reviewer can decide.
#[derive(Debug, Deserialize)]
pub struct Decision {
    pub decision: String,
    /// D1 to D8 (eligibility-rules.md 1.7)
    pub disposition: String,
    /// number key
    pub key: String,
    pub name_ja: String,
    /// the paper or file as which it leaves
    pub leaves_as: String,
    pub basis: String,
}

pub static STATES: LazyLock<Vec<State>> = LazyLock::new(|| read(include_str!("../data/case_states.csv")));
pub static TRANSITIONS: LazyLock<Vec<Transition>> =
    LazyLock::new(|| read(include_str!("../data/case_transitions.csv")));
pub static DECISIONS: LazyLock<Vec<Decision>> = LazyLock::new(|| read(include_str!("../data/case_decisions.csv")));

pub fn state(code: &str) -> Option<&'static State> {
    STATES.iter().find(|s| s.state == code)
}

/// The Japanese name of a state, or the code.
pub fn title(code: &str) -> &str {
    state(code).map_or(code, |s| s.name_ja.as_str())
}

pub fn stage_of(code: &str) -> i64 {
    state(code).map_or(1, |s| s.stage)
}

pub fn transition(from: &str, to: &str) -> Option<&'static Transition> {
    TRANSITIONS.iter().find(|t| t.from == from && t.to == to)
}

/// What may follow a state.
pub fn next(from: &str) -> impl Iterator<Item = &'static Transition> {
    TRANSITIONS.iter().filter(move |t| t.from == from)
}

pub fn decision(code: &str) -> Option<&'static Decision> {
    DECISIONS.iter().find(|d| d.decision == code)
}

/// The usual decision of a proposal D1 to D9; D6 and D9 propose none.
pub fn decision_of(disposition: &str) -> Option<&'static Decision> {
    DECISIONS.iter().find(|d| d.disposition == disposition)
}

/// The Japanese name of a decision, or the code.
pub fn decision_title(code: &str) -> &str {
    decision(code).map_or(code, |d| d.name_ja.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::functions::Function;

    #[test]
    fn every_state_is_reached_left_and_known() {
        assert_eq!(STATES.len(), include_str!("../data/case_states.csv").lines().count() - 1);
        assert_eq!(TRANSITIONS.len(), include_str!("../data/case_transitions.csv").lines().count() - 1);
        assert_eq!(DECISIONS.len(), include_str!("../data/case_decisions.csv").lines().count() - 1);
        let all: BTreeSet<&str> = STATES.iter().map(|s| s.state.as_str()).collect();
        let mut seen = BTreeSet::from(["NEW"]);
        for _ in 0..all.len() {
            for t in TRANSITIONS.iter() {
                assert!(all.contains(t.from.as_str()) && all.contains(t.to.as_str()), "{} {}", t.from, t.to);
                let known = Function::ALL.iter().any(|f| f.code() == t.function) || t.function == "system";
                assert!(known, "{}", t.function);
                if seen.contains(t.from.as_str()) {
                    seen.insert(&t.to);
                }
            }
        }
        assert_eq!(seen, all);
        assert!(all.iter().all(|s| next(s).next().is_some()), "no state is a trap");
    }
}
