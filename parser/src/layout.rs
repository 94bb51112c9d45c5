//! Record layouts of all kinds and editions, generated from `layouts/*.csv` (one line per field, names of
//! uke-dental-pharmacy-nursing.md section 0.3). `layouts/editions.csv` says how many fields a record had
//! in which edition.

use std::sync::LazyLock;

use crate::{
    claim::Kind,
    field::{Code, Dec, FieldRef, Int, Text, Ym, Ymd},
};

/// 記録モード: 数字, 英数, 漢字, or either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Number,
    Ascii,
    Kanji,
    Either,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Code,
    Text,
    Int,
    Day,
    Dec,
    Month,
    Date,
}

/// One field as the specification lists it.
#[derive(Debug)]
pub struct FieldDef {
    /// name in the whole project
    pub name: &'static str,
    /// 項目名
    pub title: &'static str,
    pub mode: Mode,
    /// バイト数, 0 = not known
    pub bytes_max: u16,
    pub fixed: bool,
    pub required: bool,
    pub kind: FieldKind,
}

impl FieldDef {
    /// The text of this field can name or locate a person: it is never put into a message or a log.
    pub fn is_personal(&self) -> bool {
        matches!(self.kind, FieldKind::Text)
            || matches!(self.mode, Mode::Kanji | Mode::Either)
            || matches!(
                self.name,
                "birth_date"
                    | "recipient_no"
                    | "confirmed_recipient_no"
                    | "chart_no"
                    | "nursing_record_no"
                    | "dispensing_record_no"
                    | "phone"
                    | "death_date"
                    | "death_time"
            )
    }
}

/// The fields of one record in one kind of claim.
#[derive(Debug)]
pub struct RecordLayout {
    pub id: [u8; 2],
    pub fields: &'static [FieldDef],
}

include!(concat!(env!("OUT_DIR"), "/layouts.rs"));

/// Layout of a record in a claim of this kind; records shared by the kinds and those of the review body
/// are found too. Nothing for an unknown record.
#[inline]
pub fn of(kind: Kind, id: [u8; 2]) -> Option<&'static RecordLayout> {
    /// for each kind, by the two letters of the id
    type Table = [[Option<&'static RecordLayout>; 26 * 26]; 5];
    static TABLE: LazyLock<Box<Table>> = LazyLock::new(|| {
        let mut table: Box<Table> = Box::new([[None; 26 * 26]; 5]);
        for kind in Kind::ALL {
            for (i, slot) in table[kind.index()].iter_mut().enumerate() {
                *slot = search(kind, [b'A' + (i / 26) as u8, b'A' + (i % 26) as u8]);
            }
        }
        table
    });
    let (a, b) = (usize::from(id[0].wrapping_sub(b'A')), usize::from(id[1].wrapping_sub(b'A')));
    if a < 26 && b < 26 { TABLE[kind.index()][a * 26 + b] } else { None }
}

fn search(kind: Kind, id: [u8; 2]) -> Option<&'static RecordLayout> {
    let own = match kind {
        Kind::Medical => medical::layout(id),
        Kind::Dpc => dpc::layout(id).or_else(|| medical::layout(id)),
        Kind::Dental => dental::layout(id),
        Kind::Pharmacy => pharmacy::layout(id),
        Kind::Nursing => nursing::layout(id),
    };
    own.or_else(|| common::layout(id)).or_else(|| review::layout(id))
}

struct Edition {
    kind: &'static str,
    record: [u8; 2],
    fields: usize,
}

static EDITIONS: LazyLock<Vec<Edition>> = LazyLock::new(|| {
    include_str!("../layouts/editions.csv")
        .lines()
        .skip(1)
        .filter_map(|l| {
            let c: Vec<&str> = l.split(',').collect();
            Some(Edition { kind: c[0], record: c[1].as_bytes().try_into().ok()?, fields: c[2].parse().ok()? })
        })
        .collect()
});

/// Whether a record of `fields` fields (the id counted) is complete in the current or an older edition.
pub fn is_complete(kind: Kind, layout: &RecordLayout, fields: usize) -> bool {
    fields == layout.fields.len()
        || EDITIONS.iter().any(|e| {
            e.record == layout.id
                && e.fields == fields
                && (e.kind == kind.name()
                    || e.kind == "review"
                    || (kind == Kind::Dpc && e.kind == "medical" && dpc::layout(layout.id).is_none()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_counts_of_the_pages() {
        for (kind, id, n) in [
            (Kind::Medical, b"IR", 10),
            (Kind::Medical, b"RE", 38),
            (Kind::Medical, b"HO", 15),
            (Kind::Medical, b"KO", 12),
            (Kind::Medical, b"SN", 9),
            (Kind::Medical, b"JD", 33),
            (Kind::Medical, b"MF", 33),
            (Kind::Medical, b"SY", 8),
            (Kind::Medical, b"SI", 44),
            (Kind::Medical, b"TO", 48),
            (Kind::Medical, b"CO", 5),
            (Kind::Dpc, b"RE", 30),
            (Kind::Dpc, b"HO", 16),
            (Kind::Dpc, b"KO", 13),
            (Kind::Dpc, b"SI", 44),
            (Kind::Dpc, b"CD", 11),
            (Kind::Dpc, b"GT", 12),
            (Kind::Dental, b"UK", 10),
            (Kind::Dental, b"RE", 27),
            (Kind::Dental, b"SS", 109),
            (Kind::Dental, b"SI", 38),
            (Kind::Dental, b"TO", 45),
            (Kind::Dental, b"HS", 13),
            (Kind::Pharmacy, b"RE", 42),
            (Kind::Pharmacy, b"CZ", 71),
            (Kind::Pharmacy, b"KI", 114),
            (Kind::Nursing, b"HO", 12),
            (Kind::Nursing, b"RJ", 29),
            (Kind::Nursing, b"KA", 9),
            (Kind::Medical, b"MN", 7),
            (Kind::Medical, b"JY", 9),
            (Kind::Medical, b"EX", 13),
        ] {
            let l = of(kind, *id).unwrap();
            assert_eq!(l.fields.len(), n, "{kind:?} {}", String::from_utf8_lossy(id));
        }
    }

    #[test]
    fn older_editions_are_complete_too() {
        let re = of(Kind::Medical, *b"RE").unwrap();
        assert!(is_complete(Kind::Medical, re, 36));
        assert!(!is_complete(Kind::Medical, re, 37));
        let si = of(Kind::Dpc, *b"SI").unwrap();
        assert!(is_complete(Kind::Dpc, si, 13));
    }
}
