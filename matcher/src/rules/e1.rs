//! E1xx 本人特定 (identification).

use tenken_parser::identifiers::has_check_digit;

use super::{Case, UNKNOWN_INSURERS, day_list};
use crate::{
    calendar::{self, Day},
    facts::ClaimFacts,
    finding::{Certainty, Disposition},
    identify::{Tier, is_similar},
    keys::{self, Likeness},
    registry::{AttributeKind, OwnerRegistry, PersonView},
};

/// 不詳請求 (E117): the insurer numbers of it, or a 番号 of sevens that no card has.
pub(super) fn is_unknown(c: &ClaimFacts<'_>, registry: &OwnerRegistry) -> bool {
    if super::is_unknown_insurer(c) {
        return true;
    }
    let Some(bango) = c.bango else { return false };
    let bango = keys::number_key(&bango.text());
    let kigo = c.kigo.map(|k| keys::number_key(&k.text())).unwrap_or_default();
    !bango.is_empty() && bango.bytes().all(|b| b == b'7') && registry.cards(&kigo, &bango).0 == Likeness::Different
}

pub(super) fn rules(case: &mut Case<'_, '_>, unknown: bool) {
    insurer_number(case, unknown);
    if case.c.scheme() == 2 {
        return;
    }
    if unknown {
        let resolved = case.person.is_some();
        let reason = if resolved {
            "不詳請求（資格不明）。生年月日・性別・氏名から該当者が一人に決まる".to_owned()
        } else {
            "不詳請求（資格不明）。該当者が決まらない。摘要の住所・連絡先で確かめる".to_owned()
        };
        case.raise("E117", if resolved { "resolved" } else { "unresolved" }, reason);
    } else if case.c.bango.is_none_or(|b| b.is_blank()) {
        case.raise("E105", "bango", "被保険者証の番号が書かれていない".to_owned());
    }
    if case.c.scheme() == 3 && !unknown {
        late_elderly_number(case);
    }
    // of another insurer: not being in the register is no finding of its own
    if case.owner.is_some() && !case.has("E101") {
        identification(case, unknown);
    }
}

fn insurer_number(case: &mut Case<'_, '_>, unknown: bool) {
    let c = case.c;
    let wrong = c.payer.filter(|p| !unknown && !has_check_digit(p) && !UNKNOWN_INSURERS.contains(p));
    if let Some(payer) = wrong {
        case.raise("E102", payer, format!("保険者番号 {payer} の検証番号が合わない"));
    }
    let retiree = c.scheme() == 4 || c.payer.is_some_and(|p| p.len() == 8 && p.starts_with("67"));
    if retiree && !is_retiree(case) {
        let cause = c.payer.unwrap_or("67");
        case.raise("E104", cause, "退職者医療は終わっている。国保の番号で請求する".to_owned());
    }
    if retiree || unknown || wrong.is_some() || case.owner.is_none() {
        return;
    }
    let Some(payer) = c.payer else { return };
    let retired = case.settings.retired.iter().find(|(no, on)| no == payer && c.span().0 >= on.epoch_days());
    if let Some((no, on)) = retired.cloned() {
        let d6 = case.settings.parameters.retired_read_through;
        let reason = format!("保険者番号 {no} は {on} に廃止されている");
        if let Some(f) = case.raise("E103", no, reason)
            && d6
        {
            f.disposition = Some(Disposition::D6);
        }
    } else if !case.is_own {
        case.raise("E101", payer, format!("保険者番号 {payer} は{}の時点で自保険者の番号ではない", c.month));
    }
}

/// The attribute 特例 = 退職 covers every day of service.
fn is_retiree(case: &Case<'_, '_>) -> bool {
    let c = case.c;
    case.person.is_some_and(|p| {
        let covers =
            |d| p.attributes(AttributeKind::SpecialResidence).any(|a| a.covers(d) && p.registry.value(a) == "退職");
        calendar::days_of(c.days_or_month(), c.month).all(covers)
    })
}

/// A child whose 出生届 may not have reached the register: examined within `grace_days` of the birth (trap 13).
fn is_newborn(case: &Case<'_, '_>) -> bool {
    let clock = case.exam.last_day().epoch_days();
    let grace = Day::from(case.settings.parameters.grace_days);
    grace > 0 && case.c.birth.is_some_and(|b| (0..=grace).contains(&(clock - b.epoch_days())))
}

