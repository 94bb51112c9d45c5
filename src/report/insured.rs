//! Insured persons and households of a month, from the register (reports.md 4, 6.9).
//!
//! An event counts in the month in which it was registered, or takes effect if that is later.

use std::collections::HashSet;

use rayon::prelude::*;
use tenken_matcher::{
    calendar::{self, Day},
    registry::{AttributeKind, OwnerRegistry, PersonView, compact::Span, rows::Scheme},
};
use tenken_parser::Month;
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

/// What a person is on a day, as rows of the form.
fn rows_on(p: PersonView<'_>, scheme: Scheme, day: Day, out: &mut Vec<&'static str>) {
    out.clear();
    let Some(birth) = p.birth() else {
        out.push(if scheme == Scheme::Kouki { "K13" } else { "G03" });
        return;
    };
    let ratio = || p.attribute_at(AttributeKind::BurdenRatio, day).map(|a| p.registry.value(a).to_owned());
    if scheme == Scheme::Kouki {
        out.push(if calendar::kouki_start(birth) <= day { "K02" } else { "K03" });
        out.push(match ratio().as_deref() {
            Some("3") => "K11",
            Some("2") => "K12",
            _ => "K13",
        });
        return;
    }
    let retired = p.attribute_at(AttributeKind::SpecialResidence, day).is_some_and(|a| p.registry.value(a) == "退職");
    out.push(if retired { "G04" } else { "G03" });
    if retired {
        out.push("G04S");
    }
    if day <= calendar::preschool_end(birth) {
        out.push("G05");
    }
    let age = calendar::age_on(birth, day);
    if (65..75).contains(&age) {
        out.push("G06");
        out.push(if age < 70 { "G06A" } else { "G06B" });
    }
    if calendar::elder_start(birth) <= day {
        out.push("G07");
        out.push(if ratio().as_deref() == Some("3") { "G07H" } else { "G07G" });
    }
    if (40..65).contains(&age) {
        out.push("G08");
    }
}

#[derive(Default)]
struct Part {
    counts: Counts,
    before: HashSet<u32>,
    after: HashSet<u32>,
}

impl Part {
    fn add(&mut self, row: &str, col: &str) {
        match self.counts.get_mut(&(row.to_owned(), col.to_owned())) {
            Some(n) => *n += 1,
            None => {
                self.counts.insert((row.to_owned(), col.to_owned()), 1);
            }
        }
    }
}

/// Counts of a month: rows of `GEN` (`KOKI_A` for 後期), columns `prev` `inc` `dec` `end`.
pub fn counts(registry: &OwnerRegistry, month: Month) -> Counts {
    let scheme = if registry.owner.len() == 8 { Scheme::Kouki } else { Scheme::Kokuho };
    let kouki = scheme == Scheme::Kouki;
    let (total, begins, ends) =
        if kouki { ("K01", KOUKI_BEGINS, KOUKI_ENDS) } else { ("G02", KOKUHO_BEGINS, KOKUHO_ENDS) };
    let (other_begin, other_end, all_begin, all_end) =
        if kouki { ("K09F", "K10F", "K09", "K10") } else { ("G09F", "G10F", "G09", "G10") };
    let last_before = month.first_day().epoch_days() - 1;
    let last = month.last_day().epoch_days();
    let persons: Vec<PersonView<'_>> = registry.persons().collect();
    let part = |persons: &[PersonView<'_>]| {
        let mut part = Part::default();
        let (mut then, mut now) = (Vec::new(), Vec::new());
        for p in persons {
            for span in p.spans().iter().filter(|s| s.scheme == scheme) {
                let (begin, end) = counted(span);
                if end <= begin || begin > last || end <= last_before {
                    continue;
                }
                let (before, after) = (begin <= last_before && end > last_before, end > last);
                if before {
                    rows_on(*p, scheme, last_before, &mut then);
                    part.add(total, "prev");
                    then.iter().for_each(|r| part.add(r, "prev"));
                } else {
                    then.clear();
                    part.add(total, "inc");
                    let reason = registry.acquired_reason(span);
                    let row = begins.iter().find(|(_, words)| words.contains(&reason)).map_or(other_begin, |b| b.0);
                    part.add(row, "inc");
                    part.add(all_begin, "inc");
                }
                if after {
                    rows_on(*p, scheme, last, &mut now);
                    part.add(total, "end");
                    now.iter().for_each(|r| part.add(r, "end"));
                } else {
                    now.clear();
                    part.add(total, "dec");
                    let reason = registry.lost_reason(span);
                    let row = ends.iter().find(|(_, words)| words.contains(&reason)).map_or(other_end, |b| b.0);
                    part.add(row, "dec");
                    part.add(all_end, "dec");
                }
                now.iter().filter(|r| !then.contains(r)).for_each(|r| part.add(r, "inc"));
                then.iter().filter(|r| !now.contains(r)).for_each(|r| part.add(r, "dec"));
                let household = |day: Day| p.period_at(scheme, day).or_else(|| p.periods().last()).map(|r| r.household);
                if before {
                    part.before.extend(household(last_before));
                }
                if after {
                    part.after.extend(household(last));
                }
            }
        }
        part
    };
    let parts: Vec<Part> = persons.par_chunks(20_000).map(part).collect();
    let mut all = Part::default();
    for p in parts {
        for (key, n) in p.counts {
            *all.counts.entry(key).or_default() += n;
        }
        all.before.extend(p.before);
        all.after.extend(p.after);
    }
    if !kouki {
        let mut put = |col: &str, n: usize| all.counts.insert(("G01".to_owned(), col.to_owned()), n as i64);
        put("prev", all.before.len());
        put("end", all.after.len());
        put("inc", all.after.difference(&all.before).count());
        put("dec", all.before.difference(&all.after).count());
    }
    all.counts
}

/// Insured persons at the end of a month, in bands of five years of age.
pub fn by_age(registry: &OwnerRegistry, month: Month) -> [i64; AGE_BANDS] {
    let scheme = if registry.owner.len() == 8 { Scheme::Kouki } else { Scheme::Kokuho };
    let last = month.last_day().epoch_days();
    let mut bands = [0; AGE_BANDS];
    for p in registry.persons() {
        let is_in = |s: &Span| s.scheme == scheme && matches!(counted(s), (begin, end) if begin <= last && last < end);
        if let Some(birth) = p.birth().filter(|_| p.spans().iter().any(is_in)) {
            let age = calendar::age_on(birth, last).max(0) as usize;
            bands[(age / 5).min(AGE_BANDS - 1)] += 1;
        }
    }
    bands
}
