//! E1xx 本人特定.

use super::{CITY, Member, Scenario, UNION, claim, kouki_claim, member, scenario};

fn head() -> Member {
    member("1").covered("2014-04-01", "")
}

fn wife() -> Member {
    member("2")
        .named("見本　花子", "ミホン　ハナコ")
        .female()
        .born("1982-02-03")
        .covered("2014-04-01", "")
        .card("", "1234567", "02")
        .not_head()
}

fn neighbour() -> Member {
    member("3")
        .named("例示　次郎", "レイジ　ジロウ")
        .born("1975-01-31")
        .covered("2014-04-01", "")
        .card("", "7654321", "01")
        .household("502")
}

pub fn all() -> Vec<Scenario> {
    let mut all = insurer();
    all.extend(number());
    all.extend(person());
    all
}

fn insurer() -> Vec<Scenario> {
    vec![
        scenario("E101: ほかの保険者の番号")
            .member(head())
            .claim(claim("2026-09").payer("138057"))
            .expect(["E101"])
            .never(["E102", "E103", "E104", "E201"])
            .disposition("E101", "D1")
            .claim(claim("2026-08"))
            .expect([])
            .never(["E101", "E102", "E104"]),
        scenario("E101: 支払前に返戻できるなら D2")
            .set("return_before_payment", "true")
            .member(head())
            .claim(claim("2026-09").payer("138057"))
            .expect(["E101"])
            .disposition("E101", "D2"),
        scenario("E101 は E2・E3・E5 を止める")
            .member(member("1").covered("2014-04-01", "2026-04-01"))
            .claim(claim("2026-09").payer("138057").class('4'))
            .expect(["E101"])
            .never(["E201", "E301", "E316"]),
        scenario("E101: 自保険者の番号だが、その月には使っていない")
            .member(head())
            .member(
                member("2")
                    .covered("2000-04-01", "2010-04-01")
                    .insurer("138057")
                    .card("", "55", "01")
                    .born("1940-01-01"),
            )
            .claim(claim("2026-09").payer("138057"))
            .expect(["E101"])
            .claim(claim("2009-09").billed_in("2009-10").payer("138057").card("", "55", Some(1)).born("1940-01-01"))
            .never(["E101"]),
        scenario("E102: 検証番号が合わない")
            .member(head())
            .claim(claim("2026-09").payer("138947"))
            .expect(["E102"])
            .never(["E101"])
            .primary("E102")
            .disposition("E102", "D1")
            .tier("T4")
            .claim(claim("2026-08").payer("138016"))
            .expect(["E101"])
            .never(["E102"]),
        scenario("E102 は S1 の指摘があっても代表")
            .member(member("1").covered("2014-04-01", "2026-04-01"))
            .claim(claim("2026-09").payer("138947"))
            .expect(["E102", "E201"])
            .primary("E102"),
        scenario("E103: 廃止した自保険者の番号")
            .retired("138057", "2026-04-01")
            .member(head())
            .claim(claim("2026-09").payer("138057"))
            .expect(["E103"])
            .never(["E101"])
            .disposition("E103", "D1")
            .claim(claim("2026-04").payer("138057").days([1]))
            .expect(["E103"])
            .claim(claim("2026-03").payer("138057").days([31]))
            .expect([])
            .never(["E101", "E103"]),
        scenario("E103: 読み替えるなら D6")
            .retired("138057", "2026-04-01")
            .set("retired_read_through", "true")
            .member(head())
            .claim(claim("2026-09").payer("138057"))
            .expect(["E103"])
            .disposition("E103", "D6"),
        scenario("E104: 退職者医療の番号")
            .member(head())
            .claim(claim("2026-09").payer("67138941"))
            .expect(["E104"])
            .never(["E101", "E102"])
            .primary("E104")
            .disposition("E104", "D1")
            .claim(claim("2026-08").receipt_type("1412"))
            .expect(["E104"])
            .claim(claim("2010-08").payer("67138016").billed_in("2010-09"))
            .expect(["E104", "E202"])
            .primary("E104"),
        scenario("E104: 特例 退職 が全日を覆う")
            .member(head().attribute("特例", "退職", "2014-04-01", "2026-09-20"))
            .claim(claim("2026-09").payer("67138941").days([3, 19]))
            .expect([])
            .never(["E104", "E101"])
            .claim(claim("2026-09").payer("67138941").days([3, 20]))
            .expect(["E104"]),
        scenario("E104 と E102 は並ぶ")
            .member(head())
            .claim(claim("2026-09").payer("67138945"))
            .expect(["E102", "E104"])
            .never(["E101"])
            .primary("E104"),
        scenario("E117: 77777777 と 77777779、該当者あり")
            .member(head())
            .claim(claim("2026-09").payer("77777777").card("", "7777777", None))
            .expect(["E117"])
            .never(["E101", "E102", "E105", "E110"])
            .disposition("E117", "D6")
            .cause_is("E117", "resolved")
            .tier("T5")
            .claim(claim("2026-08").payer("77777779").card("", "7777777", None))
            .expect(["E117"])
            .never(["E101", "E102"])
            .claim(claim("2026-07").card("", "7777777", None))
            .expect(["E117"])
            .never(["E106"]),
        scenario("E117: 該当者が資格を失っている")
            .member(member("1").covered("2014-04-01", "2026-04-01").lost_by("社保加入"))
            .claim(claim("2026-09").payer("77777777").card("", "7777777", None))
            .expect(["E117", "E211"])
            .primary("E117"),
        scenario("E117: 該当者なしは E2・E3・E5 を止める")
            .member(head())
            .claim(claim("2026-09").payer("77777777").card("", "7777777", None).born("1950-01-01").class('8'))
            .expect(["E117"])
            .cause_is("E117", "unresolved")
            .never(["E110", "E114", "E310"]),
        scenario("E117: 7だけの番号が正しく発行されている")
            .member(head().card("", "7777777", "01"))
            .claim(claim("2026-09").card("", "7777777", Some(1)))
            .expect([])
            .never(["E117"])
            .tier("T1"),
        scenario("E120: 後期の番号の形")
            .member(member("1").born("1946-03-05").covered("2021-03-05", "").kouki())
            .claim(kouki_claim("2026-09").card("", "1234567", None))
            .expect(["E106", "E120"])
            .disposition("E120", "D1")
            .claim(kouki_claim("2026-08").card("あ", "12345678", None))
            .expect(["E106", "E120"])
            .claim(kouki_claim("2026-07"))
            .expect([])
            .never(["E120"]),
        scenario("台帳がないときは照合しない")
            .no_register()
            .claim(claim("2026-09").payer("138057"))
            .expect([])
            .never(["E101", "E110", "E106", "E901"])
            .claim(claim("2026-08").payer("138017"))
            .expect(["E102"])
            .claim(claim("2026-07").payer("77777777"))
            .expect(["E117"])
            .claim(claim("2026-06").card("", "", None))
            .expect(["E105"]),
        scenario("切ってある規則は出ない")
            .switch_off("E101")
            .member(head())
            .claim(claim("2026-09").payer("138057"))
            .expect([])
            .never(["E101"]),
    ]
}

