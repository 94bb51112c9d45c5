//! 高額療養費 at the command line: calculators, ledger files, the batch of a month, and its lists.

mod common;

use std::{collections::BTreeMap, fs, path::Path};

use common::{Place, Ran, example_text, tenken};
use serde_json::Value;

const MONTH: &str = "2026-06";

type Row = BTreeMap<String, String>;

fn csv_rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|r| header.iter().map(str::to_owned).zip(r.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}

fn yen(row: &Row, column: &str) -> i64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {row:?}"))
}

/// A small town and its registers, loaded; nothing imported yet.
fn town(place: &Place) {
    let fixed = ["--insured", "1500", "--months", MONTH, "--seed", "5"];
    Ran::from(tenken().args(["sample", "--out"]).arg(place.path("町")).args(fixed).output().unwrap()).expect(0);
    let registry = place.path("町").join("registry");
    place.run(&["registry", "load", registry.to_str().unwrap()]).expect(0);
}

fn claims(place: &Place) -> std::path::PathBuf {
    place.path("町").join("claims").join(MONTH)
}

/// The batch of the month; its summary.
fn batch(place: &Place) -> Value {
    place.run(&["benefit", "run", "--month", MONTH, "--format", "json"]).expect(0).json()
}

/// What differs from run to run, and from one way of importing to another, left out.
const OF_THE_RUN: [&str; 8] =
    ["run_id", "benefit_id", "version", "exam_month", "change", "change_yen", "reason", "input_hash"];

/// The newest figures, a line per scheme, household and 診療月.
fn figures(place: &Place) -> BTreeMap<[String; 3], Row> {
    csv_rows(&place.run(&["benefit", "list", "--format", "csv"]).expect(0).stdout)
        .into_iter()
        .map(|mut r| {
            for column in OF_THE_RUN {
                assert!(r.remove(column).is_some(), "no column {column}");
            }
            ([r["scheme"].clone(), r["household_id"].clone(), r["service_month"].clone()], r)
        })
        .collect()
}

#[test]
fn a_month_in_two_parts_run_twice_is_as_once_and_a_withdrawal_brings_the_earlier_figures_back() {
    let (whole, parts) = (Place::new(), Place::new());
    town(&whole);
    town(&parts);
    whole.import(&claims(&whole), MONTH);
    let once = batch(&whole);
    let want = figures(&whole);
    assert!(want.len() > 300 && want.values().filter(|r| yen(r, "benefit_yen") > 0).count() > 20);
    let again = batch(&whole);
    assert_eq!(
        (again["households"].as_u64(), again["unchanged"].as_u64()),
        (again["unchanged"].as_u64(), Some(want.len() as u64))
    );
    assert_eq!((&again["benefit_yen"], &again["cash_yen"]), (&once["benefit_yen"], &once["cash_yen"]));
    assert_eq!(figures(&whole), want);
    assert_eq!(whole.sql("SELECT count(*), max(version) FROM benefit_households"), [format!("{},1", want.len())]);

    // 医科入院外 first; everything else later
    let later = parts.path("あとの分");
    fs::create_dir_all(&later).unwrap();
    for file in fs::read_dir(claims(&parts)).unwrap().map(|f| f.unwrap().path()) {
        if !file.to_string_lossy().ends_with("C.UKE") {
            fs::rename(&file, later.join(file.file_name().unwrap())).unwrap();
        }
    }
    parts.import(&claims(&parts), MONTH);
    batch(&parts);
    let first = figures(&parts);
    assert_ne!(first, want);
    let second = parts.import(&later, MONTH).json();
    batch(&parts);
    batch(&parts);
    assert!(figures(&parts) == want, "two parts, run twice");

    parts.run(&["withdraw", second["import_id"].as_str().unwrap()]).expect(0);
    batch(&parts);
    for (key, row) in figures(&parts) {
        match first.get(&key) {
            Some(before) => assert_eq!(&row, before),
            None => assert_eq!((yen(&row, "benefit_yen"), yen(&row, "counted_cost_yen")), (0, 0), "{key:?}"),
        }
    }
    // nothing is overwritten: all three versions can be read
    let versions = csv_rows(&parts.run(&["benefit", "list", "--versions", "--format", "csv"]).expect(0).stdout);
    assert!(versions.iter().any(|r| r["version"] == "3" && r["change"] == "decrease"));
    assert_eq!(versions.len().to_string(), parts.sql("SELECT count(*) FROM benefit_households")[0]);
}

