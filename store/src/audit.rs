//! The access log: every look at a person's data, in a chain of hashes, before it is shown.
//!
//! `S/audit/YYYY-MM.jsonl` hold one row a line and are only ever appended to; `head.json` notes the last row, so that a
//! cut end is seen and an append reads one line's worth; `lock` is held while a row is added. It is a lock of its own:
//! who reads never waits for an import.
//!
//! A row is on the disk before [`Log::append`] returns, `head.json` after it. So what a crash leaves behind `head.json` was
//! never shown: whole rows there are kept, an unfinished line is left as it is and named by the next row (a *seal*).
//! Where rows are missing, the chain goes on from `head.json` and [`Log::verify`] says forever which are gone.
//!
//! The chain has no secret: who may write the folder can write a new chain. What stands against that is an [`Anchor`]
//! noted elsewhere, on paper or in another system.

mod row;
mod scan;

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    str::FromStr,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use row::{ORIGIN, Row};
pub use scan::{Trouble, What};

use crate::{
    durable,
    error::{Error, Result},
    store::Store,
};
use scan::Scan;

/// Folder in the store.
const FOLDER: &str = "audit";
const LOCK: &str = "lock";
const HEAD: &str = "head.json";
const SUFFIX: &str = ".jsonl";
/// Characters of a text that are kept, so that no row is longer than a page.
const CHARS_MAX: usize = 1_000;
/// More than any row has: three such texts, each character six bytes in JSON.
const ROW_BYTES_MAX: u64 = 64 * 1024;

/// Where a look came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// a command
    #[default]
    Command,
    /// the reviewers' pages
    Review,
    /// programs that ask the reviewers' application
    Api,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Review => "review",
            Self::Api => "api",
        }
    }
}

/// A look at data of persons, to be logged with [`Store::log_look`] before anything is shown.
///
/// ```
/// use tenken_store::audit::Look;
/// let look = Look::new("registry show").target("0000012345").rows(7).persons(Some(1)).by(Some("yamada".into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a look counts when it is logged"]
pub struct Look {
    user: Option<String>,
    source: Source,
    address: String,
    action: String,
    target: String,
    rows: u64,
    persons: Option<u64>,
}

impl Look {
    /// `action` = the command in its own words.
    pub fn new(action: &str) -> Self {
        Self { action: action.to_owned(), ..Self::default() }
    }

    /// What was looked at: a claim id, a 宛名番号, a filter. Never a name of a person.
    pub fn target(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// Rows that are shown.
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows as u64;
        self
    }

    /// Distinct persons that are shown, where known.
    pub fn persons(mut self, persons: Option<usize>) -> Self {
        self.persons = persons.map(|n| n as u64);
        self
    }

    /// Who looks.
    pub fn by(mut self, user: Option<String>) -> Self {
        self.user = user.filter(|u| !u.is_empty());
        self
    }

    pub fn source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// The address that a look over the network came from.
    pub fn from(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// Where it came from, as the row says it.
    fn source_text(&self) -> String {
        format!("{} {}", self.source.name(), shortened(&self.address)).trim_end().to_owned()
    }

    fn row(&self, source: &str, seq: u64, at: Timestamp, previous: &str) -> Row {
        let mut row = Row {
            seq,
            // finer than a millisecond says nothing about a look
            at: Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at),
            user: self.user.as_deref().map(shortened),
            source: source.to_owned(),
            action: shortened(&self.action),
            target: shortened(&self.target),
            rows: self.rows,
            persons: self.persons,
            hash: String::new(),
        };
        row.hash = row.link(previous);
        row
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A row and its hash, `SEQ:HASH`: noted elsewhere, it shows that the log up to there is the same as then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub seq: u64,
    pub hash: String,
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Anchor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (seq, hash) = text.trim().split_once(':').ok_or(())?;
        let seq = seq.parse().map_err(|_| ())?;
        let hash = hash.to_ascii_lowercase();
        let whole = hash.len() == ORIGIN.len() && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if whole && seq > 0 { Ok(Self { seq, hash }) } else { Err(()) }
    }
}

