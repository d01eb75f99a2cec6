//! The bits of a scan: octets with stuffed bits to plain ones and back (ISO 14495-1 A.1).

use super::model::Coding;
use crate::status::{BAD_VALUE, OUTPUT_FULL, TRUNCATED};

/// Windows after the last octet of an interval, so that a code may be read past its end.
const MARGIN: usize = 16;

/// Bits in each word of what an encoder writes.
pub(super) const WORD: u32 = 24;

const WORD_MASK: u64 = (1 << WORD) - 1;

/// The bits that are sure to be in a window, wherever in its first octet reading begins.
pub(super) const IN_WINDOW: u32 = 25;

/// Whether one of four octets is 255.
fn has_255(octets: u32) -> bool {
    let turned = !octets; // is one of these 0?
    turned.wrapping_sub(0x0101_0101) & octets & 0x8080_8080 != 0
}

fn four(octets: &[u8], at: usize) -> Option<u32> {
    let found = octets.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(found.try_into().ok()?))
}

/// `jpegls.unstuff`: lays out the bits of a scan so that one load yields the next 25 of them.
///
/// A window is the 32 bits that end with an octet; position `p` is bit `p % 8` of window `p / 8`.
/// `intervals` takes for each restart interval the positions where it begins and ends, and its
/// first octet in `src`. Returns where the data end in `src`.
pub fn unstuff(src: &[u8], start: i64, windows: &mut [u32], intervals: &mut [i64]) -> i64 {
    let start = usize::try_from(start).expect("an offset in the stream");
    let expected = intervals.len() / 3;
    if windows.len() + start < src.len() + MARGIN * expected {
        return OUTPUT_FULL;
    }
    let mut p = start;
    let mut j = 0;
    for (number, place) in intervals.chunks_exact_mut(3).enumerate() {
        if number > 0 {
            p = match after_restart(src, p, number - 1) {
                Ok(p) => p,
                Err(status) => return status,
            };
        }
        place[0] = 8 * (j as i64 + 3);
        place[2] = p as i64;
        let (end, count, bits) = lay_out(&src[p.min(src.len())..], &mut windows[j..]);
        p += end;
        j += count;
        place[1] = 8 * (j as i64 + 3) + bits;
        j += MARGIN;
    }
    p as i64
}

/// Returns what follows RST0 to RST7, of which one must be at `p` (ISO 10918-1 B.1.1.3).
fn after_restart(src: &[u8], mut p: usize, last: usize) -> Result<usize, i64> {
    while src.get(p + 1) == Some(&255) {
        p += 1; // a fill octet
    }
    let marker = usize::from(*src.get(p + 1).ok_or(TRUNCATED)?);
    match marker {
        _ if marker == 0xD0 + last % 8 => Ok(p + 2),
        0xD0..=0xD7 => Err(BAD_VALUE),
        _ => Err(TRUNCATED),
    }
}

/// Lays out one interval, and its margin.
///
/// Returns its octets up to a marker, its windows, and the bits that follow the last of them.
fn lay_out(src: &[u8], windows: &mut [u32]) -> (usize, usize, i64) {
    let mut p = 0;
    let mut j = 0;
    let mut buffer = 0u64;
    let mut spare = 0u32; // bits in the buffer after the last whole octet
    loop {
        while let Some(octets) = four(src, p).filter(|&octets| !has_255(octets)) {
            buffer = buffer << 32 | u64::from(octets);
            let shifted = buffer >> spare;
            let found = [shifted >> 24, shifted >> 16, shifted >> 8, shifted];
            windows[j..j + 4].copy_from_slice(&found.map(|window| window as u32));
            j += 4;
            p += 4;
        }
        let Some(&octet) = src.get(p) else { break };
        let next = src.get(p + 1).copied();
        if octet == 255 && next.is_none_or(|next| next > 127) {
            break;
        }
        buffer = buffer << 8 | u64::from(octet);
        windows[j] = (buffer >> spare) as u32;
        j += 1;
        p += 1;
        if let (255, Some(next)) = (octet, next) {
            buffer = buffer << 7 | u64::from(next);
            p += 1;
            if spare == 0 {
                spare = 7;
            } else {
                spare -= 1;
                windows[j] = (buffer >> spare) as u32;
                j += 1;
            }
        }
    }
    for window in &mut windows[j..j + MARGIN] {
        buffer <<= 8;
        *window = (buffer >> spare) as u32;
    }
    (p, j, i64::from(spare))
}

