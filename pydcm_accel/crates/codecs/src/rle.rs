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

/// Octets of a plane that are expanded before those of the next one: what stays in the nearest
/// cache, for all planes of most images.
const BLOCK: usize = 4096;

/// A segment, as far as it is not expanded yet.
struct Segment<'a> {
    src: &'a [u8],
    /// The octets that are left of a run that was begun.
    left: usize,
    /// What a replicate run repeats; none in a literal run.
    value: Option<u8>,
    truncated: bool,
}

impl<'a> Segment<'a> {
    fn new(src: &'a [u8]) -> Self {
        Segment { src, left: 0, value: None, truncated: false }
    }

    /// Goes on to the next run; None if the segment ends too early.
    fn next_run(&mut self) -> Option<()> {
        loop {
            let (&header, rest) = self.src.split_first()?;
            self.src = rest;
            if header < 128 {
                self.value = None;
                self.left = usize::from(header) + 1;
                return (self.left <= rest.len()).then_some(());
            } else if header > 128 {
                let (&value, rest) = rest.split_first()?;
                self.src = rest;
                self.value = Some(value);
                self.left = 257 - usize::from(header);
                return Some(());
            }
        }
    }

    /// Expands the next `room` octets; `plane` has [`AT_ONCE`] more.
    fn expand(&mut self, plane: &mut [u8], room: usize) {
        let mut q = 0;
        while q < room && !self.truncated {
            if self.left == 0 && self.next_run().is_none() {
                self.truncated = true;
                return;
            }
            let count = self.left.min(room - q);
            match self.value {
                Some(value) => fill(&mut plane[q..], count, value),
                None => {
                    copy(self.src, &mut plane[q..], count);
                    self.src = &self.src[count..];
                }
            }
            q += count;
            self.left -= count;
        }
    }

    fn status(&self, size: usize) -> i64 {
        match self {
            Segment { truncated: true, .. } => TRUNCATED,
            Segment { left: 0, .. } => size as i64,
            _ => OUTPUT_FULL,
        }
    }
}

/// Which plane makes each octet of a group; none if an octet is made by none, or by two.
fn planes_by_place(places: &[i64]) -> Option<Vec<usize>> {
    let mut found = vec![None; places.len()];
    for (plane, &place) in places.iter().enumerate() {
        let place = found.get_mut(usize::try_from(place).ok()?)?;
        if place.replace(plane).is_some() {
            return None;
        }
    }
    found.into_iter().collect()
}

/// Expands the segments of a frame, and puts the octets of their planes side by side (PS3.5 G.2).
///
/// `bounds` has where each segment begins and ends in `src`, and `places` the octet of a group that
/// its plane makes. `state` takes of each what [`decode_segment`] returns, and `occurring` a group
/// of all bits that are set in any group. Returns the groups; [`TRUNCATED`] if a segment ends too
/// early, and `dst` and `occurring` have zeros then; [`BAD_VALUE`] if the arguments do not fit each
/// other, and nothing is written.
pub fn decode_segments(
    src: &[u8],
    bounds: &[i64],
    places: &[i64],
    dst: &mut [u8],
    state: &mut [i64],
    occurring: &mut [u8],
) -> i64 {
    let count = places.len();
    if count == 0 || bounds.len() != 2 * count || dst.len() % count != 0 {
        return BAD_VALUE;
    }
    if state.len() != count || occurring.len() != count {
        return BAD_VALUE;
    }
    let part = |bounds: &[i64]| {
        let at = |k: usize| usize::try_from(bounds[k]).ok();
        src.get(at(0)?..at(1)?).map(Segment::new)
    };
    let segments: Option<Vec<Segment>> = bounds.chunks_exact(2).map(part).collect();
    let (Some(mut segments), Some(order)) = (segments, planes_by_place(places)) else {
        return BAD_VALUE;
    };
    let size = dst.len() / count;
    let mut planes = vec![[0; BLOCK + AT_ONCE]; count];
    occurring.fill(0);
    for groups in dst.chunks_mut(BLOCK * count) {
        for (segment, plane) in segments.iter_mut().zip(&mut planes) {
            segment.expand(plane, groups.len() / count);
        }
        let ordered: Vec<&[u8]> = order.iter().map(|&plane| &planes[plane][..]).collect();
        join(&ordered, groups, occurring);
    }
    for (state, segment) in state.iter_mut().zip(&segments) {
        *state = segment.status(size);
    }
    if state.contains(&TRUNCATED) {
        dst.fill(0);
        occurring.fill(0);
        return TRUNCATED;
    }
    size as i64
}

/// Puts the octets of planes side by side, and adds their bits to those that occur; the planes may
/// be longer than the groups need.
fn join(planes: &[&[u8]], groups: &mut [u8], occurring: &mut [u8]) {
    match *planes {
        [a] => join_few([a], groups, occurring),
        [a, b] => join_few([a, b], groups, occurring),
        [a, b, c] => join_few([a, b, c], groups, occurring),
        [a, b, c, d] => join_few([a, b, c, d], groups, occurring),
        [a, b, c, d, e, f] => join_few([a, b, c, d, e, f], groups, occurring),
        _ => join_from(planes, 0, groups, occurring),
    }
}

