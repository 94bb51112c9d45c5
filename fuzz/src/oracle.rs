//! What must be true of any file, whatever its bytes: held here by reading it as everybody who uses the parser
//! does, and by plainer ways of saying the same.

use std::{
    fmt::Write as _,
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use tenken_parser::{
    Claim, Date, Decimal, Encoding, Field, Form, Frames, Kind, Month, Problem, RawClaim, Record, Row,
    claim::{BASE, View},
    codes::{self, MealRole},
    encoding,
    frame::{Event, FileRecord, LineHead, sniff},
    identifiers, layout,
    record::DayCells,
    value,
    view::{
        check,
        comment::Comment,
        diagnosis::Diagnosis,
        header::{Common, Confirmation, Header, Payer},
        line::Line,
        public_expense::PublicExpense,
        service_days::service_days,
        walk::{Nothing, Sink, Totals, walk},
    },
};

use super::input::{SECRETS, is_personal};

/// Texts of the personal fields of the example claims and of the fuzzer's own.
const PERSONAL: [&str; 6] = [SECRETS[0], SECRETS[1], "見本", "ミホン", "１２３", "４５６"];

const VIEWS: [View; 2] = [View::Billed, View::Effective];

/// Reads a file in every way and compares.
pub fn check(file: &[u8], encoding: Encoding) {
    let _ = (sniff(file), Encoding::detect(file));
    let mut frames = Frames::keeping_rows(file);
    let mut claim = Claim::empty(encoding);
    let mut claims: Vec<(RawClaim, u64, String)> = Vec::new();
    let mut events = Vec::new();
    let mut written = Vec::with_capacity(file.len());
    // lines before this event
    let mut lines = 0;
    while let Some(event) = frames.next() {
        let at = written.len();
        let line = lines + 1;
        match &event {
            Event::Claim(raw) => {
                assert_eq!((raw.start, raw.line), (at, line), "a claim begins where the event before it ends");
                assert!(raw.len > 0);
                assert_eq!(raw.ordinal, claims.len() as u64 + 1);
                if let Some(parent) = raw.parent {
                    let (above, ..) = &claims[parent as usize - 1];
                    assert_eq!((above.block, above.parent), (raw.block, None), "the claim above is of this block");
                }
                claim.take(file, *raw, &mut frames);
                written.extend_from_slice(claim.bytes());
                rows(&claim);
                let shape = shape(&claim);
                alone(file, &claim, &shape);
                claims.push((*raw, facts(file, &claim), shape));
            }
            Event::Record(r) => {
                assert_eq!((r.start, r.line), (at, line), "a record begins where the event before it ends");
                written.extend_from_slice(&file[r.start..r.start + r.len]);
                file_record(file, r, encoding);
            }
            Event::Trailing { start, len } => {
                assert_eq!(*start, at, "marks begin where the event before them ends");
                assert!(file[*start..*start + *len].iter().all(|b| *b == 0x1A));
                written.extend_from_slice(&file[*start..*start + *len]);
            }
        }
        lines += written[at..].iter().filter(|b| **b == b'\n').count() as u64;
        events.push(event);
    }
    assert!(written == file, "what was read is written back byte for byte");
    let summary = frames.summary();
    assert_eq!(summary.claims, claims.len() as u64);
    assert_eq!(summary.insurer_claims, claims.iter().filter(|(r, ..)| r.form == Form::Insurer).count() as u64);
    assert_eq!(summary.crlf + summary.lf, lines, "line ends");
    assert!(summary.without_go.len() <= claims.len() && summary.blocks as usize <= events.len());
    // the same once more, and with claims that are read by themselves, in another order, into used buffers
    assert!(Frames::new(file).eq(events.iter().cloned()));
    for (raw, known, known_shape) in claims.iter().rev() {
        claim.read_again(file, *raw);
        assert_eq!(shape(&claim), *known_shape, "claims are independent");
        let read = Claim::read(file, *raw, encoding);
        assert_eq!(shape(&read), *known_shape, "a claim read anew");
        assert_eq!(facts(file, &read), *known, "what is told of it is the same");
    }
}

fn file_record(file: &[u8], r: &FileRecord, encoding: Encoding) {
    let record = r.record(file);
    if let Some(id) = r.id {
        assert_eq!(record.id(), id);
    }
    fields(record, encoding);
    assert!(!format!("{r:?} {record:?}").contains(SECRETS[0]));
    // what the importer asks of GO and of the institution
    let _ = (record.value(layout::medical::go::TOTAL_COUNT), record.value(layout::medical::go::TOTAL_POINTS));
}

/// A claim by itself behind the record that opens its block is the same claim; one that stands below another takes
/// its form.
fn alone(file: &[u8], claim: &Claim<'_>, known: &str) {
    let raw = claim.raw;
    let first = &claim.rows()[0];
    if first.id.0 == *b"RE" && is_subordinate(first.record) {
        return;
    }
    let head = raw.header.map_or(b"".as_slice(), |(start, len)| &file[start..start + len]);
    let copy = [head, claim.bytes()].concat();
    if copy.starts_with(b"\xEF\xBB\xBF") {
        return;
    }
    let mut claims = Frames::new(&copy).filter_map(|e| if let Event::Claim(c) = e { Some(c) } else { None });
    let (one, more) = (claims.next(), claims.next());
    assert!(more.is_none(), "one claim");
    let one = one.expect("a claim");
    assert_eq!((one.start, one.len), (head.len(), raw.len));
    assert_eq!(one.form, raw.form);
    let again = Claim::read(&copy, one, claim.encoding);
    assert_eq!(shape(&again), known, "a claim alone");
}

fn is_subordinate(re: Record<'_>) -> bool {
    matches!(re.at(layout::dpc::re::SUMMARY_CLASS.index()).raw(), b"2" | b"3")
}

/// Rows, kind, views and problems, without places in the file.
fn shape(claim: &Claim<'_>) -> String {
    let mut s = format!("{:?} {} {:?}\n", claim.kind, claim.is_corrected(), claim.biller());
    for r in claim.rows() {
        writeln!(s, "{} {} {} {} {} {:?} {}", r.id, r.no, r.offset, r.len, r.data_kind, r.address, r.readable).unwrap();
    }
    for view in VIEWS {
        writeln!(s, "{:?}", claim.view(view).map(|r| r.no).collect::<Vec<_>>()).unwrap();
    }
    for p in claim.problems() {
        writeln!(s, "{} {:?} {:?} {}", p.code.code(), p.record, p.field, p.detail).unwrap();
    }
    s
}

/// Everything that is asked of a claim, as one number.
fn facts(file: &[u8], claim: &Claim<'_>) -> u64 {
    let mut hash = DefaultHasher::new();
    views(claim);
    let header = Header::read(claim);
    hash_header(claim, &header, &mut hash);
    let mut problems = Vec::new();
    for view in VIEWS {
        let before = problems.len();
        let mut touch = Touch::new(claim, &mut hash);
        let totals = walk(claim, view, &mut touch, &mut problems);
        touch.compare(view, &totals);
        let said = problems.len() - before;
        let mut again = Vec::new();
        let sums = walk(claim, view, &mut Nothing, &mut again);
        assert_eq!(format!("{sums:?}"), format!("{totals:?}"), "sums do not depend on who listens");
        assert_eq!(again.len(), said);
        format!("{totals:?}").hash(&mut hash);
        let (days, exact) = service_days(claim.kind, &header, &totals);
        let month = header.common.service_month.map_or(0, |m| u32::MAX >> (32 - u32::from(m.days())));
        if header.common.service_month == common(claim, view).and_then(|c| c.service_month) {
            assert_eq!(days & !month, 0, "service days lie in the month");
        }
        assert!(!exact || days != 0);
        (days, exact).hash(&mut hash);
        check::problems(claim, &header, &totals, &mut problems);
        for public in PublicExpense::all(claim, view) {
            hash_public(&public, &mut hash);
        }
    }
    let reject = check::reject(claim, &header);
    if reject.is_none() {
        assert!(
            header.common.receipt_type.is_some()
                || claim.find(View::Effective, b"RE").is_none()
                || claim.is_corrected()
        );
    }
    problems.extend(reject);
    problems_are_sound(file, claim, &problems, &mut hash);
    check::go_share(claim, &header).hash(&mut hash);
    hash.finish()
}

fn common<'a>(claim: &Claim<'a>, view: View) -> Option<Common<'a>> {
    claim.find(view, b"RE").map(|r| Common::read(claim.kind, r.record))
}

