//! RE, HO, KO, SN, JD, MF: what a claim says once (uke-medical-dpc.md section 3;
//! uke-dental-pharmacy-nursing.md 3, 5, 7).

use tenken_parser::{
    Kind, RecordLayout,
    field::{Code, FieldRef, Int, Text},
    layout::{common, dental, dpc, medical, nursing, pharmacy},
};

use super::{
    amounts::{Sums, is_public_only},
    institution::score_table,
    line::{Line, Lines},
};
use crate::order::{AgeClass, Order};

/// 行番号 of the records that a correction changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeadLines {
    pub ho: u32,
    pub ko: [u32; 4],
    /// SN of the main insurer
    pub sn: u32,
}

/// レセプト総括区分 (DPC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// 0
    Whole,
    /// 1: the parent of so many
    Parent(u8),
    /// 2
    Subordinate,
}

/// Writes the head of a claim.
pub fn write(order: &Order<'_>, sums: &Sums, summary: Summary, lines: &mut Lines<'_>) -> HeadLines {
    let mut at = HeadLines::default();
    re(order, summary, lines);
    if !is_public_only(order) {
        ho(order, sums, lines);
        at.ho = lines.line_no();
    }
    let publics = order.publics.len().min(at.ko.len());
    for n in 0..publics {
        ko(order, n, sums, lines);
        at.ko[n] = lines.line_no();
    }
    let first = usize::from(is_public_only(order));
    for payer in first..=publics {
        let confirmation = if payer == 0 { order.confirmation } else { "01" };
        if payer == 0 {
            sn(order, confirmation, lines);
            at.sn = lines.line_no();
        } else {
            use common::sn as f;
            lines.begin(&f::LAYOUT).letter(f::PAYER_KIND, kind_of(payer)).code(f::CONFIRMATION, confirmation).end();
        }
    }
    for payer in first..=publics {
        use common::jd as f;
        let days = if payer == first { order.days } else { sums.days[payer] };
        lines.begin(&f::LAYOUT).letter(f::PAYER_KIND, kind_of(payer)).days(f::DAY_1, days, 1).end();
    }
    lines.begin(&common::mf::LAYOUT).code(common::mf::COUNTER_BURDEN_CLASS, window_class(order)).end();
    at
}

/// 負担者種別 (別表28): 1 the main insurer, 2 to 5 the public payers.
fn kind_of(payer: usize) -> u8 {
    b'1' + payer as u8
}

/// 窓口負担額区分 (別表31): 01 and 02 where 高額療養費 was given in kind.
fn window_class(order: &Order<'_>) -> &'static str {
    const REPEATED: [&str; 7] = ["31", "32", "33", "34", "35", "43", "44"];
    match order.copay_yen {
        None => "00",
        Some(_) if order.tokki.iter().any(|t| REPEATED.contains(t)) => "02",
        Some(_) => "01",
    }
}

/// SN of the main insurer.
pub fn sn(order: &Order<'_>, confirmation: &str, lines: &mut Lines<'_>) {
    use common::sn as f;
    lines
        .begin(&f::LAYOUT)
        .letter(f::PAYER_KIND, kind_of(0))
        .code(f::CONFIRMATION, confirmation)
        .code(f::EDABAN, order.patient.edaban)
        .end();
}

/// レセプト種別 (別表5).
pub fn receipt_type(order: &Order<'_>) -> [u8; 4] {
    let table = score_table(order.kind);
    let publics = order.publics.len().min(4) as u8;
    let outpatient = match order.patient.age_class {
        AgeClass::Head => 2,
        AgeClass::Preschool => 4,
        AgeClass::Member => 6,
        AgeClass::Elderly => 8,
        AgeClass::ElderlyActive => 0,
    };
    let class = |digit: u8| if order.inpatient { (digit + 9) % 10 } else { digit };
    if is_public_only(order) {
        [table, 2, publics, class(2)].map(|d| b'0' + d)
    } else {
        let payer = if order.patient.late_elderly { 3 } else { 1 };
        [table, payer, publics + 1, class(outpatient)].map(|d| b'0' + d)
    }
}

/// The fields that every RE begins with.
macro_rules! begin_re {
    ($lines:expr, $record:path, $order:expr) => {{
        use $record as f;
        let mut line = $lines.begin(&f::LAYOUT);
        let receipt_type = receipt_type($order);
        line.digits(f::RECEIPT_NO, u64::from($order.receipt_no), 1)
            .code(f::RECEIPT_TYPE, std::str::from_utf8(&receipt_type).unwrap_or_default())
            .month(f::SERVICE_MONTH, $order.service_month)
            .text(f::PATIENT_NAME, $order.patient.name);
        line
    }};
}

macro_rules! person {
    ($line:expr, $record:path, $order:expr) => {{
        use $record as f;
        let p = &$order.patient;
        $line
            .letter(f::SEX, b'0' + p.sex)
            .date(f::BIRTH_DATE, p.birth)
            .int_if(f::BENEFIT_RATE, p.benefit_rate.map(i64::from))
    }};
}

/// In the plain form RE has the 検索番号 of a claim that comes again; in the insurer form MN has it.
fn search_no<'o>(order: &Order<'o>) -> &'o str {
    if order.insurer_form { "" } else { order.search_no }
}

