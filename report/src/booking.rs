//! From a decided claim, an event and a decision in cash to signed lines (reports.md 3.2 to 3.5).

use tenken_benefit::{
    AgeBand, Law, Rate, Row, Share, Yen,
    claim::{Claim, Part},
    limits::NoLimit,
    month::{Public, Tokutei},
    programmes::{CapRule, LimitClass},
};
use tenken_parser::{Date, Kind, Month};

use crate::line::{Category, Class, Event, Line, Measures, RowCode, Scheme};

/// What the ledger asks of a decided claim.
#[derive(Clone, Debug)]
pub struct DecidedClaim<'c> {
    pub kind: Kind,
    /// the second digit of レセプト種別
    pub payer: u8,
    /// the fourth digit of レセプト種別
    pub class: u8,
    pub service_month: Month,
    pub exam_month: Month,
    pub birth: Option<Date>,
    pub inpatient: bool,
    /// the patient's share of the cost
    pub rate: Rate,
    /// 診療実日数; 調剤: 受付回数
    pub days: i64,
    /// 10割, effective view, without meals, 円
    pub cost: Yen,
    pub meal_count: i64,
    pub meal: Yen,
    /// 標準負担額
    pub meal_copay: Yen,
    /// 負担金額 医療保険, as written
    pub copay: Option<Yen>,
    /// 減免区分: what was not paid for another reason than a limit
    pub relieved: bool,
    pub tokki: u128,
    pub publics: &'c [Public],
}

impl DecidedClaim<'_> {
    fn has(&self, code: u32) -> bool {
        self.tokki & (1 << code) != 0
    }

    pub fn tokutei(&self) -> Option<Tokutei> {
        if self.has(16) { Some(Tokutei::Twenty) } else { self.has(2).then_some(Tokutei::Ten) }
    }

    /// 多 codes (31 to 35, 43, 44).
    pub fn is_multi_hit(&self) -> bool {
        self.tokki & MULTI_HIT != 0
    }

    pub fn category(&self) -> Category {
        match self.kind {
            Kind::Dpc => Category::Inpatient,
            Kind::Medical if self.inpatient => Category::Inpatient,
            Kind::Medical => Category::Outpatient,
            Kind::Dental => Category::Dental,
            Kind::Pharmacy => Category::Pharmacy,
            Kind::Nursing => Category::Nursing,
        }
    }

    pub fn class_word(&self) -> Class {
        match (self.payer, self.class) {
            (3, _) => match self.rate.0 {
                3_000 => Class::Kouki30,
                2_000 => Class::Kouki20,
                _ => Class::Kouki10,
            },
            (_, 3 | 4) => Class::Preschool,
            (_, 7 | 8) => Class::General70,
            (_, 9 | 0) => Class::Active70,
            _ => class_by_age(self.birth, self.service_month),
        }
    }

    pub fn scheme(&self) -> Scheme {
        match (self.payer, self.class) {
            (3, _) if self.birth.is_some_and(|b| !is_75(b, self.service_month)) => Scheme::KoukiDisabled,
            (3, _) => Scheme::Kouki,
            (4, 1 | 2) => Scheme::RetiredSelf,
            (4, _) => Scheme::RetiredDependant,
            _ => Scheme::General,
        }
    }
}

const MULTI_HIT: u128 = 1 << 31 | 1 << 32 | 1 << 33 | 1 << 34 | 1 << 35 | 1 << 43 | 1 << 44;

/// From the month after the birthday (born on the 1st: that month).
fn is_of_age(birth: Date, years: u16, month: Month) -> bool {
    let late = i32::from(birth.day_of_month() != 1);
    month >= birth.year_month().plus(i32::from(years) * 12 + late)
}

/// 後期 by age: turned 75 by the end of the month.
fn is_75(birth: Date, month: Month) -> bool {
    month >= birth.year_month().plus(75 * 12)
}

/// The class of somebody under 70 whose claim does not say it.
pub fn class_by_age(birth: Option<Date>, month: Month) -> Class {
    match birth {
        Some(b) if is_of_age(b, 65, month) => Class::From65,
        _ => Class::Standard,
    }
}

/// The class of a person by the register, for a decision in cash that does not say it: `active` = 3割 from 70 on.
pub fn class_of_person(birth: Option<Date>, active: bool, preschool: bool, month: Month) -> Class {
    match birth {
        _ if preschool => Class::Preschool,
        Some(b) if is_of_age(b, 70, month) => {
            if active {
                Class::Active70
            } else {
                Class::General70
            }
        }
        b => class_by_age(b, month),
    }
}

/// A claim's own limit: only asked for when a part with a programme needs it.
#[derive(Clone, Copy, Debug)]
pub struct OwnLimit<'l> {
    pub band: AgeBand,
    pub row: &'l Row,
    pub share: Share,
}

