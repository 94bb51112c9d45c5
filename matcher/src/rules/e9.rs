//! E9xx オンライン資格確認・振替分割: what the 確認区分 says against the register.

use super::{Case, day_list, e2::provider_confirmed, policy};
use crate::{calendar::OPEN, finding::Disposition};

pub(super) fn rules(case: &mut Case<'_, '_>) {
    let c = case.c;
    let unqualified =
        case.partition.as_ref().filter(|p| !p.undecided && p.bad != 0).map(|p| (p.bad & c.days, p.ok & c.days));
    match c.confirmed.confirmation {
        "04" | "11" if case.owner.is_some() && (case.person.is_none() || unqualified.is_some()) => {
            let reason = "振替で当保険者に来たが、台帳で資格が確かめられない".to_owned();
            raise(case, "E901", reason, unqualified);
        }
        "05" | "12" => {
            case.raise("E902", "part", "分割されたレセプト（当保険者の分だけ）".to_owned());
        }
        "06" => {
            case.raise("E903", "06", "審査支払機関が資格喪失を確かめ、記載の保険者に請求している".to_owned());
        }
        "07" => {
            case.raise("E904", "07", "証を回収した後の請求".to_owned());
        }
        "08" => died(case),
        "03" => {
            case.raise("E906", "03", "オンライン資格確認で確かめられていない".to_owned());
        }
        "09" | "14" => {
            case.raise("E907", c.confirmed.confirmation, "枝番が特定されている".to_owned());
        }
        "02" if unqualified.is_some() => unchanged(case, unqualified),
        "01" if unqualified.is_some() => confirmed_at_the_window(case, unqualified),
        "13" => {
            case.raise("E910", "13", "振替を試みたが、変更できなかった".to_owned());
        }
        _ => {}
    }
}

fn raise(case: &mut Case<'_, '_>, code: &'static str, reason: String, days: Option<(u32, u32)>) {
    let cause = case.c.confirmed.confirmation.to_owned();
    if let Some(f) = case.raise(code, cause, reason) {
        (f.days_bad, f.days_ok) = days.unwrap_or_default();
    }
}

fn died(case: &mut Case<'_, '_>) {
    let alive = case.person.is_some_and(|p| p.death() == OPEN);
    let reason = if alive {
        "死亡による喪失とされているが、台帳に死亡年月日がない"
    } else {
        "死亡による喪失"
    };
    if let Some(f) = case.raise("E905", "08", reason.to_owned())
        && alive
    {
        f.disposition = Some(Disposition::D9);
    }
}

/// The first bad day decides whether the change was registered after the service.
fn is_retro(case: &Case<'_, '_>) -> bool {
    case.partition.as_ref().is_some_and(|p| p.states.first().is_some_and(|(_, s)| p.is_retro(*s, case.c)))
}

fn unchanged(case: &mut Case<'_, '_>, days: Option<(u32, u32)>) {
    let retro = is_retro(case);
    let (bad, ok) = days.unwrap_or_default();
    let first = case.partition.as_ref().and_then(|p| p.states.first().copied());
    let disposition = if retro {
        let payer = first.and_then(|(day, state)| policy::cand_payer(case, state, day));
        policy::policy(case, ok != 0, payer.as_deref(), false, true)
    } else {
        Disposition::D9
    };
    let reason = format!("審査支払機関では変更なしだが、台帳では {} に資格がない", day_list(case.c.month, bad));
    raise(case, "E908", reason, days);
    if let Some(f) = case.findings.last_mut().filter(|f| f.rule == "E908") {
        f.disposition = Some(disposition);
        f.retro = retro;
    }
}

fn confirmed_at_the_window(case: &mut Case<'_, '_>, days: Option<(u32, u32)>) {
    if is_retro(case) {
        return;
    }
    let prov_ok = case
        .partition
        .as_ref()
        .is_some_and(|p| p.states.first().is_some_and(|(day, _)| provider_confirmed(case, p, *day)));
    let bad = days.unwrap_or_default().0;
    let reason = format!("窓口で資格確認済みとされているが、{} に資格がない", day_list(case.c.month, bad));
    raise(case, "E909", reason, days);
    if let Some(f) = case.findings.last_mut().filter(|f| f.rule == "E909") {
        f.prov_ok = prov_ok;
    }
}
