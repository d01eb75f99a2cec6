"""Where elements and items begin and end, in the reference and compiled alike."""

from __future__ import annotations

import importlib.util
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pydcm.kernels import elements, items
from pydcm.kernels.elements import (
    AT_END,
    AT_ITEM_DELIMITER,
    AT_UNTIL,
    BIG_ENDIAN,
    IMPLICIT_VR,
    IN_ITEM,
    ROOM_USED,
    TOO_SHORT,
)
from pydcm.kernels.status import DEPTH_LIMIT, TRUNCATED, UNEXPECTED_TAG
from tests.kernels.both import find_end, scan, scan_items, scan_tree
from tests.kernels.written import (
    CODINGS,
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    Branch,
    Leaf,
    data_sets,
    element,
    header,
    inner_coding,
    item,
    sample,
    undefined,
    write,
    write_items,
)

SQ, UN, TAG = 0x00081140, 0x00091010, 0x00100010

codings = pytest.mark.parametrize(
    "coding", CODINGS, ids=["explicit little", "implicit little", "explicit big"]
)


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
def test_the_compiled_kernels_are_compared() -> None:
    from tests.kernels.both import LABELS

    assert LABELS[:2] == ("reference", "numba")


# --- elements (PS3.5 7.1.2, 7.1.3) -------------------------------------------


@codings
@pytest.mark.parametrize("vr", "AE AT CS FD LT UI US OB OV SV UC UN UR UT UV".split())
@pytest.mark.parametrize("length", [0, 2, 20])
def test_an_element_of_each_kind(coding: int, vr: str, length: int) -> None:
    data = element(TAG, vr, bytes(length), coding)
    found = scan(data, coding=coding)
    assert found[:3] == (1, AT_END, len(data))
    assert (found.tags, found.offsets) == ([TAG], [0, len(data)])


@codings
def test_nothing(coding: int) -> None:
    assert scan(b"", coding=coding)[:5] == (0, AT_END, 0, [], [0])


@codings
def test_a_part_of_a_buffer(coding: int) -> None:
    before, here = element(0x00080016, "UI", b"1.2\0", coding), element(TAG, "PN", b"AB", coding)
    data = before + here + element(0x00100020, "LO", b"CD", coding)
    found = scan(data, len(before), len(before) + len(here), coding)
    assert found[:3] == (1, AT_END, len(before) + len(here))
    assert found.offsets == [len(before), len(before) + len(here)]


def test_a_long_value_of_a_short_vr_and_of_a_long_one() -> None:
    for vr, length in (("LO", 0xFFFE), ("OB", 0x1_0002)):
        data = element(TAG, vr, bytes(length)) + element(0x00100020, "LO", b"CD")
        assert scan(data).tags == [TAG, 0x00100020]


def test_a_vr_that_is_newer_than_the_table_has_a_long_length() -> None:
    new = header(TAG, "OB", 4).replace(b"OB", b"ZZ") + b"abcd"
    after = element(0x00100020, "LO", b"CD")
    assert scan(new + after).offsets == [0, 16, 26]


def test_an_unknown_vr_with_a_short_length() -> None:
    odd = header(TAG, "LO", 4).replace(b"LO", b"ZZ") + b"abcd"
    after = element(0x00100020, "LO", b"CD")
    assert scan(odd + after).offsets == [0, 12, 22]
    assert scan(header(TAG, "LO", 0).replace(b"LO", b"ZZ")).offsets == [0, 8]


def test_an_element_without_a_vr_in_an_explicit_data_set() -> None:
    data = element(TAG, "PN", b"AB", IMPLICIT_VR) + element(0x00100020, "LO", b"CD")
    assert scan(data)[:5] == (2, AT_END, 20, [TAG, 0x00100020], [0, 10, 20])
    sequence = undefined(SQ, "SQ", item(element(TAG, "PN", b"AB"), delimited=True), IMPLICIT_VR)
    assert scan(sequence + data).offsets == [
        0,
        len(sequence),
        len(sequence) + 10,
        len(sequence) + 20,
    ]


