//! The way of a case from candidate to payment, and what is refused on it.

use std::{path::Path, thread};

use jiff::{
    Zoned,
    civil::{Date, date},
    tz::TimeZone,
};
use proptest::prelude::*;
use tenken_review::{
    Attached, COLUMNS, Case, Database, Edit, Error, Kpi, Move, NewCase, Person, csv, inquiries, next_states, rows,
    words, xlsx,
};

const INSURER: &str = "138941";

fn at(day: Date) -> Zoned {
    day.at(10, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap()
}

fn new_case(person: &str) -> NewCase {
    NewCase {
        insurer_no: INSURER.into(),
        scheme: "国保".into(),
        person_id: person.into(),
        claim: Some(Attached {
            claim_id: format!("claim{person}"),
            service_month: "2026-05".into(),
            institution_code: "1312345".into(),
            points: Some(2_140),
            benefit_yen: Some(14_980),
            has_10: true,
            ..Attached::default()
        }),
        episode_id: Some(format!("{person}:neck:2026-05-10")),
        first_day: Some(date(2026, 5, 10)),
        route: "CANDIDATE".into(),
        band: Some("B".into()),
        score: Some(53),
        discovery_route: "claim_disease".into(),
        cause_type: Some("traffic".into()),
        reason: "点検".into(),
        user: "佐藤".into(),
        ..NewCase::default()
    }
}

fn step(to: &str) -> Move {
    Move {
        to: to.into(),
        user: "佐藤".into(),
        role: Some("決裁".into()),
        reason: Some("other 試験".into()),
        document: Some("D-1".into()),
        answer: Some("third_party".into()),
        period: Some((date(2026, 5, 10), date(2026, 12, 31))),
        yen: Some(1_000),
        by_hand: true,
        ..Move::default()
    }
}

fn open(folder: &Path) -> Database {
    Database::open(&folder.join("review.sqlite3")).unwrap()
}

/// The steps that lead to a state, shortest first.
fn way_to(state: &str) -> Vec<String> {
    let mut ways: Vec<Vec<String>> = vec![vec!["CANDIDATE".to_owned()]];
    let mut at = 0;
    while at < ways.len() {
        let way = ways[at].clone();
        let last = way.last().unwrap().clone();
        if last == state {
            return way[1..].to_vec();
        }
        for r in next_states(&last) {
            if !ways.iter().any(|w| w.last() == Some(&r.to)) {
                let mut longer = way.clone();
                longer.push(r.to.clone());
                ways.push(longer);
            }
        }
        at += 1;
    }
    panic!("{state} is never reached");
}

/// A step with the answer that lets it follow.
fn towards(way: &[String], n: usize) -> Move {
    let mut s = step(&way[n]);
    if way[n] == "ANSWERED"
        && let Some(next) = way.get(n + 1)
    {
        let rule = next_states("ANSWERED").find(|r| r.to == *next).unwrap();
        s.answer = rule.answers.split(';').next().map(str::to_owned);
    }
    s
}

fn bring(db: &mut Database, case_no: &str, state: &str) -> Case {
    let way = way_to(state);
    for n in 0..way.len() {
        db.move_case(None, case_no, &towards(&way, n), &at(date(2026, 7, 1))).unwrap();
    }
    db.case(None, case_no).unwrap().case
}

#[test]
fn every_pair_of_states_is_as_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let states: Vec<&str> = words("state").map(|w| w.code.as_str()).collect();
    let (mut made, mut refused) = (0, 0);
    for (n, from) in states.iter().enumerate() {
        for (m, to) in states.iter().enumerate() {
            let case = db.open_case(&new_case(&format!("{n}-{m}")), &at(date(2026, 6, 1))).unwrap();
            let before = bring(&mut db, &case.case_no, from);
            assert_eq!(before.state, *from);
            let rule = next_states(from).find(|r| r.to == *to);
            let mut s = step(to);
            if *from == "ANSWERED" && rule.is_some_and(|r| !r.answers.contains("third_party")) {
                // brought there with another answer than this step follows from
                let e = db.move_case(None, &case.case_no, &s, &at(date(2026, 7, 2))).unwrap_err();
                assert!(matches!(e, Error::Needs { .. }), "{from} {to}");
                continue;
            }
            s.expected = Some(before.version);
            match (db.move_case(None, &case.case_no, &s, &at(date(2026, 7, 2))), rule) {
                (Ok(after), Some(_)) => {
                    assert_eq!((after.state.as_str(), after.version), (*to, before.version + 1));
                    made += 1;
                }
                (Err(Error::Illegal { legal, .. }), None) => {
                    let want: Vec<&str> = next_states(from).map(|r| r.to.as_str()).collect();
                    assert_eq!(legal, want.join(", "));
                    assert_eq!(db.case(None, &case.case_no).unwrap().case, before, "nothing is changed");
                    refused += 1;
                }
                (got, rule) => panic!("{from} -> {to}: {got:?}, {rule:?}"),
            }
        }
    }
    assert!(made > 50 && refused > 700, "{made} {refused}");
}

