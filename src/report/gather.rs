//! The signed lines of months: claims of their imports, events and decisions of the ledger files (reports.md 3).

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;
use tenken_benefit::{
    AgeBand, Law, Scheme as BenefitScheme, Share, Yen,
    month::{Public, patient_rate},
    tokki,
};
use tenken_matcher::{
    files::ledger::{Cash, Event as EventRow},
    registry::{OwnerRegistry, rows::Scheme as RegistryScheme},
    standing,
};
use tenken_parser::{Date, Kind, Month};
use tenken_report::{
    Class, Cube, Event, Key, Line, Measures, Scheme,
    booking::{self, Change, DecidedClaim, OwnLimit},
    cube::Label,
    line::{Category, RowCode},
};
use tenken_store::{
    Store,
    data::Encoded,
    decided::DecidedLine,
    tables::{
        columns::Columns,
        report::{LedgerRow, ledger as tables_ledger, push_line},
    },
};

use super::lists;
use crate::benefit::{UNKNOWN_70_PLUS, UNKNOWN_UNDER_70, collect::id_number};

/// Rows of the ledger in one data file.
const ROWS: usize = 100_000;

/// A line with whose it is. `Debug` is not derived: it names a person by number.
#[derive(Clone)]
pub struct Entry {
    pub line: Line,
    pub line_id: String,
    pub claim_id: Option<String>,
    pub person_id: Option<String>,
    pub household_id: Option<String>,
    pub reverses: Option<String>,
    pub note: Option<String>,
}

/// A claim over the least threshold of the insurer's shares of high costs.
#[derive(Clone)]
pub struct HighClaim {
    pub claim_id: String,
    pub service_month: String,
    pub cost: i64,
    pub meal: i64,
    /// 給付割合 %
    pub rate: u8,
    pub inpatient: bool,
    pub with_public: bool,
}

/// Upper ends of the classes of a claim's cost, 円; the last class is open.
pub const COST_CLASSES: [i64; 13] =
    [3_000, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 200_000, 400_000, 800_000, 900_000, 2_000_000, 4_200_000];

/// Ages of five years; the last is open (90 and over).
pub const AGE_BANDS: usize = 19;

/// What a month of an owner is made of.
#[derive(Clone, Default)]
pub struct OwnerMonth {
    pub cube: Cube,
    pub high: Vec<HighClaim>,
    /// claims by class of cost
    pub by_cost: [u64; COST_CLASSES.len() + 1],
    /// 円 by age at treatment
    pub by_age: [i64; AGE_BANDS],
    /// lines that were asked for
    pub entries: Vec<Entry>,
    pub claims: u64,
    /// patient's shares taken from a programme's rate
    pub assumed: u64,
    pub needs_decision: u64,
    /// 後期 claims whose rate nothing says
    pub rate_unknown: u64,
    /// limits that have no row
    pub no_limit: u64,
}

impl OwnerMonth {
    fn join(&mut self, other: Self) {
        self.cube.join(other.cube);
        self.high.extend(other.high);
        self.by_cost.iter_mut().zip(other.by_cost).for_each(|(a, b)| *a += b);
        self.by_age.iter_mut().zip(other.by_age).for_each(|(a, b)| *a += b);
        self.entries.extend(other.entries);
        self.claims += other.claims;
        self.assumed += other.assumed;
        self.needs_decision += other.needs_decision;
        self.rate_unknown += other.rate_unknown;
        self.no_limit += other.no_limit;
    }
}

/// By owner and label month.
pub type Months = BTreeMap<(String, Month), OwnerMonth>;

/// What is asked of the lines.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// in order
    pub labels: &'a [Label],
    pub insurer: Option<&'a str>,
    /// lines under these keys are wanted one by one
    pub wanted: Option<&'a (dyn Fn(&Key) -> bool + Sync)>,
    /// … and those of these claims
    pub claims: Option<&'a HashSet<String>>,
    /// the month whose ledger is written
    pub ledger: Option<Label>,
    /// claims over this are wanted, 円
    pub high_over: i64,
}

/// What lines are worked out with.
pub struct Basis<'b> {
    pub law: &'b Law,
    pub accepted: &'b [String],
    pub registers: &'b [OwnerRegistry],
}

/// Lines by month, and the ledger as data files.
#[derive(Default)]
pub struct Gathered {
    pub months: Months,
    /// by owner
    pub ledger: Vec<(String, Encoded)>,
    pub warnings: Vec<String>,
}

