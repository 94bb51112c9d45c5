//! `tenken third-party case open|move|edit|list|kpi`: 求償事案 (third-party.md section 5).

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use jiff::{Zoned, civil};
use serde_json::{Map, Value};
use tenken_matcher::registry::{OwnerRegistry, rows::Register};
use tenken_parser::Date;
use tenken_review::{
    self as review, Attached, COLUMNS, Database, Detail, Edit, Known, Kpi, Move, NewCase, Person, alerts, inquiries,
    is_named_role, title,
};
use tenken_store::{
    Store,
    audit::Look,
    query::{Query, literal},
};

use super::{Ended, WrongUsage};
use crate::{
    lang::{Lang, say},
    matching::register_of,
    output::{Format, List},
    platform,
    third_party::is_silent,
};

/// What the list shows on a terminal; csv and json have every column.
const SHORT: [&str; 11] = [
    "case_no",
    "insurer_no",
    "person_key",
    "state",
    "state_since",
    "band",
    "accident_date",
    "jibai_limit",
    "benefit_yen",
    "next_action_due",
    "staff",
];

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("open", m)) => open(m),
        Some(("move", m)) => step(m),
        Some(("edit", m)) => edit(m),
        Some(("list", m)) => list(lang, m),
        Some(("kpi", m)) => kpi(m),
        _ => Ok(Ended::Failed),
    }
}

fn database(store: &Store) -> Result<Database> {
    Database::of_store(store.root()).map_err(of_review)
}

/// What the cases say to detection. A store without cases has none.
pub fn known_cases(store: &Store) -> Result<Known> {
    if Database::is_in(store.root()) { database(store)?.known().map_err(of_review) } else { Ok(Known::default()) }
}

/// An error of the case database, in the language of this run.
pub fn of_review(e: review::Error) -> anyhow::Error {
    match Lang::current() {
        Lang::Ja => anyhow::anyhow!("{e}"),
        Lang::En => anyhow::anyhow!("{}", e.english()),
    }
}

fn opt<'m>(m: &'m ArgMatches, name: &str) -> Option<&'m str> {
    m.get_one::<String>(name).map(String::as_str)
}

/// A day that was given, as the case database counts days.
fn day(m: &ArgMatches, name: &str) -> Option<civil::Date> {
    m.get_one::<Date>(name).and_then(|d| d.to_string().parse().ok())
}

fn owned(m: &ArgMatches, name: &str) -> Option<String> {
    opt(m, name).map(str::to_owned)
}

/// Every change is in the access log too: who did what to which case.
fn log(store: &Store, action: &str, target: &str, user: &str) -> Result<()> {
    let look = Look::new(action).target(target).rows(1).persons(Some(1)).by(Some(user.to_owned()));
    store.log_look(&look)?;
    Ok(())
}

fn open(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let mut new = match (opt(m, "claim"), opt(m, "person")) {
        (Some(claim), _) => of_claim(&store, claim)?,
        (None, Some(person)) => of_person(&store, person, opt(m, "insurer"))?,
        (None, None) => {
            return Err(WrongUsage(say!("--claim か --person を示してください", "name --claim or --person")).into());
        }
    };
    new.reason = super::text(m, "reason").to_owned();
    new.user = super::text(m, "user").to_owned();
    if let Some(word) = opt(m, "discovery") {
        new.discovery_route = word.to_owned();
    }
    new.cause_type = owned(m, "cause");
    new.accident_date = day(m, "accident");
    new.hold |= registers(&store)?.is_held(&new.insurer_no, &new.person_id);
    let target = format!("{} {}", new.insurer_no, new.person_id);
    let case = database(&store)?.open_case(&new, &Zoned::now()).map_err(of_review)?;
    log(&store, "third-party case open", &format!("{target} {}", case.case_no), &new.user)?;
    println!("{}", case.case_no);
    if case.hold {
        eprintln!(
            "{}",
            say!(
                "配慮を要する事案です。照会や一覧には出ません（決裁・管理の人だけが扱えます）",
                "this case is held: no letter, on no list; only 決裁 and 管理 may handle it"
            )
        );
    }
    Ok(Ended::Done)
}

