//! One household and month of treatment: groups of claims, steps A to D (high-cost.md 3 and 4).

use tenken_parser::Month;

use crate::{
    Law,
    category::{AgeBand, CategoryError, Scheme},
    claim::{outpatient_cap, relief},
    limits::{Row, UsedRows},
    yen::{Rate, Share, Yen},
};

/// What a group is, beside in- or outpatient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKind {
    Medical,
    Dental,
    Nursing,
    /// 療養費, paid in cash
    Cash,
    /// dispensing whose prescriber is not among the groups
    Pharmacy,
}

impl GroupKind {
    pub fn name_ja(self) -> &'static str {
        match self {
            Self::Medical => "医科",
            Self::Dental => "歯科",
            Self::Nursing => "訪問看護",
            Self::Cash => "療養費",
            Self::Pharmacy => "調剤",
        }
    }
}

/// A part with a public programme, as it enters the household (high-cost.md 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicPart {
    pub cost: Yen,
    /// not covered by the insurer: what the minimum is tested on
    pub uncovered: Yen,
    /// the patient's share of it
    pub patient: Yen,
}

/// Claims of one person, month and institution, in- or outpatient, with the dispensing of their prescriptions.
#[derive(Clone, Debug)]
pub struct Group<'l> {
    /// number of the person in [`Household::persons`]
    pub person: usize,
    /// as whoever asks names it
    pub institution: String,
    pub kind: GroupKind,
    pub inpatient: bool,
    /// 負担割合
    pub rate: Rate,
    /// 10割 cost of what has no programme; not known where nobody said it
    pub cost: Option<Yen>,
    /// burden of what has no programme, before any limit
    pub burden: Yen,
    /// of it paid at the window
    pub window_paid: Yen,
    pub parts: Vec<PublicPart>,
    /// 特定疾病: the row with its limit
    pub tokutei: Option<&'l Row>,
    /// dispensing whose prescriber is not found
    pub no_prescriber: bool,
}

#[derive(Clone, Debug)]
pub struct Person {
    /// 宛名番号, or as whoever asks names the person
    pub name: String,
    pub band: AgeBand,
    /// a half limit of the person's own: 75歳到達月
    pub birthday75: bool,
}

#[derive(Clone, Debug)]
pub struct Household<'l> {
    pub month: Month,
    pub scheme: Scheme,
    /// limits of those under 70 and of the whole household
    pub under70: Result<&'l Row, CategoryError>,
    /// limits of those of 70 or more
    pub seventy_plus: Result<&'l Row, CategoryError>,
    pub multi_hit: bool,
    /// 転居月 inside the prefecture with 世帯の継続性
    pub moved: bool,
    pub persons: Vec<Person>,
    pub groups: Vec<Group<'l>>,
}

/// Why a group is not in the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluded {
    UnderMinimum,
    Tokutei,
    /// nothing but a part that a programme covers
    Public,
    NoPrescriber,
}

impl Excluded {
    pub fn code(self) -> &'static str {
        match self {
            Self::UnderMinimum => "under_21000",
            Self::Tokutei => "tokutei",
            Self::Public => "public",
            Self::NoPrescriber => "no_prescriber",
        }
    }
}

/// Amounts by step, 円.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// A: half-limit months
    pub special_month: Yen,
    /// B: 外来特例
    pub outpatient: Yen,
    /// C: those of 70 or more
    pub seventy_plus: Yen,
    /// D: the whole household
    pub all_ages: Yen,
}

