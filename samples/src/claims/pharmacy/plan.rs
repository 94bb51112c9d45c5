//! What is dispensed and what it costs, before anything is written.

use tenken_parser::Decimal;

use crate::{
    claims::{
        amounts::Sharers,
        catalogue::{MEDICAL, PLAIN, Part, Pool, RecordKind},
        fees::{Fee, PHARMACY},
        spread::{MEDIUM, around, each_day, scaled},
    },
    order::Order,
    rng::Rng,
};

/// Rp of a usual claim, and its 点 (volumes.md section 4).
const PRESCRIPTIONS: i64 = 3;
const USUAL_POINTS: i64 = 1_200;
/// 単位薬剤料 has seven digits.
const UNIT_MAX: i64 = 9_000_000;
/// Places for 薬学管理料 on KI.
pub const CARES_MAX: usize = 12;
/// No is two digits.
const PRESCRIPTIONS_MAX: usize = 90;

/// One Rp: SH, CZ and its drugs.
#[derive(Clone, Copy, Debug)]
pub struct Prescription {
    /// 処方箋受付回, from 0
    pub reception: usize,
    /// 剤形 1 内服, 5 外用
    pub form: u8,
    pub prep: Fee,
    pub prep_points: i64,
    pub mgmt: Fee,
    pub mgmt_points: i64,
    /// 加算料
    pub addition: Option<Fee>,
    /// 単位薬剤料
    pub unit_points: i64,
    /// 調剤数量
    pub quantity: i64,
    /// place of its drugs
    pub first: usize,
    pub count: usize,
    pub sharers: Sharers,
    pub fixed: bool,
    /// 行番号 of CZ
    pub line: u32,
}

impl Prescription {
    /// 点 in all
    pub fn amount(&self) -> i64 {
        self.prep_points + self.mgmt_points + self.addition.map_or(0, |a| a.amount) + self.unit_points * self.quantity
    }
}

/// A 薬学管理料.
#[derive(Clone, Copy, Debug)]
pub struct Care<'t> {
    pub code: &'t str,
    pub points: i64,
}

/// KI of one reception.
#[derive(Clone, Debug)]
pub struct Reception<'t> {
    pub day: u8,
    pub base: Fee,
    pub base_points: i64,
    pub addition: Option<Fee>,
    pub care: Vec<Care<'t>>,
    pub sharers: Sharers,
    pub line: u32,
}

impl Reception<'_> {
    /// 点 in all
    pub fn amount(&self) -> i64 {
        self.base_points + self.addition.map_or(0, |a| a.amount) + self.care.iter().map(|c| c.points).sum::<i64>()
    }
}

/// A claim of 調剤.
pub struct Pharmacy<'t> {
    pub prescriptions: Vec<Prescription>,
    pub drugs: Vec<Part<'t>>,
    pub receptions: Vec<Reception<'t>>,
}

impl<'t> Pharmacy<'t> {
    pub fn plan(order: &Order<'t>, rng: &mut Rng) -> Self {
        let mut plan = Self { prescriptions: Vec::new(), drugs: Vec::new(), receptions: Vec::new() };
        let mut rest = order.target - order.items.iter().map(|i| i.points).sum::<i64>();
        plan.receive(order, &mut rest, rng);
        plan.ordered(order, rng);
        plan.dispense(order, &mut rest, rng);
        // what no drug has taken goes to the care of the first reception
        if let (true, Some(reception)) = (rest > 0, plan.receptions.first_mut()) {
            match reception.care.iter_mut().find(|c| !is_ordered(order, c.code)) {
                Some(care) => care.points += rest,
                None => reception.base_points += rest,
            }
        }
        plan.prescriptions.sort_by_key(|p| p.reception);
        plan
    }

    /// One reception on each day: its base fee always, care where the claim can bear it.
    fn receive(&mut self, order: &Order<'t>, rest: &mut i64, rng: &mut Rng) {
        const CARE_MAX: i64 = 3;
        let base = PHARMACY.pick("base", rng);
        let mut left = i64::from(order.days.count_ones());
        for day in each_day(order.days) {
            let mut reception = Reception {
                day,
                base,
                base_points: base.amount.min(*rest / left.max(1)).max(1),
                addition: None,
                care: Vec::new(),
                sharers: Sharers::draw(order, rng),
                line: 0,
            };
            left -= 1;
            *rest -= reception.base_points;
            let free = *rest / (left + 1) / 2;
            let addition = PHARMACY.pick("base_add", rng);
            if addition.amount <= free && rng.chance(60) {
                reception.addition = Some(addition);
                *rest -= addition.amount;
            }
            for _ in 0..rng.between(1, CARE_MAX) {
                let care = PHARMACY.pick("care", rng);
                if care.amount <= *rest / (left + 1) / 2 {
                    reception.care.push(Care { code: care.code, points: care.amount });
                    *rest -= care.amount;
                }
            }
            self.receptions.push(reception);
        }
    }

