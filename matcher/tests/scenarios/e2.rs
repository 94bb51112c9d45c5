//! E2xx 資格期間.

use super::{CITY, Member, Scenario, claim, kouki_claim, member, pharmacy, scenario};

fn since_2014() -> Member {
    member("1").covered("2014-04-01", "")
}

fn lost(on: &str, reason: &str) -> Member {
    member("1").covered("2014-04-01", on).lost_by(reason)
}

pub fn all() -> Vec<Scenario> {
    let mut all = loss();
    all.extend(mixed());
    all.extend(unknown_days());
    all.extend(inside_prefecture());
    all.extend(late_elderly());
    all.extend(others());
    all
}

fn loss() -> Vec<Scenario> {
    vec![
        scenario("E201: 喪失日から先は資格がない")
            .member(lost("2026-09-16", "その他"))
            .claim(claim("2026-09").days([16]))
            .expect(["E201"])
            .tags(["E206"])
            .severity("E201", "S1")
            .cause_is("E201", "1:2014-04-01")
            .claim(claim("2026-09").days([15]))
            .expect([])
            .never(["E201", "E206"])
            .claim(claim("2026-09").days([17]))
            .expect(["E201"])
            .never(["E206"]),
        scenario("E201: 番号変更の後の喪失は1つの資格の終わり")
            .member(
                member("1")
                    .covered("2024-04-01", "2026-09-16")
                    .then_from("2026-05-10", "番号変更")
                    .card("", "1234890", "01"),
            )
            .claim(claim("2026-10").card("", "1234890", Some(1)).days([5]))
            .expect(["E201"])
            .never(["E217"])
            .claim(claim("2026-06").card("", "1234890", Some(1)).days([1]))
            .expect([])
            .never(["E201", "E115", "E217"]),
        scenario("E202: 取得日の前日")
            .member(member("1").covered("2026-09-10", ""))
            .claim(claim("2026-09").days([9]))
            .expect(["E202"])
            .never(["E201", "E203", "E204"])
            .disposition("E202", "D1")
            .claim(claim("2026-09").days([10]))
            .expect([])
            .never(["E202"]),
        scenario("E203: 二つの資格の間")
            .member(lost("2026-07-01", "その他").covered("2026-10-01", ""))
            .claim(claim("2026-09"))
            .expect(["E203"])
            .never(["E201", "E202"])
            .claim(claim("2026-10"))
            .expect([])
            .never(["E203"]),
        scenario("E203: 喪失の事由が分かればその規則")
            .member(lost("2026-07-01", "社保加入").covered("2026-10-01", ""))
            .claim(claim("2026-09"))
            .expect(["E211"])
            .never(["E203", "E201"]),
        scenario("E206: 転出の喪失日当日")
            .member(lost("2026-09-14", "転出"))
            .claim(claim("2026-09").days([14]))
            .expect(["E210"])
            .tags(["E206"])
            .primary("E210"),
        scenario("E207: 社保取得日の当日")
            .member(lost("2026-09-16", "社保加入"))
            .claim(claim("2026-09").days([15]))
            .expect(["E207"])
            .never(["E211", "E201"])
            .disposition("E207", "D6")
            .cand_payer("E207", "社保")
            .claim(claim("2026-09").days([14]))
            .expect([])
            .never(["E207"])
            .claim(claim("2026-09").days([16]))
            .expect(["E211"])
            .never(["E207", "E206"]),
        scenario("E207: 社保が喪失日に始まると分かっている")
            .member(lost("2026-09-16", "社保加入").attribute("他保険", "06130488:1:2", "2026-09-16", ""))
            .claim(claim("2026-09").days([15]))
            .expect([])
            .never(["E207"]),
        scenario("E210: 県外転出、同日に転入届")
            .member(lost("2026-09-14", "転出"))
            .claim(claim("2026-09").days([14]))
            .expect(["E210"])
            .never(["E201", "E208"])
            .disposition("E210", "D1"),
        scenario("E210: 県外転出、翌日に喪失")
            .member(lost("2026-09-15", "国外転出"))
            .claim(claim("2026-09").days([14]))
            .expect([])
            .never(["E210"])
            .claim(claim("2026-09").days([15]))
            .expect(["E210"]),
        scenario("E211: 社保加入の翌日から")
            .member(lost("2026-09-16", "社保加入"))
            .claim(claim("2026-10"))
            .expect(["E211"])
            .never(["E201", "E203", "E206"])
            .cand_payer("E211", "社保")
            .claim(claim("2026-08"))
            .expect([])
            .never(["E211"]),
        scenario("E212: 生活保護の開始日から")
            .member(lost("2026-09-10", "生保開始"))
            .claim(claim("2026-09").days([10]))
            .expect(["E212"])
            .never(["E201"])
            .cand_payer("E212", "12")
            .disposition("E212", "D1")
            .claim(claim("2026-09").days([9]))
            .expect([])
            .never(["E212"])
            .claim(claim("2026-09").days([9, 10]))
            .expect(["E204"])
            .never(["E212"])
            .cause("E204", 10, "E212")
            .cand_payer("E204", "12"),
        scenario("E212: 保護の停止中は国保に戻っている")
            .member(lost("2026-06-10", "生保開始").covered("2026-09-01", ""))
            .claim(claim("2026-09"))
            .expect([])
            .never(["E212", "E203"]),
        scenario("E214: 死亡の翌日から")
            .member(lost("2026-09-11", "死亡").died("2026-09-10"))
            .claim(claim("2026-09").days([11]))
            .expect(["E214"])
            .never(["E201"])
            .disposition("E214", "D1")
            .claim(claim("2026-09").days([10]))
            .expect([])
            .never(["E214", "E201"])
            .claim(claim("2026-09").days([9, 11]))
            .expect(["E204"])
            .never(["E214"])
            .cause("E204", 11, "E214"),
        scenario("E214: 喪失の処理がまだでも死亡日で決まる")
            .member(since_2014().died("2026-09-10"))
            .claim(claim("2026-09").days([11]))
            .expect(["E214"])
            .claim(claim("2026-09").days([10]))
            .expect([])
            .never(["E214"]),
        scenario("E214: 死亡年月日がなくても喪失の事由で")
            .member(lost("2026-09-11", "死亡"))
            .claim(claim("2026-09").days([12]))
            .expect(["E214"]),
        scenario("E214: 台帳が死亡日を喪失日とした")
            .member(lost("2026-09-10", "死亡").died("2026-09-10"))
            .claim(claim("2026-09").days([10]))
            .never(["E214"]),
        scenario("E215: 国保組合に入った日から")
            .member(lost("2026-09-16", "組合加入"))
            .claim(claim("2026-09").days([16]))
            .expect(["E215"])
            .never(["E201"])
            .cand_payer("E215", "組合")
            .claim(claim("2026-09").days([15]))
            .expect([])
            .never(["E215"]),
        scenario("どの日にも資格がなく、事由は日で違う")
            .member(lost("2026-09-05", "社保加入").covered("2026-09-08", "2026-09-20").lost_by("転出"))
            .claim(claim("2026-09").days([6, 25]))
            .expect(["E210", "E211"])
            .cause("E211", 6, "E211")
            .cause("E211", 25, "E210")
            .primary("E210"),
        scenario("取得の前と喪失の後だけ")
            .member(member("1").covered("2026-09-10", "2026-09-20"))
            .claim(claim("2026-09").days([3, 25]))
            .expect(["E201"])
            .never(["E202", "E204"])
            .cause("E201", 3, "E202"),
    ]
}

