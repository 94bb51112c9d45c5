//! Encodings, line ends, quotes, headers, names of files.

use std::fs;

use tenken_matcher::files::{Error, Options, Warning, load, load_inputs, owner};
use tenken_parser::Encoding;

use crate::{KOJIN, PERIOD, PERSON, SHIKAKU, ZOKUSEI, input, inputs, places};

#[test]
fn encodings_are_the_same() {
    let (kojin, shikaku) = (format!("{KOJIN}{PERSON}"), format!("{SHIKAKU}{PERIOD}"));
    let want = crate::load([PERSON, PERIOD, "", ""]).register;
    let cp932 = |t: &str| Encoding::Cp932.encode(t);
    let bom = |t: &str| [b"\xEF\xBB\xBF", t.as_bytes()].concat();
    let crlf = |t: &str| t.replace('\n', "\r\n").into_bytes();
    let quoted = |t: &str| {
        let line = |l: &str| l.split(',').map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",");
        t.lines().map(line).collect::<Vec<_>>().join("\n").into_bytes()
    };
    let wide_header = |t: &str| {
        let (header, rows) = t.split_once('\n').unwrap();
        format!("{}\n{rows}", header.replace("カナ", "ｶﾅ").replace(',', " ,　")).into_bytes()
    };
    for (a, b) in [
        (cp932(&kojin), cp932(&shikaku)),
        (bom(&kojin), bom(&shikaku)),
        (crlf(&kojin), crlf(&shikaku)),
        (quoted(&kojin), quoted(&shikaku)),
        (wide_header(&kojin), wide_header(&shikaku)),
        // each file for itself
        (cp932(&kojin), bom(&shikaku)),
    ] {
        let loaded = load_inputs(vec![input("KOJIN.CSV", a), input("Shikaku.csv", b)], Options::default()).unwrap();
        assert_eq!((places(&loaded), loaded.warnings), (vec![], vec![]));
        assert!(loaded.register == want);
    }
}

#[test]
fn order_and_extra_columns() {
    let kojin = "備考,性別,生年月日,氏名カナ,氏名,宛名番号,備考\nメモ,1,1980-04-01,ミホンタロウ,見本　太郎,1001,メモ\n";
    let files = vec![input("kojin.csv", kojin), input("shikaku.csv", format!("{SHIKAKU}{PERIOD}"))];
    let loaded = load_inputs(files, Options::default()).unwrap();
    assert!(loaded.register == crate::load([PERSON, PERIOD, "", ""]).register);
    let (file, both) = ("kojin.csv".to_owned(), vec!["備考".to_owned(), "備考".to_owned()]);
    let unknown = Warning::UnknownColumns { file: file.clone(), columns: both };
    assert_eq!(loaded.warnings, [unknown, Warning::AbsentColumns { file, columns: vec!["別名", "死亡年月日"] }]);
}

#[test]
fn lines_are_counted_as_editors_do() {
    let bad = "1002,\"見本\n花子\",ミホンハナコ,,1990-02-30,2,\r\n\r\n\r\n1003,見本,ミホン,,x1,2,\r\n";
    let loaded = crate::load([&format!("{}{bad}", PERSON.replace('\n', "\r\n")), PERIOD, "", ""]);
    assert_eq!(places(&loaded), ["kojin.csv:3 生年月日=1990-02-30", "kojin.csv:7 生年月日=x1"]);
}

fn error(kojin: &str, shikaku: &str) -> String {
    let e =
        load_inputs(vec![input("kojin.csv", kojin), input("shikaku.csv", shikaku)], Options::default()).unwrap_err();
    assert!(!e.to_string().contains("太郎") && !format!("{e:?}").contains("太郎") && !e.english().contains("太郎"));
    e.to_string()
}

#[test]
fn broken_headers() {
    let (kojin, shikaku) = (format!("{KOJIN}{PERSON}"), format!("{SHIKAKU}{PERIOD}"));
    for (a, b, parts) in [
        (kojin.replacen("宛名番号", "番号", 1), shikaku.clone(), vec!["kojin.csv", "「宛名番号」", "--mapping"]),
        (kojin.clone(), shikaku.replacen("資格取得年月日", "取得日", 1), vec!["shikaku.csv", "「資格取得年月日」"]),
        (kojin.replacen("別名", "氏名", 1), shikaku.clone(), vec!["kojin.csv", "「氏名」が二つ"]),
        (PERSON.to_owned(), shikaku.clone(), vec!["kojin.csv", "宛名番号", "性別"]),
        (String::new(), shikaku.clone(), vec!["kojin.csv に見出し行がありません"]),
        ("\n\n".to_owned(), shikaku.clone(), vec!["kojin.csv に見出し行がありません"]),
        ("PK\u{3}\u{4}".to_owned(), shikaku.clone(), vec!["kojin.csv", "CSV ではありません"]),
        (kojin.replacen("見本　太郎", "\"見本　太郎", 1), shikaku.clone(), vec!["kojin.csv の 2 行目", "引用符"]),
        (
            format!("{}1002,\"見本\",ミホン,,1990-01-01,1,\n", kojin.replacen("見本　太郎", "\"見本　太郎", 1)),
            shikaku.clone(),
            vec!["kojin.csv の 2 行目", "引用符"],
        ),
    ] {
        let text = error(&a, &b);
        assert!(parts.iter().all(|p| text.contains(p)), "{text}");
    }
    // text after a quote spoils its row only
    let files = inputs([&PERSON.replace("見本　太郎", "\"見本\"太郎"), "", "", ""]);
    let loaded = load_inputs(files, Options::default()).unwrap();
    assert_eq!(places(&loaded), ["kojin.csv:2 引用符（\"）の後に文字があります"]);
    // a quote inside a cell is a character
    let files = inputs([&PERSON.replace("見本　太郎", "見本　\"太郎"), PERIOD, "", ""]);
    assert_eq!(places(&load_inputs(files, Options::default()).unwrap()), Vec::<String>::new());
}

