"""Real-world values of whole images, frame by frame."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm.dataset import Dataset
from pydcm.kernels import lut
from pydcm.pixels.elementwise import cells_of, suits_kernels
from pydcm.pixels.lut import apply_modality_lut, number_of

__all__ = ["frame_group", "linear_rescale", "rescale_plane", "rescaled"]


def frame_group(ds: Dataset, frame: int, keyword: str) -> Dataset | None:
    """Return the item of a functional group that holds for a frame (PS3.3 C.7.6.16).

    Parameters
    ----------
    ds : Dataset
        An image; an ordinary one has no functional groups.
    frame : int
        From 0.
    keyword : str
        The functional group's sequence.

    Returns
    -------
    Dataset or None
        Of the frame's own groups, else of the shared ones.
    """
    per_frame = ds.get("PerFrameFunctionalGroupsSequence") or ()
    shared = ds.get("SharedFunctionalGroupsSequence") or ()
    own = [per_frame[frame]] if frame < len(per_frame) else []
    for groups in (*own, *shared[:1]):
        items = groups.get(keyword)
        if items:
            item: Dataset = items[0]
            return item
    return None


def linear_rescale(ds: Dataset, frame: int) -> tuple[float, float]:
    """Return slope and intercept of a frame: (1, 0) if the image has none.

    They are in the Pixel Value Transformation functional group
    (PS3.3 C.7.6.16.2.9), at the top level (PS3.3 C.11.1), or Dose Grid Scaling
    (PS3.3 C.8.8.3).

    Raises
    ------
    ConformanceError
        If one of them is no number.
    """
    holder = frame_group(ds, frame, "PixelValueTransformationSequence") or ds
    if "RescaleSlope" in holder or "RescaleIntercept" in holder:
        slope = number_of(holder, "RescaleSlope") if "RescaleSlope" in holder else 1.0
        intercept = number_of(holder, "RescaleIntercept") if "RescaleIntercept" in holder else 0.0
        return slope, intercept
    if "DoseGridScaling" in ds:
        return number_of(ds, "DoseGridScaling"), 0.0
    return 1.0, 0.0


def rescaled(stored: NDArray[np.generic], ds: Dataset, first: int) -> NDArray[np.float32]:
    """Return real-world values.

    Parameters
    ----------
    stored : ndarray, shape (frames, ...)
        Stored values.
    ds : Dataset
        The image that they are of.
    first : int
        Which of its frames ``stored[0]`` is, from 0.

    Returns
    -------
    ndarray of float32
        ``stored * slope + intercept``, computed in double precision, with the
        slope and intercept of each frame; or the Modality LUT's entries.
    """
    limits.check("max_array_bytes", 4 * stored.size, "bytes of real-world values")
    if ds.get("ModalityLUTSequence"):
        return apply_modality_lut(stored, ds).astype(np.float32)
    values = np.empty(stored.shape, np.float32)
    for k, plane in enumerate(stored):
        slope, intercept = linear_rescale(ds, first + k)
        rescale_plane(plane, slope, intercept, values[k])
    return values


def rescale_plane(
    plane: NDArray[np.generic], slope: float, intercept: float, out: NDArray[np.float32]
) -> None:
    """Fill `out`, contiguous and of the shape of `plane`, with ``plane * slope + intercept``.

    The result is that of double precision, rounded once.
    """
    if slope == 1 and _exact_in_single(plane.dtype, slope, intercept):
        np.add(plane, np.float32(intercept), out=out, dtype=np.float32)
    elif _exact_in_single(plane.dtype, slope, intercept):
        np.multiply(plane, np.float32(slope), out=out, dtype=np.float32)
        out += np.float32(intercept)
    elif suits_kernels(plane) and lut.rescale.chosen() != "reference":
        target = cast("memoryview[float]", out.reshape(-1).data)
        lut.rescale(cells_of(plane), slope, intercept, target)
    else:
        with np.errstate(over="ignore"):  # a slope may leave the range of single precision
            out[...] = plane.astype(np.float64) * slope + intercept


def _exact_in_single(dtype: np.dtype[np.generic], slope: float, intercept: float) -> bool:
    """Return whether single precision computes this without any rounding.

    Integers up to 2**24 are exact in it: CT with slope 1, and most of the rest.
    """
    if dtype.kind not in "iu" or dtype.itemsize > 2:
        return False
    whole = slope == int(slope) and intercept == int(intercept)
    return whole and abs(slope) * 65536 + abs(intercept) < 1 << 24
