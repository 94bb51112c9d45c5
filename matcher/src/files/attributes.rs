//! `zokusei.csv`: kinds and their values (registry-files.md 2.3).

use tenken_parser::{
    encoding::nfkc_trimmed,
    identifiers::{has_check_digit, insurer_no},
};

use super::{
    dates::DateStyle,
    layout::zokusei::*,
    reader::{Bad, Row},
    words::{over_70, under_70},
};
use crate::registry::rows::{Attribute, Moment, Target};

/// What a value must look like.
enum Value {
    OneOf(&'static [&'static str]),
    Under70,
    Over70,
    Disease,
    PublicExpense,
    Reduction,
    OtherInsurance,
    ThirdParty,
    Text,
}

struct Kind {
    name: &'static str,
    person: bool,
    household: bool,
    value: Value,
    /// what to say when the value is none
    expected: &'static str,
}

const fn person(name: &'static str, value: Value, expected: &'static str) -> Kind {
    Kind { name, person: true, household: false, value, expected }
}

const fn household(name: &'static str, value: Value, expected: &'static str) -> Kind {
    Kind { name, person: false, household: true, value, expected }
}

const fn both(name: &'static str, value: Value, expected: &'static str) -> Kind {
    Kind { name, person: true, household: true, value, expected }
}

const FLAG: Value = Value::OneOf(&["1"]);

const KINDS: [Kind; 18] = [
    person("負担割合", Value::OneOf(&["1", "2", "3"]), "1、2、3"),
    household("所得区分", Value::Under70, "ア、イ、ウ、エ、オ"),
    person("高齢所得区分", Value::Over70, "現役Ⅲ、現役Ⅱ、現役Ⅰ、現役、一般、一般Ⅱ、一般Ⅰ、低所得Ⅱ、低所得Ⅰ"),
    person("限度額適用不可", FLAG, "1"),
    person("標準負担額", Value::OneOf(&["1", "2", "3", "4"]), "1、2、3、4"),
    person("特定疾病", Value::Disease, "慢性腎不全、血友病、HIV（後ろに :10000 か :20000）"),
    person("公費", Value::PublicExpense, "負担者番号 8 桁:受給者番号"),
    both("特別療養費", FLAG, "1"),
    person("特例", Value::OneOf(&["マル学", "マル遠", "住所地特例", "退職"]), "マル学、マル遠、住所地特例、退職"),
    person("適用除外", Value::Text, "理由"),
    person("拘禁", FLAG, "1"),
    household("減免", Value::Reduction, "免除、猶予、減額:NN"),
    household(CARRIED_HITS, FLAG, "1"),
    household("世帯継続", FLAG, "1"),
    person("他保険", Value::OtherInsurance, "保険者番号:記号:番号（検証番号の合う保険者番号）"),
    household("年少減額", FLAG, "1"),
    person("求償", Value::ThirdParty, "受付番号:事故年月日"),
    both("通知除外", FLAG, "1"),
];

const CARRIED_HITS: &str = "多数回引継";
const CONTINUED: &str = "世帯継続";

