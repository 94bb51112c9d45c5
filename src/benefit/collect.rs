//! What a run works with: claims of the household months that the month touches, with their corrections, and results so far.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    ops::Range,
};

use anyhow::Result;
use hashbrown::HashTable;
use tenken_benefit::{
    Rate, Scheme, Yen,
    month::{Institution, Public, Source, Tokutei},
};
use tenken_matcher::{files::ledger::Event, registry::PersonView, standing};
use tenken_parser::{Date, Kind, Month};
use tenken_store::{
    Store,
    benefit::{ClaimLine, ResultLine},
    imports::ImportRow,
    runs::RunKind,
};

/// Whose and which month, in order of owner, scheme, household, month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub owner: u16,
    pub kouki: bool,
    /// number of its name
    pub household: u32,
    pub month: Month,
}

impl Key {
    pub fn scheme(self) -> Scheme {
        if self.kouki { Scheme::Kouki } else { Scheme::Kokuho }
    }

    fn chain(self) -> (u16, bool, u32) {
        (self.owner, self.kouki, self.household)
    }
}

/// A claim or a decision in cash, in few bytes.
#[derive(Clone, Debug)]
pub struct Record {
    pub key: Key,
    /// number of the name
    pub person: u32,
    /// hex digits as a number; of a decision: its place in [`Collected::decisions`]
    pub id: u64,
    pub source: Source,
    pub inpatient: bool,
    pub institution: Institution,
    pub prescriber: Option<Institution>,
    /// the fourth digit of レセプト種別
    pub class: u8,
    pub benefit_rate: Option<i32>,
    /// 給付割合 corrected by an event
    pub corrected_rate: Option<i32>,
    pub tokki: u128,
    pub meal_class: u8,
    pub birth: Option<Date>,
    pub cost: Yen,
    pub burden: Option<Yen>,
    pub copay: Option<Yen>,
}

impl Record {
    pub fn has(&self, code: u32) -> bool {
        self.tokki & (1 << code) != 0
    }

    pub fn codes(&self) -> impl Iterator<Item = u8> + use<> {
        let tokki = self.tokki;
        (0..100u8).filter(move |c| tokki & (1 << c) != 0)
    }

    pub fn tokutei(&self) -> Option<Tokutei> {
        if self.has(16) { Some(Tokutei::Twenty) } else { self.has(2).then_some(Tokutei::Ten) }
    }

    fn given_rate(&self) -> Option<i64> {
        self.corrected_rate.or(self.benefit_rate).map(i64::from)
    }
}

/// Names by number, each held once.
#[derive(Default)]
pub struct Names {
    text: String,
    /// end of each in the text
    ends: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        let hash = self.hasher.hash_one(name);
        if let Some(n) = self.numbers.find(hash, |n| nth(&self.text, &self.ends, *n) == name) {
            return *n;
        }
        let n = self.ends.len() as u32;
        self.text.push_str(name);
        self.ends.push(self.text.len() as u32);
        let (text, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.numbers.insert_unique(hash, n, |n| hasher.hash_one(nth(text, ends, *n)));
        n
    }

    fn find(&self, name: &str) -> Option<u32> {
        self.numbers.find(self.hasher.hash_one(name), |n| self.name(*n) == name).copied()
    }

    pub fn name(&self, number: u32) -> &str {
        nth(&self.text, &self.ends, number)
    }
}

fn nth<'t>(text: &'t str, ends: &[u32], number: u32) -> &'t str {
    let at = number as usize;
    let from = if at == 0 { 0 } else { ends[at - 1] };
    &text[from as usize..ends[at] as usize]
}

/// The newest version of a household month.
#[derive(Clone, Copy, Debug)]
pub struct KnownResult {
    pub version: i32,
    pub benefit_yen: i64,
    pub hit: bool,
    /// hex digits as a number
    pub input_hash: u64,
}

/// One household: its months that may have to be worked out.
#[derive(Clone, Debug)]
pub struct Chain {
    pub owner: u16,
    pub kouki: bool,
    pub household: u32,
    /// in order, with whether the month itself is touched
    pub months: Vec<(Month, bool)>,
    /// places of its records
    pub records: Range<usize>,
}

