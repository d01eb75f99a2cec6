"""Item headers of encapsulated Pixel Data (PS3.5 A.4, Table 7.5-1)."""

from __future__ import annotations

from array import array
from io import BytesIO
from struct import unpack, unpack_from

from pydcm.errors import StructureError
from pydcm.filebase import ReadableBuffer
from pydcm.source import ByteSource

__all__ = ["Buffer", "next_item", "starts_code_stream", "stream_of", "walk_items"]


Buffer = bytes | bytearray | memoryview | ReadableBuffer

_ITEM = 0xFFFEE000
_SEQUENCE_DELIMITER = 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF

# A frame of a compressed transfer syntax begins with one of these (PS3.5 A.4.1 to A.4.9).
_CODE_STREAMS = (
    b"\xff\xd8\xff",  # JPEG, JPEG-LS: start of image
    b"\xff\x4f\xff\x51",  # JPEG 2000, HTJ2K: start of code stream and SIZ
    b"\x00\x00\x00\x0cjP  ",  # JPEG 2000 in a JP2 file, which PS3.5 forbids and scanners write
    b"\xff\x0a",  # JPEG XL code stream
    b"\x00\x00\x00\x0cJXL ",  # JPEG XL container
)


def stream_of(buffer: Buffer) -> ReadableBuffer:
    """Return `buffer` as a seekable file."""
    if isinstance(buffer, (bytes, bytearray, memoryview)):
        return BytesIO(buffer)
    return buffer


def next_item(stream: ReadableBuffer, endianness: str) -> int | None:
    """Read an item header and return the item's length, or None after the last item.

    Raises
    ------
    StructureError
        If there is something else, or the length is undefined.
    """
    offset = stream.tell()
    header = stream.read(8)
    if len(header) < 4:
        return None
    group, element = unpack_from(f"{endianness}HH", header)
    tag = group << 16 | element
    if tag == _SEQUENCE_DELIMITER:
        return None
    if tag != _ITEM:
        raise StructureError(
            f"tag ({group:04X},{element:04X}) stands where a fragment's item must begin",
            offset=offset,
            clause="PS3.5 A.4",
        )
    if len(header) < 8:
        raise StructureError(
            "the data end inside an item header", offset=offset, clause="PS3.5 A.4"
        )
    length: int = unpack(f"{endianness}I", header[4:])[0]
    if length == _UNDEFINED:
        raise StructureError(
            "the length of a fragment is undefined", offset=offset + 4, clause="PS3.5 A.4"
        )
    return length


_WINDOW = 32768
_SMALL = 4096
_HEADER = 8
_ITEM_AS_READ = 0xE000FFFE  # the tag's two halves, each little endian, read as one word
_DELIMITER_AS_READ = 0xE0DDFFFE


def walk_items(
    source: ByteSource, start: int, stop: int, head: bytes = b""
) -> tuple[array[int], array[int], int]:
    """Find the items between two offsets by reading their headers alone.

    Small items share one read; between large ones only 8 bytes are read.

    Parameters
    ----------
    source : ByteSource
        What holds them.
    start, stop : int
        Absolute offsets; an item header lies at `start`.
    head : bytes
        What lies at `start`, as far as it was read already.

    Returns
    -------
    values, lengths : array of int
        Absolute offset and length of each item's value. The last one may reach
        past `stop` in a truncated file.
    end : int
        Offset after the last item.

    Raises
    ------
    StructureError
        If a header is no item header, or the length is undefined.
    """
    values = array("q")
    lengths = array("q")
    window = head
    base = position = start
    length = _SMALL + 1  # the first item may be large
    while position + _HEADER <= stop:
        at = position - base
        if at + _HEADER > len(window):
            wanted = _HEADER if length > _SMALL else _WINDOW
            window = source.read(position, min(wanted, stop - position))
            base, at = position, 0
        tag, length = unpack_from("<II", window, at)
        if tag == _DELIMITER_AS_READ:
            break
        if tag != _ITEM_AS_READ or length == _UNDEFINED:
            raise StructureError(
                "an item of defined length must begin here",
                path=source.path,
                offset=position,
                clause="PS3.5 A.4",
            )
        values.append(position + _HEADER)
        lengths.append(length)
        position += _HEADER + length
    return values, lengths, position


def starts_code_stream(head: bytes) -> bool:
    """Return whether a fragment with these first 8 bytes can begin a frame."""
    if head.startswith(_CODE_STREAMS):
        return True
    if len(head) < _HEADER:
        return False
    segments, first = unpack_from("<II", head)
    return first == 64 and segments in range(1, 16)  # RLE header (PS3.5 G.5)
