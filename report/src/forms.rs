//! Forms as data: one file a form, embedded, replaceable by a folder of the user's (reports.md 11.1).

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::Path,
};

use tenken_parser::Month;

use crate::{
    cube::Cube,
    expression::{self, Filter, Measure, Ratio, Term},
    output::xlsx,
    rates,
};

macro_rules! shipped {
    ($($name:literal)*) => {
        /// Files of the forms, in the order in which forms are made.
        const SHIPPED: &[(&str, &str)] = &[$((concat!($name, ".csv"), include_str!(concat!("../forms/", $name, ".csv")))),*];
    };
}

shipped! {
    "GEN" "BEN_ALL" "BEN_65" "BEN_70G" "BEN_70H" "BEN_PRE" "RET_GEN" "RET_BEN" "KOKI_A" "KOKI_B" "KOKI_C" "KOKI_D"
    "KOFUKIN" "FUTANKIN32" "KOGAKU80" "TOKUBETSU420" "ZENKI" "DAISANSHA" "FUTORITOKU" "TSUCHI" "GENERIC" "SHIKYU"
}

/// Names, owners and needs of the forms.
const CATALOGUE: &str = include_str!("../forms/forms.csv");

/// What is wrong with a form's file.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{file} の {line} 行目、{column}: {problem}")]
pub struct FormError {
    pub file: String,
    pub line: u64,
    pub column: String,
    pub problem: String,
}

/// Whose claims a form is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    Kokuho,
    Kouki,
    Both,
}

/// What a form cannot be made without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Claims,
    Registry,
    /// 一括計算 of the 審査月
    Benefit,
    /// 医薬品マスター(Y)
    Drugs,
    /// its name: a letter to every household is no part of a month's reports
    Asked,
}

impl Need {
    fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "claims" => Self::Claims,
            "registry" => Self::Registry,
            "benefit" => Self::Benefit,
            "drugs" => Self::Drugs,
            "asked" => Self::Asked,
            _ => return None,
        })
    }

    /// What a clerk does about it.
    pub fn missing_ja(self) -> &'static str {
        match self {
            Self::Claims => "審査月のレセプトがありません（tenken import）",
            Self::Registry => "資格台帳が必要です（tenken registry load）",
            Self::Benefit => "高額療養費の一括計算が必要です（tenken benefit run）",
            Self::Drugs => "医薬品マスター(Y)が必要",
            Self::Asked => "全世帯への通知なので、名前を指定したときだけ作ります（tenken report TSUCHI）",
        }
    }
}

/// A cell of a form.
#[derive(Clone, Debug)]
pub struct Cell {
    pub sheet: String,
    pub row: String,
    pub col: String,
    pub row_ja: String,
    pub col_ja: String,
    /// nothing: a column of a list
    pub measure: Option<Measure>,
    pub filter: Filter,
    /// the value is written with the other sign
    pub negative: bool,
    /// decimals of a value that is kept as a whole number
    pub decimals: u32,
    pub out_sheet: String,
    /// `C12`
    pub out_cell: String,
    /// without it the form is not complete
    pub required: bool,
}

/// A form in one version.
#[derive(Clone, Debug)]
pub struct Form {
    pub id: String,
    pub name_ja: String,
    pub version: String,
    pub valid_from: Month,
    pub is_list: bool,
    pub of: For,
    pub needs: Vec<Need>,
    pub cells: Vec<Cell>,
    /// the bytes of its file
    pub hash: String,
    places: HashMap<(String, String, String), usize>,
}

/// Counts of insured persons and households: by row and column of `GEN` or `KOKI_A`.
pub type Counts = BTreeMap<(String, String), i64>;

/// Values of a form's cells, in its order.
pub type Values = Vec<i64>;

