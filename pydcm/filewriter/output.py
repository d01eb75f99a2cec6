"""What will be written: bytes, and stretches of other files that are copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pydcm.source import ByteSource, FileSource

__all__ = ["Output", "Writable"]

_COPY_AT_ONCE = 1 << 22
_IN_MEMORY = 1 << 16


class Writable(Protocol):
    """Anything bytes can be written to."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""


class Output:
    """Bytes in the order in which they will be written.

    Encoding a data set fills an output; only a complete one is written, so a
    value that cannot be encoded leaves no trace.

    Attributes
    ----------
    size : int
        Number of bytes.
    """

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[bytes | tuple[ByteSource, int, int]] = []

    def add(self, data: bytes) -> None:
        """Append bytes."""
        self._parts.append(data)
        self.size += len(data)

    def copy(self, source: ByteSource, begin: int, end: int) -> None:
        """Append a stretch of a source, which is read when it is written."""
        if end - begin <= _IN_MEMORY:
            self.add(source.read(begin, end - begin))
            return
        self._parts.append((source, begin, end))
        self.size += end - begin

    def extend(self, other: Output) -> None:
        """Append another output."""
        self._parts.extend(other._parts)
        self.size += other.size

    def place(self) -> int:
        """Return where the next part will go, for :meth:`replace`."""
        return len(self._parts)

    def replace(self, place: int, data: bytes) -> None:
        """Put bytes of the same number in place of a part."""
        self._parts[place] = data

    def part(self, place: int) -> bytes:
        """Return one part that is bytes."""
        found = self._parts[place]
        assert isinstance(found, bytes)
        return found

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes in pieces of limited size."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
                continue
            source, begin, end = part
            while begin < end:
                count = min(_COPY_AT_ONCE, end - begin)
                yield source.read(begin, count)
                begin += count

    def write_to(self, target: Writable) -> None:
        """Write everything."""
        for chunk in self.chunks():
            target.write(chunk)

    def getvalue(self) -> bytes:
        """Return everything."""
        return b"".join(self.chunks())

    def files(self) -> Iterator[FileSource]:
        """Yield the files that stretches are copied from."""
        for part in self._parts:
            if not isinstance(part, bytes) and isinstance(part[0], FileSource):
                yield part[0]
