//! Parquet's RLE / bit-packed hybrid (Encodings.md, "Run Length Encoding / Bit-Packing Hybrid"): levels and
//! indices into dictionaries.

use super::validity::Validity;

/// Bits that the largest of some values needs.
pub fn width_of(max: u32) -> u8 {
    (u32::BITS - max.leading_zeros()) as u8
}

fn varint(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// A run of one value.
pub fn run(value: u32, len: usize, width: u8, out: &mut Vec<u8>) {
    if len > 0 {
        varint((len as u64) << 1, out);
        out.extend_from_slice(&value.to_le_bytes()[..usize::from(width).div_ceil(8)]);
    }
}

/// Values of `width` bits each. Long runs are written as runs, everything else bit-packed, whichever of the two
/// is shorter for the whole: the compressor that follows finds what is left.
pub fn encode(values: &[u32], width: u8, out: &mut Vec<u8>) {
    let Some((first, rest)) = values.split_first() else { return };
    let changes = values.iter().zip(rest).filter(|(a, b)| a != b).count();
    let as_runs = (changes + 1) * (usize::from(width).div_ceil(8) + 1);
    if width == 0 || as_runs <= values.len() * usize::from(width) / 8 {
        let (mut value, mut len) = (*first, 1);
        for v in rest {
            if *v == value {
                len += 1;
            } else {
                run(value, len, width, out);
                (value, len) = (*v, 1);
            }
        }
        run(value, len, width, out);
    } else {
        bit_packed(values, width, out);
    }
}

fn bit_packed(values: &[u32], width: u8, out: &mut Vec<u8>) {
    let groups = values.len().div_ceil(8);
    varint((groups as u64) << 1 | 1, out);
    let end = out.len() + groups * usize::from(width);
    out.reserve(groups * usize::from(width) + 8);
    let (mut word, mut bits) = (0u64, 0u32);
    for v in values {
        word |= u64::from(*v) << bits;
        bits += u32::from(width);
        if bits >= 32 {
            out.extend_from_slice(&(word as u32).to_le_bytes());
            word >>= 32;
            bits -= 32;
        }
    }
    out.extend_from_slice(&word.to_le_bytes());
    // the last group is filled up with zeros
    out.resize(end, 0);
}

/// Levels of 0 and 1 (definition: valid or null; repetition: in a list or beginning one), behind their length as
/// a data page wants them.
pub fn levels(levels: &Validity, out: &mut Vec<u8>) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    match levels.bits() {
        None => run(u32::from(levels.nulls() == 0), levels.rows(), 1, out),
        Some(bits) => bits_run(bits, levels.rows(), out),
    }
    let len = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&len.to_le_bytes());
}

/// One bit-packed run of width 1.
fn bits_run(bits: &[u64], rows: usize, out: &mut Vec<u8>) {
    let groups = rows.div_ceil(8);
    varint((groups as u64) << 1 | 1, out);
    let end = out.len() + groups;
    bits.iter().for_each(|w| out.extend_from_slice(&w.to_le_bytes()));
    out.truncate(end);
}
