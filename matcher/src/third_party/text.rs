//! Free text: normal form, masks, tiers, negation, past, other readings (third-party.md 3.3).
//!
//! Words are data (`words.csv`). A pattern is a word of a first set, or one of a first set with a word of a second set
//! at most `gap` characters after it. In a word, `#` stands for a run of numerals and `{NAME}` for the words of a set.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use unicode_normalization::{UnicodeNormalization as _, char::canonical_combining_class};

use super::{
    rules::{Parameters, RulesError},
    table::{Row, Table},
};

/// How strongly a text speaks for another person's act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    A,
    B,
    C,
}

/// Number of a set of words that are looked for together.
type SetId = u32;

/// A row of kind `tier` or `reading`.
#[derive(Debug)]
pub(super) struct Pattern {
    pub id: String,
    /// `None` = another reading
    pub tier: Option<Tier>,
    /// a family of which the claim must have a disease; empty = none
    pub family: String,
    /// patterns with a tag can be dropped together
    pub tag: String,
    /// negation and past drop its hits
    droppable: bool,
    first: SetId,
    gap: usize,
    second: Option<SetId>,
}

/// A word, or two that belong together, in a text.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// index into [`Lexicon::patterns`]
    pub pattern: usize,
    /// characters of the text as it was given, from 0
    pub span: (u32, u32),
    /// the word that drops it (`なし`, `10年前`)
    pub dropped: Option<String>,
}

/// Readings whose points are deductions: dropping them would raise a score.
const DEDUCTION: &str = "deduction";

/// Stands where a mask was.
const MASKED: char = '\u{FFFC}';
const NUMERALS: char = '#';

#[derive(Debug)]
struct Word {
    chars: Vec<char>,
    sets: Vec<SetId>,
}

/// The words, ready to be looked for.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    variants: HashMap<char, char>,
    /// longest first
    masks: Vec<Vec<char>>,
    words: Vec<Word>,
    by_first: HashMap<char, Vec<usize>>,
    sets: Vec<BTreeSet<String>>,
    pub patterns: Vec<Pattern>,
    /// reading, words that take it back
    unless: Vec<(String, SetId)>,
    /// words, characters between the hit and the word
    negations: Vec<(SetId, usize)>,
    pasts: Vec<(SetId, usize)>,
    /// family, words in the name of an uncoded disease
    names: Vec<(String, Vec<Vec<char>>)>,
    numerals: Vec<char>,
    negation_stops: Vec<char>,
    gap_stops: Vec<char>,
}

/// Text in normal form: NFKC, variants folded, no white space; each character knows where it came from.
#[derive(Debug, Default)]
pub(super) struct Normal {
    pub chars: Vec<char>,
    /// first and last character (exclusive) of the text as it was given
    from: Vec<(u32, u32)>,
}

impl Normal {
    fn span(&self, start: usize, end: usize) -> (u32, u32) {
        let first = self.from.get(start).map_or(0, |f| f.0);
        (first, self.from.get(end.wrapping_sub(1)).map_or(first, |f| f.1))
    }
}

/// Characters that NFKC leaves as they are and that nothing else composes with, but the marks of [`composes`].
fn is_plain(c: char) -> bool {
    matches!(c, '\u{21}'..='\u{7e}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}')
}

fn composes(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}') || (c >= '\u{300}' && canonical_combining_class(c) != 0)
}

/// What was found in one text.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// in order of pattern and place
    pub hits: Vec<Hit>,
    /// readings that words of this text take back
    pub unless: Vec<String>,
}

struct Occurrence {
    set: SetId,
    start: usize,
    end: usize,
}

