//! Cuts a file into claims and file-level records by looking at the head of each line only
//! (uke-medical-dpc.md 1.3, uke-dental-pharmacy-nursing.md 2, 4, 6, insurer-side-files.md 2).
//!
//! Every byte of the file ends up in exactly one [`Event`].

use std::collections::VecDeque;

use crate::{
    claim::Row,
    field::{Field, FieldType, Int},
    layout::dpc,
    lines::LineEnds,
    problem::ProblemCode,
    record::{Record, RecordId},
};

/// Which of the two forms a claim has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// plain lines, as institutions send them
    Uke,
    /// レセ電コード情報ファイル: three management columns before each record
    Insurer,
}

impl Form {
    /// `uke`, `insurer`, as the tables write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uke => "uke",
            Self::Insurer => "insurer",
        }
    }
}

/// The end mark of a file (0x1A), also found between joined files.
pub const EOF_MARK: u8 = 0x1A;

/// Data kinds of rows that show an earlier state (C-1); unknown two-digit values count as history too.
pub fn is_history(data_kind: u16) -> bool {
    data_kind == 8 || data_kind > 9
}

/// What stands before the first comma(s) of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineHead {
    /// データ識別, 行番号, 枝番号
    pub prefix: Option<(u16, u32, u32)>,
    pub id: RecordId,
    /// offset of the record id in the line
    pub body: usize,
}

impl LineHead {
    /// Plain or prefixed, decided by this line alone. `None`: no record.
    #[inline(always)]
    pub fn read(line: &[u8]) -> Option<Self> {
        match line {
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z', b',', ..] | [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => {
                Some(Self { prefix: None, id: RecordId([*a, *b]), body: 0 })
            }
            [b'0'..=b'9', ..] => Self::read_prefixed(line),
            _ => None,
        }
    }

    /// Three numbers, then the record id.
    fn read_prefixed(line: &[u8]) -> Option<Self> {
        const DIGITS: usize = 9;
        let mut at = 0;
        let mut numbers = [0u32; 3];
        for n in &mut numbers {
            let start = at;
            while let Some(d) = line.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
                if at - start == DIGITS {
                    return None;
                }
                *n = *n * 10 + u32::from(d);
                at += 1;
            }
            if at == start || line.get(at) != Some(&b',') {
                return None;
            }
            at += 1;
        }
        match line[at..] {
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z', b',', ..] | [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => Some(Self {
                prefix: Some((u16::try_from(numbers[0]).ok()?, numbers[1], numbers[2])),
                id: RecordId([a, b]),
                body: at,
            }),
            _ => None,
        }
    }
}

/// The line without its line end.
#[inline]
pub fn without_line_end(line: &[u8]) -> &[u8] {
    match line {
        [rest @ .., b'\r', b'\n'] | [rest @ .., b'\n' | b'\r'] => rest,
        _ => line,
    }
}

/// Records that begin, end or stand outside a claim. All others belong to the claim that is open.
fn is_structural(id: RecordId) -> bool {
    const fn index(id: [u8; 2]) -> usize {
        ((id[0] & 31) as usize) << 5 | (id[1] & 31) as usize
    }
    const TABLE: [bool; 1024] = {
        let ids = [b"RE", b"MN", b"IR", b"YK", b"HM", b"UK", b"GO", b"HI", b"HG", b"RC"];
        let mut table = [false; 1024];
        let mut i = 0;
        while i < ids.len() {
            table[index(*ids[i])] = true;
            i += 1;
        }
        table
    };
    TABLE[index(id.0)]
}

/// The place of a file-level record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRecord {
    pub start: usize,
    pub len: usize,
    pub line: u64,
    /// `None`: a line that is no record
    pub id: Option<RecordId>,
    pub block: u32,
}

impl FileRecord {
    /// The record in the bytes of its file.
    pub fn record<'a>(&self, file: &'a [u8]) -> Record<'a> {
        let line = without_line_end(&file[self.start..self.start + self.len]);
        Record::new(&line[LineHead::read(line).map_or(0, |h| h.body)..])
    }
}

