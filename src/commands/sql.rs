//! `tenken sql`: read-only SQL over the visible rows.

use anyhow::Result;
use clap::ArgMatches;

use super::Ended;
use crate::output::List;

pub fn run(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let (schema, batches) = store.query()?.sql(super::text(m, "query"))?;
    super::print(m, &List::from_batches(&schema, &batches))?;
    Ok(Ended::Done)
}
