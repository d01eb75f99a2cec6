"""Where bytes come from: memory, or a file that is read by absolute offset.

Nothing here has a position. A data set keeps its source and the offsets of
its elements, so threads may share it, and pixel data stay in the file until
they are asked for.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections import OrderedDict
from typing import NamedTuple, Protocol

from pydcm import limits
from pydcm.errors import ReadError, TruncatedError

__all__ = ["ByteSource", "Extent", "FileSource", "MemoryPart", "MemorySource"]


class ByteSource(Protocol):
    """Random access to a fixed number of bytes; every method is safe in threads."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    @property
    def path(self) -> str | None:
        """The file, if there is one."""

    def read(self, offset: int, count: int) -> bytes:
        """Return exactly `count` bytes from `offset`; raise `TruncatedError` if there are fewer."""


class Extent(NamedTuple):
    """Where the value of one element lies.

    Attributes
    ----------
    source : ByteSource
        What holds it.
    offset : int
        0-based offset of the value in `source`.
    length : int
        Its length in bytes, without a closing delimiter.
    undefined : bool
        True if its length is undefined in the file (PS3.5 7.1.1), which for
        Pixel Data means that it is encapsulated (PS3.5 A.4).
    little_endian : bool
        Byte order of the value.
    """

    source: ByteSource
    offset: int
    length: int
    undefined: bool = False
    little_endian: bool = True

    def read(self) -> bytes:
        """Return the whole value."""
        return self.source.read(self.offset, self.length)


class MemorySource:
    """Bytes that are already in memory."""

    __slots__ = ("data", "path")

    def __init__(self, data: bytes, path: str | None = None) -> None:
        self.data = data
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return MemorySource, (self.data, self.path)

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.data)

    def read(self, offset: int, count: int) -> bytes:
        """Return exactly `count` bytes from `offset`."""
        found = self.data[offset : offset + count]
        if len(found) != count:
            raise _too_short(self.path, offset, count, len(self.data))
        return found

    def view(self, offset: int, count: int) -> memoryview:
        """Return exactly `count` bytes from `offset`, without copying them."""
        found = memoryview(self.data)[offset : offset + count]
        if len(found) != count:
            raise _too_short(self.path, offset, count, len(self.data))
        return found

    def read_into(self, offset: int, target: memoryview) -> None:
        """Fill `target`, writable octets, from `offset`."""
        target[:] = self.view(offset, len(target))


class MemoryPart(MemorySource):
    """One stretch of other bytes, under the offsets that it had there.

    Parameters
    ----------
    data : bytes
        The stretch.
    start : int
        Its 0-based offset.
    path : str, optional
        The file it came from.
    """

    __slots__ = ("start",)

    def __init__(self, data: bytes, start: int, path: str | None = None) -> None:
        super().__init__(data, path)
        self.start = start

    def __reduce__(self) -> tuple[object, ...]:
        return MemoryPart, (self.data, self.start, self.path)

    @property
    def size(self) -> int:
        """Number of bytes up to the end of the stretch."""
        return self.start + len(self.data)

    def read(self, offset: int, count: int) -> bytes:
        """Return exactly `count` bytes from `offset`."""
        if offset < self.start:
            raise _too_short(self.path, offset, count, self.size)
        return super().read(offset - self.start, count)

    def view(self, offset: int, count: int) -> memoryview:
        """Return exactly `count` bytes from `offset`, without copying them."""
        if offset < self.start:
            raise _too_short(self.path, offset, count, self.size)
        return super().view(offset - self.start, count)


