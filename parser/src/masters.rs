//! 基本マスター: official names of codes, by edition (spec masters.md). They give names and ICD-10 for display, and
//! nothing else: no rule and no score reads them.
//!
//! CSV in CP932, every field quoted, no header. Where a field stands is data (`masters/columns.csv`).

use std::{collections::HashMap, sync::LazyLock};

use crate::{encoding::Encoding, value::Date, value::Month};

/// Column 0 = 変更区分, 1 = マスター種別.
const LETTER: usize = 1;
/// Suffixes of a disease name; every other 修飾語 stands before it (masters.md 3).
const SUFFIX: char = '8';

struct Layout {
    letter: String,
    name_ja: String,
    fields: HashMap<String, usize>,
}

static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| {
    let mut out: Vec<Layout> = Vec::new();
    let mut reader = csv::Reader::from_reader(include_str!("../masters/columns.csv").as_bytes());
    for row in reader.records().filter_map(Result::ok) {
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let at = out.iter().position(|l| l.letter == cell(0)).unwrap_or_else(|| {
            out.push(Layout { letter: cell(0), name_ja: cell(1), fields: HashMap::new() });
            out.len() - 1
        });
        out[at].fields.insert(cell(2), cell(3).parse().unwrap_or(usize::MAX));
    }
    out
});

/// What a master file can have wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MasterError {
    #[error("{0} は基本マスターではありません（2 列目に B, Z, S, Y, T, C のどれかがあるはずです）")]
    NoMaster(String),
    #[error("{0} の版が分かりません。ファイル名に日付を入れてください（例 b_20240601.txt, s_ALL20240531.csv）")]
    NoEdition(String),
    #[error("{0} は CP932 で読めません（配られたままのファイルを示してください）")]
    Encoding(String),
    #[error("{letter} の {code} の {edition} 版の中身が二つのファイルで違います: {first} と {second}")]
    TwoContents { letter: String, code: String, edition: Date, first: String, second: String },
}

impl MasterError {
    pub fn english(&self) -> String {
        match self {
            Self::NoMaster(file) => {
                format!("{file} is no official master (its second column must be one of B, Z, S, Y, T, C)")
            }
            Self::NoEdition(file) => {
                format!("the edition of {file} is not known; put the date into its name (b_20240601.txt)")
            }
            Self::Encoding(file) => format!("{file} is not in CP932; give the file as it was delivered"),
            Self::TwoContents { letter, code, edition, first, second } => {
                format!("{letter} {code} of edition {edition} differs between {first} and {second}")
            }
        }
    }
}

/// One code of one edition.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MasterRow {
    pub code: String,
    pub name: String,
    pub kana: String,
    /// without a dot; B only
    pub icd10: Option<String>,
    /// asterisk or second code; B only
    pub icd10_second: Option<String>,
    /// 移行先コード; B only
    pub moved_to: Option<String>,
    /// nothing: in force
    pub abolished_on: Option<Date>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Master {
    pub file: String,
    /// `B` `Z` `S` `Y` `T` `C`
    pub letter: String,
    pub edition: Date,
    pub rows: Vec<MasterRow>,
    /// lines that could not be read, from 1, and why
    pub rejects: Vec<(u64, String)>,
}

impl Master {
    /// Reads a file: letter from its content, edition from its name.
    ///
    /// # Errors
    /// [`MasterError`] for a file as a whole. Lines that are wrong are in [`Master::rejects`].
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, MasterError> {
        let (text, faulty) = Encoding::Cp932.decode(bytes);
        if faulty {
            return Err(MasterError::Encoding(file.to_owned()));
        }
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut master: Option<(&Layout, Self)> = None;
        for (line, row) in (1..).zip(reader.records()) {
            let Ok(row) = row else { return Err(MasterError::NoMaster(file.to_owned())) };
            let letter = row.get(LETTER).unwrap_or_default();
            if master.is_none() {
                let layout = LAYOUTS.iter().find(|l| l.letter == letter);
                let layout = layout.ok_or_else(|| MasterError::NoMaster(file.to_owned()))?;
                let edition = edition_of(file).ok_or_else(|| MasterError::NoEdition(file.to_owned()))?;
                let letter = letter.to_owned();
                let own = Self { file: file.to_owned(), letter, edition, rows: Vec::new(), rejects: Vec::new() };
                master = Some((layout, own));
            }
            let Some((layout, own)) = &mut master else { continue };
            match read_row(layout, &row) {
                Ok(r) => own.rows.push(r),
                Err(reason) => own.rejects.push((line, reason)),
            }
        }
        master.map(|(_, own)| own).ok_or_else(|| MasterError::NoMaster(file.to_owned()))
    }

