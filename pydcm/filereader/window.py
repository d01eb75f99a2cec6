"""Indexing a data set that may be larger than what one wants in memory.

The headers are read through a window that grows as needed. A value above a
threshold is jumped over and stays in its source.
"""

from __future__ import annotations

from array import array

from pydcm import limits
from pydcm.diagnostics import ReadContext
from pydcm.elementindex import (
    ANY_TAG,
    UNDEFINED,
    ElementIndex,
    append_rows,
    finish_truncated,
    scan_into,
    scratch_space,
)
from pydcm.kernels import elements, headers
from pydcm.kernels.dialect import u16x4_be, u16x4_le, u32_be, u32_le
from pydcm.source import ByteSource, MemorySource

__all__ = ["DEFER_ABOVE", "index_data_set"]

DEFER_ABOVE = 1 << 16
"""Values of more bytes stay in their file until they are asked for."""

FIRST_READ = 1 << 14
_FRAGMENT_READ = 1 << 13
_BULK_VRS = frozenset({"OB", "OW", "OB or OW", "OF", "OD", "OL", "OV", "UN"})
_ITEM = 0xFFFEE000
_SEQUENCE_DELIMITER = 0xFFFEE0DD


class _Segment:
    """A stretch of the source whose headers are being read."""

    def __init__(self, source: ByteSource, base: int, data: bytes, stop: int) -> None:
        self.source = source
        self.base = base
        self.data = data
        self.stop = stop

    @property
    def whole(self) -> bool:
        """Whether nothing of the source is left."""
        return self.base + len(self.data) >= self.stop

    def extend(self, upto: int) -> None:
        """Read on, at least to the absolute offset `upto` and twice as far as now."""
        have = self.base + len(self.data)
        goal = min(self.stop, max(upto, self.base + 2 * len(self.data), have + FIRST_READ))
        limits.check("max_value_bytes", goal - self.base, "bytes of headers", offset=self.base)
        self.data += self.source.read(have, goal - have)


def index_data_set(
    source: ByteSource,
    window: bytes,
    start: int,
    coding: int,
    context: ReadContext,
    *,
    stop: int | None = None,
    until: int = ANY_TAG,
    defer_above: int | None = DEFER_ABOVE,
) -> ElementIndex:
    """Index the elements of a data set that begins at offset `start`.

    Parameters
    ----------
    source : ByteSource
        Where it is.
    window : bytes
        What was read of the source already, from its very beginning.
    start : int
        Offset of the first element.
    coding : int
        ``elements.IMPLICIT_VR | elements.BIG_ENDIAN`` as it applies.
    context : ReadContext
        Where defects are recorded.
    stop : int, optional
        Where the data set ends; by default with the source.
    until : int
        The first element with this tag or a larger one ends it.
    defer_above : int or None
        Values of more bytes stay in the source; None defers nothing.

    Returns
    -------
    ElementIndex
        The elements at the top level.
    """
    stop = source.size if stop is None else stop
    index, done = _first_scan(source, window, start, coding, context, stop, until, defer_above)
    if done:
        return index
    segment = _Segment(source, 0, window, stop)
    if index.tags:
        segment, start = _continue(index, segment, index.offsets[-1], defer_above)
    while True:
        inside = array("q", (start - segment.base,))
        found = ElementIndex(
            source, segment.data, segment.base, array("q"), inside, coding, context
        )
        end = min(len(segment.data), stop - segment.base)
        reason, position = scan_into(found, start - segment.base, end, until)
        cut_off = reason == elements.TOO_SHORT and segment.whole
        if cut_off:
            finish_truncated(found, position, end)
        _take_over(index, found)
        start = segment.base + position
        ended = reason in (elements.AT_UNTIL, elements.AT_ITEM_DELIMITER)
        if ended or cut_off or (reason == elements.AT_END and segment.whole):
            return _trimmed(index, index.offsets[-1])
        segment, start = _continue(index, segment, start, defer_above)