@pytest.mark.parametrize("until", [0x00100020, 0x00100011])
@codings
def test_until_ends_before_the_element(coding: int, until: int) -> None:
    first = element(TAG, "PN", b"AB", coding)
    for second in (
        element(0x00100020, "LO", b"CD", coding),
        element(0x00100020, "UT", b"CD", coding),
        undefined(0x00100020, "SQ", b"", coding),
        element(0x00100020, "LO", b"CDEFGHIJ", coding)[:-2],
    ):
        found = scan(first + second, coding=coding, until=until)
        assert found[:5] == (1, AT_UNTIL, len(first), [TAG], [0, len(first)])


@pytest.mark.parametrize("tag", [ITEM, ITEM_END, SEQUENCE_END])
@codings
def test_a_stray_item_or_delimiter_counts_as_an_element_without_a_value(
    coding: int, tag: int
) -> None:
    first, last = element(TAG, "PN", b"AB", coding), element(0x00100020, "LO", b"CD", coding)
    found = scan(first + header(tag, "", 0, coding) + last, coding=coding)
    n = len(first)
    assert found.tags == [TAG, tag, 0x00100020]
    assert found.offsets == [0, n, n + 8, n + 8 + len(last)]


# --- undefined lengths (PS3.5 7.5) -------------------------------------------


@codings
@pytest.mark.parametrize("delimited", [False, True])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_sequence_of_undefined_length(coding: int, delimited: bool, count: int) -> None:
    content = element(TAG, "PN", b"AB", coding) + element(0x00100020, "UT", b"CD", coding)
    value = item(content, coding, delimited=delimited) * count
    data = undefined(SQ, "SQ", value, coding)
    after = element(TAG, "PN", b"AB", coding)
    found = scan(data + after, coding=coding)
    assert found[:5] == (2, AT_END, len(data + after), [SQ, TAG], [0, len(data), len(data + after)])
    begin = len(data) - len(value) - 8
    assert find_end(data, begin, None, coding)[0] == len(data)


@codings
def test_an_empty_item_of_undefined_length(coding: int) -> None:
    data = undefined(SQ, "SQ", item(b"", coding, delimited=True) * 2, coding)
    assert scan(data, coding=coding).offsets == [0, len(data)]


@codings
@pytest.mark.parametrize("depth", [2, 3, 60])
def test_nested_undefined_lengths(coding: int, depth: int) -> None:
    data = element(TAG, "PN", b"AB", coding)
    for _ in range(depth):
        data = undefined(SQ, "SQ", item(data, coding, delimited=True), coding)
        data += element(TAG, "PN", b"AB", coding)
    found = scan(data, coding=coding)
    assert found.tags == [SQ, TAG]
    assert found.reason == AT_END


@codings
def test_the_depth_limit(coding: int) -> None:
    data = b""
    for _ in range(5):
        data = undefined(SQ, "SQ", item(data, coding, delimited=True), coding)
    first = element(TAG, "PN", b"AB", coding)
    assert scan(first + data, coding=coding, max_depth=5).result == 2
    found = scan(first + data, coding=coding, max_depth=4)
    assert found.result == DEPTH_LIMIT
    assert (found.tags, found.offsets) == ([TAG], [0, len(first)])
    begin = len(header(SQ, "SQ", UNDEFINED, coding))
    assert find_end(data, begin, None, coding, max_depth=4)[0] == DEPTH_LIMIT
    assert find_end(data, begin, None, coding, max_depth=5)[0] == len(data)


@codings
def test_fragments(coding: int) -> None:
    value = item(b"", coding) + item(b"\xff\xd8\xff\xd9", coding) + item(bytes(6), coding)
    data = undefined(0x7FE00010, "OB", value, coding) + element(0xFFFCFFFC, "OB", b"\0\0", coding)
    assert scan(data, coding=coding).tags == [0x7FE00010, 0xFFFCFFFC]


