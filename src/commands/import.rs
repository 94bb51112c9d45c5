//! `tenken import`: one command = one import of a 審査月.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use indicatif::HumanBytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tenken_matcher::catalogue;
use tenken_parser::{Kind, Month, ProblemCode, source::Access};
use tenken_store::{
    Store,
    import::{ImportWriter, KnownFile},
    imports::ImportRow,
    originals::OriginalWriter,
};

use super::{Ended, begin_writing};
use crate::report::billing::{self, Difference};
use crate::{
    inputs::{self, Found, Skipped},
    lang::{Lang, say},
    matching::{self, Matching, Said},
    output::{Format, thousands},
    pipeline::{self, Hashed, Options, Outcome, Sums, Target},
    platform,
    progress::Progress,
};

/// Free bytes wanted for each byte of claims: originals and columns together take less than half.
const NEEDED_PER_BYTE: f64 = 0.6;
/// Room for logs and small files.
const NEEDED_AT_LEAST: u64 = 16 << 20;

/// Once, where there is no register: what it means and what to do.
const WITHOUT_REGISTRY: (&str, &str) = (
    "資格台帳がないので、本人の特定と資格の点検はしていません。tenken registry load のあと tenken recheck で点検できます",
    "no register: nobody was identified and eligibility was not checked. Run tenken registry load, then tenken recheck",
);

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let paths: Vec<PathBuf> = m.get_many::<PathBuf>("path").unwrap_or_default().cloned().collect();
    let month = *m.get_one::<Month>("month").context("--month")?;
    let threads = m.get_one::<u16>("threads").map(|n| usize::from(*n));
    let request = Request {
        paths,
        month,
        check: m.get_flag("check"),
        access: if m.get_flag("no-mmap") { Access::Read } else { Access::Map },
        threads: threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        piece_bytes: m.get_one::<u64>("piece-bytes").copied(),
    };
    let result = import(lang, &super::store_path(m), &request)?;
    match super::format(m) {
        Format::Json => println!("{}", serde_json::to_string_pretty(&result.json())?),
        _ => print!("{}", result.summary(lang)),
    }
    Ok(result.ended())
}

pub struct Request {
    pub paths: Vec<PathBuf>,
    pub month: Month,
    pub check: bool,
    pub access: Access,
    pub threads: usize,
    pub piece_bytes: Option<u64>,
}

/// A line about a file or about the whole, for the summary and the JSON.
#[derive(Clone, Debug)]
pub struct Warning {
    pub source_file: String,
    pub code: String,
    pub line: u64,
    pub text: String,
    pub needs_look: bool,
}

/// What an import came to.
#[derive(Debug)]
pub struct Imported {
    pub import_id: Option<String>,
    pub month: String,
    pub files: i64,
    pub bytes: i64,
    /// of an earlier import: without kinds and codes
    pub sums: Sums,
    pub seconds: f64,
    pub duplicate: bool,
    pub check: bool,
    pub skipped: Vec<Skipped>,
    pub warnings: Vec<Warning>,
    /// findings by rule
    pub findings: BTreeMap<String, u64>,
    /// flagged candidates for third-party acts
    pub third_party: usize,
    /// matched against no register at all
    pub without_registry: bool,
    /// by owner: where the claims of the month are not what was billed; nothing: nothing was billed
    pub billed: Vec<(String, Vec<Difference>)>,
}

/// Imports, or with `check` only looks.
pub fn import(lang: Lang, store_path: &Path, request: &Request) -> Result<Imported> {
    let started = Instant::now();
    if let Some(missing) = request.paths.iter().find(|p| !p.exists()) {
        bail!("{}", say!("{p} がありません", "there is no {p}", p = missing.display()));
    }
    if !store_path.join("store.json").exists() {
        return import_first(lang, store_path, request, started);
    }
    let store = Store::open(store_path)?;
    let lock = begin_writing(lang, &store)?;
    let known = store.known_files()?;
    let result = inputs::find(&request.paths, &store.temporary()).and_then(|found| {
        if request.check {
            look(Some(&store), request, found, &known, started)
        } else {
            take_in(lang, &store, &lock, request, found, &known, started)
        }
    });
    let mut done = finish(&store, &lock, result)?;
    drop(lock);
    if !done.check {
        done.billed = billing::of_month(&store, request.month)?;
    }
    Ok(done)
}

