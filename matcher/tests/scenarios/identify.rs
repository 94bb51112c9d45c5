//! 本人特定: tiers T1 to T6, ties, and the keys of numbers and names.

use super::{CITY, Member, Scenario, UNION, claim, kouki_claim, member, scenario};

fn head() -> Member {
    member("1").covered("2014-04-01", "")
}

/// A child of the same household and number.
fn child() -> Member {
    member("2")
        .named("見本　花", "ミホン　ハナ")
        .female()
        .born("2015-08-20")
        .covered("2015-08-20", "")
        .card("", "1234567", "02")
        .not_head()
}

/// Twins of one number; the second is like the first but for id and given name.
fn twin(id: &str, name: &str, kana: &str, edaban: &str) -> Member {
    member(id).named(name, kana).born("2012-07-07").covered("2012-07-07", "").card("", "1234567", edaban).not_head()
}

pub fn all() -> Vec<Scenario> {
    let mut all = tiers();
    all.extend(ties());
    all.extend(numbers());
    all.extend(names());
    all
}

fn tiers() -> Vec<Scenario> {
    vec![
        scenario("T1: 番号・枝番・生年月日")
            .member(head())
            .member(child())
            .claim(claim("2026-09"))
            .expect([])
            .tier("T1")
            .person(Some("1"))
            .alike("strict", "strict"),
        scenario("T1: 後期は枝番がない")
            .member(member("1").born("1946-03-05").covered("2021-03-05", "").kouki())
            .claim(kouki_claim("2026-09"))
            .expect([])
            .never(["E109", "E120", "E101"])
            .tier("T1")
            .person(Some("1")),
        scenario("T2: 枝番のない請求は性別で決まる")
            .member(head())
            .member(
                member("2")
                    .female()
                    .named("見本　松", "ミホン　マツ")
                    .covered("2014-04-01", "")
                    .card("", "1234567", "02"),
            )
            .claim(claim("2026-09").card("", "1234567", None))
            .expect([])
            .tags(["E109"])
            .tier("T2")
            .person(Some("1")),
        scenario("T3: SN の番号で決まる")
            .member(head().card("", "7654321", "01"))
            .claim(claim("2026-09").card("", "1111111", Some(1)).sn("09").sn_card("", "", "7654321"))
            .expect([])
            .never(["E106", "E110"])
            .tier("T3")
            .person(Some("1")),
        scenario("T3: 振替で SN に当保険者の番号がある")
            .member(head())
            .claim(claim("2026-09").payer("138057").card("", "9999", None).sn("04").sn_card(CITY, "", "1234567"))
            .expect([])
            .never(["E101", "E901"])
            .tier("T3")
            .claim(claim("2026-08").payer("138057").card("", "9999", None).sn("02").sn_card(CITY, "", "1234567"))
            .expect(["E101"]),
        scenario("T3: SN の番号がほかの保険者のもの")
            .member(head())
            .claim(claim("2026-09").card("", "1111111", Some(1)).sn_card("138057", "", "1234567"))
            .expect(["E106"])
            .tier("T5"),
        scenario("T4: 番号とカナで決まり、生年月日が違う")
            .member(head())
            .claim(claim("2026-09").born("1980-05-11"))
            .expect(["E112"])
            .tier("T4")
            .person(Some("1")),
        scenario("T5: 生年月日・性別・カナで決まる")
            .member(head())
            .claim(claim("2026-09").card("", "1234576", Some(1)))
            .expect(["E106"])
            .tier("T5")
            .person(Some("1"))
            .alike("different", "strict"),
        scenario("T5: 過去の被保険者も探す")
            .member(member("1").covered("2014-04-01", "2020-04-01").lost_by("社保加入"))
            .claim(claim("2026-09").card("", "9999", None))
            .expect(["E106", "E211"])
            .primary("E211")
            .tier("T5"),
        scenario("T6: 伏字のある漢字氏名と生年月日で決まる")
            .member(head().named("髙見本　太郎", "タカミホン　タロウ"))
            .claim(claim("2026-09").card("", "9999", None).named("？見本　太郎", ""))
            .expect(["E106"])
            .tier("T5")
            .claim(claim("2026-08").card("", "9999", None).named("？見本　太郎", "").female())
            .expect(["E106"])
            .tier("T6")
            .certainty("E106", "PROBABLE")
            .alike("different", "loose"),
        scenario("どの照合でも見つからない")
            .member(head())
            .claim(claim("2026-09").card("", "9999", None).born("1975-01-31").named("例示　次郎", "レイジ　ジロウ"))
            .expect(["E110"])
            .person(None),
    ]
}