/// Everything of a run.
#[derive(Default)]
pub struct Collected {
    pub households: Names,
    pub persons: Names,
    /// in order of keys, then of claims
    pub records: Vec<Record>,
    pub publics: HashMap<u64, Vec<Public>>,
    /// numbers of decisions in cash
    pub decisions: Vec<String>,
    /// by the month itself, in order; the others in a chain are worked out only when 多数回 changes
    touched: Vec<Key>,
    /// results so far of the households that are touched
    pub known: HashMap<Key, KnownResult>,
    pub owners: Vec<String>,
    pub imports: Vec<String>,
    pub ledgers: Vec<String>,
    pub not_run: Vec<String>,
    pub unidentified: u64,
    pub not_insured: u64,
    pub claims: u64,
}

/// What events say of a claim now.
#[derive(Clone, Copy, Debug, Default)]
struct Correction {
    /// 過誤, 保険者間調整: it is no claim of this insurer any more
    gone: bool,
    /// signed 点 (訪問看護: 円)
    points: i64,
    rate: Option<i32>,
}

/// Corrections by claim and by 検索番号, and those of the month that touch their claims.
#[derive(Default)]
struct Corrections {
    by_claim: HashMap<String, Correction>,
    by_search_no: HashMap<String, Correction>,
    touching: HashSet<String>,
}

impl Corrections {
    fn of(events: &[Event], exam_month: Month) -> Self {
        let reversed: HashSet<&str> = events.iter().filter_map(|e| e.reverses.as_deref()).collect();
        let mut all = Self::default();
        for e in events {
            let name = e.claim_id.as_ref().or(e.search_no.as_ref());
            if e.exam_month == exam_month {
                all.touching.extend(name.cloned());
            }
            // an event that was taken back has no effect, and what takes it back has none beside
            if reversed.contains(e.event_id.as_str()) || e.reverses.is_some() {
                continue;
            }
            let of = match (&e.claim_id, &e.search_no) {
                (Some(id), _) => all.by_claim.entry(id.clone()).or_default(),
                (None, Some(no)) => all.by_search_no.entry(no.clone()).or_default(),
                (None, None) => continue,
            };
            match e.kind.as_str() {
                "kago" | "hokenshakan" => of.gone = true,
                "satei" | "fukkatsu" => of.points += e.delta_points.unwrap_or(0),
                "ratio" => of.rate = e.new_rate,
                _ => {}
            }
        }
        all
    }

    fn is_empty(&self) -> bool {
        self.by_claim.is_empty() && self.by_search_no.is_empty() && self.touching.is_empty()
    }

    fn get(&self, claim: &ClaimLine<'_>) -> Correction {
        if self.is_empty() {
            return Correction::default();
        }
        let by_search = || claim.search_no.and_then(|no| self.by_search_no.get(no));
        self.by_claim.get(claim.claim_id).or_else(by_search).copied().unwrap_or_default()
    }

    fn touches(&self, claim: &ClaimLine<'_>) -> bool {
        self.touching.contains(claim.claim_id) || claim.search_no.is_some_and(|no| self.touching.contains(no))
    }
}

/// Sixteen hex digits as a number.
pub fn id_number(hex: &str) -> u64 {
    u64::from_str_radix(hex, 16).unwrap_or(0)
}

fn institution(prefecture: &str, table: &str, code: &str) -> Institution {
    let mut number = 0u64;
    for b in prefecture.bytes().chain(table.bytes()).chain(code.bytes()).filter(u8::is_ascii_digit) {
        number = number.wrapping_mul(10).wrapping_add(u64::from(b - b'0'));
    }
    Institution(number)
}

/// Decisions of 療養費 that are groups of a household (high-cost.md 3).
const CASH_GROUPS: std::ops::RangeInclusive<&str> = "R12"..="R17";

/// Whether an insurer pays for the claim: not 公費単独, not a part of a 総括.
fn is_insured(c: &ClaimLine<'_>) -> bool {
    !c.is_subordinate && c.insurer_no.is_some() && c.receipt_type.as_bytes().get(1) != Some(&b'2')
}

fn is_kouki(c: &ClaimLine<'_>) -> bool {
    c.receipt_type.as_bytes().get(1) == Some(&b'3')
}

/// Numbers of owners by name.
type Owners = HashMap<String, u16>;

impl Collected {
    fn key(&mut self, c: &ClaimLine<'_>, owners: &Owners) -> Option<Key> {
        let (household, _) = (c.household_id?, c.person_id?);
        Some(Key {
            owner: *owners.get(c.owner)?,
            kouki: is_kouki(c),
            household: self.households.number(household),
            month: Month::parse_iso(c.service_month)?,
        })
    }

