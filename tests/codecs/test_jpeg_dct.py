from __future__ import annotations

import csv
import hashlib
import warnings
from collections.abc import Sequence
from functools import cache
from struct import pack
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import dcmread, encaps, kernels, limits
from pydcm._codecs.jpeg import dct, dct_encoding
from pydcm._codecs.jpeg.markers import parse
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, LimitError, PydcmError, UnsupportedSyntaxError
from pydcm.kernels import Label, jpegdct
from pydcm.pixels.colour import ybr_full_to_rgb
from tests.codecs.dct_streams import Pass, Picture, picture
from tests.recording import recorded
from tests.shared import CORPUS, needs_corpus

labels = pytest.mark.parametrize("label", jpegdct.decode_sequential.available())
SYNTAXES = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.53")


def layout_of(stream: bytes, **changes: Any) -> FrameLayout:
    frame = parse(stream).frame
    bits = 8 if frame.precision == 8 else 16
    made = {"samples": len(frame.components), "bits_allocated": bits, "bits_stored": bits}
    return FrameLayout(frame.rows, frame.columns, **{**made, **changes})


def decoded(stream: bytes, **changes: Any) -> NDArray[np.generic]:
    return dct.decode(stream, layout_of(stream, **changes))


# --- real files ---------------------------------------------------------------------------------


def _table(name: str) -> list[dict[str, str]]:
    path = CORPUS / name
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@cache
def _digests() -> dict[tuple[str, str], str]:
    return {(row["path"], row["variant"]): row["sha256"] for row in _table("expected_pixels.tsv")}


def _digest(pixels: NDArray[np.generic]) -> str:
    little = pixels.astype(pixels.dtype.newbyteorder("<"))
    return hashlib.sha256(little.tobytes()).hexdigest()


STREAMS = [
    row["path"]
    for row in _table("expected_pixels.tsv")
    if "jpeg-10918" in row["path"] and row["sha256"] and "SOF3" not in row["note"]
]
FILES = [
    row["path"]
    for row in _table("manifest.tsv")
    if row["transfer_syntax"] in SYNTAXES and _digests().get((row["path"], "raw"))
]


@needs_corpus
@labels
@pytest.mark.parametrize("path", STREAMS)
def test_streams_have_the_pixels_of_other_decoders(path: str, label: Label) -> None:
    if label == "reference" and path.endswith("jpeg400jfif.jpg"):
        pytest.skip("too large for the reference; others are not")
    with kernels.using(label):
        pixels = decoded((CORPUS / path).read_bytes())
    assert _digest(pixels.squeeze()) == _digests()[path, "raw"]


@needs_corpus
@pytest.mark.parametrize("path", FILES)
def test_files_have_the_pixels_of_other_decoders(path: str) -> None:
    pixels = _file(path)
    squeezed = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    assert _digest(squeezed) == _digests()[path, "raw"]
    rgb = _digests().get((path, "rgb"))
    if rgb:
        assert _digest(ybr_full_to_rgb(pixels)) == rgb


def _file(path: str, most: int = 1000) -> NDArray[np.generic]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd values in these files
        dataset = dcmread(CORPUS / path)
        count = int(dataset.get("NumberOfFrames", 1) or 1)
        frames = list(encaps.generate_frames(dataset.PixelData, number_of_frames=count))
    bits = int(dataset.BitsAllocated)
    return np.stack(
        [
            dct.decode(f, layout_of(f, bits_allocated=bits), n)
            for n, f in enumerate(frames[:most], 1)
        ]
    )


@needs_corpus
@pytest.mark.parametrize("path", [path for path in FILES if "SC_rgb" in path or "JPGEx" in path])
def test_the_reference_decodes_files_alike(path: str) -> None:
    compiled = _file(path, 1)
    with kernels.using("reference"):
        assert (_file(path, 1) == compiled).all()


@needs_corpus
def test_a_smaller_frame_is_refused_with_both_sizes() -> None:
    dataset = dcmread(CORPUS / "wsi/fo-dicom/multiframe.dcm")
    layout = FrameLayout(dataset.Rows, dataset.Columns, 3, 8, 8)
    frames = encaps.generate_frames(dataset.PixelData, number_of_frames=dataset.NumberOfFrames)
    for number, frame in enumerate(frames, 1):
        header = parse(frame).frame
        if (header.rows, header.columns) != (layout.rows, layout.columns):
            with pytest.raises(CorruptStreamError, match=f"{header.rows} rows.*{layout.rows}") as e:
                dct.decode(frame, layout, number)
            assert e.value.frame == number
            return
    pytest.fail("the file has no smaller frame")


