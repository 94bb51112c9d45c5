//! A small month for the demo and for tests: both forms side by side, and one file full of damage.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tenken_parser::{Kind, Month};

use crate::{
    Sample, Total,
    files::{Batch, Delivery, Piece},
    options::Form,
    plan,
    quota::Quota,
    registry,
    sample::{TOTALS_HEADER, named},
    town::{DISTRICT, District, Region},
};

/// Claims of the damaged file.
const DAMAGED: usize = 6;

/// Writes a month of a town of `insured` people below `out`: `registry/`, `claims/YYYY-MM/` and `totals.csv`.
/// No byte is wrong in it but in the file `…_91_…`.
///
/// # Errors
/// What the operating system says when a file cannot be written.
pub fn small_month(out: &Path, insured: u32, exam_month: Month, seed: u64) -> io::Result<Sample> {
    let folder = out.join("claims").join(exam_month.to_string());
    let registry = out.join("registry");
    for f in [&folder, &registry] {
        fs::create_dir_all(f).map_err(named(f))?;
    }
    let mut month = SmallMonth { folder, totals: Vec::new(), bytes: 0 };
    let mut register = registry::FILES.map(|(_, header)| header.to_owned());
    let region = halves(insured.max(FEWEST), exam_month, seed);
    let mut people = 0;
    for no in 0..region.districts {
        let form = if no < region.districts / 2 { Form::Uke } else { Form::Insurer };
        let district = District::new(&region, no);
        people += district.people.len() as u64;
        for (text, rows) in register.iter_mut().zip(registry::rows(&district, None)) {
            text.push_str(&rows);
        }
        let drafts = plan::month(&district, exam_month);
        let delivery = Delivery { district: &district, seed, exam: exam_month, form, towns: 1, prefix: 0 };
        if no == 0 {
            let visits = drafts.iter().filter(|d| d.kind == Kind::Medical && !d.inpatient).cloned().collect();
            month.put(damaged_file(&delivery, visits, exam_month))?;
        }
        month.put(delivery.batch(drafts, &mut Quota::natural()))?;
    }
    for ((name, _), text) in registry::FILES.iter().zip(register) {
        let path = registry.join(name);
        fs::write(&path, text).map_err(named(&path))?;
    }
    let mut text = String::from(TOTALS_HEADER);
    for t in &month.totals {
        text.push_str(&t.line());
    }
    let path = out.join("totals.csv");
    fs::write(&path, text).map_err(named(&path))?;
    Ok(Sample { claims: month.folder, totals: month.totals, bytes: month.bytes, people })
}

/// Fewer people would leave a kind of claims out.
const FEWEST: u32 = 60;

/// One town, cut so that half of its districts can have the one form and half the other.
fn halves(insured: u32, exam_month: Month, seed: u64) -> Region {
    let half = insured.div_ceil(2);
    let each = half.div_ceil(DISTRICT).max(1);
    let of = |all: u32| (0..each).map(move |d| all / each + u32::from(d < all % each));
    let insured_by_district = of(half).chain(of(insured - half)).collect();
    let whole = Region::new(seed, 1, insured, 500, exam_month);
    Region { districts: 2 * each, insured: insured_by_district, ..whole }
}

struct SmallMonth {
    folder: PathBuf,
    totals: Vec<Total>,
    bytes: u64,
}

impl SmallMonth {
    /// Writes files, or adds to those that an earlier district began.
    fn put(&mut self, batch: Batch) -> io::Result<()> {
        for Piece { name, bytes, total } in batch.pieces {
            let path = self.folder.join(&name);
            self.bytes += bytes.len() as u64;
            match self.totals.iter_mut().find(|t| t.source_file == name) {
                Some(t) => {
                    let file = OpenOptions::new().append(true).open(&path);
                    file.and_then(|mut f| f.write_all(&bytes)).map_err(named(&path))?;
                    t.merge(&total);
                }
                None => {
                    fs::write(&path, &bytes).map_err(named(&path))?;
                    self.totals.push(total);
                }
            }
        }
        Ok(())
    }
}

/// A file with faults: LF, a claim without 診療年月, letters in 病床数, an unknown record, bytes that are no
/// text, and an end in the middle of a line.
fn damaged_file(delivery: &Delivery<'_>, drafts: Vec<plan::Draft>, exam: Month) -> Batch {
    use plan::Scratch;
    let Some(first) = drafts.first().map(|d| d.institution) else { return Batch::default() };
    let mut six: Vec<plan::Draft> = drafts.into_iter().take(DAMAGED).collect();
    let scratches =
        [None, Some(Scratch::NoMonth), Some(Scratch::Beds), Some(Scratch::UnknownRecord), Some(Scratch::HalfCharacter)];
    for (i, d) in six.iter_mut().enumerate() {
        // one institution, other numbers than in the ordinary files
        d.institution = first;
        d.key ^= 91;
        d.scratch = scratches.get(i).copied().flatten();
    }
    let whole = delivery.batch(six.clone(), &mut Quota::natural());
    six.truncate(DAMAGED - 1);
    let without_last = delivery.batch(six, &mut Quota::natural());
    let mut pieces = Vec::new();
    for (piece, counted) in whole.pieces.into_iter().zip(without_last.pieces) {
        let mut bytes: Vec<u8> = piece.bytes.into_iter().filter(|b| *b != b'\r').collect();
        // in the middle of the last line of the last claim
        if let Some(go) = bytes.windows(4).rposition(|w| w == b"\nGO,") {
            bytes.truncate(go.saturating_sub(40));
        }
        let official = piece.name.rsplit('_').next().unwrap_or_default();
        let name = format!("{}_91_{official}", exam.compact());
        pieces.push(Piece { total: Total { source_file: name.clone(), ..counted.total }, name, bytes });
    }
    Batch { pieces, truth: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let base = std::env::temp_dir().join(format!("tenken-small-{}", std::process::id()));
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