impl Lexicon {
    pub fn read(table: &Table, parameters: &Parameters) -> Result<Self, RulesError> {
        let mut lexicon = Self {
            numerals: parameters.number_chars.chars().collect(),
            negation_stops: parameters.negation_stops.chars().collect(),
            gap_stops: parameters.gap_stops.chars().collect(),
            ..Self::default()
        };
        for row in table.rows().filter(|r| r.cell("kind") == "variant") {
            let one = |column| {
                let mut chars = row.needed(column)?.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => Ok(c),
                    _ => Err(row.error(column, "1文字でない", "異体字を1文字書く")),
                }
            };
            lexicon.variants.insert(one("first")?, one("second")?);
        }
        let mut named: HashMap<&str, Vec<String>> = HashMap::new();
        for row in table.rows().filter(|r| r.cell("kind") == "set") {
            let words = expand(row, "first", &named)?;
            named.entry(row.needed("id")?).or_default().extend(words);
        }
        for row in table.rows() {
            row.needed("first")?;
            let id = row.needed("id")?.to_owned();
            let gap = usize::try_from(row.number("gap")?.unwrap_or(0))
                .map_err(|_| row.error("gap", "負である", "0以上の文字数を書く"))?;
            match row.needed("kind")? {
                "variant" | "set" => {}
                "mask" => {
                    let masks: Vec<_> = row.words("first").iter().map(|w| lexicon.normal(w).chars).collect();
                    lexicon.masks.extend(masks);
                }
                "name" => {
                    let words = row.words("first").iter().map(|w| lexicon.normal(w).chars).collect();
                    lexicon.names.push((row.needed("family")?.to_owned(), words));
                }
                kind @ ("tier" | "reading") => {
                    let tier = match (kind, row.cell("tier")) {
                        ("tier", "A") => Some(Tier::A),
                        ("tier", "B") => Some(Tier::B),
                        ("tier", "C") => Some(Tier::C),
                        ("reading", "") => None,
                        (_, other) => {
                            return Err(row.error("tier", format!("「{other}」は使えない"), "tier には A, B, C"));
                        }
                    };
                    let first = lexicon.set(expand(row, "first", &named)?);
                    let second = match row.cell("second") {
                        "" => None,
                        _ => Some(lexicon.set(expand(row, "second", &named)?)),
                    };
                    let (family, tag) = (row.cell("family").to_owned(), row.cell("tag").to_owned());
                    let droppable = tier.is_some() || tag != DEDUCTION;
                    lexicon.patterns.push(Pattern { id, tier, family, tag, droppable, first, gap, second });
                }
                "unless" => {
                    let set = lexicon.set(expand(row, "first", &named)?);
                    lexicon.unless.push((id, set));
                }
                "negation" => {
                    let set = lexicon.set(expand(row, "first", &named)?);
                    lexicon.negations.push((set, gap));
                }
                "past" => {
                    let set = lexicon.set(expand(row, "first", &named)?);
                    lexicon.pasts.push((set, gap));
                }
                other => {
                    let remedy = "variant, mask, set, tier, negation, past, reading, unless, name";
                    return Err(row.error("kind", format!("「{other}」は使えない"), remedy));
                }
            }
        }
        lexicon.masks.sort_by_key(|m| (Reverse(m.len()), m.clone()));
        lexicon.masks.dedup();
        lexicon.index();
        Ok(lexicon)
    }

    /// The number of a set with these words.
    fn set(&mut self, words: Vec<String>) -> SetId {
        let words: BTreeSet<String> = words.iter().map(|w| self.normal(w).chars.into_iter().collect()).collect();
        let at = self.sets.iter().position(|s| *s == words).unwrap_or_else(|| {
            self.sets.push(words);
            self.sets.len() - 1
        });
        at as SetId
    }

    fn index(&mut self) {
        let mut words: HashMap<&str, Vec<SetId>> = HashMap::new();
        for (id, set) in self.sets.iter().enumerate() {
            for word in set {
                words.entry(word).or_default().push(id as SetId);
            }
        }
        let mut words: Vec<Word> =
            words.into_iter().map(|(w, sets)| Word { chars: w.chars().collect(), sets }).collect();
        words.sort_by(|a, b| a.chars.cmp(&b.chars));
        for (i, word) in words.iter().enumerate() {
            let firsts = match word.chars.first() {
                Some(&NUMERALS) => self.numerals.clone(),
                Some(c) => vec![*c],
                None => Vec::new(),
            };
            for c in firsts {
                self.by_first.entry(c).or_default().push(i);
            }
        }
        self.words = words;
    }

    /// The words of every pattern whose hit alone can make a claim noteworthy: tiers, and readings that set a route. With
    /// two sets both must occur in the same text.
    pub fn triggers(&self) -> impl Iterator<Item = (&BTreeSet<String>, Option<&BTreeSet<String>>)> {
        self.patterns
            .iter()
            .filter(|p| p.tier.is_some() || super::score::SETS_ROUTE.contains(&p.id.as_str()))
            .map(|p| (&self.sets[p.first as usize], p.second.map(|s| &self.sets[s as usize])))
    }

    /// The words in names of uncoded diseases that tell a family.
    pub fn words_of_names(&self) -> impl Iterator<Item = &[char]> {
        self.names.iter().flat_map(|(_, words)| words).map(Vec::as_slice)
    }

    /// What a character becomes where nothing composes with it; `None`: it stands for several, or composes.
    pub fn fold(&self, c: char) -> Option<Folded> {
        if composes(c) {
            return None;
        }
        let mut chars = c.nfkc().filter(|c| !c.is_whitespace());
        match (chars.next(), chars.next()) {
            (None, _) => Some(Folded::Nothing),
            (Some(c), None) => Some(Folded::One(self.variants.get(&c).copied().unwrap_or(c))),
            _ => None,
        }
    }

    pub fn normal(&self, text: &str) -> Normal {
        let mut normal = Normal::default();
        let mut chars = text.chars().enumerate().peekable();
        let mut cluster = String::new();
        let mut push = |c: char, from: (u32, u32)| {
            if !c.is_whitespace() {
                normal.chars.push(self.variants.get(&c).copied().unwrap_or(c));
                normal.from.push(from);
            }
        };
        while let Some((i, c)) = chars.next() {
            let at = i as u32;
            if is_plain(c) && chars.peek().is_none_or(|(_, next)| !composes(*next)) {
                push(c, (at, at + 1));
                continue;
            }
            cluster.clear();
            cluster.push(c);
            let mut end = at + 1;
            while let Some((_, next)) = chars.next_if(|(_, next)| composes(*next)) {
                cluster.push(next);
                end += 1;
            }
            cluster.nfkc().for_each(|c| push(c, (at, end)));
        }
        normal
    }

    fn mask(&self, chars: &mut [char]) {
        for mask in &self.masks {
            let mut at = 0;
            while at + mask.len() <= chars.len() {
                if chars[at..].starts_with(mask) {
                    chars[at..at + mask.len()].fill(MASKED);
                    at += mask.len();
                } else {
                    at += 1;
                }
            }
        }
    }

    /// Where a word ends that begins at a place.
    fn end_of(&self, word: &[char], chars: &[char], at: usize) -> Option<usize> {
        let mut end = at;
        for (i, c) in word.iter().enumerate() {
            if *c == NUMERALS {
                let numerals = chars[end..].iter().take_while(|c| self.numerals.contains(c)).count();
                // a run is taken whole
                if numerals == 0 || (i == 0 && at > 0 && self.numerals.contains(&chars[at - 1])) {
                    return None;
                }
                end += numerals;
            } else if chars.get(end) == Some(c) {
                end += 1;
            } else {
                return None;
            }
        }
        // Latin letters stand as words of their own: DV is no part of DVT
        let latin = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
        let inside = |edge: Option<&char>, beside: Option<&char>| latin(edge) && latin(beside);
        let before = at.checked_sub(1).and_then(|i| chars.get(i));
        (!inside(word.first(), before) && !inside(word.last(), chars.get(end))).then_some(end)
    }

    /// Every word of every set, by set, place, longest first.
    fn occurrences(&self, chars: &[char]) -> Vec<Occurrence> {
        let mut found = Vec::new();
        for (start, c) in chars.iter().enumerate() {
            for i in self.by_first.get(c).into_iter().flatten() {
                let word = &self.words[*i];
                if let Some(end) = self.end_of(&word.chars, chars, start) {
                    found.extend(word.sets.iter().map(|&set| Occurrence { set, start, end }));
                }
            }
        }
        found.sort_by_key(|o| (o.set, o.start, Reverse(o.end)));
        found
    }

    /// Families that the name of an uncoded disease tells by a word in it.
    pub fn families_of_name(&self, name: &Normal) -> impl Iterator<Item = &str> {
        let holds = |words: &[Vec<char>]| words.iter().any(|w| name.chars.windows(w.len()).any(|c| c == w));
        self.names.iter().filter(move |(_, words)| holds(words)).map(|(family, _)| family.as_str())
    }

    /// Looks for every pattern in a text.
    pub fn find(&self, text: &str) -> Found {
        let mut normal = self.normal(text);
        self.mask(&mut normal.chars);
        let all = self.occurrences(&normal.chars);
        if all.is_empty() {
            return Found::default();
        }
        let of = |set: SetId| {
            let begin = all.partition_point(|o| o.set < set);
            let end = all.partition_point(|o| o.set <= set);
            &all[begin..end]
        };
        let look = Look { lexicon: self, normal: &normal, of: &of };
        let mut found = Found::default();
        for (i, pattern) in self.patterns.iter().enumerate() {
            look.pattern(i, pattern, &mut found.hits);
        }
        // what stands inside a hit that was taken back goes with it: 事故 in 交通事故
        let gone: Vec<Hit> = found.hits.iter().filter(|h| h.dropped.is_some()).cloned().collect();
        for hit in found.hits.iter_mut().filter(|h| h.dropped.is_none() && self.patterns[h.pattern].droppable) {
            let inside = |g: &&Hit| g.span.0 <= hit.span.0 && hit.span.1 <= g.span.1 && g.span != hit.span;
            hit.dropped = gone.iter().find(inside).and_then(|g| g.dropped.clone());
        }
        // 「単独事故、相手なし」 names nobody
        let named = |set: SetId| of(set).iter().any(|o| look.negated(o.end).is_none());
        let taken_back = self.unless.iter().filter(|(_, set)| named(*set));
        found.unless = taken_back.map(|(reading, _)| reading.clone()).collect();
        found
    }
}

