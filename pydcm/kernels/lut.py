"""Lookup tables and the linear rescale of stored values (PS3.3 C.11.1, C.7.6.3.1.5).

Where neither numba was asked for nor the accelerator is there, :mod:`pydcm.pixels` does
the same with arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import i64
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import BAD_VALUE

if TYPE_CHECKING:
    from array import array
    from typing import TypeAlias

    from pydcm.kernels.dialect import Cells

    Singles: TypeAlias = "memoryview[float] | array[float]"

__all__ = ["rescale", "take"]


@kernel("lut.take", clause="PS3.3 C.11.1.1, C.7.6.3.1.5", jit_by_default=False)
def take(src: Cells, first: int, table: Cells, width: int, dst: Cells) -> int:
    """Look values up: of a grey table one cell for each, of a palette three or four.

    Parameters
    ----------
    src : cells
        The values, of at most 32 bits.
    first : int
        The value that the first row of the table is for, of at most 33 bits with its sign;
        smaller ones take it too, and those past the table take the last row.
    table : cells
        Rows of `width` cells.
    width : int
        Cells in a row.
    dst : cells of the type of `table`
        Takes a row for each value.

    Returns
    -------
    int
        The values looked up; `BAD_VALUE` if there is no row, or if `dst` is not of the size
        that it has to be.
    """
    if width < 1 or len(table) < width or len(dst) != len(src) * width:
        return BAD_VALUE
    last = len(table) // width - 1
    q = 0
    for p in range(len(src)):
        row = min(max(i64(src[p]) - first, 0), last) * width
        for k in range(width):
            dst[q + k] = table[row + k]
        q += width
    return len(src)


@kernel("lut.rescale", clause="PS3.3 C.11.1.1.2", jit_by_default=False)
def rescale(src: Cells, slope: float, intercept: float, dst: Singles) -> int:
    """Return ``src * slope + intercept`` in single precision, computed in double.

    Parameters
    ----------
    src : cells
        Stored values, of at most 32 bits.
    slope, intercept : float
        Of the Modality LUT.
    dst : cells of single precision
        As many.

    Returns
    -------
    int
        The values rescaled; `BAD_VALUE` if `dst` is not of the size of `src`.
    """
    if len(dst) != len(src):
        return BAD_VALUE
    for p in range(len(src)):
        dst[p] = i64(src[p]) * slope + intercept
    return len(src)
