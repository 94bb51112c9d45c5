//! One claim for a reader: what the paper form (診療報酬明細書 and its sisters) shows, in one of its two states, with
//! the corrections of the review body marked.

mod html;
mod prescriptions;
mod sections;
mod text;

pub use html::{CSS, html};
pub use prescriptions::{Dispensing, Prescription};
pub use sections::{Cell, Section};

use serde_json::{Map, Value, json};
use tenken_parser::{
    Claim, Field, Kind, Month, Problem,
    claim::View,
    codes,
    layout::{self, FieldDef},
    view::{
        check,
        comment::Comment,
        diagnosis::{Diagnosis, UNCODED},
        header::{Confirmation, Header, Payer},
        line::Line,
        public_expense::PublicExpense,
        service_days::service_days,
        walk::{Sink, Totals, walk},
    },
};

use crate::{
    masters::Names,
    text::{date_ja, month_ja, thousands},
};

/// What the review body did to a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    #[default]
    Same,
    /// effective only
    New,
    /// billed only
    Gone,
}

impl Mark {
    pub fn is_changed(self) -> bool {
        self != Self::Same
    }

    /// CSS class; empty where nothing was changed.
    pub fn class(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }

    /// The attribute `class` of a row of HTML.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::New => r#" class="new""#,
            Self::Gone => r#" class="gone""#,
        }
    }

    /// HTML of the character that stands before the row, so that a change is seen without colours.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::New => r#"<i class="mark">新</i>"#,
            Self::Gone => r#"<i class="mark">旧</i>"#,
        }
    }
}

/// The rows of a state that the other one lacks.
struct Marks {
    mark: Mark,
    rows: Vec<u32>,
}

impl Marks {
    fn of(claim: &Claim<'_>, view: View) -> Self {
        let (gone, new) = claim.diff();
        let (mark, rows) = match view {
            View::Billed => (Mark::Gone, gone),
            View::Effective => (Mark::New, new),
        };
        Self { mark, rows: rows.iter().map(|r| r.no).collect() }
    }

    fn of_row(&self, record_no: u32) -> Mark {
        self.if_changed(self.rows.contains(&record_no))
    }

    fn if_changed(&self, changed: bool) -> Mark {
        if changed { self.mark } else { Mark::Same }
    }
}

/// 診療識別 of meals, whose amounts are in 円.
const MEALS: &str = "97";

/// A payer's line at the foot of the form.
pub struct PayerRow {
    pub label: String,
    pub number: String,
    pub recipient: String,
    pub days: String,
    pub billed: String,
    pub effective: String,
    pub copay: String,
    /// 公費給付対象一部負担金 円
    pub covered_copay: String,
    pub meals: String,
    pub mark: Mark,
}

pub struct DiagnosisRow {
    pub no: usize,
    pub name: String,
    /// the same without the codes of teeth
    pub disease: String,
    /// 歯式 in words: `右上6番`
    pub teeth: Vec<String>,
    /// 傷病名区分 (DPC)
    pub class: &'static str,
    pub start: String,
    pub outcome: String,
    pub main: bool,
    pub mark: Mark,
    pub record_no: u32,
}

/// A line of the 摘要欄.
pub struct ItemRow {
    /// 診療識別, where it differs from that of the line above
    pub category: String,
    pub burden: String,
    pub text: String,
    pub quantity: String,
    pub amount: String,
    /// the amount is in 円 where the form counts 点
    pub yen: bool,
    pub days: String,
    /// 職種等 (訪問看護)
    pub staff: String,
    pub comment: bool,
    pub mark: Mark,
    pub record_no: u32,
}

/// A row of the summary by 診療識別.
pub struct SummaryRow {
    pub category: String,
    pub name: String,
    pub times: String,
    pub points: String,
    /// the amount is in 円 where the form counts 点
    pub yen: bool,
}

/// A day of the month.
#[derive(Clone, Copy, Debug)]
pub struct DayCell {
    pub day: u8,
    pub served: bool,
}

pub struct CorrectionRow {
    pub kind: &'static str,
    pub line: String,
    pub text: String,
}

