//! What must hold between the rows of one person (registry-files.md sections 3 and 5).

use std::collections::HashMap;

use tenken_parser::Date;

use super::{
    dates::next_day,
    layout::{kojin, shikaku},
    merge::Slot,
    periods::{ends, starts},
    reader::{Bad, Names},
};
use crate::registry::rows::{Period, Person, RegistryReject, Scheme};

/// Rows of one person in `shikaku.csv`. More is a mistake of the export, such as a constant for the key.
pub(crate) const PERIODS_MAX: usize = 200;

/// A row that may be taken back, and what is said of it.
struct Blame {
    row: usize,
    column: usize,
    value: String,
    reason: String,
}

fn blame(row: usize, column: usize, value: impl ToString, reason: impl Into<String>) -> Blame {
    Blame { row, column, value: value.to_string(), reason: reason.into() }
}

/// What is wrong, and with which rows.
struct Fault {
    /// the first of them that came with this load is taken back
    rows: Vec<Blame>,
    /// the date of the person that a row is at odds with
    of_person: Option<usize>,
}

impl Fault {
    /// Two rows at odds: the later one in the file is to blame.
    fn between(a: Blame, b: Blame) -> Self {
        Self { rows: if a.row >= b.row { vec![a, b] } else { vec![b, a] }, of_person: None }
    }
}

/// Where rejects go.
pub(crate) struct Rejects<'a> {
    pub kojin: Option<&'a Names>,
    pub shikaku: Option<&'a Names>,
    pub list: &'a mut Vec<RegistryReject>,
}

impl Rejects<'_> {
    pub fn person(&mut self, line: u32, bad: Bad, value: Option<&str>) {
        self.list.extend(self.kojin.map(|n| n.reject(line, bad, value)));
    }

    pub fn period(&mut self, line: u32, bad: Bad, value: &str) {
        self.list.extend(self.shikaku.map(|n| n.reject(line, bad, Some(value))));
    }
}

/// Takes back rows that came, until all of a person fits together; what an earlier load brought stays.
pub(crate) fn settle(
    mut person: Option<&mut Slot<Person>>,
    mut rows: Vec<Slot<Period>>,
    rejects: &mut Rejects<'_>,
) -> Vec<Period> {
    rows.sort_by_key(|s| s.line);
    for slot in rows.split_off(rows.len().min(PERIODS_MAX)) {
        if slot.is_new() {
            let reason = format!("一人の行が {PERIODS_MAX} を超えています");
            rejects.period(slot.line, Bad::new(shikaku::PERSON_ID, reason), &slot.row.person_id);
        }
        rows.extend(slot.before());
    }
    while let Some(fault) = first_fault(person.as_deref().map(|s| &s.row), &rows) {
        let of_person = fault.of_person.zip(person.as_deref_mut());
        if let Some(b) = fault.rows.into_iter().find(|b| rows[b.row].is_new()) {
            take_back(&mut rows, b, rejects);
        } else if let Some((column, slot)) = of_person
            && let Some(old) = slot.old.take()
        {
            let p = std::mem::replace(&mut slot.row, *old);
            let day = if column == kojin::BIRTH_DATE { p.birth_date } else { p.death_date };
            let day = day.map(|d| d.to_string());
            let bad = Bad::new(column, "台帳にある資格の期間と合いません");
            rejects.person(std::mem::take(&mut slot.line), bad, day.as_deref());
        } else if let Some(at) = rows.iter().rposition(Slot::is_new) {
            // rows of an earlier load came to be at odds with each other
            let lost = rows[at].row.lost_on.map(|d| d.to_string()).unwrap_or_default();
            let reason = "この変更により、台帳にあるほかの期間と合わなくなります";
            take_back(&mut rows, blame(at, shikaku::LOST_ON, lost, reason), rejects);
        } else {
            break;
        }
    }
    rows.into_iter().map(|s| s.row).collect()
}

fn take_back(rows: &mut Vec<Slot<Period>>, b: Blame, rejects: &mut Rejects<'_>) {
    let slot = rows.remove(b.row);
    rejects.period(slot.line, Bad::new(b.column, b.reason), &b.value);
    rows.extend(slot.before());
    rows.sort_by_key(|s| s.line);
}

