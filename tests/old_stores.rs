//! Stores of earlier releases open. Each folder of `tests/stores/` was written by the release it is named
//! after; `expected.json` beside it says what it held. None is ever rewritten.

mod common;

use std::{fs, path::Path};

use common::{Place, tenken};
use serde_json::Value;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|e| e.unwrap().path()) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() { copy(&entry, &target) } else { fs::copy(&entry, &target).map(|_| ()).unwrap() }
    }
}

#[test]
fn every_kept_store_opens_and_can_be_written_to() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores");
    let mut seen = 0;
    for folder in fs::read_dir(kept).unwrap().map(|e| e.unwrap().path()) {
        let place = Place::new();
        copy(&folder.join("store"), &place.store());
        let expected: Value = serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
        for (sql, want) in expected.as_object().unwrap() {
            let got = place.sql(sql);
            let want: Vec<&str> = want.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
            assert_eq!(got, want, "{}: {sql}", folder.display());
        }
        // tables that came later are empty
        for table in ["findings", "persons", "periods", "attributes", "households", "registry_rejects", "runs"] {
            assert_eq!(place.sql(&format!("SELECT count(*) FROM {table}")), ["0"], "{table}");
        }
        place.run(&["verify"]).expect(0);
        let claim = place.sql("SELECT claim_id FROM claims ORDER BY file_no, ordinal LIMIT 1")[0].clone();
        for format in ["text", "json", "html", "raw"] {
            place.run(&["claim", &claim, "--format", format]).expect(0);
        }
        let file = place.file("RECEIPTC.UKE", &common::example("outpatient"));
        place.import(&file, "2024-11").expect(0);
        place.run(&["verify"]).expect(0);
        let id = place.sql("SELECT import_id FROM imports WHERE exam_month = '2024-11'")[0].clone();
        let out = tenken().args(["withdraw", &id, "--store"]).arg(place.store()).output().unwrap();
        assert!(out.status.success());
        seen += 1;
    }
    assert!(seen > 0);
}
