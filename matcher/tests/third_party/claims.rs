//! From bytes of a claim file to an outcome.

use tenken_matcher::third_party::{
    Link, Outcome, Route, Rules,
    claim::{may_matter, outcome, read},
    score,
};
use tenken_parser::{
    Claim, Encoding, Frames,
    frame::Event,
    view::{check, header::Header},
};

/// Runs a function on every claim of a file.
pub fn each(file: &[u8], encoding: Encoding, mut of: impl FnMut(&Claim<'_>, &Header<'_>)) {
    for event in Frames::new(file) {
        if let Event::Claim(raw) = event {
            let claim = Claim::read(file, raw, encoding);
            let header = Header::read(&claim);
            if check::reject(&claim, &header).is_none() || header.common.service_month.is_some() {
                of(&claim, &header);
            }
        }
    }
}

/// What the score alone says, without the cheap look.
pub fn score_alone(claim: &Claim<'_>, header: &Header<'_>) -> Option<Outcome> {
    let input = read(claim, header, Vec::new())?;
    Some(score(Rules::embedded(), &input)).filter(Outcome::is_row)
}

fn outcome_of(records: &str, links: &str) -> Option<Outcome> {
    let rules = Rules::embedded();
    let mut found = None;
    for encoding in [Encoding::Cp932, Encoding::Utf8] {
        let file = encoding.encode(records);
        let mut n = 0;
        each(&file, encoding, |claim, header| {
            n += 1;
            let o = outcome(rules, claim, header, Link::parse_all(rules, links).unwrap());
            if links.is_empty() {
                assert_eq!(o, score_alone(claim, header));
                assert!(o.is_none() || may_matter(rules, claim, header));
            }
            found = o;
        });
        assert_eq!(n, 1);
    }
    found
}

/// A 医科 claim of a man of 46, 2026-09.
pub fn medical(tokki: &str, records: &str) -> String {
    format!(
        "IR,2,13,1,1234567,,見本病院,202610,00,\r\nRE,1,1112,202609,見本太郎,1,19800510,,,,,{tokki},,,,\r\n\
         HO,00138941,,1234567,1,500,,,,,\r\n{records}\r\nGO,1,500,99\r\n"
    )
}

fn is(o: Option<Outcome>, route: Route, flag: bool, hold: bool) -> Outcome {
    let o = o.expect("a row");
    assert_eq!((o.route, o.flag, o.hold), (route, flag, hold), "{}", o.evidence_text());
    assert_eq!(o.evidence.iter().map(|e| e.points).sum::<i32>(), o.score);
    o
}

const NECK: &str = "SY,8470024,20260903,1,,,,";

