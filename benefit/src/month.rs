//! The claims of one household and month as groups (high-cost.md 3 and 6).

use tenken_parser::{Kind, Month};

use crate::{
    Law,
    category::{AgeBand, CategoryError, Scheme},
    claim::{Claim, Part},
    household::{Group, GroupKind, Household, HouseholdError, Outcome, Person, PublicPart},
    limits::{Row, UsedRows},
    programmes::LimitClass,
    yen::{Rate, Yen},
};

/// prefecture + score table + institution code, ten digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Institution(pub u64);

impl Institution {
    /// Nothing for what is no number of at most ten digits.
    pub fn parse(digits: &str) -> Option<Self> {
        (!digits.is_empty() && digits.len() <= 10).then(|| digits.parse().ok().map(Self)).flatten()
    }
}

impl std::fmt::Display for Institution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

/// A KO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Public {
    /// 法別番号, as two ASCII digits
    pub law_no: [u8; 2],
    pub cost: Yen,
    /// 負担金額 公費
    pub copay: Option<Yen>,
}

impl Public {
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.law_no).unwrap_or_default()
    }
}

/// 特定疾病 of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokutei {
    /// 特記 02
    Ten,
    /// 特記 16
    Twenty,
}

impl Tokutei {
    pub fn category(self) -> &'static str {
        match self {
            Self::Ten => "TOKUTEI_10000",
            Self::Twenty => "TOKUTEI_20000",
        }
    }
}

/// What a group may be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Claim(Kind),
    /// a decision of 療養費, with its number
    Cash(u32),
}

/// What the calculation asks of a claim.
#[derive(Clone, Debug)]
pub struct MonthClaim {
    /// number of the person in the household
    pub person: usize,
    pub source: Source,
    pub inpatient: bool,
    pub institution: Institution,
    /// 調剤: who prescribed
    pub prescriber: Option<Institution>,
    /// 負担割合 of the patient
    pub rate: Rate,
    /// 10割 cost of the whole claim, 円
    pub cost: Yen,
    /// what a decision says was borne, in place of cost × rate, 円
    pub burden: Option<Yen>,
    /// 負担金額 医療保険, as written, 円
    pub copay: Option<Yen>,
    pub publics: Vec<Public>,
    pub tokutei: Option<Tokutei>,
}

/// The claims of a household in a month, and what is known of it.
#[derive(Clone, Debug)]
pub struct HouseholdMonth<'l> {
    pub month: Month,
    pub scheme: Scheme,
    pub under70: Result<&'l Row, CategoryError>,
    pub seventy_plus: Result<&'l Row, CategoryError>,
    pub moved: bool,
    pub persons: Vec<Person>,
    pub claims: Vec<MonthClaim>,
}

/// A result with the groups that it was worked out from.
#[derive(Clone, Debug)]
pub struct Calculated<'l> {
    pub household: Household<'l>,
    /// the claims of each group, by number
    pub claims: Vec<Vec<usize>>,
    pub outcome: Outcome,
    /// 高額 of the parts with programmes (他法併用分), 円
    pub public_benefit: Yen,
}

/// The cost of what has no programme: all, less every part that has one. Parts of several programmes may overlap; then
/// nothing is left.
fn without_programmes(law: &Law, claim: &MonthClaim) -> Yen {
    let shared: Yen = claim
        .publics
        .iter()
        .filter(|p| law.programmes.of(p.code()).limit_class != LimitClass::Insurance)
        .map(|p| p.cost)
        .sum();
    (claim.cost - shared).at_least_zero()
}