/// What a single character becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folded {
    Nothing,
    One(char),
}

struct Look<'l, 'o> {
    lexicon: &'l Lexicon,
    normal: &'l Normal,
    of: &'l dyn Fn(SetId) -> &'o [Occurrence],
}

/// The places of a set that do not overlap, from the left, the longest first.
fn apart(all: &[Occurrence]) -> impl Iterator<Item = (usize, usize)> {
    let mut free = 0;
    all.iter().filter_map(move |o| {
        let taken = o.start < free;
        free = if taken { free } else { o.end };
        (!taken).then_some((o.start, o.end))
    })
}

/// The next sentence part begins: what stands before is not in one with what stands after.
const PART: char = '、';

impl Look<'_, '_> {
    fn pattern(&self, at: usize, pattern: &Pattern, hits: &mut Vec<Hit>) {
        let firsts: Vec<_> = apart((self.of)(pattern.first)).collect();
        let Some(second) = pattern.second else {
            for (start, end) in firsts {
                hits.push(self.hit(at, pattern, start, start, end));
            }
            return;
        };
        for (begin, end) in apart((self.of)(second)) {
            let stops = &self.lexicon.gap_stops;
            let within =
                |f: &&(usize, usize)| f.1 <= begin && begin - f.1 <= pattern.gap && !self.crosses(f.1, begin, stops);
            let Some(nearest) = firsts.iter().rfind(within) else { continue };
            // the whole of what is said of one thing: 「5年前に自転車で車と接触」 begins at the bicycle
            let widest = firsts.iter().find(|f| within(f) && !self.crosses(f.1, nearest.0, &[PART]));
            hits.push(self.hit(at, pattern, widest.map_or(nearest.0, |f| f.0), nearest.0, end));
        }
    }