#[test]
fn a_run_that_is_killed_leaves_all_or_nothing() {
    let place = Place::new();
    town(&place);
    place.import(&claims(&place), MONTH);
    let mut seen_nothing = false;
    for ms in [20, 60, 120, 200, 300, 450] {
        let mut command = tenken();
        command.args(["benefit", "run", "--month", MONTH, "--store"]).arg(place.store());
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(ms));
        child.kill().unwrap();
        child.wait().unwrap();
        let rows = figures(&place).len();
        seen_nothing |= rows == 0;
        assert!(rows == 0 || rows > 300, "{rows} households after {ms} ms");
    }
    assert!(seen_nothing);
    batch(&place);
    place.run(&["verify"]).expect(0);
    let whole = Place::new();
    town(&whole);
    whole.import(&claims(&whole), MONTH);
    batch(&whole);
    assert!(figures(&place) == figures(&whole));
    assert_eq!(place.sql("SELECT max(version) FROM benefit_households"), ["1"]);
}

#[test]
fn any_number_of_threads_gives_the_same_figures() {
    let place = Place::new();
    town(&place);
    place.import(&claims(&place), MONTH);
    let at = |threads: &str| {
        let mut command = tenken();
        command.args(["benefit", "run", "--month", MONTH, "--store"]).arg(place.store());
        Ran::from(command.env("RAYON_NUM_THREADS", threads).output().unwrap()).expect(0);
        figures(&place)
    };
    let one = at("1");
    // the inputs are as they were, so a run on other threads must find nothing to change
    for threads in ["2", "7"] {
        assert!(at(threads) == one, "{threads} threads");
    }
    assert_eq!(place.sql("SELECT max(version) FROM benefit_households"), ["1"]);
}

/// What HO and the rate say was not taken at the window, for claims without a public programme.
const IN_KIND_OF_CLAIMS: &str = "SELECT claim_id, \
    CAST(floor((cost_yen * (100 - benefit_rate) + 50) / 100) AS BIGINT) - copay_yen FROM claims c \
    WHERE copay_yen IS NOT NULL AND household_id IS NOT NULL AND parent_claim_id IS NULL \
    AND NOT EXISTS (SELECT 1 FROM public_expenses p WHERE p.claim_id = c.claim_id)";

#[test]
fn in_kind_equals_the_claims_and_every_difference_is_a_finding() {
    let place = Place::new();
    town(&place);
    place.import(&claims(&place), MONTH);
    batch(&place);
    let said: BTreeMap<String, i64> = place
        .sql(IN_KIND_OF_CLAIMS)
        .iter()
        .map(|line| line.split_once(',').unwrap())
        .map(|(claim, yen)| (claim.to_owned(), yen.parse().unwrap()))
        .collect();
    assert!(said.len() > 20 && said.values().sum::<i64>() > 500_000, "{said:?}");
    let groups = place.sql("SELECT array_to_string(claim_ids, ' '), in_kind_yen FROM benefit_groups");
    let with_public: Vec<String> = place.sql("SELECT DISTINCT claim_id FROM public_expenses");
    let mut recomputed = 0;
    for (claims, yen) in groups.iter().map(|g| g.split_once(',').unwrap()) {
        let yen: i64 = yen.parse().unwrap();
        if claims.split(' ').any(|c| with_public.iter().any(|p| p == c)) {
            continue;
        }
        let of_claims: i64 = claims.split(' ').filter_map(|c| said.get(c)).sum();
        assert_eq!(yen, of_claims, "{claims}");
        recomputed += yen;
    }
    assert!(recomputed > 500_000, "{recomputed}");
    let limits = "rule IN ('E308', 'E311', 'E312', 'E313')";
    assert_eq!(place.sql(&format!("SELECT count(*) FROM findings WHERE {limits}")), ["0"]);

    // 1,000 円 more on every window amount of 医科 and DPC: each is found, and no other
    let wrong = Place::new();
    town(&wrong);
    for file in fs::read_dir(claims(&wrong)).unwrap().map(|f| f.unwrap().path()) {
        let name = file.to_string_lossy().into_owned();
        if name.ends_with("C.UKE") || name.ends_with("D.UKE") {
            fs::write(&file, dearer(&fs::read(&file).unwrap())).unwrap();
        }
    }
    wrong.import(&claims(&wrong), MONTH);
    let dear = wrong.sql("SELECT claim_id FROM claims WHERE copay_yen IS NOT NULL AND kind <> 'pharmacy' ORDER BY 1");
    assert!(dear.len() > 20);
    assert_eq!(wrong.sql(&format!("SELECT DISTINCT claim_id FROM findings WHERE {limits} ORDER BY 1")), dear);
}

