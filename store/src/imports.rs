//! The ledger of imports, and the switch: an import is visible when its row says so, and that row is written
//! last. All rows stand in one small file, so that reading them costs one file.

use jiff::Timestamp;
use tenken_parser::Month;

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tenken_tables::{columns::Columns, imports::TABLE, parquet_file, schema::Table};

use crate::{
    delta::DataFile,
    error::{Error, Result},
    store::{Store, WriteLock},
};

const VISIBLE: &str = "visible";
const WITHDRAWN: &str = "withdrawn";

/// A row of `imports`.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRow {
    pub import_id: String,
    pub exam_month: String,
    pub status: String,
    pub generation: i32,
    pub imported_at: Timestamp,
    pub withdrawn_at: Option<Timestamp>,
    pub user: Option<String>,
    pub files: i64,
    pub bytes: i64,
    pub claims: i64,
    pub rejected: i64,
    pub problems: i64,
    pub points: i64,
    pub points_effective: i64,
    pub cost_yen: i64,
    pub registry_runs: Vec<String>,
    pub rules_version: String,
    pub program_version: String,
    pub seconds: f64,
}

impl ImportRow {
    pub fn is_visible(&self) -> bool {
        self.status == VISIBLE
    }

    /// A new row, visible as soon as it is written.
    pub fn new(import_id: String, exam_month: Month) -> Self {
        Self {
            import_id,
            exam_month: exam_month.to_string(),
            status: VISIBLE.into(),
            generation: 0,
            imported_at: Timestamp::now(),
            withdrawn_at: None,
            user: None,
            files: 0,
            bytes: 0,
            claims: 0,
            rejected: 0,
            problems: 0,
            points: 0,
            points_effective: 0,
            cost_yen: 0,
            registry_runs: Vec::new(),
            rules_version: String::new(),
            program_version: env!("CARGO_PKG_VERSION").into(),
            seconds: 0.0,
        }
    }

    fn push(&self, columns: &mut Columns) {
        columns
            .row()
            .text(&self.import_id)
            .text(&self.exam_month)
            .text(&self.status)
            .i32(self.generation)
            .time(self.imported_at)
            .opt_time(self.withdrawn_at)
            .opt_text(self.user.as_deref())
            .i64(self.files)
            .i64(self.bytes)
            .i64(self.claims)
            .i64(self.rejected)
            .i64(self.problems)
            .i64(self.points)
            .i64(self.points_effective)
            .i64(self.cost_yen)
            .list(self.registry_runs.iter().map(String::as_str))
            .text(&self.rules_version)
            .text(&self.program_version)
            .f64(self.seconds)
            .end();
    }

    fn from_batch(batch: &RecordBatch, i: usize) -> Option<Self> {
        let column = |name: &str| batch.column_by_name(name);
        let text = |name: &str| Some(column(name)?.as_string_opt::<i32>()?.value(i).to_owned());
        let opt_text = |name: &str| {
            let c = column(name)?.as_string_opt::<i32>()?;
            (!c.is_null(i)).then(|| c.value(i).to_owned())
        };
        let int = |name: &str| Some(column(name)?.as_primitive_opt::<Int64Type>()?.value(i));
        let time = |name: &str| {
            let c = column(name)?.as_primitive_opt::<TimestampMicrosecondType>()?;
            if c.is_null(i) { None } else { Timestamp::from_microsecond(c.value(i)).ok() }
        };
        let runs = column("registry_runs")?.as_list_opt::<i32>()?.value(i);
        let runs = runs.as_string_opt::<i32>()?;
        Some(Self {
            import_id: text("import_id")?,
            exam_month: text("exam_month")?,
            status: text("status")?,
            generation: column("generation")?.as_primitive_opt::<Int32Type>()?.value(i),
            imported_at: time("imported_at")?,
            withdrawn_at: time("withdrawn_at"),
            user: opt_text("user"),
            files: int("files")?,
            bytes: int("bytes")?,
            claims: int("claims")?,
            rejected: int("rejected")?,
            problems: int("problems")?,
            points: int("points")?,
            points_effective: int("points_effective")?,
            cost_yen: int("cost_yen")?,
            registry_runs: runs.iter().flatten().map(str::to_owned).collect(),
            rules_version: text("rules_version")?,
            program_version: text("program_version")?,
            seconds: column("seconds")?.as_primitive_opt::<Float64Type>()?.value(i),
        })
    }
}