/// Rows cover the claim in order, and fields are what stands between the commas.
fn rows(claim: &Claim<'_>) {
    let mut at = 0;
    for (i, row) in claim.rows().iter().enumerate() {
        assert_eq!((row.no as usize, row.offset), (i + 1, at));
        at += row.len;
        let line = &claim.bytes()[row.offset..row.offset + row.len];
        assert!(row.len > 0 && !line[..row.len - 1].contains(&b'\n'), "a row is a line");
        let content = line.strip_suffix(b"\n").map_or(line, |l| l.strip_suffix(b"\r").unwrap_or(l));
        assert!(content.ends_with(row.record.bytes()) || line.ends_with(b"\r"));
        assert_eq!(row.readable, LineHead::read(content).is_some() || line.ends_with(b"\r") && row.readable);
        if row.readable {
            assert_eq!(row.record.id(), row.id);
        }
        fields(row.record, claim.encoding);
        if let Some(l) = layout::of(claim.kind, row.id.0) {
            assert_eq!(l.id, row.id.0);
            let day = l.fields.iter().position(|f| f.name == "day_1");
            if let Some(day) = day {
                days(row.record, day);
            }
        }
    }
    assert_eq!(at, claim.bytes().len(), "rows cover the claim");
}

/// Fields of a record by two ways of cutting; what has a type is the same when written and read again.
fn fields(record: Record<'_>, encoding: Encoding) {
    let plain: Vec<&[u8]> = record.bytes().split(|b| *b == b',').collect();
    assert_eq!(record.field_count(), plain.len());
    assert!(record.fields().map(Field::raw).eq(plain.iter().copied()), "fields");
    let (two, many) = (record.cut::<2>(), record.cut::<42>());
    for i in 0..42 {
        let want = plain.get(i).copied().unwrap_or_default();
        assert_eq!(many.at(i).raw(), want);
        assert_eq!(i < 2, i < 2 && two.at(i).raw() == want);
    }
    assert_eq!(many.rest, plain.get(42..).unwrap_or_default().join(&b','));
    if let Some(last) = plain.last() {
        assert_eq!(record.at(plain.len() - 1).raw(), *last);
    }
    assert!(record.at(plain.len()).raw().is_empty());
    for field in plain.into_iter().map(Field).filter(|f| !f.raw().is_empty()) {
        typed(field);
        text(field, encoding);
    }
}

