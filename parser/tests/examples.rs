//! The example claims of the specification pages, field by field as the pages say.

use tenken_parser::{
    Claim, Encoding, Form, Frames, Kind, Problem, ProblemCode, RawClaim,
    claim::View,
    frame::Event,
    layout,
    view::{
        check,
        comment::Comment,
        diagnosis::Diagnosis,
        header::Header,
        line::Line,
        public_expense::PublicExpense,
        service_days::service_days,
        walk::{Sink, Totals, walk},
    },
};

fn example(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/examples/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap().replace('\n', "\r\n");
    let mut bytes = Encoding::Cp932.encode(&text);
    bytes.push(0x1A);
    bytes
}

fn raw_claims(file: &[u8]) -> Vec<RawClaim> {
    Frames::new(file).filter_map(|e| if let Event::Claim(c) = e { Some(c) } else { None }).collect()
}

fn only(file: &[u8]) -> Claim<'_> {
    let raw = raw_claims(file);
    assert_eq!(raw.len(), 1);
    Claim::read(file, raw[0], Encoding::Cp932)
}

#[derive(Default)]
struct Rows(Vec<String>, Vec<String>, Vec<String>);

impl<'a> Sink<'a> for Rows {
    fn line(&mut self, l: &Line<'a>) {
        self.0.push(format!(
            "{} u{} {} {} {} q{} p{} t{} d{}",
            l.record_id,
            l.unit_no,
            l.category.unwrap_or("-"),
            l.burden_class.unwrap_or("-"),
            l.code.unwrap_or("-"),
            l.quantity.map_or("-".into(), |q| q.to_string()),
            l.points.map_or("-".into(), |p| p.to_string()),
            l.times.map_or("-".into(), |p| p.to_string()),
            l.day_mask.map_or_else(
                || l.service_date.map_or("-".into(), |d| d.to_string()),
                |m| (1..=31).filter(|d| m >> (d - 1) & 1 == 1).map(|d| d.to_string()).collect::<Vec<_>>().join("+")
            ),
        ));
    }
    fn diagnosis(&mut self, d: &Diagnosis<'a>) {
        self.1.push(format!(
            "{} {} {} {} {} {}",
            d.record_id,
            d.disease_code.unwrap_or("-"),
            d.start_date.map_or("-".into(), |d| d.to_string()),
            d.outcome.unwrap_or("-"),
            if d.main { "main" } else { "-" },
            d.teeth().collect::<Vec<_>>().join("+"),
        ));
    }
    fn comment(&mut self, c: &Comment<'a>) {
        self.2.push(format!(
            "{} {} {} {}",
            c.record_id,
            c.category.unwrap_or("-"),
            c.code.unwrap_or("-"),
            c.text.map_or("-".into(), |t| t.text(Encoding::Cp932).0.into_owned())
        ));
    }
}

fn read<'a>(claim: &Claim<'a>) -> (Header<'a>, Rows, Totals, Vec<Problem>) {
    let header = Header::read(claim);
    assert_eq!(check::reject(claim, &header), None);
    let mut rows = Rows::default();
    let mut problems = Vec::new();
    let totals = walk(claim, View::Effective, &mut rows, &mut problems);
    check::problems(claim, &header, &totals, &mut problems);
    (header, rows, totals, problems)
}

fn days(mask: u32) -> Vec<u32> {
    (1..=31).filter(|d| mask >> (d - 1) & 1 == 1).collect()
}

