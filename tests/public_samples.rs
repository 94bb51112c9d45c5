//! The public sample files that nobody here wrote (`../shared/data/uke/`), against what an independent count
//! found in them.

mod common;

use std::collections::HashMap;

use common::{Place, shared, tenken};

struct Sample {
    cells: HashMap<String, String>,
}

impl Sample {
    fn text(&self, name: &str) -> &str {
        self.cells.get(name).map_or("", String::as_str)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }
}

/// 請求年月 of the first institution record, as `YYYY-MM`.
fn billing_month(file: &[u8]) -> String {
    let text = String::from_utf8_lossy(file);
    let line = text.lines().find(|l| l.starts_with("IR,") || l.contains(",IR,")).unwrap();
    let cells: Vec<&str> = line.split(',').collect();
    let month = cells[cells.iter().position(|c| *c == "IR").unwrap() + 7];
    if month.len() == 6 {
        return format!("{}-{}", &month[..4], &month[4..]);
    }
    let offset = [1867, 1911, 1925, 1988, 2018][month[..1].parse::<usize>().unwrap() - 1];
    format!("{}-{}", offset + month[1..3].parse::<i32>().unwrap(), &month[3..])
}

fn manifest() -> Vec<Sample> {
    let Some(path) = shared("data/uke/manifest.csv") else { return Vec::new() };
    let mut reader = csv::Reader::from_path(path).unwrap();
    let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|r| Sample { cells: columns.iter().cloned().zip(r.unwrap().iter().map(str::to_owned)).collect() })
        .collect()
}

#[test]
fn every_file_imports_as_the_manifest_says() {
    for sample in manifest() {
        let file = sample.text("file").to_owned();
        let path = shared(&format!("data/uke/{file}")).unwrap();
        let place = Place::new();
        let problems_expected = sample.text("expect") == "problems";
        let ran = place.import(&path, &billing_month(&std::fs::read(&path).unwrap())).expect(if problems_expected {
            3
        } else {
            0
        });
        let json = ran.json();
        let claims = sample.number("claims").unwrap();
        if problems_expected {
            assert_eq!(json["claims"].as_i64().unwrap() + json["rejected"].as_i64().unwrap(), claims, "{file}");
            let reasons = place.sql("SELECT reason FROM rejects");
            assert!(
                reasons.len() as i64 >= claims && reasons.iter().all(|r| !r.is_empty()),
                "{file}: each problem named"
            );
        } else {
            assert_eq!((json["claims"].as_i64(), json["rejected"].as_i64()), (Some(claims), Some(0)), "{file}");
            let given = sample.number("ho_points_sum").unwrap();
            assert_eq!(json["points"].as_i64(), Some(given), "{file}: HO as given");
            let effective = sample.number("ho_points_sum_effective").unwrap_or(given);
            assert_eq!(json["points_effective"].as_i64(), Some(effective), "{file}: HO effective");
            let go = place.sql("SELECT go_count, go_points FROM files");
            let number = |n: Option<i64>| n.map_or(String::new(), |n| n.to_string());
            assert_eq!(
                go,
                [format!("{},{}", number(sample.number("go_count")), number(sample.number("go_points")))],
                "{file}"
            );
            // the arithmetic between records holds in all of them
            let sums = place.sql(
                "SELECT code FROM rejects WHERE code NOT IN ('line_short', 'utf8_encoding', 'insurer_no_missing')",
            );
            assert_eq!(sums, Vec::<String>::new(), "{file}");
        }

        let size = sample.number("size").unwrap();
        let parts =
            place.sql("SELECT bytes, bytes_claims + bytes_rejected + bytes_file_level + bytes_trailing FROM files");
        assert_eq!(parts, [format!("{size},{size}")], "{file}: every byte accounted for");
        let form = if sample.text("form") == "prefixed" { "insurer" } else { "uke" };
        let encoding = if sample.text("encoding") == "UTF-8" { "utf8" } else { "cp932" };
        let line_end = sample.text("line_ending").to_lowercase();
        assert_eq!(
            place.sql("SELECT form, encoding, line_end FROM files"),
            [format!("{form},{encoding},{line_end}")],
            "{file}"
        );

        if !problems_expected {
            records_equal(&place, &sample);
        }
        every_claim_comes_back(&place, &std::fs::read(&path).unwrap());
        place.run(&["verify"]).expect(0);
    }
}

/// Numbers of records by kind, counted over `claim --format json`.
fn records_equal(place: &Place, sample: &Sample) {
    let mut counts: HashMap<String, i64> = HashMap::new();
    for id in place.sql("SELECT claim_id FROM claims ORDER BY ordinal") {
        let claim = place.run(&["claim", &id, "--format", "json"]).expect(0).json();
        for r in claim["records"].as_array().unwrap() {
            *counts.entry(r["record_id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    for id in ["RE", "HO", "KO", "SY", "SI", "IY", "TO", "CO", "SJ"] {
        let want = sample.number(&format!("n_{id}")).unwrap();
        assert_eq!(counts.get(id).copied().unwrap_or(0), want, "{} {id}", sample.text("file"));
    }
    // of the others, GO and the IR of plain files stand outside the claims
    for pair in sample.text("other_ids").split_whitespace() {
        let (id, n) = pair.split_once(':').unwrap();
        let outside = id == "GO" || (id == "IR" && sample.text("form") == "plain");
        let want = if outside { 0 } else { n.parse().unwrap() };
        assert_eq!(counts.get(id).copied().unwrap_or(0), want, "{} {id}", sample.text("file"));
    }
    if let Some(sy) = sample.number("n_SY") {
        let effective: i64 = place.sql("SELECT count(*) FROM diagnoses")[0].parse().unwrap();
        assert!(effective <= sy, "{}", sample.text("file"));
    }
}

/// `claim ID --format raw` gives the bytes of the file, claim by claim, rejects too.
fn every_claim_comes_back(place: &Place, file: &[u8]) {
    let sql = "SELECT claim_id, byte_start, byte_len FROM claims UNION ALL \
               SELECT claim_id, byte_start, byte_len FROM rejects WHERE level = 'reject'";
    for row in place.sql(sql) {
        let cells: Vec<&str> = row.split(',').collect();
        let (start, len): (usize, usize) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        let ran = place.run(&["claim", cells[0], "--format", "raw"]).expect(0);
        assert!(ran.bytes == file[start..start + len], "{row}");
    }
}

#[test]
fn the_whole_folder_skips_what_is_no_claim_file() {
    let Some(folder) = shared("data/uke") else { return };
    let place = Place::new();
    let out = tenken()
        .arg("import")
        .arg(folder)
        .args(["--month", "2018-11", "--format", "json"])
        .arg("--store")
        .arg(place.store())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(3));
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let skipped: Vec<&str> =
        json["skipped"].as_array().unwrap().iter().map(|s| s["source_file"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["README.md", "manifest.csv"]);
    assert_eq!(json["files"], 8);
}
