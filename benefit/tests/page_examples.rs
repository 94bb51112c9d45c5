//! The worked examples of spec/high-cost.md section 10 and what its sections 1, 5 and 6 say of single amounts, in the form of
//! the calculators.

use std::collections::HashMap;

use tenken_benefit::{
    Law,
    worksheets::{claims, households},
};

type Row = HashMap<String, String>;

fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |r: csv::StringRecord| header.iter().map(str::to_owned).zip(r.iter().map(str::to_owned)).collect();
    reader.records().map(|r| row(r.unwrap())).collect()
}

/// One claim: `column=value` pairs, separated by blanks, over a plain 入院 3割 claim of someone under 70.
fn claim_row(said: &str) -> Row {
    let mut cells: Vec<(&str, &str)> = vec![
        ("case_id", "1"),
        ("service_month", "2015-01"),
        ("age_band", "under70"),
        ("category", ""),
        ("inpatient", "1"),
        ("burden_rate", "0.3"),
        ("insurance_only_points", "0"),
    ];
    for pair in said.split_whitespace() {
        let (column, value) = pair.split_once('=').unwrap();
        match cells.iter_mut().find(|c| c.0 == column) {
            Some(cell) => cell.1 = value,
            None => cells.push((column, value)),
        }
    }
    let line = |of: fn(&(&str, &str)) -> String| cells.iter().map(of).collect::<Vec<_>>().join(",");
    let csv = format!("{}\n{}\n", line(|c| c.0.to_owned()), line(|c| c.1.to_owned()));
    rows(&claims::calculate(&Law::shipped(), &[], &csv).unwrap().csv).remove(0)
}

fn check_claim(said: &str, expected: &str) {
    let got = claim_row(said);
    for pair in expected.split_whitespace() {
        let (column, value) = pair.split_once('=').unwrap();
        assert_eq!(got[column], value, "{said}: {column} ({}) {}", got["trace"], got["error"]);
    }
}

#[test]
fn claims_of_the_page() {
    for (said, expected) in [
        // P06 to P08: half yen up, 1 % rounds down below, the fourth month is flat
        ("category=ア insurance_only_points=94576", "patient_total_yen=253638 uncovered_by_insurance_yen=253638"),
        ("category=ウ insurance_only_points=36452", "patient_total_yen=81075"),
        ("category=ア multi_hit=1 insurance_only_points=94576", "patient_total_yen=140100"),
        // P09
        (
            "category=ウ tokutei=10000 insurance_only_points=17500",
            "patient_total_yen=10000 limit_rows=U70_U@2015-01;TOKUTEI_10000@2015-01",
        ),
        // P10, P11
        (
            "category=ア insurance_only_points=95000 p1_programme=10 p1_points=5000 p1_patient_rate=0.05",
            "patient_total_yen=256180 uncovered_by_insurance_yen=268680 p1_uncovered_yen=15000 p1_patient_yen=2500",
        ),
        (
            "category=ア insurance_only_points=95000 p1_programme=10 p1_points=85000 p1_patient_rate=0.05",
            "patient_total_yen=262180 uncovered_by_insurance_yen=305610 p1_uncovered_yen=85930 p1_patient_yen=42500",
        ),
        // P12
        (
            "service_month=2018-08 age_band=70plus category=現役並みⅡ birthday75_month=1 insurance_only_points=33600",
            "patient_total_yen=84270",
        ),
        // P13
        (
            "service_month=2023-04 age_band=75plus category=一般Ⅱ inpatient=0 burden_rate=0.2 insurance_only_points=5000 \
             p1_programme=54 p1_points=4000 p1_patient_rate=0.20 p1_patient_cap_yen=5000",
            "patient_total_yen=13000 uncovered_by_insurance_yen=16000 p1_uncovered_yen=8000 p1_patient_yen=5000",
        ),
        // P05 at one institution, and after the relief ended
        (
            "service_month=2025-09 age_band=75plus category=一般Ⅱ inpatient=0 burden_rate=0.2 insurance_only_points=5000",
            "patient_total_yen=8000",
        ),
        (
            "service_month=2025-10 age_band=75plus category=一般Ⅱ inpatient=0 burden_rate=0.2 insurance_only_points=5000",
            "patient_total_yen=10000",
        ),
        // P15
        ("service_month=2026-08 category=ウ insurance_only_points=100000", "patient_total_yen=92940 error="),
        ("service_month=2026-07 category=ウ insurance_only_points=100000", "patient_total_yen=87430"),
        // 2026-08: 低所得Ⅱ has a fourth month now
        (
            "service_month=2026-08 age_band=70plus category=低所得Ⅱ burden_rate=0.2 multi_hit=1 insurance_only_points=50000",
            "patient_total_yen=24600",
        ),
        (
            "service_month=2026-07 age_band=70plus category=低所得Ⅱ burden_rate=0.2 multi_hit=1 insurance_only_points=50000",
            "patient_total_yen=24600",
        ),
        // a local subsidy is insured like the rest; 原爆認定 is paid in full by its programme
        (
            "category=ウ insurance_only_points=10000 p1_programme=88 p1_points=20000",
            "patient_total_yen=80430 p1_uncovered_yen= p1_patient_yen=",
        ),
        (
            "category=ウ insurance_only_points=10000 p1_programme=18 p1_points=20000",
            "patient_total_yen=30000 uncovered_by_insurance_yen=230000 p1_uncovered_yen=200000 p1_patient_yen=0",
        ),
        // 特定疾病 in a half month
        (
            "service_month=2018-08 age_band=70plus category=一般 burden_rate=0.2 birthday75_month=1 tokutei=10000 insurance_only_points=9000",
            "patient_total_yen=5000",
        ),
        // 0 円 stays 0 円
        ("category=ウ", "patient_total_yen=0 uncovered_by_insurance_yen=0 error="),
    ] {
        check_claim(said, expected);
    }
}

