"""The index that a data set read from bytes is: where its elements lie.

An index holds no values. It knows the bytes that hold the headers (the
window), the source for what was left in the file, and two arrays: each
element's tag, and the offset of its header.
"""

from __future__ import annotations

import threading
from array import array
from typing import NamedTuple

from pydcm import limits
from pydcm.diagnostics import ReadContext
from pydcm.errors import LimitError
from pydcm.kernels import elements
from pydcm.kernels.dialect import LONG_VRS, SHORT_VRS, u16x4_be, u16x4_le, u32_be, u32_le
from pydcm.kernels.status import failure
from pydcm.source import ByteSource, Extent

__all__ = [
    "ANY_TAG",
    "UNDEFINED",
    "Element",
    "ElementIndex",
    "ItemPlace",
    "Place",
    "append_rows",
    "finish_truncated",
    "index_item",
    "scan_into",
    "scan_sequence",
]

UNDEFINED = 0xFFFFFFFF
ANY_TAG = 1 << 32

_new_tuple = tuple.__new__  # a named tuple at half the cost; there are very many of some

_VR_TEXT = {vr.encode(): vr for vr in (*SHORT_VRS, *LONG_VRS)}
_SHORT_TEXT = {vr.encode(): vr for vr in SHORT_VRS}
_LONG_TEXT = {vr.encode(): vr for vr in LONG_VRS if vr != "SQ"}
_LONG = {vr.encode() for vr in LONG_VRS}
_SEQUENCE_DELIMITER = {False: b"\xfe\xff\xdd\xe0", True: b"\xff\xfe\xe0\xdd"}


class Place(NamedTuple):
    """Where an item is: the sequence's tag and the item's 0-based number, in which place.

    `depth` is 1 in a top-level sequence.
    """

    outer: Place | None
    tag: int
    item: int
    depth: int

    def __str__(self) -> str:
        """Return a path such as ``ReferencedStudySequence[0]``."""
        from pydcm.datadict import keyword_for_tag

        name = keyword_for_tag(self.tag) or f"({self.tag >> 16:04X},{self.tag & 0xFFFF:04X})"
        here = f"{name}[{self.item}]"
        return here if self.outer is None else f"{self.outer}.{here}"


class Element(NamedTuple):
    """One element's header, and where its value lies.

    Attributes
    ----------
    vr : str or None
        The VR in the file; None in Implicit VR.
    length : int
        The length field; 0xFFFFFFFF if undefined.
    header : int
        Absolute offset of the header.
    begin, end : int
        Absolute offsets of the value, without a closing delimiter.
    """

    vr: str | None
    length: int
    header: int
    begin: int
    end: int


