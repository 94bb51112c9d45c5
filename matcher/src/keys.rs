//! Keys for comparison (identifiers.md sections 4 and 6, eligibility-rules.md 1.4). The original is always kept.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use tenken_parser::Encoding;
use unicode_normalization::UnicodeNormalization as _;

/// Text of a claim before it is decoded.
#[derive(Clone, Copy)]
pub struct RawText<'a> {
    pub bytes: &'a [u8],
    pub encoding: Encoding,
}

impl<'a> RawText<'a> {
    pub fn utf8(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), encoding: Encoding::Utf8 }
    }

    pub fn text(self) -> Cow<'a, str> {
        self.encoding.decode(self.bytes).0
    }

    pub fn is_blank(self) -> bool {
        self.bytes.iter().all(|b| *b == b' ') || (!self.bytes.is_ascii() && self.text().trim().is_empty())
    }
}

/// How two values are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    Different,
    /// equal after leading zeros, ヂヅヴ・ヰヱヲ, 異体字 or by a wildcard
    Loose,
    Strict,
}

/// 記号 or 番号 without spaces, hyphens, ・ and brackets, in upper case.
pub fn number_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    if text.is_ascii() {
        for b in text.bytes().filter(u8::is_ascii_graphic) {
            if !matches!(b, b'-' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>') {
                key.push(char::from(b.to_ascii_uppercase()));
            }
        }
    } else {
        key.extend(text.nfkc().filter(|c| !is_separator(*c)).flat_map(char::to_uppercase));
    }
    key
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || is_dash(c)
        || matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>')
        || matches!(c, '・' | '･' | '「' | '」' | '『' | '』' | '【' | '】' | '〔' | '〕' | '〈' | '〉' | '《' | '》')
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        'ー' | '-'
            | '\u{2010}'
            | '\u{2011}'
            | '\u{2012}'
            | '\u{2013}'
            | '\u{2014}'
            | '\u{2015}'
            | '\u{2212}'
            | '\u{FF0D}'
            | '\u{FF70}'
    )
}

/// The same without the leading zeros of a purely numeric part.
pub fn without_zeros(key: &str) -> &str {
    if key.bytes().all(|b| b.is_ascii_digit()) { key.trim_start_matches('0') } else { key }
}

/// A 番号 written with its 枝番 behind a hyphen: the key of the part before it, and the branch. Whether that is
/// the known branch is for the caller to say.
pub fn split_branch(bango: &str) -> Option<(String, u8)> {
    let text: String = bango.nfkc().collect();
    let (head, tail) = text.trim().rsplit_once(is_dash)?;
    let tail = tail.trim();
    let branch = tail.parse().ok().filter(|_| (1..=2).contains(&tail.len()))?;
    Some((number_key(head), branch))
}

/// 「？」 and the like: each stands for one character, the only list (identifiers.md 6.5).
pub fn is_wildcard(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '？' | '?' | '〓' | '＊' | '*' | '●' | '■' | '□' | '\u{FFFD}')
}

/// Keys of one name. Both are empty for an empty name and for one of wildcards only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameKey {
    pub strict: String,
    /// `None`: the same as the strict one
    loose: Option<String>,
}

impl NameKey {
    /// `fold` gives the loose key where it is another one.
    fn of(strict: String, fold: impl Fn(&str) -> Option<String>) -> Self {
        if strict.chars().all(is_wildcard) {
            return Self::default();
        }
        let loose = fold(&strict);
        Self { strict, loose }
    }

    /// Of a strict kana key.
    pub fn of_kana(strict: &str) -> Self {
        Self::of(strict.to_owned(), fold_kana)
    }

    /// Of a strict kanji key.
    pub fn of_kanji(strict: &str) -> Self {
        Self::of(strict.to_owned(), kanji_variants)
    }

    pub fn loose(&self) -> &str {
        self.loose.as_deref().unwrap_or(&self.strict)
    }

    pub fn is_empty(&self) -> bool {
        self.strict.is_empty()
    }

    /// Wildcards stand for one character on either side.
    pub fn likeness(&self, other: &Self) -> Likeness {
        if self.is_empty() || other.is_empty() {
            return Likeness::Different;
        }
        likeness((&self.strict, self.loose()), (&other.strict, other.loose()))
    }
}

/// Of two names that are not empty, each given as its strict and its loose key.
pub fn likeness(a: (&str, &str), b: (&str, &str)) -> Likeness {
    if a.0 == b.0 {
        Likeness::Strict
    } else if a.1 == b.1 || equal_with_wildcards(a.1, b.1) {
        Likeness::Loose
    } else {
        Likeness::Different
    }
}

fn equal_with_wildcards(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.chars(), b.chars());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(x), Some(y)) if x == y || is_wildcard(x) || is_wildcard(y) => {}
            _ => return false,
        }
    }
}

/// Kana key: hiragana to katakana, small to large, every dash to ー.
pub fn kana_key(text: &str) -> NameKey {
    NameKey::of(kana_strict(text), fold_kana)
}

