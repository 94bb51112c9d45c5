//! Visits: clinics, their pharmacies, dentists, nursing at home.

use tenken_parser::Kind;

use super::{Diagnosis, Draft, Patient, amount};
use crate::{
    calendar::{Day, age, span},
    order::Course,
    rng::Rng,
    tables::{Rate, Scheme, TABLES},
    town::{Institutions, health::disease},
};

/// Chance that a chronic patient is seen in a month, ‰: at the first place, at the second.
const SEEN: (u32, u32) = (850, 650);
/// Part of the visits of an age that the chronic make: CHRONIC of health.rs times SEEN, less what falls into
/// stays and what meets at one place; 国保 and 後期.
const BY_CHRONIC: (f64, f64) = (0.472, 0.395);
/// 院外処方, ‰ of the outpatient claims (volumes.md 5.4 and section 2).
const PRESCRIBED: (u32, u32) = (682, 727);
/// Outpatient claims against the mean of the year by month of examination (volumes.md 1.1), ‰.
const SEASON: [u32; 12] = [1000, 983, 988, 1043, 955, 1000, 1005, 1005, 1005, 1005, 1005, 1006];

/// Number of visits of a claim: mean 1.5, 1.6 in 後期 (volumes.md 1.6).
fn visits(scheme: Scheme, rng: &mut Rng) -> u32 {
    let more = if scheme == Scheme::Kouki { 30 } else { 0 };
    match rng.below(1000) as u32 {
        r if r < 715 - more => 1,
        r if r < 905 - more => 2,
        r if r < 955 => 3,
        r if r < 980 => 4,
        _ => rng.between(5, 10) as u32,
    }
}

