"""``pydcm decode``: arrays and pictures."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import examples
from pydcm.volume.picture.windowing import full_range, gray_levels, percentile_window
from tests.cli.command import one_line, pydcm


def read_png(path: Path) -> NDArray[np.uint8]:
    """Return an 8-bit PNG; the filters are undone as ISO/IEC 15948 9.2 defines them."""
    png = path.read_bytes()
    width, height, bits, colour = struct.unpack_from(">IIBB", png, 16)
    channels = {0: 1, 2: 3}[colour]
    assert bits == 8
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)
    image = rows[:, 1:].reshape(height, width, channels).copy()
    for row, rule in enumerate(rows[:, 0].tolist()):
        if rule == 1:
            image[row] = image[row].cumsum(axis=0, dtype=np.uint8)
        elif rule == 2 and row:
            image[row] += image[row - 1]
    return image if channels == 3 else image[..., 0]


def test_an_array_of_stored_values(tmp_path: Path) -> None:
    target = tmp_path / "pixels.npy"
    line = one_line(pydcm("decode", examples.get_path("ct"), "-o", target).stdout)
    pixels = np.load(target)
    stored = np.frombuffer(examples.ct.PixelData, "<u2").reshape(1, 128, 128)
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels, stored)
    assert line == f"{target}: 1 x 128 x 128 uint16, {stored.min()} to {stored.max()}"


def test_rescale_gives_hounsfield_units(tmp_path: Path) -> None:
    target = tmp_path / "hu.npy"
    pydcm("decode", "--rescale", examples.get_path("ct"), "-o", target)
    stored = np.frombuffer(examples.ct.PixelData, "<u2").astype(np.float32)
    np.testing.assert_array_equal(np.load(target).ravel(), stored - 1024)


def test_one_frame_of_several(tmp_path: Path) -> None:
    path, target = examples.get_path("rt_dose"), tmp_path / "frame.npy"
    pydcm("decode", path, "--frame", "8", "-o", target)
    frame = np.load(target)
    assert frame.shape == (1, 10, 10)
    stored = np.frombuffer(examples.rt_dose.PixelData, "<u4").reshape(15, 10, 10)
    np.testing.assert_array_equal(frame[0], stored[7])
    complaint = one_line(pydcm("decode", path, "--frame", "16", "-o", target, code=1).stderr)
    assert "1 to 15" in complaint


def test_a_picture_through_a_window(tmp_path: Path) -> None:
    target = tmp_path / "ct.png"
    line = one_line(
        pydcm("decode", examples.get_path("ct"), "--window", "0", "2000", "-o", target).stdout
    )
    assert line == f"{target}: 128 x 128 pixels, window 0/2000"
    hu = np.frombuffer(examples.ct.PixelData, "<u2").reshape(128, 128).astype(np.float32) - 1024
    expected = np.clip(((hu + 0.5) / 1999 + 0.5) * 255, 0, 255)
    assert np.abs(read_png(target) - expected).max() <= 0.51


def test_a_picture_uses_the_window_of_the_file(tmp_path: Path) -> None:
    target = tmp_path / "ct.png"
    assert "window 40/400" in pydcm("decode", examples.get_path("ct"), "-o", target).stdout
    assert read_png(target).max() == 255


def test_monochrome1_is_shown_inverted(tmp_path: Path) -> None:
    dataset = examples.mr
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.save_as(tmp_path / "inverted.dcm")
    pydcm("decode", tmp_path / "inverted.dcm", "-o", tmp_path / "a.png")
    pydcm("decode", examples.get_path("mr"), "-o", tmp_path / "b.png")
    np.testing.assert_array_equal(255 - read_png(tmp_path / "a.png"), read_png(tmp_path / "b.png"))


@pytest.mark.parametrize("name", ["rgb_color", "palette_color", "ybr_color"])
def test_colour_stays_colour(tmp_path: Path, name: str) -> None:
    target = tmp_path / "colour.png"
    assert "colour" in pydcm("decode", examples.get_path(name), "-o", target).stdout
    image = read_png(target)
    assert image.shape[2] == 3
    assert np.ptp(image.astype(int), axis=2).max() > 60
    if name == "rgb_color":
        assert image.tobytes() == examples.rgb_color.PixelData


def test_a_file_without_pixels_is_refused(tmp_path: Path) -> None:
    done = pydcm("decode", examples.get_path("rt_plan"), "-o", tmp_path / "x.npy", code=1)
    assert "pixel" in one_line(done.stderr).lower()
    assert not (tmp_path / "x.npy").exists()


# --- windows -----------------------------------------------------------------------------------


def test_the_linear_window_is_that_of_the_standard() -> None:
    values: NDArray[Any] = np.array([-1000, -160.5, -160, 39.5, 239, 239.5, 4000])
    # PS3.3 C.11.2.1.2.1: x <= c - 0.5 - (w-1)/2 is black, x > c - 0.5 + (w-1)/2 is white
    assert gray_levels(values, 40, 400).tolist() == [0, 0, 0, 128, 255, 255, 255]
    assert gray_levels(values, 40, 400, invert=True).tolist() == [255, 255, 255, 127, 0, 0, 0]
    assert gray_levels(np.array([4.4, 4.5, 4.6]), 5, 1).tolist() == [0, 0, 255]
    assert gray_levels(np.array([np.nan]), 5, 10).tolist() == [0]


def test_windows_of_values() -> None:
    values = np.arange(101, dtype=np.float32)
    assert full_range(values) == (50.5, 101.0)
    centre, width = percentile_window(values)
    assert (centre, width) == (50.5, 99.0)
    assert gray_levels(values, *full_range(values))[[0, -1]].tolist() == [0, 255]
    assert percentile_window(np.array([np.nan, np.inf])) == (0.0, 1.0)
