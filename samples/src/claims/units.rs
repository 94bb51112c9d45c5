//! SI, IY, TO, SS: the records of charged units (uke-medical-dpc.md 3.12, 3.13;
//! uke-dental-pharmacy-nursing.md section 3), and how the review body changes them.

use tenken_parser::{
    Decimal, Kind,
    field::{Code, FieldRef},
    layout::{dental, medical},
};

use super::{
    body::Loss,
    catalogue::{Part, RecordKind},
    insurer_form::{Change, edit},
    line::{Line, Lines, Origin},
    plan::{Plan, Role, Unit},
    spread::last_day,
};
use crate::rng::Rng;

/// コメントコード of free text.
pub const FREE_TEXT: &str = "810000001";
/// 未コード化特定器材
const UNCODED_MATERIAL: &str = "777770000";

/// Writes every record of a unit.
pub fn write(kind: Kind, unit: &Unit<'_>, parts: &[Part<'_>], lines: &mut Lines<'_>) {
    for at in 0..parts.len() {
        write_one(kind, unit, parts, at, lines);
    }
}

/// Writes one record: the first has the category, the last the points.
fn write_one(kind: Kind, unit: &Unit<'_>, parts: &[Part<'_>], at: usize, lines: &mut Lines<'_>) {
    let part = &parts[at];
    let row = Row {
        category: if at == 0 { unit.category } else { "" },
        burden: unit.sharers.class(),
        points: (at + 1 == parts.len()).then_some(unit.points),
        times: unit.times(),
        days: unit.days,
        per_day: unit.per_day,
    };
    match (kind, part.record) {
        (Kind::Dental, RecordKind::Ss) => dental_act(&row, part, lines),
        (Kind::Dental, RecordKind::Si) => dental_medical_act(&row, part, lines),
        (Kind::Dental, RecordKind::Iy) => dental_drug(&row, part, lines),
        (Kind::Dental, RecordKind::To) => dental_material(&row, part, lines),
        (_, RecordKind::To) => material(&row, part, lines),
        (_, record) => act_or_drug(&row, part, record, lines),
    }
}

/// What the records of a unit share.
struct Row<'u> {
    category: &'u str,
    burden: u8,
    points: Option<i64>,
    times: i64,
    days: u32,
    per_day: u32,
}

/// The fields that every detail record begins with.
fn begin(line: &mut Line<'_>, row: &Row<'_>, part: &Part<'_>) {
    // the same places in all records of both kinds
    use medical::si as f;
    line.code(f::CATEGORY, row.category).letter(f::BURDEN_CLASS, row.burden).code(f::ITEM_CODE, part.code);
}

fn act_or_drug(row: &Row<'_>, part: &Part<'_>, record: RecordKind, lines: &mut Lines<'_>) {
    // SI and IY have the same places (3.12)
    use medical::si as f;
    let layout = if record == RecordKind::Iy { &medical::iy::LAYOUT } else { &f::LAYOUT };
    let mut line = lines.begin(layout);
    begin(&mut line, row, part);
    line.dec(f::QUANTITY, part.quantity).int_if(f::POINTS, row.points).int(f::TIMES, row.times);
    if !part.detail.text.is_empty() {
        line.code(f::COMMENT1_CODE, FREE_TEXT).encoded(f::COMMENT1_TEXT, &part.detail.text);
    }
    line.days(f::DAY_1, row.days, row.per_day).end();
}

fn material(row: &Row<'_>, part: &Part<'_>, lines: &mut Lines<'_>) {
    use medical::to as f;
    let name = if part.code == UNCODED_MATERIAL { f::MATERIAL_NAME } else { f::PRODUCT_NAME };
    let mut line = lines.begin(&f::LAYOUT);
    begin(&mut line, row, part);
    line.dec(f::QUANTITY, part.quantity)
        .int_if(f::POINTS, row.points)
        .int(f::TIMES, row.times)
        .code(f::UNIT_CODE, part.detail.unit_code)
        .dec(f::UNIT_PRICE, part.detail.price)
        .encoded(name, &part.detail.text)
        .days(f::DAY_1, row.days, row.per_day)
        .end();
}

