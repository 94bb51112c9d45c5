//! 限度額: what a patient pays at most, and the codes that say so (eligibility-rules.md 3.1; high-cost.md 1).

use tenken_parser::Kind;

use super::{Draft, Patient};
use crate::{
    calendar::span,
    order::AgeClass,
    rng::Rng,
    tables::{Scheme, TABLES},
};

/// A limit of the month: base, and 1 % of the cost above a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cap {
    pub base: i64,
    pub threshold: i64,
    /// 割 that the patient pays
    pub burden: i64,
}

/// What the patient pays, when the limit is reached.
pub(crate) fn cap(c: Cap, cost_yen: i64) -> Option<i64> {
    let burden = cost_yen * c.burden / 10;
    let above = if c.threshold > 0 { (cost_yen - c.threshold).max(0) } else { 0 };
    let limit = c.base + (above + 50) / 100;
    (burden > limit).then_some(limit)
}

/// Inpatient claims under seventy on which the limit is written, ‰: with those above, who always show it, the
/// 85 % of volumes.md 5.4.
const WRITTEN: u32 = 760;
/// Burden in yen from which an outpatient shows the limit.
const OUTPATIENT_FROM: i64 = 58_000;

impl Patient<'_> {
    /// Puts 特記事項 and the limit on a claim.
    pub(super) fn limit(&self, scheme: Scheme, d: &mut Draft, rng: &mut Rng) {
        let p = self.p;
        let from = span(self.month, d.days).0;
        let row = p.period(scheme, from).unwrap_or_else(|| self.shown(d));
        let category = self.district.category(p, row, from);
        let elderly = matches!(d.class, AgeClass::Elderly | AgeClass::ElderlyActive);
        let burden = match d.class {
            AgeClass::Preschool => 2,
            AgeClass::Elderly if scheme == Scheme::Kouki => i64::from(category.burden),
            AgeClass::Elderly => 2,
            _ => 3,
        };
        if p.health.dialysis && matches!(d.kind, Kind::Medical | Kind::Dpc | Kind::Pharmacy) {
            let high = !elderly && matches!(category.name, "ア" | "イ");
            d.tokki.push(if high { "16" } else { "02" });
            let half = if self.halved() { 2 } else { 1 };
            let base = if high { 20_000 } else { 10_000 };
            // the cap of an outpatient of low income is lower still
            let own = TABLES.limit(category.name, self.month).filter(|_| elderly && !d.inpatient);
            let base = own.map_or(base, |l| if l.outpatient > 0 { base.min(l.outpatient) } else { base });
            d.cap = Some(Cap { base: base / half, threshold: 0, burden });
        } else if elderly || !p.has("限度額適用不可", self.month) {
            let Some(l) = TABLES.limit(category.name, self.month) else { return };
            let shown = match d.inpatient {
                _ if elderly => true,
                true => rng.per_mille(WRITTEN),
                false => d.target * burden > OUTPATIENT_FROM && rng.per_mille(700),
            };
            if !shown || d.kind == Kind::Nursing {
                return;
            }
            if !elderly {
                d.tokki.push(category.tokki);
            }
            let half = if self.halved() { 2 } else { 1 };
            let base = if elderly && !d.inpatient && l.outpatient > 0 { l.outpatient } else { l.base };
            d.cap = Some(Cap { base: base / half, threshold: l.threshold / half, burden });
        }
        if !d.publics.is_empty() || d.kind == Kind::Nursing {
            // what the public payers leave is not worked out here
            d.cap = None;
        }
    }
}