/// The bits of one interval, to be read from any position.
#[derive(Clone, Copy)]
pub(super) struct Windows<'a> {
    windows: &'a [u32],
    /// Where the interval ends.
    pub stop: usize,
}

impl<'a> Windows<'a> {
    pub fn new(windows: &'a [u32], stop: usize) -> Self {
        Windows { windows, stop }
    }

    /// The next 25 bits, as the upper ones of 64.
    #[inline(always)]
    pub fn peek_wide(self, position: usize) -> u64 {
        self.windows
            .get(position >> 3)
            .map_or(0, |&window| u64::from(window).wrapping_shl(32 + (position & 7) as u32))
    }

    /// The next 25 bits, as the upper ones; 0 far behind the end.
    #[inline(always)]
    pub fn peek(self, position: usize) -> u32 {
        self.windows.get(position >> 3).map_or(0, |window| window << (position & 7))
    }

    /// The next 57 bits, as the upper ones.
    #[inline(always)]
    pub fn peek_far(self, position: usize) -> u64 {
        let k = position >> 3;
        match self.windows.get(k..k + 5) {
            Some(&[first, .., last]) => {
                (u64::from(first) << 32 | u64::from(last)) << (position & 7)
            }
            _ => 0,
        }
    }

    /// Reads a code that is likely to be short.
    #[inline(always)]
    pub fn any_code(
        self,
        position: usize,
        k: u32,
        most_zeros: u32,
        qbpp: u32,
    ) -> Result<(i64, usize), usize> {
        let (value, length) = short_code(self.peek_wide(position), 31 - k);
        let end = position + length as usize;
        if length > IN_WINDOW.min(most_zeros) || end > self.stop {
            return self.code(position, k, most_zeros, qbpp);
        }
        Ok((value, end))
    }

    /// Reads a code of regular mode that a short look ahead does not hold.
    #[cold]
    #[inline(never)]
    pub fn rare_code(self, start: usize, k: u32, coding: &Coding) -> Result<(i64, usize), usize> {
        self.any_code(start, k, coding.most_zeros, coding.qbpp)
    }

    /// Reads a Golomb code of limited length (A.5.3); returns its value and where it ends.
    ///
    /// # Errors
    ///
    /// Where it is no code, or a position behind the end.
    #[cold]
    #[inline(never)]
    pub fn code(
        self,
        start: usize,
        k: u32,
        most_zeros: u32,
        qbpp: u32,
    ) -> Result<(i64, usize), usize> {
        let mut position = start;
        if position > self.stop {
            return Err(position); // the code before it did not end in time
        }
        while self.peek(position) >> 31 == 0 {
            position += 1;
            if position >= self.stop {
                return Err(self.stop + 1);
            }
            if position - start > most_zeros as usize {
                return Err(position);
            }
        }
        let zeros = (position - start) as i64;
        let escaped = zeros >= i64::from(most_zeros);
        let length = if escaped { qbpp } else { k };
        position += 1;
        let bits = (u64::from(self.peek(position)) >> (32 - length)) as i64;
        position += length as usize;
        if position > self.stop {
            return Err(position);
        }
        Ok((if escaped { bits + 1 } else { (zeros << k) + bits }, position))
    }
}

/// The code that some bits begin with: its value and its length.
///
/// `shift` is 31 less the Golomb parameter. There is such a code if its length is at most what is
/// known of the bits, and 32, and the zeros that announce a value without a code.
#[inline(always)]
pub(super) fn short_code(ahead: u64, shift: u32) -> (i64, u32) {
    let top = (ahead | 1).ilog2(); // where the 1 after the zeros is
    let zeros = top ^ 63;
    let after = ahead.wrapping_shl(zeros) >> 32 & 0x7FFF_FFFF; // without the 1
    let value = (u64::from(zeros) << 31 | after).wrapping_shr(shift);
    (value as i64, 95u32.wrapping_sub(shift).wrapping_sub(top))
}

