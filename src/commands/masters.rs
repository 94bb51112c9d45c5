//! `tenken masters load`: official masters, for names and ICD-10 on pages. No finding, score or benefit reads them.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::ArgMatches;
use tenken_parser::masters::Master;
use tenken_review::masters::{differences, keep, of_store};
use tenken_store::Store;

use super::{Ended, begin_writing, of_masters};
use crate::{
    lang::{Lang, say},
    output::List,
};

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("load", m)) => load(lang, m),
        _ => Ok(Ended::Failed),
    }
}

fn load(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let mut paths = Vec::new();
    for path in m.get_many::<PathBuf>("path").into_iter().flatten() {
        if path.is_dir() {
            let entries = fs::read_dir(path).with_context(|| path.display().to_string())?;
            let is_master = |p: &PathBuf| {
                let ext = p.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
                ext == "csv" || ext == "txt"
            };
            paths.extend(entries.flatten().map(|e| e.path()).filter(is_master));
        } else {
            paths.push(path.clone());
        }
    }
    paths.sort();
    // everything is looked at before anything is kept
    let mut read = Vec::new();
    for path in &paths {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        read.push((Master::read(&path.display().to_string(), &bytes).map_err(of_masters)?, bytes));
    }
    if read.is_empty() {
        anyhow::bail!("{}", say!("マスターのファイルがありません", "there is no master file"));
    }
    let store = Store::open_or_create(&super::store_path(m))?;
    let _lock = begin_writing(lang, &store)?;
    let mut all = of_store(&store).map_err(of_masters)?;
    for (master, _) in &read {
        all.add(master.clone()).map_err(of_masters)?;
    }
    let mut list = List::new(&["letter", "name_ja", "edition", "rows", "rejected", "file"]);
    let mut ended = Ended::Done;
    for (master, bytes) in &read {
        keep(&store, master, bytes).map_err(of_masters)?;
        for (line, reason) in master.rejects.iter().take(20) {
            eprintln!("{} {line}: {reason}", master.file);
        }
        if !master.rejects.is_empty() {
            ended = Ended::NeedsLook;
        }
        list.rows.push(vec![
            master.letter.clone().into(),
            master.title().into(),
            master.edition.to_string().into(),
            master.rows.len().into(),
            master.rejects.len().into(),
            master.file.clone().into(),
        ]);
    }
    super::print(m, &list)?;
    let found = differences(&all);
    if !found.is_empty() {
        eprintln!(
            "{}",
            say!(
                "第三者行為の表と ICD-10 が違う傷病名: {n} 件（点数は変わりません）",
                "diseases whose ICD-10 differs from the table of third-party acts: {n} (no score changes)",
                n = found.len()
            )
        );
        for d in found {
            eprintln!("  {} {}  {} / {}", d.code, d.name, if d.table.is_empty() { "—" } else { &d.table }, d.master);
        }
    }
    Ok(ended)
}
