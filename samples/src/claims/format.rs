//! Numbers, dates and texts behind what a buffer holds, without allocating.

use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use tenken_parser::{Decimal, Encoding, Month};

/// So many empty fields.
#[inline]
pub fn commas(out: &mut Vec<u8>, count: usize) {
    // a copy of known length is cheaper than one that is measured
    const FEW: [u8; 8] = [b','; 8];
    const MANY: [u8; 128] = [b','; 128];
    if count <= FEW.len() {
        let len = out.len() + count;
        out.extend_from_slice(&FEW);
        out.truncate(len);
    } else {
        out.extend_from_slice(&MANY[..count.min(MANY.len())]);
    }
}

/// Decimal digits, at least `width` of them.
#[inline]
pub fn push_number(out: &mut Vec<u8>, mut n: u64, width: usize) {
    if n < 10 && width <= 1 {
        out.push(b'0' + n as u8);
        return;
    }
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while n > 0 {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
    }
    at = at.min(digits.len() - width.clamp(1, digits.len()));
    out.extend_from_slice(&digits[at..]);
}

/// Text in CP932, each character encoded by [`Encoding::encode`] once in the life of the program: looking for a
/// kanji is slow there.
pub fn push_text(out: &mut Vec<u8>, text: &str) {
    /// by code point; 0 = not met yet
    static KNOWN: [AtomicU16; 0x1_0000] = [const { AtomicU16::new(0) }; 0x1_0000];
    let mut utf8 = [0u8; 4];
    for c in text.chars() {
        let known = KNOWN.get(c as usize);
        let bytes = match known.map(|k| k.load(Relaxed)) {
            Some(bytes) if bytes != 0 => bytes,
            _ => {
                let bytes = Encoding::Cp932.encode(c.encode_utf8(&mut utf8));
                let bytes = bytes.iter().fold(0, |n, b| n << 8 | u16::from(*b));
                if let Some(k) = known {
                    k.store(bytes, Relaxed);
                }
                bytes
            }
        };
        match bytes.to_be_bytes() {
            [0, single] => out.push(single),
            pair => out.extend_from_slice(&pair),
        }
    }
}

#[inline]
pub fn push_int(out: &mut Vec<u8>, n: i64) {
    if n < 0 {
        out.push(b'-');
    }
    push_number(out, n.unsigned_abs(), 1);
}

pub fn push_month(out: &mut Vec<u8>, month: Month) {
    push_number(out, u64::from(month.year()), 4);
    push_number(out, u64::from(month.month()), 2);
}

pub fn push_decimal(out: &mut Vec<u8>, d: Decimal) {
    push_int(out, d.0 / Decimal::UNIT);
    let mut fraction = d.0.unsigned_abs() % Decimal::UNIT as u64;
    let mut places = Decimal::PLACES as usize;
    if fraction == 0 {
        return;
    }
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        places -= 1;
    }
    out.push(b'.');
    push_number(out, fraction, places);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encoded_as_the_parser_does() {
        let all: String = (0x20..0x7F).chain(0x3000..0x3100).chain(0xFF01..0xFFEF).filter_map(char::from_u32).collect();
        for text in [all.as_str(), "髙例　花子", "０９～〜ヵヶ", "abc", ""] {
            let mut out = Vec::new();
            push_text(&mut out, text);
            assert_eq!(out, Encoding::Cp932.encode(text), "{text}");
        }
    }

    #[test]
    fn numbers() {
        let number = |n, width| {
            let mut out = Vec::new();
            push_number(&mut out, n, width);
            String::from_utf8(out).unwrap()
        };
        assert_eq!([number(0, 1), number(7, 2), number(1203, 1), number(0, 3)], ["0", "07", "1203", "000"]);
        let decimal = |n| {
            let mut out = Vec::new();
            push_decimal(&mut out, Decimal(n));
            String::from_utf8(out).unwrap()
        };
        assert_eq!([decimal(123_450), decimal(300_000), decimal(5_000)], ["1.2345", "3", "0.05"]);
    }
}
