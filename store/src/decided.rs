//! Decided claims as the ledger of measures reads them: few columns, file by file, beside one another.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tenken_parser::{Date, Month};
use tenken_tables::claims;

use crate::{
    batch::Batch,
    delta::DataFile,
    error::{Error, Result},
    store::Store,
};

/// A claim, borrowed from its file.
#[derive(Clone, Copy)]
pub struct DecidedLine<'c> {
    pub claim_id: &'c str,
    pub owner: &'c str,
    pub exam_month: Month,
    pub kind: &'c str,
    pub receipt_type: &'c str,
    /// `YYYY-MM`
    pub service_month: &'c str,
    pub insurer_no: Option<&'c str>,
    pub person_id: Option<&'c str>,
    pub household_id: Option<&'c str>,
    pub birth_date: Option<Date>,
    pub benefit_rate: Option<i32>,
    /// 特記事項, bit = code
    pub tokki: u128,
    pub admission_date: Option<Date>,
    pub days: Option<i32>,
    pub cost_yen: i64,
    pub meal_count: Option<i32>,
    pub meal_yen: Option<i64>,
    pub meal_copay_yen: Option<i64>,
    pub copay_yen: Option<i64>,
    pub relief_class: Option<&'c str>,
    pub is_subordinate: bool,
    pub search_no: Option<&'c str>,
}

const COLUMNS: [&str; 21] = [
    "claim_id",
    "owner",
    "kind",
    "receipt_type",
    "service_month",
    "insurer_no",
    "person_id",
    "household_id",
    "birth_date",
    "benefit_rate",
    "tokki",
    "admission_date",
    "days",
    "cost_yen",
    "meal_count",
    "meal_yen",
    "meal_copay_yen",
    "copay_yen",
    "relief_class",
    "parent_claim_id",
    "search_no",
];

impl Store {
    /// Hands the claims of visible imports to as many workers as there are threads; gives what each made of its share.
    /// Which file goes to which worker is not fixed.
    ///
    /// # Errors
    /// A file that is missing or damaged.
    pub fn fold_decided<T: Send>(
        &self,
        imports: &[String],
        begin: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, DecidedLine<'_>) + Sync,
    ) -> Result<Vec<T>> {
        let table = &claims::TABLE;
        let (ledgers, files) = self.runtime.block_on(self.shown_files(table))?;
        let files: Vec<DataFile> = files.into_iter().filter(|f| imports.iter().any(|i| i == f.id())).collect();
        let exam_month = |file: &DataFile| {
            let month = ledgers.import(file.id()).and_then(|i| Month::parse_iso(&i.exam_month));
            month.ok_or_else(|| Error::Corrupt("imports".into(), file.id().to_owned()))
        };
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<T>> = Mutex::new(Vec::new());
        let work = || -> Result<()> {
            let mut made = begin();
            while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let month = exam_month(file)?;
                self.read_data(table, &file.path, Some(&COLUMNS), |batch| {
                    lines(&Batch::new(table, batch), month, |line| each(&mut made, line))
                })?;
            }
            done.lock().unwrap_or_else(PoisonError::into_inner).push(made);
            Ok(())
        };
        on_threads(files.len(), work)?;
        Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What lists print of a claim. `Debug` is not derived: it names a person.
#[derive(Clone, Default)]
pub struct NamedClaim {
    pub claim_id: String,
    pub owner: String,
    /// `YYYY-MM`
    pub service_month: String,
    pub exam_month: String,
    pub kigo: Option<String>,
    pub bango: Option<String>,
    pub edaban: Option<String>,
    pub name: Option<String>,
    pub person_id: Option<String>,
    pub household_id: Option<String>,
    pub institution_name: Option<String>,
    /// prefecture, score table, institution code
    pub institution: String,
    pub points_effective: Option<i64>,
}

impl NamedClaim {
    /// 記号・番号・枝番.
    pub fn card(&self) -> String {
        [&self.kigo, &self.bango, &self.edaban].into_iter().flatten().cloned().collect::<Vec<_>>().join("・")
    }

