//! `lines`: one row per charged code. Most rows of an import are here, so its columns are filled directly.

use tenken_parser::{Encoding, view::line::Line};

use crate::{
    columns::Reading,
    of_claim::rows_of_claims,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "lines" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, record_no: I32, record_id: Code, unit_no: I32,
    category: Code "?", burden_class: Code "?", code: Code "?", name: Text "?", quantity: Dec "?",
    unit_price_yen: Dec "?", points: I64 "?", times: I32 "?", day_mask: Mask "?", service_date: Date "?",
    prescribed_date: Date "?",
}

rows_of_claims! {
    Lines {
        record_no: number,
        record_id: text,
        unit_no: number,
        category: text,
        burden_class: text,
        code: text,
        name: text,
        quantity: number,
        unit_price_yen: number,
        points: number,
        times: number,
        day_mask: number,
        service_date: number,
        prescribed_date: number,
    }
}

impl Lines {
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
}
