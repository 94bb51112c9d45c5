//! SI, IY, TO, SS and GT: 医科, DPC and 歯科 (uke-medical-dpc.md 3.12, 3.13, 4.7; dental 3).

use super::{
    comment::Comment,
    line::Line,
    walk::{Pass, Sink},
};
use crate::{
    claim::Row,
    field::{Code, Dec, FieldRef, Int, Text},
    layout::{dental, dpc, medical},
    record::Cut,
    value::Decimal,
};

/// 診療識別 of meals and living costs: the field 点数 holds yen.
const MEALS: &str = "97";
/// 未コード化特定器材 (old editions)
const UNCODED_MATERIAL: &str = "777770000";
/// 請求調整区分 今月の請求分, 自他保険区分 自保険分
const THIS_MONTH: &str = "2";
const OWN_INSURANCE: &str = "1";

/// The fields that detail records of all kinds share.
struct Places {
    category: FieldRef<Code>,
    burden_class: FieldRef<Code>,
    item_code: FieldRef<Code>,
    quantity: FieldRef<Dec>,
    points: FieldRef<Int>,
    times: FieldRef<Int>,
}

macro_rules! detail_places {
    ($m:ident :: $r:ident) => {
        Places {
            category: $m::$r::CATEGORY,
            burden_class: $m::$r::BURDEN_CLASS,
            item_code: $m::$r::ITEM_CODE,
            quantity: $m::$r::QUANTITY,
            points: $m::$r::POINTS,
            times: $m::$r::TIMES,
        }
    };
}

/// Begins or continues a 算定単位 and reads the shared fields.
fn detail<'a, S: Sink<'a>, const N: usize>(
    pass: &mut Pass<'_, 'a, S>,
    row: &Row<'a>,
    cut: &Cut<'a, N>,
    places: &Places,
) -> Line<'a> {
    if let Some(category) = cut.value(places.category) {
        pass.category = Some(category);
        pass.in_unit = false;
    }
    if !pass.in_unit {
        pass.unit_no += 1;
        pass.in_unit = true;
    }
    let mut line = Line::new(row.no, row.id, pass.unit_no);
    line.category = pass.category;
    line.burden_class = cut.value(places.burden_class);
    line.code = cut.value(places.item_code);
    line.quantity = pass.typed(row, cut, places.quantity, "quantity");
    line.points = pass.typed(row, cut, places.points, "points");
    line.times = pass.typed(row, cut, places.times, "times");
    line.day_mask = pass.days(row, cut.rest, line.times);
    let days = line.day_mask.unwrap_or(0);
    pass.totals.item_days |= days;
    if matches!(line.category, Some("90" | "92" | "97")) {
        pass.totals.stay_days |= days;
    }
    line
}

/// Adds the amount of a unit, whose last record this is when it carries points.
fn close<'a, S: Sink<'a>>(pass: &mut Pass<'_, 'a, S>, line: &Line<'a>) {
    let Some(points) = line.points else { return };
    pass.in_unit = false;
    let times = line.times.unwrap_or(1);
    let amount = points.saturating_mul(times);
    if line.category == Some(MEALS) {
        let per_day = line.quantity.map_or(1, |q| q.0 / Decimal::UNIT);
        pass.add_meal(line.burden_class, line.code, amount, per_day.saturating_mul(times));
    } else {
        pass.add(line.burden_class, amount);
    }
}

/// The three pairs of コメントコード and 文字データ that begin at `first`.
fn comments<'a, S: Sink<'a>, const N: usize>(
    pass: &mut Pass<'_, 'a, S>,
    row: &Row<'a>,
    cut: &Cut<'a, N>,
    first: FieldRef<Code>,
) {
    for at in (0..3).map(|i| first.index() + 2 * i) {
        let (code, text) = (cut.value(FieldRef::<Code>::new(at)), cut.value(FieldRef::<Text>::new(at + 1)));
        if code.is_some() || text.is_some() {
            pass.comment(&Comment::on(row, pass.category, code, text));
        }
    }
}

