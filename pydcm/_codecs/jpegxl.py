"""The head of a JPEG XL image (ISO 18181-1 Annex D, ISO 18181-2).

A library decodes what follows. What is read here tells, before it allocates anything,
whether the stream is the frame that the data set describes.
"""

from __future__ import annotations

from struct import unpack_from
from typing import NamedTuple

from pydcm._codecs.bounds import check_expansion, check_shape
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError

__all__ = [
    "ImageHeader",
    "checked",
    "encoded_photometric",
    "is_lossless",
    "photometric",
    "photometric_of_jpeg",
    "read",
]

_CLAUSE = "PS3.5 8.2.15"
_BARE = b"\xff\x0a"
_CONTAINER = b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"

_SIZE = ((9, 1), (13, 1), (18, 1), (30, 1))
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_PREVIEW = ((6, 1), (8, 65), (10, 321), (12, 1345))
_PREVIEW_EIGHTHS = ((0, 16), (0, 32), (5, 1), (9, 33))
_BITS = ((0, 8), (0, 10), (0, 12), (6, 1))
_FLOAT_BITS = ((0, 32), (0, 16), (0, 24), (6, 1))
_EXTRA = ((0, 0), (0, 1), (4, 2), (12, 1))
_ENUM = ((0, 0), (0, 1), (4, 2), (6, 18))
"""How the two bits before a number tell its own bits, and what to add (ISO 18181-1 B.2)."""

_GREY = 1


class ImageHeader(NamedTuple):
    """What the head of an image tells.

    Attributes
    ----------
    rows, columns : int
        As stored, before an orientation is applied.
    samples : int
        Colours and extra channels.
    bits : int
        Of a sample.
    floating : bool
        Whether samples are floating point numbers.
    animated : bool
        Whether it has several images; what follows is not known then.
    xyb : bool
        Whether its colours are stored as XYB; not known if there are extra channels.
    """

    rows: int
    columns: int
    samples: int = 3
    bits: int = 8
    floating: bool = False
    animated: bool = False
    xyb: bool = False


def read(frame: bytes, number: int = 1) -> ImageHeader:
    """Read the head of an image, bare or in a container.

    Parameters
    ----------
    frame : bytes
        An image.
    number : int
        Which frame it is, from 1, for messages.

    Raises
    ------
    CorruptStreamError
        If it is none, or ends in its head.
    """
    bits = _Bits(_head(frame, number), number)
    rows, columns = _size(bits)
    if bits.flag():  # everything is as most images have it
        return ImageHeader(rows, columns, xyb=True)
    if bits.flag() and _extra_fields(bits):
        return ImageHeader(rows, columns, animated=True)
    floating = bits.flag()
    depth = bits.number(_FLOAT_BITS if floating else _BITS)
    if floating:
        bits.take(4)  # of the exponent
    bits.flag()  # whether 16 bits are enough for the decoder
    extra = bits.number(_EXTRA)
    if extra:  # whose descriptions come before that of the colours
        return ImageHeader(rows, columns, 3 + extra, depth, floating)
    xyb = bits.flag()
    grey = False
    if not bits.flag():
        bits.flag()  # whether there is an ICC profile
        grey = bits.number(_ENUM) == _GREY
    return ImageHeader(rows, columns, 1 if grey else 3, depth, floating, xyb=xyb)


def checked(frame: bytes, layout: FrameLayout, number: int = 1) -> ImageHeader:
    """Read the head of an image, and compare it with what the data set describes.

    Raises
    ------
    CorruptStreamError
        If it is broken, or another image than `layout`.
    UnsupportedSyntaxError
        If it is animated, or has floating point samples.
    LimitError
        If it would expand beyond the limits.
    """
    head = read(frame, number)
    if head.animated or head.floating:
        what = "several images" if head.animated else "floating point samples"
        raise UnsupportedSyntaxError(f"the JPEG XL stream has {what}", frame=number, clause=_CLAUSE)
    check_shape("JPEG XL", (head.rows, head.columns, head.samples), layout, number, _CLAUSE)
    if head.bits > 8 * layout.item_bytes:
        raise CorruptStreamError(
            f"the JPEG XL stream has samples of {head.bits} bits, and Bits Allocated is "
            f"{layout.bits_allocated}",
            frame=number,
            clause=_CLAUSE,
        )
    check_expansion(len(frame), layout)
    return head