/// The same of the text of a claim; CP932 katakana, as nearly all are, without decoding.
pub fn kana_key_of(raw: RawText<'_>) -> NameKey {
    match plain_katakana(raw) {
        Some(strict) => NameKey::of(strict, fold_kana),
        None => kana_key(&raw.text()),
    }
}

/// Strict key of CP932 text that is katakana, ー and full-width spaces alone.
fn plain_katakana(raw: RawText<'_>) -> Option<String> {
    if raw.encoding != Encoding::Cp932 || !raw.bytes.len().is_multiple_of(2) {
        return None;
    }
    let mut key = Vec::with_capacity(raw.bytes.len() / 2 * 3);
    for pair in raw.bytes.chunks_exact(2) {
        match (pair[0], pair[1]) {
            // ァ to ミ, then one byte is left out, ム to ヶ
            (0x83, b @ (0x40..=0x7E | 0x80..=0x96)) => {
                let n = b - 0x40 - u8::from(b > 0x7F);
                key.extend_from_slice(&KATAKANA[usize::from(n)]);
            }
            (0x81, 0x5B) => key.extend_from_slice("ー".as_bytes()),
            (0x81, 0x40) => {}
            _ => return None,
        }
    }
    String::from_utf8(key).ok()
}

/// ァ … ヶ in UTF-8, small ones large.
static KATAKANA: LazyLock<[[u8; 3]; 86]> = LazyLock::new(|| {
    let mut table = [[0; 3]; 86];
    for (n, cell) in table.iter_mut().enumerate() {
        let c = char::from_u32('ァ' as u32 + n as u32).map_or('ア', large);
        c.encode_utf8(cell);
    }
    table
});

fn kana_strict(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let plain = text.chars().all(|c| matches!(c, 'ァ'..='ヶ' | 'ー' | '\u{3000}' | ' '));
    let mut push = |c: char| {
        if c.is_whitespace() || c.is_control() {
            return;
        }
        let c = match c {
            'ぁ'..='ゖ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
            c if is_dash(c) => 'ー',
            c => c,
        };
        key.push(large(c));
    };
    if plain {
        text.chars().for_each(&mut push)
    } else {
        keep_wildcards(text).for_each(&mut push)
    }
    key
}

/// Small kana to large.
fn large(c: char) -> char {
    match c {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' => 'エ',
        'ォ' => 'オ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ッ' => 'ツ',
        'ヮ' => 'ワ',
        c => c,
    }
}

/// NFKC of all but the wildcards, which it would change (？ to ?).
fn keep_wildcards(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkc().flat_map(char::to_uppercase)
}

/// Loose kana: small vowels are large already, so ヴァ is ヴア here.
fn fold_kana(strict: &str) -> Option<String> {
    if !strict.contains(['ヂ', 'ヅ', 'ヰ', 'ヱ', 'ヲ', 'ヴ']) {
        return None;
    }
    let mut key = String::with_capacity(strict.len());
    let mut chars = strict.chars().peekable();
    while let Some(c) = chars.next() {
        let folded = match c {
            'ヂ' => 'ジ',
            'ヅ' => 'ズ',
            'ヰ' => 'イ',
            'ヱ' => 'エ',
            'ヲ' => 'オ',
            'ヴ' => {
                let of = chars.peek().and_then(|next| match next {
                    'ア' => Some('バ'),
                    'イ' => Some('ビ'),
                    'エ' => Some('ベ'),
                    'オ' => Some('ボ'),
                    _ => None,
                });
                if of.is_some() {
                    chars.next();
                }
                of.unwrap_or('ブ')
            }
            c => c,
        };
        key.push(folded);
    }
    Some(key)
}

/// Kanji key: NFKC without spaces and variation selectors.
pub fn kanji_key(text: &str) -> NameKey {
    // what NFKC leaves as it is: most names
    let plain = |c: char| matches!(c, '\u{4E00}'..='\u{9FFF}' | 'ァ'..='ヶ' | 'ぁ'..='ゖ' | 'ー' | '　');
    if text.chars().all(plain) {
        return NameKey::of(text.chars().filter(|c| *c != '　').collect(), kanji_variants);
    }
    let strict: String = keep_wildcards(text)
        .filter(|c| {
            !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
        })
        .collect();
    NameKey::of(strict, kanji_variants)
}

fn kanji_variants(strict: &str) -> Option<String> {
    let variant = |c| VARIANTS.get(&c).copied().unwrap_or(c);
    strict.chars().any(|c| variant(c) != c).then(|| strict.chars().map(variant).collect())
}

/// 異体字: every member of a group to its first.
static VARIANTS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    let mut reader = csv::Reader::from_reader(include_str!("../data/kanji_variants.csv").as_bytes());
    for row in reader.records().flatten() {
        let group: Vec<char> = row.get(0).unwrap_or_default().chars().collect();
        for c in &group {
            map.insert(*c, group[0]);
        }
    }
    map
});

