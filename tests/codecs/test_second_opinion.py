"""imagecodecs beside pydcm's own codecs: the same pixels of the same streams."""

from __future__ import annotations

import json
import struct
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm._codecs import Codec, codec_for, sof
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CodecError, CorruptStreamError, PydcmError, UnsupportedSyntaxError
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
from tests.codecs.test_jpeg2000 import frame_of, gradient
from tests.pixels.making import rle_frame, rle_segment
from tests.shared import GOLDEN, needs_corpus, needs_golden

pytest.importorskip("imagecodecs")

BASELINE = codec_for("1.2.840.10008.1.2.4.50")
LOSSLESS = codec_for("1.2.840.10008.1.2.4.57")
JPEG_LS = codec_for("1.2.840.10008.1.2.4.81")
RLE = codec_for("1.2.840.10008.1.2.5")
LIBRARY = "imagecodecs"
CODECS = ("rle", "jpeg", "jpeg-baseline", "jpeg-lossless", "jpeg-ls")

ROWS = expected("", ending=".dcm")
FILES = of_codec(ROWS, *CODECS) if ROWS else []
UNEVEN = "wsi/fo-dicom/multiframe.dcm"  # its tiles at the edges are smaller


def _able(codec: Codec) -> pytest.MarkDecorator:
    row = next(row for row in codec.implementations() if row.name == LIBRARY)
    return pytest.mark.skipif(not row.available(), reason=row.why_not())


# --- real files ---------------------------------------------------------------------------------


@needs_corpus
@pytest.mark.parametrize("row", [row for row in FILES if row.path != UNEVEN], ids=str)
def test_files_of_the_corpus(row: Expected) -> None:
    assert digest(decoded(model_of(row), LIBRARY)) == row.sha256


@needs_corpus
def test_tiles_of_another_size_are_refused() -> None:
    model = model_of(Expected(UNEVEN, (), "", ""))
    narrow = {
        number: frame
        for number, frame in enumerate(encoded_frames(model), 1)
        if sof.read(frame).columns != model.layout.columns
    }
    number, frame = narrow.popitem()
    for name in (LIBRARY, "pydcm"):
        with pytest.raises(CorruptStreamError) as caught:
            model.codec.decoder(name)(frame, model.layout, number)
        assert caught.value.frame == number


def _golden(group: str) -> list[dict[str, Any]]:
    path = GOLDEN / "codecs" / f"{group}.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text())["cases"] if path.is_file() else []
    return cases


@pytest.fixture(scope="module")
def arrays() -> Any:
    return {
        group: np.load(GOLDEN / "codecs" / f"{group}.npz", allow_pickle=False)
        for group in ("jpegls", "jpeg_lossless")
    }


@needs_golden
@pytest.mark.parametrize("group", ["jpegls", "jpeg_lossless"])
def test_streams_of_other_encoders(group: str, arrays: Any) -> None:
    """CharLS and libjpeg refuse some of the odder ones; what they return is right."""
    codec = JPEG_LS if group == "jpegls" else LOSSLESS
    same = 0
    for case in _golden(group):
        keys = {**case["inputs"], **case["outputs"]}
        if "codestream" not in keys or "pixels" not in keys or "hp" in case["id"]:
            continue
        stream = arrays[group][keys["codestream"]].tobytes()
        pixels = arrays[group][keys.get("raw", keys["pixels"])]  # raw: as they are coded
        rows, columns, samples = (*pixels.shape, 1)[:3]
        bits = 8 * pixels.itemsize
        layout = FrameLayout(rows, columns, samples, bits, bits, pixels.dtype.kind == "i")
        try:
            found = codec.decoder(LIBRARY)(stream, layout, 1)
        except CodecError:
            continue
        assert np.array_equal(found.reshape(pixels.shape), pixels), case["id"]
        same += 1
    assert same > 30


# --- the one reads what the other writes --------------------------------------------------------


@st.composite
def layouts(draw: st.DrawFn, bits: list[int], samples: list[int]) -> FrameLayout:
    """Return a frame of any shape and sign."""
    stored = draw(st.sampled_from(bits))
    count = draw(st.sampled_from(samples))
    return FrameLayout(
        draw(st.integers(1, 24)),
        draw(st.integers(1, 24)),
        count,
        draw(st.sampled_from([8, 16] if stored <= 8 else [16])),
        stored,
        draw(st.booleans()),
        photometric="RGB" if count == 3 else "MONOCHROME2",
    )


