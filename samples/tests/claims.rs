//! Whatever is ordered, the parser reads it back without a problem, with the sums that the writer told.

mod orders;

use std::collections::BTreeMap;

use orders::World;
use tenken_parser::{
    Claim, Encoding, Frames, Kind, Problem, Row,
    claim::View,
    codes::RECEIPT_TYPE,
    frame::Event,
    layout::{self, Mode},
    view::{
        check,
        diagnosis::Diagnosis,
        header::Header,
        line::Line,
        public_expense::PublicExpense,
        walk::{Sink, walk},
    },
};
use tenken_samples::{
    claims,
    order::{self, Order, Written},
    rng::Rng,
};

const ORDERS: u64 = 25_000;

/// What the parser found in a file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    written: Written,
    lines: Vec<(Option<String>, Option<i64>)>,
    diseases: Vec<String>,
    comments: Vec<String>,
    problems: Vec<String>,
}

impl<'a> Sink<'a> for Found {
    fn line(&mut self, line: &Line<'a>) {
        self.lines.push((line.code.map(str::to_owned), line.points));
    }
    fn diagnosis(&mut self, d: &Diagnosis<'a>) {
        self.diseases.extend(d.disease_code.map(str::to_owned));
    }
    fn comment(&mut self, c: &tenken_parser::view::comment::Comment<'a>) {
        self.comments.extend(c.code.map(str::to_owned));
    }
}

/// A file of one claim in the form that its order asks for.
fn file(order: &Order<'_>, seed: u64) -> (Vec<u8>, Written) {
    let mut out = Vec::new();
    let mut rng = Rng::new(seed);
    if order.insurer_form {
        let written = order::write(order, &mut rng, &mut out);
        return (out, written);
    }
    claims::file_header(order.kind, order.institution, order.billing_month, &mut out);
    let written = order::write(order, &mut rng, &mut out);
    claims::go(order.kind, written.payers, written.go_points, &mut out);
    out.push(0x1A);
    (out, written)
}

/// Every field is as long as the specification allows, and every required one is there.
fn fits(kind: Kind, row: &Row<'_>) {
    let layout = layout::of(kind, row.id.0).expect("a known record");
    for (field, def) in row.record.fields().zip(layout.fields) {
        let (len, max) = (field.raw().len(), usize::from(def.bytes_max));
        let shown = || format!("{kind:?} {} {} {len}/{max} {:?}", row.id, def.name, field.raw());
        assert!(max == 0 || len <= max, "{}", shown());
        assert!(!def.fixed || len == 0 || len == max, "{}", shown());
        assert!(!def.required || len > 0, "{}", shown());
        if def.mode == Mode::Kanji {
            let (text, broken) = Encoding::Cp932.decode(field.raw());
            let narrow = text.chars().any(|c| c.is_ascii() || ('\u{FF61}'..='\u{FF9F}').contains(&c));
            assert!(!broken && (!narrow || def.name == "stay_out_days"), "{}", shown());
        }
    }
}

fn read(bytes: &[u8], kind: Kind) -> Found {
    let mut found = Found::default();
    for event in Frames::new(bytes) {
        let Event::Claim(raw) = event else { continue };
        let claim = Claim::read(bytes, raw, Encoding::Cp932);
        assert_eq!(claim.kind, kind);
        let header = Header::read(&claim);
        let mut problems: Vec<Problem> = check::reject(&claim, &header).into_iter().collect();
        let totals = walk(&claim, View::Effective, &mut found, &mut problems);
        check::problems(&claim, &header, &totals, &mut problems);
        found
            .problems
            .extend(problems.iter().map(|p| format!("{} {:?} {:?} {}", p.code.code(), p.record, p.field, p.detail)));
        claim.rows().iter().for_each(|row| fits(kind, row));
        let receipt_type = header.common.receipt_type.unwrap_or_default();
        assert!(RECEIPT_TYPE.name(receipt_type).is_some(), "{receipt_type}");
        let (payers, go_points) = check::go_share(&claim, &header);
        let w = &mut found.written;
        w.claims += 1;
        w.payers += payers;
        w.go_points += go_points;
        if claim.raw.parent.is_some() {
            continue;
        }
        let main = |view| match claim.find(view, b"HO") {
            Some(ho) => tenken_parser::view::header::Payer::read(kind, ho.record).total,
            None => PublicExpense::all(&claim, view).first().and_then(|k| k.total),
        };
        let (billed, effective) = (main(View::Billed).unwrap_or(-1), main(View::Effective).unwrap_or(-1));
        if kind == Kind::Nursing {
            w.cost_yen += effective;
        } else {
            w.points += billed;
            w.points_effective += effective;
            w.cost_yen += effective * 10;
        }
    }
    found
}

