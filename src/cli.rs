//! The command line as data: help, completions and man page come from here (DESIGN section 5).

use std::{ffi::OsString, process::ExitCode};

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser, error::ErrorKind, value_parser};

use tenken_matcher::{files, registry::rows::Moment};

use crate::lang::Lang;

/// Exit status of wrong usage.
const WRONG_USAGE: u8 = 2;

/// The whole command in one language.
pub fn command(lang: Lang) -> Command {
    let t = |ja: &'static str, en: &'static str| lang.t(ja, en);
    let store = || {
        Arg::new("store")
            .long("store")
            .value_name("S")
            .required(true)
            .value_parser(value_parser!(std::path::PathBuf))
            .help(t("保存先のフォルダ", "folder of the store"))
    };
    let format = |values: [&'static str; 3]| {
        Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .default_value(values[0])
            .value_parser(PossibleValuesParser::new(values))
            .hide_possible_values(true)
            .hide_default_value(true)
            .help(format!("{} ({})", t("出力の形", "output format"), values.join(", ")))
    };
    let list = || format(["table", "csv", "json"]);
    let encoding = || {
        Arg::new("encoding")
            .long("encoding")
            .value_name("ENC")
            .default_value("utf8")
            .value_parser(PossibleValuesParser::new(["utf8", "utf8-bom", "cp932"]))
            .hide_possible_values(true)
            .hide_default_value(true)
            .help(t(
                "csv の文字コード（utf8、Excel で開くなら utf8-bom か cp932）",
                "encoding of csv (utf8; utf8-bom or cp932 for Excel)",
            ))
    };
    let insurer = || {
        Arg::new("insurer")
            .long("insurer")
            .value_name("NO")
            .help(t("保険者番号（台帳の持ち主）", "insurer number (owner of the register)"))
    };
    let pem = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(std::path::PathBuf)).help(help)
    };
    let user_name = || Arg::new("name").value_name("NAME").required(true).help(t("利用者の名前", "name of the user"));
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let sub = |name: &'static str, ja: &'static str, en: &'static str| {
        Command::new(name).about(t(ja, en)).help_template(template(lang))
    };

    Command::new("tenken")
        .version(env!("CARGO_PKG_VERSION"))
        .about(t(
            "点検: 医療保険者のためのレセプト取込・資格点検・給付計算",
            "Tenken: claims of Japan's public health insurers, imported and checked",
        ))
        .after_help(t(
            "終了コード: 0 完了、1 失敗（何も保存していない）、2 使い方の誤り、3 完了したが確認が必要なものがある",
            "Exit status: 0 done; 1 failed, nothing stored; 2 wrong usage; 3 done, but something needs a look",
        ))
        .help_template(template(lang))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("LANG")
                .global(true)
                .default_value("ja")
                .hide_default_value(true)
                .value_parser(PossibleValuesParser::new(["ja", "en"]))
                .hide_possible_values(true)
                .help(t("表示の言語（ja または en）", "language of messages (ja or en)")),
        )
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .global(true)
                .action(ArgAction::Help)
                .help(t("使い方を表示する", "show this help")),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help(t("版を表示する", "show the version")),
        )
        .subcommand(
            sub(
                "demo",
                "架空の町を作って取り込み、結果を見せる",
                "make a small invented town, import a month, show the result",
            )
            .arg(
                Arg::new("dir")
                    .long("dir")
                    .value_name("D")
                    .default_value("tenken-demo")
                    .hide_default_value(true)
                    .value_parser(value_parser!(std::path::PathBuf))
                    .help(t("作る場所（既定は tenken-demo）", "folder to make it in (default: tenken-demo)")),
            )
            .arg(
                Arg::new("insured")
                    .long("insured")
                    .value_name("N")
                    .default_value("300")
                    .hide_default_value(true)
                    .value_parser(value_parser!(u32).range(50..=100_000))
                    .help(t("町の被保険者数（既定は 300）", "number of insured people in the town (default: 300)")),
            )
            .arg(flag("no-serve", t("点検画面を開かない", "do not open the review page"))),
        )
        .subcommand(sample(
            lang,
            sub("sample", "架空の町のレセプトと資格台帳を作る", "make claims and register of an invented town"),
        ))
        .subcommand(
            sub("import", "一か月分のレセプトを取り込む", "import the claims of a month")
                .arg(
                    Arg::new("path")
                        .value_name("PATH")
                        .required(true)
                        .num_args(1..)
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(t(
                            "ファイル、フォルダ、または届いたままの ZIP",
                            "a file, a folder, or a ZIP as delivered",
                        )),
                )
                .arg(store())
                .arg(
                    Arg::new("month")
                        .long("month")
                        .value_name("YYYY-MM")
                        .required(true)
                        .value_parser(month)
                        .help(t("審査月", "month of examination (審査月)")),
                )
                .arg(flag("check", t("調べるだけで保存しない", "look only, store nothing")))
                .arg(
                    Arg::new("format")
                        .long("format")
                        .value_name("FORMAT")
                        .default_value("table")
                        .value_parser(PossibleValuesParser::new(["table", "json"]))
                        .hide_possible_values(true)
                        .hide_default_value(true)
                        .help(t("出力の形 (table, json)", "output format (table, json)")),
                )
                .arg(flag(
                    "no-mmap",
                    t(
                        "ファイルを割り付けずに読む（共有フォルダやパイプ向け）",
                        "read files instead of mapping them (network shares, pipes)",
                    ),
                ))
                .arg(
                    Arg::new("threads")
                        .long("threads")
                        .value_name("N")
                        .value_parser(value_parser!(u16).range(1..=256))
                        .help(t("並列数（既定は CPU の数）", "number of workers (default: number of CPUs)")),
                )
                .arg(
                    Arg::new("piece-bytes")
                        .long("piece-bytes")
                        .value_name("N")
                        .hide(true)
                        .value_parser(value_parser!(u64).range(1..)),
                ),
        )
        .subcommand(sub("imports", "取込の一覧", "list of imports").arg(store()).arg(list()).arg(encoding()))
        .subcommand(
            sub(
                "withdraw",
                "取込を取り消す（同じファイルを取り込み直せる）",
                "take an import back (its files may come again)",
            )
            .arg(Arg::new("import_id").value_name("IMPORT_ID").required(true).help(t("取込の番号", "id of the import")))
            .arg(store()),
        )
        .subcommand(
            sub("registry", "資格台帳", "the register of insured people")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(
                    sub("load", "資格台帳を読み込む", "load a register")
                        .arg(
                            Arg::new("path")
                                .value_name("PATH")
                                .required(true)
                                .num_args(1..)
                                .value_parser(value_parser!(std::path::PathBuf))
                                .help(t(
                                    "kojin.csv などのあるフォルダ、またはファイル",
                                    "a folder with kojin.csv and the others, or files",
                                )),
                        )
                        .arg(store())
                        .arg(insurer())
                        .arg(flag("delta", t("差分（行を鍵ごとに置き換える）", "a delta: rows replace by their key")))
                        .arg(
                            Arg::new("mapping")
                                .long("mapping")
                                .value_name("FILE")
                                .value_parser(value_parser!(std::path::PathBuf))
                                .help(t(
                                    "列名・符号・日付の読み替え（TOML）",
                                    "names, codes and dates of other exports (TOML)",
                                )),
                        )
                        .arg(Arg::new("as-of").long("as-of").value_name("DATETIME").value_parser(moment).help(t(
                            "登録日時のない行を知った日時（YYYY-MM-DD HH:MM:SS）",
                            "when rows without 登録日時 became known (YYYY-MM-DD HH:MM:SS)",
                        )))
                        .arg(format(["table", "json", "csv"])),
                )
                .subcommand(
                    sub("show", "一人の資格と属性を時の流れで見る", "a person's periods and attributes over time")
                        .arg(
                            Arg::new("person_id")
                                .value_name("宛名番号")
                                .required(true)
                                .help(t("宛名番号", "key of the person (宛名番号)")),
                        )
                        .arg(store())
                        .arg(insurer())
                        .arg(
                            Arg::new("at")
                                .long("at")
                                .value_name("DATE")
                                .value_parser(day)
                                .help(t("見る日（YYYY-MM-DD）", "the day looked at (YYYY-MM-DD)")),
                        )
                        .arg(
                            Arg::new("as-of")
                                .long("as-of")
                                .value_name("DATETIME")
                                .value_parser(moment)
                                .help(t("その時に知られていたこと", "what was known then")),
                        )
                        .arg(list())
                        .arg(encoding()),
                ),
        )
        .subcommand(
            sub(
                "recheck",
                "今の台帳と規則で、取り込んだレセプトを点検し直す",
                "hold stored claims against today's register and rules",
            )
            .arg(store())
            .arg(
                Arg::new("month")
                    .long("month")
                    .value_name("M..M")
                    .value_parser(months)
                    .help(t("審査月の範囲（既定はすべて）", "months of examination (default: all)")),
            )
            .arg(format(["table", "json", "csv"])),
        )
        .subcommand(
            sub("findings", "指摘の一覧、または一つの指摘の説明", "findings, or one of them explained")
                .arg(store())
                .arg(
                    Arg::new("month")
                        .long("month")
                        .value_name("YYYY-MM")
                        .value_parser(month)
                        .help(t("審査月", "month of examination (審査月)")),
                )
                .arg(
                    Arg::new("rule")
                        .long("rule")
                        .value_name("R")
                        .help(t("規則（E223 = 再点検で開いたもの）", "rule (E223 = those that a re-check opened)")),
                )
                .arg(insurer())
                .arg(
                    Arg::new("explain")
                        .long("explain")
                        .value_name("FINDING_ID")
                        .help(t("この指摘を詳しく説明する", "explain this finding in full")),
                )
                .arg(list())
                .arg(encoding()),
        )
        .subcommand(
            sub("third-party", "第三者行為の候補", "candidates for third-party acts (第三者行為)")
                .args_conflicts_with_subcommands(true)
                .subcommand_negates_reqs(true)
                .disable_help_subcommand(true)
                .arg(store())
                .arg(
                    Arg::new("month")
                        .long("month")
                        .value_name("YYYY-MM")
                        .value_parser(month)
                        .help(t("審査月", "month of examination (審査月)")),
                )
                .arg(insurer())
                .arg(list())
                .arg(encoding())
                .subcommand(
                    sub(
                        "score",
                        "小さな事例の CSV に点を付ける（保存先は要らない）",
                        "score a CSV of small cases (needs no store)",
                    )
                    .arg(path_arg("in", "CSV", t("事例（第三者行為の仕様の列）", "the cases")))
                    .arg(path_arg("out", "CSV", t("結果を書くファイル", "where the results go")))
                    .arg(
                        path_arg(
                            "rules",
                            "FOLDER",
                            t("語と重みの表を置き換えるフォルダ", "a folder whose tables replace words and weights"),
                        )
                        .required(false),
                    ),
                )
                .subcommand(third_party_case(
                    lang,
                    sub("case", "求償事案", "third-party cases"),
                    [
                        sub("open", "事案を開き、番号を出力する", "open a case and print its number"),
                        sub("move", "事案を次の状態に進める", "bring a case to its next state"),
                        sub("edit", "分かったことを書き留める", "write down what became known"),
                        sub("list", "第三者行為進捗状況一覧表", "the list of progress"),
                        sub("kpi", "年度の指標", "indicators of a fiscal year"),
                    ],
                    [store(), insurer(), list(), encoding()],
                )),
        )
        .subcommand(benefit(
            lang,
            sub("benefit", "高額療養費", "high-cost benefits (高額療養費)"),
            [
                sub(
                    "calc",
                    "レセプト 1 件ずつの窓口負担を計算する（保存先は要らない）",
                    "what is paid for single claims (needs no store)",
                ),
                sub(
                    "household",
                    "世帯の月ごとの高額療養費を計算する（保存先は要らない）",
                    "the benefit of households and months (needs no store)",
                ),
                sub("run", "審査月の一括計算", "the batch of a month of examination"),
                sub(
                    "list",
                    "世帯と診療月ごとの結果。支給申請案内の一覧",
                    "results by household and month of treatment; whom to write to",
                ),
                sub(
                    "aggregate",
                    "保険者の集計（給付の内訳、高額医療費負担金、特別高額）",
                    "the insurer's own figures (benefits by step, claims above the thresholds)",
                ),
                sub(
                    "annual",
                    "8月から翌7月までの累計（外来年間合算、年間上限）",
                    "years from August to July (外来年間合算, 年間上限)",
                ),
                sub(
                    "limits",
                    "限度額の表。自分の表との差と、それが効くレセプト",
                    "the limits; what a table of one's own changes, and for which claims",
                ),
            ],
            [store(), insurer(), list(), encoding()],
        ))
        .subcommand(report(
            lang,
            sub("report", "事業月報などの帳票", "monthly reports (事業月報) and other documents"),
            sub("explain", "帳票の一つの欄のもとになったレセプトと異動", "the claims and events under one cell"),
            [store(), insurer(), list(), encoding()],
        ))
        .subcommand(
            sub(
                "ledger",
                "レセプトにない記録（過誤・再審査・現金給付・請求内訳）",
                "records that claims do not contain",
            )
            .subcommand_required(true)
            .arg_required_else_help(true)
            .disable_help_subcommand(true)
            .subcommand(
                sub(
                    "load",
                    "events.csv cash.csv billed.csv counts.csv を読み込む",
                    "load events.csv, cash.csv, billed.csv, counts.csv",
                )
                .arg(
                    Arg::new("path")
                        .value_name("PATH")
                        .required(true)
                        .num_args(1..)
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(t("フォルダまたはファイル", "folders or files")),
                )
                .arg(store())
                .arg(insurer())
                .arg(
                    Arg::new("mapping")
                        .long("mapping")
                        .value_name("FILE")
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(t("列名などの対応表 (TOML)", "names of columns and more (TOML)")),
                )
                .arg(format(["table", "json", "csv"])),
            ),
        )
        .subcommand(
            sub(
                "masters",
                "基本マスター（名称と ICD-10 の表示に使う）",
                "official masters, for names and ICD-10 on pages",
            )
            .subcommand_required(true)
            .arg_required_else_help(true)
            .disable_help_subcommand(true)
            .subcommand(
                sub("load", "配られたままのファイルを読み込む", "load files as they were delivered")
                    .arg(
                        Arg::new("path")
                            .value_name("PATH")
                            .required(true)
                            .num_args(1..)
                            .value_parser(value_parser!(std::path::PathBuf))
                            .help(t(
                                "ファイル（b_20240601.txt など）またはフォルダ",
                                "files (b_20240601.txt …) or folders",
                            )),
                    )
                    .arg(store())
                    .arg(list())
                    .arg(encoding()),
            ),
        )
        .subcommand(
            sub("serve", "点検の画面を開く（ブラウザで使う）", "the reviewers' application, for a browser")
                .arg(store())
                .arg(
                    Arg::new("listen").long("listen").value_name("ADDRESS:PORT").default_value("127.0.0.1:8080").help(
                        t("待ち受ける番地。ふつうはこの機械だけ", "where to listen; this machine only by default"),
                    ),
                )
                .arg(pem("tls-cert", t("証明書の鎖（PEM）", "certificate chain (PEM)")))
                .arg(pem("tls-key", t("秘密鍵（PEM）", "private key (PEM)"))),
        )
        .subcommand(
            sub("user", "点検の画面の利用者", "who may use the reviewers' application")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .disable_help_subcommand(true)
                .subcommand(
                    sub("add", "登録する。最初の人は管理", "add one; the first must be 管理")
                        .arg(user_name())
                        .arg(
                            Arg::new("role")
                                .long("role")
                                .value_name("ROLE")
                                .required(true)
                                .value_parser(PossibleValuesParser::new(tenken_review::functions::roles()))
                                .help(t("役割", "role")),
                        )
                        .arg(
                            Arg::new("insurer")
                                .long("insurer")
                                .value_name("NO")
                                .action(ArgAction::Append)
                                .help(t("見てよい保険者。なければ全部", "insurers that may be seen; all without")),
                        )
                        .arg(pem("password-file", t("パスワードを書いたファイル", "file with the password")))
                        .arg(store()),
                )
                .subcommand(
                    sub(
                        "passwd",
                        "パスワードを決め直す（すべてのサインインが終わる）",
                        "set a new password; ends all sessions",
                    )
                    .arg(user_name())
                    .arg(pem("password-file", t("パスワードを書いたファイル", "file with the password")))
                    .arg(store()),
                )
                .subcommand(sub("disable", "停止する", "end an account").arg(user_name()).arg(store()))
                .subcommand(sub("list", "一覧", "all of them").arg(store()).arg(list()).arg(encoding()))
                .subcommand(
                    sub("roles", "役割と機能の表", "the table of roles and functions").arg(list()).arg(encoding()),
                ),
        )
        .subcommand(
            sub(
                "rules",
                "規則の一覧（入り切り、根拠、待っているもの）",
                "the rules: switches, basis, what they wait for",
            )
            .arg(store().required(false))
            .arg(insurer())
            .arg(list())
            .arg(encoding()),
        )
        .subcommand(
            sub("config", "効いている設定と、その出どころ", "the settings in force and where they come from")
                .arg(store())
                .arg(list())
                .arg(encoding()),
        )
        .subcommand(
            sub("claim", "レセプト 1 件を紙の様式のように表示する", "show one claim, laid out like the paper form")
                .arg(
                    Arg::new("claim_id")
                        .value_name("CLAIM_ID")
                        .required(true)
                        .help(t("レセプトの番号（16 桁）", "id of the claim (16 digits)")),
                )
                .arg(store())
                .arg(
                    Arg::new("format")
                        .long("format")
                        .value_name("FORMAT")
                        .default_value("text")
                        .value_parser(PossibleValuesParser::new(["text", "json", "html", "raw"]))
                        .hide_possible_values(true)
                        .hide_default_value(true)
                        .help(t(
                            "出力の形 (text, json, html, raw = 受け取ったままのバイト)",
                            "output format (text, json, html, raw = the bytes as received)",
                        )),
                ),
        )
        .subcommand(
            sub("sql", "取り込んだ行を SQL で調べる（読み取りのみ）", "read-only SQL over the visible rows")
                .arg(Arg::new("query").value_name("SQL").required(true).help(t("問い合わせ", "the query")))
                .arg(store())
                .arg(list())
                .arg(encoding()),
        )
        .subcommand(audit(
            lang,
            sub("audit", "閲覧記録（誰がいつ誰の情報を見たか）", "the access log: who looked at whose data, and when"),
            [
                sub(
                    "verify",
                    "記録が一つも変わらず欠けていないか確かめる",
                    "check that no row was changed or is missing",
                )
                .arg(store())
                .arg(list()),
                sub("export", "記録を出力する", "its rows").arg(store()).arg(list()).arg(encoding()),
                sub("review", "半期の点検のための集計", "figures for the half-yearly review")
                    .arg(store())
                    .arg(list())
                    .arg(encoding()),
            ],
        ))
        .subcommand(
            sub("verify", "保存したものがすべて無傷か確かめる", "check that everything stored is intact")
                .arg(store())
                .arg(format(["table", "json", "csv"])),
        )
        .subcommand(
            sub("doctor", "環境と保存先の状態を調べる", "look at the environment and the store")
                .arg(store().required(false))
                .arg(format(["table", "json", "csv"])),
        )
        .subcommand(
            sub("completions", "シェルの補完を出力する", "print shell completions").arg(
                Arg::new("shell")
                    .value_name("SHELL")
                    .required(true)
                    .value_parser(value_parser!(clap_complete::Shell))
                    .help(t("シェルの名前", "name of the shell")),
            ),
        )
        .subcommand(sub("man", "マニュアル（man 形式）を出力する", "print the man page"))
}

