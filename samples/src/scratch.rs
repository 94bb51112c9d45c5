//! Damage to the bytes of a finished claim (volumes.md 5.4: broken records).

use std::ops::Range;

use tenken_parser::{Kind, layout};

use crate::plan::Scratch;

pub(crate) fn apply(scratch: Scratch, kind: Kind, start: usize, out: &mut Vec<u8>) {
    match scratch {
        Scratch::NoMonth => replace(kind, "RE", "service_month", start, out, |_| Vec::new()),
        Scratch::Beds => replace(kind, "RE", "bed_count", start, out, |_| b"1O\x8F\xB0".to_vec()),
        Scratch::DayCount => replace(kind, "HO", "actual_days", start, out, |old| {
            let days: u32 = std::str::from_utf8(old).ok().and_then(|t| t.parse().ok()).unwrap_or_default();
            (days + 1).to_string().into_bytes()
        }),
        Scratch::UnknownRecord => {
            if let Some(line) = record(start, out, b"HO") {
                out.splice(line.start..line.start, *b"ZZ,1,2,3\r\n");
            }
        }
        Scratch::HalfCharacter => replace(kind, "RE", "patient_name", start, out, |old| {
            let mut name = old.to_vec();
            if let Some(b) = name.iter_mut().find(|b| **b >= 0x81) {
                *b = 0xFF;
            }
            name
        }),
    }
}

/// The first record with this id behind `start`: from its id to the end of the line.
fn record(start: usize, out: &[u8], id: &[u8; 2]) -> Option<Range<usize>> {
    let mut at = start;
    while at < out.len() {
        let end = out[at..].iter().position(|b| *b == b'\n').map_or(out.len(), |n| at + n + 1);
        let line = &out[at..end];
        // the insurer form has three management columns in front
        let skip = if line.first().is_some_and(u8::is_ascii_digit) {
            line.iter().enumerate().filter(|(_, b)| **b == b',').nth(2).map_or(0, |(i, _)| i + 1)
        } else {
            0
        };
        if line[skip..].starts_with(id) {
            return Some(at + skip..end);
        }
        at = end;
    }
    None
}

fn replace(kind: Kind, id: &str, field: &str, start: usize, out: &mut Vec<u8>, new: impl FnOnce(&[u8]) -> Vec<u8>) {
    let Ok(bytes) = <[u8; 2]>::try_from(id.as_bytes()) else { return };
    let fields = layout::of(kind, bytes).map_or(&[][..], |l| l.fields);
    let Some(index) = fields.iter().position(|f| f.name == field) else { return };
    let Some(line) = record(start, out, &bytes) else { return };
    let text = &out[line.clone()];
    let content = text.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(text.len());
    let mut from = 0;
    for _ in 0..index {
        let Some(comma) = text[from..content].iter().position(|b| *b == b',') else { return };
        from += comma + 1;
    }
    let to = text[from..content].iter().position(|b| *b == b',').map_or(content, |n| from + n);
    let value = new(&text[from..to]);
    out.splice(line.start + from..line.start + to, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_is_replaced() {
        let text = b"RE,1,1112,202609,A\r\nHO,  139998,,1,2,300\r\nGO";
        let mut out = text.to_vec();
        apply(Scratch::NoMonth, Kind::Medical, 0, &mut out);
        assert_eq!(out, b"RE,1,1112,,A\r\nHO,  139998,,1,2,300\r\nGO");
        let mut out = b"1,1,0,RE,1,1112,202609,A\r\n1,2,0,HO,  139998,,1,2,300\r\n".to_vec();
        apply(Scratch::DayCount, Kind::Medical, 0, &mut out);
        assert_eq!(out, b"1,1,0,RE,1,1112,202609,A\r\n1,2,0,HO,  139998,,1,3,300\r\n");
        let mut out = text.to_vec();
        apply(Scratch::UnknownRecord, Kind::Medical, 0, &mut out);
        assert_eq!(out, b"RE,1,1112,202609,A\r\nZZ,1,2,3\r\nHO,  139998,,1,2,300\r\nGO");
    }
}
