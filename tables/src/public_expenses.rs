//! `public_expenses`: one row per KO.

use tenken_parser::{
    Claim, Kind,
    view::{
        header::{Confirmation, Header},
        public_expense::PublicExpense,
        walk::Totals,
    },
};

use crate::{
    columns::Columns,
    schema::{BY_IMPORT, table},
};

table! {
    TABLE "public_expenses" by BY_IMPORT;
    claim_id: Text, import_id: Text, exam_month: Month, seq: I32, payer_no: Code, recipient_no: Text "?",
    optional_benefit: Code "?", days: I32 "?", points: I64 "?", points_effective: I64 "?", cost_yen: I64,
    meal_count: I32 "?", meal_yen: I64 "?", meal_copay_yen: I64 "?", copay_yen: I64 "?", covered_copay_yen: I64 "?",
    confirmation: Code "?", confirmed_payer_no: Code "?", confirmed_recipient_no: Text "?",
}

/// Adds the public payers of a claim.
pub fn push_all(columns: &mut Columns, claim_id: &str, claim: &Claim<'_>, header: &Header<'_>, totals: &Totals) {
    let billed = &header.billed_publics;
    for (i, ko) in header.publics.iter().enumerate() {
        let nursing = claim.kind == Kind::Nursing;
        let sn = Confirmation::of_payer(claim, i as u32 + 2).unwrap_or_default();
        let points = |p: Option<&PublicExpense<'_>>| if nursing { None } else { p.and_then(|p| p.total) };
        let total = ko.total.unwrap_or(0);
        let burden = totals.standard_burden_yen.get(i + 1).copied().filter(|y| *y != 0);
        columns
            .row()
            .text(claim_id)
            .i32(i as i32 + 1)
            .text(ko.payer_no.unwrap_or_default())
            .opt_text(ko.recipient_no)
            .opt_text(ko.optional_benefit)
            .opt_i32_from(ko.days)
            .opt_i64(points(billed.get(i)))
            .opt_i64(points(Some(ko)))
            .i64(if nursing { total } else { total.saturating_mul(10) })
            .opt_i32_from(ko.meal_count)
            .opt_i64(ko.meal_yen)
            .opt_i64(ko.standard_burden_yen.or(burden))
            .opt_i64(ko.copay_yen)
            .opt_i64(ko.covered_copay_yen)
            .opt_text(sn.confirmation)
            .opt_text(sn.insurer_no)
            .opt_text(sn.recipient_no)
            .end();
    }
}
