"""JPEG-LS frames: streams of other encoders, our streams in other decoders, and broken ones."""

from __future__ import annotations

import hashlib
import json
from struct import pack
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pydcm import kernels
from pydcm._codecs.jpegls import decode, encode
from pydcm._codecs.jpegls.coding import Preset, default_preset, most_near
from pydcm._codecs.jpegls.encoding import encode_components
from pydcm._codecs.jpegls.markers import Interleave
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import (
    CodecError,
    CorruptStreamError,
    LimitError,
    PydcmError,
    UnsupportedSyntaxError,
)
from pydcm.kernels import Label
from tests.codecs.corpus_frames import (
    Expected,
    broken,
    digest,
    encoded_frames,
    expected,
    model_of,
    of_codec,
)
from tests.kernels.both import LABELS
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden

Pixels = NDArray[np.generic]

LOSSLESS = EncodeOptions()
ILV = {"none": Interleave.NONE, "line": Interleave.LINE, "sample": Interleave.SAMPLE}
QUICK = 70_000
"""Samples that the reference decodes in a fraction of a second."""


def layout_of(pixels: Pixels, bits: int, *, signed: bool = False) -> FrameLayout:
    rows, columns, samples = pixels.shape
    return FrameLayout(rows, columns, samples, 8 * pixels.dtype.itemsize, bits, signed)


def smooth(
    rows: int, columns: int, samples: int, bits: int, *, seed: int = 0, noise: int = 3
) -> NDArray[np.unsignedinteger]:
    """Return an image with slopes, noise and flat stretches."""
    rng = np.random.default_rng(seed)
    y, x, s = np.mgrid[:rows, :columns, :samples]
    waves = (np.sin(x / 9 + s) + np.cos(y / 7 - s) + 2) / 4 * ((1 << bits) - 1)
    found = waves + rng.integers(-noise, noise + 1, waves.shape)
    found[: rows // 3, columns // 2 :] = 1
    return found.clip(0, (1 << bits) - 1).astype(np.uint8 if bits <= 8 else np.uint16)


# --- streams of other encoders --------------------------------------------------------------------


def _golden(group: str) -> list[dict[str, Any]]:
    path = GOLDEN / "codecs" / f"{group}.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text())["cases"] if path.is_file() else []
    return cases


@pytest.fixture(scope="module")
def arrays() -> Any:
    with np.load(GOLDEN / "codecs" / "jpegls.npz", allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


@pytest.fixture(scope="module")
def repository() -> Any:
    with np.load(GOLDEN / "codecs" / "jpegls_charls_repo.npz", allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def _of_hp(case: dict[str, Any]) -> bool:
    return "hp" in case["id"]


@needs_golden
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "case", [case for case in _golden("jpegls") if not _of_hp(case)], ids=lambda case: case["id"]
)
def test_streams_of_charls(case: dict[str, Any], label: Label, arrays: Any) -> None:
    params = case["params"]
    pixels = arrays[case["outputs"]["pixels"]]
    layout = layout_of(
        pixels.reshape(params["rows"], params["columns"], params["components"]), params["bits"]
    )
    with kernels.using(label):
        found = decode(arrays[case["inputs"]["codestream"]].tobytes(), layout)
    assert found.dtype == pixels.dtype
    assert found.tobytes() == pixels.tobytes()


@needs_golden
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "case",
    [
        case
        for case in _golden("jpegls")
        if not _of_hp(case) and not case["params"].keys() & {"spiff", "comment", "opts"}
    ],
    ids=lambda case: case["id"],
)
def test_streams_equal_those_of_charls(case: dict[str, Any], label: Label, arrays: Any) -> None:
    params = case["params"]
    shape = params["rows"], params["columns"], params["components"]
    pixels = arrays[case["outputs"]["pixels"]].reshape(shape)
    source = arrays[case["outputs"].get("source", case["outputs"]["pixels"])].reshape(shape)
    with kernels.using(label):
        stream, decoded = encode_components(
            source,
            params["bits"],
            params["near"],
            ILV[params["interleave"]],
            params.get("restart_lines", 0),
            Preset(*params.get("preset", ())),
        )
    assert stream == arrays[case["inputs"]["codestream"]].tobytes()
    assert (decoded == pixels).all()


@needs_golden
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "case", _golden("jpegls_charls_repo"), ids=lambda case: case["id"].partition(".")[0]
)
def test_conformance_streams(case: dict[str, Any], label: Label, repository: Any) -> None:
    rows, columns, *samples = case["expect"]["shape"]
    bits = 8 * np.dtype(case["expect"]["dtype"]).itemsize
    layout = FrameLayout(rows, columns, *(samples or [1]), bits, bits)
    stream = repository[case["inputs"]["codestream"]].tobytes()
    with kernels.using(label):
        if "hp" in case["id"] or "sse" in case["id"]:
            with pytest.raises(UnsupportedSyntaxError, match=r"transform of HP's|sub-sampled"):
                decode(stream, layout)
            return
        found = decode(stream, layout)
    assert digest(found) == case["expect"]["sha256_le_bytes"]


