"""Run-length decoding of one segment (PS3.5 Annex G)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import expand, ones
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import OUTPUT_FULL, TRUNCATED

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Octets

__all__ = ["decode_segment"]


@kernel("rle.decode_segment", clause="PS3.5 G.3.2")
def decode_segment(src: Octets, dst: bytearray) -> int:
    """Expand one RLE segment until `dst` is full.

    Every octet of a segment stands for so many octets of the output: none for
    the header of a run, one inside a literal run, 2 to 128 in a replicate run.
    The loop below notes how many; one call then expands them all. What follows
    in `src` once `dst` is full is padding (PS3.5 G.3.1) and is not looked at.

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
        ends too early, and nothing is written; `OUTPUT_FULL` if the last run
        goes past the end of `dst`, which is filled nevertheless.
    """
    end = len(src)
    room = len(dst)
    times = ones(end + 1)
    p = 0
    q = 0
    while q < room:
        if p >= end:
            return TRUNCATED
        header = src[p]  # not through i64: it is only compared, and added to wider integers
        times[p] = 0
        if header < 128:
            p += header + 2
            q += header + 1
        elif header > 128:
            times[p + 1] = 257 - header
            p += 2
            q += 257 - header
        else:
            p += 1
    if p > end:
        return TRUNCATED
    expand(src, times, p, dst)
    return q if q == room else OUTPUT_FULL
