"""The kernels of JPEG-LS: bits and their stuffing, and scans in all implementations alike."""

from __future__ import annotations

from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import kernels
from pydcm._codecs.jpegls.coding import Coding, default_preset
from pydcm.kernels import Label, jpegls
from pydcm.kernels.jpegls_bits import long_code, put_long
from pydcm.kernels.jpegls_model import leading_zeros, run_order
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED

LABELS = jpegls.unstuff.available()
on_both = pytest.mark.parametrize("label", LABELS)

# The orders of the segments of a run, as ISO 14495-1 A.2.1 lists them.
J = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, *range(8, 16)]


def test_orders_of_runs() -> None:
    assert [run_order(run_index) for run_index in range(32)] == J


def test_leading_zeros() -> None:
    assert leading_zeros() == [8 - octet.bit_length() for octet in range(256)]


# --- stuffing -------------------------------------------------------------------------------------


def plain_bits(stuffed: bytes) -> str:
    """Return the bits of a scan without markers, the plain way."""
    bits = ""
    for last, octet in zip(b"\0" + stuffed, stuffed, strict=False):
        bits += f"{octet:07b}" if last == 255 else f"{octet:08b}"
    return bits


def windows_of(stuffed: bytes, count: int = 1) -> tuple[int, array[int], array[int]]:
    windows = array("I", bytes(4 * (len(stuffed) + jpegls.MARGIN * count)))
    intervals = array("q", bytes(24 * count))
    return jpegls.unstuff(stuffed, 0, windows, intervals), windows, intervals


octets_without_markers = st.lists(
    st.sampled_from([b"\xff\x00", b"\xff\x7f", b"\xff\x35", b"\x00", b"\xfe", b"\x81"]), max_size=40
).map(b"".join)


@on_both
@given(octets_without_markers)
def test_every_bit_can_be_looked_at(label: Label, stuffed: bytes) -> None:
    with kernels.using(label):
        end, windows, intervals = windows_of(stuffed)
    assert end == len(stuffed)
    bits = plain_bits(stuffed)
    begin, stop, first = intervals
    assert (stop - begin, first) == (len(bits), 0)
    bits += "0" * 40
    for k in range(stop - begin + 1):
        window = windows[(begin + k) >> 3] << ((begin + k) & 7) & 0xFFFFFFFF
        assert f"{window >> 7:025b}" == bits[k : k + 25]


@on_both
@pytest.mark.parametrize(
    ("stuffed", "count", "result"),
    [
        (b"\x12\xff\xd9\x34", 1, 1),
        (b"\x12\xff\x80", 1, 1),
        (b"\x12\xff", 1, 1),
        (b"\xff\xff\xd9", 1, 0),
        (b"\x12\xff\xd0\x34\xff\xd9", 1, 1),
        (b"\x12\xff\xd0\x34\xff\xd9", 2, 4),
        (b"\x12\xff\xff\xff\xd0\x34", 2, 6),
        (b"\x12\xff\xd1\x34", 2, BAD_VALUE),
        (b"\x12\xff\xd9\x34", 2, TRUNCATED),
        (b"\x12", 2, TRUNCATED),
        (b"\x12\xff", 2, TRUNCATED),
        (b"".join(b"\1\xff" + bytes([0xD0 + k % 8]) for k in range(10)) + b"\2", 11, 31),
    ],
)
def test_markers_end_the_data(label: Label, stuffed: bytes, count: int, result: int) -> None:
    with kernels.using(label):
        end, _, intervals = windows_of(stuffed, count)
    assert end == result
    if result > 0 and count > 1:
        assert [intervals[3 * k + 1] - intervals[3 * k] for k in range(count)] == [8] * count


@on_both
def test_too_little_room(label: Label) -> None:
    with kernels.using(label):
        short = array("I", bytes(4 * (jpegls.MARGIN + 2)))
        assert jpegls.unstuff(b"abc", 0, short, array("q", bytes(24))) == OUTPUT_FULL
        words = array("I", [0xABCDEF] * 4)
        assert jpegls.stuff(words, array("q", [0, 96]), bytearray(14)) == OUTPUT_FULL
        assert jpegls.stuff(words, array("q", [0, 96]), bytearray(15)) == 12


