//! Shortens runs of commas before compression. Over half of the bytes of a claim file are commas, most of them
//! in the empty day columns of detail records; a compressor spends its time on them.
//!
//! A run of three commas and more becomes two bytes, [`MARK`] and its length; the byte [`MARK`] itself, which is
//! no text, becomes [`MARK`] and 0. Any bytes come back.

use tenken_parser::scan::{BLOCK, mask};

const MARK: u8 = 0x01;
const SHORTEST: usize = 3;
const LONGEST: usize = 255;

/// Appends the shortened form of `bytes`.
pub fn squeeze(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len());
    // what stands between `kept` and `at` is still to be copied
    let (mut kept, mut at) = (0, 0);
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        let comma = mask(block, b',');
        let begins = comma & comma >> 1 & comma >> 2;
        let marks = mask(block, MARK);
        let first = (begins | marks).trailing_zeros() as usize;
        if first == BLOCK {
            // a run may begin in the last two bytes
            at += BLOCK + 1 - SHORTEST;
            continue;
        }
        out.extend_from_slice(&bytes[kept..at + first]);
        at += first;
        at += if marks >> first & 1 == 1 { mark(out) } else { run(&bytes[at..], out) };
        kept = at;
    }
    while at < bytes.len() {
        let end = bytes.len() - at;
        if bytes[at] == MARK || (end >= SHORTEST && bytes[at..at + SHORTEST].iter().all(|b| *b == b',')) {
            out.extend_from_slice(&bytes[kept..at]);
            at += if bytes[at] == MARK { mark(out) } else { run(&bytes[at..], out) };
            kept = at;
        } else {
            at += 1;
        }
    }
    out.extend_from_slice(&bytes[kept..]);
}

/// The mark itself; how many bytes that was.
fn mark(out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(&[MARK, 0]);
    1
}

/// The run of commas that `bytes` begin with; how many bytes that was.
fn run(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    let in_block = bytes.first_chunk::<BLOCK>().map_or(BLOCK, |b| mask(b, b',').trailing_ones() as usize);
    let len = match in_block {
        BLOCK => bytes.iter().take(LONGEST).take_while(|b| **b == b',').count(),
        len => len,
    };
    out.extend_from_slice(&[MARK, len as u8]);
    len
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