    /// The items that the order asks for: a drug is an Rp of its own, everything else a care.
    fn ordered(&mut self, order: &Order<'t>, rng: &mut Rng) {
        for item in order.items {
            let record = RecordKind::of_code(item.code);
            let drug = matches!(record, RecordKind::Iy | RecordKind::To) && item.points > 0;
            let room = self.receptions.iter_mut().find(|r| r.care.len() < CARES_MAX);
            if let (false, Some(reception)) = (drug, room) {
                reception.care.push(Care { code: item.code, points: item.points });
            } else {
                let quantity = Decimal::from_int(1);
                self.drugs.push(Part { record, code: item.code, quantity, detail: &PLAIN });
                let mut rx = self.prescription(order, 0, 5, 1, rng);
                (rx.prep_points, rx.mgmt_points, rx.addition) = (0, 0, None);
                (rx.unit_points, rx.quantity, rx.fixed) = (item.points, 1, true);
                self.prescriptions.push(rx);
            }
        }
    }

    /// An Rp of the drugs pushed last.
    fn prescription(&self, order: &Order<'t>, reception: usize, form: u8, count: usize, rng: &mut Rng) -> Prescription {
        let (prep, mgmt) = if form == 1 {
            (PHARMACY.pick("prep_internal", rng), PHARMACY.pick("mgmt", rng))
        } else {
            (PHARMACY.pick("prep_external", rng), PHARMACY.of("mgmt")[0])
        };
        Prescription {
            reception,
            form,
            prep,
            prep_points: prep.amount,
            mgmt,
            mgmt_points: mgmt.amount,
            addition: rng.chance(15).then(|| PHARMACY.pick("prep_add", rng)),
            unit_points: 1,
            quantity: 1,
            first: self.drugs.len() - count,
            count,
            sharers: Sharers::draw(order, rng),
            fixed: false,
            line: 0,
        }
    }

    /// Rp until the points are gone: the drugs of the last one, 外用 in one piece, come to what is left.
    fn dispense(&mut self, order: &Order<'t>, rest: &mut i64, rng: &mut Rng) {
        const SUPPLY: [i64; 7] = [3, 5, 7, 14, 28, 30, 56];
        let visits = self.receptions.len().max(1);
        let mean = scaled(PRESCRIPTIONS, order.target, USUAL_POINTS);
        let wanted = around(rng, mean, &MEDIUM).clamp(1, PRESCRIPTIONS_MAX as i64 / 2);
        for i in 1..wanted {
            let quantity = *rng.pick(&SUPPLY);
            let count = self.take(Pool::Drug, rng.between(3, 10), rng);
            let mut rx = self.prescription(order, (i as usize - 1) % visits, 1, count, rng);
            let fees = rx.amount() - rx.unit_points * rx.quantity;
            let share = (*rest - fees) * rng.between(20, 60) / 100 / quantity;
            if share < 1 {
                self.drugs.truncate(rx.first);
                break;
            }
            (rx.unit_points, rx.quantity) = (share.min(UNIT_MAX / quantity), quantity);
            *rest -= rx.amount();
            self.prescriptions.push(rx);
        }
        while *rest > 0 && self.prescriptions.len() < PRESCRIPTIONS_MAX {
            let count = self.take(Pool::External, rng.between(1, 2), rng);
            let reception = rng.between(0, visits as i64 - 1) as usize;
            let mut rx = self.prescription(order, reception, 5, count, rng);
            rx.unit_points = 0;
            if rx.amount() >= *rest {
                self.drugs.truncate(rx.first);
                break;
            }
            rx.unit_points = (*rest - rx.amount()).min(UNIT_MAX);
            *rest -= rx.amount();
            self.prescriptions.push(rx);
        }
    }

    /// Some drugs of a pool.
    fn take(&mut self, pool: Pool, count: i64, rng: &mut Rng) -> usize {
        let list = MEDICAL.pool(pool);
        let before = self.drugs.len();
        let start = rng.between(0, list.len().max(1) as i64 - 1) as usize;
        let rows = list.iter().cycle().skip(start).take(count as usize);
        self.drugs.extend(rows.flat_map(|t| t.parts.iter().copied()));
        self.drugs.len() - before
    }
}

/// Whether the order asks for this code.
pub fn is_ordered(order: &Order<'_>, code: &str) -> bool {
    order.items.iter().any(|i| i.code == code)
}
