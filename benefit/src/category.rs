//! 所得区分: one vocabulary for register, cases and limits (tables.md section 8), and who is in which table.

use std::{collections::HashMap, fmt};

use tenken_parser::Month;
use unicode_normalization::UnicodeNormalization;

use crate::{
    limits::{Limits, NoLimit, Row},
    yen::Rate,
};

const SHIPPED: &str = include_str!("../data/categories.csv");

/// 年齢区分.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeBand {
    Under70,
    /// 高齢受給者, 70 to 74
    SeventyPlus,
    /// 後期
    SeventyFivePlus,
}

/// 制度.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    Kokuho,
    Kouki,
    /// an employees' insurer: same amounts, not ours
    Other,
}

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CategoryError {
    #[error("所得区分「{0}」は知られていない")]
    Unknown(String),
    #[error("所得区分「{word}」は{band}にない")]
    NotInBand { word: String, band: AgeBand },
    #[error("後期の「{0}」は負担割合（1割か2割）が分からないと決められない")]
    RateNeeded(String),
    #[error("所得区分がない（{0}）")]
    Missing(AgeBand),
    #[error(transparent)]
    NoLimit(#[from] NoLimit),
}

impl AgeBand {
    pub fn code(self) -> &'static str {
        match self {
            Self::Under70 => "under70",
            Self::SeventyPlus => "70plus",
            Self::SeventyFivePlus => "75plus",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Under70, Self::SeventyPlus, Self::SeventyFivePlus].into_iter().find(|b| b.code() == code)
    }

    pub fn is_70_or_more(self) -> bool {
        self != Self::Under70
    }
}

impl fmt::Display for AgeBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Under70 => "70歳未満",
            Self::SeventyPlus => "70歳以上",
            Self::SeventyFivePlus => "後期",
        })
    }
}

impl Scheme {
    pub fn code(self) -> &'static str {
        match self {
            Self::Kokuho => "kokuho",
            Self::Kouki => "kouki",
            Self::Other => "other",
        }
    }
}

/// A limit's category, for shares of this rate only where one is said.
#[derive(Clone, Debug)]
struct Candidate {
    percent: Option<u16>,
    category: String,
}

#[derive(Clone, Debug)]
struct Word {
    /// as printed
    word: String,
    bands: [Vec<Candidate>; 3],
}

/// The words.
#[derive(Clone, Debug)]
pub struct Categories {
    words: Vec<Word>,
    /// by spelling: NFKC, without blanks
    spellings: HashMap<String, usize>,
}

