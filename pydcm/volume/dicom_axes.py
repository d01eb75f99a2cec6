"""What tells the volumes of a series apart, as attributes of single-frame images.

The attributes are those that :mod:`pydcm.volume.dimensions` reads. Some of them
are of no module of the image; the series is then of a Standard Extended SOP
Class (PS3.2 7.3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, GeometryError
from pydcm.valuerep.numbers import format_number_as_ds
from pydcm.volume import header
from pydcm.volume.model import Axis

__all__ = ["axis_attributes"]

_DAY_S = 86400.0
_LAST_S = 253402300800.0
"""The end of the year 9999 in seconds since 1970: later times have no four digits."""

_UNKNOWN_DAY = math.nan
_DAY = 0x00080022
_SCANNING_SEQUENCE = 0x00180020
_SERIES_TYPE = 0x00541000
_FRAME_REFERENCE_TIME = 0x00541300

_CLOCK = 0x00080032
"""The tag of a time axis whose values are times of day; others begin anywhere."""

_PATIENT_GRADIENT = 0x00189089
"""The tag of a gradient axis whose values are in the patient's axes."""

_LARGEST_IS = 2**31 - 1

_COMPONENTS = ("MAGNITUDE", "PHASE", "REAL", "IMAGINARY", "MIXED")

_DYNAMIC = frozenset({"time", "temporal position", "frame reference time"})
"""What the volumes of a dynamic PET series differ in (PS3.3 C.8.9.1.1.4)."""


def axis_attributes(
    axes: Sequence[Axis], volumes: int, modality: str, reference: Dataset
) -> list[Dataset]:
    """Return for each volume the attributes that say where it lies on the axes.

    Axes that no attribute of an image describes, such as the fourth dimension of
    a NIfTI file that does not say what it is, have none: Instance Number tells
    their volumes apart.

    Parameters
    ----------
    axes : sequence of Axis
        Each with a value for each volume.
    volumes : int
        How many there are.
    modality : str
        ``"CT"``, ``"MR"`` or ``"PT"``.
    reference : Dataset
        From which times count that are no times of day; may be empty.

    Raises
    ------
    GeometryError
        If an axis has another number of values.
    ConformanceError
        If the volumes of PET differ in something else than time.

    Examples
    --------
    >>> axes = [Axis("echo", np.array([4.6, 9.2]), 4.6)]
    >>> for attributes in axis_attributes(axes, 2, "MR", Dataset()):
    ...     print(attributes.EchoNumbers, attributes.EchoTime)
    1 4.6
    2 9.2
    """
    for axis in axes:
        if len(axis.values) != volumes:
            raise GeometryError(
                f"the axis {axis.kind!r} has {len(axis.values)} values for {volumes} volumes"
            )
    found = [Dataset() for _ in range(volumes)]
    for axis in axes:
        write = _WRITERS.get(axis.kind)
        if write is not None:
            write(found, axis, reference)
    if modality == "PT" and volumes > 1:
        _make_dynamic(found, axes, reference)
    elif not {"temporal position", "acquisition"} & {axis.kind for axis in axes}:
        for axis in axes:
            if axis.kind == "time":
                _number_positions(found, axis.values)
    return found


# ---- one axis --------------------------------------------------------------


def _decimal_in(keyword: str) -> Callable[[list[Dataset], Axis, Dataset], None]:
    """Return what writes an axis of numbers as Decimal Strings."""

    def write(found: list[Dataset], axis: Axis, _reference: Dataset) -> None:
        for attributes, value in zip(found, _numbers(axis), strict=True):
            if math.isfinite(value):
                setattr(attributes, keyword, _ds(value))

    return write


def _binary_in(keyword: str) -> Callable[[list[Dataset], Axis, Dataset], None]:
    """Return what writes an axis of numbers as floating point."""

    def write(found: list[Dataset], axis: Axis, _reference: Dataset) -> None:
        for attributes, value in zip(found, _numbers(axis), strict=True):
            if math.isfinite(value):
                setattr(attributes, keyword, value)

    return write


def _echo(found: list[Dataset], axis: Axis, reference: Dataset) -> None:
    _decimal_in("EchoTime")(found, axis, reference)
    for attributes, number in zip(found, _ranks(axis.values), strict=True):
        attributes.EchoNumbers = number


def _inversion_time(found: list[Dataset], axis: Axis, reference: Dataset) -> None:
    """Write inversion times, which nothing but inversion recovery has (PS3.3 C.8.3.1)."""
    _decimal_in("InversionTime")(found, axis, reference)
    sequences = list(dict.fromkeys([*header.texts(reference, _SCANNING_SEQUENCE), "IR"]))
    for attributes in found:
        attributes.ScanningSequence = sequences


def _component(found: list[Dataset], axis: Axis, _reference: Dataset) -> None:
    for attributes, value in zip(found, axis.values.tolist(), strict=True):
        if value in _COMPONENTS:
            attributes.ComplexImageComponent = value


def _image_type(found: list[Dataset], axis: Axis, _reference: Dataset) -> None:
    for attributes, value in zip(found, axis.values.tolist(), strict=True):
        if value:
            attributes.ImageType = ["DERIVED", "SECONDARY", *str(value).split("\\")]


def _b_value(found: list[Dataset], axis: Axis, _reference: Dataset) -> None:
    for attributes, value in zip(found, _numbers(axis), strict=True):
        if math.isfinite(value):
            attributes.DiffusionBValue = value
            if value == 0:
                attributes.DiffusionDirectionality = "NONE"


