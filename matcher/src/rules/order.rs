//! Suppression and the primary finding (eligibility-rules.md section 3).

use super::Case;
use crate::finding::{Certainty, Finding, Severity};

/// If the first fires, the others are not reported.
const SUPPRESSED: &[(&[&str], &[&str])] = &[
    (&["E101", "E110"], ABOUT_THE_PERSON),
    (&["E117", "E102", "E104"], &["E101"]),
    (&["E117"], &["E102"]),
    (&["E213"], &["E201", "E203", "E204", "E303", "E304", "E305"]),
    (&["E212", "E214", "E210", "E211", "E215"], &["E201", "E203"]),
    (&["E208", "E209"], &["E201", "E202", "E210"]),
    (&["E204"], &["E201", "E202", "E203", "E210", "E211", "E212", "E214", "E215"]),
    (
        &["E205"],
        &[
            "E201", "E202", "E203", "E204", "E207", "E208", "E209", "E210", "E211", "E212", "E213", "E214", "E215",
            "E216",
        ],
    ),
    (&["E501"], &["E308", "E309", "E310", "E311", "E312", "E313", "E314"]),
    (&["E907"], &["E108"]),
];

/// Groups that say nothing when it is not known who the claim is about.
const ABOUT_THE_PERSON: &[&str] = &["E2", "E3", "E5"];

pub(crate) fn suppress(case: &mut Case<'_, '_>) {
    if case.findings.len() < 2 {
        return;
    }
    if case.has("E117") && case.person.is_none() {
        case.findings.retain(|f| !ABOUT_THE_PERSON.iter().any(|g| f.rule.starts_with(g)));
    }
    for (first, others) in SUPPRESSED {
        if first.iter().any(|r| case.has(r)) {
            case.findings.retain(|f| first.contains(&f.rule) || !others.iter().any(|o| f.rule.starts_with(o)));
        }
    }
}

/// Primary whatever stands beside them: the number of the insurer itself is wrong (decisions 2 and 3).
const ALWAYS_FIRST: [&str; 3] = ["E102", "E104", "E117"];

/// T findings after every E finding that is no tag, tags last; then severity, certainty, code.
pub fn rank(f: &Finding) -> (u8, Severity, Certainty, &'static str) {
    let group = match f.rule {
        _ if f.is_tag() => 3,
        rule if rule.starts_with('T') => 2,
        rule if ALWAYS_FIRST.contains(&rule) => 0,
        _ => 1,
    };
    (group, f.severity, f.certainty, f.rule)
}

/// Orders the findings of a claim, primary first, then by rule.
pub fn primary(findings: &mut [Finding]) {
    findings.iter_mut().for_each(|f| f.is_primary = false);
    let Some(at) = (0..findings.len()).min_by_key(|i| rank(&findings[*i])) else { return };
    findings[at].is_primary = true;
    findings.sort_by(|a, b| (!a.is_primary, a.rule, &a.cause).cmp(&(!b.is_primary, b.rule, &b.cause)));
}
