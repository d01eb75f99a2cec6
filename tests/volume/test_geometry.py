"""From planes to an affine: pure functions on arrays."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pydcm.errors import GeometryError
from pydcm.volume.geometry import (
    slice_normal,
    sort_along_normal,
    stack_geometry,
    uneven_geometry,
    unit_axes,
)

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("orientation", "normal"),
    [
        (AXIAL, (0, 0, 1)),
        ((1, 0, 0, 0, 0, -1), (0, 1, 0)),
        ((0, 1, 0, 0, 0, -1), (-1, 0, 0)),
    ],
    ids=["axial", "coronal", "sagittal"],
)
def test_the_normal_is_row_cross_column(
    orientation: tuple[float, ...], normal: tuple[float, ...]
) -> None:
    np.testing.assert_allclose(slice_normal(orientation), normal, atol=1e-12)


@pytest.mark.parametrize(
    "orientation",
    [(1, 0, 0, 1, 0, 0), (0, 0, 0, 0, 1, 0), (2, 0, 0, 0, 1, 0), (1, 0, 0, math.nan, 1, 0)],
    ids=["parallel", "zero", "long", "nan"],
)
def test_cosines_that_span_no_plane_are_refused(orientation: tuple[float, ...]) -> None:
    with pytest.raises(GeometryError, match=r"perpendicular.*C\.7\.6\.2\.1\.1"):
        slice_normal(orientation)


def test_descending_positions_come_out_ascending() -> None:
    positions = [[0.0, 0.0, z] for z in (9.0, 6.0, 3.0)]
    stack = stack_geometry(positions, AXIAL, (1.0, 1.0))
    assert stack.order == [[2], [1], [0]]
    np.testing.assert_array_equal(stack.affine[:, 3], [0, 0, 3, 1])


@pytest.mark.parametrize("decimals", [3, 4, 5, 6])
def test_rounded_cosines_become_unit_vectors(decimals: int) -> None:
    tilt = math.radians(17.3)
    exact = np.array([math.cos(tilt), math.sin(tilt), 0.0, 0.0, 0.0, -1.0])
    rounded = exact.round(decimals)
    row, column = unit_axes(rounded)
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-15)
    np.testing.assert_allclose([*row, *column], exact, atol=10.0**-decimals)
    stack = stack_geometry([[0.0, 0.0, 0.0]], rounded, (2.0, 1.5), single_step_mm=4.0)
    lengths = np.linalg.norm(stack.affine[:3, :3], axis=0)
    np.testing.assert_allclose(lengths, [1.5, 2.0, 4.0], rtol=1e-15)
    uneven, _ = uneven_geometry([[0.0, 0.0, 0.0], [0.0, 3.0, 0.0]], [1.001, 0, 0, 0, 0, -1],
                                (2.0, 1.5))  # fmt: skip
    np.testing.assert_array_equal(uneven.affine[:3, 0], [1.5, 0, 0])


def test_an_angle_is_left_as_it_is() -> None:
    row, column = unit_axes([1, 0, 0, 0.001, 1, 0])
    assert float(row @ column) == pytest.approx(0.001, rel=1e-6)


def test_the_affine_maps_column_row_slice() -> None:
    angle = math.radians(30)
    row = np.array([math.cos(angle), math.sin(angle), 0.0])
    column = np.array([0.0, 0.0, -1.0])
    step = np.cross(row, column) * 2.5
    origin = np.array([-10.0, 20.0, 30.0])
    stack = stack_geometry([origin + k * step for k in (2, 0, 1)], [*row, *column], (0.5, 0.75))
    for x, y, z in ((0, 0, 0), (3, 0, 0), (0, 4, 0), (5, 6, 2)):
        np.testing.assert_allclose(
            (stack.affine @ [x, y, z, 1])[:3], origin + x * 0.75 * row + y * 0.5 * column + z * step
        )
    assert stack.spacing == pytest.approx((2.5, 0.5, 0.75))


def test_a_sheared_stack_keeps_its_shear() -> None:
    step = np.array([0.0, 1.0, 3.0])
    stack = stack_geometry([k * step for k in range(4)], AXIAL, (1.0, 1.0))
    np.testing.assert_allclose(stack.affine[:3, 2], step)
    assert stack.spacing[0] == pytest.approx(math.sqrt(10))


def test_frames_at_one_position_share_a_slice() -> None:
    positions = [[0.0, 0.0, z] for z in (0.0, 2.0, 0.0, 2.0, 4.0)]
    assert sort_along_normal(positions, AXIAL, tolerance_mm=0.01) == [[0, 2], [1, 3], [4]]


def test_rounded_positions_are_even() -> None:
    positions = [[0.0, 0.0, round(0.625 * k, 1)] for k in range(20)]
    assert stack_geometry(positions, AXIAL, (0.5, 0.5)).spacing[0] == pytest.approx(0.625, abs=5e-3)


@pytest.mark.parametrize("count", [3, 5, 40, 400])
def test_a_missing_slice_is_refused_wherever_it_was(count: int) -> None:
    for missing in {1, count // 2, count - 2}:
        heights = [2.0 * k for k in range(count) if k != missing] + [2.0 * count]
        names = [f"s{round(z / 2)}" for z in heights]
        with pytest.raises(GeometryError, match="not evenly spaced") as raised:
            stack_geometry([[0, 0, z] for z in heights], AXIAL, (1.0, 1.0), labels=names)
        message = str(raised.value)
        if count > 3:
            assert f"s{missing - 1} and s{missing + 1} are 4 mm apart" in message
            assert "missing" in message


def test_a_slice_that_stepped_aside_is_named() -> None:
    positions = [[0.0, 0.0, 2.0 * k] for k in range(6)]
    positions[3][0] = 9.0
    with pytest.raises(GeometryError, match=r"frame 4 at \(9, 0, 6\) mm lies 9 mm"):
        stack_geometry(positions, AXIAL, (1.0, 1.0))


def test_one_slice_needs_a_thickness() -> None:
    stack = stack_geometry([[0, 0, 5]], AXIAL, (1.0, 1.0), single_step_mm=3.0)
    np.testing.assert_array_equal(stack.affine[:3, 2], [0, 0, 3])
    with pytest.raises(GeometryError, match="one slice alone"):
        stack_geometry([[0, 0, 5]], AXIAL, (1.0, 1.0))


@pytest.mark.parametrize(
    ("positions", "spacing"),
    [([], (1.0, 1.0)), ([[0, 0, math.inf]], (1.0, 1.0)), ([[0, 0, 0]], (0.0, 1.0))],
    ids=["none", "infinite", "no-spacing"],
)
def test_frames_without_extent_are_refused(
    positions: list[list[float]], spacing: tuple[float, float]
) -> None:
    with pytest.raises(GeometryError, match="do not span"):
        stack_geometry(positions, AXIAL, spacing, single_step_mm=1.0)


def test_uneven_slices_get_the_median_step() -> None:
    heights = [0.0, 3.0, 6.0, 12.0, 15.0]
    stack, found = uneven_geometry([[0.5 * z, 0, z] for z in heights], AXIAL, (1.0, 1.0))
    np.testing.assert_allclose(stack.affine[:3, 2], [1.5, 0, 3.0])
    np.testing.assert_allclose(found, np.array(heights) * math.hypot(0.5, 1))


@pytest.mark.parametrize(
    "positions",
    [[[0, 0, 1], [0, 0, 1]], [[0, 0, 0], [9, 0, 2], [0, 0, 7]]],
    ids=["one-position", "not-in-line"],
)
def test_uneven_slices_must_be_in_line(positions: list[list[float]]) -> None:
    with pytest.raises(GeometryError):
        uneven_geometry(positions, AXIAL, (1.0, 1.0))
