//! The worked example of reports.md 5.6, cell by cell; and every kind of event.

use std::collections::BTreeMap;

use tenken_benefit::{AgeBand, Law, Rate, Share, Yen, month::Public};
use tenken_parser::{Date, Kind, Month};
use tenken_report::{
    Cube, Event, Forms, Key, Line, Measures,
    booking::{Change, DecidedClaim, OwnLimit, lines_of_claim, lines_of_event, shares},
    checks,
    cube::Label,
    forms::{Counts, Form, Inputs, Values},
};

fn month(text: &str) -> Month {
    Month::parse_iso(text).unwrap()
}

fn claim(kind: Kind, class: u8, percent: u16, points: i64, days: i64) -> DecidedClaim<'static> {
    DecidedClaim {
        kind,
        payer: 1,
        class,
        service_month: month("2025-04"),
        exam_month: month("2025-05"),
        birth: Date::new(1980, 1, 15),
        inpatient: matches!(class, 1 | 3 | 5 | 7 | 9),
        rate: Rate::percent(percent),
        days,
        cost: Yen(points * 10),
        meal_count: 0,
        meal: Yen(0),
        meal_copay: Yen(0),
        copay: None,
        relieved: false,
        tokki: 0,
        publics: &[],
    }
}

fn book(claim: &DecidedClaim<'_>) -> Vec<Line> {
    let law = Law::shipped();
    let row = law.limits.find("U70_U", claim.service_month).unwrap();
    let own = OwnLimit { band: AgeBand::Under70, row, share: Share::WHOLE };
    let shares = shares(&law, claim, Some(own), &[]).unwrap();
    lines_of_claim(claim, &shares).collect()
}

fn change(kind: Event) -> Change {
    Change {
        kind,
        exam_month: month("2025-05"),
        pay_month: month("2025-06"),
        delta_points: 0,
        delta_days: 0,
        old_rate: None,
        new_rate: None,
    }
}

fn event(change: &Change, so_far: &[Line]) -> Vec<Line> {
    lines_of_event(change, so_far, None).into_iter().map(|(l, _)| l).collect()
}

/// The ledger of the page.
fn ledger() -> Vec<Line> {
    let earlier = |c: DecidedClaim<'static>, of: &str| DecidedClaim {
        service_month: month(of),
        exam_month: month(of).plus(1),
        ..c
    };
    let mut lines = book(&claim(Kind::Medical, 2, 30, 1_234, 2));
    lines.extend(book(&DecidedClaim {
        birth: Date::new(1952, 6, 1),
        meal_count: 27,
        meal: Yen(27 * 690),
        meal_copay: Yen(27 * 510),
        copay: Some(Yen(57_600)),
        ..claim(Kind::Dpc, 7, 20, 85_000, 10)
    }));
    lines.extend(book(&claim(Kind::Pharmacy, 2, 30, 800, 1)));
    lines.extend(book(&DecidedClaim { service_month: month("2025-03"), ..claim(Kind::Dental, 4, 20, 950, 3) }));
    let withdrawn = book(&earlier(claim(Kind::Medical, 2, 30, 500, 1), "2025-02"));
    lines.extend(event(&change(Event::Kago), &withdrawn));
    let inpatient = book(&earlier(claim(Kind::Medical, 1, 30, 40_000, 12), "2025-02"));
    lines.extend(event(&Change { delta_points: -120, ..change(Event::Satei) }, &inpatient));
    let nanbyo = [Public { law_no: *b"54", cost: Yen(60_000), copay: Some(Yen(10_000)) }];
    lines.extend(book(&DecidedClaim { publics: &nanbyo, ..claim(Kind::Medical, 2, 30, 6_000, 3) }));
    lines
}

fn made(forms: &Forms, id: &str, lines: &[Line]) -> (Form, Values) {
    let label = Label::of(month("2025-04"));
    let mut cube = Cube::default();
    lines.iter().for_each(|l| cube.add(Key::of(l, label), l.measures));
    let form = forms.find(id, label.month).unwrap().clone();
    let counts = Counts::new();
    let values = form.values(Inputs { cube: &cube, counts: &counts, earlier: &[], year_counts: &[] });
    (form, values)
}

fn row((form, values): &(Form, Values), sheet: &str, row: &str, cols: &[&str]) -> Vec<i64> {
    cols.iter().map(|c| values[form.place(sheet, row, c).unwrap_or_else(|| panic!("{sheet} {row} {c}"))]).collect()
}

const COLUMNS: [&str; 7] = ["cnt", "days", "cost", "ins", "cop", "oth_t", "oth_k"];

