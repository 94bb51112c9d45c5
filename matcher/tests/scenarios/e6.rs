//! E6xx 重複・縦覧・突合.

use super::{Member, Scenario, UNION, claim, member, nursing, pharmacy, scenario};

const HOSPITAL: &str = "1310000123";
const CLINIC: &str = "1310000321";

fn man() -> Member {
    member("1").covered("2014-04-01", "")
}

/// 社保加入, effective 2026-09-16, known in time.
fn lost() -> Member {
    member("1").covered("2014-04-01", "2026-09-16").lost_by("社保加入").known("2026-09-17 09:00:00")
}

pub fn all() -> Vec<Scenario> {
    let mut all = twice();
    all.extend(stays());
    all.extend(prescribers());
    all
}

fn twice() -> Vec<Scenario> {
    let visit = || claim("2026-09").at(CLINIC).days([3, 10]);
    vec![
        scenario("E601: 同じファイルに2件")
            .member(man())
            .claim(visit())
            .expect([])
            .never(["E601"])
            .claim(visit())
            .expect(["E601"])
            .names_claim("E601", 1)
            .disposition("E601", "D1")
            .severity("E601", "S1")
            .never(["E602"]),
        scenario("E601: 別の取込で2件、後の取込に付く")
            .member(man())
            .claim(visit().in_import(2))
            .expect(["E601"])
            .names_claim("E601", 2)
            .claim(visit().in_import(1))
            .expect([])
            .never(["E601"]),
        scenario("E601: 返戻の後の再請求、先のものは取り下げてある")
            .member(man())
            .claim(visit().withdrawn())
            .claim(visit().in_import(2).again())
            .expect([])
            .never(["E601", "E602"]),
        scenario("E601: 検索番号があっても2件とも生きていれば重複")
            .member(man())
            .claim(visit())
            .claim(visit().in_import(2).again())
            .expect(["E601"]),
        scenario("E601: ほかの指摘をすべて止める")
            .member(lost())
            .claim(visit().days([20]))
            .expect(["E211"])
            .claim(visit().days([20]))
            .expect(["E601"])
            .never(["E211"]),
        scenario("E601: 単独と併用で請求区分だけ違う")
            .member(man())
            .claim(visit())
            .claim(visit().receipt_type("1122").public("54136015", "1234566"))
            .expect(["E601"]),
        scenario("E601: 点数か日数が違えば同じでない")
            .member(man())
            .claim(visit())
            .claim(visit().points(501))
            .expect(["E602"])
            .never(["E601"]),
        scenario("E601: 別の人の同じ内容")
            .member(man())
            .member(member("2").born("1991-01-01").covered("2014-04-01", "").card("", "2", "01"))
            .claim(visit())
            .claim(visit().born("1991-01-01").card("", "2", Some(1)))
            .expect([])
            .never(["E601", "E602"]),
        scenario("E602: 同じ月に同じ医療機関から2件")
            .member(man())
            .claim(visit())
            .claim(visit().days([20]))
            .expect(["E602"])
            .names_claim("E602", 1)
            .disposition("E602", "D6")
            .claim(visit().at(HOSPITAL))
            .expect([])
            .never(["E601", "E602"]),
        scenario("E602: 保険者番号の変更で1件ずつ")
            .member(man().then_from("2026-09-15", "番号変更").insurer("138057").card("", "88", "01"))
            .claim(visit())
            .claim(visit().days([20]).payer("138057").card("", "88", Some(1)))
            .expect([])
            .never(["E602", "E601", "E115"]),
        scenario("E602: 公費の区分、診療科、分割、DPC と出来高は分かれてよい")
            .member(man())
            .claim(visit())
            .claim(visit().days([20]).receipt_type("1122").public("54136015", "1234566"))
            .expect([])
            .never(["E602"])
            .claim(visit().days([21]).department("01"))
            .expect([])
            .never(["E602"])
            .claim(visit().days([22]).sn("05").points(10))
            .expect([])
            .tags(["E902"])
            .never(["E602"])
            .claim(claim("2026-08").at(CLINIC).stay(3, 9))
            .claim(claim("2026-08").at(CLINIC).stay(10, 20).dpc())
            .expect([])
            .never(["E602", "E605"]),
        scenario("E602: 入院と入院外は1件ずつ")
            .member(man())
            .claim(claim("2026-09").at(HOSPITAL).stay(3, 9))
            .claim(claim("2026-09").at(HOSPITAL).days([20]))
            .expect([])
            .never(["E602", "E603"]),
        scenario("E602: 薬局は処方元ごとに1件")
            .member(man())
            .claim(claim("2026-09").at(CLINIC).days([9]))
            .claim(claim("2026-09").at(HOSPITAL).days([9]))
            .claim(pharmacy("2026-09").at("1340000001").days([10]).prescribed(CLINIC, [9]))
            .claim(pharmacy("2026-09").at("1340000001").days([10]).prescribed(HOSPITAL, [9]))
            .expect([])
            .never(["E601", "E602"]),
        scenario("E609: 国保と後期に同じ受診")
            .member(
                member("1")
                    .born("1951-09-20")
                    .covered("2014-04-01", "2026-09-20")
                    .lost_by("後期加入")
                    .covered("2026-09-20", "")
                    .kouki(),
            )
            .claim(claim("2026-09").at(CLINIC).born("1951-09-20").class('8').tokki("29").days([18]))
            .expect([])
            .claim(claim("2026-09").at(CLINIC).born("1951-09-20").kouki().payer(UNION).tokki("42").days([18, 25]))
            .expect(["E204", "E609"])
            .disposition("E609", "D1")
            .days("E609", [18], [25])
            .claim(claim("2026-09").at(HOSPITAL).born("1951-09-20").kouki().payer(UNION).tokki("42").days([18, 26]))
            .never(["E609"])
            .claim(claim("2026-09").at(CLINIC).born("1951-09-20").kouki().payer(UNION).tokki("42").days([26]))
            .never(["E609"]),
    ]
}

