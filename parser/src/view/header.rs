//! RE, HO, SN, MF and the institution: what a claim says once.

use super::{cut_value, places, public_expense::PublicExpense, value};
use crate::{
    claim::{Claim, Kind, Row, View},
    field::Field,
    frame::Form,
    identifiers,
    layout::{common, dpc, review},
    record::Record,
    value::{Date, Month},
};

/// No RE and no HO of any kind has more fields.
const RE_FIELDS: usize = 42;
const HO_FIELDS: usize = 16;
const INSTITUTION_FIELDS: usize = 10;

places! {
    /// レセプト共通レコード
    RePlaces b"RE" {
        receipt_no: Code, receipt_type: Code, service_month: Ym, patient_name: Text, patient_name_kana: Text,
        sex: Code, birth_date: Ymd, benefit_rate: Int, admission_date: Ymd, copay_meal_class: Code,
        special_notes: Code, search_no: Code, start_date: Ymd, outcome: Code, summary_class: Code,
        prescriber_prefecture: Code, prescriber_score_table: Code, prescriber_institution_code: Code,
    }
}

places! {
    /// 保険者レコード
    HoPlaces b"HO" {
        insurer_no: Code, kigo: Text, bango: Text, actual_days | reception_count: Int,
        total_points | total_amount: Int, meal_count: Int, meal_yen: Int, occupational_reason: Code,
        certificate_no: Code, copay_yen: Int, relief_class: Code, relief_rate: Int, relief_yen: Int,
        standard_burden_yen: Int,
    }
}

places! { IrPlaces b"IR" { review_org: Code, prefecture: Code, score_table: Code, institution_code: Code, institution_name: Text, billing_month: Ym } }
places! { UkPlaces b"UK" { institution_name: Text } }
places! { YkPlaces b"YK" { review_org: Code, prefecture: Code, score_table: Code, institution_code: Code, institution_name: Text, billing_month: Ym } }
places! { HmPlaces b"HM" { review_org: Code, prefecture: Code, score_table: Code, institution_code: Code, institution_name: Text, billing_month: Ym } }

/// RE of one claim. Absent and unreadable are both `None`; [`super::check`] tells them apart.
#[derive(Clone, Copy, Default)]
pub struct Common<'a> {
    pub receipt_no: Option<&'a str>,
    /// four digits (別表5)
    pub receipt_type: Option<&'a str>,
    pub service_month: Option<Month>,
    pub patient_name: Option<Field<'a>>,
    pub patient_name_kana: Option<Field<'a>>,
    pub sex: Option<&'a str>,
    pub birth_date: Option<Date>,
    /// 給付割合 %
    pub benefit_rate: Option<i64>,
    pub admission_date: Option<Date>,
    /// dental, outpatient: 診療開始日 and 転帰 stand on RE
    pub start_date: Option<Date>,
    pub outcome: Option<&'a str>,
    pub copay_meal_class: Option<&'a str>,
    /// two-digit codes one after the other
    pub special_notes: Option<&'a str>,
    pub search_no: Option<&'a str>,
    /// レセプト総括区分 (DPC)
    pub summary_class: Option<&'a str>,
    /// 調剤: prefecture, score table, code of the prescribing institution
    pub prescriber: Option<(&'a str, &'a str, &'a str)>,
}

impl<'a> Common<'a> {
    pub fn read(kind: Kind, re: Record<'a>) -> Self {
        let p = RePlaces::of(kind);
        let cut = re.cut::<RE_FIELDS>();
        Self {
            receipt_no: cut_value(&cut, p.receipt_no),
            receipt_type: cut_value(&cut, p.receipt_type)
                .filter(|t| t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit())),
            service_month: cut_value(&cut, p.service_month),
            patient_name: cut_value(&cut, p.patient_name),
            patient_name_kana: cut_value(&cut, p.patient_name_kana),
            sex: cut_value(&cut, p.sex),
            birth_date: cut_value(&cut, p.birth_date),
            benefit_rate: cut_value(&cut, p.benefit_rate),
            admission_date: cut_value(&cut, p.admission_date),
            start_date: cut_value(&cut, p.start_date),
            outcome: cut_value(&cut, p.outcome),
            copay_meal_class: cut_value(&cut, p.copay_meal_class),
            special_notes: cut_value(&cut, p.special_notes),
            search_no: cut_value(&cut, p.search_no),
            summary_class: cut_value(&cut, p.summary_class),
            prescriber: match (
                cut_value(&cut, p.prescriber_prefecture),
                cut_value(&cut, p.prescriber_score_table),
                cut_value(&cut, p.prescriber_institution_code),
            ) {
                (Some(a), Some(b), Some(c)) => Some((a, b, c)),
                _ => None,
            },
        }
    }

    /// 入院: the odd last digits of 医科 and DPC; dental inpatients have a date of admission.
    pub fn is_inpatient(&self, kind: Kind) -> bool {
        match kind {
            Kind::Dpc => true,
            Kind::Medical => self.receipt_type.is_some_and(|t| t.as_bytes()[3] % 2 == 1),
            Kind::Dental => self.admission_date.is_some(),
            Kind::Pharmacy | Kind::Nursing => false,
        }
    }

    /// The codes of レセプト特記事項.
    pub fn tokki(&self) -> impl Iterator<Item = &'a str> {
        let notes = self.special_notes.unwrap_or_default();
        (0..notes.len()).step_by(2).filter_map(move |i| notes.get(i..i + 2)).filter(|c| !c.trim().is_empty())
    }
}

