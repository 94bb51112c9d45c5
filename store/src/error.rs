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
    #[error("保存先 {0} は使えません。手元のフォルダを指定してください（オブジェクトストアは未対応です）")]
    UnsupportedLocation(String),
    #[error("{0} の中身が読めません: {1}")]
    Corrupt(String, String),
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn delta(table: &str) -> impl FnOnce(deltalake::DeltaTableError) -> Self {
        let table = table.to_owned();
        move |source| Self::Delta { table, source: Box::new(source) }
    }
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(e: datafusion::error::DataFusionError) -> Self {
        Self::Query(Box::new(e))
    }
}
