//! What leaves and what comes back.

use askama::Template;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tenken_store::audit::Look;

use super::{
    app::App,
    http::{Caller, Request, Response},
    shell::{self, Shell},
};
use crate::{
    batches::{Answered, BatchRow},
    case_states::{self, DECISIONS, Decision},
    database::Database,
    desk_case::{Actor, DeskCase},
    documents::Document,
    error::{Error, Result},
    functions::Function,
    kept::Kept,
    queue::Scope,
    saishinsa,
    text::moment_ja,
    timeline,
    words::case_title,
};

#[derive(Template)]
#[template(path = "batches.html")]
struct ListHtml {
    shell: Shell,
    ready: Vec<(String, i64, i64)>,
    batches: Vec<BatchRow>,
    cut_off: String,
}

fn this_month(app: &App) -> String {
    app.today().strftime("%Y-%m").to_string()
}

pub fn list(app: &App, r: &Request) -> Result<Response> {
    let scope = r.caller()?.scope();
    let month = this_month(app);
    let (ready, batches, cut_off) =
        app.with(|d| Ok((d.ready(&scope)?, d.batches(&scope)?, d.cut_off(&scope.owner, "", &month)?)))?;
    let cut_off = cut_off.map_or(String::new(), |d| d.to_string());
    shell::page(&ListHtml { shell: Shell::of(r, "出力")?, ready, batches, cut_off })
}

fn actor<'a>(caller: &'a Caller, run: &'a str) -> Actor<'a> {
    Actor { user: &caller.user, registry_run: run, now: Timestamp::now() }
}

/// The lines of a list: what the desk, the register and the case say.
fn lines(app: &App, d: &Database, cases: &[DeskCase]) -> Result<Vec<Map<String, Value>>> {
    let mut out = Vec::new();
    for (no, c) in cases.iter().enumerate() {
        let claim = match &c.claim_id {
            Some(id) => d.desk_claim(id)?,
            None => None,
        };
        let register = app.register(&c.owner)?;
        let record = register
            .as_deref()
            .zip(c.person_id.as_deref())
            .and_then(|(register, id)| timeline::PersonRecord::find(register, id));
        let mut line = json!({
            "line_no": no + 1, "case_no": c.case_id, "service_month": c.service_month, "benefit_yen": c.benefit_yen,
            "institution": c.institution, "k_code": c.k_code, "k_name": case_title("k", &c.k_code), "k_text": c.k_text,
            "decided_by": c.decided_by, "approved_by": c.approved_by,
            "part": if c.days_bad == 0 { "全部" } else { "該当日" },
        });
        let mut put = |name: &str, value: Value| line[name] = value;
        if let Some(claim) = &claim {
            put("institution_name", json!(claim.institution_name));
            put("receipt_type", json!(claim.receipt_type));
            put("billing_month", json!(claim.billing_month));
            put("search_no", json!(claim.search_no));
            put("kigo", json!(claim.kigo));
            put("bango", json!(claim.bango));
            put("edaban", json!(claim.edaban));
            put("name", json!(claim.name));
            put("birth_date", json!(claim.birth_date));
            put("days", json!(claim.days));
            put("points", json!(claim.points));
            put("cost_yen", json!(claim.cost_yen));
            put("copay_yen", json!(claim.copay_yen));
            put("meal_count", json!(claim.meal_count));
            put("meal_yen", json!(claim.meal_yen));
            put("household_id", json!(claim.household_id));
            if let Some(f) = d.findings_of_claim(&claim.claim_id)?.iter().find(|f| f["is_primary"] == true) {
                put("right_payer", f["cand_payer"].clone());
            }
        }
        if let Some(record) = &record {
            let last = record.periods.last();
            put("acquired_on", json!(last.map(|p| p.acquired_on.to_string())));
            put("lost_on", json!(last.and_then(|p| p.lost_on).map(|d| d.to_string())));
            let (person, household) = (record.person, record.households.last());
            let mail = person.mail_name.clone().or_else(|| household.and_then(|h| h.head_name.clone()));
            put("addressee_name", json!(mail.or_else(|| person.name.clone())));
            let address = person.mail_address.clone().or_else(|| household.and_then(|h| h.address.clone()));
            put("addressee_address", json!(address.or_else(|| person.address.clone())));
            let postal = household.and_then(|h| h.postal_code.clone()).or_else(|| person.postal_code.clone());
            put("addressee_postal_code", json!(postal));
        }
        let held = match (&c.person_id, &c.claim_id) {
            (Some(person), claim) => {
                let marked = match claim {
                    Some(id) => d.third_party_of_claim(id)?.is_some_and(|t| t.0),
                    None => false,
                };
                marked || app.no_notice(&c.owner, person)?
            }
            _ => false,
        };
        put("hold", json!(held));
        out.extend(line.as_object().cloned());
    }
    Ok(out)
}

