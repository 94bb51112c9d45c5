//! Writes the seeds of every target to `seeds/<target>/` and the dictionary to `seeds/dictionary`, and makes an empty
//! `corpus/<target>/` where there is none.

use std::{fs, io, path::Path};

// brings the counters that the library was built with
use libfuzzer_sys as _;

fn main() -> io::Result<()> {
    let root = Path::new("seeds");
    for target in &tenken_fuzz::TARGETS {
        let folder = root.join(target.name);
        fs::create_dir_all(&folder)?;
        fs::create_dir_all(Path::new("corpus").join(target.name))?;
        for (i, seed) in tenken_fuzz::seeds(target).iter().enumerate() {
            fs::write(folder.join(format!("{i:03}")), seed)?;
        }
    }
    fs::write(root.join("dictionary"), tenken_fuzz::input::dictionary())
}
