//! `comments`: CO, TK, SJ, TZ, and texts carried by lines and diagnoses.

use tenken_parser::{Encoding, view::comment::Comment};

use crate::{
    columns::Reading,
    of_claim::rows_of_claims,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "comments" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code,
    category: Code "?", code: Code "?", text: Text "?",
}

rows_of_claims! {
    Comments {
        record_no: number,
        record_id: text,
        category: text,
        code: text,
        text: text,
    }
}

impl Comments {
    pub fn push(&mut self, c: &Comment<'_>, encoding: Encoding) {
        self.of_claim.row();
        self.record_no.push(i64::from(c.record_no));
        self.record_id.push_id(c.record_id);
        self.category.push_opt(c.category);
        self.code.push_opt(c.code);
        self.text.push_field(c.text, Reading::Text, encoding);
    }
}
