//! Claims against registers and rules, inside the import and the re-check.
//!
//! Rules on one claim run where the claim is read; those across claims when all are read, over the new claims and
//! what is stored of the same persons.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ptr,
};

use anyhow::Result;
use jiff::Timestamp;
use tenken_benefit::Scheme;
use tenken_matcher::{
    catalogue,
    facts::ClaimFacts,
    finding::{Disposition, Finding},
    pairs::{self, PairFacts},
    registers::{Owner, Registers},
    registry::{OwnerRegistry, rows::Register},
    rules::{LimitBasis, judge, owner_of},
    settings::{Settings, data_version},
    third_party::{episodes, score::FOOD_REGION},
};
use tenken_parser::{Date, Kind, Month, encoding::nfkc_trimmed};
use tenken_store::{
    Store,
    claim_rows::{ClaimKey, ClaimRow},
    findings::FindingRow,
    identification::Identification,
    imports::{Basis, ImportRow},
    register::OwnerRow,
    tables::{Accepted, Matched},
    third_party::ThirdPartyRow,
};

use crate::{
    commands::law_of,
    config::Config,
    third_party::{self, Elsewhere, Scored, Scorers},
};

/// Registers and rules as they are now.
pub struct Matching {
    pub registers: Registers,
    pub basis: Basis,
    scorers: Scorers,
    /// 審査月: its last day is the clock of all rules
    pub exam: Month,
}

/// What a claim is called in `findings`.
#[derive(Clone)]
pub struct Named {
    claim_id: String,
    owner: String,
    source_file: String,
    receipt_no: String,
    billing_month: String,
    service_month: Option<Month>,
    insurer_no: Option<String>,
    kigo: Option<String>,
    bango: Option<String>,
    edaban: Option<String>,
    person_id: Option<String>,
    institution_code: String,
    search_no: Option<String>,
    /// number of the file, and of the claim in it
    order: (u32, u32),
}

/// What matching found in some claims.
#[derive(Default)]
pub struct Found {
    claims: Vec<(Named, Vec<Finding>)>,
    pairs: Vec<PairFacts>,
    third_party: Vec<Scored>,
    /// names of the claims of `third_party`
    named: HashMap<u64, Named>,
    /// whose each claim is, when asked for
    pub whose: Option<HashMap<String, Identification>>,
}

impl Found {
    pub fn keeping_whose() -> Self {
        Self { whose: Some(HashMap::new()), ..Self::default() }
    }

    pub fn append(&mut self, mut other: Self) {
        self.claims.append(&mut other.claims);
        self.pairs.append(&mut other.pairs);
        self.third_party.append(&mut other.third_party);
        self.named.extend(other.named);
        match (&mut self.whose, other.whose) {
            (Some(all), Some(more)) => all.extend(more),
            (whose @ None, more) => *whose = more,
            _ => {}
        }
    }
}

/// The import whose claims are new has the greatest number.
pub const NEW_IMPORT: u32 = u32::MAX;

fn number(claim_id: &str) -> u64 {
    u64::from_str_radix(claim_id, 16).unwrap_or(0)
}

/// The register of an owner in memory: as it was kept, or made from its rows and kept.
pub fn register_of(store: &Store, owner: &OwnerRow) -> Result<OwnerRegistry> {
    if let Some(kept) = store.saved_register(&owner.run).and_then(|bytes| OwnerRegistry::from_saved(&bytes)) {
        return Ok(kept);
    }
    keep_register(store, owner, &store.register(&owner.owner)?)
}

/// Makes the form of a register in which it is matched against, and keeps it.
pub fn keep_register(store: &Store, owner: &OwnerRow, register: &Register) -> Result<OwnerRegistry> {
    let registry = OwnerRegistry::build(&owner.owner, register);
    store.keep_register(&owner.run, &registry.to_saved())?;
    Ok(registry)
}

