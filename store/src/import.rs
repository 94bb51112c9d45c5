//! Writing an import: files of any number of workers, then one commit that makes them visible.

use std::{sync::Mutex, time::Instant};

use arrow::{
    array::AsArray,
    datatypes::{Int32Type, Int64Type},
};
use futures::future::try_join_all;
use tenken_parser::Month;
use tenken_tables::{self as tables, columns::Columns, files::FileRow, parquet_file, schema::Table};

use crate::{
    delta::DataFile,
    error::{Error, Result},
    imports::{self, ImportRow},
    store::{Store, WriteLock},
};

/// A file that a visible import holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    pub import_id: String,
    pub exam_month: String,
    pub file_no: i32,
    pub source_file: String,
    pub file_hash: String,
    pub bytes: i64,
    pub bytes_parts: [i64; 4],
    pub claims: i64,
    pub rejected: i64,
    pub warnings: String,
}

pub(crate) async fn known_files(store: &Store, rows: &[ImportRow]) -> Result<Vec<KnownFile>> {
    let opened = store.open_table(&tables::files::TABLE).await?;
    let mut out = Vec::new();
    for file in opened.map_or(Ok(Vec::new()), |o| o.files())? {
        let Some(row) = rows.iter().find(|r| r.is_visible() && r.import_id == file.import_id()) else { continue };
        for batch in imports::read_file(store, &tables::files::TABLE, &file).await? {
            let missing = || Error::Corrupt("files".into(), file.path.clone());
            let text =
                |name: &str| batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>()).ok_or_else(missing);
            let int = |name: &str| {
                batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>()).ok_or_else(missing)
            };
            let no =
                batch.column_by_name("file_no").and_then(|c| c.as_primitive_opt::<Int32Type>()).ok_or_else(missing)?;
            for i in 0..batch.num_rows() {
                out.push(KnownFile {
                    import_id: row.import_id.clone(),
                    exam_month: row.exam_month.clone(),
                    file_no: no.value(i),
                    source_file: text("source_file")?.value(i).to_owned(),
                    file_hash: text("file_hash")?.value(i).to_owned(),
                    bytes: int("bytes")?.value(i),
                    bytes_parts: [
                        int("bytes_claims")?.value(i),
                        int("bytes_rejected")?.value(i),
                        int("bytes_file_level")?.value(i),
                        int("bytes_trailing")?.value(i),
                    ],
                    claims: int("claims")?.value(i),
                    rejected: int("rejected")?.value(i),
                    warnings: text("warnings")?.value(i).to_owned(),
                });
            }
        }
    }
    // originals are kept by this list: an import without its files is damage, not a reason to remove them
    if let Some(row) = rows.iter().find(|r| r.is_visible() && !out.iter().any(|f| f.import_id == r.import_id)) {
        let reason = format!("取込 {} のファイルの行がありません（rows of this import are missing）", row.import_id);
        return Err(Error::Corrupt(tables::files::TABLE.name.into(), reason));
    }
    out.sort_by(|a, b| (&a.import_id, a.file_no).cmp(&(&b.import_id, b.file_no)));
    Ok(out)
}

impl Store {
    /// Files of the visible imports.
    pub fn known_files(&self) -> Result<Vec<KnownFile>> {
        self.runtime.block_on(async { known_files(self, &imports::read_all(self).await?).await })
    }
}

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
}

/// An import under way. Nothing of it is visible before [`ImportWriter::commit`].
pub struct ImportWriter<'s> {
    store: &'s Store,
    lock: &'s WriteLock,
    import_id: String,
    exam_month: Month,
    added: Mutex<Vec<(&'static Table, DataFile)>>,
}

impl<'s> ImportWriter<'s> {
    pub fn new(store: &'s Store, lock: &'s WriteLock, import_id: String, exam_month: Month) -> Self {
        Self { store, lock, import_id, exam_month, added: Mutex::default() }
    }

    pub fn import_id(&self) -> &str {
        &self.import_id
    }

    /// Writes the rows of one piece. Any thread may call it.
    pub fn write(&self, piece: u64, tables: Vec<Encoded>) -> Result<()> {
        let folder = format!("exam_month={}/import_id={}/", self.exam_month, self.import_id);
        for Encoded { table, rows, bytes } in tables {
            let size = bytes.len() as i64;
            let prefix = format!("{piece:06}");
            let path = self.store.put_data(table, &folder, &prefix, &bytes)?;
            let partition = [
                ("exam_month".to_owned(), Some(self.exam_month.to_string())),
                ("import_id".to_owned(), Some(self.import_id.clone())),
            ];
            let file = DataFile { path, bytes: size, rows: rows as i64, partition: partition.into() };
            self.added.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((table, file));
        }
        Ok(())
    }

    /// Adds the files to every table, and last the row that makes them visible; `started` is when the import
    /// began, for the ledger.
    pub fn commit(self, files: &[FileRow], mut row: ImportRow, started: Instant) -> Result<ImportRow> {
        let mut columns = Columns::new(&tables::files::TABLE);
        files.iter().for_each(|f| tables::files::push(&mut columns, f));
        self.write(0, vec![Encoded::of(&columns)?])?;
        let mut added = self.added.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        added.sort_by(|a, b| (a.0.name, &a.1.path).cmp(&(b.0.name, &b.1.path)));
        let store = self.store;
        let folder =
            |(table, file): &(&Table, DataFile)| Some(store.table_folder(table).join(&file.path).parent()?.to_owned());
        store.sync_folders(added.iter().filter_map(folder).chain([store.originals()]))?;
        store.runtime.block_on(async {
            try_join_all(tables::of_imports().map(|table| {
                let files: Vec<DataFile> =
                    added.iter().filter(|(t, _)| t.name == table.name).map(|(_, f)| f.clone()).collect();
                async move { store.open_or_create_table(table).await?.commit(&files, &[]).await }
            }))
            .await?;
            row.seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
            imports::write(store, self.lock, &row).await?;
            Ok(row)
        })
    }
}
