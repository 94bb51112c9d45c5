//! A cheap look that lets most claims go: no disease, no mark and no word that could give a row of `third_party`.
//!
//! It may only err on one side: a claim it lets go would have had score 0, route NONE and no hold (a test holds it against
//! the score). Texts are read as raw bytes, character by character through a table that folds what NFKC and the variants
//! fold and skips white space; an automaton over the words of the rules tells which of them occur.

use std::collections::{BTreeMap, HashMap, VecDeque};

use encoding_rs::SHIFT_JIS;
use tenken_parser::{
    Claim, Encoding, Kind, Row,
    claim::View,
    layout::{dental, medical},
};

use super::{
    diseases::Diseases,
    rules::Rules,
    text::{Folded, Lexicon},
};

/// What a raw character means to the automaton.
type Class = u16;
/// No word of the rules holds it.
const OTHER: Class = 0;
/// White space: as if it were not there.
const NOTHING: Class = 1;
/// Several characters, or one that composes with its neighbour: only the full reading can tell.
const UNSURE: Class = 2;
const FIRST: Class = 3;

type State = u16;
const ROOT: State = 0;

/// Sets of words seen in a text, a bit each.
const WORDS_MAX: usize = 256;
type Seen = [u64; WORDS_MAX / 64];

pub(super) struct Prefilter {
    codes: CodeSet,
    uncoded: [u8; 7],
    unlisted: Vec<[u8; 4]>,
    /// class of each two-byte character of CP932, and of each byte that stands alone
    cp932: Vec<Class>,
    single: [Class; 256],
    /// class of each character of the basic plane
    unicode: Vec<Class>,
    classes: usize,
    /// state × class
    next: Vec<State>,
    /// sets of words that end in a state
    seen: Vec<Vec<u8>>,
    /// a state has some
    ends: Vec<bool>,
    /// one set, or two that must both occur
    wanted: Vec<(u8, Option<u8>)>,
    /// names of diseases, for those that are not coded
    names: u8,
}

/// Disease codes, open addressing.
struct CodeSet {
    slots: Vec<u32>,
    shift: u32,
}

/// No seven digits make this number.
const FREE: u32 = u32::MAX;

impl CodeSet {
    fn new(codes: impl Iterator<Item = u32>) -> Self {
        let codes: Vec<u32> = codes.collect();
        let bits = (codes.len() * 4).next_power_of_two().trailing_zeros().max(4);
        let mut set = Self { slots: vec![FREE; 1 << bits], shift: 32 - bits };
        for code in codes {
            let mut at = set.slot(code);
            while set.slots[at] != FREE && set.slots[at] != code {
                at = (at + 1) % set.slots.len();
            }
            set.slots[at] = code;
        }
        set
    }

    fn slot(&self, code: u32) -> usize {
        (code.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    #[inline]
    fn has(&self, code: u32) -> bool {
        let mut at = self.slot(code);
        loop {
            match self.slots[at] {
                FREE => return false,
                c if c == code => return true,
                _ => at = (at + 1) % self.slots.len(),
            }
        }
    }
}

/// A byte of UTF-8 that begins no character.
fn continues(byte: u8) -> bool {
    byte >> 6 == 0b10
}

#[inline]
fn seven_digits(bytes: &[u8]) -> Option<u32> {
    let digits: &[u8; 7] = bytes.try_into().ok()?;
    let mut n = 0;
    for d in digits {
        let d = d.wrapping_sub(b'0');
        if d > 9 {
            return None;
        }
        n = n * 10 + u32::from(d);
    }
    Some(n)
}

impl Prefilter {
    pub fn new(diseases: &Diseases, lexicon: &Lexicon) -> Self {
        let mut sets: Vec<Vec<Vec<char>>> = Vec::new();
        let mut number = |words: &std::collections::BTreeSet<String>| {
            // a run of numerals: what stands beside it is enough, the longest part of it
            let words: Vec<Vec<char>> = words
                .iter()
                .map(|w| w.split('#').max_by_key(|p| p.chars().count()).unwrap_or_default().chars().collect())
                .collect();
            let at = sets.iter().position(|s| *s == words).unwrap_or_else(|| {
                sets.push(words);
                sets.len() - 1
            });
            assert!(at < WORDS_MAX, "more sets of words than the automaton tells apart");
            at as u8
        };
        let mut wanted: Vec<(u8, Option<u8>)> =
            lexicon.triggers().map(|(first, second)| (number(first), second.map(&mut number))).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let names: std::collections::BTreeSet<String> =
            diseases.names().chain(lexicon.words_of_names()).map(|n| n.iter().collect()).collect();
        let names = number(&names);

        let mut class_of: HashMap<char, Class> = HashMap::new();
        for c in sets.iter().flatten().flatten() {
            let next = FIRST + class_of.len() as Class;
            class_of.entry(*c).or_insert(next);
        }
        let class = |c: char| match lexicon.fold(c) {
            None => UNSURE,
            Some(Folded::Nothing) => NOTHING,
            Some(Folded::One(c)) => class_of.get(&c).copied().unwrap_or(OTHER),
        };
        // what a text of one character decodes to; what is no character is left to the full reading
        let decoded = |bytes: &[u8]| {
            let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes);
            let mut chars = text.as_deref().unwrap_or_default().chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => class(c),
                _ => UNSURE,
            }
        };
        let mut single = [UNSURE; 256];
        let mut cp932 = vec![UNSURE; 1 << 16];
        for b in 0..=u8::MAX {
            single[usize::from(b)] = decoded(&[b]);
        }
        for first in 0x81..=u8::MAX {
            for second in 0x40..=u8::MAX {
                cp932[usize::from(first) << 8 | usize::from(second)] = decoded(&[first, second]);
            }
        }
        let unicode = (0..1u32 << 16).map(|c| char::from_u32(c).map_or(UNSURE, class)).collect();

        let classes = usize::from(FIRST) + class_of.len();
        let (next, seen) = automaton(&sets, &class_of, classes);
        let ends = seen.iter().map(|s| !s.is_empty()).collect();
        let mut uncoded = [0; 7];
        uncoded.iter_mut().zip(diseases.uncoded().bytes()).for_each(|(to, b)| *to = b);
        Self {
            codes: CodeSet::new(diseases.iter().filter(|l| l.is_noteworthy()).filter_map(|l| l.code.parse().ok())),
            uncoded,
            unlisted: diseases.unlisted_modifiers().filter_map(|m| m.as_bytes().try_into().ok()).collect(),
            cp932,
            single,
            unicode,
            classes,
            next,
            seen,
            ends,
            wanted,
            names,
        }
    }

