//! 調剤: Rp with drugs, and the fees of each reception (uke-dental-pharmacy-nursing.md section 5).

use tenken_parser::{
    Date, Decimal,
    field::{Code, FieldRef, Int},
    layout::pharmacy,
};

use super::{
    amounts::{PAYERS, Sharers, Sums},
    body::{Body, Loss},
    catalogue::{MEDICAL, PLAIN, Part, Pool, RecordKind},
    comments,
    fees::{Fee, PHARMACY},
    insurer_form::{Change, edit},
    line::{Lines, Origin},
    spread::{MEDIUM, around, each_day, scaled},
    texts::COMMENTS,
    units::FREE_TEXT,
};
use crate::{order::Order, rng::Rng};

/// Rp of a usual claim, and its 点 (volumes.md section 4).
const PRESCRIPTIONS: i64 = 3;
const USUAL_POINTS: i64 = 1_200;
/// 単位薬剤料 has seven digits.
const UNIT_MAX: i64 = 9_000_000;
/// No is two digits.
const PRESCRIPTIONS_MAX: usize = 90;

/// One Rp: SH, CZ and its drugs.
#[derive(Clone, Copy, Debug)]
struct Prescription {
    /// 処方箋受付回, from 0
    reception: usize,
    /// 剤形 1 内服, 5 外用
    form: u8,
    prep: Fee,
    prep_points: i64,
    mgmt: Fee,
    mgmt_points: i64,
    /// 加算料
    addition: Option<Fee>,
    /// 単位薬剤料
    unit_points: i64,
    /// 調剤数量
    quantity: i64,
    /// place of its drugs
    first: usize,
    count: usize,
    sharers: Sharers,
    fixed: bool,
    /// 行番号 of CZ
    line: u32,
}

impl Prescription {
    fn amount(&self) -> i64 {
        self.prep_points + self.mgmt_points + self.addition.map_or(0, |a| a.amount) + self.unit_points * self.quantity
    }
}

/// A 薬学管理料.
#[derive(Clone, Copy, Debug)]
struct Care<'t> {
    code: &'t str,
    points: i64,
}

/// KI of one reception.
#[derive(Clone, Debug)]
struct Reception<'t> {
    day: u8,
    base: Fee,
    base_points: i64,
    addition: Option<Fee>,
    care: Vec<Care<'t>>,
    sharers: Sharers,
    line: u32,
}

impl Reception<'_> {
    fn amount(&self) -> i64 {
        self.base_points + self.addition.map_or(0, |a| a.amount) + self.care.iter().map(|c| c.points).sum::<i64>()
    }
}

