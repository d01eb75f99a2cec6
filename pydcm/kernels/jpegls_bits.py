"""The bits of a JPEG-LS scan: octets with stuffed bits to plain ones and back (ISO 14495-1 A.1).

In a scan an octet of 255 is followed by a bit of 0, so that markers can be told from data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import helper, i64
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells, Int64s, Octets

__all__ = ["MARGIN", "WORD", "long_code", "put", "put_long", "stuff", "unstuff"]

MARGIN = 16
"""Windows after the last octet of an interval, so that a code may be read past its end."""

WORD = 24
"""Bits in each word of what an encoder writes."""


@kernel("jpegls.unstuff", clause="ISO 14495-1 A.1")
def unstuff(src: Octets, start: int, windows: Cells, intervals: Int64s) -> int:
    """Lay out the bits of a scan so that one load yields the next 25 of them.

    A window is the 32 bits that end with an octet; zeros follow the last octet.
    Position ``p`` is bit ``p % 8`` of window ``p // 8``.

    Parameters
    ----------
    src : bytes
        The code stream.
    start : int
        The first octet of the scan's data.
    windows : array of 32-bit unsigned integers
        Takes the windows; needs one element for each octet from `start` on, and
        `MARGIN` for each interval.
    intervals : array of 64-bit integers
        Takes three numbers for each restart interval that is expected: the
        positions where it begins and ends, and its first octet in `src`.

    Returns
    -------
    int
        Where the scan's data end in `src`: at a marker, or at the end of `src`.
        `BAD_VALUE` if a restart marker comes out of turn, `TRUNCATED` if
        intervals are missing, `OUTPUT_FULL` if `windows` is too short.
    """
    size = len(src)
    expected = len(intervals) // 3
    if len(windows) < size - start + MARGIN * expected:
        return OUTPUT_FULL
    p = start
    j = 0
    for interval in range(expected):
        if interval > 0:  # RST0 to RST7 in turn (ISO 10918-1 B.1.1.3)
            while p + 1 < size and src[p + 1] == 255:  # fill octets
                p += 1
            if p + 1 >= size:
                return TRUNCATED
            marker = i64(src[p + 1])
            if marker != 0xD0 + (interval - 1) % 8:
                return BAD_VALUE if 0xD0 <= marker <= 0xD7 else TRUNCATED
            p += 2
        intervals[3 * interval] = 8 * (j + 3)
        intervals[3 * interval + 2] = p
        buffer = 0
        spare = 0  # bits in the buffer after the last whole octet
        while p < size:
            octet = i64(src[p])
            if octet == 255 and (p + 1 >= size or src[p + 1] > 127):
                break
            buffer = (buffer << 8 | octet) & 0xFFFFFFFFFF
            windows[j] = (buffer >> spare) & 0xFFFFFFFF
            j += 1
            p += 1
            if octet == 255:
                buffer = (buffer << 7 | i64(src[p])) & 0xFFFFFFFFFF
                p += 1
                spare -= 1
                if spare < 0:
                    spare = 7
                else:
                    windows[j] = (buffer >> spare) & 0xFFFFFFFF
                    j += 1
        intervals[3 * interval + 1] = 8 * (j + 3) + spare
        for _ in range(MARGIN):
            buffer = (buffer << 8) & 0xFFFFFFFFFF
            windows[j] = (buffer >> spare) & 0xFFFFFFFF
            j += 1
    return p


@helper
def long_code(
    windows: Cells, position: int, stop: int, k: int, most_zeros: int, qbpp: int
) -> tuple[int, int]:
    """Decode one limited-length Golomb code of any length (A.5.3).

    Parameters
    ----------
    windows : array of 32-bit unsigned integers
        The bits, as `unstuff` lays them out.
    position, stop : int
        Where the code begins, and where the interval ends.
    k : int
        The Golomb parameter, at most 25.
    most_zeros : int
        The zeros that announce a value of `qbpp` bits.
    qbpp : int
        The bits of such a value.

    Returns
    -------
    value, position : int
        The value and where the next code begins; or -1 and where it is no code, or a
        position after `stop`.
    """
    q = 0
    while not (i64(windows[position >> 3]) >> (31 - (position & 7))) & 1:
        q += 1
        position += 1
        if position >= stop:
            return -1, stop + 1
        if q > most_zeros:
            return -1, position
    position += 1
    n = k if q < most_zeros else qbpp
    window = (i64(windows[position >> 3]) << (position & 7)) & 0xFFFFFFFF
    value = window >> (32 - n)
    if q < most_zeros:
        return (q << k) + value, position + n
    return value + 1, position + n


@helper
def put(
    words: Cells, count: int, buffer: int, held: int, value: int, length: int
) -> tuple[int, int, int]:
    """Append up to 24 bits, of which fewer than 24 are in `buffer` before and after."""
    buffer = buffer << length | value
    held += length
    if held >= WORD:
        held -= WORD
        words[count] = buffer >> held
        buffer &= (1 << held) - 1
        count += 1
    return count, buffer, held


@helper
def put_long(
    words: Cells,
    count: int,
    buffer: int,
    held: int,
    MErrval: int,
    k: int,
    most_zeros: int,
    qbpp: int,
) -> tuple[int, int, int]:
    """Append the limited-length Golomb code of `MErrval`, however long it is (A.5.3)."""
    q = MErrval >> k
    value = MErrval & ((1 << k) - 1)
    if q >= most_zeros:
        q = most_zeros
        value = MErrval - 1
        k = qbpp
    while q >= WORD:
        count, buffer, held = put(words, count, buffer, held, 0, WORD)
        q -= WORD
    count, buffer, held = put(words, count, buffer, held, 1, q + 1)
    return put(words, count, buffer, held, value, k)


@kernel("jpegls.stuff", clause="ISO 14495-1 A.1")
def stuff(words: Cells, intervals: Int64s, dst: bytearray) -> int:
    """Write the octets of a scan, with stuffed bits and restart markers.

    Parameters
    ----------
    words : array of 32-bit unsigned integers
        The bits, `WORD` in each element, the most significant first.
    intervals : array of 64-bit integers
        Two numbers for each restart interval: its first word, and its length in bits.
    dst : bytearray
        Takes the octets. Zeros fill the last one of each interval.

    Returns
    -------
    int
        The octets written, or `OUTPUT_FULL` if `dst` is too short.
    """
    room = len(dst) - 4  # a marker, the last octet, and one after 255
    p = 0
    for interval in range(len(intervals) // 2):
        if p > room:
            return OUTPUT_FULL
        if interval > 0:
            dst[p] = 255
            dst[p + 1] = 0xD0 + (interval - 1) % 8
            p += 2
        word = i64(intervals[2 * interval])
        left = i64(intervals[2 * interval + 1])
        buffer = 0
        held = 0
        last = 0
        while left > 0 or last == 255:
            wanted = 7 if last == 255 else 8
            if held < wanted:
                buffer <<= WORD
                if left > held:
                    buffer |= i64(words[word])
                    word += 1
                held += WORD
            held -= wanted
            left -= wanted
            last = buffer >> held
            buffer &= (1 << held) - 1
            if p > room:
                return OUTPUT_FULL
            dst[p] = last
            p += 1
    return p