/// The page of one state. Texts are ready to be shown.
pub struct Page {
    pub view: View,
    pub kind: Kind,
    pub title: String,
    pub month: String,
    pub claim_id: String,
    pub source_file: String,
    pub receipt_no: String,
    pub receipt_type: String,
    pub review_org: String,
    pub prefecture: String,
    pub institution_code: String,
    pub institution_name: String,
    pub billing_month: String,
    pub insurer_no: String,
    pub kigo: String,
    pub bango: String,
    pub edaban: String,
    pub benefit_rate: String,
    pub name: String,
    pub kana: String,
    pub sex: String,
    pub birth: String,
    pub admission: String,
    pub special_notes: Vec<String>,
    pub confirmation: String,
    pub search_no: String,
    pub unit: &'static str,
    /// the boxes at the head of the form
    pub head: Vec<Cell>,
    /// what only this kind has: 処方元, 診断群分類, 主治医
    pub sections: Vec<Section>,
    /// days of service as the claim says them
    pub days: Vec<DayCell>,
    /// the days are recorded and not worked out from the stay
    pub days_exact: bool,
    pub payers: Vec<PayerRow>,
    pub diagnoses: Vec<DiagnosisRow>,
    pub summary: Vec<SummaryRow>,
    /// sum of the items in the unit of the form
    pub total: String,
    /// 調剤: the blocks of the 処方欄
    pub prescriptions: Vec<Prescription>,
    pub items: Vec<ItemRow>,
    pub corrections: Vec<CorrectionRow>,
    pub problems: Vec<String>,
    pub reject: Option<String>,
    pub records: Vec<String>,
}

/// What the templates ask.
impl Page {
    pub fn is_billed(&self) -> bool {
        self.view == View::Billed
    }

    pub fn is_dpc(&self) -> bool {
        self.kind == Kind::Dpc
    }

    pub fn is_dental(&self) -> bool {
        self.kind == Kind::Dental
    }

    pub fn is_pharmacy(&self) -> bool {
        self.kind == Kind::Pharmacy
    }

    pub fn is_nursing(&self) -> bool {
        self.kind == Kind::Nursing
    }

    /// The form sums by 診療識別.
    pub fn is_summed(&self) -> bool {
        !self.is_pharmacy() && !self.is_nursing()
    }
}

fn number(n: Option<i64>) -> String {
    n.map_or(String::new(), thousands)
}

fn named(table: &codes::CodeTable, code: Option<&str>) -> String {
    code.map_or(String::new(), |c| table.name(c).map_or_else(|| c.to_owned(), |n| format!("{c} {n}")))
}

struct Collector<'c, 'a> {
    claim: &'c Claim<'a>,
    names: &'c Names<'c>,
    marks: &'c Marks,
    diagnoses: Vec<DiagnosisRow>,
    items: Vec<ItemRow>,
    summary: Vec<(String, i64, i64)>,
}

impl<'a> Collector<'_, 'a> {
    fn text(&self, f: Option<Field<'a>>) -> String {
        f.map_or(String::new(), |f| self.claim.text(f).into_owned())
    }
}

impl<'a> Sink<'a> for Collector<'_, 'a> {
    fn diagnosis(&mut self, d: &Diagnosis<'a>) {
        let modifiers: Vec<&str> = d.modifiers().collect();
        let coded = d.disease_code.filter(|c| *c != UNCODED);
        let known = coded.and_then(|code| Some((code, self.names.disease(code, &modifiers)?)));
        let mut name = match (known, coded) {
            (Some((code, name)), _) => format!("{code} {name}"),
            (None, coded) => {
                let mut name = coded.map_or_else(|| self.text(d.disease_name), |code| format!("傷病名コード {code}"));
                if !modifiers.is_empty() {
                    name.push_str(&format!("（修飾 {}）", modifiers.join("・")));
                }
                name
            }
        };
        let mut disease = name.clone();
        let teeth: Vec<&str> = d.teeth().collect();
        if !teeth.is_empty() {
            name.push_str(&format!("（歯式 {}）", teeth.join("・")));
        }
        let note = self.text(d.comment_text);
        if !note.is_empty() {
            for text in [&mut name, &mut disease] {
                text.push_str(&format!("　{note}"));
            }
        }
        self.diagnoses.push(DiagnosisRow {
            no: self.diagnoses.len() + 1,
            name,
            disease,
            teeth: teeth.into_iter().map(sections::tooth).collect(),
            class: sections::disease_class(self.claim, d.record_no),
            start: d.start_date.map_or(String::new(), date_ja),
            outcome: d.outcome.map_or(String::new(), |c| codes::OUTCOME.name(c).unwrap_or(c).to_owned()),
            main: d.main,
            mark: self.marks.of_row(d.record_no),
            record_no: d.record_no,
        });
    }

