//! One claim: its rows, its kind, and the two views of it: as billed, and effective after the review body's
//! corrections (insurer-side-files.md section 2).

use crate::{
    encoding::Encoding,
    field::Field,
    frame::{Form, Frames, LineHead, RawClaim, is_history, without_line_end},
    layout::{dpc, medical, review},
    lines::Lines,
    problem::{Problem, ProblemCode},
    record::{Record, RecordId},
    view::header::Biller,
};

/// Kind of claim (種類).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Medical,
    Dpc,
    Dental,
    Pharmacy,
    Nursing,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Medical, Self::Dpc, Self::Dental, Self::Pharmacy, Self::Nursing];

    /// The code in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Medical => "medical",
            Self::Dpc => "dpc",
            Self::Dental => "dental",
            Self::Pharmacy => "pharmacy",
            Self::Nursing => "nursing",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Medical => "医科",
            Self::Dpc => "DPC",
            Self::Dental => "歯科",
            Self::Pharmacy => "調剤",
            Self::Nursing => "訪問看護",
        }
    }

    pub fn index(self) -> usize {
        self as usize
    }
}

/// データ識別 (C-1): who produced a row.
pub type DataKind = u16;
/// The claim as billed, or after the eligibility check.
pub const BASE: DataKind = 1;
/// Correction by the review body.
pub const REVIEW_CORRECTION: DataKind = 2;
/// Result of a 再審査等請求.
pub const REEXAMINATION_RESULT: DataKind = 4;
/// Correction by the eligibility check.
pub const ELIGIBILITY_CORRECTION: DataKind = 6;

/// データ識別, 行番号, 枝番号
const PREFIX_COLUMNS: u32 = 3;

/// One line of a claim.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub record: Record<'a>,
    pub id: RecordId,
    /// number of the record in the claim, from 1
    pub no: u32,
    /// offset of the line in the claim
    pub offset: usize,
    /// bytes of the line with its line end
    pub len: usize,
    pub data_kind: DataKind,
    /// 行番号, 枝番号
    pub address: (u32, u32),
    /// the line is a record (else it is kept and shown as it is)
    pub readable: bool,
    /// fields of the record, and whether all its bytes are ASCII; not known when framing cut the line
    shape: Option<(u32, bool)>,
}

impl<'a> Row<'a> {
    /// A line of a claim: its content without line end, and what its head said.
    #[inline]
    pub(crate) fn new(content: &'a [u8], head: Option<LineHead>, no: u32, offset: usize, len: usize) -> Self {
        let (id, body, prefix) = match head {
            Some(h) => (h.id, h.body, h.prefix),
            None => (RecordId(*b"??"), 0, None),
        };
        let (data_kind, line_no, branch) = prefix.unwrap_or((BASE, 0, 0));
        Self {
            record: Record::new(&content[body..]),
            id,
            no,
            offset,
            len,
            data_kind,
            address: (line_no, branch),
            readable: head.is_some(),
            shape: None,
        }
    }

    /// Number of fields of the record, the id counted, and whether all its bytes are ASCII.
    #[inline]
    pub fn shape(&self) -> (usize, bool) {
        match self.shape {
            Some((fields, ascii)) => (fields as usize, ascii),
            None => self.record.shape(),
        }
    }

    /// Rows that manage the claim and are neither as billed nor corrected.
    pub fn is_management(&self) -> bool {
        matches!(
            &self.id.0,
            b"MN" | b"EX" | b"RC" | b"JY" | b"ON" | b"MD" | b"RT" | b"JR" | b"MK" | b"HR" | b"HI" | b"HG"
        )
    }
}

/// Institution of a claim: IR, YK or HM, or for plain dental files UK and IR.
#[derive(Clone, Copy, Debug, Default)]
pub struct Institution<'a> {
    pub header: Option<Record<'a>>,
    /// UK of a plain dental file: holds the name that IR lacks
    pub reception: Option<Record<'a>>,
}

