//! E9xx オンライン資格確認・振替分割.

use super::{CITY, Member, Scenario, claim, member, scenario};

const AFTER: &str = "2026-10-05 10:00:00";

fn man() -> Member {
    member("1").covered("2014-04-01", "")
}

fn lost(known: &str) -> Member {
    member("1").covered("2014-04-01", "2026-09-16").lost_by("社保加入").known(known)
}

fn moved(known: &str) -> Member {
    man().applied("", "2026-09-15").applied_end_by("県内転出").known(known)
}

pub fn all() -> Vec<Scenario> {
    let on = |day: u8, k: &str| claim("2026-09").days([day]).sn(k);
    let nobody = |k: &str| on(10, k).card("", "9999", None).born("1950-01-31").named("例示　次郎", "レイジ　ジロウ");
    vec![
        scenario("E901: 振替で来たが台帳にない")
            .member(man())
            .claim(nobody("04"))
            .expect(["E110", "E901"])
            .primary("E110")
            .disposition("E901", "D9")
            .claim(nobody("11"))
            .expect(["E110", "E901"])
            .claim(on(10, "04"))
            .expect([])
            .never(["E901"])
            .claim(nobody("02"))
            .never(["E901"]),
        scenario("E901: 振替で来たが資格がない")
            .member(lost(""))
            .claim(on(20, "11"))
            .expect(["E211", "E901"])
            .primary("E211")
            .disposition("E211", "D6"),
        scenario("E902: 分割された一部")
            .member(man())
            .claim(on(10, "05"))
            .expect([])
            .tags(["E902"])
            .claim(on(10, "12"))
            .tags(["E902"])
            .claim(on(10, "02"))
            .expect([])
            .never(["E902"]),
        scenario("E903: 喪失が分かっている請求")
            .member(lost(AFTER))
            .claim(on(20, "06"))
            .expect(["E211", "E903"])
            .primary("E211")
            .disposition("E211", "D4")
            .disposition("E903", "D4")
            .claim(on(10, "06"))
            .expect(["E903"])
            .disposition("E903", "D1")
            .claim(on(10, "02"))
            .expect([])
            .never(["E903"]),
        scenario("E903: 受診日が確かでなければ照会")
            .member(lost(AFTER))
            .claim(on(20, "06").no_days())
            .expect(["E205", "E903"])
            .disposition("E903", "D6")
            .certainty("E205", "POSSIBLE"),
        scenario("E903: 県内転出なら保険者振替")
            .member(moved(""))
            .claim(on(20, "06"))
            .expect(["E208", "E903"])
            .disposition("E903", "D3"),
        scenario("E904: 証の回収後")
            .member(man())
            .claim(on(10, "07"))
            .expect(["E904"])
            .disposition("E904", "D1")
            .severity("E904", "S1")
            .claim(on(10, "06"))
            .never(["E904"]),
        scenario("E905: 死亡喪失、台帳にも死亡")
            .member(member("1").covered("2014-04-01", "2026-09-11").lost_by("死亡").died("2026-09-10"))
            .claim(on(12, "08"))
            .expect(["E214", "E905"])
            .primary("E214")
            .disposition("E905", "D1"),
        scenario("E905: 死亡喪失、台帳に死亡がない")
            .member(man())
            .claim(on(10, "08"))
            .expect(["E905"])
            .disposition("E905", "D9")
            .claim(on(10, "02"))
            .never(["E905"]),
        scenario("E906: 確認できない")
            .member(lost(""))
            .claim(on(20, "03"))
            .expect(["E211"])
            .tags(["E906"])
            .disposition("E906", "")
            .claim(on(10, "02"))
            .expect([])
            .never(["E906"]),
        scenario("E907: 枝番特定")
            .member(man())
            .claim(on(10, "09"))
            .expect([])
            .tags(["E907"])
            .claim(on(10, "14"))
            .tags(["E907"])
            .claim(on(10, "01"))
            .never(["E907"]),
        scenario("E908: 変更なしだが台帳は喪失、後から知った")
            .member(lost(AFTER))
            .claim(on(20, "02"))
            .expect(["E211", "E908"])
            .primary("E211")
            .retro("E908", true)
            .disposition("E908", "D4")
            .claim(on(20, "02").days([10, 20]))
            .expect(["E204", "E908"])
            .disposition("E908", "D1")
            .days("E908", [20], [10])
            .claim(on(10, "02"))
            .expect([])
            .never(["E908"]),
        scenario("E908: 変更なしだが台帳は喪失、前から知っていた")
            .member(lost("2026-09-17 09:00:00"))
            .claim(on(20, "02"))
            .expect(["E211", "E908"])
            .retro("E908", false)
            .disposition("E908", "D9"),
        scenario("E908: 県内転出を後から知った")
            .member(moved(AFTER))
            .claim(on(20, "02"))
            .expect(["E208", "E908"])
            .disposition("E908", "D3")
            .claim(on(20, "02").at("1410000011"))
            .disposition("E908", "D4"),
        scenario("E909: 窓口で確かめたのに、前から無資格")
            .member(lost("2026-09-17 09:00:00"))
            .claim(on(20, "01"))
            .expect(["E211", "E909"])
            .disposition("E909", "D6")
            .severity("E909", "S3")
            .claim(on(10, "01"))
            .expect([])
            .never(["E909"]),
        scenario("E909: 後から知った喪失では言わない")
            .member(lost(AFTER))
            .claim(on(20, "01"))
            .expect(["E211"])
            .never(["E909"]),
        scenario("E910: 変更できなかった")
            .member(man())
            .claim(on(10, "13"))
            .expect(["E910"])
            .disposition("E910", "D6")
            .claim(on(10, "03"))
            .never(["E910"]),
        scenario("日が確かでなければ E901・E908・E909 は言わない")
            .member(lost(""))
            .claim(on(20, "04").no_days())
            .expect(["E205"])
            .never(["E901"])
            .claim(on(20, "02").no_days())
            .expect(["E205"])
            .never(["E908"])
            .claim(on(20, "01").no_days())
            .expect(["E205"])
            .never(["E909"]),
        scenario("SN の空欄は「示されていない」")
            .member(man())
            .claim(on(10, "02").sn_card("", "", ""))
            .expect([])
            .never(["E105", "E110"])
            .tier("T1")
            .claim(on(10, "02").card("", "1111111", Some(1)).sn_card(CITY, "", ""))
            .expect(["E106"]),
    ]
}
