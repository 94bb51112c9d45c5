//! Other people's exports, and mappings that are wrong.

use tenken_parser::Encoding;

use crate::{KOJIN, PERIOD, PERSON, SHIKAKU, ZOKUSEI, input, load, mapped, places};

const EXPORT_KOJIN: &str = "住民コード\t漢字氏名\t氏名カナ\t生年月日\t性別\t番号\n\
                            1001\t見本　太郎\tミホンタロウ\t1980/4/1\t男\t7\n";
const EXPORT_SHIKAKU: &str = "住民コード\t世帯番号\t番号\t被保険者番号\t記号\t枝番\t続柄\t取得日\t取得事由\t喪失日\t適用終了日\t届出\n\
                              1001\t501\t1\t1234567\t見\t1\t主\t2014/4/1\t11\t2026/9/16\t2026/9/15\t2026/10/5 10:00\n\
                              1001\t501\t2\t7654321\t見\t1\t主\t2027/1/1\t31\t9999/12/31\t\t\n";
const MAPPING: &str = r#"
# ours = "theirs"
encoding = "cp932"
delimiter = "\t"
dates = "slash"
end = { 適用終了年月日 = "inclusive" }

[columns]
宛名番号 = "住民コード"
氏名 = "漢字氏名"

[shikaku.columns]
番号 = "被保険者番号"
世帯主区分 = "続柄"
資格取得年月日 = '取得日'
"資格喪失年月日" = "喪失日"
適用終了年月日 = "適用終了日"
登録日時 = "届出"

[fixed]
制度 = 1
保険者番号 = "139998"

[values.性別]
男 = "1"
女 = "2"
[values.世帯主区分]
主 = "1"
子 = "0"
[values.取得事由]
11 = "転入"
31 = "社保離脱"
[values.資格喪失年月日]
"9999/12/31" = ""
"#;

#[test]
fn an_export_becomes_ours() {
    let files = vec![
        input("kojin.csv", Encoding::Cp932.encode(EXPORT_KOJIN)),
        input("shikaku.csv", Encoding::Cp932.encode(EXPORT_SHIKAKU)),
    ];
    let loaded = mapped(files, MAPPING).unwrap();
    assert_eq!(places(&loaded), Vec::<String>::new());
    let want = load([
        PERSON,
        "1001,501,1,139998,見,1234567,1,1,2014-04-01,転入,2026-09-16,,,2026-09-16,,2026-10-05 10:00:00\n\
         1001,501,1,139998,見,7654321,1,1,2027-01-01,社保離脱,,,,,,\n",
        "",
        "",
    ]);
    assert!(loaded.register == want.register);
    // 番号 of shikaku was mapped, so that the column of that name is one of theirs
    let said: Vec<String> =
        loaded.warnings.iter().filter(|w| w.code() == "unknown_columns").map(|w| w.japanese()).collect();
    assert_eq!(said, ["kojin.csv の列「番号」は使いません", "shikaku.csv の列「番号」は使いません"]);
}

#[test]
fn inclusive_ends() {
    let shikaku = "1001,501,1,139998,見,1234567,1,1,2014-04-01,転入,2026-09-15,社保加入,,2026-09-15,,\n";
    let files = || {
        vec![
            input("kojin.csv", format!("{KOJIN}{PERSON}")),
            input("shikaku.csv", format!("{SHIKAKU}{shikaku}")),
            input("zokusei.csv", format!("{ZOKUSEI}世帯,501,多数回引継,1,2026-02-01,2026-02-28,\n")),
        ]
    };
    let loaded = mapped(files(), "end = \"inclusive\"").unwrap();
    assert_eq!(places(&loaded), Vec::<String>::new());
    let p = &loaded.register.periods[0];
    let ends = [p.lost_on, p.applied_to, loaded.register.attributes[0].valid_to];
    assert_eq!(ends.map(|d| d.unwrap().to_string()), ["2026-09-16", "2026-09-16", "2026-03-01"]);
    // of one file only; that of a person's death is no end
    let loaded = mapped(files(), "[zokusei]\nend = \"inclusive\"").unwrap();
    assert_eq!(loaded.register.periods[0].lost_on.unwrap().to_string(), "2026-09-15");
    assert_eq!(loaded.register.attributes[0].valid_to.unwrap().to_string(), "2026-03-01");
}

