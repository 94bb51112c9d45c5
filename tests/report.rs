//! The reports of a month at the command line: files, checks, opened cells, versions.

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{Place, Ran, tenken};

/// 審査月 with claims; the label of a report is the month before.
const MONTHS: [&str; 2] = ["2026-05", "2026-06"];
const LABEL: &str = "2026-05";

/// Forms with cells of lines.
const BOOKED: [&str; 8] = ["BEN_ALL", "BEN_65", "BEN_70G", "BEN_70H", "BEN_PRE", "KOFUKIN", "FUTANKIN32", "ZENKI"];

/// A small town with its register and two months of claims; its insurer.
fn town(place: &Place) -> String {
    let fixed = ["--insured", "1500", "--months", "2026-05..2026-06", "--seed", "5"];
    Ran::from(tenken().args(["sample", "--out"]).arg(place.path("町")).args(fixed).output().unwrap()).expect(0);
    place.run(&["registry", "load", place.path("町/registry").to_str().unwrap()]).expect(0);
    for month in MONTHS {
        let ran = place.import(&place.path("町/claims").join(month), month);
        assert!(matches!(ran.code, 0 | 3), "{}", ran.stderr);
    }
    place.sql("SELECT DISTINCT owner FROM periods")[0].clone()
}

/// Events of every kind on claims of both months, and decisions in cash.
fn ledger(place: &Place) {
    let claims = place.sql(
        "SELECT claim_id FROM claims WHERE exam_month = '2026-05' AND insurer_no IS NOT NULL AND parent_claim_id IS NULL \
         AND substr(receipt_type, 2, 1) = '1' AND points > 400 \
         AND claim_id NOT IN (SELECT claim_id FROM public_expenses) ORDER BY claim_id LIMIT 6",
    );
    let events = [
        ("E1", 0, "satei", "-30,-1,,", ""),
        ("E2", 0, "kago", ",,,", ""),
        ("E3", 1, "fukkatsu", "25,,,", ""),
        ("E4", 2, "ratio", ",,70,80", ""),
        ("E5", 3, "hokenshakan", ",,,", ""),
        ("E6", 4, "satei", "-50,,,", ""),
        // 査定 that was a mistake
        ("E7", 4, "satei", "-50,,,", "E6"),
        ("E8", 5, "resubmit", ",,,", ""),
    ];
    let mut text = "event_id,claim_id,search_no,kind,exam_month,pay_month,delta_points,delta_days,old_rate,new_rate,reverses,note\n".to_owned();
    for (id, claim, kind, change, reverses) in events {
        text += &format!("{id},{},,{kind},2026-06,,{change},{reverses},\n", claims[claim]);
    }
    place.file("異動/events.csv", text.as_bytes());
    let people = place.sql("SELECT person_id, household_id FROM periods ORDER BY person_id LIMIT 4");
    let mut cash = "decision_id,row_code,person_id,household_id,service_month,decision_date,cnt,cost_yen,ins_yen,cop_yen,oth_yen,class\n".to_owned();
    for (no, (row, amounts)) in
        [("R12", "10000,7000,3000,0"), ("R14", "6500,4550,1950,0"), ("R31", ",80000,,"), ("R52", ",50000,,")]
            .iter()
            .enumerate()
    {
        cash += &format!("C{no},{row},{},2026-04,2026-06-12,1,{amounts},\n", people[no]);
    }
    place.file("異動/cash.csv", cash.as_bytes());
    place.run(&["ledger", "load", place.path("異動").to_str().unwrap()]).expect(0);
}

fn report(place: &Place, form: &str, out: &str, more: &[&str]) -> Ran {
    let out = place.path(out);
    let mut args = vec!["report", form, "--month", LABEL, "--out", out.to_str().unwrap()];
    args.extend(more);
    place.run(&args)
}

type Cells = BTreeMap<(String, String, String), String>;

