//! `comments`: CO, TK, SJ, TZ, and texts carried by lines and diagnoses.

use tenken_parser::{Encoding, view::comment::Comment};

use crate::{
    columns::{Column, Columns, NumberColumn, Reading, TextColumn, Used},
    of_claim::OfClaim,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "comments" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code,
    category: Code "?", code: Code "?", text: Text "?",
}

pub struct Comments {
    pub of_claim: OfClaim,
    record_no: NumberColumn,
    record_id: TextColumn,
    category: TextColumn,
    code: TextColumn,
    text: TextColumn,
}

impl Comments {
    /// In the memory of columns that were written.
    pub fn reusing(written: &mut Vec<Columns>) -> Self {
        let mut used = Used::of(&TABLE, written);
        Self {
            of_claim: OfClaim::reusing(&mut used),
            record_no: used.number(),
            record_id: used.text(),
            category: used.text(),
            code: used.text(),
            text: used.text(),
        }
    }

    pub fn push(&mut self, c: &Comment<'_>, encoding: Encoding) {
        self.of_claim.row();
        self.record_no.push(i64::from(c.record_no));
        self.record_id.push_id(c.record_id);
        self.category.push_opt(c.category);
        self.code.push_opt(c.code);
        self.text.push_field(c.text, Reading::Text, encoding);
    }

    pub fn finish(self) -> Columns {
        let [claim_id, seq] = self.of_claim.columns();
        Columns::of(
            &TABLE,
            vec![
                claim_id,
                seq,
                Column::Number(self.record_no),
                Column::Text(self.record_id),
                Column::Text(self.category),
                Column::Text(self.code),
                Column::Text(self.text),
            ],
        )
    }
}