    /// The institution's name, else its key.
    pub fn institution(&self) -> String {
        self.institution_name.clone().unwrap_or_else(|| self.institution.clone())
    }
}

const NAMED: [&str; 14] = [
    "claim_id",
    "owner",
    "service_month",
    "kigo",
    "bango",
    "edaban",
    "name",
    "person_id",
    "household_id",
    "institution_name",
    "prefecture",
    "score_table",
    "institution_code",
    "points_effective",
];

impl Store {
    /// A few claims of visible imports: only their rows are decoded.
    ///
    /// # Errors
    /// A file that is missing or damaged.
    pub fn claims_named(&self, imports: &[String], names: &HashSet<String>) -> Result<Vec<NamedClaim>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let table = &claims::TABLE;
        let (ledgers, files) = self.runtime.block_on(self.shown_files(table))?;
        let files: Vec<DataFile> = files.into_iter().filter(|f| imports.iter().any(|i| i == f.id())).collect();
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<NamedClaim>> = Mutex::new(Vec::new());
        let work = || -> Result<()> {
            while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut found: Vec<usize> = Vec::new();
                let mut row = 0;
                self.read_data(table, &file.path, Some(&["claim_id"]), |batch| {
                    let id = Batch::new(table, batch).texts("claim_id")?;
                    found.extend((0..batch.num_rows()).filter(|i| names.contains(id.str(*i))).map(|i| row + i));
                    row += batch.num_rows();
                    Ok(())
                })?;
                if found.is_empty() {
                    continue;
                }
                let exam_month = ledgers.import(file.id()).map(|i| i.exam_month.clone()).unwrap_or_default();
                let mut of_file = Vec::with_capacity(found.len());
                self.read_rows(table, &file.path, &NAMED, &found, |batch| {
                    named(&Batch::new(table, batch), &exam_month, &mut of_file)
                })?;
                done.lock().unwrap_or_else(PoisonError::into_inner).extend(of_file);
            }
            Ok(())
        };
        on_threads(files.len(), work)?;
        Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The same work on every thread, or on as many as there are files.
fn on_threads(files: usize, work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(files).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        workers.into_iter().try_for_each(|w| w.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
    })
}

fn named(b: &Batch<'_>, exam_month: &str, out: &mut Vec<NamedClaim>) -> Result<()> {
    let text = |name: &str| b.texts(name);
    let (id, owner, month) = (text("claim_id")?, text("owner")?, text("service_month")?);
    let (kigo, bango, edaban, name) = (text("kigo")?, text("bango")?, text("edaban")?, text("name")?);
    let (person, household, called) = (text("person_id")?, text("household_id")?, text("institution_name")?);
    let (prefecture, score_table, code) = (text("prefecture")?, text("score_table")?, text("institution_code")?);
    let points = b.longs("points_effective")?;
    for i in 0..b.rows() {
        out.push(NamedClaim {
            claim_id: id.get(i),
            owner: owner.get(i),
            service_month: month.get(i),
            exam_month: exam_month.to_owned(),
            kigo: kigo.opt(i),
            bango: bango.opt(i),
            edaban: edaban.opt(i),
            name: name.opt(i),
            person_id: person.opt(i),
            household_id: household.opt(i),
            institution_name: called.opt(i),
            institution: format!("{}{}{}", prefecture.str(i), score_table.str(i), code.str(i)),
            points_effective: points.opt(i),
        });
    }
    Ok(())
}

fn lines(b: &Batch<'_>, exam_month: Month, mut each: impl FnMut(DecidedLine<'_>)) -> Result<()> {
    let text = |name: &str| b.texts(name);
    let (id, owner, kind, class) = (text("claim_id")?, text("owner")?, text("kind")?, text("receipt_type")?);
    let (month, insurer) = (text("service_month")?, text("insurer_no")?);
    let (person, household) = (text("person_id")?, text("household_id")?);
    let (birth, rate, tokki) = (b.dates("birth_date")?, b.ints("benefit_rate")?, b.lists("tokki")?);
    let (admission, days, cost) = (b.dates("admission_date")?, b.ints("days")?, b.longs("cost_yen")?);
    let (meals, meal, meal_copay) = (b.ints("meal_count")?, b.longs("meal_yen")?, b.longs("meal_copay_yen")?);
    let (copay, relief) = (b.longs("copay_yen")?, text("relief_class")?);
    let (parent, search) = (text("parent_claim_id")?, text("search_no")?);
    for i in 0..b.rows() {
        each(DecidedLine {
            claim_id: id.str(i),
            owner: owner.str(i),
            exam_month,
            kind: kind.str(i),
            receipt_type: class.str(i),
            service_month: month.str(i),
            insurer_no: insurer.opt_str(i),
            person_id: person.opt_str(i),
            household_id: household.opt_str(i),
            birth_date: birth.opt(i)?,
            benefit_rate: rate.opt(i),
            tokki: tokki.codes(i)?,
            admission_date: admission.opt(i)?,
            days: days.opt(i),
            cost_yen: cost.get(i),
            meal_count: meals.opt(i),
            meal_yen: meal.opt(i),
            meal_copay_yen: meal_copay.opt(i),
            copay_yen: copay.opt(i),
            relief_class: relief.opt_str(i),
            is_subordinate: parent.opt_str(i).is_some(),
            search_no: search.opt_str(i),
        });
    }
    Ok(())
}
