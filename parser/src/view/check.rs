//! What is wrong with a claim: what makes it a reject (DESIGN section 6), and what is only a problem.

use super::{
    header::{Common, Header, Payer},
    public_expense::PublicExpense,
    walk::{Nothing, Totals, walk},
};
use crate::{
    claim::{Claim, Kind, Row, View},
    field::{Code, Dec, Field, FieldRef, FieldType, Int, Ym, Ymd},
    layout::{self, FieldDef, FieldKind, Mode, RecordLayout, dpc, medical},
    problem::{Problem, ProblemCode},
    record::RecordId,
};

/// Records that exist but whose layout nobody has published.
const WITHOUT_LAYOUT: [[u8; 2]; 1] = [*b"TJ"];

/// Why this claim cannot be stored, if so.
pub fn reject(claim: &Claim<'_>, header: &Header<'_>) -> Option<Problem> {
    if let Some(code) = claim.raw.cut {
        return Some(claim.problem(code, None, None, String::new()));
    }
    let Some(re) = claim.find(View::Billed, b"RE") else {
        return Some(claim.problem(ProblemCode::ReMissing, Some(RecordId(*b"RE")), None, String::new()));
    };
    let common = if claim.is_corrected() { Common::read(claim.kind, re.record) } else { header.common };
    let quoted = |name: &str| {
        let layout = layout::of(claim.kind, *b"RE");
        let at = layout.and_then(|l| l.fields.iter().position(|f| f.name == name));
        at.map_or(String::new(), |i| shown(re.record.at(i)))
    };
    if common.receipt_type.is_none() {
        let p = claim.problem_at(ProblemCode::ReceiptTypeUnreadable, re, Some("receipt_type"), quoted("receipt_type"));
        return Some(p);
    }
    if common.service_month.is_none() {
        let p =
            claim.problem_at(ProblemCode::ServiceMonthUnreadable, re, Some("service_month"), quoted("service_month"));
        return Some(p);
    }
    let total = if claim.kind == Kind::Nursing { "total_amount" } else { "total_points" };
    if let (Some(ho), Some(payer)) = (claim.find(View::Billed, b"HO"), header.billed_payer) {
        // an empty number is a problem (public samples have it); one that cannot be read is a reject
        return if payer.insurer_no.is_none() && !ho.record.at(medical::ho::INSURER_NO.index()).is_empty() {
            Some(claim.problem_at(ProblemCode::InsurerNoUnreadable, ho, Some("insurer_no"), shown(ho.record.at(1))))
        } else if payer.total.is_none() {
            let at = medical::ho::TOTAL_POINTS.index();
            Some(claim.problem_at(ProblemCode::TotalPointsUnreadable, ho, Some(total), shown(ho.record.at(at))))
        } else {
            None
        };
    }
    // subordinate claims of a DPC 総括 may leave the payers to their parent
    if claim.raw.parent.is_some() {
        return None;
    }
    let (Some(ko), Some(public)) = (claim.find(View::Billed, b"KO"), header.billed_publics.first()) else {
        return Some(claim.problem(ProblemCode::PayerMissing, None, None, String::new()));
    };
    if public.payer_no.is_none_or(|n| n.len() != 8 || !n.bytes().all(|b| b.is_ascii_digit())) {
        return Some(claim.problem_at(ProblemCode::InsurerNoUnreadable, ko, Some("payer_no"), shown(ko.record.at(1))));
    }
    if public.total.is_none() {
        return Some(claim.problem_at(ProblemCode::TotalPointsUnreadable, ko, Some(total), String::new()));
    }
    None
}

/// The content of a code or number field for a message: short and ASCII only.
fn shown(field: Field<'_>) -> String {
    match std::str::from_utf8(field.trimmed()) {
        Ok("") => "（空）".to_owned(),
        Ok(s) if s.len() <= 12 && s.bytes().all(|b| b.is_ascii_graphic()) => format!("（{s}）"),
        _ => "（読めない文字）".to_owned(),
    }
}