#[test]
fn what_a_step_needs_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let now = at(date(2026, 7, 1));
    for state in words("state").map(|w| w.code.as_str()) {
        for rule in next_states(state).filter(|r| !r.needs.is_empty()) {
            let case = db.open_case(&new_case(&format!("{state}>{}", rule.to)), &at(date(2026, 6, 1))).unwrap();
            let mut way = way_to(state);
            way.push(rule.to.clone());
            for n in 0..way.len() - 1 {
                db.move_case(None, &case.case_no, &towards(&way, n), &now).unwrap();
            }
            let bare = Move { to: rule.to.clone(), user: "佐藤".into(), ..Move::default() };
            let e = db.move_case(None, &case.case_no, &bare, &now).unwrap_err();
            assert!(matches!(e, Error::Needs { .. }), "{state} -> {}: {e}", rule.to);
            assert!(!e.english().is_empty());
        }
    }
    let case = db.open_case(&new_case("x"), &now).unwrap();
    bring(&mut db, &case.case_no, "REVIEWED");
    let mut dismiss = step("DISMISSED");
    dismiss.reason = Some("ころんだ".into());
    assert!(matches!(db.move_case(None, &case.case_no, &dismiss, &now), Err(Error::UnknownWord { .. })));
    dismiss.reason = Some("own_fall ころんだ".into());
    db.move_case(None, &case.case_no, &dismiss, &now).unwrap();
}

#[test]
fn a_held_case_is_written_to_by_hand_of_a_named_role_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let now = at(date(2026, 6, 2));
    for route in ["LINKED", "MARKED", "SENSITIVE", "ROSAI", "SELF", "FOOD", "CANDIDATE", "NONE"] {
        let held = NewCase { route: route.into(), hold: true, ..new_case(route) };
        let case = db.open_case(&held, &now).unwrap();
        let no = &case.case_no;
        bring(&mut db, no, "REVIEWED");
        let all = db.cases(None).unwrap();
        assert!(inquiries(&all, date(2026, 6, 3), &|_| false).is_empty(), "{route}");
        for wrong in [
            Move { role: None, ..step("INQUIRY_SENT") },
            Move { role: Some("点検".into()), ..step("INQUIRY_SENT") },
            Move { by_hand: false, ..step("INQUIRY_SENT") },
            Move { reason: None, ..step("INQUIRY_SENT") },
        ] {
            assert!(matches!(db.move_case(None, no, &wrong, &now), Err(Error::Held { .. })), "{route}");
        }
        db.move_case(None, no, &step("HOLD"), &now).unwrap();
        let by_clerk = Move { role: Some("点検".into()), ..step("REVIEWED") };
        assert!(matches!(db.move_case(None, no, &by_clerk, &now), Err(Error::Held { .. })));
        assert!(matches!(db.set_hold(None, no, false, &by_clerk, &now), Err(Error::Held { .. })));
        let list = rows(&db.cases(None).unwrap(), false, &|_| false, &|_, _| Person::default());
        assert!(list.is_empty(), "a held case is not on the list");
        db.move_case(None, no, &step("REVIEWED"), &now).unwrap();
        db.move_case(None, no, &step("INQUIRY_SENT"), &now).unwrap();
    }
    let list = rows(&db.cases(None).unwrap(), true, &|_| false, &|_, _| Person::default());
    assert_eq!(list.len(), 8, "they have a list of their own");
    let case = db.case(None, "2026-000001").unwrap().case;
    let lifted = db.set_hold(None, &case.case_no, false, &step(""), &now).unwrap();
    assert!(!lifted.hold && lifted.version == case.version + 1);
}