fn stays() -> Vec<Scenario> {
    let stay = |from, to| claim("2026-09").at(HOSPITAL).stay(from, to);
    vec![
        scenario("E603: 入院中に同じ医療機関の外来")
            .member(man())
            .claim(stay(3, 9))
            .claim(claim("2026-09").at(HOSPITAL).days([5]))
            .expect(["E603"])
            .never(["E604"])
            .disposition("E603", "D7")
            .certainty("E603", "CERTAIN"),
        scenario("E603: 入院の日と退院の日の外来は入院中でない")
            .member(man())
            .claim(stay(3, 9))
            .claim(claim("2026-09").at(HOSPITAL).days([3, 9]))
            .expect([])
            .never(["E603"]),
        scenario("E603: 前の月から続く入院の初日")
            .member(man())
            .claim(stay(1, 9).admitted("2026-08-20"))
            .claim(claim("2026-09").at(HOSPITAL).days([1]))
            .expect(["E603"]),
        scenario("E603: 二度の入院の間")
            .member(man())
            .claim(stay(3, 3).days([3, 4, 5, 20, 21, 22]))
            .claim(claim("2026-09").at(HOSPITAL).days([10]))
            .expect([])
            .never(["E603"])
            .claim(claim("2026-09").at(HOSPITAL).days([21]).points(9))
            .expect(["E602", "E603"]),
        scenario("E603: 日の確かでない入院ならほぼ確実")
            .member(man())
            .claim(stay(3, 9).not_exact())
            .claim(claim("2026-09").at(HOSPITAL).days([5]))
            .expect(["E603"])
            .certainty("E603", "PROBABLE"),
        scenario("E604: 入院中にほかの医療機関の外来")
            .member(man())
            .claim(claim("2026-09").at(CLINIC).days([5, 12]))
            .expect([])
            .claim(stay(3, 9))
            .expect(["E604"])
            .never(["E603"])
            .names_claim("E604", 1)
            .days("E604", [5], [3, 4, 6, 7, 8, 9])
            .disposition("E604", "D7"),
        scenario("E604: 転院の日の外来、日の分からない外来、調剤")
            .member(man())
            .claim(stay(3, 9))
            .claim(claim("2026-09").at(CLINIC).days([9]))
            .expect([])
            .never(["E604"])
            .claim(claim("2026-09").days([5]).not_exact())
            .expect([])
            .never(["E604"])
            .claim(pharmacy("2026-09").days([5]))
            .expect([])
            .never(["E604"]),
        scenario("E605: 二つの入院が3日重なる")
            .member(man())
            .claim(stay(1, 20))
            .claim(claim("2026-09").stay(18, 30))
            .expect(["E605"])
            .disposition("E605", "D6")
            .days("E605", [18, 19, 20], [21, 22, 23, 24, 25, 26, 27, 28, 29, 30]),
        scenario("E605: 転院の日の1日は重なってよい")
            .member(man())
            .claim(stay(1, 20))
            .claim(claim("2026-09").stay(20, 30))
            .expect([])
            .never(["E605"]),
        scenario("E605: 分割された入院は重なってよい")
            .member(man())
            .claim(stay(1, 20))
            .claim(claim("2026-09").stay(18, 30).sn("05"))
            .expect([])
            .never(["E605"]),
        scenario("E605: 医科の入院中の歯科の入院は重なってよい")
            .member(man())
            .claim(stay(1, 20))
            .claim(claim("2026-09").stay(3, 9).receipt_type("3111").admitted("2026-09-03"))
            .expect([])
            .never(["E605", "E604"]),
        scenario("E605: 同じ医療機関の DPC と出来高が2日重なる")
            .member(man())
            .claim(stay(1, 20))
            .claim(stay(19, 30).dpc())
            .expect(["E605"])
            .never(["E602"]),
    ]
}

