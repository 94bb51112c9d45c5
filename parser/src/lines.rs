//! Finds line ends: LF bytes of 64 bytes at a time become a bit mask, and lines are read off the mask.

use crate::scan::{BLOCK, high_mask, mask};

/// The ends of the lines of some bytes: the index behind each LF, in order.
pub struct LineEnds<'a> {
    bytes: &'a [u8],
    /// first byte that is not in `mask` any more or yet
    block: usize,
    /// LF bytes of the 64 bytes before `block` that have not been told yet
    mask: u64,
}

impl<'a> LineEnds<'a> {
    /// Line ends at or after `start`.
    pub fn new(bytes: &'a [u8], start: usize) -> Self {
        let mut ends = Self { bytes, block: start, mask: 0 };
        // begin on a whole block behind `start`
        let first = start.next_multiple_of(BLOCK).min(bytes.len());
        if first > start {
            let part = &bytes[start..first];
            // bits are counted from the end of the block, as if it were whole
            let shift = BLOCK - part.len();
            ends.mask = part.iter().enumerate().fold(0, |m, (i, b)| m | u64::from(*b == b'\n') << (i + shift));
            ends.block = first;
        }
        ends
    }
}

impl Iterator for LineEnds<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            let rest = &self.bytes[self.block..];
            match rest.first_chunk::<BLOCK>() {
                Some(block) => {
                    self.mask = mask(block, b'\n');
                    self.block += BLOCK;
                }
                None if rest.is_empty() => return None,
                None => {
                    let shift = BLOCK - rest.len();
                    self.mask = rest.iter().enumerate().fold(0, |m, (i, b)| m | u64::from(*b == b'\n') << (i + shift));
                    self.block = self.bytes.len();
                    if self.mask == 0 {
                        return None;
                    }
                }
            }
        }
        let bit = self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(self.block + bit + 1 - BLOCK)
    }
}

/// One line as its bytes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// the index behind its LF, or behind the last byte
    pub end: usize,
    pub commas: u32,
    pub ascii: bool,
}

/// The lines of some bytes, the last one too when no LF ends it, each with what can be told in the same pass.
pub struct Lines<'a> {
    bytes: &'a [u8],
    /// first byte behind the masks
    block: usize,
    /// LF and commas in the 64 bytes before `block`, as far as they are not told yet; bytes that are not ASCII
    lf: u64,
    comma: u64,
    high: u64,
    /// of the line that is open, in earlier blocks
    commas: u32,
    ascii: bool,
    start: usize,
}

impl<'a> Lines<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, block: 0, lf: 0, comma: 0, high: 0, commas: 0, ascii: true, start: 0 }
    }

    #[inline]
    fn next_block(&mut self, block: &[u8; BLOCK]) {
        self.commas += self.comma.count_ones();
        self.ascii &= self.high == 0;
        self.lf = mask(block, b'\n');
        self.comma = mask(block, b',');
        self.high = high_mask(block);
        self.block += BLOCK;
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    #[inline]
    fn next(&mut self) -> Option<Line> {
        while self.lf == 0 {
            let rest = self.bytes.get(self.block..).unwrap_or_default();
            if let Some(block) = rest.first_chunk::<BLOCK>() {
                self.next_block(block);
            } else if !rest.is_empty() {
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                self.next_block(&block);
            } else {
                let end = self.bytes.len();
                let open = self.start < end;
                self.start = end;
                let (commas, ascii) = (self.commas + self.comma.count_ones(), self.ascii && self.high == 0);
                return open.then_some(Line { end, commas, ascii });
            }
        }
        let bit = self.lf.trailing_zeros();
        // everything up to this LF belongs to its line
        let own = u64::MAX >> (63 - bit);
        let line = Line {
            end: self.block + bit as usize + 1 - BLOCK,
            commas: self.commas + (self.comma & own).count_ones(),
            ascii: self.ascii && self.high & own == 0,
        };
        (self.lf, self.comma, self.high) = (self.lf & !own, self.comma & !own, self.high & !own);
        (self.commas, self.ascii, self.start) = (0, true, line.end);
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_same_as_a_plain_search(bytes in proptest::collection::vec(proptest::sample::select(vec![b'\n', b'a', b',', 0x8A]), 0..400), start in 0usize..400) {
            let start = start.min(bytes.len());
            let want: Vec<usize> =
                bytes.iter().enumerate().skip(start).filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).collect();
            proptest::prop_assert_eq!(LineEnds::new(&bytes, start).collect::<Vec<_>>(), want);
            let mut end = 0;
            let want: Vec<Line> = bytes
                .split_inclusive(|b| *b == b'\n')
                .map(|line| {
                    end += line.len();
                    let commas = line.iter().filter(|b| **b == b',').count() as u32;
                    Line { end, commas, ascii: line.is_ascii() }
                })
                .collect();
            proptest::prop_assert_eq!(Lines::new(&bytes).collect::<Vec<_>>(), want);
        }
    }
}
