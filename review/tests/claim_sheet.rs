//! The sheet of each kind shows what the paper form shows, in both states.

mod common;

use common::attributes_of;
use tenken_parser::{Claim, Encoding, Frames, Month, claim::View, frame, masters::Masters};
use tenken_review::{
    claim_page::{Mark, Page, html},
    masters::Names,
};

fn pages(text: &str) -> (Page, Page) {
    let file = Encoding::Cp932.encode(&text.replace("\r\n", "\n").replace('\n', "\r\n"));
    let raw = Frames::new(&file)
        .find_map(|e| match e {
            frame::Event::Claim(raw) => Some(raw),
            _ => None,
        })
        .unwrap();
    let claim = Claim::read(&file, raw, Encoding::Cp932);
    let masters = Masters::default();
    let names = Names::of(&masters, Month::new(2026, 6));
    let page = |view| Page::of(&claim, "0123456789abcdef", "見本.UKE", &names, view);
    (page(View::Effective), page(View::Billed))
}

fn example(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../parser/tests/examples/{name}.txt", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The sheet of an example, with nothing that a strict content policy refuses.
fn sheet(page: &Page) -> String {
    let html = page.sheet().unwrap();
    for name in attributes_of(&html) {
        assert!(matches!(name.as_str(), "class" | "scope" | "colspan" | "aria-label" | "data-record"), "{name}");
    }
    assert!(!html.contains("<html") && !html.contains("<script") && !html.contains("<style"));
    html
}

fn shows(html: &str, texts: &[&str]) {
    for text in texts {
        assert!(html.contains(text), "{text} is not in\n{html}");
    }
}

#[test]
fn medical_outpatient() {
    let (page, _) = pages(&example("outpatient"));
    let html = sheet(&page);
    shows(&html, &["診療報酬明細書（医科入院外）", "令和6年10月分", "06139992", "見本　太郎", "見本内科クリニック"]);
    // the public payer at the head and at the foot
    shows(&html, &["公費① 負担者番号", "54139993", "1234566", "862", "1,724"]);
    shows(&html, &["診療識別ごとの計", "合計（食事・生活療養を除く）", "904", "見本の摘要コメント", "※"]);
    assert_eq!(page.days.len(), 31);
    assert_eq!(page.days.iter().filter(|d| d.served).map(|d| d.day).collect::<Vec<_>>(), [3, 17]);
    assert!(!html.contains("入院年月日"));
}

#[test]
fn medical_inpatient() {
    let (page, _) = pages(&example("inpatient"));
    let html = sheet(&page);
    shows(
        &html,
        &["診療報酬明細書（医科入院）", "入院年月日", "令和6.11.5", "9回 6,030円 標準負担額 4,410円", "症状詳記 07"],
    );
    // 食事 is in yen and no part of the sum
    shows(&html, &["10,440 円", "1,340×1 円"]);
    assert_eq!(page.total, "9,989");
}

#[test]
fn dpc() {
    let (page, _) = pages(&example("dpc"));
    let html = sheet(&page);
    shows(
        &html,
        &[
            "診断群分類番号",
            "990010XX01X00X",
            "今回退院年月日",
            "令和6.11.16",
            "2 軽快",
            "1 予定",
            "医療機関別係数",
            "1.2345",
        ],
    );
    shows(
        &html,
        &[
            "入院期間1",
            "2,800点 × 2日 ＝ 5,600点",
            "包括評価点数",
            "16,295点",
            "主傷病",
            "入院の契機",
            "医療資源を最も投入",
        ],
    );
    assert_eq!(page.total, "24,620");
}

#[test]
fn dental() {
    let (page, _) = pages(&example("dental"));
    let html = sheet(&page);
    shows(&html, &["診療報酬明細書（歯科入院外）", "歯式", "右上6番", "サンプル歯科医院", "令和8.6.3", "590"]);
}

#[test]
fn pharmacy() {
    let (page, _) = pages(&example("pharmacy"));
    let html = sheet(&page);
    shows(&html, &["処方元", "9999916", "サンプル医院", "東京都架空区見本１－１", "1 見本　一郎"]);
    shows(
        &html,
        &["No 01", "1 内服", "用法 003", "単位薬剤料 12点", "調剤 令和8.6.5", "数量 14", "調製料 24点", "薬剤料 168点"],
    );
    shows(&html, &["調剤基本料・薬学管理料・摘要", "合計（処方を含む）", "受付回数"]);
    let rx = &page.prescriptions[0];
    let of = |rx| page.items_of(rx).map(|i| i.text.split(' ').next_back().unwrap()).collect::<Vec<_>>();
    assert_eq!(of(Some(rx)), ["429999901", "449999901", "629999901", "見本コメント"]);
    assert_eq!(of(None), ["見本摘要", "419999901", "449999902"]);
    assert_eq!(page.total, "310");
}

#[test]
fn nursing() {
    let (page, _) = pages(&example("nursing"));
    let html = sheet(&page);
    shows(
        &html,
        &[
            "訪問看護療養費明細書",
            "主治医の属する医療機関",
            "見本　一郎",
            "令和8.4.1 から 令和8.9.30",
            "見本の状態記述",
        ],
    );
    shows(&html, &["訪問日", "職種等", "<td>03</td>", "7,670×1", "38,870", "請求円"]);
    assert_eq!(page.days.iter().filter(|d| d.served).map(|d| d.day).collect::<Vec<_>>(), [2, 9, 16, 23]);
}

#[test]
fn corrections_are_marked_in_both_states() {
    let (effective, billed) = pages(&example("reduction"));
    let marks = |page: &Page| -> Vec<(u32, Mark)> {
        page.items.iter().filter(|i| i.mark.is_changed()).map(|i| (i.record_no, i.mark)).collect()
    };
    assert_eq!(marks(&effective), [(22, Mark::New)]);
    assert_eq!(marks(&billed), [(10, Mark::Gone)]);
    assert!(effective.head.iter().all(|c| !c.mark.is_changed()), "the boxes say the same");
    assert_eq!((effective.payers[0].mark, billed.payers[0].mark), (Mark::New, Mark::Gone));
    assert_eq!((effective.total.as_str(), billed.total.as_str()), ("325", "400"));
    let (new, gone) = (sheet(&effective), sheet(&billed));
    shows(&new, &["審査後", "15×5", r#"<tr class="new" data-record="22">"#, "新"]);
    shows(&gone, &["請求時", "15×10", r#"<tr class="gone" data-record="10">"#, "旧"]);
    assert!(!new.contains("gone") && !gone.contains(r#""new"#));
    // the page that stands alone shows both, and once where nothing was changed
    let both = html(&effective, Some(&billed)).unwrap();
    assert_eq!(both.matches("<article").count(), 2);
    assert!(both.contains(".claim-sheet .box") && !both.contains("style=\""));
    let (effective, _) = pages(&example("outpatient"));
    assert_eq!(html(&effective, None).unwrap().matches("<article").count(), 1);
}

#[test]
fn what_a_claim_says_cannot_break_the_sheet() {
    let (page, _) = pages(&example("pharmacy").replace("見本　一郎", "<b>\"&'").replace("見本コメント", "</td>&"));
    let html = sheet(&page);
    assert!(!html.contains("<b>\"") && !html.contains("※ 810000001 </td>"));
}

/// A correction of the eligibility check shows in the boxes of both states.
#[test]
fn a_box_is_marked_where_its_value_was_changed() {
    let text = example("reduction").replace("4,23,0,HO,  139998,見本,1234567", "4,23,0,HO,  139998,見本,7654321");
    let (effective, billed) = pages(&text);
    let changed = |page: &Page| -> Vec<(String, Mark)> {
        page.head.iter().filter(|c| c.mark.is_changed()).map(|c| (c.value.clone(), c.mark)).collect()
    };
    assert_eq!(changed(&effective), [("見本・7654321（01）".to_owned(), Mark::New)]);
    assert_eq!(changed(&billed), [("見本・1234567（01）".to_owned(), Mark::Gone)]);
}
