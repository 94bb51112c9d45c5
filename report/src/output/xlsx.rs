//! A workbook a form: its tables at the cells that the definition names, ready to print.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::{Block, blocks};
use crate::{
    cube::Label,
    made::{Item, Made, Report},
};

struct Formats {
    title: Format,
    unverified: Format,
    small: Format,
    head: Format,
    label: Format,
    code: Format,
    number: Format,
    rate: Format,
    text: Format,
}

impl Formats {
    fn new() -> Self {
        let font = || Format::new().set_font_name("游ゴシック").set_font_size(10);
        let cell = || font().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        Self {
            title: font().set_bold().set_font_size(14),
            unverified: font().set_bold().set_font_size(14).set_font_color(0xC0_00_00),
            small: font(),
            head: cell().set_bold().set_text_wrap().set_align(FormatAlign::Center).set_background_color(0xE8_EE_F4),
            label: cell(),
            code: cell().set_font_color(0x6B_7B_8C).set_align(FormatAlign::Center),
            number: cell().set_num_format("#,##0;▲#,##0;0").set_align(FormatAlign::Right),
            rate: cell().set_num_format("#,##0.00;▲#,##0.00;0.00").set_align(FormatAlign::Right),
            text: cell().set_text_wrap(),
        }
    }
}

/// `C12` as row and column from 0.
pub fn address(cell: &str) -> Option<(u32, u16)> {
    let letters = cell.bytes().take_while(u8::is_ascii_uppercase).count();
    let (column, row) = cell.split_at(letters);
    if column.is_empty() || column.len() > 3 {
        return None;
    }
    let column = column.bytes().fold(0u32, |n, b| n * 26 + u32::from(b - b'A') + 1) - 1;
    let row: u32 = row.parse().ok().filter(|r| *r > 0)?;
    Some((row - 1, u16::try_from(column).ok()?))
}

/// The rows above the first table.
const HEADER_ROWS: u32 = 6;

/// The bytes of a form's workbook. The same input gives the same bytes.
///
/// # Errors
/// More rows than a sheet has, a sheet's name that a workbook refuses.
pub fn workbook(report: &Report<'_>, made: &Made<'_>) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::new();
    let mut book = Workbook::new();
    // a fixed day: what was made of the same is the same
    let day = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_title(&made.form.name_ja).set_creation_datetime(&day));
    let of_form = blocks(made);
    let mut sheets: Vec<&str> = Vec::new();
    for b in &of_form {
        if !sheets.contains(&b.out_sheet) {
            sheets.push(b.out_sheet);
        }
    }
    for name in sheets {
        let sheet = book.add_worksheet().set_name(name)?;
        page(sheet, report, made, &formats)?;
        sheet.set_column_width(0, 42)?;
        for block in of_form.iter().filter(|b| b.out_sheet == name) {
            table(sheet, made, block, &formats)?;
        }
    }
    if let Some(list) = &made.list {
        let sheet = book.add_worksheet().set_name("一覧")?;
        page(sheet, report, made, &formats)?;
        let columns: Vec<&str> = made.form.list_columns().map(|c| c.col_ja.as_str()).collect();
        let mut widths: Vec<f64> = columns.iter().map(|c| width_of(c)).collect();
        for (at, title) in columns.iter().enumerate() {
            sheet.write_string_with_format(HEADER_ROWS, at as u16, *title, &formats.head)?;
        }
        for (no, row) in list.rows.iter().enumerate() {
            for (at, item) in row.iter().enumerate() {
                let (line, column) = (HEADER_ROWS + 1 + no as u32, at as u16);
                match item {
                    Item::Number(n) => sheet.write_number_with_format(line, column, *n as f64, &formats.number)?,
                    // written as a text: a spreadsheet runs no formula of it
                    Item::Text(t) => sheet.write_string_with_format(line, column, t, &formats.text)?,
                };
                if no < 1_000 {
                    let long = width_of(&item.as_text());
                    widths[at] = widths[at].max(long);
                }
            }
        }
        for (at, width) in widths.iter().enumerate() {
            sheet.set_column_width(at as u16, width.clamp(6.0, 40.0))?;
        }
        sheet.set_freeze_panes(HEADER_ROWS + 1, 0)?;
        sheet.set_repeat_rows(HEADER_ROWS, HEADER_ROWS)?;
    }
    checks(&mut book, report, made, &formats)?;
    book.save_to_buffer()
}

/// In characters of a sheet: 漢字 take two.
fn width_of(text: &str) -> f64 {
    let longest = text.lines().map(|l| l.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.0 }).sum::<f64>());
    longest.fold(0.0, f64::max) + 2.0
}

