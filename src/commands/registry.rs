//! `tenken registry load` and `registry show`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use serde_json::{Value, json};
use tenken_matcher::{
    files::{self, Loaded, Mapping, Options, layout, owner},
    registry::rows::{Moment, Register, RegistryReject},
};
use tenken_parser::Date;
use tenken_review::timeline::{PersonRecord, View};
use tenken_store::{
    Store,
    audit::Look,
    register::OwnerRow,
    runs::{RunKind, RunRow},
};

use super::{Ended, begin_writing, of_files};
use crate::{
    lang::{Lang, say},
    matching::keep_register,
    output::{Format, List, thousands},
    platform,
};

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("load", m)) => load(lang, m),
        Some(("show", m)) => show(lang, m),
        _ => Ok(Ended::Failed),
    }
}

fn load(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let paths: Vec<PathBuf> = m.get_many::<PathBuf>("path").unwrap_or_default().cloned().collect();
    if let Some(missing) = paths.iter().find(|p| !p.exists()) {
        bail!("{}", say!("{p} がありません", "there is no {p}", p = missing.display()));
    }
    let request = Request {
        paths,
        insurer: m.get_one::<String>("insurer").cloned(),
        delta: m.get_flag("delta"),
        mapping: m.get_one::<PathBuf>("mapping").cloned(),
        as_of: m.get_one::<Moment>("as-of").copied(),
    };
    let done = load_into(lang, &super::store_path(m), &request)?;
    match super::format(m) {
        Format::Json => println!("{}", serde_json::to_string_pretty(&done.json())?),
        _ => print!("{}", done.summary(lang)),
    }
    Ok(if done.loaded.rejects.is_empty() { Ended::Done } else { Ended::NeedsLook })
}

pub struct Request {
    pub paths: Vec<PathBuf>,
    pub insurer: Option<String>,
    pub delta: bool,
    pub mapping: Option<PathBuf>,
    pub as_of: Option<Moment>,
}

/// A load and what came of it.
pub struct Done {
    pub owner: String,
    pub run: RunRow,
    pub loaded: Loaded,
}

/// Loads a register. What is wrong with the files as a whole is found before anything is written.
pub fn load_into(lang: Lang, root: &std::path::Path, request: &Request) -> Result<Done> {
    let mapping = match &request.mapping {
        Some(path) => Mapping::read(path, &layout::REGISTRY).map_err(of_files)?,
        None => Mapping::default(),
    };
    let existing = if root.join("store.json").exists() { Some(Store::open(root)?) } else { None };
    let known = existing.as_ref().map(Store::owners).transpose()?.unwrap_or_default();
    let named = match (&request.insurer, &known[..]) {
        (Some(no), _) => Some(no.clone()),
        (None, [only]) => Some(only.owner.clone()),
        (None, []) => None,
        (None, _) => return Err(several(&known)),
    };
    let onto = match (&existing, &named, request.delta) {
        (Some(store), Some(owner), true) if known.iter().any(|o| o.owner == *owner) => Some(store.register(owner)?),
        (_, _, true) => Some(Register::default()),
        _ => None,
    };
    let loaded = files::load(&request.paths, Options { mapping, as_of: request.as_of, onto }).map_err(of_files)?;
    let owner = match named.or_else(|| owner::default_owner(&loaded.register).map(str::to_owned)) {
        Some(owner) => owner,
        None => bail!(
            "{}",
            say!(
                "どの保険者の台帳か分かりません（資格の行がありません）。--insurer で番号を示してください",
                "whose register this is cannot be told (no periods); name the insurer with --insurer"
            )
        ),
    };
    drop(existing);
    let store = Store::open_or_create(root)?;
    let lock = begin_writing(lang, &store)?;
    refuse_numbers_of_others(&store, &owner, &loaded.register)?;
    let mut run = RunRow::new(store.new_run_id()?, RunKind::RegistryLoad);
    run.user = platform::user_name();
    run.inputs = json!({
        "files": loaded.files.iter().map(|f| json!({ "name": f.name, "hash": f.hash.to_hex().to_string() })).collect::<Vec<_>>(),
        "delta": request.delta,
        "as_of": request.as_of.map(|m| m.to_string()),
        "mapping": request.mapping.as_ref().map(|p| p.file_name().unwrap_or_default().to_string_lossy()),
    });
    run.counts = counts(&loaded);
    let run = store.write_register(&lock, &owner, &loaded.register, &loaded.rejects, run)?;
    let current = OwnerRow { owner, run };
    keep_register(&store, &current, &loaded.register)?;
    let OwnerRow { owner, run } = current;
    Ok(Done { owner, run, loaded })
}

