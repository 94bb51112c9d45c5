//! `diagnoses`: SY, SB, HS; one row each.

use tenken_parser::{Encoding, view::diagnosis::Diagnosis};

use crate::{
    columns::Reading,
    of_claim::rows_of_claims,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "diagnoses" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code,
    disease_code: Code, modifiers: List, name: Text "?", start_date: Date "?", outcome: Code "?", main: Bool,
    teeth: List, note: Text "?",
}

rows_of_claims! {
    Diagnoses {
        record_no: number,
        record_id: text,
        disease_code: text,
        modifiers: texts,
        name: text,
        start_date: number,
        outcome: text,
        main: flags,
        teeth: texts,
        note: text,
    }
}

impl Diagnoses {
    pub fn push(&mut self, d: &Diagnosis<'_>, encoding: Encoding) {
        self.of_claim.row();
        self.record_no.push(i64::from(d.record_no));
        self.record_id.push_id(d.record_id);
        self.disease_code.push(d.disease_code.unwrap_or_default());
        self.modifiers.push_texts(d.modifiers());
        self.name.push_field(d.disease_name, Reading::Text, encoding);
        self.start_date.push_opt(d.start_date.map(|d| i64::from(d.epoch_days())));
        self.outcome.push_opt(d.outcome);
        self.main.push(d.main);
        self.teeth.push_texts(d.teeth());
        self.note.push_field(d.comment_text, Reading::Text, encoding);
    }
}