class FileSource:
    """A file, opened when needed and read by absolute offset.

    The descriptor stays in a small pool, so that the file can be read even
    after it was renamed, replaced or unlinked. A file that left the pool is
    opened again, and refused if it is no longer the file that was indexed.

    Its pickle is the path, with size and time of change to know the file by.
    Once the path leads elsewhere, it is the content.

    Parameters
    ----------
    path : str
        The file.

    Raises
    ------
    OSError
        If it cannot be opened.
    """

    __slots__ = ("__weakref__", "_identity", "_pinned", "path", "size")

    def __init__(self, path: str) -> None:
        self._open(path, 0)

    @classmethod
    def begun(cls, path: str, count: int) -> tuple[FileSource, bytes]:
        """Return the source for a file, and at most `count` bytes of its beginning."""
        made = cls.__new__(cls)
        return made, made._open(path, count)

    def _open(self, path: str, count: int) -> bytes:
        self.path = path
        self._pinned: int | None = None
        fd = _open(path)
        try:
            self._identity = _identity(fd, path)
            self.size = self._identity[2]
            count = min(count, self.size)
            head = _pread(fd, count, 0) if count else b""
        except BaseException:
            os.close(fd)
            raise
        _pool.keep(self, fd)
        return head if len(head) == count else self.read(0, count)

    def read(self, offset: int, count: int) -> bytes:
        """Return exactly `count` bytes from `offset`."""
        if offset < 0 or count < 0 or offset + count > self.size:
            raise _too_short(self.path, offset, count, self.size)
        pinned = self._pinned
        fd = _pool.take(self) if pinned is None else pinned
        try:
            parts = []
            while count > 0:
                part = _pread(fd, min(count, _READ_AT_MOST), offset)
                if not part:
                    raise _too_short(self.path, offset, count, self.size)
                parts.append(part)
                offset += len(part)
                count -= len(part)
        finally:
            if pinned is None:
                _pool.keep(self, fd)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, offset: int, target: memoryview) -> None:
        """Fill `target`, writable octets, from `offset`."""
        if _preadv is None:
            target[:] = self.read(offset, len(target))
            return
        if offset < 0 or offset + len(target) > self.size:
            raise _too_short(self.path, offset, len(target), self.size)
        pinned = self._pinned
        fd = _pool.take(self) if pinned is None else pinned
        try:
            while target:
                count = _preadv(fd, [target[:_READ_AT_MOST]], offset)
                if count == 0:
                    raise _too_short(self.path, offset, len(target), self.size)
                offset += count
                target = target[count:]
        finally:
            if pinned is None:
                _pool.keep(self, fd)

    def read_once(self) -> bytes:
        """Return everything up to the end of what has no size, such as a pipe.

        The descriptor that is open is used, since opening a pipe again would wait
        for another writer.
        """
        with open(_pool.give(self), "rb") as stream:
            return stream.read()

    def pin(self) -> None:
        """Keep the descriptor for good, because the path is about to mean another file."""
        if self._pinned is None:
            self._pinned = _pool.give(self)

    @property
    def pinned(self) -> bool:
        """Whether the path no longer leads to these bytes."""
        return self._pinned is not None

    @property
    def modified(self) -> float:
        """When the file was changed last, in seconds since 1970, as `os.stat` has it."""
        seconds, nanoseconds = divmod(self._identity[3], 1_000_000_000)
        return seconds + 1e-9 * nanoseconds  # not their quotient, which rounds otherwise

    def reopen(self) -> int:
        """Open the file again; raise `ReadError` if it is another one by now."""
        try:
            fd = _open(self.path)
        except OSError as error:
            raise ReadError(
                f"the file was removed after it was read: {error.strerror}",
                path=self.path,
                hint="keep it until its pixels are read, or read it from bytes",
            ) from error
        found = _identity(fd, self.path)
        if self._identity == (*_ANY_DEVICE, *found[2:]):
            self._identity = found
        if found != self._identity:
            os.close(fd)
            raise ReadError(
                "the file changed after it was read, so its deferred values are gone",
                path=self.path,
                hint="read it again",
            )
        return fd

    def __del__(self) -> None:
        pinned = getattr(self, "_pinned", None)
        if pinned is not None:
            os.close(pinned)
        _pool.drop(self)

    def __reduce__(self) -> tuple[object, ...]:
        path = os.path.abspath(self.path)  # other processes may work in other folders
        if not self._is_at(path) and self._is_as_indexed():
            limits.check("max_value_bytes", self.size, "bytes of a file that is gone")
            return MemorySource, (self.read(0, self.size), self.path)
        return _known_file, (path, self.size, self._identity[3])

    def _is_at(self, path: str) -> bool:
        """Whether a path leads to this file as it was."""
        if self._pinned is not None:
            return False
        try:
            found = os.stat(path)
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == self._identity[2:]

    def _is_as_indexed(self) -> bool:
        """Whether a descriptor is open on the file, and nobody wrote to it."""
        pinned = self._pinned
        try:
            fd = _pool.take(self) if pinned is None else pinned
        except ReadError:
            return False
        same = _identity(fd, self.path) == self._identity
        if pinned is None:
            _pool.keep(self, fd)
        return same


