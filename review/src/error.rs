//! What can go wrong, in the words of the user.

pub type Result<T> = std::result::Result<T, Error>;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $ty:ty),* } $ja:literal $en:literal;)*) => {
        /// No message names a person.
        #[derive(Debug, thiserror::Error)]
        pub enum Error {
            #[error("点検の台帳（review.sqlite）: {0}")]
            Sqlite(#[from] rusqlite::Error),
            #[error(transparent)]
            Store(#[from] tenken_store::Error),
            #[error("{0}")]
            Other(#[from] anyhow::Error),
            #[error("求償事案の一覧: {0}")]
            Xlsx(#[from] rust_xlsxwriter::XlsxError),
            #[error("{path}: {error}")]
            Io { path: String, error: std::io::Error },
            $($(#[$doc])* #[error($ja)] $name { $($field: $ty),* }),*
        }

        impl Error {
            pub fn english(&self) -> String {
                match self {
                    Self::Sqlite(e) => format!("database of the reviewers (review.sqlite): {e}"),
                    Self::Store(e) => e.english(),
                    Self::Other(e) => format!("{e:#}"),
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
    NoUserYet {}
        "まだ利用者がいません。まず管理者を登録してください: tenken user add 名前 --role 管理 --store 保存先"
        "there is no user yet. Add an administrator first: tenken user add NAME --role 管理 --store S";
    FirstMustManage {}
        "最初の利用者の役割は 管理 でなければなりません（--role 管理）"
        "the first user must have the role 管理 (--role 管理)";
    UserKnown { name: String }
        "利用者 {name} はもういます（パスワードの再設定は tenken user passwd {name}）"
        "user {name} exists (tenken user passwd {name} sets a new password)";
    NoSuchUser { name: String }
        "利用者 {name} はいません（tenken user list）"
        "there is no user {name} (tenken user list)";
    LastManager { name: String }
        "{name} は最後の管理者です。別の管理者を登録してから停止してください"
        "{name} is the last administrator; add another one first";
    BadUserName { name: String }
        "利用者の名前「{name}」は使えません。空白や記号（, : / \" '）のない 1〜32 字にしてください"
        "the user name {name} cannot be used: 1 to 32 characters without blanks and , : / \" '";
    WeakPassword { why: String }
        "このパスワードは使えません: {why}"
        "this password cannot be used: {why}";
    SignInFailed {}
        "名前かパスワードが違います"
        "wrong name or password";
    LockedOut { minutes: i64 }
        "続けて失敗したため止めています。{minutes} 分待つか、管理者に再設定を頼んでください"
        "too many tries: wait {minutes} minutes, or ask an administrator for a reset";
    TooManyRequests {}
        "短い時間に多すぎる要求です。少し待ってください"
        "too many requests; wait a moment";
    NotAllowed { role: String, function: String }
        "役割「{role}」では「{function}」は使えません"
        "the role {role} may not use {function}";
    NotOurForm {}
        "画面が古いか、ほかの場所から送られました。開き直してもう一度送ってください"
        "the page is old, or the form came from elsewhere; open it again and repeat";
    NotFound { what: String }
        "{what} は見つかりません"
        "{what} was not found";
    Conflict { by: String, what: String }
        "先に {by} さんが「{what}」にしました。内容を確かめて、必要ならやり直してください（あなたの入力は保存されていません）"
        "{by} was first: {what}. Look again and repeat if needed; nothing of yours was stored";
    IllegalStep { from: String, to: String, legal: String }
        "「{from}」から「{to}」には進めません。次にできるのは: {legal}"
        "{from} cannot become {to}; what can follow: {legal}";
    StepNeeds { to: String, what: String }
        "「{to}」にするには {what} が要ります"
        "{to} needs {what}";
    OwnDecision { user: String }
        "自分（{user}）が決めた処理は自分では決裁できません"
        "{user} may not approve what {user} decided";
    Overlap { other: i64, kind: String }
        "同じレセプトの同じ日について、事案 {other} がすでに「{kind}」です。過誤と返納金を重ねることはできません"
        "case {other} of the same claim and days is {kind} already";
    TooMuch { yen: i64, most: i64 }
        "回収額 {yen} 円は給付額 {most} 円を超えます"
        "{yen} yen recovered is more than the {most} yen that were paid";
    CannotUndo { why: String }
        "取り消せません: {why}"
        "cannot be undone: {why}";
    BadInput { field: String, why: String }
        "{field}: {why}"
        "{field}: {why}";
    Imported { name: String }
        "{name} はもう取り込まれています（同じ内容）"
        "{name} was read before (same content)";
}
