//! E7xx 時期・日付.

use tenken_parser::{Date, Month};

use super::{Case, day_list, text_of};
use crate::{
    calendar::{self, Day},
    finding::{Disposition, Severity},
};

/// Services from this month lapse after five years, earlier ones after three (民法166条).
const NEW_LIMITATION: (u16, u8) = (2020, 4);

pub(super) fn rules(case: &mut Case<'_, '_>) {
    if let Some(billed) = case.c.billing_month {
        billing(case, billed);
    }
    let c = case.c;
    if c.day_outside {
        case.raise("E705", "day", format!("{} にない日、または月の外の日が書かれている", c.month));
    }
    if let Some(admission) = c.admission
        && admission.epoch_days() > c.bounds().1
    {
        case.raise("E706", "admission", format!("入院年月日 {admission} が診療月 {} より後", c.month));
    }
    if c.days_differ {
        let reason = format!(
            "実日数 {} 日が、記録された受診日（{}）と合わない",
            c.days_n.unwrap_or(0),
            day_list(c.month, c.days)
        );
        case.raise("E707", "days", reason);
    }
    before_birth(case);
}

fn billing(case: &mut Case<'_, '_>, billed: Month) {
    let c = case.c;
    let late = billed.index() - c.month.index();
    match late {
        ..0 => {
            case.raise("E701", "month", format!("診療年月 {} が請求年月 {billed} より後", c.month));
        }
        0 => {
            case.raise("E702", "month", format!("診療した月 {} のうちに請求されている", c.month));
        }
        _ if late >= i32::from(case.settings.parameters.late_months) => {
            case.raise("E703", "month", format!("月遅れ: 診療 {}、請求 {billed}", c.month));
        }
        _ => {}
    }
    // what comes again keeps its first billing date, which only the review body knows
    if c.resubmitted {
        return;
    }
    let p = &case.settings.parameters;
    let years =
        if (c.month.year(), c.month.month()) >= NEW_LIMITATION { p.claim_years } else { p.claim_years_before_2020_04 };
    if late <= 12 * i32::from(years) {
        return;
    }
    let limit = calendar::add_years(c.month.plus(1).first_day(), years) - 1;
    if billed.first_day().epoch_days() > limit {
        case.raise("E704", "limit", format!("請求できるのは {} まで。請求は {billed}", text_of(limit)));
    }
}

fn before_birth(case: &mut Case<'_, '_>) {
    let c = case.c;
    let of_claim = c.birth.map_or(Day::MIN, Date::epoch_days);
    let of_register = case.person.and_then(|p| p.birth()).map_or(Day::MIN, Date::epoch_days);
    let birth = of_claim.max(of_register);
    if birth <= c.span().0 {
        return;
    }
    let bad = case.days_with(|d| d < birth);
    if bad != 0 {
        let when = if c.days == 0 { c.month.to_string() } else { day_list(c.month, bad) };
        let reason = format!("{when} は生年月日より前");
        case.raise_on_days("E708", "birth", bad, reason);
    }
}

/// E709 beside D4: the insured's claim to the right insurer lapses soon. The clock is the end of the 審査月.
pub(super) fn deadline(case: &mut Case<'_, '_>) {
    if !case.findings.iter().any(|f| f.disposition == Some(Disposition::D4)) {
        return;
    }
    let p = &case.settings.parameters;
    let Some(last) = calendar::date(case.c.span().1) else { return };
    let limit = calendar::add_years(last, p.ryoyohi_years);
    let clock = case.exam.last_day().epoch_days();
    if clock > limit - Day::from(p.ryoyohi_warning_days) {
        let reason = format!("療養費を正しい保険者に請求できるのは {} まで", text_of(limit));
        if let Some(f) = case.raise("E709", text_of(limit), reason) {
            f.severity = Severity::S3;
        }
    }
}