/// What is stored of a claim, and what the score says of it.
fn of_claim(store: &Store, claim_id: &str) -> Result<NewCase> {
    let query = store.query()?;
    let id = literal(claim_id);
    let sql = format!(
        "SELECT c.*, t.episode_id, t.score, t.band, t.route, t.hold, t.rule_version, array_to_string(c.tokki, ';') AS marks, \
         coalesce(t.spans, '[]') AS spans \
         FROM claims c LEFT JOIN third_party t ON t.claim_id = c.claim_id WHERE c.claim_id = {id}"
    );
    let (schema, batches) = query.sql(&sql)?;
    let list = List::from_batches(&schema, &batches);
    if list.rows.is_empty() {
        bail!("{}", say!("レセプト {claim_id} は取り込まれていません", "there is no claim {claim_id}"));
    }
    let row = list.object(0);
    let text = |name: &str| row.get(name).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let number = |name: &str| row.get(name).and_then(Value::as_i64);
    let Some(person_id) = text("person_id") else {
        bail!(
            "{}",
            say!(
                "レセプト {claim_id} の本人が特定されていません。--person で宛名番号を示してください",
                "nobody was identified for claim {claim_id}; name the person with --person"
            )
        )
    };
    let marked_10 = text("marks").is_some_and(|t| t.split(';').any(|c| c == "10"));
    let spans: Value = serde_json::from_str(&text("spans").unwrap_or_default()).unwrap_or(Value::Null);
    let injuries = spans.as_array().into_iter().flatten().filter_map(|s| s["onset"].as_str()).min();
    let route = text("route").unwrap_or_else(|| "NONE".into());
    Ok(NewCase {
        insurer_no: text("owner").unwrap_or_default(),
        scheme: scheme(&text("receipt_type").unwrap_or_default()).to_owned(),
        person_id,
        household_id: text("household_id"),
        episode_id: text("episode_id"),
        first_day: match injuries {
            Some(day) => day.parse().ok(),
            None => first_day(&query, &id)?,
        },
        band: text("band"),
        score: number("score").and_then(|n| i32::try_from(n).ok()),
        rule_version: text("rule_version"),
        hold: row.get("hold").and_then(Value::as_bool).unwrap_or(false),
        discovery_route: if marked_10 { "claim_10".into() } else { "claim_disease".into() },
        marked_10,
        claim: Some(attached(&row, marked_10)),
        route,
        ..NewCase::default()
    })
}

/// The newest 診療開始日 of a claim without a listed injury: what it came for.
fn first_day(query: &Query<'_>, id: &str) -> Result<Option<civil::Date>> {
    let sql = format!("SELECT CAST(max(start_date) AS VARCHAR) AS day FROM diagnoses WHERE claim_id = {id}");
    let (schema, batches) = query.sql(&sql)?;
    let list = List::from_batches(&schema, &batches);
    Ok(list.rows.first().and_then(|r| r[0].as_str()?.parse().ok()))
}

fn attached(row: &Map<String, Value>, has_10: bool) -> Attached {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |name: &str| row.get(name).and_then(Value::as_i64);
    // 給付額 = 総額 less 一部負担金, where the claim says which
    let cost = number("cost_yen");
    let share = number("benefit_rate").filter(|r| (1..=100).contains(r));
    let benefit = match (cost, number("copay_yen"), share) {
        (Some(cost), Some(copay), _) if copay > 0 => Some(cost - copay),
        (Some(cost), _, Some(percent)) => Some(cost * percent / 100),
        _ => None,
    };
    Attached {
        claim_id: text("claim_id"),
        service_month: text("service_month"),
        institution_code: text("institution_code"),
        points: number("points_effective"),
        accident_points: None,
        benefit_yen: benefit,
        has_10,
        added_after_scope: false,
    }
}

/// 制度 of a レセプト種別: the second digit 3 is 後期.
fn scheme(receipt_type: &str) -> &'static str {
    if receipt_type.as_bytes().get(1) == Some(&b'3') { "後期" } else { "国保" }
}

