//! 第三者行為 inside import and re-check: a claim is scored where it is read, and again with what other claims, cases and
//! registers say of it, before the import becomes visible (third-party.md sections 3.4, 4, 5.3).

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use anyhow::Result;
use serde_json::{Value, json};
use tenken_matcher::{
    calendar::{Day, OPEN},
    files::dates::DateStyle,
    finding::Finding,
    pairs::PairFacts,
    registry::{AttributeKind, PersonView},
    rules::Judged,
    settings::Settings,
    third_party::{
        Band, Comment, Disease, Input, Link, Outcome, Procedure, Rules, claim,
        episodes::{self, EpisodeClaim, Records},
        finding, score,
        score::Injury,
    },
};
use tenken_parser::{Date, Kind, Month};
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
    pub household: Option<String>,
    pub district: Option<String>,
    /// what was scored, of a claim that may belong to an episode: it is scored again with what other claims lend it
    pub input: Option<Input<'static>>,
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

/// What the register says of a claim: nobody may get a letter about this person or household on any day from the first of
/// the service month to the last of the 審査月 (4.1).
pub fn of_register(rules: &Rules, person: Option<PersonView<'_>>, month: Month, exam: Month) -> Vec<Link> {
    let (first, last) = (month.first_day().epoch_days(), exam.last_day().epoch_days());
    let silent = person.is_some_and(|p| is_silent(p, first, last));
    silent.then(|| Link::parse(rules, NO_NOTICE).ok()).flatten().into_iter().collect()
}

