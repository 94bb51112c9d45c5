//! Bytes become claim files.
//!
//! The input of a record target is two bytes of options and then lines. A line is a record of the family of
//! the target: three bytes that say which record, where it goes, its length and its management columns, then
//! cells with a comma between them. A cell is the number of a field and its value: raw bytes, or one of the
//! makers of [`value`]. The record begins as the one of the example claim that it replaces or stands beside, so
//! that all around the cells is sound. Lines and cells are read for themselves: a byte put in or taken out
//! changes one cell and not the meaning of all that follows.

use std::sync::LazyLock;

use tenken_parser::{
    Encoding, Kind,
    layout::{self, FieldDef, FieldKind, Mode},
};

/// The records of one target.
pub struct Family {
    pub ids: &'static [&'static [u8; 2]],
}

/// Written into personal fields only; must never come back in a message.
pub const SECRETS: [&str; 2] = ["S3cret", "秘密"];

/// The content of this field can name or locate a person: said here apart from what the parser says.
pub fn is_personal(field: &FieldDef) -> bool {
    const NUMBERS: [&str; 9] = [
        "birth_date",
        "recipient_no",
        "confirmed_recipient_no",
        "chart_no",
        "nursing_record_no",
        "dispensing_record_no",
        "phone",
        "death_date",
        "death_time",
    ];
    let text = field.kind == FieldKind::Text || field.mode == Mode::Kanji || field.mode == Mode::Either;
    text || NUMBERS.contains(&field.name)
}

/// Lines that the fuzzer can put into a file with one byte.
const LINES: [&str; 40] = [
    "IR,1,13,1,1399990,,見本内科クリニック,202411,00,03-0000-0000",
    "UK,2,13,3,9999912,,サンプル歯科医院,202607,,00",
    "IR,2,13,3,9999912,,202607,03-0000-0000,",
    "YK,2,13,4,9999910,サンプル薬局,202607,00,03-0000-0000",
    "HM,2,13,6,9999915,見本訪問看護ステーション,202607,03-0000-0000",
    "RE,1,1122,202410,見本　太郎,1,19800115,,,,,28,,A0001,,,,,,,,,,,,,,,,,,,,,,,ミホンタロウ,",
    "RE,1,1111,202411,見本　次郎,1,19700701,,,,,,,C0003,,,,,0,,,,,10,,,,,ミホンジロウ,",
    "RE,2,1111,202411,見本　次郎,1,19700701,,,,,,,C0003,,,,,1,,,,,10,,,,,ミホンジロウ,",
    "RE,3,1111,202411,見本　次郎,1,19700701,,,,,,,C0003,,,,,2,,,,,10,,,,,ミホンジロウ,",
    "RE,4,1111,202411,見本　次郎,1,19700701,,,,,,,C0003,,,,,3,,,,,10,,,,,ミホンジロウ,",
    "RE,1,4318,202606,見本　花子,2,19400101,,,13,1,9999916,サンプル医院,,見本　一郎,",
    "RE,1,6112,202606,見本　次郎,ミホンジロウ,1,19550505,,,70,,,N0001,",
    "HO,06139992,１２３,４５６,2,904,,,,,,,,,",
    "KO,54139993,1234566,,2,862,1724,,,,,",
    "SY,8833421,20240910,1,,,01,",
    "SI,11,1,111000110,,282,1,,,,,,,,,,,1,,,,,,,,,,,,,,,,,,,,,,",
    "SS,41,1,399999903,,,,TZ999,",
    "BU,990010XX01X00X,20241111,20241116,2,",
    "GO,2,904,99",
    "MN,900000001,東京都架空区見本１－１,13150807900000001,,,",
    "RC,Ver000010123456789abcdef0123456789abcdef",
    "HI,1,202411,13,1,1399990,,00",
    "HR,202411,1,11,00001,見本,,,,13150807900000001",
    "HG,1,904,99",
    "JY,2,4,0,,,23,0,",
    "EX,,,,,,,,1,,,,",
    "2,1,0,MN,900000001,東京都架空区見本１－１,13150807900000001,,,",
    "1,2,0,IR,2,13,1,9999916,,サンプル医院,202607,00,03-0000-0000",
    "1,3,0,RE,1,1112,202606,見本　太郎,1,19700101,70,,,,,,K0001,",
    "2,3,0,RE,1,1112,202606,見本　太郎,1,19700101,70,,,,,,K0001,",
    "1,4,0,HO,  139998,見本,1234567,2,400,,,,,,,,,",
    "2,13,0,RC,Ver000010123456789abcdef0123456789abcdef",
    "4,20,0,JY,2,4,0,,,23,0,",
    "4,23,0,HO,  139998,見本,1234567,2,325,,,,,,,,,",
    "11,1,0,MN,900000001,東京都架空区見本１－１,13150807900000001,,,",
    "11,2,0,RE,1,1112,202606,見本　太郎,1,19700101,70,,,,,,K0001,",
    "1,1,0,UK,2,13,3,9999912,,サンプル歯科医院,202607,,00",
    "1,9,0,GO,2,904,99",
    "",
    "no record",
];