#[test]
fn rejects_name_their_columns() {
    let files = vec![
        input(
            "kojin.csv",
            format!("{}{PERSON}", KOJIN.replace("生年月日", "誕生日")).replace("1980-04-01", "1980-04-31"),
        ),
        input("shikaku.csv", SHIKAKU),
    ];
    let loaded = mapped(files, "[columns]\n生年月日 = \"誕生日\"").unwrap();
    assert_eq!(places(&loaded), ["kojin.csv:2 誕生日=1980-04-31"]);
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, parts) in [
        ("[columns]\n宛名 = \"住民コード\"", vec!["[columns] 宛名", "列「宛名」はありません"]),
        (
            "[columns]\n宛名番号 = \"住民コード\"",
            vec!["[columns] 宛名番号", "列「住民コード」はどのファイルにもありません"],
        ),
        ("[kojin.columns]\n番号 = \"住民コード\"", vec!["[kojin.columns] 番号", "列「番号」はありません"]),
        ("[setai.columns]\n世帯番号 = \"世帯コード\"", vec![]),
        ("[columns]\n世帯主氏名 = \"主\"", vec![]),
        ("[column]\n宛名番号 = \"住民コード\"", vec!["column", "この項目はありません", "columns"]),
        ("[values.取得事由]\n11 = \"転入届\"", vec!["[values.取得事由] 11", "転入届", "転入 県内転入"]),
        ("[values]\n取得事由 = \"転入\"", vec!["[values.取得事由]", "表"]),
        ("[values.理由]\n11 = \"転入\"", vec!["[values.理由]", "列「理由」"]),
        ("[fixed]\n制度 = \"2\"", vec!["[fixed] 制度", "1 3"]),
        ("end = \"last\"", vec!["end", "inclusive"]),
        ("end = { 生年月日 = \"inclusive\" }", vec!["end 生年月日"]),
        ("encoding = \"ebcdic\"", vec!["encoding", "cp932"]),
        ("delimiter = \"、\"", vec!["delimiter", "1 文字"]),
        ("delimiter = true", vec!["delimiter"]),
        ("dates = \"us\"", vec!["dates", "slash"]),
        ("[columns]\n宛名番号 = \n", vec!["2 行目"]),
    ] {
        let files =
            vec![input("kojin.csv", format!("{KOJIN}{PERSON}")), input("shikaku.csv", format!("{SHIKAKU}{PERIOD}"))];
        match mapped(files, text) {
            Ok(_) => assert!(parts.is_empty(), "{text}"),
            Err(e) => {
                let said = e.to_string();
                assert!(!parts.is_empty() && said.contains("対応.toml"), "{said}");
                assert!(parts.iter().all(|p| said.contains(p)), "{said}");
                assert!(e.english().contains("対応.toml"));
            }
        }
    }
}

#[test]
fn keys_may_be_quoted_or_not() {
    for text in [
        "[columns]\n氏名カナ = \"かな # 名\" # 氏名 = 1\n[values.取得事由]\n転居 = \"転入\"",
        "columns.氏名カナ = 'かな # 名'\n[ values . 取得事由 ]\n\"転居\" = \"\"\"転入\"\"\"",
        "columns = { \"氏名カナ\" = \"かな # 名\" }\n[values]\n取得事由 = { 転居 = \"転\\u5165\" }",
    ] {
        let files = vec![
            input("kojin.csv", format!("{}{PERSON}", KOJIN.replace("氏名カナ", "かな # 名"))),
            input("shikaku.csv", format!("{SHIKAKU}{}", PERIOD.replace("転入", "転居"))),
        ];
        let loaded = mapped(files, text).unwrap();
        assert!(loaded.register == load([PERSON, PERIOD, "", ""]).register, "{text}");
    }
}

/// A mapping that takes a name for a code shows no name.
#[test]
fn names_are_not_shown_by_mistake() {
    for (header, mapping) in [
        (KOJIN.to_owned(), "[columns]\n性別 = \"氏名\"\n氏名 = \"性別\""),
        (KOJIN.replace("氏名,", "NAME,"), "[columns]\n性別 = \"NAME\"\n氏名 = \"NAME\""),
        (KOJIN.replace("別名", "世帯主の名前"), "[columns]\n生年月日 = \"世帯主の名前\""),
    ] {
        let files = vec![
            input("kojin.csv", format!("{header}{}", PERSON.replace(",,", ",見本1,"))),
            input("shikaku.csv", SHIKAKU),
        ];
        let loaded = mapped(files, mapping).unwrap();
        assert_eq!(loaded.rejects.len(), 1, "{mapping}");
        assert_eq!(loaded.rejects[0].value, None, "{mapping}");
        assert!(!format!("{loaded:?}").contains("見本"), "{mapping}");
    }
}
