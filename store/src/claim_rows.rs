//! Rows of `claims` for the rules across claims and for findings: read directly, a few columns of them.

use std::fmt;

use tenken_parser::Date;
use tenken_tables::claims::TABLE;

use crate::{
    batch::Batch, delta::DataFile, error::Result, import::ImportWriter, imports, store::Store, visible::Ledgers,
};

/// What a caller decides by, before the rest of a row is read.
#[derive(Clone, Copy)]
pub struct ClaimKey<'k> {
    pub claim_id: &'k str,
    /// `YYYY-MM`
    pub service_month: &'k str,
    pub owner: &'k str,
    pub person_id: Option<&'k str>,
}

macro_rules! rows {
    ($(#[$of:meta])* $row:ident { $($(#[$doc:meta])* $name:ident: $ty:ident;)* }) => {
        $(#[$of])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $row { $($(#[$doc])* pub $name: rows!(@type $ty)),* }

        impl fmt::Debug for $row {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($row), "({})"), self.claim_id)
            }
        }

        impl $row {
            const COLUMNS: &[&str] = &[$(stringify!($name)),*];

            fn read_all(
                batch: &Batch<'_>,
                wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool,
                out: &mut dyn FnMut(Self) -> Result<()>,
            ) -> Result<()> {
                let (id, month) = (batch.texts("claim_id")?, batch.texts("service_month")?);
                let (of, person) = (batch.texts("owner")?, batch.texts("person_id")?);
                $(let $name = rows!(@column $ty batch stringify!($name));)*
                for i in 0..batch.rows() {
                    let key = ClaimKey {
                        claim_id: id.str(i),
                        service_month: month.str(i),
                        owner: of.str(i),
                        person_id: person.opt_str(i),
                    };
                    if wanted(key) {
                        out(Self { $($name: rows!(@cell $ty $name i)),* })?;
                    }
                }
                Ok(())
            }
        }
    };
    (@type text) => { String };
    (@type opt_text) => { Option<String> };
    (@type int) => { i32 };
    (@type opt_int) => { Option<i32> };
    (@type long) => { i64 };
    (@type opt_long) => { Option<i64> };
    (@type flag) => { bool };
    (@type opt_date) => { Option<Date> };
    (@column text $b:ident $n:expr) => { $b.texts($n)? };
    (@column opt_text $b:ident $n:expr) => { $b.texts($n)? };
    (@column int $b:ident $n:expr) => { $b.ints($n)? };
    (@column opt_int $b:ident $n:expr) => { $b.ints($n)? };
    (@column long $b:ident $n:expr) => { $b.longs($n)? };
    (@column opt_long $b:ident $n:expr) => { $b.longs($n)? };
    (@column flag $b:ident $n:expr) => { $b.flags($n)? };
    (@column opt_date $b:ident $n:expr) => { $b.dates($n)? };
    (@cell text $c:ident $i:ident) => { $c.get($i) };
    (@cell opt_text $c:ident $i:ident) => { $c.opt($i) };
    (@cell int $c:ident $i:ident) => { $c.get($i) };
    (@cell opt_int $c:ident $i:ident) => { $c.opt($i) };
    (@cell long $c:ident $i:ident) => { $c.get($i) };
    (@cell opt_long $c:ident $i:ident) => { $c.opt($i) };
    (@cell flag $c:ident $i:ident) => { $c.get($i) };
    (@cell opt_date $c:ident $i:ident) => { $c.opt($i)? };
}

