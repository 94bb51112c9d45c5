//! `third_party`: 第三者行為 candidates, the whole state of an import in each of its generations.

use std::fmt;

use crate::{
    columns::Columns,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "third_party" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, owner: Code, generation: I32, person_id: Text "?",
    service_month: Month, episode_id: Text "?", score: I32, band: Code "?", flag: Bool, route: Code, evidence: List,
    spans: Json, missing: List, b0: Bool, b1: Bool, rule_version: Code, hold: Bool,
}

/// One claim with a score, a route or a hold, with every column of the contract. `Debug` shows what it is about, not
/// whom, and nothing of the evidence.
#[derive(Clone, PartialEq, Eq)]
pub struct ThirdPartyRow {
    pub claim_id: String,
    /// of the import that it stands in, with the next one and the generation; when rows are written, the writer says
    /// which
    pub import_id: String,
    pub exam_month: String,
    pub owner: String,
    pub generation: i32,
    pub person_id: Option<String>,
    pub service_month: String,
    pub episode_id: Option<String>,
    /// 0 to 100
    pub score: i32,
    /// `A` `B` `WATCH`
    pub band: Option<String>,
    pub flag: bool,
    pub route: String,
    /// `rule:points:text`, in the order applied
    pub evidence: Vec<String>,
    /// a JSON array: record, offsets, multiplier of each piece of evidence
    pub spans: String,
    /// what the claim does not say
    pub missing: Vec<String>,
    pub b0: bool,
    pub b1: bool,
    pub rule_version: String,
    /// no letter, no list outside, whatever the route
    pub hold: bool,
}

impl fmt::Debug for ThirdPartyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThirdPartyRow({} {} {})", self.claim_id, self.route, self.score)
    }
}

pub fn push(columns: &mut Columns, generation: i32, r: &ThirdPartyRow) {
    columns
        .row()
        .text(&r.claim_id)
        .text(&r.owner)
        .i32(generation)
        .opt_text(r.person_id.as_deref())
        .text(&r.service_month)
        .opt_text(r.episode_id.as_deref())
        .i32(r.score)
        .opt_text(r.band.as_deref())
        .bool(r.flag)
        .text(&r.route)
        .list(r.evidence.iter().map(String::as_str))
        .text(&r.spans)
        .list(r.missing.iter().map(String::as_str))
        .bool(r.b0)
        .bool(r.b1)
        .text(&r.rule_version)
        .bool(r.hold)
        .end();
}
