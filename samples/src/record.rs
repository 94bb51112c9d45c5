//! Builds record lines by the names of their fields.

use tenken_parser::{Kind, layout};

/// Index of a field in its record.
pub fn position(kind: Kind, id: &str, name: &str) -> usize {
    fields(kind, id).iter().position(|f| f.name == name).unwrap_or_else(|| panic!("{kind:?} {id} has no field {name}"))
}

fn fields(kind: Kind, id: &str) -> &'static [layout::FieldDef] {
    let id: [u8; 2] = id.as_bytes().try_into().unwrap_or(*b"??");
    layout::of(kind, id).map_or(&[], |l| l.fields)
}

/// A line with every field of the layout; fields not named stay empty.
pub fn record(kind: Kind, id: &str, values: &[(&str, &str)]) -> String {
    let mut cells = vec![""; fields(kind, id).len()];
    cells[0] = id;
    for (name, value) in values {
        cells[position(kind, id, name)] = value;
    }
    cells.join(",")
}

/// The line with one field replaced.
pub fn replaced(line: &str, index: usize, value: &str) -> String {
    let mut cells: Vec<&str> = line.split(',').collect();
    cells[index] = value;
    cells.join(",")
}

/// The field of a line.
pub fn field(line: &str, index: usize) -> &str {
    line.split(',').nth(index).unwrap_or_default()
}

/// Puts counts into the day cells of a line.
pub fn with_days(kind: Kind, line: &str, days: &[u8], count: i64) -> String {
    let first = position(kind, &line[..2], "day_1");
    let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
    for d in days {
        cells[first + usize::from(*d) - 1] = count.to_string();
    }
    cells.join(",")
}
