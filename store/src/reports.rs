//! Reports that were made and are kept, with the lines they stand on.

use std::collections::HashMap;

use tenken_tables::{
    columns::Columns,
    households,
    report::{ReportCell, ledger, push_cell, reports},
};

use crate::{
    batch::Batch,
    data::Encoded,
    error::Result,
    runs::{RunKind, RunRow, RunWriter},
    store::{Store, WriteLock},
};

/// A report under way. Nothing of it is visible before [`ReportWriter::commit`].
pub struct ReportWriter<'s> {
    writer: RunWriter<'s>,
    pieces: u64,
}

impl Store {
    /// Begins to keep a report of an owner and month (`run.owner`, `run.exam_month_from`): it takes the place of the one
    /// before, which stays readable by its run.
    ///
    /// # Errors
    /// [`crate::Error::BadOwner`]; what writing can meet.
    pub fn report_writer<'s>(&'s self, lock: &'s WriteLock, run: RunRow) -> Result<ReportWriter<'s>> {
        let mut writer = RunWriter::new(self, lock, RunRow { kind: RunKind::Report, ..run })?;
        writer.write(0, &Columns::new(&ledger::TABLE))?;
        writer.write(0, &Columns::new(&reports::TABLE))?;
        Ok(ReportWriter { writer, pieces: 0 })
    }

    /// Names of the heads of some households of an owner, as the register has them now.
    ///
    /// # Errors
    /// A file that is missing or damaged.
    pub fn heads(&self, owner: &str, wanted: impl Fn(&str) -> bool) -> Result<HashMap<String, String>> {
        let table = &households::TABLE;
        let (ledgers, files) = self.runtime.block_on(self.shown_files(table))?;
        let of_owner = |id: &str| ledgers.run(id).is_some_and(|r| r.owner.as_deref() == Some(owner));
        let mut heads = HashMap::new();
        for file in files.iter().filter(|f| of_owner(f.id())) {
            self.read_data(table, &file.path, Some(&["household_id", "head_name"]), |batch| {
                let b = Batch::new(table, batch);
                let (id, name) = (b.texts("household_id")?, b.texts("head_name")?);
                for i in (0..b.rows()).filter(|i| wanted(id.str(*i))) {
                    if let Some(name) = name.opt(i) {
                        heads.insert(id.get(i), name);
                    }
                }
                Ok(())
            })?;
        }
        Ok(heads)
    }

    /// Reports of an owner that are kept, oldest first, with those that a newer one replaced.
    pub fn report_runs(&self, owner: &str) -> Result<Vec<RunRow>> {
        let mut runs = self.runs()?;
        runs.retain(|r| r.kind == RunKind::Report && r.owner.as_deref() == Some(owner));
        Ok(runs)
    }

    /// The cells of kept reports, by their runs.
    pub fn report_cells(&self, mut wanted: impl FnMut(&str) -> bool) -> Result<Vec<(String, ReportCell)>> {
        let table = &reports::TABLE;
        let files = self.runtime.block_on(async {
            let ledgers = crate::visible::Ledgers::read(self).await?;
            match self.open_table(table).await? {
                Some(opened) => ledgers.kept(self, table, opened.files()?),
                None => Ok(Vec::new()),
            }
        })?;
        let mut rows = Vec::new();
        for file in &files {
            if !wanted(file.id()) {
                continue;
            }
            self.read_data(table, &file.path, None, |batch| {
                let b = Batch::new(table, batch);
                let text = |name: &str| b.texts(name);
                let (id, form, sheet) = (text("report_id")?, text("form")?, text("sheet")?);
                let (row, col, label) = (text("row_code")?, text("col_code")?, text("label_month")?);
                let (version, value) = (b.ints("version")?, b.longs("value")?);
                let (unverified, hash) = (b.flags("unverified")?, text("input_hash")?);
                for i in 0..b.rows() {
                    rows.push((
                        file.id().to_owned(),
                        ReportCell {
                            report_id: id.get(i),
                            form: form.get(i),
                            sheet: sheet.get(i),
                            row_code: row.get(i),
                            col_code: col.get(i),
                            label_month: label.get(i),
                            version: version.get(i),
                            value: value.get(i),
                            unverified: unverified.get(i),
                            input_hash: hash.get(i),
                        },
                    ));
                }
                Ok(())
            })?;
        }
        Ok(rows)
    }
}

impl ReportWriter<'_> {
    /// Lines as the bytes of a data file, made on any thread.
    pub fn lines(&mut self, lines: &Encoded) -> Result<()> {
        self.writer.write_encoded(self.pieces, lines)?;
        self.pieces += 1;
        Ok(())
    }

    pub fn cells(&mut self, cells: &[ReportCell]) -> Result<()> {
        let mut columns = Columns::new(&reports::TABLE);
        cells.iter().for_each(|c| push_cell(&mut columns, c));
        self.writer.write(0, &columns)
    }

    pub fn commit(self) -> Result<RunRow> {
        self.writer.commit()
    }
}