/// What cells are worked out from.
#[derive(Clone, Copy)]
pub struct Inputs<'i> {
    pub cube: &'i Cube,
    pub counts: &'i Counts,
    /// the months of the fiscal year before this one: the form's values then
    pub earlier: &'i [(Month, Values)],
    /// counts of the year's months, this one included
    pub year_counts: &'i [(Month, Counts)],
}

impl Form {
    /// The place of a cell.
    pub fn place(&self, sheet: &str, row: &str, col: &str) -> Option<usize> {
        self.places.get(&(sheet.to_owned(), row.to_owned(), col.to_owned())).copied()
    }

    /// The first sheet that has the cell.
    pub fn find(&self, sheet: Option<&str>, row: &str, col: &str) -> Option<usize> {
        let fits = |c: &Cell| sheet.is_none_or(|s| s == c.sheet) && c.row == row && c.col == col;
        self.cells.iter().position(fits)
    }

    pub fn sheets(&self) -> Vec<&str> {
        let mut sheets: Vec<&str> = Vec::new();
        for c in &self.cells {
            if !sheets.contains(&c.sheet.as_str()) {
                sheets.push(&c.sheet);
            }
        }
        sheets
    }

    /// The columns of a list.
    pub fn list_columns(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|c| c.sheet == "LIST")
    }

    /// The cells that another cell is added up from, with their signs; nothing for one of lines.
    pub fn terms(&self, at: usize) -> Vec<(usize, i64)> {
        let cell = &self.cells[at];
        match &cell.measure {
            Some(Measure::Cells(terms)) => {
                terms.iter().map(|t| (self.term_place(cell, t), if t.negative { -1 } else { 1 })).collect()
            }
            _ => Vec::new(),
        }
    }

    fn term_place(&self, cell: &Cell, t: &Term) -> usize {
        let sheet = t.sheet.as_deref().unwrap_or(&cell.sheet);
        self.place(sheet, &t.row, t.col.as_deref().unwrap_or(&cell.col)).expect("checked when read")
    }

    /// Every cell's value, in order.
    pub fn values(&self, inputs: Inputs<'_>) -> Values {
        let mut known: Vec<Option<i64>> = vec![None; self.cells.len()];
        (0..self.cells.len()).map(|at| self.value(at, inputs, &mut known)).collect()
    }

    fn value(&self, at: usize, inputs: Inputs<'_>, known: &mut Vec<Option<i64>>) -> i64 {
        if let Some(value) = known[at] {
            return value;
        }
        let cell = &self.cells[at];
        let same_row = |col: &str, known: &mut Vec<Option<i64>>| {
            self.place(&cell.sheet, &cell.row, col).map_or(0, |p| self.value(p, inputs, known))
        };
        let average = |row: &str| {
            let end = |c: &Counts| c.get(&(row.to_owned(), "end".to_owned())).copied().unwrap_or(0);
            rates::average(&inputs.year_counts.iter().map(|(_, c)| end(c)).collect::<Vec<_>>())
        };
        let value = match &cell.measure {
            None => 0,
            Some(Measure::Lines(sums)) => cell.filter.sum(inputs.cube, sums),
            Some(Measure::Count { row }) => {
                let key = match row {
                    Some(row) => (row.clone(), "end".to_owned()),
                    None => (cell.row.clone(), cell.col.clone()),
                };
                inputs.counts.get(&key).copied().unwrap_or(0)
            }
            Some(Measure::Cells(terms)) => {
                let mut sum = 0;
                for t in terms {
                    let value = self.value(self.term_place(cell, t), inputs, known);
                    sum += if t.negative { -value } else { value };
                }
                sum
            }
            Some(Measure::YearToDate { sheet }) => {
                let place = self.place(sheet, &cell.row, &cell.col).expect("checked when read");
                let before: i64 = inputs.earlier.iter().filter_map(|(_, v)| v.get(place)).sum();
                before + self.value(place, inputs, known)
            }
            Some(Measure::AverageInsured { row }) => average(row),
            Some(Measure::Ratio(ratio, insured)) => match ratio {
                Ratio::CasesPer100 => rates::divided(same_row("cnt", known) * 10_000, average(insured)),
                Ratio::DaysPerCase => rates::divided(same_row("days", known) * 100, same_row("cnt", known)),
                Ratio::CostPerDay => rates::divided(same_row("cost", known), same_row("days", known)),
                Ratio::CostPerCase => rates::divided(same_row("cost", known), same_row("cnt", known)),
                Ratio::CostPerPerson => rates::divided(same_row("cost", known), average(insured)),
            },
        };
        let value = if cell.negative { -value } else { value };
        known[at] = Some(value);
        value
    }

    fn check(&self, file: &str) -> Result<(), FormError> {
        let wrong = |at: usize, column: &str, problem: String| FormError {
            file: file.to_owned(),
            line: at as u64 + 2,
            column: column.to_owned(),
            problem,
        };
        for (at, cell) in self.cells.iter().enumerate() {
            let there = |sheet: &str, row: &str, col: &str| self.place(sheet, row, col).is_some();
            match &cell.measure {
                Some(Measure::Cells(terms)) => {
                    for t in terms {
                        let sheet = t.sheet.as_deref().unwrap_or(&cell.sheet);
                        let col = t.col.as_deref().unwrap_or(&cell.col);
                        if !there(sheet, &t.row, col) {
                            return Err(wrong(at, "measure", format!("欄 {sheet}:{}.{col} がありません", t.row)));
                        }
                    }
                }
                Some(Measure::YearToDate { sheet }) if !there(sheet, &cell.row, &cell.col) => {
                    return Err(wrong(at, "filter", format!("欄 {sheet}:{}.{} がありません", cell.row, cell.col)));
                }
                _ => {}
            }
            if !cell.out_cell.is_empty() && xlsx::address(&cell.out_cell).is_none() {
                return Err(wrong(at, "out_cell", format!("{} はセルの番地ではありません", cell.out_cell)));
            }
            if self.is_circular(at, &mut Vec::new()) {
                return Err(wrong(at, "measure", "自分自身を足しています".to_owned()));
            }
        }
        Ok(())
    }

    fn is_circular(&self, at: usize, above: &mut Vec<usize>) -> bool {
        if above.contains(&at) {
            return true;
        }
        above.push(at);
        let circular = self.terms(at).into_iter().any(|(t, _)| self.is_circular(t, above));
        above.pop();
        circular
    }
}

