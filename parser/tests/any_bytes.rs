//! Content never makes the parser fail: example files with bytes changed, cut, moved and repeated.

use proptest::prelude::*;
use tenken_parser::{
    Claim, Encoding, Frames,
    claim::View,
    frame::Event,
    view::{
        check,
        header::Header,
        public_expense::PublicExpense,
        service_days::service_days,
        walk::{Nothing, walk},
    },
};

const NAMES: [&str; 9] =
    ["outpatient", "inpatient", "dpc", "era", "dental", "pharmacy", "nursing", "request", "reduction"];

fn example(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/examples/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    Encoding::Cp932.encode(&std::fs::read_to_string(path).unwrap().replace('\n', "\r\n"))
}

#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Insert(usize, &'static [u8]),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces: Vec<&'static [u8]> = vec![
        b",",
        b"\r\n",
        b"\n",
        b"\x1a",
        b"RE,1",
        b"\r\nRE,",
        b"\r\nMN,",
        b"\r\n2,9,0,JY,2,4,0,,,4,0,\r\n",
        b"99999999999999999999",
        b"-",
        b".",
        b"\x81",
        b"\xFF",
        b"\"",
        b" ",
        b"\r\nTI,1,1\r\n",
        b"\r\nGO,1\r\n",
        b"\r\n1,1,1,RE,\r\n",
    ];
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(i, b)| Change::Set(i, b)),
        (any::<usize>(), 0usize..300).prop_map(|(i, n)| Change::Remove(i, n)),
        (any::<usize>(), 0usize..300).prop_map(|(i, n)| Change::Repeat(i, n)),
        (any::<usize>(), proptest::sample::select(pieces)).prop_map(|(i, p)| Change::Insert(i, p)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let len = bytes.len();
    if len == 0 {
        return;
    }
    match *change {
        Change::Set(i, b) => bytes[i % len] = b,
        Change::Remove(i, n) => {
            let start = i % len;
            bytes.drain(start..(start + n).min(len));
        }
        Change::Repeat(i, n) => {
            let start = i % len;
            let part = bytes[start..(start + n).min(len)].to_vec();
            bytes.splice(start..start, part);
        }
        Change::Insert(i, p) => {
            let start = i % len;
            bytes.splice(start..start, p.iter().copied());
        }
    }
}

/// Everything the parser offers, over every claim. Returns what it covered.
fn read_all(file: &[u8], encoding: Encoding) -> usize {
    let mut covered = 0;
    let mut frames = Frames::keeping_rows(file);
    let mut claim = Claim::empty(encoding);
    while let Some(event) = frames.next() {
        match event {
            Event::Claim(raw) => {
                covered += raw.len;
                claim.take(file, raw, &mut frames);
                // cut again by itself, a claim is the same
                let again = Claim::read(file, raw, encoding);
                assert_eq!(claim.kind, again.kind);
                assert_eq!(claim.rows().len(), again.rows().len());
                let whole: usize = claim.rows().iter().map(|r| r.len).sum();
                assert_eq!(whole, raw.len, "rows cover the claim");
                let header = Header::read(&claim);
                let mut problems = Vec::new();
                for view in [View::Billed, View::Effective] {
                    let totals = walk(&claim, view, &mut Nothing, &mut problems);
                    let (days, _) = service_days(claim.kind, &header, &totals);
                    assert_eq!(days >> 31, 0);
                    check::problems(&claim, &header, &totals, &mut problems);
                    let _ = PublicExpense::all(&claim, view);
                }
                for p in problems.iter().chain(check::reject(&claim, &header).iter()) {
                    assert!(p.byte_start as usize + p.byte_len as usize <= file.len());
                    assert!(!p.reason(true).is_empty() && !p.reason(false).is_empty());
                }
                let _ = (check::go_share(&claim, &header), claim.diff().0.len(), header.common.tokki().count());
            }
            Event::Record(r) => covered += r.len,
            Event::Trailing { len, .. } => covered += len,
        }
    }
    covered
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_bytes_make_it_fail(name in proptest::sample::select(NAMES.to_vec()), changes in proptest::collection::vec(change(), 1..12), utf8 in any::<bool>()) {
        let mut file = [example(name), example(name)].concat();
        changes.iter().for_each(|c| apply(&mut file, c));
        let encoding = if utf8 { Encoding::Utf8 } else { Encoding::Cp932 };
        prop_assert_eq!(read_all(&file, encoding), file.len());
        let _ = Encoding::detect(&file);
    }
}