/// The limits in force, and the months that count for 多数回 as far as batches have worked them out.
fn limits_of(store: &Store, config: &Config) -> Result<LimitBasis> {
    let mut basis = LimitBasis { law: law_of(&config.benefit)?, ..LimitBasis::default() };
    let found = store.hit_months()?;
    let owners: Vec<String> = store.owners()?.into_iter().map(|o| o.owner).collect();
    for owner in &owners {
        let of_owner = |o: &Option<String>| o.as_ref().is_none_or(|o| o == owner);
        let exams = found.exam_months.iter().filter(|(o, _)| of_owner(o));
        // the claims of a month are examined in the next
        let worked_out: BTreeSet<Month> = exams.filter_map(|(_, m)| Month::parse_iso(m)).map(|m| m.plus(-1)).collect();
        if !worked_out.is_empty() {
            basis.hits.entry(owner.clone()).or_default().worked_out = worked_out;
        }
    }
    for ((owner, scheme, household), months) in found.months {
        let known = basis.hits.entry(owner).or_default();
        let months = months.iter().filter_map(|m| Month::parse_iso(m)).collect();
        known.months.insert((scheme == Scheme::Kouki.code(), household), months);
    }
    Ok(basis)
}

impl Matching {
    /// Without a store: the rules that need no register.
    ///
    /// # Errors
    /// None but what the data files of the release can have.
    pub fn without_store(exam: Month) -> Result<Self> {
        Self::of(Registers::default(), Vec::new(), &Config::default(), exam)
    }

    /// The registers of a store as they are now, and its configuration.
    pub fn of_store(store: &Store, exam: Month) -> Result<Self> {
        let config = Config::of_store(store.root())?;
        let mut owners = Vec::new();
        let mut runs = Vec::new();
        for row in store.owners()? {
            let registry = register_of(store, &row)?;
            owners.push(Owner { settings: config.settings(&row.owner).clone(), registry });
            runs.push(row.run.run_id);
        }
        let registers = Registers::new(owners, config.default_insurer.as_deref(), config.settings("").clone());
        let registers = registers.with_limits(limits_of(store, &config)?);
        Self::of(registers, runs, &config, exam)
    }

    fn of(registers: Registers, registry_runs: Vec<String>, config: &Config, exam: Month) -> Result<Self> {
        let scorers = Scorers::of(config, registers.owners().iter().map(|o| o.registry.owner.as_str()))?;
        let limits = format!("{:?} {:?}", registers.limits.law.limits.rows(), config.benefit.programmes);
        let version = format!(
            "{} {} {} {}",
            data_version(),
            config.canonical(),
            scorers.canonical(),
            blake3::hash(limits.as_bytes()).to_hex()
        );
        let version = blake3::hash(version.as_bytes());
        let mut rules_version = version.to_hex().to_string();
        rules_version.truncate(16);
        Ok(Self { registers, basis: Basis { registry_runs, rules_version }, scorers, exam })
    }

    pub fn at(self, exam: Month) -> Self {
        Self { exam, ..self }
    }

    /// Owners by number.
    fn owners(&self) -> Vec<&str> {
        self.registers.owners().iter().map(|o| o.registry.owner.as_str()).collect()
    }

    fn owner_no(&self, owner: Option<&Owner>) -> u16 {
        let at = owner.and_then(|o| self.registers.owners().iter().position(|x| ptr::eq(x, o)));
        at.map_or(u16::MAX, |n| n as u16)
    }

    fn settings(&self, owner: u16) -> Settings {
        self.registers
            .owners()
            .get(usize::from(owner))
            .map_or_else(|| self.registers.settings.clone(), |o| o.settings.clone())
    }

