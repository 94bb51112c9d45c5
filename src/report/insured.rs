//! Insured persons and households of a month, from the register (reports.md 4, 6.9).
//!
//! An event counts in the month in which it was registered, or takes effect if that is later.

use rayon::prelude::*;
use tenken_matcher::{
    calendar::{self, Day},
    registry::{AttributeKind, OwnerRegistry, PersonView, compact::Span, rows::Scheme},
};
use tenken_parser::{Date, Month};
use tenken_report::forms::Counts;

use super::gather::AGE_BANDS;

/// Day of a moment in Japan.
fn day_of(known: tenken_matcher::registry::compact::Known) -> Option<Day> {
    known.moment().map(|m| (m.0 + 9 * 3_600_000_000).div_euclid(86_400_000_000) as Day)
}

/// From when to when a span is counted.
fn counted(span: &Span) -> (Day, Day) {
    let begin = day_of(span.acquired_known).map_or(span.acquired, |d| d.max(span.acquired));
    let end = day_of(span.lost_known).map_or(span.lost, |d| d.max(span.lost));
    (begin, end)
}

/// Why spans begin and end, as rows of the form: letter and word of the registry file.
const KOKUHO_BEGINS: &[(&str, &[&str])] = &[
    ("G09A", &["転入", "県内転入"]),
    ("G09B", &["社保離脱", "組合離脱"]),
    ("G09C", &["生保廃止"]),
    ("G09D", &["出生"]),
    ("G09E", &["後期離脱"]),
];
const KOKUHO_ENDS: &[(&str, &[&str])] = &[
    ("G10A", &["転出", "国外転出"]),
    ("G10B", &["社保加入", "組合加入"]),
    ("G10C", &["生保開始"]),
    ("G10D", &["死亡"]),
    ("G10E", &["後期加入"]),
];
const KOUKI_BEGINS: &[(&str, &[&str])] = &[
    ("K09A", &["転入", "県内転入"]),
    ("K09G", &["年齢到達", "75歳到達"]),
    ("K09H", &["障害認定"]),
    ("K09C", &["生保廃止"]),
];
const KOUKI_ENDS: &[(&str, &[&str])] = &[
    ("K10A", &["転出", "国外転出"]),
    ("K10D", &["死亡"]),
    ("K10C", &["生保開始"]),
    ("K10H", &["障害認定取消", "撤回"]),
];

macro_rules! rows {
    ($($name:ident)*) => {
        /// Rows that persons are counted in; what somebody is on a day is a set of them.
        const ROWS: &[&str] = &[$(stringify!($name)),*];
        rows!(@bit 0u32; $($name)*);
    };
    (@bit $n:expr; $name:ident $($rest:ident)*) => {
        const $name: u32 = 1 << $n;
        rows!(@bit $n + 1; $($rest)*);
    };
    (@bit $n:expr;) => {};
}

rows! { G02 G03 G04 G04S G05 G06 G06A G06B G07 G07G G07H G08 K01 K02 K03 K11 K12 K13 }

/// The days on which a person's age says something else.
struct Ages {
    preschool_end: Day,
    at_40: Day,
    at_65: Day,
    at_75: Day,
    /// 前期高齢者: the first of the month after that of reaching 65 (reports.md 3.3)
    from_65: Day,
    /// the same with 70
    from_70: Day,
}

impl Ages {
    fn of(birth: Date) -> Self {
        Self {
            preschool_end: calendar::preschool_end(birth),
            at_40: calendar::reach(birth, 40),
            at_65: calendar::reach(birth, 65),
            at_75: calendar::kouki_start(birth),
            from_65: calendar::month_after_reaching(birth, 65),
            from_70: calendar::elder_start(birth),
        }
    }
}

