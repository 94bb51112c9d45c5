//! Ledger files of an owner: what was loaded, the newest row of each key.

use std::collections::{BTreeMap, HashSet};

use tenken_matcher::files::ledger::{Billed, Cash, Count, Event, Ledger};
use tenken_parser::Month;
use tenken_tables::{
    columns::Columns,
    ledger::{billed, cash, counts, events, push_billed, push_cash, push_count, push_event},
    registry_rejects,
    schema::Table,
};

use crate::{
    batch::Batch,
    error::{Error, Result},
    query::literal,
    runs::{RunKind, RunRow, RunStatus, RunWriter},
    store::{Store, WriteLock},
    visible::Ledgers,
};

impl Store {
    /// Writes what was loaded. It is visible as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::BadOwner`]; what writing can meet. Then nothing of it is visible.
    pub fn write_ledger(&self, lock: &WriteLock, owner: &str, ledger: &Ledger, run: RunRow) -> Result<RunRow> {
        let run =
            RunRow { kind: RunKind::LedgerLoad, owner: Some(owner.to_owned()), status: RunStatus::Visible, ..run };
        let mut writer = RunWriter::new(self, lock, run)?;
        fn put<T>(
            w: &mut RunWriter<'_>,
            t: &'static Table,
            rows: &[(u32, T)],
            push: fn(&mut Columns, &T),
        ) -> Result<()> {
            let mut columns = Columns::new(t);
            rows.iter().for_each(|(_, r)| push(&mut columns, r));
            w.write(0, &columns)
        }
        put(&mut writer, &events::TABLE, &ledger.events, push_event)?;
        put(&mut writer, &cash::TABLE, &ledger.cash, push_cash)?;
        put(&mut writer, &billed::TABLE, &ledger.billed, push_billed)?;
        put(&mut writer, &counts::TABLE, &ledger.counts, push_count)?;
        let mut rejects = Columns::new(&registry_rejects::TABLE);
        ledger.rejects.iter().for_each(|r| registry_rejects::push(&mut rejects, r));
        writer.write(0, &rejects)?;
        writer.commit()
    }

