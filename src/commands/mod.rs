//! One file per command.

mod audit;
mod benefit;
mod claim;
mod demo;
mod doctor;
mod findings;
mod import;
mod imports;
mod ledger;
mod manual;
mod masters;
mod recheck;
mod registry;
mod report;
mod sample;
mod serve;
mod sql;
mod third_party;
mod third_party_case;
mod verify;

use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::ArgMatches;
use tenken_store::{Leftovers, Store, WriteLock, audit::Look};

use crate::{
    lang::Lang,
    output::{CsvEncoding, Format, List},
    platform,
};

/// How a command ended (exit status: DESIGN section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Done,
    /// done, but something was rejected or needs a look
    NeedsLook,
    /// failed, nothing stored; what was wrong has been said
    Failed,
}

/// Runs the command that was asked for.
pub fn run(lang: Lang, matches: &ArgMatches) -> ExitCode {
    let result = match matches.subcommand() {
        Some(("demo", m)) => demo::run(lang, m),
        Some(("sample", m)) => sample::run(lang, m),
        Some(("import", m)) => import::run(lang, m),
        Some(("imports", m)) => imports::list(m),
        Some(("withdraw", m)) => imports::withdraw(lang, m),
        Some(("registry", m)) => registry::run(lang, m),
        Some(("recheck", m)) => recheck::run(lang, m),
        Some(("findings", m)) => findings::list(lang, m),
        Some(("third-party", m)) => third_party::run(lang, m),
        Some(("benefit", m)) => benefit::run(lang, m),
        Some(("ledger", m)) => ledger::run(lang, m),
        Some(("report", m)) => report::run(lang, m),
        Some(("masters", m)) => masters::run(lang, m),
        Some(("serve", m)) => serve::run(lang, m),
        Some(("user", m)) => serve::user(lang, m),
        Some(("rules", m)) => findings::rules(m),
        Some(("config", m)) => findings::config(m),
        Some(("claim", m)) => claim::run(lang, m),
        Some(("sql", m)) => sql::run(m),
        Some(("audit", m)) => audit::run(lang, m),
        Some(("verify", m)) => verify::run(lang, m),
        Some(("doctor", m)) => doctor::run(lang, m),
        Some(("completions", m)) => manual::completions(lang, m),
        Some(("man", _)) => manual::man(lang),
        _ => Ok(Ended::Failed),
    };
    match result {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::NeedsLook) => ExitCode::from(3),
        Ok(Ended::Failed) => ExitCode::FAILURE,
        // whoever reads our output has seen enough (`… | head`)
        Err(e) if e.chain().any(|c| c.downcast_ref::<std::io::Error>().is_some_and(is_broken_pipe)) => {
            ExitCode::SUCCESS
        }
        Err(e) if e.downcast_ref::<WrongUsage>().is_some() => {
            eprintln!("{}: {e}", lang.t("エラー", "error"));
            ExitCode::from(2)
        }
        Err(e) => {
            eprintln!("{}: {}", lang.t("エラー", "error"), chain(lang, &e));
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(e: &std::io::Error) -> bool {
    e.kind() == std::io::ErrorKind::BrokenPipe
}

/// What was said is not enough, or too much: exit status 2.
#[derive(Debug)]
struct WrongUsage(String);

impl std::fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUsage {}

/// An error with its causes, in one line.
fn chain(lang: Lang, e: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in e.chain() {
        let text = match cause.downcast_ref::<tenken_store::Error>() {
            Some(s) if lang == Lang::En => s.english(),
            _ => cause.to_string(),
        };
        // a message that quotes its cause says it already
        if !parts.iter().any(|p| p.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

/// An error of the files, in the language of this run.
fn of_files(e: tenken_matcher::files::Error) -> anyhow::Error {
    match Lang::current() {
        Lang::Ja => anyhow::anyhow!("{e}"),
        Lang::En => anyhow::anyhow!("{}", e.english()),
    }
}

/// An error of the masters, in the language of this run.
fn of_masters(e: impl Into<tenken_review::masters::Error>) -> anyhow::Error {
    let e = e.into();
    match Lang::current() {
        Lang::Ja => e.into(),
        Lang::En => anyhow::anyhow!("{}", e.english()),
    }
}

fn store_path(m: &ArgMatches) -> PathBuf {
    m.get_one::<PathBuf>("store").cloned().unwrap_or_default()
}

fn open(m: &ArgMatches) -> Result<Store> {
    Ok(Store::open(&store_path(m))?)
}

fn text<'m>(m: &'m ArgMatches, name: &str) -> &'m str {
    m.get_one::<String>(name).map_or("", String::as_str)
}

fn format(m: &ArgMatches) -> Format {
    Format::from_arg(text(m, "format"))
}

fn print(m: &ArgMatches, list: &List) -> Result<()> {
    let encoding = CsvEncoding::from_arg(text(m, "encoding"));
    let mut out = std::io::stdout().lock();
    list.write(&mut out, format(m), encoding)?;
    Ok(out.flush()?)
}

/// Logs a look by the user of this command. To be called before the first byte is shown.
fn log_look(store: &Store, look: Look) -> Result<()> {
    store.log_look(&look.by(platform::user_name()))?;
    Ok(())
}

/// Prints a list that shows data of persons, after its look has been logged with the number of its rows and persons.
fn show(m: &ArgMatches, store: &Store, look: Look, list: &List) -> Result<()> {
    log_look(store, look.rows(list.rows.len()).persons(list.persons()))?;
    print(m, list)
}

pub use benefit::law_of;
pub use report::cell_lines;
pub use third_party_case::{known_cases, progress_rows};

/// Waits for the lock and removes what a crash left, saying both.
fn begin_writing(lang: Lang, store: &Store) -> Result<WriteLock> {
    let lock = store.lock(|| say_waiting(lang))?;
    say_leftovers(lang, &store.clean_up(&lock)?);
    Ok(lock)
}

fn say_waiting(lang: Lang) {
    let text = lang
        .t("ほかの処理が書き込み中です。終わるのを待っています…", "another command is writing; waiting for it to end…");
    eprintln!("{text}");
}

fn say_leftovers(lang: Lang, left: &Leftovers) {
    if left.is_empty() {
        return;
    }
    let names = left.names().collect::<Vec<_>>().join(", ");
    eprintln!(
        "{}",
        match lang {
            Lang::Ja => format!("前回途中で終わった処理の残り（{} 個のファイル {names}）を片付けました", left.files),
            Lang::En => format!("removed what an unfinished command had left ({} files {names})", left.files),
        }
    );
}
