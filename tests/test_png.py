"""The PNG writer, read back by an independent decoder and by the file's own structure."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm.png import array_to_png, encode_png, write_png


def _chunks(png: bytes) -> dict[bytes, bytes]:
    """Return the chunks, having checked each checksum."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found = {}
    at = 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", png, at + 8 + length)
        assert checksum == zlib.crc32(kind + data)
        found[kind] = data
        at += 12 + length
    return found


def _images() -> list[NDArray[np.generic]]:
    generator = np.random.default_rng(7)
    ramp = np.add.outer(np.arange(13), np.arange(17)).astype(np.uint16) * 2113
    return [
        generator.integers(0, 256, (5, 3), dtype=np.uint8),
        generator.integers(0, 65536, (4, 6), dtype=np.uint16),
        generator.integers(0, 256, (7, 2, 3), dtype=np.uint8),
        np.zeros((1, 1), np.uint8),
        ramp,
        np.asfortranarray(ramp[::2, ::-1]),
        np.dstack([ramp, ramp[::-1], ramp[:, ::-1]]),
    ]


@pytest.mark.parametrize("image", _images(), ids=lambda image: f"{image.dtype}-{image.shape}")
def test_an_array_survives_an_independent_decoder(image: NDArray[np.generic]) -> None:
    codec = pytest.importorskip("imagecodecs")
    np.testing.assert_array_equal(codec.png_decode(array_to_png(image)), image)


def test_pillow_reads_gray_and_rgb() -> None:
    reader = pytest.importorskip("PIL.Image")
    for image in _images():
        if image.dtype == np.uint16 and image.ndim == 3:
            continue  # Pillow has no 16-bit RGB
        with reader.open(io.BytesIO(array_to_png(image))) as opened:
            np.testing.assert_array_equal(np.asarray(opened), image)


def test_bytes_are_written_row_by_row_without_numpy() -> None:
    chunks = _chunks(encode_png(b"\x01\x02\x03\x04\x05\x06", 3, 2, text={"Title": "two rows"}))
    assert chunks[b"IHDR"] == struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 0)
    assert zlib.decompress(chunks[b"IDAT"]) == b"\0\x01\x02\x03\0\x04\x05\x06"
    assert chunks[b"tEXt"] == b"Title\0two rows"


def test_sixteen_bit_samples_are_big_endian() -> None:
    chunks = _chunks(array_to_png(np.array([[0x0102]], dtype="<u2")))
    assert zlib.decompress(chunks[b"IDAT"])[1:] == b"\x01\x02"


def test_booleans_become_black_and_white() -> None:
    chunks = _chunks(array_to_png(np.array([[False], [True]])))
    assert zlib.decompress(chunks[b"IDAT"])[1::2] == b"\x00\xff"


def test_filters_make_a_gradient_small() -> None:
    ramp = np.add.outer(np.arange(256), np.arange(256)).astype(np.uint8)
    assert len(array_to_png(ramp)) < len(encode_png(ramp.tobytes(), 256, 256)) / 2


@pytest.mark.parametrize(
    ("size", "width", "height", "channels", "bits"),
    [(5, 2, 3, 1, 8), (0, 0, 0, 1, 8), (8, 2, 1, 4, 8), (4, 2, 2, 1, 12)],
)
def test_sizes_that_disagree_are_refused(
    size: int, width: int, height: int, channels: int, bits: int
) -> None:
    with pytest.raises(ValueError, match=r"pixels|channels"):
        encode_png(bytes(size), width, height, channels=channels, bits=bits)


@pytest.mark.parametrize(
    "image",
    [np.zeros((2, 2), np.int16), np.zeros((2, 2, 2), np.uint8), np.zeros((0, 3), np.uint8)],
    ids=["int16", "two-channels", "empty"],
)
def test_arrays_that_png_cannot_hold_are_refused(image: NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match=r"PNG|image"):
        array_to_png(image)


def test_a_file_is_written(tmp_path: Path) -> None:
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    write_png(tmp_path / "a.png", image)
    assert (tmp_path / "a.png").read_bytes() == array_to_png(image)