fn number() -> Vec<Scenario> {
    vec![
        scenario("E105: 番号が書かれていない")
            .member(head())
            .claim(claim("2026-09").card("", "", None))
            .expect(["E105"])
            .never(["E106", "E110", "E109"])
            .disposition("E105", "D1")
            .tier("T5")
            .claim(claim("2026-08").card("", "　", None))
            .expect(["E105"])
            .claim(claim("2026-07").payer("77777777").card("", "", None))
            .expect(["E117"])
            .never(["E105"])
            .claim(claim("2026-06"))
            .never(["E105"]),
        scenario("E106: 番号の書き誤り、該当者は一人")
            .member(head())
            .claim(claim("2026-09").card("", "1234576", Some(1)))
            .expect(["E106"])
            .never(["E107", "E110"])
            .disposition("E106", "D1")
            .cause_is("E106", "1")
            .claim(claim("2026-08").card("", "01234567", Some(1)))
            .expect([])
            .never(["E106"]),
        scenario("E106: 直して受け入れるなら D6")
            .set("tolerate_number", "true")
            .member(head())
            .claim(claim("2026-09").card("", "1234576", Some(1)))
            .expect(["E106"])
            .disposition("E106", "D6"),
        scenario("E107: 他世帯の番号")
            .member(head())
            .member(neighbour())
            .claim(claim("2026-09").card("", "7654321", Some(1)))
            .expect(["E107"])
            .never(["E106", "E118", "E110"])
            .disposition("E107", "D1")
            .person(Some("1"))
            .claim(claim("2026-08"))
            .never(["E107"]),
        scenario("E108: 枝番は子のもの、生年月日と性別は母")
            .member(head())
            .member(wife())
            .member(
                member("4")
                    .born("2015-08-20")
                    .named("見本　一", "ミホン　イチ")
                    .covered("2015-08-20", "")
                    .card("", "1234567", "03")
                    .not_head(),
            )
            .claim(
                claim("2026-09")
                    .female()
                    .born("1982-02-03")
                    .named("見本　花子", "ミホン　ハナコ")
                    .card("", "1234567", Some(3))
                    .class('6'),
            )
            .expect(["E108"])
            .disposition("E108", "D6")
            .severity("E108", "S4")
            .person(Some("2"))
            .claim(
                claim("2026-08")
                    .female()
                    .born("1982-02-04")
                    .named("見本　花子", "ミホン　ハナコ")
                    .card("", "1234567", Some(3))
                    .class('6'),
            )
            .expect(["E108", "E112"])
            .disposition("E108", "D1"),
        scenario("E108: 枝番が特定されていれば言わない")
            .member(head())
            .member(wife())
            .claim(claim("2026-09").sn("09"))
            .expect([])
            .tags(["E907"])
            .never(["E108"])
            .claim(claim("2026-08").card("", "1234567", Some(2)).sn("09"))
            .expect([])
            .tags(["E907"])
            .never(["E108"])
            .claim(claim("2026-07").card("", "1234567", Some(5)))
            .expect([])
            .never(["E108"]),
        scenario("E109: 枝番がない")
            .member(head())
            .claim(claim("2026-09").card("", "1234567", None))
            .expect([])
            .tags(["E109"])
            .disposition("E109", "")
            .claim(claim("2026-08"))
            .never(["E109"]),
        scenario("E109: 証に枝番がなければ言わない")
            .member(head().without_branch())
            .claim(claim("2026-09").card("", "1234567", None))
            .expect([])
            .never(["E109"]),
        scenario("E115: 世帯分離の後の旧番号")
            .member(head().then_from("2026-09-10", "世帯変更").card("", "1234890", "01").household("509"))
            .claim(claim("2026-09").days([5, 20]))
            .expect(["E115"])
            .disposition("E115", "D6")
            .days("E115", [20], [5])
            .claim(claim("2026-09").days([9, 10]))
            .days("E115", [10], [9])
            .claim(claim("2026-09").days([5, 20]).card("", "1234890", Some(1)))
            .expect([])
            .never(["E115"])
            .claim(claim("2026-09").days([2, 5]))
            .expect([])
            .never(["E115"]),
        scenario("E115: 世帯が変わっても番号が同じなら言わない")
            .member(head().then_from("2026-09-10", "世帯変更").household("509"))
            .claim(claim("2026-09").days([5, 20]))
            .expect([])
            .never(["E115", "E204"]),
        scenario("E115: 保険者番号が変わったのなら旧番号の規則ではない")
            .member(head().then_from("2026-09-10", "番号変更").insurer("138057").card("", "88", "01"))
            .claim(claim("2026-09").days([5, 20]))
            .expect([])
            .never(["E115"]),
        scenario("E115: 県内転出は番号の変更ではない")
            .member(head().then_from("2026-09-10", "県内転出").card("", "1234890", "01"))
            .claim(claim("2026-09").days([20]))
            .expect([])
            .never(["E115"]),
    ]
}