/// A case without a claim: a telephone call, a letter of a non-life insurer.
fn of_person(store: &Store, person_id: &str, insurer: Option<&str>) -> Result<NewCase> {
    let mut found = Vec::new();
    for owner in store.owners()?.iter().filter(|o| insurer.is_none_or(|i| o.owner == i)) {
        let registry = register_of(store, owner)?;
        if let Some(person) = registry.find(person_id) {
            let last = person.periods().last();
            let span = last.map(|p| person.span_of(p).scheme.title());
            found.push(NewCase {
                insurer_no: owner.owner.clone(),
                scheme: span.unwrap_or("国保").to_owned(),
                person_id: person_id.to_owned(),
                household_id: last.map(|p| registry.household_id(p).to_owned()),
                route: "NONE".to_owned(),
                discovery_route: "telephone".to_owned(),
                ..NewCase::default()
            });
        }
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => bail!(
            "{}",
            say!("宛名番号 {person_id} は台帳にありません", "there is no person {person_id} in the register")
        ),
        _ => Err(WrongUsage(say!(
            "宛名番号 {person_id} は複数の台帳にあります。--insurer で番号を示してください",
            "person {person_id} is in several registers; name one with --insurer"
        ))
        .into()),
    }
}

fn step(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let case_no = super::text(m, "case_no");
    let period = opt(m, "period").map(period).transpose()?;
    let step = Move {
        to: super::text(m, "to").to_owned(),
        user: super::text(m, "user").to_owned(),
        role: owned(m, "role"),
        on: day(m, "date"),
        reason: owned(m, "reason"),
        document: owned(m, "document"),
        answer: owned(m, "answer"),
        period,
        yen: m.get_one::<i64>("yen").copied(),
        by_hand: m.get_flag("by-hand"),
        expected: m.get_one::<i64>("version").copied(),
    };
    let mut db = database(&store)?;
    let insurer = opt(m, "insurer");
    let (action, case) = match opt(m, "hold") {
        Some(word) => {
            let hold = word == "on";
            ("third-party case hold", db.set_hold(insurer, case_no, hold, &step, &Zoned::now()).map_err(of_review)?)
        }
        None if step.to.is_empty() => {
            return Err(WrongUsage(say!("--to か --hold を示してください", "name --to or --hold")).into());
        }
        None => {
            refuse_letter(&store, &mut db, insurer, case_no, &step)?;
            ("third-party case move", db.move_case(insurer, case_no, &step, &Zoned::now()).map_err(of_review)?)
        }
    };
    log(&store, action, &format!("{} {case_no} {}", case.insurer_no, case.state), &step.user)?;
    println!("{case_no} {} {} ({})", case.state, title("state", &case.state), case.version);
    Ok(Ended::Done)
}

/// A hold is asked for again on the day a letter is made: of the register, and of every claim of the case.
fn refuse_letter(store: &Store, db: &mut Database, insurer: Option<&str>, case_no: &str, step: &Move) -> Result<()> {
    if !matches!(step.to.as_str(), "INQUIRY_SENT" | "REMINDED") {
        return Ok(());
    }
    let detail = db.case(insurer, case_no).map_err(of_review)?;
    if !detail.case.hold && registers(store)?.holds(store)?.holds_case(&detail) {
        // from now on the case is held too
        db.attach(insurer, case_no, &[], true).map_err(of_review)?;
    }
    Ok(())
}

fn period(text: &str) -> Result<(civil::Date, civil::Date)> {
    let parse = |t: &str| t.parse::<civil::Date>().ok();
    let parts = text.split_once("..").and_then(|(a, b)| Some((parse(a)?, parse(b)?)));
    parts.ok_or_else(|| {
        WrongUsage(say!(
            "求償期間「{text}」は YYYY-MM-DD..YYYY-MM-DD と書いてください",
            "{text} is no period; write YYYY-MM-DD..YYYY-MM-DD"
        ))
        .into()
    })
}

fn edit(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let case_no = super::text(m, "case_no");
    let today = Zoned::now().date();
    let papers = m.get_many::<String>("paper").into_iter().flatten();
    let papers = papers
        .map(|p| match p.split_once('=') {
            Some((paper, on)) => match on.parse() {
                Ok(on) => Ok((paper.to_owned(), on)),
                Err(_) => Err(of_review(review::Error::BadDate { text: on.to_owned() })),
            },
            None => Ok((p.clone(), today)),
        })
        .collect::<Result<Vec<_>>>()?;
    let yes = |name: &str| opt(m, name).map(|w| w == "yes");
    let edit = Edit {
        accident_date: day(m, "accident"),
        fixed_date: day(m, "fixed"),
        death_date: day(m, "death"),
        demand_date: day(m, "demand"),
        cause_type: owned(m, "cause"),
        place: owned(m, "place"),
        wide_area_id: owned(m, "wide-area"),
        counterparty_known: yes("counterparty"),
        counterparty_insurer: owned(m, "counterparty-insurer"),
        fault_ratio: m.get_one::<i64>("fault-ratio").copied(),
        settled: yes("settled"),
        staff: owned(m, "staff"),
        next_action: owned(m, "next"),
        next_action_due: day(m, "due"),
        note: owned(m, "note"),
        papers,
    };
    let case = database(&store)?.edit_case(opt(m, "insurer"), case_no, &edit).map_err(of_review)?;
    log(&store, "third-party case edit", &format!("{} {case_no}", case.insurer_no), super::text(m, "user"))?;
    println!("{case_no} ({})", case.version);
    Ok(Ended::Done)
}

