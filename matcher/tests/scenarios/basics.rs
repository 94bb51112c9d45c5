//! The core of E2: loss, acquisition, change of number, moves inside the prefecture.

use super::{Scenario, claim, member, scenario};

pub fn all() -> Vec<Scenario> {
    vec![
        scenario("資格のある人の請求には何もない")
            .member(member("1").covered("2014-04-01", ""))
            .claim(claim("2026-09").days([3, 10, 25]))
            .expect([])
            .never(["E201", "E202", "E204", "E109", "E111"])
            .tier("T1")
            .person(Some("1")),
        scenario("喪失日の当日")
            .member(member("1").covered("2014-04-01", "2026-09-16"))
            .claim(claim("2026-09").days([16]))
            .expect(["E201"])
            .tags(["E206"])
            .never(["E204", "E205"])
            .disposition("E201", "D1")
            .days("E201", [16], []),
        scenario("喪失日の前日")
            .member(member("1").covered("2014-04-01", "2026-09-16"))
            .claim(claim("2026-09").days([15]))
            .expect([])
            .never(["E201", "E206"]),
        scenario("番号変更の後に喪失")
            .member(
                member("1")
                    .covered("2024-04-01", "2026-09-16")
                    .lost_by("社保加入")
                    .then_from("2026-05-10", "番号変更")
                    .card("", "1234890", "01"),
            )
            .claim(claim("2026-10").card("", "1234890", Some(1)).days([5]))
            .expect(["E211"])
            .claim(claim("2026-06").card("", "1234890", Some(1)).days([1]))
            .expect([])
            .never(["E201", "E211", "E115"]),
        scenario("月の途中で喪失")
            .member(member("1").covered("2014-04-01", "2026-09-16").lost_by("社保加入"))
            .claim(claim("2026-09").days([3, 25]))
            .expect(["E204"])
            .never(["E201", "E211"])
            .days("E204", [25], [3])
            .cause("E204", 25, "E211")
            .disposition("E204", "D1")
            .claim(claim("2026-09").days([3, 15]).at("1310999998"))
            .expect(["E207"])
            .never(["E204"]),
        scenario("県内転出")
            .member(member("1").covered("2014-04-01", "").applied("", "2026-09-15").applied_end_by("県内転出"))
            .claim(claim("2026-09").days([20]))
            .expect(["E208"])
            .never(["E201", "E210", "E204"])
            .disposition("E208", "D3")
            .cand_payer("E208", "県内国保")
            .claim(claim("2026-09").days([10, 20]).at("1310999998"))
            .expect(["E208"])
            .days("E208", [20], [10])
            .disposition("E208", "D1")
            .never(["E204"])
            .claim(claim("2026-09").days([14]).at("1310888887"))
            .expect([])
            .never(["E208"]),
    ]
}