/// One claim as a byte range; independent of every other claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawClaim {
    /// number of the claim in the file, from 1, rejects counted
    pub ordinal: u64,
    pub start: usize,
    pub len: usize,
    /// first line, from 1
    pub line: u64,
    pub form: Form,
    /// number of the block (IR … GO) in the file, from 0
    pub block: u32,
    /// the institution record of its block (plain form)
    pub header: Option<(usize, usize)>,
    /// ordinal of the 総括レセプト above it
    pub parent: Option<u64>,
    /// set when the file ends inside this claim
    pub cut: Option<ProblemCode>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Claim(RawClaim),
    Record(FileRecord),
    /// 0x1A bytes
    Trailing {
        start: usize,
        len: usize,
    },
}

/// What the whole file looked like; complete after the last event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameSummary {
    pub lines: u64,
    pub claims: u64,
    pub crlf: u64,
    pub lf: u64,
    pub blocks: u32,
    pub insurer_claims: u64,
    /// plain claims before any institution record: line of the first
    pub headerless: Option<(u32, u64)>,
    /// blocks of plain claims that no GO closes: block and line of its first claim
    pub without_go: Vec<(u32, u64)>,
}

struct Open {
    start: usize,
    line: u64,
    form: Form,
    has_re: bool,
    has_rc: bool,
    parent: Option<u64>,
    is_summary: bool,
}

/// Iterator of the events of a file, in order of the file.
pub struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
    ends: LineEnds<'a>,
    line: u64,
    queue: VecDeque<Event>,
    open: Option<Open>,
    rc_seen: u64,
    header: Option<(usize, usize, RecordId)>,
    block: u32,
    block_first_claim: Option<u64>,
    block_plain: bool,
    summary_ordinal: Option<u64>,
    summary: FrameSummary,
    finished: bool,
    /// rows of the claim that is open, and of the one whose event came last; only where somebody takes them
    keep_rows: bool,
    rows: Vec<Row<'a>>,
    closed_rows: Vec<Row<'a>>,
}

