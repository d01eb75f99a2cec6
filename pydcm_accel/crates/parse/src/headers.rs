//! Headers of data elements and items, and the end of undefined lengths (PS3.5 7.1, 7.5).

use crate::load::{u16x4_be, u16x4_le, u32_be, u32_le, u32x2_le};
use crate::status::{DEPTH_LIMIT, TRUNCATED, UNEXPECTED_TAG};

/// A bit of `coding`: Implicit VR.
pub const IMPLICIT_VR: i64 = 1;
/// A bit of `coding`: the most significant octet comes first.
pub const BIG_ENDIAN: i64 = 2;
/// A bit of `coding`: the data set is an item of undefined length, which a delimiter ends.
pub const IN_ITEM: i64 = 4;

pub(crate) const ITEM_GROUP: u32 = 0xFFFE;
pub(crate) const ITEM: i64 = 0xFFFE_E000;
pub(crate) const ITEM_DELIMITER: i64 = 0xFFFE_E00D;
pub(crate) const SEQUENCE_DELIMITER: i64 = 0xFFFE_E0DD;
pub(crate) const UNDEFINED: i64 = 0xFFFF_FFFF;
pub(crate) const PIXEL_DATA: i64 = 0x7FE0_0010;
const ITEM_LE: u32 = 0xE000_FFFE;
const SEQUENCE_DELIMITER_LE: u32 = 0xE0DD_FFFE;
// VRs, the first letter in the low octet.
pub(crate) const UN: u32 = 0x4E55;
pub(crate) const SQ: u32 = 0x5153;

