//! DPC: the bundled part (BU … GT), what is charged beside it, and the coding data
//! (uke-medical-dpc.md section 4).

use tenken_parser::{Date, Decimal, layout::dpc};

use super::{
    amounts::{Sharers, Sums},
    body::{Body, Loss},
    catalogue::{MEDICAL, Part, Pool, RecordKind},
    comments, diagnosis,
    filler::Filler,
    line::Lines,
    medical::write_plan,
    plan::Plan,
    spread::{NARROW, WIDE, around, each_day, first_day, last_day, scaled, some_days},
    units,
};
use crate::{
    order::{Course, Order},
    rng::Rng,
};

/// Records of the part charged item by item, CD records, and 点 of a usual stay (volumes.md section 4).
const ITEMS: i64 = 85;
const CODINGS: i64 = 405;
const USUAL_POINTS: i64 = 60_000;

/// 請求調整区分 今月の請求分, 自他保険区分 自保険分
const THIS_MONTH: &str = "2";
const OWN_INSURANCE: &str = "1";

/// 包括評価 of the month.
#[derive(Debug)]
struct Bundle {
    /// 医療機関別係数
    coefficient: Decimal,
    /// 点 a day and days, by 入院期間区分
    periods: [(i64, i64); 3],
    sharers: Sharers,
}

impl Bundle {
    /// About `points` for these days.
    fn plan(points: i64, days: i64, sharers: Sharers, rng: &mut Rng) -> Self {
        const DAILY_MAX: i64 = 9_000;
        // four places, 1.1000 to 1.5500
        let coefficient = Decimal(rng.between(11_000, 15_500) * 10);
        let first = rng.between(2, 6).min(days);
        let second = rng.between(3, 9).min(days - first);
        let third = days - first - second;
        // the first period pays 135, the second 100, the third 85
        let weight = (135 * first + 100 * second + 85 * third).max(1);
        let sum = points.saturating_mul(Decimal::UNIT) / coefficient.0;
        let daily = |w: i64| (sum * w / weight).clamp(1, DAILY_MAX);
        Self { coefficient, periods: [(daily(135), first), (daily(100), second), (daily(85), third)], sharers }
    }

    /// 包括小計点数合算
    fn sum(&self) -> i64 {
        self.periods.iter().map(|(daily, days)| daily * days).sum()
    }

    /// 包括評価点数: × coefficient, rounded half up (1.5, rule 7).
    fn evaluated(&self) -> i64 {
        let exact = i128::from(self.sum()) * i128::from(self.coefficient.0) * 2 + i128::from(Decimal::UNIT);
        (exact / (2 * i128::from(Decimal::UNIT))) as i64
    }
}

/// A claim of DPC, or one subordinate of a 総括.
pub struct Dpc<'t> {
    plan: Plan<'t>,
    bundle: Bundle,
    codings: i64,
    /// a subordinate leaves comments and details to its parent
    alone: bool,
}

impl<'t> Dpc<'t> {
    pub fn plan(order: &Order<'t>, alone: bool, rng: &mut Rng) -> Self {
        const MIX: [(Pool, i64); 6] = [
            (Pool::Manage, 20),
            (Pool::Treat, 18),
            (Pool::Rehab, 22),
            (Pool::Image, 4),
            (Pool::Test, 6),
            (Pool::Inject, 30),
        ];
        let records = around(rng, scaled(ITEMS, order.target, USUAL_POINTS), &NARROW);
        let codings = around(rng, scaled(CODINGS, order.target, USUAL_POINTS), &WIDE).min(9_000);
        let mut f = Filler::new(order, rng, &MEDICAL, records);
        let share = if order.course == Course::Surgical { 45 } else { 75 };
        let sharers = Sharers::draw(order, f.rng);
        let days = i64::from(order.days.count_ones());
        let bundle = Bundle::plan(f.rest.max(0) * share / 100, days, sharers, f.rng);
        f.rest -= bundle.evaluated();
        let on = some_days(f.rng, order.days, 1);
        match order.course {
            Course::Surgical => {
                let points = f.rest * f.rng.between(50, 75) / 100;
                f.exactly(Pool::Operation, on, points);
                f.at_most(Pool::Anesthesia, on, 40);
            }
            Course::CostlyDrug => {
                let points = f.rest * f.rng.between(60, 90) / 100;
                f.exactly(Pool::Costly, on, points);
            }
            Course::Dialysis => {
                let on = some_days(f.rng, order.days, days as u32 / 2);
                f.at_most(Pool::Dialysis, on, 80);
            }
            Course::Ordinary | Course::LongStay => {}
        }
        f.fill(&MIX, 10);
        f.settle(Pool::Inject, 3);
        f.meals(order.service_month);
        let mut plan = f.plan;
        plan.sort();
        Self { plan, bundle, codings, alone }
    }

