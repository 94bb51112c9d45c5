//! E6xx 重複・縦覧・突合: rules across the claims of one person.
//!
//! A [`PairFacts`] is what such rules ask of a claim, small enough to hold those of a whole month in memory.
//! A finding stands on the later claim (later import, else later in file order) and names the other (decision 10).

use serde_json::json;
use tenken_parser::{Kind, Month};

use crate::{
    catalogue,
    facts::ClaimFacts,
    finding::{Certainty, Disposition, Finding},
    rules::Judged,
    settings::Settings,
};

/// 確認区分 of divided claims.
const DIVIDED: [&str; 2] = ["05", "12"];

/// What the rules across claims ask of one claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairFacts {
    /// `claim_id` as a number
    pub claim: u64,
    /// later claims are greater: number of the import, of the file, ordinal
    pub order: (u32, u32, u32),
    /// index of the owner among the registers
    pub owner: u16,
    /// number of the person in the owner's register
    pub person: u32,
    pub month: Month,
    /// 保険者番号 as a number; 8 digits for 後期
    pub payer: u32,
    /// prefecture, score table and code of the institution as one number
    pub institution: u64,
    /// 調剤: who prescribed; 訪問看護: the attending physician
    pub prescriber: u64,
    pub kind: Kind,
    pub receipt_type: u16,
    pub inpatient: bool,
    /// 診療科名, 0 when not written; `None`: not known of a stored claim
    pub department: Option<u8>,
    /// a number over the public payers; `None`: not known of a stored claim
    pub publics: Option<u16>,
    pub days_n: u16,
    pub points: i64,
    pub days: u32,
    pub exact: bool,
    /// the stay began before the month
    pub stays_on: bool,
    pub divided: bool,
    pub prescribed: [u32; 2],
    /// リフィル or 分割調剤
    pub refill: bool,
    /// days for which the qualification is in doubt, with the disposition of the finding (D1, D3, D4)
    pub days_bad: u32,
    pub linked: Option<(Disposition, &'static str)>,
}

/// What is not known of a stored claim is taken to be the same.
fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a != b)
}

/// Whether a finding pulls the 調剤 and 訪問看護 claims of the same days with it (E608): one of the qualification. A wrong
/// class or public payer stands on its own claim.
pub fn pulls(rule: &str, disposition: Disposition, has_days: bool) -> bool {
    let of_days = ["E5", "E9"].iter().any(|g| rule.starts_with(g)) && has_days;
    matches!(disposition, Disposition::D1 | Disposition::D3 | Disposition::D4) && (rule.starts_with("E2") || of_days)
}

fn number(text: &str) -> u64 {
    text.bytes().fold(0, |n, b| n.wrapping_mul(10).wrapping_add(u64::from(b.wrapping_sub(b'0'))))
}

fn institution((prefecture, table, code): (&str, &str, &str)) -> u64 {
    if code.is_empty() { 0 } else { number(prefecture) * 100_000_000 + number(table) * 10_000_000 + number(code) }
}

impl PairFacts {
    /// Nothing for a claim whose person is not known: rules across claims are about a person.
    pub fn of(
        c: &ClaimFacts<'_>,
        judged: &Judged<'_>,
        owner: u16,
        claim: u64,
        order: (u32, u32, u32),
        settings: &Settings,
    ) -> Option<Self> {
        let person = judged.person?.no;
        let linked = judged
            .findings
            .iter()
            .filter_map(|f| Some((f.disposition?, f)))
            .filter(|(d, f)| pulls(f.rule, *d, f.days_bad != 0))
            .min_by_key(|(_, f)| crate::rules::rank(f));
        let divided = DIVIDED.contains(&c.confirmed.confirmation);
        Some(Self {
            claim,
            order,
            owner,
            person,
            month: c.month,
            payer: c.payer.map_or(0, |p| number(p) as u32),
            institution: institution(c.institution),
            prescriber: c.prescriber.map_or(0, institution),
            kind: c.kind,
            receipt_type: number(std::str::from_utf8(&c.receipt_type).unwrap_or_default()) as u16,
            inpatient: c.inpatient,
            department: Some(c.department.map_or(0, |d| number(d) as u8)),
            publics: Some(c.publics.iter().fold(0, |h, p| (h ^ number(p.payer_no) as u16).wrapping_mul(31))),
            days_n: c.days_n.unwrap_or(0).clamp(0, i64::from(u16::MAX)) as u16,
            points: c.points,
            days: c.days,
            exact: c.exact,
            stays_on: c.admission.is_some_and(|a| a.year_month() < c.month),
            divided,
            // a visit is linked to the physician's claim by its own day
            // where no prescription is dated, it was dispensed the same day
            prescribed: if c.prescribed == [0; 2] { [c.days, 0] } else { c.prescribed },
            refill: c.split_dispensing || c.wait_days > i32::from(settings.parameters.refill_after_days),
            days_bad: linked.as_ref().map_or(0, |(_, f)| if c.days == 0 { u32::MAX } else { f.days_bad }),
            linked: linked.map(|(d, f)| (d, f.rule)),
        })
    }

