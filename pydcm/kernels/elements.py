"""Data elements of an encoded data set: where each begins (PS3.5 7).

The kernels find elements and items and say nothing about values. They run
over the header octets only: a defined length is jumped over, an undefined
length is walked to its delimiter without recursion.

Positions are 0-based offsets into `src`.
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
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import DEPTH_LIMIT, TRUNCATED, UNEXPECTED_TAG

__all__ = [
    "AT_END",
    "AT_ITEM_DELIMITER",
    "AT_UNTIL",
    "BIG_ENDIAN",
    "IMPLICIT_VR",
    "IN_ITEM",
    "ROOM_USED",
    "TOO_SHORT",
    "find_end",
    "scan",
    "scan_items",
    "scan_tree",
]

# How a data set is encoded, and what ends it: bits of `coding`.
IMPLICIT_VR: Final = 1
BIG_ENDIAN: Final = 2
IN_ITEM: Final = 4
"""The data set is an item of undefined length, which a delimiter ends."""

# Why `scan` stopped: state[0].
AT_END: Final = 0
AT_ITEM_DELIMITER: Final = 1
AT_UNTIL: Final = 2
ROOM_USED: Final = 3
TOO_SHORT: Final = 4
"""The element at state[1] goes on after `stop`."""

_ITEM_GROUP: Final = 0xFFFE
_ITEM: Final = 0xE000
_ITEM_DELIMITER: Final = 0xE00D
_SEQUENCE_DELIMITER: Final = 0xE0DD
_UNDEFINED: Final = 0xFFFFFFFF
_ITEM_TAG: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_PIXEL_DATA: Final = 0x7FE00010
# Tags of items and delimiters as one little endian number.
_ITEM_LE: Final = 0xE000FFFE
_SEQUENCE_DELIMITER_LE: Final = 0xE0DDFFFE
# VRs as little endian numbers.
_UN: Final = 0x4E55
_SQ: Final = 0x5153
_A: Final = 0x41
_Z: Final = 0x5A


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
    if group == _ITEM_GROUP or coding & IMPLICIT_VR:
        return tag, 0, wide, p + 8, 1
    form = vr_form(vr)
    if form == 1:
        return tag, vr, low, p + 8, 1
    letters = _A <= vr & 255 <= _Z and _A <= vr >> 8 <= _Z
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
    return group != _ITEM_GROUP and bool(vr_form(vr))


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
            if form == 2 and wide < _UNDEFINED:
                p += 12 + wide
                continue
            if vr == _SQ and depth + 2 <= 2 * max_depth:
                first, length = u32x2_le(src, p + 12)
                if first == _ITEM_LE and length == _UNDEFINED:
                    depth += 2
                    p += 20
                    continue
            elif group == _ITEM_GROUP and element == _ITEM_DELIMITER:
                following, length = u32x2_le(src, p + 8)
                if following == _SEQUENCE_DELIMITER_LE and depth - 2 > outer and not un_depth:
                    depth -= 2
                    p += 16
                    continue
                again = following == _ITEM_LE and length == _UNDEFINED
                if again and depth - 1 > outer and not un_depth:
                    p += 16
                    continue
        elif coding == IMPLICIT_VR and depth & 1 == 0:
            tag_le, length = u32x2_le(src, p)
            if length < _UNDEFINED and tag_le & 0xFFFF != _ITEM_GROUP:
                p += 8 + length
                continue
        # Any other header.
        state[1] = p
        tag, vr, length, value, whole = header(src, p, stop, coding)
        if whole == 0:
            return TRUNCATED
        if tag == (_ITEM_GROUP << 16 | _SEQUENCE_DELIMITER):
            # A missing item delimiter is implied by that of the sequence.
            depth -= 1 if depth & 1 else 2
            p = value
        elif tag == (_ITEM_GROUP << 16 | _ITEM_DELIMITER):
            # One too many between items is skipped.
            if not depth & 1:
                depth -= 1
            p = value
        elif tag == (_ITEM_GROUP << 16 | _ITEM):
            if length != _UNDEFINED:
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
        elif length == _UNDEFINED:
            depth += 1
            if depth > 2 * max_depth:
                return DEPTH_LIMIT
            if vr == _UN and un_depth == 0:
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


@kernel("elements.find_end", clause="PS3.5 7.5.1", jit_by_default=False)
def find_end(
    src: Octets, start: int, stop: int, coding: int, depth: int, max_depth: int, state: Int64s
) -> int:
    """Return where an undefined length ends, its delimiter included.

    Parameters
    ----------
    src : Octets
        The encoded data set.
    start : int
        Where the value of undefined length begins.
    stop : int
        Nothing is read from here on.
    coding : int
        ``IMPLICIT_VR | BIG_ENDIAN`` as it applies.
    depth : int
        1 if the value is a sequence or fragments, 2 if it is an item.
    max_depth : int
        Nesting that is refused.
    state : Int64s
        Two numbers; the second receives the position of a fault.

    Returns
    -------
    int
        The position after the delimiter; TRUNCATED, UNEXPECTED_TAG or DEPTH_LIMIT.
    """
    return walk(src, start, stop, coding, depth, max_depth, state)


@helper
def scan_level(
    src: Octets,
    p: int,
    stop: int,
    coding: int,
    until: int,
    max_depth: int,
    tags: Int64s,
    offsets: Int64s,
    row: int,
    state: Int64s,
) -> int:
    """Find the elements of one data set; the body of :func:`scan`, from any row on."""
    # Where the last of the common headers may begin; before the start if they are not common.
    order = coding & (IMPLICIT_VR | BIG_ENDIAN)
    last_explicit = stop - 12 if order == 0 else -1
    last_implicit = stop - 8 if order == IMPLICIT_VR else -1
    for k in range(row, len(tags)):
        # The common headers, decided with as few steps as possible. That a value ends
        # within `stop` is seen in the next round.
        if p <= last_explicit:
            group, element, vr, length, wide = u16x4_u32_le(src, p)
            tag = group << 16 | element
            form = vr_form(vr)
            if form == 1 and tag < until:
                tags[k] = tag
                offsets[k] = p
                p += 8 + length
                continue
            if form == 2 and wide < _UNDEFINED and tag < until:
                tags[k] = tag
                offsets[k] = p
                p += 12 + wide
                continue
        elif p <= last_implicit:
            group, element, low, high = u16x4_le(src, p)
            tag = group << 16 | element
            length = low | high << 16
            if tag < until and length < _UNDEFINED and group != _ITEM_GROUP:
                tags[k] = tag
                offsets[k] = p
                p += 8 + length
                continue
        elif p + 8 > stop:
            found = k
            if p > stop:
                # The element before this place goes on after `stop`.
                found -= 1
                p = offsets[found]
            offsets[found] = p
            state[0] = AT_END if p == stop else TOO_SHORT
            state[1] = p
            return found
        # Any other header.
        tag, vr, length, value, whole = header(src, p, stop, coding)
        if tag >> 16 == _ITEM_GROUP and coding & IN_ITEM:
            # An item or the sequence's delimiter imply the item's own, where it is missing.
            offsets[k] = p
            state[0] = AT_ITEM_DELIMITER
            state[1] = value if tag == (_ITEM_GROUP << 16 | _ITEM_DELIMITER) else p
            return k
        if tag >= until and whole:
            offsets[k] = p
            state[0] = AT_UNTIL
            state[1] = p
            return k
        if tag >> 16 == _ITEM_GROUP:
            # A stray item or delimiter; what it encloses is read as elements.
            end = value
        elif length == _UNDEFINED:
            inner = coding
            if vr == _UN:
                inner = 0 if looks_explicit(src, value + 8, stop) else IMPLICIT_VR
            end = walk(src, value, stop, inner, 1, max_depth, state)
            if end < 0 and end != TRUNCATED:
                offsets[k] = p
                state[0] = k
                return end
        else:
            end = value + length
        if end < 0 or end > stop or whole == 0:
            offsets[k] = p
            state[0] = TOO_SHORT
            state[1] = p
            return k
        tags[k] = tag
        offsets[k] = p
        p = end
    k = len(tags)
    state[0] = ROOM_USED
    if p > stop:
        k -= 1
        p = offsets[k]
        state[0] = TOO_SHORT
    offsets[k] = p
    state[1] = p
    return k


@kernel("elements.scan", clause="PS3.5 7.1", jit_by_default=False)
def scan(
    src: Octets,
    start: int,
    stop: int,
    coding: int,
    until: int,
    max_depth: int,
    tags: Int64s,
    offsets: Int64s,
    state: Int64s,
) -> int:
    """Find the elements of one data set, not those of its items.

    Parameters
    ----------
    src : Octets
        The encoded data set.
    start : int
        Where its first element begins.
    stop : int
        Where it ends.
    coding : int
        ``IMPLICIT_VR | BIG_ENDIAN | IN_ITEM`` as it applies.
    until : int
        The first element with this tag or a larger one ends the scan.
    max_depth : int
        Nesting of undefined lengths that is refused.
    tags : Int64s
        Receives the tag of each element.
    offsets : Int64s
        Receives where each element's header begins, and after the last one
        where it ends; one longer than `tags`.
    state : Int64s
        Receives why the scan stopped (``AT_END`` …) and where.

    Returns
    -------
    int
        The number of elements, or with a fault in an undefined length, whose
        position is then in state[1], UNEXPECTED_TAG or DEPTH_LIMIT; the elements
        found before it are in `tags` and `offsets` and their number in state[0].
    """
    return scan_level(src, start, stop, coding, until, max_depth, tags, offsets, 0, state)


@kernel("elements.scan_items", clause="PS3.5 7.5", jit_by_default=False)
def scan_items(
    src: Octets,
    start: int,
    stop: int,
    coding: int,
    max_depth: int,
    begins: Int64s,
    ends: Int64s,
    state: Int64s,
) -> int:
    """Find the items of a sequence, not their elements.

    Parameters
    ----------
    src : Octets
        The encoded data set.
    start, stop : int
        The sequence's value, without a closing delimiter.
    coding : int
        ``IMPLICIT_VR | BIG_ENDIAN`` as it applies.
    max_depth : int
        Nesting of undefined lengths that is refused.
    begins, ends : Int64s
        Receive where each item's content begins, 8 octets after its header, and
        ends, before any delimiter.
    state : Int64s
        Receives why the scan stopped, and where: AT_END; ROOM_USED or TOO_SHORT
        at the header of an item that needs more room, or that is not whole.

    Returns
    -------
    int
        The number of items before that place, or DEPTH_LIMIT.
    """
    p = start
    for k in range(len(begins)):
        state[0] = TOO_SHORT
        if p + 8 > stop:
            state[0] = AT_END if p == stop else TOO_SHORT
            state[1] = p
            return k
        tag, _, length, value, _ = header(src, p, stop, coding)
        end = value + length
        if length == _UNDEFINED:
            end = walk(src, value, stop, coding, 2, max_depth, state)
            if end == DEPTH_LIMIT:
                return end
            state[0] = TOO_SHORT
        if tag != (_ITEM_GROUP << 16 | _ITEM) or end < 0 or end > stop:
            state[1] = p
            return k
        begins[k] = value
        ends[k] = end - 8 if length == _UNDEFINED else end
        p = end
    state[0] = ROOM_USED
    state[1] = p
    return len(begins)


@kernel("elements.scan_tree", clause="PS3.5 7.5", jit_by_default=False)
def scan_tree(
    src: Octets,
    start: int,
    stop: int,
    coding: int,
    max_depth: int,
    tags: Int64s,
    offsets: Int64s,
    nexts: Int64s,
    stack: Int64s,
    state: Int64s,
) -> int:
    """Find the elements of one item, and of the items in it at every depth.

    The rows are in the order of the file: the item, its elements, each sequence
    followed by its items, and after an item's last element a row of tag -1 that
    holds where they end. A sequence of defined length whose VR is not in its
    header gets no items.

    Parameters
    ----------
    src : Octets
        The encoded data set.
    start, stop : int
        The item's content; with its delimiter if its length is undefined.
    coding : int
        ``IMPLICIT_VR | BIG_ENDIAN | IN_ITEM`` as it applies.
    max_depth : int
        Nesting of sequences that is refused.
    tags, offsets, nexts : Int64s
        Receive for each row its tag, where its header begins, and the row after
        everything that it holds.
    stack : Int64s
        Room for ``4 * max_depth + 4`` numbers.
    state : Int64s
        Receives how it went: AT_END; ROOM_USED if the rows do not fit; or
        TOO_SHORT if anything is not as PS3.5 7.5 demands.

    Returns
    -------
    int
        The number of rows, zero if it did not reach the end.
    """
    plain = coding & (IMPLICIT_VR | BIG_ENDIAN) == 0
    tags[0] = _ITEM_GROUP << 16 | _ITEM
    offsets[0] = start - 8
    row = 1
    # What is open: an item at even places, a sequence at odd ones. For each the row, and
    # where it ends, which is -1 for an undefined length.
    top = 0
    stack[0] = 0
    stack[1] = -1 if coding & IN_ITEM else stop
    limit = stack[1]
    # Where the last plain header in the open item may begin; -1 if there is none.
    last = stop - 12 if plain else -1
    p = start
    state[0] = TOO_SHORT
    while row + 1 < len(tags):
        form = None
        tag = 0
        vr = 0
        length = 0
        value = p
        if p <= last:
            group, element, vr, low, length = u16x4_u32_le(src, p)
            tag = group << 16 | element
            form = vr_form(vr)
            if form == 1:
                tags[row] = tag
                offsets[row] = p
                row += 1
                nexts[row - 1] = row
                p += 8 + low
                continue
            value = p + 12
        closes = p == limit
        if not closes:
            if p + 8 > stop or (limit >= 0 and p > limit):
                return 0
            whole = 1
            if top & 1 and coding & BIG_ENDIAN == 0:
                tag_le, length = u32x2_le(src, p)
                tag = (tag_le & 0xFFFF) << 16 | tag_le >> 16
                value = p + 8
            elif form is None or form == 0:
                tag, vr, length, value, whole = header(src, p, stop, coding)
            if whole == 0:
                return 0
            if limit < 0 and tag == (_SEQUENCE_END if top & 1 else _ITEM_END):
                closes = True
        if closes:
            if top & 1 == 0:
                tags[row] = -1
                offsets[row] = p
                nexts[row] = row + 1
                row += 1
            nexts[stack[2 * top]] = row
            if limit < 0:
                p = value
            if top == 0:
                state[0] = AT_END
                return row
            top -= 1
        elif (tag == _ITEM_TAG) != (top & 1 == 1) or (top & 1 == 0 and tag >> 16 == _ITEM_GROUP):
            return 0
        elif (
            tag == _ITEM_TAG
            or vr == _SQ
            or (vr == 0 and length == _UNDEFINED and tag != _PIXEL_DATA)
        ):
            top += 1
            if top >= 2 * max_depth or (length != _UNDEFINED and value + length > stop):
                return 0
            tags[row] = tag
            offsets[row] = p
            stack[2 * top] = row
            stack[2 * top + 1] = -1 if length == _UNDEFINED else value + length
            row += 1
            p = value
        else:
            end = value + length
            if length == _UNDEFINED:
                within = coding
                if vr == _UN and not looks_explicit(src, value + 8, stop):
                    within = IMPLICIT_VR
                end = walk(src, value, stop, within, 1, max_depth, state)
                state[0] = TOO_SHORT
                if end < 0:
                    return 0
            tags[row] = tag
            offsets[row] = p
            nexts[row] = row + 1
            row += 1
            p = end
            continue
        limit = stack[2 * top + 1]
        last = -1 if top & 1 or not plain else (stop if limit < 0 else limit) - 12
    state[0] = ROOM_USED
    return 0
