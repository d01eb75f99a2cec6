//! Pixels of one bit, eight to an octet, the least significant bit first (PS3.5 8.1.1).

use crate::status::{BAD_VALUE, OUTPUT_FULL, TRUNCATED};

/// The eight pixels of each octet, side by side.
const SPREAD: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut bit = 0;
        while bit < 8 {
            table[octet][bit] = (octet >> bit & 1) as u8;
            bit += 1;
        }
        octet += 1;
    }
    table
};

/// The position of a range of bits: its first octet and the bit in it, if the range fits.
fn located(start: i64, count: usize, octets: usize) -> Option<(usize, usize)> {
    let first = usize::try_from(start).ok()?;
    let end = first.checked_add(count)?;
    (end <= octets.checked_mul(8)?).then_some((first / 8, first % 8))
}

/// Spreads bits of `src` from `start` on over the octets of `dst`, one bit to an octet.
///
/// Returns the length of `dst`, or [`TRUNCATED`] if `src` holds fewer bits.
pub fn unpack(src: &[u8], start: i64, dst: &mut [u8]) -> i64 {
    let Some((octet, bit)) = located(start, dst.len(), src.len()) else {
        return TRUNCATED;
    };
    let head = ((8 - bit) % 8).min(dst.len());
    let (before, rest) = dst.split_at_mut(head);
    for (k, pixel) in before.iter_mut().enumerate() {
        *pixel = src[octet] >> (bit + k) & 1;
    }
    let aligned = &src[octet + usize::from(bit > 0)..];
    let mut groups = rest.chunks_exact_mut(8);
    let mut octets = aligned.iter();
    for (group, &packed) in groups.by_ref().zip(octets.by_ref()) {
        group.copy_from_slice(&SPREAD[usize::from(packed)]);
    }
    let packed = octets.next().copied().unwrap_or(0);
    for (k, pixel) in groups.into_remainder().iter_mut().enumerate() {
        *pixel = packed >> k & 1;
    }
    dst.len() as i64
}

/// Sets the bits of `dst` from `start` on to the pixels of `src`, which are 0 or 1.
///
/// The bits from `start` on must be zero before. Returns the length of `src`; [`OUTPUT_FULL`] if
/// `dst` has too few bits, [`BAD_VALUE`] if a pixel is neither 0 nor 1, and sets nothing then.
pub fn pack(src: &[u8], dst: &mut [u8], start: i64) -> i64 {
    let Some((octet, bit)) = located(start, src.len(), dst.len()) else {
        return OUTPUT_FULL;
    };
    if src.iter().fold(0, |all, &pixel| all | pixel) > 1 {
        return BAD_VALUE;
    }
    let head = ((8 - bit) % 8).min(src.len());
    let (before, rest) = src.split_at(head);
    for (k, pixel) in before.iter().enumerate() {
        dst[octet] |= pixel << (bit + k);
    }
    let aligned = &mut dst[octet + usize::from(bit > 0)..];
    for (packed, group) in aligned.iter_mut().zip(rest.chunks(8)) {
        *packed |= group.iter().enumerate().fold(0, |octet, (k, pixel)| octet | pixel << k);
    }
    src.len() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_from_any_place() {
        let src = [0b1010_0110, 0b0000_1111, 0b1000_0000];
        let bit = |k: usize| src[k / 8] >> (k % 8) & 1;
        for start in 0..24 {
            for count in 0..=24 - start {
                let mut dst = vec![9; count];
                assert_eq!(unpack(&src, start as i64, &mut dst), count as i64);
                assert!(dst.iter().enumerate().all(|(k, &pixel)| pixel == bit(start + k)));
                let mut packed = [0; 3];
                assert_eq!(pack(&dst, &mut packed, start as i64), count as i64);
                let mut again = vec![9; count];
                unpack(&packed, start as i64, &mut again);
                assert_eq!(again, dst);
            }
        }
    }

    #[test]
    fn what_does_not_fit() {
        assert_eq!(unpack(&[0], 1, &mut [0; 8]), TRUNCATED);
        assert_eq!(unpack(&[0], -1, &mut [0; 1]), TRUNCATED);
        assert_eq!(unpack(&[0], i64::MAX, &mut [0; 1]), TRUNCATED);
        assert_eq!(unpack(&[0], 8, &mut []), 0);
        assert_eq!(pack(&[0; 8], &mut [0], 1), OUTPUT_FULL);
        assert_eq!(pack(&[0], &mut [0], -1), OUTPUT_FULL);
        assert_eq!(pack(&[0, 2], &mut [0], 0), BAD_VALUE);
        assert_eq!(pack(&[], &mut [], 0), 0);
    }
}