/// Amounts that the claim books beside the costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    pub ins: Yen,
    pub cop: Yen,
    pub oth_t: Yen,
    pub oth_k: Yen,
    pub hk: Yen,
    /// a part with a programme reached its limit
    pub public_reached: bool,
    /// somebody has to confirm a limit
    pub needs_decision: bool,
    pub local_aid: bool,
    /// a patient's share was taken from the programme's rate, not written
    pub assumed: bool,
}

/// Whether shares ask for the claim's own limit.
pub fn needs_limit(law: &Law, publics: &[Public]) -> bool {
    publics.iter().any(|p| !matches!(law.programmes.of(p.code()).limit_class, LimitClass::Insurance | LimitClass::None))
}

/// Splits the cost of a claim (reports.md 3.4).
///
/// # Errors
/// A limit of a programme that has no row in the month.
pub fn shares(
    law: &Law,
    claim: &DecidedClaim<'_>,
    own: Option<OwnLimit<'_>>,
    accepted: &[String],
) -> Result<Shares, NoLimit> {
    let mut out = Shares::default();
    // parts that a programme pays in full are none of the insurer's
    let mut insured = claim.cost;
    let mut parts: Vec<(Part<'_>, bool)> = Vec::new();
    for p in claim.publics {
        let programme = law.programmes.of(p.code());
        match programme.limit_class {
            LimitClass::Insurance => {
                out.local_aid = true;
                continue;
            }
            LimitClass::None => {
                let cost = p.cost.min(insured);
                insured = insured - cost;
                out.oth_t += cost - p.copay.unwrap_or(Yen::ZERO).min(cost);
                continue;
            }
            _ => {}
        }
        let zero = programme.cap_rule == CapRule::Zero;
        let part = Part {
            programme,
            cost: p.cost,
            patient_rate: programme.patient_rate,
            cap: zero.then_some(Yen::ZERO),
            written: p.copay,
        };
        parts.push((part, programme.ledger_column == "oth_t"));
    }
    out.ins = insured - insured.times(claim.rate);
    if let Some(own) = own.filter(|_| !parts.is_empty()) {
        let mut left = insured;
        for (part, _) in &mut parts {
            // parts of several programmes may lie over one another: the first one has it
            part.cost = part.cost.min(left);
            left = left - part.cost;
        }
        let asked = Claim {
            month: claim.service_month,
            band: own.band,
            row: own.row,
            inpatient: claim.inpatient,
            multi_hit: claim.is_multi_hit(),
            share: own.share,
            tokutei: match claim.tokutei() {
                Some(t) => Some(law.limits.find(t.category(), claim.service_month)?),
                None => None,
            },
            rate: claim.rate,
            insurance_only: Yen::ZERO,
            parts: parts.iter().map(|(p, _)| p.clone()).collect(),
        };
        let paid = asked.pay(law)?;
        for ((part, first), amounts) in parts.iter().zip(&paid.parts) {
            let (Some(uncovered), Some(patient)) = (amounts.uncovered, amounts.patient) else { continue };
            let column = if *first { &mut out.oth_t } else { &mut out.oth_k };
            *column += uncovered - patient;
            out.public_reached |= uncovered < part.cost.times(claim.rate);
            out.assumed |= part.written.is_none();
        }
        out.needs_decision = out.assumed && paid.rows.undecided(accepted).next().is_some();
    }
    out.cop = claim.cost - out.ins - out.oth_t - out.oth_k;
    if let Some(written) = claim.copay.filter(|_| !claim.relieved) {
        out.hk = (out.cop - written).at_least_zero();
    }
    Ok(out)
}

fn row(code: &str) -> RowCode {
    RowCode::new(code).expect("a row of this file")
}

/// The row of a category in section 1 (reports.md 5.1).
pub fn row_of(category: Category) -> RowCode {
    row(match category {
        Category::Inpatient => "R01",
        Category::Outpatient => "R02",
        Category::Dental => "R03",
        Category::Pharmacy => "R05",
        Category::Meal => "R06",
        Category::Nursing => "R07",
    })
}

/// The row of 高額療養費 in kind (reports.md 5.3).
pub fn high_cost_row(claim: &DecidedClaim<'_>, shares: &Shares) -> RowCode {
    row(match claim {
        c if c.tokutei().is_some() => "R34",
        _ if shares.public_reached => "R37",
        c if c.is_multi_hit() => "R33",
        c if c.inpatient => "R35",
        _ => "R36",
    })
}

/// The lines of a claim: its cost, its meals, what was 高額 at the window.
pub fn lines_of_claim(claim: &DecidedClaim<'_>, shares: &Shares) -> impl Iterator<Item = Line> + use<> {
    let late = claim.service_month < claim.exam_month.plus(-1);
    let category = claim.category();
    let line = |category: Category, row: RowCode, measures: Measures| Line {
        event: if late { Event::Late } else { Event::Claim },
        category: Some(category),
        class: claim.class_word(),
        scheme: claim.scheme(),
        row,
        service_month: claim.service_month,
        exam_month: claim.exam_month,
        pay_month: claim.exam_month.plus(1),
        rate: ((10_000 - claim.rate.0) / 100) as u8,
        local_aid: shares.local_aid,
        measures,
        needs_decision: shares.needs_decision,
    };
    let cost = line(
        category,
        row_of(category),
        Measures {
            cnt: 1,
            days: claim.days,
            cost: claim.cost.0,
            ins: shares.ins.0,
            cop: shares.cop.0,
            oth_t: shares.oth_t.0,
            oth_k: shares.oth_k.0,
            hk: 0,
        },
    );
    let meals = (claim.meal.0 != 0 || claim.meal_count != 0).then(|| {
        let copay = claim.meal_copay.0.min(claim.meal.0);
        line(
            Category::Meal,
            row_of(Category::Meal),
            Measures {
                cnt: 1,
                days: claim.meal_count,
                cost: claim.meal.0,
                ins: claim.meal.0 - copay,
                cop: copay,
                ..Measures::default()
            },
        )
    });
    let high = (shares.hk.0 != 0).then(|| {
        let measures = Measures { cnt: 1, hk: shares.hk.0, ..Measures::default() };
        line(category, high_cost_row(claim, shares), measures)
    });
    std::iter::once(cost).chain(meals).chain(high)
}

/// A change to a claim (events.csv).
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub kind: Event,
    pub exam_month: Month,
    pub pay_month: Month,
    /// 点 (訪問看護: 円)
    pub delta_points: i64,
    pub delta_days: i64,
    /// 給付割合 %
    pub old_rate: Option<i32>,
    pub new_rate: Option<i32>,
}

