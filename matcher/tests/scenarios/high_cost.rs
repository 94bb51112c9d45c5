//! E308, E311, E312, E313, E317: 限度額 and 多数回. 10,000点 inpatient of ウ in 2026-09: 85,800 + (100,000 − …) below the
//! limit; most claims here have 100,000点.

use super::{Given, Member, Scenario, claim, kouki_claim, member, scenario};

/// Of a household in a category from 2020 on.
fn of(category: &str) -> Member {
    member("1").covered("2014-04-01", "").household_attribute("所得区分", category, "2020-08-01", "")
}

/// Taken back, so that the ways in which one claim can be written do not overlap as stays (E605).
fn stay(month: &str) -> Given {
    claim(month).class('1').stay(3, 20).points(100_000).withdrawn()
}

/// Of seventy and more, with a category and a share.
fn elder(category: &str, ratio: &str) -> Member {
    member("1").born("1954-04-10").covered("2014-04-01", "").attribute("負担割合", ratio, "2024-05-01", "").attribute(
        "高齢所得区分",
        category,
        "2024-05-01",
        "",
    )
}

fn elder_claim(month: &str, class: char, tokki: &str) -> Given {
    claim(month).born("1954-04-10").class(class).tokki(tokki)
}

pub fn all() -> Vec<Scenario> {
    let mut all = categories();
    all.extend(amounts());
    all.extend(half_months());
    all.extend(diseases());
    all.extend(repeated());
    all
}

fn categories() -> Vec<Scenario> {
    vec![
        scenario("E308: 区分エの人に特記28")
            .member(of("エ"))
            .claim(stay("2026-09").tokki("28"))
            .expect(["E308"])
            .disposition("E308", "D5")
            .severity("E308", "S2")
            .says("E308", "台帳の所得区分はエ")
            .cause_is("E308", "2020-08-01")
            .claim(stay("2026-09").tokki("29"))
            .expect([])
            .never(["E308"])
            .claim(stay("2026-09").tokki("34"))
            .expect([])
            .never(["E308"]),
        scenario("E308: 特記がなければ、限度額を使わなかっただけ")
            .member(of("エ"))
            .claim(stay("2026-09"))
            .expect([])
            .never(["E308"]),
        scenario("E308: 8月の切替は最初の受診日で見る")
            .member(
                member("1")
                    .covered("2014-04-01", "")
                    .household_attribute("所得区分", "ウ", "2025-08-01", "2026-08-01")
                    .household_attribute("所得区分", "イ", "2026-08-01", ""),
            )
            .claim(stay("2026-07").tokki("28"))
            .expect([])
            .never(["E308"])
            .claim(stay("2026-08").tokki("28"))
            .expect(["E308"])
            .claim(stay("2026-08").tokki("27"))
            .expect([])
            .never(["E308"]),
        scenario("E308: 台帳に区分がなければ言わない")
            .member(member("1").covered("2014-04-01", ""))
            .claim(stay("2026-09").tokki("28"))
            .expect([])
            .never(["E308"]),
        scenario("E308: 70歳以上は証を見せなければ29でよい")
            .member(elder("低所得Ⅱ", "2"))
            .claim(elder_claim("2026-09", '8', "29"))
            .expect([])
            .never(["E308"])
            .claim(elder_claim("2026-09", '8', "30"))
            .expect([])
            .never(["E308"]),
        scenario("E308: 一般の人に低所得の特記")
            .member(elder("一般", "2"))
            .claim(elder_claim("2026-09", '8', "30"))
            .expect(["E308"])
            .disposition("E308", "D5"),
        scenario("E308: 現役並みⅠを証なしで26、Ⅲを28")
            .member(elder("現役Ⅰ", "3"))
            .claim(elder_claim("2026-09", '0', "26"))
            .expect([])
            .never(["E308"])
            .claim(elder_claim("2026-09", '0', "27"))
            .expect(["E308"]),
        scenario("E308: 後期 一般Ⅰの人に低所得の特記")
            .member(
                member("1")
                    .born("1946-03-05")
                    .covered("2021-03-05", "")
                    .kouki()
                    .attribute("負担割合", "1", "2021-08-01", "")
                    .attribute("高齢所得区分", "一般Ⅰ", "2021-08-01", ""),
            )
            .claim(kouki_claim("2026-09").class('8').tokki("30"))
            .expect(["E308"])
            .claim(kouki_claim("2026-09").class('8').tokki("42"))
            .expect([])
            .never(["E308"]),
        scenario("E308: 災害の特例の人には言わない").member(of("エ")).claim(stay("2026-09").tokki("9628")).never([]),
    ]
}

