//! E3xx 給付割合・年齢・限度額.

use tenken_parser::Date;

use super::{Case, text_of};
use crate::{
    calendar::{self, Day},
    coverage::date_end,
    finding::{Certainty, Disposition, Severity},
    registry::{
        AttributeKind, PersonView,
        compact::{ALWAYS, Known},
    },
};

/// From this month 後期 has a share of 20 % and the notes 41 to 44.
const TWENTY_PERCENT_FROM: (u16, u8) = (2022, 10);

/// Rules on the claim itself.
pub(super) fn of_claim(case: &mut Case<'_, '_>) {
    benefit_rate(case);
    note_missing(case);
    class_and_birth(case);
}

pub(super) fn rules(case: &mut Case<'_, '_>) {
    let Some(p) = case.person else { return };
    preschool(case, p);
    elder(case, p);
    burden_of_elder(case, p);
    burden_of_kouki(case, p);
    limit_refused(case, p);
    super::limits::rules(case, p);
    meal_class(case, p);
    relief(case, p);
}

fn is_from_october_2022(case: &Case<'_, '_>) -> bool {
    (case.c.month.year(), case.c.month.month()) >= TWENTY_PERCENT_FROM
}

/// A finding that is probable when the very day is not known.
fn probable(case: &Case<'_, '_>) -> Certainty {
    if case.c.exact { Certainty::Certain } else { Certainty::Probable }
}

/// Age at the end of the year.
fn years_old(case: &Case<'_, '_>, birth: Date) -> i32 {
    i32::from(case.c.month.year()) - i32::from(birth.year_month().year())
}

fn preschool(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let (Some(birth), class) = (p.birth(), case.c.class()) else { return };
    // whoever turns eight this year is past it
    if !matches!(class, 3 | 4) && years_old(case, birth) > 7 {
        return;
    }
    let end = calendar::preschool_end(birth);
    if matches!(class, 3 | 4) {
        let late = case.days_with(|d| d > end);
        if late != 0 {
            let reason = format!("未就学の区分だが、就学前は {} まで", text_of(end));
            case.raise_on_days("E301", text_of(end), late, reason);
        }
    } else if case.c.scheme() == 1 && case.c.span().1 <= end {
        let all = case.c.days_or_month();
        let reason = format!("{} までは就学前（2割）だが、未就学の区分でない", text_of(end));
        case.raise_on_days("E302", text_of(end), all, reason);
    }
}

fn elder(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let Some(birth) = p.birth() else { return };
    if case.c.scheme() != 1 || (matches!(case.c.class(), 1..=6) && years_old(case, birth) < 69) {
        return;
    }
    let start = calendar::elder_start(birth);
    let (first, certainty) = (case.c.span().0, probable(case));
    match case.c.class() {
        7 | 8 | 9 | 0 if first < start => {
            let reason = format!("高齢受給者の区分だが、適用は {} から", text_of(start));
            if let Some(f) = case.raise("E303", text_of(start), reason) {
                f.certainty = certainty;
            }
        }
        1 | 2 | 5 | 6 if first >= start => {
            let reason = format!("{} から高齢受給者だが、一般の区分", text_of(start));
            if let Some(f) = case.raise("E304", text_of(start), reason) {
                f.certainty = certainty;
            }
        }
        _ => {}
    }
}

/// 負担割合 in force on the first day of service.
struct Burden {
    /// 割
    ratio: u8,
    known: Known,
    from: Day,
    /// the same on every day of the month
    all_month: bool,
}

/// Nothing where the first day is not known and the month is not all alike.
fn burden(case: &Case<'_, '_>, p: PersonView<'_>) -> Option<Burden> {
    let a = p.attribute_at(AttributeKind::BurdenRatio, case.c.span().0)?;
    let (first, last) = case.c.bounds();
    let ratio = p.registry.value(a).parse().ok()?;
    let all_month = a.covers(first) && a.covers(last);
    (all_month || case.c.days != 0).then_some(Burden { ratio, known: a.known, from: a.from, all_month })
}

fn raise_burden(case: &mut Case<'_, '_>, code: &'static str, claimed: &str, own: &Burden) {
    let retro = own.known != ALWAYS && own.known > date_end(case.c.span().1);
    let certainty = if own.all_month { Certainty::Certain } else { probable(case) };
    let reason = format!("請求は{claimed}、台帳は{}割（{} から）", own.ratio, text_of(own.from));
    if let Some(f) = case.raise(code, text_of(own.from), reason) {
        f.retro = retro;
        f.certainty = certainty;
        if retro {
            f.disposition = Some(Disposition::D5);
        }
    }
}

fn burden_of_elder(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    if case.c.scheme() != 1 {
        return;
    }
    let Some(own) = burden(case, p) else { return };
    match case.c.class() {
        7 | 8 if own.ratio == 3 => raise_burden(case, "E305", "2割", &own),
        9 | 0 if own.ratio < 3 => raise_burden(case, "E305", "3割", &own),
        _ => {}
    }
}

