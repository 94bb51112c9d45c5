//! 第三者行為進捗状況一覧表 (third-party.md 5.2): one layout for csv and xlsx (`data/progress_columns.csv`).

use std::sync::LazyLock;

use jiff::{Unit, civil::Date};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook};
use serde::Deserialize;

use crate::{
    cases::Detail,
    error::{Error, Result},
    letters::urgency,
    words::{read, title, words},
};

#[derive(Debug, Deserialize)]
pub struct Column {
    pub column: String,
    pub title_ja: String,
    /// of a sheet, in characters
    pub width: f64,
}

pub static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| read(include_str!("../data/progress_columns.csv")));

/// What a list prints of a person; supplied by whoever prints it. `Debug` shows nothing.
#[derive(Clone, Default)]
pub struct Person {
    pub name: Option<String>,
    pub birth_date: Option<String>,
    /// 男 女
    pub sex: Option<String>,
}

/// The person of an insurer and a 宛名番号.
pub type Persons<'p> = dyn Fn(&str, &str) -> Person + 'p;

/// The rows of the list, most urgent first: `held` = those on hold, which are on no list that leaves the house, else all
/// others.
pub fn rows(
    cases: &[Detail],
    held: bool,
    is_held: &dyn Fn(&Detail) -> bool,
    persons: &Persons<'_>,
) -> Vec<Vec<String>> {
    let mut cases: Vec<&Detail> = cases.iter().filter(|d| (d.case.hold || is_held(d)) == held).collect();
    cases.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
    cases.into_iter().map(|d| row(d, &persons(&d.case.insurer_no, &d.case.person_id))).collect()
}

fn row(d: &Detail, person: &Person) -> Vec<String> {
    let c = &d.case;
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let date = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let flag = |b: Option<bool>| b.map_or("", |b| if b { "Y" } else { "N" }).to_owned();
    let reminders: Vec<Date> = d.moves.iter().filter(|m| m.to == crate::states::REMINDED).map(|m| m.on).collect();
    let notice = d.first("NOTICE_RECEIVED");
    let missing: Vec<&str> = words("paper")
        .filter(|w| !d.papers.iter().any(|(paper, _)| *paper == w.code))
        .map(|w| w.name_ja.as_str())
        .collect();
    let mut providers: Vec<&str> = d.claims.iter().map(|c| c.institution_code.as_str()).collect();
    providers.sort_unstable();
    providers.dedup();
    let limits = c.limits();
    let limit = |name: &str| date(limits.iter().find(|l| l.limit == name).map(|l| l.on));
    let tort = limit("tort");
    let (claimed, paid) = (d.sum("claimed"), d.sum("paid"));
    let last = |kind: &str| d.amounts.iter().rev().find(|a| a.0 == kind).map(|a| a.1);
    let sum = |n: i64, kind: &str| if last(kind).is_some() { n.to_string() } else { String::new() };
    let answer = d.moves.iter().rev().find_map(|m| m.answer.as_deref());
    COLUMNS
        .iter()
        .map(|column| match column.column.as_str() {
            "case_no" => c.case_no.clone(),
            "insurer_no" => c.insurer_no.clone(),
            "scheme" => c.scheme.clone(),
            "person_key" => c.person_id.clone(),
            "name" => text(&person.name),
            "birth_date" => text(&person.birth_date),
            "sex" => text(&person.sex),
            "household_key" => text(&c.household_id),
            "discovery_route" => title("discovery", &c.discovery_route).to_owned(),
            "wide_area_id" => text(&c.wide_area_id),
            "cause_type" => c.cause_type.as_deref().map(|x| title("cause", x).to_owned()).unwrap_or_default(),
            "accident_date" => date(c.accident_date.or(c.first_day)),
            "accident_estimated" => flag(Some(c.accident_date.is_none())),
            "place_municipality" => text(&c.place_municipality),
            "first_claim_month" => d.claims.first().map(|x| x.service_month.clone()).unwrap_or_default(),
            "last_claim_month" => d.claims.last().map(|x| x.service_month.clone()).unwrap_or_default(),
            "providers" => providers.join(";"),
            "claims_count" => d.claims.len().to_string(),
            "points_total" => d.claims.iter().filter_map(|x| x.points).sum::<i64>().to_string(),
            "accident_points" => d.claims.iter().filter_map(|x| x.accident_points).sum::<i64>().to_string(),
            "benefit_yen" => d.benefit_yen().to_string(),
            "has_10_count" => d.claims.iter().filter(|x| x.has_10).count().to_string(),
            "rule_version" => text(&c.rule_version),
            "score" => number(c.score),
            "band" => text(&c.band),
            "inquiry_sent" => date(d.first("INQUIRY_SENT")),
            "reminded_1" => date(reminders.first().copied()),
            "reminded_2" => date(reminders.get(1).copied()),
            "answered" => date(d.first("ANSWERED")),
            "answer_type" => answer.map(|a| title("answer", a).to_owned()).unwrap_or_default(),
            "notice_requested" => date(d.first("NOTICE_REQUESTED")),
            "notice_received" => date(notice),
            "days_to_notice" => number(days_to_notice(d)),
            "voluntary" => flag(notice.map(|_| is_voluntary(d))),
            "papers_missing" => missing.join(";"),
            "counterparty_known" => flag(c.counterparty_known),
            "insurer_of_counterparty" => text(&c.counterparty_insurer),
            "jibai_limit" => limit("jibai"),
            "tort_limit" if tort.is_empty() && !limits.is_empty() => {
                format!("{}（20年。相手を知れば5年）", limit("long_stop"))
            }
            "tort_limit" => tort.clone(),
            "delegated_to" => text(&c.delegated_to),
            "delegated_date" => date(c.delegated_date),
            "claimed_date" => date(last("claimed")),
            "claimed_yen" => sum(claimed, "claimed"),
            "fault_ratio" => number(c.fault_ratio),
            "settled" => flag(c.settled),
            "paid_date" => date(last("paid")),
            "paid_yen" => sum(paid, "paid"),
            "remaining_yen" => sum((claimed - paid).max(0), "claimed"),
            "state" => title("state", &c.state).to_owned(),
            "state_since" => date(d.moves.last().map(|m| m.on)),
            "staff" => text(&c.staff),
            "next_action" => text(&c.next_action),
            "next_action_due" => date(c.next_action_due),
            "note" => text(&c.note),
            _ => String::new(),
        })
        .collect()
}

