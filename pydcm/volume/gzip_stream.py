"""Deflate on all processors, as one ordinary stream.

The data is cut into blocks, each deflated for itself and flushed to a whole
byte, so that their concatenation is one deflate stream (RFC 1951) inside one
gzip member (RFC 1952) or one zlib stream (RFC 1950): any reader takes it. The
checksums of the blocks are combined to that of the whole. The bytes do not
depend on the number of threads.
"""

from __future__ import annotations

import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, BinaryIO, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from pydcm.pixels.workers import worker_count

__all__ = ["BLOCK_BYTES", "Container", "deflated", "gunzipper", "in_order", "workers"]

BLOCK_BYTES = 1 << 20
"""What is deflated at once; each block costs about ten bytes more than an endless one."""

Container: TypeAlias = Literal["gzip", "zlib"]
"""What surrounds the deflate stream."""

_RAW = -zlib.MAX_WBITS
_LAST_BLOCK = b"\x03\x00"
"""An empty block of fixed codes that is marked as the last (RFC 1951 3.2.3)."""

_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Deflate, no name, no time, so that the same voxels give the same file (RFC 1952 2.3.1)."""

_ZLIB_HEADER = b"\x78\x9c"
_ADLER_PRIME = 65521

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class _Compressor(Protocol):
    def compress(self, data: memoryview, /) -> bytes: ...

    def flush(self, mode: int, /) -> bytes: ...


class _Deflater(NamedTuple):
    """A library that deflates.

    Attributes
    ----------
    name : str
        Of the library.
    begin : callable
        Returns a compressor of a raw deflate stream.
    crc32, adler32 : callable
        Checksums.
    """

    name: str
    begin: Callable[[], _Compressor]
    crc32: Callable[[memoryview], int]
    adler32: Callable[[memoryview], int]


class _Block(NamedTuple):
    payload: bytes
    checksum: int
    length: int


@cache
def _deflater() -> _Deflater:
    """Return the fastest library there is.

    The levels are those at which noisy 16-bit CT takes at most 5 % more than
    with zlib's level 6; ISA-L then deflates 20, zlib-ng 4, zlib 2 times as fast.
    """
    try:
        from isal import isal_zlib
    except ImportError:
        pass
    else:
        return _deflater_of("isal", isal_zlib)
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        pass
    else:
        return _deflater_of("zlib-ng", zlib_ng)
    return _deflater_of("zlib", zlib)


def _deflater_of(name: str, library: Any) -> _Deflater:
    """Return what a library deflates with, whose functions are named as those of :mod:`zlib`."""
    return _Deflater(
        name,
        lambda: library.compressobj(3, library.DEFLATED, _RAW),
        library.crc32,
        library.adler32,
    )


def gunzipper() -> Callable[[str | BinaryIO], object]:
    """Return what opens a gzip file for reading: ``igzip.open`` or ``gzip.open``."""
    try:
        from isal import igzip
    except ImportError:
        import gzip

        return gzip.open
    opener: Callable[[str | BinaryIO], object] = igzip.open
    return opener


def workers() -> int:
    """Return how many threads may run at once: as ``PYDCM_THREADS`` says, at most 16."""
    return min(16, worker_count())


def in_order(
    function: Callable[[_Item], _Result], items: Iterable[_Item], *, threads: int | None = None
) -> Iterator[_Result]:
    """Yield ``function(item)`` of each item, in their order, computed by threads.

    Only a few results are held at a time, however many items there are.

    Parameters
    ----------
    function : callable
        Should leave Python's lock alone for most of its time.
    items : iterable
        Taken one by one, in the caller's thread.
    threads : int, optional
        How many; as many as there are processors if not given.

    Examples
    --------
    >>> list(in_order(len, ["a", "bcd", ""]))
    [1, 3, 0]
    """
    count = threads or workers()
    if count == 1:
        yield from map(function, items)
        return
    waiting: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(count) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > 2 * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def deflated(
    blocks: Iterable[Callable[[], memoryview]], container: Container, *, threads: int | None = None
) -> Iterator[bytes]:
    r"""Yield the parts of a compressed stream.

    Parameters
    ----------
    blocks : iterable of callable
        Each returns the bytes of a block, about `BLOCK_BYTES` of them; it is
        called in the thread that deflates them.
    container : {"gzip", "zlib"}
        What surrounds the stream.
    threads : int, optional
        How many; as many as there are processors if not given.

    Yields
    ------
    bytes
        The stream, part by part.

    Examples
    --------
    >>> import gzip
    >>> parts = [memoryview(b"CT " * 9), memoryview(b"MR " * 9)]
    >>> stream = b"".join(deflated([lambda part=part: part for part in parts], "gzip"))
    >>> gzip.decompress(stream) == b"CT " * 9 + b"MR " * 9
    True
    """
    library = _deflater()
    checksum_of = library.crc32 if container == "gzip" else library.adler32

    def deflate(block: Callable[[], memoryview]) -> _Block:
        data = block()
        compressor = library.begin()
        payload = compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return _Block(payload, checksum_of(data), data.nbytes)

    yield _GZIP_HEADER if container == "gzip" else _ZLIB_HEADER
    combine = _crc32_of_both if container == "gzip" else _adler32_of_both
    checksum, length = (0 if container == "gzip" else 1), 0
    for block in in_order(deflate, blocks, threads=threads):
        yield block.payload
        checksum = combine(checksum, block.checksum, block.length)
        length += block.length
    yield _LAST_BLOCK
    if container == "gzip":
        yield struct.pack("<II", checksum, length & 0xFFFFFFFF)
    else:
        yield struct.pack(">I", checksum)


# ---- checksums of two parts ------------------------------------------------
# A CRC is a remainder of polynomials over GF(2): appending n bytes multiplies what
# came before by x^(8n). Bit 31 stands for x^0, as CRC-32 takes bits in that order.

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31


def _crc32_of_both(first: int, second: int, second_length: int) -> int:
    """Return the CRC-32 of two parts from theirs and the length of the second."""
    return _product(first, _power_of_x(8 * second_length)) ^ second


def _product(a: int, b: int) -> int:
    """Return the product of two polynomials modulo that of CRC-32."""
    total = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            total ^= b
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return total


@cache
def _power_of_x(exponent: int) -> int:
    power, square = _ONE, _ONE >> 1
    while exponent:
        if exponent & 1:
            power = _product(power, square)
        square = _product(square, square)
        exponent >>= 1
    return power


def _adler32_of_both(first: int, second: int, second_length: int) -> int:
    """Return the Adler-32 of two parts (RFC 1950 8.2): sums, and sums of sums, by 65521."""
    low = ((first & 0xFFFF) + (second & 0xFFFF) - 1) % _ADLER_PRIME
    high = (first >> 16) + (second >> 16) + second_length * ((first & 0xFFFF) - 1)
    return high % _ADLER_PRIME << 16 | low
