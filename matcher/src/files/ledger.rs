//! Ledger files: what claims do not contain (registry-files.md 6): 過誤 and 再審査, decisions paid in cash, the amount billed,
//! insured counts. Same physical form, same door, same rejects as a register.

use std::{collections::HashSet, fs, path::PathBuf};

use tenken_parser::{Date, Month};

use super::{
    Error, FileRead, Mapping, Warning,
    find::find,
    layout::{LEDGER, billed, cash, counts, events},
    reader::{Bad, Names, Row, Sheet},
};
use crate::registry::rows::RegistryReject;

/// A change to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub event_id: String,
    pub claim_id: Option<String>,
    pub search_no: Option<String>,
    /// `kago` `resubmit` `satei` `fukkatsu` `ratio` `hokenshakan`
    pub kind: String,
    pub exam_month: Month,
    /// where nothing is said: the month after
    pub pay_month: Month,
    /// signed 点 (訪問看護: 円)
    pub delta_points: Option<i64>,
    /// signed 日
    pub delta_days: Option<i64>,
    /// %
    pub old_rate: Option<i32>,
    pub new_rate: Option<i32>,
    /// the event that this one takes back
    pub reverses: Option<String>,
    pub note: Option<String>,
}

/// A decision paid in cash. Amounts in 円.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cash {
    pub decision_id: String,
    pub row_code: String,
    pub person_id: Option<String>,
    pub household_id: Option<String>,
    pub service_month: Month,
    pub decision_date: Date,
    pub cnt: i64,
    pub cost_yen: i64,
    pub ins_yen: i64,
    pub cop_yen: i64,
    pub oth_yen: i64,
    pub class: Option<String>,
}

/// 請求内訳.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    pub exam_month: Month,
    pub insurer_no: String,
    pub kind: String,
    pub cnt: i64,
    pub days: i64,
    pub points: i64,
    pub amount_yen: i64,
    pub high_cost_yen: i64,
}

/// An insured count that takes the place of the register's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub label_month: Month,
    pub insurer_no: String,
    pub row_code: String,
    pub col_code: String,
    pub value: i64,
}

/// What a load brought; rows with the lines on which they stand.
#[derive(Debug, Default)]
pub struct Ledger {
    pub events: Vec<(u32, Event)>,
    pub cash: Vec<(u32, Cash)>,
    pub billed: Vec<(u32, Billed)>,
    pub counts: Vec<(u32, Count)>,
    pub rejects: Vec<RegistryReject>,
    pub warnings: Vec<Warning>,
    /// in order of tables
    pub files: Vec<FileRead>,
    /// names of other files in the folders
    pub skipped: Vec<String>,
    names_of_events: Option<Names>,
}

