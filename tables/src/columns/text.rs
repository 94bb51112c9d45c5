//! A column of texts, held as the distinct ones and a number per row.

use std::borrow::Cow;

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
    /// fields met before, by encoding: each distinct content is decoded once
    fields: [Fields; 2],
}

/// Distinct contents of fields, and the number of what each reads as.
#[derive(Default)]
struct Fields {
    raw: Texts,
    read: Vec<Option<u32>>,
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

    /// A field as received; null when it holds nothing but padding. A column is read in one way only.
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
        let Fields { raw, read } = &mut self.fields[encoding as usize];
        let n = raw.number(field.raw()) as usize;
        if n == read.len() {
            read.push(reading.read(field, encoding).map(|t| self.texts.number(t.as_bytes())));
        }
        read[n]
    }

    /// Forgets the rows, not the memory they took.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.numbers.clear();
        self.validity.clear();
        for fields in &mut self.fields {
            fields.raw.clear();
            fields.read.clear();
        }
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