#[test]
fn folders_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let paths = [folder.path().to_owned()];
    let find = |paths: &[std::path::PathBuf]| load(paths, Options::default());
    assert!(matches!(find(&paths), Err(Error::NothingThere { .. })));
    fs::write(at("Kojin.CSV"), format!("{KOJIN}{PERSON}")).unwrap();
    assert!(matches!(find(&paths), Err(Error::MissingFile { file: "shikaku.csv" })));
    fs::write(at("shikaku.csv"), format!("{SHIKAKU}{PERIOD}")).unwrap();
    fs::write(at("読んでください.txt"), "").unwrap();
    let loaded = find(&paths).unwrap();
    assert_eq!(loaded.skipped, ["読んでください.txt"]);
    assert_eq!(loaded.files[0].name, "Kojin.CSV");
    assert_eq!(loaded.files[0].hash, blake3::hash(format!("{KOJIN}{PERSON}").as_bytes()));
    assert_eq!((loaded.register.attributes.len(), loaded.register.households.len()), (0, 0));
    assert!(find(&[at("shikaku.csv"), at("Kojin.CSV")]).unwrap().register == loaded.register);
    fs::write(at("資格.csv"), "").unwrap();
    assert!(matches!(find(&[at("資格.csv")]), Err(Error::UnknownFile { .. })));
    assert!(matches!(find(&[at("ない.csv")]), Err(Error::Io { .. })));
    fs::write(at("KOJIN.csv"), format!("{KOJIN}{PERSON}")).unwrap();
    assert!(matches!(find(&paths), Err(Error::SameTable { .. })));
}

#[test]
fn unreadable_text_is_said_and_kept() {
    let mut kojin = format!("{KOJIN}{PERSON}").into_bytes();
    let at = kojin.len() - PERSON.len() + 5;
    kojin[at] = 0xFF;
    let files = vec![input("kojin.csv", kojin), input("shikaku.csv", format!("{SHIKAKU}{PERIOD}"))];
    let loaded = load_inputs(files, Options::default()).unwrap();
    assert_eq!(loaded.warnings, [Warning::BadText { file: "kojin.csv".into(), line: 2 }]);
    assert_eq!((loaded.register.persons.len(), loaded.rejects.len()), (1, 0));
}

#[test]
fn as_of_is_for_rows_that_do_not_say() {
    use tenken_matcher::registry::rows::Moment;
    let as_of = Moment::parse("2026-11-01 09:00:00");
    let said = PERIOD.replace(",,,,,,\n", ",,,,,,2014-04-03 10:00:00\n").replace("1001", "1002");
    let files = vec![
        input("kojin.csv", format!("{KOJIN}{PERSON}{}", PERSON.replace("1001", "1002"))),
        input("shikaku.csv", format!("{SHIKAKU}{PERIOD}{said}")),
        input("zokusei.csv", format!("{ZOKUSEI}個人,1001,拘禁,1,,,\n")),
    ];
    let loaded = load_inputs(files, Options { as_of, ..Options::default() }).unwrap();
    let at: Vec<_> = loaded.register.periods.iter().map(|p| p.registered_at).collect();
    assert_eq!(at, [as_of, Moment::parse("2014-04-03 10:00:00")]);
    assert_eq!(loaded.register.attributes[0].registered_at, as_of);
}

#[test]
fn the_owner_has_most_rows() {
    let row = |id: u32, scheme: &str, insurer: &str, from: &str, lost: &str| {
        format!("{id},501,{scheme},{insurer},,1,,0,{from},,{lost},,,,,\n")
    };
    let persons: String = (1..=9).map(|n| format!("{n},見本,ミホン,,1940-01-01,1,\n")).collect();
    let kouki: String = (5..=9).map(|n| row(n, "3", "39139993", "2015-01-01", "")).collect();
    let kokuho = [
        row(1, "1", "139998", "2010-04-01", ""),
        row(2, "1", "139998", "2012-04-01", "2013-04-01"),
        row(3, "1", "138057", "2001-04-01", "2006-04-01"),
    ]
    .concat();
    let loaded = crate::load([&persons, &format!("{kouki}{kokuho}"), "", ""]);
    assert_eq!(places(&loaded), Vec::<String>::new());
    assert_eq!(owner::default_owner(&loaded.register), Some("139998"));
    let own: Vec<_> = owner::own_numbers(&loaded.register)
        .into_iter()
        .map(|n| format!("{} {} {}", n.insurer_no, n.from, n.to.map(|d| d.to_string()).unwrap_or_default()))
        .collect();
    assert_eq!(own, ["138057 2001-04-01 2006-04-01", "139998 2010-04-01 ", "39139993 2015-01-01 "]);
    let loaded = crate::load([&persons, &kouki, "", ""]);
    assert_eq!(owner::default_owner(&loaded.register), Some("39139993"));
    assert_eq!(owner::default_owner(&Default::default()), None);
}
