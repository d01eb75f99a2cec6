"""From the planes of frames to the affine of a volume: pure functions on arrays.

World coordinates are the patient's, in mm: x to the left, y to the back, z to
the head (LPS, PS3.3 C.7.6.2.1.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pydcm.errors import GeometryError

__all__ = [
    "StackGeometry",
    "slice_normal",
    "sort_along_normal",
    "stack_geometry",
    "uneven_geometry",
    "unit_axes",
]

_COSINE_TOLERANCE = 1e-2
"""How far direction cosines may be from unit length and from a right angle.

Scanners write them with as few as three decimals.
"""

_STEP_TOLERANCE = 0.1
_ROUNDING_MM = 0.1
_STEP_LIMIT = 0.25
"""How far a slice may lie from where even steps put it, as a share of the step or in mm.

Scanners round positions, some to 0.1 mm, so the larger of the first two holds,
up to the third. A missing slice cannot hide in that: it moves a neighbour by a
third of a step or more, wherever it was.
"""

_SAME_POSITION = 1e-2
"""Two positions closer than this share of a pixel are the same position."""


@dataclass(frozen=True, eq=False)
class StackGeometry:
    """How frames make a volume.

    Attributes
    ----------
    order : list of list of int
        For each slice, ascending along the normal, the indices of the frames
        that lie there.
    affine : ndarray, shape (4, 4), float64
        Maps voxel (column, row, slice) to LPS mm.
    spacing : tuple of float
        Length of a step in mm, along (z, y, x) of the array.
    """

    order: list[list[int]]
    affine: NDArray[np.float64]
    spacing: tuple[float, float, float]


def slice_normal(orientation: ArrayLike) -> NDArray[np.float64]:
    """Return the unit normal of a plane, row direction x column direction.

    Parameters
    ----------
    orientation : array_like, shape (6,)
        Image Orientation (Patient): direction cosines of the rows, then of
        the columns (PS3.3 C.7.6.2.1.1).

    Raises
    ------
    GeometryError
        If they are no two perpendicular unit vectors.

    Examples
    --------
    >>> slice_normal([1, 0, 0, 0, 1, 0]).tolist()
    [0.0, 0.0, 1.0]
    """
    row, column = np.asarray(orientation, dtype=np.float64).reshape(2, 3)
    lengths = np.array([np.linalg.norm(row), np.linalg.norm(column)])
    lean = float(row @ column)
    if not (np.all(np.abs(lengths - 1) <= _COSINE_TOLERANCE) and abs(lean) <= _COSINE_TOLERANCE):
        raise GeometryError(
            f"Image Orientation (Patient) {_numbers([*row, *column])} is not two perpendicular "
            f"unit vectors: lengths {_numbers(lengths)}, dot product {lean:.6g}",
            clause="PS3.3 C.7.6.2.1.1",
        )
    normal = np.cross(row, column)
    return normal / np.linalg.norm(normal)


def unit_axes(orientation: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the directions of rows and columns as vectors of length one.

    They are unit vectors (PS3.3 C.7.6.2.1.1), written with a few decimals: what
    their length differs from one is rounding. Left in, it would move the last
    pixel of a row of 250 mm by a hundredth of a millimetre where there are four
    decimals. Their angle is left as it is: nothing says which of both to turn.

    Parameters
    ----------
    orientation : array_like, shape (6,)
        As for :func:`slice_normal`.

    Returns
    -------
    row, column : ndarray, shape (3,)

    Raises
    ------
    GeometryError
        If they are further than 0.01 from unit length or from a right angle.

    Examples
    --------
    >>> row, column = unit_axes([0.6, 0.801, 0, 0, 0, 1])
    >>> row.round(6).tolist()
    [0.59952, 0.80036, 0.0]
    """
    slice_normal(orientation)
    row, column = np.asarray(orientation, dtype=np.float64).reshape(2, 3)
    return row / np.linalg.norm(row), column / np.linalg.norm(column)


