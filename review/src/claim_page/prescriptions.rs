//! 処方欄 of a 調剤 claim: SH with what follows it, as blocks.

use tenken_parser::{Claim, Kind, claim::View, codes};

use super::{ItemRow, Mark, Marks, Page, named, number, sections::Named};

/// One Rp.
pub struct Prescription {
    /// No
    pub no: String,
    /// 剤形
    pub form: String,
    /// 用法 and 特別指示
    pub usage: String,
    /// 単位薬剤料 点
    pub unit_points: String,
    pub dispensings: Vec<Dispensing>,
    pub mark: Mark,
    /// numbers of the records from SH to what is no part of the Rp any more
    records: std::ops::Range<u32>,
}

/// 調剤: one line of the right half of the form.
pub struct Dispensing {
    /// 医師番号
    pub doctor: String,
    /// 処方月日 and 調剤月日
    pub prescribed: String,
    pub dispensed: String,
    /// 調剤数量
    pub quantity: String,
    /// 調製料 and 薬剤料 点
    pub preparation_points: String,
    pub drug_points: String,
    pub mark: Mark,
}

impl Page {
    /// The lines of a prescription, or those of none: fees, remarks of the claim as a whole.
    pub fn items_of<'p>(&'p self, rx: Option<&'p Prescription>) -> impl Iterator<Item = &'p ItemRow> {
        self.items.iter().filter(move |i| match rx {
            Some(rx) => rx.records.contains(&i.record_no),
            None => !self.prescriptions.iter().any(|rx| rx.records.contains(&i.record_no)),
        })
    }
}

/// The blocks of a state, in order of the file. A block ends at the next one, and where fees (KI, ST) or remarks on the
/// claim (TK) begin.
pub(super) fn of(claim: &Claim<'_>, view: View, marks: &Marks) -> Vec<Prescription> {
    let mut out: Vec<Prescription> = Vec::new();
    if claim.kind != Kind::Pharmacy {
        return out;
    }
    let mut open = false;
    for row in claim.view(view) {
        let fields = Named::new(claim, row);
        match &row.id.0 {
            b"SH" => {
                open = true;
                let usage = [fields.code("usage_code"), &fields.text("special_instruction")].join(" ");
                out.push(Prescription {
                    no: fields.code("rx_no").to_owned(),
                    form: named(&codes::DOSAGE_FORM, Some(fields.code("dosage_form"))),
                    usage: usage.trim().to_owned(),
                    unit_points: number(fields.int("unit_drug_points")),
                    dispensings: Vec::new(),
                    mark: marks.of_row(row.no),
                    records: row.no..row.no + 1,
                });
            }
            b"KI" | b"ST" | b"TK" => open = false,
            id if open => {
                let Some(rx) = out.last_mut() else { continue };
                rx.records.end = rx.records.end.max(row.no + 1);
                if id == b"CZ" {
                    rx.dispensings.push(Dispensing {
                        doctor: fields.text("doctor_no"),
                        prescribed: fields.date("prescribed_date"),
                        dispensed: fields.date("dispensed_date"),
                        quantity: fields.text("quantity"),
                        preparation_points: number(fields.int("prep_points")),
                        drug_points: number(fields.int("drug_points")),
                        mark: marks.of_row(row.no),
                    });
                }
            }
            _ => {}
        }
    }
    out
}
