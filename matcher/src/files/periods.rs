//! `shikaku.csv`

use tenken_parser::{
    Date,
    identifiers::{has_check_digit, insurer_no},
};

use super::{
    layout::shikaku::*,
    reader::{Bad, Row},
};
use crate::registry::rows::{Moment, Period, Scheme};

/// A row by itself; `as_of` is when it was learned of, if the row does not say.
pub(crate) fn read(row: &Row<'_>, as_of: Option<Moment>) -> Result<Period, Bad> {
    let needed = |column: usize, name: &str| Bad::new(column, format!("{name}が空です"));
    let word = |column: usize| row.word(column).map(|w| w.map(str::to_owned));
    let scheme = row.word(SCHEME)?.and_then(Scheme::from_code).ok_or_else(|| needed(SCHEME, "制度"))?;
    let period = Period {
        person_id: row.key(PERSON_ID)?,
        household_id: row.key(HOUSEHOLD_ID)?,
        scheme,
        insurer_no: insurer(row, scheme)?,
        kigo: row.plain(KIGO),
        bango: row.plain(BANGO),
        edaban: edaban(row)?,
        is_head: row.word(IS_HEAD)? == Some("1"),
        acquired_on: row.date(ACQUIRED_ON)?.ok_or_else(|| needed(ACQUIRED_ON, "資格取得年月日"))?,
        acquired_reason: word(ACQUIRED_REASON)?,
        lost_on: row.date(LOST_ON)?,
        lost_reason: word(LOST_REASON)?,
        applied_from: row.date(APPLIED_FROM)?,
        applied_from_reason: word(APPLIED_FROM_REASON)?,
        applied_to: row.date(APPLIED_TO)?,
        applied_to_reason: word(APPLIED_TO_REASON)?,
        registered_at: row.moment(REGISTERED_AT)?.or(as_of),
        registered_at_start: row.moment(REGISTERED_AT_START)?,
        span_no: 0,
    };
    if scheme == Scheme::Kouki {
        for (column, value, name) in [(KIGO, &period.kigo, "記号"), (EDABAN, &period.edaban, "枝番")] {
            if value.is_some() {
                return Err(Bad::new(column, format!("後期の行では{name}を空にします")));
            }
        }
    }
    dates(&period)?;
    Ok(period)
}

/// What must hold inside a row, whatever the others say. An empty period (end = beginning) is one that was taken back.
fn dates(p: &Period) -> Result<(), Bad> {
    if p.lost_on.is_some_and(|lost| lost < p.acquired_on) {
        return Err(Bad::new(LOST_ON, "資格喪失年月日が資格取得年月日より前です"));
    }
    let from = starts(p);
    if from < p.acquired_on {
        return Err(Bad::new(APPLIED_FROM, "適用開始年月日が資格取得年月日より前です"));
    }
    if p.applied_to.is_some_and(|to| to < from) {
        let than = if p.applied_from.is_some() { "適用開始年月日" } else { "資格取得年月日" };
        return Err(Bad::new(APPLIED_TO, format!("適用終了年月日が{than}より前です")));
    }
    Ok(())
}

fn insurer(row: &Row<'_>, scheme: Scheme) -> Result<String, Bad> {
    let bad = |reason: &str| Bad::new(INSURER_NO, reason);
    let text = row.plain(INSURER_NO).ok_or_else(|| bad("保険者番号が空です"))?;
    let number = insurer_no(text.as_bytes()).ok_or_else(|| bad("保険者番号は数字 6 桁（国保）か 8 桁（後期）です"))?;
    match scheme {
        Scheme::Kokuho if number.len() != 6 => return Err(bad("国保の保険者番号は 6 桁です")),
        Scheme::Kouki if !(number.len() == 8 && number.starts_with("39")) => {
            return Err(bad("後期の保険者番号は 39 で始まる 8 桁です"));
        }
        _ => {}
    }
    if !has_check_digit(number) {
        return Err(bad("保険者番号の検証番号が合いません"));
    }
    Ok(number.to_owned())
}

/// Two digits.
fn edaban(row: &Row<'_>) -> Result<Option<String>, Bad> {
    let Some(text) = row.plain(EDABAN) else { return Ok(None) };
    if text.len() > 2 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Bad::new(EDABAN, "枝番は数字 2 桁です"));
    }
    Ok(Some(format!("{text:0>2}")))
}

/// First day of the application.
pub fn starts(p: &Period) -> Date {
    p.applied_from.unwrap_or(p.acquired_on)
}

/// First day without it, by the loss of the row's span.
pub fn ends(p: &Period, span_lost_on: Option<Date>) -> Option<Date> {
    p.applied_to.or(span_lost_on)
}

/// Cells in the order of the layout.
pub(crate) fn cells(p: &Period) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let date = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let moment = |m: Option<Moment>| m.map(|m| m.to_string()).unwrap_or_default();
    vec![
        p.person_id.clone(),
        p.household_id.clone(),
        p.scheme.code().to_owned(),
        p.insurer_no.clone(),
        text(&p.kigo),
        text(&p.bango),
        text(&p.edaban),
        u8::from(p.is_head).to_string(),
        p.acquired_on.to_string(),
        text(&p.acquired_reason),
        date(p.lost_on),
        text(&p.lost_reason),
        date(p.applied_from),
        text(&p.applied_from_reason),
        date(p.applied_to),
        text(&p.applied_to_reason),
        moment(p.registered_at),
        moment(p.registered_at_start),
    ]
}
