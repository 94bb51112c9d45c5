//! The published cases beside this project, read in place: every yen that a source states.

use std::{collections::HashMap, fs, path::PathBuf};

use tenken_benefit::{
    Law,
    worksheets::{Calculated, claims, households},
};

type Table = Vec<HashMap<String, String>>;

fn table(text: &str) -> Table {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |r: csv::StringRecord| header.iter().map(str::to_owned).zip(r.iter().map(str::to_owned)).collect();
    reader.records().map(|r| row(r.unwrap())).collect()
}

fn cases(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases").join(name);
    let text = fs::read_to_string(path).ok();
    if text.is_none() {
        eprintln!("skipped: not present: {name}");
    }
    text
}

fn clean(calculated: &Calculated) -> Table {
    assert_eq!((&calculated.failed, calculated.undecided), (&Vec::new(), 0));
    table(&calculated.csv)
}

#[test]
fn every_published_claim_comes_out_to_the_yen() {
    let Some(text) = cases("high_cost_claims.csv") else { return };
    let expected = table(&text);
    let got = clean(&claims::calculate(&Law::shipped(), &[], &text).unwrap());
    assert_eq!(got.len(), expected.len());
    let mut compared = 0;
    for (want, got) in expected.iter().zip(&got) {
        assert_eq!(want["case_id"], got["case_id"]);
        for (column, value) in want.iter().filter(|(c, v)| got.contains_key(*c) && !v.is_empty()) {
            assert_eq!(&got[column], value, "{} {column}: {}", want["case_id"], got["trace"]);
            compared += 1;
        }
        assert!(
            got["limit_rows"].contains(&format!("{}@", want["limit_category"])) || want["insurance_only_points"] == "0"
        );
    }
    assert!(compared > 200, "{compared}");
    println!("{} claims, {compared} amounts", expected.len());
}

#[test]
fn every_published_household_comes_out_to_the_yen() {
    let Some(text) = cases("high_cost_households.csv") else { return };
    let expected = table(&text);
    let got = clean(&households::calculate(&Law::shipped(), &[], &text).unwrap());
    let mut compared = 0;
    for want in &expected {
        let same =
            |g: &&HashMap<String, String>| g["household_id"] == want["household_id"] && g["insurer"] == want["insurer"];
        let got = got.iter().find(same).unwrap();
        for (column, value) in want {
            let Some(column) = column.strip_prefix("expected_").filter(|_| !value.is_empty()) else { continue };
            let column = if column == "70plus_benefit_yen" { "seventyplus_benefit_yen" } else { column };
            // that of a row's person: the sum over the persons is compared below
            if column != "person_benefit_yen" {
                assert_eq!(&got[column], value, "{} {column}: {}", want["household_id"], got["trace"]);
                compared += 1;
            }
        }
    }
    for household in &got {
        let rows = expected.iter().filter(|r| r["household_id"] == household["household_id"]);
        let persons: HashMap<&str, i64> =
            rows.filter_map(|r| Some((r["person"].as_str(), r["expected_person_benefit_yen"].parse().ok()?))).collect();
        if !persons.is_empty() {
            assert_eq!(household["person_benefit_yen"], persons.values().sum::<i64>().to_string());
        }
    }
    assert!(compared > 80, "{compared}");
    println!("{} households, {compared} amounts", got.len());
}
