from __future__ import annotations

from collections import Counter
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm._codecs.jpeg.huffman import HuffmanSpec, encoder, lookup, optimal

DC_LUMINANCE = HuffmanSpec(bytes([0, 1, 5, 1, 1, 1, 1, 1, 1] + [0] * 7), bytes(range(12)))
"""ISO 10918-1 Table K.3."""

frequencies = st.lists(st.integers(0, 10**6), min_size=1, max_size=256)


def _written(spec: HuffmanSpec) -> dict[int, str]:
    pairs = zip(spec.codes(), spec.values, strict=True)
    return {value: format(code, f"0{size}b") for (code, size), value in pairs}


def test_codes_of_the_typical_table() -> None:
    assert _written(DC_LUMINANCE) == {
        0: "00", 1: "010", 2: "011", 3: "100", 4: "101", 5: "110", 6: "1110", 7: "11110",
        8: "111110", 9: "1111110", 10: "11111110", 11: "111111110",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "values", "message"),
    [
        (bytes(15), b"", "15 counts"),
        (bytes([1] + [0] * 15), b"", "1 codes and 0 values"),
        (bytes([0] * 16), b"a", "0 codes and 1 values"),
        (bytes([3] + [0] * 15), b"abc", "leave room"),
        (bytes([1, 2, 1] + [0] * 13), b"abcd", "leave room"),
    ],
)
def test_what_is_no_table(counts: bytes, values: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HuffmanSpec(counts, values)


def test_a_full_table_is_one_although_its_last_code_is_reserved() -> None:
    assert _written(HuffmanSpec(bytes([2] + [0] * 15), b"\x05\x06")) == {5: "0", 6: "1"}


@given(frequencies, st.integers(1, 16))
def test_lookup_finds_the_code_that_the_bits_begin_with(times: list[int], width: int) -> None:
    spec = optimal(times)
    found = lookup(spec, width)
    assert len(found) == 1 << width
    codes = {code: value for value, code in _written(spec).items()}
    for index in range(0, 1 << width, max(1, (1 << width) // 97)):
        bits = format(index, f"0{width}b")
        begins = [bits[:size] for size in range(1, width + 1) if bits[:size] in codes]
        expected = len(begins[0]) << 8 | codes[begins[0]] if begins else 0
        assert found[index] == expected


@given(frequencies)
def test_encoders_have_the_same_codes(times: list[int]) -> None:
    spec = optimal(times)
    table = encoder(spec)
    written = _written(spec)
    for value in range(256):
        size, code = divmod(table[value], 1 << 16)
        assert (format(code, f"0{size}b") if size else None) == written.get(value)


@given(frequencies)
def test_the_best_table(times: list[int]) -> None:
    spec = optimal(times)
    codes = _written(spec)
    assert set(codes) == {value for value, count in enumerate(times) if count}
    assert all(len(code) <= 16 and "0" in code for code in codes.values())
    total = sum(times)
    if not total:
        return
    # Huffman's codes are within a bit of the entropy, and so they are with the code that is
    # reserved, which is as rare as can be; what the limit of 16 bits adds is less here.
    entropy = sum(count * log2(total / count) for count in times if count)
    cost = sum(count * len(codes[value]) for value, count in enumerate(times) if count)
    assert entropy <= cost + 1e-6 * total
    assert cost <= entropy + total * 1.1 + 16


def test_the_best_table_beats_every_other_of_four_values() -> None:
    times = [50, 20, 20, 9]
    codes = _written(optimal(times))
    assert sum(count * len(codes[k]) for k, count in enumerate(times)) == 50 + 40 + 60 + 36


def test_codes_that_would_be_too_long() -> None:
    times = [1, 1]
    while len(times) < 40:
        times.append(times[-1] + times[-2])  # the deepest of trees
    spec = optimal(times)
    lengths = {value: len(code) for value, code in _written(spec).items()}
    assert max(lengths.values()) == 16
    assert len(lengths) == 40
    ranked = [lengths[value] for value in range(40)]
    assert ranked == sorted(ranked, reverse=True)  # rarer is never shorter
    assert Counter(ranked)[1] == 1


def test_nothing_to_code() -> None:
    assert optimal([0, 0]) == HuffmanSpec(bytes(16), b"")
    assert _written(optimal([0, 7])) == {1: "0"}