/// Decimals that a value may be kept with.
const MOST_DECIMALS: u32 = 4;

/// A heading of the file, as the line of a form reads it.
const COLUMNS: [&str; 14] = [
    "form_id",
    "version",
    "valid_from",
    "sheet_id",
    "row_code",
    "col_code",
    "label_ja",
    "measure",
    "filter",
    "sign",
    "rounding",
    "out_sheet",
    "out_cell",
    "required",
];

/// All forms: the shipped ones, or a folder's in their place.
#[derive(Clone, Debug)]
pub struct Forms {
    /// versions of a form follow one another, oldest first
    pub all: Vec<Form>,
}

struct Entry {
    name_ja: String,
    is_list: bool,
    of: For,
    needs: Vec<Need>,
}

fn catalogue() -> BTreeMap<String, Entry> {
    let mut reader = csv::Reader::from_reader(CATALOGUE.as_bytes());
    let rows = reader.records().map(|r| r.expect("the shipped catalogue is CSV"));
    rows.map(|r| {
        let entry = Entry {
            name_ja: r[1].to_owned(),
            is_list: &r[2] == "list",
            of: match &r[3] {
                "kokuho" => For::Kokuho,
                "kouki" => For::Kouki,
                _ => For::Both,
            },
            needs: r[4].split(';').filter_map(Need::from_code).collect(),
        };
        (r[0].to_owned(), entry)
    })
    .collect()
}

