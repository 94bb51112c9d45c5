//! `tenken verify`: integrity of everything.

use anyhow::Result;
use clap::ArgMatches;
use serde_json::{Value, json};
use tenken_store::verify::Damage;

use super::Ended;
use crate::{
    lang::{Lang, say},
    output::{Format, List, thousands},
};

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let mut report = store.verify(&mut |_| {})?;
    let log = store.access_log().verify(None)?;
    report.damage.extend(log.trouble.iter().filter(|t| t.what.is_damage()).map(|t| Damage {
        table: "audit".into(),
        file: t.file.clone(),
        range: t.range,
        reason: super::audit::reason(lang, t),
    }));
    let unfinished = log.trouble.iter().find(|t| !t.what.is_damage());
    if let Some(t) = unfinished {
        eprintln!("audit/{}", super::audit::place_and_reason(lang, t));
    }
    let ended = match (report.damage.is_empty(), unfinished) {
        (false, _) => Ended::Failed,
        (true, Some(_)) => Ended::NeedsLook,
        (true, None) => Ended::Done,
    };
    let range = |r: Option<(u64, u64)>| r.map(|(a, b)| json!([a, b])).unwrap_or(Value::Null);
    match super::format(m) {
        Format::Json => {
            let damage: Vec<Value> = report
                .damage
                .iter()
                .map(|d| json!({ "table": d.table, "file": d.file, "byte_range": range(d.range), "reason": d.reason }))
                .collect();
            let out = json!({
                "imports": report.imports, "data_files": report.data_files, "rows": report.rows,
                "originals": report.originals, "original_bytes": report.original_bytes,
                "claims": report.claims, "rejected": report.rejected, "damage": damage, "looks": log.rows,
            });
            println!("{}", serde_json::to_string_pretty(&out)?);
        }
        Format::Csv => {
            let mut list = List::new(&["table", "file", "byte_start", "byte_end", "reason"]);
            for d in &report.damage {
                let (start, end) = d.range.map_or((Value::Null, Value::Null), |(a, b)| (a.into(), b.into()));
                list.rows.push(vec![
                    d.table.clone().into(),
                    d.file.clone().into(),
                    start,
                    end,
                    d.reason.clone().into(),
                ]);
            }
            super::print(m, &list)?;
        }
        Format::Table => {
            let n = |v: usize| thousands(v as i64);
            let (imports, files, originals) = (n(report.imports), n(report.data_files), n(report.originals));
            let (rows, bytes) = (thousands(report.rows), thousands(report.original_bytes));
            let (claims, rejected) = (thousands(report.claims), thousands(report.rejected));
            let looks = thousands(log.rows as i64);
            println!(
                "{}",
                say!(
                    "取込 {imports} 件、データファイル {files} 個（{rows} 行）、原本 {originals} 個（{bytes} バイト）、レセプト {claims} 件、拒否 {rejected} 件、閲覧記録 {looks} 件を調べました",
                    "checked {imports} imports, {files} data files ({rows} rows), {originals} originals ({bytes} bytes), {claims} claims, {rejected} rejects, {looks} rows of the access log"
                )
            );
            for d in &report.damage {
                let at = d.range.map_or(String::new(), |(a, b)| format!(" [{a}..{b}]"));
                println!("{} {}/{}{at}: {}", lang.t("損傷", "damage"), d.table, d.file, d.reason);
            }
            if report.damage.is_empty() {
                println!("{}", lang.t("すべて無傷です", "everything is intact"));
            }
        }
    }
    Ok(ended)
}
