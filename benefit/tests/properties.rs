//! The properties of spec/high-cost.md 4.2, over invented households of every make.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*};
use tenken_benefit::{
    AgeBand, Law, Limits, Rate, Scheme, Yen,
    category::CategoryError,
    hits,
    household::Person,
    month::{Calculated, HouseholdMonth, Institution, MonthClaim, Public, Source, Tokutei},
};
use tenken_parser::{Kind, Month};

/// A household and its claims in a month, before any law is looked up.
#[derive(Clone, Debug)]
struct Draft {
    month: Month,
    under70: &'static str,
    seventy_plus: &'static str,
    moved: bool,
    /// 70 or more, half month of the person's own
    persons: Vec<(bool, bool)>,
    claims: Vec<MonthClaim>,
}

const WITH_LIMITS: [[u8; 2]; 5] = [*b"54", *b"21", *b"28", *b"12", *b"10"];
const ANY_PROGRAMME: [[u8; 2]; 3] = [*b"54", *b"21", *b"88"];
const MONTHS: [&str; 5] = ["2018-10", "2022-11", "2025-06", "2026-07", "2026-08"];

fn month(text: &str) -> Month {
    Month::parse_iso(text).unwrap()
}

fn claim(persons: usize) -> impl Strategy<Value = MonthClaim> {
    const KINDS: [Kind; 6] = [Kind::Medical, Kind::Medical, Kind::Dpc, Kind::Dental, Kind::Pharmacy, Kind::Nursing];
    let cost = prop_oneof![4 => 100i64..9_000, 4 => 5_000i64..40_000, 2 => 40_000i64..600_000];
    (0..persons, prop::sample::select(&KINDS[..]), any::<bool>(), 0u64..3, cost, 0u64..4, 1u16..=3).prop_map(
        |(person, kind, inpatient, place, points, prescriber, tenths)| {
            let table = match kind {
                Kind::Dental => 3,
                Kind::Pharmacy => 4,
                Kind::Nursing => 6,
                _ => 1,
            };
            MonthClaim {
                person,
                source: Source::Claim(kind),
                inpatient: kind == Kind::Dpc || (inpatient && matches!(kind, Kind::Medical | Kind::Dental)),
                institution: Institution(13_0_0000000 + table * 10_000_000 + place),
                prescriber: (kind == Kind::Pharmacy && prescriber < 3)
                    .then_some(Institution(13_1_0000000 + prescriber)),
                rate: Rate::percent(tenths * 10),
                cost: Yen(points * 10),
                burden: None,
                copay: None,
                publics: Vec::new(),
                tokutei: None,
            }
        },
    )
}

fn draft() -> impl Strategy<Value = Draft> {
    (1usize..5).prop_flat_map(|n| {
        (
            prop::sample::select(&MONTHS[..]),
            prop::sample::select(&["ア", "イ", "ウ", "エ", "オ"][..]),
            prop::sample::select(&["現役Ⅲ", "現役Ⅰ", "一般", "低所得Ⅱ", "低所得Ⅰ"][..]),
            prop::bool::weighted(0.1),
            vec((any::<bool>(), prop::bool::weighted(0.15)), n),
            vec(claim(n), 0..9),
        )
            .prop_map(|(at, under70, seventy_plus, moved, persons, mut claims)| {
                let at = month(at);
                for c in &mut claims {
                    // one rate a person
                    c.rate = Rate::percent(if persons[c.person].0 { 20 } else { 30 });
                }
                Draft { month: at, under70, seventy_plus, moved, persons, claims }
            })
    })
}

impl Draft {
    fn of<'l>(&self, law: &'l Law) -> HouseholdMonth<'l> {
        let row = |word: &str, band| law.categories.row(&law.limits, word, band, self.month, None);
        HouseholdMonth {
            month: self.month,
            scheme: Scheme::Kokuho,
            under70: row(self.under70, AgeBand::Under70),
            seventy_plus: row(self.seventy_plus, AgeBand::SeventyPlus),
            moved: self.moved,
            persons: (self.persons.iter().enumerate())
                .map(|(i, (senior, half))| Person {
                    name: i.to_string(),
                    band: if *senior { AgeBand::SeventyPlus } else { AgeBand::Under70 },
                    birthday75: *half,
                })
                .collect(),
            claims: self.claims.clone(),
        }
    }

    fn run<'l>(&self, law: &'l Law, multi: bool) -> Calculated<'l> {
        self.of(law).calculate(law, multi, false).unwrap()
    }

    fn benefit(&self, law: &Law, multi: bool) -> Yen {
        self.run(law, multi).outcome.benefit.total()
    }

    fn with(&self, claim: MonthClaim) -> Self {
        let mut more = self.clone();
        more.claims.push(claim);
        more
    }
}

