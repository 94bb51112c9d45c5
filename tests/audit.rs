//! The access log, through the command: every look is in it before it is shown.

mod common;

use std::{fs, path::PathBuf};

use common::{Place, Ran, example, tenken};

/// A store with one claim; its id.
fn one_claim(place: &Place) -> String {
    place.import(&place.file("RECEIPTC.UKE", &example("outpatient")), "2024-11").expect(0);
    place.sql("SELECT claim_id FROM claims")[0].clone()
}

fn audit(place: &Place, args: &[&str]) -> Ran {
    place.run(&[&["audit"], args].concat())
}

/// Rows of the log as cells of the csv.
fn rows(place: &Place) -> Vec<Vec<String>> {
    let text = audit(place, &["export", "--format", "csv"]).expect(0).stdout;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Without what differs from run to run.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        let hidden = cells.iter().map(|c| match *c {
            c if c.ends_with("+09:00") => "AT",
            c if c.len() == 64 && c.bytes().all(|b| b.is_ascii_hexdigit()) => "HASH",
            c => c,
        });
        out += &hidden.collect::<Vec<_>>().join(",");
        out.push('\n');
    }
    out
}

fn log_files(place: &Place) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(place.store().join("audit"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    files
}

#[test]
fn looks_are_logged_and_nothing_else_is() {
    let place = Place::new();
    let id = one_claim(&place);
    for format in ["text", "json", "html", "raw"] {
        place.run(&["claim", &id, "--format", format]).expect(0);
    }
    for sql in [
        // no table of persons
        "SELECT count(*) FROM imports",
        "SELECT source_file FROM files",
        "SELECT 1",
        "SELECT table_name FROM information_schema.tables",
    ] {
        place.run(&["sql", sql]).expect(0);
    }
    // tables of persons: in a subquery, in a plan, beside others
    for sql in [
        "SELECT import_id FROM imports WHERE import_id IN (SELECT import_id FROM diagnoses)",
        "EXPLAIN SELECT * FROM comments",
        "WITH 見本太郎 AS (SELECT name FROM claims) SELECT count(*) FROM 見本太郎 WHERE name = '見本　太郎'",
        "SELECT DISTINCT '太郎' AS person_id, birth_date FROM claims LIMIT 5",
    ] {
        place.run(&["sql", sql]).expect(0);
    }
    // a message can show a value too
    let quoted = place.run(&["sql", "SELECT CAST(name AS INT) FROM claims"]).expect(1);
    assert!(quoted.stderr.contains("見本"), "{}", quoted.stderr);
    // nothing was shown
    place.run(&["claim", "0000000000000000"]).expect(1);
    place.run(&["sql", "SELECT nothing FROM claims"]).expect(1);
    for args in [["imports"], ["verify"], ["doctor"]] {
        place.run(&args).expect(0);
    }
    let text = audit(&place, &["export", "--format", "csv"]).expect(0).stdout;
    assert!(!text.contains("見本") && !text.contains("太郎"), "{text}");
    insta::assert_snapshot!("audit_export", without_times(&text));
    let files = log_files(&place);
    assert_eq!(files.len(), 1);
    let raw = fs::read_to_string(&files[0]).unwrap();
    assert!(!raw.contains("見本") && !raw.contains("太郎"), "{raw}");
}

#[test]
fn the_csv_alone_proves_the_chain() {
    let place = Place::new();
    let id = one_claim(&place);
    place.run(&["claim", &id]).expect(0);
    let mut previous = "0".repeat(64);
    for row in rows(&place) {
        let (hash, cells) = row.split_last().unwrap();
        let form: String = cells.iter().map(|c| format!("{}:{c},", c.len())).collect();
        assert_eq!(*hash, blake3::hash(format!("{previous}{form}").as_bytes()).to_hex().to_string());
        previous.clone_from(hash);
    }
    let verified = audit(&place, &["verify", "--format", "json"]).expect(0).json();
    assert_eq!(verified["anchor"], format!("2:{previous}"));
    // noted elsewhere, it is known again, and a log that begins anew is not taken for this one
    let anchor = format!("2:{previous}");
    audit(&place, &["verify", "--anchor", &anchor]).expect(0);
    audit(&place, &["verify", "--anchor", "2:12"]).expect(2);
    fs::remove_dir_all(place.store().join("audit")).unwrap();
    audit(&place, &["verify"]).expect(0);
    assert!(audit(&place, &["verify", "--anchor", &anchor]).expect(1).stdout.contains("記録 2"));
    for _ in 0..3 {
        place.run(&["claim", &id]).expect(0);
    }
    audit(&place, &["verify"]).expect(0);
    let found = place.run(&["--lang", "en", "audit", "verify", "--anchor", &anchor]).expect(1).stdout;
    assert!(found.contains(".jsonl:2 ") && found.contains("anchor"), "{found}");
}

#[test]
fn commands_at_once_keep_the_chain() {
    let place = Place::new();
    let id = one_claim(&place);
    for _ in 0..3 {
        let running: Vec<_> = (0..6)
            .map(|_| {
                let mut c = tenken();
                c.args(["claim", &id, "--store"]).arg(place.store()).stdout(std::process::Stdio::null());
                c.spawn().unwrap()
            })
            .collect();
        audit(&place, &["verify"]).expect(0);
        for mut child in running {
            assert!(child.wait().unwrap().success());
        }
    }
    audit(&place, &["verify"]).expect(0);
    let seqs: Vec<usize> = rows(&place).iter().map(|r| r[0].parse().unwrap()).collect();
    assert_eq!(seqs, (1..=19).collect::<Vec<_>>());
}

/// Several looks, of which one file of the log is then spoilt; every verifying command says where and what.
fn spoilt(spoil: impl FnOnce(&mut Vec<String>), code: i32, says: &str, says_en: &str) {
    let place = Place::new();
    let id = one_claim(&place);
    for _ in 0..3 {
        place.run(&["claim", &id]).expect(0);
    }
    let file = log_files(&place).pop().unwrap();
    let mut lines: Vec<String> = fs::read_to_string(&file).unwrap().split_inclusive('\n').map(str::to_owned).collect();
    spoil(&mut lines);
    fs::write(&file, lines.concat()).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    for (args, says) in [(vec!["audit", "verify"], says), (vec!["--lang", "en", "audit", "verify"], says_en)] {
        let found = place.run(&args).expect(code).stdout;
        assert!(found.contains(name) && found.contains(says), "{found}");
    }
    let all = place.run(&["verify"]).expect(code);
    assert!((all.stdout + &all.stderr).contains(says), "{says}");
    let json = audit(&place, &["verify", "--format", "json"]).expect(code).json();
    assert_eq!(json["trouble"][0]["file"], name);
    assert_eq!(json["trouble"][0]["damage"], code == 1);
    let csv = audit(&place, &["verify", "--format", "csv"]).expect(code).stdout;
    assert!(csv.lines().nth(1).unwrap().starts_with(name), "{csv}");
    // what can be read is still given
    let export = audit(&place, &["export", "--format", "csv"]).expect(3);
    assert!(export.stdout.lines().count() > 1 && export.stderr.contains(says), "{}", export.stderr);
    audit(&place, &["review"]).expect(3);
    // and a look is still possible
    place.run(&["claim", &id]).expect(0);
    audit(&place, &["verify"]).expect(if code == 3 { 0 } else { 1 });
}

#[test]
fn damage_is_named() {
    spoilt(|l| l[1] = l[1].replace("tester", "nobody"), 1, "記録 2", ":2 [");
    spoilt(|l| drop(l.remove(1)), 1, "記録 2 がありません", "row 2 is missing");
    spoilt(|l| l.truncate(2), 1, "記録 3 から 4 までがありません", "rows 3 to 4 are missing");
    spoilt(|l| l[2].truncate(30), 1, "読めない行", "no row");
}

#[test]
fn a_half_line_is_named_and_then_sealed() {
    spoilt(|l| l.push("{\"seq\":5,\"at".into()), 3, "書きかけ", "unfinished");
}

#[test]
fn nothing_is_shown_that_cannot_be_logged() {
    let place = Place::new();
    let id = one_claim(&place);
    let sql = ["sql", "SELECT name FROM claims", "--format", "csv"];
    fs::remove_dir_all(place.store().join("audit")).unwrap();
    // where rights bind nobody (root), a file in the folder's place does the same
    fs::write(place.store().join("audit"), b"").unwrap();
    for args in [vec!["claim", &id], vec!["claim", &id, "--format", "raw"], sql.to_vec()] {
        let ran = place.run(&args).expect(1);
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
        assert!(ran.stderr.contains("閲覧記録") && ran.stderr.contains("何も表示しません"), "{}", ran.stderr);
        let ran = place.run(&[&["--lang", "en"], args.as_slice()].concat()).expect(1);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("nothing is shown"), "{}", ran.stderr);
    }
    // what shows no person needs no log
    place.run(&["imports"]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_store_that_can_only_be_read_shows_no_claim() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let id = one_claim(&place);
    fs::remove_dir_all(place.store().join("audit")).unwrap();
    let set = |mode| fs::set_permissions(place.store(), fs::Permissions::from_mode(mode)).unwrap();
    set(0o555);
    let binds = fs::write(place.store().join("probe"), b"").is_err();
    let ran = place.run(&["claim", &id]);
    set(0o755);
    if !binds {
        eprintln!("skipped: rights do not bind this user");
        return;
    }
    let ran = ran.expect(1);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("閲覧記録"), "{}", ran.stderr);
}