impl<'l> HouseholdMonth<'l> {
    /// The claim as the window saw it, with its parts.
    fn as_claim(&self, law: &'l Law, claim: &MonthClaim, multi_hit: bool) -> Result<Claim<'l>, HouseholdError> {
        let person = &self.persons[claim.person];
        let shell = self.shell(multi_hit);
        let row = if person.band.is_70_or_more() { self.seventy_plus.clone()? } else { self.under70.clone()? };
        let tokutei = match claim.tokutei {
            Some(t) => Some(law.limits.find(t.category(), self.month).map_err(CategoryError::from)?),
            None => None,
        };
        let public = |p: &&Public| law.programmes.of(p.code()).limit_class != LimitClass::Insurance;
        Ok(Claim {
            month: self.month,
            band: person.band,
            row,
            inpatient: claim.inpatient,
            multi_hit,
            share: shell.person_share(law, person.birthday75),
            tokutei,
            rate: claim.rate,
            insurance_only: without_programmes(law, claim),
            parts: claim
                .publics
                .iter()
                .filter(public)
                .map(|p| {
                    let programme = law.programmes.of(p.code());
                    let zero = programme.cap_rule == crate::programmes::CapRule::Zero;
                    Part {
                        programme,
                        cost: p.cost.min(claim.cost),
                        patient_rate: programme.patient_rate,
                        cap: zero.then_some(Yen::ZERO),
                        written: p.copay,
                    }
                })
                .collect(),
        })
    }

    fn shell(&self, multi_hit: bool) -> Household<'l> {
        Household {
            month: self.month,
            scheme: self.scheme,
            under70: self.under70.clone(),
            seventy_plus: self.seventy_plus.clone(),
            multi_hit,
            moved: self.moved,
            persons: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// The benefit of the month.
    ///
    /// # Errors
    /// What [`Household::calculate`] can meet.
    pub fn calculate(&self, law: &'l Law, multi_hit: bool, traced: bool) -> Result<Calculated<'l>, HouseholdError> {
        law.parameters.refuse(self.scheme, self.month)?;
        let mut household = Household { persons: self.persons.clone(), ..self.shell(multi_hit) };
        let mut of_groups: Vec<Vec<usize>> = Vec::new();
        let mut rows = UsedRows::default();
        let mut public_benefit = Yen::ZERO;
        // whom each group belongs to: dispensing joins last, when the groups of prescribers are there
        let mut keys: Vec<(usize, Institution, GroupKind, bool, Option<u32>)> = Vec::new();
        let dispensing = |c: &MonthClaim| c.source == Source::Claim(Kind::Pharmacy);
        let order = self.claims.iter().enumerate().filter(|(_, c)| !dispensing(c));
        let order = order.chain(self.claims.iter().enumerate().filter(|(_, c)| dispensing(c)));
        for (no, claim) in order {
            let (kind, institution, decision) = match claim.source {
                Source::Claim(Kind::Dental) => (GroupKind::Dental, claim.institution, None),
                Source::Claim(Kind::Nursing) => (GroupKind::Nursing, claim.institution, None),
                Source::Claim(Kind::Pharmacy) => {
                    (GroupKind::Pharmacy, claim.prescriber.unwrap_or(claim.institution), None)
                }
                Source::Claim(_) => (GroupKind::Medical, claim.institution, None),
                Source::Cash(decision) => (GroupKind::Cash, claim.institution, Some(decision)),
            };
            let same = |k: &(usize, Institution, GroupKind, bool, Option<u32>)| {
                let alike = k.0 == claim.person && k.1 == institution && k.3 == claim.inpatient && k.4 == decision;
                let prescribes = kind == GroupKind::Pharmacy
                    && claim.prescriber.is_some()
                    && matches!(k.2, GroupKind::Medical | GroupKind::Dental);
                alike && (k.2 == kind || prescribes)
            };
            let at = keys.iter().position(same).unwrap_or_else(|| {
                keys.push((claim.person, institution, kind, claim.inpatient, decision));
                of_groups.push(Vec::new());
                household.groups.push(Group {
                    person: claim.person,
                    institution: institution.to_string(),
                    kind,
                    inpatient: claim.inpatient,
                    rate: claim.rate,
                    cost: Some(Yen::ZERO),
                    burden: Yen::ZERO,
                    window_paid: Yen::ZERO,
                    parts: Vec::new(),
                    tokutei: None,
                    no_prescriber: kind == GroupKind::Pharmacy,
                });
                keys.len() - 1
            });
            of_groups[at].push(no);
        }
        for (group, of) in household.groups.iter_mut().zip(&mut of_groups) {
            of.sort_unstable();
            self.fill(law, group, of, multi_hit, &mut rows, &mut public_benefit)?;
        }
        let mut outcome = household.calculate(law, traced)?;
        outcome.rows.join(&rows);
        Ok(Calculated { household, claims: of_groups, outcome, public_benefit })
    }

    /// Fills a group with its claims. Parts of one programme stand together, so that two claims are as one with the sum
    /// of their points.
    fn fill(
        &self,
        law: &'l Law,
        group: &mut Group<'l>,
        of: &[usize],
        multi_hit: bool,
        rows: &mut UsedRows,
        public_benefit: &mut Yen,
    ) -> Result<(), HouseholdError> {
        let mut all = MonthClaim { cost: Yen::ZERO, copay: None, publics: Vec::new(), ..self.claims[of[0]].clone() };
        let (mut window, mut cost) = (Yen::ZERO, Yen::ZERO);
        for claim in of.iter().map(|no| &self.claims[*no]) {
            let only = without_programmes(law, claim);
            let burden = claim.burden.unwrap_or_else(|| only.times(claim.rate));
            cost += only;
            group.burden += burden;
            all.cost += claim.cost;
            for public in &claim.publics {
                let same = |p: &&mut Public| p.law_no == public.law_no && p.copay.is_some() == public.copay.is_some();
                match all.publics.iter_mut().find(same) {
                    Some(sum) => {
                        sum.cost += public.cost;
                        sum.copay = sum.copay.zip(public.copay).map(|(a, b)| a + b);
                    }
                    None => all.publics.push(*public),
                }
            }
            window += match claim.copay {
                Some(written) if claim.publics.is_empty() => written.min(burden),
                Some(written) => {
                    let paid = self.as_claim(law, claim, multi_hit)?.pay(law).map_err(CategoryError::from)?;
                    let of_parts: Yen = paid.parts.iter().filter_map(|p| p.patient).sum();
                    (written - of_parts).at_least_zero().min(burden)
                }
                None => burden,
            };
            if let Some(t) = claim.tokutei {
                all.tokutei = Some(t);
                group.tokutei = Some(law.limits.find(t.category(), self.month).map_err(CategoryError::from)?);
            }
        }
        group.cost = Some(cost);
        group.window_paid = window;
        if all.publics.iter().any(|p| law.programmes.of(p.code()).limit_class != LimitClass::Insurance) {
            let claim = self.as_claim(law, &all, multi_hit)?;
            let paid = claim.pay(law).map_err(CategoryError::from)?;
            rows.join(&paid.rows);
            for (part, amounts) in claim.parts.iter().zip(&paid.parts) {
                let (Some(uncovered), Some(patient)) = (amounts.uncovered, amounts.patient) else { continue };
                if part.programme.limit_class != LimitClass::None {
                    *public_benefit += part.cost.times(all.rate) - uncovered;
                    group.parts.push(PublicPart { cost: part.cost, uncovered, patient });
                }
            }
        }
        Ok(())
    }

    /// What the window should have taken for a claim; the category and 多数回 that the claim says.
    ///
    /// # Errors
    /// A category or limit that is not there.
    pub fn window(
        &self,
        law: &'l Law,
        claim: &MonthClaim,
        row: &'l Row,
        multi_hit: bool,
    ) -> Result<Yen, HouseholdError> {
        law.parameters.refuse(self.scheme, self.month)?;
        let mut of = self.clone();
        match self.persons[claim.person].band {
            AgeBand::Under70 => of.under70 = Ok(row),
            _ => of.seventy_plus = Ok(row),
        }
        Ok(of.as_claim(law, claim, multi_hit)?.pay(law).map_err(CategoryError::from)?.patient_total)
    }
}

/// The patient's share of the cost (reports.md 3.4): as on the claim, else by レセプト種別, else by the register.
///
/// `class` = the fourth digit of レセプト種別; `benefit_percent` = 給付割合 of HO; `ratio` = 負担割合 of the register in 割.
/// The second value: nothing said so, and 1割 was taken.
pub fn patient_rate(
    scheme: Scheme,
    class: u8,
    benefit_percent: Option<i64>,
    tokki: impl Fn(&str) -> bool,
    ratio: Option<u8>,
) -> (Rate, bool) {
    let percent = |p: u16| (Rate::percent(p), false);
    if scheme == Scheme::Kouki {
        return match (class, ratio) {
            (9 | 0, _) => percent(30),
            _ if tokki("41") || tokki("43") => percent(20),
            (_, Some(ratio @ 1..=3)) => percent(u16::from(ratio) * 10),
            _ => (Rate::percent(10), true),
        };
    }
    match (benefit_percent, class) {
        (Some(given @ 0..=100), _) => percent(100 - given as u16),
        (_, 3 | 4 | 7 | 8) => percent(20),
        _ => percent(30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSPITAL: Institution = Institution(13_1_0000001);
    const PHARMACY: Institution = Institution(13_4_0000009);

    fn month() -> Month {
        Month::parse_iso("2025-06").unwrap()
    }

    fn household(law: &Law) -> HouseholdMonth<'_> {
        HouseholdMonth {
            month: month(),
            scheme: Scheme::Kokuho,
            under70: Ok(law.limits.find("U70_U", month()).unwrap()),
            seventy_plus: Err(CategoryError::Missing(AgeBand::SeventyPlus)),
            moved: false,
            persons: vec![Person { name: "1".into(), band: AgeBand::Under70, birthday75: false }],
            claims: Vec::new(),
        }
    }

    fn claim(kind: Kind, institution: Institution, inpatient: bool, cost: i64) -> MonthClaim {
        MonthClaim {
            person: 0,
            source: Source::Claim(kind),
            inpatient,
            institution,
            prescriber: None,
            rate: Rate::percent(30),
            cost: Yen(cost),
            burden: None,
            copay: None,
            publics: Vec::new(),
            tokutei: None,
        }
    }

    fn dispensed(prescriber: Option<Institution>, cost: i64) -> MonthClaim {
        MonthClaim { prescriber, ..claim(Kind::Pharmacy, PHARMACY, false, cost) }
    }

    #[test]
    fn dispensing_joins_the_outpatient_group_of_its_prescriber_before_the_21000_are_tested() {
        let law = Law::shipped();
        let mut h = household(&law);
        // 15,000 + 4,500 + 3,000 of two pharmacies = 22,500; before the prescriber's claim in order
        h.claims = vec![
            dispensed(Some(HOSPITAL), 15_000),
            claim(Kind::Medical, HOSPITAL, false, 50_000),
            MonthClaim { institution: Institution(13_4_0000010), ..dispensed(Some(HOSPITAL), 10_000) },
            claim(Kind::Medical, HOSPITAL, true, 1_000_000),
        ];
        let got = h.calculate(&law, false, true).unwrap();
        assert_eq!(got.claims, [vec![0, 1, 2], vec![3]]);
        assert!(got.outcome.groups.iter().all(|g| g.excluded.is_none()));
        assert_eq!(got.outcome.counted_burden, Yen(322_500));
        assert_eq!(got.outcome.benefit.total(), Yen(322_500 - (80_100 + 8_080)));
    }

    #[test]
    fn dispensing_without_a_prescriber_is_said_and_neither_tested_alone_nor_dropped_in_silence() {
        let law = Law::shipped();
        for prescriber in [None, Some(Institution(13_1_0000002))] {
            let mut h = household(&law);
            h.claims = vec![claim(Kind::Medical, HOSPITAL, true, 1_000_000), dispensed(prescriber, 500_000)];
            let got = h.calculate(&law, false, true).unwrap();
            let excluded = got.outcome.groups[1].excluded;
            assert_eq!(excluded, Some(crate::household::Excluded::NoPrescriber));
            assert_eq!(got.outcome.benefit.total(), Yen(300_000 - 87_430));
            assert!(
                got.outcome.trace.iter().any(|l| l.contains("処方した医療機関が分からず")),
                "{:?}",
                got.outcome.trace
            );
        }
    }

    #[test]
    fn in_and_outpatient_medical_and_dental_are_groups_of_their_own_and_cash_is_one_by_decision() {
        let law = Law::shipped();
        let mut h = household(&law);
        h.claims = vec![
            claim(Kind::Medical, HOSPITAL, false, 60_000),
            claim(Kind::Dpc, HOSPITAL, true, 60_000),
            claim(Kind::Medical, HOSPITAL, true, 60_000),
            claim(Kind::Dental, HOSPITAL, false, 60_000),
            claim(Kind::Nursing, Institution(13_6_0000001), false, 60_000),
            MonthClaim { source: Source::Cash(1), ..claim(Kind::Medical, Institution(0), false, 60_000) },
            MonthClaim { source: Source::Cash(2), ..claim(Kind::Medical, Institution(0), false, 60_000) },
        ];
        let got = h.calculate(&law, false, false).unwrap();
        assert_eq!(got.claims, [vec![0], vec![1, 2], vec![3], vec![4], vec![5], vec![6]]);
        let counted: Vec<bool> = got.outcome.groups.iter().map(|g| g.excluded.is_none()).collect();
        assert_eq!(counted, [false, true, false, false, false, false]);
    }

    #[test]
    fn the_programmes_part_enters_with_the_patients_share() {
        // spec's P11 as a household of one: 結核 85,000 points, insurance-only 95,000 points, 区分ア
        let law = Law::shipped();
        let mut h = household(&law);
        h.under70 = Ok(law.limits.find("U70_A", month()).unwrap());
        h.claims = vec![MonthClaim {
            publics: vec![Public { law_no: *b"10", cost: Yen(850_000), copay: None }],
            ..claim(Kind::Medical, HOSPITAL, true, 1_800_000)
        }];
        let got = h.calculate(&law, false, true).unwrap();
        // 950,000 × 30 % + 42,500 − 262,180
        assert_eq!(got.outcome.benefit.total(), Yen(285_000 + 42_500 - 262_180));
        assert_eq!(got.public_benefit, Yen(255_000 - 85_930));
        let row = law.limits.find("U70_A", month()).unwrap();
        assert_eq!(h.window(&law, &h.claims[0], row, false), Ok(Yen(262_180)));
    }

    #[test]
    fn specified_diseases_leave_the_sum_when_they_reach_their_limit() {
        let law = Law::shipped();
        let mut h = household(&law);
        h.claims = vec![
            MonthClaim {
                tokutei: Some(Tokutei::Ten),
                copay: Some(Yen(10_000)),
                ..claim(Kind::Medical, HOSPITAL, false, 400_000)
            },
            claim(Kind::Medical, Institution(13_1_0000005), true, 1_000_000),
        ];
        let got = h.calculate(&law, false, true).unwrap();
        assert_eq!(got.outcome.groups[0].excluded, Some(crate::household::Excluded::Tokutei));
        assert_eq!(got.outcome.tokutei, Yen(110_000));
        assert_eq!(got.outcome.benefit.total(), Yen(300_000 - 87_430));
    }

    #[test]
    fn shares_come_from_the_claim_then_its_type_then_the_register() {
        let no = |_: &str| false;
        let at = |scheme, class, given, ratio| patient_rate(scheme, class, given, no, ratio);
        assert_eq!(at(Scheme::Kokuho, 2, Some(70), None), (Rate(3_000), false));
        assert_eq!(at(Scheme::Kokuho, 4, None, None), (Rate(2_000), false));
        assert_eq!(at(Scheme::Kokuho, 8, None, Some(3)), (Rate(2_000), false));
        assert_eq!(at(Scheme::Kokuho, 0, None, None), (Rate(3_000), false));
        assert_eq!(at(Scheme::Kouki, 0, None, Some(1)), (Rate(3_000), false));
        assert_eq!(at(Scheme::Kouki, 8, None, Some(2)), (Rate(2_000), false));
        assert_eq!(at(Scheme::Kouki, 8, None, None), (Rate(1_000), true));
        assert_eq!(patient_rate(Scheme::Kouki, 8, None, |c| c == "43", Some(1)), (Rate(2_000), false));
    }
}
