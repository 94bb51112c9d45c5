//! E4xx 公費・他法.

use tenken_parser::{codes, identifiers::has_check_digit};

use super::{Case, day_list, text_of};
use crate::{
    facts::Public,
    finding::{Certainty, Disposition, Severity},
    registry::{AttributeKind, PersonView, compact::AttributeRow},
};

/// 法別 of 生活保護.
const PUBLIC_ASSISTANCE: &str = "12";
/// 被爆者, whose local numbers may lack a check digit (decision 11).
const LENIENT: &str = "86";

pub(super) fn rules(case: &mut Case<'_, '_>) {
    let c = case.c;
    for public in &c.publics {
        payer_number(case, *public);
    }
    if matches!(c.scheme(), 1 | 4)
        && c.payer.is_some_and(|p| p.len() == 6 || p.starts_with("67"))
        && c.publics.iter().any(|p| law(p.payer_no) == PUBLIC_ASSISTANCE)
    {
        case.raise("E404", PUBLIC_ASSISTANCE, "生活保護の人は国保の被保険者でない（停止中を除く）".to_owned());
    }
    if c.scheme() == 2 {
        case.raise("E408", "alone", "公費単独のレセプトが保険者の分に混じっている".to_owned());
    }
    if c.third_party.is_some_and(|o| o.work) {
        let reason = "業務上・通勤の記載がある（労災・公災が先）".to_owned();
        if let Some(f) = case.raise("E407", "work", reason) {
            f.certainty = Certainty::Possible;
        }
    }
    if let Some(p) = case.person
        && p.registry.has(AttributeKind::PublicExpense)
    {
        recipients(case, p);
    }
}

/// 法別番号
fn law(payer_no: &str) -> &str {
    payer_no.get(..2).unwrap_or_default()
}

fn kind_of(law: &str) -> &'static str {
    match codes::HOBETSU.get(law, "kind", None) {
        Some("public") => "public",
        Some("local") => "local",
        Some("legacy") => "legacy",
        _ => "",
    }
}

fn payer_number(case: &mut Case<'_, '_>, public: Public<'_>) {
    let no = public.payer_no;
    if no.is_empty() {
        return;
    }
    let law = law(no);
    let checked = no.len() == 8 && has_check_digit(no);
    let (reason, lenient) = match kind_of(law) {
        "" => (format!("公費負担者番号 {no} の法別 {law} がない"), false),
        kind if !checked => (format!("公費負担者番号 {no} の検証番号が合わない"), kind == "local" || law == LENIENT),
        _ => return,
    };
    if let Some(f) = case.raise("E401", no, reason)
        && lenient
    {
        f.severity = Severity::S4;
        f.disposition = None;
    }
}

fn recipients(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let c = case.c;
    let registry = p.registry;
    let own = |public: &Public<'_>| {
        let pair = format!("{}:{}", public.payer_no, public.recipient_no);
        p.attributes(AttributeKind::PublicExpense).filter(|a| registry.value(a) == pair).collect::<Vec<_>>()
    };
    for public in &c.publics {
        let rows = own(public);
        if rows.is_empty() {
            // a local programme of the own register; those of others are not in it
            if kind_of(law(public.payer_no)) == "local" && registry.has_programme(public.payer_no) {
                let reason = format!("{} の受給者番号が台帳のこの人のものでない", public.payer_no);
                case.raise("E402", public.payer_no, reason);
            }
            continue;
        }
        let outside = case.days_with(|d| !rows.iter().any(|a| a.covers(d)));
        if outside != 0 {
            let reason = format!("{}: {} は公費の期間の外", public.payer_no, day_list(c.month, outside));
            case.raise_on_days("E403", public.payer_no, outside, reason);
        }
    }
    if c.payers() == 1 && matches!(c.scheme(), 1 | 3) {
        let first = c.span().0;
        // a programme of the nation covers some care only; a local one all of it
        let local = |a: &&AttributeRow| a.covers(first) && kind_of(law(registry.value(a))) == "local";
        if let Some(a) = p.attributes(AttributeKind::PublicExpense).find(local) {
            let payer = registry.value(a).split(':').next().unwrap_or_default().to_owned();
            let reason = format!("公費 {payer} があるのに単独で請求されている（{} から）", text_of(a.from));
            if let Some(f) = case.raise("E405", payer, reason) {
                f.disposition = Some(Disposition::D6);
            }
        }
    }
}