    fn line(&mut self, l: &Line<'a>) {
        let category = l.category.unwrap_or(if self.claim.kind == Kind::Pharmacy { "Rp" } else { "" });
        let shown = if category == "Rp" { format!("Rp{}", l.unit_no) } else { category.to_owned() };
        let times = l.times.unwrap_or(1);
        if let Some(points) = l.points {
            match self.summary.iter_mut().find(|s| s.0 == category) {
                Some(s) => {
                    s.1 += times;
                    s.2 += points * times;
                }
                None => self.summary.push((category.to_owned(), times, points * times)),
            }
        }
        let days: Vec<String> = match (l.day_mask, l.service_date) {
            (Some(mask), _) => (1..=31).filter(|d| mask >> (d - 1) & 1 == 1).map(|d| d.to_string()).collect(),
            (None, Some(d)) => vec![d.day_of_month().to_string()],
            _ => Vec::new(),
        };
        let text = match (l.code, l.name) {
            (Some(code), _) => self.names.item(code).map_or_else(|| code.to_owned(), |n| format!("{code} {n}")),
            (None, Some(name)) => self.claim.text(name).into_owned(),
            _ => {
                if l.record_id.0 == *b"GT" {
                    "包括評価分".to_owned()
                } else {
                    "薬剤料".to_owned()
                }
            }
        };
        self.items.push(ItemRow {
            category: shown,
            burden: l.burden_class.unwrap_or_default().to_owned(),
            text,
            quantity: l.quantity.map_or(String::new(), |q| q.to_string()),
            amount: l.points.map_or(String::new(), |p| format!("{}×{times}", thousands(p))),
            yen: l.category == Some(MEALS),
            days: days.join(","),
            staff: sections::staff(self.claim, l.record_no),
            comment: false,
            mark: self.marks.of_row(l.record_no),
            record_no: l.record_no,
        });
    }

    fn comment(&mut self, c: &Comment<'a>) {
        let text = self.text(c.text);
        let code = c.code.unwrap_or_default();
        // names and notes of diagnoses are shown with the diagnosis
        if matches!(&c.record_id.0, b"SY" | b"SB" | b"HS") {
            return;
        }
        let label = if c.record_id.0 == *b"SJ" {
            format!("症状詳記 {}", c.category.unwrap_or_default())
        } else {
            let name = self.names.item(code).filter(|n| !text.contains(n));
            name.map_or_else(|| code.to_owned(), |n| format!("{code} {n}"))
        };
        self.items.push(ItemRow {
            category: String::new(),
            burden: String::new(),
            text: format!("{label} {text}").trim().to_owned(),
            quantity: String::new(),
            amount: String::new(),
            yen: false,
            days: String::new(),
            staff: String::new(),
            comment: true,
            mark: self.marks.of_row(c.record_no),
            record_no: c.record_no,
        });
    }
}