    /// The same, when the household is known here.
    fn find_key(&self, c: &ClaimLine<'_>, owners: &Owners) -> Option<Key> {
        Some(Key {
            owner: *owners.get(c.owner)?,
            kouki: is_kouki(c),
            household: self.households.find(c.household_id?)?,
            month: Month::parse_iso(c.service_month)?,
        })
    }

    /// Whether the claim is one at all: an event may have taken it away.
    fn push(&mut self, key: Key, c: &ClaimLine<'_>, corrections: &Corrections) -> bool {
        let correction = corrections.get(c);
        let kind = Kind::ALL.into_iter().find(|k| k.name() == c.kind);
        let Some(kind) = kind.filter(|_| !correction.gone) else { return false };
        let class = c.receipt_type.as_bytes().get(3).map_or(2, |d| d.wrapping_sub(b'0'));
        let inpatient = match kind {
            Kind::Dpc => true,
            Kind::Medical => class % 2 == 1,
            Kind::Dental => c.admission_date.is_some(),
            Kind::Pharmacy | Kind::Nursing => false,
        };
        let per_point = if kind == Kind::Nursing { 1 } else { 10 };
        let person = self.persons.number(c.person_id.unwrap_or_default());
        self.records.push(Record {
            key,
            person,
            id: id_number(c.claim_id),
            source: Source::Claim(kind),
            inpatient,
            institution: institution(c.prefecture, c.score_table, c.institution_code),
            prescriber: c.prescriber.and_then(Institution::parse).filter(|_| kind == Kind::Pharmacy),
            class,
            benefit_rate: c.benefit_rate,
            corrected_rate: correction.rate,
            tokki: c.tokki,
            meal_class: c.copay_meal_class.and_then(|m| m.parse().ok()).unwrap_or(0),
            birth: c.birth_date,
            cost: Yen((c.cost_yen + correction.points * per_point).max(0)),
            burden: None,
            // an amount that was written for other points says nothing of these
            copay: c.copay_yen.map(Yen).filter(|_| correction.points == 0),
        });
        true
    }

    fn sort(&mut self) {
        self.records.sort_unstable_by_key(|r| (r.key, matches!(r.source, Source::Cash(_)), r.id));
    }

    /// The first month of a key's household that is touched.
    fn first_touched(&self, key: &Key) -> Option<Month> {
        let at = self.touched.partition_point(|t| t.chain() < key.chain());
        self.touched.get(at).filter(|t| t.chain() == key.chain()).map(|t| t.month)
    }

    /// Whether a month may be worked out: it is touched, or follows one in its household and has a result.
    fn is_wanted(&self, key: &Key) -> bool {
        self.touched.binary_search(key).is_ok()
            || (self.known.contains_key(key) && self.first_touched(key).is_some_and(|first| first < key.month))
    }

    /// The households with their months, in order of owners, schemes and names.
    pub fn chains(&self) -> Vec<Chain> {
        let mut keys: Vec<Key> = self.touched.iter().chain(self.known.keys()).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        let mut chains: Vec<Chain> = Vec::new();
        let mut touched = self.touched.iter().peekable();
        let mut at = 0;
        for of in keys.chunk_by(|a, b| a.chain() == b.chain()) {
            let first = of[0];
            let months = of.iter().map(|key| (key.month, touched.next_if(|t| *t == key).is_some())).collect();
            let from = at + self.records[at..].iter().take_while(|r| r.key.chain() < first.chain()).count();
            at = from + self.records[from..].iter().take_while(|r| r.key.chain() == first.chain()).count();
            let Key { owner, kouki, household, .. } = first;
            chains.push(Chain { owner, kouki, household, months, records: from..at });
        }
        chains.sort_unstable_by(|a, b| {
            let name = |c: &Chain| (c.owner, c.kouki);
            name(a).cmp(&name(b)).then_with(|| self.households.name(a.household).cmp(self.households.name(b.household)))
        });
        chains
    }

    /// The records of a month of a household, in order of claims.
    pub fn of(&self, chain: &Chain, month: Month) -> &[Record] {
        let all = &self.records[chain.records.clone()];
        let from = all.partition_point(|r| r.key.month < month);
        let to = from + all[from..].partition_point(|r| r.key.month == month);
        &all[from..to]
    }
}

fn ids<'i>(imports: impl IntoIterator<Item = &'i &'i ImportRow>) -> Vec<String> {
    imports.into_iter().map(|i| i.import_id.clone()).collect()
}

