"""JPEG-LS frames: streams of other encoders, and our streams in other decoders."""

from __future__ import annotations

import json
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
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import (
    CodecError,
    UnsupportedSyntaxError,
)
from pydcm.kernels import Label
from tests.codecs.corpus_frames import (
    Expected,
    digest,
    encoded_frames,
    expected,
    model_of,
    of_codec,
)
from tests.codecs.jpegls_images import ILV, LOSSLESS, QUICK, Pixels, layout_of, smooth
from tests.kernels.both import LABELS
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden

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
    layout = FrameLayout(rows, columns, (samples or [1])[0], bits, bits)
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
    preset = Preset._make([MAXVAL, *thresholds, RESET])
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
    options = EncodeOptions(near=3)
    rng = np.random.default_rng(5)
    pixels = rng.integers(-125, 125, (20, 20, 1)).astype(np.int8)
    layout = layout_of(pixels, 8, signed=True)
    found = decode(encode(pixels, layout, options), layout)
    assert np.abs(np.asarray(found, int) - pixels).max() <= 3
    pixels = rng.integers(110, 128, (20, 20, 1)).astype(np.int8)
    with pytest.raises(CodecError, match="turn the largest pixels into the smallest"):
        encode(pixels, layout, options)
    assert (decode(encode(pixels, layout, LOSSLESS), layout) == pixels).all()


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
