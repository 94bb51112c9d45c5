//! 架空の町のレセプト: a small month of all five kinds in both forms, with right arithmetic and check digits,
//! and some damaged bytes. Every person, number and institution is invented. The same seed gives the same
//! bytes.

pub mod claims;
mod dental;
mod dpc;
mod insurer_form;
mod medical;
mod nursing;
pub mod order;
mod people;
mod pharmacy;
mod record;
pub mod rng;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tenken_parser::{Encoding, Kind, Month};

pub use people::{INSURER_KOKI, INSURER_KOKUHO};
use people::{Institution, Person};
use rng::Rng;

/// One claim under construction: its records in plain form and what it adds to the totals.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub records: Vec<String>,
    /// 点; 訪問看護: 円
    pub total: i64,
    /// HO and KO records, as GO counts them
    pub payers: i64,
    /// counted in totals (a subordinate of a DPC 総括 is not)
    pub counted: bool,
}

/// A row of `totals.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    pub source_file: String,
    pub kind: Kind,
    pub claims: i64,
    pub points: i64,
    pub points_effective: i64,
    pub cost_yen: i64,
}

/// What was written.
#[derive(Debug)]
pub struct Sample {
    /// the folder with the claim files of the month
    pub claims: PathBuf,
    pub totals: Vec<Total>,
}

pub(crate) struct Town {
    pub month: Month,
    pub people: Vec<Person>,
    pub rng: Rng,
}

/// Writes a month of a town of `insured` people below `out`: `claims/YYYY-MM/` and `totals.csv`.
///
/// # Errors
/// What the operating system says when a file cannot be written.
pub fn small_month(out: &Path, insured: u32, exam_month: Month, seed: u64) -> io::Result<Sample> {
    let mut rng = Rng::new(seed);
    let month = exam_month.plus(-1);
    let people = (0..insured).map(|i| Person::invent(&mut rng, i, month)).collect();
    let mut town = Town { month, people, rng };
    let folder = out.join("claims").join(exam_month.to_string());
    fs::create_dir_all(&folder)?;
    let mut writer = Writer { folder: folder.clone(), exam_month, totals: Vec::new() };

    let count = |share: u32| (insured * share).div_ceil(1000).max(2);
    for (i, clinic) in Institution::clinics().iter().enumerate() {
        let claims = (0..count(180)).map(|n| medical::outpatient(&mut town, clinic, n)).collect();
        writer.plain(&format!("{:02}", i + 1), clinic, Kind::Medical, claims)?;
    }
    let hospital = Institution::hospital();
    let claims = (0..count(25)).map(|n| medical::inpatient(&mut town, &hospital, n)).collect();
    writer.plain("11", &hospital, Kind::Medical, claims)?;
    let claims = dpc::claims(&mut town, &hospital, count(15));
    writer.plain("12", &hospital, Kind::Dpc, claims)?;
    let dentist = Institution::dentist();
    let claims = (0..count(130)).map(|n| dental::claim(&mut town, &dentist, n)).collect();
    writer.plain("21", &dentist, Kind::Dental, claims)?;
    let chemist = Institution::pharmacy();
    let claims = (0..count(200)).map(|n| pharmacy::claim(&mut town, &chemist, n)).collect();
    writer.plain("31", &chemist, Kind::Pharmacy, claims)?;
    let station = Institution::nursing_station();
    let claims = (0..count(10)).map(|n| nursing::claim(&mut town, &station, n)).collect();
    writer.plain("41", &station, Kind::Nursing, claims)?;

    let clinic = Institution::clinics().remove(0);
    let claims: Vec<Made> = (0..count(120)).map(|n| medical::outpatient(&mut town, &clinic, n)).collect();
    writer.insurer("11_RECODEINFO_MED.CSV", &clinic, Kind::Medical, claims, &mut town)?;
    let claims: Vec<Made> = (0..count(60)).map(|n| dental::claim(&mut town, &dentist, n)).collect();
    writer.insurer("13_RECODEINFO_DEN.CSV", &dentist, Kind::Dental, claims, &mut town)?;
    let claims: Vec<Made> = (0..count(80)).map(|n| pharmacy::claim(&mut town, &chemist, n)).collect();
    writer.insurer("14_RECODEINFO_PHA.CSV", &chemist, Kind::Pharmacy, claims, &mut town)?;

    let clinic = Institution::clinics().remove(1);
    let claims: Vec<Made> = (0..6).map(|n| medical::outpatient(&mut town, &clinic, n)).collect();
    writer.damaged(&clinic, claims)?;

    let totals = writer.totals;
    fs::write(out.join("totals.csv"), totals_csv(&totals))?;
    Ok(Sample { claims: folder, totals })
}

fn totals_csv(totals: &[Total]) -> String {
    let mut text = String::from("source_file,kind,claims,points,points_effective,cost_yen\n");
    for t in totals {
        text.push_str(&format!(
            "{},{},{},{},{},{}\n",
            t.source_file,
            t.kind.name(),
            t.claims,
            t.points,
            t.points_effective,
            t.cost_yen
        ));
    }
    text
}

struct Writer {
    folder: PathBuf,
    exam_month: Month,
    totals: Vec<Total>,
}

