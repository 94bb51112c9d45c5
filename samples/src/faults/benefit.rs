//! E3xx to E5xx: share, limits, public payers, restrictions.

use tenken_parser::{Kind, identifiers::with_check_digit};

use super::Work;
use crate::{
    calendar::{age, elderly_from, first, last, school_from, span},
    order::AgeClass,
    plan::{self, PublicPayer},
    tables::Scheme,
};

impl Work<'_> {
    pub(super) fn benefit(&mut self, rule: &'static str, at: usize) -> bool {
        let month = self.drafts[at].service;
        let kokuho = self.is_kokuho(at);
        if kokuho && !self.is_settled(at, month) {
            return false;
        }
        let p = self.person(at);
        let (birth, no) = (p.birth, self.drafts[at].person);
        let day = span(month, self.drafts[at].days).0;
        let category = self.district.category(p, self.period(at), day);
        let settled = age(birth, day);
        let arrears = p.attributes.iter().any(|a| a.kind == "限度額適用不可" && a.covers(day));
        let over = p.publics.iter().find(|g| g.to.is_some_and(|t| t <= first(month))).cloned();
        let no_publics = p.publics.is_empty();
        let class = self.drafts[at].class;
        let d = &mut self.drafts[at];
        let note = match rule {
            "E301" if kokuho && class == AgeClass::Member && settled < 8 && day >= school_from(birth) => {
                d.class = AgeClass::Preschool;
                d.benefit_rate = Some(80);
                "就学後の未就学区分"
            }
            "E302" if class == AgeClass::Preschool => {
                d.class = AgeClass::Member;
                d.benefit_rate = Some(70);
                "就学前の 3 割"
            }
            // the code 29 fits both: only the class is wrong
            "E303"
                if kokuho
                    && matches!(class, AgeClass::Head | AgeClass::Member)
                    && settled >= 66
                    && category.name == "エ"
                    && d.tokki.is_empty() =>
            {
                d.class = AgeClass::Elderly;
                d.benefit_rate = Some(80);
                d.tokki = vec!["29"];
                "70 歳前の高齢区分"
            }
            "E304" if kokuho && elderly_from(birth) <= first(month) && matches!(class, AgeClass::Elderly) => {
                let head = self.period(at).is_head;
                let d = &mut self.drafts[at];
                d.class = if head { AgeClass::Head } else { AgeClass::Member };
                d.benefit_rate = Some(70);
                d.tokki.retain(|t| matches!(*t, "02" | "16"));
                d.cap = None;
                "70 歳後の一般区分"
            }
            "E305" if kokuho && class == AgeClass::Elderly => {
                d.class = AgeClass::ElderlyActive;
                d.benefit_rate = Some(70);
                d.cap = None;
                "2 割の人の 3 割"
            }
            "E305" if kokuho && class == AgeClass::ElderlyActive => {
                d.class = AgeClass::Elderly;
                d.benefit_rate = Some(80);
                d.cap = None;
                "3 割の人の 2 割"
            }
            "E306" if !kokuho && class == AgeClass::Elderly => {
                d.class = AgeClass::ElderlyActive;
                d.benefit_rate = Some(70);
                d.cap = None;
                "後期 1、2 割の人の 3 割"
            }
            "E307" if kokuho && matches!(class, AgeClass::Head | AgeClass::Member) => {
                d.benefit_rate = Some(if day % 2 == 0 { 60 } else { 50 });
                "給付割合欄"
            }
            "E309" if kokuho && arrears && d.tokki.is_empty() && matches!(class, AgeClass::Head | AgeClass::Member) => {
                d.tokki.push(category.tokki);
                "限度額適用不可"
            }
            "E310" if matches!(class, AgeClass::Elderly | AgeClass::ElderlyActive) && !d.tokki.is_empty() => {
                d.tokki.retain(|t| matches!(*t, "02" | "16"));
                d.cap = None;
                "70 歳以上の特記なし"
            }
            "E401" if no_publics && d.kind == Kind::Medical && !d.inpatient => {
                let right = with_check_digit("5413601");
                let wrong = (right.bytes().last().unwrap_or(b'0') - b'0' + 3) % 10;
                let payer_no = format!("{}{wrong}", &right[..7]);
                let recipient_no = with_check_digit(&format!("{:06}", 200_000 + no % 700_000));
                d.publics.push(PublicPayer { payer_no, recipient_no, share: 100 });
                d.cap = None;
                "公費負担者番号の検証番号"
            }
            "E403" if d.publics.is_empty() && d.kind == Kind::Medical && !d.inpatient => {
                let Some(g) = over else { return false };
                d.publics.push(PublicPayer {
                    payer_no: g.payer_no,
                    recipient_no: g.recipient_no,
                    share: g.programme.share,
                });
                d.cap = None;
                "期限の切れた公費"
            }
            "E404" if kokuho && d.publics.is_empty() && d.kind == Kind::Medical && !d.inpatient => {
                let payer_no = with_check_digit("1213901");
                let recipient_no = with_check_digit(&format!("{:06}", 300_000 + no % 600_000));
                d.publics.push(PublicPayer { payer_no, recipient_no, share: 100 });
                d.cap = None;
                "国保と生活保護の併用"
            }
            _ => return false,
        };
        self.drafts[at].judge(&[rule], note);
        true
    }

    /// An ordinary claim of somebody who has to pay in full (特別療養費).
    pub(super) fn special_treatment(&mut self) -> bool {
        let month = self.exam.plus(-1);
        self.seek("E501", "特別療養費の対象者の現物給付", |w, i| {
            let p = &w.district.people[i];
            let row = p.periods.last()?;
            let covered =
                row.scheme == Scheme::Kokuho && row.from <= first(month) && row.end().is_none_or(|e| e > last(month));
            let adult = age(p.birth, first(month)) >= 20 && p.publics.is_empty();
            let from = w.district.households[row.household as usize]
                .attributes
                .iter()
                .any(|a| a.kind == "特別療養費" && a.covers(first(month)) && a.covers(last(month)));
            (covered && adult && from).then_some(())
        })
    }

    /// A claim of somebody in custody.
    pub(super) fn custody(&mut self) -> bool {
        let month = self.exam.plus(-1);
        self.seek("E504", "拘禁中の受診", |w, i| {
            let p = &w.district.people[i];
            let row = p.periods.last()?;
            let covered =
                row.scheme == Scheme::Kokuho && row.from <= first(month) && row.end().is_none_or(|e| e > last(month));
            let held = |a: &crate::town::Attribute| a.kind == "拘禁" && a.covers(first(month)) && a.covers(last(month));
            (covered && p.attributes.iter().any(held)).then_some(())
        })
    }

    /// A visit of the next person of a sort who has none yet in this month.
    fn seek(&mut self, rule: &'static str, note: &str, fits: impl Fn(&Self, usize) -> Option<()>) -> bool {
        let all = self.district.people.len();
        let start = self.rng.below(all);
        for n in 0..all {
            let i = (start + n) % all;
            if fits(self, i).is_none() || self.drafts.iter().any(|d| d.person == i as u32) {
                continue;
            }
            let month = self.exam.plus(-1);
            let Some(mut d) = plan::one_visit(self.district, i as u32, month, None, &mut self.rng) else { continue };
            d.judge(&[rule], note);
            self.drafts.push(d);
            return true;
        }
        false
    }
}
