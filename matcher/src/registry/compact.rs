//! A register in memory, for matching: dense numbers instead of keys, spans, rows, names and attributes as
//! slices that one person owns (CSR), numbers of cards by the hash of their loose key.
//!
//! At most 200 bytes per period row on average, names and attributes included ([`OwnerRegistry::bytes`]).

mod saved;

use std::collections::HashMap;

use hashbrown::HashTable;
use tenken_parser::Date;

use super::{
    attribute::AttributeKind,
    rows::{self, Moment, Register, Scheme, Target},
};
use crate::{
    calendar::{Day, OPEN},
    keys::{self, Likeness, NameKey},
};

/// Number of a person inside its register.
pub type PersonNo = u32;

/// When a row was registered, in whole seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known(u32);

/// Always known: no moment of registration was given.
pub const ALWAYS: Known = Known(0);

impl Known {
    pub fn at(moment: Moment) -> Self {
        Self(moment.0.div_euclid(1_000_000).clamp(1, i64::from(u32::MAX) - 1) as u32)
    }

    pub fn moment(self) -> Option<Moment> {
        (self != ALWAYS).then(|| Moment(i64::from(self.0) * 1_000_000))
    }
}

/// A text in the arena, behind a character whose number is its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Text(u32);

impl Text {
    /// The empty text, at the beginning of every arena.
    const EMPTY: Self = Self(0);
    /// Of a number: its key is another text and follows behind it. Of a name: it is in kana.
    const MARK: u32 = 1 << 31;

    fn marked(self) -> Self {
        Self(self.0 | Self::MARK)
    }

    fn is_marked(self) -> bool {
        self.0 & Self::MARK != 0
    }

    fn at(self) -> usize {
        (self.0 & !Self::MARK) as usize
    }
}

#[derive(Clone, Copy)]
struct PersonRow {
    id: Text,
    birth: Option<Date>,
    death: Day,
    // where the person's own rows begin; they end where the next person's begin
    spans: u32,
    periods: u32,
    names: u32,
    attributes: u32,
    sex: u8,
    no_notice: bool,
    /// index in the districts of the register
    district: u16,
}

/// Prefecture-level qualification `[acquired, lost)`: all rows of one person with the same 制度 and 資格取得年月日.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub scheme: Scheme,
    pub acquired: Day,
    /// [`OPEN`] when not lost
    pub lost: Day,
    acquired_reason: u8,
    lost_reason: u8,
    pub acquired_known: Known,
    pub lost_known: Known,
}

/// One row of the register: application under one household and one set of identifiers.
#[derive(Clone, Copy, Debug)]
pub struct PeriodRow {
    pub person: PersonNo,
    /// index in the spans of the person; no person has more than 200 rows
    pub span: u8,
    insurer: u16,
    pub household: u32,
    kigo: Text,
    bango: Text,
    pub start: Day,
    pub end: Day,
    pub start_known: Known,
    pub end_known: Known,
    pub edaban: Option<u8>,
    pub is_head: bool,
    end_reason: u8,
    start_reason: u8,
}

/// A dated attribute of a person or a household. Packed: there are more of them than of anything else.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed)]
pub struct AttributeRow {
    pub kind: AttributeKind,
    value: Text,
    pub from: Day,
    pub to: Day,
    pub known: Known,
}

impl AttributeRow {
    pub fn covers(&self, day: Day) -> bool {
        self.from <= day && day < self.to
    }
}

/// One place of the table of cards: a row under the hash of its numbers.
#[derive(Clone, Copy)]
struct Card {
    /// half of the hash; every hit is compared
    hash: u32,
    row: u32,
}

/// A place without a row.
const FREE: Card = Card { hash: 0, row: u32::MAX };

