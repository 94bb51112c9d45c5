//! The rules as data: weights, words, codes, thresholds (`data/third_party/*.csv`), with a version and a hash.

use std::{collections::HashMap, path::Path, sync::LazyLock};

use super::{
    diseases::{Diseases, Factor},
    links::LinkRow,
    prefilter::Prefilter,
    procedures::ProcedureRow,
    table::{Table, text_of},
    text::Lexicon,
};

/// A data file that cannot be used: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file} {line}行目{}: {problem}（{remedy}）", if column.is_empty() { String::new() } else { format!(" 列 {column}") })]
pub struct RulesError {
    pub file: String,
    /// from 1; 0 = the file as a whole
    pub line: u64,
    /// empty = the line as a whole
    pub column: String,
    pub problem: String,
    pub remedy: String,
}

macro_rules! files {
    ($($file:literal),*) => { [$(($file, include_str!(concat!("../../data/third_party/", $file)))),*] };
}

const FILES: [(&str, &str); 7] = files!(
    "diseases.csv",
    "modifiers.csv",
    "factors.csv",
    "procedures.csv",
    "words.csv",
    "links.csv",
    "parameters.csv"
);

/// Hex digits of the hash in a version.
const HASH_DIGITS: usize = 8;

macro_rules! parameters {
    ($($name:ident: $kind:ident;)*) => {
        /// Thresholds, caps, points and codes of `parameters.csv`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Parameters { $(pub $name: parameters!(@type $kind)),* }

        impl Parameters {
            fn read(table: &Table, file: &str) -> Result<Self, RulesError> {
                let mut rows = HashMap::new();
                for row in table.rows() {
                    rows.insert(row.needed("parameter")?, row);
                }
                let absent = |name: &str| RulesError {
                    file: file.to_owned(),
                    line: 0,
                    column: "parameter".to_owned(),
                    problem: format!("{name} がない"),
                    remedy: "この行を加える".to_owned(),
                };
                Ok(Self { $($name: {
                    let row = *rows.get(stringify!($name)).ok_or_else(|| absent(stringify!($name)))?;
                    parameters!(@read $kind row)
                }),* })
            }
        }
    };
    (@type int) => { i32 };
    (@type text) => { String };
    (@type list) => { Vec<String> };
    (@read int $row:ident) => { $row.needed_number("value")? };
    (@read text $row:ident) => { $row.needed("value")?.to_owned() };
    (@read list $row:ident) => { $row.words("value") };
}

parameters! {
    version: text;
    flag_at: int;
    band_a_at: int;
    watch_at: int;
    score_max: int;
    marked_score: int;
    second_region_percent: int;
    third_region_percent: int;
    disease_cap: int;
    disease_cap_lifted_at: int;
    fresh_months: int;
    whiplash_torso: int;
    two_regions: int;
    three_regions: int;
    face_teeth: int;
    procedure_cap: int;
    procedure_needs_disease: int;
    tier_a: int;
    tier_b: int;
    tier_c: int;
    tier_plus: int;
    tier_plus_max: int;
    sport: int;
    own_fall: int;
    own_animal: int;
    other_payer: int;
    stray_text_max: int;
    stray_text_below: int;
    mark_tokki: text;
    mark_comments: list;
    work_comments: list;
    uncoded_disease: text;
    negation_stops: text;
    gap_stops: text;
    number_chars: text;
    context_chars: int;
    ambulance_days: int;
    cluster_persons: int;
    cluster_days: int;
    episode_days: int;
    episode_months: int;
    watch_months: int;
    watch_providers: int;
}

/// Everything the score reads beside the claim.
pub struct Rules {
    pub parameters: Parameters,
    pub(super) diseases: Diseases,
    pub(super) factors: Vec<Factor>,
    pub(super) procedures: Vec<ProcedureRow>,
    pub(super) links: Vec<LinkRow>,
    pub(super) lexicon: Lexicon,
    pub(super) prefilter: Prefilter,
    version: String,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Rules {
    /// Reads the rules. A file that lies in `folder` replaces the one of the program; the others stay.
    ///
    /// # Errors
    /// The first cell that cannot be used.
    pub fn load(folder: Option<&Path>) -> Result<Self, RulesError> {
        let mut hasher = blake3::Hasher::new();
        let mut texts = Vec::with_capacity(FILES.len());
        for (name, embedded) in FILES {
            let text = text_of(folder, name, embedded)?;
            hasher.update(name.as_bytes()).update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
            texts.push(text);
        }
        let shown = |i: usize| match folder.map(|f| f.join(FILES[i].0)).filter(|p| p.exists()) {
            Some(path) => path.display().to_string(),
            None => FILES[i].0.to_owned(),
        };
        let table = |i: usize, needed: &[&str]| Table::read(&shown(i), &texts[i], needed);

        let parameters = Parameters::read(&table(6, &["parameter", "value"])?, &shown(6))?;
        let lexicon = Lexicon::read(&table(4, &["kind", "id", "first"])?, &parameters)?;
        let diseases = Diseases::read(
            &table(0, &["disease_code", "name_ja", "weight", "region", "family"])?,
            &table(1, &["modifier_code", "effect", "value"])?,
            &lexicon,
            &parameters,
        )?;
        let factors = Factor::read(&table(2, &["factor", "kind", "percent"])?)?;
        let procedures = ProcedureRow::read(&table(3, &["group", "code_from", "code_to", "points"])?)?;
        let links = LinkRow::read(&table(5, &["link", "argument", "effect", "points"])?)?;
        let prefilter = Prefilter::new(&diseases, &lexicon);
        let version = format!("{}-{}", parameters.version, &hasher.finalize().to_hex()[..HASH_DIGITS]);
        Ok(Self { parameters, diseases, factors, procedures, links, lexicon, prefilter, version })
    }

    /// The rules of the program.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn embedded() -> &'static Self {
        static RULES: LazyLock<Rules> = LazyLock::new(|| match Rules::load(None) {
            Ok(rules) => rules,
            Err(e) => panic!("{e}"),
        });
        &RULES
    }

