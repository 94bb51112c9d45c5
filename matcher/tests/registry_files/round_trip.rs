//! Any register, written and loaded, is the same; the order of rows does not matter.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*, sample::select};
use tenken_matcher::{
    files::{Input, Options, layout, load_inputs, write},
    registry::rows::{Attribute, Household, Moment, Period, Person, Register, Scheme, Target},
};
use tenken_parser::Date;

fn day(n: i32) -> Date {
    Date::from_epoch_days(n).unwrap()
}

/// Text as names have it: quotes, commas, line ends inside, no spaces around.
fn text() -> impl Strategy<Value = Option<String>> {
    option::of("[見本架空太花郎子ア-ン\"][見本　架空 ,\"\n]{0,4}[郎子]")
}

fn moment() -> impl Strategy<Value = Option<Moment>> {
    option::of((0i64..2_000_000_000_000_000).prop_map(Moment))
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    option::of(select(words).prop_map(str::to_owned))
}

/// A stretch of days in one or more rows of one span: lengths of rows, a gap before the next span.
type Span = (Vec<i32>, i32, bool, [Option<String>; 4]);

fn span() -> impl Strategy<Value = Span> {
    let reasons = (
        word(layout::ACQUIRED_REASONS),
        word(layout::LOST_REASONS),
        word(layout::APPLIED_FROM_REASONS),
        word(layout::APPLIED_TO_REASONS),
    );
    let reasons = reasons.prop_map(|(a, b, c, d)| [a, b, c, d]);
    (vec(1i32..2_000, 1..4), 0i32..1_000, any::<bool>(), reasons)
}

fn person() -> impl Strategy<Value = (Person, Vec<Period>)> {
    let head = (text(), text(), vec("[見本架空]{1,3}", 0..3), option::of(1u8..3), text(), any::<bool>());
    let kouki = any::<bool>();
    (head, -15_000i32..10_000, vec(span(), 0..4), 501u32..520, moment(), moment(), kouki, any::<bool>()).prop_map(
        |((name, kana, other_names, sex, address, no_notice), birth, spans, household, at, start, kouki, dies)| {
            let mut person = Person {
                name,
                kana,
                other_names,
                birth_date: Some(day(birth)),
                sex,
                mail_name: address.clone(),
                address,
                no_notice,
                ..Person::default()
            };
            let mut periods = Vec::new();
            let mut from = birth;
            let count = spans.len();
            for (span_no, (rows, gap, on_all, [a, b, c, d])) in spans.into_iter().enumerate() {
                let acquired = from;
                let lost = acquired + rows.iter().sum::<i32>();
                let last_row = rows.len() - 1;
                for (n, len) in rows.into_iter().enumerate() {
                    let is_kouki = kouki && span_no + 1 == count;
                    let ends_here = n == last_row;
                    periods.push(Period {
                        person_id: String::new(),
                        household_id: household.to_string(),
                        scheme: if is_kouki { Scheme::Kouki } else { Scheme::Kokuho },
                        insurer_no: if is_kouki { "39139993" } else { "139998" }.to_owned(),
                        kigo: (!is_kouki).then(|| "見".to_owned()),
                        bango: Some(format!("{}", 1_000 + n)),
                        edaban: (!is_kouki).then(|| "01".to_owned()),
                        is_head: n == 0,
                        acquired_on: day(acquired),
                        acquired_reason: a.clone(),
                        lost_on: (on_all || ends_here).then(|| day(lost)),
                        lost_reason: b.clone(),
                        applied_from: (n > 0).then(|| day(from)),
                        applied_from_reason: c.clone(),
                        applied_to: (!ends_here).then(|| day(from + len)),
                        applied_to_reason: d.clone(),
                        registered_at: at,
                        registered_at_start: start,
                        span_no: span_no as i32 + 1,
                    });
                    from += len;
                }
                if dies && span_no + 1 == count {
                    person.death_date = Some(day(lost - 1));
                }
                from += gap;
            }
            (person, periods)
        },
    )
}

fn attribute() -> impl Strategy<Value = (bool, &'static str, &'static str)> {
    select(vec![
        (true, "負担割合", "2"),
        (true, "高齢所得区分", "低所得Ⅱ"),
        (true, "公費", "54139992:1234567"),
        (true, "求償", "12:2026-04-01"),
        (true, "通知除外", "1"),
        (false, "所得区分", "ウ"),
        (false, "減免", "減額:50"),
    ])
}