impl<'a> Frames<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut frames = Self {
            bytes,
            at: 0,
            ends: LineEnds::new(bytes, 0),
            line: 0,
            queue: VecDeque::new(),
            open: None,
            rc_seen: 0,
            header: None,
            block: 0,
            block_first_claim: None,
            block_plain: false,
            summary_ordinal: None,
            summary: FrameSummary::default(),
            finished: false,
            keep_rows: false,
            rows: Vec::new(),
            closed_rows: Vec::new(),
        };
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            frames.queue.push_back(Event::Record(FileRecord { start: 0, len: 3, line: 1, id: None, block: 0 }));
            frames.at = 3;
        }
        frames
    }

    /// The same, keeping the rows of each claim for [`crate::Claim::take`].
    pub fn keeping_rows(bytes: &'a [u8]) -> Self {
        Self { keep_rows: true, ..Self::new(bytes) }
    }

    /// Takes the rows of the claim whose event came last, so that a claim is cut into lines only once; what
    /// `rows` held is reused. For [`crate::Claim::take`].
    pub(crate) fn swap_rows(&mut self, rows: &mut Vec<Row<'a>>) {
        std::mem::swap(&mut self.closed_rows, rows);
    }

    /// Valid after the last event.
    pub fn summary(&self) -> &FrameSummary {
        &self.summary
    }

    fn close_claim(&mut self, end: usize) {
        self.close_claim_as(end, None);
    }

    fn close_claim_as(&mut self, end: usize, cut: Option<ProblemCode>) {
        let Some(open) = self.open.take() else { return };
        std::mem::swap(&mut self.rows, &mut self.closed_rows);
        self.rows.clear();
        let ordinal = self.summary.claims + 1;
        self.summary.claims = ordinal;
        if open.form == Form::Insurer {
            self.summary.insurer_claims += 1;
            self.rc_seen += u64::from(open.has_rc);
        } else {
            self.block_plain = true;
            if self.header.is_none() && self.summary.headerless.is_none() {
                self.summary.headerless = Some((self.block, open.line));
            }
        }
        self.block_first_claim.get_or_insert(open.line);
        if open.is_summary {
            self.summary_ordinal = Some(ordinal);
        } else if open.parent.is_none() {
            self.summary_ordinal = None;
        }
        let claim = RawClaim {
            ordinal,
            start: open.start,
            len: end - open.start,
            line: open.line,
            form: open.form,
            block: self.block,
            header: self.header.map(|(s, l, _)| (s, l)),
            parent: open.parent,
            cut,
        };
        self.queue.push_back(Event::Claim(claim));
    }

    fn start_claim(&mut self, start: usize, form: Form, has_re: bool) -> &mut Open {
        self.close_claim(start);
        let line = self.line;
        self.open.insert(Open { start, line, form, has_re, has_rc: false, parent: None, is_summary: false })
    }

    /// Ends the block: by GO, or by the next institution record.
    fn end_block(&mut self, with_go: bool) {
        if let Some(line) = self.block_first_claim.take()
            && !with_go
            && self.block_plain
        {
            self.summary.without_go.push((self.block, line));
        }
        self.block_plain = false;
        self.summary_ordinal = None;
        self.block += 1;
    }

    fn file_record(&mut self, start: usize, end: usize, id: Option<RecordId>) {
        self.close_claim(start);
        self.queue.push_back(Event::Record(FileRecord {
            start,
            len: end - start,
            line: self.line,
            id,
            block: self.block,
        }));
    }

    /// RE begins a claim, or belongs to the one that MN or IR has begun.
    fn on_re(&mut self, start: usize, body: &'a [u8], prefix: Option<(u16, u32, u32)>) {
        let class = summary_class(body);
        let subordinate = matches!(class, Some(2 | 3));
        let form = if prefix.is_some() { Form::Insurer } else { Form::Uke };
        match &mut self.open {
            Some(open) if !open.has_re => {
                open.has_re = true;
                open.is_summary = class == Some(1);
                if subordinate {
                    open.parent = self.summary_ordinal;
                }
                return;
            }
            // corrected copies and history of the claim that is open
            Some(open) if open.form == Form::Insurer && !(subordinate && prefix.is_none_or(|p| p.0 == 1)) => return,
            Some(open) if open.form == Form::Uke && prefix.is_some_and(|p| is_history(p.0)) => return,
            _ => {}
        }
        let form = self.open.as_ref().map_or(form, |o| if subordinate { o.form } else { form });
        let open = self.start_claim(start, form, true);
        open.is_summary = class == Some(1);
        if subordinate {
            let parent = self.summary_ordinal;
            if let Some(o) = &mut self.open {
                o.parent = parent;
            }
        }
    }

    fn on_line(&mut self, start: usize, end: usize) {
        let content = without_line_end(&self.bytes[start..end]);
        let head = LineHead::read(content);
        match head {
            // most lines: a record of the claim that is open
            Some(head) if self.open.is_some() && !is_structural(head.id) => {}
            Some(head) => self.on_record(start, end, content, head),
            None if self.open.is_none() => self.file_record(start, end, None),
            None => {}
        }
        // what is open now is the claim that this line belongs to
        if self.keep_rows
            && let Some(open) = &self.open
        {
            let no = self.rows.len() as u32 + 1;
            self.rows.push(Row::new(content, head, no, start - open.start, end - start));
        }
    }

    #[inline]
    fn on_record(&mut self, start: usize, end: usize, content: &'a [u8], head: LineHead) {
        let body = &content[head.body..];
        // history rows inside a returned claim belong to it, whatever they are
        if let (Some((kind, ..)), Some(open)) = (head.prefix, &self.open)
            && open.form == Form::Uke
            && is_history(kind)
        {
            return;
        }
        match &head.id.0 {
            b"RE" => self.on_re(start, body, head.prefix),
            b"MN" => {
                self.start_claim(start, Form::Insurer, false);
            }
            b"IR" | b"YK" | b"HM" | b"UK" => self.on_institution(start, end, head, body),
            b"GO" => {
                self.file_record(start, end, Some(head.id));
                if head.prefix.is_none() {
                    self.end_block(true);
                    self.header = None;
                }
            }
            b"HI" | b"HG" => self.file_record(start, end, Some(head.id)),
            b"RC" => {
                if let Some(open) = &mut self.open {
                    open.has_rc = true;
                } else {
                    self.file_record(start, end, Some(head.id));
                }
            }
            _ => {
                if self.open.is_none() {
                    self.file_record(start, end, Some(head.id));
                }
            }
        }
    }

    fn on_institution(&mut self, start: usize, end: usize, head: LineHead, body: &[u8]) {
        let waits_for_re = self.open.as_ref().is_some_and(|o| o.form == Form::Insurer && !o.has_re);
        if waits_for_re {
            return;
        }
        if head.id.0 == *b"IR" {
            let dental = matches!(self.header, Some((_, _, RecordId(id))) if id == *b"UK")
                || Record::new(body).at(crate::layout::medical::ir::SCORE_TABLE.index()).code() == Some("3");
            if head.prefix.is_some() {
                self.start_claim(start, Form::Insurer, false);
                return;
            }
            if dental {
                self.start_claim(start, Form::Uke, false);
                return;
            }
        } else if head.prefix.is_some() && head.id.0 != *b"UK" {
            self.start_claim(start, Form::Insurer, false);
            return;
        }
        self.close_claim(start);
        if self.block_first_claim.is_some() {
            self.end_block(false);
        }
        self.header = Some((start, end - start, head.id));
        self.file_record(start, end, Some(head.id));
    }

    fn finish(&mut self, end: usize, marked: bool) {
        self.finished = true;
        let no_line_end = !self.bytes.ends_with(b"\n") && !marked;
        let cut = match &self.open {
            Some(o) if o.form == Form::Uke && no_line_end => Some(ProblemCode::CutOff),
            Some(o) if o.form == Form::Insurer && !o.has_rc && self.rc_seen > 0 => Some(ProblemCode::RcMissing),
            _ => None,
        };
        self.close_claim_as(end, cut);
        let header = self.header.is_some();
        if self.block_first_claim.is_some() || header {
            self.end_block(false);
        }
        self.summary.blocks = self.block;
        self.summary.lines = self.line;
    }
}

