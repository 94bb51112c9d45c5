//! `tenken doctor`: what the environment and the store look like.

use anyhow::Result;
use clap::ArgMatches;
use indicatif::HumanBytes;
use tenken_review::masters;
use tenken_store::Store;

use super::Ended;
use crate::{
    lang::Lang,
    output::{List, time},
    platform,
};

/// Months that are kept before `doctor` names them (retention_months of DESIGN section 4).
const RETENTION_MONTHS: i32 = 60;

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let mut list = List::new(&["item", "value", "state"]);
    let mut ended = Ended::Done;
    let ok = lang.t("良", "ok");
    let look = lang.t("要確認", "look");
    let mut say = |item: &str, value: String, good: bool| {
        if !good {
            ended = Ended::NeedsLook;
        }
        list.rows.push(vec![item.into(), value.into(), if good { ok } else { look }.into()]);
    };
    say("program_version", env!("CARGO_PKG_VERSION").into(), true);
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    say("cpus", cpus.to_string(), true);
    if m.contains_id("store") {
        let path = super::store_path(m);
        let store = Store::open(&path)?;
        say("store", store.root().display().to_string(), true);
        say("store_format", store.format_version().to_string(), true);
        let imports = store.imports()?;
        let visible: Vec<_> = imports.iter().filter(|r| r.is_visible()).collect();
        let largest = visible.iter().map(|r| r.bytes).max().unwrap_or(0) as u64;
        let free = platform::free_bytes(&path)?;
        say("free_disk", HumanBytes(free).to_string(), free > largest);
        say("imports", visible.len().to_string(), true);
        say("claims", visible.iter().map(|r| r.claims).sum::<i64>().to_string(), true);
        let left = store.leftovers()?;
        say("leftovers", left.join(";"), left.is_empty());
        let newest = visible.iter().filter_map(|r| tenken_parser::Month::parse_iso(&r.exam_month)).max();
        let old: Vec<String> = visible
            .iter()
            .filter_map(|r| tenken_parser::Month::parse_iso(&r.exam_month))
            .filter(|month| newest.is_some_and(|n| n.index() - month.index() >= RETENTION_MONTHS))
            .map(|month| month.to_string())
            .collect();
        let log = store.access_log().state()?;
        let mut state = vec![log.rows.to_string()];
        state.extend(log.last_at.map(time));
        state.extend(log.trouble.iter().map(|t| super::audit::place_and_reason(lang, t)));
        say("access_log", state.join("; "), log.trouble.is_empty());
        let masters = masters::of_store(&store).map_err(super::of_masters)?;
        let editions: Vec<String> =
            masters.editions().iter().map(|(l, on, rows)| format!("{l} {on} ({rows})")).collect();
        say("masters", editions.join("; "), true);
        say("icd_differences", masters::differences(&masters).len().to_string(), true);
        say("past_retention", old.join(";"), old.is_empty());
    }
    super::print(m, &list)?;
    Ok(ended)
}