@needs_golden
@pytest.mark.parametrize(
    "case", [case for case in _golden("jpegls") if _of_hp(case)], ids=lambda case: case["id"]
)
def test_colour_transforms_of_hp_are_refused(case: dict[str, Any], arrays: Any) -> None:
    with pytest.raises(UnsupportedSyntaxError, match="colour transform") as caught:
        decode(arrays[case["inputs"]["codestream"]].tobytes(), FrameLayout(15, 17, 3), 4)
    assert caught.value.frame == 4
    assert caught.value.offset == 6


FILES = of_codec(expected(""), "jpeg-ls", "jpegls") if CORPUS.is_dir() else []
STREAMS = [*expected("codestreams/jpeg-ls"), *expected("network", ending=".jls")]


def test_the_corpus_has_jpeg_ls() -> None:
    assert not CORPUS.is_dir() or (len(FILES) >= 19 and len(STREAMS) == 2)


def _on_both(rows: list[Expected]) -> list[Any]:
    return [
        pytest.param(
            row,
            label,
            id=f"{row.path} {label}",
            marks=[pytest.mark.slow] if label == "reference" and np.prod(row.shape) > QUICK else [],
        )
        for row in rows
        for label in LABELS
    ]


@needs_corpus
@pytest.mark.parametrize(("row", "label"), _on_both(FILES))
def test_files_of_the_corpus(row: Expected, label: Label) -> None:
    model = model_of(row)
    layout = model.layout
    with kernels.using(label):
        frames = [
            decode(data, layout, number) for number, data in enumerate(encoded_frames(model), 1)
        ]
    assert all(frame.dtype == layout.dtype for frame in frames)
    found = np.stack(frames).reshape(row.shape)
    assert digest(found) == row.sha256


@needs_corpus
@pytest.mark.parametrize(("row", "label"), _on_both(STREAMS))
def test_streams_of_the_corpus(row: Expected, label: Label) -> None:
    with kernels.using(label):
        found = decode(row.data, row.layout)
    assert digest(found.reshape(row.shape)) == row.sha256


# --- our streams in other decoders ----------------------------------------------------------------

CHOICES = [
    (bits, samples, near, restart)
    for bits in (2, 5, 8, 9, 12, 16)
    for samples in (1, 3)
    for near, restart in ((0, 0), (0, 4), (1, 0))
]