/// What waits to be written, and where.
#[derive(Clone, Copy, Default)]
pub(super) struct Pending {
    /// The words written.
    pub count: usize,
    /// The bits that wait for the next word; those above `held` have gone.
    buffer: u64,
    /// Their number, below 24.
    held: u32,
}

impl Pending {
    /// Appends up to 24 bits.
    ///
    /// The next word is written in any case, as whether it is complete is left to chance.
    #[inline(always)]
    pub fn put(self, words: &mut [u32], value: u64, length: u32) -> Self {
        let buffer = self.buffer.wrapping_shl(length) | value;
        let held = self.held.wrapping_add(length);
        let full = held >= WORD;
        let held = held.wrapping_sub(if full { WORD } else { 0 });
        words[self.count] = (buffer.wrapping_shr(held) & WORD_MASK) as u32;
        Pending { count: self.count.wrapping_add(usize::from(full)), buffer, held }
    }

    /// Appends a Golomb code of limited length, however long it is (A.5.3).
    #[cold]
    #[inline(never)]
    pub fn put_long(
        mut self,
        words: &mut [u32],
        value: u64,
        k: u32,
        most_zeros: u32,
        qbpp: u32,
    ) -> Self {
        let escaped = value >> k >= u64::from(most_zeros);
        let (mut zeros, bits, length) = if escaped {
            // 0 is never escaped: that would take a most_zeros of 0
            (most_zeros, value.wrapping_sub(1), qbpp)
        } else {
            ((value >> k) as u32, value & ((1 << k) - 1), k)
        };
        while zeros >= WORD {
            self = self.put(words, 0, WORD);
            zeros -= WORD;
        }
        self.put(words, 1, zeros + 1).put(words, bits, length)
    }

    /// Whether there is room for as many bits as there may be.
    pub fn fits(&self, words: &[u32], bits: usize) -> bool {
        let room = words.len() as i64 - self.count as i64 - 2;
        room * i64::from(WORD) >= bits as i64
    }

    /// Ends an interval, and its last word with zeros; completes its two numbers.
    pub fn finish(&mut self, words: &mut [u32], place: &mut [i64]) {
        let Pending { count, buffer, held } = *self;
        words[count] = ((buffer << (WORD - held)) & WORD_MASK) as u32;
        place[1] = i64::from(WORD) * (count as i64 - place[0]) + i64::from(held);
        *self = Pending { count: count + 1, ..Default::default() };
    }
}

/// `jpegls.stuff`: writes the octets of a scan, with stuffed bits and restart markers.
///
/// `intervals` has for each restart interval its first word and its length in bits. Returns the
/// octets written.
pub fn stuff(words: &[u32], intervals: &[i64], dst: &mut [u8]) -> i64 {
    let mut p = 0;
    for (number, place) in intervals.chunks_exact(2).enumerate() {
        if p + 4 > dst.len() {
            return OUTPUT_FULL; // a marker, the last octet, and one after 255
        }
        if number > 0 {
            dst[p] = 255;
            dst[p + 1] = 0xD0 + ((number - 1) % 8) as u8;
            p += 2;
        }
        let first = usize::try_from(place[0]).expect("a word's number");
        match stuff_interval(&words[first..], place[1], dst, p) {
            Some(end) => p = end,
            None => return OUTPUT_FULL,
        }
    }
    p as i64
}

