from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import kernels
from pydcm.kernels import Label, rle
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED

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


# --- the segments of a frame ---------------------------------------------------------------------


@given(st.data())
def test_planes_are_put_side_by_side(label: Label, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    size = data.draw(st.integers(0, 300))
    planes = data.draw(
        st.lists(st.binary(min_size=size, max_size=size), min_size=count, max_size=count)
    )
    places = data.draw(st.permutations(range(count)))
    segments = [encoded(label, plane, max(1, size)) for plane in planes]
    bounds = array("q", [0])
    for segment in segments:
        bounds.extend((bounds[-1] + len(segment), bounds[-1] + len(segment)))
    groups, state = bytearray(count * size), array("q", bytes(8 * count))
    occurring = bytearray(b"x" * count)
    with kernels.using(label):
        result = rle.decode_segments(
            b"".join(segments), bounds[:-1], array("q", places), groups, state, occurring
        )
    assert (result, state.tolist()) == (size, [size] * count)
    assert [bytes(groups[place::count]) for place in places] == planes
    for place, plane in zip(places, planes, strict=True):
        assert [occurring[place] & 1 << bit for bit in range(8)] == [
            1 << bit if any(octet & 1 << bit for octet in plane) else 0 for bit in range(8)
        ]


@pytest.mark.parametrize(
    ("segments", "expected", "result"),
    [
        ([b"\x02abc", b"\x02def\x80"], [3, 3], 3),
        ([b"\x02abc", b"\xfcd"], [3, OUTPUT_FULL], 3),
        ([b"\x01ab", b"\xfcd"], [TRUNCATED, OUTPUT_FULL], TRUNCATED),
        ([b"\x02ab", b"\x02def"], [TRUNCATED, 3], TRUNCATED),  # the next one's octets do not count
    ],
)
def test_each_segment_is_judged(
    label: Label, segments: list[bytes], expected: list[int], result: int
) -> None:
    stop = len(segments[0])
    bounds = array("q", (0, stop, stop, stop + len(segments[1])))
    groups, state, occurring = bytearray(b"x" * 6), array("q", (0, 0)), bytearray(b"xx")
    with kernels.using(label):
        found = rle.decode_segments(
            b"".join(segments), bounds, array("q", (0, 1)), groups, state, occurring
        )
    assert (found, state.tolist()) == (result, expected)
    if result < 0:
        assert (groups, occurring) == (bytearray(6), bytearray(2))


# --- encoding -----------------------------------------------------------------------------------


def encoded(label: Label, plane: bytes, columns: int) -> bytes:
    rows = (len(plane) + columns - 1) // columns
    room = bytearray(rle.longest_segment(rows, columns))
    with kernels.using(label):
        count = rle.encode_segment(plane, columns, room)
    return bytes(room[:count])


def runs_of(segment: bytes) -> list[bytes]:
    """Return what each run of a segment stands for (PS3.5 G.3.2)."""
    runs = []
    p = 0
    while p < len(segment):
        header = segment[p]
        assert header != 128, "a run that stands for nothing"
        if header < 128:
            runs.append(segment[p + 1 : p + 2 + header])
            p += 2 + header
        else:
            runs.append(segment[p + 1 : p + 2] * (257 - header))
            p += 2
    assert p == len(segment)
    return runs


@pytest.mark.parametrize(
    ("plane", "columns", "expected"),
    [
        (b"", 1, b""),
        (b"a", 1, b"\x00a"),
        (b"aa", 2, b"\xffa"),
        (b"aa", 1, b"\x00a\x00a"),  # rows are apart
        (b"aaa", 3, b"\xfea"),
        (b"abaa", 4, b"\x03abaa"),  # two equal octets go on with a literal run
        (b"abaaa", 5, b"\x01ab\xfea"),  # three do not
        (b"aab", 3, b"\xffa\x00b"),
        (b"x" * 128, 128, b"\x81x"),
        (b"x" * 129, 129, b"\x81x\x00x"),
        (b"x" * 130, 130, b"\x81x\xffx"),
        (bytes(range(129)), 129, b"\x7f" + bytes(range(128)) + b"\x00\x80"),
    ],
)
def test_runs(label: Label, plane: bytes, columns: int, expected: bytes) -> None:
    assert encoded(label, plane, columns) == expected


planes = st.one_of(
    st.binary(max_size=600),
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([1, 1, 1, 2, 3, 127, 128, 129, 300])),
        max_size=12,
    ).map(lambda runs: b"".join(bytes([value]) * count for value, count in runs)),
)


@given(planes, st.integers(1, 300))
def test_every_row_is_encoded_by_itself(label: Label, plane: bytes, columns: int) -> None:
    runs = runs_of(encoded(label, plane, columns))
    assert b"".join(runs) == plane
    position = 0
    for run in runs:
        assert position // columns == (position + len(run) - 1) // columns
        position += len(run)


@given(planes, st.integers(1, 300))
def test_what_is_encoded_is_decoded(label: Label, plane: bytes, columns: int) -> None:
    found = bytearray(len(plane))
    with kernels.using(label):
        assert rle.decode_segment(encoded(label, plane, columns), found) == len(plane)
    assert found == plane


@given(planes, st.integers(1, 300))
def test_every_implementation_encodes_alike(label: Label, plane: bytes, columns: int) -> None:
    assert encoded(label, plane, columns) == encoded("reference", plane, columns)


@given(st.binary(max_size=300), st.integers(1, 300))
def test_three_equal_octets_are_never_in_a_literal_run(
    label: Label, plane: bytes, columns: int
) -> None:
    segment = encoded(label, bytes(octet & 3 for octet in plane), columns)
    p = 0
    while p < len(segment):
        if segment[p] > 128:
            p += 2
            continue
        literal = segment[p + 1 : p + 2 + segment[p]]
        assert all(len({*literal[k : k + 3]}) > 1 for k in range(len(literal) - 2))
        p += 2 + segment[p]


def test_there_must_be_room_for_the_longest_segment(label: Label) -> None:
    room = bytearray(rle.longest_segment(2, 130) - 1)
    with kernels.using(label):
        assert rle.encode_segment(bytes(260), 130, room) == OUTPUT_FULL
        assert rle.encode_segment(bytes(260), 0, room) == BAD_VALUE
    assert not any(room)
