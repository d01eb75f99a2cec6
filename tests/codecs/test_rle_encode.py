"""RLE frames of our own: what decodes them, here and elsewhere."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pydcm import kernels
from pydcm._codecs import codec_for, rle
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import UnsupportedSyntaxError
from pydcm.kernels import Label
from tests.pixels.making import RLE

LABELS = kernels.kernels()["rle.encode_segment"].available()
OPTIONS = EncodeOptions()


@st.composite
def frames(draw: st.DrawFn) -> tuple[FrameLayout, NDArray[np.generic]]:
    """Return a frame: noise, or long runs of few values."""
    bits = draw(st.sampled_from([1, 8, 16, 24, 32, 64]))
    layout = FrameLayout(
        draw(st.integers(1, 12)),
        draw(st.integers(1, 140)),
        draw(st.sampled_from([1, 3] if bits in (8, 16, 32) else [1])),
        bits,
        draw(st.integers(1, bits)),
        signed=bits > 1 and draw(st.booleans()),
    )
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    octets = random.integers(0, 256, layout.cells * layout.item_bytes, np.uint8)
    if draw(st.booleans()):
        octets = np.repeat(octets, random.integers(1, 300, len(octets)))[: len(octets)]
    cells = octets.view(layout.dtype).reshape(layout.shape)
    if bits in (1, 24):
        cells = cells & layout.dtype.type((1 << min(bits, layout.item_bytes * 8 - 1)) - 1)
    return layout, cells


@pytest.mark.parametrize("label", LABELS)
@given(frames())
def test_what_is_encoded_is_decoded(
    label: Label, frame: tuple[FrameLayout, NDArray[np.generic]]
) -> None:
    layout, pixels = frame
    with kernels.using(label):
        found = rle.decode(rle.encode(pixels, layout, OPTIONS), layout)
    assert found.dtype == layout.dtype
    assert np.array_equal(found, pixels)


@given(frames())
def test_the_form_of_a_frame(frame: tuple[FrameLayout, NDArray[np.generic]]) -> None:
    layout, pixels = frame
    encoded = rle.encode(pixels, layout, OPTIONS)
    count, *offsets = struct.unpack_from("<16I", encoded)
    assert count == layout.samples * max(1, layout.bits_allocated // 8)
    assert offsets[0] == 64
    assert offsets[count:] == [0] * (15 - count)
    assert all(offset % 2 == 0 for offset in [*offsets, len(encoded)])
    assert offsets[:count] == sorted(set(offsets[:count]))


def test_planes_come_most_significant_first() -> None:
    pixels = np.array([[[0x1122, 0x3344]]], np.uint16)
    encoded = rle.encode(pixels, FrameLayout(1, 1, 2, 16, 16), OPTIONS)
    assert encoded[64:] == b"\x00\x11\x00\x22\x00\x33\x00\x44"


def test_packed_bits_go_on_from_row_to_row() -> None:
    layout = FrameLayout(3, 3, 1, 1, 1)
    pixels = np.ones(layout.shape, np.uint8)
    assert rle.encode(pixels, layout, OPTIONS)[64:] == b"\x01\xff\x01" + b"\x00"


def test_more_segments_than_the_header_has_room_for() -> None:
    with pytest.raises(UnsupportedSyntaxError, match="24 RLE segments"):
        rle.encode(np.zeros((2, 3, 3), np.uint64), FrameLayout(2, 3, 3, 64, 64), OPTIONS)


def test_the_encoder_of_rle_is_this_one() -> None:
    layout = FrameLayout(1, 2, 1, 8, 8)
    pixels = np.array([[[7], [7]]], np.uint8)
    assert codec_for(RLE).encoder()(pixels, layout, OPTIONS) == rle.encode(pixels, layout, OPTIONS)
    with pytest.raises(ValueError, match="lossless"):
        codec_for(RLE).encoder()(pixels, layout, EncodeOptions(near=1))


@given(frames())
def test_other_decoders_read_it(frame: tuple[FrameLayout, NDArray[np.generic]]) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    layout, pixels = frame
    if layout.bits_allocated not in (8, 16, 32):
        return
    encoded = rle.encode(pixels, layout, OPTIONS)
    found = imagecodecs.dicomrle_decode(encoded, f"<u{layout.item_bytes}")
    planes = np.frombuffer(found, f"<u{layout.item_bytes}").reshape(
        layout.samples, layout.rows, layout.columns
    )
    assert np.array_equal(planes.transpose(1, 2, 0), pixels.view(f"u{layout.item_bytes}"))