    /// `傷病名`, `医薬品` …
    pub fn title(&self) -> &'static str {
        LAYOUTS.iter().find(|l| l.letter == self.letter).map_or("", |l| l.name_ja.as_str())
    }
}

fn read_row(layout: &Layout, row: &csv::StringRecord) -> Result<MasterRow, String> {
    let cell = |field: &str| -> Result<&str, String> {
        match layout.fields.get(field) {
            Some(at) => Ok(row.get(*at).ok_or_else(|| format!("列 {} がありません", at + 1))?.trim_matches('　')),
            None => Ok(""),
        }
    };
    if row.get(LETTER) != Some(layout.letter.as_str()) {
        return Err(format!("マスター種別が {} ではありません", layout.letter));
    }
    let code = cell("code")?;
    if code.is_empty() || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err("コードが数字ではありません".to_owned());
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let icd10 = match cell("icd10")? {
        "" => cell("icd10_2003")?,
        own => own,
    };
    Ok(MasterRow {
        code: code.to_owned(),
        name: cell("name")?.to_owned(),
        kana: cell("kana")?.to_owned(),
        icd10: some(icd10),
        icd10_second: some(cell("icd10_second")?),
        moved_to: some(cell("moved_to")?).filter(|to| to != code),
        abolished_on: eight_digits(cell("abolished_on")?),
    })
}

/// `YYYYMMDD`; 99999999 and 0 are none.
fn eight_digits(text: &str) -> Option<Date> {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|p| p.parse::<u16>().ok());
    if text.len() != 8 {
        return None;
    }
    Date::new(part(0..4)?, u8::try_from(part(4..6)?).ok()?, u8::try_from(part(6..8)?).ok()?)
}

/// The eight digits in the name of a file.
fn edition_of(file: &str) -> Option<Date> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let bytes = name.as_bytes();
    (0..bytes.len().saturating_sub(7))
        .filter(|at| bytes[*at..at + 8].iter().all(u8::is_ascii_digit))
        .find_map(|at| eight_digits(&name[at..at + 8]))
}

/// A row with its edition and the number of its file.
type Edition = (Date, usize, MasterRow);

/// Several files together.
#[derive(Default, Debug)]
pub struct Masters {
    /// by letter and code, in order of editions, with the number of the file
    rows: HashMap<(String, String), Vec<Edition>>,
    files: Vec<String>,
    /// letter, edition, rows of each file
    editions: Vec<(String, Date, usize)>,
}

impl Masters {
    /// Adds a file.
    ///
    /// # Errors
    /// [`MasterError::TwoContents`]: one code of one edition with two contents.
    pub fn add(&mut self, master: Master) -> Result<(), MasterError> {
        for row in &master.rows {
            let known = self.rows.get(&(master.letter.clone(), row.code.clone()));
            if let Some((_, file, _)) =
                known.into_iter().flatten().find(|(edition, _, r)| *edition == master.edition && r != row)
            {
                return Err(MasterError::TwoContents {
                    letter: master.letter.clone(),
                    code: row.code.clone(),
                    edition: master.edition,
                    first: self.files[*file].clone(),
                    second: master.file.clone(),
                });
            }
        }
        let file = self.files.len();
        self.files.push(master.file.clone());
        self.editions.push((master.letter.clone(), master.edition, master.rows.len()));
        for row in master.rows {
            let of = self.rows.entry((master.letter.clone(), row.code.clone())).or_default();
            let at = of.partition_point(|(edition, ..)| *edition < master.edition);
            if of.get(at).is_none_or(|(edition, ..)| *edition != master.edition) {
                of.insert(at, (master.edition, file, row));
            }
        }
        Ok(())
    }

