//! 訪問看護: amounts in yen, one KA for each day and fee (uke-dental-pharmacy-nursing.md section 7).

use tenken_parser::{Date, layout::nursing};

use super::{
    amounts::{Sharers, Sums},
    body::{Body, Loss},
    comments, diagnosis,
    fees::{Fee, NURSING},
    insurer_form::{Change, edit},
    line::{Lines, Origin},
    spread::{NARROW, around, each_day},
    texts::{CONDITIONS, DOCTOR},
};
use crate::{order::Order, rng::Rng};

/// 金額 has six digits.
const YEN_MAX: i64 = 900_000;
/// 項番 of 金額 on KA
const AMOUNT_ITEM: &str = "6";

/// One fee of a day.
#[derive(Clone, Copy, Debug)]
struct Visit<'t> {
    day: u8,
    code: &'t str,
    yen: i64,
    staff: &'static str,
    sharers: Sharers,
    fixed: bool,
    line: u32,
}

/// A claim of 訪問看護.
pub struct Nursing<'t> {
    visits: Vec<Visit<'t>>,
}

impl<'t> Nursing<'t> {
    pub fn plan(order: &Order<'t>, rng: &mut Rng) -> Self {
        const STAFF: [&str; 4] = ["03", "03", "04", "07"];
        let mut rest = order.target;
        let mut visits: Vec<Visit<'t>> = Vec::with_capacity(64);
        let mut add = |day: u8, code: &'t str, yen: i64, staff, fixed, rng: &mut Rng| {
            let sharers = Sharers::draw(order, rng);
            visits.push(Visit { day, code, yen, staff, sharers, fixed, line: 0 });
        };
        let first = each_day(order.days).next().unwrap_or(1);
        for item in order.items {
            rest -= item.points;
            add(first, item.code, item.points, "", true, rng);
        }
        // every day has its visit, whatever the claim comes to
        let visit = NURSING.pick("visit", rng);
        let mut days_left = i64::from(order.days.count_ones());
        for day in each_day(order.days) {
            let yen = visit.amount.min(rest / days_left.max(1)).max(1);
            days_left -= 1;
            rest -= yen;
            add(day, visit.code, yen, rng.pick::<&str>(&STAFF), false, rng);
            let fee = if day == first { NURSING.pick("manage_first", rng) } else { NURSING.pick("manage_next", rng) };
            if fee.amount + days_left * visit.amount <= rest {
                rest -= fee.amount;
                add(day, fee.code, fee.amount, "", false, rng);
            }
        }
        let days: Vec<u8> = each_day(order.days).collect();
        let wanted = around(rng, 3, &NARROW);
        for _ in 0..wanted {
            let fee = NURSING.pick("addition", rng);
            if fee.amount <= rest && !days.is_empty() {
                rest -= fee.amount;
                add(*rng.pick(&days), fee.code, fee.amount, "", false, rng);
            }
        }
        while rest > 0 && !days.is_empty() {
            let Fee { code, .. } = NURSING.pick("rest", rng);
            let yen = rest.min(YEN_MAX);
            rest -= yen;
            add(*rng.pick(&days), code, yen, "", false, rng);
        }
        visits.sort_by_key(|v| v.day);
        Self { visits }
    }
}

fn visit(order: &Order<'_>, v: &Visit<'_>, lines: &mut Lines<'_>) {
    use nursing::ka as f;
    let date = order.service_month.day(v.day).unwrap_or(order.service_month.last_day());
    lines
        .begin(&f::LAYOUT)
        .date(f::SERVICE_DATE, date)
        .letter(f::BURDEN_CLASS, v.sharers.class())
        .code(f::ITEM_CODE, v.code)
        .int(f::AMOUNT_YEN, v.yen)
        .code(f::STAFF_CODES, v.staff)
        .end();
}

/// IH, HJ, JS before the diagnoses.
fn instruction(order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
    use nursing::{hj, ih, js};
    /// 心身の状態 has at most 2,400 bytes
    const SENTENCES: i64 = 48;
    let month = order.service_month;
    let from = order.prescriber.unwrap_or(order.institution);
    let reported: Date = month.first_day();
    lines
        .begin(&ih::LAYOUT)
        .code(ih::PREFECTURE, &from.prefecture)
        .digits(ih::SCORE_TABLE, u64::from(from.score_table), 1)
        .code(ih::INSTITUTION_CODE, &from.code)
        .text(ih::INSTITUTION_NAME, &from.name)
        .encoded(ih::DOCTOR_NAME, &DOCTOR)
        .date(ih::LAST_REPORT_DATE, reported)
        .end();
    let back = rng.between(0, 4) as i32;
    let begun = month.plus(-back).first_day();
    lines
        .begin(&hj::LAYOUT)
        .code(hj::INSTRUCTION_KIND, "01")
        .date(hj::FROM_DATE, begun)
        .date(hj::TO_DATE, month.plus(5 - back).last_day())
        .end();
    let count = around(rng, 38, &NARROW).clamp(1, SENTENCES) as usize;
    let start = rng.between(0, CONDITIONS.len() as i64 - 1) as usize;
    let mut line = lines.begin(&js::LAYOUT);
    let mut texts = CONDITIONS.iter().cycle().skip(start).take(count);
    if let Some(text) = texts.next() {
        line.encoded(js::CONDITION_TEXT, text);
        texts.for_each(|t| {
            line.more(t);
        });
    }
    line.code(js::NOTICE_DISEASE_FLAGS, "03").end();
}

impl Body for Nursing<'_> {
    fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for v in &self.visits {
            sums.add(v.sharers, v.yen, 1 << (v.day - 1));
        }
        sums
    }

    fn write(&mut self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
        use nursing::rj;
        instruction(order, rng, lines);
        diagnosis::write(order, 2, rng, lines);
        let begun = order.service_month.plus(-(rng.between(0, 30) as i32)).first_day();
        lines.begin(&rj::LAYOUT).date(rj::START_DATE, begun).code(rj::PLACE1_CODE, "01").end();
        comments::ordered(order, lines);
        comments::details(order, rng, lines);
        for v in &mut self.visits {
            v.line = lines.line_no() + 1;
            visit(order, v, lines);
        }
    }

    fn cut(&self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) -> Option<Loss> {
        const TRIES: usize = 8;
        if self.visits.is_empty() {
            return None;
        }
        let main = self.sums().main(order);
        let may = |v: &Visit<'_>| !v.fixed && v.yen > 1 && v.yen * 2 <= main;
        let before = (0..TRIES).map(|_| *rng.pick(&self.visits)).find(may)?;
        let reason = *rng.pick(&["A", "B", "C", "D"]);
        let mut after = before;
        if rng.chance(50) {
            after.yen = 0;
            edit(lines, Origin::Review, Change::Delete, before.line, "", reason);
        } else {
            after.yen = before.yen * rng.between(40, 90) / 100;
            edit(lines, Origin::Review, Change::Modify, before.line, AMOUNT_ITEM, reason);
            visit(order, &after, lines);
        }
        let mut loss = Loss::default();
        before.sharers.add(&mut loss, before.yen - after.yen);
        Some(loss)
    }
}
