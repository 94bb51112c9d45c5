//! The reports of a label month: lines, counts, forms, checks, and what is kept of them (spec reports.md).

pub mod billing;
pub mod charts;
pub mod gather;
mod insured;
pub mod lists;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tenken_benefit::insurer::{HighCost, InsurerParameters};
use tenken_matcher::files::ledger::Billed;
use tenken_matcher::registry::{OwnerRegistry, rows::Scheme as RegistryScheme};
use tenken_parser::Month;
use tenken_report::{
    Form, Forms, Key, Made, Report, Scheme,
    checks::{self, Check},
    cube::Label,
    forms::{Counts, Inputs, Need, Values},
    output::printed,
};
use tenken_store::{
    Store, WriteLock,
    data::Encoded,
    runs::{RunKind, RunRow},
    tables::report::ReportCell,
};

use self::gather::{Asked, Basis, OwnerMonth};
use crate::{benefit, config::Config, platform};

/// The report of an owner, and what its page shows beside the forms.
pub struct OwnerReport<'f> {
    pub report: Report<'f>,
    /// kept under this run, or the one before it whose inputs were the same
    pub run: Option<RunRow>,
    pub month: OwnerMonth,
    /// months before with their values of `BEN_ALL` or `KOKI_B`, for charts: oldest first
    pub history: Vec<(Month, Values)>,
    /// what moved against the version before
    pub moved: Vec<Moved>,
    /// thresholds of high costs, 円: this year's, the other one, the special one
    pub high: Option<(i64, Option<i64>, i64)>,
    /// insured at the end of the month, in bands of five years
    pub insured_by_age: [i64; gather::AGE_BANDS],
}

/// A cell that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub form: String,
    pub sheet: String,
    pub row: String,
    pub col: String,
    pub before: i64,
    pub now: i64,
}

/// Everything of a label month.
pub struct Session {
    basis: benefit::Basis,
    forms: Forms,
    label: Label,
    insurer: Option<String>,
    parameters: InsurerParameters,
    /// claims of the month with a finding of money that was not due
    undue: HashMap<String, lists::Undue>,
}

fn forms_of(config: &Config) -> Result<Forms> {
    match &config.report.forms {
        Some(folder) => Ok(Forms::with_folder(folder)?),
        None => Ok(Forms::shipped()),
    }
}

/// Whether a number is one of 後期: by its length.
fn is_kouki(number: &str) -> bool {
    number.len() == 8
}

/// Whose books an owner keeps: 国保 unless its own number is one of 後期, and 後期 where somebody is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Books {
    kokuho: bool,
    kouki: bool,
}

impl Books {
    fn of(owner: &str, registry: Option<&OwnerRegistry>, month: Option<&OwnerMonth>) -> Self {
        let of_kouki = |k: &Key| matches!(k.scheme, Scheme::Kouki | Scheme::KoukiDisabled);
        let kouki = is_kouki(owner)
            || month.is_some_and(|m| m.cube.sums.keys().any(of_kouki))
            || registry.is_some_and(|r| insured::has_scheme(r, RegistryScheme::Kouki));
        Self { kokuho: !is_kouki(owner), kouki }
    }

    fn has(self, form: &Form) -> bool {
        (self.kokuho && checks::is_for(form, false)) || (self.kouki && checks::is_for(form, true))
    }
}

impl Session {
    pub fn open(store: &Store, label: Month, insurer: Option<&str>) -> Result<Self> {
        let config = Config::of_store(store.root())?;
        let forms = forms_of(&config)?;
        let exam = label.plus(1);
        // registers are read by one thread
        let (basis, undue) =
            rayon::join(|| benefit::Basis::of_store(store, exam), || lists::undue_claims(store, &exam.to_string()));
        let (basis, undue) = (basis?, undue?);
        Ok(Self {
            basis,
            forms,
            label: Label::of(label),
            insurer: insurer.map(str::to_owned),
            parameters: InsurerParameters::shipped(),
            undue,
        })
    }

    pub fn forms(&self) -> &Forms {
        &self.forms
    }

    pub fn label(&self) -> Label {
        self.label
    }