/// Every problem of a claim that is accepted, besides those that the walk reports.
pub fn problems(claim: &Claim<'_>, header: &Header<'_>, totals: &Totals, out: &mut Vec<Problem>) {
    out.extend_from_slice(claim.problems());
    if let (Some(ho), Some(payer)) = (claim.find(View::Billed, b"HO"), &header.billed_payer)
        && payer.insurer_no.is_none()
    {
        out.push(claim.problem_at(ProblemCode::InsurerNoMissing, ho, Some("insurer_no"), String::new()));
    }
    rows(claim, out);
    arithmetic(claim, header, totals, out);
    if claim.is_corrected() {
        billed_arithmetic(claim, header, out);
    }
}

/// Grammar of each line: known, complete, typed, decodable.
fn rows(claim: &Claim<'_>, out: &mut Vec<Problem>) {
    let mut seen_re = false;
    let mut seen_ho = false;
    for row in claim.rows() {
        if !row.readable {
            if !row.record.bytes().is_empty() {
                out.push(claim.problem_at(ProblemCode::NotARecord, row, None, String::new()));
            }
            continue;
        }
        let Some(layout) = layout::of(claim.kind, row.id.0) else {
            if !WITHOUT_LAYOUT.contains(&row.id.0) {
                out.push(claim.problem_at(ProblemCode::UnknownRecord, row, None, row.id.to_string()));
            }
            continue;
        };
        let base = row.data_kind == crate::claim::BASE;
        if base {
            let twice = match &row.id.0 {
                b"RE" => std::mem::replace(&mut seen_re, true),
                b"HO" => std::mem::replace(&mut seen_ho, true),
                _ => false,
            };
            if twice {
                out.push(claim.problem_at(ProblemCode::DuplicateRecord, row, None, row.id.to_string()));
            }
        }
        let (fields, ascii) = row.shape();
        if !layout::is_complete(claim.kind, layout, fields) {
            let code = if fields < layout.fields.len() { ProblemCode::LineShort } else { ProblemCode::LineLong };
            out.push(claim.problem_at(code, row, None, format!("{} {fields}/{}", row.id, layout.fields.len())));
        }
        if !ascii {
            text_fields(claim, row, layout, out);
        }
        // amounts and day cells of detail records are read, and reported, by the walk
        if !matches!(&row.id.0, b"SI" | b"IY" | b"TO" | b"SS" | b"CO" | b"JD" | b"MF" | b"CZ" | b"KI" | b"KA") {
            typed_fields(claim, row, layout, out);
        }
    }
}

fn text_fields(claim: &Claim<'_>, row: &Row<'_>, layout: &RecordLayout, out: &mut Vec<Problem>) {
    if claim.encoding.is_text(row.record.bytes()) {
        return;
    }
    for (i, field) in row.record.written() {
        if !claim.encoding.is_text(field.raw()) {
            let name = layout.fields.get(i).map(|f| f.name);
            out.push(claim.problem_at(ProblemCode::UndecodableText, row, name, String::new()));
        }
    }
}

fn typed_fields(claim: &Claim<'_>, row: &Row<'_>, layout: &RecordLayout, out: &mut Vec<Problem>) {
    for (i, field) in row.record.written().skip(1) {
        let Some(def) = layout.fields.get(i) else { return };
        if is_readable(field, def) {
            continue;
        }
        let detail =
            if def.is_personal() { format!("：{}", def.title) } else { format!("：{}{}", def.title, shown(field)) };
        out.push(claim.problem_at(ProblemCode::FieldUnreadable, row, Some(def.name), detail));
    }
}

fn is_readable(field: Field<'_>, def: &FieldDef) -> bool {
    match def.kind {
        FieldKind::Int => Int::read(field).is_ok(),
        FieldKind::Dec => Dec::read(field).is_ok(),
        FieldKind::Month => Ym::read(field).is_ok(),
        FieldKind::Date => Ymd::read(field).is_ok(),
        FieldKind::Code => {
            Code::read(field).is_ok() && (def.mode != Mode::Number || field.trimmed().iter().all(u8::is_ascii_digit))
        }
        FieldKind::Day | FieldKind::Text => true,
    }
}