impl Page {
    /// The page of one state of a claim. What is wrong with the claim stands on the effective page alone.
    pub fn of(claim: &Claim<'_>, claim_id: &str, source_file: &str, names: &Names<'_>, view: View) -> Self {
        let header = Header::of(claim, view);
        let (common, biller) = (&header.common, &header.biller);
        let payer = header.payer.unwrap_or_default();
        let text = |f: Option<Field<'_>>| f.map_or(String::new(), |f| f.text(claim.encoding).0.into_owned());
        let marks = Marks::of(claim, view);
        let mut collector =
            Collector { claim, names, marks: &marks, diagnoses: Vec::new(), items: Vec::new(), summary: Vec::new() };
        let mut problems: Vec<Problem> = Vec::new();
        let totals = walk(claim, view, &mut collector, &mut problems);
        check::problems(claim, &header, &totals, &mut problems);
        let effective = view == View::Effective;
        let mut items = collector.items;
        // drugs of a pharmacy claim come when their Rp ends: back to the order of the paper
        items.sort_by_key(|i| i.record_no);
        let mut last = String::new();
        for item in items.iter_mut().filter(|i| !i.comment) {
            if item.category == last {
                item.category.clear();
            } else {
                last.clone_from(&item.category);
            }
        }
        let table = biller.score_table;
        let title = match claim.kind {
            Kind::Medical | Kind::Dpc => "診療報酬明細書（医科",
            Kind::Dental => "診療報酬明細書（歯科",
            Kind::Pharmacy => "調剤報酬明細書（",
            Kind::Nursing => "訪問看護療養費明細書（",
        };
        let setting = match claim.kind {
            Kind::Dpc => "・DPC",
            Kind::Medical | Kind::Dental if common.is_inpatient(claim.kind) => "入院",
            Kind::Medical | Kind::Dental => "入院外",
            _ => "",
        };
        let title = format!("{title}{setting}）").replace("（）", "");
        let total = collector.summary.iter().filter(|(code, ..)| code != MEALS).map(|(.., points)| points).sum();
        let (served, days_exact) = service_days(claim.kind, &header, &totals);
        let days = common.service_month.map_or(31, Month::days);
        let summary = collector
            .summary
            .iter()
            .map(|(code, times, points)| SummaryRow {
                category: code.clone(),
                name: codes::CATEGORY.get(code, "name_ja", table).unwrap_or_default().to_owned(),
                times: thousands(*times),
                points: thousands(*points),
                yen: code == MEALS,
            })
            .collect();
        Self {
            view,
            kind: claim.kind,
            title,
            month: common.service_month.map_or(String::new(), month_ja),
            claim_id: claim_id.to_owned(),
            source_file: source_file.to_owned(),
            receipt_no: common.receipt_no.unwrap_or_default().to_owned(),
            receipt_type: named(&codes::RECEIPT_TYPE, common.receipt_type),
            review_org: named(&codes::REVIEW_ORG, biller.review_org),
            prefecture: named(&codes::PREFECTURE, biller.prefecture),
            institution_code: biller.institution_code.unwrap_or_default().to_owned(),
            institution_name: text(biller.institution_name),
            billing_month: biller.billing_month.map_or(String::new(), month_ja),
            insurer_no: payer.insurer_no.unwrap_or_default().to_owned(),
            kigo: text(payer.kigo),
            bango: text(payer.bango),
            edaban: header.confirmation.edaban.unwrap_or_default().to_owned(),
            benefit_rate: common.benefit_rate.map_or(String::new(), |r| format!("{r}%")),
            name: text(common.patient_name),
            kana: text(common.patient_name_kana),
            sex: common.sex.map_or(String::new(), |s| codes::SEX.name(s).unwrap_or(s).to_owned()),
            birth: common.birth_date.map_or(String::new(), date_ja),
            admission: header.admission_date().map_or(String::new(), date_ja),
            special_notes: common.tokki().map(|t| named(&codes::TOKKI, Some(t))).collect(),
            confirmation: named(&codes::CONFIRMATION, header.confirmation.confirmation),
            search_no: header.search_no.unwrap_or_default().to_owned(),
            unit: if claim.kind == Kind::Nursing { "円" } else { "点" },
            head: sections::head(claim, view, &header, &marks),
            sections: sections::of(claim, view, &marks),
            days: (1..=days).map(|day| DayCell { day, served: served >> (day - 1) & 1 == 1 }).collect(),
            days_exact,
            payers: payers(claim, view, &header, &totals, &marks),
            diagnoses: collector.diagnoses,
            summary,
            total: thousands(total),
            prescriptions: prescriptions::of(claim, view, &marks),
            items,
            corrections: corrections(claim),
            problems: problems.iter().filter(|_| effective).map(|p| p.reason(true)).collect(),
            reject: check::reject(claim, &header).filter(|_| effective).map(|p| p.reason(true)),
            records: claim
                .rows()
                .iter()
                .map(|r| claim.encoding.decode(&claim.bytes()[r.offset..r.offset + r.len]).0.trim_end().to_owned())
                .collect(),
        }
    }
}

/// `公費①`: the public payers in order, from 0.
fn public_title(i: usize) -> String {
    format!("公費{}", ["①", "②", "③", "④"].get(i).unwrap_or(&""))
}

/// The rows of one state under one record id that hold a change.
fn changed_rows(claim: &Claim<'_>, view: View, id: &[u8; 2], marks: &Marks) -> Vec<bool> {
    claim.view(view).filter(|r| r.id.0 == *id).map(|r| marks.of_row(r.no).is_changed()).collect()
}