def photometric(frame: bytes, layout: FrameLayout) -> str:
    """Return the Photometric Interpretation of decoded samples.

    Colours that are stored as XYB are decoded to RGB. Others come as they are, and YBR_FULL is
    what was encoded without losses; halved chrominance is that of a JPEG, see
    :func:`photometric_of_jpeg`.
    """
    if layout.samples == 3 and (layout.photometric in ("XYB", "YBR_FULL_422") or read(frame).xyb):
        return "RGB"
    return layout.photometric


def photometric_of_jpeg(frame: bytes, layout: FrameLayout) -> str:
    """Return the Photometric Interpretation of decoded samples of a recompressed JPEG.

    Its YCbCr is decoded to RGB.
    """
    del frame
    return "RGB" if layout.samples == 3 else layout.photometric


def is_lossless(options: EncodeOptions) -> bool:
    """Return whether neither a distance nor a ratio is asked for."""
    return not (options.distance or options.compression_ratios)


def encoded_photometric(layout: FrameLayout, options: EncodeOptions) -> str:
    """Return the Photometric Interpretation of an encoded frame (PS3.5 8.2.15)."""
    if layout.samples == 3 and not is_lossless(options):
        return "XYB"
    return "YBR_FULL" if layout.photometric == "YBR_FULL_422" else layout.photometric


# --- parts of the head --------------------------------------------------------------------------


class _Bits:
    """Reads bits, the least significant of each octet first (ISO 18181-1 B.2)."""

    def __init__(self, data: bytes, number: int) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)
        self._number = number

    def take(self, count: int) -> int:
        if count > self._left:
            raise CorruptStreamError(
                "the JPEG XL stream ends in its head", frame=self._number, clause="ISO 18181-1 D"
            )
        found = self._value & (1 << count) - 1
        self._value >>= count
        self._left -= count
        return found

    def flag(self) -> bool:
        return bool(self.take(1))

    def number(self, choices: tuple[tuple[int, int], ...]) -> int:
        bits, offset = choices[self.take(2)]
        return offset + self.take(bits)


_HEAD_BYTES = 64
"""More than the head takes, up to what is read of it."""


def _head(frame: bytes, number: int) -> bytes:
    """Return the first octets of the code stream, after its signature."""
    data = frame
    if frame.startswith(_CONTAINER):
        data = _within(frame, number)
    if not data.startswith(_BARE):
        raise CorruptStreamError(
            "the frame is no JPEG XL image", frame=number, offset=0, clause="ISO 18181-1 D.1"
        )
    return data[2 : 2 + _HEAD_BYTES]


def _within(frame: bytes, number: int) -> bytes:
    """Return the begin of the code stream in the boxes of a container (ISO 18181-2 9)."""
    found = b""
    at = 0
    while at + 8 <= len(frame) and len(found) < _HEAD_BYTES:
        length, kind = unpack_from(">I4s", frame, at)
        head = 8
        if length == 1 and at + 16 <= len(frame):
            (length,) = unpack_from(">Q", frame, at + 8)
            head = 16
        elif length == 0:
            length = len(frame) - at
        if length < head or at + length > len(frame):
            raise CorruptStreamError(
                f"box {kind!r} has {length} bytes", frame=number, offset=at, clause="ISO 18181-2 9"
            )
        if kind == b"jxlc":
            return frame[at + head : at + length]
        if kind == b"jxlp":  # which begins with its number
            found += frame[at + head + 4 : at + length][:_HEAD_BYTES]
        at += length
    return found


def _size(bits: _Bits) -> tuple[int, int]:
    """Return rows and columns (ISO 18181-1 D.2)."""
    eighths = bits.flag()
    rows = 8 * (1 + bits.take(5)) if eighths else bits.number(_SIZE)
    ratio = bits.take(3)
    if ratio:
        over, under = _RATIOS[ratio - 1]
        return rows, rows * over // under
    return rows, 8 * (1 + bits.take(5)) if eighths else bits.number(_SIZE)


def _extra_fields(bits: _Bits) -> bool:
    """Skip orientation, size on the screen and preview; return whether it is animated."""
    bits.take(3)
    if bits.flag():
        _size(bits)
    if bits.flag():
        sizes = _PREVIEW_EIGHTHS if bits.flag() else _PREVIEW
        bits.number(sizes)
        if not bits.take(3):
            bits.number(sizes)
    return bits.flag()
