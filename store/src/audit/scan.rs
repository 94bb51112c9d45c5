//! Reading the log line by line: does every row follow from the one before it?

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use super::{
    Anchor, Head, HeadFile,
    row::{self, ORIGIN, Row},
};

/// What is wrong at one place of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// in the folder `audit`
    pub file: String,
    /// from 1
    pub line: Option<u64>,
    /// bytes of the file
    pub range: Option<(u64, u64)>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// the row, or the one before it, is not what was written
    Changed {
        seq: u64,
    },
    Missing {
        from: u64,
        to: u64,
    },
    OutOfOrder {
        seq: u64,
        expected: u64,
    },
    /// no row, and not a crash's doing
    Unreadable,
    /// what a crash left at the end; nothing of it was shown. The next look seals it
    HalfLine,
    /// a seal without the bytes that it names
    StraySeal,
    HeadMissing,
    HeadUnreadable,
    HeadDiffers {
        seq: u64,
    },
    /// the log went on without `head.json`: rows at the end may have been lost before
    HeadLost,
    AnchorDiffers {
        seq: u64,
    },
    AnchorMissing {
        seq: u64,
    },
}

impl What {
    /// Whether the log is not what was written. A half line is what a crash leaves; it loses nothing.
    pub fn is_damage(&self) -> bool {
        *self != Self::HalfLine
    }

    pub fn japanese(&self) -> String {
        match self {
            Self::Changed { seq } => {
                format!("記録 {seq} またはその直前が書き換えられています（ハッシュがつながりません）")
            }
            Self::Missing { from, to } if from == to => format!("記録 {from} がありません"),
            Self::Missing { from, to } => format!("記録 {from} から {to} までがありません"),
            Self::OutOfOrder { seq, expected } => format!("記録 {expected} のところに記録 {seq} があります"),
            Self::Unreadable => "記録として読めない行です".into(),
            Self::HalfLine => {
                "書きかけの行があります（停電など）。何も表示されていません。次の閲覧のときに封をします".into()
            }
            Self::StraySeal => "封が指す書きかけの行がありません".into(),
            Self::HeadMissing => "末尾の控え head.json がありません".into(),
            Self::HeadUnreadable => "末尾の控え head.json が読めません".into(),
            Self::HeadDiffers { seq } => format!("記録 {seq} のハッシュが末尾の控え head.json と違います"),
            Self::HeadLost => {
                "この前に末尾の控え head.json が失われました。それまでの末尾の記録が欠けているかもしれません".into()
            }
            Self::AnchorDiffers { seq } => format!("記録 {seq} のハッシュが指定の控えと違います"),
            Self::AnchorMissing { seq } => format!("控えにある記録 {seq} がありません"),
        }
    }

    pub fn english(&self) -> String {
        match self {
            Self::Changed { seq } => format!("row {seq} or the one before it was changed (the hashes do not join)"),
            Self::Missing { from, to } if from == to => format!("row {from} is missing"),
            Self::Missing { from, to } => format!("rows {from} to {to} are missing"),
            Self::OutOfOrder { seq, expected } => format!("row {seq} stands where row {expected} belongs"),
            Self::Unreadable => "a line that is no row".into(),
            Self::HalfLine => {
                "an unfinished line (power loss or the like); nothing of it was shown. The next look seals it".into()
            }
            Self::StraySeal => "a seal without the unfinished line that it names".into(),
            Self::HeadMissing => "head.json, the note of the last row, is missing".into(),
            Self::HeadUnreadable => "head.json, the note of the last row, cannot be read".into(),
            Self::HeadDiffers { seq } => format!("the hash of row {seq} is not that of head.json"),
            Self::HeadLost => "head.json was lost before this row: rows at the end may be missing before it".into(),
            Self::AnchorDiffers { seq } => format!("the hash of row {seq} is not that of the anchor"),
            Self::AnchorMissing { seq } => format!("row {seq} of the anchor is missing"),
        }
    }
}

/// Lines that are no rows, until it is clear what they are.
pub(super) struct Pending {
    pub file: String,
    pub start: u64,
    /// without the last line end
    pub end: u64,
    line: Option<u64>,
    lines: u64,
    ended: bool,
    hasher: blake3::Hasher,
}

impl Pending {
    pub fn seal(&self) -> String {
        row::seal_target(&self.file, self.start, self.end, &self.hasher.finalize())
    }

    /// Ends an unfinished line so that it can be no row, not even where only its end was missing. What is to be written.
    pub fn close(&mut self) -> &'static str {
        if self.ended {
            return "";
        }
        self.hasher.update(b"~");
        self.end += 1;
        self.ended = true;
        "~\n"
    }

    fn add(&mut self, line: &[u8], start: u64, ended: bool) {
        // the last line end is not counted
        if self.ended {
            self.hasher.update(b"\n");
        }
        self.hasher.update(line);
        self.end = start + line.len() as u64;
        self.lines += 1;
        self.ended = ended;
    }
}

/// How far the log has been read, and what was wrong so far.
pub(super) struct Scan<'a> {
    pub seq: u64,
    /// hash of the last row
    pub hash: String,
    pub last: Option<Row>,
    pub sealed: u64,
    pub pending: Option<Pending>,
    pub trouble: Vec<Trouble>,
    /// hashes that the next row may follow from: that of the last row, and what it should have been
    candidates: Vec<String>,
    /// rows whose hash is to be compared: (seq, hash, seen, what to say)
    notes: Vec<(u64, &'a str, bool, What)>,
}

