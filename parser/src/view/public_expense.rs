//! KO 公費レコード: one per public payer, in the order 第1 … 第4公費.

use super::{cut_value, places};
use crate::{
    claim::{Claim, Kind, View},
    record::Record,
};

places! {
    KoPlaces b"KO" {
        payer_no: Code, recipient_no: Code, optional_benefit: Code, actual_days | reception_count: Int,
        total_points | total_amount: Int, copay_yen: Int, covered_copay_yen: Int,
        covered_outpatient_copay_yen: Int, covered_inpatient_copay_yen: Int, meal_count: Int, meal_yen: Int,
        standard_burden_yen: Int,
    }
}

/// No KO of any kind has more fields.
const KO_FIELDS: usize = 13;

#[derive(Clone, Copy, Default)]
pub struct PublicExpense<'a> {
    pub payer_no: Option<&'a str>,
    pub recipient_no: Option<&'a str>,
    pub optional_benefit: Option<&'a str>,
    /// 日; 調剤: 回
    pub days: Option<i64>,
    /// 点; 訪問看護: 円
    pub total: Option<i64>,
    /// 負担金額 公費, 円
    pub copay_yen: Option<i64>,
    /// 公費給付対象一部負担金, in- and outpatient, 円
    pub covered_copay_yen: Option<i64>,
    pub meal_count: Option<i64>,
    pub meal_yen: Option<i64>,
    pub standard_burden_yen: Option<i64>,
}

impl<'a> PublicExpense<'a> {
    pub fn read(kind: Kind, ko: Record<'a>) -> Self {
        let p = KoPlaces::of(kind);
        let ko = ko.cut::<KO_FIELDS>();
        let covered = [
            cut_value(&ko, p.covered_copay_yen),
            cut_value(&ko, p.covered_outpatient_copay_yen),
            cut_value(&ko, p.covered_inpatient_copay_yen),
        ];
        Self {
            payer_no: cut_value(&ko, p.payer_no),
            recipient_no: cut_value(&ko, p.recipient_no),
            optional_benefit: cut_value(&ko, p.optional_benefit),
            days: cut_value(&ko, p.actual_days),
            total: cut_value(&ko, p.total_points),
            copay_yen: cut_value(&ko, p.copay_yen),
            covered_copay_yen: covered.iter().flatten().copied().reduce(|a, b| a + b),
            meal_count: cut_value(&ko, p.meal_count),
            meal_yen: cut_value(&ko, p.meal_yen),
            standard_burden_yen: cut_value(&ko, p.standard_burden_yen),
        }
    }

    /// All of a claim in one state, in order.
    pub fn all(claim: &Claim<'a>, view: View) -> Vec<Self> {
        claim.view(view).filter(|r| r.id.0 == *b"KO").map(|r| Self::read(claim.kind, r.record)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_record_has_more_fields_than_are_cut() {
        for kind in Kind::ALL {
            assert!(crate::layout::of(kind, *b"KO").is_none_or(|l| l.fields.len() <= KO_FIELDS), "{kind:?}");
        }
    }
}
