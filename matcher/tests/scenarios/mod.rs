//! A small language for rules: people with their periods, claims, and what is expected of them.
//!
//! ```text
//! scenario("国保喪失日当日")
//!     .member(member("1").covered("2014-04-01", "2026-09-16").lost_by("その他"))
//!     .claim(claim("2026-09").days([16]))
//!     .expect(["E201"]).tags(["E206"]).never(["E204"])
//! ```
//! `expect` names every finding that is no tag, `tags` tags that must be there, `never` rules that must not fire,
//! `silent` that there is nothing at all.
//! Every claim has an institution of its own unless `at` names one, and is examined in the month after service.
//! All people are invented.

use std::collections::{BTreeMap, BTreeSet};

use tenken_matcher::{
    facts::{ClaimFacts, Confirmed, Public},
    finding::{Disposition, Finding},
    identify::identify,
    keys::{Likeness, RawText},
    pairs::{self, PairFacts},
    registers::{Owner, Registers},
    registry::{
        OwnerRegistry,
        rows::{Attribute, Moment, Period, Person, Register, Scheme, Target},
    },
    rules::{LimitBasis, judge},
    settings::Settings,
    third_party::{Outcome, Rules, mini_cases},
};
use tenken_parser::{Date, Kind, Month};

/// Every scenario of the catalogue.
pub fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    for group in GROUPS {
        all.extend(group());
    }
    all
}

mod basics;
mod e1;
mod e2;
mod e3;
mod e4;
mod e5;
mod e6;
mod e7;
mod e9;
mod high_cost;
mod identify;
mod order;
mod policy;
mod t1;
mod traps;

const GROUPS: &[fn() -> Vec<Scenario>] = &[
    basics::all,
    identify::all,
    e1::all,
    e2::all,
    policy::all,
    e3::all,
    high_cost::all,
    e4::all,
    e5::all,
    e6::all,
    e7::all,
    e9::all,
    t1::all,
    order::all,
    traps::all,
];

/// The own insurer, an invented city of prefecture 13, and the union of its late elderly.
pub const CITY: &str = "138941";
pub const UNION: &str = "39139993";

pub fn date(text: &str) -> Date {
    let p: Vec<u16> = text.split('-').map(|n| n.parse().unwrap()).collect();
    Date::new(p[0], p[1] as u8, p[2] as u8).unwrap_or_else(|| panic!("{text} is no day"))
}

pub fn month(text: &str) -> Month {
    Month::parse_iso(text).unwrap()
}

/// A person of the register, with one period under construction: methods on periods change the last one.
#[derive(Clone)]
pub struct Member {
    person: Person,
    periods: Vec<Period>,
    attributes: Vec<Attribute>,
}

/// A man born 1980-05-10, head of household 501, card 1234567-01, not covered yet.
pub fn member(person_id: &str) -> Member {
    Member {
        person: Person {
            person_id: person_id.into(),
            name: Some("見本　太郎".into()),
            kana: Some("ミホン　タロウ".into()),
            birth_date: Some(date("1980-05-10")),
            sex: Some(1),
            ..Person::default()
        },
        periods: Vec::new(),
        attributes: Vec::new(),
    }
}

impl Member {
    pub fn born(mut self, on: &str) -> Self {
        self.person.birth_date = Some(date(on));
        self
    }

    pub fn female(mut self) -> Self {
        self.person.sex = Some(2);
        self
    }

    pub fn named(mut self, name: &str, kana: &str) -> Self {
        self.person.name = Some(name.into());
        self.person.kana = Some(kana.into());
        self
    }

    pub fn also_named(mut self, name: &str) -> Self {
        self.person.other_names.push(name.into());
        self
    }

    pub fn died(mut self, on: &str) -> Self {
        self.person.death_date = Some(date(on));
        self
    }

    /// A card without 枝番.
    pub fn without_branch(mut self) -> Self {
        self.last().edaban = None;
        self
    }

