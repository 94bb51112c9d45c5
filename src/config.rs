//! `tenken.toml`: parameters and switches per insurer. Read, checked, and shown with where each value comes from.
//!
//! ```toml
//! [store]
//! default_insurer = "138941"     # 保険者番号がだれのものでもないレセプトの行き先
//!
//! [insurer]                      # すべての保険者
//! numbers = ["138941"]           # 台帳のほかに自保険者とする番号
//! retired = [{ no = "138917", on = "2020-04-01" }]
//!
//! [rules]                        # 規則の入り切り
//! E109 = false
//!
//! [parameters]
//! return_before_payment = true
//!
//! [third_party]
//! rules = "第三者行為の表"       # 語と重みの表を置き換えるフォルダ（この設定ファイルから見た場所）
//!
//! [benefit]                      # 高額療養費
//! limits = "限度額.csv"          # 限度額の表を置き換えるファイル（この設定ファイルから見た場所）
//! programmes = "公費.csv"        # 公費の表を置き換えるファイル
//! pay_annual_cap = false         # 年間上限を超えた額を支給の対象とするか（細目が確かめられるまで false）
//! # 未確定の行を使ってよいと決めた人と日（一番上の層に書いてもよい）
//! accept_limits = ["PUBEXP_U70@2026-08"]
//! accepted_by = "担当者"
//! accepted_on = "2026-10-01"
//!
//! [insurer.138941.rules]         # 一つの保険者だけ
//! E119 = false
//! [insurer.138941.parameters]
//! transfer_months = 6
//! ```

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tenken_matcher::{
    catalogue::{self, RULES, WAITING},
    settings::{PARAMETERS, Settings},
};
use tenken_parser::Date;
use toml::{Table, Value};

use crate::lang::say;

pub const FILE: &str = "tenken.toml";

/// The configuration of a store.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[store] default_insurer`
    pub default_insurer: Option<String>,
    all: Settings,
    insurers: BTreeMap<String, Settings>,
    /// folders with tables of words and weights, by insurer; the empty number: for all
    third_party: BTreeMap<String, PathBuf>,
    pub benefit: BenefitConfig,
    pub report: ReportConfig,
    /// where a value comes from, by `key` or `insurer.NO.key`
    said: BTreeMap<String, String>,
}

/// `[benefit]`
#[derive(Clone, Debug, Default)]
pub struct BenefitConfig {
    /// a table of limits of one's own
    pub limits: Option<PathBuf>,
    /// a table of public programmes of one's own
    pub programmes: Option<PathBuf>,
    /// 年間上限 is paid, not only counted
    pub pay_annual_cap: bool,
    /// keys of rows that are not in force and may be used
    pub accept_limits: Vec<String>,
    /// who said so, and when
    pub accepted_by: Option<String>,
    pub accepted_on: Option<String>,
}

/// `[report]`
#[derive(Clone, Debug, Default)]
pub struct ReportConfig {
    /// a folder with forms of one's own
    pub forms: Option<PathBuf>,
}

/// The lines that accept rows: in `[benefit]`, or above all tables.
const ACCEPTING: [&str; 3] = ["accept_limits", "accepted_by", "accepted_on"];

/// A value in force, for `tenken config`.
pub struct Effective {
    /// empty: every insurer
    pub insurer: String,
    pub key: String,
    pub value: String,
    /// `tenken.toml`, or `default`
    pub source: &'static str,
    pub description: String,
}

impl Config {
    /// Of a store; nothing is said where there is no file.
    pub fn of_store(root: &Path) -> Result<Self> {
        let path = root.join(FILE);
        if path.exists() { Self::of_file(&path) } else { Ok(Self::default()) }
    }

    /// Of a file. Places in it are seen from its folder.
    pub fn of_file(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let mut config = Self::parse(&text).with_context(|| path.display().to_string())?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.third_party.values_mut().for_each(|of| *of = folder.join(&of));
        let files = [&mut config.benefit.limits, &mut config.benefit.programmes, &mut config.report.forms];
        files.into_iter().flatten().for_each(|of| *of = folder.join(&of));
        Ok(config)
    }

