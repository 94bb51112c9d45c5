//! Disposition of findings about the qualification (1.7), with `retro`, `prov_ok` and the probable right payer.

use super::{Member, Scenario, claim, member, nursing, pharmacy, scenario};

/// 社保加入, effective 2026-09-16.
fn joined(known: &str) -> Member {
    member("1").covered("2014-04-01", "2026-09-16").lost_by("社保加入").known(known)
}

const BEFORE: &str = "2026-09-17 09:00:00";
const AFTER: &str = "2026-10-05 10:00:00";

fn moved(known: &str) -> Member {
    member("1").covered("2014-04-01", "").applied("", "2026-09-15").applied_end_by("県内転出").known(known)
}

pub fn all() -> Vec<Scenario> {
    let mut all = settled();
    all.extend(transfer());
    all.extend(payers());
    all
}

fn settled() -> Vec<Scenario> {
    let on = |day: u8| claim("2026-09").days([day]);
    vec![
        scenario("喪失を前から知っていた: D1")
            .member(joined(BEFORE))
            .claim(on(20))
            .expect(["E211"])
            .retro("E211", false)
            .prov_ok("E211", false)
            .disposition("E211", "D1"),
        scenario("登録の時が書かれていない: 前から知っていた")
            .member(joined(""))
            .claim(on(20))
            .retro("E211", false)
            .disposition("E211", "D1"),
        scenario("喪失を後から知った: D4")
            .member(joined(AFTER))
            .claim(on(20))
            .expect(["E211"])
            .retro("E211", true)
            .disposition("E211", "D4")
            .claim(on(20).sn("01"))
            .retro("E211", true)
            .prov_ok("E211", true)
            .disposition("E211", "D4")
            .never(["E909"]),
        scenario("受診の当日に登録: 後からではない")
            .member(joined("2026-09-20 23:59:59"))
            .claim(on(20))
            .retro("E211", false)
            .claim(on(19))
            .retro("E211", true),
        scenario("日が分からなければ月末に照らす")
            .member(member("1").covered("2014-04-01", "2026-08-16").lost_by("社保加入").known("2026-09-30 12:00:00"))
            .claim(claim("2026-09").no_days())
            .retro("E211", false)
            .claim(claim("2026-09").days([20]))
            .retro("E211", true),
        scenario("番号変更の行の登録は喪失の登録ではない")
            .member(joined(BEFORE).then_from("2026-05-10", "番号変更").card("", "1234890", "01").known(AFTER))
            .claim(on(20).card("", "1234890", Some(1)))
            .expect(["E211"])
            .retro("E211", true),
        scenario("すべての行が喪失を持つ: 早い登録が効く")
            .member(
                joined(BEFORE)
                    .then_from("2026-05-10", "番号変更")
                    .card("", "1234890", "01")
                    .known(AFTER)
                    .loss_on_all_rows(),
            )
            .claim(on(20).card("", "1234890", Some(1)))
            .expect(["E211"])
            .retro("E211", false),
        scenario("窓口で確かめていた（確認区分01）: D4")
            .member(joined("2026-09-20 18:00:00"))
            .claim(on(20).sn("01"))
            .expect(["E211", "E909"])
            .prov_ok("E211", false)
            .disposition("E211", "D1")
            .claim(on(19).sn("01"))
            .expect(["E211"])
            .prov_ok("E211", true),
        scenario("窓口で確かめていれば、後から知ったのでなくても D4")
            .member(joined("2026-09-22 09:00:00"))
            .claim(on(19).days([19, 25]).sn("01"))
            .expect(["E211", "E909"])
            .retro("E211", false)
            .prov_ok("E211", true)
            .disposition("E211", "D4"),
        scenario("窓口で確かめたが番号が当時のものでない")
            .member(
                member("1")
                    .covered("2014-04-01", "2026-09-16")
                    .lost_by("社保加入")
                    .known("2026-05-10 09:00:00")
                    .then_from("2026-05-10", "番号変更")
                    .card("", "1234890", "01")
                    .known(AFTER),
            )
            .claim(on(20).sn("01"))
            .prov_ok("E211", false)
            .claim(on(20).sn("01").card("", "1234890", Some(1)))
            .prov_ok("E211", true)
            .claim(on(20).sn("02").card("", "1234890", Some(1)))
            .prov_ok("E211", false),
        scenario("番号の変更がまだ登録されていない日は、旧番号で確かめたことになる")
            .member(
                member("1")
                    .covered("2014-04-01", "2026-09-16")
                    .lost_by("社保加入")
                    .known(AFTER)
                    .then_from("2026-09-10", "番号変更")
                    .card("", "1234890", "01"),
            )
            .claim(on(20).sn("01"))
            .prov_ok("E211", true),
        scenario("新しい番号がまだ登録されていない日に、それで確かめたはずがない")
            .member(
                member("1")
                    .covered("2014-04-01", "2026-09-16")
                    .lost_by("社保加入")
                    .known("2026-09-25 09:00:00")
                    .then_from("2026-09-10", "番号変更")
                    .card("", "1234890", "01")
                    .known(AFTER)
                    .begin_known("2026-09-25 09:00:00"),
            )
            .claim(on(20).sn("01").card("", "1234890", Some(1)))
            .expect(["E211"])
            .prov_ok("E211", false),
        scenario("確認区分01の SN に番号がなくても、書かれた番号で比べる")
            .member(joined(AFTER))
            .claim(on(20).sn("01").sn_card("", "", ""))
            .prov_ok("E211", true),
        scenario("振替・分割を経た請求: D6")
            .member(joined(AFTER))
            .claim(on(20).sn("04"))
            .expect(["E211", "E901"])
            .disposition("E211", "D6")
            .claim(on(21).sn("05"))
            .expect(["E211"])
            .tags(["E902"])
            .disposition("E211", "D6")
            .claim(on(22).sn("11"))
            .disposition("E211", "D6")
            .claim(on(23).sn("12").days([3, 23]))
            .expect(["E204"])
            .disposition("E204", "D6"),
        scenario("資格が混ざる月: 後から知っても D1")
            .member(joined(AFTER))
            .claim(on(20).days([3, 20]))
            .expect(["E204"])
            .retro("E204", true)
            .disposition("E204", "D1"),
        scenario("死亡後の調剤・訪問看護: D6")
            .member(member("1").covered("2014-04-01", "2026-09-11").lost_by("死亡").died("2026-09-10"))
            .claim(pharmacy("2026-09").days([12]))
            .expect(["E214"])
            .disposition("E214", "D6")
            .claim(nursing("2026-09").days([12]))
            .expect(["E214"])
            .disposition("E214", "D6")
            .claim(claim("2026-09").days([12]))
            .disposition("E214", "D1"),
        scenario("取得を後から知った: 前の受診は E202 のまま")
            .member(member("1").covered("2026-09-10", "").known(AFTER))
            .claim(on(5))
            .expect(["E202"])
            .retro("E202", true)
            .disposition("E202", "D4")
            .claim(on(12))
            .expect([])
            .never(["E202"]),
        scenario("空白の後の取得を後から知った: E203 は始まりの登録で決まる")
            .member(
                member("1")
                    .covered("2014-04-01", "2026-07-01")
                    .known("2026-07-02 09:00:00")
                    .covered("2026-10-01", "")
                    .known(AFTER),
            )
            .claim(on(5))
            .expect(["E203"])
            .retro("E203", true)
            .disposition("E203", "D4"),
        scenario("取得をまだ知らない日は、窓口で確かめたことにならない")
            .member(
                member("1")
                    .covered("2026-09-01", "2026-09-16")
                    .lost_by("社保加入")
                    .known(AFTER)
                    .begin_known("2026-09-25 09:00:00"),
            )
            .claim(on(20).sn("01"))
            .expect(["E211"])
            .prov_ok("E211", false),
        scenario("終わりのある行の始まりは登録日時_開始")
            .member(member("1").covered("2026-09-10", "2026-12-01").known("2026-12-05 09:00:00").begin_known(BEFORE))
            .claim(on(5))
            .expect(["E202"])
            .retro("E202", true)
            .claim(claim("2026-08").days([20]))
            .retro("E202", true),
        scenario("障害認定を後から知った")
            .member(
                member("1")
                    .born("1958-05-10")
                    .covered("2014-04-01", "2026-09-01")
                    .lost_by("後期加入")
                    .known(AFTER)
                    .covered("2026-09-01", "")
                    .kouki()
                    .known(AFTER),
            )
            .claim(on(5).born("1958-05-10"))
            .expect(["E213"])
            .retro("E213", true)
            .disposition("E213", "D4"),
        scenario("75歳は知っていたはず: 後からではない")
            .member(member("1").born("1951-09-20").covered("2014-04-01", "2026-09-21").lost_by("後期加入").known(AFTER))
            .claim(on(25).born("1951-09-20").class('8').tokki("29"))
            .expect(["E213"])
            .retro("E213", false)
            .disposition("E213", "D1"),
    ]
}

