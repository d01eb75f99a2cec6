"""Mosaics: all slices of a volume side by side in one image.

Siemens scanners before software XA write functional and diffusion series so;
how many slices there are and on which side of the first the second lies is in
their private CSA header. UIH scanners write the position of every slice into a
private sequence.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import GeometryError
from pydcm.vendors import siemens
from pydcm.vendors.csa import CsaHeader, csa_header
from pydcm.vendors.header import Header
from pydcm.volume import header
from pydcm.volume.frames import (
    ORIENTATION,
    PIXEL_SPACING,
    POSITION,
    SPACING_BETWEEN_SLICES,
    Frame,
    Plane,
    Tile,
    missing_plane,
    plane_in,
    plane_of,
    rescale_of,
)
from pydcm.volume.geometry import slice_normal
from pydcm.volume.image import SourceImage
from pydcm.volume.marks import marks_of

__all__ = ["mosaic_frames"]

_Vector = NDArray[np.float64]

_NEAR = 0.25
"""How far a slice may lie from where the protocol has it, as a share of the step."""

_PARALLEL = 0.99
"""Cosine of the angle that the slice normal of the CSA header may differ from the image's."""


def mosaic_frames(image: SourceImage) -> list[Frame] | None:
    """Return a frame for each slice of a mosaic, or None if the image is none.

    Raises
    ------
    GeometryError
        If the slices cannot be placed: their number, normal or spacing is
        absent or does not fit the image.
    StructureError
        If the CSA header is broken.
    """
    if image.frames != 1:
        raise GeometryError(f"it is a mosaic with {image.frames} frames")
    if "VFRAME" in image.image_type:
        return _uih(image)
    csa = csa_header(image.dataset)
    count = _siemens_count(image.dataset, csa)
    if csa is None or not count:
        raise GeometryError(
            "it is a mosaic, several slices side by side in one image, and no private header "
            "says how many there are and where they lie"
        )
    return _siemens(image, csa, count)


def _siemens_count(dataset: Dataset, csa: CsaHeader | None) -> int:
    """Return Number Of Images In Mosaic."""
    found = None if csa is None else csa.integer("NumberOfImagesInMosaic")
    if found is None:
        tag = header.private_tag(dataset, 0x0019, "SIEMENS MR HEADER", 0x0A)
        found = header.integer(dataset, tag) if tag else 0
    return found


def _siemens(image: SourceImage, csa: CsaHeader, count: int) -> list[Frame]:
    tiles = _tiles(image, count)
    whole = plane_in(image.dataset)
    if whole.step_mm is None:
        raise GeometryError("it is a mosaic without Spacing Between Slices and Slice Thickness")
    row, column = (
        vector / np.linalg.norm(vector) for vector in np.array(whole.orientation).reshape(2, 3)
    )
    between_rows, between_columns = whole.pixel_spacing
    # The position is that of a single image as large as the mosaic, about the same centre.
    first = np.array(whole.position)
    first = first + row * between_columns * (image.columns - tiles[0].columns) / 2
    first = first + column * between_rows * (image.rows - tiles[0].rows) / 2
    normal = _siemens_normal(csa, whole.orientation)
    if normal is None:
        middle = first + row * between_columns * (tiles[0].columns - 1) / 2
        middle = middle + column * between_rows * (tiles[0].rows - 1) / 2
        normal = _protocol_normal(image, middle, whole, count)
    step = normal * whole.step_mm
    marks, rescale = marks_of(image), rescale_of(image.dataset)
    frames = []
    for number, tile in enumerate(tiles):
        position = (first + number * step).tolist()
        plane = plane_of(position, whole.orientation, whole.pixel_spacing, whole.step_mm)
        frames.append(Frame(image, 1, plane, marks, rescale, tile))
    return frames


def _siemens_normal(csa: CsaHeader, orientation: tuple[float, ...]) -> _Vector | None:
    """Return the unit vector from the first slice to the second, None if it is not written."""
    normal = slice_normal(orientation)
    written = csa.floats("SliceNormalVector")
    if len(written) != 3:
        return None
    cosine = float(normal @ np.array(written))
    if not _PARALLEL <= abs(cosine) <= 2 - _PARALLEL:
        raise GeometryError(
            f"it is a mosaic whose SliceNormalVector {written} is not perpendicular to its rows "
            "and columns"
        )
    return normal if cosine > 0 else -normal


