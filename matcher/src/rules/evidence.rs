//! What a finding is based on: claim values, registry values, days with causes, what was known when, basis.
//! Holds numbers and dates, never the name of a person.

use serde_json::{Map, Value, json};

use super::Case;
use crate::{
    calendar::{self, Day, OPEN},
    catalogue, keys,
    registry::{
        PersonView,
        compact::{Known, PeriodRow, Span},
    },
};

pub(super) fn attach(case: &mut Case<'_, '_>) {
    if case.findings.is_empty() {
        return;
    }
    let claim = claim_values(case);
    let registry = case.person.map(registry_values);
    let tier = tier(case);
    let month = case.c.month;
    let exact = case.c.exact;
    for f in &mut case.findings {
        let mut evidence = match f.evidence.take() {
            Value::Object(own) => own,
            _ => Map::new(),
        };
        evidence.insert("claim".into(), claim.clone());
        evidence.insert("registry".into(), registry.clone().unwrap_or(Value::Null));
        evidence.insert("tier".into(), tier.clone());
        let cause_of = |day: u8| f.causes.iter().find(|c| c.day == day).map_or(f.rule, |c| c.rule);
        let days: Vec<Value> = (1..=31u8)
            .filter_map(|d| {
                let bit = 1u32 << (d - 1);
                let bad = f.days_bad & bit != 0;
                if !bad && f.days_ok & bit == 0 {
                    return None;
                }
                let date = month.day(d)?.to_string();
                Some(if bad {
                    json!({"day": date, "ok": false, "rule": cause_of(d)})
                } else {
                    json!({"day": date, "ok": true})
                })
            })
            .collect();
        evidence.insert("days".into(), Value::Array(days));
        evidence.insert("days_exact".into(), Value::Bool(exact));
        evidence.insert("cause".into(), Value::String(f.cause.clone()));
        evidence.insert("basis".into(), json!(catalogue::rule(f.rule).map(|r| r.basis.as_str())));
        f.evidence = Value::Object(evidence);
    }
}

fn claim_values(case: &Case<'_, '_>) -> Value {
    let c = case.c;
    let text = |t: Option<keys::RawText<'_>>| t.map(|t| t.text().trim().to_owned());
    json!({
        "insurer_no": c.payer,
        "kigo": text(c.kigo),
        "bango": text(c.bango),
        "edaban": c.edaban.map(|e| format!("{e:02}")),
        "receipt_type": std::str::from_utf8(&c.receipt_type).unwrap_or_default(),
        "sex": c.sex,
        "birth_date": c.birth.map(|d| d.to_string()),
        "service_month": c.month.to_string(),
        "billing_month": c.billing_month.map(|m| m.to_string()),
        "admission_date": c.admission.map(|d| d.to_string()),
        "benefit_rate": c.benefit_rate,
        "tokki": c.tokki_codes().map(|t| format!("{t:02}")).collect::<Vec<_>>(),
        "days": c.days_n,
        "confirmation": if c.confirmed.confirmation.is_empty() { None } else { Some(c.confirmed.confirmation) },
        "public_payers": c.publics.iter().map(|p| p.payer_no).collect::<Vec<_>>(),
    })
}

fn day(d: Day) -> Option<String> {
    if d == OPEN { None } else { calendar::date(d).map(|d| d.to_string()) }
}

fn known(at: Known) -> Option<String> {
    at.moment().map(|m| m.to_string())
}

fn span_value(p: PersonView<'_>, s: &Span) -> Value {
    json!({
        "scheme": s.scheme.code(),
        "acquired_on": day(s.acquired),
        "acquired_reason": p.registry.acquired_reason(s),
        "acquired_registered_at": known(s.acquired_known),
        "lost_on": day(s.lost),
        "lost_reason": p.registry.lost_reason(s),
        "lost_registered_at": known(s.lost_known),
    })
}

fn period_value(p: PersonView<'_>, r: &PeriodRow) -> Value {
    json!({
        "insurer_no": p.registry.insurer_no(r),
        "kigo": p.registry.kigo(r),
        "bango": p.registry.bango(r),
        "edaban": r.edaban.map(|e| format!("{e:02}")),
        "household_id": p.registry.household_id(r),
        "is_head": r.is_head,
        "applied_from": day(r.start),
        "applied_to": day(r.end),
        "applied_to_reason": p.registry.end_reason(r),
        "registered_at": known(r.end_known).or_else(|| known(r.start_known)),
    })
}

fn registry_values(p: PersonView<'_>) -> Value {
    json!({
        "owner": p.registry.owner,
        "person_id": p.id(),
        "sex": p.sex(),
        "birth_date": p.birth().map(|d| d.to_string()),
        "death_date": day(p.death()),
        "spans": p.spans().iter().map(|s| span_value(p, s)).collect::<Vec<_>>(),
        "periods": p.periods().iter().map(|r| period_value(p, r)).collect::<Vec<_>>(),
    })
}

fn tier(case: &Case<'_, '_>) -> Value {
    let Some(id) = case.id else { return Value::Null };
    let likeness = |l: keys::Likeness| match l {
        keys::Likeness::Strict => "strict",
        keys::Likeness::Loose => "loose",
        keys::Likeness::Different => "different",
    };
    json!({
        "tier": id.tier.map(|t| t.code()),
        "by": id.tier.map(|t| t.title()),
        "number": likeness(id.number),
        "name": id.name.map(likeness),
        "candidates": id.tied.iter().map(|p| p.id()).collect::<Vec<_>>(),
    })
}
