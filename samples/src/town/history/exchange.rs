//! 県内転居 between two towns of the region.

use super::Builder;
use crate::{
    calendar::Day,
    draw::keyed,
    tables::Scheme,
    town::{Attribute, Name, Period, family::Member},
};

/// 県内転居 from a town to the next one, of 1000 members.
const EXCHANGED: u32 = 25;

impl Builder<'_> {
    /// Those who come from the town before this one, with their families.
    pub(super) fn arrivals(&mut self) -> u32 {
        if self.region.towns < 2 {
            return 0;
        }
        let from = (self.town + self.region.towns - 1) % self.region.towns;
        self.exchange(from, false)
    }

    /// Those who go to the next town.
    pub(super) fn departures(&mut self) {
        if self.region.towns >= 2 {
            self.exchange(self.town, true);
        }
    }

    /// Both towns make the same families from the same seed.
    pub(super) fn exchange(&mut self, from: u32, leaving: bool) -> u32 {
        let own =
            std::mem::replace(&mut self.rng, keyed(&[self.region.seed, u64::from(from), u64::from(self.district), 5]));
        let smallest = self.region.insured.iter().copied().min().unwrap_or_default();
        let mut count = 0;
        for i in 0..smallest * EXCHANGED / 1000 {
            // one generator per family: what is drawn for one town alone does not touch the other's
            self.rng = keyed(&[self.region.seed, u64::from(from), u64::from(self.district), 6, u64::from(i)]);
            let day = self.day(self.region.start + 60, self.region.reference - 5);
            let known = self.known(day, (0, 10), 150);
            let acquired = day - self.rng.between(300, 6000) as Day;
            let family = Name::family(&mut self.rng);
            let age = self.rng.between(22, 62) as i32;
            let mut members = vec![Member { age, sex: 1 + (self.rng.next() % 2) as u8, twin: false }];
            if self.rng.per_mille(350) {
                members.push(Member { age, sex: 3 - members[0].sex, twin: false });
            }
            let births: Vec<Day> = members.iter().map(|m| self.birth(m.age, day)).collect();
            let continues = self.rng.per_mille(600);
            let household = self.household(family, acquired);
            let number = self.number();
            for (j, m) in members.iter().enumerate() {
                let at = self.person(household, m.sex, births[j]);
                self.people[at as usize].periods.push(Period {
                    household,
                    scheme: Scheme::Kokuho,
                    bango: number,
                    edaban: j as u8 + 1,
                    is_head: j == 0,
                    acquired,
                    acquired_reason: "社保離脱",
                    lost: None,
                    lost_reason: "",
                    from: if leaving { acquired } else { day },
                    from_reason: if leaving { "" } else { "県内転入" },
                    to: leaving.then_some(day),
                    to_reason: if leaving { "県内転出" } else { "" },
                    known_from: if leaving { None } else { known },
                    known_to: if leaving { known } else { None },
                });
                if j == 0 {
                    self.set_head(household, Some(at));
                }
                count += 1;
            }
            if continues && !leaving {
                let mark = Attribute::new("世帯継続", "1", day, Some(day + 31), known);
                self.households[household as usize].attributes.push(mark);
            }
        }
        self.rng = own;
        count
    }
}
