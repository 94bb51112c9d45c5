//! 医科: outpatient claims with 人工透析 and costly drugs, and stays.

use tenken_parser::Kind;

use super::{
    amounts::Sums,
    body::{Body, Loss},
    catalogue::{MEDICAL, Pool},
    comments, diagnosis,
    filler::Filler,
    line::Lines,
    plan::Plan,
    spread::{MEDIUM, NARROW, around, first_day, scaled, some_days},
    units,
};
use crate::{
    order::{Course, Order},
    rng::Rng,
};

/// Records of detail and diagnoses, by setting (volumes.md section 4), and the usual 点.
struct Size {
    records: i64,
    diagnoses: i64,
    points: i64,
}

const CLINIC: Size = Size { records: 16, diagnoses: 4, points: 1_600 };
const HOSPITAL: Size = Size { records: 36, diagnoses: 8, points: 1_900 };
const STAY: Size = Size { records: 222, diagnoses: 10, points: 60_000 };

fn size(order: &Order<'_>) -> Size {
    match (order.inpatient, order.institution.beds) {
        (true, _) => STAY,
        (false, 0..20) => CLINIC,
        (false, _) => HOSPITAL,
    }
}

/// A claim of 医科.
pub struct Medical<'t> {
    plan: Plan<'t>,
    diagnoses: i64,
    comment_percent: i64,
}

impl<'t> Medical<'t> {
    pub fn plan(order: &Order<'t>, rng: &mut Rng) -> Self {
        let size = size(order);
        let mean = scaled(size.records, order.target, size.points);
        let records = around(rng, mean, if order.inpatient { &NARROW } else { &MEDIUM });
        let mut filler = Filler::new(order, rng, &MEDICAL, records);
        if order.inpatient {
            stay(&mut filler);
        } else {
            outpatient(&mut filler);
        }
        let mut plan = filler.plan;
        plan.sort();
        Self { plan, diagnoses: size.diagnoses, comment_percent: if order.inpatient { 4 } else { 12 } }
    }
}

fn outpatient(f: &mut Filler<'_, '_>) {
    /// 院外処方: nothing is given out
    const OUTSIDE: [(Pool, i64); 8] = [
        (Pool::Test, 40),
        (Pool::Chem, 16),
        (Pool::Manage, 12),
        (Pool::Treat, 14),
        (Pool::Image, 8),
        (Pool::Rehab, 6),
        (Pool::Inject, 4),
        (Pool::Material, 1),
    ];
    const INSIDE: [(Pool, i64); 8] = [
        (Pool::Test, 24),
        (Pool::Chem, 12),
        (Pool::Drug, 32),
        (Pool::External, 10),
        (Pool::Manage, 8),
        (Pool::Treat, 7),
        (Pool::Image, 4),
        (Pool::Rehab, 3),
    ];
    /// of a hundred claims (volumes.md 5.4)
    const PRESCRIBED_OUTSIDE: i64 = 66;
    let days = f.order.days;
    let first = first_day(days);
    if f.rng.chance(30) {
        f.visit(Pool::First, first);
        f.visit(Pool::Again, days & !first);
    } else {
        f.visit(Pool::Again, days);
        if f.rng.chance(60) {
            f.charge(Pool::AgainAdd, days, 1);
        }
    }
    let outside = f.rng.chance(PRESCRIBED_OUTSIDE);
    let mix: &[(Pool, i64)] = if outside { &OUTSIDE } else { &INSIDE };
    f.charge(Pool::Prescribe, first, 1);
    match f.order.course {
        Course::Dialysis => {
            f.at_most(Pool::Dialysis, days, 85);
            f.fill(mix, 15);
            f.settle(Pool::Inject, 3);
        }
        Course::CostlyDrug => {
            let on = some_days(f.rng, days, 2);
            let points = f.rest * f.rng.between(70, 92) / 100 / i64::from(on.count_ones());
            f.fill(mix, 95);
            f.exactly(Pool::Costly, on, points);
            f.settle(Pool::Costly, 1);
        }
        Course::Surgical => {
            f.at_most(Pool::Operation, first, 60);
            f.fill(mix, 20);
            f.settle(Pool::Inject, 2);
        }
        Course::Ordinary | Course::LongStay => {
            f.fill(mix, 3);
            if !outside {
                f.supplies(1 + (f.rest / 1500).min(4));
            }
            const LAST: [Pool; 4] = [Pool::Inject, Pool::Treat, Pool::Image, Pool::Test];
            let pool = if outside { *f.rng.pick(&LAST) } else { Pool::External };
            f.settle(pool, 1 + (f.rest / 2000).min(4));
        }
    }
}

fn stay(f: &mut Filler<'_, '_>) {
    const MIX: [(Pool, i64); 10] = [
        (Pool::Test, 18),
        (Pool::Chem, 13),
        (Pool::Drug, 8),
        (Pool::Inject, 34),
        (Pool::Act, 8),
        (Pool::Treat, 9),
        (Pool::Image, 5),
        (Pool::Manage, 2),
        (Pool::Rehab, 4),
        (Pool::Material, 2),
    ];
    let days = f.order.days;
    let first = first_day(days);
    let (pool, share) = match f.order.course {
        Course::LongStay => (Pool::LongStay, 80),
        Course::Surgical => (Pool::Stay, 40),
        _ => (Pool::Stay, 60),
    };
    f.at_most(pool, days, share);
    match f.order.course {
        Course::Surgical => {
            let on = some_days(f.rng, days, 1);
            let points = f.rest * f.rng.between(35, 60) / 100;
            f.exactly(Pool::Operation, on, points);
            f.at_most(Pool::Anesthesia, on, 20);
        }
        Course::Dialysis => {
            let on = some_days(f.rng, days, days.count_ones() / 2);
            f.at_most(Pool::Dialysis, on, 70);
        }
        Course::CostlyDrug => {
            let points = f.rest * f.rng.between(60, 85) / 100;
            f.exactly(Pool::Costly, first, points);
        }
        Course::Ordinary | Course::LongStay => {}
    }
    f.fill(&MIX, 12);
    f.settle(Pool::Inject, 4);
    /// of a hundred stays, how many have meals (volumes.md 5.4)
    const WITH_MEALS: i64 = 97;
    if f.rng.chance(WITH_MEALS) {
        f.meals(f.order.service_month);
    }
}

impl Body for Medical<'_> {
    fn sums(&self) -> Sums {
        self.plan.sums()
    }

    fn write(&mut self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
        diagnosis::write(order, self.diagnoses, rng, lines);
        write_plan(&mut self.plan, order.kind, self.comment_percent, rng, lines);
        comments::ordered(order, lines);
        if rng.chance(30) {
            comments::whole(order, rng, lines);
        }
        comments::details(order, rng, lines);
    }

    fn cut(&self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) -> Option<Loss> {
        units::cut(&self.plan, order.kind, self.sums().main(order), rng, lines)
    }
}

/// Writes every unit of a plan, with comments on some.
pub fn write_plan(plan: &mut Plan<'_>, kind: Kind, comment_percent: i64, rng: &mut Rng, lines: &mut Lines<'_>) {
    for at in 0..plan.units.len() {
        let unit = plan.units[at];
        plan.units[at].line = lines.line_no() + 1;
        units::write(kind, &unit, plan.parts_of(&unit), lines);
        if rng.chance(comment_percent) {
            comments::about(kind, unit.category, unit.sharers, rng, lines);
        }
    }
}
