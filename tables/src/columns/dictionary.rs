//! Distinct values of a column, numbered in the order of their first coming. Where nearly every value is new,
//! values are only listed: the same one may then have several numbers.

use hashbrown::HashTable;

const NONE: u32 = u32::MAX;

/// Distinct texts. What a lookup costs is what an import costs: one- and two-letter codes are found by place,
/// a repeated value by comparing with the last.
#[derive(Default)]
pub struct Texts {
    /// length (four bytes, little endian) and bytes of each: the content of a Parquet dictionary page
    plain: Vec<u8>,
    /// where the bytes of each begin
    starts: Vec<u32>,
    /// texts of at most 16 bytes, by [`Words`]
    words: HashTable<(Words, u32)>,
    /// longer ones
    table: HashTable<u32>,
    short: Vec<u32>,
    last: (Words, u32),
    last_long: u32,
    asked: u32,
    /// nearly every text was new: they are listed from now on, not looked up
    listing: bool,
}

/// After so many texts it is clear whether they repeat.
const TRIAL: u32 = 2048;

/// Place of a text of one or two ASCII characters.
#[inline]
fn short(text: &[u8]) -> Option<usize> {
    match text {
        [a] if *a < 128 => Some(usize::from(*a) << 7),
        [a, b] if *a < 128 && *b < 128 => Some(usize::from(*a) << 7 | usize::from(*b)),
        _ => None,
    }
}

impl Texts {
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> u32 {
        if self.listing {
            return self.add(text);
        }
        if let Some(place) = short(text) {
            if let Some(n) = self.short.get(place)
                && *n != NONE
            {
                return *n;
            }
            return self.add_short(text, place);
        }
        match Words::of(text) {
            Some(words) if words == self.last.0 => self.last.1,
            Some(words) => {
                let n = self.number_of_words(text, words);
                self.last = (words, n);
                n
            }
            None => self.number_of_long(text),
        }
    }

    fn number_of_words(&mut self, text: &[u8], words: Words) -> u32 {
        self.count();
        let found = self.words.find(words.hash(), |(w, _)| *w == words).map(|(_, n)| *n);
        found.unwrap_or_else(|| {
            let n = self.add(text);
            self.words.insert_unique(words.hash(), (words, n), |(w, _)| w.hash());
            n
        })
    }

    fn number_of_long(&mut self, text: &[u8]) -> u32 {
        if self.get(self.last_long) == Some(text) {
            return self.last_long;
        }
        self.count();
        let hash = hash(text);
        let found = self.table.find(hash, |n| bytes_at(&self.plain, &self.starts, *n) == Some(text)).copied();
        self.last_long = found.unwrap_or_else(|| {
            let n = self.add(text);
            let (plain, starts) = (&self.plain, &self.starts);
            self.table.insert_unique(hash, n, |n| self::hash(bytes_at(plain, starts, *n).unwrap_or_default()));
            n
        });
        self.last_long
    }

    /// Notices a column whose texts do not repeat.
    #[inline]
    fn count(&mut self) {
        self.asked += 1;
        if self.asked == TRIAL {
            self.listing = self.len() as u32 > TRIAL / 4 * 3;
        }
    }

    #[cold]
    fn add_short(&mut self, text: &[u8], place: usize) -> u32 {
        if self.short.is_empty() {
            self.short = vec![NONE; 1 << 14];
        }
        let n = self.add(text);
        self.short[place] = n;
        n
    }

    fn add(&mut self, text: &[u8]) -> u32 {
        self.plain.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.starts.push(self.plain.len() as u32);
        self.plain.extend_from_slice(text);
        self.starts.len() as u32 - 1
    }

    /// Forgets everything but the memory it took.
    pub fn clear(&mut self) {
        self.plain.clear();
        self.starts.clear();
        self.words.clear();
        self.table.clear();
        self.short.fill(NONE);
        (self.last, self.last_long, self.asked, self.listing) = Default::default();
    }

    #[inline]
    pub fn get(&self, number: u32) -> Option<&[u8]> {
        bytes_at(&self.plain, &self.starts, number)
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn plain(&self) -> &[u8] {
        &self.plain
    }
}

#[inline]
fn bytes_at<'b>(plain: &'b [u8], starts: &[u32], number: u32) -> Option<&'b [u8]> {
    let n = number as usize;
    let start = *starts.get(n)? as usize;
    let end = starts.get(n + 1).map_or(plain.len(), |next| *next as usize - 4);
    plain.get(start..end)
}

/// Distinct numbers.
#[derive(Default)]
pub struct Numbers {
    values: Vec<i64>,
    small: Vec<u32>,
    table: HashTable<u32>,
    last: (i64, u32),
    asked: u32,
    /// as in [`Texts`]
    listing: bool,
}

/// Numbers below this are found by place.
const SMALL: usize = 4096;