def test_fragments_that_look_like_delimiters_are_jumped_over() -> None:
    value = item(b"") + item(header(SEQUENCE_END, "", 0))
    data = undefined(0x7FE00010, "OB", value)
    assert scan(data).offsets == [0, len(data)]


# PS3.5 6.2.2: what a writer did not know has VR UN and is in Implicit VR Little Endian.


@pytest.mark.parametrize("outer", [0, BIG_ENDIAN])
@pytest.mark.parametrize("delimited", [False, True])
def test_un_of_undefined_length_is_implicit(outer: int, delimited: bool) -> None:
    inside = item(element(TAG, "PN", b"AB", IMPLICIT_VR), IMPLICIT_VR, delimited=delimited)
    data = undefined(UN, "UN", inside * 2, outer, IMPLICIT_VR)
    after = element(TAG, "PN", b"AB", outer)
    assert scan(data + after, coding=outer).offsets == [0, len(data), len(data + after)]
    nested = undefined(SQ, "SQ", item(data + after, outer, delimited=True), outer)
    assert scan(nested + after, coding=outer).offsets == [0, len(nested), len(nested + after)]


@pytest.mark.parametrize("outer", [0, BIG_ENDIAN])
def test_un_of_undefined_length_that_is_explicit_all_the_same(outer: int) -> None:
    content = element(TAG, "PN", b"AB") + undefined(SQ, "SQ", item(b"", delimited=True))
    data = undefined(UN, "UN", item(content, delimited=True) * 2, outer, 0)
    after = element(TAG, "PN", b"AB", outer)
    assert scan(data + after, coding=outer).offsets == [0, len(data), len(data + after)]
    nested = undefined(SQ, "SQ", item(data + after, outer, delimited=True), outer)
    assert scan(nested + after, coding=outer).offsets == [0, len(nested), len(nested + after)]


def test_after_explicit_un_the_coding_around_it_is_back() -> None:
    # An empty item after it has nothing by which the coding could be recognised.
    content = undefined(SQ, "SQ", item(element(TAG, "PN", b"AB"), delimited=True))
    unknown = undefined(UN, "UN", item(content, delimited=True))
    value = item(unknown, delimited=True) + item(b"", delimited=True)
    deep = undefined(SQ, "SQ", value + item(element(TAG, "UT", b"ABCD"), delimited=True))
    data = undefined(SQ, "SQ", item(deep + element(TAG, "UT", b"ABCD"), delimited=True))
    assert scan(data).offsets == [0, len(data)]


@pytest.mark.parametrize("first_explicit", [False, True])
def test_each_item_of_un_may_be_encoded_otherwise(first_explicit: bool) -> None:
    kinds = [0, IMPLICIT_VR] if first_explicit else [IMPLICIT_VR, 0]
    items = b"".join(
        item(element(TAG, "UT", b"AB", coding) * 2, coding, delimited=True) for coding in kinds
    )
    unknown = undefined(UN, "UN", items)
    data = undefined(SQ, "SQ", item(unknown, delimited=True))
    assert scan(data).offsets == [0, len(data)]


# --- delimiters that are missing, or too many ---------------------------------


@codings
def test_a_sequence_delimiter_implies_the_item_delimiter(coding: int) -> None:
    content = header(ITEM, "", UNDEFINED, coding) + element(TAG, "PN", b"AB", coding)
    data = undefined(SQ, "SQ", content, coding)
    assert scan(data, coding=coding).offsets == [0, len(data)]


@codings
def test_the_next_item_implies_the_item_delimiter(coding: int) -> None:
    opened = header(ITEM, "", UNDEFINED, coding) + element(TAG, "PN", b"AB", coding)
    data = undefined(SQ, "SQ", opened + opened + header(ITEM_END, "", 0, coding), coding)
    assert scan(data, coding=coding).offsets == [0, len(data)]


@codings
def test_an_item_delimiter_between_items_is_skipped(coding: int) -> None:
    extra = header(ITEM_END, "", 0, coding)
    content = element(TAG, "PN", b"AB", coding)
    value = item(content, coding) + extra + item(content, coding, delimited=True) + extra
    data = undefined(SQ, "SQ", value, coding)
    assert scan(data, coding=coding).offsets == [0, len(data)]


