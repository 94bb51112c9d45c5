//! SH, CZ, IY, TO, KI.

use tenken_parser::{
    Date, Decimal,
    field::{Code, FieldRef, Int},
    layout::pharmacy,
};

use super::plan::{CARES_MAX, Care, Pharmacy, Prescription};
use crate::{
    claims::{amounts::PAYERS, catalogue::RecordKind, line::Lines},
    order::Order,
};

impl Pharmacy<'_> {
    /// 調剤月日 of a reception.
    pub fn date(&self, order: &Order<'_>, reception: usize) -> Date {
        let day = self.receptions.get(reception).map_or(1, |r| r.day);
        order.service_month.day(day).unwrap_or(order.service_month.last_day())
    }

    /// SH 処方基本レコード.
    pub fn basis(&self, no: u64, rx: &Prescription, lines: &mut Lines<'_>) {
        use pharmacy::sh as f;
        const USAGE: [&str; 4] = ["001", "003", "013", "021"];
        let mut line = lines.begin(&f::LAYOUT);
        line.digits(f::RX_NO, no, 2)
            .letter(f::DOSAGE_FORM, b'0' + rx.form)
            .code(f::USAGE_CODE, if rx.form == 1 { USAGE[no as usize % USAGE.len()] } else { "900" })
            .int(f::UNIT_DRUG_POINTS, rx.unit_points);
        for payer in (1..PAYERS).filter(|p| rx.sharers.has(*p)) {
            line.int(FieldRef::<Int>::new(f::UNIT_DRUG_POINTS_K1.index() + payer - 1), rx.unit_points);
        }
        line.end();
    }

    /// CZ 調剤情報レコード.
    pub fn dispensing(&self, order: &Order<'_>, no: u64, rx: &Prescription, lines: &mut Lines<'_>) {
        use pharmacy::cz as f;
        let date = self.date(order, rx.reception);
        // 1 charged; 4 not charged, same dosing time
        let kind = |points: i64| if points > 0 { "1" } else { "4" };
        let class = rx.sharers.class();
        let mut line = lines.begin(&f::LAYOUT);
        line.int(f::DOCTOR_NO, 1)
            .date(f::PRESCRIBED_DATE, date)
            .date(f::DISPENSED_DATE, date)
            .int(f::RECEPTION_SEQ, rx.reception as i64 + 1)
            .dec(f::QUANTITY, Decimal::from_int(rx.quantity))
            .letter(f::PREP_BURDEN_CLASS, class)
            .code(f::PREP_CALC_KIND, kind(rx.prep_points))
            .digits(f::PREP_TARGET_NO, no, 2)
            .code(f::PREP_CODE, rx.prep.code)
            .int(f::PREP_POINTS, rx.prep_points)
            .int(f::DRUG_POINTS, rx.unit_points * rx.quantity);
        if let Some(addition) = rx.addition {
            line.letter(f::ADD_BURDEN_CLASS_01, class)
                .code(f::ADD_CODE_01, addition.code)
                .int(f::ADD_POINTS_01, addition.amount);
        }
        line.letter(f::MGMT_BURDEN_CLASS, class)
            .code(f::MGMT_CALC_KIND, kind(rx.mgmt_points))
            .digits(f::MGMT_TARGET_NO, no, 2)
            .code(f::MGMT_CODE, rx.mgmt.code)
            .int(f::MGMT_POINTS, rx.mgmt_points)
            .end();
    }

    /// IY and TO of an Rp.
    pub fn drugs_of(&self, rx: &Prescription, lines: &mut Lines<'_>) {
        use pharmacy::{iy, to};
        for drug in self.drugs.get(rx.first..rx.first + rx.count).unwrap_or_default() {
            if drug.record == RecordKind::To {
                lines
                    .begin(&to::LAYOUT)
                    .letter(to::BURDEN_CLASS, rx.sharers.class())
                    .code(to::ITEM_CODE, drug.code)
                    .dec(to::QUANTITY, drug.quantity)
                    .end();
            } else {
                lines
                    .begin(&iy::LAYOUT)
                    .letter(iy::BURDEN_CLASS, rx.sharers.class())
                    .code(iy::ITEM_CODE, drug.code)
                    .dec(iy::QUANTITY, drug.quantity)
                    .end();
            }
        }
    }

    /// KI 基本料・薬学管理料レコード: 薬学管理料 of `care` only.
    pub fn fees(&self, order: &Order<'_>, at: usize, care: &[Care<'_>], lines: &mut Lines<'_>) {
        use pharmacy::ki as f;
        /// fields of one 薬学管理料
        const STEP: usize = 4;
        let Some(reception) = self.receptions.get(at) else { return };
        let class = reception.sharers.class();
        let mut line = lines.begin(&f::LAYOUT);
        line.date(f::CALC_DATE, self.date(order, at))
            .int(f::RECEPTION_SEQ, at as i64 + 1)
            .letter(f::BASE_BURDEN_CLASS, class)
            .code(f::BASE_CODE, reception.base.code)
            .int(f::BASE_POINTS, reception.base_points);
        for (i, care) in care.iter().take(CARES_MAX).enumerate() {
            let code = |first: FieldRef<Code>| FieldRef::<Code>::new(first.index() + STEP * i);
            let int = |first: FieldRef<Int>| FieldRef::<Int>::new(first.index() + STEP * i);
            line.letter(code(f::CARE_BURDEN_CLASS_01), class)
                .code(code(f::CARE_CODE_01), care.code)
                .int(int(f::CARE_TIMES_01), 1)
                .int(int(f::CARE_POINTS_01), care.points);
        }
        if let Some(addition) = reception.addition {
            line.letter(f::BASE_ADD_BURDEN_CLASS_01, class)
                .code(f::BASE_ADD_CODE_01, addition.code)
                .int(f::BASE_ADD_TIMES_01, 1)
                .int(f::BASE_ADD_POINTS_01, addition.amount);
        }
        line.end();
    }
}
