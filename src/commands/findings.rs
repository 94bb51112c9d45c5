//! `tenken findings`, `tenken findings --explain`, `tenken rules`, `tenken config`.

use anyhow::{Result, bail};
use clap::ArgMatches;
use serde_json::Value;
use tenken_matcher::{
    catalogue::{self, RULES},
    finding::{Disposition, Severity},
    registry::AttributeKind,
};
use tenken_parser::Month;
use tenken_review::findings;
use tenken_store::{Store, audit::Look, findings::FindingRow};

use super::Ended;
use crate::{
    config::Config,
    lang::{Lang, say},
    matching::register_of,
    output::{Format, List, pad, time},
};

/// csv columns of the contract.
const COLUMNS: [&str; 20] = [
    "claim_id",
    "source_file",
    "receipt_no",
    "billing_month",
    "service_month",
    "insurer_no",
    "kigo",
    "bango",
    "edaban",
    "person_id",
    "rule",
    "is_primary",
    "severity",
    "certainty",
    "disposition",
    "days_bad",
    "reason",
    "institution_code",
    "search_no",
    "finding_id",
];

pub fn list(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    if let Some(id) = m.get_one::<String>("explain") {
        return explain(lang, m, &store, id);
    }
    let rows = select(&store, m)?;
    let mut persons: Vec<&str> = rows.iter().filter_map(|r| r.person_id.as_deref()).collect();
    persons.sort_unstable();
    persons.dedup();
    super::log_look(&store, Look::new("findings").target(&target(m)).rows(rows.len()).persons(Some(persons.len())))?;
    if super::format(m) == Format::Json {
        let rows: Vec<Value> = rows.iter().map(|f| Value::Object(findings::json(f))).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(Ended::Done);
    }
    let mut list = List::new(&COLUMNS);
    for row in &rows {
        let object = findings::json(row);
        list.rows.push(COLUMNS.iter().map(|c| object[*c].clone()).collect());
    }
    super::print(m, &list)?;
    Ok(Ended::Done)
}

/// What was asked for, for the access log.
fn target(m: &ArgMatches) -> String {
    let of = |name: &str| m.get_one::<String>(name).map(|v| format!("{name}={v}"));
    let month = m.get_one::<Month>("month").map(|v| format!("month={v}"));
    let parts: Vec<String> = [month, of("rule"), of("insurer")].into_iter().flatten().collect();
    parts.join(" ")
}

fn select(store: &Store, m: &ArgMatches) -> Result<Vec<FindingRow>> {
    let month = m.get_one::<Month>("month").map(ToString::to_string);
    let rule = m.get_one::<String>("rule").map(String::as_str);
    let insurer = m.get_one::<String>("insurer").map(String::as_str);
    let mut imports = store.imports()?;
    imports.retain(|i| i.is_visible() && month.as_ref().is_none_or(|m| i.exam_month == *m));
    imports.sort_by(|a, b| a.exam_month.cmp(&b.exam_month));
    let mut out = Vec::new();
    for import in imports {
        let wanted = |f: &FindingRow| {
            f.state == "open"
                && insurer.is_none_or(|i| f.owner == i)
                && match rule {
                    // an origin: what a re-check opened
                    Some("E223") => f.origin == "E223",
                    Some(rule) => f.rule == rule,
                    None => true,
                }
        };
        out.extend(store.read_findings(&import.import_id)?.into_iter().filter(wanted));
    }
    Ok(out)
}

fn explain(lang: Lang, m: &ArgMatches, store: &Store, id: &str) -> Result<Ended> {
    let mut found = None;
    for import in store.imports()?.into_iter().filter(|i| i.is_visible()) {
        found = store.read_findings(&import.import_id)?.into_iter().find(|f| f.finding_id == id);
        if found.is_some() {
            break;
        }
    }
    let Some(f) = found else {
        bail!(
            "{}",
            say!(
                "指摘 {id} は、見える取込の中にありません（tenken findings で番号を確かめてください）",
                "finding {id} is in no visible import (see tenken findings)"
            )
        )
    };
    super::log_look(store, Look::new("findings").target(id).rows(1).persons(Some(usize::from(f.person_id.is_some()))))?;
    if super::format(m) == Format::Json {
        println!("{}", serde_json::to_string_pretty(&Value::Object(findings::json(&f)))?);
    } else {
        print!("{}", page(lang, &f));
    }
    Ok(Ended::Done)
}

