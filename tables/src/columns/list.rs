//! A column of lists, of texts or of dates. Lists and their elements are never null; a list may be empty.

use tenken_parser::Date;

use super::{NumberColumn, TextColumn, validity::Validity};

#[expect(clippy::large_enum_variant, reason = "one per column, never moved while it is filled")]
pub enum Elements {
    Texts(TextColumn),
    Dates(NumberColumn),
}

pub struct ListColumn {
    elements: Elements,
    /// a level each element, and one for each empty list: whether it begins no list (repetition level)
    repeated: Validity,
    /// the same: whether it is an element (definition level)
    defined: Validity,
    rows: usize,
}

impl ListColumn {
    pub fn of_texts() -> Self {
        Self::of(Elements::Texts(TextColumn::default()))
    }

    pub fn of_dates() -> Self {
        Self::of(Elements::Dates(NumberColumn::default()))
    }

    fn of(elements: Elements) -> Self {
        Self { elements, repeated: Validity::default(), defined: Validity::default(), rows: 0 }
    }

    fn element(&mut self, first: bool) {
        self.repeated.push(!first);
        self.defined.push(true);
    }

    fn end(&mut self, empty: bool) {
        if empty {
            self.repeated.push(false);
            self.defined.push(false);
        }
        self.rows += 1;
    }

    pub fn push_texts<'v>(&mut self, values: impl IntoIterator<Item = &'v str>) {
        let mut empty = true;
        for v in values {
            if let Elements::Texts(c) = &mut self.elements {
                c.push(v);
            }
            self.element(empty);
            empty = false;
        }
        self.end(empty);
    }

    pub fn push_dates(&mut self, values: impl IntoIterator<Item = Date>) {
        let mut empty = true;
        for v in values {
            if let Elements::Dates(c) = &mut self.elements {
                c.push(i64::from(v.epoch_days()));
            }
            self.element(empty);
            empty = false;
        }
        self.end(empty);
    }

    /// Forgets the rows, not the memory they took.
    pub fn clear(&mut self) {
        match &mut self.elements {
            Elements::Texts(c) => c.clear(),
            Elements::Dates(c) => c.clear(),
        }
        self.repeated.clear();
        self.defined.clear();
        self.rows = 0;
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn elements(&self) -> &Elements {
        &self.elements
    }

    /// Repetition levels and definition levels.
    pub fn levels(&self) -> (&Validity, &Validity) {
        (&self.repeated, &self.defined)
    }
}
