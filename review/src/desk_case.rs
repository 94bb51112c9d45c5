//! One case of the desk: what it is, what happened to it, and what a person does with it.
//!
//! Every action is one transaction; it names the version that was looked at, and is refused when somebody was first.

use jiff::{Timestamp, civil::Date};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    case_states::{self, decision_title, stage_of, title},
    database::Database,
    desk::{index, stretched},
    error::{Error, Result},
    functions::Function,
    kept::Location,
    people::User,
    queue::Scope,
    text::japan,
    words::case_words,
};

macro_rules! row {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        /// A case as it is now. `Debug` shows its number.
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        pub struct DeskCase { $($(#[$doc])* pub $name: $type),* }

        impl DeskCase {
            fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
                Ok(Self { $($name: row.get(stringify!($name))?),* })
            }
        }
    };
}

row! {
    case_id: i64;
    owner: String;
    /// `finding` `claim` `person`
    origin: String;
    finding_id: Option<String>;
    claim_id: Option<String>;
    person_id: Option<String>;
    exam_month: String;
    service_month: String;
    rule: String;
    cause: String;
    severity: String;
    certainty: String;
    proposal: String;
    k_proposal: String;
    reason: String;
    institution: String;
    benefit_yen: i64;
    /// bit 0 = day 1; 0 = the whole claim
    days_bad: i64;
    retro: bool;
    hold: bool;
    state: String;
    stage: i64;
    decision: String;
    k_code: String;
    k_text: String;
    assignee: String;
    decided_by: String;
    approved_by: String;
    asked: String;
    due_on: String;
    batch_no: String;
    result: String;
    recovered_yen: i64;
    attention: String;
    opened_on: String;
    opened_by: String;
    since: String;
    version: i64;
}

impl std::fmt::Debug for DeskCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeskCase({})", self.case_id)
    }
}

/// A step of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeskMove {
    pub seq: i64,
    pub action: i64,
    /// `open` `move` `assign` `undo` `amount` `attention` `approve`
    pub what: String,
    pub from_state: String,
    pub to_state: String,
    pub user: String,
    pub role: String,
    pub at: String,
    pub decision: String,
    pub k_code: String,
    pub text: String,
    pub due_on: String,
    pub yen: Option<i64>,
    pub document: String,
    pub registry_run: String,
}

/// A remark. Never has a number of a person that is not on the case.
#[derive(Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeskNote {
    pub at: String,
    pub user: String,
    /// `note` `call` `letter`
    pub kind: String,
    pub text: String,
}

/// A claim as the desk knows it. `Debug` shows its id.
#[derive(Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeskClaimRow {
    pub claim_id: String,
    pub owner: String,
    pub exam_month: String,
    pub person_id: Option<String>,
    pub household_id: Option<String>,
    pub service_month: String,
    pub billing_month: String,
    pub kind: String,
    pub receipt_no: String,
    pub receipt_type: String,
    pub institution: String,
    pub institution_name: Option<String>,
    pub insurer_no: Option<String>,
    pub kigo: Option<String>,
    pub bango: Option<String>,
    pub edaban: Option<String>,
    pub name: Option<String>,
    pub kana: Option<String>,
    pub birth_date: Option<String>,
    pub search_no: Option<String>,
    pub days: Option<i64>,
    pub points: Option<i64>,
    pub cost_yen: i64,
    pub benefit_yen: i64,
    pub copay_yen: Option<i64>,
    pub meal_count: Option<i64>,
    pub meal_yen: Option<i64>,
    pub service_days: i64,
    pub source_file: String,
    pub file_hash: String,
    pub byte_start: i64,
    pub byte_len: i64,
    pub ordinal: i64,
    pub form: String,
    pub encoding: String,
    pub has_parent: bool,
}

impl std::fmt::Debug for DeskClaimRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeskClaimRow({})", self.claim_id)
    }
}