/// A claim with its rows in order of the file. Reused from claim to claim to spare allocations.
pub struct Claim<'a> {
    pub raw: RawClaim,
    pub encoding: Encoding,
    pub kind: Kind,
    pub institution: Institution<'a>,
    biller: Biller<'a>,
    /// the header that `biller` was read from: many claims share one
    biller_of: Option<(Kind, (usize, usize))>,
    bytes: &'a [u8],
    rows: Vec<Row<'a>>,
    billed: Vec<u32>,
    effective: Vec<u32>,
    corrected: bool,
    problems: Vec<Problem>,
}

impl std::fmt::Debug for Claim<'_> {
    /// Never the bytes: they hold a person's name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claim")
            .field("raw", &self.raw)
            .field("kind", &self.kind)
            .field("rows", &self.rows)
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

/// Which state of the claim is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// 請求時
    Billed,
    /// 審査後
    Effective,
}

impl<'a> Claim<'a> {
    /// Reads one claim of a file.
    pub fn read(file: &'a [u8], raw: RawClaim, encoding: Encoding) -> Self {
        let mut claim = Self {
            raw,
            encoding,
            kind: Kind::Medical,
            institution: Institution::default(),
            biller: Biller::default(),
            biller_of: None,
            bytes: b"",
            rows: Vec::new(),
            billed: Vec::new(),
            effective: Vec::new(),
            corrected: false,
            problems: Vec::new(),
        };
        claim.read_again(file, raw);
        claim
    }

    /// Reads the next claim of the same file into the same buffers.
    pub fn read_again(&mut self, file: &'a [u8], raw: RawClaim) {
        self.begin(file, raw);
        self.rows.clear();
        self.read_rows();
        self.finish(file);
    }

    /// An empty claim, for [`Claim::take`].
    pub fn empty(encoding: Encoding) -> Self {
        let raw = RawClaim {
            ordinal: 0,
            start: 0,
            len: 0,
            line: 0,
            form: Form::Uke,
            block: 0,
            header: None,
            parent: None,
            cut: None,
        };
        Self::read(b"", raw, encoding)
    }

    /// The claim whose event `frames` gave last, with the rows that framing has cut already
    /// ([`Frames::keeping_rows`]).
    pub fn take(&mut self, file: &'a [u8], raw: RawClaim, frames: &mut Frames<'a>) {
        self.begin(file, raw);
        frames.swap_rows(&mut self.rows);
        self.finish(file);
    }

    fn begin(&mut self, file: &'a [u8], raw: RawClaim) {
        self.raw = raw;
        self.bytes = &file[raw.start..raw.start + raw.len];
        self.billed.clear();
        self.effective.clear();
        self.problems.clear();
        self.corrected = false;
    }

    fn read_rows(&mut self) {
        let mut offset = 0;
        for line in Lines::new(self.bytes) {
            let content = without_line_end(&self.bytes[offset..line.end]);
            let no = self.rows.len() as u32 + 1;
            let mut row = Row::new(content, LineHead::read(content), no, offset, line.end - offset);
            // the three columns before a record of the insurer form are none of its fields
            let before = if content.len() > row.record.bytes().len() { PREFIX_COLUMNS } else { 0 };
            row.shape = Some((line.commas + 1 - before, line.ascii));
            self.rows.push(row);
            offset = line.end;
        }
    }