#[test]
fn claims_that_cannot_be_worked_out_say_why_and_have_no_figures() {
    for (said, why) in [
        ("service_month=2027-08 category=ア", "2027-08以降の所得区分の境界が未確認"),
        ("service_month=2027-08 category=オ", "2027-08以降の所得区分の境界が未確認"),
        ("service_month=2014-12 category=ア", "限度額が見つからない: U70_A 2014-12"),
        (
            "service_month=2018-07 age_band=70plus category=現役並み p1_programme=21 p1_points=100",
            "限度額が見つからない: PUBEXP_70_IN 2018-07",
        ),
        ("category=カ", "所得区分「カ」は知られていない"),
        ("category=一般", "所得区分「一般」は70歳未満にない"),
        ("category=ア limit_category=U70_I", "限度額の行 U70_I は所得区分「ア」の U70_A と合わない"),
        ("category=ア service_month=2015-13", "列 service_month: 「2015-13」は年月（YYYY-MM）でない"),
        ("category=ア burden_rate=3", "列 burden_rate: 「3」は率（0.3 など）でない"),
        ("category=ア insurance_only_points=-1", "列 insurance_only_points: 「-1」は点数でない"),
        ("category=ア p1_points=5", "公費1の法別番号がない"),
        (
            "service_month=2023-04 age_band=75plus category=一般",
            "後期の「一般」は負担割合（1割か2割）が分からないと決められない",
        ),
    ] {
        let got = claim_row(said);
        assert_eq!(got["error"], why, "{said}");
        assert!(got.iter().all(|(c, v)| ["case_id", "error"].contains(&c.as_str()) || v.is_empty()), "{said}: {got:?}");
    }
}

#[test]
fn a_limit_that_is_not_confirmed_is_filled_in_said_and_accepted_by_name_only() {
    let csv = "case_id,service_month,age_band,category,inpatient,burden_rate,insurance_only_points,p1_programme,p1_points\n\
               a,2026-08,under70,ウ,1,0.3,1000,21,50000\nb,2026-07,under70,ウ,1,0.3,1000,21,50000\n";
    let law = Law::shipped();
    let got = claims::calculate(&law, &[], csv).unwrap();
    assert_eq!((got.undecided, got.failed.len()), (1, 0));
    let (a, b) = (&rows(&got.csv)[0], &rows(&got.csv)[1]);
    assert_eq!(a["error"], "未確定の限度額 PUBEXP_U70@2026-08");
    assert_eq!(a["p1_uncovered_yen"], "87940");
    assert_eq!(b["error"], "");
    let accepted = ["PUBEXP_U70@2026-08".to_owned()];
    assert_eq!(claims::calculate(&law, &accepted, csv).unwrap().undecided, 0);
    assert_eq!(claims::calculate(&law, &["PUBEXP_U70".into()], csv).unwrap().undecided, 1);
}

const HEAD: &str = "household_id,service_month,scheme,insurer,category_under70,category_70plus,multi_hit,special,person,age,\
                    age_band,burden_rate,inpatient,institution,kind,cost_yen,burden_yen,window_paid_yen";

fn household(lines: &str) -> Row {
    let text = format!("{HEAD}\n{lines}\n");
    let got = households::calculate(&Law::shipped(), &[], &text).unwrap();
    let mut rows = rows(&got.csv);
    assert_eq!(rows.len(), 1, "{lines}");
    rows.remove(0)
}

fn check_household(name: &str, lines: &str, expected: &str) {
    let got = household(lines);
    for pair in expected.split_whitespace() {
        let (column, value) = pair.split_once('=').unwrap();
        let column = if column == "limit" || column == "benefit" { format!("{column}_yen") } else { column.to_owned() };
        assert_eq!(got[&column], value, "{name} {column}: {} {}", got["trace"], got["error"]);
    }
}

