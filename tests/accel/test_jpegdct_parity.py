"""The accelerator's JPEG kernels against the reference, and against numba where that is here.

numba runs the reference's own code, hundreds of times faster; that the two agree is tested
elsewhere, and here with a part of the cases.
"""

from __future__ import annotations

from array import array

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import kernels
from pydcm._codecs.jpeg import dct, dct_encoding
from pydcm._codecs.jpeg.dct_tables import ZIGZAG
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.kernels import Label, jpegdct
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL
from tests.accel import needs_accel
from tests.codecs.dct_streams import Pass, picture
from tests.codecs.test_jpeg_dct import STREAMS, _any_stream, _mutations, _verdict, layout_of
from tests.kernels.test_jpegdct import CODES, _blocks
from tests.shared import CORPUS, needs_corpus

pytestmark = needs_accel

FAST: Label = "numba" if "numba" in jpegdct.inverse.available() else "reference"
MUTATIONS = 2400 if FAST == "numba" else 160
SHARE = 40
"""Of so many cases one is run on the plain reference, too."""


def _same(name: str, buffers: list[object], outputs: list[int], labels: list[Label]) -> int:
    """Run a kernel on copies of its arguments and compare results and outputs."""
    found = []
    for label in labels:
        copies = [_copy(buffer) for buffer in buffers]
        result = kernels.kernels()[name].implementation(label)(*copies)
        found.append((result, [bytes(memoryview(copies[k])) for k in outputs]))  # type: ignore[arg-type]  # buffers all
    for label, one in zip(labels, found, strict=True):
        assert one == found[0], f"{label} differs from {labels[0]}"
    result = found[0][0]
    assert isinstance(result, int)
    return result


def _copy(buffer: object) -> object:
    if isinstance(buffer, np.ndarray):
        return buffer.copy().data
    if isinstance(buffer, (array, bytearray)):
        return buffer[:]
    return buffer


def _labels(case: int) -> list[Label]:
    both: list[Label] = [FAST, "accel"]
    return ["reference", *both] if case % SHARE == 0 and FAST != "reference" else both


# --- streams --------------------------------------------------------------------------


@needs_corpus
@pytest.mark.parametrize("path", STREAMS)
def test_real_streams_and_their_remains(path: str) -> None:
    stream = (CORPUS / path).read_bytes()
    layout = layout_of(stream)
    if FAST == "reference" and layout.cells > 100_000:
        pytest.skip("too large for the reference")
    assert _verdict(stream, layout, "accel") == _verdict(stream, layout, FAST)
    for broken in _mutations(stream, 8, len(stream)):
        assert _verdict(broken, layout, "accel") == _verdict(broken, layout, FAST)


def test_streams_of_every_form() -> None:
    for seed in range(5000, 5200 if FAST == "numba" else 5020):
        stream, _ = _any_stream(seed, 50 if seed % SHARE else 16)
        layout = layout_of(stream)
        verdicts = [_verdict(stream, layout, label) for label in _labels(seed)]
        assert all(verdict == verdicts[0] for verdict in verdicts), seed
        assert isinstance(verdicts[0], tuple)
        assert isinstance(verdicts[0][0], bytes)