/// A needed path: `--name VALUE`.
fn path_arg(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .required(true)
        .value_parser(value_parser!(std::path::PathBuf))
        .help(help)
}

/// `tenken report`.
fn report(lang: Lang, command: Command, explain: Command, shared: [Arg; 4]) -> Command {
    let t = |ja: &'static str, en: &'static str| lang.t(ja, en);
    let [store, insurer, list, encoding] = shared;
    let month = || {
        Arg::new("month")
            .long("month")
            .value_name("YYYY-MM")
            .value_parser(month)
            .help(t("診療月（審査月の前の月）", "month of treatment (the one before its examination)"))
    };
    let word =
        |name: &'static str, value: &'static str, help: &'static str| Arg::new(name).value_name(value).help(help);
    command
        .args_conflicts_with_subcommands(true)
        .disable_help_subcommand(true)
        .arg_required_else_help(true)
        .subcommand(
            explain
                .arg(word("form", "FORM", t("様式の名前", "name of a form")).required(true))
                .arg(word("row", "ROW", t("行（R01 など）", "row, as R01")).required(true))
                .arg(word("col", "COL", t("列（cost など）", "column, as cost")).required(true))
                .arg(store.clone())
                .arg(month())
                .arg(
                    Arg::new("sheet")
                        .long("sheet")
                        .value_name("SHEET")
                        .help(t("シート（既定は欄のある最初のもの）", "sheet (default: the first that has the cell)")),
                )
                .arg(insurer.clone())
                .arg(list)
                .arg(encoding.clone()),
        )
        .arg(word("form", "FORM|all", t("様式の名前（BEN_ALL など）か all", "name of a form, as BEN_ALL, or all")))
        .arg(store)
        .arg(month())
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("D")
                .value_parser(value_parser!(std::path::PathBuf))
                .help(t("書き出すフォルダ", "folder for the files")),
        )
        .arg(Arg::new("format").long("format").value_name("LIST").default_value("csv").hide_default_value(true).help(
            t(
                "ファイルの形、カンマ区切り (csv, xlsx, json, html, neutral)",
                "kinds of files, separated by commas (csv, xlsx, json, html, neutral)",
            ),
        ))
        .arg(encoding)
        .arg(insurer)
}

