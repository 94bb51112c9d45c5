//! Institutions of a district; every name and number is invented, the check digits are right
//! (identifiers.md section 2).

use std::ops::Range;

use tenken_parser::identifiers::with_check_digit;

use crate::{
    order::Institution,
    rng::Rng,
    tables::{Density, TABLES},
};

pub(crate) const PREFECTURE: &str = "13";

/// Numbers of one score table that belong to a district.
const BLOCK: u32 = 96;

#[derive(Clone, Debug)]
pub(crate) struct Institutions {
    pub all: Vec<Institution>,
    pub clinics: Range<u16>,
    /// clinics where nobody goes: for claims, and for prescriptions, that must not meet another of the same person
    pub spare: [u16; 2],
    pub hospitals: Range<u16>,
    pub dentists: Range<u16>,
    pub pharmacies: Range<u16>,
    pub stations: Range<u16>,
}

impl Institutions {
    pub fn new(district: u32, insured: u32, rng: &mut Rng) -> Self {
        let mut all = Vec::new();
        let mut add = |kind: &str| {
            let start = all.len() as u16;
            for d in TABLES.densities.iter().filter(|d| d.kind == kind) {
                let count = (insured * d.per_10000 / 10_000).clamp(d.at_least, BLOCK / 2 - 1);
                for i in 0..count {
                    all.push(institution(d, district, i, rng));
                }
            }
            start..all.len() as u16
        };
        let mut clinics = add("clinic");
        clinics.end -= 2;
        let spare = [clinics.end, clinics.end + 1];
        let hospitals = add("hospital");
        let dentists = add("dentist");
        let pharmacies = add("pharmacy");
        let stations = add("station");
        Self { all, clinics, spare, hospitals, dentists, pharmacies, stations }
    }

    pub fn get(&self, at: u16) -> &Institution {
        &self.all[usize::from(at) % self.all.len()]
    }

    /// One of a range, by a number that stays with the person.
    pub fn one(range: &Range<u16>, by: u64) -> u16 {
        range.start + (by % u64::from(range.end - range.start).max(1)) as u16
    }

    /// Whether a hospital is paid by DPC.
    pub fn is_dpc(&self, at: u16) -> bool {
        self.hospitals.contains(&at) && (at - self.hospitals.start) % 4 < 2
    }

    /// A hospital of a sort: DPC, acute without DPC, or for long stays.
    pub fn hospital(&self, sort: Hospital, by: u64) -> u16 {
        let h = &self.hospitals;
        let of = |i: &u16| match (i - h.start) % 4 {
            0 | 1 => sort == Hospital::Dpc,
            2 => sort == Hospital::Acute,
            _ => sort == Hospital::LongStay,
        };
        let count = h.clone().filter(of).count().max(1) as u64;
        h.clone().filter(of).nth((by % count) as usize).unwrap_or(h.start)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hospital {
    Dpc,
    Acute,
    LongStay,
}

/// Counted down from the end of the range of numbers, hospitals after the clinics.
fn institution(d: &Density, district: u32, i: u32, rng: &mut Rng) -> Institution {
    let within = if d.kind == "hospital" { BLOCK / 2 + i } else { i };
    let number = 999_999_u32.saturating_sub(district * BLOCK + within);
    let whole = with_check_digit(&format!("{PREFECTURE}{}{number:06}", d.score_table));
    let place = TABLES.places[rng.below(TABLES.places.len())];
    let sort = d.names[i as usize % d.names.len().max(1)];
    let serial = district as usize * BLOCK as usize + within as usize;
    let ward = ["東", "西", "南", "北", "中央", "本町", "駅前", "新町"][serial % 8];
    Institution {
        prefecture: PREFECTURE.to_owned(),
        score_table: d.score_table,
        code: whole[3..].to_owned(),
        name: format!("{place}{ward}{sort}"),
        beds: d.beds,
    }
}
