//! Which data files count: what the ledgers say of imports and runs, and generations by the names of files.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    path::{Path, PathBuf},
};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use tenken_tables::{self as tables, schema::Table};

use crate::{
    delta::DataFile,
    error::{Error, Result},
    imports::ImportRow,
    ledger, names,
    runs::{RunRow, RunStatus},
    store::{Store, read_folder},
};

/// What makes the rows of a table count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// a ledger: all rows
    All,
    /// the import is visible
    Import,
    /// … and they are of its generation
    Generation,
    /// … and they are of its generation, or of the last one before it that wrote this piece anew
    LastGeneration,
    /// the run is visible
    Run,
}

impl Rule {
    pub fn of(table: &Table) -> Self {
        match table {
            t if t.name == tables::claims::TABLE.name => Self::LastGeneration,
            t if t.is_of_generations() => Self::Generation,
            t if t.is_of_imports() => Self::Import,
            t if t.is_of_runs() => Self::Run,
            _ => Self::All,
        }
    }

    pub fn by_generation(self) -> bool {
        matches!(self, Self::Generation | Self::LastGeneration)
    }
}

/// The ledgers at one moment.
pub(crate) struct Ledgers {
    pub imports: Vec<ImportRow>,
    pub runs: Vec<RunRow>,
    places: HashMap<String, usize>,
}

impl Ledgers {
    pub async fn read(store: &Store) -> Result<Self> {
        let (imports, runs) = futures::try_join!(ledger::read_all(store), ledger::read_all(store))?;
        Ok(Self::of(imports, runs))
    }

    /// The ledger of imports alone, for tables of imports.
    pub fn of_imports(imports: Vec<ImportRow>) -> Self {
        Self::of(imports, Vec::new())
    }

    fn of(imports: Vec<ImportRow>, runs: Vec<RunRow>) -> Self {
        let ids = |i, id: &String| (id.clone(), i);
        let places = imports.iter().enumerate().map(|(i, r)| ids(i, &r.import_id));
        let places = places.chain(runs.iter().enumerate().map(|(i, r)| ids(i, &r.run_id))).collect();
        Self { imports, runs, places }
    }

    pub fn import(&self, id: &str) -> Option<&ImportRow> {
        self.imports.get(*self.places.get(id)?).filter(|r| r.import_id == id)
    }

    pub fn run(&self, id: &str) -> Option<&RunRow> {
        self.runs.get(*self.places.get(id)?).filter(|r| r.run_id == id)
    }

    pub fn visible_import(&self, id: &str) -> Result<&ImportRow> {
        self.import(id).filter(|r| r.is_visible()).ok_or_else(|| Error::NoSuchImport(id.to_owned()))
    }

    /// The files whose rows are shown, in order of imports or runs.
    pub fn shown(&self, store: &Store, table: &'static Table, files: Vec<DataFile>) -> Result<Vec<DataFile>> {
        let mut files = self.kept(store, table, files)?;
        if Rule::of(table) == Rule::Run {
            files.retain(|f| self.run(f.id()).is_some_and(RunRow::is_visible));
        }
        Ok(files)
    }

    /// The files that a clean-up leaves in a table: those that are shown, and those of superseded runs.
    pub fn kept(&self, store: &Store, table: &'static Table, files: Vec<DataFile>) -> Result<Vec<DataFile>> {
        let import = |f: &DataFile| self.import(f.id()).filter(|r| r.is_visible());
        let mut kept = Vec::with_capacity(files.len());
        let mut replaced = HashMap::new();
        for file in files {
            let counts = match Rule::of(table) {
                Rule::All => true,
                Rule::Import => import(&file).is_some(),
                Rule::Generation => import(&file).is_some_and(|r| generation(&file.path) == r.generation),
                Rule::Run => self.run(file.id()).is_some_and(|r| r.status != RunStatus::Withdrawn),
                Rule::LastGeneration => match import(&file) {
                    Some(r) if generation(&file.path) > r.generation => {
                        let before = predecessor(store, table, &file, r.generation, &mut replaced)?;
                        kept.push(before);
                        false
                    }
                    found => found.is_some(),
                },
            };
            if counts {
                kept.push(file);
            }
        }
        let place = |f: &DataFile| self.places.get(f.id()).copied();
        kept.sort_by(|a, b| (place(a), &a.path).cmp(&(place(b), &b.path)));
        Ok(kept)
    }
}

