"""Stored values into values with a meaning (PS3.3 C.11.1) and colour spaces."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError
from pydcm.pixels.colour import rgb_to_ybr_full, ybr_full_to_rgb

__all__ = ["apply_modality_lut", "apply_rescale", "convert_color_space"]


def apply_modality_lut(arr: NDArray[Any], ds: Dataset) -> NDArray[Any]:
    """Apply the Modality LUT or Rescale Slope and Intercept (PS3.3 C.11.1).

    Parameters
    ----------
    arr : ndarray
        Stored values.
    ds : Dataset
        Has Modality LUT Sequence, or Rescale Slope and Rescale Intercept.

    Returns
    -------
    ndarray
        The table's entries as uint8 or uint16, values outside of the table as
        its ends; or ``arr * slope + intercept`` as float64; or `arr` itself if
        `ds` has neither.

    Raises
    ------
    ConformanceError
        If the table or the numbers are broken.

    Examples
    --------
    >>> import numpy as np
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> ds.RescaleSlope, ds.RescaleIntercept = 2, -1024
    >>> apply_modality_lut(np.array([0, 1000], np.uint16), ds).tolist()
    [-1024.0, 976.0]
    """
    items = ds.get("ModalityLUTSequence")
    if items:
        return _looked_up(arr, items[0])
    if "RescaleSlope" not in ds or "RescaleIntercept" not in ds:
        return arr
    slope = number_of(ds, "RescaleSlope")
    intercept = number_of(ds, "RescaleIntercept")
    scaled: NDArray[np.float64] = arr.astype(np.float64) * slope + intercept
    return scaled


apply_rescale = apply_modality_lut


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


def number_of(ds: Dataset, keyword: str) -> float:
    """Return the value of an element that must be one finite number."""
    value = ds.get(keyword)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise ConformanceError(
            f"{keyword} is {value!r}, which is no number",
            tag_path=keyword,
            clause="PS3.3 C.11.1.1.2",
        )
    return number


def _looked_up(arr: NDArray[np.generic], item: Dataset) -> NDArray[np.generic]:
    """Return the Modality LUT's entries for stored values (PS3.3 C.11.1.1.1)."""
    descriptor, data = item.get("LUTDescriptor"), item.get("LUTData")
    try:
        count, first, bits = (int(number) for number in descriptor)
    except (TypeError, ValueError) as error:
        raise ConformanceError(
            f"LUT Descriptor is {descriptor!r} instead of three integers", tag_path="LUTDescriptor"
        ) from error
    count = count & 0xFFFF or 1 << 16
    dtype = np.dtype(np.uint8 if bits <= 8 else np.uint16)
    if isinstance(data, bytes):
        packed = bits <= 8 and len(data) < 2 * count
        words = np.frombuffer(data[: len(data) - len(data) % 2], "<u2")
        table = np.frombuffer(data, np.uint8) if packed else words
    else:
        table = np.asarray([] if data is None else data).ravel()
    if len(table) < count or table.dtype.kind not in "iu":
        raise ConformanceError(
            f"LUT Data have {len(table)} entries, LUT Descriptor says {count}",
            tag_path="LUTData",
            clause="PS3.3 C.11.1.1",
        )
    index = np.clip(arr.astype(np.int64) - first, 0, count - 1)
    entries: NDArray[np.generic] = table[:count].astype(dtype)[index]
    return entries