fn payers(claim: &Claim<'_>, view: View, header: &Header<'_>, totals: &Totals, marks: &Marks) -> Vec<PayerRow> {
    let mut rows = Vec::new();
    let totals_of = |view| {
        let payer = claim.find(view, b"HO").and_then(|r| Payer::read(claim.kind, r.record).total);
        let publics: Vec<Option<i64>> = PublicExpense::all(claim, view).iter().map(|ko| ko.total).collect();
        (payer, publics)
    };
    let (billed, effective) = (totals_of(View::Billed), totals_of(View::Effective));
    let meals = |count: Option<i64>, yen: Option<i64>| match (count, yen) {
        (Some(c), Some(y)) if c > 0 || y > 0 => format!("{c}回 {}円", thousands(y)),
        _ => String::new(),
    };
    if let Some(p) = &header.payer {
        let changed = changed_rows(claim, view, b"HO", marks).contains(&true) || billed.0 != effective.0;
        let own = totals.standard_burden_yen[0];
        let mut meals = meals(p.meal_count, p.meal_yen);
        if own != 0 {
            meals.push_str(&format!(" 標準負担額 {}円", thousands(own)));
        }
        rows.push(PayerRow {
            label: "保険".into(),
            number: p.insurer_no.unwrap_or_default().into(),
            recipient: String::new(),
            days: number(p.days),
            billed: number(billed.0),
            effective: number(effective.0),
            copay: number(p.copay_yen),
            covered_copay: String::new(),
            meals,
            mark: marks.if_changed(changed),
        });
    }
    let changed = changed_rows(claim, view, b"KO", marks);
    for (i, ko) in header.publics.iter().enumerate() {
        let at = |all: &[Option<i64>]| all.get(i).copied().flatten();
        let (before, after) = (at(&billed.1), at(&effective.1));
        let confirmed = Confirmation::of_payer(claim, i as u32 + 2).and_then(|c| c.recipient_no);
        rows.push(PayerRow {
            label: public_title(i),
            number: ko.payer_no.unwrap_or_default().into(),
            recipient: ko.recipient_no.or(confirmed).unwrap_or_default().into(),
            days: number(ko.days),
            billed: number(before),
            effective: number(after),
            copay: number(ko.copay_yen),
            covered_copay: number(ko.covered_copay_yen),
            meals: meals(ko.meal_count, ko.meal_yen),
            mark: marks.if_changed(changed.get(i) == Some(&true) || before != after),
        });
    }
    rows
}

fn corrections(claim: &Claim<'_>) -> Vec<CorrectionRow> {
    let (gone, new) = claim.diff();
    let row = |kind| {
        move |r: &&tenken_parser::Row<'_>| CorrectionRow {
            kind,
            line: format!("{}-{}", r.address.0, r.address.1),
            text: claim.encoding.decode(r.record.bytes()).0.trim_end_matches(',').to_owned(),
        }
    };
    gone.iter().map(row("請求時")).chain(new.iter().map(row("審査後"))).collect()
}

/// Everything that the claim holds, record by record under the names of the specification pages.
pub fn json(claim: &Claim<'_>, claim_id: &str, source_file: &str) -> Value {
    let is_in = |view: View, no: u32| claim.view(view).any(|r| r.no == no);
    let records: Vec<Value> = claim
        .rows()
        .iter()
        .map(|r| {
            let state = match (is_in(View::Billed, r.no), is_in(View::Effective, r.no)) {
                (true, true) => "both",
                (true, false) => "billed",
                (false, true) => "effective",
                (false, false) if r.is_management() => "management",
                (false, false) => "history",
            };
            let defs: &[FieldDef] = layout::of(claim.kind, r.id.0).map_or(&[], |l| l.fields);
            let fields: Map<String, Value> = r
                .record
                .fields()
                .enumerate()
                .skip(1)
                .filter(|(_, f)| !f.raw().is_empty())
                .map(|(i, f)| {
                    let name = defs.get(i).map_or_else(|| format!("field_{}", i + 1), |d| d.name.to_owned());
                    (name, claim.encoding.decode(f.raw()).0.into_owned().into())
                })
                .collect();
            json!({
                "no": r.no, "record_id": r.id.as_str(), "data_kind": r.data_kind,
                "line_no": r.address.0, "line_branch": r.address.1, "state": state, "fields": fields,
            })
        })
        .collect();
    let header = Header::read(claim);
    let mut problems: Vec<Problem> = Vec::new();
    let totals = walk(claim, View::Effective, &mut tenken_parser::view::walk::Nothing, &mut problems);
    check::problems(claim, &header, &totals, &mut problems);
    let problems: Vec<Value> = problems
        .iter()
        .map(|p| json!({ "code": p.code.code(), "severity": p.code.severity().name(), "record_id": p.record.map(|r| r.to_string()), "field": p.field, "reason": p.reason(true) }))
        .collect();
    let institution = claim.institution.header.map(|h| claim.encoding.decode(h.bytes()).0.into_owned());
    json!({
        "claim_id": claim_id, "source_file": source_file, "kind": claim.kind.name(), "form": claim.raw.form.name(),
        "corrected": claim.is_corrected(), "institution": institution, "records": records, "problems": problems,
        "reject": check::reject(claim, &header).map(|p| p.code.code()),
    })
}