/// A claim of 調剤.
pub struct Pharmacy<'t> {
    prescriptions: Vec<Prescription>,
    drugs: Vec<Part<'t>>,
    receptions: Vec<Reception<'t>>,
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
            match reception.care.first_mut() {
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
            if matches!(record, RecordKind::Iy | RecordKind::To) && item.points > 0 {
                let quantity = Decimal::from_int(1);
                self.drugs.push(Part { record, code: item.code, quantity, detail: &PLAIN });
                let mut rx = self.prescription(order, 0, 5, 1, rng);
                (rx.prep_points, rx.mgmt_points, rx.addition) = (0, 0, None);
                (rx.unit_points, rx.quantity, rx.fixed) = (item.points, 1, true);
                self.prescriptions.push(rx);
            } else if let Some(reception) = self.receptions.first_mut() {
                reception.care.push(Care { code: item.code, points: item.points });
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

    fn date(&self, order: &Order<'_>, reception: usize) -> Date {
        let day = self.receptions.get(reception).map_or(1, |r| r.day);
        order.service_month.day(day).unwrap_or(order.service_month.last_day())
    }

    /// SH 処方基本レコード.
    fn basis(&self, no: u64, rx: &Prescription, lines: &mut Lines<'_>) {
        use pharmacy::sh as f;
        const USAGE: [&str; 4] = ["001", "003", "013", "021"];
        let mut line = lines.begin(&f::LAYOUT);
        line.digits(f::RX_NO, no, 2)
            .letter(f::DOSAGE_FORM, b'0' + rx.form)
            .code(f::USAGE_CODE, if rx.form == 1 { USAGE[no as usize % USAGE.len()] } else { "900" })
            .int(f::UNIT_DRUG_POINTS, rx.unit_points);
        for payer in (1..PAYERS).filter(|p| rx.sharers.has(*p)) {
            line.int(FieldRef::<Int>::new(f::UNIT_DRUG_POINTS_K1.index() + payer - 1), rx.unit_points);
        }
        line.end();
    }

    /// CZ 調剤情報レコード.
    fn dispensing(&self, order: &Order<'_>, no: u64, rx: &Prescription, lines: &mut Lines<'_>) {
        use pharmacy::cz as f;
        let date = self.date(order, rx.reception);
        // 1 charged; 4 not charged, same dosing time
        let kind = |points: i64| if points > 0 { "1" } else { "4" };
        let class = rx.sharers.class();
        let mut line = lines.begin(&f::LAYOUT);
        line.int(f::DOCTOR_NO, 1)
            .date(f::PRESCRIBED_DATE, date)
            .date(f::DISPENSED_DATE, date)
            .int(f::RECEPTION_SEQ, rx.reception as i64 + 1)
            .dec(f::QUANTITY, Decimal::from_int(rx.quantity))
            .letter(f::PREP_BURDEN_CLASS, class)
            .code(f::PREP_CALC_KIND, kind(rx.prep_points))
            .digits(f::PREP_TARGET_NO, no, 2)
            .code(f::PREP_CODE, rx.prep.code)
            .int(f::PREP_POINTS, rx.prep_points)
            .int(f::DRUG_POINTS, rx.unit_points * rx.quantity);
        if let Some(addition) = rx.addition {
            line.letter(f::ADD_BURDEN_CLASS_01, class)
                .code(f::ADD_CODE_01, addition.code)
                .int(f::ADD_POINTS_01, addition.amount);
        }
        line.letter(f::MGMT_BURDEN_CLASS, class)
            .code(f::MGMT_CALC_KIND, kind(rx.mgmt_points))
            .digits(f::MGMT_TARGET_NO, no, 2)
            .code(f::MGMT_CODE, rx.mgmt.code)
            .int(f::MGMT_POINTS, rx.mgmt_points)
            .end();
    }

    fn drugs_of(&self, rx: &Prescription, lines: &mut Lines<'_>) {
        use pharmacy::{iy, to};
        for drug in self.drugs.get(rx.first..rx.first + rx.count).unwrap_or_default() {
            if drug.record == RecordKind::To {
                lines
                    .begin(&to::LAYOUT)
                    .letter(to::BURDEN_CLASS, rx.sharers.class())
                    .code(to::ITEM_CODE, drug.code)
                    .dec(to::QUANTITY, drug.quantity)
                    .end();
            } else {
                lines
                    .begin(&iy::LAYOUT)
                    .letter(iy::BURDEN_CLASS, rx.sharers.class())
                    .code(iy::ITEM_CODE, drug.code)
                    .dec(iy::QUANTITY, drug.quantity)
                    .end();
            }
        }
    }

    /// KI 基本料・薬学管理料レコード: 薬学管理料 of `care` only.
    fn fees(&self, order: &Order<'_>, at: usize, care: &[Care<'_>], lines: &mut Lines<'_>) {
        use pharmacy::ki as f;
        /// fields of one 薬学管理料
        const STEP: usize = 4;
        let Some(reception) = self.receptions.get(at) else { return };
        let class = reception.sharers.class();
        let mut line = lines.begin(&f::LAYOUT);
        line.date(f::CALC_DATE, self.date(order, at))
            .int(f::RECEPTION_SEQ, at as i64 + 1)
            .letter(f::BASE_BURDEN_CLASS, class)
            .code(f::BASE_CODE, reception.base.code)
            .int(f::BASE_POINTS, reception.base_points);
        for (i, care) in care.iter().take(CARES_MAX).enumerate() {
            let code = |first: FieldRef<Code>| FieldRef::<Code>::new(first.index() + STEP * i);
            let int = |first: FieldRef<Int>| FieldRef::<Int>::new(first.index() + STEP * i);
            line.letter(code(f::CARE_BURDEN_CLASS_01), class)
                .code(code(f::CARE_CODE_01), care.code)
                .int(int(f::CARE_TIMES_01), 1)
                .int(int(f::CARE_POINTS_01), care.points);
        }
        if let Some(addition) = reception.addition {
            line.letter(f::BASE_ADD_BURDEN_CLASS_01, class)
                .code(f::BASE_ADD_CODE_01, addition.code)
                .int(f::BASE_ADD_TIMES_01, 1)
                .int(f::BASE_ADD_POINTS_01, addition.amount);
        }
        line.end();
    }

    /// Some days of drugs taken off an Rp.
    fn cut_drugs(&self, order: &Order<'_>, at: usize, reason: &str, rng: &mut Rng, lines: &mut Lines<'_>) -> Loss {
        /// 項番 of 調剤数量 and 薬剤料 on CZ
        const ITEMS: &str = "6:14";
        let rx = &self.prescriptions[at];
        let after = Prescription { quantity: rng.between(1, rx.quantity - 1), ..*rx };
        edit(lines, Origin::Review, Change::Modify, rx.line, ITEMS, reason);
        self.dispensing(order, at as u64 + 1, &after, lines);
        let mut loss = Loss::default();
        rx.sharers.add(&mut loss, rx.amount() - after.amount());
        loss
    }
}

