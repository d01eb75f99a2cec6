"""Finds one frame of encapsulated Pixel Data without reading the others (PS3.5 A.4)."""

from __future__ import annotations

import sys
import threading
from array import array
from collections.abc import Sequence
from struct import unpack
from typing import Literal

from pydcm.encaps.items import starts_code_stream, walk_items
from pydcm.errors import StructureError, TruncatedError
from pydcm.source import Extent, MemorySource

__all__ = ["FrameIndex", "frame_index"]

Origin = Literal["basic", "extended", "fragments"]

_HEADER = 8
_MOST_READ_AHEAD = 16384
_ITEM_TAG = b"\xfe\xff\x00\xe0"


class FrameIndex:
    """Where each frame of encapsulated Pixel Data lies.

    An offset table is believed as far as the item headers that it points to
    agree with it; where they do not, the fragments themselves decide, and
    `problems` says so. Frames are numbered from 0.

    Parameters
    ----------
    extent : Extent
        The value of Pixel Data.
    number_of_frames : int
        Number of Frames (0028,0008).
    offsets, lengths : array of int
        Where each frame begins, from the first fragment's item on, and in an
        Extended Offset Table how long it is; empty if there is no table.
    first : int
        Absolute offset of the first fragment's item.
    head : bytes
        What lies there, as far as it was read already.
    problems : list of str
        What is already known to be wrong.

    Attributes
    ----------
    problems : list of str
        What is wrong with the offset tables and the fragments, as far as known.
    lock : Lock
        For whoever reads in several threads.
    """

    def __init__(
        self,
        extent: Extent,
        number_of_frames: int,
        *,
        offsets: array[int],
        lengths: array[int],
        first: int,
        head: bytes,
        problems: list[str],
    ) -> None:
        self._extent = extent
        self._source = extent.source
        self._count = number_of_frames
        self._offsets = offsets
        self._lengths = lengths
        self._first = first
        self._head = head
        self._end = extent.offset + extent.length
        self.problems = problems
        self.lock = threading.Lock()
        self._walked: tuple[array[int], array[int]] | None = None
        self._starts: array[int] | None = None
        self._latest: tuple[int | None, list[tuple[int, int]]] = (None, [])
        if not offsets:
            self._fall_back("")

    def __len__(self) -> int:
        """Return how many frames there are, which may be more than Number of Frames says."""
        return self._count

    @property
    def origin(self) -> Origin:
        """What the frames are found by."""
        if self._starts is not None:
            return "fragments"
        return "extended" if self._lengths else "basic"

    def ranges(self, frame: int) -> list[tuple[int, int]]:
        """Return the absolute offset and length of each fragment of a frame.

        Parameters
        ----------
        frame : int
            From 0.

        Raises
        ------
        IndexError
            If there is no such frame.
        StructureError
            If the frames cannot be told apart.
        TruncatedError
            If the data end before the frame does.
        """
        return [*self._ranges(frame)]

    def _ranges(self, frame: int) -> list[tuple[int, int]]:
        latest, found = self._latest
        if latest != frame:
            found = self._found(frame)
            self._latest = frame, found
        return found

    def _found(self, frame: int) -> list[tuple[int, int]]:
        if not 0 <= frame < self._count:
            raise IndexError(f"frame {frame} of {self._count} (from 0)")
        if self._starts is None:
            found = self._by_extended(frame) if self._lengths else self._by_basic(frame)
            if found is not None:
                return found
            self._fall_back(f"the offset table's entry for frame {frame + 1} leads to no item")
        return self._by_fragments(frame)

    def view(self, frame: int) -> bytes | memoryview:
        """Return the code stream of a frame, as :meth:`read`, where it is in memory already."""
        if isinstance(self._source, MemorySource):
            found = self._ranges(frame)
            if len(found) == 1:
                return self._source.view(*found[0])
        return self.read(frame)

    def read(self, frame: int) -> bytes:
        """Return the code stream of a frame, counted from 0."""
        parts = [self._source.read(offset, length) for offset, length in self._ranges(frame)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _by_basic(self, frame: int) -> list[tuple[int, int]] | None:
        start = self._first + self._offsets[frame]
        last = frame + 1 == len(self._offsets)
        stop = self._end if last else self._first + self._offsets[frame + 1]
        if stop > self._end:
            return None
        try:
            values, lengths, end = walk_items(
                self._source, start, stop, b"" if frame else self._head
            )
        except StructureError:
            return None
        if not values or (end != stop and not (last and end <= stop)):
            return None
        return list(zip(values, lengths, strict=True))

    def _by_extended(self, frame: int) -> list[tuple[int, int]] | None:
        """Return the one fragment that PS3.3 C.7.6.3.1.8 allows a frame."""
        start = self._first + self._offsets[frame]
        length = self._lengths[frame]
        if start + _HEADER + length > self._end:
            return None
        header = self._source.read(start, _HEADER)
        there = int.from_bytes(header[4:], "little")
        if header[:4] != _ITEM_TAG or not length <= there <= length + 1:
            return None
        return [(start + _HEADER, length)]

    def _by_fragments(self, frame: int) -> list[tuple[int, int]]:
        values, lengths = self._fragments()
        starts = self._starts
        assert starts is not None  # set by _fall_back before this is called
        first, after = starts[frame], starts[frame + 1]
        if after == len(values) and values[-1] + lengths[-1] > self._end:
            raise TruncatedError(
                f"the data end {values[-1] + lengths[-1] - self._end} bytes before the frame does",
                path=self._source.path,
                offset=self._end,
                frame=frame + 1,
            )
        return [(values[k], lengths[k]) for k in range(first, after)]

    def _fragments(self) -> tuple[array[int], array[int]]:
        if self._walked is None:
            values, lengths, _ = walk_items(self._source, self._first, self._end, self._head)
            self._walked = values, lengths
        return self._walked

    def _fall_back(self, reason: str) -> None:
        """Tell the frames apart by the fragments, or raise if that is ambiguous."""
        values, _ = self._fragments()
        starts = self._frame_starts(values)
        if starts is None:
            raise StructureError(
                f"{len(values)} fragments cannot be divided into {self._count} frames"
                + (f", and {reason}" if reason else " without an offset table"),
                path=self._source.path,
                offset=self._first,
                clause="PS3.5 A.4",
                hint="Number of Frames or the offset table is wrong, or the data are truncated",
            )
        if reason:
            self.problems.append(reason)
        self._starts = starts

    def _frame_starts(self, values: array[int]) -> array[int] | None:
        """Return the first fragment of each frame and the number of fragments."""
        fragments = len(values)
        if fragments == 0 or fragments < self._count:
            return None
        if fragments == self._count:
            return array("q", range(fragments + 1))
        if self._count == 1:
            return array("q", (0, fragments))
        starts = array("q")
        for k, value in enumerate(values):
            head = self._source.read(value, max(0, min(12, self._end - value)))
            if starts_code_stream(head):
                starts.append(k)
        if len(starts) != self._count or starts[0] != 0:
            return None
        starts.append(fragments)
        return starts


def frame_index(
    extent: Extent,
    number_of_frames: int,
    extended_offsets: tuple[Sequence[int], Sequence[int]] | tuple[bytes, bytes] | None = None,
) -> FrameIndex:
    """Return where each frame of encapsulated Pixel Data lies.

    Only item headers and the offset table are read, and with a sound table not
    even all headers.

    Parameters
    ----------
    extent : Extent
        The value of Pixel Data, from the Basic Offset Table's item on.
    number_of_frames : int
        Number of Frames (0028,0008), at least 1.
    extended_offsets : tuple, optional
        Extended Offset Table (7FE0,0001) and its Lengths (7FE0,0002), each as
        stored or as integers.

    Returns
    -------
    FrameIndex
        It holds more frames than `number_of_frames` only if an offset table
        lists more and a code stream begins at each of them.

    Raises
    ------
    StructureError
        If the data are not encapsulated, or their frames cannot be told apart.

    Examples
    --------
    >>> from pydcm.encaps import encapsulate
    >>> from pydcm.source import Extent, MemorySource
    >>> data = encapsulate([b"first ", b"second"])
    >>> index = frame_index(Extent(MemorySource(data), 0, len(data)), 2)
    >>> index.ranges(1), index.read(1)
    ([(38, 6)], b'second')
    """
    problems: list[str] = []
    head = _head(extent, number_of_frames)
    basic, first = _basic_offset_table(extent, head, problems)
    head = head[first - extent.offset :]
    columns = _extended_columns(extended_offsets, number_of_frames, problems)
    if columns is not None:
        offsets, lengths = columns
        return FrameIndex(
            extent,
            number_of_frames,
            offsets=offsets,
            lengths=lengths,
            first=first,
            head=head,
            problems=problems,
        )
    if len(basic) > number_of_frames and _each_starts_a_frame(extent, first, basic):
        problems.append(
            f"the Basic Offset Table lists {len(basic)} frames, Number of Frames says "
            f"{number_of_frames}"
        )
        number_of_frames = len(basic)
    return FrameIndex(
        extent,
        number_of_frames,
        offsets=_plausible(basic, number_of_frames, problems),
        lengths=array("Q"),
        first=first,
        head=head,
        problems=problems,
    )


def _head(extent: Extent, number_of_frames: int) -> bytes:
    """Return the octets up to the first fragment, if the table is as long as it should be."""
    table = min(4 * number_of_frames, _MOST_READ_AHEAD)
    return extent.source.read(extent.offset, min(_HEADER + table + _HEADER, extent.length))


def _basic_offset_table(extent: Extent, head: bytes, problems: list[str]) -> tuple[array[int], int]:
    """Return the table, empty if it is unusable, and the offset of the first fragment's item."""
    source, start = extent.source, extent.offset
    if head[:4] != _ITEM_TAG or len(head) < _HEADER:
        raise StructureError(
            "the pixel data do not begin with the item of a Basic Offset Table",
            path=source.path,
            offset=start,
            clause="PS3.5 A.4",
            hint="they are not encapsulated, whatever the transfer syntax says",
        )
    length = int.from_bytes(head[4:_HEADER], "little")
    first = start + _HEADER + length
    if first > start + extent.length:
        raise TruncatedError(
            f"the Basic Offset Table of {length} bytes ends after the pixel data",
            path=source.path,
            offset=start,
        )
    octets = head[_HEADER : _HEADER + length]
    if len(octets) < length:
        octets = source.read(start + _HEADER, length)
    table = _unsigned("I", octets[: length - length % 4])
    if length % 4:
        problems.append(f"the Basic Offset Table of {length} bytes is no multiple of 4")
        table = array("I")
    return table, first


def _unsigned(typecode: Literal["I", "Q"], octets: bytes) -> array[int]:
    """Return little endian integers of 4 or 8 bytes."""
    table = array(typecode)
    if table.itemsize == (4 if typecode == "I" else 8):
        table.frombytes(octets)
        if sys.byteorder == "big":
            table.byteswap()
        return table
    size = 4 if typecode == "I" else 8
    return array("Q", unpack(f"<{len(octets) // size}{typecode}", octets))


def _extended_columns(
    extended: tuple[Sequence[int], Sequence[int]] | tuple[bytes, bytes] | None,
    number_of_frames: int,
    problems: list[str],
) -> tuple[array[int], array[int]] | None:
    """Return offsets and lengths of the Extended Offset Table if it can be used."""
    if not extended or not all(extended):
        return None
    offsets, lengths = (
        _unsigned("Q", column[: len(column) - len(column) % 8])
        if isinstance(column, bytes)
        else array("Q", column)
        for column in extended
    )
    if len(offsets) != number_of_frames or len(lengths) != number_of_frames:
        problems.append(
            f"the Extended Offset Table has {len(offsets)} offsets and {len(lengths)} lengths for "
            f"{number_of_frames} frames"
        )
        return None
    if any(offsets[k] >= offsets[k + 1] for k in range(len(offsets) - 1)):
        problems.append("the Extended Offset Table does not ascend")
        return None
    return offsets, lengths


def _each_starts_a_frame(extent: Extent, first: int, table: array[int]) -> bool:
    """Return whether there is an item with the beginning of a code stream at each offset."""
    end = extent.offset + extent.length
    for offset in table:
        item = first + offset
        octets = extent.source.read(item, max(0, min(_HEADER + 12, end - item)))
        if octets[:4] != _ITEM_TAG or not starts_code_stream(octets[_HEADER:]):
            return False
    return True


def _plausible(table: array[int], number_of_frames: int, problems: list[str]) -> array[int]:
    """Return the Basic Offset Table, or nothing if it cannot be right for so many frames."""
    if not table:
        return table
    wrong = ""
    if len(table) != number_of_frames:
        wrong = f"has {len(table)} entries for {number_of_frames} frames"
    elif table[0] != 0:
        wrong = f"begins with {table[0]} instead of 0"
    elif any(table[k] >= table[k + 1] for k in range(len(table) - 1)):
        wrong = "does not ascend"
    if not wrong:
        return table
    problems.append(f"the Basic Offset Table {wrong}")
    return array("I")