/// Codes that something in the parser looks for, and values at the edge of a type.
const POOL: [&str; 58] = [
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "A",
    "B",
    "C",
    "Z",
    "0",
    "01",
    "02",
    "11",
    "21",
    "13",
    "14",
    "50",
    "80",
    "90",
    "92",
    "93",
    "97",
    "99",
    "00",
    "0000999",
    "8833421",
    "777770000",
    "197000110",
    "197000570",
    "197000810",
    "1111",
    "1112",
    "1118",
    "1122",
    "3112",
    "4318",
    "6112",
    "06139992",
    "  139992",
    "00139992",
    "54139993",
    "1399990",
    "100",
    "999999999999999999",
    "-999999999999999999",
    "1000000000000000000",
    "99999999999",
    "99999999.99999",
    "0.00001",
    "1.123456",
    "TZ999",
    "101600",
    "０",
    "10160010160",
];

const TEXTS: [&str; 6] = ["見本病名", "ﾐﾎﾝｼﾞﾛｳ", "１２３－４", "〜①㈱髙", "Abc", "\u{3000}見本 \""];

/// One line of a claim before it is written.
#[derive(Clone)]
struct Line {
    data_kind: u16,
    address: (u32, u32),
    fields: Vec<Vec<u8>>,
}

impl Line {
    fn id(&self) -> &[u8] {
        self.fields.first().map_or(b"", |f| f.as_slice())
    }

    fn is(&self, id: &[u8; 2]) -> bool {
        self.id() == id
    }

    fn write(&self, insurer: bool, end: &[u8], out: &mut Vec<u8>) {
        if insurer {
            out.extend_from_slice(format!("{},{},{},", self.data_kind, self.address.0, self.address.1).as_bytes());
        }
        out.extend_from_slice(&self.fields.join(&b','));
        out.extend_from_slice(end);
    }
}

/// An example claim that is as it should be.
struct Base {
    kind: Kind,
    /// by form (plain, insurer) and encoding (CP932, UTF-8)
    lines: [[Vec<Line>; 2]; 2],
}

const ENCODINGS: [Encoding; 2] = [Encoding::Cp932, Encoding::Utf8];

static BASES: LazyLock<Vec<Base>> = LazyLock::new(|| {
    macro_rules! example {
        ($name:literal) => {
            include_str!(concat!("../../parser/tests/examples/", $name, ".txt"))
        };
    }
    [
        (Kind::Medical, example!("outpatient")),
        (Kind::Dpc, example!("dpc")),
        (Kind::Dental, example!("dental")),
        (Kind::Pharmacy, example!("pharmacy")),
        (Kind::Nursing, example!("nursing")),
        (Kind::Medical, example!("reduction")),
        (Kind::Medical, example!("inpatient")),
        (Kind::Medical, example!("request")),
        (Kind::Medical, example!("era")),
    ]
    .into_iter()
    .map(|(kind, text)| Base { kind, lines: [false, true].map(|i| ENCODINGS.map(|e| base_lines(text, i, e))) })
    .collect()
});

