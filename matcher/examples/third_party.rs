//! Third-party acts in a month of claims: how many rows, by route, and how fast (one thread).
//! `cargo run --release -p tenken-matcher --example third_party -- [FILE…]`; without files it makes a sample month.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode, time::Instant};

use tenken_matcher::third_party::{Rules, claim};
use tenken_parser::{Claim, Encoding, Frames, Month, frame::Event, view::header::Header};

/// Claims of the sample month.
const CLAIMS: u64 = 60_000;
const ROUNDS: u32 = 5;

fn files(paths: Vec<PathBuf>) -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
    if !paths.is_empty() {
        return Ok(paths.iter().map(std::fs::read).collect::<Result<_, _>>()?);
    }
    let out = tempfile::tempdir()?;
    let month = Month::new(2026, 10).ok_or("no month")?;
    let mut options = tenken_samples::Options::new(out.path().to_owned(), 40_000, (month, month), 7);
    options.size = tenken_samples::Size::Claims(CLAIMS);
    options.kouki_per_mille = 300;
    let sample = tenken_samples::write(&options)?;
    let entries = std::fs::read_dir(sample.claims)?;
    Ok(entries.map(|e| std::fs::read(e?.path())).collect::<Result<_, _>>()?)
}

/// Runs over every claim; seconds spent in `of` alone.
fn each(files: &[Vec<u8>], mut of: impl FnMut(&Claim<'_>, &Header<'_>)) -> (u64, f64) {
    const BATCH: usize = 512;
    let (mut n, mut seconds) = (0, 0.0);
    for file in files {
        let encoding = Encoding::detect(file);
        let raws: Vec<_> =
            Frames::new(file).filter_map(|e| if let Event::Claim(c) = e { Some(c) } else { None }).collect();
        for batch in raws.chunks(BATCH) {
            let claims: Vec<_> = batch.iter().map(|raw| Claim::read(file, *raw, encoding)).collect();
            let headers: Vec<_> = claims.iter().map(Header::read).collect();
            let started = Instant::now();
            claims.iter().zip(&headers).for_each(|(c, h)| of(c, h));
            seconds += started.elapsed().as_secs_f64();
            n += batch.len() as u64;
        }
    }
    (n, seconds)
}

fn main() -> ExitCode {
    let files = match files(std::env::args_os().skip(1).map(Into::into).collect()) {
        Ok(files) => files,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    };
    let rules = Rules::embedded();
    println!("rules {}", rules.version());
    let mut best = [f64::MAX; 2];
    let (mut claims, mut kept) = (0, 0);
    let mut routes: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..ROUNDS {
        kept = 0;
        let (n, look) = each(&files, |c, h| kept += u32::from(claim::may_matter(rules, c, h)));
        routes.clear();
        let (_, all) = each(&files, |c, h| {
            if let Some(o) = claim::outcome(rules, c, h, Vec::new()) {
                let hold = if o.hold { ", held" } else { "" };
                let band = o.band.map_or("", |b| b.code());
                *routes.entry(format!("{} {band}{hold}", o.route.code())).or_default() += 1;
            }
        });
        claims = n;
        best = [best[0].min(look), best[1].min(all)];
    }
    for (what, seconds) in ["cheap look", "with scores"].iter().zip(best) {
        let each_us = seconds / claims as f64 * 1e6;
        println!("{what:12} {:10.0} claims/s, {each_us:.2} µs each", claims as f64 / seconds);
    }
    println!("{claims} claims, {kept} looked at closely");
    routes.iter().for_each(|(route, n)| println!("{n:8} {route}"));
    ExitCode::SUCCESS
}
