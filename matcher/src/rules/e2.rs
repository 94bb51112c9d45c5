//! E2xx 資格期間: every day of service held against the qualification.

use super::{Case, Partition, day_list, policy, text_of};
use crate::{
    calendar::{self, Day, OPEN},
    coverage::DayState,
    finding::{Certainty, Disposition, Finding},
    registry::{AttributeKind, PersonView, compact::Span, rows::Scheme},
};

pub(super) fn rules(case: &mut Case<'_, '_>) {
    let Some(partition) = case.partition.take() else { return };
    if let Some(p) = case.person {
        if partition.undecided {
            undecided(case, &partition);
        } else {
            if partition.bad != 0 {
                bad_days(case, &partition);
            }
            last_day_of_work_insurance(case, &partition);
            special_residence_over(case, &partition, p);
        }
        contradiction(case, &partition, p);
        acquired_in_hospital(case, &partition);
        two_qualifications(case, &partition, p);
        excluded(case, p);
    }
    case.partition = Some(partition);
}

/// Names the span as cause: it keeps a finding's identity over re-checks.
fn span_id(span: Option<&Span>) -> String {
    span.map_or_else(|| "none".to_owned(), |s| format!("{}:{}", s.scheme.code(), text_of(s.acquired)))
}

fn undecided(case: &mut Case<'_, '_>, partition: &Partition<'_>) {
    let c = case.c;
    let reason = "月の途中で資格が変わるが、受診日が確かでない。受診日を照会する".to_owned();
    if let Some(f) = case.raise("E205", c.month.to_string(), reason) {
        f.certainty = Certainty::Possible;
        f.days_bad = partition.bad & c.days;
        f.days_ok = partition.ok & c.days;
        f.causes = partition.causes(c);
    }
}

fn bad_days(case: &mut Case<'_, '_>, partition: &Partition<'_>) {
    let mixed = partition.ok != 0;
    // not one day is covered: what the rules about a loss ask for
    let none_covered = !mixed && partition.elsewhere == 0;
    if partition.kouki != 0 {
        raise(case, partition, "E213", mixed);
    }
    for code in ["E208", "E209"] {
        if partition.first_of(code).is_some() {
            raise(case, partition, code, mixed);
        }
    }
    if partition.lost != 0 {
        if mixed {
            mixed_month(case, partition);
        } else if none_covered {
            let mut rules: Vec<&str> = Vec::new();
            for (_, state) in &partition.states {
                if let DayState::Lost { rule, .. } = state
                    && *rule != "E213"
                    && !rules.contains(rule)
                {
                    rules.push(rule);
                }
            }
            // before the first acquisition on every day, or it is a cause among others
            if rules.len() > 1 {
                rules.retain(|r| *r != "E202");
            }
            rules.into_iter().for_each(|r| raise(case, partition, r, false));
        }
        on_the_day_of_loss(case, partition);
    }
}

/// One finding of a rule that says why days are bad, with the policy's disposition.
fn raise(case: &mut Case<'_, '_>, partition: &Partition<'_>, code: &'static str, mixed: bool) {
    let Some((day, state)) = partition.first_of(code) else { return };
    let c = case.c;
    let days: u32 =
        partition.states.iter().filter(|(_, s)| s.rule() == code).fold(0, |m, (d, _)| m | 1 << (c.day_no(*d) - 1));
    let (cause, text) = words(case, code, day, state);
    let reason = if c.days == 0 { text } else { format!("{}: {text}", day_list(c.month, days)) };
    finish(case, partition, code, (day, state), mixed, cause, reason);
}