    /// Matches one claim and holds it against the rules. `days` are those with its subordinate claims, which have no
    /// findings themselves.
    pub fn claim<'m>(
        &'m self,
        accepted: &Accepted<'_, '_>,
        days: (u32, bool),
        file: (&str, i32),
        import_no: u32,
        found: &mut Found,
    ) -> Matched<'m> {
        let Some(mut facts) = ClaimFacts::read(accepted.claim, accepted.header, accepted.totals, days) else {
            return Matched { days, ..Matched::default() };
        };
        let rules = self.scorers.rules(self.owner_no(owner_of(&self.registers, &facts).0));
        let outcome = match accepted.claim.raw.parent {
            None => third_party::outcome(rules, accepted, Vec::new()),
            Some(_) => None,
        };
        facts.third_party = outcome.as_ref();
        let mut judged = judge(&self.registers, &facts, self.exam);
        let order = (file.1 as u32, accepted.claim.raw.ordinal as u32);
        if accepted.claim.raw.parent.is_none() {
            let (owner, id) = (self.owner_no(judged.owner), number(accepted.claim_id));
            let settings = judged.owner.map_or(&self.registers.settings, |o| &o.settings);
            found.pairs.extend(PairFacts::of(&facts, &judged, owner, id, (import_no, order.0, order.1), settings));
            let links = third_party::of_register(rules, judged.person, facts.month, self.exam);
            let changed = !links.is_empty();
            let outcome = if changed { third_party::outcome(rules, accepted, links.clone()) } else { outcome.clone() };
            if let Some(outcome) = outcome
                && let Some(scored) = Scored::of(accepted, &judged, (id, owner), links, outcome)
            {
                let (person_id, owner) = (scored.person_id.clone(), judged.owner.map(|o| o.registry.owner.as_str()));
                let named = Named::of(accepted, file.0, order, owner, person_id);
                found.third_party.push(Scored { changed, ..scored });
                found.named.insert(id, named);
            }
            if !judged.findings.is_empty() {
                let findings = std::mem::take(&mut judged.findings);
                let person_id = judged.person.map(|p| p.id().to_owned());
                let owner = judged.owner.map(|o| o.registry.owner.as_str());
                found.claims.push((Named::of(accepted, file.0, order, owner, person_id), findings));
            }
        }
        let matched = Matched {
            owner: judged.owner.map(|o| o.registry.owner.as_str()),
            person_id: judged.person.map(|p| p.id()),
            household_id: judged.household_id,
            tier: judged.tier.map(|t| t.code()),
            days,
        };
        if let Some(whose) = &mut found.whose {
            let text = |t: Option<&str>| t.map(str::to_owned);
            whose.insert(
                accepted.claim_id.to_owned(),
                Identification {
                    owner: matched
                        .owner
                        .or(accepted.header.payer.and_then(|p| p.insurer_no))
                        .unwrap_or_default()
                        .into(),
                    person_id: text(matched.person_id),
                    household_id: text(matched.household_id),
                    tier: text(matched.tier),
                },
            );
        }
        matched
    }
}

impl Named {
    fn of(
        accepted: &Accepted<'_, '_>,
        source_file: &str,
        order: (u32, u32),
        owner: Option<&str>,
        person_id: Option<String>,
    ) -> Self {
        let (claim, header) = (accepted.claim, accepted.header);
        let payer = header.payer.unwrap_or_default();
        let symbol = |f: Option<tenken_parser::Field<'_>>| f.map(|f| nfkc_trimmed(&claim.text(f)));
        let text = |t: Option<&str>| t.map(str::to_owned);
        Self {
            claim_id: accepted.claim_id.to_owned(),
            owner: owner.or(payer.insurer_no).unwrap_or_default().to_owned(),
            source_file: source_file.to_owned(),
            receipt_no: header.common.receipt_no.unwrap_or_default().to_owned(),
            billing_month: header.biller.billing_month.map(|m| m.to_string()).unwrap_or_default(),
            service_month: header.common.service_month,
            insurer_no: text(payer.insurer_no),
            kigo: symbol(payer.kigo),
            bango: symbol(payer.bango),
            edaban: header.confirmation.edaban.map(|e| format!("{e:0>2}")),
            person_id,
            institution_code: header.biller.institution_code.unwrap_or_default().to_owned(),
            search_no: text(header.search_no),
            order,
        }
    }

    fn of_row(row: ClaimRow) -> Self {
        Self {
            order: (row.file_no as u32, row.ordinal as u32),
            service_month: Month::parse_iso(&row.service_month),
            claim_id: row.claim_id,
            owner: row.owner,
            source_file: row.source_file,
            receipt_no: row.receipt_no,
            billing_month: row.billing_month,
            insurer_no: row.insurer_no,
            kigo: row.kigo,
            bango: row.bango,
            edaban: row.edaban,
            person_id: row.person_id,
            institution_code: row.institution_code,
            search_no: row.search_no,
        }
    }

