//! What holds of every claim (third-party.md section 7).

use proptest::{prelude::*, sample::select};
use tenken_matcher::third_party::{Disease, Input, Link, Outcome, Procedure, Route, Rules, score};
use tenken_parser::{Date, Month};

use crate::words::{claim, comment};

const CODES: &[&str] = &[
    "8833421", "8470024", "8840824", "9209014", "8845597", "8841619", "8208009", "8838137", "8100003", "0059003",
    "8839212", "8835144", "3009016", "8842188", "8844205", "8847342", "8837028", "8836532", "9999999",
];
const MODIFIERS: &[&str] = &["", "", "8002", "5124", "8009", "3142", "3007", "3028", "80023028"];
const PHRASES: &[&str] = &[
    "交通事故",
    "追突され受傷",
    "知人に殴られた",
    "夫に殴られた",
    "夫に付き添われ来院",
    "同乗中に受傷",
    "犬に噛まれた",
    "自宅の飼い犬に噛まれた",
    "駅の階段で転倒",
    "自宅で転倒",
    "サッカーの試合中",
    "仕事中に受傷",
    "自損",
    "自殺企図",
    "他保併用",
    "虐待",
    "けんか",
    "暴行",
    "飲食店で会食",
    "10年前に交通事故",
    "検査結果は良好",
    "DV",
    "無事故",
    "泥酔",
];
const PROCEDURES: &[&str] =
    &["111000110", "111000770", "114003010", "190171910", "170038910", "150425670", "840000075", "160000310"];
const LINKS: &[&str] = &[
    "CASE:OPEN",
    "ANSWER:NO",
    "AMB:交通事故@2026-09-03",
    "AMB:一般負傷@2026-09-03",
    "AMB:労働災害@2026-09-04",
    "AMB:自損行為@2026-08-31",
    "AMB:急病@2026-09-03",
    "CLUSTER:FOOD:3",
    "CLUSTER:FOOD:1",
    "NOTICE:保健所",
    "NOTICE:損保",
    "ATTR:通知除外",
    "EPISODE:WATCH",
    "EPISODE:HOLD",
];
const NEGATIONS: &[&str] =
    &["なし", "ではない", "は否定", "でなく", "の事実はなし", "を認めず", "は否認", "に該当せず"];

fn disease() -> impl Strategy<Value = Disease<'static>> {
    (select(CODES), select(MODIFIERS), 0..40i32, 1..28u8).prop_map(|(code, modifiers, before, day)| Disease {
        record: 3,
        code: code.into(),
        modifiers: modifiers.into(),
        name: "".into(),
        start: Month::new(2026, 9).unwrap().plus(-before.saturating_sub(20)).day(day),
        comment: "".into(),
    })
}

fn phrases() -> impl Strategy<Value = String> {
    prop::collection::vec(select(PHRASES), 1..4).prop_map(|p| p.join("。"))
}

fn link() -> impl Strategy<Value = Link> {
    select(LINKS).prop_map(|l| Link::parse(Rules::embedded(), l).unwrap())
}

prop_compose! {
    fn input()(
        diseases in prop::collection::vec(disease(), 0..4),
        texts in prop::collection::vec(phrases(), 0..3),
        procedures in prop::collection::vec(select(PROCEDURES), 0..5),
        links in prop::collection::vec(link(), 0..3),
        tokki in select(&["", "", "", "29", "2910", "2101"][..]),
        age in prop::option::of(0..100u16),
    ) -> Input<'static> {
        let mut input = claim("", "", "");
        input.age = age;
        input.tokki = tokki.into();
        input.diseases = diseases;
        input.diseases.iter_mut().zip(3..).for_each(|(d, no)| d.record = no);
        input.comments = texts.iter().map(|t| comment(t)).collect();
        input.comments.iter_mut().zip(20..).for_each(|(c, no)| c.record = no);
        input.procedures =
            procedures.iter().zip(10..).map(|(c, record)| Procedure { record, code: (*c).into() }).collect();
        input.links = links;
        input
    }
}