/// The arithmetic between records (uke-medical-dpc.md 1.5) of the effective view.
fn arithmetic(claim: &Claim<'_>, header: &Header<'_>, totals: &Totals, out: &mut Vec<Problem>) {
    if claim.raw.parent.is_none() && header.common.summary_class != Some("1") {
        let ho = claim.find(View::Effective, b"HO");
        if let (Some(ho), Some(payer)) = (ho, &header.payer) {
            insurer_sums(claim, ho, payer, totals, out);
        }
        public_sums(claim, View::Effective, &header.publics, totals, out);
    }
    if claim.kind == Kind::Dpc {
        dpc_subtotals(claim, out);
    }
}

/// The same for the claim as billed, when corrections have made it another.
fn billed_arithmetic(claim: &Claim<'_>, header: &Header<'_>, out: &mut Vec<Problem>) {
    let mut ignored = Vec::new();
    let totals = walk(claim, View::Billed, &mut Nothing, &mut ignored);
    if let (Some(ho), Some(payer)) = (claim.find(View::Billed, b"HO"), &header.billed_payer) {
        insurer_sums(claim, ho, payer, &totals, out);
    }
    public_sums(claim, View::Billed, &header.billed_publics, &totals, out);
}

fn insurer_sums(claim: &Claim<'_>, ho: &Row<'_>, payer: &Payer<'_>, totals: &Totals, out: &mut Vec<Problem>) {
    let Some(given) = payer.total else { return };
    let flat = claim.kind == Kind::Pharmacy && totals.points_ki_flat[0] == given;
    if !totals.incomplete && totals.lines > 0 && totals.points[0] != given && !flat {
        let detail = format!("{given} ≠ {}", totals.points[0]);
        out.push(claim.problem_at(ProblemCode::TotalPointsDiffer, ho, Some("total_points"), detail));
    }
    if !totals.unknown_meal_code && !totals.incomplete {
        let meals = (totals.meal_yen[0], totals.meal_count[0]);
        if let Some(yen) = payer.meal_yen
            && yen != meals.0
        {
            out.push(claim.problem_at(
                ProblemCode::MealYenDiffer,
                ho,
                Some("meal_yen"),
                format!("{yen} ≠ {}", meals.0),
            ));
        }
        if let Some(count) = payer.meal_count
            && count != meals.1
        {
            let detail = format!("{count} ≠ {}", meals.1);
            out.push(claim.problem_at(ProblemCode::MealCountDiffer, ho, Some("meal_count"), detail));
        }
    }
    if let (Some(days), Some(counted)) = (payer.days, totals.counted_days[0])
        && days != i64::from(counted)
    {
        let detail = format!("{days} ≠ {counted}");
        out.push(claim.problem_at(ProblemCode::ActualDaysDiffer, ho, Some("actual_days"), detail));
    }
}

fn public_sums(claim: &Claim<'_>, view: View, publics: &[PublicExpense<'_>], totals: &Totals, out: &mut Vec<Problem>) {
    if publics.is_empty() || totals.incomplete || totals.lines == 0 {
        return;
    }
    let rows = claim.view(view).filter(|r| r.id.0 == *b"KO");
    for (i, (row, ko)) in rows.zip(publics).enumerate().take(4) {
        let Some(given) = ko.total else { continue };
        let sums = (totals.points[i + 1], totals.points_ki_flat[i + 1]);
        if given != sums.0 && !(claim.kind == Kind::Pharmacy && given == sums.1) {
            let detail = format!("第{}公費 {given} ≠ {}", i + 1, sums.0);
            out.push(claim.problem_at(ProblemCode::PublicPointsDiffer, row, Some("total_points"), detail));
        }
    }
}

