//! The institution: the first record of a plain file, the record inside a claim, and GO at the end.

use tenken_parser::{
    Kind, Month,
    layout::{dental, medical, nursing, pharmacy},
};

use super::line::Lines;
use crate::order::Institution;

/// 国保連合会 (別表1)
const REVIEW_ORG: &str = "2";
const PHONE: &str = "03-0000-0000";
const FIRST_VOLUME: &str = "00";
const LAST_VOLUME: &str = "99";

/// 点数表 (別表3) of a kind of claim.
pub fn score_table(kind: Kind) -> u8 {
    match kind {
        Kind::Medical | Kind::Dpc => 1,
        Kind::Dental => 3,
        Kind::Pharmacy => 4,
        Kind::Nursing => 6,
    }
}

/// The fields that IR, UK, YK and HM begin with.
macro_rules! begin {
    ($lines:expr, $record:path, $at:expr) => {{
        use $record as f;
        let mut line = $lines.begin(&f::LAYOUT);
        line.code(f::REVIEW_ORG, REVIEW_ORG)
            .code(f::PREFECTURE, &$at.prefecture)
            .digits(f::SCORE_TABLE, u64::from($at.score_table), 1)
            .code(f::INSTITUTION_CODE, &$at.code);
        line
    }};
}

/// The first record of a plain file (uke-medical-dpc.md 3.1; uke-dental-pharmacy-nursing.md 3, 5, 7).
pub fn file_header(kind: Kind, at: &Institution, billing_month: Month, out: &mut Vec<u8>) {
    let mut lines = Lines::plain(out);
    if kind == Kind::Dental {
        use dental::uk as f;
        begin!(lines, dental::uk, at)
            .text(f::INSTITUTION_NAME, &at.name)
            .month(f::BILLING_MONTH, billing_month)
            .code(f::VOLUME_NO, FIRST_VOLUME)
            .end();
    } else {
        inside(kind, at, billing_month, &mut lines);
    }
}

/// The institution record of a claim: 歯科, and every kind in the insurer form.
pub fn inside(kind: Kind, at: &Institution, billing_month: Month, lines: &mut Lines<'_>) {
    match kind {
        Kind::Medical | Kind::Dpc => {
            use medical::ir as f;
            begin!(lines, medical::ir, at)
                .text(f::INSTITUTION_NAME, &at.name)
                .month(f::BILLING_MONTH, billing_month)
                .code(f::VOLUME_NO, FIRST_VOLUME)
                .end();
        }
        Kind::Dental => {
            use dental::ir as f;
            begin!(lines, dental::ir, at).month(f::BILLING_MONTH, billing_month).code(f::PHONE, PHONE).end();
        }
        Kind::Pharmacy => {
            use pharmacy::yk as f;
            begin!(lines, pharmacy::yk, at)
                .text(f::INSTITUTION_NAME, &at.name)
                .month(f::BILLING_MONTH, billing_month)
                .code(f::VOLUME_NO, FIRST_VOLUME)
                .code(f::PHONE, PHONE)
                .end();
        }
        Kind::Nursing => {
            use nursing::hm as f;
            begin!(lines, nursing::hm, at)
                .text(f::INSTITUTION_NAME, &at.name)
                .month(f::BILLING_MONTH, billing_month)
                .end();
        }
    }
}

/// 請求書 at the end of a plain file: HO and KO records, and 点 (訪問看護: 円) (uke-medical-dpc.md 1.5, rule 6).
pub fn go(kind: Kind, count: i64, points: i64, out: &mut Vec<u8>) {
    let mut lines = Lines::plain(out);
    if kind == Kind::Nursing {
        use nursing::go as f;
        lines.begin(&f::LAYOUT).int(f::TOTAL_COUNT, count).int(f::TOTAL_AMOUNT, points).end();
    } else {
        // the same places in all the others
        use medical::go as f;
        lines
            .begin(&f::LAYOUT)
            .int(f::TOTAL_COUNT, count)
            .int(f::TOTAL_POINTS, points)
            .code(f::VOLUME_NO, LAST_VOLUME)
            .end();
    }
}
