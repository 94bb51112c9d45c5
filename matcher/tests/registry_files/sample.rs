//! What `tenken sample` writes is taken without a word, whole and as known on a day.

use std::{path::PathBuf, time::Instant};

use tenken_matcher::files::{FileRead, Loaded, Options, load, write};
use tenken_parser::{Date, Month};
use tenken_samples::{Options as Sample, Size};

fn sample(claims: u64, as_of: Option<Date>) -> (tempfile::TempDir, PathBuf) {
    let out = tempfile::tempdir().unwrap();
    let month = Month::new(2026, 10).unwrap();
    let mut options = Sample::new(out.path().to_owned(), 6_000, (month, month), 7);
    options.size = Size::Claims(claims);
    options.kouki_per_mille = 300;
    options.as_of = as_of;
    tenken_samples::write(&options).unwrap();
    let registry = out.path().join("registry");
    (out, registry)
}

fn read(folder: &PathBuf) -> Loaded {
    load(std::slice::from_ref(folder), Options::default()).unwrap()
}

#[test]
fn a_sample_has_no_rejects() {
    for as_of in [None, Date::new(2025, 4, 1)] {
        let (_out, folder) = sample(10_000, as_of);
        let started = Instant::now();
        let loaded = read(&folder);
        let rows: u64 = loaded.files.iter().map(|f| f.rows).sum();
        println!("{rows} rows in {:?}", started.elapsed());
        assert_eq!((loaded.rejects.as_slice(), loaded.warnings.as_slice()), (&[][..], &[][..]));
        assert!(rows > 20_000);
        let r = &loaded.register;
        let counts = [r.persons.len(), r.periods.len(), r.attributes.len(), r.households.len()];
        assert_eq!(loaded.files.iter().map(|f: &FileRead| f.rows as usize).collect::<Vec<_>>(), counts);

        let again = tempfile::tempdir().unwrap();
        for (name, text) in write(r) {
            std::fs::write(again.path().join(name), text).unwrap();
        }
        assert!(read(&again.path().to_owned()).register == *r);
    }
}