    fn row(&self, f: &Finding, at: Timestamp) -> FindingRow {
        let days = |mask: u32| -> Vec<Date> {
            let Some(month) = self.service_month else { return Vec::new() };
            (1..=31u8).filter(|d| mask >> (d - 1) & 1 == 1).filter_map(|d| month.day(d)).collect()
        };
        FindingRow {
            finding_id: f.id(&self.claim_id),
            claim_id: self.claim_id.clone(),
            import_id: String::new(),
            exam_month: String::new(),
            generation: 0,
            owner: self.owner.clone(),
            source_file: self.source_file.clone(),
            receipt_no: self.receipt_no.clone(),
            billing_month: self.billing_month.clone(),
            service_month: self.service_month.map(|m| m.to_string()).unwrap_or_default(),
            insurer_no: self.insurer_no.clone(),
            kigo: self.kigo.clone(),
            bango: self.bango.clone(),
            edaban: self.edaban.clone(),
            person_id: self.person_id.clone(),
            institution_code: self.institution_code.clone(),
            search_no: self.search_no.clone(),
            rule: f.rule.to_owned(),
            is_primary: f.is_primary,
            severity: f.severity.code().to_owned(),
            certainty: f.certainty.code().to_owned(),
            disposition: f.disposition.map(|d| d.code().to_owned()),
            days_bad: days(f.days_bad),
            days_ok: days(f.days_ok),
            cand_payer: f.cand_payer.clone(),
            retro: f.retro,
            prov_ok: f.prov_ok,
            origin: "IMPORT".to_owned(),
            k_code: catalogue::rule(f.rule).map_or("K99", |r| r.k_code.as_str()).to_owned(),
            reason: f.reason.clone(),
            evidence: f.evidence.to_string(),
            state: "open".to_owned(),
            opened_at: at,
            closed_at: None,
            closed_reason: None,
        }
    }
}

/// Where the claims of one import come from that have no finding of their own but one across claims.
pub type RowsOf<'r> = dyn Fn(&mut dyn FnMut(ClaimKey<'_>) -> bool) -> Result<Vec<ClaimRow>> + 'r;

/// What matching has to say of an import.
pub struct Said {
    /// in the order of the claims, the primary finding first
    pub findings: Vec<FindingRow>,
    /// in the order of the claims
    pub third_party: Vec<ThirdPartyRow>,
}

/// The findings of new claims: those of each claim by itself, and those across claims with what is stored.
pub fn findings(
    matching: &Matching,
    store: Option<&Store>,
    found: Found,
    rows_of: &RowsOf<'_>,
    at: Timestamp,
) -> Result<Said> {
    let stored = match store {
        Some(store) => related(matching, store, &found.pairs, &|_| true)?,
        None => Stored::default(),
    };
    let Found { claims, mut pairs, mut third_party, named, .. } = found;
    if let Some(store) = store {
        let elsewhere = elsewhere(matching, store, &HashSet::new(), &[&third_party])?;
        third_party::join(&mut third_party, &pairs, &elsewhere, &matching.scorers, &matching.owners());
    }
    let whole: HashSet<Month> = stored.months.iter().copied().chain([matching.exam.plus(-1)]).collect();
    pairs.extend(stored.pairs);
    let across =
        pairs::findings(&mut pairs, &|owner| matching.settings(owner), &|c| c.order.0 == NEW_IMPORT, &|m: Month| {
            whole.contains(&m)
        });
    drop(pairs);
    rows(matching, claims, (third_party, named), across, rows_of, at)
}

/// The findings across claims of some imports read again: with the number of the import, and the claim.
/// Imports that were not read again give their stored claims.
pub fn across(
    matching: &Matching,
    store: &Store,
    again: &mut dyn Iterator<Item = &mut Found>,
    fresh: &HashSet<String>,
) -> Result<Vec<(u32, u64, Finding)>> {
    let mut pairs: Vec<PairFacts> = again.flat_map(|f| std::mem::take(&mut f.pairs)).collect();
    let import_of: HashMap<u64, u32> = pairs.iter().map(|p| (p.claim, p.order.0)).collect();
    let stored = related(matching, store, &pairs, &|row| !fresh.contains(&row.import_id))?;
    let whole: HashSet<Month> = stored.months.iter().copied().collect();
    pairs.extend(stored.pairs);
    let found = pairs::findings(
        &mut pairs,
        &|owner| matching.settings(owner),
        &|c| import_of.contains_key(&c.claim),
        &|m: Month| whole.contains(&m),
    );
    Ok(found.into_iter().filter_map(|(claim, f)| Some((*import_of.get(&claim)?, claim, f))).collect())
}

