//! The known false positives of section 5, in its order.

use super::{Member, Scenario, claim, member, pharmacy, scenario};

fn man() -> Member {
    member("1").covered("2014-04-01", "")
}

pub fn all() -> Vec<Scenario> {
    let baby = || {
        claim("2026-09")
            .card("", "1234567", None)
            .born("2026-09-10")
            .named("見本　ベビー", "ミホン　ベビー")
            .class('4')
            .days([10, 11])
    };
    vec![
        scenario("罠1: 台帳への登録が遅れた取得")
            .member(member("1").covered("2026-09-10", "").known("2026-11-20 09:00:00"))
            .claim(claim("2026-09").days([10, 20]))
            .expect([])
            .never(["E201", "E202", "E110"]),
        scenario("罠2: 県内転居は喪失でない")
            .member(man().applied("", "2026-09-15").applied_end_by("県内転出"))
            .claim(claim("2026-09").days([20]))
            .expect(["E208"])
            .never(["E201", "E203", "E210"]),
        scenario("罠3: 1日生まれの70歳")
            .member(member("1").born("1956-09-01").covered("2014-04-01", ""))
            .claim(claim("2026-09").born("1956-09-01").class('8').tokki("29").days([1]))
            .expect([])
            .never(["E303"])
            .claim(claim("2026-09").born("1956-09-01").days([1]))
            .expect(["E304"]),
        scenario("罠3: 1日生まれの75歳")
            .member(
                member("1")
                    .born("1951-09-01")
                    .covered("2014-04-01", "2026-09-01")
                    .lost_by("後期加入")
                    .covered("2026-09-01", "")
                    .kouki(),
            )
            .claim(claim("2026-09").born("1951-09-01").kouki().tokki("42").days([1]))
            .expect([])
            .never(["E204", "E202"])
            .claim(claim("2026-08").born("1951-09-01").class('8').tokki("29").days([31]))
            .expect([])
            .never(["E213", "E204"]),
        scenario("罠4: 4月1日生まれの子")
            .member(member("1").born("2020-04-01").covered("2020-04-01", "").not_head())
            .claim(claim("2026-03").born("2020-04-01").class('4').days([31]))
            .expect([])
            .never(["E301"])
            .claim(claim("2026-04").born("2020-04-01").class('6').days([1]))
            .expect([])
            .never(["E302"]),
        scenario("罠5: 月の途中の番号変更は1枚")
            .member(man().then_from("2026-09-10", "番号変更").card("", "1234890", "01"))
            .claim(claim("2026-09").card("", "1234890", Some(1)).days([5, 20]))
            .expect([])
            .never(["E115", "E204", "E106"]),
        scenario("罠6: 入院の日が取得より前")
            .member(member("1").covered("2026-09-05", ""))
            .claim(claim("2026-09").stay(5, 20).admitted("2026-08-20"))
            .expect([])
            .tags(["E218"])
            .never(["E202", "E204", "E205"]),
        scenario("罠7: 遡った社保加入、医療機関は確かめていた")
            .member(member("1").covered("2014-04-01", "2026-09-01").lost_by("社保加入").known("2026-11-01 09:00:00"))
            .claim(claim("2026-09").sn("01"))
            .expect(["E211"])
            .never(["E909"])
            .retro("E211", true)
            .prov_ok("E211", true)
            .disposition("E211", "D4"),
        scenario("罠8: 特記26・29は既定の書き方")
            .member(member("1").born("1954-05-10").covered("2014-04-01", "").attribute(
                "高齢所得区分",
                "低所得Ⅰ",
                "2026-08-01",
                "",
            ))
            .claim(claim("2026-09").born("1954-05-10").class('8').tokki("29"))
            .expect([])
            .never(["E308", "E309", "E310"])
            .claim(claim("2026-09").born("1954-05-10").class('0').tokki("26"))
            .expect([])
            .never(["E308", "E310"]),
        scenario("罠9: 75歳の喪失日は台帳ごとに違う（翌日）")
            .member(member("1").born("1951-09-20").covered("2014-04-01", "2026-09-21").lost_by("後期加入"))
            .claim(claim("2026-09").born("1951-09-20").class('8').tokki("29").days([19]))
            .expect([])
            .never(["E213", "E217"])
            .claim(claim("2026-09").born("1951-09-20").class('8').tokki("29").days([20]))
            .expect(["E213"])
            .never(["E217"]),
        scenario("罠9: 75歳の喪失日は台帳ごとに違う（当日）")
            .member(member("1").born("1951-09-20").covered("2014-04-01", "2026-09-20").lost_by("後期加入"))
            .claim(claim("2026-09").born("1951-09-20").class('8').tokki("29").days([19]))
            .expect([])
            .never(["E213"])
            .claim(claim("2026-09").born("1951-09-20").class('8').tokki("29").days([20]))
            .expect(["E213"])
            .never(["E217"]),
        scenario("罠10: 擬制世帯主の世帯")
            .member(man().not_head())
            .claim(claim("2026-09"))
            .expect([])
            .never(["E119"])
            .claim(claim("2026-09").class('6'))
            .expect([])
            .never(["E119"]),
        scenario("罠10: 世帯主がその日はもう被保険者でない")
            .member(
                member("2")
                    .born("1950-01-01")
                    .named("見本　翁", "ミホン　オキナ")
                    .covered("2014-04-01", "2026-09-01")
                    .card("", "1234567", "02"),
            )
            .member(man().not_head())
            .claim(claim("2026-09"))
            .expect([])
            .never(["E119"])
            .claim(claim("2026-08"))
            .expect([])
            .tags(["E119"]),
        scenario("罠11: 調剤は処方の日でなく調剤の日")
            .member(member("1").covered("2026-09-10", ""))
            .claim(claim("2026-09").at("1310000123").days([10]))
            .claim(pharmacy("2026-09").days([10]).prescribed("1310000123", [8]))
            .expect([])
            .never(["E202", "E204"]),
        scenario("罠12: SN の空欄は番号が空という意味でない")
            .member(man())
            .claim(claim("2026-09").sn("01").sn_card("", "", ""))
            .expect([])
            .never(["E105", "E106", "E110", "E909"]),
        scenario("罠13: 出生届の前の新生児は待つ")
            .member(man())
            .claim(baby())
            .expect(["E110"])
            .never(["E118", "E302"])
            .certainty("E110", "POSSIBLE")
            .disposition("E110", "D6"),
        scenario("罠13: 前の月に生まれた子も待つ")
            .member(man())
            .claim(baby().born("2026-08-01").card("", "9999", None))
            .expect(["E110"])
            .certainty("E110", "POSSIBLE"),
        scenario("罠13: 待つ期間を過ぎている")
            .exam("2027-03")
            .member(man())
            .claim(baby().card("", "9999", None))
            .expect(["E110"])
            .certainty("E110", "CERTAIN")
            .disposition("E110", "D1"),
        scenario("罠13: 待たない設定")
            .set("grace_days", "0")
            .member(man())
            .claim(baby().card("", "9999", None))
            .expect(["E110"])
            .disposition("E110", "D1"),
        scenario("罠13: 届出が済めば何もない、出生の日も")
            .member(man())
            .member(
                member("2")
                    .named("見本　若葉", "ミホン　ワカバ")
                    .also_named("ミホン　ベビー")
                    .born("2026-09-10")
                    .covered("2026-09-10", "")
                    .known("2026-09-24 09:00:00")
                    .not_head(),
            )
            .claim(baby())
            .expect([])
            .never(["E110", "E202", "E708"])
            .person(Some("2")),
        scenario("罠14: 外国人の名の順と通称名")
            .member(
                man()
                    .named("SAMPLE ANNA MARIA", "サンプル　アンナ　マリア")
                    .also_named("見本　杏奈")
                    .also_named("ミホン　アンナ"),
            )
            .claim(claim("2026-09").named("ANNA SAMPLE", "アンナ　サンプル"))
            .expect([])
            .never(["E111"])
            .claim(claim("2026-09").named("見本　杏奈", "ミホン　アンナ"))
            .expect([])
            .never(["E111"]),
        scenario("罠14: 在留期限の延長が後から登録された")
            .member(man().known("2026-11-20 09:00:00"))
            .claim(claim("2026-09").days([16]))
            .expect([])
            .never(["E201", "E203"]),
    ]
}
