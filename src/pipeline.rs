//! The way of a month through the machine: a splitter cuts files into pieces at claim boundaries, workers
//! read each piece and build, encode and write its columns, and what they add up to comes together at the end.
//!
//! The queue between them is bounded, so memory does not grow with the input. The size of a piece is fixed
//! and claims are independent: the tables are the same with any number of threads.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};
use crossbeam_channel::Sender;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde_json::json;
use tenken_parser::{
    Claim, Encoding, Form, Frames, Kind, Month, Problem, ProblemCode, RawClaim, Record,
    field::{Code, FieldRef, Int},
    frame::{Event, FileRecord, FrameSummary},
    layout,
    source::{Access, Source},
    view::header::Biller,
};
use tenken_store::{
    import::{Encoded, ImportWriter},
    originals::{self, OriginalWriter, Packed},
    tables::{self, Accepted, ClaimTables, Matched, Origin, columns::Columns, files::FileRow},
};

use crate::{
    inputs::Input,
    lang::say,
    matching::{self, Found, Matching},
    progress::Progress,
};

/// Bytes of claims in one piece, at most and at least.
pub const PIECE_BYTES: std::ops::RangeInclusive<u64> = 16 << 20..=32 << 20;
/// An import is cut into at least so many pieces, so that workers end at about the same time.
const PIECES: u64 = 24;

/// The size of a piece follows from the size of the import alone: the same files give the same pieces with any
/// number of workers.
pub fn piece_bytes(total: u64) -> u64 {
    (total / PIECES).clamp(*PIECE_BYTES.start(), *PIECE_BYTES.end())
}
/// Bytes hashed at a time, so that mapped pages can be given back.
const HASH_STEP: usize = 64 << 20;

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub threads: usize,
    /// `None`: as [`piece_bytes`] says
    pub piece_bytes: Option<u64>,
    pub access: Access,
    pub month: Month,
}

/// Where the rows go.
pub enum Target<'t, 's> {
    /// into the store, with the original bytes
    Store(&'t ImportWriter<'s>, Vec<OriginalWriter>),
    /// nowhere: `--check`
    Nowhere,
    /// nowhere, and no columns are built: a re-check, with the number of the import; keeps whose each claim is
    Match(u32),
}

impl Target<'_, '_> {
    fn is_store(&self) -> bool {
        matches!(self, Self::Store(..))
    }

    fn import_no(&self) -> u32 {
        if let Self::Match(no) = self { *no } else { matching::NEW_IMPORT }
    }

    fn new_found(&self) -> Found {
        if let Self::Match(_) = self { Found::keeping_whose() } else { Found::default() }
    }
}

/// Sums of an import, or of one file of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub claims: i64,
    pub rejected: i64,
    pub problems: i64,
    pub points: i64,
    pub points_effective: i64,
    pub cost_yen: i64,
    pub bytes_claims: i64,
    pub bytes_rejected: i64,
    /// accepted claims of each kind
    pub kinds: [i64; 5],
    /// problems and rejects by code
    pub codes: BTreeMap<&'static str, i64>,
}

impl Sums {
    /// A field may hold 18 digits: sums stop at the largest number.
    fn add_amounts(&mut self, points: i64, points_effective: i64, cost_yen: i64) {
        self.points = self.points.saturating_add(points);
        self.points_effective = self.points_effective.saturating_add(points_effective);
        self.cost_yen = self.cost_yen.saturating_add(cost_yen);
    }

    fn add(&mut self, other: &Self) {
        self.claims += other.claims;
        self.rejected += other.rejected;
        self.problems += other.problems;
        self.add_amounts(other.points, other.points_effective, other.cost_yen);
        self.bytes_claims += other.bytes_claims;
        self.bytes_rejected += other.bytes_rejected;
        for (a, b) in self.kinds.iter_mut().zip(other.kinds) {
            *a += b;
        }
        for (code, n) in &other.codes {
            *self.codes.entry(code).or_default() += n;
        }
    }
}

/// What came of the files.
pub struct Outcome {
    pub sums: Sums,
    pub files: Vec<FileRow>,
    /// problems of files as a whole, with the index of the file
    pub warnings: Vec<(usize, Problem)>,
    /// what matching found, in no order
    pub found: Found,
}

/// A file with its hash.
#[derive(Clone, Debug)]
pub struct Hashed {
    pub input: Input,
    pub hash: String,
}

