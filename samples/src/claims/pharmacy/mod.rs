//! 調剤: Rp with drugs, and the fees of each reception (uke-dental-pharmacy-nursing.md section 5).

mod plan;
mod records;

use tenken_parser::layout::pharmacy;

pub use self::plan::Pharmacy;
use self::plan::{Prescription, is_ordered};
use super::{
    amounts::Sums,
    body::{Body, Loss},
    comments,
    insurer_form::{Change, edit},
    line::{Lines, Origin},
    texts::COMMENTS,
    units::FREE_TEXT,
};
use crate::{order::Order, rng::Rng};

impl Pharmacy<'_> {
    /// Some days of drugs taken off an Rp.
    fn cut_drugs(&self, order: &Order<'_>, at: usize, reason: &str, rng: &mut Rng, lines: &mut Lines<'_>) -> Loss {
        /// 項番 of 調剤数量 and 薬剤料 on CZ
        const ITEMS: &str = "6:14";
        let rx = &self.prescriptions[at];
        let after = Prescription { quantity: rng.between(1, rx.quantity - 1), ..*rx };
        edit(lines, Origin::Review, Change::Modify, rx.line, ITEMS, reason);
        self.dispensing(order, at as u64 + 1, &after, lines);
        let mut loss = Loss::default();
        rx.sharers.add(&mut loss, rx.amount() - after.amount());
        loss
    }
}

impl Body for Pharmacy<'_> {
    fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for rx in &self.prescriptions {
            let day = self.receptions.get(rx.reception).map_or(0, |r| 1 << (r.day - 1));
            sums.add(rx.sharers, rx.amount(), day);
        }
        for r in &self.receptions {
            sums.add(r.sharers, r.amount(), 1 << (r.day - 1));
        }
        sums
    }

    fn write(&mut self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) {
        use pharmacy::{co, tk};
        for at in 0..self.prescriptions.len() {
            let (no, rx) = (at as u64 + 1, self.prescriptions[at]);
            self.basis(no, &rx, lines);
            self.dispensing(order, no, &rx, lines);
            self.prescriptions[at].line = lines.line_no();
            self.drugs_of(&rx, lines);
            if rng.chance(60) {
                let text = &rng.pick(&COMMENTS).text;
                lines.begin(&co::LAYOUT).code(co::COMMENT_CODE, FREE_TEXT).encoded(co::TEXT, text).end();
            }
        }
        comments::ordered(order, lines);
        comments::details(order, rng, lines);
        if rng.chance(35) {
            let text = &rng.pick(&COMMENTS).text;
            lines.begin(&tk::LAYOUT).code(tk::COMMENT_CODE, FREE_TEXT).encoded(tk::TEXT, text).end();
        }
        for at in 0..self.receptions.len() {
            self.fees(order, at, &self.receptions[at].care, lines);
            self.receptions[at].line = lines.line_no();
        }
    }

    fn cut(&self, order: &Order<'_>, rng: &mut Rng, lines: &mut Lines<'_>) -> Option<Loss> {
        let reason = *rng.pick(&["A", "B", "C", "D"]);
        let main = self.sums().main(order);
        let drugs = self.prescriptions.iter().position(|p| !p.fixed && p.quantity > 1 && p.amount() * 2 <= main);
        if let Some(at) = drugs.filter(|_| rng.chance(60)) {
            return Some(self.cut_drugs(order, at, reason, rng, lines));
        }
        // the last 薬学管理料 of a reception, if it is none that was ordered
        let (at, care, gone) = self.receptions.iter().enumerate().find_map(|(at, r)| {
            let (last, before) = r.care.split_last()?;
            (last.points > 0 && last.points * 2 <= main && !is_ordered(order, last.code)).then_some((
                at,
                before,
                last.points,
            ))
        })?;
        // 項番 of the first 薬学管理料 on KI
        edit(lines, Origin::Review, Change::Modify, self.receptions[at].line, "8", reason);
        self.fees(order, at, care, lines);
        let mut loss = Loss::default();
        self.receptions[at].sharers.add(&mut loss, gone);
        Some(loss)
    }
}
