//! Claims of every kind with which nothing is wrong.

use super::{Scenario, claim, kouki_claim, member, nursing, pharmacy, scenario};

pub fn all() -> Vec<Scenario> {
    const CLINIC: &str = "1310000123";
    vec![
        scenario("資格のある人の請求には何もない")
            .member(member("1").covered("2014-04-01", ""))
            .claim(claim("2026-09").at(CLINIC).days([3, 10, 25]))
            .silent()
            .never(["E201", "E202", "E204", "E205", "E109", "E111", "E119"])
            .tier("T1")
            .person(Some("1"))
            .claim(claim("2026-09").receipt_type("3112"))
            .silent()
            .claim(pharmacy("2026-09").days([3, 11]).prescribed(CLINIC, [3, 10]))
            .silent()
            .never(["E607", "E608"])
            .claim(nursing("2026-09").days([4, 18]).physician(CLINIC))
            .silent()
            .claim(claim("2026-10").stay(1, 20).admitted("2026-10-01").dpc())
            .silent()
            .claim(claim("2026-11").no_days())
            .silent(),
        scenario("家族、就学前の子、70歳以上の人の請求")
            .member(member("1").born("1954-05-10").covered("2014-04-01", "").attribute(
                "負担割合",
                "2",
                "2026-08-01",
                "",
            ))
            .member(
                member("2")
                    .named("見本　若葉", "ミホン　ワカバ")
                    .female()
                    .born("2021-12-01")
                    .covered("2021-12-01", "")
                    .card("", "1234567", "02")
                    .not_head(),
            )
            .claim(claim("2026-09").born("1954-05-10").class('8').tokki("29").rate(80))
            .silent()
            .claim(
                claim("2026-09")
                    .card("", "1234567", Some(2))
                    .female()
                    .born("2021-12-01")
                    .named("見本　若葉", "ミホン　ワカバ")
                    .class('4')
                    .rate(80),
            )
            .silent()
            .person(Some("2")),
        scenario("後期高齢者の請求")
            .member(member("1").born("1946-03-05").covered("2021-03-05", "").kouki().attribute(
                "負担割合",
                "1",
                "2026-08-01",
                "",
            ))
            .claim(kouki_claim("2026-09"))
            .silent()
            .claim(kouki_claim("2026-09").receipt_type("4318"))
            .silent(),
    ]
}