/// Joins so few planes that some octets of each are in registers.
fn join_few<const N: usize>(planes: [&[u8]; N], groups: &mut [u8], occurring: &mut [u8]) {
    let mut some = groups.chunks_exact_mut(AT_ONCE * N);
    let mut done = 0;
    let mut bits = [[0; AT_ONCE]; N];
    for groups in some.by_ref() {
        let octets = planes.map(|plane| &plane[done..][..AT_ONCE]);
        for (bits, octets) in bits.iter_mut().zip(octets) {
            bits.iter_mut().zip(octets).for_each(|(bits, octet)| *bits |= octet);
        }
        for (p, group) in groups.chunks_exact_mut(N).enumerate() {
            for (octet, octets) in group.iter_mut().zip(octets) {
                *octet = octets[p];
            }
        }
        done += AT_ONCE;
    }
    for (all, bits) in occurring.iter_mut().zip(bits) {
        *all = bits.iter().fold(*all, |all, bits| all | bits);
    }
    join_from(&planes, done, some.into_remainder(), occurring);
}

/// Joins planes from an octet of each on.
fn join_from(planes: &[&[u8]], first: usize, groups: &mut [u8], occurring: &mut [u8]) {
    for (p, group) in groups.chunks_exact_mut(planes.len()).enumerate() {
        for ((octet, plane), all) in group.iter_mut().zip(planes).zip(&mut *occurring) {
            *octet = plane[first + p];
            *all |= *octet;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment of literal runs of `length`, and one of no operation after each.
    fn literals(plane: &[u8], length: usize) -> Vec<u8> {
        plane
            .chunks(length)
            .flat_map(|run| [&[run.len() as u8 - 1], run, &[128]].concat())
            .collect()
    }

    #[test]
    fn planes_of_any_number_and_size_are_joined() {
        for count in 1..9 {
            for size in [0, 1, 15, 16, 17, BLOCK - 1, BLOCK, 2 * BLOCK + 50] {
                let plane = |k: usize| (0..size).map(|p| (p * 7 + k) as u8).collect::<Vec<u8>>();
                let mut src = Vec::new();
                let mut bounds = Vec::new();
                for k in 0..count {
                    bounds.push(src.len() as i64);
                    src.extend(literals(&plane(k), 100 + k));
                    bounds.push(src.len() as i64);
                }
                let places: Vec<i64> = (0..count as i64).rev().collect();
                let (mut dst, mut state) = (vec![9; count * size], vec![9; count]);
                let mut all = vec![9; count];
                let found = decode_segments(&src, &bounds, &places, &mut dst, &mut state, &mut all);
                assert_eq!((found, &state), (size as i64, &vec![size as i64; count]));
                for (k, place) in places.into_iter().enumerate() {
                    let own = dst.iter().skip(place as usize).step_by(count).copied();
                    assert_eq!(own.collect::<Vec<u8>>(), plane(k), "{count} planes of {size}");
                    let bits = plane(k).iter().fold(0, |all, octet| all | octet);
                    assert_eq!(all[place as usize], bits, "{count} planes of {size}");
                }
            }
        }
    }

    #[test]
    fn segments_are_judged_one_by_one() {
        let src = [0xFB, 7, 2, 1, 2, 3, 0, 5];
        let (mut dst, mut state, mut all) = ([9; 9], [9; 3], [9; 3]);
        let bounds = [0, 2, 2, 6, 6, 8];
        let found = decode_segments(&src, &bounds, &[0, 1, 2], &mut dst, &mut state, &mut all);
        assert_eq!((found, dst, all), (TRUNCATED, [0; 9], [0; 3]));
        assert_eq!(state, [OUTPUT_FULL, 3, TRUNCATED]);
        let (dst, state, all) = (&mut dst[..6], &mut state[..2], &mut all[..2]);
        assert_eq!(decode_segments(&src, &bounds[..4], &[1, 0], dst, state, all), 3);
        assert_eq!((&*dst, &*state), (&[1, 7, 2, 7, 3, 7][..], &[OUTPUT_FULL, 3][..]));
        assert_eq!(all, [3, 7]);
    }

    #[test]
    fn arguments_are_checked() {
        let (mut dst, mut state, mut all) = ([9; 4], [9; 2], [9; 2]);
        let mut refused = |bounds: &[i64], places: &[i64], groups: usize| {
            let all = &mut all[..groups];
            decode_segments(&[0, 1], bounds, places, &mut dst, &mut state, all) == BAD_VALUE
        };
        for places in [&[0, 0][..], &[0, 2], &[0, -1], &[], &[0, 1, 2]] {
            assert!(refused(&[0, 2, 0, 2], places, 2));
        }
        for bounds in [&[0, 3, 0, 2][..], &[2, 1, 0, 2], &[-1, 2, 0, 2], &[0, 2]] {
            assert!(refused(bounds, &[0, 1], 2));
        }
        assert!(refused(&[0, 2, 0, 2], &[0, 1], 1));
        assert_eq!((dst, state, all), ([9; 4], [9; 2], [9; 2]));
    }
}
