//! Data elements of an encoded data set: where each begins (PS3.5 7).

use crate::headers::{
    coding_within_un, header, vr_form, walk, Header, BIG_ENDIAN, IMPLICIT_VR, IN_ITEM,
    ITEM_DELIMITER, ITEM_GROUP, UN, UNDEFINED,
};
use crate::load::{u16x4_le, u32_le};
use crate::reason::{AT_END, AT_ITEM_DELIMITER, AT_UNTIL, ROOM_USED, TOO_SHORT};
use crate::status::TRUNCATED;

/// The part of `src` that a call is about: none of it if the positions make no sense.
pub(crate) fn within(src: &[u8], stop: i64) -> i64 {
    stop.min(i64::try_from(src.len()).unwrap_or(i64::MAX))
}

/// Where an undefined length ends, its delimiter included (PS3.5 7.5.1).
///
/// `depth` is 1 if the value is a sequence or fragments, 2 if it is an item. A negative status
/// leaves the position of the fault in `state[1]`.
pub fn find_end(
    src: &[u8],
    start: i64,
    stop: i64,
    coding: i64,
    depth: i64,
    max_depth: i64,
    state: &mut [i64],
) -> i64 {
    walk(src, start.max(0), within(src, stop), coding, depth, max_depth, state)
}

/// Finds the elements of one data set, not those of its items (PS3.5 7.1).
///
/// `tags` takes their tags and `offsets`, which is one longer, where each header begins and, after
/// the last one, where it ends; `state` why the scan stopped, and where. The first element whose
/// tag is `until` or larger ends it. Returns the number of elements, or with a fault in an
/// undefined length its status, while `state[0]` has the number of elements before it.
#[allow(clippy::too_many_arguments)]
pub fn scan(
    src: &[u8],
    start: i64,
    stop: i64,
    coding: i64,
    until: i64,
    max_depth: i64,
    tags: &mut [i64],
    offsets: &mut [i64],
    state: &mut [i64],
) -> i64 {
    let stop = within(src, stop);
    let order = coding & (IMPLICIT_VR | BIG_ENDIAN);
    // Where the last of the common headers may begin; before the start if they are not common.
    let last_explicit = if order == 0 { stop - 12 } else { -1 };
    let last_implicit = if order == IMPLICIT_VR { stop - 8 } else { -1 };
    let mut p = start.max(0);
    for k in 0..tags.len() {
        // That a value ends within `stop` is seen in the next round.
        if p <= last_explicit {
            let (group, element, vr, length) = u16x4_le(src, p);
            let tag = i64::from(group << 16 | element);
            let form = vr_form(vr);
            if form == 1 && tag < until {
                tags[k] = tag;
                offsets[k] = p;
                p += 8 + i64::from(length);
                continue;
            }
            let wide = i64::from(u32_le(src, p + 8));
            if form == 2 && wide < UNDEFINED && tag < until {
                tags[k] = tag;
                offsets[k] = p;
                p += 12 + wide;
                continue;
            }
        } else if p <= last_implicit {
            let (group, element, low, high) = u16x4_le(src, p);
            let tag = i64::from(group << 16 | element);
            let length = i64::from(low | high << 16);
            if tag < until && length < UNDEFINED && group != ITEM_GROUP {
                tags[k] = tag;
                offsets[k] = p;
                p += 8 + length;
                continue;
            }
        } else if p + 8 > stop {
            let mut found = k;
            if p > stop && k > 0 {
                // The element before this place goes on after `stop`.
                found -= 1;
                p = offsets[found];
            }
            offsets[found] = p;
            state[0] = if p == stop { AT_END } else { TOO_SHORT };
            state[1] = p;
            return found as i64;
        }
        // Any other header.
        let Header { tag, vr, length, value, whole } = header(src, p, stop, coding);
        let delimits = tag >> 16 == i64::from(ITEM_GROUP);
        offsets[k] = p;
        state[1] = p;
        if delimits && coding & IN_ITEM != 0 {
            // An item or the sequence's delimiter imply the item's own, where it is missing.
            state[0] = AT_ITEM_DELIMITER;
            if tag == ITEM_DELIMITER {
                state[1] = value;
            }
            return k as i64;
        }
        if tag >= until && whole {
            state[0] = AT_UNTIL;
            return k as i64;
        }
        let end = if delimits {
            // A stray item or delimiter; what it encloses is read as elements.
            value
        } else if length == UNDEFINED {
            let inner = if vr == UN { coding_within_un(src, value, stop) } else { coding };
            let end = walk(src, value, stop, inner, 1, max_depth, state);
            if end < 0 && end != TRUNCATED {
                state[0] = k as i64;
                return end;
            }
            end
        } else {
            value + length
        };
        if end < 0 || end > stop || !whole {
            state[0] = TOO_SHORT;
            state[1] = p;
            return k as i64;
        }
        tags[k] = tag;
        p = end;
    }
    let mut k = tags.len();
    state[0] = ROOM_USED;
    if p > stop && k > 0 {
        k -= 1;
        p = offsets[k];
        state[0] = TOO_SHORT;
    }
    offsets[k] = p;
    state[1] = p;
    k as i64
}