fn transfer() -> Vec<Scenario> {
    let out = || claim("2026-09").days([20]);
    vec![
        scenario("保険者振替: 県内の医療機関、1年以内").member(moved("")).claim(out()).disposition("E208", "D3"),
        scenario("保険者振替: 県外の医療機関にはできない")
            .member(moved(""))
            .claim(out().at("1410000011"))
            .expect(["E208"])
            .disposition("E208", "D1"),
        scenario("保険者振替: 審査月までちょうど12か月")
            .exam("2027-09")
            .member(moved(""))
            .claim(out())
            .disposition("E208", "D3"),
        scenario("保険者振替: 13か月は過ぎている")
            .exam("2027-10")
            .member(moved(""))
            .claim(out())
            .disposition("E208", "D1"),
        scenario("保険者振替: 月数は設定できる")
            .exam("2027-10")
            .set("transfer_months", "24")
            .member(moved(""))
            .claim(out())
            .disposition("E208", "D3"),
        scenario("保険者振替ができなければ、転出を後から知っても D1")
            .exam("2027-10")
            .member(moved("2026-10-05 10:00:00"))
            .claim(out())
            .retro("E208", true)
            .disposition("E208", "D1"),
        scenario("保険者振替: 月の途中では分割が要る")
            .member(moved(""))
            .claim(out().days([10, 20]))
            .disposition("E208", "D1"),
        scenario("保険者振替: 県内転入の前")
            .member(member("1").covered("2024-04-01", "").applied("2026-09-15", ""))
            .claim(claim("2026-09").days([10]))
            .disposition("E209", "D3"),
        scenario("保険者振替: 事由不明の喪失でも、県内の国保と分かっている")
            .member(member("1").covered("2014-04-01", "2026-09-16").attribute("他保険", "138057::77", "2026-09-16", ""))
            .claim(out())
            .expect(["E201"])
            .cand_payer("E201", "県内国保:138057")
            .disposition("E201", "D3"),
    ]
}

