//! 第三者行為: episodes that must be found, and injuries that must not (third-party.md 1.2, 3 and 9).

use std::sync::LazyLock;

use tenken_parser::Kind;

use super::Work;
use crate::{
    calendar::{age, first, span},
    order::{AgeClass, Course},
    plan::Diagnosis,
    tables::rows,
};

struct Accident {
    per_100_000: u32,
    age_from: i32,
    age_to: i32,
    inpatient: bool,
    /// code, modifiers, months since it began
    diseases: Vec<(&'static str, &'static str, i32)>,
    comment: &'static str,
    text: &'static str,
    tokki: &'static str,
    items: Vec<(&'static str, &'static str, i64)>,
    expected: Vec<&'static str>,
    forbidden: Vec<&'static str>,
    note: &'static str,
}

static ACCIDENTS: LazyLock<Vec<Accident>> = LazyLock::new(|| {
    let list = |text: &'static str| text.split(';').filter(|t| !t.is_empty()).collect();
    rows(include_str!("../../data/accidents.csv"))
        .map(|r| Accident {
            per_100_000: r.number("per_100000"),
            age_from: r.number("age_from"),
            age_to: r.number("age_to"),
            inpatient: r.text("inpatient") == "1",
            diseases: r
                .text("diseases")
                .split(';')
                .filter_map(|d| {
                    let (code, months) = d.split_once(':')?;
                    let (code, modifiers) = code.split_once('+').unwrap_or((code, ""));
                    Some((code, modifiers, months.parse().unwrap_or_default()))
                })
                .collect(),
            comment: r.text("comment"),
            text: r.text("text"),
            tokki: r.text("tokki"),
            items: r
                .text("items")
                .split(';')
                .filter_map(|i| {
                    let mut parts = i.split('/');
                    Some((parts.next()?, parts.next()?, parts.next()?.parse().ok()?))
                })
                .collect(),
            expected: list(r.text("expected")),
            forbidden: list(r.text("forbidden")),
            note: r.text("note"),
        })
        .collect()
});

impl Work<'_> {
    pub(super) fn accidents(&mut self) {
        for a in ACCIDENTS.iter() {
            for _ in 0..self.count(a.per_100_000) {
                let start = self.rng.below(self.drafts.len());
                for n in 0..super::TRIES.min(self.drafts.len()) {
                    if self.accident(a, (start + n) % self.drafts.len()) {
                        break;
                    }
                }
            }
        }
    }

    fn accident(&mut self, a: &'static Accident, at: usize) -> bool {
        let p = self.person(at);
        let d = &self.drafts[at];
        let day = span(d.service, d.days).0;
        let years = age(p.birth, day);
        let fits = d.kind == Kind::Medical
            && d.inpatient == a.inpatient
            && (a.age_from..=a.age_to).contains(&years)
            && d.verdict.is_none()
            && d.publics.iter().all(|g| !matches!(&g.payer_no[..2], "15" | "21" | "52" | "54"))
            && d.service == self.exam.plus(-1)
            && !p.has("通知除外", d.service)
            && !p.has("求償", d.service)
            && match a.inpatient {
                true => d.course != Course::LongStay && d.admission.is_some_and(|x| x >= first(d.service)),
                false => d.course == Course::Ordinary,
            };
        // a second code beside the one of the elderly
        let limited = matches!(d.class, AgeClass::Elderly | AgeClass::ElderlyActive);
        if !fits || (a.tokki.is_empty() && a.expected.contains(&"T101") && limited) {
            return false;
        }
        let d = &mut self.drafts[at];
        let month = d.service;
        d.diseases.retain(|x| x.start < first(month) && !a.inpatient);
        d.diseases.truncate(2);
        for x in &mut d.diseases {
            x.main = false;
        }
        for (i, (code, modifiers, months)) in a.diseases.iter().enumerate() {
            let start = if *months == 0 { day } else { first(month.plus(-months)) + 9 };
            d.diseases.insert(i, Diagnosis { code, modifiers, start, outcome: 1, main: i == 0 });
        }
        if !a.comment.is_empty() {
            d.comments.push((a.comment, a.text));
        }
        if !a.tokki.is_empty() {
            d.tokki.push(a.tokki);
        }
        d.items.extend(a.items.iter().copied());
        let verdict = d.judge(&a.expected, a.note);
        verdict.forbidden.extend(&a.forbidden);
        true
    }
}
