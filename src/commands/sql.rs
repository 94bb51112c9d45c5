//! `tenken sql`: read-only SQL over the visible rows.

use anyhow::Result;
use clap::ArgMatches;
use tenken_store::audit::Look;

use super::Ended;
use crate::output::List;

pub fn run(m: &ArgMatches) -> Result<Ended> {
    let store = super::open(m)?;
    let query = store.query()?;
    let statement = query.prepare(super::text(m, "query"))?;
    if !statement.reads_persons() {
        let (schema, batches) = statement.run()?;
        super::print(m, &List::from_batches(&schema, &batches))?;
        return Ok(Ended::Done);
    }
    let look = Look::new("sql").target(statement.masked());
    match statement.run() {
        Ok((schema, batches)) => super::show(m, &store, look, &List::from_batches(&schema, &batches))?,
        Err(e) => {
            // the message may quote a value
            super::log_look(&store, look.rows(0))?;
            return Err(e.into());
        }
    }
    Ok(Ended::Done)
}