impl DeskClaimRow {
    /// Where its bytes lie.
    pub fn location(&self) -> Location {
        let (form, encoding) = Location::form_and_encoding(&self.form, &self.encoding);
        Location {
            source_file: self.source_file.clone(),
            file_hash: self.file_hash.clone(),
            byte_start: self.byte_start as u64,
            byte_len: self.byte_len as u64,
            ordinal: self.ordinal as u64,
            form,
            encoding,
            has_parent: self.has_parent,
        }
    }

    /// 医科 DPC 歯科 調剤 訪問看護
    pub fn kind_ja(&self) -> &str {
        use tenken_parser::Kind;
        let kinds = [Kind::Medical, Kind::Dpc, Kind::Dental, Kind::Pharmacy, Kind::Nursing];
        kinds.iter().find(|k| k.name() == self.kind).map_or(&self.kind, |k| k.title())
    }

    fn read(r: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            claim_id: r.get("claim_id")?,
            owner: r.get("owner")?,
            exam_month: r.get("exam_month")?,
            person_id: r.get("person_id")?,
            household_id: r.get("household_id")?,
            service_month: r.get("service_month")?,
            billing_month: r.get("billing_month")?,
            kind: r.get("kind")?,
            receipt_no: r.get("receipt_no")?,
            receipt_type: r.get("receipt_type")?,
            institution: r.get("institution")?,
            institution_name: r.get("institution_name")?,
            insurer_no: r.get("insurer_no")?,
            kigo: r.get("kigo")?,
            bango: r.get("bango")?,
            edaban: r.get("edaban")?,
            name: r.get("name")?,
            kana: r.get("kana")?,
            birth_date: r.get("birth_date")?,
            search_no: r.get("search_no")?,
            days: r.get("days")?,
            points: r.get("points")?,
            cost_yen: r.get("cost_yen")?,
            benefit_yen: r.get("benefit_yen")?,
            copay_yen: r.get("copay_yen")?,
            meal_count: r.get("meal_count")?,
            meal_yen: r.get("meal_yen")?,
            service_days: r.get("service_days")?,
            source_file: r.get("source_file")?,
            file_hash: r.get("file_hash")?,
            byte_start: r.get("byte_start")?,
            byte_len: r.get("byte_len")?,
            ordinal: r.get("ordinal")?,
            form: r.get("form")?,
            encoding: r.get("encoding")?,
            has_parent: r.get::<_, Option<String>>("parent_claim_id")?.is_some(),
        })
    }
}

const CLAIM: &str = "SELECT d.*, i.name AS institution_name FROM desk_claims d \
                     LEFT JOIN institutions i ON i.institution = d.institution";

/// What a person wants of a case. Empty texts are not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Step {
    /// a state
    pub to: String,
    /// the version that was looked at
    pub version: i64,
    /// a word of case_decisions.csv, for DECIDED
    pub decision: String,
    /// K01 to K99
    pub k_code: String,
    /// reason in words
    pub text: String,
    /// whom to ask, for INQUIRY
    pub asked: String,
    /// `YYYY-MM-DD`
    pub due_on: String,
    /// a word of the list `result`
    pub result: String,
    /// 円
    pub yen: Option<i64>,
    /// number of the paper or batch
    pub document: String,
}

impl Step {
    pub fn to(state: &str, version: i64) -> Self {
        Self { to: state.to_owned(), version, ..Self::default() }
    }
}

/// Who acts, and what the register was then.
#[derive(Clone, Debug)]
pub struct Actor<'a> {
    pub user: &'a User,
    pub registry_run: &'a str,
    pub now: Timestamp,
}

impl Actor<'_> {
    fn today(&self) -> Date {
        japan(self.now).date()
    }
}

/// A case to be opened without a finding.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct NewDeskCase {
    pub claim_id: String,
    /// 宛名番号
    pub person_id: String,
    pub reason: String,
}

fn needs(to: &str, what: &str) -> Error {
    Error::StepNeeds { to: title(to).to_owned(), what: what.to_owned() }
}