#[test]
fn outpatient_with_one_public_payer() {
    let file = example("outpatient");
    let claim = only(&file);
    let (h, rows, totals, problems) = read(&claim);
    assert_eq!(problems, []);
    assert_eq!(claim.kind, Kind::Medical);
    assert_eq!(claim.raw.form, Form::Uke);
    assert_eq!(h.common.receipt_no, Some("1"));
    assert_eq!(h.common.receipt_type, Some("1122"));
    assert_eq!(h.common.service_month.unwrap().to_string(), "2024-10");
    assert_eq!(claim.text(h.common.patient_name.unwrap()), "見本　太郎");
    assert_eq!(claim.text(h.common.patient_name_kana.unwrap()), "ミホンタロウ");
    assert_eq!((h.common.sex, h.common.birth_date.unwrap().to_string().as_str()), (Some("1"), "1980-01-15"));
    assert_eq!(h.common.tokki().collect::<Vec<_>>(), ["28"]);
    let biller = h.biller;
    assert_eq!(
        (biller.review_org, biller.prefecture, biller.score_table, biller.institution_code),
        (Some("1"), Some("13"), Some("1"), Some("1399990"))
    );
    assert_eq!(biller.billing_month.unwrap().to_string(), "2024-11");
    assert_eq!(claim.text(biller.institution_name.unwrap()), "見本内科クリニック");
    let payer = h.payer.unwrap();
    assert_eq!((payer.insurer_no, payer.days, payer.total), (Some("06139992"), Some(2), Some(904)));
    assert_eq!(claim.text(payer.kigo.unwrap()), "１２３");
    assert_eq!(claim.text(payer.bango.unwrap()), "４５６");
    assert_eq!((h.confirmation.confirmation, h.confirmation.edaban), (Some("01"), Some("01")));
    assert_eq!(h.window_class, Some("00"));
    let ko = PublicExpense::all(&claim, View::Effective);
    assert_eq!(ko.len(), 1);
    assert_eq!(
        (ko[0].payer_no, ko[0].recipient_no, ko[0].days, ko[0].total, ko[0].copay_yen),
        (Some("54139993"), Some("1234566"), Some(2), Some(862), Some(1724))
    );
    assert_eq!((totals.points[0], totals.points[1]), (904, 862));
    assert_eq!(check::go_share(&claim, &h), (2, 904));
    let (mask, exact) = service_days(claim.kind, &h, &totals);
    assert_eq!((days(mask), exact), (vec![3, 17], true));
    assert_eq!(rows.1, ["SY 8833421 2024-09-10 1 main ", "SY 0000999 2024-10-03 1 - "]);
    assert_eq!(rows.2, ["SY - - 見本傷病", "CO 99 810000001 見本の摘要コメント"]);
    assert_eq!(
        rows.0,
        [
            "SI u1 12 2 112007410 q- p75 t2 d3+17",
            "SI u2 12 2 112011010 q- p52 t2 d3+17",
            "IY u3 21 2 622007301 q2 p- t14 d17",
            "IY u3 21 2 622306501 q1 p33 t14 d17",
            "SI u4 25 1 120001210 q- p42 t1 d17",
            "SI u5 60 2 160008010 q- p21 t1 d3",
            "SI u6 60 2 160061810 q- p125 t1 d3",
        ]
    );
}

#[test]
fn inpatient_with_meals() {
    let file = example("inpatient");
    let claim = only(&file);
    let (h, rows, totals, problems) = read(&claim);
    assert_eq!(problems, []);
    assert!(h.common.is_inpatient(claim.kind));
    assert_eq!(h.common.admission_date.unwrap().to_string(), "2024-11-05");
    assert_eq!(h.common.benefit_rate, Some(70));
    let payer = h.payer.unwrap();
    assert_eq!(payer.insurer_no, Some("279992"));
    assert_eq!((payer.total, payer.meal_count, payer.meal_yen), (Some(9989), Some(9), Some(6030)));
    assert_eq!((totals.points[0], totals.meal_yen[0], totals.meal_count[0]), (9989, 6030, 9));
    assert_eq!(totals.standard_burden_yen[0], 980 + 1470 * 2 + 490);
    let (mask, exact) = service_days(claim.kind, &h, &totals);
    assert_eq!((days(mask), exact), (vec![5, 6, 7, 8], true));
    assert_eq!(rows.1[0], "SY 0000999 2024-11-05 1 main ");
    assert!(rows.0.contains(&"TO u3 40 1 739200000 q390 p- t1 d5".to_owned()), "{:?}", rows.0);
    assert!(rows.0.contains(&"TO u3 40 1 770020070 q- p4 t1 d5".to_owned()));
    assert!(rows.2.contains(&"SJ 07 - 見本の症状詳記".to_owned()));
}

