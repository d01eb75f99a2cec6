"""YBR_FULL to RGB and back, in integers (PS3.3 C.7.6.3.1.2).

The coefficients are those of ITU-R BT.601 in full range, as exact fractions;
results are rounded to the nearest integer, halves up, and clipped.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["is_full_range_ybr", "rgb_to_ybr_full", "ybr_full_to_rgb"]


def is_full_range_ybr(photometric: str) -> bool:
    """Return whether pixels are YBR_FULL once their chrominance is complete."""
    return photometric in ("YBR_FULL", "YBR_FULL_422")


def ybr_full_to_rgb(
    pixels: NDArray[np.generic], bits: int = 8, *, out: NDArray[np.generic] | None = None
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
    if not result.flags.c_contiguous or not pixels.flags.c_contiguous:
        _convert(pixels, bits, result)
        return result
    source, target = pixels.reshape(-1, 3), result.reshape(-1, 3)
    for start in range(0, len(source), _BLOCK):
        _convert(source[start : start + _BLOCK], bits, target[start : start + _BLOCK])
    return result


_BLOCK = 1 << 14
"""Pixels at a time, so that intermediate results stay in the cache."""


def _convert(pixels: NDArray[np.generic], bits: int, result: NDArray[np.generic]) -> None:
    y, cb, cr = (pixels[..., channel].astype(np.int64) for channel in range(3))
    middle = 1 << bits - 1
    parts: tuple[NDArray[np.signedinteger], ...]
    if bits == 8:
        red, green, blue = _chrominance_tables()
        parts = red[cr], green[cb << 8 | cr], blue[cb]
    else:
        parts = _red(cr - middle), _green(cb - middle, cr - middle), _blue(cb - middle)
    for channel, part in enumerate(parts):
        result[..., channel] = np.clip(y + part, 0, 2 * middle - 1)


def rgb_to_ybr_full(pixels: NDArray[np.generic], bits: int = 8) -> NDArray[np.generic]:
    """Convert RGB to YBR_FULL.

    Parameters
    ----------
    pixels : ndarray of unsigned integers, shape (..., 3)
        Red, green, blue.
    bits : int
        Bits Stored.

    Examples
    --------
    >>> import numpy as np
    >>> rgb_to_ybr_full(np.array([255, 0, 0], np.uint8)).tolist()
    [76, 85, 255]
    """
    r, g, b = (pixels[..., channel].astype(np.int64) for channel in range(3))
    middle = 1 << bits - 1
    parts = (
        _rounded(299 * r + 587 * g + 114 * b, 1000),
        middle + _rounded(-299 * r - 587 * g + 886 * b, 1772),
        middle + _rounded(701 * r - 587 * g - 114 * b, 1402),
    )
    result = np.empty_like(pixels)
    for channel, part in enumerate(parts):
        result[..., channel] = np.clip(part, 0, (1 << bits) - 1)
    return result


def _rounded(numerator: NDArray[np.int64], denominator: int) -> NDArray[np.int64]:
    return (2 * numerator + denominator) // (2 * denominator)


# R = Y + 1.402 CR, B = Y + 1.772 CB, and G from Y = 0.299 R + 0.587 G + 0.114 B.


def _red(cr: NDArray[np.int64]) -> NDArray[np.int64]:
    return _rounded(1402 * cr, 1000)


def _green(cb: NDArray[np.int64], cr: NDArray[np.int64]) -> NDArray[np.int64]:
    return _rounded(-114 * 1772 * cb - 299 * 1402 * cr, 587 * 1000)


def _blue(cb: NDArray[np.int64]) -> NDArray[np.int64]:
    return _rounded(1772 * cb, 1000)


@cache
def _chrominance_tables() -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """Return what 8-bit chrominance adds to red, green (by ``CB << 8 | CR``) and blue."""
    c = np.arange(256, dtype=np.int64) - 128
    green = _green(c[:, np.newaxis], c[np.newaxis, :]).ravel()
    return _red(c).astype(np.int16), green.astype(np.int16), _blue(c).astype(np.int16)
