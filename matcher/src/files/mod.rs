//! Registry files: CSV to rows (registry-files.md sections 1 to 5).
//!
//! [`load`] reads the four tables of one owner, refuses 個人番号, sets bad rows aside with their reasons and
//! gives the whole [`Register`], which a change ([`Options::onto`]) begins from. What is generic (bytes to
//! rows by a [`layout::Layout`], [`Mapping`], [`my_number`]) serves other files by their own layouts.

mod attributes;
mod checks;
pub mod dates;
mod error;
pub(crate) mod find;
mod households;
pub mod layout;
pub mod ledger;
mod mapping;
mod merge;
pub mod my_number;
pub mod owner;
pub mod periods;
mod persons;
pub(crate) mod reader;
mod text;
pub mod words;
mod write;

use std::{fs, path::PathBuf};

pub use error::{Error, SeenIn, Warning};
pub use mapping::Mapping;
pub use write::write;

use layout::{Layout, REGISTRY};
use merge::{Incoming, merge};
use reader::{Bad, Names, Row, Sheet};

use crate::registry::rows::{Moment, Register, RegistryReject};

/// How a load is done.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub mapping: Mapping,
    /// when rows were learned of that do not say so
    pub as_of: Option<Moment>,
    /// the register that the files change; without it they are the whole register
    pub onto: Option<Register>,
}

/// A file as bytes.
#[derive(Clone)]
pub struct Input {
    /// known by it without case
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    pub name: String,
    /// `kojin`, `shikaku`, `zokusei` or `setai`
    pub table: &'static str,
    pub bytes: u64,
    pub hash: blake3::Hash,
    /// without the header and empty lines
    pub rows: u64,
    pub rejected: u64,
}

/// What a load brought.
#[derive(Debug)]
pub struct Loaded {
    pub register: Register,
    /// in order of tables and lines
    pub rejects: Vec<RegistryReject>,
    pub warnings: Vec<Warning>,
    /// in order of tables
    pub files: Vec<FileRead>,
    /// names of other files in the folders
    pub skipped: Vec<String>,
}

/// Reads folders and files.
///
/// # Errors
/// What the operating system says; 個人番号; a missing table; a broken header. Bad rows are none.
pub fn load(paths: &[PathBuf], options: Options) -> Result<Loaded, Error> {
    let (found, skipped) = find::find(paths, &REGISTRY)?;
    let read = |f: find::Found| {
        let bytes = fs::read(&f.path).map_err(|source| Error::Io { path: f.path.clone(), source })?;
        Ok((f.layout, Input { name: f.name, bytes }))
    };
    let inputs = found.into_iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    Ok(Loaded { skipped, ..load_tables(inputs, options)? })
}

/// The same with files in memory.
///
/// # Errors
/// As [`load`].
pub fn load_inputs(inputs: Vec<Input>, options: Options) -> Result<Loaded, Error> {
    let table = |input: Input| match find::by_name(&input.name, &REGISTRY) {
        Some(layout) => Ok((layout, input)),
        None => Err(Error::UnknownFile { file: input.name, expected: REGISTRY.map(|l| l.file).join(", ") }),
    };
    load_tables(inputs.into_iter().map(table).collect::<Result<_, Error>>()?, options)
}

fn load_tables(inputs: Vec<(&'static Layout, Input)>, options: Options) -> Result<Loaded, Error> {
    let Options { mapping, as_of, onto } = options;
    let mut sheets: [Option<(Sheet<'_>, FileRead)>; 4] = Default::default();
    for (layout, input) in inputs {
        let at = REGISTRY.iter().position(|l| l.stem == layout.stem).unwrap_or_default();
        if let Some((first, _)) = &sheets[at] {
            return Err(Error::SameTable { first: first.names.file.clone(), second: input.name });
        }
        let file = FileRead {
            name: input.name,
            table: layout.stem,
            bytes: input.bytes.len() as u64,
            hash: blake3::hash(&input.bytes),
            rows: 0,
            rejected: 0,
        };
        sheets[at] = Some((Sheet::open(&file.name, input.bytes, layout, mapping.of(layout))?, file));
    }
    if onto.is_none() {
        for (layout, sheet) in REGISTRY.iter().zip(&sheets).take(2) {
            if sheet.is_none() {
                return Err(Error::MissingFile { file: layout.file });
            }
        }
    }
    mapping.check_used(&REGISTRY, |layout, name| {
        let at = REGISTRY.iter().position(|l| l.stem == layout.stem)?;
        sheets[at].as_ref().map(|(sheet, _)| sheet.has(name))
    })?;

    let mut rejects = Vec::new();
    let mut new = Incoming::default();
    let mut warnings = Vec::new();
    let mut files = Vec::new();
    let mut names: [Option<Names>; 4] = Default::default();
    for (at, sheet) in sheets.into_iter().enumerate() {
        let Some((sheet, mut file)) = sheet else { continue };
        file.rows = match at {
            0 => read(&sheet, &mut rejects, &mut new.persons, persons::read)?,
            1 => read(&sheet, &mut rejects, &mut new.periods, |row| periods::read(row, as_of))?,
            2 => read(&sheet, &mut rejects, &mut new.attributes, |row| attributes::read(row, as_of))?,
            _ => read(&sheet, &mut rejects, &mut new.households, households::read)?,
        };
        warnings.extend(sheet.warnings);
        names[at] = Some(sheet.names);
        files.push(file);
    }
    let register = merge(onto.unwrap_or_default(), new, names.each_ref().map(Option::as_ref), &mut rejects);
    let table = |name: &str| files.iter().position(|f| f.name == name);
    rejects.sort_by_cached_key(|r| (table(&r.file), r.line));
    for file in &mut files {
        file.rejected = rejects.iter().filter(|r| r.file == file.name).count() as u64;
    }
    Ok(Loaded { register, rejects, warnings, files, skipped: Vec::new() })
}

fn read<T>(
    sheet: &Sheet<'_>,
    rejects: &mut Vec<RegistryReject>,
    rows: &mut Vec<(u32, T)>,
    read: impl Fn(&Row<'_>) -> Result<T, Bad>,
) -> Result<u64, Error> {
    sheet.rows(rejects, |row| {
        rows.push((row.line, read(row)?));
        Ok(())
    })
}
