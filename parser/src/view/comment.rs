//! Comments: CO, TK, SJ, TZ, and texts carried by lines and diagnoses.

use super::{cut_value, places};
use crate::{
    claim::{Kind, Row},
    field::Field,
    record::RecordId,
};

places! { CoPlaces b"CO" { category: Code, comment_code: Code, text: Text } }
places! { TkPlaces b"TK" { comment_code: Code, text: Text } }
places! { TzPlaces b"TZ" { comment_code: Code, text: Text } }
places! { SjPlaces b"SJ" { detail_class: Code, detail_text: Text } }

/// No such record of any kind has more fields.
const COMMENT_FIELDS: usize = 11;

#[derive(Clone, Copy)]
pub struct Comment<'a> {
    pub record_no: u32,
    pub record_id: RecordId,
    /// 診療識別; SJ: 症状詳記区分
    pub category: Option<&'a str>,
    pub code: Option<&'a str>,
    pub text: Option<Field<'a>>,
}

impl<'a> Comment<'a> {
    /// A comment carried by another record.
    pub fn on(row: &Row<'a>, category: Option<&'a str>, code: Option<&'a str>, text: Option<Field<'a>>) -> Self {
        Self { record_no: row.no, record_id: row.id, category, code, text }
    }

    /// A comment record; `carried` is the category of the records before it.
    pub fn read(kind: Kind, row: &Row<'a>, carried: Option<&'a str>) -> Self {
        let r = row.record.cut::<COMMENT_FIELDS>();
        match &row.id.0 {
            b"TK" => {
                let p = TkPlaces::of(kind);
                Self::on(row, None, cut_value(&r, p.comment_code), cut_value(&r, p.text))
            }
            b"TZ" => {
                let p = TzPlaces::of(kind);
                Self::on(row, None, cut_value(&r, p.comment_code), cut_value(&r, p.text))
            }
            b"SJ" => {
                let p = SjPlaces::of(kind);
                Self::on(row, cut_value(&r, p.detail_class).or(carried), None, cut_value(&r, p.detail_text))
            }
            _ => {
                let p = CoPlaces::of(kind);
                let category = p.category.and_then(|c| r.value(c)).or(carried);
                Self::on(row, category, cut_value(&r, p.comment_code), cut_value(&r, p.text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_record_has_more_fields_than_are_cut() {
        for kind in Kind::ALL {
            for id in [*b"CO", *b"TK", *b"TZ", *b"SJ"] {
                assert!(crate::layout::of(kind, id).is_none_or(|l| l.fields.len() <= COMMENT_FIELDS), "{kind:?}");
            }
        }
    }
}