fn typed(field: Field<'_>) {
    let bytes = field.trimmed();
    assert_eq!(Field(bytes).trimmed(), bytes, "trimmed once is trimmed");
    assert_eq!(field.is_empty(), bytes.is_empty());
    assert_eq!(field.code().map(str::as_bytes), Some(bytes).filter(|b| !b.is_empty() && b.is_ascii()));
    if let Some(m) = value::month(bytes) {
        month(m);
    }
    if let Some(d) = value::date(bytes) {
        date(d);
    }
    if let Some(n) = value::int(bytes) {
        assert_eq!(value::int(n.to_string().as_bytes()), Some(n));
        assert!(n.unsigned_abs() < 10u64.pow(18));
    }
    if let Some(d) = value::decimal(bytes) {
        decimal(d);
        assert!(bytes.len() > 13 || value::int(bytes).is_none_or(|n| Decimal::from_int(n) == d));
    }
    if let Some(n) = value::day_count(bytes) {
        assert_eq!(value::int(bytes), Some(i64::from(n)));
    }
    if let Some(no) = identifiers::insurer_no(field.raw()) {
        assert_eq!(identifiers::insurer_no(no.as_bytes()), Some(no));
        let _ = identifiers::has_check_digit(no);
    }
}

fn month(m: Month) {
    assert_eq!(value::month(m.compact().as_bytes()), Some(m));
    assert_eq!(Month::parse_iso(&m.to_string()), Some(m));
    assert_eq!(m.last_day().epoch_days() - m.first_day().epoch_days(), i32::from(m.days()) - 1);
    assert_eq!(m.plus(1).index() - m.index(), 1);
}

fn date(d: Date) {
    assert_eq!(value::date(d.compact().as_bytes()), Some(d));
    assert_eq!(Date::from_epoch_days(d.epoch_days()), Some(d));
    month(d.year_month());
}

