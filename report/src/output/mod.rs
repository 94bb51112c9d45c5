//! Files of a report (reports.md 11.2).

pub mod html;
pub mod svg;
pub mod text;
pub mod xlsx;

use crate::{forms::Cell, made::Made};

/// `1,234`; below zero `▲1,234`; with decimals `12.34`.
pub fn printed(value: i64, decimals: u32) -> String {
    let unit = 10u64.pow(decimals);
    let (whole, rest) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let digits = whole.to_string();
    let mut out = String::new();
    if value < 0 {
        out.push('▲');
    }
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    if decimals > 0 {
        out.push_str(&format!(".{rest:0width$}", width = decimals as usize));
    }
    out
}

/// The blocks of an output sheet: cells that stand in one table, by rows and columns in order.
pub struct Block<'f> {
    pub sheet: &'f str,
    pub out_sheet: &'f str,
    pub columns: Vec<(&'f str, &'f str)>,
    /// code, label, place of the cell of each column
    pub rows: Vec<(&'f str, &'f str, Vec<Option<usize>>)>,
}

/// The tables of a form as its definition orders them: a new one begins where the sheet changes or a row comes again.
pub fn blocks<'m>(made: &'m Made<'_>) -> Vec<Block<'m>> {
    let mut blocks: Vec<Block<'m>> = Vec::new();
    let cells: &'m [Cell] = &made.form.cells;
    for (at, cell) in cells.iter().enumerate().filter(|(_, c)| c.sheet != "LIST") {
        let columns_of_row = |row: &str| -> Vec<(&'m str, &'m str)> {
            cells
                .iter()
                .filter(|c| c.sheet == cell.sheet && c.row == row)
                .map(|c| (c.col.as_str(), c.col_ja.as_str()))
                .collect()
        };
        let row_on_sheet = |c: &Cell| xlsx::address(&c.out_cell).map_or(0, |(row, _)| row);
        let fits = |b: &Block<'_>| {
            let last = b.rows.last().and_then(|r| r.2.iter().rev().flatten().next());
            // a gap on the sheet begins another table
            let close = last.is_none_or(|p| row_on_sheet(cell).abs_diff(row_on_sheet(&cells[*p])) <= 1);
            let same_row = b.rows.last().is_some_and(|r| r.0 == cell.row);
            b.sheet == cell.sheet
                && b.out_sheet == cell.out_sheet
                && close
                && (same_row || b.columns.iter().any(|c| *c == (cell.col.as_str(), cell.col_ja.as_str())))
        };
        if !blocks.last().is_some_and(fits) {
            blocks.push(Block {
                sheet: &cell.sheet,
                out_sheet: &cell.out_sheet,
                columns: columns_of_row(&cell.row),
                rows: Vec::new(),
            });
        }
        let block = blocks.last_mut().expect("just pushed");
        if block.rows.last().is_none_or(|r| r.0 != cell.row) {
            block.rows.push((&cell.row, &cell.row_ja, vec![None; block.columns.len()]));
        }
        let column = match block.columns.iter().position(|c| c.0 == cell.col) {
            Some(column) => column,
            None => {
                block.columns.push((&cell.col, &cell.col_ja));
                block.rows.iter_mut().for_each(|r| r.2.push(None));
                block.columns.len() - 1
            }
        };
        block.rows.last_mut().expect("just pushed").2[column] = Some(at);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_printed_as_offices_print_them() {
        assert_eq!(printed(1_234_567, 0), "1,234,567");
        assert_eq!(printed(-5_000, 0), "▲5,000");
        assert_eq!(printed(8_342, 2), "83.42");
        assert_eq!(printed(-5, 2), "▲0.05");
        assert_eq!(printed(0, 0), "0");
    }
}
