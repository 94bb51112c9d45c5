//! `cargo run --release -p tenken-samples --example sample -- OUT INSURED FIRST LAST SEED [uke|insurer]
//! [kouki=‰] [towns=N] [claims=N|bytes=N] [as_of=YYYY-MM-DD] [clean|faults=TIMES]`: what `tenken sample` does, without the rest of the program.

use std::{process::ExitCode, time::Instant};

use tenken_parser::{Date, Month};
use tenken_samples::{Form, Options, Size, write};

fn options() -> Option<Options> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args.get(i).and_then(|a| a.parse::<u64>().ok());
    let month = |i: usize| args.get(i).and_then(|a| Month::parse_iso(a));
    let mut o = Options::new(args.first()?.into(), number(1)? as u32, (month(2)?, month(3)?), number(4)?);
    for a in &args[5..] {
        match a.split_once('=') {
            None if a == "uke" => o.form = Form::Uke,
            None if a == "insurer" => o.form = Form::Insurer,
            None if a == "clean" => o.faults = 0,
            Some(("faults", n)) => o.faults = n.parse().ok()?,
            Some(("kouki", n)) => o.kouki_per_mille = n.parse().ok()?,
            Some(("towns", n)) => o.towns = n.parse().ok()?,
            Some(("claims", n)) => o.size = Size::Claims(n.parse().ok()?),
            Some(("bytes", n)) => o.size = Size::Bytes(n.parse().ok()?),
            Some(("as_of", d)) => {
                let (month, day) = (Month::parse_iso(d.get(..7)?)?, d.get(8..)?.parse().ok()?);
                o.as_of = Some(Date::new(month.year(), month.month(), day)?);
            }
            _ => return None,
        }
    }
    Some(o)
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!(
            "OUT INSURED FIRST LAST SEED [uke|insurer] [kouki=‰] [towns=N] [claims=N|bytes=N] [as_of=DATE] [clean|faults=TIMES]"
        );
        return ExitCode::from(2);
    };
    let started = Instant::now();
    match write(&options) {
        Ok(s) => {
            let seconds = started.elapsed().as_secs_f64();
            let claims: i64 = s.totals.iter().map(|t| t.claims).sum();
            let megabytes = s.bytes as f64 / 1e6;
            println!(
                "{} people, {claims} claims, {megabytes:.1} MB in {seconds:.2} s: {:.1} MB/s",
                s.people,
                megabytes / seconds
            );
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}
