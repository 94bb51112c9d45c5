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
    ($($(#[$doc:meta])* $name:ident: $ty:ident;)*) => {
        /// A row of `claims`. `Debug` shows the claim alone.
        #[derive(Clone, PartialEq, Eq)]
        pub struct ClaimRow { $($(#[$doc])* pub $name: rows!(@type $ty)),* }

        impl ClaimRow {
            const COLUMNS: &[&str] = &[$(stringify!($name)),*];

            fn read_all(batch: &Batch<'_>, wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool, out: &mut Vec<Self>) -> Result<()> {
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
                        out.push(Self { $($name: rows!(@cell $ty $name i)),* });
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

impl fmt::Debug for ClaimRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimRow({})", self.claim_id)
    }
}

impl Store {
    fn rows_of(&self, files: &[DataFile], wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool) -> Result<Vec<ClaimRow>> {
        let mut out = Vec::new();
        for file in files {
            self.read_data(&TABLE, &file.path, Some(ClaimRow::COLUMNS), |batch| {
                ClaimRow::read_all(&Batch::new(&TABLE, batch), wanted, &mut out)
            })?;
        }
        Ok(out)
    }

    /// The claims of a visible import that are wanted, in the order of its files.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchImport`], also for one that is withdrawn.
    pub fn claim_rows(&self, import_id: &str, wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool) -> Result<Vec<ClaimRow>> {
        let files = self.runtime.block_on(async {
            let ledgers = Ledgers::of_imports(imports::read_all(self).await?);
            ledgers.visible_import(import_id)?;
            match self.open_table(&TABLE).await? {
                Some(opened) => ledgers.shown(self, &TABLE, opened.files()?),
                None => Ok(Vec::new()),
            }
        })?;
        let files: Vec<DataFile> = files.into_iter().filter(|f| f.id() == import_id).collect();
        self.rows_of(&files, wanted)
    }
}

impl ImportWriter<'_> {
    /// The claims written so far that are wanted.
    pub fn claim_rows(&self, wanted: &mut dyn FnMut(ClaimKey<'_>) -> bool) -> Result<Vec<ClaimRow>> {
        self.store().rows_of(&self.files_of(&TABLE), wanted)
    }
}
