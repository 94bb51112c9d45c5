//! Writes records: fields by their places in the layouts, in ascending order; commas are filled up, and every
//! field of the layout is written (uke-medical-dpc.md 1.2). Nothing is allocated for a record.

use tenken_parser::{
    Date, Decimal, Month, RecordLayout,
    field::{Code, Dec, FieldRef, Int, Text, Ym, Ymd},
};

use super::format::{commas, push_decimal, push_int, push_month, push_number, push_text};

/// データ識別 (insurer-side-files.md C-1) of the rows that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// 1: the claim as billed, or after the eligibility check
    Billed = 1,
    /// 2: the review body
    Review = 2,
    /// 5: the claim before the eligibility check changed it
    BeforeEligibility = 5,
    /// 6: correction by the eligibility check
    Eligibility = 6,
}

/// The three management columns of the insurer form.
struct Columns {
    origin: Origin,
    line_no: u32,
    branch: u8,
}

/// The lines of one claim.
pub struct Lines<'o> {
    out: &'o mut Vec<u8>,
    columns: Option<Columns>,
}

impl<'o> Lines<'o> {
    /// As institutions send them.
    pub fn plain(out: &'o mut Vec<u8>) -> Self {
        Self { out, columns: None }
    }

    /// With データ識別, 行番号, 枝番号 before each record (insurer-side-files.md section 2).
    pub fn insurer(out: &'o mut Vec<u8>) -> Self {
        Self { out, columns: Some(Columns { origin: Origin::Billed, line_no: 0, branch: 0 }) }
    }

    /// Who produced the records from here on; 枝番号 0 again.
    pub fn by(&mut self, origin: Origin) {
        self.by_branch(origin, 0);
    }

    pub fn by_branch(&mut self, origin: Origin, branch: u8) {
        if let Some(c) = &mut self.columns {
            (c.origin, c.branch) = (origin, branch);
        }
    }

    /// 行番号 of the record written last; 0 in the plain form.
    pub fn line_no(&self) -> u32 {
        self.columns.as_ref().map_or(0, |c| c.line_no)
    }

    /// Begins a record; `end` of the line must be called.
    #[inline]
    pub fn begin(&mut self, layout: &'static RecordLayout) -> Line<'_> {
        if let Some(c) = &mut self.columns {
            c.line_no += 1;
            self.out.push(b'0' + c.origin as u8);
            self.out.push(b',');
            push_number(self.out, u64::from(c.line_no), 1);
            self.out.extend_from_slice(&[b',', b'0' + c.branch, b',']);
        }
        self.out.extend_from_slice(&layout.id);
        Line { out: self.out, at: 0, fields: layout.fields.len() }
    }
}

/// One record that is being written. Every field must stand behind the one before.
pub struct Line<'l> {
    out: &'l mut Vec<u8>,
    /// index of the field that was written last
    at: usize,
    fields: usize,
}

