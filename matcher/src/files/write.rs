//! A register as its canonical files: UTF-8, LF, columns in the order of the layouts.

use super::{attributes, households, layout::REGISTRY, periods, persons};
use crate::registry::rows::Register;

/// Name and content of each file. Loading them gives the same register.
pub fn write(register: &Register) -> [(&'static str, String); 4] {
    let rows: [Vec<Vec<String>>; 4] = [
        register.persons.iter().map(persons::cells).collect(),
        register.periods.iter().map(periods::cells).collect(),
        register.attributes.iter().map(attributes::cells).collect(),
        register.households.iter().map(households::cells).collect(),
    ];
    let mut out = REGISTRY.map(|layout| (layout.file, String::new()));
    for ((layout, (_, text)), rows) in REGISTRY.iter().zip(&mut out).zip(rows) {
        let header: Vec<String> = layout.columns.iter().map(|c| c.name.to_owned()).collect();
        for row in std::iter::once(header).chain(rows) {
            line(text, &row);
        }
    }
    out
}

fn line(out: &mut String, cells: &[String]) {
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        if cell.contains(['"', ',', '\r', '\n']) {
            out.extend(["\"", &cell.replace('"', "\"\""), "\""]);
        } else {
            out.push_str(cell);
        }
    }
    out.push('\n');
}
