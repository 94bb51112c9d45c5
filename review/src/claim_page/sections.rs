//! The boxes of a form: those at its head, and those that only one kind has.

use tenken_parser::{
    Claim, Date, Field, Kind, Row,
    claim::View,
    codes,
    field::{FieldRef, Int, Ymd},
    layout,
    view::header::Header,
};

use super::{Mark, Marks, named, number, public_title};
use crate::text::date_ja;

/// A box of the form: its printed label and what is written in it.
pub struct Cell {
    pub label: String,
    pub value: String,
    /// takes the place of two
    pub wide: bool,
    pub mark: Mark,
}

/// Boxes under a title.
pub struct Section {
    pub title: &'static str,
    pub cells: Vec<Cell>,
}

/// Fields of a row by their names in the layouts; a field that the kind does not have is empty.
#[derive(Clone, Copy)]
pub(super) struct Named<'c, 'a> {
    claim: &'c Claim<'a>,
    row: &'c Row<'a>,
}

impl<'c, 'a> Named<'c, 'a> {
    pub fn new(claim: &'c Claim<'a>, row: &'c Row<'a>) -> Self {
        Self { claim, row }
    }

    fn place(self, name: &str) -> Option<usize> {
        layout::of(self.claim.kind, self.row.id.0)?.fields.iter().position(|f| f.name == name)
    }

    fn field(self, name: &str) -> Field<'a> {
        self.place(name).map_or(Field::EMPTY, |at| self.row.record.at(at))
    }

    pub fn text(self, name: &str) -> String {
        self.field(name).text(self.claim.encoding).0.into_owned()
    }

    pub fn code(self, name: &str) -> &'a str {
        self.field(name).code().unwrap_or_default()
    }

    pub fn day(self, name: &str) -> Option<Date> {
        self.row.record.value(FieldRef::<Ymd>::new(self.place(name)?))
    }

    pub fn date(self, name: &str) -> String {
        self.day(name).map_or(String::new(), date_ja)
    }

    pub fn int(self, name: &str) -> Option<i64> {
        self.row.record.value(FieldRef::<Int>::new(self.place(name)?))
    }
}