fn decimal(d: Decimal) {
    assert_eq!(value::decimal(d.to_string().as_bytes()), Some(d));
}

fn text(field: Field<'_>, encoding: Encoding) {
    let (text, broken) = field.text(encoding);
    assert_eq!(text.trim(), text, "no padding");
    let (whole, again) = encoding.decode(field.raw());
    assert_eq!(broken, again);
    let own_use = whole.chars().any(|c| ('\u{E000}'..='\u{F8FF}').contains(&c));
    if !broken && !own_use {
        assert_eq!(encoding.decode(&encoding.encode(&whole)), (whole.clone(), false), "encoded and decoded");
    }
    let normal = encoding::nfkc_trimmed(&text);
    assert_eq!(encoding::nfkc_trimmed(&normal), normal);
    let wide = encoding::full_width_kana(&text);
    assert_eq!(encoding::full_width_kana(&wide), wide);
}

/// Day cells, read plainly.
fn days(record: Record<'_>, first: usize) {
    let rest = record.bytes().splitn(first + 1, |b| *b == b',').nth(first).unwrap_or_default();
    let mut want = DayCells::default();
    for (i, cell) in rest.split(|b| *b == b',').take(31).enumerate() {
        let cell = Field(cell).trimmed();
        match std::str::from_utf8(cell).ok().and_then(|c| c.parse::<u32>().ok()) {
            _ if cell.is_empty() => {}
            Some(n) if cell.len() <= 3 && cell[0] != b'+' => {
                want.present = true;
                want.total += n;
                want.mask |= u32::from(n > 0) << i;
            }
            _ => want.broken = true,
        }
    }
    assert_eq!(DayCells::read(rest), want);
}

/// The two states of a claim hold rows of the claim, and none of them twice.
fn views(claim: &Claim<'_>) {
    for view in VIEWS {
        let mut rows: Vec<u32> = claim.view(view).map(|r| r.no).collect();
        let n = rows.len();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), n, "a row stands once in {view:?}");
    }
    assert!(claim.view(View::Billed).all(|r| r.data_kind == BASE && !r.is_management()));
    let (gone, new) = claim.diff();
    if !claim.is_corrected() {
        assert!(gone.is_empty() && new.is_empty());
    }
    let count = |view| claim.view(view).count();
    assert_eq!(count(View::Billed) + new.len(), count(View::Effective) + gone.len());
    let _ = claim.management().map(|r| r.record.value(layout::review::mn::MGMT_NO));
}

fn problems_are_sound(file: &[u8], claim: &Claim<'_>, problems: &[Problem], hash: &mut DefaultHasher) {
    let raw = claim.raw;
    let mut said = String::new();
    for p in problems {
        let (start, end) = (p.byte_start as usize, (p.byte_start + p.byte_len) as usize);
        assert!(raw.start <= start && start < end && end <= raw.start + raw.len, "{p:?}");
        let lines = file[raw.start..start].iter().filter(|b| **b == b'\n').count() as u64;
        assert_eq!(p.line, raw.line + lines, "{p:?}");
        let (ja, en) = (p.reason(true), p.reason(false));
        assert!(!ja.is_empty() && !en.is_empty() && !ja.contains("{}") && !en.contains("{}"));
        (&ja, p.line, p.field).hash(hash);
        writeln!(said, "{ja}\n{en}\n{p:?}").unwrap();
    }
    writeln!(said, "{claim:?}").unwrap();
    let header = raw.header.map(|(start, len)| {
        let line = &file[start..start + len];
        Record::new(&line[LineHead::read(line).map_or(0, |h| h.body)..])
    });
    static ENCODED: LazyLock<[[Vec<u8>; 6]; 2]> =
        LazyLock::new(|| [Encoding::Cp932, Encoding::Utf8].map(|e| PERSONAL.map(|s| e.encode(s))));
    for (secret, bytes) in PERSONAL.iter().zip(&ENCODED[usize::from(claim.encoding == Encoding::Utf8)]) {
        let held = |record: Record<'_>| {
            let fields = layout::of(claim.kind, record.id().0).map_or([].as_slice(), |l| l.fields);
            let open = |(f, d): (Field<'_>, &layout::FieldDef)| !is_personal(d) && contains(f.raw(), bytes);
            record.fields().zip(fields).any(open)
        };
        // written where it is not personal, it may be quoted
        if claim.rows().iter().map(|r| r.record).chain(header).any(held) {
            continue;
        }
        let numbers = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        assert!(!said.contains(*secret) && !said.contains(&numbers), "told: {secret}");
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let first = part.first().copied().unwrap_or_default();
    (0..bytes.len()).any(|i| bytes[i] == first && bytes[i..].starts_with(part))
}

/// Looks at every value of what comes many times, and adds up what the totals should be.
struct Touch<'c, 'a, 'h> {
    claim: &'c Claim<'a>,
    hash: &'h mut DefaultHasher,
    /// rows that gave a line, a diagnosis, a comment
    told: [Vec<u32>; 3],
    lines: u32,
    diagnoses: u32,
    comments: u32,
    points: [i64; 5],
    meal_yen: [i64; 5],
    meal_count: [i64; 5],
    standard_burden_yen: [i64; 5],
    last_unit: u32,
}

