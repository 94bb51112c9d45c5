//! SH, CZ, IY, TO, KI, ST: 調剤 (uke-dental-pharmacy-nursing.md section 5).
//!
//! Every fee of CZ and KI is a line. The drug points of a CZ stand on the last drug or material that follows
//! it; if none follows (drugs are not repeated under a second CZ of the same Rp), on a line of CZ without code.

use super::{
    line::Line,
    walk::{Pass, Sink},
};
use crate::{
    claim::Row,
    field::{Code, FieldRef, Int},
    layout::pharmacy as p,
    problem::ProblemCode,
};

/// The Rp being read.
#[derive(Default)]
pub(super) struct Prescription<'a> {
    unit_drug_points: Option<i64>,
    drug_points: Option<i64>,
    dispensed: Option<crate::Date>,
    prescribed: Option<crate::Date>,
    cz: Option<Row<'a>>,
    held: Option<Line<'a>>,
    /// burden class of the first drug of the Rp: a second CZ may have no drugs of its own
    burden_class: Option<&'a str>,
}

impl<'a> Prescription<'a> {
    pub fn begin<S: Sink<'a>>(&mut self, pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
        self.finish(pass);
        pass.unit_no += 1;
        *self = Self { unit_drug_points: row.record.value(p::sh::UNIT_DRUG_POINTS), ..Self::default() };
    }

    pub fn dispense<S: Sink<'a>>(&mut self, pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
        use p::cz as f;
        self.finish(pass);
        let cut = row.record.cut::<{ f::LAYOUT.fields.len() }>();
        self.cz = Some(*row);
        self.dispensed = pass.typed(row, &cut, f::DISPENSED_DATE, "dispensed_date");
        self.prescribed = pass.typed(row, &cut, f::PRESCRIBED_DATE, "prescribed_date");
        self.drug_points = pass.typed(row, &cut, f::DRUG_POINTS, "drug_points");
        pass.dated(self.dispensed);
        pass.prescribed(self.prescribed, self.dispensed);
        let quantity = cut.value(f::QUANTITY);
        let cut_points = cut.value(f::DRUG_CUT_POINTS);
        if let (Some(unit), Some(q), Some(drug)) = (self.unit_drug_points, quantity, self.drug_points) {
            let computed = i128::from(unit) * i128::from(q.0);
            if computed != i128::from(drug) * i128::from(crate::Decimal::UNIT) && cut_points.is_none() {
                let detail = format!("{drug} ≠ {unit}×{q}");
                pass.report(ProblemCode::DrugPointsDiffer, row, Some("drug_points"), detail);
            }
        }
        let prep = (f::PREP_BURDEN_CLASS, f::PREP_CODE, f::PREP_POINTS);
        let additions = (0..10).map(|i| {
            (
                FieldRef::<Code>::new(f::ADD_BURDEN_CLASS_01.index() + 3 * i),
                FieldRef::<Code>::new(f::ADD_CODE_01.index() + 3 * i),
                FieldRef::<Int>::new(f::ADD_POINTS_01.index() + 3 * i),
            )
        });
        let others = [
            (f::SUPPORT2_BURDEN_CLASS, f::SUPPORT2_CODE, f::SUPPORT2_POINTS),
            (f::MGMT_BURDEN_CLASS, f::MGMT_CODE, f::MGMT_POINTS),
            (f::MGMT_OT_BURDEN_CLASS, f::MGMT_OT_CODE, f::MGMT_OT_POINTS),
        ];
        for (burden, code, points) in std::iter::once(prep).chain(additions).chain(others) {
            let points = pass.typed(row, &cut, points, "points");
            let dates = (self.dispensed, self.prescribed);
            fee(pass, row, cut.value(burden), cut.value(code), points, 1, dates);
        }
        // 薬剤料減算: the points of drugs above are before the reduction
        if let Some(reduction) = cut_points {
            self.drug_points = self.drug_points.map(|d| d - reduction);
        }
    }

    /// IY and TO: a drug or material of this Rp.
    pub fn drug<S: Sink<'a>>(&mut self, pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
        if let Some(held) = self.held.take() {
            pass.emit(&held);
        }
        let mut line = Line::new(row.no, row.id, pass.unit_no);
        if row.id.0 == *b"TO" {
            use p::to as f;
            let cut = row.record.cut::<{ f::LAYOUT.fields.len() }>();
            line.burden_class = cut.value(f::BURDEN_CLASS);
            line.code = cut.value(f::ITEM_CODE);
            line.quantity = pass.typed(row, &cut, f::QUANTITY, "quantity");
            line.unit_price = pass.typed(row, &cut, f::UNIT_PRICE, "unit_price");
            line.name = cut.value(f::MATERIAL_NAME);
        } else {
            use p::iy as f;
            let cut = row.record.cut::<{ f::LAYOUT.fields.len() }>();
            line.burden_class = cut.value(f::BURDEN_CLASS);
            line.code = cut.value(f::ITEM_CODE);
            line.quantity = pass.typed(row, &cut, f::QUANTITY, "quantity");
        }
        line.service_date = self.dispensed;
        line.prescribed_date = self.prescribed;
        self.burden_class = self.burden_class.or(line.burden_class);
        self.held = Some(line);
    }

    /// Ends a CZ: its drug points go to the last drug.
    pub fn finish<S: Sink<'a>>(&mut self, pass: &mut Pass<'_, 'a, S>) {
        let points = self.drug_points.take();
        let cz = self.cz.take();
        let line = match (self.held.take(), cz, points) {
            (Some(mut held), _, points) => {
                held.points = points;
                held.times = points.map(|_| 1);
                Some(held)
            }
            (None, Some(row), Some(points)) => {
                let mut line = Line::new(row.no, row.id, pass.unit_no);
                line.burden_class = self.burden_class.or(Some("1"));
                line.points = Some(points);
                line.times = Some(1);
                line.service_date = self.dispensed;
                line.prescribed_date = self.prescribed;
                Some(line)
            }
            _ => None,
        };
        if let Some(line) = line {
            add(pass, line.burden_class, line.points.unwrap_or(0), 1);
            pass.emit(&line);
        }
    }
}

