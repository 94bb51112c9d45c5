//! Where the time of an import goes: `cargo run --release --example stages -- FILE [ROUNDS]` takes a claim file
//! through every stage on one thread and prints the median seconds of each.

use std::{error::Error, time::Instant};

use tenken_parser::{
    Claim, Encoding, Frames, Month, RawClaim,
    claim::View,
    frame::Event,
    source::{Access, Source},
    view::{
        check,
        header::Header,
        walk::{Nothing, walk_with},
    },
};
use tenken_store::{
    Store,
    import::{Encoded, ImportWriter},
    imports::ImportRow,
    originals::{self, OriginalWriter},
    tables::{ClaimTables, Origin},
};

const PIECE: usize = 16 << 20;

const STAGES: [&str; 9] = [
    "hash (BLAKE3)",
    "framing: every byte in one event",
    "cutting: lines and record ids of each claim",
    "typing: headers, diagnoses, lines, comments",
    "checks",
    "columns (with cutting, typing, checks)",
    "encoding: Parquet pages",
    "originals: squeezed and compressed",
    "written, synced, committed",
];

fn pieces(claims: &[RawClaim]) -> impl Iterator<Item = &[RawClaim]> {
    claims.chunk_by(|a, b| a.start / PIECE == b.start / PIECE)
}

fn round(file: &[u8]) -> Result<[f64; STAGES.len()], Box<dyn Error>> {
    let mut seconds = [0.0; STAGES.len()];
    let mut timed = |stage: usize, started: Instant| seconds[stage] += started.elapsed().as_secs_f64();

    let started = Instant::now();
    let hash = blake3::hash(file).to_hex().to_string();
    timed(0, started);

    let started = Instant::now();
    let claims: Vec<RawClaim> =
        Frames::new(file).filter_map(|e| if let Event::Claim(c) = e { Some(c) } else { None }).collect();
    timed(1, started);

    let encoding = Encoding::detect(file);
    let mut claim = Claim::empty(encoding);
    let started = Instant::now();
    claims.iter().for_each(|raw| claim.read_again(file, *raw));
    timed(2, started);

    let mut problems = Vec::new();
    for raw in &claims {
        claim.read_again(file, *raw);
        let started = Instant::now();
        let header = Header::read(&claim);
        let totals = walk_with(&claim, View::Effective, header.common, &mut Nothing, &mut problems);
        timed(3, started);
        let started = Instant::now();
        check::problems(&claim, &header, &totals, &mut problems);
        timed(4, started);
        problems.clear();
    }

    let folder = tempfile::tempdir()?;
    let store = Store::open_or_create(&folder.path().join("store"))?;
    let lock = store.lock(|| {})?;
    let month = Month::new(2026, 10).ok_or("month")?;
    let id = store.new_import_id(month)?;
    let writer = ImportWriter::new(&store, &lock, id.clone(), month);
    let original = OriginalWriter::create(&store, &hash)?;
    let origin = Origin { source_file: "sample", file_hash: &hash, file_no: 1 };
    let mut written = Vec::new();
    for (no, piece) in pieces(&claims).enumerate() {
        let started = Instant::now();
        let mut tables = ClaimTables::reusing(&mut written);
        for raw in piece {
            claim.read_again(file, *raw);
            tables.push(&claim, origin, tenken_store::tables::unmatched);
        }
        timed(5, started);
        let started = Instant::now();
        written = tables.finish();
        let encoded = written.iter().filter(|c| c.rows() > 0).map(Encoded::of).collect::<Result<Vec<_>, _>>()?;
        timed(6, started);
        let started = Instant::now();
        let (first, last) = (piece[0], piece[piece.len() - 1]);
        let packed = originals::pack(first.start as u64, &file[first.start..last.start + last.len])?;
        timed(7, started);
        let started = Instant::now();
        original.write(packed)?;
        writer.write(no as u64 + 1, encoded)?;
        timed(8, started);
    }
    let started = Instant::now();
    original.finish()?;
    writer.commit(&[], ImportRow::new(id, month), &[], started)?;
    timed(8, started);
    Ok(seconds)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let path = args.get(1).ok_or("usage: stages FILE [ROUNDS]")?;
    let rounds: usize = args.get(2).map_or(Ok(3), |n| n.parse())?;
    let source = Source::open(path.as_ref(), Access::Read)?;
    let file = source.bytes();
    let all = (0..rounds).map(|_| round(file)).collect::<Result<Vec<_>, _>>()?;
    println!("{:.0} MB, median of {rounds} rounds, one thread", file.len() as f64 / 1e6);
    for (i, stage) in STAGES.iter().enumerate() {
        let mut of_stage: Vec<f64> = all.iter().map(|r| r[i]).collect();
        of_stage.sort_by(f64::total_cmp);
        let median = of_stage[rounds / 2];
        println!("{median:7.3} s {:6.0} MB/s  {stage}", file.len() as f64 / 1e6 / median);
    }
    Ok(())
}