fn outcome(input: &Input<'_>) -> Outcome {
    score(Rules::embedded(), input)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn points_add_up(input in input()) {
        let o = outcome(&input);
        prop_assert_eq!(o.evidence.iter().map(|e| e.points).sum::<i32>(), o.score);
        prop_assert!((0..=100).contains(&o.score));
        prop_assert!(o.evidence.iter().all(|e| !e.text.contains(';') && !e.rule.contains(':')));
        prop_assert_eq!(o.band.is_none(), o.score < 25);
        prop_assert!(!o.flag || o.score >= 40);
        prop_assert_eq!(&o, &outcome(&input));
    }

    #[test]
    fn adding_10_never_lowers(input in input()) {
        let before = outcome(&input);
        let mut marked = input.clone();
        marked.tokki = "10".into();
        let after = outcome(&marked);
        prop_assert!(after.score >= before.score && after.flag >= before.flag && after.hold == before.hold);
        prop_assert!(matches!(after.route, Route::Marked | Route::Linked));
        prop_assert_eq!(after.route == Route::Linked, before.route == Route::Linked);
    }

    #[test]
    fn nothing_added_removes_a_hold(input in input(), more in input()) {
        let before = outcome(&input);
        let mut all = input.clone();
        all.diseases.extend(more.diseases);
        all.comments.extend(more.comments);
        all.procedures.extend(more.procedures);
        all.links.extend(more.links);
        prop_assert!(outcome(&all).hold >= before.hold);
    }

    /// But for 「自損ではない」: it takes back a reading that took back evidence.
    #[test]
    fn a_negation_never_raises(input in input(), which in any::<prop::sample::Index>(), negation in select(NEGATIONS)) {
        let before = outcome(&input);
        let mut negated = input.clone();
        if negated.comments.is_empty() {
            return Ok(());
        }
        let at = which.index(negated.comments.len());
        let parts: Vec<&str> = input.comments[at].text.split('。').collect();
        let part = which.index(parts.len());
        if parts[part].contains("自損") {
            return Ok(());
        }
        let text: Vec<String> =
            parts.iter().enumerate().map(|(i, p)| if i == part { format!("{p}{negation}") } else { (*p).into() }).collect();
        negated.comments[at].text = text.join("。").into();
        let after = outcome(&negated);
        prop_assert!(after.score <= before.score, "{} -> {}", before.evidence_text(), after.evidence_text());
    }

    #[test]
    fn order_does_not_matter(input in input(), seed in any::<u64>()) {
        let mut mixed = input.clone();
        let turn = |len: usize| if len == 0 { 0 } else { seed as usize % len };
        mixed.diseases.rotate_left(turn(input.diseases.len()));
        mixed.comments.reverse();
        mixed.procedures.rotate_left(turn(input.procedures.len()));
        mixed.links.reverse();
        prop_assert_eq!(outcome(&mixed), outcome(&input));
    }

    #[test]
    fn shifting_all_dates_changes_nothing(input in input(), months in -60..60i32) {
        let mut input = input;
        // links have days of their own
        input.links.retain(|l| !format!("{l:?}").contains("AMB"));
        let before = outcome(&input);
        let mut later = input.clone();
        later.claim_month = later.claim_month.plus(months);
        let shift = |d: Date| d.year_month().plus(months).day(d.day_of_month());
        later.diseases.iter_mut().for_each(|d| d.start = d.start.and_then(shift));
        let mut after = outcome(&later);
        for injury in &mut after.injuries {
            injury.start = injury.start.year_month().plus(-months).day(injury.start.day_of_month()).unwrap();
        }
        prop_assert_eq!(after, before);
    }

    #[test]
    fn sides_change_nothing(input in input(), side in select(&["2049", "2056", "2058"][..])) {
        let mut sided = input.clone();
        sided.diseases.iter_mut().for_each(|d| d.modifiers = format!("{side}{}", d.modifiers).into());
        prop_assert_eq!(outcome(&sided), outcome(&input));
        // both sides of one disease are one region
        let mut both = sided.clone();
        both.diseases.extend(input.diseases.clone());
        prop_assert_eq!(outcome(&both).score, outcome(&input).score);
    }
}

/// Every pair of codes with 10 only across the boundary.
#[test]
fn chunks_of_tokki() {
    let mut input = claim("8833421", "高血圧症", "");
    for (first, second) in (0..100u32).flat_map(|a| (0..100u32).map(move |b| (a, b))) {
        let tokki = format!("{first:02}{second:02}");
        let has = first == 10 || second == 10;
        input.tokki = tokki.clone().into();
        let o = outcome(&input);
        assert_eq!((o.route == Route::Marked, o.b0), (has, has), "{tokki}");
    }
    input.tokki = "1".into();
    assert!(!outcome(&input).flag);
}

/// No mask alone in a comment is evidence, with and without an injury.
#[test]
fn masks_alone() {
    let table = include_str!("../../data/third_party/words.csv");
    let mut n = 0;
    for row in csv::Reader::from_reader(table.as_bytes()).records().map(Result::unwrap).filter(|r| &r[0] == "mask") {
        for mask in row[3].split('|') {
            n += 1;
            for code in ["8833421", "8470024", "8841619", "0059003"] {
                let without = outcome(&claim(code, "", ""));
                let with = outcome(&claim(code, "", mask));
                assert_eq!((with.score, with.route, with.hold), (without.score, without.route, without.hold), "{mask}");
                assert!(!with.evidence.iter().any(|e| e.rule.starts_with("T.")), "{mask}");
            }
        }
    }
    assert!(n > 27);
}

/// Every route with and without a hold, but for SENSITIVE, which always has one; 調剤 takes part in cases and holds only.
#[test]
fn every_route_and_hold() {
    let rules = Rules::embedded();
    let of = |code: &'static str, text: &str, links: &str| {
        let mut input = claim(code, "", text);
        input.links = Link::parse_all(rules, links).unwrap();
        input
    };
    let (neck, food) = ("8470024", "0059003");
    for (route, mut input) in [
        (Route::Linked, of(neck, "", "CASE:OPEN")),
        (Route::Marked, of(neck, "", "NOTICE:警察")),
        (Route::Rosai, of(neck, "仕事中に追突された", "")),
        (Route::SelfInflicted, of(neck, "自損", "")),
        (Route::Food, of(food, "", "CLUSTER:FOOD:2")),
        (Route::Candidate, of(neck, "追突された", "")),
        (Route::None, of(neck, "", "")),
    ] {
        let free = outcome(&input);
        assert_eq!((free.route, free.hold), (route, false));
        input.links.extend(Link::parse_all(rules, "ATTR:通知除外").unwrap());
        let held = outcome(&input);
        assert_eq!((held.route, held.hold, held.flag, held.score), (route, true, free.flag, free.score));
    }
    let o = outcome(&of("8839212", "", ""));
    assert_eq!((o.route, o.hold), (Route::Sensitive, true));
    let mut work = of(neck, "", "");
    work.comments[0].code = "820000012".into();
    assert_eq!(outcome(&work).route, Route::Rosai);
    assert_eq!(work.comments.len(), 1);
    assert_eq!(outcome(&work).spans().as_array().map(Vec::len), Some(outcome(&work).evidence.len()));
}
