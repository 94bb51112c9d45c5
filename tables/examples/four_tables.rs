//! The job of the scripts in `tests/compare/` and nothing else: a plain medical file to four Parquet tables with
//! the columns that the scripts write; no checks, no originals, no commit.
//!
//! `cargo run --release --example four_tables -- RECEIPTC.UKE OUT [THREADS]`

use std::{
    error::Error,
    fs,
    path::Path,
    sync::{Mutex, mpsc},
};

use tenken_parser::{
    Claim, Encoding, Frames, RawClaim,
    claim::View,
    frame::Event,
    source::{Access, Source},
    view::{
        comment::Comment,
        diagnosis::Diagnosis,
        header::{Common, Payer},
        line::Line,
        walk::{Sink, walk_with},
    },
};
use tenken_tables::{
    columns::{Columns, Reading},
    parquet_file,
    schema::{Column, Table, Type},
};

const PIECE: usize = 16 << 20;

macro_rules! tables {
    ($($name:ident { $($column:ident: $ty:ident $nullable:literal),* $(,)? })*) => {$(
        static $name: Table = Table {
            name: stringify!($name),
            partitions: &[],
            columns: &[$(Column { name: stringify!($column), ty: Type::$ty, nullable: $nullable }),*],
        };
    )*};
}

tables! {
    CLAIMS {
        claim: I64 false, receipt_no: Text true, receipt_type: Code true, service_month: Month true, name: Text true,
        sex: Code true, birth_date: Date true, insurer_no: Code true, kigo: Text true, bango: Text true, days: I64 true,
        points: I64 true,
    }
    DIAGNOSES {
        claim: I64 false, record_id: Code false, disease_code: Code true, start_date: Date true, outcome: Code true,
        modifiers: Code false, name: Text true, main: Bool false,
    }
    LINES {
        claim: I64 false, record_id: Code false, category: Code true, burden_class: Code true, code: Code true,
        quantity: Dec true, points: I64 true, times: I64 true,
    }
    COMMENTS { claim: I64 false, record_id: Code false, category: Code true, code: Code true, text: Text true }
}

struct Rows {
    claim: i64,
    encoding: Encoding,
    claims: Columns,
    diagnoses: Columns,
    lines: Columns,
    comments: Columns,
}

impl<'a> Sink<'a> for Rows {
    fn diagnosis(&mut self, d: &Diagnosis<'a>) {
        self.diagnoses
            .row()
            .i64(self.claim)
            .text(d.record_id.as_str())
            .opt_text(d.disease_code)
            .opt_date(d.start_date)
            .opt_text(d.outcome)
            .text(d.modifier_codes)
            .field(d.disease_name, Reading::Text, self.encoding)
            .bool(d.main)
            .end();
    }

    fn line(&mut self, l: &Line<'a>) {
        self.lines
            .row()
            .i64(self.claim)
            .text(l.record_id.as_str())
            .opt_text(l.category)
            .opt_text(l.burden_class)
            .opt_text(l.code)
            .opt_dec(l.quantity)
            .opt_i64(l.points)
            .opt_i64(l.times)
            .end();
    }

    fn comment(&mut self, c: &Comment<'a>) {
        if matches!(&c.record_id.0, b"CO" | b"SJ") {
            self.comments
                .row()
                .i64(self.claim)
                .text(c.record_id.as_str())
                .opt_text(c.category)
                .opt_text(c.code)
                .field(c.text, Reading::Text, self.encoding)
                .end();
        }
    }
}

fn piece(
    written: &mut Vec<Columns>,
    file: &[u8],
    claims: &[RawClaim],
    encoding: Encoding,
    no: usize,
    out: &Path,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut rows = Rows {
        claim: 0,
        encoding,
        claims: Columns::reusing(&CLAIMS, written),
        diagnoses: Columns::reusing(&DIAGNOSES, written),
        lines: Columns::reusing(&LINES, written),
        comments: Columns::reusing(&COMMENTS, written),
    };
    let mut claim = Claim::empty(encoding);
    let mut problems = Vec::new();
    for raw in claims {
        claim.read_again(file, *raw);
        rows.claim = raw.ordinal as i64;
        let record = |id| claim.find(View::Billed, id).map(|r| r.record);
        let common = record(b"RE").map(|r| Common::read(claim.kind, r)).unwrap_or_default();
        let payer = record(b"HO").map(|r| Payer::read(claim.kind, r)).unwrap_or_default();
        rows.claims
            .row()
            .i64(rows.claim)
            .opt_text(common.receipt_no)
            .opt_text(common.receipt_type)
            .opt_month(common.service_month)
            .field(common.patient_name, Reading::Text, encoding)
            .opt_text(common.sex)
            .opt_date(common.birth_date)
            .opt_text(payer.insurer_no)
            .field(payer.kigo, Reading::Text, encoding)
            .field(payer.bango, Reading::Text, encoding)
            .opt_i64(payer.days)
            .opt_i64(payer.total)
            .end();
        walk_with(&claim, View::Billed, common, &mut rows, &mut problems);
        problems.clear();
    }
    *written = vec![rows.claims, rows.diagnoses, rows.lines, rows.comments];
    for columns in written {
        let name = columns.table().name.to_lowercase();
        fs::write(out.join(format!("{name}-{no:04}.parquet")), parquet_file::encode(columns)?)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, path, out, more @ ..] = args.as_slice() else { return Err("usage: four_tables FILE OUT [THREADS]".into()) };
    let threads: usize = more.first().map_or(Ok(2), |n| n.parse())?;
    let out = Path::new(out);
    fs::create_dir_all(out)?;
    let source = Source::open(path.as_ref(), Access::Map)?;
    let file = source.bytes();
    let encoding = Encoding::detect(file);
    let (sender, pieces) = mpsc::sync_channel::<(usize, Vec<RawClaim>)>(threads);
    let pieces = Mutex::new(pieces);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut written = Vec::new();
                    loop {
                        let next = pieces.lock().map_err(|_| "a worker failed")?.recv();
                        let Ok((no, claims)) = next else { return Ok(()) };
                        piece(&mut written, file, &claims, encoding, no, out)?;
                    }
                })
            })
            .collect();
        let (mut no, mut start, mut claims) = (0, 0, Vec::new());
        for event in Frames::new(file) {
            if let Event::Claim(raw) = event {
                claims.push(raw);
                if raw.start + raw.len >= start + PIECE {
                    start = raw.start + raw.len;
                    sender.send((no, std::mem::take(&mut claims)))?;
                    no += 1;
                }
            }
        }
        sender.send((no, claims))?;
        drop(sender);
        workers.into_iter().try_for_each(|w| w.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
    })
}
