//! What the tests of this crate share: an empty store, imports of made-up claims, reading by SQL.

use std::{fs, path::Path, sync::Arc, time::Instant};

use arrow::{
    array::{ArrayRef, AsArray, ListBuilder, RecordBatch, StringArray, StringBuilder, new_null_array},
    compute::cast,
    datatypes::{DataType, Field, Int64Type},
};
use tempfile::TempDir;
use tenken_parser::{Encoding, Form, Month};
use tenken_tables::{self as tables, columns::Columns, files::FileRow, schema::Table};

use crate::{
    Store, WriteLock,
    import::{Encoded, ImportWriter},
    imports::ImportRow,
};

pub struct Place {
    _dir: TempDir,
    pub store: Store,
    pub lock: WriteLock,
}

impl Place {
    pub fn new() -> Self {
        let dir = TempDir::with_prefix("点検 ").unwrap();
        let root = dir.path().join("保存先");
        let store = Store::open_or_create(&root).unwrap();
        fs::create_dir_all(store.originals()).unwrap();
        let lock = store.lock(|| {}).unwrap();
        Self { _dir: dir, store, lock }
    }

    /// A copy of a store that a release has written.
    pub fn of_release(version: &str) -> Self {
        let dir = TempDir::with_prefix("点検 ").unwrap();
        let root = dir.path().join("保存先");
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/stores").join(version).join("store");
        copy(&kept, &root);
        let store = Store::open(&root).unwrap();
        let lock = store.lock(|| {}).unwrap();
        Self { _dir: dir, store, lock }
    }

    /// What the next command does after a crash of this one.
    pub fn reopen(self) -> Self {
        let Self { _dir, store, lock } = self;
        let root = store.root().to_owned();
        drop((store, lock));
        let store = Store::open(&root).unwrap();
        let lock = store.lock(|| {}).unwrap();
        Self { _dir, store, lock }
    }

    pub fn writer(&self, import_id: &str) -> ImportWriter<'_> {
        let writer = ImportWriter::new(&self.store, &self.lock, import_id.to_owned(), month());
        for (piece, ids) in pieces(import_id).iter().enumerate() {
            writer.write(piece as u64, vec![Encoded::of(&claims(ids)).unwrap()]).unwrap();
        }
        writer
    }

    /// An import of two files of claims, two each.
    pub fn import(&self, import_id: &str) {
        let row = ImportRow::new(import_id.to_owned(), month());
        self.writer(import_id).commit(&[file()], row, &[], Instant::now()).unwrap();
    }

    /// The rows of a query, cells joined by `,`.
    pub fn sql(&self, sql: &str) -> Vec<String> {
        let (schema, batches) = self.store.query().unwrap().sql(sql).unwrap();
        let mut rows = Vec::new();
        for batch in batches {
            let texts: Vec<ArrayRef> = batch.columns().iter().map(|c| cast(c, &DataType::Utf8).unwrap()).collect();
            for i in 0..batch.num_rows() {
                let cell = |c: &ArrayRef| {
                    let c = c.as_string::<i32>();
                    if arrow::array::Array::is_null(c, i) { String::new() } else { c.value(i).to_owned() }
                };
                rows.push(texts.iter().map(cell).collect::<Vec<_>>().join(","));
            }
        }
        assert!(!schema.fields().is_empty());
        rows
    }

    pub fn count(&self, table: &str) -> i64 {
        let (_, batches) = self.store.query().unwrap().sql(&format!("SELECT count(*) FROM {table}")).unwrap();
        batches[0].column(0).as_primitive::<Int64Type>().value(0)
    }

    /// Data files of a table that lie on the disk, below its folder.
    pub fn on_disk(&self, table: &Table) -> Vec<String> {
        let root = self.store.table_folder(table);
        // a table of runs begins with the first run that writes it
        if !root.exists() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|e| e == "parquet") {
                    found.push(entry.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found.retain(|f| !f.starts_with("_delta_log"));
        found.sort();
        found
    }

    /// Files that the log of a table holds.
    pub fn in_log(&self, table: &'static Table) -> Vec<String> {
        let opened = self.store.runtime.block_on(self.store.open_table(table)).unwrap();
        let mut paths: Vec<String> =
            opened.map_or(Vec::new(), |o| o.files().unwrap()).into_iter().map(|f| f.path).collect();
        paths.sort();
        paths
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|e| e.unwrap().path()) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() { copy(&entry, &target) } else { fs::copy(&entry, &target).map(|_| ()).unwrap() }
    }
}

pub fn month() -> Month {
    Month::new(2026, 10).unwrap()
}

/// The claims of an import, by data file.
pub fn pieces(import_id: &str) -> [[String; 2]; 2] {
    [0, 2].map(|first| [1, 2].map(|n| format!("{import_id}-{}", first + n)))
}

/// Claims of which only the id says anything.
fn claims(ids: &[String]) -> Columns {
    let table = &tables::claims::TABLE;
    let array = |c: &tables::schema::Column| -> ArrayRef {
        let ty = c.ty.arrow();
        if c.name == "claim_id" {
            return Arc::new(StringArray::from_iter_values(ids));
        }
        if c.nullable {
            return new_null_array(&ty, ids.len());
        }
        match ty {
            DataType::Utf8 => Arc::new(StringArray::from_iter_values(ids.iter().map(|_| "x"))),
            DataType::List(_) => {
                let element = Arc::new(Field::new("element", DataType::Utf8, false));
                let mut lists = ListBuilder::new(StringBuilder::new()).with_field(element);
                for id in ids {
                    lists.values().append_value(id);
                    lists.append(true);
                }
                Arc::new(lists.finish())
            }
            _ => cast(&arrow::array::Int32Array::from(vec![1; ids.len()]), &ty).unwrap(),
        }
    };
    let arrays = table.file_columns().map(array).collect();
    let mut columns = Columns::new(table);
    columns.push_batch(&RecordBatch::try_new(table.file_schema(), arrays).unwrap()).unwrap();
    columns
}

pub fn file() -> FileRow {
    FileRow {
        file_no: 1,
        source_file: "RECEIPTC.UKE".into(),
        file_hash: "0".repeat(64),
        bytes: 0,
        bytes_claims: 0,
        bytes_rejected: 0,
        bytes_file_level: 0,
        bytes_trailing: 0,
        form: Form::Uke,
        encoding: Encoding::Cp932,
        line_end: "crlf",
        billing_month: None,
        claims: 4,
        rejected: 0,
        go_count: None,
        go_points: None,
        warnings: serde_json::Value::Array(Vec::new()),
    }
}
