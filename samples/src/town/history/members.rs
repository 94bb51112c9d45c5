//! The members of today, and those who had been here before.

use super::Builder;
use crate::{
    calendar::{Day, late_elderly_from},
    tables::{Scheme, TABLES},
    town::{Attribute, Name, Period, family::Member},
};

/// Members of today whose household came in that time, ‰.
const NEWCOMERS: u32 = 400;

impl Builder<'_> {
    /// A family of today.
    pub(super) fn family(&mut self, members: &[Member]) {
        let reference = self.region.reference;
        let coming = self.coming(reference - 1, NEWCOMERS);
        let family = Name::family(&mut self.rng);
        let household = self.household(family, coming.from);
        let number = self.number();
        let insured_head = members[0].age >= 18 && self.rng.per_mille(820);
        let mut before: Option<(u32, Day)> = None;
        let mut head = None;
        for (i, m) in members.iter().enumerate() {
            let birth = match before {
                Some((_, day)) if m.twin => day,
                _ => self.birth(m.age, reference),
            };
            let at = self.person(household, m.sex, birth);
            if m.twin
                && let Some((other, _)) = before
            {
                self.people[at as usize].twin = Some(other);
                self.people[other as usize].twin = Some(at);
            }
            before = Some((at, birth));
            let is_head = insured_head && i == 0;
            if is_head {
                head = Some(at);
            }
            // some came alone: from an employer's insurance, later than the rest
            let own = (members.len() > 1 && m.age >= 20 && self.rng.per_mille(150))
                .then(|| self.coming(reference - 1, 1000))
                .filter(|c| c.from > coming.from && !c.how.row_only);
            let row = self.row(at, number, i as u8 + 1, is_head, own.as_ref().unwrap_or(&coming));
            self.people[at as usize].periods.push(row);
            self.turns_75(at);
        }
        self.set_head(household, head);
        if coming.how.row_only && coming.from > self.region.start && self.rng.per_mille(600) {
            let mark = Attribute::new("世帯継続", "1", coming.from, Some(coming.from + 31), coming.known);
            self.households[household as usize].attributes.push(mark);
        }
    }

    /// Members of today who turn 75 before the end of the last month leave on their birthday.
    pub(super) fn turns_75(&mut self, at: u32) {
        let birthday = late_elderly_from(self.people[at as usize].birth);
        if birthday > self.region.reference && birthday <= self.region.end {
            self.lose(at, &TABLES.losses[0], "後期加入", birthday, Some(birthday - 20));
            if self.region.kouki_per_mille > 0 {
                self.join_kouki(at, birthday, None);
            }
        }
    }

    /// Some newcomers had been here before: an earlier span of theirs.
    pub(super) fn returners(&mut self) {
        let start = self.region.start;
        for at in 0..self.people.len() {
            let [row] = &self.people[at].periods[..] else { continue };
            let ordinary =
                row.scheme == Scheme::Kokuho && row.from == row.acquired && row.acquired_reason == "社保離脱";
            if !ordinary || row.from < start + 400 || !self.rng.per_mille(170) {
                continue;
            }
            let row = row.clone();
            let lost = row.from - self.rng.between(40, 330) as Day;
            let acquired = lost - self.rng.between(200, 1500) as Day;
            if acquired <= self.people[at].birth + 20 {
                continue;
            }
            let reason = if self.rng.per_mille(300) { "その他" } else { "社保加入" };
            let known = self.known(lost, (3, 16), 200);
            let bango = self.number();
            let earlier = Period {
                bango,
                acquired,
                acquired_reason: "転入",
                from: acquired,
                from_reason: "",
                lost: Some(lost),
                lost_reason: reason,
                to: None,
                to_reason: "",
                // known before the person came back
                known_to: known.map(|k| k.min(row.from - 5).max(lost)),
                known_from: None,
                ..row
            };
            self.people[at].periods.insert(0, earlier);
        }
    }
}
