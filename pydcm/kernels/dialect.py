"""What a kernel may say: names with one meaning in Python and its twin when compiled.

A kernel's loop must give the same integers whether CPython or numba runs it.
Two traps are avoided by writing loads and conversions through the names here:

* ``int(u8) - int(u8)`` is negative in Python and wraps under numba, so a load
  is written ``i64(src[k])``: `int` in Python, ``numpy.int64`` when compiled.
* Reading a header octet by octet is fast when compiled and slow in Python, so
  fixed headers are loaded with ``u16x4_le(src, p)`` and its kin: one
  :mod:`struct` call in Python, four shifts when compiled.

The loads never check bounds for the caller: a kernel compares ``p`` with the
length first and returns a status, it does not rely on an exception.
"""

from __future__ import annotations

import struct
from array import array
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    U8: TypeAlias = NDArray[np.uint8]
    U16: TypeAlias = NDArray[np.uint16]
    I32: TypeAlias = NDArray[np.int32]
    I64: TypeAlias = NDArray[np.int64]
    Octets: TypeAlias = bytes | bytearray | memoryview
    """Octets that need no numpy: the buffer of a file being parsed."""
    Int64s: TypeAlias = "array[int]"
    """64-bit signed integers that need no numpy: ``array.array("q")``."""
    Cells: TypeAlias = "memoryview | array[int] | bytearray"
    """Integers of any one type, to read and to write: a flat view of a numpy array, whose
    items Python takes faster from a `memoryview` than from the array."""
else:  # annotations only; reading metadata must not import numpy
    U8 = U16 = I32 = I64 = Octets = Int64s = Cells = object

__all__ = [
    "any_bits",
    "copy_octets",
    "f64",
    "fill_cells",
    "fill_octets",
    "find_octet",
    "find_other",
    "helper",
    "i64",
    "join_octets",
    "octets",
    "spread_cells",
    "u16x4_be",
    "u16x4_le",
    "u16x4_u32_le",
    "u32_be",
    "u32_le",
    "u32x2_le",
    "vr_form",
    "zeros",
]

F = TypeVar("F", bound="Callable[..., object]")

i64 = int
f64 = float

u16x4_le = struct.Struct("<4H").unpack_from
u16x4_u32_le = struct.Struct("<4HI").unpack_from
u16x4_be = struct.Struct(">4H").unpack_from
u32_le = struct.Struct("<I").unpack_from
u32x2_le = struct.Struct("<2I").unpack_from
u32_be = struct.Struct(">I").unpack_from


def zeros(count: int) -> list[int]:
    """Return `count` zeros, to work in: integers of 64 bits."""
    return [0] * count


def octets(count: int) -> bytearray:
    """Return `count` octets to work in; what they hold before they are written is not said."""
    return bytearray(count)


_AT_ONCE = 16


def copy_octets(src: Octets, p: int, dst: bytearray | memoryview, q: int, count: int) -> None:
    """Copy `count` octets from `p` in `src` to `q` in `dst`, or none if they do not fit.

    What follows them in `dst` may be overwritten up to 16 octets from `q` on:
    short runs are quicker to copy at one size.
    """
    if count < _AT_ONCE and p + _AT_ONCE <= len(src) and q + _AT_ONCE <= len(dst):
        count = _AT_ONCE
    if min(p, q) >= 0 and p + count <= len(src) and q + count <= len(dst):
        dst[q : q + count] = src[p : p + count]


def fill_octets(dst: bytearray | memoryview, q: int, count: int, value: int) -> None:
    """Write `count` octets of one value from `q` on to `dst`, or none if they do not fit.

    What follows them may be overwritten as by :func:`copy_octets`.
    """
    if count < _AT_ONCE and q + _AT_ONCE <= len(dst):
        count = _AT_ONCE
    if q >= 0 and q + count <= len(dst):
        dst[q : q + count] = _OCTETS[value] * count


def join_octets(planes: Octets, places: Int64s, dst: bytearray | memoryview) -> None:
    """Put the octets of planes side by side, in groups of one octet of each.

    The planes follow each other in `planes`, and are as long as their part of `dst`; the
    octets of plane k come to `places[k]` in their group. None is put anywhere if they do
    not fit.
    """
    count = len(places)
    if not count or len(planes) != len(dst) or len(dst) % count:
        return
    if min(places) < 0 or max(places) >= count:
        return
    size = len(dst) // count
    groups, source = memoryview(dst), memoryview(planes)
    for k in range(count):
        groups[places[k] :: count] = source[k * size : (k + 1) * size]


def any_bits(src: Octets, p: int, stop: int) -> int:
    """Return the bits that are set in any of the octets from `p` to `stop`; 0 outside `src`."""
    if p < 0 or stop > len(src):
        return 0
    return reduce(or_, set(src[p:stop]), 0)