fn base_lines(text: &str, insurer: bool, encoding: Encoding) -> Vec<Line> {
    let mut lines = Vec::new();
    let managed = text.starts_with(|c: char| c.is_ascii_digit());
    if insurer && !managed {
        lines.push(line("2,1,0,MN,900000001,東京都架空区見本１－１,13150807900000001,,,", encoding, true, 1));
    }
    for (i, text) in text.lines().enumerate() {
        lines.push(line(text, encoding, managed, i as u32 + 2));
    }
    if insurer {
        lines.retain(|l| !l.is(b"GO") && !l.is(b"UK"));
        if !managed {
            lines.push(line("2,90,0,RC,Ver000010123456789abcdef0123456789abcdef", encoding, true, 90));
        }
    } else if managed {
        // as an institution would have sent it
        lines.retain(|l| l.data_kind == 1);
        lines.push(line("GO,1,400,99", encoding, false, 90));
    }
    lines
}

fn line(text: &str, encoding: Encoding, managed: bool, no: u32) -> Line {
    let mut fields = text.split(',');
    let mut number = |default: u32| match managed {
        true => fields.next().and_then(|n| n.parse().ok()).unwrap_or(default),
        false => default,
    };
    let (data_kind, address) = (number(1) as u16, (number(no), number(0)));
    Line { data_kind, address, fields: fields.map(|f| encoding.encode(f)).collect() }
}

/// Bytes read from the front; zeros when there are no more.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.next()) % from.len()]
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

/// Options of the first two bytes.
struct Options {
    base: &'static Base,
    insurer: bool,
    encoding: usize,
    line_end: &'static [u8],
    /// how the file ends: as it should, without line end, with 0x1A, with 0x1A and no line end
    end: u8,
    before: bool,
    after: bool,
    /// the example's own records of the family are left out
    bare: bool,
}

impl Options {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        let (a, b) = (bytes.next(), bytes.next());
        let bit = |n: u8| b >> n & 1 == 1;
        Self {
            base: &BASES[usize::from(a & 31) % BASES.len()],
            insurer: bit(0),
            encoding: usize::from(bit(1)),
            line_end: if bit(2) { b"\n" } else { b"\r\n" },
            end: a >> 5 & 3,
            before: bit(3),
            after: bit(4),
            bare: bit(5),
        }
    }

    fn lines(&self) -> &'static [Line] {
        &self.base.lines[usize::from(self.insurer)][self.encoding]
    }
}

/// The file that the bytes stand for.
pub fn file(family: &Family, data: &[u8]) -> (Vec<u8>, Encoding) {
    let mut bytes = Bytes(data);
    if family.ids.is_empty() {
        return whole_file(&mut bytes);
    }
    let options = Options::read(&mut bytes);
    let encoding = ENCODINGS[options.encoding];
    let mut lines = options.lines().to_vec();
    if options.bare {
        lines.retain(|l| !family.ids.iter().any(|id| l.is(id)));
    }
    let mut seen = [0usize; 32];
    for text in bytes.rest().split(|b| *b == b'\n').filter(|t| !t.is_empty()).take(24) {
        put(family, &options, text, &mut lines, &mut seen);
    }
    let mut file = Vec::with_capacity(4096);
    let mut write = |lines: &[Line]| lines.iter().for_each(|l| l.write(options.insurer, options.line_end, &mut file));
    let sound = options.lines();
    if options.insurer {
        // an insurer claim begins and ends by itself
        if options.before {
            write(sound);
        }
        write(&lines);
        if options.after {
            write(sound);
        }
    } else {
        // claims of one institution between its first record and GO
        let body = &sound[1.min(sound.len())..sound.len() - 1];
        let (head, rest) = lines.split_at(1.min(lines.len()));
        let (own, go) = rest.split_at(rest.len().saturating_sub(1));
        write(head);
        if options.before {
            write(body);
        }
        write(own);
        if options.after {
            write(body);
        }
        write(go);
    }
    if options.end & 1 == 1 {
        file.truncate(file.len() - options.line_end.len().min(file.len()));
    }
    if options.end & 2 == 2 {
        file.push(0x1A);
    }
    (file, encoding)
}