/// What a person is on a day.
fn rows_on(p: PersonView<'_>, ages: Option<&Ages>, scheme: Scheme, day: Day) -> u32 {
    let ratio = || p.attribute_at(AttributeKind::BurdenRatio, day).map_or("", |a| p.registry.value(a));
    if scheme == Scheme::Kouki {
        let by_age = ages.is_none_or(|a| a.at_75 <= day);
        let class = match ratio() {
            "3" => K11,
            "2" => K12,
            _ => K13,
        };
        return K01 | if by_age { K02 } else { K03 } | class;
    }
    let special = p.attribute_at(AttributeKind::SpecialResidence, day);
    let retired = special.is_some_and(|a| p.registry.value(a) == "退職");
    let mut rows = G02 | if retired { G04 | G04S } else { G03 };
    let Some(ages) = ages else { return rows };
    if day <= ages.preschool_end {
        rows |= G05;
    }
    if (ages.from_65..ages.at_75).contains(&day) {
        rows |= G06 | if day < ages.from_70 { G06A } else { G06B };
    }
    if (ages.at_40..ages.at_65).contains(&day) {
        rows |= G08;
    }
    if ages.from_70 <= day {
        rows |= G07 | if ratio() == "3" { G07H } else { G07G };
    }
    rows
}

/// A set of households, by number.
#[derive(Clone, Default)]
struct Households(Vec<u64>);

impl Households {
    fn insert(&mut self, household: u32) {
        let word = household as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (household % 64);
    }

    fn join(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    fn len(&self) -> i64 {
        self.0.iter().map(|w| i64::from(w.count_ones())).sum()
    }

    /// Those that are not in the other.
    fn without(&self, other: &Self) -> i64 {
        let word = |i: usize| other.0.get(i).copied().unwrap_or(0);
        self.0.iter().enumerate().map(|(i, w)| i64::from((w & !word(i)).count_ones())).sum()
    }
}

/// Rows by column: `prev` `inc` `dec` `end`.
#[derive(Clone, Default)]
struct Sums {
    rows: [[i64; 4]; ROWS.len()],
    begins: [i64; 8],
    ends: [i64; 8],
    before: Households,
    after: Households,
}

const PREV: usize = 0;
const INC: usize = 1;
const DEC: usize = 2;
const END: usize = 3;
const COLUMNS: [&str; 4] = ["prev", "inc", "dec", "end"];

impl Sums {
    fn add(&mut self, rows: u32, column: usize) {
        let mut left = rows;
        while left != 0 {
            self.rows[left.trailing_zeros() as usize][column] += 1;
            left &= left - 1;
        }
    }

