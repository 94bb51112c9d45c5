//! One record: a line of the file without prefix and line end, cut into fields on demand.

use crate::{
    field::{Field, FieldError, FieldRef, FieldType},
    scan::{self, Places},
};

/// Two capital letters, e.g. `RE`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub [u8; 2]);

impl RecordId {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl std::fmt::Debug for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A record, beginning with its id.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    bytes: &'a [u8],
}

impl std::fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({}, {} bytes)", self.id(), self.bytes.len())
    }
}

impl<'a> Record<'a> {
    /// `bytes` begins with the two letters of the id.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    pub fn id(self) -> RecordId {
        match self.bytes {
            [a, b, ..] => RecordId([*a, *b]),
            _ => RecordId(*b"??"),
        }
    }

    /// All fields, the id first.
    pub fn fields(self) -> Fields<'a> {
        Fields { rest: Some(self.bytes) }
    }

    /// Number of fields written, the id counted.
    pub fn field_count(self) -> usize {
        self.shape().0
    }

    /// Number of fields written, and whether all bytes are ASCII.
    #[inline]
    pub fn shape(self) -> (usize, bool) {
        let (commas, ascii) = scan::count_in(self.bytes, b',');
        (commas + 1, ascii)
    }

    /// The field at an index (0 = id); empty when the line is shorter.
    pub fn at(self, index: usize) -> Field<'a> {
        let mut commas = Places::new(self.bytes, b',');
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => match commas.nth(before) {
                Some(comma) => comma + 1,
                None => return Field::EMPTY,
            },
        };
        Field(&self.bytes[start..commas.next().unwrap_or(self.bytes.len())])
    }

    /// A typed field: `Ok(None)` when empty or not written.
    pub fn get<T: FieldType>(self, field: FieldRef<T>) -> Result<Option<T::Value<'a>>, FieldError> {
        T::read(self.at(field.index()))
    }

    /// A typed field, unreadable content taken as absent.
    pub fn value<T: FieldType>(self, field: FieldRef<T>) -> Option<T::Value<'a>> {
        self.get(field).ok().flatten()
    }

    /// The first `N` fields in one pass.
    #[inline(always)]
    pub fn cut<const N: usize>(self) -> Cut<'a, N> {
        let len = self.bytes.len();
        let mut ends = [len as u32; N];
        let mut commas = Places::new(self.bytes, b',');
        for (end, comma) in ends.iter_mut().zip(&mut commas) {
            *end = comma as u32;
        }
        let rest = ends.last().map_or(0, |end| *end as usize + 1);
        Cut { bytes: self.bytes, ends, rest: self.bytes.get(rest..).unwrap_or_default() }
    }

    /// The fields that hold something, with their index, the id first.
    pub fn written(self) -> impl Iterator<Item = (usize, Field<'a>)> {
        let mut start = 0;
        Places::new(self.bytes, b',').chain(std::iter::once(self.bytes.len())).enumerate().filter_map(
            move |(i, end)| {
                let field = &self.bytes[start..end];
                start = end + 1;
                (!field.is_empty()).then_some((i, Field(field)))
            },
        )
    }
}

/// The first fields of a record, cut once.
pub struct Cut<'a, const N: usize> {
    bytes: &'a [u8],
    /// where each field ends; the length of the record where it has no such field
    ends: [u32; N],
    /// what follows the last of them (the day cells of detail records)
    pub rest: &'a [u8],
}

impl<'a, const N: usize> Cut<'a, N> {
    #[inline]
    pub fn at(&self, index: usize) -> Field<'a> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize + 1 };
        Field(self.bytes.get(start..self.ends[index] as usize).unwrap_or_default())
    }

    #[inline]
    pub fn get<T: FieldType>(&self, field: FieldRef<T>) -> Result<Option<T::Value<'a>>, FieldError> {
        T::read(self.at(field.index()))
    }

    #[inline]
    pub fn value<T: FieldType>(&self, field: FieldRef<T>) -> Option<T::Value<'a>> {
        self.get(field).ok().flatten()
    }

    /// The field as it stands.
    #[inline]
    pub fn raw<T>(&self, field: FieldRef<T>) -> Field<'a> {
        self.at(field.index())
    }
}

/// Iterator over the fields of a record.
pub struct Fields<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    #[inline]
    fn next(&mut self) -> Option<Field<'a>> {
        let rest = self.rest?;
        match rest.iter().position(|b| *b == b',') {
            Some(i) => {
                self.rest = Some(&rest[i + 1..]);
                Some(Field(&rest[..i]))
            }
            None => {
                self.rest = None;
                Some(Field(rest))
            }
        }
    }
}

