"""Whether something is as it was read, so that the bytes it was read from stand for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.dataelem import DataElement
from pydcm.itemindex import is_undefined_item
from pydcm.sequence import Sequence

if TYPE_CHECKING:
    from pydcm.dataset.lazy import LazyElements
    from pydcm.elementindex import ElementIndex

__all__ = ["is_clean_element", "is_clean_sequence", "is_untouched", "packed_entries"]


def is_clean_sequence(items: Sequence) -> bool:
    """Whether neither a sequence nor anything in it was changed since it was read."""
    return not items.modified and all(
        items.unopened(number) is not None or _is_clean(items[number])
        for number in range(len(items))
    )


def _is_clean(item: LazyElements) -> bool:
    index = item._index
    if index is None:
        return False
    undefined = item._row is not None and is_undefined_item(index, item._row)
    return item.is_undefined_length_sequence_item == undefined and is_untouched(item)


def is_clean_element(elem: DataElement) -> bool:
    """Whether an element, and all in it, is as it was read."""
    if not elem._is_as_read():
        return False
    return elem.VR != "SQ" or is_clean_sequence(elem.value)


def is_untouched(ds: LazyElements) -> bool:
    """Whether nothing in a data set was changed since it was read."""
    return (
        ds._index is not None
        and not ds._modified
        and all(
            type(entry) is int or (isinstance(entry, DataElement) and is_clean_element(entry))
            for entry in list(ds._dict.values())
        )
    )


# ---- pickles ----------------------------------------------------------------

_OF_ELEMENTS = {
    "tag", "VR", "_value", "_home", "_row", "_read_vr", "_read_undefined", "_tell",
    "is_undefined_length", "private_creator",
}  # fmt: skip
_OF_SEQUENCES = {"_list", "_open", "is_undefined_length", "modified"}
_OF_ITEMS = {
    "_depth", "_dict", "_encodings", "_index", "_items_opener", "_parent_encoding", "_pixel_rep",
    "_plain", "_read_implicit", "_read_little", "_row", "is_undefined_length_sequence_item",
}  # fmt: skip
"""Attributes that reading makes; an object that has others was given them by a program."""


def packed_entries(ds: LazyElements, index: ElementIndex) -> tuple[dict[int, Any], list[int]]:
    """Return the entries of a data set for its pickle, and which elements lie in its index.

    What was decoded and not changed is a row again, so that looking at a data
    set does not make its pickle any larger.
    """
    entries: dict[int, Any] = dict(ds._dict)
    decoded = {
        tag: entry
        for tag, entry in entries.items()
        if isinstance(entry, DataElement) and entry._home is index
    }
    clean = {tag for tag, elem in decoded.items() if _is_row(tag, elem, index)}
    rows = sum(type(entry) is int for entry in entries.values())
    untouched = not ds._modified and len(clean) + rows == len(entries)
    for tag in clean:
        if untouched or _reads_alike(decoded[tag], index):
            entries[tag] = decoded.pop(tag)._row
    return entries, list(decoded)


def _is_row(tag: int, elem: DataElement, index: ElementIndex) -> bool:
    """Whether a row of the index becomes this element, and all in it, when it is decoded."""
    if type(elem) is not DataElement or index.tags[elem._row] != tag or not is_clean_element(elem):
        return False
    return _is_bare(elem)


def _is_bare(elem: DataElement) -> bool:
    """Whether no program attached anything to an element or to what is in it."""
    if not elem.__dict__.keys() <= _OF_ELEMENTS:
        return False
    if elem.VR != "SQ":
        return True
    items: Sequence = elem._value
    if type(items) is not Sequence or not items.__dict__.keys() <= _OF_SEQUENCES:
        return False
    return all(
        items.unopened(number) is not None or _is_bare_item(items[number])
        for number in range(len(items))
    )


def _is_bare_item(item: LazyElements) -> bool:
    return item.__dict__.keys() <= _OF_ITEMS and all(
        type(entry) is int or (type(entry) is DataElement and _is_bare(entry))
        for entry in list(item._dict.values())
    )


def _reads_alike(elem: DataElement, index: ElementIndex) -> bool:
    """Whether an element is decoded alike whatever other elements of its data set became."""
    found = index.element(elem._row)
    if found.end > index.base + len(index.window):
        return True  # long values are bytes; a sequence knows what it was opened with
    return not elem.tag.is_private and elem.VR in (found.vr, "SQ")
