//! The official masters of a store: kept as they were delivered, one file per letter, edition and content.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tenken_matcher::third_party::icd;
use tenken_parser::{
    Month,
    masters::{Master, MasterError, Masters, same_icd},
};
use tenken_store::Store;

const FOLDER: &str = "masters";

/// The masters of a store cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path} を読み書きできません: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Master(#[from] MasterError),
}

impl Error {
    pub fn english(&self) -> String {
        match self {
            Self::Io { path, source } => format!("cannot read or write {}: {source}", path.display()),
            Self::Master(e) => e.english(),
        }
    }

    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

fn folder(store: &Store) -> PathBuf {
    store.root().join(FOLDER)
}

/// Every master of a store, in order of their names. None were loaded: nothing has a name.
///
/// # Errors
/// A master that was kept and cannot be read.
pub fn of_store(store: &Store) -> Result<Masters> {
    let mut masters = Masters::default();
    let Ok(entries) = fs::read_dir(folder(store)) else { return Ok(masters) };
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "csv")).collect();
    paths.sort();
    for path in paths {
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        masters.add(Master::read(&path.display().to_string(), &bytes)?)?;
    }
    Ok(masters)
}

/// Keeps a file, under a name that says what it is. Twice the same is once.
///
/// # Errors
/// [`Error::Io`]: it cannot be written.
pub fn keep(store: &Store, master: &Master, bytes: &[u8]) -> Result<()> {
    let hash = blake3::hash(bytes).to_hex();
    let edition = master.edition.to_string().replace('-', "");
    let path = folder(store).join(format!("{}_{edition}-{}.csv", master.letter.to_lowercase(), &hash[..16]));
    fs::create_dir_all(folder(store)).map_err(Error::io(&folder(store)))?;
    let temporary = path.with_extension("tmp");
    let written = fs::write(&temporary, bytes).and_then(|()| fs::File::open(&temporary)?.sync_all());
    written.and_then(|()| fs::rename(&temporary, &path)).map_err(Error::io(&path))
}

/// Names for one claim: of the masters in force in its month, else of the weight table. The masters are read once
/// and lent to any number of claims.
#[derive(Clone, Copy)]
pub struct Names<'m> {
    masters: &'m Masters,
    month: Option<Month>,
}

impl<'m> Names<'m> {
    pub fn of(masters: &'m Masters, month: Option<Month>) -> Self {
        Self { masters, month }
    }

    /// A disease with its modifiers and, behind it, its ICD-10; `None`: nobody knows the code.
    pub fn disease(&self, code: &str, modifiers: &[&str]) -> Option<String> {
        let of_master = self.month.and_then(|m| {
            let name = self.masters.disease(code, modifiers, m)?;
            let icd = self.masters.row("B", code, m).and_then(|r| r.icd10.as_deref());
            Some(icd.map_or(name.clone(), |icd| format!("{name} [{icd}]")))
        });
        of_master.or_else(|| {
            let name = icd::name_of_table(code)?;
            let icd = icd::of_table(code).unwrap_or_default();
            let modifiers =
                if modifiers.is_empty() { String::new() } else { format!("（修飾 {}）", modifiers.join("・")) };
            Some(format!("{name}{modifiers} [{icd}]"))
        })
    }

    /// An act, a drug, a material or a comment.
    pub fn item(&self, code: &str) -> Option<&'m str> {
        self.masters.item(code, self.month?)
    }
}

/// A disease of which weight table and master say different things. Nothing is scored by it.
pub struct Difference {
    pub code: String,
    pub name: String,
    /// of the weight table; empty: the code is not in it, and its name says suicide, self-harm or abuse
    pub table: String,
    pub master: String,
}

/// What the weight table and the newest 傷病名マスター differ in (third-party.md 3.1).
pub fn differences(masters: &Masters) -> Vec<Difference> {
    let mut out = Vec::new();
    for row in masters.diseases() {
        let icd = row.icd10.as_deref().unwrap_or_default();
        match icd::of_table(&row.code) {
            Some(own) if !same_icd(own, icd) => out.push(Difference {
                code: row.code.clone(),
                name: row.name.clone(),
                table: own.to_owned(),
                master: icd.to_owned(),
            }),
            None if icd::names_violence(&row.name) => out.push(Difference {
                code: row.code.clone(),
                name: row.name.clone(),
                table: String::new(),
                master: icd.to_owned(),
            }),
            _ => {}
        }
    }
    out.sort_by(|a, b| a.code.cmp(&b.code));
    out
}
