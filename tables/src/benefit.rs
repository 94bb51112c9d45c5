//! `benefit_households` and `benefit_groups`: 高額療養費 of households and months, every version of it.

use std::fmt;

use tenken_parser::Date;

use crate::{
    columns::Columns,
    schema::{BY_RUN, table},
};

/// One row per version of a household month.
pub mod households {
    use super::*;

    table! {
        TABLE "benefit_households" by BY_RUN;
        run_id: Text, benefit_id: Text, owner: Code, household_id: Text, service_month: Month, version: I32,
        exam_month: Month, change: Code, change_yen: I64, category_under70: Code "?", category_70plus: Code "?",
        special: Code "?", hit_count: I32, multi_hit: Bool, hit_months: List, counted_cost_yen: I64,
        counted_burden_yen: I64, limit_yen: I64 "?", special_month_benefit_yen: I64, outpatient_benefit_yen: I64,
        seventyplus_benefit_yen: I64, all_ages_benefit_yen: I64, benefit_yen: I64, in_kind_yen: I64, cash_yen: I64,
        limit_rows: List, needs_decision: Bool, claim_ids: List, expires_on: Date, reason: Text, trace: Text,
        scheme: Code, hit: Bool, tokutei_benefit_yen: I64, public_benefit_yen: I64, input_hash: Text,
    }
}

/// The groups of a version (high-cost.md 3).
pub mod groups {
    use super::*;

    table! {
        TABLE "benefit_groups" by BY_RUN;
        run_id: Text, benefit_id: Text, group_no: I32, person_id: Text, age_band: Code, institution: Code, kind: Code,
        inpatient: Bool, cost_yen: I64, burden_yen: I64, window_paid_yen: I64, in_kind_yen: I64, counted: Bool,
        excluded_reason: Code "?", person_benefit_yen: I64, limit_row: Code "?", claim_ids: List,
        person_cash_yen: I64,
    }
}

/// A version of a household month. `Debug` shows the version alone.
#[derive(Clone, PartialEq, Eq)]
pub struct BenefitHousehold {
    pub benefit_id: String,
    pub owner: String,
    pub household_id: String,
    pub service_month: String,
    pub version: i32,
    /// 審査月 whose run made it
    pub exam_month: String,
    /// `new` `increase` `decrease` `same` `zero`
    pub change: String,
    /// 円, against the version before
    pub change_yen: i64,
    pub category_under70: Option<String>,
    pub category_70plus: Option<String>,
    pub special: Option<String>,
    pub hit_count: i32,
    pub multi_hit: bool,
    pub hit_months: Vec<String>,
    pub counted_cost_yen: i64,
    pub counted_burden_yen: i64,
    pub limit_yen: Option<i64>,
    pub special_month_benefit_yen: i64,
    pub outpatient_benefit_yen: i64,
    pub seventyplus_benefit_yen: i64,
    pub all_ages_benefit_yen: i64,
    pub benefit_yen: i64,
    pub in_kind_yen: i64,
    pub cash_yen: i64,
    pub limit_rows: Vec<String>,
    pub needs_decision: bool,
    pub claim_ids: Vec<String>,
    /// 時効
    pub expires_on: Date,
    pub reason: String,
    pub trace: String,
    /// `kokuho` `kouki`
    pub scheme: String,
    /// counts for 多数回
    pub hit: bool,
    /// 特定疾病, outside the sum 円
    pub tokutei_benefit_yen: i64,
    /// parts with public programmes, outside the sum 円
    pub public_benefit_yen: i64,
    /// of everything that the version was worked out from and gives, its number and its change aside
    pub input_hash: String,
}

#[derive(Clone, PartialEq, Eq)]
pub struct BenefitGroup {
    pub benefit_id: String,
    pub group_no: i32,
    pub person_id: String,
    pub age_band: String,
    /// ten digits; of 療養費: the decision
    pub institution: String,
    pub kind: String,
    pub inpatient: bool,
    pub cost_yen: i64,
    pub burden_yen: i64,
    pub window_paid_yen: i64,
    pub in_kind_yen: i64,
    pub counted: bool,
    pub excluded_reason: Option<String>,
    pub person_benefit_yen: i64,
    pub limit_row: Option<String>,
    pub claim_ids: Vec<String>,
    /// what the person gets of the household's refund (後期 pays each), on the person's first group 円
    pub person_cash_yen: i64,
}

impl fmt::Debug for BenefitHousehold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BenefitHousehold({} {} v{} {})", self.benefit_id, self.service_month, self.version, self.benefit_yen)
    }
}

impl fmt::Debug for BenefitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BenefitGroup({} {})", self.benefit_id, self.group_no)
    }
}

fn texts(list: &[String]) -> impl Iterator<Item = &str> {
    list.iter().map(String::as_str)
}

pub fn push_household(columns: &mut Columns, b: &BenefitHousehold) {
    columns
        .row()
        .text(&b.benefit_id)
        .text(&b.owner)
        .text(&b.household_id)
        .text(&b.service_month)
        .i32(b.version)
        .text(&b.exam_month)
        .text(&b.change)
        .i64(b.change_yen)
        .opt_text(b.category_under70.as_deref())
        .opt_text(b.category_70plus.as_deref())
        .opt_text(b.special.as_deref())
        .i32(b.hit_count)
        .bool(b.multi_hit)
        .list(texts(&b.hit_months))
        .i64(b.counted_cost_yen)
        .i64(b.counted_burden_yen)
        .opt_i64(b.limit_yen)
        .i64(b.special_month_benefit_yen)
        .i64(b.outpatient_benefit_yen)
        .i64(b.seventyplus_benefit_yen)
        .i64(b.all_ages_benefit_yen)
        .i64(b.benefit_yen)
        .i64(b.in_kind_yen)
        .i64(b.cash_yen)
        .list(texts(&b.limit_rows))
        .bool(b.needs_decision)
        .list(texts(&b.claim_ids))
        .date(b.expires_on)
        .text(&b.reason)
        .text(&b.trace)
        .text(&b.scheme)
        .bool(b.hit)
        .i64(b.tokutei_benefit_yen)
        .i64(b.public_benefit_yen)
        .text(&b.input_hash)
        .end();
}

pub fn push_group(columns: &mut Columns, g: &BenefitGroup) {
    columns
        .row()
        .text(&g.benefit_id)
        .i32(g.group_no)
        .text(&g.person_id)
        .text(&g.age_band)
        .text(&g.institution)
        .text(&g.kind)
        .bool(g.inpatient)
        .i64(g.cost_yen)
        .i64(g.burden_yen)
        .i64(g.window_paid_yen)
        .i64(g.in_kind_yen)
        .bool(g.counted)
        .opt_text(g.excluded_reason.as_deref())
        .i64(g.person_benefit_yen)
        .opt_text(g.limit_row.as_deref())
        .list(texts(&g.claim_ids))
        .i64(g.person_cash_yen)
        .end();
}