fn cells(file: &Path) -> Cells {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    assert!(text.starts_with("form,sheet,row_code,col_code,value\n"), "{text:.100}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap()).map(|r| ((r[1].into(), r[2].into(), r[3].into()), r[4].into())).collect()
}

fn csv_of(place: &Place, out: &str, form: &str) -> PathBuf {
    place.path(out).join(format!("{form}_{LABEL}.csv"))
}

fn number(cells: &Cells, sheet: &str, row: &str, col: &str) -> i64 {
    cells[&(sheet.to_owned(), row.to_owned(), col.to_owned())].parse().unwrap()
}

#[test]
fn a_month_makes_every_form_and_names_the_others() {
    let place = Place::new();
    town(&place);
    ledger(&place);
    let ran = report(&place, "all", "出力", &[]).expect(0);
    assert!(ran.stdout.contains("GENERIC 医薬品マスター(Y)が必要"), "{}", ran.stdout);
    assert!(ran.stdout.contains("SHIKYU 高額療養費の一括計算が必要です"), "{}", ran.stdout);
    for form in BOOKED.iter().chain(&["GEN", "RET_GEN", "RET_BEN", "KOGAKU80", "TOKUBETSU420", "FUTORITOKU"]) {
        assert!(csv_of(&place, "出力", form).exists(), "{form}");
    }
    assert!(!csv_of(&place, "出力", "KOKI_A").exists(), "a municipality files no 後期 report");
    // zero cells are there, every check holds
    let all = cells(&csv_of(&place, "出力", "BEN_ALL"));
    assert_eq!(number(&all, "S4", "R51", "amt"), 0);
    assert_eq!(number(&all, "S2", "R12", "ins"), 7_000);
    assert_eq!(number(&all, "S3", "R31", "amt"), 80_000);
    assert_eq!(number(&all, "S4", "R52", "amt"), 50_000);
    for form in BOOKED {
        let cells = cells(&csv_of(&place, "出力", form));
        for ((sheet, row, col), value) in &cells {
            let equal = row.split('.').next() != Some("3") && row.split('.').next() != Some("4");
            assert!(sheet != "CHECK" || col != "diff" || !equal || value == "0", "{form} {row}: {value}");
        }
    }
    // the batch of 高額療養費 is what SHIKYU waits for
    place.run(&["benefit", "run", "--month", "2026-06"]);
    report(&place, "shikyu", "出力", &[]).expect(0);
    let refunds = cells(&csv_of(&place, "出力", "SHIKYU"));
    let cash: i64 =
        place.sql("SELECT coalesce(sum(cash_yen), 0) FROM benefit_households WHERE cash_yen > 0")[0].parse().unwrap();
    assert!(number(&refunds, "SUM", "TOTAL", "amt") > 0 && number(&refunds, "SUM", "TOTAL", "amt") <= cash);
}

/// A number that follows from another: the same for every run.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

#[test]
fn ten_cells_of_each_form_are_the_sum_of_their_lines() {
    let place = Place::new();
    town(&place);
    ledger(&place);
    report(&place, "all", "出力", &[]).expect(0);
    let mut seed = 7;
    for form in BOOKED {
        let of_form: Vec<_> = cells(&csv_of(&place, "出力", form))
            .into_iter()
            .filter(|((sheet, _, col), value)| {
                let rate = col.contains("per") || col == "insured" || col == "end";
                sheet != "CHECK" && !rate && value != "0"
            })
            .collect();
        assert!(!of_form.is_empty(), "{form}");
        for _ in 0..10 {
            let ((sheet, row, col), value) = &of_form[next(&mut seed) % of_form.len()];
            let ran = place
                .run(&["report", "explain", form, row, col, "--month", LABEL, "--sheet", sheet, "--format", "csv"])
                .expect(0);
            let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
            let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
            assert_eq!(header.join(","), "line_id,event,claim_id,service_month,exam_month,value,note");
            let sum: i64 = reader.records().map(|r| r.unwrap()[5].parse::<i64>().unwrap()).sum();
            assert_eq!(sum.to_string(), *value, "{form} {sheet} {row}.{col}");
        }
    }
}

#[test]
fn every_event_is_a_line_and_what_takes_back_says_what() {
    let place = Place::new();
    town(&place);
    report(&place, "BEN_ALL", "前", &[]).expect(0);
    let before = cells(&csv_of(&place, "前", "BEN_ALL"));
    ledger(&place);
    report(&place, "BEN_ALL", "後", &[]).expect(0);
    let after = cells(&csv_of(&place, "後", "BEN_ALL"));
    let lines = place.sql(
        "SELECT line_id, event, sum(cost_yen - ins_yen - cop_yen - oth_t_yen - oth_k_yen) OVER (), reverses IS NOT NULL, \
         cnt FROM ledger WHERE event NOT IN ('claim', 'late') AND row_code IN ('R01', 'R02', 'R03', 'R05', 'R07') ORDER BY line_id",
    );
    let of = |id: &str| {
        lines.iter().find(|l| l.starts_with(&format!("event:{id}:"))).unwrap_or_else(|| panic!("{id}: {lines:?}"))
    };
    for (id, kind, reverses, cnt) in [
        ("E1", "satei", 0, 0),
        ("E2", "kago", 1, -1),
        ("E3", "fukkatsu", 0, 0),
        ("E4", "ratio", 0, 0),
        ("E5", "hokenshakan", 1, -1),
        ("E6", "satei", 0, 0),
        ("E7", "satei", 1, 0),
    ] {
        let fields: Vec<&str> = of(id).split(',').collect();
        assert_eq!(fields[1..], [kind, "0", &reverses.to_string(), &cnt.to_string()], "{id}");
    }
    assert!(!lines.iter().any(|l| l.starts_with("event:E8")), "a resubmission books nothing");
    assert_eq!(number(&after, "S1", "R08", "cnt"), number(&before, "S1", "R08", "cnt") - 2);
    // E1 and E2: nothing is left of that claim; E6 and E7 end each other
    let claim = place.sql("SELECT claim_id FROM events WHERE event_id = 'E2'")[0].clone();
    let left = |claim: &str, event: &str| {
        place.sql(&format!("SELECT sum(cost_yen) FROM ledger WHERE claim_id = '{claim}' AND event = '{event}'"))[0]
            .clone()
    };
    let cut: i64 = left(&claim, "satei").parse().unwrap();
    let taken: i64 = left(&claim, "kago").parse().unwrap();
    let claimed: i64 =
        place.sql(&format!("SELECT cost_yen FROM claims WHERE claim_id = '{claim}'"))[0].parse().unwrap();
    assert_eq!((cut, taken), (-300, -(claimed - 300)));
}

#[test]
fn the_amount_billed_is_held_against_the_claims() {
    let place = Place::new();
    let owner = town(&place);
    let ran = report(&place, "all", "一", &[]).expect(0);
    assert!(ran.stdout.contains("請求内訳がなく未実施"), "{}", ran.stdout);
    let all = cells(&csv_of(&place, "一", "BEN_ALL"));
    let high = number(&all, "S3", "R39", "amt");
    let amount = number(&all, "S1", "R08", "ins") + high;
    let bill = |amount: i64| {
        let text = format!(
            "exam_month,insurer_no,kind,cnt,days,points,amount_yen,high_cost_yen\n2026-06,{owner},ALL,1,1,1,{amount},{high}\n"
        );
        place.run(&["ledger", "load", place.file("billed.csv", text.as_bytes()).to_str().unwrap()]).expect(0);
    };
    bill(amount);
    let ran = report(&place, "all", "二", &["--format", "html,csv"]).expect(0);
    assert!(!ran.stdout.contains("未検証"), "{}", ran.stdout);
    assert!(!fs::read_to_string(place.path("二").join(format!("ALL_{LABEL}.html"))).unwrap().contains("未検証"));
    // by kind, at the report, at the list of imports and at an import: the clerk's first question
    let inpatient = [
        number(&all, "S1", "R01", "cnt") + 1,
        number(&all, "S1", "R01", "days"),
        number(&all, "S1", "R01", "cost") / 10,
        number(&all, "S1", "R01", "ins"),
    ];
    let [cnt, days, points, _] = inpatient;
    let text = format!(
        "exam_month,insurer_no,kind,cnt,days,points,amount_yen,high_cost_yen\n2026-06,{owner},INP,{cnt},{days},{points},0,0\n"
    );
    place.run(&["ledger", "load", place.file("billed.csv", text.as_bytes()).to_str().unwrap()]).expect(0);
    let said = place.run(&["imports"]).expect(0).stderr;
    assert!(said.contains("入院: 件数 +1、日数 0、点数 0、金額 ▲"), "{said}");
    let again = place.import(&place.path("町/claims/2026-06"), "2026-06").json();
    let of_kind = again["billed"][0]["differences"].as_array().unwrap();
    assert!(of_kind.iter().any(|d| d["kind"] == "INP" && d["diff"]["cnt"] == 1 && d["diff"]["points"] == 0), "{again}");
    // one yen more: made, marked, not released
    bill(amount + 1);
    let ran = report(&place, "all", "三", &["--format", "html,csv,xlsx,json"]).expect(3);
    assert!(ran.stdout.contains("未検証") && ran.stdout.contains("請求額との橋渡し: 請求"), "{}", ran.stdout);
    let page = fs::read_to_string(place.path("三").join(format!("ALL_{LABEL}.html"))).unwrap();
    assert!(page.matches("<span class=\"unverified\">未検証</span>").count() > 10, "every form is marked");
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(place.path("三").join(format!("GEN_{LABEL}.json"))).unwrap()).unwrap();
    assert_eq!(json["unverified"], true);
    let checks = cells(&csv_of(&place, "三", "BEN_ALL"));
    assert_eq!(number(&checks, "CHECK", "5", "diff"), -1);
    assert_eq!(place.sql("SELECT DISTINCT unverified FROM reports"), ["1"]);
}

