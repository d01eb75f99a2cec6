from __future__ import annotations

import csv
import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import pydcm
from pydcm import encaps, kernels
from pydcm._codecs.jpeg import lossless
from pydcm._codecs.jpeg.markers import parse
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, PydcmError, UnsupportedSyntaxError
from pydcm.kernels import Label
from tests.codecs.lossless_streams import FLAT, STEEP, Pass, segment, stream
from tests.kernels.both import LABELS
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden

Pixels = NDArray[np.generic]
PROCESS_14 = "1.2.840.10008.1.2.4.57"
SV1 = "1.2.840.10008.1.2.4.70"
NOT_LOSSLESS = "sample-op.dcm"
"""A file whose Transfer Syntax UID is that of SV1, with a baseline stream."""


def _layout(pixels: NDArray[Any], bits: int, *, signed: bool = False) -> FrameLayout:
    rows, columns, samples = pixels.shape
    return FrameLayout(rows, columns, samples, 8 * pixels.itemsize, bits, signed)


def _noise(shape: tuple[int, int, int], bits: int, seed: int = 0) -> NDArray[Any]:
    """Return pixels that have differences of every category."""
    rng = np.random.default_rng(seed)
    spread = rng.integers(0, bits + 1, shape)
    smooth = rng.integers(0, 1 << bits)
    found = (smooth + rng.integers(0, 1 << 16, shape) % (1 << spread)) % (1 << bits)
    return found.astype(np.uint8 if bits <= 8 else np.uint16)


# --- streams of others --------------------------------------------------------------------------


def _golden() -> list[dict[str, Any]]:
    path = GOLDEN / "codecs" / "jpeg_lossless.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text())["cases"] if path.is_file() else []
    return cases


@pytest.fixture(scope="module")
def arrays() -> Any:
    with np.load(GOLDEN / "codecs" / "jpeg_lossless.npz", allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


@needs_golden
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("case", _golden(), ids=lambda case: case["id"])
def test_streams_of_other_encoders(case: dict[str, Any], label: Label, arrays: Any) -> None:
    outputs = case["outputs"]
    expected = arrays[outputs.get("raw", outputs["pixels"])]
    header = case["expect"]["header"]
    rows, columns = expected.shape[:2]
    layout = FrameLayout(rows, columns, header["ncomp"], 8 if header["precision"] <= 8 else 16)
    with kernels.using(label):
        found = lossless.decode(arrays[case["inputs"]["codestream"]].tobytes(), layout)
    assert found.shape == layout.shape
    assert np.array_equal(found.reshape(expected.shape), expected)


def _corpus() -> list[dict[str, str]]:
    path = CORPUS / "expected_pixels.tsv"
    if not path.is_file():
        return []
    with path.open(newline="") as rows:
        wanted = [row for row in csv.DictReader(rows, delimiter="\t") if row["variant"] == "raw"]
    with (CORPUS / "manifest.tsv").open(newline="") as rows:
        syntaxes = {
            row["path"]: row["transfer_syntax"] for row in csv.DictReader(rows, delimiter="\t")
        }
    return [row for row in wanted if syntaxes[row["path"]] in (PROCESS_14, SV1)]


def _frames(path: Path) -> tuple[list[bytes], FrameLayout]:
    ds = pydcm.dcmread(path)
    layout = FrameLayout(
        ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.BitsAllocated, ds.BitsStored,
        bool(ds.PixelRepresentation), photometric=ds.PhotometricInterpretation,
    )  # fmt: skip
    count = int(ds.get("NumberOfFrames") or 1)
    return list(encaps.generate_frames(ds.PixelData, number_of_frames=count)), layout


def _stored(pixels: Pixels, layout: FrameLayout) -> Pixels:
    """Return what Bits Stored leaves of each cell."""
    spare = 8 * layout.item_bytes - layout.bits_stored
    cells: NDArray[Any] = pixels
    return np.asarray(cells << spare >> spare)


@needs_corpus
@pytest.mark.parametrize("row", _corpus(), ids=lambda row: Path(row["path"]).name)
def test_real_files(row: dict[str, str]) -> None:
    frames, layout = _frames(CORPUS / row["path"])
    if row["path"].endswith(NOT_LOSSLESS):
        with pytest.raises(UnsupportedSyntaxError, match="SOF0"):
            lossless.decode(frames[0], layout)
        return
    found = np.stack([_stored(lossless.decode(frame, layout), layout) for frame in frames])
    assert hashlib.sha256(found.tobytes()).hexdigest() == row["sha256"]


@needs_corpus
def test_components_of_different_size_are_refused() -> None:
    octets = (CORPUS / "codestreams/jpeg-10918/pylibjpeg-data/p14/O1.JPG").read_bytes()
    with pytest.raises(UnsupportedSyntaxError, match="different size"):
        lossless.decode(octets, FrameLayout(257, 255, 4))


# --- streams of every form ----------------------------------------------------------------------


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    ("components", "passes"),
    [
        (1, [Pass((0,), tables=(STEEP,))]),
        (1, [Pass((0,), 6, low=3, restart_rows=2)]),
        (1, [Pass((0,), 4, restart_rows=1)]),
        (2, [Pass((0, 1), 5)]),
        (3, [Pass((0, 1, 2), 7, tables=(FLAT, STEEP, FLAT))]),
        (3, [Pass((0, 1, 2), 2, tables=(FLAT, STEEP), restart_rows=3)]),
        (3, [Pass((0,), 1), Pass((1,), 2, tables=(STEEP,)), Pass((2,), 7)]),
        (3, [Pass((1,), 3, low=1), Pass((0, 2), 6, restart_rows=2)]),
        (4, [Pass((0, 1, 2, 3), 1, tables=(STEEP, FLAT, STEEP, FLAT))]),
        (4, [Pass((0, 3), 7), Pass((1, 2), 3)]),
    ],
)
@pytest.mark.parametrize("bits", [8, 16])
def test_scans(bits: int, components: int, passes: list[Pass], label: Label) -> None:
    pixels = _noise((7, 5, components), bits)
    low = {index: one.low for one in passes for index in one.components}
    with kernels.using(label):
        found = lossless.decode(stream(pixels, bits, passes), _layout(pixels, bits))
    for index in range(components):
        expected = pixels[..., index] >> low[index] << low[index]
        assert np.array_equal(found[..., index], expected)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("predictor", range(1, 8))
