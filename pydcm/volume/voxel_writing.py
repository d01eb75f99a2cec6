"""Voxels to a file: in bounded memory, and never half a file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import WriteError
from pydcm.progress import Meter, Progress, reporting
from pydcm.volume.gzip_stream import BLOCK_BYTES, Container, deflated, in_order

__all__ = ["converted", "smallest_dtype", "write_voxels"]

_GROUP_BYTES = 16 << 20
"""How much of an array that is not contiguous is copied at once."""

_CACHED = 1 << 16
"""Voxels that are looked at together, so that they stay in the processor's cache."""

_SMALL_INTEGERS = (np.dtype(np.uint8), np.dtype(np.int16), np.dtype(np.uint16))


def write_voxels(
    file: BinaryIO,
    pixels: NDArray[Any],
    dtype: np.dtype[Any],
    container: Container | None = None,
    *,
    before: bytes = b"",
    progress: Progress = None,
) -> int:
    """Write an array in C order.

    Parameters
    ----------
    file : BinaryIO
        Where to.
    pixels : ndarray
        Of any layout in memory.
    dtype : dtype
        What to write, in the byte order to write; see :func:`converted`.
    container : {"gzip", "zlib"}, optional
        Compress it so.
    before : bytes
        Written before the voxels, inside the compressed stream.
    progress : bool or callable, optional
        Show how many bytes were written, as they are before compression.

    Returns
    -------
    int
        Number of bytes written.

    Raises
    ------
    WriteError
        If `dtype` cannot hold the values.
    """
    size = len(before) + pixels.size * dtype.itemsize
    with reporting(progress, size, "bytes written") as meter:
        blocks = (partial(_counted, block, meter) for block in _blocks(pixels, dtype, before))
        # Threads are for deflating: only one at a time writes to a file, and a block that was
        # just converted is in the cache of the processor that writes it.
        parts = (make() for make in blocks) if container is None else deflated(blocks, container)
        return sum(map(file.write, parts))


_Block: TypeAlias = Callable[[], memoryview]
"""Makes about `BLOCK_BYTES` of what is written."""


def _counted(block: _Block, meter: Meter) -> memoryview:
    """Make a block. What the receiver of the count raises ends the threads of others, too."""
    data = block()
    meter.advance(data.nbytes)
    return data


def _blocks(pixels: NDArray[Any], dtype: np.dtype[Any], before: bytes) -> Iterator[_Block]:
    if before:
        yield lambda: memoryview(before)
    step = max(1, BLOCK_BYTES // dtype.itemsize)
    for slab in _slabs(pixels):
        for at in range(0, slab.size, step):
            yield partial(_bytes_of, slab[at : at + step], dtype)


def _slabs(pixels: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield all of an array in C order, flat: in one if it lies so, else in copied parts."""
    if pixels.flags.c_contiguous:
        yield pixels.reshape(-1)
        return
    group = max(1, _GROUP_BYTES // max(1, pixels[0].nbytes))
    for start in range(0, len(pixels), group):
        yield np.ascontiguousarray(pixels[start : start + group]).reshape(-1)


def _bytes_of(values: NDArray[Any], dtype: np.dtype[Any]) -> memoryview:
    if dtype.kind in "iu" and values.dtype.kind in "iuf" and values.dtype != dtype:
        stored = np.empty(values.shape, dtype)
        for at in range(0, values.size, _CACHED):
            stored[at : at + _CACHED] = converted(values[at : at + _CACHED], dtype)
    else:
        stored = np.ascontiguousarray(converted(values, dtype))
    return stored.view(np.uint8).data


def converted(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return values in another dtype, or raise if that changes what they are.

    Floating point may be rounded to a shorter floating point; anything else
    must come out equal.

    Raises
    ------
    WriteError
        If a value does not fit.

    Examples
    --------
    >>> converted(np.array([1.0, 2.0]), np.dtype("int16"))
    array([1, 2], dtype=int16)
    """
    if np.can_cast(values.dtype, dtype) and not _loses_digits(values.dtype, dtype):
        return values.astype(dtype, copy=False)
    if values.dtype.kind == "c" and dtype.kind != "c":
        raise _misfit(values, dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        changed = values.astype(dtype)
    if values.dtype.kind in "fc" and dtype.kind in "fc":
        kept = np.isfinite(changed) == np.isfinite(values)
    else:
        kept = _same(values, changed)
    if not kept.all():
        raise _misfit(values, dtype)
    return changed


def _loses_digits(source: np.dtype[Any], target: np.dtype[Any]) -> bool:
    """Tell whether numpy calls a conversion of 64-bit integers safe that is not exact."""
    return source.kind in "iu" and source.itemsize == 8 and target.kind in "fc"


def _same(values: NDArray[Any], changed: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which values are the same numbers as before; 64-bit integers have no common dtype."""
    common = np.result_type(values, changed)
    if common.kind == "f" and values.dtype.kind in "iu":
        back = np.asarray(changed, np.longdouble) == np.asarray(values, np.longdouble)
        return np.asarray(back)
    return np.asarray(changed == values)


def _misfit(values: NDArray[Any], dtype: np.dtype[Any]) -> WriteError:
    return WriteError(
        f"{dtype.name} does not hold the {values.dtype.name} values of the volume exactly",
        hint=f"give dtype={values.dtype.name!r}, if the format has it",
    )


def smallest_dtype(pixels: NDArray[Any]) -> np.dtype[Any]:
    """Return uint8, int16 or uint16 if one of them holds every value, else the given dtype.

    Parameters
    ----------
    pixels : ndarray
        Real numbers.

    Examples
    --------
    >>> smallest_dtype(np.array([-1024.0, 3071.0], np.float32))
    dtype('int16')
    >>> smallest_dtype(np.array([0.5], np.float32))
    dtype('float32')
    """
    if pixels.size == 0 or pixels.dtype.kind not in "iufb":
        return pixels.dtype
    low, high = 0.0, 0.0
    spans = in_order(_span, _parts(pixels))
    with contextlib.closing(cast("Any", spans)):
        for span in spans:
            if span is None:
                return pixels.dtype
            low, high = min(low, span[0]), max(high, span[1])
    for dtype in _SMALL_INTEGERS:
        bounds = np.iinfo(dtype)
        if bounds.min <= low and high <= bounds.max:
            return dtype
    return pixels.dtype


def _parts(pixels: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for slab in _slabs(pixels):
        for at in range(0, slab.size, BLOCK_BYTES):
            yield slab[at : at + BLOCK_BYTES]


def _span(values: NDArray[Any]) -> tuple[int, int] | None:
    """Return the least and the greatest value, None unless all are 16-bit whole numbers."""
    low, high = 0, 0
    with np.errstate(invalid="ignore"):  # a value that no integer holds compares unequal below
        for at in range(0, values.size, _CACHED):
            part = values[at : at + _CACHED]
            integers = part.astype(np.int16)
            if not (integers == part).all():
                integers = part.astype(np.uint16)
                if not (integers == part).all():
                    return _slow_span(values)
            low, high = min(low, int(integers.min())), max(high, int(integers.max()))
    return low, high


def _slow_span(values: NDArray[Any]) -> tuple[int, int] | None:
    """Do the same where a part has values both below 0 and above 32767, or others."""
    least, greatest = float(values.min()), float(values.max())
    if not (least >= -32768 and greatest <= 65535):  # also where one is not a number
        return None
    if not (values.astype(np.int32) == values).all():
        return None
    return int(least), int(greatest)