    /// Whether a text in its encoding holds words that could be evidence, or cannot be told.
    pub fn text(&self, bytes: &[u8], encoding: Encoding) -> bool {
        self.seen_in(bytes, encoding).is_none_or(|seen| self.is_wanted(&seen))
    }

    /// The same of the name of a disease.
    fn name(&self, bytes: &[u8], encoding: Encoding) -> bool {
        self.seen_in(bytes, encoding).is_none_or(|seen| has(&seen, self.names) || self.is_wanted(&seen))
    }

    fn is_wanted(&self, seen: &Seen) -> bool {
        *seen != Seen::default()
            && self.wanted.iter().any(|(first, second)| has(seen, *first) && second.is_none_or(|s| has(seen, s)))
    }

    /// The sets of words that a text holds; `None`: it has characters that only the full reading can tell.
    fn seen_in(&self, bytes: &[u8], encoding: Encoding) -> Option<Seen> {
        let mut state = ROOT;
        let mut seen: Seen = [0; WORDS_MAX / 64];
        let mut rest = bytes;
        while let [first, after @ ..] = rest {
            let class;
            (class, rest) = match encoding {
                _ if *first < 0x80 => (self.single[usize::from(*first)], after),
                Encoding::Cp932 => match (self.single[usize::from(*first)], after) {
                    (UNSURE, [second, more @ ..]) => {
                        (self.cp932[usize::from(*first) << 8 | usize::from(*second)], more)
                    }
                    (class, _) => (class, after),
                },
                Encoding::Utf8 => match (first >> 4, after) {
                    (0xC | 0xD, [a, more @ ..]) if continues(*a) => {
                        (self.unicode[usize::from(first & 0x1f) << 6 | usize::from(a & 0x3f)], more)
                    }
                    (0xE, [a, b, more @ ..]) if continues(*a) && continues(*b) => {
                        let c = usize::from(first & 0xf) << 12 | usize::from(a & 0x3f) << 6 | usize::from(b & 0x3f);
                        (self.unicode[c], more)
                    }
                    _ => (UNSURE, after),
                },
            };
            match class {
                NOTHING => continue,
                UNSURE => return None,
                _ => {}
            }
            state = self.next[usize::from(state) * self.classes + usize::from(class)];
            if self.ends[usize::from(state)] {
                for set in &self.seen[usize::from(state)] {
                    seen[usize::from(set / 64)] |= 1 << (set % 64);
                }
            }
        }
        Some(seen)
    }
}

fn has(seen: &Seen, set: u8) -> bool {
    seen[usize::from(set / 64)] >> (set % 64) & 1 == 1
}

