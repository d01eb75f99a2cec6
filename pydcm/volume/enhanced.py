"""The frames of an enhanced multi-frame image (PS3.3 C.7.6.16)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import ConformanceError
from pydcm.volume.columns import FunctionalGroups
from pydcm.volume.frames import (
    ORIENTATION,
    PIXEL_SPACING,
    POSITION,
    RESCALE_INTERCEPT,
    RESCALE_SLOPE,
    SLICE_THICKNESS,
    SPACING_BETWEEN_SLICES,
    Frame,
    Plane,
    Rescale,
    missing_plane,
    plane_of,
)
from pydcm.volume.header import seconds_of_day
from pydcm.volume.image import SourceImage
from pydcm.volume.marks import Marks, component_of

__all__ = ["enhanced_frames"]

_PLANE_POSITION = 0x00209113
_PLANE_ORIENTATION = 0x00209116
_PIXEL_MEASURES = 0x00289110
_TRANSFORMATION = 0x00289145
_CONTENT = 0x00209111
_ECHO = 0x00189114
_MODIFIERS = 0x00189115
_TIMING = 0x00189112
_DIFFUSION = 0x00189117
_GRADIENT = 0x00189076
_CARDIAC = 0x00189118
_MR_TYPE = 0x00189226
_CT_TYPE = 0x00189329
_PET_TYPE = 0x00189751


def enhanced_frames(image: SourceImage) -> list[Frame]:
    """Return the frames of an enhanced image, in the order of the file.

    Raises
    ------
    GeometryError
        If a frame has no position, orientation or pixel spacing, or the number
        of functional groups is not that of frames.
    ConformanceError
        If the rescale of a frame is no number.
    """
    groups = FunctionalGroups(image.dataset, image.frames)
    planes = _planes(groups)
    rescales = _rescales(groups)
    marks = _marks(image, groups)
    return [
        Frame(image, number, planes[number - 1], marks[number - 1], rescales[number - 1])
        for number in range(1, image.frames + 1)
    ]


def _planes(groups: FunctionalGroups) -> list[Plane]:
    positions = groups.decimals(_PLANE_POSITION, POSITION, 3)
    orientations = groups.decimals(_PLANE_ORIENTATION, ORIENTATION, 6)
    spacings = groups.decimals(_PIXEL_MEASURES, PIXEL_SPACING, 2)
    for column in (positions, orientations, spacings):
        absent = np.flatnonzero(np.isnan(column).any(axis=1))
        if absent.size:
            row = int(absent[0])
            usable = (
                None if np.isnan(values[row]).any() else values
                for values in (positions, orientations, spacings)
            )
            raise missing_plane(*usable, frame=row + 1)
    steps = np.abs(groups.decimal(_PIXEL_MEASURES, SPACING_BETWEEN_SLICES))
    thick = np.abs(groups.decimal(_PIXEL_MEASURES, SLICE_THICKNESS))
    steps = np.where(np.isnan(steps) | (steps == 0), thick, steps)
    return [
        plane_of(p, o, s, step if step > 0 else None)
        for p, o, s, step in zip(
            positions.tolist(), orientations.tolist(), spacings.tolist(), steps.tolist(),
            strict=True,
        )
    ]  # fmt: skip


def _rescales(groups: FunctionalGroups) -> list[Rescale]:
    columns = []
    for tag, absent in ((RESCALE_SLOPE, 1.0), (RESCALE_INTERCEPT, 0.0)):
        values = groups.decimal(_TRANSFORMATION, tag)
        for row in np.flatnonzero(np.isnan(values)).tolist():
            cell = groups.raw(_TRANSFORMATION, tag)[row]
            if cell is not None and cell[1].strip(b" \0"):
                raise ConformanceError(
                    f"its rescale has {cell[1][:40]!r} where a number belongs",
                    tag_path="PixelValueTransformationSequence",
                    frame=row + 1,
                    clause="PS3.3 C.7.6.16.2.9",
                )
        columns.append(np.nan_to_num(values, nan=absent).tolist())
    known: dict[tuple[float, float], Rescale] = {}
    return [known.setdefault(pair, Rescale(*pair)) for pair in zip(*columns, strict=True)]


def _marks(image: SourceImage, groups: FunctionalGroups) -> list[Marks]:
    types = next(
        (found for macro in (_MR_TYPE, _CT_TYPE, _PET_TYPE)
         if any(found := groups.texts(macro, 0x00080008))),
        [image.image_type] * groups.frames,
    )  # fmt: skip
    complex_parts = groups.texts(_MR_TYPE, 0x00089208)
    stacks = groups.texts(_CONTENT, 0x00209056)
    times = groups.texts(_CONTENT, 0x00189074)
    numbers = {
        "echo_ms": groups.decimal(_ECHO, 0x00189082),
        "inversion_ms": groups.decimal(_MODIFIERS, 0x00189079),
        "flip_deg": groups.decimal(_TIMING, 0x00181314),
        "b_value": groups.decimal(_DIFFUSION, 0x00189087),
        "cardiac": groups.decimal(_CARDIAC, 0x00209241),
        "temporal": groups.decimal(_CONTENT, 0x00209128),
        "trigger_ms": groups.decimal(_CARDIAC, 0x00209153),
        "acquisition": groups.decimal(_CONTENT, 0x00209156),
        "instance": groups.decimal(0, 0x00200013),
    }
    columns: dict[str, list[Any]] = {name: _or_none(values) for name, values in numbers.items()}
    columns["reference_ms"] = columns["own_gradient"] = [None] * groups.frames
    components = [
        next(iter(part), None) or component_of(kind)
        for part, kind in zip(complex_parts, types, strict=True)
    ]
    clock = [seconds_of_day(text[0]) if text else None for text in times]
    columns.update(
        stack=[next(iter(stack), None) for stack in stacks],
        component=components,
        image_type=["\\".join((*kind[:1], *kind[2:])) or None for kind in types],
        gradient=_gradients(groups),
        indices=groups.indices(_CONTENT, 0x00209157),
        time_s=clock,
        number=list(range(1, groups.frames + 1)),
    )
    return [Marks(*row) for row in zip(*(columns[name] for name in Marks._fields), strict=True)]


def _gradients(groups: FunctionalGroups) -> list[tuple[float, ...] | None]:
    """Return the gradient of each frame (PS3.3 C.8.13.5.9)."""
    values = groups.decimals(_GRADIENT, 0x00189089, 3)
    return [None if value[0] != value[0] else tuple(value) for value in values.tolist()]


def _or_none(values: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN
