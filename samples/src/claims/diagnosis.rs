//! SY, SB, HS: the diagnoses ordered, and ordinary ones beside them.

use tenken_parser::{
    Date, Kind,
    layout::{dental, dpc, medical, nursing},
};

use super::{
    line::Lines,
    spread::{NARROW, around},
    texts::{Common, DISEASES},
};
use crate::{
    order::{Disease, Order},
    rng::Rng,
};

/// 未コード化傷病名
const UNCODED: &str = "0000999";

/// Years of the patient at the end of the service month.
pub fn age(order: &Order<'_>) -> i64 {
    i64::from((order.service_month.index() - order.patient.birth.year_month().index()) / 12)
}

/// Writes the diagnoses of a claim that has about `mean` of them.
pub fn write(order: &Order<'_>, mean: i64, rng: &mut Rng, lines: &mut Lines<'_>) {
    match order.kind {
        Kind::Dpc => return roles(order, rng, lines),
        Kind::Dental => return teeth(order, mean, rng, lines),
        Kind::Medical | Kind::Nursing | Kind::Pharmacy => {}
    }
    for d in order.diseases {
        one(order, d, lines);
    }
    let more = around(rng, mean, &NARROW) - order.diseases.len() as i64;
    let age = age(order);
    let more = more.max(i64::from(order.diseases.is_empty())) as usize;
    let first = rng.between(0, DISEASES.len() as i64 - 1) as usize;
    let fitting = DISEASES.iter().cycle().skip(first).take(DISEASES.len()).filter(|d| d.from_age <= age);
    for (i, d) in fitting.take(more).enumerate() {
        let start = earlier(order, rng);
        common(order, d, start, i == 0 && order.diseases.is_empty(), lines);
    }
}

/// A day in the years before the service month, not before birth.
fn earlier(order: &Order<'_>, rng: &mut Rng) -> Date {
    const DAYS: i64 = 2000;
    let first = order.service_month.first_day();
    let day = Date::from_epoch_days(first.epoch_days() - rng.between(0, DAYS) as i32).unwrap_or(first);
    day.max(order.patient.birth).min(order.service_month.last_day())
}

fn one(order: &Order<'_>, d: &Disease<'_>, lines: &mut Lines<'_>) {
    let name = if d.code == UNCODED { d.name } else { "" };
    if order.kind == Kind::Nursing {
        use nursing::sy as f;
        lines
            .begin(&f::LAYOUT)
            .code(f::DISEASE_CODE, d.code)
            .code(f::MODIFIER_CODES, d.modifiers)
            .text(f::DISEASE_NAME, name)
            .text(f::COMMENT_TEXT, d.note)
            .end();
    } else {
        use medical::sy as f;
        lines
            .begin(&f::LAYOUT)
            .code(f::DISEASE_CODE, d.code)
            .date(f::START_DATE, d.start)
            .digits(f::OUTCOME, u64::from(d.outcome), 1)
            .code(f::MODIFIER_CODES, d.modifiers)
            .text(f::DISEASE_NAME, name)
            .code(f::MAIN_DISEASE, if d.main { "01" } else { "" })
            .text(f::COMMENT_TEXT, d.note)
            .end();
    }
}

fn common(order: &Order<'_>, d: &Common, start: Date, main: bool, lines: &mut Lines<'_>) {
    if order.kind == Kind::Nursing {
        use nursing::sy as f;
        lines
            .begin(&f::LAYOUT)
            .code(f::DISEASE_CODE, d.code)
            .code(f::MODIFIER_CODES, d.modifiers)
            .encoded(f::DISEASE_NAME, &d.name)
            .end();
    } else {
        use medical::sy as f;
        lines
            .begin(&f::LAYOUT)
            .code(f::DISEASE_CODE, d.code)
            .date(f::START_DATE, start)
            .code(f::OUTCOME, "1")
            .code(f::MODIFIER_CODES, d.modifiers)
            .encoded(f::DISEASE_NAME, &d.name)
            .code(f::MAIN_DISEASE, if main { "01" } else { "" })
            .end();
    }
}