/// Who is held today: by the register, or because a claim of the case is.
struct Registers {
    compact: Vec<OwnerRegistry>,
    /// claims on hold
    claims: HashSet<String>,
}

fn registers(store: &Store) -> Result<Registers> {
    let compact = store.owners()?.iter().map(|o| register_of(store, o)).collect::<Result<_>>()?;
    Ok(Registers { compact, claims: HashSet::new() })
}

impl Registers {
    /// With the holds of claims.
    fn holds(mut self, store: &Store) -> Result<Self> {
        self.claims = store.held_claims()?;
        Ok(self)
    }

    fn is_held(&self, insurer_no: &str, person_id: &str) -> bool {
        let now = Zoned::now().date();
        let date = Date::new(now.year().unsigned_abs(), now.month().unsigned_abs(), now.day().unsigned_abs());
        let today = date.map_or(0, Date::epoch_days);
        let registry = self.compact.iter().find(|r| r.owner == insurer_no);
        registry.and_then(|r| r.find(person_id)).is_some_and(|p| is_silent(p, today, today))
    }

    fn holds_case(&self, d: &Detail) -> bool {
        self.is_held(&d.case.insurer_no, &d.case.person_id)
            || d.claims.iter().any(|c| self.claims.contains(&c.claim_id))
    }
}

/// The rows of 第三者行為進捗状況一覧表 of an insurer, held cases left out, as text in the order of its columns.
pub fn progress_rows(store: &Store, insurer: &str) -> Result<Vec<Vec<String>>> {
    if !Database::is_in(store.root()) {
        return Ok(Vec::new());
    }
    let cases = database(store)?.cases(Some(insurer)).map_err(of_review)?;
    let registers = registers(store)?.holds(store)?;
    let people = people(store, &cases)?;
    let person =
        |insurer: &str, id: &str| people.get(&(insurer.to_owned(), id.to_owned())).cloned().unwrap_or_default();
    Ok(review::rows(&cases, false, &|d| registers.holds_case(d), &person))
}

fn list(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let held = m.get_flag("held");
    if held && !opt(m, "role").is_some_and(is_named_role) {
        return Err(WrongUsage(say!(
            "配慮を要する事案は決裁・管理の人だけが見られます（--role 決裁）",
            "held cases are for named roles only (--role 決裁)"
        ))
        .into());
    }
    let mut cases = database(&store)?.cases(opt(m, "insurer")).map_err(of_review)?;
    if let Some(state) = opt(m, "state") {
        cases.retain(|d| d.case.state == state);
    }
    let registers = registers(&store)?.holds(&store)?;
    let is_held = |d: &Detail| registers.holds_case(d);
    let today = Zoned::now().date();
    if m.get_flag("inquiries") {
        let asked = inquiries(&cases, today, &is_held);
        let kept: Vec<(String, String)> =
            asked.iter().map(|i| (i.detail.case.insurer_no.clone(), i.detail.case.case_no.clone())).collect();
        cases.retain(|d| kept.contains(&(d.case.insurer_no.clone(), d.case.case_no.clone())));
    }
    if m.get_flag("overdue") {
        cases.retain(|d| {
            d.case.next_action_due.is_some_and(|due| due < today)
                || (!d.case.is_ended() && !alerts(&d.case.limits(), today).is_empty())
        });
    }
    let people = people(&store, &cases)?;
    let person =
        |insurer: &str, id: &str| people.get(&(insurer.to_owned(), id.to_owned())).cloned().unwrap_or_default();
    let rows = review::rows(&cases, held, &is_held, &person);
    let target = [opt(m, "state").map(|s| format!("state={s}")), held.then(|| "held".into())];
    let target: Vec<String> = target.into_iter().flatten().collect();
    let persons: HashSet<&String> = rows.iter().map(|r| &r[3]).collect();
    super::log_look(
        &store,
        Look::new("third-party case list").target(&target.join(" ")).rows(rows.len()).persons(Some(persons.len())),
    )?;
    if let Some(path) = m.get_one::<PathBuf>("xlsx") {
        let who = platform::user_name().unwrap_or_default();
        let heading = format!("第三者行為進捗状況一覧表　{today}　{who}");
        fs::write(path, review::xlsx(&rows, &heading).map_err(of_review)?)
            .with_context(|| path.display().to_string())?;
        eprintln!(
            "{}",
            lang.t("第三者行為進捗状況一覧表を書きました", "list of progress written").to_owned()
                + &format!(": {} ({})", path.display(), rows.len())
        );
        return Ok(Ended::Done);
    }
    let table = super::format(m) == Format::Table;
    let shown: Vec<usize> =
        (0..COLUMNS.len()).filter(|i| !table || SHORT.contains(&COLUMNS[*i].column.as_str())).collect();
    let mut list = List::new(&shown.iter().map(|i| COLUMNS[*i].column.as_str()).collect::<Vec<_>>());
    list.rows = rows.iter().map(|r| shown.iter().map(|i| Value::from(r[*i].clone())).collect::<Vec<Value>>()).collect();
    super::print(m, &list)?;
    Ok(Ended::Done)
}