/// The register of one owner.
pub struct OwnerRegistry {
    pub owner: String,
    text: String,
    insurers: Vec<String>,
    reasons: Vec<String>,
    districts: Vec<String>,
    persons: Vec<PersonRow>,
    spans: Vec<Span>,
    periods: Vec<PeriodRow>,
    /// strict keys, marked when in kana
    names: Vec<Text>,
    /// parts of names of three or more, or of Latin letters, by index in `names`
    foreign: HashMap<u32, Text>,
    attributes: Vec<AttributeRow>,
    households: Vec<Text>,
    /// where the attributes of each household begin; they end where the next one's begin
    household_attributes: Vec<u32>,
    /// Rows by hash, in the first free place from where the hash points to. Rows with one hash stand in order and
    /// nearly always beside each other, so that a household's card is one look into memory.
    cards: Vec<Card>,
    /// persons in order of birth
    by_birth: Vec<PersonNo>,
    /// attributes before this number are persons'
    person_attributes: u32,
    has: Vec<AttributeKind>,
    /// 負担者番号 of the attributes 公費, in order
    programmes: Vec<String>,
}

/// One person, looked at.
#[derive(Clone, Copy)]
pub struct PersonView<'r> {
    pub registry: &'r OwnerRegistry,
    pub no: PersonNo,
}

fn hash_of(kigo: &str, bango: &str) -> u64 {
    // FNV-1a with a final mix: short keys, and every hit is compared
    let mut h = 0xCBF2_9CE4_8422_2325u64;
    for b in kigo.bytes().chain([0xFF]).chain(bango.bytes()) {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3);
    }
    h ^ (h >> 29)
}

/// Where a hash points to in a table of cards.
fn place(hash: u32, places: usize) -> usize {
    let spread = hash.wrapping_mul(0x9E37_79B9);
    ((u64::from(spread) * places as u64) >> 32) as usize
}

struct Builder {
    text: String,
    interned: HashTable<Text>,
    /// numbers whose key is another text, as written
    odd: HashMap<String, Text>,
}

/// The text behind its length.
fn text_at(arena: &str, t: Text) -> &str {
    let rest = &arena[t.at()..];
    let len = rest.chars().next().unwrap_or('\0');
    &rest[len.len_utf8()..len.len_utf8() + len as usize]
}

impl Builder {
    fn add(&mut self, s: &str) -> Text {
        if s.is_empty() { Text::EMPTY } else { self.push(s) }
    }

    fn push(&mut self, s: &str) -> Text {
        // no name, number or value is that long
        const LONGEST: usize = 0xD7FF;
        let s = if s.len() <= LONGEST { s } else { "" };
        let at = self.text.len() as u32;
        self.text.extend(char::from_u32(s.len() as u32));
        self.text.push_str(s);
        Text(at)
    }

    /// For what repeats.
    fn intern(&mut self, s: &str) -> Text {
        let hash = hash_of(s, "");
        if let Some(t) = self.interned.find(hash, |t| text_at(&self.text, *t) == s) {
            return *t;
        }
        let t = self.add(s);
        let text = &self.text;
        self.interned.insert_unique(hash, t, |t| hash_of(text_at(text, *t), ""));
        t
    }

    /// 記号 or 番号, with its key.
    fn number(&mut self, written: &str) -> Text {
        let key = keys::number_key(written);
        if key == written {
            return self.intern(written);
        }
        if let Some(t) = self.odd.get(written) {
            return *t;
        }
        // an empty text is one like others here: the key must lie behind it
        let t = self.push(written).marked();
        self.push(&key);
        self.odd.insert(written.to_owned(), t);
        t
    }

    fn name(&mut self, key: &NameKey, kana: bool) -> Text {
        let t = self.add(&key.strict);
        if kana { t.marked() } else { t }
    }

    fn tokens(&mut self, text: &str) -> Option<Text> {
        if !keys::may_be_foreign(text) {
            return None;
        }
        let parts = keys::tokens(text);
        let foreign = parts.len() > 2 || parts.iter().any(|p| p.bytes().any(|b| b.is_ascii_alphabetic()));
        foreign.then(|| self.add(&parts.join(" ")))
    }
}

