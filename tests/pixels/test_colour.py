from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm.pixels import convert_color_space
from pydcm.pixels.colour import is_full_range_ybr, rgb_to_ybr_full, ybr_full_to_rgb

samples = st.integers(0, 255)


def _nearest(value: Fraction, largest: int = 255) -> int:
    """Round to the nearest integer, halves up, and clip."""
    return max(0, min(largest, (value + Fraction(1, 2)).__floor__()))


def _exact_rgb(y: int, cb: int, cr: int, half: int = 128) -> list[int]:
    """PS3.3 C.7.6.3.1.2, solved for R, G and B."""
    red = y + Fraction(1402, 1000) * (cr - half)
    blue = y + Fraction(1772, 1000) * (cb - half)
    green = (y - Fraction(299, 1000) * red - Fraction(114, 1000) * blue) / Fraction(587, 1000)
    return [_nearest(value, 2 * half - 1) for value in (red, green, blue)]


@given(samples, samples, samples)
def test_to_rgb_is_the_exact_result_rounded(y: int, cb: int, cr: int) -> None:
    found = ybr_full_to_rgb(np.array([[y, cb, cr]], np.uint8))
    assert found.tolist() == [_exact_rgb(y, cb, cr)]


@given(*[st.integers(0, 4095)] * 3)
def test_to_rgb_of_12_bits(y: int, cb: int, cr: int) -> None:
    found = ybr_full_to_rgb(np.array([y, cb, cr], np.uint16), 12)
    assert found.tolist() == _exact_rgb(y, cb, cr, 2048)


@given(samples, samples, samples)
def test_to_ybr_is_the_exact_result_rounded(r: int, g: int, b: int) -> None:
    y = Fraction(299 * r + 587 * g + 114 * b, 1000)
    expected = [y, (b - y) / Fraction(1772, 1000) + 128, (r - y) / Fraction(1402, 1000) + 128]
    found = rgb_to_ybr_full(np.array([r, g, b], np.uint8))
    assert found.tolist() == list(map(_nearest, expected))


def test_in_place_and_in_any_layout() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (40, 500, 3), np.uint8)
    expected = np.array([[_exact_rgb(*map(int, pixel)) for pixel in row] for row in pixels[:, :5]])
    converted = ybr_full_to_rgb(pixels)
    assert (converted[:, :5] == expected).all()
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)).transpose(1, 2, 0)
    assert (ybr_full_to_rgb(planes) == converted).all()
    assert ybr_full_to_rgb(pixels, out=pixels) is pixels
    assert (pixels == converted).all()


@pytest.mark.parametrize(
    ("current", "desired"), [("YBR_FULL", "RGB"), ("RGB", "YBR_FULL_422"), ("YBR_FULL_422", "RGB")]
)
def test_same_as_pydicom_but_for_ties(current: str, desired: str) -> None:
    theirs = pytest.importorskip("pydicom.pixels")
    pixels = np.random.default_rng(3).integers(0, 256, (1000, 1000, 3), np.uint8)
    ours = convert_color_space(pixels, current, desired).astype(int)
    difference = np.abs(ours - theirs.convert_color_space(pixels, current, desired))
    # Single precision cannot round halves the same way on all machines; fractions can.
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.001


def test_per_frame_converts_in_place() -> None:
    pixels = np.full((2, 1, 1, 3), [255, 0, 0], np.uint8)
    assert convert_color_space(pixels, "RGB", "YBR_FULL", per_frame=True) is pixels
    assert pixels[1, 0, 0].tolist() == [76, 85, 255]


def test_nothing_to_convert() -> None:
    pixels = np.zeros((1, 1, 3), np.uint8)
    assert convert_color_space(pixels, "RGB", "RGB") is pixels
    assert convert_color_space(pixels, "YBR_FULL", "YBR_FULL_422") is pixels


@pytest.mark.parametrize("space", ["YBR_ICT", "YBR_RCT", "MONOCHROME2", "FOO", ""])
def test_other_colour_spaces_are_refused(space: str) -> None:
    pixels = np.zeros((1, 1, 3), np.uint8)
    for pair in ((space, "RGB"), ("RGB", space)):
        with pytest.raises(NotImplementedError, match="cannot be converted"):
            convert_color_space(pixels, *pair)


@pytest.mark.parametrize("pixels", [np.zeros((1, 1, 3), np.uint16), np.zeros((4, 4), np.uint8)])
def test_other_arrays_are_refused(pixels: Any) -> None:
    with pytest.raises(ValueError, match=r"uint8|three samples"):
        convert_color_space(pixels, "RGB", "YBR_FULL")


def test_which_are_full_range() -> None:
    assert is_full_range_ybr("YBR_FULL_422")
    assert not is_full_range_ybr("YBR_PARTIAL_422")
