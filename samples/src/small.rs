//! A small month for the demo and for tests: both forms side by side, and one file full of damage.

use std::{fs, io, path::Path};

use tenken_parser::{Kind, Month};

use crate::{
    Sample, Total,
    files::{Batch, Delivery, Piece},
    options::Form,
    plan,
    quota::Quota,
    sample::{TOTALS_HEADER, named},
    town::{District, Region},
};

/// Claims of the damaged file.
const DAMAGED: usize = 6;

/// Writes a month of a town of `insured` people below `out`: `claims/YYYY-MM/` and `totals.csv`. Nothing is
/// wrong in it but in the file `…_91_…`.
///
/// # Errors
/// What the operating system says when a file cannot be written.
pub fn small_month(out: &Path, insured: u32, exam_month: Month, seed: u64) -> io::Result<Sample> {
    // half of the people in each form
    let region = Region::new(seed, 2, insured.max(60), 500, exam_month);
    let folder = out.join("claims").join(exam_month.to_string());
    fs::create_dir_all(&folder).map_err(named(&folder))?;
    let mut totals = Vec::new();
    let mut bytes = 0;
    let mut people = 0;
    let mut put = |batch: Batch| -> io::Result<()> {
        for Piece { name, bytes: content, total } in batch.pieces {
            let path = folder.join(&name);
            fs::write(&path, &content).map_err(named(&path))?;
            bytes += content.len() as u64;
            totals.push(total);
        }
        Ok(())
    };
    for (no, form) in [(0, Form::Uke), (region.districts, Form::Insurer)] {
        // one district is enough: the others would only make it bigger
        for no in no..no + region.districts {
            let mut district = District::new(&region, no);
            // one town, although its districts are made as two
            district.town = crate::town::Town::new(0);
            people += district.people.len() as u64;
            let drafts = plan::month(&district, exam_month);
            let delivery = Delivery { district: &district, seed, exam: exam_month, form, towns: 1, prefix: 0 };
            let damaged: Vec<_> = drafts.iter().filter(|d| d.kind == Kind::Medical && !d.inpatient).cloned().collect();
            if form == Form::Uke && no == 0 {
                put(damaged_file(&delivery, damaged, exam_month))?;
            }
            put(delivery.batch(drafts, &mut Quota::natural()))?;
        }
    }
    let mut text = String::from(TOTALS_HEADER);
    for t in &totals {
        text.push_str(&t.line());
    }
    let path = out.join("totals.csv");
    fs::write(&path, text).map_err(named(&path))?;
    Ok(Sample { claims: folder, totals, bytes, people })
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
