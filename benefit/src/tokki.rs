//! 特記事項 that say a category, and whether the fourth month (`data/tokki.csv`, eligibility-rules.md 3.1).

use std::sync::LazyLock;

use crate::category::AgeBand;

const SHIPPED: &str = include_str!("../data/tokki.csv");

/// A code with the words that it can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub code: u8,
    /// 多数回
    pub multi_hit: bool,
    words: [Vec<String>; 3],
}

static NOTES: LazyLock<Vec<Note>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(SHIPPED.as_bytes());
    let words = |text: &str| text.split(';').filter(|w| !w.is_empty()).map(str::to_owned).collect();
    let note = |r: csv::StringRecord| Note {
        code: r[0].parse().expect("a code"),
        multi_hit: &r[1] == "1",
        words: [words(&r[2]), words(&r[3]), words(&r[4])],
    };
    reader.records().map(|r| note(r.expect("a shipped table"))).collect()
});

impl Note {
    /// The words of an age band; several where the code does not tell them apart.
    pub fn words(&self, band: AgeBand) -> &[String] {
        &self.words[band as usize]
    }
}

/// The note of a code; nothing for codes that say no category.
pub fn of(code: u8) -> Option<&'static Note> {
    NOTES.iter().find(|n| n.code == code)
}

/// The first of some codes that says a category.
pub fn first(codes: impl IntoIterator<Item = u8>) -> Option<&'static Note> {
    codes.into_iter().find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_categories_by_age() {
        let words = |code, band| of(code).map(|n| n.words(band).join(";"));
        assert_eq!(words(28, AgeBand::Under70).as_deref(), Some("ウ"));
        assert_eq!(words(28, AgeBand::SeventyPlus).as_deref(), Some("現役Ⅰ"));
        assert_eq!(words(30, AgeBand::SeventyFivePlus).as_deref(), Some("低所得Ⅱ;低所得Ⅰ"));
        assert_eq!(words(43, AgeBand::SeventyFivePlus).as_deref(), Some("一般Ⅱ"));
        assert_eq!(words(41, AgeBand::Under70).as_deref(), Some(""));
        assert_eq!(of(2), None);
        assert!(first([2, 34]).unwrap().multi_hit && !first([29]).unwrap().multi_hit);
    }
}
