//! The disposition of findings about the qualification (eligibility-rules.md 1.7).

use super::Case;
use crate::{
    coverage::DayState,
    finding::{Certainty, Disposition, Finding},
    registry::AttributeKind,
};

/// Prefecture of an insurer number.
pub(crate) fn prefecture_of(insurer_no: &str) -> &str {
    let at = if insurer_no.len() == 8 { 2 } else { 0 };
    insurer_no.get(at..at + 2).unwrap_or_default()
}

/// Chooses D1, D3, D4 or D6. The provider's agreement and the insured's 委任 are false until a reviewer
/// records them.
pub(crate) fn policy(
    case: &Case<'_, '_>,
    mixed: bool,
    cand_payer: Option<&str>,
    prov_ok: bool,
    retro: bool,
) -> Disposition {
    let c = case.c;
    if c.confirmed.is(&super::TRANSFERRED) {
        Disposition::D6
    } else if mixed {
        Disposition::D1
    } else if cand_payer.is_some_and(|p| p.starts_with(INSIDE)) && can_transfer(case) {
        Disposition::D3
    } else if !prov_ok && !retro {
        Disposition::D1
    } else {
        Disposition::D4
    }
}

/// 保険者振替: the provider lies in the prefecture, and not more than a year has gone.
fn can_transfer(case: &Case<'_, '_>) -> bool {
    let own = case.owner.map_or("", |o| prefecture_of(&o.registry.owner));
    let months = case.exam.index() - case.c.month.index();
    case.c.institution.0 == own && months <= i32::from(case.settings.parameters.transfer_months)
}

/// The probable right payer: its kind, and its number where the register knows it.
pub(crate) fn cand_payer(case: &Case<'_, '_>, state: DayState<'_>, day: crate::calendar::Day) -> Option<String> {
    let kind = match state.rule() {
        "E208" | "E209" => Some(INSIDE),
        "E213" => Some("39"),
        "E212" => Some("12"),
        "E211" => Some("社保"),
        "E215" => Some("組合"),
        _ => None,
    };
    let known = case.person.and_then(|p| {
        let a = p.attribute_at(AttributeKind::OtherInsurance, day)?;
        other_payer(case, p.registry.value(a))
    });
    match (kind, known) {
        // a number of another kind says nothing about this loss
        (Some(kind), Some((of, number))) if kind == of => Some(format!("{kind}:{number}")),
        (Some(kind), _) => Some(kind.to_owned()),
        (None, Some((of, number))) => Some(format!("{of}:{number}")),
        (None, None) => None,
    }
}

const INSIDE: &str = "県内国保";

/// Kind and number of an attribute 他保険 (`保険者番号:記号:番号`).
pub(crate) fn other_payer<'a>(case: &Case<'_, '_>, value: &'a str) -> Option<(&'static str, &'a str)> {
    let number = value.split(':').next().filter(|n| !n.is_empty())?;
    let own = case.owner.map_or("", |o| prefecture_of(&o.registry.owner));
    let kind = match number.len() {
        8 if number.starts_with("39") => "39",
        8 if number.starts_with("12") => "12",
        8 => "社保",
        // 保険者別番号 of 国保組合 begins with 3
        _ if number.as_bytes().get(2) == Some(&b'3') => "組合",
        _ if prefecture_of(number) == own => INSIDE,
        _ => "国保",
    };
    Some((kind, number))
}

/// E903: the loss is known, so E2 is certain, and the disposition is that of E2.
pub(crate) fn after(case: &mut Case<'_, '_>) {
    if !case.has("E903") {
        return;
    }
    // E206 and those after E215 are about something else than the loss
    let of_loss = |f: &Finding| ("E201".."E206").contains(&f.rule) || ("E208".."E216").contains(&f.rule);
    let first = case.findings.iter().filter(|f| of_loss(f)).min_by_key(|f| (f.severity, f.rule));
    let disposition = first.and_then(|f| f.disposition).unwrap_or(Disposition::D1);
    for f in &mut case.findings {
        if f.rule == "E903" {
            f.disposition = Some(disposition);
        } else if of_loss(f) && f.rule != "E205" {
            f.certainty = Certainty::Certain;
        }
    }
}