/// HO: the insurer's line of the claim.
#[derive(Clone, Copy, Default)]
pub struct Payer<'a> {
    /// in normal form, 6 or 8 digits
    pub insurer_no: Option<&'a str>,
    pub kigo: Option<Field<'a>>,
    pub bango: Option<Field<'a>>,
    /// 診療実日数 日; 調剤: 処方箋受付回数
    pub days: Option<i64>,
    /// 点; 訪問看護: 円
    pub total: Option<i64>,
    pub meal_count: Option<i64>,
    pub meal_yen: Option<i64>,
    pub occupational_reason: Option<&'a str>,
    pub certificate_no: Option<&'a str>,
    pub copay_yen: Option<i64>,
    pub relief_class: Option<&'a str>,
    pub relief_rate: Option<i64>,
    pub relief_yen: Option<i64>,
    /// 標準負担額 円, DPC only
    pub standard_burden_yen: Option<i64>,
}

impl<'a> Payer<'a> {
    pub fn read(kind: Kind, ho: Record<'a>) -> Self {
        let p = HoPlaces::of(kind);
        let cut = ho.cut::<HO_FIELDS>();
        Self {
            insurer_no: p.insurer_no.and_then(|f| identifiers::insurer_no(cut.raw(f).raw())),
            kigo: cut_value(&cut, p.kigo),
            bango: cut_value(&cut, p.bango),
            days: cut_value(&cut, p.actual_days),
            total: cut_value(&cut, p.total_points),
            meal_count: cut_value(&cut, p.meal_count),
            meal_yen: cut_value(&cut, p.meal_yen),
            occupational_reason: cut_value(&cut, p.occupational_reason),
            certificate_no: cut_value(&cut, p.certificate_no),
            copay_yen: cut_value(&cut, p.copay_yen),
            relief_class: cut_value(&cut, p.relief_class),
            relief_rate: cut_value(&cut, p.relief_rate),
            relief_yen: cut_value(&cut, p.relief_yen),
            standard_burden_yen: cut_value(&cut, p.standard_burden_yen),
        }
    }
}

/// SN: what the check of eligibility said about one payer.
#[derive(Clone, Copy, Default)]
pub struct Confirmation<'a> {
    pub confirmation: Option<&'a str>,
    pub insurer_no: Option<&'a str>,
    pub kigo: Option<Field<'a>>,
    pub bango: Option<Field<'a>>,
    /// 枝番, as written
    pub edaban: Option<&'a str>,
    pub recipient_no: Option<&'a str>,
}

impl<'a> Confirmation<'a> {
    pub fn read(sn: Record<'a>) -> Self {
        use common::sn as f;
        let cut = sn.cut::<{ f::LAYOUT.fields.len() }>();
        Self {
            confirmation: cut.value(f::CONFIRMATION),
            insurer_no: cut.value(f::CONFIRMED_INSURER_NO),
            kigo: cut.value(f::CONFIRMED_KIGO),
            bango: cut.value(f::CONFIRMED_BANGO),
            edaban: cut.value(f::EDABAN),
            recipient_no: cut.value(f::CONFIRMED_RECIPIENT_NO),
        }
    }

    /// The SN of a payer: 1 = main insurer, 2 … 5 = 第1 … 第4公費.
    pub fn of_payer(claim: &Claim<'a>, payer_kind: u32) -> Option<Self> {
        claim
            .view(View::Effective)
            .filter(|r| r.id.0 == *b"SN")
            .find(|r| r.record.value(common::sn::PAYER_KIND).and_then(|k| k.parse::<u32>().ok()) == Some(payer_kind))
            .map(|r| Self::read(r.record))
    }
}

/// The institution that bills.
#[derive(Clone, Copy, Debug, Default)]
pub struct Biller<'a> {
    pub review_org: Option<&'a str>,
    pub prefecture: Option<&'a str>,
    pub score_table: Option<&'a str>,
    pub institution_code: Option<&'a str>,
    pub institution_name: Option<Field<'a>>,
    /// 請求年月
    pub billing_month: Option<Month>,
}

