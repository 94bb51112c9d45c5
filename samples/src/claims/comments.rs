//! CO, TK, SJ: comments and details, those ordered and some of our own.

use tenken_parser::{
    Kind,
    layout::{dental, medical, nursing, pharmacy},
};

use super::{
    amounts::Sharers,
    line::Lines,
    spread::{NARROW, around},
    texts::{COMMENTS, DETAILS, Sentence},
    units::FREE_TEXT,
};
use crate::{order::Order, rng::Rng};

/// 診療識別 of a remark on the whole claim.
const WHOLE: &str = "99";

/// A free comment that belongs to a category, if there is one.
pub fn about(kind: Kind, category: &str, sharers: Sharers, rng: &mut Rng, lines: &mut Lines<'_>) {
    let start = rng.between(0, COMMENTS.len() as i64 - 1) as usize;
    let list = COMMENTS.iter().cycle().skip(start).take(COMMENTS.len());
    if let Some(found) = list.into_iter().find(|s| s.class == category) {
        own(kind, found, sharers, lines);
    }
}

/// A free comment on the whole claim.
pub fn whole(order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
    about(order.kind, WHOLE, Sharers::main(order), rng, lines);
}

fn own(kind: Kind, s: &Sentence, sharers: Sharers, lines: &mut Lines<'_>) {
    if kind == Kind::Dental {
        use dental::co as f;
        lines
            .begin(&f::LAYOUT)
            .code(f::CATEGORY, s.class)
            .letter(f::BURDEN_CLASS, sharers.class())
            .code(f::COMMENT_CODE, FREE_TEXT)
            .encoded(f::TEXT, &s.text)
            .end();
    } else {
        use medical::co as f;
        lines
            .begin(&f::LAYOUT)
            .code(f::CATEGORY, s.class)
            .letter(f::BURDEN_CLASS, sharers.class())
            .code(f::COMMENT_CODE, FREE_TEXT)
            .encoded(f::TEXT, &s.text)
            .end();
    }
}

/// The comments that the order asks for.
pub fn ordered(order: &Order<'_>, lines: &mut Lines<'_>) {
    for (code, text) in order.comments {
        one(order, code, text, lines);
    }
}

fn one(order: &Order<'_>, code: &str, text: &str, lines: &mut Lines<'_>) {
    let class = Sharers::main(order).class();
    match order.kind {
        Kind::Medical | Kind::Dpc => {
            use medical::co as f;
            let mut line = lines.begin(&f::LAYOUT);
            line.code(f::CATEGORY, WHOLE).letter(f::BURDEN_CLASS, class);
            line.code(f::COMMENT_CODE, code).text(f::TEXT, text).end();
        }
        Kind::Dental => {
            use dental::co as f;
            let mut line = lines.begin(&f::LAYOUT);
            line.code(f::CATEGORY, WHOLE).letter(f::BURDEN_CLASS, class);
            line.code(f::COMMENT_CODE, code).text(f::TEXT, text).end();
        }
        Kind::Pharmacy => {
            use pharmacy::tk as f;
            lines.begin(&f::LAYOUT).code(f::COMMENT_CODE, code).text(f::TEXT, text).end();
        }
        Kind::Nursing => {
            use nursing::co as f;
            lines.begin(&f::LAYOUT).code(f::COMMENT_CODE, code).text(f::TEXT, text).end();
        }
    }
}

/// 症状詳記: those ordered, and more on a costly claim. 調剤 and 訪問看護 have no SJ: a comment there.
pub fn details(order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
    use medical::sj as f;
    /// 07 その他 (別表23)
    const OTHER: &str = "07";
    /// 点 from which a hospital gives reasons
    const COSTLY: i64 = 100_000;
    if matches!(order.kind, Kind::Pharmacy | Kind::Nursing) {
        for text in order.details {
            one(order, FREE_TEXT, text, lines);
        }
        return;
    }
    for (i, text) in order.details.iter().enumerate() {
        // continuation records have no class
        let class = if i == 0 { OTHER } else { "" };
        lines.begin(&f::LAYOUT).code(f::DETAIL_CLASS, class).text(f::DETAIL_TEXT, text).end();
    }
    let costly = order.target >= COSTLY && rng.chance(80);
    if !costly {
        return;
    }
    for s in DETAILS.iter().take(rng.between(2, DETAILS.len() as i64) as usize) {
        let mut line = lines.begin(&f::LAYOUT);
        line.code(f::DETAIL_CLASS, s.class).encoded(f::DETAIL_TEXT, &s.text);
        // at most 2,400 bytes
        let more = around(rng, 5, &NARROW).clamp(1, 30);
        for _ in 0..more {
            line.more(&rng.pick(&DETAILS).text);
        }
        line.end();
    }
}