fn word(list: &'static str, code: &str) -> Result<()> {
    if case_words(list).any(|w| w.code == code) {
        return Ok(());
    }
    let known: Vec<&str> = case_words(list).map(|w| w.code.as_str()).collect();
    Err(Error::UnknownWord { word: code.to_owned(), known: known.join(", ") })
}

/// The text of a remark or reason: some, not too much, and no 個人番号 (twelve digits in a row).
fn checked_text(field: &str, text: &str) -> Result<()> {
    if text.chars().count() > 2_000 {
        return Err(Error::BadInput { field: field.into(), why: "2,000 字までにしてください".into() });
    }
    let digits = |c: &char| c.is_ascii_digit() || ('０'..='９').contains(c);
    let longest = text.split(|c: char| !digits(&c)).map(|run| run.chars().count()).max().unwrap_or(0);
    if longest == 12 {
        let why = "12 桁の数字は個人番号のおそれがあるため書けません（宛名番号やレセプトの番号を使ってください）";
        return Err(Error::BadInput { field: field.into(), why: why.into() });
    }
    Ok(())
}

/// The case for an action: there, within reach, and as it was looked at.
fn held_still(tx: &Transaction<'_>, scope: &Scope, case_id: i64, version: i64) -> Result<DeskCase> {
    let case = find(tx, scope, case_id)?;
    if case.version == version {
        return Ok(case);
    }
    let last: Option<(String, String, String)> = tx
        .query_row(
            "SELECT user, to_state, decision FROM case_moves WHERE case_id = ?1 ORDER BY seq DESC LIMIT 1",
            [case_id],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
        .optional()?;
    let (by, to, decision) = last.unwrap_or_default();
    let what = match decision.as_str() {
        "" => title(&to).to_owned(),
        d => format!("{} {}", title(&to), decision_title(d)),
    };
    Err(Error::Conflict { by, what })
}

fn find(c: &rusqlite::Connection, scope: &Scope, case_id: i64) -> Result<DeskCase> {
    c.prepare_cached("SELECT * FROM cases WHERE case_id = ?1 AND owner = ?2 AND hold <= ?3")?
        .query_row(params![case_id, scope.owner, scope.hold], DeskCase::read)
        .optional()?
        .ok_or_else(|| Error::NotFound { what: format!("事案 {case_id}") })
}

/// What an undo puts back: the case before the action.
fn before(case: &DeskCase) -> String {
    serde_json::to_string(case).unwrap_or_default()
}

struct Written<'w> {
    what: &'w str,
    to: &'w str,
    step: &'w Step,
    before: &'w str,
    same_action: bool,
}

fn write_move(tx: &Transaction<'_>, case: &DeskCase, actor: &Actor<'_>, w: &Written<'_>) -> Result<()> {
    let s = w.step;
    tx.prepare_cached(
        "INSERT INTO case_moves SELECT ?1, coalesce(max(seq), 0) + 1, coalesce(max(action), 0) + ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
         ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16 FROM case_moves WHERE case_id = ?1",
    )?
    .execute(params![
        case.case_id,
        i64::from(!w.same_action),
        w.what,
        case.state,
        w.to,
        actor.user.name,
        actor.user.role,
        actor.now.to_string(),
        s.decision,
        s.k_code,
        s.text,
        s.due_on,
        s.yen,
        s.document,
        actor.registry_run,
        w.before,
    ])?;
    Ok(())
}

fn store(tx: &Transaction<'_>, c: &DeskCase) -> Result<()> {
    tx.prepare_cached(
        "UPDATE cases SET state = ?2, stage = ?3, decision = ?4, k_code = ?5, k_text = ?6, assignee = ?7, decided_by = ?8, \
         approved_by = ?9, asked = ?10, due_on = ?11, result = ?12, recovered_yen = ?13, attention = ?14, since = ?15, \
         batch_no = ?16, version = version + 1 WHERE case_id = ?1",
    )?
    .execute(params![
        c.case_id,
        c.state,
        c.stage,
        c.decision,
        c.k_code,
        c.k_text,
        c.assignee,
        c.decided_by,
        c.approved_by,
        c.asked,
        c.due_on,
        c.result,
        c.recovered_yen,
        c.attention,
        c.since,
        c.batch_no,
    ])?;
    Ok(())
}

