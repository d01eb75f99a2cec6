"""What a volume needs to know about each frame of a data set.

Single-frame images carry it at the top level, enhanced multi-frame images in
their functional groups (see :mod:`pydcm.volume.enhanced`), mosaics in private
elements (:mod:`pydcm.volume.mosaic`), RT Dose in its frame offsets
(PS3.3 C.8.8.3.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, GeometryError
from pydcm.volume import header
from pydcm.volume.geometry import slice_normal
from pydcm.volume.image import SourceImage
from pydcm.volume.marks import Marks, marks_of

__all__ = ["Frame", "Plane", "Rescale", "Tile", "frames_of", "missing_plane", "plane_of"]

POSITION = 0x00200032
ORIENTATION = 0x00200037
PIXEL_SPACING = 0x00280030
SLICE_THICKNESS = 0x00180050
SPACING_BETWEEN_SLICES = 0x00180088
RESCALE_INTERCEPT = 0x00281052
RESCALE_SLOPE = 0x00281053
_PER_FRAME_GROUPS = 0x52009230
_PIXELS = (0x7FE00010, 0x7FE00008, 0x7FE00009)
_OFFSETS = 0x3004000C
_DOSE_SCALING = 0x3004000E

_LARGEST_MM = 1e7
_SMALLEST_MM = 1e-6


@dataclass(frozen=True, slots=True)
class Plane:
    """Where a frame lies in the patient.

    Attributes
    ----------
    position : tuple of float
        Image Position (Patient), mm.
    orientation : tuple of float
        Image Orientation (Patient), six direction cosines.
    pixel_spacing : tuple of float
        Between rows, between columns, mm.
    step_mm : float or None
        Spacing Between Slices or else Slice Thickness: the step of a volume
        that has one slice only.
    """

    position: tuple[float, float, float]
    orientation: tuple[float, ...]
    pixel_spacing: tuple[float, float]
    step_mm: float | None


@dataclass(frozen=True, slots=True)
class Tile:
    """The part of a mosaic that is one slice: its first row and column, and its size."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Rescale:
    """``value = stored * slope + intercept`` (PS3.3 C.11.1.1.2)."""

    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True)
