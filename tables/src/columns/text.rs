//! A column of texts, held as the distinct ones and a number per row.

use std::borrow::Cow;

use hashbrown::HashMap;
use tenken_parser::{
    Encoding, Field, RecordId,
    encoding::{full_width_kana, nfkc_trimmed},
};

use super::{dictionary::Texts, validity::Validity};

/// How the bytes of a field become the text of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// decoded, padding removed
    Text,
    /// 記号, 番号: the same and NFKC
    Symbol,
    /// カタカナ: the same in full width
    Kana,
}

impl Reading {
    /// `None`: nothing but padding.
    fn read(self, field: Field<'_>, encoding: Encoding) -> Option<Cow<'_, str>> {
        let text = field.text(encoding).0;
        let text = match self {
            Self::Text => text,
            Self::Symbol => Cow::Owned(nfkc_trimmed(&text)),
            Self::Kana => Cow::Owned(full_width_kana(&text).into_owned()),
        };
        (!text.is_empty()).then_some(text)
    }
}

#[derive(Default)]
pub struct TextColumn {
    texts: Texts,
    numbers: Vec<u32>,
    validity: Validity,
    /// raw bytes met before (behind the encoding and reading they were read with), and what they read as:
    /// each distinct content of a field is decoded once
    read: HashMap<Box<[u8]>, Option<u32>, Hasher>,
    key: Vec<u8>,
    last: Option<u32>,
}

#[derive(Clone, Copy, Default)]
pub struct Hasher;

impl std::hash::BuildHasher for Hasher {
    type Hasher = State;

    fn build_hasher(&self) -> State {
        State(0)
    }
}

/// The hash of [`super::dictionary::hash`], for one slice of bytes.
pub struct State(u64);

impl std::hash::Hasher for State {
    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= super::dictionary::hash(bytes);
    }

    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

impl TextColumn {
    #[inline]
    pub fn push(&mut self, text: &str) {
        let n = self.texts.number(text.as_bytes());
        self.numbers.push(n);
        self.validity.push(true);
    }

    #[inline]
    pub fn push_id(&mut self, id: RecordId) {
        let n = self.texts.number(&id.0);
        self.numbers.push(n);
        self.validity.push(true);
    }

    #[inline]
    pub fn push_opt(&mut self, text: Option<&str>) {
        match text {
            Some(t) => self.push(t),
            None => self.validity.push(false),
        }
    }

    /// The same text on several rows.
    pub fn push_many(&mut self, text: &str, rows: usize) {
        if rows > 0 {
            let n = self.texts.number(text.as_bytes());
            self.numbers.extend(std::iter::repeat_n(n, rows));
            (0..rows).for_each(|_| self.validity.push(true));
        }
    }

    /// A field as received; null when it holds nothing but padding.
    #[inline]
    pub fn push_field(&mut self, field: Option<Field<'_>>, reading: Reading, encoding: Encoding) {
        let number = match field {
            Some(f) if !f.raw().is_empty() => self.number_of(f, reading, encoding),
            _ => None,
        };
        if let Some(n) = number {
            self.numbers.push(n);
        }
        self.validity.push(number.is_some());
    }

    fn number_of(&mut self, field: Field<'_>, reading: Reading, encoding: Encoding) -> Option<u32> {
        // the key of the last field is still there: a repeated value needs no lookup
        let (head, raw) = ([encoding as u8, reading as u8], field.raw());
        if self.key.get(..2) == Some(&head) && &self.key[2..] == raw {
            return self.last;
        }
        self.key.clear();
        self.key.extend_from_slice(&head);
        self.key.extend_from_slice(raw);
        self.last = match self.read.get(self.key.as_slice()) {
            Some(known) => *known,
            None => {
                let number = reading.read(field, encoding).map(|t| self.texts.number(t.as_bytes()));
                self.read.insert(self.key.as_slice().into(), number);
                number
            }
        };
        self.last
    }

    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Numbers of the rows that hold a value.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    pub fn validity(&self) -> &Validity {
        &self.validity
    }
}