def _gradient(found: list[Dataset], axis: Axis, _reference: Dataset) -> None:
    values = np.asarray(axis.values, np.float64)
    if axis.tag != _PATIENT_GRADIENT or values.shape != (len(found), 3):
        return  # along axes that the attribute does not know
    for attributes, vector in zip(found, values.tolist(), strict=True):
        if any(vector) and all(map(math.isfinite, vector)):
            attributes.DiffusionGradientOrientation = vector
            attributes.DiffusionDirectionality = "DIRECTIONAL"


def _temporal(found: list[Dataset], axis: Axis, _reference: Dataset) -> None:
    _number_positions(found, axis.values)
    for attributes, value in zip(found, _numbers(axis), strict=True):
        if value.is_integer() and 0 <= value <= _LARGEST_IS:
            attributes.TemporalPositionIdentifier = int(value)


def _acquisition(found: list[Dataset], axis: Axis, _reference: Dataset) -> None:
    for attributes, value in zip(found, _numbers(axis), strict=True):
        if value.is_integer() and abs(value) <= _LARGEST_IS:
            attributes.AcquisitionNumber = int(value)


def _time(found: list[Dataset], axis: Axis, reference: Dataset) -> None:
    """Write when each volume was acquired, as far as the axis or the reference says."""
    seconds = np.asarray(_numbers(axis))
    if axis.tag != _CLOCK:
        if axis.spacing > 0:
            for attributes in found:
                attributes.TemporalResolution = _ds(1000 * axis.spacing)
        began = header.seconds_of_day(header.text(reference, _CLOCK))
        if began is None:
            return
        seconds = seconds + began
        if seconds.max() >= _DAY_S:  # past midnight, so that the day is needed, too
            midnight = header.seconds_of_day(header.text(reference, _DAY) + "000000")
            seconds = seconds + (_UNKNOWN_DAY if midnight is None else midnight)
    for attributes, value in zip(found, seconds.tolist(), strict=True):
        if 0 <= value < _DAY_S:
            attributes.AcquisitionTime = _moment(value).strftime("%H%M%S.%f")
        elif _DAY_S <= value < _LAST_S:
            attributes.AcquisitionDateTime = _moment(value).strftime("%Y%m%d%H%M%S.%f")


def _moment(seconds: float) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=seconds)


_WRITERS: dict[str, Callable[[list[Dataset], Axis, Dataset], None]] = {
    "phase": _component,
    "image type": _image_type,
    "echo": _echo,
    "inversion time": _inversion_time,
    "flip angle": _decimal_in("FlipAngle"),
    "b-value": _b_value,
    "gradient": _gradient,
    "cardiac phase": _binary_in("NominalPercentageOfCardiacPhase"),
    "temporal position": _temporal,
    "frame reference time": _decimal_in("FrameReferenceTime"),
    "trigger time": _decimal_in("TriggerTime"),
    "acquisition": _acquisition,
    "time": _time,
}
"""What writes each kind of axis; what is not here has no attribute."""


# ---- series of several volumes ---------------------------------------------


def _number_positions(found: list[Dataset], values: NDArray[Any]) -> None:
    """Give volumes of different times a number each (PS3.3 C.8.3.1)."""
    ranks = _ranks(values)
    for attributes, number in zip(found, ranks, strict=True):
        attributes.TemporalPositionIdentifier = number
        attributes.NumberOfTemporalPositions = max(ranks)


def _make_dynamic(found: list[Dataset], axes: Sequence[Axis], reference: Dataset) -> None:
    """Describe a dynamic series of PET (PS3.3 C.8.9.1.1.4, C.8.9.4)."""
    by_kind = {axis.kind: axis for axis in axes}
    if not _DYNAMIC & by_kind.keys():
        kinds = ", ".join(by_kind) or "nothing that is known"
        raise ConformanceError(
            f"the {len(found)} volumes of PET differ in {kinds}, and a series of several is "
            "written of volumes that differ in time",
            clause="PS3.3 C.8.9.1.1.4",
            hint="write each volume for itself, or give the dimension as an Axis of kind 'time'",
        )
    kinds_of_series = header.texts(reference, _SERIES_TYPE)
    for attributes in found:
        attributes.SeriesType = ["DYNAMIC", *(kinds_of_series[1:2] or ["IMAGE"])]
        attributes.NumberOfTimeSlices = len(found)
    if "time" in by_kind and "frame reference time" not in by_kind:
        first = header.decimal(reference, _FRAME_REFERENCE_TIME) or 0.0
        seconds = _numbers(by_kind["time"])
        for attributes, value in zip(found, seconds, strict=True):
            if math.isfinite(value - seconds[0]):
                attributes.FrameReferenceTime = _ds(first + 1000 * (value - seconds[0]))


def _numbers(axis: Axis) -> list[float]:
    """Return the values of an axis; NaN where they are none."""
    try:
        values = np.asarray(axis.values, np.float64)
    except ValueError:
        values = np.full(len(axis.values), np.nan)
    numbers: list[float] = values.reshape(len(values), -1)[:, 0].tolist()
    return numbers


def _ranks(values: NDArray[Any]) -> list[int]:
    """Return which of the distinct values each is, from 1."""
    inverse = np.unique(np.asarray(values), return_inverse=True)[1]
    ranks: list[int] = (inverse.reshape(-1) + 1).tolist()
    return ranks


def _ds(number: float) -> str:
    return format_number_as_ds(number + 0.0)
