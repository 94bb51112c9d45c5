//! `tenken audit`: the access log, checked, exported, and counted for the half-yearly review.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use clap::ArgMatches;
use jiff::{ToSpan as _, Zoned, civil, tz};
use serde_json::{Value, json};
use tenken_store::{
    Store,
    audit::{Anchor, Row, Trouble, Verified},
};

use super::Ended;
use crate::{
    lang::{Lang, say},
    output::{Format, List, thousands, time},
};

/// Months before this one that a review covers when nothing is said.
const REVIEW_MONTHS: i32 = 6;

pub fn run(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    match m.subcommand() {
        Some(("verify", m)) => verify(lang, m),
        Some(("export", m)) => export(lang, m),
        Some(("review", m)) => review(lang, m),
        _ => Ok(Ended::Failed),
    }
}

/// What is wrong, in the language of this run.
pub fn reason(lang: Lang, t: &Trouble) -> String {
    match lang {
        Lang::Ja => t.what.japanese(),
        Lang::En => t.what.english(),
    }
}

/// `2026-10.jsonl:12 [3400..3650]: …`
pub fn place_and_reason(lang: Lang, t: &Trouble) -> String {
    let line = t.line.map_or(String::new(), |n| format!(":{n}"));
    let range = t.range.map_or(String::new(), |(a, b)| format!(" [{a}..{b}]"));
    format!("{}{line}{range}: {}", t.file, reason(lang, t))
}

fn ended(log: &Verified) -> Ended {
    match (log.is_damaged(), log.trouble.is_empty()) {
        (true, _) => Ended::Failed,
        (false, false) => Ended::NeedsLook,
        (false, true) => Ended::Done,
    }
}

fn verify(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let log = super::open(m)?.access_log().verify(m.get_one::<Anchor>("anchor"))?;
    let anchor = log.anchor.as_ref().map(ToString::to_string);
    match super::format(m) {
        Format::Json => {
            let trouble: Vec<Value> = log
                .trouble
                .iter()
                .map(|t| {
                    let range = t.range.map_or(Value::Null, |(a, b)| json!([a, b]));
                    let damage = t.what.is_damage();
                    json!({ "file": t.file, "line": t.line, "byte_range": range, "damage": damage, "reason": reason(lang, t) })
                })
                .collect();
            let out = json!({
                "files": log.files, "rows": log.rows, "sealed": log.sealed, "last_at": log.last_at.map(time),
                "anchor": anchor, "trouble": trouble,
            });
            println!("{}", serde_json::to_string_pretty(&out)?);
        }
        Format::Csv => {
            let mut list = List::new(&["file", "line", "byte_start", "byte_end", "damage", "reason"]);
            for t in &log.trouble {
                let (start, end) = t.range.unzip();
                let cells = [t.line, start, end].map(|n| n.map_or(Value::Null, Value::from));
                let [line, start, end] = cells;
                let damage = t.what.is_damage().into();
                list.rows.push(vec![t.file.clone().into(), line, start, end, damage, reason(lang, t).into()]);
            }
            super::print(m, &list)?;
        }
        Format::Table => {
            let (rows, files) = (thousands(log.rows as i64), log.files);
            println!(
                "{}",
                say!(
                    "閲覧記録 {rows} 件（{files} か月分のファイル）を調べました",
                    "checked {rows} rows of the access log in {files} files"
                )
            );
            for t in &log.trouble {
                let word = if t.what.is_damage() { lang.t("損傷", "damage") } else { lang.t("要確認", "look") };
                println!("{word} audit/{}", place_and_reason(lang, t));
            }
            if log.sealed > 0 {
                let n = log.sealed;
                println!("{}", say!("封をした書きかけの行 {n} か所（停電など）", "unfinished lines, sealed: {n}"));
            }
            if log.trouble.is_empty() {
                println!("{}", lang.t("すべてつながっています", "every row follows from the one before it"));
            }
            if let Some(a) = anchor {
                println!(
                    "{}",
                    say!(
                        "末尾の控え（保存先の外に控えておくと、後で --anchor で照合できます）:\n  {a}",
                        "the last row, to be noted outside the store and given to --anchor later:\n  {a}"
                    )
                );
            }
        }
    }
    Ok(ended(&log))
}

