//! Words for income categories (tables.md section 8): three spellings are read, the first is printed.

use unicode_normalization::UnicodeNormalization;

/// Printed word, and the further spellings. All of a row is compared after NFKC (`Ⅲ` is `III`, `ｱ` is `ア`).
type Words = [(&'static str, &'static [&'static str])];

const UNDER_70: &Words =
    &[("ア", &["U70_A"]), ("イ", &["U70_I"]), ("ウ", &["U70_U"]), ("エ", &["U70_E"]), ("オ", &["U70_O"])];

const OVER_70: &Words = &[
    ("現役Ⅲ", &["現役並みⅢ", "K70_G3", "K75_G3"]),
    ("現役Ⅱ", &["現役並みⅡ", "K70_G2", "K75_G2"]),
    ("現役Ⅰ", &["現役並みⅠ", "K70_G1", "K75_G1"]),
    ("現役", &["現役並み", "K70_GENEKI", "K75_GENEKI"]),
    ("一般", &["K70_IPPAN"]),
    ("一般Ⅱ", &["K75_IPPAN2"]),
    ("一般Ⅰ", &["K75_IPPAN1", "K75_IPPAN"]),
    ("低所得Ⅱ", &["K70_TEI2", "K75_TEI2"]),
    ("低所得Ⅰ", &["K70_TEI1", "K75_TEI1"]),
];

/// 所得区分 of a household under 70.
pub fn under_70(word: &str) -> Option<&'static str> {
    printed(UNDER_70, word)
}

/// 高齢所得区分. `一般` stays `一般` for 後期 too, where it means 一般Ⅰ: only the scheme tells.
pub fn over_70(word: &str) -> Option<&'static str> {
    printed(OVER_70, word)
}

fn printed(words: &Words, word: &str) -> Option<&'static str> {
    // nearly all are printed that way already
    if let Some((first, _)) = words.iter().find(|(first, _)| *first == word) {
        return Some(first);
    }
    let same = |w: &str| w.nfkc().eq(word.trim().nfkc());
    words.iter().find(|(first, others)| same(first) || others.iter().any(|o| same(o))).map(|(first, _)| *first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_spellings() {
        for (word, want) in [
            ("現役Ⅲ", Some("現役Ⅲ")),
            ("現役並みⅢ", Some("現役Ⅲ")),
            ("現役並みIII", Some("現役Ⅲ")),
            ("K70_G3", Some("現役Ⅲ")),
            ("K75_G1", Some("現役Ⅰ")),
            ("現役並み", Some("現役")),
            ("K75_GENEKI", Some("現役")),
            ("一般", Some("一般")),
            ("K70_IPPAN", Some("一般")),
            ("K75_IPPAN2", Some("一般Ⅱ")),
            ("K75_IPPAN1", Some("一般Ⅰ")),
            ("K75_IPPAN", Some("一般Ⅰ")),
            ("低所得Ⅱ", Some("低所得Ⅱ")),
            ("K75_TEI1", Some("低所得Ⅰ")),
            ("現役IV", None),
            ("ア", None),
            ("U70_A", None),
            ("", None),
        ] {
            assert_eq!(over_70(word), want, "{word}");
        }
        for (word, want) in [
            ("ア", Some("ア")),
            ("ｱ", Some("ア")),
            ("U70_E", Some("エ")),
            ("オ", Some("オ")),
            ("カ", None),
            ("一般", None),
        ] {
            assert_eq!(under_70(word), want, "{word}");
        }
    }
}
