//! `tenken recheck`: today's registers and rules on stored claims.
//!
//! Every visible import is read again from its original bytes by the code of the import, so what a re-check says of
//! an unchanged register and unchanged rules is what the import said. Findings keep their identity and history.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::ArgMatches;
use jiff::Timestamp;
use serde_json::json;
use tenken_parser::{Month, source::Access};
use tenken_store::{
    Store, WriteLock,
    findings::FindingRow,
    imports::ImportRow,
    originals::Original,
    runs::{RunKind, RunRow},
    third_party::ThirdPartyRow,
};

use super::{Ended, begin_writing};
use crate::{
    inputs::Input,
    lang::{Lang, say},
    matching::{self, Found, Matching, Said},
    output::{Format, thousands},
    pipeline::{self, Hashed, Options, Target},
    platform,
    progress::Progress,
};

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let lock = begin_writing(lang, &store)?;
    let months = m.get_one::<(Month, Month)>("month").copied();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let done = recheck(&store, &lock, months, threads)?;
    match super::format(m) {
        Format::Json => println!("{}", serde_json::to_string_pretty(&done.json())?),
        _ => print!("{}", done.summary(lang)),
    }
    Ok(Ended::Done)
}

/// What a re-check came to.
#[derive(Debug, Default)]
pub struct Done {
    pub run_id: Option<String>,
    pub imports: usize,
    pub claims: i64,
    pub opened: u64,
    pub closed: u64,
    pub kept: u64,
    /// claims whose person, household or tier is another one now
    pub identified: usize,
    /// `claim_id`s with a finding opened or closed
    pub changed: Vec<String>,
    without_registry: bool,
}

/// One import, read again.
struct Again {
    row: ImportRow,
    found: Found,
    identified: usize,
}

