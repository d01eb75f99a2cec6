"""Entropy-coded data of JPEG scans: its markers, and its octets (ISO 10918-1 B.1.1.5).

In it an octet of 255 is followed by one of 0, so that markers can be told from data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import copy_octets, find_octet, i64
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import OUTPUT_FULL

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Int64s, Octets

__all__ = ["MARGIN", "find_markers", "unstuff"]

MARGIN = 16
"""Octets that `unstuff` needs to spare after the last interval."""


@kernel("jpegentropy.find_markers", clause="ISO 10918-1 B.1.1.3, E.1.4")
def find_markers(src: Octets, start: int, found: Int64s) -> int:
    """Find the restart markers in a scan's data, and the marker that ends it.

    Parameters
    ----------
    src : bytes
        The code stream.
    start : int
        Where the data begin.
    found : array of 64-bit integers
        Takes the offset of each marker. The last one is no restart marker, unless `found`
        is full.

    Returns
    -------
    int
        How many were found. If there is room for more, the data go on to the end of `src`
        or to the marker found last.
    """
    last = len(src) - 1
    count = 0
    p = find_octet(src, start, last, 255)
    while p < last and count < len(found):
        code = i64(src[p + 1])
        if 0 < code < 255:  # neither data nor a fill byte
            found[count] = p
            count += 1
            if not 0xD0 <= code <= 0xD7:
                return count
        p = find_octet(src, p + 1, last, 255)
    return count


@kernel("jpegentropy.unstuff", clause="ISO 10918-1 B.1.1.5")
def unstuff(src: Octets, pieces: Int64s, dst: bytearray, starts: Int64s, ends: Int64s) -> int:
    """Copy the data of restart intervals without stuffed zeros.

    Parameters
    ----------
    src : bytes
        The code stream.
    pieces : array of 64-bit integers
        Two offsets for each interval: where its data begin and end. Fill bytes may end them.
    dst : bytearray
        Takes the octets. Each interval begins a word of 32 bits, and zeros fill its last one.
        It needs as many octets as the pieces, and `MARGIN`, which are 0 in the end.
    starts : array of 64-bit integers
        Takes the word that each interval begins with.
    ends : array of 64-bit integers
        Takes the bit of `dst` that each interval ends before.

    Returns
    -------
    int
        The words written, or `OUTPUT_FULL` if there may be more.
    """
    q = 0
    for k in range(len(starts)):
        p = i64(pieces[2 * k])
        stop = i64(pieces[2 * k + 1])
        while stop > p and src[stop - 1] == 255:
            stop -= 1
        if q + (stop - p) + MARGIN > len(dst):
            return OUTPUT_FULL
        starts[k] = q >> 2
        while p < stop:
            end = find_octet(src, p, stop, 255)
            if end < stop:
                end += 1
            copy_octets(src, p, dst, q, end - p)
            q += end - p
            p = end
            if p < stop and src[p] == 0 and src[p - 1] == 255:
                p += 1
        ends[k] = 8 * q
        for spare in range(MARGIN):
            dst[q + spare] = 0
        q += -q & 3
    return q >> 2
