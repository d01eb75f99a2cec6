from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import kernels
from pydcm._codecs.jpeg.huffman import HuffmanSpec, encoder, lookup
from pydcm.kernels import Label, jpeglossless
from pydcm.kernels.jpeglossless_rows import SECOND, SHORT_BITS
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED
from tests.codecs.lossless_streams import FLAT, STEEP
from tests.kernels.both import LABELS

CATEGORIES = bytes(magnitude.bit_length() for magnitude in range(32769))


def _short(spec: HuffmanSpec) -> array[int]:
    """Return the table of pairs, entry by entry from the words of the codes."""
    table = array("i", bytes(4 << SHORT_BITS))
    for index in range(1 << SHORT_BITS):
        bits = format(index, f"0{SHORT_BITS}b")
        first = _difference(spec, bits)
        if first:
            second = _difference(spec, bits[first[0] :])
            used, value = second or (0, 0)
            table[index] = (
                first[0] + used
                | bool(second) << 4
                | (first[1] + (1 << SHORT_BITS)) << 5
                | value << SECOND
            )
    return table


def _difference(spec: HuffmanSpec, bits: str) -> tuple[int, int] | None:
    """Return how many bits the first difference takes, and its value; None if there are less."""
    for (code, size), ssss in zip(spec.codes(), spec.values, strict=True):
        if bits.startswith(format(code, f"0{size}b")) and size + ssss <= len(bits) and ssss < 16:
            value = int(bits[size : size + ssss] or "0", 2)
            return size + ssss, value if value >> max(0, ssss - 1) else value - (1 << ssss) + 1
    return None


SHORT = {spec: _short(spec) for spec in (FLAT, STEEP)}