/// BLAKE3 of every file, files in parallel.
pub fn hash_all(inputs: &[Input], access: Access, progress: &Progress) -> Result<Vec<Hashed>> {
    inputs
        .par_iter()
        .map(|input| {
            let source = open(&input.path, access)?;
            source.will_read_forward();
            let bytes = source.bytes();
            let mut hasher = blake3::Hasher::new();
            for start in (0..bytes.len()).step_by(HASH_STEP) {
                let step = &bytes[start..bytes.len().min(start + HASH_STEP)];
                hasher.update_rayon(step);
                source.release(start, step.len());
                progress.add(step.len() as u64);
            }
            Ok(Hashed { input: input.clone(), hash: hasher.finalize().to_hex().to_string() })
        })
        .collect()
}

fn open(path: &Path, access: Access) -> Result<Source> {
    Source::open(path, access).with_context(|| say!("{p} が読めません", "cannot read {p}", p = path.display()))
}

/// Claims of one file in a piece.
struct Part {
    file: usize,
    source: Arc<Source>,
    encoding: Encoding,
    claims: Vec<RawClaim>,
    /// bytes of the file that this part keeps as originals
    range: (usize, usize),
}

struct Piece {
    no: u64,
    parts: Vec<Part>,
}

/// What the splitter saw of a file.
struct Shape {
    file: usize,
    source: Arc<Source>,
    encoding: Encoding,
    summary: FrameSummary,
    records: Vec<FileRecord>,
    bytes_file_level: i64,
    bytes_trailing: i64,
}

/// What a worker made of a part.
struct PartResult {
    file: usize,
    sums: Sums,
    /// count and points of each block as GO counts them
    blocks: HashMap<u32, (i64, i64)>,
    /// 請求年月 of the first claim
    first: Option<(u64, Option<Month>)>,
}

/// What a piece leaves on the disk.
struct Finished {
    piece: u64,
    tables: Vec<Encoded>,
    /// originals, by file
    packed: Vec<(usize, Packed)>,
}

/// Runs the files through. On an error nothing of it is visible.
///
/// Workers only compute; one thread beside them waits for the disk.
pub fn run(
    files: &[Hashed],
    options: Options,
    target: Target<'_, '_>,
    matching: &Matching,
    progress: &Progress,
) -> Result<Outcome> {
    let (piece_sender, pieces) = crossbeam_channel::bounded::<Piece>(options.threads);
    let results: Mutex<Vec<PartResult>> = Mutex::default();
    let all_found = Mutex::new(target.new_found());
    let failure: Mutex<Option<anyhow::Error>> = Mutex::default();
    let stop = AtomicBool::new(false);
    let fail = |e: anyhow::Error| {
        stop.store(true, Ordering::Relaxed);
        let mut first = failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        first.get_or_insert(e);
    };

    let (finished_sender, finished) = crossbeam_channel::bounded::<Finished>(options.threads);
    let shapes = std::thread::scope(|scope| {
        if let Target::Store(writer, originals) = &target {
            let (stop, fail) = (&stop, &fail);
            scope.spawn(move || {
                for done in finished {
                    if !stop.load(Ordering::Relaxed)
                        && let Err(e) = put(done, writer, originals)
                    {
                        fail(e);
                    }
                }
            });
        }
        for _ in 0..options.threads {
            let (pieces, target, results, stop, fail) = (pieces.clone(), &target, &results, &stop, &fail);
            let (finished, all_found) = (finished_sender.clone(), &all_found);
            scope.spawn(move || {
                let mut written = Vec::new();
                let mut found = target.new_found();
                for piece in pieces {
                    if stop.load(Ordering::Relaxed) {
                        continue;
                    }
                    let worker = Worker { files, target, matching, finished: &finished, progress };
                    match worker.work(&piece, &mut written, &mut found) {
                        Ok(mut done) => {
                            results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).append(&mut done);
                        }
                        Err(e) => fail(e),
                    }
                }
                all_found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).append(found);
            });
        }
        drop(finished_sender);
        let shapes = split(files, options, &stop, |piece| piece_sender.send(piece).is_ok());
        drop(piece_sender);
        shapes
    });
    if let Some(e) = failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(e);
    }
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut outcome = gather(files, options, shapes?, results);
    outcome.found = all_found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Target::Store(writer, originals) = target {
        finish(originals)?;
        write_file_problems(writer, files, &outcome)?;
    }
    Ok(outcome)
}

