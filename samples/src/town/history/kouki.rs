//! The members of 後期 and those who left it.

use super::Builder;
use crate::{
    calendar::{Day, add_years, late_elderly_from},
    tables::Scheme,
    town::{Known, Name, Period, family},
};

/// Losses of 後期 in that time, per 1000 of its members.
const KOUKI_LOSSES: u32 = 300;

impl Builder<'_> {
    pub(super) fn join_kouki(&mut self, at: u32, from: Day, ends: Option<(Day, &'static str, Known)>) {
        let bango = self.kouki_number();
        let household = self.people[at as usize].household;
        let is_head = self.people[at as usize].periods.last().is_none_or(|p| p.is_head);
        self.people[at as usize].periods.push(Period {
            household,
            scheme: Scheme::Kouki,
            bango,
            edaban: 0,
            is_head,
            acquired: from,
            acquired_reason: "その他",
            lost: ends.map(|e| e.0),
            lost_reason: ends.map_or("", |e| e.1),
            from,
            from_reason: "",
            to: None,
            to_reason: "",
            known_from: (from > self.region.start).then_some(from - 20),
            known_to: ends.and_then(|e| e.2),
        });
    }

    /// The life after the 75th birthday of somebody who stayed in the town.
    pub(super) fn now_in_kouki(&mut self, at: u32, from: Day, over: &mut u32) {
        let (end, reference) = (self.region.end, self.region.reference);
        let left = i64::from(end - from);
        let ends = (left > 60 && self.rng.per_mille(110)).then(|| {
            let death = from + self.rng.between(20, left - 10) as Day;
            self.people[at as usize].death = Some(death);
            (death + 1, "死亡", self.known(death, (2, 9), 60))
        });
        if ends.is_none() && from <= reference {
            *over += 1;
        }
        self.join_kouki(at, from, ends);
    }

    /// The other members of 後期 and those who left it.
    pub(super) fn late_elderly(&mut self, already: u32) {
        let all = self.insured * self.region.kouki_per_mille / 1000;
        let ages = family::ages(Scheme::Kouki, all, &mut self.other(11));
        let young = ages.iter().filter(|a| **a < 80).count() as u32;
        // those below eighty who went over within the five years are there already
        let keep = young.saturating_sub(already);
        let mut below = 0;
        let (start, reference, end) = (self.region.start, self.region.reference, self.region.end);
        let mut partner: Option<u32> = None;
        for a in ages {
            if a < 80 {
                below += 1;
                if below > keep {
                    continue;
                }
            }
            let birth = self.birth(a, reference);
            let sex = 1 + u8::from(self.rng.per_mille(600));
            let household = match partner.take() {
                Some(h) => h,
                None => {
                    let family = Name::family(&mut self.rng);
                    let h = self.household(family, start - 3000);
                    if self.rng.per_mille(350) {
                        partner = Some(h);
                    }
                    h
                }
            };
            let at = self.person(household, sex, birth);
            if self.households[household as usize].head.is_none() {
                self.set_head(household, Some(at));
            }
            let from = if a < 75 {
                self.day(start - 700, reference - 30).max(add_years(birth, 65))
            } else {
                late_elderly_from(birth)
            };
            self.join_kouki(at, from, None);
            let is_head = self.households[household as usize].head == Some(at);
            if let Some(row) = self.people[at as usize].periods.last_mut() {
                row.is_head = is_head;
            }
        }
        for _ in 0..all * KOUKI_LOSSES / 1000 {
            let day = self.day(start + 10, end - 1);
            let age = self.rng.between(76, 97).max(self.rng.between(76, 97)) as i32;
            let birth = self.birth(age, day);
            let family = Name::family(&mut self.rng);
            let household = self.household(family, start - 3000);
            let sex = 1 + (self.rng.next() % 2) as u8;
            let at = self.person(household, sex, birth);
            self.set_head(household, Some(at));
            let died = self.rng.per_mille(860);
            let known = self.known(day, (2, 9), 60);
            if died {
                self.people[at as usize].death = Some(day);
            }
            let ends = if died { (day + 1, "死亡", known) } else { (day, "転出", known) };
            self.join_kouki(at, late_elderly_from(birth), Some(ends));
        }
    }
}
