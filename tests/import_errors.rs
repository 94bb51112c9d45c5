//! The table of DESIGN section 6: the errors people make, and what they get.

mod common;

use std::{io::Write, path::Path};

use common::{Place, cp932, example, example_text, small_month, tenken};

fn codes(place: &Place) -> Vec<String> {
    place.sql("SELECT level || ':' || code FROM rejects ORDER BY level, code, line")
}

fn zip_of(place: &Place, name: &str, members: &[(&str, &[u8])]) -> std::path::PathBuf {
    let path = place.path(name);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// Nothing was stored: no store, or one without imports.
fn nothing_stored(place: &Place) {
    if place.store().join("store.json").exists() {
        assert_eq!(place.run(&["imports", "--format", "csv"]).expect(0).stdout.lines().count(), 1);
        place.run(&["verify"]).expect(0);
    }
}

#[test]
fn what_is_no_claim_file_is_refused_by_name() {
    for (name, bytes) in
        [("台帳.csv", "宛名番号,氏名\n1,見本\n".as_bytes()), ("空.UKE", b"".as_slice()), ("写真.pdf", b"%PDF-1.7\n")]
    {
        let place = Place::new();
        let ran = place.import(&place.file(name, bytes), "2026-07").expect(1);
        assert!(ran.stderr.contains(name) && ran.stderr.contains("RECEIPTC.UKE"), "{}", ran.stderr);
        assert!(!place.store().exists(), "a mistake leaves no store behind");
    }
    let place = Place::new();
    place.file("空の箱/説明.txt", b"hello");
    let ran = place.import(&place.path("空の箱"), "2026-07").expect(1);
    assert!(ran.stderr.contains("空の箱") && ran.stderr.contains("請求ファイルがありません"), "{}", ran.stderr);
    let ran = place.import(Path::new("/ない/場所"), "2026-07").expect(1);
    assert!(ran.stderr.contains("ない"), "{}", ran.stderr);
    nothing_stored(&place);
}

#[test]
fn zips() {
    let place = Place::new();
    let claims = example("outpatient");
    let none = zip_of(&place, "なし.zip", &[("a.txt", b"x")]);
    assert!(place.import(&none, "2024-11").expect(1).stderr.contains("なし.zip"));
    nothing_stored(&place);

    let path = zip_of(
        &place,
        "届いた.zip",
        &[("中/RECEIPTC.UKE", &claims), ("中/read.me", b"x"), ("../外.UKE", &example("era"))],
    );
    let json = place.import(&path, "2024-11").expect(3).json();
    assert_eq!((json["files"].as_i64(), json["claims"].as_i64()), (Some(2), Some(2)));
    assert_eq!(json["skipped"][0]["source_file"], "届いた.zip/中/read.me");
    assert_eq!(
        place.sql("SELECT source_file FROM files ORDER BY file_no"),
        ["届いた.zip/../外.UKE", "届いた.zip/中/RECEIPTC.UKE"]
    );
    assert!(!place.path("外.UKE").exists() && !place.store().join("外.UKE").exists());
    assert!(!place.store().join("tmp").exists(), "unpacked files are gone");
    place.run(&["verify"]).expect(0);

    // the flag of an encrypted member, in both headers
    let mut bytes = std::fs::read(zip_of(&place, "暗号.zip", &[("RECEIPTC.UKE", &claims)])).unwrap();
    for (magic, at) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let i = bytes.windows(4).position(|w| w == magic).unwrap();
        bytes[i + at] |= 1;
    }
    let locked = place.file("暗号.zip", &bytes);
    assert!(place.import(&locked, "2024-11").expect(1).stderr.contains("暗号化"), "encrypted");
    let cut = place.file("壊れ.zip", &bytes[..bytes.len() / 2]);
    assert!(place.import(&cut, "2024-11").expect(1).stderr.contains("壊れ"));
}