#[test]
fn days_of_an_export_and_figures_of_a_review() {
    let place = Place::new();
    let id = one_claim(&place);
    place.run(&["claim", &id]).expect(0);
    place.run(&["claim", &id]).expect(0);
    let lines = |args: &[&str]| audit(&place, args).expect(0).stdout.lines().count() - 1;
    assert_eq!(lines(&["export", "--format", "csv"]), 3);
    assert_eq!(lines(&["export", "--format", "csv", "--from", "2020-01", "--to", "2900-12-31"]), 3);
    assert_eq!(lines(&["export", "--format", "csv", "--to", "2020-01-01"]), 0);
    assert_eq!(lines(&["review", "--format", "csv", "--to", "2020-01"]), 0);
    audit(&place, &["export", "--from", "2020-13"]).expect(2);
    audit(&place, &[]).expect(2);
    let review = audit(&place, &["review", "--format", "json"]).expect(0).json();
    let claims = review.as_array().unwrap().iter().find(|r| r["action"] == "claim").unwrap();
    for (column, want) in [("looks", 2), ("rows", 2), ("persons", 2), ("persons_unknown", 0), ("targets", 1)] {
        assert_eq!(claims[column], want, "{column}");
    }
    assert_eq!(claims["user"], "tester");
    let columns = "month,user,source,action,looks,rows,persons,persons_unknown,targets,outside_hours";
    assert_eq!(audit(&place, &["review", "--format", "csv"]).expect(0).stdout.lines().next(), Some(columns));
}

#[test]
fn doctor_names_the_state_of_the_log() {
    let place = Place::new();
    let id = one_claim(&place);
    let state = |code| {
        let list = place.run(&["doctor", "--format", "json"]).expect(code).json();
        list.as_array().unwrap().iter().find(|r| r["item"] == "access_log").unwrap().clone()
    };
    assert!(state(0)["value"].as_str().unwrap().starts_with("1; 20"));
    fs::write(&log_files(&place)[0], b"").unwrap();
    assert!(state(3)["value"].as_str().unwrap().contains("記録 1 がありません"));
    place.run(&["claim", &id]).expect(0);
    assert_eq!(audit(&place, &["verify"]).expect(1).stdout.matches("損傷").count(), 1);
}
