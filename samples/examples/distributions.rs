//! `cargo run --release -p tenken-samples --example distributions -- FOLDER`: reads a sample in the plain or
//! the insurer form back and prints what it is like beside the published figures (volumes.md), as Markdown.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use tenken_parser::{
    Claim, Date, Encoding, Frames, Kind, Month,
    claim::View,
    frame::Event,
    view::{check, header::Header},
};

/// 入院 and 入院外 are told apart, DPC too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Dpc,
    Inpatient,
    Outpatient,
    Dental,
    Pharmacy,
    Nursing,
}

const SORTS: [(Sort, &str); 6] = [
    (Sort::Dpc, "DPC"),
    (Sort::Inpatient, "医科入院"),
    (Sort::Outpatient, "入院外"),
    (Sort::Dental, "歯科"),
    (Sort::Pharmacy, "調剤"),
    (Sort::Nursing, "訪問看護"),
];

struct Seen {
    sort: Sort,
    kouki: bool,
    yen: i64,
    days: i64,
    age: i64,
    late: bool,
    laws: Vec<String>,
    limit: bool,
    third_party: bool,
    bytes: usize,
    records: usize,
    /// member of a household that pays for several months
    who: String,
}

#[derive(Default)]
struct Sample {
    claims: Vec<Seen>,
    /// insured on the last day of the service months, by scheme, summed over the months
    insured: [f64; 2],
    months: f64,
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1).map(PathBuf::from) else {
        eprintln!("FOLDER");
        return ExitCode::from(2);
    };
    match read(&folder) {
        Ok(sample) => {
            print(&sample);
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("{}: {e}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn read(folder: &Path) -> std::io::Result<Sample> {
    let mut sample = Sample::default();
    let mut exams: Vec<Month> = Vec::new();
    for entry in fs::read_dir(folder.join("claims"))? {
        let path = entry?.path();
        let Some(exam) = path.file_name().and_then(|n| n.to_str()).and_then(Month::parse_iso) else { continue };
        exams.push(exam);
        for entry in fs::read_dir(&path)? {
            claims(&fs::read(entry?.path())?, exam, &mut sample.claims);
        }
    }
    sample.months = exams.len() as f64;
    let mut registers = vec![folder.join("registry")];
    for entry in fs::read_dir(folder.join("registry"))? {
        registers.push(entry?.path());
    }
    for path in registers.iter().map(|r| r.join("shikaku.csv")).filter(|p| p.exists()) {
        let text = fs::read_to_string(path)?;
        for exam in &exams {
            let on = exam.plus(-1).last_day().to_string();
            for (n, scheme) in ["1", "3"].into_iter().enumerate() {
                sample.insured[n] += text.lines().filter(|l| covers(l, scheme, &on)).count() as f64;
            }
        }
    }
    Ok(sample)
}

/// A row of shikaku.csv that holds on a day.
fn covers(line: &str, scheme: &str, on: &str) -> bool {
    let c: Vec<&str> = line.split(',').collect();
    let or = |a: usize, b: usize| if c[a].is_empty() { c[b] } else { c[a] };
    let (from, to) = (or(12, 8), or(14, 10));
    c[2] == scheme && from <= on && (to.is_empty() || on < to)
}

fn claims(bytes: &[u8], exam: Month, out: &mut Vec<Seen>) {
    for event in Frames::new(bytes) {
        let Event::Claim(raw) = event else { continue };
        let claim = Claim::read(bytes, raw, Encoding::Cp932);
        let h = Header::read(&claim);
        if claim.raw.parent.is_some() || check::reject(&claim, &h).is_some() {
            continue;
        }
        let (Some(payer), Some(service), Some(birth)) = (h.payer, h.common.service_month, h.common.birth_date) else {
            continue;
        };
        let sort = match claim.kind {
            Kind::Dpc => Sort::Dpc,
            Kind::Medical if h.common.is_inpatient(claim.kind) => Sort::Inpatient,
            Kind::Medical => Sort::Outpatient,
            Kind::Dental => Sort::Dental,
            Kind::Pharmacy => Sort::Pharmacy,
            Kind::Nursing => Sort::Nursing,
        };
        let tokki: Vec<&str> = h.common.tokki().collect();
        let laws = claim.view(View::Effective).filter(|r| &r.id.0 == b"KO").filter_map(|r| {
            let law = r.record.fields().nth(1)?.raw().get(..2)?.to_vec();
            String::from_utf8(law).ok()
        });
        // some write the number in full width
        let narrow =
            |c: char| char::from_u32((c as u32).wrapping_sub(0xFEE0)).filter(char::is_ascii_digit).unwrap_or(c);
        let number: String = payer.bango.map(|b| claim.text(b).chars().map(narrow).collect()).unwrap_or_default();
        out.push(Seen {
            sort,
            kouki: payer.insurer_no.is_some_and(|n| n.starts_with("39")),
            yen: payer.total.unwrap_or_default() * if claim.kind == Kind::Nursing { 1 } else { 10 },
            days: payer.days.unwrap_or_default(),
            age: age(birth, service),
            late: service.plus(1) < exam,
            laws: laws.collect(),
            limit: tokki.iter().any(|t| matches!(*t, "26" | "27" | "28" | "29" | "30" | "41" | "42")),
            third_party: tokki.contains(&"10"),
            bytes: claim.raw.len,
            records: claim.rows().len(),
            who: format!("{exam}{number}{birth}{:?}", h.common.sex),
        });
    }
}

fn age(birth: Date, on: Month) -> i64 {
    i64::from((on.index() - birth.year_month().index()) / 12)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0u64), |(s, n), v| (s + v, n + 1));
    sum / n.max(1) as f64
}

