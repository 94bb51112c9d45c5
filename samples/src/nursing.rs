//! 訪問看護: amounts in yen, one KA per day and fee.

use tenken_parser::Kind;

use crate::{Made, Town, medical::Head, people::Institution, record::record};

const K: Kind = Kind::Nursing;

pub(crate) fn claim(town: &mut Town, _at: &Institution, n: u32) -> Made {
    let Town { month, people, rng } = town;
    let mut person = rng.pick(people).clone();
    person.public = None;
    let days = rng.days(4, month.days());
    let mut visits = Vec::new();
    let mut total = 0;
    for (i, day) in days.iter().enumerate() {
        let date = month.day(*day).unwrap_or(month.first_day()).compact();
        for (code, yen, staff) in [("519999901", 5550, "03"), ("529999901", if i == 0 { 7670 } else { 3000 }, "")] {
            visits.push(record(
                K,
                "KA",
                &[
                    ("service_date", &date),
                    ("burden_class", "1"),
                    ("item_code", code),
                    ("amount_yen", &yen.to_string()),
                    ("staff_codes", staff),
                ],
            ));
            total += yen;
        }
    }
    let clinic = Institution::clinics().remove(0);
    let head = Head {
        kind: K,
        person: &person,
        no: n + 1,
        receipt_type: person.receipt_type(6, false, 0),
        month: month.compact(),
        days,
        total,
        public_total: None,
        meals: None,
        re: vec![("nursing_record_no", format!("V{n:04}"))],
    };
    let mut records = head.records();
    records.push(record(
        K,
        "IH",
        &[
            ("prefecture", "13"),
            ("score_table", "1"),
            ("institution_code", &clinic.code),
            ("institution_name", clinic.name),
            ("doctor_name", "見本　一郎"),
        ],
    ));
    records.push(record(
        K,
        "HJ",
        &[
            ("instruction_kind", "01"),
            ("from_date", &month.first_day().compact()),
            ("to_date", &month.plus(5).last_day().compact()),
        ],
    ));
    records.push(record(K, "JS", &[("condition_text", "見本の状態記述"), ("notice_disease_flags", "03")]));
    records.push(record(K, "SY", &[("disease_code", "0000999"), ("disease_name", "見本病名")]));
    records.push(record(K, "RJ", &[("start_date", &month.first_day().compact()), ("place1_code", "01")]));
    records.extend(visits);
    Made { records, total, payers: 1, counted: true }
}