fn document(app: &App, d: &Database, batch: &BatchRow, cases: &[DeskCase]) -> Result<Document> {
    Ok(Document {
        kind: batch.kind.clone(),
        title: format!("{}一覧", batch.kind_ja()),
        batch_no: batch.batch_no.clone(),
        insurer_no: batch.owner.clone(),
        cut_off: batch.cut_off.clone(),
        made_by: batch.made_by.clone(),
        made_at: moment_ja(&batch.made_at),
        lines: lines(app, d, cases)?,
    })
}

/// The bytes of a claim in the store.
fn original(app: &App, d: &Database, claim_id: &str) -> Result<Vec<u8>> {
    let claim = d.desk_claim(claim_id)?.ok_or_else(|| Error::NotFound { what: format!("レセプト {claim_id}") })?;
    Ok(Kept::at(&app.store, &claim.location()).map_err(|e| Error::Other(e.into()))?.bytes)
}

/// 再審査等請求ファイル of the cases.
fn request_file(app: &App, d: &Database, cases: &[DeskCase]) -> Result<Vec<u8>> {
    let mut claims = Vec::new();
    for c in cases {
        let id = c
            .claim_id
            .as_deref()
            .ok_or_else(|| Error::NotFound { what: format!("事案 {} のレセプト", c.case_id) })?;
        let search_no = d.desk_claim(id)?.and_then(|d| d.search_no).unwrap_or_default();
        claims.push((original(app, d, id)?, search_no));
    }
    let requests: Vec<saishinsa::Request<'_>> = cases
        .iter()
        .zip(&claims)
        .map(|(c, (claim, search_no))| saishinsa::Request {
            case_no: c.case_id,
            claim,
            ref_no: search_no.clone(),
            k_code: &c.k_code,
            text: &c.k_text,
            date: String::new(),
            cross: Vec::new(),
        })
        .collect();
    saishinsa::write(&requests)
}

pub fn make(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let (scope, kind) = (caller.scope(), r.field("kind"));
    let kind = case_states::decision(kind).ok_or_else(|| Error::NotFound { what: format!("種類 {kind}") })?;
    // who holds the purse bills; everything else is the reviewers'
    if kind.decision == "HENNO" {
        Function::Cashier.require(caller.user.role)?;
    }
    let run = app.registry_run(&scope.owner);
    let month = this_month(app);
    let batch = app.with(|d| {
        let cut_off = d.cut_off(&scope.owner, &kind.decision, &month)?;
        let cases = d.cases_of_batch(&scope, "", &kind.decision)?;
        // what cannot be written does not leave
        if kind.decision == "SAISHINSA" {
            request_file(app, d, &cases)?;
        }
        let prepared = lines(app, d, &cases)?;
        d.make_batch(&scope, &kind.decision, cut_off, &actor(caller, &run), |batch_no, _| {
            let document = Document {
                kind: kind.decision.clone(),
                title: String::new(),
                batch_no: batch_no.to_owned(),
                insurer_no: scope.owner.clone(),
                cut_off: String::new(),
                made_by: caller.user.name.clone(),
                made_at: String::new(),
                lines: prepared,
            };
            document.csv()
        })
    })?;
    let look = Look::new("export").target(&format!("{} {}", batch.batch_no, batch.kind));
    app.log(r, look.rows(batch.cases as usize).persons(Some(batch.persons as usize)))?;
    Ok(Response::see(&format!("/batches/{}", batch.batch_no)))
}

#[derive(Template)]
#[template(path = "batch.html")]
struct BatchHtml {
    shell: Shell,
    batch: BatchRow,
    made_at: String,
    cases: Vec<DeskCase>,
    may_results: bool,
    has_letters: bool,
    has_request: bool,
}