/// SB: the same disease once for each 傷病名区分 (uke-medical-dpc.md 4.2).
fn roles(order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
    use dpc::sb as f;
    const ROLES: [&str; 3] = ["11", "21", "01"];
    const BESIDE: [&str; 5] = ["41", "42", "43", "51", "52"];
    /// where nothing says better: unspecified
    const ICD10: &str = "R69";
    let main = order.diseases.iter().find(|d| d.main).or(order.diseases.first());
    for role in ROLES {
        let mut line = lines.begin(&f::LAYOUT);
        match main {
            Some(d) => line
                .code(f::DISEASE_CODE, d.code)
                .code(f::MODIFIER_CODES, d.modifiers)
                .text(f::DISEASE_NAME, if d.code == UNCODED { d.name } else { "" })
                .code(f::ICD10, ICD10)
                .code(f::DISEASE_CLASS, role)
                .text(f::COMMENT_TEXT, d.note)
                .end(),
            None => line
                .code(f::DISEASE_CODE, DISEASES[0].code)
                .code(f::ICD10, DISEASES[0].icd10)
                .code(f::DISEASE_CLASS, role)
                .end(),
        }
    }
    let mut class = BESIDE.iter();
    let others = order.diseases.iter().filter(|d| !main.is_some_and(|m| std::ptr::eq(*d, m)));
    for d in others {
        let role = class.next().copied().unwrap_or("02");
        lines
            .begin(&f::LAYOUT)
            .code(f::DISEASE_CODE, d.code)
            .code(f::MODIFIER_CODES, d.modifiers)
            .text(f::DISEASE_NAME, if d.code == UNCODED { d.name } else { "" })
            .code(f::ICD10, ICD10)
            .code(f::DISEASE_CLASS, role)
            .text(f::COMMENT_TEXT, d.note)
            .end();
    }
    let age = age(order);
    for role in class.take(rng.between(0, 4) as usize) {
        let d = rng.pick(&DISEASES);
        if d.from_age <= age {
            lines
                .begin(&f::LAYOUT)
                .code(f::DISEASE_CODE, d.code)
                .code(f::MODIFIER_CODES, d.modifiers)
                .encoded(f::DISEASE_NAME, &d.name)
                .code(f::ICD10, d.icd10)
                .code(f::DISEASE_CLASS, role)
                .end();
        }
    }
}

/// HS with the teeth (uke-dental-pharmacy-nursing.md section 3): what is ordered, and ordinary dental diseases.
fn teeth(order: &Order<'_>, mean: i64, rng: &mut Rng, lines: &mut Lines<'_>) {
    use dental::hs as f;
    const ORDINARY: [&str; 6] = ["5210002", "5234006", "5220002", "5251001", "5225001", "5239003"];
    let more = (around(rng, mean, &NARROW) - order.diseases.len() as i64).max(i64::from(order.diseases.is_empty()));
    let count = order.diseases.len() as i64 + more;
    for i in 0..count {
        let ordered = usize::try_from(i).ok().and_then(|i| order.diseases.get(i));
        let inpatient = order.inpatient;
        let mut line = lines.begin(&f::LAYOUT);
        if inpatient {
            line.date(f::START_DATE, ordered.map_or(order.service_month.first_day(), |d| d.start));
            line.digits(f::OUTCOME, u64::from(ordered.map_or(1, |d| d.outcome)), 1);
        }
        // 10qt: quadrant and tooth; state 0, part 0
        let mut codes = [*b"101100"; 8];
        let number = rng.between(1, codes.len() as i64) as usize;
        let quadrant = b'0' + rng.between(1, 4) as u8;
        for (at, code) in codes.iter_mut().take(number).enumerate() {
            (code[2], code[3]) = (quadrant, b'1' + at as u8);
        }
        line.codes(f::TOOTH_CODES, codes.iter().take(number).filter_map(|c| std::str::from_utf8(c).ok()));
        match ordered {
            Some(d) => {
                line.code(f::DISEASE_CODE, d.code)
                    .code(f::MODIFIER_CODES, d.modifiers)
                    .text(f::DISEASE_NAME, if d.code == UNCODED { d.name } else { "" })
                    .code(f::MAIN_DISEASE, if d.main && inpatient { "01" } else { "" })
                    .text(f::COMMENT_TEXT, d.note)
                    .end();
            }
            None => line.code(f::DISEASE_CODE, rng.pick::<&str>(&ORDINARY)).end(),
        }
    }
}