/// 傷病名区分 of a diagnosis of DPC (別表23); empty for other kinds.
pub(super) fn disease_class(claim: &Claim<'_>, record_no: u32) -> &'static str {
    match row_of(claim, record_no).map(|r| Named::new(claim, r).code("disease_class")) {
        Some("01") => "医療資源を最も投入",
        Some("31") => "医療資源を２番目に投入",
        Some("02") => "副傷病",
        Some("11") => "主傷病",
        Some("21") => "入院の契機",
        Some("41" | "42" | "43" | "44") => "入院時併存",
        Some("51" | "52" | "53" | "54") => "入院後発症",
        _ => "",
    }
}

/// 職種等 of a visit.
pub(super) fn staff(claim: &Claim<'_>, record_no: u32) -> String {
    row_of(claim, record_no).map_or(String::new(), |r| Named::new(claim, r).text("staff_codes"))
}

/// The rows of a claim are numbered from 1.
fn row_of<'c, 'a>(claim: &'c Claim<'a>, record_no: u32) -> Option<&'c Row<'a>> {
    claim.rows().get((record_no as usize).checked_sub(1)?)
}

/// 歯式コード in words (uke-dental-pharmacy-nursing.md 4): 歯種, 状態, 部分. What the table does not know stays a code.
pub(super) fn tooth(code: &str) -> String {
    let [b'1', b'0', quadrant, place, state, _] = *code.as_bytes() else { return code.to_owned() };
    let side = |q: u8| match q {
        b'1' | b'5' => Some("右上"),
        b'2' | b'6' => Some("左上"),
        b'3' | b'7' => Some("左下"),
        b'4' | b'8' => Some("右下"),
        _ => None,
    };
    let name = match (quadrant, place) {
        (b'0', b'0') => Some("全顎".to_owned()),
        (b'0', b'1') => Some("上顎".to_owned()),
        (b'0', b'2') => Some("下顎".to_owned()),
        (b'1'..=b'4', b'0') => side(quadrant).map(|s| format!("{s}部")),
        (b'1'..=b'4', b'1'..=b'8') => side(quadrant).map(|s| format!("{s}{}番", char::from(place))),
        (b'1'..=b'4', b'A'..=b'H') => side(quadrant).map(|s| format!("{s}{}番付近の過剰歯", place - b'A' + 1)),
        (b'5'..=b'8', b'1'..=b'5') => side(quadrant).map(|s| format!("{s}乳歯{}", char::from(b'A' + place - b'1'))),
        _ => None,
    };
    let state = match state {
        b'0' => "",
        b'1' => "・部",
        b'2' => "・欠損",
        b'3' => "・支台",
        b'4' => "・分割抜歯支台",
        b'5' => "・便宜抜髄支台",
        b'6' => "・残根",
        b'7' => "・インプラント",
        b'8' => "・近心隙",
        b'9' => "・近心位",
        _ => return code.to_owned(),
    };
    name.map_or_else(|| code.to_owned(), |name| format!("{name}{state}"))
}

/// Boxes that stand in rows of four.
#[derive(Default)]
struct Boxes(Vec<Cell>);

impl Boxes {
    fn put(&mut self, label: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.0.push(Cell { label: label.into(), value: value.into(), wide: false, mark: Mark::Same });
        self
    }

    fn wide(&mut self, label: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.0.push(Cell { label: label.into(), value: value.into(), wide: true, mark: Mark::Same });
        self
    }

    /// A box that the form has only where something is written in it.
    fn some(&mut self, label: impl Into<String>, value: impl Into<String>) -> &mut Self {
        let value = value.into();
        if value.trim().is_empty() { self } else { self.put(label, value) }
    }
}

/// Marks what the other state does not say: of boxes with one label, the first is held against the first.
fn mark_changes(cells: &mut [Cell], others: &[Cell], marks: &Marks) {
    for i in 0..cells.len() {
        let label = cells[i].label.clone();
        let before = cells[..i].iter().filter(|c| c.label == label).count();
        let other = others.iter().filter(|c| c.label == label).nth(before);
        cells[i].mark = marks.if_changed(other.is_none_or(|o| o.value != cells[i].value));
    }
}

/// The state that is not this one.
fn other(view: View) -> View {
    match view {
        View::Billed => View::Effective,
        View::Effective => View::Billed,
    }
}

/// The head of the form: payers, person, institution; marked where the other state says something else.
pub(super) fn head(claim: &Claim<'_>, view: View, header: &Header<'_>, marks: &Marks) -> Vec<Cell> {
    let mut cells = head_of(claim, view, header);
    if claim.is_corrected() {
        let view = other(view);
        mark_changes(&mut cells, &head_of(claim, view, &Header::of(claim, view)), marks);
    }
    cells
}

/// What only this kind has, marked in the same way.
pub(super) fn of(claim: &Claim<'_>, view: View, marks: &Marks) -> Vec<Section> {
    let mut sections = sections_of(claim, view);
    if claim.is_corrected() {
        let others = sections_of(claim, other(view));
        for s in &mut sections {
            let of = others.iter().find(|o| o.title == s.title).map_or(&[][..], |o| &o.cells);
            mark_changes(&mut s.cells, of, marks);
        }
    }
    sections
}

fn head_of(claim: &Claim<'_>, view: View, header: &Header<'_>) -> Vec<Cell> {
    let (common, biller) = (&header.common, &header.biller);
    let text = |f: Option<Field<'_>>| f.map_or(String::new(), |f| claim.text(f).into_owned());
    let payer = header.payer.unwrap_or_default();
    let mut boxes = Boxes::default();
    let edaban = header.confirmation.edaban.map_or(String::new(), |e| format!("（{e}）"));
    let number_of: Vec<String> = [text(payer.kigo), text(payer.bango)].into_iter().filter(|t| !t.is_empty()).collect();
    boxes
        .put("保険者番号", payer.insurer_no.unwrap_or_default())
        .put("記号・番号（枝番）", format!("{}{edaban}", number_of.join("・")))
        .put("給付割合", common.benefit_rate.map_or(String::new(), |r| format!("{r}%")))
        .put("資格確認", named(&codes::CONFIRMATION, header.confirmation.confirmation));
    for (i, ko) in header.publics.iter().enumerate() {
        let title = public_title(i);
        boxes
            .wide(format!("{title} 負担者番号"), ko.payer_no.unwrap_or_default())
            .wide(format!("{title} 受給者番号"), ko.recipient_no.unwrap_or_default());
    }
    boxes
        .wide("氏名", format!("{}　{}", text(common.patient_name), text(common.patient_name_kana)))
        .put("性別", common.sex.map_or("", |s| codes::SEX.name(s).unwrap_or(s)))
        .put("生年月日", common.birth_date.map_or(String::new(), date_ja));
    let notes: Vec<String> = common.tokki().map(|t| named(&codes::TOKKI, Some(t))).collect();
    let place = match claim.kind {
        Kind::Pharmacy => "保険薬局",
        Kind::Nursing => "訪問看護ステーション",
        _ => "保険医療機関",
    };
    let institution = [biller.institution_code.unwrap_or_default(), &text(biller.institution_name)].join(" ");
    boxes
        .wide("特記事項", notes.join("、"))
        .put("職務上の事由", named(&codes::OCCUPATIONAL_REASON, payer.occupational_reason))
        .put("一部負担金の区分", named(&codes::WINDOW_CLASS, header.window_class))
        .wide(place, institution)
        .put("都道府県", named(&codes::PREFECTURE, biller.prefecture))
        .put("審査支払機関", named(&codes::REVIEW_ORG, biller.review_org));
    if common.is_inpatient(claim.kind) {
        let ward = claim.find(view, b"RE").map_or("", |r| Named::new(claim, r).code("ward_type"));
        let wards: Vec<String> =
            (0..ward.len()).step_by(2).map(|i| named(&codes::WARD_TYPE, ward.get(i..i + 2))).collect();
        boxes
            .put("入院年月日", header.admission_date().map_or(String::new(), date_ja))
            .some("病棟区分", wards.join("、"));
    }
    boxes
        .some("食事療養の負担区分", named(&codes::COPAY_MEAL_CLASS, common.copay_meal_class))
        .some("減免", relief(&payer))
        .some("証明書番号", payer.certificate_no.unwrap_or_default())
        .some("検索番号", header.search_no.unwrap_or_default());
    boxes.0
}

/// `1 減額 10%`
fn relief(payer: &tenken_parser::view::header::Payer<'_>) -> String {
    let rate = payer.relief_rate.map(|r| format!("{r}%"));
    let yen = payer.relief_yen.map(|y| format!("{}円", number(Some(y))));
    let class = payer.relief_class.map(|c| named(&codes::RELIEF_CLASS, Some(c)));
    [class, rate, yen].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn sections_of(claim: &Claim<'_>, view: View) -> Vec<Section> {
    let sections = match claim.kind {
        Kind::Dpc => vec![stay(claim, view), bundled(claim, view)],
        Kind::Pharmacy => vec![prescriber(claim, view)],
        Kind::Nursing => vec![doctor(claim, view), condition(claim, view)],
        Kind::Medical | Kind::Dental => Vec::new(),
    };
    sections.into_iter().filter(|s| !s.cells.is_empty()).collect()
}

/// The rows of one id with their fields.
fn rows<'c, 'a>(claim: &'c Claim<'a>, view: View, id: &'static [u8; 2]) -> impl Iterator<Item = Named<'c, 'a>> {
    claim.view(view).filter(|r| r.id.0 == *id).map(|r| Named::new(claim, r))
}

/// DPC転帰区分 (別表22).
const DPC_OUTCOMES: [(&str, &str); 8] = [
    ("1", "治癒"),
    ("2", "軽快"),
    ("3", "寛解"),
    ("4", "不変"),
    ("5", "増悪"),
    ("6", "死亡"),
    ("7", "外死亡"),
    ("9", "その他"),
];

/// 予定・緊急入院区分 (別表26).
const ADMISSIONS: [(&str, &str); 3] = [("1", "予定"), ("2", "緊急"), ("3", "緊急（救急車等）")];

/// A code with its name, where a short list knows it.
fn coded(names: &[(&str, &str)], code: &str) -> String {
    names.iter().find(|(c, _)| *c == code).map_or_else(|| code.to_owned(), |(_, name)| format!("{code} {name}"))
}

/// BU, KK: 診断群分類 and stay.
fn stay(claim: &Claim<'_>, view: View) -> Section {
    let mut boxes = Boxes::default();
    for bu in rows(claim, view, b"BU") {
        boxes
            .wide("診断群分類番号", bu.code("dpc_code"))
            .put("今回入院年月日", bu.date("admission_date"))
            .put("今回退院年月日", bu.date("discharge_date"))
            .some("転帰（DPC）", coded(&DPC_OUTCOMES, bu.code("dpc_outcome")))
            .some("死因", bu.text("cause_of_death"));
    }
    for kk in rows(claim, view, b"KK") {
        boxes
            .some("予定・緊急入院区分", coded(&ADMISSIONS, kk.code("admission_class")))
            .some("前回退院年月日", kk.date("previous_discharge_date"))
            .some("入院時年齢", kk.int("age_at_admission").map_or(String::new(), |n| format!("{n}歳")))
            .some("重症度等", kk.text("severity"));
    }
    Section { title: "診断群分類・入退院", cells: boxes.0 }
}

/// HH, GA, GT: the points that the grouping gives.
fn bundled(claim: &Claim<'_>, view: View) -> Section {
    let mut boxes = Boxes::default();
    for hh in rows(claim, view, b"HH") {
        let [daily, days, sum] = ["daily_points", "days", "subtotal_points"].map(|name| number(hh.int(name)));
        boxes.put(format!("入院期間{}", hh.code("stay_period")), format!("{daily}点 × {days}日 ＝ {sum}点"));
    }
    for ga in rows(claim, view, b"GA") {
        boxes.some("医療機関別係数", ga.text("hospital_coefficient"));
    }
    for gt in rows(claim, view, b"GT") {
        let points = |name: &str| gt.int(name).map_or(String::new(), |n| format!("{}点", number(Some(n))));
        boxes
            .some("包括小計点数", points("subtotal_sum"))
            .some("包括評価点数", points("evaluated_points"))
            .some("調整点数", points("adjustment_points"))
            .some("今月包括合計点数", points("month_total_points"));
    }
    Section { title: "包括評価部分", cells: boxes.0 }
}

/// RE of 調剤: 処方元.
fn prescriber(claim: &Claim<'_>, view: View) -> Section {
    let mut boxes = Boxes::default();
    for re in rows(claim, view, b"RE").take(1) {
        let code = ["prescriber_score_table", "prescriber_institution_code"].map(|n| re.code(n));
        boxes
            .put("都道府県", named(&codes::PREFECTURE, Some(re.code("prescriber_prefecture"))))
            .put("点数表・医療機関コード", code.join("・"))
            .wide("医療機関名称", re.text("prescriber_name"))
            .wide("所在地", re.text("prescriber_address"));
        let doctors: Vec<String> = (1..=20)
            .map(|n| (n, re.text(&format!("doctor_name_{n:02}"))))
            .filter(|(_, name)| !name.is_empty())
            .map(|(n, name)| format!("{n} {name}"))
            .collect();
        boxes.wide("保険医氏名", doctors.join("、"));
    }
    Section { title: "処方元", cells: boxes.0 }
}

/// IH, HJ: the doctor in charge and the orders.
fn doctor(claim: &Claim<'_>, view: View) -> Section {
    let mut boxes = Boxes::default();
    for ih in rows(claim, view, b"IH") {
        let institution = [ih.code("institution_code"), &ih.text("institution_name")].join(" ");
        boxes
            .wide("主治医の属する医療機関", institution)
            .put("主治医", ih.text("doctor_name"))
            .put("直近報告年月日", ih.date("last_report_date"));
    }
    for hj in rows(claim, view, b"HJ") {
        let period = format!("{} から {}", hj.date("from_date"), hj.date("to_date"));
        boxes.wide(format!("指示期間（区分 {}）", hj.code("instruction_kind")), period);
    }
    Section { title: "主治医・指示", cells: boxes.0 }
}

/// JS, RJ: 心身の状態 and the visits as a whole.
fn condition(claim: &Claim<'_>, view: View) -> Section {
    let mut boxes = Boxes::default();
    for rj in rows(claim, view, b"RJ") {
        let place = [rj.code("place1_code"), &rj.text("place1_text")].join(" ");
        boxes
            .put("訪問開始年月日", rj.date("start_date"))
            .put("訪問した場所", place.trim())
            .some("訪問終了年月日", rj.date("end_date"))
            .some("死亡年月日", rj.date("death_date"));
    }
    for js in rows(claim, view, b"JS") {
        boxes
            .wide("心身の状態", js.text("condition_text"))
            .some("告示に規定する疾病等", js.text("notice_disease_codes"));
    }
    Section { title: "訪問の状況", cells: boxes.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teeth_in_words() {
        for (code, words) in [
            ("101600", "右上6番"),
            ("104820", "右下8番・欠損"),
            ("106300", "左上乳歯C"),
            ("100000", "全顎"),
            ("102A00", "左上1番付近の過剰歯"),
            ("999999", "999999"),
            ("1016", "1016"),
        ] {
            assert_eq!(tooth(code), words);
        }
    }
}
