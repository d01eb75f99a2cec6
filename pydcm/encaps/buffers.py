"""Encapsulated Pixel Data made on the fly from files that each hold a frame."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from struct import pack

from pydcm.encaps.writing import ITEM_TAG, basic_offset_table, itemize_fragment, running_offsets

__all__ = ["EncapsulatedBuffer", "encapsulate_buffer", "encapsulate_extended_buffer"]


class EncapsulatedBuffer(io.BufferedIOBase):
    """A readable file that encapsulates other files, without holding their content.

    Parameters
    ----------
    buffers : list of io.BufferedIOBase
        Each holds one encoded frame, from its first byte to its end.
    use_bot : bool
        Whether to fill the Basic Offset Table.

    Raises
    ------
    TypeError
        If one is no binary file.
    ValueError
        If one is closed or cannot be read and positioned.
    """

    def __init__(self, buffers: list[io.BufferedIOBase], use_bot: bool = False) -> None:
        super().__init__()
        self._buffers = buffers
        self._contents = [_length(buffer) for buffer in buffers]
        self._lengths = [8 + length + length % 2 for length in self._contents]
        self._offsets = running_offsets(self._lengths)
        self._basic_offset_table = basic_offset_table(self._lengths) if use_bot else b""
        self._table_item = itemize_fragment(self._basic_offset_table)
        self._position = 0

    @property
    def basic_offset_table(self) -> bytes:
        """The item of the Basic Offset Table, empty if it was not asked for."""
        return self._table_item

    @property
    def lengths(self) -> list[int]:
        """Length of each frame's item with its header and padding."""
        return list(self._lengths)

    @property
    def offsets(self) -> list[int]:
        """Offset of each frame's item from the first one."""
        return list(self._offsets)

    @property
    def extended_lengths(self) -> bytes:
        """Value for Extended Offset Table Lengths (7FE0,0002)."""
        return pack(f"<{len(self._lengths)}Q", *[length - 8 for length in self._lengths])

    @property
    def extended_offsets(self) -> bytes:
        """Value for Extended Offset Table (7FE0,0001)."""
        return pack(f"<{len(self._offsets)}Q", *self._offsets)

    @property
    def encapsulated_length(self) -> int:
        """Length of the whole in bytes."""
        return len(self._table_item) + sum(self._lengths)

    @property
    def closed(self) -> bool:
        """Whether one of the files was closed."""
        return any(buffer.closed for buffer in self._buffers)

    def readable(self) -> bool:
        """Return True while all files are open and can be read."""
        return not self.closed and all(buffer.readable() for buffer in self._buffers)

    def seekable(self) -> bool:
        """Return True while all files are open and can be positioned."""
        return not self.closed and all(buffer.seekable() for buffer in self._buffers)

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move; a position past the end is allowed."""
        origin = {
            os.SEEK_SET: 0,
            os.SEEK_CUR: self._position,
            os.SEEK_END: self.encapsulated_length,
        }
        if whence not in origin:
            raise ValueError(f"whence {whence} is none of 0, 1 and 2")
        if whence == os.SEEK_SET and offset < 0:
            raise ValueError(f"the position {offset} is negative")
        self._position = max(0, origin[whence] + offset)
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes, all that follow if negative or None."""
        left = max(0, self.encapsulated_length - self._position)
        if size is not None and size >= 0:
            left = min(left, size)
        parts = []
        while left > 0:
            part = self._read_part(left)
            parts.append(part)
            left -= len(part)
            self._position += len(part)
        return b"".join(parts)

    def _read_part(self, count: int) -> bytes:
        """Return bytes from the position to the end of the part that it lies in, at most."""
        if self._position < len(self._table_item):
            return self._table_item[self._position :][:count]
        position = self._position - len(self._table_item)
        frame = bisect_right(self._offsets, position) - 1
        within = position - self._offsets[frame] - 8
        length = self._contents[frame]
        if within < 0:
            header = ITEM_TAG + pack("<I", length + length % 2)
            return header[within:][:count]
        if within >= length:
            return b"\x00"
        return _read_at(self._buffers[frame], within, min(count, length - within))


def encapsulate_buffer(
    buffers: list[io.BufferedIOBase], has_bot: bool = True
) -> EncapsulatedBuffer:
    """Return a value for Pixel Data that reads its frames from files as it is written.

    Parameters
    ----------
    buffers : list of io.BufferedIOBase
        Each holds one encoded frame.
    has_bot : bool
        Whether to fill the Basic Offset Table.
    """
    return EncapsulatedBuffer(buffers, use_bot=has_bot)


def encapsulate_extended_buffer(
    buffers: list[io.BufferedIOBase],
) -> tuple[EncapsulatedBuffer, bytes, bytes]:
    """Return values for Pixel Data and for the Extended Offset Table and its lengths.

    Parameters
    ----------
    buffers : list of io.BufferedIOBase
        Each holds one encoded frame.
    """
    encapsulated = EncapsulatedBuffer(buffers, use_bot=False)
    return encapsulated, encapsulated.extended_offsets, encapsulated.extended_lengths


def _length(buffer: io.BufferedIOBase) -> int:
    if not isinstance(buffer, io.BufferedIOBase):
        raise TypeError(f"{type(buffer).__name__} does not inherit from io.BufferedIOBase")
    if buffer.closed or not (buffer.readable() and buffer.seekable()):
        raise ValueError("the buffer must be open, readable and seekable")
    here = buffer.tell()
    length = buffer.seek(0, os.SEEK_END)
    buffer.seek(here)
    return length


def _read_at(buffer: io.BufferedIOBase, offset: int, count: int) -> bytes:
    """Read without moving the file's own position."""
    here = buffer.tell()
    buffer.seek(offset)
    found = buffer.read(count)
    buffer.seek(here)
    if not found:
        raise ValueError("a buffer became shorter after it was encapsulated")
    return found
