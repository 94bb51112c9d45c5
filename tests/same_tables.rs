//! The tables do not depend on how the work was cut up.

mod common;

use common::{Place, contents, small_month};

#[test]
fn any_number_of_threads_and_any_piece_size() {
    let reference = Place::new();
    let sample = small_month(&reference, 400);
    reference.import(&sample.claims, "2026-10").expect(3);
    let want = contents(&reference);
    assert!(want.lines().count() > 2_000);
    for threads in ["1", "2", "7"] {
        for piece in ["1", "20000", "33554432"] {
            let place = Place::new();
            place.import_with(&sample.claims, "2026-10", &["--threads", threads, "--piece-bytes", piece]).expect(3);
            assert!(contents(&place) == want, "{threads} threads, pieces of {piece} bytes");
        }
    }
    let read = Place::new();
    read.import_with(&sample.claims, "2026-10", &["--no-mmap"]).expect(3);
    assert!(contents(&read) == want, "read instead of mapped");
}

/// The generator's totals, kind by kind and file by file.
#[test]
fn claims_and_points_equal_the_totals_of_the_sample() {
    let place = Place::new();
    let sample = small_month(&place, 600);
    let json = place.import(&sample.claims, "2026-10").expect(3).json();
    let rows = place.sql(
        "SELECT source_file, kind, count(*), coalesce(sum(CASE WHEN parent_claim_id IS NULL THEN points END), 0), \
         coalesce(sum(CASE WHEN parent_claim_id IS NULL THEN points_effective END), 0), \
         sum(CASE WHEN parent_claim_id IS NULL THEN cost_yen ELSE 0 END) FROM claims GROUP BY 1, 2 ORDER BY 1, 2",
    );
    let mut want: Vec<String> = sample
        .totals
        .iter()
        .map(|t| {
            format!(
                "{},{},{},{},{},{}",
                t.source_file,
                t.kind.name(),
                t.claims,
                t.points,
                t.points_effective,
                t.cost_yen
            )
        })
        .collect();
    want.sort();
    assert_eq!(rows, want);
    let sum = |f: fn(&tenken_samples::Total) -> i64| sample.totals.iter().map(f).sum::<i64>();
    assert_eq!(json["claims"].as_i64(), Some(sum(|t| t.claims)));
    assert_eq!(json["points"].as_i64(), Some(sum(|t| t.points)));
    assert_eq!(json["points_effective"].as_i64(), Some(sum(|t| t.points_effective)));
    // nothing wrong but what was made wrong
    let codes = place.sql("SELECT code FROM rejects WHERE source_file NOT LIKE '%_91_%'");
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!(json["rejected"], 2);
    // the subordinates of the DPC 総括 name their parent
    let parents = place.sql(
        "SELECT count(*) FROM claims c JOIN claims p ON c.parent_claim_id = p.claim_id WHERE p.summary_class = '1'",
    );
    assert_eq!(parents, ["2"]);
}

/// Every byte of every file comes back, claim by claim.
#[test]
fn claims_of_all_kinds_and_forms_come_back_byte_for_byte() {
    let place = Place::new();
    let sample = small_month(&place, 50);
    place.import(&sample.claims, "2026-10").expect(3);
    let rows = place.sql("SELECT claim_id, source_file, byte_start, byte_len FROM claims ORDER BY file_no, ordinal");
    assert!(rows.len() > 30);
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let file = std::fs::read(sample.claims.join(cells[1])).unwrap();
        let (start, len): (usize, usize) = (cells[2].parse().unwrap(), cells[3].parse().unwrap());
        assert!(
            place.run(&["claim", cells[0], "--format", "raw"]).expect(0).bytes == file[start..start + len],
            "{row}"
        );
    }
}
