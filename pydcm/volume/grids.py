"""From a stack of parallel frames to the volumes in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import GeometryError
from pydcm.volume.dimensions import DIMENSIONS, Dimension, arrange
from pydcm.volume.frames import Frame
from pydcm.volume.geometry import (
    StackGeometry,
    slice_normal,
    uneven_geometry,
)
from pydcm.volume.model import Axis
from pydcm.volume.report import Finding
from pydcm.volume.survey import LeftOut, Stack

__all__ = ["Grid", "Grids", "grids_of"]

_NOT_MIXED = ("stack", "phase", "echo", "inversion time", "b-value")
_EXCUSES = ("acquisition", "image type", "temporal position", "trigger time", "flip angle")
_APART_PIXELS = 0.1
"""Frames at one height whose corners are farther apart than this are not at one position."""
_TILT_PIXELS = 0.5
"""A stack whose last slice is shifted sideways by less counts as upright."""
_MOST_PIECES = 64


@dataclass
class Grid:
    """Volumes of one grid.

    Attributes
    ----------
    volumes : list of list of Frame
        Slices ascending along the normal.
    geometry : StackGeometry
        Their affine and spacing.
    axes : list of Axis
        In what the volumes differ.
    heights_mm : ndarray or None
        Where the slices are not evenly spaced: how far each is from the first.
    mixed : GeometryError or None
        Why the volumes cannot be told apart; then there is only one, of the
        first frame at each position.
    left_out : list of LeftOut
        Frames of the stack that are in none.
    findings : list of Finding
        What was noticed.
    """

    volumes: list[list[Frame]]
    geometry: StackGeometry
    axes: list[Axis] = field(default_factory=list)
    heights_mm: NDArray[np.float64] | None = None
    mixed: GeometryError | None = None
    left_out: list[LeftOut] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Grids:
    """What a stack gives.

    Attributes
    ----------
    grids : list of Grid
        The one with most slices first.
    failed : list of tuple of (list of Frame, GeometryError)
        Frames that make no volume, and why.
    """

    grids: list[Grid]
    failed: list[tuple[list[Frame], GeometryError]] = field(default_factory=list)

    def largest(self) -> Grid:
        """Return the grid with most slices.

        Raises
        ------
        GeometryError
            If frames that make no volume lie at more positions than any grid has.
        """
        failed = [(Stack(frames).positions, error) for frames, error in self.failed]
        slices = len(self.grids[0].volumes[0]) if self.grids else 0
        for positions, error in failed:
            if positions > slices and positions == max(failed, key=lambda one: one[0])[0]:
                raise error
        return self.grids[0]


def grids_of(stack: Stack, *, uneven: bool = False) -> Grids:
    """Return the volumes in a stack.

    Parameters
    ----------
    stack : Stack
        Parallel frames of one size.
    uneven : bool
        Accept slices in line that are not evenly spaced; their grid has
        `heights_mm`.
    """
    left_out: list[LeftOut] = []
    found = Grids([])
    for piece in _pieces(_original(stack.frames, left_out)):
        try:
            found.grids.append(_grid(piece, uneven))
        except GeometryError as error:
            parts = _excused(piece)
            if parts:
                found.grids += parts
            else:
                found.failed.append((piece, error))
    found.grids.sort(key=lambda grid: (-len(grid.volumes[0]), -len(grid.volumes)))
    for grid in found.grids:
        grid.left_out += left_out
    return found


def _original(frames: list[Frame], left_out: list[LeftOut]) -> list[Frame]:
    """Return the frames without those that were derived from others at their positions."""
    derived = [frame for frame in frames if _is_derived(frame)]
    if not derived or len(derived) == len(frames):
        return frames
    original = [frame for frame in frames if not _is_derived(frame)]
    places = {_rounded(frame) for frame in original}
    if not any(_rounded(frame) in places for frame in derived):
        return frames
    left_out += _reasons(derived, "it is a derived image among original ones")
    return original


def _is_derived(frame: Frame) -> bool:
    if frame.image.frames > 1 and frame.marks.image_type:
        return frame.marks.image_type.startswith("DERIVED")
    return frame.image.derived


def _rounded(frame: Frame) -> tuple[float, ...]:
    return tuple(round(x, 2) for x in frame.position)


# ---- pieces ----------------------------------------------------------------


def _pieces(frames: list[Frame]) -> list[list[Frame]]:
    """Divide frames that differ in what is the same throughout a volume."""
    pieces = [frames]
    for dimension in DIMENSIONS:
        if dimension.kind in _NOT_MIXED:
            pieces = [part for piece in pieces for part in _divided(piece, dimension)]
    return [part for piece in pieces for part in _side_by_side(piece)]


def _divided(frames: list[Frame], dimension: Dimension) -> list[list[Frame]]:
    """Return frames by the value of a dimension, unless one value is at every position."""
    by_value: dict[object, list[Frame]] = {}
    for frame in frames:
        by_value.setdefault(dimension.of(frame.marks), []).append(frame)
    if len(by_value) < 2 or len(by_value) > _MOST_PIECES:
        return [frames]
    positions = len({_rounded(frame) for frame in frames})
    covered = [len({_rounded(frame) for frame in part}) for part in by_value.values()]
    if max(covered) == positions or min(covered) < 2:
        return [frames]
    return list(by_value.values())


def _side_by_side(frames: list[Frame]) -> list[list[Frame]]:
    """Divide frames that lie at one height but not at one place."""
    first = frames[0]
    row, column = np.array(first.orientation).reshape(2, 3)
    points = np.array([frame.position for frame in frames])
    heights = points @ slice_normal(first.orientation)
    across = np.stack([points @ row, points @ column], axis=1)
    tolerance = _APART_PIXELS * min(first.pixel_spacing)
    order = np.argsort(heights, kind="stable")
    near = np.diff(heights[order]) <= 0.01 * min(first.pixel_spacing)
    apart = np.abs(np.diff(across[order], axis=0)).max(axis=1, initial=0) > tolerance
    if not (near & apart).any():
        return [frames]
    parts: list[tuple[NDArray[np.float64], list[Frame]]] = []
    for frame, place in zip(frames, across, strict=True):
        for centre, members in parts:
            if np.abs(centre - place).max() <= tolerance:
                members.append(frame)
                break
        else:
            if len(parts) == _MOST_PIECES:
                return [frames]
            parts.append((place, [frame]))
    return [members for _, members in parts]


def _excused(frames: list[Frame]) -> list[Grid]:
    """Return the grids of frames whose unevenness comes from several volumes, interleaved."""
    for dimension in DIMENSIONS:
        if dimension.kind not in _EXCUSES:
            continue
        by_value: dict[object, list[Frame]] = {}
        for frame in frames:
            by_value.setdefault(dimension.of(frame.marks), []).append(frame)
        if not 2 <= len(by_value) <= _MOST_PIECES or min(map(len, by_value.values())) < 2:
            continue
        if not _overlap(list(by_value.values())):
            continue
        try:
            parts = [_grid(part, uneven=False) for part in by_value.values()]
        except GeometryError:
            continue
        for part in parts:
            part.findings.append(
                Finding(
                    "interleaved",
                    f"the stack holds {len(parts)} volumes that differ in {dimension.kind}; "
                    "their slices together are not evenly spaced",
                )
            )
        return parts
    return []


def _overlap(parts: list[list[Frame]]) -> bool:
    """Tell whether parts of a stack lie between each other, and not one after the other."""
    normal = slice_normal(parts[0][0].orientation)
    heights = [np.array([frame.position for frame in part]) @ normal for part in parts]
    ranges = sorted((float(one.min()), float(one.max())) for one in heights)
    return any(second[0] < first[1] for first, second in pairwise(ranges))


# ---- one grid --------------------------------------------------------------


def _grid(frames: list[Frame], uneven: bool) -> Grid:
    stack = Stack(frames)
    heights: NDArray[np.float64] | None = None
    try:
        geometry = stack.geometry()
    except GeometryError:
        if not uneven:
            raise
        geometry, heights = uneven_geometry([f.position for f in frames], frames[0].orientation,
                                            frames[0].pixel_spacing)  # fmt: skip
    grid = Grid([], geometry, heights_mm=heights)
    try:
        found = arrange([frame.marks for frame in frames], geometry.order)
    except GeometryError as error:
        grid.mixed = error
        chosen = stack.slices(geometry)
        grid.volumes = [chosen]
        taken = {id(frame) for frame in chosen}
        spare = [frame for frame in frames if id(frame) not in taken]
        grid.left_out += _reasons(spare, "another image at the same position comes first")
        grid.findings.append(_doubled(geometry, spare))
    else:
        grid.volumes = [[frames[index] for index in volume] for volume in found.volumes]
        grid.axes = found.axes
        for volume in found.incomplete:
            lacking = [frames[index] for index in volume]
            grid.left_out += _reasons(lacking, "its volume lacks slices")
            grid.findings.append(
                Finding(
                    "incomplete-volume",
                    f"a volume has slices at {len(lacking)} of {len(geometry.order)} positions "
                    "and is left out",
                    tuple(frame.label for frame in lacking),
                )
            )
    grid.findings += _noticed(geometry, frames, heights)
    return grid


def _doubled(geometry: StackGeometry, spare: list[Frame]) -> Finding:
    doubled = sum(len(same) > 1 for same in geometry.order)
    return Finding(
        "duplicate-position",
        f"{doubled} of {len(geometry.order)} positions have several images; the first of each is "
        "used",
        tuple(frame.label for frame in spare),
    )


def _noticed(
    geometry: StackGeometry, frames: list[Frame], heights: NDArray[np.float64] | None
) -> list[Finding]:
    """Return what is odd about a geometry that is accepted."""
    found = []
    count = len(geometry.order)
    if count == 1:
        found.append(
            Finding(
                "single-slice",
                f"there is one position; the step of {geometry.spacing[0]:.6g} mm is Spacing "
                "Between Slices or Slice Thickness",
            )
        )
        return found
    step = geometry.affine[:3, 2]
    normal = slice_normal(frames[0].orientation)
    upright = float(step @ normal)
    sideways = float(np.linalg.norm(step - upright * normal))
    if sideways * (count - 1) > _TILT_PIXELS * min(frames[0].pixel_spacing):
        angle = float(np.degrees(np.arctan2(sideways, upright)))
        found.append(
            Finding(
                "gantry-tilt",
                f"each slice is shifted sideways by {sideways:.4g} mm, an angle of {angle:.3g} "
                "degrees; the affine keeps the shear",
            )
        )
    if heights is None:
        firsts = np.array([frames[same[0]].position for same in geometry.order]) @ normal
        gaps = np.diff(firsts)
        if np.ptp(gaps) > 0.02 * upright:
            found.append(
                Finding(
                    "variable-spacing",
                    f"distances between slices vary from {gaps.min():.6g} to {gaps.max():.6g} mm; "
                    f"the affine has their mean, {upright:.6g} mm",
                )
            )
    return found


def _reasons(frames: Iterable[Frame], reason: str) -> list[LeftOut]:
    return [LeftOut(path, reason) for path in dict.fromkeys(frame.path for frame in frames)]
