//! The command line as data: help, completions and man page come from here (DESIGN section 5).

use std::{ffi::OsString, process::ExitCode};

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser, error::ErrorKind, value_parser};

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
    fn the_definition_is_sound_in_both_languages() {
        localised(command(Lang::Ja), Lang::Ja).debug_assert();
        command(Lang::En).debug_assert();
    }
}