    /// One look at every row: institution, kind and views.
    fn finish(&mut self, file: &'a [u8]) {
        let (mut edits, mut dpc_records) = (false, false);
        let (mut own, mut re) = (None, None);
        for (i, row) in self.rows.iter().enumerate() {
            let mut management = false;
            match &row.id.0 {
                b"RE" => re = re.or(Some(row.record)),
                b"IR" | b"YK" | b"HM" if own.is_none() && !is_history(row.data_kind) => own = Some(row.record),
                b"BU" | b"SB" | b"KK" | b"GA" | b"HH" | b"GT" | b"CD" => dpc_records |= !is_history(row.data_kind),
                b"JY" => {
                    edits = true;
                    management = true;
                }
                _ => management = row.is_management(),
            }
            if row.data_kind == BASE && !management {
                self.billed.push(i as u32);
            }
        }
        self.institution = institution(file, self.raw.header, own);
        self.kind = kind_of(self.institution.header, re, dpc_records);
        self.find_biller(own.is_none());
        self.effective.extend_from_slice(&self.billed);
        if edits {
            for kind in [ELIGIBILITY_CORRECTION, REVIEW_CORRECTION, REEXAMINATION_RESULT] {
                for i in 0..self.rows.len() {
                    let row = self.rows[i];
                    if row.id.0 == *b"JY" && row.data_kind == kind {
                        self.apply(row);
                    }
                }
            }
            self.corrected = self.effective != self.billed;
        }
    }

    fn find_biller(&mut self, shared: bool) {
        let key = self.raw.header.filter(|_| shared).map(|h| (self.kind, h));
        if key.is_some() && key == self.biller_of {
            return;
        }
        let Institution { header, reception } = self.institution;
        self.biller = header.map(|h| Biller::read(self.kind, h, reception)).unwrap_or_default();
        self.biller_of = key;
    }

    /// The institution that bills this claim.
    pub fn biller(&self) -> Biller<'a> {
        self.biller
    }

    /// One edit of the list (事由レコード).
    fn apply(&mut self, jy: Row<'a>) {
        use review::jy;
        let number = |f| jy.record.value(f).and_then(|n: i64| u32::try_from(n).ok());
        let target = (number(jy::TARGET_LINE).unwrap_or(0), number(jy::TARGET_BRANCH).unwrap_or(0));
        let result = (number(jy::RESULT_LINE).unwrap_or(0), number(jy::RESULT_BRANCH).unwrap_or(0));
        let find = |address: (u32, u32), kind: DataKind| {
            self.rows
                .iter()
                .position(|r| r.address == address && r.data_kind == kind && r.id.0 != *b"JY")
                .map(|i| i as u32)
        };
        if jy.data_kind == ELIGIBILITY_CORRECTION && (find(target, BASE).is_some() || find(result, BASE).is_some()) {
            // 5 -> 1 has been written out by the review body: the base rows are already the new state
            return;
        }
        let at = self.effective.iter().position(|i| self.rows[*i as usize].address == target);
        // a row is brought in once, however many edits name it
        let new = find(result, jy.data_kind).filter(|new| !self.effective.contains(new));
        let done = match (jy.record.value(jy::CHANGE_KIND), at, new) {
            (Some("1"), _, Some(new)) => {
                self.effective.push(new);
                true
            }
            (Some("2"), Some(at), Some(new)) => {
                self.effective[at] = new;
                true
            }
            (Some("2"), None, Some(new)) if jy.data_kind == ELIGIBILITY_CORRECTION => {
                self.effective.push(new);
                true
            }
            (Some("3"), Some(at), _) => {
                self.effective.remove(at);
                true
            }
            (Some("3"), None, _) => jy.data_kind == ELIGIBILITY_CORRECTION,
            _ => false,
        };
        if !done {
            let detail = format!("（対象 {}-{}）", target.0, target.1);
            self.report(ProblemCode::CorrectionTargetMissing, &jy, Some("target_line"), detail);
        }
    }

    /// The original bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Every line in order of the file.
    pub fn rows(&self) -> &[Row<'a>] {
        &self.rows
    }

    /// The rows of one state, in order.
    pub fn view(&self, view: View) -> impl Iterator<Item = &Row<'a>> {
        let list = match view {
            View::Billed => &self.billed,
            View::Effective => &self.effective,
        };
        list.iter().map(|i| &self.rows[*i as usize])
    }

    /// The first record of this id in one state.
    pub fn find(&self, view: View, id: &[u8; 2]) -> Option<&Row<'a>> {
        self.view(view).find(|r| r.id.0 == *id)
    }

    /// The management record (MN) of the insurer form.
    pub fn management(&self) -> Option<&Row<'a>> {
        self.rows.iter().find(|r| r.id.0 == *b"MN" && !is_history(r.data_kind))
    }

    /// The effective view differs from the claim as billed.
    pub fn is_corrected(&self) -> bool {
        self.corrected
    }

    /// What was changed: rows that are no longer effective, and rows that came in.
    pub fn diff(&self) -> (Vec<&Row<'a>>, Vec<&Row<'a>>) {
        let out = |a: &[u32], b: &[u32]| -> Vec<&Row<'a>> {
            a.iter().filter(|i| !b.contains(i)).map(|i| &self.rows[*i as usize]).collect()
        };
        (out(&self.billed, &self.effective), out(&self.effective, &self.billed))
    }

    /// Problems found while the claim was put together.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// A problem that stands on a row of this claim.
    pub fn problem_at(&self, code: ProblemCode, row: &Row<'a>, field: Option<&'static str>, detail: String) -> Problem {
        Problem {
            code,
            byte_start: (self.raw.start + row.offset) as u64,
            byte_len: row.len as u64,
            line: self.raw.line + u64::from(row.no) - 1,
            record: Some(row.id),
            field,
            detail,
        }
    }

    /// A problem that stands on the claim as a whole.
    pub fn problem(
        &self,
        code: ProblemCode,
        record: Option<RecordId>,
        field: Option<&'static str>,
        detail: String,
    ) -> Problem {
        Problem {
            code,
            byte_start: self.raw.start as u64,
            byte_len: self.raw.len as u64,
            line: self.raw.line,
            record,
            field,
            detail,
        }
    }

    fn report(&mut self, code: ProblemCode, row: &Row<'a>, field: Option<&'static str>, detail: String) {
        let p = self.problem_at(code, row, field, detail);
        self.problems.push(p);
    }

    /// The text of a field of this claim.
    pub fn text(&self, field: Field<'a>) -> std::borrow::Cow<'a, str> {
        field.text(self.encoding).0
    }
}