rows! {
    /// A row of `claims`. `Debug` shows the claim alone.
    ClaimRow {
    claim_id: text;
    owner: text;
    source_file: text;
    file_no: int;
    ordinal: long;
    kind: text;
    receipt_no: text;
    receipt_type: text;
    service_month: text;
    billing_month: text;
    prefecture: text;
    score_table: text;
    institution_code: text;
    insurer_no: opt_text;
    kigo: opt_text;
    bango: opt_text;
    edaban: opt_text;
    confirmation: opt_text;
    person_id: opt_text;
    household_id: opt_text;
    tier: opt_text;
    admission_date: opt_date;
    days: opt_int;
    points_effective: opt_long;
    cost_yen: long;
    prescriber: opt_text;
    parent_claim_id: opt_text;
    search_no: opt_text;
    /// bit 0 = day 1
    service_days: int;
    days_exact: flag;
    }
}

rows! {
    /// What the reviewers' desk keeps of a claim: where it lies, whose it is, what it costs. `Debug` shows the claim alone.
    DeskClaim {
    claim_id: text;
    owner: text;
    source_file: text;
    file_hash: text;
    ordinal: long;
    byte_start: long;
    byte_len: long;
    form: text;
    kind: text;
    receipt_no: text;
    receipt_type: text;
    service_month: text;
    billing_month: text;
    prefecture: text;
    score_table: text;
    institution_code: text;
    institution_name: opt_text;
    insurer_no: opt_text;
    kigo: opt_text;
    bango: opt_text;
    edaban: opt_text;
    person_id: opt_text;
    household_id: opt_text;
    name: opt_text;
    kana: opt_text;
    birth_date: opt_date;
    /// %
    benefit_rate: opt_int;
    days: opt_int;
    points_effective: opt_long;
    cost_yen: long;
    meal_count: opt_int;
    meal_yen: opt_long;
    meal_copay_yen: opt_long;
    copay_yen: opt_long;
    parent_claim_id: opt_text;
    search_no: opt_text;
    /// bit 0 = day 1
    service_days: int;
    }
}

impl Store {
    fn rows_of(&self, files: &[DataFile], wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool) -> Result<Vec<ClaimRow>> {
        let mut out = Vec::new();
        for file in files {
            self.read_data(&TABLE, &file.path, Some(ClaimRow::COLUMNS), |batch| {
                ClaimRow::read_all(&Batch::new(&TABLE, batch), wanted, &mut |row| {
                    out.push(row);
                    Ok(())
                })
            })?;
        }
        Ok(out)
    }

    /// The data files of a visible import.
    fn files_of_import(&self, import_id: &str) -> Result<Vec<DataFile>> {
        let files = self.runtime.block_on(async {
            let ledgers = Ledgers::of_imports(imports::read_all(self).await?);
            ledgers.visible_import(import_id)?;
            match self.open_table(&TABLE).await? {
                Some(opened) => ledgers.shown(self, &TABLE, opened.files()?),
                None => Ok(Vec::new()),
            }
        })?;
        Ok(files.into_iter().filter(|f| f.id() == import_id).collect())
    }

    /// Hands out the claims of a visible import that are wanted, one by one, in the order of its files.
    ///
    /// # Errors
    /// As [`Store::claim_rows`]; what `each` meets.
    pub fn each_desk_claim(
        &self,
        import_id: &str,
        wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool,
        each: &mut dyn FnMut(DeskClaim) -> Result<()>,
    ) -> Result<()> {
        for file in self.files_of_import(import_id)? {
            self.read_data(&TABLE, &file.path, Some(DeskClaim::COLUMNS), |batch| {
                DeskClaim::read_all(&Batch::new(&TABLE, batch), wanted, each)
            })?;
        }
        Ok(())
    }

    /// The claims of a visible import that are wanted, in the order of its files.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchImport`], also for one that is withdrawn.
    pub fn claim_rows(&self, import_id: &str, wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool) -> Result<Vec<ClaimRow>> {
        let files = self.files_of_import(import_id)?;
        self.rows_of(&files, wanted)
    }
}

impl ImportWriter<'_> {
    /// The claims written so far that are wanted.
    pub fn claim_rows(&self, wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool) -> Result<Vec<ClaimRow>> {
        self.store().rows_of(&self.files_of(&TABLE), wanted)
    }
}