fn ties() -> Vec<Scenario> {
    let twins = |kana: &'static str| {
        let name = if kana == "ミホン　イチ" { "見本　一" } else { "見本　二" };
        (twin("2", "見本　一", "ミホン　イチ", ""), twin("3", name, kana, ""))
    };
    let (one, other) = twins("ミホン　ニ");
    let (same_one, same_other) = twins("ミホン　イチ");
    let left = |id: &str| twin(id, "見本　一", "ミホン　イチ", "").without_branch().ends("2026-04-01", "社保加入");
    let of_twin =
        || claim("2026-09").card("", "1234567", None).born("2012-07-07").named("見本　一", "ミホン　イチ").class('6');
    vec![
        scenario("双子: カナが違えば T4 で決まる")
            .member(one.clone().without_branch())
            .member(other.clone().without_branch())
            .claim(of_twin())
            .expect([])
            .never(["E114"])
            .tier("T4")
            .person(Some("2")),
        scenario("双子: カナも同じなら決まらない")
            .member(same_one.clone().without_branch())
            .member(same_other.clone().without_branch())
            .claim(of_twin())
            .expect(["E114"])
            .person(None)
            .cause_is("E114", "2,3"),
        scenario("双子: 請求にカナがない")
            .member(one.clone().without_branch())
            .member(other.clone().without_branch())
            .claim(of_twin().named("", ""))
            .expect(["E114"]),
        scenario("双子: 並んだ人の外の一人には決まらない")
            .member(one.clone().without_branch())
            .member(other.clone().without_branch())
            .member(twin("4", "見本　三", "ミホン　サン", "01").card("", "88", "01").household("588"))
            .claim(of_twin().named("見本　三", "ミホン　サン"))
            .expect(["E114"])
            .person(None),
        scenario("双子: 枝番があれば T1 で決まる")
            .member(twin("2", "見本　一", "ミホン　イチ", "02"))
            .member(twin("3", "見本　一", "ミホン　イチ", "03"))
            .claim(of_twin().card("", "1234567", Some(3)))
            .expect([])
            .never(["E114"])
            .tier("T1")
            .person(Some("3")),
        scenario("双子: SN の枝番特定で決まる")
            .member(twin("2", "見本　一", "ミホン　イチ", "02"))
            .member(twin("3", "見本　一", "ミホン　イチ", "03"))
            .claim(of_twin().card("", "1111111", Some(2)).sn("14").sn_card("", "", "1234567"))
            .expect([])
            .tags(["E907"])
            .tier("T3")
            .person(Some("2")),
        scenario("同姓同名同日の2人、番号なし")
            .member(head())
            .member(member("9").covered("2014-04-01", "").card("", "7770001", "01").household("777"))
            .claim(claim("2026-09").card("", "9999", None))
            .expect(["E114"])
            .never(["E106", "E110"]),
        scenario("候補の全員が喪失後なら E2 も言う")
            .member(left("2"))
            .member(left("3"))
            .claim(of_twin())
            .expect(["E114", "E211"])
            .primary("E211")
            .claim(
                claim("2026-03")
                    .card("", "1234567", None)
                    .born("2012-07-07")
                    .named("見本　一", "ミホン　イチ")
                    .class('6'),
            )
            .expect(["E114"])
            .never(["E201", "E211"]),
        scenario("候補の喪失の事由が違えば E2 は言わない")
            .member(left("2"))
            .member(left("3").ends("2026-04-01", "組合加入"))
            .claim(of_twin())
            .expect(["E114"])
            .never(["E211", "E215"]),
        scenario("候補の一人だけが喪失後なら E2 は言わない")
            .member(left("2"))
            .member(same_other.without_branch())
            .claim(of_twin())
            .expect(["E114"])
            .never(["E211"]),
    ]
}