@pytest.mark.parametrize(("bits", "samples", "near", "restart"), CHOICES)
def test_imagecodecs_reads_our_streams(bits: int, samples: int, near: int, restart: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = smooth(41, 37, samples, bits)
    stream = encode(
        pixels, layout_of(pixels, bits), EncodeOptions(near=near, restart_interval=restart)
    )
    found = imagecodecs.jpegls_decode(stream).reshape(pixels.shape)
    assert np.abs(found.astype(int) - pixels).max() <= near
    assert (found == decode(stream, layout_of(pixels, bits))).all()


@pytest.mark.parametrize(("bits", "samples", "near", "restart"), CHOICES)
def test_libjpeg_reads_our_streams(bits: int, samples: int, near: int, restart: int) -> None:
    libjpeg = pytest.importorskip("libjpeg")
    pixels = smooth(41, 37, samples, bits)
    stream = encode(
        pixels, layout_of(pixels, bits), EncodeOptions(near=near, restart_interval=restart)
    )
    found = libjpeg.decode(stream).reshape(pixels.shape)
    assert (found == decode(stream, layout_of(pixels, bits))).all()


@pytest.mark.parametrize("label", LABELS)
def test_we_read_streams_of_imagecodecs(label: Label) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = smooth(60, 50, 3, 8, seed=2)
    with kernels.using(label):
        for near in (0, 1, 20, 127):
            stream = imagecodecs.jpegls_encode(pixels, level=near)
            found = decode(stream, layout_of(pixels, 8))
            assert (found == imagecodecs.jpegls_decode(stream)).all()


# --- round trips ----------------------------------------------------------------------------------


@st.composite
def images(draw: st.DrawFn, *, near: bool = False) -> tuple[Pixels, FrameLayout, EncodeOptions]:
    bits = draw(st.integers(1, 16))
    signed = draw(st.booleans()) and not near and bits > 1
    samples = draw(st.sampled_from([1, 1, 2, 3, 4]))
    shape = draw(st.integers(1, 12)), draw(st.integers(1, 12)), samples
    least = -(1 << (bits - 1)) if signed else 0
    rng = np.random.default_rng(draw(st.integers(0, 1 << 20)))
    kinds = [rng.integers(0, 1 << bits, shape), rng.integers(0, 2, shape), np.zeros(shape, int)]
    kinds.append(np.cumsum(rng.integers(-1, 2, shape), axis=1).clip(0, (1 << bits) - 1))
    values = kinds[draw(st.integers(0, 3))] + least
    kind = "i" if signed else "u"
    pixels = values.astype(f"{kind}{draw(st.sampled_from([1, 2, 4] if bits <= 8 else [2, 4]))}")
    most = most_near((1 << bits) - 1) if near else 0
    options = EncodeOptions(
        near=draw(st.integers(0, most)), restart_interval=draw(st.integers(0, 13))
    )
    return pixels, layout_of(pixels, bits, signed=signed), options


@pytest.mark.parametrize("label", LABELS)
@given(images())
@settings(max_examples=60)
def test_lossless_round_trip(
    label: Label, image: tuple[NDArray[Any], FrameLayout, EncodeOptions]
) -> None:
    pixels, layout, options = image
    with kernels.using(label):
        found = decode(encode(pixels, layout, options), layout)
    assert found.dtype == layout.dtype
    mask = (1 << layout.bits_stored) - 1  # bits above Bits Stored are the caller's to fill
    assert (np.asarray(found, np.int64) & mask == pixels.astype(np.int64) & mask).all()


@pytest.mark.parametrize("label", LABELS)
@given(images(near=True))
@settings(max_examples=60)
def test_near_bounds_every_error(
    label: Label, image: tuple[NDArray[Any], FrameLayout, EncodeOptions]
) -> None:
    pixels, layout, options = image
    with kernels.using(label):
        found = np.asarray(decode(encode(pixels, layout, options), layout), np.int64)
    assert np.abs(found - pixels.astype(np.int64)).max() <= options.near
    assert found.max() < 1 << layout.bits_stored


@given(images(near=True))
@settings(max_examples=60)
def test_implementations_write_the_same(
    image: tuple[NDArray[Any], FrameLayout, EncodeOptions],
) -> None:
    streams = []
    for label in LABELS:
        with kernels.using(label):
            streams.append(encode(*image))
    assert streams == [streams[0]] * len(LABELS)


@given(
    st.integers(1, 255),
    st.lists(st.integers(0, 255), min_size=3, max_size=3),
    st.integers(3, 255),
    st.integers(0, 3),
    st.sampled_from(list(ILV.values())),
)
@settings(max_examples=60)
def test_any_preset(MAXVAL: int, steps: list[int], RESET: int, near: int, interleave: int) -> None:
    near = min(near, most_near(MAXVAL))
    if near + 1 > MAXVAL:
        return
    thresholds = sorted(min(max(step, near + 1), MAXVAL) for step in steps)
    pixels = np.minimum(smooth(15, 17, 3, 8), MAXVAL).astype(np.uint8)
    preset = Preset(MAXVAL, *thresholds, RESET)
    stream, decoded = encode_components(pixels, 8, near, interleave, preset=preset)
    found = decode(stream, FrameLayout(15, 17, 3))
    assert (found == decoded).all()
    assert np.abs(np.asarray(found, int) - pixels).max() <= near


def test_a_large_noisy_image_of_16_bits() -> None:
    pixels = np.random.default_rng(3).integers(0, 65536, (200, 150, 1)).astype(np.uint16)
    layout = layout_of(pixels, 16)
    stream = encode(pixels, layout, LOSSLESS)
    assert len(stream) < 1.2 * pixels.nbytes
    assert (decode(stream, layout) == pixels).all()


def test_extremes_take_the_longest_codes() -> None:
    pixels = np.zeros((64, 64, 1), np.uint16)
    pixels[np.random.default_rng(1).random(pixels.shape) < 0.02] = 32768
    layout = layout_of(pixels, 16)
    for label in LABELS:
        with kernels.using(label):
            assert (decode(encode(pixels, layout, LOSSLESS), layout) == pixels).all()


# --- what DICOM makes of the samples --------------------------------------------------------------


def test_negative_pixels_are_twos_complement_of_bits_stored() -> None:
    pixels = np.array([[-2048, -1, 0, 2047]], np.int16).reshape(1, 4, 1)
    layout = layout_of(pixels, 12, signed=True)
    stream = encode(pixels, layout, LOSSLESS)
    assert stream[6] == 12  # P of the frame header
    found = decode(stream, layout)
    assert found.ravel().tolist() == [2048, 4095, 0, 2047]
    assert found.dtype == np.int16


def test_16_bits_of_a_12_bit_image() -> None:
    pixels = smooth(9, 9, 1, 12)
    stream = encode(pixels, layout_of(pixels, 16), LOSSLESS)
    assert (decode(stream, layout_of(pixels, 12)) == pixels).all()


def test_8_bits_of_a_signed_image_of_7() -> None:
    stream, _ = encode_components(np.array([[[0x7F], [0x80], [0xC0]]], np.uint8), 8)
    found = decode(stream, FrameLayout(1, 3, 1, 8, 7, signed=True))
    assert found.dtype == np.int8
    assert found.view(np.uint8).ravel().tolist() == [0x7F, 0x80, 0xC0]


def test_8_bits_in_cells_of_16_or_32() -> None:
    pixels = smooth(9, 9, 3, 8)
    stream = encode(pixels, layout_of(pixels, 8), LOSSLESS)
    for allocated in (16, 32):
        found = decode(stream, FrameLayout(9, 9, 3, allocated, 8))
        assert found.dtype == f"u{allocated // 8}"
        assert (found == pixels).all()


def test_one_bit_is_encoded_as_two() -> None:
    pixels = np.array([[0, 1, 1, 0]], np.uint8).reshape(2, 2, 1)
    layout = FrameLayout(2, 2, 1, 1, 1)
    stream = encode(pixels, layout, LOSSLESS)
    assert stream[6] == 2
    assert (decode(stream, layout) == pixels).all()


def test_colours_take_turns_by_samples() -> None:
    stream = encode(smooth(9, 9, 3, 8), FrameLayout(9, 9, 3), LOSSLESS)
    assert stream.count(b"\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x02\x00") == 1


def test_loss_must_not_change_signs() -> None:
    pixels = np.full((4, 4, 1), -5, np.int8)
    pixels[1:3, 1:3] = 40
    layout = layout_of(pixels, 8, signed=True)
    found = decode(encode(pixels, layout, EncodeOptions(near=3)), layout)
    assert np.abs(np.asarray(found, int) - pixels).max() <= 3
    near_the_limit = [np.where(pixels == 40, np.int8(value), pixels) for value in range(124, 128)]
    with pytest.raises(CodecError, match="turn the largest pixels into the smallest"):
        [encode(each, layout, EncodeOptions(near=3)) for each in near_the_limit]


@pytest.mark.parametrize(
    ("bits", "options", "message"),
    [
        (8, EncodeOptions(near=-1), "near is -1"),
        (8, EncodeOptions(near=128), "from 0 to 127"),
        (1, EncodeOptions(near=1), "from 0 to 0"),
        (16, EncodeOptions(near=256), "from 0 to 255"),
        (8, EncodeOptions(restart_interval=-2), "restart_interval is -2"),
    ],
)
def test_options_out_of_range(bits: int, options: EncodeOptions, message: str) -> None:
    pixels = np.zeros((2, 2, 1), np.uint16)
    with pytest.raises(ValueError, match=message):
        encode(pixels, layout_of(pixels, bits), options)


def test_more_than_16_bits_are_refused() -> None:
    pixels = np.zeros((2, 2, 1), np.uint32)
    with pytest.raises(UnsupportedSyntaxError, match="up to 16 bits"):
        encode(pixels, layout_of(pixels, 17), LOSSLESS)


def test_default_thresholds() -> None:  # ISO 14495-1 Table C.3
    assert default_preset(255, 0) == (255, 3, 7, 21, 64)
    assert default_preset(4095, 0) == (4095, 18, 67, 276, 64)
    assert default_preset(127, 0)[1:4] == (2, 3, 10)


# --- segments -------------------------------------------------------------------------------------

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
PIXELS = smooth(7, 6, 1, 8)
LAYOUT = FrameLayout(7, 6)
with kernels.using("reference"):
    STREAM = encode(PIXELS, LAYOUT, LOSSLESS)
SOF = STREAM[2:15]
SCAN = STREAM[15:-2]
THREE = smooth(7, 6, 3, 8)


def segment(marker: int, body: bytes) -> bytes:
    return pack(">BBH", 255, marker, 2 + len(body)) + body


def sof(precision: int = 8, rows: int = 7, columns: int = 6, factors: bytes = b"\x11") -> bytes:
    each = b"".join(bytes([k + 1, factor, 0]) for k, factor in enumerate(factors))
    return segment(0xF7, pack(">BHHB", precision, rows, columns, len(factors)) + each)


def lse(*numbers: int) -> bytes:
    return segment(0xF8, pack(f">B{len(numbers) - 1}H", *numbers))


def sos(near: int = 0, interleave: int = 0, last: int = 0, components: bytes = b"\1\0") -> bytes:
    count = bytes([len(components) // 2])
    return segment(0xDA, count + components + bytes([near, interleave, last]))


@pytest.mark.parametrize(
    "stream",
    [
        SOI + segment(0xE0, b"JFIF") + segment(0xFE, b"comment") + SOF + SCAN + EOI,
        SOI + b"\xff\xff" + SOF + b"\xff" + SCAN + b"\xff\xff" + EOI,  # fill octets
        SOI + segment(0xE8, b"mrfx\0") + SOF + SCAN + EOI,
        SOI + SOF + lse(1, 0, 0, 0, 0, 0) + SCAN + EOI,
        SOI + SOF + lse(1, 255, 3, 7, 21, 64) + SCAN + EOI,
        SOI + SOF + segment(0xDD, b"\0\0") + SCAN + EOI,
        SOI + SOF + segment(0xDD, b"\0\0\7") + SCAN + EOI,
        SOI + SOF + segment(0xDD, b"\0\1\0\0") + SCAN + EOI,
        SOI + sof(rows=0) + SCAN + segment(0xDC, b"\0\7") + EOI,
        SOI + segment(0xF8, b"\4\2\0\7\0\6") + sof(rows=0, columns=0) + SCAN + EOI,
        SOI + sof(rows=0, columns=0) + segment(0xF8, b"\4\4\0\0\0\7\0\0\0\6") + SCAN + EOI,
        SOI + sof(factors=b"\x22") + SCAN + EOI,
        SOI + SOF + SCAN,  # nothing of the image is missing
        STREAM + bytes(9),
    ],
)
def test_segments_that_change_nothing(stream: bytes) -> None:
    assert (decode(stream, LAYOUT) == PIXELS).all()


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (b"", "must begin with FF D8"),
        (b"\xff\xd9", "must begin with FF D8"),
        (SOI, "ends where a marker"),
        (SOI + EOI, "no frame header"),
        (SOI + SOF, "ends where a marker"),
        (SOI + SOF + EOI, "ends with 0 of 1"),
        (SOI + SOF[:8], "does not fit"),
        (SOI + b"\xff\xf7\0", "within a segment"),
        (SOI + b"\xff\xfe\0\1" + SOF + SCAN, "does not fit"),
        (SOI + b"\0" + SOF, "a marker was expected"),
        (SOI + SOI + SOF + SCAN, "FFD8 is out of place"),
        (SOI + b"\xff\xd0" + SOF + SCAN, "FFD0 is out of place"),
        (SOI + SCAN, "before the frame header"),
        (SOI + SOF + SOF + SCAN, "second frame header"),
        (SOI + sof(precision=17) + SCAN, "17 bits are none"),
        (SOI + sof(precision=1) + SCAN, "1 bits are none"),
        (SOI + sof(precision=9) + SCAN, "do not fit into Bits Allocated"),
        (SOI + sof(factors=b"\x01") + SCAN, "sampling factor"),
        (SOI + sof(factors=b"") + SCAN, "frame header is broken"),
        (SOI + SOF[:-1] + b"\0\0" + SCAN, "a marker was expected"),
        (SOI + sof(columns=5) + SCAN, "7 rows, 5 columns"),
        (SOI + sof(rows=0, columns=0) + SCAN, "0 columns"),
        (SOI + sof(rows=0) + SCAN + EOI, "has 0 lines"),
        (SOI + sof(rows=0) + SCAN + segment(0xDC, b"\0\6") + EOI, "has 6 lines"),
        (SOI + SOF + segment(0xDD, b"\0") + SCAN, "DRI has 1 bytes"),
        (SOI + SOF + segment(0xF8, b"\1\0") + SCAN, "LSE 1 has 2 bytes"),
        (SOI + SOF + segment(0xF8, b"") + SCAN, "LSE 0 has 0 bytes"),
        (SOI + SOF + lse(1, 256, 0, 0, 0, 0) + SCAN, "MAXVAL 256"),
        (SOI + SOF + lse(1, 0, 9, 8, 20, 0) + SCAN, "in disorder"),
        (SOI + SOF + lse(1, 0, 0, 0, 256, 0) + SCAN, "in disorder"),
        (SOI + SOF + lse(1, 0, 0, 0, 0, 2) + SCAN, "RESET 2"),
        (SOI + SOF + lse(1, 0, 0, 0, 0, 256) + SCAN, "RESET 256"),
        (SOI + SOF + sos(near=128) + SCAN, "NEAR 128"),
        (SOI + SOF + sos(interleave=3) + SCAN, "ILV 3"),
        (SOI + SOF + sos(components=b"\2\0") + SCAN, "not there"),
        (SOI + SOF + sos(components=b"") + SCAN, "scan header is broken"),
        (SOI + SOF + SCAN[:-1], "ends too early"),
        (SOI + SOF + SCAN[:-1] + EOI, "ends too early"),
        (SOI + SOF + SCAN[:12], "ends too early"),
        (SOI + SOF + SCAN + b"\1\2\3\4" + EOI, "goes on after its last sample"),
        (SOI + SOF + segment(0xDD, b"\0\2") + SCAN + EOI, "ends too early"),
    ],
)
def test_broken_segments(stream: bytes, message: str) -> None:
    with pytest.raises(CorruptStreamError, match=message) as caught:
        decode(stream, LAYOUT, 3)
    assert caught.value.frame == 3


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (SOI + SOF + segment(0xF8, b"\2\1\1" + bytes(256)) + SCAN, "mapping table"),
        (SOI + SOF + segment(0xF8, b"\3\1\1" + bytes(256)) + SCAN, "mapping table"),
        (SOI + SOF + sos(components=b"\1\1") + SCAN, "mapping table for a component"),
        (SOI + SOF + sos(last=1) + SCAN, "point transform"),
        (SOI + segment(0xE8, b"mrfx\1") + SOF + SCAN, "colour transform"),
        (SOI + segment(0xC3, SOF[4:]) + SCAN, "FFC3, which is none of JPEG-LS"),
    ],
)
def test_what_is_not_for_dicom(stream: bytes, message: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match=message):
        decode(stream, LAYOUT)


