//! Original bytes: `originals/<file hash>.orig`, blocks of zstd addressed by their place in the source file.
//!
//! The file is: magic, blocks in the order in which they were finished, index, length of the index, magic.
//! An index entry says where a block lies in the source, where here, and the first eight bytes of a BLAKE3 hash,
//! so that damage is found and named by byte range. The magic names the edition: in the first a block is the
//! bytes compressed and the hash is of the bytes; in the second they are squeezed first ([`crate::squeeze`]) and the
//! hash is of the block as stored, which is a tenth to be hashed.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use crate::{
    error::{Error, Result},
    squeeze::{squeeze, stretch},
    store::Store,
};

const MAGIC: &[u8; 8] = b"TENKENO2";
/// The first edition; still read.
const MAGIC_1: &[u8; 8] = b"TENKENO1";
/// Original bytes in one block.
const BLOCK: usize = 1 << 20;
const LEVEL: i32 = 1;
const ENTRY: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    start: u64,
    len: u32,
    stored_len: u32,
    stored_at: u64,
    check: [u8; 8],
}

impl Entry {
    fn to_bytes(self) -> [u8; ENTRY] {
        let mut b = [0; ENTRY];
        b[..8].copy_from_slice(&self.start.to_le_bytes());
        b[8..12].copy_from_slice(&self.len.to_le_bytes());
        b[12..16].copy_from_slice(&self.stored_len.to_le_bytes());
        b[16..24].copy_from_slice(&self.stored_at.to_le_bytes());
        b[24..].copy_from_slice(&self.check);
        b
    }

    fn from_bytes(b: &[u8]) -> Option<Self> {
        Some(Self {
            start: u64::from_le_bytes(b.get(..8)?.try_into().ok()?),
            len: u32::from_le_bytes(b.get(8..12)?.try_into().ok()?),
            stored_len: u32::from_le_bytes(b.get(12..16)?.try_into().ok()?),
            stored_at: u64::from_le_bytes(b.get(16..24)?.try_into().ok()?),
            check: b.get(24..32)?.try_into().ok()?,
        })
    }
}

fn check_of(bytes: &[u8]) -> [u8; 8] {
    let mut check = [0; 8];
    check.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    check
}

/// Name of the file that keeps the original with this hash.
pub fn file_name(file_hash: &str) -> String {
    format!("{file_hash}.orig")
}

/// Blocks of one range of a source file, compressed. Made by any worker, in any order.
pub struct Packed {
    blocks: Vec<(Entry, Vec<u8>)>,
}

/// Compresses the bytes that begin at `start` of their file.
pub fn pack(start: u64, bytes: &[u8]) -> io::Result<Packed> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    let mut squeezed = Vec::new();
    let blocks = bytes
        .chunks(BLOCK)
        .enumerate()
        .map(|(i, chunk)| {
            squeezed.clear();
            squeeze(chunk, &mut squeezed);
            let stored = compressor.compress(&squeezed)?;
            let entry = Entry {
                start: start + (i * BLOCK) as u64,
                len: chunk.len() as u32,
                stored_len: stored.len() as u32,
                stored_at: 0,
                check: check_of(&stored),
            };
            Ok((entry, stored))
        })
        .collect::<io::Result<_>>()?;
    Ok(Packed { blocks })
}

/// Writes one original. Blocks may come from several threads. The file is open only while something is written:
/// an import may have thousands of them.
pub struct OriginalWriter {
    temporary: PathBuf,
    target: PathBuf,
    /// bytes written, and what they are
    state: Mutex<(u64, Vec<Entry>)>,
}

impl OriginalWriter {
    pub fn create(store: &Store, file_hash: &str) -> Result<Self> {
        let temporary = store.temporary().join(file_name(file_hash));
        let folder = store.temporary();
        fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        fs::write(&temporary, MAGIC).map_err(Error::io(&temporary))?;
        Ok(Self {
            temporary,
            target: store.originals().join(file_name(file_hash)),
            state: Mutex::new((MAGIC.len() as u64, Vec::new())),
        })
    }