#[test]
fn dpc_adds_up() {
    let file = example("dpc");
    let claim = only(&file);
    let (h, rows, totals, problems) = read(&claim);
    assert_eq!(problems, []);
    assert_eq!(claim.kind, Kind::Dpc);
    assert_eq!(h.dpc_code, Some("990010XX01X00X"));
    assert_eq!(h.admission_date().unwrap().to_string(), "2024-11-11");
    assert_eq!(h.stay.1.unwrap().to_string(), "2024-11-16");
    assert_eq!(h.common.summary_class, Some("0"));
    assert_eq!(claim.text(h.common.patient_name_kana.unwrap()), "ミホンジロウ");
    assert_eq!((h.payer.unwrap().total, totals.points[0]), (Some(24_620), 24_620));
    assert_eq!(h.payer.unwrap().meal_count, Some(13));
    assert_eq!(rows.0[0], "GT u1 93 1 - q- p16295 t1 d-");
    assert_eq!(rows.1.len(), 3);
    assert_eq!(rows.1[1], "SB 0000999 - - main ");
    let (mask, exact) = service_days(claim.kind, &h, &totals);
    assert_eq!((days(mask), exact), (vec![11, 12, 13, 14, 15, 16], true));
}

#[test]
fn era_dates_are_western() {
    let file = example("era");
    let claim = only(&file);
    let (h, rows, _, problems) = read(&claim);
    assert_eq!(problems, []);
    assert_eq!(h.common.service_month.unwrap().to_string(), "2018-11");
    assert_eq!(h.common.birth_date.unwrap().to_string(), "1980-01-15");
    assert_eq!(h.biller.billing_month.unwrap().to_string(), "2018-12");
    assert_eq!(rows.1, ["SY 8833421 2018-11-05 1 main "]);
}

#[test]
fn dental() {
    let file = example("dental");
    let claim = only(&file);
    let (h, rows, totals, problems) = read(&claim);
    assert_eq!(problems, []);
    assert_eq!(claim.kind, Kind::Dental);
    assert!(claim.bytes().starts_with(b"IR,"), "a dental claim begins with its IR");
    assert_eq!(claim.text(h.biller.institution_name.unwrap()), "サンプル歯科医院");
    assert_eq!(h.biller.billing_month.unwrap().to_string(), "2026-07");
    assert_eq!(h.payer.unwrap().insurer_no, Some("139998"));
    assert_eq!((h.payer.unwrap().total, totals.points[0]), (Some(590), 590));
    assert_eq!(rows.1, ["HS 0000999 2026-06-03 1 - 101600"]);
    assert_eq!(
        rows.0,
        [
            "SS u1 11 1 399999901 q- p300 t1 d3",
            "SS u2 12 1 399999902 q- p60 t1 d17",
            "SS u3 41 1 399999903 q- p- t2 d3+17",
            "SS u3 41 1 TZ999 q- p- t2 d3+17",
            "TO u3 41 1 799999901 q1 p100 t2 d3+17",
            "IY u4 21 1 629999901 q3 p10 t3 d3",
        ]
    );
    assert_eq!(rows.2[1], "CO 99 810000001 見本コメント");
}

#[test]
fn pharmacy() {
    let file = example("pharmacy");
    let claim = only(&file);
    let (h, rows, totals, problems) = read(&claim);
    assert_eq!(problems, []);
    assert_eq!(claim.kind, Kind::Pharmacy);
    assert_eq!(h.common.prescriber, Some(("13", "1", "9999916")));
    assert_eq!(claim.text(h.common.patient_name_kana.unwrap()), "ミホンハナコ");
    let payer = h.payer.unwrap();
    assert_eq!((payer.insurer_no, payer.days, payer.total), (Some("39139993"), Some(1), Some(310)));
    assert!(payer.kigo.is_none());
    assert_eq!(totals.points[0], 310);
    assert_eq!(
        rows.0,
        [
            "CZ u1 - 1 429999901 q- p24 t1 d2026-06-05",
            "CZ u1 - 1 449999901 q- p28 t1 d2026-06-05",
            "IY u1 - 1 629999901 q3 p168 t1 d2026-06-05",
            "KI u2 - 1 419999901 q- p45 t1 d2026-06-05",
            "KI u2 - 1 449999902 q- p45 t1 d2026-06-05",
        ]
    );
    let (mask, exact) = service_days(claim.kind, &h, &totals);
    assert_eq!((days(mask), exact), (vec![5], true));
}