/// レセプト総括区分 of a DPC RE; on a medical RE the field holds nothing or a 検索番号 of 17 digits and more.
fn summary_class(re: &[u8]) -> Option<i64> {
    let field: Field<'_> = Record::new(re).at(dpc::re::SUMMARY_CLASS.index());
    (field.raw().len() == 1).then(|| Int::read(field).ok().flatten()).flatten()
}

impl Iterator for Frames<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            if self.finished {
                return None;
            }
            if self.at >= self.bytes.len() {
                self.finish(self.bytes.len(), false);
                continue;
            }
            let mut start = self.at;
            if self.bytes[start] == EOF_MARK {
                let marks = self.bytes[start..].iter().take_while(|b| **b == EOF_MARK).count();
                let at_end = start + marks == self.bytes.len();
                if at_end {
                    // before the end mark only: a claim that is open here was written to its end
                    self.finish(start, true);
                } else {
                    self.close_claim(start);
                }
                self.queue.push_back(Event::Trailing { start, len: marks });
                start += marks;
                self.at = start;
                if at_end {
                    continue;
                }
            }
            let lf = self.ends.next();
            let mut end = lf.unwrap_or(self.bytes.len());
            self.line += 1;
            match lf {
                Some(end) if end - start > 1 && self.bytes[end - 2] == b'\r' => self.summary.crlf += 1,
                Some(_) => self.summary.lf += 1,
                // an end mark right behind the last record, without a line end before it
                None => {
                    end -= self.bytes[start..end].iter().rev().take_while(|b| **b == EOF_MARK).count();
                }
            }
            self.at = end;
            self.on_line(start, end);
        }
    }
}