/// Header of reports.md 1.2, and how the sheet is printed.
fn page(sheet: &mut Worksheet, report: &Report<'_>, made: &Made<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let label = Label::of(report.label_month);
    let title = format!("{}　{}", made.form.id, made.form.name_ja);
    sheet.write_string_with_format(0, 0, &title, &formats.title)?;
    if report.is_unverified() {
        sheet.write_string_with_format(0, 4, "未検証（検算が合っていません）", &formats.unverified)?;
    }
    let version = if report.version == 1 { "当初".to_owned() } else { format!("訂正 第{}版", report.version) };
    let made_on = report.made_on.as_deref().unwrap_or("");
    let lines = [
        format!("年度 {}　年月 {}（審査月 {}）", japanese_year(label.fiscal_year()), japanese(report), label.exam),
        format!("都道府県番号 {}　保険者番号 {}", report.prefecture(), report.owner),
        format!("作成日 {made_on}　版 {version}　単位 円"),
    ];
    for (row, text) in (1..).zip(&lines) {
        sheet.write_string_with_format(row, 0, text, &formats.small)?;
    }
    for (row, note) in made.notes.iter().take(1).enumerate() {
        sheet.write_string_with_format(4 + row as u32, 0, note, &formats.small)?;
    }
    sheet.set_landscape();
    sheet.set_paper_size(9);
    let pages = if made.list.is_some() { 0 } else { 1 };
    sheet.set_print_fit_to_pages(1, pages);
    sheet.set_margins(0.4, 0.4, 0.5, 0.5, 0.3, 0.3);
    let mark = if report.is_unverified() { "　未検証" } else { "" };
    sheet.set_footer(format!("&L{} {}{mark}&R&P / &N", made.form.id, report.label_month));
    Ok(())
}

/// 令和7年度.
pub fn japanese_year(year: u16) -> String {
    match year {
        2019.. => format!("令和{}年度", if year == 2019 { "元".to_owned() } else { (year - 2018).to_string() }),
        _ => format!("平成{}年度", year - 1988),
    }
}

/// 令和7年4月.
pub fn japanese(report: &Report<'_>) -> String {
    let (year, month) = (report.label_month.year(), report.label_month.month());
    // 令和 began on 2019-05-01
    if (year, month) >= (2019, 5) {
        let year = if year == 2019 { "元".to_owned() } else { (year - 2018).to_string() };
        format!("令和{year}年{month}月")
    } else {
        format!("平成{}年{month}月", year - 1988)
    }
}

fn table(sheet: &mut Worksheet, made: &Made<'_>, block: &Block<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let mut heads: BTreeMap<u16, (u32, &str)> = BTreeMap::new();
    for (code, label, places) in &block.rows {
        let mut labelled = false;
        for (at, place) in places.iter().enumerate().filter_map(|(i, p)| p.map(|p| (i, p))) {
            let cell = &made.form.cells[place];
            let Some((row, column)) = address(&cell.out_cell) else { continue };
            let value = made.values[place];
            let (number, format) = match cell.decimals {
                0 => (value as f64, &formats.number),
                d => (value as f64 / 10f64.powi(d as i32), &formats.rate),
            };
            sheet.write_number_with_format(row, column, number, format)?;
            sheet.set_column_width(column, 17)?;
            let head = heads.entry(column).or_insert((row, block.columns[at].1));
            head.0 = head.0.min(row);
            // a prefecture's own sheet that begins at A has its labels itself
            if column > 0 && !labelled {
                sheet.write_string_with_format(row, 0, *label, &formats.label)?;
                sheet.set_row_height(row, 18)?;
                if column > 1 {
                    sheet.write_string_with_format(row, 1, *code, &formats.code)?;
                }
                labelled = true;
            }
        }
    }
    let coded = heads.keys().all(|c| *c > 1);
    let top = heads.values().map(|(row, _)| *row).min().unwrap_or(0);
    for (column, (_, title)) in heads {
        if top > 0 {
            sheet.write_string_with_format(top - 1, column, title, &formats.head)?;
            sheet.set_row_height(top - 1, 32)?;
        }
    }
    if top > 0 {
        sheet.write_string_with_format(top - 1, 0, block.sheet, &formats.head)?;
        if coded {
            sheet.write_string_with_format(top - 1, 1, "行", &formats.head)?;
            sheet.set_column_width(1, 9)?;
        }
    }
    Ok(())
}

fn checks(book: &mut Workbook, report: &Report<'_>, made: &Made<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet().set_name("検算")?;
    page(sheet, report, made, formats)?;
    sheet.set_column_width(0, 60)?;
    for (at, title) in ["検算", "番号", "左", "右", "差", "結果"].iter().enumerate() {
        sheet.write_string_with_format(HEADER_ROWS, at as u16, *title, &formats.head)?;
        if at > 0 {
            sheet.set_column_width(at as u16, 16)?;
        }
    }
    let mut row = HEADER_ROWS + 1;
    for c in report.checks_of(&made.form.id) {
        sheet.write_string_with_format(row, 0, &c.text, &formats.label)?;
        sheet.write_number_with_format(row, 1, f64::from(c.number), &formats.number)?;
        for (at, n) in [c.left, c.right, c.diff()].iter().enumerate() {
            sheet.write_number_with_format(row, 2 + at as u16, *n as f64, &formats.number)?;
        }
        sheet.write_string_with_format(row, 5, c.outcome_ja(), &formats.label)?;
        row += 1;
    }
    for text in made.notes.iter().chain(&report.warnings) {
        row += 1;
        sheet.write_string_with_format(row, 0, text, &formats.small)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        assert_eq!(address("A1"), Some((0, 0)));
        assert_eq!(address("C12"), Some((11, 2)));
        assert_eq!(address("AA10"), Some((9, 26)));
        for wrong in ["", "12", "C", "c1", "C0"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
        assert_eq!(japanese_year(2019), "令和元年度");
        assert_eq!(japanese_year(2025), "令和7年度");
        assert_eq!(japanese_year(2018), "平成30年度");
    }
}