    /// A new span `[from, to)`; an empty `to` is open.
    pub fn covered(mut self, from: &str, to: &str) -> Self {
        let before = self.periods.last();
        let mut period = before.cloned().unwrap_or_else(|| Period {
            person_id: self.person.person_id.clone(),
            household_id: "501".into(),
            scheme: Scheme::Kokuho,
            insurer_no: CITY.into(),
            kigo: None,
            bango: Some("1234567".into()),
            edaban: Some("01".into()),
            is_head: true,
            acquired_on: date(from),
            acquired_reason: None,
            lost_on: None,
            lost_reason: None,
            applied_from: None,
            applied_from_reason: None,
            applied_to: None,
            applied_to_reason: None,
            registered_at: None,
            registered_at_start: None,
            span_no: 1,
        });
        period.acquired_on = date(from);
        period.lost_on = (!to.is_empty()).then(|| date(to));
        period.lost_reason = period.lost_on.map(|_| "その他".into());
        period.acquired_reason = Some("その他".into());
        (period.applied_from, period.applied_to, period.applied_to_reason) = (None, None, None);
        (period.registered_at, period.registered_at_start) = (None, None);
        self.periods.push(period);
        self
    }

    fn last(&mut self) -> &mut Period {
        self.periods.last_mut().expect("covered comes first")
    }

    /// The last span ends.
    pub fn ends(mut self, on: &str, reason: &str) -> Self {
        self.last().lost_on = Some(date(on));
        self.lost_by(reason)
    }

    pub fn lost_by(mut self, reason: &str) -> Self {
        self.last().lost_reason = Some(reason.into());
        self
    }

    /// 登録日時 of the last row.
    pub fn known(mut self, at: &str) -> Self {
        self.last().registered_at = Moment::parse(at);
        self
    }

    /// 登録日時_開始 of the last row.
    pub fn begin_known(mut self, at: &str) -> Self {
        self.last().registered_at_start = Moment::parse(at);
        self
    }

    pub fn applied(mut self, from: &str, to: &str) -> Self {
        let row = self.last();
        row.applied_from = (!from.is_empty()).then(|| date(from));
        row.applied_to = (!to.is_empty()).then(|| date(to));
        self
    }

    pub fn applied_end_by(mut self, reason: &str) -> Self {
        self.last().applied_to_reason = Some(reason.into());
        self
    }

    /// The last row ends on a day for a reason, and another of the same span begins there; a loss moves to it.
    pub fn then_from(mut self, on: &str, reason: &str) -> Self {
        let mut next = self.last().clone();
        let row = self.last();
        row.applied_to = Some(date(on));
        row.applied_to_reason = Some(reason.into());
        (row.lost_on, row.lost_reason) = (None, None);
        next.applied_from = Some(date(on));
        self.periods.push(next);
        self
    }

    /// Every row of the last span carries its loss, as some registers write it.
    pub fn loss_on_all_rows(mut self) -> Self {
        let last = self.last().clone();
        for row in self.periods.iter_mut().filter(|r| r.scheme == last.scheme && r.acquired_on == last.acquired_on) {
            (row.lost_on, row.lost_reason) = (last.lost_on, last.lost_reason.clone());
        }
        self
    }

    pub fn card(mut self, kigo: &str, bango: &str, edaban: &str) -> Self {
        let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        let row = self.last();
        (row.kigo, row.bango, row.edaban) = (text(kigo), text(bango), text(edaban));
        self
    }

    pub fn household(mut self, id: &str) -> Self {
        self.last().household_id = id.into();
        self
    }

    pub fn not_head(mut self) -> Self {
        self.last().is_head = false;
        self
    }

    /// 後期: number 12345678 of the union.
    pub fn kouki(mut self) -> Self {
        let row = self.last();
        row.scheme = Scheme::Kouki;
        row.insurer_no = UNION.into();
        (row.kigo, row.bango, row.edaban) = (None, Some("12345678".into()), None);
        self
    }

    pub fn insurer(mut self, no: &str) -> Self {
        self.last().insurer_no = no.into();
        self
    }

    pub fn attribute(self, kind: &str, value: &str, from: &str, to: &str) -> Self {
        self.attribute_known(kind, value, from, to, "")
    }

    pub fn attribute_known(self, kind: &str, value: &str, from: &str, to: &str, known: &str) -> Self {
        let household = matches!(kind, "減免" | "所得区分" | "世帯継続");
        self.attribute_of(household, kind, value, (from, to), known)
    }

    /// The same of the household of the last row.
    pub fn household_attribute(self, kind: &str, value: &str, from: &str, to: &str) -> Self {
        self.attribute_of(true, kind, value, (from, to), "")
    }

