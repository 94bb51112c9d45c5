//! The store on disk: its folders, its lock, its tables, and what a crash left.

use std::{
    collections::{BTreeSet, HashSet},
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::future::try_join_all;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use serde::{Deserialize, Serialize};
use tenken_tables::{self as tables, schema::Table};
use tokio::runtime::Runtime;
use url::Url;

use crate::{
    delta::{self, Opened},
    durable::{self, DurableLocal},
    error::{Error, Result},
    imports::{self, ImportRow},
    originals, runs,
    visible::{Ledgers, Rule, folders, without},
};

/// Held while a command writes.
const LOCK: &str = "lock";
/// Files while they are being made.
const TEMPORARY: &str = "tmp";

/// Format version of `store.json` that this release writes, and the newest that it reads.
pub const FORMAT_VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct StoreFile {
    format_version: u32,
    created_by: String,
}

/// A store in a local folder.
pub struct Store {
    root: PathBuf,
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) runtime: Runtime,
}

/// Held by the one command that writes. Released when dropped, or when the process ends however it ends.
#[derive(Debug)]
pub struct WriteLock {
    _file: File,
}

impl WriteLock {
    /// Undoes [`Store::reserve`] where no store was made: what was unpacked, the lock, the folder if it is
    /// empty then.
    pub fn give_back(self, root: &Path) {
        if !root.join("store.json").exists() {
            // what cannot be removed is removed by the first import that succeeds
            let _ = fs::remove_dir_all(root.join(TEMPORARY));
            let _ = fs::remove_file(root.join(LOCK));
            let _ = fs::remove_dir(root);
        }
    }
}

/// What the clean-up after a crash removed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Leftovers {
    /// imports that never became visible
    pub imports: Vec<String>,
    /// registry loads and other runs that never did
    pub runs: Vec<String>,
    /// generations that were never switched to: `import/generation`
    pub generations: Vec<String>,
    pub files: usize,
    /// files that a newer generation has replaced: removed too, but no crash left them
    pub superseded: usize,
}

impl Leftovers {
    /// Nothing was left by a crash.
    pub fn is_empty(&self) -> bool {
        self.files == 0 && self.imports.is_empty() && self.runs.is_empty() && self.generations.is_empty()
    }

    /// Imports, runs and generations by name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.imports, &self.runs, &self.generations].into_iter().flatten().map(String::as_str)
    }
}

impl Store {
    /// Opens the store in a folder.
    ///
    /// # Errors
    /// [`Error::NotAStore`] without `store.json`; [`Error::NewerFormat`] when a newer release made it.
    pub fn open(root: &Path) -> Result<Self> {
        refuse_url(root)?;
        let path = root.join("store.json");
        let text = match fs::read_to_string(&path) {
            Ok(t) => t,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(Error::NotAStore { path: root.into() }),
            Err(e) => return Err(Error::io(path)(e)),
        };
        let file: StoreFile =
            serde_json::from_str(&text).map_err(|e| Error::Corrupt("store.json".into(), e.to_string()))?;
        if file.format_version > FORMAT_VERSION {
            return Err(Error::NewerFormat { found: file.format_version, known: FORMAT_VERSION });
        }
        Self::at(root)
    }

