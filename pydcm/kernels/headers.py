"""Headers of data elements and items, and the end of undefined lengths (PS3.5 7.1, 7.5).

What the kernels of :mod:`~pydcm.kernels.elements` and
:mod:`~pydcm.kernels.items` are made of, written in their dialect. Positions
are 0-based offsets into `src`.
"""

from __future__ import annotations

from typing import Final

from pydcm.kernels.dialect import (
    Int64s,
    Octets,
    helper,
    u16x4_be,
    u16x4_le,
    u16x4_u32_le,
    u32_be,
    u32_le,
    u32x2_le,
    vr_form,
)
from pydcm.kernels.status import DEPTH_LIMIT, TRUNCATED, UNEXPECTED_TAG

# How a data set is encoded, and what ends it: bits of `coding`.
IMPLICIT_VR: Final = 1
BIG_ENDIAN: Final = 2
IN_ITEM: Final = 4
"""The data set is an item of undefined length, which a delimiter ends."""

ITEM_GROUP: Final = 0xFFFE
ITEM: Final = 0xFFFEE000
ITEM_DELIMITER: Final = 0xFFFEE00D
SEQUENCE_DELIMITER: Final = 0xFFFEE0DD
UNDEFINED: Final = 0xFFFFFFFF
PIXEL_DATA: Final = 0x7FE00010
# Tags of items and delimiters as one little endian number.
ITEM_LE: Final = 0xE000FFFE
SEQUENCE_DELIMITER_LE: Final = 0xE0DDFFFE
# VRs as little endian numbers.
UN: Final = 0x4E55
SQ: Final = 0x5153
A: Final = 0x41
Z: Final = 0x5A


@helper
def header(src: Octets, p: int, stop: int, coding: int) -> tuple[int, int, int, int, int]:
    """Decode any element header at `p`, of which at least 8 octets exist.

    Returns tag, VR (0 if none), length, where the value begins, and whether
    the header is whole. PS3.5 7.1.2, 7.1.3, 7.5; a header in Explicit VR whose
    VR is not two upper-case letters is read as Implicit VR, since writers exist
    that switch in the middle of a data set.
    """
    if coding & BIG_ENDIAN:
        group, element, vr, low = u16x4_be(src, p)
        (wide,) = u32_be(src, p + 4)
        vr = (vr & 255) << 8 | vr >> 8
    else:
        group, element, vr, low = u16x4_le(src, p)
        wide = vr | low << 16
    tag = group << 16 | element
    if group == ITEM_GROUP or coding & IMPLICIT_VR:
        return tag, 0, wide, p + 8, 1
    form = vr_form(vr)
    if form == 1:
        return tag, vr, low, p + 8, 1
    letters = A <= vr & 255 <= Z and A <= vr >> 8 <= Z
    if not form and not letters:
        return tag, 0, wide, p + 8, 1
    if p + 12 > stop:
        return tag, vr, low, p + 8, 0 if form else 1
    if coding & BIG_ENDIAN:
        (wide,) = u32_be(src, p + 8)
    else:
        (wide,) = u32_le(src, p + 8)
    if form or (low == 0 and wide <= stop - p - 12):
        # A VR newer than this table has the long form (PS3.5 7.1.2).
        return tag, vr, wide, p + 12, 1
    return tag, vr, low, p + 8, 1


@helper
def looks_explicit(src: Octets, p: int, stop: int) -> bool:
    """Whether the little endian header at `p` carries a VR."""
    if p + 8 > stop:
        return False
    group, _, vr, _ = u16x4_le(src, p)
    return group != ITEM_GROUP and bool(vr_form(vr))


@helper
def walk(
    src: Octets, p: int, stop: int, coding: int, depth: int, max_depth: int, state: Int64s
) -> int:
    """Return where the undefined length whose content begins at `p` is over.

    `depth` is 1 inside a sequence, where items are expected, and 2 inside an
    item, where elements are. Both kinds alternate, so that parity tells them
    apart and nothing is stacked. A negative status leaves the fault in state[1].
    """
    outer = depth - 1
    coding = coding & ~IN_ITEM
    un_depth = 0
    un_coding = 0
    # Where the last pair of common headers in an open item may begin; -1 if there is none.
    last = stop - 20 if coding == 0 and depth & 1 == 0 else -1
    while p <= last or p + 8 <= stop:
        # The common headers of Explicit VR Little Endian, decided with as few steps as
        # possible. Where a sequence begins, its first item mostly follows at once, and
        # where an item ends, the sequence ends or goes on: these are taken in pairs.
        if p <= last:
            group, element, vr, low, wide = u16x4_u32_le(src, p)
            form = vr_form(vr)
            if form == 1:
                p += 8 + low
                continue
            if form == 2 and wide < UNDEFINED:
                p += 12 + wide
                continue
            if vr == SQ and depth + 2 <= 2 * max_depth:
                first, length = u32x2_le(src, p + 12)
                if first == ITEM_LE and length == UNDEFINED:
                    depth += 2
                    p += 20
                    continue
            elif group == ITEM_GROUP and element == ITEM_DELIMITER & 0xFFFF:
                following, length = u32x2_le(src, p + 8)
                if following == SEQUENCE_DELIMITER_LE and depth - 2 > outer and not un_depth:
                    depth -= 2
                    p += 16
                    continue
                again = following == ITEM_LE and length == UNDEFINED
                if again and depth - 1 > outer and not un_depth:
                    p += 16
                    continue
        elif coding == IMPLICIT_VR and depth & 1 == 0:
            tag_le, length = u32x2_le(src, p)
            if length < UNDEFINED and tag_le & 0xFFFF != ITEM_GROUP:
                p += 8 + length
                continue
        # Any other header.
        state[1] = p
        tag, vr, length, value, whole = header(src, p, stop, coding)
        if whole == 0:
            return TRUNCATED
        if tag == SEQUENCE_DELIMITER:
            # A missing item delimiter is implied by that of the sequence.
            depth -= 1 if depth & 1 else 2
            p = value
        elif tag == ITEM_DELIMITER:
            # One too many between items is skipped.
            if not depth & 1:
                depth -= 1
            p = value
        elif tag == ITEM:
            if length != UNDEFINED:
                p = value + length
            else:
                # A missing item delimiter is implied by the next item.
                depth += depth & 1
                p = value
                if un_depth:
                    coding = un_coding & ~BIG_ENDIAN & ~IMPLICIT_VR
                    if not looks_explicit(src, p, stop):
                        coding = coding | IMPLICIT_VR
        elif depth & 1:
            return UNEXPECTED_TAG
        elif length == UNDEFINED:
            depth += 1
            if depth > 2 * max_depth:
                return DEPTH_LIMIT
            if vr == UN and un_depth == 0:
                # PS3.5 6.2.2: its content is in Implicit VR Little Endian.
                un_depth = depth
                un_coding = coding
                coding = IMPLICIT_VR
            p = value
        else:
            p = value + length
        if un_depth and depth < un_depth:
            coding = un_coding
            un_depth = 0
        if depth <= outer:
            return p
        last = stop - 20 if coding == 0 and depth & 1 == 0 else -1
    state[1] = p
    return TRUNCATED