/// 入院年月日 stands only on inpatient claims.
fn admission(line: &mut Line<'_>, field: FieldRef<tenken_parser::field::Ymd>, order: &Order<'_>) {
    if let Some(date) = order.admission.filter(|_| order.inpatient) {
        line.date(field, date);
    }
}

fn chart_no(line: &mut Line<'_>, field: FieldRef<Code>, letter: u8, order: &Order<'_>) {
    line.letter(field, letter);
    let mut digits = Vec::with_capacity(8);
    super::format::push_number(&mut digits, u64::from(order.receipt_no), 6);
    line.more(&digits);
}

fn re(order: &Order<'_>, summary: Summary, lines: &mut Lines<'_>) {
    match order.kind {
        Kind::Medical => re_medical(order, lines),
        Kind::Dpc => re_dpc(order, summary, lines),
        Kind::Dental => re_dental(order, lines),
        Kind::Pharmacy => re_pharmacy(order, lines),
        Kind::Nursing => re_nursing(order, lines),
    }
}

fn re_medical(order: &Order<'_>, lines: &mut Lines<'_>) {
    use medical::re as f;
    /// 病床数 is written by hospitals of this size for outpatients
    const LARGE: u16 = 200;
    let mut line = begin_re!(lines, medical::re, order);
    person!(line, medical::re, order);
    admission(&mut line, f::ADMISSION_DATE, order);
    line.codes(f::SPECIAL_NOTES, order.tokki.iter().copied());
    if !order.inpatient && order.institution.beds >= LARGE {
        line.int(f::BED_COUNT, i64::from(order.institution.beds));
    }
    chart_no(&mut line, f::CHART_NO, b'K', order);
    line.code(f::SEARCH_NO, search_no(order)).text(f::PATIENT_NAME_KANA, order.patient.kana).end();
}

fn re_dpc(order: &Order<'_>, summary: Summary, lines: &mut Lines<'_>) {
    use dpc::re as f;
    let mut line = begin_re!(lines, dpc::re, order);
    person!(line, dpc::re, order);
    admission(&mut line, f::ADMISSION_DATE, order);
    line.codes(f::SPECIAL_NOTES, order.tokki.iter().copied());
    chart_no(&mut line, f::CHART_NO, b'C', order);
    match summary {
        Summary::Whole => line.letter(f::SUMMARY_CLASS, b'0'),
        Summary::Parent(count) => line.letter(f::SUMMARY_CLASS, b'1').int(f::DETAIL_COUNT, i64::from(count)),
        Summary::Subordinate => line.letter(f::SUMMARY_CLASS, b'2'),
    };
    line.code(f::SEARCH_NO, search_no(order)).text(f::PATIENT_NAME_KANA, order.patient.kana).end();
}

fn re_dental(order: &Order<'_>, lines: &mut Lines<'_>) {
    use dental::re as f;
    let mut line = begin_re!(lines, dental::re, order);
    person!(line, dental::re, order);
    admission(&mut line, f::ADMISSION_DATE, order);
    if !order.inpatient {
        let first = order.diseases.first();
        let start = first.map(|d| d.start).or(order.service_month.day(order.days.trailing_zeros() as u8 + 1));
        if let Some(start) = start {
            line.date(f::START_DATE, start);
        }
        line.digits(f::OUTCOME, u64::from(first.map_or(1, |d| d.outcome)), 1);
    }
    line.codes(f::SPECIAL_NOTES, order.tokki.iter().copied());
    chart_no(&mut line, f::CHART_NO, b'S', order);
    line.code(f::SEARCH_NO, search_no(order)).text(f::PATIENT_NAME_KANA, order.patient.kana).end();
}

fn re_pharmacy(order: &Order<'_>, lines: &mut Lines<'_>) {
    use pharmacy::re as f;
    let mut line = begin_re!(lines, pharmacy::re, order);
    person!(line, pharmacy::re, order).codes(f::SPECIAL_NOTES, order.tokki.iter().copied());
    if let Some(from) = order.prescriber {
        line.code(f::PRESCRIBER_PREFECTURE, &from.prefecture)
            .digits(f::PRESCRIBER_SCORE_TABLE, u64::from(from.score_table), 1)
            .code(f::PRESCRIBER_INSTITUTION_CODE, &from.code)
            .text(f::PRESCRIBER_NAME, &from.name);
    }
    line.encoded(f::DOCTOR_NAME_01, &super::texts::DOCTOR);
    chart_no(&mut line, f::DISPENSING_RECORD_NO, b'P', order);
    line.code(f::SEARCH_NO, search_no(order)).text(f::PATIENT_NAME_KANA, order.patient.kana).end();
}

