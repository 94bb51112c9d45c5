//! Dated attributes of people and households (registry-files.md 2.3).

use tenken_parser::{Month, identifiers::with_check_digit};

use super::{Household, Known, Person, Region};
use crate::{
    calendar::{Day, add_years, age, august_from, elderly_from, first, last},
    draw::{key, keyed},
    rng::Rng,
    tables::{Programme, Scheme, TABLES, TWO_TENTHS},
};

#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub kind: &'static str,
    pub value: String,
    pub from: Day,
    pub to: Option<Day>,
    pub known: Known,
}

impl Attribute {
    pub fn new(kind: &'static str, value: &str, from: Day, to: Option<Day>, known: Known) -> Self {
        Self { kind, value: value.to_owned(), from, to, known }
    }

    pub fn touches(&self, month: Month) -> bool {
        self.from <= last(month) && self.to.is_none_or(|t| t > first(month))
    }

    pub fn covers(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|t| day < t)
    }
}

/// A public programme of a person, the same numbers over the years.
#[derive(Clone, Debug)]
pub(crate) struct Public {
    pub programme: &'static Programme,
    pub payer_no: String,
    pub recipient_no: String,
    pub from: Day,
    pub to: Option<Day>,
}

impl Public {
    pub fn covers(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|t| day < t)
    }
}

/// Households whose income changed its class in a year, ‰.
const NEW_RANK: u32 = 40;

/// Income ranks from August to July, and what is marked on the household.
pub(super) fn household(h: &mut Household, region: &Region, rng: &mut Rng) {
    let mut from = h.from.min(region.reference);
    h.ranks.push((from, rng.below(1000) as u32));
    from = from.max(region.start);
    loop {
        from = august_from(from);
        if from > region.end {
            break;
        }
        if rng.per_mille(NEW_RANK) {
            h.ranks.push((from, rng.below(1000) as u32));
        }
    }
    if h.young {
        let mut ranks = h.ranks.iter().peekable();
        let mut last_word = "";
        while let Some((from, rank)) = ranks.next() {
            let word = TABLES.category(0, *rank).name;
            let to = ranks.peek().map(|r| r.0);
            if word == last_word {
                if let Some(a) = h.attributes.last_mut() {
                    a.to = to;
                }
                continue;
            }
            last_word = word;
            let known = (*from > region.start).then_some(from - 12);
            h.attributes.push(Attribute::new("所得区分", word, *from, to, known));
        }
    }
    match rng.below(10_000) {
        0..25 => {
            let from = region.start + rng.below(1500) as Day;
            let value = ["免除", "猶予", "減額:50"][rng.below(3)];
            h.attributes.push(Attribute::new("減免", value, from, Some(from + 180), Some(from)));
        }
        25..55 => {
            let from = region.reference - rng.between(40, 500) as Day;
            h.attributes.push(Attribute::new("特別療養費", "1", from, Some(from + 730), Some(from - 30)));
        }
        55..65 => {
            let from = region.reference - rng.between(40, 900) as Day;
            h.attributes.push(Attribute::new("通知除外", "1", from, None, Some(from)));
        }
        _ => {}
    }
}

/// What a person has: certificates of the elderly, public programmes, marks.
pub(super) fn person(p: &mut Person, households: &mut [Household], region: &Region) {
    let mut rng = keyed(&[p.key, 7]);
    elderly(p, households);
    publics(p, region, &mut rng);
    if p.health.dialysis {
        dialysis(p, households);
    }
    let age = age(p.birth, region.reference);
    let insured = p.periods.iter().any(|r| r.covers(region.reference));
    let mark = |p: &mut Person, kind, value: &str, from: Day, to: Option<Day>| {
        p.attributes.push(Attribute::new(kind, value, from, to, Some(from)));
    };
    if !insured {
        return;
    }
    let recent = region.reference - rng.between(40, 700) as Day;
    match rng.below(10_000) {
        0..120 if (20..70).contains(&age) => mark(p, "限度額適用不可", "1", recent, Some(recent + 365)),
        120..140 if (18..25).contains(&age) => mark(p, "特例", "マル学", recent, Some(add_years(recent, 4))),
        140..155 if age >= 65 => mark(p, "特例", "住所地特例", recent, None),
        155..165 => mark(p, "通知除外", "1", recent, None),
        165..170 => {
            let value = format!("K{:06}:{}", rng.below(1_000_000), crate::calendar::date(recent));
            mark(p, "求償", &value, recent, Some(recent + 400));
        }
        170..182 if (20..65).contains(&age) && p.publics.is_empty() => {
            let from = region.reference - rng.between(35, 150) as Day;
            mark(p, "拘禁", "1", from, Some(from + 400));
        }
        // released again
        240..258 if (20..65).contains(&age) => {
            let to = region.reference - rng.between(40, 200) as Day;
            mark(p, "拘禁", "1", to - 250, Some(to));
        }
        182..186 if (20..65).contains(&age) => mark(p, "適用除外", "施設入所", recent, None),
        186..240 if age >= 70 => {
            let rank = households[p.household as usize].rank(region.reference);
            match TABLES.category(1, rank).name {
                "低所得Ⅱ" => mark(p, "標準負担額", "1", recent, None),
                "低所得Ⅰ" => mark(p, "標準負担額", "3", recent, None),
                _ => {}
            }
        }
        _ => {}
    }
}