fn split(
    files: &[Hashed],
    options: Options,
    stop: &AtomicBool,
    mut send: impl FnMut(Piece) -> bool,
) -> Result<Vec<Shape>> {
    let mut shapes = Vec::with_capacity(files.len());
    let mut piece = Piece { no: 1, parts: Vec::new() };
    let mut in_piece = 0u64;
    let most = options.piece_bytes.unwrap_or_else(|| piece_bytes(files.iter().map(|f| f.input.bytes).sum()));
    for (file, hashed) in files.iter().enumerate() {
        let source = Arc::new(open(&hashed.input.path, options.access)?);
        source.will_read_forward();
        let encoding = Encoding::detect(source.bytes());
        let bytes = source.bytes();
        let mut frames = Frames::new(bytes);
        let mut shape = Shape {
            file,
            source: source.clone(),
            encoding,
            summary: FrameSummary::default(),
            records: Vec::new(),
            bytes_file_level: 0,
            bytes_trailing: 0,
        };
        let mut part_start = 0;
        let mut part_end = 0;
        let mut claims: Vec<RawClaim> = Vec::new();
        let part = |claims: &mut Vec<RawClaim>, range| Part {
            file,
            source: source.clone(),
            encoding,
            claims: std::mem::take(claims),
            range,
        };
        for event in frames.by_ref() {
            match event {
                Event::Claim(c) => {
                    // a 総括 stays with its subordinate claims
                    let full = !claims.is_empty() && in_piece + (part_end - part_start) as u64 >= most;
                    if full && c.parent.is_none() {
                        piece.parts.push(part(&mut claims, (part_start, part_end)));
                        let next = Piece { no: piece.no + 1, parts: Vec::new() };
                        if stop.load(Ordering::Relaxed) || !send(std::mem::replace(&mut piece, next)) {
                            return Ok(shapes);
                        }
                        part_start = part_end;
                        in_piece = 0;
                    }
                    part_end = c.start + c.len;
                    claims.push(c);
                }
                Event::Record(r) => {
                    shape.bytes_file_level += r.len as i64;
                    part_end = part_end.max(r.start + r.len);
                    // 返戻 files: their first and last records are no claim's either
                    if r.id.is_none_or(|id| !matches!(&id.0, b"HI" | b"HG")) {
                        shape.records.push(r);
                    }
                }
                Event::Trailing { len, .. } => shape.bytes_trailing += len as i64,
            }
        }
        shape.summary = frames.summary().clone();
        if part_start < bytes.len() || !claims.is_empty() {
            in_piece += (bytes.len() - part_start) as u64;
            piece.parts.push(part(&mut claims, (part_start, bytes.len())));
        }
        shapes.push(shape);
    }
    if !piece.parts.is_empty() {
        send(piece);
    }
    Ok(shapes)
}

fn is_header(r: &FileRecord) -> bool {
    r.id.is_some_and(|id| matches!(&id.0, b"IR" | b"UK" | b"YK" | b"HM"))
}

/// Several at a time: each waits for the disk.
fn finish(originals: Vec<OriginalWriter>) -> Result<()> {
    const WAITING: usize = 8;
    let queue = Mutex::new(originals.into_iter());
    let next = || queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(original) = next() {
                        original.finish()?;
                    }
                    Ok(())
                })
            })
            .collect();
        waiting.into_iter().try_for_each(|w| w.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
    })
}

fn put(done: Finished, writer: &ImportWriter<'_>, originals: &[OriginalWriter]) -> Result<()> {
    for (file, packed) in done.packed {
        originals[file].write(packed)?;
    }
    Ok(writer.write(done.piece, done.tables)?)
}

/// What a worker has in hand.
struct Worker<'w, 't, 's> {
    files: &'w [Hashed],
    target: &'w Target<'t, 's>,
    matching: &'w Matching,
    finished: &'w Sender<Finished>,
    progress: &'w Progress,
}

