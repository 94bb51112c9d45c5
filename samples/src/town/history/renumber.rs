//! Changes of number and of household inside a span.

use super::Builder;
use crate::{
    calendar::{Day, age, elderly_from},
    tables::Scheme,
    town::{Known, Period},
};

/// Households that got a new number in that time, ‰.
const RENUMBERED: u32 = 260;

impl Builder<'_> {
    /// New numbers: for a whole household (番号変更), or for a member who leaves it (世帯変更).
    pub(super) fn renumber(&mut self) {
        let mut by_household: Vec<Vec<u32>> = vec![Vec::new(); self.households.len()];
        for (i, p) in self.people.iter().enumerate() {
            by_household[p.household as usize].push(i as u32);
        }
        for members in by_household {
            let living: Vec<u32> = members
                .iter()
                .copied()
                .filter(|m| self.people[*m as usize].periods.last().is_some_and(|p| p.scheme == Scheme::Kokuho))
                .collect();
            if living.is_empty() || !self.rng.per_mille(RENUMBERED) {
                continue;
            }
            let latest_from =
                living.iter().filter_map(|m| self.people[*m as usize].periods.last()).map(|p| p.from).max();
            let first_end = living
                .iter()
                .filter_map(|m| self.people[*m as usize].periods.last().and_then(Period::end))
                .min()
                .unwrap_or(self.region.end + 1);
            let (low, high) =
                (latest_from.unwrap_or(0).max(self.region.start) + 30, first_end.min(self.region.end) - 20);
            if low >= high {
                continue;
            }
            let day = self.day(low, high);
            let known = self.known(day, (0, 3), 40);
            let number = self.number();
            let leaver = living
                .iter()
                .copied()
                .find(|m| {
                    let p = &self.people[*m as usize];
                    age(p.birth, day) >= 20 && p.periods.last().is_some_and(|r| !r.is_head)
                })
                .filter(|_| living.len() > 1 && self.rng.per_mille(500));
            match leaver {
                Some(m) => {
                    let family = self.households[self.people[m as usize].household as usize].family;
                    let household = self.household(family, day);
                    self.households[household as usize].young = elderly_from(self.people[m as usize].birth) > day;
                    self.set_head(household, Some(m));
                    self.split(m, day, known, number, "世帯変更", Some(household));
                }
                None => {
                    for m in living {
                        self.split(m, day, known, number, "番号変更", None);
                    }
                }
            }
        }
    }

    pub(super) fn split(
        &mut self,
        at: u32,
        day: Day,
        known: Known,
        number: u64,
        why: &'static str,
        household: Option<u32>,
    ) {
        let p = &mut self.people[at as usize];
        let Some(old) = p.periods.last_mut() else { return };
        let known = known.max(old.known_from);
        let mut new = old.clone();
        new.known_to = new.known_to.max(known);
        old.to = Some(day);
        old.to_reason = why;
        old.lost = None;
        old.lost_reason = "";
        old.known_to = known;
        new.from = day;
        new.from_reason = why;
        new.known_from = known;
        new.bango = number;
        if let Some(h) = household {
            new.household = h;
            new.is_head = true;
            new.edaban = 1;
            p.household = h;
        }
        p.periods.push(new);
    }
}