/// A finding in full, for a person to read.
fn page(lang: Lang, f: &FindingRow) -> String {
    let t = |ja, en| lang.t(ja, en);
    let evidence: Value = serde_json::from_str(&f.evidence).unwrap_or(Value::Null);
    let rule = catalogue::rule(&f.rule);
    let name = rule.map_or("", |r| lang.t(&r.name_ja, &r.name_en));
    let severity = Severity::from_code(&f.severity).map_or("", Severity::title);
    let disposition = f.disposition.as_deref().and_then(Disposition::from_code).map_or("", Disposition::title);
    let mut out = format!("{} {name}\n  {}\n\n", f.rule, f.reason);
    let mut line = |label: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("  {}  {value}\n", pad(label, 14, false)));
        }
    };
    line(t("指摘の番号", "finding"), f.finding_id.clone());
    line(t("レセプト", "claim"), format!("{} ({} {})", f.claim_id, f.source_file, f.receipt_no));
    line(t("診療月", "service month"), format!("{} ({} {})", f.service_month, t("請求", "billed"), f.billing_month));
    line(t("宛名番号", "person"), f.person_id.clone().unwrap_or_default());
    line(t("重要度", "severity"), format!("{} {severity}", f.severity));
    line(t("確からしさ", "certainty"), f.certainty.clone());
    line(t("処理案", "proposal"), format!("{} {disposition}", f.disposition.as_deref().unwrap_or("–")));
    line(t("過誤理由", "reason code"), f.k_code.clone());
    line(t("正しい保険者", "right payer"), f.cand_payer.clone().unwrap_or_default());
    if f.retro {
        line(t("遡及", "retroactive"), t("受診の後に台帳が変わった", "the register changed after the service").into());
    }
    if f.prov_ok {
        line(t("窓口確認", "confirmed"), t("医療機関は資格を確かめている", "the provider did confirm").into());
    }
    line(t("根拠", "basis"), rule.map_or(String::new(), |r| r.basis.clone()));
    let state = match (f.state.as_str(), f.closed_reason.as_deref()) {
        ("open", _) => format!("{} {}", t("未処理", "open"), time(f.opened_at)),
        (_, reason) => format!("{} {}", t("解消", "closed"), reason.unwrap_or_default()),
    };
    line(t("状態", "state"), state);
    line(t("出どころ", "origin"), f.origin.clone());
    calendar(&mut out, f, &evidence);
    section(&mut out, lang, t("請求の内容", "on the claim"), &evidence["claim"]);
    registry(&mut out, lang, &evidence["registry"]);
    section(&mut out, lang, t("本人の特定", "identification"), &evidence["tier"]);
    out
}