#[test]
fn other_files_among_the_claims_are_skipped_with_a_reason() {
    let place = Place::new();
    place.file("月/RECEIPTC.UKE", &example("outpatient"));
    place.file("月/registry/kojin.csv", "宛名番号\n1\n".as_bytes());
    place.file("月/truth.csv", b"source_file\n");
    let json = place.import(&place.path("月"), "2024-11").expect(0).json();
    let skipped: Vec<String> = json["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| format!("{}:{}", s["source_file"].as_str().unwrap(), s["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(skipped, ["registry/kojin.csv:請求ファイルではない", "truth.csv:請求ファイルではない"]);
}

#[test]
fn a_claim_without_what_it_needs_is_rejected_and_the_rest_imported() {
    let good = example_text("outpatient");
    let good = good.trim_end_matches(['\r', '\n']);
    let (head, body) = good.split_once("RE,").unwrap();
    let (body, go) = body.split_once("GO,").unwrap();
    let body = format!("RE,{body}");
    let faulty = |from: &str, to: &str| body.replacen(from, to, 1);
    for (claim, code, field) in [
        (faulty(",1122,", ",11X2,"), "receipt_type_unreadable", "receipt_type"),
        (faulty(",202410,", ",,"), "service_month_unreadable", "service_month"),
        (faulty(",202410,", ",202413,"), "service_month_unreadable", "service_month"),
        (faulty("HO,06139992,", "HO,A6139992,"), "insurer_no_unreadable", "insurer_no"),
        (faulty(",2,904,", ",2,,"), "total_points_unreadable", "total_points"),
        (faulty(",2,904,", ",2,9O4,"), "total_points_unreadable", "total_points"),
        (
            body.lines()
                .filter(|l| !l.starts_with("HO,") && !l.starts_with("KO,"))
                .map(|l| format!("{l}\r\n"))
                .collect(),
            "payer_missing",
            "",
        ),
    ] {
        let place = Place::new();
        let file = format!("{head}{claim}{body}GO,{go}\r\n");
        let bytes = cp932(&file);
        let json = place.import(&place.file("RECEIPTC.UKE", &bytes), "2024-11").expect(3).json();
        assert_eq!((json["claims"].as_i64(), json["rejected"].as_i64()), (Some(1), Some(1)), "{code}");
        let row = place.sql("SELECT code, coalesce(field, ''), byte_start, byte_len, claim_id, reason FROM rejects WHERE level = 'reject'");
        assert_eq!(row.len(), 1);
        let cells: Vec<&str> = row[0].split(',').collect();
        assert_eq!((cells[0], cells[1]), (code, field));
        assert!(!cells[5].is_empty());
        let (start, len): (usize, usize) = (cells[2].parse().unwrap(), cells[3].parse().unwrap());
        assert_eq!(&bytes[start..start + len], cp932(&claim), "{code}: the byte range is the claim");
        assert_eq!(place.run(&["claim", cells[4], "--format", "raw"]).expect(0).bytes, cp932(&claim));
        place.run(&["verify"]).expect(0);
    }
}

#[test]
fn anything_else_wrong_in_a_claim_is_a_problem_on_it() {
    let good = example_text("outpatient");
    for (from, to, code) in [
        (",28,,A0001,", ",28,1O床,A0001,", "field_unreadable"),
        (",19800115,", ",19800231,", "field_unreadable"),
        ("SI,60,2,160008010,,21,1,,,,,,,,,1", "SI,60,2,160008010,,21,2,,,,,,,,,1", "times_differ"),
        (",2,904,", ",2,905,", "total_points_differ"),
        (",2,862,1724,", ",2,863,1724,", "public_points_differ"),
        ("HO,06139992,１２３,４５６,2,", "HO,06139992,１２３,４５６,3,", "actual_days_differ"),
        ("SY,8833421", "QQ,1,2\r\nSY,8833421", "unknown_record"),
        ("SY,8833421", "これは行\r\nSY,8833421", "not_a_record"),
        ("SY,8833421,20240910,1,,,01,\r\n", "SY,8833421,20240910,1\r\n", "line_short"),
        ("SY,8833421,20240910,1,,,01,\r\n", "SY,8833421,20240910,1,,,01,,,\r\n", "line_long"),
        ("HO,06139992,", "HO,        ,", "insurer_no_missing"),
    ] {
        let place = Place::new();
        assert!(good.contains(from), "{from}");
        let file = cp932(&good.replacen(from, to, 1));
        let ran = place.import(&place.file("RECEIPTC.UKE", &file), "2024-11");
        let json = ran.json();
        assert_eq!((json["claims"].as_i64(), json["rejected"].as_i64()), (Some(1), Some(0)), "{code}");
        assert!(codes(&place).contains(&format!("problem:{code}")), "{code}: {:?}", codes(&place));
        assert_eq!(place.sql("SELECT problems > 0 FROM claims"), ["1"]);
        // a changed HO total makes GO disagree, which is a warning on the file
        let go = json["warnings"].as_array().unwrap().iter().any(|w| w["code"].as_str().unwrap().starts_with("go_"));
        assert_eq!(ran.code, if go { 3 } else { 0 }, "{code}");
    }
}

#[test]
fn a_cut_plain_file() {
    let whole = cp932(&example_text("outpatient"));
    let go = whole.windows(3).position(|w| w == b"GO,").unwrap();
    for (end, claims, rejected, code) in
        [(go - 20, 0, 1, "reject:cut_off"), (go - 1, 0, 1, "reject:cut_off"), (go, 1, 0, "file:no_go")]
    {
        let place = Place::new();
        let json = place.import(&place.file("RECEIPTC.UKE", &whole[..end]), "2024-11").expect(3).json();
        assert_eq!((json["claims"].as_i64(), json["rejected"].as_i64()), (Some(claims), Some(rejected)), "{end}");
        assert!(codes(&place).contains(&code.to_owned()), "{:?}", codes(&place));
        place.run(&["verify"]).expect(0);
    }
}

#[test]
fn header_and_totals_that_disagree_are_warnings() {
    let good = example_text("outpatient");
    for (file, code) in [
        (good.split_once("\r\n").unwrap().1.to_owned(), "no_header"),
        (good.replace("GO,2,904,99", "GO,3,904,99"), "go_count_differs"),
        (good.replace("GO,2,904,99", "GO,2,905,99"), "go_points_differ"),
    ] {
        let place = Place::new();
        let json = place.import(&place.file("RECEIPTC.UKE", &cp932(&file)), "2024-11").expect(3).json();
        assert_eq!((json["claims"].as_i64(), json["rejected"].as_i64()), (Some(1), Some(0)));
        assert_eq!(json["warnings"][0]["code"], code);
    }
}

#[test]
fn volumes_of_one_institution_are_summed() {
    let good = example_text("outpatient");
    let first = good.replace("GO,2,904,99", "GO,,,01");
    let second =
        good.replace("202411,00,", "202411,01,").replace("GO,2,904,99", "GO,4,1808,99").replace("RE,1,", "RE,2,");
    let place = Place::new();
    place.file("巻/1.UKE", &cp932(&first));
    place.file("巻/2.UKE", &cp932(&second));
    assert_eq!(place.import(&place.path("巻"), "2024-11").expect(0).json()["claims"], 2);
    // both in one file, with an end mark between them
    let place = Place::new();
    let joined = [cp932(&first), vec![0x1A], cp932(&second)].concat();
    let json = place.import(&place.file("joined.UKE", &joined), "2024-11").expect(0).json();
    assert_eq!(json["claims"], 2);
    assert_eq!(place.sql("SELECT bytes_trailing FROM files"), ["1"]);
    let wrong = [cp932(&first), cp932(&second.replace("GO,4,", "GO,5,"))].concat();
    let place = Place::new();
    let json = place.import(&place.file("wrong.UKE", &wrong), "2024-11").expect(3).json();
    assert_eq!(json["warnings"][0]["code"], "go_count_differs");
}

#[test]
fn a_cut_insurer_file() {
    let claim = example_text("request");
    let claim: String =
        claim.lines().filter(|l| !l.contains(",MD,") && !l.contains(",MK,")).map(|l| format!("{l}\r\n")).collect();
    let cut: String = claim.lines().filter(|l| !l.contains(",RC,")).map(|l| format!("{l}\r\n")).collect();
    let place = Place::new();
    let json = place
        .import(&place.file("11_RECODEINFO_MED.CSV", &cp932(&format!("{claim}{cut}"))), "2026-07")
        .expect(3)
        .json();
    assert_eq!((json["claims"].as_i64(), json["rejected"].as_i64()), (Some(1), Some(1)));
    assert!(codes(&place).contains(&"reject:rc_missing".to_owned()));
    // no claim has one: nothing can be said
    let place = Place::new();
    place.import(&place.file("11_RECODEINFO_MED.CSV", &cp932(&format!("{cut}{cut}"))), "2026-07").expect(0);
}

#[test]
fn another_month_and_another_encoding() {
    let place = Place::new();
    let json = place.import(&place.file("RECEIPTC.UKE", &example("outpatient")), "2024-12").expect(3).json();
    // beside the one that every import without a register has
    let mut warnings = json["warnings"].as_array().unwrap().clone();
    warnings.retain(|w| w["code"] != "no_register");
    assert_eq!(warnings.len(), 1);
    let text = warnings[0]["text"].as_str().unwrap();
    assert!(text.contains("2024-11") && text.contains("2024-12"), "{text}");
    assert_eq!(json["claims"], 1);

    let place = Place::new();
    let utf8 = example_text("outpatient");
    let json = place.import(&place.file("RECEIPTC.UKE", utf8.as_bytes()), "2024-11").expect(0).json();
    assert_eq!(json["warnings"][0]["code"], "utf8_encoding");
    assert_eq!(place.sql("SELECT name, kana, kigo, bango FROM claims"), ["見本　太郎,ミホンタロウ,123,456"]);
    let place = Place::new();
    let bom = [b"\xEF\xBB\xBF", utf8.as_bytes()].concat();
    place.import(&place.file("RECEIPTC.UKE", &bom), "2024-11").expect(0);
    assert_eq!(place.sql("SELECT name FROM claims"), ["見本　太郎"]);
}

#[test]
fn what_is_known_is_not_imported_twice() {
    let place = Place::new();
    let bytes = example("outpatient");
    let first = place.import(&place.file("RECEIPTC.UKE", &bytes), "2024-11").expect(0).json();
    let again = place.import(&place.file("別の名.UKE", &bytes), "2024-11").expect(0).json();
    assert_eq!(again["duplicate"], true);
    for key in ["import_id", "month", "files", "bytes", "claims", "rejected", "problems", "points", "seconds"] {
        assert_eq!(again[key], first[key], "{key}");
    }
    assert_eq!(place.sql("SELECT count(*) FROM claims"), ["1"]);

    // some known, some new
    place.file("月/a.UKE", &bytes);
    place.file("月/b.UKE", &cp932(&example_text("outpatient").replace("A0001", "A0002")));
    place.file("月/c.UKE", &cp932(&example_text("outpatient").replace("A0001", "A0002")));
    let mixed = place.import(&place.path("月"), "2024-11").expect(0).json();
    assert_eq!((mixed["files"].as_i64(), mixed["claims"].as_i64()), (Some(1), Some(1)));
    let skipped: Vec<&str> =
        mixed["skipped"].as_array().unwrap().iter().map(|s| s["source_file"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["a.UKE", "c.UKE"]);

    let other = place.import(&place.path("RECEIPTC.UKE"), "2024-12").expect(1);
    assert!(other.stderr.contains(first["import_id"].as_str().unwrap()), "{}", other.stderr);
    assert_eq!(place.sql("SELECT count(*) FROM claims"), ["2"]);
}

#[test]
fn a_withdrawn_import_may_come_again() {
    let place = Place::new();
    let path = place.file("RECEIPTC.UKE", &example("outpatient"));
    let id = place.import(&path, "2024-11").expect(0).json()["import_id"].as_str().unwrap().to_owned();
    let claim = place.sql("SELECT claim_id FROM claims")[0].clone();
    place.run(&["withdraw", &id]).expect(0);
    assert_eq!(place.sql("SELECT count(*) FROM claims"), ["0"]);
    assert_eq!(std::fs::read_dir(place.store().join("originals")).unwrap().count(), 0, "original bytes are gone");
    place.run(&["claim", &claim]).expect(1);
    place.run(&["withdraw", &id]).expect(1);
    place.run(&["withdraw", "202411-999-0000"]).expect(1);
    place.run(&["verify"]).expect(0);
    let again = place.import(&path, "2024-12").expect(3).json();
    assert_eq!(again["duplicate"], false);
    assert_ne!(again["import_id"], id.as_str());
    assert_eq!(place.sql("SELECT claim_id FROM claims"), [claim], "the same claim has the same id");
    let status = place.run(&["imports", "--format", "csv"]).expect(0).stdout;
    assert!(status.contains("withdrawn") && status.contains("visible"));
}

#[test]
fn check_looks_and_stores_nothing() {
    let place = Place::new();
    let path = place.file("RECEIPTC.UKE", &example("outpatient"));
    let looked = place.import_with(&path, "2024-11", &["--check"]).expect(0).json();
    assert!(!place.store().exists());
    let stored = place.import(&path, "2024-11").expect(0).json();
    for key in ["month", "files", "bytes", "claims", "rejected", "problems", "points", "points_effective"] {
        assert_eq!(looked[key], stored[key], "{key}");
    }
    assert_eq!(looked["import_id"], serde_json::Value::Null);
    let known = place.import_with(&path, "2024-11", &["--check"]).expect(0).json();
    assert_eq!(known["duplicate"], true);
}

#[test]
fn two_imports_at_once() {
    let place = Place::new();
    let sample = small_month(&place, 300);
    let other = place.file("RECEIPTC.UKE", &example("outpatient"));
    let start = |path: &Path, month: &str| {
        let mut c = tenken();
        c.arg("import").arg(path).args(["--month", month, "--format", "json", "--store"]).arg(place.store());
        c.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let running = [start(&sample.claims, "2026-10"), start(&other, "2024-11"), start(&sample.claims, "2026-10")];
    let done: Vec<common::Ran> = running.into_iter().map(|c| c.wait_with_output().unwrap().into()).collect();
    let duplicates = done.iter().filter(|r| r.json()["duplicate"] == true).count();
    assert_eq!(duplicates, 1, "the same files twice: one of them finds them known");
    assert_eq!(place.sql("SELECT count(*) FROM imports WHERE status = 'visible'"), ["2"]);
    assert_eq!(
        place.sql("SELECT count(DISTINCT claim_id), count(*) FROM claims")[0]
            .split(',')
            .collect::<std::collections::HashSet<_>>()
            .len(),
        1
    );
    place.run(&["verify"]).expect(0);
}

#[test]
fn a_disk_that_cannot_hold_it() {
    let place = Place::new();
    let disk = place.path("小さい");
    std::fs::create_dir(&disk).unwrap();
    let mounted =
        std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: cannot mount a small disk here");
        return;
    }
    let ran: common::Ran = tenken()
        .arg("import")
        .arg(place.file("RECEIPTC.UKE", &example("outpatient")))
        .args(["--month", "2024-11", "--store"])
        .arg(disk.join("store"))
        .output()
        .unwrap()
        .into();
    let empty = !disk.join("store").exists();
    std::process::Command::new("umount").arg(&disk).status().unwrap();
    let ran = ran.expect(1);
    assert!(ran.stderr.contains("空きが足りません"), "{}", ran.stderr);
    assert!(empty, "refused before the first byte");
}

#[test]
fn a_disk_that_fills_up_leaves_the_store_as_it_was() {
    let place = Place::new();
    let disk = place.path("小さい");
    std::fs::create_dir(&disk).unwrap();
    let mounted =
        std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=26m", "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: cannot mount a small disk here");
        return;
    }
    let run = |args: &[&str]| -> common::Ran {
        tenken().args(args).arg("--store").arg(disk.join("store")).output().unwrap().into()
    };
    let first = place.file("RECEIPTC.UKE", &example("outpatient"));
    run(&["import", first.to_str().unwrap(), "--month", "2024-11"]).expect(0);
    // the room is there when it is looked for, and is taken while the import runs
    let sample = small_month(&place, 2_000);
    let mut import = tenken();
    import
        .arg("import")
        .arg(&sample.claims)
        .args(["--month", "2026-10", "--piece-bytes", "200000", "--store"])
        .arg(disk.join("store"));
    let mut child = import.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    while !disk.join("store/tmp").exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let filler = std::fs::File::create(disk.join("filler")).unwrap();
    let mut filler = std::io::BufWriter::with_capacity(65_536, filler);
    while filler.write_all(&[0; 65_536]).is_ok() {}
    drop(filler.into_parts());
    let ran: common::Ran = child.wait_with_output().unwrap().into();
    std::fs::remove_file(disk.join("filler")).unwrap();
    let verified = run(&["verify"]);
    let visible = run(&["sql", "SELECT count(*) FROM imports", "--format", "csv"]);
    let again = run(&["import", sample.claims.to_str().unwrap(), "--month", "2026-10"]);
    let after = run(&["verify"]);
    std::process::Command::new("umount").arg(&disk).status().unwrap();
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    verified.expect(0);
    assert_eq!(visible.stdout, "count(*)\n1\n");
    again.expect(3);
    after.expect(0);
}

/// Without its ledger a store would look like leftovers from end to end: nothing may be removed then.
#[test]
fn a_missing_ledger_stops_every_command_and_removes_nothing() {
    for (table, says) in [("imports", "台帳がありません"), ("files", "ファイルの行がありません")] {
        missing_table(table, says);
    }
}

fn missing_table(table: &str, says: &str) {
    let place = Place::new();
    let path = place.file("RECEIPTC.UKE", &example("outpatient"));
    place.import(&path, "2024-11").expect(0);
    let count = || {
        let mut files = 0;
        let mut stack = vec![place.store()];
        while let Some(folder) = stack.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
                if entry.is_dir() { stack.push(entry) } else { files += 1 }
            }
        }
        files
    };
    std::fs::remove_dir_all(place.store().join("tables").join(table)).unwrap();
    let before = count();
    assert!(place.import(&path, "2024-11").expect(1).stderr.contains(says), "{table}");
    place.run(&["verify"]).expect(1);
    assert_eq!(count(), before);
}

