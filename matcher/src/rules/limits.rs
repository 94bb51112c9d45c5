//! E308, E311, E312, E313, E317: 限度額 and 多数回 as the claim says them, against the register and the arithmetic of the
//! `benefit` crate (high-cost.md 6.1: what to check of the window's amount).

use std::collections::{BTreeSet, HashMap};

use tenken_benefit::{
    AgeBand, Law, Rate, Row, Scheme, Share, Yen,
    claim::{Claim, Part},
    hits,
    month::patient_rate,
    programmes::{CapRule, LimitClass},
    tokki::{self, Note},
};
use tenken_parser::{Kind, Month};

use super::{Case, text_of};
use crate::{
    calendar::Day,
    finding::Certainty,
    registry::{AttributeKind, PersonView},
    standing,
};

/// What these rules look up beside the register.
#[derive(Clone, Debug)]
pub struct LimitBasis {
    pub law: Law,
    /// months that count for 多数回, by owner
    pub hits: HashMap<String, KnownHits>,
}

/// Hits of one owner's households.
#[derive(Clone, Debug, Default)]
pub struct KnownHits {
    /// by scheme and household
    pub months: HashMap<(bool, String), BTreeSet<Month>>,
    /// months of treatment that were worked out; in others nobody knows
    pub worked_out: BTreeSet<Month>,
}

impl Default for LimitBasis {
    fn default() -> Self {
        Self { law: Law::shipped(), hits: HashMap::new() }
    }
}

/// 特定疾病 on the claim, with its limit in 円.
fn tokutei_of(codes: &[u8]) -> Option<i64> {
    if codes.contains(&16) { Some(20_000) } else { codes.contains(&2).then_some(10_000) }
}

/// Codes that a provider writes who has seen no certificate: no error when the true category is a lower one.
const NOT_SHOWN: [u8; 4] = [26, 29, 41, 42];

/// What the claim and the register say.
struct Seen<'c, 'r> {
    codes: Vec<u8>,
    note: Option<&'static Note>,
    band: AgeBand,
    scheme: Scheme,
    rate: Rate,
    /// the register's word on the first day of service
    own: Option<&'r str>,
    own_from: Option<Day>,
    household: Option<u32>,
    certainty: Certainty,
    law: &'c Law,
}

pub(super) fn rules<'r>(case: &mut Case<'_, 'r>, p: PersonView<'r>) {
    let c = case.c;
    if c.scheme() == 2 || (c.tokki.is_empty() && c.copay.is_none()) {
        return;
    }
    let codes: Vec<u8> = c.tokki_codes().collect();
    let note = tokki::first(codes.iter().copied());
    if note.is_none() && tokutei_of(&codes).is_none() && c.copay.is_none() {
        return;
    }
    let basis = case.limits;
    let scheme = standing::scheme_of(c.scheme());
    let band = match (scheme, c.class()) {
        (Scheme::Kouki, _) => AgeBand::SeventyFivePlus,
        (_, 7 | 8 | 9 | 0) => AgeBand::SeventyPlus,
        _ => AgeBand::Under70,
    };
    let rows_scheme = if scheme == Scheme::Kouki {
        crate::registry::rows::Scheme::Kouki
    } else {
        crate::registry::rows::Scheme::Kokuho
    };
    let first = c.span().0;
    let household = p.period_at(rows_scheme, first).map(|r| r.household);
    let on = |day| match band {
        AgeBand::Under70 => household
            .and_then(|h| p.registry.household_attributes(h, AttributeKind::IncomeUnder70).find(|a| a.covers(day))),
        _ => p.attribute_at(AttributeKind::IncomeElder, day),
    };
    let (from, to) = c.bounds();
    let same_all_month = on(from).map(|a| a.from) == on(to).map(|a| a.from);
    // like E305: with the days unknown, only what holds all month
    let row = on(first).filter(|_| c.days != 0 || same_all_month);
    let ratio = standing::burden_ratio(p, c.month);
    let (rate, _) =
        patient_rate(scheme, c.class(), c.benefit_rate, |code| code.parse().is_ok_and(|n| codes.contains(&n)), ratio);
    let seen = Seen {
        note,
        band,
        scheme,
        rate,
        own: row.map(|a| p.registry.value(a)),
        own_from: row.map(|a| a.from),
        household,
        certainty: if c.exact || same_all_month { Certainty::Certain } else { Certainty::Probable },
        law: &basis.law,
        codes,
    };
    category(case, &seen);
    specific_disease(case, p, &seen);
    amount(case, p, &seen);
    repeated(case, p, basis, &seen);
}

