//! A case with its claim, the timeline beside it, and what can be done.

use askama::Template;
use jiff::Timestamp;
use serde_json::Value;
use tenken_parser::{Claim, Date, Month, claim::View, view::header::Header};
use tenken_store::audit::Look;

use super::{
    app::App,
    http::{Caller, Request, Response},
    shell::{Shell, page},
};
use crate::{
    case_states::{self, DECISIONS, Decision, decision_of, decision_title, title},
    claim_page::Page,
    desk_case::{Actor, DeskCase, DeskClaimRow, DeskMove, DeskNote, NewDeskCase, Step},
    error::{Error, Result},
    findings::label,
    functions::Function,
    kept::Kept,
    masters,
    queue::{Filter, Scope},
    timeline,
    words::{Word, case_title, case_words},
};

/// A finding beside the claim.
pub struct FindingBox {
    pub rule: String,
    pub name: String,
    pub basis: String,
    pub severity: String,
    pub certainty: String,
    pub disposition: String,
    pub reason: String,
    pub primary: bool,
    pub open: bool,
    pub retro: bool,
    pub prov_ok: bool,
    pub bad: Vec<String>,
    pub ok: Vec<String>,
    pub right_payer: String,
    pub facts: Vec<(String, String)>,
}

/// A piece of evidence for a third-party act.
pub struct Evidence {
    pub rule: String,
    pub points: String,
    pub text: String,
}

pub struct ThirdParty {
    pub route: String,
    pub band: String,
    pub score: String,
    pub hold: bool,
    pub evidence: Vec<Evidence>,
    pub missing: Vec<String>,
}

/// The claim and what stands beside it.
pub struct ClaimView {
    pub claim: DeskClaimRow,
    pub sheet: String,
    pub billed: Option<String>,
    pub records: Vec<String>,
    pub findings: Vec<FindingBox>,
    pub third_party: Option<ThirdParty>,
}