/// Wrong usage: several registers, and none is named.
fn several(known: &[OwnerRow]) -> anyhow::Error {
    let list: Vec<&str> = known.iter().map(|o| o.owner.as_str()).collect();
    let list = list.join(", ");
    let text = say!(
        "保存先に複数の保険者があります（{list}）。--insurer で番号を示してください",
        "the store has several insurers ({list}); name one with --insurer"
    );
    super::WrongUsage(text).into()
}

/// A number belongs to one owner.
fn refuse_numbers_of_others(store: &Store, owner: &str, register: &Register) -> Result<()> {
    let own: Vec<String> = owner::own_numbers(register).into_iter().map(|n| n.insurer_no).collect();
    for other in store.owners()?.into_iter().filter(|o| o.owner != owner) {
        let theirs = store.register(&other.owner)?;
        let taken = owner::own_numbers(&theirs).into_iter().find(|n| own.contains(&n.insurer_no));
        if let Some(no) =
            taken.map(|n| n.insurer_no).or_else(|| own.contains(&other.owner).then(|| other.owner.clone()))
        {
            bail!(
                "{}",
                say!(
                    "保険者番号 {no} は {theirs} の台帳のものです。何も保存していません。台帳の行か --insurer を確かめてください",
                    "insurer number {no} belongs to the register of {theirs}. Nothing is stored. Check the rows, or --insurer",
                    theirs = &other.owner
                )
            );
        }
    }
    Ok(())
}

fn counts(loaded: &Loaded) -> Value {
    let r = &loaded.register;
    json!({
        "persons": r.persons.len(),
        "periods": r.periods.len(),
        "attributes": r.attributes.len(),
        "households": r.households.len(),
        "rejects": loaded.rejects.len(),
    })
}

impl Done {
    pub fn json(&self) -> Value {
        json!({
            "run_id": self.run.run_id,
            "owner": self.owner,
            "rows": counts(&self.loaded),
            "files": self.loaded.files.iter().map(|f| json!({
                "name": f.name, "table": f.table, "rows": f.rows, "rejected": f.rejected,
            })).collect::<Vec<_>>(),
            "rejects": self.loaded.rejects.iter().map(|r| json!({
                "file": r.file, "line": r.line, "column": r.column, "value": r.value, "reason": r.reason,
            })).collect::<Vec<_>>(),
            "warnings": self.loaded.warnings.iter().map(|w| json!({ "code": w.code(), "text": w.japanese() })).collect::<Vec<_>>(),
            "skipped": self.loaded.skipped,
        })
    }

    pub fn summary(&self, lang: Lang) -> String {
        let t = |ja, en| lang.t(ja, en);
        let r = &self.loaded.register;
        let n = |n: usize| thousands(n as i64);
        let mut out =
            format!("{} {} ({})\n", t("資格台帳を読み込みました:", "register loaded:"), self.owner, self.run.run_id);
        for (name, count) in [
            (t("個人      ", "persons   "), r.persons.len()),
            (t("資格の行  ", "periods   "), r.periods.len()),
            (t("属性の行  ", "attributes"), r.attributes.len()),
            (t("世帯の行  ", "households"), r.households.len()),
            (t("拒否      ", "rejected  "), self.loaded.rejects.len()),
        ] {
            out.push_str(&format!("  {name}  {}\n", n(count)));
        }
        for w in &self.loaded.warnings {
            let text = if lang == Lang::Ja { w.japanese() } else { w.english() };
            out.push_str(&format!("  {}: {text}\n", t("参考", "note")));
        }
        list_rejects(lang, &self.loaded.rejects, &mut out);
        out
    }
}