impl<'c, 'a, 'h> Touch<'c, 'a, 'h> {
    fn new(claim: &'c Claim<'a>, hash: &'h mut DefaultHasher) -> Self {
        Self {
            claim,
            hash,
            told: Default::default(),
            lines: 0,
            diagnoses: 0,
            comments: 0,
            points: [0; 5],
            meal_yen: [0; 5],
            meal_count: [0; 5],
            standard_burden_yen: [0; 5],
            last_unit: 0,
        }
    }

    fn row(&self, no: u32) -> &'c Row<'a> {
        &self.claim.rows()[no as usize - 1]
    }

    fn text(&mut self, text: Option<Field<'a>>) {
        text.map(|t| self.claim.text(t)).hash(self.hash);
    }

    fn compare(&self, view: View, t: &Totals) {
        use Kind::{Dental, Nursing, Pharmacy};
        let kind = self.claim.kind;
        for row in self.claim.view(view).filter(|r| r.readable).take_while(|r| r.id.0 != *b"TI") {
            let gives = match &row.id.0 {
                b"SI" | b"IY" | b"TO" if kind != Nursing && (kind != Pharmacy || row.id.0 != *b"SI") => 0,
                b"SS" if kind == Dental => 0,
                b"KA" => 0,
                b"SY" | b"SB" | b"HS" => 1,
                b"CO" | b"TK" | b"TZ" | b"SJ" => 2,
                _ => continue,
            };
            assert!(self.told[gives].contains(&row.no), "nothing is told of a {}", row.id);
        }
        assert_eq!((self.lines, self.diagnoses, self.comments), (t.lines, t.diagnoses, t.comments));
        assert_eq!(self.points, t.points, "points are those of the lines");
        assert_eq!(
            (self.meal_yen, self.meal_count, self.standard_burden_yen),
            (t.meal_yen, t.meal_count, t.standard_burden_yen)
        );
        let days = t.item_days | t.stay_days | t.dated_days | t.visit_days;
        assert_eq!((days >> 31, t.stay_days & !t.item_days), (0, 0));
    }

    fn add(&mut self, l: &Line<'a>, points: i64) {
        let times = l.times.unwrap_or(1);
        let amount = points.saturating_mul(times);
        let meal = l.category == Some("97") && l.record_id.0 != *b"GT";
        let role = l.code.and_then(codes::meal_role);
        let payers = codes::payers_of(l.burden_class.unwrap_or_default().as_bytes());
        for i in (0..5).filter(|i| payers >> i & 1 == 1) {
            let sum = match (meal, role) {
                (false, _) => &mut self.points[i],
                (true, Some(MealRole::StandardBurden)) => &mut self.standard_burden_yen[i],
                (true, _) => &mut self.meal_yen[i],
            };
            *sum = sum.saturating_add(amount);
            if meal && role == Some(MealRole::Basic) {
                let meals = l.quantity.map_or(1, |q| q.0 / Decimal::UNIT);
                self.meal_count[i] = self.meal_count[i].saturating_add(meals.saturating_mul(times));
            }
        }
    }
}

