"""Run-length coding of one segment (PS3.5 Annex G)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import (
    any_bits,
    copy_octets,
    fill_octets,
    helper,
    i64,
    join_octets,
    octets,
)
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Int64s, Octets

__all__ = ["decode_segment", "decode_segments", "encode_segment", "longest_segment"]

_LONGEST_RUN = 128


@kernel("rle.decode_segment", clause="PS3.5 G.3.2")
def decode_segment(src: Octets, dst: bytearray | memoryview) -> int:
    """Expand one RLE segment until `dst` is full.

    What follows in `src` once `dst` is full is padding (PS3.5 G.3.1) and is not
    looked at.

    Parameters
    ----------
    src : bytes
        One segment.
    dst : bytearray
        Takes the segment's byte plane, one octet for each pixel.

    Returns
    -------
    int
        The octets written, which is the length of `dst`; `TRUNCATED` if `src`
        ends too early, and what `dst` holds is of no use then; `OUTPUT_FULL` if
        the last run goes past the end of `dst`, which is filled nevertheless.
    """
    return _expand(src, 0, len(src), dst, 0, len(dst))


@helper
def _expand(src: Octets, p: int, end: int, dst: bytearray | memoryview, q: int, stop: int) -> int:
    """Expand the segment from `p` to `end`, as `decode_segment` does, from `q` to `stop`."""
    size = stop - q
    while q < stop:
        if p >= end:
            return TRUNCATED
        header = i64(src[p])
        if header < 128:
            count = header + 1
            if p + 1 + count > end:
                return TRUNCATED
            copy_octets(src, p + 1, dst, q, min(count, stop - q))
            p += count + 1
            q += count
        elif header > 128:
            count = 257 - header
            if p + 1 >= end:
                return TRUNCATED
            fill_octets(dst, q, min(count, stop - q), src[p + 1])
            p += 2
            q += count
        else:
            p += 1
    return size if q == stop else OUTPUT_FULL


@kernel("rle.decode_segments", clause="PS3.5 G.2, G.3.2")
def decode_segments(
    src: Octets,
    bounds: Int64s,
    places: Int64s,
    dst: bytearray | memoryview,
    state: Int64s,
    occurring: bytearray | memoryview,
) -> int:
    """Expand the segments of a frame, and put the octets of their planes side by side.

    Parameters
    ----------
    src : bytes
        The frame.
    bounds : array of 64-bit integers
        Where each segment begins and ends.
    places : array of 64-bit integers
        Which octet of a group the plane of each segment makes, from 0.
    dst : bytearray
        Takes the groups, one after the other.
    state : array of 64-bit integers
        Takes of each segment what `decode_segment` returns.
    occurring : bytearray
        Takes one group more, with every bit that is set in any of them.

    Returns
    -------
    int
        The groups; `TRUNCATED` if a segment ends too early, and `dst` and `occurring` have
        zeros then; `BAD_VALUE` if the arguments do not fit each other, as where two planes
        have one place, and nothing is written.
    """
    count = len(places)
    room = len(dst)
    if count == 0 or len(bounds) != 2 * count or room % count != 0:
        return BAD_VALUE
    if len(state) != count or len(occurring) != count:
        return BAD_VALUE
    for k in range(count):
        if places[k] < 0 or places[k] >= count:
            return BAD_VALUE
        begin = i64(bounds[2 * k])
        end = i64(bounds[2 * k + 1])
        if begin < 0 or end < begin or end > len(src):
            return BAD_VALUE
        for other in range(k):
            if places[other] == places[k]:
                return BAD_VALUE
    size = room // count
    result = size
    planes = octets(room)
    for k in range(count):
        begin = i64(bounds[2 * k])
        end = i64(bounds[2 * k + 1])
        state[k] = _expand(src, begin, end, planes, k * size, (k + 1) * size)
        if state[k] == TRUNCATED:
            result = TRUNCATED
    if result == TRUNCATED:
        fill_octets(dst, 0, room, 0)
        fill_octets(occurring, 0, count, 0)
        return TRUNCATED
    join_octets(planes, places, dst)
    for k in range(count):
        occurring[places[k]] = any_bits(planes, k * size, (k + 1) * size)
    return size


@helper
def _literal(src: Octets, p: int, stop: int, dst: bytearray | memoryview, q: int) -> int:
    """Write octets as literal runs; return where `dst` goes on."""
    while p < stop:
        count = min(stop - p, _LONGEST_RUN)
        dst[q] = count - 1
        copy_octets(src, p, dst, q + 1, count)
        p += count
        q += count + 1
    return q


@kernel("rle.encode_segment", clause="PS3.5 G.3.1")
def encode_segment(src: Octets, columns: int, dst: bytearray | memoryview) -> int:
    """Encode a byte plane, each row by itself.

    Three equal octets or more become a replicate run. Two do if no literal run
    goes before them; else they go on with it, which never takes more.

    Parameters
    ----------
    src : bytes
        The plane, row after row.
    columns : int
        Octets in a row.
    dst : bytearray
        Takes the segment; as long as :func:`longest_segment` says. What it
        holds past the segment is of no use.

    Returns
    -------
    int
        The octets of the segment, which may be odd; `BAD_VALUE` if `columns` is
        below 1; `OUTPUT_FULL` if `dst` might be too short, and nothing is written.
    """
    end = len(src)
    if columns < 1:
        return BAD_VALUE
    rows = (end + columns - 1) // columns
    if len(dst) < end + rows * ((columns + _LONGEST_RUN - 1) // _LONGEST_RUN):
        return OUTPUT_FULL
    q = 0
    for row in range(rows):
        p = row * columns
        stop = min(p + columns, end)
        literal = p  # where octets begin that are not written yet
        while p < stop:
            value = src[p]
            after = p + 1
            while after < stop and src[after] == value:
                after += 1
            count = after - p
            if count < 2 or (count == 2 and literal < p):
                p = after
                continue
            q = _literal(src, literal, p, dst, q)
            while count > 1:
                run = min(count, _LONGEST_RUN)
                dst[q] = 257 - run
                dst[q + 1] = value
                q += 2
                count -= run
            p = after - count
            literal = p
        q = _literal(src, literal, stop, dst, q)
    return q


def longest_segment(rows: int, columns: int) -> int:
    """Return the size of the longest segment that a byte plane can become."""
    return rows * (columns + (columns + _LONGEST_RUN - 1) // _LONGEST_RUN)