/// One record of the input, put among the lines of the claim.
fn put(family: &Family, options: &Options, text: &[u8], lines: &mut Vec<Line>, seen: &mut [usize; 32]) {
    let mut head = Bytes(text);
    let (which, how, number) = (head.next(), head.next(), head.next());
    let which = usize::from(which.wrapping_sub(b'0'));
    let data_kind = [1, 4, 2, 6, 8, 1, 11, 3][usize::from(how >> 5)];
    let address = (u32::from(number.wrapping_sub(b'0')), u32::from(how >> 4 & 1));
    let last = lines.len().saturating_sub(1);
    let somewhere = usize::from(number) % (lines.len() + 1);
    if which == 0xFF {
        // as it stands, commas and all
        let fields = vec![head.rest().to_vec()];
        lines.insert(somewhere, Line { data_kind, address, fields });
        return;
    }
    let which = which % family.ids.len();
    let id = family.ids[which];
    let same: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].is(id)).collect();
    let at = same.get(seen[which]).or(same.last()).copied();
    let layout = layout::of(options.base.kind, *id);
    let full = layout.map_or(4, |l| l.fields.len());
    let blank = || {
        let mut fields = vec![Vec::new(); full];
        fields[0] = id.to_vec();
        Line { data_kind, address, fields }
    };
    let place = how & 3;
    let mut new = match (place, at) {
        (0 | 1, Some(at)) => lines[at].clone(),
        _ => blank(),
    };
    if place != 0 || data_kind != 1 {
        (new.data_kind, new.address) = (data_kind, address);
    }
    for cell in head.rest().split(|b| *b == b',') {
        let mut cell = Bytes(cell);
        if cell.0.is_empty() {
            continue;
        }
        let i = usize::from(cell.next().wrapping_sub(b'0')) % full;
        if new.fields.len() <= i {
            new.fields.resize(i + 1, Vec::new());
        }
        new.fields[i] = value(&mut cell, layout.map(|l| &l.fields[i]), ENCODINGS[options.encoding]);
    }
    match how >> 2 & 3 {
        1 => new.fields.push(b"1".to_vec()),
        2 => new.fields.truncate(usize::from(number) % full + 1),
        3 => {
            new.fields.pop();
        }
        _ => {}
    }
    match (place, at) {
        (0, Some(at)) => {
            lines[at] = new;
            seen[which] += 1;
        }
        (1, Some(at)) => {
            lines.insert(at + 1, new);
            seen[which] += 1;
        }
        (2 | 3, _) if number >= 0x80 => lines.insert(somewhere, new),
        _ => lines.insert(last, new),
    }
}

