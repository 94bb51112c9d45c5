//! The stored tables: one file each, with its columns (spec/tables.md section 3) and what fills them.

pub mod claims;
pub mod comments;
pub mod diagnoses;
pub mod files;
pub mod imports;
pub mod lines;
pub mod public_expenses;
pub mod rejects;

use std::{borrow::Cow, collections::BTreeMap};

use arrow::record_batch::RecordBatch;
use tenken_parser::{
    Claim, Encoding, Field, Problem,
    claim::View,
    encoding::nfkc_trimmed,
    view::{
        check,
        comment::Comment,
        diagnosis::Diagnosis,
        header::Header,
        line::Line,
        service_days::service_days,
        walk::{Sink, Totals, walk},
    },
};

use crate::{
    columns::{Columns, Row},
    error::Result,
    schema::Table,
};

/// Every table of this version, in the order of the contract.
pub const ALL: [&Table; 8] = [
    &imports::TABLE,
    &files::TABLE,
    &claims::TABLE,
    &public_expenses::TABLE,
    &diagnoses::TABLE,
    &lines::TABLE,
    &comments::TABLE,
    &rejects::TABLE,
];

/// The tables that hold the rows of an import; all but the switch.
pub fn of_imports() -> impl Iterator<Item = &'static Table> {
    ALL.into_iter().filter(|t| t.name != imports::TABLE.name)
}

/// Where a claim comes from: what its rows say about file and import.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    pub source_file: &'a str,
    pub file_hash: &'a str,
    pub file_no: i32,
}

/// What one claim adds to the sums of an import and its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimSums {
    pub rejected: bool,
    pub problems: u32,
    /// claims with `parent_claim_id` give no sums
    pub points: i64,
    pub points_effective: i64,
    pub cost_yen: i64,
    /// 件数 and points as GO counts them
    pub go_count: i64,
    pub go_points: i64,
}

/// Columns of all claim tables under construction.
pub struct ClaimTables {
    claims: Columns,
    public_expenses: Columns,
    diagnoses: Columns,
    lines: Columns,
    comments: Columns,
    rejects: Columns,
    problems: Vec<Problem>,
    codes: BTreeMap<&'static str, i64>,
}

impl Default for ClaimTables {
    fn default() -> Self {
        Self {
            claims: Columns::new(&claims::TABLE),
            public_expenses: Columns::new(&public_expenses::TABLE),
            diagnoses: Columns::new(&diagnoses::TABLE),
            lines: Columns::new(&lines::TABLE),
            comments: Columns::new(&comments::TABLE),
            rejects: Columns::new(&rejects::TABLE),
            problems: Vec::new(),
            codes: BTreeMap::new(),
        }
    }
}

/// Rows of the tables that a claim fills many times.
struct ClaimRows<'t> {
    claim_id: &'t str,
    encoding: Encoding,
    diagnoses: &'t mut Columns,
    lines: &'t mut Columns,
    comments: &'t mut Columns,
    seq: [i32; 3],
}

impl<'a> Sink<'a> for ClaimRows<'_> {
    fn diagnosis(&mut self, d: &Diagnosis<'a>) {
        self.seq[0] += 1;
        diagnoses::push(self.diagnoses, self.claim_id, self.seq[0], d, self.encoding);
    }

    fn line(&mut self, l: &Line<'a>) {
        self.seq[1] += 1;
        lines::push(self.lines, self.claim_id, self.seq[1], l, self.encoding);
    }

    fn comment(&mut self, c: &Comment<'a>) {
        self.seq[2] += 1;
        comments::push(self.comments, self.claim_id, self.seq[2], c, self.encoding);
    }
}

