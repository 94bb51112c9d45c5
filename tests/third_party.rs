//! 第三者行為 at the command line: mini cases, candidates of an import, cases, and letters that are never made.

mod common;

use std::{collections::BTreeMap, fs, path::Path};

use common::{Place, Ran, tenken};
use serde_json::Value;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/spec/third-party.md");
const MASTERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/masters");
const ROUTES: [&str; 8] = ["LINKED", "MARKED", "SENSITIVE", "ROSAI", "SELF", "FOOD", "CANDIDATE", "NONE"];

/// The worked cases of the page, in place.
fn cases_of_page() -> Option<String> {
    let page = fs::read_to_string(PAGE).ok()?;
    let from = page.find("case_id,age,")?;
    Some(page[from..from + page[from..].find("```")?].to_owned())
}

fn score(place: &Place, cases: &str) -> (Ran, String) {
    let (cases, out) = (place.file("cases.csv", cases.as_bytes()), place.path("results.csv"));
    let mut command = tenken();
    command.args(["third-party", "score", "--in"]).arg(&cases).arg("--out").arg(&out);
    (command.output().unwrap().into(), fs::read_to_string(out).unwrap_or_default())
}

/// Rows by their first column.
fn rows(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = |r: csv::StringRecord| (r[0].to_owned(), r.iter().map(str::to_owned).collect());
    reader.records().map(|r| row(r.unwrap())).collect()
}

#[test]
fn the_cases_of_the_page_with_and_without_masters() {
    let Some(cases) = cases_of_page() else { return println!("skipped: not present") };
    let place = Place::new();
    let (ran, before) = score(&place, &cases);
    ran.expect(0);
    let expected = rows(&cases);
    let results = rows(&before);
    assert_eq!((expected.len(), results.len()), (35, 35));
    let headers: Vec<&str> = before.lines().next().unwrap().split(',').collect();
    assert_eq!(headers, ["case_id", "score", "flag", "route", "evidence", "hold"]);
    for (case, want) in &expected {
        let got = &results[case];
        assert_eq!((&got[2], &got[3]), (&want[11], &want[12]), "{case}: {}", got[4]);
        assert_eq!(got[5] == "1", case == "P23", "{case}");
        let sum: i32 = got[4]
            .split(';')
            .filter(|line| !line.is_empty())
            .map(|line| line.split(':').nth(1).unwrap().parse::<i32>().unwrap())
            .sum();
        assert_eq!(sum, got[1].parse::<i32>().unwrap(), "{case}: the lines add up to the score");
    }
    if !Path::new(MASTERS).exists() {
        return println!("skipped: not present");
    }
    let loaded = place.run(&["masters", "load", MASTERS, "--format", "csv"]).expect(0);
    assert!(loaded.stdout.contains("B,傷病名,2024-06-01,27437,0,"), "{}", loaded.stdout);
    assert!(loaded.stderr.contains("36 件"), "{}", loaded.stderr);
    assert_eq!(score(&place, &cases).1, before, "no master changes a score");
}

#[test]
fn a_link_that_is_not_known_is_an_error_of_its_row() {
    let place = Place::new();
    let head = "case_id,age,sex,claim_type,claim_month,points,tokki,diagnoses,comments,procedures,links\n";
    let row = "1,34,M,医科外来,2026-05,700,10,,,,\n2,34,M,医科外来,2026-05,700,10,,,,NOTICE:消防\n";
    let (ran, results) = score(&place, &format!("{head}{row}"));
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("NOTICE:消防"), "{}", ran.stderr);
    let results = rows(&results);
    assert_eq!(results["1"][3], "MARKED");
    assert_eq!(results["2"][1..].concat(), "");
    let (ran, _) = score(&place, "case_id,age\n1,2\n");
    assert_eq!(ran.code, 1);
    assert!(!ran.stderr.is_empty());
}

/// A town with accidents, loaded and imported.
fn town(place: &Place) -> Value {
    let out = place.path("町");
    let fixed = ["--insured", "12000", "--months", "2026-10", "--seed", "3"];
    Ran::from(tenken().arg("sample").arg("--out").arg(&out).args(fixed).output().unwrap()).expect(0);
    let registry = out.join("registry");
    place.run(&["registry", "load", registry.to_str().unwrap()]);
    place.import(&out.join("claims/2026-10"), "2026-10").json()
}

fn candidates(place: &Place) -> Vec<Value> {
    let list = place.run(&["third-party", "--month", "2026-10", "--format", "json"]).expect(0).json();
    list.as_array().unwrap().clone()
}

fn case_no(ran: Ran) -> String {
    ran.expect(0).stdout.trim().to_owned()
}

