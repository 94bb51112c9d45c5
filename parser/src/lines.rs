//! Finds line ends: LF bytes of 64 bytes at a time become a bit mask, and lines are read off the mask.

use crate::scan::{BLOCK, mask};

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
        }
    }
}