/// A line with the place, in what was booked so far, of the line that it takes back.
pub type Booked = (Line, Option<usize>);

/// The lines that an event books on a claim, given everything booked for the claim so far.
///
/// `taken_back`: the places of the lines of the event that this one takes back.
pub fn lines_of_event(change: &Change, so_far: &[Line], taken_back: Option<&[usize]>) -> Vec<Booked> {
    let moved = |of: &Line, measures: Measures| Line {
        event: change.kind,
        exam_month: change.exam_month,
        pay_month: change.pay_month,
        measures,
        ..of.clone()
    };
    if let Some(places) = taken_back {
        let back = |p: &usize| (moved(&so_far[*p], -so_far[*p].measures), Some(*p));
        return places.iter().map(back).collect();
    }
    // the claim's own line: rows, rate and class of what the event changes
    let Some(main) = so_far.iter().position(|l| l.category != Some(Category::Meal) && is_cost(l)) else {
        return Vec::new();
    };
    match change.kind {
        Event::Kago | Event::Hokenshakan => {
            // one line a row, of all that was booked to it
            let mut rows: Vec<(usize, Measures)> = Vec::new();
            for (place, line) in so_far.iter().enumerate() {
                match rows.iter_mut().find(|(first, _)| so_far[*first].row == line.row) {
                    Some((_, sum)) => *sum += line.measures,
                    None => rows.push((place, line.measures)),
                }
            }
            rows.into_iter()
                .filter(|(_, sum)| !sum.is_zero())
                .map(|(place, sum)| (moved(&so_far[place], -sum), Some(place)))
                .collect()
        }
        Event::Satei | Event::Fukkatsu => {
            let of = &so_far[main];
            let per_point = if of.category == Some(Category::Nursing) { 1 } else { 10 };
            let cost = change.delta_points * per_point;
            let rate = current_rate(so_far, main);
            let ins = Yen(cost.abs()).times(Rate::percent(rate)).0 * cost.signum();
            let measures = Measures { days: change.delta_days, cost, ins, cop: cost - ins, ..Measures::default() };
            vec![(moved(of, measures), None)]
        }
        Event::Ratio => {
            let of = &so_far[main];
            let cost: i64 = so_far.iter().filter(|l| l.row == of.row).map(|l| l.measures.cost).sum();
            let new = change.new_rate.and_then(|r| u16::try_from(r).ok()).filter(|r| *r <= 100);
            let Some(new) = new else { return Vec::new() };
            let old = change.old_rate.and_then(|r| u16::try_from(r).ok()).unwrap_or(current_rate(so_far, main));
            let ins = |rate: u16| Yen(cost).times(Rate::percent(rate)).0;
            let x = ins(new) - ins(old);
            let line = moved(of, Measures { ins: x, cop: -x, ..Measures::default() });
            vec![(Line { rate: new as u8, ..line }, None)]
        }
        _ => Vec::new(),
    }
}

/// A line of section 1: not 高額.
fn is_cost(line: &Line) -> bool {
    line.category.is_some_and(|c| row_of(c) == line.row)
}

/// 給付割合 after the corrections so far.
fn current_rate(so_far: &[Line], main: usize) -> u16 {
    let corrected = so_far.iter().rev().find(|l| l.event == Event::Ratio && l.row == so_far[main].row);
    u16::from(corrected.unwrap_or(&so_far[main]).rate)
}