    fn attribute_of(mut self, household: bool, kind: &str, value: &str, (from, to): (&str, &str), known: &str) -> Self {
        let id = if household { self.last().household_id.clone() } else { self.person.person_id.clone() };
        self.attributes.push(Attribute {
            target: if household { Target::Household } else { Target::Person },
            id,
            kind: kind.into(),
            value: value.into(),
            valid_from: Some(date(from)),
            valid_to: (!to.is_empty()).then(|| date(to)),
            registered_at: Moment::parse(known),
        });
        self
    }
}

/// A claim under construction. Outpatient, 医科, 本人, of the man that [`member`] makes.
#[derive(Clone)]
pub struct Given {
    month: Month,
    billing: Option<Month>,
    receipt_type: String,
    kind: Kind,
    payer: Option<String>,
    kigo: String,
    bango: String,
    edaban: Option<u8>,
    confirmation: String,
    confirmed: Option<(String, String, String)>,
    sex: u8,
    birth: Option<Date>,
    name: String,
    kana: String,
    rate: Option<i64>,
    tokki: String,
    meal_class: Option<String>,
    admission: Option<Date>,
    days: Vec<u8>,
    days_n: Option<i64>,
    exact: bool,
    day_outside: bool,
    points: i64,
    copay: Option<i64>,
    publics: Vec<(String, String)>,
    public_points: i64,
    institution: Option<String>,
    prescriber: Option<String>,
    prescribed: [u32; 2],
    wait_days: i32,
    split: bool,
    department: String,
    window_class: Option<String>,
    relief: bool,
    resubmitted: bool,
    third_party: Option<Outcome>,
    import: u32,
    withdrawn: bool,
}

pub fn claim(service_month: &str) -> Given {
    let month = month(service_month);
    Given {
        month,
        billing: Some(month.plus(1)),
        receipt_type: "1112".into(),
        kind: Kind::Medical,
        payer: Some(CITY.into()),
        kigo: String::new(),
        bango: "1234567".into(),
        edaban: Some(1),
        confirmation: String::new(),
        confirmed: None,
        sex: 1,
        birth: Some(date("1980-05-10")),
        name: "見本　太郎".into(),
        kana: "ミホン　タロウ".into(),
        rate: None,
        tokki: String::new(),
        meal_class: None,
        admission: None,
        days: vec![10],
        days_n: None,
        exact: true,
        day_outside: false,
        points: 500,
        copay: None,
        publics: Vec::new(),
        public_points: 0,
        institution: None,
        prescriber: None,
        prescribed: [0; 2],
        wait_days: 0,
        split: false,
        department: String::new(),
        window_class: None,
        relief: false,
        resubmitted: false,
        third_party: None,
        import: 1,
        withdrawn: false,
    }
}

/// The number of a late-elderly person of the union.
pub fn kouki_claim(service_month: &str) -> Given {
    claim(service_month).kouki().born("1946-03-05").tokki("42")
}

/// A 調剤 claim of the man that [`member`] makes.
pub fn pharmacy(service_month: &str) -> Given {
    claim(service_month).receipt_type("4112")
}

/// A 訪問看護 claim of the same man.
pub fn nursing(service_month: &str) -> Given {
    claim(service_month).receipt_type("6112")
}

impl Given {
    pub fn days<const N: usize>(mut self, days: [u8; N]) -> Self {
        self.days = days.to_vec();
        self
    }

    /// An inpatient from one day to another.
    pub fn stay(mut self, from: u8, to: u8) -> Self {
        self.days = (from..=to).collect();
        let class = self.receipt_type.as_bytes()[3];
        // 1, 3, 5, 7, 9 are inpatients; 9 goes with 0
        let inpatient = if class == b'0' { b'9' } else { class - u8::from(class.is_multiple_of(2)) };
        self.class(inpatient as char)
    }

    pub fn dpc(mut self) -> Self {
        self.kind = Kind::Dpc;
        self
    }

    /// No day at all.
    pub fn no_days(self) -> Self {
        self.days([]).not_exact()
    }

    /// Days that are not known from day data.
    pub fn not_exact(mut self) -> Self {
        self.exact = false;
        self
    }

    /// 実日数 that disagrees with the days makes them not exact (E707).
    pub fn billed_days(mut self, n: i64) -> Self {
        self.days_n = Some(n);
        self
    }

    pub fn receipt_type(mut self, code: &str) -> Self {
        self.receipt_type = code.into();
        self.kind = match code.as_bytes()[0] {
            b'3' => Kind::Dental,
            b'4' => Kind::Pharmacy,
            b'6' => Kind::Nursing,
            _ => Kind::Medical,
        };
        self
    }