    fn append(&self) -> io::Result<File> {
        File::options().append(true).open(&self.temporary)
    }

    pub fn write(&self, packed: Packed) -> Result<()> {
        let mut guard = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (at, entries) = &mut *guard;
        let mut file = self.append().map_err(Error::io(&self.temporary))?;
        for (mut entry, stored) in packed.blocks {
            entry.stored_at = *at;
            file.write_all(&stored).map_err(Error::io(&self.temporary))?;
            *at += stored.len() as u64;
            entries.push(entry);
        }
        Ok(())
    }

    /// Writes the index and puts the file into its place. Its bytes are on the disk when this returns; its name is
    /// when the import is committed.
    pub fn finish(self) -> Result<()> {
        let written = (|| {
            let mut file = self.append()?;
            let mut entries = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner).1.clone();
            entries.sort_by_key(|e| e.start);
            let mut end: Vec<u8> = entries.iter().flat_map(|e| e.to_bytes()).collect();
            end.extend_from_slice(&(end.len() as u64).to_le_bytes());
            end.extend_from_slice(MAGIC);
            file.write_all(&end)?;
            file.sync_data()?;
            drop(file);
            let folder = self.target.parent().ok_or(io::ErrorKind::InvalidInput)?;
            fs::create_dir_all(folder)?;
            fs::rename(&self.temporary, &self.target)
        })();
        written.map_err(Error::io(&self.target))
    }
}

/// A kept original, open for reading.
pub struct Original {
    name: String,
    file: File,
    entries: Vec<Entry>,
    squeezed: bool,
}

impl Original {
    pub fn open(store: &Store, file_hash: &str) -> Result<Self> {
        Self::open_path(&store.originals().join(file_name(file_hash)))
    }

    fn open_path(path: &Path) -> Result<Self> {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let damaged = |reason: &str| Error::Original { file: name.clone(), reason: reason.to_owned() };
        let mut file = File::open(path).map_err(Error::io(path))?;
        let len = file.metadata().map_err(Error::io(path))?.len();
        let tail = 8 + MAGIC.len() as u64;
        if len < tail + MAGIC.len() as u64 {
            return Err(damaged("短すぎます"));
        }
        let mut end = [0; 16];
        file.seek(SeekFrom::Start(len - tail)).map_err(Error::io(path))?;
        file.read_exact(&mut end).map_err(Error::io(path))?;
        let (index_len, magic) = end.split_at(8);
        let index_len = u64::from_le_bytes(index_len.try_into().unwrap_or_default());
        let squeezed = magic == MAGIC;
        if !(squeezed || magic == MAGIC_1) || index_len % ENTRY as u64 != 0 || index_len > len - tail {
            return Err(damaged("末尾の索引がありません"));
        }
        let mut index = vec![0; index_len as usize];
        file.seek(SeekFrom::Start(len - tail - index_len)).map_err(Error::io(path))?;
        file.read_exact(&mut index).map_err(Error::io(path))?;
        let entries = index.chunks_exact(ENTRY).filter_map(Entry::from_bytes).collect();
        Ok(Self { name, file, entries, squeezed })
    }