fn number_of(list: &mut Vec<String>, word: Option<&str>) -> u8 {
    let word = word.unwrap_or_default();
    let at = list.iter().position(|r| r == word).unwrap_or_else(|| {
        list.push(word.to_owned());
        list.len() - 1
    });
    u8::try_from(at).unwrap_or(u8::MAX)
}

fn day(date: Option<Date>) -> Day {
    date.map_or(OPEN, Date::epoch_days)
}

fn known(moment: Option<Moment>) -> Known {
    moment.map_or(ALWAYS, Known::at)
}

/// Rows in order of a key. Registers come in this order: then this costs one look at each.
fn sorted<'a, T>(rows: impl IntoIterator<Item = &'a T>, key: impl Fn(&T) -> &str) -> Vec<&'a T> {
    let mut rows: Vec<&T> = rows.into_iter().collect();
    rows.sort_by(|a, b| key(a).cmp(key(b)));
    rows
}

/// The rows with a key, of rows in its order.
fn of<'s, 'a, T>(rows: &'s [&'a T], key: impl Fn(&T) -> &str, wanted: &str) -> &'s [&'a T] {
    let from = rows.partition_point(|r| key(r) < wanted);
    let len = rows[from..].iter().take_while(|r| key(r) == wanted).count();
    &rows[from..from + len]
}

/// 資格 spans of the rows of one person, in order.
fn spans_of(rows: &[&rows::Period], reasons: &mut Vec<String>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for r in rows {
        let acquired = r.acquired_on.epoch_days();
        let has_end = r.lost_on.is_some() || r.applied_to.is_some();
        let begin_known = known(if has_end { r.registered_at_start } else { r.registered_at });
        let at = spans.iter().position(|s| s.scheme == r.scheme && s.acquired == acquired).unwrap_or_else(|| {
            spans.push(Span {
                scheme: r.scheme,
                acquired,
                lost: OPEN,
                acquired_reason: number_of(reasons, r.acquired_reason.as_deref()),
                lost_reason: number_of(reasons, None),
                acquired_known: begin_known,
                lost_known: Known(u32::MAX),
            });
            spans.len() - 1
        });
        if let Some(lost) = r.lost_on {
            let s = &mut spans[at];
            s.lost = lost.epoch_days();
            s.lost_known = s.lost_known.min(known(r.registered_at));
            if r.lost_reason.is_some() {
                s.lost_reason = number_of(reasons, r.lost_reason.as_deref());
            }
        }
    }
    for s in &mut spans {
        if s.lost_known == Known(u32::MAX) {
            s.lost_known = ALWAYS;
        }
    }
    spans
}