fn mixed() -> Vec<Scenario> {
    vec![
        scenario("E204: 月の途中の喪失")
            .member(lost("2026-09-16", "その他"))
            .claim(claim("2026-09").days([3, 25]))
            .expect(["E204"])
            .never(["E201", "E205"])
            .days("E204", [25], [3])
            .cause("E204", 25, "E201")
            .disposition("E204", "D1")
            .certainty("E204", "CERTAIN")
            .claim(claim("2026-09").days([3, 15]))
            .expect([])
            .never(["E204"]),
        scenario("E204: 月の途中の取得")
            .member(member("1").covered("2026-09-10", ""))
            .claim(claim("2026-09").days([3, 9, 10, 25]))
            .expect(["E204"])
            .never(["E202"])
            .days("E204", [3, 9], [10, 25])
            .cause("E204", 9, "E202"),
        scenario("E204: 空白をはさむ")
            .member(lost("2026-09-05", "その他").covered("2026-09-20", ""))
            .claim(claim("2026-09").days([3, 10, 25]))
            .expect(["E204"])
            .never(["E203"])
            .days("E204", [10], [3, 25])
            .cause("E204", 10, "E203"),
        scenario("E204: 転出・社保・組合の事由は原因として残る")
            .member(
                lost("2026-09-05", "転出")
                    .covered("2026-09-08", "2026-09-12")
                    .lost_by("社保加入")
                    .covered("2026-09-14", "2026-09-20")
                    .lost_by("組合加入"),
            )
            .claim(claim("2026-09").days([3, 6, 13, 25]))
            .expect(["E204"])
            .never(["E210", "E211", "E215"])
            .cause("E204", 6, "E210")
            .cause("E204", 13, "E211")
            .cause("E204", 25, "E215"),
        scenario("E204: 喪失日当日の受診を含む")
            .member(lost("2026-09-16", "その他"))
            .claim(claim("2026-09").days([3, 16]))
            .expect(["E204"])
            .tags(["E206"]),
        scenario("月の初日の喪失は月の途中でない")
            .member(lost("2026-09-01", "その他"))
            .claim(claim("2026-09").days([1, 30]))
            .expect(["E201"])
            .never(["E204", "E205"]),
    ]
}

