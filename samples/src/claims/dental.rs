//! 歯科: 処置, 手術, 修復・補綴, with teeth on HS and 加算 inside SS (uke-dental-pharmacy-nursing.md section 3).

use super::{
    amounts::Sums,
    body::{Body, Loss},
    catalogue::{DENTAL, Pool},
    comments, diagnosis,
    filler::Filler,
    line::Lines,
    medical::write_plan,
    plan::Plan,
    spread::{MEDIUM, around, first_day, scaled},
    units,
};
use crate::{
    order::{Course, Order},
    rng::Rng,
};

/// Records of detail, diagnoses, and 点 of a usual claim (volumes.md section 4).
const RECORDS: i64 = 22;
const DIAGNOSES: i64 = 3;
const USUAL_POINTS: i64 = 1_300;

/// A claim of 歯科.
pub struct Dental<'t> {
    plan: Plan<'t>,
}

impl<'t> Dental<'t> {
    pub fn plan(order: &Order<'t>, rng: &mut Rng) -> Self {
        const MIX: [(Pool, i64); 8] = [
            (Pool::Treat, 34),
            (Pool::Test, 16),
            (Pool::Manage, 14),
            (Pool::Image, 8),
            (Pool::Act, 12),
            (Pool::Rehab, 4),
            (Pool::Operation, 4),
            (Pool::Drug, 8),
        ];
        let records = around(rng, scaled(RECORDS, order.target, USUAL_POINTS), &MEDIUM);
        let mut f = Filler::new(order, rng, &DENTAL, records);
        let days = order.days;
        let first = first_day(days);
        if order.inpatient {
            f.at_most(Pool::Stay, days, 60);
        } else if f.rng.chance(40) {
            f.visit(Pool::First, first);
            f.visit(Pool::Again, days & !first);
        } else {
            f.visit(Pool::Again, days);
        }
        if order.course == Course::Surgical {
            let points = f.rest * f.rng.between(30, 60) / 100;
            f.exactly(Pool::Operation, first, points);
            f.at_most(Pool::Anesthesia, first, 30);
        }
        f.fill(&MIX, 20);
        f.settle(Pool::Crown, 2);
        if order.inpatient {
            f.meals(order.service_month);
        }
        let mut plan = f.plan;
        plan.sort();
        Self { plan }
    }
}

impl Body for Dental<'_> {
    fn sums(&self) -> Sums {
        self.plan.sums()
    }

    fn write(&mut self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
        diagnosis::write(order, DIAGNOSES, rng, lines);
        write_plan(&mut self.plan, order.kind, 6, rng, lines);
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