/// The steps between: a new case is taken up before anything else, a decision goes to the approver by itself.
fn way(from: &str, to: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut at = from;
    if at == "NEW" && to != "TRIAGE" && to != "AUTO_CLOSED" {
        steps.push("TRIAGE".to_owned());
        at = "TRIAGE";
    }
    if at == "REJECTED" && to != "TRIAGE" {
        steps.push("TRIAGE".to_owned());
    }
    steps.push(to.to_owned());
    if to == "DECIDED" {
        steps.push("APPROVAL".to_owned());
    }
    steps
}

/// One legal step; changes the case in memory and writes the move.
fn take_step(
    tx: &Transaction<'_>,
    case: &mut DeskCase,
    actor: &Actor<'_>,
    step: &Step,
    same_action: bool,
    old: &str,
) -> Result<()> {
    let to = step.to.as_str();
    let Some(rule) = case_states::transition(&case.state, to) else {
        let legal: Vec<&str> = case_states::next(&case.state).map(|t| title(&t.to)).collect();
        return Err(Error::IllegalStep {
            from: title(&case.state).to_owned(),
            to: title(to).to_owned(),
            legal: legal.join("、"),
        });
    };
    let function = Function::ALL.iter().find(|f| f.code() == rule.function);
    match function {
        Some(f) => f.require(actor.user.role)?,
        None => return Err(Error::NotAllowed { role: actor.user.role.into(), function: title(to).to_owned() }),
    }
    match rule.needs.as_str() {
        "reason" if step.text.trim().is_empty() => return Err(needs(to, "理由")),
        "document" if step.document.is_empty() => return Err(needs(to, "文書または出力の番号")),
        "due" => {
            word("asked", &step.asked)?;
            let due: Date = step.due_on.parse().map_err(|_| needs(to, "回答の期限（年月日）"))?;
            if due < actor.today() {
                return Err(Error::BadInput { field: "期限".into(), why: "今日より前です".into() });
            }
        }
        "decision" => {
            let decision = case_states::decision(&step.decision).ok_or_else(|| needs(to, "処理の種類"))?;
            word("k", &step.k_code).map_err(|_| needs(to, "過誤理由（K01〜K99）"))?;
            no_overlap(tx, case, &decision.decision)?;
        }
        "result" => word("result", &step.result)?,
        "amount" => {
            let yen = step.yen.filter(|y| *y > 0).ok_or_else(|| needs(to, "収納した額（円）"))?;
            recover(tx, case, yen)?;
        }
        _ => {}
    }
    checked_text("理由", &step.text)?;
    let said = Step { decision: if to == "DECIDED" { step.decision.clone() } else { String::new() }, ..step.clone() };
    write_move(tx, case, actor, &Written { what: "move", to, step: &said, before: old, same_action })?;
    case.since = actor.today().to_string();
    case.state = to.to_owned();
    case.stage = stage_of(to);
    case.attention.clear();
    match to {
        "TRIAGE" | "NEW" => {
            for field in [&mut case.decision, &mut case.k_code, &mut case.k_text, &mut case.decided_by] {
                field.clear();
            }
            case.approved_by.clear();
            case.due_on.clear();
            case.asked.clear();
            case.batch_no.clear();
            if case.assignee.is_empty() && to == "TRIAGE" {
                case.assignee.clone_from(&actor.user.name);
            }
        }
        "INQUIRY" => {
            case.asked.clone_from(&step.asked);
            case.due_on.clone_from(&step.due_on);
        }
        "DECIDED" => {
            case.decision.clone_from(&step.decision);
            case.k_code.clone_from(&step.k_code);
            case.k_text.clone_from(&step.text);
            case.decided_by.clone_from(&actor.user.name);
            case.approved_by.clear();
            case.due_on.clear();
        }
        "EXPORTED" | "BILLED" => {
            if case.approved_by.is_empty() {
                return Err(needs(to, "決裁"));
            }
            case.batch_no.clone_from(&step.document);
            case.due_on.clone_from(&step.due_on);
        }
        "RESULT" => case.result.clone_from(&step.result),
        _ => {}
    }
    Ok(())
}