fn unknown_days() -> Vec<Scenario> {
    let others = ["E201", "E202", "E203", "E204", "E207", "E208", "E209", "E210", "E211"];
    vec![
        scenario("E205: 受診日のない歯科")
            .member(lost("2026-09-16", "その他"))
            .claim(claim("2026-09").receipt_type("3112").no_days())
            .expect(["E205"])
            .never(others)
            .disposition("E205", "D6")
            .certainty("E205", "POSSIBLE")
            .severity("E205", "S3"),
        scenario("E205: 日の分からない入院")
            .member(lost("2026-09-16", "社保加入"))
            .claim(claim("2026-09").stay(10, 19).admitted("2026-09-10").not_exact())
            .expect(["E205"])
            .never(others),
        scenario("E205: 実日数が合わない（E707）")
            .member(lost("2026-09-16", "社保加入"))
            .claim(claim("2026-09").days([3, 25]).billed_days(3))
            .expect(["E205", "E707"])
            .never(others)
            .primary("E205"),
        scenario("E205: 前の月の喪失なら確かに E201")
            .member(lost("2026-08-20", "その他"))
            .claim(claim("2026-09").no_days())
            .expect(["E201"])
            .never(["E205"])
            .certainty("E201", "CERTAIN")
            .days("E201", [], []),
        scenario("E205: 翌月初日の喪失なら何もない")
            .member(lost("2026-10-01", "その他"))
            .claim(claim("2026-09").no_days())
            .expect([])
            .never(["E205", "E201"]),
        scenario("E205: 喪失のない番号変更なら何もない")
            .member(since_2014().then_from("2026-09-16", "番号変更").card("", "1234890", "01"))
            .claim(claim("2026-09").no_days())
            .expect([])
            .never(["E205", "E204"]),
        scenario("E205: 途中の取得、県内の転出入、死亡、75歳、特例の終わりも切れ目")
            .member(member("1").covered("2026-09-10", ""))
            .member(
                member("2")
                    .born("1981-01-01")
                    .covered("2014-04-01", "")
                    .card("", "2", "01")
                    .applied("", "2026-09-15")
                    .applied_end_by("県内転出"),
            )
            .member(
                member("3").born("1982-01-01").covered("2014-04-01", "").card("", "3", "01").applied("2026-09-15", ""),
            )
            .member(member("4").born("1983-01-01").covered("2014-04-01", "").card("", "4", "01").died("2026-09-10"))
            .member(member("5").born("1951-09-20").covered("2014-04-01", "").card("", "5", "01"))
            .member(
                member("6")
                    .born("1985-01-01")
                    .covered("2014-04-01", "2026-04-01")
                    .lost_by("転出")
                    .card("", "6", "01")
                    .attribute("特例", "マル学", "2026-04-01", "2026-09-11"),
            )
            .claim(claim("2026-09").no_days())
            .expect(["E205"])
            .claim(claim("2026-09").no_days().card("", "2", Some(1)).born("1981-01-01"))
            .expect(["E205"])
            .never(others)
            .claim(claim("2026-09").no_days().card("", "3", Some(1)).born("1982-01-01"))
            .expect(["E205"])
            .never(others)
            .claim(claim("2026-09").no_days().card("", "4", Some(1)).born("1983-01-01"))
            .expect(["E205"])
            .never(["E214"])
            .claim(claim("2026-09").no_days().card("", "5", Some(1)).born("1951-09-20").class('8').tokki("29"))
            .expect(["E205"])
            .never(["E213"])
            .claim(claim("2026-09").no_days().card("", "6", Some(1)).born("1985-01-01"))
            .expect(["E205"])
            .never(["E210", "E216"]),
        scenario("E205: 後期の資格が月の途中に始まる")
            .member(member("1").born("1958-05-10").covered("2014-04-01", "").covered("2026-09-10", "").kouki())
            .claim(claim("2026-09").born("1958-05-10").no_days())
            .expect(["E205"])
            .never(["E213"])
            .claim(claim("2026-10").born("1958-05-10").no_days())
            .expect(["E213"]),
        scenario("E205: 日に疑いがあっても切れ目がなければ確か")
            .member(lost("2026-04-01", "転出"))
            .claim(claim("2026-09").days([3, 25]).billed_days(3))
            .expect(["E210", "E707"])
            .never(["E205"])
            .certainty("E210", "CERTAIN")
            .claim(claim("2026-09").day_outside())
            .expect(["E210", "E705"]),
    ]
}

