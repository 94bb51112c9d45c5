//! What the end-to-end tests share: the command, a place for stores, and files made for the test.
#![allow(dead_code)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// The command that is tested.
pub fn tenken() -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_tenken"));
    c.env("USER", "tester");
    c
}

pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub bytes: Vec<u8>,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }

    /// The status it must have; its output otherwise.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Ran {
    fn from(o: Output) -> Self {
        Self {
            code: o.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&o.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&o.stderr).into_owned(),
            bytes: o.stdout,
        }
    }
}

/// A folder of one test, with a store in it.
pub struct Place {
    dir: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { dir: TempDir::with_prefix("点検 試験 ").unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn store(&self) -> PathBuf {
        self.path("保存先")
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs a command on the store of this place.
    pub fn run(&self, args: &[&str]) -> Ran {
        tenken().args(args).arg("--store").arg(self.store()).output().unwrap().into()
    }

    pub fn import(&self, path: &Path, month: &str) -> Ran {
        self.import_with(path, month, &[])
    }

    pub fn import_with(&self, path: &Path, month: &str, more: &[&str]) -> Ran {
        let mut c = tenken();
        c.arg("import").arg(path).args(["--month", month, "--format", "json"]).args(more);
        c.arg("--store").arg(self.store());
        c.output().unwrap().into()
    }

    /// Rows of a query, as csv lines without the header.
    pub fn sql(&self, sql: &str) -> Vec<String> {
        let out = self.run(&["sql", sql, "--format", "csv"]).expect(0).stdout;
        out.lines().skip(1).map(str::to_owned).collect()
    }
}

/// Files of the folder beside the project, when it is there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let p = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if p.exists() {
        return Some(p);
    }
    eprintln!("skipped: ../shared/{path} not present");
    None
}

/// An example claim file of the parser's tests: CP932, CR LF, 0x1A at the end.
pub fn example(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("parser/tests/examples/{name}.txt"));
    let text = std::fs::read_to_string(path).unwrap().replace('\n', "\r\n");
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&text);
    let mut bytes = bytes.into_owned();
    bytes.push(0x1A);
    bytes
}

/// The example as text, for changing it.
pub fn example_text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("parser/tests/examples/{name}.txt"));
    std::fs::read_to_string(path).unwrap().replace('\n', "\r\n")
}

pub fn cp932(text: &str) -> Vec<u8> {
    encoding_rs::SHIFT_JIS.encode(text).0.into_owned()
}

/// A town's month made by the generator; the folder of its claim files.
pub fn small_month(place: &Place, insured: u32) -> tenken_samples::Sample {
    let month = tenken_parser::Month::new(2026, 10).unwrap();
    tenken_samples::small_month(&place.path("町"), insured, month, 1).unwrap()
}

/// Every row of every table of the store in one fixed order, without what differs from import to import.
pub fn contents(place: &Place) -> String {
    let mut out = String::new();
    for (table, columns, order) in [
        ("files", "* EXCEPT (import_id)", "exam_month, file_no"),
        ("claims", "* EXCEPT (import_id)", "exam_month, file_no, ordinal"),
        ("public_expenses", "* EXCEPT (import_id)", "claim_id, seq"),
        ("diagnoses", "* EXCEPT (import_id)", "claim_id, seq"),
        ("lines", "* EXCEPT (import_id)", "claim_id, seq"),
        ("comments", "* EXCEPT (import_id)", "claim_id, seq"),
        ("rejects", "* EXCEPT (import_id)", "exam_month, file_no, line, level, code, field"),
    ] {
        let sql = format!("SELECT {columns} FROM {table} ORDER BY {order}");
        out.push_str(&place.run(&["sql", &sql, "--format", "csv"]).expect(0).stdout);
    }
    out
}