/// 負担割合 and 高齢所得区分 from the month after seventy, by the ranks of the household.
fn elderly(p: &mut Person, households: &[Household]) {
    let mut found: Vec<Attribute> = Vec::new();
    for row in &p.periods {
        let begins = if row.scheme == Scheme::Kouki { row.from } else { row.from.max(elderly_from(p.birth)) };
        let ends = row.end();
        if ends.is_some_and(|e| e <= begins) {
            continue;
        }
        // the household of a row that began before it was made (世帯変更) has the ranks of its first day
        let h = &households[row.household as usize];
        let mut cuts: Vec<Day> = vec![begins];
        cuts.extend(h.ranks.iter().map(|r| r.0).filter(|d| *d > begins && ends.is_none_or(|e| *d < e)));
        if row.scheme == Scheme::Kouki && begins < TWO_TENTHS && ends.is_none_or(|e| TWO_TENTHS < e) {
            cuts.push(TWO_TENTHS);
            cuts.sort_unstable();
            cuts.dedup();
        }
        for (i, from) in cuts.iter().enumerate() {
            let to = cuts.get(i + 1).copied().or(ends);
            let scheme = if row.scheme == Scheme::Kouki { 3 } else { 1 };
            let c = TABLES.category_on(scheme, h.rank(*from), *from);
            let known = row.known_from.map(|k| if i == 0 { k } else { from - 12 });
            for (kind, value) in [("負担割合", c.burden.to_string()), ("高齢所得区分", c.name.to_owned())] {
                let same = found.iter_mut().rfind(|a| a.kind == kind);
                match same {
                    Some(a) if a.value == value && a.to == Some(*from) => a.to = to,
                    _ => found.push(Attribute { kind, value, from: *from, to, known }),
                }
            }
        }
    }
    p.attributes.append(&mut found);
}

/// 特定疾病 of someone on dialysis, with the limit of the income of each time. It stays after the last period: whoever
/// comes late with a claim had it.
fn dialysis(p: &mut Person, households: &[Household]) {
    let mut found: Vec<Attribute> = Vec::new();
    for row in &p.periods {
        let h = &households[row.household as usize];
        let within = |d: &Day| *d > row.from && row.end().is_none_or(|e| *d < e);
        let mut cuts: Vec<Day> = vec![row.from];
        cuts.extend(h.ranks.iter().map(|r| r.0).chain([elderly_from(p.birth)]).filter(within));
        cuts.sort_unstable();
        for from in cuts {
            let young = row.scheme == Scheme::Kokuho && from < elderly_from(p.birth);
            let high = young && matches!(TABLES.category(0, h.rank(from)).name, "ア" | "イ");
            let value = if high { "慢性腎不全:20000" } else { "慢性腎不全:10000" };
            match found.last_mut() {
                Some(a) if a.value == value => {}
                last => {
                    if let Some(a) = last {
                        a.to = Some(from);
                    }
                    found.push(Attribute::new("特定疾病", value, from, None, None));
                }
            }
        }
    }
    p.attributes.append(&mut found);
}

fn publics(p: &mut Person, region: &Region, rng: &mut Rng) {
    let Some(row) = p.periods.last() else { return };
    let scheme = row.scheme;
    let (row_from, row_end) = (row.from, row.end());
    let age = age(p.birth, row_end.unwrap_or(region.reference).min(region.reference));
    for g in TABLES.programmes.iter().filter(|g| g.scheme == scheme && (g.age_from..=g.age_to).contains(&age)) {
        let has = match g.of {
            "dialysis" => p.health.dialysis && rng.per_mille(g.per_mille),
            "chronic" => rng.per_mille(if p.health.chronic.is_some() { g.per_mille * 2 } else { g.per_mille / 4 }),
            _ => rng.per_mille(g.per_mille),
        };
        if !has || p.publics.len() >= 2 {
            continue;
        }
        let n = key(&[p.key, g.law.parse().unwrap_or_default(), 8]);
        let payer_no = with_check_digit(&format!("{}{}", g.law, g.body));
        let recipient_no = with_check_digit(&format!("{:06}", 100_000 + n % 900_000));
        // children from birth, others since some day; most go on, some have run out
        let from = if g.of == "any" && age < 16 { p.birth.max(row_from) } else { row_from.max(region.start - 100) };
        let over = g.of != "any" && rng.per_mille(60);
        let leaves_school = Some(crate::calendar::school_from(p.birth)).map(|d| add_years(d, 9));
        let to = match (over, row_end) {
            (true, None) => Some((region.reference - rng.between(20, 300) as Day).max(from + 30)),
            (_, Some(e)) => Some(e),
            _ if g.of == "any" && age < 16 => leaves_school,
            _ => None,
        };
        if to.is_some_and(|t| t <= from) {
            continue;
        }
        let value = format!("{payer_no}:{recipient_no}");
        if g.local || to.is_some() || from > region.end {
            p.attributes.push(Attribute::new("公費", &value, from, to, (from > region.start).then_some(from + 5)));
        } else {
            renewed(p, &value, from, region);
        }
        p.publics.push(Public { programme: g, payer_no, recipient_no, from, to });
    }
}

/// National certificates are renewed every second October.
fn renewed(p: &mut Person, value: &str, from: Day, region: &Region) {
    let mut start = from;
    while start <= region.end {
        let end = august_from(add_years(start, 1)) + 61;
        p.attributes.push(Attribute::new("公費", value, start, Some(end), (start > region.start).then_some(start - 5)));
        start = end;
    }
}