/// The generation in the name of a data file; other programs know of none.
pub(crate) fn generation(path: &str) -> i32 {
    names::parse(path).map_or(0, |(generation, _)| generation)
}

/// A re-check has replaced a file and was not switched (yet): the file before it is still on the disk.
fn predecessor(
    store: &Store,
    table: &'static Table,
    file: &DataFile,
    visible: i32,
    folders: &mut HashMap<PathBuf, Vec<String>>,
) -> Result<DataFile> {
    let lost = || {
        let reason = format!("{} の前の世代のファイルがありません（the file before it is missing）", file.path);
        Error::Corrupt(table.name.into(), reason)
    };
    let (_, piece) = names::parse(&file.path).ok_or_else(lost)?;
    let (folder, _) = file.path.rsplit_once('/').ok_or_else(lost)?;
    let place = store.table_folder(table).join(folder);
    if !folders.contains_key(&place) {
        folders.insert(place.clone(), names_in(&place)?);
    }
    let name = folders[&place]
        .iter()
        .filter_map(|name| Some((names::parse(name)?, name)))
        .filter(|((generation, of), _)| *of == piece && *generation <= visible)
        .max()
        .map(|(_, name)| name)
        .ok_or_else(lost)?;
    let path = place.join(name);
    let opened = File::open(&path).map_err(Error::io(&path))?;
    let bytes = opened.metadata().map_err(Error::io(&path))?.len() as i64;
    let reader = SerializedFileReader::new(opened).map_err(Error::parquet(table.name))?;
    let rows = reader.metadata().file_metadata().num_rows();
    Ok(DataFile { path: format!("{folder}/{name}"), bytes, rows, partition: file.partition.clone() })
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let name = |p: PathBuf| Some(p.file_name()?.to_str()?.to_owned());
    Ok(read_folder(folder)?.into_iter().filter_map(name).collect())
}

/// The folder of an import or a run in a table.
pub(crate) struct Folder {
    pub id: String,
    pub path: PathBuf,
}

impl Folder {
    /// The data files of ours in it, and their generations.
    pub fn data_files(&self) -> Result<Vec<(PathBuf, i32)>> {
        let generation = |name: String| names::parse(&name).map(|(generation, _)| (self.path.join(name), generation));
        Ok(names_in(&self.path)?.into_iter().filter_map(generation).collect())
    }

    /// Removes it with all files in it, whose number it gives.
    pub fn remove(&self) -> Result<usize> {
        let files = read_folder(&self.path)?.len();
        fs::remove_dir_all(&self.path).map_err(Error::io(&self.path))?;
        Ok(files)
    }
}

/// The folders of imports or runs in a table, whether its log knows them or not: the last partition column is the id.
pub(crate) fn folders(store: &Store, table: &Table) -> Result<Vec<Folder>> {
    let mut found = vec![Folder { id: String::new(), path: store.table_folder(table) }];
    for partition in table.partitions {
        let mut below = Vec::new();
        for folder in &found {
            for path in read_folder(&folder.path)? {
                let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                if let Some((column, value)) = name.split_once('=')
                    && column == *partition
                {
                    below.push(Folder { id: value.to_owned(), path });
                }
            }
        }
        found = below;
    }
    Ok(found)
}

/// Files of one list that are not in the other.
pub(crate) fn without(files: &[DataFile], other: &[DataFile]) -> Vec<DataFile> {
    let other: HashSet<&str> = other.iter().map(|f| f.path.as_str()).collect();
    files.iter().filter(|f| !other.contains(f.path.as_str())).cloned().collect()
}