fn re_nursing(order: &Order<'_>, lines: &mut Lines<'_>) {
    use nursing::re as f;
    let mut line = begin_re!(lines, nursing::re, order);
    line.text(f::PATIENT_NAME_KANA, order.patient.kana);
    person!(line, nursing::re, order).codes(f::SPECIAL_NOTES, order.tokki.iter().copied());
    chart_no(&mut line, f::NURSING_RECORD_NO, b'V', order);
    line.code(f::SEARCH_NO, search_no(order)).end();
}

/// Places of HO and KO in one kind of claim.
struct PayerPlaces {
    ho: &'static RecordLayout,
    ko: &'static RecordLayout,
    days: [FieldRef<Int>; 2],
    total: [FieldRef<Int>; 2],
    copay: [FieldRef<Int>; 2],
    /// 食事 回数 and 金額
    meals: Option<[[FieldRef<Int>; 2]; 2]>,
}

macro_rules! payer_places {
    ($kind:ident, $days:ident, $total:ident, $meals:expr) => {{
        use $kind::{ho, ko};
        PayerPlaces {
            ho: &ho::LAYOUT,
            ko: &ko::LAYOUT,
            days: [ho::$days, ko::$days],
            total: [ho::$total, ko::$total],
            copay: [ho::COPAY_YEN, ko::COPAY_YEN],
            meals: $meals,
        }
    }};
    ($kind:ident) => {{
        use $kind::{ho, ko};
        let meals = [[ho::MEAL_COUNT, ho::MEAL_YEN], [ko::MEAL_COUNT, ko::MEAL_YEN]];
        payer_places!($kind, ACTUAL_DAYS, TOTAL_POINTS, Some(meals))
    }};
}

fn places(kind: Kind) -> PayerPlaces {
    match kind {
        Kind::Medical => payer_places!(medical),
        Kind::Dpc => payer_places!(dpc),
        Kind::Dental => payer_places!(dental),
        Kind::Pharmacy => payer_places!(pharmacy, RECEPTION_COUNT, TOTAL_POINTS, None),
        Kind::Nursing => payer_places!(nursing, ACTUAL_DAYS, TOTAL_AMOUNT, None),
    }
}

/// HO 保険者レコード with these sums.
pub fn ho(order: &Order<'_>, sums: &Sums, lines: &mut Lines<'_>) {
    // 記号 and 番号 have the same places in all kinds
    const KIGO: FieldRef<Text> = medical::ho::KIGO;
    const BANGO: FieldRef<Text> = medical::ho::BANGO;
    let p = places(order.kind);
    let mut line = lines.begin(p.ho);
    line.padded(medical::ho::INSURER_NO, order.patient.insurer_no)
        .text(KIGO, order.patient.kigo)
        .text(BANGO, order.patient.bango)
        .int(p.days[0], i64::from(order.days.count_ones()))
        .int(p.total[0], sums.points[0]);
    meals(&mut line, order, sums, 0, p.meals.map(|m| m[0]), p.copay[0], order.copay_yen);
    line.end();
}

/// KO 公費レコード of the n-th public payer, from 0.
pub fn ko(order: &Order<'_>, n: usize, sums: &Sums, lines: &mut Lines<'_>) {
    let Some(public) = order.publics.get(n) else { return };
    let payer = n + 1;
    let p = places(order.kind);
    let days = if n == 0 && is_public_only(order) { order.days } else { sums.days[payer] };
    let mut line = lines.begin(p.ko);
    line.padded(medical::ko::PAYER_NO, public.payer_no)
        .code(medical::ko::RECIPIENT_NO, public.recipient_no)
        .int(p.days[1], i64::from(days.count_ones()))
        .int(p.total[1], sums.points[payer]);
    meals(&mut line, order, sums, payer, p.meals.map(|m| m[1]), p.copay[1], public.copay_yen);
    line.end();
}

/// 食事 and 負担金額, whose order differs between HO and KO.
fn meals(
    line: &mut Line<'_>,
    order: &Order<'_>,
    sums: &Sums,
    payer: usize,
    places: Option<[FieldRef<Int>; 2]>,
    copay_at: FieldRef<Int>,
    copay: Option<i64>,
) {
    let places = places.filter(|_| order.inpatient && (payer == 0 || sums.meals[payer] > 0));
    let copay_first = places.is_some_and(|[count, _]| copay_at.index() < count.index());
    if copay_first {
        line.int_if(copay_at, copay);
    }
    if let Some([count, yen]) = places {
        line.int(count, sums.meals[payer]).int(yen, sums.meal_yen[payer]);
    }
    if !copay_first {
        line.int_if(copay_at, copay);
    }
}
