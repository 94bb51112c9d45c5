//! What the fuzz targets share: bytes become claim files (`input`), and claim files are held against what must
//! be true of any of them (`oracle`). Needs nothing but the parser, so that `parser/tests/fuzz_inputs.rs` runs
//! the same functions in ordinary tests.

pub mod input;
pub mod oracle;

use input::Family;

/// A fuzz target: the records that its input is made of. Without records, the input is a whole file.
pub struct Target {
    pub name: &'static str,
    pub family: Family,
}

const fn target(name: &'static str, ids: &'static [&'static [u8; 2]]) -> Target {
    Target { name, family: Family { ids } }
}

pub static TARGETS: [Target; 12] = [
    target("framing", &[]),
    target("header_records", &[b"IR", b"UK", b"YK", b"HM", b"GO"]),
    target("re", &[b"RE"]),
    target("ho_ko", &[b"HO", b"KO"]),
    target("sn_jd_mf", &[b"SN", b"JD", b"MF"]),
    target("diseases", &[b"SY", b"SB", b"HS"]),
    target("items", &[b"SI", b"IY", b"TO", b"SS", b"NI", b"TI", b"TR", b"TS"]),
    target("comments", &[b"CO", b"TK", b"SJ", b"TZ"]),
    target("dpc", &[b"BU", b"SB", b"KK", b"GA", b"HH", b"GT", b"CD", b"SK", b"GR"]),
    target("pharmacy", &[b"SH", b"CZ", b"IY", b"TO", b"KI", b"ST"]),
    target("nursing", &[b"HM", b"HO", b"RJ", b"KA", b"IH", b"HJ", b"JS", b"KS", b"SY"]),
    target(
        "review_records",
        &[
            b"JY", b"MN", b"EX", b"RC", b"ON", b"MD", b"RT", b"JR", b"MK", b"HR", b"HI", b"HG", b"KH", b"RE", b"HO",
            b"KO", b"SI", b"IY",
        ],
    ),
];

/// Runs one input of one target.
pub fn run(name: &str, data: &[u8]) {
    let Some(target) = TARGETS.iter().find(|t| t.name == name) else { panic!("no target {name}") };
    let (file, encoding) = input::file(&target.family, data);
    oracle::check(&file, encoding);
}

/// What a target begins with.
pub fn seeds(target: &Target) -> Vec<Vec<u8>> {
    input::seeds(&target.family)
}