/// A claim that an event speaks of.
struct Spoken {
    owner: String,
    claim_id: String,
    search_no: Option<String>,
    person_id: Option<String>,
    household_id: Option<String>,
    lines: Vec<Line>,
}

/// What one thread has made.
struct Taken {
    months: HashMap<String, Vec<OwnerMonth>>,
    spoken: Vec<Spoken>,
    ledger: HashMap<String, Columns>,
    encoded: Vec<(String, Encoded)>,
    failed: Option<tenken_store::Error>,
}

struct Reader<'r> {
    basis: &'r Basis<'r>,
    asked: Asked<'r>,
    publics: &'r HashMap<u64, Vec<Public>>,
    /// claims and 検索番号 of events
    spoken_of: &'r HashSet<String>,
    /// by place in `asked.labels`
    exam_texts: Vec<(String, String)>,
}

/// An insurer pays for it: not 公費単独, not a part of a 総括.
fn is_insured(c: &DecidedLine<'_>) -> bool {
    !c.is_subordinate && c.insurer_no.is_some() && c.receipt_type.as_bytes().get(1) != Some(&b'2')
}

/// The lines of some months.
pub fn gather(store: &Store, basis: &Basis<'_>, asked: Asked<'_>) -> Result<Gathered> {
    let label_of = |exam: &str| asked.labels.iter().position(|l| l.exam.to_string() == exam);
    let mut imports = store.imports()?;
    imports.retain(|i| i.is_visible());
    let owners: Vec<&str> = basis.registers.iter().map(|r| r.owner.as_str()).collect();
    let mut events: Vec<(String, EventRow)> = Vec::new();
    let mut cash: Vec<(String, Cash)> = Vec::new();
    let loads = store.ledger_owners()?;
    for owner in loads.iter().filter(|o| asked.insurer.is_none_or(|i| i == o.as_str())) {
        events.extend(store.events(owner)?.into_iter().map(|e| (owner.clone(), e)));
        cash.extend(store.cash(owner)?.into_iter().map(|c| (owner.clone(), c)));
    }
    let settled = |e: &EventRow| asked.labels.iter().any(|l| l.exam == e.exam_month || l.pay == e.pay_month);
    let spoken_of: HashSet<String> = (events.iter())
        .filter(|(_, e)| settled(e))
        .filter_map(|(_, e)| e.claim_id.clone().or_else(|| e.search_no.clone()))
        .collect();
    // what an event speaks of may lie in any month
    let of_labels = |exam: &str| label_of(exam).is_some();
    let elsewhere = lists::imports_of(store, &spoken_of)?;
    let wanted: Vec<String> = (imports.iter())
        .filter(|i| of_labels(&i.exam_month) || elsewhere.contains(&i.import_id))
        .map(|i| i.import_id.clone())
        .collect();
    let mut publics: HashMap<u64, Vec<Public>> = HashMap::new();
    store.each_public(&wanted, |p| {
        if let [a, b, ..] = p.payer_no.as_bytes() {
            let public = Public { law_no: [*a, *b], cost: Yen(p.cost_yen), copay: p.copay_yen.map(Yen) };
            publics.entry(id_number(p.claim_id)).or_default().push(public);
        }
    })?;
    let reader = Reader {
        basis,
        asked,
        publics: &publics,
        spoken_of: &spoken_of,
        exam_texts: asked.labels.iter().map(|l| (l.exam.to_string(), l.pay.to_string())).collect(),
    };
    let begin = || Taken {
        months: HashMap::new(),
        spoken: Vec::new(),
        ledger: HashMap::new(),
        encoded: Vec::new(),
        failed: None,
    };
    let shares = store.fold_decided(&wanted, begin, |share, c| reader.read(share, &c, &owners))?;
    let mut out = Gathered::default();
    let mut spoken: Vec<Spoken> = Vec::new();
    for share in shares {
        if let Some(failed) = share.failed {
            return Err(failed.into());
        }
        for (owner, months) in share.months {
            for (label, month) in asked.labels.iter().zip(months) {
                out.months.entry((owner.clone(), label.month)).or_default().join(month);
            }
        }
        spoken.extend(share.spoken);
        out.ledger.extend(share.encoded);
        for (owner, columns) in share.ledger {
            if columns.rows() > 0 {
                out.ledger.push((owner, Encoded::of(&columns)?));
            }
        }
    }
    // claims come in the order in which threads took the files
    for month in out.months.values_mut() {
        month.high.sort_by(|a, b| (b.cost + b.meal, &a.claim_id).cmp(&(a.cost + a.meal, &b.claim_id)));
        month.entries.sort_by(|a, b| a.line_id.cmp(&b.line_id));
    }
    // earlier events of the same claims are needed too; those of other claims are not asked for
    events.retain(|(_, e)| e.claim_id.as_ref().or(e.search_no.as_ref()).is_some_and(|n| spoken_of.contains(n)));
    let entries = booked_by_events(&events, spoken, &mut out.warnings);
    let entries: Vec<(String, Entry)> =
        entries.into_iter().chain(booked_in_cash(&cash, basis, &mut out.warnings)).collect();
    put(entries, asked, &mut out)?;
    Ok(out)
}