fn amounts() -> Vec<Scenario> {
    vec![
        scenario("E308: 一部負担金が特記の区分の限度額と合わない")
            .member(of("ウ"))
            // 85,800 + (1,000,000 − 286,000) × 1 % = 92,940
            .claim(stay("2026-09").tokki("28").copay(92_940))
            .expect([])
            .never(["E308"])
            .claim(stay("2026-09").tokki("28").copay(92_936))
            .expect([])
            .never(["E308"])
            .claim(stay("2026-09").tokki("28").copay(87_430))
            .expect(["E308"])
            .cause_is("E308", "amount")
            .says("E308", "92,940円"),
        scenario("E308: 2026年7月までの限度額")
            .member(of("ウ"))
            .claim(stay("2026-07").tokki("28").copay(87_430))
            .expect([])
            .never(["E308"])
            .claim(stay("2026-07").tokki("28").copay(92_940))
            .expect(["E308"]),
        scenario("E308: 限度額に届かない負担はそのまま")
            .member(of("ウ"))
            .claim(stay("2026-09").points(10_000).tokki("28").copay(30_000))
            .expect([])
            .never(["E308"])
            .claim(stay("2026-09").points(10_000).tokki("28").copay(20_000))
            .expect(["E308"]),
        scenario("E308: 公費の部分は公費の限度額で")
            .member(of("ウ"))
            // 難病 30,000点 of 100,000: 85,800 + (1,000,000 − 286,000) × 1 % with a share of 20 % = 60,000
            .claim(stay("2026-09").tokki("28").public("54136015", "1").public_points(30_000).copay(92_940))
            .never(["E308"]),
        scenario("E308: 多数回の特記なら定額")
            .member(of("ウ"))
            .claim(stay("2026-09").tokki("33").copay(44_400))
            .expect([])
            .never(["E308"])
            .claim(stay("2026-09").tokki("33").copay(92_940))
            .expect(["E308"]),
    ]
}

fn half_months() -> Vec<Scenario> {
    let turning = |born: &str| {
        member("1")
            .born(born)
            .covered("2014-04-01", "2026-09-20")
            .attribute("負担割合", "2", "2021-10-01", "")
            .attribute("高齢所得区分", "一般", "2021-10-01", "")
    };
    let stay_of =
        |born: &str| claim("2026-09").born(born).class('7').stay(1, 15).points(50_000).withdrawn().tokki("29");
    vec![
        scenario("E311: 75歳到達月に1/2が使われていない")
            .member(turning("1951-09-20"))
            .claim(stay_of("1951-09-20").copay(61_500))
            .expect(["E311"])
            .disposition("E311", "D5")
            .severity("E311", "S3")
            .claim(stay_of("1951-09-20").copay(30_750))
            .expect([])
            .never(["E311"]),
        scenario("E311: 次の月に生まれた人には1/2はない")
            .member(
                member("1")
                    .born("1951-10-05")
                    .covered("2014-04-01", "")
                    .attribute("負担割合", "2", "2021-11-01", "")
                    .attribute("高齢所得区分", "一般", "2021-11-01", ""),
            )
            .claim(stay_of("1951-10-05").copay(61_500))
            .expect([])
            .never(["E311"])
            .claim(stay_of("1951-10-05").copay(30_750))
            .expect(["E308"])
            .never(["E311"]),
        scenario("E311: 1日生まれに1/2が使われている")
            .member(
                member("1")
                    .born("1951-09-01")
                    .covered("2026-09-01", "")
                    .kouki()
                    .attribute("負担割合", "2", "2026-08-01", "")
                    .attribute("高齢所得区分", "一般Ⅱ", "2026-08-01", ""),
            )
            .claim(
                kouki_claim("2026-09")
                    .born("1951-09-01")
                    .class('7')
                    .stay(1, 15)
                    .points(50_000)
                    .withdrawn()
                    .tokki("41")
                    .copay(30_750),
            )
            .expect(["E311"])
            .claim(
                kouki_claim("2026-09")
                    .born("1951-09-01")
                    .class('7')
                    .stay(1, 15)
                    .points(50_000)
                    .withdrawn()
                    .tokki("41")
                    .copay(61_500),
            )
            .expect([])
            .never(["E311"]),
        scenario("E311: 障害認定で入った人の75歳の月")
            .member(
                member("1")
                    .born("1951-09-20")
                    .covered("2024-04-01", "")
                    .kouki()
                    .attribute("負担割合", "2", "2024-08-01", "")
                    .attribute("高齢所得区分", "一般Ⅱ", "2024-08-01", ""),
            )
            .claim(
                kouki_claim("2026-09")
                    .born("1951-09-20")
                    .class('7')
                    .stay(1, 15)
                    .points(50_000)
                    .withdrawn()
                    .tokki("41")
                    .copay(61_500),
            )
            .expect([])
            .never(["E311"])
            .claim(
                kouki_claim("2026-09")
                    .born("1951-09-20")
                    .class('7')
                    .stay(1, 15)
                    .points(50_000)
                    .withdrawn()
                    .tokki("41")
                    .copay(30_750),
            )
            .expect(["E311"]),
        scenario("E312: 県内転居月に1/2が使われていない")
            .member(
                member("1")
                    .covered("2026-09-12", "")
                    .household_attribute("所得区分", "エ", "2020-08-01", "")
                    .household_attribute("世帯継続", "1", "2026-09-12", "2026-10-13"),
            )
            .claim(claim("2026-09").class('1').stay(13, 29).points(50_000).withdrawn().tokki("29").copay(61_500))
            .expect(["E312"])
            .disposition("E312", "D5")
            .claim(claim("2026-09").class('1').stay(13, 29).points(50_000).withdrawn().tokki("29").copay(30_750))
            .expect([])
            .never(["E312"])
            .claim(claim("2026-10").class('1').stay(1, 29).points(50_000).withdrawn().tokki("29").copay(61_500))
            .expect([])
            .never(["E312"]),
        scenario("E312: 月の初めに転居した月は1/2でない")
            .member(
                member("1")
                    .covered("2026-09-01", "")
                    .household_attribute("所得区分", "エ", "2020-08-01", "")
                    .household_attribute("世帯継続", "1", "2026-09-01", "2026-10-02"),
            )
            .claim(claim("2026-09").class('1').stay(3, 29).points(50_000).tokki("29").copay(61_500))
            .expect([])
            .never(["E312"]),
    ]
}