    /// Letter, edition and rows of each file, in order of adding.
    pub fn editions(&self) -> &[(String, Date, usize)] {
        &self.editions
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The row in force in a month: of the newest edition that is not later, else of the earliest there is.
    pub fn row(&self, letter: &str, code: &str, month: Month) -> Option<&MasterRow> {
        let of = self.rows.get(&(letter.to_owned(), code.to_owned()))?;
        let at = of.partition_point(|(edition, ..)| *edition <= month.last_day());
        of.get(at.saturating_sub(1)).map(|(.., row)| row)
    }

    pub fn name(&self, letter: &str, code: &str, month: Month) -> Option<&str> {
        self.row(letter, code, month).map(|r| r.name.as_str()).filter(|n| !n.is_empty())
    }

    /// A nine-digit code of a line or a comment: its first digit tells the master (masters.md 1).
    pub fn item(&self, code: &str, month: Month) -> Option<&str> {
        let letter = match code.as_bytes().first()? {
            b'1' => "S",
            b'6' => "Y",
            b'7' => "T",
            b'8' => "C",
            _ => return None,
        };
        self.name(letter, code, month)
    }

    /// A disease as it is said: prefixes, name, suffixes.
    pub fn disease(&self, code: &str, modifiers: &[&str], month: Month) -> Option<String> {
        let base = self.name("B", code, month)?;
        let (mut before, mut after) = (String::new(), String::new());
        for m in modifiers {
            let name = self.name("Z", m, month).map_or_else(|| format!("[{m}]"), |n| n.trim_matches('・').to_owned());
            if m.starts_with(SUFFIX) { after.push_str(&name) } else { before.push_str(&name) }
        }
        Some(format!("{before}{base}{after}"))
    }

    /// Every disease of the newest edition.
    pub fn diseases(&self) -> impl Iterator<Item = &MasterRow> {
        self.rows.iter().filter(|((letter, _), _)| letter == "B").filter_map(|(_, of)| of.last()).map(|(.., row)| row)
    }
}

/// Whether two ICD-10 codes are the same as far as both go: without the dot, on the shorter length (third-party.md 3.1).
pub fn same_icd(a: &str, b: &str) -> bool {
    let plain = |t: &str| t.replace('.', "");
    let (a, b) = (plain(a), plain(b));
    let len = a.len().min(b.len());
    a.as_bytes()[..len] == b.as_bytes()[..len]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(letter: &str, columns: usize, cells: &[(usize, &str)]) -> String {
        let mut row = vec![String::new(); columns];
        row[1] = letter.into();
        for (at, text) in cells {
            row[*at] = (*text).into();
        }
        row.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",") + "\r\n"
    }

    fn cp932(text: &str) -> Vec<u8> {
        encoding_rs::SHIFT_JIS.encode(text).0.into_owned()
    }

    fn disease(code: &str, name: &str, icd: &str) -> String {
        line("B", 46, &[(2, code), (5, name), (15, icd), (23, "99999999")])
    }

    fn month(text: &str) -> Month {
        Month::parse_iso(text).unwrap()
    }

