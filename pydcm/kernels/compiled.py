# mypy: allow-untyped-defs, allow-untyped-decorators
"""What the names of the dialect mean where numba compiles a kernel.

Each function does what that of its name does in :mod:`pydcm.kernels.dialect`, and
numba infers its types at each use. Unlike in kernels, bounds are checked once and not
at each octet: that is what makes them quick.
"""

from __future__ import annotations

import numba
import numpy as np

from pydcm.kernels.dialect import AT_ONCE, LONG_VRS, SHORT_VRS, vr_code

__all__ = ["NAMES"]

_quick = numba.njit(nogil=True)


@_quick
def _le(b, p, k):
    return np.int64(b[p + 2 * k]) | np.int64(b[p + 2 * k + 1]) << 8


@_quick
def _be(b, p, k):
    return np.int64(b[p + 2 * k]) << 8 | np.int64(b[p + 2 * k + 1])


@_quick
def u16x4_le(b, p):
    return _le(b, p, 0), _le(b, p, 1), _le(b, p, 2), _le(b, p, 3)


@_quick
def u16x4_be(b, p):
    return _be(b, p, 0), _be(b, p, 1), _be(b, p, 2), _be(b, p, 3)


@_quick
def u16x4_u32_le(b, p):
    word = _le(b, p, 4) | _le(b, p, 5) << 16
    return _le(b, p, 0), _le(b, p, 1), _le(b, p, 2), _le(b, p, 3), word


@_quick
def u32_le(b, p):
    return (_le(b, p, 0) | _le(b, p, 1) << 16,)


@_quick
def u32x2_le(b, p):
    return _le(b, p, 0) | _le(b, p, 1) << 16, _le(b, p, 2) | _le(b, p, 3) << 16


@_quick
def u32_be(b, p):
    return (_be(b, p, 0) << 16 | _be(b, p, 1),)


_FORMS = np.zeros(1 << 16, np.uint8)
_FORMS[[vr_code(vr) for vr in SHORT_VRS]] = 1
_FORMS[[vr_code(vr) for vr in LONG_VRS]] = 2


@_quick
def vr_form(vr):
    return np.int64(_FORMS[vr])


@_quick
def zeros(count):
    return np.zeros(count, np.int64)


@_quick
def copy_octets(src, p, dst, q, count):
    if p < 0 or q < 0 or p + count > len(src) or q + count > len(dst):
        return
    if count <= AT_ONCE and p + AT_ONCE <= len(src) and q + AT_ONCE <= len(dst):
        for k in range(AT_ONCE):
            dst[q + k] = src[p + k]
    else:
        for k in range(count):
            dst[q + k] = src[p + k]


@_quick
def fill_octets(dst, q, count, value):
    if q < 0 or q + count > len(dst):
        return
    if count <= AT_ONCE and q + AT_ONCE <= len(dst):
        for k in range(AT_ONCE):
            dst[q + k] = value
    else:
        for k in range(count):
            dst[q + k] = value


@_quick
def octets(count):
    return np.empty(count, np.uint8)


@_quick
def join_octets(planes, places, dst):
    count = len(places)
    if count == 0 or len(planes) != len(dst) or len(dst) % count != 0:
        return
    size = len(dst) // count
    begin = np.zeros(count, np.int64)
    for k in range(count):
        if places[k] < 0 or places[k] >= count:
            return
        begin[places[k]] = k * size
    if count == 1:
        _put(planes, dst)
    elif count == 2:
        _join_two(planes[begin[0] :][:size], planes[begin[1] :][:size], dst)
    elif count == 3:
        parts = planes[begin[0] :][:size], planes[begin[1] :][:size], planes[begin[2] :][:size]
        _join_three(parts[0], parts[1], parts[2], dst)
    else:
        for place in range(count):
            _put(planes[begin[place] :][:size], dst[place::count])


# Octets of two or three planes are put together in registers, as the loop names each of them.


@_quick
def _join_two(a, b, dst):
    for p in range(len(a)):
        dst[2 * p] = a[p]
        dst[2 * p + 1] = b[p]


@_quick
def _join_three(a, b, c, dst):
    for p in range(len(a)):
        dst[3 * p] = a[p]
        dst[3 * p + 1] = b[p]
        dst[3 * p + 2] = c[p]


@_quick
def _put(plane, dst):
    for p in range(len(plane)):
        dst[p] = plane[p]


@_quick
def any_bits(src, p, stop):
    found = np.uint8(0)
    if p >= 0 and stop <= len(src):
        part = src[p:stop]
        for k in range(len(part)):
            found = np.uint8(found | part[k])
    return np.int64(found)


@_quick
def find_octet(src, p, stop, value):
    if p < 0 or stop > len(src):
        return stop
    while p + AT_ONCE <= stop:
        found = False
        for k in range(AT_ONCE):  # with no early end, all are looked at at once
            found |= src[p + k] == value
        if found:
            break
        p += AT_ONCE
    while p < stop and src[p] != value:
        p += 1
    return p


@_quick
def fill_cells(dst, p, stop, value):
    if 0 <= p <= stop <= len(dst):
        dst[p:stop] = value


@_quick
def spread_cells(src, dst, q, step, count):
    last = q + (count - 1) * step
    if 0 <= count <= len(src) and q >= 0 and step > 0 and last < len(dst):
        for k in range(count):
            dst[q + k * step] = src[k]


@_quick
def find_other(src, p, stop, value):
    if p < 0 or stop > len(src):
        return p
    while p + AT_ONCE <= stop:
        found = False
        for k in range(AT_ONCE):
            found |= src[p + k] != value
        if found:
            break
        p += AT_ONCE
    while p < stop and src[p] == value:
        p += 1
    return p


NAMES: dict[str, object] = {
    "any_bits": any_bits,
    "copy_octets": copy_octets,
    "fill_cells": fill_cells,
    "fill_octets": fill_octets,
    "find_octet": find_octet,
    "find_other": find_other,
    "join_octets": join_octets,
    "octets": octets,
    "spread_cells": spread_cells,
    "u16x4_be": u16x4_be,
    "u16x4_le": u16x4_le,
    "u16x4_u32_le": u16x4_u32_le,
    "u32_be": u32_be,
    "u32_le": u32_le,
    "u32x2_le": u32x2_le,
    "vr_form": vr_form,
    "zeros": zeros,
    "i64": np.int64,
    "f64": np.float64,
}
"""What stands for each name of the dialect."""