/// Collects the claims of a month for some owners, in the order of their numbers.
pub fn collect(store: &Store, month: Month, owners: &[String], insurer: Option<&str>) -> Result<Collected> {
    let exam_month = month.to_string();
    let mut imports = store.imports()?;
    imports.retain(|i| i.is_visible());
    let (of_month, others): (Vec<&ImportRow>, Vec<&ImportRow>) =
        imports.iter().partition(|i| i.exam_month == exam_month);
    let mut all = Collected { imports: ids(&of_month), owners: owners.to_vec(), ..Collected::default() };
    let is_ours = |owner: &str| insurer.is_none_or(|i| i == owner);
    let owners: Owners =
        (all.owners.iter().enumerate()).filter(|(_, o)| is_ours(o)).map(|(i, o)| (o.clone(), i as u16)).collect();
    of_runs(store, &mut all, &others, month)?;

    let mut events = Vec::new();
    let mut cash = Vec::new();
    for (owner, no) in &owners {
        events.extend(store.events(owner)?);
        cash.extend(store.cash(owner)?.into_iter().map(|c| (*no, c)));
    }
    cash.retain(|(_, c)| CASH_GROUPS.contains(&c.row_code.as_str()));
    cash.sort_by(|a, b| (a.0, &a.1.decision_id).cmp(&(b.0, &b.1.decision_id)));
    let corrections = Corrections::of(&events, month);

    // the claims of the month
    all.records.reserve(of_month.iter().map(|i| usize::try_from(i.claims).unwrap_or(0)).sum());
    store.each_claim(&ids(&of_month), |c| {
        if !owners.contains_key(c.owner) {
            // a number of nobody's is no claim that we pay
            all.unidentified += u64::from(is_ours(c.owner) && is_insured(&c));
        } else if !is_insured(&c) {
            all.not_insured += 1;
        } else if let Some(key) = all.key(&c, &owners) {
            all.claims += 1;
            if !all.push(key, &c, &corrections) {
                all.touched.push(key);
            }
        } else {
            all.unidentified += 1;
        }
    })?;
    all.sort();
    for of in all.records.chunk_by(|a, b| a.key == b.key) {
        all.touched.push(of[0].key);
    }
    // decisions in cash, and what earlier runs of this month made
    for (owner, c) in &cash {
        if c.decision_date.year_month() == month
            && let Some(household) = &c.household_id
        {
            let key = cash_key(&mut all.households, *owner, c.class.as_deref(), household, c.service_month);
            all.touched.push(key);
        }
    }
    let has_results = store.has_results()?;
    if has_results {
        let (households, touched) = (&mut all.households, &mut all.touched);
        store.each_version(|r| {
            if r.exam_month == exam_month
                && let Some(owner) = owners.get(r.owner)
                && let Some(month) = Month::parse_iso(r.service_month)
            {
                let kouki = r.scheme == Scheme::Kouki.code();
                touched.push(Key { owner: *owner, kouki, household: households.number(r.household_id), month });
            }
        })?;
    }
    // claims that an event of the month speaks of
    if !corrections.touching.is_empty() {
        let mut found = Vec::new();
        store.each_claim(&ids(&others), |c| {
            if is_insured(&c)
                && corrections.touches(&c)
                && let Some(key) = all.key(&c, &owners)
            {
                found.push(key);
            }
        })?;
        all.touched.extend(found);
    }
    all.touched.sort_unstable();
    all.touched.dedup();

    if has_results {
        known(store, &mut all, &owners)?;
    }
    other_months(store, &mut all, &owners, &others, month, &corrections)?;
    for (owner, c) in &cash {
        let (Some(household), Some(person)) = (&c.household_id, &c.person_id) else { continue };
        let key = cash_key(&mut all.households, *owner, c.class.as_deref(), household, c.service_month);
        // decisions of later months are not known yet
        if !all.is_wanted(&key) || c.decision_date.year_month() > month {
            continue;
        }
        let no = all.decisions.len() as u32;
        all.decisions.push(c.decision_id.clone());
        let person = all.persons.number(person);
        all.records.push(Record {
            key,
            person,
            id: u64::from(no),
            source: Source::Cash(no),
            inpatient: false,
            institution: Institution(0),
            prescriber: None,
            class: 2,
            benefit_rate: None,
            corrected_rate: None,
            tokki: 0,
            meal_class: 0,
            birth: None,
            cost: Yen(c.cost_yen),
            burden: Some(Yen(c.cop_yen)),
            copay: None,
        });
    }
    all.sort();
    publics(store, &mut all)?;
    Ok(all)
}

