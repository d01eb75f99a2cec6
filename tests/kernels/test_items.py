"""Where items begin and end, and all that is in them, in the reference and compiled alike."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pydcm.kernels.elements import AT_END, BIG_ENDIAN, IMPLICIT_VR, IN_ITEM, ROOM_USED, TOO_SHORT
from pydcm.kernels.status import DEPTH_LIMIT
from tests.kernels.both import scan_items, scan_tree
from tests.kernels.written import (
    CODINGS,
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    Branch,
    Item,
    Leaf,
    data_sets,
    element,
    header,
    item,
    sample,
    undefined,
    write,
    write_items,
)

SQ, TAG = 0x00081140, 0x00100010

codings = pytest.mark.parametrize(
    "coding", CODINGS, ids=["explicit little", "implicit little", "explicit big"]
)


# --- the items of a sequence --------------------------------------------------


@codings
@pytest.mark.parametrize("delimited", [False, True])
def test_items(coding: int, delimited: bool) -> None:
    first, second = element(TAG, "PN", b"AB", coding), element(0x00100020, "UT", b"CD", coding)
    value = item(first + second, coding, delimited=delimited)
    begin = len(value) + 8
    value += item(first, coding, delimited=delimited)
    found = scan_items(value, coding=coding)
    assert found[:3] == (2, AT_END, len(value))
    assert found.items == [(8, 8 + len(first + second)), (begin, begin + len(first))]


@codings
@pytest.mark.parametrize("room", [1, 2, 3, 4, 5, 6])
def test_items_go_on_where_the_room_was_used(coding: int, room: int) -> None:
    content = element(TAG, "PN", b"AB", coding)
    value = b"".join(item(content * k, coding, delimited=k & 1 == 1) for k in (1, 3, 0, 2, 1))
    places: list[tuple[int, int]] = []
    start = 0
    while True:
        part = scan_items(value, start, None, coding, room=room)
        places += part.items
        start = part.position
        if part.reason == AT_END:
            break
        assert (part.reason, part.result) == (ROOM_USED, room)
    assert places == scan_items(value, coding=coding).items
    assert len(places) == 5


@codings
def test_an_item_that_is_cut_off_is_left_to_the_caller(coding: int) -> None:
    good = item(element(TAG, "PN", b"AB", coding), coding)
    for delimited in (False, True):
        bad = item(element(TAG, "PN", b"ABCD", coding), coding, delimited=delimited)
        for cut in range(1, len(bad)):
            found = scan_items(good + bad[:-cut], coding=coding)
            assert found[:3] == (1, TOO_SHORT, len(good))


@codings
def test_what_is_no_item_is_left_to_the_caller(coding: int) -> None:
    good = item(b"", coding)
    for other in (
        element(TAG, "PN", b"AB", coding),
        undefined(SQ, "SQ", b"", coding),
        header(ITEM_END, "", 0, coding),
    ):
        assert scan_items(good + other, coding=coding)[:3] == (1, TOO_SHORT, 8)


@codings
def test_items_nested_too_deeply(coding: int) -> None:
    data = b""
    for _ in range(4):
        data = undefined(SQ, "SQ", item(data, coding, delimited=True), coding)
    value = item(data, coding, delimited=True)
    assert scan_items(value, coding=coding, max_depth=5).result == 1
    assert scan_items(value, coding=coding, max_depth=3).result == DEPTH_LIMIT


# --- an item and all that is in it ---------------------------------------------


def _holds_items(branch: Branch, coding: int) -> bool:
    if coding & IMPLICIT_VR:
        return branch.delimited and branch.tag != 0x7FE00010
    return branch.vr == "SQ"


def _rows(each: Item, at: int, coding: int, rows: list[tuple[int, int, int]]) -> None:
    """Add the rows of an item whose header is at `at`."""
    assert not isinstance(each.content, bytes)
    first, position = len(rows), at + 8
    rows.append((ITEM, at, -1))
    for node in each.content:
        row, begin = len(rows), position
        rows.append((node.tag, begin, -1))
        position += len(write([node], coding).data)
        if isinstance(node, Branch) and _holds_items(node, coding):
            value, places = write_items(node, coding)
            start = begin + len(header(node.tag, node.vr, 0, coding))
            for inner, place in zip(node.items, places, strict=True):
                _rows(inner, start + place.begin - 8, coding, rows)
            assert start + len(value) + 8 * node.delimited == position
        rows[row] = (node.tag, begin, len(rows))
    rows.append((-1, position, len(rows) + 1))
    rows[first] = (ITEM, at, len(rows))


def _check_tree(each: Item, coding: int, before: int) -> None:
    content = each.content
    assert not isinstance(content, bytes)
    inside = write(content, coding).data
    data = b"\xa5" * before + item(inside, coding, delimited=each.delimited)
    rows: list[tuple[int, int, int]] = []
    _rows(each, before, coding, rows)
    flags = coding | (IN_ITEM if each.delimited else 0)
    assert scan_tree(data, before + 8, None, flags) == (len(rows), AT_END, rows)
    for room in range(1, len(rows) + 1):
        assert scan_tree(data, before + 8, None, flags, room=room)[:2] == (0, ROOM_USED)
    # An element more than it needs to close is asked for.
    assert scan_tree(data, before + 8, None, flags, room=len(rows) + 1).result == len(rows)


@codings
@pytest.mark.parametrize("delimited", [False, True])
def test_a_tree(coding: int, delimited: bool) -> None:
    _check_tree(Item(delimited, sample()), coding, 5)
    _check_tree(Item(delimited, []), coding, 0)


@codings
@pytest.mark.parametrize("delimited", [False, True])
def test_a_tree_that_is_cut_off(coding: int, delimited: bool) -> None:
    data = item(write(sample(), coding).data, coding, delimited=delimited)
    flags = coding | (IN_ITEM if delimited else 0)
    ends = {8 + offset for offset in write(sample(), coding).offsets}
    for stop in range(8, len(data)):
        found = scan_tree(data[:stop], 8, stop, flags)
        whole = not delimited and stop in ends
        assert (found.result > 0, found.reason) == (whole, AT_END if whole else TOO_SHORT)


@codings
@pytest.mark.parametrize("delimited", [False, True])
def test_a_tree_that_is_not_regular(coding: int, delimited: bool) -> None:
    good = element(TAG, "PN", b"AB", coding)
    wrong = [
        header(ITEM, "", 0, coding),
        header(SEQUENCE_END, "", 0, coding),
        undefined(SQ, "SQ", good, coding),
        undefined(SQ, "SQ", header(ITEM, "", UNDEFINED, coding) + good, coding),
    ]
    if not delimited:
        wrong.append(header(ITEM_END, "", 0, coding))
    if not coding & IMPLICIT_VR:
        wrong += [
            element(SQ, "SQ", good, coding),
            element(SQ, "SQ", item(good, coding)[:-2], coding),
            element(SQ, "SQ", item(good[:-2], coding), coding),
        ]
    for each in wrong:
        data = item(good + each + good, coding, delimited=delimited)
        flags = coding | (IN_ITEM if delimited else 0)
        assert scan_tree(data, 8, None, flags)[:2] == (0, TOO_SHORT), each


@codings
def test_a_tree_that_is_too_deep(coding: int) -> None:
    data = b""
    for _ in range(4):
        data = undefined(SQ, "SQ", item(data, coding, delimited=True), coding)
    data = item(data, coding)
    assert scan_tree(data, 8, None, coding, max_depth=5).reason == AT_END
    assert scan_tree(data, 8, None, coding, max_depth=4)[:2] == (0, TOO_SHORT)
    assert scan_tree(data, 8, None, coding, max_depth=0)[:2] == (0, TOO_SHORT)


@codings
def test_a_sequence_truncated_at_every_octet(coding: int) -> None:
    branch = cast(Branch, sample()[1])
    value, places = write_items(branch, coding)
    ends = [8 * each.delimited + p.end for each, p in zip(branch.items, places, strict=True)]
    for stop in range(len(value) + 1):
        found = scan_items(value, 0, stop, coding)
        whole = sum(end <= stop for end in ends)
        assert found.result == whole
        at = ends[whole - 1] if whole else 0
        assert (found.reason, found.position) == ((AT_END, at) if stop == at else (TOO_SHORT, at))
        assert scan_items(value[:stop], coding=coding) == found


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data_sets, st.sampled_from(CODINGS), st.booleans())
@example([Branch(0x00090010, "UN", True, []), Branch(SQ, "SQ", True, [])], BIG_ENDIAN, False)
def test_any_tree(nodes: list[Leaf | Branch], coding: int, delimited: bool) -> None:
    _check_tree(Item(delimited, nodes), coding, 0)