# --- streams of every form ----------------------------------------------------------------------


def _passes(shot: Picture, interleaved: bool, rng: np.random.Generator) -> list[Pass]:
    """Return scans that bring all there is, in one of many ways."""
    parts = tuple(range(len(shot.parts)))
    together = [parts] if interleaved or len(parts) == 1 else [(part,) for part in parts]
    if shot.marker != 0xC2:
        return [Pass(some) for some in together]
    low = int(rng.integers(0, 4))
    passes = [Pass(some, 0, 0, 0, low) for some in together]
    for part in parts:
        bit, split = int(rng.integers(0, 3)), int(rng.integers(1, 63))
        passes += [Pass((part,), 1, split, 0, bit), Pass((part,), split + 1, 63, 0, bit)]
        passes += [Pass((part,), 1, 63, high, high - 1) for high in range(bit, 0, -1)]
    for high in range(low, 0, -1):
        passes += [Pass(some, 0, 0, high, high - 1) for some in together]
    return passes


FACTORS = [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (1, 4), (4, 2)]


def _any_stream(seed: int, most: int) -> tuple[bytes, Picture]:
    rng = np.random.default_rng(seed)
    count = int(rng.choice([1, 3, 3, 4]))
    factors = [FACTORS[rng.integers(len(FACTORS))] for _ in range(count)]
    precision, marker = [(8, 0xC0), (8, 0xC1), (12, 0xC1), (8, 0xC2), (12, 0xC2)][seed % 5]
    rows, columns = (int(size) for size in rng.integers(1, most, 2))
    interval = int(rng.choice([0, 0, 1, 3]))
    shot = picture(
        rng, rows, columns, factors, precision=precision, interval=interval, marker=marker
    )  # fmt: skip
    together = sum(h * v for h, v in factors) <= 10 and rng.random() < 0.6
    return shot.stream(_passes(shot, bool(together), rng)), shot


def _by_library(stream: bytes, shot: Picture) -> NDArray[np.generic]:
    imagecodecs = pytest.importorskip("imagecodecs")
    space = {1: "grayscale", 3: "ycbcr", 4: "cmyk"}[len(shot.parts)]
    found = imagecodecs.jpeg8_decode(stream, colorspace=space, outcolorspace=space)
    return np.asarray(found).reshape(shot.rows, shot.columns, len(shot.parts))


@labels
def test_equals_libjpeg_for_any_sampling_scans_and_precision(label: Label) -> None:
    count, most = (150, 50) if label == "numba" else (15, 24)
    for seed in range(count):
        stream, shot = _any_stream(seed, most)
        with kernels.using(label):
            pixels = decoded(stream)
        assert (pixels == _by_library(stream, shot)).all(), seed


@pytest.mark.slow
def test_equals_libjpeg_for_many_more() -> None:
    for seed in range(1000, 2000):
        stream, shot = _any_stream(seed, 70)
        assert (decoded(stream) == _by_library(stream, shot)).all(), seed


SIZES = [(1, 1), (1, 9), (2, 2), (3, 5), (8, 8), (16, 17), (33, 41)]


@pytest.mark.parametrize("sampling", ["444", "422", "420", "440", "411"])
def test_equals_libjpeg_for_its_own_streams(sampling: str) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    rng = np.random.default_rng(3)
    for rows, columns in SIZES:
        for quality in (1, 30, 75, 95, 100):
            pixels = rng.integers(0, 256, (rows, columns, 3), np.uint8)
            stream = imagecodecs.jpeg8_encode(
                pixels, quality, subsampling=sampling, optimize=bool(quality & 1)
            )
            expected = imagecodecs.jpeg8_decode(stream, outcolorspace="ycbcr")
            assert (decoded(stream) == expected).all()


