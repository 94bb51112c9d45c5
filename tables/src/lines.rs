//! `lines`: one row per charged code. Most rows of an import are here, so its columns are filled directly.

use tenken_parser::{Encoding, view::line::Line};

use crate::{
    columns::{Column, Columns, NumberColumn, Reading, TextColumn, Used},
    of_claim::OfClaim,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "lines" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code, unit_no: I32,
    category: Code "?", burden_class: Code "?", code: Code "?", name: Text "?", quantity: Dec "?",
    unit_price_yen: Dec "?", points: I64 "?", times: I32 "?", day_mask: Mask "?", service_date: Date "?",
    prescribed_date: Date "?",
}

pub struct Lines {
    pub of_claim: OfClaim,
    record_no: NumberColumn,
    record_id: TextColumn,
    unit_no: NumberColumn,
    category: TextColumn,
    burden_class: TextColumn,
    code: TextColumn,
    name: TextColumn,
    quantity: NumberColumn,
    unit_price_yen: NumberColumn,
    points: NumberColumn,
    times: NumberColumn,
    day_mask: NumberColumn,
    service_date: NumberColumn,
    prescribed_date: NumberColumn,
}

impl Lines {
    /// In the memory of columns that were written.
    pub fn reusing(written: &mut Vec<Columns>) -> Self {
        let mut used = Used::of(&TABLE, written);
        Self {
            of_claim: OfClaim::reusing(&mut used),
            record_no: used.number(),
            record_id: used.text(),
            unit_no: used.number(),
            category: used.text(),
            burden_class: used.text(),
            code: used.text(),
            name: used.text(),
            quantity: used.number(),
            unit_price_yen: used.number(),
            points: used.number(),
            times: used.number(),
            day_mask: used.number(),
            service_date: used.number(),
            prescribed_date: used.number(),
        }
    }

    #[inline]
    pub fn push(&mut self, l: &Line<'_>, encoding: Encoding) {
        let date = |d: tenken_parser::Date| i64::from(d.epoch_days());
        self.of_claim.row();
        self.record_no.push(i64::from(l.record_no));
        self.record_id.push_id(l.record_id);
        self.unit_no.push(i64::from(l.unit_no));
        self.category.push_opt(l.category);
        self.burden_class.push_opt(l.burden_class);
        self.code.push_opt(l.code);
        self.name.push_field(l.name, Reading::Text, encoding);
        self.quantity.push_opt(l.quantity.map(|q| q.0));
        self.unit_price_yen.push_opt(l.unit_price.map(|p| p.0));
        self.points.push_opt(l.points);
        self.times.push_opt(l.times.filter(|t| i32::try_from(*t).is_ok()));
        self.day_mask.push_opt(l.day_mask.map(i64::from));
        self.service_date.push_opt(l.service_date.map(date));
        self.prescribed_date.push_opt(l.prescribed_date.map(date));
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
                Column::Number(self.unit_no),
                Column::Text(self.category),
                Column::Text(self.burden_class),
                Column::Text(self.code),
                Column::Text(self.name),
                Column::Number(self.quantity),
                Column::Number(self.unit_price_yen),
                Column::Number(self.points),
                Column::Number(self.times),
                Column::Number(self.day_mask),
                Column::Number(self.service_date),
                Column::Number(self.prescribed_date),
            ],
        )
    }
}