fn diseases() -> Vec<Scenario> {
    let dialysis = |value: &str| of("ウ").attribute("特定疾病", value, "2026-04-01", "2026-10-01");
    vec![
        scenario("E313: 受療証の記録がない")
            .member(of("ウ"))
            .claim(claim("2026-09").tokki("02"))
            .expect(["E313"])
            .disposition("E313", "D1")
            .severity("E313", "S2")
            .claim(claim("2026-09"))
            .expect([])
            .never(["E313"]),
        scenario("E313: 受療証の期間と額")
            .member(dialysis("慢性腎不全:10000"))
            .claim(claim("2026-09").tokki("02"))
            .expect([])
            .never(["E313"])
            .claim(claim("2026-10").tokki("02"))
            .expect(["E313"])
            .claim(claim("2026-09").tokki("16"))
            .expect(["E313"]),
        scenario("E313: 額の書かれていない受療証は1万円")
            .member(dialysis("血友病"))
            .claim(claim("2026-09").tokki("02"))
            .expect([])
            .never(["E313"])
            .claim(claim("2026-09").tokki("16"))
            .expect(["E313"]),
        scenario("E313: 一部負担金が特定疾病の限度額と合わない")
            .member(dialysis("慢性腎不全:10000"))
            .claim(claim("2026-09").points(30_000).tokki("0228").copay(10_000))
            .expect([])
            .never(["E313"])
            .claim(claim("2026-09").points(30_000).tokki("0228").copay(20_000))
            .expect(["E313"])
            .cause_is("E313", "limit"),
    ]
}

fn repeated() -> Vec<Scenario> {
    vec![
        scenario("E317: 該当が2回しかないのに多数回")
            .member(of("ウ"))
            .hits("501", ["2026-04", "2026-06"])
            .claim(stay("2026-09").tokki("33").copay(44_400))
            .expect(["E317"])
            .disposition("E317", "D6")
            .severity("E317", "S3")
            .says("E317", "該当は 2 回（2026-04、2026-06）")
            .claim(stay("2026-09").tokki("28").copay(92_940))
            .expect([])
            .never(["E317"]),
        scenario("E317: 該当が3回あれば多数回でよい")
            .member(of("ウ"))
            .hits("501", ["2025-10", "2026-04", "2026-06"])
            .claim(stay("2026-09").tokki("33").copay(44_400))
            .expect([])
            .never(["E317"])
            .claim(stay("2026-09").tokki("28").copay(92_940))
            .expect(["E317"])
            .claim(stay("2026-09").points(1_000).tokki("28"))
            .expect([])
            .never(["E317"]),
        scenario("E317: 12か月より前の該当は数えない")
            .member(of("ウ"))
            .hits("501", ["2025-09", "2026-04", "2026-06"])
            .claim(stay("2026-09").tokki("33").copay(44_400))
            .expect(["E317"]),
        scenario("E317: 引き継いだ該当も数える")
            .member(of("ウ").household_attribute("多数回引継", "1", "2026-02-01", "2026-03-01"))
            .hits("501", ["2026-04", "2026-06"])
            .claim(stay("2026-09").tokki("33").copay(44_400))
            .expect([])
            .never(["E317"]),
        scenario("E317: 計算していない月があれば言わない")
            .member(of("ウ"))
            .hits("501", [])
            .claim(stay("2024-03").tokki("33").copay(44_400))
            .expect([])
            .never(["E317"]),
        scenario("E317: 一度も計算していなければ言わない")
            .member(of("ウ"))
            .claim(stay("2026-09").tokki("33").copay(44_400))
            .expect([])
            .never(["E317"]),
        scenario("E317: 70歳以上の外来に多数回はない")
            .member(elder("一般", "2"))
            .hits("501", ["2026-04", "2026-05", "2026-06"])
            .claim(elder_claim("2026-09", '8', "29").points(20_000).copay(22_000))
            .expect([])
            .never(["E317"]),
    ]
}
