//! Where the bytes come from: a memory map, or a plain read where a map is unsafe or impossible.

use std::{fs::File, io, io::Read, path::Path};

use memmap2::Mmap;

/// How a file is brought into memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Map the file. The file must not be shortened by another program while it is read: on most systems
    /// that ends the process. Right for local files that nobody writes to.
    Map,
    /// Read the whole file into memory. Right for pipes and network shares.
    Read,
}

/// The bytes of one claim file.
pub enum Source {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Source {
    /// # Errors
    /// What the operating system says when the file cannot be opened, mapped or read.
    pub fn open(path: &Path, access: Access) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let meta = file.metadata()?;
        if access == Access::Read || !meta.is_file() || meta.len() == 0 {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            return Ok(Self::Owned(bytes));
        }
        // SAFETY: a map of a file that another process shortens faults; `Access::Map` names that danger,
        // and the caller chose it. The bytes are only ever read.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self::Mapped(map))
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Mapped(m) => m,
            Self::Owned(v) => v,
        }
    }

    /// Tells the system that this range will not be read again soon, so that memory in use does not grow
    /// with the file. The bytes stay readable.
    pub fn release(&self, start: usize, len: usize) {
        const PAGE: usize = 4096;
        if let Self::Mapped(m) = self {
            let first = start.next_multiple_of(PAGE);
            let end = (start + len) / PAGE * PAGE;
            if end > first && end <= m.len() {
                release_range(m, first, end - first);
            }
        }
    }

    /// Announces a pass from front to back.
    pub fn will_read_forward(&self) {
        if let Self::Mapped(m) = self {
            // Only a hint: a system that refuses it reads just as well.
            advise_forward(m);
        }
    }
}

#[cfg(unix)]
fn release_range(map: &Mmap, start: usize, len: usize) {
    // SAFETY: the map is of an unmodified file and read-only, so dropped pages come back with the same bytes.
    let _ = unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, len) };
}

#[cfg(not(unix))]
fn release_range(_: &Mmap, _: usize, _: usize) {}

#[cfg(unix)]
fn advise_forward(map: &Mmap) {
    let _ = map.advise(memmap2::Advice::Sequential);
}

#[cfg(not(unix))]
fn advise_forward(_: &Mmap) {}