@pytest.mark.parametrize("bits", [2, 5, 8, 9, 12, 16])
def test_predictors_as_the_standard_writes_them(bits: int, predictor: int, label: Label) -> None:
    pixels = _noise((6, 9, 1), bits, predictor)
    octets = stream(pixels, bits, [Pass((0,), predictor, tables=(STEEP,))])
    with kernels.using(label):
        found = lossless.decode(octets, _layout(pixels, bits))
        ours = lossless.encode(pixels, _layout(pixels, bits), EncodeOptions(predictor=predictor))
        assert np.array_equal(lossless.decode(ours, _layout(pixels, bits)), pixels)
    assert np.array_equal(found, pixels)


def test_cells_are_those_of_the_layout() -> None:
    pixels = _noise((3, 4, 1), 8)
    octets = stream(pixels, 8, [Pass((0,))])
    for allocated, signed in ((8, False), (8, True), (16, False), (16, True), (32, True)):
        layout = FrameLayout(3, 4, 1, allocated, 8, signed)
        found = lossless.decode(octets, layout)
        assert found.dtype == layout.dtype
        assert np.array_equal(found.astype(np.uint8), pixels)


def test_bits_above_bits_stored_come_as_they_are() -> None:
    pixels = np.array([[[0x8001], [0x7FFF]]], np.uint16)
    octets = stream(pixels, 12, [Pass((0,))])
    assert np.array_equal(lossless.decode(octets, FrameLayout(1, 2, 1, 16, 12)), pixels)


# --- our own streams ----------------------------------------------------------------------------