    fn crosses(&self, from: usize, to: usize, stops: &[char]) -> bool {
        self.normal.chars.get(from..to).is_some_and(|between| between.iter().any(|c| stops.contains(c)))
    }

    /// A hit that may begin at `wide` and begins at `start` at the latest.
    fn hit(&self, at: usize, pattern: &Pattern, wide: usize, start: usize, end: usize) -> Hit {
        let dropped = if pattern.droppable { self.negated(end).or_else(|| self.past(wide, start)) } else { None };
        Hit { pattern: at, span: self.normal.span(start, end), dropped }
    }

    fn word(&self, start: usize, end: usize) -> String {
        self.normal.chars[start..end].iter().collect()
    }

    fn negated(&self, end: usize) -> Option<String> {
        self.lexicon.negations.iter().find_map(|(set, gap)| {
            (self.of)(*set)
                .iter()
                .find(|o| o.start >= end && o.start - end <= *gap)
                .filter(|o| !self.crosses(end, o.start, &self.lexicon.negation_stops))
                .map(|o| self.word(o.start, o.end))
        })
    }

    fn past(&self, wide: usize, start: usize) -> Option<String> {
        self.lexicon.pasts.iter().find_map(|(set, gap)| {
            let before = |o: &&Occurrence, start: usize| {
                o.end <= start && start - o.end <= *gap && !self.crosses(o.end, start, &self.lexicon.gap_stops)
            };
            (self.of)(*set).iter().find(|o| before(o, start) || before(o, wide)).map(|o| self.word(o.start, o.end))
        })
    }
}

