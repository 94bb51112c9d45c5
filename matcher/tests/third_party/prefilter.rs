//! The cheap look never lets a claim go that would have a row.

use proptest::prelude::*;
use tenken_matcher::third_party::{
    Rules,
    claim::{may_matter, outcome},
};
use tenken_parser::{Encoding, Kind};

use crate::claims::{each, medical, score_alone};

/// Pieces of text near to what the rules look for, in several widths, and texts of every day.
const PIECES: &[&str] = &[
    "交通事故",
    "交 通　事故",
    "事故",
    "追突",
    "ﾊﾞｲｸ",
    "バイク",
    "車",
    "に",
    "と",
    "接触",
    "衝突",
    "ぶつかり",
    "店",
    "駅",
    "転倒",
    "滑り",
    "受傷",
    "ＤＶ",
    "DV",
    "dv",
    "夫に",
    "殴られ",
    "毆られ",
    "犬に噛まれ",
    "犬に嚙まれ",
    "仕事中",
    "労災",
    "自損",
    "自殺",
    "㈱",
    "㍍",
    "ｶﾞ",
    "か\u{3099}",
    "①",
    "なし",
    "。",
    "、",
    "脳血管事故",
    "無事故",
    "他者に対する暴行",
    "高血圧",
    "検査結果",
    "　",
    " ",
    "薬剤情報提供",
    "同乗",
    "虐待",
    "弁当",
    "会食",
    "落下物",
    "相手",
    "他人",
    "けんか",
    "ケンカ",
    "はねられ",
    "轢かれ",
    "退勤",
    "頸椎",
    "頚椎",
    "捻挫",
    "捻 挫",
    "打撲傷",
    "食中毒",
    "頭部",
    "出勤",
    "リストカット",
    "ﾘｽﾄｶｯﾄ",
    "ヴァ",
    "ｳﾞｧ",
    "㏍",
    "～",
    "−",
    "髙",
];

const DISEASES: &[&str] = &[
    "SY,8833421,20210601,1,,,,",
    "SY,8470024,20260903,1,,,,",
    "SY,8470024,20260903,1,8002,,,",
    "SY,8836971,20260903,1,,,,",
    "SY,3009016,20260903,1,,,,",
    "SY,8842188,20260903,1,,,,",
    "SY,8844205,20260903,1,,,,",
    "SY,8833421,20260903,1,20493028,,,",
    "SY, 8470024,20260903,1,,,,",
    "SY,,20260903,1,,,,",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..6).prop_map(|p| p.concat())
}

fn record() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(DISEASES).prop_map(str::to_owned),
        text().prop_map(|t| format!("SY,0000999,20260903,1,,{t},,")),
        text().prop_map(|t| format!("SY,8833421,20260903,1,,,,{t}")),
        text().prop_map(|t| format!("CO,01,1,810000001,{t}")),
        text().prop_map(|t| format!("SJ,01,{t}")),
        (text(), 0..3usize).prop_map(|(t, at)| {
            let pad = ",,".repeat(at);
            format!("SI,11,1,111000110,,288,1,{pad}810000001,{t}{},1,,,", ",,".repeat(2 - at))
        }),
        (text(), 0..3usize).prop_map(|(t, at)| {
            let pad = ",,".repeat(at);
            format!("TO,40,1,710000001,1,288,1,,,,,{pad}810000001,{t}{},1,,,", ",,".repeat(2 - at))
        }),
        Just("SI,11,1,111000110,,288,1,,,,,820000022,,1".to_owned()),
        Just("CO,01,1,820000021,".to_owned()),
        Just("CO,01,1,820000012,".to_owned()),
        Just("SI,11,1,111000110,,288,1,,,,,,,1,,1".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_cheap_look_changes_nothing(
        tokki in prop::sample::select(&["", "10", "2910", "2101", "29"][..]),
        records in prop::collection::vec(record(), 0..4),
        broken in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
    ) {
        let text = medical(tokki, &records.join("\r\n"));
        for encoding in [Encoding::Cp932, Encoding::Utf8] {
            let mut file = encoding.encode(&text);
            // a byte that is no text
            if let Some((at, byte)) = &broken {
                let at = at.index(file.len());
                if file[at] >= 0x80 {
                    file[at] = *byte | 0x80;
                }
            }
            each(&file, encoding, |claim, header| {
                let rules = Rules::embedded();
                let alone = score_alone(claim, header);
                if alone.is_some() {
                    assert!(may_matter(rules, claim, header), "{text}");
                }
                assert_eq!(outcome(rules, claim, header, Vec::new()), alone);
            });
        }
    }
}

