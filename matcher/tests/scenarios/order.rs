//! Order, suppression (section 3, every row of the table) and the primary finding.

use super::{Scenario, claim, kouki_claim, member, pharmacy, scenario};

pub fn all() -> Vec<Scenario> {
    let man = || member("1").covered("2014-04-01", "");
    let lost = |on: &str, reason: &str| member("1").covered("2014-04-01", on).lost_by(reason);
    vec![
        scenario("抑止: E101 のときは E2・E3・E5 がない")
            .member(lost("2026-04-01", "社保加入").attribute("特別療養費", "1", "2014-04-01", ""))
            .claim(claim("2026-09").payer("138057").rate(60))
            .expect(["E101"])
            .never(["E211", "E501", "E307"])
            .claim(claim("2026-09").rate(60))
            .expect(["E211", "E307", "E501"]),
        scenario("抑止: E101 は E9・E7・E4 を止めない")
            .member(man())
            .claim(claim("2026-09").payer("138057").sn("13").billed_in("2026-09").public("54016028", "1234566"))
            .expect(["E101", "E401", "E702", "E910"])
            .primary("E101"),
        scenario("抑止: E110 のときは E2・E3・E5 がない")
            .member(man())
            .claim(
                claim("2026-09")
                    .card("", "9999", None)
                    .born("1950-01-31")
                    .named("例示　次郎", "レイジ　ジロウ")
                    .rate(60),
            )
            .expect(["E110"])
            .never(["E307"]),
        scenario("抑止: 決まらない E117 のときは E2・E3・E5 がない")
            .member(man())
            .claim(claim("2026-09").payer("77777777").card("", "7777777", None).born("1950-01-31").rate(60))
            .expect(["E117"])
            .never(["E307", "E101", "E102"])
            .claim(claim("2026-09").payer("77777777").card("", "7777777", None).rate(60))
            .expect(["E117", "E307"])
            .primary("E117"),
        scenario("抑止: 決まらない E117 に候補が2人、E2 は言わない")
            .member(lost("2026-04-01", "社保加入"))
            .member(lost("2026-04-01", "社保加入").also_named("見本"))
            .member(
                member("9")
                    .covered("2014-04-01", "2026-04-01")
                    .lost_by("社保加入")
                    .card("", "77", "01")
                    .household("777"),
            )
            .claim(claim("2026-09").payer("77777777").card("", "7777777", None))
            .expect(["E114", "E117"])
            .never(["E211"]),
        scenario("抑止: E213 のときは E201・E203・E204・E303 から E305 がない")
            .member(member("1").born("1951-09-20").covered("2014-04-01", "2026-09-25").lost_by("その他"))
            .claim(claim("2026-09").born("1951-09-20").days([10, 22, 27]))
            .expect(["E213"])
            .never(["E201", "E203", "E204", "E304"])
            .days("E213", [22, 27], [10]),
        scenario("抑止: E210・E211・E212・E214・E215 のときは E201・E203 がない")
            .member(lost("2026-09-05", "転出").covered("2026-09-10", "2026-09-15").lost_by("その他"))
            .claim(claim("2026-09").days([7, 20]))
            .expect(["E210"])
            .never(["E201", "E203"])
            .cause("E210", 20, "E201"),
        scenario("抑止: E208 のときは E201・E202・E210 がない")
            .member(lost("2026-09-25", "転出").applied("", "2026-09-15").applied_end_by("県内転出"))
            .claim(claim("2026-09").days([20, 27]))
            .expect(["E208"])
            .never(["E201", "E202", "E210"]),
        scenario("抑止: E209 のときは E202 がない")
            .member(member("1").covered("2026-09-05", "").applied("2026-09-15", ""))
            .claim(claim("2026-09").days([3, 10]))
            .expect(["E209"])
            .never(["E202"]),
        scenario("県内転出の日、喪失の日、資格のある日が混ざる")
            .member(lost("2026-09-25", "社保加入").applied("", "2026-09-15").applied_end_by("県内転出"))
            .claim(claim("2026-09").days([10, 20, 27]))
            .expect(["E204", "E208"])
            .never(["E211"])
            .primary("E204")
            .days("E204", [20, 27], [10])
            .disposition("E204", "D1")
            .disposition("E208", "D1"),
        scenario("抑止: E204 が代表で、事由は原因に残る")
            .member(lost("2026-09-16", "社保加入"))
            .claim(claim("2026-09").days([3, 25]))
            .expect(["E204"])
            .primary("E204")
            .never(["E201", "E202", "E203", "E210", "E211", "E212", "E214", "E215"]),
        scenario("抑止: E205 のときはほかの E2 がない")
            .member(lost("2026-09-16", "転出").attribute("特例", "マル遠", "2020-04-01", "2026-09-16"))
            .claim(claim("2026-09").days([3, 25]).not_exact())
            .expect(["E205"])
            .never(["E201", "E204", "E207", "E210", "E213", "E216"]),
        scenario("抑止: E501 のときは E308 から E314 がない")
            .member(member("1").born("1954-05-10").covered("2014-04-01", "").attribute(
                "特別療養費",
                "1",
                "2026-01-01",
                "",
            ))
            .claim(claim("2026-09").born("1954-05-10").class('8'))
            .expect(["E501"])
            .never(["E310"]),
        scenario("抑止: E601 は後の請求のほかの指摘をすべて止める")
            .member(lost("2026-04-01", "社保加入"))
            .claim(claim("2026-09").at("1310000123").rate(60).sn("13"))
            .expect(["E211", "E307", "E910"])
            .claim(claim("2026-09").at("1310000123").rate(60).sn("13"))
            .expect(["E601"])
            .never(["E211", "E307", "E910"]),
        scenario("代表: 重要度の高いもの")
            .member(man().attribute("適用除外", "施設", "2014-04-01", ""))
            .claim(claim("2026-09").named("例示　太郎", "レイジ　タロウ").billed_in("2026-08"))
            .expect(["E111", "E221", "E701"])
            .primary("E701"),
        scenario("代表: 同じ重要度なら番号の若いもの、E2 は E9 より先")
            .member(lost("2026-04-01", "社保加入"))
            .claim(claim("2026-09").sn("07"))
            .expect(["E211", "E904"])
            .primary("E211"),
        scenario("代表: E9 の重要度が高ければ E9")
            .member(man().attribute("適用除外", "施設", "2014-04-01", ""))
            .claim(claim("2026-09").sn("07"))
            .expect(["E221", "E904"])
            .primary("E904"),
        scenario("代表: 同じ重要度なら確実なものが先")
            .member(man().attribute("拘禁", "1", "2026-09-01", ""))
            .claim(claim("2026-09").not_exact().sn("07"))
            .expect(["E504", "E904"])
            .certainty("E504", "PROBABLE")
            .primary("E904"),
        scenario("代表: 情報だけの印はほかがあれば代表でない")
            .member(man())
            .claim(claim("2026-08").card("", "1234567", None).billed_in("2026-10").billed_days(5))
            .expect(["E707"])
            .tags(["E109", "E703"])
            .primary("E707")
            .claim(claim("2026-08").card("", "1234567", None).billed_in("2026-10"))
            .expect([])
            .tags(["E109", "E703"])
            .primary("E109"),
        scenario("代表: E204 は E9 より先")
            .member(lost("2026-09-16", "社保加入"))
            .claim(claim("2026-09").days([3, 25]).sn("06"))
            .expect(["E204", "E903"])
            .primary("E204")
            .disposition("E903", "D1"),
        scenario("後期の請求も同じ順")
            .member(member("1").born("1946-03-05").covered("2021-03-05", "2026-09-01").kouki().lost_by("転出"))
            .claim(kouki_claim("2026-09").tokki(""))
            .expect(["E210", "E310"])
            .primary("E210"),
        scenario("同じ月をもう一度見ても同じ")
            .member(lost("2026-09-16", "社保加入"))
            .claim(claim("2026-09").days([20]))
            .cause_is("E211", "1:2014-04-01")
            .claim(pharmacy("2026-09").days([20]))
            .cause_is("E211", "1:2014-04-01"),
    ]
}