fn inside_prefecture() -> Vec<Scenario> {
    let moved_out = || since_2014().applied("", "2026-09-15").applied_end_by("県内転出");
    let moved_in = || member("1").covered("2024-04-01", "").applied("2026-09-15", "");
    vec![
        scenario("E208: 県内転出の後")
            .member(moved_out())
            .claim(claim("2026-09").days([20]))
            .expect(["E208"])
            .never(["E201", "E202", "E210", "E217"])
            .disposition("E208", "D3")
            .severity("E208", "S2")
            .cand_payer("E208", "県内国保")
            .claim(claim("2026-09").days([10, 20]))
            .expect(["E208"])
            .never(["E204"])
            .days("E208", [20], [10])
            .cause("E208", 20, "E208")
            .disposition("E208", "D1")
            .claim(claim("2026-09").days([14]))
            .expect([])
            .never(["E208"]),
        scenario("E208: 番号変更で次の行が続く")
            .member(since_2014().then_from("2026-09-15", "番号変更").card("", "1234890", "01"))
            .claim(claim("2026-09").days([10, 20]).card("", "1234890", Some(1)))
            .expect([])
            .never(["E208", "E217", "E204"]),
        scenario("E208: 適用終了日を含む台帳")
            .set("app_end_inclusive", "true")
            .member(moved_out())
            .claim(claim("2026-09").days([15]))
            .expect([])
            .never(["E208"])
            .claim(claim("2026-09").days([16]))
            .expect(["E208"]),
        scenario("E208: 県内から戻ってきた")
            .member(since_2014().then_from("2026-09-15", "県内転出").applied("2026-09-25", ""))
            .claim(claim("2026-09").days([10, 20, 26]))
            .expect(["E208"])
            .days("E208", [20], [10, 26]),
        scenario("E208: 転出の後で喪失した日もある")
            .member(lost("2026-09-25", "社保加入").applied("", "2026-09-15").applied_end_by("県内転出"))
            .claim(claim("2026-09").days([20, 28]))
            .expect(["E208"])
            .never(["E211", "E201"])
            .cause("E208", 28, "E211")
            .claim(claim("2026-10"))
            .expect(["E211"])
            .never(["E208"]),
        scenario("E209: 県内転入の前")
            .member(moved_in())
            .claim(claim("2026-09").days([10]))
            .expect(["E209"])
            .never(["E201", "E202", "E210", "E217"])
            .disposition("E209", "D3")
            .cand_payer("E209", "県内国保")
            .claim(claim("2026-09").days([10, 20]))
            .expect(["E209"])
            .never(["E204"])
            .days("E209", [10], [20])
            .disposition("E209", "D1")
            .claim(claim("2026-09").days([15]))
            .expect([])
            .never(["E209"]),
    ]
}