#[test]
fn every_cell_of_the_example_is_as_published() {
    let forms = Forms::shipped();
    let all = made(&forms, "BEN_ALL", &ledger());
    let expected: BTreeMap<&str, [i64; 7]> = BTreeMap::from([
        ("R01", [1, 10, 848_800, 679_160, 169_640, 0, 0]),
        ("R02", [1, 4, 67_340, 47_138, 12_202, 0, 8_000]),
        ("R03", [1, 3, 9_500, 7_600, 1_900, 0, 0]),
        ("R04", [3, 17, 925_640, 733_898, 183_742, 0, 8_000]),
        ("R05", [1, 1, 8_000, 5_600, 2_400, 0, 0]),
        ("R06", [1, 27, 18_630, 4_860, 13_770, 0, 0]),
        ("R07", [0, 0, 0, 0, 0, 0, 0]),
        ("R08", [4, 17, 952_270, 744_358, 199_912, 0, 8_000]),
    ]);
    for (code, cells) in expected {
        assert_eq!(row(&all, "S1", code, &COLUMNS), cells, "{code}");
    }
    for code in ["R31", "R32", "R33", "R34", "R36", "R37", "R40"] {
        assert_eq!(row(&all, "S3", code, &["cnt", "amt"]), [0, 0], "{code}");
    }
    for code in ["R35", "R38", "R39"] {
        assert_eq!(row(&all, "S3", code, &["cnt", "amt"]), [1, 112_400], "{code}");
    }
    let billed = row(&all, "S1", "R08", &["ins"])[0] + row(&all, "S3", "R39", &["amt"])[0];
    assert_eq!(billed, 856_758);
}

#[test]
fn classes_hold_their_own_lines_only() {
    let forms = Forms::shipped();
    let senior = made(&forms, "BEN_70G", &ledger());
    assert_eq!(row(&senior, "S1", "R08", &COLUMNS), [1, 10, 868_630, 684_860, 183_770, 0, 0]);
    assert_eq!(row(&senior, "S3", "R38", &["cnt", "amt"]), [1, 112_400]);
    let young = made(&forms, "BEN_PRE", &ledger());
    assert_eq!(row(&young, "S1", "R08", &COLUMNS), [1, 3, 9_500, 7_600, 1_900, 0, 0]);
    assert_eq!(row(&made(&forms, "BEN_70H", &ledger()), "S1", "R08", &COLUMNS), [0; 7]);
    assert_eq!(row(&made(&forms, "BEN_65", &ledger()), "S1", "R08", &COLUMNS)[2], 868_630);
}