def sort_along_normal(
    positions: ArrayLike, orientation: ArrayLike, *, tolerance_mm: float
) -> list[list[int]]:
    """Return the indices of frames by position, ascending along the normal.

    Parameters
    ----------
    positions : array_like, shape (n, 3)
        Image Position (Patient) of each frame.
    orientation : array_like, shape (6,)
        As for :func:`slice_normal`.
    tolerance_mm : float
        Frames no farther apart than this along the normal share a position.

    Returns
    -------
    list of list of int
        One list for each position; within it, the order of `positions`.

    Examples
    --------
    >>> sort_along_normal([[0, 0, 5], [0, 0, 2], [0, 0, 5]], [1, 0, 0, 0, 1, 0], tolerance_mm=0.1)
    [[1], [0, 2]]
    """
    heights = np.asarray(positions, dtype=np.float64).reshape(-1, 3) @ slice_normal(orientation)
    slices: list[list[int]] = []
    last = -np.inf
    for index in np.argsort(heights, kind="stable").tolist():
        if heights[index] - last > tolerance_mm:
            slices.append([])
            last = heights[index]
        slices[-1].append(index)
    return [sorted(same) for same in slices]


def stack_geometry(
    positions: ArrayLike,
    orientation: ArrayLike,
    pixel_spacing: tuple[float, float],
    *,
    labels: Sequence[str] | None = None,
    single_step_mm: float | None = None,
) -> StackGeometry:
    """Return the order and the affine of parallel frames.

    A stack whose slices are shifted sideways (a tilted gantry) keeps its
    shear: the third column of the affine is the real step from slice to slice.

    Parameters
    ----------
    positions : array_like, shape (n, 3)
        Image Position (Patient) of each frame, mm.
    orientation : array_like, shape (6,)
        As for :func:`slice_normal`.
    pixel_spacing : tuple of float
        Between rows, between columns, mm (PS3.3 10.7.1.3).
    labels : sequence of str, optional
        Names of the frames for messages.
    single_step_mm : float, optional
        The step where there is one position only, such as Slice Thickness.

    Returns
    -------
    StackGeometry
        What makes them a volume.

    Raises
    ------
    GeometryError
        If no affine describes the frames; the message names those at fault.

    Examples
    --------
    >>> stack = stack_geometry([[0, 0, 6], [0, 0, 3]], [1, 0, 0, 0, 1, 0], (0.5, 0.25))
    >>> stack.order, stack.spacing
    ([[1], [0]], (3.0, 0.5, 0.25))
    >>> print(stack.affine)
    [[0.25 0.   0.   0.  ]
     [0.   0.5  0.   0.  ]
     [0.   0.   3.   3.  ]
     [0.   0.   0.   1.  ]]
    """
    points = np.asarray(positions, dtype=np.float64).reshape(-1, 3)
    names = list(labels) if labels is not None else [f"frame {k + 1}" for k in range(len(points))]
    row, column = unit_axes(orientation)
    normal = slice_normal(orientation)
    if not (len(points) and np.isfinite(points).all() and min(pixel_spacing) > 0):
        raise GeometryError(
            f"{len(points)} frames with pixel spacing {_numbers(pixel_spacing)} mm and positions "
            f"{_numbers(points[:1].ravel())} ... do not span a volume"
        )
    order = sort_along_normal(points, orientation, tolerance_mm=_SAME_POSITION * min(pixel_spacing))
    firsts = [same[0] for same in order]
    if len(firsts) > 1:
        step = _even_step(points[firsts], normal, [names[index] for index in firsts])
    elif single_step_mm is not None and single_step_mm > 0:
        step = normal * single_step_mm
    else:
        raise GeometryError(
            f"one slice alone ({names[firsts[0]]}) has no step to the next",
            hint="it has neither Spacing Between Slices nor Slice Thickness",
        )
    affine = _affine(row, column, pixel_spacing, step, points[firsts[0]])
    return StackGeometry(
        order, affine, (float(np.linalg.norm(step)), pixel_spacing[0], pixel_spacing[1])
    )