    /// The last digit of レセプト種別.
    pub fn class(self, digit: char) -> Self {
        let code = format!("{}{digit}", &self.receipt_type[..3]);
        self.receipt_type(&code)
    }

    pub fn payer(mut self, no: &str) -> Self {
        self.payer = (!no.is_empty()).then(|| no.into());
        self
    }

    /// 後期: number 12345678 of the union, a man of the years before 1951.
    pub fn kouki(mut self) -> Self {
        self.payer = Some(UNION.into());
        (self.kigo, self.bango, self.edaban) = (String::new(), "12345678".into(), None);
        self.receipt_type("1318")
    }

    pub fn card(mut self, kigo: &str, bango: &str, edaban: Option<u8>) -> Self {
        (self.kigo, self.bango, self.edaban) = (kigo.into(), bango.into(), edaban);
        self
    }

    pub fn born(mut self, on: &str) -> Self {
        self.birth = Some(date(on));
        self
    }

    pub fn female(mut self) -> Self {
        self.sex = 2;
        self
    }

    pub fn named(mut self, name: &str, kana: &str) -> Self {
        (self.name, self.kana) = (name.into(), kana.into());
        self
    }

    pub fn billed_in(mut self, month_text: &str) -> Self {
        self.billing = Some(month(month_text));
        self
    }

    pub fn again(mut self) -> Self {
        self.resubmitted = true;
        self
    }

    /// 確認区分 of SN.
    pub fn sn(mut self, confirmation: &str) -> Self {
        self.confirmation = confirmation.into();
        self
    }

    /// The identifiers that SN supplies.
    pub fn sn_card(mut self, payer: &str, kigo: &str, bango: &str) -> Self {
        self.confirmed = Some((payer.into(), kigo.into(), bango.into()));
        self
    }

    pub fn rate(mut self, percent: i64) -> Self {
        self.rate = Some(percent);
        self
    }

    pub fn tokki(mut self, codes: &str) -> Self {
        self.tokki = codes.into();
        self
    }

    pub fn meal_class(mut self, class: &str) -> Self {
        self.meal_class = Some(class.into());
        self
    }

    pub fn admitted(mut self, on: &str) -> Self {
        self.admission = Some(date(on));
        self
    }

    pub fn day_outside(mut self) -> Self {
        self.day_outside = true;
        self.exact = false;
        self
    }

    pub fn points(mut self, points: i64) -> Self {
        self.points = points;
        self
    }

    /// 負担金額 医療保険 円
    pub fn copay(mut self, yen: i64) -> Self {
        self.copay = Some(yen);
        self
    }

    /// 点 of each public payer.
    pub fn public_points(mut self, points: i64) -> Self {
        self.public_points = points;
        self
    }

    pub fn public(mut self, payer_no: &str, recipient_no: &str) -> Self {
        self.publics.push((payer_no.into(), recipient_no.into()));
        self
    }

    /// Prefecture, score table and code, ten digits.
    pub fn at(mut self, institution: &str) -> Self {
        self.institution = Some(institution.into());
        self
    }

    /// 調剤: the prescriber, and days of prescription in the service month.
    pub fn prescribed<const N: usize>(mut self, by: &str, days: [u8; N]) -> Self {
        self.prescriber = Some(by.into());
        self.prescribed[0] = days.iter().fold(0, |m, d| m | 1 << (d - 1));
        self
    }

    /// 調剤: days of prescription in the month before.
    pub fn prescribed_before<const N: usize>(mut self, by: &str, days: [u8; N]) -> Self {
        self.prescriber = Some(by.into());
        self.prescribed[1] = days.iter().fold(0, |m, d| m | 1 << (d - 1));
        self
    }

    /// 訪問看護: the institution of the attending physician.
    pub fn physician(mut self, institution: &str) -> Self {
        self.prescriber = Some(institution.into());
        self
    }

    /// 調剤: days between prescription and dispensing.
    pub fn waited(mut self, days: i32) -> Self {
        self.wait_days = days;
        self
    }

    pub fn split_dispensing(mut self) -> Self {
        self.split = true;
        self
    }

    pub fn department(mut self, code: &str) -> Self {
        self.department = code.into();
        self
    }

    pub fn window_class(mut self, class: &str) -> Self {
        self.window_class = Some(class.into());
        self
    }

    pub fn with_relief(mut self) -> Self {
        self.relief = true;
        self
    }

