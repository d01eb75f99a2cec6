"""Every row of the table in docs/explanation/returned_pixels.rst."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import pydcm
from pydcm import kernels
from pydcm._codecs import codec_for
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.dataset import Dataset
from pydcm.pixels import decode, iter_pixels, pixel_array
from pydcm.pixels.colour import ybr_full_to_rgb
from pydcm.pixels.frames import Decoding, FrameReader
from pydcm.pixels.model import read_model
from tests.pixels.making import (
    DEFLATED_FRAMES,
    EXPLICIT,
    JPEG_BASELINE,
    RLE,
    UNCOMPRESSED,
    encapsulated,
    rgb,
    written,
)
from tests.recording import recorded

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
JPEG_XL = "1.2.840.10008.1.2.4.110"

ROWS, COLUMNS = 16, 24
PIXELS: NDArray[np.uint8] = (
    np.add.outer(np.add.outer(np.arange(ROWS) * 5, np.arange(COLUMNS) * 3), np.array([20, 90, 60]))
    % 256
).astype(np.uint8)
ELEMENTS = {"Rows": ROWS, "Columns": COLUMNS, "SamplesPerPixel": 3, "PlanarConfiguration": 0}


def layout(photometric: str) -> FrameLayout:
    return FrameLayout(ROWS, COLUMNS, 3, 8, 8, photometric=photometric)


class Row(NamedTuple):
    """One line of the table: what goes in, and what has to come out."""

    photometric: str
    syntax: str
    encode: Callable[[], bytes]
    stored: str
    returned: str
    belied_by: str = ""
    """What in the stream contradicts Photometric Interpretation, which is warned of."""


# --- streams -------------------------------------------------------------------------


def plain() -> bytes:
    return PIXELS.tobytes()


def deflated() -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(plain()) + packer.flush()


def by_codec(syntax: str) -> Callable[[], bytes]:
    return lambda: codec_for(syntax).encoder("pydcm")(PIXELS, layout("RGB"), EncodeOptions())


def halved() -> bytes:
    pairs = PIXELS.reshape(-1, 2, 3)
    return np.concatenate([pairs[:, :, 0], pairs[:, 0, 1:]], axis=1).tobytes()


def jpeg(*segments: bytes, identifiers: bytes = b"\1\2\3") -> Callable[[], bytes]:
    """Return a baseline stream that says of its colours what the segments say."""

    def encode() -> bytes:
        stream = bare(by_codec(JPEG_BASELINE)())
        frame, scan = stream.index(b"\xff\xc0"), stream.index(b"\xff\xda")
        out = bytearray(stream)
        for k, identifier in enumerate(identifiers):
            out[frame + 10 + 3 * k] = out[scan + 5 + 2 * k] = identifier
        return bytes(out[:2]) + b"".join(segments) + bytes(out[2:])

    return encode


def bare(stream: bytes) -> bytes:
    """Return a stream without application segments."""
    at = 2
    while 0xE0 <= stream[at + 1] <= 0xEF:
        at += 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return stream[:2] + stream[at:]


def adobe(transform: int) -> bytes:
    return b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + bytes([transform])


JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"


def jpeg_2000(transform: bool) -> Callable[[], bytes]:
    def encode() -> bytes:
        imagecodecs: Any = pytest.importorskip("imagecodecs")
        stream = imagecodecs.jpeg2k_encode(
            PIXELS, codecformat="j2k", reversible=True, level=0, mct=transform
        )
        return bytes(stream)

    return encode


def jpeg_xl() -> bytes:
    imagecodecs: Any = pytest.importorskip("imagecodecs")
    return bytes(imagecodecs.jpegxl_encode(PIXELS, lossless=True))


# --- the table -----------------------------------------------------------------------

THREE_SAMPLES = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")
OWN = {RLE: by_codec(RLE), JPEG_LS: by_codec(JPEG_LS), JPEG_LOSSLESS: by_codec(JPEG_LOSSLESS)}
PLAIN = {EXPLICIT: plain, UNCOMPRESSED: plain, DEFLATED_FRAMES: deflated}

TABLE = [
    *(Row("RGB", uid, make, "RGB", "RGB") for uid, make in {**PLAIN, **OWN}.items()),
    *(Row("YBR_FULL", uid, make, "YBR_FULL", "RGB") for uid, make in {**PLAIN, **OWN}.items()),
    *(Row("YBR_FULL_422", uid, make, "YBR_FULL", "RGB") for uid, make in OWN.items()),
    *(Row(word, EXPLICIT, plain, word, word) for word in ("HSV", "YBR_PARTIAL_420")),
    Row("RGB", JPEG_BASELINE, jpeg(JFIF), "YBR_FULL", "RGB", "JFIF"),
    *(Row(word, JPEG_BASELINE, jpeg(JFIF), "YBR_FULL", "RGB") for word in THREE_SAMPLES[1:]),
    *(Row(word, JPEG_BASELINE, jpeg(adobe(0)), "RGB", "RGB") for word in THREE_SAMPLES),
    *(Row(word, JPEG_BASELINE, jpeg(adobe(1)), "YBR_FULL", "RGB") for word in THREE_SAMPLES),
    Row("RGB", JPEG_BASELINE, jpeg(JFIF, adobe(0)), "YBR_FULL", "RGB", "JFIF"),
    *(
        Row(word, JPEG_BASELINE, jpeg(identifiers=names), "RGB", "RGB", "named R, G and B")
        for word in ("YBR_FULL", "YBR_FULL_422")
        for names in (b"RGB", b"rgb")
    ),
    Row("RGB", JPEG_BASELINE, jpeg(identifiers=b"RGB"), "RGB", "RGB"),
    Row("RGB", JPEG_BASELINE, jpeg(), "RGB", "RGB"),
    Row("YBR_FULL", JPEG_BASELINE, jpeg(), "YBR_FULL", "RGB"),
    Row("YBR_FULL_422", JPEG_BASELINE, jpeg(), "YBR_FULL", "RGB"),
    *(Row(word, JPEG_2000, jpeg_2000(True), "RGB", "RGB") for word in THREE_SAMPLES),
    *(
        Row(word, JPEG_2000, jpeg_2000(False), "RGB", "RGB")
        for word in ("RGB", "YBR_RCT", "YBR_ICT")
    ),
    Row("YBR_FULL", JPEG_2000, jpeg_2000(False), "YBR_FULL", "RGB"),
    Row("YBR_FULL_422", JPEG_2000, jpeg_2000(False), "YBR_FULL", "RGB"),
    *(Row(word, JPEG_XL, jpeg_xl, "RGB", "RGB") for word in ("RGB", "XYB", "YBR_FULL_422")),
    Row("YBR_FULL", JPEG_XL, jpeg_xl, "YBR_FULL", "RGB"),
]


def image(row: Row) -> Dataset:
    described: dict[str, Any] = {**ELEMENTS, "PhotometricInterpretation": row.photometric}
    if row.syntax == EXPLICIT:
        return rgb(row.encode(), **described)
    return encapsulated([row.encode()], row.syntax, **described)


def reader(ds: Dataset, implementation: str, colour: Any) -> FrameReader:
    return FrameReader(read_model(ds), Decoding(colour=colour, implementation=implementation))


@contextmanager
def told_of(row: Row, times: int) -> Iterator[None]:
    """Expect a warning for each reader if the stream belies the data set, and else none."""
    with recorded() as caught:
        yield
    assert len(caught) == (times if row.belied_by else 0)
    assert all(each.category is UserWarning for each in caught)
    assert all(row.belied_by in str(each.message) for each in caught)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.photometric} {row.syntax}")
def test_row(row: Row) -> None:
    ds = image(row)
    runnable = [each for each in codec_for(row.syntax).implementations() if each.available()]
    assert runnable
    for implementation in runnable:
        raw = reader(ds, implementation.name, "stored")
        with told_of(row, 1):
            stored = raw.read(0, 1)[0]
        assert raw.photometric == row.stored
        if row.syntax != JPEG_BASELINE:
            assert (stored == PIXELS).all()
        shown = reader(ds, implementation.name, "rgb")
        with told_of(row, 1):
            assert (shown.read(0, 1)[0] == converted(row, stored)).all()
        assert shown.photometric == row.returned


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.photometric} {row.syntax}")
def test_every_function_returns_it(row: Row) -> None:
    ds = image(row)
    with told_of(row, 6):
        stored = pixel_array(ds, raw=True)
        assert (pixel_array(ds, as_rgb=False) == stored).all()
        for found in (pixel_array(ds), decode(ds)[0], next(iter_pixels(ds))):
            assert (found == converted(row, stored)).all()
        assert decode(ds, with_meta=True)[1]["photometric"] == row.returned


def converted(row: Row, stored: NDArray[Any]) -> NDArray[Any]:
    return stored if row.stored == row.returned else ybr_full_to_rgb(stored)


def test_the_photometric_interpretation_is_known_before_decoding() -> None:
    row = Row("RGB", JPEG_BASELINE, jpeg(JFIF), "YBR_FULL", "RGB")
    assert reader(image(row), "", "stored").photometric == "YBR_FULL"
    assert reader(image(row), "", "rgb").photometric == "RGB"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_contradiction_is_told_once(workers: int) -> None:
    described: dict[str, Any] = {**ELEMENTS, "PhotometricInterpretation": "RGB"}
    ds = encapsulated([jpeg(JFIF)()] * 5, JPEG_BASELINE, NumberOfFrames=5, **described)
    ds = pydcm.dcmread(written(ds))
    for _ in range(2):
        with recorded() as caught:
            decode(ds, workers=workers)
        assert len(caught) == 1
    (found,) = ds.diagnostics
    assert (found.code, found.tag_path) == ("colours", "(0028,0004)")
    assert found.action == "the pixels are taken for YBR_FULL"


@pytest.mark.parametrize("name", ["jfif", "adobe", "named", "nothing"])
@pytest.mark.parametrize("word", THREE_SAMPLES)
def test_warns_where_pydicom_does(name: str, word: str) -> None:
    peer: Any = pytest.importorskip("pydicom", reason="what is compared with")
    pytest.importorskip("libjpeg", reason="pydicom decodes all of them with pylibjpeg-libjpeg")
    segments = {"jfif": [JFIF], "adobe": [adobe(int(word != "RGB"))]}.get(name, [])
    stream = jpeg(*segments, identifiers=b"RGB" if name == "named" else b"\1\2\3")
    file = written(image(Row(word, JPEG_BASELINE, stream, "", "")))
    counts = []
    for dcmread in (peer.dcmread, pydcm.dcmread):
        ds = dcmread(io.BytesIO(file))
        with recorded() as caught:
            ds.pixel_array  # noqa: B018  # the access decodes it
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_halved_chrominance() -> None:
    described: dict[str, Any] = {**ELEMENTS, "PhotometricInterpretation": "YBR_FULL_422"}
    ds = rgb(halved(), **described)
    stored = pixel_array(ds, raw=True)
    assert (stored[..., 0] == PIXELS[..., 0]).all()
    assert (stored[:, ::2] == PIXELS[:, ::2]).all()
    assert (stored[:, 1::2, 1:] == PIXELS[:, ::2, 1:]).all()
    assert (pixel_array(ds) == ybr_full_to_rgb(stored)).all()


@pytest.mark.parametrize("word", ["MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"])
@pytest.mark.parametrize("syntax", [RLE, JPEG_LS, JPEG_LOSSLESS, JPEG_BASELINE])
def test_one_sample_is_returned_as_it_is(word: str, syntax: str) -> None:
    grey = np.ascontiguousarray(PIXELS[..., :1])
    kind = FrameLayout(ROWS, COLUMNS, 1, 8, 8, photometric="MONOCHROME2")
    stream = codec_for(syntax).encoder("pydcm")(grey, kind, EncodeOptions(quality=100))
    ds = encapsulated([stream], syntax, Rows=ROWS, Columns=COLUMNS, PhotometricInterpretation=word)
    found = pixel_array(ds)
    assert found.shape == (ROWS, COLUMNS)
    assert abs(found.astype(int) - grey[..., 0]).max() <= (1 if syntax == JPEG_BASELINE else 0)


def test_frames_may_differ_in_what_they_say() -> None:
    streams = [jpeg(adobe(0))(), jpeg(adobe(1))()]
    described: dict[str, Any] = {**ELEMENTS, "PhotometricInterpretation": "RGB"}
    ds = encapsulated(streams, JPEG_BASELINE, NumberOfFrames=2, **described)
    raw = pixel_array(ds, raw=True)
    assert (raw[0] == raw[1]).all()
    shown = decode(ds, workers=2)
    assert (shown[0] == raw[0]).all()
    assert (shown[1] == ybr_full_to_rgb(raw[1])).all()


def test_the_reference_returns_the_same() -> None:
    ds = image(Row("YBR_FULL", JPEG_BASELINE, jpeg(), "YBR_FULL", "RGB"))
    with kernels.using("reference"):
        expected = decode(ds)
    assert (decode(ds) == expected).all()
