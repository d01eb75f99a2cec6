"""The accelerator's lossless JPEG against the reference: the same bytes, or the same error."""

from __future__ import annotations

import random
from array import array
from itertools import islice
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import kernels
from pydcm._codecs.jpeg.lossless import decode, encode
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import BackendError
from pydcm.kernels import Label, jpegentropy, jpeglossless
from pydcm.kernels.status import OUTPUT_FULL
from tests.accel import needs_accel
from tests.accel.outcomes import FAST, agreed, damaged, failed
from tests.codecs.corpus_frames import Expected, encoded_frames, expected, model_of, of_codec
from tests.codecs.lossless_streams import FLAT, STEEP, Pass, stream
from tests.shared import needs_corpus

pytestmark = needs_accel

ALL: tuple[Label, ...] = ("accel", FAST, "reference")


def image(kind: str, samples: int, bits: int, seed: int) -> NDArray[Any]:
    """Return a picture with much or little to predict, of any size."""
    dice = np.random.default_rng(seed)
    shape = int(dice.integers(1, 14)), int(dice.integers(1, 30)), samples
    cell = np.uint8 if bits <= 8 else np.uint16
    top = (1 << bits) - 1
    if kind == "noise":
        return dice.integers(0, top, shape, cell, endpoint=True)
    if kind == "extreme":
        return np.where(dice.random(shape) > 0.5, top, 0).astype(cell)
    slope = np.linspace(0, 0.9 * top, shape[1])[:, np.newaxis]
    return np.clip(slope + dice.integers(0, 1 + seed % 5, shape), 0, top).astype(cell)


def layout_of(pixels: NDArray[Any], bits: int) -> FrameLayout:
    rows, columns, samples = pixels.shape
    return FrameLayout(rows, columns, samples, 8 * pixels.itemsize, bits)


@pytest.mark.parametrize("predictor", range(1, 8))
@pytest.mark.parametrize("bits", range(2, 17))
def test_every_depth_and_predictor(bits: int, predictor: int) -> None:
    for k, kind in enumerate(("smooth", "noise", "extreme", "smooth")):
        seed = 100 * bits + 10 * predictor + k
        pixels = image(kind, (1, 3, 4)[seed % 3], bits, seed)
        layout = layout_of(pixels, bits)
        options = EncodeOptions(
            predictor=predictor, restart_interval=(0, 2)[k % 2] * layout.columns
        )
        more: tuple[Label, ...] = ("reference",) if k == bits % 4 else ()
        encoded = agreed(lambda: encode(pixels, layout, options), FAST, *more)  # noqa: B023  # called at once
        assert not failed(encoded)
        found = agreed(lambda: decode(encoded[0], layout), FAST, *more)  # type: ignore[arg-type]  # noqa: B023  # called at once
        assert found == ((str(pixels.dtype), pixels.shape, pixels.tobytes()),)


SCANS = {
    "a table for each": [Pass((0, 1, 2), 1, tables=(FLAT, STEEP, FLAT))],
    "one table": [Pass((0, 1, 2), 6, tables=(STEEP,), restart_rows=2)],
    "a scan for each": [Pass((0,), 1), Pass((1,), 4, tables=(STEEP,)), Pass((2,), 7)],
    "two together": [Pass((0, 2), 1, restart_rows=3), Pass((1,), 2, 1)],
    "in one scan, shifted": [Pass((0, 1, 2), 5, 2)],
}


@pytest.mark.parametrize("form", SCANS)
def test_every_form(form: str) -> None:
    for seed in range(12):
        bits = (8, 16)[seed % 2]
        pixels = image(("smooth", "noise", "extreme")[seed % 3], 3, bits, seed)
        data = stream(pixels, bits, SCANS[form])
        layout = layout_of(pixels, bits)
        assert not failed(agreed(lambda: decode(data, layout), FAST, "reference"))  # noqa: B023  # called at once


def _streams() -> list[tuple[bytes, FrameLayout]]:
    found = []
    for k, passes in enumerate(SCANS.values()):
        pixels = image("smooth", 3, 8 + 8 * (k % 2), 40 + k)
        found.append((stream(pixels, 8 + 8 * (k % 2), passes), layout_of(pixels, 16)))
    for k, predictor in enumerate((1, 1, 1, 2, 4, 7)):
        bits = (8, 12, 16)[k % 3]
        pixels = image(("noise", "smooth")[k % 2], 1 + 2 * (k % 2), bits, 60 + k)
        layout = layout_of(pixels, bits)
        options = EncodeOptions(predictor=predictor, restart_interval=(k % 3) * layout.columns)
        with kernels.using(FAST):
            found.append((encode(pixels, layout, options), layout))
    return found


