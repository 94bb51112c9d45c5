//! Clean claims that resemble wrong ones: the rules that must not fire on them (eligibility-rules.md 4 and 5).

use tenken_parser::Kind;

use super::Work;
use crate::{
    calendar::{add_years, elderly_from, first, last, school_from, span},
    draw::key,
    order::AgeClass,
    tables::Scheme,
};

/// One of so many ordinary claims is watched.
const WATCHED: u64 = 150;
/// Claims that the review body asked about without finding a change, of 1000 (確認区分 02).
const ASKED: u64 = 4;

impl Work<'_> {
    pub(super) fn lookalikes(&mut self) {
        for at in 0..self.drafts.len() {
            let d = &self.drafts[at];
            let late = d.verdict.as_ref().is_some_and(|v| v.expected.iter().any(|r| *r != "E703"));
            if late || d.changed.is_some() || d.scratch.is_some() || d.pair.is_some() {
                continue;
            }
            self.lookalike(at);
        }
    }

    /// The other claims of the same person and month that were planned with this one.
    fn beside(&self, at: usize) -> impl Iterator<Item = usize> + Clone + use<'_> {
        let d = &self.drafts[at];
        let same = move |o: &usize| self.drafts[*o].person == d.person && self.drafts[*o].service == d.service;
        (0..at).rev().take_while(same).chain((at + 1..self.drafts.len()).take_while(same))
    }

    fn lookalike(&mut self, at: usize) {
        let p = self.person(at);
        let d = &self.drafts[at];
        let row = self.period(at);
        let month = d.service;
        let (from, to) = span(month, d.days);
        let roll = key(&[d.key, 41]);
        let watched = roll.is_multiple_of(WATCHED);
        let kokuho = row.scheme == Scheme::Kokuho;
        let household = &self.district.households[row.household as usize];
        let elderly = matches!(d.class, AgeClass::Elderly | AgeClass::ElderlyActive);
        let school = school_from(p.birth);
        let special = household.has("特別療養費", month);
        let wide = self.district.institutions.get(d.institution).code.ends_with('3');
        let beside = self.beside(at);
        let stayed = beside.clone().any(|o| self.drafts[o].inpatient);
        let visited = beside.clone().any(|o| !self.drafts[o].inpatient && self.drafts[o].kind == Kind::Medical);
        let alone = beside.into_iter().all(|o| self.drafts[o].pair.is_none());
        let mut found: Vec<(&'static [&'static str], &'static str)> = Vec::new();
        let mut see = |when: bool, rules: &'static [&'static str], note: &'static str| {
            if when {
                found.push((rules, note));
            }
        };
        see(p.name.shown != p.name.legal, &["E110", "E111", "E106"], "別名または異体字の氏名");
        see(p.name.shown.0.contains(|c| ('\u{E000}'..='\u{F8FF}').contains(&c)), &["E110", "E111"], "外字の氏名");
        see(wide && kokuho && roll.is_multiple_of(20), &["E105", "E106", "E110"], "全角の番号");
        see(d.class == AgeClass::Preschool && school - from < 40, &["E301", "E302"], "就学直前");
        see(from >= school && from - school < 40, &["E301", "E302"], "就学直後");
        see(d.class == AgeClass::Preschool && roll % 25 == 8, &["E301", "E302"], "未就学");
        see(kokuho && from >= school && from - school < 800 && roll % 25 == 9, &["E301", "E302"], "低学年");
        see(kokuho && elderly_from(p.birth) == first(month), &["E303", "E304"], "70 歳の翌月");
        see(
            kokuho && to < elderly_from(p.birth) && add_years(p.birth, 70) <= last(month),
            &["E303", "E304"],
            "70 歳の月",
        );
        see(kokuho && elderly && roll % 60 == 1, &["E305", "E310", "E303"], "高齢受給者");
        see(!kokuho && roll % 60 == 2, &["E306", "E310", "E213", "E101"], "後期高齢者");
        see(p.has("限度額適用不可", month) && !elderly && d.tokki.is_empty(), &["E309"], "限度額適用不可、特記なし");
        see(!d.publics.is_empty() && roll % 30 == 3, &["E401", "E403", "E404"], "正しい公費併用");
        see(special, &["E501"], "特別療養費の世帯の子または公費");
        see(p.attributes.iter().any(|a| a.kind == "拘禁" && !a.touches(month)), &["E504"], "拘禁期間の外の受診");
        see(p.twin.is_some(), &["E114", "E601", "E602", "E108"], "双子");
        see(d.inpatient && d.admission.is_some_and(|a| a < row.acquired), &["E202", "E203"], "取得前からの入院");
        see(
            alone && d.kind == Kind::Medical && if d.inpatient { visited } else { stayed },
            &["E603", "E604", "E605"],
            "入院と外来、日は別",
        );
        see(d.kind == Kind::Pharmacy && roll % 100 == 4, &["E607", "E608"], "処方元のある調剤");
        see(to == last(month) && roll % 40 == 5, &["E705", "E701"], "月末日の受診");
        see(d.days.count_ones() >= 3 && !d.inpatient && roll % 40 == 6, &["E707"], "実日数の合うもの");
        see(p.birth > first(month) && from >= p.birth, &["E708", "E202"], "出生日からの受診");
        see(kokuho && row.from_reason == "県内転入" && roll % 20 == 7, &["E209", "E202", "E203"], "県内転入後の受診");
        see(
            watched && kokuho,
            &["E101", "E102", "E104", "E105", "E109", "E115", "E117", "E118", "E307", "E703", "E909"],
            "ふつうのレセプト",
        );
        see(watched && kokuho && row.edaban > 1, &["E107", "E108", "E112", "E113", "E119"], "家族のレセプト");
        let asked = roll % 1000 < ASKED && d.confirmation == "01";
        let moved = roll % 1000 == 900 && kokuho && row.from > first(month.plus(-3));
        if asked {
            found.push((&["E908", "E909"], "確認区分 02 変更なし"));
        }
        if moved {
            found.push((&["E901"], "確認区分 04 振替、台帳に登録あり"));
        }
        let d = &mut self.drafts[at];
        if asked {
            d.confirmation = "02";
        } else if moved {
            d.confirmation = "04";
        }
        for (rules, note) in found {
            d.forbid(rules, note);
        }
    }
}
