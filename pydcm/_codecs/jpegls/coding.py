"""The parameters of a scan, and the tables that follow from them (ISO 14495-1 A.2, C.2.4.1.1)."""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import NamedTuple

import numpy as np

__all__ = ["Coding", "Preset", "default_preset", "gradient_table", "most_near"]


class Preset(NamedTuple):
    """Preset coding parameters; 0 stands for the default (C.2.4.1.1).

    Attributes
    ----------
    MAXVAL : int
        The largest sample.
    T1, T2, T3 : int
        Where the quantisation of gradients has its steps.
    RESET : int
        The occurrences of a context after which its counters are halved.
    """

    MAXVAL: int = 0
    T1: int = 0
    T2: int = 0
    T3: int = 0
    RESET: int = 0

    def completed(self, precision: int, NEAR: int) -> Preset:
        """Return the same with defaults in place of 0, for samples of `precision` bits."""
        default = default_preset(self.MAXVAL or (1 << precision) - 1, NEAR)
        return Preset._make(told or usual for told, usual in zip(self, default, strict=True))


def most_near(MAXVAL: int) -> int:
    """Return the largest NEAR that the standard allows (C.2.3)."""
    return min(255, MAXVAL // 2)


def default_preset(MAXVAL: int, NEAR: int) -> Preset:
    """Return what applies without an LSE segment (C.2.4.1.1.1).

    Examples
    --------
    >>> default_preset(255, 0)
    Preset(MAXVAL=255, T1=3, T2=7, T3=21, RESET=64)
    >>> default_preset(65535, 2)
    Preset(MAXVAL=65535, T1=24, T2=77, T3=290, RESET=64)
    """
    if MAXVAL >= 128:
        factor = (min(MAXVAL, 4095) + 128) // 256
        steps = (factor + 2 + 3 * NEAR, 4 * factor + 3 + 5 * NEAR, 17 * factor + 4 + 7 * NEAR)
    else:
        factor = 256 // (MAXVAL + 1)
        steps = (
            max(2, 3 // factor + 3 * NEAR),
            max(3, 7 // factor + 5 * NEAR),
            max(4, 21 // factor + 7 * NEAR),
        )
    thresholds = []
    least = NEAR + 1
    for step in steps:
        least = least if step > MAXVAL or step < least else step
        thresholds.append(least)
    return Preset._make((MAXVAL, *thresholds, 64))


class Coding(NamedTuple):
    """The parameters of a scan.

    Attributes
    ----------
    preset : Preset
        Preset coding parameters, none of which is 0.
    NEAR : int
        The largest error of a sample.
    """

    preset: Preset
    NEAR: int

    @property
    def RANGE(self) -> int:
        """How many prediction errors there are after quantisation (A.2.1)."""
        return (self.preset.MAXVAL + 2 * self.NEAR) // (2 * self.NEAR + 1) + 1

    @property
    def LIMIT(self) -> int:
        """The most bits of one code (A.2.1)."""
        bpp = max(2, self.preset.MAXVAL.bit_length())
        return 2 * (bpp + max(8, bpp))

    def numbers(self, rows: int, columns: int, components: int, interval: int) -> array[int]:
        """Return the argument `coding` of the kernels.

        Parameters
        ----------
        rows, columns, components : int
            Of the scan.
        interval : int
            The rows in a restart interval.
        """
        RANGE = self.RANGE
        numbers = (self.preset.MAXVAL, self.NEAR, RANGE, (RANGE - 1).bit_length(), self.LIMIT)
        return array("q", [*numbers, self.preset.RESET, rows, columns, components, interval])

    def table(self) -> bytes:
        """Return the argument `table` of the kernels."""
        return gradient_table(*self.preset[:4], self.NEAR)


@lru_cache(maxsize=8)
def gradient_table(MAXVAL: int, T1: int, T2: int, T3: int, NEAR: int) -> bytes:
    """Return the region of each gradient from -MAXVAL to MAXVAL, from 0 to 8 (A.3.3)."""
    gradients = np.arange(-MAXVAL, MAXVAL + 1)
    regions = np.searchsorted([NEAR + 1, T1, T2, T3], np.abs(gradients), side="right")
    return (4 + np.sign(gradients) * regions).astype(np.uint8).tobytes()
