//! The ledger of imports, and the switch: an import is visible when its row says so, and that row is written
//! last.

use jiff::Timestamp;
use tenken_parser::Month;
use tenken_tables::{columns::Columns, imports::TABLE, schema::Table};

use crate::{
    batch::Batch,
    error::{Error, Result},
    ledger::{self, Row},
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

    /// What is visible is never written again.
    pub(crate) fn check_newer(&self, generation: i32) -> Result<()> {
        if generation > self.generation {
            return Ok(());
        }
        Err(Error::Generation { import_id: self.import_id.clone(), visible: self.generation, asked: generation })
    }

    /// A new row, visible as soon as it is written.
    pub fn new(import_id: String, exam_month: Month) -> Self {
        Self {
            import_id,
            exam_month: exam_month.to_string(),
            status: VISIBLE.into(),
            generation: 0,
            imported_at: ledger::now(),
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
}

impl Row for ImportRow {
    const TABLE: &'static Table = &TABLE;

    fn id(&self) -> &str {
        &self.import_id
    }

    fn at(&self) -> Timestamp {
        self.imported_at
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

    fn read(batch: &Batch<'_>) -> Result<Vec<Self>> {
        let (import_id, exam_month, status) =
            (batch.texts("import_id")?, batch.texts("exam_month")?, batch.texts("status")?);
        let (imported_at, withdrawn_at) = (batch.times("imported_at")?, batch.times("withdrawn_at")?);
        let (user, generation, seconds) = (batch.texts("user")?, batch.ints("generation")?, batch.floats("seconds")?);
        let (files, bytes, claims) = (batch.longs("files")?, batch.longs("bytes")?, batch.longs("claims")?);
        let (rejected, problems) = (batch.longs("rejected")?, batch.longs("problems")?);
        let (points, points_effective) = (batch.longs("points")?, batch.longs("points_effective")?);
        let (cost_yen, registry_runs) = (batch.longs("cost_yen")?, batch.lists("registry_runs")?);
        let (rules_version, program_version) = (batch.texts("rules_version")?, batch.texts("program_version")?);
        (0..batch.rows())
            .map(|i| {
                Ok(Self {
                    import_id: import_id.get(i),
                    exam_month: exam_month.get(i),
                    status: status.get(i),
                    generation: generation.get(i),
                    imported_at: imported_at.get(i)?,
                    withdrawn_at: withdrawn_at.opt(i)?,
                    user: user.opt(i),
                    files: files.get(i),
                    bytes: bytes.get(i),
                    claims: claims.get(i),
                    rejected: rejected.get(i),
                    problems: problems.get(i),
                    points: points.get(i),
                    points_effective: points_effective.get(i),
                    cost_yen: cost_yen.get(i),
                    registry_runs: registry_runs.texts(i)?,
                    rules_version: rules_version.get(i),
                    program_version: program_version.get(i),
                    seconds: seconds.get(i),
                })
            })
            .collect()
    }

    /// Never: it is there from the beginning. Where it is missing later, nothing is taken for a leftover.
    fn without_table(_: &Store) -> Result<Vec<Self>> {
        let reason = "台帳がありません。バックアップから戻してください（the ledger is missing: restore a backup）";
        Err(Error::Corrupt(TABLE.name.into(), reason.into()))
    }
}

pub(crate) async fn read_all(store: &Store) -> Result<Vec<ImportRow>> {
    ledger::read_all(store).await
}

/// What the findings of an import were made with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// `run_id` of the registers matched against
    pub registry_runs: Vec<String>,
    /// hash of rules and parameters
    pub rules_version: String,
}

/// Raises the generations of visible imports.
pub(crate) fn raise(rows: &mut [ImportRow], raised: &[(String, i32)], basis: Option<&Basis>) -> Result<()> {
    for (import_id, generation) in raised {
        let row = rows.iter_mut().find(|r| r.import_id == *import_id && r.is_visible());
        let row = row.ok_or_else(|| Error::NoSuchImport(import_id.clone()))?;
        row.check_newer(*generation)?;
        row.generation = *generation;
        if let Some(basis) = basis {
            row.registry_runs.clone_from(&basis.registry_runs);
            row.rules_version.clone_from(&basis.rules_version);
        }
    }
    Ok(())
}

impl Store {
    /// A new id: the month, a number that counts up in it, and a few digits so that it is never used twice.
    pub fn new_import_id(&self, month: Month) -> Result<String> {
        let exam_month = month.to_string();
        let count = self.imports()?.iter().filter(|r| r.exam_month == exam_month).count();
        Ok(format!("{}-{:03}-{}", month.compact(), count + 1, ledger::unique_digits()))
    }

    /// Switches imports to generations whose rows are in the tables: those of `findings` must be, whole. One log entry,
    /// so all of them or none.
    ///
    /// # Errors
    /// [`Error::NoSuchImport`] also for one that is withdrawn; [`Error::Generation`] when one does not rise.
    pub fn raise_generations(&self, lock: &WriteLock, raised: &[(String, i32)], basis: Option<&Basis>) -> Result<()> {
        self.runtime.block_on(ledger::change(self, lock, |rows| raise(rows, raised, basis)))
    }

    /// Takes an import back: its rows are no longer visible, its files leave the tables, its original bytes
    /// are deleted. The same files may come again.
    ///
    /// # Errors
    /// [`Error::NoSuchImport`], [`Error::AlreadyWithdrawn`].
    pub fn withdraw(&self, lock: &WriteLock, import_id: &str) -> Result<ImportRow> {
        let mut withdrawn = None;
        self.runtime.block_on(ledger::change(self, lock, |rows: &mut Vec<ImportRow>| {
            let row = rows.iter_mut().find(|r| r.import_id == import_id);
            let row = row.ok_or_else(|| Error::NoSuchImport(import_id.to_owned()))?;
            if !row.is_visible() {
                return Err(Error::AlreadyWithdrawn(import_id.to_owned()));
            }
            row.status = WITHDRAWN.into();
            row.withdrawn_at = Some(ledger::now());
            withdrawn = Some(row.clone());
            Ok(())
        }))?;
        self.clean_up(lock)?;
        withdrawn.ok_or_else(|| Error::NoSuchImport(import_id.to_owned()))
    }
}