    pub fn parse(text: &str) -> Result<Self> {
        let table: Table =
            text.parse().with_context(|| say!("設定が TOML として読めません", "the configuration is no TOML"))?;
        let mut config = Self::default();
        let accepting = |name: &&String| ACCEPTING.contains(&name.as_str());
        for (name, value) in table.iter().filter(|(name, _)| accepting(name)) {
            config.benefit(name, name, value)?;
        }
        for (name, value) in table.iter().filter(|(name, _)| !accepting(name)) {
            let of = as_table(name, value)?;
            match name.as_str() {
                "store" => config.store(of)?,
                "rules" | "parameters" => section(name, name, of, &mut config.all, &mut config.said, "")?,
                "third_party" => config.third_party("third_party", "", of)?,
                "benefit" => {
                    for (key, value) in of {
                        config.benefit(&format!("benefit.{key}"), key, value)?;
                    }
                }
                "report" => {
                    for (key, value) in of {
                        config.report(&format!("report.{key}"), key, value)?;
                    }
                }
                "insurer" => {}
                _ => bail!(unknown(name)),
            }
        }
        // after what holds for all, on which it builds
        if let Some(insurer) = table.get("insurer") {
            config.insurer(as_table("insurer", insurer)?)?;
        }
        let b = &config.benefit;
        if !b.accept_limits.is_empty() && (b.accepted_by.is_none() || b.accepted_on.is_none()) {
            bail!(say!(
                "accept_limits には accepted_by（決めた人）と accepted_on（決めた日）が要ります",
                "accept_limits needs accepted_by (who decided) and accepted_on (when)"
            ));
        }
        Ok(config)
    }

    fn report(&mut self, place: &str, key: &str, value: &Value) -> Result<()> {
        match key {
            "forms" => self.report.forms = Some(PathBuf::from(text(place, value)?)),
            _ => bail!(unknown(place)),
        }
        Ok(())
    }

    fn benefit(&mut self, place: &str, key: &str, value: &Value) -> Result<()> {
        match key {
            "limits" => self.benefit.limits = Some(PathBuf::from(text(place, value)?)),
            "programmes" => self.benefit.programmes = Some(PathBuf::from(text(place, value)?)),
            "accept_limits" => {
                let list = value.as_array().with_context(|| wrong(place, "[\"…@YYYY-MM\"]"))?;
                for key in list {
                    let key = text(place, key)?;
                    if !key.contains('@') {
                        bail!(wrong(place, "[\"…@YYYY-MM\"]"));
                    }
                    self.benefit.accept_limits.push(key);
                }
            }
            "pay_annual_cap" => {
                self.benefit.pay_annual_cap = value.as_bool().with_context(|| wrong(place, "true / false"))?;
            }
            "accepted_by" => self.benefit.accepted_by = Some(text(place, value)?),
            "accepted_on" => {
                let on = match value {
                    Value::Datetime(d) => d.to_string(),
                    other => text(place, other)?,
                };
                let on = date(&on).with_context(|| wrong(place, "\"YYYY-MM-DD\""))?;
                self.benefit.accepted_on = Some(on.to_string());
            }
            _ => bail!(unknown(place)),
        }
        self.said.insert(format!("benefit.{key}"), FILE.into());
        Ok(())
    }

    fn store(&mut self, table: &Table) -> Result<()> {
        for (key, value) in table {
            match key.as_str() {
                "default_insurer" => self.default_insurer = Some(text("store.default_insurer", value)?),
                _ => bail!(unknown(&format!("store.{key}"))),
            }
        }
        Ok(())
    }

    fn insurer(&mut self, table: &Table) -> Result<()> {
        for (key, value) in table {
            match (key.as_str(), value) {
                ("numbers" | "retired", _) => numbers("insurer", key, value, &mut self.all)?,
                (no, Value::Table(_)) if no.bytes().all(|b| b.is_ascii_digit()) => {}
                _ => bail!(unknown(&format!("insurer.{key}"))),
            }
        }
        for (no, value) in table {
            let Value::Table(of) = value else { continue };
            let mut settings = self.all.clone();
            for (key, value) in of {
                let place = format!("insurer.{no}.{key}");
                match key.as_str() {
                    "rules" | "parameters" => {
                        let of = as_table(&place, value)?;
                        section(key, &place, of, &mut settings, &mut self.said, &format!("insurer.{no}."))?;
                    }
                    "numbers" | "retired" => numbers(&format!("insurer.{no}"), key, value, &mut settings)?,
                    "third_party" => self.third_party(&place, no, as_table(&place, value)?)?,
                    _ => bail!(unknown(&place)),
                }
            }
            self.insurers.insert(no.clone(), settings);
        }
        Ok(())
    }

    fn third_party(&mut self, place: &str, insurer: &str, table: &Table) -> Result<()> {
        for (key, value) in table {
            let place = format!("{place}.{key}");
            match key.as_str() {
                "rules" => {
                    self.third_party.insert(insurer.to_owned(), PathBuf::from(text(&place, value)?));
                    self.said.insert(place, FILE.into());
                }
                _ => bail!(unknown(&place)),
            }
        }
        Ok(())
    }

    /// The folder with an insurer's words and weights of third-party acts; nothing: those of the release.
    pub fn third_party_rules(&self, insurer: &str) -> Option<&Path> {
        self.third_party.get(insurer).or_else(|| self.third_party.get("")).map(PathBuf::as_path)
    }

