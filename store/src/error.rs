//! Errors of the store. Each says what was being done and to what.

use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path} を読み書きできません: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path} は Tenken の保存先ではありません（store.json がありません）", path = path.display())]
    NotAStore { path: PathBuf },
    #[error("保存先の形式 {found} は、この版（{known} まで）では開けません。新しい版の tenken を使ってください")]
    NewerFormat { found: u32, known: u32 },
    #[error("表 {table}: {source}")]
    Delta { table: String, source: Box<deltalake::DeltaTableError> },
    #[error("表 {table}: 列の書き出しに失敗しました: {source}")]
    Parquet { table: String, source: parquet::errors::ParquetError },
    #[error("問い合わせに失敗しました: {0}")]
    Query(#[from] Box<datafusion::error::DataFusionError>),
    #[error("列の組み立てに失敗しました: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    #[error("原本 {file}: {reason}")]
    Original { file: String, reason: String },
    #[error("取込 {0} はありません")]
    NoSuchImport(String),
    #[error("取込 {0} は既に取り消されています")]
    AlreadyWithdrawn(String),
    #[error("取込 {import_id} は第 {visible} 世代です。第 {asked} 世代は書けません")]
    Generation { import_id: String, visible: i32, asked: i32 },
    #[error("処理 {0} はありません")]
    NoSuchRun(String),
    #[error("保険者番号 {0} の資格台帳はありません")]
    NoSuchOwner(String),
    #[error("台帳の持ち主にできるのは数字の保険者番号だけです: {0}")]
    BadOwner(String),
    #[error("保存先 {0} は使えません。手元のフォルダを指定してください（オブジェクトストアは未対応です）")]
    UnsupportedLocation(String),
    #[error("閲覧記録 {path} に書けないため、何も表示しません: {source}", path = path.display())]
    Audit { path: PathBuf, source: std::io::Error },
    #[error("{0} の中身が読めません: {1}")]
    Corrupt(String, String),
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn audit(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Audit { path, source }
    }

    pub(crate) fn delta(table: &str) -> impl FnOnce(deltalake::DeltaTableError) -> Self {
        let table = table.to_owned();
        move |source| Self::Delta { table, source: Box::new(source) }
    }

    pub(crate) fn parquet(table: &str) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        let table = table.to_owned();
        move |source| Self::Parquet { table, source }
    }
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(e: datafusion::error::DataFusionError) -> Self {
        Self::Query(Box::new(e))
    }
}

impl Error {
    /// The message in English; `Display` is Japanese.
    pub fn english(&self) -> String {
        match self {
            Self::Io { path, source } => format!("cannot read or write {}: {source}", path.display()),
            Self::NotAStore { path } => format!("{} is no store of Tenken (no store.json)", path.display()),
            Self::NewerFormat { found, known } => {
                format!("the store has format {found}; this release reads up to {known}. Use a newer tenken")
            }
            Self::Delta { table, source } => format!("table {table}: {source}"),
            Self::Parquet { table, source } => format!("table {table}: columns could not be written: {source}"),
            Self::Query(e) => format!("the query failed: {e}"),
            Self::Arrow(e) => format!("columns could not be built: {e}"),
            Self::Original { file, reason } => format!("original {file}: {reason}"),
            Self::NoSuchImport(id) => format!("there is no import {id}"),
            Self::AlreadyWithdrawn(id) => format!("import {id} is withdrawn already"),
            Self::Generation { import_id, visible, asked } => {
                format!("import {import_id} is at generation {visible}; generation {asked} cannot be written")
            }
            Self::NoSuchRun(id) => format!("there is no run {id}"),
            Self::NoSuchOwner(no) => format!("there is no register of insurer {no}"),
            Self::BadOwner(no) => format!("the owner of a register is an insurer number in digits, not {no}"),
            Self::UnsupportedLocation(s) => {
                format!("{s} cannot be a store: give a local folder (object stores are not supported yet)")
            }
            Self::Audit { path, source } => {
                format!("nothing is shown, because the access log {} cannot be written: {source}", path.display())
            }
            Self::Corrupt(what, why) => format!("{what} cannot be read: {why}"),
        }
    }
}
