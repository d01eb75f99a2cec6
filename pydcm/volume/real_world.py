"""Real World Value Mapping: what a stored value means outside of the imaging pipeline.

It may be of other units than the modality's rescale, such as quantity per
volume for a perfusion map (PS3.3 C.7.6.16.2.11).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError
from pydcm.pixels.rescale import frame_group, rescale_plane
from pydcm.volume import header

__all__ = ["RealWorldValues", "real_world_values"]

_MAPPING = 0x00409096
_FIRST, _LAST = 0x00409216, 0x00409211
_DOUBLE_FIRST, _DOUBLE_LAST = 0x00409214, 0x00409213
_LUT = 0x00409212
_INTERCEPT, _SLOPE = 0x00409224, 0x00409225
_UNITS_CODE = 0x004008EA
_CODE_VALUE = 0x00080100


@dataclass(frozen=True, eq=False)
class RealWorldValues:
    """How stored values become real-world values.

    Attributes
    ----------
    slope, intercept : float
        Where they map linearly.
    table : ndarray or None
        Values for each stored value from `first` on, where they do not.
    first, last : float
        The stored values that are mapped; others become NaN.
    units : str
        Code of the units, such as ``"mm2/s"`` of UCUM.
    """

    slope: float
    intercept: float
    table: NDArray[np.float64] | None
    first: float
    last: float
    units: str

    def apply(self, stored: NDArray[np.generic], out: NDArray[np.float32]) -> None:
        """Fill `out` with the real-world values of stored ones."""
        if self.table is None:
            rescale_plane(stored, self.slope, self.intercept, out)
        else:
            index = np.clip(stored.astype(np.int64) - int(self.first), 0, len(self.table) - 1)
            out[...] = self.table[index]
        values = stored.astype(np.float64, copy=False)
        outside = (values < self.first) | (values > self.last)
        if outside.any():
            out[outside] = np.nan


def real_world_values(dataset: Dataset, frame: int) -> RealWorldValues:
    """Return the first real-world value mapping of a frame.

    Parameters
    ----------
    dataset : Dataset
        The image.
    frame : int
        Which frame, from 1.

    Raises
    ------
    ConformanceError
        If it has none, or one that maps nothing.
    """
    item = frame_group(dataset, frame - 1, "RealWorldValueMappingSequence")
    item = item or header.first_item(dataset, _MAPPING)
    if item is None:
        raise ConformanceError(
            "the image has no Real World Value Mapping Sequence",
            frame=frame,
            clause="PS3.3 C.7.6.16.2.11",
        )
    first = _either(item, _DOUBLE_FIRST, _FIRST)
    last = _either(item, _DOUBLE_LAST, _LAST)
    slope = header.decimal(item, _SLOPE)
    intercept = header.decimal(item, _INTERCEPT)
    code = header.first_item(item, _UNITS_CODE)
    units = "" if code is None else header.text(code, _CODE_VALUE)
    table = _table(item)
    if table is not None and first is not None and last is not None:
        if len(table) != last - first + 1:
            raise ConformanceError(
                f"the mapping has {len(table)} values for stored values from {first} to {last}",
                frame=frame,
                clause="PS3.3 C.7.6.16.2.11.1.1",
            )
        return RealWorldValues(1.0, 0.0, table, first, last, units)
    if slope is None or intercept is None:
        raise ConformanceError(
            "the real-world value mapping has neither slope and intercept nor a table",
            frame=frame,
            clause="PS3.3 C.7.6.16.2.11",
        )
    return RealWorldValues(
        slope,
        intercept,
        None,
        -np.inf if first is None else first,
        np.inf if last is None else last,
        units,
    )


def _either(item: Dataset, *tags: int) -> float | None:
    return next((value for tag in tags if (value := header.decimal(item, tag)) is not None), None)


def _table(item: Dataset) -> NDArray[np.float64] | None:
    value = item[_LUT].value if _LUT in item else None
    if value is None:
        return None
    table = np.atleast_1d(np.asarray(value, dtype=np.float64))
    return table if table.size else None
