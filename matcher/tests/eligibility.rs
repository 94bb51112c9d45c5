//! Every scenario of the rule catalogue (tests/scenarios).

#[allow(dead_code)]
mod scenarios;

use std::collections::BTreeSet;

use tenken_matcher::catalogue::{RULES, WAITING};

#[test]
fn every_scenario_is_as_expected() {
    let failures: Vec<String> = scenarios::all().iter().flat_map(|s| s.failures()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Decision 33: a rule that is switched on has a scenario that fires and one that must not.
#[test]
fn every_rule_has_both_kinds_of_scenario() {
    let (mut fires, mut not) = (BTreeSet::new(), BTreeSet::new());
    for s in scenarios::all() {
        let (f, n) = s.rules();
        fires.extend(f);
        not.extend(n);
    }
    let missing: Vec<&str> = RULES
        .iter()
        .map(|r| r.rule.as_str())
        .filter(|r| !(WAITING.contains(r) || fires.contains(r) && not.contains(r)))
        .collect();
    assert!(missing.is_empty(), "no scenario that fires or none that must not: {missing:?}");
}