impl Reader<'_> {
    fn read(&self, share: &mut Taken, c: &DecidedLine<'_>, owners: &[&str]) {
        let place = self.asked.labels.iter().position(|l| l.exam == c.exam_month);
        let spoken = !self.spoken_of.is_empty()
            && (self.spoken_of.contains(c.claim_id) || c.search_no.is_some_and(|n| self.spoken_of.contains(n)));
        if (place.is_none() && !spoken) || !is_insured(c) || self.asked.insurer.is_some_and(|i| i != c.owner) {
            return;
        }
        // a number of nobody's is no claim that we pay; without any register all are taken as they are
        if !owners.is_empty() && !owners.contains(&c.owner) {
            return;
        }
        let Some(kind) = Kind::ALL.into_iter().find(|k| k.name() == c.kind) else { return };
        let Some(service_month) = Month::parse_iso(c.service_month) else { return };
        let digit = |at: usize| c.receipt_type.as_bytes().get(at).map_or(0, |d| d.wrapping_sub(b'0'));
        let (payer, class) = (digit(1), digit(3));
        let registry = self.basis.registers.iter().find(|r| r.owner == c.owner);
        let publics: &[Public] = self.publics.get(&id_number(c.claim_id)).map_or(&[], Vec::as_slice);
        let kouki = payer == 3;
        let with_limit = !publics.is_empty() && booking::needs_limit(self.basis.law, publics);
        let person = if kouki || with_limit { registry.zip(c.person_id).and_then(|(r, p)| r.find(p)) } else { None };
        let has = |code: &str| code.parse().is_ok_and(|n: u32| c.tokki & (1 << n) != 0);
        let scheme = if kouki { BenefitScheme::Kouki } else { BenefitScheme::Kokuho };
        let ratio = person.filter(|_| kouki).and_then(|p| standing::burden_ratio(p, service_month));
        let (rate, unknown) = patient_rate(scheme, class, c.benefit_rate.map(i64::from), has, ratio);
        let claim = DecidedClaim {
            kind,
            payer,
            class,
            service_month,
            exam_month: c.exam_month,
            birth: c.birth_date,
            inpatient: match kind {
                Kind::Dpc => true,
                Kind::Medical => class % 2 == 1,
                Kind::Dental => c.admission_date.is_some(),
                Kind::Pharmacy | Kind::Nursing => false,
            },
            rate,
            days: i64::from(c.days.unwrap_or(0)),
            cost: Yen(c.cost_yen),
            meal_count: i64::from(c.meal_count.unwrap_or(0)),
            meal: Yen(c.meal_yen.unwrap_or(0)),
            meal_copay: Yen(c.meal_copay_yen.unwrap_or(0)),
            copay: c.copay_yen.map(Yen),
            relieved: c.relief_class.is_some(),
            tokki: c.tokki,
            publics,
        };
        let law = self.basis.law;
        let own = if with_limit { self.own_limit(&claim, registry, person, c.household_id) } else { None };
        let limitless = with_limit && own.is_none();
        let shares = match booking::shares(law, &claim, own, self.basis.accepted) {
            Ok(shares) if !limitless => shares,
            // without a limit the programme's share stays with the patient's, and the report says so
            _ => booking::shares(law, &DecidedClaim { publics: &[], ..claim.clone() }, None, &[]).unwrap_or_default(),
        };
        let lines: Vec<Line> = booking::lines_of_claim(&claim, &shares).collect();
        let Taken { months, spoken: said, ledger, encoded, failed } = share;
        if spoken {
            said.push(Spoken {
                owner: c.owner.to_owned(),
                claim_id: c.claim_id.to_owned(),
                search_no: c.search_no.map(str::to_owned),
                person_id: c.person_id.map(str::to_owned),
                household_id: c.household_id.map(str::to_owned),
                lines: lines.clone(),
            });
        }
        let Some(place) = place else { return };
        let label = self.asked.labels[place];
        if !months.contains_key(c.owner) {
            months.insert(c.owner.to_owned(), vec![OwnerMonth::default(); self.asked.labels.len()]);
        }
        let month = &mut months.get_mut(c.owner).expect("just put")[place];
        month.claims += 1;
        month.assumed += u64::from(shares.assumed);
        month.needs_decision += u64::from(shares.needs_decision);
        month.rate_unknown += u64::from(unknown);
        month.no_limit += u64::from(limitless);
        let cost = claim.cost.0 + claim.meal.0;
        month.by_cost[COST_CLASSES.partition_point(|end| *end < cost)] += 1;
        if let Some(birth) = claim.birth {
            month.by_age[age_band(birth, service_month)] += cost;
        }
        // the insurer's shares of high costs are those of general members of 国保
        if cost > self.asked.high_over && claim.scheme() == Scheme::General {
            month.high.push(HighClaim {
                claim_id: c.claim_id.to_owned(),
                service_month: c.service_month.to_owned(),
                cost: claim.cost.0,
                meal: claim.meal.0,
                rate: ((10_000 - rate.0) / 100) as u8,
                inpatient: claim.inpatient,
                with_public: !publics.is_empty(),
            });
        }
        for line in lines {
            let key = Key::of(&line, label);
            month.cube.add(key, line.measures);
            if self.asked.wanted.is_some_and(|w| w(&key)) || self.asked.claims.is_some_and(|of| of.contains(c.claim_id))
            {
                month.entries.push(Entry {
                    line_id: format!("{}:{}", c.claim_id, line.row.as_str()),
                    claim_id: Some(c.claim_id.to_owned()),
                    person_id: c.person_id.map(str::to_owned),
                    household_id: c.household_id.map(str::to_owned),
                    reverses: None,
                    note: None,
                    line: line.clone(),
                });
            }
            if self.asked.ledger == Some(label) {
                let (exam, pay) = &self.exam_texts[place];
                let mut line_id = String::with_capacity(20);
                line_id.push_str(c.claim_id);
                line_id.push(':');
                line_id.push_str(line.row.as_str());
                let row = LedgerRow {
                    line_id: &line_id,
                    claim_id: Some(c.claim_id),
                    person_id: c.person_id,
                    household_id: c.household_id,
                    service_month: c.service_month,
                    exam_month: exam,
                    pay_month: pay,
                    reverses: None,
                    note: None,
                    ..ledger_row(&line)
                };
                if let Err(e) = put_row(ledger, encoded, c.owner, &row) {
                    *failed = Some(e);
                }
            }
        }
    }

    /// The limit of the person, as the batch of 高額療養費 takes it.
    fn own_limit(
        &self,
        claim: &DecidedClaim<'_>,
        registry: Option<&OwnerRegistry>,
        person: Option<tenken_matcher::registry::PersonView<'_>>,
        household_id: Option<&str>,
    ) -> Option<OwnLimit<'_>> {
        let law = self.basis.law;
        let month = claim.service_month;
        let band = match (claim.payer, claim.class) {
            (3, _) => AgeBand::SeventyFivePlus,
            (_, 7 | 8 | 9 | 0) => AgeBand::SeventyPlus,
            _ => AgeBand::Under70,
        };
        let household = person.zip(household_id).and_then(|(p, h)| standing::household_no(p, h));
        let registered = registry.and_then(|r| standing::category(r, person, household, band, month));
        let codes = (0..100u8).filter(|c| claim.tokki & (1 << c) != 0);
        let by_note = || tokki::first(codes).and_then(|n| n.words(band).first().map(String::as_str));
        let unknown = if band == AgeBand::Under70 { UNKNOWN_UNDER_70 } else { UNKNOWN_70_PLUS };
        let word = registered.or_else(by_note).unwrap_or(unknown);
        let row = law.categories.row(&law.limits, word, band, month, Some(claim.rate)).ok()?;
        let half = standing::has_half_month(person, claim.birth, month) || claim.tokki & (1 << 21) != 0;
        let of_birth = if half { law.parameters.birthday75_share(month) } else { Share::WHOLE };
        let moved = claim.payer != 3 && registry.zip(household).is_some_and(|(r, h)| standing::moved_in(r, h, month));
        let of_move = if moved { law.parameters.move_share(month) } else { Share::WHOLE };
        Some(OwnLimit { band, row, share: of_birth.of(of_move) })
    }
}

