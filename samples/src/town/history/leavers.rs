//! Those who left, by reason.

use super::Builder;
use crate::{
    calendar::{add_years, age, late_elderly_from},
    tables::{Scheme, TABLES},
    town::{Attribute, Name, family::Member},
};

/// Losses in the five years, per 1000 members of today: 1.6 % a month less those who come back.
const LOSSES: u32 = 900;

impl Builder<'_> {
    /// Those who left: made with their families. Returns those who may have lived with somebody still here,
    /// how many of the others were members on the day of reference, and how many went over to 後期.
    pub(super) fn leavers(&mut self) -> (Vec<u32>, u32, u32) {
        let (start, end, reference) = (self.region.start, self.region.end, self.region.reference);
        let mut left = self.insured * LOSSES / 1000;
        let (mut gone, mut still, mut over) = (Vec::new(), 0, 0);
        while left > 0 {
            let how = &TABLES.losses[self.rng.weighted(TABLES.losses.iter().map(|l| l.per_mille))];
            let day = self.day(start + 40, end);
            let known = self.known(day, how.known, how.late_per_mille);
            let certified = how.age_from == 75 && self.rng.per_mille(30);
            let first_age = match how.reason {
                "後期加入" if certified => self.rng.between(66, 73) as i32,
                "後期加入" => 75,
                // the older, the more often
                "死亡" => how.age_to - (self.rng.below(6).min(self.rng.below(6)) * self.rng.below(6)) as i32,
                _ => self.rng.between(i64::from(how.age_from), i64::from(how.age_to)) as i32,
            };
            let mut members = vec![Member { age: first_age, sex: 1 + (self.rng.next() % 2) as u8, twin: false }];
            if first_age >= 24 && self.rng.per_mille(how.family_per_mille) {
                members.push(Member { age: first_age.min(70), sex: 3 - members[0].sex, twin: false });
                if first_age <= 48 && self.rng.per_mille(500) {
                    let age = self.rng.between(0, i64::from((first_age - 22).min(17))) as i32;
                    members.push(Member { age, sex: 1 + (self.rng.next() % 2) as u8, twin: false });
                }
            }
            members.truncate(left as usize);
            left -= members.len() as u32;
            let coming = self.coming((day - 30).min(reference), 350);
            let coming = if coming.from >= day - 20 { self.coming(start, 0) } else { coming };
            let family = Name::family(&mut self.rng);
            let household = self.household(family, coming.from);
            let number = self.number();
            let insured_head = self.rng.per_mille(800);
            let mut head = None;
            for (i, m) in members.iter().enumerate() {
                let mut birth = match how.reason {
                    "後期加入" if !certified => add_years(day, -75),
                    _ => self.birth(m.age, day).min(day - 40),
                };
                if how.reason == "後期加入" && !certified && late_elderly_from(birth) != day {
                    birth = day - 27_394;
                }
                let at = self.person(household, m.sex, birth);
                if insured_head && i == 0 {
                    head = Some(at);
                }
                let mut row = self.row(at, number, i as u8 + 1, insured_head && i == 0, &coming);
                if row.from >= day {
                    row.from = birth;
                    row.acquired = birth;
                }
                self.people[at as usize].periods.push(row);
                let day = if how.reason == "後期加入" && !certified { late_elderly_from(birth) } else { day };
                let (lost, death) = match how.reason {
                    "死亡" => (day + 1, Some(day)),
                    _ => (day, None),
                };
                self.lose(at, how, how.reason, lost, known);
                let p = &mut self.people[at as usize];
                p.death = death;
                if lost > reference {
                    still += 1;
                }
                if how.reason == "後期加入" && self.region.kouki_per_mille > 0 {
                    self.now_in_kouki(at, day, &mut over);
                }
                if how.reason == "社保加入" && self.rng.per_mille(500) {
                    let value =
                        format!("{}:{}:{}", self.employer(), self.rng.between(100, 9999), self.rng.between(1, 999));
                    let seen = known.map(|k| k.max(day));
                    self.people[at as usize].attributes.push(Attribute::new("他保険", &value, day, None, seen));
                }
            }
            self.set_head(household, head);
            if members.len() == 1 && members[0].age >= 60 && matches!(how.reason, "死亡" | "後期加入") {
                gone.push(self.people.len() as u32 - 1);
            }
        }
        (gone, still, over)
    }

    /// 保険者番号 of a health insurance society, invented.
    pub(super) fn employer(&mut self) -> String {
        let body = self.rng.between(900, 989);
        tenken_parser::identifiers::with_check_digit(&format!("0613{body}"))
    }

    /// Some who died or went over had lived with a member of today.
    pub(super) fn widowed(&mut self, gone: &[u32]) {
        let mut members = vec![0u32; self.households.len()];
        for p in &self.people {
            members[p.household as usize] += 1;
        }
        let alone: Vec<(u32, u64)> = self
            .people
            .iter()
            .enumerate()
            .filter(|(_, p)| {
                let [row] = &p.periods[..] else { return false };
                row.end().is_none()
                    && row.from < self.region.start
                    && age(p.birth, self.region.reference) >= 62
                    && members[p.household as usize] == 1
            })
            .map(|(i, p)| (i as u32, p.periods[0].bango))
            .collect();
        let mut at = 0;
        for g in gone {
            if !self.rng.per_mille(450) || at >= alone.len() {
                continue;
            }
            let (other, number) = alone[at];
            at += 1 + self.rng.below(2);
            let household = self.people[other as usize].household;
            let family = self.households[household as usize].family;
            let sex = 3 - self.people[other as usize].sex;
            let name = Name::new(family, sex, true, &mut self.rng);
            let p = &mut self.people[*g as usize];
            // the household that was made for this person stays without anybody
            p.household = household;
            p.sex = sex;
            p.name = name;
            for row in &mut p.periods {
                row.household = household;
                row.is_head = false;
                if row.scheme == Scheme::Kokuho {
                    row.bango = number;
                    row.edaban = 2;
                }
            }
        }
    }
}