/// The registered cases of a person: `受付番号:事故年月日`, else the first day on which the row is valid.
pub fn cases_of(person: PersonView<'_>) -> impl Iterator<Item = episodes::Case> + '_ {
    person.attributes(AttributeKind::ThirdParty).filter_map(move |a| {
        let value = person.registry.value(a);
        let said = value.rsplit_once(':').and_then(|(_, day)| DateStyle::Plain.date(day));
        Some(episodes::Case {
            person: person_key(&person.registry.owner, person.id()),
            accident: said.or_else(|| Date::from_epoch_days(a.from))?,
            until: Some(a.to).filter(|to| *to != OPEN).and_then(|to| Date::from_epoch_days(to - 1)),
        })
    })
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

const NO_NOTICE: &str = "ATTR:通知除外";

impl Scored {
    pub fn of(
        accepted: &Accepted<'_, '_>,
        judged: &Judged<'_>,
        (claim, owner_no): (u64, u16),
        links: Vec<Link>,
        outcome: Outcome,
    ) -> Option<Self> {
        let header = accepted.header;
        let owner = judged.owner.map(|o| o.registry.owner.as_str());
        let input = match outcome.injuries.is_empty() {
            false => claim::read(accepted.claim, header, Vec::new()).map(owned),
            true => None,
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(Self {
            claim,
            claim_id: accepted.claim_id.to_owned(),
            owner_no,
            owner: owner.or(header.payer.and_then(|p| p.insurer_no)).unwrap_or_default().to_owned(),
            person: judged.person.map(|p| p.no),
            person_id: judged.person.map(|p| p.id().to_owned()),
            month: header.common.service_month?,
            kind: accepted.claim.kind,
            household: judged.household_id.and_then(some),
            district: judged.person.and_then(|p| some(p.district())),
            input,
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
    let mut spans = match o.spans() {
        Value::Array(spans) => spans,
        other => vec![other],
    };
    spans.extend(o.injuries.iter().map(|i| json!({ "region": i.region, "onset": i.start.to_string() })));
    Value::Array(spans).to_string()
}

/// What [`spans`] says of injuries.
fn injuries(spans: &str) -> Vec<Injury> {
    let spans: Value = serde_json::from_str(spans).unwrap_or(Value::Null);
    let of = |s: &Value| {
        let day = |range: std::ops::Range<usize>| s["onset"].as_str()?.get(range)?.parse::<u16>().ok();
        let start = Date::new(day(0..4)?, u8::try_from(day(5..7)?).ok()?, u8::try_from(day(8..10)?).ok()?)?;
        Some(Injury { region: s["region"].as_str()?.to_owned(), start })
    };
    spans.as_array().into_iter().flatten().filter_map(of).collect()
}

/// The same without borrowing from the claim.
fn owned(input: Input<'_>) -> Input<'static> {
    let text = |t: Cow<'_, str>| Cow::Owned::<str>(t.into_owned());
    Input {
        claim_month: input.claim_month,
        age: input.age,
        sex: input.sex,
        kind: input.kind,
        tokki: text(input.tokki),
        occupational: input.occupational,
        diseases: input
            .diseases
            .into_iter()
            .map(|d| Disease {
                record: d.record,
                code: text(d.code),
                modifiers: text(d.modifiers),
                name: text(d.name),
                start: d.start,
                comment: text(d.comment),
            })
            .collect(),
        comments: input
            .comments
            .into_iter()
            .map(|c| Comment { record: c.record, kind: text(c.kind), code: text(c.code), text: text(c.text) })
            .collect(),
        procedures: input.procedures.into_iter().map(|p| Procedure { record: p.record, code: text(p.code) }).collect(),
        links: input.links,
    }
}

/// A 調剤 or 訪問看護 claim, or any other that has no row by itself: links are all there is to say.
fn bare(kind: Kind, claim_month: Month) -> Input<'static> {
    Input {
        claim_month,
        age: None,
        sex: 0,
        kind,
        tokki: Cow::Borrowed(""),
        occupational: false,
        diseases: Vec::new(),
        comments: Vec::new(),
        procedures: Vec::new(),
        links: Vec::new(),
    }
}

/// What the store and the cases know of other claims.
#[derive(Default)]
pub struct Elsewhere {
    /// stored candidates of months that are not read again
    pub stored: Vec<(u16, ThirdPartyRow)>,
    pub records: Records,
}

/// One key of a person over all owners.
pub fn person_key(owner: &str, person_id: &str) -> String {
    format!("{owner}:{person_id}")
}

/// Joins claims into episodes and scores again those to which other claims lend something. `pairs` supplies who
/// dispensed for whom; a claim of these persons that is attached to a held episode or to a case gets a row too.
pub fn join(scored: &mut Vec<Scored>, pairs: &[PairFacts], elsewhere: &Elsewhere, scorers: &Scorers, owners: &[&str]) {
    let rules = scorers.rules(u16::MAX);
    let of_person: HashSet<(u16, u32)> = scored
        .iter()
        .filter(|s| !s.outcome.injuries.is_empty())
        .filter_map(|s| Some((s.owner_no, s.person?)))
        .collect();
    let facts: HashMap<u64, &PairFacts> =
        pairs.iter().filter(|p| of_person.contains(&(p.owner, p.person))).map(|p| (p.claim, p)).collect();
    let mut claims: Vec<EpisodeClaim> = Vec::new();
    let mut persons: HashMap<(u16, u32), String> = HashMap::new();
    for s in scored.iter() {
        let (Some(person), Some(person_id)) = (s.person, s.person_id.as_deref()) else { continue };
        let key = person_key(&s.owner, person_id);
        persons.insert((s.owner_no, person), key.clone());
        if s.outcome.injuries.is_empty() && !s.outcome.hold {
            continue;
        }
        let of = facts.get(&s.claim);
        let mut claim = EpisodeClaim {
            claim: s.claim,
            person: key,
            household: s.household.clone(),
            district: s.district.clone(),
            provider: of.map_or(0, |p| p.institution),
            prescriber: of.map_or(0, |p| p.prescriber),
            kind: s.kind,
            month: s.month,
            injuries: Vec::new(),
            starts: s.input.as_ref().map(|i| i.diseases.iter().filter_map(|d| d.start).collect()).unwrap_or_default(),
            band: None,
            hold: false,
            ended: false,
            episode_id: s.episode.clone(),
        };
        claim.take(scorers.rules(s.owner_no), &s.outcome);
        claims.push(claim);
    }
    let known: HashSet<u64> = claims.iter().map(|c| c.claim).collect();
    // 調剤 and 訪問看護 of the same persons
    for p in facts.values().filter(|p| matches!(p.kind, Kind::Pharmacy | Kind::Nursing) && !known.contains(&p.claim)) {
        if let Some(person) = persons.get(&(p.owner, p.person)) {
            claims.push(EpisodeClaim {
                claim: p.claim,
                person: person.clone(),
                household: None,
                district: None,
                provider: p.institution,
                prescriber: p.prescriber,
                kind: p.kind,
                month: p.month,
                injuries: Vec::new(),
                starts: Vec::new(),
                band: None,
                hold: false,
                ended: false,
                episode_id: None,
            });
        }
    }
    for (_, row) in &elsewhere.stored {
        let (Some(person_id), Some(month)) = (&row.person_id, Month::parse_iso(&row.service_month)) else { continue };
        let injuries = injuries(&row.spans);
        claims.push(EpisodeClaim {
            claim: u64::from_str_radix(&row.claim_id, 16).unwrap_or(0),
            person: person_key(&row.owner, person_id),
            household: None,
            district: None,
            provider: 0,
            prescriber: 0,
            kind: Kind::Medical,
            month,
            starts: injuries.iter().map(|i| i.start).collect(),
            injuries,
            band: row.band.as_deref().and_then(Band::from_code),
            hold: row.hold,
            ended: false,
            episode_id: row.episode_id.clone(),
        });
    }
    let assigned = episodes::assign(rules, &claims, &elsewhere.records);
    let mut at: HashMap<u64, usize> = scored.iter().enumerate().map(|(i, s)| (s.claim, i)).collect();
    for a in assigned {
        let i = match at.get(&a.claim) {
            Some(i) => *i,
            // attached to a case or a held episode: a row of its own
            None => {
                let Some(p) = facts.get(&a.claim).filter(|_| !a.links.is_empty()) else { continue };
                let Some(key) = persons.get(&(p.owner, p.person)) else { continue };
                let owner = owners.get(usize::from(p.owner)).copied().unwrap_or_default().to_owned();
                scored.push(Scored {
                    claim: p.claim,
                    claim_id: format!("{:016x}", p.claim),
                    owner_no: p.owner,
                    person: Some(p.person),
                    person_id: key.split_once(':').map(|(_, id)| id.to_owned()),
                    owner,
                    month: p.month,
                    kind: p.kind,
                    household: None,
                    district: None,
                    input: None,
                    links: Vec::new(),
                    outcome: score(rules, &bare(p.kind, p.month)),
                    episode: None,
                    changed: false,
                });
                at.insert(p.claim, scored.len() - 1);
                scored.len() - 1
            }
        };
        let s = &mut scored[i];
        s.episode = a.episode_id;
        let rules = scorers.rules(s.owner_no);
        let more: Vec<Link> = a.links.iter().filter_map(|l| Link::parse(rules, l).ok()).collect();
        let more: Vec<Link> = more.into_iter().filter(|l| !s.links.contains(l)).collect();
        if !more.is_empty() {
            s.links.extend(more);
            let mut input = s.input.clone().unwrap_or_else(|| bare(s.kind, s.month));
            input.links.clone_from(&s.links);
            s.outcome = score(rules, &input);
            s.changed = true;
        }
    }
    scored.retain(|s| s.outcome.is_row());
}

/// Scores a claim by itself.
pub fn outcome(rules: &Rules, accepted: &Accepted<'_, '_>, links: Vec<Link>) -> Option<Outcome> {
    claim::outcome(rules, accepted.claim, accepted.header, links)
}
