"""What a volume needs to know about each frame of a data set.

Single-frame images carry it at the top level, enhanced multi-frame images in
their functional groups (PS3.3 C.7.6.16), RT Dose in its frame offsets
(PS3.3 C.8.8.3.2).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pydcm.dataset import Dataset
from pydcm.errors import GeometryError
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence
from pydcm.volume.geometry import slice_normal

__all__ = ["Frame", "frames_of"]


@dataclass(frozen=True, slots=True)
class Frame:
    """The place of one frame.

    Attributes
    ----------
    path : str
        The file that holds it.
    number : int
        Which frame of that file, from 1.
    of : int
        How many frames the file has.
    series_instance_uid : str
        Its series.
    stack_id : str
        Its stack within an enhanced image, otherwise empty.
    rows, columns : int
        Size in pixels.
    position : tuple of float
        Image Position (Patient), mm.
    orientation : tuple of float
        Image Orientation (Patient), six direction cosines.
    pixel_spacing : tuple of float
        Between rows, between columns, mm.
    step_mm : float or None
        Spacing Between Slices or else Slice Thickness: the step of a volume
        that has one slice only.
    rank : tuple of int
        Among frames at one position, the one of the lowest rank comes first:
        temporal position, dimension indices, acquisition and instance number.
    """

    path: str
    number: int
    of: int
    series_instance_uid: str
    stack_id: str
    rows: int
    columns: int
    position: tuple[float, float, float]
    orientation: tuple[float, ...]
    pixel_spacing: tuple[float, float]
    step_mm: float | None
    rank: tuple[int, ...]

    @property
    def label(self) -> str:
        """The file's name and, if it has several frames, which one."""
        name = self.path.replace("\\", "/").rsplit("/", 1)[-1]
        return name if self.of == 1 else f"{name} frame {self.number}"


def frames_of(dataset: Dataset, path: str) -> list[Frame]:
    """Return the frames of an image.

    Parameters
    ----------
    dataset : Dataset
        What was read from `path`; its pixels are not touched.
    path : str
        For the frames.

    Returns
    -------
    list of Frame
        In the order of the file.

    Raises
    ------
    GeometryError
        If it is no image that can be a slice of a volume; the message says
        what it lacks.
    """
    _require_image(dataset)
    count = max(1, _integer(dataset, "NumberOfFrames", 1))
    if "PerFrameFunctionalGroupsSequence" in dataset:
        return list(_enhanced(dataset, path, count))
    first = _frame(dataset, path, 1, count, [dataset])
    if count == 1:
        return [first]
    return list(_offset_frames(dataset, first, count))


def _require_image(dataset: Dataset) -> None:
    pixels = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
    if not any(keyword in dataset for keyword in pixels):
        raise GeometryError("it has no pixels")
    samples = _integer(dataset, "SamplesPerPixel", 1)
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    if samples != 1 or photometric == "PALETTE COLOR":
        raise GeometryError(
            f"it is a colour image ({photometric}): a volume has one value for each voxel"
        )
    if "MOSAIC" in _values(dataset, "ImageType"):
        raise GeometryError("it is a mosaic: several slices side by side in one image")


def _enhanced(dataset: Dataset, path: str, count: int) -> Iterator[Frame]:
    groups = _items(dataset, "PerFrameFunctionalGroupsSequence")
    if len(groups) != count:
        raise GeometryError(f"it has {count} frames, but functional groups for {len(groups)}")
    shared = _items(dataset, "SharedFunctionalGroupsSequence")[:1]
    for number, group in enumerate(groups, 1):
        yield _frame(dataset, path, number, count, [group, *shared, dataset])


