//! T1xx 第三者行為, and the rules that read the same text: E407, E505.

use super::{Given, Scenario, claim, member, scenario};

const NECK: &str = "8470024=頚椎捻挫@2026-09-03";
const DOG: &str = "8841619=犬咬創@2026-09-03";
const ALL: [&str; 7] = ["T101", "T102", "T103", "T104", "T105", "T106", "T107"];

/// A claim of the man with these diagnoses, comments and links.
fn hurt(diagnoses: &str, comment: &str, links: &str) -> Given {
    let comment = if comment.is_empty() { String::new() } else { format!("CO:810000001:{comment}") };
    claim("2026-09").injured(diagnoses, &comment, links)
}

pub fn all() -> Vec<Scenario> {
    let man = || member("1").covered("2014-04-01", "");
    vec![
        scenario("T101: 特記事項10、コメント、損保の通知")
            .member(man())
            .claim(claim("2026-09").tokki("2910").injured(NECK, "", ""))
            .expect(["T101"])
            .primary("T101")
            .severity("T101", "S3")
            .disposition("T101", "D8")
            .certainty("T101", "CERTAIN")
            .says("T101", "100点")
            .never(["T102", "T106"])
            .claim(claim("2026-09").injured(NECK, "CO:820000022:交通事故", ""))
            .expect(["T101"])
            .claim(hurt(NECK, "", "NOTICE:損保"))
            .expect(["T101"])
            .claim(claim("2026-09").tokki("2101").injured("8833421=高血圧症@2021-06-01", "", ""))
            .expect([])
            .never(ALL)
            .claim(hurt(NECK, "", ""))
            .expect([])
            .never(ALL),
        scenario("T102: 候補と、候補でないもの")
            .member(man())
            .claim(hurt(NECK, "信号待ちで追突された", ""))
            .expect(["T102"])
            .primary("T102")
            .certainty("T102", "POSSIBLE")
            .disposition("T102", "D8")
            .says("T102", "CANDIDATE、区分A")
            .claim(hurt(DOG, "", ""))
            .expect(["T102"])
            .says("T102", "区分B")
            .claim(hurt(DOG, "自宅の飼い犬に手を噛まれた", ""))
            .expect([])
            .never(["T102"])
            .claim(hurt(NECK, "交通事故なし。寝違え", ""))
            .expect([])
            .never(["T102", "E407", "E505"]),
        scenario("T103: 食中毒")
            .member(man())
            .claim(hurt("0059003=食中毒@2026-09-18", "", "CLUSTER:FOOD:6"))
            .expect(["T103"])
            .certainty("T103", "POSSIBLE")
            .claim(hurt("0091009=急性胃腸炎@2026-09-18", "", "CLUSTER:FOOD:6"))
            .expect([])
            .never(["T103"]),
        scenario("T104・E407: 通勤中の追突、仕事中のけが")
            .member(man())
            .claim(hurt(NECK, "通勤途中、赤信号で停止中に追突された", ""))
            .expect(["E407", "T104"])
            .primary("E407")
            .severity("E407", "S2")
            .disposition("E407", "D8")
            .certainty("E407", "POSSIBLE")
            .claim(hurt("8150002=中手骨骨折@2026-09-13", "仕事中、指を機械に挟んだ", ""))
            .expect(["E407"])
            .never(["T102", "T104"])
            .claim(hurt(NECK, "農作業中に受傷。労災ではない", ""))
            .expect([])
            .never(["E407", "T104"])
            .claim(hurt("8842188=針刺し事故@2026-09-13", "", ""))
            .expect([])
            .never(["E407", "T104"]),
        scenario("T105: 自損・自傷は、他人が関わるときだけ")
            .member(man())
            .claim(hurt("8070006=肋骨骨折@2026-09-11", "バイクの単独事故", "AMB:交通事故@2026-09-11"))
            .expect(["T105"])
            .claim(hurt("8070006=肋骨骨折@2026-09-11", "バイクの単独事故、自損", ""))
            .expect([])
            .never(["T105", "T102"])
            .claim(hurt("3009016=自殺未遂@2026-09-22", "", ""))
            .expect([])
            .never(["T105", "E505"]),
        scenario("T106: 配慮を要する。文面は文章を引かない")
            .member(man())
            .claim(hurt("8837028=多発性挫傷@2026-09-09", "夫に殴られた、けんか", ""))
            .expect(["T106"])
            .says("T106", "SENSITIVE、区分A。配慮を要する（案内・通知をしない）")
            .never(["T102", "E505"])
            .claim(hurt("8835144+8002=心理的虐待@2026-09-09", "", ""))
            .expect([])
            .never(["T106"])
            .claim(hurt("8837028=多発性挫傷@2026-09-09", "知人に殴られた", ""))
            .expect(["T102"])
            .never(["T106"]),
        scenario("T101: 配慮を要するレセプトの記載")
            .member(man())
            .claim(claim("2026-09").tokki("10").injured(
                "8837028=多発性挫傷@2026-09-09",
                "CO:810000001:夫に殴られた",
                "",
            ))
            .expect(["T101"])
            .says("T101", "MARKED、区分A。配慮を要する")
            .never(["T106"]),
        scenario("T107: 登録済みの事案は指摘しない")
            .member(man())
            .claim(hurt(NECK, "追突された", "CASE:OPEN"))
            .expect([])
            .never(ALL),
        scenario("E505: 闘争・泥酔は、候補のときだけ")
            .member(man())
            .claim(hurt("9209014=顔面打撲傷@2026-09-09", "酒席でけんかとなり殴られた", ""))
            .expect(["E505", "T102"])
            .primary("E505")
            .severity("E505", "S3")
            .disposition("E505", "D6")
            .certainty("E505", "POSSIBLE")
            .claim(hurt("8838137=頭部打撲@2026-09-09", "泥酔し自己転倒", ""))
            .expect([])
            .never(["E505", "T102"])
            .claim(hurt("9209014=顔面打撲傷@2026-09-09", "知人に殴られた", ""))
            .expect(["T102"])
            .never(["E505"]),
        scenario("T・E407・E505: 資格の指摘が主となり、消さず消されない")
            .member(member("1").covered("2014-04-01", "2026-04-01"))
            .claim(hurt(NECK, "追突された", ""))
            .expect(["E201", "T102"])
            .primary("E201"),
        scenario("T: 判定がなければ何も言わない")
            .member(man())
            .claim(claim("2026-09").tokki("10"))
            .expect([])
            .never(ALL),
        scenario("T102 を切れば出ない")
            .member(man())
            .switch_off("T102")
            .claim(hurt(NECK, "追突された", ""))
            .expect([])
            .never(["T102"]),
    ]
}
