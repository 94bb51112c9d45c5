//! A compact register as bytes, so that a register is brought into this form once and not by every command.
//!
//! The bytes are good for one build of the form only: a fingerprint of what makes it (this source, the keys, the
//! table of 異体字) stands in front, and a hash of everything behind it. What does not fit is not read: the form is
//! then made again from the rows.

use std::{collections::HashMap, sync::LazyLock};

use tenken_parser::Date;

use super::{AttributeRow, Card, Known, OwnerRegistry, PeriodRow, PersonRow, Span, Text};
use crate::registry::{attribute::AttributeKind, rows::Scheme};

const HASH: usize = 32;

/// What the form follows from, beside the rows.
static FINGERPRINT: LazyLock<[u8; HASH]> = LazyLock::new(|| {
    let sources = [
        include_str!("saved.rs"),
        include_str!("../compact.rs"),
        include_str!("../attribute.rs"),
        include_str!("../../keys.rs"),
        include_str!("../../../data/kanji_variants.csv"),
    ];
    let mut hasher = blake3::Hasher::new();
    sources.iter().for_each(|s| {
        hasher.update(s.as_bytes());
    });
    *hasher.finalize().as_bytes()
});

/// A field of fixed width.
trait Cell: Sized {
    const SIZE: usize;
    fn put(&self, out: &mut Vec<u8>);
    /// `bytes` are [`Self::SIZE`] long.
    fn take(bytes: &[u8]) -> Self;
}

macro_rules! numbers {
    ($($t:ty),*) => { $(impl Cell for $t {
        const SIZE: usize = size_of::<$t>();

        fn put(&self, out: &mut Vec<u8>) {
            out.extend_from_slice(&self.to_le_bytes());
        }

        #[inline]
        fn take(bytes: &[u8]) -> Self {
            let mut own = [0; size_of::<$t>()];
            own.copy_from_slice(bytes);
            Self::from_le_bytes(own)
        }
    })* };
}
numbers!(u8, u16, u32, i32);

/// Year, month and day side by side: quicker to take apart than a count of days.
fn packed(date: Date) -> u32 {
    let month = date.year_month();
    u32::from(month.year()) << 9 | u32::from(month.month()) << 5 | u32::from(date.day_of_month())
}

fn unpacked(n: u32) -> Option<Date> {
    Date::new((n >> 9) as u16, (n >> 5 & 15) as u8, (n & 31) as u8)
}

/// A field that is written as another.
macro_rules! written_as {
    ($($t:ty, $as:ty, $put:expr, $take:expr;)*) => { $(impl Cell for $t {
        const SIZE: usize = <$as>::SIZE;

        fn put(&self, out: &mut Vec<u8>) {
            let put: fn($t) -> $as = $put;
            put(*self).put(out);
        }

        #[inline]
        fn take(bytes: &[u8]) -> Self {
            let take: fn($as) -> $t = $take;
            take(<$as as Cell>::take(bytes))
        }
    })* };
}
written_as! {
    bool, u8, u8::from, |b| b != 0;
    Known, u32, |k| k.0, Known;
    Text, u32, |t| t.0, Text;
    Scheme, u8, |s| u8::from(s == Scheme::Kouki), |s| if s == 1 { Scheme::Kouki } else { Scheme::Kokuho };
    AttributeKind, u8, |k| k as u8, |k| AttributeKind::ALL[usize::from(k) % AttributeKind::ALL.len()];
    Option<u8>, u16, |n: Option<u8>| n.map_or(u16::MAX, u16::from), |n| u8::try_from(n).ok();
    Option<Date>, u32, |d| d.map_or(0, packed), unpacked;
}