def find_octet(src: Octets, p: int, stop: int, value: int) -> int:
    """Return where the first octet of a value is between `p` and `stop` in `src`, or `stop`."""
    octets = bytes(src) if isinstance(src, memoryview) else src
    found = octets.find(value, p, stop)
    return stop if found < 0 else found


def fill_cells(dst: Cells, p: int, stop: int, value: int) -> None:
    """Write a value to the cells from `p` to `stop` of `dst`, or to none if they do not fit."""
    if p >= 0 and stop <= len(dst):
        for k in range(p, stop):
            dst[k] = value


def spread_cells(src: list[int], dst: Cells, q: int, step: int, count: int) -> None:
    """Copy the first `count` of `src` to `q` in `dst` and on, `step` cells apart.

    None is copied if they do not fit.
    """
    last = q + (count - 1) * step
    if 0 <= count <= len(src) and q >= 0 and step > 0 and last < len(dst):
        cells = memoryview(dst)
        cells[q : last + 1 : step] = memoryview(array(cells.format, src[:count]))


def find_other(src: Cells, p: int, stop: int, value: int) -> int:
    """Return where the first cell that is not of a value is between `p` and `stop`, or `stop`."""
    for k in range(p, stop):
        if src[k] != value:
            return k
    return stop


_OCTETS = [bytes([value]) for value in range(256)]

SHORT_VRS = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()
"""VRs with a 16-bit length field (PS3.5 7.1.2, Table 7.1-2)."""
LONG_VRS = "OB OD OF OL OV OW SQ SV UC UN UR UT UV".split()
"""VRs with two reserved octets and a 32-bit length field (PS3.5 7.1.2, Table 7.1-1)."""


def _code(vr: str) -> int:
    return ord(vr[0]) | ord(vr[1]) << 8


vr_form = {
    **dict.fromkeys(map(_code, SHORT_VRS), 1),
    **dict.fromkeys(map(_code, LONG_VRS), 2),
}.get
"""Maps a VR, its first letter in the low octet, to 1 (short), 2 (long), or nothing (no VR)."""

HELPERS: set[str] = set()
"""Qualified names of the functions that kernels may call."""


def helper(function: F) -> F:
    """Mark a function written in the dialect that kernels call."""
    HELPERS.add(f"{function.__module__}.{function.__qualname__}")
    return function


