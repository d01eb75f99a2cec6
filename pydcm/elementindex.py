"""The index that a data set read from bytes is: where its elements lie.

An index holds no values. It knows the bytes that hold the headers (the
window), the source for what was left in the file, and two arrays: each
element's tag, and the offset of its header.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol

from pydcm import limits
from pydcm.diagnostics import ReadContext
from pydcm.errors import LimitError
from pydcm.kernels import elements, headers
from pydcm.kernels.dialect import LONG_VRS, SHORT_VRS, u16x4_be, u16x4_le, u32_be, u32_le
from pydcm.kernels.status import failure
from pydcm.packedindex import packed_index
from pydcm.source import ByteSource, Extent

__all__ = [
    "ANY_TAG",
    "SHORT_VRS_BY_CODE",
    "UNDEFINED",
    "Element",
    "ElementIndex",
    "append_rows",
    "finish_truncated",
    "scan_into",
    "scratch_space",
]

ITEM = 0xFFFEE000
ITEM_DELIMITER = 0xFFFEE00D
UNDEFINED = 0xFFFFFFFF
ANY_TAG = 1 << 32


_VR_TEXT = {vr.encode(): vr for vr in (*SHORT_VRS, *LONG_VRS)}
SHORT_VRS_BY_CODE = {vr.encode(): vr for vr in SHORT_VRS}
"""VRs with a 16-bit length by their two octets in a header."""
_LONG_TEXT = {vr.encode(): vr for vr in LONG_VRS if vr != "SQ"}
_LONG = {vr.encode() for vr in LONG_VRS}
_CLOSING = {False: b"\xfe\xff\xdd\xe0", True: b"\xff\xfe\xe0\xdd"}
_ITEM_DELIMITER = 0xFFFEE00D
_SEQUENCE_DELIMITER = 0xFFFEE0DD


_MOST_IN_A_LAYOUT = 1 << 10


def _rows_by_tag(tags: array[int]) -> dict[int, int]:
    return dict(zip(tags, range(len(tags)), strict=True))


@lru_cache(maxsize=64)
def _layout(tags: bytes) -> dict[int, int]:
    """Return the row of each tag; the files of a series mostly have the same tags."""
    return _rows_by_tag(array("q", tags))


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


class Around(Protocol):
    """What knows the path of the sequence that elements are in, and takes note of defects."""

    def _sequence_path(self, row: int) -> str: ...

    def report(
        self, code: str, message: str, *, offset: int, action: str, row: int | None = None
    ) -> None:
        """Record a defect of the sequence."""


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
    outer : tuple of (ElementIndex, int, int), optional
        The index and row of the sequence that these elements are in, and the
        0-based number of the item; None for a whole data set.
    nexts : array of int64, optional
        For each row the one after everything it holds, where elements of
        items stand between the rows (see the kernel ``items.scan_tree``).
        None if every row is an element of the same data set.
    """

    __slots__ = (
        "base", "coding", "context", "nexts", "offsets", "outer", "source", "tags", "window",
    )  # fmt: skip

    def __init__(
        self,
        source: ByteSource,
        window: bytes,
        base: int,
        tags: array[int],
        offsets: array[int],
        coding: int,
        context: ReadContext,
        outer: tuple[Around, int, int] | None = None,
        nexts: array[int] | None = None,
    ) -> None:
        self.source = source
        self.window = window
        self.base = base
        self.tags = tags
        self.offsets = offsets
        self.coding = coding
        self.context = context
        self.outer = outer
        self.nexts = nexts

    @property
    def is_implicit(self) -> bool:
        """Whether elements carry no VR."""
        return bool(self.coding & elements.IMPLICIT_VR)

    @property
    def is_little(self) -> bool:
        """Whether values are little endian."""
        return not self.coding & elements.BIG_ENDIAN

    def rows(self) -> dict[int, int]:
        """Return the row of each tag of a whole data set; the last one where a tag is doubled."""
        if len(self.tags) <= _MOST_IN_A_LAYOUT:
            found = _layout(self.tags.tobytes()).copy()
        else:
            found = _rows_by_tag(self.tags)
        if len(found) != len(self.tags):
            self.report(
                "duplicate-element",
                f"{len(self.tags) - len(found)} elements have a tag that occurs before",
                offset=self.offsets[0] + self.base,
                action="the last of them counts",
            )
        if _ITEM_DELIMITER in found or _SEQUENCE_DELIMITER in found:
            self.leave_out_delimiters(found)
        return found

    def leave_out_delimiters(self, found: dict[int, int]) -> None:
        """Drop the rows of delimiters where nothing is to be delimited (PS3.5 7.5.1)."""
        for tag in (_ITEM_DELIMITER, _SEQUENCE_DELIMITER):
            row = found.pop(tag, None)
            if row is not None:
                self.report(
                    "stray-delimiter",
                    "a delimiter stands where no undefined length is open",
                    offset=self.offsets[row] + self.base,
                    action="it is passed over",
                    row=row,
                )

    def after(self, row: int) -> int:
        """Return the row after an element and everything in it."""
        return row + 1 if self.nexts is None else self.nexts[row]

    def read(self, begin: int, end: int) -> bytes:
        """Return bytes of the source by absolute offsets."""
        inside = begin - self.base
        found = self.window[inside : end - self.base] if inside >= 0 else b""
        if len(found) == end - begin:
            return found
        limits.check("max_value_bytes", end - begin, "bytes of one value", offset=begin)
        return self.source.read(begin, end - begin)

    def plain_value(self, row: int) -> tuple[str, bytes] | None:
        """Return VR and encoded value for the common kind of element.

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
        vr = SHORT_VRS_BY_CODE.get(code)
        if vr is not None:
            return vr, window[inside + 8 : end]
        vr = _LONG_TEXT.get(code)
        if vr is None or window[inside + 8 : inside + 12] == b"\xff\xff\xff\xff":
            return None
        return vr, window[inside + 12 : end]

    def plain_octets(self, rows: Iterable[int | None], longest: int) -> tuple[bytes, ...] | None:
        """Return VR, length and value of several elements as they are encoded.

        An element without a row is empty. None stands for all if one of them is
        not in Explicit VR Little Endian, not in the window or longer than `longest`.
        """
        if self.coding:
            return None
        window, offsets = self.window, self.offsets
        size = len(window)
        found = []
        for row in rows:
            if row is None:
                found.append(b"")
                continue
            begin, end = offsets[row] + 4, offsets[row + 1]
            if end > size or end - begin > longest:
                return None
            found.append(window[begin:end])
        return tuple(found)

    def is_undefined(self, row: int) -> bool:
        """Whether the length of a sequence in Explicit VR Little Endian is undefined."""
        inside = self.offsets[row]
        return self.window[inside + 8 : inside + 12] == b"\xff\xff\xff\xff"

    def plain_sequence(self, row: int) -> tuple[int, int, bool] | None:
        """Return where the value of a plain sequence begins and ends, and if that is delimited.

        That is one of VR SQ in Explicit VR Little Endian whose header and end
        are in the window; None stands for any other element.
        """
        if self.coding:
            return None
        inside = self.offsets[row]
        end = self.offsets[row + 1 if self.nexts is None else self.nexts[row]]
        window = self.window
        if window[inside + 4 : inside + 6] != b"SQ" or end > len(window):
            return None
        begin = inside + self.base + 12
        if window[inside + 8 : inside + 12] != b"\xff\xff\xff\xff":
            return begin, end + self.base, False
        return begin, self._before_delimiter("SQ", begin, end + self.base, False), True

    def element(self, row: int) -> Element:
        """Decode the header of one element."""
        inside = self.offsets[row]
        p = inside + self.base
        following = self.offsets[self.after(row)] + self.base
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
            return Element(vr, length, p, begin, self._before_delimiter(vr, begin, following, big))
        return Element(vr, length, p, begin, min(begin + length, following))

    def _unusual(self, head: bytes, p: int, following: int, big: bool) -> Element:
        """Decode a header without a VR, or with one that is not in the tables."""
        remaining = len(head) + max(0, following - p - len(head))
        _, code, length, value, _ = headers.header(head, 0, remaining, self.coding)
        vr = chr(code & 255) + chr(code >> 8) if code else None
        begin = p + value
        if length == UNDEFINED:
            return Element(vr, length, p, begin, self._before_delimiter(vr, begin, following, big))
        return Element(vr, length, p, begin, min(begin + length, following))

    def _before_delimiter(self, vr: str | None, begin: int, following: int, big: bool) -> int:
        """Return where a value of undefined length ends, before its delimiter if it has one."""
        end = following - 8
        big = big and vr != "UN"  # which is little endian anywhere (PS3.5 6.2.2)
        if end >= begin and self.read(end, end + 4) == _CLOSING[big]:
            return end
        return following

    def is_complete(self, row: int) -> bool:
        """Return whether a value is as long as its header states, or delimited as it must be."""
        found = self.element(row)
        following = self.offsets[self.after(row)] + self.base
        if found.length == UNDEFINED:
            return following > found.end
        return found.end == following == found.begin + found.length

    def extent(self, row: int) -> Extent:
        """Return where the value of one element lies."""
        inside, window = self.offsets[row], self.window
        if not self.coding and self.nexts is None and window[inside + 4 : inside + 6] in _LONG:
            begin = inside + 12
            length = int.from_bytes(window[inside + 8 : begin], "little")
            if begin <= len(window) and begin + length == self.offsets[row + 1]:
                return Extent(self.source, self.base + begin, length)
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

    def path(self, row: int) -> str:
        """Return the path of an element, such as ``ReferencedStudySequence[0].(0008,1155)``."""
        steps = []
        if self.outer is not None:
            index, outer_row, number = self.outer
            steps.append(f"{index._sequence_path(outer_row)}[{number}]")
        nexts, here = self.nexts, 1
        while nexts is not None and here <= row < len(nexts) and nexts[here] <= row:
            here = nexts[here]
        while nexts is not None and here < row < nexts[here]:
            # The row is in an item of the sequence at `here`.
            item, number = here + 1, 0
            while nexts[item] <= row:
                item, number = nexts[item], number + 1
            steps.append(f"{_name(self.tags[here])}[{number}]")
            here = item + 1
            while here < row and nexts[here] <= row:
                here = nexts[here]
        if row < len(self.tags) and self.tags[row] >= 0:
            tag = self.tags[row]
            steps.append(f"({tag >> 16:04X},{tag & 0xFFFF:04X})")
        return ".".join(steps)

    def _sequence_path(self, row: int) -> str:
        """Return the path of a sequence, by its name."""
        if row >= len(self.tags):  # it was read on its own
            return "item"
        *steps, _ = self.path(row).split(".(")
        return ".".join([*steps, _name(self.tags[row])]) if steps != [""] else _name(self.tags[row])

    def report(
        self, code: str, message: str, *, offset: int, action: str, row: int | None = None
    ) -> None:
        """Record a defect of one element, or of the data set."""
        where = self.path(len(self.tags) if row is None else row)
        self.context.report(code, message, where, offset, action)

    def __deepcopy__(self, memo: dict[int, object]) -> ElementIndex:
        return self  # nothing in it ever changes

    def __reduce__(self) -> tuple[object, ...]:
        return ElementIndex, packed_index(self)


def _name(tag: int) -> str:
    """Return the keyword of an element, or its tag."""
    from pydcm.datadict import keyword_for_tag

    return keyword_for_tag(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


class Scratch(threading.local):
    """The arrays that kernels fill, kept for the next call in the same thread."""

    def __init__(self) -> None:
        self.tags = array("q", bytes(8 * 512))
        self.offsets = array("q", bytes(8 * 513))
        self.nexts = array("q", bytes(8 * 512))
        self.stack = array("q")
        self.state = array("q", (0, 0))

    def grow(self) -> None:
        """Make room for twice as many elements."""
        room = 2 * len(self.tags)
        limits.check("max_elements", room // 2, "elements in one data set")
        self.tags = array("q", bytes(8 * room))
        self.offsets = array("q", bytes(8 * (room + 1)))
        self.nexts = array("q", bytes(8 * room))


scratch_space = Scratch()


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
    scratch = scratch_space
    allowed = limits.current()
    while True:
        found = elements.scan(
            index.window, start, stop, index.coding, until, allowed.max_depth,
            scratch.tags, scratch.offsets, scratch.state,
        )  # fmt: skip
        reason, position = scratch.state
        count = found if found >= 0 else reason
        append_rows(index, scratch.tags[:count], scratch.offsets[: count + 1])
        if len(index.tags) > allowed.max_elements:
            limits.check("max_elements", len(index.tags), "elements in one data set")
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
    at = index.window.find(_CLOSING[big] + bytes(4), header + 8, stop)
    if at < 0:
        return -1
    index.tags.append(headers.header(index.window, header, stop, index.coding)[0])
    index.offsets.append(at + 8)
    index.report(
        "broken-sequence",
        f"no item begins at offset {index.base + position}",
        offset=index.base + header,
        action="the value ends at the next sequence delimiter",
        row=len(index.tags) - 1,
    )
    return at + 8


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
    window, offset = index.window, index.base + position
    if rest < 8:
        index.report(
            "truncated-header", f"{rest} bytes remain, too few for an element",
            offset=offset, action="they are left out", row=len(index.tags),
        )  # fmt: skip
        return
    tag, _, _, value, whole = headers.header(window, position, stop, index.coding)
    if not whole:
        index.report(
            "truncated-header", f"the header of element {tag:08X} is cut off",
            offset=offset, action="it is left out", row=len(index.tags),
        )  # fmt: skip
        return
    index.tags.append(tag)
    index.offsets.append(stop)
    index.report(
        "truncated-value",
        f"the value goes on after the {stop - value} bytes that remain",
        offset=offset,
        action="the bytes that are there are its value",
        row=len(index.tags) - 1,
    )