/// The value of a cell: what follows as it stands, or made by what the first byte says.
fn value(bytes: &mut Bytes<'_>, field: Option<&FieldDef>, encoding: Encoding) -> Vec<u8> {
    let kind = field.map_or(FieldKind::Text, |f| f.kind);
    let personal = field.is_some_and(is_personal);
    let maker = match bytes.0.first() {
        None => return Vec::new(),
        Some(b) if *b >= 0x20 || *b == b'\r' => return bytes.rest().to_vec(),
        Some(_) => match bytes.next() {
            // what the type of the field asks for
            0 => match kind {
                FieldKind::Int | FieldKind::Day => 1,
                FieldKind::Dec => 8,
                FieldKind::Month => 7,
                FieldKind::Date => 4,
                FieldKind::Code => 9,
                FieldKind::Text => 11,
            },
            other => other,
        },
    };
    let number = |bytes: &mut Bytes<'_>| u32::from(bytes.next()) << 8 | u32::from(bytes.next());
    match maker {
        1 => number(bytes).to_string().into_bytes(),
        2 => vec![b'9'; usize::from(bytes.next()) % 22],
        3 => format!("-{}", number(bytes)).into_bytes(),
        // most examples lie in one of these months
        4 => format!("{}{:02}", bytes.pick(&["202410", "202411", "202606"]), bytes.next() % 33).into_bytes(),
        5 => {
            let year = 1860 + number(bytes) % 1200;
            format!("{year:04}{:02}{:02}", bytes.next() % 14, bytes.next() % 33).into_bytes()
        }
        6 => format!("{}{:02}{:02}{:02}", bytes.next() % 7, bytes.next() % 100, bytes.next() % 14, bytes.next() % 33)
            .into_bytes(),
        7 => {
            bytes.pick(&["202410", "202411", "202606", "43011", "50610", "202402", "202302", "299912", "186701"]).into()
        }
        8 => format!("{}.{:0w$}", number(bytes), number(bytes), w = usize::from(bytes.next()) % 9).into_bytes(),
        9 => encoding.encode(bytes.pick(&POOL)),
        11 => encoding.encode(bytes.pick(&TEXTS)),
        // cut or wrong characters of either encoding
        12 => [b"\x81".as_slice(), b"\x8C\xA9\x96", b"\xFF\xFD", b"\xE8\xA6", b"\x80\xA0", b"\xF0\x40\xFC\x4B"]
            [usize::from(bytes.next()) % 6]
            .to_vec(),
        14 => format!("  {} ", number(bytes)).into_bytes(),
        15 if personal => encoding.encode(SECRETS[usize::from(bytes.next()) % SECRETS.len()]),
        16 => bytes.pick(&POOL).repeat(usize::from(bytes.next()) % 40).into_bytes(),
        17 => vec![b'9'; 18],
        18 => b"-999999999999999999".to_vec(),
        19 => {
            let mut text = encoding.encode(bytes.pick(&TEXTS));
            text.extend_from_slice(bytes.rest());
            text
        }
        _ => encoding.encode(bytes.pick(&POOL)),
    }
}

/// A file of lines: raw bytes, with one byte for each of [`LINES`].
fn whole_file(bytes: &mut Bytes<'_>) -> (Vec<u8>, Encoding) {
    let options = bytes.next();
    let encoding = ENCODINGS[usize::from(options & 1)];
    let mut file = Vec::new();
    for line in bytes.rest().split_inclusive(|b| *b == b'\n') {
        match line.split_first() {
            Some((first, rest)) if *first >= 0x80 && options & 2 == 0 => {
                file.extend_from_slice(&encoding.encode(LINES[usize::from(first & 0x7F) % LINES.len()]));
                if options & 4 == 4 && rest.ends_with(b"\n") {
                    file.extend_from_slice(&rest[..rest.len() - 1]);
                    file.extend_from_slice(b"\r\n");
                } else {
                    file.extend_from_slice(rest);
                }
            }
            _ => file.extend_from_slice(line),
        }
    }
    (file, encoding)
}