/// The days asked for, both included.
struct Days<'m> {
    from: &'m str,
    to: &'m str,
}

impl<'m> Days<'m> {
    fn of(m: &'m ArgMatches) -> Self {
        Self { from: super::text(m, "from"), to: super::text(m, "to") }
    }

    /// A day beside a day or a month: as long as what was asked for, texts compare like what they mean.
    fn has(&self, day: &str) -> bool {
        let part = |asked: &str| day[..asked.len().min(day.len())].to_owned();
        (self.from.is_empty() || *part(self.from) >= *self.from) && (self.to.is_empty() || *part(self.to) <= *self.to)
    }
}

/// Reads the rows of some days, and says where the log is not whole.
fn rows_of(lang: Lang, store: &Store, days: &Days<'_>, each: &mut dyn FnMut(&Row)) -> Result<Ended> {
    let log = store.access_log().read(None, &mut |row| {
        if days.has(&row.day()) {
            each(row);
        }
    })?;
    for t in &log.trouble {
        eprintln!("audit/{}", place_and_reason(lang, t));
    }
    Ok(if log.trouble.is_empty() { Ended::Done } else { Ended::NeedsLook })
}

fn export(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let mut list = List::new(&["seq", "at", "user", "source", "action", "target", "rows", "persons", "hash"]);
    let ended = rows_of(lang, &super::open(m)?, &Days::of(m), &mut |r| {
        let r = r.clone();
        list.rows.push(vec![
            r.seq.into(),
            time(r.at).into(),
            r.user.into(),
            r.source.into(),
            r.action.into(),
            r.target.into(),
            r.rows.into(),
            r.persons.into(),
            r.hash.into(),
        ]);
    })?;
    super::print(m, &list)?;
    Ok(ended)
}

/// When people are expected to work, in Japan's time. National holidays are not in it: a look on one counts as
/// inside the hours.
struct WorkingHours {
    days: &'static [civil::Weekday],
    from: civil::Time,
    /// the first moment after work
    to: civil::Time,
    /// months and days of every year when nobody works
    closed: &'static [(i8, i8)],
}

/// Usual hours of a town hall, closed at the turn of the year.
const WORKING_HOURS: WorkingHours = WorkingHours {
    days: &[
        civil::Weekday::Monday,
        civil::Weekday::Tuesday,
        civil::Weekday::Wednesday,
        civil::Weekday::Thursday,
        civil::Weekday::Friday,
    ],
    from: civil::time(8, 30, 0, 0),
    to: civil::time(17, 15, 0, 0),
    closed: &[(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)],
};

impl WorkingHours {
    fn hold(&self, at: &Zoned) -> bool {
        self.days.contains(&at.weekday())
            && !self.closed.contains(&(at.month(), at.day()))
            && (self.from..self.to).contains(&at.time())
    }
}

fn japan() -> tz::TimeZone {
    tz::TimeZone::fixed(tz::offset(9))
}

/// What a user did in a month.
#[derive(Default)]
struct Figures {
    looks: u64,
    rows: u64,
    persons: u64,
    persons_unknown: u64,
    targets: HashSet<String>,
    outside_hours: u64,
}

impl Figures {
    fn add(&mut self, row: &Row, hours: &WorkingHours) {
        self.looks += 1;
        self.rows += row.rows;
        self.persons += row.persons.unwrap_or(0);
        self.persons_unknown += u64::from(row.persons.is_none());
        self.targets.insert(row.target.clone());
        self.outside_hours += u64::from(!hours.hold(&row.at.to_zoned(japan())));
    }
}

/// Figures by month, user, source and action.
type Review = BTreeMap<[String; 4], Figures>;

fn add(review: &mut Review, row: &Row) {
    let month = row.day()[..7].to_owned();
    let user = row.user.clone().unwrap_or_default();
    let key = [month, user, row.source.clone(), row.action.clone()];
    review.entry(key).or_default().add(row, &WORKING_HOURS);
}