    fn join(&mut self, other: Self) {
        for (a, b) in self.rows.iter_mut().zip(other.rows) {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        }
        self.begins.iter_mut().zip(other.begins).for_each(|(a, b)| *a += b);
        self.ends.iter_mut().zip(other.ends).for_each(|(a, b)| *a += b);
        self.before.join(&other.before);
        self.after.join(&other.after);
    }
}

/// Counts of months that follow one another: rows of `GEN` (`KOKI_A` for 後期), columns `prev` `inc` `dec` `end`. Of all
/// but the last only `end` is worked out: all that averages need.
pub fn counts(registry: &OwnerRegistry, scheme: Scheme, months: &[Month]) -> Vec<Counts> {
    let kouki = scheme == Scheme::Kouki;
    let (begins, ends) = if kouki { (KOUKI_BEGINS, KOUKI_ENDS) } else { (KOKUHO_BEGINS, KOKUHO_ENDS) };
    let bounds: Vec<(Day, Day)> =
        months.iter().map(|m| (m.first_day().epoch_days() - 1, m.last_day().epoch_days())).collect();
    let persons: Vec<PersonView<'_>> = registry.persons().collect();
    let part = |persons: &[PersonView<'_>]| {
        let mut all: Vec<Sums> = vec![Sums::default(); months.len()];
        for p in persons {
            let ages = p.birth().map(Ages::of);
            for span in p.spans().iter().filter(|s| s.scheme == scheme) {
                let (begin, end) = counted(span);
                for (at, (last_before, last)) in bounds.iter().enumerate() {
                    if end <= begin || begin > *last || end <= *last_before {
                        continue;
                    }
                    let sums = &mut all[at];
                    let (before, after) = (begin <= *last_before && end > *last_before, end > *last);
                    let now = if after { rows_on(*p, ages.as_ref(), scheme, *last) } else { 0 };
                    sums.add(now, END);
                    let household =
                        |day: Day| p.period_at(scheme, day).or_else(|| p.periods().last()).map(|r| r.household);
                    if let Some(h) = household(*last).filter(|_| after) {
                        sums.after.insert(h);
                    }
                    if at + 1 < months.len() {
                        continue;
                    }
                    let then = if before { rows_on(*p, ages.as_ref(), scheme, *last_before) } else { 0 };
                    sums.add(then, PREV);
                    sums.add(now & !then, INC);
                    sums.add(then & !now, DEC);
                    if !before {
                        let reason = registry.acquired_reason(span);
                        let row = begins.iter().position(|(_, words)| words.contains(&reason));
                        sums.begins[row.unwrap_or(begins.len())] += 1;
                    }
                    if !after {
                        let reason = registry.lost_reason(span);
                        let row = ends.iter().position(|(_, words)| words.contains(&reason));
                        sums.ends[row.unwrap_or(ends.len())] += 1;
                    }
                    if !before && !after {
                        // came and went within the month
                        let total = if kouki { K01 } else { G02 };
                        sums.add(total, INC);
                        sums.add(total, DEC);
                    }
                    if let Some(h) = household(*last_before).filter(|_| before) {
                        sums.before.insert(h);
                    }
                }
            }
        }
        all
    };
    let parts: Vec<Vec<Sums>> = persons.par_chunks(50_000).map(part).collect();
    let mut all: Vec<Sums> = vec![Sums::default(); months.len()];
    for part in parts {
        all.iter_mut().zip(part).for_each(|(a, b)| a.join(b));
    }
    all.into_iter().map(|sums| named(sums, kouki, begins, ends)).collect()
}

fn named(sums: Sums, kouki: bool, begins: &[(&str, &[&str])], ends: &[(&str, &[&str])]) -> Counts {
    let mut counts = Counts::new();
    let mut put = |row: &str, column: &str, n: i64| counts.insert((row.to_owned(), column.to_owned()), n);
    for (row, values) in ROWS.iter().zip(sums.rows).filter(|(r, _)| r.starts_with('K') == kouki) {
        for (column, n) in COLUMNS.iter().zip(values) {
            put(row, column, n);
        }
    }
    let (other_begin, other_end, all_begin, all_end) =
        if kouki { ("K09F", "K10F", "K09", "K10") } else { ("G09F", "G10F", "G09", "G10") };
    for (at, n) in sums.begins.iter().enumerate().take(begins.len() + 1) {
        put(begins.get(at).map_or(other_begin, |b| b.0), "inc", *n);
    }
    for (at, n) in sums.ends.iter().enumerate().take(ends.len() + 1) {
        put(ends.get(at).map_or(other_end, |b| b.0), "dec", *n);
    }
    put(all_begin, "inc", sums.begins.iter().sum());
    put(all_end, "dec", sums.ends.iter().sum());
    if !kouki {
        put("G01", "prev", sums.before.len());
        put("G01", "end", sums.after.len());
        put("G01", "inc", sums.after.without(&sums.before));
        put("G01", "dec", sums.before.without(&sums.after));
    }
    counts
}

/// Whether anybody of the register is, or was, in a scheme.
pub fn has_scheme(registry: &OwnerRegistry, scheme: Scheme) -> bool {
    registry.persons().any(|p| p.spans().iter().any(|s| s.scheme == scheme))
}

/// Insured persons at the end of a month, in bands of five years of age.
pub fn by_age(registry: &OwnerRegistry, month: Month) -> [i64; AGE_BANDS] {
    let last = month.last_day().epoch_days();
    let mut bands = [0; AGE_BANDS];
    for p in registry.persons() {
        let is_in = |s: &Span| matches!(counted(s), (begin, end) if begin <= last && last < end);
        if let Some(birth) = p.birth().filter(|_| p.spans().iter().any(is_in)) {
            let age = calendar::age_on(birth, last).max(0) as usize;
            bands[(age / 5).min(AGE_BANDS - 1)] += 1;
        }
    }
    bands
}
