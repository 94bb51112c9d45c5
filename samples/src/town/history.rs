//! Five years of a district: who is a member today, who came and went, and how they were registered
//! (volumes.md 5.1; registry-files.md 2.2 and 5).

use super::{
    Attribute, Health, Household, Known, Name, Period, Person, Region,
    family::{self, Member},
};
use crate::{
    calendar::{Day, add_years, age, elderly_from, late_elderly_from},
    draw::{key, keyed},
    rng::Rng,
    tables::{Acquisition, Loss, Scheme, TABLES},
};

/// Losses in the five years, per 1000 members of today: 1.6 % a month less those who come back.
const LOSSES: u32 = 900;
/// Households that got a new number in that time, ‰.
const RENUMBERED: u32 = 260;
/// Members of today whose household came in that time, ‰.
const NEWCOMERS: u32 = 400;
/// Losses of 後期 in that time, per 1000 of its members.
const KOUKI_LOSSES: u32 = 300;
/// 県内転居 from a town to the next one, of 1000 members.
const EXCHANGED: u32 = 25;
/// Numbers of households that belong to a district.
const NUMBERS: u64 = 16_000;
const KOUKI_NUMBERS: u64 = 20_000;
/// Latest registration of something late, in days.
const LATE: (i64, i64) = (25, 200);

/// How and when a family came.
struct Coming {
    how: &'static Acquisition,
    /// of the span
    acquired: Day,
    /// of the row
    from: Day,
    known: Known,
}

pub(super) struct Builder<'r> {
    region: &'r Region,
    town: u32,
    /// in its town
    district: u32,
    insured: u32,
    rng: Rng,
    households: Vec<Household>,
    people: Vec<Person>,
    numbers: u64,
    kouki_numbers: u64,
}

impl<'r> Builder<'r> {
    pub fn new(region: &'r Region, town: u32, district: u32, insured: u32) -> Self {
        let rng = keyed(&[region.seed, u64::from(town), u64::from(district), 3]);
        Self {
            region,
            town,
            district,
            insured,
            rng,
            households: Vec::new(),
            people: Vec::new(),
            numbers: 0,
            kouki_numbers: 0,
        }
    }

    pub fn finish(self) -> (Vec<Household>, Vec<Person>) {
        (self.households, self.people)
    }

    /// Everybody, in the order of their numbers.
    pub fn settle(&mut self) {
        let arrivals = self.arrivals();
        let (gone, still_there, over_75) = self.leavers();
        let members = self.insured.saturating_sub(arrivals + still_there);
        for f in family::families(members, &mut self.other(10)) {
            self.family(&f);
        }
        self.departures();
        self.widowed(&gone);
        self.late_elderly(over_75);
        self.returners();
        self.renumber();
    }

    /// A generator for one purpose of this district.
    fn other(&self, purpose: u64) -> Rng {
        keyed(&[self.region.seed, u64::from(self.town), u64::from(self.district), purpose])
    }

    /// 番号 that are given out never end in 9: a number that does is surely nobody's.
    fn number(&mut self) -> u64 {
        const NOBODY: u64 = 7_777_777;
        loop {
            let n = self.numbers;
            self.numbers += 1;
            let no = 1_000_000 + u64::from(self.district) * NUMBERS + n / 9 * 10 + n % 9;
            if no != NOBODY {
                return no;
            }
        }
    }

    fn kouki_number(&mut self) -> u64 {
        let n = self.kouki_numbers;
        self.kouki_numbers += 1;
        10_000_000 + u64::from(self.district) * KOUKI_NUMBERS + n / 9 * 10 + n % 9
    }

    fn household(&mut self, family: usize, from: Day) -> u32 {
        let at = self.households.len() as u32;
        self.households.push(Household {
            no: 2_000_000_000 + u64::from(self.district) * 100_000 + u64::from(at),
            family,
            head: None,
            head_name: String::new(),
            place: self.rng.below(40) as u16,
            from,
            ranks: Vec::new(),
            attributes: Vec::new(),
            young: false,
        });
        at
    }

    fn person(&mut self, household: u32, sex: u8, birth: Day) -> u32 {
        let at = self.people.len() as u32;
        let family = self.households[household as usize].family;
        let adult = age(birth, self.region.reference) >= 18;
        let name = Name::new(family, sex, adult, &mut self.rng);
        let h = &mut self.households[household as usize];
        h.young |= birth > add_years(self.region.start, -70);
        self.people.push(Person {
            no: 1_000_000_000 + u64::from(self.district) * 100_000 + u64::from(at),
            key: key(&[self.region.seed, u64::from(self.town), u64::from(self.district), u64::from(at), 4]),
            sex,
            birth,
            death: None,
            name,
            household,
            periods: Vec::new(),
            attributes: Vec::new(),
            publics: Vec::new(),
            health: Health::default(),
            twin: None,
        });
        at
    }

    /// A birthday with which one is `age` on a day.
    fn birth(&mut self, age: i32, on: Day) -> Day {
        let youngest = add_years(on, -age);
        let oldest = add_years(on, -age - 1) + 1;
        self.rng.between(i64::from(oldest), i64::from(youngest)) as Day
    }

    fn day(&mut self, from: Day, to: Day) -> Day {
        self.rng.between(i64::from(from), i64::from(to.max(from))) as Day
    }

