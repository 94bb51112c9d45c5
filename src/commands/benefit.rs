//! `tenken benefit`: the calculators, the limits, the batch of a month.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result};
use clap::ArgMatches;
use serde_json::{Value, json};
use tenken_benefit::{
    Law, Limits, Row,
    annual::Year,
    worksheets::{Calculated, SheetError, claims, households},
};
use tenken_matcher::{files::my_number, standing};
use tenken_parser::Month;
use tenken_store::{
    Store,
    audit::Look,
    tables::benefit::{self as tables, BenefitHousehold},
};

use super::Ended;
use crate::{
    benefit::{
        Done,
        aggregate::{Figure, Place, aggregate as aggregates},
        annual::years as annual_rows,
        by_change, run as batch_run,
    },
    config::{BenefitConfig, Config},
    lang::{Lang, say},
    matching::register_of,
    output::{Format, List, thousands},
};

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("calc", m)) => calculate(m, claims::calculate),
        Some(("household", m)) => calculate(m, households::calculate),
        Some(("run", m)) => batch(lang, m),
        Some(("list", m)) => results(m),
        Some(("aggregate", m)) => aggregate(m),
        Some(("annual", m)) => annual(m),
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
    let Some(own) = own else {
        let mut list = List::new(&LIMITS);
        list.rows.extend(law.limits.rows().iter().map(|row| cells(row, "", &config.accept_limits)));
        super::print(m, &list)?;
        return Ok(Ended::Done);
    };
    let differences = differences(&law.limits, &own);
    let Some(root) = m.get_one::<PathBuf>("store") else {
        let mut list = List::new(&LIMITS);
        list.rows.extend(differences.iter().map(|(row, difference)| cells(row, difference, &config.accept_limits)));
        super::print(m, &list)?;
        return Ok(Ended::Done);
    };
    if super::format(m) == Format::Table {
        for (row, difference) in &differences {
            println!("{difference} {row}");
        }
    }
    touched_claims(m, &Store::open(root)?, &differences)
}