#[test]
fn nursing() {
    let file = example("nursing");
    let claim = only(&file);
    let (h, rows, totals, problems) = read(&claim);
    assert_eq!(problems, []);
    assert_eq!(claim.kind, Kind::Nursing);
    assert_eq!(claim.text(h.common.patient_name_kana.unwrap()), "ミホンジロウ");
    assert_eq!(h.common.birth_date.unwrap().to_string(), "1955-05-05");
    assert_eq!((h.payer.unwrap().total, totals.points[0]), (Some(38_870), 38_870));
    assert_eq!(rows.0.len(), 8);
    assert_eq!(rows.0[1], "KA u2 - 1 529999901 q- p7670 t1 d2026-06-02");
    let (mask, exact) = service_days(claim.kind, &h, &totals);
    assert_eq!((days(mask), exact), (vec![2, 9, 16, 23], true));
}

#[test]
fn request_and_answer_leave_the_claim_as_it_is() {
    let file = example("request");
    let claim = only(&file);
    let (h, rows, _, problems) = read(&claim);
    assert_eq!(problems, []);
    assert_eq!(claim.raw.form, Form::Insurer);
    assert!(!claim.is_corrected());
    assert_eq!(h.mgmt_no, Some("900000001"));
    assert_eq!(h.search_no, Some("13150807900000001"));
    assert_eq!(h.payer.unwrap().total, Some(400));
    assert_eq!(rows.0.len(), 3);
    let mk = claim.rows().iter().find(|r| r.id.0 == *b"MK").unwrap();
    assert_eq!(mk.record.value(layout::review::mk::REQUESTER_KIND), Some("201"));
    assert_eq!(mk.data_kind, 4);
}

#[test]
fn a_reduction_changes_the_effective_view_only() {
    let file = example("reduction");
    let claim = only(&file);
    let (h, rows, totals, problems) = read(&claim);
    // the page's fragment leaves the IY's day cells at 10 for times 5 to 5: it carries its own cells
    assert!(problems.iter().all(|p| p.code == ProblemCode::ActualDaysDiffer), "{problems:?}");
    assert!(claim.is_corrected());
    assert_eq!(h.payer.unwrap().total, Some(325));
    assert_eq!(h.billed_payer.unwrap().total, Some(400));
    assert_eq!(totals.points[0], 325);
    assert_eq!(rows.0[2], "IY u3 21 1 629999901 q2 p15 t5 d10");
    let (gone, new) = claim.diff();
    assert_eq!(gone.iter().map(|r| r.address.0).collect::<Vec<_>>(), [4, 10]);
    assert_eq!(new.iter().map(|r| r.address.0).collect::<Vec<_>>(), [23, 22]);
}

/// What is parsed can be written back byte for byte, and reading claims out of order or again gives the same.
#[test]
fn bytes_come_back() {
    for name in ["outpatient", "inpatient", "dpc", "era", "dental", "pharmacy", "nursing", "request", "reduction"] {
        let file = [example(name), example(name)].concat();
        let mut covered = vec![false; file.len()];
        for e in Frames::new(&file) {
            let (start, len) = match e {
                Event::Claim(c) => (c.start, c.len),
                Event::Record(r) => (r.start, r.len),
                Event::Trailing { start, len } => (start, len),
            };
            covered[start..start + len].iter_mut().for_each(|c| {
                assert!(!*c);
                *c = true;
            });
        }
        assert!(covered.iter().all(|c| *c), "{name}");
        let raw = raw_claims(&file);
        assert_eq!(raw.len(), 2);
        let rebuilt: Vec<u8> = raw
            .iter()
            .map(|r| Claim::read(&file, *r, Encoding::Cp932))
            .flat_map(|c| {
                c.rows().iter().flat_map(|r| c.bytes()[r.offset..r.offset + r.len].to_vec()).collect::<Vec<_>>()
            })
            .collect();
        let original: Vec<u8> = raw.iter().flat_map(|r| file[r.start..r.start + r.len].to_vec()).collect();
        assert_eq!(rebuilt, original, "{name}");
    }
}