pub fn recheck(store: &Store, lock: &WriteLock, months: Option<(Month, Month)>, threads: usize) -> Result<Done> {
    let mut run = RunRow::new(store.new_run_id()?, RunKind::Recheck);
    let all = store.imports()?;
    let in_range = |r: &ImportRow| {
        r.is_visible()
            && months.is_none_or(|(from, to)| Month::parse_iso(&r.exam_month).is_some_and(|m| from <= m && m <= to))
    };
    let wanted: Vec<(usize, ImportRow)> = all.iter().cloned().enumerate().filter(|(_, r)| in_range(r)).collect();
    let Some((_, first)) = wanted.first() else { return Ok(Done::default()) };
    let exam = |r: &ImportRow| Month::parse_iso(&r.exam_month).context(r.exam_month.clone());
    let mut matching = Matching::of_store(store, exam(first)?)?;
    let mut done = Done { without_registry: matching.registers.is_empty(), imports: wanted.len(), ..Done::default() };
    let bytes = wanted.iter().map(|(_, r)| r.bytes.max(0) as u64).sum();
    let progress = Progress::new(Lang::current().t("再点検", "re-checking"), bytes);
    let mut again = Vec::new();
    for (no, row) in wanted {
        matching = matching.at(exam(&row)?);
        let mut found = read_again(store, &row, no as u32, &matching, threads, &progress)?;
        let whose = found.whose.take().unwrap_or_default();
        let identified = store.rewrite_identification(lock, &row.import_id, row.generation + 1, &whose)?;
        done.claims += row.claims;
        done.identified += identified;
        again.push(Again { row, found, identified });
    }
    progress.finish();
    let fresh: HashSet<String> = again.iter().map(|a| a.row.import_id.clone()).collect();
    let mut found: Vec<&mut Found> = again.iter_mut().map(|a| &mut a.found).collect();
    matching::join_third_party(&matching, store, &mut found, &fresh)?;
    let mut across: HashMap<&str, Vec<_>> = HashMap::new();
    for (no, claim, f) in matching::across(&matching, store, &mut again.iter_mut().map(|a| &mut a.found), &fresh)? {
        across.entry(&all[no as usize].import_id).or_default().push((claim, f));
    }
    let mut raised = Vec::new();
    for a in again {
        let now = Timestamp::now();
        let own = across.remove(a.row.import_id.as_str()).unwrap_or_default();
        let Said { findings: rows, third_party } =
            matching::combined(&matching, a.found, own, &|w| Ok(store.claim_rows(&a.row.import_id, w)?), now)?;
        let registry_changed = a.row.registry_runs != matching.basis.registry_runs;
        let before = store.read_findings(&a.row.import_id)?;
        let any_withdrawn = all.iter().any(|r| !r.is_visible());
        let change = Change { now, registry_changed, any_withdrawn };
        let (rows, differs) = change.merge(before, rows, &mut done);
        let candidates_differ = !same_candidates(&store.read_third_party(&a.row.import_id)?, &third_party);
        if differs || candidates_differ || a.identified > 0 {
            let generation = a.row.generation + 1;
            let exam_month = exam(&a.row)?;
            store.write_generation(lock, &a.row.import_id, exam_month, generation, &rows)?;
            store.write_generation(lock, &a.row.import_id, exam_month, generation, &third_party)?;
            raised.push((a.row.import_id.clone(), generation));
        }
    }
    done.changed.sort();
    done.changed.dedup();
    if !raised.is_empty() {
        run.user = platform::user_name();
        run.exam_month_from =
            raised.first().and_then(|(id, _)| all.iter().find(|r| r.import_id == *id)).map(|r| r.exam_month.clone());
        run.exam_month_to =
            raised.last().and_then(|(id, _)| all.iter().find(|r| r.import_id == *id)).map(|r| r.exam_month.clone());
        run.inputs = json!({
            "imports": raised.iter().map(|(id, g)| json!({ "import_id": id, "generation": g })).collect::<Vec<_>>(),
            "registry_runs": matching.basis.registry_runs,
            "rules_version": matching.basis.rules_version,
        });
        run.counts =
            json!({ "opened": done.opened, "closed": done.closed, "kept": done.kept, "identified": done.identified });
        done.run_id = Some(run.run_id.clone());
        store.raise_generations(lock, &raised, Some(&matching.basis))?;
        store.record_run(lock, run)?;
    }
    Ok(done)
}

/// The claims of an import from its original bytes.
fn read_again(
    store: &Store,
    row: &ImportRow,
    import_no: u32,
    matching: &Matching,
    threads: usize,
    progress: &Progress,
) -> Result<Found> {
    let folder = store.temporary().join(format!("recheck-{}", row.import_id));
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut files: Vec<_> = store.known_files()?.into_iter().filter(|f| f.import_id == row.import_id).collect();
    files.sort_by_key(|f| f.file_no);
    let mut hashed = Vec::new();
    for f in files {
        let path: PathBuf = folder.join(&f.file_hash);
        Original::open(store, &f.file_hash)?.copy_to(&path).with_context(|| f.source_file.clone())?;
        let bytes = fs::metadata(&path).map_or(0, |m| m.len());
        hashed.push(Hashed { input: Input { path, source_file: f.source_file, bytes }, hash: f.file_hash });
    }
    let options = Options { threads, piece_bytes: None, access: Access::Map, month: matching.exam };
    let outcome = pipeline::run(&hashed, options, Target::Match(import_no), matching, progress)?;
    drop(hashed);
    // what stays is removed by the next command that writes
    let _ = fs::remove_dir_all(&folder);
    Ok(outcome.found)
}

/// Whether candidates are the same, wherever they stand.
fn same_candidates(before: &[ThirdPartyRow], now: &[ThirdPartyRow]) -> bool {
    let same = |a: &ThirdPartyRow, b: &ThirdPartyRow| {
        let (import_id, exam_month) = (a.import_id.clone(), a.exam_month.clone());
        *a == ThirdPartyRow { import_id, exam_month, generation: a.generation, ..b.clone() }
    };
    before.len() == now.len() && before.iter().zip(now).all(|(a, b)| same(a, b))
}

