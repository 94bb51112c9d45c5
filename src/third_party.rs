//! 第三者行為 inside import and re-check: a claim is scored where it is read, and again with what other claims, cases and
//! registers say of it, before the import becomes visible (third-party.md sections 3.4, 4, 5.3).

use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};
use tenken_matcher::{
    calendar::Day,
    finding::Finding,
    registry::{AttributeKind, PersonView, compact::AttributeRow},
    rules::Judged,
    settings::Settings,
    third_party::{Link, Outcome, Rules, claim, finding},
};
use tenken_parser::{Encoding, Kind, Month, RawClaim};
use tenken_store::{tables::Accepted, third_party::ThirdPartyRow};

use crate::config::Config;

/// Words and weights in force, by number of the owner; the last one for claims of nobody.
pub struct Scorers(Vec<Arc<Rules>>);

impl Scorers {
    /// # Errors
    /// A folder of the configuration whose tables cannot be used.
    pub fn of<'o>(config: &Config, owners: impl Iterator<Item = &'o str>) -> Result<Self> {
        let embedded = Arc::new(Rules::load(None)?);
        let of = |insurer: &str| match config.third_party_rules(insurer) {
            Some(folder) => Ok(Arc::new(Rules::load(Some(folder))?)),
            None => Ok(embedded.clone()),
        };
        Ok(Self(owners.chain([""]).map(of).collect::<Result<_>>()?))
    }

    pub fn rules(&self, owner: u16) -> &Rules {
        self.0.get(usize::from(owner)).unwrap_or(&self.0[self.0.len() - 1])
    }

    /// Everything that bears on scores, for `rules_version`.
    pub fn canonical(&self) -> String {
        self.0.iter().map(|r| r.version()).collect::<Vec<_>>().join(" ")
    }
}

/// Where a claim stands, to be read again.
#[derive(Clone, Copy)]
pub struct Place {
    /// number of its file, from 1
    pub file: i32,
    pub raw: RawClaim,
    pub encoding: Encoding,
}

/// A claim of which the table will have a row.
pub struct Scored {
    pub claim: u64,
    pub claim_id: String,
    pub owner_no: u16,
    pub owner: String,
    pub person: Option<u32>,
    pub person_id: Option<String>,
    pub month: Month,
    pub kind: Kind,
    pub place: Place,
    pub links: Vec<Link>,
    pub outcome: Outcome,
    pub episode: Option<String>,
    /// other than the claim by itself says: its findings are made again
    pub changed: bool,
}

/// Whether a finding of a claim follows from its outcome. A held claim is not asked about a quarrel.
pub fn follows(rule: &str, hold: bool) -> bool {
    rule.starts_with("T1") || (hold && rule == "E505")
}

/// What the register says of a claim (3.4): a registered case of the person covers a day of service, or nobody may get a
/// letter about this person or household on any day from the first of the service month to the last of the 審査月 (4.1).
/// `days`: days of service, bit 0 = day 1; none known = the whole month.
pub fn of_register(
    rules: &Rules,
    person: Option<PersonView<'_>>,
    (month, days): (Month, u32),
    exam: Month,
) -> Vec<Link> {
    let Some(person) = person else { return Vec::new() };
    let mut links = Vec::new();
    let first = month.first_day().epoch_days();
    let served = |a: &AttributeRow| match days {
        0 => a.from <= month.last_day().epoch_days() && first < a.to,
        _ => (0..31).filter(|d| days >> d & 1 == 1).any(|d| a.covers(first + d)),
    };
    if person.attributes(AttributeKind::ThirdParty).any(served) {
        links.extend(Link::parse(rules, CASE));
    }
    if is_silent(person, first, exam.last_day().epoch_days()) {
        links.extend(Link::parse(rules, NO_NOTICE));
    }
    links
}

/// 通知除外 of the person or the household, valid on any day between two, both included.
pub fn is_silent(person: PersonView<'_>, first: Day, last: Day) -> bool {
    let covers = |from: Day, to: Day| from <= last && first < to;
    let of_household = || {
        person.registry.has(AttributeKind::NoNotice)
            && person.periods().iter().filter(|p| covers(p.start, p.end)).any(|p| {
                let mut of = person.registry.household_attributes(p.household, AttributeKind::NoNotice);
                of.any(|a| covers(a.from, a.to))
            })
    };
    person.no_notice() || person.attributes(AttributeKind::NoNotice).any(|a| covers(a.from, a.to)) || of_household()
}

const CASE: &str = "CASE:OPEN";
const NO_NOTICE: &str = "ATTR:通知除外";

impl Scored {
    pub fn of(
        accepted: &Accepted<'_, '_>,
        judged: &Judged<'_>,
        (claim, owner_no): (u64, u16),
        file: i32,
        links: Vec<Link>,
        outcome: Outcome,
    ) -> Option<Self> {
        let header = accepted.header;
        let owner = judged.owner.map(|o| o.registry.owner.as_str());
        let raw = accepted.claim.raw;
        Some(Self {
            claim,
            claim_id: accepted.claim_id.to_owned(),
            owner_no,
            owner: owner.or(header.payer.and_then(|p| p.insurer_no)).unwrap_or_default().to_owned(),
            person: judged.person.map(|p| p.no),
            person_id: judged.person.map(|p| p.id().to_owned()),
            month: header.common.service_month?,
            kind: accepted.claim.kind,
            place: Place { file, raw, encoding: accepted.claim.encoding },
            links,
            outcome,
            episode: None,
            changed: false,
        })
    }

    pub fn finding(&self, settings: &Settings) -> Option<Finding> {
        finding(&self.outcome, settings)
    }

    pub fn row(&self, rules: &Rules) -> ThirdPartyRow {
        let o = &self.outcome;
        ThirdPartyRow {
            claim_id: self.claim_id.clone(),
            import_id: String::new(),
            exam_month: String::new(),
            owner: self.owner.clone(),
            generation: 0,
            person_id: self.person_id.clone(),
            service_month: self.month.to_string(),
            episode_id: self.episode.clone(),
            score: o.score,
            band: o.band.map(|b| b.code().to_owned()),
            flag: o.flag,
            route: o.route.code().to_owned(),
            evidence: o.evidence.iter().map(ToString::to_string).collect(),
            spans: spans(o),
            missing: o.missing.iter().map(|m| (*m).to_owned()).collect(),
            b0: o.b0,
            b1: o.b1,
            rule_version: rules.version().to_owned(),
            hold: o.hold,
        }
    }
}

/// Record, offsets and multiplier of each piece of evidence; behind them what the episode is known by.
fn spans(o: &Outcome) -> String {
    let evidence = o.evidence.iter().map(|e| {
        json!({
            "rule": e.rule,
            "record": e.record,
            "from": e.span.map(|s| s.0),
            "to": e.span.map(|s| s.1),
            "multiplier": e.multiplier,
        })
    });
    let injuries = o.injuries.iter().map(|i| json!({ "region": i.region, "start": i.start.to_string() }));
    Value::Array(evidence.chain(injuries).collect()).to_string()
}

/// Scores a claim by itself.
pub fn outcome(rules: &Rules, accepted: &Accepted<'_, '_>, links: Vec<Link>) -> Option<Outcome> {
    claim::outcome(rules, accepted.claim, accepted.header, links)
}
