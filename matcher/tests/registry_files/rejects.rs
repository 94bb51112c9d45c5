//! Each reason for a reject, beside something that looks like it and is right.

use crate::{PERIOD, PERSON, load, places};

/// Rows that follow the ordinary person and period, and the reject of it.
struct Case {
    what: &'static str,
    rows: [&'static str; 4],
    reject: Option<&'static str>,
}

fn check(cases: &[Case]) {
    for Case { what, rows, reject } in cases {
        let loaded = load([&format!("{PERSON}{}", rows[0]), &format!("{PERIOD}{}", rows[1]), rows[2], rows[3]]);
        assert_eq!(places(&loaded), reject.iter().copied().collect::<Vec<_>>(), "{what}");
        let read: u64 = loaded.files.iter().map(|f| f.rows).sum();
        let r = &loaded.register;
        let kept = r.persons.len() + r.periods.len() + r.attributes.len() + r.households.len();
        assert_eq!(read, (kept + loaded.rejects.len()) as u64, "{what}");
        assert!(!loaded.rejects.iter().any(|r| r.reason.contains("架空")), "{what}");
    }
}

fn case(what: &'static str, rows: [&'static str; 4], reject: &'static str) -> Case {
    Case { what, rows, reject: (!reject.is_empty()).then_some(reject) }
}

fn person(what: &'static str, row: &'static str, reject: &'static str) -> Case {
    case(what, [row, "", "", ""], reject)
}

fn period(what: &'static str, rows: [&'static str; 2], reject: &'static str) -> Case {
    case(what, [rows[0], rows[1], "", ""], reject)
}

fn attribute(what: &'static str, row: &'static str, reject: &'static str) -> Case {
    case(what, ["", "", row, ""], reject)
}

#[test]
fn persons() {
    check(
        &[
            person("plain", "1002,架空花子,カクウハナコ,架空　華子;Hana,1990-01-01,2,\n", ""),
            person("nearly all unknown", "1002,,,,,,\n", ""),
            person("era", "1002,架空花子,カクウハナコ,,H2.1.1,2,5080401\n", ""),
            person("died on the day of birth", "1002,架空,カクウ,,2026-01-01,1,2026-01-01\n", ""),
            person("no number", ",架空,カクウ,,1990-01-01,2,\n", "kojin.csv:3 宛名番号=-"),
            person(
                "long number",
                "123456789012345678901,架空,カクウ,,1990-01-01,2,\n",
                "kojin.csv:3 宛名番号=123456789012345678901",
            ),
            person("twenty characters", "12345678901234567890,架空,カクウ,,1990-01-01,2,\n", ""),
            person("bad birth date", "1002,架空,カクウ,,1990-02-30,2,\n", "kojin.csv:3 生年月日=1990-02-30"),
            person("no date at all", "1002,架空,カクウ,,架空花子,2,\n", "kojin.csv:3 生年月日=-"),
            person("bad sex", "1002,架空,カクウ,,1990-01-01,3,\n", "kojin.csv:3 性別=3"),
            person("full-width sex", "1002,架空,カクウ,,1990-01-01,２,\n", ""),
            person(
                "death before birth",
                "1002,架空,カクウ,,1990-01-01,2,1989-12-31\n",
                "kojin.csv:3 死亡年月日=1989-12-31",
            ),
            person("the same number", "1001,架空,カクウ,,1990-01-01,2,\n", "kojin.csv:3 宛名番号=1001"),
            person("the same in full width", "１００１,架空,カクウ,,1990-01-01,2,\n", "kojin.csv:3 宛名番号=1001"),
            person("another with a zero", "01001,架空,カクウ,,1990-01-01,2,\n", ""),
            person(
                "short",
                "1002,架空,カクウ,,1990-01-01,2\n",
                "kojin.csv:3 列の数が見出しと違います（見出し 7、この行 6）",
            ),
            person(
                "a comma too many",
                "1002,架空,花子,カクウ,,1990-01-01,2,\n",
                "kojin.csv:3 列の数が見出しと違います（見出し 7、この行 8）",
            ),
            person("a comma in quotes", "1002,\"架空,花子\",カクウ,,1990-01-01,2,\n", ""),
            person("empty row", ",,,,,,\n", ""),
        ]
        .map(|c| if c.what == "empty row" { Case { rows: ["\r\n,,,,,,\r\n", "", "", ""], ..c } } else { c }),
    );
}

const OTHER: &str = "1002,架空,カクウ,,2026-05-10,2,\n";
const DEAD: &str = "1002,架空,カクウ,,1940-01-01,2,2026-05-10\n";