impl Worker<'_, '_, '_> {
    fn work(&self, piece: &Piece, written: &mut Vec<Columns>, found: &mut Found) -> Result<Vec<PartResult>> {
        let mut tables = ClaimTables::reusing(written);
        let mut packed = Vec::new();
        let mut done = Vec::with_capacity(piece.parts.len());
        for part in &piece.parts {
            if let Target::Match(_) = self.target {
                self.match_part(part, found);
            } else {
                done.push(self.part(part, &mut tables, found));
            }
            let (start, end) = part.range;
            if self.target.is_store() {
                packed.push((part.file, originals::pack(start as u64, &part.source.bytes()[start..end])?));
            }
            part.source.release(start, end - start);
            self.progress.add((end - start) as u64);
        }
        if let Some(result) = done.last_mut() {
            result.sums.codes = tables.take_codes();
        }
        if self.target.is_store() {
            *written = tables.finish();
            let tables =
                written.iter().filter(|c| c.rows() > 0).map(Encoded::of).collect::<tenken_store::Result<_>>()?;
            // closed only after a failure, which has been told already
            let _ = self.finished.send(Finished { piece: piece.no, tables, packed });
        }
        Ok(done)
    }

    /// Claims of one file into the tables, each matched.
    fn part(&self, part: &Part, tables: &mut ClaimTables, found: &mut Found) -> PartResult {
        let bytes = part.source.bytes();
        let origin = origin(self.files, part.file);
        let mut result = PartResult { file: part.file, sums: Sums::default(), blocks: HashMap::new(), first: None };
        let mut claim: Option<Claim<'_>> = None;
        for (at, raw) in part.claims.iter().enumerate() {
            let claim = next_claim(&mut claim, bytes, *raw, part.encoding);
            let sums = tables.push(claim, origin, |accepted| self.matched(accepted, part, at, origin, found));
            if result.first.is_none() {
                result.first = Some((raw.ordinal, claim.biller().billing_month));
            }
            let block = result.blocks.entry(raw.block).or_default();
            block.0 += sums.go_count;
            block.1 = block.1.saturating_add(sums.go_points);
            let s = &mut result.sums;
            if sums.rejected {
                s.rejected += 1;
                s.bytes_rejected += raw.len as i64;
            } else {
                s.claims += 1;
                s.bytes_claims += raw.len as i64;
                s.kinds[claim.kind.index()] += 1;
            }
            s.problems += i64::from(sums.problems);
            s.add_amounts(sums.points, sums.points_effective, sums.cost_yen);
        }
        result
    }

    /// The same without tables.
    fn match_part(&self, part: &Part, found: &mut Found) {
        let bytes = part.source.bytes();
        let origin = origin(self.files, part.file);
        let mut claim: Option<Claim<'_>> = None;
        for (at, raw) in part.claims.iter().enumerate() {
            let claim = next_claim(&mut claim, bytes, *raw, part.encoding);
            tables::look(claim, origin, |accepted| {
                self.matched(accepted, part, at, origin, found);
            });
        }
    }

    fn matched<'m>(
        &'m self,
        accepted: &Accepted<'_, '_>,
        part: &Part,
        at: usize,
        origin: Origin<'_>,
        found: &mut Found,
    ) -> Matched<'m> {
        let days = with_subordinates(accepted, part, at, origin);
        let file = (origin.source_file, origin.file_no);
        self.matching.claim(accepted, days, file, self.target.import_no(), found)
    }
}

fn next_claim<'c, 'a>(
    slot: &'c mut Option<Claim<'a>>,
    bytes: &'a [u8],
    raw: RawClaim,
    encoding: Encoding,
) -> &'c Claim<'a> {
    match slot {
        Some(c) => {
            c.read_again(bytes, raw);
            c
        }
        None => slot.insert(Claim::read(bytes, raw, encoding)),
    }
}

/// Service days of a claim; those of a 総括 are the union with its subordinates, which follow it.
fn with_subordinates(accepted: &Accepted<'_, '_>, part: &Part, at: usize, origin: Origin<'_>) -> (u32, bool) {
    let raw = accepted.claim.raw;
    let mut days = accepted.days;
    let subordinates = part.claims[at + 1..].iter().take_while(|c| c.parent == Some(raw.ordinal));
    for (no, sub) in subordinates.enumerate() {
        let claim = Claim::read(part.source.bytes(), *sub, part.encoding);
        tables::look(&claim, origin, |a| {
            // what is known of the subordinates is known of the whole
            days = (days.0 | a.days.0, a.days.1 && (no == 0 || days.1));
        });
    }
    days
}

fn origin(files: &[Hashed], file: usize) -> Origin<'_> {
    Origin {
        source_file: &files[file].input.source_file,
        file_hash: &files[file].hash,
        file_no: i32::try_from(file + 1).unwrap_or(i32::MAX),
    }
}

/// One block IR … GO.
struct Block {
    header: Option<FileRecord>,
    go: Option<FileRecord>,
}