fn batch_of(app: &App, r: &Request) -> Result<(Scope, BatchRow, Vec<DeskCase>)> {
    let caller = r.caller()?;
    // of whichever of one's insurers it is
    for owner in &caller.owners {
        let scope = caller.scope_of(owner);
        let found = app.with(|d| match d.batch(&scope, r.param("no")) {
            Ok(batch) => Ok(Some((d.cases_of_batch(&scope, &batch.batch_no, "")?, batch))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(e),
        })?;
        if let Some((cases, batch)) = found {
            return Ok((scope, batch, cases));
        }
    }
    Err(Error::NotFound { what: format!("出力 {}", r.param("no")) })
}

pub fn show(app: &App, r: &Request) -> Result<Response> {
    let (_, batch, cases) = batch_of(app, r)?;
    let look = Look::new("batch").target(&batch.batch_no).rows(cases.len());
    app.log(r, look.persons(Some(batch.persons as usize)))?;
    shell::page(&BatchHtml {
        shell: Shell::of(r, &format!("出力 {}", batch.batch_no))?,
        made_at: moment_ja(&batch.made_at),
        may_results: r.caller()?.user.may(Function::Results),
        has_letters: matches!(batch.kind.as_str(), "HENNO" | "DAISANSHA"),
        has_request: batch.kind == "SAISHINSA",
        batch,
        cases,
    })
}

/// `?format=csv|xlsx|html|letters|request`
pub fn file(app: &App, r: &Request) -> Result<Response> {
    let (_, batch, cases) = batch_of(app, r)?;
    let format = r.asked("format");
    let look = Look::new("export").target(&format!("{} {format}", batch.batch_no)).rows(cases.len());
    app.log(r, look.persons(Some(batch.persons as usize)))?;
    let name = format!("{}_{}", batch.kind, batch.batch_no);
    app.with(|d| {
        if format == "request" {
            let bytes = request_file(app, d, &cases)?;
            return Ok(Response::file(&format!("{name}.csv"), "application/octet-stream", bytes));
        }
        let document = document(app, d, &batch, &cases)?;
        match format.as_str() {
            "csv" => {
                Ok(Response::file(&format!("{name}.csv"), "text/csv; charset=utf-8", document.csv()?.into_bytes()))
            }
            "xlsx" => {
                const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                Ok(Response::file(&format!("{name}.xlsx"), XLSX, document.xlsx()?))
            }
            "html" => Ok(Response::own_style(document.html()?)),
            "letters" => Ok(Response::own_style(document.letters()?)),
            _ => Err(Error::NotFound { what: format!("形式 {format}") }),
        }
    })
}

pub fn accepted(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let (scope, batch, _) = batch_of(app, r)?;
    let run = app.registry_run(&scope.owner);
    let moved = app.with(|d| d.accept_batch(&scope, &batch.batch_no, &actor(caller, &run)))?;
    app.log(r, Look::new("batch accepted").target(&batch.batch_no).rows(moved))?;
    Ok(Response::see(&format!("/batches/{}", batch.batch_no)))
}

#[derive(Template)]
#[template(path = "results.html")]
struct ResultsHtml {
    shell: Shell,
    done: Option<Answered>,
    answers: usize,
    trouble: Vec<(usize, String)>,
    wrong: String,
}

pub fn results(_: &App, r: &Request) -> Result<Response> {
    let shell = Shell::of(r, "結果の取込")?;
    shell::page(&ResultsHtml { shell, done: None, answers: 0, trouble: Vec::new(), wrong: String::new() })
}

pub fn read_results(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let mut html = ResultsHtml {
        shell: Shell::of(r, "結果の取込")?,
        done: None,
        answers: 0,
        trouble: Vec::new(),
        wrong: String::new(),
    };
    let Some(upload) = r.files.iter().find(|f| !f.bytes.is_empty()) else {
        html.wrong = "ファイルを選んでください".into();
        return Ok(shell::page(&html)?.status(422));
    };
    let (answers, trouble) = saishinsa::read_answers(&upload.bytes, &upload.name);
    (html.answers, html.trouble) = (answers.len(), trouble);
    let hash = blake3::hash(&upload.bytes).to_hex().to_string();
    let run = app.registry_run(&caller.owner);
    if !answers.is_empty() {
        match app.with(|d| d.apply_answers(&caller.scope(), (&upload.name, &hash), &answers, &actor(caller, &run))) {
            Ok(done) => {
                app.log(r, Look::new("results").target(&hash[..16]).rows(done.moved))?;
                html.done = Some(done);
            }
            Err(e) if super::http::status_of(&e) < 500 => html.wrong = e.to_string(),
            Err(e) => return Err(e),
        }
    }
    let status = if html.wrong.is_empty() { 200 } else { 409 };
    Ok(shell::page(&html)?.status(status))
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarHtml {
    shell: Shell,
    rows: Vec<[String; 5]>,
    kinds: &'static [Decision],
    month: String,
}

pub fn calendar(app: &App, r: &Request) -> Result<Response> {
    let rows = app.with(|d| d.cut_offs())?;
    let shell = Shell::of(r, "締切")?;
    shell::page(&CalendarHtml { shell, rows, kinds: &DECISIONS, month: this_month(app) })
}

pub fn set_cut_off(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let owner = r.field("owner");
    if !owner.is_empty() && !caller.user.sees(owner) {
        return Err(Error::NotFound { what: format!("保険者 {owner}") });
    }
    let actor = actor(caller, "");
    app.with(|d| d.set_cut_off(owner, r.field("kind"), r.field("month"), r.field("on"), &actor))?;
    app.log(r, Look::new("calendar").target(&format!("{owner} {} {}", r.field("month"), r.field("on"))))?;
    Ok(Response::see("/calendar"))
}
