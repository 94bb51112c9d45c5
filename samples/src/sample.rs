//! The folder of a sample (tables.md section 7): register, claims by month, truth and totals.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use tenken_parser::{Kind, Month};

use crate::{
    faults,
    files::{Batch, Delivery},
    options::{Form, Options, Size},
    order::Written,
    plan,
    quota::Quota,
    registry,
    town::{District, Region, Town},
    truth,
};

/// A row of `totals.csv`: what an import of the file accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    pub source_file: String,
    pub kind: Kind,
    pub claims: i64,
    pub points: i64,
    pub points_effective: i64,
    pub cost_yen: i64,
}

impl Total {
    pub(crate) fn new(file: &str, kind: Kind) -> Self {
        Self { source_file: file.to_owned(), kind, claims: 0, points: 0, points_effective: 0, cost_yen: 0 }
    }

    pub(crate) fn add(&mut self, w: &Written) {
        self.claims += i64::from(w.claims);
        self.points += w.points;
        self.points_effective += w.points_effective;
        self.cost_yen += w.cost_yen;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.claims += other.claims;
        self.points += other.points;
        self.points_effective += other.points_effective;
        self.cost_yen += other.cost_yen;
    }

    pub(crate) fn line(&self) -> String {
        format!(
            "{},{},{},{},{},{}\n",
            self.source_file,
            self.kind.name(),
            self.claims,
            self.points,
            self.points_effective,
            self.cost_yen
        )
    }
}

pub(crate) const TOTALS_HEADER: &str = "source_file,kind,claims,points,points_effective,cost_yen\n";

/// What was written.
#[derive(Debug)]
pub struct Sample {
    /// the folder with the claim files of the first month
    pub claims: PathBuf,
    pub totals: Vec<Total>,
    /// of claim files
    pub bytes: u64,
    /// rows of `kojin.csv`
    pub people: u64,
}

/// What one insured brings in a month, to find the number for a size: claims ‰, bytes.
const CLAIMS_PER_1000: (u64, u64) = (1_360, 2_470);
const BYTES_EACH: (u64, u64) = (2_200, 4_500);
/// Fewer make no town.
const FEWEST: u64 = 60;

/// What stands in the folder of a sample, and nothing else.
const NAMES: [&str; 4] = ["registry", "claims", "truth.csv", "totals.csv"];

/// Whether a sample may be written there: nothing is there yet, or an earlier sample that it replaces.
///
/// # Errors
/// When the folder cannot be read.
pub fn may_be_written(out: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(e) => return Err(named(out)(e)),
    };
    for entry in entries {
        let name = entry.map_err(named(out))?.file_name();
        if !NAMES.iter().any(|n| name == *n) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes a sample; an earlier one in the same folder is replaced.
///
/// # Errors
/// What the operating system says, with the name of the file; `AlreadyExists` when the folder holds other
/// things.
pub fn write(options: &Options) -> io::Result<Sample> {
    write_with(options, &|_| {})
}

/// The same; `progress` hears what part is done, in thousandths.
///
/// # Errors
/// As [`write`].
pub fn write_with(options: &Options, progress: &dyn Fn(u32)) -> io::Result<Sample> {
    let towns = options.towns.max(1);
    let insured = insured(options);
    let region = Region::new(options.seed, towns, insured, options.kouki_per_mille, options.months.1);
    let mut folder = Folder::create(options, towns)?;
    let workers = thread::available_parallelism().map_or(1, |n| n.get().min(4) as u32);
    let districts = region.all_districts();
    let parts = districts * (options.months().count() as u32 + 1);
    thread::scope(|scope| {
        let lanes: Vec<mpsc::Receiver<Part>> = (0..workers)
            .map(|w| {
                let (send, receive) = mpsc::sync_channel(1);
                let region = &region;
                scope.spawn(move || {
                    for no in (w..districts).step_by(workers as usize) {
                        if work(options, region, no, &send).is_err() {
                            // the writer has stopped: its error is the one to tell
                            return;
                        }
                    }
                });
                receive
            })
            .collect();
        let mut done: u32 = 0;
        for no in 0..districts {
            let lane = &lanes[(no % workers) as usize];
            for _ in 0..=options.months().count() {
                let Ok(part) = lane.recv() else { return Err(io::Error::other("a district could not be made")) };
                folder.take(part, no / region.districts)?;
                done += 1;
                progress((u64::from(done) * 1000 / u64::from(parts.max(1))) as u32);
            }
        }
        Ok(())
    })?;
    folder.finish(options)
}

/// How many insured a sample needs.
fn insured(options: &Options) -> u32 {
    let kouki = u64::from(options.kouki_per_mille);
    let each = |rate: (u64, u64)| (rate.0 * 1000 + rate.1 * kouki).max(1);
    let with_room = |n: u64| n + n / 8 + 6 * n.isqrt() + 30;
    let count = match options.size {
        Size::Natural => return options.insured.max(1),
        Size::Claims(n) => with_room(n) * 1_000_000 / each(CLAIMS_PER_1000),
        Size::Bytes(n) => with_room(n / 1_700) * 1_700 * 1000 / each(BYTES_EACH),
    };
    count.clamp(FEWEST, u64::from(u32::MAX / 2)) as u32
}

/// What a worker hands over, in order: the register of a district, then its months.
enum Part {
    Register([String; 4]),
    Month(Month, Batch),
}

fn work(
    options: &Options,
    region: &Region,
    no: u32,
    send: &mpsc::SyncSender<Part>,
) -> Result<(), mpsc::SendError<Part>> {
    let district = District::new(region, no);
    send.send(Part::Register(registry::rows(&district, options.as_of.map(|d| d.epoch_days()))))?;
    for exam in options.months() {
        let mut drafts = plan::month(&district, exam);
        if options.faults > 0 {
            faults::inject(&district, &mut drafts, exam, options.seed, options.faults);
        }
        let mut quota = quota(options, region, no, exam);
        quota.thin(&mut drafts);
        let delivery = Delivery {
            district: &district,
            seed: options.seed,
            exam,
            form: options.form,
            towns: region.towns,
            prefix: 0,
        };
        send.send(Part::Month(exam, delivery.batch(drafts, &mut quota)))?;
    }
    Ok(())
}

/// The share of a district in a fixed size.
fn quota(options: &Options, region: &Region, no: u32, exam: Month) -> Quota {
    let (no, all) = (u64::from(no), u64::from(region.all_districts()));
    let share = |n: u64| {
        let up_to = |i: u64| (u128::from(n) * u128::from(i) / u128::from(all)) as u64;
        up_to(no + 1) - up_to(no)
    };
    let seed = crate::draw::key(&[options.seed, no, exam.index() as u64]);
    match options.size {
        Size::Natural => Quota::natural(),
        Size::Claims(n) => Quota::claims(share(n), seed),
        Size::Bytes(n) => Quota::bytes(share(n), seed),
    }
}

/// Says which file it was.
pub(crate) fn named(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    let path = path.display().to_string();
    move |e| io::Error::new(e.kind(), format!("{path}: {e}"))
}

struct Folder {
    out: PathBuf,
    form: Form,
    /// per town
    registers: Vec<[BufWriter<File>; 4]>,
    truth: BufWriter<File>,
    totals: Vec<Total>,
    bytes: u64,
    people: u64,
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    File::create(path).map(BufWriter::new).map_err(named(path))
}

fn create_dir(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path).map_err(named(path))
}

