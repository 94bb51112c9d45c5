//! The form the insurer gets: three management columns, MN, EX, RC, and the review body's corrections.

use tenken_parser::{Kind, Month};

use crate::{
    Made,
    people::Institution,
    record::{field, position, record, replaced},
    rng::Rng,
};

pub(crate) struct Reviewed {
    pub lines: Vec<String>,
    /// effective total
    pub total: i64,
}

/// Percentage of claims that the review body corrects.
const CORRECTED: i64 = 12;

pub(crate) fn reviewed(
    kind: Kind,
    claim: &Made,
    header: &str,
    no: u32,
    exam_month: Month,
    at: &Institution,
    rng: &mut Rng,
) -> Reviewed {
    let mgmt_no = format!("{}", 910_000_000 + no);
    let era = format!("5{:02}{:02}", exam_month.year() - 2018, exam_month.month());
    let search_no = format!("13{}{era}{mgmt_no}", at.table);
    let mut rows: Vec<(u32, u32, String)> = Vec::new();
    let mn =
        [("mgmt_no", mgmt_no.as_str()), ("institution_address", "東京都架空区見本１－１"), ("search_no", &search_no)];
    rows.push((2, 0, record(kind, "MN", &mn)));
    rows.push((1, 0, header.to_owned()));
    // a dental claim carries its IR already
    rows.extend(claim.records.iter().filter(|r| !r.starts_with("IR,")).map(|r| (1, 0, r.clone())));
    let mut total = claim.total;
    if rng.chance(CORRECTED)
        && let Some(edit) = reduction(kind, &rows)
    {
        total -= edit.points;
        let first = rows.len() as u32 + 1;
        let (item, ho) = (edit.item_line.to_string(), edit.ho_line.to_string());
        let (new_item, new_ho) = ((first + 2).to_string(), (first + 3).to_string());
        rows.push((
            2,
            0,
            record(
                kind,
                "JY",
                &[
                    ("change_kind", "2"),
                    ("target_line", &item),
                    ("target_branch", "0"),
                    ("reason_codes", "B"),
                    ("result_line", &new_item),
                    ("result_branch", "0"),
                ],
            ),
        ));
        rows.push((
            2,
            0,
            record(
                kind,
                "JY",
                &[
                    ("change_kind", "2"),
                    ("target_line", &ho),
                    ("target_branch", "0"),
                    ("result_line", &new_ho),
                    ("result_branch", "0"),
                ],
            ),
        ));
        rows.push((2, 0, edit.item));
        rows.push((2, 0, edit.ho));
    }
    rows.push((2, 0, record(kind, "EX", &[("cost_notice_target", "1")])));
    rows.push((2, 0, record(kind, "RC", &[("check_info", &format!("Ver00001{:032x}", rng.next()))])));
    rows.push((2, 1, record(kind, "RC", &[("check_info", &format!("Ver00001{:032x}", rng.next()))])));
    let lines = rows
        .iter()
        .enumerate()
        .map(|(i, (data_kind, branch, r))| format!("{data_kind},{},{branch},{r}", i + 1))
        .collect();
    Reviewed { lines, total }
}

struct Edit {
    item_line: u32,
    ho_line: u32,
    item: String,
    ho: String,
    points: i64,
}

/// Takes one time off the first unit of a single record that was charged more than once (医科 only: in other
/// kinds the amount of a record hangs on its neighbours).
fn reduction(kind: Kind, rows: &[(u32, u32, String)]) -> Option<Edit> {
    if kind != Kind::Medical {
        return None;
    }
    let ho_at = rows.iter().position(|r| r.2.starts_with("HO,"))?;
    // a public payer's total would change too
    if rows.iter().any(|r| r.2.starts_with("KO,")) {
        return None;
    }
    let (points_at, times_at) = (position(kind, "SI", "points"), position(kind, "SI", "times"));
    let first_day = position(kind, "SI", "day_1");
    for (i, (_, _, line)) in rows.iter().enumerate() {
        if !line.starts_with("SI,") || field(line, position(kind, "SI", "category")).is_empty() {
            continue;
        }
        let points: i64 = field(line, points_at).parse().unwrap_or(0);
        let times: i64 = field(line, times_at).parse().unwrap_or(0);
        if points == 0 || times < 2 {
            continue;
        }
        let last_day = (first_day..first_day + 31).rev().find(|d| field(line, *d) == "1")?;
        let item = replaced(&replaced(line, times_at, &(times - 1).to_string()), last_day, "");
        let total_at = position(kind, "HO", "total_points");
        let total: i64 = field(&rows[ho_at].2, total_at).parse().unwrap_or(0);
        let ho = replaced(&rows[ho_at].2, total_at, &(total - points).to_string());
        return Some(Edit { item_line: i as u32 + 1, ho_line: ho_at as u32 + 1, item, ho, points });
    }
    None
}