def test_components_in_several_scans() -> None:
    layout = FrameLayout(7, 6, 3)
    stream, _ = encode_components(THREE, 8)
    assert (decode(stream, layout) == THREE).all()
    first = stream.index(b"\xff\xda")
    second = stream.index(b"\xff\xda", first + 1)
    doubled = stream[:second] + stream[first:]
    with pytest.raises(CorruptStreamError, match="in two scans"):
        decode(doubled, layout)
    with pytest.raises(CorruptStreamError, match="ends with 1 of 3"):
        decode(stream[:second] + EOI, layout)
    head = SOI + sof(factors=b"\x11\x11\x11") + sos(components=b"\1\0\2\0\3\0")
    with pytest.raises(CorruptStreamError, match="3 components with ILV 0"):
        decode(head + SCAN, layout)


def test_two_planes_in_one_scan_and_one_in_another() -> None:
    two, _ = encode_components(THREE[..., 1:], 8, 0, Interleave.LINE)
    one, _ = encode_components(THREE[..., :1], 8)
    two_scan = two[two.index(b"\xff\xda") : -2].replace(b"\1\0\2\0", b"\2\0\3\0", 1)
    stream = SOI + sof(factors=b"\x11\x11\x11") + two_scan + one[one.index(b"\xff\xda") :]
    assert (decode(stream, FrameLayout(7, 6, 3)) == THREE).all()