fn late_elderly_number(case: &mut Case<'_, '_>) {
    let c = case.c;
    let bango = c.bango.map(|b| keys::number_key(&b.text())).unwrap_or_default();
    let eight = bango.len() == 8 && bango.bytes().all(|b| b.is_ascii_digit());
    if (!bango.is_empty() && !eight) || c.kigo.is_some_and(|k| !k.is_blank()) {
        case.raise("E120", "bango", "後期高齢者の被保険者番号は8桁で、記号はない".to_owned());
    }
}

fn identification(case: &mut Case<'_, '_>, unknown: bool) {
    let Some(id) = case.id else { return };
    let c = case.c;
    match case.person {
        Some(p) => identified(case, p, unknown),
        None if !id.tied.is_empty() => {
            let ids: Vec<&str> = id.tied.iter().map(|p| p.id()).collect();
            case.raise("E114", ids.join(","), format!("候補が{}人いて、一人に決まらない", ids.len()));
        }
        None if unknown => {}
        None if is_newborn(case) => {
            let reason = "該当する被保険者がいない。出生の届出が台帳にまだない可能性がある。届出を待って確かめる";
            if let Some(f) = case.raise("E110", "nobody", reason.to_owned()) {
                f.certainty = Certainty::Possible;
                f.disposition = Some(Disposition::D6);
            }
        }
        None if id.number_known() && !id.members().iter().any(|p| is_similar(*p, c)) => {
            case.raise(
                "E118",
                "card",
                "この番号の世帯に、生年月日も氏名も似た人がいない。ほかにも該当者がいない".to_owned(),
            );
        }
        None => {
            case.raise("E110", "nobody", "どの照合でも該当する被保険者がいない".to_owned());
        }
    }
}

fn identified(case: &mut Case<'_, '_>, p: PersonView<'_>, unknown: bool) {
    let (Some(id), c) = (case.id, case.c) else { return };
    let tier = id.tier.unwrap_or(Tier::T6);
    let has_number = c.bango.is_some_and(|b| !b.is_blank()) && !unknown;
    // without the sex, by a name that may have wildcards
    let certainty = if tier == Tier::T6 { Certainty::Probable } else { Certainty::Certain };
    if tier >= Tier::T5 && has_number {
        if !id.number_known() {
            let tolerate = case.settings.parameters.tolerate_number;
            let reason = "記号番号に当たる証がない。生年月日・性別・氏名から該当者が一人に決まる".to_owned();
            if let Some(f) = case.raise("E106", p.id(), reason) {
                f.certainty = certainty;
                if tolerate {
                    f.disposition = Some(Disposition::D6);
                }
            }
        } else if !id.members().iter().any(|m| m.no == p.no) {
            let reason = "記号番号は別の世帯のもの。該当者はほかの世帯にいる".to_owned();
            if let Some(f) = case.raise("E107", p.id(), reason) {
                f.certainty = certainty;
            }
        }
    }
    branch(case, p, has_number);
    if tier <= Tier::T3 && id.name == Some(Likeness::Different) {
        case.raise("E111", p.id(), "番号と生年月日は合うが、氏名がどの登録名とも異なる".to_owned());
    }
    let named = id.name.is_some_and(|n| n > Likeness::Different);
    if tier == Tier::T4 && named && c.birth.is_some() && p.birth() != c.birth {
        let how = c.birth.zip(p.birth()).map_or("", |(a, b)| slip(&a.compact(), &b.compact()));
        let reason = format!("番号と氏名は合うが、生年月日が異なる{how}");
        case.raise("E112", p.id(), reason);
    }
    if c.sex != 0 && p.sex() != 0 && p.sex() != c.sex && named && p.birth() == c.birth && id.row.is_some() {
        case.raise("E113", p.id(), "番号・生年月日・氏名は合うが、性別が異なる".to_owned());
    }
    old_number(case, p);
    if c.scheme() == 1 && matches!(c.class(), 1 | 2 | 5 | 6) {
        head_of_household(case, p);
    }
}