impl<'a> Biller<'a> {
    /// From an institution record (IR, YK, HM) and the UK of a dental file.
    pub fn read(kind: Kind, header: Record<'a>, reception: Option<Record<'a>>) -> Self {
        let cut = header.cut::<INSTITUTION_FIELDS>();
        macro_rules! biller {
            ($places:ident) => {{
                let p = $places::of(kind);
                Self {
                    review_org: cut_value(&cut, p.review_org),
                    prefecture: cut_value(&cut, p.prefecture),
                    score_table: cut_value(&cut, p.score_table),
                    institution_code: cut_value(&cut, p.institution_code),
                    institution_name: cut_value(&cut, p.institution_name),
                    billing_month: cut_value(&cut, p.billing_month),
                }
            }};
        }
        let mut biller = match &header.id().0 {
            b"YK" => biller!(YkPlaces),
            b"HM" => biller!(HmPlaces),
            _ => biller!(IrPlaces),
        };
        if biller.institution_name.is_none()
            && let Some(uk) = reception
        {
            biller.institution_name = value(uk, UkPlaces::of(Kind::Dental).institution_name);
        }
        biller
    }
}

/// Everything a claim says once, and its payers.
#[derive(Clone, Default)]
pub struct Header<'a> {
    pub common: Common<'a>,
    /// HO; `None` for 公費単独
    pub payer: Option<Payer<'a>>,
    /// HO as billed
    pub billed_payer: Option<Payer<'a>>,
    /// KO, and as billed, in order
    pub publics: Vec<PublicExpense<'a>>,
    pub billed_publics: Vec<PublicExpense<'a>>,
    /// SN of the main insurer
    pub confirmation: Confirmation<'a>,
    pub biller: Biller<'a>,
    /// 窓口負担額区分
    pub window_class: Option<&'a str>,
    /// 診断群分類番号 and dates of stay (DPC)
    pub dpc_code: Option<&'a str>,
    pub stay: (Option<Date>, Option<Date>),
    pub search_no: Option<&'a str>,
    pub mgmt_no: Option<&'a str>,
}

impl<'a> Header<'a> {
    /// Of the effective claim.
    pub fn read(claim: &Claim<'a>) -> Self {
        Self::of(claim, View::Effective)
    }

    /// Of one state of the claim; what stands beside it as billed stays so.
    pub fn of(claim: &Claim<'a>, view: View) -> Self {
        let kind = claim.kind;
        let mut header = Self { biller: claim.biller(), ..Self::default() };
        let mut re_seen = false;
        for row in claim.view(view) {
            match &row.id.0 {
                b"RE" if !re_seen => {
                    re_seen = true;
                    header.common = Common::read(kind, row.record);
                }
                b"HO" if header.payer.is_none() => header.payer = Some(Payer::read(kind, row.record)),
                b"KO" => header.publics.push(PublicExpense::read(kind, row.record)),
                b"SN" if row.record.value(common::sn::PAYER_KIND) == Some("1") => {
                    header.confirmation = Confirmation::read(row.record);
                }
                b"MF" if header.window_class.is_none() => {
                    header.window_class = row.record.value(common::mf::COUNTER_BURDEN_CLASS);
                }
                b"BU" if kind == Kind::Dpc => {
                    header.dpc_code = row.record.value(dpc::bu::DPC_CODE);
                    header.stay =
                        (row.record.value(dpc::bu::ADMISSION_DATE), row.record.value(dpc::bu::DISCHARGE_DATE));
                }
                _ => {}
            }
        }
        if claim.is_corrected() {
            header.billed_payer = claim.find(View::Billed, b"HO").map(|r| Payer::read(kind, r.record));
            header.billed_publics = PublicExpense::all(claim, View::Billed);
        } else {
            header.billed_payer = header.payer;
            header.billed_publics.clone_from(&header.publics);
        }
        let mn = if claim.raw.form == Form::Insurer { claim.management().map(|r: &Row<'a>| r.record) } else { None };
        header.mgmt_no = mn.and_then(|r| r.value(review::mn::MGMT_NO));
        header.search_no = header.common.search_no.or_else(|| mn.and_then(|r| r.value(review::mn::SEARCH_NO)));
        header
    }

    pub fn admission_date(&self) -> Option<Date> {
        self.common.admission_date.or(self.stay.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_record_has_more_fields_than_are_cut() {
        for kind in Kind::ALL {
            let institution = [b"IR", b"UK", b"YK", b"HM"].map(|id| (*id, INSTITUTION_FIELDS));
            for (id, most) in [(*b"RE", RE_FIELDS), (*b"HO", HO_FIELDS)].into_iter().chain(institution) {
                let fields = crate::layout::of(kind, id).map_or(0, |l| l.fields.len());
                assert!(fields <= most, "{kind:?} {fields}");
            }
        }
    }
}