/// The first rejects, and where the others are.
pub fn list_rejects(lang: Lang, rejects: &[RegistryReject], out: &mut String) {
    let t = |ja, en| lang.t(ja, en);
    /// More are in the table; a screen is for the first look.
    const SHOWN: usize = 20;
    for r in rejects.iter().take(SHOWN) {
        let column = r.column.as_deref().unwrap_or_default();
        let value = r.value.as_deref().map(|v| format!("「{v}」")).unwrap_or_default();
        out.push_str(&format!("  [{}] {}:{} {column}{value} {}\n", t("拒否", "rejected"), r.file, r.line, r.reason));
    }
    if rejects.len() > SHOWN {
        out.push_str(&format!(
            "  {} tenken sql \"SELECT file, line, \\\"column\\\", value, reason FROM registry_rejects\" --store …\n",
            t("すべて見るには:", "to see all:")
        ));
    }
}

/// The owner that was named, or the only one.
pub fn owner_named(store: &Store, named: Option<&str>) -> Result<String> {
    let known = store.owners()?;
    match (named, &known[..]) {
        (Some(no), _) if known.iter().any(|o| o.owner == no) => Ok(no.to_owned()),
        (Some(no), _) => {
            bail!("{}", say!("保険者 {no} の台帳は保存先にありません", "the store has no register of {no}"))
        }
        (None, [only]) => Ok(only.owner.clone()),
        (None, []) => bail!(
            "{}",
            say!(
                "保存先に資格台帳がありません（tenken registry load）",
                "the store has no register (tenken registry load)"
            )
        ),
        (None, _) => Err(several(&known)),
    }
}

fn show(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let id = super::text(m, "person_id");
    let at = m.get_one::<Date>("at").copied();
    let as_of = m.get_one::<Moment>("as-of").copied();
    let owners = store.owners()?;
    let owners: Vec<&OwnerRow> = match m.get_one::<String>("insurer") {
        Some(no) => owners.iter().filter(|o| o.owner == *no).collect(),
        None => owners.iter().collect(),
    };
    let mut found = Vec::new();
    for owner in owners {
        let register = store.register(&owner.owner)?;
        if PersonRecord::find(&register, id).is_some() {
            found.push((owner.owner.clone(), register));
        }
    }
    let [(owner, register)] = &found[..] else {
        if found.is_empty() {
            bail!("{}", say!("宛名番号 {id} は台帳にありません", "there is no person {id} in the register"));
        }
        return Err(super::WrongUsage(say!(
            "宛名番号 {id} は複数の保険者にあります。--insurer で番号を示してください",
            "person {id} is in several registers; name one with --insurer"
        ))
        .into());
    };
    let Some(record) = PersonRecord::find(register, id) else { return Ok(Ended::Failed) };
    super::log_look(&store, Look::new("registry show").target(id).rows(1).persons(Some(1)))?;
    let view = View { record: &record, at, as_of };
    super::print(m, &list_of(&view))?;
    if super::format(m) == Format::Table {
        print!("\n{}", months_of(&view, lang, owner));
    }
    Ok(Ended::Done)
}