fn late_elderly() -> Vec<Scenario> {
    let man = |loss: &str| {
        let m = member("1").born("1951-09-20").covered("2014-04-01", loss);
        if loss.is_empty() { m } else { m.lost_by("後期加入") }
    };
    let of_man = |day: u8| claim("2026-09").born("1951-09-20").class('8').tokki("29").days([day]);
    vec![
        scenario("E213: 75歳の誕生日から、台帳の喪失日によらない")
            .member(man("2026-09-21"))
            .claim(of_man(20))
            .expect(["E213"])
            .never(["E201", "E204", "E217"])
            .cand_payer("E213", "39")
            .disposition("E213", "D1")
            .claim(of_man(19))
            .expect([])
            .never(["E213"])
            .claim(of_man(22).days([19, 20]))
            .expect(["E213"])
            .never(["E204"])
            .days("E213", [20], [19])
            .disposition("E213", "D1"),
        scenario("E213: 台帳の喪失がまだない").member(man("")).claim(of_man(25)).expect(["E213"]).never(["E217"]),
        scenario("E213: 台帳の喪失が前日")
            .member(man("2026-09-19"))
            .claim(of_man(19))
            .expect(["E213"])
            .claim(of_man(18))
            .expect([])
            .never(["E213"]),
        scenario("E213: 1日生まれは月の途中で分かれない")
            .member(member("1").born("1951-09-01").covered("2014-04-01", "2026-09-01").lost_by("後期加入"))
            .claim(claim("2026-09").born("1951-09-01").class('8').tokki("29").days([1, 30]))
            .expect(["E213"])
            .days("E213", [1, 30], [])
            .claim(claim("2026-08").born("1951-09-01").class('8').tokki("29").no_days())
            .expect([])
            .never(["E213", "E205"]),
        scenario("E213: 翌月に75歳")
            .member(member("1").born("1951-10-01").covered("2014-04-01", ""))
            .claim(claim("2026-09").born("1951-10-01").class('8').tokki("29").days([30]))
            .expect([])
            .never(["E213"]),
        scenario("E213: 2月29日生まれ")
            .member(member("1").born("1952-02-29").covered("2014-04-01", ""))
            .claim(claim("2027-02").born("1952-02-29").class('8').tokki("29").days([28]))
            .expect([])
            .never(["E213"])
            .claim(claim("2027-03").born("1952-02-29").class('8').tokki("29").days([1]))
            .expect(["E213"]),
        scenario("E213: 障害認定")
            .member(
                member("1")
                    .born("1958-05-10")
                    .covered("2014-04-01", "2026-09-01")
                    .lost_by("後期加入")
                    .covered("2026-09-01", "")
                    .kouki(),
            )
            .claim(claim("2026-09").born("1958-05-10").days([5]))
            .expect(["E213"])
            .never(["E201"]),
        scenario("E213: 障害認定の撤回と国保の再取得")
            .member(
                member("1")
                    .born("1958-05-10")
                    .covered("2014-04-01", "2025-09-01")
                    .lost_by("後期加入")
                    .covered("2026-04-01", "")
                    .covered("2025-09-01", "2026-04-01")
                    .kouki(),
            )
            .claim(claim("2026-09").born("1958-05-10").days([5]))
            .expect([])
            .never(["E213"])
            .claim(claim("2025-12").born("1958-05-10").days([5]))
            .expect(["E213"]),
        scenario("E213 は E303 から E305 を止める")
            .member(man("2026-09-21").attribute("負担割合", "3", "2026-08-01", ""))
            .claim(of_man(25))
            .expect(["E213"])
            .never(["E303", "E304", "E305"])
            .claim(claim("2026-10").born("1951-09-20").days([5]))
            .expect(["E213"])
            .never(["E304", "E201"]),
        scenario("後期の資格期間も同じに見る")
            .member(member("1").born("1946-03-05").covered("2021-03-05", "2026-09-16").kouki().lost_by("転出"))
            .claim(kouki_claim("2026-09").days([20]))
            .expect(["E210"])
            .never(["E213"])
            .claim(kouki_claim("2021-03").days([3]))
            .expect(["E202"])
            .claim(kouki_claim("2026-08"))
            .expect([])
            .never(["E210", "E213"]),
    ]
}