/// VRs with a 16-bit length field (PS3.5 7.1.2, Table 7.1-2).
const SHORT_VRS: [&[u8; 2]; 21] = [
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN",
    b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US",
];
/// VRs with two reserved octets and a 32-bit length field (PS3.5 7.1.2, Table 7.1-1).
const LONG_VRS: [&[u8; 2]; 13] =
    [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"];

static FORMS: [u8; 1 << 16] = {
    let mut forms = [0; 1 << 16];
    let mut k = 0;
    while k < SHORT_VRS.len() {
        forms[u16::from_le_bytes(*SHORT_VRS[k]) as usize] = 1;
        k += 1;
    }
    k = 0;
    while k < LONG_VRS.len() {
        forms[u16::from_le_bytes(*LONG_VRS[k]) as usize] = 2;
        k += 1;
    }
    forms
};

/// 1 for a VR of the short form, 2 for one of the long form, 0 for no VR.
#[inline(always)]
pub(crate) fn vr_form(vr: u32) -> u8 {
    FORMS[usize::from(vr as u16)]
}

/// The header of an element or an item.
pub(crate) struct Header {
    pub tag: i64,
    /// Zero if the header has none.
    pub vr: u32,
    pub length: i64,
    /// Where the value begins.
    pub value: i64,
    pub whole: bool,
}

/// Decodes any header at `p`, of which at least 8 octets exist (PS3.5 7.1.2, 7.1.3, 7.5).
///
/// One in Explicit VR whose VR is not two upper-case letters is read as Implicit VR.
pub(crate) fn header(src: &[u8], p: i64, stop: i64, coding: i64) -> Header {
    let big = coding & BIG_ENDIAN != 0;
    let (group, element, vr, low, wide) = if big {
        let (group, element, vr, low) = u16x4_be(src, p);
        (group, element, (vr & 255) << 8 | vr >> 8, low, u32_be(src, p + 4))
    } else {
        let (group, element, vr, low) = u16x4_le(src, p);
        (group, element, vr, low, vr | low << 16)
    };
    let tag = i64::from(group << 16 | element);
    let short = |vr: u32, length: u32, whole: bool| Header {
        tag,
        vr,
        length: length.into(),
        value: p + 8,
        whole,
    };
    if group == ITEM_GROUP || coding & IMPLICIT_VR != 0 {
        return short(0, wide, true);
    }
    let form = vr_form(vr);
    if form == 1 {
        return short(vr, low, true);
    }
    let letter = |octet: u32| (0x41..=0x5A).contains(&octet);
    if form == 0 && !(letter(vr & 255) && letter(vr >> 8)) {
        return short(0, wide, true);
    }
    if p + 12 > stop {
        return short(vr, low, form == 0);
    }
    let wide = if big { u32_be(src, p + 8) } else { u32_le(src, p + 8) };
    if form != 0 || (low == 0 && i64::from(wide) <= stop - p - 12) {
        // A VR newer than this table has the long form (PS3.5 7.1.2).
        return Header { tag, vr, length: wide.into(), value: p + 12, whole: true };
    }
    short(vr, low, true)
}

/// Whether the little endian header at `p` carries a VR.
pub(crate) fn looks_explicit(src: &[u8], p: i64, stop: i64) -> bool {
    if p + 8 > stop {
        return false;
    }
    let (group, _, vr, _) = u16x4_le(src, p);
    group != ITEM_GROUP && vr_form(vr) != 0
}

/// The coding of what a UN of undefined length holds (PS3.5 6.2.2), and what some write there.
pub(crate) fn coding_within_un(src: &[u8], value: i64, stop: i64) -> i64 {
    if looks_explicit(src, value + 8, stop) {
        0
    } else {
        IMPLICIT_VR
    }
}

/// Where the undefined length whose content begins at `p` is over.
///
/// `depth` is 1 inside a sequence, where items are expected, and 2 inside an item, where elements
/// are: parity tells them apart. A negative status leaves the fault in `state[1]`.
pub(crate) fn walk(
    src: &[u8],
    start: i64,
    stop: i64,
    coding: i64,
    depth: i64,
    max_depth: i64,
    state: &mut [i64],
) -> i64 {
    let outer = depth - 1;
    let mut p = start;
    let mut depth = depth;
    let mut coding = coding & !IN_ITEM;
    let mut un_depth = 0;
    let mut un_coding = 0;
    // Where the last pair of common headers in an open item may begin; -1 if there is none.
    let last_pair =
        |coding: i64, depth: i64| if coding == 0 && depth & 1 == 0 { stop - 20 } else { -1 };
    let mut last = last_pair(coding, depth);
    while p <= last || p + 8 <= stop {
        if p <= last {
            // Explicit VR Little Endian; items that begin or end are taken in pairs.
            let (group, element, vr, low) = u16x4_le(src, p);
            let form = vr_form(vr);
            if form == 1 {
                p += 8 + i64::from(low);
                continue;
            }
            let wide = i64::from(u32_le(src, p + 8));
            if form == 2 && wide < UNDEFINED {
                p += 12 + wide;
                continue;
            }
            if vr == SQ && depth + 2 <= max_depth.saturating_mul(2) {
                let (first, length) = u32x2_le(src, p + 12);
                if first == ITEM_LE && i64::from(length) == UNDEFINED {
                    depth += 2;
                    p += 20;
                    continue;
                }
            } else if group == ITEM_GROUP && i64::from(element) == ITEM_DELIMITER & 0xFFFF {
                let (following, length) = u32x2_le(src, p + 8);
                if following == SEQUENCE_DELIMITER_LE && depth - 2 > outer && un_depth == 0 {
                    depth -= 2;
                    p += 16;
                    continue;
                }
                let again = following == ITEM_LE && i64::from(length) == UNDEFINED;
                if again && depth - 1 > outer && un_depth == 0 {
                    p += 16;
                    continue;
                }
            }
        } else if coding == IMPLICIT_VR && depth & 1 == 0 {
            let (tag, length) = u32x2_le(src, p);
            if i64::from(length) < UNDEFINED && tag & 0xFFFF != ITEM_GROUP {
                p += 8 + i64::from(length);
                continue;
            }
        }
        // Any other header.
        state[1] = p;
        let Header { tag, vr, length, value, whole } = header(src, p, stop, coding);
        if !whole {
            return TRUNCATED;
        }
        p = value;
        if tag == SEQUENCE_DELIMITER {
            // A missing item delimiter is implied by that of the sequence.
            depth -= if depth & 1 == 1 { 1 } else { 2 };
        } else if tag == ITEM_DELIMITER {
            // One too many between items is skipped.
            depth -= 1 - (depth & 1);
        } else if tag == ITEM {
            if length != UNDEFINED {
                p = value + length;
            } else {
                // A missing item delimiter is implied by the next item.
                depth += depth & 1;
                if un_depth != 0 {
                    coding = un_coding & !BIG_ENDIAN & !IMPLICIT_VR;
                    if !looks_explicit(src, p, stop) {
                        coding |= IMPLICIT_VR;
                    }
                }
            }
        } else if depth & 1 == 1 {
            return UNEXPECTED_TAG;
        } else if length == UNDEFINED {
            depth += 1;
            if depth > max_depth.saturating_mul(2) {
                return DEPTH_LIMIT;
            }
            if vr == UN && un_depth == 0 {
                // PS3.5 6.2.2: its content is in Implicit VR Little Endian.
                un_depth = depth;
                un_coding = coding;
                coding = IMPLICIT_VR;
            }
        } else {
            p = value + length;
        }
        if un_depth != 0 && depth < un_depth {
            coding = un_coding;
            un_depth = 0;
        }
        if depth <= outer {
            return p;
        }
        last = last_pair(coding, depth);
    }
    state[1] = p;
    TRUNCATED
}