/// Places for 薬学管理料 on KI.
const CARES_MAX: usize = 12;

impl Body for Pharmacy<'_> {
    fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for rx in &self.prescriptions {
            let day = self.receptions.get(rx.reception).map_or(0, |r| 1 << (r.day - 1));
            sums.add(rx.sharers, rx.amount(), day);
        }
        for r in &self.receptions {
            sums.add(r.sharers, r.amount(), 1 << (r.day - 1));
        }
        sums
    }

    fn write(&mut self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
        use pharmacy::{co, tk};
        for at in 0..self.prescriptions.len() {
            let (no, rx) = (at as u64 + 1, self.prescriptions[at]);
            self.basis(no, &rx, lines);
            self.dispensing(order, no, &rx, lines);
            self.prescriptions[at].line = lines.line_no();
            self.drugs_of(&rx, lines);
            if rng.chance(60) {
                let text = &rng.pick(&COMMENTS).text;
                lines.begin(&co::LAYOUT).code(co::COMMENT_CODE, FREE_TEXT).encoded(co::TEXT, text).end();
            }
        }
        comments::ordered(order, lines);
        comments::details(order, rng, lines);
        if rng.chance(35) {
            let text = &rng.pick(&COMMENTS).text;
            lines.begin(&tk::LAYOUT).code(tk::COMMENT_CODE, FREE_TEXT).encoded(tk::TEXT, text).end();
        }
        for at in 0..self.receptions.len() {
            self.fees(order, at, &self.receptions[at].care, lines);
            self.receptions[at].line = lines.line_no();
        }
    }

    fn cut(&self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) -> Option<Loss> {
        let reason = *rng.pick(&["A", "B", "C", "D"]);
        let main = self.sums().main(order);
        let drugs = self.prescriptions.iter().position(|p| !p.fixed && p.quantity > 1 && p.amount() * 2 <= main);
        if let Some(at) = drugs.filter(|_| rng.chance(60)) {
            return Some(self.cut_drugs(order, at, reason, rng, lines));
        }
        // the last 薬学管理料 of a reception, if it is none that was ordered
        let ordered = |code: &str| order.items.iter().any(|i| i.code == code);
        let (at, care, gone) = self.receptions.iter().enumerate().find_map(|(at, r)| {
            let (last, before) = r.care.split_last()?;
            (last.points > 0 && last.points * 2 <= main && !ordered(last.code)).then_some((at, before, last.points))
        })?;
        // 項番 of the first 薬学管理料 on KI
        edit(lines, Origin::Review, Change::Modify, self.receptions[at].line, "8", reason);
        self.fees(order, at, care, lines);
        let mut loss = Loss::default();
        self.receptions[at].sharers.add(&mut loss, gone);
        Some(loss)
    }
}