fn first_fault(person: Option<&Person>, rows: &[Slot<Period>]) -> Option<Fault> {
    let all = || rows.iter().enumerate().map(|(i, s)| (i, &s.row));
    let Some(person) = person else {
        let (i, p) = all().find(|(i, _)| rows[*i].is_new())?;
        let reason = "この宛名番号の人が kojin.csv の採用された行にありません";
        return Some(Fault { rows: vec![blame(i, shikaku::PERSON_ID, &p.person_id, reason)], of_person: None });
    };
    if let Some(fault) = all().find_map(|(i, p)| life(person, i, p)) {
        return Some(fault);
    }
    let mut losses: HashMap<(Scheme, Date), (usize, Date)> = HashMap::new();
    for (i, p) in all() {
        let Some(lost) = p.lost_on else { continue };
        let (first, known) = *losses.entry((p.scheme, p.acquired_on)).or_insert((i, lost));
        if known != lost {
            let reason = |other: Date| format!("同じ資格取得年月日の別の行では資格喪失年月日が {other} です");
            let this = blame(i, shikaku::LOST_ON, lost, reason(known));
            return Some(Fault::between(this, blame(first, shikaku::LOST_ON, known, reason(lost))));
        }
    }
    let loss = |p: &Period| losses.get(&(p.scheme, p.acquired_on)).copied();
    for (i, p) in all() {
        let Some((of, lost)) = loss(p) else { continue };
        let dates = [
            (shikaku::APPLIED_FROM, "適用開始年月日", Some(starts(p))),
            (shikaku::APPLIED_TO, "適用終了年月日", p.applied_to),
        ];
        if let Some((column, name, day)) =
            dates.into_iter().find_map(|(c, name, day)| Some((c, name, day.filter(|d| *d > lost)?)))
        {
            let this = blame(i, column, day, format!("{name}が資格喪失年月日 {lost} より後です"));
            let reason = format!("同じ資格取得年月日の別の行の{name} {day} より前の資格喪失年月日です");
            return Some(Fault::between(this, blame(of, shikaku::LOST_ON, lost, reason)));
        }
    }
    let end = |p: &Period| ends(p, loss(p).map(|(_, lost)| lost));
    overlap(&all().map(|(i, p)| (i, p, end(p))).collect::<Vec<_>>())
}

/// A loss on the day after death is the rule; a person may be born and insured on one day. A dead person whose
/// loss nobody wrote yet is none of our business here.
fn life(person: &Person, row: usize, p: &Period) -> Option<Fault> {
    if let Some(birth) = person.birth_date.filter(|b| p.acquired_on < *b) {
        let reason = format!("資格取得年月日が生年月日 {birth} より前です");
        let rows = vec![blame(row, shikaku::ACQUIRED_ON, p.acquired_on, reason)];
        return Some(Fault { rows, of_person: Some(kojin::BIRTH_DATE) });
    }
    let death = person.death_date?;
    let next = next_day(death)?;
    let (column, day, what) = [
        (shikaku::ACQUIRED_ON, Some(p.acquired_on), death, "資格取得年月日が死亡年月日より後です"),
        (shikaku::APPLIED_FROM, p.applied_from, next, "適用開始年月日が死亡年月日より後です"),
        (shikaku::LOST_ON, p.lost_on, next, "資格喪失年月日が死亡年月日の翌日より後です"),
        (shikaku::APPLIED_TO, p.applied_to, next, "適用終了年月日が死亡年月日の翌日より後です"),
    ]
    .into_iter()
    .find_map(|(column, day, last, what)| Some((column, day.filter(|d| *d > last)?, what)))?;
    let rows = vec![blame(row, column, day, format!("{what}（死亡 {death}）"))];
    Some(Fault { rows, of_person: Some(kojin::DEATH_DATE) })
}

/// Two periods of one person that share a day, whatever their schemes. Empty ones share none.
fn overlap(all: &[(usize, &Period, Option<Date>)]) -> Option<Fault> {
    let is_before = |end: Option<Date>, from: Date| end.is_some_and(|e| e <= from);
    let is_empty = |p: &Period, end: Option<Date>| is_before(end, starts(p));
    for (n, (i, p, end)) in all.iter().enumerate().filter(|(_, (_, p, end))| !is_empty(p, *end)) {
        let shares_a_day = |(_, q, q_end): &&(usize, &Period, Option<Date>)| {
            !is_empty(q, *q_end) && !is_before(*end, starts(q)) && !is_before(*q_end, starts(p))
        };
        if let Some((j, q, q_end)) = all[..n].iter().find(shares_a_day) {
            let reason = |q: &Period, end: Option<Date>| {
                let until = end.map(|d| d.to_string()).unwrap_or_default();
                format!("同じ人の別の適用期間 {} 〜 {until}（この日を含まない）と重なります", starts(q))
            };
            let this = blame(*i, shikaku::APPLIED_FROM, starts(p), reason(q, *q_end));
            return Some(Fault::between(this, blame(*j, shikaku::APPLIED_FROM, starts(q), reason(p, *end))));
        }
    }
    None
}