def test_damaged_streams() -> None:
    """Some 2,400 of them; the reference takes part in each twentieth."""
    dice = random.Random(6)
    refused = 0
    for data, layout in _streams():
        for k, broken in enumerate(islice(damaged(data, dice, 80), 220)):
            more: tuple[Label, ...] = ("reference",) if k % 20 == 0 else ()
            found = agreed(lambda: decode(broken, layout, 3), FAST, *more)  # noqa: B023  # called at once
            refused += failed(found)
    assert 400 < refused < 2400


# The golden streams are decoded by every implementation in tests/codecs/test_jpeg_lossless.py.

ROWS = expected("", ending=".dcm")


@needs_corpus
@pytest.mark.parametrize("row", of_codec(ROWS, "jpeg-lossless") if ROWS else [], ids=str)
def test_real_files(row: Expected) -> None:
    model = model_of(row)
    for k, data in enumerate(encoded_frames(model)[:2]):
        agreed(lambda: decode(data, model.layout, k + 1))  # noqa: B023  # called at once


# --- single kernels ------------------------------------------------------------------------------


def some_data(dice: random.Random) -> bytes:
    weights = dice.choice(((1, 1, 1, 1, 1), (9, 1, 1, 0, 90), (2, 2, 0, 9, 5), (0, 0, 0, 0, 1)))
    octets = bytes(dice.choices((255, 0, 0xD0, 0xD7, 0x35), weights, k=dice.randrange(120)))
    return octets + dice.choice((b"", b"\xff", b"\xff\xd9", b"\xff\xff\xd3"))


def test_markers() -> None:
    dice = random.Random(1)
    seen = 0
    for case in range(800):
        data = some_data(dice)
        start = dice.randrange(len(data) + 2)
        room = dice.choice((0, 1, 3, 100))
        found = []
        for label in ALL:
            places = array("q", bytes(8 * room))
            count = jpegentropy.find_markers.implementation(label)(data, start, places)
            found.append((count, places))
            seen += count
        assert found[0] == found[1] == found[2], case
    assert seen > 800


def test_unstuffing() -> None:
    dice = random.Random(2)
    full = 0
    for case in range(800):
        data = some_data(dice)
        cuts = sorted(dice.randrange(len(data) + 1) for _ in range(2 * dice.randrange(1, 4)))
        pieces = array("q", cuts)
        count = len(cuts) // 2
        room = sum(cuts[1::2]) - sum(cuts[::2]) + 3 * count + jpegentropy.MARGIN
        room -= dice.choice((0, 0, 0, 3 * count, 20))
        found = []
        for label in ALL:
            octets = bytearray(b"\7" * room)
            starts, ends = (array("q", bytes(8 * count)) for _ in range(2))
            run = jpegentropy.unstuff.implementation(label)
            words = run(data, pieces, octets, starts, ends)
            kept = octets[: ends[-1] // 8 + jpegentropy.MARGIN]
            found.append((words, kept, starts, ends) if words >= 0 else (words,))
        full += found[0][0] == OUTPUT_FULL
        assert found[0] == found[1] == found[2], case
    assert 50 < full < 500


def test_differences() -> None:
    dice = np.random.default_rng(3)
    categories = bytes(magnitude.bit_length() for magnitude in range(32769))
    full = 0
    for case in range(400):
        size = int(dice.integers(1, 80))
        diff = dice.integers(-32767, 32769, size).astype(np.int32) >> int(dice.integers(0, 16))
        codes = array("i", dice.integers(0, 1 << 16, 256).tolist())
        for ssss, length in enumerate(dice.integers(1, 17, 17).tolist()):
            codes[ssss] = length << 16 | codes[ssss] >> (16 - length)
        interval = int(dice.integers(1, 90))
        room = int(dice.integers(0, 4 * size + 20))
        found = []
        for label in ALL:
            octets, ends = bytearray(room), array("q", bytes(8 * size))
            run = jpeglossless.encode_scan.implementation(label)
            try:
                count = run(diff.data, categories, codes, interval, octets, ends)
            except IndexError:  # the check of the room is one for bits that fill octets
                continue
            found.append((count, octets[: max(count, 0)], ends if count >= 0 else None))
        full += found[0][0] == OUTPUT_FULL
        assert all(each == found[0] for each in found), case
    assert 50 < full < 350


def test_what_no_caller_does_is_no_crash() -> None:
    plan = array("q", [4, 1, 1, 1, 128, 2, 255, 1, 0])
    words, places = array("I", bytes(40)), array("q", [0])
    short, full = array("i", bytes(4 << 13)), array("H", bytes(2 << 16))
    run = jpeglossless.decode_scan.implementation("accel")
    state = array("q", [0, 0])
    for k, wrong in ((0, 0), (1, 0), (2, 5), (3, 8), (5, 0), (7, 0), (8, 1)):
        numbers = plan[:]
        numbers[k] = wrong
        with pytest.raises(BackendError, match=r"jpeglossless\.decode_scan"):
            run(words, places, places, short, full, numbers, bytearray(8), state)
    with pytest.raises(BackendError, match="short table"):
        run(words, places, places, short[1:], full, plan, bytearray(8), state)