    fn diagnosis_group(&self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
        use dpc::{bu, kk, sk};
        const CODES: [&str; 5] =
            ["990010XX01X00X", "990020XX99X00X", "990030XX9910XX", "990040X099X1XX", "990050XX97X00X"];
        let day = |mask: u32| order.service_month.day(mask.trailing_zeros() as u8 + 1);
        let first = order.service_month.first_day();
        let admitted: Date = order.admission.or(day(first_day(order.days))).unwrap_or(first);
        let left = last_day(order.days);
        let last_of_month = 1 << (order.service_month.days() - 1);
        let discharged = day(left).filter(|_| left != last_of_month && self.alone);
        let mut line = lines.begin(&bu::LAYOUT);
        line.code(bu::DPC_CODE, rng.pick::<&str>(&CODES)).date(bu::ADMISSION_DATE, admitted);
        if let Some(date) = discharged {
            line.date(bu::DISCHARGE_DATE, date).code(bu::DPC_OUTCOME, "2");
        }
        line.end();
        diagnosis::write(order, 0, rng, lines);
        let age = (admitted.year_month().index() - order.patient.birth.year_month().index()) / 12;
        lines
            .begin(&kk::LAYOUT)
            .letter(kk::ADMISSION_CLASS, b'0' + rng.between(1, 3) as u8)
            .int(kk::AGE_AT_ADMISSION, i64::from(age.max(0)))
            .end();
        if order.course == Course::Surgical {
            lines
                .begin(&sk::LAYOUT)
                .code(sk::FEE_SECTION_NO, "K999")
                .date(sk::PERFORMED_DATE, day(first_day(order.days)).unwrap_or(first))
                .text(sk::TREATMENT_NAME, "見本手術")
                .end();
        }
    }

    fn bundled(&self, order: &Order<'_>, lines: &mut Lines<'_>) {
        use dpc::{ga, gt, hh};
        /// 外泊等: no day away
        const PRESENT: [u8; 31] = [b'0'; 31];
        let (b, month) = (&self.bundle, order.service_month);
        lines
            .begin(&ga::LAYOUT)
            .month(ga::SERVICE_MONTH, month)
            .code(ga::ADJUSTMENT_CLASS, THIS_MONTH)
            .encoded(ga::STAY_OUT_DAYS, &PRESENT[..usize::from(month.days()).min(PRESENT.len())])
            .dec(ga::HOSPITAL_COEFFICIENT, b.coefficient)
            .end();
        for (i, (daily, days)) in b.periods.iter().enumerate().filter(|(_, (_, days))| *days > 0) {
            lines
                .begin(&hh::LAYOUT)
                .month(hh::SERVICE_MONTH, month)
                .code(hh::ADJUSTMENT_CLASS, THIS_MONTH)
                .code(hh::INSURANCE_CLASS, OWN_INSURANCE)
                .letter(hh::BURDEN_CLASS, b.sharers.class())
                .letter(hh::STAY_PERIOD, b'1' + i as u8)
                .int(hh::DAILY_POINTS, *daily)
                .int(hh::DAYS, *days)
                .int(hh::SUBTOTAL_POINTS, daily * days)
                .end();
        }
        lines
            .begin(&gt::LAYOUT)
            .month(gt::SERVICE_MONTH, month)
            .code(gt::ADJUSTMENT_CLASS, THIS_MONTH)
            .code(gt::INSURANCE_CLASS, OWN_INSURANCE)
            .letter(gt::BURDEN_CLASS, b.sharers.class())
            .int(gt::SUBTOTAL_SUM, b.sum())
            .int(gt::EVALUATED_POINTS, b.evaluated())
            .int(gt::MONTH_TOTAL_POINTS, b.evaluated())
            .code(gt::CATEGORY, "93")
            .end();
    }

