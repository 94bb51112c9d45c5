//! E1xx: who the claim says it is for.

use tenken_parser::identifiers::with_check_digit;

use super::Work;
use crate::{
    calendar::{date, elderly_from, first, last, span},
    order::AgeClass,
    plan,
    registry::bango,
    tables::{Scheme, TABLES},
    town::PREFECTURE,
};

/// The birthday of somebody whom the town does not know, made of another's.
fn nobodys_birth(birth: i32) -> i32 {
    let earlier = birth - 40 * 366 - 11;
    if date(earlier).year_month().year() < 1915 { birth + 37 } else { earlier }
}

impl Work<'_> {
    pub(super) fn identity(&mut self, rule: &'static str, at: usize) -> bool {
        if !self.is_kokuho(at) || !self.is_settled(at, self.drafts[at].service) {
            return false;
        }
        let p = self.person(at);
        let (no, birth, sex, household) = (self.drafts[at].person, p.birth, p.sex, p.household);
        let own = self.district.town.kokuho.clone();
        let number = bango(self.period(at));
        let legal = p.name.legal.clone();
        let note;
        match rule {
            "E101" => {
                let body = format!("{PREFECTURE}{}", 301 + self.rng.below(90));
                self.drafts[at].changed().insurer_no = Some(with_check_digit(&body));
                note = "他の保険者の番号";
            }
            "E102" => {
                let right = own.bytes().last().unwrap_or(b'0') - b'0';
                let wrong = (right + 1 + self.rng.below(8) as u8) % 10;
                self.drafts[at].changed().insurer_no = Some(format!("{}{wrong}", &own[..own.len() - 1]));
                note = "保険者番号の検証番号";
            }
            "E104" => {
                let body = format!("67{}", &own[..own.len() - 1]);
                self.drafts[at].changed().insurer_no = Some(with_check_digit(&body));
                note = "退職の番号";
            }
            "E105" => {
                self.drafts[at].changed().bango = Some(String::new());
                note = "番号なし";
            }
            "E106" => {
                self.drafts[at].changed().bango = Some(nobodys(&number));
                note = "番号の書き誤り";
            }
            "E107" => {
                let Some(other) = self.other_household(household, birth, &legal.1) else { return false };
                self.drafts[at].changed().bango = Some(other);
                note = "他世帯の番号";
            }
            "E108" => {
                let row = self.period(at);
                let other = self.district.people.iter().enumerate().find_map(|(i, q)| {
                    let r = q.periods.last()?;
                    let same = i as u32 != no && r.bango == row.bango && r.scheme == Scheme::Kokuho;
                    (same && r.edaban != row.edaban && q.birth != birth && q.name.legal.1 != legal.1)
                        .then_some(r.edaban)
                });
                let Some(other) = other else { return false };
                self.drafts[at].changed().edaban = Some(format!("{other:02}"));
                note = "他の者の枝番";
            }
            "E109" => {
                self.drafts[at].changed().edaban = Some(String::new());
                note = "枝番なし";
            }
            "E110" | "E118" => {
                let bango = if rule == "E110" {
                    Some(nobodys(&number))
                } else {
                    self.other_household(household, birth, &legal.1)
                };
                let Some(bango) = bango else { return false };
                let c = self.drafts[at].changed();
                c.bango = Some(bango);
                c.name = Some("名無　権兵衛".to_owned());
                c.kana = Some("ナナシゴンベエ".to_owned());
                c.sex = Some(3 - sex);
                // a birthday that nobody of the town has
                c.birth = Some(nobodys_birth(birth));
                note = if rule == "E110" { "該当者なし" } else { "番号はあるが別人" };
            }
            "E111" => {
                let given = legal.0.split('　').nth(1).unwrap_or("見本").to_owned();
                let family = &TABLES.families[self.rng.below(TABLES.families.len())];
                let differs = !legal.1.starts_with(family.kana) && self.person(at).name.others.is_empty();
                if !differs || given.contains(char::is_alphanumeric) && given.is_empty() {
                    return false;
                }
                let own = TABLES.families[self.district.households[household as usize].family].kana;
                let Some(rest) = legal.1.strip_prefix(own) else { return false };
                let kana = format!("{}{rest}", family.kana);
                let c = self.drafts[at].changed();
                c.name = Some(format!("{}　{given}", family.kanji));
                c.kana = Some(kana);
                note = "氏名相違";
            }
            "E112" => {
                let day = date(birth).day_of_month();
                if !(3..=26).contains(&day) || self.lives_with_namesake(at) {
                    return false;
                }
                self.drafts[at].changed().birth = Some(birth + if day.is_multiple_of(2) { 1 } else { -1 });
                note = "生年月日相違";
            }
            "E113" => {
                self.drafts[at].changed().sex = Some(3 - sex);
                note = "性別相違";
            }
            "E117" => {
                let c = self.drafts[at].changed();
                c.bango = Some("7777777".to_owned());
                match self.rng.below(3) {
                    0 => c.insurer_no = Some("77777777".to_owned()),
                    1 => c.insurer_no = Some("77777779".to_owned()),
                    _ => {}
                }
                note = "不詳請求";
            }
            "E119" => {
                if !self.has_insured_head(at) {
                    return false;
                }
                let d = &mut self.drafts[at];
                d.class = match d.class {
                    AgeClass::Head => AgeClass::Member,
                    AgeClass::Member => AgeClass::Head,
                    _ => return false,
                };
                note = "本人家族の別";
            }
            _ => return false,
        }
        self.drafts[at].judge(&[rule], note);
        true
    }

    /// A household whose head is not insured (擬制世帯主) bills nobody as its head.
    fn has_insured_head(&self, at: usize) -> bool {
        let (own, month) = (self.period(at).household, self.drafts[at].service);
        let (from, to) = (first(month), last(month));
        let heads = self.district.people.iter().flat_map(|q| &q.periods).filter(|r| r.household == own && r.is_head);
        heads.into_iter().any(|r| r.from <= from && r.end().is_none_or(|end| end > to))
    }

    fn lives_with_namesake(&self, at: usize) -> bool {
        let p = self.person(at);
        let same =
            self.district.people.iter().filter(|q| q.household == p.household && q.name.legal.1 == p.name.legal.1);
        same.count() > 1
    }

    /// The number of a household in which nobody resembles the person.
    fn other_household(&mut self, own: u32, birth: i32, kana: &str) -> Option<String> {
        let reference = last(self.exam.plus(-1));
        // the person's own, and those that a claim of nobody is given
        let births = [birth, nobodys_birth(birth)];
        for _ in 0..50 {
            let q = &self.district.people[self.rng.below(self.district.people.len())];
            let Some(row) = q.periods.last().filter(|r| r.scheme == Scheme::Kokuho && r.covers(reference)) else {
                continue;
            };
            let alike = |o: &crate::town::Person| {
                o.periods.iter().any(|r| r.bango == row.bango)
                    && (births.contains(&o.birth)
                        || o.name.legal.1 == kana
                        || o.household == own
                        || o.periods.iter().any(|r| r.household == own))
            };
            if q.household != own && !self.district.people.iter().any(alike) {
                return Some(bango(row));
            }
        }
        None
    }

    /// Twins of one sex, without name and 枝番: nobody can tell which.
    pub(super) fn twins(&mut self) -> bool {
        let month = self.exam.plus(-1);
        let start = self.rng.below(self.district.people.len());
        let all = self.district.people.len();
        for n in 0..all {
            let i = (start + n) % all;
            let p = &self.district.people[i];
            let Some(other) = p.twin else { continue };
            let q = &self.district.people[other as usize];
            let both = [p, q].iter().all(|x| x.covered(Scheme::Kokuho, month) == crate::calendar::whole(month));
            let same = p.periods.last().map(|r| r.bango) == q.periods.last().map(|r| r.bango);
            let new = !self.drafts.iter().any(|d| d.person == i as u32 && d.changed.is_some());
            if !both || !same || p.sex != q.sex || !new {
                continue;
            }
            let Some(mut d) = plan::one_visit(self.district, i as u32, month, None, &mut self.rng) else { continue };
            let c = d.changed();
            c.edaban = Some(String::new());
            c.name = Some("？？　？？".to_owned());
            c.kana = Some(String::new());
            d.judge(&["E114"], "双子、枝番と氏名なし");
            self.drafts.push(d);
            return true;
        }
        false
    }

    /// The number before the change, on a day after it.
    pub(super) fn old_number(&mut self, at: usize) -> bool {
        let d = &self.drafts[at];
        let row = self.period(at);
        let month = d.service;
        let changed = matches!(row.from_reason, "番号変更" | "世帯変更")
            && row.from > first(month)
            && row.from <= last(month)
            && span(month, d.days).1 >= row.from;
        let judged = d.verdict.as_ref().is_some_and(|v| !v.expected.is_empty());
        if !changed || judged || d.period == 0 || d.linked || elderly_from(self.person(at).birth) == first(month) {
            return false;
        }
        let d = &mut self.drafts[at];
        d.period -= 1;
        d.verdict = None;
        d.judge(&["E115"], "変更前の番号");
        true
    }
}

/// A number that was never given out: it ends in 9.
fn nobodys(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().collect();
    if let Some(last) = digits.last_mut() {
        *last = b'9';
    }
    String::from_utf8(digits).unwrap_or_default()
}
