//! Five years of a district: who is a member today, who came and went, and how they were registered
//! (volumes.md 5.1; registry-files.md 2.2 and 5).

mod exchange;
mod kouki;
mod leavers;
mod members;
mod renumber;

use super::{Health, Household, Known, Name, Period, Person, Region, family};
use crate::{
    calendar::{Day, add_years, age},
    draw::{key, keyed},
    rng::Rng,
    tables::{Acquisition, Loss, Scheme, TABLES},
};

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
}
