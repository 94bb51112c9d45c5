//! Finds bytes many at a time. Lines and fields of claim files are short (55 and 2 bytes on average), so a call
//! per line or a step per byte costs more than the search: bytes of a block become bits of a mask, and places
//! are read off the mask.

/// Bytes looked at in one step.
pub const BLOCK: usize = 64;
const HALF: usize = 16;

/// Bit i is set where byte i equals `byte`.
#[inline(always)]
pub fn mask(block: &[u8; BLOCK], byte: u8) -> u64 {
    whole(block, |part| mask16(part, byte))
}

/// The masks of the four parts of a block, side by side.
#[inline(always)]
fn whole(block: &[u8; BLOCK], mask: impl Fn(&[u8; HALF]) -> u16) -> u64 {
    let (parts, _) = block.as_chunks::<HALF>();
    let mut bits = 0;
    let mut i = 0;
    while i < BLOCK / HALF {
        bits |= u64::from(mask(&parts[i])) << (HALF * i);
        i += 1;
    }
    bits
}

/// Bit i is set where byte i is not ASCII.
#[inline(always)]
pub fn high_mask(block: &[u8; BLOCK]) -> u64 {
    whole(block, high_mask16)
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn high_mask16(part: &[u8; HALF]) -> u16 {
    use std::arch::x86_64::{_mm_movemask_epi8, _mm_set_epi64x};
    let wide = u128::from_le_bytes(*part);
    // SAFETY: as in `mask16`.
    unsafe { _mm_movemask_epi8(_mm_set_epi64x((wide >> 64) as i64, wide as i64)) as u16 }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn high_mask16(part: &[u8; HALF]) -> u16 {
    part.as_chunks::<8>().0.iter().enumerate().fold(0, |mask, (i, word)| {
        let high = u64::from_le_bytes(*word) & u64::from_ne_bytes([0x80; 8]);
        mask | ((((high >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56) as u16) << (8 * i)
    })
}

/// The same as [`mask`] of sixteen bytes.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn mask16(part: &[u8; HALF], byte: u8) -> u16 {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8};
    let wide = u128::from_le_bytes(*part);
    // SAFETY: SSE2 belongs to every x86-64 processor, and nothing here touches memory.
    unsafe {
        let bytes = _mm_set_epi64x((wide >> 64) as i64, wide as i64);
        _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8))) as u16
    }
}

/// Eight bytes at a time, in one word.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn mask16(part: &[u8; HALF], byte: u8) -> u16 {
    const LOW: u64 = u64::from_ne_bytes([0x7F; 8]);
    part.as_chunks::<8>().0.iter().enumerate().fold(0, |mask, (i, word)| {
        let x = u64::from_le_bytes(*word) ^ u64::from_ne_bytes([byte; 8]);
        // the high bit of each byte that is zero now, and of no other
        let zero = !(((x & LOW) + LOW) | x | LOW);
        // those eight bits side by side
        mask | ((((zero >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56) as u16) << (8 * i)
    })
}

/// The bits of a byte in the bytes from `at` on, at most sixteen.
#[inline(always)]
fn mask_from(bytes: &[u8], at: usize, byte: u8) -> u16 {
    let rest = &bytes[at..];
    if let Some(part) = rest.first_chunk::<HALF>() {
        return mask16(part, byte);
    }
    // the last sixteen bytes, those before `at` shifted out; fewer than sixteen are copied
    match bytes.last_chunk::<HALF>() {
        Some(part) => mask16(part, byte) >> (HALF - rest.len()),
        None => {
            let mut part = [!byte; HALF];
            part[..rest.len()].copy_from_slice(rest);
            mask16(&part, byte)
        }
    }
}

/// The places of a byte, in order.
pub struct Places<'a> {
    bytes: &'a [u8],
    byte: u8,
    /// first byte behind those in `mask`
    next: usize,
    mask: u32,
}

impl<'a> Places<'a> {
    #[inline(always)]
    pub fn new(bytes: &'a [u8], byte: u8) -> Self {
        Self { bytes, byte, next: 0, mask: 0 }
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            if self.next >= self.bytes.len() {
                return None;
            }
            self.mask = u32::from(mask_from(self.bytes, self.next, self.byte));
            self.next += HALF;
        }
        let bit = self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(self.next - HALF + bit)
    }
}

/// Whether all bytes are ASCII: codes are short, so this looks at words of them that may overlap.
#[inline(always)]
pub fn is_ascii(bytes: &[u8]) -> bool {
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let len = bytes.len();
    let word = |b: &[u8]| b.first_chunk().map_or(0, |c| u64::from_ne_bytes(*c));
    let half = |b: &[u8]| b.first_chunk().map_or(0, |c| u64::from(u32::from_ne_bytes(*c)));
    match len {
        0..4 => bytes.iter().fold(0, |all, b| all | b) < 0x80,
        4..8 => (half(bytes) | half(&bytes[len - 4..])) & HIGH == 0,
        8..=16 => (word(bytes) | word(&bytes[len - 8..])) & HIGH == 0,
        _ => bytes.is_ascii(),
    }
}

/// How often a byte occurs, and whether all bytes are ASCII.
#[inline]
pub fn count_in(bytes: &[u8], byte: u8) -> (usize, bool) {
    let (parts, rest) = bytes.as_chunks::<HALF>();
    let (mut count, mut high) = (0, 0u128);
    let mut masks = 0u64;
    for (i, part) in parts.iter().enumerate() {
        high |= u128::from_le_bytes(*part);
        masks = masks << HALF | u64::from(mask16(part, byte));
        if i % 4 == 3 {
            count += masks.count_ones();
            masks = 0;
        }
    }
    count += masks.count_ones();
    if !rest.is_empty() {
        let mut part = [0; HALF];
        part[..rest.len()].copy_from_slice(rest);
        high |= u128::from_le_bytes(part);
        count += mask16(&part, byte).count_ones();
    }
    (count as usize, high & u128::from_le_bytes([0x80; HALF]) == 0)
}

/// The bits of a byte in at most [`BLOCK`] bytes.
#[inline(always)]
pub fn mask_of_short(bytes: &[u8], byte: u8) -> u64 {
    let (mut mask, mut at) = (0, 0);
    while at < bytes.len() {
        mask |= u64::from(mask_from(bytes, at, byte)) << at;
        at += HALF;
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_same_as_a_plain_search(bytes in proptest::collection::vec(proptest::sample::select(vec![b'\n', b'a', b',', 0x8A]), 0..200)) {
            for byte in [b',', b'\n'] {
                let want: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i] == byte).collect();
                proptest::prop_assert_eq!(Places::new(&bytes, byte).collect::<Vec<_>>(), &want[..]);
                proptest::prop_assert_eq!(is_ascii(&bytes[..bytes.len() % 20]), bytes[..bytes.len() % 20].is_ascii());
                proptest::prop_assert_eq!(count_in(&bytes, byte), (want.len(), bytes.is_ascii()));
                let short = &bytes[..bytes.len().min(BLOCK)];
                let mask = want.iter().filter(|i| **i < short.len()).fold(0u64, |m, i| m | 1 << i);
                proptest::prop_assert_eq!(mask_of_short(short, byte), mask);
                if let Some(block) = bytes.first_chunk::<BLOCK>() {
                    proptest::prop_assert_eq!(super::mask(block, byte), mask);
                    let high = (0..BLOCK).filter(|i| !block[*i].is_ascii()).fold(0u64, |m, i| m | 1 << i);
                    proptest::prop_assert_eq!(high_mask(block), high);
                }
            }
        }
    }
}
