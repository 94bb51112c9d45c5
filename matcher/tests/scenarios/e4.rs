//! E4xx 公費・他法.

use super::{Scenario, claim, kouki_claim, member, scenario};

/// A local programme of the own city, and one of elsewhere; 難病 of the nation.
const CHILD: &str = "83136010";
const ELSEWHERE: &str = "84136018";
const NATIONAL: &str = "54136015";

pub fn all() -> Vec<Scenario> {
    let man = || member("1").covered("2014-04-01", "");
    vec![
        scenario("E401: 公費負担者番号")
            .member(man())
            .claim(claim("2026-09").public("54016028", "1234566"))
            .expect(["E401"])
            .severity("E401", "S2")
            .disposition("E401", "D1")
            .claim(claim("2026-09").public("55130009", "1234566"))
            .expect(["E401"])
            .says("E401", "法別 55")
            .claim(claim("2026-09").public("54016027", "1234566"))
            .expect([])
            .never(["E401"])
            .claim(claim("2026-09").public("72136015", "1234566"))
            .expect(["E401"])
            .claim(claim("2026-09"))
            .expect([])
            .never(["E401", "E404"]),
        scenario("E401: 地方の制度と86は検証番号が合わなくてよい")
            .member(man())
            .claim(claim("2026-09").public("83136019", "1234566"))
            .expect([])
            .tags(["E401"])
            .severity("E401", "S4")
            .disposition("E401", "")
            .claim(claim("2026-09").public("86130003", "1234566"))
            .expect([])
            .tags(["E401"])
            .claim(claim("2026-09").public(CHILD, "1234566"))
            .expect([])
            .never(["E401"]),
        scenario("E402: 受給者番号が台帳と違う")
            .member(man().attribute("公費", &format!("{CHILD}:1234566"), "2026-04-01", ""))
            .claim(claim("2026-09").receipt_type("1122").public(CHILD, "7654327"))
            .expect(["E402"])
            .disposition("E402", "D1")
            .claim(claim("2026-09").receipt_type("1122").public(CHILD, "1234566"))
            .expect([])
            .never(["E402", "E403"])
            .claim(claim("2026-09").receipt_type("1122").public(ELSEWHERE, "7654327"))
            .expect([])
            .never(["E402"])
            .claim(claim("2026-09").receipt_type("1122").public(NATIONAL, "7654327"))
            .expect([])
            .never(["E402"]),
        scenario("E402: ほかの人の受給者番号")
            .member(man().attribute("公費", &format!("{CHILD}:1234566"), "2026-04-01", ""))
            .member(member("2").born("1991-01-01").covered("2014-04-01", "").card("", "2", "01").attribute(
                "公費",
                &format!("{CHILD}:7654327"),
                "2026-04-01",
                "",
            ))
            .claim(claim("2026-09").receipt_type("1122").public(CHILD, "7654327"))
            .expect(["E402"]),
        scenario("E403: 公費の期間の外")
            .member(man().attribute("公費", &format!("{CHILD}:1234566"), "2026-04-01", "2026-09-16"))
            .claim(claim("2026-09").receipt_type("1122").public(CHILD, "1234566").days([15, 16]))
            .expect(["E403"])
            .days("E403", [16], [15])
            .disposition("E403", "D1")
            .claim(claim("2026-09").receipt_type("1122").public(CHILD, "1234566").days([14, 15]))
            .expect([])
            .never(["E403"])
            .claim(claim("2026-09").receipt_type("1122").public(CHILD, "1234566").no_days())
            .expect([])
            .never(["E403"])
            .claim(claim("2026-10").receipt_type("1122").public(CHILD, "1234566").no_days())
            .expect(["E403"])
            .certainty("E403", "PROBABLE"),
        scenario("E404: 生活保護と国保")
            .member(man())
            .claim(claim("2026-09").receipt_type("1122").public("12130001", "1234566"))
            .expect(["E404"])
            .severity("E404", "S1")
            .disposition("E404", "D1")
            .claim(claim("2026-09").receipt_type("1422").payer("67138941").public("12130001", "1234566"))
            .expect(["E104", "E404"])
            .claim(claim("2026-09").receipt_type("1122").public(NATIONAL, "1234566"))
            .expect([])
            .never(["E404"]),
        scenario("E404: 社保との併用は正しい")
            .no_register()
            .claim(claim("2026-09").receipt_type("1122").payer("06130488").public("12130001", "1234566"))
            .expect([])
            .never(["E404"])
            .claim(kouki_claim("2026-09").public("12130001", "1234566"))
            .expect([])
            .never(["E404"]),
        scenario("E405: 公費があるのに単独")
            .member(man().attribute("公費", &format!("{CHILD}:1234566"), "2026-04-01", "2026-09-16"))
            .claim(claim("2026-09").days([10]))
            .expect(["E405"])
            .disposition("E405", "D6")
            .severity("E405", "S4")
            .claim(claim("2026-09").days([20]))
            .expect([])
            .never(["E405"]),
        scenario("E408: 公費単独の混入")
            .member(man())
            .claim(claim("2026-09").receipt_type("1212").payer("").public("12130001", "1234566"))
            .expect(["E408"])
            .never(["E110", "E105", "E404"])
            .disposition("E408", "D1")
            .person(None)
            .claim(claim("2026-09").receipt_type("1122").public(NATIONAL, "1234566"))
            .expect([])
            .never(["E408"]),
        scenario("E402・E403・E405 は公費の台帳があるときだけ")
            .member(man())
            .claim(claim("2026-09").receipt_type("1122").public(CHILD, "7654327"))
            .expect([])
            .never(["E402", "E403", "E405"]),
    ]
}
