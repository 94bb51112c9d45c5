//! KA 訪問看護療養費: one line per day and fee, in yen (uke-dental-pharmacy-nursing.md section 7).

use super::{
    line::Line,
    walk::{Pass, Sink},
};
use crate::{claim::Row, field::Dec, field::FieldRef, layout::nursing::ka as f, problem::ProblemCode};

pub(super) fn visit<'a, S: Sink<'a>>(pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
    let cut = row.record.cut::<{ f::LAYOUT.fields.len() }>();
    pass.unit_no += 1;
    let mut line = Line::new(row.no, row.id, pass.unit_no);
    line.burden_class = cut.value(f::BURDEN_CLASS);
    line.code = cut.value(f::ITEM_CODE);
    line.quantity = pass.typed(row, &cut, FieldRef::<Dec>::new(f::QUANTITY.index()), "quantity");
    line.points = pass.typed(row, &cut, f::AMOUNT_YEN, "amount_yen");
    line.times = line.points.map(|_| 1);
    line.service_date = pass.typed(row, &cut, f::SERVICE_DATE, "service_date");
    if !pass.dated(line.service_date) {
        pass.report(ProblemCode::VisitOutsideMonth, row, Some("service_date"), String::new());
    }
    if let Some(yen) = line.points {
        pass.add(line.burden_class, yen);
    }
    pass.emit(&line);
}