class Frame:
    """One slice of a volume, as it is stored.

    Attributes
    ----------
    image : SourceImage
        The file that holds it.
    number : int
        Which frame of that file, from 1.
    plane : Plane
        Its place.
    marks : Marks
        What tells it from others at its position.
    rescale : Rescale
        From stored values to the modality's units.
    tile : Tile or None
        Which part of the frame it is, if that is a mosaic.
    """

    image: SourceImage
    number: int
    plane: Plane
    marks: Marks
    rescale: Rescale = Rescale()
    tile: Tile | None = None

    @property
    def path(self) -> str:
        """The file that holds it."""
        return self.image.path

    @property
    def of(self) -> int:
        """How many frames that file has."""
        return self.image.frames

    @property
    def series_instance_uid(self) -> str:
        """Its series."""
        return self.image.series_instance_uid

    @property
    def stack_id(self) -> str:
        """Its stack within an enhanced image, otherwise empty."""
        return self.marks.stack or ""

    @property
    def rows(self) -> int:
        """Height in pixels."""
        return self.image.rows if self.tile is None else self.tile.rows

    @property
    def columns(self) -> int:
        """Width in pixels."""
        return self.image.columns if self.tile is None else self.tile.columns

    @property
    def position(self) -> tuple[float, float, float]:
        """Image Position (Patient), mm."""
        return self.plane.position

    @property
    def orientation(self) -> tuple[float, ...]:
        """Image Orientation (Patient), six direction cosines."""
        return self.plane.orientation

    @property
    def pixel_spacing(self) -> tuple[float, float]:
        """Between rows, between columns, mm."""
        return self.plane.pixel_spacing

    @property
    def step_mm(self) -> float | None:
        """Spacing Between Slices or else Slice Thickness."""
        return self.plane.step_mm

    @cached_property
    def rank(self) -> tuple[float, ...]:
        """Among frames at one position, the one of the lowest rank comes first."""
        marks = self.marks
        return (
            marks.temporal or 0.0,
            *(marks.indices or ()),
            marks.acquisition or 0.0,
            marks.instance or 0.0,
            self.number,
        )

    @property
    def label(self) -> str:
        """The file's name and, if it has several frames, which one."""
        name = self.path.replace("\\", "/").rsplit("/", 1)[-1]
        if self.tile is not None:
            return f"{name} tile at row {self.tile.row}, column {self.tile.column}"
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
        In the order of the file; of a mosaic, a frame for each slice in it.

    Raises
    ------
    GeometryError
        If it is no image that can be a slice of a volume; the message says
        what it lacks.
    StructureError
        If a private header that is needed is broken.
    """
    image = SourceImage(path, dataset)
    _require_image(image)
    if _PER_FRAME_GROUPS in dataset._dict:
        from pydcm.volume.enhanced import enhanced_frames

        return enhanced_frames(image)
    if "MOSAIC" in image.image_type or "VFRAME" in image.image_type:
        from pydcm.volume.mosaic import mosaic_frames

        tiles = mosaic_frames(image)
        if tiles is not None:
            return tiles
    first = Frame(image, 1, plane_in(dataset), marks_of(image), rescale_of(dataset))
    return [first] if image.frames == 1 else list(_offset_frames(first))


def plane_of(
    position: Sequence[float],
    orientation: Sequence[float],
    spacing: Sequence[float],
    step_mm: float | None,
) -> Plane:
    """Return a plane whose numbers are of a size that a scanner's can have.

    Raises
    ------
    GeometryError
        If they are not: an affine of them would be wrong or overflow.
    """
    largest = max(map(abs, (*position, *spacing, step_mm or 0.0)))
    if largest > _LARGEST_MM or min(spacing) < _SMALLEST_MM:
        raise GeometryError(
            f"its position {tuple(position)} and pixel spacing {tuple(spacing)}, step {step_mm}, "
            "in mm, are of no possible size"
        )
    x, y, z = position
    return Plane((x, y, z), tuple(orientation), (spacing[0], spacing[1]), step_mm)


def missing_plane(
    position: object, orientation: object, spacing: object, *, frame: int | None = None
) -> GeometryError:
    """Return the error that says which of the three a frame lacks."""
    values = {
        "Image Position (Patient)": position,
        "Image Orientation (Patient)": orientation,
        "Pixel Spacing": spacing,
    }
    missing = ", ".join(name for name, value in values.items() if value is None)
    return GeometryError(f"it has no usable {missing}", frame=frame)


def rescale_of(dataset: Dataset) -> Rescale:
    """Return the rescale of a single-frame image, or Dose Grid Scaling (PS3.3 C.8.8.3)."""
    slope = _factor(dataset, RESCALE_SLOPE)
    intercept = _factor(dataset, RESCALE_INTERCEPT)
    if slope is not None or intercept is not None:
        return Rescale(1.0 if slope is None else slope, intercept or 0.0)
    scaling = _factor(dataset, _DOSE_SCALING)
    return Rescale() if scaling is None else Rescale(scaling)


def _factor(dataset: Dataset, tag: int) -> float | None:
    """Return a number of the rescale; what is written there and is none must not be passed over."""
    value = header.decimal(dataset, tag)
    if value is None and header.text(dataset, tag):
        raise ConformanceError(
            f"its rescale has {header.text(dataset, tag)[:40]!r} where a number belongs",
            tag_path=f"({tag >> 16:04X},{tag & 0xFFFF:04X})",
            clause="PS3.3 C.11.1",
        )
    return value


def _require_image(image: SourceImage) -> None:
    dataset = image.dataset
    if not any(tag in dataset._dict for tag in _PIXELS):
        raise GeometryError("it has no pixels")
    if image.samples not in (1, 3):
        raise GeometryError(
            f"it has {image.samples} samples for each pixel ({image.photometric}): a voxel has "
            "one value, or red, green and blue"
        )
    if image.rows < 1 or image.columns < 1:
        raise GeometryError(f"it has {image.rows} rows and {image.columns} columns")


def plane_in(dataset: Dataset) -> Plane:
    """Return the plane that the top level of a data set tells.

    Raises
    ------
    GeometryError
        If it tells none, or one that no scanner has.
    """
    position = header.decimals(dataset, POSITION, 3)
    orientation = header.decimals(dataset, ORIENTATION, 6)
    spacing = header.decimals(dataset, PIXEL_SPACING, 2)
    if position is None or orientation is None or spacing is None:
        raise missing_plane(position, orientation, spacing)
    steps = (header.decimal(dataset, tag) for tag in (SPACING_BETWEEN_SLICES, SLICE_THICKNESS))
    step_mm = next((abs(step) for step in steps if step), None)
    return plane_of(position, orientation, spacing, step_mm)


def _offset_frames(first: Frame) -> Iterator[Frame]:
    """Yield frames that lie at offsets along the normal, as those of RT Dose do."""
    count = first.image.frames
    offsets = header.decimals(first.image.dataset, _OFFSETS, count)
    if offsets is None:
        raise GeometryError(f"its {count} frames have no positions of their own")
    normal = slice_normal(first.orientation)
    # PS3.3 C.8.8.3.2: distances from the first frame if the first is zero, else z coordinates
    start, sign = (0.0, 1.0) if offsets[0] == 0 else (first.position[2], float(np.sign(normal[2])))
    for number, offset in enumerate(offsets, 1):
        away = (offset - start) * sign
        x, y, z = (p + away * n for p, n in zip(first.position, normal.tolist(), strict=True))
        plane = plane_of((x, y, z), first.orientation, first.pixel_spacing, first.step_mm)
        yield replace(first, number=number, plane=plane, marks=first.marks._replace(number=number))
