//! `tenken`: the command. Parses what was said, runs it, and turns the outcome into an exit status.

mod benefit;
mod cli;
mod commands;
mod config;
mod inputs;
mod lang;
mod matching;
mod office;
mod output;
mod pipeline;
mod platform;
mod progress;
mod report;
mod third_party;

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::quiet_broken_pipe();
    let (lang, parsed) = cli::parse(std::env::args_os());
    lang.choose();
    match parsed {
        Ok(matches) => commands::run(lang, &matches),
        Err(shown) => shown,
    }
}
