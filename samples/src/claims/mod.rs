//! The writers of claims: one [`Order`] becomes the records of one claim, in the plain form or in that of the
//! insurer, with right arithmetic (uke-medical-dpc.md 1.5).
//!
//! The body of a claim is planned first, because HO and KO stand before what they sum up; then everything is
//! written once, in order, without allocating for a record.

mod amounts;
mod body;
mod catalogue;
mod comments;
mod dental;
mod diagnosis;
mod dpc;
mod fees;
mod filler;
mod format;
mod head;
mod institution;
mod insurer_form;
mod line;
mod medical;
mod nursing;
mod pharmacy;
mod plan;
mod spread;
mod summary;
mod texts;
mod units;

use tenken_parser::Kind;

pub use self::institution::{file_header, go};
use self::{
    amounts::{Sums, is_public_only},
    body::Body,
    head::Summary,
    line::Lines,
};
use crate::{
    order::{Order, Written},
    rng::Rng,
};

/// Writes one claim behind what `out` holds.
pub fn write(order: &Order<'_>, rng: &mut Rng, out: &mut Vec<u8>) -> Written {
    if order.days == 0 {
        // at least one day is promised; without any, nothing could be charged
        return write(&Order { days: 1, ..order.clone() }, rng, out);
    }
    let mut lines = if order.insurer_form { Lines::insurer(out) } else { Lines::plain(out) };
    match order.kind {
        Kind::Medical => claim(order, medical::Medical::plan(order, rng), rng, &mut lines),
        Kind::Dpc if summary::wanted(order, rng) => summary::write(order, rng, &mut lines),
        Kind::Dpc => claim(order, dpc::Dpc::plan(order, true, rng), rng, &mut lines),
        Kind::Dental => claim(order, dental::Dental::plan(order, rng), rng, &mut lines),
        Kind::Pharmacy => claim(order, pharmacy::Pharmacy::plan(order, rng), rng, &mut lines),
        Kind::Nursing => claim(order, nursing::Nursing::plan(order, rng), rng, &mut lines),
    }
}

/// Writes head and body, and in the insurer form what stands around them.
fn claim(order: &Order<'_>, mut body: impl Body, rng: &mut Rng, lines: &mut Lines<'_>) -> Written {
    let sums = body.sums();
    if order.insurer_form {
        insurer_form::open(order, lines);
    }
    if order.insurer_form || order.kind == Kind::Dental {
        institution::inside(order.kind, order.institution, order.billing_month, lines);
    }
    let at = head::write(order, &sums, Summary::Whole, lines);
    body.write(order, rng, lines);
    let mut effective = sums;
    if order.insurer_form {
        insurer_form::eligibility(order, &sums, &at, rng, lines);
        if rng.between(0, 999) < i64::from(order.cut_per_mille)
            && let Some(loss) = body.cut(order, rng, lines)
        {
            effective = insurer_form::correct_head(order, &sums, &loss, &at, lines);
        }
        insurer_form::close(rng, lines);
    }
    written(order, &sums, &effective)
}

/// What the tables say of a claim with these sums.
fn written(order: &Order<'_>, billed: &Sums, effective: &Sums) -> Written {
    let (points, after) = (billed.main(order), effective.main(order));
    let nursing = order.kind == Kind::Nursing;
    Written {
        claims: 1,
        points: if nursing { 0 } else { points },
        points_effective: if nursing { 0 } else { after },
        cost_yen: if nursing { after } else { after * 10 },
        payers: i64::from(!is_public_only(order)) + order.publics.len().min(4) as i64,
        go_points: points,
    }
}