struct Change {
    now: Timestamp,
    /// the registers are others than those of the last time
    registry_changed: bool,
    any_withdrawn: bool,
}

impl Change {
    /// The findings of before and of now: new ones open with `origin = E223`, those that are gone are closed, the
    /// rest keeps identity and history. Says whether anything differs.
    fn merge(&self, before: Vec<FindingRow>, now: Vec<FindingRow>, done: &mut Done) -> (Vec<FindingRow>, bool) {
        let mut old: HashMap<String, FindingRow> = before.into_iter().map(|f| (f.finding_id.clone(), f)).collect();
        let mut rows = Vec::with_capacity(now.len());
        let mut differs = false;
        for mut f in now {
            match old.remove(&f.finding_id) {
                Some(o) if o.state == "open" => {
                    f.retro |= o.retro;
                    (f.origin, f.opened_at) = (o.origin.clone(), o.opened_at);
                    (f.import_id, f.exam_month, f.generation) =
                        (o.import_id.clone(), o.exam_month.clone(), o.generation);
                    differs |= f != o;
                    done.kept += 1;
                }
                _ => {
                    f.origin = "E223".to_owned();
                    f.retro |= self.registry_changed;
                    done.opened += 1;
                    done.changed.push(f.claim_id.clone());
                    differs = true;
                }
            }
            rows.push(f);
        }
        let mut gone: Vec<FindingRow> = old.into_values().collect();
        gone.sort_by(|a, b| (&a.claim_id, &a.rule, &a.finding_id).cmp(&(&b.claim_id, &b.rule, &b.finding_id)));
        for mut f in gone {
            if f.state == "open" {
                f.state = "closed".to_owned();
                f.is_primary = false;
                f.closed_at = Some(self.now);
                f.closed_reason = Some(self.reason(&f).to_owned());
                done.closed += 1;
                done.changed.push(f.claim_id.clone());
                differs = true;
            }
            rows.push(f);
        }
        (rows, differs)
    }

    fn reason(&self, f: &FindingRow) -> &'static str {
        if self.any_withdrawn && matches!(f.rule.as_str(), "E601" | "E602" | "E603" | "E604" | "E605" | "E608" | "E609")
        {
            "claim_withdrawn"
        } else if self.registry_changed {
            "resolved_by_master"
        } else {
            "rule_changed"
        }
    }
}

impl Done {
    pub fn json(&self) -> serde_json::Value {
        json!({
            "run_id": self.run_id,
            "imports": self.imports,
            "claims": self.claims,
            "opened": self.opened,
            "closed": self.closed,
            "kept": self.kept,
            "identified": self.identified,
            "changed": self.changed,
        })
    }

    pub fn summary(&self, lang: Lang) -> String {
        let t = |ja, en| lang.t(ja, en);
        let n = |n: u64| thousands(n as i64);
        let mut out = match &self.run_id {
            Some(id) => format!("{} {id}\n", t("再点検が完了しました:", "re-checked:")),
            None => format!("{}\n", t("再点検しました。変わったものはありません", "re-checked; nothing has changed")),
        };
        for (name, count) in [
            (t("取込      ", "imports   "), self.imports as u64),
            (t("レセプト  ", "claims    "), self.claims.max(0) as u64),
            (t("新しい指摘", "opened    "), self.opened),
            (t("解消      ", "closed    "), self.closed),
            (t("変わらず  ", "kept      "), self.kept),
            (t("本人の変更", "identified"), self.identified as u64),
        ] {
            out.push_str(&format!("  {name}  {}\n", n(count)));
        }
        if self.without_registry {
            out.push_str(&say!(
                "  台帳がないので、資格の点検はしていません（tenken registry load）\n",
                "  no register: eligibility was not checked (tenken registry load)\n"
            ));
        }
        out
    }
}