fn payers() -> Vec<Scenario> {
    let lost = |reason: &str, other: &str| {
        let m = member("1").covered("2014-04-01", "2026-09-16").lost_by(reason);
        if other.is_empty() { m } else { m.attribute("他保険", other, "2026-09-15", "") }
    };
    let title = |reason, other: &str, rule, payer, name| {
        scenario(name)
            .member(lost(reason, other))
            .claim(claim("2026-09").days([20]))
            .expect([rule])
            .cand_payer(rule, payer)
    };
    vec![
        title("社保加入", "", "E211", "社保", "正しい保険者: 社保"),
        title("社保加入", "06130488:1:2", "E211", "社保:06130488", "正しい保険者: 社保の番号まで"),
        title("組合加入", "", "E215", "組合", "正しい保険者: 国保組合"),
        title("組合加入", "133264:1:2", "E215", "組合:133264", "正しい保険者: 国保組合の番号まで"),
        title("社保加入", "133264:1:2", "E211", "社保", "正しい保険者: 種類の違う番号は名乗らない"),
        title("生保開始", "", "E212", "12", "正しい保険者: 生活保護"),
        title("転出", "", "E210", "", "正しい保険者: 県外転出では分からない"),
        title("転出", "141002:1:2", "E210", "国保:141002", "正しい保険者: 県外の国保と分かっている"),
        title("その他", "", "E201", "", "正しい保険者: 事由不明では分からない"),
        scenario("正しい保険者: 県内転出で番号まで")
            .member(moved("").attribute("他保険", "138057::77", "2026-09-15", ""))
            .claim(claim("2026-09").days([20]))
            .cand_payer("E208", "県内国保:138057"),
        scenario("正しい保険者: 後期の番号まで")
            .member(member("1").born("1951-09-20").covered("2014-04-01", "2026-09-21").lost_by("後期加入").attribute(
                "他保険",
                "39139993::12345678",
                "2026-09-20",
                "",
            ))
            .claim(claim("2026-09").born("1951-09-20").class('8').tokki("29").days([25]))
            .expect(["E213"])
            .cand_payer("E213", "39:39139993"),
    ]
}
