//! Framing and typed claims against `csv-core`'s record reader over the same bytes, on one thread and on two.
//!
//! `cargo bench -p tenken-benches --bench parser`, then read the ratios of the medians.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenken_benches::{insurer_file, medical_file};
use tenken_parser::{
    Claim, Encoding, Frames, RawClaim,
    claim::View,
    frame::Event,
    layout,
    view::{
        header::Header,
        walk::{Nothing, walk},
    },
};

const BYTES: usize = 64 << 20;

fn claims_of(file: &[u8]) -> Vec<RawClaim> {
    Frames::new(file).filter_map(|e| if let Event::Claim(c) = e { Some(c) } else { None }).collect()
}

/// Framing and claims in one pass; the sum of what `of` says of each.
fn each_claim(file: &[u8], of: impl Fn(&Claim<'_>) -> Option<i64>) -> i64 {
    let mut sum = 0;
    let mut claim = Claim::empty(Encoding::Cp932);
    let mut frames = Frames::keeping_rows(file);
    while let Some(event) = frames.next() {
        if let Event::Claim(raw) = event {
            claim.take(file, raw, &mut frames);
            sum += of(&claim).unwrap_or(0);
        }
    }
    sum
}

/// Rows, kind, institution, effective view; fields are typed when asked for, and one is (合計点数).
fn lazy_claims(file: &[u8]) -> i64 {
    each_claim(file, |claim| claim.find(View::Effective, b"HO")?.record.value(layout::medical::ho::TOTAL_POINTS))
}

/// Every header field typed (RE, HO, SN, MF, institution).
fn headers(file: &[u8]) -> i64 {
    each_claim(file, |claim| Header::read(claim).payer?.total)
}

/// Everything typed: header, diagnoses, lines with day cells, comments.
fn everything(file: &[u8], claims: &[RawClaim]) -> i64 {
    let mut sum = 0;
    let mut problems = Vec::new();
    let mut claim = Claim::empty(Encoding::Cp932);
    for raw in claims {
        claim.read_again(file, *raw);
        let header = Header::read(&claim);
        sum += header.payer.and_then(|p| p.total).unwrap_or(0);
        sum += walk(&claim, View::Effective, &mut Nothing, &mut problems).points[0];
    }
    sum
}

/// csv-core's record reader over the same bytes: fields cut into its buffer.
fn csv_core_records(file: &[u8]) -> usize {
    let mut reader = csv_core::ReaderBuilder::new().quoting(false).build();
    let (mut input, mut fields) = (file, 0);
    let mut out = vec![0; 64 * 1024];
    let mut ends = vec![0; 512];
    loop {
        let (result, read, _, ended) = reader.read_record(input, &mut out, &mut ends);
        input = &input[read..];
        match result {
            csv_core::ReadRecordResult::Record => fields += ended,
            csv_core::ReadRecordResult::End => return fields,
            _ => {}
        }
    }
}

fn on_threads(file: &[u8], threads: usize, work: fn(&[u8], &[RawClaim]) -> i64) -> i64 {
    let claims = claims_of(file);
    std::thread::scope(|s| {
        let parts: Vec<_> =
            claims.chunks(claims.len().div_ceil(threads)).map(|c| s.spawn(move || work(file, c))).collect();
        parts.into_iter().map(|p| p.join().unwrap_or(0)).sum()
    })
}

fn bench(c: &mut Criterion) {
    for (form, file) in [("plain", medical_file(BYTES)), ("insurer", insurer_file(BYTES))] {
        let claims = claims_of(&file);
        let mut group = c.benchmark_group(format!("parser/{form}"));
        group.throughput(Throughput::Bytes(file.len() as u64)).sample_size(10);
        group.bench_function("csv-core records", |b| b.iter(|| csv_core_records(black_box(&file))));
        group.bench_function("framing", |b| b.iter(|| claims_of(black_box(&file)).len()));
        group.bench_function("framing + typed claims", |b| b.iter(|| lazy_claims(black_box(&file))));
        group.bench_function("framing + all header fields", |b| {
            b.iter(|| headers(black_box(&file)));
        });
        group.bench_function("everything, 1 thread", |b| b.iter(|| on_threads(black_box(&file), 1, everything)));
        group.bench_function("everything, 2 threads", |b| b.iter(|| on_threads(black_box(&file), 2, everything)));
        group.finish();
        black_box(claims);
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