    #[test]
    fn the_edition_of_the_month_counts() {
        let mut all = Masters::default();
        let read = |file: &str, name: &str| Master::read(file, &cp932(&disease("9990001", name, "T140"))).unwrap();
        all.add(read("b_20250101.txt", "試験用新")).unwrap();
        all.add(read("b_20240601.txt", "試験用旧")).unwrap();
        assert_eq!(all.name("B", "9990001", month("2024-12")), Some("試験用旧"));
        assert_eq!(all.name("B", "9990001", month("2025-01")), Some("試験用新"));
        assert_eq!(all.name("B", "9990001", month("2020-01")), Some("試験用旧"), "the earliest there is");
        let again = read("copy_20250101.txt", "試験用新");
        all.add(again).unwrap();
        let other = read("c_20250101.txt", "試験用違い");
        let e = all.add(other).unwrap_err();
        assert!(e.to_string().contains("b_20250101.txt") && e.to_string().contains("c_20250101.txt"), "{e}");
        let modifiers = line("Z", 19, &[(2, "9001"), (6, "左・")]) + &line("Z", 19, &[(2, "8901"), (6, "・の疑い")]);
        all.add(Master::read("z_20240601.txt", &cp932(&modifiers)).unwrap()).unwrap();
        let said = all.disease("9990001", &["9001", "8901", "7777"], month("2024-08"));
        assert_eq!(said.as_deref(), Some("左[7777]試験用旧の疑い"));
        let act = line("S", 150, &[(2, "199999999"), (4, "試験用診察"), (87, "20250331")]);
        let act = Master::read("s_ALL20240531.csv", &cp932(&act)).unwrap();
        assert_eq!(act.rows[0].abolished_on, Date::new(2025, 3, 31));
        all.add(act).unwrap();
        assert_eq!(all.item("199999999", month("2024-08")), Some("試験用診察"));
        assert_eq!(all.item("399999999", month("2024-08")), None);
    }

    #[test]
    fn what_is_no_master_is_refused() {
        let read = |file: &str, bytes: &[u8]| Master::read(file, bytes);
        assert!(matches!(read("a_20240601.csv", b"IR,1,13,1\r\n"), Err(MasterError::NoMaster(_))));
        assert!(matches!(read("a_20240601.csv", b""), Err(MasterError::NoMaster(_))));
        let good = cp932(&disease("9990001", "試験用", ""));
        assert!(matches!(read("b.txt", &good), Err(MasterError::NoEdition(_))));
        assert!(matches!(read("b_20241399.txt", &good), Err(MasterError::NoEdition(_))));
        assert!(matches!(read("b_20240601.txt", b"\"0\",\"B\",\"\xFF\xFF\""), Err(MasterError::Encoding(_))));
        let short = [good, b"\"0\",\"B\",\"9990002\"\r\n\"0\",\"B\",\"x\"\r\n".to_vec()].concat();
        let master = read("b_20240601.txt", &short).unwrap();
        assert_eq!((master.rows.len(), master.rejects.len(), master.rejects[0].0), (1, 2, 2));
    }

    #[test]
    fn icd_codes_agree_on_the_shorter_length() {
        assert!(same_icd("S02.3", "S0230"));
        assert!(!same_icd("S13.4", "T031"));
    }

    /// The official file, in place.
    #[test]
    fn the_official_diseases() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/masters/b_20240601.txt");
        let Ok(bytes) = std::fs::read(path) else { return println!("skipped: not present") };
        let master = Master::read(path, &bytes).unwrap();
        let with = |f: fn(&MasterRow) -> bool| master.rows.iter().filter(|r| f(r)).count();
        assert_eq!((master.rows.len(), master.rejects.len()), (27_437, 0));
        assert_eq!(with(|r| r.icd10.is_some()), 27_415);
        assert_eq!(with(|r| r.icd10_second.is_some()), 1_464);
        for file in
            ["z_20250601.txt", "s_ALL20240531.csv", "y_ALL20240321.csv", "t_ALL20250228.csv", "c_ALL20250307.csv"]
        {
            let path = std::path::Path::new(path).with_file_name(file);
            let master = Master::read(file, &std::fs::read(path).unwrap()).unwrap();
            assert_eq!(master.rejects, [], "{file}");
            assert!(master.rows.iter().all(|r| !r.name.is_empty() || r.code.starts_with('8')), "{file}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Master::read("b_20240601.txt", &bytes);
            let _ = Master::read("b_20240601.txt", &[b"\"0\",\"B\",\"1\"\r\n".to_vec(), bytes].concat());
        }
    }
}
