from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import kernels
from pydcm.kernels import Label, bits
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED

pytestmark = pytest.mark.parametrize("label", bits.unpack.available())


def test_least_significant_bit_comes_first(label: Label) -> None:
    pixels = np.full(8, 9, np.uint8)
    with kernels.using(label):
        assert bits.unpack(np.array([0b10000101], np.uint8), 0, pixels) == 8
    assert pixels.tolist() == [1, 0, 1, 0, 0, 0, 0, 1]


@given(st.binary(max_size=80), st.integers(0, 100), st.integers(0, 700))
def test_unpack_takes_any_stretch(label: Label, packed: bytes, start: int, count: int) -> None:
    octets = np.frombuffer(packed, np.uint8)
    pixels = np.full(count, 7, np.uint8)
    with kernels.using(label):
        result = bits.unpack(octets, start, pixels)
    if start + count > 8 * len(packed):
        assert result == TRUNCATED
        assert (pixels == 7).all()
    else:
        assert result == count
        expected = np.unpackbits(octets, bitorder="little")[start : start + count]
        assert pixels.tolist() == expected.tolist()


def test_unpack_more_than_a_block(label: Label) -> None:
    octets = np.random.default_rng(1).integers(0, 256, 20_011, np.uint8)
    pixels = np.empty(8 * 20_011 - 5, np.uint8)
    with kernels.using(label):
        assert bits.unpack(octets, 3, pixels) == len(pixels)
    assert (pixels == np.unpackbits(octets, bitorder="little")[3:-2]).all()


@given(st.lists(st.integers(0, 1), max_size=200), st.integers(0, 30), st.integers(0, 40))
def test_pack_is_the_inverse_of_unpack(
    label: Label, pixels: list[int], start: int, room: int
) -> None:
    packed = np.zeros(room, np.uint8)
    with kernels.using(label):
        result = bits.pack(np.array(pixels, np.uint8), packed, start)
        if start + len(pixels) > 8 * room:
            assert result == OUTPUT_FULL
            assert not packed.any()
            return
        assert result == len(pixels)
        again = np.empty(len(pixels), np.uint8)
        bits.unpack(packed, start, again)
    assert again.tolist() == pixels
    assert int(np.unpackbits(packed).sum()) == sum(pixels)


def test_pack_keeps_the_bits_before_its_start(label: Label) -> None:
    packed = np.array([0b00000111, 0], np.uint8)
    with kernels.using(label):
        assert bits.pack(np.array([1, 0, 0, 0, 0, 1], np.uint8), packed, 3) == 6
    assert packed.tolist() == [0b00001111, 0b00000001]


def test_pack_refuses_other_values(label: Label) -> None:
    packed = np.zeros(1, np.uint8)
    with kernels.using(label):
        assert bits.pack(np.array([0, 2], np.uint8), packed, 0) == BAD_VALUE
    assert not packed.any()


def test_no_implementation_takes_a_negative_start(label: Label) -> None:
    octets, pixels = np.zeros(4, np.uint8), np.zeros(4, np.uint8)
    with kernels.using(label):
        assert bits.unpack(octets, -1, pixels) == TRUNCATED
        assert bits.pack(pixels, octets, -1) == OUTPUT_FULL
