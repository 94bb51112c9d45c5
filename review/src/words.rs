//! Codes with their Japanese titles (`data/third_party_words.csv`).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::error::{Error, Result};

#[derive(Debug, Deserialize)]
pub struct Word {
    pub list: String,
    pub code: String,
    pub name_ja: String,
    pub note: String,
}

static WORDS: LazyLock<Vec<Word>> = LazyLock::new(|| read(include_str!("../data/third_party_words.csv")));

/// The rows of an embedded table.
pub(crate) fn read<T: for<'d> Deserialize<'d>>(text: &str) -> Vec<T> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().filter_map(std::result::Result::ok).collect()
}

/// The words of a list: `state` `answer` `dismissal` `discovery` `cause` `paper` `role`.
pub fn words(list: &str) -> impl Iterator<Item = &'static Word> {
    WORDS.iter().filter(move |w| w.list == list)
}

static CASE_WORDS: LazyLock<Vec<Word>> = LazyLock::new(|| read(include_str!("../data/case_words.csv")));

/// The words of a list of the desk: `asked` `result` `false_positive` `k` `note` `role`.
pub fn case_words(list: &str) -> impl Iterator<Item = &'static Word> {
    CASE_WORDS.iter().filter(move |w| w.list == list)
}

/// The Japanese title of a code of the desk, or the code.
pub fn case_title<'c>(list: &str, code: &'c str) -> &'c str {
    case_words(list).find(|w| w.code == code).map_or(code, |w| w.name_ja.as_str())
}

/// The Japanese title of a code, or the code.
pub fn title<'c>(list: &str, code: &'c str) -> &'c str {
    words(list).find(|w| w.code == code).map_or(code, |w| w.name_ja.as_str())
}

/// A code that is in the list.
pub(crate) fn known(list: &'static str, word: &str) -> Result<&'static str> {
    words(list).find(|w| w.code == word || w.name_ja == word).map(|w| w.code.as_str()).ok_or_else(|| {
        let known: Vec<&str> = words(list).map(|w| w.code.as_str()).collect();
        Error::UnknownWord { word: word.to_owned(), known: known.join(", ") }
    })
}

/// Whether a role may lift a hold and write to a held person.
pub fn is_named_role(role: &str) -> bool {
    words("role").any(|w| w.code == role && w.note == "named")
}

pub(crate) fn named_roles() -> String {
    words("role").filter(|w| w.note == "named").map(|w| w.name_ja.as_str()).collect::<Vec<_>>().join("・")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        assert_eq!(WORDS.len(), include_str!("../data/third_party_words.csv").lines().count() - 1);
        assert_eq!(CASE_WORDS.len(), include_str!("../data/case_words.csv").lines().count() - 1);
        assert_eq!(case_title("k", "K06"), "資格喪失後の受診");
        assert_eq!(title("state", "PAID"), "収納済");
        assert_eq!(known("dismissal", "運動").unwrap(), "sport");
        assert!(known("dismissal", "x").unwrap_err().to_string().contains("own_fall"));
        assert!(is_named_role("管理") && !is_named_role("点検"));
    }
}