#[test]
fn a_report_is_kept_and_says_what_moved() {
    let place = Place::new();
    town(&place);
    report(&place, "all", "一", &["--format", "csv,xlsx,neutral"]).expect(0);
    let first = fs::read(csv_of(&place, "一", "BEN_ALL")).unwrap();
    // the same again: the same bytes, no new version
    report(&place, "all", "二", &["--format", "csv,xlsx,neutral"]).expect(0);
    let mut files = 0;
    for entry in fs::read_dir(place.path("一")).unwrap() {
        let entry = entry.unwrap();
        let again = fs::read(place.path("二").join(entry.file_name())).unwrap();
        assert!(fs::read(entry.path()).unwrap() == again, "{:?}", entry.file_name());
        files += 1;
    }
    assert!(files > 40, "{files}");
    assert_eq!(place.sql("SELECT DISTINCT version FROM reports"), ["1"]);
    let value =
        "SELECT value FROM reports WHERE form = 'BEN_ALL' AND sheet = 'S1' AND row_code = 'R08' AND col_code = 'cost'";
    let kept = place.sql(value);
    assert_eq!(kept, [number(&cells(&csv_of(&place, "一", "BEN_ALL")), "S1", "R08", "cost").to_string()]);
    // a correction: another version, with what moved and why
    ledger(&place);
    let ran = report(&place, "all", "三", &[]).expect(0);
    assert!(
        ran.stdout.contains("第1版から") && ran.stdout.contains("異動・現金給付などの読込が変わったため"),
        "{}",
        ran.stdout
    );
    assert_ne!(first, fs::read(csv_of(&place, "三", "BEN_ALL")).unwrap());
    assert_eq!(place.sql("SELECT DISTINCT version FROM reports"), ["2"]);
    assert_ne!(place.sql(value), kept);
    // one visible ledger of the month, however often it was made
    let (lines, ids) = (
        place.sql("SELECT count(*) FROM ledger WHERE exam_month = '2026-06'"),
        place.sql("SELECT count(DISTINCT line_id) FROM ledger WHERE exam_month = '2026-06'"),
    );
    assert_eq!(lines, ids);
    place.run(&["verify"]).expect(0);
}

