"""From values of interest to P-values (PS3.3 C.11.6)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import UnsupportedValueError
from pydcm.pixels.elementwise import mapped, taken
from pydcm.pixels.lut import LookupTable, table_of

__all__ = ["apply_presentation_lut"]


def apply_presentation_lut(arr: NDArray[Any], ds: Dataset) -> NDArray[Any]:
    """Apply the Presentation LUT (PS3.3 C.11.6).

    Parameters
    ----------
    arr : ndarray
        What the VOI LUT made of the pixels.
    ds : Dataset
        Has Presentation LUT Sequence or Presentation LUT Shape.

    Returns
    -------
    ndarray
        The table's entries as uint8 or uint16, the range of `arr` spread over
        the whole table (C.11.6.1.1); or, of the type of `arr`, its greatest
        value minus each for shape INVERSE; or `arr` itself for shape IDENTITY
        and where `ds` has neither.

    Raises
    ------
    ConformanceError
        If the table is broken.
    UnsupportedValueError
        If the shape is another one, such as the retired LIN OD.

    Examples
    --------
    >>> import numpy as np
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> ds.PresentationLUTShape = "INVERSE"
    >>> apply_presentation_lut(np.array([0, 1, 255], np.uint8), ds).tolist()
    [255, 254, 0]
    """
    items = ds.get("PresentationLUTSequence")
    if items:
        return _spread(arr, table_of(items[0], ds))
    if "PresentationLUTShape" not in ds:
        return arr
    shape = str(ds.get("PresentationLUTShape") or "").strip().upper()
    if shape == "IDENTITY":
        return arr
    if shape != "INVERSE":
        raise UnsupportedValueError(
            f"Presentation LUT Shape {shape!r} is not supported",
            tag_path="PresentationLUTShape",
            clause="PS3.3 C.11.6.1.2",
        )
    if arr.size == 0:
        return arr
    if arr.dtype.kind == "b":
        return ~arr
    inverse: NDArray[Any] = arr.max() - arr
    return inverse


def _spread(arr: NDArray[Any], table: LookupTable) -> NDArray[Any]:
    """Return entries, the first for the least element and the last for the greatest."""
    entries = table.entries & table.entries.dtype.type((1 << table.bits) - 1)
    if arr.size == 0:
        return np.empty(arr.shape, entries.dtype)
    # In single precision, as the compatible API does: another entry may be the nearest in double.
    least, greatest = np.float32(arr.min()), np.float32(arr.max())
    extent = greatest - least
    if not 0 < extent < np.inf:
        return taken(entries[:1], np.zeros(arr.shape, np.uint8), 0)
    step = extent / np.float32(max(1, len(entries) - 1))

    def spread(values: NDArray[Any]) -> NDArray[Any]:
        return taken(entries, (values.astype(np.float32) - least) / step, 0)

    return mapped(arr, spread, entries.dtype)