fn burden_of_kouki(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    if case.c.scheme() != 3 {
        return;
    }
    let Some(own) = burden(case, p) else { return };
    let claimed = match case.c.class() {
        9 | 0 => 3,
        7 | 8 if !is_from_october_2022(case) => 1,
        7 | 8 => {
            let has = |codes: &[u8]| case.c.tokki_codes().any(|t| codes.contains(&t));
            if has(&[41, 43]) {
                2
            } else if has(&[42, 44, 30, 35]) {
                1
            } else {
                return;
            }
        }
        _ => return,
    };
    if claimed != own.ratio {
        raise_burden(case, "E306", &format!("{claimed}割"), &own);
    }
}

/// E307: the share written against the share of the class.
fn benefit_rate(case: &mut Case<'_, '_>) {
    let Some(rate) = case.c.benefit_rate.filter(|_| case.c.scheme() == 1) else { return };
    let share = match case.c.class() {
        3 | 4 | 7 | 8 => 80,
        _ => 70,
    };
    let known = [30, 70, 80, 90, 100].contains(&rate);
    if !known || (rate < share && rate != 30) {
        case.raise("E307", "rate", format!("給付割合 {rate} が種別（{share}）に合わない"));
    } else if rate > share {
        let reason = format!("給付割合 {rate} が種別（{share}）より高い");
        if let Some(f) = case.raise("E307", "rate", reason) {
            f.severity = Severity::S4;
            f.disposition = None;
        }
    }
}

fn limit_refused(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    let c = case.c;
    if !matches!(c.class(), 1..=6) || !c.has_tokki(26..=35) {
        return;
    }
    // like the categories, at the first day of service (decision 12); with days unknown, all month
    let first = c.span().0;
    let refused = |d| p.attribute_at(AttributeKind::LimitRefused, d);
    if let Some(a) = refused(first)
        && (c.days != 0 || refused(c.bounds().1).is_some())
    {
        let reason = "滞納のため限度額を適用できない人に、限度額の特記がある".to_owned();
        case.raise("E309", text_of(a.from), reason);
    }
}

fn note_missing(case: &mut Case<'_, '_>) {
    let c = case.c;
    let missing = match c.scheme() {
        1 => matches!(c.class(), 7 | 8 | 9 | 0) && !c.has_tokki(26..=35),
        3 => is_from_october_2022(case) && !c.has_tokki(26..=35) && !c.has_tokki(41..=44),
        _ => false,
    };
    if missing {
        case.raise("E310", "tokki", "70歳以上の所得区分を示す特記事項がない".to_owned());
    }
}

fn meal_class(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    if !p.registry.has(AttributeKind::MealClass) {
        return;
    }
    let c = case.c;
    let Some(class) = c.meal_class else { return };
    let first = c.span().0;
    let own = p.attribute_at(AttributeKind::MealClass, first);
    if c.days == 0 && p.attribute_at(AttributeKind::MealClass, c.bounds().1).map(|a| a.from) != own.map(|a| a.from) {
        return;
    }
    let certainty = probable(case);
    let reason = match own.map(|a| p.registry.value(a)) {
        None => format!("標準負担額区分 {class} だが、台帳に低所得の認定がない"),
        // 2 = more than 90 days: needs its own recognition
        Some(own) if class == "2" && own != "2" => format!("90日超の区分だが、台帳は区分 {own}"),
        Some(_) => return,
    };
    if let Some(f) = case.raise("E314", own.map_or_else(|| "none".to_owned(), |a| text_of(a.from)), reason) {
        f.certainty = certainty;
    }
}

fn relief(case: &mut Case<'_, '_>, p: PersonView<'_>) {
    if !case.c.relief {
        return;
    }
    let (first, last) = case.c.bounds();
    let known = p.periods().iter().any(|r| {
        p.registry.household_attributes(r.household, AttributeKind::Relief).any(|a| a.from <= last && first < a.to)
    });
    if !known {
        case.raise("E315", "relief", "一部負担金の減免が書かれているが、台帳に減免の記録がない".to_owned());
    }
}

/// E316: impossible whatever the register says.
fn class_and_birth(case: &mut Case<'_, '_>) {
    let c = case.c;
    let Some(birth) = c.birth else { return };
    let (first, last) = c.bounds();
    /// Well beyond the first school year, well before 70, before the earliest 障害認定.
    const SCHOOL: i32 = 8;
    const ELDER: i32 = 69;
    const DISABLED: i32 = 65;
    let reason = match (c.class(), c.scheme()) {
        (3 | 4, _) if calendar::age_on(birth, first) >= SCHOOL => "未就学の区分だが8歳以上",
        (7 | 8 | 9 | 0, 1) if calendar::age_on(birth, last) < ELDER => "高齢受給者の区分だが69歳未満",
        (_, 3) if calendar::age_on(birth, last) < DISABLED => "後期高齢者の種別だが65歳未満",
        _ => return,
    };
    case.raise("E316", "birth", reason.to_owned());
}