impl OwnerRegistry {
    pub fn build(owner: &str, register: &Register) -> Self {
        let mut b = Builder { text: String::from('\0'), interned: HashTable::new(), odd: HashMap::new() };
        let (mut insurers, mut reasons): (Vec<String>, Vec<String>) = (Vec::new(), vec![String::new()]);
        let mut household_ids: Vec<&str> = register.periods.iter().map(|p| p.household_id.as_str()).collect();
        household_ids.sort_unstable();
        household_ids.dedup();
        let households: Vec<Text> = household_ids.iter().map(|id| b.add(id)).collect();
        let household_no = |id: &str| household_ids.binary_search(&id).map_or(u32::MAX, |n| n as u32);
        let periods_by_person = sorted(&register.periods, |p| &p.person_id);
        let of_target = |target| {
            let own: Vec<&rows::Attribute> = register.attributes.iter().filter(|a| a.target == target).collect();
            sorted(own, |a| &a.id)
        };
        let (person_rows, household_rows) = (of_target(Target::Person), of_target(Target::Household));
        let mut has: Vec<AttributeKind> = Vec::new();
        let mut programmes: Vec<String> = Vec::new();
        let mut attributes = Vec::new();
        let mut take_attributes = |b: &mut Builder, rows: &[&rows::Attribute]| {
            let from = attributes.len() as u32;
            for a in rows {
                let Some(kind) = AttributeKind::from_word(&a.kind) else { continue };
                if !has.contains(&kind) {
                    has.push(kind);
                }
                if kind == AttributeKind::PublicExpense
                    && let Some(no) = a.value.split(':').next()
                    && let Err(at) = programmes.binary_search_by(|p| p.as_str().cmp(no))
                {
                    programmes.insert(at, no.to_owned());
                }
                attributes.push(AttributeRow {
                    kind,
                    value: b.intern(&a.value),
                    from: a.valid_from.map_or(Day::MIN, Date::epoch_days),
                    to: day(a.valid_to),
                    known: known(a.registered_at),
                });
            }
            from
        };

        let (mut districts, mut district_numbers) = (vec![String::new()], HashMap::new());
        let mut foreign = HashMap::new();
        let (mut persons, mut spans, mut periods, mut names) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for p in &register.persons {
            let mut rows = of(&periods_by_person, |r| &r.person_id, &p.person_id).to_vec();
            rows.sort_by_key(|r| (r.acquired_on, r.scheme, r.applied_from));
            let own = spans_of(&rows, &mut reasons);
            let (span_from, period_from, name_from) = (spans.len() as u32, periods.len() as u32, names.len() as u32);
            for r in &rows {
                let at = own.iter().position(|s| s.scheme == r.scheme && s.acquired == r.acquired_on.epoch_days());
                let Some(at) = at else { continue };
                let s: &Span = &own[at];
                let has_end = r.lost_on.is_some() || r.applied_to.is_some();
                let insurer = insurers.iter().position(|i| *i == r.insurer_no).unwrap_or_else(|| {
                    insurers.push(r.insurer_no.clone());
                    insurers.len() - 1
                });
                let kigo = r.kigo.as_deref().unwrap_or_default();
                let bango = r.bango.as_deref().unwrap_or_default();
                let applied_end = r.applied_to.map(Date::epoch_days).filter(|to| *to <= s.lost);
                periods.push(PeriodRow {
                    person: persons.len() as u32,
                    span: at as u8,
                    insurer: insurer as u16,
                    household: household_no(&r.household_id),
                    kigo: b.number(kigo),
                    bango: b.number(bango),
                    start: r.applied_from.map_or(s.acquired, Date::epoch_days),
                    end: applied_end.unwrap_or(s.lost),
                    start_known: known(if has_end { r.registered_at_start } else { r.registered_at }),
                    end_known: if applied_end.is_some() || r.lost_on.is_some() {
                        known(r.registered_at)
                    } else {
                        s.lost_known
                    },
                    edaban: r.edaban.as_deref().and_then(|e| e.parse().ok()),
                    is_head: r.is_head,
                    end_reason: number_of(&mut reasons, r.applied_to_reason.as_deref()),
                    start_reason: number_of(&mut reasons, r.applied_from_reason.as_deref()),
                });
            }
            spans.extend(own);
            let given = [(&p.name, false), (&p.kana, true)];
            let given = given.into_iter().filter_map(|(text, kana)| Some((text.as_deref()?, kana)));
            let others = p.other_names.iter().flat_map(|t| [(t.as_str(), true), (t.as_str(), false)]);
            for (text, kana) in given.chain(others) {
                let key = if kana { keys::kana_key(text) } else { keys::kanji_key(text) };
                if let Some(tokens) = b.tokens(text) {
                    foreign.insert(names.len() as u32, tokens);
                }
                names.push(b.name(&key, kana));
            }
            let id = b.add(&p.person_id);
            let district = p.district.as_deref().map_or(0, |name| {
                *district_numbers.entry(name).or_insert_with(|| {
                    districts.push(name.to_owned());
                    // more districts than numbers: those have none
                    u16::try_from(districts.len() - 1).unwrap_or(0)
                })
            });
            persons.push(PersonRow {
                id,
                birth: p.birth_date,
                death: day(p.death_date),
                sex: p.sex.unwrap_or(0),
                no_notice: p.no_notice,
                district,
                spans: span_from,
                periods: period_from,
                names: name_from,
                attributes: take_attributes(&mut b, of(&person_rows, |a| &a.id, &p.person_id)),
            });
        }
        let person_attributes = take_attributes(&mut b, &[]);
        let household_attributes =
            household_ids.iter().map(|id| take_attributes(&mut b, of(&household_rows, |a| &a.id, id))).collect();

        let mut by_birth: Vec<PersonNo> = (0..persons.len() as u32).collect();
        by_birth.sort_by_key(|p| (persons[*p as usize].birth, *p));
        let mut registry = Self {
            owner: owner.to_owned(),
            text: b.text,
            insurers,
            reasons,
            districts,
            persons,
            spans,
            periods,
            names,
            foreign,
            attributes,
            households,
            household_attributes,
            cards: Vec::new(),
            by_birth,
            person_attributes,
            has,
            programmes,
        };
        registry.index_cards();
        registry.shrink();
        registry
    }