impl Patient<'_> {
    pub(super) fn visits(&self, scheme: Scheme, free: u32, rate: &Rate, out: &mut Vec<Draft>) {
        let mut rng = self.rng(260 + u64::from(scheme.code()));
        let h = &self.p.health;
        let part = f64::from(free.count_ones()) / f64::from(self.month.days());
        let season = SEASON[usize::from(self.month.plus(1).month() - 1)];
        let mut used: Vec<u16> = Vec::new();
        if h.dialysis {
            let days = every_other(free);
            self.outpatient(scheme, h.dpc, days, Course::Dialysis, rate, &mut rng, out);
            used.push(h.dpc);
        }
        if let Some((main, second)) = h.chronic.filter(|_| !h.dialysis) {
            for (place, chance) in [(Some(main), SEEN.0), (second, SEEN.1)] {
                let Some(place) = place.filter(|p| !used.contains(p)) else { continue };
                if rng.per_mille(chance * season / 1000) && rng.unit() < part + 0.25 {
                    let count = visits(scheme, &mut rng);
                    let days = rng.days_of(free, count);
                    let course = if h.costly && place == main { Course::CostlyDrug } else { Course::Ordinary };
                    self.outpatient(scheme, place, days, course, rate, &mut rng, out);
                    used.push(place);
                }
            }
        } else if h.costly && rng.per_mille(900) {
            let days = rng.days_of(free, 1);
            self.outpatient(scheme, h.dpc, days, Course::CostlyDrug, rate, &mut rng, out);
            used.push(h.dpc);
        }
        let mean = f64::from(rate.outpatient) / 100_000.0;
        let by_chronic = if scheme == Scheme::Kouki { BY_CHRONIC.1 } else { BY_CHRONIC.0 };
        let acute = mean * (1.0 - by_chronic) * part * f64::from(season * h.frailty) / 100_000.0;
        for _ in 0..rng.poisson(acute, 4) {
            let all = &self.district.institutions;
            let place = match rng.below(100) {
                0..30 => h.clinic,
                30..85 => Institutions::one(&all.clinics, rng.next()),
                _ => Institutions::one(&all.hospitals, rng.next()),
            };
            if used.contains(&place) || out.iter().any(|d| d.inpatient && d.institution == place) {
                continue;
            }
            used.push(place);
            let count = visits(scheme, &mut rng);
            let days = rng.days_of(free, count);
            self.outpatient(scheme, place, days, Course::Ordinary, rate, &mut rng, out);
        }
        if rng.unit() < f64::from(rate.dental) / 10_000_000.0 * f64::from(h.teeth) * part.max(0.3) {
            let count = match rng.below(100) {
                0..56 => 1,
                56..84 => 2,
                84..95 => 3,
                _ => 4,
            };
            let days = rng.days_of(free, count);
            self.dental(scheme, days, &mut rng, out);
        }
        if h.nursing && free.count_ones() >= 12 && rng.per_mille(980) {
            let count = rng.between(4, 12) as u32;
            self.nursing(scheme, rng.clone().days_of(free, count), &mut rng, out);
        }
    }

    #[expect(clippy::too_many_arguments)]
    pub(super) fn outpatient(
        &self,
        scheme: Scheme,
        place: u16,
        days: u32,
        course: Course,
        rate: &Rate,
        rng: &mut Rng,
        out: &mut Vec<Draft>,
    ) {
        let mut d = self.draft(scheme, Kind::Medical, place, days);
        d.course = course;
        d.target = amount::outpatient(course, scheme, rate.cost, days.count_ones(), rng);
        let own = self.diagnoses(&mut d, rng);
        self.publics(&mut d, own);
        self.limit(scheme, &mut d, rng);
        let share = if scheme == Scheme::Kouki { PRESCRIBED.1 } else { PRESCRIBED.0 };
        let prescribed = rng.per_mille(if course == Course::Dialysis { 400 } else { share });
        let pharmacy = prescribed.then(|| self.pharmacy(scheme, &d, rate, own, rng, out)).flatten();
        d.linked = pharmacy.is_some();
        out.push(d);
        out.extend(pharmacy);
    }

    /// Diseases of a visit; whether it is for the disease of a national programme.
    fn diagnoses(&self, d: &mut Draft, rng: &mut Rng) -> bool {
        let (p, h) = (self.p, &self.p.health);
        let (from, to) = span(self.month, d.days);
        let years = age(p.birth, from);
        let old = h.since.max(p.birth);
        let usual = h.chronic.is_some_and(|c| c.0 == d.institution || c.1 == Some(d.institution))
            || d.course != Course::Ordinary;
        let national = p.publics.iter().find(|g| !g.programme.local).map(|g| g.programme.of);
        let own = national.is_some() && (usual || rng.per_mille(650));
        if let Some(group) = national.filter(|g| own && *g != "dialysis")
            && let Some(i) = disease(group, p.sex, years, &mut crate::draw::keyed(&[p.key, 27]))
        {
            self.add(d, i, old);
        }
        if usual {
            for i in &h.diseases {
                self.add(d, *i, old);
            }
        }
        if (d.diseases.is_empty() || rng.per_mille(250))
            && let Some(i) = disease("acute", p.sex, years, rng)
        {
            self.add(d, i, from);
            if let Some(last) = d.diseases.last_mut() {
                last.outcome = if to > from && rng.per_mille(400) { 2 } else { 1 };
            }
        }
        if let Some(first) = d.diseases.first_mut() {
            first.main = true;
        }
        own
    }

    fn add(&self, d: &mut Draft, disease: u16, start: Day) {
        let code = TABLES.diseases[usize::from(disease)].code;
        if d.diseases.iter().all(|x| x.code != code) {
            d.diseases.push(Diagnosis { code, modifiers: "", start, outcome: 1, main: false });
        }
    }

    /// The pharmacy's claim for a visit; one per pharmacy and month.
    fn pharmacy(
        &self,
        scheme: Scheme,
        visit: &Draft,
        rate: &Rate,
        own: bool,
        rng: &mut Rng,
        out: &[Draft],
    ) -> Option<Draft> {
        let all = &self.district.institutions.pharmacies;
        let mut place = self.p.health.pharmacy;
        let taken = |at: u16| out.iter().any(|d| d.kind == Kind::Pharmacy && d.institution == at);
        for _ in 0..4 {
            if !taken(place) {
                break;
            }
            place = Institutions::one(all, rng.next());
        }
        if taken(place) {
            return None;
        }
        // not every visit ends with a prescription
        let most = if rng.per_mille(620) { 1 } else { visit.days.count_ones().min(4) };
        let days = rng.days_of(visit.days, most);
        let mut d = self.draft(scheme, Kind::Pharmacy, place, days);
        d.course = visit.course;
        d.prescriber = Some(visit.institution);
        d.target = amount::pharmacy(visit.course, scheme, rate.cost, rng);
        self.publics(&mut d, own);
        self.limit(scheme, &mut d, rng);
        d.linked = true;
        Some(d)
    }

    fn dental(&self, scheme: Scheme, days: u32, rng: &mut Rng, out: &mut Vec<Draft>) {
        let mut d = self.draft(scheme, Kind::Dental, self.p.health.dentist, days);
        d.target = amount::dental(rng);
        let from = span(self.month, days).0;
        if let Some(i) = disease("dental", self.p.sex, age(self.p.birth, from), rng) {
            self.add(&mut d, i, from);
        }
        if let Some(x) = d.diseases.first_mut() {
            x.main = true;
        }
        self.publics(&mut d, false);
        self.limit(scheme, &mut d, rng);
        out.push(d);
    }

    fn nursing(&self, scheme: Scheme, days: u32, rng: &mut Rng, out: &mut Vec<Draft>) {
        let h = &self.p.health;
        let mut d = self.draft(scheme, Kind::Nursing, h.station, days);
        d.prescriber = Some(h.chronic.map_or(h.clinic, |c| c.0));
        d.target = amount::nursing(days.count_ones(), rng);
        if let Some(i) = h.diseases.first() {
            self.add(&mut d, *i, h.since.max(self.p.birth));
        }
        self.publics(&mut d, true);
        self.limit(scheme, &mut d, rng);
        out.push(d);
    }
}

/// Monday, Wednesday, Friday: every other free day but the Sundays in between.
fn every_other(free: u32) -> u32 {
    let pattern: u32 = [0, 2, 4, 7, 9, 11, 14, 16, 18, 21, 23, 25, 28].iter().fold(0, |m, d| m | 1 << d);
    let days = free & pattern;
    if days == 0 { free & free.wrapping_neg() } else { days }
}