#[test]
fn an_import_names_its_candidates_and_a_recheck_agrees() {
    let place = Place::new();
    let import = town(&place);
    let all = candidates(&place);
    let flagged = all.iter().filter(|r| r["flag"] == true).count();
    assert!(flagged > 5, "{flagged}");
    assert_eq!(import["third_party"], flagged);
    let by_rule = import["findings"].as_object().unwrap();
    let findings: u64 =
        by_rule.iter().filter(|(rule, _)| rule.starts_with("T1")).map(|(_, n)| n.as_u64().unwrap()).sum();
    assert_eq!(findings as usize, flagged, "a flagged claim has exactly one finding");
    for r in &all {
        let sum: i64 = r["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e.as_str().unwrap().split(':').nth(1).unwrap().parse::<i64>().unwrap())
            .sum();
        assert_eq!(sum, r["score"].as_i64().unwrap());
        assert!(r["score"] != 0 || r["route"] != "NONE" || r["hold"] == true);
    }
    // a held claim: its finding quotes nothing
    let held = "SELECT f.reason FROM findings f JOIN third_party t USING (claim_id) WHERE t.hold AND f.rule LIKE 'T1%'";
    for reason in place.sql(held) {
        assert!(reason.contains("配慮") && !reason.contains("点。"), "{reason}");
    }
    let again = place.run(&["recheck"]).expect(0);
    assert!(again.stdout.contains("変わったものはありません"), "{}", again.stdout);
    let columns = place.run(&["third-party", "--format", "csv"]).expect(0).stdout;
    assert!(
        columns.starts_with(
            "claim_id,source_file,receipt_no,service_month,person_id,score,band,flag,route,evidence,hold\n"
        )
    );
    place.run(&["verify"]).expect(0);
}

/// Each route, held: not among those to be asked, on no list, and no step writes to the household.
#[test]
fn a_held_case_never_yields_a_letter() {
    let place = Place::new();
    town(&place);
    let all = candidates(&place);
    let mut opened = Vec::new();
    let claim_of = |route: &str| {
        let of_route = all.iter().find(|r| r["route"] == route && r["hold"] == false && !r["person_id"].is_null());
        of_route.or_else(|| all.iter().find(|r| r["route"] == route && !r["person_id"].is_null())).cloned()
    };
    for route in ROUTES {
        // a linked claim is one whose case is registered: made below
        let Some(claim) = claim_of(route) else { continue };
        let id = claim["claim_id"].as_str().unwrap();
        let no = case_no(place.run(&["third-party", "case", "open", "--claim", id, "--reason", "点検", "--user", "a"]));
        opened.push((route, no, claim["hold"] == true));
    }
    assert!(opened.iter().any(|o| o.0 == "SENSITIVE" && o.2), "held from the beginning");
    assert!(opened.len() >= 6, "{opened:?}");
    let step =
        |no: &str, more: &[&str]| place.run(&[&["third-party", "case", "move", no, "--user", "a"][..], more].concat());
    // the registered period links the claims of the case at the next re-check
    let linked = &opened.iter().find(|o| o.0 == "CANDIDATE").unwrap().1.clone();
    for to in [
        &["--to", "REVIEWED"][..],
        &["--to", "INQUIRY_SENT"],
        &["--to", "ANSWERED", "--answer", "third_party"],
        &["--to", "NOTICE_REQUESTED"],
        &["--to", "NOTICE_RECEIVED", "--document", "D-1"],
        &["--to", "SCOPE_FIXED", "--period", "2026-09-01..2027-08-31"],
    ] {
        step(linked, to).expect(0);
    }
    place.run(&["recheck"]).expect(0);
    let routes: Vec<Value> = candidates(&place).iter().map(|r| r["route"].clone()).collect();
    assert!(routes.contains(&"LINKED".into()));
    let claim = candidates(&place).into_iter().find(|r| r["route"] == "LINKED").unwrap();
    assert_eq!(claim["flag"], false, "attached, no new flag");
    let person = claim["person_id"].as_str().unwrap();
    let no =
        case_no(place.run(&["third-party", "case", "open", "--person", person, "--reason", "電話", "--user", "a"]));
    opened.push(("LINKED", no, false));

    let list = |more: &[&str]| {
        let args = [&["third-party", "case", "list", "--format", "json"][..], more].concat();
        let rows = place.run(&args).expect(0).json();
        rows.as_array().unwrap().iter().map(|r| r["case_no"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (route, no, was_held) in opened.iter().filter(|o| o.1 != *linked) {
        if !was_held {
            assert!(list(&[]).contains(no), "{route}");
        }
        step(no, &["--hold", "on"]).expect(0);
        step(no, &["--to", "REVIEWED"]).expect(0);
        assert!(!list(&["--inquiries"]).contains(no), "{route}");
        assert!(!list(&[]).contains(no), "{route}: on no list");
        assert!(list(&["--held", "--role", "決裁"]).contains(no), "{route}: but on that of a named role");
        for refused in [
            &["--to", "INQUIRY_SENT"][..],
            &["--to", "INQUIRY_SENT", "--by-hand", "--reason", "x"],
            &["--to", "INQUIRY_SENT", "--by-hand", "--role", "点検", "--reason", "x"],
            &["--to", "INQUIRY_SENT", "--role", "決裁", "--reason", "x"],
            &["--hold", "off", "--role", "点検", "--reason", "x"],
        ] {
            let ran = step(no, refused).expect(1);
            assert!(ran.stderr.contains("決裁"), "{route} {refused:?}: {}", ran.stderr);
        }
    }
    assert_eq!(place.run(&["third-party", "case", "list", "--held"]).code, 2);
    assert_eq!(place.run(&["third-party", "case", "list", "--held", "--role", "点検"]).code, 2);
    // every change stands in the access log
    let log = place.run(&["audit", "export", "--format", "csv"]).expect(0).stdout;
    for action in ["third-party case open", "third-party case move", "third-party case hold", "third-party case list"] {
        assert!(log.contains(action), "{action}");
    }
    place.run(&["audit", "verify"]).expect(0);
}

/// Held by the register on the day the letter is made, although the claim was not when it came.
#[test]
fn a_notice_exclusion_that_comes_later_stops_the_letter() {
    let place = Place::new();
    town(&place);
    let claim = candidates(&place)
        .into_iter()
        .find(|r| r["route"] == "MARKED" && r["hold"] == false && !r["person_id"].is_null())
        .unwrap();
    let (id, person) = (claim["claim_id"].as_str().unwrap(), claim["person_id"].as_str().unwrap());
    let no = case_no(place.run(&["third-party", "case", "open", "--claim", id, "--reason", "点検", "--user", "a"]));
    place.run(&["third-party", "case", "move", &no, "--to", "REVIEWED", "--user", "a"]).expect(0);
    let asked = || place.run(&["third-party", "case", "list", "--inquiries", "--format", "csv"]).expect(0).stdout;
    assert!(asked().contains(&no));
    // the attributes of the person in the town's own file, and one more
    let file = fs::read_to_string(place.path("町/registry/zokusei.csv")).unwrap();
    let head = file.lines().next().unwrap();
    let own: Vec<&str> = file.lines().filter(|l| l.split(',').any(|c| c == person)).collect();
    let columns: Vec<&str> = head.split(',').collect();
    let mut row = vec![String::new(); columns.len()];
    let sample: Vec<&str> = own.first().map(|l| l.split(',').collect()).unwrap_or_default();
    for (i, name) in columns.iter().enumerate() {
        row[i] = match name.trim_start_matches('\u{feff}') {
            "種別" => "通知除外".into(),
            "値" => "1".into(),
            "開始年月日" => "2026-01-01".into(),
            "終了年月日" => String::new(),
            "対象" => "個人".into(),
            "番号" => person.into(),
            _ => sample.get(i).copied().unwrap_or_default().to_owned(),
        };
    }
    let delta = place.file("delta/zokusei.csv", format!("{head}\n{}\n", row.join(",")).as_bytes());
    let ran = place.run(&["registry", "load", delta.to_str().unwrap(), "--delta"]);
    assert!(ran.code == 0, "{}{}", ran.stdout, ran.stderr);
    assert!(!asked().contains(&no));
    let ran = place.run(&["third-party", "case", "move", &no, "--to", "INQUIRY_SENT", "--user", "a"]).expect(1);
    assert!(ran.stderr.contains("配慮"), "{}", ran.stderr);
}

#[test]
fn the_list_of_progress_and_the_indicators() {
    let place = Place::new();
    town(&place);
    let claim = candidates(&place).into_iter().find(|r| r["route"] == "MARKED" && !r["person_id"].is_null()).unwrap();
    let id = claim["claim_id"].as_str().unwrap();
    let open = ["third-party", "case", "open", "--claim", id, "--reason", "点検", "--user", "a", "--cause", "traffic"];
    let no = case_no(place.run(&open));
    let twice = place.run(&open).expect(1);
    assert!(twice.stderr.contains(&no), "{}", twice.stderr);
    let edit = ["third-party", "case", "edit", &no, "--user", "a", "--staff", "佐藤", "--paper", "notice=2026-11-01"];
    place.run(&edit).expect(0);
    let illegal = place.run(&["third-party", "case", "move", &no, "--to", "PAID", "--user", "a"]).expect(1);
    assert!(illegal.stderr.contains("REVIEWED"), "what may follow is named: {}", illegal.stderr);
    let stale = ["third-party", "case", "move", &no, "--to", "REVIEWED", "--user", "a", "--version", "1"];
    assert!(place.run(&stale).expect(1).stderr.contains("先にほかの人が"));
    let csv = place.run(&["third-party", "case", "list", "--format", "csv"]).expect(0).stdout;
    assert!(csv.starts_with("case_no,insurer_no,scheme,person_key,name,birth_date,sex,household_key,"));
    assert!(csv.contains(&no) && csv.contains("佐藤"));
    let book = place.path("一覧.xlsx");
    place.run(&["third-party", "case", "list", "--xlsx", book.to_str().unwrap()]).expect(0);
    assert!(fs::read(&book).unwrap().starts_with(b"PK"));
    let kpi = place.run(&["third-party", "case", "kpi", "--format", "json"]).expect(0).json();
    let contact = kpi.as_array().unwrap().iter().find(|k| k["kpi"] == "contact_rate").unwrap();
    assert!(contact["name_ja"] == "勧奨実施率" && contact["numerator"] == 0);
    let missing =
        place.run(&["third-party", "case", "open", "--claim", "0000000000000000", "--reason", "x", "--user", "a"]);
    assert!(missing.expect(1).stderr.contains("0000000000000000"));
}