def _even_step(
    points: NDArray[np.float64], normal: NDArray[np.float64], names: list[str]
) -> NDArray[np.float64]:
    """Return the step between sorted slices, or raise if there is no common one."""
    step: NDArray[np.float64] = (points[-1] - points[0]) / (len(points) - 1)
    even = points[0] + np.arange(len(points))[:, np.newaxis] * step
    away = np.linalg.norm(points - even, axis=1)
    length = float(np.linalg.norm(step))
    if away.max() <= min(max(_STEP_TOLERANCE * length, _ROUNDING_MM), _STEP_LIMIT * length):
        return step
    gaps = np.diff(points @ normal)
    usual = float(np.median(gaps))
    odd = np.flatnonzero(np.abs(gaps - usual) > _STEP_TOLERANCE * usual)
    if odd.size:
        pairs = [f"{names[k]} and {names[k + 1]} are {gaps[k]:.4g} mm apart" for k in odd[:3]]
        more = f"; and {odd.size - 3} more pairs" if odd.size > 3 else ""
        raise GeometryError(
            f"the {len(points)} slices are not evenly spaced: most are {usual:.4g} mm apart, but "
            + "; ".join(pairs)
            + more,
            hint="a slice seems to be missing" if gaps[odd[0]] > 1.5 * usual else None,
        )
    worst = int(away.argmax())
    raise GeometryError(
        f"the {len(points)} slices are not in line: {names[worst]} at {_numbers(points[worst])} mm "
        f"lies {away[worst]:.4g} mm from where even steps of {_numbers(step)} mm put it"
    )


def uneven_geometry(
    positions: ArrayLike, orientation: ArrayLike, pixel_spacing: tuple[float, float]
) -> tuple[StackGeometry, NDArray[np.float64]]:
    """Return the geometry that slices at varying distances have once they are resampled.

    Parameters
    ----------
    positions, orientation, pixel_spacing
        As for :func:`stack_geometry`.

    Returns
    -------
    StackGeometry
        With the median distance as its step, along the line from the first
        slice to the last.
    ndarray, shape (slices,)
        The distance of each slice from the first along that line, mm.

    Raises
    ------
    GeometryError
        If the slices are not in line.
    """
    points = np.asarray(positions, dtype=np.float64).reshape(-1, 3)
    normal = slice_normal(orientation)
    order = sort_along_normal(points, orientation, tolerance_mm=_SAME_POSITION * min(pixel_spacing))
    firsts = points[[same[0] for same in order]]
    line = firsts[-1] - firsts[0]
    length = float(np.linalg.norm(line))
    if not (length > 0 and float(line @ normal) > 0):
        raise GeometryError(f"{len(points)} frames with one position have no step to the next")
    direction = line / length
    heights = (firsts - firsts[0]) @ normal / float(direction @ normal)
    away = np.linalg.norm(firsts - firsts[0] - heights[:, np.newaxis] * direction, axis=1)
    step_mm = float(np.median(np.diff(heights)))
    if away.max() > max(_STEP_TOLERANCE * step_mm, _ROUNDING_MM):
        raise GeometryError(
            f"the {len(firsts)} slices are not in line: one lies {away.max():.4g} mm beside the "
            "line from the first to the last"
        )
    row, column = unit_axes(orientation)
    affine = _affine(row, column, pixel_spacing, direction * step_mm, firsts[0])
    return StackGeometry(order, affine, (step_mm, pixel_spacing[0], pixel_spacing[1])), heights


def _affine(
    row: NDArray[np.float64],
    column: NDArray[np.float64],
    pixel_spacing: tuple[float, float],
    step: NDArray[np.float64],
    origin: NDArray[np.float64],
) -> NDArray[np.float64]:
    affine = np.eye(4)
    affine[:3, 0] = row * pixel_spacing[1]
    affine[:3, 1] = column * pixel_spacing[0]
    affine[:3, 2] = step
    affine[:3, 3] = origin
    return affine


def _numbers(values: ArrayLike) -> str:
    return "(" + ", ".join(f"{value:.6g}" for value in np.asarray(values).ravel()) + ")"
