"""Pixels of one bit, eight to an octet (PS3.5 8.1.1).

The least significant bit comes first. Frames are not padded to whole octets,
so a frame may begin at any bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm.kernels.dialect import i64
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED

if TYPE_CHECKING:
    from pydcm.kernels.dialect import U8

__all__ = ["pack", "unpack"]

_SPREAD = np.array([[octet >> bit & 1 for bit in range(8)] for octet in range(256)], np.uint8).view(
    np.uint64
)[:, 0]
"""The eight pixels of each octet, side by side in one word of eight octets."""

_BLOCK = 8192
"""Octets at a time, so that what they spread to stays in the cache."""


@kernel("bits.unpack", clause="PS3.5 8.1.1", jit_by_default=False)
def unpack(src: U8, start: int, dst: U8) -> int:
    """Spread bits of `src` over the octets of `dst`, one bit to an octet.

    Parameters
    ----------
    src : U8
        Packed pixels.
    start : int
        The bit of `src` that becomes ``dst[0]``, counted from the least
        significant bit of ``src[0]``.
    dst : U8
        Takes 0 or 1 for each pixel.

    Returns
    -------
    int
        The pixels written, which is the length of `dst`, or `TRUNCATED` if
        `src` holds fewer.
    """
    count = len(dst)
    if start < 0 or start + count > 8 * len(src):
        return TRUNCATED
    head = min(-start % 8, count)
    whole = (count - head) // 8
    for k in range(head):  # up to where an octet begins
        dst[k] = (i64(src[(start + k) // 8]) >> (start + k) % 8) & 1
    words = dst[head : head + 8 * whole].view(np.uint64)
    octet = (start + head) // 8
    for k in range(0, whole, _BLOCK):
        n = min(_BLOCK, whole - k)
        words[k : k + n] = np.take(_SPREAD, src[octet + k : octet + k + n])
    for k in range(head + 8 * whole, count):  # what is left of the last octet
        dst[k] = (i64(src[(start + k) // 8]) >> (start + k) % 8) & 1
    return count


@kernel("bits.pack", clause="PS3.5 8.1.1", jit_by_default=False)
def pack(src: U8, dst: U8, start: int) -> int:
    """Set the bits of `dst` from `start` on to the pixels of `src`.

    Parameters
    ----------
    src : U8
        Pixels, 0 or 1.
    dst : U8
        Takes the packed pixels; the bits from `start` on must be zero before.
    start : int
        The bit of `dst` that ``src[0]`` becomes.

    Returns
    -------
    int
        The pixels packed, which is the length of `src`; `OUTPUT_FULL` if
        `dst` has too few bits; `BAD_VALUE` if a pixel is neither 0 nor 1.
    """
    count = len(src)
    if start < 0 or start + count > 8 * len(dst):
        return OUTPUT_FULL
    if count > 0 and src.max() > 1:
        return BAD_VALUE
    for bit in range(8):
        first = (bit - start) % 8  # the first pixel that lies at this bit of its octet
        if first < count:
            octet = (start + first) // 8
            n = (count - first + 7) // 8
            dst[octet : octet + n] = dst[octet : octet + n] | (src[first::8] << bit)
    return count