impl Steps {
    pub fn total(&self) -> Yen {
        self.special_month + self.outpatient + self.seventy_plus + self.all_ages
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupOutcome {
    pub excluded: Option<Excluded>,
    /// cost, burden and what was paid of everything that the group has, parts with programmes included
    pub cost: Yen,
    pub burden: Yen,
    pub window_paid: Yen,
    /// taken off at the window already
    pub in_kind: Yen,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// the whole benefit, in kind and in cash
    pub benefit: Steps,
    /// to be refunded, by step
    pub cash: Steps,
    /// cost of the groups in the sum
    pub counted_cost: Yen,
    /// their burden before any limit; where C is the last step: after step B
    pub counted_burden: Yen,
    /// the same as paid at the window
    pub counted_window: Yen,
    /// of the last step that pays; where none does: of the last step
    pub limit: Option<Yen>,
    /// of the groups in the sum, taken off at the window
    pub in_kind: Yen,
    /// 特定疾病: taken off groups that are out of the sum
    pub tokutei: Yen,
    /// the month counts for 多数回
    pub hit: bool,
    /// cash of each person (後期 pays each), 円
    pub persons: Vec<Yen>,
    /// A and B of each person, whole benefit, 円
    pub person_steps: Vec<Yen>,
    pub groups: Vec<GroupOutcome>,
    pub rows: UsedRows,
    pub trace: Vec<String>,
}

impl Outcome {
    /// To be refunded: the benefit less what the window took off. Below zero: the window took off too much.
    pub fn refund(&self) -> Yen {
        self.benefit.total() - self.in_kind
    }
}

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum HouseholdError {
    #[error(transparent)]
    Category(#[from] CategoryError),
    #[error(transparent)]
    Refused(#[from] crate::parameters::Refused),
    #[error("費用額が分からない（{0}）")]
    CostNeeded(String),
}

/// A piece of a group in the sum: what has no programme, or one part that has.
#[derive(Clone, Copy, Debug)]
struct Entry {
    group: usize,
    person: usize,
    inpatient: bool,
    cost: Option<Yen>,
    full: Yen,
    window: Yen,
    /// 配慮措置 can apply
    relief_rate: Option<Rate>,
}

/// Which amounts: before any limit, or as paid at the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Full,
    Window,
}

impl Entry {
    fn amount(&self, view: View) -> Yen {
        match view {
            View::Full => self.full,
            View::Window => self.window,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    A,
    B,
    C,
    D,
}

/// What one view gives.
#[derive(Default)]
struct Ran {
    steps: Steps,
    limit: Option<(Step, Yen)>,
    paid_limit: Option<(Step, Yen)>,
    counted: Yen,
    hit: bool,
    /// A and B of each person
    person_steps: Vec<Yen>,
    /// what each person of 70 or more brings into step C
    into_c: Vec<Yen>,
}

struct Calculation<'h, 'l> {
    h: &'h Household<'l>,
    /// of those under 70 that reach the minimum, and all of 70 or more
    entries: Vec<Entry>,
    shares: Vec<Share>,
    house_share: Share,
    rows: UsedRows,
    trace: Option<Vec<String>>,
}

impl<'l> Household<'l> {
    /// The part of every limit for the whole household.
    fn house_share(&self, law: &Law) -> Share {
        if self.moved && self.scheme == Scheme::Kokuho { law.parameters.move_share(self.month) } else { Share::WHOLE }
    }

    /// The part of a limit for one person.
    pub fn person_share(&self, law: &Law, birthday75: bool) -> Share {
        let house = self.house_share(law);
        if birthday75 { house.of(law.parameters.birthday75_share(self.month)) } else { house }
    }

    /// The benefit of the month. The trace is written only when it is asked for.
    ///
    /// # Errors
    /// A category or a limit that is not there and is needed; a month that is refused; a cost that is needed.
    pub fn calculate(&self, law: &'l Law, traced: bool) -> Result<Outcome, HouseholdError> {
        law.parameters.refuse(self.scheme, self.month)?;
        let minimum = law.parameters.aggregation_minimum(self.month);
        let mut out = Outcome::default();
        let mut calc = Calculation {
            h: self,
            entries: Vec::new(),
            shares: self.persons.iter().map(|p| self.person_share(law, p.birthday75)).collect(),
            house_share: self.house_share(law),
            rows: UsedRows::default(),
            trace: traced.then(Vec::new),
        };
        for (no, group) in self.groups.iter().enumerate() {
            let groups = calc.group(no, group, minimum, &mut out);
            out.groups.push(groups);
        }
        let full = calc.run(View::Full)?;
        let trace = calc.trace.take();
        let window = calc.run(View::Window)?;
        out.benefit = full.steps;
        out.cash = window.steps;
        out.limit = full.paid_limit.or(full.limit).map(|l| l.1);
        out.counted_burden = full.counted;
        out.counted_window = window.counted;
        out.counted_cost = calc.entries.iter().filter_map(|e| e.cost).sum();
        out.in_kind = calc.entries.iter().map(|e| e.full - e.window).sum();
        out.hit = full.hit;
        out.persons = split(&window);
        out.person_steps = full.person_steps;
        out.rows = calc.rows;
        if let Some(mut trace) = trace {
            let (refund, seen) = (out.refund(), out.cash.total());
            trace.push(format!("高額療養費 {}、うち現物 {}、償還 {refund}", out.benefit.total(), out.in_kind));
            if refund != seen {
                trace.push(format!("照合: 窓口で払った額から計算すると償還は {seen}（差 {}）", refund - seen));
            }
            out.trace = trace;
        }
        Ok(out)
    }
}

/// What each person gets back: their own steps, and step C (all that is left) by the burden brought into it. What rounding
/// leaves goes to whoever brought most.
fn split(ran: &Ran) -> Vec<Yen> {
    let mut persons = ran.person_steps.clone();
    let rest = ran.steps.total() - persons.iter().copied().sum();
    let total: Yen = ran.into_c.iter().copied().sum();
    if rest == Yen::ZERO || total == Yen::ZERO {
        return persons;
    }
    let mut left = rest;
    for (person, into) in persons.iter_mut().zip(&ran.into_c) {
        let part = Yen((i128::from(rest.0) * i128::from(into.0) / i128::from(total.0)) as i64);
        *person += part;
        left -= part;
    }
    let most = (0..persons.len()).rev().max_by_key(|i| ran.into_c[*i]).unwrap_or(0);
    persons[most] += left;
    persons
}

impl<'l> Calculation<'_, 'l> {
    fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(line());
        }
    }

    /// Puts a group into the sum, or says why not.
    fn group(&mut self, no: usize, group: &Group<'l>, minimum: Yen, out: &mut Outcome) -> GroupOutcome {
        let person = &self.h.persons[group.person];
        let share = self.shares[group.person];
        let senior = person.band.is_70_or_more();
        let with_parts = |only: Yen, of: fn(&PublicPart) -> Yen| only + group.parts.iter().map(of).sum();
        let mut outcome = GroupOutcome {
            excluded: None,
            cost: with_parts(group.cost.unwrap_or_default(), |p| p.cost),
            burden: with_parts(group.burden, |p| p.patient),
            window_paid: with_parts(group.window_paid, |p| p.patient),
            in_kind: group.burden - group.window_paid,
        };
        let name = || {
            let side = if group.inpatient { "入院" } else { "外来" };
            let kind = group.kind.name_ja();
            format!("{} {} {kind}{side} {}", person.name, person.band, group.institution)
        };
        let amounts = |outcome: &GroupOutcome| match outcome.window_paid == outcome.burden {
            true => format!("費用 {}、負担 {}", outcome.cost, outcome.burden),
            false => format!("費用 {}、負担 {}（窓口 {}）", outcome.cost, outcome.burden, outcome.window_paid),
        };

        let has_only = group.burden > Yen::ZERO || group.cost.is_some_and(|c| c > Yen::ZERO);
        let mut with_only = has_only;
        if let Some(row) = group.tokutei.filter(|_| has_only && group.parts.is_empty()) {
            let limit = row.monthly.base.share(share);
            if group.burden >= limit {
                self.rows.add(row);
                out.tokutei += group.burden - limit;
                outcome.excluded = Some(Excluded::Tokutei);
                let line = format!("{}: {}。特定疾病（{limit}）のため合算しない", name(), amounts(&outcome));
                self.note(|| line);
                return outcome;
            }
        }
        if group.no_prescriber && !senior {
            outcome.excluded = Some(Excluded::NoPrescriber);
            let line = format!("{}: {}。処方した医療機関が分からず合算できない", name(), amounts(&outcome));
            self.note(|| line);
            return outcome;
        }
        let minimum = minimum.share(share);
        if !senior && group.burden < minimum {
            with_only = false;
        }
        let before = self.entries.len();
        if with_only {
            self.entries.push(Entry {
                group: no,
                person: group.person,
                inpatient: group.inpatient,
                cost: group.cost,
                full: group.burden,
                window: group.window_paid,
                relief_rate: Some(group.rate).filter(|_| group.tokutei.is_none()),
            });
        }
        for part in &group.parts {
            if senior || part.uncovered >= minimum {
                self.entries.push(Entry {
                    group: no,
                    person: group.person,
                    inpatient: group.inpatient,
                    cost: Some(part.cost),
                    full: part.patient,
                    window: part.patient,
                    relief_rate: None,
                });
            }
        }
        let line = if self.entries.len() > before {
            format!("{}: {}", name(), amounts(&outcome))
        } else {
            outcome.excluded = Some(if has_only { Excluded::UnderMinimum } else { Excluded::Public });
            format!("{}: {}。{minimum} に満たず合算しない", name(), amounts(&outcome))
        };
        self.note(|| line);
        outcome
    }

    /// The cost of entries, for a limit that grows with it.
    fn cost<'e>(&self, entries: impl Iterator<Item = &'e Entry>, row: &Row) -> Result<Yen, HouseholdError> {
        let mut sum = Yen::ZERO;
        for e in entries {
            match e.cost {
                Some(cost) => sum += cost,
                None if row.monthly.above.is_none() => {}
                None => return Err(HouseholdError::CostNeeded(self.h.groups[e.group].institution.clone())),
            }
        }
        Ok(sum)
    }

    /// Outpatient burden of a person of 70 or more above the cap, and how a clerk writes it.
    fn above_cap(&self, person: usize, row: &Row, view: View) -> Option<(Yen, Yen, Yen, String)> {
        let share = self.shares[person];
        let cap = outpatient_cap(row, share)?;
        let mine = || self.entries.iter().filter(move |e| e.person == person && !e.inpatient);
        let sum: Yen = mine().map(|e| e.amount(view)).sum();
        let mut above = (sum - cap).at_least_zero();
        let mut shown = format!("{sum} − {cap}");
        let mut limit = cap;
        let twenty = || mine().filter(|e| e.relief_rate == Some(Rate::percent(20)));
        let cost: Yen = twenty().filter_map(|e| e.cost).sum();
        if let Some(amount) = relief(row, Rate::percent(20), cost) {
            let only: Yen = twenty().map(|e| e.amount(view)).sum();
            if only - amount > above {
                above = only - amount;
                limit = amount;
                shown = format!("{only} − {amount}（配慮措置）");
            }
        }
        Some((sum, above, limit, format!("{shown} = {above}")))
    }

    fn run(&mut self, view: View) -> Result<Ran, HouseholdError> {
        let h = self.h;
        let n = h.persons.len();
        let mut ran = Ran { person_steps: vec![Yen::ZERO; n], into_c: vec![Yen::ZERO; n], ..Ran::default() };
        let has = |person: usize, c: &Self| c.entries.iter().any(|e| e.person == person);
        let senior = |p: usize| h.persons[p].band.is_70_or_more();
        let row_of = |p: usize| if senior(p) { h.seventy_plus.clone() } else { h.under70.clone() };
        // what each brings to the household, and of whom
        let mut rest = vec![Yen::ZERO; n];
        let before: Yen = self.entries.iter().map(|e| e.amount(view)).sum();
        // of several persons in one step, the highest limit: their order must not matter
        let paid = |ran: &mut Ran, step: Step, amount: Yen, limit: Yen| {
            let later = |known: Option<(Step, Yen)>| Some(known.map_or((step, limit), |k| k.max((step, limit))));
            ran.limit = later(ran.limit);
            if amount > Yen::ZERO {
                ran.paid_limit = later(ran.paid_limit);
            }
        };

        for p in 0..n {
            if !has(p, self) {
                continue;
            }
            let sum: Yen = self.entries.iter().filter(|e| e.person == p).map(|e| e.amount(view)).sum();
            rest[p] = sum;
            let (share, name) = (self.shares[p], &h.persons[p].name);
            if share == Share::WHOLE {
                if !senior(p) {
                    continue;
                }
                let row = row_of(p)?;
                if let Some((out, above, limit, shown)) = self.above_cap(p, row, view) {
                    if out > Yen::ZERO {
                        self.rows.add(row);
                        self.note(|| format!("B {name} 外来: {shown}"));
                        paid(&mut ran, Step::B, above, limit);
                    }
                    ran.steps.outpatient += above;
                    ran.person_steps[p] += above;
                    rest[p] -= above;
                }
                continue;
            }
            let row = row_of(p)?;
            self.rows.add(row);
            if senior(p)
                && let Some((out, above, limit, shown)) = self.above_cap(p, row, view)
            {
                if out > Yen::ZERO {
                    self.note(|| format!("A {name} 外来{share}: {shown}"));
                    paid(&mut ran, Step::A, above, limit);
                }
                ran.steps.special_month += above;
                ran.person_steps[p] += above;
                rest[p] -= above;
            }
            let cost = self.cost(self.entries.iter().filter(|e| e.person == p), row)?;
            let limit = row.limit(cost, h.multi_hit, share);
            let above = (rest[p] - limit).at_least_zero();
            let left = rest[p];
            self.note(|| {
                let shown = row.limit_shown(cost, h.multi_hit, share);
                format!("A {name} 個人{share}: 限度額 {shown}、{left} − {limit} = {above}")
            });
            paid(&mut ran, Step::A, above, limit);
            ran.steps.special_month += above;
            ran.person_steps[p] += above;
            ran.hit |= above > Yen::ZERO;
            rest[p] -= above;
        }

        let is_senior = |e: &&Entry| senior(e.person);
        let any_senior = self.entries.iter().any(|e| is_senior(&e));
        let any_under70 = self.entries.iter().any(|e| !is_senior(&e));
        let house = self.house_share;
        let mut of_seniors: Yen = (0..n).filter(|p| senior(*p)).map(|p| rest[p]).sum();
        if any_senior {
            for p in (0..n).filter(|p| senior(*p)) {
                ran.into_c[p] = rest[p];
            }
            let row = h.seventy_plus.clone()?;
            self.rows.add(row);
            let cost = self.cost(self.entries.iter().filter(is_senior), row)?;
            let limit = row.limit(cost, h.multi_hit, house);
            let above = (of_seniors - limit).at_least_zero();
            ran.counted = of_seniors;
            let sum = of_seniors;
            self.note(|| {
                let shown = row.limit_shown(cost, h.multi_hit, house);
                format!("C 70歳以上の世帯{house}: 限度額 {shown}、{sum} − {limit} = {above}")
            });
            paid(&mut ran, Step::C, above, limit);
            ran.steps.seventy_plus = above;
            ran.hit |= above > Yen::ZERO;
            of_seniors -= above;
        }
        if any_under70 && h.scheme != Scheme::Kouki {
            let row = h.under70.clone()?;
            self.rows.add(row);
            let of_others: Yen = (0..n).filter(|p| !senior(*p)).map(|p| rest[p]).sum();
            let cost = self.cost(self.entries.iter(), row)?;
            let limit = row.limit(cost, h.multi_hit, house);
            let sum = of_seniors + of_others;
            let above = (sum - limit).at_least_zero();
            ran.counted = before;
            self.note(|| {
                let shown = row.limit_shown(cost, h.multi_hit, house);
                format!("D 世帯全体{house}: 限度額 {shown}、{sum} − {limit} = {above}")
            });
            paid(&mut ran, Step::D, above, limit);
            ran.steps.all_ages = above;
            ran.hit |= above > Yen::ZERO;
            for p in (0..n).filter(|p| !senior(*p)) {
                ran.into_c[p] = rest[p];
            }
        }
        Ok(ran)
    }
}