#[test]
fn damage_is_found_and_named() {
    let place = Place::new();
    place.import(&place.file("RECEIPTC.UKE", &example("outpatient")), "2024-11").expect(0);
    place.run(&["verify"]).expect(0);
    let mut damaged = 0;
    for folder in ["tables/claims", "originals"] {
        let mut stack = vec![place.store().join(folder)];
        while let Some(path) = stack.pop() {
            if path.is_dir() {
                stack.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
                continue;
            }
            if !matches!(path.extension().and_then(|e| e.to_str()), Some("parquet" | "orig"))
                || path.to_string_lossy().contains("_delta_log")
            {
                continue;
            }
            let whole = std::fs::read(&path).unwrap();
            let mut bytes = whole.clone();
            bytes[30] ^= 0xFF;
            std::fs::write(&path, bytes).unwrap();
            let ran = place.run(&["verify", "--format", "json"]).expect(1);
            let damage = ran.json()["damage"].clone();
            assert!(!damage.as_array().unwrap().is_empty(), "{}", path.display());
            let file = damage[0]["file"].as_str().unwrap();
            assert!(path.to_string_lossy().ends_with(file), "{file} in {}", path.display());
            std::fs::write(&path, whole).unwrap();
            damaged += 1;
        }
    }
    assert_eq!(damaged, 2);
    place.run(&["verify"]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once() {
    let place = Place::new();
    let mut child = tenken()
        .args(["import", "/dev/stdin", "--month", "2024-11", "--format", "json", "--store"])
        .arg(place.store())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&example("outpatient")).unwrap();
    let ran: common::Ran = child.wait_with_output().unwrap().into();
    let json = ran.expect(0).json();
    assert_eq!(json["claims"], 1);
    assert_eq!(json["bytes"], example("outpatient").len());
    place.run(&["verify"]).expect(0);
}