/// Days from the first day of the episode to the 傷病届 (third-party.md 1.5).
pub(crate) fn days_to_notice(d: &Detail) -> Option<i64> {
    let (start, notice) = (d.case.first_day.or(d.case.accident_date)?, d.first("NOTICE_RECEIVED")?);
    start.until((Unit::Day, notice)).ok().map(|span| i64::from(span.get_days()))
}

/// The 傷病届 came without a 勧奨 before it.
pub(crate) fn is_voluntary(d: &Detail) -> bool {
    d.first("NOTICE_REQUESTED").is_none()
}

/// The list as CSV: UTF-8, LF, names of the columns as in the page.
pub fn csv(rows: &[Vec<String>]) -> String {
    let mut out = csv::WriterBuilder::new().from_writer(Vec::new());
    // a vector takes everything
    let _ = out.write_record(COLUMNS.iter().map(|c| c.column.as_str()));
    rows.iter().for_each(|r| {
        let _ = out.write_record(r);
    });
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// The list as a workbook: Japanese headings that stay in sight, landscape, as wide as one page.
///
/// # Errors
/// [`Error::Xlsx`].
pub fn xlsx(rows: &[Vec<String>], heading: &str) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin)
        .set_background_color("#DDEBF7");
    let cell = Format::new().set_border(FormatBorder::Thin);
    let amount = Format::new().set_border(FormatBorder::Thin).set_num_format("#,##0");
    sheet.set_name("進捗状況一覧表")?;
    sheet.write_with_format(0, 0, heading, &Format::new().set_bold().set_font_size(14))?;
    for (at, column) in (0u16..).zip(COLUMNS.iter()) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_with_format(1, at, &column.title_ja, &head)?;
    }
    for (line, row) in (2u32..).zip(rows) {
        for ((at, text), column) in (0u16..).zip(row).zip(COLUMNS.iter()) {
            let is_amount = column.column.ends_with("_yen") || column.column.contains("points");
            match text.parse::<f64>() {
                Ok(n) if is_amount => sheet.write_with_format(line, at, n, &amount)?,
                _ => sheet.write_string_with_format(line, at, harmless(text), &cell)?,
            };
        }
    }
    sheet.set_freeze_panes(2, 1)?;
    sheet.set_landscape().set_paper_size(8).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 1)?;
    sheet.autofilter(1, 0, 1 + rows.len() as u32, COLUMNS.len().saturating_sub(1) as u16)?;
    book.save_to_buffer().map_err(Error::from)
}

/// A text that a spreadsheet would take for a formula gets an apostrophe (tables.md 1).
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_page() {
        assert_eq!(COLUMNS.len(), include_str!("../data/progress_columns.csv").lines().count() - 1);
        let page = "case_no, insurer_no, scheme, person_key, name, birth_date, sex, household_key, discovery_route, \
            wide_area_id, cause_type, accident_date, accident_estimated, place_municipality, first_claim_month, \
            last_claim_month, providers, claims_count, points_total, accident_points, benefit_yen, has_10_count, \
            rule_version, score, band, inquiry_sent, reminded_1, reminded_2, answered, answer_type, notice_requested, \
            notice_received, days_to_notice, voluntary, papers_missing, counterparty_known, insurer_of_counterparty, \
            jibai_limit, tort_limit, delegated_to, delegated_date, claimed_date, claimed_yen, fault_ratio, settled, \
            paid_date, paid_yen, remaining_yen, state, state_since, staff, next_action, next_action_due, note";
        let names: Vec<&str> = COLUMNS.iter().map(|c| c.column.as_str()).collect();
        assert_eq!(names, page.split(',').map(str::trim).collect::<Vec<_>>());
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("見本"), "見本");
    }
}