/// The days of service in the month: ○ covered, × not, with the rule that says why.
fn calendar(out: &mut String, f: &FindingRow, evidence: &Value) {
    let Some(month) = Month::parse_iso(&f.service_month) else { return };
    if f.days_bad.is_empty() && f.days_ok.is_empty() {
        return;
    }
    out.push_str(&format!("\n  {month}\n  日  月  火  水  木  金  土\n"));
    // 1970-01-01 was a Thursday
    let offset = (month.first_day().epoch_days() + 4).rem_euclid(7);
    let mut column = offset;
    out.push_str("  ");
    out.push_str(&"    ".repeat(offset as usize));
    for day in 1..=month.days() {
        let Some(date) = month.day(day) else { continue };
        let mark = match (f.days_bad.contains(&date), f.days_ok.contains(&date)) {
            (true, _) => '×',
            (_, true) => '○',
            _ => ' ',
        };
        let cell = format!("{mark}{day:<3}");
        out.push_str(&cell);
        column += 1;
        if column == 7 && day < month.days() {
            column = 0;
            out.push_str("\n  ");
        }
    }
    out.push('\n');
    for day in evidence["days"].as_array().into_iter().flatten() {
        if day["ok"] == false {
            let rule = day["rule"].as_str().unwrap_or_default();
            let name = catalogue::rule(rule).map_or("", |r| r.name_ja.as_str());
            out.push_str(&format!("  × {} {rule} {name}\n", day["day"].as_str().unwrap_or_default()));
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        Value::Array(a) => a.iter().map(plain).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}

fn section(out: &mut String, lang: Lang, title: &str, value: &Value) {
    let Some(object) = value.as_object() else { return };
    out.push_str(&format!("\n  {title}\n"));
    for (name, value) in object {
        let text = plain(value);
        if !text.is_empty() {
            out.push_str(&format!("    {} {text}\n", pad(label(lang, name), 18, false)));
        }
    }
}

/// A key of the evidence, in the words of the user.
fn label(lang: Lang, name: &str) -> &str {
    if lang == Lang::Ja { findings::label(name) } else { name }
}

fn registry(out: &mut String, lang: Lang, value: &Value) {
    let t = |ja, en| lang.t(ja, en);
    if value.is_null() {
        return;
    }
    out.push_str(&format!("\n  {}\n", t("台帳の内容", "in the register")));
    for name in ["owner", "person_id", "birth_date", "sex", "death_date"] {
        let text = plain(&value[name]);
        if !text.is_empty() {
            out.push_str(&format!("    {} {text}\n", pad(label(lang, name), 18, false)));
        }
    }
    let known = |v: &Value| match v.as_str() {
        Some(at) => format!("［{} {at}］", t("登録", "registered")),
        None => String::new(),
    };
    for s in value["spans"].as_array().into_iter().flatten() {
        out.push_str(&format!(
            "    {} {} {}{} – {} {}{}\n",
            t("資格", "span"),
            plain(&s["acquired_on"]),
            plain(&s["acquired_reason"]),
            known(&s["acquired_registered_at"]),
            plain(&s["lost_on"]),
            plain(&s["lost_reason"]),
            known(&s["lost_registered_at"]),
        ));
    }
    for p in value["periods"].as_array().into_iter().flatten() {
        out.push_str(&format!(
            "    {} {} – {} {} {} {}-{} {}\n",
            t("適用", "period"),
            plain(&p["applied_from"]),
            plain(&p["applied_to"]),
            plain(&p["applied_to_reason"]),
            plain(&p["insurer_no"]),
            plain(&p["bango"]),
            plain(&p["edaban"]),
            known(&p["registered_at"]),
        ));
    }
}

/// `rule,name_ja,name_en,severity,disposition,k_code,enabled,needs,basis,confidence`
pub fn rules(m: &ArgMatches) -> Result<Ended> {
    let store = if super::store_path(m).as_os_str().is_empty() { None } else { Some(super::open(m)?) };
    let config = match &store {
        Some(store) => Config::of_store(store.root())?,
        None => Config::default(),
    };
    let insurer = super::text(m, "insurer");
    let has = |kind: AttributeKind| -> Result<bool> {
        let Some(store) = &store else { return Ok(false) };
        for owner in store.owners()?.iter().filter(|o| insurer.is_empty() || o.owner == insurer) {
            if register_of(store, owner)?.has(kind) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let mut list = List::new(&[
        "rule",
        "name_ja",
        "name_en",
        "severity",
        "disposition",
        "k_code",
        "enabled",
        "needs",
        "basis",
        "confidence",
    ]);
    let mut known: Vec<(AttributeKind, bool)> = Vec::new();
    for rule in RULES.iter() {
        let mut enabled = config.settings(insurer).is_on(&rule.rule);
        let kind = rule.needs.strip_prefix("属性 ").and_then(AttributeKind::from_word);
        if let Some(kind) = kind.filter(|_| enabled) {
            let there = match known.iter().find(|k| k.0 == kind) {
                Some((_, there)) => *there,
                None => {
                    let there = has(kind)?;
                    known.push((kind, there));
                    there
                }
            };
            enabled = there;
        }
        if rule.rule == "E103" {
            enabled = enabled && !config.settings(insurer).retired.is_empty();
        }
        let severity = if rule.rule == "E223" { "" } else { rule.severity().code() };
        list.rows.push(vec![
            rule.rule.clone().into(),
            rule.name_ja.clone().into(),
            rule.name_en.clone().into(),
            severity.into(),
            rule.disposition.clone().into(),
            rule.k_code.clone().into(),
            enabled.into(),
            rule.needs.clone().into(),
            rule.basis.clone().into(),
            rule.confidence.clone().into(),
        ]);
    }
    super::print(m, &list)?;
    Ok(Ended::Done)
}

/// The effective configuration and where each value comes from.
pub fn config(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let config = Config::of_store(store.root())?;
    let mut list = List::new(&["insurer", "key", "value", "source", "description"]);
    for e in config.effective() {
        list.rows.push(vec![e.insurer.into(), e.key.into(), e.value.into(), e.source.into(), e.description.into()]);
    }
    super::print(m, &list)?;
    Ok(Ended::Done)
}
