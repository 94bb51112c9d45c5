//! Which file is which table: by its name without case.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{error::Error, layout::Layout};

/// A file to be read.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub layout: &'static Layout,
    pub name: String,
    pub path: PathBuf,
}

/// Files of folders and files named themselves; the others in the folders are given by name.
pub(crate) fn find(paths: &[PathBuf], layouts: &[&'static Layout]) -> Result<(Vec<Found>, Vec<String>), Error> {
    let mut found: Vec<Found> = Vec::new();
    let mut skipped = Vec::new();
    for path in paths {
        let io = |source| Error::Io { path: path.clone(), source };
        if !fs::metadata(path).map_err(io)?.is_dir() {
            let name = file_name(path);
            let layout = by_name(&name, layouts)
                .ok_or_else(|| Error::UnknownFile { file: name.clone(), expected: expected(layouts) })?;
            found.push(Found { layout, name, path: path.clone() });
            continue;
        }
        let entries: Result<Vec<PathBuf>, _> = fs::read_dir(path).map_err(io)?.map(|e| e.map(|e| e.path())).collect();
        let mut entries = entries.map_err(io)?;
        entries.sort();
        let before = found.len();
        for path in entries {
            let name = file_name(&path);
            match by_name(&name, layouts).filter(|_| !path.is_dir()) {
                Some(layout) => found.push(Found { layout, name, path }),
                None => skipped.push(name),
            }
        }
        if found.len() == before {
            return Err(Error::NothingThere { path: path.clone(), expected: expected(layouts) });
        }
    }
    Ok((found, skipped))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

pub(crate) fn by_name(name: &str, layouts: &[&'static Layout]) -> Option<&'static Layout> {
    layouts.iter().find(|l| l.file.eq_ignore_ascii_case(name)).copied()
}

fn expected(layouts: &[&'static Layout]) -> String {
    layouts.iter().map(|l| l.file).collect::<Vec<_>>().join(", ")
}
