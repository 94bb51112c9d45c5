//! Households worked out side by side, each month after month.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use tenken_benefit::{
    AgeBand, Law, Row, Scheme, Yen,
    category::CategoryError,
    hits,
    household::{GroupKind, Person},
    month::{Calculated, HouseholdMonth, MonthClaim, Source},
    tokki,
};
use tenken_matcher::{
    registry::{OwnerRegistry, PersonView},
    standing,
};
use tenken_parser::{Date, Month};
use tenken_store::tables::benefit::{BenefitGroup, BenefitHousehold};

use super::{
    Basis, Numbers,
    collect::{Chain, Collected, Key, KnownResult, Record, id_number, rate_of},
};

/// Words that stand for an income that is not known (high-cost.md 1.2).
pub const UNKNOWN_UNDER_70: &str = "ア";
pub const UNKNOWN_70_PLUS: &str = "現役Ⅲ";

type Written = (Vec<BenefitHousehold>, Vec<BenefitGroup>, Numbers);

/// The versions that some households get.
pub fn work_out(basis: &Basis, all: &Collected, chains: &[Chain]) -> Written {
    let mut out = Written::default();
    for chain in chains {
        Worker { basis, all, chain, registry: &basis.registers[usize::from(chain.owner)] }.run(&mut out);
    }
    out
}

struct Worker<'w> {
    basis: &'w Basis,
    all: &'w Collected,
    chain: &'w Chain,
    registry: &'w OwnerRegistry,
}

/// What is known of a household month beside its claims.
struct Facts<'l> {
    month: HouseholdMonth<'l>,
    under70: Option<String>,
    seventy_plus: Option<String>,
    no_category: bool,
}

