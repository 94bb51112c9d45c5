//! What users see: help, exit statuses, the claim page, lists.

mod common;

use common::{Place, Ran, example, small_month, tenken};

fn run(args: &[&str]) -> Ran {
    tenken().args(args).output().unwrap().into()
}

#[test]
fn help_is_japanese_and_english() {
    let ja = run(&["--help"]).expect(0).stdout;
    insta::assert_snapshot!("help_ja", ja);
    let en = run(&["--lang", "en", "--help"]).expect(0).stdout;
    insta::assert_snapshot!("help_en", en);
    insta::assert_snapshot!("help_import_ja", run(&["import", "--help"]).expect(0).stdout);
}

#[test]
fn wrong_usage_is_status_2_and_says_what_is_missing() {
    for (args, says) in [
        (vec!["import"], "PATH"),
        (vec!["import", "x", "--store", "s", "--month", "2026-13"], "2026-13"),
        (vec!["import", "x", "--store", "s", "--month", "2610"], "YYYY-MM"),
        (vec!["nothing"], "nothing"),
        (vec!["imports"], "--store"),
        (vec!["imports", "--store", "s", "--format", "xml"], "xml"),
        (vec!["imports", "--store", "s", "--nothing"], "--nothing"),
    ] {
        let ran = run(&args).expect(2);
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
    run(&[]).expect(2);
    let ran = run(&["imports", "--store", "/no/such/store"]).expect(1);
    assert!(ran.stderr.contains("store.json"), "{}", ran.stderr);
    let ran = run(&["imports", "--store", "s3://bucket/store"]).expect(1);
    assert!(ran.stderr.contains("s3://bucket/store"), "{}", ran.stderr);
}

#[test]
fn a_folder_with_other_things_is_no_store() {
    let place = Place::new();
    place.file("保存先/大事な書類.txt", b"x");
    let ran = place.import(&place.file("RECEIPTC.UKE", &example("outpatient")), "2024-11").expect(1);
    assert!(ran.stderr.contains("保存先"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(place.store()).unwrap().count(), 1);
}

/// A wrong path and a folder with things of one's own: nothing in it may be touched.
#[test]
fn a_folder_named_tmp_in_someone_elses_folder_survives() {
    let place = Place::new();
    let mine = place.file("保存先/tmp/大事な書類.txt", b"x");
    place.import(&place.file("list.csv", b"a,b\n"), "2024-11").expect(1);
    place.import(&place.file("RECEIPTC.UKE", &example("outpatient")), "2024-11").expect(1);
    assert!(mine.exists());
    assert_eq!(std::fs::read_dir(place.store()).unwrap().count(), 1);
}

#[test]
fn a_store_of_a_newer_release_is_refused() {
    let place = Place::new();
    place.file("保存先/store.json", br#"{"format_version": 99, "created_by": "tenken 9"}"#);
    let ran = place.run(&["imports"]).expect(1);
    assert!(ran.stderr.contains("99"), "{}", ran.stderr);
}

/// The claim page of every kind, as text. Claim ids depend on content alone, so the pages are the same everywhere.
#[test]
fn claim_pages() {
    for (name, month) in [
        ("outpatient", "2024-11"),
        ("inpatient", "2024-12"),
        ("dpc", "2024-12"),
        ("dental", "2026-07"),
        ("pharmacy", "2026-07"),
        ("nursing", "2026-07"),
        ("reduction", "2026-07"),
    ] {
        let place = Place::new();
        place.import(&place.file(&format!("{name}.UKE"), &example(name)), month);
        let id = place.sql("SELECT claim_id FROM claims")[0].clone();
        insta::assert_snapshot!(format!("claim_{name}"), place.run(&["claim", &id]).expect(0).stdout);
        let html = place.run(&["claim", &id, "--format", "html"]).expect(0).stdout;
        assert!(
            html.starts_with("<!doctype html>") && !html.contains("<script") && !html.contains("http"),
            "self-contained"
        );
        if name == "reduction" {
            insta::assert_snapshot!(
                "claim_reduction_json",
                place.run(&["claim", &id, "--format", "json"]).expect(0).stdout
            );
            insta::assert_snapshot!("claim_reduction_html", html);
        }
    }
}

#[test]
fn names_cannot_break_the_page() {
    let place = Place::new();
    let text = common::example_text("outpatient").replace("見本　太郎", "<script>x</script>");
    place.import(&place.file("RECEIPTC.UKE", &common::cp932(&text)), "2024-11").expect(0);
    let id = place.sql("SELECT claim_id FROM claims")[0].clone();
    let html = place.run(&["claim", &id, "--format", "html"]).expect(0).stdout;
    assert!(!html.contains("<script>"), "escaped");
}

#[test]
fn sql_only_reads() {
    let place = Place::new();
    place.import(&place.file("RECEIPTC.UKE", &example("outpatient")), "2024-11").expect(0);
    let target = place.path("out.csv");
    for sql in [
        "DROP TABLE claims".to_owned(),
        "CREATE TABLE x AS SELECT * FROM claims".to_owned(),
        "INSERT INTO claims SELECT * FROM claims".to_owned(),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        format!("COPY claims TO '{}'", target.display()),
        "SELECT nothing FROM claims".to_owned(),
        "not sql".to_owned(),
    ] {
        place.run(&["sql", &sql]).expect(1);
    }
    assert!(!target.exists());
    assert_eq!(place.sql("SELECT count(*) FROM claims"), ["1"]);
}

#[test]
fn formats_of_lists() {
    let place = Place::new();
    place.import(&place.file("RECEIPTC.UKE", &example("outpatient")), "2024-11").expect(0);
    let sql =
        "SELECT claim_id, service_month, birth_date, tokki, service_days, days_exact, points, person_id FROM claims";
    let csv = place.run(&["sql", sql, "--format", "csv"]).expect(0).stdout;
    assert_eq!(csv.lines().nth(1).unwrap().split_once(',').unwrap().1, "2024-10,1980-01-15,28,3;17,1,904,");
    let json = place.run(&["sql", sql, "--format", "json"]).expect(0).json();
    assert_eq!(json[0]["tokki"], serde_json::json!(["28"]));
    assert_eq!(json[0]["days_exact"], true);
    assert_eq!(json[0]["person_id"], serde_json::Value::Null);
    let times = place.run(&["imports", "--format", "json"]).expect(0).json();
    assert!(times[0]["imported_at"].as_str().unwrap().ends_with("+09:00"));
    let doctor = place.run(&["doctor", "--format", "json"]).expect(0).json();
    assert!(doctor.as_array().unwrap().iter().any(|r| r["item"] == "free_disk" && r["state"] == "良"));
    run(&["doctor"]).expect(0);
}

#[test]
fn completions_and_manual_come_from_the_same_definition() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(run(&["completions", shell]).expect(0).stdout.contains("withdraw"), "{shell}");
    }
    let man = run(&["man"]).expect(0).stdout;
    assert!(man.contains(".TH") && man.contains("withdraw"));
}

#[test]
fn the_demo_ends_with_a_summary_and_what_to_try_next() {
    let place = Place::new();
    let dir = place.path("見本の町");
    let ran = run(&["demo", "--dir", dir.to_str().unwrap(), "--no-serve"]).expect(0);
    for says in ["取込が完了しました", "受け入れ", "次に試せること", "tenken claim"] {
        assert!(ran.stdout.contains(says), "{says}: {}", ran.stdout);
    }
    // the commands that it proposes work as they stand
    let store = dir.join("store");
    let next = ran.stdout.lines().find(|l| l.trim_start().starts_with("tenken claim")).unwrap();
    let id = next.split_whitespace().nth(2).unwrap();
    run(&["claim", id, "--store", store.to_str().unwrap()]).expect(0);
    let again = run(&["demo", "--dir", dir.to_str().unwrap(), "--no-serve"]).expect(0);
    assert!(again.stdout.contains("取り込み済み"), "{}", again.stdout);
    place.file("使用中/a.txt", b"x");
    run(&["demo", "--dir", place.path("使用中").to_str().unwrap()]).expect(1);
}

#[test]
fn errors_come_in_the_language_asked_for() {
    let place = Place::new();
    let list = place.file("list.csv", b"a,b\n1,2\n");
    let store = place.store();
    let args = ["import", list.to_str().unwrap(), "--month", "2026-10", "--store", store.to_str().unwrap()];
    let japanese = run(&args).expect(1).stderr;
    let english = run(&[&["--lang", "en"], args.as_slice()].concat()).expect(1).stderr;
    assert!(japanese.contains("請求ファイルではありません") && !japanese.contains("no claim file"), "{japanese}");
    assert!(english.contains("no claim file") && !english.contains("ではありません"), "{english}");
    let english = run(&["--lang", "en", "imports", "--store", store.to_str().unwrap()]).expect(1).stderr;
    assert!(english.contains("no store of Tenken"), "{english}");
}

/// What is printed about a month names no person.
#[test]
fn messages_name_no_person() {
    let place = Place::new();
    let sample = small_month(&place, 60);
    let file = common::example_text("outpatient").replace("19800115", "見本生日").replace("見本　太郎", "秘密　名前");
    std::fs::write(sample.claims.join("x_RECEIPTC.UKE"), common::cp932(&file)).unwrap();
    let json = place.import(&sample.claims, "2026-10").expect(3);
    let reasons = place.sql("SELECT reason FROM rejects").join("\n");
    for text in [json.stdout, json.stderr, reasons] {
        assert!(!text.contains("秘密") && !text.contains("見本生日"), "{text}");
    }
}

/// The institution of a claim is found above it, however far, in its own block and never in another.
#[test]
fn the_institution_of_a_claim_in_a_joined_file() {
    let text = common::example_text("outpatient");
    let (header, rest) = text.split_once("\r\n").unwrap();
    let (claim, _) = rest.split_once("GO,").unwrap();
    let block = |name: &str, code: &str, claims: usize| {
        let header = header.replace("見本内科クリニック", name).replace("1399990", code);
        format!("{header}\r\n{}GO,{},{},99\r\n", claim.repeat(claims), claims * 2, claims * 904)
    };
    let dental = common::example_text("dental");
    let place = Place::new();
    // the middle block is longer than what is searched in one step
    let file = format!(
        "{}{}\x1a{dental}{}",
        block("一番医院", "1111111", 3),
        block("二番病院", "2222222", 2_500),
        block("三番医院", "3333333", 1)
    );
    place.import(&place.file("joined.UKE", &common::cp932(&file)), "2024-11");
    let rows = place.sql("SELECT claim_id, institution_code, institution_name FROM claims ORDER BY ordinal");
    assert_eq!(rows.len(), 3 + 2_500 + 1 + 1);
    for at in [0, 2, 3, 4, 2_501, 2_502, 2_503, 2_504] {
        let cells: Vec<&str> = rows[at].split(',').collect();
        let page = run(&["claim", cells[0], "--store", place.store().to_str().unwrap()]).expect(0).stdout;
        assert!(page.contains(&format!("{} {}", cells[1], cells[2])), "{at}: {cells:?}\n{page}");
    }
}
