//! One field of a record: raw bytes with typed access on demand.

use std::{borrow::Cow, marker::PhantomData};

use crate::{
    encoding::Encoding,
    scan,
    value::{self, Date, Decimal, Month},
};

/// The bytes between two commas, as they stand in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a>(pub &'a [u8]);

/// A field holds something that is not of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field is not of its type")]
pub struct FieldError;

impl std::fmt::Debug for Field<'_> {
    /// Never the content: a field may hold a person's name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({} bytes)", self.0.len())
    }
}

impl<'a> Field<'a> {
    pub const EMPTY: Self = Self(b"");

    /// The bytes as received.
    pub fn raw(self) -> &'a [u8] {
        self.0
    }

    /// Without the padding of older editions (spaces of either width) and stray quotes.
    #[inline(always)]
    pub fn trimmed(self) -> &'a [u8] {
        let b = self.0;
        // nearly every field begins and ends with something that padding never is
        match b {
            [] => b,
            [first, .., last] if *first > b'"' && *first != 0x81 && *last > b'"' && *last != 0x40 => b,
            [only] if *only > b'"' => b,
            _ => self.without_padding(),
        }
    }

    #[cold]
    fn without_padding(self) -> &'a [u8] {
        let mut b = self.0;
        loop {
            match b {
                [b' ' | b'\t' | b'"', rest @ ..] | [rest @ .., b' ' | b'\t' | b'"'] => b = rest,
                [0x81, 0x40, rest @ ..] | [rest @ .., 0x81, 0x40] if rest.len() + 2 == b.len() => b = rest,
                _ => return b,
            }
        }
    }

    pub fn is_empty(self) -> bool {
        self.trimmed().is_empty()
    }

    /// A code: half-width characters, leading zeros kept. Nothing when empty or not ASCII.
    pub fn code(self) -> Option<&'a str> {
        ascii(self.trimmed()).filter(|s| !s.is_empty())
    }

    /// Text with padding removed, and whether some bytes were no text.
    pub fn text(self, encoding: Encoding) -> (Cow<'a, str>, bool) {
        let (t, broken) = encoding.decode(self.0);
        let trimmed = t.trim_matches(|c: char| c.is_whitespace() || c == '"');
        let t = if trimmed.len() == t.len() { t } else { Cow::Owned(trimmed.to_owned()) };
        (t, broken)
    }
}

/// The bytes as text if all of them are ASCII.
#[inline(always)]
fn ascii(bytes: &[u8]) -> Option<&str> {
    // SAFETY: ASCII is UTF-8.
    scan::is_ascii(bytes).then(|| unsafe { std::str::from_utf8_unchecked(bytes) })
}

/// How a field of some type is read.
pub trait FieldType {
    type Value<'a>;
    /// `Ok(None)` when the field is empty.
    fn read(field: Field<'_>) -> Result<Option<Self::Value<'_>>, FieldError>;
}

macro_rules! field_types {
    ($($(#[$doc:meta])* $name:ident => $value:ty, $read:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl FieldType for $name {
            type Value<'a> = $value;
            #[inline(always)]
            fn read(field: Field<'_>) -> Result<Option<Self::Value<'_>>, FieldError> {
                let bytes = field.trimmed();
                if bytes.is_empty() {
                    return Ok(None);
                }
                #[allow(clippy::redundant_closure_call)]
                ($read)(bytes).map(Some).ok_or(FieldError)
            }
        }
    )*};
}

field_types! {
    /// 数字・英数 of a code table
    Code => &'a str, ascii;
    /// 漢字 or 英数, still encoded
    Text => Field<'a>, |b| Some(Field(b));
    /// 整数
    Int => i64, value::int;
    /// 小数
    Dec => Decimal, value::decimal;
    /// 年月, both calendars
    Ym => Month, value::month;
    /// 年月日, both calendars
    Ymd => Date, value::date;
}

/// Names one field of one record: its place and its type. The constants are generated from `layouts/`.
pub struct FieldRef<T> {
    index: usize,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for FieldRef<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for FieldRef<T> {}

impl<T> FieldRef<T> {
    pub const fn new(index: usize) -> Self {
        Self { index, kind: PhantomData }
    }

    /// Position in the record, 0 = the record id.
    pub const fn index(self) -> usize {
        self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_no_content() {
        assert_eq!(Field(b"  138057").code(), Some("138057"));
        assert_eq!(Field(b"\x81\x40\x81\x40").trimmed(), b"");
        assert_eq!(Field(b"\"12\"").code(), Some("12"));
        assert!(Field(b"   ").is_empty());
        assert_eq!(Int::read(Field(b" 070 ")), Ok(Some(70)));
        assert_eq!(Int::read(Field(b"1O")), Err(FieldError));
        assert_eq!(Int::read(Field(b"")), Ok(None));
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", Field(b"secret")), "Field(6 bytes)");
    }
}