/// Puts a row; a full file becomes bytes at once.
fn put_row(
    ledger: &mut HashMap<String, Columns>,
    encoded: &mut Vec<(String, Encoded)>,
    owner: &str,
    row: &LedgerRow<'_>,
) -> tenken_store::Result<()> {
    if !ledger.contains_key(owner) {
        ledger.insert(owner.to_owned(), Columns::new(&tables_ledger::TABLE));
    }
    let columns = ledger.get_mut(owner).expect("just put");
    push_line(columns, row);
    if columns.rows() >= ROWS {
        let full = std::mem::replace(columns, Columns::new(&tables_ledger::TABLE));
        encoded.push((owner.to_owned(), Encoded::of(&full)?));
    }
    Ok(())
}

fn age_band(birth: Date, month: Month) -> usize {
    let months = month.index() - birth.year_month().index();
    usize::try_from(months / 60).unwrap_or(0).min(AGE_BANDS - 1)
}

fn ledger_row(line: &Line) -> LedgerRow<'_> {
    let m = &line.measures;
    LedgerRow {
        line_id: "",
        event: line.event.code(),
        claim_id: None,
        person_id: None,
        household_id: None,
        service_month: "",
        exam_month: "",
        pay_month: "",
        category: line.category.map(Category::code),
        class: line.class.code(),
        row_code: line.row.as_str(),
        measures: [m.cnt, m.days, m.cost, m.ins, m.cop, m.oth_t, m.oth_k, m.hk],
        needs_decision: line.needs_decision,
        reverses: None,
        note: None,
    }
}