/// Reads folders and files.
///
/// # Errors
/// What the operating system says; 個人番号; a broken header. Bad rows are none.
pub fn load(paths: &[PathBuf], mapping: &Mapping) -> Result<Ledger, Error> {
    let (found, skipped) = find(paths, &LEDGER)?;
    let mut ledger = Ledger { skipped, ..Ledger::default() };
    let mut opened: [Option<(Sheet<'_>, FileRead)>; 4] = Default::default();
    for f in found {
        let bytes = fs::read(&f.path).map_err(|source| Error::Io { path: f.path.clone(), source })?;
        let at = LEDGER.iter().position(|l| l.stem == f.layout.stem).unwrap_or_default();
        if let Some((first, _)) = &opened[at] {
            return Err(Error::SameTable { first: first.names.file.clone(), second: f.name });
        }
        let file = FileRead {
            name: f.name,
            table: f.layout.stem,
            bytes: bytes.len() as u64,
            hash: blake3::hash(&bytes),
            rows: 0,
            rejected: 0,
        };
        opened[at] = Some((Sheet::open(&file.name, bytes, f.layout, mapping.of(f.layout))?, file));
    }
    mapping.check_used(&LEDGER, |layout, name| {
        let at = LEDGER.iter().position(|l| l.stem == layout.stem)?;
        opened[at].as_ref().map(|(sheet, _)| sheet.has(name))
    })?;
    for (at, sheet) in opened.into_iter().enumerate() {
        let Some((sheet, mut file)) = sheet else { continue };
        let rejects = &mut ledger.rejects;
        file.rows = match at {
            0 => keyed(&sheet, rejects, &mut ledger.events, event, |e| e.event_id.clone(), events::EVENT_ID)?,
            1 => keyed(&sheet, rejects, &mut ledger.cash, decision, |c| c.decision_id.clone(), cash::DECISION_ID)?,
            2 => keyed(
                &sheet,
                rejects,
                &mut ledger.billed,
                bill,
                |b| format!("{} {} {}", b.exam_month, b.insurer_no, b.kind),
                billed::KIND,
            )?,
            _ => keyed(
                &sheet,
                rejects,
                &mut ledger.counts,
                count,
                |c| format!("{} {} {} {}", c.label_month, c.insurer_no, c.row_code, c.col_code),
                counts::COL_CODE,
            )?,
        };
        ledger.warnings.extend(sheet.warnings);
        if at == 0 {
            ledger.names_of_events = Some(sheet.names);
        }
        ledger.files.push(file);
    }
    ledger.count_rejects();
    Ok(ledger)
}

impl Ledger {
    /// Sets aside events whose claim, or whose original, is not there.
    pub fn refuse_events(&mut self, has_claim: impl Fn(&Event) -> bool, has_event: impl Fn(&str) -> bool) {
        let Some(names) = self.names_of_events.clone() else { return };
        let here: HashSet<String> = self.events.iter().map(|(_, e)| e.event_id.clone()).collect();
        let (mut kept, mut refused) = (Vec::new(), Vec::new());
        for (line, e) in std::mem::take(&mut self.events) {
            let bad = if !has_claim(&e) {
                let column = if e.claim_id.is_some() { events::CLAIM_ID } else { events::SEARCH_NO };
                let value = e.claim_id.clone().or(e.search_no.clone());
                Some((Bad::new(column, "このレセプトは取り込まれていません"), value))
            } else {
                let original = e.reverses.clone().filter(|r| !here.contains(r) && !has_event(r));
                original.map(|r| (Bad::new(events::REVERSES, "取り消すもとの異動がありません"), Some(r)))
            };
            match bad {
                Some((bad, value)) => refused.push(names.reject(line, bad, value.as_deref())),
                None => kept.push((line, e)),
            }
        }
        self.events = kept;
        self.rejects.extend(refused);
        self.count_rejects();
    }

    fn count_rejects(&mut self) {
        let table = |name: &str| self.files.iter().position(|f| f.name == name);
        self.rejects.sort_by_cached_key(|r| (table(&r.file), r.line));
        for file in &mut self.files {
            file.rejected = self.rejects.iter().filter(|r| r.file == file.name).count() as u64;
        }
    }
}

/// Rows whose keys are there once.
fn keyed<T>(
    sheet: &Sheet<'_>,
    rejects: &mut Vec<RegistryReject>,
    rows: &mut Vec<(u32, T)>,
    read: impl Fn(&Row<'_>) -> Result<T, Bad>,
    key: impl Fn(&T) -> String,
    key_column: usize,
) -> Result<u64, Error> {
    let mut seen = HashSet::new();
    sheet.rows(rejects, |row| {
        let read = read(row)?;
        if !seen.insert(key(&read)) {
            return Err(Bad::new(key_column, "同じ行が前にあります"));
        }
        rows.push((row.line, read));
        Ok(())
    })
}

fn month(row: &Row<'_>, column: usize) -> Result<Option<Month>, Bad> {
    let Some(text) = row.plain(column) else { return Ok(None) };
    let compact = |t: &str| match (t.len(), t.is_ascii()) {
        (6, true) => Month::new(t[..4].parse().ok()?, t[4..].parse().ok()?),
        _ => None,
    };
    let month = Month::parse_iso(&text).or_else(|| compact(&text));
    month.map(Some).ok_or_else(|| Bad::new(column, "年月（YYYY-MM）として読めません"))
}

fn month_needed(row: &Row<'_>, column: usize) -> Result<Month, Bad> {
    month(row, column)?.ok_or_else(|| Bad::new(column, "年月が空です"))
}

fn number(row: &Row<'_>, column: usize) -> Result<Option<i64>, Bad> {
    /// More than any insurer pays in a year.
    const MOST: i64 = 10_000_000_000_000;
    let Some(text) = row.plain(column) else { return Ok(None) };
    let number = text.parse().ok().filter(|n: &i64| n.abs() <= MOST);
    number.map(Some).ok_or_else(|| Bad::new(column, "整数として読めません（区切りの , や単位は付けません）"))
}

fn number_needed(row: &Row<'_>, column: usize) -> Result<i64, Bad> {
    number(row, column)?.ok_or_else(|| Bad::new(column, "数が空です"))
}

fn word(row: &Row<'_>, column: usize) -> Result<String, Bad> {
    row.word(column)?.map(str::to_owned).ok_or_else(|| Bad::new(column, "空です"))
}

fn event(row: &Row<'_>) -> Result<Event, Bad> {
    let exam_month = month_needed(row, events::EXAM_MONTH)?;
    let rate = |column| Ok::<_, Bad>(row.word(column)?.and_then(|r| r.parse().ok()));
    let event = Event {
        event_id: row.key(events::EVENT_ID)?,
        claim_id: row.plain(events::CLAIM_ID),
        search_no: row.plain(events::SEARCH_NO),
        kind: word(row, events::KIND)?,
        exam_month,
        pay_month: month(row, events::PAY_MONTH)?.unwrap_or_else(|| exam_month.plus(1)),
        delta_points: number(row, events::DELTA_POINTS)?,
        delta_days: number(row, events::DELTA_DAYS)?,
        old_rate: rate(events::OLD_RATE)?,
        new_rate: rate(events::NEW_RATE)?,
        reverses: row.plain(events::REVERSES),
        note: row.owned(events::NOTE),
    };
    if event.claim_id.is_none() && event.search_no.is_none() {
        return Err(Bad::new(events::CLAIM_ID, "claim_id か search_no のどちらかが要ります"));
    }
    match event.kind.as_str() {
        "satei" | "fukkatsu" if event.delta_points.is_none() => {
            Err(Bad::new(events::DELTA_POINTS, "査定・復活には増減点数が要ります"))
        }
        "satei" if event.delta_points.is_some_and(|d| d > 0) => {
            Err(Bad::new(events::DELTA_POINTS, "査定の増減点数は 0 以下です"))
        }
        "fukkatsu" if event.delta_points.is_some_and(|d| d < 0) => {
            Err(Bad::new(events::DELTA_POINTS, "復活の増減点数は 0 以上です"))
        }
        "ratio" if event.old_rate.is_none() || event.new_rate.is_none() => {
            Err(Bad::new(events::NEW_RATE, "給付割合の訂正には old_rate と new_rate が要ります"))
        }
        _ => Ok(event),
    }
}

fn decision(row: &Row<'_>) -> Result<Cash, Bad> {
    let ins_yen = number_needed(row, cash::INS_YEN)?;
    let (cop, oth) = (number(row, cash::COP_YEN)?.unwrap_or(0), number(row, cash::OTH_YEN)?.unwrap_or(0));
    let cost_yen = number(row, cash::COST_YEN)?.unwrap_or(ins_yen + cop + oth);
    if cost_yen != ins_yen + cop + oth {
        return Err(Bad::new(cash::COST_YEN, "費用額が 保険者負担 + 一部負担 + 他法負担 と合いません"));
    }
    let decision_date = row.date(cash::DECISION_DATE)?;
    Ok(Cash {
        decision_id: row.key(cash::DECISION_ID)?,
        row_code: word(row, cash::ROW_CODE)?,
        person_id: row.plain(cash::PERSON_ID),
        household_id: row.plain(cash::HOUSEHOLD_ID),
        service_month: month_needed(row, cash::SERVICE_MONTH)?,
        decision_date: decision_date.ok_or_else(|| Bad::new(cash::DECISION_DATE, "支給決定日が空です"))?,
        cnt: number(row, cash::CNT)?.unwrap_or(1),
        cost_yen,
        ins_yen,
        cop_yen: cop,
        oth_yen: oth,
        class: row.word(cash::CLASS)?.map(str::to_owned),
    })
}

fn insurer(row: &Row<'_>, column: usize) -> Result<String, Bad> {
    let no = row.key(column)?;
    let good = matches!(no.len(), 6 | 8) && no.bytes().all(|b| b.is_ascii_digit());
    if good { Ok(no) } else { Err(Bad::new(column, "保険者番号（6 桁か 8 桁）ではありません")) }
}

fn bill(row: &Row<'_>) -> Result<Billed, Bad> {
    Ok(Billed {
        exam_month: month_needed(row, billed::EXAM_MONTH)?,
        insurer_no: insurer(row, billed::INSURER_NO)?,
        kind: word(row, billed::KIND)?,
        cnt: number_needed(row, billed::CNT)?,
        days: number_needed(row, billed::DAYS)?,
        points: number_needed(row, billed::POINTS)?,
        amount_yen: number_needed(row, billed::AMOUNT_YEN)?,
        high_cost_yen: number(row, billed::HIGH_COST_YEN)?.unwrap_or(0),
    })
}

fn count(row: &Row<'_>) -> Result<Count, Bad> {
    Ok(Count {
        label_month: month_needed(row, counts::LABEL_MONTH)?,
        insurer_no: insurer(row, counts::INSURER_NO)?,
        row_code: row.key(counts::ROW_CODE)?,
        col_code: word(row, counts::COL_CODE)?,
        value: number_needed(row, counts::VALUE)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<Ledger, Error> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        load(&[folder.path().to_owned()], &Mapping::default())
    }

    const EVENTS: &str = "event_id,claim_id,search_no,kind,exam_month,pay_month,delta_points,delta_days,old_rate,new_rate,reverses,note\n";
    const CASH: &str = "decision_id,row_code,宛名番号,世帯番号,service_month,decision_date,cnt,cost_yen,ins_yen,cop_yen,oth_yen,class\n";

    #[test]
    fn rows_are_read_as_the_contract_says() {
        let events = format!("{EVENTS}1,c1,,kago,2026-10,,,,,,,\n2,,s1,satei,202610,2026-12,-120,,,,1,メモ\n");
        let cash = format!(
            "{CASH}d1,R12,1001,501,2026-08,2026-10-05,,10000,7000,3000,,70G\nd2,R51,1002,501,2026-09,R8.10.6,1,,500000,,,\n"
        );
        let billed =
            "exam_month,insurer_no,kind,cnt,days,points,amount_yen,high_cost_yen\n2026-10,138941,ALL,1,2,3,4,\n";
        let counts = "label_month,insurer_no,row_code,col_code,value\n2026-09,138941,G02,end,60000\n";
        let got = read(&[("events.csv", &events), ("CASH.CSV", &cash), ("billed.csv", billed), ("counts.csv", counts)]);
        let got = got.unwrap();
        assert_eq!(got.rejects, []);
        let month = |t| Month::parse_iso(t).unwrap();
        assert_eq!((got.events[0].1.pay_month, got.events[1].1.exam_month), (month("2026-11"), month("2026-10")));
        assert_eq!((got.events[1].1.delta_points, got.events[1].1.reverses.as_deref()), (Some(-120), Some("1")));
        let (a, b) = (&got.cash[0].1, &got.cash[1].1);
        assert_eq!(
            (a.person_id.as_deref(), a.cop_yen, a.cnt, a.class.as_deref()),
            (Some("1001"), 3_000, 1, Some("70G"))
        );
        assert_eq!((b.cost_yen, b.decision_date), (500_000, Date::new(2026, 10, 6).unwrap()));
        assert_eq!((got.billed[0].1.amount_yen, got.counts[0].1.value), (4, 60_000));
        assert_eq!(
            got.files.iter().map(|f| (f.table, f.rows)).collect::<Vec<_>>(),
            [("events", 2), ("cash", 2), ("billed", 1), ("counts", 1)]
        );
    }

    #[test]
    fn bad_rows_are_set_aside_with_their_reasons() {
        for (row, part) in [
            ("1,,,kago,2026-10,,,,,,,", "claim_id か search_no"),
            ("1,c,,kaku,2026-10,,,,,,,", "kindに使えるのは"),
            ("1,c,,kago,2026-13,,,,,,,", "年月"),
            ("1,c,,satei,2026-10,,,,,,,", "増減点数が要ります"),
            ("1,c,,satei,2026-10,,5,,,,,", "0 以下"),
            ("1,c,,fukkatsu,2026-10,,-5,,,,,", "0 以上"),
            ("1,c,,ratio,2026-10,,,,80,,,", "new_rate"),
            ("1,c,,ratio,2026-10,,,,85,70,,", "old_rateに使えるのは"),
            (",c,,kago,2026-10,,,,,,,", "event_idが空です"),
            ("1,c,,kago,2026-10,,1x,,,,,", "整数"),
        ] {
            let got = read(&[("events.csv", &format!("{EVENTS}{row}\n"))]).unwrap();
            assert_eq!((got.events.len(), got.rejects.len()), (0, 1), "{row}");
            assert!(got.rejects[0].reason.contains(part), "{row}: {}", got.rejects[0].reason);
        }
        let cash = format!(
            "{CASH}d,R12,1,5,2026-08,2026-10-05,1,10000,7000,2000,,\nd,R38,1,5,2026-08,2026-10-05,1,,7000,,,\n"
        );
        let got = read(&[("cash.csv", &cash)]).unwrap();
        assert_eq!(got.rejects.len(), 2);
        let twice = format!("{EVENTS}1,c,,kago,2026-10,,,,,,,\n1,c,,kago,2026-10,,,,,,,\n");
        let got = read(&[("events.csv", &twice)]).unwrap();
        assert_eq!((got.events.len(), got.rejects[0].line), (1, 3));
    }

    #[test]
    fn events_without_their_claim_or_original_are_set_aside() {
        let text = format!(
            "{EVENTS}1,c1,,kago,2026-10,,,,,,,\n2,c2,,kago,2026-10,,,,,,,\n3,c1,,fukkatsu,2026-10,,5,,,,1,\n4,c1,,fukkatsu,2026-10,,5,,,,9,\n"
        );
        let mut got = read(&[("events.csv", &text)]).unwrap();
        got.refuse_events(|e| e.claim_id.as_deref() == Some("c1"), |id| id == "8");
        let kept: Vec<&str> = got.events.iter().map(|(_, e)| e.event_id.as_str()).collect();
        assert_eq!(kept, ["1", "3"]);
        let lines: Vec<(i64, Option<&str>)> = got.rejects.iter().map(|r| (r.line, r.column.as_deref())).collect();
        assert_eq!(lines, [(3, Some("claim_id")), (5, Some("reverses"))]);
        assert_eq!(got.files[0].rejected, 2);
    }

    #[test]
    fn the_number_is_refused_at_this_door_too() {
        let text = format!("マイナンバー,{EVENTS}1,2\n");
        assert!(matches!(read(&[("events.csv", &text)]), Err(Error::MyNumber { .. })));
    }
}