fn print(s: &Sample) {
    let of = |kouki: bool| -> Vec<&Seen> { s.claims.iter().filter(|c| c.kouki == kouki).collect() };
    let both = [of(false), of(true)];
    println!(
        "{} claims, {:.0} 国保 and {:.0} 後期 members a month, {} month(s)\n",
        s.claims.len(),
        s.insured[0] / s.months,
        s.insured[1] / s.months,
        s.months
    );
    println!("| figure | 国保 | published | 後期 | published |\n| --- | --- | --- | --- | --- |");
    let row = |name: &str, digits: usize, published: [&str; 2], value: &dyn Fn(&[&Seen], f64) -> f64| {
        let shown: Vec<String> = (0..2)
            .map(|i| {
                let v = value(&both[i], s.insured[i]);
                if both[i].is_empty() || !v.is_finite() { "–".to_owned() } else { format!("{v:.digits$}") }
            })
            .collect();
        println!("| {name} | {} | {} | {} | {} |", shown[0], published[0], shown[1], published[1]);
    };
    let is = |c: &Seen, sorts: &[Sort]| sorts.contains(&c.sort);
    let stays = [Sort::Dpc, Sort::Inpatient];
    for (name, sorts, published) in [
        ("入院", &stays[..], ["0.0188", "0.065"]),
        ("入院外", &[Sort::Outpatient][..], ["0.705", "1.29"]),
        ("歯科", &[Sort::Dental][..], ["0.172", "0.234"]),
        ("調剤", &[Sort::Pharmacy][..], ["0.477", "0.923"]),
        ("訪問看護", &[Sort::Nursing][..], ["0.006", "0.020"]),
    ] {
        row(&format!("claims per insured: {name}"), 4, published, &|c, n| {
            c.iter().filter(|x| is(x, sorts)).count() as f64 / n
        });
    }
    row("claims per insured: all", 3, ["1.38", "2.53"], &|c, n| c.len() as f64 / n);
    row("yen per insured", 0, ["26,000–40,000", "77,947"], &|c, n| c.iter().map(|x| x.yen as f64).sum::<f64>() / n);
    row("insured with a claim %", 1, ["55–57", ""], &|c, n| {
        100.0 * c.iter().map(|x| x.who.as_str()).collect::<BTreeSet<_>>().len() as f64 / n
    });
    for (name, sorts, published) in [
        ("入院", &stays[..], ["550,000–720,000", "600,000"]),
        ("入院外", &[Sort::Outpatient][..], ["14,000–18,000", "17,000"]),
        ("歯科", &[Sort::Dental][..], ["11,500–14,500", ""]),
        ("調剤", &[Sort::Pharmacy][..], ["10,000–14,000", "14,000"]),
        ("訪問看護", &[Sort::Nursing][..], ["80,000–95,000", ""]),
    ] {
        row(&format!("yen per claim: {name}"), 0, published, &|c, _| {
            mean(c.iter().filter(|x| is(x, sorts)).map(|x| x.yen as f64))
        });
    }
    for (name, sorts, published) in [
        ("入院", &stays[..], ["15.2", ""]),
        ("入院外", &[Sort::Outpatient][..], ["1.5", "1.6"]),
        ("歯科", &[Sort::Dental][..], ["1.65", ""]),
        ("調剤", &[Sort::Pharmacy][..], ["1.2", ""]),
        ("訪問看護", &[Sort::Nursing][..], ["7.8", ""]),
    ] {
        row(&format!("days per claim: {name}"), 2, published, &|c, _| {
            mean(c.iter().filter(|x| is(x, sorts)).map(|x| x.days as f64))
        });
    }
    let share = |c: &[&Seen], of: &dyn Fn(&Seen) -> bool, hit: &dyn Fn(&Seen) -> bool| {
        let all = c.iter().filter(|x| of(x)).count() as f64;
        100.0 * c.iter().filter(|x| of(x) && hit(x)).count() as f64 / all
    };
    let cost = |c: &[&Seen], of: &dyn Fn(&Seen) -> bool, hit: &dyn Fn(&Seen) -> bool| {
        let sum = |f: &dyn Fn(&Seen) -> bool| c.iter().filter(|x| f(x)).map(|x| x.yen as f64).sum::<f64>();
        100.0 * sum(&|x| of(x) && hit(x)) / sum(of)
    };
    let any = |_: &Seen| true;
    let stay = |c: &Seen| is(c, &stays);
    row("DPC of inpatient claims %", 1, ["46", "46"], &|c, _| share(c, &stay, &|x| x.sort == Sort::Dpc));
    row("調剤 per 入院外 %", 1, ["65–68", "72"], &|c, _| {
        let n = |s| c.iter().filter(|x| x.sort == s).count() as f64;
        100.0 * n(Sort::Pharmacy) / n(Sort::Outpatient)
    });
    for (name, sorts, published) in [
        ("入院", &stays[..], ["38", "49"]),
        ("入院外", &[Sort::Outpatient][..], ["35", "27.5"]),
        ("歯科", &[Sort::Dental][..], ["7", "4"]),
        ("調剤", &[Sort::Pharmacy][..], ["18", "16.5"]),
    ] {
        row(&format!("share of cost %: {name}"), 1, published, &|c, _| cost(c, &any, &|x| is(x, sorts)));
    }
    for (man, published, of_cost) in
        [(30, "76", "92"), (50, "50", "76"), (80, "25", "52"), (200, "2.5", "11"), (420, "0.06", "0.5–1.5")]
    {
        row(&format!("inpatient claims ≥ {man}万円 %"), 2, [published, ""], &|c, _| {
            share(c, &stay, &|x| x.yen >= man * 10_000)
        });
        row("… of inpatient cost %", 1, [of_cost, ""], &|c, _| cost(c, &stay, &|x| x.yen >= man * 10_000));
    }
    row("all claims ≥ 80万円 %", 3, ["0.35–0.45", ""], &|c, _| share(c, &any, &|x| x.yen >= 800_000));
    row("… of all cost %", 1, ["20–23", ""], &|c, _| cost(c, &any, &|x| x.yen >= 800_000));
    row("all claims ≥ 420万円, of 100,000", 2, ["0.5–1.4", ""], &|c, _| {
        1000.0 * share(c, &any, &|x| x.yen >= 4_200_000)
    });
    row("month-late %", 2, ["2.5", "2.5"], &|c, _| share(c, &any, &|x| x.late));
    row("with 公費 %", 1, ["14", "16"], &|c, _| share(c, &any, &|x| !x.laws.is_empty()));
    let national = |x: &Seen| x.laws.iter().any(|l| matches!(l.as_str(), "15" | "21" | "52" | "54"));
    row("with a national programme %", 2, ["4", "4"], &|c, _| share(c, &any, &national));
    for (law, published) in [("54", ["1.0", "1.0"]), ("21", ["2.2", "2.2"]), ("15", ["0.25", ""]), ("52", ["0.1", ""])]
    {
        row(&format!("… 法別 {law} %"), 2, published, &|c, _| share(c, &any, &|x| x.laws.iter().any(|l| l == law)));
    }
    row("limit on inpatient claims %", 1, ["85", ""], &|c, _| share(c, &stay, &|x| x.limit));
    row("特記 10, of 100,000", 0, ["30", ""], &|c, _| 1000.0 * share(c, &any, &|x| x.third_party));
    for (sort, name) in SORTS {
        let published = match sort {
            Sort::Dpc => ["22,000; 480", ""],
            Sort::Inpatient => ["14,000; 220", ""],
            Sort::Outpatient => ["1,550; 30", ""],
            Sort::Dental => ["2,800; 25", ""],
            Sort::Pharmacy => ["950; 22", ""],
            Sort::Nursing => ["2,500; 25", ""],
        };
        row(&format!("bytes per claim: {name}"), 0, published, &|c, _| {
            mean(c.iter().filter(|x| x.sort == sort).map(|x| x.bytes as f64))
        });
        row("… records", 1, ["", ""], &|c, _| mean(c.iter().filter(|x| x.sort == sort).map(|x| x.records as f64)));
    }
    row("bytes per claim: all", 0, ["1,700", "1,900"], &|c, _| mean(c.iter().map(|x| x.bytes as f64)));
    ages(&both[0]);
}