fn prescribers() -> Vec<Scenario> {
    let dispensed = || pharmacy("2026-09").days([10]).prescribed(CLINIC, [9]);
    vec![
        scenario("E607: 処方元のレセプトがない")
            .member(man())
            .claim(dispensed())
            .expect(["E607"])
            .disposition("E607", "D6")
            .severity("E607", "S4"),
        scenario("E607: 処方元のレセプトがある")
            .member(man())
            .claim(claim("2026-09").at(CLINIC).days([9]))
            .claim(dispensed())
            .expect([])
            .never(["E607"]),
        scenario("E607: 前の月の処方元のレセプト")
            .member(man())
            .claim(claim("2026-08").at(CLINIC).days([31]))
            .claim(pharmacy("2026-09").days([2]).prescribed_before(CLINIC, [31]))
            .expect([])
            .never(["E607"])
            .claim(pharmacy("2026-10").days([2]).prescribed_before(CLINIC, [30]))
            .expect(["E607"]),
        scenario("E607: リフィルと分割調剤")
            .member(man())
            .claim(dispensed().days([30]).waited(30))
            .expect([])
            .never(["E607"])
            .claim(dispensed().split_dispensing())
            .expect([])
            .never(["E607"])
            .claim(dispensed().waited(7))
            .expect(["E607"]),
        scenario("E607: 手元にない月の処方元は問わない")
            .whole("2026-09")
            .member(man())
            .claim(pharmacy("2026-09").days([2]).prescribed_before(CLINIC, [31]))
            .expect([])
            .never(["E607"])
            .claim(dispensed())
            .expect(["E607"]),
        scenario("E608: 処方元に資格の指摘がある")
            .member(lost())
            .claim(claim("2026-09").at(CLINIC).days([20]))
            .expect(["E211"])
            .disposition("E211", "D1")
            .claim(pharmacy("2026-09").days([21]).prescribed(CLINIC, [20]))
            .expect(["E211", "E608"])
            .primary("E211")
            .names_claim("E608", 1)
            .disposition("E608", "D1")
            .severity("E608", "S1")
            .says("E608", "E211"),
        scenario("E608: 資格のある日の処方には及ばない")
            .member(lost())
            .claim(claim("2026-09").at(CLINIC).days([3, 20]))
            .expect(["E204"])
            .claim(pharmacy("2026-09").days([3]).prescribed(CLINIC, [3]))
            .expect([])
            .never(["E608"])
            .claim(pharmacy("2026-09").days([21]).prescribed(CLINIC, [20]))
            .expect(["E211", "E608"]),
        scenario("E608: 取得の前の処方を取得の後に調剤")
            .member(member("1").covered("2026-09-10", ""))
            .claim(claim("2026-09").at(CLINIC).days([9]))
            .expect(["E202"])
            .claim(pharmacy("2026-09").days([10]).prescribed(CLINIC, [9]))
            .expect(["E608"])
            .never(["E202"]),
        scenario("E608: 処分は処方元のもの（D3）")
            .member(man().applied("", "2026-09-15").applied_end_by("県内転出"))
            .claim(claim("2026-09").at(CLINIC).days([20]))
            .disposition("E208", "D3")
            .claim(pharmacy("2026-09").days([20]).prescribed(CLINIC, [20]))
            .expect(["E208", "E608"])
            .disposition("E608", "D3"),
        scenario("E608: 前の月の処方")
            .member(lost())
            .claim(claim("2026-09").at(CLINIC).days([30]))
            .claim(pharmacy("2026-10").days([2]).prescribed_before(CLINIC, [30]))
            .expect(["E211", "E608"])
            .names_claim("E608", 1),
        scenario("E608: 照会だけの指摘（D6）は連動しない")
            .member(man().attribute("適用除外", "施設", "2026-09-01", ""))
            .claim(claim("2026-09").at(CLINIC).days([9]))
            .expect(["E221"])
            .claim(dispensed())
            .expect(["E221"])
            .never(["E608"]),
        scenario("E608: 種別や公費の指摘は連動しない")
            .member(member("1").born("2020-04-01").covered("2020-04-01", "").not_head())
            .claim(claim("2026-09").born("2020-04-01").class('4').at(CLINIC).days([9]))
            .expect(["E301"])
            .disposition("E301", "D1")
            .claim(dispensed().born("2020-04-01").class('6'))
            .expect([])
            .never(["E608"]),
        scenario("E608: 給付制限も連動する")
            .member(man().attribute("拘禁", "1", "2026-09-01", "2026-09-10"))
            .claim(claim("2026-09").at(CLINIC).days([9]))
            .expect(["E504"])
            .claim(dispensed())
            .expect(["E608"])
            .says("E608", "E504"),
        scenario("E608: 訪問看護は同じ日の主治医のレセプトと連動する")
            .member(lost())
            .claim(claim("2026-09").at(CLINIC).days([20]))
            .claim(nursing("2026-09").days([20, 24]).physician(CLINIC))
            .expect(["E211", "E608"])
            .names_claim("E608", 1)
            .says("E608", "主治医")
            .days("E608", [20], [24])
            .claim(nursing("2026-09").days([21, 25]).physician(CLINIC))
            .expect(["E211"])
            .never(["E608", "E607"])
            .claim(nursing("2026-09").days([20]).physician(HOSPITAL))
            .expect(["E211"])
            .never(["E608", "E607"]),
    ]
}