    /// What is in force for an insurer; the empty number: for those that have nothing of their own.
    pub fn settings(&self, insurer: &str) -> &Settings {
        self.insurers.get(insurer).unwrap_or(&self.all)
    }

    /// Every value in force and where it comes from.
    pub fn effective(&self) -> Vec<Effective> {
        let mut out = Vec::new();
        out.push(Effective {
            insurer: String::new(),
            key: "store.default_insurer".into(),
            value: self.default_insurer.clone().unwrap_or_default(),
            source: if self.default_insurer.is_some() { FILE } else { "default" },
            description: "保険者番号がだれのものでもないレセプトの保険者".into(),
        });
        let b = &self.benefit;
        let path = |p: &Option<PathBuf>| p.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
        for (key, value, description) in [
            ("benefit.limits", path(&b.limits), "限度額の表"),
            ("benefit.programmes", path(&b.programmes), "公費の表"),
            ("benefit.pay_annual_cap", b.pay_annual_cap.to_string(), "年間上限を超えた額を支給の対象とする"),
            ("benefit.accept_limits", b.accept_limits.join(";"), "使ってよいとした未確定の行"),
            ("benefit.accepted_by", b.accepted_by.clone().unwrap_or_default(), "決めた人"),
            ("benefit.accepted_on", b.accepted_on.clone().unwrap_or_default(), "決めた日"),
        ] {
            out.push(Effective {
                insurer: String::new(),
                key: key.into(),
                value,
                source: if self.said.contains_key(key) { FILE } else { "default" },
                description: description.into(),
            });
        }
        let insurers = std::iter::once("").chain(self.insurers.keys().map(String::as_str));
        for insurer in insurers {
            let settings = self.settings(insurer);
            let source = |key: &str| {
                let own = format!("insurer.{insurer}.{key}");
                if self.said.contains_key(&own) || self.said.contains_key(key) { FILE } else { "default" }
            };
            for p in PARAMETERS.iter() {
                let key = format!("parameters.{}", p.parameter);
                out.push(Effective {
                    insurer: insurer.into(),
                    value: settings.parameters.get(&p.parameter).unwrap_or_default(),
                    source: source(&key),
                    description: format!("{}（{}）", p.description_ja, p.rules),
                    key,
                });
            }
            for rule in RULES.iter() {
                let key = format!("rules.{}", rule.rule);
                if source(&key) == FILE {
                    out.push(Effective {
                        insurer: insurer.into(),
                        value: (!settings.off.contains(&rule.rule.as_str())).to_string(),
                        source: FILE,
                        description: rule.name_ja.clone(),
                        key,
                    });
                }
            }
            out.push(Effective {
                insurer: insurer.into(),
                key: "third_party.rules".into(),
                value: self.third_party_rules(insurer).map(|p| p.display().to_string()).unwrap_or_default(),
                source: source("third_party.rules"),
                description: "第三者行為の語と重みの表".into(),
            });
            for (key, value) in [
                ("insurer.numbers", settings.numbers.join(";")),
                (
                    "insurer.retired",
                    settings.retired.iter().map(|(no, on)| format!("{no}:{on}")).collect::<Vec<_>>().join(";"),
                ),
            ] {
                out.push(Effective {
                    insurer: insurer.into(),
                    key: key.into(),
                    source: if value.is_empty() { "default" } else { FILE },
                    value,
                    description: "自保険者の番号".into(),
                });
            }
        }
        out
    }

    /// Everything that bears on findings, for `rules_version`.
    pub fn canonical(&self) -> String {
        let mut text = format!("{} default={:?}", self.all.canonical(), self.default_insurer);
        for (no, settings) in &self.insurers {
            text.push_str(&format!(" {no}: {}", settings.canonical()));
        }
        text
    }
}

fn unknown(key: &str) -> String {
    say!(
        "設定 {key} は知らない項目です（tenken config で項目の一覧を見られます）",
        "{key} is no setting (tenken config lists them)"
    )
}

fn wrong(key: &str, want: &str) -> String {
    say!("設定 {key} の値が違います。{want} を書いてください", "{key}: {want} is expected")
}

fn as_table<'t>(key: &str, value: &'t Value) -> Result<&'t Table> {
    value.as_table().with_context(|| wrong(key, "[…]"))
}

fn text(key: &str, value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| wrong(key, "\"…\""))
}

