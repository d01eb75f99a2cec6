"""The accelerator's JPEG-LS against the reference: the same bytes, or the same error."""

from __future__ import annotations

import random
from array import array
from itertools import islice, product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import kernels
from pydcm._codecs.jpegls import decode
from pydcm._codecs.jpegls.coding import Preset
from pydcm._codecs.jpegls.encoding import encode_components
from pydcm._codecs.jpegls.markers import Interleave
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import BackendError
from pydcm.kernels import Label, jpegls
from pydcm.kernels.status import OUTPUT_FULL
from tests.accel import needs_accel
from tests.accel.outcomes import FAST, agreed, damaged, failed
from tests.codecs.corpus_frames import Expected, encoded_frames, expected, model_of, of_codec
from tests.codecs.jpegls_images import layout_of, smooth
from tests.shared import needs_corpus

pytestmark = needs_accel

ALL: tuple[Label, ...] = ("accel", FAST, "reference")
SCANS = (
    (1, Interleave.NONE), (2, Interleave.LINE), (3, Interleave.LINE), (2, Interleave.SAMPLE),
    (3, Interleave.SAMPLE), (4, Interleave.SAMPLE), (3, Interleave.NONE),
)  # fmt: skip


def image(kind: str, components: int, bits: int, seed: int) -> NDArray[Any]:
    """Return a picture with much or little to predict, of an odd size."""
    dice = np.random.default_rng(seed)
    shape = int(dice.integers(1, 24)), int(dice.integers(1, 40)), components
    cell = np.uint8 if bits <= 8 else np.uint16
    top = (1 << bits) - 1
    match kind:
        case "smooth":
            return smooth(*shape, bits, seed=seed, noise=1 + seed % 9)
        case "noise":
            return dice.integers(0, top, shape, cell, endpoint=True)
        case "flat":
            return np.where(dice.random(shape) > 0.97, top, 0).astype(cell)
        case _:  # nothing but extremes, so that errors wrap around
            return np.where(dice.random(shape) > 0.5, top, 0).astype(cell)


def both_ways(
    pixels: NDArray[Any],
    bits: int,
    near: int,
    mode: int,
    restart: int,
    preset: Preset,
    *more: Label,
) -> None:
    """Encode and decode on all implementations."""
    encoded = agreed(
        lambda: encode_components(pixels, bits, near, mode, restart, preset), FAST, *more
    )
    assert not failed(encoded), encoded
    stream = encoded[0]
    assert isinstance(stream, bytes)
    layout = layout_of(pixels, bits)
    found = agreed(lambda: decode(stream, layout), FAST, *more)
    assert not failed(found), found
    if near == 0:
        assert found[0][2] == pixels.tobytes()  # type: ignore[index]  # an array's outcome is a tuple