    /// What the third-party rules say, of diagnoses, comments and links as the worked cases write them (third-party.md 9).
    pub fn injured(mut self, diagnoses: &str, comments: &str, links: &str) -> Self {
        let month = self.month;
        let text = format!(
            "case_id,age,sex,claim_type,claim_month,tokki,diagnoses,comments,procedures,links\n\
             1,46,M,医科外来,{month},{},{diagnoses},{comments},111000110,{links}\n",
            self.tokki
        );
        let case = mini_cases::read(&text).unwrap().remove(0);
        self.third_party = Some(case.score(Rules::embedded()).unwrap());
        self
    }

    /// The number of the import, 1 if not said: a claim of another import.
    pub fn in_import(mut self, no: u32) -> Self {
        self.import = no;
        self
    }

    /// No longer live: taken back after 返戻 or 過誤.
    pub fn withdrawn(mut self) -> Self {
        self.withdrawn = true;
        self
    }

    fn facts(&self) -> ClaimFacts<'_> {
        let text = |t: &str| (!t.is_empty()).then_some(());
        let inpatient = match self.kind {
            Kind::Dpc => true,
            Kind::Medical => self.receipt_type.as_bytes()[3] % 2 == 1,
            Kind::Dental => self.admission.is_some(),
            _ => false,
        };
        let days = self.days.iter().fold(0u32, |m, d| m | 1 << (d - 1));
        let count = i64::from(days.count_ones());
        let differ = self.exact && !inpatient && self.kind != Kind::Pharmacy && self.days_n.is_some_and(|n| n != count);
        ClaimFacts {
            kind: self.kind,
            month: self.month,
            billing_month: self.billing,
            receipt_type: self.receipt_type.as_bytes().try_into().unwrap(),
            payer: self.payer.as_deref(),
            kigo: text(&self.kigo).map(|_| RawText::utf8(&self.kigo)),
            bango: text(&self.bango).map(|_| RawText::utf8(&self.bango)),
            edaban: self.edaban,
            confirmed: Confirmed {
                confirmation: &self.confirmation,
                insurer_no: self.confirmed.as_ref().map(|c| c.0.as_str()).filter(|t| !t.is_empty()),
                kigo: self.confirmed.as_ref().map(|c| c.1.as_str()).filter(|t| !t.is_empty()).map(RawText::utf8),
                bango: self.confirmed.as_ref().map(|c| c.2.as_str()).filter(|t| !t.is_empty()).map(RawText::utf8),
            },
            sex: self.sex,
            birth: self.birth,
            name: text(&self.name).map(|_| RawText::utf8(&self.name)),
            kana: text(&self.kana).map(|_| RawText::utf8(&self.kana)),
            benefit_rate: self.rate,
            tokki: &self.tokki,
            meal_class: self.meal_class.as_deref(),
            admission: self.admission,
            inpatient,
            days_n: Some(self.days_n.unwrap_or(count)),
            points: self.points,
            copay: self.copay,
            corrected: false,
            publics: (self.publics.iter())
                .map(|(p, r)| Public { payer_no: p, recipient_no: r, points: self.public_points, copay: None })
                .collect(),
            institution: split_institution(self.institution.as_deref().unwrap_or("1310000000")),
            prescriber: self.prescriber.as_deref().map(split_institution),
            department: text(&self.department).map(|_| self.department.as_str()),
            window_class: self.window_class.as_deref(),
            relief: self.relief,
            resubmitted: self.resubmitted,
            days,
            exact: self.exact && !differ && days != 0,
            days_differ: differ,
            day_outside: self.day_outside,
            prescribed: self.prescribed,
            wait_days: self.wait_days,
            split_dispensing: self.split,
            third_party: self.third_party.as_ref(),
        }
    }
}

fn split_institution(ten: &str) -> (&str, &str, &str) {
    (&ten[..2], &ten[2..3], &ten[3..])
}

