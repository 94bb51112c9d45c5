//! What the rules ask of a claim: the `c` of eligibility-rules.md 1.1, in its effective view.

use tenken_parser::{
    Claim, Date, Field, Kind, Month,
    claim::View,
    identifiers, layout,
    view::{header::Header, service_days, walk::Totals},
};

use crate::{
    calendar::{self, Day},
    keys::RawText,
    third_party::Outcome,
};

/// A KO.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Public<'a> {
    /// 公費負担者番号
    pub payer_no: &'a str,
    /// 公費受給者番号
    pub recipient_no: &'a str,
    /// 点; 訪問看護: 円
    pub points: i64,
    /// 負担金額 公費, as written, 円
    pub copay: Option<i64>,
}

/// SN of the main insurer.
#[derive(Clone, Copy, Default)]
pub struct Confirmed<'a> {
    /// 確認区分
    pub confirmation: &'a str,
    pub insurer_no: Option<&'a str>,
    pub kigo: Option<RawText<'a>>,
    pub bango: Option<RawText<'a>>,
}

impl Confirmed<'_> {
    pub fn is(self, codes: &[&str]) -> bool {
        codes.contains(&self.confirmation)
    }
}

#[derive(Clone)]
pub struct ClaimFacts<'a> {
    pub kind: Kind,
    /// 診療年月
    pub month: Month,
    /// 請求年月 of the file
    pub billing_month: Option<Month>,
    /// レセプト種別, four digits
    pub receipt_type: [u8; 4],
    /// 保険者番号 in normal form
    pub payer: Option<&'a str>,
    pub kigo: Option<RawText<'a>>,
    pub bango: Option<RawText<'a>>,
    /// 枝番 of SN
    pub edaban: Option<u8>,
    pub confirmed: Confirmed<'a>,
    /// 1 male, 2 female, 0 not known
    pub sex: u8,
    pub birth: Option<Date>,
    pub name: Option<RawText<'a>>,
    pub kana: Option<RawText<'a>>,
    /// 給付割合 %
    pub benefit_rate: Option<i64>,
    /// two-digit codes of 特記事項, one after the other
    pub tokki: &'a str,
    /// 一部負担金・食事療養費・生活療養費標準負担額区分
    pub meal_class: Option<&'a str>,
    pub admission: Option<Date>,
    pub inpatient: bool,
    /// 診療実日数 日; 調剤: 処方箋受付回数
    pub days_n: Option<i64>,
    /// 点; 訪問看護: 円
    pub points: i64,
    /// 負担金額 医療保険, as written, 円
    pub copay: Option<i64>,
    /// the review body changed the points: what was written for others says nothing
    pub corrected: bool,
    pub publics: Vec<Public<'a>>,
    /// prefecture + score table + institution code
    pub institution: (&'a str, &'a str, &'a str),
    /// 調剤: the same of the prescriber; 訪問看護: of the attending physician
    pub prescriber: Option<(&'a str, &'a str, &'a str)>,
    /// 診療科名
    pub department: Option<&'a str>,
    /// 窓口負担額区分
    pub window_class: Option<&'a str>,
    /// 減免区分 or 証明書番号 is written
    pub relief: bool,
    /// 検索番号 in RE: the claim comes again after 返戻
    pub resubmitted: bool,
    /// service days `D(c)`, bit 0 = day 1
    pub days: u32,
    pub exact: bool,
    /// the number of days billed disagrees with the days recorded
    pub days_differ: bool,
    /// a day outside the month was written (E705)
    pub day_outside: bool,
    /// 調剤: days of prescription in the service month and the one before
    pub prescribed: [u32; 2],
    /// 調剤: most days from prescription to dispensing
    pub wait_days: i32,
    /// 分割調剤
    pub split_dispensing: bool,
    /// what the third-party rules say; whoever reads the claim sets it
    pub third_party: Option<&'a Outcome>,
}

/// 訪問看護: the institution of the attending physician (IH). 点数表 of IH may be that of the nursing station.
fn physician<'a>(claim: &Claim<'a>) -> Option<(&'a str, &'a str, &'a str)> {
    use layout::nursing::ih as f;
    if claim.kind != Kind::Nursing {
        return None;
    }
    let ih = claim.find(View::Effective, b"IH")?.record;
    Some((ih.value(f::PREFECTURE)?, "1", ih.value(f::INSTITUTION_CODE)?))
}

/// 点数表, the first digit of レセプト種別.
pub const DISPENSING: u8 = b'4';
pub const NURSING: u8 = b'6';