    /// Groups the claims of a person.
    pub fn key(&self) -> (u16, u32) {
        (self.owner, self.person)
    }

    fn table(&self) -> u16 {
        self.receipt_type / 1000
    }

    fn scheme(&self) -> u16 {
        self.receipt_type / 100 % 10
    }

    fn class(&self) -> u16 {
        self.receipt_type % 10
    }

    fn id(&self) -> String {
        format!("{:016x}", self.claim)
    }

    /// Days strictly inside the stay: the days of admission and of leaving are not.
    fn inside_stay(&self) -> u32 {
        let stay = self.stay();
        let day_before = stay << 1 | u32::from(self.stays_on);
        stay & day_before & (stay >> 1)
    }

    /// Every day of the stay in the month: as recorded, or from the first day to the last where the days are not
    /// exact. Two stays of one month leave the days between them free.
    fn stay(&self) -> u32 {
        if self.days == 0 || self.exact {
            return self.days;
        }
        let (first, last) = (self.days.trailing_zeros(), 31 - self.days.leading_zeros());
        (first..=last).fold(0, |m, d| m | 1 << d)
    }
}

/// What follows from days that are not exact is probable.
fn probable(exact: bool) -> Certainty {
    if exact { Certainty::Certain } else { Certainty::Probable }
}

/// Runs the rules over all claims at hand. Sorts them by person. `wanted` says on which claims findings are of
/// interest; the rest only counts as the other claim. `whole` names the months of which the claims at hand are taken to be
/// all: a prescriber may be missed only there. Returns `claim_id`s with their new findings.
pub fn findings(
    claims: &mut [PairFacts],
    settings_of: &dyn Fn(u16) -> Settings,
    wanted: &dyn Fn(&PairFacts) -> bool,
    whole: &dyn Fn(Month) -> bool,
) -> Vec<(u64, Finding)> {
    claims.sort_unstable_by_key(|c| (c.key(), c.month, c.order));
    let mut out = Vec::new();
    let mut settings: Option<(u16, Settings)> = None;
    for group in claims.chunk_by(|a, b| a.key() == b.key()) {
        if !group.iter().any(wanted) {
            continue;
        }
        let owner = group[0].owner;
        if settings.as_ref().is_none_or(|s| s.0 != owner) {
            settings = Some((owner, settings_of(owner)));
        }
        let Some((_, settings)) = &settings else { continue };
        let mut person = Person { group, settings, whole, out: &mut out };
        for later in group.iter().filter(|c| wanted(c)) {
            person.claim(later);
        }
    }
    out
}

struct Person<'p> {
    group: &'p [PairFacts],
    settings: &'p Settings,
    whole: &'p dyn Fn(Month) -> bool,
    out: &'p mut Vec<(u64, Finding)>,
}