    /// Bytes of the source file.
    pub fn len(&self) -> u64 {
        self.entries.last().map_or(0, |e| e.start + u64::from(e.len))
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn block(&mut self, entry: Entry) -> Result<Vec<u8>> {
        let name = self.name.clone();
        let damaged = |reason: &str| Error::Original {
            file: name.clone(),
            reason: format!("バイト {}〜{}: {reason}", entry.start, entry.start + u64::from(entry.len)),
        };
        let mut stored = vec![0; entry.stored_len as usize];
        self.file.seek(SeekFrom::Start(entry.stored_at)).map_err(|_| damaged("読めません"))?;
        self.file.read_exact(&mut stored).map_err(|_| damaged("読めません"))?;
        let broken = || damaged("壊れています");
        let len = entry.len as usize;
        if self.squeezed && check_of(&stored) != entry.check {
            return Err(broken());
        }
        // a squeezed block is at most twice as long as its bytes
        let bytes = zstd::bulk::decompress(&stored, if self.squeezed { 2 * len } else { len }).map_err(|_| broken())?;
        if self.squeezed {
            return stretch(&bytes, len).ok_or_else(broken);
        }
        if bytes.len() != len || check_of(&bytes) != entry.check {
            return Err(broken());
        }
        Ok(bytes)
    }

    /// A range of the original bytes.
    pub fn read(&mut self, start: u64, len: u64) -> Result<Vec<u8>> {
        let end = start + len;
        let mut out = Vec::with_capacity(len as usize);
        let first = self.entries.partition_point(|e| e.start + u64::from(e.len) <= start);
        let wanted: Vec<Entry> = self.entries[first..].iter().copied().take_while(|e| e.start < end).collect();
        for entry in wanted {
            let bytes = self.block(entry)?;
            let from = start.saturating_sub(entry.start) as usize;
            let to = (end - entry.start).min(u64::from(entry.len)) as usize;
            out.extend_from_slice(bytes.get(from..to).unwrap_or_default());
        }
        if out.len() as u64 != len {
            return Err(Error::Original {
                file: self.name.clone(),
                reason: format!("バイト {start}〜{end} がありません"),
            });
        }
        Ok(out)
    }

    /// Writes all original bytes to a new file, block by block.
    pub fn copy_to(&mut self, path: &Path) -> Result<()> {
        let failed = |e| Error::io(path)(e);
        let mut out = std::io::BufWriter::new(File::create(path).map_err(failed)?);
        for entry in self.entries.clone() {
            let bytes = self.block(entry)?;
            std::io::Write::write_all(&mut out, &bytes).map_err(failed)?;
        }
        std::io::Write::flush(&mut out).map_err(failed)
    }

    /// Hash of all original bytes, reading every block.
    ///
    /// # Errors
    /// [`Error::Original`] names the byte range of the first damage.
    pub fn hash(&mut self) -> Result<String> {
        let mut hasher = blake3::Hasher::new();
        let mut next = 0;
        for entry in self.entries.clone() {
            if entry.start != next {
                let reason = format!("バイト {next}〜{} がありません", entry.start);
                return Err(Error::Original { file: self.name.clone(), reason });
            }
            hasher.update(&self.block(entry)?);
            next += u64::from(entry.len);
        }
        Ok(hasher.finalize().to_hex().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_come_back_whatever_the_order_of_writing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open_or_create(dir.path()).unwrap();
        let bytes: Vec<u8> = (0..3_500_000u32).map(|i| (i / 7) as u8).collect();
        let hash = blake3::hash(&bytes).to_hex().to_string();
        let w = OriginalWriter::create(&store, &hash).unwrap();
        let split = 1_700_001;
        w.write(pack(split as u64, &bytes[split..]).unwrap()).unwrap();
        w.write(pack(0, &bytes[..split]).unwrap()).unwrap();
        w.finish().unwrap();
        let mut o = Original::open(&store, &hash).unwrap();
        assert_eq!(o.len(), bytes.len() as u64);
        for (start, len) in [(0, 10), (1_048_570, 20), (1_699_990, 1_000_000), (3_499_999, 1), (5, 0)] {
            assert_eq!(o.read(start as u64, len as u64).unwrap(), bytes[start..start + len]);
        }
        assert!(o.read(3_499_999, 2).is_err());
        assert_eq!(o.hash().unwrap(), hash);
    }

    #[test]
    fn damage_is_named_by_byte_range() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open_or_create(dir.path()).unwrap();
        let bytes = b"IR,1\r\nRE,1\r\n".repeat(300_000);
        let w = OriginalWriter::create(&store, "aa").unwrap();
        w.write(pack(0, &bytes).unwrap()).unwrap();
        w.finish().unwrap();
        let path = store.originals().join(file_name("aa"));
        let mut stored = fs::read(&path).unwrap();
        stored[40] ^= 0x55;
        fs::write(&path, stored).unwrap();
        let e = Original::open(&store, "aa").unwrap().hash().unwrap_err().to_string();
        assert!(e.contains("バイト 0〜1048576"), "{e}");
    }
}
