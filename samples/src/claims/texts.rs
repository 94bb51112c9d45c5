//! Texts and diagnoses of `samples/data/`, in CP932 from the beginning.

use std::sync::LazyLock;

use tenken_parser::Encoding;

/// A text that belongs somewhere.
#[derive(Debug)]
pub struct Sentence {
    /// 診療識別, or 症状詳記区分
    pub class: &'static str,
    pub text: Vec<u8>,
}

fn sentences(table: &'static str) -> Vec<Sentence> {
    let pairs = table.lines().skip(1).filter_map(|l| l.split_once(','));
    pairs.map(|(class, text)| Sentence { class, text: Encoding::Cp932.encode(text) }).collect()
}

/// Free comments by 診療識別.
pub static COMMENTS: LazyLock<Vec<Sentence>> = LazyLock::new(|| sentences(include_str!("../../data/comments.csv")));

/// 症状詳記.
pub static DETAILS: LazyLock<Vec<Sentence>> = LazyLock::new(|| sentences(include_str!("../../data/details.csv")));

/// 心身の状態 (訪問看護).
pub static CONDITIONS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    include_str!("../../data/conditions.csv").lines().skip(1).map(|l| Encoding::Cp932.encode(l)).collect()
});

/// The doctor of every invented institution.
pub static DOCTOR: LazyLock<Vec<u8>> = LazyLock::new(|| Encoding::Cp932.encode("見本　一郎"));

/// An ordinary disease that nobody asks about.
#[derive(Debug)]
pub struct Common {
    /// not before this age
    pub from_age: i64,
    pub code: &'static str,
    pub icd10: &'static str,
    pub modifiers: &'static str,
    pub name: Vec<u8>,
}

/// None of them is in the list of third-party diseases.
pub static DISEASES: LazyLock<Vec<Common>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut cells = line.split(',');
        let mut cell = || cells.next().unwrap_or_default();
        Common {
            from_age: cell().parse().unwrap_or(0),
            code: cell(),
            icd10: cell(),
            modifiers: cell(),
            name: Encoding::Cp932.encode(cell()),
        }
    };
    include_str!("../../data/diseases.csv").lines().skip(1).map(read).collect()
});
