//! `tenken sample` as a stranger would use it: what it writes goes in, and comes to what it says.

mod common;

use std::{collections::BTreeMap, fs, path::Path};

use common::{Place, tenken};

fn sample(out: &Path, more: &[&str]) -> common::Ran {
    let fixed = ["--insured", "1500", "--months", "2026-09..2026-10", "--seed", "5"];
    tenken().arg("sample").arg("--out").arg(out).args(fixed).args(more).output().unwrap().into()
}

/// `source_file,kind,…` of `totals.csv` by file and kind.
fn totals(out: &Path, month: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(out.join("totals.csv")).unwrap();
    text.lines()
        .filter(|l| l.starts_with(&month.replace('-', "")))
        .map(|l| {
            let mut cells = l.splitn(3, ',');
            let key = format!("{},{}", cells.next().unwrap(), cells.next().unwrap());
            (key, cells.next().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn months_go_in_and_come_to_the_totals() {
    for form in ["uke", "insurer"] {
        let place = Place::new();
        let out = place.path("見本");
        sample(&out, &["--form", form, "--kouki", "0.5"]).expect(0);
        for month in ["2026-09", "2026-10"] {
            let ran = place.import(&out.join("claims").join(month), month);
            assert!(ran.code == 0 || ran.code == 3, "{}{}", ran.stdout, ran.stderr);
            let rows = place.sql(&format!(
                "SELECT source_file, kind, count(*), \
                 coalesce(sum(CASE WHEN parent_claim_id IS NULL THEN points END), 0), \
                 coalesce(sum(CASE WHEN parent_claim_id IS NULL THEN points_effective END), 0), \
                 sum(CASE WHEN parent_claim_id IS NULL THEN cost_yen ELSE 0 END) \
                 FROM claims WHERE exam_month = '{month}' GROUP BY 1, 2 ORDER BY 1, 2"
            ));
            let want: Vec<String> = totals(&out, month).into_iter().map(|(k, v)| format!("{k},{v}")).collect();
            assert!(!want.is_empty());
            assert_eq!(rows, want, "{form} {month}");
        }
        place.run(&["verify"]).expect(0);
    }
}

/// The register, the truth and the totals lie beside the claims; they are named and left alone.
#[test]
fn the_whole_folder_is_taken_for_its_claims() {
    let place = Place::new();
    let out = place.path("見本");
    let one = ["--insured", "300", "--months", "2026-10", "--seed", "2"];
    common::Ran::from(tenken().arg("sample").arg("--out").arg(&out).args(one).output().unwrap()).expect(0);
    let json = place.import(&out, "2026-10").json();
    assert!(json["claims"].as_i64().unwrap() > 300);
    let skipped: Vec<&str> =
        json["skipped"].as_array().unwrap().iter().map(|s| s["source_file"].as_str().unwrap()).collect();
    for file in ["truth.csv", "totals.csv", "registry/kojin.csv", "registry/shikaku.csv"] {
        assert!(skipped.iter().any(|s| s.ends_with(file)), "{file}: {skipped:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let place = Place::new();
    let read = |name: &str, more: &[&str]| {
        let out = place.path(name);
        sample(&out, more).expect(0);
        fs::read(out.join("truth.csv")).unwrap()
    };
    let (a, b, c) = (read("a", &[]), read("b", &[]), read("c", &["--towns", "2"]));
    assert!(a == b);
    assert!(a != c);
}

#[test]
fn a_size_takes_the_place_of_the_number_of_people() {
    let place = Place::new();
    for (size, low, high) in [(["--claims", "700"], 700, 700), (["--bytes", "2M"], 900, 1_700)] {
        let out = place.path(size[0]);
        let fixed = ["--insured", "60000", "--months", "2026-10", "--seed", "3"];
        common::Ran::from(tenken().arg("sample").arg("--out").arg(&out).args(fixed).args(size).output().unwrap())
            .expect(0);
        let truth = fs::read_to_string(out.join("truth.csv")).unwrap();
        let claims = truth.lines().count() - 1;
        assert!((low..=high).contains(&claims), "{size:?}: {claims}");
    }
}

#[test]
fn what_is_asked_wrongly_is_said() {
    let place = Place::new();
    let out = place.path("見本");
    let run = |args: &[&str]| -> common::Ran {
        tenken().arg("sample").arg("--out").arg(&out).args(args).output().unwrap().into()
    };
    run(&["--insured", "100", "--months", "2026-10..2026-09", "--seed", "1"]).expect(2);
    run(&["--insured", "100", "--months", "2026-13", "--seed", "1"]).expect(2);
    run(&["--insured", "100", "--months", "2026-10", "--seed", "1", "--bytes", "10X"]).expect(2);
    fs::create_dir(&out).unwrap();
    fs::write(out.join("家計簿.txt"), "x").unwrap();
    run(&["--insured", "100", "--months", "2026-10", "--seed", "1"]).expect(1);
    assert!(out.join("家計簿.txt").exists());
}
