//! Shortens runs of commas before compression. Over half of the bytes of a claim file are commas, most of them
//! in the empty day columns of detail records; a compressor spends its time on them.
//!
//! A run of three commas and more becomes two bytes, [`MARK`] and its length; the byte [`MARK`] itself, which is
//! no text, becomes [`MARK`] and 0. Any bytes come back.

const MARK: u8 = 0x01;
const SHORTEST: usize = 3;
const LONGEST: usize = 255;
const STEP: usize = 8;

/// Appends the shortened form of `bytes`.
pub fn squeeze(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len());
    let mut kept = 0;
    let mut at = 0;
    while at < bytes.len() {
        let Some(place) = next_special(bytes, at) else { break };
        if bytes[place] == MARK {
            out.extend_from_slice(&bytes[kept..place]);
            out.extend_from_slice(&[MARK, 0]);
            at = place + 1;
            kept = at;
            continue;
        }
        let run = bytes[place..].iter().take(LONGEST).take_while(|b| **b == b',').count();
        if run >= SHORTEST {
            out.extend_from_slice(&bytes[kept..place]);
            out.extend_from_slice(&[MARK, run as u8]);
            kept = place + run;
        }
        at = place + run;
    }
    out.extend_from_slice(&bytes[kept..]);
}

/// The next place that may begin a run of commas (the first of two) or holds the mark.
#[inline]
fn next_special(bytes: &[u8], mut at: usize) -> Option<usize> {
    const LOW: u64 = u64::from_ne_bytes([0x7F; STEP]);
    let zeros = |x: u64| !(((x & LOW) + LOW) | x | LOW);
    // eight bytes and the one behind them, so that pairs over the edge are seen
    while let Some(word) = bytes.get(at..at + STEP + 1) {
        let word = |from: usize| word[from..].first_chunk().map_or(0, |c| u64::from_le_bytes(*c));
        let comma = u64::from_ne_bytes([b','; STEP]);
        let pairs = zeros(word(0) ^ comma) & zeros(word(1) ^ comma);
        let found = pairs | zeros(word(0) ^ u64::from_ne_bytes([MARK; STEP]));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += STEP;
    }
    (at..bytes.len()).find(|i| bytes[*i] == MARK || (bytes[*i] == b',' && bytes.get(i + 1) == Some(&b',')))
}

/// The bytes that [`squeeze`] made this of, `None` when it made no such thing.
pub fn stretch(squeezed: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(len);
    let mut rest = squeezed;
    loop {
        let place = rest.iter().position(|b| *b == MARK);
        out.extend_from_slice(&rest[..place.unwrap_or(rest.len())]);
        let Some(place) = place else { break };
        match rest.get(place + 1)? {
            0 => out.push(MARK),
            run => out.extend(std::iter::repeat_n(b',', usize::from(*run))),
        }
        if out.len() > len {
            return None;
        }
        rest = &rest[place + 2..];
    }
    (out.len() == len).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_bytes_come_back(parts in proptest::collection::vec((0usize..300, proptest::sample::select(vec![b',', b'1', MARK, 0x00, 0xFF, b'\n'])), 0..20)) {
            let bytes: Vec<u8> = parts.iter().flat_map(|(n, b)| std::iter::repeat_n(*b, n % 40 * usize::from(n % 3 > 0) + n / 290)).collect();
            let mut squeezed = Vec::new();
            squeeze(&bytes, &mut squeezed);
            proptest::prop_assert_eq!(stretch(&squeezed, bytes.len()), Some(bytes));
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in proptest::collection::vec(0u8..8, 0..40), len in 0usize..400) {
            let _ = stretch(&bytes, len);
        }
    }

    #[test]
    fn runs_become_two_bytes() {
        let mut out = Vec::new();
        squeeze(b"SI,,1,,,,,5,,,\r\n", &mut out);
        assert_eq!(out, b"SI,,1\x01\x055\x01\x03\r\n");
    }
}
