//! Who is seen where in a month, on which days and for how much (volumes.md sections 2 and 5). Every draw
//! hangs on the person and the month alone, so a month can be planned without the months before it.

mod amount;
mod money;
mod outside;
mod stay;
mod visit;

use tenken_parser::{Kind, Month};

pub(crate) use money::{Cap, cap};

use crate::{
    calendar::{Day, age, elderly_from, first, late_elderly_from, mask, school_from, span},
    draw::{key, keyed},
    order::{AgeClass, Course},
    rng::Rng,
    tables::{Rate, Scheme, TABLES, TWO_TENTHS},
    town::{District, Period, Person},
};

/// A disease on a claim.
#[derive(Clone, Debug)]
pub(crate) struct Diagnosis {
    pub code: &'static str,
    pub modifiers: &'static str,
    pub start: Day,
    pub outcome: u8,
    pub main: bool,
}

/// A public payer on a claim.
#[derive(Clone, Debug)]
pub(crate) struct PublicPayer {
    pub payer_no: String,
    pub recipient_no: String,
    pub share: u8,
}

/// What is written otherwise than the register has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changed {
    pub insurer_no: Option<String>,
    pub bango: Option<String>,
    pub edaban: Option<String>,
    pub name: Option<String>,
    pub kana: Option<String>,
    pub sex: Option<u8>,
    pub birth: Option<Day>,
}

/// What is known of a claim: rules that must and must not fire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// the first is the primary one
    pub expected: Vec<&'static str>,
    pub forbidden: Vec<&'static str>,
    pub note: String,
}

/// A claim, before it is written.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub person: u32,
    /// index into the person's periods
    pub period: u8,
    pub kind: Kind,
    pub inpatient: bool,
    pub course: Course,
    pub service: Month,
    pub institution: u16,
    pub prescriber: Option<u16>,
    pub days: u32,
    pub admission: Option<Day>,
    /// 点 (訪問看護 円)
    pub target: i64,
    pub diseases: Vec<Diagnosis>,
    pub publics: Vec<PublicPayer>,
    pub tokki: Vec<&'static str>,
    pub items: Vec<(&'static str, &'static str, i64)>,
    pub comments: Vec<(&'static str, &'static str)>,
    pub class: AgeClass,
    pub benefit_rate: Option<u8>,
    pub confirmation: &'static str,
    /// limit of what the patient pays at this institution
    pub cap: Option<Cap>,
    /// seed of its writing
    pub key: u64,
    /// belongs to another claim (調剤 and its clinic, pairs that a rule compares)
    pub linked: bool,
    pub changed: Option<Box<Changed>>,
    pub verdict: Option<Box<Verdict>>,
    /// bytes changed after writing
    pub scratch: Option<Scratch>,
    /// a pair that is judged by which of the two comes later
    pub pair: Option<(u32, &'static str)>,
}

/// Changes of the bytes of a finished claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scratch {
    /// 診療年月 is missing: no claim can be made of it
    NoMonth,
    /// letters in 病床数
    Beds,
    /// a record that no specification knows
    UnknownRecord,
    /// half of a two-byte character in the name
    HalfCharacter,
    /// 診療実日数 one too many
    DayCount,
}

