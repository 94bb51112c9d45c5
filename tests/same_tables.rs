//! The tables do not depend on how the work was cut up.

mod common;

use common::{Place, contents, small_month};
use tenken_parser::{Date, Kind, Month};
use tenken_samples::{
    claims,
    order::{self, AgeClass, Course, Institution, Order, Patient},
    rng::Rng,
};

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
}

/// A file of DPC stays, some of them 総括 with subordinates; and how many claims and subordinates.
fn stays(exam: Month) -> (Vec<u8>, u32, u32) {
    let at = Institution {
        prefecture: "13".into(),
        score_table: 1,
        code: tenken_parser::identifiers::with_check_digit("131992001")[3..].to_owned(),
        name: "見本総合病院".into(),
        beds: 200,
    };
    let service = exam.plus(-1);
    let (mut body, mut rng) = (Vec::new(), Rng::new(11));
    let (mut claims, mut subordinates, mut payers, mut points) = (0, 0, 0, 0);
    for no in 1..=150 {
        let order = Order {
            kind: Kind::Dpc,
            inpatient: true,
            course: Course::Ordinary,
            service_month: service,
            billing_month: exam,
            patient: Patient {
                insurer_no: "139998",
                kigo: "見",
                bango: "1000001",
                edaban: "01",
                name: "見本　太郎",
                kana: "ミホンタロウ",
                sex: 1,
                birth: Date::new(1960, 4, 1).unwrap(),
                late_elderly: false,
                age_class: AgeClass::Head,
                benefit_rate: Some(70),
            },
            institution: &at,
            prescriber: None,
            days: u32::MAX >> (32 - u32::from(service.days())),
            admission: Some(service.first_day()),
            target: 60_000,
            diseases: &[],
            publics: &[],
            tokki: &[],
            items: &[],
            comments: &[],
            details: &[],
            copay_yen: None,
            confirmation: "01",
            receipt_no: no,
            search_no: "",
            insurer_form: false,
            cut_per_mille: 0,
            form_no: 0,
        };
        let written = order::write(&order, &mut rng, &mut body);
        claims += written.claims;
        subordinates += written.claims - 1;
        payers += written.payers;
        points += written.go_points;
    }
    let mut file = Vec::new();
    claims::file_header(Kind::Dpc, &at, exam, &mut file);
    file.extend_from_slice(&body);
    claims::go(Kind::Dpc, payers, points, &mut file);
    (file, claims, subordinates)
}

#[test]
fn subordinates_of_a_summary_name_their_parent() {
    let place = Place::new();
    let (bytes, claims, subordinates) = stays(Month::new(2026, 10).unwrap());
    assert!(subordinates > 0);
    let file = place.file("RECEIPTD.UKE", &bytes);
    let json = place.import(&file, "2026-10").expect(0).json();
    assert_eq!(json["claims"].as_i64(), Some(i64::from(claims)));
    let parents = place.sql(
        "SELECT count(*) FROM claims c JOIN claims p ON c.parent_claim_id = p.claim_id WHERE p.summary_class = '1'",
    );
    assert_eq!(parents, [subordinates.to_string()]);
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