def _same(
    codec: Codec, layout: FrameLayout, options: EncodeOptions, writer: str, reader: str, seed: int
) -> None:
    pixels = frame_of(layout, seed)
    stream = codec.encoder(writer)(pixels, layout, options)
    found = codec.decoder(reader)(stream, layout, 1)
    assert found.shape == layout.shape
    assert found.dtype == layout.dtype
    mask = np.int64((1 << layout.bits_stored) - 1)
    before, after = (array.astype(np.int64) & mask for array in (pixels, found))
    assert np.abs(before - after).max() <= options.near


WAYS = [("pydcm", LIBRARY), (LIBRARY, "pydcm"), (LIBRARY, LIBRARY)]


@_able(JPEG_LS)
@pytest.mark.parametrize(("writer", "reader"), WAYS)
@given(data=st.data(), seed=st.integers(0, 99))
def test_jpeg_ls(writer: str, reader: str, data: st.DataObject, seed: int) -> None:
    own = writer == "pydcm"
    layout = data.draw(layouts(list(range(2, 17)) if own else [8, 16], [1, 3]))
    near = 0 if layout.signed else data.draw(st.integers(0, 3 if layout.bits_stored > 3 else 0))
    _same(JPEG_LS, layout, EncodeOptions(near=near), writer, reader, seed)


@_able(LOSSLESS)
@pytest.mark.parametrize(("writer", "reader"), WAYS)
@given(data=st.data(), predictor=st.integers(1, 7), seed=st.integers(0, 99))
def test_lossless_jpeg(
    writer: str, reader: str, data: st.DataObject, predictor: int, seed: int
) -> None:
    layout = data.draw(layouts(list(range(2, 17)), [1, 3]))
    _same(LOSSLESS, layout, EncodeOptions(predictor=predictor), writer, reader, seed)


@_able(RLE)
@pytest.mark.filterwarnings("ignore:RLE segment")
@given(layouts([8, 12, 16], [1, 3]), st.integers(0, 99))
def test_rle(layout: FrameLayout, seed: int) -> None:
    _same(RLE, layout, EncodeOptions(), "pydcm", LIBRARY, seed)


@_able(BASELINE)
@pytest.mark.parametrize("colour", ["MONOCHROME2", "RGB", "YBR_FULL"])
@pytest.mark.parametrize("subsampling", ["444", "422", "420", "440"])
def test_baseline_jpeg(colour: str, subsampling: str) -> None:
    layout = FrameLayout(37, 50, 1 if colour == "MONOCHROME2" else 3, photometric=colour)
    pixels = gradient(layout)
    options = EncodeOptions(quality=95, subsampling=subsampling)
    for writer in (LIBRARY, "pydcm"):
        if colour == "RGB" and subsampling != "444":
            with pytest.raises(ValueError, match="no chrominance"):
                BASELINE.encoder(writer)(pixels, layout, options)
            continue
        stream = BASELINE.encoder(writer)(pixels, layout, options)
        found = BASELINE.decoder(LIBRARY)(stream, layout, 1)
        assert np.array_equal(found, BASELINE.decoder("pydcm")(stream, layout, 1))
        assert np.abs(found.astype(np.int64) - pixels.astype(np.int64)).max() < 40
        assert BASELINE.photometric(stream, layout) == colour


# --- refusals -----------------------------------------------------------------------------------

GREY = FrameLayout(16, 16)


@_able(JPEG_LS)
def test_what_is_not_encoded_by_the_library() -> None:
    odd = FrameLayout(4, 4, 1, 16, 12)
    with pytest.raises(UnsupportedSyntaxError, match="8 or 16 bits, and these have 12"):
        JPEG_LS.encoder(LIBRARY)(frame_of(odd), odd, EncodeOptions())
    signed = FrameLayout(4, 4, 1, 8, 8, signed=True)
    with pytest.raises(UnsupportedSyntaxError, match="signed samples with losses"):
        JPEG_LS.encoder(LIBRARY)(frame_of(signed), signed, EncodeOptions(near=1))
    for bits in (1, 17):
        layout = FrameLayout(4, 4, 1, 32, bits)
        with pytest.raises(UnsupportedSyntaxError, match=f"does not have {bits} bits"):
            LOSSLESS.encoder(LIBRARY)(frame_of(layout), layout, EncodeOptions())
    wide = FrameLayout(4, 4, 1, 16, 16)
    with pytest.raises(UnsupportedSyntaxError, match="unsigned samples of 8 bits"):
        BASELINE.encoder(LIBRARY)(frame_of(wide), wide, EncodeOptions())


