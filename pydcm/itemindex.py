"""The items of a sequence, and the index of each.

Opening a sequence finds where its items are. Opening an item indexes its
elements and those of all items within it, in one pass.
"""

from __future__ import annotations

from array import array
from typing import Any, NamedTuple

from pydcm import limits
from pydcm.elementindex import (
    UNDEFINED,
    Around,
    ElementIndex,
    finish_truncated,
    scan_into,
    scratch_space,
)
from pydcm.kernels import elements, headers, items
from pydcm.kernels.status import failure
from pydcm.packedindex import packed_part

__all__ = [
    "ItemPlace",
    "find_items",
    "is_undefined_item",
    "open_item",
    "packed_places",
    "rows_of_item",
]

ITEM = 0xFFFEE000
ITEM_DELIMITER = 0xFFFEE00D
_ITEM_HEADER = 8

_new_tuple = tuple.__new__  # a named tuple at half the cost; there are very many of these


class ItemPlace(NamedTuple):
    """One item of a sequence.

    Attributes
    ----------
    number : int
        0-based number of the item.
    index : ElementIndex
        The index that has its elements; while `row` is negative, one without
        elements that says where the sequence is.
    row : int
        The row of the item there, before those of its elements; -1 as long as
        it is not indexed.
    begin, end : int
        Where its content lies in the index's window, without a delimiter.
    """

    number: int
    index: ElementIndex  # type: ignore[assignment]  # hides tuple.index, which nobody needs
    row: int
    begin: int
    end: int

    @property
    def undefined(self) -> bool:
        """Whether the item's length is undefined."""
        return self.index.window[self.begin - 4 : self.begin] == b"\xff\xff\xff\xff"


def open_item(place: ItemPlace, depth: int) -> tuple[ElementIndex, int]:
    """Return the index that has an item's elements, and the row of the item there.

    Parameters
    ----------
    place : ItemPlace
        The item.
    depth : int
        How deeply it is nested; 1 in a top-level sequence.
    """
    number, index, row, begin, end = place
    if row < 0:
        return _scan_item(index, number, begin, end, depth), 0
    return index, row


def is_undefined_item(index: ElementIndex, row: int) -> bool:
    """Return whether the length of the item at a row is undefined."""
    begin = index.offsets[row]
    return index.window[begin + 4 : begin + 8] == b"\xff\xff\xff\xff"


def rows_of_item(index: ElementIndex, row: int) -> dict[int, int]:
    """Return the row of each tag of the item at a row."""
    tags, nexts = index.tags, index.nexts
    assert nexts is not None
    found: dict[int, int] = {}
    last = nexts[row] - 1
    k, count = row + 1, 0
    while k < last:
        found[tags[k]] = k
        k = nexts[k]
        count += 1
    if count != len(found):
        index.report(
            "duplicate-element",
            f"{count - len(found)} elements have a tag that occurs before",
            offset=index.base + index.offsets[row] + 8,
            action="the last of them counts",
            row=row,
        )
    if ITEM_DELIMITER in found:
        index.leave_out_delimiters(found)
    return found


def _scan_item(shell: ElementIndex, number: int, begin: int, end: int, depth: int) -> ElementIndex:
    """Index the elements of an item, and of the items within it as far as they are regular."""
    window, coding = shell.window, shell.coding
    assert shell.outer is not None
    outer = (shell.outer[0], shell.outer[1], number)
    undefined = window[begin - 4 : begin] == b"\xff\xff\xff\xff"
    within, stop = (coding | elements.IN_ITEM, end + 8) if undefined else (coding, end)
    allowed = limits.current().max_depth - depth
    scratch = scratch_space
    if len(scratch.stack) < 4 * allowed + 4:
        scratch.stack = array("q", bytes(8 * (4 * allowed + 4)))
    while stop <= len(window):
        rows = items.scan_tree(
            window, begin, stop, within, allowed,
            scratch.tags, scratch.offsets, scratch.nexts, scratch.stack, scratch.state,
        )  # fmt: skip
        if rows:
            return ElementIndex(
                shell.source, window, shell.base, scratch.tags[:rows], scratch.offsets[:rows],
                coding, shell.context, outer, scratch.nexts[:rows],
            )  # fmt: skip
        if scratch.state[0] != elements.ROOM_USED:
            break
        scratch.grow()
    return _one_level(shell, outer, begin, end, within)


def _one_level(
    shell: ElementIndex, outer: tuple[Around, int, int], begin: int, end: int, within: int
) -> ElementIndex:
    """Index the elements of an item that is not regular throughout, as far as they go."""
    found = ElementIndex(
        shell.source, shell.window, shell.base, array("q"), array("q", (begin,)),
        within, shell.context, outer,
    )  # fmt: skip
    reason, position = scan_into(found, begin, end)
    found.coding = shell.coding
    if reason == elements.TOO_SHORT:
        finish_truncated(found, position, end)
    rows = len(found.tags)
    found.tags = array("q", (ITEM, *found.tags, -1))
    found.offsets = array("q", (begin - 8, *found.offsets))
    found.nexts = array("q", (rows + 2, *range(2, rows + 3)))
    return found