/// `table,person_id,from,to,key,value,registered_at`
fn list_of(view: &View<'_>) -> List {
    let person = view.record.person;
    let mut list = List::new(&["table", "person_id", "from", "to", "key", "value", "registered_at"]);
    let day = |d: Option<Date>| d.map_or(Value::Null, |d| d.to_string().into());
    let mut push = |table: &str, from: Option<Date>, to: Option<Date>, key: &str, value: String, at: Option<Moment>| {
        list.rows.push(vec![
            table.into(),
            person.person_id.clone().into(),
            day(from),
            day(to),
            key.into(),
            value.into(),
            at.map_or(Value::Null, |m| m.to_string().into()),
        ]);
    };
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    push("persons", person.birth_date, person.death_date, "氏名", text(&person.name), None);
    push("persons", person.birth_date, person.death_date, "氏名カナ", text(&person.kana), None);
    for name in &person.other_names {
        push("persons", person.birth_date, person.death_date, "別名", name.clone(), None);
    }
    let sex = person.sex.map(|s| s.to_string()).unwrap_or_default();
    push("persons", person.birth_date, person.death_date, "性別", sex, None);
    if person.no_notice {
        push("persons", None, None, "通知除外", "1".into(), None);
    }
    let periods = view.periods();
    for p in &periods {
        let number = [p.kigo.as_deref(), p.bango.as_deref(), p.edaban.as_deref()];
        let number: Vec<&str> = number.into_iter().flatten().collect();
        let reasons =
            [p.acquired_reason.as_deref(), p.lost_on.and(p.lost_reason.as_deref()), p.applied_to_reason.as_deref()];
        let reasons: Vec<&str> = reasons.into_iter().flatten().collect();
        let value = format!(
            "{} {} {} 世帯{}{} 資格 {}〜{} {}",
            p.scheme.title(),
            p.insurer_no,
            number.join("-"),
            p.household_id,
            if p.is_head { "（世帯主）" } else { "" },
            p.acquired_on,
            p.lost_on.map(|d| d.to_string()).unwrap_or_default(),
            reasons.join("・")
        );
        let to = p.applied_to.or(p.lost_on);
        push("periods", Some(p.applied_from.unwrap_or(p.acquired_on)), to, "適用", value, p.registered_at);
    }
    let mut households: Vec<String> = periods.iter().map(|p| p.household_id.clone()).collect();
    households.sort();
    households.dedup();
    for a in view.attributes(&households) {
        push("attributes", a.valid_from, a.valid_to, &a.kind, a.value.clone(), a.registered_at);
    }
    list
}

/// Months of the last years as a line per period: `█` covered, `▌` covered in part, `·` not.
fn months_of(view: &View<'_>, lang: Lang, owner: &str) -> String {
    const YEARS: i32 = 3;
    let periods = view.periods();
    let last = view.at.map(|d| d.year_month()).or_else(|| Moment::now().day().map(|d| d.year_month()));
    let Some(last) = last else { return String::new() };
    let months: Vec<_> = (0..YEARS * 12).rev().map(|n| last.plus(-n)).collect();
    let mut out = format!("{} {} – {}  ({owner})\n", lang.t("資格の推移", "timeline"), months[0], last);
    for p in &periods {
        let from = p.applied_from.unwrap_or(p.acquired_on);
        let to = p.applied_to.or(p.lost_on);
        let line: String = months
            .iter()
            .map(|m| {
                let whole = from <= m.first_day() && to.is_none_or(|t| t > m.last_day());
                let some = from <= m.last_day() && to.is_none_or(|t| t > m.first_day());
                if whole {
                    '█'
                } else if some {
                    '▌'
                } else {
                    '·'
                }
            })
            .collect();
        let number = p.bango.as_deref().unwrap_or_default();
        out.push_str(&format!("  {line}  {} {number}\n", p.scheme.title()));
    }
    out
}

/// The registers of a sample: one folder, or one per town.
pub fn load_folder(lang: Lang, root: &std::path::Path, folder: PathBuf) -> Result<Done> {
    let request = Request { paths: vec![folder], insurer: None, delta: false, mapping: None, as_of: None };
    load_into(lang, root, &request).with_context(|| say!("台帳の読込", "loading the register"))
}
