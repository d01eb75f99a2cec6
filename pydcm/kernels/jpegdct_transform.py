"""The discrete cosine transform of 8 x 8 blocks in integers (ISO 10918-1 A.3.3).

The standard leaves open how the transform is computed. This one gives the integers that
the Independent JPEG Group's accurate integer method gives, which most decoders share, so
that their results can be compared exactly: columns before rows in decoding, rows before
columns in encoding, cosines in 13 binary places, and one rounding after each pass. Each
number is ``sqrt(2) * cos(k * pi / 16)``, rounded as that method's factorisation rounds it
(Loeffler, Ligtenberg, Moschytz, 1989), which is why two that should be equal differ by 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import i64, zeros
from pydcm.kernels.registry import kernel

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells, Int64s

__all__ = ["forward", "inverse"]

INDEX = (1 << 40) - 1
"""Changes no index; it tells the compiler that none is negative, which it then need not ask."""


@kernel("jpegdct.inverse", clause="ISO 10918-1 A.3.3, A.3.4, A.3.1")
def inverse(
    coefficients: Cells, extents: bytearray, quantisation: Cells, shape: Int64s, dst: Cells
) -> int:
    """Return the samples of one component: dequantise, transform, shift, clip.

    Parameters
    ----------
    coefficients : cells of 16 bits
        64 for each block, in rows of frequencies.
    extents : bytearray
        Zigzag index of each block's last coefficient that is not zero.
    quantisation : cells
        64 of them, in rows of frequencies.
    shape : array of int
        The component's first block; blocks from one row of blocks to the next; rows and
        columns that are wanted; where in `dst` its first sample goes; cells from sample to
        sample, and from row to row; and bits of a sample, 8 or 12.
    dst : cells
        Takes the samples.

    Returns
    -------
    int
        The samples written.
    """
    rows = shape[2]
    columns = shape[3]
    step = shape[5] & INDEX
    stride = shape[6] & INDEX
    precision = shape[7]
    middle = 1 << precision - 1
    top = (1 << precision) - 1
    extra = 2 if precision == 8 else 1  # binary places between the passes
    shift = 13 - extra
    half = 1 << shift - 1
    shift_last = 13 + extra + 3
    half_last = (1 << shift_last - 1) + (middle << shift_last)
    q0 = i64(quantisation[0])
    work = zeros(64)
    for y in range(0, rows, 8):
        high = min(8, rows - y)
        for x in range(0, columns, 8):
            wide = min(8, columns - x)
            block = shape[0] + (y >> 3) * shape[1] + (x >> 3)
            p = (block & INDEX) << 6
            q = (shape[4] + y * stride + x * step) & INDEX
            if extents[block] == 0:  # nothing but the mean
                value = ((coefficients[p] * q0 + 4) >> 3) + middle
                value = 0 if value < 0 else min(value, top)
                for r in range(high):
                    for c in range(wide):
                        dst[q + r * stride + c * step] = value
                continue
            for k in range(64):
                work[k] = i64(coefficients[p + k]) * quantisation[k]
            for c in range(8):
                x0 = work[c]
                x1 = work[c + 8]
                x2 = work[c + 16]
                x3 = work[c + 24]
                x4 = work[c + 32]
                x5 = work[c + 40]
                x6 = work[c + 48]
                x7 = work[c + 56]
                a = ((x0 + x4) << 13) + half
                b = ((x0 - x4) << 13) + half
                d = 10703 * x2 + 4433 * x6
                e = 4433 * x2 - 10704 * x6
                e0 = a + d
                e1 = b + e
                e2 = b - e
                e3 = a - d
                o0 = 11363 * x1 + 9633 * x3 + 6437 * x5 + 2260 * x7
                o1 = 9633 * x1 - 2259 * x3 - 11362 * x5 - 6436 * x7
                o2 = 6437 * x1 - 11362 * x3 + 2261 * x5 + 9633 * x7
                o3 = 2260 * x1 - 6436 * x3 + 9633 * x5 - 11363 * x7
                work[c] = (e0 + o0) >> shift
                work[c + 8] = (e1 + o1) >> shift
                work[c + 16] = (e2 + o2) >> shift
                work[c + 24] = (e3 + o3) >> shift
                work[c + 32] = (e3 - o3) >> shift
                work[c + 40] = (e2 - o2) >> shift
                work[c + 48] = (e1 - o1) >> shift
                work[c + 56] = (e0 - o0) >> shift
            for r in range(0, 8 * high, 8):
                x0 = work[r]
                x1 = work[r + 1]
                x2 = work[r + 2]
                x3 = work[r + 3]
                x4 = work[r + 4]
                x5 = work[r + 5]
                x6 = work[r + 6]
                x7 = work[r + 7]
                a = ((x0 + x4) << 13) + half_last
                b = ((x0 - x4) << 13) + half_last
                d = 10703 * x2 + 4433 * x6
                e = 4433 * x2 - 10704 * x6
                e0 = a + d
                e1 = b + e
                e2 = b - e
                e3 = a - d
                o0 = 11363 * x1 + 9633 * x3 + 6437 * x5 + 2260 * x7
                o1 = 9633 * x1 - 2259 * x3 - 11362 * x5 - 6436 * x7
                o2 = 6437 * x1 - 11362 * x3 + 2261 * x5 + 9633 * x7
                o3 = 2260 * x1 - 6436 * x3 + 9633 * x5 - 11363 * x7
                s0 = min(max((e0 + o0) >> shift_last, 0), top)
                s1 = min(max((e1 + o1) >> shift_last, 0), top)
                s2 = min(max((e2 + o2) >> shift_last, 0), top)
                s3 = min(max((e3 + o3) >> shift_last, 0), top)
                s4 = min(max((e3 - o3) >> shift_last, 0), top)
                s5 = min(max((e2 - o2) >> shift_last, 0), top)
                s6 = min(max((e1 - o1) >> shift_last, 0), top)
                s7 = min(max((e0 - o0) >> shift_last, 0), top)
                if wide == 8:
                    dst[q] = s0
                    dst[q + step] = s1
                    dst[q + 2 * step] = s2
                    dst[q + 3 * step] = s3
                    dst[q + 4 * step] = s4
                    dst[q + 5 * step] = s5
                    dst[q + 6 * step] = s6
                    dst[q + 7 * step] = s7
                else:
                    samples = (s0, s1, s2, s3, s4, s5, s6, s7)
                    for c in range(wide):
                        dst[q + c * step] = samples[c]
                q = q + stride & INDEX
    return rows * columns


@kernel("jpegdct.forward", clause="ISO 10918-1 A.3.1, A.3.3, A.3.4")
def forward(src: Cells, quantisation: Cells, shape: Int64s, coefficients: Cells) -> int:
    """Return the coefficients of one component of 8 bits: shift, transform, quantise.

    Parameters
    ----------
    src : cells
        The samples, in whole blocks: ``8 * across`` in a row.
    quantisation : cells
        64 of them, 1 to 255, in rows of frequencies.
    shape : array of int
        Blocks in a row of `src`, rows of blocks; where the component's first block is in
        `coefficients`, in blocks; and blocks from one row of blocks to the next there.
    coefficients : cells of 16 bits
        Take the result, 64 for each block, in rows of frequencies.

    Returns
    -------
    int
        The blocks transformed.
    """
    across = shape[0]
    down = shape[1]
    stride = 8 * across & INDEX
    work = zeros(64)
    # The transform leaves a factor of 8. Multiplied by 2 ** 32 / size, rounded up, a number
    # below 2 ** 21 gives the same quotient as divided by `size`, and sooner.
    halves = zeros(64)
    factors = zeros(64)
    for k in range(64):
        halves[k] = 4 * quantisation[k]
        factors[k] = (1 << 32) // (8 * i64(quantisation[k])) + 1
    for y in range(down):
        for x in range(across):
            p = (y * stride + x) * 8 & INDEX
            for r in range(0, 64, 8):
                s0 = i64(src[p])
                s1 = i64(src[p + 1])
                s2 = i64(src[p + 2])
                s3 = i64(src[p + 3])
                s4 = i64(src[p + 4])
                s5 = i64(src[p + 5])
                s6 = i64(src[p + 6])
                s7 = i64(src[p + 7])
                a = s0 + s7
                b = s1 + s6
                d = s2 + s5
                e = s3 + s4
                s0 -= s7
                s1 -= s6
                s2 -= s5
                s3 -= s4
                work[r] = (a + b + d + e - 1024) << 2
                work[r + 4] = (a - b - d + e) << 2
                a -= e
                b -= d
                work[r + 2] = (10703 * a + 4433 * b + 1024) >> 11
                work[r + 6] = (4433 * a - 10704 * b + 1024) >> 11
                work[r + 1] = (11363 * s0 + 9633 * s1 + 6437 * s2 + 2260 * s3 + 1024) >> 11
                work[r + 3] = (9633 * s0 - 2259 * s1 - 11362 * s2 - 6436 * s3 + 1024) >> 11
                work[r + 5] = (6437 * s0 - 11362 * s1 + 2261 * s2 + 9633 * s3 + 1024) >> 11
                work[r + 7] = (2260 * s0 - 6436 * s1 + 9633 * s2 - 11363 * s3 + 1024) >> 11
                p = p + stride & INDEX
            for c in range(8):
                s0 = work[c]
                s1 = work[c + 8]
                s2 = work[c + 16]
                s3 = work[c + 24]
                s4 = work[c + 32]
                s5 = work[c + 40]
                s6 = work[c + 48]
                s7 = work[c + 56]
                a = s0 + s7
                b = s1 + s6
                d = s2 + s5
                e = s3 + s4
                s0 -= s7
                s1 -= s6
                s2 -= s5
                s3 -= s4
                work[c] = (a + b + d + e + 2) >> 2
                work[c + 32] = (a - b - d + e + 2) >> 2
                a -= e
                b -= d
                work[c + 16] = (10703 * a + 4433 * b + 16384) >> 15
                work[c + 48] = (4433 * a - 10704 * b + 16384) >> 15
                work[c + 8] = (11363 * s0 + 9633 * s1 + 6437 * s2 + 2260 * s3 + 16384) >> 15
                work[c + 24] = (9633 * s0 - 2259 * s1 - 11362 * s2 - 6436 * s3 + 16384) >> 15
                work[c + 40] = (6437 * s0 - 11362 * s1 + 2261 * s2 + 9633 * s3 + 16384) >> 15
                work[c + 56] = (2260 * s0 - 6436 * s1 + 9633 * s2 - 11363 * s3 + 16384) >> 15
            q = (shape[2] + y * shape[3] + x & INDEX) << 6
            for k in range(64):  # halves are rounded away from zero
                value = work[k]
                size = (abs(value) + halves[k]) * factors[k] >> 32
                coefficients[q + k] = size if value >= 0 else -size
    return across * down