/// Decoded text of a field, without padding.
fn text_of(field: Option<Field<'_>>, encoding: Encoding) -> Option<Cow<'_, str>> {
    field.map(|f| f.text(encoding).0).filter(|t| !t.is_empty())
}

/// 記号, 番号 as the tables hold them: NFKC, spaces at the ends removed.
fn symbol_of(field: Option<Field<'_>>, encoding: Encoding) -> Option<String> {
    text_of(field, encoding).map(|t| nfkc_trimmed(&t)).filter(|t| !t.is_empty())
}

fn opt<'s>(row: &mut Row<'_>, text: &'s Option<Cow<'_, str>>) {
    let text: Option<&'s str> = text.as_deref();
    row.opt_text(text);
}

impl ClaimTables {
    /// Adds one claim: a reject to `rejects`, an accepted one to all tables.
    pub fn push(&mut self, claim: &Claim<'_>, origin: Origin<'_>) -> ClaimSums {
        let claim_id = crate::claim_id(origin.file_hash, claim.raw.ordinal);
        let (go_count, go_points) = check::go_share(claim);
        let mut sums = ClaimSums { go_count, go_points, ..ClaimSums::default() };
        let ordinal = claim.raw.ordinal as i64;
        if let Some(mut problem) = check::reject(claim) {
            // the row of a reject covers the whole claim; its line is that of the record at fault
            (problem.byte_start, problem.byte_len) = (claim.raw.start as u64, claim.raw.len as u64);
            rejects::push(&mut self.rejects, origin, Some((&claim_id, ordinal)), &problem);
            *self.codes.entry(problem.code.code()).or_default() += 1;
            sums.rejected = true;
            return sums;
        }
        let header = Header::read(claim);
        self.problems.clear();
        let mut rows = ClaimRows {
            claim_id: &claim_id,
            encoding: claim.encoding,
            diagnoses: &mut self.diagnoses,
            lines: &mut self.lines,
            comments: &mut self.comments,
            seq: [0; 3],
        };
        let totals: Totals = walk(claim, View::Effective, &mut rows, &mut self.problems);
        check::problems(claim, &header, &totals, &mut self.problems);
        for problem in &self.problems {
            rejects::push(&mut self.rejects, origin, Some((&claim_id, ordinal)), problem);
            *self.codes.entry(problem.code.code()).or_default() += 1;
        }
        sums.problems = self.problems.len() as u32;
        let public = public_expenses::push_all(&mut self.public_expenses, &claim_id, claim, &totals);
        let days = service_days(claim.kind, &header, &totals);
        let amounts = claims::Amounts::of(claim, &header, &public);
        if claim.raw.parent.is_none() {
            sums.points = amounts.points.unwrap_or(0);
            sums.points_effective = amounts.points_effective.unwrap_or(0);
            sums.cost_yen = amounts.cost_yen;
        }
        let facts = claims::Facts { claim_id: &claim_id, origin, header: &header, totals: &totals, days, amounts };
        claims::push(&mut self.claims, claim, &facts, sums.problems as i32);
        sums
    }

    /// A problem of a file as a whole.
    pub fn push_file_problem(&mut self, origin: Origin<'_>, problem: &Problem) {
        rejects::push(&mut self.rejects, origin, None, problem);
    }

    /// Rejects and problems so far, by code.
    pub fn take_codes(&mut self) -> BTreeMap<&'static str, i64> {
        std::mem::take(&mut self.codes)
    }

    /// Batches of the tables that got rows.
    pub fn finish(&mut self) -> Result<Vec<(&'static Table, RecordBatch)>> {
        let mut out = Vec::new();
        for columns in [
            &mut self.claims,
            &mut self.public_expenses,
            &mut self.diagnoses,
            &mut self.lines,
            &mut self.comments,
            &mut self.rejects,
        ] {
            if columns.rows() > 0 {
                out.push((columns.table(), columns.finish()?));
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    /// The names and order of the columns are a contract with programs outside.
    #[test]
    fn partition_columns_are_columns() {
        for t in super::ALL {
            for p in t.partitions {
                assert!(t.column(p).is_some(), "{} {p}", t.name);
            }
            let mut names: Vec<_> = t.columns.iter().map(|c| c.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), t.columns.len(), "{}", t.name);
        }
    }
}