impl<'w> Worker<'w> {
    fn law(&self) -> &'w Law {
        &self.basis.law
    }

    fn key(&self, month: Month) -> Key {
        Key { owner: self.chain.owner, kouki: self.chain.kouki, household: self.chain.household, month }
    }

    fn run(&self, out: &mut Written) {
        // hits so far; those of other municipalities are taken as they were handed over
        let mut hits: BTreeSet<Month> = BTreeSet::new();
        for (month, _) in &self.chain.months {
            if self.all.known.get(&self.key(*month)).is_some_and(|k| k.hit) {
                hits.insert(*month);
            }
        }
        let household_id = self.all.households.name(self.chain.household);
        let of_household = self.all.records[self.chain.records.clone()].first().and_then(|record| {
            standing::household_no(self.registry.find(self.all.persons.name(record.person))?, household_id)
        });
        let inherited: Vec<Month> =
            of_household.map(|h| standing::inherited_hits(self.registry, h)).unwrap_or_default();
        hits.extend(inherited);

        // months that began or ceased to count
        let mut flipped: Vec<Month> = Vec::new();
        for (month, touched) in &self.chain.months {
            let key = self.key(*month);
            let in_reach = flipped.iter().any(|f| hits::touched(self.law(), *f).any(|m| m == *month));
            if !touched && !in_reach {
                continue;
            }
            let before = hits.contains(month);
            let earlier = hits::earlier(self.law(), &hits, *month);
            match self.work(key, &earlier, !touched, out) {
                Ok(hit) => {
                    if hit {
                        hits.insert(*month)
                    } else {
                        hits.remove(month)
                    };
                    if hit != before {
                        flipped.push(*month);
                    }
                }
                Err(why) => *out.2.failed.entry(why).or_default() += 1,
            }
        }
    }

    /// Works a month out and puts its version, if it is another one. Gives whether the month counts for 多数回.
    fn work(&self, key: Key, earlier: &[Month], by_counter: bool, out: &mut Written) -> Result<bool, String> {
        let law = self.law();
        let records = self.all.of(self.chain, key.month);
        let known: Option<&KnownResult> = self.all.known.get(&key);
        if records.is_empty() && known.is_none() {
            return Ok(false);
        }
        let facts = self.facts(key, records);
        let multi_hit = hits::is_multi(law, earlier, key.month);
        let mut got = facts.month.calculate(law, multi_hit, false).map_err(|e| e.to_string())?;
        if is_interesting(&got) {
            got = facts.month.calculate(law, multi_hit, true).map_err(|e| e.to_string())?;
        }
        let numbers = &mut out.2;
        numbers.worked_out += 1;
        numbers.no_category += u64::from(facts.no_category);
        let mut row = self.row(key, records, &facts, &got, earlier, multi_hit);
        let mut groups = self.groups(records, &facts, &got);
        row.input_hash = hash(&row, &groups);
        // households that keep their version count too: the same month again says the same
        numbers.benefit_yen += row.benefit_yen;
        numbers.in_kind_yen += row.in_kind_yen;
        numbers.cash_yen += row.cash_yen;
        numbers.needs_decision += u64::from(row.needs_decision);
        numbers.overpaid += u64::from(row.cash_yen < 0);
        numbers.no_prescriber +=
            groups.iter().filter(|g| g.excluded_reason.as_deref() == Some("no_prescriber")).count() as u64;
        if known.is_some_and(|k| k.input_hash == id_number(&row.input_hash)) {
            numbers.unchanged += 1;
            return Ok(row.hit);
        }
        row.version = known.map_or(1, |k| k.version + 1);
        let last = known.map_or(0, |k| k.benefit_yen);
        row.change_yen = row.benefit_yen - last;
        // what falls to nothing is a decrease too: money may have to come back (high-cost.md 9.1)
        let change = match (last, row.benefit_yen) {
            (0, 0) => "zero",
            (0, _) => "new",
            (last, now) if now == last => "same",
            (last, now) if now > last => "increase",
            _ => "decrease",
        };
        row.change = change.to_owned();
        row.benefit_id = self.benefit_id(key, row.version);
        row.reason = self.reason(&row, &facts, &got, known.is_some(), by_counter);
        for g in &mut groups {
            g.benefit_id.clone_from(&row.benefit_id);
        }
        *numbers.changes.entry(change).or_default() += 1;
        let hit = row.hit;
        out.0.push(row);
        out.1.extend(groups);
        Ok(hit)
    }

    fn person(&self, number: u32) -> Option<PersonView<'w>> {
        self.registry.find(self.all.persons.name(number))
    }

    fn facts(&self, key: Key, records: &[Record]) -> Facts<'w> {
        let law = self.law();
        let scheme = key.scheme();
        let household_id = self.all.households.name(key.household);
        let mut persons: Vec<Person> = Vec::new();
        // few: looked through
        let mut seen: Vec<(u32, Option<PersonView<'w>>)> = Vec::new();
        let mut claims: Vec<MonthClaim> = Vec::new();
        let mut household_no = None;
        let (mut under70, mut seventy_plus): (Option<String>, Option<String>) = (None, None);
        let mut no_category = false;
        let mut rate_70 = None;
        for r in records {
            let person = match seen.iter().position(|(n, _)| *n == r.person) {
                Some(at) => at,
                None => {
                    let view = self.person(r.person);
                    let birth = view.and_then(|v| v.birth()).or(r.birth);
                    seen.push((r.person, view));
                    persons.push(Person {
                        name: self.all.persons.name(r.person).to_owned(),
                        band: standing::age_band(scheme, birth, key.month),
                        birthday75: standing::has_half_month(view, birth, key.month),
                    });
                    persons.len() - 1
                }
            };
            let (view, band) = (seen[person].1, persons[person].band);
            // 高半: those whom someone's 75th birthday brought here
            persons[person].birthday75 |= r.has(21);
            household_no = household_no.or_else(|| standing::household_no(view?, household_id));
            let (rate, _) = rate_of(r, view);
            let word = match band {
                AgeBand::Under70 => &mut under70,
                _ => {
                    rate_70 = rate_70.or(Some(rate));
                    &mut seventy_plus
                }
            };
            if word.is_none() {
                let registered = standing::category(self.registry, view, household_no, band, key.month);
                *word = registered.map(str::to_owned).or_else(|| by_note(r, band));
            }
            claims.push(MonthClaim {
                person,
                source: r.source,
                inpatient: r.inpatient,
                institution: r.institution,
                prescriber: r.prescriber,
                rate,
                cost: r.cost,
                burden: r.burden,
                copay: r.copay,
                publics: self.all.publics.get(&r.id).filter(|_| is_claim(r)).cloned().unwrap_or_default(),
                tokutei: r.tokutei(),
            });
        }
        let has = |band: fn(AgeBand) -> bool| persons.iter().any(|p| band(p.band));
        if under70.is_none() {
            let registered = standing::category(self.registry, None, household_no, AgeBand::Under70, key.month);
            under70 = registered.map(str::to_owned);
        }
        if under70.is_none() && has(|b| b == AgeBand::Under70) {
            no_category = true;
            under70 = Some(UNKNOWN_UNDER_70.to_owned());
        }
        if seventy_plus.is_none() && has(AgeBand::is_70_or_more) {
            no_category = true;
            seventy_plus = Some(UNKNOWN_70_PLUS.to_owned());
        }
        let band_70 = if scheme == Scheme::Kouki { AgeBand::SeventyFivePlus } else { AgeBand::SeventyPlus };
        let row = |word: &Option<String>, band| match word {
            Some(word) => law.categories.row(&law.limits, word, band, key.month, rate_70),
            None => Err(CategoryError::Missing(band)),
        };
        let printed = |word: Option<String>| word.map(|w| law.categories.printed(&w).map_or(w.clone(), str::to_owned));
        Facts {
            month: HouseholdMonth {
                month: key.month,
                scheme,
                under70: row(&under70, AgeBand::Under70),
                seventy_plus: row(&seventy_plus, band_70),
                moved: scheme == Scheme::Kokuho
                    && household_no.is_some_and(|h| standing::moved_in(self.registry, h, key.month)),
                persons,
                claims,
            },
            under70: printed(under70),
            seventy_plus: printed(seventy_plus),
            no_category,
        }
    }

    fn claim_name(&self, r: &Record) -> String {
        match r.source {
            Source::Claim(_) => format!("{:016x}", r.id),
            Source::Cash(no) => format!("cash:{}", self.all.decisions[no as usize]),
        }
    }

    fn row(
        &self,
        key: Key,
        records: &[Record],
        facts: &Facts<'w>,
        got: &Calculated<'w>,
        earlier: &[Month],
        multi_hit: bool,
    ) -> BenefitHousehold {
        let o = &got.outcome;
        let half = facts.month.persons.iter().any(|p| p.birthday75);
        let special = match (facts.month.moved, half) {
            (true, true) => Some("move+birthday75"),
            (true, false) => Some("move"),
            (false, true) => Some("birthday75"),
            _ => None,
        };
        let trace = if o.trace.is_empty() { short_trace(got) } else { o.trace.join("\n") };
        BenefitHousehold {
            benefit_id: String::new(),
            owner: self.all.owners[usize::from(key.owner)].clone(),
            household_id: self.all.households.name(key.household).to_owned(),
            service_month: key.month.to_string(),
            version: 0,
            exam_month: self.basis.month.to_string(),
            change: String::new(),
            change_yen: 0,
            category_under70: facts.under70.clone(),
            category_70plus: facts.seventy_plus.clone(),
            special: special.map(str::to_owned),
            hit_count: earlier.len() as i32,
            multi_hit,
            hit_months: earlier.iter().map(ToString::to_string).collect(),
            counted_cost_yen: o.counted_cost.0,
            counted_burden_yen: o.counted_burden.0,
            limit_yen: o.limit.map(|l| l.0),
            special_month_benefit_yen: o.benefit.special_month.0,
            outpatient_benefit_yen: o.benefit.outpatient.0,
            seventyplus_benefit_yen: o.benefit.seventy_plus.0,
            all_ages_benefit_yen: o.benefit.all_ages.0,
            benefit_yen: o.benefit.total().0,
            in_kind_yen: o.in_kind.0,
            cash_yen: o.refund().0,
            limit_rows: o.rows.keys().to_vec(),
            needs_decision: o.rows.undecided(&self.basis.config.accept_limits).next().is_some(),
            claim_ids: records.iter().map(|r| self.claim_name(r)).collect(),
            expires_on: expires_on(key.month, self.law().parameters.prescription_years(key.month)),
            reason: String::new(),
            trace,
            scheme: key.scheme().code().to_owned(),
            hit: o.hit,
            tokutei_benefit_yen: o.tokutei.0,
            public_benefit_yen: got.public_benefit.0,
            input_hash: String::new(),
        }
    }

    fn groups(&self, records: &[Record], facts: &Facts<'w>, got: &Calculated<'w>) -> Vec<BenefitGroup> {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let row = |row: &Result<&Row, CategoryError>| row.as_ref().ok().map(|r| r.key().to_owned());
        (got.household.groups.iter().zip(&got.outcome.groups).zip(&got.claims).zip(1i32..))
            .map(|(((group, outcome), claims), group_no)| {
                let person = &got.household.persons[group.person];
                let senior = person.band.is_70_or_more();
                let first = seen.insert(group.person);
                BenefitGroup {
                    benefit_id: String::new(),
                    group_no,
                    person_id: person.name.clone(),
                    age_band: person.band.code().to_owned(),
                    institution: match (group.kind, claims.first().map(|c| records[*c].source)) {
                        (GroupKind::Cash, Some(Source::Cash(no))) => self.all.decisions[no as usize].clone(),
                        _ => group.institution.clone(),
                    },
                    kind: group.kind.name_ja().to_owned(),
                    inpatient: group.inpatient,
                    cost_yen: outcome.cost.0,
                    burden_yen: outcome.burden.0,
                    window_paid_yen: outcome.window_paid.0,
                    in_kind_yen: outcome.in_kind.0,
                    counted: outcome.excluded.is_none(),
                    excluded_reason: outcome.excluded.map(|e| e.code().to_owned()),
                    person_benefit_yen: if first { got.outcome.person_steps[group.person].0 } else { 0 },
                    limit_row: if senior { row(&facts.month.seventy_plus) } else { row(&facts.month.under70) },
                    claim_ids: claims.iter().map(|c| self.claim_name(&records[*c])).collect(),
                    person_cash_yen: if first { got.outcome.persons[group.person].0 } else { 0 },
                }
            })
            .collect()
    }

    /// Names this version: the same in every store.
    fn benefit_id(&self, key: Key, version: i32) -> String {
        let name = format!(
            "{}:{}:{}:{}:{version}",
            self.all.owners[usize::from(key.owner)],
            key.scheme().code(),
            self.all.households.name(key.household),
            key.month
        );
        let mut id = blake3::hash(name.as_bytes()).to_hex().to_string();
        id.truncate(16);
        id
    }

    fn reason(
        &self,
        row: &BenefitHousehold,
        facts: &Facts<'_>,
        got: &Calculated<'_>,
        again: bool,
        by_counter: bool,
    ) -> String {
        let mut text = match (again, by_counter) {
            (false, _) => "はじめての計算".to_owned(),
            (true, true) => "前の月の該当が変わり、多数回の数え直し".to_owned(),
            (true, false) => "レセプト・異動・台帳の変更による再計算".to_owned(),
        };
        if row.claim_ids.is_empty() {
            text.push_str("。この月のレセプトはなくなった");
        }
        if facts.no_category {
            text.push_str("。所得区分の登録がないので最も高い区分で計算");
        }
        if row.cash_yen < 0 {
            text.push_str("。窓口の給付が高額療養費より多い");
        }
        let lost =
            got.outcome.groups.iter().filter(|g| g.excluded.is_some_and(|e| e.code() == "no_prescriber")).count();
        if lost > 0 {
            let _ = write!(text, "。処方元の分からない調剤 {lost} 件");
        }
        text
    }
}

