//! What a run works with: claims of the household months that the month touches, with their corrections, and results so far.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::Result;
use tenken_benefit::{
    Rate, Scheme, Yen,
    month::{Institution, Public, Source, Tokutei},
};
use tenken_matcher::{files::ledger::Event, standing};
use tenken_parser::{Date, Kind, Month};
use tenken_store::{
    Store,
    benefit::{ClaimLine, KnownResult},
    runs::RunKind,
};

use super::Basis;

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

    pub fn given_rate(&self) -> Option<i64> {
        self.corrected_rate.or(self.benefit_rate).map(i64::from)
    }
}

/// Names by number.
#[derive(Default)]
pub struct Names {
    numbers: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(n) = self.numbers.get(name) {
            return *n;
        }
        let n = self.names.len() as u32;
        self.numbers.insert(name.into(), n);
        self.names.push(name.into());
        n
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }
}

/// One household: its months that may have to be worked out.
#[derive(Clone, Debug)]
pub struct Chain {
    pub owner: u16,
    pub kouki: bool,
    pub household: u32,
    /// in order
    pub months: Vec<Month>,
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
    /// by the month itself; the others in a chain are worked out only when 多数回 changes
    pub touched: HashSet<Key>,
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
        let by_search = || claim.search_no.and_then(|no| self.by_search_no.get(no));
        self.by_claim.get(claim.claim_id).or_else(by_search).copied().unwrap_or_default()
    }

    fn touches(&self, claim: &ClaimLine<'_>) -> bool {
        self.touching.contains(claim.claim_id) || claim.search_no.is_some_and(|no| self.touching.contains(no))
    }
}

