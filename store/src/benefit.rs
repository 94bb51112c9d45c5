//! What 高額療養費 reads and keeps: claims with few columns, and results in every version.

use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use arrow::array::RecordBatch;

use tenken_parser::Date;
use tenken_tables::{
    benefit::{BenefitGroup, BenefitHousehold, groups, households, push_group, push_household},
    claims,
    columns::Columns,
    public_expenses,
};

use crate::{
    batch::Batch,
    data::Encoded,
    delta::DataFile,
    error::Result,
    runs::{RunKind, RunRow, RunWriter},
    store::{Store, WriteLock},
    visible::Ledgers,
};

/// A claim, as it is read: borrowed, so that who does not want it pays nothing.
#[derive(Clone, Copy)]
pub struct ClaimLine<'c> {
    pub claim_id: &'c str,
    pub owner: &'c str,
    pub kind: &'c str,
    pub receipt_type: &'c str,
    /// `YYYY-MM`
    pub service_month: &'c str,
    pub prefecture: &'c str,
    pub score_table: &'c str,
    pub institution_code: &'c str,
    pub insurer_no: Option<&'c str>,
    pub person_id: Option<&'c str>,
    pub household_id: Option<&'c str>,
    pub birth_date: Option<Date>,
    pub benefit_rate: Option<i32>,
    pub copay_meal_class: Option<&'c str>,
    /// 特記事項, bit = code
    pub tokki: u128,
    pub admission_date: Option<Date>,
    pub cost_yen: i64,
    pub meal_yen: i64,
    pub copay_yen: Option<i64>,
    pub prescriber: Option<&'c str>,
    pub is_subordinate: bool,
    /// 検索番号
    pub search_no: Option<&'c str>,
}

/// A KO of a claim.
#[derive(Clone, Copy)]
pub struct PublicLine<'c> {
    pub claim_id: &'c str,
    pub payer_no: &'c str,
    pub cost_yen: i64,
    pub copay_yen: Option<i64>,
}

/// A version of a household month, without what only a page needs; borrowed as [`ClaimLine`] is.
#[derive(Clone, Copy)]
pub struct ResultLine<'r> {
    pub owner: &'r str,
    pub scheme: &'r str,
    pub household_id: &'r str,
    /// `YYYY-MM`
    pub service_month: &'r str,
    pub version: i32,
    /// 審査月 of the run that made it
    pub exam_month: &'r str,
    pub benefit_yen: i64,
    pub hit: bool,
    pub input_hash: &'r str,
}

/// Hits of all owners.
#[derive(Clone, Debug, Default)]
pub struct HitMonths {
    /// by owner, scheme and household, in order
    pub months: HashMap<(String, String, String), Vec<String>>,
    /// 審査月 that were run, and for whom (nobody: for all)
    pub exam_months: Vec<(Option<String>, String)>,
}

/// Whose and which month: owner, scheme, household, month.
pub type ResultKey = (String, String, String, String);

const CLAIM_COLUMNS: [&str; 22] = [
    "claim_id",
    "owner",
    "kind",
    "receipt_type",
    "service_month",
    "prefecture",
    "score_table",
    "institution_code",
    "insurer_no",
    "person_id",
    "household_id",
    "birth_date",
    "benefit_rate",
    "copay_meal_class",
    "tokki",
    "admission_date",
    "cost_yen",
    "meal_yen",
    "copay_yen",
    "prescriber",
    "parent_claim_id",
    "search_no",
];

impl Store {
    pub(crate) async fn shown_files(
        &self,
        table: &'static crate::tables::schema::Table,
    ) -> Result<(Ledgers, Vec<DataFile>)> {
        let ledgers = Ledgers::read(self).await?;
        let files = match self.open_table(table).await? {
            Some(opened) => ledgers.shown(self, table, opened.files()?)?,
            None => Vec::new(),
        };
        Ok((ledgers, files))
    }