impl<'a> Scan<'a> {
    pub fn after(seq: u64, hash: &str) -> Self {
        Self {
            seq,
            hash: hash.to_owned(),
            last: None,
            sealed: 0,
            pending: None,
            trouble: Vec::new(),
            candidates: vec![hash.to_owned()],
            notes: Vec::new(),
        }
    }

    pub fn new() -> Self {
        Self::after(0, ORIGIN)
    }

    pub fn expect_head(&mut self, head: &'a Head) {
        self.notes.push((head.seq, &head.hash, head.seq == 0, What::HeadDiffers { seq: head.seq }));
    }

    pub fn expect_anchor(&mut self, anchor: &'a Anchor) {
        self.notes.push((anchor.seq, &anchor.hash, false, What::AnchorDiffers { seq: anchor.seq }));
    }

    fn say(&mut self, file: &str, line: Option<u64>, range: Option<(u64, u64)>, what: What) {
        self.trouble.push(Trouble { file: file.to_owned(), line, range, what });
    }

    fn give_up_on(&mut self, p: &Pending) {
        self.say(&p.file, p.line, Some((p.start, p.end)), What::Unreadable);
    }

    /// Reads a file from `start` to `end`, which is where line `number` begins, if that is known.
    pub fn file(
        &mut self,
        folder: &Path,
        name: &str,
        (start, end): (u64, u64),
        mut number: Option<u64>,
        each: &mut dyn FnMut(&Row),
    ) -> io::Result<()> {
        // what is unfinished can only be in the last file: the seal is written behind it
        if let Some(p) = self.pending.take() {
            self.give_up_on(&p);
        }
        let mut file = File::open(folder.join(name))?;
        file.seek(SeekFrom::Start(start))?;
        let mut reader = BufReader::new(file.take(end.saturating_sub(start)));
        let (mut at, mut line) = (start, Vec::new());
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)? as u64;
            if read == 0 {
                return Ok(());
            }
            let ended = line.last() == Some(&b'\n');
            if ended {
                line.pop();
            }
            match Row::parse(&line).filter(|_| ended) {
                Some(row) => {
                    self.row(&row, name, number, (at, at + line.len() as u64));
                    each(&row);
                    self.last = Some(row);
                }
                None => self
                    .pending
                    .get_or_insert_with(|| Pending {
                        file: name.to_owned(),
                        start: at,
                        end: at,
                        line: number,
                        lines: 0,
                        ended: false,
                        hasher: blake3::Hasher::new(),
                    })
                    .add(&line, at, ended),
            }
            at += read;
            number = number.map(|n| n + 1);
        }
    }

    fn row(&mut self, row: &Row, file: &str, line: Option<u64>, range: (u64, u64)) {
        let is_seal = row.source == row::LOG && row.action == row::SEAL;
        let mut found = Vec::new();
        // lines before this one that may have been rows
        let mut lost = 0;
        match self.pending.take() {
            Some(p) if is_seal && p.seal() == row.target => self.sealed += 1,
            Some(p) => {
                lost = p.lines;
                self.give_up_on(&p);
            }
            None if is_seal => found.push(What::StraySeal),
            None => {}
        }
        if row.source == row::LOG && row.action == row::HEAD_LOST {
            found.push(What::HeadLost);
        }
        let expected = self.seq + 1;
        let fits = self.candidates.iter().any(|c| row.link(c) == row.hash);
        let mut candidates = vec![row.hash.clone()];
        match row.seq {
            seq if seq == expected && fits => {}
            seq if seq == expected => {
                found.push(What::Changed { seq });
                // where only the hash was changed, the next row follows from what it was
                candidates.extend(self.candidates.iter().map(|c| row.link(c)));
            }
            seq if seq < expected => found.push(What::OutOfOrder { seq, expected }),
            seq if seq - expected > lost => found.push(What::Missing { from: expected, to: seq - 1 }),
            _ => {}
        }
        for (seq, hash, seen, what) in &mut self.notes {
            if *seq == row.seq && !*seen {
                *seen = true;
                if *hash != row.hash {
                    found.push(what.clone());
                }
            }
        }
        for what in found {
            self.say(file, line, Some(range), what);
        }
        self.seq = row.seq;
        self.hash.clone_from(&row.hash);
        self.candidates = candidates;
    }

    /// What can be said at the end.
    pub fn finish(&mut self, head: &HeadFile) {
        if let Some(p) = &self.pending {
            let crash = match head {
                HeadFile::Known(h) => (p.file.as_str(), p.start) >= (h.file.as_str(), h.bytes),
                HeadFile::Missing | HeadFile::Unreadable => false,
            };
            let what = if crash { What::HalfLine } else { What::Unreadable };
            let (file, line, range) = (p.file.clone(), p.line, Some((p.start, p.end)));
            self.say(&file, line, range, what);
        }
        match head {
            HeadFile::Known(h) if h.seq > self.seq => {
                let what = What::Missing { from: self.seq + 1, to: h.seq };
                self.say(&h.file, None, None, what);
            }
            HeadFile::Known(_) => {}
            HeadFile::Missing if self.seq == 0 && self.pending.is_none() => {}
            HeadFile::Missing => self.say(super::HEAD, None, None, What::HeadMissing),
            HeadFile::Unreadable => self.say(super::HEAD, None, None, What::HeadUnreadable),
        }
        let missing: Vec<u64> = self
            .notes
            .iter()
            .filter_map(|(seq, _, seen, what)| (!*seen && matches!(what, What::AnchorDiffers { .. })).then_some(*seq))
            .collect();
        for seq in missing {
            self.say(super::HEAD, None, None, What::AnchorMissing { seq });
        }
    }
}
