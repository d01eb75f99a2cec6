"""Members of zip archives, read without ever writing one to a disk.

Names in an archive are labels and nothing else. Sizes are checked before
memory is allocated, and a member that holds more than it declares is refused.
"""

from __future__ import annotations

import os
import re
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pydcm import limits
from pydcm.errors import LimitError, ReadError, TruncatedError, UnsafePathError
from pydcm.safe_path import check_component
from pydcm.source import FileSource

__all__ = ["MemberSource", "is_archive", "members"]

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_LOCAL_SIGNATURE = b"PK\3\4"
_SIGNATURES = (_LOCAL_SIGNATURE, b"PK\5\6")
_ENCRYPTED = 0x1
_STORED, _DEFLATED = 0, 8
_SUFFIX = ".zip"
_AT_ONCE = 1 << 20
_HEAD_BYTES = 1 << 16
"""So much of a compressed member is decompressed for its header."""

_TAIL_BYTES = 1 << 10
"""Who has read up to here from the end has the pixels, and nothing is kept any more."""


class Member(NamedTuple):
    """A file in an archive.

    Attributes
    ----------
    name : str
        As the archive has it.
    header_offset : int
        Where its local header begins.
    method : int
        0 stored, 8 deflated.
    stored_bytes, bytes : int
        Its size in the archive, and by itself.
    crc : int
        CRC-32 of its content.
    problem : str
        Why it cannot be read, otherwise empty.
    """

    name: str
    header_offset: int
    method: int
    stored_bytes: int
    bytes: int
    crc: int
    problem: str


def is_archive(path: str, start: bytes | None = None) -> bool:
    """Tell whether a file is a zip archive, by its first bytes or by its name.

    Parameters
    ----------
    path : str
        The file.
    start : bytes, optional
        Its beginning, if it was read already.
    """
    if path.lower().endswith(_SUFFIX):
        return True
    if start is None:
        try:
            with open(path, "rb") as file:
                start = file.read(4)
        except OSError:
            return False
    return start[:4] in _SIGNATURES


def members(path: str) -> Iterator[Member]:
    """Yield the files of an archive in the order of their names.

    Raises
    ------
    ReadError
        If it is broken.
    OSError
        If it cannot be opened.
    """
    found = _directory(path)
    for name in sorted(found):
        yield found[name]


def _directory(path: str) -> dict[str, Member]:
    status = os.stat(path)
    return _read_directory(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=8)