/// The same claims in other months, with the counter running: the benefit of each, and which count.
fn year(drafts: &[Draft], law: &Law) -> (Vec<Yen>, BTreeSet<Month>) {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for d in drafts {
        let earlier = hits::earlier(law, &seen, d.month);
        let got = d.run(law, hits::is_multi(law, &earlier, d.month));
        if got.outcome.hit {
            seen.insert(d.month);
        }
        out.push(got.outcome.benefit.total());
    }
    (out, seen)
}

/// Limits with every amount raised.
fn raised(by: i64) -> Limits {
    let text = include_str!("../data/high_cost_limits.csv");
    let mut lines = text.lines();
    let mut out = format!("{}\n", lines.next().unwrap());
    for line in lines {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        // base, threshold, multi_hit, outpatient cap
        for (at, add) in [(3, by * 3), (4, by * 10), (6, by), (7, by)] {
            if let Ok(yen) = cells[at].parse::<i64>() {
                cells[at] = (yen + add).to_string();
            }
        }
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    Limits::parse(&out).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    /// 1
    #[test]
    fn the_benefit_is_between_nothing_and_what_counts(d in draft(), multi: bool) {
        let law = Law::shipped();
        let got = d.run(&law, multi);
        let o = &got.outcome;
        let counted: Yen = o.groups.iter().filter(|g| g.excluded.is_none()).map(|g| g.burden).sum();
        for step in [o.benefit.special_month, o.benefit.outpatient, o.benefit.seventy_plus, o.benefit.all_ages] {
            prop_assert!(step >= Yen::ZERO && step <= counted);
        }
        prop_assert!(o.benefit.total() <= counted);
        prop_assert_eq!(o.refund(), o.cash.total(), "nothing was taken off at the window");
        prop_assert_eq!(o.persons.iter().copied().sum::<Yen>(), o.cash.total());
    }

    /// 2
    #[test]
    fn order_changes_nothing(d in draft(), multi: bool, seed in any::<u64>()) {
        let law = Law::shipped();
        let mut other = d.clone();
        let n = other.persons.len();
        let turn = (seed as usize) % n.max(1);
        other.persons.rotate_left(turn);
        for c in &mut other.claims {
            c.person = (c.person + n - turn) % n;
        }
        let len = other.claims.len().max(1);
        other.claims.rotate_left((seed as usize / 7) % len);
        other.claims.reverse();
        let (a, b) = (d.run(&law, multi).outcome, other.run(&law, multi).outcome);
        prop_assert_eq!((a.benefit, a.hit, a.counted_cost, a.counted_burden, a.limit), (b.benefit, b.hit, b.counted_cost, b.counted_burden, b.limit));
    }

    /// 3, in its own month
    #[test]
    fn a_claim_more_never_lowers(d in draft(), multi: bool, new in claim(1)) {
        let law = Law::shipped();
        let rate = Rate::percent(if d.persons[0].0 { 20 } else { 30 });
        let more = d.with(MonthClaim { rate, ..new });
        prop_assert!(more.benefit(&law, multi) >= d.benefit(&law, multi));
    }

    /// 3, in the months that follow; the same counter as `hits` gives
    #[test]
    fn a_claim_more_never_lowers_a_later_month(d in draft(), new in claim(1), sizes in vec(0u8..4, 14), at in 0usize..14) {
        let law = Law::shipped();
        let months: Vec<Draft> = sizes.iter().enumerate().map(|(i, size)| {
            let mut m = d.clone();
            m.month = month("2024-01").plus(i as i32);
            m.moved = false;
            m.claims.truncate(usize::from(*size));
            m
        }).collect();
        let rate = Rate::percent(if d.persons[0].0 { 20 } else { 30 });
        let mut more = months.clone();
        more[at].claims.push(MonthClaim { rate, ..new });
        let ((before, hits), (after, more_hits)) = (year(&months, &law), year(&more, &law));
        // the exception of the page's own rule: see `outpatient_cost_of_70_and_more_can_take_a_hit_away`
        prop_assume!(more_hits.is_superset(&hits));
        for (before, after) in before.iter().zip(after) {
            prop_assert!(after >= *before);
        }
    }

    /// 4
    #[test]
    fn a_public_part_lowers_by_at_most_one_percent_of_its_cost(d in draft(), multi: bool, new in claim(1), law_no in prop::sample::select(&WITH_LIMITS[..])) {
        let law = Law::shipped();
        let rate = Rate::percent(if d.persons[0].0 { 20 } else { 30 });
        let cost = new.cost;
        let public = Public { law_no, cost, copay: None };
        let more = d.with(MonthClaim { rate, publics: vec![public], ..new });
        let lost = d.benefit(&law, multi) - more.benefit(&law, multi);
        prop_assert!(lost.0 <= (cost.0 + 99) / 100, "{lost} of {cost}");
    }

    /// 5
    #[test]
    fn a_group_below_the_minimum_changes_nothing(d in draft(), multi: bool, points in 1i64..3_490) {
        let law = Law::shipped();
        let Some(person) = d.persons.iter().position(|(senior, half)| !senior && !half) else { return Ok(()) };
        prop_assume!(!d.moved);
        let alone = MonthClaim {
            person,
            source: Source::Claim(Kind::Medical),
            inpatient: false,
            institution: Institution(13_1_9999999),
            prescriber: None,
            rate: Rate::percent(30),
            cost: Yen(points * 20),
            burden: None,
            copay: None,
            publics: Vec::new(),
            tokutei: None,
        };
        prop_assert!(alone.cost.times(alone.rate) < Yen(21_000));
        let (a, b) = (d.run(&law, multi).outcome, d.with(alone).run(&law, multi).outcome);
        prop_assert_eq!((a.benefit, a.counted_cost, a.counted_burden, a.limit), (b.benefit, b.counted_cost, b.counted_burden, b.limit));
    }

    /// 6
    #[test]
    fn a_higher_limit_never_raises(d in draft(), multi: bool, by in 1i64..20_000) {
        let (law, mut higher) = (Law::shipped(), Law::shipped());
        higher.limits = raised(by);
        prop_assert!(d.benefit(&higher, multi) <= d.benefit(&law, multi));
    }

    /// 8
    #[test]
    fn two_claims_of_one_group_are_as_one(d in draft(), multi: bool, a in 10i64..100_000, b in 10i64..100_000, public in prop::option::of(prop::sample::select(&ANY_PROGRAMME[..])), tokutei: bool, new in claim(1)) {
        prop_assume!(new.source != Source::Claim(Kind::Pharmacy));
        let law = Law::shipped();
        let rate = Rate::percent(if d.persons[0].0 { 20 } else { 30 });
        let with = |points: i64| MonthClaim {
            rate,
            cost: Yen(points * 10),
            publics: public.map(|law_no| Public { law_no, cost: Yen(points * 10), copay: None }).into_iter().collect(),
            tokutei: tokutei.then_some(Tokutei::Ten),
            institution: Institution(13_1_8888888),
            ..new.clone()
        };
        let apart = d.with(with(a)).with(with(b)).run(&law, multi);
        let joined = d.with(with(a + b)).run(&law, multi);
        prop_assert_eq!((apart.outcome.benefit, apart.public_benefit, apart.outcome.tokutei), (joined.outcome.benefit, joined.public_benefit, joined.outcome.tokutei));
    }

    /// what the window takes off is never asked for twice
    #[test]
    fn cash_is_what_the_window_did_not_take_off(d in draft(), multi: bool, capped in vec(any::<bool>(), 9)) {
        let law = Law::shipped();
        let before = d.of(&law);
        let mut paid = d.clone();
        for (i, c) in paid.claims.iter_mut().enumerate().filter(|(i, _)| capped[*i]) {
            let row = if d.persons[c.person].0 { before.seventy_plus.clone() } else { before.under70.clone() };
            c.copay = Some(before.window(&law, &before.claims[i], row.unwrap(), multi).unwrap());
        }
        let (a, b) = (d.run(&law, multi).outcome, paid.run(&law, multi).outcome);
        prop_assert_eq!(a.benefit, b.benefit);
        prop_assert_eq!(b.refund() + b.in_kind, a.benefit.total());
    }
}

/// 3 has an exception that the page does not name. Outpatient cost of someone of 70 or more above the cap raises the limit
/// of step D by 1 % and brings no burden to it; what step B pays for it makes no hit. So a step D of a few yen goes, the
/// month counts no more, and a later month loses its 多数回. The month's own benefit grows nevertheless.
#[test]
fn outpatient_cost_of_70_and_more_can_take_a_hit_away() {
    let law = Law::shipped();
    let claim = |person: usize, percent: u16, cost: i64| MonthClaim {
        person,
        source: Source::Claim(Kind::Medical),
        inpatient: false,
        institution: Institution(person as u64),
        prescriber: None,
        rate: Rate::percent(percent),
        cost: Yen(cost),
        burden: None,
        copay: None,
        publics: Vec::new(),
        tokutei: None,
    };
    let draft = Draft {
        month: month("2025-06"),
        under70: "ウ",
        seventy_plus: "低所得Ⅱ",
        moved: false,
        persons: vec![(true, false), (false, false)],
        claims: vec![claim(1, 30, 265_460), claim(0, 20, 2_360)],
    };
    let before = draft.run(&law, false).outcome;
    let after = draft.with(claim(0, 20, 1_000_000)).run(&law, false).outcome;
    assert_eq!((before.benefit.all_ages, before.hit), (Yen(2), true));
    assert_eq!((after.benefit.outpatient, after.benefit.all_ages, after.hit), (Yen(192_472), Yen(0), false));
    assert!(after.benefit.total() >= before.benefit.total());
}

/// 4, the page's own figures
#[test]
fn a_claim_wholly_under_a_programme_can_raise_the_limit() {
    let law = Law::shipped();
    let base = Draft {
        month: month("2025-06"),
        under70: "ウ",
        seventy_plus: "一般",
        moved: false,
        persons: vec![(false, false)],
        claims: vec![MonthClaim {
            person: 0,
            source: Source::Claim(Kind::Medical),
            inpatient: true,
            institution: Institution(1),
            prescriber: None,
            rate: Rate::percent(30),
            cost: Yen(1_000_000),
            burden: None,
            copay: None,
            publics: Vec::new(),
            tokutei: None,
        }],
    };
    assert_eq!(base.benefit(&law, false), Yen(212_570));
    let public = Public { law_no: *b"28", cost: Yen(1_000_000), copay: None };
    let more = base.with(MonthClaim { publics: vec![public], institution: Institution(2), ..base.claims[0].clone() });
    assert_eq!(more.benefit(&law, false), Yen(202_570));
}

#[test]
fn a_household_whose_category_is_missing_is_an_error_only_where_it_is_needed() {
    let law = Law::shipped();
    let mut d = Draft {
        month: month("2025-06"),
        under70: "ウ",
        seventy_plus: "一般",
        moved: false,
        persons: vec![(true, false)],
        claims: Vec::new(),
    };
    d.claims.push(MonthClaim {
        person: 0,
        source: Source::Claim(Kind::Medical),
        inpatient: true,
        institution: Institution(1),
        prescriber: None,
        rate: Rate::percent(20),
        cost: Yen(1_000_000),
        burden: None,
        copay: None,
        publics: Vec::new(),
        tokutei: None,
    });
    let mut of = d.of(&law);
    of.under70 = Err(CategoryError::Missing(AgeBand::Under70));
    assert_eq!(of.calculate(&law, false, false).unwrap().outcome.benefit.total(), Yen(200_000 - 57_600));
    of.seventy_plus = Err(CategoryError::Missing(AgeBand::SeventyPlus));
    assert!(of.calculate(&law, false, false).is_err());
}
