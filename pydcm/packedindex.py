"""What of an index goes into a pickle: the headers and small values, no more.

Items are pickled with the bytes of the items alone, so that one item of many
can be sent to another process at its own size. Long values that the reader
left in the file stay there, and so do those at the end of what it read, such
as sequences that had to be read to find where they end.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from pydcm.source import FileSource, MemoryPart

if TYPE_CHECKING:
    from pydcm.diagnostics import ReadContext
    from pydcm.elementindex import ElementIndex
    from pydcm.source import ByteSource

__all__ = ["packed_index", "packed_part"]

_STAYS_ABOVE = 1 << 16
"""Bytes of an element at the end of a window that stays in its file."""

_DELIMITER = 8
_HEADER = 12


def packed_index(index: ElementIndex) -> tuple[Any, ...]:
    """Return the attributes of an index as they are pickled, in the order of its constructor."""
    if index.nexts is not None:
        begin, end = index.offsets[0], index.offsets[-1] + _DELIMITER
        offsets = array("q", [offset - begin for offset in index.offsets])
        return packed_part(index, begin, end, index.tags, offsets)
    window = index.window
    if index.outer is None and isinstance(index.source, FileSource):
        window = window[: _end_of_small(index)]
    return (index.source, window, index.base, index.tags, index.offsets, index.coding,
            index.context, _packed_outer(index), None)  # fmt: skip


def packed_part(
    index: ElementIndex, begin: int, end: int, tags: array[int], offsets: array[int]
) -> tuple[Any, ...]:
    """Return the attributes of an index of a part of the window.

    Parameters
    ----------
    index : ElementIndex
        An index within a sequence.
    begin, end : int
        The part.
    tags, offsets : array of int64
        What the index is to have, the offsets relative to `begin`.
    """
    window, base = index.window[begin:end], index.base + begin
    source: ByteSource = index.source
    if not isinstance(source, FileSource):
        source = MemoryPart(window, base, source.path)
    return (source, window, base, tags, offsets, index.coding, index.context,
            _packed_outer(index), index.nexts)  # fmt: skip


def _end_of_small(index: ElementIndex) -> int:
    """Return where the window of a whole data set may end in a pickle."""
    window, offsets = index.window, index.offsets
    size = len(window)
    for row in range(len(index.tags) - 1, -1, -1):
        begin = offsets[row]
        if begin + _HEADER >= len(window):
            continue  # the value is not in the window
        if offsets[row + 1] - begin <= _STAYS_ABOVE:
            return size
        size = begin + _HEADER
    return size


def _packed_outer(index: ElementIndex) -> tuple[_Path, int, int] | None:
    if index.outer is None:
        return None
    around, row, number = index.outer
    return _Path(around._sequence_path(row), index.context), 0, number


class _Path:
    """What is left, in a pickle, of the index around an item: the path of the sequence."""

    __slots__ = ("context", "text")

    def __init__(self, text: str, context: ReadContext) -> None:
        self.text = text
        self.context = context

    def __reduce__(self) -> tuple[object, ...]:
        return _Path, (self.text, self.context)

    def _sequence_path(self, _row: int) -> str:
        return self.text

    def report(
        self, code: str, message: str, *, offset: int, action: str, row: int | None = None
    ) -> None:
        """Record a defect of the sequence."""
        self.context.report(code, message, self.text, offset, action)
