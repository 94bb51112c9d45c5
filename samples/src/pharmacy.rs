//! 調剤: one or two Rp, drugs, and the fees of each reception.

use tenken_parser::Kind;

use crate::{Made, Town, medical::Head, people::Institution, record::record};

const K: Kind = Kind::Pharmacy;

pub(crate) fn claim(town: &mut Town, _at: &Institution, n: u32) -> Made {
    let Town { month, people, rng } = town;
    let mut person = rng.pick(people).clone();
    person.public = None;
    let count = rng.between(1, 2) as usize;
    let days = rng.days(count, month.days());
    let mut items = Vec::new();
    let mut fees = Vec::new();
    let mut total = 0;
    for (i, day) in days.iter().enumerate() {
        let date = month.day(*day).unwrap_or(month.first_day()).compact();
        let (rx, reception) = (format!("{:02}", i + 1), (i + 1).to_string());
        let unit = rng.between(3, 40);
        let quantity = rng.between(5, 28);
        let drug = unit * quantity;
        items.push(record(
            K,
            "SH",
            &[("rx_no", &rx), ("dosage_form", "1"), ("usage_code", "003"), ("unit_drug_points", &unit.to_string())],
        ));
        items.push(record(
            K,
            "CZ",
            &[
                ("doctor_no", "1"),
                ("prescribed_date", &date),
                ("dispensed_date", &date),
                ("reception_seq", &reception),
                ("quantity", &quantity.to_string()),
                ("prep_burden_class", "1"),
                ("prep_calc_kind", "1"),
                ("prep_target_no", &rx),
                ("prep_code", "429999901"),
                ("prep_points", "24"),
                ("drug_points", &drug.to_string()),
                ("mgmt_burden_class", "1"),
                ("mgmt_calc_kind", "1"),
                ("mgmt_target_no", &rx),
                ("mgmt_code", "449999901"),
                ("mgmt_points", "28"),
            ],
        ));
        items.push(record(K, "IY", &[("burden_class", "1"), ("item_code", "622007301"), ("quantity", "3")]));
        items.push(record(K, "IY", &[("burden_class", "1"), ("item_code", "622306501"), ("quantity", "0.5")]));
        items.push(record(K, "CO", &[("comment_code", "810000001"), ("text", "見本コメント")]));
        fees.push(record(
            K,
            "KI",
            &[
                ("calc_date", &date),
                ("reception_seq", &reception),
                ("base_burden_class", "1"),
                ("base_code", "419999901"),
                ("base_points", "45"),
                ("care_burden_class_01", "1"),
                ("care_code_01", "449999902"),
                ("care_times_01", "1"),
                ("care_points_01", "45"),
            ],
        ));
        total += 24 + 28 + drug + 45 + 45;
    }
    let clinic = Institution::clinics().remove(0);
    let head = Head {
        kind: K,
        person: &person,
        no: n + 1,
        receipt_type: person.receipt_type(4, false, 0),
        month: month.compact(),
        days,
        total,
        public_total: None,
        meals: None,
        re: vec![
            ("prescriber_prefecture", "13".into()),
            ("prescriber_score_table", "1".into()),
            ("prescriber_institution_code", clinic.code),
            ("prescriber_name", clinic.name.into()),
            ("doctor_name_01", "見本　一郎".into()),
            ("dispensing_record_no", format!("P{n:05}")),
        ],
    };
    let mut records = head.records();
    records.extend(items);
    records.push(record(K, "TK", &[("comment_code", "810000001"), ("text", "見本摘要")]));
    records.extend(fees);
    Made { records, total, payers: 1, counted: true }
}