    fn at(root: &Path) -> Result<Self> {
        let root = absolute(root)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::io(&root))?;
        Ok(Self { root, objects: Arc::new(DurableLocal::new()), runtime })
    }

    /// Opens the store, making an empty one where nothing is yet.
    pub fn open_or_create(root: &Path) -> Result<Self> {
        refuse_url(root)?;
        if !root.join("store.json").exists() {
            refuse_foreign(root)?;
            fs::create_dir_all(root).map_err(Error::io(root))?;
            // The ledgers are there from the beginning: where one is missing later, nothing is taken for a leftover.
            let store = Self::at(root)?;
            for ledger in [&tables::imports::TABLE, &tables::runs::TABLE] {
                store.runtime.block_on(store.open_or_create_table(ledger))?;
            }
            let file = StoreFile {
                format_version: FORMAT_VERSION,
                created_by: format!("tenken {}", env!("CARGO_PKG_VERSION")),
            };
            let text = serde_json::to_vec_pretty(&file).unwrap_or_default();
            let path = root.join("store.json");
            match durable::write_file(&path, &[text.into()], true) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                written => written.map_err(Error::io(path))?,
            }
        }
        Self::open(root)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn format_version(&self) -> u32 {
        FORMAT_VERSION
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn originals(&self) -> PathBuf {
        self.folder("originals")
    }

    /// Where files lie while they are being made; emptied by the clean-up.
    pub fn temporary(&self) -> PathBuf {
        Self::temporary_in(&self.root)
    }

    /// The same for a folder that is no store yet.
    pub fn temporary_in(root: &Path) -> PathBuf {
        root.join(TEMPORARY)
    }

    pub(crate) fn table_folder(&self, table: &Table) -> PathBuf {
        self.root.join("tables").join(table.name)
    }

    fn table_url(&self, table: &Table) -> Result<Url> {
        let folder = self.table_folder(table);
        Url::from_directory_path(&folder).map_err(|()| Error::UnsupportedLocation(folder.display().to_string()))
    }

    /// Waits for the right to write; `on_wait` is told when another command holds it.
    pub fn lock(&self, on_wait: impl FnOnce()) -> Result<WriteLock> {
        lock(&self.root, on_wait)
    }

    /// Takes the lock of a store that is still to be made, making its folder if need be. Nothing else is
    /// written: [`WriteLock::give_back`] leaves the folder as it was.
    ///
    /// # Errors
    /// [`Error::NotAStore`] when the folder holds other things.
    pub fn reserve(root: &Path, on_wait: impl FnOnce()) -> Result<WriteLock> {
        refuse_url(root)?;
        refuse_foreign(root)?;
        fs::create_dir_all(root).map_err(Error::io(root))?;
        lock(root, on_wait)
    }

    pub(crate) async fn open_table(&self, table: &'static Table) -> Result<Option<Opened>> {
        if !self.table_folder(table).exists() {
            return Ok(None);
        }
        delta::open(&self.objects, &self.table_url(table)?, table).await
    }

    pub(crate) async fn open_or_create_table(&self, table: &'static Table) -> Result<Opened> {
        let folder = self.table_folder(table);
        fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        delta::open_or_create(&self.objects, &self.table_url(table)?, table).await
    }

    /// Place of a data file in the object store.
    pub(crate) fn object_path(&self, table: &Table, file: &str) -> Result<object_store::path::Path> {
        let path = self.table_folder(table).join(file);
        object_store::path::Path::from_absolute_path(&path)
            .map_err(|_| Error::UnsupportedLocation(path.display().to_string()))
    }

    /// Writes a data file; when this returns it is on the disk. The first 16 hex digits of its BLAKE3 hash
    /// are its name, so that `verify` can tell damage.
    pub(crate) async fn put(
        &self,
        table: &'static Table,
        folder: &str,
        prefix: &str,
        bytes: Vec<u8>,
    ) -> Result<String> {
        let hash = data_hash(&bytes);
        let path = format!("{folder}{prefix}-{hash}.parquet");
        let location = self.object_path(table, &path)?;
        self.objects
            .put(&location, PutPayload::from(bytes))
            .await
            .map_err(|e| Error::io(location.to_string())(io::Error::other(e)))?;
        Ok(path)
    }

    /// The same for one of many: [`Store::sync_folders`] must follow before anything counts on it.
    pub(crate) fn put_data(&self, table: &Table, folder: &str, prefix: &str, bytes: &[u8]) -> Result<String> {
        let path = format!("{folder}{prefix}-{}.parquet", data_hash(bytes));
        let location = self.table_folder(table).join(&path);
        durable::write_data(&location, bytes).map_err(Error::io(&location))?;
        Ok(path)
    }

    /// Makes the names of new files in some folders, and of folders that came with them, last.
    pub(crate) fn sync_folders(&self, folders: impl IntoIterator<Item = PathBuf>) -> Result<()> {
        let all: HashSet<PathBuf> = folders
            .into_iter()
            .flat_map(|f| {
                f.ancestors().take_while(|a| a.starts_with(&self.root)).map(Path::to_owned).collect::<Vec<_>>()
            })
            .collect();
        all.iter().try_for_each(|f| durable::sync_folder(f).map_err(Error::io(f)))
    }

    pub(crate) async fn get(&self, table: &'static Table, file: &str) -> Result<bytes::Bytes> {
        let location = self.object_path(table, file)?;
        let failed = |e| Error::io(location.to_string())(io::Error::other(e));
        let got = self.objects.get(&location).await.map_err(failed)?;
        got.bytes().await.map_err(|e| Error::io(location.to_string())(io::Error::other(e)))
    }

    /// Every import, the withdrawn ones too, in order of their coming.
    pub fn imports(&self) -> Result<Vec<ImportRow>> {
        self.runtime.block_on(imports::read_all(self))
    }

    /// Removes what commands that did not finish have left, and what newer generations have replaced. Only under the
    /// lock.
    pub fn clean_up(&self, _lock: &WriteLock) -> Result<Leftovers> {
        self.runtime.block_on(self.clean_up_async())
    }

    async fn clean_up_async(&self) -> Result<Leftovers> {
        let ledgers = Ledgers::read(self).await?;
        let mut found = Found::new(&ledgers);
        let of_ledgers = || tables::of_imports().chain(tables::of_runs());
        let mut kept_paths: HashSet<PathBuf> = HashSet::new();
        for mut opened in try_join_all(of_ledgers().map(|t| self.open_table(t))).await?.into_iter().flatten() {
            let files = opened.files()?;
            let kept = ledgers.kept(self, opened.table, files.clone())?;
            let stale = without(&files, &kept);
            stale.iter().for_each(|f| found.entry(f.id()));
            // what a re-check replaced and did not switch comes back
            opened.commit(&without(&kept, &files), &stale).await?;
            let folder = self.table_folder(opened.table);
            kept_paths.extend(kept.iter().map(|f| folder.join(&f.path)));
        }
        for table in of_ledgers() {
            for folder in folders(self, table)? {
                if !found.knows(&folder.id) {
                    found.unknown(&folder.id, folder.remove()?);
                } else if Rule::of(table).by_generation() && found.is_visible(&folder.id) {
                    for (path, generation) in folder.data_files()? {
                        if !kept_paths.contains(&path) {
                            found.file(&folder.id, generation);
                            fs::remove_file(&path).map_err(Error::io(path))?;
                        }
                    }
                }
            }
        }
        let mut left = found.left();
        let mut kept: HashSet<String> = HashSet::new();
        for f in crate::import::known_files(self, &ledgers.imports).await? {
            kept.insert(originals::file_name(&f.file_hash));
        }
        left.files += remove_all_but(&self.originals(), &kept)?;
        left.files += remove_all_but(&self.temporary(), &HashSet::new())?;
        Ok(left)
    }

    /// What a clean-up would remove, for `doctor`: names of imports and runs that are not in their ledgers, and of
    /// generations that were never switched to.
    pub fn leftovers(&self) -> Result<Vec<String>> {
        let ledgers = self.runtime.block_on(Ledgers::read(self))?;
        let mut found = Found::new(&ledgers);
        for table in tables::of_imports().chain(tables::of_runs()) {
            for folder in folders(self, table)? {
                if !found.knows(&folder.id) {
                    found.unknown(&folder.id, 0);
                } else if Rule::of(table).by_generation() && found.is_visible(&folder.id) {
                    folder.data_files()?.iter().for_each(|(_, generation)| found.file(&folder.id, *generation));
                }
            }
        }
        let left = found.left();
        Ok(left.names().map(str::to_owned).collect())
    }
}