/// Loads of ledgers, and months before this one that nobody worked out.
fn of_runs(store: &Store, all: &mut Collected, others: &[&ImportRow], month: Month) -> Result<()> {
    let mut runs = store.runs()?;
    runs.retain(|r| r.is_visible());
    all.ledgers = runs.iter().filter(|r| r.kind == RunKind::LedgerLoad).map(|r| r.run_id.clone()).collect();
    let worked_out: HashSet<&str> =
        (runs.iter().filter(|r| r.kind == RunKind::Benefit)).filter_map(|r| r.exam_month_from.as_deref()).collect();
    all.not_run = (others.iter())
        .filter(|i| Month::parse_iso(&i.exam_month).is_some_and(|m| m < month && m >= month.plus(-11)))
        .map(|i| i.exam_month.clone())
        .filter(|m| !worked_out.contains(m.as_str()))
        .collect();
    all.not_run.sort();
    all.not_run.dedup();
    Ok(())
}

fn cash_key(households: &mut Names, owner: u16, class: Option<&str>, household: &str, month: Month) -> Key {
    let kouki = matches!(class, Some("30" | "20" | "10"));
    Key { owner, kouki, household: households.number(household), month }
}

/// Results so far: of the touched months and what comes after them in the same household, and the hits before.
fn known(store: &Store, all: &mut Collected, owners: &Owners) -> Result<()> {
    let mut found: HashMap<Key, KnownResult> = HashMap::new();
    store.each_version(|r: ResultLine<'_>| {
        let (Some(owner), Some(household), Some(month)) =
            (owners.get(r.owner), all.households.find(r.household_id), Month::parse_iso(r.service_month))
        else {
            return;
        };
        let key = Key { owner: *owner, kouki: r.scheme == Scheme::Kouki.code(), household, month };
        let Some(first) = all.first_touched(&key) else { return };
        // a month before them matters only when it counts; a later version may say that it does not
        if month < first && !r.hit && r.version == 1 {
            return;
        }
        let newer = KnownResult {
            version: r.version,
            benefit_yen: r.benefit_yen,
            hit: r.hit,
            input_hash: id_number(r.input_hash),
        };
        let at = found.entry(key).or_insert(newer);
        if at.version < newer.version {
            *at = newer;
        }
    })?;
    all.known = found;
    Ok(())
}

/// The claims of other imports that belong to months which may be worked out.
fn other_months(
    store: &Store,
    all: &mut Collected,
    owners: &Owners,
    others: &[&ImportRow],
    month: Month,
    corrections: &Corrections,
) -> Result<()> {
    let keys = all.touched.iter().chain(all.known.keys()).filter(|k| all.is_wanted(k));
    let earliest = keys.map(|k| k.month).min().unwrap_or(month);
    // a month's claims are examined after it
    let after = |i: &&&ImportRow| Month::parse_iso(&i.exam_month).is_some_and(|m| m > earliest);
    let elsewhere = ids(others.iter().filter(after));
    if elsewhere.is_empty() {
        return Ok(());
    }
    store.each_claim(&elsewhere, |c| {
        if is_insured(&c)
            && c.person_id.is_some()
            && let Some(key) = all.find_key(&c, owners)
            && all.is_wanted(&key)
        {
            all.push(key, &c, corrections);
        }
    })?;
    all.imports.extend(elsewhere);
    Ok(())
}

fn publics(store: &Store, all: &mut Collected) -> Result<()> {
    let mut claims: Vec<u64> =
        all.records.iter().filter(|r| matches!(r.source, Source::Claim(_))).map(|r| r.id).collect();
    claims.sort_unstable();
    let publics = &mut all.publics;
    store.each_public(&all.imports, |p| {
        let id = id_number(p.claim_id);
        if claims.binary_search(&id).is_ok()
            && let [a, b, ..] = p.payer_no.as_bytes()
        {
            let public = Public { law_no: [*a, *b], cost: Yen(p.cost_yen), copay: p.copay_yen.map(Yen) };
            publics.entry(id).or_default().push(public);
        }
    })?;
    Ok(())
}

/// The patient's share of a claim; the second value: nothing said so.
pub fn rate_of(r: &Record, person: Option<PersonView<'_>>) -> (Rate, bool) {
    let ratio = if r.key.kouki { person.and_then(|p| standing::burden_ratio(p, r.key.month)) } else { None };
    tenken_benefit::month::patient_rate(
        r.key.scheme(),
        r.class,
        r.given_rate(),
        |code| code.parse().is_ok_and(|c| r.has(c)),
        ratio,
    )
}
