//! The ledger of runs, and the switch of everything that is no import: what a run wrote is visible when its row says
//! so, and that row is written last.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use tenken_matcher::registry::rows::Moment;
use tenken_tables::{self as tables, columns::Columns, runs::TABLE, schema::Table};

use crate::{
    batch::Batch,
    delta::DataFile,
    error::{Error, Result},
    import::Encoded,
    ledger::{self, Row},
    names,
    store::{Store, WriteLock},
};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$about])* $variant,)*
        }

        impl $name {
            /// As the table writes it.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// What a run did.
    RunKind {
        RegistryLoad "registry_load", Recheck "recheck", Benefit "benefit", LedgerLoad "ledger_load", Report "report",
        Masters "masters", Purge "purge",
    }
}

codes! {
    RunStatus {
        Visible "visible",
        /// A later run took its place. It stays readable by its id.
        Superseded "superseded",
        Withdrawn "withdrawn",
    }
}

/// A row of `runs`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    pub run_id: String,
    pub kind: RunKind,
    /// what it touched
    pub owner: Option<String>,
    pub exam_month_from: Option<String>,
    pub exam_month_to: Option<String>,
    pub status: RunStatus,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub user: Option<String>,
    /// import ids, runs, files with hashes, `as_of`, parameters
    pub inputs: Value,
    /// rows, rejects; recheck: opened, closed, kept
    pub counts: Value,
}

impl RunRow {
    /// A new row, begun now, visible as soon as it is written.
    pub fn new(run_id: String, kind: RunKind) -> Self {
        let now = ledger::now();
        Self {
            run_id,
            kind,
            owner: None,
            exam_month_from: None,
            exam_month_to: None,
            status: RunStatus::Visible,
            started_at: now,
            finished_at: now,
            user: None,
            inputs: Value::Object(Default::default()),
            counts: Value::Object(Default::default()),
        }
    }

    pub fn is_visible(&self) -> bool {
        self.status == RunStatus::Visible
    }

    /// The whole state of an owner, or of an owner's month, in one run: the newest takes the place of the others.
    fn replaces(&self, earlier: &Self) -> bool {
        let same = match self.kind {
            RunKind::RegistryLoad => true,
            RunKind::Report => earlier.exam_month_from == self.exam_month_from,
            _ => false,
        };
        same && earlier.kind == self.kind && earlier.owner == self.owner && earlier.run_id != self.run_id
    }
}

impl Row for RunRow {
    const TABLE: &'static Table = &TABLE;

    fn id(&self) -> &str {
        &self.run_id
    }

    fn at(&self) -> Timestamp {
        self.finished_at
    }

    fn push(&self, columns: &mut Columns) {
        columns
            .row()
            .text(&self.run_id)
            .text(self.kind.code())
            .opt_text(self.owner.as_deref())
            .opt_text(self.exam_month_from.as_deref())
            .opt_text(self.exam_month_to.as_deref())
            .text(self.status.code())
            .time(self.started_at)
            .time(self.finished_at)
            .opt_text(self.user.as_deref())
            .text(&self.inputs.to_string())
            .text(&self.counts.to_string())
            .end();
    }

    fn read(batch: &Batch<'_>) -> Result<Vec<Self>> {
        let (run_id, kind, owner) = (batch.texts("run_id")?, batch.texts("kind")?, batch.texts("owner")?);
        let (from, to) = (batch.texts("exam_month_from")?, batch.texts("exam_month_to")?);
        let (status, user) = (batch.texts("status")?, batch.texts("user")?);
        let (started_at, finished_at) = (batch.times("started_at")?, batch.times("finished_at")?);
        let (inputs, counts) = (batch.texts("inputs")?, batch.texts("counts")?);
        let unknown = |what: &str| Error::Corrupt(TABLE.name.into(), what.to_owned());
        let json =
            |text: &str| serde_json::from_str(text).map_err(|e| Error::Corrupt(TABLE.name.into(), e.to_string()));
        (0..batch.rows())
            .map(|i| {
                Ok(Self {
                    run_id: run_id.get(i),
                    kind: RunKind::from_code(kind.str(i)).ok_or_else(|| unknown(kind.str(i)))?,
                    owner: owner.opt(i),
                    exam_month_from: from.opt(i),
                    exam_month_to: to.opt(i),
                    status: RunStatus::from_code(status.str(i)).ok_or_else(|| unknown(status.str(i)))?,
                    started_at: started_at.get(i)?,
                    finished_at: finished_at.get(i)?,
                    user: user.opt(i),
                    inputs: json(inputs.str(i))?,
                    counts: json(counts.str(i))?,
                })
            })
            .collect()
    }