@st.composite
def images(draw: st.DrawFn) -> tuple[NDArray[Any], FrameLayout]:
    bits = draw(st.integers(1, 16))
    shape = draw(st.integers(1, 9)), draw(st.integers(1, 9)), draw(st.sampled_from([1, 3, 4]))
    signed = draw(st.booleans()) and bits > 1
    count = shape[0] * shape[1] * shape[2]
    least = -(1 << (bits - 1)) if signed else 0
    values = draw(
        st.lists(st.integers(least, least + (1 << bits) - 1), min_size=count, max_size=count)
    )
    allocated = 8 if bits <= 8 else 16
    layout = FrameLayout(*shape, allocated, bits, signed)
    return np.array(values, layout.dtype).reshape(shape), layout


@pytest.mark.parametrize("label", LABELS)
@given(images(), st.integers(1, 7), st.integers(0, 4))
@settings(max_examples=60)
def test_what_was_encoded_comes_back(
    label: Label, image: tuple[NDArray[Any], FrameLayout], predictor: int, rows: int
) -> None:
    pixels, layout = image
    options = EncodeOptions(predictor=predictor, restart_interval=rows * layout.columns)
    with kernels.using(label):
        octets = lossless.encode(pixels, layout, options)
        found = lossless.decode(octets, layout)
    assert found.dtype == layout.dtype
    mask = (1 << layout.bits_stored) - 1
    assert np.array_equal(found.astype(int) & mask, pixels.astype(int) & mask)
    assert np.array_equal(_stored(found, layout), pixels) or layout.bits_stored == 1
    header = parse(octets)
    assert header.frame.precision == max(2, layout.bits_stored)
    assert header.scans[0].header.start == predictor
    assert header.scans[0].restart_interval == rows * layout.columns


def test_implementations_write_the_same_stream() -> None:
    pixels = _noise((40, 30, 3), 8)
    written = set()
    for label in LABELS:
        with kernels.using(label):
            written.add(lossless.encode(pixels, _layout(pixels, 8), EncodeOptions(predictor=7)))
    assert len(written) == 1


def test_largest_difference_has_no_bits_after_its_code() -> None:
    pixels = np.array([[[0], [0x8000], [0], [0x8000]]], np.uint16)
    octets = lossless.encode(pixels, _layout(pixels, 16), EncodeOptions())
    (scan,) = parse(octets).scans
    assert 16 in scan.dc[0].values
    assert np.array_equal(lossless.decode(octets, _layout(pixels, 16)), pixels)


def _with_pylibjpeg(octets: bytes) -> NDArray[Any]:
    libjpeg = pytest.importorskip("libjpeg")
    found: NDArray[Any] = libjpeg.decode(octets)
    return found


def _with_imagecodecs(name: str) -> Callable[[bytes], NDArray[Any]]:
    def decode(octets: bytes) -> NDArray[Any]:
        imagecodecs = pytest.importorskip("imagecodecs")
        found: NDArray[Any] = getattr(imagecodecs, name)(octets)
        return found

    return decode


PEERS = {
    "libjpeg": _with_pylibjpeg,
    "ljpeg": _with_imagecodecs("ljpeg_decode"),
    "jpegsof3": _with_imagecodecs("jpegsof3_decode"),
    "libjpeg-turbo": _with_imagecodecs("jpeg_decode"),
}


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize(("bits", "predictor", "rows"), [
    (8, 1, 0), (8, 7, 0), (8, 4, 5), (12, 1, 0), (12, 6, 4), (16, 1, 0), (16, 2, 0), (16, 1, 3),
])  # fmt: skip
def test_others_read_our_streams(
    peer: str, samples: int, bits: int, predictor: int, rows: int
) -> None:
    if rows and peer in ("ljpeg", "jpegsof3"):
        pytest.skip("reads no restart intervals")
    rng = np.random.default_rng(predictor)
    steps = rng.normal(0, 1 << max(0, bits - 6), (33, 47, samples)).cumsum(1)
    pixels = (np.round(steps).astype(int) % (1 << bits)).astype(np.uint8 if bits <= 8 else "u2")
    options = EncodeOptions(predictor=predictor, restart_interval=rows * 47)
    octets = lossless.encode(pixels, _layout(pixels, bits), options)
    found = PEERS[peer](octets)
    assert np.array_equal(found.reshape(pixels.shape), pixels)