fn register() -> impl Strategy<Value = Register> {
    let attributes = vec((attribute(), any::<prop::sample::Index>(), option::of(18_000i32..21_000), moment()), 0..8);
    (vec(person(), 1..8), attributes, text()).prop_map(|(people, attributes, head_name)| {
        let mut r = Register::default();
        for (n, (mut person, mut periods)) in people.into_iter().enumerate() {
            person.person_id = format!("{:04}", 1_001 + n);
            periods.iter_mut().for_each(|p| p.person_id.clone_from(&person.person_id));
            r.persons.push(person);
            r.periods.append(&mut periods);
        }
        r.periods.sort_by_key(|p| (p.person_id.clone(), p.scheme, p.acquired_on, p.applied_from));
        let household = |n: usize| Household {
            household_id: (501 + n).to_string(),
            head_name: head_name.clone(),
            ..Household::default()
        };
        r.households = (0..3).map(household).collect();
        let mut by_key = BTreeMap::new();
        for ((is_person, kind, value), whose, from, at) in attributes {
            let target = if is_person { Target::Person } else { Target::Household };
            let id = match target {
                Target::Person => r.persons[whose.index(r.persons.len())].person_id.clone(),
                Target::Household => r.households[whose.index(3)].household_id.clone(),
            };
            let from = from.map(day);
            let a = Attribute {
                target,
                id: id.clone(),
                kind: kind.to_owned(),
                value: value.to_owned(),
                valid_from: from,
                valid_to: from,
                registered_at: at,
            };
            by_key.insert((target, id, kind, from, value), a);
        }
        r.attributes = by_key.into_values().collect();
        r
    })
}

fn files(register: &Register) -> Vec<Input> {
    write(register).map(|(name, text)| Input { name: name.to_owned(), bytes: text.into_bytes() }).into()
}

proptest! {
    #[test]
    fn written_and_loaded(register in register(), seed in any::<u64>()) {
        let loaded = load_inputs(files(&register), Options::default()).unwrap();
        prop_assert_eq!(&loaded.rejects, &[]);
        prop_assert!(loaded.register == register);

        let mut mixed = register.clone();
        mix(&mut mixed.persons, seed);
        mix(&mut mixed.periods, seed);
        mix(&mut mixed.attributes, seed);
        mix(&mut mixed.households, seed);
        let loaded = load_inputs(files(&mixed), Options::default()).unwrap();
        prop_assert_eq!(&loaded.rejects, &[]);
        prop_assert!(loaded.register == register);

        let onto = Options { onto: Some(loaded.register), ..Options::default() };
        prop_assert!(load_inputs(files(&mixed), onto).unwrap().register == register);
    }

    /// Whatever is in the files: every row is kept or rejected, and no name is shown.
    #[test]
    fn nothing_is_lost(cells in vec(vec(select(CELLS), 16), 0..30)) {
        let line = |c: &Vec<&str>, n: usize| format!("{}\n", c[..n].join(","));
        let rows = [7, 16, 7, 3].map(|n| cells.iter().map(|c| line(c, n)).collect::<String>());
        let loaded = crate::load([&rows[0], &rows[1], &rows[2], &rows[3]]);
        let r = &loaded.register;
        let kept = r.persons.len() + r.periods.len() + r.attributes.len() + r.households.len();
        let read: u64 = loaded.files.iter().map(|f| f.rows).sum();
        prop_assert_eq!(read as usize, kept + loaded.rejects.len());
        let again = load_inputs(files(r), Options::default()).unwrap();
        prop_assert_eq!(&again.rejects, &[]);
        prop_assert!(again.register == *r);
    }
}

const CELLS: &[&str] = &[
    "",
    "1",
    "1",
    "1",
    "3",
    "1001",
    "139998",
    "39139993",
    "2014-04-01",
    "2026-04-01",
    "2026-05-01",
    "R8.4.1",
    "転入",
    "転出",
    "個人",
    "世帯",
    "負担割合",
    "所得区分",
    "ウ",
    "2",
    "9",
    "x",
];

/// Some order of the rows.
fn mix<T>(rows: &mut [T], mut seed: u64) {
    for i in (1..rows.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.swap(i, (seed >> 33) as usize % (i + 1));
    }
}
