//! Registers, matching, findings and re-check through the command.

mod common;

use std::{collections::BTreeMap, fs, path::Path};

use common::{Ran, tenken};
use serde_json::Value;
use tempfile::TempDir;

const HEAD: &str = "宛名番号,世帯番号,制度,保険者番号,記号,番号,枝番,世帯主区分,資格取得年月日,取得事由,資格喪失年月日,喪失事由,適用開始年月日,適用終了年月日,適用終了事由,登録日時\n";
const PERSONS: &str = "宛名番号,氏名,氏名カナ,生年月日,性別\n";

fn run(args: &[&str]) -> Ran {
    tenken().args(args).output().unwrap().into()
}

fn town(dir: &Path, options: &[&str]) {
    let mut args = vec!["sample", "--out", dir.to_str().unwrap(), "--seed", "5"];
    args.extend(options);
    assert_eq!(run(&args).code, 0);
}

fn load(folder: &Path, store: &Path, more: &[&str]) -> Ran {
    let mut args = vec!["registry", "load", folder.to_str().unwrap(), "--store", store.to_str().unwrap()];
    args.extend(more);
    run(&args)
}

fn import(folder: &Path, store: &Path, month: &str, more: &[&str]) -> Ran {
    let mut args = vec![
        "import",
        folder.to_str().unwrap(),
        "--store",
        store.to_str().unwrap(),
        "--month",
        month,
        "--format",
        "json",
    ];
    args.extend(more);
    run(&args)
}

/// Findings as csv, without the columns that say where the claim stands.
fn findings(store: &Path, more: &[&str]) -> String {
    let mut args = vec!["findings", "--store", store.to_str().unwrap(), "--format", "csv"];
    args.extend(more);
    let done = run(&args);
    assert_eq!(done.code, 0, "{}", done.stderr);
    done.stdout
}

