//! How much a claim comes to (volumes.md 5.2 and 5.3): mixtures of log-normals with a Pareto tail, in 点.

use crate::{order::Course, rng::Rng, tables::Scheme};

/// Above this the log-normal ends, and the tail begins (yen).
const TAIL_FROM: f64 = 4_200_000.0;
const TAIL_TO: f64 = 200_000_000.0;
const TAIL_EXPONENT: f64 = 1.8;
/// Inpatient claims in the tail, per 100,000.
const TAIL: u32 = 60;

fn points(yen: f64) -> i64 {
    (yen / 10.0) as i64
}

/// An inpatient claim of so many days.
pub(crate) fn inpatient(course: Course, scheme: Scheme, days: u32, rng: &mut Rng) -> i64 {
    if course != Course::LongStay && rng.per_100_000(TAIL * 4 / 3) {
        return points(rng.pareto(TAIL_FROM, TAIL_EXPONENT, TAIL_TO));
    }
    let (mean, sigma) = match course {
        Course::LongStay => (385_000.0, 0.25),
        Course::Surgical => (1_095_000.0, 0.52),
        _ => (425_000.0, 0.62),
    };
    let scale = if scheme == Scheme::Kouki { 0.94 } else { 1.0 };
    let floor = f64::from(days) * 15_500.0;
    let mut yen = rng.log_normal(mean * scale, sigma);
    if yen >= TAIL_FROM {
        yen = TAIL_FROM * 0.6 + rng.unit() * TAIL_FROM * 0.35;
    }
    points(yen.max(floor))
}

/// An outpatient claim, `cost` in % of the mean.
pub(crate) fn outpatient(course: Course, scheme: Scheme, cost: u32, visits: u32, rng: &mut Rng) -> i64 {
    let yen = match course {
        Course::Dialysis => rng.log_normal(345_000.0, 0.12),
        Course::CostlyDrug => rng.log_normal(250_000.0, 0.95).max(40_000.0),
        _ => {
            let mean = if scheme == Scheme::Kouki { 13_700.0 } else { 13_300.0 };
            // several visits cost more than one, the mean over all stays
            let by_visits = 0.72 + 0.19 * f64::from(visits.min(8));
            rng.log_normal(mean * f64::from(cost) / 100.0 * by_visits, 0.98).max(760.0)
        }
    };
    points(yen)
}

pub(crate) fn pharmacy(course: Course, scheme: Scheme, cost: u32, rng: &mut Rng) -> i64 {
    let mean = if scheme == Scheme::Kouki { 13_600.0 } else { 11_500.0 };
    let yen = match course {
        // drugs that are taken at home
        Course::CostlyDrug if rng.per_mille(350) => rng.log_normal(230_000.0, 0.9),
        _ => rng.log_normal(mean * f64::from(cost) / 100.0, 1.05),
    };
    points(yen.max(900.0))
}

pub(crate) fn dental(rng: &mut Rng) -> i64 {
    points(rng.log_normal(13_000.0, 0.6).max(2_700.0))
}

/// Yen.
pub(crate) fn nursing(days: u32, rng: &mut Rng) -> i64 {
    (rng.log_normal(11_300.0, 0.15) * f64::from(days)) as i64
}
