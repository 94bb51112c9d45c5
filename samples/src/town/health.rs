//! What a person lives with: the same clinic, pharmacy and diseases month after month.

use super::{Institutions, Person, Region, institution::Hospital};
use crate::{
    calendar::{Day, age},
    draw::keyed,
    tables::{Disease, Scheme, TABLES},
};

#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    /// chronic patients: where they go, and perhaps a second place
    pub chronic: Option<(u16, Option<u16>)>,
    /// indices into the table of diseases
    pub diseases: Vec<u16>,
    pub since: Day,
    pub clinic: u16,
    pub pharmacy: u16,
    pub dentist: u16,
    pub station: u16,
    pub dpc: u16,
    pub acute: u16,
    pub dialysis: bool,
    pub costly: bool,
    pub nursing: bool,
    /// how often something acute comes, and the dentist is seen, in % of the mean
    pub frailty: u32,
    pub teeth: u32,
    /// a stay that goes over months: first day and first day outside
    pub long_stay: Option<(Day, Day)>,
    pub long_hospital: u16,
}

/// Patients on dialysis and with costly drugs among 100,000 of an age (volumes.md 5.2: 0.6 and 0.3 % of the
/// outpatient claims).
fn dialysis_rate(age: i32) -> u32 {
    match age {
        ..30 => 0,
        30..50 => 250,
        50..65 => 560,
        _ => 650,
    }
}

fn costly_rate(age: i32) -> u32 {
    match age {
        ..20 => 20,
        20..50 => 130,
        _ => 270,
    }
}

/// Weights and multipliers (%) of what comes by chance, so that no more than 57 % of the insured have a claim
/// in a month (volumes.md 5.1); their means are 100.
const FRAILTY: [(u32, u32); 3] = [(45, 25), (35, 100), (20, 269)];
const TEETH: [(u32, u32); 2] = [(35, 220), (65, 35)];
/// Chronic patients, % of the outpatient rate of the age; those with a second place, ‰.
pub(crate) const CHRONIC: u32 = 50;
pub(crate) const SECOND: u32 = 350;

/// Share of the inpatient claims that belong to long stays, % (volumes.md 5.2).
const LONG_STAYS: u32 = 25;

impl Health {
    pub fn new(p: &Person, region: &Region, at: &Institutions) -> Self {
        let mut rng = keyed(&[p.key, 9]);
        let last = p.periods.last();
        let scheme = last.map_or(Scheme::Kokuho, |r| r.scheme);
        let on = last.and_then(super::Period::end).map_or(region.reference, |e| e.min(region.reference));
        let age = age(p.birth, on);
        let rate = TABLES.rate(scheme, age);
        // relatives go to the same places
        let home = rng.next() ^ u64::from(p.household);
        let clinic = Institutions::one(&at.clinics, home);
        let mut h = Self {
            clinic,
            pharmacy: Institutions::one(&at.pharmacies, u64::from(p.household).wrapping_add(rng.next() % 3)),
            dentist: Institutions::one(
                &at.dentists,
                u64::from(p.household).wrapping_mul(7).wrapping_add(rng.next() % 2),
            ),
            station: Institutions::one(&at.stations, rng.next()),
            dpc: at.hospital(Hospital::Dpc, rng.next()),
            acute: at.hospital(Hospital::Acute, rng.next()),
            long_hospital: at.hospital(Hospital::LongStay, rng.next()),
            since: region.start - rng.between(0, 3000) as Day,
            ..Self::default()
        };
        h.frailty = FRAILTY[rng.weighted(FRAILTY.iter().map(|f| f.0))].1;
        h.teeth = TEETH[rng.weighted(TEETH.iter().map(|f| f.0))].1;
        let chronic = (rate.outpatient * CHRONIC / 100).min(80_000);
        if rng.per_100_000(chronic) {
            let main = if rng.per_mille(250) { h.dpc } else { clinic };
            let second =
                rng.per_mille(SECOND).then(|| Institutions::one(&at.clinics, rng.next())).filter(|s| *s != main);
            h.chronic = Some((main, second));
        }
        h.dialysis = rng.per_100_000(dialysis_rate(age));
        h.costly = !h.dialysis && rng.per_100_000(costly_rate(age));
        h.nursing = rng.per_100_000(rate.nursing);
        let long = rate.inpatient * LONG_STAYS / 100;
        if age >= 20 && !h.dialysis && rng.per_100_000(long + long / 10) {
            let start = region.reference - rng.between(20, 1500) as Day;
            h.long_stay = Some((start, region.reference + rng.between(20, 400) as Day));
        }
        let group = if h.dialysis {
            "dialysis"
        } else if h.costly {
            "costly"
        } else {
            "chronic"
        };
        h.pick(group, 1, p.sex, age, &mut rng);
        let more = rng.between(0, 2) as usize;
        h.pick("chronic", more, p.sex, age, &mut rng);
        h
    }

    fn pick(&mut self, group: &str, count: usize, sex: u8, age: i32, rng: &mut crate::rng::Rng) {
        for _ in 0..count {
            if let Some(d) = disease(group, sex, age, rng)
                && !self.diseases.contains(&d)
            {
                self.diseases.push(d);
            }
        }
    }
}

/// One disease of a group that fits sex and age: its place in the table.
pub(crate) fn disease(group: &str, sex: u8, age: i32, rng: &mut crate::rng::Rng) -> Option<u16> {
    let fits = |d: &Disease| d.group == group && (d.sex == 0 || d.sex == sex) && (d.age_from..=d.age_to).contains(&age);
    let weights = TABLES.diseases.iter().map(|d| if fits(d) { d.weight } else { 0 });
    if weights.clone().all(|w| w == 0) {
        return None;
    }
    Some(rng.weighted(weights) as u16)
}
