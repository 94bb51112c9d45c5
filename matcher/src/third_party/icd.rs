//! ICD-10 of the weight table, for display and for the list of differences from the official master (third-party.md 3.1).
//! No score reads it: regions and families are what the engine goes by.

use std::{collections::HashMap, sync::LazyLock};

static OF_TABLE: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    rows(include_str!("../../data/third_party/diseases.csv"), "disease_code", "icd10").into_iter().collect()
});

static NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    rows(include_str!("../../data/third_party/diseases.csv"), "disease_code", "name_ja").into_iter().collect()
});

/// Words by which an uncoded name counts as self-harm or abuse.
static VIOLENCE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let words = rows(include_str!("../../data/third_party/words.csv"), "kind", "first");
    let of_names = words.into_iter().filter(|(kind, _)| kind == "name");
    of_names.flat_map(|(_, first)| first.split('|').map(str::to_owned).collect::<Vec<_>>()).collect()
});

/// Two columns of an embedded table.
fn rows(text: &str, a: &str, b: &str) -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let Ok(headers) = reader.headers().cloned() else { return Vec::new() };
    let at = |name: &str| headers.iter().position(|h| h == name).unwrap_or(usize::MAX);
    let (a, b) = (at(a), at(b));
    let cell = |r: &csv::StringRecord, at: usize| r.get(at).unwrap_or_default().to_owned();
    reader.records().filter_map(Result::ok).map(|r| (cell(&r, a), cell(&r, b))).collect()
}

/// ICD-10 of a code of the weight table, with its dot.
pub fn of_table(code: &str) -> Option<&'static str> {
    OF_TABLE.get(code).map(String::as_str)
}

/// Name of a code of the weight table.
pub fn name_of_table(code: &str) -> Option<&'static str> {
    NAMES.get(code).map(String::as_str)
}

/// Whether the name of a disease says suicide, self-harm or abuse: such a code belongs into the weight table.
pub fn names_violence(name: &str) -> bool {
    VIOLENCE.iter().any(|w| name.contains(w.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read() {
        assert_eq!(OF_TABLE.len(), 273);
        assert_eq!(of_table("8847342"), Some("T14.9"));
        assert_eq!(name_of_table("8847342"), Some("シートベルト損傷"));
        assert_eq!(of_table("0000999"), None);
        assert!(names_violence("虐待の疑い") && names_violence("自傷行為") && !names_violence("頚椎捻挫"));
    }
}
