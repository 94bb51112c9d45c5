//! `tenken serve`: the reviewers' application. `tenken user`: who may use it.

use std::{
    fs,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use clap::ArgMatches;
use tenken_review::{
    Database,
    functions::{Function, TABLE, roles},
    web::{self, App, Options},
};
use tenken_store::{Store, audit::Look};

use super::{Ended, WrongUsage, third_party_case::of_review};
use crate::{
    lang::{Lang, say},
    office::Desk,
    output::List,
    platform,
};

pub fn run(_lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let listen = super::text(m, "listen");
    let listen: SocketAddr = listen.parse().map_err(|_| {
        WrongUsage(say!(
            "--listen {listen} は 番地:ポート ではありません（例 127.0.0.1:8080）",
            "--listen {listen} is no address:port (for example 127.0.0.1:8080)"
        ))
    })?;
    let file = |name| m.get_one::<PathBuf>(name).cloned();
    let tls = match (file("tls-cert"), file("tls-key")) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        _ => {
            return Err(WrongUsage(say!(
                "--tls-cert と --tls-key は両方要ります",
                "--tls-cert and --tls-key go together"
            ))
            .into());
        }
    };
    if !listen.ip().is_loopback() && tls.is_none() {
        eprintln!(
            "{}",
            say!(
                "注意: ほかの機械から見える番地で、暗号化なしに待ち受けます（--tls-cert --tls-key）",
                "note: listening for other machines without encryption (--tls-cert, --tls-key)"
            )
        );
    }
    serve(&super::store_path(m), &Options { listen, tls }, |_| {})
}

/// Serves a store until it is asked to end. `more` may say something when it listens.
pub fn serve(root: &std::path::Path, options: &Options, more: impl FnOnce(&str)) -> Result<Ended> {
    let store = Store::open(root)?;
    let office = Box::new(Desk::new(Store::open(root)?));
    let app = App::open(store, office, options.tls.is_some()).map_err(of_review)?;
    web::serve(Arc::new(app), options, |listening| {
        let place = format!("{}://{}/", if listening.tls { "https" } else { "http" }, listening.address);
        println!("{}", say!("点検の画面: {place}（終わるには Ctrl-C）", "review pages: {place} (Ctrl-C ends)"));
        more(&place);
        let _ = io::stdout().flush();
    })?;
    println!("{}", say!("終わりました", "ended"));
    Ok(Ended::Done)
}

pub fn user(_lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("add", m)) => add(m),
        Some(("passwd", m)) => passwd(m),
        Some(("disable", m)) => disable(m),
        Some(("list", m)) => list(m),
        Some(("roles", m)) => functions(m),
        _ => Ok(Ended::Failed),
    }
}

/// A password from a file, else asked for twice on the terminal.
fn password(m: &ArgMatches) -> Result<String> {
    if let Some(path) = m.get_one::<PathBuf>("password-file") {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let first = platform::ask_hidden(&say!("パスワード: ", "password: "))?;
    let again = platform::ask_hidden(&say!("もう一度: ", "again: "))?;
    if first != again {
        bail!("{}", say!("2 回の入力が違います", "the two are not the same"));
    }
    Ok(first)
}

fn changed(store: &Store, action: &str, name: &str) -> Result<()> {
    super::log_look(store, Look::new(action).target(name))
}

fn add(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let (name, role) = (super::text(m, "name"), super::text(m, "role"));
    let insurers: Vec<String> = m.get_many::<String>("insurer").into_iter().flatten().cloned().collect();
    let mut database = Database::of_store(store.root()).map_err(of_review)?;
    let by = platform::user_name().unwrap_or_default();
    database.add_user(name, role, &insurers, &password(m)?, &by, false).map_err(of_review)?;
    changed(&store, "user add", name)?;
    println!("{}", say!("{name}（{role}）を登録しました", "added {name} ({role})"));
    Ok(Ended::Done)
}

fn passwd(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let name = super::text(m, "name");
    let mut database = Database::of_store(store.root()).map_err(of_review)?;
    database.user(name).map_err(of_review)?;
    database.set_password(name, &password(m)?, true).map_err(of_review)?;
    changed(&store, "user passwd", name)?;
    println!(
        "{}",
        say!(
            "{name} のパスワードを変え、サインインをすべて終わらせました",
            "set the password of {name}; all sessions have ended"
        )
    );
    Ok(Ended::Done)
}

fn disable(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let name = super::text(m, "name");
    Database::of_store(store.root()).map_err(of_review)?.disable_user(name).map_err(of_review)?;
    changed(&store, "user disable", name)?;
    println!("{}", say!("{name} を停止しました", "disabled {name}"));
    Ok(Ended::Done)
}

fn list(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let users = Database::of_store(store.root()).map_err(of_review)?.users().map_err(of_review)?;
    let mut list = List::new(&["name", "role", "insurers", "state", "created_at", "created_by"]);
    for u in users {
        let state = if u.disabled_at.is_some() { "disabled" } else { "active" };
        list.rows.push(vec![
            u.name.into(),
            u.role.into(),
            u.insurers.join(";").into(),
            state.into(),
            u.created_at.into(),
            u.created_by.into(),
        ]);
    }
    super::print(m, &list)?;
    Ok(Ended::Done)
}

/// The table of roles and functions that the routes enforce.
fn functions(m: &ArgMatches) -> Result<Ended> {
    let header = TABLE.lines().next().unwrap_or_default();
    let columns: Vec<&str> = header.split(',').collect();
    let mut list = List::new(&columns);
    for f in Function::ALL {
        let mut row = vec![f.code().into(), f.title().into()];
        row.extend(roles().iter().map(|r| serde_json::Value::from(f.allows(r))));
        list.rows.push(row);
    }
    super::print(m, &list)?;
    Ok(Ended::Done)
}