impl<'a> Sink<'a> for Touch<'_, 'a, '_> {
    fn line(&mut self, l: &Line<'a>) {
        self.lines += 1;
        self.told[0].push(l.record_no);
        assert_eq!(self.row(l.record_no).id, l.record_id);
        // a drug of 調剤 is told when the next one is known
        assert!(l.unit_no >= self.last_unit || self.claim.kind == Kind::Pharmacy, "units count up");
        self.last_unit = l.unit_no;
        (l.record_no, l.unit_no, l.category, l.burden_class, l.code).hash(self.hash);
        self.text(l.name);
        for d in [l.quantity, l.unit_price].into_iter().flatten() {
            decimal(d);
        }
        for d in [l.service_date, l.prescribed_date].into_iter().flatten() {
            date(d);
        }
        assert!(l.day_mask.is_none_or(|m| m >> 31 == 0));
        (l.quantity, l.unit_price, l.points, l.times, l.day_mask, l.service_date, l.prescribed_date).hash(self.hash);
        if let Some(points) = l.points {
            self.add(l, points);
        }
    }

    fn diagnosis(&mut self, d: &Diagnosis<'a>) {
        self.diagnoses += 1;
        self.told[1].push(d.record_no);
        assert_eq!(self.row(d.record_no).id, d.record_id);
        (d.disease_code, d.start_date, d.outcome, d.main, d.comment_code).hash(self.hash);
        assert_eq!(d.modifiers().collect::<String>(), d.modifier_codes);
        assert_eq!(d.teeth().collect::<String>(), d.tooth_codes);
        self.text(d.disease_name);
        self.text(d.comment_text);
    }

    fn comment(&mut self, c: &Comment<'a>) {
        self.comments += 1;
        self.told[2].push(c.record_no);
        assert_eq!(self.row(c.record_no).id, c.record_id);
        (c.category, c.code).hash(self.hash);
        self.text(c.text);
    }
}

fn hash_header<'a>(claim: &Claim<'a>, h: &Header<'a>, hash: &mut DefaultHasher) {
    let c = &h.common;
    (c.receipt_no, c.receipt_type, c.service_month, c.sex, c.birth_date, c.benefit_rate, c.admission_date).hash(hash);
    (c.start_date, c.outcome, c.copay_meal_class, c.special_notes, c.search_no, c.summary_class, c.prescriber)
        .hash(hash);
    c.tokki().for_each(|t| t.hash(hash));
    (c.is_inpatient(claim.kind), h.admission_date(), h.stay, h.window_class, h.dpc_code).hash(hash);
    (h.search_no, h.mgmt_no).hash(hash);
    let text = |f: Option<Field<'a>>| f.map(|f| claim.text(f));
    (text(c.patient_name), text(c.patient_name_kana), text(h.biller.institution_name)).hash(hash);
    let b = &h.biller;
    (b.review_org, b.prefecture, b.score_table, b.institution_code, b.billing_month).hash(hash);
    let mut payer = |p: &Payer<'a>| {
        (p.insurer_no, p.days, p.total, p.meal_count, p.meal_yen, p.occupational_reason, p.certificate_no).hash(hash);
        (p.copay_yen, p.relief_class, p.relief_rate, p.relief_yen, p.standard_burden_yen).hash(hash);
        (text(p.kigo), text(p.bango)).hash(hash);
    };
    h.payer.iter().for_each(&mut payer);
    h.billed_payer.iter().for_each(&mut payer);
    for kind in 0..7 {
        let confirmation = if kind == 0 { Some(h.confirmation) } else { Confirmation::of_payer(claim, kind) };
        let Some(s) = confirmation else { continue };
        (s.confirmation, s.insurer_no, s.edaban, s.recipient_no, text(s.kigo), text(s.bango)).hash(hash);
    }
    for d in [c.birth_date, c.admission_date, c.start_date, h.stay.0, h.stay.1].into_iter().flatten() {
        date(d);
    }
    assert_eq!(h.payer.is_some(), claim.find(View::Effective, b"HO").is_some());
    assert!(claim.kind == Kind::Dpc || h.dpc_code.is_none());
}

fn hash_public(p: &PublicExpense<'_>, hash: &mut DefaultHasher) {
    (p.payer_no, p.recipient_no, p.optional_benefit, p.days, p.total, p.copay_yen).hash(hash);
    (p.covered_copay_yen, p.meal_count, p.meal_yen, p.standard_burden_yen).hash(hash);
}