#[test]
fn duckdb_comes_to_the_same_cells() {
    let python = ["python3", "python"].into_iter().find(|p| {
        Command::new(p).args(["-c", "import deltalake, pyarrow, duckdb"]).output().is_ok_and(|o| o.status.success())
    });
    let Some(python) = python else {
        eprintln!("skipped: python with deltalake, pyarrow and duckdb not present");
        return;
    };
    let place = Place::new();
    let owner = town(&place);
    ledger(&place);
    // an event that is taken back is not in the script's language
    let plain = fs::read_to_string(place.path("異動/events.csv")).unwrap();
    let plain: String =
        plain.lines().filter(|l| !l.starts_with("E6") && !l.starts_with("E7")).map(|l| format!("{l}\n")).collect();
    let place2 = Place::new();
    town(&place2);
    place2.file("異動/events.csv", plain.as_bytes());
    fs::copy(place.path("異動/cash.csv"), place2.path("異動/cash.csv")).unwrap();
    place2.run(&["ledger", "load", place2.path("異動").to_str().unwrap()]).expect(0);
    report(&place2, "all", "出力", &[]).expect(0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = Command::new(python)
        .arg(root.join("tests/report_cells.py"))
        .arg(place2.store())
        .args([&owner, LABEL])
        .arg(place2.path("出力"))
        .arg(root.join("benefit/data"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{text}\n{}", String::from_utf8_lossy(&out.stderr));
    assert!(text.contains("1328 cells compared, 0 differ"), "{text}");
}

#[test]
fn counts_that_somebody_gave_take_the_place_of_the_registers() {
    let place = Place::new();
    let owner = town(&place);
    let text = format!("label_month,insurer_no,row_code,col_code,value\n{LABEL},{owner},G02,end,1234\n");
    place.run(&["ledger", "load", place.file("counts.csv", text.as_bytes()).to_str().unwrap()]).expect(0);
    let ran = report(&place, "GEN", "出力", &["--format", "csv,html"]).expect(3);
    // the identity of the month does not hold any more, and the page says which cell somebody gave
    assert!(ran.stdout.contains("GEN 6 G02 前月末＋増−減＝本月末"), "{}", ran.stdout);
    assert_eq!(number(&cells(&csv_of(&place, "出力", "GEN")), "MAIN", "G02", "end"), 1_234);
    let page = fs::read_to_string(place.path("出力").join(format!("GEN_{LABEL}.html"))).unwrap();
    assert!(page.contains("counts.csv の値に置き換えた欄: G02.end＝1234"));
}

#[test]
fn a_form_of_ones_own_takes_the_place_of_the_shipped_one() {
    let place = Place::new();
    town(&place);
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("report/forms/ZENKI.csv")).unwrap();
    let own = shipped.replace("Z05,amt", "SUM5,amt");
    place.file("様式/ZENKI.csv", own.as_bytes());
    let config = format!("[report]\nforms = '{}'\n", place.path("様式").display());
    fs::write(place.store().join("tenken.toml"), config).unwrap();
    report(&place, "ZENKI", "出力", &[]).expect(0);
    let got = cells(&csv_of(&place, "出力", "ZENKI"));
    assert_eq!(
        number(&got, "MAIN", "SUM5", "amt"),
        ["Z01", "Z02", "Z03", "Z04"].map(|r| number(&got, "MAIN", r, "amt")).iter().sum::<i64>()
    );
    // a form that is none: file, line, column, what is wrong
    place.file("様式/ZENKI.csv", own.replace("ins,row=R01", "inz,row=R01").as_bytes());
    let ran = report(&place, "ZENKI", "出力", &[]).expect(1);
    assert!(ran.stderr.contains("ZENKI.csv の 2 行目、measure: 項目 inz はありません"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_made_is_said() {
    let place = Place::new();
    town(&place);
    for (args, status, said) in [
        (vec!["report", "BEN_XX", "--month", LABEL, "--out", "x"], 2, "様式 BEN_XX はありません"),
        (vec!["report", "BEN_ALL", "--out", "x"], 2, "--month"),
        (vec!["report", "BEN_ALL", "--month", LABEL], 2, "--out"),
        (vec!["report", "BEN_ALL", "--month", LABEL, "--out", "x", "--format", "pdf"], 2, "--format pdf"),
        (vec!["report", "explain", "BEN_ALL", "R99", "cost", "--month", LABEL], 2, "R99.cost はありません"),
        (vec!["report", "explain", "GEN", "G02", "end", "--month", LABEL], 2, "資格台帳から数えた値"),
        (
            vec!["report", "explain", "BEN_ALL", "R08", "cost_per_case", "--month", LABEL, "--sheet", "YEAR"],
            2,
            "率です",
        ),
        (vec!["report", "explain", "KOGAKU80", "TOTAL", "cnt", "--month", LABEL], 2, "一覧の集計"),
    ] {
        let ran = place.run(&args);
        assert!(ran.code == status && ran.stderr.contains(said), "{args:?}: {} {}", ran.code, ran.stderr);
    }
    // a month without an import: what needs no claims is made, the rest is named
    let out = place.path("空").display().to_string();
    let ran = place.run(&["report", "all", "--month", "2026-01", "--out", &out]).expect(0);
    assert!(ran.stdout.contains("BEN_ALL 審査月のレセプトがありません"), "{}", ran.stdout);
    place.run(&["report", "BEN_ALL", "--month", "2026-01", "--out", &out]).expect(1);
}

/// One register of both schemes: the forms of 国保 hold nothing of 後期, and the other way round.
#[test]
fn books_of_both_schemes_are_kept_apart() {
    let place = Place::new();
    let fixed = ["--insured", "1500", "--kouki", "0.86", "--months", "2026-06", "--seed", "5"];
    Ran::from(tenken().args(["sample", "--out"]).arg(place.path("町")).args(fixed).output().unwrap()).expect(0);
    place.run(&["registry", "load", place.path("町/registry").to_str().unwrap()]).expect(0);
    place.import(&place.path("町/claims/2026-06"), "2026-06");
    report(&place, "all", "出力", &[]).expect(0);
    let claims = |digit: char| -> i64 {
        let sql = format!(
            "SELECT count(*) FROM claims WHERE substr(receipt_type, 2, 1) = '{digit}' AND parent_claim_id IS NULL \
             AND insurer_no IS NOT NULL"
        );
        place.sql(&sql)[0].parse().unwrap()
    };
    let (kokuho, kouki) = (cells(&csv_of(&place, "出力", "BEN_ALL")), cells(&csv_of(&place, "出力", "KOKI_B")));
    assert_eq!(number(&kokuho, "S1", "R08", "cnt"), claims('1'));
    assert_eq!(number(&kouki, "ALL", "R08", "cnt"), claims('3'));
    for col in ["cnt", "days", "cost", "ins", "cop", "oth"] {
        let parts: i64 = ["30", "20", "10"].iter().map(|sheet| number(&kouki, sheet, "R08", col)).sum();
        assert_eq!(number(&kouki, "ALL", "R08", col), parts, "{col}");
    }
    let grant = cells(&csv_of(&place, "出力", "KOFUKIN"));
    let in_kind = number(&kokuho, "S1", "R08", "ins") + number(&kokuho, "S3", "R39", "amt");
    assert_eq!(number(&grant, "MAIN", "A", "amt"), in_kind);
    let insured = cells(&csv_of(&place, "出力", "KOKI_A"));
    let end = |row: &str| number(&insured, "MAIN", row, "end");
    assert!(end("K01") > 1_000 && end("K01") == end("K02") + end("K03"));
    assert_eq!(end("K01"), end("K11") + end("K12") + end("K13"));
}