# --- restart intervals ----------------------------------------------------------------------------


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("interval", [1, 2, 3, 30, 31, 70_000])
@pytest.mark.parametrize("interleave", list(ILV.values()))
def test_restart_intervals(interval: int, interleave: int, label: Label) -> None:
    pixels = smooth(30, 6, 3, 8)
    with kernels.using(label):
        stream, _ = encode_components(pixels, 8, 0, interleave, interval)
        assert (decode(stream, FrameLayout(30, 6, 3)) == pixels).all()


def test_restart_markers_come_in_turn() -> None:
    stream, _ = encode_components(smooth(30, 6, 1, 8), 8, restart_interval=3)
    layout = FrameLayout(30, 6)
    at = stream.index(b"\xff\xd1")
    for wrong, message in ((b"\xff\xd2", "out of its range"), (EOI, "ends too early")):
        with pytest.raises(CorruptStreamError, match=message):
            decode(stream[:at] + wrong + stream[at + 2 :], layout)
    assert decode(stream[:at] + b"\xff\xff" + stream[at:], layout).shape == layout.shape


# --- hostile streams ------------------------------------------------------------------------------


def _verdicts(stream: bytes, layout: FrameLayout) -> list[str]:
    found = []
    for label in LABELS:
        with kernels.using(label):
            try:
                array = decode(stream, layout, 2)
            except PydcmError as error:
                found.append(str(error))
            else:
                assert array.shape == layout.shape
                found.append(hashlib.sha256(array.tobytes()).hexdigest())
    return found