/// Where no store is yet: the files are looked at first, so that a mistake leaves no empty store behind.
fn import_first(lang: Lang, store_path: &Path, request: &Request, started: Instant) -> Result<Imported> {
    if request.check {
        let temporary = std::env::temp_dir().join(format!("tenken-check-{}", std::process::id()));
        let result =
            inputs::find(&request.paths, &temporary).and_then(|found| look(None, request, found, &[], started));
        // unpacked files, if there were any
        let _ = std::fs::remove_dir_all(&temporary);
        return result;
    }
    let lock = Store::reserve(store_path, || super::say_waiting(lang))?;
    if store_path.join("store.json").exists() {
        // another command made it in the meantime
        drop(lock);
        return import(lang, store_path, request);
    }
    let found = inputs::find(&request.paths, &Store::temporary_in(store_path)).and_then(|found| {
        check_room(store_path, found.inputs.iter().map(|i| i.bytes).sum())?;
        Ok(found)
    });
    let found = match found {
        Ok(found) => found,
        Err(e) => {
            lock.give_back(store_path);
            return Err(e);
        }
    };
    let store = Store::open_or_create(store_path)?;
    let result = take_in(lang, &store, &lock, request, found, &[], started);
    finish(&store, &lock, result)
}

/// Leaves the store as it was after a failure; if that fails too, the next command cleans up.
fn finish(store: &Store, lock: &tenken_store::WriteLock, result: Result<Imported>) -> Result<Imported> {
    if result.is_err() {
        let _ = store.clean_up(lock);
    } else {
        let _ = std::fs::remove_dir_all(store.temporary());
    }
    result
}

fn options(request: &Request) -> Options {
    Options { threads: request.threads, piece_bytes: request.piece_bytes, access: request.access, month: request.month }
}

struct Prepared {
    files: Vec<Hashed>,
    skipped: Vec<Skipped>,
    /// set when nothing is new
    earlier: Option<String>,
}

/// Hashes the files and sorts out what is known already.
fn prepare(request: &Request, found: Found, known: &[KnownFile]) -> Result<Prepared> {
    let total: u64 = found.inputs.iter().map(|i| i.bytes).sum();
    let progress = Progress::new(Lang::current().t("確認", "checking"), total);
    let hashed = pipeline::hash_all(&found.inputs, request.access, &progress)?;
    progress.finish();
    let mut skipped = found.skipped;
    let mut files: Vec<Hashed> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut earlier = None;
    let exam_month = request.month.to_string();
    let known: HashMap<&str, &KnownFile> = known.iter().map(|k| (k.file_hash.as_str(), k)).collect();
    for f in hashed {
        if let Some(k) = known.get(f.hash.as_str()) {
            if k.exam_month != exam_month {
                let (file, id, month) = (&f.input.source_file, &k.import_id, &k.exam_month);
                bail!(
                    "{}",
                    say!(
                        "{file} は取込 {id}（審査月 {month}）に取り込み済みです。審査月を確かめてください。取り直すなら先に tenken withdraw {id}",
                        "{file} is known from import {id} ({month}). Check the month; to take it again, first: tenken withdraw {id}"
                    )
                );
            }
            earlier.get_or_insert_with(|| k.import_id.clone());
            let reason = say!("取込 {id} に取り込み済み", "known from import {id}", id = &k.import_id);
            skipped.push(Skipped { source_file: f.input.source_file, reason });
        } else if !seen.insert(f.hash.clone()) {
            skipped.push(Skipped {
                source_file: f.input.source_file, reason: "同じ内容のファイルがほかにある".into()
            });
        } else {
            files.push(f);
        }
    }
    Ok(Prepared { earlier: if files.is_empty() { earlier } else { None }, files, skipped })
}

/// Files are hashed while the registers are brought in.
fn prepare_beside(
    request: &Request,
    found: Found,
    known: &[KnownFile],
    matching: impl FnOnce() -> Result<Matching> + Send,
) -> Result<(Prepared, Matching)> {
    std::thread::scope(|scope| {
        let matching = scope.spawn(matching);
        let prepared = prepare(request, found, known);
        let matching = matching.join().unwrap_or_else(|e| std::panic::resume_unwind(e));
        Ok((prepared?, matching?))
    })
}

