//! Decided claims as the ledger of measures reads them: few columns, file by file, beside one another.

use std::{
    sync::{
        Mutex,
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
        let threads = thread::available_parallelism().map_or(1, usize::from).min(files.len()).max(1);
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
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(made);
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|w| w.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
        })?;
        Ok(done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
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