/// `tenken benefit`.
fn benefit(lang: Lang, command: Command, subs: [Command; 7], shared: [Arg; 4]) -> Command {
    let t = |ja: &'static str, en: &'static str| lang.t(ja, en);
    let [calc, household, run, results, aggregate, annual, limits] = subs;
    let exam_month = || {
        Arg::new("month")
            .long("month")
            .value_name("YYYY-MM")
            .value_parser(month)
            .help(t("審査月", "month of examination (審査月)"))
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let [store, insurer, list, encoding] = shared;
    let config = || {
        path_arg(
            "config",
            "TOML",
            t("設定ファイル（既定は保存先の tenken.toml）", "configuration (default: that of the store)"),
        )
        .required(false)
    };
    let calculator = |command: Command| {
        command
            .arg(path_arg("in", "CSV", t("計算する行", "rows to work out")))
            .arg(path_arg("out", "CSV", t("結果を書くファイル", "where the results go")))
            .arg(store.clone().required(false))
            .arg(config())
    };
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(calculator(calc))
        .subcommand(calculator(household))
        .subcommand(
            run.arg(store.clone()).arg(exam_month().required(true)).arg(insurer.clone()).arg(
                Arg::new("format")
                    .long("format")
                    .value_name("FORMAT")
                    .default_value("table")
                    .value_parser(PossibleValuesParser::new(["table", "json", "csv"]))
                    .hide_possible_values(true)
                    .hide_default_value(true)
                    .help(format!("{} (table, json, csv)", t("出力の形", "output format"))),
            ),
        )
        .subcommand(
            results
                .arg(store.clone())
                .arg(exam_month())
                .arg(insurer.clone())
                .arg(
                    Arg::new("change")
                        .long("change")
                        .value_name("CHANGE")
                        .value_parser(PossibleValuesParser::new(["new", "increase", "decrease", "same", "zero"]))
                        .help(t("新規・増額・減額などで絞る", "only these changes")),
                )
                .arg(
                    Arg::new("household")
                        .long("household")
                        .value_name("世帯番号")
                        .help(t("この世帯のすべての版", "every version of this household")),
                )
                .arg(flag("versions", t("置き換えられた版も", "versions that were replaced too")))
                .arg(flag(
                    "guide",
                    t(
                        "支給申請案内の一覧（償還があり、確定している世帯）",
                        "whom to write to: cash to be refunded, confirmed",
                    ),
                ))
                .arg(flag("trace", t("計算の過程を一行ずつ印字する", "print the calculations line by line")))
                .arg(list.clone())
                .arg(encoding.clone()),
        )
        .subcommand(
            aggregate
                .arg(store.clone())
                .arg(exam_month().required(true))
                .arg(insurer.clone())
                .arg(
                    Arg::new("members")
                        .long("members")
                        .value_name("FIGURE")
                        .help(t("この数字の内訳（レセプト・決定・世帯の結果）", "what this figure is made of")),
                )
                .arg(list.clone())
                .arg(encoding.clone()),
        )
        .subcommand(
            annual
                .arg(store.clone())
                .arg(Arg::new("year").long("year").value_name("YYYY").required(true).help(t(
                    "8月の年（2026 = 2026-08 から 2027-07）",
                    "the year of its August (2026 = 2026-08 to 2027-07)",
                )))
                .arg(insurer.clone())
                .arg(flag("over", t("上限を超えたものだけ", "only what is above")))
                .arg(list.clone())
                .arg(encoding.clone()),
        )
        .subcommand(
            limits
                .arg(path_arg("file", "CSV", t("自分の限度額の表", "a table of limits of one's own")).required(false))
                .arg(store.clone().required(false))
                .arg(insurer.clone())
                .arg(list.clone())
                .arg(encoding.clone()),
        )
}

/// `tenken third-party case`.
fn third_party_case(
    lang: Lang,
    command: Command,
    [open, step, edit, list, kpi]: [Command; 5],
    [store, insurer, format, encoding]: [Arg; 4],
) -> Command {
    let t = |ja: &'static str, en: &'static str| lang.t(ja, en);
    let word =
        |name: &'static str, value: &'static str, ja, en| Arg::new(name).long(name).value_name(value).help(t(ja, en));
    let date = |name: &'static str, ja, en| word(name, "DATE", ja, en).value_parser(day);
    let yen = |name: &'static str, value, ja, en| word(name, value, ja, en).value_parser(value_parser!(i64).range(0..));
    let yes = |name: &'static str, ja, en| word(name, "yes|no", ja, en).value_parser(["yes", "no"]);
    let user = || word("user", "NAME", "だれがするか", "who does it").required(true);
    let role =
        || word("role", "ROLE", "役割（閲覧・点検・決裁・経理・管理）", "role of the user (閲覧 点検 決裁 経理 管理)");
    let flag = |name: &'static str, ja, en| Arg::new(name).long(name).action(clap::ArgAction::SetTrue).help(t(ja, en));
    let case_no =
        || Arg::new("case_no").value_name("CASE_NO").required(true).help(t("事案の番号", "number of the case"));
    let cause = || word("cause", "WORD", "原因（traffic, assault など）", "cause (traffic, assault …)");
    let accident = || date("accident", "事故の日（YYYY-MM-DD）", "day of the accident (YYYY-MM-DD)");
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            open.arg(store.clone())
                .arg(word("claim", "CLAIM_ID", "もとのレセプト", "the claim it is about"))
                .arg(
                    word("person", "宛名番号", "人だけで開く（電話など）", "a person alone (a telephone call)")
                        .conflicts_with("claim"),
                )
                .arg(word("reason", "TEXT", "開く理由", "why it is opened").required(true))
                .arg(user())
                .arg(word(
                    "discovery",
                    "WORD",
                    "発見の端緒（claim_10, nonlife など）",
                    "how it was found (claim_10, nonlife …)",
                ))
                .arg(cause())
                .arg(accident())
                .arg(insurer.clone()),
        )
        .subcommand(
            step.arg(case_no())
                .arg(store.clone())
                .arg(word("to", "STATE", "次の状態", "the next state"))
                .arg(user())
                .arg(role())
                .arg(date("date", "その日（既定は今日）", "the day it happened (default: today)"))
                .arg(word("reason", "TEXT", "理由、または対象外の区分", "reason, or the code of a dismissal"))
                .arg(word("document", "ID", "書類の番号", "id of the document"))
                .arg(word(
                    "answer",
                    "WORD",
                    "回答（third_party, none, work など）",
                    "answer (third_party, none, work …)",
                ))
                .arg(word("period", "DATE..DATE", "求償期間", "period of the case"))
                .arg(yen("yen", "N", "請求額または収納額（円）", "yen claimed or paid"))
                .arg(
                    word("hold", "on|off", "保留を付ける、または外す", "set or lift the hold")
                        .value_parser(["on", "off"]),
                )
                .arg(flag(
                    "by-hand",
                    "この事案について人が決めた（配慮を要するとき）",
                    "decided by a person for this case (needed on a hold)",
                ))
                .arg(yen(
                    "version",
                    "N",
                    "見た時の版（違えば何もしない）",
                    "the version looked at (else nothing is done)",
                ))
                .arg(insurer.clone()),
        )
        .subcommand(
            edit.arg(case_no())
                .arg(store.clone())
                .arg(user())
                .arg(accident())
                .arg(date("fixed", "症状固定の日", "day of 症状固定"))
                .arg(date("death", "死亡の日", "day of death"))
                .arg(date("demand", "催告の日", "day of the demand (催告)"))
                .arg(cause())
                .arg(word("place", "TEXT", "事故の市町村", "municipality of the accident"))
                .arg(word("wide-area", "ID", "広域の番号", "number of a wide-area case"))
                .arg(yes("counterparty", "相手が分かるか", "whether the wrongdoer is known"))
                .arg(word("counterparty-insurer", "TEXT", "相手の保険会社", "insurer of the wrongdoer"))
                .arg(yen("fault-ratio", "N", "過失割合（%）", "share of fault (%)"))
                .arg(yes("settled", "示談したか", "whether it is settled"))
                .arg(word("staff", "NAME", "担当", "who is in charge"))
                .arg(word("next", "TEXT", "次にすること", "what is next"))
                .arg(date("due", "その期限", "by when"))
                .arg(word("note", "TEXT", "備考", "a note"))
                .arg(
                    word(
                        "paper",
                        "WORD[=DATE]",
                        "届いた書類（notice, delegation など）",
                        "a paper that came (notice, delegation …)",
                    )
                    .action(ArgAction::Append),
                )
                .arg(insurer.clone()),
        )
        .subcommand(
            list.arg(store.clone())
                .arg(word("state", "STATE", "この状態だけ", "only this state"))
                .arg(flag("inquiries", "照会を送れるものだけ", "only those that may be asked"))
                .arg(flag("overdue", "期限が近いもの、過ぎたものだけ", "only those whose time runs out"))
                .arg(flag("held", "配慮を要するものだけ（--role が要る）", "only held ones (needs --role)"))
                .arg(role())
                .arg(
                    word("xlsx", "FILE", "Excel の一覧表に書く", "write the list as a workbook")
                        .value_parser(value_parser!(std::path::PathBuf)),
                )
                .arg(insurer.clone())
                .arg(format.clone())
                .arg(encoding.clone()),
        )
        .subcommand(
            kpi.arg(store)
                .arg(
                    word("year", "YYYY", "年度（既定は今年度）", "fiscal year (default: this one)")
                        .value_parser(value_parser!(i16).range(1990..2999)),
                )
                .arg(insurer)
                .arg(format)
                .arg(encoding),
        )
}

