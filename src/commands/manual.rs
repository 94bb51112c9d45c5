//! Shell completions and the man page, from the same definition as the help.

use anyhow::Result;
use clap::ArgMatches;

use super::Ended;
use crate::{cli, lang::Lang};

pub fn completions(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    if let Some(shell) = m.get_one::<clap_complete::Shell>("shell") {
        let mut out = Vec::new();
        clap_complete::generate(*shell, &mut cli::command(lang), "tenken", &mut out);
        print!("{}", String::from_utf8_lossy(&out));
    }
    Ok(Ended::Done)
}

pub fn man(lang: Lang) -> Result<Ended> {
    let mut out = Vec::new();
    let command = cli::command(lang);
    clap_mangen::Man::new(command.clone()).render(&mut out)?;
    for sub in command.get_subcommands() {
        out.push(b'\n');
        clap_mangen::Man::new(sub.clone()).title(format!("tenken-{}", sub.get_name())).render(&mut out)?;
    }
    print!("{}", String::from_utf8_lossy(&out));
    Ok(Ended::Done)
}
