//! The file: opening, migrations, transactions.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Error, Result};

/// In order; each brings the file from the version before to its own.
const MIGRATIONS: [&str; 2] =
    [include_str!("../migrations/0001_third_party_cases.sql"), include_str!("../migrations/0002_desk.sql")];

/// Name of the file in a store (spec/tables.md 1), and where releases before had it.
const FILE: &str = "review.sqlite";
const FILE_BEFORE: &str = "review/review.sqlite3";

/// Pages of the file that each connection keeps in memory.
pub(crate) const CACHE_KIB: i64 = 16 * 1024;

/// The case database. Several processes may have it open: one writes at a time, readers never wait.
pub struct Database {
    connection: Connection,
}

impl Database {
    /// Where the file of a store is.
    pub fn path_of(store: &Path) -> PathBuf {
        store.join(FILE)
    }

    /// Whether a store has one.
    pub fn is_in(store: &Path) -> bool {
        Self::path_of(store).exists() || store.join(FILE_BEFORE).exists()
    }

    /// That of a store. A file of an earlier release is moved to its place.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn of_store(store: &Path) -> Result<Self> {
        let (path, before) = (Self::path_of(store), store.join(FILE_BEFORE));
        if !path.exists() && before.exists() {
            // what is still in its write-ahead log goes into the file first
            let old = Connection::open(&before)?;
            old.pragma_update(None, "journal_mode", "DELETE")?;
            drop(old);
            fs::rename(&before, &path).map_err(|error| Error::Io { path: before.display().to_string(), error })?;
        }
        Self::open(&path)
    }

    /// Opens the file, making it and its folder where there is none yet.
    ///
    /// # Errors
    /// [`Error::Newer`]; what opening a file can meet.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Error::Io { path: folder.display().to_string(), error })?;
        }
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(30))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(64);
        let mut database = Self { connection };
        database.migrate()?;
        Ok(database)
    }

    fn migrate(&mut self) -> Result<()> {
        let known = MIGRATIONS.len() as i64;
        let version = |c: &Connection| c.pragma_query_value(None, "user_version", |r| r.get::<_, i64>(0));
        if version(&self.connection)? == known {
            return Ok(());
        }
        // looked at again inside: another process may be at it
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        let found = version(&tx)?;
        if found > known {
            return Err(Error::Newer { found, known });
        }
        for sql in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
            tx.execute_batch(sql)?;
        }
        tx.pragma_update(None, "user_version", known)?;
        Ok(tx.commit()?)
    }

    /// A transaction that writes: it has the right to from its beginning, and leaves nothing when it is dropped.
    pub(crate) fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// One consistent state for several looks.
    pub(crate) fn read(&mut self) -> Result<Transaction<'_>> {
        Ok(self.connection.transaction()?)
    }

    /// How many pages are kept in memory, in KiB.
    pub(crate) fn set_cache(&self, kib: i64) -> Result<()> {
        Ok(self.connection.pragma_update(None, "cache_size", -kib)?)
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_newer_release_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("review/review.sqlite3");
        drop(Database::open(&path).unwrap());
        drop(Database::open(&path).unwrap());
        let raw = Connection::open(&path).unwrap();
        raw.pragma_update(None, "user_version", 99).unwrap();
        drop(raw);
        assert!(matches!(Database::open(&path), Err(Error::Newer { found: 99, known: 2 })));
    }

    #[test]
    fn a_file_without_tables_gets_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite3");
        drop(Connection::open(&path).unwrap());
        let mut database = Database::open(&path).unwrap();
        let n: i64 =
            database.read().unwrap().query_row("SELECT count(*) FROM third_party_cases", [], |r| r.get(0)).unwrap();
        assert_eq!(n, 0);
    }
}
