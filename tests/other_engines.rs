//! The store opens in Python with deltalake, pyarrow and duckdb, with the right counts.

mod common;

use std::process::Command;

use common::{Place, example, small_month};

#[test]
fn python_reads_the_same_rows() {
    let python = ["python3", "python"].into_iter().find(|p| {
        Command::new(p).args(["-c", "import deltalake, pyarrow, duckdb"]).output().is_ok_and(|o| o.status.success())
    });
    let Some(python) = python else {
        eprintln!("skipped: python with deltalake, pyarrow and duckdb not present");
        return;
    };
    let place = Place::new();
    let sample = small_month(&place, 200);
    // three imports, one of them withdrawn: what is not visible must not count
    place.import(&sample.claims, "2026-10").expect(3);
    let id =
        place.import(&place.file("a.UKE", &example("outpatient")), "2024-11").expect(0).json()["import_id"].clone();
    place.import(&place.file("b.UKE", &example("pharmacy")), "2026-07").expect(0);
    place.run(&["withdraw", id.as_str().unwrap()]).expect(0);
    let mut expected = serde_json::Map::new();
    for table in ["files", "claims", "public_expenses", "diagnoses", "lines", "comments", "rejects"] {
        let rows: i64 = place.sql(&format!("SELECT count(*) FROM {table}"))[0].parse().unwrap();
        assert!(rows > 0, "{table}");
        expected.insert(table.into(), rows.into());
    }
    expected.insert("imports".into(), 2.into());
    let file = place.file("expected.json", serde_json::Value::from(expected).to_string().as_bytes());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/read_store.py");
    let out = Command::new(python).arg(script).arg(place.store()).arg(file).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    println!("{text}");
    assert!(out.status.success(), "{text}\n{}", String::from_utf8_lossy(&out.stderr));
}
