//! 資格点検: the rules on one claim, one file per group; order, suppression and the primary finding
//! (eligibility-rules.md sections 2 and 3).

mod e1;
mod e2;
mod e3;
mod e4;
mod e5;
mod e7;
mod e9;
mod evidence;
mod limits;
mod order;
mod partition;
mod policy;

use tenken_parser::Month;

pub use limits::{KnownHits, LimitBasis};
pub use order::{primary, rank};
pub use partition::Partition;

use crate::{
    calendar::Day,
    catalogue,
    facts::ClaimFacts,
    finding::{Certainty, Finding},
    identify::{Identified, Tier, identify},
    registers::{Owner, Registers},
    registry::PersonView,
    settings::Settings,
    third_party,
};

/// What matching and rules made of a claim.
pub struct Judged<'r> {
    pub owner: Option<&'r Owner>,
    pub person: Option<PersonView<'r>>,
    /// 世帯番号 on the first day of service
    pub household_id: Option<&'r str>,
    pub tier: Option<Tier>,
    /// in the order of the page, one of them primary
    pub findings: Vec<Finding>,
}

/// A claim held against the register.
pub(crate) struct Case<'c, 'r> {
    pub c: &'c ClaimFacts<'c>,
    pub owner: Option<&'r Owner>,
    /// the number of the claim is the owner's
    pub is_own: bool,
    pub settings: &'r Settings,
    pub limits: &'r LimitBasis,
    pub id: Option<&'c Identified<'r>>,
    pub person: Option<PersonView<'r>>,
    pub partition: Option<Partition<'r>>,
    /// 審査月
    pub exam: Month,
    pub findings: Vec<Finding>,
}

/// 不詳請求: written instead of a number that is not known.
const UNKNOWN_INSURERS: [&str; 2] = ["77777777", "77777779"];

/// 確認区分 of claims that were redirected (振替) or divided (分割).
const TRANSFERRED: [&str; 4] = ["04", "05", "11", "12"];

/// Holds one claim against register and rules. The clock is the last day of the 審査月.
pub fn judge<'r>(registers: &'r Registers, c: &ClaimFacts<'_>, exam: Month) -> Judged<'r> {
    let (owner, is_own) = owner_of(registers, c);
    let settings = owner.map_or(&registers.settings, |o| &o.settings);
    let unknown = owner.map_or_else(|| is_unknown_insurer(c), |o| e1::is_unknown(c, &o.registry));
    // 公費単独 has no insurer: nobody to look for
    let id = owner.filter(|_| c.scheme() != 2).map(|o| identify(&o.registry, c, !unknown));
    let person = id.as_ref().and_then(|id| id.person);
    let mut case = Case {
        c,
        owner,
        is_own,
        settings,
        limits: &registers.limits,
        id: id.as_ref(),
        person,
        partition: None,
        exam,
        findings: Vec::new(),
    };
    case.partition = person.map(|p| Partition::of(c, p, settings));

    e1::rules(&mut case, unknown);
    e9::rules(&mut case);
    e7::rules(&mut case);
    if case.person.is_some() {
        by_person(&mut case);
    } else if let Some(id) = &id
        && !id.tied.is_empty()
    {
        agreed(&mut case, &id.tied);
    }
    e4::rules(&mut case);
    e3::of_claim(&mut case);
    e5::of_claim(&mut case);
    case.findings.extend(c.third_party.and_then(|o| third_party::finding(o, settings)));
    order::suppress(&mut case);
    policy::after(&mut case);
    e7::deadline(&mut case);
    order::primary(&mut case.findings);
    evidence::attach(&mut case);

    let household_id = person.and_then(|p| household_of(p, c));
    let findings = case.findings;
    Judged { owner, person, household_id, tier: id.as_ref().and_then(|i| i.tier), findings }
}