/// Cost by age against that of 70 to 74 (volumes.md 5.1), weighted by the shares of the ages.
fn ages(claims: &[&Seen]) {
    println!("\n| age | cost of all % | relative to 70–74 | published |\n| --- | --- | --- | --- |");
    let bands: [(i64, i64, f64, &str); 10] = [
        (0, 6, 2.9, "0.42"),
        (7, 14, 4.0, "0.22"),
        (15, 19, 2.9, "0.17"),
        (20, 29, 8.0, "0.18"),
        (30, 39, 8.3, "0.28"),
        (40, 49, 10.7, "0.40"),
        (50, 59, 13.2, "0.58"),
        (60, 64, 9.0, "0.78"),
        (65, 69, 16.5, "0.88"),
        (70, 74, 24.5, "1.00"),
    ];
    let mut by_band: BTreeMap<usize, f64> = BTreeMap::new();
    for c in claims {
        if let Some(i) = bands.iter().position(|b| (b.0..=b.1).contains(&c.age)) {
            *by_band.entry(i).or_default() += c.yen as f64;
        }
    }
    let all: f64 = by_band.values().sum();
    let each = |i: usize| by_band.get(&i).copied().unwrap_or_default() / bands[i].2;
    for (i, b) in bands.iter().enumerate() {
        let part = 100.0 * by_band.get(&i).copied().unwrap_or_default() / all;
        println!("| {}–{} | {part:.1} | {:.2} | {} |", b.0, b.1, each(i) / each(9), b.3);
    }
}
