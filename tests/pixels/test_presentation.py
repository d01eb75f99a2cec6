from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pydcm.errors import ConformanceError, MissingElementError, UnsupportedValueError
from pydcm.pixels import apply_presentation_lut
from tests.pixels.making import BIG_ENDIAN
from tests.pixels.twins import Array, lut, outcome, same, twins

theirs = pytest.importorskip("pydicom.pixels.processing")

random = np.random.default_rng(5)
ARRAYS: list[Array] = [
    np.arange(256, dtype=np.uint8).reshape(16, 16),
    np.array([-128, -1, 0, 1, 127], np.int8),
    random.integers(0, 4096, (100, 90)).astype(np.uint16),
    np.arange(-2048, 2048, dtype=np.int16),
    random.normal(1000, 50, (40, 50)),
    np.array([0.0, 4095.0]),
    np.array([[10, 20], [30, 40]], np.int16),
]


@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE", " INVERSE"])
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: array.dtype.name)
def test_shape(array: Array, shape: str) -> None:
    ours, peer = twins(PresentationLUTShape=shape)
    found = apply_presentation_lut(array, ours)
    assert same(found, theirs.apply_presentation_lut(array, peer))
    assert (found is array) == (shape == "IDENTITY")


def test_inverse_of_other_arrays() -> None:
    ds, _ = twins(PresentationLUTShape="INVERSE")
    assert apply_presentation_lut(np.array([True, False]), ds).tolist() == [False, True]
    empty = np.zeros((0, 3), np.uint8)
    assert apply_presentation_lut(empty, ds).shape == (0, 3)


@pytest.mark.parametrize("shape", ["LIN OD", "FOO", ""])
def test_other_shapes(shape: str) -> None:
    ours, peer = twins(PresentationLUTShape=shape)
    expected = outcome(theirs.apply_presentation_lut, ARRAYS[0], peer)
    assert isinstance(expected, NotImplementedError)
    with pytest.raises(UnsupportedValueError, match="Shape"):
        apply_presentation_lut(ARRAYS[0], ours)


def test_neither_shape_nor_table() -> None:
    ds, _ = twins(PresentationLUTSequence=[])
    assert apply_presentation_lut(ARRAYS[0], ds) is ARRAYS[0]


@pytest.mark.parametrize(
    "table",
    [
        lut(4, 0, 10, [0, 100, 200, 300]),
        lut(1000, 0, 16, list(range(1000))),
        lut(256, 0, 12, [value * 16 for value in range(256)]),
        lut(4, 0, 10, [0xFFFF, 0x1234, 1, 0xABCD]),  # bits above the entries' are not theirs
        lut(4, 0, 8, b"\x01\x02\x03\xff", "OW"),
        lut(4, 0, 16, b"\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00", "OW"),
        lut(0, 0, 16, np.arange(65536, dtype="<u2").tobytes(), "OW"),
    ],
    ids=lambda table: str(table["LUTDescriptor"][1]),
)
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: array.dtype.name)
def test_table_is_spread_over_the_range(table: dict[str, Any], array: Array) -> None:
    ours, peer = twins(PresentationLUTSequence=[table], PresentationLUTShape="INVERSE")
    expected = outcome(theirs.apply_presentation_lut, array, peer)
    assert same(apply_presentation_lut(array, ours), expected)


@pytest.mark.parametrize(
    ("array", "expected"),
    [([5, 5], [7, 7]), ([np.nan, 1.0], [7, 7]), ([], [])],
)
def test_no_range_to_spread_over(array: list[float], expected: list[int]) -> None:
    ds, _ = twins(PresentationLUTSequence=[lut(2, 0, 16, [7, 9])])
    assert apply_presentation_lut(np.array(array), ds).tolist() == expected


def test_big_endian_table() -> None:
    ds, _ = twins(BIG_ENDIAN, PresentationLUTSequence=[lut(2, 0, 16, b"\x00\x01\x01\x00", "OW")])
    assert apply_presentation_lut(np.array([0, 1]), ds).tolist() == [1, 256]


def test_broken_tables() -> None:
    ds, _ = twins(PresentationLUTSequence=[lut(4, 0, 10, [1, 2])])
    with pytest.raises(ConformanceError, match="2 entries"):
        apply_presentation_lut(ARRAYS[0], ds)
    ds, _ = twins(PresentationLUTSequence=[{"LUTDescriptor": ("US", [4, 0, 16])}])
    with pytest.raises(MissingElementError, match="LUT Data"):
        apply_presentation_lut(ARRAYS[0], ds)
