//! `tenken claim`: one claim, laid out like the paper form, or its original bytes.

use std::io::Write;

use anyhow::Result;
use clap::ArgMatches;
use tenken_parser::{Claim, claim::View, view::header::Header};
use tenken_review::{
    claim_page::{self, Page},
    kept::{self, Kept},
    masters::{self, Names},
};
use tenken_store::audit::Look;

use super::Ended;
use crate::lang::Lang;

pub fn run(_lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let id = super::text(m, "claim_id");
    let kept = Kept::find(&store, id).map_err(of_kept)?;
    let bytes = match super::text(m, "format") {
        "raw" => kept.bytes,
        format => {
            let (file, raw) = kept.file();
            let claim = Claim::read(&file, raw, kept.encoding);
            let masters = masters::of_store(&store).map_err(super::of_masters)?;
            let names = Names::of(&masters, Header::read(&claim).common.service_month);
            let page = |view| Page::of(&claim, id, &kept.source_file, &names, view);
            let text = match format {
                "json" => serde_json::to_string_pretty(&claim_page::json(&claim, id, &kept.source_file))? + "\n",
                "html" => {
                    let billed = claim.is_corrected().then(|| page(View::Billed));
                    claim_page::html(&page(View::Effective), billed.as_ref())?
                }
                _ => page(View::Effective).text(),
            };
            text.into_bytes()
        }
    };
    super::log_look(&store, Look::new("claim").target(id).rows(1).persons(Some(1)))?;
    let mut out = std::io::stdout().lock();
    out.write_all(&bytes)?;
    out.flush()?;
    Ok(Ended::Done)
}

fn of_kept(e: kept::Error) -> anyhow::Error {
    match e {
        kept::Error::Store(e) => e.into(),
        e if Lang::current() == Lang::En => anyhow::anyhow!("{}", e.english()),
        e => e.into(),
    }
}