def _protocol_normal(image: SourceImage, middle: _Vector, plane: Plane, count: int) -> _Vector:
    """Return the unit vector from the first slice to the second as the protocol tells it.

    The protocol has the middle of every slice. The first tile lies at one end of
    them, and the others follow towards the other end.
    """
    normal, step_mm = slice_normal(plane.orientation), plane.step_mm or 0.0
    with np.errstate(over="ignore"):  # what is no place is not near one
        heights = [float(middle @ normal) for middle in _slice_middles(image.dataset, count)]
    if count > 1 and len(heights) == count:
        span, low, high = (count - 1) * step_mm, min(heights), max(heights)
        if abs(high - low - span) <= _NEAR * step_mm:
            here = float(middle @ normal)
            if abs(here - low) <= _NEAR * step_mm:
                return normal
            if abs(here - high) <= _NEAR * step_mm:
                return -normal
    raise GeometryError(
        "it is a mosaic whose CSA header has no SliceNormalVector, and whose protocol does not "
        "say where its slices lie, so that their order is not known"
    )


def _slice_middles(dataset: Dataset, count: int) -> list[_Vector]:
    """Return the middle of each slice in the protocol, LPS mm; none if they are not `count`.

    A coordinate that is zero is not written.
    """
    protocol = siemens.protocol(Header(dataset))
    if protocol.number("sSliceArray.lSize") != count:
        return []
    return [
        np.array(
            [
                protocol.number(f"sSliceArray.asSlice[{number}].sPosition.d{axis}") or 0.0
                for axis in ("Sag", "Cor", "Tra")
            ]
        )
        for number in range(count)
    ]


def _tiles(image: SourceImage, count: int) -> list[Tile]:
    """Return the places of the slices in a square arrangement, filled row by row."""
    across = math.isqrt(max(count, 1) - 1) + 1
    rows, columns = image.rows // across, image.columns // across
    if count < 1 or rows * across != image.rows or columns * across != image.columns or not rows:
        raise GeometryError(
            f"it is a mosaic of {image.rows} x {image.columns} pixels, which {count} slices in "
            f"{across} x {across} places do not divide"
        )
    return [
        Tile(number // across * rows, number % across * columns, rows, columns)
        for number in range(count)
    ]


def _uih(image: SourceImage) -> list[Frame] | None:
    """Return the slices of a UIH grid, whose private sequence has the position of each."""
    dataset = image.dataset
    creator = "Image Private Header"
    tag = header.private_tag(dataset, 0x0065, creator, 0x51)
    places = header.items(dataset, tag) if tag else []
    if not places:
        return None  # one slice for each file
    orientation = header.decimals(dataset, ORIENTATION, 6)
    spacing = header.decimals(dataset, PIXEL_SPACING, 2)
    matrix = header.private_tag(dataset, 0x0065, creator, 0x04)
    rows, columns = _matrix(header.text(dataset, matrix) if matrix else "")
    if not rows or image.rows % rows or image.columns % columns:
        raise GeometryError(
            f"it is a grid of slices of {rows} x {columns} pixels, which do not divide its "
            f"{image.rows} x {image.columns} pixels"
        )
    across = image.columns // columns
    if len(places) > across * (image.rows // rows):
        raise GeometryError(f"it is a grid that has no room for its {len(places)} slices")
    step_mm = header.decimal(dataset, SPACING_BETWEEN_SLICES)
    marks, rescale = marks_of(image), rescale_of(dataset)
    frames = []
    for number, place in enumerate(places):
        position = header.decimals(place, POSITION, 3)
        if position is None or orientation is None or spacing is None:
            raise missing_plane(position, orientation, spacing)
        plane = plane_of(position, orientation, spacing, step_mm)
        tile = Tile(number // across * rows, number % across * columns, rows, columns)
        frames.append(Frame(image, 1, plane, marks, rescale, tile))
    return frames


def _matrix(size: str) -> tuple[int, int]:
    """Return rows and columns of ``"64*64"``, or zeros."""
    parts = [part.strip() for part in size.split("*")]
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 6 for part in parts):
        return 0, 0
    return int(parts[0]), int(parts[1])
