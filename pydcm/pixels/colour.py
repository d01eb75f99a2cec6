"""YBR_FULL to RGB and back, in integers (PS3.3 C.7.6.3.1.2).

The coefficients are those of ITU-R BT.601 in full range, as exact fractions;
results are rounded to the nearest integer, halves up, and clipped.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.kernels import colour as kernels
from pydcm.kernels.registry import Kernel

__all__ = ["convert_color_space", "is_full_range_ybr", "rgb_to_ybr_full", "ybr_full_to_rgb"]


def convert_color_space(
    arr: NDArray[Any], current: str, desired: str, per_frame: bool = False
) -> NDArray[Any]:
    """Convert between RGB and YBR_FULL (PS3.3 C.7.6.3.1.2).

    Parameters
    ----------
    arr : ndarray of uint8, shape (..., 3)
        Pixels with complete chrominance.
    current, desired : {"RGB", "YBR_FULL", "YBR_FULL_422"}
        Photometric interpretations; the last two mean the same here.
    per_frame : bool
        Convert the first axis item by item, in place and in little memory.

    Returns
    -------
    ndarray of uint8
        Of the same shape; `arr` itself if there is nothing to convert.

    Raises
    ------
    NotImplementedError
        For other photometric interpretations.
    ValueError
        If `arr` is no uint8 array with three samples.

    Examples
    --------
    >>> import numpy as np
    >>> convert_color_space(np.array([[[255, 0, 0]]], np.uint8), "RGB", "YBR_FULL").tolist()
    [[[76, 85, 255]]]
    """
    spaces = {"RGB": "RGB", "YBR_FULL": "YBR_FULL", "YBR_FULL_422": "YBR_FULL"}
    if current not in spaces or desired not in spaces:
        raise NotImplementedError(f"{current} cannot be converted to {desired}")
    if spaces[current] == spaces[desired]:
        return arr
    if arr.dtype != np.uint8:
        raise ValueError(f"colours are converted in uint8, not in {arr.dtype}")
    if arr.ndim < 1 or arr.shape[-1] != 3:
        raise ValueError(f"an array of shape {arr.shape} has no axis of three samples at its end")
    convert = rgb_to_ybr_full if spaces[current] == "RGB" else ybr_full_to_rgb
    if not per_frame:
        return convert(arr)
    for frame in arr:
        frame[...] = convert(frame)
    return arr


def is_full_range_ybr(photometric: str) -> bool:
    """Return whether pixels are YBR_FULL once their chrominance is complete."""
    return photometric in ("YBR_FULL", "YBR_FULL_422")


def ybr_full_to_rgb(
    pixels: NDArray[np.generic],
    bits: int = 8,
    *,
    out: NDArray[np.generic] | None = None,
) -> NDArray[np.generic]:
    """Convert YBR_FULL to RGB.

    Parameters
    ----------
    pixels : ndarray of unsigned integers, shape (..., 3)
        Y, CB, CR.
    bits : int
        Bits Stored; chrominance 0 is at ``2 ** (bits - 1)``.
    out : ndarray, optional
        Takes the result; it may be `pixels`.

    Returns
    -------
    ndarray
        Of the shape and type of `pixels`.

    Examples
    --------
    >>> import numpy as np
    >>> ybr_full_to_rgb(np.array([76, 85, 255], np.uint8)).tolist()
    [254, 0, 0]
    """
    result = np.empty_like(pixels) if out is None else out
    if _converted(kernels.ybr_to_rgb, pixels, bits, result):
        return result
    convert = _convert_octets if bits == 8 else _convert
    if not result.flags.c_contiguous or not pixels.flags.c_contiguous:
        convert(pixels, bits, result)
        return result
    source, target = pixels.reshape(-1, 3), result.reshape(-1, 3)
    for start in range(0, len(source), _BLOCK):
        stop = start + _BLOCK
        convert(source[start:stop], bits, target[start:stop])
    return result


_BLOCK = 1 << 14
"""Pixels at a time, so that intermediate results stay in the cache."""


def _convert_octets(pixels: NDArray[np.generic], _bits: int, result: NDArray[np.generic]) -> None:
    """Convert 8-bit samples, by tables of what chrominance adds."""
    red, green, blue = _chrominance_tables()
    y = pixels[..., 0].astype(np.int16)
    cb = pixels[..., 1].astype(np.intp)
    cr = pixels[..., 2].astype(np.intp)
    total = np.empty(y.shape, np.int16)
    for channel, table, index in ((0, red, cr), (2, blue, cb), (1, green, (cb << 8) | cr)):
        np.take(table, index, out=total, mode="clip")  # a mode that is quicker than the default
        total += y
        result[..., channel] = np.clip(total, 0, 255, out=total)


def _convert(pixels: NDArray[np.generic], bits: int, result: NDArray[np.generic]) -> None:
    y, cb, cr = (pixels[..., channel].astype(np.int64) for channel in range(3))
    middle = 1 << bits - 1
    parts = _chrominance(cb - middle, cr - middle)
    for channel, part in enumerate(parts):
        result[..., channel] = np.clip(y + part, 0, 2 * middle - 1)


def rgb_to_ybr_full(
    pixels: NDArray[np.generic],
    bits: int = 8,
    *,
    out: NDArray[np.generic] | None = None,
) -> NDArray[np.generic]:
    """Convert RGB to YBR_FULL.

    Parameters
    ----------
    pixels : ndarray of unsigned integers, shape (..., 3)
        Red, green, blue.
    bits : int
        Bits Stored.
    out : ndarray, optional
        Takes the result, and is C-contiguous; it may be `pixels`.

    Examples
    --------
    >>> import numpy as np
    >>> rgb_to_ybr_full(np.array([255, 0, 0], np.uint8)).tolist()
    [76, 85, 255]
    """
    result = np.empty_like(pixels, order="C") if out is None else out
    if _converted(kernels.rgb_to_ybr, pixels, bits, result):
        return result
    source, target = pixels.reshape(-1, 3), result.reshape(-1, 3)
    for start in range(0, len(source), _BLOCK):
        _to_ybr(source[start : start + _BLOCK], bits, target[start : start + _BLOCK])
    return result


def _converted(
    kernel: Kernel[[memoryview], int],
    pixels: NDArray[np.generic],
    bits: int,
    result: NDArray[np.generic],
) -> bool:
    """Convert octets by a kernel, unless arrays are quicker; return whether it was done."""
    if (
        bits != 8
        or pixels.dtype != np.uint8
        or result.dtype != np.uint8
        or not pixels.size
        or not result.flags.c_contiguous
        or kernel.chosen() == "reference"
    ):
        return False
    if result is not pixels:
        np.copyto(result, pixels)
    kernel(result.reshape(-1).data)
    return True


def _to_ybr(pixels: NDArray[np.generic], bits: int, result: NDArray[np.generic]) -> None:
    # The sums below fit 32 bits, which are quicker, unless samples are wider than 16.
    kind: type[np.signedinteger] = np.int32 if bits <= 16 else np.int64
    r, g, b = (pixels[:, channel].astype(kind) for channel in range(3))
    middle = 1 << bits - 1
    parts = (
        _rounded(299 * r + 587 * g + 114 * b, 1000),
        middle + _rounded(-299 * r - 587 * g + 886 * b, 1772),
        middle + _rounded(701 * r - 587 * g - 114 * b, 1402),
    )
    for channel, part in enumerate(parts):
        result[:, channel] = np.clip(part, 0, 2 * middle - 1)


def _rounded(numerator: NDArray[np.signedinteger], denominator: int) -> NDArray[np.signedinteger]:
    """Return a quotient to the nearest integer, halves up; it may write to the numerator."""
    numerator *= 2
    numerator += denominator
    numerator //= 2 * denominator
    return numerator


def _chrominance(
    cb: NDArray[np.int64], cr: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return what chrominance, 0 in the middle, adds to red, green and blue.

    R = Y + 1.402 CR, B = Y + 1.772 CB, and G from Y = 0.299 R + 0.587 G + 0.114 B.
    """
    return (
        _rounded(1402 * cr, 1000),
        _rounded(-114 * 1772 * cb - 299 * 1402 * cr, 587 * 1000),
        _rounded(1772 * cb, 1000),
    )


@cache
def _chrominance_tables() -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """Return what 8-bit chrominance adds to red, green (by ``CB << 8 | CR``) and blue."""
    c = np.arange(256, dtype=np.int64) - 128
    red, green, blue = _chrominance(c[:, np.newaxis], c[np.newaxis, :])
    return (
        red.ravel().astype(np.int16),
        green.ravel().astype(np.int16),
        blue.ravel().astype(np.int16),
    )