def _encoded(differences: list[int], spec: HuffmanSpec, interval: int) -> tuple[bytes, list[int]]:
    """Run ``jpeglossless.encode_scan`` on every implementation."""
    results = []
    for label in LABELS:
        octets = bytearray(4 * len(differences) + 16)
        ends = array("q", [-1] * (-(-len(differences) // interval)))
        with kernels.using(label):
            size = jpeglossless.encode_scan(
                memoryview(array("i", differences)),
                CATEGORIES,
                encoder(spec),
                interval,
                octets,
                ends,
            )
        assert size == ends[-1]
        results.append((bytes(octets[:size]), list(ends)))
    assert all(result == results[0] for result in results)
    return results[0]


def _decoded(
    octets: bytes, ends: list[int], specs: list[HuffmanSpec], plan: list[int], room: int
) -> tuple[int, list[int], list[int]]:
    """Run ``jpeglossless.decode_scan`` on every implementation; `ends` are of the intervals."""
    words, starts, stops = array("I"), array("q"), array("q")
    for first, last in zip([0, *ends], ends, strict=False):
        starts.append(len(words))
        stops.append(32 * len(words) + 8 * (last - first))
        piece = octets[first:last]
        piece += bytes(-len(piece) % 4)
        words.extend(int.from_bytes(piece[p : p + 4], "big") for p in range(0, len(piece), 4))
    words.extend([0, 0])
    full = array("H")
    for spec in specs:
        full.extend(lookup(spec, 16))
    results = []
    for label in LABELS:
        cells = memoryview(array("H", bytes(2 * room)))
        state = array("q", [-1, -1])
        with kernels.using(label):
            status = jpeglossless.decode_scan(
                words, starts, stops, memoryview(SHORT[specs[0]]), memoryview(full),
                array("q", plan), cells, state,
            )  # fmt: skip
        results.append((status, list(cells) if status >= 0 else [], list(state)))
    assert all(result == results[0] for result in results)
    return results[0]


def _plan(width: int, predictor: int = 1, interval: int = 1 << 16, tables: int = 1) -> list[int]:
    return [width, 1, 1, predictor, 128, interval, 0xFFFF, tables, 0]


def test_differences_of_each_category() -> None:
    octets, ends = _encoded([0, 1, -1, 5, -32767, 32768], FLAT, 6)
    bits = "".join(f"{octet:08b}" for octet in octets)
    assert bits == (
        "00000" "000011" "000010" "00011101" "01111000000000000000" "10000"
        "111111"
    )  # fmt: skip
    assert ends == [7]
    status, cells, state = _decoded(octets, ends, [FLAT], _plan(6), 6)
    assert status == 6
    assert cells == [128, 129, 128, 133, 133 - 32767 + 65536, 133 - 32767 + 32768]
    assert state == [0, 50]


@given(
    st.lists(st.integers(-32767, 32768), min_size=1, max_size=60),
    st.sampled_from([FLAT, STEEP]),
    st.integers(1, 9),
)
def test_sums_of_what_was_encoded(differences: list[int], spec: HuffmanSpec, width: int) -> None:
    rows = len(differences) // width
    differences = differences[: rows * width]
    if not rows:
        return
    octets, ends = _encoded(differences, spec, width)
    assert len(ends) == rows
    status, cells, state = _decoded(octets, ends, [spec], _plan(width, interval=1), rows * width)
    assert status == rows * width
    assert state[0] == rows - 1
    for row in range(rows):
        value = 128
        for x in range(width):
            value = (value + differences[row * width + x]) & 0xFFFF
            assert cells[row * width + x] == value


def test_tables_of_components_take_turns() -> None:
    flat, _ = _encoded([3], FLAT, 1)
    assert flat == bytes([0b00010_11_1])
    # 3 by the flat table, 16 by the steep one, twice: 0001011 0 0001011 0
    octets = bytes([0b00010110, 0b00010110])
    plan = [2, 2, 2, 1, 128, 9, 0xFFFF, 2, 0, 1]
    status, cells, _ = _decoded(octets, [2], [FLAT, STEEP], plan, 4)
    assert status == 4
    assert cells == [131, 128 + 32768, 134, 128]


@pytest.mark.parametrize(
    ("octets", "width", "status"),
    [
        (b"", 1, TRUNCATED),
        (b"\0", 1, 1),
        (b"\0", 2, TRUNCATED),  # the second code ends in the padding
        (b"\0\0\0\0", 6, 6),
        (b"\0\0\0\0", 7, TRUNCATED),
        (b"\xff\0\0\0", 6, BAD_VALUE),
        (b"\x07\xff\0\0", 6, BAD_VALUE),
        (b"\x7f", 1, TRUNCATED),
    ],
)
@pytest.mark.parametrize("predictor", [1, 2])
def test_ends_and_faults(octets: bytes, width: int, status: int, predictor: int) -> None:
    found, _, _ = _decoded(octets, [len(octets)], [FLAT], _plan(width, predictor), width)
    assert found == status


@given(
    st.binary(max_size=64),
    st.integers(1, 7),
    st.integers(1, 6),
    st.integers(1, 3),
    st.sampled_from([[FLAT], [STEEP], [FLAT, STEEP]]),
)
def test_any_bits_give_what_the_reference_gives(
    octets: bytes, predictor: int, width: int, interval: int, specs: list[HuffmanSpec]
) -> None:
    middle = len(octets) // 2
    rows = 2 * interval
    count = len(specs)
    plan = [width, count, count, predictor, 1, interval, 255, count, *range(count)]
    room = rows * width * count
    status, cells, _ = _decoded(octets, [middle, len(octets)], specs, plan, room)
    assert status in (room, TRUNCATED, BAD_VALUE)
    assert all(cell <= 255 for cell in cells)


@pytest.mark.parametrize("label", LABELS)
def test_no_room_to_encode(label: Label) -> None:
    with kernels.using(label):
        status = jpeglossless.encode_scan(
            memoryview(array("i", [9] * 40)), CATEGORIES, encoder(FLAT), 40, bytearray(16),
            array("q", [0]),
        )  # fmt: skip
    assert status == OUTPUT_FULL
