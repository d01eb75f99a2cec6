"""An item and everything in it, decoded in one pass before all of it is visited."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from pydcm.dataelem import DataElement
from pydcm.dataset.bulk import can_decode_plain, known_tag, known_tags
from pydcm.dataset.lazy import (
    CHARACTER_SET,
    PIXEL_REPRESENTATION,
    ItemOpener,
    LazyElements,
    Stored,
)
from pydcm.elementindex import SHORT_VRS_BY_CODE, ElementIndex
from pydcm.errors import PydcmError
from pydcm.hooks import LUT_DESCRIPTORS
from pydcm.itemindex import ITEM
from pydcm.sequence import Sequence
from pydcm.values import DECODERS, empty_value

if TYPE_CHECKING:
    from pydcm.dataset.data import Dataset

__all__ = ["whole_item"]

_SPECIAL = {CHARACTER_SET, PIXEL_REPRESENTATION}
"""Elements of an item that change the meaning of others, in it and below it."""

_END_OF_ITEM = -1
_UNDEFINED = b"\xff\xff\xff\xff"
_new = object.__new__
_set = object.__setattr__


def whole_item(item: Dataset) -> Iterable[DataElement]:
    """Return the elements of an item by ascending tag, those in it at every depth made, too.

    It makes what visiting the elements one by one would make, in half of the
    time. What is not plain is left alone: private elements, values that do not
    fit their VR, all of an item whose tags are doubled, or in which an item
    declares another character set.
    """
    if "_plain" not in item.__dict__:
        _decode_tree(item)
    if item.__dict__.get("_plain"):
        entries = cast("dict[int, DataElement]", item._dict)
        return list(map(entries.__getitem__, sorted(entries)))
    return item


def _decode_tree(item: LazyElements) -> None:
    """Decode the plain elements of an item that nobody has looked into."""
    index, row = item._index, item._row
    if index is None or row is None or index.nexts is None or not can_decode_plain(index):
        return
    if any(type(entry) is not int for entry in list(item._dict.values())):
        return
    whole = _decoded(item, index, row)
    if whole is not None:
        item._adopt(whole["_dict"])
        item.__dict__["_plain"] = whole["_plain"]


def _decoded(item: LazyElements, index: ElementIndex, root: int) -> dict[str, Any] | None:
    """Return the state of the item at row `root`, or None if something in it is special."""
    window, tags, offsets, nexts = index.window, index.tags, index.offsets, index.nexts
    assert nexts is not None
    encodings = item._encodings_read
    common = _state_of_items(item, index)
    decoders, empty, short, known = DECODERS, empty_value, SHORT_VRS_BY_CODE.get, known_tags.get
    parents: list[tuple[dict[int, Stored], list[Any], dict[str, Any], int]] = []
    found: dict[int, Stored] = {}
    items: list[Any] = []
    state: dict[str, Any] = {"_dict": found, "_depth": item._depth, "_plain": True}
    count = 0
    following, last = root + 1, nexts[root] - 1
    while following < last:
        row, following = following, following + 1
        tag, begin, end = tags[row], offsets[row], offsets[following]
        if tag == _END_OF_ITEM:
            if count != len(found):
                return None
            found, items, state, count = parents.pop()
            continue
        if tag == ITEM:
            if nexts[row] == following:
                return None  # no item, but an element with its tag in an item that is broken
            within = {**common, "_dict": {}, "_row": row, "_depth": state["_depth"] + 1}
            if window[begin + 4 : begin + 8] == _UNDEFINED:
                within["is_undefined_length_sequence_item"] = True
            items.append(_new(ItemOpener.item_type))
            _set(items[-1], "__dict__", within)
            parents.append((found, items, state, count))
            state, found, count = within, within["_dict"], 0
            continue
        count += 1
        code = window[begin + 4 : begin + 6]
        vr = short(code)
        value: Any = None
        made = _new(DataElement)
        if vr is not None and not (tag & 0x10000 or tag in LUT_DESCRIPTORS):
            if tag in _SPECIAL and parents:
                return None
            try:
                raw = window[begin + 8 : end]
                value = decoders[vr](raw, True, encodings) if raw else empty(vr)
            except (PydcmError, ValueError, OverflowError):
                vr = None  # it fails again, and says so, when it is visited
        elif code == b"SQ" and not tag & 0x10000 and (nexts[row] > following or end == begin + 12):
            items, vr = [], "SQ"
            value = _new(Sequence)
            value._list, value._open = items, None
            if window[begin + 8 : begin + 12] == _UNDEFINED:
                value.is_undefined_length = made.is_undefined_length = made._read_undefined = True
        else:
            vr = None
        if vr is None:
            found[tag] = row
            state["_plain"] = False
            following = nexts[row]
            continue
        made.tag = known(tag) or known_tag(tag)
        made.VR = made._read_vr = vr
        made._value = value
        made._home = index
        made._row = row
        found[tag] = made
    return state if count == len(found) else None


def _state_of_items(item: LazyElements, index: ElementIndex) -> dict[str, Any]:
    """Return what the items within an item have in common, as `ItemOpener` gives it to them."""
    encodings = item._encodings_read
    common: dict[str, Any] = {
        "_index": index,
        "_parent_encoding": encodings,
        "_read_implicit": False,
        "_read_little": True,
        "_encodings": encodings,
        "_plain": True,
    }
    pixel_rep = item._pixel_representation()
    if pixel_rep is not None:
        common["_pixel_rep"] = pixel_rep
    return common