/// `tenken audit`.
fn audit(lang: Lang, command: Command, [verify, export, review]: [Command; 3]) -> Command {
    let t = |ja: &'static str, en: &'static str| lang.t(ja, en);
    let range = |command: Command, from: (&'static str, &'static str), to: (&'static str, &'static str)| {
        let day = |name: &'static str, help: String| {
            Arg::new(name).long(name).value_name("DATE").value_parser(day_or_month).help(help)
        };
        command.arg(day("from", t(from.0, from.1).into())).arg(day("to", t(to.0, to.1).into()))
    };
    let anchor = Arg::new("anchor").long("anchor").value_name("SEQ:HASH").value_parser(anchor).help(t(
        "前に控えた末尾（そこまでの記録が差し替えられていないか確かめる）",
        "a last row noted earlier: shows that the log up to it is the same as then",
    ));
    let to = ("この日または月まで", "up to this day or month");
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(verify.arg(anchor))
        .subcommand(range(
            export,
            ("この日（YYYY-MM-DD）または月（YYYY-MM）から", "from this day (YYYY-MM-DD) or month (YYYY-MM)"),
            to,
        ))
        .subcommand(range(
            review,
            (
                "この日または月から（既定は先月までの六か月と今月）",
                "from this day or month (default: the six months before this one, and this one)",
            ),
            to,
        ))
}

