//! 歯科.

use tenken_parser::Kind;

use crate::{
    Made, Town,
    medical::Head,
    people::Institution,
    record::{record, with_days},
};

const K: Kind = Kind::Dental;

pub(crate) fn claim(town: &mut Town, at: &Institution, n: u32) -> Made {
    let Town { month, people, rng } = town;
    let mut person = rng.pick(people).clone();
    person.public = None;
    let count = rng.between(1, 4) as usize;
    let days = rng.days(count, month.days());
    let mut items = Vec::new();
    let mut total = 0;
    let mut add = |items: &mut Vec<String>,
                   id: &str,
                   category: &str,
                   code: &str,
                   points: Option<i64>,
                   days: &[u8],
                   more: &[(&str, &str)]| {
        let (times, text) = (days.len().to_string(), points.map_or(String::new(), |p| p.to_string()));
        let mut values = vec![
            ("category", category),
            ("burden_class", "1"),
            ("item_code", code),
            ("points", text.as_str()),
            ("times", &times),
        ];
        values.extend_from_slice(more);
        items.push(with_days(K, &record(K, id, &values), days, 1));
        total += points.unwrap_or(0) * days.len() as i64;
    };
    add(&mut items, "SS", "11", "301000110", Some(264), &days[..1], &[]);
    if days.len() > 1 {
        add(&mut items, "SS", "12", "301001610", Some(56), &days[1..], &[]);
    }
    // a treatment with an addition and a material: one unit, points on the last record
    add(&mut items, "SS", "41", "309000110", None, &days, &[("addition_code_01", "TZ001"), ("addition_qty_01", "")]);
    add(
        &mut items,
        "TO",
        "",
        "799999901",
        Some(100),
        &days,
        &[("quantity", "1"), ("unit_code", "028"), ("unit_price", "50")],
    );
    if rng.chance(40) {
        add(&mut items, "IY", "21", "629999901", Some(10), &days[..1], &[("quantity", "3"), ("drug_kind", "1")]);
    }
    items.push(record(
        K,
        "CO",
        &[("category", "99"), ("burden_class", "1"), ("comment_code", "810000001"), ("text", "見本コメント")],
    ));
    let start = month.day(days[0]).unwrap_or(month.first_day()).compact();
    let head = Head {
        kind: K,
        person: &person,
        no: n + 1,
        receipt_type: person.receipt_type(3, false, 0),
        month: month.compact(),
        days,
        total,
        public_total: None,
        meals: None,
        re: vec![("start_date", start), ("outcome", "1".into()), ("chart_no", format!("S{n:05}"))],
    };
    let mut records = vec![at.claim_header(K, month.plus(1))];
    records.extend(head.records());
    records.push(record(
        K,
        "HS",
        &[("tooth_codes", "101600"), ("disease_code", "0000999"), ("disease_name", "見本病名")],
    ));
    records.extend(items);
    Made { records, total, payers: 1, counted: true }
}
