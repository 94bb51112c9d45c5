//! `tenken third-party` and `third-party score`.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::ArgMatches;
use serde_json::Value;
use tenken_matcher::third_party::{Rules, mini_cases};
use tenken_parser::Month;
use tenken_store::{Store, audit::Look, third_party::ThirdPartyRow};

use super::{Ended, third_party_case};
use crate::{
    lang::{Lang, say},
    output::List,
};

/// csv columns of the contract.
const COLUMNS: [&str; 11] = [
    "claim_id",
    "source_file",
    "receipt_no",
    "service_month",
    "person_id",
    "score",
    "band",
    "flag",
    "route",
    "evidence",
    "hold",
];

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("score", m)) => score(m),
        Some(("case", m)) => third_party_case::run(lang, m),
        _ => candidates(m),
    }
}

/// The candidates of the visible imports of a month, the most urgent band first, then by score.
fn candidates(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let month = m.get_one::<Month>("month").map(ToString::to_string);
    let insurer = m.get_one::<String>("insurer").map(String::as_str);
    let mut imports = store.imports()?;
    imports.retain(|i| i.is_visible() && month.as_ref().is_none_or(|m| i.exam_month == *m));
    imports.sort_by(|a, b| a.exam_month.cmp(&b.exam_month));
    let mut list = List::new(&COLUMNS);
    for import in imports {
        let mut rows = store.read_third_party(&import.import_id)?;
        rows.retain(|r| insurer.is_none_or(|i| r.owner == i));
        let names = names(&store, &import.import_id, &rows)?;
        for r in &rows {
            let (source_file, receipt_no) = names.get(&r.claim_id).cloned().unwrap_or_default();
            list.rows.push(vec![
                r.claim_id.clone().into(),
                source_file.into(),
                receipt_no.into(),
                r.service_month.clone().into(),
                r.person_id.clone().map_or(Value::Null, Value::from),
                r.score.into(),
                r.band.clone().map_or(Value::Null, Value::from),
                r.flag.into(),
                r.route.clone().into(),
                Value::Array(r.evidence.iter().map(|e| e.clone().into()).collect()),
                r.hold.into(),
            ]);
        }
    }
    let target = [month.map(|m| format!("month={m}")), insurer.map(|i| format!("insurer={i}"))];
    let target: Vec<String> = target.into_iter().flatten().collect();
    super::show(m, &store, Look::new("third-party").target(&target.join(" ")), &list)?;
    Ok(Ended::Done)
}

/// File and receipt number of claims.
fn names(store: &Store, import_id: &str, rows: &[ThirdPartyRow]) -> Result<HashMap<String, (String, String)>> {
    let wanted: HashSet<&str> = rows.iter().map(|r| r.claim_id.as_str()).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let claims = store.claim_rows(import_id, &mut |key| wanted.contains(key.claim_id))?;
    Ok(claims.into_iter().map(|c| (c.claim_id, (c.source_file, c.receipt_no))).collect())
}

fn score(m: &ArgMatches) -> Result<Ended> {
    let path = |name: &str| m.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let rules = Rules::load(m.get_one::<PathBuf>("rules").map(PathBuf::as_path))?;
    let (from, to) = (path("in"), path("out"));
    let text = fs::read(&from).with_context(|| from.display().to_string())?;
    let text = String::from_utf8(text)
        .ok()
        .with_context(|| say!("{p}: UTF-8 の CSV ではありません", "{p}: no CSV in UTF-8", p = from.display()))?;
    let cases = mini_cases::read(&text).with_context(|| from.display().to_string())?;
    let (csv, errors) = mini_cases::write(&rules, &cases);
    fs::write(&to, csv).with_context(|| to.display().to_string())?;
    for (case, e) in &errors {
        eprintln!("{} {case}: {e}", from.display());
    }
    eprintln!(
        "{}",
        say!(
            "{n} 件を {to} に書きました（うち {bad} 件は点を付けられません）",
            "{n} cases written to {to} ({bad} of them could not be scored)",
            n = cases.len(),
            to = to.display(),
            bad = errors.len()
        )
    );
    Ok(if errors.is_empty() { Ended::Done } else { Ended::NeedsLook })
}