def test_colours_are_those_of_libjpeg() -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    cb, cr = np.meshgrid(np.arange(256), np.arange(256))
    ybr = np.stack([np.full_like(cb, 128), cb, cr], axis=2).astype(np.uint8)
    pixels = ybr.repeat(8, axis=0).repeat(8, axis=1)  # one colour for each block: no loss
    layout = FrameLayout(2048, 2048, 3, photometric="YBR_FULL")
    stream = dct_encoding.encode(pixels, layout, EncodeOptions(quality=100))
    raw = dct.decode(stream, layout)
    assert (raw == pixels).all()
    expected = imagecodecs.jpeg8_decode(stream)
    # libjpeg's factors have 16 binary places, which tells in few shades of green
    off = np.abs(ybr_full_to_rgb(raw).astype(int) - expected)
    assert not off[..., ::2].any()
    assert off.max() <= 1
    assert (off > 0).mean() < 0.001


def test_wide_samples_in_cells_of_16_bits() -> None:
    stream, shot = _any_stream(2, 30)
    assert shot.precision == 12
    assert decoded(stream).max() > 255
    eight, _ = _any_stream(0, 30)
    widened = decoded(eight, bits_allocated=16)
    assert widened.dtype == np.uint16
    assert (widened == decoded(eight)).all()
    signed = decoded(eight, bits_allocated=16, signed=True)
    assert signed.dtype == np.int16
    assert (signed == widened).all()


def test_quantisation_tables_of_16_bits() -> None:
    shot = picture(np.random.default_rng(1), 20, 20, [(1, 1)], precision=12, marker=0xC1)
    shot.parts[0].table[3] = 300
    shot.parts[0].blocks[..., 3] = 5
    stream = shot.stream([Pass((0,))])
    assert (decoded(stream) == _by_library(stream, shot)).all()


def test_lines_that_are_told_after_the_first_scan() -> None:
    rng = np.random.default_rng(4)
    shot = picture(rng, 27, 13, [(2, 2), (1, 1), (1, 1)])
    expected = decoded(shot.stream([Pass((0, 1, 2))]))
    shot.with_lines = True
    assert (decoded(shot.stream([Pass((0, 1, 2))])) == expected).all()


# --- what is refused ----------------------------------------------------------------------------


def _grey(**changes: Any) -> Picture:
    rng = np.random.default_rng(7)
    return picture(rng, 24, 24, [(1, 1)], **changes)


def test_other_shapes_are_refused() -> None:
    stream = _grey().stream([Pass((0,))])
    for changes in ({"samples": 3},):
        with pytest.raises(CorruptStreamError, match="24 columns and 1 samples"):
            decoded(stream, **changes)
    with pytest.raises(CorruptStreamError, match=r"24 rows.*25"):
        dct.decode(stream, FrameLayout(25, 24))
    wide = _grey(precision=12, marker=0xC1).stream([Pass((0,))])
    with pytest.raises(CorruptStreamError, match="samples of 12 bits"):
        dct.decode(wide, FrameLayout(24, 24))


def test_lossless_streams_are_refused() -> None:
    shot = _grey(marker=0xC3)
    with pytest.raises(UnsupportedSyntaxError, match="SOF3"):
        decoded(shot.stream([Pass((0,), 1, 0)]))


def test_fractions_in_sampling_are_refused() -> None:
    shot = picture(np.random.default_rng(1), 24, 24, [(3, 1), (2, 1), (1, 1)])
    with pytest.raises(UnsupportedSyntaxError, match="whole ratios"):
        decoded(shot.stream([Pass((0, 1, 2))]))


def test_large_claims_are_refused_before_memory_is_taken() -> None:
    stream = bytearray(_grey().stream([Pass((0,))]))
    at = stream.index(b"\xff\xc0") + 5
    stream[at : at + 4] = pack(">HH", 60_000, 60_000)
    with pytest.raises((CorruptStreamError, LimitError)):
        dct.decode(bytes(stream), FrameLayout(60_000, 60_000))
    stream[at : at + 4] = pack(">HH", 4_000, 4_000)
    with pytest.raises(CorruptStreamError, match="cannot hold 250000 blocks"):
        dct.decode(bytes(stream), FrameLayout(4_000, 4_000))
    with limits.using(max_frame_pixels=500), pytest.raises(LimitError, match="max_frame_pixels"):
        dct.decode(_grey().stream([Pass((0,))]), FrameLayout(24, 24))


@labels
def test_data_that_end_early_are_refused(label: Label) -> None:
    stream = _grey().stream([Pass((0,))])
    scan = parse(stream).scans[0]
    for cut in range(scan.first, scan.last - 2):
        with kernels.using(label), pytest.raises(CorruptStreamError) as caught:
            decoded(stream[:cut] + b"\xff\xd9")
        assert caught.value.frame == 1
        assert caught.value.offset is not None
        assert caught.value.offset <= cut


