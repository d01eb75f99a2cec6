"""A body made of ellipsoids, and the planes that a scanner would cut through it.

Each shape is a quadric, so a row of pixels meets it in one interval, found in
closed form for any orientation of the plane: no voxel is ever tested, and no
array library is needed. Lengths are in mm in the patient's coordinate system
(PS3.3 C.7.6.2.1.1: x to the left, y to the back, z to the head).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["HEAD", "NODULE", "THORAX", "Ellipsoid", "Plane", "render"]

Vector = tuple[float, float, float]

AIR_HU = -1000
_SUBROWS = 2
"""Sampled lines in a row of pixels; along a line the coverage is exact."""


class Ellipsoid(NamedTuple):
    """A solid of one density.

    Attributes
    ----------
    hu : int
        Its density in Hounsfield units.
    centre : tuple of float
        x, y, z in mm.
    radii : tuple of float
        Along x, y, z in mm; ``math.inf`` makes it a cylinder along that axis.
    turn_deg : float
        Its rotation about z, from x towards y.
    """

    hu: int
    centre: Vector
    radii: Vector
    turn_deg: float = 0.0


class Plane(NamedTuple):
    """The pixel grid of one slice.

    Attributes
    ----------
    origin : tuple of float
        Centre of the first pixel, in mm.
    along_row, along_column : tuple of float
        From one pixel to the next in a row and in a column, in mm.
    rows, columns : int
        Size in pixels.
    """

    origin: Vector
    along_row: Vector
    along_column: Vector
    rows: int
    columns: int


def render(shapes: Sequence[Ellipsoid], plane: Plane) -> array[int]:
    """Return the Hounsfield units in a plane, row after row.

    Parameters
    ----------
    shapes : sequence of Ellipsoid
        Later ones replace earlier ones where they overlap.
    plane : Plane
        Where to cut.

    Returns
    -------
    array of int
        ``rows * columns`` values, type code ``h``.
    """
    step = _scaled(plane.along_column, 1 / _SUBROWS)
    first = _sum(plane.origin, _scaled(step, (1 - _SUBROWS) / 2))
    fine = Plane(first, plane.along_row, step, plane.rows * _SUBROWS, plane.columns)
    canvas = array("h", [AIR_HU]) * (fine.rows * fine.columns)
    for shape in shapes:
        _paint(canvas, shape, fine)
    return _merge_subrows(canvas, plane.columns)


def _paint(canvas: array[int], shape: Ellipsoid, plane: Plane) -> None:
    """Fill the interval of every row that lies in the shape.

    With M the map that makes the shape a unit ball, a row is the line
    ``o + t d`` and its interval lies between the roots of ``|M(o + t d)|**2 = 1``.
    """
    to_ball = _BallMap(shape)
    d = to_ball(plane.along_row)
    down = to_ball(plane.along_column)
    start = to_ball(_sum(plane.origin, _scaled(shape.centre, -1.0)))
    a = _dot(d, d)
    if a == 0.0:
        return
    full = array("h", [shape.hu]) * plane.columns
    for row in _rows_met(start, down, d, plane.rows):
        o = (start[0] + row * down[0], start[1] + row * down[1], start[2] + row * down[2])
        b = _dot(d, o)
        discriminant = b * b - a * (_dot(o, o) - 1.0)
        if discriminant > 0.0:
            half = math.sqrt(discriminant)
            at = row * plane.columns
            _fill(canvas, at, plane.columns, (-b - half) / a, (-b + half) / a, full)


def _rows_met(start: Vector, down: Vector, along: Vector, rows: int) -> range:
    """Return the rows that can meet the unit ball: those whose distance from it is below 1."""
    unit = _dot(along, along)
    start = _sum(start, _scaled(along, -_dot(start, along) / unit))
    down = _sum(down, _scaled(along, -_dot(down, along) / unit))
    a, b, c = _dot(down, down), _dot(down, start), _dot(start, start) - 1.0
    if a == 0.0:
        return range(rows) if c < 0.0 else range(0)
    discriminant = b * b - a * c
    if discriminant <= 0.0:
        return range(0)
    half = math.sqrt(discriminant)
    first = math.ceil((-b - half) / a)
    last = math.floor((-b + half) / a)
    return range(max(0, first), min(rows, last + 1))


def _fill(
    canvas: array[int], at: int, columns: int, left: float, right: float, full: array[int]
) -> None:
    """Fill from `left` to `right` (pixel centres are integers), edges by their coverage."""
    left = max(left, -0.5)
    right = min(right, columns - 0.5)
    if right <= left:
        return
    first = math.floor(left + 0.5)
    last = min(math.floor(right + 0.5), columns - 1)
    hu = full[0]
    if first == last:
        _blend(canvas, at + first, hu, right - left)
        return
    canvas[at + first + 1 : at + last] = full[: last - first - 1]
    _blend(canvas, at + first, hu, first + 0.5 - left)
    _blend(canvas, at + last, hu, right - last + 0.5)


def _blend(canvas: array[int], index: int, hu: int, coverage: float) -> None:
    below = canvas[index]
    canvas[index] = below + round((hu - below) * coverage)


def _merge_subrows(canvas: array[int], columns: int) -> array[int]:
    merged = array("h")
    for at in range(0, len(canvas), _SUBROWS * columns):
        lines = (canvas[at + k * columns : at + (k + 1) * columns] for k in range(_SUBROWS))
        merged.extend([sum(column) // _SUBROWS for column in zip(*lines, strict=True)])
    return merged


class _BallMap:
    """The linear map that turns a shape into a unit ball."""

    def __init__(self, shape: Ellipsoid) -> None:
        turn = math.radians(shape.turn_deg)
        self._cos, self._sin = math.cos(turn), math.sin(turn)
        self._inverse = tuple(1 / radius for radius in shape.radii)

    def __call__(self, vector: Vector) -> Vector:
        x, y, z = vector
        u, v, w = self._inverse
        cos, sin = self._cos, self._sin
        return ((cos * x + sin * y) * u, (cos * y - sin * x) * v, z * w)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _sum(a: Vector, b: Vector) -> Vector:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def _scaled(a: Vector, factor: float) -> Vector:
    return (a[0] * factor, a[1] * factor, a[2] * factor)


def _ribs() -> list[Ellipsoid]:
    """Return arcs of bone around the chest that sink from the spine to the breastbone."""
    pieces = []
    for level in range(-5, 6):
        for side in (-1, 1):
            for angle_deg in range(-60, 91, 10):
                angle = math.radians(angle_deg)
                along = (90 - angle_deg) / 150
                centre = (
                    side * 141.0 * math.cos(angle),
                    90.0 * math.sin(angle),
                    26.0 * level + 30.0 - 62.0 * along,
                )
                tangent = math.degrees(
                    math.atan2(90.0 * math.cos(angle), -side * 141.0 * math.sin(angle))
                )
                pieces.append(Ellipsoid(420, centre, (17.0, 4.5, 6.5), tangent))
    return pieces


def _vessels() -> list[Ellipsoid]:
    """Return short vessels in both lungs, none of them near the nodule."""
    pieces = []
    for side in (-1, 1):
        for k, z in enumerate(range(-50, 94, 13)):
            centre = (side * (52.0 + 17.0 * (k % 3)), 22.0 * math.cos(2.1 * k), float(z))
            radius = (4.0, 3.0, 5.0, 3.5)[k % 4]
            if math.dist(centre, NODULE.centre) > NODULE.radii[0] + 20.0:
                pieces.append(Ellipsoid(20, centre, (radius, radius, 15.0)))
    return pieces


NODULE = Ellipsoid(40, (-72.0, -8.0, 12.0), (14.0, 14.0, 14.0))
"""A ball of 28 mm in the right lung of :data:`THORAX`: 11,494 mm3."""

_FOREVER = math.inf

THORAX: tuple[Ellipsoid, ...] = (
    Ellipsoid(-120, (0.0, 66.0, 0.0), (212.0, 86.0, _FOREVER)),
    Ellipsoid(-880, (0.0, 66.0, 0.0), (206.0, 80.0, _FOREVER)),
    Ellipsoid(AIR_HU, (0.0, 44.0, 0.0), (300.0, 82.0, _FOREVER)),
    Ellipsoid(-95, (0.0, 0.0, -30.0), (172.0, 118.0, 420.0)),
    Ellipsoid(52, (0.0, 0.0, -30.0), (155.0, 104.0, 400.0)),
    Ellipsoid(-70, (0.0, -3.0, -30.0), (134.0, 84.0, 360.0)),
    *_ribs(),
    Ellipsoid(-855, (-70.0, 2.0, 8.0), (60.0, 76.0, 112.0), -7.0),
    Ellipsoid(-855, (70.0, 4.0, 8.0), (58.0, 74.0, 112.0), 7.0),
    Ellipsoid(58, (-58.0, -2.0, -116.0), (82.0, 84.0, 74.0)),
    Ellipsoid(50, (74.0, 18.0, -118.0), (50.0, 56.0, 56.0)),
    Ellipsoid(44, (26.0, -26.0, -30.0), (54.0, 42.0, 54.0), 32.0),
    Ellipsoid(170, (34.0, -30.0, -38.0), (26.0, 19.0, 32.0), 32.0),
    Ellipsoid(165, (-12.0, -26.0, -22.0), (16.0, 18.0, 26.0)),
    Ellipsoid(46, (0.0, 0.0, 74.0), (34.0, 42.0, 92.0)),
    Ellipsoid(190, (17.0, 44.0, 0.0), (12.5, 12.5, _FOREVER)),
    Ellipsoid(180, (8.0, -12.0, 46.0), (14.0, 30.0, 12.5), 8.0),
    Ellipsoid(AIR_HU, (-1.0, 10.0, 110.0), (8.5, 9.0, 82.0)),
    Ellipsoid(230, (0.0, -92.0, 20.0), (17.0, 6.5, 92.0)),
    Ellipsoid(46, (0.0, 84.0, 0.0), (52.0, 20.0, _FOREVER)),
    Ellipsoid(540, (0.0, 62.0, 0.0), (22.0, 17.0, _FOREVER)),
    Ellipsoid(290, (0.0, 62.0, 0.0), (18.5, 13.5, _FOREVER)),
    *(Ellipsoid(75, (0.0, 62.0, float(z)), (23.0, 18.0, 4.5)) for z in range(-130, 131, 26)),
    Ellipsoid(520, (0.0, 92.0, 0.0), (5.0, 16.0, _FOREVER)),
    Ellipsoid(500, (0.0, 82.0, 0.0), (28.0, 5.0, _FOREVER)),
    Ellipsoid(30, (0.0, 82.0, 0.0), (10.0, 8.0, _FOREVER)),
    *_vessels(),
    NODULE,
)
"""A chest with its couch, some 344 x 236 mm, to be seen from z = -120 to 120."""

HEAD: tuple[Ellipsoid, ...] = (
    Ellipsoid(200, (0.0, 0.0, 0.0), (78.0, 98.0, 92.0)),
    Ellipsoid(-900, (0.0, 0.0, 0.0), (72.0, 92.0, 86.0)),
    Ellipsoid(30, (0.0, 0.0, 0.0), (67.0, 87.0, 81.0)),
    Ellipsoid(120, (0.0, 2.0, 2.0), (61.0, 80.0, 75.0)),
    Ellipsoid(-300, (-14.0, -6.0, 8.0), (8.0, 32.0, 16.0), -14.0),
    Ellipsoid(-300, (14.0, -6.0, 8.0), (8.0, 32.0, 16.0), 14.0),
    Ellipsoid(20, (-30.0, 8.0, 2.0), (13.0, 22.0, 16.0), -18.0),
    Ellipsoid(20, (30.0, 8.0, 2.0), (13.0, 22.0, 16.0), 18.0),
    Ellipsoid(330, (34.0, -36.0, 4.0), (9.0, 9.0, 9.0)),
)
"""A head of 156 x 196 x 184 mm whose densities stand for magnetic resonance signal."""