fn recheck(store: &Path) -> Value {
    let done = run(&["recheck", "--store", store.to_str().unwrap(), "--format", "json"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let row = |l: &str| names.iter().map(|n| (*n).to_owned()).zip(l.split(',').map(str::to_owned)).collect();
    lines.map(row).collect()
}

/// Any number of threads and any size of pieces find the same; a re-check of the same finds nothing new.
#[test]
fn same_findings_with_1_2_and_7_threads_and_in_a_recheck() {
    let dir = TempDir::new().unwrap();
    let sample = dir.path().join("town");
    town(&sample, &["--insured", "1500", "--months", "2026-05..2026-06"]);
    let mut all = Vec::new();
    for (n, threads) in ["1", "2", "7"].iter().enumerate() {
        let store = dir.path().join(format!("s{n}"));
        assert_eq!(load(&sample.join("registry"), &store, &[]).code, 0);
        for month in ["2026-05", "2026-06"] {
            let done = import(
                &sample.join("claims").join(month),
                &store,
                month,
                &["--threads", threads, "--piece-bytes", "70000"],
            );
            assert!([0, 3].contains(&done.code), "{}", done.stderr);
        }
        all.push(findings(&store, &[]));
        let again = recheck(&store);
        assert_eq!((&again["opened"], &again["closed"], &again["identified"]), (&0.into(), &0.into(), &0.into()));
        assert_eq!(again["run_id"], Value::Null, "nothing was written");
        assert_eq!(findings(&store, &[]), all[n], "a re-check changes nothing");
    }
    assert!(rows(&all[0]).len() > 40, "{}", all[0]);
    assert!(all[0] == all[1] && all[0] == all[2]);
}

/// The insurer's file of the same month gives the same findings, by person and rule.
#[test]
fn both_forms_find_the_same() {
    let dir = TempDir::new().unwrap();
    let mut found = Vec::new();
    for form in ["uke", "insurer"] {
        let (sample, store) = (dir.path().join(form), dir.path().join(format!("s-{form}")));
        town(&sample, &["--insured", "1200", "--months", "2026-06", "--form", form]);
        load(&sample.join("registry"), &store, &[]);
        import(&sample.join("claims/2026-06"), &store, "2026-06", &[]);
        let mut of: Vec<String> = rows(&findings(&store, &[]))
            .iter()
            .filter(|r| !r["rule"].starts_with("E6"))
            .map(|r| format!("{} {} {} {}", r["person_id"], r["service_month"], r["rule"], r["days_bad"]))
            .collect();
        of.sort();
        found.push(of);
    }
    assert!(found[0].len() > 20);
    assert_eq!(found[0], found[1]);
}

/// 社保 joined three months ago, learned now: the claims after it and no others.
#[test]
fn a_recheck_after_a_retroactive_loss_finds_the_affected_claims() {
    let dir = TempDir::new().unwrap();
    let (sample, store) = (dir.path().join("town"), dir.path().join("s"));
    town(&sample, &["--insured", "800", "--months", "2026-04..2026-07"]);
    load(&sample.join("registry"), &store, &[]);
    for month in ["2026-04", "2026-05", "2026-06", "2026-07"] {
        import(&sample.join("claims").join(month), &store, month, &[]);
    }
    let before = findings(&store, &[]);
    // a person with claims in each of the three months, and one period without an end
    let sql = "SELECT person_id, count(DISTINCT service_month) AS months FROM claims \
               WHERE service_month IN ('2026-03', '2026-04', '2026-05', '2026-06') \
               GROUP BY person_id HAVING count(DISTINCT service_month) = 4 ORDER BY person_id";
    let people = run(&["sql", sql, "--store", store.to_str().unwrap(), "--format", "csv"]);
    let shikaku = fs::read_to_string(sample.join("registry/shikaku.csv")).unwrap();
    let person = people
        .stdout
        .lines()
        .skip(1)
        .map(|l| l.split(',').next().unwrap().to_owned())
        .find(|id| {
            let own: Vec<&str> = shikaku.lines().filter(|l| l.starts_with(&format!("{id},"))).collect();
            let clean = !rows(&before).iter().any(|r| r["person_id"] == *id);
            clean && own.len() == 1 && own[0].split(',').nth(10) == Some("") && own[0].split(',').nth(13) == Some("")
        })
        .expect("somebody with an open period");
    let delta = dir.path().join("delta");
    fs::create_dir(&delta).unwrap();
    let names: Vec<&str> = shikaku.lines().next().unwrap().split(',').collect();
    let old = shikaku.lines().find(|l| l.starts_with(&format!("{person},"))).unwrap();
    let changed: Vec<String> = names
        .iter()
        .zip(old.split(','))
        .map(|(name, value)| match *name {
            "資格喪失年月日" => "2026-04-10".to_owned(),
            "喪失事由" => "社保加入".to_owned(),
            "登録日時" => "2026-07-20 10:00:00".to_owned(),
            _ => value.to_owned(),
        })
        .collect();
    fs::write(delta.join("shikaku.csv"), format!("{}\n{}\n", names.join(","), changed.join(","))).unwrap();
    let done = load(&delta, &store, &["--delta"]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);

    let again = recheck(&store);
    let opened = rows(&findings(&store, &["--rule", "E223"]));
    assert!(!opened.is_empty());
    assert!(opened.iter().all(|r| r["person_id"] == person), "only that person's claims");
    let affected = format!(
        "SELECT claim_id FROM claims WHERE person_id = '{person}' AND (service_month > '2026-04' OR \
         (service_month = '2026-04' AND service_days >= 512)) ORDER BY claim_id"
    );
    let affected = run(&["sql", &affected, "--store", store.to_str().unwrap(), "--format", "csv"]);
    let mut affected: Vec<&str> = affected.stdout.lines().skip(1).collect();
    affected.sort_unstable();
    let mut changed: Vec<&str> = again["changed"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    changed.retain(|c| affected.contains(c) || opened.iter().any(|r| r["claim_id"] == **c && r["rule"] != "E207"));
    assert_eq!(changed, affected);
    let json = run(&["findings", "--store", store.to_str().unwrap(), "--rule", "E223", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(json.as_array().unwrap().iter().all(|f| f["retro"] == true && f["origin"] == "E223"));

    let twice = recheck(&store);
    assert_eq!((&twice["opened"], &twice["closed"], &twice["run_id"]), (&0.into(), &0.into(), &Value::Null));
    assert_eq!(rows(&findings(&store, &["--rule", "E223"])), opened, "a second run changes nothing");

    // the loss is taken back: what it opened is resolved, and the rest is as before
    fs::write(delta.join("shikaku.csv"), format!("{}\n{old}\n", names.join(","))).unwrap();
    load(&delta, &store, &["--delta"]);
    let back = recheck(&store);
    assert_eq!(back["closed"].as_u64(), Some(opened.len() as u64));
    assert_eq!(findings(&store, &[]), before);
    let closed = "SELECT DISTINCT closed_reason FROM findings WHERE state = 'closed'";
    let closed = run(&["sql", closed, "--store", store.to_str().unwrap(), "--format", "csv"]);
    assert_eq!(closed.stdout, "closed_reason\nresolved_by_master\n");
}

/// The import works without a register and says once what that means; a re-check catches up.
#[test]
fn without_a_register_the_recheck_catches_up() {
    let dir = TempDir::new().unwrap();
    let (sample, with, without) = (dir.path().join("town"), dir.path().join("with"), dir.path().join("without"));
    town(&sample, &["--insured", "700", "--months", "2026-06"]);
    let claims = sample.join("claims/2026-06");
    let first: Value = serde_json::from_str(&import(&claims, &without, "2026-06", &[]).stdout).unwrap();
    let codes: Vec<&str> = first["warnings"].as_array().unwrap().iter().filter_map(|w| w["code"].as_str()).collect();
    assert_eq!(codes.iter().filter(|c| **c == "no_register").count(), 1);
    assert!(!rows(&findings(&without, &[])).iter().any(|r| r["rule"] == "E110"));
    load(&sample.join("registry"), &without, &[]);
    recheck(&without);
    load(&sample.join("registry"), &with, &[]);
    import(&claims, &with, "2026-06", &[]);
    let plain = |store| {
        let mut all: Vec<_> = rows(&findings(store, &[]));
        all.sort();
        all
    };
    assert_eq!(plain(&with), plain(&without));
    let runs =
        "SELECT registry_runs, rules_version FROM imports WHERE cardinality(registry_runs) = 1 AND rules_version <> ''";
    assert_eq!(run(&["sql", runs, "--store", with.to_str().unwrap(), "--format", "csv"]).stdout.lines().count(), 2);
    let people = "SELECT count(person_id) AS n, count(DISTINCT tier) AS tiers FROM claims";
    let of = |store: &Path| run(&["sql", people, "--store", store.to_str().unwrap(), "--format", "csv"]).stdout;
    assert_eq!(of(&with), of(&without));
}

/// The same 宛名番号 under two owners are two people, and a claim is held against its own owner's register.
#[test]
fn two_owners_never_see_each_others_people() {
    let dir = TempDir::new().unwrap();
    let (sample, store) = (dir.path().join("towns"), dir.path().join("s"));
    town(&sample, &["--insured", "2000", "--months", "2026-06", "--towns", "2"]);
    let mut owners: Vec<String> = fs::read_dir(sample.join("registry"))
        .unwrap()
        .map(|f| f.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    owners.sort();
    assert_eq!(owners.len(), 2);
    for owner in &owners {
        assert_eq!(load(&sample.join("registry").join(owner), &store, &["--insurer", owner]).code, 0);
    }
    let claims = sample.join("claims/2026-06");
    import(&claims, &store, "2026-06", &[]);
    let strangers = "SELECT count(*) AS n FROM claims c LEFT JOIN persons p ON p.owner = c.owner AND p.person_id = c.person_id \
                     WHERE c.person_id IS NOT NULL AND p.person_id IS NULL";
    let done = run(&["sql", strangers, "--store", store.to_str().unwrap(), "--format", "csv"]);
    assert_eq!(done.stdout, "n\n0\n");
    // each owner alone finds what it finds beside the other
    for owner in &owners {
        let alone = dir.path().join(format!("alone-{owner}"));
        load(&sample.join("registry").join(owner), &alone, &["--insurer", owner]);
        import(&claims, &alone, "2026-06", &[]);
        let own = |store: &Path| {
            let all = rows(&findings(store, &["--insurer", owner]));
            let mut own: Vec<_> = all.into_iter().filter(|r| r["insurer_no"] == *owner).collect();
            own.sort();
            own
        };
        assert!(!own(&store).is_empty());
        assert_eq!(own(&store), own(&alone));
    }
    // another owner's number is refused, and the one who loads must be named
    let again = load(&sample.join("registry").join(&owners[0]), &store, &["--insurer", &owners[1]]);
    assert_eq!(again.code, 1, "{}", again.stdout);
    assert!(again.stderr.contains(&owners[0]), "{}", again.stderr);
    assert_eq!(load(&sample.join("registry").join(&owners[0]), &store, &[]).code, 2);
}

/// 個人番号 as a column, as a mapped column, in full-width digits, as values without a name: nothing is stored.
#[test]
fn individual_numbers_are_refused_at_the_door() {
    let dir = TempDir::new().unwrap();
    let numbers = ["123456789018", "234567890125", "345678901232", "456789012348", "567890123455", "678901234562"];
    let numbers: Vec<String> = numbers.iter().map(|n| with_check_digit(&n[..11])).collect();
    let wide = |n: &str| n.chars().map(|c| char::from_u32(c as u32 - 0x30 + 0xFF10).unwrap()).collect::<String>();
    let kojin = |column: &str, value: &dyn Fn(&str) -> String| {
        let mut text = format!("宛名番号,氏名,氏名カナ,生年月日,性別,{column}\n");
        for (i, n) in numbers.iter().enumerate() {
            text.push_str(&format!("{},見本　花,ミホン　ハナ,1980-01-0{},2,{}\n", i + 1, i + 1, value(n)));
        }
        text
    };
    let mapping = dir.path().join("mapping.toml");
    fs::write(&mapping, "[columns]\n\"郵便番号\" = \"個人番号\"\n").unwrap();
    let plain = |n: &str| n.to_owned();
    let cases: [(&str, String, &[&str], &str); 4] = [
        ("column", kojin("個人番号", &|_| String::new()), &[], "個人番号"),
        ("mapped", kojin("x", &plain), &["--mapping", mapping.to_str().unwrap()], "個人番号"),
        ("wide", kojin("備考", &|n| wide(n)), &[], "備考"),
        ("unlabelled", kojin("整理番号", &plain), &[], "整理番号"),
    ];
    for (name, text, more, column) in cases {
        let (folder, store) = (dir.path().join(name), dir.path().join(format!("s-{name}")));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("kojin.csv"), text).unwrap();
        fs::write(folder.join("shikaku.csv"), HEAD).unwrap();
        let done = load(&folder, &store, more);
        assert_eq!(done.code, 1, "{name}: {}", done.stdout);
        assert!(done.stderr.contains(column), "{name}: {}", done.stderr);
        assert!(!numbers.iter().any(|n| done.stderr.contains(n.as_str())), "{name}: no value is shown");
        assert!(!store.join("store.json").exists(), "{name}: nothing is stored");
    }
}

fn with_check_digit(body: &str) -> String {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let n = i as u32 + 1;
            u32::from(b - b'0') * if n <= 6 { n + 1 } else { n - 5 }
        })
        .sum();
    let digit = match sum % 11 {
        0 | 1 => 0,
        r => 11 - r,
    };
    format!("{body}{digit}")
}

/// Bad rows do not stop a load; a broken header does, before anything is written.
#[test]
fn bad_rows_and_broken_headers() {
    let dir = TempDir::new().unwrap();
    let (folder, store) = (dir.path().join("r"), dir.path().join("s"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("kojin.csv"), format!("{PERSONS}1001,見本　太郎,ミホン　タロウ,1980-05-10,1\n")).unwrap();
    let row = "1001,501,1,138941,,1234567,01,1,2014-04-01,転入,,,,,,\n";
    let bad = "1009,501,1,138941,,1234567,01,1,2014-04-01,転入,,,,,,\n";
    fs::write(folder.join("shikaku.csv"), format!("{HEAD}{row}{bad}")).unwrap();
    let done = load(&folder, &store, &["--format", "json"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(
        (&json["owner"], &json["rows"]["periods"], &json["rejects"][0]["line"]),
        (&"138941".into(), &1.into(), &3.into())
    );
    let show = run(&["registry", "show", "1001", "--store", store.to_str().unwrap(), "--format", "csv"]);
    assert!(show.stdout.contains("138941 1234567-01"), "{}", show.stdout);
    let log = run(&["audit", "export", "--store", store.to_str().unwrap(), "--format", "csv"]);
    assert!(log.stdout.contains("registry show,1001"), "{}", log.stdout);

    fs::write(folder.join("shikaku.csv"), format!("{}{row}", HEAD.replace("資格取得年月日", "取得日"))).unwrap();
    let done = load(&folder, &store, &[]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("資格取得年月日") && done.stderr.contains("shikaku.csv"), "{}", done.stderr);
    assert_eq!(run(&["registry", "show", "1009", "--store", store.to_str().unwrap()]).code, 1);
}

/// The configuration is checked, switches rules, and says where each value comes from.
#[test]
fn the_configuration_switches_rules() {
    let dir = TempDir::new().unwrap();
    let (sample, store) = (dir.path().join("town"), dir.path().join("s"));
    town(&sample, &["--insured", "700", "--months", "2026-06"]);
    load(&sample.join("registry"), &store, &[]);
    fs::write(store.join("tenken.toml"), "[rules]\nE703 = false\n").unwrap();
    import(&sample.join("claims/2026-06"), &store, "2026-06", &[]);
    assert!(!findings(&store, &[]).contains(",E703,"));
    let config = run(&["config", "--store", store.to_str().unwrap(), "--format", "csv"]).stdout;
    assert!(config.contains(",rules.E703,false,tenken.toml,"), "{config}");
    let rules = run(&["rules", "--store", store.to_str().unwrap(), "--format", "csv"]).stdout;
    let of = |rule: &str| rules.lines().find(|l| l.starts_with(rule)).unwrap_or_default().to_owned();
    assert!(of("E703").contains(",K99,0,"), "{}", of("E703"));
    assert!(
        of("E701").contains(",K99,1,") && of("E308").contains(",K13,1,") && of("E606").contains(",K16,0,審査者の"),
        "{rules}"
    );
    fs::write(store.join("tenken.toml"), "").unwrap();
    assert!(recheck(&store)["opened"].as_u64() > Some(0));
    assert!(findings(&store, &["--rule", "E223"]).contains(",E703,"));
    fs::write(store.join("tenken.toml"), "[rule]\n").unwrap();
    let done = run(&["recheck", "--store", store.to_str().unwrap()]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("tenken.toml") && done.stderr.contains("rule"), "{}", done.stderr);
}

/// A finding explains itself, and nothing in it names a person.
#[test]
fn a_finding_explains_itself() {
    let dir = TempDir::new().unwrap();
    let (sample, store) = (dir.path().join("town"), dir.path().join("s"));
    town(&sample, &["--insured", "1500", "--months", "2026-06"]);
    load(&sample.join("registry"), &store, &[]);
    import(&sample.join("claims/2026-06"), &store, "2026-06", &[]);
    let all = rows(&findings(&store, &[]));
    let f = all.iter().find(|r| r["rule"] == "E204" || r["rule"] == "E211").expect("somebody after a loss");
    let page = run(&["findings", "--explain", &f["finding_id"], "--store", store.to_str().unwrap()]);
    assert_eq!(page.code, 0, "{}", page.stderr);
    for part in
        [&f["rule"][..], &f["person_id"], "根拠", "台帳の内容", "資格", "×", "日  月  火  水  木  金  土", "宛名番号"]
    {
        assert!(page.stdout.contains(part), "{part}: {}", page.stdout);
    }
    let kojin = fs::read_to_string(sample.join("registry/kojin.csv")).unwrap();
    let name = kojin.lines().find(|l| l.starts_with(&format!("{},", f["person_id"]))).unwrap();
    let name = name.split(',').nth(1).unwrap();
    assert!(!page.stdout.contains(name) && !findings(&store, &[]).contains(name));
}
