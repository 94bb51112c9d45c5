//! truth.csv: what is known of each claim (tables.md section 7).
//!
//! `expected_all` holds the rules that were put into a claim on purpose, the primary one first; `forbidden`
//! the rules that a claim resembles and must not get. Everything else is not judged. The truth holds against
//! the whole register, also when `--as-of` shows less of it.

use std::fmt::Write;

use tenken_parser::{Kind, Month};

use crate::plan::{Draft, Scratch};

pub(crate) const HEADER: &str =
    "source_file,receipt_no,claim_kind,expected_all,expected_primary,forbidden,note,exam_month,search_no\n";

pub(crate) fn row(out: &mut String, file: &str, no: u32, kind: Kind, d: &Draft, exam: Month, search_no: &str) {
    let _ = write!(out, "{file},{no},{},", kind.name());
    let v = d.verdict.as_deref();
    let expected = v.map_or(&[][..], |v| &v.expected);
    let forbidden = v.map_or(&[][..], |v| &v.forbidden);
    join(out, expected, &[]);
    let _ = write!(out, ",{},", expected.first().copied().unwrap_or_default());
    join(out, forbidden, expected);
    let note = match d.scratch {
        Some(Scratch::NoMonth) => "破損: 診療年月なし（拒否）",
        Some(Scratch::Beds) => "破損: 病床数に文字",
        Some(Scratch::UnknownRecord) => "破損: 未知のレコード",
        Some(Scratch::HalfCharacter) => "破損: 氏名の文字が欠けている",
        Some(Scratch::DayCount) | None => v.map_or("", |v| v.note.as_str()),
    };
    let _ = writeln!(out, ",{note},{exam},{search_no}");
}

/// Each rule once, without those of another list.
fn join(out: &mut String, rules: &[&'static str], without: &[&'static str]) {
    let mut first = true;
    for (i, r) in rules.iter().enumerate() {
        if rules[..i].contains(r) || without.contains(r) {
            continue;
        }
        if !first {
            out.push(';');
        }
        first = false;
        out.push_str(r);
    }
}

/// A rule on two claims stands on the later of them (eligibility-rules.md 7, decision 10).
pub(crate) fn resolve_pairs(drafts: &mut [Draft]) {
    let mut pairs: Vec<(u32, usize)> = drafts.iter().enumerate().filter_map(|(i, d)| Some((d.pair?.0, i))).collect();
    pairs.sort_unstable();
    for two in pairs.chunk_by(|a, b| a.0 == b.0) {
        let [_, (_, later)] = two else { continue };
        let d = &mut drafts[*later];
        if let Some((_, rule)) = d.pair {
            d.judge(&[rule], "縦覧: 二つのうち後のもの");
        }
    }
}
