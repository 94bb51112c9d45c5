//! E3xx 給付割合・年齢・限度額.

use super::{Given, Member, Scenario, claim, kouki_claim, member, scenario};

fn born(on: &str) -> Member {
    member("1").born(on).covered("2020-01-01", "")
}

fn of(month: &str, birth: &str, class: char, day: u8) -> Given {
    let c = claim(month).born(birth).class(class).days([day]);
    if matches!(class, '7'..='9' | '0') { c.tokki("29") } else { c }
}

fn late(ratio: &str) -> Member {
    member("1").born("1946-03-05").covered("2021-03-05", "").kouki().attribute("負担割合", ratio, "2021-08-01", "")
}

pub fn all() -> Vec<Scenario> {
    let mut all = ages();
    all.extend(burden());
    all.extend(limits());
    all
}

fn ages() -> Vec<Scenario> {
    vec![
        scenario("E301: 4月1日生まれは就学している")
            .member(born("2020-04-01").not_head())
            .claim(of("2026-04", "2020-04-01", '4', 3))
            .expect(["E301"])
            .disposition("E301", "D1")
            .cause_is("E301", "2026-03-31")
            .claim(of("2026-03", "2020-04-01", '4', 31))
            .expect([])
            .never(["E301", "E302"]),
        scenario("E301: 4月2日生まれはまだ就学前")
            .member(born("2020-04-02").not_head())
            .claim(of("2026-04", "2020-04-02", '4', 3))
            .expect([])
            .never(["E301", "E302"])
            .claim(of("2027-03", "2020-04-02", '4', 31))
            .expect([])
            .never(["E301"])
            .claim(of("2027-04", "2020-04-02", '4', 1))
            .expect(["E301"]),
        scenario("E301: 2月29日生まれ")
            .member(born("2020-02-29").not_head())
            .claim(of("2026-03", "2020-02-29", '4', 31))
            .expect([])
            .never(["E301"])
            .claim(of("2026-04", "2020-02-29", '4', 1))
            .expect(["E301"]),
        scenario("E302: 就学前の子を3割で請求")
            .member(born("2020-12-15").not_head())
            .claim(of("2026-09", "2020-12-15", '6', 10))
            .expect(["E302"])
            .disposition("E302", "D1")
            .claim(of("2027-03", "2020-12-15", '6', 31))
            .expect(["E302"])
            .claim(of("2027-04", "2020-12-15", '6', 1))
            .expect([])
            .never(["E302"])
            .claim(of("2026-09", "2020-12-15", '4', 10))
            .expect([])
            .never(["E302"]),
        scenario("E303: 70歳の翌月から（2日生まれ）")
            .member(born("1956-09-02"))
            .claim(of("2026-09", "1956-09-02", '8', 10))
            .expect(["E303"])
            .disposition("E303", "D1")
            .claim(of("2026-10", "1956-09-02", '8', 1))
            .expect([])
            .never(["E303"]),
        scenario("E303: 1日生まれはその月から")
            .member(born("1956-09-01"))
            .claim(of("2026-09", "1956-09-01", '8', 10))
            .expect([])
            .never(["E303"])
            .claim(of("2026-08", "1956-09-01", '8', 31))
            .expect(["E303"]),
        scenario("E304: 70歳の適用後に一般の区分")
            .member(born("1956-08-20"))
            .claim(of("2026-09", "1956-08-20", '2', 1))
            .expect(["E304"])
            .disposition("E304", "D1")
            .claim(of("2026-08", "1956-08-20", '2', 31))
            .expect([])
            .never(["E304"]),
        scenario("E304: 翌月から適用なら、その月は一般")
            .member(born("1956-09-20"))
            .claim(of("2026-09", "1956-09-20", '2', 25))
            .expect([])
            .never(["E304"])
            .claim(of("2026-10", "1956-09-20", '2', 1))
            .expect(["E304"])
            .claim(of("2026-10", "1956-09-20", '2', 1).receipt_type("1312").tokki("42"))
            .never(["E304"]),
        scenario("E304: 1日生まれ、10月1日")
            .member(born("1956-10-01"))
            .claim(of("2026-10", "1956-10-01", '2', 1))
            .expect(["E304"])
            .claim(of("2026-09", "1956-10-01", '2', 30))
            .expect([]),
        scenario("E316: 請求の中だけで矛盾する種別")
            .member(born("2015-05-10").not_head())
            .claim(of("2026-09", "2015-05-10", '4', 10))
            .expect(["E301", "E316"])
            .disposition("E316", "D1")
            .claim(of("2026-09", "2015-05-10", '8', 10))
            .expect(["E303", "E316"])
            .claim(of("2026-09", "2015-05-10", '6', 10))
            .expect([])
            .never(["E316"]),
        scenario("E316: ちょうど8歳")
            .no_register()
            .claim(of("2026-09", "2018-09-01", '4', 10))
            .expect(["E316"])
            .claim(of("2026-09", "2018-09-02", '4', 10))
            .expect([])
            .never(["E316"]),
        scenario("E316: 支払前に返戻できるなら D2")
            .set("return_before_payment", "true")
            .no_register()
            .claim(of("2026-09", "2015-05-10", '4', 10))
            .expect(["E316"])
            .disposition("E316", "D2")
            .claim(kouki_claim("2026-09").born("1966-01-01"))
            .expect(["E316"])
            .claim(kouki_claim("2026-09").born("1960-01-01"))
            .expect([])
            .never(["E316"]),
    ]
}