fn is_claim(r: &Record) -> bool {
    matches!(r.source, Source::Claim(_))
}

/// A category that the claim itself says, where the register has none.
fn by_note(r: &Record, band: AgeBand) -> Option<String> {
    let words = tokki::first(r.codes())?.words(band);
    match (words, r.meal_class) {
        ([one], _) => Some(one.clone()),
        // 一部負担金区分 tells 低所得Ⅱ and Ⅰ apart
        ([_, first], 3 | 4) => Some(first.clone()),
        ([second, _], _) => Some(second.clone()),
        _ => None,
    }
}

fn is_interesting(got: &Calculated<'_>) -> bool {
    let o = &got.outcome;
    o.benefit.total() > Yen::ZERO
        || o.in_kind != Yen::ZERO
        || o.tokutei > Yen::ZERO
        || o.groups.iter().any(|g| g.excluded.is_some_and(|e| e.code() == "no_prescriber"))
}

fn short_trace(got: &Calculated<'_>) -> String {
    let o = &got.outcome;
    match o.limit {
        Some(limit) if !o.groups.is_empty() => {
            format!("合算する負担 {} は限度額 {limit} に届かない", o.counted_burden)
        }
        _ => "合算する負担がない".to_owned(),
    }
}

/// 2 years from the first day of the month after treatment.
fn expires_on(month: Month, years: i32) -> Date {
    month.plus(1 + 12 * years).first_day()
}