/// The file with 1,000 円 more in 負担金額 of each HO that has one.
fn dearer(bytes: &[u8]) -> Vec<u8> {
    let lines = bytes.split(|b| *b == b'\n').map(|line| {
        let mut cells: Vec<Vec<u8>> = line.split(|b| *b == b',').map(<[u8]>::to_vec).collect();
        if cells[0] == b"HO"
            && let Some(cell) = cells.get_mut(11)
            && let Some(yen) = std::str::from_utf8(cell).ok().and_then(|t| t.parse::<i64>().ok())
        {
            *cell = (yen + 1000).to_string().into_bytes();
        }
        cells.join(&b',')
    });
    lines.collect::<Vec<_>>().join(&b'\n')
}

const EVENTS: &str =
    "event_id,claim_id,search_no,kind,exam_month,pay_month,delta_points,delta_days,old_rate,new_rate,reverses,note\n";
const CASH: &str = "decision_id,row_code,宛名番号,世帯番号,service_month,decision_date,cnt,cost_yen,ins_yen,cop_yen,\
                    oth_yen,class\n";

#[test]
fn ledger_files_change_the_figures_and_their_bad_rows_are_named() {
    let place = Place::new();
    town(&place);
    place.import(&claims(&place), MONTH);
    assert_eq!(batch(&place)["without_ledger"], true);
    let before = figures(&place);
    // a stay that a household was paid for alone
    let taken = place.sql(
        "SELECT g.claim_ids[1], h.scheme, h.household_id, h.service_month, g.person_id FROM benefit_households h \
         JOIN benefit_groups g ON g.benefit_id = h.benefit_id WHERE h.benefit_yen > 0 AND g.inpatient \
         AND g.counted AND array_length(g.claim_ids) = 1 AND h.scheme = 'kokuho' ORDER BY 1",
    );
    let taken: Vec<Vec<&str>> = taken.iter().map(|line| line.split(',').collect()).collect();
    let (gone, cut) = (&taken[0], &taken[1]);
    let key = |of: &[&str]| [of[1].to_owned(), of[2].to_owned(), of[3].to_owned()];
    let events = format!(
        "{EVENTS}e1,{},,kago,{MONTH},,,,,,,\ne2,{},,satei,{MONTH},,-3000,,,,,\ne3,ffffffffffffffff,,kago,{MONTH},,,,,,,\n\
         e4,{},,kago,6月,,,,,,,\n",
        gone[0], cut[0], gone[0]
    );
    let cash = format!(
        "{CASH}d1,R12,{},{},{},{MONTH}-20,1,400000,280000,120000,0,\nd2,R12,{},{},{},{MONTH}-20,1,400000,1,2,3,\n",
        cut[4], cut[2], cut[3], cut[4], cut[2], cut[3]
    );
    let ledger = place.path("記録");
    place.file("記録/events.csv", events.as_bytes());
    place.file("記録/cash.csv", cash.as_bytes());
    let mut loaded = place.run(&["ledger", "load", ledger.to_str().unwrap(), "--format", "json"]).expect(3).json();
    assert_eq!((&loaded["rows"]["events"], &loaded["rows"]["cash"]), (&2.into(), &1.into()));
    let rejects: Vec<Value> = loaded["rejects"].as_array_mut().unwrap().drain(..).collect();
    let mut at: Vec<(&str, u64)> =
        rejects.iter().map(|r| (r["file"].as_str().unwrap(), r["line"].as_u64().unwrap())).collect();
    at.sort_unstable();
    assert_eq!(at, [("cash.csv", 3), ("events.csv", 4), ("events.csv", 5)], "{rejects:?}");
    assert!(rejects.iter().all(|r| !r["reason"].as_str().unwrap().is_empty()));
    assert_eq!(place.sql("SELECT count(*) FROM registry_rejects"), ["3"]);

    let done = batch(&place);
    assert_eq!(done["without_ledger"], false);
    let after = figures(&place);
    let (was, is) = (&before[&key(gone)], &after[&key(gone)]);
    assert!(yen(is, "benefit_yen") < yen(was, "benefit_yen"), "過誤 takes the stay away: {is:?}");
    let (was, is) = (&before[&key(cut)], &after[&key(cut)]);
    assert_eq!(yen(is, "counted_cost_yen"), yen(was, "counted_cost_yen") - 30_000 + 400_000);
    assert!(yen(is, "cash_yen") > yen(was, "cash_yen"), "a decision in cash is one more group: {is:?}");
    let changed = before.iter().filter(|(key, row)| after[*key] != **row).count();
    assert_eq!(changed, if key(gone) == key(cut) { 1 } else { 2 }, "no other household");

    // the same files once more change nothing
    place.run(&["ledger", "load", ledger.to_str().unwrap()]).expect(3);
    batch(&place);
    assert!(figures(&place) == after);
    let decreases = place.run(&["benefit", "list", "--change", "decrease", "--format", "csv"]).expect(0);
    let decrease = csv_rows(&decreases.stdout).into_iter().find(|r| r["household_id"] == gone[2]).unwrap();
    assert_eq!(
        yen(&decrease, "change_yen"),
        yen(&after[&key(gone)], "benefit_yen") - yen(&before[&key(gone)], "benefit_yen")
    );
}