@codings
def test_an_element_among_items_is_a_fault(coding: int) -> None:
    first = element(TAG, "PN", b"AB", coding)
    value = item(b"", coding, delimited=True) + first
    data = first + undefined(SQ, "SQ", value, coding)
    found = scan(data, coding=coding)
    assert found.result == UNEXPECTED_TAG
    assert (found.tags, found.offsets) == ([TAG], [0, len(first)])
    assert found.position == len(data) - 8 - len(first)
    begin = len(data) - len(value) - 8
    assert find_end(data, begin, None, coding) == (UNEXPECTED_TAG, found.position)


@codings
def test_a_missing_sequence_delimiter_makes_it_too_short(coding: int) -> None:
    first = element(TAG, "PN", b"AB", coding)
    data = first + header(SQ, "SQ", UNDEFINED, coding) + item(first, coding, delimited=True)
    found = scan(data, coding=coding)
    assert found[:5] == (1, TOO_SHORT, len(first), [TAG], [0, len(first)])
    begin = len(first) + len(header(SQ, "SQ", UNDEFINED, coding))
    assert find_end(data, begin, None, coding) == (TRUNCATED, len(data))


@codings
def test_an_item_delimiter_ends_an_item_and_nothing_else(coding: int) -> None:
    content = element(TAG, "PN", b"AB", coding)
    data = content + header(ITEM_END, "", 0, coding) + content
    inside = scan(data, coding=coding | IN_ITEM)
    assert inside[:5] == (1, AT_ITEM_DELIMITER, len(content) + 8, [TAG], [0, len(content)])
    assert scan(data, coding=coding).tags == [TAG, ITEM_END, TAG]


# --- room and truncation -------------------------------------------------------


@codings
@pytest.mark.parametrize("room", [1, 2, 3, 7, 8, 9, 20])
def test_a_scan_goes_on_where_the_room_was_used(coding: int, room: int) -> None:
    vrs = ["PN", "UT", "US", "OB", "LO", "SQ", "UI", "UN"]
    data = b"".join(
        undefined(0x00100000 + k, vr, b"", coding)
        if vr == "SQ"
        else element(0x00100000 + k, vr, b"AB", coding)
        for k, vr in enumerate(vrs)
    )
    whole = scan(data, coding=coding)
    tags: list[int] = []
    offsets: list[int] = []
    start = 0
    while True:
        part = scan(data, start, None, coding, room=room)
        tags += part.tags
        offsets += part.offsets[:-1]
        start = part.position
        if part.reason != ROOM_USED:
            break
        assert len(part.tags) == room
    assert part.reason == AT_END
    assert (tags, [*offsets, start]) == (whole.tags, whole.offsets)


@codings
def test_a_value_that_ends_after_the_last_row(coding: int) -> None:
    data = element(TAG, "PN", b"AB", coding) + element(0x00100020, "LO", b"CDEF", coding)[:-2]
    first = len(element(TAG, "PN", b"AB", coding))
    for room in (2, 3):
        found = scan(data, coding=coding, room=room)
        assert found[:5] == (1, TOO_SHORT, first, [TAG], [0, first])


@codings
def test_truncation_at_every_octet(coding: int) -> None:
    data, tags, offsets = write(sample(), coding)
    for stop in range(len(data) + 1):
        found = scan(data, 0, stop, coding)
        whole = sum(end <= stop for end in offsets[1:])
        # What is cut may look like a shorter header of an element without a VR, never longer.
        assert found.result == whole, stop
        assert found.tags == tags[:whole]
        assert found.offsets == offsets[: whole + 1]
        assert (found.reason, found.position) == (
            (AT_END, stop) if stop == offsets[whole] else (TOO_SHORT, offsets[whole])
        )
        # The buffer itself ends there too: nothing is read after `stop`.
        assert scan(data[:stop], coding=coding) == found


