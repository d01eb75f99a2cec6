from __future__ import annotations

from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pydcm import kernels
from pydcm._codecs.jpeg.dct_tables import HUFFMAN, ZIGZAG, decoding_table, in_rows
from pydcm._codecs.jpeg.huffman import encoder
from pydcm.kernels import Label, jpegdct
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED

pytestmark = pytest.mark.parametrize("label", jpegdct.inverse.available())

FLAT = array("i", [1] * 64)


def _cosines() -> NDArray[np.float64]:
    """Return the transform of ISO 10918-1 A.3.3 as a matrix."""
    frequency, place = np.mgrid[:8, :8]
    matrix: NDArray[np.float64] = np.cos((2 * place + 1) * frequency * np.pi / 16) / 2
    matrix[0] /= np.sqrt(2)
    return matrix


def _inverse(
    coefficients: NDArray[np.int16], label: Label, precision: int = 8, extent: int = 63
) -> NDArray[np.generic]:
    """Return the samples of blocks that lie in one row, 64 coefficients each."""
    blocks = len(coefficients)
    samples = np.zeros(64 * blocks, np.uint16)
    shape = array("q", (0, blocks, 8, 8 * blocks, 0, 1, 8 * blocks, precision))
    extents = bytearray([extent]) * blocks
    with kernels.using(label):
        cells = coefficients.reshape(-1).data
        assert jpegdct.inverse(cells, extents, FLAT, shape, samples.data) == 64 * blocks
    return samples.reshape(8, blocks, 8).transpose(1, 0, 2)


def _forward(samples: NDArray[np.uint8], label: Label) -> NDArray[np.int16]:
    high, wide = samples.shape[0] // 8, samples.shape[1] // 8
    coefficients = np.zeros((high, wide, 8, 8), np.int16)
    shape = array("q", (wide, high, 0, wide))
    with kernels.using(label):
        count = jpegdct.forward(
            samples.reshape(-1).data, FLAT, shape, coefficients.reshape(-1).data
        )  # fmt: skip
    assert count == high * wide
    return coefficients


@pytest.mark.parametrize("precision", [8, 12])
def test_inverse_is_the_cosine_transform(label: Label, precision: int) -> None:
    rng = np.random.default_rng(precision)
    samples = rng.integers(0, 1 << precision, (40, 8, 8)).astype(float)
    matrix = _cosines()
    middle = 1 << precision - 1
    exact = np.round(matrix @ (samples - middle) @ matrix.T)
    coefficients = exact.astype(np.int16).reshape(-1, 64)
    expected = np.clip(np.round(matrix.T @ exact @ matrix + middle), 0, 2 * middle - 1)
    off = np.abs(_inverse(coefficients, label, precision) - expected)
    assert off.max() <= 1
    assert (off > 0).mean() < 0.1


def test_forward_is_the_cosine_transform(label: Label) -> None:
    samples = np.random.default_rng(1).integers(0, 256, (32, 48)).astype(np.uint8)
    blocks = samples.reshape(4, 8, 6, 8).transpose(0, 2, 1, 3).astype(float) - 128
    expected = _cosines() @ blocks @ _cosines().T
    assert np.abs(_forward(samples, label) - expected).max() <= 1


@pytest.mark.parametrize("precision", [8, 12])
def test_a_block_of_the_mean_alone_is_no_exception(label: Label, precision: int) -> None:
    values = np.arange(-(7 << precision), 7 << precision, 37, dtype=np.int16)
    coefficients = np.zeros((len(values), 64), np.int16)
    coefficients[:, 0] = values
    whole = _inverse(coefficients, label, precision)
    assert (_inverse(coefficients, label, precision, extent=0) == whole).all()
    assert (whole == whole[:, :1, :1]).all()