fn section(
    kind: &str,
    place: &str,
    table: &Table,
    settings: &mut Settings,
    said: &mut BTreeMap<String, String>,
    prefix: &str,
) -> Result<()> {
    for (name, value) in table {
        let key = format!("{place}.{name}");
        if kind == "rules" {
            let on = value.as_bool().with_context(|| wrong(&key, "true / false"))?;
            if !settings.switch(name, on) {
                bail!(unknown(&key));
            }
            if on
                && WAITING.contains(&name.as_str())
                && let Some(rule) = catalogue::rule(name)
            {
                bail!(say!(
                    "規則 {name} はまだ入れられません。必要なもの: {needs}",
                    "rule {name} cannot be switched on yet; it needs: {needs}",
                    needs = &rule.needs
                ));
            }
        } else {
            let text = match value {
                Value::Boolean(b) => b.to_string(),
                Value::Integer(n) => n.to_string(),
                Value::String(s) => s.clone(),
                _ => bail!(wrong(&key, "true / false / 123")),
            };
            match settings.parameters.set(name, &text) {
                Ok(()) => {}
                Err(None) => bail!(unknown(&key)),
                Err(Some("bool")) => bail!(wrong(&key, "true / false")),
                Err(Some(_)) => bail!(wrong(&key, "0 … 65535")),
            }
        }
        said.insert(format!("{prefix}{kind}.{name}"), FILE.into());
    }
    Ok(())
}

fn numbers(place: &str, key: &str, value: &Value, settings: &mut Settings) -> Result<()> {
    let place = format!("{place}.{key}");
    let list = value.as_array().with_context(|| wrong(&place, "[…]"))?;
    for item in list {
        if key == "numbers" {
            settings.numbers.push(text(&place, item)?);
            continue;
        }
        let of = as_table(&place, item)?;
        if let Some(other) = of.keys().find(|k| !matches!(k.as_str(), "no" | "on")) {
            bail!(unknown(&format!("{place}.{other}")));
        }
        let no = of.get("no").with_context(|| wrong(&place, "{ no = \"…\", on = \"YYYY-MM-DD\" }"))?;
        let on = of.get("on").and_then(|v| date(v.as_str()?));
        let on = on.with_context(|| wrong(&format!("{place}.on"), "\"YYYY-MM-DD\""))?;
        settings.retired.push((text(&place, no)?, on));
    }
    Ok(())
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (y, m, d) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Date::new(y, m, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_insurer_builds_on_all() {
        let config = Config::parse(
            "[store]\ndefault_insurer = '138941'\n[rules]\nE109 = false\n[parameters]\nlate_months = 3\n\
             [insurer]\nnumbers = ['138040']\nretired = [{ no = '138917', on = '2020-04-01' }]\n\
             [insurer.138941.rules]\nE119 = false\n[insurer.138941.parameters]\nreturn_before_payment = true\n",
        )
        .unwrap();
        let own = config.settings("138941");
        assert!(own.parameters.return_before_payment && own.parameters.late_months == 3);
        assert_eq!(own.off, ["E109", "E119"]);
        assert_eq!(own.numbers, ["138040"]);
        let other = config.settings("138057");
        assert_eq!(other.off, ["E109"]);
        assert!(!other.parameters.return_before_payment);
        assert_eq!(config.settings("").retired.len(), 1);
    }

    #[test]
    fn rows_are_accepted_by_name_and_date() {
        for text in [
            "accept_limits = ['A@2026-08']\naccepted_by = 'x'\naccepted_on = '2026-10-01'\n",
            "[benefit]\naccept_limits = ['A@2026-08']\naccepted_by = 'x'\naccepted_on = 2026-10-01\n",
        ] {
            let b = Config::parse(text).unwrap().benefit;
            assert_eq!((b.accept_limits, b.accepted_on), (vec!["A@2026-08".into()], Some("2026-10-01".into())));
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("[rule]\nE109 = false", "rule"),
            ("[rules]\nE999 = false", "rules.E999"),
            ("[rules]\nE109 = 'no'", "rules.E109"),
            ("[rules]\nE606 = true", "E606"),
            ("[parameters]\nlate = 3", "parameters.late"),
            ("[parameters]\nlate_months = 'x'", "parameters.late_months"),
            ("[parameters]\nreturn_before_payment = 3", "true / false"),
            ("[insurer]\nretired = [{ no = '1' }]", "insurer.retired"),
            ("[insurer.138941]\nx = 1", "insurer.138941.x"),
            ("[third_party]\nx = 1", "third_party.x"),
            ("[benefit]\nx = 1", "benefit.x"),
            ("accept_limits = 'A@2026-08'", "accept_limits"),
            ("accept_limits = ['A@2026-08']", "accepted_by"),
            ("[benefit]\naccept_limits = ['A@2026-08']\naccepted_by = 'x'\naccepted_on = '2026-13-01'", "accepted_on"),
            ("[insurer.138941.third_party]\nrules = 1", "insurer.138941.third_party.rules"),
            ("[store]\nx = 1", "store.x"),
            ("rules = 3", "rules"),
            ("[", "TOML"),
        ] {
            let message = format!("{:#}", Config::parse(text).unwrap_err());
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