    fn high_cost(&self) -> Option<HighCost<'_>> {
        self.parameters.at(self.label.month)
    }

    fn basis(&self) -> Basis<'_> {
        Basis { law: &self.basis.law, accepted: &self.basis.config.accept_limits, registers: &self.basis.registers }
    }

    /// The lines under some keys, with those of the ledger files.
    pub fn lines(
        &self,
        store: &Store,
        wanted: &(dyn Fn(&Key) -> bool + Sync),
        months: &[Label],
    ) -> Result<gather::Gathered> {
        gather::gather(
            store,
            &self.basis(),
            Asked {
                labels: months,
                insurer: self.insurer.as_deref(),
                wanted: Some(wanted),
                claims: None,
                ledger: None,
                high_over: i64::MAX,
            },
        )
    }

    /// Import ids and loads that the lines of a month come from.
    fn inputs(&self, store: &Store, label: Label, form_ids: &[&Form]) -> Result<Value> {
        let exam = label.exam.to_string();
        let imports: Vec<String> = store
            .imports()?
            .into_iter()
            .filter(|i| i.is_visible() && i.exam_month == exam)
            .map(|i| i.import_id)
            .collect();
        let ledgers: Vec<String> = (store.runs()?.into_iter())
            .filter(|r| r.kind == RunKind::LedgerLoad && r.is_visible())
            .map(|r| r.run_id)
            .collect();
        let forms: BTreeMap<&str, &str> = form_ids.iter().map(|f| (f.id.as_str(), f.hash.as_str())).collect();
        let config = &self.basis.config;
        Ok(json!({
            "imports": imports,
            "ledgers": ledgers,
            "registers": self.basis.registry_runs,
            "forms": forms,
            "parameters": {
                "limits": config.limits.as_ref().map(|p| p.display().to_string()),
                "accept_limits": config.accept_limits,
                "cash_month_offset": 1,
            },
            "program_version": env!("CARGO_PKG_VERSION"),
        }))
    }

    /// Makes every form of the month, for every owner, and keeps them when a lock is given.
    pub fn make(&self, store: &Store, lock: Option<&WriteLock>, form: Option<&Form>) -> Result<Vec<OwnerReport<'_>>> {
        let label = self.label;
        let asked_for = form.map_or("", |f| f.id.as_str());
        let in_force: Vec<&Form> = self.forms.in_force(label.month);
        let inputs = self.inputs(store, label, &in_force)?;
        let input_hash = blake3::hash(inputs.to_string().as_bytes()).to_hex()[..16].to_owned();
        let all_runs: Vec<RunRow> = store.runs()?.into_iter().filter(|r| r.kind == RunKind::Report).collect();
        let owners: Vec<String> = self.owners(store)?;

        // what is kept of the year's months before, when nothing of it has changed
        let mut kept: BTreeMap<(String, Month), BTreeMap<String, Values>> = BTreeMap::new();
        let mut last: BTreeMap<String, (RunRow, BTreeMap<String, Values>)> = BTreeMap::new();
        let recent: Vec<Month> = (1..=12).map(|n| label.month.plus(-n)).collect();
        let mut valid: Vec<&RunRow> = Vec::new();
        for run in all_runs.iter().filter(|r| r.is_visible()) {
            let Some(month) = run.exam_month_from.as_deref().and_then(Month::parse_iso).map(|m| m.plus(-1)) else {
                continue;
            };
            if month == label.month {
                valid.push(run);
            } else if recent.contains(&month) {
                let now = self.inputs(store, Label::of(month), &in_force)?;
                let same = ["imports", "ledgers", "forms"].iter().all(|k| run.inputs["inputs"][k] == now[k]);
                if same {
                    valid.push(run);
                }
            }
        }
        let cells = store.report_cells(|id| valid.iter().any(|r| r.run_id == id))?;
        let mut by_run: BTreeMap<&str, Vec<&ReportCell>> = BTreeMap::new();
        cells.iter().for_each(|(run, c)| by_run.entry(run).or_default().push(c));
        for run in valid {
            let (Some(owner), Some(exam)) = (&run.owner, run.exam_month_from.as_deref().and_then(Month::parse_iso))
            else {
                continue;
            };
            let of_run = by_run.get(run.run_id.as_str()).map_or(&[][..], Vec::as_slice);
            let values = values_of(of_run, &in_force);
            if exam == label.exam {
                last.insert(owner.clone(), (run.clone(), values));
            } else {
                kept.insert((owner.clone(), exam.plus(-1)), values);
            }
        }

        let year: Vec<Month> = label.year_to_date().collect();
        let to_gather: Vec<Label> = (year.iter())
            .filter(|m| **m == label.month || owners.iter().any(|o| !kept.contains_key(&(o.clone(), **m))))
            .map(|m| Label::of(*m))
            .collect();
        let undue_ids: HashSet<String> = self.undue.keys().cloned().collect();
        let high = self.high_cost();
        let high_over = high.as_ref().map_or(i64::MAX, |h| h.least().0);
        // lines are written only when something is new
        let is_new = owners.iter().any(|o| last.get(o).is_none_or(|(run, _)| run.inputs["hash"] != json!(input_hash)));
        let (gathered, counts) = rayon::join(
            || {
                gather::gather(
                    store,
                    &self.basis(),
                    Asked {
                        labels: &to_gather,
                        insurer: self.insurer.as_deref(),
                        wanted: None,
                        claims: Some(&undue_ids),
                        ledger: (lock.is_some() && is_new).then_some(label),
                        high_over,
                    },
                )
            },
            || self.counts(&year, &kept),
        );
        let mut gathered = gathered?;
        let overrides = store.counts()?;
        let billed = store.billed()?;
        let has_imports = |l: Label| inputs_has_imports(store, l);
        let mut out = Vec::new();
        for owner in &owners {
            let registry = self.basis.registers.iter().find(|r| r.owner == *owner);
            let books = Books::of(owner, registry, gathered.months.get(&(owner.clone(), label.month)));
            // charts and what is likely speak of 国保 where there is any
            let kouki = !books.kokuho;
            let forms: Vec<&Form> = in_force.iter().copied().filter(|f| books.has(f)).collect();
            let empty = Counts::new();
            // counts of the register, with the rows that somebody put in their place
            let mut replaced: Vec<String> = Vec::new();
            let year_counts: Vec<(Month, Counts)> = (year.iter())
                .map(|m| {
                    let mut of_month = counts.get(&(owner.clone(), *m)).cloned().unwrap_or_default();
                    for c in overrides.iter().filter(|c| c.insurer_no == *owner && c.label_month == *m) {
                        of_month.insert((c.row_code.clone(), c.col_code.clone()), c.value);
                        if *m == label.month {
                            replaced.push(format!("{}.{}＝{}", c.row_code, c.col_code, c.value));
                        }
                    }
                    (*m, of_month)
                })
                .collect();
            let now = year_counts.last().map_or(&empty, |(_, c)| c);
            // values of the months before, month by month, for the year to date
            let mut earlier: BTreeMap<&str, Vec<(Month, Values)>> = BTreeMap::new();
            for (at, m) in year.iter().enumerate().filter(|(_, m)| **m != label.month) {
                let from_kept = kept.get(&(owner.clone(), *m));
                let of_month = gathered.months.get(&(owner.clone(), *m));
                for form in &forms {
                    let values = match from_kept.and_then(|k| k.get(form.id.as_str())) {
                        Some(values) => values.clone(),
                        None => {
                            let none = OwnerMonth::default();
                            form.values(Inputs {
                                cube: &of_month.unwrap_or(&none).cube,
                                counts: &year_counts[at].1,
                                earlier: &[],
                                year_counts: &[],
                            })
                        }
                    };
                    earlier.entry(&form.id).or_default().push((*m, values));
                }
            }
            let month = gathered.months.remove(&(owner.clone(), label.month)).unwrap_or_default();
            let mut report = Report {
                owner: owner.clone(),
                label_month: label.month,
                version: 1,
                input_hash: input_hash.clone(),
                made_on: None,
                forms: Vec::new(),
                missing: Vec::new(),
                checks: Vec::new(),
                warnings: Vec::new(),
            };
            report.warnings.append(&mut gathered.warnings.clone());
            let named: HashSet<String> =
                month.high.iter().map(|c| &c.claim_id).chain(self.undue.keys()).cloned().collect();
            let facts = lists::facts(store, &label.exam.to_string(), &named)?;
            for form in &forms {
                let missing = form.needs.iter().find(|n| match n {
                    Need::Claims => month.claims == 0 && month.cube.sums.is_empty() && !has_imports(label),
                    Need::Registry => registry.is_none(),
                    Need::Benefit => !lists::has_benefit(store, label, owner),
                    // no master of drugs can be loaded yet
                    Need::Drugs => true,
                    Need::Asked => form.id != asked_for,
                });
                if let Some(missing) = missing {
                    report.missing.push((form.id.clone(), missing.missing_ja().to_owned()));
                    continue;
                }
                let earlier = earlier.get(form.id.as_str()).map_or(&[][..], Vec::as_slice);
                let values = form.values(Inputs { cube: &month.cube, counts: now, earlier, year_counts: &year_counts });
                let mut made = Made { form, values, list: None, notes: Vec::new() };
                if form.is_list {
                    lists::fill(self, store, owner, &month, &facts, &mut made)
                        .with_context(|| format!("{} を作れません", form.id))?;
                }
                self.notes(&mut made, &replaced, &month);
                report.forms.push(made);
            }
            self.check(&mut report, &month, &billed, earlier.get("BEN_ALL").or_else(|| earlier.get("KOKI_B")));
            let history = history(owner, &kept, &earlier, &report, kouki);
            let mut one = OwnerReport {
                report,
                run: None,
                month,
                history,
                moved: Vec::new(),
                high: high.as_ref().map(h_of).filter(|_| books.kokuho),
                insured_by_age: registry.map_or([0; gather::AGE_BANDS], |r| insured::by_age(r, label.month)),
            };
            let before = last.remove(owner);
            let ledger: Vec<Encoded> = {
                let (of, others): (Vec<_>, Vec<_>) =
                    std::mem::take(&mut gathered.ledger).into_iter().partition(|(o, _)| o == owner);
                gathered.ledger = others;
                of.into_iter().map(|(_, e)| e).collect()
            };
            self.keep(store, lock, &mut one, &inputs, before, ledger)?;
            out.push(one);
        }
        Ok(out)
    }

    fn owners(&self, store: &Store) -> Result<Vec<String>> {
        let mut owners: Vec<String> = self.basis.registers.iter().map(|r| r.owner.clone()).collect();
        if owners.is_empty() {
            let rows = lists::rows(store, "SELECT DISTINCT owner FROM claims WHERE owner IS NOT NULL ORDER BY owner")?;
            owners.extend(rows.into_iter().filter_map(|r| r.into_iter().next().flatten()));
        }
        owners.retain(|o| self.insurer.as_ref().is_none_or(|i| i == o));
        Ok(owners)
    }

    /// Counts of the register at the ends of the year's months; of kept months what was kept.
    fn counts(
        &self,
        year: &[Month],
        kept: &BTreeMap<(String, Month), BTreeMap<String, Values>>,
    ) -> BTreeMap<(String, Month), Counts> {
        let mut out = BTreeMap::new();
        for registry in self.basis.registers.iter().filter(|r| self.insurer.as_ref().is_none_or(|i| *i == r.owner)) {
            for (scheme, id) in [(RegistryScheme::Kokuho, "GEN"), (RegistryScheme::Kouki, "KOKI_A")] {
                let form = self.forms.find(id, self.label.month);
                let of_kept = |month: &Month| {
                    let values = kept.get(&(registry.owner.clone(), *month))?.get(form?.id.as_str())?;
                    let cells = form?.cells.iter().zip(values).filter(|(c, _)| c.sheet == "MAIN");
                    Some(cells.map(|(c, v)| ((c.row.clone(), c.col.clone()), *v)).collect::<Counts>())
                };
                if scheme == RegistryScheme::Kouki && !insured::has_scheme(registry, scheme) {
                    continue;
                }
                let (known, open): (Vec<Month>, Vec<Month>) = year.iter().partition(|m| of_kept(m).is_some());
                let mut put = |month: Month, counts: Counts| {
                    let of_month: &mut Counts = out.entry((registry.owner.clone(), month)).or_default();
                    of_month.extend(counts);
                };
                known.iter().for_each(|m| put(*m, of_kept(m).unwrap_or_default()));
                open.iter().zip(insured::counts(registry, scheme, &open)).for_each(|(m, c)| put(*m, c));
            }
        }
        out
    }

    fn notes(&self, made: &mut Made<'_>, replaced: &[String], month: &OwnerMonth) {
        if made.form.needs.contains(&Need::Registry) && made.form.id.starts_with("GEN") && !replaced.is_empty() {
            made.notes.push(format!("counts.csv の値に置き換えた欄: {}", replaced.join("、")));
        }
        if made.form.id == "KOFUKIN" {
            made.notes.push("F（減額）と G（手数料）の入力はありません。0 円のままです".to_owned());
        }
        if made.form.needs.contains(&Need::Claims) && month.needs_decision > 0 {
            made.notes.push(format!(
                "未確定の限度額による公費の額を含むレセプトが {} 件あります（accept_limits で確定）",
                month.needs_decision
            ));
        }
    }

    /// The checks of reports.md 3.6, and what is unlikely.
    fn check(
        &self,
        report: &mut Report<'_>,
        month: &OwnerMonth,
        billed: &[Billed],
        before: Option<&Vec<(Month, Values)>>,
    ) {
        let mut all: Vec<Check> = Vec::new();
        let mut warnings: Vec<String> = Vec::new();
        for made in report.forms.iter().filter(|m| !m.form.is_list) {
            all.extend(checks::of_form(made.form, &made.values));
        }
        let find = |id: &str| report.forms.iter().find(|m| m.form.id == id);
        if let Some(whole) = find("BEN_ALL") {
            let parts: Vec<(&Form, &Values)> = ["BEN_65", "BEN_70G", "BEN_70H", "BEN_PRE"]
                .iter()
                .filter_map(|id| find(id))
                .map(|m| (m.form, &m.values))
                .collect();
            all.extend(checks::of_parts((whole.form, &whole.values), &parts));
        }
        // 5: all that the body that bills asks this insurer for
        for (main, kouki) in [("BEN_ALL", false), ("KOKI_B", true)] {
            if find(main).is_none() {
                continue;
            }
            let exam: Vec<_> = billed
                .iter()
                .filter(|b| b.exam_month == self.label.exam && is_kouki(&b.insurer_no) == kouki)
                .filter(|b| kouki || b.insurer_no == report.owner)
                .collect();
            let sum = |of: fn(&&Billed) -> i64| -> i64 {
                match exam.iter().find(|b| b.kind == "ALL") {
                    Some(all) => of(all),
                    None => exam.iter().map(of).sum(),
                }
            };
            let asked = (!exam.is_empty()).then(|| (sum(|b| b.amount_yen), sum(|b| b.high_cost_yen)));
            let mut ours = (0, 0);
            let mut bridge: BTreeMap<tenken_report::Event, i64> = BTreeMap::new();
            for (key, m) in month.cube.sums.iter().filter(|(k, _)| billing::is_billed(k, kouki)) {
                ours.0 += m.ins + m.hk;
                ours.1 += m.hk;
                *bridge.entry(key.event).or_default() += m.ins + m.hk;
            }
            all.extend(checks::of_billed(main, ours, asked));
            for d in billing::differences(month, kouki, &exam) {
                warnings.push(format!("請求内訳との差 {d}"));
            }
            if asked.is_some_and(|(amount, high)| amount != ours.0 || high != ours.1) {
                let parts: Vec<String> =
                    bridge.iter().map(|(e, yen)| format!("{} {}円", e.name_ja(), printed(*yen, 0))).collect();
                warnings.push(format!("請求額との橋渡し: {}", parts.join("、")));
            }
        }
        report.warnings.extend(warnings);
        report.checks = all;
        self.likely(report, before);
        if month.rate_unknown > 0 {
            report
                .warnings
                .push(format!("負担割合が分からず 9割給付とした後期のレセプトが {} 件あります", month.rate_unknown));
        }
        if month.no_limit > 0 {
            report
                .warnings
                .push(format!("限度額の行がなく公費の額を分けられないレセプトが {} 件あります", month.no_limit));
        }
        if let Some(high) = self.high_cost().filter(|_| !is_kouki(&report.owner)) {
            report.warnings.extend(high.warnings(&self.basis.config.accept_limits));
        }
    }

    /// 7: against published figures and the month before.
    fn likely(&self, report: &mut Report<'_>, before: Option<&Vec<(Month, Values)>>) {
        let mut said = Vec::new();
        let kouki = is_kouki(&report.owner);
        let (main, sheet) = if kouki { ("KOKI_B", "ALL") } else { ("BEN_ALL", "S1") };
        let Some(made) = report.forms.iter().find(|m| m.form.id == main) else { return };
        let get = |values: &Values, row: &str, col: &str| made.form.place(sheet, row, col).map_or(0, |p| values[p]);
        let insured = report
            .forms
            .iter()
            .find(|m| m.form.id == if kouki { "KOKI_A" } else { "GEN" })
            .and_then(|m| m.form.place("MAIN", if kouki { "K01" } else { "G02" }, "end").map(|p| m.values[p]));
        for bound in bounds() {
            if bound.kouki != kouki {
                continue;
            }
            let (cnt, cost) = (get(&made.values, &bound.row, "cnt"), get(&made.values, &bound.row, "cost"));
            let (value, what) = match bound.what.as_str() {
                "cases_per_1000" => match insured.filter(|n| *n > 0) {
                    Some(n) => (cnt * 1_000 / n, "千人当たり件数"),
                    None => continue,
                },
                _ if cnt > 0 => (cost / cnt, "1件当たり費用額"),
                _ => continue,
            };
            // a small insurer's months vary by chance
            if cnt >= 300 && (value < bound.low || value > bound.high) {
                said.push(format!(
                    "{} {what} {} は、ふつうの範囲 {}〜{} の外です",
                    bound.name,
                    printed(value, 0),
                    printed(bound.low, 0),
                    printed(bound.high, 0)
                ));
            }
        }
        if let Some((_, then)) = before.and_then(|b| b.iter().find(|(m, _)| *m == self.label.month.plus(-1))) {
            for (row, name) in
                [("R01", "入院"), ("R02", "入院外"), ("R03", "歯科"), ("R05", "調剤"), ("R07", "訪問看護")]
            {
                for (col, what) in [("cnt", "件数"), ("cost", "費用額")] {
                    let (old, new) = (get(then, row, col), get(&made.values, row, col));
                    if get(then, row, "cnt") >= 300 && (new - old).abs() * 10 > old.abs() {
                        let percent = tenken_report::rates::divided((new - old) * 1_000, old);
                        said.push(format!("{name} {what}が前月から {}％ 動きました", printed(percent, 1)));
                    }
                }
            }
        }
        report.warnings.extend(said);
    }

    /// Keeps the report, unless the one before stands on the same.
    fn keep(
        &self,
        store: &Store,
        lock: Option<&WriteLock>,
        one: &mut OwnerReport<'_>,
        inputs: &Value,
        before: Option<(RunRow, BTreeMap<String, Values>)>,
        ledger: Vec<Encoded>,
    ) -> Result<()> {
        let report = &mut one.report;
        if let Some((run, values)) = before {
            let version = run.inputs["version"].as_i64().unwrap_or(1) as i32;
            let mut moved = Vec::new();
            for made in &report.forms {
                let Some(then) = values.get(&made.form.id) else { continue };
                for ((cell, now), before) in made.form.cells.iter().zip(&made.values).zip(then) {
                    if now != before && cell.sheet != "LIST" {
                        moved.push(Moved {
                            form: made.form.id.clone(),
                            sheet: cell.sheet.clone(),
                            row: cell.row.clone(),
                            col: cell.col.clone(),
                            before: *before,
                            now: *now,
                        });
                    }
                }
            }
            if run.inputs["hash"] == json!(report.input_hash) && moved.is_empty() {
                report.version = version;
                report.made_on = made_on(&run);
                one.run = Some(run);
                return Ok(());
            }
            if !moved.is_empty() {
                report.warnings.push(format!(
                    "第{version}版から {} 欄が動きました: {}",
                    moved.len(),
                    why(&run.inputs["inputs"], inputs)
                ));
            }
            one.moved = moved;
            report.version = version + 1;
        }
        let Some(lock) = lock else { return Ok(()) };
        let run_id = store.new_run_id()?;
        let report_id = blake3::hash(format!("{}:{}:{}", report.owner, report.label_month, report.version).as_bytes())
            .to_hex()[..16]
            .to_owned();
        let mut run = RunRow::new(run_id, RunKind::Report);
        run.owner = Some(report.owner.clone());
        run.exam_month_from = Some(self.label.exam.to_string());
        run.exam_month_to = run.exam_month_from.clone();
        run.user = platform::user_name();
        run.inputs = json!({ "hash": report.input_hash, "version": report.version, "inputs": inputs });
        run.counts = json!({
            "forms": report.forms.iter().map(|m| m.form.id.as_str()).collect::<Vec<_>>(),
            "claims": one.month.claims,
            "unverified": report.is_unverified(),
            "moved": one.moved.len(),
        });
        report.made_on = made_on(&run);
        let unverified = report.is_unverified();
        let cells: Vec<ReportCell> = (report.forms.iter())
            .flat_map(|m| {
                m.form.cells.iter().zip(&m.values).filter(|(c, _)| c.sheet != "LIST").map(|(c, v)| ReportCell {
                    report_id: report_id.clone(),
                    form: m.form.id.clone(),
                    sheet: c.sheet.clone(),
                    row_code: c.row.clone(),
                    col_code: c.col.clone(),
                    label_month: report.label_month.to_string(),
                    version: report.version,
                    value: *v,
                    unverified,
                    input_hash: report.input_hash.clone(),
                })
            })
            .collect();
        let mut writer = store.report_writer(lock, run)?;
        for lines in &ledger {
            writer.lines(lines)?;
        }
        writer.cells(&cells)?;
        one.run = Some(writer.commit()?);
        Ok(())
    }
}