/// What was found in tables and folders, and what of it is a leftover.
struct Found<'l> {
    ledgers: &'l Ledgers,
    unknown: BTreeSet<String>,
    generations: BTreeSet<(String, i32)>,
    files: usize,
    superseded: usize,
}

impl<'l> Found<'l> {
    fn new(ledgers: &'l Ledgers) -> Self {
        Self { ledgers, unknown: BTreeSet::new(), generations: BTreeSet::new(), files: 0, superseded: 0 }
    }

    fn knows(&self, id: &str) -> bool {
        self.ledgers.import(id).is_some() || self.ledgers.run(id).is_some()
    }

    fn is_visible(&self, id: &str) -> bool {
        self.ledgers.import(id).is_some_and(ImportRow::is_visible)
    }

    fn unknown(&mut self, id: &str, files: usize) {
        self.unknown.insert(id.to_owned());
        self.files += files;
    }

    /// An entry of a log that does not count (any more). Its file is counted where it is removed.
    fn entry(&mut self, id: &str) {
        if !self.knows(id) {
            self.unknown(id, 0);
        } else if !self.is_visible(id) {
            // withdrawn: the file stays
            self.files += 1;
        }
    }

    /// A file of a visible import that does not count (any more).
    fn file(&mut self, id: &str, generation: i32) {
        let visible = self.ledgers.import(id).map_or(0, |r| r.generation);
        if generation > visible {
            self.generations.insert((id.to_owned(), generation));
            self.files += 1;
        } else {
            self.superseded += 1;
        }
    }