def test_data_after_the_last_block_are_left_out_with_a_warning() -> None:
    stream = _grey().stream([Pass((0,))])
    last = parse(stream).scans[0].last
    expected = decoded(stream)
    with pytest.warns(UserWarning, match="3 bytes of JPEG data of frame 1"):
        found = decoded(stream[:last] + b"\x12\x34\x56" + stream[last:])
    assert (found == expected).all()


def test_restart_intervals_that_hold_too_much_are_refused() -> None:
    stream = _grey(interval=2).stream([Pass((0,))])
    at = stream.index(b"\xff\xd0")
    with pytest.raises(CorruptStreamError, match="out of place"):
        decoded(stream[:at] + b"\x00\x00\x00" + stream[at:])


def test_endless_scans_of_little_data_are_refused() -> None:
    shot = picture(np.random.default_rng(1), 200, 200, [(1, 1)], marker=0xC2)
    shot.parts[0].blocks[:] = 0
    passes = [Pass((0,), 0, 0, 0, 0)]
    for k in range(1, 64):
        passes += [Pass((0,), k, k, 0, 3)]
        passes += [Pass((0,), k, k, high, high - 1) for high in range(3, 0, -1)]
    with pytest.raises(CorruptStreamError, match="253 scans in"):
        decoded(shot.stream(passes))


INCOMPLETE: list[tuple[list[Pass], str]] = [
    ([Pass((0,), 0, 0, 0, 0)], "ends before the last scan"),
    ([Pass((0,), 0, 0, 0, 1), Pass((0,), 1, 63)], "ends before the last scan"),
    ([Pass((0,), 1, 63)], "do not follow"),
    ([Pass((0,), 0, 0), Pass((0,), 0, 0)], "do not follow"),
    ([Pass((0,), 0, 0), Pass((0,), 1, 63, 1, 0)], "do not follow"),
    ([Pass((0,), 0, 0, 0, 2), Pass((0,), 0, 0, 2, 0)], "from bit 2 to bit 0"),
    ([Pass((0,), 0, 0, 0, 14)], "from bit 0 to bit 14"),
    ([Pass((0,), 0, 63)], "coefficients 0 to 63"),
]


@pytest.mark.parametrize(("passes", "message"), INCOMPLETE)
def test_progressions_with_gaps_are_refused(passes: list[Pass], message: str) -> None:
    stream = _grey(marker=0xC2).stream(passes)
    with pytest.raises(CorruptStreamError, match=message):
        decoded(stream)


def _verdict(stream: bytes, layout: FrameLayout, label: Label) -> object:
    with kernels.using(label), recorded() as told:
        try:
            pixels = dct.decode(stream, layout)
        except PydcmError as error:
            return type(error), str(error)
        return pixels.tobytes(), [str(one.message) for one in told]


def _mutations(stream: bytes, count: int, seed: int) -> Sequence[bytes]:
    rng = np.random.default_rng(seed)
    made = [stream[: rng.integers(len(stream))] for _ in range(count // 4)]
    for _ in range(count - len(made)):
        changed = bytearray(stream)
        for _ in range(rng.integers(1, 4)):
            changed[rng.integers(len(changed))] = rng.integers(256)
        made.append(bytes(changed))
    return made


@pytest.mark.skipif("numba" not in jpegdct.decode_sequential.available(), reason="needs numba")
@pytest.mark.parametrize(
    ("marker", "interval", "precision"), [(0xC0, 0, 8), (0xC1, 2, 12), (0xC2, 0, 8), (0xC2, 2, 12)]
)
def test_broken_streams_have_one_verdict(marker: int, interval: int, precision: int) -> None:
    rng = np.random.default_rng(9)
    shot = picture(
        rng, 17, 19, [(2, 2), (1, 1), (1, 1)], marker=marker, interval=interval,
        precision=precision,
    )  # fmt: skip
    stream = shot.stream(_passes(shot, True, rng))
    layout = layout_of(stream)
    refused = 0
    for number, broken in enumerate(_mutations(stream, 120, marker + interval)):
        verdicts = [_verdict(broken, layout, label) for label in ("reference", "numba")]
        assert verdicts[0] == verdicts[1], number
        refused += isinstance(verdicts[0], tuple) and isinstance(verdicts[0][0], type)
    assert refused > 30
