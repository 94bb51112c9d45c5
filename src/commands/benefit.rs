//! `tenken benefit`: the calculators, the limits, the batch of a month.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::ArgMatches;
use serde_json::Value;
use tenken_benefit::{
    Law, Limits, Row,
    worksheets::{Calculated, SheetError, claims, households},
};
use tenken_matcher::files::my_number;

use super::Ended;
use crate::{
    config::{BenefitConfig, Config},
    lang::{Lang, say},
    output::List,
};

pub fn run(_lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("calc", m)) => calculate(m, claims::calculate),
        Some(("household", m)) => calculate(m, households::calculate),
        Some(("limits", m)) => limits(m),
        _ => Ok(Ended::Failed),
    }
}

/// The law in force: as shipped, or with the tables that the configuration names.
pub fn law_of(config: &BenefitConfig) -> Result<Law> {
    let mut law = Law::shipped();
    if let Some(path) = &config.limits {
        law = law.with_limits(&read(path)?).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &config.programmes {
        law = law.with_programmes(&read(path)?).with_context(|| path.display().to_string())?;
    }
    Ok(law)
}

fn configured(m: &ArgMatches) -> Result<BenefitConfig> {
    let path = |name: &str| m.try_get_one::<PathBuf>(name).ok().flatten();
    let config = match (path("config"), path("store")) {
        (Some(file), _) => Config::of_file(file)?,
        (None, Some(root)) => Config::of_store(root)?,
        (None, None) => Config::default(),
    };
    Ok(config.benefit)
}

fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    String::from_utf8(bytes)
        .ok()
        .with_context(|| say!("{p}: UTF-8 の CSV ではありません", "{p}: no CSV in UTF-8", p = path.display()))
}

type Calculator = fn(&Law, &[String], &str) -> Result<Calculated, SheetError>;

fn calculate(m: &ArgMatches, calculator: Calculator) -> Result<Ended> {
    let path = |name: &str| m.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let config = configured(m)?;
    let law = law_of(&config)?;
    let (from, to) = (path("in"), path("out"));
    let text = read(&from)?;
    my_number::refuse(&from.file_name().unwrap_or_default().to_string_lossy(), &text).map_err(super::of_files)?;
    let done = calculator(&law, &config.accept_limits, &text).with_context(|| from.display().to_string())?;
    fs::write(&to, &done.csv).with_context(|| to.display().to_string())?;
    for (line, row, why) in &done.failed {
        eprintln!("{}:{line} {row}: {why}", from.display());
    }
    eprintln!(
        "{}",
        say!(
            "{n} 件を {to} に書きました（計算できない {bad} 件、未確定の限度額による {open} 件）",
            "{n} results written to {to} ({bad} could not be worked out, {open} stand on limits that are not confirmed)",
            n = done.rows,
            to = to.display(),
            bad = done.failed.len(),
            open = done.undecided
        )
    );
    Ok(if done.failed.is_empty() && done.undecided == 0 { Ended::Done } else { Ended::NeedsLook })
}

/// Columns of `benefit limits`.
const LIMITS: [&str; 16] = [
    "limit_row",
    "difference",
    "valid_from",
    "valid_to",
    "label_ja",
    "base_yen",
    "threshold_yen",
    "rate",
    "multi_hit_yen",
    "outpatient_cap_yen",
    "outpatient_annual_cap_yen",
    "annual_cap_yen",
    "status",
    "accepted",
    "confidence",
    "source",
];

fn limits(m: &ArgMatches) -> Result<Ended> {
    let config = configured(m)?;
    let law = law_of(&config)?;
    let own = match m.get_one::<PathBuf>("file") {
        Some(path) => Some(Limits::parse(&read(path)?).with_context(|| path.display().to_string())?),
        None => None,
    };
    let mut list = List::new(&LIMITS);
    let mut push = |row: &Row, difference: &str| list.rows.push(cells(row, difference, &config.accept_limits));
    match &own {
        None => law.limits.rows().iter().for_each(|row| push(row, "")),
        Some(own) => {
            for (row, difference) in differences(&law.limits, own) {
                push(row, difference);
            }
        }
    }
    super::print(m, &list)?;
    Ok(Ended::Done)
}

/// Rows that differ: `changed` and `added` as they are in the new table, `removed` as they were.
fn differences<'l>(old: &'l Limits, new: &'l Limits) -> Vec<(&'l Row, &'static str)> {
    let mut out = Vec::new();
    for row in new.rows() {
        match old.by_key(row.key()) {
            None => out.push((row, "added")),
            Some(before) if !before.same_amounts(row) || (before.status, before.valid_to) != (row.status, row.valid_to) => {
                out.push((row, "changed"));
            }
            Some(_) => {}
        }
    }
    out.extend(old.rows().iter().filter(|row| new.by_key(row.key()).is_none()).map(|row| (row, "removed")));
    out
}

fn cells(row: &Row, difference: &str, accepted: &[String]) -> Vec<Value> {
    let yen = |y: Option<tenken_benefit::Yen>| y.map_or(Value::Null, |y| y.0.into());
    vec![
        row.key().into(),
        difference.into(),
        row.valid_from.to_string().into(),
        row.valid_to.map_or(Value::Null, |to| to.to_string().into()),
        row.label_ja.clone().into(),
        row.monthly.base.0.into(),
        yen(row.monthly.above.map(|a| a.0)),
        row.monthly.above.map_or(Value::Null, |a| (f64::from(a.1.0) / 10_000.0).into()),
        yen(row.multi_hit),
        yen(row.outpatient_cap),
        yen(row.outpatient_annual_cap),
        yen(row.annual_cap),
        row.status.code().into(),
        accepted.iter().any(|k| k == row.key()).into(),
        row.confidence.clone().into(),
        row.source.clone().into(),
    ]
}
