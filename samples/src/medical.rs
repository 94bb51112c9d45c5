//! 医科: outpatient and inpatient claims.

use tenken_parser::Kind;

use crate::{
    Made, Town,
    people::{Institution, Person},
    record::{record, with_days},
};

/// A 算定単位: records without points, then the last one with them.
struct Unit {
    category: &'static str,
    codes: &'static [(&'static str, &'static str, &'static str)],
    points: i64,
}

/// Our own small table of codes; points are of the right order, not those of any month.
const UNITS: [Unit; 7] = [
    Unit { category: "13", codes: &[("SI", "113001810", "")], points: 225 },
    Unit { category: "21", codes: &[("IY", "622007301", "2"), ("IY", "622306501", "1.5")], points: 33 },
    Unit { category: "23", codes: &[("IY", "620007344", "10")], points: 12 },
    Unit { category: "40", codes: &[("SI", "140000610", "")], points: 52 },
    Unit { category: "60", codes: &[("SI", "160008010", "")], points: 21 },
    Unit { category: "60", codes: &[("SI", "160061810", "")], points: 125 },
    Unit { category: "70", codes: &[("SI", "170011810", ""), ("TO", "770020070", "1")], points: 98 },
];
const DISEASES: [&str; 6] = ["8833421", "4019014", "2500013", "4739003", "5959001", "7242001"];

/// RE, HO, KO, SN, JD, MF of a claim, once the total is known.
pub(crate) struct Head<'p> {
    pub kind: Kind,
    pub person: &'p Person,
    pub no: u32,
    pub receipt_type: String,
    pub month: String,
    pub days: Vec<u8>,
    pub total: i64,
    pub public_total: Option<i64>,
    pub meals: Option<(i64, i64)>,
    pub re: Vec<(&'static str, String)>,
}

impl Head<'_> {
    pub fn records(&self) -> Vec<String> {
        let p = self.person;
        let (sex, birth, rate) = (p.sex.to_string(), p.birth.compact(), p.rate.to_string());
        let no = self.no.to_string();
        let mut re: Vec<(&str, &str)> = vec![
            ("receipt_no", &no),
            ("receipt_type", &self.receipt_type),
            ("service_month", &self.month),
            ("patient_name", &p.name),
            ("patient_name_kana", &p.kana),
            ("sex", &sex),
            ("birth_date", &birth),
            ("benefit_rate", &rate),
        ];
        re.extend(self.re.iter().map(|(k, v)| (*k, v.as_str())));
        let (days, total, insurer) = (self.days.len().to_string(), self.total.to_string(), p.insurer_no());
        let (days_name, total_name) = match self.kind {
            Kind::Pharmacy => ("reception_count", "total_points"),
            Kind::Nursing => ("actual_days", "total_amount"),
            _ => ("actual_days", "total_points"),
        };
        let mut ho: Vec<(&str, &str)> = vec![
            ("insurer_no", &insurer),
            ("kigo", &p.kigo),
            ("bango", &p.bango),
            (days_name, &days),
            (total_name, &total),
        ];
        let meals = self.meals.map(|(count, yen)| (count.to_string(), yen.to_string()));
        if let Some((count, yen)) = &meals {
            ho.extend([("meal_count", count.as_str()), ("meal_yen", yen.as_str())]);
        }
        let mut out = vec![record(self.kind, "RE", &re), record(self.kind, "HO", &ho)];
        let public = self.public_total.zip(p.public.as_ref());
        if let Some((points, (payer, recipient))) = public {
            let points = points.to_string();
            let ko =
                [("payer_no", payer.as_str()), ("recipient_no", recipient), (days_name, &days), (total_name, &points)];
            out.push(record(self.kind, "KO", &ko));
        }
        out.push(record(self.kind, "SN", &[("payer_kind", "1"), ("confirmation", "01"), ("edaban", &p.edaban)]));
        out.push(with_days(self.kind, &record(self.kind, "JD", &[("payer_kind", "1")]), &self.days, 1));
        if public.is_some() {
            out.push(record(self.kind, "SN", &[("payer_kind", "2"), ("confirmation", "01")]));
            out.push(with_days(self.kind, &record(self.kind, "JD", &[("payer_kind", "2")]), &self.days, 1));
        }
        out.push(record(self.kind, "MF", &[("counter_burden_class", "00")]));
        // the order of the specification: SN, then JD, then MF
        out.sort_by_key(|r| ["RE", "HO", "KO", "SN", "JD", "MF"].iter().position(|id| r.starts_with(id)));
        out
    }
}

/// Adds one unit on some days; returns its amount.
fn unit(out: &mut Vec<String>, unit: &Unit, burden: &str, days: &[u8]) -> i64 {
    let times = days.len() as i64;
    let (points, times_text) = (unit.points.to_string(), times.to_string());
    for (i, (id, code, quantity)) in unit.codes.iter().enumerate() {
        let last = i + 1 == unit.codes.len();
        let line = record(
            Kind::Medical,
            id,
            &[
                ("category", if i == 0 { unit.category } else { "" }),
                ("burden_class", burden),
                ("item_code", code),
                ("quantity", quantity),
                ("points", if last { &points } else { "" }),
                ("times", &times_text),
            ],
        );
        out.push(with_days(Kind::Medical, &line, days, 1));
    }
    unit.points * times
}

fn visit(category: &'static str, code: &'static str, points: i64) -> Unit {
    let codes: &'static [(&str, &str, &str)] = match code {
        "111000110" => &[("SI", "111000110", "")],
        _ => &[("SI", "112007410", "")],
    };
    Unit { category, codes, points }
}

