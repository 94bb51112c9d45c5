//! One claim: what the patient pays at the window, and what the insurer does not cover (high-cost.md 5 and 6).

use tenken_parser::Month;

use crate::{
    Law,
    category::AgeBand,
    limits::{NoLimit, Row, UsedRows},
    programmes::{LimitClass, Programme},
    yen::{Rate, Share, Yen},
};

/// A part of a claim that a public programme shares.
#[derive(Clone, Debug)]
pub struct Part<'l> {
    pub programme: &'l Programme,
    /// 10割, 円
    pub cost: Yen,
    /// of the cost, where the programme has a rate of its own
    pub patient_rate: Option<Rate>,
    /// 自己負担上限額 of the certificate, 円
    pub cap: Option<Yen>,
    /// written on the claim (KO 負担金額): wins over rate and cap
    pub written: Option<Yen>,
}

/// A claim: one person, month of treatment, institution, in- or outpatient.
#[derive(Clone, Debug)]
pub struct Claim<'l> {
    pub month: Month,
    pub band: AgeBand,
    /// the person's own category
    pub row: &'l Row,
    pub inpatient: bool,
    pub multi_hit: bool,
    /// 75歳到達月, 転居月
    pub share: Share,
    /// 特定疾病: the row with its limit
    pub tokutei: Option<&'l Row>,
    /// 負担割合
    pub rate: Rate,
    /// 10割 cost of the part without any programme, 円
    pub insurance_only: Yen,
    pub parts: Vec<Part<'l>>,
}

/// A part with its amounts. `None` in both: the part belongs to the insurance-only part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartPaid {
    /// not covered by the insurer, 円
    pub uncovered: Option<Yen>,
    /// the patient's share of it, 円
    pub patient: Option<Yen>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// 窓口負担, all parts, 円
    pub patient_total: Yen,
    /// cost less what the insurer pays, all parts, 円
    pub uncovered: Yen,
    /// of it the insurance-only part, 円
    pub insurance_only: Yen,
    pub parts: Vec<PartPaid>,
    /// a limit of the insurance-only part was reached
    pub reached: bool,
    pub rows: UsedRows,
    pub trace: Vec<String>,
}

/// Outpatient limit of a person of 70 or more: the cap and, for 一般Ⅱ, the relief on what has no programme.
pub(crate) fn outpatient_cap(row: &Row, share: Share) -> Option<Yen> {
    row.outpatient_cap.map(|cap| cap.share(share))
}

/// 配慮措置: never halved.
pub(crate) fn relief(row: &Row, rate: Rate, cost: Yen) -> Option<Yen> {
    row.outpatient_relief.filter(|_| rate == Rate::percent(20)).map(|amount| amount.at(cost, Share::WHOLE))
}

impl<'l> Claim<'l> {
    /// The limit of a part with a programme, and how a clerk writes it.
    fn limit_of_part(
        &self,
        law: &'l Law,
        part: &Part<'_>,
        used: &mut UsedRows,
    ) -> Result<Option<(Yen, String)>, NoLimit> {
        let senior = self.band.is_70_or_more();
        let find = |name: &str| law.limits.find(name, self.month);
        let (row, cost, multi) = match part.programme.limit_class {
            LimitClass::None | LimitClass::Insurance => return Ok(None),
            LimitClass::Own => {
                if let Some(cap) = outpatient_cap(self.row, self.share).filter(|_| senior && !self.inpatient) {
                    used.add(self.row);
                    return Ok(Some((cap, format!("{cap}（外来）"))));
                }
                (self.row, part.cost, self.multi_hit && self.inpatient && part.programme.multi_hit_inpatient)
            }
            LimitClass::Seiho => {
                let row = match (senior, self.inpatient) {
                    (false, _) => find("PUBEXP_SEIHO_U70"),
                    (true, true) => find("PUBEXP_SEIHO_70_IN"),
                    (true, false) => find("PUBEXP_SEIHO_70_OUT"),
                };
                (row?, part.cost, false)
            }
            LimitClass::Fixed => {
                let row = match (senior, self.inpatient) {
                    (false, _) => find("PUBEXP_U70"),
                    (true, true) => find("PUBEXP_70_IN"),
                    (true, false) => find("PUBEXP_70_OUT"),
                };
                (row?, part.cost, false)
            }
        };
        used.add(row);
        Ok(Some((row.limit(cost, multi, self.share), row.limit_shown(cost, multi, self.share))))
    }