fn burden() -> Vec<Scenario> {
    let elder = || born("1954-05-10").attribute("負担割合", "2", "2025-08-01", "2026-08-01");
    vec![
        scenario("E305: 8月の判定替えで3割")
            .member(elder().attribute("負担割合", "3", "2026-08-01", ""))
            .claim(of("2026-08", "1954-05-10", '8', 5))
            .expect(["E305"])
            .disposition("E305", "D1")
            .retro("E305", false)
            .certainty("E305", "CERTAIN")
            .claim(of("2026-07", "1954-05-10", '8', 31))
            .expect([])
            .never(["E305"])
            .claim(of("2026-08", "1954-05-10", '0', 5).tokki("26"))
            .expect([])
            .never(["E305"])
            .claim(of("2026-07", "1954-05-10", '0', 5).tokki("26"))
            .expect(["E305"]),
        scenario("E305: 1割の人を3割で請求")
            .member(member("1").born("1944-03-10").covered("2010-01-01", "").attribute(
                "負担割合",
                "1",
                "2018-08-01",
                "",
            ))
            .claim(of("2019-02", "1944-03-10", '0', 5).tokki("26"))
            .expect(["E305"]),
        scenario("E305: 後から分かった3割は差額調整")
            .member(elder().attribute_known("負担割合", "3", "2026-08-01", "", "2026-09-10 09:00:00"))
            .claim(of("2026-08", "1954-05-10", '8', 5))
            .expect(["E305"])
            .retro("E305", true)
            .disposition("E305", "D5")
            .claim(of("2026-09", "1954-05-10", '8', 10))
            .retro("E305", false)
            .disposition("E305", "D1"),
        scenario("E305: 月の途中の変更は最初の受診日で見る")
            .member(elder().attribute("負担割合", "2", "2026-08-01", "2026-09-10").attribute(
                "負担割合",
                "3",
                "2026-09-10",
                "",
            ))
            .claim(of("2026-09", "1954-05-10", '8', 9).days([9, 20]))
            .expect([])
            .never(["E305"])
            .claim(of("2026-09", "1954-05-10", '8', 10).not_exact())
            .expect(["E305"])
            .certainty("E305", "PROBABLE")
            .claim(of("2026-09", "1954-05-10", '8', 10).no_days())
            .expect([])
            .never(["E305"])
            .claim(of("2026-09", "1954-05-10", '0', 10).no_days())
            .expect([])
            .never(["E305"])
            .claim(of("2026-10", "1954-05-10", '8', 10).no_days())
            .expect(["E305"])
            .certainty("E305", "CERTAIN"),
        scenario("E306: 後期の2割に特記42")
            .member(late("2"))
            .claim(kouki_claim("2026-09"))
            .expect(["E306"])
            .disposition("E306", "D1")
            .claim(kouki_claim("2026-09").tokki("41"))
            .expect([])
            .never(["E306", "E310"])
            .claim(kouki_claim("2026-09").tokki("43"))
            .expect([])
            .never(["E306"])
            .claim(kouki_claim("2026-09").tokki("30"))
            .expect(["E306"])
            .claim(kouki_claim("2026-09").tokki(""))
            .expect(["E310"])
            .never(["E306"])
            .claim(kouki_claim("2026-09").class('0').tokki("26"))
            .expect(["E306"]),
        scenario("E306: 3割と種別")
            .member(late("3"))
            .claim(kouki_claim("2026-09").class('0').tokki("26"))
            .expect([])
            .never(["E306"])
            .claim(kouki_claim("2026-09").tokki("41"))
            .expect(["E306"]),
        scenario("E306: 2022年9月までは7・8が1割")
            .member(late("1"))
            .claim(kouki_claim("2022-09").tokki(""))
            .expect([])
            .never(["E306", "E310"])
            .claim(kouki_claim("2022-10").tokki(""))
            .expect(["E310"])
            .never(["E306"]),
        scenario("E306: 後から分かれば差額調整")
            .member(member("1").born("1946-03-05").covered("2021-03-05", "").kouki().attribute_known(
                "負担割合",
                "2",
                "2026-08-01",
                "",
                "2026-10-20 09:00:00",
            ))
            .claim(kouki_claim("2026-09"))
            .expect(["E306"])
            .disposition("E306", "D5"),
        scenario("E307: 給付割合の欄")
            .no_register()
            .claim(claim("2026-09").rate(60))
            .expect(["E307"])
            .severity("E307", "S3")
            .disposition("E307", "D1")
            .claim(claim("2026-09").rate(50))
            .expect(["E307"])
            .severity("E307", "S3")
            .claim(claim("2026-09").rate(100))
            .expect([])
            .tags(["E307"])
            .severity("E307", "S4")
            .disposition("E307", "")
            .claim(claim("2026-09").rate(30))
            .expect([])
            .never(["E307"])
            .claim(claim("2026-09").rate(70))
            .expect([])
            .never(["E307"])
            .claim(claim("2026-09"))
            .expect([])
            .never(["E307"])
            .claim(claim("2026-09").class('4').born("2022-01-01").rate(80))
            .expect([])
            .never(["E307"])
            .claim(claim("2026-09").class('4').born("2022-01-01").rate(70))
            .expect(["E307"])
            .claim(kouki_claim("2026-09").rate(60))
            .expect([])
            .never(["E307"]),
        scenario("E310: 70歳以上の特記")
            .member(born("1954-05-10").attribute("特定疾病", "慢性腎不全", "2026-01-01", ""))
            .claim(of("2026-09", "1954-05-10", '8', 10).tokki(""))
            .expect(["E310"])
            .disposition("E310", "D6")
            .severity("E310", "S3")
            .claim(of("2026-09", "1954-05-10", '8', 10).tokki("29"))
            .expect([])
            .never(["E310"])
            .claim(of("2026-09", "1954-05-10", '8', 10).tokki("0230"))
            .expect([])
            .never(["E310"])
            .claim(of("2026-09", "1954-05-10", '8', 10).tokki("41"))
            .expect(["E310"]),
    ]
}