@on_both
@given(st.lists(st.text("01", max_size=100), min_size=1, max_size=10))
def test_stuffing_is_undone(label: Label, intervals: list[str]) -> None:
    words = array("I")
    places = array("q")
    for bits in intervals:
        places.extend([len(words), len(bits)])
        padded = bits + "0" * (-len(bits) % jpegls.WORD)
        words.extend(int(padded[k : k + 24], 2) for k in range(0, len(padded), 24))
    octets = bytearray(sum(map(len, intervals)) // 7 + 8 * len(intervals))
    with kernels.using(label):
        count = jpegls.stuff(words, places, octets)
        assert count >= 0
        end, windows, found = windows_of(bytes(octets[:count]), len(intervals))
    assert end == count
    for k, bits in enumerate(intervals):
        begin, stop, first = found[3 * k : 3 * k + 3]
        rest = plain_bits(bytes(octets[first:count]).partition(b"\xff" + bytes([0xD0 + k % 8]))[0])
        assert rest.rstrip("0") == bits.rstrip("0")
        assert len(bits) <= stop - begin < len(bits) + 16
        if bits:
            window = windows[begin >> 3] << (begin & 7) & 0xFFFFFFFF
            assert f"{window:032b}"[: min(25, len(bits))] == bits[:25]


@given(st.integers(0, 65535), st.integers(0, 16), st.integers(1, 47), st.integers(0, 23))
def test_codes_of_any_length(value: int, k: int, most_zeros: int, before: int) -> None:
    words = array("I", bytes(24))
    count, buffer, held = put_long(words, 0, 0, before, value, k, most_zeros, 16)
    if value >> k >= most_zeros and value == 0:
        return
    words[count] = buffer << (jpegls.WORD - held)
    length = jpegls.WORD * count + held
    octets = bytearray(30)
    stuffed = bytes(octets[: jpegls.stuff(words, array("q", [0, length]), octets)])
    _, windows, (begin, stop, _) = windows_of(stuffed)
    assert long_code(windows, begin + before, stop, k, most_zeros, 16) == (value, begin + length)


# --- scans ----------------------------------------------------------------------------------------

CODING = Coding(default_preset(255, 1), 1)


def decoded(kernel: kernels.Kernel[..., int], data: bytes) -> tuple[int, int, bytes]:
    """Return status and position, and the pixels if there are any."""
    end, windows, intervals = windows_of(data)
    assert end >= 0
    rows, columns, components = 5, 7, 3
    numbers = CODING.numbers(rows, columns, components, rows)
    cells = array("H", bytes(2 * components * (1 + rows) * columns))
    state = array("q", [0])
    status = kernel(windows, intervals, CODING.table(), numbers, cells, state)
    assert max(cells) <= 255
    return status, state[0] - intervals[0], cells.tobytes() if status >= 0 else b""


@pytest.mark.parametrize("kernel", [jpegls.decode_lines, jpegls.decode_samples])
@given(st.binary(max_size=150))
def test_any_bits_give_what_the_reference_gives(
    kernel: kernels.Kernel[..., int], data: bytes
) -> None:
    found = []
    for label in LABELS:
        with kernels.using(label):
            found.append(decoded(kernel, data))
    assert found == [found[0]] * len(LABELS)
    assert found[0][0] in (5, TRUNCATED, BAD_VALUE)


@on_both
@pytest.mark.parametrize("name", ["lines", "samples"])
def test_an_encoder_without_room(label: Label, name: str) -> None:
    kernel = getattr(jpegls, f"encode_{name}")
    cells = np.random.default_rng(0).integers(0, 256, 6 * 7 * 3).astype(np.uint16)
    arguments = CODING.table(), CODING.numbers(5, 7, 3, 5)
    with kernels.using(label):
        for room in (0, 1, 20, 40):
            words, intervals = array("I", bytes(4 * room)), array("q", bytes(16))
            assert kernel(cells.data, *arguments, words, intervals) == OUTPUT_FULL
