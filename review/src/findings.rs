//! A finding as every list and page shows it.

use serde_json::{Map, Value, json as value};
use tenken_parser::Date;
use tenken_store::findings::FindingRow;

use crate::text::time;

/// The columns of the table (spec/tables.md 3).
pub fn json(f: &FindingRow) -> Map<String, Value> {
    let days = |days: &[Date]| Value::Array(days.iter().map(|d| d.to_string().into()).collect());
    let mut o = Map::new();
    let mut put = |name: &str, value: Value| {
        o.insert(name.to_owned(), value);
    };
    put("finding_id", f.finding_id.clone().into());
    put("claim_id", f.claim_id.clone().into());
    put("import_id", f.import_id.clone().into());
    put("exam_month", f.exam_month.clone().into());
    put("owner", f.owner.clone().into());
    put("generation", f.generation.into());
    put("source_file", f.source_file.clone().into());
    put("receipt_no", f.receipt_no.clone().into());
    put("billing_month", f.billing_month.clone().into());
    put("service_month", f.service_month.clone().into());
    put("insurer_no", value!(f.insurer_no));
    put("kigo", value!(f.kigo));
    put("bango", value!(f.bango));
    put("edaban", value!(f.edaban));
    put("person_id", value!(f.person_id));
    put("institution_code", f.institution_code.clone().into());
    put("search_no", value!(f.search_no));
    put("rule", f.rule.clone().into());
    put("is_primary", f.is_primary.into());
    put("severity", f.severity.clone().into());
    put("certainty", f.certainty.clone().into());
    put("disposition", value!(f.disposition));
    put("days_bad", days(&f.days_bad));
    put("days_ok", days(&f.days_ok));
    put("cand_payer", value!(f.cand_payer));
    put("retro", f.retro.into());
    put("prov_ok", f.prov_ok.into());
    put("origin", f.origin.clone().into());
    put("k_code", f.k_code.clone().into());
    put("reason", f.reason.clone().into());
    put("evidence", serde_json::from_str(&f.evidence).unwrap_or(Value::Null));
    put("state", f.state.clone().into());
    put("opened_at", time(f.opened_at).into());
    put("closed_at", f.closed_at.map_or(Value::Null, |t| time(t).into()));
    put("closed_reason", value!(f.closed_reason));
    o
}

/// A key of the evidence, in the words of the user.
pub fn label(name: &str) -> &str {
    const LABELS: &[(&str, &str)] = &[
        ("insurer_no", "保険者番号"),
        ("kigo", "記号"),
        ("bango", "番号"),
        ("edaban", "枝番"),
        ("receipt_type", "レセプト種別"),
        ("sex", "性別"),
        ("birth_date", "生年月日"),
        ("death_date", "死亡年月日"),
        ("service_month", "診療年月"),
        ("billing_month", "請求年月"),
        ("admission_date", "入院年月日"),
        ("benefit_rate", "給付割合"),
        ("tokki", "特記事項"),
        ("days", "実日数"),
        ("points", "点数"),
        ("confirmation", "確認区分"),
        ("public_payers", "公費負担者番号"),
        ("claim_id", "レセプト"),
        ("institution", "医療機関"),
        ("prescriber", "処方元"),
        ("owner", "台帳の保険者"),
        ("person_id", "宛名番号"),
        ("tier", "照合の段"),
        ("by", "照合の項目"),
        ("number", "番号の一致"),
        ("name", "氏名の一致"),
        ("candidates", "候補の宛名番号"),
        ("spans", "資格"),
        ("periods", "適用"),
        ("acquired_on", "取得"),
        ("acquired_reason", "取得事由"),
        ("acquired_registered_at", "登録"),
        ("lost_on", "喪失"),
        ("lost_reason", "喪失事由"),
        ("lost_registered_at", "登録"),
        ("applied_from", "適用開始"),
        ("applied_to", "適用終了"),
        ("applied_to_reason", "終了事由"),
        ("registered_at", "登録"),
    ];
    LABELS.iter().find(|l| l.0 == name).map_or(name, |l| l.1)
}
