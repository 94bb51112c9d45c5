//! The invented region: towns, cut into districts that are made one by one from (seed, town, district), so
//! that a region of any size needs the memory of one district.

mod attribute;
mod family;
pub(crate) mod health;
mod history;
pub(crate) mod institution;
mod name;
mod person;

use tenken_parser::{Month, identifiers::with_check_digit};

pub(crate) use attribute::{Attribute, Public};
pub(crate) use health::Health;
pub(crate) use institution::{Institutions, PREFECTURE};
pub(crate) use name::Name;
pub(crate) use person::{Household, Known, Period, Person};

use crate::{
    calendar::{Day, first, last},
    draw::keyed,
    tables::{Scheme, TABLES},
};

/// 国保 members of a full district.
pub(crate) const DISTRICT: u32 = 5_000;

/// What all districts share.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub seed: u64,
    pub towns: u32,
    /// per town
    pub districts: u32,
    /// 国保 members of each district (the last one of a town may have fewer)
    pub insured: Vec<u32>,
    /// 後期 per 1000 国保
    pub kouki_per_mille: u32,
    /// first day of the history
    pub start: Day,
    /// last day of the last service month: the members are counted on it
    pub reference: Day,
    /// last day of the last month of examination
    pub end: Day,
}

/// Months of history before the last one.
const HISTORY: i32 = 60;

impl Region {
    pub fn new(seed: u64, towns: u32, insured: u32, kouki_per_mille: u32, last_exam: Month) -> Self {
        let per_town = |t: u32| insured / towns + u32::from(t < insured % towns);
        let districts = per_town(0).div_ceil(DISTRICT).max(1);
        let insured = (0..towns)
            .flat_map(|t| {
                let all = per_town(t);
                (0..districts).map(move |d| all / districts + u32::from(d < all % districts))
            })
            .collect();
        Self {
            seed,
            towns,
            districts,
            insured,
            kouki_per_mille,
            start: first(last_exam.plus(-HISTORY)),
            reference: last(last_exam.plus(-1)),
            end: last(last_exam),
        }
    }

    pub fn all_districts(&self) -> u32 {
        self.towns * self.districts
    }
}

/// A town: an insurer of the invented region.
#[derive(Clone, Debug)]
pub(crate) struct Town {
    pub kokuho: String,
    pub kouki: String,
    pub kigo: &'static str,
}

impl Town {
    /// The first is 139998 and 39139993; the others count down from it.
    pub fn new(no: u32) -> Self {
        let body = 999 - no % 600;
        const KIGO: [&str; 8] = ["見", "架", "例", "仮", "空", "写", "型", "模"];
        Self {
            kokuho: with_check_digit(&format!("13{body:03}")),
            kouki: with_check_digit(&format!("3913{body:03}")),
            kigo: KIGO[no as usize % KIGO.len()],
        }
    }
}

/// One district: people, households and institutions.
pub(crate) struct District {
    pub town: Town,
    /// number over all towns
    pub no: u32,
    pub households: Vec<Household>,
    pub people: Vec<Person>,
    pub institutions: Institutions,
}

impl District {
    pub fn new(region: &Region, no: u32) -> Self {
        let town_no = no / region.districts;
        let insured = region.insured.get(no as usize).copied().unwrap_or_default();
        let institutions = Institutions::new(no, insured, &mut keyed(&[region.seed, u64::from(no), 1]));
        let mut builder = history::Builder::new(region, town_no, no % region.districts, insured);
        builder.settle();
        let (mut households, mut people) = builder.finish();
        for (i, h) in households.iter_mut().enumerate() {
            attribute::household(h, region, &mut keyed(&[region.seed, u64::from(no), 2, i as u64]));
        }
        for p in &mut people {
            p.health = Health::new(p, region, &institutions);
            attribute::person(p, &mut households, region);
        }
        Self { town: Town::new(town_no), no, households, people, institutions }
    }

    /// Income rank (0 poor … 999) of the household of a period on a day.
    pub fn rank(&self, period: &Period, on: Day) -> u32 {
        self.households[period.household as usize].rank(on)
    }

    /// Category of a person's income on a day: the words of tables.md section 8.
    pub fn category(&self, person: &Person, period: &Period, on: Day) -> &'static crate::tables::Category {
        let scheme = match period.scheme {
            Scheme::Kouki => 3,
            Scheme::Kokuho if on >= crate::calendar::elderly_from(person.birth) => 1,
            Scheme::Kokuho => 0,
        };
        TABLES.category_on(scheme, self.rank(period, on), on)
    }
}