/// The stored claims whose result stands on a row that changes.
fn touched_claims(m: &ArgMatches, store: &Store, differences: &[(&Row, &'static str)]) -> Result<Ended> {
    let insurer = m.get_one::<String>("insurer").map(String::as_str);
    let mut newest: HashMap<(String, String, String, String), (i32, Vec<(String, String)>, Vec<String>)> =
        HashMap::new();
    for (_, r) in store.benefit_households(|owner, _, _| insurer.is_none_or(|i| i == owner))? {
        let month = Month::parse_iso(&r.service_month);
        let uses = |row: &Row, difference: &str| match difference {
            // a row that is not there yet takes over the months of its category
            "added" => {
                let of_category = |key: &String| key.split('@').next() == Some(row.category.as_str());
                month.is_some_and(|m| row.holds_in(m)) && r.limit_rows.iter().any(of_category)
            }
            _ => r.limit_rows.iter().any(|key| key == row.key()),
        };
        let rows: Vec<(String, String)> = (differences.iter())
            .filter(|(row, difference)| uses(row, difference))
            .map(|(row, difference)| (row.key().to_owned(), (*difference).to_owned()))
            .collect();
        let at = newest.entry(result_key(&r)).or_insert((0, Vec::new(), Vec::new()));
        if at.0 < r.version {
            *at = (r.version, rows, r.claim_ids);
        }
    }
    let mut list = List::new(&["limit_row", "difference", "owner", "household_id", "service_month", "claim_id"]);
    for ((owner, _, household, month), (_, rows, claims)) in newest {
        for (row, difference) in &rows {
            for claim in &claims {
                let cells = [row, difference, &owner, &household, &month, claim];
                list.rows.push(cells.into_iter().map(|c| c.clone().into()).collect());
            }
        }
    }
    list.rows.sort_by_key(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>());
    super::show(m, store, Look::new("benefit limits"), &list)?;
    Ok(Ended::Done)
}

/// Rows that differ: `changed` and `added` as they are in the new table, `removed` as they were.
fn differences<'l>(old: &'l Limits, new: &'l Limits) -> Vec<(&'l Row, &'static str)> {
    let mut out = Vec::new();
    for row in new.rows() {
        match old.by_key(row.key()) {
            None => out.push((row, "added")),
            Some(before)
                if !before.same_amounts(row) || (before.status, before.valid_to) != (row.status, row.valid_to) =>
            {
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

fn batch(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let month = *m.get_one::<Month>("month").context("--month")?;
    let lock = super::begin_writing(lang, &store)?;
    let started = Instant::now();
    let insurer = m.get_one::<String>("insurer").map(String::as_str);
    let done = batch_run(&store, &lock, month, insurer)?;
    let seconds = started.elapsed().as_secs_f64();
    match super::format(m) {
        Format::Json => println!("{}", serde_json::to_string_pretty(&summary_json(&done, month, seconds))?),
        _ => print!("{}", summary(&done, month, seconds)),
    }
    Ok(if done.numbers.needs_look() { Ended::NeedsLook } else { Ended::Done })
}

fn summary_json(done: &Done, month: Month, seconds: f64) -> Value {
    let n = &done.numbers;
    json!({
        "run_id": done.run.run_id,
        "month": month.to_string(),
        "claims": n.claims,
        "unidentified": n.unidentified,
        "not_insured": n.not_insured,
        "households": n.worked_out,
        "unchanged": n.unchanged,
        "changes": by_change(&n.changes).into_iter().map(|(word, _, n)| (word.to_owned(), n.into())).collect::<serde_json::Map<_, _>>(),
        "benefit_yen": n.benefit_yen,
        "in_kind_yen": n.in_kind_yen,
        "cash_yen": n.cash_yen,
        "needs_decision": n.needs_decision,
        "failed": n.failed,
        "no_prescriber": n.no_prescriber,
        "overpaid": n.overpaid,
        "no_category": n.no_category,
        "without_ledger": done.without_ledger,
        "not_run": done.not_run,
        "seconds": (seconds * 1000.0).round() / 1000.0,
    })
}

fn summary(done: &Done, month: Month, seconds: f64) -> String {
    let n = &done.numbers;
    let count = |n: u64| thousands(n as i64);
    let mut out = say!(
        "高額療養費の一括計算: 審査月 {month} ({id})\n",
        "high-cost benefits of {month} ({id})\n",
        id = &done.run.run_id
    );
    let mut line = |label: String, value: String| out.push_str(&format!("  {}  {value:>15}\n", pad(&label, 26)));
    line(say!("対象のレセプト", "claims"), count(n.claims));
    line(say!("世帯×診療月", "households and months"), count(n.worked_out));
    for (word, ja, value) in by_change(&n.changes) {
        line(say!("  {ja}", "  {word}"), count(value));
    }
    line(say!("  前回と同じ", "  as before"), count(n.unchanged));
    line(say!("高額療養費 円", "benefit, yen"), thousands(n.benefit_yen));
    line(say!("  うち現物 円", "  in kind, yen"), thousands(n.in_kind_yen));
    line(say!("  うち償還 円", "  in cash, yen"), thousands(n.cash_yen));
    let mut notes = Vec::new();
    let mut note = |n: u64, text: String| {
        if n > 0 {
            notes.push(text);
        }
    };
    note(
        n.needs_decision,
        say!(
            "{k} 件は未確定の限度額によるため、案内・支給をしない（tenken benefit limits）",
            "{k} stand on limits that are not confirmed: neither written to nor paid (tenken benefit limits)",
            k = count(n.needs_decision)
        ),
    );
    for (why, k) in &n.failed {
        note(*k, say!("{k} 件は計算できない: {why}", "{k} could not be worked out: {why}"));
    }
    note(
        n.unidentified,
        say!(
            "本人の分からないレセプト {k} 件は対象外",
            "{k} claims of unknown persons are left out",
            k = count(n.unidentified)
        ),
    );
    note(
        u64::from(n.claims == 0 && n.worked_out == 0),
        say!(
            "この審査月には計算するものがない（取込は tenken imports で確かめる）",
            "nothing to work out in this month (tenken imports lists what was taken in)"
        ),
    );
    note(
        n.no_prescriber,
        say!(
            "処方元の分からない調剤 {k} 件は合算していない（benefit_groups の excluded_reason = no_prescriber）",
            "{k} groups of dispensing without their prescriber are not in the sum (excluded_reason = no_prescriber)",
            k = count(n.no_prescriber)
        ),
    );
    note(
        n.overpaid,
        say!(
            "窓口の給付が高額療養費より多い世帯 {k} 件",
            "{k} households got more at the window than their benefit",
            k = count(n.overpaid)
        ),
    );
    note(
        n.no_category,
        say!(
            "所得区分の登録がなく、最も高い区分で計算した世帯 {k} 件",
            "{k} households without a category: taken as the highest",
            k = count(n.no_category)
        ),
    );
    note(
        u64::from(done.without_ledger),
        say!(
            "過誤・再審査・現金給付の記録（tenken ledger load）がないので、レセプトだけで計算した",
            "no ledger files were loaded: worked out from claims alone"
        ),
    );
    note(
        done.not_run.len() as u64,
        say!(
            "一括計算をしていない審査月がある（多数回の数え漏れ）: {list}",
            "months without a run (hits may be missing): {list}",
            list = done.not_run.join(", ")
        ),
    );
    for text in notes {
        out.push_str(&say!("  参考: {text}\n", "  note: {text}\n"));
    }
    out.push_str(&say!("  {seconds:.1} 秒\n", "  {seconds:.1} s\n"));
    out
}

/// To a width of a terminal's columns.
fn pad(text: &str, width: usize) -> String {
    let wide = unicode_width::UnicodeWidthStr::width(text);
    format!("{text}{}", " ".repeat(width.saturating_sub(wide)))
}

/// Columns of `benefit list`: those of the table without claims and trace.
fn result_columns() -> Vec<&'static str> {
    let left_out = ["run_id", "claim_ids", "trace"];
    let all = tables::households::TABLE.columns.iter().map(|c| c.name);
    std::iter::once("run_id").chain(all.filter(|c| !left_out.contains(c))).collect()
}

fn results(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let month = m.get_one::<Month>("month").map(ToString::to_string);
    let insurer = m.get_one::<String>("insurer").map(String::as_str);
    let household = m.get_one::<String>("household").map(String::as_str);
    let change = m.get_one::<String>("change").map(String::as_str);
    let wanted = |owner: &str, of: &str| insurer.is_none_or(|i| i == owner) && household.is_none_or(|h| h == of);
    let mut rows = store.benefit_households(|owner, of, _| wanted(owner, of))?;
    let all_versions = m.get_flag("versions") || household.is_some();
    if !all_versions {
        let mut newest: HashMap<(String, String, String, String), i32> = HashMap::new();
        for (_, r) in &rows {
            let at = newest.entry(result_key(r)).or_default();
            *at = (*at).max(r.version);
        }
        rows.retain(|(_, r)| newest[&result_key(r)] == r.version);
    }
    rows.retain(|(_, r)| month.as_ref().is_none_or(|m| r.exam_month == *m) && change.is_none_or(|c| r.change == c));
    rows.sort_by(|(_, a), (_, b)| result_key(a).cmp(&result_key(b)).then(a.version.cmp(&b.version)));
    let look = || {
        let target = [
            month.as_ref().map(|m| format!("month={m}")),
            insurer.map(|i| format!("insurer={i}")),
            household.map(|h| format!("household={h}")),
        ];
        Look::new("benefit list").target(&target.into_iter().flatten().collect::<Vec<_>>().join(" "))
    };
    if m.get_flag("guide") {
        let list = guide(&store, rows)?;
        super::show(m, &store, look(), &list)?;
        return Ok(Ended::Done);
    }
    if m.get_flag("trace") {
        super::log_look(&store, look().rows(rows.len()).persons(None))?;
        for (_, r) in &rows {
            println!("{} {} v{} {}", r.household_id, r.service_month, r.version, r.reason);
            r.trace.lines().for_each(|line| println!("  {line}"));
        }
        return Ok(Ended::Done);
    }
    let columns = result_columns();
    let mut list = List::new(&columns);
    for (run_id, r) in &rows {
        list.rows.push(result_cells(run_id, r));
    }
    super::show(m, &store, look(), &list)?;
    Ok(Ended::Done)
}

fn result_key(r: &BenefitHousehold) -> (String, String, String, String) {
    (r.owner.clone(), r.scheme.clone(), r.household_id.clone(), r.service_month.clone())
}

fn result_cells(run_id: &str, r: &BenefitHousehold) -> Vec<Value> {
    let text = |t: &Option<String>| t.clone().map_or(Value::Null, Value::from);
    let list = |l: &[String]| Value::Array(l.iter().map(|t| t.clone().into()).collect());
    vec![
        run_id.into(),
        r.benefit_id.clone().into(),
        r.owner.clone().into(),
        r.household_id.clone().into(),
        r.service_month.clone().into(),
        r.version.into(),
        r.exam_month.clone().into(),
        r.change.clone().into(),
        r.change_yen.into(),
        text(&r.category_under70),
        text(&r.category_70plus),
        text(&r.special),
        r.hit_count.into(),
        r.multi_hit.into(),
        list(&r.hit_months),
        r.counted_cost_yen.into(),
        r.counted_burden_yen.into(),
        r.limit_yen.map_or(Value::Null, Value::from),
        r.special_month_benefit_yen.into(),
        r.outpatient_benefit_yen.into(),
        r.seventyplus_benefit_yen.into(),
        r.all_ages_benefit_yen.into(),
        r.benefit_yen.into(),
        r.in_kind_yen.into(),
        r.cash_yen.into(),
        list(&r.limit_rows),
        r.needs_decision.into(),
        r.expires_on.to_string().into(),
        r.reason.clone().into(),
        r.scheme.clone().into(),
        r.hit.into(),
        r.tokutei_benefit_yen.into(),
        r.public_benefit_yen.into(),
        r.input_hash.clone().into(),
    ]
}

/// Columns of the list of 支給申請案内.
const GUIDE: [&str; 17] = [
    "owner",
    "household_id",
    "person_id",
    "kigo",
    "bango",
    "addressee",
    "service_month",
    "category_under70",
    "category_70plus",
    "multi_hit",
    "hit_count",
    "hit_months",
    "limit_yen",
    "benefit_yen",
    "in_kind_yen",
    "cash_yen",
    "expires_on",
];

/// Households to be written to: something to be refunded, on confirmed limits, and nobody who must not get a letter.
fn guide(store: &Store, mut rows: Vec<(String, BenefitHousehold)>) -> Result<List> {
    rows.retain(|(_, r)| r.cash_yen > 0 && !r.needs_decision);
    let wanted: HashSet<&str> = rows.iter().map(|(_, r)| r.benefit_id.as_str()).collect();
    // what each person gets
    let mut persons: HashMap<String, BTreeMap<String, i64>> = HashMap::new();
    for g in store.benefit_groups(|id| wanted.contains(id))? {
        *persons.entry(g.benefit_id).or_default().entry(g.person_id).or_default() += g.person_cash_yen;
    }
    let held = store.held_claims()?;
    let mut list = List::new(&GUIDE);
    for owner in store.owners()? {
        let registry = register_of(store, &owner)?;
        let register = store.register(&owner.owner)?;
        let heads: HashMap<&str, &str> = (register.households.iter())
            .filter_map(|h| Some((h.household_id.as_str(), h.head_name.as_deref()?)))
            .collect();
        let names: HashMap<&str, &str> =
            register.persons.iter().filter_map(|p| Some((p.person_id.as_str(), p.name.as_deref()?))).collect();
        for (_, r) in rows.iter().filter(|(_, r)| r.owner == owner.owner) {
            let of = persons.get(&r.benefit_id).cloned().unwrap_or_default();
            let day = Month::parse_iso(&r.service_month).map_or(0, |m| m.last_day().epoch_days());
            let views: Vec<_> = of.keys().filter_map(|id| registry.find(id)).collect();
            let silent = views
                .iter()
                .any(|p| standing::has_no_notice(&registry, *p, standing::household_no(*p, &r.household_id), day));
            if silent || r.claim_ids.iter().any(|c| held.contains(c)) {
                continue;
            }
            let row = views.iter().flat_map(|p| p.periods()).find(|row| registry.household_id(row) == r.household_id);
            // 国保 pays the head of the household, 後期 each person
            let of_persons: Vec<(&str, i64)> = match r.scheme.as_str() {
                "kouki" => of.iter().filter(|(_, cash)| **cash > 0).map(|(id, cash)| (id.as_str(), *cash)).collect(),
                _ => vec![("", r.cash_yen)],
            };
            for (person, cash) in of_persons {
                let of_head = || heads.get(r.household_id.as_str());
                let addressee = names.get(person).or_else(of_head).copied();
                list.rows.push(vec![
                    r.owner.clone().into(),
                    r.household_id.clone().into(),
                    person.into(),
                    row.map_or(Value::Null, |row| registry.kigo(row).into()),
                    row.map_or(Value::Null, |row| registry.bango(row).into()),
                    addressee.map_or(Value::Null, Value::from),
                    r.service_month.clone().into(),
                    r.category_under70.clone().map_or(Value::Null, Value::from),
                    r.category_70plus.clone().map_or(Value::Null, Value::from),
                    r.multi_hit.into(),
                    r.hit_count.into(),
                    Value::Array(r.hit_months.iter().map(|t| t.clone().into()).collect()),
                    r.limit_yen.map_or(Value::Null, Value::from),
                    r.benefit_yen.into(),
                    r.in_kind_yen.into(),
                    cash.into(),
                    r.expires_on.to_string().into(),
                ]);
            }
        }
    }
    Ok(list)
}

fn aggregate(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let month = *m.get_one::<Month>("month").context("--month")?;
    let insurer = m.get_one::<String>("insurer").map(String::as_str);
    let members = m.get_one::<String>("members").map(|code| Figure::ALL.iter().copied().find(|f| f.code() == code));
    let members = match members {
        Some(None) => {
            let known: Vec<&str> = Figure::ALL.iter().map(|f| f.code()).collect();
            return Err(super::WrongUsage(format!("--members: {}", known.join(", "))).into());
        }
        other => other.flatten(),
    };
    let found = aggregates(&store, month, insurer, members)?;
    for warning in &found.warnings {
        eprintln!("{}", say!("参考: {warning}", "note: {warning}"));
    }
    let place = |p: &Place| -> Vec<Value> {
        vec![
            p.prefecture.clone().into(),
            p.insurer_no.clone().into(),
            p.scheme.into(),
            p.age_band.into(),
            p.category.clone().into(),
            p.service_month.clone().into(),
            month.to_string().into(),
            p.source.into(),
            p.figure.code().into(),
        ]
    };
    const PLACE: [&str; 9] = [
        "prefecture",
        "insurer_no",
        "scheme",
        "age_band",
        "category",
        "service_month",
        "exam_month",
        "source",
        "figure",
    ];
    let Some(figure) = members else {
        let columns: Vec<&str> = PLACE.into_iter().chain(["name", "count", "yen"]).collect();
        let mut list = List::new(&columns);
        for (p, sum) in &found.sums {
            let mut row = place(p);
            row.extend([p.figure.name_ja().into(), sum.count.into(), sum.yen.into()]);
            list.rows.push(row);
        }
        super::print(m, &list)?;
        return Ok(Ended::Done);
    };
    let columns: Vec<&str> = PLACE.into_iter().chain(["member", "yen"]).collect();
    let mut list = List::new(&columns);
    for (p, sum) in found.sums.iter().filter(|(p, _)| p.figure == figure) {
        for (member, yen) in &sum.members {
            let mut row = place(p);
            row.extend([member.clone().into(), (*yen).into()]);
            list.rows.push(row);
        }
    }
    super::show(m, &store, Look::new("benefit aggregate").target(&format!("month={month} {}", figure.code())), &list)?;
    Ok(Ended::Done)
}

fn annual(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let from: u16 = m.get_one::<String>("year").and_then(|y| y.parse().ok()).context("--year")?;
    let year = Year::of(Month::new(from, 8).context("--year")?);
    let insurer = m.get_one::<String>("insurer").map(String::as_str);
    let pays = Config::of_store(store.root())?.benefit.pay_annual_cap;
    let mut list = List::new(&[
        "owner",
        "scheme",
        "household_id",
        "person_id",
        "from",
        "to",
        "months",
        "category",
        "burden_yen",
        "annual_cap_yen",
        "above_yen",
        "payable",
        "outpatient_burden_yen",
        "outpatient_benefit_yen",
    ]);
    for r in annual_rows(&store, year, insurer)? {
        let over = r.above.0 > 0 || r.outpatient_benefit.is_some_and(|b| b.0 > 0);
        if m.get_flag("over") && !over {
            continue;
        }
        let yen = |y: Option<tenken_benefit::Yen>| y.map_or(Value::Null, |y| y.0.into());
        list.rows.push(vec![
            r.owner.into(),
            r.scheme.into(),
            r.household_id.into(),
            r.person_id.map_or(Value::Null, Value::from),
            year.from.to_string().into(),
            year.to.to_string().into(),
            r.months.len().into(),
            r.category.into(),
            r.burden.0.into(),
            yen(r.cap),
            r.above.0.into(),
            (pays && r.above.0 > 0).into(),
            r.outpatient_burden.0.into(),
            yen(r.outpatient_benefit),
        ]);
    }
    super::show(m, &store, Look::new("benefit annual").target(&format!("year={from}")), &list)?;
    Ok(Ended::Done)
}
