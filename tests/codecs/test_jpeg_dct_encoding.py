from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pydcm import kernels
from pydcm._codecs.jpeg import dct, dct_encoding
from pydcm._codecs.jpeg.markers import Marker, parse
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import UnsupportedSyntaxError
from pydcm.kernels import Label, jpegdct

labels = pytest.mark.parametrize("label", jpegdct.encode_scan.available())
SIZES = [(1, 1), (2, 3), (7, 9), (8, 8), (16, 16), (17, 15), (33, 41), (41, 33)]
QUALITIES = (1, 10, 49, 50, 75, 90, 100)


def _pixels(rows: int, columns: int, samples: int, seed: int) -> NDArray[np.uint8]:
    """Return an image with slopes, edges and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    planes = [
        127 + 90 * np.sin(a * y + b * x) + 60 * (x > rng.integers(0, columns + 1))
        for a, b in rng.random((samples, 2))
    ]
    noisy = np.stack(planes, axis=2) + rng.normal(0, 8, (rows, columns, samples))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _encoded(pixels: NDArray[np.uint8], photometric: str = "", **options: Any) -> bytes:
    rows, columns, samples = pixels.shape
    photometric = photometric or ("YBR_FULL" if samples == 3 else "MONOCHROME2")
    layout = FrameLayout(rows, columns, samples, photometric=photometric)
    return dct_encoding.encode(pixels, layout, EncodeOptions(**options))


# --- against libjpeg ----------------------------------------------------------------------------


@labels
@pytest.mark.parametrize("sampling", ["444", "422", "420", "440"])
def test_chrominance_is_coded_as_libjpeg_codes_it(sampling: str, label: Label) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    qualities = QUALITIES if label == "numba" else QUALITIES[3:4]
    for rows, columns in SIZES:
        for quality in qualities:
            pixels = _pixels(rows, columns, 3, quality)
            with kernels.using(label):
                stream = _encoded(pixels, quality=quality, subsampling=sampling)
            space = {"colorspace": "ycbcr", "outcolorspace": "ycbcr"}
            assert stream == imagecodecs.jpeg8_encode(
                pixels, quality, subsampling=sampling, **space
            )  # fmt: skip


@labels
def test_one_sample_and_rgb_are_coded_as_libjpeg_codes_them(label: Label) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    qualities = QUALITIES if label == "numba" else QUALITIES[-1:]
    for rows, columns in SIZES:
        for quality in qualities:
            pixels = _pixels(rows, columns, 3, quality)
            with kernels.using(label):
                grey = _encoded(pixels[..., :1], quality=quality)
                rgb = _encoded(pixels, "RGB", quality=quality)
            assert grey == imagecodecs.jpeg8_encode(pixels[..., 0].copy(), quality)
            space = {"colorspace": "rgb", "outcolorspace": "rgb"}
            assert rgb == imagecodecs.jpeg8_encode(pixels, quality, **space)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "RGB", "YBR_FULL", "YBR_FULL_422"])
@pytest.mark.parametrize("interval", [0, 1, 3, 7])
def test_other_decoders_read_it(photometric: str, interval: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    libjpeg = pytest.importorskip("libjpeg")  # another decoder, with another transform
    samples = 1 if photometric.startswith("MONO") else 3
    pixels = _pixels(50, 70, samples, 4)
    stream = _encoded(pixels, photometric, quality=95, restart_interval=interval)
    space = {"YBR": "ycbcr", "RGB": "rgb", "MON": None}[photometric[:3]]
    layout = FrameLayout(50, 70, samples, photometric=photometric)
    found = dct.decode(stream, layout)
    theirs = imagecodecs.jpeg8_decode(stream, outcolorspace=space).reshape(pixels.shape)
    assert (found == theirs).all()
    other = libjpeg.decode(stream, colour_transform=0).reshape(pixels.shape)
    assert np.abs(found.astype(int) - other).max() <= 2
    assert np.abs(found.astype(int) - pixels).max() < 40


# --- what it says of itself ---------------------------------------------------------------------


def test_the_colours_are_told() -> None:
    pixels = _pixels(9, 9, 3, 1)
    told = {
        photometric: parse(_encoded(pixels, photometric))
        for photometric in ("RGB", "YBR_FULL", "YBR_FULL_422")
    }
    assert told["RGB"].adobe_transform == 0
    assert not told["RGB"].jfif
    assert told["YBR_FULL"].jfif
    assert told["YBR_FULL_422"].jfif
    assert parse(_encoded(pixels[..., :1])).jfif
    assert {each.frame.marker for each in told.values()} == {Marker.SOF0}


def test_factors_and_restarts_are_told() -> None:
    pixels = _pixels(33, 33, 3, 1)
    for sampling, factors in {"444": (1, 1), "422": (2, 1), "420": (2, 2), "440": (1, 2)}.items():
        stream = parse(_encoded(pixels, subsampling=sampling, restart_interval=2))
        first, *others = stream.frame.components
        assert (first.h, first.v) == factors
        assert {(each.h, each.v) for each in others} == {(1, 1)}
        (scan,) = stream.scans
        units = -(-33 // (8 * factors[0])) * -(-33 // (8 * factors[1]))
        assert len(scan.restarts) == -(-units // 2) - 1


# --- round trips --------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 40), columns=st.integers(1, 40), seed=st.integers(0, 1 << 30),
    sampling=st.sampled_from(["444", "422", "420", "440"]), interval=st.integers(0, 5),
    samples=st.sampled_from([1, 3]),
)  # fmt: skip
def test_smooth_images_come_back_nearly_the_same(
    rows: int, columns: int, seed: int, sampling: str, interval: int, samples: int
) -> None:
    y, x = np.mgrid[:rows, :columns]
    a, b, c = np.random.default_rng(seed).random(3)
    plane = 127 + 60 * np.sin(a * y / 9 + b * x / 9 + 6 * c)
    pixels = np.repeat(plane[..., np.newaxis], samples, axis=2).astype(np.uint8)
    photometric = "YBR_FULL" if samples == 3 else "MONOCHROME2"
    layout = FrameLayout(rows, columns, samples, photometric=photometric)
    options = EncodeOptions(quality=98, subsampling=sampling, restart_interval=interval)
    found = dct.decode(dct_encoding.encode(pixels, layout, options), layout)
    assert np.abs(found.astype(int) - pixels).max() <= 8


def test_noise_grows_the_room_for_the_data() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (300, 300, 1), np.uint8)
    stream = _encoded(pixels, quality=100)
    assert len(stream) > pixels.size  # more than there was room for at first
    found = dct.decode(stream, FrameLayout(300, 300))
    assert np.abs(found.astype(int) - pixels).max() <= 3


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layout",
    [
        FrameLayout(8, 8, 1, 16, 12),
        FrameLayout(8, 8, 1, 8, 8, signed=True),
        FrameLayout(8, 8, 1, 1, 1),
        FrameLayout(8, 8, 4, photometric="CMYK"),
        FrameLayout(8, 8, 3, photometric="YBR_RCT"),
        FrameLayout(70_000, 8),
    ],
)
def test_frames_that_have_no_baseline_jpeg_are_refused(layout: FrameLayout) -> None:
    with pytest.raises(UnsupportedSyntaxError):
        dct_encoding.encode(np.zeros((8, 8, layout.samples), np.uint8), layout, EncodeOptions())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quality": 0}, "quality 0"),
        ({"quality": 101}, "quality 101"),
        ({"subsampling": "411"}, "'411' is none of 444"),
        ({"restart_interval": 65_536}, "restart_interval 65536"),
        ({"subsampling": "420"}, "RGB has no chrominance"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _encoded(np.zeros((8, 8, 3), np.uint8), "RGB", **options)
