//! 点検の表: the stored tables, one file each, with its columns (spec/tables.md sections 3 to 5) and what fills them,
//! and how columns become Parquet.
//!
//! Knows the result types of parser and matcher and turns them into columns. Knows nothing of where files lie.

pub mod attributes;
pub mod benefit;
pub mod claims;
pub mod columns;
pub mod comments;
pub mod diagnoses;
pub mod files;
pub mod findings;
pub mod households;
pub mod imports;
pub mod ledger;
pub mod lines;
mod of_claim;
pub mod parquet_file;
pub mod periods;
pub mod persons;
pub mod public_expenses;
pub mod registry_rejects;
pub mod rejects;
pub mod report;
pub mod runs;
pub mod schema;
pub mod third_party;

use std::collections::BTreeMap;

pub use arrow;
use tenken_parser::{
    Claim, Encoding, Problem,
    claim::View,
    view::{
        check,
        comment::Comment,
        diagnosis::Diagnosis,
        header::Header,
        line::Line,
        service_days::service_days,
        walk::{Nothing, Sink, Totals, walk_with},
    },
};

use crate::{columns::Columns, comments::Comments, diagnoses::Diagnoses, lines::Lines, schema::Table};

/// Every table of this version, in the order of the contract.
pub const ALL: [&Table; 24] = [
    &imports::TABLE,
    &files::TABLE,
    &claims::TABLE,
    &public_expenses::TABLE,
    &diagnoses::TABLE,
    &lines::TABLE,
    &comments::TABLE,
    &rejects::TABLE,
    &findings::TABLE,
    &third_party::TABLE,
    &persons::TABLE,
    &periods::TABLE,
    &attributes::TABLE,
    &households::TABLE,
    &registry_rejects::TABLE,
    &benefit::households::TABLE,
    &benefit::groups::TABLE,
    &ledger::events::TABLE,
    &ledger::cash::TABLE,
    &ledger::billed::TABLE,
    &ledger::counts::TABLE,
    &report::ledger::TABLE,
    &report::reports::TABLE,
    &runs::TABLE,
];

/// Tables without data of a person, those of the contract that are still to come among them. Looks at all
/// others are logged.
pub const WITHOUT_PERSONS: [&str; 6] = ["imports", "files", "billed", "counts", "reports", "runs"];

/// The tables of a register, and of what was not taken into it.
pub const REGISTRY: [&Table; 5] =
    [&persons::TABLE, &periods::TABLE, &attributes::TABLE, &households::TABLE, &registry_rejects::TABLE];

/// The tables that hold the rows of an import.
pub fn of_imports() -> impl Iterator<Item = &'static Table> {
    ALL.into_iter().filter(|t| t.is_of_imports())
}

/// The tables that hold the rows of a run.
pub fn of_runs() -> impl Iterator<Item = &'static Table> {
    ALL.into_iter().filter(|t| t.is_of_runs())
}

/// Where a claim comes from: what its rows say about file and import.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    pub source_file: &'a str,
    pub file_hash: &'a str,
    pub file_no: i32,
}

/// An accepted claim, read.
pub struct Accepted<'c, 'a> {
    pub claim: &'c Claim<'a>,
    pub claim_id: &'c str,
    pub header: &'c Header<'a>,
    pub totals: &'c Totals,
    /// service days of the claim by itself, and whether they are exact
    pub days: (u32, bool),
}

/// Whose a claim is, and its days of service with those of its subordinate claims.
#[derive(Clone, Copy, Debug, Default)]
pub struct Matched<'m> {
    /// 保険者番号 of the register; `None` without one: the number that the claim carries
    pub owner: Option<&'m str>,
    pub person_id: Option<&'m str>,
    pub household_id: Option<&'m str>,
    pub tier: Option<&'m str>,
    pub days: (u32, bool),
}

/// Reads a claim without any table: what [`ClaimTables::push`] would say of an accepted one.
pub fn look<'a>(claim: &Claim<'a>, origin: Origin<'_>, each: impl FnOnce(&Accepted<'_, 'a>)) {
    let header = Header::read(claim);
    if check::reject(claim, &header).is_some() {
        return;
    }
    let totals = walk_with(claim, View::Effective, header.common, &mut Nothing, &mut Vec::new());
    let days = service_days(claim.kind, &header, &totals);
    let claim_id = claim_id(origin.file_hash, claim.raw.ordinal);
    each(&Accepted { claim, claim_id: &claim_id, header: &header, totals: &totals, days });
}

