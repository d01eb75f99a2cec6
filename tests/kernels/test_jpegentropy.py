"""The kernels of entropy-coded data: markers, and what is between them."""

from __future__ import annotations

import re
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import kernels
from pydcm.kernels import Label, jpegentropy
from pydcm.kernels.status import OUTPUT_FULL

LABELS = jpegentropy.unstuff.available()
on_each = pytest.mark.parametrize("label", LABELS)
streams = st.lists(
    st.sampled_from([b"\xff", b"\xff\x00", b"\xff\xd3", b"\xff\xd9", b"\x00", bytes(range(40))]),
    max_size=12,
).map(b"".join)


def found_in(data: bytes, start: int, room: int) -> list[int]:
    places = array("q", bytes(8 * room))
    count = jpegentropy.find_markers(data, start, places)
    return places[:count].tolist()


@on_each
@given(streams, st.integers(0, 3), st.integers(0, 5))
def test_markers_are_found(label: Label, data: bytes, start: int, room: int) -> None:
    wanted: list[int] = []
    for match in re.compile(rb"\xff[^\x00\xff]", re.DOTALL).finditer(data, start):
        if len(wanted) == room:
            break
        wanted.append(match.start())
        if not 0xD0 <= data[match.start() + 1] <= 0xD7:
            break
    with kernels.using(label):
        assert found_in(data, start, room) == wanted


@on_each
@given(st.lists(streams, min_size=1, max_size=3))
def test_stuffed_zeros_go(label: Label, pieces: list[bytes]) -> None:
    places, at = array("q"), 0
    for piece in pieces:
        places.extend((at, at + len(piece)))
        at += len(piece)
    dst = bytearray(b"\7" * (at + 3 * len(pieces) + jpegentropy.MARGIN))
    starts, ends = (array("q", bytes(8 * len(pieces))) for _ in range(2))
    with kernels.using(label):
        count = jpegentropy.unstuff(b"".join(pieces), places, dst, starts, ends)
    octets = b""
    for piece, start, end in zip(pieces, starts, ends, strict=True):
        plain = piece.rstrip(b"\xff").replace(b"\xff\x00", b"\xff")
        assert (start, end) == (len(octets) // 4, 8 * (len(octets) + len(plain)))
        octets += plain + bytes(-len(plain) % 4)
    assert count == len(octets) // 4
    last = ends[-1] // 8
    assert dst[: last + jpegentropy.MARGIN] == octets[:last] + bytes(jpegentropy.MARGIN)


@on_each
def test_too_little_room(label: Label) -> None:
    starts, ends = array("q", [0]), array("q", [0])
    with kernels.using(label):
        for spare, result in ((0, 2), (-1, OUTPUT_FULL)):
            dst = bytearray(5 + jpegentropy.MARGIN + spare)
            places = array("q", [1, 7])
            assert jpegentropy.unstuff(b"123456\xff", places, dst, starts, ends) == result
