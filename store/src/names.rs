//! Names of data files: `[gGGGGGG-]PPPPPP-HHHHHHHHHHHHHHHH.parquet`, the generation (without it: 0, what the import
//! wrote), the piece, the hash of the bytes. So generations are told apart without reading.

/// What a name begins with.
pub(crate) fn prefix(generation: i32, piece: u64) -> String {
    if generation == 0 { format!("{piece:06}") } else { format!("g{generation:06}-{piece:06}") }
}

/// Generation and piece of a data file, by its path or name; `None` for files of other programs.
pub(crate) fn parse(path: &str) -> Option<(i32, u64)> {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let mut parts = name.strip_suffix(".parquet")?.split('-');
    let first = parts.next()?;
    let (generation, piece) = match first.strip_prefix('g') {
        Some(g) => (g.parse().ok()?, parts.next()?),
        None => (0, first),
    };
    let hash = parts.next()?;
    let ours = hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && parts.next().is_none();
    if ours { Some((generation, piece.parse().ok()?)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for (generation, piece) in [(0, 0), (0, 1_234_567), (1, 3), (999_999, 999_999), (i32::MAX, u64::MAX)] {
            let name = format!("{}-0123456789abcdef.parquet", prefix(generation, piece));
            assert_eq!(parse(&name), Some((generation, piece)));
            assert_eq!(parse(&format!("exam_month=2026-10/import_id=a/{name}")), Some((generation, piece)));
        }
        for other in ["part-00000-0123456789abcdef.parquet", "imports-0123456789abcdef.parquet", "000001.parquet", "x"]
        {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
