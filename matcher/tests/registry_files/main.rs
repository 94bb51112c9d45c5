//! Registry files against registry-files.md. All names, numbers and places are invented.

mod changes;
mod door;
mod form;
mod mappings;
mod rejects;
mod round_trip;
mod sample;

use tenken_matcher::{
    files::{Error, Input, Loaded, Mapping, Options, layout::REGISTRY, load_inputs},
    registry::rows::Register,
};

pub const KOJIN: &str = "宛名番号,氏名,氏名カナ,別名,生年月日,性別,死亡年月日\n";
pub const SHIKAKU: &str = "宛名番号,世帯番号,制度,保険者番号,記号,番号,枝番,世帯主区分,資格取得年月日,取得事由,\
                           資格喪失年月日,喪失事由,適用開始年月日,適用終了年月日,適用終了事由,登録日時\n";
pub const ZOKUSEI: &str = "対象,番号,種別,値,開始年月日,終了年月日,登録日時\n";
pub const SETAI: &str = "世帯番号,世帯主宛名番号,世帯主氏名\n";

/// One person with one open period in one household.
pub const PERSON: &str = "1001,見本　太郎,ミホンタロウ,,1980-04-01,1,\n";
pub const PERIOD: &str = "1001,501,1,139998,見,1234567,1,1,2014-04-01,転入,,,,,,\n";

pub fn input(name: &str, text: impl AsRef<[u8]>) -> Input {
    Input { name: name.to_owned(), bytes: text.as_ref().to_vec() }
}

/// The four files with these rows under their headers.
pub fn inputs(rows: [&str; 4]) -> Vec<Input> {
    let headers = [KOJIN, SHIKAKU, ZOKUSEI, SETAI];
    let file = |i: usize| input(REGISTRY[i].file, format!("{}{}", headers[i], rows[i]));
    (0..4).filter(|i| *i < 2 || !rows[*i].is_empty()).map(file).collect()
}

pub fn load(rows: [&str; 4]) -> Loaded {
    load_inputs(inputs(rows), Options::default()).unwrap()
}

pub fn mapped(files: Vec<Input>, mapping: &str) -> Result<Loaded, Error> {
    let mapping = Mapping::parse("対応.toml", mapping, &REGISTRY)?;
    load_inputs(files, Options { mapping, ..Options::default() })
}

pub fn onto(register: &Register, files: Vec<Input>) -> Loaded {
    load_inputs(files, Options { onto: Some(register.clone()), ..Options::default() }).unwrap()
}

/// `column: value` of all rejects, or their reason when there is no column.
pub fn places(loaded: &Loaded) -> Vec<String> {
    let place = |r: &tenken_matcher::registry::rows::RegistryReject| match &r.column {
        Some(c) => format!("{}:{} {c}={}", r.file, r.line, r.value.as_deref().unwrap_or("-")),
        None => format!("{}:{} {}", r.file, r.line, r.reason),
    };
    loaded.rejects.iter().map(place).collect()
}
