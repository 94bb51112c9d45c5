//! From an outcome to a finding: T101 to T107 (third-party.md 4.2).

use serde_json::json;

use super::score::{Outcome, Route};
use crate::{
    catalogue,
    finding::{Certainty, Finding},
    settings::Settings,
};

/// What a T finding is about: with claim and rule its identity.
const CAUSE: &str = "third_party";

/// The rule of a route; nothing for a claim that stays off the worklist.
pub fn rule_of(route: Route) -> Option<&'static str> {
    match route {
        Route::Marked => Some("T101"),
        Route::Candidate => Some("T102"),
        Route::Food => Some("T103"),
        Route::Rosai => Some("T104"),
        Route::SelfInflicted => Some("T105"),
        Route::Sensitive => Some("T106"),
        Route::Linked => Some("T107"),
        Route::None => None,
    }
}

/// Exactly one finding for a flagged claim, by its route; none for another. What is said of a held claim quotes nothing of
/// it: route and band.
pub fn finding(outcome: &Outcome, settings: &Settings) -> Option<Finding> {
    let code = rule_of(outcome.route).filter(|code| outcome.flag && settings.is_on(code))?;
    let rule = catalogue::rule(code)?;
    let band = outcome.band.map_or("なし", |b| b.code());
    let route = outcome.route.code();
    let reason = if outcome.hold {
        format!("{route}、区分{band}。配慮を要する（案内・通知をしない）")
    } else {
        format!("{}。{route}、区分{band}、{}点", rule.name_ja, outcome.score)
    };
    let mut finding = Finding::of(rule, CAUSE, reason, settings);
    // the mark itself is certain; whose act it was, people decide
    finding.certainty = if outcome.route == Route::Marked { Certainty::Certain } else { Certainty::Possible };
    finding.evidence = if outcome.hold {
        json!({"third_party": {"route": route, "band": band, "hold": true}})
    } else {
        json!({"third_party": {
            "route": route,
            "band": band,
            "score": outcome.score,
            "hold": false,
            "evidence": outcome.evidence.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "missing": outcome.missing,
        }})
    };
    Some(finding)
}
