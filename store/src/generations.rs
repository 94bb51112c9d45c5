//! Tables that hold an import once per generation: the whole state of it each time. The generation that is visible is
//! the one that `imports` names.

use tenken_parser::Month;
use tenken_tables::{columns::Columns, schema::Table};

use crate::{
    batch::Batch,
    delta::DataFile,
    error::Result,
    import::{self, Encoded},
    imports::{self, ImportRow},
    names,
    store::{Store, WriteLock},
    visible::{Ledgers, generation as generation_of, without},
};

/// Rows of one data file: what is in memory beside the rows while they are written.
const FILE_ROWS: usize = 100_000;

/// A row of such a table.
pub trait ByGeneration: Sized {
    const TABLE: &'static Table;

    fn push(&self, columns: &mut Columns, generation: i32);
}

/// Taken from a data file, with what the import says of all its rows.
pub(crate) trait FromBatch: Sized {
    fn read(batch: &Batch<'_>, import: &ImportRow, rows: &mut Vec<Self>) -> Result<()>;
}

impl Store {
    /// Puts all rows of an import as one generation: 0 before the import is visible, else one above the visible one.
    /// Nothing of it is seen before the import is committed, or [`Store::raise_generations`] names it; without rows
    /// there is nothing to see then either. Import, month and generation of the rows are the ones given here.
    ///
    /// # Errors
    /// [`crate::Error::Generation`] when that generation is visible or older.
    pub fn write_generation<R: ByGeneration>(
        &self,
        lock: &WriteLock,
        import_id: &str,
        exam_month: Month,
        generation: i32,
        rows: &[R],
    ) -> Result<()> {
        self.check_generation(import_id, generation)?;
        let files = self.put_generation(lock, import_id, exam_month, generation, rows)?;
        self.add_generation::<R>(lock, import_id, generation, &files)
    }

    fn check_generation(&self, import_id: &str, generation: i32) -> Result<()> {
        let known = self.imports()?.into_iter().find(|r| r.import_id == import_id);
        known.map_or(Ok(()), |row| row.check_newer(generation))
    }

    pub(crate) fn put_generation<R: ByGeneration>(
        &self,
        _lock: &WriteLock,
        import_id: &str,
        exam_month: Month,
        generation: i32,
        rows: &[R],
    ) -> Result<Vec<DataFile>> {
        let mut files = Vec::new();
        for (piece, rows) in rows.chunks(FILE_ROWS).enumerate() {
            let mut columns = Columns::new(R::TABLE);
            rows.iter().for_each(|r| r.push(&mut columns, generation));
            let prefix = names::prefix(generation, piece as u64);
            files.push(self.put_rows(&Encoded::of(&columns)?, &prefix, import::partition(exam_month, import_id))?);
        }
        Ok(files)
    }

    /// One log entry. What an attempt that did not come to its end has left of this generation goes.
    pub(crate) fn add_generation<R: ByGeneration>(
        &self,
        _lock: &WriteLock,
        import_id: &str,
        generation: i32,
        files: &[DataFile],
    ) -> Result<()> {
        self.sync_data(files.iter().map(|f| (R::TABLE, f)))?;
        self.runtime.block_on(async {
            let mut opened = self.open_or_create_table(R::TABLE).await?;
            let mut left = opened.files()?;
            left.retain(|f| f.id() == import_id && generation_of(&f.path) == generation);
            opened.commit(&without(files, &left), &without(&left, files)).await
        })
    }

    /// The rows of an import that are visible, in the order in which they were written.
    pub(crate) fn read_generation<R: ByGeneration + FromBatch>(&self, import_id: &str) -> Result<Vec<R>> {
        let mut rows = Vec::new();
        self.each_batch(import_id, &mut |batch: &mut Vec<R>| {
            rows.append(batch);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The same, a batch at a time.
    pub(crate) fn each_batch<R: ByGeneration + FromBatch>(
        &self,
        import_id: &str,
        each: &mut dyn FnMut(&mut Vec<R>) -> Result<()>,
    ) -> Result<()> {
        let (import, files) = self.runtime.block_on(async {
            let ledgers = Ledgers::of_imports(imports::read_all(self).await?);
            let import = ledgers.visible_import(import_id)?.clone();
            let files = match self.open_table(R::TABLE).await? {
                Some(opened) => ledgers.shown(self, R::TABLE, opened.files()?)?,
                None => Vec::new(),
            };
            Ok::<_, crate::Error>((import, files))
        })?;
        for file in files.iter().filter(|f| f.id() == import_id) {
            self.read_data(R::TABLE, &file.path, None, |batch| {
                let mut rows = Vec::with_capacity(batch.num_rows());
                R::read(&Batch::new(R::TABLE, batch), &import, &mut rows)?;
                each(&mut rows)
            })?;
        }
        Ok(())
    }
}
