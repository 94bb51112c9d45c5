//! A sample holds together: its register, its claims as the parser reads them, its totals and its truth.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use tenken_parser::{
    Claim, Encoding, Frames, Kind, Month, Problem,
    claim::View,
    frame::Event,
    identifiers::has_check_digit,
    view::{
        check,
        diagnosis::Diagnosis,
        header::{Header, Payer},
        line::Line,
        public_expense::PublicExpense,
        walk::{Sink, walk},
    },
};
use tenken_samples::{Form, Options, Sample, Size, write};

/// A folder that goes away.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tenken-sample-{}-{n}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn month(text: &str) -> Month {
    Month::parse_iso(text).unwrap()
}

fn options(place: &Place, insured: u32, seed: u64) -> Options {
    Options::new(place.0.clone(), insured, (month("2026-10"), month("2026-10")), seed)
}

/// Every file below a folder, by its path in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(at) = left.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                out.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    out
}

struct Table(Vec<BTreeMap<String, String>>);

fn table(path: &Path) -> Table {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |l: &str| {
        let cells: Vec<&str> = l.split(',').collect();
        assert_eq!(cells.len(), columns.len(), "{l}");
        columns.iter().zip(cells).map(|(c, v)| ((*c).to_owned(), v.to_owned())).collect()
    };
    Table(lines.map(row).collect())
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sums {
    claims: i64,
    points: i64,
    points_effective: i64,
    cost_yen: i64,
}

struct Nothing;

impl<'a> Sink<'a> for Nothing {
    fn line(&mut self, _: &Line<'a>) {}
    fn diagnosis(&mut self, _: &Diagnosis<'a>) {}
    fn comment(&mut self, _: &tenken_parser::view::comment::Comment<'a>) {}
}

/// What an import would count in a file, and what is wrong in it.
fn read(bytes: &[u8]) -> (BTreeMap<&'static str, Sums>, Vec<String>, usize) {
    let mut sums: BTreeMap<&'static str, Sums> = BTreeMap::new();
    let mut problems = Vec::new();
    let mut parents = 0;
    for event in Frames::new(bytes) {
        let Event::Claim(raw) = event else { continue };
        let claim = Claim::read(bytes, raw, Encoding::Cp932);
        parents += usize::from(claim.raw.parent.is_none());
        let header = Header::read(&claim);
        if let Some(p) = check::reject(&claim, &header) {
            problems.push(p.code.code().to_owned());
            continue;
        }
        let mut found: Vec<Problem> = Vec::new();
        let totals = walk(&claim, View::Effective, &mut Nothing, &mut found);
        check::problems(&claim, &header, &totals, &mut found);
        problems.extend(found.iter().map(|p| format!("{} {:?} {}", p.code.code(), p.field, p.detail)));
        let s = sums.entry(claim.kind.name()).or_default();
        s.claims += 1;
        if claim.raw.parent.is_some() {
            continue;
        }
        let main = |view| match claim.find(view, b"HO") {
            Some(ho) => Payer::read(claim.kind, ho.record).total,
            None => PublicExpense::all(&claim, view).first().and_then(|k| k.total),
        };
        let (billed, effective) = (main(View::Billed).unwrap(), main(View::Effective).unwrap());
        if claim.kind == Kind::Nursing {
            s.cost_yen += effective;
        } else {
            s.points += billed;
            s.points_effective += effective;
            s.cost_yen += effective * 10;
        }
    }
    (sums, problems, parents)
}

/// The totals against the parser, and the truth against the number of claims.
fn check_claims(place: &Place, sample: &Sample, clean: bool) {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    let mut keys = BTreeSet::new();
    for r in table(&place.0.join("truth.csv")).0 {
        *rows.entry(r["source_file"].clone()).or_default() += 1;
        let plain = r["search_no"].is_empty();
        let key = if plain {
            (r["source_file"].clone(), r["receipt_no"].clone())
        } else {
            ("".into(), r["search_no"].clone())
        };
        assert!(keys.insert(key), "{r:?}");
        for rule in r["expected_all"].split(';').filter(|x| !x.is_empty()) {
            assert!(!r["forbidden"].split(';').any(|f| f == rule), "{r:?}");
        }
    }
    let totals: Vec<_> = sample.totals.iter().collect();
    assert_eq!(table(&place.0.join("totals.csv")).0.len(), totals.len());
    let claims = files(&place.0.join("claims"));
    assert_eq!(claims.len(), totals.len());
    for (path, bytes) in claims {
        let name = path.file_name().unwrap().to_str().unwrap();
        let (sums, problems, parents) = read(&bytes);
        let t = totals.iter().find(|t| t.source_file == name).unwrap();
        let want =
            Sums { claims: t.claims, points: t.points, points_effective: t.points_effective, cost_yen: t.cost_yen };
        assert_eq!(sums, BTreeMap::from([(t.kind.name(), want)]), "{name}");
        assert_eq!(rows[name], parents, "{name}");
        if clean {
            assert_eq!(problems, Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let make = |seed| {
        let place = Place::new();
        let mut o = options(&place, 6_000, seed);
        o.kouki_per_mille = 300;
        write(&o).unwrap();
        files(&place.0)
    };
    let one = make(5);
    assert!(one == make(5));
    assert!(one != make(6));
}

#[test]
fn totals_and_truth_equal_what_the_parser_reads() {
    for (form, clean) in [(Form::Uke, true), (Form::Uke, false), (Form::Insurer, false), (Form::Insurer, true)] {
        let place = Place::new();
        let mut o = options(&place, 6_000, 11);
        (o.form, o.kouki_per_mille, o.faults) = (form, 400, u32::from(!clean));
        let sample = write(&o).unwrap();
        check_claims(&place, &sample, clean);
    }
}

#[test]
fn months_and_towns() {
    let place = Place::new();
    let mut o = options(&place, 3_000, 12);
    (o.months, o.towns, o.form) = ((month("2026-07"), month("2026-09")), 3, Form::Insurer);
    let sample = write(&o).unwrap();
    check_claims(&place, &sample, false);
    assert_eq!(fs::read_dir(place.0.join("registry")).unwrap().count(), 3);
    for t in fs::read_dir(place.0.join("registry")).unwrap() {
        let folder = t.unwrap().path();
        assert!(has_check_digit(folder.file_name().unwrap().to_str().unwrap()));
        check_register(&folder, "2026-08-31");
    }
    assert_eq!(fs::read_dir(place.0.join("claims")).unwrap().count(), 3);
}

/// Half-open periods of a person and a scheme.
fn check_register(folder: &Path, reference: &str) -> usize {
    let people: BTreeMap<String, BTreeMap<String, String>> =
        table(&folder.join("kojin.csv")).0.into_iter().map(|r| (r["宛名番号"].clone(), r)).collect();
    let mut periods: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for r in table(&folder.join("shikaku.csv")).0 {
        periods.entry(r["宛名番号"].clone()).or_default().push(r);
    }
    let open = "9999-12-31".to_owned();
    let or = |a: &String, b: &String| if a.is_empty() { b.clone() } else { a.clone() };
    let mut insured = 0;
    assert_eq!(people.len(), periods.len());
    for (no, rows) in &periods {
        let p = &people[no];
        let (birth, death) = (&p["生年月日"], &p["死亡年月日"]);
        // from, to and loss of the rows of a span
        type Rows<'r> = Vec<(String, String, &'r str)>;
        let mut spans: BTreeMap<(&str, &str), Rows<'_>> = BTreeMap::new();
        let mut all: Vec<(String, String)> = Vec::new();
        for r in rows {
            let (acquired, lost) = (&r["資格取得年月日"], &r["資格喪失年月日"]);
            let from = or(&r["適用開始年月日"], acquired);
            let to = or(&or(&r["適用終了年月日"], lost), &open);
            assert!(birth <= acquired && *acquired <= from && from < to, "{r:?}");
            assert!(lost.is_empty() || acquired < lost, "{r:?}");
            // the day after the death is the first without qualification
            assert!(death.is_empty() || to[..4] <= *"9000" && (to <= *death || r["喪失事由"] == "死亡"), "{p:?} {r:?}");
            assert!(has_check_digit(&r["保険者番号"]));
            let years = |n: u16| format!("{:04}{}", birth[..4].parse::<u16>().unwrap() + n, &birth[4..]);
            // in string order 29 February lies before the 1 March that is meant
            if r["制度"] == "1" {
                assert!(
                    to == open && years(75).as_str() > reference || to <= years(75) || birth.ends_with("02-29"),
                    "{r:?}"
                );
                insured += usize::from(from.as_str() <= reference && reference < to.as_str());
            }
            assert!(r["登録日時_開始"].is_empty() || r["登録日時_開始"] <= r["登録日時"], "{r:?}");
            spans.entry((&r["制度"], acquired)).or_default().push((from.clone(), to.clone(), lost));
            all.push((from, to));
        }
        all.sort();
        assert!(all.windows(2).all(|w| w[0].1 <= w[1].0), "{rows:?}");
        for rows in spans.values_mut() {
            rows.sort();
            assert!(rows.windows(2).all(|w| w[0].1 == w[1].0 && w[0].2.is_empty()), "{rows:?}");
        }
    }
    for r in table(&folder.join("zokusei.csv")).0 {
        assert!(r["終了年月日"].is_empty() || r["開始年月日"] < r["終了年月日"], "{r:?}");
        if r["種別"] == "公費" {
            let (payer, recipient) = r["値"].split_once(':').unwrap();
            assert!(has_check_digit(payer) && has_check_digit(recipient), "{r:?}");
        }
    }
    let heads: BTreeSet<String> =
        table(&folder.join("setai.csv")).0.into_iter().map(|r| r["世帯番号"].clone()).collect();
    assert!(periods.values().flatten().all(|r| heads.contains(&r["世帯番号"])));
    insured
}

#[test]
fn the_register_is_consistent() {
    for (seed, kouki) in [(1, 0), (2, 860)] {
        let place = Place::new();
        let mut o = options(&place, 7_000, seed);
        o.kouki_per_mille = kouki;
        write(&o).unwrap();
        assert_eq!(check_register(&place.0.join("registry"), "2026-09-30"), 7_000);
    }
}

/// What is learned later is not there yet, or still open.
#[test]
fn the_register_as_known_on_a_day() {
    let (whole, early) = (Place::new(), Place::new());
    write(&options(&whole, 3_000, 4)).unwrap();
    let mut o = options(&early, 3_000, 4);
    o.as_of = tenken_parser::Date::new(2026, 9, 1);
    write(&o).unwrap();
    let rows = |p: &Place| table(&p.0.join("registry/shikaku.csv")).0;
    let (whole_rows, early_rows) = (rows(&whole), rows(&early));
    assert!(early_rows.len() < whole_rows.len());
    for r in &early_rows {
        let known = |c: &str| r[c].is_empty() || r[c].as_str() < "2026-09-02";
        assert!(known("登録日時") && known("登録日時_開始"), "{r:?}");
    }
    let lost = |rows: &[BTreeMap<String, String>]| rows.iter().filter(|r| !r["資格喪失年月日"].is_empty()).count();
    assert!(lost(&early_rows) < lost(&whole_rows));
    assert_eq!(files(&whole.0.join("claims")), files(&early.0.join("claims")));
}

#[test]
fn rates_are_near_the_published_ones() {
    let place = Place::new();
    let mut o = options(&place, 5_000, 21);
    o.months = (month("2026-06"), month("2026-09"));
    let sample = write(&o).unwrap();
    let months = 4.0 * 5_000.0;
    let claims = |kinds: &[Kind]| -> f64 {
        sample.totals.iter().filter(|t| kinds.contains(&t.kind)).map(|t| t.claims as f64).sum::<f64>() / months
    };
    let yen: f64 = sample.totals.iter().map(|t| t.cost_yen as f64).sum::<f64>() / months;
    for (what, got, want) in [
        ("医科とDPC", claims(&[Kind::Medical, Kind::Dpc]), 0.724),
        ("歯科", claims(&[Kind::Dental]), 0.172),
        ("調剤", claims(&[Kind::Pharmacy]), 0.477),
        ("円", yen, 33_000.0),
    ] {
        assert!((got / want - 1.0).abs() < 0.10, "{what}: {got} instead of {want}");
    }
    // who is how old does not depend on the number of people
    let people = f64::from(sample.people as u32);
    assert!((10_000.0 * 0.85..10_000.0 * 1.15).contains(&people), "{people}");
}

#[test]
fn a_fixed_number_of_claims() {
    for (n, kouki, form) in
        [(1, 0, Form::Uke), (100, 0, Form::Insurer), (2_500, 860, Form::Uke), (20_000, 0, Form::Uke)]
    {
        let place = Place::new();
        let mut o = options(&place, 1, n);
        (o.size, o.kouki_per_mille, o.form) = (Size::Claims(n), kouki, form);
        o.months = (month("2026-09"), month("2026-10"));
        let sample = write(&o).unwrap();
        check_claims(&place, &sample, false);
        for exam in ["202609", "202610"] {
            let of = sample.totals.iter().filter(|t| t.source_file.starts_with(exam));
            assert_eq!(of.map(|t| t.claims).sum::<i64>(), n as i64, "{exam}");
        }
    }
}

#[test]
fn a_fixed_number_of_bytes() {
    for (n, kouki, form) in [(2_000_000, 0, Form::Uke), (12_000_000, 860, Form::Insurer), (20_000_000, 0, Form::Uke)] {
        let place = Place::new();
        let mut o = options(&place, 1, 3);
        (o.size, o.kouki_per_mille, o.form) = (Size::Bytes(n), kouki, form);
        let sample = write(&o).unwrap();
        let off = sample.bytes as f64 / n as f64 - 1.0;
        assert!(off.abs() < 0.03, "{n}: {}", sample.bytes);
    }
}

/// Hardly anybody, and the ends of the calendar.
#[test]
fn the_smallest_towns() {
    for (insured, towns, at) in [(1, 1, "2026-10"), (2, 3, "2026-02"), (30, 1, "1990-01"), (90, 2, "2900-12")] {
        let place = Place::new();
        let mut o = options(&place, insured, 1);
        (o.towns, o.kouki_per_mille, o.months) = (towns, 860, (month(at), month(at)));
        let sample = write(&o).unwrap();
        check_claims(&place, &sample, false);
    }
}

/// A folder with other things is left alone; an earlier sample is replaced.
#[test]
fn what_is_in_the_folder() {
    let place = Place::new();
    let mut o = options(&place, 60, 1);
    o.months = (month("2026-05"), month("2026-06"));
    write(&o).unwrap();
    o.months = (month("2026-07"), month("2026-07"));
    write(&o).unwrap();
    assert_eq!(fs::read_dir(place.0.join("claims")).unwrap().count(), 1);
    fs::write(place.0.join("letter.txt"), "x").unwrap();
    let before = files(&place.0);
    let error = write(&o).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert!(error.to_string().contains(place.0.to_str().unwrap()), "{error}");
    assert!(before == files(&place.0));
}

/// Both forms, and faults in one file only.
#[test]
fn the_small_month() {
    for insured in [50, 600, 11_000] {
        let place = Place::new();
        let sample = tenken_samples::small_month(&place.0, insured, month("2026-10"), 1).unwrap();
        let mut kinds = BTreeSet::new();
        for t in &sample.totals {
            let bytes = fs::read(sample.claims.join(&t.source_file)).unwrap();
            let (sums, problems, _) = read(&bytes);
            let want =
                Sums { claims: t.claims, points: t.points, points_effective: t.points_effective, cost_yen: t.cost_yen };
            assert_eq!(sums, BTreeMap::from([(t.kind.name(), want)]), "{}", t.source_file);
            assert_eq!(problems.is_empty(), !t.source_file.contains("_91_"), "{} {problems:?}", t.source_file);
            kinds.insert((t.kind.name(), t.source_file.ends_with("CSV")));
        }
        assert!(insured < 600 || kinds.len() == 10, "{kinds:?}");
        check_register(&place.0.join("registry"), "2026-09-30");
    }
}

/// Every rule and every kind of look-alike occurs, and the errors stay rare.
#[test]
fn the_truth_knows_every_rule() {
    let place = Place::new();
    let mut o = options(&place, 40_000, 8);
    o.kouki_per_mille = 300;
    o.months = (month("2026-09"), month("2026-10"));
    write(&o).unwrap();
    let rows = table(&place.0.join("truth.csv")).0;
    let count = |column: &str| {
        let mut n: BTreeMap<String, usize> = BTreeMap::new();
        for r in &rows {
            for rule in r[column].split(';').filter(|x| !x.is_empty()) {
                *n.entry(rule.to_owned()).or_default() += 1;
            }
        }
        n
    };
    let (expected, forbidden) = (count("expected_all"), count("forbidden"));
    for rule in "E101 E102 E104 E105 E106 E107 E108 E109 E110 E111 E112 E113 E114 E115 E117 E118 E119 E201 E202 E203 \
                 E204 E208 E209 E210 E211 E212 E213 E214 E215 E301 E302 E303 E304 E305 E306 E307 E309 E310 E401 E403 \
                 E404 E501 E504 E601 E602 E603 E604 E605 E607 E608 E701 E702 E703 E705 E707 E708 E901 E908 E909 T101 \
                 T102 T103 T104 T106"
        .split_whitespace()
    {
        assert!(expected.contains_key(rule), "{rule} is never expected");
        let never_alike = ["E702"];
        assert!(forbidden.contains_key(rule) || never_alike.contains(&rule), "{rule} is never forbidden");
    }
    let wrong = rows.iter().filter(|r| !matches!(r["expected_primary"].as_str(), "" | "E703")).count();
    let share = wrong as f64 / rows.len() as f64;
    assert!((0.003..0.015).contains(&share), "{share}");
}
