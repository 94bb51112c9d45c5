//! E5xx 給付制限.

use super::{Scenario, claim, member, scenario};

pub fn all() -> Vec<Scenario> {
    let man = || member("1").covered("2014-04-01", "");
    let special = || man().attribute("特別療養費", "1", "2026-09-01", "");
    let child = |birth: &str| {
        member("1").born(birth).covered("2014-04-01", "").not_head().household_attribute(
            "特別療養費",
            "1",
            "2026-04-01",
            "",
        )
    };
    vec![
        scenario("E501: 特別療養費の人の現物給付")
            .member(special())
            .claim(claim("2026-09").days([3]))
            .expect(["E501"])
            .disposition("E501", "D1")
            .days("E501", [3], [])
            .claim(claim("2026-08").days([31]))
            .expect([])
            .never(["E501"]),
        scenario("E501: 世帯に掛かる")
            .member(man().household_attribute("特別療養費", "1", "2026-09-10", ""))
            .claim(claim("2026-09").days([3, 12]))
            .expect(["E501"])
            .days("E501", [12], [3]),
        scenario("E501: 18歳になった後の3月31日まで")
            .member(child("2008-04-02"))
            .claim(claim("2027-03").born("2008-04-02").class('6').days([31]))
            .expect([])
            .never(["E501"])
            .claim(claim("2027-04").born("2008-04-02").class('6').days([1]))
            .expect(["E501"]),
        scenario("E501: 4月1日生まれは1年早い")
            .member(child("2008-04-01"))
            .claim(claim("2026-04").born("2008-04-01").class('6').days([1]))
            .expect(["E501"])
            .claim(claim("2026-05").born("2009-04-01").class('6').days([1]).card("", "1234567", None))
            .expect(["E112", "E501"]),
        scenario("E501: 17歳")
            .member(child("2009-06-01"))
            .claim(claim("2026-09").born("2009-06-01").class('6'))
            .expect([])
            .never(["E501"]),
        scenario("E501: 公費負担医療の対象")
            .member(special())
            .claim(claim("2026-09").receipt_type("1122").public("54136015", "1234566"))
            .expect([])
            .never(["E501"])
            .claim(claim("2026-09").receipt_type("1122").public("83136010", "1234566"))
            .expect([])
            .never(["E501"]),
        scenario("E501: 公費負担医療を受けられる人と台帳にある")
            .member(special().attribute("公費", "54136015:1234566", "2026-04-01", ""))
            .claim(claim("2026-09"))
            .expect([])
            .never(["E501", "E405"]),
        scenario("E501: 日の分からない月は全部が当たるときだけ")
            .member(man().attribute("特別療養費", "1", "2026-09-10", ""))
            .claim(claim("2026-09").no_days())
            .expect([])
            .never(["E501"])
            .claim(claim("2026-10").no_days())
            .expect(["E501"])
            .certainty("E501", "PROBABLE"),
        scenario("E501 は E308 から E314 を止める")
            .member(special().attribute("限度額適用不可", "1", "2026-09-01", ""))
            .claim(claim("2026-09").tokki("28"))
            .expect(["E501"])
            .never(["E309"]),
        scenario("E502: 特別療養費の請求だが対象でない")
            .member(special())
            .claim(claim("2026-08").window_class("04"))
            .expect(["E502"])
            .disposition("E502", "D6")
            .claim(claim("2026-09").window_class("04"))
            .expect([])
            .never(["E501", "E502"])
            .claim(claim("2026-08").window_class("01"))
            .expect([])
            .never(["E502"]),
        scenario("E504: 収容の期間")
            .member(man().attribute("拘禁", "1", "2026-09-10", "2026-09-20"))
            .claim(claim("2026-09").days([5, 12]))
            .expect(["E504"])
            .disposition("E504", "D1")
            .days("E504", [12], [5])
            .claim(claim("2026-09").days([9, 20]))
            .expect([])
            .never(["E504"]),
    ]
}
