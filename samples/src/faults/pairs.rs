//! E6xx: claims that do not go together.

use tenken_parser::Kind;

use super::Work;
use crate::{
    calendar::{first, mask},
    order::{AgeClass, Course},
    plan::{self, Draft},
    town::Institutions,
};

impl Work<'_> {
    pub(super) fn pair(&mut self, rule: &'static str, at: usize) -> bool {
        if !self.is_settled(at, self.drafts[at].service) {
            return false;
        }
        let d = &self.drafts[at];
        let visit = d.kind == Kind::Medical && !d.inpatient && d.course == Course::Ordinary;
        let stay = d.kind == Kind::Medical && d.inpatient;
        let second = match rule {
            "E601" if visit || d.kind == Kind::Dental => Some(d.clone()),
            "E602" if visit => {
                let free = self.free_days(at);
                self.second_visit(at, Some(d.institution), free)
            }
            "E603" | "E604" if stay && d.days.count_ones() >= 5 => {
                let place = if rule == "E603" {
                    d.institution
                } else {
                    let clinics = &self.district.institutions.clinics;
                    Institutions::one(clinics, u64::from(d.person) + 1)
                };
                let inside = strictly_inside(d.days);
                let known = self.drafts.iter().any(|o| o.person == d.person && o.institution == place && !o.inpatient);
                if known { None } else { self.second_visit(at, Some(place), inside) }
            }
            "E605" if stay && d.days.count_ones() >= 8 => self.second_stay(at),
            "E607" if d.kind == Kind::Pharmacy => return false,
            "E607" => return self.unknown_prescriber(at),
            _ => None,
        };
        let Some(mut second) = second else { return false };
        self.pairs += 1;
        second.pair = Some((self.pairs, rule));
        second.linked = true;
        let d = &mut self.drafts[at];
        d.pair = Some((self.pairs, rule));
        d.linked = true;
        self.drafts.push(second);
        true
    }

    /// Covered days on which the person was seen nowhere.
    fn free_days(&self, at: usize) -> u32 {
        let d = &self.drafts[at];
        let p = self.person(at);
        let row = self.period(at);
        let seen = self.drafts.iter().filter(|o| o.person == d.person).fold(0, |m, o| m | o.days);
        p.covered(row.scheme, d.service) & !seen
    }

    fn second_visit(&mut self, at: usize, place: Option<u16>, days: u32) -> Option<Draft> {
        let d = &self.drafts[at];
        let (person, month) = (d.person, d.service);
        let day = self.rng.days_of(days, 1);
        if day == 0 {
            return None;
        }
        let mut second = plan::one_visit(self.district, person, month, Some((place?, day)), &mut self.rng)?;
        // other public payers would be a reason for a claim of its own
        let payers = |d: &Draft| d.publics.iter().map(|p| p.payer_no.clone()).collect::<Vec<_>>();
        if payers(&second) != payers(&self.drafts[at]) {
            return None;
        }
        // not the points of the first
        second.target = second.target * 3 / 2 + 97;
        Some(second)
    }

    /// Some days of the stay in another hospital as well.
    fn second_stay(&self, at: usize) -> Option<Draft> {
        let d = &self.drafts[at];
        let hospitals = self.district.institutions.hospitals.clone();
        let other = hospitals.rev().find(|h| *h != d.institution && !self.district.institutions.is_dpc(*h))?;
        let mut second = d.clone();
        let low = d.days.trailing_zeros() as i32;
        let start = first(d.service);
        second.institution = other;
        second.days = d.days & mask(d.service, start + low + 2, start + low + 7);
        second.admission = Some(start + low + 2);
        second.key ^= 60;
        second.target = second.target / 3 + 6_000;
        second.cap = None;
        for x in &mut second.diseases {
            x.start = x.start.min(start + low + 2);
        }
        Some(second)
    }

    /// From one hospital to another on one day: no overlap (E605).
    pub(super) fn transfer(&mut self, at: usize) -> bool {
        let d = &self.drafts[at];
        let month = d.service;
        let high = 31 - d.days.leading_zeros().min(31) as i32;
        let start = first(month);
        let after = mask(month, start + high + 1, start + high + 6);
        let free = self.free_days(at);
        let stay = d.inpatient && d.kind == Kind::Medical && d.days.count_ones() >= 4;
        if !stay || after.count_ones() < 3 || after & free != after {
            return false;
        }
        let hospitals = self.district.institutions.hospitals.clone();
        let own = d.institution;
        let Some(other) = hospitals.rev().find(|h| *h != own && !self.district.institutions.is_dpc(*h)) else {
            return false;
        };
        let mut second = d.clone();
        second.institution = other;
        second.days = after | 1 << high;
        second.admission = Some(start + high);
        second.key ^= 61;
        second.target = i64::from(second.days.count_ones()) * 2_600;
        second.cap = None;
        // the new hospital has not seen the category, which the other days may have changed
        if matches!(second.class, AgeClass::Head | AgeClass::Preschool | AgeClass::Member) {
            second.tokki.retain(|t| !("26"..="35").contains(t));
        }
        second.linked = true;
        second.forbid(&["E605", "E601", "E602"], "転院、同じ日");
        self.drafts[at].forbid(&["E605"], "転院、同じ日");
        self.drafts[at].linked = true;
        self.drafts.push(second);
        true
    }

    /// A pharmacy that names a clinic where the person never was.
    fn unknown_prescriber(&mut self, at: usize) -> bool {
        let (person, month) = (self.drafts[at].person, self.drafts[at].service);
        let own = |o: &Draft| o.person == person;
        let Some(i) = self.drafts.iter().position(|o| {
            own(o) && o.kind == Kind::Pharmacy && o.verdict.is_none() && o.service == month && o.changed.is_none()
        }) else {
            return false;
        };
        let other = self.district.institutions.spare[1];
        self.drafts[i].prescriber = Some(other);
        self.drafts[i].judge(&["E607"], "処方元のレセプトなし");
        true
    }
}

/// Without the first and the last day of the stay.
fn strictly_inside(days: u32) -> u32 {
    let low = days & days.wrapping_neg();
    let high = 1u32 << (31 - days.leading_zeros().min(31));
    days & !low & !high
}