/// A claim that is held for another reason than its case: asked on the day the letter is made.
#[test]
fn an_inquiry_list_leaves_out_whoever_is_held_that_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    for person in ["1", "2", "3"] {
        let case = db.open_case(&new_case(person), &at(date(2026, 6, 1))).unwrap();
        bring(&mut db, &case.case_no, "REVIEWED");
    }
    db.attach(
        None,
        "2026-000002",
        &[Attached { claim_id: "y".into(), benefit_yen: Some(1), ..Attached::default() }],
        true,
    )
    .unwrap();
    let all = db.cases(None).unwrap();
    let asked: Vec<_> = inquiries(&all, date(2026, 6, 3), &|d| d.case.person_id == "3");
    assert_eq!(asked.iter().map(|i| i.detail.case.person_id.as_str()).collect::<Vec<_>>(), ["1"]);
    // three years on nobody is asked any more, unless marked 10
    assert!(inquiries(&all, date(2029, 5, 10), &|_| false).is_empty());
    let late = db.move_case(None, "2026-000001", &step("INQUIRY_SENT"), &at(date(2029, 5, 10)));
    assert!(matches!(late, Err(Error::TooOld { .. })));
}

#[test]
fn two_reminders_then_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let case = db.open_case(&new_case("1"), &at(date(2026, 6, 1))).unwrap();
    bring(&mut db, &case.case_no, "REMINDED");
    let now = at(date(2026, 8, 1));
    db.move_case(None, &case.case_no, &step("REMINDED"), &now).unwrap();
    let third = db.move_case(None, &case.case_no, &step("REMINDED"), &now);
    assert!(matches!(third, Err(Error::TooManyReminders { .. })));
    db.move_case(None, &case.case_no, &step("UNANSWERED_CLOSED"), &now).unwrap();
}

#[test]
fn the_second_of_two_reviewers_sees_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let (mut a, mut b) = (open(folder.path()), open(folder.path()));
    let now = at(date(2026, 6, 1));
    let case = a.open_case(&new_case("1"), &now).unwrap();
    assert!(matches!(b.open_case(&new_case("1"), &now), Err(Error::Open { .. })));
    let seen = b.case(None, &case.case_no).unwrap().case;
    let move_to = |to: &str| Move { expected: Some(seen.version), ..step(to) };
    a.move_case(None, &case.case_no, &move_to("REVIEWED"), &now).unwrap();
    let e = b.move_case(None, &case.case_no, &move_to("REVIEWED"), &now).unwrap_err();
    assert!(matches!(e, Error::Changed { expected: 1, found: 2, .. }), "{e}");
    assert_eq!(b.case(None, &case.case_no).unwrap().moves.len(), 2);
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    thread::scope(|scope| {
        for t in 0..4 {
            let path = folder.path();
            scope.spawn(move || {
                let mut db = open(path);
                for n in 0..10 {
                    db.open_case(&new_case(&format!("{t}-{n}")), &at(date(2026, 6, 1))).unwrap();
                }
            });
        }
    });
    let mut numbers: Vec<String> =
        open(folder.path()).cases(None).unwrap().into_iter().map(|d| d.case.case_no).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 40);
    assert_eq!(numbers[39], "2026-000040");
}