fn limits() -> Vec<Scenario> {
    let man = || member("1").covered("2014-04-01", "");
    vec![
        scenario("E309: 滞納で限度額を使えない")
            .member(man().attribute("限度額適用不可", "1", "2026-09-01", "").attribute(
                "特定疾病",
                "慢性腎不全:10000",
                "2026-01-01",
                "",
            ))
            .claim(claim("2026-09").tokki("28"))
            .expect(["E309"])
            .disposition("E309", "D1")
            .claim(claim("2026-09").tokki("02"))
            .expect([])
            .never(["E309"])
            .claim(claim("2026-08").tokki("28"))
            .expect([])
            .never(["E309"]),
        scenario("E309: 月の途中からなら最初の受診日で見る")
            .member(man().attribute("限度額適用不可", "1", "2026-09-15", ""))
            .claim(claim("2026-09").tokki("28").days([10, 20]))
            .expect([])
            .never(["E309"])
            .claim(claim("2026-09").tokki("28").no_days())
            .expect([])
            .never(["E309"])
            .claim(claim("2026-10").tokki("28").no_days())
            .expect(["E309"]),
        scenario("E309: 月の途中まで、日が分からない")
            .member(man().attribute("限度額適用不可", "1", "2026-09-01", "2026-09-15"))
            .claim(claim("2026-09").tokki("28").no_days())
            .expect([])
            .never(["E309"]),
        scenario("E314: 台帳に低所得の認定がない")
            .member(man().attribute("標準負担額", "1", "2026-04-01", "2026-08-01"))
            .claim(claim("2026-09").stay(3, 10).meal_class("1"))
            .expect(["E314"])
            .disposition("E314", "D5")
            .claim(claim("2026-07").stay(3, 10).meal_class("1"))
            .expect([])
            .never(["E314"])
            .claim(claim("2026-10").stay(3, 10))
            .expect([])
            .never(["E314"]),
        scenario("E314: 90日超には認定が要る")
            .member(man().attribute("標準負担額", "1", "2026-04-01", "2026-09-01").attribute(
                "標準負担額",
                "2",
                "2026-09-01",
                "",
            ))
            .claim(claim("2026-08").stay(3, 10).meal_class("2"))
            .expect(["E314"])
            .claim(claim("2026-09").stay(3, 10).meal_class("2"))
            .expect([])
            .never(["E314"]),
        scenario("E314: 低所得の認定があれば、Ⅰ・Ⅱの違いは言わない")
            .member(man().attribute("標準負担額", "3", "2026-04-01", ""))
            .claim(claim("2026-09").stay(3, 10).meal_class("1"))
            .expect([])
            .never(["E314"]),
        scenario("E314: 台帳に標準負担額が一つもなければ言わない")
            .member(man())
            .claim(claim("2026-09").stay(3, 10).meal_class("1"))
            .expect([])
            .never(["E314"]),
        scenario("E315: 減免の記録がない")
            .member(man())
            .claim(claim("2026-09").with_relief())
            .expect(["E315"])
            .disposition("E315", "D6"),
        scenario("E315: 減免の記録がある")
            .member(man().attribute("減免", "減額:50", "2026-09-01", "2026-12-01"))
            .claim(claim("2026-09").with_relief())
            .expect([])
            .never(["E315"])
            .claim(claim("2026-12").with_relief())
            .expect(["E315"])
            .claim(claim("2026-10"))
            .expect([])
            .never(["E315"]),
        scenario("特記26・29は区分を見ない医療機関の書き方: 指摘しない")
            .member(born("1954-05-10").attribute("高齢所得区分", "低所得Ⅱ", "2026-08-01", ""))
            .claim(of("2026-09", "1954-05-10", '8', 10).tokki("29"))
            .expect([])
            .never(["E308", "E310"]),
    ]
}