#[test]
fn periods_alone() {
    check(&[
        period("birth on the day", [OTHER, "1002,501,1,139998,見,1234567,02,0,2026-05-10,出生,,,,,,\n"], ""),
        period(
            "before birth",
            [OTHER, "1002,501,1,139998,見,1234567,02,0,2026-05-09,出生,,,,,,\n"],
            "shikaku.csv:3 資格取得年月日=2026-05-09",
        ),
        period(
            "nobody",
            ["", "1002,501,1,139998,見,1234567,02,0,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 宛名番号=1002",
        ),
        period(
            "no household",
            [OTHER, "1002,,1,139998,見,1234567,02,0,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 世帯番号=-",
        ),
        period(
            "no scheme",
            [OTHER, "1002,501,,139998,見,1234567,02,0,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 制度=-",
        ),
        period(
            "scheme 2",
            [OTHER, "1002,501,2,139998,見,1234567,02,0,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 制度=2",
        ),
        period(
            "check digit",
            [OTHER, "1002,501,1,139997,見,1234567,02,0,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 保険者番号=139997",
        ),
        period("leading 00", [OTHER, "1002,501,1,00139998,見,1234567,02,0,2026-05-10,出生,,,,,,\n"], ""),
        period("full width", [OTHER, "1002,501,１,１３９９９８,見,１２３,2,0,2026-05-10,出生,,,,,,\n"], ""),
        period(
            "five digits",
            [OTHER, "1002,501,1,39998,見,1234567,02,0,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 保険者番号=39998",
        ),
        period(
            "後期 number for 国保",
            [OTHER, "1002,501,1,39139993,見,1234567,02,0,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 保険者番号=39139993",
        ),
        period(
            "国保 number for 後期",
            [DEAD, "1002,501,3,139998,,1234567,,0,2015-01-01,,,,,,,\n"],
            "shikaku.csv:3 保険者番号=139998",
        ),
        period("後期", [DEAD, "1002,501,3,39139993,,12345678,,0,2015-01-01,,,,,,,\n"], ""),
        period(
            "後期 with 記号",
            [DEAD, "1002,501,3,39139993,見,12345678,,0,2015-01-01,,,,,,,\n"],
            "shikaku.csv:3 記号=見",
        ),
        period(
            "後期 with 枝番",
            [DEAD, "1002,501,3,39139993,,12345678,01,0,2015-01-01,,,,,,,\n"],
            "shikaku.csv:3 枝番=01",
        ),
        period(
            "枝番 of three",
            [OTHER, "1002,501,1,139998,見,1234567,002,0,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 枝番=002",
        ),
        period("no 記号, no 枝番", [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,出生,,,,,,\n"], ""),
        period(
            "世帯主区分",
            [OTHER, "1002,501,1,139998,,1234567,,2,2026-05-10,出生,,,,,,\n"],
            "shikaku.csv:3 世帯主区分=2",
        ),
        period(
            "no acquisition",
            [OTHER, "1002,501,1,139998,,1234567,,0,,出生,,,,,,\n"],
            "shikaku.csv:3 資格取得年月日=-",
        ),
        period(
            "unknown reason",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,結婚,,,,,,\n"],
            "shikaku.csv:3 取得事由=結婚",
        ),
        period(
            "a reason of a loss",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,転出,,,,,,\n"],
            "shikaku.csv:3 取得事由=転出",
        ),
        period(
            "bad loss reason",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,2026-06-01,転入,,,,\n"],
            "shikaku.csv:3 喪失事由=転入",
        ),
        period(
            "bad end reason",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,,,,2026-06-01,転出,\n"],
            "shikaku.csv:3 適用終了事由=転出",
        ),
        period(
            "bad moment",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,,,,,,2026-05-10 25:00:00\n"],
            "shikaku.csv:3 登録日時=2026-05-10 25:00:00",
        ),
        period(
            "open end by nines",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,99991231,,,,,\n"],
            "shikaku.csv:3 資格喪失年月日=99991231",
        ),
        period(
            "loss before",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,2026-05-09,転出,,,,\n"],
            "shikaku.csv:3 資格喪失年月日=2026-05-09",
        ),
        period(
            "taken back: loss on the day",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,2026-05-10,その他,,,,\n"],
            "",
        ),
        period(
            "県内転入: applied later",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,県内転入,,,2026-06-01,,,\n"],
            "",
        ),
        period(
            "applied before",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,,,2026-05-09,,,\n"],
            "shikaku.csv:3 適用開始年月日=2026-05-09",
        ),
        period(
            "ends before it begins",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,,,2026-06-01,2026-05-31,県内転出,\n"],
            "shikaku.csv:3 適用終了年月日=2026-05-31",
        ),
        period(
            "ends after the loss",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,2026-06-01,転出,,2026-06-02,県内転出,\n"],
            "shikaku.csv:3 適用終了年月日=2026-06-02",
        ),
        period(
            "ends with the loss",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,2026-06-01,転出,,2026-06-01,県内転出,\n"],
            "",
        ),
        period(
            "begins after the loss",
            [OTHER, "1002,501,1,139998,,1234567,,0,2026-05-10,,2026-06-01,転出,2026-06-02,,,\n"],
            "shikaku.csv:3 適用開始年月日=2026-06-02",
        ),
    ]);
}

#[test]
fn periods_and_death() {
    check(&[
        period("the day after", [DEAD, "1002,501,1,139998,,1,,0,2015-01-01,,2026-05-11,死亡,,,,\n"], ""),
        period("the day itself", [DEAD, "1002,501,1,139998,,1,,0,2015-01-01,,2026-05-10,死亡,,,,\n"], ""),
        period("not written yet", [DEAD, "1002,501,1,139998,,1,,0,2015-01-01,,,,,,,\n"], ""),
        period(
            "later",
            [DEAD, "1002,501,1,139998,,1,,0,2015-01-01,,2026-05-12,死亡,,,,\n"],
            "shikaku.csv:3 資格喪失年月日=2026-05-12",
        ),
        period(
            "application ends later",
            [DEAD, "1002,501,1,139998,,1,,0,2015-01-01,,,,,2026-05-12,県内転出,\n"],
            "shikaku.csv:3 適用終了年月日=2026-05-12",
        ),
        period("acquired on the day", [DEAD, "1002,501,1,139998,,1,,0,2026-05-10,,2026-05-11,死亡,,,,\n"], ""),
        period(
            "acquired later",
            [DEAD, "1002,501,1,139998,,1,,0,2026-05-11,,2026-05-11,死亡,,,,\n"],
            "shikaku.csv:3 資格取得年月日=2026-05-11",
        ),
    ]);
}

/// The ordinary person's open period begins on 2014-04-01.
#[test]
fn periods_together() {
    check(&[
        period("the same twice", ["", PERIOD], "shikaku.csv:3 宛名番号=1001"),
        period(
            "the same with its application written",
            ["", "1001,501,1,139998,見,1234567,1,1,2014-04-01,転入,,,2014-04-01,,,\n"],
            "shikaku.csv:3 宛名番号=1001",
        ),
        period(
            "later, while open",
            ["", "1001,501,1,139998,見,1234568,1,1,2020-04-01,転入,,,,,,\n"],
            "shikaku.csv:3 適用開始年月日=2020-04-01",
        ),
        period(
            "the other scheme, while open",
            ["", "1001,501,3,39139993,,12345678,,1,2020-04-01,,,,,,,\n"],
            "shikaku.csv:3 適用開始年月日=2020-04-01",
        ),
        period(
            "before it, touching",
            ["", "1001,501,1,139998,見,1234566,1,1,2010-04-01,転入,2014-04-01,社保加入,,,,\n"],
            "",
        ),
        period(
            "before it, a day too long",
            ["", "1001,501,1,139998,見,1234566,1,1,2010-04-01,転入,2014-04-02,社保加入,,,,\n"],
            "shikaku.csv:3 適用開始年月日=2010-04-01",
        ),
        period(
            "inside it, but taken back",
            ["", "1001,501,1,139998,見,1234566,1,1,2020-04-01,転入,2020-04-01,その他,,,,\n"],
            "",
        ),
    ]);
}

/// The example of section 5, and what is not like it.
#[test]
fn spans() {
    let first = "1001,501,1,139998,,1234567,01,1,2014-04-01,転入,,,,2026-05-10,番号変更,2026-05-10 09:00:00\n";
    let second =
        "1001,501,1,139998,,1234890,01,1,2014-04-01,転入,2026-09-16,社保加入,2026-05-10,,,2026-10-05 10:00:00\n";
    let again = "1001,502,1,139998,,7654321,01,1,2027-01-01,社保離脱,,,,,,\n";
    let loaded = load([PERSON, &[again, second, first].concat(), "", ""]);
    assert_eq!(places(&loaded), Vec::<String>::new());
    let rows = &loaded.register.periods;
    assert_eq!(rows.iter().map(|p| p.span_no).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(rows.iter().map(|p| p.lost_on.is_some()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(rows[1].bango.as_deref(), Some("1234890"));
    for (what, rows, want) in [
        ("loss on all", [first.replace("転入,,,", "転入,2026-09-16,社保加入,"), second.to_owned()], None),
        (
            "two losses: the later row",
            [first.replace("転入,,,", "転入,2026-09-17,社保加入,"), second.to_owned()],
            Some("shikaku.csv:3 資格喪失年月日=2026-09-16"),
        ),
        (
            "the first row ends after the loss that the second brings",
            [
                first.to_owned(),
                second.replace("2026-09-16", "2026-05-10").replace("2026-05-10,,,", "2026-05-10,2026-05-10,番号変更,"),
            ],
            None,
        ),
        (
            "the same, a day later",
            [first.replace("2026-05-10,番号変更", "2026-09-17,番号変更"), second.to_owned()],
            Some("shikaku.csv:3 資格喪失年月日=2026-09-16"),
        ),
        (
            "a loss on the first row only ends the last one too",
            [first.replace("転入,,,", "転入,2026-09-16,社保加入,"), second.replace("2026-09-16,社保加入", ",")],
            None,
        ),
    ] {
        let loaded = load([PERSON, &format!("{}{}{again}", rows[0], rows[1]), "", ""]);
        assert_eq!(places(&loaded), want.into_iter().collect::<Vec<_>>(), "{what}");
    }
}

#[test]
fn attributes() {
    let household = "502,,架空　一郎\n";
    check(&[
        attribute("of a person", "個人,1001,負担割合,2,2026-08-01,2027-08-01,\n", ""),
        attribute("of nobody", "個人,1002,負担割合,2,2026-08-01,2027-08-01,\n", "zokusei.csv:2 番号=1002"),
        attribute("of the household", "世帯,501,所得区分,ウ,2026-08-01,2027-08-01,\n", ""),
        attribute("of no household", "世帯,502,所得区分,ウ,2026-08-01,2027-08-01,\n", "zokusei.csv:2 番号=502"),
        case("of a household without insured", ["", "", "世帯,502,所得区分,ウ,2026-08-01,,\n", household], ""),
        attribute("whose?", "世帯主,501,所得区分,ウ,2026-08-01,2027-08-01,\n", "zokusei.csv:2 対象=世帯主"),
        attribute("the other's", "世帯,501,負担割合,2,2026-08-01,2027-08-01,\n", "zokusei.csv:2 対象=世帯"),
        attribute("the other's too", "個人,1001,所得区分,ウ,2026-08-01,2027-08-01,\n", "zokusei.csv:2 対象=個人"),
        attribute("either's", "世帯,501,特別療養費,1,2026-08-01,2027-08-01,\n", ""),
        attribute("unknown kind", "個人,1001,血液型,1,2026-08-01,2027-08-01,\n", "zokusei.csv:2 種別=血液型"),
        attribute("bad date", "個人,1001,負担割合,2,2026-08-32,,\n", "zokusei.csv:2 開始年月日=2026-08-32"),
        attribute(
            "ends before it begins",
            "個人,1001,負担割合,2,2026-08-01,2026-07-31,\n",
            "zokusei.csv:2 終了年月日=2026-07-31",
        ),
        attribute("ends on the day", "個人,1001,負担割合,2,2026-08-01,2026-08-01,\n", ""),
        attribute("from ever", "個人,1001,負担割合,2,,,\n", ""),
        attribute(
            "twice",
            "個人,1001,特定疾病,血友病:10000,2026-08-01,,\n個人,1001,特定疾病,血友病:20000,2026-08-01,,\n",
            "zokusei.csv:3 番号=1001",
        ),
        attribute(
            "two diseases",
            "個人,1001,特定疾病,血友病,2026-08-01,,\n個人,1001,特定疾病,慢性腎不全,2026-08-01,,\n",
            "",
        ),
        attribute("hit of a month", "世帯,501,多数回引継,1,2026-08-01,2026-09-01,\n", ""),
        attribute(
            "hit of two months",
            "世帯,501,多数回引継,1,2026-08-01,2026-10-01,\n",
            "zokusei.csv:2 開始年月日=2026-08-01",
        ),
        attribute("move without a day", "世帯,501,世帯継続,1,,,\n", "zokusei.csv:2 開始年月日=-"),
        case("the same household twice", ["", "", "", "501,1001,\n501,,架空　一郎\n"], "setai.csv:3 世帯番号=501"),
    ]);
}

#[test]
fn values_of_attributes() {
    for (target, kind, good, bad) in [
        ("個人", "負担割合", "1=1 2=2 3=3 ２=2", "0 4 30 割"),
        ("世帯", "所得区分", "ア=ア オ=オ ｴ=エ U70_U=ウ", "カ 一般 K70_G3 ''"),
        (
            "個人",
            "高齢所得区分",
            "現役Ⅲ=現役Ⅲ 現役並みⅡ=現役Ⅱ K70_G1=現役Ⅰ 現役並み=現役 一般=一般 K75_IPPAN2=一般Ⅱ 低所得II=低所得Ⅱ K75_TEI1=低所得Ⅰ",
            "ア 低所得 現役4 U70_A",
        ),
        ("個人", "限度額適用不可", "1=1", "0 有 ''"),
        ("個人", "標準負担額", "1=1 4=4", "0 5"),
        (
            "個人",
            "特定疾病",
            "慢性腎不全=慢性腎不全 血友病:10000=血友病:10000 HIV:20000=HIV:20000 ＨＩＶ=HIV",
            "糖尿病 HIV:30000 HIV:",
        ),
        (
            "個人",
            "公費",
            "54139992:1234567=54139992:1234567 ８３１３６０１９:1=83136019:1 12130001:=12130001:",
            "5413999:1234567 54139992 54139992:12345678 x4139992:1",
        ),
        ("世帯", "特別療養費", "1=1", "2"),
        ("個人", "特例", "マル学=マル学 マル遠=マル遠 住所地特例=住所地特例 退職=退職", "マル退"),
        ("個人", "適用除外", "児童福祉施設=児童福祉施設 ''=", ""),
        ("個人", "拘禁", "1=1", "はい"),
        ("世帯", "減免", "免除=免除 猶予=猶予 減額:50=減額:50 減額：8=減額:8", "減額 減額:0 減額:101 減額:+5 割引"),
        ("世帯", "世帯継続", "1=1", "0"),
        (
            "個人",
            "他保険",
            "06139588:8584:675=06139588:8584:675 00139998::5=139998::5 39139993::12345678=39139993::12345678",
            "06139589:8584:675 06139588:8584 139998",
        ),
        ("世帯", "年少減額", "1=1", "0"),
        ("個人", "求償", "2026-15:2026-04-01=2026-15:2026-04-01 A:R8.4.1=A:2026-04-01", "15 15: :2026-04-01 15:昨日"),
        ("個人", "通知除外", "1=1", "0"),
        ("世帯", "通知除外", "1=1", "0"),
    ] {
        let id = if target == "個人" { "1001" } else { "501" };
        let row = |value: &str| format!("{target},{id},{kind},{},2026-04-01,,\n", value.trim_matches('\''));
        for pair in good.split(' ') {
            let (value, want) = pair.split_once('=').unwrap();
            let loaded = load([PERSON, PERIOD, &row(value), ""]);
            assert_eq!(places(&loaded), Vec::<String>::new(), "{kind} {value}");
            assert_eq!(loaded.register.attributes[0].value, want, "{kind} {value}");
        }
        for value in bad.split(' ').filter(|v| !v.is_empty()) {
            let loaded = load([PERSON, PERIOD, &row(value), ""]);
            let shown = if value == "''" { "-" } else { value };
            assert_eq!(places(&loaded), [format!("zokusei.csv:2 値={shown}")], "{kind} {value}");
        }
    }
}

/// A person that is not taken takes its rows along, and each says why.
#[test]
fn what_hangs_on_a_reject() {
    let loaded = load([
        "1001,見本　太郎,ミホンタロウ,,1980-04-31,1,\n",
        PERIOD,
        "個人,1001,負担割合,2,,,\n世帯,501,所得区分,ウ,,,\n",
        "",
    ]);
    let want = [
        "kojin.csv:2 生年月日=1980-04-31",
        "shikaku.csv:2 宛名番号=1001",
        "zokusei.csv:2 番号=1001",
        "zokusei.csv:3 番号=501",
    ];
    assert_eq!(places(&loaded), want);
    assert!(loaded.register == Default::default());
    assert_eq!(
        loaded.files.iter().map(|f| (f.table, f.rows, f.rejected)).collect::<Vec<_>>(),
        [("kojin", 1, 1), ("shikaku", 1, 1), ("zokusei", 2, 2)]
    );
}

/// A constant where the key should be must not take all day.
#[test]
fn one_number_for_all() {
    let day = |n: i32| tenken_parser::Date::from_epoch_days(12_000 + n / 3).unwrap();
    let rows: String =
        (0..30_000).map(|n| format!("1001,501,1,139998,見,{n},1,1,{},転入,,,{},,,\n", day(n), day(n + 900))).collect();
    let loaded = load([PERSON, &rows, "", ""]);
    assert_eq!(loaded.register.periods.len() + loaded.rejects.len(), 30_000);
}
