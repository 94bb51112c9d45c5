//! `tenken sample`: claims, register, truth and totals of an invented town (spec/tables.md 7).

use std::{
    cell::Cell,
    io::IsTerminal,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tenken_parser::{Date, Month};
use tenken_samples::{Form, Options, Sample, Size};

use super::{Ended, text};
use crate::lang::{Lang, say};

/// Between two plain lines of progress.
const LINE_EVERY: Duration = Duration::from_secs(10);

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let options = options(m)?;
    let shown = options.out.display();
    if !tenken_samples::may_be_written(&options.out)
        .with_context(|| say!("{p} を読めません", "cannot read {p}", p = &shown))?
    {
        bail!(
            "{}",
            say!(
                "{p} には別のものが入っています。空のフォルダを --out で指定してください",
                "{p} holds other things; give an empty folder with --out",
                p = &shown
            )
        );
    }
    let started = Instant::now();
    let progress = Progress::new(lang);
    let sample = tenken_samples::write_with(&options, &|per_mille| progress.at(lang, per_mille))
        .with_context(|| say!("{p} に書けません", "cannot write to {p}", p = &shown))?;
    progress.finish();
    print(&options, &sample, started.elapsed());
    Ok(Ended::Done)
}

fn options(m: &ArgMatches) -> Result<Options> {
    let out = m.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let months = *m.get_one::<(Month, Month)>("months").context("--months")?;
    let number = |name| m.get_one::<u64>(name).copied();
    let insured = m.get_one::<u32>("insured").copied().unwrap_or_default();
    let mut options = Options::new(out, insured, months, number("seed").unwrap_or_default());
    options.form = if text(m, "form") == "insurer" { Form::Insurer } else { Form::Uke };
    options.kouki_per_mille = m.get_one::<u32>("kouki").copied().unwrap_or_default();
    options.towns = m.get_one::<u32>("towns").copied().unwrap_or(1);
    options.size = match (number("claims"), number("bytes")) {
        (Some(n), _) => Size::Claims(n),
        (_, Some(n)) => Size::Bytes(n),
        _ => Size::Natural,
    };
    options.as_of = m.get_one::<Date>("as-of").copied();
    Ok(options)
}

/// A bar on a terminal, a line now and then otherwise.
struct Progress {
    bar: Option<ProgressBar>,
    next_line: Cell<Instant>,
}

impl Progress {
    fn new(lang: Lang) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
            let template =
                lang.t("作成中 {wide_bar} {percent} % 残り {eta}", "making {wide_bar} {percent} % {eta} left");
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, next_line: Cell::new(Instant::now() + LINE_EVERY) }
    }

    fn at(&self, lang: Lang, per_mille: u32) {
        if let Some(bar) = &self.bar {
            bar.set_position(u64::from(per_mille));
        } else if Instant::now() >= self.next_line.get() {
            self.next_line.set(Instant::now() + LINE_EVERY);
            eprintln!("{} {} %", lang.t("作成中", "making"), per_mille / 10);
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn print(options: &Options, sample: &Sample, took: Duration) {
    let claims: i64 = sample.totals.iter().map(|t| t.claims).sum();
    let (people, files) = (sample.people, sample.totals.len());
    let bytes = DecimalBytes(sample.bytes);
    let rate = DecimalBytes((sample.bytes as f64 / took.as_secs_f64().max(0.001)) as u64);
    let seconds = took.as_secs_f64();
    println!(
        "{}",
        say!(
            "レセプト {claims} 件（{files} ファイル、{bytes}）と {people} 人の資格台帳を作りました（{seconds:.1} 秒、{rate}/秒）",
            "made {claims} claims ({files} files, {bytes}) and a register of {people} people ({seconds:.1} s, {rate}/s)"
        )
    );
    println!("  {}", options.out.display());
    println!(
        "{}",
        say!(
            "取り込み: tenken import {p} --month {month} --store S",
            "to import it: tenken import {p} --month {month} --store S",
            p = sample.claims.display(),
            month = options.months.0,
        )
    );
}
