"""The frame header of a JPEG or JPEG-LS stream: what a library is about to decode."""

from __future__ import annotations

from struct import unpack_from
from typing import NamedTuple

from pydcm._codecs.bounds import check_expansion, check_shape
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError

__all__ = ["EOI", "StartOfFrame", "checked", "has_end", "read"]

EOI = b"\xff\xd9"
_SOI = b"\xff\xd8"
_FRAMES = frozenset(
    (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
)
_JPEG_LS = 0xF7
_SOS = 0xDA
_FILL = 0xFF


class StartOfFrame(NamedTuple):
    """What a frame header tells (ISO 10918-1 B.2.2, ISO 14495-1 C.2.2).

    Attributes
    ----------
    process : int
        The low octet of its marker, such as 0xC3 for lossless JPEG.
    precision : int
        Bits of a sample.
    rows, columns : int
        Of the image.
    sampling : tuple of int
        Horizontal and vertical sampling factor of each component, four bits each.
    """

    process: int
    precision: int
    rows: int
    columns: int
    sampling: tuple[int, ...]


def read(frame: bytes, number: int = 1) -> StartOfFrame:
    """Return the frame header.

    Raises
    ------
    CorruptStreamError
        If there is none before the first scan.
    """
    at = 2
    while frame.startswith(_SOI) and at + 4 <= len(frame) and frame[at] == _FILL:
        marker = frame[at + 1]
        if marker == _FILL:
            at += 1
            continue
        (length,) = unpack_from(">H", frame, at + 2)
        segment = frame[at + 4 : at + 2 + length]
        if marker in _FRAMES or marker == _JPEG_LS:
            if len(segment) >= 6 and len(segment) >= 6 + 3 * segment[5]:
                precision, rows, columns, count = unpack_from(">BHHB", segment)
                sampling = tuple(segment[7 : 6 + 3 * count : 3])
                return StartOfFrame(marker, precision, rows, columns, sampling)
            break
        if length < 2 or marker == _SOS:
            break
        at += 2 + length
    raise CorruptStreamError(
        "no frame header is where it should be",
        frame=number,
        offset=min(at, len(frame)),
        clause="ISO 10918-1 B.2.2",
    )


def has_end(frame: bytes) -> bool:
    """Return whether a stream ends with EOI, but for what pads it to an even length.

    PS3.5 A.4 says 00 or FF; blanks occur.
    """
    return frame.rstrip(b"\0\xff ").endswith(EOI)


def checked(
    frame: bytes, layout: FrameLayout, number: int, processes: tuple[int, ...]
) -> StartOfFrame:
    """Return the frame header after a comparison with what the data set describes.

    Raises
    ------
    CorruptStreamError
        If it is broken, or another image than `layout`.
    UnsupportedSyntaxError
        If its process is not one of `processes`.
    LimitError
        If it would expand beyond the limits.
    """
    head = read(frame, number)
    if head.process not in processes:
        raise UnsupportedSyntaxError(
            f"the stream has frame header FF{head.process:02X}, which this decoder is not for",
            frame=number,
        )
    found = (head.rows, head.columns, len(head.sampling))
    check_shape("JPEG", found, layout, number, "PS3.5 8.2.1")
    if head.precision > 8 * layout.item_bytes:
        raise CorruptStreamError(
            f"the JPEG stream has samples of {head.precision} bits, and Bits Allocated is "
            f"{layout.bits_allocated}",
            frame=number,
            clause="PS3.5 8.2.1",
        )
    check_expansion(len(frame), layout)
    return head