impl Draft {
    pub fn judge(&mut self, rules: &[&'static str], note: &str) -> &mut Verdict {
        let v = self.verdict.get_or_insert_default();
        v.expected.extend(rules);
        if v.note.is_empty() {
            note.clone_into(&mut v.note);
        }
        v
    }

    pub fn forbid(&mut self, rules: &[&'static str], note: &str) {
        let v = self.verdict.get_or_insert_default();
        v.forbidden.extend(rules);
        if v.note.is_empty() {
            note.clone_into(&mut v.note);
        }
    }

    pub fn changed(&mut self) -> &mut Changed {
        self.changed.get_or_insert_default()
    }
}

/// Chance of a claim to come late, in 100,000, and by how many months (volumes.md 5.4).
const LATE: [(u32, i32, i32); 3] = [(1600, 1, 1), (600, 2, 3), (300, 4, 12)];
const LATEST: i32 = 12;

/// Months that the claims of a person, of a month and of a sort come late.
fn lateness(p: &Person, month: Month, sort: u64) -> i32 {
    let roll = key(&[p.key, month.index() as u64, 30 + sort]);
    let mut at = (roll % 100_000) as u32;
    for (share, from, to) in LATE {
        if at < share {
            return from + (roll >> 40) as i32 % (to - from + 1);
        }
        at -= share;
    }
    0
}

fn sort_of(kind: Kind) -> u64 {
    match kind {
        Kind::Medical | Kind::Dpc | Kind::Pharmacy => 0,
        Kind::Dental => 1,
        Kind::Nursing => 2,
    }
}

/// All claims of a district that are examined in a month.
pub(crate) fn month(district: &District, exam: Month) -> Vec<Draft> {
    let mut out = Vec::new();
    let mut one = Vec::new();
    let services: Vec<(i32, Month, Day, Day)> = (0..=LATEST)
        .map(|late| (late, exam.plus(-1 - late), first(exam.plus(-1 - late)), first(exam.plus(-late))))
        .collect();
    for (i, p) in district.people.iter().enumerate() {
        for &(late, service, from, to) in &services {
            let gone = !may_be_seen(p, from, to);
            if gone || (late > 0 && (0..3).all(|sort| lateness(p, service, sort) != late)) {
                continue;
            }
            one.clear();
            Patient { district, p, index: i as u32, month: service }.plan(&mut one);
            out.extend(one.drain(..).filter(|d| lateness(p, service, sort_of(d.kind)) == late).map(|mut d| {
                if late > 0 {
                    d.judge(&["E703"], "月遅れ請求");
                }
                d
            }));
        }
    }
    out
}

/// One visit more than a person would have had: at the usual clinic on some day, or where and when it is said.
pub(crate) fn one_visit(
    district: &District,
    person: u32,
    month: Month,
    at: Option<(u16, u32)>,
    rng: &mut Rng,
) -> Option<Draft> {
    let p = &district.people[person as usize];
    let on = at.map_or(first(month), |(_, days)| span(month, days).0);
    let scheme = p.periods.iter().rfind(|r| r.covers(on)).or_else(|| p.periods.last())?.scheme;
    let covered = p.covered(scheme, month);
    let (place, days) = at.unwrap_or_else(|| (p.health.clinic, rng.days_of(covered, 1)));
    if days == 0 {
        return None;
    }
    let patient = Patient { district, p, index: person, month };
    let mut out = Vec::new();
    let rate = patient.rate(scheme, covered);
    patient.outpatient(scheme, place, days, Course::Ordinary, rate, rng, &mut out);
    let mut d = out.into_iter().next()?;
    d.linked = false;
    Some(d)
}

/// Whether somebody will be in hospital on a day of a month.
pub(crate) fn is_in_hospital(district: &District, person: u32, month: Month) -> bool {
    let p = &district.people[person as usize];
    let patient = Patient { district, p, index: person, month };
    p.periods.iter().rfind(|r| r.covers(first(month))).is_some_and(|r| {
        let covered = p.covered(r.scheme, month);
        let rate = patient.rate(r.scheme, covered);
        patient.stays(r.scheme, covered, rate, &mut Vec::new()) != 0
    })
}

/// Days after a loss within which somebody is still seen.
const AFTER: Day = 95;

fn may_be_seen(p: &Person, from: Day, to: Day) -> bool {
    p.periods.iter().any(|r| r.from < to + 31 && r.end().is_none_or(|e| e + AFTER > from))
}

/// One person in one month.
struct Patient<'d> {
    district: &'d District,
    p: &'d Person,
    index: u32,
    month: Month,
}

impl Patient<'_> {
    fn rng(&self, purpose: u64) -> Rng {
        keyed(&[self.p.key, self.month.index() as u64, purpose])
    }

    fn plan(&self, out: &mut Vec<Draft>) {
        if self.outside(out) {
            return;
        }
        for scheme in [Scheme::Kokuho, Scheme::Kouki] {
            let covered = self.p.covered(scheme, self.month);
            if covered != 0 && !self.withheld(scheme, covered) {
                self.inside(scheme, covered, out);
            }
        }
    }

    /// No ordinary claims in a month with 特別療養費, in custody or in an institution that is excluded.
    fn withheld(&self, scheme: Scheme, covered: u32) -> bool {
        let p = self.p;
        if p.has("拘禁", self.month) || p.has("適用除外", self.month) {
            return true;
        }
        let Some(row) = p.period(scheme, span(self.month, covered).1) else { return true };
        self.district.households[row.household as usize].has("特別療養費", self.month)
            && age(p.birth, first(self.month)) >= 19
            && p.publics.is_empty()
    }

