//! Where the time of an import goes, without a store: `cargo run --release -p tenken-tables --example rows FILE`
//! prints seconds of one thread for framing, reading, building columns and encoding.

use std::time::Instant;

use tenken_parser::{Claim, Encoding, Frames, frame::Event, source};
use tenken_tables::{ClaimTables, Origin, parquet_file};

const PIECE: usize = 32 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: rows FILE")?;
    let file = source::Source::open(path.as_ref(), source::Access::Read)?;
    let bytes = file.bytes();
    let started = Instant::now();
    let claims: Vec<_> =
        Frames::new(bytes).filter_map(|e| if let Event::Claim(c) = e { Some(c) } else { None }).collect();
    println!("framing {:.3} s", started.elapsed().as_secs_f64());
    let origin = Origin { source_file: "sample", file_hash: &"0".repeat(64), file_no: 1 };
    let (mut reading, mut encoding, mut size) = (0.0, 0.0, 0);
    let mut first = 0;
    while first < claims.len() {
        let piece: Vec<_> = claims[first..].iter().take_while(|c| c.start < claims[first].start + PIECE).collect();
        let started = Instant::now();
        let mut tables = ClaimTables::default();
        let mut claim = Claim::empty(Encoding::detect(bytes));
        for raw in &piece {
            claim.read_again(bytes, **raw);
            tables.push(&claim, origin);
        }
        reading += started.elapsed().as_secs_f64();
        let started = Instant::now();
        for columns in tables.finish() {
            size += parquet_file::encode(&columns)?.len();
        }
        encoding += started.elapsed().as_secs_f64();
        first += piece.len();
    }
    println!("reading into columns {reading:.3} s, encoding {encoding:.3} s, {size} bytes");
    Ok(())
}
