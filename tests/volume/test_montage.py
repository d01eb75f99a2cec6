"""The picture of a volume, and how its parts lie in the patient."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm.volume import Volume
from pydcm.volume.picture.anatomy import along_patient_axes, anatomy
from pydcm.volume.picture.canvas import Canvas, resized
from pydcm.volume.picture.glyphs import text_mask
from pydcm.volume.picture.montage import Window, montage


def _volume(pixels: NDArray[Any], affine: NDArray[np.float64]) -> Volume:
    steps = np.linalg.norm(affine[:3, :3], axis=0)
    return Volume(pixels, (steps[2], steps[1], steps[0]), affine, "1.2.3")


def _affine(axes: tuple[int, ...], signs: tuple[int, ...], steps: tuple[float, ...]) -> Any:
    affine = np.eye(4)
    affine[:3, :3] = 0
    for voxel, (axis, sign, step) in enumerate(zip(axes, signs, steps, strict=True)):
        affine[axis, voxel] = sign * step
    return affine


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, -1), (1, -1, 1)])
def test_voxels_turn_to_the_patients_axes(axes: tuple[int, ...], signs: tuple[int, ...]) -> None:
    steps = (0.5, 0.75, 3.0)
    affine = _affine(axes, signs, steps)
    pixels = np.arange(2 * 3 * 4).reshape(4, 3, 2)
    turned, spacing = along_patient_axes(_volume(pixels, affine))
    # going on along a turned axis must lead to higher x, y or z in the patient
    place = {int(value): np.array(at) for at, value in np.ndenumerate(pixels)}
    for array_axis in range(3):
        first = np.take(turned, 0, axis=array_axis).ravel()[0]
        second = np.take(turned, 1, axis=array_axis).ravel()[0]
        moved = affine[:3, :3] @ (place[int(second)] - place[int(first)])[::-1]
        expected = np.zeros(3)
        expected[2 - array_axis] = spacing[array_axis]
        np.testing.assert_allclose(moved, expected)


def test_a_tilted_stack_is_described() -> None:
    angle = math.radians(20)
    affine = np.eye(4)
    affine[:3, 1] = [0, math.cos(angle), math.sin(angle)]
    affine[:3, 2] = [0, -3 * math.sin(angle), 3 * math.cos(angle)]
    lies = anatomy(affine)
    assert (lies.codes, lies.description) == ("LPH", "axial, oblique by 20.0 degrees")
    affine[:3, 2] = [0, 0, 3]
    assert anatomy(affine).description.endswith("sheared by 20.0 degrees")
    _, spacing = along_patient_axes(_volume(np.zeros((2, 2, 2)), affine))
    assert spacing[0] == pytest.approx(3 * math.cos(angle))


def test_a_plane_keeps_its_proportions() -> None:
    # a ball of 40 mm in voxels of 1 x 1 x 4 mm must be as high as it is wide
    z, y, x = np.ogrid[-10:11, -40:41, -40:41]
    ball = ((4 * z) ** 2 + y**2 + x**2 <= 20**2).astype(np.float32) * 1000
    picture = montage(
        _volume(ball, np.diag([1.0, 1.0, 4.0, 1.0])), [Window("", 500, 1000)], title="ball"
    )
    gray = picture.max(axis=2)
    bright = (gray > 200) & (np.ptp(picture.astype(int), axis=2) == 0)
    top = picture.shape[0] // 2
    for left in range(3):  # the middle of each panel is found by its brightest run
        columns = bright[100:top, 40 + left * 405 : 40 + left * 405 + 380]
        height = columns.any(axis=1).sum()
        width = columns.any(axis=0).sum()
        assert height == pytest.approx(width, rel=0.12)


def test_left_is_right_and_the_head_is_up() -> None:
    pixels = np.zeros((20, 20, 20), np.float32)
    pixels[12:18, 8:12, 2:6] = 1000  # towards the head, and towards the patient's right
    pixels[:, 0, 0] = pixels[:, -1, -1] = 300
    picture = montage(_volume(pixels, np.eye(4)), [Window("", 500, 1000)], title="")
    gray = picture.min(axis=2)
    panels = gray[121:500, 24 : 24 + 3 * 400]
    axial = panels[:, 10:370]
    assert axial[:, :180].astype(float).sum() > axial[:, 180:].astype(float).sum()


@pytest.mark.parametrize("shape", [(1, 5, 7), (3, 1, 1), (2, 400, 3), (9, 9, 9)])
def test_odd_volumes_are_drawn(shape: tuple[int, ...]) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    picture = montage(_volume(pixels, np.eye(4)), [Window("", 5, 10)], title="x", subtitle="y")
    assert picture.dtype == np.uint8
    assert picture.shape[1] == 1280
    blank = montage(_volume(pixels * 0, np.eye(4)), [Window("", 500, 10)], title="x")
    assert blank.shape[1] == 1280


def test_resizing_keeps_the_mean_and_the_edges() -> None:
    image = np.add.outer(np.arange(30.0), np.arange(40.0))
    for rows, columns in ((15, 20), (60, 80), (7, 93), (1, 1)):
        small = resized(image, rows, columns)
        assert small.shape == (rows, columns)
        assert small.mean() == pytest.approx(image.mean(), rel=0.01)
    np.testing.assert_allclose(resized(image, 30, 40), image, rtol=1e-6)


def test_text_is_drawn_where_it_fits() -> None:
    canvas = Canvas(40, 12, (0, 0, 0))
    canvas.text(38, 2, "Hi", (255, 255, 255), scale=1, align="right")
    lit = np.argwhere(canvas.pixels[..., 0])
    assert lit[:, 1].max() == 36
    assert len(lit) == text_mask("Hi").sum()
    canvas.text(-3, -3, "cut off", (9, 9, 9), scale=3, shadow=True)
    assert canvas.pixels.shape == (12, 40, 3)


def test_every_character_is_drawn_differently() -> None:
    characters = "".join(map(chr, range(33, 127))) + "°"
    known = [c for c in characters if not np.array_equal(text_mask(c), text_mask("?"))]
    assert len({text_mask(c).tobytes() for c in known}) == len(known)
    assert set("ABCXYZabcxyz0189.,:-+/()%") <= set(known)