def _offset_frames(dataset: Dataset, first: Frame, count: int) -> Iterator[Frame]:
    """Yield frames that lie at offsets along the normal, as those of RT Dose do."""
    offsets = _decimals(dataset, "GridFrameOffsetVector", count)
    if offsets is None:
        raise GeometryError(f"its {count} frames have no positions of their own")
    normal = slice_normal(first.orientation)
    # PS3.3 C.8.8.3.2: distances from the first frame if the first is zero, else z coordinates
    start, sign = (0.0, 1.0) if offsets[0] == 0 else (first.position[2], float(np.sign(normal[2])))
    for number, offset in enumerate(offsets, 1):
        away = (offset - start) * sign
        x, y, z = (p + away * n for p, n in zip(first.position, normal.tolist(), strict=True))
        yield replace(first, number=number, position=(x, y, z))


def _frame(dataset: Dataset, path: str, number: int, of: int, groups: list[Dataset]) -> Frame:
    """Return a frame whose attributes come from the first of `groups` that has them."""
    position = _decimals(_macro(groups, "PlanePositionSequence"), "ImagePositionPatient", 3)
    orientation = _decimals(
        _macro(groups, "PlaneOrientationSequence"), "ImageOrientationPatient", 6
    )
    measures = _macro(groups, "PixelMeasuresSequence")
    spacing = _decimals(measures, "PixelSpacing", 2)
    if position is None or orientation is None or spacing is None:
        values = {
            "Image Position (Patient)": position,
            "Image Orientation (Patient)": orientation,
            "Pixel Spacing": spacing,
        }
        missing = ", ".join(name for name, value in values.items() if value is None)
        raise GeometryError(f"it has no usable {missing}", frame=number if of > 1 else None)
    rows, columns = _integer(dataset, "Rows", 0), _integer(dataset, "Columns", 0)
    if rows < 1 or columns < 1:
        raise GeometryError(f"it has {rows} rows and {columns} columns")
    content = _macro(groups, "FrameContentSequence")
    steps = (_decimals(measures, key, 1) for key in ("SpacingBetweenSlices", "SliceThickness"))
    step_mm = next((abs(step[0]) for step in steps if step and step[0]), None)
    return Frame(
        path=path,
        number=number,
        of=of,
        series_instance_uid=str(dataset.get("SeriesInstanceUID", None) or ""),
        stack_id=str(content.get("StackID", None) or ""),
        rows=rows,
        columns=columns,
        position=(position[0], position[1], position[2]),
        orientation=orientation,
        pixel_spacing=(spacing[0], spacing[1]),
        step_mm=step_mm,
        rank=_rank(dataset, content, number),
    )


def _rank(dataset: Dataset, content: Dataset, number: int) -> tuple[int, ...]:
    return (
        _integer(content, "TemporalPositionIndex", 0)
        or _integer(dataset, "TemporalPositionIdentifier", 0),
        *(index for index in _values(content, "DimensionIndexValues") if isinstance(index, int)),
        _integer(dataset, "AcquisitionNumber", 0),
        _integer(dataset, "InstanceNumber", 0),
        number,
    )


def _macro(groups: list[Dataset], keyword: str) -> Dataset:
    """Return the item of a functional group macro: the frame's, the shared or the top level."""
    for group in groups[:-1]:
        items = _items(group, keyword)
        if items:
            return items[0]
    return groups[-1]


def _items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence, none if the element is no sequence."""
    value = dataset.get(keyword, None)
    return list(value) if isinstance(value, Sequence) else []


def _values(dataset: Dataset, keyword: str) -> list[object]:
    """Return the values of an element, of whatever type and number they are."""
    value = dataset.get(keyword, None)
    if value is None:
        return []
    return list(value) if isinstance(value, (MultiValue, list, tuple)) else [value]


def _integer(dataset: Dataset, keyword: str, absent: int) -> int:
    """Return a whole number, or `absent` if the element does not hold one."""
    try:
        return int(dataset.get(keyword, absent))
    except (TypeError, ValueError, OverflowError):
        return absent


def _decimals(dataset: Dataset, keyword: str, count: int) -> tuple[float, ...] | None:
    """Return `count` finite numbers, or None if the element does not hold them."""
    try:
        numbers = tuple(float(str(value)) for value in _values(dataset, keyword))
    except (ValueError, OverflowError):
        return None
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        return None
    return numbers