    /// The same rules with the thresholds of one insurer, and a version that tells them (section 4).
    #[must_use]
    pub fn with_thresholds(mut self, flag_at: i32, band_a_at: i32) -> Self {
        let p = &mut self.parameters;
        if (p.flag_at, p.band_a_at) != (flag_at, band_a_at) {
            (p.flag_at, p.band_a_at) = (flag_at, band_a_at);
            self.version.push_str(&format!("-{flag_at}/{band_a_at}"));
        }
        self
    }

    /// Version and hash over all data files, as `third_party.rule_version` has it: `2026.11-1a2b3c4d`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_the_program_are_whole() {
        let rules = Rules::load(None).unwrap();
        assert!(rules.version().starts_with("2026.11-"));
        assert_eq!(rules.version(), Rules::embedded().version());
        assert_eq!(rules.diseases.len(), 273);
        let version = rules.version().to_owned();
        let strict = rules.with_thresholds(50, 70);
        assert_eq!((strict.parameters.flag_at, strict.version()), (50, format!("{version}-50/70").as_str()));
        assert_eq!(strict.with_thresholds(50, 70).version(), format!("{version}-50/70"));
    }

    #[test]
    fn a_folder_replaces_single_files_and_errors_say_where() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("parameters.csv");
        let own = FILES[6].1;
        std::fs::write(&file, own.replace("flag_at,40", "flag_at,50")).unwrap();
        let changed = Rules::load(Some(folder.path())).unwrap();
        assert_eq!(changed.parameters.flag_at, 50);
        assert_ne!(changed.version(), Rules::embedded().version());
        assert_eq!(changed.diseases.len(), 273);

        std::fs::write(&file, own.replace("flag_at,40", "flag_at,vierzig")).unwrap();
        let e = Rules::load(Some(folder.path())).unwrap_err();
        assert_eq!((e.line, e.column.as_str()), (3, "value"));
        assert!(e.to_string().contains("parameters.csv 3行目 列 value: 「vierzig」は整数でない（整数を書く）"), "{e}");

        std::fs::write(&file, own.replace("flag_at,40,点", "flagat,40,点")).unwrap();
        assert!(Rules::load(Some(folder.path())).unwrap_err().to_string().contains("flag_at がない"));
        std::fs::write(&file, own.replace("parameter,value", "parameter,wert")).unwrap();
        assert!(Rules::load(Some(folder.path())).unwrap_err().to_string().contains("列 value: 列がない"));
    }

    /// What each file says of a cell that cannot be used.
    #[test]
    fn errors_of_every_file() {
        let own = |name: &str| FILES.iter().find(|f| f.0 == name).unwrap().1;
        for (name, from, to, says) in [
            (
                "diseases.csv",
                "2988005,交通事故後心因反応",
                "29880,交通事故後心因反応",
                "2行目 列 disease_code: 「29880」は7桁でない",
            ),
            (
                "diseases.csv",
                ",S13.4,42,high,neck,whiplash",
                ",S13.4,42,high,neck,whip",
                "列 family: 「whip」は使えない",
            ),
            ("diseases.csv", ",T14.9,80,low,T14,", ",T14.9,hoch,low,T14,", "列 weight: 「hoch」は整数でない"),
            (
                "modifiers.csv",
                "percent",
                "prozent",
                "2行目 列 effect: 「prozent」は使えない（percent, osteo, zero, unlisted）",
            ),
            ("factors.csv", "fragile_60,age", "fragile_60,alter", "列 kind: 「alter」は使えない"),
            (
                "procedures.csv",
                "114003010,114003010",
                "114003,114003010",
                "列 code_from: 「114003」は9桁のコードでない",
            ),
            ("words.csv", "{V}", "{W}", "列 first: 集合 W がない"),
            ("words.csv", "tier,traffic,A,", "tier,traffic,D,", "列 tier: 「D」は使えない"),
            ("words.csv", "mask,page", "maske,page", "列 kind: 「maske」は使えない"),
            ("links.csv", "AMB:加害,date", "AMB:加害,tag", "列 argument: 「tag」は使えない"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let changed = own(name).replacen(from, to, 1);
            assert_ne!(changed, own(name), "{name} {from}");
            std::fs::write(folder.path().join(name), changed).unwrap();
            let e = Rules::load(Some(folder.path())).unwrap_err().to_string();
            assert!(e.contains(name) && e.contains(says), "{e}");
        }
    }
}