impl Folder {
    fn create(options: &Options, towns: u32) -> io::Result<Self> {
        let out = options.out.clone();
        if !may_be_written(&out)? {
            return Err(named(&out)(io::ErrorKind::AlreadyExists.into()));
        }
        // what an earlier run left would mix with this one
        for folder in [out.join("registry"), out.join("claims")] {
            match fs::remove_dir_all(&folder) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(named(&folder)(e)),
                _ => {}
            }
        }
        let mut registers = Vec::new();
        for t in 0..towns {
            let mut folder = out.join("registry");
            if towns > 1 {
                folder = folder.join(Town::new(t).kokuho);
            }
            create_dir(&folder)?;
            let file = |i: usize| -> io::Result<BufWriter<File>> {
                let (name, header) = registry::FILES[i];
                let path = folder.join(name);
                let mut f = create(&path)?;
                f.write_all(header.as_bytes()).map_err(named(&path))?;
                Ok(f)
            };
            registers.push([file(0)?, file(1)?, file(2)?, file(3)?]);
        }
        for exam in options.months() {
            let folder = out.join("claims").join(exam.to_string());
            create_dir(&folder)?;
        }
        let path = out.join("truth.csv");
        let mut truth = create(&path)?;
        truth.write_all(truth::HEADER.as_bytes()).map_err(named(&path))?;
        Ok(Self { out, form: options.form, registers, truth, totals: Vec::new(), bytes: 0, people: 0 })
    }

    fn take(&mut self, part: Part, town: u32) -> io::Result<()> {
        match part {
            Part::Register(rows) => {
                self.people += rows[0].lines().count() as u64;
                for (i, text) in rows.iter().enumerate() {
                    let path = self.out.join("registry").join(registry::FILES[i].0);
                    self.registers[town as usize][i].write_all(text.as_bytes()).map_err(named(&path))?;
                }
            }
            Part::Month(exam, batch) => {
                let folder = self.out.join("claims").join(exam.to_string());
                for piece in batch.pieces {
                    let path = folder.join(&piece.name);
                    self.bytes += piece.bytes.len() as u64;
                    match self.form {
                        Form::Uke => fs::write(&path, &piece.bytes).map_err(named(&path))?,
                        Form::Insurer => {
                            let open = OpenOptions::new().create(true).append(true).open(&path);
                            open.and_then(|mut f| f.write_all(&piece.bytes)).map_err(named(&path))?;
                        }
                    }
                    match self
                        .totals
                        .iter_mut()
                        .rfind(|t| self.form == Form::Insurer && t.source_file == piece.total.source_file)
                    {
                        Some(t) => t.merge(&piece.total),
                        None => self.totals.push(piece.total),
                    }
                }
                self.truth.write_all(batch.truth.as_bytes()).map_err(named(&self.out.join("truth.csv")))?;
            }
        }
        Ok(())
    }

    fn finish(mut self, options: &Options) -> io::Result<Sample> {
        for (i, f) in self.registers.iter_mut().flat_map(|r| r.iter_mut().enumerate()) {
            f.flush().map_err(named(&self.out.join("registry").join(registry::FILES[i].0)))?;
        }
        self.truth.flush().map_err(named(&self.out.join("truth.csv")))?;
        let mut text = String::from(TOTALS_HEADER);
        for t in &self.totals {
            let _ = write!(text, "{}", t.line());
        }
        let path = self.out.join("totals.csv");
        fs::write(&path, text).map_err(named(&path))?;
        let claims = self.out.join("claims").join(options.months.0.to_string());
        Ok(Sample { claims, totals: self.totals, bytes: self.bytes, people: self.people })
    }
}