fn anchor(text: &str) -> Result<tenken_store::audit::Anchor, String> {
    text.parse().map_err(|()| "番号:ハッシュ（例 123:64 桁の 16 進数）の形で指定してください".to_owned())
}

/// `YYYY-MM` or `YYYY-MM-DD`, as written: such texts compare like what they mean.
fn day_or_month(text: &str) -> Result<String, String> {
    let wrong = "YYYY-MM または YYYY-MM-DD の形で指定してください";
    let good = month(text).is_ok() || date(text).is_ok();
    if good { Ok(text.to_owned()) } else { Err(wrong.to_owned()) }
}

/// `tenken sample`.
fn sample(lang: Lang, command: Command) -> Command {
    let t = |ja: &'static str, en: &'static str| lang.t(ja, en);
    let option = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    command
        .after_help(t(
            "D の下に registry/、claims/YYYY-MM/、truth.csv、totals.csv を作ります。同じ指定なら同じ内容になります",
            "Writes registry/, claims/YYYY-MM/, truth.csv and totals.csv below D. The same options give the same bytes",
        ))
        .arg(
            option("out", "D")
                .required(true)
                .value_parser(value_parser!(std::path::PathBuf))
                .help(t("作る場所（空のフォルダ、または前に作ったもの）", "folder to make it in (empty, or an earlier sample)")),
        )
        .arg(
            option("insured", "N")
                .required_unless_present_any(["claims", "bytes"])
                .value_parser(value_parser!(u32).range(1..=50_000_000))
                .help(t("国保の被保険者数（全部の町の合計）", "members of 国保 in all towns together")),
        )
        .arg(
            option("months", "M..M")
                .required(true)
                .value_parser(months)
                .help(t("審査月の範囲（例 2026-04..2026-09、または一か月）", "months of examination (2026-04..2026-09, or one)")),
        )
        .arg(
            option("seed", "S")
                .required(true)
                .value_parser(value_parser!(u64))
                .help(t("乱数の種（整数）", "seed (a whole number)")),
        )
        .arg(
            option("form", "FORM")
                .default_value("uke")
                .value_parser(PossibleValuesParser::new(["uke", "insurer"]))
                .hide_possible_values(true)
                .hide_default_value(true)
                .help(t(
                    "ファイルの形: uke = 医療機関から、insurer = 保険者へ（既定は uke）",
                    "form of the files: uke = as institutions send them, insurer = as the insurer gets them (default: uke)",
                )),
        )
        .arg(
            option("kouki", "R")
                .default_value("0")
                .hide_default_value(true)
                .value_parser(ratio)
                .help(t("国保 1 人あたりの後期高齢者（例 0.86、既定は 0）", "後期 per member of 国保 (such as 0.86; default: 0)")),
        )
        .arg(
            option("towns", "N")
                .default_value("1")
                .hide_default_value(true)
                .value_parser(value_parser!(u32).range(1..=500))
                .help(t("町（保険者）の数（既定は 1）", "number of towns, that is of insurers (default: 1)")),
        )
        .arg(
            option("claims", "N")
                .conflicts_with("bytes")
                .value_parser(value_parser!(u64).range(1..=1_000_000_000))
                .help(t("人数の代わりに、一か月のレセプト件数", "instead of people: claims of each month")),
        )
        .arg(
            option("bytes", "SIZE")
                .value_parser(size)
                .help(t("人数の代わりに、一か月の大きさ（例 500M、10G）", "instead of people: size of each month (500M, 10G)")),
        )
        .arg(
            option("as-of", "DATE")
                .value_parser(date)
                .help(t("その日に分かっていた資格台帳にする（YYYY-MM-DD）", "the register as known on that day (YYYY-MM-DD)")),
        )
}