def test_mutations() -> None:
    seen: dict[bool, int] = {False: 0, True: 0}
    for seed in range(MUTATIONS // 40):
        stream, _ = _any_stream(9000 + seed, 24)
        layout = layout_of(stream)
        for number, broken in enumerate(_mutations(stream, 40, seed)):
            verdicts = [_verdict(broken, layout, label) for label in _labels(number)]
            assert all(verdict == verdicts[0] for verdict in verdicts), (seed, number)
            seen[isinstance(verdicts[0], tuple) and isinstance(verdicts[0][0], bytes)] += 1
    assert min(seen.values()) > MUTATIONS // 20


def test_data_that_end_at_any_octet() -> None:
    rng = np.random.default_rng(4)
    shot = picture(rng, 16, 24, [(2, 1), (1, 1), (1, 1)], interval=1)
    stream = shot.stream([Pass((0, 1, 2))])
    layout = layout_of(stream)
    for end in range(stream.index(b"\xff\xda"), len(stream)):
        verdicts = [_verdict(stream[:end], layout, label) for label in ("accel", FAST)]
        assert verdicts[0] == verdicts[1], end


# --- transform ------------------------------------------------------------------------


def _coefficients(rng: np.random.Generator, count: int) -> NDArray[np.int16]:
    """Return blocks from tame to the limits of their type, more of them around one bound.

    A sum of absolute values of 5905 for 8 bits, 11811 for 12, is what 16 bits hold between
    the passes.
    """
    largest = rng.choice([3, 40, 200, 2000, 32768], (count, 1))
    values = rng.integers(-largest, largest, (count, 64))
    values[rng.random((count, 64)) > rng.random((count, 1))] = 0
    for block in range(0, count, 4):
        values[block] = 0
        bound = int(rng.choice([5905, 11811, 32767, 32768]))
        sign = int(rng.choice([-1, 1]))
        values[block, rng.integers(64)] = sign * min(bound + int(rng.integers(-1, 2)), 32767)
    return values.astype(np.int16)


SHAPES = [
    (8, 8, 1, 8, 1), (19, 30, 3, 8, 1), (24, 17, 1, 12, 2), (9, 40, 4, 12, 2),
    (16, 16, 1, 8, 2), (8, 23, 2, 8, 4), (5, 3, 3, 12, 8), (32, 32, 3, 8, 2),
]  # fmt: skip
"""Rows, columns, step, precision and octets of a cell."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("most", [1, 60, 255, 1023, 40000, 65535])
def test_inverse(shape: tuple[int, int, int, int, int], most: int) -> None:
    rows, columns, step, precision, octets = shape
    rng = np.random.default_rng(rows * columns + most)
    wide, high = -(-columns // 8) + 1, -(-rows // 8)
    for case in range(12):
        coefficients = _coefficients(rng, wide * high + 2)
        extents = bytearray(rng.choice([0, 1, 63], len(coefficients)).tolist())
        quantisation = array("i", rng.integers(1, most + 1, 64).tolist())
        target = np.full(rows * columns * step + 5, 7, f"u{octets}")
        sizes = array("q", (2, wide, rows, columns, step - 1, step, columns * step, precision))
        buffers = [coefficients.reshape(-1), extents, quantisation, sizes, target]
        count = _same("jpegdct.inverse", list(buffers), [4], _labels(case))
        assert count == rows * columns


def test_forward() -> None:
    rng = np.random.default_rng(3)
    for case in range(60):
        across, down = (int(size) for size in rng.integers(1, 5, 2))
        plane = rng.integers(0, 256, 64 * across * down).astype(np.uint8)
        if case % 3 == 0:
            plane = (plane // 128 * 255).astype(np.uint8)
        quantisation = array("i", rng.integers(1, 256, 64).tolist())
        blocks = np.zeros(64 * (1 + down * (across + 1)), np.int16)
        shape = array("q", (across, down, 1, across + 1))
        buffers = [plane, quantisation, shape, blocks]
        assert _same("jpegdct.forward", list(buffers), [3], _labels(case)) == across * down


# --- sampling -------------------------------------------------------------------------


@pytest.mark.parametrize("octets", [1, 2, 4, 8])
def test_sampling(octets: int) -> None:
    rng = np.random.default_rng(octets)
    for case in range(120):
        height, width = (int(size) for size in rng.integers(1, 40, 2))
        smooth = case % 2 == 0
        ratios = [(1, 2), (2, 1), (2, 2)] if smooth else [(1, 2), (4, 1), (2, 4), (3, 3)]
        vertical, horizontal = ratios[rng.integers(len(ratios))]
        rows = height * vertical - int(rng.integers(vertical))
        columns = width * horizontal - int(rng.integers(horizontal))
        step = int(rng.choice([1, 2, 3, 4]))
        top = 256 if octets == 1 else 4096
        small = rng.integers(0, top, height * width).astype(f"u{octets}")
        target = np.full(rows * columns * step, 9, f"u{octets}")
        sizes = (height, width, vertical, horizontal, rows, columns)
        shape = array("q", (*sizes, step - 1, step, columns * step))
        name = "jpegdct.upsample" if smooth else "jpegdct.replicate"
        assert _same(name, [small, shape, target], [2], _labels(case)) == rows * columns


def test_sampling_between_types() -> None:
    small = np.arange(12, dtype=np.uint8) * 21
    shape = array("q", (3, 4, 2, 2, 6, 8, 0, 1, 8))
    for name in ("jpegdct.upsample", "jpegdct.replicate"):
        target = np.zeros(48, np.int32)
        assert _same(name, [small, shape, target], [2], ["reference", "accel"]) == 48


# --- entropy coding -------------------------------------------------------------------


def test_encoded_scans() -> None:
    results = set()
    for seed in range(200):
        rng = np.random.default_rng(seed)
        count = int(rng.integers(1, 9))
        coefficients = _blocks(seed, count)
        if seed % 10 == 0:
            coefficients[rng.integers(count), rng.integers(64)] = rng.choice([-32768, 32767, 1024])
        interval = int(rng.choice([1, 3, count]))
        room = [600 * count, int(rng.integers(600, 1200)), 5][rng.integers(3)]
        scan = array("q", (int(rng.integers(1, count + 1)), count, interval))
        plan = array("q", (0, 1, scan[0], 0, 512, 768))
        cells = coefficients.reshape(-1)
        buffers: list[object] = [cells, scan, plan, CODES, ZIGZAG, bytearray(room)]
        found = []
        for label in _labels(seed):
            copies = [_copy(buffer) for buffer in buffers]
            size = kernels.kernels()["jpegdct.encode_scan"].implementation(label)(*copies)
            assert isinstance(size, int)
            assert isinstance(copies[5], bytearray)
            found.append((size, bytes(copies[5][: max(size, 0)])))
        assert all(one == found[0] for one in found), seed
        results.add(min(found[0][0], 0))
    assert results == {0, BAD_VALUE, OUTPUT_FULL}


@pytest.mark.parametrize("sampling", ["444", "422", "420", "440"])
@pytest.mark.parametrize("quality", [1, 60, 100])
def test_encoded_images(sampling: str, quality: int) -> None:
    rng = np.random.default_rng(quality)
    for rows, columns, interval in ((1, 1, 0), (17, 33, 2), (40, 24, 0)):
        layout = FrameLayout(rows, columns, 3, 8, 8, photometric="YBR_FULL")
        pixels = rng.integers(0, 256, layout.shape, np.uint8)
        options = EncodeOptions(quality=quality, subsampling=sampling, restart_interval=interval)
        streams = []
        for label in (FAST, "accel"):
            with kernels.using(label):
                streams.append(dct_encoding.encode(pixels, layout, options))
        assert streams[0] == streams[1]
        with kernels.using("accel"):
            accel = dct.decode(streams[0], layout)
        with kernels.using(FAST):
            assert (dct.decode(streams[0], layout) == accel).all()