fn gather(files: &[Hashed], options: Options, shapes: Vec<Shape>, results: Vec<PartResult>) -> Outcome {
    let mut outcome =
        Outcome { sums: Sums::default(), files: Vec::new(), warnings: Vec::new(), found: Found::default() };
    // points and count of earlier volumes of the same institution
    let mut volumes: HashMap<String, (usize, i64, i64)> = HashMap::new();
    let mut by_file: Vec<Vec<PartResult>> = files.iter().map(|_| Vec::new()).collect();
    results.into_iter().for_each(|r| by_file[r.file].push(r));
    for shape in shapes {
        let bytes = shape.source.bytes();
        let parts = std::mem::take(&mut by_file[shape.file]);
        let mut sums = Sums::default();
        let mut blocks: HashMap<u32, (i64, i64)> = HashMap::new();
        for p in &parts {
            sums.add(&p.sums);
            for (no, (count, points)) in &p.blocks {
                let b = blocks.entry(*no).or_default();
                b.0 += count;
                b.1 = b.1.saturating_add(*points);
            }
        }
        let first_claim = parts.iter().filter_map(|p| p.first).min_by_key(|f| f.0).and_then(|f| f.1);
        let first_header = shape.records.iter().find(|r| is_header(r)).and_then(|r| billing_month(r, bytes));
        let billing = first_header.or(first_claim);
        let mut problems = file_problems(&shape, billing, options.month);
        let (go_count, go_points) = check_go(&shape, &blocks, &mut volumes, &mut problems);
        let s = &shape.summary;
        let hashed = &files[shape.file];
        outcome.sums.add(&sums);
        outcome.files.push(FileRow {
            file_no: origin(files, shape.file).file_no,
            source_file: hashed.input.source_file.clone(),
            file_hash: hashed.hash.clone(),
            bytes: bytes.len() as i64,
            bytes_claims: sums.bytes_claims,
            bytes_rejected: sums.bytes_rejected,
            bytes_file_level: shape.bytes_file_level,
            bytes_trailing: shape.bytes_trailing,
            form: if s.insurer_claims > 0 { Form::Insurer } else { Form::Uke },
            encoding: shape.encoding,
            line_end: match (s.crlf, s.lf) {
                (_, 0) => "crlf",
                (0, _) => "lf",
                _ => "mixed",
            },
            billing_month: billing,
            claims: sums.claims,
            rejected: sums.rejected,
            go_count,
            go_points,
            warnings: problems
                .iter()
                .map(|p| json!({ "code": p.code.code(), "line": p.line, "text": p.reason(true) }))
                .collect(),
        });
        outcome.warnings.extend(problems.into_iter().map(|p| (shape.file, p)));
    }
    outcome
}

fn billing_month(r: &FileRecord, bytes: &[u8]) -> Option<Month> {
    let record = r.record(bytes);
    let kind = match &record.id().0 {
        b"YK" => Kind::Pharmacy,
        b"HM" => Kind::Nursing,
        b"UK" => return record.value(layout::dental::uk::BILLING_MONTH),
        _ => Kind::Medical,
    };
    Biller::read(kind, record, None).billing_month
}

fn file_problem(code: ProblemCode, at: Option<&FileRecord>, line: u64, detail: String) -> Problem {
    Problem {
        code,
        byte_start: at.map_or(0, |r| r.start as u64),
        byte_len: at.map_or(0, |r| r.len as u64),
        line: at.map_or(line, |r| r.line),
        record: at.and_then(|r| r.id),
        field: None,
        detail,
    }
}

fn file_problems(shape: &Shape, billing: Option<Month>, month: Month) -> Vec<Problem> {
    let mut out = Vec::new();
    let s = &shape.summary;
    if shape.encoding == Encoding::Utf8 {
        out.push(file_problem(ProblemCode::Utf8Encoding, None, 1, String::new()));
    }
    if let Some(billing) = billing
        && billing != month
    {
        out.push(file_problem(
            ProblemCode::BillingMonthDiffers,
            None,
            1,
            format!("請求年月 {billing}、審査月 {month}"),
        ));
    }
    if let Some((_, line)) = s.headerless {
        out.push(file_problem(ProblemCode::NoHeader, None, line, String::new()));
    }
    for (_, line) in &s.without_go {
        out.push(file_problem(ProblemCode::NoGo, None, *line, String::new()));
    }
    for r in &shape.records {
        let known = is_header(r) || r.id.is_some_and(|id| id.0 == *b"GO");
        // a byte order mark and empty lines are no records
        let empty = r.record(shape.source.bytes()).bytes().iter().all(|b| b.is_ascii_whitespace() || *b >= 0xBB);
        if !known && !empty {
            let id = r.id.map_or_else(|| "（読めない行）".to_owned(), |i| i.to_string());
            out.push(file_problem(ProblemCode::RecordOutsideClaim, Some(r), r.line, id));
        }
    }
    out
}