/// A claim cannot be in 過誤 and 返納金 with overlapping days.
fn no_overlap(tx: &Transaction<'_>, case: &DeskCase, decision: &str) -> Result<()> {
    let Some(claim_id) = &case.claim_id else { return Ok(()) };
    let side = |d: &str| match d {
        "KAGO" | "HENREI" => Some(0),
        "HENNO" => Some(1),
        _ => None,
    };
    let Some(own) = side(decision) else { return Ok(()) };
    let mut others = tx.prepare_cached(
        "SELECT case_id, decision, days_bad FROM cases WHERE claim_id = ?1 AND case_id <> ?2 AND decision <> '' \
         AND state NOT IN ('FALSE_POSITIVE', 'AUTO_CLOSED') AND result NOT IN ('refused', 'upheld')",
    )?;
    let others = others.query_map(params![claim_id, case.case_id], |r| {
        Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?, r.get::<_, i64>(2)?))
    })?;
    for other in others {
        let (other, of, days) = other?;
        let overlap = days == 0 || case.days_bad == 0 || days & case.days_bad != 0;
        if overlap && side(&of).is_some_and(|s| s != own) {
            return Err(Error::Overlap { other, kind: decision_title(&of).to_owned() });
        }
    }
    Ok(())
}

/// Amounts recovered of a claim never exceed what was paid for it.
fn recover(tx: &Transaction<'_>, case: &mut DeskCase, yen: i64) -> Result<()> {
    let of_claim: i64 = match &case.claim_id {
        Some(id) => {
            tx.query_row("SELECT coalesce(sum(recovered_yen), 0) FROM cases WHERE claim_id = ?1", [id], |r| r.get(0))?
        }
        None => case.recovered_yen,
    };
    let most = case.benefit_yen;
    if case.claim_id.is_some() && of_claim + yen > most {
        return Err(Error::TooMuch { yen: of_claim + yen, most });
    }
    case.recovered_yen += yen;
    Ok(())
}

/// [`Database::take`] inside a transaction that does more.
pub(crate) fn take_within(
    tx: &Transaction<'_>,
    scope: &Scope,
    case_id: i64,
    actor: &Actor<'_>,
    step: &Step,
) -> Result<DeskCase> {
    let mut case = held_still(tx, scope, case_id, step.version)?;
    let old = before(&case);
    for (i, to) in way(&case.state, &step.to).into_iter().enumerate() {
        let own = Step { to, ..step.clone() };
        take_step(tx, &mut case, actor, &own, i > 0, if i == 0 { &old } else { "" })?;
    }
    store(tx, &case)?;
    find(tx, scope, case_id)
}

impl Database {
    /// A case within a reviewer's reach.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for one of another insurer or on hold.
    pub fn desk_case(&self, scope: &Scope, case_id: i64) -> Result<DeskCase> {
        find(self.connection(), scope, case_id)
    }

    /// The insurer of a case, whoever asks: to choose the right scope.
    pub fn case_owner(&self, case_id: i64) -> Result<Option<String>> {
        let mut owner = self.connection().prepare_cached("SELECT owner FROM cases WHERE case_id = ?1")?;
        Ok(owner.query_row([case_id], |r| r.get(0)).optional()?)
    }