/// Joins the claims of imports that were read again with each other and with those of the others.
pub fn join_third_party(
    matching: &Matching,
    store: &Store,
    again: &mut [&mut Found],
    fresh: &HashSet<String>,
) -> Result<()> {
    let all: Vec<&[Scored]> = again.iter().map(|f| f.third_party.as_slice()).collect();
    let elsewhere = elsewhere(matching, store, fresh, &all)?;
    let mut scored: Vec<Scored> = Vec::new();
    let mut pairs: Vec<PairFacts> = Vec::new();
    let mut import_of: HashMap<u64, usize> = HashMap::new();
    for (no, found) in again.iter_mut().enumerate() {
        import_of.extend(found.pairs.iter().map(|p| (p.claim, no)));
        import_of.extend(found.third_party.iter().map(|s| (s.claim, no)));
        scored.append(&mut found.third_party);
        pairs.extend(found.pairs.iter().cloned());
    }
    third_party::join(&mut scored, &pairs, &elsewhere, &matching.scorers, &matching.owners());
    for s in scored {
        if let Some(no) = import_of.get(&s.claim) {
            again[*no].third_party.push(s);
        }
    }
    Ok(())
}

/// Months before a claim in which an episode may have begun.
const EPISODE_MONTHS: i32 = 12;

/// Candidates of the same persons in imports that are not read again, and what the cases say.
fn elsewhere(matching: &Matching, store: &Store, fresh: &HashSet<String>, scored: &[&[Scored]]) -> Result<Elsewhere> {
    let mut out = Elsewhere::default();
    let persons: HashSet<(&str, &str)> = scored
        .iter()
        .flat_map(|s| s.iter())
        .filter_map(|s| Some((s.owner.as_str(), s.person_id.as_deref()?)))
        .collect();
    let known = crate::commands::known_cases(store)?;
    out.records.answered_no = known.answered_no.into_iter().filter_map(|a| a.episode_id).collect();
    let day =
        |d: jiff::civil::Date| Date::new(d.year().unsigned_abs(), d.month().unsigned_abs(), d.day().unsigned_abs());
    for r in known.registered {
        if let Some(accident) = day(r.from) {
            let person = third_party::person_key(&r.insurer_no, &r.person_id);
            out.records.cases.push(episodes::Case { person, accident, until: day(r.to) });
        }
    }
    for (owner, person_id) in &persons {
        let registry = matching.registers.find(owner).map(|o| &o.registry);
        out.records.cases.extend(registry.and_then(|r| r.find(person_id)).into_iter().flat_map(third_party::cases_of));
    }
    let clusters =
        scored.iter().flat_map(|s| s.iter()).any(|s| s.outcome.injuries.iter().any(|i| i.region == FOOD_REGION));
    let earliest = matching.exam.plus(-EPISODE_MONTHS).to_string();
    for import in store.imports()?.iter().filter(|i| i.is_visible() && i.exam_month >= earliest) {
        if fresh.contains(&import.import_id) || persons.is_empty() {
            continue;
        }
        for row in store.read_third_party(&import.import_id)? {
            let same = row.person_id.as_deref().is_some_and(|p| persons.contains(&(row.owner.as_str(), p)));
            if same || (clusters && row.route == "FOOD") {
                let owner = matching.owner_no(matching.registers.find(&row.owner));
                out.stored.push((owner, row));
            }
        }
    }
    Ok(out)
}

/// Own findings and those across claims, as rows.
pub fn combined(
    matching: &Matching,
    found: Found,
    across: Vec<(u64, Finding)>,
    rows_of: &RowsOf<'_>,
    at: Timestamp,
) -> Result<Said> {
    rows(matching, found.claims, (found.third_party, found.named), across, rows_of, at)
}