pub(crate) fn outpatient(town: &mut Town, _at: &Institution, n: u32) -> Made {
    let Town { month, people, rng } = town;
    let person = rng.pick(people).clone();
    let count = rng.between(1, 4) as usize;
    let days = rng.days(count, month.days());
    // lines shared with the public payer, if there is one
    let shared = if person.public.is_some() { "2" } else { "1" };
    let mut items = Vec::new();
    let (mut total, mut public_total) = (0, 0);
    let mut add = |items: &mut Vec<String>, u: &Unit, burden: &str, days: &[u8]| {
        let amount = unit(items, u, burden, days);
        total += amount;
        if burden == "2" {
            public_total += amount;
        }
    };
    if rng.chance(40) {
        add(&mut items, &visit("11", "111000110", 291), shared, &days[..1]);
        if days.len() > 1 {
            add(&mut items, &visit("12", "112007410", 75), shared, &days[1..]);
        }
    } else {
        add(&mut items, &visit("12", "112007410", 75), shared, &days);
    }
    for _ in 0..rng.between(1, 4) {
        let u = rng.pick(&UNITS);
        let burden = if rng.chance(75) { shared } else { "1" };
        let on = rng.between(1, days.len() as i64) as usize;
        add(&mut items, u, burden, &days[..on]);
    }
    if rng.chance(30) {
        items.push(record(
            Kind::Medical,
            "CO",
            &[("category", "99"), ("burden_class", "1"), ("comment_code", "810000001"), ("text", "見本の摘要コメント")],
        ));
    }
    let publics = usize::from(person.public.is_some());
    let head = Head {
        kind: Kind::Medical,
        person: &person,
        no: n + 1,
        receipt_type: person.receipt_type(1, false, publics),
        month: month.compact(),
        days: days.clone(),
        total,
        public_total: person.public.as_ref().map(|_| public_total),
        meals: None,
        re: vec![("chart_no", format!("K{n:05}"))],
    };
    let mut records = head.records();
    let start = month.day(days[0]).unwrap_or(month.first_day()).compact();
    for i in 0..rng.between(1, 3) {
        let code = if rng.chance(10) { "0000999" } else { rng.pick(&DISEASES) };
        let name = if code == "0000999" { "見本傷病" } else { "" };
        records.push(record(
            Kind::Medical,
            "SY",
            &[
                ("disease_code", code),
                ("start_date", &start),
                ("outcome", "1"),
                ("disease_name", name),
                ("main_disease", if i == 0 { "01" } else { "" }),
            ],
        ));
    }
    records.extend(items);
    Made { records, total, payers: 1 + publics as i64, counted: true }
}

/// Meals of a stay: lines of 食事 and of 標準負担額, number and amount.
pub(crate) fn meals(kind: Kind, days: &[u8]) -> (Vec<String>, (i64, i64)) {
    const MEAL_YEN: i64 = 670;
    const BURDEN_YEN: i64 = 490;
    let mut out = Vec::new();
    for (code, yen) in [("197000110", MEAL_YEN), ("197000810", BURDEN_YEN)] {
        let (times, points) = (days.len().to_string(), (yen * 3).to_string());
        let line = record(
            kind,
            "SI",
            &[
                ("category", "97"),
                ("burden_class", "1"),
                ("item_code", code),
                ("quantity", "3"),
                ("points", &points),
                ("times", &times),
            ],
        );
        out.push(with_days(kind, &line, days, 1));
    }
    let n = days.len() as i64;
    (out, (3 * n, MEAL_YEN * 3 * n))
}

pub(crate) fn inpatient(town: &mut Town, _at: &Institution, n: u32) -> Made {
    let Town { month, people, rng } = town;
    let mut person = rng.pick(people).clone();
    person.public = None;
    let first = rng.between(1, 20) as u8;
    let last = rng.between(i64::from(first), i64::from(month.days())) as u8;
    let days: Vec<u8> = (first..=last).collect();
    let mut items = Vec::new();
    let mut total = 0;
    total += unit(&mut items, &UNITS[5], "1", &days[..1]);
    total +=
        unit(&mut items, &Unit { category: "50", codes: &[("SI", "150221210", "")], points: 2550 }, "1", &days[..1]);
    let stay = Unit { category: "90", codes: &[("SI", "190077410", ""), ("SI", "190077070", "")], points: 1800 };
    total += unit(&mut items, &stay, "1", &days);
    let (lines, meals) = meals(Kind::Medical, &days);
    items.extend(lines);
    let admitted = month.day(first).unwrap_or(month.first_day()).compact();
    let head = Head {
        kind: Kind::Medical,
        person: &person,
        no: n + 1,
        receipt_type: person.receipt_type(1, true, 0),
        month: month.compact(),
        days,
        total,
        public_total: None,
        meals: Some(meals),
        re: vec![("admission_date", admitted.clone()), ("chart_no", format!("N{n:05}"))],
    };
    let mut records = head.records();
    records.push(record(
        Kind::Medical,
        "SY",
        &[("disease_code", DISEASES[0]), ("start_date", &admitted), ("outcome", "1"), ("main_disease", "01")],
    ));
    records.extend(items);
    records.push(record(Kind::Medical, "SJ", &[("detail_class", "07"), ("detail_text", "見本の症状詳記")]));
    Made { records, total, payers: 1, counted: true }
}
