//! Data files: written first, on the disk before they are added to their tables.

use std::path::Path;

use futures::future::try_join_all;
use tenken_tables::{columns::Columns, parquet_file, schema::Table};

use crate::{
    delta::DataFile,
    error::{Error, Result},
    store::Store,
};

/// The rows of a table as the bytes of a data file.
pub struct Encoded {
    table: &'static Table,
    rows: usize,
    bytes: Vec<u8>,
}

impl Encoded {
    pub fn of(columns: &Columns) -> Result<Self> {
        let table = columns.table();
        let bytes = parquet_file::encode(columns).map_err(Error::parquet(table.name))?;
        Ok(Self { table, rows: columns.rows(), bytes })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(crate) fn table(&self) -> &'static Table {
        self.table
    }
}

impl Store {
    /// Writes a data file into the folder of its partition, which is given in the order of the table.
    /// [`Store::add_files`] must follow before anything counts on it.
    pub(crate) fn put_rows(
        &self,
        rows: &Encoded,
        prefix: &str,
        partition: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Result<DataFile> {
        let partition: Vec<(String, Option<String>)> = partition.into_iter().collect();
        let folder: String =
            partition.iter().map(|(k, v)| format!("{k}={}/", v.as_deref().unwrap_or_default())).collect();
        let path = self.put_data(rows.table, &folder, prefix, &rows.bytes)?;
        let partition = partition.into_iter().collect();
        Ok(DataFile { path, bytes: rows.bytes.len() as i64, rows: rows.rows as i64, partition })
    }

    /// Makes data files last, then adds them to their tables, one log entry a table. A table without files is made too.
    pub(crate) fn add_files(&self, added: Vec<(&'static Table, Vec<DataFile>)>) -> Result<()> {
        self.sync_data(added.iter().flat_map(|(table, files)| files.iter().map(|f| (*table, f))))?;
        self.runtime.block_on(async {
            let commit = |(table, files): (&'static Table, Vec<DataFile>)| async move {
                self.open_or_create_table(table).await?.commit(&files, &[]).await
            };
            try_join_all(added.into_iter().map(commit)).await.map(|_| ())
        })
    }

    /// Makes the names of data files last.
    pub(crate) fn sync_data<'f>(&self, files: impl Iterator<Item = (&'static Table, &'f DataFile)>) -> Result<()> {
        let folder =
            |(table, file): (&Table, &DataFile)| self.table_folder(table).join(&file.path).parent().map(Path::to_owned);
        self.sync_folders(files.filter_map(folder))
    }
}