/// Lines of events, each after what was booked for its claim before it.
fn booked_by_events(
    events: &[(String, EventRow)],
    spoken: Vec<Spoken>,
    warnings: &mut Vec<String>,
) -> Vec<(String, Entry)> {
    let mut by_name: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, s) in spoken.iter().enumerate() {
        by_name.insert((&s.owner, &s.claim_id), at);
        if let Some(no) = &s.search_no {
            by_name.insert((&s.owner, no), at);
        }
    }
    // of each claim: its events in order
    let mut of_claims: BTreeMap<usize, Vec<&EventRow>> = BTreeMap::new();
    let mut lost: Vec<&str> = Vec::new();
    for (owner, e) in events {
        let name = e.claim_id.as_deref().or(e.search_no.as_deref()).unwrap_or_default();
        match by_name.get(&(owner.as_str(), name)) {
            Some(at) => of_claims.entry(*at).or_default().push(e),
            None => lost.push(&e.event_id),
        }
    }
    let mut out = Vec::new();
    for (at, mut of_claim) in of_claims {
        let claim = &spoken[at];
        of_claim.sort_by(|a, b| (a.exam_month, &a.event_id).cmp(&(b.exam_month, &b.event_id)));
        let mut so_far: Vec<Line> = claim.lines.clone();
        let mut ids: Vec<String> = so_far.iter().map(|l| format!("{}:{}", claim.claim_id, l.row.as_str())).collect();
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for e in of_claim {
            let Some(kind) = Event::from_code(&e.kind) else { continue };
            let change = Change {
                kind,
                exam_month: e.exam_month,
                pay_month: e.pay_month,
                delta_points: e.delta_points.unwrap_or(0),
                delta_days: e.delta_days.unwrap_or(0),
                old_rate: e.old_rate,
                new_rate: e.new_rate,
            };
            let none = Vec::new();
            let back = e.reverses.as_deref().map(|r| places.get(r).unwrap_or(&none).as_slice());
            for (line, reverses) in booking::lines_of_event(&change, &so_far, back) {
                let line_id = format!("event:{}:{}", e.event_id, line.row.as_str());
                out.push((
                    claim.owner.clone(),
                    Entry {
                        line_id: line_id.clone(),
                        claim_id: Some(claim.claim_id.clone()),
                        person_id: claim.person_id.clone(),
                        household_id: claim.household_id.clone(),
                        reverses: reverses.map(|p| ids[p].clone()),
                        note: e.note.clone(),
                        line: line.clone(),
                    },
                ));
                places.entry(&e.event_id).or_default().push(so_far.len());
                ids.push(line_id);
                so_far.push(line);
            }
        }
    }
    lost.sort_unstable();
    if let [first, ..] = lost.as_slice() {
        warnings.push(format!("レセプトが見つからない異動が {} 件あります（{first} など）。取込を取り消したときは、再度取り込んでください", lost.len()));
    }
    out
}