fn person() -> Vec<Scenario> {
    vec![
        scenario("E110: 該当なしは E2・E3・E5 を止める")
            .member(head())
            .claim(
                claim("2026-09")
                    .card("", "9999", None)
                    .born("1950-01-31")
                    .named("例示　次郎", "レイジ　ジロウ")
                    .class('8'),
            )
            .expect(["E110"])
            .never(["E118", "E310", "E303"])
            .disposition("E110", "D1")
            .certainty("E110", "CERTAIN")
            .claim(claim("2026-08"))
            .never(["E110"]),
        scenario("E110: 番号は分かるが、似た人はいる")
            .member(head())
            .claim(claim("2026-09").card("", "1234567", Some(4)).female().named("例示　梅", "レイジ　ウメ"))
            .expect(["E110"])
            .never(["E118"]),
        scenario("E111: 氏名だけが違う")
            .member(head())
            .claim(claim("2026-09").named("例示　太郎", "レイジ　タロウ"))
            .expect(["E111"])
            .severity("E111", "S3")
            .claim(claim("2026-08").named("", ""))
            .expect([])
            .never(["E111"]),
        scenario("E112: 生年月日の1文字違い")
            .member(head())
            .claim(claim("2026-09").born("1980-05-11"))
            .expect(["E112"])
            .says("E112", "1文字違い")
            .disposition("E112", "D6")
            .claim(claim("2026-08").born("1980-05-01"))
            .expect(["E112"])
            .says("E112", "桁の入れ替わり")
            .claim(claim("2026-07"))
            .never(["E112"]),
        scenario("E112: 元号の取り違え")
            .member(head())
            .claim(claim("2026-09").born("2043-05-10"))
            .expect(["E112", "E708"])
            .says("E112", "元号"),
        scenario("E113: 性別だけが違う")
            .member(head())
            .claim(claim("2026-09").female())
            .expect(["E113"])
            .disposition("E113", "D6")
            .severity("E113", "S4")
            .tier("T1")
            .claim(claim("2026-08").female().card("", "1234567", None))
            .expect(["E113"])
            .tier("T4")
            .claim(claim("2026-07"))
            .never(["E113"]),
        scenario("E114: 2人が並ぶ")
            .member(head())
            .member(member("9").covered("2014-04-01", "").card("", "7770001", "01").household("777"))
            .claim(claim("2026-09").card("", "9999", None))
            .expect(["E114"])
            .disposition("E114", "D6")
            .claim(claim("2026-08"))
            .never(["E114"]),
        scenario("E118: 番号の世帯に似た人がいない")
            .member(head())
            .member(wife())
            .claim(claim("2026-09").born("1966-11-12").named("例示　梅", "レイジ　ウメ").female())
            .expect(["E118"])
            .never(["E110", "E107"])
            .disposition("E118", "D6")
            .severity("E118", "S2")
            .claim(claim("2026-08"))
            .never(["E118"]),
        scenario("E118: 男でも、生年月日と氏名が違えば似ていない")
            .member(head())
            .claim(claim("2026-09").born("1966-11-12").named("例示　松夫", "レイジ　マツオ"))
            .expect(["E118"]),
        scenario("E118: ほかの世帯にいれば E107")
            .member(head())
            .member(neighbour())
            .claim(claim("2026-09").born("1975-01-31").named("例示　次郎", "レイジ　ジロウ"))
            .expect(["E107"])
            .never(["E118"]),
        scenario("E119: 世帯主と家族")
            .member(head())
            .member(wife())
            .claim(claim("2026-09").class('6'))
            .expect([])
            .tags(["E119"])
            .claim(claim("2026-09").female().born("1982-02-03").named("見本　花子", "ミホン　ハナコ").card(
                "",
                "1234567",
                Some(2),
            ))
            .expect([])
            .tags(["E119"])
            .claim(claim("2026-08"))
            .never(["E119"])
            .claim(
                claim("2026-08")
                    .female()
                    .born("1982-02-03")
                    .named("見本　花子", "ミホン　ハナコ")
                    .card("", "1234567", Some(2))
                    .class('6'),
            )
            .expect([])
            .never(["E119"]),
        scenario("保険者番号の8桁の書き方")
            .member(head())
            .claim(claim("2026-09").payer(CITY))
            .expect([])
            .never(["E101"])
            .claim(kouki_claim("2026-08").payer(UNION).card("", "99999999", None))
            .expect(["E110"])
            .never(["E101"]),
    ]
}