/// `YYYY-MM-DD`
fn day(text: &str) -> Result<tenken_parser::Date, String> {
    files::dates::DateStyle::Plain.date(text).ok_or_else(|| "YYYY-MM-DD で書いてください".to_owned())
}

/// A moment in Japanese time; a day alone is its first moment.
fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text)
        .or_else(|| files::dates::DateStyle::Plain.date(text).map(Moment::start_of))
        .ok_or_else(|| "YYYY-MM-DD HH:MM:SS で書いてください".to_owned())
}

/// `2026-04..2026-09`, or one month.
fn months(text: &str) -> Result<(tenken_parser::Month, tenken_parser::Month), String> {
    /// a register reaches five years back from the last month
    const MOST: i32 = 60;
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (month(from)?, month(to)?);
    if from > to {
        return Err("初めの月が終わりの月より後です".to_owned());
    }
    if to.index() - from.index() >= MOST {
        return Err(format!("{MOST} か月までです"));
    }
    // five years of history and the ages of old people must lie in the calendar
    let calendar = 1990..=2900;
    if !calendar.contains(&from.year()) || !calendar.contains(&to.year()) {
        return Err("1990 年から 2900 年までの月を指定してください".to_owned());
    }
    Ok((from, to))
}

/// A ratio from 0 to 5 in thousandths.
fn ratio(text: &str) -> Result<u32, String> {
    let wrong = || "0 から 5 までの数（小数第 3 位まで）を指定してください".to_owned();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let whole: u32 = whole.parse().map_err(|_| wrong())?;
    let part: u32 = format!("{part:0<3}").parse().map_err(|_| wrong())?;
    let per_mille = whole.checked_mul(1000).and_then(|n| n.checked_add(part)).filter(|n| *n <= 5000);
    per_mille.ok_or_else(wrong)
}

