//! `claims`: one row per RE.

use tenken_parser::{
    Claim, Kind,
    view::{header::Header, walk::Totals},
};

use crate::{
    Matched, Origin,
    columns::{Columns, Reading},
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "claims" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, owner: Code, source_file: Code, file_hash: Code,
    file_no: I32, ordinal: I64, byte_start: I64, byte_len: I64, form: Code, kind: Code, receipt_no: Text,
    receipt_type: Code, service_month: Month, billing_month: Month, review_org: Code, prefecture: Code,
    score_table: Code, institution_code: Code, institution_name: Code "?", insurer_no: Code "?", kigo: Text "?",
    bango: Text "?", edaban: Code "?", confirmation: Code "?", confirmed_insurer_no: Code "?",
    confirmed_kigo: Text "?", confirmed_bango: Text "?", person_id: Text "?", household_id: Text "?", tier: Code "?",
    name: Text "?", kana: Text "?", sex: Code, birth_date: Date "?", benefit_rate: I32 "?",
    copay_meal_class: Code "?", tokki: List, admission_date: Date "?", days: I32 "?", points: I64 "?",
    points_effective: I64 "?", cost_yen: I64, meal_count: I32 "?", meal_yen: I64 "?", meal_copay_yen: I64 "?",
    copay_yen: I64 "?", window_class: Code "?", occupational_reason: Code "?", certificate_no: Text "?",
    relief_class: Code "?", relief_rate: I32 "?", relief_yen: I64 "?", prescriber: Code "?", dpc_code: Code "?",
    summary_class: Code "?", parent_claim_id: Code "?", search_no: Text "?", mgmt_no: Text "?",
    service_days: Mask, days_exact: Bool, corrected: Bool, problems: I32,
}

/// The amounts of a claim. 点 are null for 訪問看護, whose 円 are the cost itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Amounts {
    pub points: Option<i64>,
    pub points_effective: Option<i64>,
    /// 10割, meals not included
    pub cost_yen: i64,
}

impl Amounts {
    /// Of HO, or of the first KO when there is no HO (公費単独).
    pub fn of(claim: &Claim<'_>, header: &Header<'_>) -> Self {
        let effective = header.payer.and_then(|p| p.total).or_else(|| header.publics.first().and_then(|p| p.total));
        let billed =
            header.billed_payer.and_then(|p| p.total).or_else(|| header.billed_publics.first().and_then(|p| p.total));
        if claim.kind == Kind::Nursing {
            return Self { points: None, points_effective: None, cost_yen: effective.unwrap_or(0) };
        }
        const YEN_PER_POINT: i64 = 10;
        Self {
            points: billed,
            points_effective: effective,
            cost_yen: effective.unwrap_or(0).saturating_mul(YEN_PER_POINT),
        }
    }
}

/// Everything a row of `claims` is made of.
pub struct Facts<'f, 'a> {
    pub claim_id: &'f str,
    pub origin: Origin<'f>,
    pub header: &'f Header<'a>,
    pub totals: &'f Totals,
    pub matched: Matched<'f>,
    pub amounts: Amounts,
}

pub fn push(columns: &mut Columns, claim: &Claim<'_>, facts: &Facts<'_, '_>, problems: i32) {
    let Facts { claim_id, origin, header, totals, matched, amounts } = facts;
    let (common, biller, sn) = (&header.common, &header.biller, &header.confirmation);
    let payer = header.payer.unwrap_or_default();
    let enc = claim.encoding;
    let parent = claim.raw.parent.map(|p| crate::claim_id(origin.file_hash, p));
    let prescriber = common.prescriber.map(|(p, t, c)| format!("{p}{t}{c}"));
    let edaban = sn.edaban.map(|e| format!("{e:0>2}"));
    let meal_copay =
        payer.standard_burden_yen.or((totals.standard_burden_yen[0] != 0).then_some(totals.standard_burden_yen[0]));

    let mut row = columns.row();
    row.text(claim_id)
        .text(matched.owner.or(payer.insurer_no).unwrap_or_default())
        .text(origin.source_file)
        .text(origin.file_hash)
        .i32(origin.file_no)
        .i64(claim.raw.ordinal as i64)
        .i64(claim.raw.start as i64)
        .i64(claim.raw.len as i64)
        .text(claim.raw.form.name())
        .text(claim.kind.name())
        .text(common.receipt_no.unwrap_or_default())
        .text(common.receipt_type.unwrap_or_default())
        .opt_month(common.service_month);
    match biller.billing_month {
        Some(m) => row.month(m),
        // without a readable header: the month of the claim says nothing, an empty text stays visible
        None => row.text(""),
    };
    row.text(biller.review_org.unwrap_or_default())
        .text(biller.prefecture.unwrap_or_default())
        .text(biller.score_table.unwrap_or_default())
        .text(biller.institution_code.unwrap_or_default());
    row.field(biller.institution_name, Reading::Text, enc)
        .opt_text(payer.insurer_no)
        .field(payer.kigo, Reading::Symbol, enc)
        .field(payer.bango, Reading::Symbol, enc)
        .opt_text(edaban.as_deref())
        .opt_text(sn.confirmation)
        .opt_text(sn.insurer_no)
        .field(sn.kigo, Reading::Symbol, enc)
        .field(sn.bango, Reading::Symbol, enc)
        .opt_text(matched.person_id)
        .opt_text(matched.household_id)
        .opt_text(matched.tier)
        .field(common.patient_name, Reading::Text, enc)
        .field(common.patient_name_kana, Reading::Kana, enc)
        .text(common.sex.unwrap_or_default())
        .opt_date(common.birth_date)
        .opt_i32_from(common.benefit_rate)
        .opt_text(common.copay_meal_class)
        .list(common.tokki())
        .opt_date(header.admission_date())
        .opt_i32_from(payer.days)
        .opt_i64(amounts.points)
        .opt_i64(amounts.points_effective)
        .i64(amounts.cost_yen)
        .opt_i32_from(payer.meal_count)
        .opt_i64(payer.meal_yen)
        .opt_i64(meal_copay)
        .opt_i64(payer.copay_yen)
        .opt_text(header.window_class)
        .opt_text(payer.occupational_reason)
        .opt_text(payer.certificate_no)
        .opt_text(payer.relief_class)
        .opt_i32_from(payer.relief_rate)
        .opt_i64(payer.relief_yen)
        .opt_text(prescriber.as_deref())
        .opt_text(header.dpc_code)
        .opt_text(common.summary_class)
        .opt_text(parent.as_deref())
        .opt_text(header.search_no)
        .opt_text(header.mgmt_no)
        .i32(matched.days.0 as i32)
        .bool(matched.days.1)
        .bool(claim.is_corrected())
        .i32(problems)
        .end();
}