#[test]
fn the_aggregates_add_up_to_their_members() {
    let place = Place::new();
    town(&place);
    place.import(&claims(&place), MONTH);
    batch(&place);
    let table = csv_rows(&place.run(&["benefit", "aggregate", "--month", MONTH, "--format", "csv"]).expect(0).stdout);
    assert!(!table.is_empty());
    let figures: std::collections::BTreeSet<&String> = table.iter().map(|r| &r["figure"]).collect();
    assert!(figures.len() > 3, "{figures:?}");
    for figure in figures {
        let members = place.run(&["benefit", "aggregate", "--month", MONTH, "--members", figure, "--format", "csv"]);
        let members = csv_rows(&members.expect(0).stdout);
        let of = table.iter().filter(|r| r["figure"] == *figure);
        let sum = |rows: &mut dyn Iterator<Item = &Row>, column: &str| rows.map(|r| yen(r, column)).sum::<i64>();
        assert_eq!(sum(&mut of.clone(), "count"), members.len() as i64, "{figure}");
        // 59/100 of the parts above the threshold stands on the same claims
        if figure != "over_threshold_base" {
            assert_eq!(sum(&mut of.clone(), "yen"), sum(&mut members.iter(), "yen"), "{figure}");
        }
    }
}

fn calculator(place: &Place, command: &str, text: &str, more: &[&str]) -> (Ran, String) {
    let (from, to) = (place.file("表.csv", text.as_bytes()), place.path("結果.csv"));
    let _ = fs::remove_file(&to);
    let mut c = tenken();
    c.args(["benefit", command, "--in"]).arg(from).arg("--out").arg(&to).args(more);
    (c.output().unwrap().into(), fs::read_to_string(to).unwrap_or_default())
}

const CALC: &str = "case_id,service_month,age_band,category,inpatient,burden_rate,insurance_only_points\n";

#[test]
fn the_calculators_say_what_they_could_not_do() {
    let place = Place::new();
    let (ran, out) = calculator(&place, "calc", &format!("{CALC}a,2026-05,under70,ウ,1,0.3,100000\n"), &[]);
    ran.expect(0);
    // 80,100 + (1,000,000 - 267,000) x 1 %
    assert_eq!(csv_rows(&out)[0]["patient_total_yen"], "87430");
    let (ran, out) = calculator(
        &place,
        "calc",
        &format!("{CALC}a,2026-05,under70,ウ,1,0.3,100000\nb,5月,under70,ウ,1,0.3,1\n"),
        &[],
    );
    let ran = ran.expect(3);
    assert!(ran.stderr.contains("表.csv:3 b") && ran.stderr.contains("service_month"), "{}", ran.stderr);
    let rows = csv_rows(&out);
    assert!(rows[0]["error"].is_empty() && !rows[1]["error"].is_empty() && rows[1]["patient_total_yen"].is_empty());
    let (ran, out) = calculator(&place, "calc", "case_id,service_month\na,2026-05\n", &[]);
    let ran = ran.expect(1);
    assert!(ran.stderr.contains("age_band") && out.is_empty(), "{}", ran.stderr);
    // 個人番号 is refused before anything else is done
    let (ran, out) = calculator(
        &place,
        "calc",
        &format!("{}個人番号\na,2026-05,under70,ウ,1,0.3,1,\n", CALC.replace('\n', ",")),
        &[],
    );
    let ran = ran.expect(1);
    assert!(ran.stderr.contains("個人番号") && out.is_empty(), "{}", ran.stderr);
}

