//! What the score for third-party acts costs beside reading the claim, one thread:
//! `cargo bench -p tenken-benches --bench third_party`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenken_matcher::third_party::{Rules, claim};
use tenken_parser::{
    Claim, Encoding, Frames, Month, RawClaim,
    claim::View,
    frame::Event,
    view::{
        header::Header,
        walk::{Nothing, walk_with},
    },
};

const CLAIMS: u64 = 20_000;

/// A sample month: files with their claims.
fn month() -> Vec<(Vec<u8>, Encoding, Vec<RawClaim>)> {
    let (Ok(out), Some(month)) = (tempfile::tempdir(), Month::new(2026, 10)) else { return Vec::new() };
    let mut options = tenken_samples::Options::new(out.path().to_owned(), 20_000, (month, month), 7);
    options.size = tenken_samples::Size::Claims(CLAIMS);
    let Ok(sample) = tenken_samples::write(&options) else { return Vec::new() };
    let paths = std::fs::read_dir(sample.claims).into_iter().flatten().flatten().map(|e| e.path());
    paths
        .filter_map(|path| {
            let bytes = std::fs::read(path).ok()?;
            let claims = Frames::new(&bytes).filter_map(|e| if let Event::Claim(c) = e { Some(c) } else { None });
            let claims = claims.collect();
            Some((Encoding::Cp932, claims, bytes))
        })
        .map(|(encoding, claims, bytes)| (bytes, encoding, claims))
        .collect()
}

fn each(files: &[(Vec<u8>, Encoding, Vec<RawClaim>)], mut of: impl FnMut(&Claim<'_>, &Header<'_>)) {
    for (bytes, encoding, claims) in files {
        for raw in claims {
            let claim = Claim::read(bytes, *raw, *encoding);
            of(&claim, &Header::read(&claim));
        }
    }
}

fn third_party(c: &mut Criterion) {
    let (files, rules) = (month(), Rules::embedded());
    let claims = files.iter().map(|f| f.2.len() as u64).sum();
    let mut group = c.benchmark_group("third_party");
    group.throughput(Throughput::Elements(claims));
    let walk = |claim: &Claim<'_>, header: &Header<'_>| {
        black_box(walk_with(claim, View::Effective, header.common, &mut Nothing, &mut Vec::new()));
    };
    group.bench_function("read", |b| b.iter(|| each(&files, walk)));
    group.bench_function("read_and_score", |b| {
        b.iter(|| {
            each(&files, |claim, header| {
                walk(claim, header);
                black_box(claim::outcome(rules, claim, header, Vec::new()));
            });
        });
    });
    group.finish();
}

criterion_group!(benches, third_party);
criterion_main!(benches);