/// One fee of CZ or KI; places that hold neither code nor points are empty.
fn fee<'a, S: Sink<'a>>(
    pass: &mut Pass<'_, 'a, S>,
    row: &Row<'a>,
    burden_class: Option<&'a str>,
    code: Option<&'a str>,
    points: Option<i64>,
    times: i64,
    (service_date, prescribed_date): (Option<crate::Date>, Option<crate::Date>),
) {
    if code.is_none() && points.is_none() {
        return;
    }
    let mut line = Line::new(row.no, row.id, pass.unit_no);
    line.burden_class = burden_class;
    line.code = code;
    line.points = points;
    line.times = Some(times);
    line.service_date = service_date;
    line.prescribed_date = prescribed_date;
    add(pass, burden_class, points.unwrap_or(0), times);
    pass.emit(&line);
}

fn add<'a, S: Sink<'a>>(pass: &mut Pass<'_, 'a, S>, burden: Option<&str>, points: i64, times: i64) {
    pass.add(burden, points.saturating_mul(times));
    let payers = crate::codes::payers_of(burden.unwrap_or_default().as_bytes());
    for i in (0..5).filter(|i| payers >> i & 1 == 1) {
        pass.totals.points_ki_flat[i] = pass.totals.points_ki_flat[i].saturating_add(points);
    }
}

/// KI 基本料・薬学管理料: quadruples of 負担区分, コード, 回数, 点数 (調剤基本料: without 回数).
pub(super) fn fees<'a, S: Sink<'a>>(pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
    use p::ki as f;
    let cut = row.record.cut::<{ f::LAYOUT.fields.len() }>();
    let date = pass.typed(row, &cut, f::CALC_DATE, "calc_date");
    pass.dated(date);
    pass.unit_no += 1;
    let base = [(f::BASE_BURDEN_CLASS, f::BASE_CODE, None, f::BASE_POINTS)];
    let group =
        |count: usize, burden: FieldRef<Code>, code: FieldRef<Code>, times: FieldRef<Int>, points: FieldRef<Int>| {
            (0..count).map(move |i| {
                (
                    FieldRef::<Code>::new(burden.index() + 4 * i),
                    FieldRef::<Code>::new(code.index() + 4 * i),
                    Some(FieldRef::<Int>::new(times.index() + 4 * i)),
                    FieldRef::<Int>::new(points.index() + 4 * i),
                )
            })
        };
    let care = group(12, f::CARE_BURDEN_CLASS_01, f::CARE_CODE_01, f::CARE_TIMES_01, f::CARE_POINTS_01);
    let note =
        group(3, f::NOTE_CARE_BURDEN_CLASS_01, f::NOTE_CARE_CODE_01, f::NOTE_CARE_TIMES_01, f::NOTE_CARE_POINTS_01);
    let adds = group(10, f::BASE_ADD_BURDEN_CLASS_01, f::BASE_ADD_CODE_01, f::BASE_ADD_TIMES_01, f::BASE_ADD_POINTS_01);
    for (burden, code, times, points) in base.into_iter().chain(care).chain(note).chain(adds) {
        let points = pass.typed(row, &cut, points, "points");
        let times = times.and_then(|t| pass.typed(row, &cut, t, "times")).unwrap_or(1);
        fee(pass, row, cut.value(burden), cut.value(code), points, times, (date, None));
    }
}

/// ST 分割技術料: the amounts billed are those after the split, so the plain sum says nothing.
pub(super) fn split<'a, S: Sink<'a>>(pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
    pass.totals.incomplete = true;
    pass.totals.split_dispensing = true;
    let date = row.record.value(p::st::DISPENSED_DATE);
    pass.dated(date);
}