/// GO against the claims of its block (rule 1.5-6). Returns what was announced, summed over the blocks.
fn check_go(
    shape: &Shape,
    sums: &HashMap<u32, (i64, i64)>,
    volumes: &mut HashMap<String, (usize, i64, i64)>,
    problems: &mut Vec<Problem>,
) -> (Option<i64>, Option<i64>) {
    let bytes = shape.source.bytes();
    let mut blocks: BTreeMap<u32, Block> = BTreeMap::new();
    for r in &shape.records {
        let block = blocks.entry(r.block).or_insert(Block { header: None, go: None });
        if is_header(r) {
            block.header.get_or_insert(*r);
        } else if r.id.is_some_and(|id| id.0 == *b"GO") {
            block.go = Some(*r);
        }
    }
    let (mut count, mut points) = (None, None);
    for (no, block) in blocks {
        let Some(go) = block.go else { continue };
        let record = go.record(bytes);
        let (given_count, given_points) = (announced(record, 1), announced(record, 2));
        add(&mut count, given_count);
        add(&mut points, given_points);
        let header = block.header.map(|h| h.record(bytes));
        let id = header.map(|h| h.id().0);
        let own = sums.get(&no).copied().unwrap_or_default();
        let (volume, key) = header.map(|h| volume_of(h)).unwrap_or_default();
        let sum = volumes.entry(key).or_default();
        *sum = (sum.0 + 1, sum.1 + own.0, sum.2.saturating_add(own.1));
        // the totals of the last volume cover all volumes; without the earlier ones they say nothing
        if volume + 1 > sum.0 {
            continue;
        }
        let (total_count, total_points) = if volume == 0 { own } else { (sum.1, sum.2) };
        // 訪問看護: the layout is not confirmed. 調剤: some writers count claims, the count only informs
        if id == Some(*b"HM") {
            continue;
        }
        if let Some(given) = given_count
            && given != total_count
            && id != Some(*b"YK")
        {
            let detail = format!("GO {given} 件、明細 {total_count} 件");
            problems.push(file_problem(ProblemCode::GoCountDiffers, Some(&go), go.line, detail));
        }
        if let Some(given) = given_points
            && given != total_points
        {
            let detail = format!("GO {given} 点、明細 {total_points} 点");
            problems.push(file_problem(ProblemCode::GoPointsDiffer, Some(&go), go.line, detail));
        }
    }
    (count, points)
}

fn announced(go: Record<'_>, index: usize) -> Option<i64> {
    go.value(FieldRef::<Int>::new(index))
}

fn add(sum: &mut Option<i64>, value: Option<i64>) {
    if let Some(v) = value {
        *sum = Some(sum.unwrap_or(0).saturating_add(v));
    }
}

/// Volume number of a block and the key of its institution and month.
fn volume_of(header: Record<'_>) -> (usize, String) {
    let (volume, keys): (Option<FieldRef<Code>>, &[usize]) = match &header.id().0 {
        b"IR" => (Some(layout::medical::ir::VOLUME_NO), &[1, 2, 3, 4, 7]),
        b"UK" => (Some(layout::dental::uk::VOLUME_NO), &[1, 2, 3, 4, 7]),
        b"YK" => (Some(layout::pharmacy::yk::VOLUME_NO), &[1, 2, 3, 4, 6]),
        _ => (None, &[1, 2, 3, 4, 6]),
    };
    let volume = volume.and_then(|v| header.value(v)).and_then(|v| v.parse().ok()).unwrap_or(0);
    let key: Vec<&str> = keys.iter().map(|i| header.at(*i).code().unwrap_or_default()).collect();
    (volume, format!("{}:{}", header.id(), key.join(":")))
}

/// Problems of files as a whole stand in `rejects` too.
fn write_file_problems(writer: &ImportWriter<'_>, files: &[Hashed], outcome: &Outcome) -> Result<()> {
    if outcome.warnings.is_empty() {
        return Ok(());
    }
    let mut tables = ClaimTables::default();
    for (file, problem) in &outcome.warnings {
        tables.push_file_problem(origin(files, *file), problem);
    }
    let encoded =
        tables.finish().iter().filter(|c| c.rows() > 0).map(Encoded::of).collect::<tenken_store::Result<_>>()?;
    Ok(writer.write(0, encoded)?)
}