/// E308, first part: the code against the category on the first day of service.
fn category(case: &mut Case<'_, '_>, seen: &Seen<'_, '_>) {
    let (Some(note), Some(own)) = (seen.note, seen.own) else { return };
    let words = note.words(seen.band);
    // a code of another age: E303, E304 and E316 speak of ages
    if words.is_empty() {
        return;
    }
    let (law, month) = (seen.law, case.c.month);
    let row = |word: &str| law.categories.row(&law.limits, word, seen.band, month, Some(seen.rate)).ok();
    let Ok(own) = law.categories.printed(own) else { return };
    let Some(true_row) = row(own) else { return };
    let claimed: Vec<&Row> = words.iter().filter_map(|w| row(w)).collect();
    if claimed.is_empty() || claimed.iter().any(|r| r.key() == true_row.key()) || words.iter().any(|w| w == own) {
        return;
    }
    let lower = claimed.iter().all(|r| true_row.monthly.base < r.monthly.base);
    if seen.band.is_70_or_more() && NOT_SHOWN.contains(&note.code) && lower {
        return;
    }
    let since = seen.own_from.map_or_else(|| "なし".to_owned(), text_of);
    let reason = format!("特記事項 {}（{}）だが、台帳の所得区分は{own}（{since} から）", note.code, words.join("・"));
    if let Some(f) = case.raise("E308", since, reason) {
        f.certainty = seen.certainty;
    }
}

/// E313: 02 or 16 against the certificate.
fn specific_disease(case: &mut Case<'_, '_>, p: PersonView<'_>, seen: &Seen<'_, '_>) {
    let Some(claimed) = tokutei_of(&seen.codes) else { return };
    let reason = match standing::specific_disease(p, case.c.month) {
        None => "特定疾病の特記事項があるが、台帳に受療証の記録がない".to_owned(),
        Some(own) if own != claimed => format!("特定疾病の限度額 {} だが、台帳は {}", Yen(claimed), Yen(own)),
        Some(_) => return,
    };
    case.raise("E313", "certificate", reason);
}

/// The window's amount against the limit that the claim itself names: E311, E312, E313, else E308.
fn amount(case: &mut Case<'_, '_>, p: PersonView<'_>, seen: &Seen<'_, '_>) {
    let c = case.c;
    let Some(copay) = c.copay.map(Yen).filter(|_| !c.corrected) else { return };
    let law = seen.law;
    let tolerance = law.parameters.window_tolerance(c.month);
    let near = |expected: Yen| (copay.0 - expected.0).abs() <= tolerance.0;
    let row = |word: &str| law.categories.row(&law.limits, word, seen.band, c.month, Some(seen.rate)).ok();
    // the claim's own word; where it has none, the register's
    let rows: Vec<&Row> = match seen.note.map(|n| n.words(seen.band)).filter(|w| !w.is_empty()) {
        Some(words) => words.iter().filter_map(|w| row(w)).collect(),
        None => seen.own.and_then(row).into_iter().collect(),
    };
    let multi = seen.note.is_some_and(|n| n.multi_hit);
    let tokutei = tokutei_of(&seen.codes).and_then(|y| law.limits.find(&format!("TOKUTEI_{y}"), c.month).ok());
    if rows.is_empty() {
        return;
    }
    let birth = p.birth().or(c.birth);
    let half_by_birth = standing::has_half_month(Some(p), birth, c.month) || seen.codes.contains(&21);
    let moved =
        seen.scheme == Scheme::Kokuho && seen.household.is_some_and(|h| standing::moved_in(p.registry, h, c.month));
    let of_birth = if half_by_birth { law.parameters.birthday75_share(c.month) } else { Share::WHOLE };
    let of_move = if moved { law.parameters.move_share(c.month) } else { Share::WHOLE };
    let share = of_birth.of(of_move);
    let paid = |share: Share, tokutei| -> Vec<Yen> {
        rows.iter().filter_map(|row| window(law, case, seen, row, multi, share, tokutei)).collect()
    };
    let expected = paid(share, tokutei);
    if expected.is_empty() || expected.iter().any(|e| near(*e)) {
        return;
    }
    let is = |share, tokutei| paid(share, tokutei).into_iter().any(near);
    let shown = expected.iter().map(ToString::to_string).collect::<Vec<_>>().join("または");
    if share != Share::WHOLE && is(Share::WHOLE, tokutei) {
        let (code, why) = if half_by_birth {
            ("E311", "75歳到達月の限度額（1/2）が使われていない")
        } else {
            ("E312", "県内転居月の限度額（1/2）が使われていない")
        };
        case.raise(code, "limit", format!("{why}。一部負担金 {copay}、正しくは {shown}"));
        return;
    }
    let turns_75 = birth.is_some_and(|b| {
        let day = crate::calendar::kouki_start(b);
        let (first, last) = c.bounds();
        first <= day && day <= last
    });
    if !half_by_birth && turns_75 && is(law.parameters.birthday75_share(c.month), tokutei) {
        let reason = format!(
            "1日生まれか障害認定の人に、75歳到達月の限度額（1/2）が使われている。一部負担金 {copay}、正しくは {shown}"
        );
        case.raise("E311", "limit", reason);
        return;
    }
    if let Some(tokutei) = tokutei {
        let reason =
            format!("特定疾病の限度額 {} と一部負担金 {copay} が合わない（正しくは {shown}）", tokutei.monthly.base);
        case.raise("E313", "limit", reason);
        return;
    }
    let named = match seen.note {
        Some(note) => format!("特記事項 {}", note.code),
        None => "台帳の所得区分".to_owned(),
    };
    let reason = format!("一部負担金 {copay} が{named}の限度額から計算した {shown} と合わない");
    case.raise("E308", "amount", reason);
}