/// Lines of decisions in cash (reports.md 2: by the month of decision).
fn booked_in_cash(cash: &[(String, Cash)], basis: &Basis<'_>, _warnings: &mut Vec<String>) -> Vec<(String, Entry)> {
    cash.iter()
        .filter_map(|(owner, c)| {
            let row = RowCode::new(&c.row_code)?;
            let registry = basis.registers.iter().find(|r| r.owner == *owner);
            let person = registry.zip(c.person_id.as_deref()).and_then(|(r, p)| r.find(p));
            let birth = person.and_then(|p| p.birth());
            let first_day = c.service_month.first_day().epoch_days();
            let is_kouki =
                owner.len() == 8 || person.is_some_and(|p| p.period_at(RegistryScheme::Kouki, first_day).is_some());
            let class = c.class.as_deref().and_then(Class::from_code).unwrap_or_else(|| {
                let ratio = person.and_then(|p| standing::burden_ratio(p, c.service_month));
                if is_kouki {
                    return match ratio {
                        Some(3) => Class::Kouki30,
                        Some(2) => Class::Kouki20,
                        _ => Class::Kouki10,
                    };
                }
                let first = c.service_month.first_day().epoch_days();
                let preschool = birth.is_some_and(|b| tenken_matcher::calendar::preschool_end(b) >= first);
                booking::class_of_person(birth, ratio == Some(3), preschool, c.service_month)
            });
            let scheme = match (class.is_kouki(), birth) {
                (true, Some(b)) if c.service_month < b.year_month().plus(75 * 12) => Scheme::KoukiDisabled,
                (true, _) => Scheme::Kouki,
                _ => Scheme::General,
            };
            let exam_month = c.decision_date.year_month();
            let line = Line {
                event: Event::Cash,
                category: None,
                class,
                scheme,
                row,
                service_month: c.service_month,
                exam_month,
                pay_month: exam_month.plus(1),
                rate: 0,
                local_aid: false,
                measures: Measures {
                    cnt: c.cnt,
                    // amounts without shares are the insurer's alone
                    cost: c.ins_yen + c.cop_yen + c.oth_yen,
                    ins: c.ins_yen,
                    cop: c.cop_yen,
                    oth_k: c.oth_yen,
                    ..Measures::default()
                },
                needs_decision: false,
            };
            let entry = Entry {
                line,
                line_id: format!("cash:{}", c.decision_id),
                claim_id: None,
                person_id: c.person_id.clone(),
                household_id: c.household_id.clone(),
                reverses: None,
                note: None,
            };
            Some((owner.clone(), entry))
        })
        .collect()
}

/// Adds lines that no import brought.
fn put(entries: Vec<(String, Entry)>, asked: Asked<'_>, out: &mut Gathered) -> Result<()> {
    let mut columns: BTreeMap<String, Columns> = BTreeMap::new();
    for (owner, e) in entries {
        for label in asked.labels {
            let key = Key::of(&e.line, *label);
            if !key.of_exam && !key.of_pay {
                continue;
            }
            let month = out.months.entry((owner.clone(), label.month)).or_default();
            month.cube.add(key, e.line.measures);
            if asked.wanted.is_some_and(|w| w(&key)) {
                month.entries.push(e.clone());
            }
            if asked.ledger == Some(*label) && key.of_exam {
                let columns = columns.entry(owner.clone()).or_insert_with(|| Columns::new(&tables_ledger::TABLE));
                let [service, exam, pay] = [e.line.service_month, e.line.exam_month, e.line.pay_month];
                push_line(
                    columns,
                    &LedgerRow {
                        line_id: &e.line_id,
                        claim_id: e.claim_id.as_deref(),
                        person_id: e.person_id.as_deref(),
                        household_id: e.household_id.as_deref(),
                        service_month: &service.to_string(),
                        exam_month: &exam.to_string(),
                        pay_month: &pay.to_string(),
                        reverses: e.reverses.as_deref(),
                        note: e.note.as_deref(),
                        ..ledger_row(&e.line)
                    },
                );
            }
        }
    }
    for (owner, columns) in columns {
        out.ledger.push((owner, Encoded::of(&columns)?));
    }
    Ok(())
}