fn spelling(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

impl Categories {
    pub fn shipped() -> Self {
        let mut words = Vec::new();
        let mut spellings = HashMap::new();
        let mut reader = csv::Reader::from_reader(SHIPPED.as_bytes());
        for record in reader.records() {
            let record = record.expect("a shipped table");
            let candidates = |i: usize| {
                let parts = record[i].split(';').filter(|p| !p.is_empty());
                let candidate = |part: &str| match part.split_once(':') {
                    Some((percent, of)) => Candidate { percent: percent.parse().ok(), category: of.to_owned() },
                    None => Candidate { percent: None, category: part.to_owned() },
                };
                parts.map(candidate).collect::<Vec<_>>()
            };
            for name in std::iter::once(&record[0]).chain(record[1].split(';')).filter(|n| !n.is_empty()) {
                spellings.insert(spelling(name), words.len());
            }
            words.push(Word { word: record[0].to_owned(), bands: [candidates(2), candidates(3), candidates(4)] });
        }
        Self { words, spellings }
    }

    fn word(&self, text: &str) -> Result<&Word, CategoryError> {
        let at = self.spellings.get(&spelling(text)).ok_or_else(|| CategoryError::Unknown(text.to_owned()))?;
        Ok(&self.words[*at])
    }

    /// The word as it is printed.
    ///
    /// # Errors
    /// [`CategoryError::Unknown`]
    pub fn printed(&self, text: &str) -> Result<&str, CategoryError> {
        Ok(&self.word(text)?.word)
    }

    /// The printed word of a limit's category (`U70_A` = `ア`).
    pub fn word_of(&self, category: &str) -> Option<&str> {
        let has = |w: &&Word| w.bands.iter().any(|b| b.iter().any(|c| c.category == category));
        self.words.iter().find(has).map(|w| w.word.as_str())
    }

    /// The row of limits of a word, in an age band and a month. `rate` = the patient's share of the cost.
    ///
    /// # Errors
    /// The word is not known, not of that band, needs a rate, or has no row in the month.
    pub fn row<'l>(
        &self,
        limits: &'l Limits,
        text: &str,
        band: AgeBand,
        month: Month,
        rate: Option<Rate>,
    ) -> Result<&'l Row, CategoryError> {
        if spelling(text).is_empty() {
            return Err(CategoryError::Missing(band));
        }
        let word = self.word(text)?;
        let candidates = &word.bands[band as usize];
        if candidates.is_empty() {
            return Err(CategoryError::NotInBand { word: word.word.clone(), band });
        }
        let in_month = |c: &&Candidate| limits.find(&c.category, month).is_ok();
        let fits = |c: &&Candidate| c.percent.is_none_or(|p| rate == Some(Rate::percent(p)));
        match candidates.iter().filter(in_month).find(fits) {
            Some(c) => Ok(limits.find(&c.category, month)?),
            None if candidates.iter().any(|c| in_month(&c)) => Err(CategoryError::RateNeeded(word.word.clone())),
            None => Ok(limits.find(&candidates[0].category, month)?),
        }
    }

    /// The same where the rate is not known and does not matter: all rows that the word can mean have the same
    /// monthly limit.
    ///
    /// # Errors
    /// As [`Self::row`].
    pub fn row_by_amount<'l>(
        &self,
        limits: &'l Limits,
        text: &str,
        band: AgeBand,
        month: Month,
    ) -> Result<&'l Row, CategoryError> {
        let first = match self.row(limits, text, band, month, None) {
            Err(CategoryError::RateNeeded(word)) => CategoryError::RateNeeded(word),
            other => return other,
        };
        let candidates = self.word(text)?.bands[band as usize].iter();
        let rows: Vec<&Row> = candidates.filter_map(|c| limits.find(&c.category, month).ok()).collect();
        match rows.split_first() {
            Some((row, rest)) if rest.iter().all(|r| (r.monthly, r.multi_hit) == (row.monthly, row.multi_hit)) => {
                Ok(row)
            }
            _ => Err(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_finds_its_row() {
        let (categories, limits) = (Categories::shipped(), Limits::shipped());
        let row = |text: &str, band: AgeBand, month: &str, percent: Option<u16>| {
            let month = Month::parse_iso(month).unwrap();
            categories.row(&limits, text, band, month, percent.map(Rate::percent)).map(Row::key)
        };
        use AgeBand::*;
        for (text, band, month, percent, key) in [
            ("ア", Under70, "2020-01", None, "U70_A@2015-01"),
            ("現役Ⅲ", SeventyPlus, "2020-01", None, "K70_G3@2018-08"),
            ("現役並みIII", SeventyPlus, "2020-01", None, "K70_G3@2018-08"),
            ("現役並み Ⅰ", SeventyFivePlus, "2026-08", None, "K75_G1@2026-08"),
            ("現役並み", SeventyPlus, "2017-07", None, "K70_GENEKI@2015-01"),
            ("一般", SeventyPlus, "2026-07", None, "K70_IPPAN@2018-08"),
            ("一般", SeventyFivePlus, "2022-09", None, "K75_IPPAN@2018-08"),
            ("一般", SeventyFivePlus, "2022-10", Some(20), "K75_IPPAN2@2022-10"),
            ("一般", SeventyFivePlus, "2022-10", Some(10), "K75_IPPAN1@2022-10"),
            ("一般Ⅱ", SeventyFivePlus, "2022-09", None, "K75_IPPAN@2018-08"),
            ("低所得II", SeventyPlus, "2026-08", None, "K70_TEI2@2026-08"),
        ] {
            assert_eq!(row(text, band, month, percent), Ok(key), "{text} {month}");
        }
        for (text, band, month) in [
            ("カ", Under70, "2020-01"),
            ("", Under70, "2020-01"),
            ("一般", Under70, "2020-01"),
            ("一般Ⅱ", SeventyPlus, "2023-01"),
            ("一般", SeventyFivePlus, "2022-10"),
            ("現役", SeventyPlus, "2018-08"),
            ("ア", Under70, "2027-08"),
        ] {
            assert!(row(text, band, month, None).is_err(), "{text} {month}");
        }
        let month = Month::parse_iso("2025-06").unwrap();
        let row = categories.row_by_amount(&limits, "一般", SeventyFivePlus, month).unwrap();
        assert_eq!(row.monthly.base.0, 57_600);
        assert_eq!(categories.printed("現役並みIII"), Ok("現役Ⅲ"));
        assert_eq!(categories.word_of("K75_TEI1"), Some("低所得Ⅰ"));
    }
}