/// The institution of a claim: its own record, or the one that opens its block.
fn institution<'a>(file: &'a [u8], header: Option<(usize, usize)>, own: Option<Record<'a>>) -> Institution<'a> {
    let header = header.map(|(start, len)| {
        let line = without_line_end(&file[start..start + len]);
        Record::new(&line[LineHead::read(line).map_or(0, |h| h.body)..])
    });
    match (header, own) {
        (Some(h), Some(ir)) if h.id().0 == *b"UK" => Institution { header: Some(ir), reception: Some(h) },
        (h, own) => Institution { header: own.or(h), reception: None },
    }
}

/// Content decides: the institution record, else the receipt type; DPC by its own records or its RE.
fn kind_of(header: Option<Record<'_>>, re: Option<Record<'_>>, dpc_records: bool) -> Kind {
    let first = |r: Option<Record<'_>>, index: usize| r.and_then(|r| r.at(index).trimmed().first().copied());
    let table = match header.map(|h| h.id().0) {
        Some(id) if id == *b"YK" => Some(b'4'),
        Some(id) if id == *b"HM" => Some(b'6'),
        _ => first(header, medical::ir::SCORE_TABLE.index()),
    };
    let table = match table {
        Some(b'1' | b'3' | b'4' | b'6') => table,
        _ => first(re, medical::re::RECEIPT_TYPE.index()),
    };
    match table {
        Some(b'3') => Kind::Dental,
        Some(b'4') => Kind::Pharmacy,
        Some(b'6') => Kind::Nursing,
        _ => {
            let by_re = || re.is_some_and(|r| matches!(r.at(dpc::re::SUMMARY_CLASS.index()).raw(), [b'0'..=b'3']));
            if dpc_records || by_re() { Kind::Dpc } else { Kind::Medical }
        }
    }
}