fn made_on(run: &RunRow) -> Option<String> {
    Some(crate::output::time(run.started_at)[..10].to_owned())
}

/// The inputs that are other ones.
fn why(before: &Value, now: &Value) -> String {
    let words = [
        ("imports", "取込"),
        ("ledgers", "異動・現金給付などの読込"),
        ("registers", "資格台帳"),
        ("forms", "様式"),
        ("parameters", "設定"),
        ("program_version", "プログラム"),
    ];
    let changed: Vec<&str> = words.iter().filter(|(k, _)| before[k] != now[k]).map(|(_, w)| *w).collect();
    if changed.is_empty() {
        "入力は同じ".to_owned()
    } else {
        format!("{}が変わったため", changed.join("・"))
    }
}

fn inputs_has_imports(store: &Store, label: Label) -> bool {
    let exam = label.exam.to_string();
    store.imports().is_ok_and(|all| all.iter().any(|i| i.is_visible() && i.exam_month == exam))
}

fn h_of(h: &HighCost<'_>) -> (i64, Option<i64>, i64) {
    (h.threshold.yen().0, h.other_threshold.map(|o| o.yen().0), h.special_threshold.yen().0)
}

/// Kept cells as values in the order of their forms; a form whose cells are other ones is left out.
fn values_of(cells: &[&ReportCell], forms: &[&Form]) -> BTreeMap<String, Values> {
    let mut out: BTreeMap<String, Values> = BTreeMap::new();
    for c in cells {
        let Some(form) = forms.iter().find(|f| f.id == c.form) else { continue };
        let Some(place) = form.place(&c.sheet, &c.row_code, &c.col_code) else { continue };
        out.entry(c.form.clone()).or_insert_with(|| vec![0; form.cells.len()])[place] = c.value;
    }
    out
}

