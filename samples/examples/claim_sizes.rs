//! Prints bytes and records of a claim of each kind beside volumes.md section 4, and how fast they are written.
//!
//! `cargo run --release -p tenken-samples --example claim_sizes [claims of each kind]`

// the tests use the rest of it
#[allow(dead_code)]
#[path = "../tests/orders/mod.rs"]
mod orders;

use std::time::Instant;

use orders::{World, stay};
use tenken_parser::Kind;
use tenken_samples::{
    order::{self, Course, Order},
    rng::Rng,
};

/// What volumes.md says: records (mean, p99) and bytes (mean, p99); the mean of the cost in 円 and its σ (5.2).
struct Expected {
    name: &'static str,
    kind: Kind,
    inpatient: bool,
    records: [u32; 2],
    bytes: [u32; 2],
    mean_yen: f64,
    sigma: f64,
}

const EXPECTED: [Expected; 6] = [
    expected("医科入院外", Kind::Medical, false, [30, 110], [1_550, 7_000], 16_300.0, 1.05),
    expected("医科入院", Kind::Medical, true, [220, 700], [14_000, 45_000], 600_000.0, 0.71),
    expected("DPC", Kind::Dpc, true, [480, 2_500], [22_000, 110_000], 640_000.0, 0.71),
    expected("歯科", Kind::Dental, false, [25, 80], [2_800, 9_000], 13_000.0, 0.6),
    expected("調剤", Kind::Pharmacy, false, [22, 70], [950, 3_500], 12_000.0, 1.1),
    expected("訪問看護", Kind::Nursing, false, [25, 0], [2_500, 0], 87_000.0, 0.5),
];

const fn expected(
    name: &'static str,
    kind: Kind,
    inpatient: bool,
    records: [u32; 2],
    bytes: [u32; 2],
    mean_yen: f64,
    sigma: f64,
) -> Expected {
    Expected { name, kind, inpatient, records, bytes, mean_yen, sigma }
}

/// Claims that are written before they are measured.
const BATCH: usize = 500;

fn unit(rng: &mut Rng) -> f64 {
    (rng.next() >> 11) as f64 / (1u64 << 53) as f64
}

/// Log-normal with this mean.
fn log_normal(rng: &mut Rng, mean: f64, sigma: f64) -> f64 {
    let z = (-2.0 * (1.0 - unit(rng)).ln()).sqrt() * (std::f64::consts::TAU * unit(rng)).cos();
    mean * (sigma * z - sigma * sigma / 2.0).exp()
}

fn order<'w>(world: &'w World, e: &Expected, rng: &mut Rng) -> Order<'w> {
    let yen = log_normal(rng, e.mean_yen, e.sigma);
    let target = if e.kind == Kind::Nursing { yen } else { yen / 10.0 } as i64;
    let course = match rng.between(0, 99) {
        0..=24 if e.inpatient && e.kind == Kind::Medical => Course::LongStay,
        25..=54 if e.inpatient => Course::Surgical,
        _ => Course::Ordinary,
    };
    let days = if course == Course::LongStay {
        0x7FFF_FFFF
    } else if e.inpatient {
        stay(rng)
    } else {
        let count = match e.kind {
            Kind::Nursing => rng.between(4, 12),
            Kind::Pharmacy => 1 + i64::from(rng.chance(30)),
            _ => rng.between(1, 3),
        };
        (0..count).fold(0, |mask, _| mask | 1 << rng.between(0, 30))
    };
    let mut order = world.ordinary(e.kind, e.inpatient, days, target.max(50), rng);
    order.course = course;
    order
}

fn percentile(sorted: &[usize], percent: usize) -> usize {
    sorted[(sorted.len() - 1) * percent / 100]
}

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let world = World::new();
    let mut rng = Rng::new(1);
    for e in &EXPECTED {
        let orders: Vec<Order<'_>> = (0..count).map(|_| order(&world, e, &mut rng)).collect();
        let mut ends = Vec::new();
        let (mut bytes, mut records) = (Vec::new(), Vec::new());
        let mut out = Vec::new();
        let mut seconds = 0.0;
        for batch in orders.chunks(BATCH) {
            // a buffer that is reused, as a writer of files has one
            out.clear();
            ends.clear();
            let started = Instant::now();
            for o in batch {
                order::write(o, &mut rng, &mut out);
                ends.push(out.len());
            }
            seconds += started.elapsed().as_secs_f64();
            let starts = std::iter::once(0).chain(ends.iter().copied());
            for claim in starts.zip(&ends).map(|(from, to)| &out[from..*to]) {
                bytes.push(claim.len());
                records.push(claim.iter().filter(|b| **b == b'\n').count());
            }
        }
        let whole: usize = bytes.iter().sum();
        bytes.sort_unstable();
        records.sort_unstable();
        let mean = |list: &[usize]| list.iter().sum::<usize>() / list.len();
        println!(
            "{:　<6} records {:4} ({:4}) p99 {:5} ({:5}) bytes {:6} ({:6}) p99 {:6} ({:6}) {:4.0} MB/s",
            e.name,
            mean(&records),
            e.records[0],
            percentile(&records, 99),
            e.records[1],
            mean(&bytes),
            e.bytes[0],
            percentile(&bytes, 99),
            e.bytes[1],
            whole as f64 / seconds / 1e6,
        );
    }
}
