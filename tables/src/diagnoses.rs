//! `diagnoses`: SY, SB, HS; one row each.

use tenken_parser::{Encoding, view::diagnosis::Diagnosis};

use crate::{
    columns::{Column, Columns, ListColumn, NumberColumn, Reading, TextColumn, Used, Validity},
    of_claim::OfClaim,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "diagnoses" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code,
    disease_code: Code, modifiers: List, name: Text "?", start_date: Date "?", outcome: Code "?", main: Bool,
    teeth: List, note: Text "?",
}

pub struct Diagnoses {
    pub of_claim: OfClaim,
    record_no: NumberColumn,
    record_id: TextColumn,
    disease_code: TextColumn,
    modifiers: ListColumn,
    name: TextColumn,
    start_date: NumberColumn,
    outcome: TextColumn,
    main: (Vec<bool>, Validity),
    teeth: ListColumn,
    note: TextColumn,
}

impl Diagnoses {
    /// In the memory of columns that were written.
    pub fn reusing(written: &mut Vec<Columns>) -> Self {
        let mut used = Used::of(&TABLE, written);
        Self {
            of_claim: OfClaim::reusing(&mut used),
            record_no: used.number(),
            record_id: used.text(),
            disease_code: used.text(),
            modifiers: used.texts(),
            name: used.text(),
            start_date: used.number(),
            outcome: used.text(),
            main: used.flags(),
            teeth: used.texts(),
            note: used.text(),
        }
    }

    pub fn push(&mut self, d: &Diagnosis<'_>, encoding: Encoding) {
        self.of_claim.row();
        self.record_no.push(i64::from(d.record_no));
        self.record_id.push_id(d.record_id);
        self.disease_code.push(d.disease_code.unwrap_or_default());
        self.modifiers.push_texts(d.modifiers());
        self.name.push_field(d.disease_name, Reading::Text, encoding);
        self.start_date.push_opt(d.start_date.map(|d| i64::from(d.epoch_days())));
        self.outcome.push_opt(d.outcome);
        self.main.0.push(d.main);
        self.main.1.push(true);
        self.teeth.push_texts(d.teeth());
        self.note.push_field(d.comment_text, Reading::Text, encoding);
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
                Column::Text(self.disease_code),
                Column::List(self.modifiers),
                Column::Text(self.name),
                Column::Number(self.start_date),
                Column::Text(self.outcome),
                Column::Bool(self.main.0, self.main.1),
                Column::List(self.teeth),
                Column::Text(self.note),
            ],
        )
    }
}