fn check_room(store: &Path, bytes: u64) -> Result<()> {
    let needed = (bytes as f64 * NEEDED_PER_BYTE) as u64 + NEEDED_AT_LEAST;
    let free = platform::free_bytes(store).with_context(|| {
        say!("{p} の空きが調べられません", "cannot tell the free space of {p}", p = store.display())
    })?;
    if free < needed {
        bail!(
            "{}",
            say!(
                "ディスクの空きが足りません: {n} が必要ですが、{f} しかありません（{p}）。空けてからやり直してください",
                "not enough room on the disk: {n} needed, {f} free ({p}). Make room and try again",
                n = HumanBytes(needed),
                f = HumanBytes(free),
                p = store.display()
            )
        );
    }
    Ok(())
}

fn run_pipeline(request: &Request, files: &[Hashed], target: Target<'_, '_>, matching: &Matching) -> Result<Outcome> {
    let progress = Progress::new(Lang::current().t("取込", "importing"), files.iter().map(|f| f.input.bytes).sum());
    let outcome = pipeline::run(files, options(request), target, matching, &progress);
    progress.finish();
    let outcome = outcome?;
    if let Some(f) = outcome.files.iter().find(|f| f.bytes_lost() != 0) {
        let (file, lost) = (&f.source_file, f.bytes_lost());
        bail!(
            "{}",
            say!(
                "{file}: {lost} バイトがどこにも属していません。何も保存していません",
                "{file}: {lost} bytes belong to nothing. Nothing is stored"
            )
        );
    }
    Ok(outcome)
}

fn look(
    store: Option<&Store>,
    request: &Request,
    found: Found,
    known: &[KnownFile],
    started: Instant,
) -> Result<Imported> {
    let (prepared, matching) = prepare_beside(request, found, known, || match store {
        Some(store) => Matching::of_store(store, request.month),
        None => Matching::without_store(request.month),
    })?;
    let mut outcome = run_pipeline(request, &prepared.files, Target::Nowhere, &matching)?;
    let duplicate = prepared.earlier.is_some();
    // nothing is written that rows could be read from: claims with findings across claims alone have no names here
    let found = std::mem::take(&mut outcome.found);
    let said = matching::findings(&matching, store, found, &|_| Ok(Vec::new()), Timestamp::now())?;
    let mut imported = Imported::of(None, request, prepared, &outcome, started, duplicate);
    imported.matched_by(&matching, &said);
    Ok(imported)
}

fn take_in(
    lang: Lang,
    store: &Store,
    lock: &tenken_store::WriteLock,
    request: &Request,
    found: Found,
    known: &[KnownFile],
    started: Instant,
) -> Result<Imported> {
    check_room(store.root(), found.inputs.iter().map(|i| i.bytes).sum())?;
    let (prepared, matching) = prepare_beside(request, found, known, || Matching::of_store(store, request.month))?;
    if let Some(earlier) = &prepared.earlier {
        return Imported::again(store, earlier, known, prepared.skipped.clone());
    }
    let id = store.new_import_id(request.month)?;
    let writer = ImportWriter::new(store, lock, id.clone(), request.month);
    let originals =
        prepared.files.iter().map(|f| Ok(OriginalWriter::create(store, &f.hash)?)).collect::<Result<Vec<_>>>()?;
    let failed =
        || lang.t("取込に失敗しました（何も保存していません）", "the import failed; nothing is stored").to_owned();
    let mut outcome =
        run_pipeline(request, &prepared.files, Target::Store(&writer, originals), &matching).with_context(failed)?;
    let matched = std::mem::take(&mut outcome.found);
    let said =
        matching::findings(&matching, Some(store), matched, &|wanted| Ok(writer.claim_rows(wanted)?), Timestamp::now())
            .with_context(failed)?;
    store.write_generation(lock, &id, request.month, 0, &said.findings)?;
    store.write_generation(lock, &id, request.month, 0, &said.third_party)?;
    let mut row = ImportRow::new(id.clone(), request.month);
    let s = &outcome.sums;
    row.user = platform::user_name();
    row.files = outcome.files.len() as i64;
    row.bytes = outcome.files.iter().map(|f| f.bytes).sum();
    (row.claims, row.rejected, row.problems) = (s.claims, s.rejected, s.problems);
    (row.points, row.points_effective, row.cost_yen) = (s.points, s.points_effective, s.cost_yen);
    row.registry_runs.clone_from(&matching.basis.registry_runs);
    row.rules_version.clone_from(&matching.basis.rules_version);
    let row = writer.commit(&outcome.files, row, &[], started)?;
    let mut imported = Imported::of(Some(id), request, prepared, &outcome, started, false);
    imported.seconds = row.seconds;
    imported.matched_by(&matching, &said);
    Ok(imported)
}