/// The same records of 歯科 and DPC.
fn of_other_kinds() -> impl Strategy<Value = (bool, String)> {
    let code = || prop::sample::select(&["8470024", "8833421", "0000999", "8836971", "3009016", ""][..]);
    let modifiers = || prop::sample::select(&["", "8002", "3028", "20563028"][..]);
    prop_oneof![
        (code(), modifiers(), text(), text())
            .prop_map(|(c, m, name, t)| { (true, format!("HS,20260903,,1011,{c},{m},{name},,,,810000001,{t},")) }),
        text().prop_map(|t| (true, format!("TO,40,1,710000001,1,288,1,{t},,,,,,,"))),
        text().prop_map(|t| (true, format!("CO,01,1,810000001,{t}"))),
        (code(), modifiers(), text(), text())
            .prop_map(|(c, m, name, t)| (false, format!("SB,{c},{m},{name},S134,11,,{t}"))),
        (code(), text()).prop_map(|(c, t)| (false, format!("SY,{c},20260903,1,,,,{t}"))),
        text().prop_map(|t| (false, format!("SI,11,1,111000110,,288,1,810000001,{t},,,,,"))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn of_dental_and_dpc(all in prop::collection::vec(of_other_kinds(), 0..6)) {
        for dental in [true, false] {
            let own: Vec<&str> = all.iter().filter(|(d, _)| *d == dental).map(|(_, r)| r.as_str()).collect();
            let head = if dental {
                "UK,1,13,3,1234567,見本歯科,202610,00,\r\nIR,2,13,3,1234567,,00\r\n\
                 RE,1,3112,202609,見本太郎,1,20140510,,,20260903,1,\r\n"
            } else {
                "IR,2,13,1,1234567,,見本病院,202610,00,\r\n\
                 RE,1,1111,202609,見本太郎,1,19800510,,20260905,,,,,,,,,,,0,\r\n\
                 BU,160100xx97x00x,20260905,20260910,1,1,\r\n"
            };
            let text = format!("{head}HO,00138941,,1234567,1,500,,,,,\r\n{}\r\nGO,1,500,99\r\n", own.join("\r\n"));
            for encoding in [Encoding::Cp932, Encoding::Utf8] {
                each(&encoding.encode(&text), encoding, |claim, header| {
                    assert_eq!(claim.kind, if dental { Kind::Dental } else { Kind::Dpc });
                    let alone = score_alone(claim, header);
                    assert!(alone.is_none() || may_matter(Rules::embedded(), claim, header), "{text}");
                    assert_eq!(outcome(Rules::embedded(), claim, header, Vec::new()), alone);
                });
            }
        }
    }
}

/// A month of a small town: most claims are let go, and none that has a row.
#[test]
fn a_sample_month() {
    let out = tempfile::tempdir().unwrap();
    let month = tenken_parser::Month::new(2026, 10).unwrap();
    let mut options = tenken_samples::Options::new(out.path().to_owned(), 6_000, (month, month), 7);
    options.size = tenken_samples::Size::Claims(5_000);
    let sample = tenken_samples::write(&options).unwrap();
    let (mut claims, mut kept, mut rows) = (0u32, 0u32, 0u32);
    for entry in std::fs::read_dir(sample.claims).unwrap() {
        let file = std::fs::read(entry.unwrap().path()).unwrap();
        each(&file, Encoding::Cp932, |claim, header| {
            claims += 1;
            let may = may_matter(Rules::embedded(), claim, header);
            let row = score_alone(claim, header).is_some();
            assert!(may || !row);
            kept += u32::from(may);
            rows += u32::from(row);
        });
    }
    println!("{claims} claims, {kept} looked at, {rows} rows");
    assert!(claims > 4_000 && kept < claims / 3, "{claims} {kept} {rows}");
}