impl Line<'_> {
    #[inline]
    fn go_to(&mut self, index: usize) {
        debug_assert!(index > self.at, "field {index} after field {}", self.at);
        commas(self.out, index.saturating_sub(self.at));
        self.at = index;
    }

    #[inline]
    pub fn code(&mut self, field: FieldRef<Code>, code: &str) -> &mut Self {
        if !code.is_empty() {
            self.go_to(field.index());
            self.out.extend_from_slice(code.as_bytes());
        }
        self
    }

    /// A code that is one character.
    #[inline]
    pub fn letter(&mut self, field: FieldRef<Code>, letter: u8) -> &mut Self {
        self.go_to(field.index());
        self.out.push(letter);
        self
    }

    /// A code that is a number with leading zeros.
    pub fn digits(&mut self, field: FieldRef<Code>, n: u64, width: usize) -> &mut Self {
        self.go_to(field.index());
        push_number(self.out, n, width);
        self
    }

    /// 保険者番号: eight bytes, padded on the left (identifiers.md section 1).
    pub fn padded(&mut self, field: FieldRef<Code>, code: &str) -> &mut Self {
        const WIDTH: usize = 8;
        self.go_to(field.index());
        for _ in code.len()..WIDTH {
            self.out.push(b' ');
        }
        self.out.extend_from_slice(code.as_bytes());
        self
    }

    #[inline]
    pub fn int(&mut self, field: FieldRef<Int>, n: i64) -> &mut Self {
        self.go_to(field.index());
        push_int(self.out, n);
        self
    }

    pub fn int_if(&mut self, field: FieldRef<Int>, n: Option<i64>) -> &mut Self {
        if let Some(n) = n {
            self.int(field, n);
        }
        self
    }

    /// A decimal without zeros at its end; zero is left empty.
    #[inline]
    pub fn dec(&mut self, field: FieldRef<Dec>, d: Decimal) -> &mut Self {
        if d.0 != 0 {
            self.go_to(field.index());
            push_decimal(self.out, d);
        }
        self
    }

    pub fn date(&mut self, field: FieldRef<Ymd>, date: Date) -> &mut Self {
        self.go_to(field.index());
        push_month(self.out, date.year_month());
        push_number(self.out, u64::from(date.day_of_month()), 2);
        self
    }

    pub fn month(&mut self, field: FieldRef<Ym>, month: Month) -> &mut Self {
        self.go_to(field.index());
        push_month(self.out, month);
        self
    }

    /// Text, encoded here.
    pub fn text(&mut self, field: FieldRef<Text>, text: &str) -> &mut Self {
        if text.is_empty() {
            return self;
        }
        self.go_to(field.index());
        push_text(self.out, text);
        self
    }

    /// Text in CP932 already.
    pub fn encoded(&mut self, field: FieldRef<Text>, text: &[u8]) -> &mut Self {
        if !text.is_empty() {
            self.go_to(field.index());
            self.out.extend_from_slice(text);
        }
        self
    }

    /// More of the text field that was written last.
    pub fn more(&mut self, text: &[u8]) -> &mut Self {
        self.out.extend_from_slice(text);
        self
    }

    /// A code that is put together of several.
    pub fn codes<'c>(&mut self, field: FieldRef<Code>, codes: impl IntoIterator<Item = &'c str>) -> &mut Self {
        let mut codes = codes.into_iter();
        if let Some(first) = codes.next() {
            self.code(field, first);
            codes.for_each(|c| self.out.extend_from_slice(c.as_bytes()));
        }
        self
    }

    /// Day cells: `count` on each day of the mask (bit 0 = day 1).
    #[inline]
    pub fn days(&mut self, first: FieldRef<Int>, mask: u32, count: u32) -> &mut Self {
        if mask == 0 {
            return self;
        }
        self.go_to(first.index() + mask.trailing_zeros() as usize);
        if count > 9 {
            push_number(self.out, u64::from(count), 1);
            let rest = mask & (mask - 1);
            return self.days(first, rest, count);
        }
        // one digit: the cells from the first of these days to the last, put together here
        let digit = b'0' + count as u8;
        let mut cells = [b','; 64];
        let mut len = 0;
        let mut rest = mask >> mask.trailing_zeros();
        while rest != 0 {
            if rest & 1 == 1 {
                cells[len] = digit;
                len += 1;
            }
            rest >>= 1;
            if rest != 0 {
                len += 1;
                self.at += 1;
            }
        }
        let end = self.out.len() + len;
        self.out.extend_from_slice(&cells);
        self.out.truncate(end);
        self
    }

    /// Fills the record up and ends the line.
    #[inline]
    pub fn end(&mut self) {
        commas(self.out, self.fields.saturating_sub(1 + self.at));
        self.out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use tenken_parser::layout::medical::{ho, si};

    use super::*;

    #[test]
    fn a_record_is_filled_up() {
        let mut out = Vec::new();
        Lines::plain(&mut out)
            .begin(&si::LAYOUT)
            .code(si::CATEGORY, "60")
            .letter(si::BURDEN_CLASS, b'1')
            .code(si::ITEM_CODE, "160008010")
            .dec(si::QUANTITY, Decimal(150_000))
            .int(si::POINTS, 21)
            .int(si::TIMES, 2)
            .days(si::DAY_1, 0b1001, 1)
            .end();
        assert_eq!(out, format!("SI,60,1,160008010,1.5,21,2,,,,,,,1,,,1{}\r\n", ",".repeat(27)).as_bytes());
        assert_eq!(out.iter().filter(|b| **b == b',').count() + 1, si::LAYOUT.fields.len());
    }

    #[test]
    fn columns_of_the_insurer_form() {
        let mut out = Vec::new();
        let mut lines = Lines::insurer(&mut out);
        lines.begin(&ho::LAYOUT).padded(ho::INSURER_NO, "139998").end();
        lines.by_branch(Origin::Review, 1);
        lines.begin(&ho::LAYOUT).int(ho::TOTAL_POINTS, -12).end();
        assert_eq!(lines.line_no(), 2);
        assert_eq!(out, b"1,1,0,HO,  139998,,,,,,,,,,,,,\r\n2,2,1,HO,,,,,-12,,,,,,,,,\r\n");
    }

    #[test]
    fn day_cells() {
        use tenken_parser::record::DayCells;
        for (mask, count) in [(1, 1), (0x4000_0001, 3), (0x7FFF_FFFF, 9), (0b1010, 14), (1 << 30, 120)] {
            let mut out = Vec::new();
            Lines::plain(&mut out).begin(&si::LAYOUT).letter(si::BURDEN_CLASS, b'1').days(si::DAY_1, mask, count).end();
            let record = tenken_parser::Record::new(&out[..out.len() - 2]);
            assert_eq!(record.field_count(), si::LAYOUT.fields.len());
            let cells = DayCells::read(record.cut::<{ si::DAY_1.index() }>().rest);
            assert_eq!((cells.mask, u64::from(cells.total)), (mask, u64::from(mask.count_ones()) * u64::from(count)));
        }
    }
}