def _known_file(path: str, size: int, modified: int) -> FileSource:
    """Return the source for a file that is opened when something of it is read."""
    made = FileSource.__new__(FileSource)
    made.path, made.size, made._pinned = path, size, None
    made._identity = (*_ANY_DEVICE, size, modified)
    return made


_ANY_DEVICE = (-1, -1)
"""Device and file number of what another machine may have opened."""

_READ_AT_MOST = 1 << 30
"""Some systems refuse or shorten reads of 2 GiB and more."""


_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def _open(path: str) -> int:
    return os.open(path, _READING)


def _identity(fd: int, path: str) -> tuple[int, int, int, int]:
    state = os.fstat(fd)
    if stat.S_ISDIR(state.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


def _too_short(path: str | None, offset: int, count: int, size: int) -> TruncatedError:
    return TruncatedError(
        f"{count} bytes are needed and the input ends after {size}", path=path, offset=offset
    )


if hasattr(os, "pread"):
    _pread = os.pread
else:  # Windows has no positional read; the lock makes seek and read one step
    _seek_lock = threading.Lock()

    def _pread(fd: int, count: int, offset: int, /) -> bytes:
        with _seek_lock:
            os.lseek(fd, offset, os.SEEK_SET)
            return os.read(fd, count)


_preadv = getattr(os, "preadv", None)


class _DescriptorPool:
    """The open descriptors of file sources, the least recently used closed first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.after_fork()

    def after_fork(self) -> None:
        """Begin anew with the lock, which another thread of the parent may have held."""
        # Reentrant, since dropping a source may happen anywhere.
        self._lock = threading.RLock()
        if not hasattr(self, "_idle"):
            self._idle: OrderedDict[int, int] = OrderedDict()
            self._taken: dict[int, int] = {}

    def take(self, source: FileSource) -> int:
        """Return a descriptor of `source` for the caller's own use."""
        key = id(source)
        with self._lock:
            fd = self._idle.pop(key, None)
            if fd is not None:
                self._taken[key] = fd
                return fd
            taken = self._taken.get(key)
            if taken is not None:
                # Another thread reads now; the path may not lead to this file any more.
                return os.dup(taken)
        return source.reopen()

    def give(self, source: FileSource) -> int:
        """Return a descriptor of `source` that the caller closes one day."""
        with self._lock:
            fd = self.take(source)
            if self._taken.get(id(source)) == fd:
                del self._taken[id(source)]
        return fd

    def keep(self, source: FileSource, fd: int) -> None:
        """Take a descriptor back."""
        key = id(source)
        with self._lock:
            idle, taken = self._idle, self._taken
            if taken and taken.get(key) == fd:
                del taken[key]
            if key in idle or self.capacity == 0:
                os.close(fd)
                return
            idle[key] = fd
            if len(idle) > self.capacity:
                os.close(idle.popitem(last=False)[1])

    def drop(self, source: FileSource) -> None:
        """Close what is kept for `source`."""
        key = id(source)
        with self._lock:
            fd = self._idle.pop(key, None)
            self._taken.pop(key, None)
        if fd is not None:
            os.close(fd)


# On Windows an open file can be neither replaced nor removed, so none is kept there.
_pool = _DescriptorPool(0 if os.name == "nt" else 128)

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.after_fork)
