from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import kernels
from pydcm.kernels import Label, rle
from pydcm.kernels.status import OUTPUT_FULL, TRUNCATED

LABELS = rle.decode_segment.available()

pytestmark = pytest.mark.parametrize("label", LABELS)

EXAMPLES = [
    (b"\x02abc", 3, 3, b"abc"),
    (b"\xfex", 3, 3, b"xxx"),
    (b"\x81x", 128, 128, b"x" * 128),
    (b"\x7f" + bytes(128), 128, 128, bytes(128)),
    (b"\x80\x80\x00a\x80\xffb", 3, 3, b"abb"),  # -128 is no operation
    (b"\x00a\x00", 1, 1, b"a"),  # one zero byte makes the length even
    (b"\x00a" + b"\x02xyz", 1, 1, b"a"),  # what follows a full plane is not looked at
    (b"", 0, 0, b""),
    (b"\x03abcd", 3, OUTPUT_FULL, b"abc"),
    (b"\x00a\xfbb", 3, OUTPUT_FULL, b"abb"),
    (b"", 1, TRUNCATED, None),
    (b"\x80", 1, TRUNCATED, None),
    (b"\x00", 1, TRUNCATED, None),
    (b"\xff", 2, TRUNCATED, None),
    (b"\x02ab", 3, TRUNCATED, None),
    (b"\x01ab", 3, TRUNCATED, None),
]


@pytest.mark.parametrize(("segment", "size", "result", "expected"), EXAMPLES)
def test_examples(
    label: Label, segment: bytes, size: int, result: int, expected: bytes | None
) -> None:
    plane = bytearray(size)
    with kernels.using(label):
        assert rle.decode_segment(segment, plane) == result
    if expected is not None:
        assert plane == expected


runs = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=128).map(lambda octets: (bytes([len(octets) - 1]), octets)),
        st.tuples(st.integers(2, 128), st.binary(min_size=1, max_size=1)).map(
            lambda run: (bytes([257 - run[0]]), run[1] * run[0])
        ),
        st.just((b"\x80", b"")),
    ),
    max_size=40,
)


@given(runs)
def test_decodes_what_was_encoded(label: Label, runs: list[tuple[bytes, bytes]]) -> None:
    segment = b"".join(
        header + (octets if header < b"\x80" else octets[:1]) for header, octets in runs
    )
    plain = b"".join(octets for _, octets in runs)
    plane = bytearray(len(plain))
    with kernels.using(label):
        assert rle.decode_segment(segment, plane) == len(plain)
    assert plane == plain


@given(st.binary(max_size=300), st.integers(0, 600))
def test_any_bytes_give_what_the_reference_gives(label: Label, segment: bytes, size: int) -> None:
    expected, plane = bytearray(size), bytearray(size)
    result = rle.decode_segment.reference(segment, expected)
    with kernels.using(label):
        assert rle.decode_segment(segment, plane) == result
    assert plane == expected
    assert result in (size, TRUNCATED, OUTPUT_FULL)