def _first_scan(
    source: ByteSource,
    window: bytes,
    start: int,
    coding: int,
    context: ReadContext,
    stop: int,
    until: int,
    defer_above: int | None,
) -> tuple[ElementIndex, bool]:
    """Return the index of what one scan of the window finds, and whether that is all.

    It is if the data set ends in the window, or its last value begins there and
    stays in the source, as pixel data mostly do. An index without elements stands
    for what is not simple: it is scanned again from its beginning.
    """
    scratch, allowed = scratch_space, limits.current()
    tags, offsets, state = scratch.tags, scratch.offsets, scratch.state
    size = len(window)
    found = elements.scan(
        window, start, min(size, stop), coding, until, allowed.max_depth, tags, offsets, state
    )
    reason, position = state
    done = reason == elements.AT_UNTIL or (reason == elements.AT_END and size >= stop)
    more = reason == elements.AT_END or (reason == elements.TOO_SHORT and size < stop)
    if found < 0 or found >= min(len(tags), allowed.max_elements) or not (done or more):
        nothing = array("q", (start,))
        return ElementIndex(source, window, 0, array("q"), nothing, coding, context), False
    if not done and defer_above is not None and position + 12 <= size:
        tag, _, length, value, _ = headers.header(window, position, size, coding)
        if defer_above < length < UNDEFINED and value + length == stop:
            tags[found] = tag
            found += 1
            offsets[found] = stop
            window = window[: position + 12]  # without the beginning of that value
            done = True
    index = ElementIndex(source, window, 0, tags[:found], offsets[: found + 1], coding, context)
    return (_trimmed(index, offsets[found]) if done else index), done


def _take_over(index: ElementIndex, found: ElementIndex) -> None:
    """Add the elements of a stretch of the source to the index of all of it."""
    if found.base == 0:
        index.window = found.window
        append_rows(index, found.tags, found.offsets)
    else:
        append_rows(index, found.tags, array("q", [found.base + p for p in found.offsets]))


def _continue(
    index: ElementIndex, segment: _Segment, start: int, defer_above: int | None
) -> tuple[_Segment, int]:
    """Get at more of the source: jump over the value at `start`, or read on."""
    inside = start - segment.base
    if inside + 12 > len(segment.data):
        segment.extend(start + 12)
        return segment, start
    head = segment.data[inside : inside + 12]
    tag, code, length, value, _ = headers.header(head, 0, 12, index.coding)
    begin = start + value
    if length == UNDEFINED:
        bulk = tag == 0x7FE00010 or (code and chr(code & 255) + chr(code >> 8) in _BULK_VRS)
        end = _after_fragments(index, segment, begin) if bulk and defer_above is not None else -1
        if end < 0:
            # It is walked from its beginning each time, so that few steps are best.
            segment.extend(start + max(1 << 20, 8 * len(segment.data)))
            return segment, start
    else:
        end = begin + length
        if end > segment.stop or defer_above is None or length <= defer_above:
            segment.extend(min(end, segment.stop))
            return segment, start
    index.tags.append(tag)
    index.offsets.append(end)
    if segment.base == 0:
        index.window = segment.data[: inside + 12]  # without the beginning of that value
    ahead = segment.source.read(end, min(FIRST_READ, segment.stop - end))
    return _Segment(segment.source, end, ahead, segment.stop), end


def _after_fragments(index: ElementIndex, segment: _Segment, position: int) -> int:
    """Return where encapsulated pixel data ends, reading the item headers only; -1 if broken."""
    big = bool(index.coding & elements.BIG_ENDIAN)
    source, stop = segment.source, segment.stop
    data, base = segment.data, segment.base
    while position + 8 <= stop:
        inside = position - base
        if inside < 0 or inside + 8 > len(data):
            base, inside = position, 0
            data = source.read(position, min(_FRAGMENT_READ, stop - position))
        group, element, _, _ = u16x4_be(data, inside) if big else u16x4_le(data, inside)
        (length,) = u32_be(data, inside + 4) if big else u32_le(data, inside + 4)
        tag = group << 16 | element
        if tag == _SEQUENCE_DELIMITER:
            return position + 8
        if tag != _ITEM or length == UNDEFINED:
            return -1
        position += 8 + length
    return -1


def _trimmed(index: ElementIndex, position: int) -> ElementIndex:
    """Keep only the part of the window that holds elements."""
    if position < len(index.window) - FIRST_READ // 4:
        source = index.source
        if not (isinstance(source, MemorySource) and source.data is index.window):
            index.window = index.window[:position]
    return index