/// Whether these bytes (the beginning of a file) look like a claim file: within the first lines stands a
/// record that opens a file or a claim.
pub fn sniff(bytes: &[u8]) -> bool {
    const LINES: usize = 40;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.split(|b| *b == b'\n').take(LINES).any(|line| {
        let line = without_line_end(line);
        let marks = line.iter().take_while(|b| **b == EOF_MARK).count();
        LineHead::read(&line[marks..]).is_some_and(|h| {
            matches!(&h.id.0, b"IR" | b"UK" | b"YK" | b"HM" | b"MN" | b"RE" | b"HI") && line.len() > marks + h.body + 2
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        let bytes = text.as_bytes();
        let mut frames = Frames::new(bytes);
        let mut out = Vec::new();
        let mut covered = 0;
        for e in frames.by_ref() {
            out.push(match e {
                Event::Claim(c) => {
                    covered += c.len;
                    format!(
                        "{}{}{}{}",
                        c.ordinal,
                        if c.form == Form::Insurer { "i" } else { "" },
                        c.parent.map_or(String::new(), |p| format!("<{p}")),
                        c.cut.map_or(String::new(), |c| format!("!{}", c.code()))
                    )
                }
                Event::Record(r) => {
                    covered += r.len;
                    r.id.map_or("?".into(), |i| i.to_string())
                }
                Event::Trailing { len, .. } => {
                    covered += len;
                    "$".into()
                }
            });
        }
        assert_eq!(covered, bytes.len(), "every byte in one event: {text:?}");
        let s = frames.summary();
        if s.headerless.is_some() {
            out.push("noheader".into());
        }
        if !s.without_go.is_empty() {
            out.push("nogo".into());
        }
        out.join(" ")
    }

    #[test]
    fn shapes() {
        for (text, want) in [
            ("IR,1\r\nRE,1\r\nHO\r\nRE,2\r\nGO,2\r\n\x1a", "IR 1 2 GO $"),
            ("IR,1\nRE,1\nGO,1", "IR 1 GO"),
            ("IR,1\nRE,1\nGO,1\x1a", "IR 1 GO $"),
            ("IR,1\nRE,1\nHO,1", "IR 1!cut_off nogo"),
            ("IR,1\nRE,1\nHO,1\n", "IR 1 nogo"),
            ("IR,1\nRE,1\nHO,1\n\x1a", "IR 1 $ nogo"),
            ("RE,1\nHO,1\n", "1 noheader nogo"),
            ("IR,1\nRE,1\nGO,1\n\x1aIR,2\nRE,1\nGO,1\n\x1a", "IR 1 GO $ IR 2 GO $"),
            ("IR,1\nRE,1\nIR,2\nRE,1\nGO,1\n", "IR 1 IR 2 GO nogo"),
            ("UK,1,1,3\nIR,1,1,3\nRE,1\nIR,1,1,3\nRE,2\nGO,2\n", "UK 1 2 GO"),
            ("YK,1\nRE,1\nGO,1\n", "YK 1 GO"),
            (
                "2,1,0,MN,9\n1,2,0,IR,1\n1,3,0,RE,1\n2,4,0,RC,x\n2,1,0,MN,9\n1,2,0,IR,1\n1,3,0,RE,1\n",
                "1i 2i!rc_missing",
            ),
            ("2,1,0,MN,9\n1,2,0,IR,1\n1,3,0,RE,1\n", "1i"),
            ("2,1,0,MN,9\n1,2,0,YK,1\n1,3,0,RE,1\n2,5,0,RE,1\n2,1,0,MN,9\n1,3,0,RE,1\n\x1a", "1i 2i $"),
            ("1,2,0,IR,1\n1,3,0,RE,1\n1,2,0,IR,1\n1,3,0,RE,1\n", "1i 2i"),
            ("MN,9\nIR,1\nRE,1\nMN,9\nIR,1\nRE,1\n", "1i 2i"),
            // a returned claim with its history rows
            ("HI,1\nRE,1\nHR,1\n11,1,0,MN,9\n11,2,0,RE,1\nRE,2\nHG,1\n", "HI 1 2 HG noheader nogo"),
            ("\u{feff}IR,1\nRE,1\nGO,1\n", "? IR 1 GO"),
            ("IR,1\n\nRE,1\nfoo\nGO,1\nbar\n", "IR ? 1 GO ?"),
            ("", ""),
            ("\x1a", "$"),
            (
                "IR,1\nRE,1,,,,,,,,,,,,,,,,,1,2\nHO\nRE,1,,,,,,,,,,,,,,,,,2,\nRE,1,,,,,,,,,,,,,,,,,3,\nRE,2,,,,,,,,,,,,,,,,,0,\nGO,1\n",
                "IR 1 2<1 3<1 4 GO",
            ),
            ("2,1,0,MN,9\n1,2,0,IR,1\n1,3,0,RE,1,,,,,,,,,,,,,,,,,1,2\n1,4,0,RE,1,,,,,,,,,,,,,,,,,2,\n", "1i 2i<1"),
        ] {
            assert_eq!(shape(text), want, "{text:?}");
        }
    }

    #[test]
    fn heads() {
        for (line, want) in [
            ("RE,1", Some((None, "RE", 0))),
            ("RE", Some((None, "RE", 0))),
            ("1,23,0,SI,11", Some((Some((1, 23, 0)), "SI", 7))),
            ("86,1,1,RE", Some((Some((86, 1, 1)), "RE", 7))),
            ("REX,1", None),
            ("1,2,RE", None),
            ("1,123456789,0,RE", Some((Some((1, 123_456_789, 0)), "RE", 14))),
            ("1,1234567890,0,RE", None),
            ("99999,1,0,RE", None),
            (",1,0,RE", None),
            ("1,2,3", None),
            ("", None),
            ("re,1", None),
        ] {
            let got = LineHead::read(line.as_bytes());
            let got = got.as_ref().map(|h| (h.prefix, h.id.as_str(), h.body));
            assert_eq!(got, want, "{line}");
        }
    }

    #[test]
    fn sniffs_content_not_names() {
        assert!(sniff(b"IR,1,13"));
        assert!(sniff(b"2,1,0,MN,9"));
        assert!(sniff(b"\x1aIR,1"));
        assert!(!sniff("宛名番号,氏名\n1,見本".as_bytes()));
        assert!(!sniff(b"%PDF-1.4"));
        assert!(!sniff(b""));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_covered_once(bytes in proptest::collection::vec(proptest::sample::select(
            vec![b"IR,1\n".as_slice(), b"RE,1\r\n", b"GO,1\n", b"2,1,0,MN,1\n", b"1,2,0,IR,1\n", b"1,3,0,RE,1\n", b"\x1a", b"UK,1,1,3\n", b"x\n", b"\n", b"2,9,0,RC,1\n", b"RE", b"11,1,0,RE,1\n"]), 0..30)) {
            let bytes = bytes.concat();
            let mut at: Vec<(usize, usize)> = Frames::new(&bytes).map(|e| match e {
                Event::Claim(c) => (c.start, c.len),
                Event::Record(r) => (r.start, r.len),
                Event::Trailing { start, len } => (start, len),
            }).collect();
            at.sort_unstable();
            let mut next = 0;
            for (start, len) in at {
                proptest::prop_assert_eq!(start, next);
                next = start + len;
            }
            proptest::prop_assert_eq!(next, bytes.len());
        }
    }
}