/// Over everything that a version says, its number and its change aside.
fn hash(row: &BenefitHousehold, groups: &[BenefitGroup]) -> String {
    let mut hash = blake3::Hasher::new();
    // every part ends with a byte that no text holds
    let mut part = |bytes: &[u8]| {
        hash.update(bytes);
        hash.update(&[0xFF]);
    };
    for text in [&row.category_under70, &row.category_70plus, &row.special] {
        part(text.as_deref().unwrap_or_default().as_bytes());
    }
    for list in [&row.hit_months, &row.limit_rows, &row.claim_ids] {
        list.iter().for_each(|t| part(t.as_bytes()));
        part(&[]);
    }
    for number in [
        i64::from(row.hit_count),
        i64::from(row.multi_hit),
        row.counted_cost_yen,
        row.counted_burden_yen,
        row.limit_yen.unwrap_or(-1),
        row.special_month_benefit_yen,
        row.outpatient_benefit_yen,
        row.seventyplus_benefit_yen,
        row.all_ages_benefit_yen,
        row.in_kind_yen,
        row.cash_yen,
        i64::from(row.needs_decision),
        i64::from(row.hit),
        row.tokutei_benefit_yen,
        row.public_benefit_yen,
    ] {
        part(&number.to_le_bytes());
    }
    part(row.trace.as_bytes());
    for g in groups {
        for text in [&g.person_id, &g.age_band, &g.institution, &g.kind] {
            part(text.as_bytes());
        }
        for number in [g.cost_yen, g.burden_yen, g.window_paid_yen, g.inpatient.into(), g.counted.into()] {
            part(&number.to_le_bytes());
        }
        g.claim_ids.iter().for_each(|t| part(t.as_bytes()));
    }
    let mut text = hash.finalize().to_hex().to_string();
    text.truncate(16);
    text
}

/// For the summary: words in the order in which a clerk reads them.
pub const CHANGES: [(&str, &str); 5] =
    [("new", "新規"), ("increase", "増額"), ("decrease", "減額"), ("same", "同額（内容の変更）"), ("zero", "給付なし")];

/// Sums by word, empty ones too.
pub fn by_change(changes: &BTreeMap<&'static str, u64>) -> Vec<(&'static str, &'static str, u64)> {
    CHANGES.iter().map(|(word, ja)| (*word, *ja, changes.get(word).copied().unwrap_or(0))).collect()
}