/// Bytes: a number with K, M, G or T (powers of 1000).
fn size(text: &str) -> Result<u64, String> {
    let wrong = || "500M、10G のように指定してください".to_owned();
    let upper = text.to_ascii_uppercase();
    let upper = upper.strip_suffix('B').unwrap_or(&upper);
    let digits = upper.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match &upper[digits.len()..] {
        "" => 1,
        "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|n| (10_000..=100_000_000_000_000).contains(n)).ok_or_else(wrong)
}

fn date(text: &str) -> Result<tenken_parser::Date, String> {
    let wrong = || "YYYY-MM-DD（例 2026-09-30）の形で指定してください".to_owned();
    let (month, day) = text.rsplit_once('-').filter(|(_, d)| d.len() == 2).ok_or_else(wrong)?;
    let month = tenken_parser::Month::parse_iso(month).ok_or_else(wrong)?;
    day.parse().ok().and_then(|d| month.day(d)).ok_or_else(wrong)
}

fn template(lang: Lang) -> &'static str {
    lang.t(
        "{about}\n\n使い方: {usage}\n\n{all-args}{after-help}\n",
        "{about}\n\nUsage: {usage}\n\n{all-args}{after-help}\n",
    )
}

fn month(text: &str) -> Result<tenken_parser::Month, String> {
    tenken_parser::Month::parse_iso(text).ok_or_else(|| "YYYY-MM（例 2026-10）の形で指定してください".to_owned())
}