/// Writes the octets of one interval of `left` bits from `p` on; returns where they end.
fn stuff_interval(words: &[u32], mut left: i64, dst: &mut [u8], mut p: usize) -> Option<usize> {
    let mut words = words.iter();
    let mut buffer = 0u64;
    let mut held = 0i64;
    let mut last = 0;
    while left > 0 || last == 255 {
        while held <= 40 && left > held {
            buffer = buffer << WORD | u64::from(*words.next()?);
            held += i64::from(WORD);
        }
        if held >= 32 && left >= 32 && last != 255 {
            let octets = (buffer >> (held - 32)) as u32;
            if let Some(room) = dst.get_mut(p..p + 8).filter(|_| !has_255(octets)) {
                room[..4].copy_from_slice(&octets.to_be_bytes());
                p += 4;
                held -= 32;
                left -= 32;
                last = octets as u8;
                continue;
            }
        }
        let wanted = if last == 255 { 7 } else { 8 };
        if held < wanted {
            buffer <<= WORD; // zeros fill the last octet
            held += i64::from(WORD);
        }
        held -= wanted;
        left -= wanted;
        last = (buffer >> held) as u8 & if wanted == 7 { 127 } else { 255 };
        if p + 4 > dst.len() {
            return None;
        }
        dst[p] = last;
        p += 1;
    }
    Some(p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(stuffed: &[u8], count: usize) -> (i64, Vec<u32>, Vec<i64>) {
        let mut windows = vec![0; stuffed.len() + MARGIN * count];
        let mut intervals = vec![0; 3 * count];
        let end = unstuff(stuffed, 0, &mut windows, &mut intervals);
        (end, windows, intervals)
    }

    #[test]
    fn octets_of_255() {
        for octets in [0x00FF_0000, 0xFF00_0000, 0x0000_00FF, 0xFFFF_FFFF, 0x80FF_7F01] {
            assert!(has_255(octets), "{octets:08x}");
        }
        for octets in [0, 0xFE7F_FEFE, 0x8080_8080, 0x0101_0101, 0x7F80_00FE] {
            assert!(!has_255(octets), "{octets:08x}");
        }
    }

    #[test]
    fn a_bit_is_dropped_after_255() {
        let (end, windows, intervals) = laid_out(&[0x12, 0xFF, 0x7F, 0x80, 0xFF, 0xD9], 1);
        assert_eq!((end, intervals), (4, vec![24, 55, 0]));
        let bits = Windows::new(&windows, 55);
        assert_eq!(bits.peek(24) >> 7, 0x12FF_FF00 >> 7);
        assert_eq!(bits.peek(30) >> 7, (0x12FF_FF00u32 << 6 | 1 << 5) >> 7);
        assert_eq!(bits.peek_far(24) >> 32, 0x12FF_FF00);
        assert_eq!((bits.peek(10_000), bits.peek_far(10_000)), (0, 0));
    }

    #[test]
    fn markers_come_in_turn() {
        let stuffed = [0x12, 0xFF, 0xFF, 0xD0, 0x34];
        let (end, _, intervals) = laid_out(&stuffed, 2);
        assert_eq!((end, intervals[5]), (5, 4));
        assert_eq!(laid_out(&[0x12, 0xFF, 0xD1, 0x34], 2).0, BAD_VALUE);
        assert_eq!(laid_out(&[0x12, 0xFF, 0xD9, 0x34], 2).0, TRUNCATED);
        assert_eq!(laid_out(&[0x12, 0xFF], 2).0, TRUNCATED);
        assert_eq!(laid_out(&[], 2).0, TRUNCATED);
        assert_eq!(unstuff(&stuffed, 0, &mut [0; 20], &mut [0; 3]), OUTPUT_FULL);
    }

    #[test]
    fn what_is_put_is_read_again() {
        let values = [(0, 0), (5, 0), (1, 3), (1000, 2), (70, 1), (65_535, 0), (12_345, 13)];
        let mut words = vec![0; 64];
        let mut pending = Pending::default();
        for (value, k) in values {
            pending = pending.put_long(&mut words, value, k, 31, 16);
        }
        let mut place = [0, 0];
        pending.finish(&mut words, &mut place);
        let mut octets = vec![0; 200];
        let size = stuff(&words, &place, &mut octets) as usize;
        let (end, windows, intervals) = laid_out(&octets[..size], 1);
        assert_eq!(end as usize, size);
        let windows = Windows::new(&windows, intervals[1] as usize);
        let mut position = intervals[0] as usize;
        for (value, k) in values {
            let (found, end) = windows.code(position, k, 31, 16).expect("a code");
            assert_eq!(found as u64, value);
            position = end;
        }
        assert!(windows.code(position, 0, 31, 16).is_err());
        assert_eq!(stuff(&words, &place, &mut octets[..size]), OUTPUT_FULL);
    }

    #[test]
    fn a_last_octet_of_255_is_followed_by_one_more() {
        let mut octets = [0; 9];
        assert_eq!(stuff(&[0x1234FF], &[0, 24], &mut octets), 4);
        assert_eq!(octets[..4], [0x12, 0x34, 0xFF, 0]);
    }
}