def find_items(
    outer: ElementIndex, row: int, first: int, last: int, vr: str | None, depth: int
) -> list[ItemPlace]:
    """Find the items of a sequence.

    Parameters
    ----------
    outer : ElementIndex
        The index that the sequence is an element of.
    row : int
        Its row there.
    first, last : int
        Absolute offsets of its value, without a closing delimiter.
    vr : str or None
        The VR in the file.
    depth : int
        How deeply the items are nested; 1 in a top-level sequence.

    Returns
    -------
    list of ItemPlace
        One for each item, in order.

    Raises
    ------
    LimitError
        If they are nested too deeply, or too many.
    """
    places = indexed_items(outer, row)
    if places:
        return places
    if depth > limits.current().max_depth:
        limits.check("max_depth", depth, "nested sequences", offset=first)
    if first < last:
        _scan_items(_shell(outer, row, first, last, vr), places, first, last)
    return places


def indexed_items(index: ElementIndex, row: int) -> list[ItemPlace]:
    """Return the items of a sequence that were indexed with the item that it is in."""
    nexts, offsets = index.nexts, index.offsets
    places: list[ItemPlace] = []
    if nexts is None:
        return places
    k, after = row + 1, nexts[row]
    while k < after:
        following = nexts[k]
        place = (len(places), index, k, offsets[k] + 8, offsets[following - 1])
        places.append(_new_tuple(ItemPlace, place))
        k = following
    return places


def _shell(outer: ElementIndex, row: int, first: int, last: int, vr: str | None) -> ElementIndex:
    """Return an index without elements that says where the items of a sequence are."""
    window, base = outer.window, outer.base
    if first < base or last > base + len(window):
        window, base = outer.read(first, last), first
    coding = outer.coding
    if vr == "UN":
        # PS3.5 6.2.2: Implicit VR, except where it is not.
        explicit = headers.looks_explicit(window, first - base + 8, last - base)
        coding = 0 if explicit else elements.IMPLICIT_VR
    return ElementIndex(
        outer.source, window, base, array("q"), array("q"), coding, outer.context, (outer, row, 0)
    )


def _scan_items(shell: ElementIndex, places: list[ItemPlace], first: int, last: int) -> None:
    """Find the items between two absolute offsets."""
    scratch = scratch_space
    position, stop = first - shell.base, last - shell.base
    allowed = limits.current()
    while position >= 0:
        count = items.scan_items(
            shell.window, position, stop, shell.coding, allowed.max_depth,
            scratch.tags, scratch.offsets, scratch.state,
        )  # fmt: skip
        if count < 0:
            raise failure("items.scan_items", count, offset=shell.base + position)
        reason, position = scratch.state
        number = len(places)
        for begin, end in zip(scratch.tags[:count], scratch.offsets[:count], strict=True):
            places.append(_new_tuple(ItemPlace, (number, shell, -1, begin, end)))
            number += 1
        if number > allowed.max_elements:
            limits.check("max_elements", number, "items in one sequence", offset=first)
        if reason == elements.AT_END:
            return
        if reason == elements.TOO_SHORT:
            position = _odd_item(shell, places, position, stop)


def _odd_item(shell: ElementIndex, places: list[ItemPlace], position: int, stop: int) -> int:
    """Take an item that is not whole as far as it goes; return where to go on, or -1."""
    window = shell.window
    offset = shell.base + position
    if stop - position < 8:
        _report(shell, "truncated-sequence", "no whole item tag is left", offset)
        return -1
    tag, _, length, begin, _ = headers.header(window, position, stop, shell.coding)
    if tag == ITEM_DELIMITER:
        return position + 8  # one too many between items
    if tag != ITEM:
        _report(shell, "broken-sequence", f"no item, but tag {tag:08X}", offset)
        return -1
    if length == UNDEFINED or begin + length > stop:
        _report(shell, "truncated-sequence", "the last item is cut off", offset)
        places.append(ItemPlace(len(places), shell, -1, begin, stop))
        return -1
    places.append(ItemPlace(len(places), shell, -1, begin, begin + length))
    return begin + length


def packed_places(entries: list[Any]) -> list[Any]:
    """Return the entries of a sequence for its pickle, with no more than the bytes of its items.

    Parameters
    ----------
    entries : list of ItemPlace or Dataset
        Items that nobody has opened, and others, which are left as they are.
    """
    places = [entry for entry in entries if type(entry) is ItemPlace and entry.row < 0]
    parts: dict[int, tuple[ElementIndex, int]] = {}
    for shell in {id(place.index): place.index for place in places}.values():
        inside = [place for place in places if place.index is shell]
        begin = min(place.begin for place in inside) - _ITEM_HEADER
        end = max(place.end for place in inside) + _ITEM_HEADER
        part = packed_part(shell, begin, end, shell.tags, shell.offsets)
        parts[id(shell)] = ElementIndex(*part), begin

    def packed(place: ItemPlace) -> ItemPlace:
        # An index of items begins with the first of them in its pickle.
        index, shift = parts.get(id(place.index)) or (place.index, place.index.offsets[0])
        return place._replace(index=index, begin=place.begin - shift, end=place.end - shift)

    return [packed(entry) if type(entry) is ItemPlace else entry for entry in entries]


def _report(shell: ElementIndex, code: str, message: str, offset: int) -> None:
    assert shell.outer is not None
    outer, row, _ = shell.outer
    outer.report(
        code, message, offset=offset, action="the sequence is read up to that place", row=row
    )
