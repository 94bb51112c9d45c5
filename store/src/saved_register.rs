//! The register of a load in the form in which it is matched against, so that not every command makes it again
//! from the rows. A convenience: whoever reads the bytes checks them, and makes them anew when they are missing,
//! damaged or of another release. Nothing else stands in them than in the tables.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use crate::{error::Result, runs::RunRow, store::Store};

const FOLDER: &str = "registers";

impl Store {
    fn saved_register_path(&self, run: &RunRow) -> PathBuf {
        self.folder(FOLDER).join(format!("{}.bin", run.run_id))
    }

    /// The bytes that were kept for a load, if any.
    pub fn saved_register(&self, run: &RunRow) -> Option<Vec<u8>> {
        fs::read(self.saved_register_path(run)).ok()
    }

    /// Keeps the bytes of a load, and removes those of loads that are no owner's register any more. Not synced:
    /// bytes that a power loss cut are seen by whoever reads them. Where they cannot be written, none are kept.
    ///
    /// # Errors
    /// When the runs cannot be read.
    pub fn keep_register(&self, run: &RunRow, bytes: &[u8]) -> Result<()> {
        let temporary = self.temporary().join(format!("{}-{}.bin", run.run_id, process::id()));
        if write(&temporary, &self.saved_register_path(run), bytes).is_err() {
            let _ = fs::remove_file(&temporary);
        }
        let kept: Vec<PathBuf> = self.owners()?.iter().map(|o| self.saved_register_path(&o.run)).collect();
        for entry in fs::read_dir(self.folder(FOLDER)).into_iter().flatten().flatten() {
            if !kept.contains(&entry.path()) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

fn write(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    for folder in [temporary, path].into_iter().filter_map(Path::parent) {
        fs::create_dir_all(folder)?;
    }
    fs::write(temporary, bytes)?;
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use crate::{
        runs::{RunKind, RunRow},
        testing::Place,
    };

    #[test]
    fn only_registers_of_today_are_kept() {
        let place = Place::new();
        let load = |owner: &str| {
            let run = RunRow::new(place.store.new_run_id().unwrap(), RunKind::RegistryLoad);
            place.store.write_register(&place.lock, owner, &Default::default(), &[], run).unwrap()
        };
        let (first, other) = (load("138941"), load("39131234"));
        assert_eq!(place.store.saved_register(&first), None);
        place.store.keep_register(&first, b"first").unwrap();
        place.store.keep_register(&other, b"other").unwrap();
        assert_eq!(place.store.saved_register(&first).unwrap(), b"first");
        let second = load("138941");
        assert_eq!(place.store.saved_register(&second), None);
        place.store.keep_register(&second, b"second").unwrap();
        assert_eq!(place.store.saved_register(&first), None, "superseded");
        assert_eq!(place.store.saved_register(&second).unwrap(), b"second");
        assert_eq!(place.store.saved_register(&other).unwrap(), b"other");
        assert!(place.store.clean_up(&place.lock).unwrap().is_empty());
        assert_eq!(place.store.verify(&mut |_| {}).unwrap().damage, []);
    }
}
