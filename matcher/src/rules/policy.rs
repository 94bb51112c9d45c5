//! The disposition of findings about the qualification (eligibility-rules.md 1.7).

use super::Case;
use crate::{
    coverage::DayState,
    finding::{Disposition, Severity},
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
    inside_prefecture: bool,
    prov_ok: bool,
    retro: bool,
) -> Disposition {
    let c = case.c;
    if c.confirmed.is(&["04", "05", "11", "12"]) {
        Disposition::D6
    } else if mixed {
        Disposition::D1
    } else if inside_prefecture && can_transfer(case) {
        Disposition::D3
    } else if !prov_ok && !retro {
        Disposition::D1
    } else {
        Disposition::D4
    }
}

/// 保険者振替: the provider lies in the prefecture, and not more than a year has gone.
pub(crate) fn can_transfer(case: &Case<'_, '_>) -> bool {
    let own = case.owner.map_or("", |o| prefecture_of(&o.registry.owner));
    let months = case.exam.index() - case.c.month.index();
    case.c.institution.0 == own && months <= i32::from(case.settings.parameters.transfer_months)
}

/// The probable right payer: its kind, and its number where the register knows it.
pub(crate) fn cand_payer(case: &Case<'_, '_>, state: DayState<'_>, day: crate::calendar::Day) -> Option<String> {
    let kind = match state.rule() {
        "E208" | "E209" => "県内国保",
        "E213" => "39",
        "E212" => "12",
        "E211" => "社保",
        "E215" => "組合",
        _ => return None,
    };
    let p = case.person?;
    let number = p
        .attribute_at(AttributeKind::OtherInsurance, day)
        .map(|a| p.registry.value(a).split(':').next().unwrap_or_default().to_owned())
        .filter(|n| !n.is_empty());
    Some(number.map_or_else(|| kind.to_owned(), |n| format!("{kind}:{n}")))
}

/// Dispositions that depend on other findings: E903 follows the E2 finding.
pub(crate) fn after(case: &mut Case<'_, '_>) {
    let of_e2 = case
        .findings
        .iter()
        .filter(|f| f.rule.starts_with("E2") && f.severity <= Severity::S2)
        .min_by_key(|f| (f.severity, f.rule))
        .and_then(|f| f.disposition);
    for f in case.findings.iter_mut().filter(|f| f.rule == "E903") {
        f.disposition = of_e2.or(Some(Disposition::D1));
    }
}
