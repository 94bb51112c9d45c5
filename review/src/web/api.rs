//! The JSON interface: the same as the pages, for programs with a token. `/api/openapi.json` describes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenken_store::audit::Look;
use utoipa::OpenApi;

use super::{
    app::App,
    case_pages::{act, claim_of, open_new, scope_of_case},
    http::{Request, Response},
};
use crate::{
    desk_case::{Actor, DeskCase, DeskClaimRow, DeskMove, DeskNote, NewDeskCase, Step},
    error::Result,
    overview::Overview,
    queue::{Counts, Filter, QueuePage, QueueRow},
};

/// A case with its history.
#[derive(Serialize, utoipa::ToSchema)]
struct CaseAnswer {
    case: DeskCase,
    moves: Vec<DeskMove>,
    notes: Vec<DeskNote>,
    /// rows of `findings` (spec/tables.md 3)
    findings: Vec<Value>,
}

/// A claim with its findings.
#[derive(Serialize, utoipa::ToSchema)]
struct ClaimAnswer {
    claim: DeskClaimRow,
    findings: Vec<Value>,
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
struct Version {
    version: i64,
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
struct Note {
    /// `note` `call` `letter`
    kind: String,
    text: String,
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
struct Assign {
    /// pairs of case and version
    cases: Vec<(i64, i64)>,
    assignee: String,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tenken", description = "点検の事案・レセプト・概況。Authorization: Bearer トークン（自分の設定で作る）"),
    paths(doc::cases, doc::open, doc::case, doc::step, doc::approve, doc::undo, doc::note, doc::assign, doc::counts, doc::claim,
        doc::overview),
    components(schemas(QueuePage, QueueRow, DeskCase, DeskMove, DeskNote, DeskClaimRow, Step, NewDeskCase, Counts, Overview,
        CaseAnswer, ClaimAnswer, Version, Note, Assign)),
    modifiers(&Bearer)
)]
struct Document;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    }
}

/// The routes as the document describes them; what answers is beside it.
mod doc {
    #![allow(dead_code)]
    use super::*;

    #[utoipa::path(get, path = "/api/v1/cases", params(Filter), responses((status = 200, body = QueuePage)))]
    fn cases() {}
    #[utoipa::path(post, path = "/api/v1/cases", request_body = NewDeskCase, responses((status = 201, body = DeskCase)))]
    fn open() {}
    #[utoipa::path(get, path = "/api/v1/cases/{id}", params(("id" = i64, Path,)), responses((status = 200, body = CaseAnswer)))]
    fn case() {}
    #[utoipa::path(post, path = "/api/v1/cases/{id}/step", params(("id" = i64, Path,)), request_body = Step,
        responses((status = 200, body = DeskCase), (status = 409, description = "somebody was first"), (status = 422)))]
    fn step() {}
    #[utoipa::path(post, path = "/api/v1/cases/{id}/approve", params(("id" = i64, Path,)), request_body = Version,
        responses((status = 200, body = DeskCase), (status = 403), (status = 409)))]
    fn approve() {}
    #[utoipa::path(post, path = "/api/v1/cases/{id}/undo", params(("id" = i64, Path,)), request_body = Version,
        responses((status = 200, body = DeskCase), (status = 409), (status = 422)))]
    fn undo() {}
    #[utoipa::path(post, path = "/api/v1/cases/{id}/note", params(("id" = i64, Path,)), request_body = Note,
        responses((status = 200, body = DeskCase)))]
    fn note() {}
    #[utoipa::path(post, path = "/api/v1/assign", request_body = Assign, responses((status = 200)))]
    fn assign() {}
    #[utoipa::path(get, path = "/api/v1/counts", params(Filter), responses((status = 200, body = Counts)))]
    fn counts() {}
    #[utoipa::path(get, path = "/api/v1/claims/{id}", params(("id" = String, Path,)), responses((status = 200, body = ClaimAnswer)))]
    fn claim() {}
    #[utoipa::path(get, path = "/api/v1/overview", responses((status = 200, body = Overview)))]
    fn overview() {}
}