impl Person<'_> {
    fn claim(&mut self, later: &PairFacts) {
        let earlier: Vec<PairFacts> =
            self.group.iter().filter(|c| c.month == later.month && c.order < later.order).copied().collect();
        for other in &earlier {
            self.pair(later, other);
        }
        if matches!(later.kind, Kind::Pharmacy | Kind::Nursing) && later.prescriber != 0 {
            self.prescriber(later);
        }
    }

    fn pair(&mut self, c: &PairFacts, other: &PairFacts) {
        let same_place = c.institution == other.institution && c.institution != 0;
        let same_key = same_place
            && c.payer == other.payer
            && c.table() == other.table()
            && c.inpatient == other.inpatient
            // a pharmacy bills for each prescriber
            && (c.kind != Kind::Pharmacy || c.prescriber == other.prescriber);
        if same_key {
            let same = c.class() == other.class()
                && !differ(c.department, other.department)
                && c.days_n == other.days_n
                && c.points == other.points;
            let split = differ(c.publics, other.publics)
                || c.receipt_type / 10 != other.receipt_type / 10
                || differ(c.department, other.department)
                || c.kind != other.kind
                || c.divided
                || other.divided;
            if same {
                self.raise("E601", c, other, c.days & other.days, "同じ内容のレセプトがもう1件ある");
            } else if !split {
                self.raise("E602", c, other, 0, "同じ医療機関・同じ月のレセプトがもう1件ある");
            }
        }
        let schemes = (c.scheme() == 3) != (other.scheme() == 3);
        if same_place && schemes && c.days & other.days != 0 {
            self.raise("E609", c, other, c.days & other.days, "同じ受診が国保と後期の両方に請求されている");
        }
        let (stay, visit) = match (c.inpatient, other.inpatient) {
            (true, false) => (c, other),
            (false, true) => (other, c),
            (true, true) => return self.two_stays(c, other),
            (false, false) => return,
        };
        if !matches!(visit.table(), 1 | 3) || !visit.exact {
            return;
        }
        let inside = stay.inside_stay() & visit.days;
        if inside != 0 {
            let (code, text) = if stay.institution == visit.institution {
                ("E603", "入院中の日に、同じ医療機関の外来がある")
            } else {
                ("E604", "入院中の日に、ほかの医療機関の外来がある")
            };
            let certainty = probable(stay.exact);
            if let Some(f) = self.raise(code, c, other, inside, text) {
                f.certainty = certainty;
            }
        }
    }

    fn two_stays(&mut self, c: &PairFacts, other: &PairFacts) {
        let overlap = c.stay() & other.stay();
        // one stay may be billed in parts: by public payer, or divided between insurers
        let parts = c.institution == other.institution && (c.kind == other.kind || c.publics != other.publics);
        if overlap.count_ones() >= u32::from(self.settings.parameters.overlap_days)
            && c.table() == other.table()
            && !parts
            && !c.divided
            && !other.divided
        {
            let certainty = probable(c.exact && other.exact);
            if let Some(f) = self.raise("E605", c, other, overlap, "入院の期間が重なっている") {
                f.certainty = certainty;
            }
        }
    }

    /// E607 and E608: 調剤 against the claim of the prescriber, 訪問看護 against the attending physician's.
    fn prescriber(&mut self, c: &PairFacts) {
        let months = [c.month, c.month.plus(-1)];
        let of_prescriber =
            |o: &&PairFacts| o.institution == c.prescriber && !matches!(o.kind, Kind::Pharmacy | Kind::Nursing);
        for (days, month) in c.prescribed.iter().zip(months) {
            // what is dispensed on a day of the visit belongs to it, whatever the prescription says
            let days = if month == c.month { days | c.days } else { *days };
            if days == 0 {
                continue;
            }
            let claims: Vec<PairFacts> =
                self.group.iter().filter(of_prescriber).filter(|o| o.month == month).copied().collect();
            for other in &claims {
                let linked = other.days_bad & days;
                if linked != 0
                    && let Some((disposition, rule)) = other.linked
                {
                    let whose = if c.kind == Kind::Nursing { "主治医" } else { "処方元" };
                    let text = format!("{whose}のレセプトに {rule} の指摘がある");
                    // the days are those of the prescription, which may lie in the month before
                    let bad = if month == c.month { linked & c.days } else { 0 };
                    if let Some(f) = self.raise("E608", c, other, bad, &text) {
                        f.disposition = Some(disposition);
                    }
                    break;
                }
            }
        }
        if c.kind == Kind::Nursing {
            return;
        }
        let known = self.group.iter().any(|o| of_prescriber(&o) && months.contains(&o.month));
        let judged = c.prescribed.iter().zip(months).any(|(days, month)| *days != 0 && (self.whole)(month))
            && c.prescribed.iter().zip(months).all(|(days, month)| *days == 0 || (self.whole)(month));
        if !known && judged && !c.refill {
            self.raise_alone("E607", c, "処方元の医療機関のレセプトが見当たらない");
        }
    }

    fn raise(
        &mut self,
        code: &'static str,
        c: &PairFacts,
        other: &PairFacts,
        days: u32,
        text: &str,
    ) -> Option<&mut Finding> {
        let id = other.id();
        let reason = format!("{text}（{id}）");
        self.push(code, c, id, days, reason)
    }

    fn raise_alone(&mut self, code: &'static str, c: &PairFacts, text: &str) -> Option<&mut Finding> {
        self.push(code, c, "prescriber".to_owned(), 0, text.to_owned())
    }

    fn push(
        &mut self,
        code: &'static str,
        c: &PairFacts,
        cause: String,
        days: u32,
        reason: String,
    ) -> Option<&mut Finding> {
        if !self.settings.is_on(code) {
            return None;
        }
        let rule = catalogue::rule(code)?;
        let other = if cause.len() == 16 { json!(cause) } else { json!(null) };
        let evidence = json!({
            "claim": {
                "claim_id": c.id(),
                "institution": format!("{:010}", c.institution),
                "prescriber": (c.prescriber != 0).then(|| format!("{:010}", c.prescriber)),
                "service_month": c.month.to_string(),
                "days": c.days_n,
                "points": c.points,
            },
            "other_claim": other,
            "basis": rule.basis,
        });
        self.out.push((
            c.claim,
            Finding {
                days_bad: days & c.days,
                days_ok: if days == 0 { 0 } else { c.days & !days },
                evidence,
                ..Finding::of(rule, cause, reason, self.settings)
            },
        ));
        self.out.last_mut().map(|(_, f)| f)
    }
}

/// The findings of one claim with those across claims: E601 suppresses all other E findings; the primary one is chosen
/// anew.
pub fn combine(own: Vec<Finding>, across: impl IntoIterator<Item = Finding>) -> Vec<Finding> {
    let mut all: Vec<Finding> = own;
    for f in across {
        if !all.iter().any(|o| o.rule == f.rule && o.cause == f.cause) {
            all.push(f);
        }
    }
    if all.iter().any(|f| f.rule == "E601") {
        all.retain(|f| f.rule == "E601" || f.rule.starts_with('T'));
    }
    crate::rules::primary(&mut all);
    all
}
