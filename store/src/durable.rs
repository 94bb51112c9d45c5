//! A local object store whose writes are on the disk when they return.
//!
//! `object_store`'s own local store links a new file into place without syncing it, so that a log entry could
//! be empty after a power loss. Here bytes are written and synced under a temporary name, then linked (a
//! new log entry: fails if it exists) or renamed into place, then the folder is synced.

use std::{
    fmt, fs, io,
    io::Write as _,
    ops::Range,
    path::{Path as FsPath, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, local::LocalFileSystem, path::Path,
};

/// Sync a folder so that names in it survive a power loss. Not every system can; there it is not needed.
pub fn sync_folder(folder: &FsPath) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Writes a whole file durably under a name that must not exist (`create`) or may.
pub fn write_file(path: &FsPath, parts: &[Bytes], create: bool) -> io::Result<()> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let unique = format!(".{}-{}.tmp", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    let temporary = folder.join(unique);
    let written = (|| {
        let mut file = fs::File::create_new(&temporary)?;
        parts.iter().try_for_each(|p| file.write_all(p))?;
        file.sync_all()?;
        if create { fs::hard_link(&temporary, path) } else { fs::rename(&temporary, path) }
    })();
    if create || written.is_err() {
        // the name it was written under is not needed any more; a leftover is removed by the next clean-up
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(folder)
}

/// Writes a new file whose bytes are on the disk when this returns. Its name is not before [`sync_folder`]: for
/// many files of which none counts before all do.
pub fn write_data(path: &FsPath, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

#[derive(Debug)]
pub struct DurableLocal {
    inner: LocalFileSystem,
}

impl DurableLocal {
    pub fn new() -> Self {
        Self { inner: LocalFileSystem::new() }
    }

    fn file(&self, location: &Path) -> Result<PathBuf> {
        self.inner.path_to_filesystem(location)
    }
}

impl fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DurableLocal({})", self.inner)
    }
}

fn store_error(location: &Path, e: io::Error) -> object_store::Error {
    match e.kind() {
        io::ErrorKind::AlreadyExists => {
            object_store::Error::AlreadyExists { path: location.to_string(), source: Box::new(e) }
        }
        _ => object_store::Error::Generic { store: "DurableLocal", source: Box::new(e) },
    }
}

#[async_trait]
impl ObjectStore for DurableLocal {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let create = match options.mode {
            PutMode::Create => true,
            PutMode::Overwrite => false,
            PutMode::Update(_) => return self.inner.put_opts(location, payload, options).await,
        };
        let path = self.file(location)?;
        let parts: Vec<Bytes> = payload.into_iter().collect();
        tokio::task::spawn_blocking(move || write_file(&path, &parts, create))
            .await
            .map_err(|e| object_store::Error::Generic { store: "DurableLocal", source: Box::new(e) })?
            .map_err(|e| store_error(location, e))?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
