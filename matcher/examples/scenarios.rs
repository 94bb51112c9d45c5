//! The rule catalogue with the number of scenarios that fire and that must not:
//! `cargo run --release -p tenken-matcher --example scenarios`.

#[allow(dead_code)]
#[path = "../tests/scenarios/mod.rs"]
mod scenarios;

use std::{collections::BTreeMap, process::ExitCode};

use tenken_matcher::catalogue::{RULES, Rule, WAITING};

fn main() -> ExitCode {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let all = scenarios::all();
    for s in &all {
        let (fires, not) = s.rules();
        fires.iter().for_each(|r| counts.entry(r).or_default().0 += 1);
        not.iter().for_each(|r| counts.entry(r).or_default().1 += 1);
    }
    let waits = |rule: &Rule| WAITING.contains(&rule.rule.as_str());
    let number = |n: u32| if n == 0 { "-".to_owned() } else { n.to_string() };

    println!("{:<4}  {:>5}  {:>8}  {:<7}  name", "rule", "fires", "must not", "state");
    let mut group = "";
    for rule in RULES.iter() {
        if rule.rule[..2] != *group {
            group = &rule.rule[..2];
            println!();
        }
        let (fires, not) = counts.get(rule.rule.as_str()).copied().unwrap_or_default();
        let state = if waits(rule) { "waiting" } else { "on" };
        let needs = if waits(rule) { format!("（要: {}）", rule.needs) } else { String::new() };
        println!("{:<4}  {:>5}  {:>8}  {state:<7}  {}{needs}", rule.rule, number(fires), number(not), rule.name_ja);
    }

    let claims: usize = all.iter().map(|s| s.claims()).sum();
    let waiting = RULES.iter().filter(|r| waits(r)).count();
    let failures: Vec<String> = all.iter().flat_map(|s| s.failures()).collect();
    println!();
    println!("{} rules on, {waiting} waiting", RULES.len() - waiting);
    println!("{} scenarios with {claims} claims, {} not as expected", all.len(), failures.len());
    failures.iter().for_each(|f| println!("  {f}"));
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
