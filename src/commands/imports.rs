//! `tenken imports` and `tenken withdraw`.

use anyhow::Result;
use clap::ArgMatches;
use serde_json::Value;
use tenken_parser::Month;

use super::Ended;
use crate::{
    lang::Lang,
    output::{List, time},
    report::billing,
};

pub fn list(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let mut list = List::new(&[
        "import_id",
        "exam_month",
        "status",
        "imported_at",
        "files",
        "bytes",
        "claims",
        "rejected",
        "problems",
        "points",
        "points_effective",
        "seconds",
    ]);
    for r in store.imports()? {
        let values: Vec<Value> = vec![
            r.import_id.into(),
            r.exam_month.into(),
            r.status.into(),
            time(r.imported_at).into(),
            r.files.into(),
            r.bytes.into(),
            r.claims.into(),
            r.rejected.into(),
            r.problems.into(),
            r.points.into(),
            r.points_effective.into(),
            ((r.seconds * 1000.0).round() / 1000.0).into(),
        ];
        list.rows.push(values);
    }
    super::print(m, &list)?;
    // the clerk's first question every month, about the newest one
    let months =
        store.imports()?.into_iter().filter(|i| i.is_visible()).filter_map(|i| Month::parse_iso(&i.exam_month));
    if let Some(newest) = months.max() {
        for line in billing::lines(&billing::of_month(&store, newest)?) {
            eprintln!("{newest} {line}");
        }
    }
    Ok(Ended::Done)
}

pub fn withdraw(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let lock = super::begin_writing(lang, &store)?;
    let row = store.withdraw(&lock, super::text(m, "import_id"))?;
    println!(
        "{}",
        match lang {
            Lang::Ja =>
                format!("取込 {}（審査月 {}、{} 件）を取り消しました", row.import_id, row.exam_month, row.claims),
            Lang::En => format!("import {} ({}, {} claims) is withdrawn", row.import_id, row.exam_month, row.claims),
        }
    );
    Ok(Ended::Done)
}
