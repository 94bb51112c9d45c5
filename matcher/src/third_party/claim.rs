//! From a parsed claim to what is scored: every kind, effective view (third-party.md 1.2).

use std::borrow::Cow;

use tenken_parser::{
    Claim, Date, Kind,
    claim::View,
    view::{
        comment, diagnosis,
        header::Header,
        line::Line,
        walk::{Sink, walk_with},
    },
};

use super::{
    links::Link,
    rules::Rules,
    score::{Comment, Disease, Input, Outcome, Procedure, score},
};
use crate::calendar;

/// What a claim comes to; `None` for a claim of which `third_party` has no row. `header` is that of the claim.
pub fn outcome(rules: &Rules, claim: &Claim<'_>, header: &Header<'_>, links: Vec<Link>) -> Option<Outcome> {
    if links.is_empty() && !may_matter(rules, claim, header) {
        return None;
    }
    let outcome = score(rules, &read(claim, header, links)?);
    outcome.is_row().then_some(outcome)
}

/// A cheap look: `false` means that [`outcome`] without links is `None`, for certain.
pub fn may_matter(rules: &Rules, claim: &Claim<'_>, header: &Header<'_>) -> bool {
    let mark = rules.parameters.mark_tokki.as_str();
    !matches!(claim.kind, Kind::Pharmacy | Kind::Nursing)
        && (header.common.special_notes.is_some_and(|t| t.contains(mark))
            || header.payer.is_some_and(|p| p.occupational_reason.is_some())
            || rules.may_matter(claim))
}

/// The claim as the rules see it. Nothing for a claim without a month: such a claim is a reject.
pub fn read<'a>(claim: &Claim<'a>, header: &Header<'a>, links: Vec<Link>) -> Option<Input<'a>> {
    let common = &header.common;
    let month = common.service_month?;
    let mut taken = Taken { claim, admission: None, sb: Vec::new(), input: empty(claim.kind, month, links) };
    if claim.kind == Kind::Dpc {
        taken.admission = header.admission_date();
    }
    walk_with(claim, View::Effective, *common, &mut taken, &mut Vec::new());
    let mut input = taken.input;
    if input.diseases.is_empty() {
        input.diseases = taken.sb;
    }
    let age = common.birth_date.map(|b| calendar::age_on(b, month.last_day().epoch_days()));
    input.age = age.and_then(|a| u16::try_from(a).ok());
    input.sex = common.sex.and_then(|s| s.parse().ok()).unwrap_or(0);
    input.tokki = Cow::Borrowed(common.special_notes.unwrap_or_default());
    input.occupational = header.payer.is_some_and(|p| p.occupational_reason.is_some());
    Some(input)
}

fn empty<'a>(kind: Kind, claim_month: tenken_parser::Month, links: Vec<Link>) -> Input<'a> {
    Input {
        claim_month,
        age: None,
        sex: 0,
        kind,
        tokki: Cow::Borrowed(""),
        occupational: false,
        diseases: Vec::new(),
        comments: Vec::new(),
        procedures: Vec::new(),
        links,
    }
}

/// Takes diseases, comments and codes in one pass.
struct Taken<'c, 'a> {
    claim: &'c Claim<'a>,
    /// 今回入院年月日, for SB
    admission: Option<Date>,
    /// SB, read where SY is absent
    sb: Vec<Disease<'a>>,
    input: Input<'a>,
}

impl<'a> Taken<'_, 'a> {
    fn text(&self, field: Option<tenken_parser::Field<'a>>) -> Cow<'a, str> {
        field.map_or(Cow::Borrowed(""), |f| f.text(self.claim.encoding).0)
    }
}

impl<'a> Sink<'a> for Taken<'_, 'a> {
    fn line(&mut self, line: &Line<'a>) {
        if let Some(code) = line.code {
            self.input.procedures.push(Procedure { record: line.record_no, code: Cow::Borrowed(code) });
        }
    }

    fn diagnosis(&mut self, d: &diagnosis::Diagnosis<'a>) {
        let is_sb = d.record_id.0 == *b"SB";
        let disease = Disease {
            record: d.record_no,
            code: Cow::Borrowed(d.disease_code.unwrap_or_default()),
            modifiers: Cow::Borrowed(d.modifier_codes),
            name: self.text(d.disease_name),
            start: if is_sb { self.admission } else { d.start_date },
            comment: self.text(d.comment_text),
        };
        if is_sb { self.sb.push(disease) } else { self.input.diseases.push(disease) }
    }

    fn comment(&mut self, c: &comment::Comment<'a>) {
        let of_disease = matches!(&c.record_id.0, b"SY" | b"SB" | b"HS");
        // names of material are no free text
        let of_material = c.record_id.0 == *b"TO" && c.code.is_none();
        if of_disease || of_material {
            return;
        }
        let code = c.code.or(c.category.filter(|_| c.record_id.0 == *b"SJ")).unwrap_or_default();
        self.input.comments.push(Comment {
            record: c.record_no,
            kind: Cow::Owned(c.record_id.as_str().to_owned()),
            code: Cow::Borrowed(code),
            text: self.text(c.text),
        });
    }
}