/// A row of such fields.
macro_rules! rows {
    ($($row:ident { $($field:ident: $t:ty),* })*) => { $(impl Cell for $row {
        const SIZE: usize = 0 $(+ <$t>::SIZE)*;

        fn put(&self, out: &mut Vec<u8>) {
            $({ let field: $t = self.$field; field.put(out); })*
        }

        #[inline]
        fn take(bytes: &[u8]) -> Self {
            let rest = bytes;
            $(let ($field, rest) = rest.split_at(<$t>::SIZE);)*
            let _ = rest;
            Self { $($field: <$t as Cell>::take($field)),* }
        }
    })* };
}
rows! {
    PersonRow {
        id: Text, birth: Option<Date>, death: i32, spans: u32, periods: u32, names: u32, attributes: u32, sex: u8,
        no_notice: bool, district: u16
    }
    Span {
        scheme: Scheme, acquired: i32, lost: i32, acquired_reason: u8, lost_reason: u8, acquired_known: Known,
        lost_known: Known
    }
    PeriodRow {
        person: u32, span: u8, insurer: u16, household: u32, kigo: Text, bango: Text, start: i32, end: i32,
        start_known: Known, end_known: Known, edaban: Option<u8>, is_head: bool, end_reason: u8, start_reason: u8
    }
    AttributeRow { kind: AttributeKind, value: Text, from: i32, to: i32, known: Known }
    Card { hash: u32, row: u32 }
}

