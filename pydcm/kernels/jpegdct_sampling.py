"""Components of fewer samples than the image, brought to its size (ISO 10918-1 A.1.1).

The standard says which samples there are, not where they lie nor how the others are
found. JFIF puts each in the middle of those that it stands for. The rules here are those
of the Independent JPEG Group's decoder, which others follow: where one direction or both
are halved, a sample of the image is three quarters of the nearest and one of the next
(`upsample`); other ratios repeat (`replicate`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import i64, spread_cells, zeros
from pydcm.kernels.jpegdct_transform import INDEX
from pydcm.kernels.registry import kernel

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells, Int64s

__all__ = ["replicate", "upsample"]


@kernel("jpegdct.upsample", clause="ISO 10918-1 A.1.1; JFIF 1.02")
def upsample(src: Cells, shape: Int64s, dst: Cells) -> int:
    """Double a component's columns, rows, or both, by the triangle filter.

    Rounding alternates, so that halves go down as often as up. At the edges the nearest
    sample is also the next.

    Parameters
    ----------
    src : cells
        The samples.
    shape : array of int
        Rows and columns of `src`; how many times as many rows and columns the image has (1
        or 2 here); rows and columns of the image, of which the last ones may be half of what
        their samples stand for; where in `dst` the first sample goes; cells from sample to
        sample, and from row to row.
    dst : cells
        Takes the samples.

    Returns
    -------
    int
        The samples written.
    """
    height = shape[0]
    width = shape[1]
    vertical = shape[2]
    horizontal = shape[3]
    columns = shape[5]
    step = shape[7] & INDEX
    major = 3 if vertical == 2 else 1
    minor = vertical - 1
    if vertical == 1:
        left, right = 1, 2
    else:
        left, right = 8, 7
    shift = 2 * (vertical + horizontal) - 4
    line = zeros(width + 2)  # a row of `src` between its rows, and its ends once more
    row = zeros(2 * width)
    for y in range(shape[4]):
        near = (y // vertical * width) & INDEX
        far = near
        below = y & 1
        if vertical == 2:
            far = near + width if below else near - width
            if far < 0 or far >= height * width:
                far = near
            far &= INDEX
        q = (shape[6] + y * shape[8]) & INDEX
        if horizontal == 1:
            for x in range(columns):
                dst[q + x * step] = 3 * i64(src[near + x]) + src[far + x] + 1 + below >> 2
            continue
        # Views of what a row is made of: indices that grow by one are checked at little cost.
        nearest = src[near : near + width]
        next_row = src[far : far + width]
        for x in range(min(len(nearest), len(next_row), len(line) - 1)):
            line[x + 1] = major * i64(nearest[x]) + minor * i64(next_row[x])
        line[0] = line[1]
        line[width + 1] = line[width]
        for x in range(min(len(line) - 2, len(row) >> 1)):
            here = 3 * line[x + 1]
            row[2 * x] = here + line[x] + left >> shift
            row[2 * x + 1] = here + line[x + 2] + right >> shift
        spread_cells(row, dst, q, step, columns)
    return shape[4] * columns


@kernel("jpegdct.replicate", clause="ISO 10918-1 A.1.1")
def replicate(src: Cells, shape: Int64s, dst: Cells) -> int:
    """Repeat a component's samples; the arguments and the result are those of `upsample`."""
    width = shape[1]
    vertical = shape[2]
    horizontal = shape[3]
    columns = shape[5]
    step = shape[7] & INDEX
    for y in range(shape[4]):
        q = (shape[6] + y * shape[8]) & INDEX
        p = (y // vertical * width) & INDEX
        for x in range(0, columns, horizontal):
            sample = src[p]
            for i in range(min(horizontal, columns - x)):
                dst[q + i * step] = sample
            q = q + horizontal * step & INDEX
            p = p + 1 & INDEX
    return shape[4] * columns