#[test]
fn households_of_the_page() {
    let two = |a: &str, b: &str| format!("{a}\n{b}");
    check_household(
        "P01",
        "1,2025-06,kokuho,,ウ,,0,,A,,under70,0.3,1,C,医科,1000000,300000,300000\n\
         1,2025-06,kokuho,,ウ,,0,,A,,under70,0.3,0,C,医科,60000,18000,18000\n\
         1,2025-06,kokuho,,ウ,,0,,A,,under70,0.3,0,D,医科,80000,24000,24000\n\
         1,2025-06,kokuho,,ウ,,0,,B,,under70,0.3,0,D,医科,200000,60000,60000",
        "counted_cost_yen=1280000 counted_burden_yen=384000 limit=90230 benefit=293770",
    );
    check_household(
        "P02",
        &two(
            "1,2025-06,kokuho,,ウ,,0,,A,,under70,0.3,0,A,医科,,20000,20000",
            "1,2025-06,kokuho,,ウ,,0,,A,,under70,0.3,1,A,医科,400000,120000,120000",
        ),
        "limit=81430 benefit=38570",
    );
    check_household(
        "P03",
        "1,2025-06,kokuho,,,一般,0,,H,72,70plus,0.2,0,A,医科,50000,10000,10000\n\
         1,2025-06,kokuho,,,一般,0,,H,72,70plus,0.2,0,B,医科,50000,10000,10000\n\
         1,2025-06,kokuho,,,一般,0,,W,71,70plus,0.2,1,C,医科,800000,160000,57600",
        "counted_burden_yen=75600 limit=57600 outpatient_benefit_yen=2000 seventyplus_benefit_yen=18000 benefit=20000",
    );
    check_household(
        "P04",
        "1,2022-06,kouki,,,一般,0,,H,,75plus,0.1,0,A,医科,190000,19000,18000\n\
         1,2022-06,kouki,,,一般,0,,H,,75plus,0.1,0,B,調剤,20000,2000,2000\n\
         1,2022-06,kouki,,,一般,0,,W,,75plus,0.1,0,C,医科,300000,30000,18000\n\
         1,2022-06,kouki,,,一般,0,,W,,75plus,0.1,0,D,歯科,50000,5000,5000",
        "person_benefit_yen=7000 outpatient_benefit_yen=7000 benefit=7000",
    );
    let persons = household(
        "1,2022-06,kouki,,,一般,0,,H,,75plus,0.1,0,A,医科,190000,19000,18000\n\
         1,2022-06,kouki,,,一般,0,,H,,75plus,0.1,0,B,調剤,20000,2000,2000\n\
         1,2022-06,kouki,,,一般,0,,W,,75plus,0.1,0,C,医科,300000,30000,18000\n\
         1,2022-06,kouki,,,一般,0,,W,,75plus,0.1,0,D,歯科,50000,5000,5000",
    );
    assert!(persons["trace"].contains("H の支給額 2,000円") && persons["trace"].contains("W の支給額 5,000円"));
    check_household(
        "P05",
        &two(
            "1,2023-04,kouki,,,一般Ⅱ,0,,A,,75plus,0.2,0,A,医科,20000,4000,4000",
            "1,2023-04,kouki,,,一般Ⅱ,0,,A,,75plus,0.2,0,B,医科,30000,6000,6000",
        ),
        "limit=8000 outpatient_benefit_yen=2000 benefit=2000",
    );
    for (name, special, scheme, limit) in [
        ("P14 move", "move", "kokuho", "28800"),
        ("P14 move and birthday", "move+birthday75", "kokuho", "14400"),
        ("P14 後期", "move+birthday75", "kouki", "28800"),
        ("a move before the law of 2018-04 halves nothing", "move", "kokuho", "57600"),
    ] {
        let month = if name.contains("2018-04") { "2018-03" } else { "2025-06" };
        let line = format!("1,{month},{scheme},x,,一般,0,{special},,,,,,,,,,");
        check_household(name, &line, &format!("limit={limit} benefit= counted_cost_yen= error="));
    }
    for (month, limit, benefit) in [("2026-08", 92_940, 207_060), ("2026-07", 87_430, 212_570)] {
        check_household(
            "P15",
            &format!("1,{month},kokuho,,ウ,,0,,A,,under70,0.3,,,医科,1000000,300000,300000"),
            &format!("limit={limit} benefit={benefit}"),
        );
    }
    check_household(
        "D1",
        "1,2025-06,kokuho,,ウ,一般,0,,S,50,under70,0.3,1,,医科,2000000,600000,600000\n\
         1,2025-06,kokuho,,ウ,一般,0,,C,25,under70,0.3,1,,医科,1000000,300000,300000\n\
         1,2025-06,kokuho,,ウ,一般,0,,C,25,under70,0.3,0,,医科,60000,18000,18000\n\
         1,2025-06,kokuho,,ウ,一般,0,,F,73,70plus,0.2,1,,医科,250000,50000,50000\n\
         1,2025-06,kokuho,,ウ,一般,0,,M,71,70plus,0.2,0,,医科,150000,30000,30000",
        "counted_burden_yen=980000 outpatient_benefit_yen=12000 seventyplus_benefit_yen=10400 \
         all_ages_benefit_yen=846170 benefit=868570",
    );
    check_household(
        "D2",
        "1,2025-06,kenpo,,ウ,一般,0,,I,46,under70,0.3,1,,医科,600000,180000,83430\n\
         1,2025-06,kenpo,,ウ,一般,0,,W,43,under70,0.3,0,,医科,50000,15000,15000\n\
         1,2025-06,kenpo,,ウ,一般,0,,F,73,70plus,,1,,医科,3000000,,57600\n\
         1,2025-06,kenpo,,ウ,一般,0,,M,71,70plus,0.1,0,X,医科,160000,16000,16000\n\
         1,2025-06,kenpo,,ウ,一般,0,,M,71,70plus,0.1,0,Y,医科,100000,10000,10000",
        "outpatient_benefit_yen=8000 seventyplus_benefit_yen=18000 all_ages_benefit_yen=25000 benefit=51000",
    );
}

