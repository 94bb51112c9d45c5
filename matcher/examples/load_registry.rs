//! `cargo run --release -p tenken-matcher --example load_registry -- PATH...`: loads a register and prints what
//! came of it, and how long it took.

use std::{path::PathBuf, process::ExitCode, time::Instant};

use tenken_matcher::{
    files::{Options, load, owner},
    registry::OwnerRegistry,
};

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    let started = Instant::now();
    let loaded = match load(&paths, Options::default()) {
        Ok(loaded) => loaded,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    for f in &loaded.files {
        println!("{:12} {:9} rows {:6} rejected {:8.1} MB", f.name, f.rows, f.rejected, f.bytes as f64 / 1e6);
    }
    loaded.warnings.iter().for_each(|w| println!("{}", w.japanese()));
    for r in loaded.rejects.iter().take(20) {
        println!("{}:{} {} {}", r.file, r.line, r.column.as_deref().unwrap_or_default(), r.reason);
    }
    let owner = owner::default_owner(&loaded.register).unwrap_or_default();
    let started = Instant::now();
    let compact = OwnerRegistry::build(owner, &loaded.register);
    println!(
        "in memory: {:.1} bytes per period row, built in {:.2} s",
        compact.bytes() as f64 / compact.period_rows().max(1) as f64,
        started.elapsed().as_secs_f64()
    );
    println!("owner {}, {seconds:.2} s", if owner.is_empty() { "-" } else { owner });
    ExitCode::SUCCESS
}
