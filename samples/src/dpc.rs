//! DPC: plain claims, and one 総括 with its subordinates.

use tenken_parser::Kind;

use crate::{
    Made, Town,
    medical::{Head, meals},
    people::{Institution, Person},
    record::{record, with_days},
};

const K: Kind = Kind::Dpc;
const DPC_CODE: &str = "990010XX01X00X";

pub(crate) fn claims(town: &mut Town, at: &Institution, count: u32) -> Vec<Made> {
    let mut out: Vec<Made> = (0..count).map(|n| claim(town, at, n + 1, "0")).collect();
    // 総括: the parent carries the sums, its subordinates are shown but not counted
    let no = count + 1;
    let person = town.rng.pick(&town.people).clone();
    let mut parts = [body(town, &person, no, "2"), body(town, &person, no, "2")];
    let total = parts.iter().map(|p| p.total).sum();
    let mut parent = parts[0].clone();
    parent.records.truncate(5);
    let head = |class: &str, total: i64| {
        let mut h = parent.records.clone();
        h[0] = crate::record::replaced(&h[0], crate::record::position(K, "RE", "summary_class"), class);
        h[0] = crate::record::replaced(
            &h[0],
            crate::record::position(K, "RE", "detail_count"),
            if class == "1" { "2" } else { "" },
        );
        h[1] = crate::record::replaced(&h[1], crate::record::position(K, "HO", "total_points"), &total.to_string());
        h
    };
    let mut records = head("1", total);
    records.push(record(
        K,
        "CO",
        &[("category", "99"), ("burden_class", "1"), ("comment_code", "810000001"), ("text", "見本の総括")],
    ));
    out.push(Made { records, total, payers: 1, counted: true });
    for p in &mut parts {
        p.counted = false;
        out.push(p.clone());
    }
    out
}

fn claim(town: &mut Town, _at: &Institution, no: u32, class: &str) -> Made {
    let mut person = town.rng.pick(&town.people).clone();
    person.public = None;
    body(town, &person, no, class)
}

fn body(town: &mut Town, person: &Person, no: u32, class: &str) -> Made {
    let mut person = person.clone();
    person.public = None;
    let Town { month, rng, .. } = town;
    let first = rng.between(1, 12) as u8;
    let last = first + rng.between(4, 12) as u8;
    let days: Vec<u8> = (first..=last).collect();
    let date = |d: u8| month.day(d).unwrap_or(month.first_day()).compact();
    let ym = month.compact();

    let (daily, second) = ([2800_i64, 1900_i64], days.len() as i64 - 2);
    let subtotals = [daily[0] * 2, daily[1] * second];
    let sum: i64 = subtotals.iter().sum();
    // × 1.2345, rounded half up
    let evaluated = (sum * 12_345 + 5_000) / 10_000;
    let operation = 8000;
    let total = evaluated + operation;
    let (meal_lines, meals) = meals(K, &days);
    let head = Head {
        kind: K,
        person: &person,
        no,
        receipt_type: person.receipt_type(1, true, 0),
        month: ym.clone(),
        days: days.clone(),
        total,
        public_total: None,
        meals: Some(meals),
        re: vec![("summary_class", class.to_owned()), ("chart_no", format!("C{no:04}"))],
    };
    let mut records = head.records();
    let (admitted, discharged) = (date(first), date(last));
    records.push(record(
        K,
        "BU",
        &[("dpc_code", DPC_CODE), ("admission_date", &admitted), ("discharge_date", &discharged), ("dpc_outcome", "2")],
    ));
    for disease_class in ["01", "11", "21"] {
        records.push(record(
            K,
            "SB",
            &[
                ("disease_code", "0000999"),
                ("disease_name", "見本傷病"),
                ("icd10", "K359"),
                ("disease_class", disease_class),
            ],
        ));
    }
    records.push(record(K, "KK", &[("admission_class", "1"), ("age_at_admission", "54")]));
    records.push(record(
        K,
        "SK",
        &[("fee_section_no", "K999"), ("performed_date", &admitted), ("treatment_name", "見本手術")],
    ));
    let stay_out = "0".repeat(usize::from(month.days()));
    records.push(record(
        K,
        "GA",
        &[
            ("service_month", &ym),
            ("adjustment_class", "2"),
            ("stay_out_days", &stay_out),
            ("hospital_coefficient", "1.2345"),
        ],
    ));
    for (i, (daily, days)) in [(daily[0], 2), (daily[1], second)].into_iter().enumerate() {
        records.push(record(
            K,
            "HH",
            &[
                ("service_month", &ym),
                ("adjustment_class", "2"),
                ("insurance_class", "1"),
                ("burden_class", "1"),
                ("stay_period", ["1", "2"][i]),
                ("daily_points", &daily.to_string()),
                ("days", &days.to_string()),
                ("subtotal_points", &subtotals[i].to_string()),
            ],
        ));
    }
    records.push(record(
        K,
        "GT",
        &[
            ("service_month", &ym),
            ("adjustment_class", "2"),
            ("insurance_class", "1"),
            ("burden_class", "1"),
            ("subtotal_sum", &sum.to_string()),
            ("evaluated_points", &evaluated.to_string()),
            ("month_total_points", &evaluated.to_string()),
            ("category", "93"),
        ],
    ));
    let line = record(
        K,
        "SI",
        &[
            ("category", "50"),
            ("burden_class", "1"),
            ("item_code", "150323010"),
            ("points", &operation.to_string()),
            ("times", "1"),
        ],
    );
    records.push(with_days(K, &line, &days[..1], 1));
    records.extend(meal_lines);
    records.push(record(
        K,
        "CD",
        &[
            ("performed_date", &admitted),
            ("category", "50"),
            ("sequence_no", "1"),
            ("detail_no", "1"),
            ("item_code", "150323010"),
            ("times", "1"),
        ],
    ));
    Made { records, total, payers: 1, counted: true }
}
