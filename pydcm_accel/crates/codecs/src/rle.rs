//! Run-length coding of one segment (PS3.5 Annex G).

use crate::status::{BAD_VALUE, OUTPUT_FULL, TRUNCATED};

const LONGEST_RUN: usize = 128;
/// Short runs are quicker to copy at one size.
const AT_ONCE: usize = 16;

/// Copies the first octets of `src` to `dst`; both have `count` or more.
///
/// What follows them in `dst` may be overwritten, up to [`AT_ONCE`] octets in all.
#[inline(always)]
fn copy(src: &[u8], dst: &mut [u8], count: usize) {
    if count <= AT_ONCE {
        if let (Some(from), Some(to)) = (src.first_chunk::<AT_ONCE>(), dst.first_chunk_mut()) {
            *to = *from;
            return;
        }
    }
    dst[..count].copy_from_slice(&src[..count]);
}

/// Fills the first `count` octets of `dst`, which has as many; more as in [`copy`].
#[inline(always)]
fn fill(dst: &mut [u8], count: usize, value: u8) {
    if count <= AT_ONCE {
        if let Some(to) = dst.first_chunk_mut::<AT_ONCE>() {
            *to = [value; AT_ONCE];
            return;
        }
    }
    dst[..count].fill(value);
}

/// Expands one RLE segment until `dst` is full (PS3.5 G.3.2).
///
/// Returns the octets written; [`TRUNCATED`] if `src` ends too early; [`OUTPUT_FULL`] if the last
/// run goes past the end of `dst`, which is filled nevertheless.
pub fn decode_segment(src: &[u8], dst: &mut [u8]) -> i64 {
    let room = dst.len();
    let mut src = src;
    let mut q = 0;
    while q < room {
        let Some((&header, rest)) = src.split_first() else {
            return TRUNCATED;
        };
        let free = &mut dst[q..];
        if header < 128 {
            let count = usize::from(header) + 1;
            if count > rest.len() {
                return TRUNCATED;
            }
            copy(rest, free, count.min(free.len()));
            src = &rest[count..];
            q += count;
        } else if header > 128 {
            let count = 257 - usize::from(header);
            let Some((&value, rest)) = rest.split_first() else {
                return TRUNCATED;
            };
            fill(free, count.min(free.len()), value);
            src = rest;
            q += count;
        } else {
            src = rest;
        }
    }
    if q == room {
        q as i64
    } else {
        OUTPUT_FULL
    }
}

/// Writes octets as literal runs to `dst` from `q` on; returns where it goes on.
#[inline(always)]
fn literal(src: &[u8], dst: &mut [u8], mut q: usize) -> usize {
    let mut src = src;
    while !src.is_empty() {
        let count = src.len().min(LONGEST_RUN);
        dst[q] = (count - 1) as u8;
        dst[q + 1..q + 1 + count].copy_from_slice(&src[..count]);
        src = &src[count..];
        q += count + 1;
    }
    q
}

/// The number of octets at the beginning of `row` that equal `value`.
#[inline(always)]
fn run_length(row: &[u8], value: u8) -> usize {
    let wide = u64::from_ne_bytes([value; 8]);
    let mut count = 0;
    let mut words = row.chunks_exact(8);
    for word in words.by_ref() {
        let mut octets = [0; 8];
        octets.copy_from_slice(word);
        let differ = u64::from_le_bytes(octets) ^ wide;
        if differ != 0 {
            return count + (differ.trailing_zeros() / 8) as usize;
        }
        count += 8;
    }
    count + words.remainder().iter().take_while(|&&octet| octet == value).count()
}

/// The first place at or after `p` in `row` where three equal octets begin; its end if none.
#[inline(always)]
fn next_three(row: &[u8], p: usize) -> usize {
    row[p..].windows(3).position(|w| w[0] == w[1] && w[1] == w[2]).map_or(row.len(), |k| p + k)
}

/// Encodes a byte plane, each row of `columns` octets by itself (PS3.5 G.3.1).
///
/// Three equal octets or more become a replicate run; two do if no literal run goes before them.
/// Returns the octets of the segment; [`BAD_VALUE`] if `columns` is below 1; [`OUTPUT_FULL`] if
/// `dst` might be too short, and nothing is written.
pub fn encode_segment(src: &[u8], columns: i64, dst: &mut [u8]) -> i64 {
    if columns < 1 {
        return BAD_VALUE;
    }
    let columns = usize::try_from(columns).unwrap_or(usize::MAX);
    let rows = src.len().div_ceil(columns);
    let longest = rows
        .checked_mul(columns.div_ceil(LONGEST_RUN))
        .and_then(|headers| headers.checked_add(src.len()));
    if longest.is_none_or(|longest| dst.len() < longest) {
        return OUTPUT_FULL;
    }
    let mut q = 0;
    for row in src.chunks(columns) {
        let mut p = 0;
        while p < row.len() {
            // Here no literal run is open, so that two equal octets are a run as well.
            let value = row[p];
            let mut count = run_length(&row[p..], value);
            if count < 2 {
                let after = next_three(row, p + 1);
                q = literal(&row[p..after], dst, q);
                p = after;
                continue;
            }
            p += count;
            while count > 1 {
                let run = count.min(LONGEST_RUN);
                dst[q] = (257 - run) as u8;
                dst[q + 1] = value;
                q += 2;
                count -= run;
            }
            p -= count;
        }
    }
    q as i64
}