/// The person and the register.
pub struct PersonView {
    pub person_id: String,
    pub name: String,
    pub kana: String,
    pub picture: String,
    pub rows: Vec<timeline::Row>,
    pub claims: Vec<DeskClaimRow>,
    pub no_notice: bool,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CaseHtml<'p> {
    shell: Shell,
    case: Option<&'p DeskCase>,
    view: Option<ClaimView>,
    person: Option<PersonView>,
    moves: Vec<DeskMove>,
    notes: Vec<DeskNote>,
    siblings: Vec<DeskCase>,
    decisions: &'static [Decision],
    proposal: &'static str,
    k_words: Vec<&'static Word>,
    asked_words: Vec<&'static Word>,
    wrong_words: Vec<&'static Word>,
    result_words: Vec<&'static Word>,
    next_states: Vec<&'static str>,
    previous: Option<String>,
    next: Option<String>,
    query: String,
    may_review: bool,
    may_approve: bool,
    may_cashier: bool,
    may_results: bool,
    users: Vec<String>,
    due: String,
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A value of the evidence for people.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        Value::Bool(b) => if *b { "はい" } else { "いいえ" }.to_owned(),
        Value::Array(a) => a.iter().map(plain).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("、"),
        Value::Object(o) => {
            let parts = o.iter().map(|(k, v)| (label(k), plain(v))).filter(|p| !p.1.is_empty());
            parts.map(|(k, v)| format!("{k} {v}")).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

fn finding_box(app: &App, f: &Value) -> FindingBox {
    use tenken_matcher::finding::{Disposition, Severity};
    let text = |name: &str| f[name].as_str().unwrap_or_default().to_owned();
    let (rule, severity, disposition) = (text("rule"), text("severity"), text("disposition"));
    let (name, basis) = app.office.rule(&rule).unwrap_or_default();
    let facts = ["claim", "registry", "tier"]
        .iter()
        .filter_map(|part| f["evidence"][*part].as_object().map(|o| (part, o)))
        .flat_map(|(part, o)| {
            let side = match *part {
                "claim" => "請求: ",
                "registry" => "台帳: ",
                _ => "照合: ",
            };
            o.iter().map(move |(k, v)| (format!("{side}{}", label(k)), plain(v)))
        })
        .filter(|fact| !fact.1.is_empty())
        .collect();
    FindingBox {
        severity: format!("{severity} {}", Severity::from_code(&severity).map_or("", Severity::title)),
        certainty: match text("certainty").as_str() {
            "CERTAIN" => "確実".into(),
            "PROBABLE" => "ほぼ確実".into(),
            _ => "可能性".into(),
        },
        disposition: match Disposition::from_code(&disposition) {
            Some(d) => format!("{disposition} {}", d.title()),
            None => String::new(),
        },
        reason: text("reason"),
        primary: f["is_primary"] == true,
        open: f["state"] == "open",
        retro: f["retro"] == true,
        prov_ok: f["prov_ok"] == true,
        bad: texts(&f["days_bad"]),
        ok: texts(&f["days_ok"]),
        right_payer: text("cand_payer"),
        facts,
        rule,
        name,
        basis,
    }
}

fn third_party(caller: &Caller, hold: bool, t: &Value) -> Option<ThirdParty> {
    if hold && !caller.user.may(Function::Hold) {
        return None;
    }
    let evidence = texts(&t["evidence"]);
    let evidence = evidence.iter().map(|line| {
        let mut parts = line.splitn(3, ':');
        let mut next = || parts.next().unwrap_or_default().to_owned();
        Evidence { rule: next(), points: next(), text: next() }
    });
    Some(ThirdParty {
        route: t["route"].as_str().unwrap_or_default().to_owned(),
        band: t["band"].as_str().unwrap_or_default().to_owned(),
        score: t["score"].to_string(),
        hold,
        evidence: evidence.collect(),
        missing: texts(&t["missing"]),
    })
}

/// The page of a claim: the sheet as decided, and as billed where that differs.
fn claim_view(app: &App, caller: &Caller, claim: DeskClaimRow) -> Result<ClaimView> {
    let place = claim.location();
    let kept = Kept::at(&app.store, &place).map_err(|e| Error::Other(e.into()))?;
    let (file, raw) = kept.file();
    let read = Claim::read(&file, raw, kept.encoding);
    let masters = app.masters()?;
    let names = masters::Names::of(&masters, Header::read(&read).common.service_month);
    let sheet = |view: View| -> Result<Page> { Ok(Page::of(&read, &claim.claim_id, &claim.source_file, &names, view)) };
    let html = |p: &Page| p.sheet().map_err(|e| Error::Other(e.into()));
    let effective = sheet(View::Effective)?;
    let billed = if read.is_corrected() { Some(html(&sheet(View::Billed)?)?) } else { None };
    let (findings, scored) =
        app.with(|d| Ok((d.findings_of_claim(&claim.claim_id)?, d.third_party_of_claim(&claim.claim_id)?)))?;
    let held = scored.as_ref().is_some_and(|s| s.0) && !caller.user.may(Function::Hold);
    let findings = findings
        .iter()
        .filter(|f| !(held && f["rule"].as_str().is_some_and(|r| r.starts_with('T'))))
        .map(|f| finding_box(app, f))
        .collect();
    Ok(ClaimView {
        sheet: html(&effective)?,
        billed,
        records: effective.records.clone(),
        findings,
        third_party: scored.and_then(|(hold, t)| third_party(caller, hold, &t)),
        claim,
    })
}

fn days_of(mask: i64, month: Option<Month>) -> Vec<Date> {
    let Some(month) = month else { return Vec::new() };
    (1..=month.days()).filter(|d| mask >> (d - 1) & 1 == 1).filter_map(|d| month.day(d)).collect()
}

fn person_view(
    app: &App,
    owner: &str,
    person_id: &str,
    claim: Option<&DeskClaimRow>,
    days_bad: i64,
) -> Result<Option<PersonView>> {
    let claims = app.with(|d| d.claims_of_person(owner, person_id))?;
    let Some(register) = app.register(owner)? else { return Ok(None) };
    let Some(record) = timeline::PersonRecord::find(&register, person_id) else { return Ok(None) };
    let month = claim.and_then(|c| Month::parse_iso(&c.service_month));
    let (served, bad) = (days_of(claim.map_or(0, |c| c.service_days), month), days_of(days_bad, month));
    let shown = month.or_else(|| Month::parse_iso(&app.today().strftime("%Y-%m").to_string()));
    let shown = shown.ok_or_else(|| Error::NotFound { what: "診療月".into() })?;
    let options = timeline::Options { service_days: &served, bad_days: &bad, ..timeline::Options::around(shown) };
    let person = record.person;
    Ok(Some(PersonView {
        person_id: person_id.to_owned(),
        name: person.name.clone().unwrap_or_default(),
        kana: person.kana.clone().unwrap_or_default(),
        picture: timeline::svg(&record, &options),
        rows: timeline::table(&record, &options),
        claims,
        no_notice: app.no_notice(owner, person_id)?,
    }))
}

/// The scope in which a case may be looked at: that of its own insurer.
pub fn scope_of_case(app: &App, caller: &Caller, case_id: i64) -> Result<Scope> {
    let owner = app.with(|d| d.case_owner(case_id))?;
    let seen = owner.filter(|o| caller.user.sees(o));
    seen.map(|o| caller.scope_of(&o)).ok_or_else(|| Error::NotFound { what: format!("事案 {case_id}") })
}

/// A claim that the caller may see: of the desk, else of the store.
pub fn claim_of(app: &App, caller: &Caller, claim_id: &str) -> Result<DeskClaimRow> {
    let missing = || Error::NotFound { what: format!("レセプト {claim_id}") };
    if claim_id.len() != 16 || !claim_id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let known = match app.with(|d| d.desk_claim(claim_id))? {
        Some(claim) => Some(claim),
        None => {
            app.with(|d| d.fetch_claim(&app.store, claim_id))?;
            app.with(|d| d.desk_claim(claim_id))?
        }
    };
    known.filter(|c| caller.user.sees(&c.owner)).ok_or_else(missing)
}

fn due_default(app: &App) -> String {
    app.today().checked_add(jiff::Span::new().days(30)).map_or(String::new(), |d| d.to_string())
}

pub fn case(app: &App, r: &Request) -> Result<Response> {
    let (caller, case_id) = (r.caller()?, r.id("id")?);
    let scope = scope_of_case(app, caller, case_id)?;
    let f: Filter = r.query()?;
    let today = app.today();
    let (case, moves, notes, (previous, next), users) = app.with(|d| {
        let case = d.desk_case(&scope, case_id)?;
        let users = d.users()?;
        let names: Vec<String> = users
            .iter()
            .filter(|u| u.disabled_at.is_none() && u.may(Function::Review) && u.sees(&scope.owner))
            .map(|u| u.name.clone())
            .collect();
        Ok((case, d.desk_moves(case_id)?, d.desk_notes(case_id)?, d.neighbours(&scope, &f, case_id, today)?, names))
    })?;
    let claim = match &case.claim_id {
        Some(id) => Some(claim_of(app, caller, id)?),
        None => None,
    };
    let person = match &case.person_id {
        Some(id) => person_view(app, &case.owner, id, claim.as_ref(), case.days_bad)?,
        None => None,
    };
    let look = Look::new("case").target(&format!("{case_id} {}", case.claim_id.as_deref().unwrap_or_default()));
    app.log(r, look.rows(1).persons(Some(usize::from(case.person_id.is_some()))))?;
    let view = claim.map(|c| claim_view(app, caller, c)).transpose()?;
    let siblings = app
        .with(|d| d.cases_of(&scope, case.claim_id.as_deref(), case.person_id.as_deref()))?
        .into_iter()
        .filter(|c| c.case_id != case_id)
        .collect();
    let query = f.query();
    let go = |id: i64| format!("/cases/{id}?{query}");
    page(&CaseHtml {
        shell: Shell::of(r, &format!("事案 {case_id}"))?,
        proposal: match case.proposal.as_str() {
            "D6" => "6",
            "D9" => "9",
            other => decision_of(other).map_or("", |d| d.decision.as_str()),
        },
        next_states: case_states::next(&case.state).map(|t| t.to.as_str()).collect(),
        previous: previous.map(go),
        next: next.map(go),
        query,
        may_review: caller.user.may(Function::Review),
        may_approve: caller.user.may(Function::Approve),
        may_cashier: caller.user.may(Function::Cashier),
        may_results: caller.user.may(Function::Results),
        case: Some(&case),
        view,
        person,
        moves,
        notes,
        siblings,
        decisions: &DECISIONS,
        k_words: case_words("k").collect(),
        asked_words: case_words("asked").collect(),
        wrong_words: case_words("false_positive").collect(),
        result_words: case_words("result").collect(),
        users,
        due: due_default(app),
    })
}

fn without_case(app: &App, r: &Request, view: Option<ClaimView>, person: Option<PersonView>) -> Result<Response> {
    let caller = r.caller()?;
    let title = if view.is_some() { "レセプト" } else { "被保険者" };
    let scope = view.as_ref().map_or_else(|| caller.scope(), |v| caller.scope_of(&v.claim.owner));
    let (claim_id, person_id) =
        (view.as_ref().map(|v| v.claim.claim_id.clone()), person.as_ref().map(|p| p.person_id.clone()));
    let siblings = app.with(|d| d.cases_of(&scope, claim_id.as_deref(), person_id.as_deref()))?;
    page(&CaseHtml {
        shell: Shell::of(r, title)?,
        case: None,
        view,
        person,
        moves: Vec::new(),
        notes: Vec::new(),
        siblings,
        decisions: &[],
        proposal: "",
        k_words: Vec::new(),
        asked_words: Vec::new(),
        wrong_words: Vec::new(),
        result_words: Vec::new(),
        next_states: Vec::new(),
        previous: None,
        next: None,
        query: String::new(),
        may_review: caller.user.may(Function::Review),
        may_approve: false,
        may_cashier: false,
        may_results: false,
        users: Vec::new(),
        due: String::new(),
    })
}

pub fn claim(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let claim = claim_of(app, caller, r.param("id"))?;
    app.log(r, Look::new("claim").target(&claim.claim_id).rows(1).persons(Some(1)))?;
    let person = match &claim.person_id {
        Some(id) => person_view(app, &claim.owner, id, Some(&claim), 0)?,
        None => None,
    };
    let view = claim_view(app, caller, claim)?;
    without_case(app, r, Some(view), person)
}

pub fn person(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let id = r.param("id");
    let person = person_view(app, &caller.owner, id, None, 0)?;
    let person = person.ok_or_else(|| Error::NotFound { what: format!("宛名番号 {id}") })?;
    app.log(r, Look::new("person").target(&format!("{} {id}", caller.owner)).rows(1).persons(Some(1)))?;
    without_case(app, r, None, Some(person))
}

#[derive(Template)]
#[template(path = "high_cost.html")]
struct HighCostHtml {
    found: Option<Vec<(String, String)>>,
}

/// A piece of the case page, fetched when it is opened: what the batch made of the household's month.
pub fn high_cost(app: &App, r: &Request) -> Result<Response> {
    let claim = claim_of(app, r.caller()?, r.param("id"))?;
    app.log(r, Look::new("benefit").target(&claim.claim_id).rows(1).persons(Some(1)))?;
    let found = match &claim.household_id {
        Some(id) => app.office.high_cost(&claim.owner, id, &claim.service_month)?,
        None => None,
    };
    let found = found
        .as_ref()
        .and_then(Value::as_object)
        .map(|o| o.iter().map(|(k, v)| (k.clone(), plain(v))).filter(|p| !p.1.is_empty()).collect());
    page(&HighCostHtml { found })
}

/// The step that a form of the page asks for.
fn step_of(r: &Request) -> Step {
    let text = |name: &str| r.field(name).to_owned();
    let mut step = Step {
        to: text("to"),
        version: r.field("version").parse().unwrap_or(0),
        decision: text("decision"),
        k_code: text("k_code"),
        text: text("text"),
        asked: text("asked"),
        due_on: text("due_on"),
        result: text("result"),
        yen: r.field("yen").replace(',', "").parse().ok(),
        document: text("document"),
    };
    // the keys of the decision form: a decision, or one of the states beside it
    match step.decision.as_str() {
        "6" => step.to = "INQUIRY".into(),
        "9" => step.to = "MASTER_FIX".into(),
        "0" => {
            step.to = "FALSE_POSITIVE".into();
            let why = case_title("false_positive", r.field("wrong"));
            step.text = format!("{why} {}", step.text).trim().to_owned();
        }
        _ if step.to.is_empty() => step.to = "DECIDED".into(),
        _ => {}
    }
    step
}

/// Where to go after an action: the next case of the list, or the same.
fn after(r: &Request, case_id: i64, said: &str) -> Response {
    let said: String = url::form_urlencoded::byte_serialize(said.as_bytes()).collect();
    let next = r.field("next");
    let to =
        if next.starts_with("/cases/") { next.to_owned() } else { format!("/cases/{case_id}?{}", r.field("query")) };
    let join = if to.contains('?') { "&" } else { "?" };
    Response::see(&format!("{to}{join}said={said}"))
}

/// Runs an action on a case in its scope, and writes it to the access log.
pub fn act(
    app: &App,
    r: &Request,
    what: &str,
    action: impl FnOnce(&mut crate::Database, &Scope, i64, &Actor<'_>) -> Result<DeskCase>,
) -> Result<DeskCase> {
    let (caller, case_id) = (r.caller()?, r.id("id")?);
    let scope = scope_of_case(app, caller, case_id)?;
    let run = app.registry_run(&scope.owner);
    let actor = Actor { user: &caller.user, registry_run: &run, now: Timestamp::now() };
    let case = app.with(|d| action(d, &scope, case_id, &actor))?;
    let target = format!("{case_id} {what} {} {}", case.state, case.decision);
    app.log(r, Look::new("case change").target(target.trim()).rows(1).persons(Some(1)))?;
    Ok(case)
}

pub fn step(app: &App, r: &Request) -> Result<Response> {
    let step = step_of(r);
    let case = act(app, r, "step", |d, scope, id, actor| d.take(scope, id, actor, &step))?;
    let said = match case.decision.as_str() {
        "" => format!("事案 {} を「{}」にしました", case.case_id, title(&case.state)),
        d => format!("事案 {}: {}（{}）", case.case_id, decision_title(d), title(&case.state)),
    };
    Ok(after(r, case.case_id, &said))
}

pub fn approve(app: &App, r: &Request) -> Result<Response> {
    let version = r.field("version").parse().unwrap_or(0);
    let case = act(app, r, "approve", |d, scope, id, actor| d.approve(scope, id, actor, version))?;
    Ok(after(r, case.case_id, &format!("事案 {} を決裁しました", case.case_id)))
}

pub fn undo(app: &App, r: &Request) -> Result<Response> {
    let version = r.field("version").parse().unwrap_or(0);
    let case = act(app, r, "undo", |d, scope, id, actor| d.undo(scope, id, actor, version))?;
    Ok(after(r, case.case_id, &format!("取り消して「{}」に戻しました", title(&case.state))))
}

pub fn note(app: &App, r: &Request) -> Result<Response> {
    let case = act(app, r, "note", |d, scope, id, actor| {
        d.note(scope, id, actor, r.field("kind"), r.field("text"))?;
        d.desk_case(scope, id)
    })?;
    Ok(after(r, case.case_id, "メモを残しました"))
}

pub fn assign(app: &App, r: &Request) -> Result<Response> {
    let version = r.field("version").parse().unwrap_or(0);
    let case = act(app, r, "assign", |d, scope, id, actor| {
        // somebody else's change shows as it does with any other action
        let held = d.desk_case(scope, id)?;
        let given = d.assign(scope, &[(id, version)], actor, r.field("assignee"))?;
        if given == 0 && held.version != version {
            return Err(Error::Conflict { by: held.assignee, what: title(&held.state).to_owned() });
        }
        d.desk_case(scope, id)
    })?;
    Ok(after(r, case.case_id, "担当を変えました"))
}

#[derive(Template)]
#[template(path = "new_case.html")]
struct NewHtml {
    shell: Shell,
    claim_id: String,
    person_id: String,
}

pub fn new(_: &App, r: &Request) -> Result<Response> {
    let shell = Shell::of(r, "事案を起こす")?;
    page(&NewHtml { shell, claim_id: r.asked("claim"), person_id: r.asked("person") })
}

/// Opens a case by hand; for the page and the interface.
pub fn open_new(app: &App, r: &Request, new: &NewDeskCase) -> Result<DeskCase> {
    let caller = r.caller()?;
    let claim = match new.claim_id.as_str() {
        "" => None,
        id => Some(claim_of(app, caller, id)?),
    };
    if claim.is_none() {
        let known = match app.register(&caller.owner)? {
            Some(register) => timeline::PersonRecord::find(&register, &new.person_id).is_some(),
            None => false,
        };
        if !known {
            return Err(Error::NotFound { what: format!("宛名番号 {}", new.person_id) });
        }
    }
    let scope = caller.scope_of(claim.as_ref().map_or(&caller.owner, |c| &c.owner));
    let run = app.registry_run(&scope.owner);
    let actor = Actor { user: &caller.user, registry_run: &run, now: Timestamp::now() };
    let case = app.with(|d| d.open_by_hand(&scope, new, claim.as_ref(), &actor))?;
    app.log(r, Look::new("case open").target(&case.case_id.to_string()).rows(1).persons(Some(1)))?;
    Ok(case)
}

pub fn open(app: &App, r: &Request) -> Result<Response> {
    let text = |name: &str| r.field(name).to_owned();
    let new = NewDeskCase { claim_id: text("claim_id"), person_id: text("person_id"), reason: text("reason") };
    let case = open_new(app, r, &new)?;
    Ok(Response::see(&format!("/cases/{}", case.case_id)))
}
