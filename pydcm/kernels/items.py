"""Items of sequences, and the elements in them: where each begins (PS3.5 7.5).

Positions are 0-based offsets into `src`.
"""

from __future__ import annotations

from pydcm.kernels.dialect import Int64s, Octets, u16x4_u32_le, u32x2_le, vr_form
from pydcm.kernels.elements import AT_END, ROOM_USED, TOO_SHORT
from pydcm.kernels.headers import (
    BIG_ENDIAN,
    IMPLICIT_VR,
    IN_ITEM,
    ITEM,
    ITEM_DELIMITER,
    ITEM_GROUP,
    PIXEL_DATA,
    SEQUENCE_DELIMITER,
    SQ,
    UN,
    UNDEFINED,
    header,
    looks_explicit,
    walk,
)
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import DEPTH_LIMIT

__all__ = ["scan_items", "scan_tree"]


@kernel("items.scan_items", clause="PS3.5 7.5", jit_by_default=False)
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
        if length == UNDEFINED:
            end = walk(src, value, stop, coding, 2, max_depth, state)
            if end == DEPTH_LIMIT:
                return end
            state[0] = TOO_SHORT
        if tag != ITEM or end < 0 or end > stop:
            state[1] = p
            return k
        begins[k] = value
        ends[k] = end - 8 if length == UNDEFINED else end
        p = end
    state[0] = ROOM_USED
    state[1] = p
    return len(begins)


@kernel("items.scan_tree", clause="PS3.5 7.5", jit_by_default=False)
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
    tags[0] = ITEM
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
        else:
            form = None
            tag = 0
            vr = 0
            length = 0
            value = p
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
            if limit < 0 and tag == (SEQUENCE_DELIMITER if top & 1 else ITEM_DELIMITER):
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
        elif (tag == ITEM) != (top & 1 == 1) or (top & 1 == 0 and tag >> 16 == ITEM_GROUP):
            return 0
        elif tag == ITEM or vr == SQ or (vr == 0 and length == UNDEFINED and tag != PIXEL_DATA):
            top += 1
            if top >= 2 * max_depth or (length != UNDEFINED and value + length > stop):
                return 0
            tags[row] = tag
            offsets[row] = p
            stack[2 * top] = row
            stack[2 * top + 1] = -1 if length == UNDEFINED else value + length
            row += 1
            p = value
        else:
            end = value + length
            if length == UNDEFINED:
                within = coding
                if vr == UN:
                    within = 0 if looks_explicit(src, value + 8, stop) else IMPLICIT_VR
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