    /// Registered some days after the event, or late.
    fn known(&mut self, on: Day, usual: (i32, i32), late_per_mille: u32) -> Known {
        let late = self.rng.per_mille(late_per_mille);
        let range = if late { LATE } else { (i64::from(usual.0), i64::from(usual.1)) };
        Some(on + self.rng.between(range.0, range.1) as Day)
    }

    fn coming(&mut self, latest: Day, new_per_mille: u32) -> Coming {
        let start = self.region.start;
        let new = self.rng.per_mille(new_per_mille) && latest > start + 30;
        let mut how = &TABLES.acquisitions[self.rng.weighted(TABLES.acquisitions.iter().map(|a| a.per_mille))];
        if !new {
            if how.row_only {
                how = &TABLES.acquisitions[0];
            }
            let from = start - self.rng.between(30, 365 * 25) as Day;
            return Coming { how, acquired: from, from, known: None };
        }
        let from = self.day(start + 1, latest);
        let known = self.known(from, how.known, how.late_per_mille);
        let acquired = if how.row_only { from - self.rng.between(200, 5000) as Day } else { from };
        Coming { how, acquired, from, known }
    }

    /// A 国保 row of a person who came so; children born later begin with their birth.
    fn row(&mut self, person: u32, number: u64, edaban: u8, is_head: bool, coming: &Coming) -> Period {
        let birth = self.people[person as usize].birth;
        let born_here = birth >= coming.from;
        let known_from = match born_here {
            true if birth >= self.region.start => self.known(birth, (3, 14), 20),
            true => None,
            false => coming.known,
        };
        let row_only = coming.how.row_only && !born_here;
        Period {
            household: self.people[person as usize].household,
            scheme: Scheme::Kokuho,
            bango: number,
            edaban,
            is_head,
            acquired: if born_here { birth } else { coming.acquired.max(birth) },
            acquired_reason: if born_here {
                "出生"
            } else if row_only {
                "転入"
            } else {
                coming.how.reason
            },
            lost: None,
            lost_reason: "",
            from: if born_here { birth } else { coming.from },
            from_reason: if row_only { coming.how.reason } else { "" },
            to: None,
            to_reason: "",
            known_from,
            known_to: None,
        }
    }

    fn set_head(&mut self, household: u32, person: Option<u32>) {
        let given = &TABLES.given[0][self.rng.below(TABLES.given[0].len())];
        let h = &mut self.households[household as usize];
        h.head = person;
        if person.is_none() {
            h.head_name = format!("{}　{}", TABLES.families[h.family].kanji, given.kanji);
        }
    }

    /// A family of today.
    fn family(&mut self, members: &[Member]) {
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
    fn turns_75(&mut self, at: u32) {
        let birthday = late_elderly_from(self.people[at as usize].birth);
        if birthday > self.region.reference && birthday <= self.region.end {
            self.lose(at, &TABLES.losses[0], "後期加入", birthday, Some(birthday - 20));
            if self.region.kouki_per_mille > 0 {
                self.into_kouki(at, birthday, None);
            }
        }
    }

    fn lose(&mut self, at: u32, how: &Loss, reason: &'static str, day: Day, known: Known) {
        let row_only = how.row_only && reason == how.reason;
        if let Some(p) = self.people[at as usize].periods.last_mut() {
            if row_only {
                p.to = Some(day);
                p.to_reason = reason;
            } else {
                p.lost = Some(day);
                p.lost_reason = reason;
            }
            // nobody hears of the end before the beginning
            p.known_to = known.max(p.known_from);
        }
    }

    fn into_kouki(&mut self, at: u32, from: Day, ends: Option<(Day, &'static str, Known)>) {
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

    /// Those who left: made with their families. Returns those who may have lived with somebody still here,
    /// how many of the others were members on the day of reference, and how many went over to 後期.
    fn leavers(&mut self) -> (Vec<u32>, u32, u32) {
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
    fn employer(&mut self) -> String {
        let body = self.rng.between(900, 989);
        tenken_parser::identifiers::with_check_digit(&format!("0613{body}"))
    }

    /// The life after the 75th birthday of somebody who stayed in the town.
    fn now_in_kouki(&mut self, at: u32, from: Day, over: &mut u32) {
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
        self.into_kouki(at, from, ends);
    }

    /// Some who died or went over had lived with a member of today.
    fn widowed(&mut self, gone: &[u32]) {
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

    /// The other members of 後期 and those who left it.
    fn late_elderly(&mut self, already: u32) {
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
            self.into_kouki(at, from, None);
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
            self.into_kouki(at, late_elderly_from(birth), Some(ends));
        }
    }

    /// Those who come from the town before this one, with their families.
    fn arrivals(&mut self) -> u32 {
        if self.region.towns < 2 {
            return 0;
        }
        let from = (self.town + self.region.towns - 1) % self.region.towns;
        self.exchange(from, false)
    }

    /// Those who go to the next town.
    fn departures(&mut self) {
        if self.region.towns >= 2 {
            self.exchange(self.town, true);
        }
    }

    /// Both towns make the same families from the same seed.
    fn exchange(&mut self, from: u32, leaving: bool) -> u32 {
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

    /// Some newcomers had been here before: an earlier span of theirs.
    fn returners(&mut self) {
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

    /// New numbers: for a whole household (番号変更), or for a member who leaves it (世帯変更).
    fn renumber(&mut self) {
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

    fn split(&mut self, at: u32, day: Day, known: Known, number: u64, why: &'static str, household: Option<u32>) {
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