/// Lines in CP932 with CR LF, ended by 0x1A.
fn encoded(lines: &[String]) -> Vec<u8> {
    let mut text = lines.join("\r\n");
    text.push_str("\r\n");
    let mut bytes = Encoding::Cp932.encode(&text);
    bytes.push(0x1A);
    bytes
}

impl Writer {
    fn total(&mut self, source_file: &str, kind: Kind, claims: &[Made], effective: Option<i64>) {
        let counted: Vec<&Made> = claims.iter().filter(|c| c.counted).collect();
        let total: i64 = counted.iter().map(|c| c.total).sum();
        let effective = effective.unwrap_or(total);
        let nursing = kind == Kind::Nursing;
        self.totals.push(Total {
            source_file: source_file.to_owned(),
            kind,
            claims: claims.len() as i64,
            points: if nursing { 0 } else { total },
            points_effective: if nursing { 0 } else { effective },
            cost_yen: if nursing { effective } else { effective * 10 },
        });
    }

    /// A file as an institution sends it.
    fn plain(&mut self, tag: &str, at: &Institution, kind: Kind, claims: Vec<Made>) -> io::Result<()> {
        let name = format!("{}_{tag}_{}_{}", self.exam_month.compact(), at.code, official_name(kind));
        let mut lines = at.file_header(kind, self.exam_month);
        for c in &claims {
            lines.extend(c.records.iter().cloned());
        }
        let count: i64 = claims.iter().filter(|c| c.counted).map(|c| c.payers).sum();
        let total: i64 = claims.iter().filter(|c| c.counted).map(|c| c.total).sum();
        lines.push(match kind {
            Kind::Nursing => format!("GO,{count},{total}"),
            _ => format!("GO,{count},{total},99"),
        });
        fs::write(self.folder.join(&name), encoded(&lines))?;
        self.total(&name, kind, &claims, None);
        Ok(())
    }

    /// A file as the insurer gets it: every claim with its management rows, some corrected.
    fn insurer(
        &mut self,
        name: &str,
        at: &Institution,
        kind: Kind,
        claims: Vec<Made>,
        town: &mut Town,
    ) -> io::Result<()> {
        let name = format!("{}_{name}", self.exam_month.compact());
        let mut lines = Vec::new();
        let mut effective = 0;
        for (i, c) in claims.iter().enumerate() {
            let header = at.claim_header(kind, self.exam_month);
            let reviewed = insurer_form::reviewed(kind, c, &header, i as u32 + 1, self.exam_month, at, &mut town.rng);
            effective += reviewed.total;
            lines.extend(reviewed.lines);
        }
        fs::write(self.folder.join(&name), encoded(&lines))?;
        self.total(&name, kind, &claims, Some(effective));
        Ok(())
    }

    /// A file with faults: UTF-8 never, but LF, a claim without 診療年月, letters in 病床数, an unknown
    /// record, bytes that are no text, and an end in the middle of a line.
    fn damaged(&mut self, at: &Institution, mut claims: Vec<Made>) -> io::Result<()> {
        let name = format!("{}_91_{}_RECEIPTC.UKE", self.exam_month.compact(), at.code);
        let mut bytes = Encoding::Cp932.encode(&at.file_header(Kind::Medical, self.exam_month).join("\n"));
        bytes.push(b'\n');
        let month = self.exam_month.plus(-1).compact();
        claims[1].records[0] = claims[1].records[0].replacen(&format!(",{month},"), ",,", 1);
        let beds = record::position(Kind::Medical, "RE", "bed_count");
        claims[2].records[0] = record::replaced(&claims[2].records[0], beds, "1O床");
        claims[3].records.insert(2, "ZZ,1,2,3".into());
        let last = claims.len() - 1;
        for (i, c) in claims.iter().enumerate() {
            let mut text = Encoding::Cp932.encode(&c.records.join("\n"));
            if i == last {
                text.truncate(text.len() - 40);
                bytes.extend_from_slice(&text);
                break;
            }
            if i == 4 {
                // half of a two-byte character in the name
                let at = text.windows(2).position(|w| w[0] >= 0x81).unwrap_or(0);
                text[at] = 0xFF;
            }
            bytes.extend_from_slice(&text);
            bytes.push(b'\n');
        }
        fs::write(self.folder.join(&name), bytes)?;
        let accepted: Vec<Made> =
            claims.into_iter().enumerate().filter(|(i, _)| *i != 1 && *i != last).map(|(_, c)| c).collect();
        self.total(&name, Kind::Medical, &accepted, None);
        Ok(())
    }
}

fn official_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Medical => "RECEIPTC.UKE",
        Kind::Dpc => "RECEIPTD.UKE",
        Kind::Dental => "RECEIPTS.UKE",
        Kind::Pharmacy => "RECEIPTY.CYO",
        Kind::Nursing => "RECEIPTN.UKE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let base = std::env::temp_dir().join(format!("tenken-samples-{}", std::process::id()));
        let month = Month::new(2026, 10).unwrap();
        let read = |n: &str| {
            let s = small_month(&base.join(n), 60, month, 7).unwrap();
            let mut files: Vec<_> = fs::read_dir(&s.claims).unwrap().map(|e| e.unwrap().path()).collect();
            files.sort();
            files.into_iter().map(|f| (f.file_name().unwrap().to_owned(), fs::read(f).unwrap())).collect::<Vec<_>>()
        };
        assert!(read("a") == read("b"));
        fs::remove_dir_all(base).unwrap();
    }
}
