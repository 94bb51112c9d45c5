//! Turns `layouts/*.csv` into one module of typed field constants per kind and record.
//! The CSV files are the source; a field's name there is its name in the whole project.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

const KINDS: [&str; 7] = ["common", "medical", "dpc", "dental", "pharmacy", "nursing", "review"];

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("set by cargo");
    let out = env::var("OUT_DIR").expect("set by cargo");
    let mut code = String::new();
    for kind in KINDS {
        let path = Path::new(&root).join("layouts").join(format!("{kind}.csv"));
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).expect("layout file");
        let mut records: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        for line in text.lines().skip(1) {
            let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            assert_eq!(cells.len(), 9, "{}: {line}", path.display());
            records.entry(cells[0].clone()).or_default().push(cells);
        }
        writeln!(code, "/// Records of `layouts/{kind}.csv`.\npub mod {kind} {{\nuse super::*;").unwrap();
        for (id, fields) in &records {
            let module = id.to_lowercase();
            writeln!(code, "/// `{id}`\npub mod {module} {{\nuse super::*;").unwrap();
            for f in fields {
                let ty = match f[8].as_str() {
                    "code" => "Code",
                    "text" => "Text",
                    "int" | "day" => "Int",
                    "decimal" => "Dec",
                    "month" => "Ym",
                    "date" => "Ymd",
                    other => panic!("unknown type {other}"),
                };
                let no: usize = f[1].parse().expect("item number");
                writeln!(
                    code,
                    "/// {} (項番 {no}, {} {}{})\npub const {}: FieldRef<{ty}> = FieldRef::new({});",
                    f[3],
                    f[4],
                    f[5],
                    f[6],
                    f[2].to_uppercase(),
                    no - 1
                )
                .unwrap();
            }
            writeln!(code, "/// Every field in order.\npub static LAYOUT: RecordLayout = RecordLayout {{ id: *b\"{id}\", fields: &[").unwrap();
            for f in fields {
                let size = if f[5].is_empty() { "0" } else { &f[5] };
                writeln!(
                    code,
                    "FieldDef {{ name: {:?}, title: {:?}, mode: Mode::{}, bytes_max: {size}, fixed: {}, required: {}, kind: FieldKind::{} }},",
                    f[2], f[3],
                    match f[4].as_str() { "N" => "Number", "A" => "Ascii", "K" => "Kanji", _ => "Either" },
                    f[6] == "F", f[7] == "R",
                    match f[8].as_str() { "code" => "Code", "text" => "Text", "int" => "Int", "day" => "Day", "decimal" => "Dec", "month" => "Month", _ => "Date" },
                )
                .unwrap();
            }
            writeln!(code, "] }};\n}}").unwrap();
        }
        writeln!(code, "/// Layout of a record of this kind.\npub fn layout(id: [u8; 2]) -> Option<&'static RecordLayout> {{ match &id {{").unwrap();
        for id in records.keys() {
            writeln!(code, "b\"{id}\" => Some(&{}::LAYOUT),", id.to_lowercase()).unwrap();
        }
        writeln!(code, "_ => None }} }}\n}}").unwrap();
    }
    fs::write(Path::new(&out).join("layouts.rs"), code).expect("write layouts.rs");
}
