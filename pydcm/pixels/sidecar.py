"""What :func:`pydcm.decode` tells about an array besides its values."""

from __future__ import annotations

import sys
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import PydcmError
from pydcm.pixels.rescale import frame_group, linear_rescale

__all__ = ["Sidecar", "sidecar_of"]


class Sidecar(TypedDict):
    """Facts about a decoded array; absent ones are empty text or zero.

    Lengths are in mm, and positions and directions in the patient's LPS
    coordinates. Of an image with functional groups, what varies is that of the
    first frame returned.
    """

    frames: int
    rows: int
    columns: int
    samples_per_pixel: int
    bits_allocated: int
    bits_stored: int
    pixel_representation: int
    planar_configuration: int
    dtype: str
    byte_order: str
    modality: str
    photometric: str
    series_instance_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    frame_of_reference_uid: str
    instance_number: str
    rescaled: bool
    bytes: int
    numpy_shape: list[int]
    rescale_slope: float
    rescale_intercept: float
    window_center: float
    window_width: float
    slice_thickness: float
    pixel_spacing: list[float]
    image_position_patient: list[float]
    image_orientation_patient: list[float]


def sidecar_of(
    ds: Dataset,
    array: NDArray[np.generic],
    *,
    first: int,
    photometric: str,
    stored: np.dtype[np.generic],
    bits_stored: int,
    rescaled: bool,
) -> Sidecar:
    """Return the facts about an array.

    Parameters
    ----------
    ds : Dataset
        The image.
    array : ndarray, shape (frames, rows, columns) or (frames, rows, columns, samples)
        What was decoded of it.
    first : int
        Which frame ``array[0]`` is, from 0.
    photometric : str
        Photometric interpretation of `array`.
    stored : dtype
        Type of its samples, before real-world values were made of them.
    bits_stored : int
        How many of their bits are used.
    rescaled : bool
        Whether `array` holds real-world values.
    """
    slope, intercept = linear_rescale(ds, first)
    centre, width = _window(ds, array, first, (1.0, 0.0) if rescaled else (slope, intercept))
    measures = frame_group(ds, first, "PixelMeasuresSequence") or ds
    position = frame_group(ds, first, "PlanePositionSequence") or ds
    orientation = frame_group(ds, first, "PlaneOrientationSequence") or ds
    return Sidecar(
        frames=array.shape[0],
        rows=array.shape[1],
        columns=array.shape[2],
        samples_per_pixel=1 if array.ndim == 3 else array.shape[3],
        bits_allocated=8 * stored.itemsize,
        bits_stored=bits_stored,
        pixel_representation=int(stored.kind == "i"),
        planar_configuration=0,
        dtype=array.dtype.name,
        byte_order=sys.byteorder,
        modality=_text(ds, "Modality"),
        photometric=photometric,
        series_instance_uid=_text(ds, "SeriesInstanceUID"),
        sop_instance_uid=_text(ds, "SOPInstanceUID"),
        study_instance_uid=_text(ds, "StudyInstanceUID"),
        frame_of_reference_uid=_text(ds, "FrameOfReferenceUID"),
        instance_number=_text(ds, "InstanceNumber"),
        rescaled=rescaled,
        bytes=array.nbytes,
        numpy_shape=list(array.shape),
        rescale_slope=slope,
        rescale_intercept=intercept,
        window_center=centre,
        window_width=width,
        slice_thickness=_numbers(measures, "SliceThickness", 1)[0],
        pixel_spacing=_numbers(measures, "PixelSpacing", 2),
        image_position_patient=_numbers(position, "ImagePositionPatient", 3),
        image_orientation_patient=_numbers(orientation, "ImageOrientationPatient", 6),
    )


def _window(
    ds: Dataset, array: NDArray[np.generic], first: int, rescale: tuple[float, float]
) -> tuple[float, float]:
    """Return centre and width of the first window, else one that spans the real-world values."""
    holder = frame_group(ds, first, "FrameVOILUTSequence") or ds
    centre, width = _first_number(holder, "WindowCenter"), _first_number(holder, "WindowWidth")
    if centre is not None and width is not None:
        return centre, width
    slope, intercept = rescale
    ends = [float(end) * slope + intercept for end in (array.min(), array.max())]
    return (ends[0] + ends[1]) / 2, abs(ends[1] - ends[0])


def _value(ds: Dataset, keyword: str) -> Any:
    """Return a value, or None where it cannot be read: the pixels are what matters here."""
    try:
        return ds.get(keyword)
    except PydcmError:
        return None


def _text(ds: Dataset, keyword: str) -> str:
    value = _value(ds, keyword)
    return "" if value is None else str(value)


def _numbers(ds: Dataset, keyword: str, count: int) -> list[float]:
    """Return so many numbers, or zeros if the element does not have them."""
    value = _value(ds, keyword)
    values = [value] if isinstance(value, (str, int, float)) else list(value or ())
    try:
        numbers = [float(number) for number in values]
    except (TypeError, ValueError):
        numbers = []
    return numbers if len(numbers) == count else [0.0] * count


def _first_number(ds: Dataset, keyword: str) -> float | None:
    value = _value(ds, keyword)
    if value is None or value == "":
        return None
    try:
        return float(value if isinstance(value, (str, int, float)) else next(iter(value)))
    except (TypeError, ValueError, StopIteration):
        return None