    fn rate(&self, scheme: Scheme, covered: u32) -> &'static Rate {
        TABLES.rate(scheme, age(self.p.birth, span(self.month, covered).0))
    }

    /// The claims of somebody who is covered.
    fn inside(&self, scheme: Scheme, covered: u32, out: &mut Vec<Draft>) {
        let start = out.len();
        let rate = self.rate(scheme, covered);
        let stays = self.stays(scheme, covered, rate, out);
        let mut free = covered & !stays;
        // the last day before another insurance is a finding of its own (E207)
        for row in self.p.periods.iter().filter(|r| r.lost_reason == "社保加入") {
            if let Some(lost) = row.lost {
                free &= !mask(self.month, lost - 1, lost);
            }
        }
        if free != 0 {
            self.visits(scheme, free, rate, out);
        }
        self.near_the_edge(covered, &mut out[start..]);
    }

    /// Claims of the last days before a change: none of its rules may fire.
    fn near_the_edge(&self, covered: u32, drafts: &mut [Draft]) {
        let first_day = first(self.month);
        for row in &self.p.periods {
            let ends_here = row.end().is_some_and(|e| mask(self.month, e - 12, e) & covered != 0);
            let begins_here = row.from > first_day && mask(self.month, row.from, row.from + 10) & covered != 0;
            let renumbered = matches!(row.from_reason, "番号変更" | "世帯変更");
            for d in drafts.iter_mut().filter(|d| !d.inpatient) {
                let (from, to) = span(self.month, d.days);
                if renumbered && begins_here && from < row.from && to >= row.from && self.shown(d).from == row.from {
                    d.forbid(&["E115", "E204", "E201"], "番号変更の前後、変更後の番号");
                } else if ends_here && row.end().is_some_and(|e| to >= e - 12 && to < e) && !row.lost_reason.is_empty()
                {
                    d.forbid(
                        &["E201", "E204", "E207", "E210", "E211", "E212", "E213", "E214", "E215", "E908", "E909"],
                        "喪失前の最後の受診",
                    );
                } else if ends_here && row.to_reason == "県内転出" && row.to.is_some_and(|e| to >= e - 12 && to < e)
                {
                    d.forbid(&["E208", "E204"], "県内転出前の最後の受診");
                } else if begins_here && !renumbered && from >= row.from && from < row.from + 10 {
                    d.forbid(&["E202", "E203", "E209", "E204"], "取得後の最初の受診");
                }
            }
        }
    }

    fn shown(&self, d: &Draft) -> &Period {
        &self.p.periods[usize::from(d.period).min(self.p.periods.len() - 1)]
    }

    /// A claim with what follows from person, month and days; the rest is for the caller.
    fn draft(&self, scheme: Scheme, kind: Kind, institution: u16, days: u32) -> Draft {
        let p = self.p;
        let (from, to) = span(self.month, days);
        let period = p
            .periods
            .iter()
            .rposition(|r| r.scheme == scheme && r.from <= to)
            .or_else(|| p.periods.iter().position(|r| r.scheme == scheme))
            .unwrap_or(0);
        let row = &p.periods[period.min(p.periods.len().saturating_sub(1))];
        // judged on the first day, which may lie in the row before
        let category = self.district.category(p, p.period(scheme, from).unwrap_or(row), from);
        let elderly = scheme == Scheme::Kouki || from >= elderly_from(p.birth);
        // 41 and 42 are younger than the oldest months
        let coded = elderly && (from >= TWO_TENTHS || !matches!(category.tokki, "41" | "42"));
        let class = match () {
            () if elderly && category.burden == 3 => AgeClass::ElderlyActive,
            () if elderly => AgeClass::Elderly,
            () if from < school_from(p.birth) => AgeClass::Preschool,
            () if row.is_head => AgeClass::Head,
            () => AgeClass::Member,
        };
        let share = match class {
            AgeClass::Elderly if scheme == Scheme::Kouki => 10 - category.burden,
            AgeClass::Elderly | AgeClass::Preschool => 8,
            _ => 7,
        };
        Draft {
            person: self.index,
            period: period as u8,
            kind,
            inpatient: false,
            course: Course::Ordinary,
            service: self.month,
            institution,
            prescriber: None,
            days,
            admission: None,
            target: 0,
            diseases: Vec::new(),
            publics: Vec::new(),
            tokki: if coded { vec![category.tokki] } else { Vec::new() },
            items: Vec::new(),
            comments: Vec::new(),
            class,
            benefit_rate: Some(share * 10),
            confirmation: "01",
            cap: None,
            key: key(&[
                p.key,
                self.month.index() as u64,
                31,
                u64::from(institution),
                u64::from(days),
                scheme.code().into(),
            ]),
            linked: false,
            changed: None,
            verdict: None,
            scratch: None,
            pair: None,
        }
    }

    /// Public payers that share a claim: `own` for the claim of the disease the programme is for.
    fn publics(&self, d: &mut Draft, own: bool) {
        let (from, to) = span(self.month, d.days);
        let at = |local: bool| {
            self.p.publics.iter().filter(move |g| g.programme.local == local).filter(|g| g.covers(from) && g.covers(to))
        };
        for g in at(false).chain(at(true)) {
            let shares = match g.programme.law {
                "21" => own && !d.inpatient && d.kind != Kind::Dental,
                "54" | "52" => own && d.kind != Kind::Dental,
                "15" => d.course == Course::Dialysis || (own && d.kind == Kind::Pharmacy),
                _ => true,
            };
            if shares {
                d.publics.push(PublicPayer {
                    payer_no: g.payer_no.clone(),
                    recipient_no: g.recipient_no.clone(),
                    share: g.programme.share,
                });
            }
        }
    }

    /// The month of the 75th birthday, if it is not on the first: limits are halved.
    fn halved(&self) -> bool {
        let birthday = late_elderly_from(self.p.birth);
        birthday > first(self.month) && birthday < first(self.month.plus(1))
    }
}
