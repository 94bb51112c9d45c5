//! 総括レセプト (DPC): a parent that carries the sums, and two subordinate claims of parts of the stay
//! (uke-medical-dpc.md 1.3). All RE of one summary have the same レセプト番号.

use super::{
    amounts::{PAYERS, Sums},
    body::Body,
    comments,
    dpc::Dpc,
    head::{self, Summary},
    line::Lines,
    spread::each_day,
    written,
};
use crate::{
    order::{Order, Written},
    rng::Rng,
};

/// Days from which a stay may have been split.
const LONG: u32 = 20;
const PERCENT: i64 = 4;

/// Whether this claim is written as a summary. Only in the plain form: in the insurer form the subordinates
/// would stand without an institution of their own.
pub fn wanted(order: &Order<'_>, rng: &mut Rng) -> bool {
    order.days.count_ones() >= LONG && rng.chance(PERCENT) && !order.insurer_form
}

pub fn write(order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) -> Written {
    let middle = each_day(order.days).nth(order.days.count_ones() as usize / 2).unwrap_or(16);
    let before = order.days & ((1 << (middle - 1)) - 1);
    let share = rng.between(40, 60);
    let first = Order { days: before, target: order.target * share / 100, ..order.clone() };
    let second = Order { days: order.days & !before, target: order.target - first.target, items: &[], ..order.clone() };
    let mut parts = [Dpc::plan(&first, false, rng), Dpc::plan(&second, false, rng)];
    let sums = parts.iter().fold(Sums::default(), |sum, p| together(sum, p.sums()));
    head::write(order, &sums, Summary::Parent(parts.len() as u8), lines);
    comments::ordered(order, lines);
    comments::whole(order, rng, lines);
    comments::details(order, rng, lines);
    for (part, order) in parts.iter_mut().zip([&first, &second]) {
        head::write(order, &part.sums(), Summary::Subordinate, lines);
        part.write(order, rng, lines);
    }
    Written { claims: 3, ..written(order, &sums, &sums) }
}

fn together(mut a: Sums, b: Sums) -> Sums {
    for payer in 0..PAYERS {
        a.points[payer] += b.points[payer];
        a.days[payer] |= b.days[payer];
        a.meals[payer] += b.meals[payer];
        a.meal_yen[payer] += b.meal_yen[payer];
    }
    a
}