/// The last row as it was when it was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    seq: u64,
    hash: String,
    /// where the row ends
    file: String,
    bytes: u64,
}

enum HeadFile {
    Known(Head),
    Missing,
    Unreadable,
}

impl HeadFile {
    fn known(&self) -> Option<&Head> {
        match self {
            Self::Known(h) => Some(h),
            Self::Missing | Self::Unreadable => None,
        }
    }
}

/// What is in the log, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// months
    pub files: usize,
    /// rows, counting those that are missing
    pub rows: u64,
    /// the last row, to be noted elsewhere
    pub anchor: Option<Anchor>,
    pub last_at: Option<Timestamp>,
    /// unfinished lines of crashes, each named by the row behind it
    pub sealed: u64,
    pub trouble: Vec<Trouble>,
}

impl Verified {
    pub fn is_damaged(&self) -> bool {
        self.trouble.iter().any(|t| t.what.is_damage())
    }

    fn of(scan: Scan<'_>, files: usize) -> Self {
        Self {
            files,
            rows: scan.seq,
            anchor: (scan.seq > 0).then_some(Anchor { seq: scan.seq, hash: scan.hash }),
            last_at: scan.last.map(|r| r.at),
            sealed: scan.sealed,
            trouble: scan.trouble,
        }
    }
}

/// What was in the folder at one moment. What is appended later is behind the lengths noted here.
struct Snapshot {
    head: HeadFile,
    /// names and lengths, oldest first
    files: Vec<(String, u64)>,
}

impl Snapshot {
    /// Length of a file, 0 where it is not.
    fn bytes(&self, file: &str) -> u64 {
        self.files.iter().find(|f| f.0 == file).map_or(0, |f| f.1)
    }
}

/// The access log of a store.
pub struct Log {
    folder: PathBuf,
}

impl Store {
    /// Logs a look; when this returns it is on the disk, and what was looked at may be shown.
    ///
    /// # Errors
    /// [`Error::Audit`]: nothing may be shown.
    pub fn log_look(&self, look: &Look) -> Result<Row> {
        self.access_log().append(look)
    }

    pub fn access_log(&self) -> Log {
        Log { folder: self.folder(FOLDER) }
    }
}

impl Log {
    fn append(&self, look: &Look) -> Result<Row> {
        self.append_at(look, Timestamp::now())
    }

    fn append_at(&self, look: &Look, now: Timestamp) -> Result<Row> {
        self.locked_append(look, now).map_err(|e| match e {
            Error::Io { path, source } => Error::Audit { path, source },
            other => other,
        })
    }

    fn locked_append(&self, look: &Look, now: Timestamp) -> Result<Row> {
        fs::create_dir_all(&self.folder).map_err(Error::audit(&self.folder))?;
        let lock_path = self.folder.join(LOCK);
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(Error::audit(&lock_path))?;
        lock.lock().map_err(Error::audit(&lock_path))?;

        let mut snapshot = self.snapshot()?;
        if snapshot.files.is_empty() && matches!(snapshot.head, HeadFile::Missing) {
            // from here on a log without it has lost it
            let head = Head { seq: 0, hash: ORIGIN.into(), file: String::new(), bytes: 0 };
            self.write_head(&head)?;
            snapshot.head = HeadFile::Known(head);
        }
        let mut scan = self.tail(&snapshot)?;
        let lost = snapshot.head.known().is_none();
        let (mut seq, mut hash) = (scan.seq, scan.hash);
        let newest = snapshot.files.last().map_or("", |f| f.0.as_str());
        let mut next = |look: &Look, source: &str| {
            let row = look.row(source, seq + 1, now, &hash);
            seq = row.seq;
            hash.clone_from(&row.hash);
            row
        };

        // what the log says about itself belongs to the file that it speaks of
        let mut about = String::new();
        if let Some(pending) = &mut scan.pending {
            about.push_str(pending.close());
            about.push_str(&next(&Look::new(row::SEAL).target(&pending.seal()), row::LOG).line());
        } else if !self.ends_a_line(newest, snapshot.bytes(newest))? {
            // the end of the last row was cut off
            about.push('\n');
        }
        if lost {
            about.push_str(&next(&Look::new(row::HEAD_LOST).target(HEAD), row::LOG).line());
        }
        let row = next(look, &look.source_text());
        // the clock may have been set back: the order of the files is that of the rows
        let month = row::japan(now).strftime("%Y-%m").to_string() + SUFFIX;
        let file = if month.as_str() > newest { month } else { newest.to_owned() };
        let mut end = snapshot.bytes(&file);
        if file == newest {
            end += self.write(&file, &(about + &row.line()), false)?;
        } else {
            if !about.is_empty() {
                self.write(newest, &about, false)?;
            }
            end += self.write(&file, &row.line(), true)?;
        }
        self.write_head(&Head { seq: row.seq, hash: row.hash.clone(), file, bytes: end })?;
        Ok(row)
    }

