"""Values of interest: VOI LUT, and windows of three shapes (PS3.3 C.11.2)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, MissingElementError
from pydcm.pixels.elementwise import mapped
from pydcm.pixels.lut import descriptor_of, finite, number_of, table_of

__all__ = ["apply_voi", "apply_voi_lut", "apply_windowing"]

_CLAUSE = "PS3.3 C.11.2.1"


def apply_voi_lut(
    arr: NDArray[Any], ds: Dataset, index: int = 0, prefer_lut: bool = True
) -> NDArray[Any]:
    """Apply the VOI LUT or the window of an image (PS3.3 C.11.2).

    Parameters
    ----------
    arr : ndarray
        What the Modality LUT made of the stored values, see
        :func:`~pydcm.pixels.apply_modality_lut`.
    ds : Dataset
        Has VOI LUT Sequence, or Window Center and Window Width.
    index : int
        Which of several items or windows, from 0.
    prefer_lut : bool
        Apply the table if there are both; else the window.

    Returns
    -------
    ndarray
        As of :func:`apply_voi` or :func:`apply_windowing`; `arr` itself if
        `ds` has neither.

    Raises
    ------
    ConformanceError
        If the table or the window are broken.
    IndexError
        If there is no item or window with this index.

    Examples
    --------
    >>> import numpy as np
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> ds.PhotometricInterpretation = "MONOCHROME2"
    >>> ds.BitsStored, ds.PixelRepresentation = 8, 0
    >>> ds.WindowCenter, ds.WindowWidth = 2, 3
    >>> apply_voi_lut(np.arange(5, dtype=np.uint8), ds).tolist()
    [0.0, 63.75, 191.25, 255.0, 255.0]
    """
    has_table = _has_table(ds, index)
    has_window = ds.get("WindowCenter") is not None and ds.get("WindowWidth") is not None
    if has_table and (prefer_lut or not has_window):
        return apply_voi(arr, ds, index)
    if has_window:
        return apply_windowing(arr, ds, index)
    return arr


def apply_voi(arr: NDArray[Any], ds: Dataset, index: int = 0) -> NDArray[Any]:
    """Apply an item of VOI LUT Sequence (PS3.3 C.11.2.1.1).

    Parameters
    ----------
    arr : ndarray
        What the Modality LUT made of the stored values; of fractions the
        integer part is looked up, with a warning.
    ds : Dataset
        Has VOI LUT Sequence.
    index : int
        Which item, from 0.

    Returns
    -------
    ndarray of uint8 or uint16
        The table's entries, values outside of it as its ends; or `arr` itself
        if `ds` has no VOI LUT Sequence.

    Raises
    ------
    ConformanceError
        If the table is broken.
    MissingElementError
        If the table lacks its descriptor or its data.
    IndexError
        If there is no such item.
    """
    items = ds.get("VOILUTSequence")
    if not items:
        return arr
    table = table_of(_chosen(items, index, "VOILUTSequence"), ds)
    if arr.dtype.kind == "f":
        warnings.warn(
            "a VOI LUT is for integers, and the array has fractions, which are cut off",
            stacklevel=2,
        )
    return table.look_up(arr)


def apply_windowing(arr: NDArray[Any], ds: Dataset, index: int = 0) -> NDArray[Any]:
    """Apply a window (PS3.3 C.11.2.1.2 and C.11.2.1.3).

    Parameters
    ----------
    arr : ndarray
        What the Modality LUT made of the stored values.
    ds : Dataset
        Has Window Center and Window Width, and VOI LUT Function if that is not
        LINEAR.
    index : int
        Which of several windows, from 0.

    Returns
    -------
    ndarray of float64
        From the least to the greatest value that Bits Stored and Pixel
        Representation allow, or Modality LUT Sequence if there is one; both
        rescaled with Rescale Slope and Intercept if `ds` has these. `arr`
        itself if `ds` has no window. NaN stays NaN.

    Raises
    ------
    ConformanceError
        If the window is no window, or the image is not monochrome.
    MissingElementError
        If an element that is needed is absent.
    IndexError
        If there is no window with this index.
    """
    if "WindowCenter" not in ds and "WindowWidth" not in ds:
        return arr
    window = _window(ds, index)
    return mapped(arr, window.sigmoid if window.function == "SIGMOID" else window.line, np.float64)


@dataclass(frozen=True, slots=True)
class _Window:
    """A window, and the range of what it gives.

    The width is that of the line: one less than Window Width for LINEAR, and
    the center half less (PS3.3 C.11.2.1.2.1).
    """

    function: str
    center: float
    width: float
    least: float
    greatest: float
    extent: float

    def line(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return LINEAR or LINEAR_EXACT of a flat array."""
        half = self.width / 2
        lower, upper = self.center - half, self.center + half
        if self.width == 0:
            step = np.where(values > upper, self.greatest, self.least)
            step[np.isnan(values)] = np.nan
            return step
        with np.errstate(over="ignore", invalid="ignore"):
            result = np.asarray(values - self.center, np.float64)
            result /= self.width
            result += 0.5
            result *= self.extent
            result += self.least
        if self._clips():
            np.clip(result, *sorted((self.least, self.greatest)), out=result)
        else:
            np.putmask(result, values <= lower, self.least)
            np.putmask(result, values > upper, self.greatest)
        return result

    def _clips(self) -> bool:
        """Return whether clipping the line gives exactly what its two ends give.

        It does where these sums are not rounded: then, as rounding keeps the
        order of numbers, the line leaves its range only outside of the window.
        """
        half = self.width / 2
        return (
            self.extent != 0
            and _is_exact(self.center, -half)
            and _is_exact(self.center, half)
            and _is_exact(self.extent, self.least)
            and self.extent + self.least == self.greatest
        )

    def sigmoid(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return SIGMOID of a flat array."""
        with np.errstate(over="ignore"):  # far below the window, and the quotient is 0
            result = np.asarray(values - self.center, np.float64)
            result *= -4.0
            result /= self.width
            np.exp(result, out=result)
        result += 1.0
        np.divide(self.extent, result, out=result)
        result += self.least
        return result


def _window(ds: Dataset, index: int) -> _Window:
    """Read and check a window."""
    photometric = _needed(ds, "PhotometricInterpretation")
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise ConformanceError(
            f"a window is for monochrome images, and this one is {photometric}",
            tag_path="PhotometricInterpretation",
            clause=_CLAUSE,
        )
    function = str(ds.get("VOILUTFunction") or "LINEAR").upper()
    center = finite(_chosen(_needed(ds, "WindowCenter"), index, "WindowCenter"), "WindowCenter")
    width = finite(_chosen(_needed(ds, "WindowWidth"), index, "WindowWidth"), "WindowWidth")
    if function == "LINEAR":
        if width < 1:
            raise ConformanceError(
                f"Window Width is {width:g}, and a LINEAR window has at least 1",
                tag_path="WindowWidth",
                clause=_CLAUSE,
            )
        center, width = center - 0.5, width - 1
    elif function not in ("LINEAR_EXACT", "SIGMOID"):
        raise ConformanceError(
            f"VOI LUT Function {function!r} is unknown", tag_path="VOILUTFunction", clause=_CLAUSE
        )
    elif width <= 0:
        raise ConformanceError(
            f"Window Width is {width:g}, and a {function} window has more than 0",
            tag_path="WindowWidth",
            clause=_CLAUSE,
        )
    return _Window(function, center, width, *_range(ds))


def _range(ds: Dataset) -> tuple[float, float, float]:
    """Return the least and the greatest value that a window gives, and their difference."""
    least: int | float
    greatest: int | float
    items = ds.get("ModalityLUTSequence")
    if items:
        least, greatest = 0, (1 << _bits(descriptor_of(items[0], "LUTDescriptor")[2])) - 1
    else:
        bits = _bits(_needed(ds, "BitsStored"))
        signed = _needed(ds, "PixelRepresentation") != 0
        least = -(1 << bits - 1) if signed else 0
        greatest = (1 << bits - signed) - 1
    if ds.get("RescaleSlope") is not None and ds.get("RescaleIntercept") is not None:
        slope, intercept = number_of(ds, "RescaleSlope"), number_of(ds, "RescaleIntercept")
        least, greatest = least * slope + intercept, greatest * slope + intercept
    return float(least), float(greatest), float(greatest - least)


def _bits(value: Any) -> int:
    """Return a number of bits that a pixel can have."""
    try:
        bits = int(value)
    except (TypeError, ValueError, OverflowError):
        bits = 0
    if not 1 <= bits <= 64:
        raise ConformanceError(
            f"{value!r} is no number of bits that a pixel can have", clause="PS3.5 8.1.1"
        )
    return bits


def _has_table(ds: Dataset, index: int) -> bool:
    items = ds.get("VOILUTSequence")
    if not items:
        return False
    # If there is no such item, apply_voi says so, unless there is no table at all.
    item = items[index] if -len(items) <= index < len(items) else items[0]
    return item.get("LUTDescriptor") is not None and item.get("LUTData") is not None


def _needed(ds: Dataset, keyword: str) -> Any:
    value = ds.get(keyword)
    if value is None:
        raise MissingElementError(
            f"{keyword} is absent or empty, and a window needs it",
            tag_path=keyword,
            clause=_CLAUSE,
        )
    return value


def _chosen(values: Any, index: int, keyword: str) -> Any:
    """Return one of several values; a single one holds for every index."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Sequence):
        return values
    try:
        return values[index]
    except IndexError:
        raise IndexError(
            f"{keyword} has {len(values)} values, and index {index} is asked for"
        ) from None


def _is_exact(a: float, b: float) -> bool:
    """Return whether the sum of two numbers is not rounded (Knuth, TAOCP 4.2.2, theorem B)."""
    total = a + b
    part = total - a
    return (a - (total - part)) + (b - part) == 0