/// Names, births and sexes of the persons of some cases, from the registers.
fn people(store: &Store, cases: &[Detail]) -> Result<HashMap<(String, String), Person>> {
    let mut out = HashMap::new();
    for owner in store.owners()? {
        let wanted: Vec<&str> =
            cases.iter().filter(|d| d.case.insurer_no == owner.owner).map(|d| d.case.person_id.as_str()).collect();
        if wanted.is_empty() {
            continue;
        }
        let register: Register = store.register(&owner.owner)?;
        for p in register.persons.into_iter().filter(|p| wanted.contains(&p.person_id.as_str())) {
            let person = Person {
                name: p.name,
                birth_date: p.birth_date.map(|d| d.to_string()),
                sex: p.sex.map(|s| if s == 1 { "男" } else { "女" }.to_owned()),
            };
            out.insert((owner.owner.clone(), p.person_id), person);
        }
    }
    Ok(out)
}

fn kpi(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let insurer = opt(m, "insurer");
    let cases = database(&store)?.cases(insurer).map_err(of_review)?;
    let today = Zoned::now().date();
    let this_year = if today.month() >= 4 { today.year() } else { today.year() - 1 };
    let year = m.get_one::<i16>("year").copied().unwrap_or(this_year);
    let bounds = (civil::Date::new(year, 4, 1), civil::Date::new(year + 1, 3, 31));
    let (Ok(from), Ok(to)) = bounds else {
        return Err(WrongUsage(say!("{year} 年度は扱えません", "{year} is no fiscal year")).into());
    };
    let months = |month: &str| month >= &from.to_string()[..7] && month <= &to.to_string()[..7];
    let mut extracted = HashSet::new();
    for import in store.imports()?.iter().filter(|i| i.is_visible() && months(&i.exam_month)) {
        for r in store.read_third_party(&import.import_id)?.into_iter().filter(|r| r.flag) {
            if insurer.is_none_or(|i| r.owner == i) {
                extracted.insert((r.owner, r.person_id.unwrap_or(r.claim_id)));
            }
        }
    }
    let contacted = cases
        .iter()
        .filter(|d| d.first("INQUIRY_SENT").is_some_and(|on| from <= on && on <= to))
        .map(|d| (d.case.insurer_no.clone(), d.case.person_id.clone()))
        .filter(|key| extracted.contains(key))
        .collect::<HashSet<_>>();
    let kpi = Kpi { extracted_persons: extracted.len() as i64, contacted_persons: contacted.len() as i64 };
    let mut list = List::new(&["kpi", "part", "name_ja", "numerator", "denominator", "value"]);
    for measure in kpi.measures(&cases, from, to) {
        let value = measure.value().map_or(Value::Null, |v| Value::from((v * 10_000.0).round() / 10_000.0));
        list.rows.push(vec![
            measure.kpi.into(),
            measure.part.into(),
            measure.name_ja.into(),
            measure.numerator.into(),
            measure.denominator.into(),
            value,
        ]);
    }
    super::print(m, &list)?;
    Ok(Ended::Done)
}