fn numbers() -> Vec<Scenario> {
    let with = |kigo: &str, bango: &str| head().card(kigo, bango, "01");
    vec![
        scenario("番号: 先頭の0")
            .member(with("", "123"))
            .claim(claim("2026-09").card("", "0123", Some(1)))
            .expect([])
            .never(["E106", "E107"])
            .tier("T1")
            .alike("loose", "strict"),
        scenario("番号: 0だけ違う2枚は別人のもの")
            .member(with("", "123"))
            .member(
                member("2")
                    .named("例示　次郎", "レイジ　ジロウ")
                    .born("1975-01-31")
                    .covered("2014-04-01", "")
                    .card("", "0123", "01")
                    .household("502"),
            )
            .claim(claim("2026-09").card("", "123", Some(1)))
            .expect([])
            .person(Some("1"))
            .alike("strict", "strict")
            .claim(claim("2026-08").card("", "0123", Some(1)).born("1975-01-31").named("例示　次郎", "レイジ　ジロウ"))
            .expect([])
            .person(Some("2")),
        scenario("番号: 枝番をハイフンで書く")
            .member(with("", "1234567"))
            .claim(claim("2026-09").card("", "1234567-01", Some(1)))
            .expect([])
            .tier("T1")
            .claim(claim("2026-08").card("", "１２３４５６７－０１", None))
            .expect([])
            .tags(["E109"])
            .tier("T2")
            .claim(claim("2026-07").card("", "1234567-05", None))
            .expect(["E106"]),
        scenario("番号: 全角、括弧、中点、空白、ハイフン")
            .member(with("国あ", "1234567"))
            .claim(claim("2026-09").card("（国）・あ", "１２３-４５６７", Some(1)))
            .expect([])
            .tier("T1")
            .alike("strict", "strict"),
        scenario("番号: 記号の文字は落とさない")
            .member(with("見本市", "1234567"))
            .claim(claim("2026-09").card("", "1234567", Some(1)))
            .expect(["E106"])
            .tier("T5"),
        scenario("保険者番号: 後期の番号も自保険者のもの")
            .member(member("1").born("1946-03-05").covered("2021-03-05", "").kouki())
            .claim(kouki_claim("2026-09").payer(UNION))
            .expect([])
            .never(["E101", "E102"]),
    ]
}

fn names() -> Vec<Scenario> {
    let named = |name: &str, kana: &str| head().named(name, kana);
    let alike = |title: &'static str, m: Member, name: &str, kana: &str, how: &'static str| {
        scenario(title)
            .member(m)
            .claim(claim("2026-09").named(name, kana))
            .expect([])
            .never(["E111"])
            .tier("T1")
            .alike("strict", how)
    };
    vec![
        scenario("氏名: 違う姓")
            .member(named("山田　太郎", "ヤマダ　タロウ"))
            .claim(claim("2026-09").named("山本　太郎", "ヤマモト　タロウ"))
            .expect(["E111"])
            .disposition("E111", "D6")
            .alike("strict", "different"),
        alike("氏名: 異体字（斎藤と齋藤）", named("齋藤　一", "サイトウ　ハジメ"), "斎藤　一", "", "loose"),
        alike("氏名: 異体字（髙橋と高橋）", named("髙橋　一", "タカハシ　ハジメ"), "高橋　一", "", "loose"),
        alike(
            "氏名: 通称名が履歴にある",
            named("SAMPLE ANNA", "サンプル　アンナ").also_named("見本　杏奈"),
            "見本　杏奈",
            "",
            "strict",
        ),
        alike(
            "氏名: 旧姓のカナが履歴にある",
            named("見本　花", "ミホン　ハナ").also_named("レイジ　ハナ"),
            "例示　花",
            "レイジ　ハナ",
            "strict",
        ),
        alike("氏名: 小書き（ッとツ）", named("見本　一平", "ミホン　イッペイ"), "", "ミホン　イツペイ", "strict"),
        alike("氏名: 半角カナ", named("見本　次郎", "ミホン　ジロウ"), "", "ﾐﾎﾝ ｼﾞﾛｳ", "strict"),
        alike("氏名: ヅとズ", named("見本　瑞穂", "ミホン　ミズホ"), "", "ミホン　ミヅホ", "loose"),
        alike("氏名: 長音の記号", named("見本　沙羅", "ミホン　サーラ"), "", "ミホン　サ－ラ", "strict"),
        alike("氏名: 外字が？になる", named("髙橋　一", "タカハシ　ハジメ"), "？橋　一", "", "loose"),
        alike(
            "氏名: カナは違うが漢字は同じ",
            named("見本　太郎", "ミホン　フトロウ"),
            "見本　太郎",
            "ミホン　タロウ",
            "strict",
        ),
        alike(
            "氏名: 外国人の名の順",
            named("SAMPLE ANNA MARIA", "サンプル　アンナ　マリア"),
            "ANNA MARIA SAMPLE",
            "",
            "loose",
        ),
        alike("氏名: 空欄は相違でない", named("見本　太郎", "ミホン　タロウ"), "", "", "none"),
        alike("氏名: 伏字だけは空欄と同じ", named("見本　太郎", "ミホン　タロウ"), "？？？？", "", "none"),
    ]
}
