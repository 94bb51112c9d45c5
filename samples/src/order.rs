//! What is asked of the writers of claims: one claim, as it shall stand in the file. The town (`town/`, `plan`)
//! decides who, where, when and how much, errors included; the writers (`claims/`) make records of it whose
//! arithmetic is right.

use tenken_parser::{Date, Kind, Month};

use crate::rng::Rng;

/// The age and benefit part of レセプト種別 (別表5): its last digit for outpatients; one less for inpatients
/// (`9` for 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeClass {
    /// 本人 (2)
    Head,
    /// 未就学者 (4)
    Preschool,
    /// 家族 (6)
    Member,
    /// 高齢受給者・後期 一般・低所得 (8)
    Elderly,
    /// 高齢受給者・後期 7 割 (0)
    ElderlyActive,
}

/// Who the claim says it is for. What stands here is written as it is: a wrong number is wrong here already.
#[derive(Clone, Debug)]
pub struct Patient<'t> {
    /// 6 or 8 digits, not padded
    pub insurer_no: &'t str,
    /// empty: none (後期)
    pub kigo: &'t str,
    pub bango: &'t str,
    /// two digits; empty: not written
    pub edaban: &'t str,
    pub name: &'t str,
    /// full-width katakana
    pub kana: &'t str,
    /// 1 男, 2 女
    pub sex: u8,
    pub birth: Date,
    /// 後期高齢者: receipt type x3xx
    pub late_elderly: bool,
    pub age_class: AgeClass,
    /// 給付割合 %, `None`: not written
    pub benefit_rate: Option<u8>,
}

#[derive(Clone, Debug)]
pub struct Disease<'t> {
    /// 傷病名コード; `0000999` with `name`
    pub code: &'t str,
    /// four-digit modifiers, one after the other
    pub modifiers: &'t str,
    /// written only for `0000999`
    pub name: &'t str,
    pub start: Date,
    /// 転帰 1 to 4
    pub outcome: u8,
    pub main: bool,
    /// 補足コメント, may be empty
    pub note: &'t str,
}

/// A public payer of the claim, in order 第1 … 第4公費.
#[derive(Clone, Debug)]
pub struct Public<'t> {
    pub payer_no: &'t str,
    /// empty: none
    pub recipient_no: &'t str,
    /// percentage of the claim's units that this payer shares
    pub share: u8,
    /// 負担金額 公費 円, if written
    pub copay_yen: Option<i64>,
}

/// An item that must be on the claim, whatever else the writer puts there.
#[derive(Clone, Debug)]
pub struct Item<'t> {
    pub category: &'t str,
    pub code: &'t str,
    /// 点
    pub points: i64,
}

/// What makes a claim special beside its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    Ordinary,
    /// 人工透析: some thirteen visits
    Dialysis,
    /// 高額薬剤
    CostlyDrug,
    /// 療養・精神: all days of the month
    LongStay,
    /// an operation
    Surgical,
}

/// One claim to be written.
#[derive(Clone, Debug)]
pub struct Order<'t> {
    pub kind: Kind,
    pub inpatient: bool,
    pub course: Course,
    pub service_month: Month,
    /// 請求年月
    pub billing_month: Month,
    pub patient: Patient<'t>,
    pub institution: &'t Institution,
    /// 調剤, 訪問看護: who prescribed or instructed
    pub prescriber: Option<&'t Institution>,
    /// days of visits or of the stay in the service month, bit 0 = day 1; at least one
    pub days: u32,
    /// first day of the stay (may lie in an earlier month)
    pub admission: Option<Date>,
    /// 点 that the claim should come to (訪問看護: 円); the writer comes near, and tells what it became
    pub target: i64,
    pub diseases: &'t [Disease<'t>],
    pub publics: &'t [Public<'t>],
    /// レセプト特記事項, two-digit codes
    pub tokki: &'t [&'t str],
    pub items: &'t [Item<'t>],
    /// code and text of CO records (a text for 810000001, else empty)
    pub comments: &'t [(&'t str, &'t str)],
    /// 症状詳記
    pub details: &'t [&'t str],
    /// HO 負担金額 (限度額), 円
    pub copay_yen: Option<i64>,
    /// SN 確認区分 of the main insurer
    pub confirmation: &'t str,
    pub receipt_no: u32,
    /// 検索番号; in the plain form written on RE only for a claim that comes again
    pub search_no: &'t str,
    /// insurer form: wrap with MN … RC; with this chance (‰) the review body cuts points
    pub insurer_form: bool,
    pub cut_per_mille: u32,
    pub form_no: u32,
}

/// An institution of the invented region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Institution {
    /// two digits
    pub prefecture: String,
    /// 点数表 1 医科, 3 歯科, 4 調剤, 6 訪問看護
    pub score_table: u8,
    /// seven digits, check digit right
    pub code: String,
    pub name: String,
    pub beds: u16,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// RE records written: 1, for a DPC 総括 with subordinates more
    pub claims: u32,
    /// 点 as billed, as the table `claims` counts them (subordinates left out; 訪問看護 0)
    pub points: i64,
    /// the same after the review body's corrections
    pub points_effective: i64,
    /// 円: points_effective × 10; 訪問看護: the amount
    pub cost_yen: i64,
    /// HO and KO records as GO counts them
    pub payers: i64,
    /// 点 (訪問看護 円) as GO adds them
    pub go_points: i64,
}

/// Writes one claim behind what `out` holds: CP932 lines with CR LF.
///
/// The order of random draws is fixed, so the same order and generator give the same bytes.
pub fn write(order: &Order<'_>, rng: &mut Rng, out: &mut Vec<u8>) -> Written {
    crate::claims::write(order, rng, out)
}
