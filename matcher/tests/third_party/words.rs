//! Phrases as clinics write them, none of them from the page: what each comes to on a claim for a fresh neck sprain
//! (35 points without text).

use std::borrow::Cow;

use tenken_matcher::third_party::{Comment, Disease, Input, Outcome, Procedure, Route, Rules, score};
use tenken_parser::{Date, Kind, Month};

/// A claim of a man of 46 with one disease that began on 2026-09-03, and a comment.
pub fn claim(code: &'static str, name: &'static str, text: &str) -> Input<'static> {
    let month = Month::new(2026, 9).unwrap();
    Input {
        claim_month: month,
        age: Some(46),
        sex: 1,
        kind: Kind::Medical,
        tokki: Cow::Borrowed(""),
        occupational: false,
        diseases: vec![Disease {
            record: 3,
            code: code.into(),
            modifiers: "".into(),
            name: name.into(),
            start: Date::new(2026, 9, 3),
            comment: "".into(),
        }],
        comments: vec![comment(text)],
        procedures: vec![Procedure { record: 5, code: "111000110".into() }],
        links: Vec::new(),
    }
}

pub fn comment(text: &str) -> Comment<'static> {
    Comment { record: 4, kind: "CO".into(), code: "810000001".into(), text: text.to_owned().into() }
}

fn neck(text: &str) -> Outcome {
    score(Rules::embedded(), &claim("8470024", "頚椎捻挫", text))
}