    /// Rows of visible loads, oldest load first, so that a later row of a key takes the place of an earlier one.
    fn loaded<T>(
        &self,
        table: &'static Table,
        owner: Option<&str>,
        read: impl Fn(&Batch<'_>, &RunRow, &mut Vec<T>) -> Result<()>,
    ) -> Result<Vec<T>> {
        let (ledgers, files) = self.runtime.block_on(async {
            let ledgers = Ledgers::read(self).await?;
            let files = match self.open_table(table).await? {
                Some(opened) => ledgers.shown(self, table, opened.files()?)?,
                None => Vec::new(),
            };
            Ok::<_, Error>((ledgers, files))
        })?;
        let mut rows = Vec::new();
        for run in ledgers.runs.iter().filter(|r| r.kind == RunKind::LedgerLoad && r.is_visible()) {
            if owner.is_some_and(|o| run.owner.as_deref() != Some(o)) {
                continue;
            }
            for file in files.iter().filter(|f| f.id() == run.run_id) {
                self.read_data(table, &file.path, None, |batch| read(&Batch::new(table, batch), run, &mut rows))?;
            }
        }
        Ok(rows)
    }

    /// Owners for whom ledger files were loaded, in order.
    pub fn ledger_owners(&self) -> Result<Vec<String>> {
        let loads = self.runs()?.into_iter().filter(|r| r.kind == RunKind::LedgerLoad && r.is_visible());
        let mut owners: Vec<String> = loads.filter_map(|r| r.owner).collect();
        owners.sort();
        owners.dedup();
        Ok(owners)
    }

    /// The events of an owner, the newest of each key.
    pub fn events(&self, owner: &str) -> Result<Vec<Event>> {
        let rows = self.loaded(&events::TABLE, Some(owner), |b, _, rows| {
            let (id, claim, search) = (b.texts("event_id")?, b.texts("claim_id")?, b.texts("search_no")?);
            let (kind, exam, pay) = (b.texts("kind")?, b.texts("exam_month")?, b.texts("pay_month")?);
            let (points, days) = (b.longs("delta_points")?, b.longs("delta_days")?);
            let (old, new) = (b.ints("old_rate")?, b.ints("new_rate")?);
            let (reverses, note) = (b.texts("reverses")?, b.texts("note")?);
            for i in 0..b.rows() {
                rows.push(Event {
                    event_id: id.get(i),
                    claim_id: claim.opt(i),
                    search_no: search.opt(i),
                    kind: kind.get(i),
                    exam_month: month(exam.str(i))?,
                    pay_month: month(pay.str(i))?,
                    delta_points: points.opt(i),
                    delta_days: days.opt(i),
                    old_rate: old.opt(i),
                    new_rate: new.opt(i),
                    reverses: reverses.opt(i),
                    note: note.opt(i),
                });
            }
            Ok(())
        })?;
        Ok(newest(rows, |e| e.event_id.clone()))
    }

    /// The decisions of an owner paid in cash, the newest of each key.
    pub fn cash(&self, owner: &str) -> Result<Vec<Cash>> {
        let rows = self.loaded(&cash::TABLE, Some(owner), |b, _, rows| {
            let (id, row, person) = (b.texts("decision_id")?, b.texts("row_code")?, b.texts("person_id")?);
            let (household, service, on) =
                (b.texts("household_id")?, b.texts("service_month")?, b.dates("decision_date")?);
            let (cnt, cost, ins) = (b.longs("cnt")?, b.longs("cost_yen")?, b.longs("ins_yen")?);
            let (cop, oth, class) = (b.longs("cop_yen")?, b.longs("oth_yen")?, b.texts("class")?);
            for i in 0..b.rows() {
                rows.push(Cash {
                    decision_id: id.get(i),
                    row_code: row.get(i),
                    person_id: person.opt(i),
                    household_id: household.opt(i),
                    service_month: month(service.str(i))?,
                    decision_date: on.get(i)?,
                    cnt: cnt.get(i),
                    cost_yen: cost.get(i),
                    ins_yen: ins.get(i),
                    cop_yen: cop.get(i),
                    oth_yen: oth.get(i),
                    class: class.opt(i),
                });
            }
            Ok(())
        })?;
        Ok(newest(rows, |c| c.decision_id.clone()))
    }

    /// What was billed, the newest of each key; of all owners.
    pub fn billed(&self) -> Result<Vec<Billed>> {
        let rows = self.loaded(&billed::TABLE, None, |b, _, rows| {
            let (exam, insurer, kind) = (b.texts("exam_month")?, b.texts("insurer_no")?, b.texts("kind")?);
            let (cnt, days, points) = (b.longs("cnt")?, b.longs("days")?, b.longs("points")?);
            let (amount, high) = (b.longs("amount_yen")?, b.longs("high_cost_yen")?);
            for i in 0..b.rows() {
                rows.push(Billed {
                    exam_month: month(exam.str(i))?,
                    insurer_no: insurer.get(i),
                    kind: kind.get(i),
                    cnt: cnt.get(i),
                    days: days.get(i),
                    points: points.get(i),
                    amount_yen: amount.get(i),
                    high_cost_yen: high.get(i),
                });
            }
            Ok(())
        })?;
        Ok(newest(rows, |b| (b.exam_month, b.insurer_no.clone(), b.kind.clone())))
    }

    /// Overrides of insured counts, the newest of each key; of all owners.
    pub fn counts(&self) -> Result<Vec<Count>> {
        let rows = self.loaded(&counts::TABLE, None, |b, _, rows| {
            let (label, insurer) = (b.texts("label_month")?, b.texts("insurer_no")?);
            let (row, col, value) = (b.texts("row_code")?, b.texts("col_code")?, b.longs("value")?);
            for i in 0..b.rows() {
                rows.push(Count {
                    label_month: month(label.str(i))?,
                    insurer_no: insurer.get(i),
                    row_code: row.get(i),
                    col_code: col.get(i),
                    value: value.get(i),
                });
            }
            Ok(())
        })?;
        Ok(newest(rows, |c| (c.label_month, c.insurer_no.clone(), c.row_code.clone(), c.col_code.clone())))
    }

    /// Which of some claims and 検索番号 are stored and visible.
    pub fn known_claims(&self, claims: &[&str], search_nos: &[&str]) -> Result<(HashSet<String>, HashSet<String>)> {
        /// In one statement.
        const MANY: usize = 500;
        let mut found = (HashSet::new(), HashSet::new());
        let query = self.query()?;
        for (column, wanted, found) in [("claim_id", claims, &mut found.0), ("search_no", search_nos, &mut found.1)] {
            for some in wanted.chunks(MANY) {
                let list: Vec<String> = some.iter().map(|t| literal(t)).collect();
                let sql = format!("SELECT DISTINCT {column} FROM claims WHERE {column} IN ({})", list.join(","));
                for batch in query.prepare(&sql)?.run()?.1 {
                    let texts = batch.column(0).as_any().downcast_ref::<arrow::array::StringArray>();
                    found.extend(texts.into_iter().flatten().flatten().map(str::to_owned));
                }
            }
        }
        Ok(found)
    }
}

fn month(text: &str) -> Result<Month> {
    Month::parse_iso(text).ok_or_else(|| Error::Corrupt("month".into(), text.to_owned()))
}

/// The last row of each key, in order of keys.
fn newest<T, K: Ord>(rows: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut by_key = BTreeMap::new();
    for row in rows {
        by_key.insert(key(&row), row);
    }
    by_key.into_values().collect()
}