fn expand(row: Row<'_>, column: &str, named: &HashMap<&str, Vec<String>>) -> Result<Vec<String>, RulesError> {
    let mut words = Vec::new();
    for word in row.words(column) {
        match word.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
            Some(name) => words.extend(
                named
                    .get(name)
                    .ok_or_else(|| row.error(column, format!("集合 {name} がない"), "kind が set の行を前に書く"))?
                    .iter()
                    .cloned(),
            ),
            None => words.push(word),
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::third_party::rules::Rules;

    fn lexicon() -> &'static Lexicon {
        &Rules::embedded().lexicon
    }

    /// A word with its numerals written out.
    fn written(word: &str) -> String {
        word.replace(NUMERALS, "12")
    }

    fn survive(text: &str, pattern: usize) -> bool {
        lexicon().find(text).hits.iter().any(|h| h.pattern == pattern && h.dropped.is_none())
    }

    /// Every word of every pattern fires with every partner, alone and as far from it as the gap lets it.
    #[test]
    fn every_word_of_every_pattern_fires() {
        for (i, p) in lexicon().patterns.iter().enumerate() {
            for first in &lexicon().sets[p.first as usize] {
                let Some(second) = p.second else {
                    assert!(survive(&format!("本日{}", written(first)), i), "{} {first}", p.id);
                    continue;
                };
                for second in &lexicon().sets[second as usize] {
                    for gap in [0, p.gap] {
                        let text = format!("本日{}{}{}", written(first), "々".repeat(gap), written(second));
                        assert!(survive(&text, i), "{} {text}", p.id);
                    }
                    let text = format!("{}{}{}", written(first), "々".repeat(p.gap + 1), written(second));
                    // another word of the first set may begin nearer
                    let nearer = lexicon().sets[p.first as usize].iter().any(|f| f != first && first.ends_with(f));
                    assert!(nearer || !survive(&text, i), "{} {text}", p.id);
                }
            }
        }
    }

    fn words(set: SetId) -> impl Iterator<Item = String> {
        lexicon().sets[set as usize].iter().map(|w| written(w))
    }

    /// Every negation takes a hit back within its reach, not beyond, and never across a stop.
    #[test]
    fn every_negation_and_its_stops() {
        let assault = lexicon().patterns.iter().position(|p| p.id == "assault").unwrap();
        let drops = |text: &str| !survive(text, assault);
        for (set, gap) in &lexicon().negations {
            for word in words(*set) {
                for n in 0..=*gap {
                    assert!(drops(&format!("暴行{}{word}", "々".repeat(n))), "{word} {n}");
                }
                for stop in ["。", "、", ",", ";", "，", "；", "､", "｡"] {
                    assert!(!drops(&format!("暴行{stop}{word}")), "{stop}{word}");
                }
            }
        }
        for kept in
            ["暴行。頭痛なし", "暴行、意識消失なし", "暴行、既往歴なし", "暴行にて受傷し頭痛なし", "暴行後の打撲"]
        {
            assert!(!drops(kept), "{kept}");
        }
    }

    /// Every word of the past takes back what follows within its reach.
    #[test]
    fn every_word_of_the_past() {
        let assault = lexicon().patterns.iter().position(|p| p.id == "assault").unwrap();
        for (set, gap) in &lexicon().pasts {
            for word in words(*set) {
                for n in 0..=*gap {
                    let text = format!("{word}{}暴行", "々".repeat(n));
                    assert!(!survive(&text, assault), "{text}");
                }
                assert!(survive(&format!("{word}。暴行"), assault), "{word}");
                assert!(survive(&format!("{word}{}暴行", "々".repeat(12)), assault), "{word}");
            }
        }
        assert!(survive("年前に暴行", assault), "numerals are needed");
        assert!(!survive("数十年前に暴行", assault));
    }

    /// No mask says anything, alone, doubled, or in another width; 農作業中 is no work.
    #[test]
    fn every_mask_alone() {
        for mask in &lexicon().masks {
            let mask: String = mask.iter().collect();
            for text in [mask.clone(), format!("{mask}。{mask}"), format!("本日{mask}の件")] {
                let found = lexicon().find(&text);
                let tiers = found.hits.iter().filter(|h| lexicon().patterns[h.pattern].tier.is_some());
                assert_eq!(tiers.count(), 0, "{text}");
            }
        }
        assert!(lexicon().find("農作業中").hits.is_empty());
        assert!(lexicon().find("農作業中").unless.is_empty());
    }

    #[test]
    fn widths_spaces_variants_and_offsets() {
        let rear_end = lexicon().patterns.iter().position(|p| p.id == "rear_end").unwrap();
        for (text, span) in [("追突", (0, 2)), ("右 追　突", (2, 5)), ("㈱の車に追突", (4, 6)), ("ｶﾞｽ車に追突", (5, 7))]
        {
            let found = lexicon().find(text);
            let hit = found.hits.iter().find(|h| h.pattern == rear_end).unwrap();
            assert_eq!(hit.span, span, "{text}");
        }
        let normal: String = lexicon().normal("ﾊﾞｲｸ ＤＶ　頸椎㍍か\u{3099}").chars.iter().collect();
        assert_eq!(normal, "バイクDV頚椎メートルが");
        for (text, hit) in [("DV", true), ("ＤＶ被害", true), ("DVT予防", false), ("LVDV測定", false)] {
            assert_eq!(!lexicon().find(text).hits.is_empty(), hit, "{text}");
        }
    }
}
