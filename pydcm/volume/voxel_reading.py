"""Voxels from a file, which may be compressed, broken or a trap."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm.errors import LimitError, ReadError, TruncatedError
from pydcm.safe_path import safe_join
from pydcm.volume.gzip_stream import gunzipper

__all__ = [
    "beside",
    "check_voxel_bytes",
    "gunzipped",
    "open_maybe_gzip",
    "read_array",
    "read_beginning",
    "read_into",
    "skip",
]

_OTHER_LIBRARIES = ("igzip_lib", "isal", "isal_zlib", "zlib_ng")
"""Modules whose errors are of kinds of their own, and which may not be installed."""

_BROKEN_STREAM = (OSError, EOFError, zlib.error)
"""What the standard library's decompressors raise."""


@contextmanager
def open_maybe_gzip(path: str) -> Iterator[tuple[BinaryIO, bool]]:
    """Open a file for reading, through gzip if it begins as gzip does.

    Yields
    ------
    file : BinaryIO
        To read from.
    compressed : bool
        Whether it goes through gzip.
    """
    with open(path, "rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
        if not compressed:
            file.seek(0)
            yield file, False
            return
    with cast("BinaryIO", gunzipper()(path)) as inflated:
        yield inflated, True


@contextmanager
def gunzipped(file: BinaryIO) -> Iterator[BinaryIO]:
    """Read a gzip stream that begins where an open file stands."""
    with cast("BinaryIO", gunzipper()(file)) as inflated:
        yield inflated


def read_beginning(file: BinaryIO, count: int, path: str) -> bytes:
    """Return the first `count` bytes of a file, fewer if it has no more.

    Raises
    ------
    ReadError
        If its compressed stream is broken.
    """
    with _stream_errors(path):
        return file.read(count)


def skip(file: BinaryIO, count: int, path: str) -> None:
    """Pass over bytes of a file that may be a gzip stream.

    Raises
    ------
    ReadError
        If its compressed stream is broken.
    """
    with _stream_errors(path):
        left = count
        while left > 0:
            got = len(file.read(min(left, 1 << 20)))
            if not got:
                return
            left -= got


@contextmanager
def _stream_errors(path: str) -> Iterator[None]:
    """Make a :class:`ReadError` of whatever a decompressor says."""
    try:
        yield
    except ReadError:
        raise
    except _BROKEN_STREAM as error:
        raise ReadError(f"the compressed stream is broken: {error}", path=path) from error
    except Exception as error:  # of kinds that cannot be named where they are not installed
        if type(error).__module__.partition(".")[0] not in _OTHER_LIBRARIES:
            raise
        raise ReadError(f"the compressed stream is broken: {error}", path=path) from error


def beside(header: str, name: str) -> str:
    """Return the path of the file with the voxels, which a header names.

    Raises
    ------
    UnsafePathError
        If it would be outside of the header's folder.
    """
    return safe_join(os.path.dirname(header) or ".", name.split("/"))


def check_voxel_bytes(path: str, count: int, offset: int, *, compressed: bool) -> None:
    """Raise unless a file can hold as many bytes of voxels as its header says.

    Raises
    ------
    LimitError
        If they are above a limit of :mod:`pydcm.limits`.
    TruncatedError
        If the file is shorter.
    """
    limits.check("max_array_bytes", count, "bytes of voxels")
    limits.check("max_array_bytes", offset, "bytes before the voxels")
    size = os.path.getsize(path)
    if not compressed:
        if size < offset + count:
            raise TruncatedError(
                f"the header promises {count} bytes of voxels from byte {offset} on, "
                f"and the file has {size}",
                path=path,
            )
        return
    bounds = limits.current()
    if count > max(bounds.expansion_floor_bytes, bounds.max_expansion_ratio * size):
        raise LimitError(
            f"{count} bytes of voxels in a compressed file of {size} bytes are above the limit "
            f"max_expansion_ratio={bounds.max_expansion_ratio}",
            path=path,
        )


class _Fillable(Protocol):
    def readinto(self, target: memoryview, /) -> int: ...


def read_array(
    file: _Fillable | BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any], path: str
) -> NDArray[Any]:
    """Read voxels in C order and return them in the machine's byte order.

    Raises
    ------
    ReadError
        If the stream is broken or too short.
    """
    pixels = np.empty(shape, dtype)
    read_into(file, pixels.reshape(-1).view(np.uint8).data, path)
    if not dtype.isnative:
        pixels = pixels.byteswap(inplace=True).view(dtype.newbyteorder("="))
    return pixels


def read_into(file: _Fillable | BinaryIO, target: memoryview, path: str) -> None:
    """Fill `target` from a file, which may be a gzip stream.

    Raises
    ------
    ReadError
        If the stream is broken or too short.
    """
    at = 0
    with _stream_errors(path):
        while at < len(target):
            got = cast("Any", file).readinto(target[at : at + (1 << 20)])
            if not got:
                raise TruncatedError(f"the voxels end after {at} of {len(target)} bytes", path=path)
            at += got