fn review(lang: Lang, m: &ArgMatches) -> Result<Ended> {
    let asked = Days::of(m);
    let usual = Zoned::now().with_time_zone(japan()).checked_sub(REVIEW_MONTHS.months())?.strftime("%Y-%m").to_string();
    // who asks for an end alone wants everything up to it
    let from = if asked.from.is_empty() && asked.to.is_empty() { &usual } else { asked.from };
    let mut review = Review::new();
    let ended = rows_of(lang, &super::open(m)?, &Days { from, ..asked }, &mut |row| add(&mut review, row))?;
    let mut list = List::new(&[
        "month",
        "user",
        "source",
        "action",
        "looks",
        "rows",
        "persons",
        "persons_unknown",
        "targets",
        "outside_hours",
    ]);
    for (key, f) in review {
        let mut row: Vec<Value> = key.map(Value::from).into();
        let counts = [f.looks, f.rows, f.persons, f.persons_unknown, f.targets.len() as u64, f.outside_hours];
        row.extend(counts.map(Value::from));
        list.rows.push(row);
    }
    super::print(m, &list)?;
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_are_compared() {
        for (from, to, day, want) in [
            ("", "", "2026-10-05", true),
            ("2026-10", "2026-10", "2026-10-31", true),
            ("2026-10", "2026-10", "2026-11-01", false),
            ("2026-10-05", "2026-10-05", "2026-10-05", true),
            ("2026-10-06", "", "2026-10-05", false),
            ("", "2026-10-04", "2026-10-05", false),
            ("2026-09-30", "2026-10", "2026-10-05", true),
        ] {
            assert_eq!(Days { from, to }.has(day), want, "{from} {to} {day}");
        }
    }

    #[test]
    fn hours_of_work() {
        for (at, want) in [
            ("2026-10-05T08:30:00+09:00", true),
            ("2026-10-05T08:29:59.999+09:00", false),
            ("2026-10-05T17:14:59+09:00", true),
            ("2026-10-05T17:15:00+09:00", false),
            ("2026-10-04T10:00:00+09:00", false),
            ("2026-10-03T10:00:00+09:00", false),
            ("2026-12-29T10:00:00+09:00", false),
            ("2027-01-04T10:00:00+09:00", true),
            // a day in Japan that is still the day before elsewhere
            ("2026-10-04T23:45:00Z", true),
        ] {
            let at: jiff::Timestamp = at.parse().unwrap();
            assert_eq!(WORKING_HOURS.hold(&at.to_zoned(japan())), want, "{at}");
        }
    }

    #[test]
    fn figures_of_a_review() {
        let mut review = Review::new();
        for (at, user, action, target, persons) in [
            ("2026-10-05T10:00:00+09:00", Some("yamada"), "claim", "a", Some(1)),
            ("2026-10-05T20:00:00+09:00", Some("yamada"), "claim", "a", Some(1)),
            ("2026-10-31T23:00:00Z", Some("yamada"), "claim", "b", Some(1)),
            ("2026-10-05T10:00:00+09:00", None, "sql", "c", None),
        ] {
            let row = Row {
                seq: 1,
                at: at.parse().unwrap(),
                user: user.map(str::to_owned),
                source: "command".into(),
                action: action.into(),
                target: target.into(),
                rows: 3,
                persons,
                hash: String::new(),
            };
            add(&mut review, &row);
        }
        let found: Vec<_> = review
            .iter()
            .map(|(k, f)| {
                let counts = [f.looks, f.rows, f.persons, f.persons_unknown, f.targets.len() as u64, f.outside_hours];
                (format!("{} {} {}", k[0], k[1], k[3]), counts)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("2026-10  sql".to_owned(), [1, 3, 0, 1, 1, 0]),
                ("2026-10 yamada claim".to_owned(), [2, 6, 2, 0, 1, 1]),
                ("2026-11 yamada claim".to_owned(), [1, 3, 1, 0, 1, 1]),
            ]
        );
    }
}