/// Rule 7: HH = points × days, GT = Σ HH with equal keys, evaluated points = Σ × coefficient rounded half up.
fn dpc_subtotals(claim: &Claim<'_>, out: &mut Vec<Problem>) {
    use dpc::{ga, gt, hh};
    let mut sums: Vec<([Option<&str>; 4], i64)> = Vec::new();
    let mut coefficients: Vec<(Option<&str>, crate::Decimal)> = Vec::new();
    for row in claim.view(View::Effective).filter(|r| r.readable) {
        let r = row.record;
        let raw = |f: FieldRef<Code>| r.value(f);
        match &row.id.0 {
            b"GA" => {
                if let Some(c) = r.value(ga::HOSPITAL_COEFFICIENT) {
                    coefficients.push((r.at(ga::SERVICE_MONTH.index()).code(), c));
                }
            }
            b"HH" => {
                let key = [
                    r.at(hh::SERVICE_MONTH.index()).code(),
                    raw(hh::ADJUSTMENT_CLASS),
                    raw(hh::INSURANCE_CLASS),
                    raw(hh::BURDEN_CLASS),
                ];
                let (Some(daily), Some(days), Some(subtotal)) =
                    (r.value(hh::DAILY_POINTS), r.value(hh::DAYS), r.value(hh::SUBTOTAL_POINTS))
                else {
                    continue;
                };
                if daily.saturating_mul(days) != subtotal {
                    let detail = format!("HH {subtotal} ≠ {daily}×{days}");
                    out.push(claim.problem_at(ProblemCode::DpcSubtotalDiffer, row, Some("subtotal_points"), detail));
                }
                match sums.iter_mut().find(|(k, _)| *k == key) {
                    Some((_, sum)) => *sum = sum.saturating_add(subtotal),
                    None => sums.push((key, subtotal)),
                }
            }
            b"GT" => {
                let key = [
                    r.at(gt::SERVICE_MONTH.index()).code(),
                    raw(gt::ADJUSTMENT_CLASS),
                    raw(gt::INSURANCE_CLASS),
                    raw(gt::BURDEN_CLASS),
                ];
                let Some(given) = r.value(gt::SUBTOTAL_SUM) else { continue };
                if let Some((_, sum)) = sums.iter().find(|(k, _)| *k == key)
                    && *sum != given
                {
                    let detail = format!("GT {given} ≠ {sum}");
                    out.push(claim.problem_at(ProblemCode::DpcSubtotalDiffer, row, Some("subtotal_sum"), detail));
                }
                let coefficient = coefficients.iter().find(|(m, _)| *m == key[0]).map(|(_, c)| *c);
                if let (Some(c), Some(evaluated)) = (coefficient, r.value(gt::EVALUATED_POINTS)) {
                    let unit = i128::from(crate::Decimal::UNIT);
                    let computed = (i128::from(given) * i128::from(c.0) * 2 + unit).div_euclid(2 * unit);
                    if computed != i128::from(evaluated) {
                        let detail = format!("GT {evaluated} ≠ {given}×{c}");
                        out.push(claim.problem_at(
                            ProblemCode::DpcSubtotalDiffer,
                            row,
                            Some("evaluated_points"),
                            detail,
                        ));
                    }
                }
            }
            _ => {}
        }
    }
}

/// How a claim counts in GO (rule 6): HO and KO records, and the points of HO or else of the first KO.
/// Subordinate claims do not count.
pub fn go_share(claim: &Claim<'_>, header: &Header<'_>) -> (i64, i64) {
    if claim.raw.parent.is_some() {
        return (0, 0);
    }
    let payers = claim.view(View::Billed).filter(|r| r.id.0 == *b"HO").count() + header.billed_publics.len();
    let points =
        header.billed_payer.and_then(|p| p.total).or_else(|| header.billed_publics.iter().find_map(|p| p.total));
    (payers as i64, points.unwrap_or(0))
}