/// Values of the main form over the months before this one that are known.
fn history(
    owner: &str,
    kept: &BTreeMap<(String, Month), BTreeMap<String, Values>>,
    earlier: &BTreeMap<&str, Vec<(Month, Values)>>,
    report: &Report<'_>,
    kouki: bool,
) -> Vec<(Month, Values)> {
    let main = if kouki { "KOKI_B" } else { "BEN_ALL" };
    let mut months: BTreeMap<Month, Values> = BTreeMap::new();
    for ((_, month), forms) in kept.iter().filter(|((o, _), _)| o == owner) {
        if let Some(values) = forms.get(main) {
            months.insert(*month, values.clone());
        }
    }
    // a month without an import has nothing to show
    for (month, values) in earlier.get(main).into_iter().flatten().filter(|(_, v)| v.iter().any(|n| *n != 0)) {
        months.entry(*month).or_insert_with(|| values.clone());
    }
    if let Some(made) = report.forms.iter().find(|m| m.form.id == main) {
        months.insert(report.label_month, made.values.clone());
    }
    months.into_iter().collect()
}

/// A range outside of which a figure is unlikely (`report/data/likely.csv`).
struct Bound {
    kouki: bool,
    row: String,
    name: String,
    what: String,
    low: i64,
    high: i64,
}

fn bounds() -> Vec<Bound> {
    let mut reader = csv::Reader::from_reader(include_str!("../../report/data/likely.csv").as_bytes());
    let rows = reader.records().map(|r| r.expect("the shipped table is CSV"));
    rows.map(|r| Bound {
        kouki: &r[0] == "kouki",
        row: r[1].to_owned(),
        name: r[2].to_owned(),
        what: r[3].to_owned(),
        low: r[4].parse().unwrap_or(0),
        high: r[5].parse().unwrap_or(i64::MAX),
    })
    .collect()
}

/// Where the files of an owner go: a folder of its own when there are several.
pub fn folder_of(out: &std::path::Path, owner: &str, several: bool) -> PathBuf {
    if several { out.join(owner) } else { out.to_owned() }
}