class ElementIndex:
    """Where the elements of one encoded data set lie.

    Parameters
    ----------
    source : ByteSource
        All bytes; offsets are offsets into it.
    window : bytes
        The part of the source that holds the headers.
    base : int
        Where the window begins in the source.
    tags, offsets : array of int64
        Tag and header offset of each element, and in one more offset the end;
        relative to the window, even where the source goes on after it.
    coding : int
        ``elements.IMPLICIT_VR | elements.BIG_ENDIAN`` as it applies.
    context : ReadContext
        What the file's data sets share.
    place : Place, optional
        The item that this is; None for a whole data set.
    """

    __slots__ = ("base", "coding", "context", "offsets", "place", "source", "tags", "window")

    def __init__(
        self,
        source: ByteSource,
        window: bytes,
        base: int,
        tags: array[int],
        offsets: array[int],
        coding: int,
        context: ReadContext,
        place: Place | None = None,
    ) -> None:
        self.source = source
        self.window = window
        self.base = base
        self.tags = tags
        self.offsets = offsets
        self.coding = coding
        self.context = context
        self.place = place

    @property
    def is_implicit(self) -> bool:
        """Whether elements carry no VR."""
        return bool(self.coding & elements.IMPLICIT_VR)

    @property
    def is_little(self) -> bool:
        """Whether values are little endian."""
        return not self.coding & elements.BIG_ENDIAN

    def rows(self) -> dict[int, int]:
        """Return the row of each tag; the last one where a tag is doubled."""
        found = dict(zip(self.tags, range(len(self.tags)), strict=True))
        if len(found) != len(self.tags):
            self.report(
                "duplicate-element",
                f"{len(self.tags) - len(found)} elements have a tag that occurs before",
                offset=self.offsets[0] + self.base,
                action="the last of them counts",
            )
        return found

    def read(self, begin: int, end: int) -> bytes:
        """Return bytes of the source by absolute offsets."""
        inside = begin - self.base
        found = self.window[inside : end - self.base] if inside >= 0 else b""
        if len(found) == end - begin:
            return found
        limits.check("max_value_bytes", end - begin, "bytes of one value", offset=begin)
        return self.source.read(begin, end - begin)

    def plain_value(self, row: int) -> tuple[str, bytes, int] | None:
        """Return VR, encoded value and its offset for the common kind of element.

        That is one in Explicit VR Little Endian, no sequence, of defined length
        (PS3.5 7.1.2), whose value is in the window. None stands for any other;
        :meth:`element` handles all.
        """
        if self.coding:
            return None
        inside = self.offsets[row]
        end = self.offsets[row + 1]
        window = self.window
        if end > len(window):
            return None
        code = window[inside + 4 : inside + 6]
        vr = _SHORT_TEXT.get(code)
        if vr is not None:
            return vr, window[inside + 8 : end], inside + self.base + 8
        vr = _LONG_TEXT.get(code)
        if vr is None or window[inside + 8 : inside + 12] == b"\xff\xff\xff\xff":
            return None
        return vr, window[inside + 12 : end], inside + self.base + 12

    def element(self, row: int) -> Element:
        """Decode the header of one element."""
        inside = self.offsets[row]
        p = inside + self.base
        following = self.offsets[row + 1] + self.base
        head = self.window[inside : inside + 12]
        if len(head) < min(12, following - p):
            head = self.source.read(p, min(12, following - p))
        big = bool(self.coding & elements.BIG_ENDIAN)
        code = head[4:6]
        vr = None if self.coding & elements.IMPLICIT_VR else _VR_TEXT.get(code)
        if vr is None:
            return self._unusual(head, p, following, big)
        if code in _LONG:
            (length,) = u32_be(head, 8) if big else u32_le(head, 8)
            begin = p + 12
        else:
            length = (u16x4_be(head, 0) if big else u16x4_le(head, 0))[3]
            begin = p + 8
        if length == UNDEFINED:
            return Element(vr, length, p, begin, self._before_delimiter(begin, following, big))
        return Element(vr, length, p, begin, min(begin + length, following))

    def _unusual(self, head: bytes, p: int, following: int, big: bool) -> Element:
        """Decode a header without a VR, or with one that is not in the tables."""
        remaining = len(head) + max(0, following - p - len(head))
        _, code, length, value, _ = elements.header(head, 0, remaining, self.coding)
        vr = chr(code & 255) + chr(code >> 8) if code else None
        begin = p + value
        if length == UNDEFINED:
            return Element(vr, length, p, begin, self._before_delimiter(begin, following, big))
        return Element(vr, length, p, begin, min(begin + length, following))

    def _before_delimiter(self, begin: int, following: int, big: bool) -> int:
        """Return where a value of undefined length ends, before its delimiter if it has one."""
        end = following - 8
        if end >= begin and self.read(end, end + 4) == _SEQUENCE_DELIMITER[big]:
            return end
        return following

    def extent(self, row: int) -> Extent:
        """Return where the value of one element lies."""
        found = self.element(row)
        return Extent(
            self.source,
            found.begin,
            found.end - found.begin,
            found.length == UNDEFINED,
            self.is_little,
        )

    def verbatim(self, first: int, last: int) -> bytes:
        """Return the bytes of the elements from row `first` up to but without `last`."""
        return self.read(self.offsets[first] + self.base, self.offsets[last] + self.base)

    def tag_path(self, tag: int) -> str:
        """Return the path of one of the elements, for messages."""
        here = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        return here if self.place is None else f"{self.place}.{here}"

    def report(
        self, code: str, message: str, *, offset: int, action: str, tag: int | None = None
    ) -> None:
        """Record a defect in this data set."""
        where = self.tag_path(tag) if tag is not None else str(self.place or "")
        self.context.report(code, message, where, offset, action)

    def __deepcopy__(self, memo: dict[int, object]) -> ElementIndex:
        return self  # nothing in it ever changes

    def __getstate__(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setstate__(self, state: tuple[object, ...]) -> None:
        for name, value in zip(self.__slots__, state, strict=True):
            setattr(self, name, value)


class _Scratch(threading.local):
    """The arrays that kernels fill, kept for the next call in the same thread."""

    def __init__(self) -> None:
        self.tags = array("q", bytes(8 * 512))
        self.offsets = array("q", bytes(8 * 513))
        self.state = array("q", (0, 0))

    def grow(self) -> None:
        """Make room for twice as many elements."""
        room = 2 * len(self.tags)
        limits.check("max_elements", room // 2, "elements in one data set")
        self.tags = array("q", bytes(8 * room))
        self.offsets = array("q", bytes(8 * (room + 1)))


_scratch = _Scratch()


def scan_into(index: ElementIndex, start: int, stop: int, until: int = ANY_TAG) -> tuple[int, int]:
    """Find elements in ``index.window[start:stop]`` and add them to the index.

    Parameters
    ----------
    index : ElementIndex
        Its last offset, if it has any, is `start`.
    start, stop : int
        Relative to the window.
    until : int
        The first element with this tag or a larger one ends the scan.

    Returns
    -------
    reason : int
        ``elements.AT_END``, ``AT_ITEM_DELIMITER``, ``AT_UNTIL`` or ``TOO_SHORT``.
    position : int
        Where it stopped, relative to the window.
    """
    scratch = _scratch
    max_depth = limits.current().max_depth
    while True:
        found = elements.scan(
            index.window, start, stop, index.coding, until, max_depth,
            scratch.tags, scratch.offsets, scratch.state,
        )  # fmt: skip
        reason, position = scratch.state
        count = found if found >= 0 else reason
        append_rows(index, scratch.tags[:count], scratch.offsets[: count + 1])
        if found < 0:
            start = _past_fault(index, found, position, stop)
            if start < 0:
                return elements.TOO_SHORT, index.offsets[-1]
        elif reason == elements.ROOM_USED:
            scratch.grow()
            start = position
        else:
            return reason, position


def append_rows(index: ElementIndex, tags: array[int], offsets: array[int]) -> None:
    """Add elements to an index; `offsets` are one longer than `tags`."""
    if index.tags:
        index.offsets.pop()
        index.tags.extend(tags)
        index.offsets.extend(offsets)
    else:
        index.tags, index.offsets = tags, offsets


def _past_fault(index: ElementIndex, status: int, position: int, stop: int) -> int:
    """Find the end of a broken undefined length by its delimiter's octets alone.

    Returns where to go on, relative to the window, or -1 if there is no delimiter.
    """
    error = failure("elements.scan", status, offset=index.base + position)
    if isinstance(error, LimitError):
        raise error
    big = bool(index.coding & elements.BIG_ENDIAN)
    header = index.offsets[-1]
    at = index.window.find(_SEQUENCE_DELIMITER[big] + bytes(4), header + 8, stop)
    if at < 0:
        return -1
    tag = elements.header(index.window, header, stop, index.coding)[0]
    index.report(
        "broken-sequence",
        f"no item begins at offset {index.base + position}",
        offset=index.base + header,
        action="the value ends at the next sequence delimiter",
        tag=tag,
    )
    index.tags.append(tag)
    index.offsets.append(at + 8)
    return at + 8


def scan_sequence(index: ElementIndex, found: Element, tag: int) -> list[ItemPlace]:
    """Find the items of a sequence that is an element of `index`.

    Returns
    -------
    list of ItemPlace
        One for each item, in order.
    """
    if found.begin >= found.end:
        return []
    inside = found.begin >= index.base and found.end <= index.base + len(index.window)
    window, base = index.window, index.base
    if not inside:
        window, base = index.read(found.begin, found.end), found.begin
    coding = index.coding
    if found.vr == "UN":
        coding = un_coding(window, found.begin - base, found.end - base)
    start, stop = found.begin - base, found.end - base
    places: list[ItemPlace] = []
    scratch = _scratch
    max_depth = limits.current().max_depth
    while True:
        number = elements.scan_items(
            window, start, stop, coding, max_depth,
            scratch.tags, scratch.offsets, scratch.state,
        )  # fmt: skip
        reason, position = scratch.state
        count = number if number >= 0 else reason
        first = len(places)
        for k, begin, end in zip(range(count), scratch.tags, scratch.offsets, strict=False):
            places.append(_new_tuple(ItemPlace, (first + k, window, base, begin, end, coding)))
        if number < 0:
            _report_items(index, tag, number, base + position)
            return places
        if reason == elements.TOO_SHORT and position < stop:
            index.report(
                "truncated-sequence",
                "the last item goes on after the sequence ends",
                offset=base + position,
                action="it is read as far as it goes",
                tag=tag,
            )
        if reason != elements.ROOM_USED:
            return places
        limits.check("max_elements", len(places), "items in one sequence", offset=base + start)
        start = position


def un_coding(window: bytes, start: int, stop: int) -> int:
    """Return the coding of a sequence whose VR is UN: implicit by PS3.5 6.2.2, unless it is not."""
    return 0 if elements.looks_explicit(window, start + 8, stop) else elements.IMPLICIT_VR


def _report_items(index: ElementIndex, tag: int, status: int, offset: int) -> None:
    error = failure("elements.scan_items", status, offset=offset)
    if isinstance(error, LimitError):
        raise error
    index.report(
        "broken-sequence", str(error), offset=offset, tag=tag,
        action="the items before that place are read",
    )  # fmt: skip


class ItemPlace(NamedTuple):
    """One item of a sequence: its content lies at ``window[begin:end]``."""

    number: int
    window: bytes
    base: int
    begin: int
    end: int
    coding: int

    @property
    def undefined(self) -> bool:
        """Whether the item's length is undefined."""
        return self.window[self.begin - 4 : self.begin] == b"\xff\xff\xff\xff"


def index_item(outer: ElementIndex, item: ItemPlace, tag: int) -> ElementIndex:
    """Index the elements of one item of the sequence `tag`."""
    number, window, base, begin, end, coding = item
    depth = 1 if outer.place is None else outer.place.depth + 1
    max_depth = limits.current().max_depth
    if depth > max_depth:
        limits.check("max_depth", depth, "nested sequences", offset=base + begin)
    place = Place(outer.place, tag, number, depth)
    within = coding | elements.IN_ITEM if item.undefined else coding
    scratch = _scratch
    found = elements.scan(
        window, begin, end, within, ANY_TAG, max_depth,
        scratch.tags, scratch.offsets, scratch.state,
    )  # fmt: skip
    if found >= 0 and scratch.state[0] <= elements.AT_ITEM_DELIMITER:
        tags, offsets = scratch.tags[:found], scratch.offsets[: found + 1]
        return ElementIndex(outer.source, window, base, tags, offsets, coding, outer.context, place)
    index = ElementIndex(
        outer.source, window, base, array("q"), array("q", (begin,)), within, outer.context, place
    )
    reason, position = scan_into(index, begin, end)
    index.coding = coding
    if reason == elements.TOO_SHORT:
        finish_truncated(index, position, end)
    return index


def finish_truncated(index: ElementIndex, position: int, stop: int) -> None:
    """Take the element at `position` as far as its bytes go, and say so.

    Parameters
    ----------
    index : ElementIndex
        What was found before it.
    position, stop : int
        Where the element begins and its bytes end, relative to the window.
    """
    rest = stop - position
    if rest <= 0:
        return
    tag, _, _, value, whole = (
        elements.header(index.window, position, stop, index.coding)
        if rest >= 8
        else (None, 0, 0, 0, 0)
    )
    if not whole:
        index.report(
            "truncated-header",
            f"{rest} bytes remain, too few for an element",
            offset=index.base + position,
            action="they are left out",
            tag=tag,
        )
        return
    assert tag is not None
    index.report(
        "truncated-value",
        f"the value goes on after the {stop - value} bytes that remain",
        offset=index.base + position,
        action="the bytes that are there are its value",
        tag=tag,
    )
    index.tags.append(tag)
    index.offsets.append(stop)