/// Aho and Corasick: the automaton of all words, complete, and the sets whose words end in each state.
fn automaton(sets: &[Vec<Vec<char>>], class_of: &HashMap<char, Class>, classes: usize) -> (Vec<State>, Vec<Vec<u8>>) {
    let mut tree: Vec<BTreeMap<Class, State>> = vec![BTreeMap::new()];
    let mut seen: Vec<Vec<u8>> = vec![Vec::new()];
    for (set, words) in sets.iter().enumerate() {
        for word in words {
            let mut at = ROOT;
            for c in word {
                let class = class_of[c];
                at = match tree[usize::from(at)].get(&class) {
                    Some(next) => *next,
                    None => {
                        assert!(tree.len() < usize::from(State::MAX), "more words than the automaton holds");
                        let new = tree.len() as State;
                        tree[usize::from(at)].insert(class, new);
                        tree.push(BTreeMap::new());
                        seen.push(Vec::new());
                        new
                    }
                };
            }
            seen[usize::from(at)].push(set as u8);
        }
    }
    let mut next = vec![ROOT; tree.len() * classes];
    let mut fail = vec![ROOT; tree.len()];
    let mut queue = VecDeque::from([ROOT]);
    while let Some(at) = queue.pop_front() {
        let (row, of_fail) = (usize::from(at) * classes, usize::from(fail[usize::from(at)]) * classes);
        if at != ROOT {
            next.copy_within(of_fail..of_fail + classes, row);
            let more = seen[usize::from(fail[usize::from(at)])].clone();
            seen[usize::from(at)].extend(more);
        }
        for (class, to) in tree[usize::from(at)].clone() {
            fail[usize::from(to)] = if at == ROOT { ROOT } else { next[row + usize::from(class)] };
            next[row + usize::from(class)] = to;
            queue.push_back(to);
        }
    }
    (next, seen)
}

impl Rules {
    /// Whether the claim could have a row in `third_party` by what it says itself. `false` is certain.
    pub(super) fn may_matter(&self, claim: &Claim<'_>) -> bool {
        if matches!(claim.kind, Kind::Pharmacy | Kind::Nursing) {
            return false;
        }
        claim.view(View::Effective).filter(|r| r.readable).any(|row| self.row_matters(claim, row))
    }

    fn row_matters(&self, claim: &Claim<'_>, row: &Row<'_>) -> bool {
        let bytes = row.record.bytes();
        match &row.id.0 {
            b"SY" | b"SB" => self.disease_matters(claim, bytes.get(3..).unwrap_or_default()),
            b"HS" => after_commas(bytes, HS_CODE).is_some_and(|code| self.disease_matters(claim, code)),
            b"CO" | b"SJ" | b"TK" | b"TZ" => self.marks(bytes) || self.prefilter.text(bytes, claim.encoding),
            b"SI" | b"IY" if claim.kind != Kind::Dental => self.slots_matter(claim, bytes, SI_COMMENTS),
            b"TO" if claim.kind != Kind::Dental => self.slots_matter(claim, bytes, TO_COMMENTS),
            _ => false,
        }
    }

    /// The fields of a disease from its code on.
    fn disease_matters(&self, claim: &Claim<'_>, bytes: &[u8]) -> bool {
        let filter = &self.prefilter;
        let after = match bytes.get(..7).and_then(seven_digits) {
            Some(code) if matches!(bytes.get(7), None | Some(b',')) => {
                let uncoded = bytes[..7] == filter.uncoded;
                if filter.codes.has(code) || (uncoded && filter.name(&bytes[7..], claim.encoding)) {
                    return true;
                }
                &bytes[7..]
            }
            // no code
            _ if bytes.first().is_none_or(|b| *b == b',') => bytes,
            // a code of another form is left to the full reading
            _ => return true,
        };
        filter.unlisted.iter().any(|m| after.windows(4).any(|w| w == m))
            || (!after.is_empty() && filter.text(after, claim.encoding))
    }

    fn marks(&self, bytes: &[u8]) -> bool {
        let has = |m: &String| bytes.windows(m.len()).any(|w| w == m.as_bytes());
        self.parameters.mark_comments.iter().chain(&self.parameters.work_comments).any(has)
    }

    /// The comment slots of a detail record, where something stands in them.
    fn slots_matter(&self, claim: &Claim<'_>, bytes: &[u8], first: usize) -> bool {
        let Some(slots) = after_commas(bytes, first) else { return false };
        // three empty pairs
        if slots.starts_with(b",,,,,,") || slots.iter().all(|b| *b == b',') {
            return false;
        }
        self.marks(slots) || self.prefilter.text(slots, claim.encoding)
    }
}

/// What follows the n-th comma.
fn after_commas(bytes: &[u8], n: usize) -> Option<&[u8]> {
    let mut commas = 0;
    let at = bytes.iter().position(|b| {
        commas += usize::from(*b == b',');
        commas == n
    })?;
    bytes.get(at + 1..)
}

const HS_CODE: usize = dental::hs::DISEASE_CODE.index();
const SI_COMMENTS: usize = medical::si::COMMENT1_CODE.index();
const TO_COMMENTS: usize = medical::to::COMMENT1_CODE.index();
