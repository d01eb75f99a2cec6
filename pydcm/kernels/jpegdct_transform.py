"""The discrete cosine transform of 8 x 8 blocks in integers (ISO 10918-1 A.3.3).

The standard leaves open how the transform is computed. This one gives the integers that
the Independent JPEG Group's accurate integer method gives, which most decoders share, so
that their results can be compared exactly: columns before rows in decoding, rows before
columns in encoding, cosines in 13 binary places, and one rounding after each pass. The
numbers of `forward` are ``sqrt(2) * cos(k * pi / 16)``, rounded as that method's
factorisation rounds them (Loeffler, Ligtenberg, Moschytz, 1989), which is why two that
should be equal differ by 1. Those of `inverse` are the sums and differences in that
factorisation, which multiplies less.
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
    work = zeros(128)
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
            # Eight columns. What comes out lies behind what went in, and transposed.
            for c in range(8):
                x0 = work[c]
                x1 = work[c + 8]
                x2 = work[c + 16]
                x3 = work[c + 24]
                x4 = work[c + 32]
                x5 = work[c + 40]
                x6 = work[c + 48]
                x7 = work[c + 56]
                if x1 | x2 | x3 | x4 | x5 | x6 | x7 == 0:  # common where c is high
                    x0 <<= extra
                    work[8 * c + 64] = x0
                    work[8 * c + 65] = x0
                    work[8 * c + 66] = x0
                    work[8 * c + 67] = x0
                    work[8 * c + 68] = x0
                    work[8 * c + 69] = x0
                    work[8 * c + 70] = x0
                    work[8 * c + 71] = x0
                    continue
                a = (x0 + x4 << 13) + half
                b = (x0 - x4 << 13) + half
                d = 4433 * (x2 + x6)
                e = d - 15137 * x6
                d += 6270 * x2
                e0 = a + d
                e1 = b + e
                e2 = b - e
                e3 = a - d
                a = 9633 * (x1 + x3 + x5 + x7)
                b = a - 3196 * (x1 + x5)
                a -= 16069 * (x3 + x7)
                d = 7373 * (x1 + x7)
                e = 20995 * (x3 + x5)
                o0 = 12299 * x1 + b - d
                o1 = 25172 * x3 + a - e
                o2 = 16819 * x5 + b - e
                o3 = 2446 * x7 + a - d
                work[8 * c + 64] = (e0 + o0) >> shift
                work[8 * c + 65] = (e1 + o1) >> shift
                work[8 * c + 66] = (e2 + o2) >> shift
                work[8 * c + 67] = (e3 + o3) >> shift
                work[8 * c + 68] = (e3 - o3) >> shift
                work[8 * c + 69] = (e2 - o2) >> shift
                work[8 * c + 70] = (e1 - o1) >> shift
                work[8 * c + 71] = (e0 - o0) >> shift
            # Eight rows: the same from cells in the same places, which compilers do at once.
            for r in range(8):
                x0 = work[r + 64]
                x1 = work[r + 72]
                x2 = work[r + 80]
                x3 = work[r + 88]
                x4 = work[r + 96]
                x5 = work[r + 104]
                x6 = work[r + 112]
                x7 = work[r + 120]
                a = (x0 + x4 << 13) + half_last
                b = (x0 - x4 << 13) + half_last
                d = 4433 * (x2 + x6)
                e = d - 15137 * x6
                d += 6270 * x2
                e0 = a + d
                e1 = b + e
                e2 = b - e
                e3 = a - d
                a = 9633 * (x1 + x3 + x5 + x7)
                b = a - 3196 * (x1 + x5)
                a -= 16069 * (x3 + x7)
                d = 7373 * (x1 + x7)
                e = 20995 * (x3 + x5)
                o0 = 12299 * x1 + b - d
                o1 = 25172 * x3 + a - e
                o2 = 16819 * x5 + b - e
                o3 = 2446 * x7 + a - d
                work[r] = (e0 + o0) >> shift_last
                work[r + 8] = (e1 + o1) >> shift_last
                work[r + 16] = (e2 + o2) >> shift_last
                work[r + 24] = (e3 + o3) >> shift_last
                work[r + 32] = (e3 - o3) >> shift_last
                work[r + 40] = (e2 - o2) >> shift_last
                work[r + 48] = (e1 - o1) >> shift_last
                work[r + 56] = (e0 - o0) >> shift_last
            for k in range(64):
                value = work[k]
                work[k] = 0 if value < 0 else top if value > top else value
            if wide == 8:
                for r in range(high):
                    dst[q] = work[r]
                    dst[q + step] = work[r + 8]
                    dst[q + 2 * step] = work[r + 16]
                    dst[q + 3 * step] = work[r + 24]
                    dst[q + 4 * step] = work[r + 32]
                    dst[q + 5 * step] = work[r + 40]
                    dst[q + 6 * step] = work[r + 48]
                    dst[q + 7 * step] = work[r + 56]
                    q = q + stride & INDEX
            else:
                for r in range(high):
                    for c in range(wide):
                        dst[q + c * step] = work[r + 8 * c]
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
