//! What stops a load, and what is only said. No message holds a value of a person.

use std::path::PathBuf;

/// Where 個人番号 was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenIn {
    /// the name of a column
    Name,
    /// its values
    Values,
    /// a mapping from or to a name, or the values of a mapping
    Mapping,
}

impl SeenIn {
    fn ja(self) -> &'static str {
        match self {
            Self::Name => "列名",
            Self::Values => "値",
            Self::Mapping => "対応表",
        }
    }

    fn en(self) -> &'static str {
        match self {
            Self::Name => "its name",
            Self::Values => "its values",
            Self::Mapping => "the mapping",
        }
    }
}

/// Nothing of a load is stored after one of these.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path} が読めません: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path} の中に台帳のファイルがありません。{expected} のいずれかを含むフォルダを指定してください", path = path.display())]
    NothingThere { path: PathBuf, expected: String },
    #[error("{file} は台帳のファイル名ではありません。{expected} のいずれかの名前にしてください")]
    UnknownFile { file: String, expected: String },
    #[error("{file} がありません。全件の読込には {file} が必要です（変更分だけなら --delta）")]
    MissingFile { file: &'static str },
    #[error("{first} と {second} は同じ表です。どちらか一つを指定してください")]
    SameTable { first: String, second: String },
    #[error("{file} は CSV ではありません（{found}）。UTF-8 または CP932 の CSV で保存し直してください")]
    NotCsv { file: String, found: &'static str },
    #[error(
        "{file} の列「{column}」は個人番号です（{seen}で判定）。レセプトの点検に個人番号は使えません。この列を除いて出力し直してください。何も保存していません",
        seen = seen.ja()
    )]
    MyNumber { file: String, column: String, seen: SeenIn },
    #[error("{file} に見出し行がありません。1 行目に列名を置いてください")]
    NoHeader { file: String },
    #[error("{file} に列「{columns}」がありません。列名を直すか、--mapping で対応する列を指定してください", columns = columns.join("」「"))]
    MissingColumns { file: String, columns: Vec<&'static str> },
    #[error("{file} に列「{column}」が二つあります。一つにしてください")]
    DuplicateColumn { file: String, column: String },
    #[error("{file} の {line} 行目から引用符（\"）が閉じていません。出力し直してください")]
    OpenQuote { file: String, line: u64 },
    #[error(
        "対応表 {mapping} の {place}: 列「{column}」はどのファイルにもありません。見出し行の列名に合わせてください"
    )]
    MappedColumnMissing { mapping: String, place: String, column: String },
    #[error("対応表 {mapping}{at}: {ja}", at = at(place))]
    Mapping { mapping: String, place: String, ja: String, en: String },
}

fn at(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" の {place}") }
}

impl Error {
    /// The message in English; `Display` is Japanese.
    pub fn english(&self) -> String {
        match self {
            Self::Io { path, source } => format!("cannot read {}: {source}", path.display()),
            Self::NothingThere { path, expected } => {
                format!("{} holds no file of a register; give a folder with one of {expected}", path.display())
            }
            Self::UnknownFile { file, expected } => format!("{file} is no name of a table; call it one of {expected}"),
            Self::MissingFile { file } => {
                format!("{file} is missing; a whole register needs it (for changes only: --delta)")
            }
            Self::SameTable { first, second } => format!("{first} and {second} are the same table; give one of them"),
            Self::NotCsv { file, found } => format!("{file} is no CSV ({found}); save it as CSV in UTF-8 or CP932"),
            Self::MyNumber { file, column, seen } => format!(
                "column {column:?} of {file} is 個人番号 (by {}). Claims are reviewed without that number: \
                 export again without the column. Nothing was stored",
                seen.en()
            ),
            Self::NoHeader { file } => format!("{file} has no header; put the names of the columns on line 1"),
            Self::MissingColumns { file, columns } => {
                format!("{file} lacks the column(s) {}; rename them, or name theirs with --mapping", columns.join(", "))
            }
            Self::DuplicateColumn { file, column } => format!("{file} has the column {column} twice; keep one"),
            Self::OpenQuote { file, line } => {
                format!("a quote (\") opened on line {line} of {file} is not closed; export it again")
            }
            Self::MappedColumnMissing { mapping, place, column } => {
                format!("mapping {mapping}, {place}: no file has the column {column:?}; write it as in the header")
            }
            Self::Mapping { mapping, place, en, .. } if place.is_empty() => format!("mapping {mapping}: {en}"),
            Self::Mapping { mapping, place, en, .. } => format!("mapping {mapping}, {place}: {en}"),
        }
    }
}

/// Said once per file; the load goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// not in the layout, not read
    UnknownColumns { file: String, columns: Vec<String> },
    /// in the layout but not in the file: read as empty
    AbsentColumns { file: String, columns: Vec<&'static str> },
    /// bytes that the encoding does not have stand as U+FFFD
    BadText { file: String, line: u64 },
}

impl Warning {
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownColumns { .. } => "unknown_columns",
            Self::AbsentColumns { .. } => "absent_columns",
            Self::BadText { .. } => "bad_text",
        }
    }

    pub fn japanese(&self) -> String {
        match self {
            Self::UnknownColumns { file, columns } => {
                format!("{file} の列「{}」は使いません", columns.join("」「"))
            }
            Self::AbsentColumns { file, columns } => {
                format!("{file} に列「{}」がないので、空として扱います", columns.join("」「"))
            }
            Self::BadText { file, line } => {
                format!("{file} の {line} 行目などに読めない文字があります（文字コードを確かめてください）")
            }
        }
    }

    pub fn english(&self) -> String {
        match self {
            Self::UnknownColumns { file, columns } => format!("{file}: not used: {}", columns.join(", ")),
            Self::AbsentColumns { file, columns } => {
                format!("{file}: read as empty, because not there: {}", columns.join(", "))
            }
            Self::BadText { file, line } => {
                format!("{file}: characters that cannot be read, first on line {line} (check the encoding)")
            }
        }
    }
}