fn branch(case: &mut Case<'_, '_>, p: PersonView<'_>, has_number: bool) {
    let (Some(id), c) = (case.id, case.c) else { return };
    let Some(row) = id.row else { return };
    if c.scheme() == 3 || !has_number {
        return;
    }
    match (c.edaban, row.edaban) {
        (None, Some(own)) => {
            case.raise("E109", p.id(), format!("枝番が書かれていない（台帳は {own:02}）"));
        }
        (Some(written), Some(own)) if written != own => {
            let other = id
                .members()
                .iter()
                .filter(|m| m.no != p.no)
                .any(|m| m.periods().iter().any(|r| r.edaban == Some(written) && r.household == row.household));
            if other {
                let differs = c.birth.is_some() && p.birth() != c.birth;
                let reason = format!("枝番 {written:02} は世帯の別の人のもの（本人は {own:02}）");
                if let Some(f) = case.raise("E108", p.id(), reason)
                    && differs
                {
                    f.disposition = Some(Disposition::D1);
                }
            }
        }
        _ => {}
    }
}

/// How a date differs: one digit, neighbours swapped, or the year of another era.
fn slip(a: &str, b: &str) -> &'static str {
    let differing: Vec<usize> = (0..a.len().min(b.len())).filter(|i| a.as_bytes()[*i] != b.as_bytes()[*i]).collect();
    if a[4..] == b[4..] {
        let years = a[..4].parse::<i32>().unwrap_or(0) - b[..4].parse::<i32>().unwrap_or(0);
        // 明治 1867, 大正 1911, 昭和 1925, 平成 1988, 令和 2018
        const ERAS: [i32; 5] = [1867, 1911, 1925, 1988, 2018];
        if ERAS.iter().any(|x| ERAS.iter().any(|y| x != y && x - y == years)) {
            return "（元号の取り違え）";
        }
    }
    match differing[..] {
        [_] => "（1文字違い）",
        [x, y] if y == x + 1 && a.as_bytes()[x] == b.as_bytes()[y] && a.as_bytes()[y] == b.as_bytes()[x] => {
            "（桁の入れ替わり）"
        }
        _ => "",
    }
}

fn old_number(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let (Some(id), c) = (case.id, case.c) else { return };
    let Some(row) = id.row else { return };
    let registry = p.registry;
    if !matches!(registry.end_reason(row), "番号変更" | "世帯変更") {
        return;
    }
    let next = p.periods().iter().filter(|r| r.span == row.span && r.start >= row.end).min_by_key(|r| r.start);
    let Some(next) = next else { return };
    let same_insurer = registry.insurer_no(next) == registry.insurer_no(row);
    let same_number = registry.bango(next) == registry.bango(row) && registry.kigo(next) == registry.kigo(row);
    let late = case.days_with(|d| d >= next.start);
    if same_insurer && !same_number && late != 0 {
        let on = calendar::date(next.start).map(|d| d.to_string()).unwrap_or_default();
        let reason = format!("{on} に番号が変わっているのに、{} を旧番号で請求している", day_list(c.month, late));
        if let Some(f) = case.raise("E115", on, reason) {
            f.days_bad = late & c.days;
            f.days_ok = c.days & !late;
        }
    }
}

fn head_of_household(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let c = case.c;
    let first = c.span().0;
    let Some(row) = p.period_at(crate::coverage::scheme_of(c), first) else { return };
    let as_head = matches!(c.class(), 1 | 2);
    // the claim of a month in which the household changed stands under the new one
    let (from, to) = c.bounds();
    let of_number = case.id.and_then(|id| id.row).filter(|r| r.start <= to && from < r.end);
    if of_number.is_some_and(|r| r.is_head == as_head) {
        return;
    }
    // the head of the household may not be insured (擬制世帯主): then nobody can be billed as the head
    let head_is_insured = || {
        let registry = p.registry;
        let (kigo, bango) = (keys::number_key(registry.kigo(row)), keys::number_key(registry.bango(row)));
        let rows = registry.cards(&kigo, &bango).1;
        rows.iter().any(|r| r.household == row.household && r.is_head && r.start <= first && first < r.end)
    };
    if as_head != row.is_head && (row.is_head || head_is_insured()) {
        let words = |head| if head { "世帯主" } else { "世帯主でない人" };
        let reason = format!("請求は{}、台帳は{}", words(as_head), words(row.is_head));
        case.raise("E119", p.id(), reason);
    }
}
