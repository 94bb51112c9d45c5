//! `findings`: what the rules say about claims, the whole state of an import in each of its generations.

use std::fmt;

use jiff::Timestamp;
use tenken_parser::Date;

use crate::{
    columns::Columns,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "findings" by BY_IMPORT;
    finding_id: Text, claim_id: Text, import_id: Text, exam_month: Month, owner: Code, generation: I32,
    source_file: Code, receipt_no: Text, billing_month: Month, service_month: Month, insurer_no: Code "?",
    kigo: Text "?", bango: Text "?", edaban: Code "?", person_id: Text "?", institution_code: Code,
    search_no: Text "?", rule: Code, is_primary: Bool, severity: Code, certainty: Code, disposition: Code "?",
    days_bad: DateList, days_ok: DateList, cand_payer: Text "?", retro: Bool, prov_ok: Bool, origin: Code,
    k_code: Code, reason: Text, evidence: Json, state: Code, opened_at: Time, closed_at: Time "?",
    closed_reason: Code "?",
}

/// One finding, with every column of the contract. `Debug` shows what it is about, not whom.
#[derive(Clone, PartialEq, Eq)]
pub struct FindingRow {
    pub finding_id: String,
    pub claim_id: String,
    /// of the import that it stands in, with the next two; when rows are written, the writer says which
    pub import_id: String,
    pub exam_month: String,
    pub generation: i32,
    pub owner: String,
    pub source_file: String,
    pub receipt_no: String,
    pub billing_month: String,
    pub service_month: String,
    pub insurer_no: Option<String>,
    pub kigo: Option<String>,
    pub bango: Option<String>,
    pub edaban: Option<String>,
    pub person_id: Option<String>,
    pub institution_code: String,
    pub search_no: Option<String>,
    pub rule: String,
    pub is_primary: bool,
    /// `S1` to `S4`
    pub severity: String,
    /// `CERTAIN` `PROBABLE` `POSSIBLE`
    pub certainty: String,
    /// `D1` to `D9`
    pub disposition: Option<String>,
    pub days_bad: Vec<Date>,
    pub days_ok: Vec<Date>,
    pub cand_payer: Option<String>,
    pub retro: bool,
    pub prov_ok: bool,
    /// `IMPORT`, or `E223`: opened by a re-check
    pub origin: String,
    pub k_code: String,
    /// one sentence, no name of a person
    pub reason: String,
    /// a JSON object
    pub evidence: String,
    /// `open` `closed`
    pub state: String,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub closed_reason: Option<String>,
}

impl fmt::Debug for FindingRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FindingRow({} {} {} {})", self.finding_id, self.claim_id, self.rule, self.state)
    }
}

pub fn push(columns: &mut Columns, generation: i32, f: &FindingRow) {
    columns
        .row()
        .text(&f.finding_id)
        .text(&f.claim_id)
        .text(&f.owner)
        .i32(generation)
        .text(&f.source_file)
        .text(&f.receipt_no)
        .text(&f.billing_month)
        .text(&f.service_month)
        .opt_text(f.insurer_no.as_deref())
        .opt_text(f.kigo.as_deref())
        .opt_text(f.bango.as_deref())
        .opt_text(f.edaban.as_deref())
        .opt_text(f.person_id.as_deref())
        .text(&f.institution_code)
        .opt_text(f.search_no.as_deref())
        .text(&f.rule)
        .bool(f.is_primary)
        .text(&f.severity)
        .text(&f.certainty)
        .opt_text(f.disposition.as_deref())
        .date_list(f.days_bad.iter().copied())
        .date_list(f.days_ok.iter().copied())
        .opt_text(f.cand_payer.as_deref())
        .bool(f.retro)
        .bool(f.prov_ok)
        .text(&f.origin)
        .text(&f.k_code)
        .text(&f.reason)
        .text(&f.evidence)
        .text(&f.state)
        .time(f.opened_at)
        .opt_time(f.closed_at)
        .opt_text(f.closed_reason.as_deref())
        .end();
}