@pytest.mark.skipif(which("dcmdjpeg") is None, reason="dcmdjpeg of DCMTK is not installed")
@pytest.mark.parametrize(("syntax", "predictor"), [(SV1, 1), (PROCESS_14, 6)])
@pytest.mark.parametrize(("bits", "signed"), [(8, False), (12, False), (16, False), (16, True)])
def test_dcmtk_reads_our_files(
    tmp_path: Path, syntax: str, predictor: int, bits: int, signed: bool
) -> None:
    pixels = _noise((20, 31, 1), bits)
    layout = _layout(pixels, bits, signed=signed)
    pixels = pixels.view(layout.dtype)
    ds = pydcm.Dataset()
    ds.file_meta = pydcm.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydcm.uid.UID(syntax)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    ds.Rows, ds.Columns, ds.SamplesPerPixel = layout.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = layout.bits_allocated, bits, bits - 1
    ds.PixelRepresentation = int(signed)
    ds.PhotometricInterpretation = "MONOCHROME2"
    octets = lossless.encode(pixels, layout, EncodeOptions(predictor=predictor))
    ds.PixelData = encaps.encapsulate([octets])
    ds["PixelData"].VR = "OB"
    ds.save_as(tmp_path / "ours.dcm", enforce_file_format=True)
    subprocess.run(
        ["dcmdjpeg", tmp_path / "ours.dcm", tmp_path / "native.dcm"], check=True, timeout=60
    )
    native = pydcm.dcmread(tmp_path / "native.dcm")
    assert native.PixelData[: pixels.nbytes] == pixels.tobytes()


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (FrameLayout(2, 2, 2), "2 of 8 bits"),
        (FrameLayout(2, 2, 1, 32, 17), "1 of 17 bits"),
        (FrameLayout(2, 2, 1, 32, 16, floating=True), "integers"),
        (FrameLayout(65536, 1), "65536 x 1"),
    ],
)
def test_what_cannot_be_encoded(layout: FrameLayout, message: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match=message):
        lossless.encode(np.zeros(layout.shape, layout.dtype), layout, EncodeOptions())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (EncodeOptions(predictor=0), "predictor 0"),
        (EncodeOptions(predictor=8), "predictor 8"),
        (EncodeOptions(restart_interval=4), "restart_interval 4"),
        (EncodeOptions(restart_interval=65538), "restart_interval 65538"),
    ],
)
def test_options_out_of_range(options: EncodeOptions, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lossless.encode(np.zeros((2, 3, 1), np.uint8), FrameLayout(2, 3), options)


# --- broken streams -----------------------------------------------------------------------------

PIXELS = _noise((6, 5, 1), 8, 3)
ONE = stream(PIXELS, 8, [Pass((0,))])
LAYOUT = FrameLayout(6, 5)


@pytest.mark.parametrize(
    ("octets", "layout", "message"),
    [
        (ONE, FrameLayout(5, 6), "6 rows, 5 columns"),
        (ONE, FrameLayout(6, 5, 3), "6 rows, 5 columns"),
        (stream(PIXELS, 12, [Pass((0,))]), LAYOUT, "12 bits"),
        (ONE.replace(b"\xff\xda\0\x08\1\1\0\1", b"\xff\xda\0\x08\1\1\0\0"), LAYOUT, "predictor 0"),
        (
            ONE.replace(b"\xff\xda\0\x08\1\1\0\1", b"\xff\xda\0\x08\1\1\0\x08"),
            LAYOUT,
            "predictor 8",
        ),
        (ONE.replace(b"\1\1\0\1\0\0", b"\1\1\0\1\0\x08"), LAYOUT, "point transform 8"),
        (ONE.replace(b"\xff\xdd\0\4\0\0", b"\xff\xdd\0\4\0\7"), LAYOUT, "no whole number of rows"),
        (ONE.replace(b"\xff\xdd\0\4\0\0", b"\xff\xdd\0\4\0\5"), LAYOUT, "1 restart intervals"),
        (ONE[:-20], LAYOUT, "ends too early"),
        (ONE[: ONE.index(b"\xff\xda") + 13] + b"\xff\xd9", LAYOUT, "3 bytes cannot hold 30"),
    ],
)
def test_what_is_refused(octets: bytes, layout: FrameLayout, message: str) -> None:
    with pytest.raises(CorruptStreamError, match=message) as caught:
        lossless.decode(octets, layout, 5)
    assert caught.value.frame == 5


@pytest.mark.parametrize("label", LABELS)
def test_faults_are_found_where_they_are(label: Label) -> None:
    pixels = _noise((4, 50, 1), 8, 1)
    octets = stream(pixels, 8, [Pass((0,), restart_rows=1)])
    last = parse(octets).scans[0].restarts[2] + 2
    ones = octets[:last] + b"\xff\x00" * 40 + b"\xff\xd9"  # 11111 is no code
    with kernels.using(label), pytest.raises(CorruptStreamError, match="out of its range") as bad:
        lossless.decode(ones, _layout(pixels, 8), 2)
    assert bad.value.offset == last
    cut = octets[: last + 20]
    with kernels.using(label), pytest.raises(CorruptStreamError, match="too early") as short:
        lossless.decode(cut, _layout(pixels, 8), 2)
    assert short.value.offset is not None
    assert last <= short.value.offset <= len(cut)


@pytest.mark.parametrize("label", LABELS)
def test_samples_that_no_cell_holds(label: Label) -> None:
    pixels = np.array([[[200], [300]], [[3], [4]]], np.uint16)
    for predictor in (1, 2):
        octets = stream(pixels, 8, [Pass((0,), predictor)])
        with kernels.using(label), pytest.raises(CorruptStreamError, match="out of its range"):
            lossless.decode(octets, FrameLayout(2, 2))


def test_a_tiny_stream_cannot_claim_memory() -> None:
    octets = b"\xff\xd8" + segment(0xC3, b"\x10\xff\xff\xff\xff\1\1\x11\0") + ONE[15:]
    with pytest.raises(CorruptStreamError, match="cannot hold 4294836225 samples"):
        lossless.decode(octets, FrameLayout(65535, 65535, 1, 16, 16))


def _verdict(octets: bytes, layout: FrameLayout, label: Label) -> bytes | str:
    """Return the pixels, or what is said of the stream."""
    with kernels.using(label):
        try:
            return lossless.decode(octets, layout).tobytes()
        except PydcmError as error:
            return f"{type(error).__name__}: {error}"


SEEDS = [
    stream(_noise((9, 8, 1), 16), 16, [Pass((0,), 1, tables=(STEEP,))]),
    stream(_noise((9, 8, 1), 12), 12, [Pass((0,), 6, restart_rows=2)]),
    stream(_noise((9, 8, 3), 8), 8, [Pass((0, 1, 2), 7, tables=(FLAT, STEEP))]),
    stream(_noise((9, 8, 3), 8), 8, [Pass((0, 2), 4), Pass((1,), 5, low=2)]),
]


@pytest.mark.parametrize("seed", SEEDS, ids=["left", "restarts", "tables", "scans"])
def test_every_truncation(seed: bytes) -> None:
    header = parse(seed)
    layout = FrameLayout(9, 8, len(header.frame.components), 16)
    whole = {_verdict(seed, layout, label) for label in LABELS}
    assert len(whole) == 1
    for size in range(len(seed)):
        found = {_verdict(seed[:size], layout, label) for label in LABELS}
        assert len(found) == 1
        # without EOI, and without bits that pad the last octet, nothing is missing
        assert size >= len(seed) - 2 or next(iter(found)).__class__ is str


@pytest.mark.parametrize("seed", SEEDS, ids=["left", "restarts", "tables", "scans"])
@given(st.data())
@settings(max_examples=150)
def test_every_implementation_says_the_same_of_broken_streams(
    seed: bytes, data: st.DataObject
) -> None:
    broken = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(seed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    components = len(parse(seed).frame.components)
    for allocated in (8, 16):
        layout = FrameLayout(9, 8, components, allocated)
        found = {_verdict(bytes(broken), layout, label) for label in LABELS}
        assert len(found) == 1
