//! `tenken ledger load`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::ArgMatches;
use serde_json::json;
use tenken_matcher::files::{
    Mapping, layout,
    ledger::{self, Ledger},
};
use tenken_store::runs::{RunKind, RunRow};

use super::{Ended, begin_writing, of_files, registry};
use crate::{
    lang::{Lang, say},
    output::{Format, thousands},
    platform,
};

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("load", m)) => load(lang, m),
        _ => Ok(Ended::Failed),
    }
}

fn load(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let paths: Vec<PathBuf> = m.get_many::<PathBuf>("path").unwrap_or_default().cloned().collect();
    if let Some(missing) = paths.iter().find(|p| !p.exists()) {
        bail!("{}", say!("{p} がありません", "there is no {p}", p = missing.display()));
    }
    let mapping = match m.get_one::<PathBuf>("mapping") {
        Some(path) => Mapping::read(path, &layout::LEDGER).map_err(of_files)?,
        None => Mapping::default(),
    };
    let store = super::open(m)?;
    let owner = registry::owner_named(&store, m.get_one::<String>("insurer").map(String::as_str))?;
    // what is wrong with the files as a whole is found before anything is written
    let mut ledger = ledger::load(&paths, &mapping).map_err(of_files)?;
    let lock = begin_writing(lang, &store)?;
    let texts = |of: fn(&ledger::Event) -> Option<&str>| -> Vec<&str> {
        ledger.events.iter().filter_map(|(_, e)| of(e)).collect()
    };
    let (claims, search_nos) = (texts(|e| e.claim_id.as_deref()), texts(|e| e.search_no.as_deref()));
    let (claims, search_nos) = store.known_claims(&claims, &search_nos)?;
    let known: std::collections::HashSet<String> = store.events(&owner)?.into_iter().map(|e| e.event_id).collect();
    ledger.refuse_events(
        |e| match (&e.claim_id, &e.search_no) {
            (Some(id), _) => claims.contains(id),
            (None, Some(no)) => search_nos.contains(no),
            (None, None) => false,
        },
        |id| known.contains(id),
    );
    let mut run = RunRow::new(store.new_run_id()?, RunKind::LedgerLoad);
    run.user = platform::user_name();
    run.inputs = json!({
        "files": ledger.files.iter().map(|f| json!({ "name": f.name, "hash": f.hash.to_hex().to_string() })).collect::<Vec<_>>(),
    });
    run.counts = counts(&ledger);
    let run = store.write_ledger(&lock, &owner, &ledger, run)?;
    match super::format(m) {
        Format::Json => println!(
            "{}",
            serde_json::to_string_pretty(&json!({
                "run_id": run.run_id,
                "owner": owner,
                "rows": run.counts,
                "rejects": ledger.rejects.iter().map(|r| json!({
                    "file": r.file, "line": r.line, "column": r.column, "value": r.value, "reason": r.reason,
                })).collect::<Vec<_>>(),
                "warnings": ledger.warnings.iter().map(|w| json!({ "code": w.code(), "text": w.japanese() })).collect::<Vec<_>>(),
                "skipped": ledger.skipped,
            }))?
        ),
        _ => print!("{}", summary(lang, &owner, &run, &ledger)),
    }
    Ok(if ledger.rejects.is_empty() { Ended::Done } else { Ended::NeedsLook })
}

fn counts(ledger: &Ledger) -> serde_json::Value {
    json!({
        "events": ledger.events.len(),
        "cash": ledger.cash.len(),
        "billed": ledger.billed.len(),
        "counts": ledger.counts.len(),
        "rejects": ledger.rejects.len(),
    })
}

fn summary(lang: Lang, owner: &str, run: &RunRow, ledger: &Ledger) -> String {
    let t = |ja, en| lang.t(ja, en);
    let mut out = format!("{} {owner} ({})\n", t("記録を読み込みました:", "ledger loaded:"), run.run_id);
    for (name, count) in [
        (t("異動（過誤・再審査）", "events              "), ledger.events.len()),
        (t("現金給付の決定      ", "decisions in cash   "), ledger.cash.len()),
        (t("請求内訳            ", "amounts billed      "), ledger.billed.len()),
        (t("被保険者数          ", "insured counts      "), ledger.counts.len()),
        (t("拒否                ", "rejected            "), ledger.rejects.len()),
    ] {
        out.push_str(&format!("  {name}  {}\n", thousands(count as i64)));
    }
    for w in &ledger.warnings {
        let text = if lang == Lang::Ja { w.japanese() } else { w.english() };
        out.push_str(&format!("  {}: {text}\n", t("参考", "note")));
    }
    registry::list_rejects(lang, &ledger.rejects, &mut out);
    out
}