fn others() -> Vec<Scenario> {
    let student = |to: &str| {
        member("1").born("2006-06-06").covered("2014-04-01", "2025-04-01").lost_by("転出").attribute(
            "特例",
            "マル学",
            "2025-04-01",
            to,
        )
    };
    let of_student = |month: &str, day: u8| claim(month).born("2006-06-06").days([day]);
    vec![
        scenario("E216: マル学の期限後")
            .member(student("2027-04-01"))
            .claim(of_student("2027-04", 5))
            .expect(["E210", "E216"])
            .disposition("E216", "D6")
            .claim(of_student("2027-03", 31))
            .expect([])
            .never(["E216", "E210", "E201"]),
        scenario("E216: 特例の間は、住所がなくても資格がある")
            .member(student(""))
            .claim(of_student("2026-09", 5))
            .expect([])
            .never(["E210", "E216", "E204"]),
        scenario("E216: 特例の間は県内転出も問わない")
            .member(since_2014().applied("", "2026-09-15").applied_end_by("県内転出").attribute(
                "特例",
                "住所地特例",
                "2026-09-15",
                "",
            ))
            .claim(claim("2026-09").days([10, 20]))
            .expect([])
            .never(["E208"]),
        scenario("E216: 昔の特例は今の喪失と関わりがない")
            .member(lost("2026-09-16", "社保加入").attribute("特例", "マル遠", "2015-04-01", "2018-04-01"))
            .claim(claim("2026-10"))
            .expect(["E211"])
            .never(["E216"]),
        scenario("E216: 普通の資格に戻った")
            .member(student("2026-04-01").covered("2026-04-01", ""))
            .claim(of_student("2026-09", 5))
            .expect([])
            .never(["E216"]),
        scenario("E217: 行の間の切れ目は台帳の誤り")
            .member(
                since_2014().then_from("2026-09-10", "番号変更").applied("2026-09-15", "").card("", "1234890", "01"),
            )
            .claim(claim("2026-09").days([5, 12]).card("", "1234890", Some(1)))
            .expect(["E217"])
            .never(["E208", "E209", "E201", "E204"])
            .disposition("E217", "D9")
            .days("E217", [12], [5])
            .claim(claim("2026-09").days([5, 16]).card("", "1234890", Some(1)))
            .expect([])
            .never(["E217"]),
        scenario("E217: 資格の重なり")
            .member(lost("2026-09-16", "その他").covered("2026-09-01", ""))
            .claim(claim("2026-09").days([10]))
            .expect(["E217"])
            .cause_is("E217", "overlap")
            .claim(claim("2026-09").days([20]))
            .expect([])
            .never(["E217"]),
        scenario("E217: 75歳より後の後期加入")
            .member(member("1").born("1951-09-20").covered("2014-04-01", "2026-10-01").lost_by("後期加入"))
            .claim(claim("2026-09").born("1951-09-20").class('8').tokki("29").days([25]))
            .expect(["E213", "E217"])
            .primary("E213"),
        scenario("E217: 適用が資格より先に始まる")
            .member(member("1").covered("2026-09-10", "").applied("2026-09-01", ""))
            .claim(claim("2026-09").days([20]))
            .expect(["E217"]),
        scenario("E217: 適用が資格の喪失より後に始まる")
            .member(member("1").covered("2014-04-01", "2026-09-10").applied("2026-09-20", ""))
            .claim(claim("2026-09").days([5]))
            .expect(["E209", "E217"]),
        scenario("E218: 入院中に資格を得た")
            .member(member("1").covered("2026-09-05", ""))
            .claim(claim("2026-09").stay(5, 12).admitted("2026-08-20"))
            .expect([])
            .tags(["E218"])
            .never(["E202", "E204"])
            .disposition("E218", "")
            .claim(claim("2026-09").stay(5, 9).admitted("2026-09-05"))
            .never(["E218"])
            .claim(claim("2026-10").stay(5, 12).admitted("2026-10-05"))
            .expect([])
            .never(["E218"]),
        scenario("E220: 資格の重複")
            .member(since_2014().attribute("他保険", "06130488:1:2", "2026-09-10", ""))
            .claim(claim("2026-09").days([5, 12]))
            .expect(["E220"])
            .disposition("E220", "D6")
            .days("E220", [12], [5])
            .cand_payer("E220", "社保:06130488")
            .claim(claim("2026-09").days([9]))
            .expect([])
            .never(["E220"]),
        scenario("E220: 喪失した後なら重複でない")
            .member(lost("2026-09-01", "社保加入").attribute("他保険", "06130488:1:2", "2026-08-31", ""))
            .claim(claim("2026-09"))
            .expect(["E211"])
            .never(["E220"])
            .cand_payer("E211", "社保:06130488"),
        scenario("E221: 適用除外の期間")
            .member(since_2014().attribute("適用除外", "施設", "2026-09-10", "2026-09-20"))
            .claim(claim("2026-09").days([9, 12]))
            .expect(["E221"])
            .disposition("E221", "D6")
            .days("E221", [12], [9])
            .claim(claim("2026-09").days([9, 20]))
            .expect([])
            .never(["E221"]),
        scenario("日の分からない月の E221 と E220 は月の全部が当たるときだけ")
            .member(since_2014().attribute("適用除外", "施設", "2026-09-10", "").attribute(
                "他保険",
                "06130488:1:2",
                "2026-09-10",
                "",
            ))
            .claim(claim("2026-09").no_days())
            .expect([])
            .never(["E220", "E221"])
            .claim(claim("2026-10").no_days())
            .expect(["E220", "E221"]),
        scenario("調剤は調剤した日で見る")
            .member(lost("2026-09-16", "その他"))
            .claim(pharmacy("2026-09").days([16]).prescribed("1310000123", [15]).at("1340000123"))
            .expect(["E201", "E607"])
            .claim(pharmacy("2026-09").days([15]).prescribed("1310000123", [14]).at("1340000124"))
            .expect(["E607"])
            .never(["E201"]),
        scenario("67 の番号でも国保の行で見る")
            .member(lost("2026-09-16", "社保加入").attribute("特例", "退職", "2014-04-01", ""))
            .claim(claim("2026-09").payer(&format!("67{CITY}")).receipt_type("1412").days([20]))
            .expect(["E211"])
            .never(["E104", "E101"]),
    ]
}