/// The 31 day cells (`day_1` … `day_31`) at the end of a detail or JD record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCells {
    /// bit 0 = day 1: the cell holds a number > 0
    pub mask: u32,
    /// sum of the cells
    pub total: u32,
    /// at least one cell is written
    pub present: bool,
    /// some cell is no number
    pub broken: bool,
}

impl DayCells {
    /// Reads the cells from the bytes that begin with `day_1`. Most cells are empty, so this walks the
    /// commas and looks closer only where something stands between two of them.
    pub fn read(bytes: &[u8]) -> Self {
        Self::read_with(bytes, |_, _| {})
    }

    /// As [`DayCells::read`], telling each written cell (day from 1, count).
    #[inline]
    pub fn read_with(bytes: &[u8], mut each: impl FnMut(u8, u16)) -> Self {
        match Self::single_digits(bytes) {
            Some(written) => {
                let mut cells = Self::default();
                let mut left = written;
                // each written cell before a place has moved it by one
                for before in 0..written.count_ones() {
                    let place = left.trailing_zeros();
                    left &= left - 1;
                    let day = place - before;
                    if day > 30 {
                        break;
                    }
                    let n = u16::from(bytes[place as usize] - b'0');
                    cells.present = true;
                    cells.total += u32::from(n);
                    if n > 0 {
                        cells.mask |= 1 << day;
                        each(day as u8 + 1, n);
                    }
                }
                cells
            }
            None => Self::read_any(bytes, each),
        }
    }

    /// The places of what is written, when that is one digit in each cell.
    #[inline]
    fn single_digits(bytes: &[u8]) -> Option<u64> {
        let len = bytes.len();
        if len > scan::BLOCK {
            return None;
        }
        let written = !scan::mask_of_short(bytes, b',') & u64::MAX.checked_shr((scan::BLOCK - len) as u32).unwrap_or(0);
        let mut left = written;
        while left != 0 {
            if !bytes[left.trailing_zeros() as usize].is_ascii_digit() {
                return None;
            }
            left &= left - 1;
        }
        (written & written << 1 == 0).then_some(written)
    }

    /// Cells of any content, one after the other.
    fn read_any(bytes: &[u8], mut each: impl FnMut(u8, u16)) -> Self {
        let mut cells = Self::default();
        let (mut day, mut i) = (0u8, 0usize);
        while i < bytes.len() && day < 31 {
            if bytes[i] == b',' {
                day += 1;
                i += 1;
                continue;
            }
            let end = bytes[i..].iter().position(|b| *b == b',').map_or(bytes.len(), |n| i + n);
            let cell = Field(&bytes[i..end]).trimmed();
            i = end;
            if cell.is_empty() {
                continue;
            }
            match crate::value::day_count(cell) {
                Some(n) => {
                    cells.present = true;
                    cells.total += u32::from(n);
                    if n > 0 {
                        cells.mask |= 1 << day;
                        each(day + 1, n);
                    }
                }
                None => cells.broken = true,
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_equals_fields() {
        for line in ["RE", "RE,1,,3", "SI,,1,160008010,,21,1,,,,,,,,1,,2", "CO,99,1,810000001,\u{8868}"] {
            let r = Record::new(line.as_bytes());
            let cut = r.cut::<5>();
            for i in 0..5 {
                assert_eq!(cut.at(i), r.at(i), "{line} {i}");
            }
            assert_eq!(r.field_count(), r.fields().count());
        }
    }

    #[test]
    fn day_cells() {
        let c = DayCells::read(b",,3,,14,,,,,,,,,,,,,,,,,,,,,,,,,,1");
        assert_eq!(c.mask, 1 << 2 | 1 << 4 | 1 << 30);
        assert_eq!((c.total, c.present, c.broken), (18, true, false));
        assert!(!DayCells::read(b",,,,").present);
        assert!(DayCells::read(b",x,").broken);
        let zero = DayCells::read(b"0,,");
        assert!(zero.present && zero.mask == 0);
        assert_eq!(DayCells::read(b",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,9,9").mask, 0, "cells after the 31st");
    }

    proptest::proptest! {
        #[test]
        fn day_cells_equal_the_plain_reading(cells in proptest::collection::vec("[0-9]{0,4}", 0..40)) {
            let line = cells.join(",");
            let got = DayCells::read(line.as_bytes());
            let mut want = DayCells::default();
            for (i, c) in cells.iter().take(31).enumerate().filter(|(_, c)| !c.is_empty()) {
                match c.parse::<u32>() {
                    Ok(n) if c.len() <= 3 => {
                        want.present = true;
                        want.total += n;
                        want.mask |= u32::from(n > 0) << i;
                    }
                    _ => want.broken = true,
                }
            }
            proptest::prop_assert_eq!(got, want);
        }
    }
}