#[test]
fn numbers_begin_anew_in_april_and_for_each_insurer() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let mut no = |person: &str, insurer: &str, day| {
        db.open_case(&NewCase { insurer_no: insurer.into(), ..new_case(person) }, &at(day)).unwrap().case_no
    };
    assert_eq!(no("1", INSURER, date(2027, 3, 31)), "2026-000001");
    assert_eq!(no("2", INSURER, date(2027, 4, 1)), "2027-000001");
    assert_eq!(no("3", "39131234", date(2027, 4, 1)), "2027-000001");
    assert_eq!(no("4", INSURER, date(2027, 4, 2)), "2027-000002");
}

/// 1.5, by hand: four cases, one voluntary.
#[test]
fn the_indicators_of_a_year() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let opened = at(date(2026, 6, 1));
    let mut case = |person: &str, cause: &str, has_10: bool| {
        let mut new = new_case(person);
        new.cause_type = Some(cause.into());
        new.claim.as_mut().unwrap().has_10 = has_10;
        db.open_case(&new, &opened).unwrap().case_no
    };
    let (a, b, c, d) =
        (case("1", "traffic", true), case("2", "traffic", false), case("3", "animal", false), case("4", "sport", true));
    let mut go = |no: &str, to: &str, on: Date, answer: &str| {
        let s = Move { on: Some(on), answer: Some(answer.into()), ..step(to) };
        db.move_case(None, no, &s, &at(on)).unwrap();
    };
    for no in [&a, &b, &c, &d] {
        go(no, "REVIEWED", date(2026, 6, 2), "");
        go(no, "INQUIRY_SENT", date(2026, 6, 3), "");
    }
    // a: reminded, then the 傷病届 comes by itself
    go(&a, "REMINDED", date(2026, 7, 3), "");
    go(&a, "NOTICE_RECEIVED", date(2026, 7, 9), "");
    for (no, notice) in [(&b, Some(date(2026, 6, 29))), (&c, Some(date(2026, 9, 1)))] {
        go(no, "ANSWERED", date(2026, 6, 10), "third_party");
        go(no, "NOTICE_REQUESTED", date(2026, 6, 12), "");
        if let Some(on) = notice {
            go(no, "NOTICE_RECEIVED", on, "");
        }
    }
    go(&d, "ANSWERED", date(2026, 6, 10), "none");
    go(&d, "CLOSED_NONE", date(2026, 6, 11), "");
    let all = db.cases(None).unwrap();
    let kpi = Kpi { extracted_persons: 5, contacted_persons: 4 };
    let measures = kpi.measures(&all, date(2026, 4, 1), date(2027, 3, 31));
    let of = |kpi: &str, part: &str| {
        let m = measures.iter().find(|m| m.kpi == kpi && m.part == part).unwrap();
        (m.numerator, m.denominator)
    };
    assert_eq!(of("voluntary_rate", ""), (1, 3));
    // from 10 May: a 60 days, b 50; c 114
    assert_eq!(of("days_to_notice", "交通"), (110, 2));
    assert_eq!(of("days_to_notice", "その他"), (114, 1));
    assert_eq!(of("after_request_rate", ""), (2, 2));
    assert_eq!(of("after_request_rate", "30日以内"), (1, 2));
    assert_eq!(of("after_request_days", ""), (17 + 81, 2));
    assert_eq!(of("marked_rate", ""), (1, 3));
    assert_eq!(of("contact_rate", ""), (4, 5));
    assert_eq!(of("discovery_share", "レセプト（傷病名など）"), (3, 3));
    assert_eq!(of("discovery_share", "消防"), (0, 3));
    assert!(kpi.measures(&all, date(2025, 4, 1), date(2026, 3, 31))[0].value().is_none(), "no case, no rate");
    assert_eq!(measures[0].value(), Some(1.0 / 3.0));
}