/// What the window should have taken.
fn window(
    law: &Law,
    case: &Case<'_, '_>,
    seen: &Seen<'_, '_>,
    row: &Row,
    multi_hit: bool,
    share: Share,
    tokutei: Option<&Row>,
) -> Option<Yen> {
    let c = case.c;
    let per_point = if c.kind == Kind::Nursing { 1 } else { 10 };
    let cost = Yen(c.points * per_point);
    let with_limit = c.publics.iter().filter_map(|public| {
        let programme = law.programmes.of_payer(public.payer_no);
        (programme.limit_class != LimitClass::Insurance).then_some((public, programme))
    });
    let parts: Vec<Part<'_>> = with_limit
        .map(|(public, programme)| Part {
            programme,
            cost: Yen(public.points * per_point).min(cost),
            patient_rate: programme.patient_rate,
            cap: (programme.cap_rule == CapRule::Zero).then_some(Yen::ZERO),
            written: public.copay.map(Yen),
        })
        .collect();
    let shared: Yen = parts.iter().map(|p| p.cost).sum();
    let claim = Claim {
        month: c.month,
        band: seen.band,
        row,
        inpatient: c.inpatient,
        multi_hit,
        share,
        tokutei,
        rate: seen.rate,
        insurance_only: (cost - shared).at_least_zero(),
        parts,
    };
    Some(claim.pay(law).ok()?.patient_total)
}

/// E317: the fourth month as the claim says it, against the months that are known.
fn repeated(case: &mut Case<'_, '_>, p: PersonView<'_>, basis: &LimitBasis, seen: &Seen<'_, '_>) {
    let c = case.c;
    let (Some(note), Some(household)) = (seen.note, seen.household) else { return };
    let Some(known) = basis.hits.get(&p.registry.owner) else { return };
    let kouki = seen.scheme == Scheme::Kouki;
    let row = note
        .words(seen.band)
        .first()
        .and_then(|word| seen.law.categories.row(&seen.law.limits, word, seen.band, c.month, Some(seen.rate)).ok());
    let Some(row) = row.filter(|r| r.multi_hit.is_some()) else { return };
    // where a cap for outpatients holds there is no fourth month
    if seen.band.is_70_or_more() && !c.inpatient && row.outpatient_cap.is_some() {
        return;
    }
    let own = p.periods().iter().find(|r| r.household == household);
    let Some(household_id) = own.map(|r| p.registry.household_id(r).to_owned()) else { return };
    let mut months = known.months.get(&(kouki, household_id)).cloned().unwrap_or_default();
    if !kouki {
        months.extend(standing::inherited_hits(p.registry, household));
    }
    let (needed, window) = seen.law.parameters.multi_hit(c.month);
    let earlier = hits::earlier(seen.law, &months, c.month);
    let unknown = (1..window).filter(|n| !known.worked_out.contains(&c.month.plus(-n))).count();
    let list = earlier.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
    let reason = if note.multi_hit && earlier.len() + unknown < needed {
        format!("多数回該当の特記事項 {} だが、12か月の該当は {} 回（{list}）", note.code, earlier.len())
    } else if !note.multi_hit && c.copay.is_some() && earlier.len() >= needed {
        format!("12か月の該当が {} 回（{list}）あるが、多数回該当の特記事項でない", earlier.len())
    } else {
        return;
    };
    case.raise("E317", "hits", reason);
}
