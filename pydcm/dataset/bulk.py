"""All plain elements of a data set at once, for programs that visit every one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm.ambiguous import AMBIGUOUS_VRS
from pydcm.dataelem import DataElement
from pydcm.elementindex import SHORT_VRS_BY_CODE
from pydcm.errors import PydcmError
from pydcm.hooks import LUT_DESCRIPTORS, hooks, private_vr
from pydcm.tag import BaseTag
from pydcm.values import DECODERS, empty_value

if TYPE_CHECKING:
    from pydcm.dataset.lazy import LazyElements
    from pydcm.elementindex import ElementIndex

__all__ = ["can_decode_plain", "decode_plain", "known_tag", "known_tags"]

_NOT_PLAIN = AMBIGUOUS_VRS | {"SQ"}
_UNDEFINED = b"\xff\xff\xff\xff"
_PRIVATE = 0x10000
_FIRST_IN_A_BLOCK = 0x1000

_new = object.__new__
_new_tag = BaseTag.__new__
known_tags: dict[int, BaseTag] = {}
"""Tags by number, for loops that spare the call of :func:`known_tag`."""
_MOST_KNOWN = 4096


def known_tag(number: int) -> BaseTag:
    """Return a tag, and remember it: files have few that are different."""
    tag = known_tags.get(number)
    if tag is None:
        tag = _new_tag(BaseTag, number)
        if len(known_tags) < _MOST_KNOWN:
            known_tags[number] = tag
    return tag


def can_decode_plain(index: ElementIndex) -> bool:
    """Whether the settings and the encoding let elements be decoded many at a time."""
    return not index.coding and hooks.are_default() and config.data_element_callback is None


def decode_plain(ds: LazyElements, index: ElementIndex) -> tuple[dict[int, DataElement], bool]:
    """Return the plain elements that nobody has decoded yet, and whether that is all of them.

    Those whose value does not fit, or depends on other elements, are left out.
    """
    window, offsets, encodings = index.window, index.offsets, ds._encodings_read
    size, short, decoders, empty = len(window), SHORT_VRS_BY_CODE.get, DECODERS, empty_value
    known, new = known_tags.get, _new
    found: dict[int, DataElement] = {}
    creators: dict[int, str | None] = {}
    others = False
    known_vrs = config.replace_un_with_known_vr
    for tag, row in list(ds._dict.items()):
        if type(row) is not int:
            others = others or type(row) is not DataElement
            continue
        begin, end = offsets[row], offsets[row + 1]
        code = window[begin + 4 : begin + 6]
        vr = short(code)
        creator: str | None = None
        try:
            if tag & _PRIVATE and tag & 0xFFFF >= _FIRST_IN_A_BLOCK:
                block = tag & 0xFFFF0000 | tag >> 8 & 0xFF
                if block not in creators:
                    creators[block] = _creator(ds, tag, found.get(block))
                creator = creators[block]
            if vr is not None and end <= size:
                raw = window[begin + 8 : end]
            elif code == b"UN":
                # PS3.5 6.2.2: what its meaning is may be known. Public ones are rare.
                if not tag & _PRIVATE or end > size or window[begin + 8 : begin + 12] == _UNDEFINED:
                    others = True
                    continue
                raw = window[begin + 12 : end]
                vr = private_vr(tag, "UN", creator) if known_vrs else "UN"
            else:
                plain = None if vr is not None else index.plain_value(row)
                if plain is None:
                    made = None if tag & _PRIVATE else ds._plain_sequence(index, tag, row)
                    if made is None:
                        others = True
                    else:
                        found[tag] = made
                    continue
                vr, raw = plain
            if tag in LUT_DESCRIPTORS or vr in _NOT_PLAIN:
                others = True
                continue
            value: Any = decoders[vr](raw, True, encodings) if raw else empty(vr)
        except (PydcmError, ValueError, OverflowError):
            others = True  # it fails again, and says so, when it is visited
            continue
        element = new(DataElement)
        element.tag = known(tag) or known_tag(tag)
        element.VR = element._read_vr = vr
        element._value = value
        element._home = index
        element._row = row
        if creator is not None:
            element.private_creator = creator
        found[tag] = element
    return found, not others


def _creator(ds: LazyElements, tag: int, reserving: DataElement | None) -> str | None:
    """Return the private creator of a block, which may have been decoded just now."""
    if reserving is None:
        return ds.private_creator_of(tag)
    value = reserving._value
    return value if isinstance(value, str) else None