def test_samples_beyond_the_image_are_left_out(label: Label) -> None:
    coefficients = np.random.default_rng(2).integers(-90, 90, (6, 64)).astype(np.int16)
    whole = np.zeros(16 * 24, np.uint8)
    part = np.full(11 * 21 * 2, 77, np.uint8)
    extents = bytearray(b"\x3f\0\x3f\x3f\0\x3f")
    with kernels.using(label):
        for samples, rows, columns, step in ((whole, 16, 24, 1), (part, 11, 21, 2)):
            shape = array("q", (0, 3, rows, columns, step - 1, step, step * columns, 8))
            jpegdct.inverse(coefficients.reshape(-1).data, extents, FLAT, shape, samples.data)
    cut = part.reshape(11, 21, 2)
    assert (cut[..., 1] == whole.reshape(16, 24)[:11, :21]).all()
    assert (cut[..., 0] == 77).all()


# --- sampling -----------------------------------------------------------------------------------


def _sampled(
    small: NDArray[np.uint8], vertical: int, horizontal: int, size: tuple[int, int], label: Label,
    smooth: bool,
) -> NDArray[np.uint8]:  # fmt: skip
    samples = np.zeros(size, np.uint8)
    shape = array("q", (*small.shape, vertical, horizontal, *size, 0, 1, size[1]))
    run = jpegdct.upsample if smooth else jpegdct.replicate
    with kernels.using(label):
        count = run(small.reshape(-1).data, shape, samples.reshape(-1).data)
    assert count == samples.size
    return samples


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 2, 4]), st.data())
@settings(max_examples=30, deadline=None)
def test_replication_repeats(
    label: Label, rows: int, columns: int, ratio: int, data: st.DataObject
) -> None:
    small = np.random.default_rng(rows).integers(0, 256, (rows, columns), np.uint8)
    size = (
        rows * ratio - data.draw(st.integers(0, ratio - 1)),
        columns * ratio - data.draw(st.integers(0, ratio - 1)),
    )
    expected = small.repeat(ratio, axis=0).repeat(ratio, axis=1)[: size[0], : size[1]]
    assert (_sampled(small, ratio, ratio, size, label, False) == expected).all()


