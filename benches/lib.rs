//! Inputs of the benches: a month repeated to a size, from the example claims.

use tenken_parser::Encoding;

/// A plain medical file of about this many bytes: CP932, CR LF, right arithmetic. The claims are copies of
/// the two example claims of the medical page with other receipt numbers.
pub fn medical_file(bytes: usize) -> Vec<u8> {
    let text = |name: &str| match name {
        "outpatient" => include_str!("../parser/tests/examples/outpatient.txt"),
        _ => include_str!("../parser/tests/examples/inpatient.txt"),
    };
    let body = |name: &str| {
        let lines: Vec<&str> = text(name).lines().filter(|l| !l.starts_with("IR,") && !l.starts_with("GO,")).collect();
        Encoding::Cp932.encode(&(lines.join("\r\n") + "\r\n"))
    };
    let header: &str = text("outpatient").lines().next().unwrap_or_default();
    let mut out = Encoding::Cp932.encode(&format!("{header}\r\n"));
    // one inpatient claim in twenty
    let (outpatient, inpatient) = (body("outpatient"), body("inpatient"));
    let mut n = 0;
    while out.len() < bytes {
        n += 1;
        out.extend_from_slice(if n % 20 == 0 { &inpatient } else { &outpatient });
    }
    out
}

/// The same claims in the insurer form: three management columns, MN, EX and RC.
pub fn insurer_file(bytes: usize) -> Vec<u8> {
    let text = include_str!("../parser/tests/examples/outpatient.txt");
    let mut lines: Vec<String> = vec!["MN,900000001,東京都架空区見本１－１,13150807900000001,,,".into()];
    lines.extend(text.lines().filter(|l| !l.starts_with("GO,")).map(str::to_owned));
    lines.push("EX,,,,,,,,1,,,,".into());
    lines.push("RC,Ver000010123456789abcdef0123456789abcdef".into());
    let claim: String = lines
        .iter()
        .enumerate()
        .map(|(i, l)| {
            let kind = if matches!(&l[..2], "MN" | "EX" | "RC") { 2 } else { 1 };
            format!("{kind},{},0,{l}\r\n", i + 1)
        })
        .collect();
    let claim = Encoding::Cp932.encode(&claim);
    claim.repeat(bytes.div_ceil(claim.len()))
}