impl Value {
    /// The normal form.
    fn read(&self, text: &str, dates: DateStyle) -> Option<String> {
        let plain = nfkc_trimmed(text);
        match self {
            Self::OneOf(words) => words.iter().find(|w| **w == text || **w == plain).map(|w| (*w).to_owned()),
            Self::Under70 => under_70(text).map(str::to_owned),
            Self::Over70 => over_70(text).map(str::to_owned),
            Self::Disease => {
                let (name, limit) = plain.split_once(':').map_or((plain.as_str(), None), |(n, l)| (n, Some(l)));
                let is_known = ["慢性腎不全", "血友病", "HIV"].contains(&name)
                    && limit.is_none_or(|l| ["10000", "20000"].contains(&l));
                is_known.then_some(plain)
            }
            Self::PublicExpense => {
                // some local programmes have no check digit, some no number of the recipient
                let (payer, recipient) = plain.split_once(':')?;
                let is_payer = payer.len() == 8 && digits(payer);
                (is_payer && recipient.len() <= 7 && digits(recipient)).then_some(plain)
            }
            Self::Reduction => match plain.as_str() {
                "免除" | "猶予" => Some(plain),
                other => {
                    let percent: u8 = other.strip_prefix("減額:").filter(|p| digits(p))?.parse().ok()?;
                    (1..=100).contains(&percent).then_some(plain)
                }
            },
            Self::OtherInsurance => {
                let (insurer, rest) = plain.split_once(':')?;
                let (kigo, bango) = rest.split_once(':')?;
                let insurer = insurer_no(insurer.as_bytes()).filter(|n| has_check_digit(n))?;
                Some(format!("{insurer}:{}:{}", kigo.trim(), bango.trim()))
            }
            Self::ThirdParty => {
                let (number, day) = plain.rsplit_once(':')?;
                let day = dates.date(day)?;
                (!number.is_empty()).then(|| format!("{number}:{day}"))
            }
            Self::Text => Some(text.to_owned()),
        }
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// A row by itself; `as_of` is when it was learned of, if the row does not say.
pub(crate) fn read(row: &Row<'_>, as_of: Option<Moment>) -> Result<Attribute, Bad> {
    let target = match row.word(TARGET)? {
        Some("個人") => Target::Person,
        Some(_) => Target::Household,
        None => return Err(Bad::new(TARGET, "対象が空です")),
    };
    let id = row.key(ID)?;
    let Some(name) = row.get(KIND) else { return Err(Bad::new(KIND, "種別が空です")) };
    let kind = KINDS.iter().find(|k| k.name == name).ok_or_else(|| Bad::new(KIND, "この種別はありません"))?;
    if !(if target == Target::Person { kind.person } else { kind.household }) {
        let whose = if kind.person { "個人" } else { "世帯" };
        return Err(Bad::new(TARGET, format!("{name}の対象は{whose}です")));
    }
    let value = kind
        .value
        .read(row.get(VALUE).unwrap_or_default(), row.dates())
        .ok_or_else(|| Bad::new(VALUE, format!("{name}の値に使えるのは {} です", kind.expected)))?;
    let attribute = Attribute {
        target,
        id,
        kind: kind.name.to_owned(),
        value,
        valid_from: row.date(VALID_FROM)?,
        valid_to: row.date(VALID_TO)?,
        registered_at: row.moment(REGISTERED_AT)?.or(as_of),
    };
    dates(&attribute)?;
    Ok(attribute)
}

fn dates(a: &Attribute) -> Result<(), Bad> {
    if a.valid_from.zip(a.valid_to).is_some_and(|(from, to)| to < from) {
        return Err(Bad::new(VALID_TO, "終了年月日が開始年月日より前です"));
    }
    if a.kind == CARRIED_HITS {
        let is_month = a.valid_from.is_some_and(|from| {
            let month = from.year_month();
            from == month.first_day() && a.valid_to == Some(month.plus(1).first_day())
        });
        if !is_month {
            let reason = "多数回引継は該当月ごとに 1 行で、開始はその月の 1 日、終了は翌月の 1 日です";
            return Err(Bad::new(VALID_FROM, reason));
        }
    }
    if a.kind == CONTINUED && a.valid_from.is_none() {
        return Err(Bad::new(VALID_FROM, "世帯継続には開始年月日（異動の日）が必要です"));
    }
    Ok(())
}

/// The part of a value that is in the key.
pub(crate) fn value_key(value: &str) -> &str {
    value.split_once(':').map_or(value, |(key, _)| key)
}

/// Cells in the order of the layout.
pub(crate) fn cells(a: &Attribute) -> Vec<String> {
    let date = |d: Option<tenken_parser::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    vec![
        if a.target == Target::Person { "個人" } else { "世帯" }.to_owned(),
        a.id.clone(),
        a.kind.clone(),
        a.value.clone(),
        date(a.valid_from),
        date(a.valid_to),
        a.registered_at.map(|m| m.to_string()).unwrap_or_default(),
    ]
}