    fn index_cards(&mut self) {
        // a third of the places stay free, so that ways are short
        let mut cards = vec![FREE; self.periods.len() * 3 / 2 + 1];
        for (no, row) in self.periods.iter().enumerate() {
            let (kigo, bango) = (self.key(row.kigo), self.key(row.bango));
            if bango.is_empty() {
                continue;
            }
            let hash = hash_of(keys::without_zeros(kigo), keys::without_zeros(bango)) as u32;
            let mut at = place(hash, cards.len());
            while cards[at].row != FREE.row {
                at = if at + 1 == cards.len() { 0 } else { at + 1 };
            }
            cards[at] = Card { hash, row: no as u32 };
        }
        self.cards = cards;
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.persons.shrink_to_fit();
        self.spans.shrink_to_fit();
        self.periods.shrink_to_fit();
        self.names.shrink_to_fit();
        self.attributes.shrink_to_fit();
        self.names.shrink_to_fit();
        self.households.shrink_to_fit();
        self.household_attributes.shrink_to_fit();
    }

    /// The key of a number: itself, or the text behind it.
    fn key(&self, t: Text) -> &str {
        let written = self.str(t);
        if !t.is_marked() {
            return written;
        }
        // the length is one character, of as many bytes as it needs
        let length = char::from_u32(written.len() as u32).map_or(1, char::len_utf8);
        text_at(&self.text, Text((t.at() + length + written.len()) as u32))
    }

    fn str(&self, t: Text) -> &str {
        text_at(&self.text, t)
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        fn of<T>(v: &Vec<T>) -> usize {
            v.capacity() * size_of::<T>()
        }
        self.text.capacity()
            + of(&self.persons)
            + of(&self.spans)
            + of(&self.periods)
            + of(&self.names)
            + of(&self.attributes)
            + of(&self.households)
            + of(&self.household_attributes)
            + of(&self.cards)
            + of(&self.by_birth)
            + self.foreign.capacity() * size_of::<(u32, Text)>()
    }

    pub fn period_rows(&self) -> usize {
        self.periods.len()
    }

    /// Whether the register has attributes of this kind at all; rules that need them are off without.
    pub fn has(&self, kind: AttributeKind) -> bool {
        self.has.contains(&kind)
    }

    /// Whether anybody of the register has 公費 of this payer.
    pub fn has_programme(&self, payer_no: &str) -> bool {
        self.programmes.binary_search_by(|p| p.as_str().cmp(payer_no)).is_ok()
    }

