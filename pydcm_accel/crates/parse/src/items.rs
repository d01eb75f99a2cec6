//! Items of sequences, and the elements in them: where each begins (PS3.5 7.5).

use crate::elements::within;
use crate::headers::{
    coding_within_un, header, vr_form, walk, Header, BIG_ENDIAN, IMPLICIT_VR, IN_ITEM, ITEM,
    ITEM_DELIMITER, ITEM_GROUP, PIXEL_DATA, SEQUENCE_DELIMITER, SQ, UN, UNDEFINED,
};
use crate::load::{u16x4_le, u32_le, u32x2_le};
use crate::reason::{AT_END, ROOM_USED, TOO_SHORT};
use crate::status::DEPTH_LIMIT;

/// Finds the items of a sequence, not their elements (PS3.5 7.5).
///
/// `begins` and `ends` take where the content of each item begins and ends; `state` why the scan
/// stopped, and where. Returns the number of items before that place, or [`DEPTH_LIMIT`].
#[allow(clippy::too_many_arguments)]
pub fn scan_items(
    src: &[u8],
    start: i64,
    stop: i64,
    coding: i64,
    max_depth: i64,
    begins: &mut [i64],
    ends: &mut [i64],
    state: &mut [i64],
) -> i64 {
    let stop = within(src, stop);
    let mut p = start.max(0);
    let mut count = 0;
    for (begin, end) in begins.iter_mut().zip(ends) {
        state[0] = TOO_SHORT;
        if p + 8 > stop {
            state[0] = if p == stop { AT_END } else { TOO_SHORT };
            state[1] = p;
            return count;
        }
        let Header { tag, length, value, .. } = header(src, p, stop, coding);
        let mut after = value + length;
        if length == UNDEFINED {
            after = walk(src, value, stop, coding, 2, max_depth, state);
            if after == DEPTH_LIMIT {
                return after;
            }
            state[0] = TOO_SHORT;
        }
        if tag != ITEM || after < 0 || after > stop {
            state[1] = p;
            return count;
        }
        *begin = value;
        *end = if length == UNDEFINED { after - 8 } else { after };
        p = after;
        count += 1;
    }
    state[0] = ROOM_USED;
    state[1] = p;
    count
}

/// The rows that a scan of a tree fills.
struct Rows<'a> {
    tags: &'a mut [i64],
    offsets: &'a mut [i64],
    nexts: &'a mut [i64],
    count: usize,
}

impl Rows<'_> {
    /// Adds a row that `nexts` is told about later.
    #[inline(always)]
    fn open(&mut self, tag: i64, offset: i64) {
        self.tags[self.count] = tag;
        self.offsets[self.count] = offset;
        self.count += 1;
    }

    /// Adds a row that holds no other.
    #[inline(always)]
    fn add(&mut self, tag: i64, offset: i64) {
        self.nexts[self.count] = self.count as i64 + 1;
        self.open(tag, offset);
    }
}

/// Finds the elements of one item, and of the items in it at every depth (PS3.5 7.5).
///
/// The rows are in the order of the file; for each its tag, where its header begins, and the row
/// after everything that it holds. After an item's last element follows a row of tag -1. `stack`
/// has room for `4 * max_depth + 4` numbers; `state[0]` tells how it went. Returns the number of
/// rows, zero if it did not reach the end.
#[allow(clippy::too_many_arguments)]
pub fn scan_tree(
    src: &[u8],
    start: i64,
    stop: i64,
    coding: i64,
    max_depth: i64,
    tags: &mut [i64],
    offsets: &mut [i64],
    nexts: &mut [i64],
    stack: &mut [i64],
    state: &mut [i64],
) -> i64 {
    let stop = within(src, stop);
    let room = tags.len();
    let plain = coding & (IMPLICIT_VR | BIG_ENDIAN) == 0;
    let mut rows = Rows { tags, offsets, nexts, count: 0 };
    rows.open(ITEM, start - 8);
    // What is open: an item at even places, a sequence at odd ones. For each the row, and where
    // it ends, which is -1 for an undefined length.
    let mut top: usize = 0;
    stack[0] = 0;
    stack[1] = if coding & IN_ITEM != 0 { -1 } else { stop };
    let mut limit = stack[1];
    // Where the last plain header in the open item may begin; -1 if there is none.
    let mut last = if plain { stop - 12 } else { -1 };
    let mut p = start.max(0);
    state[0] = TOO_SHORT;
    while rows.count + 1 < room {
        let mut form = None;
        let (mut tag, mut vr, mut length, mut value) = (0, 0, 0, p);
        if p <= last {
            let (group, element, found, low) = u16x4_le(src, p);
            tag = i64::from(group << 16 | element);
            let kind = vr_form(found);
            if kind == 1 {
                rows.add(tag, p);
                p += 8 + i64::from(low);
                continue;
            }
            length = i64::from(u32_le(src, p + 8));
            vr = found;
            value = p + 12;
            form = (kind != 0).then_some(kind);
        }
        let in_sequence = top & 1 == 1;
        let mut closes = p == limit;
        if !closes {
            if p + 8 > stop || (limit >= 0 && p > limit) {
                return 0;
            }
            if in_sequence && coding & BIG_ENDIAN == 0 {
                let (tag_le, wide) = u32x2_le(src, p);
                tag = i64::from((tag_le & 0xFFFF) << 16 | tag_le >> 16);
                length = wide.into();
                value = p + 8;
            } else if form.is_none() {
                let found = header(src, p, stop, coding);
                if !found.whole {
                    return 0;
                }
                Header { tag, vr, length, value, .. } = found;
            }
            let delimiter = if in_sequence { SEQUENCE_DELIMITER } else { ITEM_DELIMITER };
            closes = limit < 0 && tag == delimiter;
        }
        if closes {
            if !in_sequence {
                rows.add(-1, p);
            }
            rows.nexts[stack[2 * top] as usize] = rows.count as i64;
            if limit < 0 {
                p = value;
            }
            if top == 0 {
                state[0] = AT_END;
                return rows.count as i64;
            }
            top -= 1;
        } else if (tag == ITEM) != in_sequence
            || (!in_sequence && tag >> 16 == i64::from(ITEM_GROUP))
        {
            return 0;
        } else if tag == ITEM || vr == SQ || (vr == 0 && length == UNDEFINED && tag != PIXEL_DATA) {
            top += 1;
            let too_deep = top as i64 >= max_depth.saturating_mul(2);
            if too_deep || (length != UNDEFINED && value + length > stop) {
                return 0;
            }
            stack[2 * top] = rows.count as i64;
            stack[2 * top + 1] = if length == UNDEFINED { -1 } else { value + length };
            rows.open(tag, p);
            p = value;
        } else {
            let mut end = value + length;
            if length == UNDEFINED {
                let inner = if vr == UN { coding_within_un(src, value, stop) } else { coding };
                end = walk(src, value, stop, inner, 1, max_depth, state);
                state[0] = TOO_SHORT;
                if end < 0 {
                    return 0;
                }
            }
            rows.add(tag, p);
            p = end;
            continue;
        }
        limit = stack[2 * top + 1];
        let in_item = top & 1 == 0;
        last = if !in_item || !plain { -1 } else { (if limit < 0 { stop } else { limit }) - 12 };
    }
    state[0] = ROOM_USED;
    0
}
