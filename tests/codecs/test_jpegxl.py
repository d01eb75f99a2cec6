"""JPEG XL through libjxl: real streams, round trips, broken ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm._codecs import codec_for, jpegxl
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, PydcmError, UnsupportedSyntaxError
from tests.codecs.corpus_frames import Expected, broken, digest, expected
from tests.codecs.test_jpeg2000 import frame_of, gradient, layouts
from tests.shared import needs_corpus

imagecodecs = pytest.importorskip("imagecodecs")

LOSSLESS = codec_for("1.2.840.10008.1.2.4.110")
OF_JPEG = codec_for("1.2.840.10008.1.2.4.111")
EITHER = codec_for("1.2.840.10008.1.2.4.112")
BASELINE = codec_for("1.2.840.10008.1.2.4.50")
pytestmark = pytest.mark.skipif(not LOSSLESS.runs("decode"), reason=LOSSLESS.decodes)

FOLDER = "codestreams/jpeg-xl/conformance"
LOSSY = f"{FOLDER}/grayscale/input.jxl"  # its last bits depend on the processor
STREAMS = [row for row in expected(FOLDER) if row.path != LOSSY]


@needs_corpus
@pytest.mark.parametrize("row", STREAMS, ids=str)
def test_streams_of_the_corpus(row: Expected) -> None:
    found = EITHER.decoder()(row.data, row.layout, 1)
    assert found.shape == row.layout.shape
    assert found.dtype == row.layout.dtype
    assert digest(found) == row.sha256


@given(layouts(most_bits=16), st.integers(0, 99))
def test_lossless_gives_the_same_pixels(layout: FrameLayout, seed: int) -> None:
    if layout.samples == 4:
        return
    pixels = frame_of(layout, seed)
    stream = LOSSLESS.encoder()(pixels, layout, EncodeOptions())
    found = LOSSLESS.decoder()(stream, layout, 1)
    assert found.dtype == layout.dtype
    mask = np.int64((1 << layout.bits_stored) - 1)
    assert np.array_equal(found.astype(np.int64) & mask, pixels.astype(np.int64) & mask)
    head = jpegxl.read(stream)
    assert (head.rows, head.columns, head.samples) == layout.shape
    assert head.bits >= layout.bits_stored
    assert not head.xyb
    assert LOSSLESS.photometric(stream, layout) == layout.photometric


@pytest.mark.parametrize("stored", [8, 12, 16])
@pytest.mark.parametrize("samples", [1, 3])
def test_distance_and_ratio(stored: int, samples: int) -> None:
    colour = "RGB" if samples == 3 else "MONOCHROME2"
    layout = FrameLayout(96, 80, samples, 8 if stored == 8 else 16, stored, photometric=colour)
    pixels = gradient(layout)
    sizes = []
    for options in (
        EncodeOptions(distance=0.5),
        EncodeOptions(distance=4.0),
        EncodeOptions(compression_ratios=(20.0,)),
    ):
        stream = EITHER.encoder()(pixels, layout, options)
        sizes.append(len(stream))
        found = EITHER.decoder()(stream, layout, 1)
        assert int(found.max()) < 1 << stored
        error = np.abs(found.astype(np.int64) - pixels.astype(np.int64))
        assert error.max() / (1 << stored) < 0.08
        assert EITHER.photometric(stream, layout) == colour
    assert sizes[0] > sizes[1]
    assert sizes[2] <= layout.cells * stored / 8 / 20


@pytest.mark.parametrize(
    ("layout", "options", "message"),
    [
        (FrameLayout(2, 2, 1, 32, 17), EncodeOptions(), "samples of 17 bits"),
        (FrameLayout(2, 2, 4, photometric="CMYK"), EncodeOptions(), "4 samples"),
        (FrameLayout(2, 2, 1, 8, 8, True), EncodeOptions(distance=1), "signed samples, unless"),
        (
            FrameLayout(2, 2, 3, photometric="YBR_FULL"),
            EncodeOptions(distance=1),
            "YBR_FULL, unless",
        ),
    ],
)
def test_what_it_is_not_for(layout: FrameLayout, options: EncodeOptions, message: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match=message):
        EITHER.encoder()(frame_of(layout), layout, options)


# --- recompressed JPEG --------------------------------------------------------------------------


@pytest.mark.parametrize("colour", ["RGB", "YBR_FULL"])
def test_a_recompressed_jpeg_is_rgb(colour: str) -> None:
    from pydcm._codecs.by_imagecodecs import jpeg_from_jpegxl, jpegxl_from_jpeg

    layout = FrameLayout(40, 48, 3, photometric=colour)
    jpeg = BASELINE.encoder()(gradient(layout), layout, EncodeOptions(quality=95))
    stream = jpegxl_from_jpeg(jpeg)
    assert jpeg_from_jpegxl(stream) == jpeg
    assert OF_JPEG.photometric(stream, layout) == "RGB"
    found = OF_JPEG.decoder()(stream, layout, 1)
    rgb = imagecodecs.jpeg8_decode(jpeg)
    assert np.abs(found.astype(np.int64) - rgb).max() <= 6  # transformed with more precision
    with pytest.raises(UnsupportedSyntaxError, match="cannot be encoded"):
        OF_JPEG.encoder()


def test_what_is_no_jpeg_is_not_recompressed() -> None:
    from pydcm._codecs.by_imagecodecs import jpeg_from_jpegxl, jpegxl_from_jpeg

    with pytest.raises(CorruptStreamError, match="libjxl"):
        jpegxl_from_jpeg(b"\xff\xd8\xff\xd9")
    layout = FrameLayout(8, 8)
    with pytest.raises(CorruptStreamError, match="libjxl"):
        jpeg_from_jpegxl(LOSSLESS.encoder()(frame_of(layout), layout, EncodeOptions()))


# --- what the head tells ------------------------------------------------------------------------


class Bits:
    """Writes bits, the least significant first."""

    def __init__(self) -> None:
        self.value = 0
        self.count = 0

    def put(self, value: int, bits: int) -> Bits:
        self.value |= value << self.count
        self.count += bits
        return self

    def stream(self) -> bytes:
        return b"\xff\x0a" + self.value.to_bytes(self.count // 8 + 8, "little")


def test_sizes_of_every_form() -> None:
    eighths = Bits().put(1, 1).put(4, 5).put(0, 3).put(2, 5).put(1, 1)
    assert jpegxl.read(eighths.stream())[:2] == (40, 24)
    for ratio, columns in enumerate((40, 48, 53, 60, 71, 50, 80), 1):
        square = Bits().put(1, 1).put(4, 5).put(ratio, 3).put(1, 1)
        assert jpegxl.read(square.stream())[:2] == (40, columns)
    for choice, bits in enumerate((9, 13, 18, 30)):
        size = (1 << bits) - 1
        large = Bits().put(0, 1).put(choice, 2).put(size, bits).put(0, 3).put(0, 2).put(6, 9)
        assert jpegxl.read(large.put(1, 1).stream())[:2] == (size + 1, 7)


def _eighth_by_eighth() -> Bits:
    return Bits().put(1, 1).put(0, 5).put(1, 3).put(0, 1)


def test_animations_and_floating_point_samples_are_refused() -> None:
    layout = FrameLayout(8, 8)
    preview = _eighth_by_eighth().put(1, 1).put(0, 3)
    preview.put(1, 1).put(1, 1).put(0, 5).put(1, 3)  # size on the screen
    preview.put(1, 1).put(1, 1).put(0, 2).put(0, 3).put(0, 2)  # size of the preview
    animated = preview.put(1, 1).stream()
    with pytest.raises(UnsupportedSyntaxError, match="several images"):
        LOSSLESS.decoder()(animated, layout, 1)
    floats = _eighth_by_eighth().put(0, 1).put(1, 1).put(0, 2).put(7, 4).put(1, 1).put(0, 2)
    with pytest.raises(UnsupportedSyntaxError, match="floating point"):
        LOSSLESS.decoder()(floats.put(0, 1).put(1, 1).stream(), layout, 1)


def test_a_head_that_ends_early() -> None:
    stream = LOSSLESS.encoder()(frame_of(FrameLayout(40, 7)), FrameLayout(40, 7), EncodeOptions())
    for length in range(5):
        with pytest.raises(CorruptStreamError):
            jpegxl.read(stream[:length])
    with pytest.raises(CorruptStreamError, match="no JPEG XL"):
        jpegxl.read(b"\xff\xd8\xff\xe0")


CONTAINER = b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"


def test_containers() -> None:
    layout = FrameLayout(40, 7)
    stream = LOSSLESS.encoder()(frame_of(layout), layout, EncodeOptions())
    head = jpegxl.read(stream)
    size = (len(stream) + 8).to_bytes(4, "big")
    long = b"\0\0\0\x01jxlc" + (len(stream) + 16).to_bytes(8, "big")
    for boxes in (size + b"jxlc" + stream, bytes(4) + b"jxlc" + stream, long + stream):
        assert jpegxl.read(CONTAINER + boxes) == head
    parts = b""
    for number in range(len(stream)):
        parts += b"\0\0\0\x0djxlp" + number.to_bytes(4, "big") + stream[number : number + 1]
    assert jpegxl.read(CONTAINER + parts) == head
    for broken_box in (b"\0\0\0\x07jxlc", b"\x7f\0\0\0jxlc", b"\0\0\0\x08free"):
        with pytest.raises(CorruptStreamError):
            jpegxl.read(CONTAINER + broken_box)


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (FrameLayout(7, 40), "has 40 rows, 7 columns and 1 samples .* says 7, 40 and 1"),
        (FrameLayout(40, 7, 3), "1 samples for each pixel, and the data set says 40, 7 and 3"),
        (FrameLayout(40, 7), "samples of 12 bits, and Bits Allocated is 8"),
    ],
)
def test_another_image_is_refused(layout: FrameLayout, message: str) -> None:
    right = FrameLayout(40, 7, 1, 16, 12)
    stream = LOSSLESS.encoder()(frame_of(right), right, EncodeOptions())
    with pytest.raises(CorruptStreamError, match=message) as caught:
        LOSSLESS.decoder()(stream, layout, 9)
    assert caught.value.frame == 9


def test_broken_streams_give_a_frame_or_a_pydcm_error() -> None:
    layout = FrameLayout(24, 21, 3, photometric="RGB")
    stream = LOSSLESS.encoder()(frame_of(layout), layout, EncodeOptions())
    refused = 0
    for data in broken(stream, 400):
        try:
            found = LOSSLESS.decoder()(data, layout, 3)
        except PydcmError:
            refused += 1
            continue
        assert len(data) == len(stream)
        assert found.shape == layout.shape
    assert refused >= 200