fn dental_act(row: &Row<'_>, part: &Part<'_>, lines: &mut Lines<'_>) {
    use dental::ss as f;
    let mut line = lines.begin(&f::LAYOUT);
    begin(&mut line, row, part);
    if part.quantity.0 != 0 {
        line.int(f::QUANTITY_1, part.quantity.0 / Decimal::UNIT);
    }
    for (i, addition) in part.detail.additions.iter().enumerate() {
        // 35 pairs of 加算コード and 加算数量データ
        line.code(FieldRef::<Code>::new(f::ADDITION_CODE_01.index() + 2 * i), addition);
    }
    line.int_if(f::POINTS, row.points).int(f::TIMES, row.times).days(f::DAY_1, row.days, row.per_day).end();
}

fn dental_medical_act(row: &Row<'_>, part: &Part<'_>, lines: &mut Lines<'_>) {
    use dental::si as f;
    let mut line = lines.begin(&f::LAYOUT);
    begin(&mut line, row, part);
    line.dec(f::QUANTITY, part.quantity)
        .int_if(f::POINTS, row.points)
        .int(f::TIMES, row.times)
        .days(f::DAY_1, row.days, row.per_day)
        .end();
}

fn dental_drug(row: &Row<'_>, part: &Part<'_>, lines: &mut Lines<'_>) {
    use dental::iy as f;
    let mut line = lines.begin(&f::LAYOUT);
    begin(&mut line, row, part);
    line.dec(f::QUANTITY, part.quantity)
        .int_if(f::POINTS, row.points)
        .int(f::TIMES, row.times)
        .code(f::DRUG_KIND, "1")
        .days(f::DAY_1, row.days, row.per_day)
        .end();
}

fn dental_material(row: &Row<'_>, part: &Part<'_>, lines: &mut Lines<'_>) {
    use dental::to as f;
    let mut line = lines.begin(&f::LAYOUT);
    begin(&mut line, row, part);
    line.dec(f::QUANTITY, part.quantity)
        .code(f::UNIT_CODE, part.detail.unit_code)
        .dec(f::UNIT_PRICE, part.detail.price)
        .encoded(f::PRODUCT_NAME, &part.detail.text)
        .int_if(f::POINTS, row.points)
        .int(f::TIMES, row.times)
        .days(f::DAY_1, row.days, row.per_day)
        .end();
}

/// Draws a unit and takes a time off it, lowers its points, or takes it away (査定).
pub fn cut(plan: &Plan<'_>, kind: Kind, main: i64, rng: &mut Rng, lines: &mut Lines<'_>) -> Option<Loss> {
    const TRIES: usize = 8;
    let may = |u: &Unit<'_>| {
        u.role == Role::Charge && !u.fixed && u.points > 1 && u.line > 0 && u.amount() * 2 <= main && u.category > "12"
    };
    if plan.units.is_empty() {
        return None;
    }
    let unit = (0..TRIES).map(|_| *rng.pick(&plan.units)).find(may)?;
    let parts = plan.parts_of(&unit);
    let reason = *rng.pick(&["A", "B", "C", "D"]);
    let mut after = unit;
    let deleted = rng.chance(20);
    let fewer = !deleted && unit.times() > 1 && rng.chance(70);
    if deleted {
        after.points = 0;
    } else if fewer {
        if unit.per_day > 1 {
            after.per_day -= 1;
        } else {
            after.days &= !last_day(unit.days);
        }
    } else {
        after.points = unit.points * rng.between(40, 90) / 100;
    }
    for at in 0..parts.len() {
        let target = unit.line + at as u32;
        if deleted {
            edit(lines, Origin::Review, Change::Delete, target, "", reason);
        } else if fewer || at + 1 == parts.len() {
            let item = if fewer { times_item(kind, parts[at].record) } else { points_item(kind, parts[at].record) };
            edit(lines, Origin::Review, Change::Modify, target, item, reason);
            write_one(kind, &after, parts, at, lines);
        }
    }
    let mut loss = Loss::default();
    unit.sharers.add(&mut loss, unit.amount() - after.amount());
    Some(loss)
}

/// 事由対象項目番号 of 点数, the record id being item 1.
fn points_item(kind: Kind, record: RecordKind) -> &'static str {
    match (kind, record) {
        (Kind::Dental, RecordKind::Ss) => "77",
        (Kind::Dental, RecordKind::To) => "13",
        _ => "6",
    }
}

/// The same of 回数.
fn times_item(kind: Kind, record: RecordKind) -> &'static str {
    match (kind, record) {
        (Kind::Dental, RecordKind::Ss) => "78",
        (Kind::Dental, RecordKind::To) => "14",
        _ => "7",
    }
}