impl Numbers {
    #[inline]
    pub fn number(&mut self, value: i64) -> u32 {
        if self.listing {
            return self.add(value);
        }
        if let Some(n) = self.small.get(value as usize) {
            return if *n == NONE { self.add_small(value) } else { *n };
        }
        if self.last.0 == value && !self.values.is_empty() {
            return self.last.1;
        }
        self.number_of_large(value)
    }

    fn number_of_large(&mut self, value: i64) -> u32 {
        if self.small.is_empty() {
            self.small = vec![NONE; SMALL];
            return self.number(value);
        }
        self.asked += 1;
        if self.asked == TRIAL {
            self.listing = self.values.len() as u32 > TRIAL / 4 * 3;
        }
        let hash = |v: i64| fold(v as u64, 0x9E37_79B9_7F4A_7C15);
        let values = &self.values;
        let found = self.table.find(hash(value), |n| values[*n as usize] == value).copied();
        let n = found.unwrap_or_else(|| {
            let n = self.values.len() as u32;
            self.values.push(value);
            let values = &self.values;
            self.table.insert_unique(hash(value), n, |n| hash(values[*n as usize]));
            n
        });
        self.last = (value, n);
        n
    }

    #[cold]
    fn add_small(&mut self, value: i64) -> u32 {
        let n = self.add(value);
        self.small[value as usize] = n;
        n
    }

    fn add(&mut self, value: i64) -> u32 {
        self.values.push(value);
        self.values.len() as u32 - 1
    }

    /// As [`Texts::clear`].
    pub fn clear(&mut self) {
        self.values.clear();
        self.small.fill(NONE);
        self.table.clear();
        (self.last, self.asked, self.listing) = Default::default();
    }

    pub fn values(&self) -> &[i64] {
        &self.values
    }
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a ^ 0x2D35_8DCC_AA6C_78A5) * u128::from(b ^ 0x8BB8_4B93_962E_ACC9);
    (wide >> 64) as u64 ^ wide as u64
}

#[inline]
fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |c| u64::from_le_bytes(*c))
}

/// A text of at most 16 bytes as two words and its length: equal words are equal texts.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Words(u64, u64, u8);

impl Words {
    #[inline]
    fn of(text: &[u8]) -> Option<Self> {
        let half = |b: &[u8]| b.first_chunk().map_or(0, |c| u64::from(u32::from_le_bytes(*c)));
        let len = text.len();
        let (a, b) = match len {
            8..=16 => (word(text), word(&text[len - 8..])),
            4..8 => (half(text), half(&text[len - 4..])),
            0..4 => (text.iter().fold(0, |n, b| n << 8 | u64::from(*b)), 0),
            _ => return None,
        };
        // the length is counted from one, so that no text equals the words of none
        Some(Self(a, b, len as u8 + 1))
    }

    #[inline]
    fn hash(self) -> u64 {
        fold(self.0, self.1 ^ u64::from(self.2) << 56)
    }
}

/// A quick hash of texts; nothing is ever stored by it.
#[inline]
fn hash(text: &[u8]) -> u64 {
    if let Some(words) = Words::of(text) {
        return words.hash();
    }
    let mut seed = text.len() as u64;
    let mut rest = text;
    while rest.len() > 16 {
        seed = fold(word(rest) ^ seed, word(&rest[8..]));
        rest = &rest[16..];
    }
    let end = &text[text.len() - 16..];
    fold(word(end) ^ seed, word(&end[8..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn texts_keep_their_numbers(list in proptest::collection::vec("[0-9a-c]{0,3}|[a-z]{4,9}|見[0-9]{0,20}", 1..300), many in 0usize..3000) {
            let mut texts = Texts::default();
            let numbers: Vec<u32> = list.iter().map(|t| texts.number(t.as_bytes())).collect();
            for (t, n) in list.iter().zip(&numbers) {
                proptest::prop_assert_eq!(texts.get(*n), Some(t.as_bytes()));
            }
            let distinct: std::collections::BTreeSet<&String> = list.iter().collect();
            proptest::prop_assert_eq!(texts.len(), distinct.len());
            // many new ones: still each keeps what it was given
            for i in 0..many {
                let text = format!("number {i}");
                let n = texts.number(text.as_bytes());
                proptest::prop_assert_eq!(texts.get(n), Some(text.as_bytes()));
            }
        }

        #[test]
        fn numbers_keep_their_numbers(list in proptest::collection::vec(-3i64..6000, 1..300)) {
            let mut numbers = Numbers::default();
            let got: Vec<u32> = list.iter().map(|v| numbers.number(*v)).collect();
            for (v, n) in list.iter().zip(&got) {
                proptest::prop_assert_eq!(numbers.values()[*n as usize], *v);
            }
            let distinct: std::collections::BTreeSet<&i64> = list.iter().collect();
            proptest::prop_assert_eq!(numbers.values().len(), distinct.len());
        }
    }
}