#[test]
fn the_list_of_progress() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let case = db.open_case(&new_case("1"), &at(date(2026, 6, 1))).unwrap();
    bring(&mut db, &case.case_no, "PARTLY_PAID");
    let edit = Edit {
        note: Some("=HYPERLINK(\"x\")".into()),
        counterparty_known: Some(true),
        papers: vec![("notice".into(), date(2026, 7, 1))],
        ..Edit::default()
    };
    db.edit_case(None, &case.case_no, &edit).unwrap();
    db.attach(
        None,
        &case.case_no,
        &[Attached { claim_id: "later".into(), service_month: "2026-08".into(), ..Attached::default() }],
        false,
    )
    .unwrap();
    let detail = db.case(None, &case.case_no).unwrap();
    assert!(detail.claims.iter().any(|c| c.claim_id == "later" && c.added_after_scope));
    let list = rows(&[detail], false, &|_| false, &|_, _| Person {
        name: Some("見本　一郎".into()),
        ..Person::default()
    });
    let cell = |name: &str| list[0][COLUMNS.iter().position(|c| c.column == name).unwrap()].as_str();
    assert_eq!(cell("name"), "見本　一郎");
    assert_eq!((cell("claimed_yen"), cell("paid_yen"), cell("remaining_yen")), ("1000", "1000", "0"));
    assert_eq!((cell("jibai_limit"), cell("tort_limit")), ("2029-05-10", "2031-05-10"));
    assert_eq!((cell("accident_date"), cell("accident_estimated")), ("2026-05-10", "Y"));
    assert_eq!(
        (cell("first_claim_month"), cell("last_claim_month"), cell("claims_count")),
        ("2026-05", "2026-08", "2")
    );
    assert!(!cell("papers_missing").contains("傷病届") && cell("papers_missing").contains("委任状"));
    assert_eq!(cell("state"), "一部収納");
    assert!(csv(&list).starts_with("case_no,insurer_no,scheme,person_key,name,"));
    let book = xlsx(&list, "第三者行為進捗状況一覧表").unwrap();
    assert!(book.starts_with(b"PK"));
}

#[test]
fn detection_learns_periods_answers_and_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let now = at(date(2026, 6, 1));
    let (a, b) = (db.open_case(&new_case("1"), &now).unwrap(), db.open_case(&new_case("2"), &now).unwrap());
    db.open_case(&NewCase { hold: true, ..new_case("3") }, &now).unwrap();
    bring(&mut db, &a.case_no, "SCOPE_FIXED");
    bring(&mut db, &b.case_no, "CLOSED_NONE");
    let known = db.known().unwrap();
    assert_eq!(known.registered.len(), 1);
    assert_eq!((known.registered[0].person_id.as_str(), known.registered[0].from), ("1", date(2026, 5, 10)));
    assert_eq!(known.answered_no.len(), 1);
    assert_eq!(known.answered_no[0].episode_id.as_deref(), Some("2:neck:2026-05-10"));
    assert_eq!(known.held.iter().map(|h| h.person_id.as_str()).collect::<Vec<_>>(), ["3"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is tried: the history is a chain that ends in the state, and no amount is negative.
    #[test]
    fn any_steps_keep_the_history_whole(tries in proptest::collection::vec((0usize..29, -5i64..2000), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let mut db = open(folder.path());
        let case = db.open_case(&new_case("1"), &at(date(2026, 6, 1))).unwrap();
        let states: Vec<&str> = words("state").map(|w| w.code.as_str()).collect();
        for (n, yen) in tries {
            let s = Move { yen: Some(yen), ..step(states[n % states.len()]) };
            let _ = db.move_case(None, &case.case_no, &s, &at(date(2026, 6, 2)));
        }
        let d = db.case(None, &case.case_no).unwrap();
        prop_assert!(d.moves.windows(2).all(|w| w[0].to == w[1].from && w[0].seq + 1 == w[1].seq));
        prop_assert_eq!(&d.moves.last().unwrap().to, &d.case.state);
        prop_assert_eq!(d.case.version, d.moves.len() as i64);
        prop_assert!(d.amounts.iter().all(|a| a.2 > 0));
    }
}