pub fn document(_: &App, _: &Request) -> Result<Response> {
    Response::json(&Document::openapi())
}

pub fn cases(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let f: Filter = r.query()?;
    let found = app.with(|d| d.queue(&caller.scope(), &f, app.today()))?;
    let mut persons: Vec<&str> = found.rows.iter().filter_map(|row| row.person_id.as_deref()).collect();
    persons.sort_unstable();
    persons.dedup();
    let look = Look::new("queue").target(&caller.owner).rows(found.rows.len()).persons(Some(persons.len()));
    app.log(r, look)?;
    Response::json(&found)
}

pub fn open(app: &App, r: &Request) -> Result<Response> {
    let new: NewDeskCase = r.body()?;
    Ok(Response::json(&open_new(app, r, &new)?)?.status(201))
}

pub fn case(app: &App, r: &Request) -> Result<Response> {
    let (caller, id) = (r.caller()?, r.id("id")?);
    let scope = scope_of_case(app, caller, id)?;
    let answer = app.with(|d| {
        let case = d.desk_case(&scope, id)?;
        let findings = match &case.claim_id {
            Some(claim) => d.findings_of_claim(claim)?,
            None => Vec::new(),
        };
        Ok(CaseAnswer { moves: d.desk_moves(id)?, notes: d.desk_notes(id)?, findings, case })
    })?;
    app.log(r, Look::new("case").target(&id.to_string()).rows(1).persons(Some(1)))?;
    Response::json(&answer)
}

pub fn step(app: &App, r: &Request) -> Result<Response> {
    let step: Step = r.body()?;
    Response::json(&act(app, r, "step", |d, scope, id, actor| d.take(scope, id, actor, &step))?)
}

pub fn approve(app: &App, r: &Request) -> Result<Response> {
    let Version { version } = r.body()?;
    Response::json(&act(app, r, "approve", |d, scope, id, actor| d.approve(scope, id, actor, version))?)
}

pub fn undo(app: &App, r: &Request) -> Result<Response> {
    let Version { version } = r.body()?;
    Response::json(&act(app, r, "undo", |d, scope, id, actor| d.undo(scope, id, actor, version))?)
}

pub fn note(app: &App, r: &Request) -> Result<Response> {
    let Note { kind, text } = r.body()?;
    Response::json(&act(app, r, "note", |d, scope, id, actor| {
        d.note(scope, id, actor, &kind, &text)?;
        d.desk_case(scope, id)
    })?)
}

pub fn assign(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    let Assign { cases, assignee } = r.body()?;
    let run = app.registry_run(&caller.owner);
    let actor = Actor { user: &caller.user, registry_run: &run, now: Timestamp::now() };
    let given = app.with(|d| d.assign(&caller.scope(), &cases, &actor, &assignee))?;
    app.log(r, Look::new("assign").target(&format!("{given} cases to {assignee}")).rows(given))?;
    Response::json(&json!({ "assigned": given, "changed_meanwhile": cases.len() - given }))
}

pub fn counts(app: &App, r: &Request) -> Result<Response> {
    let f: Filter = r.query()?;
    Response::json(&app.with(|d| d.counts(&r.caller()?.scope(), &f.month))?)
}

pub fn claim(app: &App, r: &Request) -> Result<Response> {
    let claim = claim_of(app, r.caller()?, r.param("id"))?;
    app.log(r, Look::new("claim").target(&claim.claim_id).rows(1).persons(Some(1)))?;
    let findings = app.with(|d| d.findings_of_claim(&claim.claim_id))?;
    Response::json(&ClaimAnswer { claim, findings })
}

pub fn overview(app: &App, r: &Request) -> Result<Response> {
    let caller = r.caller()?;
    app.log(r, Look::new("overview").target(&caller.owner))?;
    Response::json(&app.with(|d| d.overview(&caller.scope(), app.today()))?)
}