/// Batches of a whole data file.
pub(crate) async fn read_file(store: &Store, table: &'static Table, file: &DataFile) -> Result<Vec<RecordBatch>> {
    let bytes = store.get(table, &file.path).await?;
    let failed = |e| Error::parquet(table.name)(e);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(failed)?.build().map_err(failed)?;
    reader.map(|b| b.map_err(Error::from)).collect()
}

pub(crate) async fn read_all(store: &Store) -> Result<Vec<ImportRow>> {
    let opened = store.open_table(&TABLE).await?.ok_or_else(|| {
        let reason = "台帳がありません。バックアップから戻してください（the ledger is missing: restore a backup）";
        Error::Corrupt(TABLE.name.into(), reason.into())
    })?;
    let mut rows = Vec::new();
    for file in opened.files()? {
        for batch in read_file(store, &TABLE, &file).await? {
            for i in 0..batch.num_rows() {
                let row = ImportRow::from_batch(&batch, i)
                    .ok_or_else(|| Error::Corrupt("imports".into(), format!("{} の列が足りません", file.path)))?;
                rows.push(row);
            }
        }
    }
    rows.sort_by(|a, b| (a.imported_at, &a.import_id).cmp(&(b.imported_at, &b.import_id)));
    Ok(rows)
}

/// Writes the row: from this moment the import is what the row says.
pub(crate) async fn write(store: &Store, _lock: &WriteLock, row: &ImportRow) -> Result<()> {
    let mut rows = read_all(store).await?;
    match rows.iter_mut().find(|r| r.import_id == row.import_id) {
        Some(old) => *old = row.clone(),
        None => rows.push(row.clone()),
    }
    let mut columns = Columns::new(&TABLE);
    rows.iter().for_each(|r| r.push(&mut columns));
    let bytes = parquet_file::encode(&columns).map_err(Error::parquet(TABLE.name))?;
    let mut opened = store.open_or_create_table(&TABLE).await?;
    let old = opened.files()?;
    let size = bytes.len() as i64;
    let path = store.put(&TABLE, "", "imports", bytes).await?;
    let new = DataFile { path, bytes: size, rows: rows.len() as i64, partition: Default::default() };
    opened.commit(&[new], &old).await
}

impl Store {
    /// A new id: the month, a number that counts up in it, and a few digits so that it is never used twice.
    pub fn new_import_id(&self, month: Month) -> Result<String> {
        let exam_month = month.to_string();
        let count = self.imports()?.iter().filter(|r| r.exam_month == exam_month).count();
        let now = Timestamp::now();
        let mut unique =
            blake3::hash(format!("{}:{}", now.as_nanosecond(), std::process::id()).as_bytes()).to_hex().to_string();
        unique.truncate(4);
        Ok(format!("{}-{:03}-{unique}", month.compact(), count + 1))
    }

    /// Takes an import back: its rows are no longer visible, its files leave the tables, its original bytes
    /// are deleted. The same files may come again.
    ///
    /// # Errors
    /// [`Error::NoSuchImport`], [`Error::AlreadyWithdrawn`].
    pub fn withdraw(&self, lock: &WriteLock, import_id: &str) -> Result<ImportRow> {
        self.runtime
            .block_on(async {
                let rows = read_all(self).await?;
                let mut row = rows
                    .into_iter()
                    .find(|r| r.import_id == import_id)
                    .ok_or_else(|| Error::NoSuchImport(import_id.to_owned()))?;
                if !row.is_visible() {
                    return Err(Error::AlreadyWithdrawn(import_id.to_owned()));
                }
                row.status = WITHDRAWN.into();
                row.withdrawn_at = Some(Timestamp::now());
                write(self, lock, &row).await?;
                Ok(row)
            })
            .and_then(|row| self.clean_up(lock).map(|_| row))
    }
}
