//! What can go wrong, in the words of the user.

pub type Result<T> = std::result::Result<T, Error>;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $ty:ty),* } $ja:literal $en:literal;)*) => {
        /// No message names a person.
        #[derive(Debug, thiserror::Error)]
        pub enum Error {
            #[error("求償事案の台帳: {0}")]
            Sqlite(#[from] rusqlite::Error),
            #[error("求償事案の一覧: {0}")]
            Xlsx(#[from] rust_xlsxwriter::XlsxError),
            #[error("{path}: {error}")]
            Io { path: String, error: std::io::Error },
            $($(#[$doc])* #[error($ja)] $name { $($field: $ty),* }),*
        }

        impl Error {
            pub fn english(&self) -> String {
                match self {
                    Self::Sqlite(e) => format!("case database: {e}"),
                    Self::Xlsx(e) => format!("list of cases: {e}"),
                    Self::Io { path, error } => format!("{path}: {error}"),
                    $(Self::$name { $($field),* } => format!($en)),*
                }
            }
        }
    };
}

errors! {
    Newer { found: i64, known: i64 }
        "求償事案の台帳はもっと新しい版（{found}）で作られています。この版が読めるのは {known} までです。tenken を新しくしてください"
        "the case database was made by a newer release ({found}; this one reads up to {known}). Use that release";
    NoSuchCase { case_no: String }
        "事案 {case_no} はありません（tenken third-party case list で番号を確かめてください）"
        "there is no case {case_no} (see tenken third-party case list)";
    Illegal { case_no: String, from: String, to: String, legal: String }
        "事案 {case_no} は {from} から {to} には進めません。次にできるのは {legal} です"
        "case {case_no} cannot go from {from} to {to}; what can follow: {legal}";
    Needs { case_no: String, to: String, what: String }
        "事案 {case_no} を {to} にするには {what} が要ります"
        "case {case_no} needs {what} to become {to}";
    Held { case_no: String, roles: String }
        "事案 {case_no} は配慮を要します。照会や保留の解除は、{roles} の人が理由を書いて手で行います"
        "case {case_no} is held: only {roles} may do this, by hand and with a reason";
    Changed { case_no: String, expected: i64, found: i64 }
        "事案 {case_no} は先にほかの人が変えました（版 {expected} のはずが {found}）。見直してからやり直してください"
        "case {case_no} was changed by somebody else (version {found}, not {expected}). Look again and repeat";
    TooManyReminders { case_no: String, most: usize }
        "事案 {case_no} の督促は {most} 回までです"
        "case {case_no} has had its {most} reminders";
    TooOld { case_no: String, months: i64 }
        "事案 {case_no} は {months} か月より前のけがです。新しい照会はしません（10 第三の記載があるものを除く）"
        "case {case_no} is about an injury more than {months} months ago: no new inquiry (unless marked 10)";
    UnknownWord { word: String, known: String }
        "「{word}」は使えません。使えるのは {known} です"
        "{word} is not known; one of: {known}";
    BadDate { text: String }
        "「{text}」は日付ではありません。YYYY-MM-DD と書いてください"
        "{text} is no date; write YYYY-MM-DD";
    BadAmount { text: String }
        "金額「{text}」は正の円で書いてください"
        "the amount {text} must be a positive number of yen";
    Open { case_no: String }
        "この人のこの事案は {case_no} で開いています"
        "this is open already as case {case_no}";
}