/// What a target begins with: the example claims, cell by cell, and lines of every maker.
pub fn seeds(family: &Family) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    if family.ids.is_empty() {
        for base in BASES.iter() {
            for (insurer, options) in [(false, 2), (true, 2), (false, 3)] {
                let mut seed = vec![options];
                for l in &base.lines[usize::from(insurer)][usize::from(options & 1)] {
                    l.write(insurer, b"\r\n", &mut seed);
                }
                seed.push(0x1A);
                seeds.push(seed);
            }
        }
        let all: Vec<u8> = (0..LINES.len() as u8).flat_map(|i| [0x80 | i, b'\n']).collect();
        seeds.push([vec![0], all.clone()].concat());
        seeds.push([vec![5], all].concat());
        return seeds;
    }
    for (b, base) in BASES.iter().enumerate() {
        for insurer in [false, true] {
            let mut seed = vec![b as u8, u8::from(insurer)];
            for l in &base.lines[usize::from(insurer)][0] {
                let Some(which) = family.ids.iter().position(|id| l.is(id)) else { continue };
                let kind = [1, 4, 2, 6, 8].iter().position(|k| *k == l.data_kind).unwrap_or(0) as u8;
                seed.extend([b'0' + which as u8, kind << 5, b'0' + l.address.0 as u8]);
                for (i, f) in l.fields.iter().enumerate().skip(1).filter(|(_, f)| !f.is_empty()) {
                    seed.push(b'0' + i as u8);
                    seed.extend_from_slice(f);
                    seed.push(b',');
                }
                seed.push(b'\n');
            }
            seeds.push(seed);
            // every field of every record, of its type
            let mut seed = vec![b as u8, u8::from(insurer) | 0x12];
            family.ids.iter().for_each(|id| typed_record(family, base.kind, id, 200, &mut seed));
            seeds.push(seed);
        }
    }
    // every record behind every other
    const IN_ONE: usize = 12;
    for (b, base) in BASES.iter().enumerate().take(Kind::ALL.len()) {
        let known: Vec<_> = family.ids.iter().filter(|id| layout::of(base.kind, ***id).is_some()).collect();
        let pairs: Vec<_> = known.iter().flat_map(|x| known.iter().flat_map(move |y| [*x, *y])).collect();
        for (i, part) in pairs.chunks(2 * IN_ONE).enumerate() {
            let mut seed = vec![b as u8, i as u8 & 1];
            part.iter().for_each(|id| typed_record(family, base.kind, id, 16, &mut seed));
            seeds.push(seed);
        }
    }
    seeds
}

/// A record of the input whose first fields are of their types.
fn typed_record(family: &Family, kind: Kind, id: &[u8; 2], fields: usize, seed: &mut Vec<u8>) {
    let Some(layout) = layout::of(kind, *id) else { return };
    let which = family.ids.iter().position(|i| *i == id).unwrap_or(0);
    seed.extend([b'0' + which as u8, 2, b'5']);
    for (i, f) in layout.fields.iter().enumerate().take(fields).skip(1) {
        let maker = if is_personal(f) { 15 } else { 0 };
        seed.extend([b'0' + i as u8, maker, i as u8 % 9, 1, b',']);
    }
    seed.push(b'\n');
}

/// A dictionary for libFuzzer: record ids, codes, and what makes values.
pub fn dictionary() -> String {
    let quoted = |bytes: &[u8]| {
        let text: String = bytes.iter().map(|b| format!("\\x{b:02X}")).collect();
        format!("\"{text}\"\n")
    };
    let mut ids: Vec<[u8; 2]> = Vec::new();
    for a in b'A'..=b'Z' {
        for b in b'A'..=b'Z' {
            if Kind::ALL.iter().any(|k| layout::of(*k, [a, b]).is_some()) {
                ids.push([a, b]);
            }
        }
    }
    let mut out = String::new();
    for id in ids {
        out += &quoted(&[&id[..], b","].concat());
        out += &quoted(&[b"\n1,2,0,", &id[..], b","].concat());
    }
    for code in POOL {
        out += &quoted(&Encoding::Cp932.encode(code));
    }
    for maker in 0..20u8 {
        out += &quoted(&[b',', b'1', maker, 1]);
    }
    for text in ["\r\n", "\x1a", "\n0\x02\x35", "\n1\x22\x40", "\u{feff}", "11,", "4,23,0,"] {
        out += &quoted(text.as_bytes());
    }
    out
}
