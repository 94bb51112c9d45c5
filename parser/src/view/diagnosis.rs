//! Diagnoses: SY (医科, 訪問看護), SB (DPC), HS (歯科).

use super::{cut_value, places};
use crate::{
    claim::{Kind, Row},
    field::Field,
    record::RecordId,
    value::Date,
};

places! { SyPlaces b"SY" { disease_code: Code, modifier_codes: Code, disease_name: Text, start_date: Ymd, outcome: Code, main_disease: Code, comment_text: Text } }
places! { SbPlaces b"SB" { disease_code: Code, modifier_codes: Code, disease_name: Text, disease_class: Code, comment_text: Text } }
places! { HsPlaces b"HS" { disease_code: Code, modifier_codes: Code, disease_name: Text, start_date: Ymd, outcome: Code, main_disease: Code, tooth_codes: Code, comment_code: Code, comment_text: Text } }

/// 未コード化傷病名
pub const UNCODED: &str = "0000999";
/// 傷病名区分 主傷病 (SB)
const MAIN_CLASS: &str = "11";

/// No such record of any kind has more fields.
const DISEASE_FIELDS: usize = 13;

#[derive(Clone, Copy)]
pub struct Diagnosis<'a> {
    pub record_no: u32,
    pub record_id: RecordId,
    pub disease_code: Option<&'a str>,
    /// four-digit codes one after the other
    pub modifier_codes: &'a str,
    /// written only where the code is [`UNCODED`]
    pub disease_name: Option<Field<'a>>,
    pub start_date: Option<Date>,
    pub outcome: Option<&'a str>,
    pub main: bool,
    /// six-byte tooth codes one after the other
    pub tooth_codes: &'a str,
    pub comment_code: Option<&'a str>,
    /// 補足コメント
    pub comment_text: Option<Field<'a>>,
}

fn chunks(text: &str, size: usize) -> impl Iterator<Item = &str> {
    (0..text.len()).step_by(size).filter_map(move |i| text.get(i..text.len().min(i + size)))
}

impl<'a> Diagnosis<'a> {
    pub fn read(kind: Kind, row: &Row<'a>) -> Self {
        let r = row.record.cut::<DISEASE_FIELDS>();
        let mut d = Self {
            record_no: row.no,
            record_id: row.id,
            disease_code: None,
            modifier_codes: "",
            disease_name: None,
            start_date: None,
            outcome: None,
            main: false,
            tooth_codes: "",
            comment_code: None,
            comment_text: None,
        };
        macro_rules! shared {
            ($p:expr) => {
                d.disease_code = cut_value(&r, $p.disease_code);
                d.modifier_codes = cut_value(&r, $p.modifier_codes).unwrap_or_default();
                d.disease_name = cut_value(&r, $p.disease_name);
                d.comment_text = cut_value(&r, $p.comment_text);
            };
        }
        match &row.id.0 {
            b"SB" => {
                let p = SbPlaces::of(Kind::Dpc);
                shared!(p);
                d.main = cut_value(&r, p.disease_class) == Some(MAIN_CLASS);
            }
            b"HS" => {
                let p = HsPlaces::of(Kind::Dental);
                shared!(p);
                d.start_date = cut_value(&r, p.start_date);
                d.outcome = cut_value(&r, p.outcome);
                d.main = cut_value(&r, p.main_disease) == Some("01");
                d.tooth_codes = cut_value(&r, p.tooth_codes).unwrap_or_default();
                d.comment_code = cut_value(&r, p.comment_code);
            }
            _ => {
                let p = SyPlaces::of(kind);
                shared!(p);
                d.start_date = cut_value(&r, p.start_date);
                d.outcome = cut_value(&r, p.outcome);
                d.main = cut_value(&r, p.main_disease) == Some("01");
            }
        }
        d
    }

    pub fn modifiers(&self) -> impl Iterator<Item = &'a str> {
        chunks(self.modifier_codes, 4)
    }

    pub fn teeth(&self) -> impl Iterator<Item = &'a str> {
        chunks(self.tooth_codes, 6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_record_has_more_fields_than_are_cut() {
        for kind in Kind::ALL {
            for id in [*b"SY", *b"SB", *b"HS"] {
                assert!(crate::layout::of(kind, id).is_none_or(|l| l.fields.len() <= DISEASE_FIELDS), "{kind:?}");
            }
        }
    }
}