    pub fn persons(&self) -> impl Iterator<Item = PersonView<'_>> {
        (0..self.persons.len() as u32).map(|no| self.person(no))
    }

    pub fn person(&self, no: PersonNo) -> PersonView<'_> {
        PersonView { registry: self, no }
    }

    /// A person by 宛名番号.
    pub fn find(&self, person_id: &str) -> Option<PersonView<'_>> {
        self.persons.binary_search_by(|p| self.str(p.id).cmp(person_id)).ok().map(|no| self.person(no as u32))
    }

    /// Rows under a 記号・番号, given as keys: those that are equal, else those that are equal without leading
    /// zeros. Two cards that differ by zeros only are never taken for one.
    pub fn cards(&self, kigo_key: &str, bango_key: &str) -> (Likeness, Vec<&PeriodRow>) {
        let (kigo, bango) = (keys::without_zeros(kigo_key), keys::without_zeros(bango_key));
        let hash = hash_of(kigo, bango) as u32;
        let (mut best, mut rows) = (Likeness::Different, Vec::new());
        let from = place(hash, self.cards.len());
        let (before, after) = self.cards.split_at(from);
        for card in after.iter().chain(before).take_while(|c| c.row != FREE.row).filter(|c| c.hash == hash) {
            let row = &self.periods[card.row as usize];
            let like = self.number_likeness(row, kigo_key, bango_key);
            if like > best {
                rows.clear();
                best = like;
            }
            if like == best && like > Likeness::Different {
                rows.push(row);
            }
        }
        (best, rows)
    }

    fn number_likeness(&self, row: &PeriodRow, kigo_key: &str, bango_key: &str) -> Likeness {
        let (kigo, bango) = (self.key(row.kigo), self.key(row.bango));
        if kigo == kigo_key && bango == bango_key {
            Likeness::Strict
        } else if keys::without_zeros(kigo) == keys::without_zeros(kigo_key)
            && keys::without_zeros(bango) == keys::without_zeros(bango_key)
        {
            Likeness::Loose
        } else {
            Likeness::Different
        }
    }

    /// Persons born on a day.
    pub fn born_on(&self, birth: Date) -> &[PersonNo] {
        let of = |p: &PersonNo| self.persons[*p as usize].birth;
        let from = self.by_birth.partition_point(|p| of(p) < Some(birth));
        let to = from + self.by_birth[from..].partition_point(|p| of(p) <= Some(birth));
        &self.by_birth[from..to]
    }

    pub fn insurer_no(&self, row: &PeriodRow) -> &str {
        &self.insurers[usize::from(row.insurer)]
    }

    pub fn kigo(&self, row: &PeriodRow) -> &str {
        self.str(row.kigo)
    }

    pub fn bango(&self, row: &PeriodRow) -> &str {
        self.str(row.bango)
    }

    /// Whether the row carries this number.
    pub fn has_number(&self, row: &PeriodRow, kigo_key: &str, bango_key: &str) -> bool {
        self.number_likeness(row, kigo_key, bango_key) > Likeness::Different
    }

    pub fn household_id(&self, row: &PeriodRow) -> &str {
        self.households.get(row.household as usize).map_or("", |t| self.str(*t))
    }

    pub fn end_reason(&self, row: &PeriodRow) -> &str {
        &self.reasons[usize::from(row.end_reason)]
    }

    pub fn start_reason(&self, row: &PeriodRow) -> &str {
        &self.reasons[usize::from(row.start_reason)]
    }

    pub fn lost_reason(&self, span: &Span) -> &str {
        &self.reasons[usize::from(span.lost_reason)]
    }

    pub fn acquired_reason(&self, span: &Span) -> &str {
        &self.reasons[usize::from(span.acquired_reason)]
    }

    pub fn value(&self, a: &AttributeRow) -> &str {
        self.str(a.value)
    }

    /// Attributes of a household, of one kind.
    pub fn household_attributes(&self, household: u32, kind: AttributeKind) -> impl Iterator<Item = &AttributeRow> {
        let at = household as usize;
        let end = self.household_attributes.get(at + 1).map_or(self.attributes.len(), |next| *next as usize);
        let rows = self.household_attributes.get(at).map_or(&[][..], |from| &self.attributes[*from as usize..end]);
        rows.iter().filter(move |a| a.kind == kind)
    }

    /// Own insurer numbers with the days between which rows carry them.
    pub fn insurer_numbers(&self) -> Vec<(String, Day, Day)> {
        let mut out: Vec<(String, Day, Day)> = self.insurers.iter().map(|n| (n.clone(), OPEN, Day::MIN)).collect();
        for row in &self.periods {
            let of = &mut out[usize::from(row.insurer)];
            of.1 = of.1.min(row.start);
            of.2 = of.2.max(row.end);
        }
        out
    }
}