/// Matching against no register at all.
pub fn unmatched<'m>(accepted: &Accepted<'_, '_>) -> Matched<'m> {
    Matched { days: accepted.days, ..Matched::default() }
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

/// `claim_id`: the first 16 hex digits of BLAKE3 over `file_hash:ordinal` (DESIGN section 4).
pub fn claim_id(file_hash: &str, ordinal: u64) -> String {
    let mut text = [0u8; 64 + 1 + 20];
    let mut len = 0;
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut n = ordinal;
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    for part in [file_hash.as_bytes(), b":", &digits[at..]] {
        if let Some(to) = text.get_mut(len..len + part.len()) {
            to.copy_from_slice(part);
            len += part.len();
        }
    }
    let hash = blake3::hash(&text[..len]);
    let mut hex = String::with_capacity(16);
    for byte in &hash.as_bytes()[..8] {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    hex
}

/// Columns of all claim tables under construction.
pub struct ClaimTables {
    claims: Columns,
    public_expenses: Columns,
    many: Many,
    rejects: Columns,
    problems: Vec<Problem>,
    codes: BTreeMap<&'static str, i64>,
}

/// The tables that a claim fills many times.
struct Many {
    diagnoses: Diagnoses,
    lines: Lines,
    comments: Comments,
}

impl Default for ClaimTables {
    fn default() -> Self {
        Self::reusing(&mut Vec::new())
    }
}

/// Takes the rows of one claim.
struct ClaimRows<'t> {
    encoding: Encoding,
    many: &'t mut Many,
}

impl<'a> Sink<'a> for ClaimRows<'_> {
    fn diagnosis(&mut self, d: &Diagnosis<'a>) {
        self.many.diagnoses.push(d, self.encoding);
    }

    #[inline]
    fn line(&mut self, l: &Line<'a>) {
        self.many.lines.push(l, self.encoding);
    }

    fn comment(&mut self, c: &Comment<'a>) {
        self.many.comments.push(c, self.encoding);
    }
}

impl Many {
    /// The claim is complete.
    fn end_claim(&mut self, claim_id: &str) {
        self.diagnoses.of_claim.end(claim_id);
        self.lines.of_claim.end(claim_id);
        self.comments.of_claim.end(claim_id);
    }
}

impl ClaimTables {
    /// In the memory of columns that [`ClaimTables::finish`] gave and that are written.
    pub fn reusing(written: &mut Vec<Columns>) -> Self {
        Self {
            claims: Columns::reusing(&claims::TABLE, written),
            public_expenses: Columns::reusing(&public_expenses::TABLE, written),
            many: Many {
                diagnoses: Diagnoses::reusing(written),
                lines: Lines::reusing(written),
                comments: Comments::reusing(written),
            },
            rejects: Columns::reusing(&rejects::TABLE, written),
            problems: Vec::new(),
            codes: BTreeMap::new(),
        }
    }

    /// Adds one claim: a reject to `rejects`, an accepted one to all tables. `matching` says of an accepted one
    /// whose it is.
    pub fn push<'a, 'm>(
        &mut self,
        claim: &Claim<'a>,
        origin: Origin<'_>,
        matching: impl FnOnce(&Accepted<'_, 'a>) -> Matched<'m>,
    ) -> ClaimSums {
        let claim_id = claim_id(origin.file_hash, claim.raw.ordinal);
        let header = Header::read(claim);
        let (go_count, go_points) = check::go_share(claim, &header);
        let mut sums = ClaimSums { go_count, go_points, ..ClaimSums::default() };
        let ordinal = claim.raw.ordinal as i64;
        if let Some(mut problem) = check::reject(claim, &header) {
            // the row of a reject covers the whole claim; its line is that of the record at fault
            (problem.byte_start, problem.byte_len) = (claim.raw.start as u64, claim.raw.len as u64);
            rejects::push(&mut self.rejects, origin, Some((&claim_id, ordinal)), &problem);
            *self.codes.entry(problem.code.code()).or_default() += 1;
            sums.rejected = true;
            return sums;
        }
        self.problems.clear();
        let mut rows = ClaimRows { encoding: claim.encoding, many: &mut self.many };
        let totals: Totals = walk_with(claim, View::Effective, header.common, &mut rows, &mut self.problems);
        self.many.end_claim(&claim_id);
        check::problems(claim, &header, &totals, &mut self.problems);
        for problem in &self.problems {
            rejects::push(&mut self.rejects, origin, Some((&claim_id, ordinal)), problem);
            *self.codes.entry(problem.code.code()).or_default() += 1;
        }
        sums.problems = self.problems.len() as u32;
        public_expenses::push_all(&mut self.public_expenses, &claim_id, claim, &header, &totals);
        let days = service_days(claim.kind, &header, &totals);
        let amounts = claims::Amounts::of(claim, &header);
        if claim.raw.parent.is_none() {
            sums.points = amounts.points.unwrap_or(0);
            sums.points_effective = amounts.points_effective.unwrap_or(0);
            sums.cost_yen = amounts.cost_yen;
        }
        let matched = matching(&Accepted { claim, claim_id: &claim_id, header: &header, totals: &totals, days });
        let facts = claims::Facts { claim_id: &claim_id, origin, header: &header, totals: &totals, matched, amounts };
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

    /// The columns of every table, those without rows too.
    pub fn finish(self) -> Vec<Columns> {
        let Many { diagnoses, lines, comments } = self.many;
        vec![self.claims, self.public_expenses, diagnoses.finish(), lines.finish(), comments.finish(), self.rejects]
    }
}

#[cfg(test)]
mod tests {
    use super::claim_id;

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

    /// The definition of the contract, in the plainest words.
    #[test]
    fn claim_ids_follow_the_definition() {
        let file_hash = blake3::hash(b"IR,1").to_hex().to_string();
        for ordinal in [1, 9, 10, 123_456, u64::MAX] {
            let want = &blake3::hash(format!("{file_hash}:{ordinal}").as_bytes()).to_hex()[..16];
            assert_eq!(claim_id(&file_hash, ordinal), want);
        }
    }
}