/// Whether a name has three parts or more, or Latin letters; others have no token set that matters.
pub fn may_be_foreign(text: &str) -> bool {
    let mut parts = 0;
    text.chars().any(|c| {
        parts += u32::from(c == '　' || c == ' ' || c == '・');
        parts > 1 || c.is_ascii_alphabetic() || matches!(c, 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '\u{C0}'..='\u{24F}')
    })
}

/// Token sets of a name of several parts (foreign names: order and middle names vary). One part gives none.
pub fn tokens(text: &str) -> Vec<String> {
    let text: String = keep_wildcards(text).collect();
    let mut all: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c == '・' || c == '.' || c == ',')
        .filter(|t| !t.is_empty())
        .map(kana_strict)
        .collect();
    all.sort();
    all.dedup();
    if all.len() < 2 { Vec::new() } else { all }
}

/// The smaller set of at least two tokens lies inside the other.
pub fn tokens_alike(a: &[String], b: &[String]) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.len() >= 2 && few.iter().all(|t| many.contains(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (a, b, strict, loose) in [
            ("１２３", "123", true, true),
            ("0123", "123", false, true),
            ("12-34", "1234", true, true),
            ("（あ）12", "あ12", true, true),
            ("国・ 12", "国12", true, true),
            ("a12", "A12", true, true),
            ("あ012", "あ12", false, false),
            ("千代田12", "12", false, false),
        ] {
            let (a, b) = (number_key(a), number_key(b));
            assert_eq!(a == b, strict, "{a} {b}");
            assert_eq!(without_zeros(&a) == without_zeros(&b), loose, "{a} {b}");
        }
        assert_eq!(split_branch("1234567-01"), Some(("1234567".to_owned(), 1)));
        assert_eq!(split_branch("１２３４５６７－０２"), Some(("1234567".to_owned(), 2)));
        assert_eq!(split_branch("1234567-890"), None);
        assert_eq!(split_branch("1234567"), None);
    }

    #[test]
    fn names() {
        use Likeness::{Different, Loose, Strict};
        for (a, b, want) in [
            ("ミホン　タロウ", "ミホンタロウ", Strict),
            ("ﾐﾎﾝ ｼﾞﾛｳ", "ミホンジロウ", Strict),
            ("みほん たろう", "ミホンタロウ", Strict),
            ("イッペイ", "イツペイ", Strict),
            ("シヨウ", "ショウ", Strict),
            ("サ−ラ", "サーラ", Strict),
            ("ミヅホ", "ミズホ", Loose),
            ("ヴァレリ", "バレリ", Loose),
            ("カヲル", "カオル", Loose),
            ("ミホ？タロウ", "ミホンタロウ", Loose),
            ("ヤマダ　タロウ", "ヤマモト　タロウ", Different),
            ("？？？", "ミホン", Different),
            ("", "", Different),
        ] {
            assert_eq!(kana_key(a).likeness(&kana_key(b)), want, "{a} {b}");
        }
        for (a, b, want) in [
            ("髙橋　一", "高橋一", Loose),
            ("齋藤", "斎藤", Loose),
            ("葛\u{E0100}城", "葛城", Strict),
            ("\u{E123}橋", "高橋", Loose),
            ("𠮷田", "吉田", Loose),
            ("佐藤", "斎藤", Different),
        ] {
            assert_eq!(kanji_key(a).likeness(&kanji_key(b)), want, "{a} {b}");
        }
        assert!(tokens_alike(&tokens("SAMPLE ANNA MARIA"), &tokens("Anna Sample")));
        assert!(!tokens_alike(&tokens("SAMPLE ANNA"), &tokens("SAMPLE OTTO")));
        assert!(tokens("ミホンタロウ").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn a_name_is_like_itself(text in "[ァ-ヶー髙高斎ぁ-ん]{1,12}") {
            proptest::prop_assert_eq!(kana_key(&text).likeness(&kana_key(&text)), Likeness::Strict);
            proptest::prop_assert_eq!(kanji_key(&text).likeness(&kanji_key(&text)), Likeness::Strict);
        }

        #[test]
        fn the_short_way_to_a_kana_key_is_the_key(text in "[ァ-ヶーヴ　a1ｱ]{0,12}") {
            let bytes = Encoding::Cp932.encode(&text);
            let raw = RawText { bytes: &bytes, encoding: Encoding::Cp932 };
            proptest::prop_assert_eq!(kana_key_of(raw), kana_key(&raw.text()));
        }

        #[test]
        fn the_short_way_to_a_kanji_key_is_the_key(text in "[一-龠ぁ-んァ-ヶー　髙﨑]{1,8}") {
            let long: String = keep_wildcards(&text).filter(|c| !c.is_whitespace()).collect();
            proptest::prop_assert_eq!(kanji_key(&text).strict, long);
        }

        #[test]
        fn keys_are_stable(text in "[ -~ぁ-んァ-ヶー一-龠ｱ-ﾝＡ-Ｚａ-ｚ０-９・　‐−]{0,12}") {
            let once = kana_key(&text);
            proptest::prop_assert_eq!(&kana_key(&once.strict).strict, &once.strict);
            let number = number_key(&text);
            proptest::prop_assert_eq!(number_key(&number), number);
        }
    }
}