    /// A store of an earlier release has no runs. Where a table of runs is, this one was before it: then it is lost.
    fn without_table(store: &Store) -> Result<Vec<Self>> {
        match tables::of_runs().find(|t| store.table_folder(t).exists()) {
            None => Ok(Vec::new()),
            Some(_) => {
                let reason = "処理の台帳がありません。バックアップから戻してください（the ledger of runs is missing: restore a backup）";
                Err(Error::Corrupt(TABLE.name.into(), reason.into()))
            }
        }
    }
}

impl Store {
    /// Every run, those that are no longer visible too, in order of their end.
    pub fn runs(&self) -> Result<Vec<RunRow>> {
        self.runtime.block_on(ledger::read_all(self))
    }

    /// A new id: the day, a number that counts up, and a few digits so that it is never used twice. The letter keeps it
    /// apart from ids of imports.
    pub fn new_run_id(&self) -> Result<String> {
        let day = Moment::now().day().map(|d| format!("{}{:02}", d.year_month().compact(), d.day_of_month()));
        let count = self.runs()?.len();
        Ok(format!("R{}-{:03}-{}", day.unwrap_or_default(), count + 1, ledger::unique_digits()))
    }

    /// Writes the row of a run that has no rows of its own in any table.
    pub fn record_run(&self, lock: &WriteLock, row: RunRow) -> Result<RunRow> {
        RunWriter::new(self, lock, row)?.commit()
    }
}

/// Whether an id is of a run (or of an import).
pub(crate) fn is_run_id(id: &str) -> bool {
    id.starts_with('R')
}

/// A run under way. Nothing of it is visible before [`RunWriter::commit`].
pub struct RunWriter<'s> {
    store: &'s Store,
    lock: &'s WriteLock,
    row: RunRow,
    /// by table, those without rows too
    added: BTreeMap<&'static str, (&'static Table, Vec<DataFile>)>,
}

impl<'s> RunWriter<'s> {
    pub fn new(store: &'s Store, lock: &'s WriteLock, row: RunRow) -> Result<Self> {
        if let Some(owner) = &row.owner {
            check_owner(owner)?;
        }
        // before any table of runs, so that those without this one are damage and nothing else
        store.runtime.block_on(store.open_or_create_table(&TABLE))?;
        Ok(Self { store, lock, row, added: BTreeMap::new() })
    }

    /// Writes rows of a table as one data file, or none where there are none.
    pub fn write(&mut self, piece: u64, columns: &Columns) -> Result<()> {
        self.write_encoded(piece, &Encoded::of(columns)?)
    }

    /// The same with rows that are bytes already.
    pub(crate) fn write_encoded(&mut self, piece: u64, rows: &Encoded) -> Result<()> {
        let table = rows.table();
        let partition = table.partitions.iter().map(|p| self.partition(p).map(|v| ((*p).to_owned(), Some(v))));
        let partition: Vec<(String, Option<String>)> = partition.collect::<Result<_>>()?;
        let files = &mut self.added.entry(table.name).or_insert((table, Vec::new())).1;
        if !rows.is_empty() {
            files.push(self.store.put_rows(rows, &names::prefix(0, piece), partition)?);
        }
        Ok(())
    }