    /// Oldest first.
    pub fn desk_moves(&self, case_id: i64) -> Result<Vec<DeskMove>> {
        let mut moves = self.connection().prepare_cached("SELECT * FROM case_moves WHERE case_id = ?1 ORDER BY seq")?;
        let rows = moves.query_map([case_id], |r| {
            Ok(DeskMove {
                seq: r.get("seq")?,
                action: r.get("action")?,
                what: r.get("what")?,
                from_state: r.get("from_state")?,
                to_state: r.get("to_state")?,
                user: r.get("user")?,
                role: r.get("role")?,
                at: r.get("at")?,
                decision: r.get("decision")?,
                k_code: r.get("k_code")?,
                text: r.get("text")?,
                due_on: r.get("due_on")?,
                yen: r.get("yen")?,
                document: r.get("document")?,
                registry_run: r.get("registry_run")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub fn desk_notes(&self, case_id: i64) -> Result<Vec<DeskNote>> {
        let mut notes = self.connection().prepare_cached("SELECT * FROM case_notes WHERE case_id = ?1 ORDER BY seq")?;
        let rows = notes.query_map([case_id], |r| {
            Ok(DeskNote { at: r.get("at")?, user: r.get("user")?, kind: r.get("kind")?, text: r.get("text")? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A claim of the desk.
    pub fn desk_claim(&self, claim_id: &str) -> Result<Option<DeskClaimRow>> {
        let mut claim = self.connection().prepare_cached(&format!("{CLAIM} WHERE d.claim_id = ?1"))?;
        Ok(claim.query_row([claim_id], DeskClaimRow::read).optional()?)
    }

    /// The claims of a person at hand, newest first.
    pub fn claims_of_person(&self, owner: &str, person_id: &str) -> Result<Vec<DeskClaimRow>> {
        let mut claims = self.connection().prepare_cached(&format!(
            "{CLAIM} WHERE d.owner = ?1 AND d.person_id = ?2 ORDER BY d.service_month DESC, d.kind, d.claim_id LIMIT 200"
        ))?;
        Ok(claims.query_map([owner, person_id], DeskClaimRow::read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Every finding of a claim, primary first: the columns of the table.
    pub fn findings_of_claim(&self, claim_id: &str) -> Result<Vec<Value>> {
        let mut findings = self
            .connection()
            .prepare_cached("SELECT detail FROM desk_findings WHERE claim_id = ?1 ORDER BY is_primary DESC, rule")?;
        let rows = findings.query_map([claim_id], |r| Ok(stretched(&r.get::<_, Vec<u8>>(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What the score of 第三者行為 says of a claim, and whether it is on hold.
    pub fn third_party_of_claim(&self, claim_id: &str) -> Result<Option<(bool, Value)>> {
        let mut row =
            self.connection().prepare_cached("SELECT hold, detail FROM desk_third_party WHERE claim_id = ?1")?;
        Ok(row.query_row([claim_id], |r| Ok((r.get(0)?, stretched(&r.get::<_, Vec<u8>>(1)?)))).optional()?)
    }

    /// Cases of a claim or, with a person, of that person: newest first.
    pub fn cases_of(&self, scope: &Scope, claim_id: Option<&str>, person_id: Option<&str>) -> Result<Vec<DeskCase>> {
        let mut cases = self.connection().prepare_cached(
            "SELECT * FROM cases WHERE owner = ?1 AND hold <= ?2 AND (claim_id = ?3 OR person_id = ?4) \
             ORDER BY case_id DESC LIMIT 100",
        )?;
        let rows = cases.query_map(params![scope.owner, scope.hold, claim_id, person_id], DeskCase::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Takes a case to a state; the states between are gone through and written down.
    ///
    /// # Errors
    /// [`Error::Conflict`] when somebody was first; [`Error::IllegalStep`], [`Error::StepNeeds`], [`Error::NotAllowed`],
    /// [`Error::Overlap`], [`Error::TooMuch`]: nothing is stored.
    pub fn take(&mut self, scope: &Scope, case_id: i64, actor: &Actor<'_>, step: &Step) -> Result<DeskCase> {
        let tx = self.write()?;
        let case = take_within(&tx, scope, case_id, actor, step)?;
        tx.commit()?;
        Ok(case)
    }

    /// 決裁: by another person than the one who decided.
    ///
    /// # Errors
    /// [`Error::OwnDecision`]; as [`Database::take`].
    pub fn approve(&mut self, scope: &Scope, case_id: i64, actor: &Actor<'_>, version: i64) -> Result<DeskCase> {
        Function::Approve.require(actor.user.role)?;
        let tx = self.write()?;
        let mut case = held_still(&tx, scope, case_id, version)?;
        if case.state != "APPROVAL" || !case.approved_by.is_empty() {
            return Err(Error::IllegalStep {
                from: title(&case.state).to_owned(),
                to: "決裁済".into(),
                legal: case_states::next(&case.state).map(|t| title(&t.to)).collect::<Vec<_>>().join("、"),
            });
        }
        if case.decided_by == actor.user.name {
            return Err(Error::OwnDecision { user: actor.user.name.clone() });
        }
        let old = before(&case);
        let step = Step { decision: case.decision.clone(), k_code: case.k_code.clone(), ..Step::default() };
        let written = Written { what: "approve", to: "APPROVAL", step: &step, before: &old, same_action: false };
        write_move(&tx, &case, actor, &written)?;
        case.approved_by.clone_from(&actor.user.name);
        store(&tx, &case)?;
        let case = find(&tx, scope, case_id)?;
        tx.commit()?;
        Ok(case)
    }

    /// Takes back the last action, as long as nothing has left the house: by whoever did it, or who may approve.
    ///
    /// # Errors
    /// [`Error::CannotUndo`]; as [`Database::take`].
    pub fn undo(&mut self, scope: &Scope, case_id: i64, actor: &Actor<'_>, version: i64) -> Result<DeskCase> {
        Function::Review.require(actor.user.role)?;
        let tx = self.write()?;
        let case = held_still(&tx, scope, case_id, version)?;
        let cannot = |why: &str| Error::CannotUndo { why: why.to_owned() };
        if case.stage >= 2 || !case.batch_no.is_empty() {
            return Err(cannot("もう出力されています"));
        }
        let last: Option<(String, String, String)> = tx
            .query_row(
                "SELECT user, what, before FROM case_moves WHERE case_id = ?1 AND action = \
                 (SELECT max(action) FROM case_moves WHERE case_id = ?1) ORDER BY seq LIMIT 1",
                [case_id],
                |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
            )
            .optional()?;
        let (user, what, old) = last.ok_or_else(|| cannot("まだ何もしていません"))?;
        if what == "undo" || what == "open" || old.is_empty() {
            return Err(cannot("取り消せる操作がありません"));
        }
        if user != actor.user.name && !actor.user.may(Function::Approve) {
            return Err(cannot(&format!("{user} さんの操作です")));
        }
        let old: DeskCase = serde_json::from_str(&old).map_err(|_| cannot("前の状態がわかりません"))?;
        let step = Step { text: "取消".into(), ..Step::default() };
        let written = Written { what: "undo", to: &old.state, step: &step, before: "", same_action: false };
        write_move(&tx, &case, actor, &written)?;
        let case = old;
        store(&tx, &case)?;
        let case = find(&tx, scope, case_id)?;
        tx.commit()?;
        Ok(case)
    }

    /// Gives cases to somebody, or to nobody; gives how many were given. A case that somebody changed meanwhile is left out.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`]; [`Error::NotAllowed`].
    pub fn assign(&mut self, scope: &Scope, cases: &[(i64, i64)], actor: &Actor<'_>, to: &str) -> Result<usize> {
        Function::Review.require(actor.user.role)?;
        if !to.is_empty() {
            let user = self.user(to)?;
            let may = user.disabled_at.is_none() && user.may(Function::Review) && user.sees(&scope.owner);
            if !may {
                return Err(Error::BadInput {
                    field: "担当".into(), why: format!("{to} は事案を処理できません")
                });
            }
        }
        let tx = self.write()?;
        let mut given = 0;
        for (case_id, version) in cases {
            let mut case = match held_still(&tx, scope, *case_id, *version) {
                Ok(case) if case.assignee != to && case.stage != 0 => case,
                Ok(_) | Err(Error::Conflict { .. }) => continue,
                Err(e) => return Err(e),
            };
            let old = before(&case);
            let step = Step { text: to.to_owned(), ..Step::default() };
            let state = case.state.clone();
            let written = Written { what: "assign", to: &state, step: &step, before: &old, same_action: false };
            write_move(&tx, &case, actor, &written)?;
            to.clone_into(&mut case.assignee);
            store(&tx, &case)?;
            given += 1;
        }
        tx.commit()?;
        Ok(given)
    }

    /// A remark on a case. It changes nothing that another reviewer could be surprised by.
    ///
    /// # Errors
    /// [`Error::BadInput`]; [`Error::NotFound`].
    pub fn note(&mut self, scope: &Scope, case_id: i64, actor: &Actor<'_>, kind: &str, text: &str) -> Result<()> {
        Function::Review.require(actor.user.role)?;
        word("note", kind)?;
        if text.trim().is_empty() {
            return Err(Error::BadInput { field: "メモ".into(), why: "何も書かれていません".into() });
        }
        checked_text("メモ", text)?;
        let tx = self.write()?;
        find(&tx, scope, case_id)?;
        tx.execute(
            "INSERT INTO case_notes SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5 FROM case_notes WHERE case_id = ?1",
            params![case_id, actor.now.to_string(), actor.user.name, kind, text.trim()],
        )?;
        Ok(tx.commit()?)
    }

    /// A case without a finding: on a claim of the desk, or on a person alone. `claim`: what the store says of a claim that
    /// is not on the desk yet.
    ///
    /// # Errors
    /// [`Error::BadInput`] without a reason; [`Error::NotFound`].
    pub fn open_by_hand(
        &mut self,
        scope: &Scope,
        new: &NewDeskCase,
        claim: Option<&DeskClaimRow>,
        actor: &Actor<'_>,
    ) -> Result<DeskCase> {
        Function::Review.require(actor.user.role)?;
        if new.reason.trim().is_empty() {
            return Err(Error::BadInput { field: "理由".into(), why: "何も書かれていません".into() });
        }
        checked_text("理由", &new.reason)?;
        let person =
            claim.and_then(|c| c.person_id.clone()).or((!new.person_id.is_empty()).then(|| new.person_id.clone()));
        let claim_id = claim.map(|c| c.claim_id.clone());
        let today = actor.today();
        let month = today.strftime("%Y-%m").to_string();
        let cause = format!("{}|", person.as_deref().or(claim_id.as_deref()).unwrap_or_default());
        let tx = self.write()?;
        tx.execute(
            "INSERT INTO cases (owner, origin, claim_id, person_id, exam_month, service_month, rule, cause, severity, \
             certainty, proposal, k_proposal, reason, institution, benefit_yen, days_bad, state, stage, assignee, opened_on, \
             opened_by, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', ?7, 'S3', 'POSSIBLE', '', 'K99', ?8, ?9, ?10, 0, 'NEW', \
             1, ?11, ?12, ?11, ?12)",
            params![
                scope.owner,
                if claim.is_some() { "claim" } else { "person" },
                claim_id,
                person,
                claim.map_or(month.as_str(), |c| c.exam_month.as_str()),
                claim.map_or("", |c| c.service_month.as_str()),
                cause,
                new.reason.trim(),
                claim.map_or("", |c| c.institution.as_str()),
                claim.map_or(0, |c| c.benefit_yen),
                actor.user.name,
                today.to_string(),
            ],
        )?;
        let case_id = tx.last_insert_rowid();
        let mut case = find(&tx, scope, case_id)?;
        case.state.clear();
        let step = Step { text: new.reason.trim().to_owned(), ..Step::default() };
        write_move(
            &tx,
            &case,
            actor,
            &Written { what: "open", to: "NEW", step: &step, before: "", same_action: false },
        )?;
        let words = [
            person.as_deref(),
            claim_id.as_deref(),
            claim.and_then(|c| c.bango.as_deref()),
            claim.and_then(|c| c.kana.as_deref()),
            claim.and_then(|c| c.search_no.as_deref()),
        ];
        index(&tx, case_id, &words)?;
        let case = find(&tx, scope, case_id)?;
        tx.commit()?;
        Ok(case)
    }
}
