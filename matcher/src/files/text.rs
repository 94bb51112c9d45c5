//! Bytes of a file to text.

use tenken_parser::Encoding;

/// A file as text.
#[derive(Debug)]
pub(crate) struct Text {
    pub text: String,
    /// some bytes were no characters
    pub is_damaged: bool,
}

/// Decodes in the encoding given, or the one that the bytes show.
pub(crate) fn decode(mut bytes: Vec<u8>, encoding: Option<Encoding>) -> Text {
    let has_mark = bytes.starts_with(b"\xEF\xBB\xBF");
    let encoding = if has_mark { Encoding::Utf8 } else { encoding.unwrap_or_else(|| detect(&bytes)) };
    if encoding == Encoding::Utf8 || bytes.is_ascii() {
        if has_mark {
            bytes.drain(..3);
        }
        return match String::from_utf8(bytes) {
            Ok(text) => Text { text, is_damaged: false },
            Err(e) => Text { text: String::from_utf8_lossy(e.as_bytes()).into_owned(), is_damaged: true },
        };
    }
    let (text, is_damaged) = encoding.decode(&bytes);
    Text { text: text.into_owned(), is_damaged }
}

/// By the header where it has Japanese names: a damaged row further down must not change the names of columns.
fn detect(bytes: &[u8]) -> Encoding {
    let header = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    Encoding::detect(if header.is_ascii() { bytes } else { header })
}

/// What a file is that was given for a CSV.
pub(crate) fn other_format(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => Some("Excel / ZIP"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Some("Excel 97-2003"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        [b'%', b'P', b'D', b'F', ..] => Some("PDF"),
        _ if bytes.iter().take(4096).any(|b| *b == 0) => Some("binary"),
        _ => None,
    }
}