    /// Adds to a file; when this returns it is on the disk.
    fn write(&self, file: &str, text: &str, new: bool) -> Result<u64> {
        let path = self.folder.join(file);
        let written = (|| {
            let mut f = File::options().create(true).append(true).open(&path)?;
            f.write_all(text.as_bytes())?;
            f.sync_data()?;
            if new { durable::sync_folder(&self.folder) } else { Ok(()) }
        })();
        written.map_err(Error::audit(&path))?;
        Ok(text.len() as u64)
    }

    /// An older head after a power loss is whole, and the rows behind it are read again: its name need not be synced.
    fn write_head(&self, head: &Head) -> Result<()> {
        let (path, temporary) = (self.folder.join(HEAD), self.folder.join("head.tmp"));
        let text = serde_json::to_vec(head).unwrap_or_default();
        let written = durable::write_data(&temporary, &text).and_then(|()| fs::rename(&temporary, &path));
        written.map_err(Error::audit(&path))
    }

    /// Whether a file's first `bytes` bytes end with a line end, or are none.
    fn ends_a_line(&self, file: &str, bytes: u64) -> Result<bool> {
        let path = self.folder.join(file);
        let read = || {
            let Some(before) = bytes.checked_sub(1) else { return Ok(true) };
            let mut f = File::open(&path)?;
            f.seek(SeekFrom::Start(before))?;
            let mut last = [0];
            f.read_exact(&mut last)?;
            Ok(last == [b'\n'])
        };
        read().map_err(Error::io(&path))
    }

