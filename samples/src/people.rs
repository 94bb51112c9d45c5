//! Invented people and institutions, with numbers whose check digits are right.

use tenken_parser::{Date, Kind, Month, identifiers::with_check_digit};

use crate::{record::record, rng::Rng};

/// The town's 国保 and its 後期 union (invented).
pub const INSURER_KOKUHO: &str = "139998";
pub const INSURER_KOKI: &str = "39139993";

const FAMILY: [(&str, &str); 12] = [
    ("見本", "ミホン"),
    ("例示", "レイジ"),
    ("架空", "カクウ"),
    ("仮名", "カメイ"),
    ("試野", "シノ"),
    ("模山", "モヤマ"),
    ("想田", "ソウダ"),
    ("創川", "ツクガワ"),
    ("空原", "ソラハラ"),
    ("型岡", "カタオカ"),
    ("写橋", "ウツハシ"),
    ("髙例", "タカレイ"),
];
const GIVEN: [[(&str, &str); 8]; 2] = [
    [
        ("太郎", "タロウ"),
        ("次郎", "ジロウ"),
        ("一", "ハジメ"),
        ("健", "ケン"),
        ("誠", "マコト"),
        ("勇", "イサム"),
        ("実", "ミノル"),
        ("進", "ススム"),
    ],
    [
        ("花子", "ハナコ"),
        ("良子", "ヨシコ"),
        ("幸", "サチ"),
        ("恵", "メグミ"),
        ("和", "カズ"),
        ("清", "キヨ"),
        ("葵", "アオイ"),
        ("桜", "サクラ"),
    ],
];

#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub kana: String,
    /// 1 男, 2 女
    pub sex: usize,
    pub birth: Date,
    pub koki: bool,
    pub kigo: String,
    pub bango: String,
    pub edaban: String,
    /// 給付割合 %
    pub rate: u32,
    /// last digit of the outpatient receipt type (別表5)
    class: u32,
    /// 公費 of this person: payer and recipient number
    pub public: Option<(String, String)>,
}

impl Person {
    pub fn invent(rng: &mut Rng, no: u32, month: Month) -> Self {
        let sex = rng.between(1, 2) as usize;
        let family = rng.pick(&FAMILY);
        let given = rng.pick(&GIVEN[sex - 1]);
        // the older half of a 国保 and the 後期 of the same town
        let age = match rng.between(0, 99) {
            0..=5 => rng.between(0, 5),
            6..=15 => rng.between(6, 19),
            16..=45 => rng.between(20, 59),
            46..=75 => rng.between(60, 74),
            _ => rng.between(76, 99),
        };
        let year = i64::from(month.year()) - age - 1;
        let birth_month = rng.between(1, 12) as u8;
        let birth = Date::new(year as u16, birth_month, rng.between(1, 28) as u8).unwrap_or_else(|| month.first_day());
        let koki = age >= 75;
        let household = no / 2;
        let public = rng.chance(8).then(|| {
            let payer = with_check_digit("5413999");
            (payer, with_check_digit(&format!("{:06}", 100_000 + no)))
        });
        let (class, rate) = match age {
            _ if koki => (8, 90),
            70.. => (8, 80),
            0..=5 => (4, 80),
            _ if no.is_multiple_of(2) => (2, 70),
            _ => (6, 70),
        };
        Self {
            name: format!("{}　{}", family.0, given.0),
            kana: format!("{}{}", family.1, given.1),
            sex,
            birth,
            koki,
            kigo: if koki { String::new() } else { "見".into() },
            bango: if koki {
                format!("{:08}", 90_000_000 + no)
            } else {
                full_width(&format!("{:07}", 1_000_000 + household))
            },
            edaban: if koki { String::new() } else { format!("{:02}", no % 2 + 1) },
            rate,
            class,
            public,
        }
    }

    /// レセプト種別: table 1 医科, 3 歯科, 4 調剤, 6 訪問看護.
    pub fn receipt_type(&self, table: u32, inpatient: bool, publics: usize) -> String {
        let payer = if self.koki { 3 } else { 1 };
        let class = if inpatient { self.class - 1 } else { self.class };
        format!("{table}{payer}{}{class}", publics + 1)
    }

    /// 保険者番号 as HO writes it: eight bytes, padded on the left.
    pub fn insurer_no(&self) -> String {
        format!("{:>8}", if self.koki { INSURER_KOKI } else { INSURER_KOKUHO })
    }
}

fn full_width(digits: &str) -> String {
    digits.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)).collect()
}

#[derive(Clone, Debug)]
pub struct Institution {
    pub table: u32,
    pub code: String,
    pub name: &'static str,
}

impl Institution {
    fn new(table: u32, number: &str, name: &'static str) -> Self {
        let whole = with_check_digit(&format!("13{table}{number}"));
        Self { table, code: whole[3..].to_owned(), name }
    }

    pub fn clinics() -> Vec<Self> {
        vec![
            Self::new(1, "991001", "見本内科クリニック"),
            Self::new(1, "991002", "架空整形外科"),
            Self::new(1, "991003", "例示小児科医院"),
        ]
    }

    pub fn hospital() -> Self {
        Self::new(1, "992001", "見本総合病院")
    }

    pub fn dentist() -> Self {
        Self::new(3, "993001", "サンプル歯科医院")
    }

    pub fn pharmacy() -> Self {
        Self::new(4, "994001", "サンプル薬局")
    }

    pub fn nursing_station() -> Self {
        Self::new(6, "999001", "見本訪問看護ステーション")
    }

    fn values<'v>(&'v self, table: &'v str, month: &'v str) -> Vec<(&'static str, &'v str)> {
        vec![
            ("review_org", "2"),
            ("prefecture", "13"),
            ("score_table", table),
            ("institution_code", &self.code),
            ("billing_month", month),
        ]
    }

    fn header(&self, kind: Kind, id: &str, billing: Month, more: &[(&'static str, &str)]) -> String {
        let (table, month) = (self.table.to_string(), billing.compact());
        let mut values = self.values(&table, &month);
        values.extend_from_slice(more);
        record(kind, id, &values)
    }

    /// The first record of a plain file.
    pub fn file_header(&self, kind: Kind, billing: Month) -> Vec<String> {
        let name = ("institution_name", self.name);
        vec![match kind {
            Kind::Medical | Kind::Dpc => self.header(kind, "IR", billing, &[name, ("volume_no", "00")]),
            Kind::Dental => self.header(kind, "UK", billing, &[name, ("volume_no", "00")]),
            Kind::Pharmacy => self.header(kind, "YK", billing, &[name, ("volume_no", "00"), ("phone", "03-0000-0000")]),
            Kind::Nursing => self.header(kind, "HM", billing, &[name]),
        }]
    }

    /// The institution record inside a claim (歯科, and every kind in the insurer form).
    pub fn claim_header(&self, kind: Kind, billing: Month) -> String {
        match kind {
            Kind::Dental => self.header(kind, "IR", billing, &[("phone", "03-0000-0000")]),
            _ => self.file_header(kind, billing).remove(0),
        }
    }
}