    fn partition(&self, column: &str) -> Result<String> {
        match column {
            "run_id" => Ok(self.row.run_id.clone()),
            "owner" => self.row.owner.clone().ok_or_else(|| Error::BadOwner(String::new())),
            _ => unreachable!("tables of runs are partitioned by owner and run"),
        }
    }

    pub(crate) fn row_mut(&mut self) -> &mut RunRow {
        &mut self.row
    }

    /// Adds the files to every table, and last the row that makes them visible.
    pub fn commit(mut self) -> Result<RunRow> {
        self.add()?;
        self.switch()
    }

    pub(crate) fn add(&mut self) -> Result<()> {
        let added = std::mem::take(&mut self.added);
        self.store.add_files(added.into_values().collect())
    }

    pub(crate) fn switch(mut self) -> Result<RunRow> {
        self.row.finished_at = ledger::now();
        let row = self.row;
        self.store.runtime.block_on(ledger::change(self.store, self.lock, |rows: &mut Vec<RunRow>| {
            if row.is_visible() {
                rows.iter_mut()
                    .filter(|r| r.is_visible() && row.replaces(r))
                    .for_each(|r| r.status = RunStatus::Superseded);
            }
            ledger::put(rows, row.clone());
            Ok(())
        }))?;
        Ok(row)
    }
}

/// Owners are part of names of folders.
fn check_owner(owner: &str) -> Result<()> {
    let digits = !owner.is_empty() && owner.len() <= 8 && owner.bytes().all(|b| b.is_ascii_digit());
    if digits { Ok(()) } else { Err(Error::BadOwner(owner.to_owned())) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::testing::Place;

    fn run(place: &Place, kind: RunKind) -> RunRow {
        let mut row = RunRow::new(place.store.new_run_id().unwrap(), kind);
        row.exam_month_from = Some("2026-09".into());
        row.user = Some("tester".into());
        row.counts = serde_json::json!({"opened": 1, "closed": 2});
        row
    }

    #[test]
    fn codes_are_read_as_they_are_written() {
        for code in ["registry_load", "recheck", "benefit", "ledger_load", "report", "masters", "purge"] {
            assert_eq!(RunKind::from_code(code).map(RunKind::code), Some(code));
        }
        for code in ["visible", "superseded", "withdrawn"] {
            assert_eq!(RunStatus::from_code(code).map(RunStatus::code), Some(code));
        }
        assert_eq!(RunKind::from_code("other"), None);
    }

    #[test]
    fn rows_come_back_in_order_with_ids_of_their_own() {
        let place = Place::new();
        assert_eq!(place.store.runs().unwrap(), []);
        let mut written = Vec::new();
        for kind in [RunKind::Recheck, RunKind::Recheck, RunKind::Masters] {
            written.push(place.store.record_run(&place.lock, run(&place, kind)).unwrap());
        }
        assert_eq!(place.store.runs().unwrap(), written, "no kind but the registry load replaces another");
        let ids: HashSet<&str> = written.iter().map(|r| r.run_id.as_str()).collect();
        assert_eq!(ids.len(), 3);
        assert!(ids.iter().all(|id| is_run_id(id)));
        assert!(!is_run_id(&place.store.new_import_id(crate::testing::month()).unwrap()));
        assert_eq!(
            place.sql("SELECT run_id, kind, status, exam_month_from, counts FROM runs ORDER BY finished_at LIMIT 1"),
            [format!("{},recheck,visible,2026-09,{}", written[0].run_id, written[0].counts)]
        );
        let place = place.reopen();
        assert!(place.store.clean_up(&place.lock).unwrap().is_empty());
        assert_eq!(place.store.runs().unwrap(), written);
    }

    #[test]
    fn owners_are_numbers() {
        let place = Place::new();
        for owner in ["", "..", "13/8941", "138941 ", "１３８９４１", "123456789"] {
            let mut row = run(&place, RunKind::RegistryLoad);
            row.owner = Some(owner.into());
            assert!(matches!(RunWriter::new(&place.store, &place.lock, row), Err(Error::BadOwner(_))), "{owner}");
        }
    }
}
