//! Defects that the fuzz targets, or writing them, brought to light; each as small as it gets.

use tenken_parser::{
    Claim, Encoding, Frames, ProblemCode, RawClaim,
    claim::View,
    frame::Event,
    view::walk::{Nothing, walk},
};

fn raw_claims(file: &[u8]) -> Vec<RawClaim> {
    Frames::new(file).filter_map(|e| if let Event::Claim(c) = e { Some(c) } else { None }).collect()
}

fn only(file: &[u8]) -> Claim<'_> {
    let raw = raw_claims(file);
    assert_eq!(raw.len(), 1);
    Claim::read(file, raw[0], Encoding::Cp932)
}

/// `Debug` of a claim listed its bytes as numbers.
#[test]
fn debug_of_a_claim_does_not_list_its_bytes() {
    let file = b"IR,1,13,1\nRE,1,1112,202410,MIHON,1\nGO,1,1,99\n";
    let numbers = b"MIHON".map(|b| b.to_string()).join(", ");
    let shown = format!("{:?}", only(file));
    assert!(shown.contains("Record(RE, 24 bytes)"), "{shown}");
    assert!(!shown.contains("MIHON") && !shown.contains(&numbers), "{shown}");
}

/// 薬剤料 of 14 digits and more left 64 bits when held against 単位薬剤料×調剤数量: 2^59 points counted as none.
#[test]
fn drug_points_beyond_64_bits_are_compared() {
    let cz = "CZ,1,20260605,20260605,1,1,,,,,,,,576460752303423488";
    let file = format!("YK,1,13,4\nRE,1,4318,202606\nHO,06139992,,,1,1\nSH,01,1,,,0\n{cz}\nGO,1,1,99\n");
    let claim = only(file.as_bytes());
    let mut problems = Vec::new();
    walk(&claim, View::Effective, &mut Nothing, &mut problems);
    assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), [ProblemCode::DrugPointsDiffer]);
}

/// Two edits that name one row as their result brought it in twice, and its points counted twice.
#[test]
fn edits_that_name_one_row_bring_it_in_once() {
    let file = b"2,1,0,MN,9\n1,2,0,IR,1,13,1\n1,3,0,RE,1,1112,202606\n1,4,0,HO,06139992,,,1,10\n\
        1,5,0,SI,11,1,111000110,,10,1\n4,6,0,JY,1,0,0,,,8,0\n4,7,0,JY,1,0,0,,,8,0\n4,8,0,SI,12,1,112000110,,5,1\n";
    let claim = only(file);
    let effective: Vec<u32> = claim.view(View::Effective).map(|r| r.address.0).collect();
    assert_eq!(effective, [2, 3, 4, 5, 8]);
    assert_eq!(walk(&claim, View::Effective, &mut Nothing, &mut Vec::new()).points[0], 15);
    let codes: Vec<ProblemCode> = claim.problems().iter().map(|p| p.code).collect();
    assert_eq!(codes, [ProblemCode::CorrectionTargetMissing]);
}

/// A subordinate claim at the beginning of a block was put below the 総括レセプト of the institution before.
#[test]
fn the_claim_above_is_of_the_same_block() {
    let file =
        b"IR,1,13,1\nRE,1,1111,202411,,,,,,,,,,,,,,,1,\nGO,1\nIR,2,13,1\nRE,1,1111,202411,,,,,,,,,,,,,,,2,\nGO,1\n";
    let parents: Vec<(u32, Option<u64>)> = raw_claims(file).iter().map(|r| (r.block, r.parent)).collect();
    assert_eq!(parents, [(0, None), (1, None)]);
    let file = b"IR,1,13,1\nRE,1,1111,202411,,,,,,,,,,,,,,,1,\nRE,1,1111,202411,,,,,,,,,,,,,,,2,\nGO,1\n";
    assert_eq!(raw_claims(file)[1].parent, Some(1));
}
