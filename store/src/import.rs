//! Writing an import: files of any number of workers, then one commit that makes them visible.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use tenken_parser::Month;
use tenken_tables::{self as tables, columns::Columns, files::FileRow, schema::Table};

pub use crate::data::Encoded;
use crate::{
    batch::Batch,
    delta::DataFile,
    error::{Error, Result},
    imports::{self, ImportRow},
    ledger, names,
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
        let Some(row) = rows.iter().find(|r| r.is_visible() && r.import_id == file.id()) else { continue };
        store.read_data(&tables::files::TABLE, &file.path, None, |batch| {
            let batch = Batch::new(&tables::files::TABLE, batch);
            let (no, source_file, file_hash) =
                (batch.ints("file_no")?, batch.texts("source_file")?, batch.texts("file_hash")?);
            let (bytes, claims, rejected) = (batch.longs("bytes")?, batch.longs("claims")?, batch.longs("rejected")?);
            let parts = [
                batch.longs("bytes_claims")?,
                batch.longs("bytes_rejected")?,
                batch.longs("bytes_file_level")?,
                batch.longs("bytes_trailing")?,
            ];
            let warnings = batch.texts("warnings")?;
            out.extend((0..batch.rows()).map(|i| KnownFile {
                import_id: row.import_id.clone(),
                exam_month: row.exam_month.clone(),
                file_no: no.get(i),
                source_file: source_file.get(i),
                file_hash: file_hash.get(i),
                bytes: bytes.get(i),
                bytes_parts: std::array::from_fn(|part| parts[part].get(i)),
                claims: claims.get(i),
                rejected: rejected.get(i),
                warnings: warnings.get(i),
            }));
            Ok(())
        })?;
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

    pub(crate) fn store(&self) -> &'s Store {
        self.store
    }

    /// Files written so far of a table, in order.
    pub(crate) fn files_of(&self, table: &Table) -> Vec<DataFile> {
        let added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<DataFile> =
            added.iter().filter(|(t, _)| t.name == table.name).map(|(_, f)| f.clone()).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// Writes the rows of one piece. Any thread may call it.
    pub fn write(&self, piece: u64, tables: Vec<Encoded>) -> Result<()> {
        for rows in tables {
            let file =
                self.store.put_rows(&rows, &names::prefix(0, piece), partition(self.exam_month, &self.import_id))?;
            self.added.lock().unwrap_or_else(PoisonError::into_inner).push((rows.table(), file));
        }
        Ok(())
    }

    /// Adds the files to every table, and last, in one commit, the row that makes them visible and the generations of
    /// earlier imports whose findings this one changes (as [`Store::raise_generations`]); `started` is when the import
    /// began, for the ledger.
    pub fn commit(
        self,
        files: &[FileRow],
        mut row: ImportRow,
        raised: &[(String, i32)],
        started: Instant,
    ) -> Result<ImportRow> {
        let mut columns = Columns::new(&tables::files::TABLE);
        files.iter().for_each(|f| tables::files::push(&mut columns, f));
        self.write(0, vec![Encoded::of(&columns)?])?;
        let mut added = self.added.into_inner().unwrap_or_else(PoisonError::into_inner);
        added.sort_by(|a, b| (a.0.name, &a.1.path).cmp(&(b.0.name, &b.1.path)));
        let of = |table: &Table| added.iter().filter(|(t, _)| t.name == table.name).map(|(_, f)| f.clone()).collect();
        let store = self.store;
        store.sync_folders([store.originals()])?;
        store.add_files(tables::of_imports().map(|t| (t, of(t))).collect())?;
        row.seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        store.runtime.block_on(ledger::change(store, self.lock, |rows: &mut Vec<ImportRow>| {
            imports::raise(rows, raised, None)?;
            ledger::put(rows, row.clone());
            Ok(())
        }))?;
        Ok(row)
    }
}

/// The partition of the rows of an import.
pub(crate) fn partition(exam_month: impl ToString, import_id: &str) -> [(String, Option<String>); 2] {
    [("exam_month".to_owned(), Some(exam_month.to_string())), ("import_id".to_owned(), Some(import_id.to_owned()))]
}
