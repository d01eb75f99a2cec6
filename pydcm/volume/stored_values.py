"""Real values as 16-bit stored values with one slope and intercept (PS3.3 C.11.1)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import WriteError
from pydcm.valuerep.numbers import format_number_as_ds

__all__ = ["StoredValues"]

_LEVELS = 65535
_WHOLE_LIMIT = 1e15
"""Whole numbers below this have a Decimal String that is exact."""


@dataclass(frozen=True)
class StoredValues:
    """How values are stored.

    Attributes
    ----------
    slope, intercept : str
        Decimal Strings: value = stored * slope + intercept.
    dtype : dtype
        int16 or uint16, little endian.
    """

    slope: str
    intercept: str
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, pixels: NDArray[Any], *, intercept_allowed: bool = True) -> StoredValues:
        """Return how to store an array.

        Parameters
        ----------
        pixels : ndarray, shape (z, y, x)
            Finite real numbers.
        intercept_allowed : bool
            PET must have an intercept of zero (PS3.3 C.8.9.4.1.5).

        Raises
        ------
        WriteError
            If they are no finite real numbers of three dimensions.

        Examples
        --------
        >>> StoredValues.of(np.array([[[-1024.0, 3071.0]]]))
        StoredValues(slope='1', intercept='0', dtype=dtype('int16'))
        >>> StoredValues.of(np.array([[[-1.5, 1.0]]])).slope
        '3.8147554742e-05'
        """
        if pixels.ndim != 3 or pixels.size == 0 or pixels.dtype.kind not in "biuf":
            raise WriteError(
                f"an array of shape {pixels.shape} and dtype {pixels.dtype.name} is no gray volume"
            )
        low, high, whole = _span(pixels)
        if whole and low >= -32768 and high <= 32767:
            return cls("1", "0", np.dtype("<i2"))
        if whole and low >= 0 and high <= _LEVELS:
            return cls("1", "0", np.dtype("<u2"))
        if not intercept_allowed:
            signed = low < 0
            slope = _at_least(max(high, -low) / (32767 if signed else _LEVELS))
            return cls(slope, "0", np.dtype("<i2" if signed else "<u2"))
        if whole and high - low <= _LEVELS and abs(low) < _WHOLE_LIMIT:
            return cls("1", str(int(low)), np.dtype("<u2"))
        intercept = _at_least(-low, negative=True)
        return cls(_at_least((high - float(intercept)) / _LEVELS), intercept, np.dtype("<u2"))

    @property
    def is_identity(self) -> bool:
        """Whether stored values are the values."""
        return (self.slope, self.intercept) == ("1", "0")

    def encode(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Return the stored values that are nearest to real ones."""
        if self.is_identity:
            return plane.astype(self.dtype)
        bounds = np.iinfo(self.dtype)
        scaled = (plane.astype(np.float64) - float(self.intercept)) / float(self.slope)
        return np.clip(np.rint(scaled), bounds.min, bounds.max).astype(self.dtype)


def _span(pixels: NDArray[Any]) -> tuple[float, float, bool]:
    """Return the least and greatest value and whether all are whole numbers."""
    low, high, whole = math.inf, -math.inf, True
    for number, plane in enumerate(_planes(pixels)):
        bottom, top = float(plane.min()), float(plane.max())
        if not (math.isfinite(bottom) and math.isfinite(top)):
            count = int(np.count_nonzero(~np.isfinite(plane)))
            raise WriteError(
                f"slice {number} (from 0) has {count} values that are not finite",
                hint="replace them first, as with numpy.nan_to_num",
            )
        low, high = min(low, bottom), max(high, top)
        whole = whole and (plane.dtype.kind != "f" or bool((plane == np.rint(plane)).all()))
    if not math.isfinite(high - low):
        raise WriteError(f"values from {low:g} to {high:g} span too much for a common slope")
    return low, high, whole


def _planes(pixels: NDArray[Any]) -> Iterator[NDArray[Any]]:
    yield from pixels


def _at_least(number: float, *, negative: bool = False) -> str:
    """Return the Decimal String of a number or of the next larger one that has one.

    With `negative`, the string is that of the number's negative.
    """
    if number == 0:
        return "0" if negative else "1"
    wanted, nudge = number, abs(number) * 1e-12
    for _ in range(100):
        text = format_number_as_ds(-wanted if negative else wanted)
        if (-float(text) if negative else float(text)) >= number:
            return text
        wanted, nudge = wanted + nudge, 2 * nudge
    raise WriteError(f"{number} has no Decimal String")  # it would be beyond the range of float