# --- any data set ---------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data_sets, st.sampled_from(CODINGS), st.integers(0, 9), st.integers(0, 9))
def test_any_data_set(nodes: list[Leaf | Branch], coding: int, before: int, after: int) -> None:
    written = write(nodes, coding)
    data = b"\xa5" * before + written.data + b"\xa5" * after
    stop = before + len(written.data)
    found = scan(data, before, stop, coding)
    assert found.tags == written.tags
    assert found.offsets == [before + offset for offset in written.offsets]
    assert found[1:3] == (AT_END, stop)
    for node, begin, end in zip(nodes, found.offsets, found.offsets[1:], strict=False):
        if isinstance(node, Branch) and not isinstance(_first(node), bytes):
            _check_items(data, node, coding, begin, end)


def _first(branch: Branch) -> object:
    return branch.items[0].content if branch.items else None


def _check_items(data: bytes, branch: Branch, coding: int, begin: int, end: int) -> None:
    """Compare the items of the sequence at `begin`."""
    value, places = write_items(branch, coding)
    inner = inner_coding(branch, coding)
    start = begin + len(header(branch.tag, branch.vr, 0, coding))
    found = scan_items(data, start, start + len(value), inner)
    assert found[:3] == (len(places), AT_END, start + len(value))
    assert found.items == [(start + place.begin, start + place.end) for place in places]
    if branch.delimited:
        assert find_end(data, start, None, inner)[0] == end


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data_sets, st.sampled_from(CODINGS), st.data())
def test_no_octets_lead_out_of_bounds(
    nodes: list[Leaf | Branch], coding: int, draw: st.DataObject
) -> None:
    data = bytearray(write(nodes, coding).data)
    for at in draw.draw(st.lists(st.integers(0, max(0, len(data) - 1)), max_size=6)):
        if data:
            data[at] = draw.draw(st.sampled_from([0, 1, 0xFE, 0xFF, 0xE0, 0x0D, 0xDD, 0x53]))
    flags = coding | draw.draw(st.sampled_from([0, IN_ITEM]))
    found = scan(bytes(data), coding=flags, room=8, max_depth=6)
    bounds = [0, *found.offsets, len(data)]
    assert all(low <= high for low, high in pairwise(bounds))
    assert found.result in (len(found.tags), UNEXPECTED_TAG, DEPTH_LIMIT)
    assert found.result < 0 or found.reason in (
        AT_END, AT_ITEM_DELIMITER, AT_UNTIL, ROOM_USED, TOO_SHORT,
    )  # fmt: skip
    assert 0 <= found.position <= len(data)
    items = scan_items(bytes(data), coding=coding, room=3, max_depth=6)
    assert items.result == DEPTH_LIMIT or items.reason in (AT_END, ROOM_USED, TOO_SHORT)
    assert all(0 <= begin <= end <= len(data) for begin, end in items.items)
    tree = scan_tree(bytes(data), 0, None, flags, room=8, max_depth=6)
    assert tree.reason in (AT_END, ROOM_USED, TOO_SHORT)
    assert all(offset <= len(data) for _, offset, _ in tree.rows)
    end, _ = find_end(bytes(data), 0, None, coding, max_depth=6)
    assert end in (TRUNCATED, UNEXPECTED_TAG, DEPTH_LIMIT) or end >= 8


@given(st.binary(max_size=60), st.sampled_from(CODINGS))
def test_any_octets(data: bytes, coding: int) -> None:
    found = scan(data, coding=coding)
    assert all(low <= high <= len(data) for low, high in pairwise(found.offsets))
    assert scan_items(data, coding=coding).result in (*range(9), DEPTH_LIMIT)
    assert scan_tree(data, 0, None, coding).result >= 0
    assert find_end(data, 0, None, coding, depth=2)[0] != 0


def test_the_kernels_name_their_clause() -> None:
    kernels = (elements.scan, items.scan_items, items.scan_tree, elements.find_end)
    assert all(kernel.clause.startswith("PS3.5 7") for kernel in kernels)