fn finish(
    case: &mut Case<'_, '_>,
    partition: &Partition<'_>,
    code: &'static str,
    (day, state): (Day, DayState<'_>),
    mixed: bool,
    cause: String,
    reason: String,
) {
    let c = case.c;
    let retro = partition.is_retro(state, c);
    let prov_ok = provider_confirmed(case, partition, day);
    let cand_payer = policy::cand_payer(case, state, day);
    let mut disposition = policy(case, mixed, cand_payer.as_deref(), prov_ok, retro);
    // the qualification goes on: nothing to pay back, the claim goes to the other municipality (decision 19)
    if matches!(code, "E208" | "E209") && disposition == Disposition::D4 {
        disposition = Disposition::D1;
    }
    // a pharmacy or a visiting nurse cannot know: ask first
    if code == "E214" && matches!(c.table(), crate::facts::DISPENSING | crate::facts::NURSING) {
        disposition = Disposition::D6;
    }
    if let Some(f) = case.raise(code, cause, reason) {
        f.disposition = Some(disposition);
        f.retro = retro;
        f.prov_ok = prov_ok;
        f.cand_payer = cand_payer;
        days_of(f, partition, c);
    }
}

fn days_of(f: &mut Finding, partition: &Partition<'_>, c: &crate::facts::ClaimFacts<'_>) {
    f.days_bad = partition.bad & c.days;
    f.days_ok = partition.ok & c.days;
    f.causes = partition.causes(c);
}

fn mixed_month(case: &mut Case<'_, '_>, partition: &Partition<'_>) {
    let c = case.c;
    let lost =
        partition.states.iter().copied().find(|(_, s)| matches!(s, DayState::Lost { rule, .. } if *rule != "E213"));
    let Some((day, state)) = lost else { return };
    let (cause, text) = words(case, state.rule(), day, state);
    let reason = format!(
        "{} は資格あり、{} は資格なし（{text}）",
        day_list(c.month, partition.ok),
        day_list(c.month, partition.bad)
    );
    finish(case, partition, "E204", (day, state), true, cause, reason);
}

/// Cause and sentence of a day that is not covered.
fn words(case: &Case<'_, '_>, code: &str, day: Day, state: DayState<'_>) -> (String, String) {
    let registry = case.person.map(|p| p.registry);
    match state {
        DayState::Lost { span, .. } => {
            let cause = span_id(span);
            let text = match (code, span) {
                ("E202", Some(s)) => format!("資格取得（{}）より前", text_of(s.acquired)),
                ("E213", _) => match case.person.and_then(|p| p.birth()).map(calendar::kouki_start) {
                    Some(from) if day >= from => format!("75歳到達（{}）以後は後期高齢者医療", text_of(from)),
                    _ => "後期高齢者医療の資格がある日".to_owned(),
                },
                ("E214", _) => {
                    let death = case.person.map_or(OPEN, PersonView::death);
                    if death == OPEN {
                        "死亡による喪失の後".to_owned()
                    } else {
                        format!("死亡（{}）の翌日以後", text_of(death))
                    }
                }
                (_, Some(s)) => {
                    let reason = registry.map_or("", |r| r.lost_reason(s));
                    let reason = if reason.is_empty() { "事由不明" } else { reason };
                    format!("資格喪失（{}、{reason}）以後", text_of(s.lost))
                }
                (_, None) => "資格の記録がない".to_owned(),
            };
            // the birthday decides, whatever the register says
            let cause = if code == "E213" { "kouki".to_owned() } else { cause };
            (cause, text)
        }
        DayState::Elsewhere { rule: "E208", row, .. } => (
            format!("app:{}", text_of(row.start)),
            format!("県内転出（適用終了 {}）以後。資格は続いている", text_of(row.end)),
        ),
        DayState::Elsewhere { row, .. } => (
            format!("app:{}", text_of(row.start)),
            format!("県内転入（適用開始 {}）より前。資格はある", text_of(row.start)),
        ),
        DayState::Gap { span } => (span_id(Some(span)), "適用の記録に切れ目がある".to_owned()),
        DayState::Ok => (String::new(), String::new()),
    }
}

/// `prov_ok`: confirmed at the window (01), with identifiers that the register had on the day.
pub(super) fn provider_confirmed(case: &Case<'_, '_>, partition: &Partition<'_>, day: Day) -> bool {
    let c = case.c;
    if !c.confirmed.is(&["01"]) {
        return false;
    }
    let registry = partition.coverage.person.registry;
    partition.coverage.rows_as_then_known(day).any(|row| {
        let key =
            |t: Option<crate::keys::RawText<'_>>| t.map(|t| crate::keys::number_key(&t.text())).unwrap_or_default();
        c.payer == Some(registry.insurer_no(row))
            && registry.has_number(row, &key(c.kigo), &key(c.bango))
            && (c.edaban.is_none() || row.edaban.is_none() || c.edaban == row.edaban)
    })
}

/// E206: a day of service is the day of loss itself, which is not covered.
fn on_the_day_of_loss(case: &mut Case<'_, '_>, partition: &Partition<'_>) {
    let c = case.c;
    let hit = partition.states.iter().find_map(|(d, s)| match s {
        DayState::Lost { span: Some(span), .. } if span.lost == *d => {
            let reason = partition.coverage.person.registry.lost_reason(span);
            matches!(reason, "転出" | "国外転出" | "その他" | "").then_some((*d, *span))
        }
        _ => None,
    });
    if let Some((day, span)) = hit {
        let reason = format!("{} は資格喪失日の当日（喪失日は資格がない）", text_of(day));
        if let Some(f) = case.raise("E206", span_id(Some(span)), reason) {
            f.days_bad = 1 << (c.day_no(day) - 1) & c.days;
            f.days_ok = c.days & !f.days_bad;
        }
    }
}

/// E207: the loss is the day after employee insurance began; the day before it is covered twice.
fn last_day_of_work_insurance(case: &mut Case<'_, '_>, partition: &Partition<'_>) {
    let c = case.c;
    let p = partition.coverage.person;
    let (first, last) = c.bounds();
    for span in p.spans().iter().filter(|s| s.scheme == partition.coverage.scheme) {
        let day = span.lost.saturating_sub(1);
        if span.lost == OPEN || day < first || day > last || p.registry.lost_reason(span) != "社保加入" {
            continue;
        }
        let bit = 1u32 << (c.day_no(day) - 1);
        // some registers date the loss on the first day of the other insurance itself
        let begins_on_the_loss = p.attributes(AttributeKind::OtherInsurance).any(|a| a.from == span.lost);
        if c.days & bit != 0 && !begins_on_the_loss {
            let reason = format!("{} は社保の資格取得日。国保の喪失は翌日なので両方に資格がある", text_of(day));
            let cand = policy::cand_payer(
                case,
                DayState::Lost { rule: "E211", span: Some(span), known: span.lost_known },
                day,
            );
            if let Some(f) = case.raise_on_days("E207", span_id(Some(span)), bit, reason) {
                f.cand_payer = cand;
            }
        }
    }
}

/// E216: マル学・マル遠・住所地特例 has ended and there is no ordinary qualification.
fn special_residence_over(case: &mut Case<'_, '_>, partition: &Partition<'_>, p: PersonView<'_>) {
    if partition.lost == 0 {
        return;
    }
    let rows = partition.coverage.special_residence();
    // an ended rule decides only where the qualification did not go on after it
    let ended = |d: Day| {
        let over = rows.clone().filter(|a| a.to <= d).max_by_key(|a| a.to)?;
        let went_on = partition.coverage.lost_before(d).is_some_and(|s| s.lost > over.to);
        (!went_on && rows.clone().all(|a| !a.covers(d))).then_some(over)
    };
    let bad = case.days_with(|d| partition.lost >> (case.c.day_no(d) - 1) & 1 == 1 && ended(d).is_some());
    let first = partition.states.iter().find(|(d, s)| matches!(s, DayState::Lost { .. }) && ended(*d).is_some());
    if bad != 0
        && let Some((day, _)) = first
        && let Some(a) = ended(*day)
    {
        let (value, to) = (p.registry.value(a).to_owned(), text_of(a.to));
        let reason = format!("{value} が {to} に終わり、ほかの資格がない");
        case.raise_on_days("E216", format!("{value}:{to}"), bad, reason);
    }
}

/// E217: the register contradicts itself.
fn contradiction(case: &mut Case<'_, '_>, partition: &Partition<'_>, p: PersonView<'_>) {
    let c = case.c;
    if let Some((_, DayState::Gap { span })) = partition.first_of("E217") {
        let reason = format!("{} は資格はあるが、適用の記録に切れ目がある", day_list(c.month, partition.gap));
        if let Some(f) = case.raise("E217", format!("gap:{}", span_id(Some(span))), reason) {
            days_of(f, partition, c);
        }
        return;
    }
    let scheme = partition.coverage.scheme;
    let spans = || p.spans().iter().filter(move |s| s.scheme == scheme);
    let twice = case.days_with(|d| spans().filter(|s| s.acquired <= d && d < s.lost).count() > 1);
    if twice != 0 {
        case.raise_on_days("E217", "overlap", twice, "資格の期間が重なっている".to_owned());
        return;
    }
    let (first, last) = c.bounds();
    let outside = p.periods().iter().find(|r| {
        let span = p.span_of(r);
        span.scheme == scheme && (r.start < span.acquired || r.start > span.lost) && r.start <= last && first < r.end
    });
    if let Some(row) = outside {
        let reason = format!("適用開始（{}）が資格の期間の外", text_of(row.start));
        case.raise("E217", format!("app:{}", text_of(row.start)), reason);
        return;
    }
    if scheme == Scheme::Kokuho
        && let Some(from) = p.birth().map(calendar::kouki_start)
        && let Some(span) =
            spans().find(|s| s.lost != OPEN && s.lost > from + 1 && p.registry.lost_reason(s) == "後期加入")
        && c.bounds().1 >= from
        && c.bounds().0 < span.lost
    {
        let reason = format!("75歳到達は {}、台帳の喪失は {}", text_of(from), text_of(span.lost));
        case.raise("E217", format!("75:{}", span_id(Some(span))), reason);
    }
}

/// E218: the stay began before the qualification. No error.
fn acquired_in_hospital(case: &mut Case<'_, '_>, partition: &Partition<'_>) {
    let c = case.c;
    let Some(admission) = c.admission.filter(|_| c.inpatient) else { return };
    let Some(span) = partition.coverage.span_at(c.span().0) else { return };
    if admission.epoch_days() < span.acquired {
        let reason = format!("入院（{admission}）の後に資格取得（{}）。誤りではない", text_of(span.acquired));
        case.raise("E218", span_id(Some(span)), reason);
    }
}

fn two_qualifications(case: &mut Case<'_, '_>, partition: &Partition<'_>, p: PersonView<'_>) {
    let c = case.c;
    for other in p.attributes(AttributeKind::OtherInsurance) {
        let both = case.days_with(|d| partition.ok >> (c.day_no(d) - 1) & 1 == 1 && other.covers(d));
        if both == 0 {
            continue;
        }
        let value = p.registry.value(other);
        let number = value.split(':').next().unwrap_or_default();
        let payer = policy::other_payer(case, value).map(|(kind, no)| format!("{kind}:{no}"));
        let reason = format!("{} はほかの保険（{number}）にも資格がある", day_list(c.month, both));
        if let Some(f) = case.raise_on_days("E220", format!("{number}:{}", text_of(other.from)), both, reason) {
            f.cand_payer = payer;
        }
        return;
    }
}

fn excluded(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let Some(a) = p.attributes(AttributeKind::Excluded).find(|a| case.days_with(|d| a.covers(d)) != 0) else { return };
    let bad = case.days_with(|d| a.covers(d));
    let reason = format!("{} は適用除外（{} から）", day_list(case.c.month, bad), text_of(a.from));
    case.raise_on_days("E221", text_of(a.from), bad, reason);
}