fn rows(
    matching: &Matching,
    mut claims: Vec<(Named, Vec<Finding>)>,
    (mut scored, mut named_scored): (Vec<Scored>, HashMap<u64, Named>),
    mut across: Vec<(u64, Finding)>,
    rows_of: &RowsOf<'_>,
    at: Timestamp,
) -> Result<Said> {
    // a claim that is attached to a case or an episode had no name yet
    let nameless: HashSet<u64> =
        scored.iter().map(|s| s.claim).filter(|claim| !named_scored.contains_key(claim)).collect();
    if !nameless.is_empty() {
        for row in rows_of(&mut |key| nameless.contains(&number(key.claim_id)))? {
            named_scored.insert(number(&row.claim_id), Named::of_row(row));
        }
    }
    scored.sort_by_key(|s| (named_scored.get(&s.claim).map(|n| n.order), s.claim));
    let third_party = scored.iter().map(|s| s.row(matching.scorers.rules(s.owner_no))).collect();
    // what was said of a claim by itself gives way to what is said of it beside others
    let changed: HashMap<u64, bool> = scored.iter().filter(|s| s.changed).map(|s| (s.claim, s.outcome.hold)).collect();
    for (named, own) in &mut claims {
        if let Some(hold) = changed.get(&number(&named.claim_id)) {
            own.retain(|f| !third_party::follows(f.rule, *hold));
        }
    }
    let with_findings: HashSet<u64> = claims.iter().map(|(named, _)| number(&named.claim_id)).collect();
    for s in scored.into_iter().filter(|s| s.changed) {
        if let Some(finding) = s.finding(&matching.settings(s.owner_no)) {
            across.push((s.claim, finding));
            if let Some(named) = named_scored.remove(&s.claim).filter(|_| !with_findings.contains(&s.claim)) {
                claims.push((named, Vec::new()));
            }
        }
    }
    let mut by_claim: HashMap<u64, Vec<Finding>> = HashMap::new();
    for (claim, f) in across {
        by_claim.entry(claim).or_default().push(f);
    }
    let mut all: Vec<(Named, Vec<Finding>)> = Vec::with_capacity(claims.len());
    for (named, own) in claims {
        let more = by_claim.remove(&number(&named.claim_id)).unwrap_or_default();
        all.push((named, pairs::combine(own, more)));
    }
    if !by_claim.is_empty() {
        for row in rows_of(&mut |key| by_claim.contains_key(&number(key.claim_id)))? {
            if let Some(more) = by_claim.remove(&number(&row.claim_id)) {
                all.push((Named::of_row(row), pairs::combine(Vec::new(), more)));
            }
        }
    }
    all.sort_by_key(|(named, _)| named.order);
    let findings = all.iter().flat_map(|(named, findings)| findings.iter().map(|f| named.row(f, at))).collect();
    Ok(Said { findings, third_party })
}

/// Stored claims of the same persons and months.
#[derive(Default)]
struct Stored {
    pairs: Vec<PairFacts>,
    /// service months of which a whole import is stored
    months: Vec<Month>,
}

/// The stored claims that the rules across claims set beside some others: those of the same persons in the same
/// month, the one before (prescriptions) and after.
fn related(
    matching: &Matching,
    store: &Store,
    pairs: &[PairFacts],
    wanted: &dyn Fn(&ImportRow) -> bool,
) -> Result<Stored> {
    let mut out = Stored::default();
    let mut imports: Vec<(usize, ImportRow)> = store.imports()?.into_iter().enumerate().collect();
    imports.retain(|(_, i)| i.is_visible());
    out.months.extend(imports.iter().filter_map(|(_, i)| Month::parse_iso(&i.exam_month)).map(|m| m.plus(-1)));
    imports.retain(|(_, i)| wanted(i));
    if imports.is_empty() || pairs.is_empty() {
        return Ok(out);
    }
    let beside = Beside::of(pairs);
    for (no, import) in imports {
        let rows = store.claim_rows(&import.import_id, &mut |key| {
            let month = Month::parse_iso(key.service_month).map_or(0, Month::index);
            beside.any_at(month)
                && person_of(matching, key.owner, key.person_id)
                    .is_some_and(|(owner, person)| beside.has(owner, person, month))
        })?;
        if rows.is_empty() {
            continue;
        }
        let linked = linked(store, &import.import_id, &rows)?;
        out.pairs.extend(rows.iter().filter_map(|r| stored_pair(matching, r, no as u32, linked.get(&r.claim_id))));
    }
    Ok(out)
}

/// The persons of some claims, each with the months of its claims, the one before and the one after.
struct Beside {
    /// months from here on have a bit each, earlier ones share the first
    first: i32,
    any: u64,
    /// by owner, then person
    months: HashMap<u16, Vec<u64>>,
}

impl Beside {
    fn of(pairs: &[PairFacts]) -> Self {
        let last = pairs.iter().map(|p| p.month.index()).max().unwrap_or(0) + 1;
        let mut all = Self { first: last - 63, any: 0, months: HashMap::new() };
        for p in pairs {
            let month = p.month.index();
            let bits = (month - 1..=month + 1).fold(0, |bits, m| bits | all.bit(m));
            all.any |= bits;
            let of = all.months.entry(p.owner).or_default();
            let at = p.person as usize;
            if of.len() <= at {
                of.resize(at + 1, 0);
            }
            of[at] |= bits;
        }
        all
    }

