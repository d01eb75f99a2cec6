from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import kernels
from pydcm.kernels import Label, colour
from pydcm.pixels.colour import convert_color_space, rgb_to_ybr_full, ybr_full_to_rgb

labels = pytest.mark.parametrize("label", colour.ybr_to_rgb.available())


def _some() -> NDArray[np.uint8]:
    """Return pixels of all corners and edges of the cube of colours, and random ones."""
    steps = np.array([0, 1, 127, 128, 129, 254, 255], np.uint8)
    corners = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(-1, 3)
    others = np.random.default_rng(1).integers(0, 256, (2000, 3), np.uint8)
    return np.concatenate([corners, others])


@labels
def test_arrays_and_kernels_give_the_same(label: Label) -> None:
    pixels = _some()
    with kernels.using("reference"):  # which means arrays
        expected = ybr_full_to_rgb(pixels), rgb_to_ybr_full(pixels)
    for kernel, wanted in zip((colour.ybr_to_rgb, colour.rgb_to_ybr), expected, strict=True):
        found = pixels.copy()
        assert kernel.implementation(label)(found.reshape(-1).data) == len(pixels)
        assert (found == wanted).all()


@labels
def test_known_colours(label: Label) -> None:
    # The ends of what PS3.3 C.7.6.3.1.2 defines: primaries, and both ends of grey.
    rgb = bytearray.fromhex("000000 ffffff ff0000 00ff00 0000ff")
    ybr = bytearray(rgb)
    assert colour.rgb_to_ybr.implementation(label)(memoryview(ybr)) == 5
    assert ybr.hex(" ", 3) == "008080 ff8080 4c55ff 962c15 1dff6b"
    assert colour.ybr_to_rgb.implementation(label)(memoryview(ybr)) == 5
    assert max(abs(a - b) for a, b in zip(rgb, ybr, strict=True)) <= 1


@labels
def test_what_is_no_whole_pixel_is_left_alone(label: Label) -> None:
    for kernel in (colour.ybr_to_rgb, colour.rgb_to_ybr):
        for size in range(1, 9):
            octets = bytearray(range(200, 200 + size))
            assert kernel.implementation(label)(memoryview(octets)) == size // 3
            assert octets[size // 3 * 3 :] == bytearray(range(200, 200 + size))[size // 3 * 3 :]


@pytest.mark.skipif(len(colour.ybr_to_rgb.available()) == 1, reason="there is the reference alone")
@pytest.mark.parametrize("convert", [ybr_full_to_rgb, rgb_to_ybr_full])
def test_functions_give_the_same_on_every_implementation(
    convert: Callable[..., NDArray[np.generic]],
) -> None:
    pixels = _some()[:2340].reshape(36, 65, 3)
    shapes = [pixels, pixels[::2, ::3], pixels.transpose(1, 0, 2), pixels[:0], pixels[0, 0]]
    with kernels.using("reference"):
        expected = [convert(one) for one in shapes]
    for label in colour.ybr_to_rgb.available():
        with kernels.using(label):
            for one, wanted in zip(shapes, expected, strict=True):
                before = one.copy()
                found = convert(one)
                assert found.shape == one.shape
                assert (found == wanted).all()
                assert (one == before).all()
            place = pixels.copy()
            assert convert(place, out=place) is place
            assert (place == expected[0]).all()
            frames = pixels[np.newaxis].copy()
            convert_color_space(frames, "RGB", "YBR_FULL", per_frame=True)
            assert (frames[0] == rgb_to_ybr_full(pixels)).all()


def test_read_only_pixels_are_converted() -> None:
    pixels = _some()
    pixels.flags.writeable = False
    assert ybr_full_to_rgb(pixels).flags.writeable
