"""JPEG 2000 through libraries: real streams, round trips, broken ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pydcm._codecs import codec_for, jpeg2000
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, PydcmError, UnsupportedSyntaxError
from tests.codecs.corpus_frames import (
    Expected,
    broken,
    decoded,
    digest,
    encoded_frames,
    expected,
    model_of,
    of_codec,
)
from tests.shared import needs_corpus

LOSSLESS = codec_for("1.2.840.10008.1.2.4.90")
LOSSY = codec_for("1.2.840.10008.1.2.4.91")
NAMES = [row.name for row in LOSSLESS.implementations() if row.available()]
if not NAMES:
    pytest.skip("neither imagecodecs nor glymur is installed", allow_module_level=True)

STREAMS = expected("codestreams/jpeg2000")
FILES = of_codec(expected("", ending=".dcm"), "jpeg2000") if STREAMS else []
MISMATCH = "transfer-syntaxes/pydicom/J2K_pixelrep_mismatch.dcm"


def frame_of(layout: FrameLayout, seed: int = 0) -> NDArray[np.generic]:
    """Return noise of all the values that Bits Stored allow."""
    low, high = 0, 1 << layout.bits_stored
    if layout.signed:
        low, high = -(high // 2), high // 2
    return np.random.default_rng(seed).integers(low, high, layout.shape).astype(layout.dtype)


# --- real streams -------------------------------------------------------------------------------


@needs_corpus
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("row", STREAMS, ids=str)
def test_streams_of_the_corpus(row: Expected, name: str) -> None:
    found = LOSSY.decoder(name)(row.data, row.layout, 1)
    assert found.shape == row.layout.shape
    assert found.dtype == row.layout.dtype
    assert digest(found) == row.sha256


@needs_corpus
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("row", FILES, ids=str)
def test_files_of_the_corpus(row: Expected, name: str) -> None:
    assert digest(decoded(model_of(row), name)) == row.sha256


@needs_corpus
def test_a_size_that_was_overwritten_is_refused() -> None:
    path = "malformed/pydicom/JPEG2000-embedded-sequence-delimiter.dcm"
    model = model_of(Expected(path, (), "", ""))
    (frame,) = encoded_frames(model)
    with pytest.raises(CorruptStreamError, match="tiles"):
        model.codec.decoder()(frame, model.layout, 1)


@needs_corpus
def test_the_header_decides_about_the_sign() -> None:
    (row,) = (row for row in FILES if row.path == MISMATCH)
    model = model_of(row)
    (frame,) = encoded_frames(model)
    (component,) = jpeg2000.read(frame).components
    assert model.layout.signed
    assert not component.signed
    found = model.codec.decoder()(frame, model.layout, 1)
    assert found.dtype == np.int16
    assert found.min() >= 0  # bit patterns; the sign is extended from Bits Stored, 13
    assert found.max() >= 1 << 12


@needs_corpus
def test_boxes_around_a_stream_are_taken_off() -> None:
    (row,) = (row for row in FILES if "JP2vsJ2K" in row.path)
    model = model_of(row)
    (frame,) = encoded_frames(model)
    assert frame[4:8] == b"jP  "
    stream = jpeg2000.read(frame)
    assert stream.data[:4] == b"\xff\x4f\xff\x51"
    assert jpeg2000.read(_in_boxes(stream.data)) == stream == jpeg2000.read(stream.data)


def _in_boxes(stream: bytes, *, length: Callable[[int], bytes] | None = None) -> bytes:
    size = len(stream) + 8
    head = size.to_bytes(4, "big") + b"jp2c" if length is None else length(size)
    return b"\x00\x00\x00\x0cjP  \x0d\x0a\x87\x0a" + b"\x00\x00\x00\x08ftyp" + head + stream


# --- round trips --------------------------------------------------------------------------------


@st.composite
def layouts(draw: st.DrawFn, most_bits: int = 16) -> FrameLayout:
    """Return a frame of any shape, bits, sign and samples."""
    stored = draw(st.integers(1, most_bits))
    allocated = draw(st.sampled_from([bits for bits in (8, 16, 32) if bits >= stored]))
    samples, colour = draw(
        st.sampled_from([(1, "MONOCHROME2"), (3, "RGB"), (3, "YBR_FULL"), (4, "CMYK")])
    )
    rows, columns = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    signed = draw(st.booleans())
    return FrameLayout(rows, columns, samples, allocated, stored, signed, photometric=colour)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data(), seed=st.integers(0, 99))
def test_lossless_gives_the_same_pixels(name: str, data: st.DataObject, seed: int) -> None:
    layout = data.draw(layouts())
    if name == "glymur" and layout.item_bytes > 2:
        return
    pixels = frame_of(layout, seed)
    stream = LOSSLESS.encoder(name)(pixels, layout, EncodeOptions())
    for reader in NAMES:
        found = LOSSLESS.decoder(reader)(stream, layout, 1)
        assert found.dtype == layout.dtype
        assert np.array_equal(found, pixels)
    head = jpeg2000.read(stream)
    assert head.reversible
    assert head.mct == (layout.photometric == "RGB")
    assert {component[:2] for component in head.components} == {(layout.bits_stored, layout.signed)}


@pytest.mark.parametrize("bits", [17, 20, 23, 24])
@pytest.mark.parametrize("signed", [False, True])
def test_samples_of_more_than_16_bits(bits: int, signed: bool) -> None:
    pytest.importorskip("imagecodecs")
    layout = FrameLayout(33, 20, 1, 32, bits, signed)
    pixels = frame_of(layout)
    stream = LOSSLESS.encoder("imagecodecs")(pixels, layout, EncodeOptions())
    assert np.array_equal(LOSSLESS.decoder("imagecodecs")(stream, layout, 1), pixels)
    if "glymur" in NAMES:
        with pytest.raises(UnsupportedSyntaxError, match=f"of {bits} bits"):
            LOSSLESS.decoder("glymur")(stream, layout, 1)


@pytest.mark.parametrize(
    "layout",
    [FrameLayout(3, 3, 1, 32, 25), FrameLayout(3, 3, 3, 32, 24, photometric="RGB")],
)
def test_what_openjpeg_would_not_keep_is_refused(layout: FrameLayout) -> None:
    pytest.importorskip("imagecodecs")
    with pytest.raises(UnsupportedSyntaxError, match="does not keep"):
        LOSSLESS.encoder("imagecodecs")(frame_of(layout), layout, EncodeOptions())


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("stored", [7, 8, 12, 16])
def test_a_stream_without_sign_under_a_header_with_one(stored: int, samples: int) -> None:
    unsigned = FrameLayout(9, 8, samples, 16, stored, photometric="MONOCHROME2")
    signed = FrameLayout(9, 8, samples, 16, stored, signed=True, photometric="MONOCHROME2")
    for wrote, said in ((unsigned, signed), (signed, unsigned)):
        pixels = frame_of(wrote)
        stream = LOSSLESS.encoder()(pixels, wrote, EncodeOptions())
        for name in NAMES:
            found = LOSSLESS.decoder(name)(stream, said, 1)
            assert found.dtype == said.dtype
            mask = (1 << stored) - 1
            assert np.array_equal(found.astype(np.int64) & mask, pixels.astype(np.int64) & mask)


# --- losses -------------------------------------------------------------------------------------


def gradient(layout: FrameLayout) -> NDArray[np.generic]:
    """Return a picture that compresses: a slope with some noise."""
    slope = np.add.outer(np.arange(layout.rows), np.arange(layout.columns))
    most = (1 << layout.bits_stored) - 1
    noise = np.random.default_rng(1).integers(0, max(1, most // 64), layout.shape)
    cells = slope[..., np.newaxis] * (most - most // 64) // max(1, int(slope.max())) + noise
    return np.asarray(cells, layout.dtype)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("stored", "samples"), [(8, 1), (8, 3), (12, 1), (16, 1)])
@pytest.mark.parametrize("ratio", [5.0, 20.0])
def test_a_ratio_is_met_and_the_error_bounded(
    name: str, stored: int, samples: int, ratio: float
) -> None:
    if name == "glymur" and stored == 12:
        pytest.skip("glymur would leave Bits Stored")
    colour = "RGB" if samples == 3 else "MONOCHROME2"
    layout = FrameLayout(128, 96, samples, 8 if stored == 8 else 16, stored, photometric=colour)
    pixels = gradient(layout)
    options = EncodeOptions(compression_ratios=(2 * ratio, ratio))
    stream = LOSSY.encoder(name)(pixels, layout, options)
    whole = layout.cells * stored / 8
    assert len(stream) <= whole / ratio * 1.05
    found = LOSSY.decoder(name)(stream, layout, 1)
    assert int(found.max()) < 1 << stored
    error = np.abs(found.astype(np.int64) - pixels.astype(np.int64))
    assert error.max() / (1 << stored) < 0.08
    assert not jpeg2000.read(stream).reversible


def test_decibels() -> None:
    layout = FrameLayout(64, 64, 1, 16, 12)
    pixels = gradient(layout)
    for decibels in (40.0, 60.0):
        for name in NAMES:
            if name == "glymur":
                continue
            stream = LOSSY.encoder(name)(pixels, layout, EncodeOptions(psnr=(30.0, decibels)))
            found = LOSSY.decoder(name)(stream, layout, 1)
            mean = np.square(found.astype(np.float64) - pixels.astype(np.float64)).mean()
            assert abs(10 * np.log10(4095**2 / mean) - decibels) < 5  # OpenJPEG estimates them


def test_layers_of_glymur() -> None:
    if "glymur" not in NAMES:
        pytest.skip("glymur is not installed, or finds no OpenJPEG")
    layout = FrameLayout(64, 64)
    options = EncodeOptions(compression_ratios=(20.0, 10.0, 5.0))
    stream = LOSSY.encoder("glymur")(gradient(layout), layout, options)
    at = stream.index(b"\xff\x52")
    assert int.from_bytes(stream[at + 6 : at + 8], "big") == 3


# --- what the head tells ------------------------------------------------------------------------


def _stream(layout: FrameLayout) -> bytes:
    return LOSSLESS.encoder()(frame_of(layout), layout, EncodeOptions())


COLOUR = FrameLayout(24, 21, 3, photometric="RGB")


@pytest.mark.parametrize(
    ("header", "other", "found"),
    [
        ("RGB", "RGB", "RGB"),
        ("RGB", "YBR_RCT", "RGB"),
        ("RGB", "YBR_ICT", "RGB"),
        ("RGB", "YBR_FULL", "RGB"),  # was transformed, so it was RGB
        ("YBR_FULL", "YBR_FULL", "YBR_FULL"),
        ("YBR_FULL", "YBR_RCT", "RGB"),
        ("YBR_FULL", "RGB", "RGB"),
    ],
)
def test_colours_of_decoded_frames(header: str, other: str, found: str) -> None:
    layout = FrameLayout(5, 4, 3, photometric=header)
    says = FrameLayout(5, 4, 3, photometric=other)
    assert LOSSLESS.photometric(_stream(layout), says) == found


def test_photometric_of_one_sample_needs_no_stream() -> None:
    assert LOSSLESS.photometric(b"", FrameLayout(5, 4)) == "MONOCHROME2"


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (FrameLayout(21, 24, 3), r"has 24 rows, 21 columns and 3 samples .* says 21, 24 and 3"),
        (FrameLayout(24, 21, 1), r"3 samples for each pixel, and the data set says 24, 21 and 1"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_another_image_is_refused(layout: FrameLayout, message: str, name: str) -> None:
    with pytest.raises(CorruptStreamError, match=message) as caught:
        LOSSLESS.decoder(name)(_stream(COLOUR), layout, 7)
    assert caught.value.frame == 7


def test_more_bits_than_allocated_are_refused() -> None:
    with pytest.raises(CorruptStreamError, match="samples of 12 bits, and Bits Allocated is 8"):
        LOSSLESS.decoder()(_stream(FrameLayout(4, 4, 1, 16, 12)), FrameLayout(4, 4), 1)


def _with(stream: bytes, at: int, octets: bytes) -> bytes:
    return stream[:at] + octets + stream[at + len(octets) :]


@pytest.mark.parametrize(
    ("at", "octets", "error", "message"),
    [
        (0, b"\xff\xd8", CorruptStreamError, "begins with SOC"),
        (2, b"\xff\x52", CorruptStreamError, "SIZ is not the first"),
        (4, b"\x00\x01", CorruptStreamError, "segment of 1"),
        (4, b"\xff\xff", CorruptStreamError, "segment of 65535"),
        (8, b"\x00\x00\x00\x00", CorruptStreamError, "no image"),
        (24, b"\x00\x00\x00\x00", CorruptStreamError, "no image"),  # width of a tile
        (24, b"\x00\x00\x00\x01" * 2, CorruptStreamError, "of 504 tiles"),
        (40, b"\x00\x00", CorruptStreamError, "0 components"),
        (40, b"\x00\x02", CorruptStreamError, "2 components"),
        (42, b"\x7f", CorruptStreamError, "component 1 is"),
        (43, b"\x00", CorruptStreamError, "component 1 is"),
        (46, b"\x02\x02", UnsupportedSyntaxError, "component 2 .* sub-sampled 2 x 2"),
        (45, b"\x06", UnsupportedSyntaxError, "differ in precision"),
        (45, b"\x87", UnsupportedSyntaxError, "differ in precision or sign"),
    ],
)
def test_impossible_sizes(at: int, octets: bytes, error: type[PydcmError], message: str) -> None:
    with pytest.raises(error, match=message):
        jpeg2000.checked(_with(_stream(COLOUR), at, octets), COLOUR, 1)


@pytest.mark.parametrize(
    ("within", "octets", "error", "message"),
    [
        (5, b"\x05", CorruptStreamError, "out of range"),  # progression
        (6, b"\x00\x00", CorruptStreamError, "out of range"),  # layers
        (8, b"\x02", UnsupportedSyntaxError, "ISO 15444-2"),  # transformation
        (9, b"\x21", CorruptStreamError, "out of range"),  # decompositions
    ],
)
def test_impossible_coding(
    within: int, octets: bytes, error: type[PydcmError], message: str
) -> None:
    stream = _stream(COLOUR)
    with pytest.raises(error, match=message):
        jpeg2000.read(_with(stream, stream.index(b"\xff\x52") + within, octets))


def test_tile_parts_must_be_there() -> None:
    stream = _stream(COLOUR)
    at = stream.index(b"\xff\x90")
    with pytest.raises(CorruptStreamError, match="SOT of tile 7 among 1") as caught:
        jpeg2000.read(_with(stream, at + 4, b"\x00\x07"))
    assert caught.value.offset == at
    with pytest.raises(CorruptStreamError, match="0 of 1 tiles"):
        jpeg2000.read(stream[: at + 4])
    with pytest.raises(CorruptStreamError, match="a tile-part of 13 bytes"):
        jpeg2000.read(_with(stream, at + 6, b"\x00\x00\x00\x0d"))
    to_the_end = _with(stream, at + 6, bytes(4))
    assert jpeg2000.read(to_the_end).tiles == 1
    with pytest.raises(CorruptStreamError, match="has no end"):
        jpeg2000.read(to_the_end[:-2])


def test_a_stream_without_end_is_whole_if_its_parts_are() -> None:
    stream = _stream(COLOUR)
    parts = stream.index(b"\xff\x90") + 11
    assert stream[parts] == 1
    for pad in (b"", b"\0"):
        for name in NAMES:
            found = LOSSLESS.decoder(name)(stream[:-2] + pad, COLOUR, 1)
            assert np.array_equal(found, frame_of(COLOUR))
    for changed in (_with(stream, parts, b"\0")[:-2], _with(stream, parts, b"\2")[:-2]):
        with pytest.raises(CorruptStreamError, match="has no end"):
            jpeg2000.read(changed)
    with pytest.raises(CorruptStreamError, match="has no end"):
        jpeg2000.read(stream[:-1])


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"\x00\x00\x00\x07jp2c", "box .* has 7 bytes"),
        (b"\x7f\x00\x00\x00jp2c", "box .* bytes"),
        (b"\x00\x00\x00\x01jp2c" + bytes(8), "box .* has 0 bytes"),
        (b"\x00\x00\x00\x08free", "box|no code stream"),
    ],
)
def test_broken_boxes(head: bytes, message: str) -> None:
    with pytest.raises(CorruptStreamError, match=message):
        jpeg2000.read(_in_boxes(b"", length=lambda size: head))


def test_boxes_whose_length_is_open_or_long() -> None:
    stream = _stream(COLOUR)
    plain = jpeg2000.read(stream)
    assert jpeg2000.read(_in_boxes(stream, length=lambda size: bytes(4) + b"jp2c")) == plain
    long = _in_boxes(stream, length=lambda size: b"\0\0\0\x01jp2c" + (size + 8).to_bytes(8, "big"))
    assert jpeg2000.read(long) == plain


# --- hostile streams ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count"), [(name, 60 if name == "glymur" else 400) for name in NAMES]
)
def test_broken_streams_give_a_frame_or_a_pydcm_error(name: str, count: int) -> None:
    decode = LOSSLESS.decoder(name)
    stream = _stream(COLOUR)
    refused = 0
    for data in broken(stream, count):
        try:
            found = decode(data, COLOUR, 3)
        except PydcmError:
            refused += 1
            continue
        assert len(data) == len(stream)  # what is cut short is always noticed
        assert found.shape == COLOUR.shape
    assert refused >= count // 2


def test_claims_of_size_are_checked_before_memory_is_taken() -> None:
    large = FrameLayout(60_000, 60_000, 3)
    claim = _with(_stream(COLOUR), 8, b"\x00\x00\xea\x60" * 2)
    claim = _with(claim, 24, b"\x00\x00\xea\x60" * 2)
    for name in NAMES:
        with pytest.raises(PydcmError, match="max_expansion_ratio"):
            LOSSLESS.decoder(name)(claim, large, 1)