    /// Hands over the claims of visible imports. Files are decoded beside one another, so their order is not that of the
    /// imports.
    pub fn each_claim(&self, imports: &[String], mut each: impl FnMut(ClaimLine<'_>)) -> Result<()> {
        /// Decoded and not yet handed over.
        const AHEAD: usize = 8;
        let table = &claims::TABLE;
        let (_, files) = self.runtime.block_on(self.shown_files(table))?;
        let files: Vec<DataFile> = files.into_iter().filter(|f| imports.iter().any(|i| i == f.id())).collect();
        let threads = thread::available_parallelism().map_or(1, usize::from).min(files.len()).max(1);
        let next = AtomicUsize::new(0);
        let (sender, batches) = mpsc::sync_channel::<RecordBatch>(AHEAD);
        thread::scope(|scope| {
            let decoders: Vec<_> = (0..threads)
                .map(|_| {
                    let (sender, next, files) = (sender.clone(), &next, &files);
                    scope.spawn(move || -> Result<()> {
                        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                            self.read_data(table, &file.path, Some(&CLAIM_COLUMNS), |batch| {
                                // nobody listens any more: the other side failed and says why
                                let _ = sender.send(batch.clone());
                                Ok(())
                            })?;
                        }
                        Ok(())
                    })
                })
                .collect();
            drop(sender);
            for batch in batches {
                claim_lines(&Batch::new(table, &batch), &mut each)?;
            }
            decoders.into_iter().try_for_each(|d| d.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
        })
    }

    /// Hands over the public payers of the claims of visible imports.
    pub fn each_public(&self, imports: &[String], mut each: impl FnMut(PublicLine<'_>)) -> Result<()> {
        const COLUMNS: [&str; 4] = ["claim_id", "payer_no", "cost_yen", "copay_yen"];
        let table = &public_expenses::TABLE;
        let (_, files) = self.runtime.block_on(self.shown_files(table))?;
        for file in files.iter().filter(|f| imports.iter().any(|i| i == f.id())) {
            self.read_data(table, &file.path, Some(&COLUMNS), |batch| {
                let b = Batch::new(table, batch);
                let (id, payer) = (b.texts("claim_id")?, b.texts("payer_no")?);
                let (cost, copay) = (b.longs("cost_yen")?, b.longs("copay_yen")?);
                for i in 0..b.rows() {
                    each(PublicLine {
                        claim_id: id.str(i),
                        payer_no: payer.str(i),
                        cost_yen: cost.get(i),
                        copay_yen: copay.opt(i),
                    });
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Hands over every version of every household month.
    pub fn each_version(&self, mut each: impl FnMut(ResultLine<'_>)) -> Result<()> {
        const COLUMNS: [&str; 9] = [
            "owner",
            "scheme",
            "household_id",
            "service_month",
            "version",
            "exam_month",
            "benefit_yen",
            "hit",
            "input_hash",
        ];
        self.each_result(&COLUMNS, |b| {
            let (owner, scheme, household) = (b.texts("owner")?, b.texts("scheme")?, b.texts("household_id")?);
            let (month, version, exam) = (b.texts("service_month")?, b.ints("version")?, b.texts("exam_month")?);
            let (benefit, hit, hash) = (b.longs("benefit_yen")?, b.flags("hit")?, b.texts("input_hash")?);
            for i in 0..b.rows() {
                each(ResultLine {
                    owner: owner.str(i),
                    scheme: scheme.str(i),
                    household_id: household.str(i),
                    service_month: month.str(i),
                    version: version.get(i),
                    exam_month: exam.str(i),
                    benefit_yen: benefit.get(i),
                    hit: hit.get(i),
                    input_hash: hash.str(i),
                });
            }
            Ok(())
        })
    }

    fn each_result(&self, columns: &[&str], mut each: impl FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.each_result_of_run(columns, |_, batch| each(batch))
    }

    fn each_result_of_run(&self, columns: &[&str], mut each: impl FnMut(&str, &Batch<'_>) -> Result<()>) -> Result<()> {
        let table = &households::TABLE;
        let (_, files) = self.runtime.block_on(self.shown_files(table))?;
        for file in &files {
            self.read_data(table, &file.path, Some(columns), |batch| each(file.id(), &Batch::new(table, batch)))?;
        }
        Ok(())
    }

    /// Whether any batch was ever run here.
    pub fn has_results(&self) -> Result<bool> {
        Ok(self.runs()?.iter().any(|r| r.kind == RunKind::Benefit && r.is_visible()))
    }

    /// Months that count for 多数回, by owner, scheme and household: those of the newest versions.
    pub fn hit_months(&self) -> Result<HitMonths> {
        let mut found = HitMonths::default();
        if !self.has_results()? {
            return Ok(found);
        }
        // most rows are the only version of a month that does not count: nothing is kept of them
        let mut newest: HashMap<ResultKey, (i32, bool)> = HashMap::new();
        self.each_result(&["owner", "scheme", "household_id", "service_month", "version", "hit"], |b| {
            let (owner, scheme, household) = (b.texts("owner")?, b.texts("scheme")?, b.texts("household_id")?);
            let (month, version, hit) = (b.texts("service_month")?, b.ints("version")?, b.flags("hit")?);
            for i in 0..b.rows() {
                let (version, hit) = (version.get(i), hit.get(i));
                if hit || version > 1 {
                    let key = (owner.get(i), scheme.get(i), household.get(i), month.get(i));
                    let at = newest.entry(key).or_insert((version, hit));
                    if at.0 < version {
                        *at = (version, hit);
                    }
                }
            }
            Ok(())
        })?;
        for ((owner, scheme, household, month), (_, hit)) in newest {
            if hit {
                found.months.entry((owner, scheme, household)).or_default().push(month);
            }
        }
        found.months.values_mut().for_each(|m| m.sort());
        for run in self.runs()?.into_iter().filter(|r| r.kind == RunKind::Benefit && r.is_visible()) {
            found.exam_months.extend(run.exam_month_from.map(|m| (run.owner, m)));
        }
        Ok(found)
    }

    /// Versions that are wanted (owner, household, month), whole, with their runs, in the order in which they were written.
    pub fn benefit_households(
        &self,
        mut wanted: impl FnMut(&str, &str, &str) -> bool,
    ) -> Result<Vec<(String, BenefitHousehold)>> {
        let mut rows = Vec::new();
        let columns: Vec<&str> = households::TABLE.file_columns().map(|c| c.name).collect();
        self.each_result_of_run(&columns, |run_id, b| {
            let mut read = Vec::new();
            read_households(b, &mut wanted, &mut read)?;
            rows.extend(read.into_iter().map(|r| (run_id.to_owned(), r)));
            Ok(())
        })?;
        Ok(rows)
    }

    /// The groups of versions that are wanted.
    pub fn benefit_groups(&self, mut wanted: impl FnMut(&str) -> bool) -> Result<Vec<BenefitGroup>> {
        let table = &groups::TABLE;
        let (_, files) = self.runtime.block_on(self.shown_files(table))?;
        let mut rows = Vec::new();
        for file in &files {
            self.read_data(table, &file.path, None, |batch| {
                let b = Batch::new(table, batch);
                let (id, no, person) = (b.texts("benefit_id")?, b.ints("group_no")?, b.texts("person_id")?);
                let (band, institution, kind) = (b.texts("age_band")?, b.texts("institution")?, b.texts("kind")?);
                let (inpatient, cost, burden) = (b.flags("inpatient")?, b.longs("cost_yen")?, b.longs("burden_yen")?);
                let (window, in_kind) = (b.longs("window_paid_yen")?, b.longs("in_kind_yen")?);
                let (counted, excluded) = (b.flags("counted")?, b.texts("excluded_reason")?);
                let (benefit, row, claims) =
                    (b.longs("person_benefit_yen")?, b.texts("limit_row")?, b.lists("claim_ids")?);
                let cash = b.longs("person_cash_yen")?;
                for i in (0..b.rows()).filter(|i| wanted(id.str(*i))) {
                    rows.push(BenefitGroup {
                        benefit_id: id.get(i),
                        group_no: no.get(i),
                        person_id: person.get(i),
                        age_band: band.get(i),
                        institution: institution.get(i),
                        kind: kind.get(i),
                        inpatient: inpatient.get(i),
                        cost_yen: cost.get(i),
                        burden_yen: burden.get(i),
                        window_paid_yen: window.get(i),
                        in_kind_yen: in_kind.get(i),
                        counted: counted.get(i),
                        excluded_reason: excluded.opt(i),
                        person_benefit_yen: benefit.get(i),
                        limit_row: row.opt(i),
                        claim_ids: claims.texts(i)?,
                        person_cash_yen: cash.get(i),
                    });
                }
                Ok(())
            })?;
        }
        Ok(rows)
    }

    /// A batch under way: rows go to the disk piece by piece, nothing is visible before it is committed.
    ///
    /// # Errors
    /// What writing can meet.
    pub fn benefit_writer<'s>(&'s self, lock: &'s WriteLock, run: RunRow) -> Result<BenefitWriter<'s>> {
        let run = RunRow { kind: RunKind::Benefit, ..run };
        let mut writer = RunWriter::new(self, lock, run)?;
        // made even where nothing is written
        writer.write(0, &Columns::new(&households::TABLE))?;
        writer.write(0, &Columns::new(&groups::TABLE))?;
        Ok(BenefitWriter { writer, pieces: 0 })
    }
}

pub struct BenefitWriter<'s> {
    writer: RunWriter<'s>,
    pieces: u64,
}

/// Versions and groups of some households, as the bytes of their files: made on any thread.
pub struct BenefitPiece {
    households: Encoded,
    groups: Encoded,
}

impl BenefitPiece {
    pub fn of(results: &[BenefitHousehold], of: &[BenefitGroup]) -> Result<Self> {
        let mut rows = Columns::new(&households::TABLE);
        results.iter().for_each(|r| push_household(&mut rows, r));
        let mut more = Columns::new(&groups::TABLE);
        of.iter().for_each(|g| push_group(&mut more, g));
        Ok(Self { households: Encoded::of(&rows)?, groups: Encoded::of(&more)? })
    }
}

impl BenefitWriter<'_> {
    pub fn write(&mut self, piece: &BenefitPiece) -> Result<()> {
        self.writer.write_encoded(self.pieces, &piece.households)?;
        self.writer.write_encoded(self.pieces, &piece.groups)?;
        self.pieces += 1;
        Ok(())
    }

    /// The numbers of the run, known when all is written.
    pub fn run_mut(&mut self) -> &mut RunRow {
        self.writer.row_mut()
    }

    pub fn commit(self) -> Result<RunRow> {
        self.writer.commit()
    }
}

fn claim_lines(b: &Batch<'_>, each: &mut impl FnMut(ClaimLine<'_>)) -> Result<()> {
    let text = |name: &str| b.texts(name);
    let (id, owner, kind, class) = (text("claim_id")?, text("owner")?, text("kind")?, text("receipt_type")?);
    let (month, prefecture) = (text("service_month")?, text("prefecture")?);
    let (score_table, institution) = (text("score_table")?, text("institution_code")?);
    let (insurer, person, household) = (text("insurer_no")?, text("person_id")?, text("household_id")?);
    let (birth, rate, meal_class) = (b.dates("birth_date")?, b.ints("benefit_rate")?, text("copay_meal_class")?);
    let (tokki, admission) = (b.lists("tokki")?, b.dates("admission_date")?);
    let (cost, meal, copay) = (b.longs("cost_yen")?, b.longs("meal_yen")?, b.longs("copay_yen")?);
    let (prescriber, parent, search) = (text("prescriber")?, text("parent_claim_id")?, text("search_no")?);
    for i in 0..b.rows() {
        each(ClaimLine {
            claim_id: id.str(i),
            owner: owner.str(i),
            kind: kind.str(i),
            receipt_type: class.str(i),
            service_month: month.str(i),
            prefecture: prefecture.str(i),
            score_table: score_table.str(i),
            institution_code: institution.str(i),
            insurer_no: insurer.opt_str(i),
            person_id: person.opt_str(i),
            household_id: household.opt_str(i),
            birth_date: birth.opt(i)?,
            benefit_rate: rate.opt(i),
            copay_meal_class: meal_class.opt_str(i),
            tokki: tokki.codes(i)?,
            admission_date: admission.opt(i)?,
            cost_yen: cost.get(i),
            meal_yen: meal.opt(i).unwrap_or(0),
            copay_yen: copay.opt(i),
            prescriber: prescriber.opt_str(i),
            is_subordinate: parent.opt_str(i).is_some(),
            search_no: search.opt_str(i),
        });
    }
    Ok(())
}

fn read_households(
    b: &Batch<'_>,
    wanted: &mut impl FnMut(&str, &str, &str) -> bool,
    rows: &mut Vec<BenefitHousehold>,
) -> Result<()> {
    let text = |name: &str| b.texts(name);
    let (id, owner, household, month) =
        (text("benefit_id")?, text("owner")?, text("household_id")?, text("service_month")?);
    let (version, exam, change, change_yen) =
        (b.ints("version")?, text("exam_month")?, text("change")?, b.longs("change_yen")?);
    let (under70, over70, special) = (text("category_under70")?, text("category_70plus")?, text("special")?);
    let (count, multi, months) = (b.ints("hit_count")?, b.flags("multi_hit")?, b.lists("hit_months")?);
    let yen = |name: &str| b.longs(name);
    let (cost, burden, limit) = (yen("counted_cost_yen")?, yen("counted_burden_yen")?, yen("limit_yen")?);
    let (a, o) = (yen("special_month_benefit_yen")?, yen("outpatient_benefit_yen")?);
    let (c, d) = (yen("seventyplus_benefit_yen")?, yen("all_ages_benefit_yen")?);
    let (benefit, in_kind, cash) = (yen("benefit_yen")?, yen("in_kind_yen")?, yen("cash_yen")?);
    let (limit_rows, decision, claims) = (b.lists("limit_rows")?, b.flags("needs_decision")?, b.lists("claim_ids")?);
    let (expires, reason, trace, scheme) = (b.dates("expires_on")?, text("reason")?, text("trace")?, text("scheme")?);
    let (hit, tokutei, public, hash) =
        (b.flags("hit")?, yen("tokutei_benefit_yen")?, yen("public_benefit_yen")?, text("input_hash")?);
    for i in 0..b.rows() {
        if !wanted(owner.str(i), household.str(i), month.str(i)) {
            continue;
        }
        rows.push(BenefitHousehold {
            benefit_id: id.get(i),
            owner: owner.get(i),
            household_id: household.get(i),
            service_month: month.get(i),
            version: version.get(i),
            exam_month: exam.get(i),
            change: change.get(i),
            change_yen: change_yen.get(i),
            category_under70: under70.opt(i),
            category_70plus: over70.opt(i),
            special: special.opt(i),
            hit_count: count.get(i),
            multi_hit: multi.get(i),
            hit_months: months.texts(i)?,
            counted_cost_yen: cost.get(i),
            counted_burden_yen: burden.get(i),
            limit_yen: limit.opt(i),
            special_month_benefit_yen: a.get(i),
            outpatient_benefit_yen: o.get(i),
            seventyplus_benefit_yen: c.get(i),
            all_ages_benefit_yen: d.get(i),
            benefit_yen: benefit.get(i),
            in_kind_yen: in_kind.get(i),
            cash_yen: cash.get(i),
            limit_rows: limit_rows.texts(i)?,
            needs_decision: decision.get(i),
            claim_ids: claims.texts(i)?,
            expires_on: expires.get(i)?,
            reason: reason.get(i),
            trace: trace.get(i),
            scheme: scheme.get(i),
            hit: hit.get(i),
            tokutei_benefit_yen: tokutei.get(i),
            public_benefit_yen: public.get(i),
            input_hash: hash.get(i),
        });
    }
    Ok(())
}
