//! レセ電コード情報ファイル: MN before a claim, EX and RC behind it, and the edits of the review body and of
//! the eligibility check between them (insurer-side-files.md sections 2 to 4).

use tenken_parser::layout::review;

use super::{
    amounts::{Sums, is_public_only},
    body::Loss,
    format::push_number,
    head::{self, HeadLines},
    institution::score_table,
    line::{Lines, Origin},
    spread::{NARROW, around},
};
use crate::{order::Order, rng::Rng};

/// 補正区分
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Modify,
    Delete,
}

/// JY 事由レコード: changes the row of a line; what it becomes, if anything, must be written next.
pub fn edit(lines: &mut Lines<'_>, by: Origin, change: Change, target: u32, items: &str, reason: &str) {
    let result = match change {
        Change::Modify => Some(lines.line_no() + 2),
        Change::Delete => None,
    };
    edit_to(lines, by, change, target, items, reason, result);
}

fn edit_to(
    lines: &mut Lines<'_>,
    by: Origin,
    change: Change,
    target: u32,
    items: &str,
    reason: &str,
    result: Option<u32>,
) {
    use review::jy as f;
    lines.by(by);
    let mut line = lines.begin(&f::LAYOUT);
    line.letter(f::CHANGE_KIND, if change == Change::Modify { b'2' } else { b'3' })
        .int(f::TARGET_LINE, i64::from(target))
        .int(f::TARGET_BRANCH, 0)
        .code(f::REASON_ITEM_NOS, items)
        .code(f::REASON_CODES, reason);
    if let Some(result) = result {
        line.int(f::RESULT_LINE, i64::from(result)).int(f::RESULT_BRANCH, 0);
    }
    line.end();
}

/// レセプト管理番号, nine digits: the last of the 検索番号 if there is one.
fn management_no<'s>(order: &Order<'s>, buffer: &'s mut Vec<u8>) -> &'s str {
    const FIRST: u64 = 910_000_000;
    const DIGITS: usize = 9;
    let given = order.search_no;
    if let Some(tail) = given.len().checked_sub(DIGITS).and_then(|at| given.get(at..)) {
        return tail;
    }
    push_number(buffer, FIRST + u64::from(order.form_no) % (FIRST / 10), DIGITS);
    std::str::from_utf8(buffer).unwrap_or_default()
}

/// MN レセプト管理レコード.
pub fn open(order: &Order<'_>, lines: &mut Lines<'_>) {
    use review::mn as f;
    let (mut no, mut search) = (Vec::new(), Vec::new());
    let no = management_no(order, &mut no);
    if order.search_no.is_empty() {
        // 都道府県, 点数表, 処理年月 GYYMM, レセプト管理番号
        let era_year = u64::from(order.billing_month.year()).saturating_sub(2018);
        search.extend_from_slice(order.institution.prefecture.as_bytes());
        push_number(&mut search, u64::from(score_table(order.kind)), 1);
        search.push(b'5');
        push_number(&mut search, era_year, 2);
        push_number(&mut search, u64::from(order.billing_month.month()), 2);
        search.extend_from_slice(no.as_bytes());
    } else {
        search.extend_from_slice(order.search_no.as_bytes());
    }
    lines.by(Origin::Review);
    lines
        .begin(&f::LAYOUT)
        .code(f::MGMT_NO, no)
        .text(f::INSTITUTION_ADDRESS, "東京都架空区見本１－１")
        .code(f::SEARCH_NO, std::str::from_utf8(&search).unwrap_or_default())
        .end();
    lines.by(Origin::Billed);
}

/// The HO and KO that follow from a correction.
pub fn correct_head(order: &Order<'_>, sums: &Sums, loss: &Loss, at: &HeadLines, lines: &mut Lines<'_>) -> Sums {
    let mut after = *sums;
    for (points, gone) in after.points.iter_mut().zip(loss) {
        *points -= gone;
    }
    if loss[0] != 0 && !is_public_only(order) {
        edit(lines, Origin::Review, Change::Modify, at.ho, "", "");
        head::ho(order, &after, lines);
    }
    for n in 0..order.publics.len().min(at.ko.len()) {
        if loss[n + 1] != 0 {
            edit(lines, Origin::Review, Change::Modify, at.ko[n], "", "");
            head::ko(order, n, &after, lines);
        }
    }
    after
}

/// What the eligibility check changed: the old row (5), and an edit (6) that leads to the row as it stands in
/// the claim (1). The base rows are the new state already, so nothing else follows from it.
pub fn eligibility(order: &Order<'_>, sums: &Sums, at: &HeadLines, rng: &mut Rng, lines: &mut Lines<'_>) {
    /// 確認区分 that institutions write themselves
    const FILED: [&str; 4] = ["", "01", "02", "03"];
    let changed = !FILED.contains(&order.confirmation);
    let sometimes = rng.between(0, 3999) < i64::from(order.cut_per_mille);
    if is_public_only(order) || !(changed || sometimes) {
        return;
    }
    if changed {
        lines.by(Origin::BeforeEligibility);
        head::sn(order, "01", lines);
        let old = lines.line_no();
        edit_to(lines, Origin::Eligibility, Change::Modify, old, "3", "", Some(at.sn));
    } else {
        // the 番号 was written without its first character
        let mut before = order.clone();
        let short = order.patient.bango.char_indices().nth(1).map_or(0, |(i, _)| i);
        before.patient.bango = &order.patient.bango[short..];
        lines.by(Origin::BeforeEligibility);
        head::ho(&before, sums, lines);
        let old = lines.line_no();
        edit_to(lines, Origin::Eligibility, Change::Modify, old, "4", "", Some(at.ho));
    }
}

/// EX and RC; an EX that holds only 審査支払機関使用欄, and the second RC, have 枝番号 1.
pub fn close(rng: &mut Rng, lines: &mut Lines<'_>) {
    use review::{ex, rc};
    const OPAQUE: [u8; 160] = [b'0'; 160];
    lines.by(Origin::Review);
    lines.begin(&ex::LAYOUT).code(ex::COST_NOTICE_TARGET, "1").end();
    if rng.chance(50) {
        let length = around(rng, 40, &NARROW).clamp(1, OPAQUE.len() as i64) as usize;
        lines.by_branch(Origin::Review, 1);
        lines.begin(&ex::LAYOUT).encoded(ex::REVIEW_ORG_DATA, &OPAQUE[..length]).end();
    }
    for branch in [0, 1] {
        lines.by_branch(Origin::Review, branch);
        check_info(rng, rc::CHECK_INFO, lines);
    }
}

fn check_info(rng: &mut Rng, field: tenken_parser::field::FieldRef<tenken_parser::field::Code>, lines: &mut Lines<'_>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut digest = [0u8; 32];
    for half in digest.chunks_mut(16) {
        let mut n = rng.next();
        for digit in half {
            *digit = HEX[(n & 15) as usize];
            n >>= 4;
        }
    }
    lines.begin(&review::rc::LAYOUT).code(field, "Ver00001").more(&digest).end();
}