    /// CD: what was done on each day, by 診療識別 (4.8).
    fn coding(&self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
        const SHARES: [(&str, Pool, i64); 8] = [
            ("13", Pool::Manage, 2),
            ("21", Pool::Drug, 12),
            ("33", Pool::Inject, 38),
            ("40", Pool::Treat, 7),
            ("60", Pool::Chem, 26),
            ("60", Pool::Test, 9),
            ("70", Pool::Image, 3),
            ("80", Pool::Rehab, 3),
        ];
        let days = i64::from(order.days.count_ones()).max(1);
        let (mut category, mut sequence) = ("", 0);
        for (next, pool, share) in SHARES {
            if next != category {
                (category, sequence) = (next, 0);
            }
            let list = MEDICAL.pool(pool);
            let mut due = 0;
            for day in each_day(order.days) {
                let Some(date) = order.service_month.day(day) else { continue };
                // hundredths of a record that this day brings
                due += self.codings * share / days;
                while due >= 100 && !list.is_empty() {
                    sequence += 1;
                    let together = rng.between(1, 5).min(due / 100);
                    let start = rng.between(0, list.len() as i64 - 1) as usize;
                    let parts = list.iter().cycle().skip(start).take(together as usize).flat_map(|t| &t.parts);
                    for (detail, part) in parts.enumerate() {
                        due -= 100;
                        coding_record(date, category, (sequence, detail as i64 + 1), part, lines);
                    }
                }
            }
        }
    }
}

/// One CD with its 順序番号 and 行為明細番号.
fn coding_record(date: Date, category: &str, no: (i64, i64), part: &Part<'_>, lines: &mut Lines<'_>) {
    use dpc::cd as f;
    let mut line = lines.begin(&f::LAYOUT);
    line.date(f::PERFORMED_DATE, date)
        .code(f::CATEGORY, category)
        .int(f::SEQUENCE_NO, no.0)
        .int(f::DETAIL_NO, no.1)
        .code(f::ITEM_CODE, part.code);
    if part.record == RecordKind::Si {
        if part.quantity.0 != 0 {
            line.int(f::QUANTITY_DATA, part.quantity.0 / Decimal::UNIT);
        }
    } else {
        line.dec(f::QUANTITY, part.quantity).code(f::UNIT_CODE, part.detail.unit_code);
    }
    line.int(f::TIMES, 1).end();
}

impl Body for Dpc<'_> {
    fn sums(&self) -> Sums {
        let mut sums = self.plan.sums();
        let stay = self.plan.units.iter().fold(0, |days, u| days | u.days);
        sums.add(self.bundle.sharers, self.bundle.evaluated(), stay);
        sums
    }

    fn write(&mut self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
        self.diagnosis_group(order, rng, lines);
        self.bundled(order, lines);
        write_plan(&mut self.plan, order.kind, 8, rng, lines);
        if self.alone {
            comments::ordered(order, lines);
            comments::details(order, rng, lines);
        }
        self.coding(order, rng, lines);
    }

    fn cut(&self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) -> Option<Loss> {
        units::cut(&self.plan, order.kind, self.sums().main(order), rng, lines)
    }
}
