//! Random orders of every kind, for the tests and the examples.

use tenken_parser::{Date, Kind, Month};
use tenken_samples::{
    order::{AgeClass, Course, Disease, Institution, Item, Order, Patient, Public},
    rng::Rng,
};

/// Everything that orders point at.
pub struct World {
    institutions: Vec<Institution>,
    service_month: Month,
}

impl World {
    pub fn new() -> Self {
        let at = |score_table, code: &str, name: &str, beds| Institution {
            prefecture: "13".into(),
            score_table,
            code: code.into(),
            name: name.into(),
            beds,
        };
        Self {
            institutions: vec![
                at(1, "9910016", "見本内科クリニック", 0),
                at(1, "9920015", "見本総合病院", 320),
                at(3, "9930014", "サンプル歯科医院", 0),
                at(4, "9940013", "サンプル薬局", 0),
                at(6, "9990018", "見本訪問看護ステーション", 0),
            ],
            service_month: Month::new(2026, 8).expect("a month"),
        }
    }

    pub fn at(&self, kind: Kind, inpatient: bool, rng: &mut Rng) -> &Institution {
        &self.institutions[match kind {
            Kind::Medical if inpatient => 1,
            Kind::Medical => usize::from(rng.chance(30)),
            Kind::Dpc => 1,
            Kind::Dental => 2,
            Kind::Pharmacy => 3,
            Kind::Nursing => 4,
        }]
    }

    /// An order with nothing special.
    pub fn ordinary(&self, kind: Kind, inpatient: bool, days: u32, target: i64, rng: &mut Rng) -> Order<'_> {
        let birth = Date::new(rng.between(1935, 2022) as u16, rng.between(1, 12) as u8, 14).expect("a day");
        let late_elderly = birth.year_month().year() < 1951;
        let classes =
            [AgeClass::Head, AgeClass::Preschool, AgeClass::Member, AgeClass::Elderly, AgeClass::ElderlyActive];
        Order {
            kind,
            inpatient,
            course: Course::Ordinary,
            service_month: self.service_month,
            billing_month: self.service_month.plus(1),
            patient: Patient {
                insurer_no: if late_elderly { "39139993" } else { "139998" },
                kigo: if late_elderly { "" } else { "見本" },
                bango: if late_elderly { "90000123" } else { "１２３４５６７" },
                edaban: if late_elderly { "" } else { "02" },
                name: "髙例　花子",
                kana: "タカレイハナコ",
                sex: 2,
                birth,
                late_elderly,
                age_class: if late_elderly { AgeClass::Elderly } else { *rng.pick(&classes) },
                benefit_rate: Some(70),
            },
            institution: self.at(kind, inpatient, rng),
            prescriber: matches!(kind, Kind::Pharmacy | Kind::Nursing).then(|| &self.institutions[0]),
            days,
            admission: inpatient.then(|| self.service_month.day(days.trailing_zeros() as u8 + 1).expect("a day")),
            target,
            diseases: &[],
            publics: &[],
            tokki: &[],
            items: &[],
            comments: &[],
            details: &[],
            copay_yen: None,
            confirmation: "01",
            receipt_no: rng.between(1, 99_999) as u32,
            search_no: "",
            insurer_form: false,
            cut_per_mille: 0,
            form_no: rng.between(1, 9_999_999) as u32,
        }
    }

    /// An order in which anything may be.
    pub fn wild(&self, rng: &mut Rng) -> Order<'_> {
        let kind = *rng.pick(&Kind::ALL);
        let inpatient =
            kind == Kind::Dpc || (kind == Kind::Medical && rng.chance(40)) || (kind == Kind::Dental && rng.chance(5));
        let days = if inpatient {
            stay(rng)
        } else {
            (rng.next() & rng.next() & 0x7FFF_FFFF) as u32 | 1 << rng.between(0, 30)
        };
        let target = match rng.between(0, 9) {
            0 => rng.between(50, 300),
            1 => rng.between(1_000_000, 20_000_000),
            2..=4 => rng.between(300, 3_000),
            _ => rng.between(3_000, 200_000),
        };
        let mut order = self.ordinary(kind, inpatient, days, target, rng);
        const COURSES: [Course; 5] =
            [Course::Ordinary, Course::Dialysis, Course::CostlyDrug, Course::LongStay, Course::Surgical];
        order.course = *rng.pick(&COURSES);
        order.publics = &PUBLICS[..rng.between(0, 4) as usize];
        order.diseases = &DISEASES[..rng.between(0, 3) as usize];
        order.tokki = &["29", "10", "33"][..rng.between(0, 3) as usize];
        order.comments = &[("810000001", "受診の経緯～見本"), ("820000021", "")][..rng.between(0, 2) as usize];
        order.details = &["見本の症状詳記", "続きの見本"][..rng.between(0, 2) as usize];
        if rng.chance(30) {
            order.items = items(kind);
        }
        order.copay_yen = rng.chance(40).then_some(57_600);
        order.confirmation = rng.pick::<&str>(&["01", "01", "02", "03", "04", "09"]);
        order.insurer_form = rng.chance(50);
        order.cut_per_mille = 500;
        if rng.chance(10) {
            order.search_no = "13150809910000123";
        }
        // 公費単独
        if rng.chance(5) && !order.publics.is_empty() {
            (order.patient.insurer_no, order.patient.kigo, order.patient.bango) = ("", "", "");
        }
        order
    }
}

/// Consecutive days.
pub fn stay(rng: &mut Rng) -> u32 {
    let first = rng.between(1, 31);
    let last = rng.between(first, 31);
    (first..=last).fold(0, |mask, d| mask | 1 << (d - 1))
}

fn items(kind: Kind) -> &'static [Item<'static>] {
    match kind {
        Kind::Medical | Kind::Dpc => &[
            Item { category: "40", code: "140000610", points: 52 },
            Item { category: "33", code: "622260501", points: 1200 },
            Item { category: "50", code: "710010123", points: 310 },
        ],
        Kind::Dental => &[
            Item { category: "44", code: "310000110", points: 160 },
            Item { category: "21", code: "629999901", points: 10 },
        ],
        Kind::Pharmacy => &[
            Item { category: "", code: "622260501", points: 400 },
            Item { category: "", code: "440009910", points: 59 },
        ],
        Kind::Nursing => &[Item { category: "", code: "550009910", points: 25_000 }],
    }
}

const fn public(
    payer_no: &'static str,
    recipient_no: &'static str,
    share: u8,
    copay_yen: Option<i64>,
) -> Public<'static> {
    Public { payer_no, recipient_no, share, copay_yen }
}

static PUBLICS: [Public<'static>; 4] = [
    public("54139993", "1234566", 80, Some(10_000)),
    public("21139992", "1234566", 100, None),
    public("51139996", "", 30, Some(500)),
    public("80139990", "7654321", 0, None),
];

static DISEASES: std::sync::LazyLock<[Disease<'static>; 3]> = std::sync::LazyLock::new(|| {
    let start = Date::new(2026, 8, 1).expect("a day");
    [
        Disease {
            code: "8847342", modifiers: "20568002", name: "", start, outcome: 1, main: true, note: "見本の補足"
        },
        Disease {
            code: "0000999",
            modifiers: "",
            name: "見本の未コード化傷病名",
            start,
            outcome: 2,
            main: false,
            note: "",
        },
        Disease { code: "8833421", modifiers: "", name: "", start, outcome: 1, main: false, note: "" },
    ]
});