    fn bit(&self, month: i32) -> u64 {
        let at = (month - self.first).max(0);
        if at < 64 { 1 << at } else { 0 }
    }

    fn any_at(&self, month: i32) -> bool {
        self.any & self.bit(month) != 0
    }

    fn has(&self, owner: u16, person: u32, month: i32) -> bool {
        let of = self.months.get(&owner).and_then(|of| of.get(person as usize));
        of.is_some_and(|bits| bits & self.bit(month) != 0)
    }
}

fn person_of(matching: &Matching, owner: &str, person_id: Option<&str>) -> Option<(u16, u32)> {
    let owner = matching.registers.find(owner)?;
    Some((matching.owner_no(Some(owner)), owner.registry.find(person_id?)?.no))
}

/// Open findings of some claims about their qualification: days, disposition and rule.
fn linked(
    store: &Store,
    import_id: &str,
    rows: &[ClaimRow],
) -> Result<HashMap<String, (u32, Disposition, &'static str)>> {
    let wanted: HashSet<&str> = rows.iter().map(|r| r.claim_id.as_str()).collect();
    let mut out: HashMap<String, (u32, Disposition, &'static str)> = HashMap::new();
    for f in store.read_findings(import_id)? {
        let disposition = f.disposition.as_deref().and_then(Disposition::from_code);
        let Some(d) = disposition.filter(|d| pairs::pulls(&f.rule, *d, !f.days_bad.is_empty())) else { continue };
        if f.state != "open" || !wanted.contains(f.claim_id.as_str()) {
            continue;
        }
        let days = f.days_bad.iter().fold(0u32, |m, d| m | 1 << (d.day_of_month() - 1));
        let days = if days == 0 && f.rule.starts_with("E2") { u32::MAX } else { days };
        let Some(rule) = catalogue::rule(&f.rule) else { continue };
        // findings of a claim come primary first
        if days != 0 {
            out.entry(f.claim_id).or_insert((days, d, rule.rule.as_str()));
        }
    }
    Ok(out)
}

/// A stored claim for the rules across claims. What no column says is taken as nothing: prescriptions of a stored
/// 調剤 claim were judged when it came.
fn stored_pair(
    matching: &Matching,
    row: &ClaimRow,
    import_no: u32,
    linked: Option<&(u32, Disposition, &'static str)>,
) -> Option<PairFacts> {
    if row.parent_claim_id.is_some() {
        return None;
    }
    let (owner, person) = person_of(matching, &row.owner, row.person_id.as_deref())?;
    let month = Month::parse_iso(&row.service_month)?;
    let digits = |t: &str| t.parse::<u64>().unwrap_or(0);
    let kind = Kind::ALL.into_iter().find(|k| k.name() == row.kind)?;
    let receipt_type = digits(&row.receipt_type) as u16;
    Some(PairFacts {
        claim: number(&row.claim_id),
        order: (import_no, row.file_no as u32, row.ordinal as u32),
        owner,
        person,
        month,
        payer: row.insurer_no.as_deref().map_or(0, |p| digits(p) as u32),
        institution: digits(&format!("{}{}{}", row.prefecture, row.score_table, row.institution_code)),
        prescriber: row.prescriber.as_deref().map_or(0, digits),
        kind,
        receipt_type,
        inpatient: match kind {
            Kind::Dpc => true,
            Kind::Medical => receipt_type % 2 == 1,
            Kind::Dental => row.admission_date.is_some(),
            Kind::Pharmacy | Kind::Nursing => false,
        },
        department: None,
        publics: None,
        days_n: row.days.unwrap_or(0).clamp(0, i32::from(u16::MAX)) as u16,
        points: if kind == Kind::Nursing { row.cost_yen } else { row.points_effective.unwrap_or(0) },
        days: row.service_days as u32,
        exact: row.days_exact,
        stays_on: row.admission_date.is_some_and(|a| a.year_month() < month),
        divided: matches!(row.confirmation.as_deref(), Some("05" | "12")),
        prescribed: [0; 2],
        refill: false,
        days_bad: linked.map_or(0, |l| l.0),
        linked: linked.map(|l| (l.1, l.2)),
    })
}

/// Rows by rule, those that are open.
pub fn by_rule(rows: &[FindingRow]) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for row in rows.iter().filter(|r| r.state == "open") {
        *out.entry(row.rule.clone()).or_default() += 1;
    }
    out
}