impl Forms {
    /// # Panics
    /// When a shipped form is not well formed; a test reads them all.
    pub fn shipped() -> Self {
        Self::of(SHIPPED.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())))
            .expect("shipped forms are well formed")
    }

    /// The shipped forms with the files of a folder in the place of those of the same name, or beside them.
    ///
    /// # Errors
    /// A file that cannot be read or is no form.
    pub fn with_folder(folder: &Path) -> Result<Self, FormError> {
        let of_folder = |problem: std::io::Error| FormError {
            file: folder.display().to_string(),
            line: 0,
            column: String::new(),
            problem: problem.to_string(),
        };
        let mut files: Vec<(String, String)> =
            SHIPPED.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        let mut own: Vec<_> = std::fs::read_dir(folder).map_err(of_folder)?.filter_map(Result::ok).collect();
        own.sort_by_key(std::fs::DirEntry::file_name);
        for entry in own {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.to_ascii_lowercase().ends_with(".csv") {
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).map_err(of_folder)?;
            match files.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(&name)) {
                Some((_, shipped)) => *shipped = text,
                None => files.push((name, text)),
            }
        }
        Self::of(files.into_iter())
    }

    fn of(files: impl Iterator<Item = (String, String)>) -> Result<Self, FormError> {
        let catalogue = catalogue();
        let mut all: Vec<Form> = Vec::new();
        for (file, text) in files {
            let hash = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
            let mut forms: Vec<Form> = Vec::new();
            let mut reader = csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
            let wrong = |line: u64, column: &str, problem: String| FormError {
                file: file.clone(),
                line,
                column: column.to_owned(),
                problem,
            };
            let header = reader.headers().map_err(|e| wrong(1, "", e.to_string()))?.clone();
            if !header.iter().eq(COLUMNS) {
                return Err(wrong(1, "", format!("見出しは {} です", COLUMNS.join(","))));
            }
            for record in reader.records() {
                let r = record.map_err(|e| wrong(0, "", e.to_string()))?;
                let line = r.position().map_or(0, csv::Position::line);
                let valid_from = Month::parse_iso(&r[2])
                    .ok_or_else(|| wrong(line, "valid_from", format!("{} は年月ではありません", &r[2])))?;
                let (filter, options) = expression::filter(&r[8]).map_err(|e| wrong(line, "filter", e.0))?;
                let measure = match r[7].trim() {
                    "" => None,
                    text => Some(expression::measure(text, &options).map_err(|e| wrong(line, "measure", e.0))?),
                };
                let (row_ja, col_ja) = r[6].split_once('／').unwrap_or((&r[6], ""));
                let cell = Cell {
                    sheet: r[3].to_owned(),
                    row: r[4].to_owned(),
                    col: r[5].to_owned(),
                    row_ja: row_ja.to_owned(),
                    col_ja: col_ja.to_owned(),
                    measure,
                    filter,
                    negative: match &r[9] {
                        "" | "+" => false,
                        "-" => true,
                        other => return Err(wrong(line, "sign", format!("{other} は + でも - でもありません"))),
                    },
                    decimals: match r[10].trim() {
                        "" => 0,
                        d => (d.parse().ok().filter(|n| *n <= MOST_DECIMALS)).ok_or_else(|| {
                            wrong(line, "rounding", format!("{d} は 0〜{MOST_DECIMALS} の小数の桁数ではありません"))
                        })?,
                    },
                    out_sheet: r[11].to_owned(),
                    out_cell: r[12].to_owned(),
                    required: &r[13] == "1",
                };
                let same = |f: &&mut Form| f.id == r[0] && f.version == r[1];
                let form = match forms.iter_mut().find(same) {
                    Some(form) => form,
                    None => {
                        let entry = catalogue.get(&r[0]);
                        forms.push(Form {
                            id: r[0].to_owned(),
                            name_ja: entry.map_or_else(|| r[0].to_owned(), |e| e.name_ja.clone()),
                            version: r[1].to_owned(),
                            valid_from,
                            is_list: entry.is_some_and(|e| e.is_list),
                            of: entry.map_or(For::Both, |e| e.of),
                            needs: entry.map_or_else(|| vec![Need::Claims], |e| e.needs.clone()),
                            cells: Vec::new(),
                            hash: hash.clone(),
                            places: HashMap::new(),
                        });
                        forms.last_mut().expect("just pushed")
                    }
                };
                let key = (cell.sheet.clone(), cell.row.clone(), cell.col.clone());
                if form.places.insert(key, form.cells.len()).is_some() {
                    return Err(wrong(
                        line,
                        "col_code",
                        format!("{}:{}.{} が二度あります", cell.sheet, cell.row, cell.col),
                    ));
                }
                form.cells.push(cell);
            }
            for form in &forms {
                form.check(&file)?;
            }
            forms.sort_by_key(|f| f.valid_from);
            all.extend(forms);
        }
        Ok(Self { all })
    }

    /// The forms in force in a month, in order.
    pub fn in_force(&self, month: Month) -> Vec<&Form> {
        let mut found: Vec<&Form> = Vec::new();
        for form in self.all.iter().filter(|f| f.valid_from <= month) {
            match found.iter_mut().find(|f| f.id == form.id) {
                Some(older) => *older = form,
                None => found.push(form),
            }
        }
        found
    }

    /// A form by its logical id, in any case.
    pub fn find(&self, id: &str, month: Month) -> Option<&Form> {
        self.in_force(month).into_iter().find(|f| f.id.eq_ignore_ascii_case(id))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.name_ja)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Forms, String> {
        let text = format!("{}\n{line}\n", COLUMNS.join(","));
        Forms::of(std::iter::once(("X.csv".to_owned(), text))).map_err(|e| e.to_string())
    }

    #[test]
    fn every_shipped_form_is_well_formed() {
        let forms = Forms::shipped();
        assert_eq!(forms.all.len(), SHIPPED.len());
        let known = catalogue();
        for form in &forms.all {
            assert!(known.contains_key(&form.id), "{form}");
            assert_eq!(form.is_list, form.list_columns().count() > 0, "{form}");
            // no two cells of a form in one place of its workbook
            let mut places: Vec<_> = form.cells.iter().map(|c| (&c.out_sheet, &c.out_cell)).collect();
            places.sort();
            let all = places.len();
            places.dedup();
            assert_eq!(places.len(), all, "{form}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_form_is_said_with_its_place() {
        assert!(read("X,1,2018-04,S1,A,amt,あ／い,ins,row=R01,,,表,C8,1").is_ok());
        for (line, said) in [
            ("X,1,2018-13,S1,A,amt,,ins,,,,表,C8,1", "X.csv の 2 行目、valid_from: 2018-13 は年月ではありません"),
            ("X,1,2018-04,S1,A,amt,,inz,,,,表,C8,1", "measure: 項目 inz はありません"),
            ("X,1,2018-04,S1,A,amt,,ins,cls=99,,,表,C8,1", "filter: cls に 99 はありません"),
            ("X,1,2018-04,S1,A,amt,,ins,,*,,表,C8,1", "sign: * は + でも - でもありません"),
            ("X,1,2018-04,S1,A,amt,,ins,,,30,表,C8,1", "rounding: 30 は"),
            ("X,1,2018-04,S1,A,amt,,ins,,,,表,8C,1", "out_cell: 8C はセルの番地ではありません"),
            ("X,1,2018-04,S1,A,amt,,SUM(B),,,,表,C8,1", "欄 S1:B.amt がありません"),
            ("X,1,2018-04,S1,A,amt,,SUM(A),,,,表,C8,1", "自分自身を足しています"),
            ("X,1,2018-04,S1,A,amt,,ytd,sheet=S9,,,表,C8,1", "欄 S9:A.amt がありません"),
        ] {
            let error = read(line).unwrap_err();
            assert!(error.contains(said), "{line}: {error}");
        }
    }
}