@pytest.mark.parametrize("codec", [BASELINE, LOSSLESS, JPEG_LS], ids=lambda codec: codec.module)
def test_another_image_is_refused(codec: Codec) -> None:
    stream = codec.encoder("pydcm")(frame_of(GREY), GREY, EncodeOptions())
    decode = codec.decoder(LIBRARY)
    with pytest.raises(CorruptStreamError, match="has 16 rows, 16 columns") as caught:
        decode(stream, FrameLayout(16, 8), 4)
    assert caught.value.frame == 4
    with pytest.raises(CorruptStreamError, match="no frame header"):
        decode(b"\xff\xd8\xff\xda\x00\x02", GREY, 4)
    process = stream.replace(bytes([0xFF, sof.read(stream).process]), b"\xff\xc9", 1)
    with pytest.raises(UnsupportedSyntaxError, match="FFC9"):
        decode(process, GREY, 1)


def test_precision_must_fit() -> None:
    wide = FrameLayout(4, 4, 1, 16, 12)
    stream = LOSSLESS.encoder("pydcm")(frame_of(wide), wide, EncodeOptions())
    with pytest.raises(CorruptStreamError, match="12 bits, and Bits Allocated is 8"):
        LOSSLESS.decoder(LIBRARY)(stream, FrameLayout(4, 4), 1)


def test_frame_headers_after_fill_and_other_segments() -> None:
    head = b"\xff\xd8\xff\xff\xff\xe0\x00\x04ab\xff\xc3\x00\x0b\x0c\x00\x10\x00\x20\x01\x01\x22\x00"
    assert sof.read(head) == (0xC3, 12, 16, 32, (0x22,))
    for cut in range(len(head)):
        with pytest.raises(CorruptStreamError, match="no frame header"):
            sof.read(head[:cut])


@pytest.mark.parametrize("pad", [b"", b"\0", b"\xff", b" "])
def test_what_pads_a_stream_is_no_part_of_it(pad: bytes) -> None:
    assert sof.has_end(b"\xff\xd8\xff\xd9" + pad)
    assert not sof.has_end(b"\xff\xd8\xff" + pad)


def test_rle_of_another_size() -> None:
    six = rle_frame(rle_segment(bytes(range(6))))
    decode = RLE.decoder(LIBRARY)
    assert decode(six, FrameLayout(2, 3), 1).ravel().tolist() == list(range(6))
    with pytest.raises(CorruptStreamError, match="has 6 bytes, and the data set says 8"):
        decode(six, FrameLayout(2, 4), 1)
    with pytest.raises(UnsupportedSyntaxError, match="cells of 24 bits"):
        decode(six, FrameLayout(2, 1, 1, 24, 24), 1)
    with pytest.raises(PydcmError):
        decode(struct.pack("<16I", 1, 1000, *[0] * 14), FrameLayout(2, 3), 1)


# --- hostile streams ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "codec", [BASELINE, LOSSLESS, JPEG_LS, RLE], ids=lambda codec: codec.module
)
@pytest.mark.parametrize(
    "layout",
    [FrameLayout(24, 21, 3, photometric="RGB"), FrameLayout(19, 40)],
    ids=["colour", "grey"],
)
def test_broken_streams_give_a_frame_or_a_pydcm_error(codec: Codec, layout: FrameLayout) -> None:
    stream = codec.encoder("pydcm")(frame_of(layout), layout, EncodeOptions())
    decode = codec.decoder(LIBRARY)
    refused = 0
    for data in broken(stream, 400):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = decode(data, layout, 3)
        except PydcmError:
            refused += 1
            continue
        assert len(data) == len(stream) or codec is JPEG_LS  # which may lack its end only
        assert found.shape == layout.shape
    assert refused >= 180
