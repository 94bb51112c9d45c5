//! Tables whose rows are the switches: `imports` and `runs`. All rows stand in one small file that each change
//! replaces, so that reading them costs one file, and a change of any number of rows is one log entry.

use jiff::Timestamp;
use tenken_tables::{columns::Columns, parquet_file, schema::Table};

use crate::{
    batch::{self, Batch},
    delta::{DataFile, Opened},
    error::{Error, Result},
    store::{Store, WriteLock},
};

/// A row of such a table.
pub(crate) trait Row: Clone {
    const TABLE: &'static Table;

    fn id(&self) -> &str;

    /// Rows are in order of this moment.
    fn at(&self) -> Timestamp;

    fn push(&self, columns: &mut Columns);

    /// The rows of a batch, in its order.
    fn read(batch: &Batch<'_>) -> Result<Vec<Self>>;

    /// The rows where the table is not there, if that can be.
    fn without_table(store: &Store) -> Result<Vec<Self>>;
}

struct Read<R> {
    opened: Option<Opened>,
    files: Vec<DataFile>,
    rows: Vec<R>,
}

async fn read<R: Row>(store: &Store) -> Result<Read<R>> {
    let Some(opened) = store.open_table(R::TABLE).await? else {
        return Ok(Read { opened: None, files: Vec::new(), rows: R::without_table(store)? });
    };
    let files = opened.files()?;
    let mut rows = Vec::new();
    for file in &files {
        let bytes = store.get(R::TABLE, &file.path).await?;
        batch::read(R::TABLE, bytes, None, |batch| {
            rows.extend(R::read(&Batch::new(R::TABLE, batch))?);
            Ok(())
        })?;
    }
    rows.sort_by(|a: &R, b| (a.at(), a.id()).cmp(&(b.at(), b.id())));
    Ok(Read { opened: Some(opened), files, rows })
}

pub(crate) async fn read_all<R: Row>(store: &Store) -> Result<Vec<R>> {
    Ok(read(store).await?.rows)
}

/// Writes what `change` makes of the rows: from this moment everything is what the rows say.
pub(crate) async fn change<R: Row>(
    store: &Store,
    _lock: &WriteLock,
    change: impl FnOnce(&mut Vec<R>) -> Result<()>,
) -> Result<()> {
    let Read { opened, files, mut rows } = read(store).await?;
    change(&mut rows)?;
    let mut columns = Columns::new(R::TABLE);
    rows.iter().for_each(|r| r.push(&mut columns));
    let bytes = parquet_file::encode(&columns).map_err(Error::parquet(R::TABLE.name))?;
    let mut opened = match opened {
        Some(opened) => opened,
        None => store.open_or_create_table(R::TABLE).await?,
    };
    let size = bytes.len() as i64;
    let path = store.put(R::TABLE, "", R::TABLE.name, bytes).await?;
    if files.iter().any(|f| f.path == path) {
        // the same rows: the file is there already
        return Ok(());
    }
    let new = DataFile { path, bytes: size, rows: rows.len() as i64, partition: Default::default() };
    opened.commit(&[new], &files).await
}

/// Puts a row in the place of the one with its id, or behind the others.
pub(crate) fn put<R: Row>(rows: &mut Vec<R>, row: R) {
    match rows.iter_mut().find(|r| r.id() == row.id()) {
        Some(old) => *old = row,
        None => rows.push(row),
    }
}

/// This moment, as exactly as a table holds it.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// A few digits so that an id is never used twice.
pub(crate) fn unique_digits() -> String {
    let now = Timestamp::now().as_nanosecond();
    let mut digits = blake3::hash(format!("{now}:{}", std::process::id()).as_bytes()).to_hex().to_string();
    digits.truncate(4);
    digits
}