def _triangle(small: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    edges = [(1, 1) if axis == each else (0, 0) for each in range(2)]
    wider = np.pad(small, edges, mode="edge")
    low = np.take(wider, range(wider.shape[axis] - 2), axis)
    high = np.take(wider, range(2, wider.shape[axis]), axis)
    both = np.stack([3 * small + low, 3 * small + high], axis=axis + 1) / 4
    shape = [size * 2 if axis == each else size for each, size in enumerate(small.shape)]
    return both.reshape(shape)


@pytest.mark.parametrize(("vertical", "horizontal"), [(1, 2), (2, 1), (2, 2)])
@pytest.mark.parametrize("odd", [0, 1])
def test_interpolation_is_three_quarters_and_one(
    label: Label, vertical: int, horizontal: int, odd: int
) -> None:
    small = np.random.default_rng(odd).integers(0, 256, (7, 9), np.uint8)
    expected = small.astype(float)
    if vertical == 2:
        expected = _triangle(expected, 0)
    if horizontal == 2:
        expected = _triangle(expected, 1)
    size = (7 * vertical - odd * (vertical - 1), 9 * horizontal - odd * (horizontal - 1))
    found = _sampled(small, vertical, horizontal, size, label, True)
    off = found - expected[: size[0], : size[1]]
    assert np.abs(off).max() <= 0.5
    assert abs(off.mean()) < 0.1  # halves go either way


# --- entropy coding -----------------------------------------------------------------------------

CODES = array("i", [code for pair in HUFFMAN for each in pair for code in encoder(each)])
TABLES = array("i", [cell for pair in HUFFMAN for each in pair for cell in decoding_table(each)])


def _words(data: bytes) -> array[int]:
    padded = data.replace(b"\xff\x00", b"\xff")
    padded += bytes(-len(padded) % 4 + 4 * jpegdct.SLACK)
    return array("I", [int.from_bytes(padded[p : p + 4]) for p in range(0, len(padded), 4)])


def _encode(coefficients: NDArray[np.int16], room: int, label: Label) -> tuple[int, bytes]:
    count = len(coefficients)
    data = bytearray(room)
    plan = array("q", (0, 1, 0, 0, 512, 768))
    with kernels.using(label):
        size = jpegdct.encode_scan(
            coefficients.reshape(-1).data, array("q", (count, count, count)), plan, CODES, ZIGZAG,
            data,
        )  # fmt: skip
    return size, bytes(data[: max(size, 0)])


def _decode(
    words: array[int], bits: int, count: int, label: Label
) -> tuple[int, NDArray[np.int16], bytearray]:
    coefficients = np.zeros((count, 64), np.int16)
    extents = bytearray(count)
    plan = array("q", (0, 1, 0, 0, 2 * jpegdct.TABLE, 3 * jpegdct.TABLE))
    scan = array("q", (count, count, count, 0, 63, 0, 0))
    with kernels.using(label):
        result = jpegdct.decode_sequential(
            words, array("q", [0]), array("q", [bits]), scan, plan, TABLES, ZIGZAG,
            coefficients.reshape(-1).data, extents, array("q", (0, 0)),
        )  # fmt: skip
    return result, coefficients, extents


def _blocks(seed: int, count: int) -> NDArray[np.int16]:
    rng = np.random.default_rng(seed)
    largest = rng.choice([2, 40, 1023], (count, 1))
    values = rng.integers(-largest, largest + 1, (count, 64))
    values[rng.random((count, 64)) > rng.random((count, 1))] = 0
    return values.astype(np.int16)


@given(seed=st.integers(0, 1 << 30), count=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_coefficients_come_back(label: Label, seed: int, count: int) -> None:
    coefficients = _blocks(seed, count)
    size, data = _encode(coefficients, 600 * count, label)
    assert size == len(data) > 0
    bits = 8 * len(data.replace(b"\xff\x00", b"\xff"))
    result, found, extents = _decode(_words(data), bits, count, label)
    assert result == count
    assert (found == coefficients).all()
    ordered = coefficients[:, list(ZIGZAG)]
    ordered[:, 0] = 1
    assert list(extents) == [int(np.flatnonzero(block)[-1]) for block in ordered]


def test_encoding_stops_where_there_is_no_room(label: Label) -> None:
    coefficients = _blocks(1, 4)
    size, data = _encode(coefficients, 4000, label)
    for room in range(size):
        assert _encode(coefficients, room, label) == (OUTPUT_FULL, b"")
    assert _encode(coefficients, 3000, label) == (size, data)


def test_coefficients_without_a_code_are_refused(label: Label) -> None:
    coefficients = np.zeros((1, 64), np.int16)
    coefficients[0, 1] = 2048  # of 12 bits
    assert _encode(coefficients, 600, label) == (BAD_VALUE, b"")


def test_decoding_needs_slack_and_all_bits(label: Label) -> None:
    coefficients = _blocks(3, 3)
    _, data = _encode(coefficients, 1800, label)
    words = _words(data)
    bits = 8 * len(data.replace(b"\xff\x00", b"\xff"))
    assert _decode(words[:-9], bits, 3, label)[0] == TRUNCATED
    assert _decode(words, bits - 8, 3, label)[0] == TRUNCATED
    assert _decode(words, bits, 3, label)[0] == 3


def test_codes_of_no_table_are_refused(label: Label) -> None:
    ones = array("I", [0xFFFFFFFF] * (4 + jpegdct.SLACK))
    assert _decode(ones, 128, 1, label)[0] == BAD_VALUE


def test_the_order_of_coefficients_is_that_of_the_standard(label: Label) -> None:
    assert list(ZIGZAG[:16]) == [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5]
    assert list(ZIGZAG[-4:]) == [61, 54, 47, 55, 62, 63][-4:]
    assert sorted(ZIGZAG) == list(range(64))
    assert in_rows(tuple(range(64)))[8] == 2