/// A part of 生活保護 in the new system stands on a row that nobody has confirmed.
#[test]
fn a_limit_that_is_not_confirmed_is_marked_until_someone_accepts_it() {
    let place = Place::new();
    let head = CALC.replace('\n', ",p1_programme,p1_points\n");
    let text = format!("{head}a,2026-08,under70,ウ,1,0.3,0,12,100000\n");
    let (ran, out) = calculator(&place, "calc", &text, &[]);
    ran.expect(3);
    let row = &csv_rows(&out)[0];
    let key = row["error"].strip_prefix("未確定の限度額 ").unwrap_or_else(|| panic!("{row:?}")).to_owned();
    assert!(key.starts_with("PUBEXP") && key.contains("@2026-08"), "{key}");
    assert!(!row["patient_total_yen"].is_empty());
    let accepted =
        format!("[benefit]\naccept_limits = [\"{key}\"]\naccepted_by = \"係長\"\naccepted_on = \"2026-08-20\"\n");
    let config = place.file("点検.toml", accepted.as_bytes());
    let (ran, out) = calculator(&place, "calc", &text, &["--config", config.to_str().unwrap()]);
    ran.expect(0);
    assert_eq!(csv_rows(&out)[0]["error"], "");
    assert_eq!(csv_rows(&out)[0]["patient_total_yen"], row["patient_total_yen"]);
}

#[test]
fn a_household_after_july_2027_is_refused_with_the_reason() {
    let place = Place::new();
    let head = "household_id,service_month,scheme,category_under70,multi_hit,person,age_band,burden_rate,inpatient,\
                institution,kind,cost_yen,burden_yen,window_paid_yen,counted\n";
    let of = |month: &str| format!("{head}h,{month},kokuho,ウ,0,A,under70,0.3,1,C,医科,1000000,300000,300000,1\n");
    let (ran, out) = calculator(&place, "household", &of("2026-07"), &[]);
    ran.expect(0);
    assert_eq!(csv_rows(&out)[0]["benefit_yen"], (300_000 - 87_430).to_string());
    let (ran, out) = calculator(&place, "household", &of("2027-08"), &[]);
    let ran = ran.expect(3);
    assert!(ran.stderr.contains("2027"), "{}", ran.stderr);
    let row = &csv_rows(&out)[0];
    assert!(row["benefit_yen"].is_empty() && !row["error"].is_empty(), "{row:?}");
}

#[test]
fn a_new_table_of_limits_names_the_claims_it_touches() {
    let place = Place::new();
    town(&place);
    place.import(&claims(&place), MONTH);
    batch(&place);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("benefit/data/high_cost_limits.csv");
    let same = place.run(&["benefit", "limits", "--file", shipped.to_str().unwrap(), "--format", "csv"]).expect(0);
    assert_eq!(same.stdout.lines().count(), 1, "{}", same.stdout);
    let text = fs::read_to_string(&shipped).unwrap();
    let of_u = |line: &&str| line.contains("U70_U,") && line.contains("80100");
    let line = text.lines().find(of_u).unwrap();
    let own = place.file("限度額.csv", text.replace(line, &line.replace(",44400,", ",44500,")).as_bytes());
    let touched = place.run(&["benefit", "limits", "--file", own.to_str().unwrap(), "--format", "csv"]).expect(0);
    let touched = csv_rows(&touched.stdout);
    let row = touched[0]["limit_row"].clone();
    assert!(row.starts_with("U70_U@") && touched.iter().all(|r| r["limit_row"] == row && r["difference"] == "changed"));
    let listed: std::collections::BTreeSet<String> = touched.iter().map(|r| r["claim_id"].clone()).collect();
    let stored = place.sql(&format!(
        "SELECT DISTINCT unnest(claim_ids) AS c FROM benefit_households WHERE array_has(limit_rows, '{row}') ORDER BY c"
    ));
    assert!(!stored.is_empty());
    assert_eq!(listed.into_iter().collect::<Vec<_>>(), stored);
}

#[test]
fn a_store_without_a_register_says_that_nobody_could_be_worked_out() {
    let place = Place::new();
    let file = place.file("月/RECEIPTC.UKE", &common::cp932(&example_text("outpatient")));
    let ran = place.import(&file, MONTH);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    let done = place.run(&["benefit", "run", "--month", MONTH, "--format", "json"]);
    assert!([0, 3].contains(&done.code), "{}", done.stderr);
    assert_eq!(done.json()["households"], 0);
    let other = place.run(&["benefit", "run", "--month", "2030-01"]).expect(0);
    assert!(other.stdout.contains("この審査月には計算するものがない"), "{}", other.stdout);
    assert!(place.run(&["benefit", "list", "--month", MONTH]).code == 0);
}