impl<'r> PersonView<'r> {
    fn row(self) -> &'r PersonRow {
        &self.registry.persons[self.no as usize]
    }

    /// The person's part of a vector.
    fn own<T>(self, all: &'r [T], from: impl Fn(&PersonRow) -> u32, end: usize) -> &'r [T] {
        let to = self.registry.persons.get(self.no as usize + 1).map_or(end, |next| from(next) as usize);
        &all[from(self.row()) as usize..to]
    }

    /// 宛名番号
    pub fn id(self) -> &'r str {
        self.registry.str(self.row().id)
    }

    pub fn birth(self) -> Option<Date> {
        self.row().birth
    }

    /// [`OPEN`] when alive
    pub fn death(self) -> Day {
        self.row().death
    }

    /// 1 male, 2 female, 0 not known
    pub fn sex(self) -> u8 {
        self.row().sex
    }

    pub fn no_notice(self) -> bool {
        self.row().no_notice
    }

    /// Where the person lives, as the insurer divides its area; empty when not said.
    pub fn district(self) -> &'r str {
        &self.registry.districts[usize::from(self.row().district)]
    }

    pub fn spans(self) -> &'r [Span] {
        self.own(&self.registry.spans, |p| p.spans, self.registry.spans.len())
    }

    pub fn periods(self) -> &'r [PeriodRow] {
        self.own(&self.registry.periods, |p| p.periods, self.registry.periods.len())
    }

    pub fn span_of(self, row: &PeriodRow) -> &'r Span {
        &self.spans()[usize::from(row.span)]
    }

    pub fn all_attributes(self) -> &'r [AttributeRow] {
        self.own(&self.registry.attributes, |p| p.attributes, self.registry.person_attributes as usize)
    }

    pub fn attributes(self, kind: AttributeKind) -> impl Iterator<Item = &'r AttributeRow> + Clone {
        self.all_attributes().iter().filter(move |a| a.kind == kind)
    }

    /// The attribute that covers a day.
    pub fn attribute_at(self, kind: AttributeKind, day: Day) -> Option<&'r AttributeRow> {
        self.attributes(kind).find(|a| a.covers(day))
    }

    /// The row in application on a day.
    pub fn period_at(self, scheme: Scheme, day: Day) -> Option<&'r PeriodRow> {
        self.periods().iter().find(|r| r.start <= day && day < r.end && self.span_of(r).scheme == scheme)
    }

    /// The best likeness of a kana name to any of the person's names.
    pub fn kana_likeness(self, key: &NameKey, tokens: &dyn Fn() -> Vec<String>) -> Likeness {
        self.likeness(true, key, tokens)
    }

    pub fn kanji_likeness(self, key: &NameKey, tokens: &dyn Fn() -> Vec<String>) -> Likeness {
        self.likeness(false, key, tokens)
    }

    fn likeness(self, kana: bool, key: &NameKey, tokens: &dyn Fn() -> Vec<String>) -> Likeness {
        let r = self.registry;
        let first = self.row().names;
        let names = self.own(&r.names, |p| p.names, r.names.len()).iter().zip(first..);
        let mut best = Likeness::Different;
        for (name, no) in names.filter(|(n, _)| n.is_marked() == kana) {
            let strict = r.str(*name);
            if !strict.is_empty() && strict == key.strict {
                return Likeness::Strict;
            }
            if best == Likeness::Different && !strict.is_empty() && !key.is_empty() {
                let own = if kana { NameKey::of_kana(strict) } else { NameKey::of_kanji(strict) };
                best = own.likeness(key);
                if best == Likeness::Different
                    && let Some(own) = r.foreign.get(&no)
                {
                    let own: Vec<String> = r.str(*own).split(' ').map(str::to_owned).collect();
                    if keys::tokens_alike(&own, &tokens()) {
                        best = Likeness::Loose;
                    }
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(y: u16, m: u8, d: u8) -> Date {
        Date::new(y, m, d).unwrap()
    }

    fn period(person: &str, bango: &str, acquired: Date) -> rows::Period {
        rows::Period {
            person_id: person.into(),
            household_id: "501".into(),
            scheme: Scheme::Kokuho,
            insurer_no: "138941".into(),
            kigo: None,
            bango: Some(bango.into()),
            edaban: Some("01".into()),
            is_head: true,
            acquired_on: acquired,
            acquired_reason: Some("転入".into()),
            lost_on: None,
            lost_reason: None,
            applied_from: None,
            applied_from_reason: None,
            applied_to: None,
            applied_to_reason: None,
            registered_at: None,
            registered_at_start: None,
            span_no: 1,
        }
    }

    /// The example of registry-files.md section 5.
    #[test]
    fn a_change_of_number_does_not_hide_a_later_loss() {
        let acquired = date(2014, 4, 1);
        let mut first = period("1001", "1234567", acquired);
        first.applied_to = Some(date(2026, 5, 10));
        first.applied_to_reason = Some("番号変更".into());
        first.registered_at = Moment::parse("2026-05-10 09:00:00");
        let mut second = period("1001", "1234890", acquired);
        second.lost_on = Some(date(2026, 9, 16));
        second.lost_reason = Some("社保加入".into());
        second.applied_from = Some(date(2026, 5, 10));
        second.registered_at = Moment::parse("2026-10-05 10:00:00");
        let person = rows::Person { person_id: "1001".into(), ..rows::Person::default() };
        let register = Register { persons: vec![person], periods: vec![second, first], ..Register::default() };
        let registry = OwnerRegistry::build("138941", &register);
        let p = registry.find("1001").unwrap();
        assert_eq!(p.spans().len(), 1);
        assert_eq!(p.spans()[0].lost, date(2026, 9, 16).epoch_days());
        assert_eq!(registry.lost_reason(&p.spans()[0]), "社保加入");
        let [old, new] = p.periods() else { panic!() };
        assert_eq!((old.end, new.start), (date(2026, 5, 10).epoch_days(), date(2026, 5, 10).epoch_days()));
        assert_eq!(new.end, date(2026, 9, 16).epoch_days());
        assert_eq!(old.start_known, ALWAYS);
        assert_eq!(new.end_known.moment(), Moment::parse("2026-10-05 10:00:00"));
        let (how, rows) = registry.cards("", "1234567");
        assert_eq!((how, rows.len()), (Likeness::Strict, 1));
        let (how, rows) = registry.cards("", "01234567");
        assert_eq!((how, rows.len()), (Likeness::Loose, 1));
        assert_eq!(registry.cards("", "7654321").0, Likeness::Different);
    }

    #[test]
    fn cards_that_differ_by_zeros_are_two() {
        let persons = ["1", "2"].map(|id| rows::Person { person_id: id.into(), ..rows::Person::default() }).to_vec();
        let acquired = date(2014, 4, 1);
        let periods = vec![period("1", "123", acquired), period("2", "0123", acquired)];
        let registry = OwnerRegistry::build("138941", &Register { persons, periods, ..Register::default() });
        for (bango, person) in [("123", "1"), ("0123", "2")] {
            let found: Vec<&str> = registry.cards("", bango).1.iter().map(|r| registry.person(r.person).id()).collect();
            assert_eq!(found, [person]);
        }
        assert_eq!(registry.cards("", "00123").1.len(), 2);
    }
}