impl<'a> ClaimFacts<'a> {
    /// Nothing for a claim without month or type: such a claim is a reject.
    pub fn read(claim: &Claim<'a>, header: &Header<'a>, totals: &Totals, days: (u32, bool)) -> Option<Self> {
        let text = |f: Option<Field<'a>>| {
            f.map(|f| RawText { bytes: f.trimmed(), encoding: claim.encoding }).filter(|t| !t.bytes.is_empty())
        };
        let common = &header.common;
        let payer = header.payer.unwrap_or_default();
        let sn = &header.confirmation;
        let biller = &header.biller;
        let department = if matches!(claim.kind, Kind::Medical | Kind::Dpc) {
            claim.find(View::Effective, b"RE").and_then(|r| match claim.kind {
                Kind::Dpc => r.record.value(layout::dpc::re::DEPT1_CODE),
                _ => r.record.value(layout::medical::re::DEPT1_CODE),
            })
        } else {
            None
        };
        Some(Self {
            kind: claim.kind,
            month: common.service_month?,
            billing_month: biller.billing_month,
            receipt_type: common.receipt_type?.as_bytes().try_into().ok()?,
            payer: payer.insurer_no,
            kigo: text(payer.kigo),
            bango: text(payer.bango),
            edaban: sn.edaban.and_then(|e| e.trim().parse().ok()),
            confirmed: Confirmed {
                confirmation: sn.confirmation.unwrap_or_default(),
                insurer_no: sn.insurer_no.and_then(|n| identifiers::insurer_no(n.as_bytes())),
                kigo: text(sn.kigo),
                bango: text(sn.bango),
            },
            sex: common.sex.and_then(|s| s.parse().ok()).unwrap_or(0),
            birth: common.birth_date,
            name: text(common.patient_name),
            kana: text(common.patient_name_kana),
            benefit_rate: common.benefit_rate,
            tokki: common.special_notes.unwrap_or_default(),
            meal_class: common.copay_meal_class,
            admission: header.admission_date(),
            inpatient: common.is_inpatient(claim.kind),
            days_n: payer.days.or_else(|| header.publics.first().and_then(|p| p.days)),
            points: payer.total.or_else(|| header.publics.first().and_then(|p| p.total)).unwrap_or(0),
            copay: payer.copay_yen,
            corrected: header.billed_payer.is_some_and(|billed| billed.total != payer.total),
            publics: header
                .publics
                .iter()
                .map(|p| Public {
                    payer_no: p.payer_no.unwrap_or_default(),
                    recipient_no: p.recipient_no.unwrap_or_default(),
                    points: p.total.unwrap_or(0),
                    copay: p.copay_yen,
                })
                .collect(),
            institution: (
                biller.prefecture.unwrap_or_default(),
                biller.score_table.unwrap_or_default(),
                biller.institution_code.unwrap_or_default(),
            ),
            prescriber: common.prescriber.or_else(|| physician(claim)),
            department,
            window_class: header.window_class,
            relief: payer.relief_class.is_some() || payer.certificate_no.is_some(),
            resubmitted: common.search_no.is_some(),
            days: days.0,
            exact: days.1,
            days_differ: service_days::days_differ(claim.kind, header, totals, days.0),
            day_outside: totals.day_outside,
            prescribed: totals.prescribed_days,
            wait_days: totals.longest_wait_days,
            split_dispensing: totals.split_dispensing,
            third_party: None,
        })
    }

    /// 点数表: 1 医科, 3 歯科, 4 調剤, 6 訪問看護
    pub fn table(&self) -> u8 {
        self.receipt_type[0]
    }

    /// 1 医保・国保, 2 公費単独, 3 後期, 4 退職
    pub fn scheme(&self) -> u8 {
        self.receipt_type[1] - b'0'
    }

    /// 1 alone, 2 … with one public payer or more
    pub fn payers(&self) -> u8 {
        self.receipt_type[2] - b'0'
    }

    /// 1 本人入院 2 本人外来 3 未就学入院 4 未就学外来 5 家族入院 6 家族外来 7 高齢一般入院 8 同外来
    /// 9 高齢7割入院 0 同外来
    pub fn class(&self) -> u8 {
        self.receipt_type[3] - b'0'
    }

    pub fn has_tokki(&self, range: std::ops::RangeInclusive<u8>) -> bool {
        self.tokki_codes().any(|c| range.contains(&c))
    }

    pub fn tokki_codes(&self) -> impl Iterator<Item = u8> + 'a {
        self.tokki.as_bytes().chunks(2).filter_map(|c| std::str::from_utf8(c).ok()?.trim().parse().ok())
    }

    /// First and last day of the service month.
    pub fn bounds(&self) -> (Day, Day) {
        calendar::bounds(self.month)
    }

    /// Days of service; all days of the month where none is known.
    pub fn days_or_month(&self) -> u32 {
        if self.days != 0 { self.days } else { u32::MAX >> (32 - u32::from(self.month.days())) }
    }

    /// The first and the last day of service; the first and last of the month where none is known.
    pub fn span(&self) -> (Day, Day) {
        let first = self.month.first_day().epoch_days();
        let mask = self.days_or_month();
        (first + mask.trailing_zeros() as Day, first + (31 - mask.leading_zeros()) as Day)
    }

    /// Day number (from 1) of a day of the month.
    pub fn day_no(&self, day: Day) -> u8 {
        (day - self.month.first_day().epoch_days() + 1) as u8
    }
}
