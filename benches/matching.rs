//! Matching and the rules on one claim against a register of 100,000 persons, one thread:
//! `cargo bench -p tenken-benches --bench matching`. Also prints the memory of the register per period row.
//!
//! Claims are as a municipality gets them: nearly all of persons who are covered, one to six days, names in
//! the encoding of claim files; one in two hundred after a loss.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenken_matcher::{
    facts::{ClaimFacts, Confirmed},
    keys::RawText,
    registers::{Owner, Registers},
    registry::{
        OwnerRegistry,
        rows::{Attribute, Period, Person, Register, Scheme, Target},
    },
    rules::judge,
    settings::Settings,
};
use tenken_parser::{Date, Encoding, Kind, Month};

const PERSONS: u32 = 100_000;
const CLAIMS: u32 = 200_000;
const INSURER: &str = "138941";

/// A small generator of numbers: the same every time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(n)) as u32
    }
}

fn kana(mut n: u32) -> String {
    let mut name = String::new();
    for i in 0..7 {
        name.push(char::from_u32('ア' as u32 + n % 80).unwrap_or('ア'));
        n = n / 3 + 17;
        if i == 3 {
            name.push('　');
        }
    }
    name
}

fn register() -> Register {
    let mut draw = Draw(1);
    let mut register = Register::default();
    for n in 0..PERSONS {
        let person_id = format!("{:08}", n + 1);
        let household = n / 2;
        let birth = Date::new(1958 + draw.below(54) as u16, 1 + draw.below(12) as u8, 1 + draw.below(28) as u8);
        register.persons.push(Person {
            person_id: person_id.clone(),
            name: Some(format!("見本{}　例{}", n % 700, n % 900)),
            kana: Some(kana(n)),
            birth_date: birth,
            sex: Some(1 + (n % 2) as u8),
            ..Person::default()
        });
        let acquired = Date::new(2010 + draw.below(15) as u16, 1 + draw.below(12) as u8, 1);
        let Some(acquired) = acquired else { continue };
        let row = Period {
            person_id: person_id.clone(),
            household_id: format!("{household:07}"),
            scheme: Scheme::Kokuho,
            insurer_no: INSURER.into(),
            kigo: None,
            bango: Some(format!("{:07}", 1_000_000 + household)),
            edaban: Some(format!("{:02}", 1 + n % 2)),
            is_head: n % 2 == 0,
            acquired_on: acquired,
            acquired_reason: Some("転入".into()),
            lost_on: n.is_multiple_of(200).then(|| Date::new(2026, 8, 16)).flatten(),
            lost_reason: n.is_multiple_of(200).then(|| "社保加入".into()),
            applied_from: None,
            applied_from_reason: None,
            applied_to: None,
            applied_to_reason: None,
            registered_at: None,
            registered_at_start: None,
            span_no: 1,
        };
        if n.is_multiple_of(3) {
            let mut before = row.clone();
            before.applied_to = Date::new(2025, 4, 1);
            before.applied_to_reason = Some("番号変更".into());
            before.bango = Some(format!("{:07}", 5_000_000 + household));
            (before.lost_on, before.lost_reason) = (None, None);
            register.periods.push(before);
            register.periods.push(Period { applied_from: Date::new(2025, 4, 1), ..row });
        } else {
            register.periods.push(row);
        }
        for kind in ["負担割合", "高齢所得区分"].into_iter().take(usize::from(n.is_multiple_of(4)) * 2) {
            register.attributes.push(Attribute {
                target: Target::Person,
                id: person_id.clone(),
                kind: kind.into(),
                value: if kind == "負担割合" { "2" } else { "一般" }.into(),
                valid_from: Date::new(2025, 8, 1),
                valid_to: None,
                registered_at: None,
            });
        }
    }
    register
}

/// What a claim file holds of a claim, as bytes.
struct Bytes {
    bango: String,
    edaban: u8,
    sex: u8,
    birth: Option<Date>,
    kana: Vec<u8>,
    name: Vec<u8>,
    days: u32,
}

fn claims(register: &Register) -> Vec<Bytes> {
    let mut draw = Draw(7);
    (0..CLAIMS)
        .map(|_| {
            let n = draw.below(PERSONS);
            let person = &register.persons[n as usize];
            let days = (0..1 + draw.below(6)).fold(0u32, |m, _| m | 1 << draw.below(30));
            Bytes {
                bango: format!("{:07}", 1_000_000 + n / 2),
                edaban: 1 + (n % 2) as u8,
                sex: 1 + (n % 2) as u8,
                birth: person.birth_date,
                kana: Encoding::Cp932.encode(person.kana.as_deref().unwrap_or_default()),
                name: Encoding::Cp932.encode(person.name.as_deref().unwrap_or_default()),
                days,
            }
        })
        .collect()
}

fn facts(b: &Bytes, month: Month) -> ClaimFacts<'_> {
    let raw = |bytes| RawText { bytes, encoding: Encoding::Cp932 };
    ClaimFacts {
        kind: Kind::Medical,
        month,
        billing_month: Some(month.plus(1)),
        receipt_type: if b.edaban == 1 { *b"1112" } else { *b"1116" },
        payer: Some(INSURER),
        kigo: None,
        bango: Some(raw(b.bango.as_bytes())),
        edaban: Some(b.edaban),
        confirmed: Confirmed { confirmation: "01", ..Confirmed::default() },
        sex: b.sex,
        birth: b.birth,
        name: Some(raw(&b.name)),
        kana: Some(raw(&b.kana)),
        benefit_rate: None,
        tokki: "",
        meal_class: None,
        admission: None,
        inpatient: false,
        days_n: Some(i64::from(b.days.count_ones())),
        points: 500,
        copay: None,
        corrected: false,
        publics: Vec::new(),
        institution: ("13", "1", "0123458"),
        prescriber: None,
        department: None,
        window_class: None,
        relief: false,
        resubmitted: false,
        days: b.days,
        exact: true,
        days_differ: false,
        day_outside: false,
        prescribed: [0; 2],
        wait_days: 0,
        split_dispensing: false,
        third_party: None,
    }
}

fn matching(c: &mut Criterion) {
    let rows = register();
    let registry = OwnerRegistry::build(INSURER, &rows);
    println!(
        "register: {} persons, {} period rows, {} attributes, {:.1} bytes per period row",
        rows.persons.len(),
        registry.period_rows(),
        rows.attributes.len(),
        registry.bytes() as f64 / registry.period_rows() as f64
    );
    let bytes = claims(&rows);
    let registers = Registers::new(vec![Owner { registry, settings: Settings::default() }], None, Settings::default());
    let (month, exam) = (Month::new(2026, 9), Month::new(2026, 10));
    let (Some(month), Some(exam)) = (month, exam) else { return };
    let all: Vec<ClaimFacts<'_>> = bytes.iter().map(|b| facts(b, month)).collect();
    let mut group = c.benchmark_group("matching");
    group.throughput(Throughput::Elements(u64::from(CLAIMS)));
    group.sample_size(10);
    group.bench_function("judge", |b| {
        b.iter(|| all.iter().map(|f| judge(black_box(&registers), f, exam).findings.len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, matching);
criterion_main!(benches);
