"""From values to gray levels of a screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["full_range", "gray_levels", "percentile_window"]


def gray_levels(
    values: NDArray[Any], centre: float, width: float, *, invert: bool = False
) -> NDArray[np.uint8]:
    """Return `values` as gray levels by the linear window (PS3.3 C.11.2.1.2.1).

    Parameters
    ----------
    values : ndarray
        Any shape.
    centre, width : float
        The window, in the unit of `values`; the width is at least 1.
    invert : bool
        Show large values dark, as MONOCHROME1 asks.

    Returns
    -------
    ndarray of uint8
        Of the same shape.

    Examples
    --------
    >>> gray_levels(np.array([-160, 40, 240]), 40, 400).tolist()
    [0, 128, 255]
    """
    x = values.astype(np.float32)
    if width <= 1:
        level = np.where(x > centre - 0.5, np.float32(255), np.float32(0))
    else:
        level = ((x - np.float32(centre - 0.5)) / np.float32(width - 1) + np.float32(0.5)) * 255
    shown: NDArray[np.uint8] = np.clip(np.rint(np.nan_to_num(level)), 0, 255).astype(np.uint8)
    return 255 - shown if invert else shown


def full_range(values: NDArray[Any]) -> tuple[float, float]:
    """Return the window that shows every finite value."""
    return percentile_window(values, 0.0, 100.0)


def percentile_window(
    values: NDArray[Any], low: float = 1.0, high: float = 99.0
) -> tuple[float, float]:
    """Return centre and width of the window between two percentiles of the values."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    bottom, top = (float(level) for level in np.percentile(finite, [low, high]))
    return (bottom + top + 1) / 2, max(1.0, top - bottom + 1)