fn localised(command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    let command = command.subcommand_help_heading("コマンド");
    let command = command.mut_args(|a| {
        let heading = if a.is_positional() { "引数" } else { "オプション" };
        a.help_heading(heading)
    });
    command.mut_subcommands(|s| localised(s, lang))
}

/// The command line, or what has been shown instead (help, version, an error) as an exit status.
pub fn parse(args: impl Iterator<Item = OsString>) -> (Lang, Result<ArgMatches, ExitCode>) {
    let args: Vec<OsString> = args.collect();
    let mut lang = Lang::Ja;
    for (i, arg) in args.iter().enumerate() {
        let next = args.get(i + 1).and_then(|a| a.to_str());
        if arg == "--lang=en" || (arg == "--lang" && next == Some("en")) {
            lang = Lang::En;
        }
    }
    let parsed = localised(command(lang), lang).try_get_matches_from(args);
    let result = parsed.map_err(|e| {
        if lang == Lang::Ja
            && let Some(text) = in_japanese(&e)
        {
            eprintln!("エラー: {text}\n\n詳しくは tenken --help をご覧ください");
            return ExitCode::from(WRONG_USAGE);
        }
        // nothing to be done when even the message cannot be printed
        let _ = e.print();
        ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(WRONG_USAGE))
    });
    (lang, result)
}

/// The usual mistakes in Japanese; clap's own text for the rest.
fn in_japanese(e: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ContextValue};
    let context = |kind| match e.get(kind) {
        Some(ContextValue::String(s)) => s.clone(),
        Some(ContextValue::Strings(v)) => v.join("、"),
        _ => String::new(),
    };
    let arg = context(ContextKind::InvalidArg);
    Some(match e.kind() {
        ErrorKind::MissingRequiredArgument => format!("{arg} を指定してください"),
        ErrorKind::UnknownArgument => format!("{arg} という指定はありません"),
        ErrorKind::InvalidSubcommand => {
            format!("「{}」というコマンドはありません", context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue => {
            let valid = context(ContextKind::ValidValue);
            let value = context(ContextKind::InvalidValue);
            if value.is_empty() {
                format!("{arg} には値が必要です（{valid}）")
            } else {
                format!("{arg} に「{value}」は指定できません（{valid}）")
            }
        }
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(e).map(ToString::to_string).unwrap_or_default();
            format!("{arg} に「{}」は指定できません: {reason}", context(ContextKind::InvalidValue))
        }
        ErrorKind::ArgumentConflict => format!("{arg} は二重に指定できません"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_sample() {
        let m = |t| tenken_parser::Month::parse_iso(t).unwrap();
        assert_eq!(months("2026-04..2026-09"), Ok((m("2026-04"), m("2026-09"))));
        assert_eq!(months("2026-10"), Ok((m("2026-10"), m("2026-10"))));
        for wrong in
            ["", "2026-09..2026-04", "2026-13", "2020-01..2026-01", "2026-04..", "1900-01", "2026-04...2026-05"]
        {
            assert!(months(wrong).is_err(), "{wrong}");
        }
        for (text, want) in [("0", 0), ("0.86", 860), ("1", 1000), ("1.5", 1500), ("5", 5000), ("0.125", 125)] {
            assert_eq!(ratio(text), Ok(want), "{text}");
        }
        for wrong in ["", "-1", "5.1", "x", "0.1234", "1,5", "99999999999"] {
            assert!(ratio(wrong).is_err(), "{wrong}");
        }
        for (text, want) in [("500M", 500_000_000), ("10G", 10_000_000_000), ("20000", 20_000), ("64kb", 64_000)] {
            assert_eq!(size(text), Ok(want), "{text}");
        }
        for wrong in ["", "M", "5X", "1.5G", "-3", "99999999999T", "10"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert_eq!(date("2026-09-30"), Ok(m("2026-09").last_day()));
        for wrong in ["2026-09-31", "2026-9-1", "20260901", "2026-09-"] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_definition_is_sound_in_both_languages() {
        localised(command(Lang::Ja), Lang::Ja).debug_assert();
        command(Lang::En).debug_assert();
    }
}