/// The owner of the 保険者番号. What was redirected or divided may still carry the number that the provider wrote;
/// then the one of SN counts.
pub fn owner_of<'r>(registers: &'r Registers, c: &ClaimFacts<'_>) -> (Option<&'r Owner>, bool) {
    let written = registers.owner_of(c.payer, c.month);
    if !written.1 && c.confirmed.is(&TRANSFERRED) && c.confirmed.insurer_no.is_some() {
        let confirmed = registers.owner_of(c.confirmed.insurer_no, c.month);
        if confirmed.1 {
            return confirmed;
        }
    }
    written
}

/// E2, E5, E3: what the qualification of the person says.
fn by_person(case: &mut Case<'_, '_>) {
    e2::rules(case);
    e5::rules(case);
    e3::rules(case);
}

/// A tie: a finding of E2 and E3 stands when it is the same for all candidates.
fn agreed<'r>(case: &mut Case<'_, 'r>, tied: &[PersonView<'r>]) {
    let before = case.findings.len();
    let mut common: Option<Vec<Finding>> = None;
    for p in tied {
        case.person = Some(*p);
        case.partition = Some(Partition::of(case.c, *p, case.settings));
        e2::rules(case);
        e3::rules(case);
        let own = case.findings.split_off(before);
        common = Some(match common {
            None => own,
            Some(all) => all
                .into_iter()
                .filter(|f| own.iter().any(|o| o.rule == f.rule && o.disposition == f.disposition))
                .collect(),
        });
    }
    case.person = None;
    case.partition = None;
    case.findings.extend(common.unwrap_or_default());
}

/// The household on the first day of service that a row covers; else of the person's last row before.
fn household_of<'r>(p: PersonView<'r>, c: &ClaimFacts<'_>) -> Option<&'r str> {
    let first = c.span().0;
    let last = c.bounds().1;
    let rows = p.periods();
    let row = rows
        .iter()
        .find(|r| r.start <= first && first < r.end)
        .or_else(|| rows.iter().filter(|r| r.start <= last).max_by_key(|r| r.start))
        .or_else(|| rows.first())?;
    Some(p.registry.household_id(row))
}

fn is_unknown_insurer(c: &ClaimFacts<'_>) -> bool {
    c.payer.is_some_and(|p| UNKNOWN_INSURERS.contains(&p))
}

impl<'r> Case<'_, 'r> {
    /// Adds a finding with what the catalogue says; `None` when the rule is off.
    pub fn raise(&mut self, code: &'static str, cause: impl Into<String>, reason: String) -> Option<&mut Finding> {
        if !self.settings.is_on(code) {
            return None;
        }
        self.findings.push(Finding::of(catalogue::rule(code)?, cause, reason, self.settings));
        self.findings.last_mut()
    }

    /// The same with days of the claim.
    pub fn raise_on_days(
        &mut self,
        code: &'static str,
        cause: impl Into<String>,
        bad: u32,
        reason: String,
    ) -> Option<&mut Finding> {
        let (exact, all) = (self.c.exact, self.c.days);
        let f = self.raise(code, cause, reason)?;
        f.days_bad = bad & all;
        f.days_ok = all & !bad;
        if !exact {
            f.certainty = Certainty::Probable;
        }
        Some(f)
    }

    pub fn has(&self, code: &str) -> bool {
        self.findings.iter().any(|f| f.rule == code)
    }

    /// The days on which something holds, bit 0 = day 1. With days unknown it must hold all month.
    pub fn days_with(&self, holds: impl Fn(Day) -> bool) -> u32 {
        let first = self.c.bounds().0;
        let all = self.c.days_or_month();
        let mask = (0..31).filter(|i| all >> i & 1 == 1 && holds(first + i)).fold(0u32, |m, i| m | 1 << i);
        if self.c.days == 0 && mask != all { 0 } else { mask }
    }
}

/// `9/3、9/25` of a mask.
pub(crate) fn day_list(month: Month, mask: u32) -> String {
    let days: Vec<String> =
        (0..31).filter(|i| mask >> i & 1 == 1).map(|i| format!("{}/{}", month.month(), i + 1)).collect();
    days.join("、")
}

pub(crate) fn text_of(day: Day) -> String {
    crate::calendar::date(day).map_or_else(|| "なし".to_owned(), |d| d.to_string())
}

use policy::policy;