@pytest.mark.parametrize("restart", [0, 5])
@pytest.mark.parametrize("near", [0, 2])
@pytest.mark.parametrize(("bits", "samples"), [(8, 1), (16, 1), (8, 3), (12, 4)])
def test_broken_streams_end_alike(bits: int, samples: int, near: int, restart: int) -> None:
    pixels = smooth(20, 17, samples, bits)
    layout = layout_of(pixels, bits)
    stream = encode(pixels, layout, EncodeOptions(near=near, restart_interval=restart))
    refused = 0
    for damaged in broken(stream, 40, seed=bits + samples + near + restart):
        verdicts = _verdicts(damaged, layout)
        assert verdicts == [verdicts[0]] * len(LABELS)
        refused += "frame 2" in verdicts[0]
    assert refused > 20


@given(st.binary(max_size=120), st.integers(0, 2), st.sampled_from([b"\x11", b"\x11\x11\x11"]))
@settings(max_examples=80)
def test_any_data_end_alike(data: bytes, interleave: int, factors: bytes) -> None:
    components = b"".join(bytes([k + 1, 0]) for k in range(len(factors)))
    stream = SOI + sof(factors=factors) + sos(0, interleave, 0, components) + data + EOI
    verdicts = _verdicts(stream, FrameLayout(7, 6, len(factors)))
    assert verdicts == [verdicts[0]] * len(LABELS)


def test_the_offset_is_where_the_codes_end() -> None:
    pixels = smooth(40, 40, 1, 8, noise=60)
    stream = encode(pixels, FrameLayout(40, 40), EncodeOptions(restart_interval=10))
    cut = len(stream) // 2
    with pytest.raises(CorruptStreamError) as caught:
        decode(stream[:cut] + b"\xff\xd3" + stream[cut:], FrameLayout(40, 40))
    assert caught.value.offset is not None
    unbroken = np.frombuffer(stream, np.uint8).copy()
    unbroken[cut : cut + 12] = 0
    with pytest.raises(CorruptStreamError) as caught:
        decode(unbroken.tobytes(), FrameLayout(40, 40))
    assert caught.value.offset is not None
    assert cut - 2 <= caught.value.offset <= len(stream)


def test_a_tiny_stream_cannot_claim_much() -> None:
    layout = FrameLayout(60_000, 60_000, 1, 16, 16)
    stream = SOI + sof(16, 60_000, 60_000) + SCAN + EOI
    with pytest.raises(LimitError, match="max_expansion_ratio"):
        decode(stream, layout)