/// Uncoded material keeps its name on the line; a trade name of a coded one is a comment.
fn material_name<'a, S: Sink<'a>>(
    pass: &mut Pass<'_, 'a, S>,
    row: &Row<'a>,
    line: &mut Line<'a>,
    names: [Option<crate::Field<'a>>; 2],
) {
    if line.code == Some(UNCODED_MATERIAL) {
        line.code = None;
        line.name = names[0].or(names[1]);
    }
    for name in names.into_iter().flatten() {
        pass.comment(&Comment::on(row, pass.category, None, Some(name)));
    }
}

/// SI, IY, TO of 医科 and DPC.
pub(super) fn medical<'a, S: Sink<'a>>(pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
    const SI: Places = detail_places!(medical::si);
    const TO: Places = detail_places!(medical::to);
    match &row.id.0 {
        b"TO" => {
            use medical::to as f;
            let cut = row.record.cut::<{ f::DAY_1.index() }>();
            let mut line = detail(pass, row, &cut, &TO);
            line.unit_price = pass.typed(row, &cut, f::UNIT_PRICE, "unit_price");
            material_name(pass, row, &mut line, [cut.value(f::MATERIAL_NAME), cut.value(f::PRODUCT_NAME)]);
            pass.emit(&line);
            comments(pass, row, &cut, f::COMMENT1_CODE);
            close(pass, &line);
        }
        b"SI" | b"IY" => {
            // SI and IY have the same places (3.12)
            use medical::si as f;
            let cut = row.record.cut::<{ f::DAY_1.index() }>();
            let line = detail(pass, row, &cut, &SI);
            pass.emit(&line);
            comments(pass, row, &cut, f::COMMENT1_CODE);
            close(pass, &line);
        }
        _ => {}
    }
}

/// SS, SI, IY, TO of 歯科.
pub(super) fn dental<'a, S: Sink<'a>>(pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
    const SS: Places = Places {
        category: dental::ss::CATEGORY,
        burden_class: dental::ss::BURDEN_CLASS,
        item_code: dental::ss::ITEM_CODE,
        quantity: FieldRef::new(dental::ss::QUANTITY_1.index()),
        points: dental::ss::POINTS,
        times: dental::ss::TIMES,
    };
    match &row.id.0 {
        b"SS" => {
            use dental::ss as f;
            const PAIRS: usize = 35;
            let cut = row.record.cut::<{ f::DAY_1.index() }>();
            let mut line = detail(pass, row, &cut, &SS);
            let points = line.points.take();
            for i in 0..PAIRS {
                let code: Option<&str> = cut.value(FieldRef::<Code>::new(f::ADDITION_CODE_01.index() + 2 * i));
                let Some(code) = code else { continue };
                pass.emit(&line);
                line.code = Some(code);
                let quantity: FieldRef<Dec> = FieldRef::new(f::ADDITION_QTY_01.index() + 2 * i);
                line.quantity = pass.typed(row, &cut, quantity, "addition_qty_01");
            }
            line.points = points;
            pass.emit(&line);
            close(pass, &line);
        }
        b"SI" => {
            const SI: Places = detail_places!(dental::si);
            let cut = row.record.cut::<{ dental::si::DAY_1.index() }>();
            let line = detail(pass, row, &cut, &SI);
            pass.emit(&line);
            close(pass, &line);
        }
        b"IY" => {
            const IY: Places = detail_places!(dental::iy);
            let cut = row.record.cut::<{ dental::iy::DAY_1.index() }>();
            let line = detail(pass, row, &cut, &IY);
            pass.emit(&line);
            close(pass, &line);
        }
        b"TO" => {
            use dental::to as f;
            const TO: Places = detail_places!(dental::to);
            let cut = row.record.cut::<{ f::DAY_1.index() }>();
            let mut line = detail(pass, row, &cut, &TO);
            line.unit_price = pass.typed(row, &cut, f::UNIT_PRICE, "unit_price");
            material_name(pass, row, &mut line, [None, cut.value(f::PRODUCT_NAME)]);
            let points = line.points.take();
            for (code, quantity) in [(f::ADDITION_CODE_1, f::ADDITION_QTY_1), (f::ADDITION_CODE_2, f::ADDITION_QTY_2)] {
                let Some(code) = cut.value(code) else { continue };
                pass.emit(&line);
                line.code = Some(code);
                line.unit_price = None;
                line.quantity = pass.typed(row, &cut, quantity, "addition_qty_1");
            }
            line.points = points;
            pass.emit(&line);
            close(pass, &line);
        }
        _ => {}
    }
}

/// GT 合計調整: the bundled points of this month are one line of the claim.
pub(super) fn dpc_total<'a, S: Sink<'a>>(pass: &mut Pass<'_, 'a, S>, row: &Row<'a>) {
    use dpc::gt as f;
    let r = row.record;
    if r.value(f::ADJUSTMENT_CLASS) != Some(THIS_MONTH) || r.value(f::INSURANCE_CLASS) != Some(OWN_INSURANCE) {
        return;
    }
    let Some(points) = r.value(f::MONTH_TOTAL_POINTS) else { return };
    pass.unit_no += 1;
    pass.in_unit = false;
    let mut line = Line::new(row.no, row.id, pass.unit_no);
    line.category = r.value(f::CATEGORY);
    line.burden_class = r.value(f::BURDEN_CLASS);
    line.points = Some(points);
    line.times = Some(1);
    pass.emit(&line);
    pass.add(line.burden_class, points);
}
