//! Claim files of one district and month: blocks IR … GO per institution in the plain form, one file per kind
//! in the form of the insurer (tables.md section 7).

use tenken_parser::{Kind, Month};

use crate::{
    Total, claims,
    draw::keyed,
    options::Form,
    order::{Disease, Item, Order, Patient, Public, Written},
    plan::{Draft, Scratch, cap},
    quota::Quota,
    registry::bango,
    rng::Rng,
    scratch,
    tables::Scheme,
    town::District,
    truth,
};

/// Order of the files of a month, and of their names.
pub(crate) const KINDS: [Kind; 5] = [Kind::Dpc, Kind::Medical, Kind::Dental, Kind::Nursing, Kind::Pharmacy];

/// A claim file or a piece of one.
pub(crate) struct Piece {
    pub name: String,
    pub bytes: Vec<u8>,
    pub total: Total,
}

/// What a district sends in a month.
#[derive(Default)]
pub(crate) struct Batch {
    pub pieces: Vec<Piece>,
    /// rows of truth.csv
    pub truth: String,
}

/// Claims that the review body corrects, ‰ (the demo shows one; volumes.md 5.4 has 0.2 to 0.3 % of the points).
const CUT: u32 = 25;
/// End of a file.
const EOF: u8 = 0x1A;

pub(crate) struct Delivery<'d> {
    pub district: &'d District,
    pub seed: u64,
    pub exam: Month,
    pub form: Form,
    /// several towns in one folder: their files have their own names
    pub towns: u32,
    /// beside the number of the district, so that names differ
    pub prefix: u32,
}