#[test]
fn medical_claims() {
    assert_eq!(outcome_of(&medical("", "SY,8833421,20210601,1,,,,"), ""), None);
    assert_eq!(outcome_of(&medical("2101", "SY,8833421,20210601,1,,,,"), ""), None);
    is(outcome_of(&medical("2910", NECK), ""), Route::Marked, true, false);
    let o = is(
        outcome_of(&medical("", &format!("{NECK}\r\nSI,11,1,111000110,,288,1,,,,,,")), ""),
        Route::None,
        false,
        false,
    );
    assert_eq!(o.score, 35);
    assert_eq!(o.evidence[0].record, Some(3));
    // comment slots of a detail record, the second one
    let slots = "SI,11,1,111000110,,288,1,,,820000022,,,";
    is(outcome_of(&medical("", slots), ""), Route::Marked, true, false);
    is(
        outcome_of(&medical("", "IY,21,1,620000001,1,10,1,810000001,夫に殴られた,,,,"), ""),
        Route::Sensitive,
        true,
        true,
    );
    is(outcome_of(&medical("", "CO,01,1,820000021,"), ""), Route::Marked, true, false);
    // half-width, full-width, spaces inside a word
    for text in ["ﾄﾗｯｸと接触", "トラックと　接　触", "ﾊﾞｲｸに追突され", "タクシーと接触"]
    {
        let o = is(outcome_of(&medical("", &format!("CO,01,1,810000001,{text}")), ""), Route::Candidate, true, false);
        assert!(o.score >= 90);
    }
    let o = is(outcome_of(&medical("", "CO,01,1,810000001,仕事中に受傷"), ""), Route::Rosai, false, false);
    assert!(o.work);
    let held = is(outcome_of(&medical("", "SY,8836971,20260903,1,,,,"), ""), Route::None, false, true);
    assert_eq!(held.score, 0);
    // uncoded name, supplement, symptom text
    is(outcome_of(&medical("", "SY,0000999,20260903,1,,頸椎捻挫,,"), ""), Route::None, false, false);
    is(outcome_of(&medical("", "SY,0000999,20260903,1,,高齢者虐待,,"), ""), Route::Sensitive, true, true);
    is(outcome_of(&medical("", &format!("{NECK}信号待ちで追突")), ""), Route::Candidate, true, false);
    is(outcome_of(&medical("", "SJ,01,けんかで受傷"), ""), Route::Candidate, true, false);
    // 外傷性 on a disease that is not listed
    assert_eq!(outcome_of(&medical("", "SY,8833421,20260903,1,3028,,,"), "").map(|o| o.score), Some(8));
    // 職務上の事由
    let seaman = medical("", NECK).replace("HO,00138941,,1234567,1,500,,,,,", "HO,00138941,,1234567,1,500,,,,1,");
    is(outcome_of(&seaman, ""), Route::Rosai, false, false);
    // links on a claim that says nothing itself
    let plain = medical("", "SY,8833421,20210601,1,,,,");
    is(outcome_of(&plain, "ATTR:通知除外"), Route::None, false, true);
    is(outcome_of(&plain, "CASE:OPEN"), Route::Linked, false, false);
    assert_eq!(outcome_of(&plain, "ANSWER:NO"), None);
}

#[test]
fn other_kinds() {
    let dpc = "IR,2,13,1,1234567,,見本病院,202610,00,\r\nRE,1,1111,202609,見本太郎,1,19800510,,20260905,,,,,,,,,,,0,\r\n\
               HO,00138941,,1234567,1,500,,,,,\r\nBU,160100xx97x00x,20260905,20260910,1,1,\r\n\
               SB,8072002,,,S222,11,,壁に衝突した車に同乗\r\nGO,1,500,99\r\n";
    let o = is(outcome_of(dpc, ""), Route::Candidate, true, false);
    assert_eq!(o.injuries.len(), 1);
    assert_eq!(o.injuries[0].start.to_string(), "2026-09-05");
    let dental = "UK,1,13,3,1234567,見本歯科,202610,00,\r\nIR,2,13,3,1234567,,00\r\n\
                  RE,1,3112,202609,見本太郎,1,20140510,,,20260903,1,\r\nHO,00138941,,1234567,1,500,,,,,\r\n\
                  HS,,,1011,8844314,,,,,,,同級生に突き飛ばされて受傷,\r\nGO,1,500,99\r\n";
    let o = is(outcome_of(dental, ""), Route::Candidate, true, false);
    assert_eq!(o.injuries[0].start.to_string(), "2026-09-03");
    let pharmacy = "YK,1,13,4,1234567,見本薬局,202610,00,\r\nRE,1,4112,202609,見本太郎,1,19800510,,10,13,1,1234567,\r\n\
                    HO,00138941,,1234567,1,500,\r\nCO,01,1,810000001,交通事故\r\nGO,1,500,99\r\n";
    assert_eq!(outcome_of(pharmacy, ""), None);
    is(outcome_of(pharmacy, "CASE:OPEN"), Route::Linked, false, false);
    is(outcome_of(pharmacy, "EPISODE:HOLD"), Route::None, false, true);
    assert_eq!(outcome_of(pharmacy, "AMB:交通事故@2026-09-03"), None);
}

#[test]
fn nothing_of_a_person_in_debug() {
    let text = "知人の見本花子に殴られた";
    let file = Encoding::Cp932.encode(&medical("", &format!("CO,01,1,810000001,{text}")));
    each(&file, Encoding::Cp932, |claim, header| {
        let input = read(claim, header, Vec::new()).unwrap();
        let o = score(Rules::embedded(), &input);
        assert!(o.evidence_text().contains("見本花子"));
        assert!(!format!("{input:?}{o:?}").contains("花子"));
    });
}