    fn left(self) -> Leftovers {
        let (runs, imports) = self.unknown.into_iter().filter(|id| !id.is_empty()).partition(|id| runs::is_run_id(id));
        let generations = self.generations.iter().map(|(id, generation)| format!("{id}/{generation}")).collect();
        Leftovers { imports, runs, generations, files: self.files, superseded: self.superseded }
    }
}

/// The part of a data file's hash that its name carries.
pub(crate) fn data_hash(bytes: &[u8]) -> String {
    let mut hash = blake3::hash(bytes).to_hex().to_string();
    hash.truncate(16);
    hash
}

fn absolute(root: &Path) -> Result<PathBuf> {
    let root = std::path::absolute(root).map_err(Error::io(root))?;
    // `canonicalize` would give a `\\?\` path on Windows, which object stores do not take
    if cfg!(unix) { root.canonicalize().map_err(Error::io(root)) } else { Ok(root) }
}

fn lock(root: &Path, on_wait: impl FnOnce()) -> Result<WriteLock> {
    let path = root.join(LOCK);
    let failed = |e| Error::io(&path)(e);
    let mut on_wait = Some(on_wait);
    loop {
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                if let Some(tell) = on_wait.take() {
                    tell();
                }
                file.lock().map_err(failed)?;
            }
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        // the one that held it may have given the folder back: a lock on a removed file holds nothing
        if path.exists() {
            return Ok(WriteLock { _file: file });
        }
        fs::create_dir_all(root).map_err(Error::io(root))?;
    }
}

/// A folder with other things is never made a store. Where a lock lies, an import has begun before.
fn refuse_foreign(root: &Path) -> Result<()> {
    let names: Vec<String> =
        read_folder(root)?.iter().map(|p| p.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
    let begun = names.iter().any(|n| n == LOCK);
    let ours = |n: &String| {
        n == LOCK || n == "store.json" || (begun && (n == TEMPORARY || n == "tables" || n.starts_with('.')))
    };
    if names.iter().all(ours) { Ok(()) } else { Err(Error::NotAStore { path: root.into() }) }
}

fn refuse_url(root: &Path) -> Result<()> {
    match root.to_str() {
        Some(s) if s.contains("://") => Err(Error::UnsupportedLocation(s.to_owned())),
        _ => Ok(()),
    }
}

pub(crate) fn read_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|e| e.map(|e| e.path()).map_err(Error::io(folder))).collect(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::io(folder)(e)),
    }
}

fn remove_all_but(folder: &Path, kept: &HashSet<String>) -> Result<usize> {
    let mut removed = 0;
    for path in read_folder(folder)? {
        if path.file_name().and_then(|n| n.to_str()).is_some_and(|n| kept.contains(n)) {
            continue;
        }
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        gone.map_err(Error::io(&path))?;
        removed += 1;
    }
    Ok(removed)
}