    fn read_head(&self) -> Result<HeadFile> {
        let path = self.folder.join(HEAD);
        match fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_or(HeadFile::Unreadable, HeadFile::Known)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(HeadFile::Missing),
            Err(e) => Err(Error::io(path)(e)),
        }
    }

    /// Under the lock.
    fn snapshot(&self) -> Result<Snapshot> {
        let head = self.read_head()?;
        let mut files = Vec::new();
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Snapshot { head, files }),
            Err(e) => return Err(Error::io(&self.folder)(e)),
        };
        for entry in entries {
            let entry = entry.map_err(Error::io(&self.folder))?;
            if let Some(name) = entry.file_name().to_str().filter(|n| is_month(n)) {
                // of the file itself: a folder's listing may be behind on some systems
                let bytes = fs::metadata(entry.path()).map_err(Error::io(entry.path()))?.len();
                files.push((name.to_owned(), bytes));
            }
        }
        files.sort();
        Ok(Snapshot { head, files })
    }

    /// The same for a reader, who waits at most for one row.
    fn shared_snapshot(&self) -> Result<Snapshot> {
        let path = self.folder.join(LOCK);
        let lock = match File::open(&path) {
            Ok(lock) => Some(lock),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(Error::io(path)(e)),
        };
        if let Some(lock) = &lock {
            lock.lock_shared().map_err(Error::io(&path))?;
        }
        self.snapshot()
    }

    /// Reads what lies behind `head.json`, all where it is not known.
    fn tail<'s>(&self, snapshot: &'s Snapshot) -> Result<Scan<'s>> {
        let from = snapshot.head.known();
        let mut scan = from.map_or_else(Scan::new, |h| Scan::after(h.seq, &h.hash));
        for (name, bytes) in &snapshot.files {
            let start = match from {
                Some(h) if *name < h.file => continue,
                Some(h) if *name == h.file => h.bytes.min(*bytes),
                _ => 0,
            };
            self.scan(&mut scan, name, (start, *bytes), None, &mut |_| {})?;
        }
        Ok(scan)
    }

    fn scan(
        &self,
        scan: &mut Scan<'_>,
        name: &str,
        range: (u64, u64),
        line: Option<u64>,
        each: &mut dyn FnMut(&Row),
    ) -> Result<()> {
        scan.file(&self.folder, name, range, line, each).map_err(Error::io(self.folder.join(name)))
    }

    /// Reads the whole log: every row that can be read goes to `each`, in the order of the files.
    ///
    /// # Errors
    /// Only when files cannot be read; damage is in what is returned.
    pub fn read(&self, anchor: Option<&Anchor>, each: &mut dyn FnMut(&Row)) -> Result<Verified> {
        let snapshot = self.shared_snapshot()?;
        let mut scan = Scan::new();
        if let Some(head) = snapshot.head.known() {
            scan.expect_head(head);
        }
        if let Some(anchor) = anchor {
            scan.expect_anchor(anchor);
        }
        for (name, bytes) in &snapshot.files {
            self.scan(&mut scan, name, (0, *bytes), Some(1), each)?;
        }
        scan.finish(&snapshot.head);
        Ok(Verified::of(scan, snapshot.files.len()))
    }

    /// Whether every row is as it was written, and none is missing.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub fn verify(&self, anchor: Option<&Anchor>) -> Result<Verified> {
        self.read(anchor, &mut |_| {})
    }

    /// A quick look at the end alone, for `doctor`.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub fn state(&self) -> Result<Verified> {
        let snapshot = self.shared_snapshot()?;
        let mut scan = self.tail(&snapshot)?;
        scan.finish(&snapshot.head);
        let mut state = Verified::of(scan, snapshot.files.len());
        if let Some(h) = snapshot.head.known().filter(|h| h.seq > 0) {
            let row = self.row_before(h, snapshot.bytes(&h.file))?;
            let what = match &row {
                Some(row) if row.seq == h.seq && row.hash == h.hash => None,
                Some(_) => Some(What::HeadDiffers { seq: h.seq }),
                None => Some(What::Missing { from: h.seq, to: h.seq }),
            };
            state.last_at = state.last_at.or(row.map(|r| r.at));
            state.trouble.extend(what.map(|what| Trouble { file: h.file.clone(), line: None, range: None, what }));
        }
        Ok(state)
    }

    /// The row that `head.json` speaks of, where it is still there.
    fn row_before(&self, head: &Head, bytes: u64) -> Result<Option<Row>> {
        if head.bytes > bytes {
            return Ok(None);
        }
        let path = self.folder.join(&head.file);
        let read = || {
            let start = head.bytes.saturating_sub(ROW_BYTES_MAX);
            let mut f = File::open(&path)?;
            f.seek(SeekFrom::Start(start))?;
            let mut text = Vec::new();
            f.take(head.bytes - start).read_to_end(&mut text)?;
            let line = text.strip_suffix(b"\n").and_then(|t| t.rsplit(|b| *b == b'\n').next());
            Ok(line.and_then(Row::parse))
        };
        read().map_err(Error::io(&path))
    }
}

/// `YYYY-MM.jsonl`
fn is_month(name: &str) -> bool {
    name.strip_suffix(SUFFIX).is_some_and(|n| tenken_parser::Month::parse_iso(n).is_some())
}

#[cfg(test)]
mod tests;