@pytest.mark.parametrize("kind", ["smooth", "noise", "flat", "extreme"])
@pytest.mark.parametrize("bits", range(2, 17))
def test_every_depth(kind: str, bits: int) -> None:
    for k, (components, mode) in enumerate(SCANS):
        for near in {0, 1, min(3, ((1 << bits) - 1) // 2)}:
            more: tuple[Label, ...] = ("reference",) if (k + bits) % 7 == 0 else ()
            pixels = image(kind, components, bits, 100 * bits + k)
            both_ways(pixels, bits, near, mode, (0, 1, 3)[k % 3], Preset(), *more)


@pytest.mark.parametrize("near", [0, 2, 30, 127])
def test_preset_parameters(near: int) -> None:
    presets = [
        Preset(RESET=3), Preset(RESET=255), Preset(0, 200, 200, 200, 9), Preset(254, 0, 0, 0, 0),
        Preset(255, 128, 129, 255, 31),
    ]  # fmt: skip
    for seed, (preset, (components, mode)) in enumerate(product(presets, SCANS)):
        pixels = np.minimum(image("smooth", components, 8, seed), preset.MAXVAL or 255)
        both_ways(pixels.astype(np.uint8), 8, near, mode, 0, preset)
    wide = image("noise", 1, 16, 5)
    both_ways(wide, 16, near, Interleave.NONE, 0, Preset(RESET=65535))


def _streams() -> list[tuple[bytes, FrameLayout]]:
    found = []
    for k, ((components, mode), bits) in enumerate(product(SCANS, (8, 12, 16))):
        pixels = smooth(9, 14, components, bits, seed=k, noise=1 << (k % 5))
        near, restart = (0, 2)[k % 2], (0, 4)[k % 3 == 0]
        with kernels.using(FAST):
            stream, _ = encode_components(pixels, bits, near, mode, restart)
        found.append((stream, layout_of(pixels, bits)))
    return found


def test_damaged_streams() -> None:
    """Some 2,500 of them; the reference takes part in each twentieth."""
    dice = random.Random(4)
    refused = 0
    for stream, layout in _streams():
        for k, broken in enumerate(islice(damaged(stream, dice, 40), 120)):
            more: tuple[Label, ...] = ("reference",) if k % 20 == 0 else ()
            found = agreed(lambda: decode(broken, layout, 3), FAST, *more)  # noqa: B023  # called at once
            refused += failed(found)
    assert 500 < refused < 2500


# The golden streams are decoded by every implementation in tests/codecs/test_jpegls.py.

ROWS = expected("")


@needs_corpus
@pytest.mark.parametrize("row", of_codec(ROWS, "jpeg-ls") if ROWS else [], ids=str)
def test_real_files(row: Expected) -> None:
    model = model_of(row)
    for k, data in enumerate(encoded_frames(model)[:2]):
        assert not failed(agreed(lambda: decode(data, model.layout, k + 1)))  # noqa: B023  # called at once


@needs_corpus
@pytest.mark.parametrize("row", expected("codestreams/jpeg-ls"), ids=str)
def test_real_streams(row: Expected) -> None:
    data = row.data
    agreed(lambda: decode(data, row.layout))


# --- single kernels ------------------------------------------------------------------------------


def test_unstuffing() -> None:
    dice = random.Random(1)
    for case in range(600):
        weights = dice.choice(((1, 1, 1, 1, 1), (9, 1, 1, 0, 40), (2, 2, 0, 9, 5)))
        some = dice.choices((255, 0, 0xD0, 0x7F, 0x35), weights, k=dice.randrange(90))
        src = bytes(some)
        count = dice.randrange(1, 4)
        start = dice.randrange(len(src) + 1)
        short = case % 10 == 0
        found = []
        for label in ALL:
            windows = array("I", bytes(4 * (len(src) - start + jpegls.MARGIN * count - short)))
            intervals = array("q", bytes(24 * count))
            run = jpegls.unstuff.implementation(label)
            end = run(src, start, windows, intervals)
            found.append((end, windows, intervals) if end >= 0 else (end,))
            assert (end == OUTPUT_FULL) == short
        assert found[0] == found[1] == found[2], case


def test_stuffing() -> None:
    dice = random.Random(2)
    full = 0
    for case in range(600):
        words, places = array("I"), array("q")
        for _ in range(dice.randrange(1, 4)):
            bits = dice.randrange(400)
            places.extend((len(words), bits))
            ones = dice.random() < 0.5
            padded = "".join(dice.choice("01111111" if ones else "01") for _ in range(bits))
            padded += "0" * (-bits % jpegls.WORD)
            words.extend(int(padded[k : k + 24], 2) for k in range(0, len(padded), 24))
        size = sum(places[1::2]) // 7 + 8 * len(places) // 2 - dice.choice((0, 0, 30))
        found = []
        for label in ALL:
            octets = bytearray(max(0, size))
            run = jpegls.stuff.implementation(label)
            status = run(words, places, octets)
            found.append((status, octets) if status >= 0 else (status,))
        full += found[0][0] == OUTPUT_FULL
        assert found[0] == found[1] == found[2], case
    assert 0 < full < 300


def test_too_few_words() -> None:
    coding = array("q", [255, 0, 256, 8, 32, 64, 4, 9, 1, 4])
    table = bytes([1] * 255 + [4] + [7] * 255)
    cells = np.arange(45, dtype=np.uint16)
    for room in range(30):
        found = set()
        for label in ALL:
            words, intervals = array("I", bytes(4 * room)), array("q", bytes(16))
            run = jpegls.encode_lines.implementation(label)
            status = run(cells.copy().data, table, coding, words, intervals)
            found.add((status, tuple(words[: max(0, status)])))
        assert len(found) == 1, room


def test_what_no_caller_does_is_no_crash() -> None:
    windows, intervals = array("I", bytes(80)), array("q", [24, 24, 0])
    cells, state = np.zeros(40, np.uint16).data, array("q", [0])
    coding = [255, 0, 256, 8, 32, 64, 1, 4, 1, 1]
    table = bytes([4]) * 511
    run = jpegls.decode_lines.implementation("accel")
    for k, wrong in ((0, 70000), (4, 0), (5, 0), (7, 0), (7, 1 << 40), (9, 0)):
        numbers = array("q", coding)
        numbers[k] = wrong
        with pytest.raises(BackendError, match=r"jpegls\.decode_lines"):
            run(windows, intervals, table, numbers, cells, state)
    with pytest.raises(BackendError, match="gradients"):
        run(windows, intervals, table[:-1], array("q", coding), cells, state)
    with pytest.raises(TypeError):
        run(windows, intervals, table, array("i", coding), cells, state)