#[test]
fn all_identities_hold() {
    let forms = Forms::shipped();
    let parts: Vec<(Form, Values)> =
        ["BEN_65", "BEN_70G", "BEN_70H", "BEN_PRE"].iter().map(|id| made(&forms, id, &ledger())).collect();
    let all = made(&forms, "BEN_ALL", &ledger());
    let of_parts: Vec<(&Form, &Values)> = parts.iter().map(|(f, v)| (f, v)).collect();
    let mut found = checks::of_form(&all.0, &all.1);
    assert!(found.iter().any(|c| c.number == 1) && found.iter().any(|c| c.number == 2));
    found.extend(checks::of_parts((&all.0, &all.1), &of_parts));
    found.extend(checks::of_billed("BEN_ALL", (744_358 + 112_400, 112_400), Some((856_758, 112_400))));
    let wrong: Vec<_> = found.iter().filter(|c| c.is_wrong()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    // and they can fail
    let mut broken = all.1.clone();
    broken[all.0.place("S1", "R04", "cost").unwrap()] += 1;
    assert!(checks::of_form(&all.0, &broken).iter().any(checks::Check::is_wrong));
    assert!(checks::of_billed("BEN_ALL", (1, 0), Some((2, 0)))[0].is_wrong());
    assert!(!checks::of_billed("BEN_ALL", (1, 0), None)[0].is_wrong());
}

/// Sum of the lines of a claim and of all that followed.
fn sum(lines: &[Line]) -> Measures {
    let mut sum = Measures::default();
    lines.iter().for_each(|l| sum += l.measures);
    sum
}

#[test]
fn every_kind_of_event_books_what_the_page_says() {
    let first = book(&DecidedClaim { copay: Some(Yen(80_100)), ..claim(Kind::Medical, 1, 30, 40_000, 12) });
    assert_eq!(
        sum(&first),
        Measures { cnt: 2, days: 12, cost: 400_000, ins: 280_000, cop: 120_000, hk: 39_900, ..Default::default() }
    );

    let mut lines = first.clone();
    // 査定, then 復活 of a part of it
    let cut = Change { delta_points: -120, delta_days: -1, ..change(Event::Satei) };
    lines.extend(event(&cut, &first));
    assert_eq!(
        sum(&lines[first.len()..]),
        Measures { days: -1, cost: -1_200, ins: -840, cop: -360, ..Default::default() }
    );
    let back = Change { delta_points: 20, ..change(Event::Fukkatsu) };
    let restored = event(&back, &lines);
    assert_eq!(sum(&restored), Measures { cost: 200, ins: 140, cop: 60, ..Default::default() });
    lines.extend(restored);
    // 給付割合 7割 -> 8割 of what is booked by now: 399,000 yen
    let ratio = event(&Change { old_rate: Some(70), new_rate: Some(80), ..change(Event::Ratio) }, &lines);
    assert_eq!(sum(&ratio), Measures { ins: 39_900, cop: -39_900, ..Default::default() });
    lines.extend(ratio);
    // points cut now are split by the new rate
    let later = event(&Change { delta_points: -10, ..change(Event::Satei) }, &lines);
    assert_eq!(sum(&later), Measures { cost: -100, ins: -80, cop: -20, ..Default::default() });
    lines.extend(later);
    // 過誤 and 保険者間調整 take back all of it, and point at the first line of each row
    for kind in [Event::Kago, Event::Hokenshakan] {
        let taken = lines_of_event(&change(kind), &lines, None);
        assert!(taken.iter().all(|(l, at)| l.row == lines[at.unwrap()].row));
        let mut whole = lines.clone();
        whole.extend(taken.into_iter().map(|(l, _)| l));
        assert_eq!(sum(&whole), Measures::default(), "{kind:?}");
        // a second time there is nothing left
        assert!(lines_of_event(&change(kind), &whole, None).is_empty());
    }
    // an event that is taken back itself
    let at = first.len();
    let undone = lines_of_event(&change(Event::Satei), &lines, Some(&[at]));
    assert_eq!(undone[0].0.measures, -lines[at].measures);
    assert_eq!(undone[0].1, Some(at));
    // a claim that comes again is booked by its import
    assert!(event(&change(Event::Resubmit), &lines).is_empty());
}

#[test]
fn programmes_that_come_first_leave_the_insurer_nothing() {
    let war = [Public { law_no: *b"13", cost: Yen(40_000), copay: None }];
    let lines = book(&DecidedClaim { publics: &war, ..claim(Kind::Medical, 2, 30, 10_000, 1) });
    assert_eq!(
        lines[0].measures,
        Measures { cnt: 1, days: 1, cost: 100_000, ins: 42_000, cop: 18_000, oth_t: 40_000, ..Default::default() }
    );
    // a local subsidy stays in the patient's share
    let local = [Public { law_no: *b"90", cost: Yen(100_000), copay: Some(Yen(500)) }];
    let lines = book(&DecidedClaim { publics: &local, ..claim(Kind::Medical, 2, 30, 10_000, 1) });
    assert_eq!((lines[0].measures.cop, lines[0].measures.oth_k, lines[0].local_aid), (30_000, 0, true));
}

#[test]
fn a_part_over_its_limit_is_high_cost_with_other_law() {
    // 難病, 1,000,000 yen, ウ: the insurer leaves 80,100 + 7,330; the patient pays 10,000
    let nanbyo = [Public { law_no: *b"54", cost: Yen(1_000_000), copay: Some(Yen(10_000)) }];
    let lines =
        book(&DecidedClaim { publics: &nanbyo, copay: Some(Yen(10_000)), ..claim(Kind::Medical, 1, 30, 100_000, 20) });
    let cost = lines[0].measures;
    assert_eq!((cost.ins, cost.oth_k, cost.cop), (700_000, 77_430, 222_570));
    assert_eq!((lines[1].row.as_str(), lines[1].measures.hk), ("R37", 212_570));
}

#[test]
fn year_sheets_add_the_months_and_round_half_up() {
    let forms = Forms::shipped();
    let label = Label::of(month("2025-04"));
    assert_eq!(label.year_to_date().map(|m| m.to_string()).collect::<Vec<_>>(), ["2025-03", "2025-04"]);
    assert_eq!(Label::of(month("2026-02")).year_to_date().count(), 12);
    let (form, before) = made(&forms, "BEN_ALL", &ledger());
    let mut cube = Cube::default();
    ledger().iter().for_each(|l| cube.add(Key::of(l, label), l.measures));
    let counts = |n: i64| Counts::from([(("G03".to_owned(), "end".to_owned()), n)]);
    let now = counts(1_001);
    let values = form.values(Inputs {
        cube: &cube,
        counts: &now,
        earlier: &[(month("2025-03"), before)],
        year_counts: &[(month("2025-03"), counts(1_000)), (month("2025-04"), counts(1_001))],
    });
    let year = (form, values);
    assert_eq!(row(&year, "YEAR", "AVG", &["insured"]), [1_001]);
    // 8 claims, 34 days, 1,904,540 yen, 1,001 persons
    let rates =
        ["cnt", "days", "cost", "cases_per_100", "days_per_case", "cost_per_day", "cost_per_case", "cost_per_person"];
    assert_eq!(row(&year, "YEAR", "R08", &rates), [8, 34, 1_904_540, 80, 425, 56_016, 238_068, 1_903]);
}
