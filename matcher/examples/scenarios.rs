//! The rule catalogue with the number of scenarios that fire and that must not:
//! `cargo run --release -p tenken-matcher --example scenarios`.

#[allow(dead_code)]
#[path = "../tests/scenarios/mod.rs"]
mod scenarios;

use std::collections::BTreeMap;

use tenken_matcher::catalogue::{RULES, WAITING};

fn main() {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let all = scenarios::all();
    for s in &all {
        let (fires, not) = s.rules();
        fires.iter().for_each(|r| counts.entry(r).or_default().0 += 1);
        not.iter().for_each(|r| counts.entry(r).or_default().1 += 1);
    }
    println!("rule\tfires\tmust not\tstate\tname");
    for rule in RULES.iter() {
        let (fires, not) = counts.get(rule.rule.as_str()).copied().unwrap_or_default();
        let state = if WAITING.contains(&rule.rule.as_str()) { "waiting" } else { "on" };
        println!("{}\t{fires}\t{not}\t{state}\t{}", rule.rule, rule.name_ja);
    }
    let failures: usize = all.iter().map(|s| s.failures().len()).sum();
    println!("{} scenarios, {failures} not as expected", all.len());
}
