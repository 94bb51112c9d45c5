//! Text encodings of claim files. Fields are cut on raw bytes (in CP932 a comma, a quote, CR or LF never
//! occurs inside a character); text is decoded only when shown or compared (identifiers.md section 7).

use std::{borrow::Cow, sync::LazyLock};

use encoding_rs::{SHIFT_JIS, UTF_8};
use unicode_normalization::UnicodeNormalization;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// CP932 (Windows-31J), the official form
    Cp932,
    /// UTF-8: not allowed, but met; read with a warning
    Utf8,
}

impl Encoding {
    /// `cp932` or `utf8`, as the tables write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cp932 => "cp932",
            Self::Utf8 => "utf8",
        }
    }

    /// Decodes, putting U+FFFD where bytes are no text; `true` when that happened.
    pub fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        if bytes.is_ascii() {
            return (String::from_utf8_lossy(bytes), false);
        }
        let table = match self {
            Self::Cp932 => SHIFT_JIS,
            Self::Utf8 => UTF_8,
        };
        table.decode_without_bom_handling(bytes)
    }

    /// Whether all bytes are text: what [`Encoding::decode`] would tell, without decoding.
    pub fn is_text(self, bytes: &[u8]) -> bool {
        if self == Self::Utf8 {
            return std::str::from_utf8(bytes).is_ok();
        }
        let known = Characters::get();
        let mut rest = bytes;
        while let [first, more @ ..] = rest {
            rest = match (known.single(*first), more) {
                (true, _) => more,
                (false, [second, after @ ..]) if known.pair(*first, *second) => after,
                _ => return false,
            };
        }
        true
    }

    /// Encodes for writing; characters that the encoding lacks become `？` as the specification asks.
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Cp932 => {
                let mut out = Vec::with_capacity(text.len());
                let mut utf8 = [0u8; 4];
                for c in text.chars() {
                    let c = if c == '\u{301C}' { '\u{FF5E}' } else { c };
                    let (bytes, _, failed) = SHIFT_JIS.encode(c.encode_utf8(&mut utf8));
                    out.extend_from_slice(if failed { b"\x81\x48" } else { &bytes });
                }
                out
            }
        }
    }

    /// Looks at the first text that is not ASCII. UTF-8 is believed only with a BOM, or when the bytes are
    /// valid UTF-8 and hold a three-byte character (half-width kana of CP932 can look like two-byte ones).
    pub fn detect(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            return Self::Utf8;
        }
        const WINDOW: usize = 64 * 1024;
        let start = (0..bytes.len()).step_by(WINDOW).find(|&i| !bytes[i..bytes.len().min(i + WINDOW)].is_ascii());
        let Some(start) = start else { return Self::Cp932 };
        let window = &bytes[start..bytes.len().min(start + 2 * WINDOW)];
        let valid = match std::str::from_utf8(window) {
            Ok(t) => t,
            Err(e) if e.error_len().is_none() => std::str::from_utf8(&window[..e.valid_up_to()]).unwrap_or_default(),
            Err(_) => return Self::Cp932,
        };
        if valid.chars().any(|c| c as u32 >= 0x800) { Self::Utf8 } else { Self::Cp932 }
    }
}

/// Which bytes and pairs of bytes are characters of CP932, as encoding_rs has them.
struct Characters {
    single: [bool; 256],
    /// a bit for each second byte, by first byte
    pair: Vec<[u64; 4]>,
}

impl Characters {
    fn get() -> &'static Self {
        static ALL: LazyLock<Characters> = LazyLock::new(|| {
            fn known(bytes: &[u8]) -> Option<Cow<'_, str>> {
                SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)
            }
            let mut single = [false; 256];
            let mut pair = vec![[0; 4]; 256];
            for first in 0..=u8::MAX {
                single[usize::from(first)] = known(&[first]).is_some();
                for second in 0x40..=u8::MAX {
                    let is_one = known(&[first, second]).is_some_and(|t| t.chars().count() <= 2);
                    if !single[usize::from(first)] && is_one {
                        pair[usize::from(first)][usize::from(second / 64)] |= 1 << (second % 64);
                    }
                }
            }
            Characters { single, pair }
        });
        &ALL
    }

    #[inline]
    fn single(&self, byte: u8) -> bool {
        self.single[usize::from(byte)]
    }

    #[inline]
    fn pair(&self, first: u8, second: u8) -> bool {
        self.pair[usize::from(first)][usize::from(second / 64)] >> (second % 64) & 1 == 1
    }
}

/// NFKC with the spaces at both ends removed: the comparison form of 記号 and 番号 in the tables.
pub fn nfkc_trimmed(text: &str) -> String {
    // nearly all are ASCII, or full-width forms of it
    const FULL_WIDTH: std::ops::RangeInclusive<char> = '\u{FF01}'..='\u{FF5E}';
    if text.chars().all(|c| c.is_ascii() || c == '\u{3000}' || FULL_WIDTH.contains(&c)) {
        let narrow = |c: char| match c {
            '\u{3000}' => ' ',
            c if c.is_ascii() => c,
            c => char::from((c as u32 - 0xFEE0) as u8),
        };
        let mut t: String = text.trim().chars().map(narrow).collect();
        t.truncate(t.trim_end().len());
        return t;
    }
    let t: String = text.nfkc().collect();
    t.trim().to_owned()
}

/// カタカナ氏名 in full width: half-width kana joined with their marks, other characters as they are.
pub fn full_width_kana(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| ('\u{FF61}'..='\u{FF9F}').contains(&c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfkc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_by_content() {
        let name = "見本　太郎";
        assert_eq!(Encoding::detect(name.as_bytes()), Encoding::Utf8);
        assert_eq!(Encoding::detect(&Encoding::Cp932.encode(name)), Encoding::Cp932);
        assert_eq!(Encoding::detect(b"RE,1,1112"), Encoding::Cp932);
        // half-width ツアデ in CP932 is valid two-byte UTF-8
        assert_eq!(Encoding::detect(&[b'a', 0xC2, 0xB1, 0xC3, 0xB0]), Encoding::Cp932);
        assert_eq!(Encoding::detect(b"\xEF\xBB\xBFRE,1"), Encoding::Utf8);
    }

    #[test]
    fn unknown_characters_become_question_marks() {
        assert_eq!(Encoding::Cp932.encode("𠮷"), b"\x81\x48");
        assert_eq!(Encoding::Cp932.encode("〜"), b"\x81\x60");
        assert_eq!(Encoding::Cp932.decode(b"\xFB\xFC").0, "髙");
    }

    proptest::proptest! {
        #[test]
        fn text_is_what_decodes(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12)) {
            for encoding in [Encoding::Cp932, Encoding::Utf8] {
                proptest::prop_assert_eq!(encoding.is_text(&bytes), !encoding.decode(&bytes).1);
            }
        }

        #[test]
        fn the_short_way_to_nfkc_is_nfkc(text in "[a-z0-9 -~\u{3000}！-～ｱ-ﾝ見①]{0,8}") {
            let plain: String = text.nfkc().collect();
            proptest::prop_assert_eq!(nfkc_trimmed(&text), plain.trim());
        }
    }

    #[test]
    fn kana_becomes_full_width() {
        assert_eq!(full_width_kana("ﾐﾎﾝｼﾞﾛｳ"), "ミホンジロウ");
        assert_eq!(nfkc_trimmed("　１２３−４５６ "), "123−456");
    }
}
