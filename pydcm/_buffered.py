"""Values that are streams: what an element has whose value was not read into memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase, BytesIO

from pydcm import config

__all__ = [
    "buffer_equality",
    "buffer_length",
    "buffer_remaining",
    "check_buffer",
    "read_buffer",
    "reset_buffer_position",
]


@contextmanager
def reset_buffer_position(buffer: BufferedIOBase) -> Iterator[int]:
    """Return a stream to its position after the enclosed block.

    After an exception in the block the stream stays where it is.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        A stream that can seek.

    Yields
    ------
    int
        The position.
    """
    position = buffer.tell()
    yield position
    buffer.seek(position)


def check_buffer(buffer: BufferedIOBase) -> None:
    """Raise unless a stream can be the value of an element.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The stream.

    Raises
    ------
    TypeError
        If it is no :class:`io.BufferedIOBase`.
    ValueError
        If it is closed, or cannot be read, or cannot seek.
    """
    if not isinstance(buffer, BufferedIOBase):
        raise TypeError(f"a buffered value is an 'io.BufferedIOBase', not {type(buffer).__name__}")
    if buffer.closed:
        raise ValueError("a buffered value was closed before it was used")
    if not buffer.readable() or not buffer.seekable():
        raise ValueError("a buffered value must be readable and seekable")


def buffer_remaining(buffer: BufferedIOBase) -> int:
    """Return the number of bytes from a stream's position to its end.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The stream.

    Returns
    -------
    int
        Number of bytes; the position does not change.
    """
    check_buffer(buffer)
    with reset_buffer_position(buffer) as position:
        return buffer.seek(0, os.SEEK_END) - position


def buffer_length(buffer: BufferedIOBase) -> int:
    """Return the number of bytes in a stream, wherever its position is.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The stream.

    Returns
    -------
    int
        Number of bytes; the position does not change.
    """
    check_buffer(buffer)
    with reset_buffer_position(buffer):
        return buffer.seek(0, os.SEEK_END)


def read_buffer(buffer: BufferedIOBase, *, chunk_size: int | None = None) -> Iterator[bytes]:
    """Yield the bytes from a stream's position to its end.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The stream.
    chunk_size : int, optional
        Number of bytes yielded at a time,
        ``config.settings.buffered_read_size`` by default.

    Yields
    ------
    bytes
        The next part of the stream.

    Raises
    ------
    ValueError
        If `chunk_size` is less than 1.
    """
    check_buffer(buffer)
    size = config.settings.buffered_read_size if chunk_size is None else chunk_size
    if size < 1:
        raise ValueError(f"'chunk_size' must be at least 1, not {size}")
    while part := buffer.read(size):
        yield part


def buffer_equality(buffer: BufferedIOBase, other: object) -> bool:
    """Return whether a stream has the same bytes as another, or as a bytes object.

    Both are compared from their beginning; their positions do not change.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        A stream.
    other : io.BufferedIOBase, bytes or bytearray
        What to compare it with.

    Returns
    -------
    bool
        False also if `other` is anything else.
    """
    if isinstance(other, (bytes, bytearray)):
        other = BytesIO(other)
    if not isinstance(other, BufferedIOBase):
        return False
    check_buffer(buffer)
    if buffer_length(buffer) != buffer_length(other):
        return False
    if other is buffer:
        return True
    with reset_buffer_position(buffer), reset_buffer_position(other):
        buffer.seek(0)
        other.seek(0)
        return all(part == other.read(len(part)) for part in read_buffer(buffer))