#[test]
fn every_order_reads_back() {
    let world = World::new();
    let mut rng = Rng::new(20_261_125);
    let (mut ratios, mut cut, mut summaries) = (BTreeMap::new(), BTreeMap::new(), 0);
    for seed in 0..ORDERS {
        let order = world.wild(&mut rng);
        let (bytes, written) = file(&order, seed);
        let found = read(&bytes, order.kind);
        let shown =
            || format!("{order:#?}\n{}", Encoding::Cp932.decode(&bytes).0.chars().take(8000).collect::<String>());
        assert!(found.problems.is_empty(), "{:?}\n{}", found.problems, shown());
        assert_eq!(found.written, written, "{}", shown());
        assert_eq!((bytes.clone(), written), file(&order, seed), "the same seed");

        let items: i64 = order.items.iter().map(|i| i.points).sum();
        if order.target > 300 + 2 * items {
            let off = (written.go_points - order.target).abs();
            assert!(off * 10 <= order.target, "{} {}", written.go_points, shown());
            let (sum, count) = ratios.entry(order.kind.name()).or_insert((0, 0));
            *sum += written.go_points * 1_000_000 / order.target;
            *count += 1;
        }
        for item in order.items {
            let line = (Some(item.code.to_owned()), Some(item.points));
            assert!(found.lines.contains(&line), "{} {}", item.code, shown());
        }
        if order.kind != Kind::Pharmacy {
            assert!(order.diseases.iter().all(|d| found.diseases.iter().any(|f| f == d.code)), "{}", shown());
        }
        assert!(order.comments.iter().all(|(code, _)| found.comments.iter().any(|c| c == code)), "{}", shown());
        if written.cost_yen != written.go_points * if order.kind == Kind::Nursing { 1 } else { 10 } {
            assert!(order.insurer_form);
            *cut.entry(order.kind.name()).or_insert(0) += 1;
        }
        summaries += u32::from(written.claims == 3);
    }
    for (kind, (sum, count)) in ratios {
        assert!((980_000..1_020_000).contains(&(sum / count)), "{kind} {sum} {count}");
    }
    assert!(cut.len() == 5 && cut.values().all(|n| *n > 50), "{cut:?}");
    assert!(summaries > 5, "{summaries}");
}

#[test]
fn odd_orders_are_written_too() {
    let world = World::new();
    let mut rng = Rng::new(6);
    for seed in 0..3000 {
        let mut order = world.wild(&mut rng);
        match seed % 4 {
            0 => order.days = 0,
            1 => order.target = -order.target,
            2 => (order.prescriber, order.admission, order.confirmation) = (None, None, ""),
            _ => (order.patient.insurer_no, order.patient.name, order.patient.bango) = ("12x4", "𠮷野", ""),
        }
        let (bytes, written) = file(&order, seed);
        assert!(written.claims > 0 && bytes.ends_with(if order.insurer_form { b"\r\n" } else { b"\n\x1A" }));
    }
}

#[test]
fn no_review_without_a_chance() {
    let world = World::new();
    let mut rng = Rng::new(5);
    for seed in 0..500 {
        let mut order = world.wild(&mut rng);
        order.insurer_form = true;
        order.cut_per_mille = 0;
        let (_, written) = file(&order, seed);
        assert_eq!(written.points, written.points_effective);
    }
}