def compiled_names() -> dict[str, object]:
    """Return what the names of this module mean when numba compiles a kernel."""
    import numba
    import numpy as np

    # None of these functions has types: numba infers them at each use.

    def le(b, p, k):  # type: ignore[no-untyped-def]
        return np.int64(b[p + 2 * k]) | np.int64(b[p + 2 * k + 1]) << 8

    def be(b, p, k):  # type: ignore[no-untyped-def]
        return np.int64(b[p + 2 * k]) << 8 | np.int64(b[p + 2 * k + 1])

    le = numba.njit(le, nogil=True)
    be = numba.njit(be, nogil=True)

    def four_le(b, p):  # type: ignore[no-untyped-def]
        return le(b, p, 0), le(b, p, 1), le(b, p, 2), le(b, p, 3)

    def four_be(b, p):  # type: ignore[no-untyped-def]
        return be(b, p, 0), be(b, p, 1), be(b, p, 2), be(b, p, 3)

    def four_and_word_le(b, p):  # type: ignore[no-untyped-def]
        word = le(b, p, 4) | le(b, p, 5) << 16
        return le(b, p, 0), le(b, p, 1), le(b, p, 2), le(b, p, 3), word

    def word_le(b, p):  # type: ignore[no-untyped-def]
        return (le(b, p, 0) | le(b, p, 1) << 16,)

    def two_words_le(b, p):  # type: ignore[no-untyped-def]
        return le(b, p, 0) | le(b, p, 1) << 16, le(b, p, 2) | le(b, p, 3) << 16

    def word_be(b, p):  # type: ignore[no-untyped-def]
        return (be(b, p, 0) << 16 | be(b, p, 1),)

    forms = np.zeros(1 << 16, np.uint8)
    forms[[_code(vr) for vr in SHORT_VRS]] = 1
    forms[[_code(vr) for vr in LONG_VRS]] = 2

    def form_of(vr):  # type: ignore[no-untyped-def]
        return np.int64(forms[vr])

    def work_area(count):  # type: ignore[no-untyped-def]
        return np.zeros(count, np.int64)

    # Bounds are checked once here, not at each octet: that is what makes them quick.

    def copy(src, p, dst, q, count):  # type: ignore[no-untyped-def]
        if p < 0 or q < 0 or p + count > len(src) or q + count > len(dst):
            return
        if count <= _AT_ONCE and p + _AT_ONCE <= len(src) and q + _AT_ONCE <= len(dst):
            for k in range(_AT_ONCE):
                dst[q + k] = src[p + k]
        else:
            for k in range(count):
                dst[q + k] = src[p + k]

    def fill(dst, q, count, value):  # type: ignore[no-untyped-def]
        if q < 0 or q + count > len(dst):
            return
        if count <= _AT_ONCE and q + _AT_ONCE <= len(dst):
            for k in range(_AT_ONCE):
                dst[q + k] = value
        else:
            for k in range(count):
                dst[q + k] = value

    def room(count):  # type: ignore[no-untyped-def]
        return np.empty(count, np.uint8)

    def join(planes, places, dst):  # type: ignore[no-untyped-def]
        count = len(places)
        if count == 0 or len(planes) != len(dst) or len(dst) % count != 0:
            return
        size = len(dst) // count
        begin = np.zeros(count, np.int64)
        for k in range(count):
            if places[k] < 0 or places[k] >= count:
                return
            begin[places[k]] = k * size
        if count > 4:
            for place in range(count):
                plane = planes[begin[place] : begin[place] + size]
                for p in range(size):
                    dst[p * count + place] = plane[p]
            return
        # The octets of few planes are put together in registers, if the loop names them all.
        a = planes[begin[0] : begin[0] + size]
        b = planes[begin[min(1, count - 1)] :][:size]
        c = planes[begin[min(2, count - 1)] :][:size]
        d = planes[begin[min(3, count - 1)] :][:size]
        if count == 1:
            for p in range(size):
                dst[p] = a[p]
        elif count == 2:
            for p in range(size):
                dst[2 * p] = a[p]
                dst[2 * p + 1] = b[p]
        elif count == 3:
            for p in range(size):
                dst[3 * p] = a[p]
                dst[3 * p + 1] = b[p]
                dst[3 * p + 2] = c[p]
        else:
            for p in range(size):
                dst[4 * p] = a[p]
                dst[4 * p + 1] = b[p]
                dst[4 * p + 2] = c[p]
                dst[4 * p + 3] = d[p]

    def bits_of(src, p, stop):  # type: ignore[no-untyped-def]
        found = np.zeros(4 * _AT_ONCE, np.uint8)
        if p < 0 or stop > len(src):
            return 0
        while p + len(found) <= stop:
            for k in range(4 * _AT_ONCE):
                found[k] |= src[p + k]
            p += len(found)
        bits = np.int64(0)
        for k in range(len(found)):
            bits |= np.int64(found[k])
        for k in range(p, stop):
            bits |= np.int64(src[k])
        return bits

    def find(src, p, stop, value):  # type: ignore[no-untyped-def]
        if p < 0 or stop > len(src):
            return stop
        while p + _AT_ONCE <= stop:
            found = False
            for k in range(_AT_ONCE):  # with no early end, all are looked at at once
                found |= src[p + k] == value
            if found:
                break
            p += _AT_ONCE
        while p < stop and src[p] != value:
            p += 1
        return p

    def fill_equal(dst, p, stop, value):  # type: ignore[no-untyped-def]
        if 0 <= p <= stop <= len(dst):
            dst[p:stop] = value

    def spread(src, dst, q, step, count):  # type: ignore[no-untyped-def]
        last = q + (count - 1) * step
        if 0 <= count <= len(src) and q >= 0 and step > 0 and last < len(dst):
            for k in range(count):
                dst[q + k * step] = src[k]

    def find_unequal(src, p, stop, value):  # type: ignore[no-untyped-def]
        if p < 0 or stop > len(src):
            return p
        while p + _AT_ONCE <= stop:
            found = False
            for k in range(_AT_ONCE):
                found |= src[p + k] != value
            if found:
                break
            p += _AT_ONCE
        while p < stop and src[p] == value:
            p += 1
        return p

    return {
        "any_bits": numba.njit(bits_of, nogil=True),
        "join_octets": numba.njit(join, nogil=True),
        "octets": numba.njit(room, nogil=True),
        "fill_cells": numba.njit(fill_equal, nogil=True),
        "find_other": numba.njit(find_unequal, nogil=True),
        "find_octet": numba.njit(find, nogil=True),
        "vr_form": numba.njit(form_of, nogil=True),
        "i64": np.int64,
        "f64": np.float64,
        "copy_octets": numba.njit(copy, nogil=True),
        "fill_octets": numba.njit(fill, nogil=True),
        "spread_cells": numba.njit(spread, nogil=True),
        "zeros": numba.njit(work_area, nogil=True),
        "u16x4_le": numba.njit(four_le, nogil=True),
        "u16x4_u32_le": numba.njit(four_and_word_le, nogil=True),
        "u16x4_be": numba.njit(four_be, nogil=True),
        "u32_le": numba.njit(word_le, nogil=True),
        "u32x2_le": numba.njit(two_words_le, nogil=True),
        "u32_be": numba.njit(word_be, nogil=True),
    }