impl Imported {
    fn of(
        import_id: Option<String>,
        request: &Request,
        prepared: Prepared,
        outcome: &Outcome,
        started: Instant,
        duplicate: bool,
    ) -> Self {
        let warnings = outcome
            .warnings
            .iter()
            .map(|(file, p)| Warning {
                source_file: prepared.files[*file].input.source_file.clone(),
                code: p.code.code().to_owned(),
                line: p.line,
                text: p.reason(true),
                needs_look: p.code.needs_look(),
            })
            .collect();
        Self {
            import_id,
            month: request.month.to_string(),
            files: outcome.files.len() as i64,
            bytes: outcome.files.iter().map(|f| f.bytes).sum(),
            sums: outcome.sums.clone(),
            seconds: started.elapsed().as_secs_f64(),
            duplicate,
            check: request.check,
            skipped: prepared.skipped,
            warnings,
            findings: BTreeMap::new(),
            third_party: 0,
            without_registry: false,
            billed: Vec::new(),
        }
    }

    fn matched_by(&mut self, matching: &Matching, said: &Said) {
        self.findings = matching::by_rule(&said.findings);
        self.third_party = said.third_party.iter().filter(|r| r.flag).count();
        self.without_registry = matching.registers.is_empty();
        if self.without_registry {
            self.warnings.push(Warning {
                source_file: String::new(),
                code: "no_register".to_owned(),
                line: 0,
                text: WITHOUT_REGISTRY.0.to_owned(),
                needs_look: false,
            });
        }
    }

    /// The earlier import of the same files.
    fn again(store: &Store, import_id: &str, known: &[KnownFile], skipped: Vec<Skipped>) -> Result<Self> {
        let row =
            store.imports()?.into_iter().find(|r| r.import_id == import_id).with_context(|| {
                say!("取込 {import_id} が台帳にありません", "import {import_id} is not in the ledger")
            })?;
        let mut warnings = Vec::new();
        for f in known.iter().filter(|f| f.import_id == import_id) {
            let list: Vec<Value> = serde_json::from_str(&f.warnings).unwrap_or_default();
            for w in list {
                let code = w["code"].as_str().unwrap_or_default().to_owned();
                warnings.push(Warning {
                    source_file: f.source_file.clone(),
                    line: w["line"].as_u64().unwrap_or(0),
                    text: w["text"].as_str().unwrap_or_default().to_owned(),
                    needs_look: ProblemCode::ALL.iter().any(|c| c.code() == code && c.needs_look()),
                    code,
                });
            }
        }
        Ok(Self {
            import_id: Some(row.import_id),
            month: row.exam_month,
            files: row.files,
            bytes: row.bytes,
            sums: Sums {
                claims: row.claims,
                rejected: row.rejected,
                problems: row.problems,
                points: row.points,
                points_effective: row.points_effective,
                cost_yen: row.cost_yen,
                ..Sums::default()
            },
            seconds: row.seconds,
            duplicate: true,
            check: false,
            skipped,
            warnings,
            findings: matching::by_rule(&store.read_findings(import_id)?),
            third_party: store.read_third_party(import_id)?.iter().filter(|r| r.flag).count(),
            without_registry: false,
            billed: Vec::new(),
        })
    }

    pub fn ended(&self) -> Ended {
        let look = self.sums.rejected > 0 || self.warnings.iter().any(|w| w.needs_look);
        if look && !self.duplicate { Ended::NeedsLook } else { Ended::Done }
    }

