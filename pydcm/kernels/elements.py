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
    u16x4_le,
    u16x4_u32_le,
    vr_form,
)
from pydcm.kernels.headers import (
    BIG_ENDIAN,
    IMPLICIT_VR,
    IN_ITEM,
    ITEM_DELIMITER,
    ITEM_GROUP,
    UN,
    UNDEFINED,
    header,
    looks_explicit,
    walk,
)
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import TRUNCATED

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
]

# Why `scan` stopped: state[0].
AT_END: Final = 0
AT_ITEM_DELIMITER: Final = 1
AT_UNTIL: Final = 2
ROOM_USED: Final = 3
TOO_SHORT: Final = 4
"""The element at state[1] goes on after `stop`."""


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
            if form == 2 and wide < UNDEFINED and tag < until:
                tags[k] = tag
                offsets[k] = p
                p += 12 + wide
                continue
        elif p <= last_implicit:
            group, element, low, high = u16x4_le(src, p)
            tag = group << 16 | element
            length = low | high << 16
            if tag < until and length < UNDEFINED and group != ITEM_GROUP:
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
        if tag >> 16 == ITEM_GROUP and coding & IN_ITEM:
            # An item or the sequence's delimiter imply the item's own, where it is missing.
            offsets[k] = p
            state[0] = AT_ITEM_DELIMITER
            state[1] = value if tag == ITEM_DELIMITER else p
            return k
        if tag >= until and whole:
            offsets[k] = p
            state[0] = AT_UNTIL
            state[1] = p
            return k
        if tag >> 16 == ITEM_GROUP:
            # A stray item or delimiter; what it encloses is read as elements.
            end = value
        elif length == UNDEFINED:
            inner = coding
            if vr == UN:
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
