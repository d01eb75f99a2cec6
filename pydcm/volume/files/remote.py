"""Files behind URLs, through fsspec: listed, and read in ranges."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from pydcm import limits
from pydcm.errors import BackendError, PydcmError, ReadError, TruncatedError

__all__ = ["RemoteSource", "find"]

_READ_AHEAD_BYTES = 1 << 16
_BULK_READ_AHEAD = 8
_MOST_READ_AHEAD_BYTES = 1 << 22
"""Headers are read in small pieces and pixels in large ones, which have others behind them."""

_TAIL_BYTES = 1 << 10
"""Who has read up to here from the end has the pixels, and nothing is kept any more."""


def find(url: str, *, recursive: bool) -> Iterator[tuple[str, bool]]:
    """Yield the URLs of the files below one, and whether it was that file itself.

    Raises
    ------
    FileNotFoundError
        If there is nothing.
    ReadError
        If the file system reports another error.
    BackendError
        If fsspec, or what it needs for this kind of URL, is not installed.
    """
    with _Translated(url):
        system, path = _file_system(url)
        if not system.isdir(path):
            if not system.exists(path):
                raise FileNotFoundError(f"there is no file or folder {url!r}")
            yield url, True
            return
        names = sorted(system.find(path, maxdepth=None if recursive else 1))
        inner, separator, outer = url.partition("::")
        scheme = inner.partition("://")[0]
        for name in names:
            yield (
                (f"{scheme}://{name}::{outer}" if separator else system.unstrip_protocol(name)),
                False,
            )


class RemoteSource:
    """A file behind a URL, of which only the ranges are fetched that are asked for.

    A read fetches some more than it needs, which is kept for the next one.

    Parameters
    ----------
    url : str
        What fsspec knows, such as ``s3://bucket/key``.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ReadError
        If the file system reports another error, or does not tell the size.
    BackendError
        If fsspec, or what it needs for this kind of URL, is not installed.
    """

    def __init__(self, url: str) -> None:
        self.path = url
        with _Translated(url):
            system, path = _file_system(url)
            size = system.size(path)
        if size is None:
            raise ReadError("the file system does not tell the size of the file", path=url)
        self.size = int(size)
        self._ahead = (0, b"")

    def __reduce__(self) -> tuple[object, ...]:
        return RemoteSource, (self.path,)

    def read(self, offset: int, count: int) -> bytes:
        """Return exactly `count` bytes from `offset`."""
        end = offset + count
        if offset < 0 or count < 0 or end > self.size:
            raise TruncatedError(
                f"{count} bytes are needed and the file ends after {self.size}",
                path=self.path,
                offset=offset,
            )
        start, data = self._ahead
        if not start <= offset <= end <= start + len(data):
            limits.check("max_value_bytes", count, "bytes of a file behind a URL", offset=offset)
            ahead = _BULK_READ_AHEAD if count >= _READ_AHEAD_BYTES else 1
            wanted = min(ahead * count, _MOST_READ_AHEAD_BYTES)
            wanted = min(self.size - offset, max(count, wanted, _READ_AHEAD_BYTES))
            start, data = offset, self._fetch(offset, wanted)
        # One assignment: another thread sees this pair or that one.
        self._ahead = (0, b"") if end > self.size - _TAIL_BYTES else (start, data)
        return data[offset - start : end - start]

    def _fetch(self, offset: int, count: int) -> bytes:
        with _Translated(self.path):
            system, path = _file_system(self.path)
            data: bytes = system.cat_file(path, start=offset, end=offset + count)
        if len(data) == self.size != count:  # a server that knows nothing of ranges
            data = data[offset : offset + count]
        if len(data) != count:
            raise TruncatedError(
                f"{count} bytes were asked for and {len(data)} came", path=self.path, offset=offset
            )
        return data


def _file_system(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, which fsspec keeps for each process, and the path in it."""
    try:
        core = importlib.import_module("fsspec.core")
    except ImportError as error:
        raise BackendError(
            "URLs are read through the package fsspec, which is not installed",
            name="fsspec",
            path=url,
            hint="install the extra: pip install 'pydcm[remote]'",
        ) from error
    system, path = core.url_to_fs(url)
    return system, str(path)


class _Translated:
    """Turns what a file system raises into what pydcm raises; OSError passes."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, (PydcmError, OSError)) or not isinstance(error, Exception):
            return
        if isinstance(error, ImportError):
            raise BackendError(
                f"fsspec needs a further package for this URL: {error}", path=self._url
            ) from error
        # Each kind of storage has exceptions of its own.
        raise ReadError(f"the file system failed: {error}", path=self._url) from error