#[test]
fn half_months() {
    // the person of 75 has half a limit, the wife and the household a whole one
    check_household(
        "75歳到達月",
        "1,2025-06,kokuho,,,一般,0,birthday75,H,74,70plus,0.2,1,A,医科,300000,60000,60000\n\
         1,2025-06,kokuho,,,一般,0,birthday75,W,71,70plus,0.2,1,B,医科,200000,40000,40000",
        // A 60,000 − 28,800; C 28,800 + 40,000 − 57,600
        "benefit=42400 seventyplus_benefit_yen=11200",
    );
    // an optional column says whom
    let head = format!("{HEAD},birthday75");
    let lines = "1,2025-06,kokuho,,ウ,,0,birthday75,D,50,under70,0.3,0,A,医科,40000,12000,12000,1\n\
                 1,2025-06,kokuho,,ウ,,0,birthday75,D,50,under70,0.3,1,A,医科,200000,60000,60000,1\n";
    let got = households::calculate(&Law::shipped(), &[], &format!("{head}\n{lines}")).unwrap();
    let got = rows(&got.csv).remove(0);
    // 12,000 counts from 10,500 on; A 72,000 − (40,050 + 1,065)
    assert_eq!(
        (got["counted_cost_yen"].as_str(), got["benefit_yen"].as_str()),
        ("240000", "30885"),
        "{}",
        got["trace"]
    );
    // 転居月: half of the limit of the household and of the 21,000
    check_household(
        "転居月",
        "1,2025-06,kokuho,,ウ,,0,move,A,40,under70,0.3,0,A,医科,40000,12000,12000\n\
         1,2025-06,kokuho,,ウ,,0,move,B,41,under70,0.3,1,A,医科,200000,60000,60000",
        "counted_cost_yen=240000 benefit=30885",
    );
}

#[test]
fn what_stands_on_rows_must_agree_and_be_readable() {
    let ok = "1,2025-06,kokuho,,ウ,,0,,A,,under70,0.3,1,C,医科,1000000,300000,300000";
    for (lines, why) in [
        (format!("{ok}\n{}", ok.replace("2025-06", "2025-07")), "3行目 列 service_month: 世帯の中で値が違う"),
        (ok.replace(",A,,", ",,,"), "2行目: 人がない行に費用か負担がある"),
        (ok.replace("kokuho", "shaho"), "2行目 列 scheme: 「shaho」は kokuho, kouki, kenpo のどれかでない"),
        (
            ok.replace(",0,,A", ",0,moved,A"),
            "2行目 列 special: 「moved」は空か move, birthday75, move+birthday75でない",
        ),
        (ok.replace(",ウ,", ",,"), "所得区分がない（70歳未満）"),
        (ok.replace("1000000", ""), "費用額が分からない（C）"),
        (ok.replace("2025-06", "2027-08"), "2027-08以降の所得区分の境界が未確認"),
    ] {
        let got = household(&lines);
        assert_eq!(got["error"], why, "{lines}");
        assert_eq!(got["benefit_yen"], "");
    }
    let no_column = households::calculate(&Law::shipped(), &[], "household_id\n1\n").unwrap_err();
    assert_eq!(no_column.to_string(), "列 service_month がない");
}
