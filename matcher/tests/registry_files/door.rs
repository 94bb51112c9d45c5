//! 個人番号 is refused, and nothing comes of the load.

use tenken_matcher::files::{Error, Input, Options, SeenIn, load_inputs, my_number::check_digit};

use crate::{KOJIN, PERIOD, PERSON, SHIKAKU, input, mapped};

fn number(n: u32) -> String {
    let body = format!("{:011}", 71_234_567_u64 * u64::from(n + 1));
    format!("{body}{}", check_digit(&body).unwrap())
}

fn wide(text: &str) -> String {
    text.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect()
}

/// `kojin.csv` with one more column.
fn files(column: &str, values: &[String]) -> Vec<Input> {
    let mut text = format!("{},{column}\n", KOJIN.trim_end());
    for (n, value) in values.iter().enumerate() {
        text += &format!("{},見本　花子,ミホンハナコ,,1980-04-01,2,,{value}\n", 1001 + n);
    }
    vec![input("kojin.csv", text), input("shikaku.csv", format!("{SHIKAKU}{PERIOD}"))]
}

fn refusal(result: Result<tenken_matcher::files::Loaded, Error>) -> Option<(String, String, SeenIn)> {
    match result {
        Ok(_) => None,
        Err(e) => {
            for text in [e.to_string(), e.english(), format!("{e:?}")] {
                assert!(!text.contains(&number(0)) && !text.contains("花子"), "{text}");
            }
            let Error::MyNumber { file, column, seen } = e else { panic!("{e}") };
            Some((file, column, seen))
        }
    }
}

#[test]
fn by_name() {
    for name in ["個人番号", "個人 番号", "本人個人番号", "マイ_ナンバー", "ﾏｲﾅﾝﾊﾞｰ", "My-Number", "ＭＹＮＵＭＢＥＲ"]
    {
        let found = refusal(load_inputs(files(name, &[String::new()]), Options::default()));
        assert!(matches!(found, Some((f, _, SeenIn::Name)) if f == "kojin.csv"), "{name}");
    }
    assert_eq!(refusal(load_inputs(files("個人の番号", &[String::new()]), Options::default())), None);
}

#[test]
fn by_values() {
    let n = |count: u32| -> Vec<String> { (0..count).map(number).collect() };
    let with = |mut values: Vec<String>, others: usize| {
        values.extend((0..others).map(|i| format!("メモ{i}")));
        values.extend(vec![String::new(); 50]);
        values
    };
    for (what, column, values, refused) in [
        ("known names say nothing", "備考", n(5), true),
        ("no name", "", n(5), true),
        ("a name of ours", "郵便番号", n(5), true),
        ("full width", "備考", n(5).iter().map(|v| wide(v)).collect(), true),
        ("spaced", "備考", n(5).iter().map(|v| format!("{} {} {}", &v[..4], &v[4..8], &v[8..])).collect(), true),
        ("among empty ones", "備考", with(n(5), 0), true),
        ("20 %", "備考", with(n(5), 20), true),
        ("under 20 %", "備考", with(n(5), 21), false),
        ("four", "備考", n(4), false),
        (
            "wrong check digits",
            "備考",
            n(20).iter().map(|v| format!("{}{}", &v[..11], (v.as_bytes()[11] - b'0' + 1) % 10)).collect(),
            false,
        ),
        ("thirteen digits", "備考", n(20).iter().map(|v| format!("0{v}")).collect(), false),
        ("in a text", "備考", n(20).iter().map(|v| format!("番号{v}")).collect(), false),
    ] {
        let found = refusal(load_inputs(files(column, &values), Options::default()));
        assert_eq!(found.is_some(), refused, "{what}");
        if let Some((file, name, seen)) = found {
            assert_eq!((file.as_str(), seen), ("kojin.csv", SeenIn::Values), "{what}");
            assert_eq!(name, if column.is_empty() { "8 列目" } else { column }, "{what}");
        }
    }
}

/// As a key, in rows that would be rejected anyway, and in the column of another file.
#[test]
fn wherever_it_stands() {
    let key: String = (0..6).map(|i| format!("{},見本,ミホン,,1980-04-01,1,\n", number(i))).collect();
    let bad: String = (0..6).map(|i| format!("{i},見本,ミホン,,{},1,\n", number(i))).collect();
    let shikaku = || input("shikaku.csv", format!("{SHIKAKU}{PERIOD}"));
    for (rows, column) in [(key, "宛名番号"), (bad, "生年月日")] {
        let files = vec![input("kojin.csv", format!("{KOJIN}{rows}")), shikaku()];
        let found = refusal(load_inputs(files, Options::default()));
        assert_eq!(found, Some(("kojin.csv".into(), column.into(), SeenIn::Values)));
    }
    let setai: String = (0..6).map(|i| format!("{i},{},\n", number(i))).collect();
    let files = vec![
        input("kojin.csv", format!("{KOJIN}{PERSON}")),
        shikaku(),
        input("SETAI.csv", format!("{}{setai}", crate::SETAI)),
    ];
    let found = refusal(load_inputs(files, Options::default()));
    assert_eq!(found, Some(("SETAI.csv".into(), "世帯主宛名番号".into(), SeenIn::Values)));
}

/// A single one in a bad row is not shown either.
#[test]
fn one_alone_is_not_shown() {
    let rows = format!("{PERSON}1002,見本,ミホン,,{},1,\n", number(0));
    let loaded = crate::load([&rows, PERIOD, "", ""]);
    assert_eq!(crate::places(&loaded), ["kojin.csv:3 生年月日=-"]);
}

#[test]
fn in_a_mapping() {
    let codes: String = (0..5).map(|i| format!("{} = \"{i}\"\n", number(i))).collect();
    let words: String = (0..5).map(|i| format!("{i} = \"{}\"\n", number(i))).collect();
    for text in [
        "[columns]\n宛名番号 = \"個人番号\"\n".to_owned(),
        "[columns]\n個人番号 = \"宛名番号\"\n".to_owned(),
        "[kojin.columns]\n宛名番号 = \"住民 My Number\"\n".to_owned(),
        "[values.マイナンバー]\n1 = \"2\"\n".to_owned(),
        "[fixed]\n個人番号 = \"1\"\n".to_owned(),
        format!("[values.宛名番号]\n{codes}"),
        format!("[values.宛名番号]\n{words}"),
    ] {
        let found = refusal(mapped(files("備考", &[]), &text));
        assert!(matches!(found, Some((f, _, SeenIn::Mapping)) if f == "対応.toml"), "{text}");
    }
    // under a harmless name it is seen by its values
    let values: Vec<String> = (0..5).map(number).collect();
    let found = refusal(mapped(files("住民コード", &values), "[columns]\n地区コード = \"住民コード\"\n"));
    assert_eq!(found, Some(("kojin.csv".into(), "住民コード".into(), SeenIn::Values)));
}