def _read_directory(path: str, _size: int, _modified_ns: int) -> dict[str, Member]:
    """Return the members of an archive in one state of its file."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except OSError:
        raise
    except Exception as error:  # what zipfile lets through for broken archives varies
        raise ReadError(f"the archive cannot be read: {error}", path=path) from error
    limits.check("max_elements", len(entries), f"members of the archive {path!r}")
    found: dict[str, Member] = {}
    for entry in entries:
        if entry.is_dir():
            continue
        problem = "the archive has several members of this name"
        if entry.filename not in found:
            problem = _problem(entry)
        found[entry.filename] = Member(
            entry.filename,
            entry.header_offset,
            entry.compress_type,
            entry.compress_size,
            entry.file_size,
            entry.CRC,
            problem,
        )
    return found


def _problem(entry: zipfile.ZipInfo) -> str:
    """Return why a member cannot be read, empty if it can."""
    try:
        for component in re.split(r"[/\\]", entry.filename):
            check_component(component)
    except UnsafePathError:
        return "its name is none of a file inside the archive"
    if entry.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if entry.compress_type not in (_STORED, _DEFLATED):
        return f"its compression (method {entry.compress_type}) is not supported"
    return ""


class MemberSource:
    """A member of an archive, decompressed as far as it is read.

    A stored member is read by offset as a file is. Of a deflated one the
    beginning is kept, and all of it once something further on is asked for, until
    it was read to its end; its CRC is checked then.

    Parameters
    ----------
    archive : str
        The archive.
    member : str
        Name of the member.

    Raises
    ------
    FileNotFoundError
        If the archive has no such member.
    ReadError
        If the archive is broken, or the member cannot be read.
    LimitError
        If it is larger than :mod:`pydcm.limits` allow.
    """

    def __init__(self, archive: str, member: str) -> None:
        self._archive = archive
        self._member = member
        self.path = f"{archive}!/{member}"
        found = _directory(archive).get(member)
        if found is None:
            raise FileNotFoundError(f"there is no member {member!r} in {archive!r}")
        if found.problem:
            raise ReadError(found.problem, path=self.path)
        self._entry = found
        self._file = FileSource(archive)
        self._begin = self._begin_of_data()
        self.size = found.bytes
        self._kept = b""
        self._lock = threading.Lock()
        if found.method == _STORED:
            self.size = min(found.bytes, found.stored_bytes)
        else:
            self._check_size()

    def __reduce__(self) -> tuple[object, ...]:
        return MemberSource, (self._archive, self._member)

    def read(self, offset: int, count: int) -> bytes:
        """Return exactly `count` bytes from `offset`."""
        end = offset + count
        if offset < 0 or count < 0 or end > self.size:
            raise TruncatedError(
                f"{count} bytes are needed and the member ends after {self.size}",
                path=self.path,
                offset=offset,
            )
        if self._entry.method == _STORED:
            return self._file.read(self._begin + offset, count)
        with self._lock:
            if end > len(self._kept):
                self._kept = self._inflated(_HEAD_BYTES if end <= _HEAD_BYTES else self.size)
            found = self._kept[offset:end]
            if end > self.size - _TAIL_BYTES:
                self._kept = b""
            return found

    def _begin_of_data(self) -> int:
        """Return where the content begins, which only the local header tells."""
        start = self._entry.header_offset
        header = self._file.read(start, _LOCAL_HEADER.size)
        signature, *_, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
        if signature != _LOCAL_SIGNATURE:
            raise ReadError("the archive has no member where it should be", path=self.path)
        begin: int = start + _LOCAL_HEADER.size + name_bytes + extra_bytes
        if begin + self._entry.stored_bytes > self._file.size:
            raise TruncatedError("the archive ends within the member", path=self.path)
        return begin

    def _check_size(self) -> None:
        allowed = limits.current()
        what = f"the member {self._member!r} of an archive"
        limits.check("max_inflated_bytes", self.size, what)
        ratio = allowed.max_expansion_ratio * self._entry.stored_bytes
        if self.size > max(allowed.expansion_floor_bytes, ratio):
            raise LimitError(
                f"{what} claims {self.size} bytes in {self._entry.stored_bytes} compressed ones",
                path=self.path,
                hint="raise pydcm.limits max_expansion_ratio if the file is trusted",
            )

    def _inflated(self, count: int) -> bytes:
        """Return the first `count` bytes, or all if there are fewer."""
        count = min(count, self.size)
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        parts: list[bytes] = []
        have, position, end = 0, self._begin, self._begin + self._entry.stored_bytes
        whole = count == self.size
        # One byte more than declared tells a member that holds more than it says.
        room = count + whole
        try:
            while have < room and position < end and not inflater.eof:
                data = self._file.read(position, min(_AT_ONCE, end - position))
                position += len(data)
                while data and have < room and not inflater.eof:
                    parts.append(inflater.decompress(data, room - have))
                    have += len(parts[-1])
                    data = inflater.unconsumed_tail
        except zlib.error as error:
            raise ReadError(
                f"the member cannot be decompressed: {error}", path=self.path
            ) from error
        found = b"".join(parts)
        if have < count:
            raise TruncatedError(
                f"the member declares {self.size} bytes and holds {have}", path=self.path
            )
        if whole and (have > count or zlib.crc32(found) != self._entry.crc):
            raise ReadError(
                "the content of the member is not what the archive says", path=self.path
            )
        return found