/// What is expected of one claim.
#[derive(Clone, Default)]
struct Expected {
    silent: bool,
    findings: Option<Vec<&'static str>>,
    tags: Vec<&'static str>,
    never: Vec<&'static str>,
    primary: Option<&'static str>,
    dispositions: Vec<(&'static str, &'static str)>,
    days: Vec<(&'static str, Vec<u8>, Vec<u8>)>,
    causes: Vec<(&'static str, u8, &'static str)>,
    retro: Vec<(&'static str, bool)>,
    prov_ok: Vec<(&'static str, bool)>,
    certainty: Vec<(&'static str, &'static str)>,
    severity: Vec<(&'static str, &'static str)>,
    cand_payer: Vec<(&'static str, &'static str)>,
    says: Vec<(&'static str, &'static str)>,
    cause_is: Vec<(&'static str, String)>,
    alike: Option<(&'static str, &'static str)>,
    tier: Option<&'static str>,
    person: Option<Option<&'static str>>,
}

#[derive(Clone)]
pub struct Scenario {
    pub name: &'static str,
    members: Vec<Member>,
    claims: Vec<(Given, Expected)>,
    exam: Option<Month>,
    settings: Settings,
    /// 世帯番号 and months that count for 多数回; `None`: nothing was ever worked out
    hits: Option<Vec<(&'static str, &'static str)>>,
    /// months of which all claims are at hand; empty = all
    whole: Vec<Month>,
    no_register: bool,
}

pub fn scenario(name: &'static str) -> Scenario {
    Scenario {
        name,
        members: Vec::new(),
        claims: Vec::new(),
        exam: None,
        settings: Settings::default(),
        hits: None,
        whole: Vec::new(),
        no_register: false,
    }
}

impl Scenario {
    pub fn member(mut self, m: Member) -> Self {
        self.members.push(m);
        self
    }

    /// A claim; expectations that follow are about it.
    pub fn claim(mut self, c: Given) -> Self {
        self.claims.push((c, Expected::default()));
        self
    }

    fn of(&mut self) -> &mut Expected {
        &mut self.claims.last_mut().expect("a claim comes first").1
    }

    /// Every finding that is no tag.
    pub fn expect<const N: usize>(mut self, rules: [&'static str; N]) -> Self {
        self.of().findings = Some(rules.to_vec());
        self
    }

    /// Nothing at all, no tag either.
    pub fn silent(mut self) -> Self {
        self.of().silent = true;
        self.expect([])
    }

    pub fn tags<const N: usize>(mut self, rules: [&'static str; N]) -> Self {
        self.of().tags = rules.to_vec();
        self
    }

    pub fn never<const N: usize>(mut self, rules: [&'static str; N]) -> Self {
        self.of().never = rules.to_vec();
        self
    }

    pub fn primary(mut self, rule: &'static str) -> Self {
        self.of().primary = Some(rule);
        self
    }

    /// An empty disposition is none.
    pub fn disposition(mut self, rule: &'static str, code: &'static str) -> Self {
        self.of().dispositions.push((rule, code));
        self
    }

    pub fn days<const B: usize, const O: usize>(mut self, rule: &'static str, bad: [u8; B], ok: [u8; O]) -> Self {
        self.of().days.push((rule, bad.to_vec(), ok.to_vec()));
        self
    }

    /// The rule that stands as cause of a bad day.
    pub fn cause(mut self, rule: &'static str, day: u8, cause: &'static str) -> Self {
        self.of().causes.push((rule, day, cause));
        self
    }

    pub fn retro(mut self, rule: &'static str, yes: bool) -> Self {
        self.of().retro.push((rule, yes));
        self
    }

    pub fn prov_ok(mut self, rule: &'static str, yes: bool) -> Self {
        self.of().prov_ok.push((rule, yes));
        self
    }

    pub fn certainty(mut self, rule: &'static str, word: &'static str) -> Self {
        self.of().certainty.push((rule, word));
        self
    }

    pub fn severity(mut self, rule: &'static str, word: &'static str) -> Self {
        self.of().severity.push((rule, word));
        self
    }

    pub fn cand_payer(mut self, rule: &'static str, payer: &'static str) -> Self {
        self.of().cand_payer.push((rule, payer));
        self
    }

    /// The sentence contains a text.
    pub fn says(mut self, rule: &'static str, text: &'static str) -> Self {
        self.of().says.push((rule, text));
        self
    }

    /// What decides: with claim and rule the identity of the finding.
    pub fn cause_is(mut self, rule: &'static str, cause: &str) -> Self {
        self.of().cause_is.push((rule, cause.to_owned()));
        self
    }

    /// The finding names another claim of the scenario, counted from 1.
    pub fn names_claim(self, rule: &'static str, number: u64) -> Self {
        self.cause_is(rule, &format!("{number:016x}"))
    }

    /// How number and name are like the register's: `strict`, `loose`, `different`; the name empty = `none`.
    pub fn alike(mut self, number: &'static str, name: &'static str) -> Self {
        self.of().alike = Some((number, name));
        self
    }

    /// Of this month all claims are at hand; of others not.
    pub fn whole(mut self, text: &str) -> Self {
        self.whole.push(month(text));
        self
    }

    /// A store without a register.
    pub fn no_register(mut self) -> Self {
        self.no_register = true;
        self
    }

    pub fn tier(mut self, tier: &'static str) -> Self {
        self.of().tier = Some(tier);
        self
    }

    pub fn person(mut self, id: Option<&'static str>) -> Self {
        self.of().person = Some(id);
        self
    }

    pub fn exam(mut self, text: &str) -> Self {
        self.exam = Some(month(text));
        self
    }

    pub fn set(mut self, parameter: &str, value: &str) -> Self {
        self.settings.parameters.set(parameter, value).unwrap();
        self
    }

    pub fn switch_off(mut self, rule: &str) -> Self {
        assert!(self.settings.switch(rule, false));
        self
    }

    /// Every month of the three years before 2027 was worked out, and these count.
    pub fn hits<const N: usize>(mut self, household: &'static str, months: [&'static str; N]) -> Self {
        self.hits.get_or_insert_default().extend(months.map(|m| (household, m)));
        self
    }

    pub fn retired(mut self, no: &str, on: &str) -> Self {
        self.settings.retired.push((no.into(), date(on)));
        self
    }

    pub fn claims(&self) -> usize {
        self.claims.len()
    }

    /// Rules that this scenario expects to fire, and not to.
    pub fn rules(&self) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
        let (mut fires, mut not) = (BTreeSet::new(), BTreeSet::new());
        for (_, e) in &self.claims {
            fires.extend(e.findings.iter().flatten().chain(&e.tags));
            not.extend(&e.never);
        }
        (fires, not)
    }

    fn registers(&self) -> Registers {
        let mut register = Register::default();
        for m in &self.members {
            register.persons.push(m.person.clone());
            register.periods.extend(m.periods.clone());
            register.attributes.extend(m.attributes.clone());
        }
        register.persons.sort_by(|a, b| a.person_id.cmp(&b.person_id));
        let registry = OwnerRegistry::build(CITY, &register);
        let mut settings = self.settings.clone();
        settings.numbers.push(UNION.into());
        if self.no_register {
            return Registers::new(Vec::new(), None, settings);
        }
        let mut limits = LimitBasis::default();
        if let Some(hits) = &self.hits {
            let known = limits.hits.entry(CITY.into()).or_default();
            known.worked_out = (0..36).map(|n| month("2024-01").plus(n)).collect();
            for (household, text) in hits {
                known.months.entry((false, (*household).into())).or_default().insert(month(text));
            }
        }
        Registers::new(vec![Owner { registry, settings }], None, Settings::default()).with_limits(limits)
    }

    /// Everything that is not as expected.
    pub fn failures(&self) -> Vec<String> {
        let registers = self.registers();
        let in_force = registers.owners().first().map_or(&registers.settings, |o| &o.settings);
        let mut results = Vec::new();
        let mut pairs_in = Vec::new();
        for (at, (given, _)) in self.claims.iter().enumerate() {
            let mut facts = given.facts();
            let own_place = format!("{:07}", at + 1);
            if given.institution.is_none() {
                facts.institution = ("13", &given.receipt_type[..1], &own_place);
            }
            let exam = self.exam.unwrap_or(given.month.plus(1));
            let judged = judge(&registers, &facts, exam);
            let order = (given.import, 1, at as u32 + 1);
            if !given.withdrawn {
                pairs_in.extend(PairFacts::of(&facts, &judged, 0, at as u64 + 1, order, in_force));
            }
            let who = judged.person.map(|p| p.id().to_owned());
            let like = judged.owner.map(|o| {
                let id = identify(&o.registry, &facts, !judged.findings.iter().any(|f| f.rule == "E117"));
                (word(id.number), id.name.map_or("none", word))
            });
            results.push((judged.findings, judged.tier.map(|t| t.code()), who, like));
        }
        let settings = |_| in_force.clone();
        let whole = |m: Month| self.whole.is_empty() || self.whole.contains(&m);
        let across = pairs::findings(&mut pairs_in, &settings, &|_| true, &whole);
        let mut by_claim: BTreeMap<u64, Vec<Finding>> = BTreeMap::new();
        for (claim, f) in across {
            by_claim.entry(claim).or_default().push(f);
        }
        let mut failures = Vec::new();
        for (at, ((findings, tier, who, like), (_, expected))) in results.into_iter().zip(&self.claims).enumerate() {
            let all = pairs::combine(findings, by_claim.remove(&(at as u64 + 1)).unwrap_or_default());
            let mut fail = |text: String| failures.push(format!("{} (claim {}): {text}", self.name, at + 1));
            check(expected, &all, tier, who.as_deref(), &mut fail);
            if expected.alike.is_some() && expected.alike != like {
                fail(format!("expected {:?}, got {like:?}", expected.alike));
            }
        }
        failures
    }
}

fn word(l: Likeness) -> &'static str {
    match l {
        Likeness::Strict => "strict",
        Likeness::Loose => "loose",
        Likeness::Different => "different",
    }
}

fn check(e: &Expected, all: &[Finding], tier: Option<&str>, who: Option<&str>, fail: &mut dyn FnMut(String)) {
    let fired: Vec<&str> = all.iter().map(|f| f.rule).collect();
    if let Some(want) = &e.findings {
        let got: BTreeSet<&str> = all.iter().filter(|f| !f.is_tag()).map(|f| f.rule).collect();
        if got != want.iter().copied().collect() {
            fail(format!("expected {want:?}, got {got:?} (all: {fired:?})"));
        }
    }
    if e.silent && !fired.is_empty() {
        fail(format!("expected nothing, got {fired:?}"));
    }
    for rule in &e.tags {
        if !fired.contains(rule) {
            fail(format!("{rule} is missing in {fired:?}"));
        }
    }
    for rule in &e.never {
        if fired.contains(rule) {
            fail(format!("{rule} must not fire, got {fired:?}"));
        }
    }
    if let Some(want) = e.primary {
        let got = all.iter().find(|f| f.is_primary).map(|f| f.rule);
        if got != Some(want) {
            fail(format!("primary {want}, got {got:?}"));
        }
    }
    if all.iter().filter(|f| f.is_primary).count() != usize::from(!all.is_empty()) {
        fail("one finding is primary".to_owned());
    }
    let mut with = |rule: &str, what: &dyn Fn(&Finding) -> Option<String>| match all.iter().find(|f| f.rule == rule) {
        Some(f) => {
            if let Some(wrong) = what(f) {
                fail(format!("{rule}: {wrong}"));
            }
        }
        None => fail(format!("{rule} is not among {fired:?}")),
    };
    let differs = |want: &str, got: &str| (want != got).then(|| format!("expected {want:?}, got {got:?}"));
    for (rule, want) in &e.dispositions {
        with(rule, &|f| differs(want, f.disposition.map_or("", Disposition::code)));
    }
    for (rule, bad, ok) in &e.days {
        let list = |mask: u32| (1..=31u8).filter(|d| mask >> (d - 1) & 1 == 1).collect::<Vec<_>>();
        with(rule, &|f| differs(&format!("{bad:?} {ok:?}"), &format!("{:?} {:?}", list(f.days_bad), list(f.days_ok))));
    }
    for (rule, day, cause) in &e.causes {
        with(rule, &|f| differs(cause, f.causes.iter().find(|c| c.day == *day).map_or("", |c| c.rule)));
    }
    for (rule, want) in &e.retro {
        with(rule, &|f| (f.retro != *want).then(|| format!("retro is {}", f.retro)));
    }
    for (rule, want) in &e.prov_ok {
        with(rule, &|f| (f.prov_ok != *want).then(|| format!("prov_ok is {}", f.prov_ok)));
    }
    for (rule, want) in &e.certainty {
        with(rule, &|f| differs(want, f.certainty.code()));
    }
    for (rule, want) in &e.severity {
        with(rule, &|f| differs(want, f.severity.code()));
    }
    for (rule, want) in &e.cand_payer {
        with(rule, &|f| differs(want, f.cand_payer.as_deref().unwrap_or_default()));
    }
    for (rule, want) in &e.says {
        with(rule, &|f| (!f.reason.contains(want)).then(|| format!("{want:?} is not in {:?}", f.reason)));
    }
    for (rule, want) in &e.cause_is {
        with(rule, &|f| differs(want, &f.cause));
    }
    if let Some(want) = e.tier
        && tier != Some(want)
    {
        fail(format!("tier {want}, got {tier:?}"));
    }
    if let Some(want) = e.person
        && who != want
    {
        fail(format!("person {want:?}, got {who:?}"));
    }
}