fn all_are(route: Route, flag: bool, hold: bool, texts: &[&str]) {
    let wrong: Vec<String> = texts
        .iter()
        .map(|t| (t, neck(t)))
        .filter(|(_, o)| (o.route, o.flag, o.hold) != (route, flag, hold))
        .map(|(t, o)| format!("{t}: {:?} {} {} {}", o.route, o.flag, o.hold, o.evidence_text()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn acts_of_others() {
    all_are(
        Route::Candidate,
        true,
        false,
        &[
            "ダンプカーにはね飛ばされ救急搬送",
            "スクーターで直進中、右折車と出会い頭に衝突",
            "停車中に後ろからぶつけられた",
            "渋滞中に後続の軽トラがぶつかってきた",
            "歩行中、後方から来た自転車に当てられ転倒",
            "横断歩道でひかれた",
            "交通外傷にて受診",
            "人身事故扱い",
            "当て逃げされた",
            "自賠請求予定",
            "損保一括対応",
            "示談成立まで当院で加療",
            "相手の車が一時停止を無視",
            "相手側の不注意",
            "加害車両は不明",
            "対向車を避けようとして転倒",
            "幅寄せされガードレールに接触。自転車が幅寄せされた",
            "友人の車に乗っていて電柱に激突",
            "父の運転する軽トラの助手席で受傷",
            "後部座席に乗車中、前の車に突っ込んだ",
            "バスに乗車中、急ブレーキで転倒",
            "タクシー車内で急停車し頭部を打撲",
            "デイの送迎車から降りる際に転落",
            "酔客になぐられた",
            "見知らぬ男に押されて転落",
            "駅の階段で背中を押された",
            "同級生とふざけていて投げ飛ばされた",
            "先輩に胸ぐらを掴まれた",
            "クラスメートに足を掛けられた",
            "入居者に叩かれた",
            "他児に噛みつかれた",
            "友達に腕を引っ張られ転倒",
            "口論の末もみ合いとなり転倒",
            "飲み屋で乱闘に巻き込まれた",
            "包丁で切りつけられた",
            "強盗に遭い転倒",
            "暴力を受け受傷",
            "被害届提出済",
            "首を締められた",
            "隣の犬が飛びついてきて転倒",
            "公園でノーリードの犬に足を咬まれた",
            "知り合いの家の犬にかまれた",
            "友人宅の猫に噛まれた",
            "スーパーの陳列棚から商品が落ちてきた",
            "店の看板が倒れてきた",
            "ゴルフボールが飛んできて当たった",
            "スキー中、後ろから来たスノーボーダーと衝突",
            "歩行者とぶつかった",
            "通路で人とぶつかり転倒",
            "物を投げつけられた",
            "ショッピングモールの床が濡れており転倒",
            "旅館の大浴場で滑って受傷",
            "デパートの自動ドアに挟まれた",
            "グループホームで転倒",
            "警察に届け出済",
            "バイク事故で救急搬送",
            "自損事故ではなく、後続車に追突された",
            "ショッピングカートをぶつけられた",
            "満員電車で押されて階段に倒れた",
            "エスカレーターで前の人が倒れてきた",
            "路線バス車内で転倒",
            "皿を投げられた",
            "暴力をうけた",
        ],
    );
}

#[test]
fn negations_and_the_past() {
    all_are(
        Route::None,
        false,
        false,
        &[
            "交通事故(－)",
            "外傷歴、交通事故：なし",
            "交通外傷は認めず",
            "追突などの機転なし",
            "追突された覚えはない",
            "交通事故に遭ったことはない",
            "暴行を受けたことはない",
            "暴力を受けた事実は認められず",
            "殴られたエピソードはない",
            "交通事故とは無関係に発症",
            "交通事故との関連は考えにくい",
            "第三者行為の可能性は低い",
            "第三者行為によらない",
            "追突の疑いなし",
            "けんかは否認",
            "虐待を疑わず",
            "虐待の可能性なし",
            "家庭内暴力は聴取されず",
            "交通事故ではありません",
            "交通事故歴あり",
            "既往：交通事故",
            "既往歴に交通外傷",
            "小学生の時に追突",
            "18歳時に交通事故",
            "二十年以上前に追突",
            "平成10年に交通事故",
            "平成二十年三月の交通事故",
            "学生時代の交通事故",
            "若い頃の喧嘩",
            "幼少期に虐待",
            "5年前に自転車で車と接触",
            "交通事故予防の講習",
        ],
    );
    // only what is said of the act takes it back
    all_are(
        Route::Candidate,
        true,
        false,
        &[
            "交通事故、骨折は認めず",
            "追突され受診。意識障害なし",
            "殴られた。既往なし",
            "既往歴：なし、交通事故で受傷",
            "追突事故で骨折の疑いなし",
            "交通事故による頭蓋内出血はない",
            "平成5年生まれ、交通事故",
            "10年前に自転車で転倒、今回乗用車と接触",
        ],
    );
}

#[test]
fn traps() {
    all_are(
        Route::None,
        false,
        false,
        &[
            "車椅子からベッド移乗時に壁にぶつかった",
            "救急車内で接触者を確認",
            "肩峰下で衝突症候群の所見",
            "バスタオルを取ろうとして棚にぶつかった",
            "車内で濃厚接触",
            "個人情報の第三者提供に同意",
            "第三者評価を受審",
            "DVT予防のためストッキング着用",
            "施設基準届出済、滑膜炎なし",
            "接触性皮膚炎の既往",
            "傷害保険の診断書",
            "出勤停止を指示",
            "労災病院より紹介",
            "寝違え。枕が合わない",
            "自室で転んで受傷",
            "愛犬に引っ張られ転倒",
            "友人と登山中に捻った",
            "熊に襲われた夢を見る",
        ],
    );
}

#[test]
fn work_and_oneself() {
    all_are(
        Route::Rosai,
        true,
        false,
        &["配達中に追突された", "仕事帰りに自転車と接触", "アルバイト中に客に殴られた", "公務中に暴行を受けた"],
    );
    all_are(
        Route::Rosai,
        false,
        false,
        &["就労中に捻った", "職場で転倒", "通勤時、階段を下りていて受傷", "労働災害として扱う"],
    );
    all_are(Route::None, false, false, &["労災ではない", "労災非該当", "仕事中ではない", "10年前に労災"]);
    all_are(
        Route::SelfInflicted,
        false,
        false,
        &[
            "バイク走行中に単独で横転",
            "自爆事故",
            "単独事故、相手なし",
            "自損。同乗者なし",
            "ハンドル操作を誤り塀に衝突",
            "車を運転中、電柱に衝突",
            "縊首",
            "大量服薬後",
        ],
    );
    all_are(Route::None, false, false, &["自殺企図なし", "自傷行為は否定", "希死念慮、自殺企図なし"]);
}

#[test]
fn persons_of_the_same_home() {
    all_are(
        Route::Sensitive,
        true,
        true,
        &[
            "夫からの暴力",
            "元夫に殴られた",
            "同居人に叩かれた",
            "長男に突き飛ばされ受傷",
            "彼氏に首を絞められた",
            "内縁の妻に物を投げつけられた",
            "母親に蹴られた",
            "義父から暴力を受けた",
            "夫婦げんかで受傷",
            "兄と口論になり押し倒された",
            "パートナーに腕を掴まれ転倒。暴行",
            "ＤＶ被害",
            "家庭内暴力",
            "継父による虐待",
            "娘が暴れ、突き飛ばされた",
        ],
    );
    all_are(
        Route::Candidate,
        true,
        false,
        &[
            "夫の運転する車に追突",
            "夫と買い物中に追突された",
            "母親と来院、同級生に殴られた",
            "大丈夫に見えたが殴られた",
        ],
    );
}

#[test]
fn own_animals() {
    let dog = |text: &str| score(Rules::embedded(), &claim("8841619", "犬咬創", text));
    for own in
        ["自宅で飼っている犬に噛まれた", "愛犬にかまれた", "うちの犬に手を咬まれた", "ペットの犬の散歩中に咬まれた"]
    {
        let o = dog(own);
        assert_eq!((o.route, o.flag), (Route::None, false), "{own} {}", o.evidence_text());
    }
    for other in [
        "隣の家の犬に噛まれた",
        "友人が飼っている犬に噛まれた",
        "愛犬の散歩中、よその犬に咬まれた",
        "実家の犬に咬まれた",
    ] {
        let o = dog(other);
        assert_eq!((o.route, o.flag), (Route::Candidate, true), "{other} {}", o.evidence_text());
    }
}

#[test]
fn food_of_others() {
    let food = |text: &str| score(Rules::embedded(), &claim("0059003", "食中毒", text));
    for text in ["居酒屋で宴会後に発症", "同じものを食べた知人も発症", "給食後に集団発生", "テイクアウトの惣菜"]
    {
        assert_eq!(food(text).route, Route::Food, "{text}");
    }
    assert_eq!(food("自宅で調理した").route, Route::None);
    assert_eq!(neck("居酒屋で宴会").route, Route::None);
}