impl Delivery<'_> {
    pub fn batch(&self, mut drafts: Vec<Draft>, quota: &mut Quota) -> Batch {
        let place = |k: Kind| KINDS.iter().position(|x| *x == k).unwrap_or_default();
        // stable: within an institution the order of the people
        drafts.sort_by_key(|d| (place(d.kind), d.institution, d.inpatient));
        truth::resolve_pairs(&mut drafts);
        let mut batch = Batch::default();
        let mut serial = 0;
        for kind in KINDS {
            let from = drafts.partition_point(|d| place(d.kind) < place(kind));
            let to = drafts.partition_point(|d| place(d.kind) <= place(kind));
            if from < to {
                self.file(kind, &drafts[from..to], &mut serial, quota, &mut batch);
            }
        }
        batch
    }

    fn name(&self, kind: Kind) -> String {
        let exam = self.exam.compact();
        let district = &self.district;
        match self.form {
            Form::Uke => format!("{exam}_13{:05}_{}", self.prefix + district.no, official_name(kind)),
            Form::Insurer if self.towns > 1 => format!("{exam}_{}_{}", district.town.kokuho, insurer_name(kind)),
            Form::Insurer => format!("{exam}_{}", insurer_name(kind)),
        }
    }

    fn file(&self, kind: Kind, drafts: &[Draft], serial: &mut u32, quota: &mut Quota, batch: &mut Batch) {
        let name = self.name(kind);
        let mut bytes = Vec::new();
        let mut total = Total::new(&name, kind);
        let plain = self.form == Form::Uke;
        // counted through the whole file, so that file and number are the key of a claim
        let mut no = 0;
        for block in drafts.chunk_by(|a, b| a.institution == b.institution) {
            let at = self.district.institutions.get(block[0].institution);
            let start = bytes.len();
            if plain {
                claims::file_header(kind, at, self.exam, &mut bytes);
            }
            let header = bytes.len();
            let (mut payers, mut points) = (0, 0);
            for d in block {
                if !quota.takes(d) {
                    continue;
                }
                let before = bytes.len();
                no += 1;
                *serial += 1;
                let search_no = self.search_no(kind, *serial);
                let written = self.claim(d, no, &search_no, &mut bytes);
                let rejected = d.scratch == Some(Scratch::NoMonth);
                if !quota.fits(&written, rejected, bytes.len() - before) {
                    bytes.truncate(before);
                    no -= 1;
                    continue;
                }
                quota.took(&written, rejected, bytes.len() - before);
                payers += written.payers;
                points += written.go_points;
                if !rejected {
                    total.add(&written);
                }
                let key = if plain { "" } else { search_no.as_str() };
                truth::row(&mut batch.truth, &name, no, kind, d, self.exam, key);
            }
            if bytes.len() == header {
                bytes.truncate(start);
            } else if plain {
                claims::go(kind, payers, points, &mut bytes);
            }
        }
        if !bytes.is_empty() {
            if plain {
                bytes.push(EOF);
            }
            batch.pieces.push(Piece { name, bytes, total });
        }
    }

    /// 検索番号, unique in the whole sample.
    fn search_no(&self, kind: Kind, serial: u32) -> String {
        let table = match kind {
            Kind::Medical | Kind::Dpc => 1,
            Kind::Dental => 3,
            Kind::Pharmacy => 4,
            Kind::Nursing => 6,
        };
        format!("13{table}{}{:05}{serial:07}", self.exam.compact(), self.prefix + self.district.no)
    }

    /// Writes one claim, with what the patient paid once its amount is known.
    fn claim(&self, d: &Draft, no: u32, search_no: &str, out: &mut Vec<u8>) -> Written {
        let person = &self.district.people[d.person as usize];
        let row = &person.periods[usize::from(d.period).min(person.periods.len() - 1)];
        let institution = self.district.institutions.get(d.institution);
        let changed = d.changed.as_deref();
        let kokuho = row.scheme == Scheme::Kokuho;
        let insurer_no = changed.and_then(|c| c.insurer_no.clone()).unwrap_or_else(|| {
            if kokuho { self.district.town.kokuho.clone() } else { self.district.town.kouki.clone() }
        });
        let plain_bango = changed.and_then(|c| c.bango.clone()).unwrap_or_else(|| bango(row));
        // some write the number in full width
        let wide = kokuho && institution.code.as_bytes().last().is_some_and(|b| *b == b'3');
        let bango = if wide { full_width(&plain_bango) } else { plain_bango };
        let edaban = changed
            .and_then(|c| c.edaban.clone())
            .unwrap_or_else(|| if kokuho { format!("{:02}", row.edaban) } else { String::new() });
        let diseases: Vec<Disease<'_>> = d
            .diseases
            .iter()
            .map(|x| Disease {
                code: x.code,
                modifiers: x.modifiers,
                name: "",
                start: crate::calendar::date(x.start),
                outcome: x.outcome,
                main: x.main,
                note: "",
            })
            .collect();
        let publics: Vec<Public<'_>> = d
            .publics
            .iter()
            .map(|g| Public { payer_no: &g.payer_no, recipient_no: &g.recipient_no, share: g.share, copay_yen: None })
            .collect();
        let items: Vec<Item<'_>> =
            d.items.iter().map(|(category, code, points)| Item { category, code, points: *points }).collect();
        let mut order = Order {
            kind: d.kind,
            inpatient: d.inpatient,
            course: d.course,
            service_month: d.service,
            billing_month: self.exam,
            patient: Patient {
                insurer_no: &insurer_no,
                kigo: if kokuho { self.district.town.kigo } else { "" },
                bango: &bango,
                edaban: &edaban,
                name: changed.and_then(|c| c.name.as_deref()).unwrap_or(&person.name.shown.0),
                kana: changed.and_then(|c| c.kana.as_deref()).unwrap_or(&person.name.shown.1),
                sex: changed.and_then(|c| c.sex).unwrap_or(person.sex),
                birth: crate::calendar::date(changed.and_then(|c| c.birth).unwrap_or(person.birth)),
                late_elderly: !kokuho,
                age_class: d.class,
                benefit_rate: d.benefit_rate,
            },
            institution,
            prescriber: d.prescriber.map(|p| self.district.institutions.get(p)),
            days: d.days,
            admission: d.admission.map(crate::calendar::date),
            target: d.target,
            diseases: &diseases,
            publics: &publics,
            tokki: &d.tokki,
            items: &items,
            comments: &d.comments,
            details: &[],
            copay_yen: None,
            confirmation: d.confirmation,
            receipt_no: no,
            search_no: if self.form == Form::Insurer { search_no } else { "" },
            insurer_form: self.form == Form::Insurer,
            cut_per_mille: CUT,
            form_no: no,
        };
        let rng = || -> Rng { keyed(&[d.key, self.seed, self.exam.index() as u64]) };
        let start = out.len();
        let mut written = claims::write(&order, &mut rng(), out);
        if let Some(c) = d.cap
            && let Some(copay) = cap(c, written.points * 10)
        {
            // the same claim once more, with what was paid
            out.truncate(start);
            order.copay_yen = Some(copay);
            written = claims::write(&order, &mut rng(), out);
        }
        if let Some(s) = d.scratch {
            scratch::apply(s, d.kind, start, out);
        }
        written
    }
}

fn full_width(digits: &str) -> String {
    digits
        .chars()
        .map(|c| if c.is_ascii_digit() { char::from_u32(c as u32 + 0xFEE0).unwrap_or(c) } else { c })
        .collect()
}

fn official_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Medical => "RECEIPTC.UKE",
        Kind::Dpc => "RECEIPTD.UKE",
        Kind::Dental => "RECEIPTS.UKE",
        Kind::Pharmacy => "RECEIPTY.CYO",
        Kind::Nursing => "RECEIPTN.UKE",
    }
}

fn insurer_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Medical => "11_RECODEINFO_MED.CSV",
        Kind::Dpc => "12_RECODEINFO_DPC.CSV",
        Kind::Dental => "13_RECODEINFO_DEN.CSV",
        Kind::Pharmacy => "14_RECODEINFO_PHA.CSV",
        Kind::Nursing => "16_RECODEINFO_NUR.CSV",
    }
}