    /// What is paid for the claim.
    ///
    /// # Errors
    /// A limit that has no row in the month.
    pub fn pay(&self, law: &'l Law) -> Result<Paid, NoLimit> {
        let mut paid = Paid::default();
        let minimum = law.parameters.aggregation_minimum(self.month).share(self.share);
        let tokutei = self.tokutei.map(|row| row.monthly.base.share(self.share));
        let insured_alone = |p: &&Part<'_>| p.programme.limit_class == LimitClass::Insurance;
        let is_public = |p: &&Part<'_>| p.programme.limit_class != LimitClass::Insurance;
        let with_public = self.parts.iter().any(|p| is_public(&p));
        let cost_only: Yen = self.insurance_only + self.parts.iter().filter(insured_alone).map(|p| p.cost).sum();
        let (mut counted_cost, mut counted_share) = (Yen::ZERO, Yen::ZERO);

        for (no, part) in self.parts.iter().enumerate() {
            let name = format!("公費{}（法別{}）", no + 1, part.programme.code);
            match part.programme.limit_class {
                LimitClass::Insurance => {
                    paid.trace.push(format!("{name}: 地方単独は保険分に含める {}", part.cost));
                    paid.parts.push(PartPaid::default());
                    continue;
                }
                LimitClass::None => {
                    paid.trace.push(format!("{name}: 公費が全額を払う {}", part.cost));
                    let patient = part.written.unwrap_or(Yen::ZERO);
                    paid.parts.push(PartPaid { uncovered: Some(part.cost), patient: Some(patient) });
                    continue;
                }
                _ => {}
            }
            let burden = part.cost.times(self.rate);
            let (mut limit, mut shown) = self.limit_of_part(law, part, &mut paid.rows)?.expect("a class with a limit");
            if let (Some(of_disease), Some(row)) = (tokutei, self.tokutei)
                && of_disease < limit
            {
                paid.rows.add(row);
                (limit, shown) = (of_disease, format!("{of_disease}（特定疾病）"));
            }
            let uncovered = burden.min(limit);
            let rule = part.patient_rate.map(|r| part.cost.times(r));
            let patient = match part.written {
                Some(written) => written.min(uncovered),
                None => [rule, part.cap].into_iter().flatten().fold(uncovered, Yen::min),
            };
            let how = if part.written.is_some() { "請求書の額" } else { "患者負担" };
            paid.trace.push(format!(
                "{name}: {} × {} = {burden}、限度額 {shown}、保険外 {uncovered}、{how} {patient}",
                part.cost, self.rate
            ));
            if self.band.is_70_or_more() || uncovered >= minimum {
                counted_cost += part.cost;
                counted_share += patient;
            } else {
                paid.trace.push(format!("{name}: {minimum} に満たず、保険分の限度額には数えない"));
            }
            paid.parts.push(PartPaid { uncovered: Some(uncovered), patient: Some(patient) });
        }

        let burden = cost_only.times(self.rate);
        let mut pay = burden;
        if cost_only > Yen::ZERO {
            paid.trace.push(format!("保険分: {cost_only} × {} = {burden}", self.rate));
            let cost = cost_only + counted_cost;
            let cap = outpatient_cap(self.row, self.share).filter(|_| self.band.is_70_or_more() && !self.inpatient);
            paid.rows.add(self.row);
            let (limit, shown) = match cap {
                Some(cap) => (cap, format!("{cap}（外来）")),
                None => (
                    self.row.limit(cost, self.multi_hit, self.share),
                    self.row.limit_shown(cost, self.multi_hit, self.share),
                ),
            };
            let left = (limit - counted_share).at_least_zero();
            paid.trace.push(match counted_share {
                Yen::ZERO => format!("限度額 {} {shown}", self.row),
                _ => format!("限度額 {} {shown} − 公費の患者負担 {counted_share} = {left}", self.row),
            });
            pay = pay.min(left);
            match (self.tokutei, tokutei) {
                (Some(row), Some(of_disease)) => {
                    if !with_public {
                        paid.rows.add(row);
                        paid.trace.push(format!("特定疾病の限度額 {of_disease}"));
                        pay = pay.min(of_disease);
                    }
                }
                _ => {
                    if let Some(amount) = relief(self.row, self.rate, cost_only).filter(|_| !self.inpatient) {
                        paid.trace.push(format!("配慮措置 {amount}"));
                        pay = pay.min(amount);
                    }
                }
            }
        }
        paid.reached = pay < burden;
        paid.insurance_only = pay;
        paid.patient_total = pay + paid.parts.iter().filter_map(|p| p.patient).sum();
        paid.uncovered = pay + paid.parts.iter().filter_map(|p| p.uncovered).sum();
        paid.trace.push(format!("窓口負担 {}、保険外の合計 {}", paid.patient_total, paid.uncovered));
        Ok(paid)
    }
}
