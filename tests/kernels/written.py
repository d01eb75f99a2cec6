"""Data sets of any structure that the standard allows, and where each part of them is."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from hypothesis import strategies as st

from pydcm.kernels.elements import BIG_ENDIAN, IMPLICIT_VR

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LONG = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
CODINGS = (0, IMPLICIT_VR, BIG_ENDIAN)


def header(tag: int, vr: str, length: int, coding: int = 0) -> bytes:
    """Return the header of an element, an item or a delimiter."""
    order = ">" if coding & BIG_ENDIAN else "<"
    start = struct.pack(order + "2H", tag >> 16, tag & 0xFFFF)
    if coding & IMPLICIT_VR or tag >> 16 == 0xFFFE:
        return start + struct.pack(order + "I", length)
    if vr in LONG:
        return start + vr.encode() + struct.pack(order + "HI", 0, length)
    return start + vr.encode() + struct.pack(order + "H", length)


def element(tag: int, vr: str, value: bytes = b"", coding: int = 0) -> bytes:
    """Return an element of defined length."""
    return header(tag, vr, len(value), coding) + value


def undefined(tag: int, vr: str, value: bytes, coding: int = 0, inner: int | None = None) -> bytes:
    """Return an element of undefined length; its delimiter is in the coding of its content."""
    inner = coding if inner is None else inner
    return header(tag, vr, UNDEFINED, coding) + value + header(SEQUENCE_END, "", 0, inner)


def item(content: bytes = b"", coding: int = 0, *, delimited: bool = False) -> bytes:
    """Return an item."""
    if not delimited:
        return header(ITEM, "", len(content), coding) + content
    end = header(ITEM_END, "", 0, coding)
    return header(ITEM, "", UNDEFINED, coding) + content + end


class Leaf(NamedTuple):
    """An element with a value of defined length."""

    tag: int
    vr: str
    value: bytes


@dataclass
class Branch:
    """A sequence, or fragments, or either with VR UN."""

    tag: int
    vr: str
    delimited: bool
    items: list[Item] = field(default_factory=list)


@dataclass
class Item:
    """An item of elements, or a fragment of octets."""

    delimited: bool
    content: list[Leaf | Branch] | bytes


class Written(NamedTuple):
    """An encoded data set, the tags of its elements, and where each begins and the last ends."""

    data: bytes
    tags: list[int]
    offsets: list[int]


class WrittenItem(NamedTuple):
    """Where an item's content begins and ends in its sequence's value, and what it holds."""

    begin: int
    end: int
    content: Written


def inner_coding(branch: Branch, coding: int) -> int:
    """PS3.5 6.2.2: the items of an element with VR UN are in Implicit VR Little Endian."""
    explicit = not coding & IMPLICIT_VR
    return IMPLICIT_VR if branch.vr == "UN" and explicit else coding


def write_items(branch: Branch, coding: int) -> tuple[bytes, list[WrittenItem]]:
    """Encode the items of a sequence, without header and delimiter."""
    data, places = b"", []
    inner = inner_coding(branch, coding)
    for each in branch.items:
        if isinstance(each.content, bytes):
            content = Written(each.content, [], [0])
        else:
            content = write(each.content, inner)
        begin = len(data) + 8
        places.append(WrittenItem(begin, begin + len(content.data), content))
        data += item(content.data, inner, delimited=each.delimited)
    return data, places


def write(nodes: list[Leaf | Branch], coding: int) -> Written:
    """Encode a data set."""
    data, offsets = b"", [0]
    for node in nodes:
        if isinstance(node, Leaf):
            data += element(node.tag, node.vr, node.value, coding)
        else:
            value, _ = write_items(node, coding)
            if node.delimited:
                data += undefined(node.tag, node.vr, value, coding, inner_coding(node, coding))
            else:
                data += element(node.tag, node.vr, value, coding)
        offsets.append(len(data))
    return Written(data, [node.tag for node in nodes], offsets)


def sample() -> list[Leaf | Branch]:
    """Return a data set with every kind of sequence."""
    leaves: list[Leaf | Branch] = [Leaf(0x00100010, "PN", b"AB"), Leaf(0x00100020, "UT", b"CDEF")]
    nested = Branch(0x00081140, "SQ", True, [Item(True, leaves), Item(False, leaves)])
    unknown = Branch(0x00091010, "UN", True, [Item(True, leaves)])
    return [
        Leaf(0x00080016, "UI", b"1.2\0"),
        Branch(0x00081115, "SQ", True, [Item(True, [*leaves, nested]), Item(False, [nested])]),
        Branch(0x00081140, "SQ", False, [Item(True, leaves)]),
        unknown,
        Leaf(0x00280010, "US", b"\2\0"),
        Branch(0x7FE00010, "OB", True, [Item(False, b""), Item(False, b"abcd")]),
    ]


_VRS = sorted("AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_tags = st.integers(0x00080000, 0x7FE00009)
_values = st.binary(max_size=10).map(lambda half: half + half)
_leaves = st.builds(Leaf, _tags, st.sampled_from(_VRS + sorted(LONG - {"SQ"})), _values)
_fragments = st.builds(
    Branch,
    tag=st.just(0x7FE00010),
    vr=st.sampled_from(["OB", "OW"]),
    delimited=st.just(True),
    items=st.lists(st.builds(Item, delimited=st.just(False), content=_values), max_size=3),
)


def _branches(
    nodes: st.SearchStrategy[list[Leaf | Branch]],
) -> st.SearchStrategy[Branch]:
    items = st.lists(st.builds(Item, delimited=st.booleans(), content=nodes), max_size=3)
    # With UN and a defined length nothing tells that it is a sequence, so it is none here.
    return st.builds(
        Branch, tag=_tags, vr=st.just("SQ"), delimited=st.booleans(), items=items
    ) | st.builds(Branch, tag=_tags, vr=st.just("UN"), delimited=st.just(True), items=items)


data_sets: st.SearchStrategy[list[Leaf | Branch]] = st.recursive(
    st.lists(_leaves | _fragments, max_size=4),
    lambda nodes: st.lists(_leaves | _fragments | _branches(nodes), max_size=4),
    max_leaves=12,
)
"""Any tree of elements, in any order of tags."""
