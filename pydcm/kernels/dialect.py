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


AT_ONCE = 16


def copy_octets(src: Octets, p: int, dst: bytearray | memoryview, q: int, count: int) -> None:
    """Copy `count` octets from `p` in `src` to `q` in `dst`, or none if they do not fit.

    What follows them in `dst` may be overwritten up to 16 octets from `q` on:
    short runs are quicker to copy at one size.
    """
    if count < AT_ONCE and p + AT_ONCE <= len(src) and q + AT_ONCE <= len(dst):
        count = AT_ONCE
    if min(p, q) >= 0 and p + count <= len(src) and q + count <= len(dst):
        dst[q : q + count] = src[p : p + count]


def fill_octets(dst: bytearray | memoryview, q: int, count: int, value: int) -> None:
    """Write `count` octets of one value from `q` on to `dst`, or none if they do not fit.

    What follows them may be overwritten as by :func:`copy_octets`.
    """
    if count < AT_ONCE and q + AT_ONCE <= len(dst):
        count = AT_ONCE
    if q >= 0 and q + count <= len(dst):
        dst[q : q + count] = _OCTETS[value] * count


def join_octets(planes: Octets, places: Int64s, dst: bytearray | memoryview) -> None:
    """Put the octets of planes side by side, in groups of one octet of each.

    The planes follow each other in `planes`, and are as long as their part of `dst`; the
    octets of plane k come to `places[k]` in their group. None is put anywhere if they do
    not fit.
    """
    import numpy as np  # for pixels only, which have it loaded: a strided copy by Python is slow

    count = len(places)
    if not count or len(planes) != len(dst) or len(dst) % count or not dst:
        return
    if min(places) < 0 or max(places) >= count:
        return
    groups = np.frombuffer(dst, np.uint8).reshape(-1, count)
    for place, plane in zip(
        places, np.frombuffer(planes, np.uint8).reshape(count, -1), strict=True
    ):
        groups[:, place] = plane


def any_bits(src: Octets, p: int, stop: int) -> int:
    """Return the bits that are set in any of the octets from `p` to `stop`; 0 outside `src`."""
    import numpy as np

    if p < 0 or stop > len(src) or stop <= p:
        return 0
    return int(np.bitwise_or.reduce(np.frombuffer(src, np.uint8, stop - p, p)))


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


def vr_code(vr: str) -> int:
    """Return a VR as it is loaded from a file: its first letter in the low octet."""
    return ord(vr[0]) | ord(vr[1]) << 8


vr_form = {
    **dict.fromkeys(map(vr_code, SHORT_VRS), 1),
    **dict.fromkeys(map(vr_code, LONG_VRS), 2),
}.get
"""Maps a VR, its first letter in the low octet, to 1 (short), 2 (long), or nothing (no VR)."""

HELPERS: set[str] = set()
"""Qualified names of the functions that kernels may call."""


def helper(function: F) -> F:
    """Mark a function written in the dialect that kernels call."""
    HELPERS.add(f"{function.__module__}.{function.__qualname__}")
    return function