pub fn id_number(claim_id: &str) -> u64 {
    u64::from_str_radix(claim_id, 16).unwrap_or(0)
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

impl Collected {
    fn key(&mut self, c: &ClaimLine<'_>, owners: &HashMap<String, u16>) -> Option<Key> {
        let (household, _) = (c.household_id?, c.person_id?);
        Some(Key {
            owner: *owners.get(c.owner)?,
            kouki: c.receipt_type.as_bytes().get(1) == Some(&b'3'),
            household: self.households.number(household),
            month: Month::parse_iso(c.service_month)?,
        })
    }

    fn find_key(&self, c: &ClaimLine<'_>, owners: &HashMap<String, u16>) -> Option<Key> {
        Some(Key {
            owner: *owners.get(c.owner)?,
            kouki: c.receipt_type.as_bytes().get(1) == Some(&b'3'),
            household: self.households.find(c.household_id?)?,
            month: Month::parse_iso(c.service_month)?,
        })
    }

    fn push(&mut self, key: Key, c: &ClaimLine<'_>, corrections: &Corrections) {
        let correction = if corrections.is_empty() { Correction::default() } else { corrections.get(c) };
        if correction.gone {
            return;
        }
        let Some(kind) = Kind::ALL.into_iter().find(|k| k.name() == c.kind) else { return };
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
    }

    /// The households with their months, in order of owners, schemes and names.
    pub fn chains(&self) -> Vec<Chain> {
        let mut months: HashMap<(u16, bool, u32), BTreeSet<Month>> = HashMap::new();
        for key in self.touched.iter().chain(self.known.keys()) {
            months.entry(key.chain()).or_default().insert(key.month);
        }
        let mut chains: Vec<Chain> = months
            .into_iter()
            .map(|((owner, kouki, household), months)| Chain { owner, kouki, household, months: months.into_iter().collect() })
            .collect();
        chains.sort_unstable_by(|a, b| {
            let name = |c: &Chain| (c.owner, c.kouki);
            name(a).cmp(&name(b)).then_with(|| self.households.name(a.household).cmp(self.households.name(b.household)))
        });
        chains
    }

    /// The records of a household month, in order of claims.
    pub fn of(&self, key: Key) -> &[Record] {
        let from = self.records.partition_point(|r| r.key < key);
        let to = from + self.records[from..].partition_point(|r| r.key == key);
        &self.records[from..to]
    }
}

pub fn collect(store: &Store, basis: &Basis, insurer: Option<&str>) -> Result<Collected> {
    let exam_month = basis.month.to_string();
    let mut imports = store.imports()?;
    imports.retain(|i| i.is_visible());
    let (of_month, others): (Vec<_>, Vec<_>) = imports.iter().partition(|i| i.exam_month == exam_month);
    let ids = |list: &[&tenken_store::imports::ImportRow]| list.iter().map(|i| i.import_id.clone()).collect::<Vec<_>>();
    let runs = store.runs()?;
    let mut all = Collected {
        imports: ids(&of_month),
        owners: basis.registers.iter().map(|r| r.owner.clone()).collect(),
        ..Collected::default()
    };
    all.ledgers =
        runs.iter().filter(|r| r.kind == RunKind::LedgerLoad && r.is_visible()).map(|r| r.run_id.clone()).collect();
    let is_wanted = |owner: &str| insurer.is_none_or(|i| i == owner);
    let owners: HashMap<String, u16> = (all.owners.iter().enumerate())
        .filter(|(_, o)| is_wanted(o))
        .map(|(i, o)| (o.clone(), i as u16))
        .collect();
    let run_months: HashSet<&str> = (runs.iter().filter(|r| r.kind == RunKind::Benefit && r.is_visible()))
        .filter_map(|r| r.exam_month_from.as_deref())
        .collect();
    let window = others.iter().filter(|i| {
        let month = Month::parse_iso(&i.exam_month);
        month.is_some_and(|m| m < basis.month && m >= basis.month.plus(-11))
    });
    let not_run: BTreeSet<String> =
        window.map(|i| i.exam_month.clone()).filter(|m| !run_months.contains(m.as_str())).collect();
    all.not_run = not_run.into_iter().collect();

    let mut events = Vec::new();
    let mut cash = Vec::new();
    for (owner, no) in &owners {
        events.extend(store.events(owner)?);
        cash.extend(store.cash(owner)?.into_iter().map(|c| (*no, c)));
    }
    cash.sort_by(|a, b| (a.0, &a.1.decision_id).cmp(&(b.0, &b.1.decision_id)));
    let corrections = Corrections::of(&events, basis.month);

    // the claims of the month
    store.each_claim(&all.imports.clone(), |c| {
        if !owners.contains_key(c.owner) {
            // a number of nobody's is no claim that we pay
            all.unidentified += u64::from(is_wanted(c.owner) && is_insured(&c));
        } else if !is_insured(&c) {
            all.not_insured += 1;
        } else if let Some(key) = all.key(&c, &owners) {
            all.claims += 1;
            all.touched.insert(key);
            all.push(key, &c, &corrections);
        } else {
            all.unidentified += 1;
        }
    })?;
    // decisions in cash, and what earlier runs of this month made
    for (owner, c) in &cash {
        if c.decision_date.year_month() == basis.month
            && CASH_GROUPS.contains(&c.row_code.as_str())
            && let Some(household) = &c.household_id
        {
            let kouki = matches!(c.class.as_deref(), Some("30" | "20" | "10"));
            let household = all.households.number(household);
            all.touched.insert(Key { owner: *owner, kouki, household, month: c.service_month });
        }
    }
    for (owner, scheme, household, month) in store.results_of_month(&exam_month)? {
        let (Some(owner), Some(month)) = (owners.get(&owner), Month::parse_iso(&month)) else { continue };
        let household = all.households.number(&household);
        all.touched.insert(Key { owner: *owner, kouki: scheme == Scheme::Kouki.code(), household, month });
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

    // results so far: those of the touched months, and of what comes after them in the same household
    let mut first: HashMap<(u16, bool, u32), Month> = HashMap::new();
    for key in &all.touched {
        let at = first.entry(key.chain()).or_insert(key.month);
        *at = (*at).min(key.month);
    }
    let known = store.known_results(|owner, household| {
        owners.contains_key(owner) && all.households.find(household).is_some()
    })?;
    for ((owner, scheme, household, month), result) in known {
        let (Some(owner), Some(household), Some(month)) =
            (owners.get(&owner), all.households.find(&household), Month::parse_iso(&month))
        else {
            continue;
        };
        let key = Key { owner: *owner, kouki: scheme == Scheme::Kouki.code(), household, month };
        if first.contains_key(&key.chain()) {
            all.known.insert(key, result);
        }
    }

    // the other claims of all months that may be worked out
    let wanted = |all: &Collected, key: &Key| {
        all.touched.contains(key) || (all.known.contains_key(key) && first.get(&key.chain()).is_some_and(|m| *m < key.month))
    };
    let keys = all.touched.iter().chain(all.known.keys()).filter(|k| wanted(&all, k));
    let earliest = keys.map(|k| k.month).min().unwrap_or(basis.month);
    // a month's claims are examined after it
    let elsewhere: Vec<String> = (others.iter())
        .filter(|i| Month::parse_iso(&i.exam_month).is_some_and(|m| m > earliest))
        .map(|i| i.import_id.clone())
        .collect();
    if !elsewhere.is_empty() {
        let mut found: Vec<Key> = Vec::new();
        store.each_claim(&elsewhere, |c| {
            if is_insured(&c)
                && c.person_id.is_some()
                && let Some(key) = all.find_key(&c, &owners)
                && wanted(&all, &key)
            {
                found.push(key);
                all.push(key, &c, &corrections);
            }
        })?;
        all.imports.extend(elsewhere);
    }
    for (owner, c) in &cash {
        if !CASH_GROUPS.contains(&c.row_code.as_str()) {
            continue;
        }
        let (Some(household), Some(person)) = (&c.household_id, &c.person_id) else { continue };
        let Some(household) = all.households.find(household) else { continue };
        let kouki = matches!(c.class.as_deref(), Some("30" | "20" | "10"));
        let key = Key { owner: *owner, kouki, household, month: c.service_month };
        // decisions of later months are not known yet
        if !wanted(&all, &key) || c.decision_date.year_month() > basis.month {
            continue;
        }
        let person_no = all.persons.number(person);
        let birth = basis.registers[usize::from(*owner)].find(person).and_then(|p| p.birth());
        let no = all.decisions.len() as u32;
        all.decisions.push(c.decision_id.clone());
        all.records.push(Record {
            key,
            person: person_no,
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
            birth,
            cost: Yen(c.cost_yen),
            burden: Some(Yen(c.cop_yen)),
            copay: None,
        });
    }
    all.records.sort_unstable_by_key(|r| (r.key, matches!(r.source, Source::Cash(_)), r.id));

    let mut with_publics: HashMap<u64, Vec<Public>> = HashMap::new();
    let claims: HashSet<u64> = all.records.iter().filter(|r| matches!(r.source, Source::Claim(_))).map(|r| r.id).collect();
    store.each_public(&all.imports, |p| {
        let id = id_number(p.claim_id);
        if claims.contains(&id)
            && let [a, b, ..] = p.payer_no.as_bytes()
        {
            let public = Public { law_no: [*a, *b], cost: Yen(p.cost_yen), copay: p.copay_yen.map(Yen) };
            with_publics.entry(id).or_default().push(public);
        }
    })?;
    all.publics = with_publics;
    Ok(all)
}

/// The patient's share of a claim; the second value: nothing said so.
pub fn rate_of(basis: &Basis, r: &Record, person: &str) -> (Rate, bool) {
    let ratio = basis.registers[usize::from(r.key.owner)]
        .find(person)
        .and_then(|p| standing::burden_ratio(p, r.key.month));
    tenken_benefit::month::patient_rate(
        r.key.scheme(),
        r.class,
        r.given_rate(),
        |code| code.parse().is_ok_and(|c| r.has(c)),
        ratio,
    )
}
