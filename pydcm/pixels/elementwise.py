"""One value in, one value out: tables where values repeat, blocks that stay in the cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pydcm import limits
from pydcm.kernels import lut
from pydcm.kernels.status import failure

__all__ = ["cells_of", "mapped", "suits_kernels", "taken"]

_BLOCK = 1 << 14
"""Pixels at a time, so that intermediate results stay in the cache."""

_FAR = 1 << 40
"""Beyond all tables; 64-bit pixels are cut to it before differences are taken."""


def mapped(
    arr: NDArray[Any], function: Callable[[NDArray[Any]], NDArray[Any]], dtype: DTypeLike
) -> NDArray[Any]:
    """Apply a function to every element.

    Integers whose values are fewer than their elements, which is almost every
    image, are looked up in a table of the function's results, so that it is
    computed once for each value. The results are the same either way.

    Parameters
    ----------
    arr : ndarray
        Elements, in any shape.
    function : callable
        Takes a flat array of some elements, and returns an array of the same
        length, which may depend on nothing but the element in its place. The
        elements are float64 unless they were integers.
    dtype : dtype
        Of the results.

    Returns
    -------
    ndarray
        Of the shape of `arr`.
    """
    limits.check("max_array_bytes", arr.size * np.dtype(dtype).itemsize, "bytes of mapped pixels")
    if arr.dtype.kind in "iu" and arr.size:
        first, last = int(arr.min()), int(arr.max())
        if last - first < arr.size and first > -_FAR and last < _FAR:
            table = function(np.arange(first, last + 1)).astype(dtype, copy=False)
            return taken(table, arr, first)
    out = np.empty(arr.shape, dtype)
    source, target = arr.reshape(-1), out.reshape(-1)
    for start in range(0, len(source), _BLOCK):
        part = source[start : start + _BLOCK]
        if part.dtype.kind not in "iu":
            part = part.astype(np.float64)
        target[start : start + len(part)] = function(part)
    return out


def taken(table: NDArray[Any], arr: NDArray[Any], first: int) -> NDArray[Any]:
    """Return the rows of a table that elements choose.

    Parameters
    ----------
    table : ndarray, shape (n, ...)
        At least one row.
    arr : ndarray
        Elements, in any shape. The fraction of the distance to `first` is cut
        off; NaN counts as `first`.
    first : int
        The element that chooses row 0; smaller ones choose it too, and those
        past the table choose the last row.

    Returns
    -------
    ndarray
        With the axes of `arr` and then those of a row.
    """
    row = table.shape[1:]
    size = arr.size * int(np.prod(row)) * table.itemsize
    limits.check("max_array_bytes", size, "bytes of pixels from a table")
    out = np.empty(arr.shape + row, table.dtype)
    if _suits(table, arr) and lut.take.chosen() != "reference":
        cells, width = f"u{table.itemsize}", int(np.prod(row))
        rows = np.ascontiguousarray(table).reshape(-1).view(cells).data
        status = lut.take(cells_of(arr), first, rows, width, out.reshape(-1).view(cells).data)
        if status < 0:
            raise failure("lut.take", status)
        return out
    source, target = arr.reshape(-1), out.reshape(-1, *row)
    numbers = np.empty(min(_BLOCK, len(source)), np.intp)
    for start in range(0, len(source), _BLOCK):
        part = source[start : start + _BLOCK]
        number = numbers[: len(part)]
        if part.dtype.kind in "iub":
            if part.dtype.itemsize == 8:
                part = np.clip(part, 0 if part.dtype.kind == "u" else -_FAR, _FAR)
            np.subtract(part.astype(np.intp, copy=False), first, out=number)
        else:
            distance = np.nan_to_num(part.astype(np.float64) - first, posinf=_FAR, neginf=-_FAR)
            number[:] = np.clip(distance, -_FAR, _FAR)
        table.take(number, axis=0, out=target[start : start + len(part)], mode="clip")
    return out


def suits_kernels(arr: NDArray[Any]) -> bool:
    """Return whether kernels take the elements of an array: integers of at most 32 bits."""
    return arr.size > 0 and arr.dtype.kind in "iu" and arr.itemsize <= 4 and arr.dtype.isnative


def cells_of(arr: NDArray[Any]) -> memoryview:
    """Return the elements of an array that is not empty as kernels take them."""
    return np.ascontiguousarray(arr).reshape(-1).data


def _suits(table: NDArray[Any], arr: NDArray[Any]) -> bool:
    """Return whether the kernel looks up in this table; its cells may be of any type."""
    return suits_kernels(arr) and table.size > 0 and table.itemsize in (1, 2, 4, 8)