    pub fn json(&self) -> Value {
        json!({
            "import_id": self.import_id,
            "month": self.month,
            "files": self.files,
            "bytes": self.bytes,
            "claims": self.sums.claims,
            "rejected": self.sums.rejected,
            "findings": self.findings,
            "third_party": self.third_party,
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
            "duplicate": self.duplicate,
            "skipped": self.skipped.iter().map(|s| json!({ "source_file": s.source_file, "reason": s.reason })).collect::<Vec<_>>(),
            "warnings": self.warnings.iter().map(|w| json!({
                "source_file": w.source_file, "code": w.code, "line": w.line, "text": w.text,
            })).collect::<Vec<_>>(),
            "problems": self.sums.problems,
            "points": self.sums.points,
            "points_effective": self.sums.points_effective,
            "billed": self.billed.iter().map(|(owner, all)| json!({
                "insurer_no": owner,
                "differences": all.iter().map(Difference::json).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })
    }

    /// What a clerk reads.
    pub fn summary(&self, lang: Lang) -> String {
        let t = |ja, en| lang.t(ja, en);
        let mut out = String::new();
        let mut say = |line: String| {
            out.push_str(&line);
            out.push('\n');
        };
        let id = self.import_id.as_deref().unwrap_or("");
        if self.duplicate {
            say(format!(
                "{}: {id}",
                t(
                    "すべて取り込み済みです。何もしていません。前回の取込",
                    "all files are known; nothing done. The earlier import"
                )
            ));
        } else if self.check {
            say(t("調べるだけで、何も保存していません", "looked only; nothing is stored").to_owned());
        } else {
            say(format!("{} {id}", t("取込が完了しました:", "imported:")));
        }
        let n = thousands;
        say(format!("  {}  {}", t("審査月    ", "month     "), self.month));
        say(format!("  {}  {} ({})", t("ファイル  ", "files     "), n(self.files), HumanBytes(self.bytes as u64)));
        let kinds: Vec<String> = Kind::ALL
            .iter()
            .map(|kind| (kind, self.sums.kinds[kind.index()]))
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| format!("{} {}", t(kind.title(), kind.name()), n(count)))
            .collect();
        let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(t("、", ", "))) };
        say(format!("  {}  {}{kinds}", t("受け入れ  ", "accepted  "), n(self.sums.claims)));
        say(format!("  {}  {}", t("拒否      ", "rejected  "), n(self.sums.rejected)));
        say(format!("  {}  {}", t("問題      ", "problems  "), n(self.sums.problems)));
        say(format!(
            "  {}  {} / {} {}",
            t("点数      ", "points    "),
            n(self.sums.points),
            t("審査後", "effective"),
            n(self.sums.points_effective)
        ));
        say(format!("  {}  {} {}", t("医療費    ", "cost      "), n(self.sums.cost_yen), t("円", "yen")));
        if !self.duplicate {
            let rate = self.bytes as f64 / self.seconds.max(0.001);
            say(format!(
                "  {}  {:.2} {} ({}/s)",
                t("時間      ", "time      "),
                self.seconds,
                t("秒", "s"),
                HumanBytes(rate as u64)
            ));
        }
        if !self.findings.is_empty() {
            say(t("指摘の内訳:", "findings:").to_owned());
            for (rule, count) in &self.findings {
                let name = catalogue::rule(rule).map_or("", |r| t(&r.name_ja, &r.name_en));
                say(format!("  {:>6}  {rule} {name}", n(*count as i64)));
            }
        }
        if self.without_registry {
            say(t(WITHOUT_REGISTRY.0, WITHOUT_REGISTRY.1).to_owned());
        }
        if !self.sums.codes.is_empty() {
            say(t("拒否と問題の内訳:", "rejects and problems:").to_owned());
            for (code, count) in &self.sums.codes {
                let known = ProblemCode::ALL.iter().find(|c| c.code() == *code);
                let message = known.map_or("", |c| t(c.message_ja(), c.message_en()));
                let message = message.replace("（{}）", "").replace("{}", "").replace("  ", " ");
                say(format!("  {:>6}  {code}: {}", n(*count), message.trim()));
            }
        }
        if self.warnings.iter().any(|w| !w.source_file.is_empty()) {
            say(t("ファイルについて:", "about the files:").to_owned());
            for w in self.warnings.iter().filter(|w| !w.source_file.is_empty()) {
                let mark = if w.needs_look { t("要確認", "look") } else { t("参考", "note") };
                say(format!("  [{mark}] {} {}: {}", w.source_file, w.line, w.text));
            }
        }
        if !self.skipped.is_empty() {
            say(t("取り込まなかったファイル:", "skipped:").to_owned());
            for s in &self.skipped {
                say(format!("  {}: {}", s.source_file, s.reason));
            }
        }
        for line in billing::lines(&self.billed) {
            say(line);
        }
        if self.ended() == Ended::NeedsLook && !self.check {
            say(format!(
                "{} tenken sql \"SELECT source_file, line, level, record_id, field, reason FROM rejects WHERE import_id = '{id}'\" --store …",
                t("拒否と問題を見るには:", "to see rejects and problems:")
            ));
        }
        out
    }
}

/// The import of one path with the defaults of the command.
pub fn request(path: &Path, month: Month) -> Request {
    Request {
        paths: vec![path.to_owned()],
        month,
        check: false,
        access: Access::Map,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        piece_bytes: None,
    }
}