struct Writer(Vec<u8>);

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn rows<T: Cell>(&mut self, rows: &[T]) {
        self.0.extend_from_slice(&((rows.len() * T::SIZE) as u64).to_le_bytes());
        rows.iter().for_each(|r| r.put(&mut self.0));
    }

    fn texts(&mut self, texts: &[String]) {
        self.0.extend_from_slice(&(texts.len() as u64).to_le_bytes());
        texts.iter().for_each(|t| self.bytes(t.as_bytes()));
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn number(&mut self) -> Option<usize> {
        let (own, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        usize::try_from(u64::from_le_bytes(*own)).ok()
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let len = self.number()?;
        let (own, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(own)
    }

    fn text(&mut self) -> Option<String> {
        Some(std::str::from_utf8(self.bytes()?).ok()?.to_owned())
    }

    fn rows<T: Cell>(&mut self) -> Option<Vec<T>> {
        Some(self.bytes()?.chunks_exact(T::SIZE).map(T::take).collect())
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        let len = self.number()?;
        (0..len).map(|_| self.text()).collect()
    }
}

impl OwnerRegistry {
    /// The register as bytes, for [`OwnerRegistry::from_saved`] of the same release.
    pub fn to_saved(&self) -> Vec<u8> {
        let mut w = Writer(vec![0; 2 * HASH]);
        w.bytes(self.owner.as_bytes());
        w.bytes(self.text.as_bytes());
        w.texts(&self.insurers);
        w.texts(&self.reasons);
        w.texts(&self.districts);
        w.texts(&self.programmes);
        w.rows(&self.persons);
        w.rows(&self.spans);
        w.rows(&self.periods);
        w.rows(&self.names);
        w.rows(&self.attributes);
        w.rows(&self.households);
        w.rows(&self.household_attributes);
        w.rows(&self.cards);
        w.rows(&self.by_birth);
        w.rows(&self.has);
        w.rows(&[self.person_attributes]);
        let mut foreign: Vec<u32> = self.foreign.iter().flat_map(|(no, t)| [*no, t.0]).collect();
        foreign.as_chunks_mut::<2>().0.sort_unstable();
        w.rows(&foreign);
        let hash = blake3::Hasher::new().update_rayon(&w.0[2 * HASH..]).finalize();
        w.0[..HASH].copy_from_slice(&*FINGERPRINT);
        w.0[HASH..2 * HASH].copy_from_slice(hash.as_bytes());
        w.0
    }

    /// A register that [`OwnerRegistry::to_saved`] wrote; nothing when another release wrote it, or when it is
    /// damaged.
    pub fn from_saved(bytes: &[u8]) -> Option<Self> {
        let (fingerprint, rest) = bytes.split_first_chunk::<HASH>()?;
        let (hash, rest) = rest.split_first_chunk::<HASH>()?;
        if *fingerprint != *FINGERPRINT || blake3::Hasher::new().update_rayon(rest).finalize() != *hash {
            return None;
        }
        let mut r = Reader(rest);
        Some(Self {
            owner: r.text()?,
            text: r.text()?,
            insurers: r.texts()?,
            reasons: r.texts()?,
            districts: r.texts()?,
            programmes: r.texts()?,
            persons: r.rows()?,
            spans: r.rows()?,
            periods: r.rows()?,
            names: r.rows()?,
            attributes: r.rows()?,
            households: r.rows()?,
            household_attributes: r.rows()?,
            cards: r.rows()?,
            by_birth: r.rows()?,
            has: r.rows()?,
            person_attributes: r.rows()?.first().copied()?,
            foreign: r
                .rows::<u32>()?
                .as_chunks::<2>()
                .0
                .iter()
                .map(|[no, t]| (*no, Text(*t)))
                .collect::<HashMap<_, _>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::rows::{self, Moment, Register, Target};

    fn register() -> Register {
        let day = |d| Date::new(2020, 4, d);
        let person = |id: &str, name: &str| rows::Person {
            person_id: id.into(),
            name: Some(name.into()),
            kana: Some("ミホン ジロウ".into()),
            birth_date: day(3),
            district: Some("北".into()),
            sex: Some(1),
            ..rows::Person::default()
        };
        let period = |id: &str, bango: &str, scheme| rows::Period {
            person_id: id.into(),
            household_id: "77".into(),
            scheme,
            insurer_no: "138941".into(),
            kigo: Some("見・本".into()),
            bango: Some(bango.into()),
            edaban: Some("02".into()),
            is_head: id == "1",
            acquired_on: Date::new(2021, 5, 6).unwrap(),
            acquired_reason: Some("転入".into()),
            lost_on: Date::new(2026, 1, 2),
            lost_reason: Some("転出".into()),
            applied_from: None,
            applied_from_reason: None,
            applied_to: None,
            applied_to_reason: None,
            registered_at: Moment::parse("2026-01-05 10:00:00"),
            registered_at_start: None,
            span_no: 1,
        };
        let attribute = |target, id: &str, kind: &str, value: &str| rows::Attribute {
            target,
            id: id.into(),
            kind: kind.into(),
            value: value.into(),
            valid_from: day(1),
            valid_to: None,
            registered_at: None,
        };
        Register {
            persons: vec![person("1", "見本　二郎"), person("2", "Mihon Anna Maria")],
            periods: vec![
                period("1", "００12", Scheme::Kokuho),
                period("2", "0012", Scheme::Kokuho),
                period("2", "91", Scheme::Kouki),
            ],
            attributes: vec![
                attribute(Target::Person, "1", "公費", "54138001:1234567"),
                attribute(Target::Household, "77", "所得区分", "ウ"),
            ],
            ..Register::default()
        }
    }

    #[test]
    fn a_saved_register_is_the_same_register() {
        let built = OwnerRegistry::build("138941", &register());
        assert_eq!((built.period_rows(), built.foreign.len()), (3, 1));
        let bytes = built.to_saved();
        let read = OwnerRegistry::from_saved(&bytes).unwrap();
        assert!(read.to_saved() == bytes);
        let rows = |r: &OwnerRegistry| format!("{:?} {:?} {:?}", r.periods, r.spans, r.attributes);
        assert_eq!(rows(&read), rows(&built));
        assert_eq!(read.find("2").unwrap().birth(), Date::new(2020, 4, 3));
        assert_eq!(read.find("2").unwrap().district(), "北");
        assert_eq!(read.cards("見本", "12").1.len(), built.cards("見本", "12").1.len());
    }

    #[test]
    fn damage_anywhere_and_other_releases_are_seen() {
        let bytes = OwnerRegistry::build("138941", &register()).to_saved();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(OwnerRegistry::from_saved(&damaged).is_none(), "byte {at}");
        }
        for len in [0, HASH, 2 * HASH, bytes.len() - 1] {
            assert!(OwnerRegistry::from_saved(&bytes[..len]).is_none());
        }
    }
}
