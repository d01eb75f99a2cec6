"""Entropy-coded data of a scan, as the kernels read them (ISO 10918-1 B.1.1.5, E.1.4).

The stuffed zeros go, and what is between two restart markers becomes words of 32 bits,
so that a kernel fetches bits four octets at a time and looks for no marker.

Examples
--------
>>> stream = bytes.fromhex("12 ff 00 34 ff d0 56")
>>> data = unstuffed(stream, [(0, 4), (6, 7)])
>>> [f"{word:08x}" for word in data.words]
['12ff3400', '56000000', '00000000', '00000000']
>>> data.starts.tolist(), data.ends.tolist()
([0, 1], [24, 40])
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pydcm._codecs.jpeg.markers import Scan, corrupt
from pydcm.kernels import jpegentropy
from pydcm.kernels.status import failure

__all__ = ["EntropyData", "entropy_data", "position", "unstuffed"]

_PADDING = 2
"""Words after the data: a kernel fetches a word before it knows that it needs its bits."""


class EntropyData(NamedTuple):
    """The data of a scan.

    Attributes
    ----------
    words : memoryview of unsigned 32-bit integers
        All intervals, each beginning a word; the first bit is the most significant one.
    starts : array of int64
        The word that each interval begins with.
    ends : array of int64
        The bit of `words` that each interval ends before.
    """

    words: memoryview
    starts: array[int]
    ends: array[int]


def entropy_data(
    stream: bytes, scan: Scan, expected: int, number: int, padding: int = _PADDING
) -> EntropyData:
    """Return the data of a scan.

    Parameters
    ----------
    stream : bytes
        The whole stream.
    scan : Scan
        Of which scan.
    expected : int
        How many restart intervals it has, 1 if none are defined.
    number : int
        Which frame it is, from 1, for messages.
    padding : int
        Words of 0 after the data.

    Raises
    ------
    CorruptStreamError
        If there are fewer or more intervals; one marker after the last is let pass.
    """
    found = intervals(scan)
    if len(found) == expected + 1 and found[-1][0] == found[-1][1]:
        found.pop()
    if len(found) != expected:
        raise corrupt(
            f"{len(found)} restart intervals instead of {expected}", number, scan.first, "E.1.4"
        )
    return unstuffed(stream, found, padding)


def intervals(scan: Scan) -> list[tuple[int, int]]:
    """Return where each restart interval begins and ends in the stream."""
    starts = [scan.first, *(at + 2 for at in scan.restarts)]
    return list(zip(starts, [*scan.restarts, scan.last], strict=True))


def unstuffed(
    stream: bytes, pieces: Sequence[tuple[int, int]], padding: int = _PADDING
) -> EntropyData:
    """Return pieces of a stream without stuffed zeros and without fill bytes at their end."""
    places = array("q", [offset for piece in pieces for offset in piece])
    room = sum(last - first + 3 for first, last in pieces)  # words are filled up
    octets = bytearray(room + 4 * padding + jpegentropy.MARGIN)
    starts, ends = (array("q", bytes(8 * len(pieces))) for _ in range(2))
    count = jpegentropy.unstuff(stream, places, octets, starts, ends)
    if count < 0:
        raise failure("jpegentropy.unstuff", count)
    words = np.frombuffer(octets, ">u4", count + padding).astype(np.uint32)
    return EntropyData(words.data, starts, ends)


def position(stream: bytes, scan: Scan, interval: int, bit: int) -> int:
    """Return the offset in the stream of a bit of an interval, counted from its beginning."""
    first, last = intervals(scan)[interval]
    octets = bit // 8
    raw = octets
    while raw != octets + stream.count(b"\xff\x00", first, first + raw):
        raw = octets + stream.count(b"\xff\x00", first, first + raw)
    return min(first + raw, last)
