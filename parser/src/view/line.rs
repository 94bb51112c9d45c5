//! One charged code of a claim, alike for all kinds.

use crate::{
    field::Field,
    record::RecordId,
    value::{Date, Decimal},
};

/// A row of the table `lines`. A record with several codes gives several of them.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    pub record_no: u32,
    pub record_id: RecordId,
    /// 算定単位 (調剤: Rp, then one for each KI), from 1
    pub unit_no: u32,
    /// 診療識別, carried forward
    pub category: Option<&'a str>,
    pub burden_class: Option<&'a str>,
    /// `None` = uncoded
    pub code: Option<&'a str>,
    /// uncoded material or drug as written
    pub name: Option<Field<'a>>,
    pub quantity: Option<Decimal>,
    /// 円
    pub unit_price: Option<Decimal>,
    /// 点; 円 in 診療識別 97 and 訪問看護. On the last row of a unit
    pub points: Option<i64>,
    /// 回
    pub times: Option<i64>,
    /// bit 0 = day 1; `None` when the record has no day data
    pub day_mask: Option<u32>,
    /// 調剤: dispensed; 訪問看護: visit
    pub service_date: Option<Date>,
    pub prescribed_date: Option<Date>,
}

impl<'a> Line<'a> {
    pub fn new(record_no: u32, record_id: RecordId, unit_no: u32) -> Self {
        Self {
            record_no,
            record_id,
            unit_no,
            category: None,
            burden_class: None,
            code: None,
            name: None,
            quantity: None,
            unit_price: None,
            points: None,
            times: None,
            day_mask: None,
            service_date: None,
            prescribed_date: None,
        }
    }
}
