//! `tenken demo`: an invented town, a month imported, and what to try next.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use tenken_parser::Month;
use tenken_review::{Database, web::Options};

use super::{
    Ended,
    import::{import, request},
    serve,
    third_party_case::of_review,
};
use crate::lang::{Lang, say};

const SEED: u64 = 1;

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let dir = m.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    let insured = m.get_one::<u32>("insured").copied().unwrap_or(300);
    let month = Month::new(2026, 10).context("2026-10")?;
    let store = dir.join("store");
    if dir.exists() && !store.join("store.json").exists() && dir.read_dir()?.next().is_some() {
        bail!(
            "{}",
            say!(
                "{p} には別のものが入っています。空のフォルダを --dir で指定してください",
                "{p} holds other things; give an empty folder with --dir",
                p = dir.display()
            )
        );
    }
    println!("{}", lang.t("架空の町のレセプトを作っています…", "making the claims of an invented town…"));
    let sample = tenken_samples::small_month(&dir, insured, month, SEED)
        .with_context(|| say!("{p} に書けません", "cannot write to {p}", p = dir.display()))?;
    let loaded = super::registry::load_folder(lang, &store, dir.join("registry"))?;
    print!("{}", loaded.summary(lang));
    let imported = import(lang, &store, &request(&sample.claims, month))?;
    print!("{}", imported.summary(lang));
    let id = tenken_store::Store::open(&store)?
        .query()?
        .sql("SELECT claim_id FROM claims WHERE corrected ORDER BY file_no, ordinal LIMIT 1")
        .ok()
        .and_then(|(schema, batches)| {
            let list = crate::output::List::from_batches(&schema, &batches);
            list.rows.first().and_then(|r| r[0].as_str().map(str::to_owned))
        })
        .unwrap_or_default();
    let (s, files) = (store.display(), sample.claims.display());
    println!();
    println!("{}", lang.t("保存先と元のファイル:", "store and source files:"));
    println!("  {s}");
    println!("  {files}");
    println!("{}", lang.t("次に試せること:", "what to try next:"));
    for (ja, en, command) in [
        (
            "審査で補正されたレセプトを紙の様式で見る",
            "a corrected claim like the paper form",
            format!("tenken claim {id} --store {s}"),
        ),
        (
            "同じものをブラウザ用に",
            "the same for a browser",
            format!("tenken claim {id} --store {s} --format html > claim.html"),
        ),
        (
            "指摘の一覧、一つの指摘の説明（番号は一覧の finding_id）",
            "the findings, and one of them explained (its finding_id is in the list)",
            format!("tenken findings --store {s}; tenken findings --store {s} --explain FINDING_ID"),
        ),
        (
            "種類ごとの件数と点数",
            "claims and points by kind",
            format!(
                "tenken sql \"SELECT kind, count(*) AS claims, sum(points_effective) AS points FROM claims WHERE parent_claim_id IS NULL GROUP BY kind ORDER BY kind\" --store {s}"
            ),
        ),
        (
            "拒否と問題の一覧",
            "rejects and problems",
            format!(
                "tenken sql \"SELECT source_file, line, level, record_id, field, reason FROM rejects ORDER BY level, source_file, line\" --store {s}"
            ),
        ),
        (
            "もう一度取り込む（何も起こらない）",
            "import again (nothing happens)",
            format!("tenken import {files} --month {month} --store {s}"),
        ),
        (
            "月の帳票（診療月で指定）",
            "the reports of the month (by month of treatment)",
            format!("tenken report all --month {} --store {s} --out 月報 --format csv,html", month.plus(-1)),
        ),
        (
            "取込の一覧、無傷の確認",
            "list of imports, integrity",
            format!("tenken imports --store {s}; tenken verify --store {s}"),
        ),
    ] {
        println!("  # {}", lang.t(ja, en));
        println!("  {command}");
    }
    // the demo's month holds damaged claims on purpose: that they were rejected is its success
    if m.get_flag("no-serve") {
        return Ok(Ended::Done);
    }
    let logins = logins(&store)?;
    let listen = SocketAddr::from(([127, 0, 0, 1], if is_free(8080) { 8080 } else { 0 }));
    println!();
    serve::serve(&store, &Options { listen, tls: None }, |_| {
        println!("{}", lang.t("サインイン（架空の町だけの名前です）:", "sign in (names of this invented town only):"));
        for (name, role, password) in &logins {
            println!("  {name}（{role}）  {password}");
        }
    })
}

/// Whether nobody listens there yet.
fn is_free(port: u16) -> bool {
    std::net::TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// A reviewer, an approver, the cashier and the administrator of the demo, with passwords of their own each time.
fn logins(store: &Path) -> Result<Vec<(&'static str, &'static str, String)>> {
    let mut database = Database::of_store(store).map_err(of_review)?;
    let mut out = Vec::new();
    for (name, role) in [("管理者", "管理"), ("点検者", "点検"), ("決裁者", "決裁"), ("経理係", "経理")]
    {
        let password = tenken_review::people::new_password().map_err(of_review)?;
        if database.user(name).is_ok() {
            database.set_password(name, &password, false).map_err(of_review)?;
        } else {
            database.add_user(name, role, &[], &password, "demo", false).map_err(of_review)?;
        }
        out.push((name, role, password));
    }
    Ok(out)
}
