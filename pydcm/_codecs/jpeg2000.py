"""The head of a JPEG 2000 or HTJ2K code stream (ISO 15444-1 Annex A).

Libraries decode what follows. What is read here tells, before one of them allocates
anything, whether the stream is the frame that the data set describes, and whether it is
whole.
"""

from __future__ import annotations

from struct import unpack_from
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.bounds import check_expansion, check_shape
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError

__all__ = [
    "CodeStream",
    "Component",
    "cells",
    "checked",
    "encoded_photometric",
    "is_lossless",
    "levelled",
    "photometric",
    "read",
    "with_mct",
    "with_precision",
]

SOC, SIZ, CAP, COD, TLM, SOT = 0xFF4F, 0xFF51, 0xFF50, 0xFF52, 0xFF55, 0xFF90
"""Markers (ISO 15444-1 Table A.2)."""

EOC = b"\xff\xd9"
"""The marker that ends a code stream."""

_CLAUSE = "PS3.5 8.2.4"
_SIGNATURE = b"\x00\x00\x00\x0cjP  "
_MOST_COMPONENTS = 16384
_MOST_PRECISION = 38
_MOST_TILES = 65535
_MOST_PARTS = 256
_MOST_DECOMPOSITIONS = 32
_MULTI_COMPONENT = ("YBR_RCT", "YBR_ICT")


class Component(NamedTuple):
    """One component, as the SIZ marker segment tells (ISO 15444-1 A.5.1).

    Attributes
    ----------
    precision : int
        Bits, 1 to 38.
    signed : bool
        Whether its samples are two's complement.
    dx, dy : int
        Its samples are every so many columns and rows apart; 1 is not sub-sampled.
    """

    precision: int
    signed: bool
    dx: int
    dy: int


class CodeStream(NamedTuple):
    """A whole code stream and what its main header tells.

    Attributes
    ----------
    data : bytes
        From SOC to EOC, without the boxes of a file format around it.
    rows, columns : int
        Of the image area.
    tiles : int
        How many.
    components : tuple of Component
        One for each sample of a pixel.
    mct : bool
        Whether the first three components were transformed (ISO 15444-1 Annex G).
    reversible : bool
        Whether the wavelet is the 5-3 one, which loses nothing.
    progression : int
        Order of the packets (ISO 15444-1 Table A.16); 2 is RPCL.
    decompositions : int
        Levels of the wavelet, 0 to 32.
    high_throughput : bool
        Whether its code blocks may be those of ISO 15444-15.
    lengths : bool
        Whether there is a TLM marker segment.
    """

    data: bytes
    rows: int
    columns: int
    tiles: int
    components: tuple[Component, ...]
    mct: bool
    reversible: bool
    progression: int
    decompositions: int
    high_throughput: bool
    lengths: bool


class _Cod(NamedTuple):
    mct: bool
    reversible: bool
    progression: int
    decompositions: int


def read(frame: bytes, number: int = 1) -> CodeStream:
    """Read the main header, and follow the tile-parts to the end.

    Parameters
    ----------
    frame : bytes
        A code stream, bare or (which PS3.5 A.4.4 forbids and occurs) within a JP2 file.
    number : int
        Which frame it is, from 1, for messages.

    Raises
    ------
    CorruptStreamError
        If the header is broken, or tile-parts are cut short or missing.
    UnsupportedSyntaxError
        If components are transformed in a way of Part 2.
    """
    data = _bare(frame, number)
    if len(data) < 4 or unpack_from(">H", data)[0] != SOC:
        raise _broken("a JPEG 2000 code stream begins with SOC", number, 0, "A.4.1")
    size = None
    cod = None
    high_throughput = lengths = False
    at = 2
    while True:
        marker = _word(data, at, number)
        if marker == SOT:
            break
        length = _word(data, at + 2, number)
        stop = at + 2 + length
        if marker < 0xFF4F or length < 2 or stop > len(data):
            raise _broken(f"marker {marker:04X} has a segment of {length}", number, at, "A.3")
        if size is None and marker != SIZ:
            raise _broken("SIZ is not the first marker segment", number, at, "A.5.1")
        if marker == SIZ:
            size = _size(data[at + 4 : stop], number)
        elif marker == COD:
            cod = _coding(data[at + 4 : stop], number, at)
        elif marker == CAP:
            high_throughput = length >= 6 and bool(unpack_from(">I", data, at + 4)[0] & 1 << 17)
        lengths = lengths or marker == TLM
        at = stop
    if size is None or cod is None:
        raise _broken("the main header has no SIZ or no COD", number, at, "A.5")
    rows, columns, tiles, components = size
    data = _whole(data, at, tiles, number)
    return CodeStream(data, rows, columns, tiles, components, *cod, high_throughput, lengths)


def checked(frame: bytes, layout: FrameLayout, number: int = 1) -> CodeStream:
    """Read a code stream, and compare it with what the data set describes.

    Raises
    ------
    CorruptStreamError
        If the stream is broken, or another image than `layout`.
    UnsupportedSyntaxError
        If its components differ from each other.
    LimitError
        If it would expand beyond the limits.
    """
    stream = read(frame, number)
    found = (stream.rows, stream.columns, len(stream.components))
    check_shape("JPEG 2000", found, layout, number, _CLAUSE)
    first = stream.components[0]
    for k, component in enumerate(stream.components):
        if component.dx != 1 or component.dy != 1:
            raise UnsupportedSyntaxError(
                f"component {k + 1} of the JPEG 2000 stream is sub-sampled "
                f"{component.dx} x {component.dy}",
                frame=number,
                clause=_CLAUSE,
            )
        if component != first:
            raise UnsupportedSyntaxError(
                "the components of the JPEG 2000 stream differ in precision or sign",
                frame=number,
                clause=_CLAUSE,
            )
    if first.precision > 8 * layout.item_bytes or layout.floating:
        raise CorruptStreamError(
            f"the JPEG 2000 stream has samples of {first.precision} bits, and Bits Allocated is "
            f"{layout.bits_allocated}",
            frame=number,
            clause=_CLAUSE,
        )
    check_expansion(len(frame), layout)
    return stream


def cells(
    decoded: NDArray[np.generic], stream: CodeStream, layout: FrameLayout
) -> NDArray[np.generic]:
    """Return decoded samples as cells of the data set, sign and size as its header says.

    Where the sign of the code stream is another one, the bit pattern stays: the header
    decides what it means (PS3.5 A.4.4).
    """
    component = stream.components[0]
    if decoded.dtype == layout.dtype:
        return decoded.reshape(layout.shape)
    wide = decoded.astype(layout.dtype).reshape(layout.shape)
    if component.signed and not layout.signed:
        wide &= layout.dtype.type((1 << component.precision) - 1)
    return wide


def photometric(frame: bytes, layout: FrameLayout) -> str:
    """Return the Photometric Interpretation of decoded samples.

    The multiple component transformation is part of the code stream and undone with it, so
    what is left of YBR_RCT and YBR_ICT is RGB. A stream that has it began as RGB, whatever
    the header says.
    """
    if layout.samples != 3:
        return layout.photometric
    if layout.photometric in _MULTI_COMPONENT:
        return "RGB"
    if layout.photometric.startswith("YBR") and read(frame).mct:
        return "RGB"
    return layout.photometric


def is_lossless(options: EncodeOptions) -> bool:
    """Return whether neither ratios nor decibels are asked for."""
    return not (options.compression_ratios or options.psnr)


def with_mct(layout: FrameLayout) -> bool:
    """Return whether encoding transforms the components: those of RGB are."""
    return layout.samples == 3 and layout.photometric in ("RGB", *_MULTI_COMPONENT)


def encoded_photometric(layout: FrameLayout, options: EncodeOptions) -> str:
    """Return the Photometric Interpretation of an encoded frame (PS3.5 8.2.4).

    RGB becomes YBR_RCT with the reversible and YBR_ICT with the irreversible
    transformation; halved chrominance has been made whole.
    """
    if with_mct(layout):
        return "YBR_RCT" if is_lossless(options) else "YBR_ICT"
    return "YBR_FULL" if layout.photometric == "YBR_FULL_422" else layout.photometric


def levelled(pixels: NDArray[np.generic], layout: FrameLayout) -> NDArray[np.generic]:
    """Return pixels whose code stream can be given a smaller precision.

    Some encoders take the precision from the type of the array. Unsigned samples are shifted
    down by half of their range before they are transformed (ISO 15444-1 G.1.2), so where
    Bits Stored is less than the type has, it is done here, and the encoder sees signed ones.
    :func:`with_precision` then writes what they were.
    """
    if layout.signed or layout.bits_stored == 8 * pixels.itemsize:
        return pixels
    signed = pixels.view(pixels.dtype.str.replace("u", "i"))
    shifted: NDArray[np.generic] = signed - signed.dtype.type(1 << layout.bits_stored - 1)
    return shifted


def with_precision(data: bytes, layout: FrameLayout) -> bytes:
    """Return a reversible code stream whose SIZ has the precision and sign of `layout`.

    With the reversible wavelet, neither decides what the coefficients mean.
    """
    depth = layout.bits_stored - 1 | (0x80 if layout.signed else 0)
    changed = bytearray(data)
    changed[42 : 42 + 3 * layout.samples : 3] = bytes([depth]) * layout.samples
    return bytes(changed)


# --- parts of the header ------------------------------------------------------------------------


def _bare(frame: bytes, number: int) -> bytes:
    """Return the code stream within the boxes of a JP2 file (ISO 15444-1 Annex I)."""
    if not frame.startswith(_SIGNATURE):
        return frame
    at = 0
    while at + 8 <= len(frame):
        length, kind = unpack_from(">I4s", frame, at)
        head = 8
        if length == 1 and at + 16 <= len(frame):
            (length,) = unpack_from(">Q", frame, at + 8)
            head = 16
        elif length == 0:
            length = len(frame) - at
        if length < head or at + length > len(frame):
            raise _broken(f"box {kind!r} has {length} bytes", number, at, "I.4")
        if kind == b"jp2c":
            return frame[at + head : at + length]
        at += length
    raise _broken("the JP2 file has no code stream", number, at, "I.5.4")


def _size(segment: bytes, number: int) -> tuple[int, int, int, tuple[Component, ...]]:
    """Return rows, columns, tiles and components (ISO 15444-1 A.5.1)."""
    if len(segment) < 36:
        raise _broken(f"SIZ has {len(segment) + 2} bytes", number, 2, "A.5.1")
    _, x, y, x0, y0, tx, ty, tx0, ty0, count = unpack_from(">H8IH", segment)
    if not 1 <= count <= _MOST_COMPONENTS or len(segment) != 36 + 3 * count:
        raise _broken(f"SIZ has {count} components", number, 2, "A.5.1")
    if x0 >= x or y0 >= y or not tx0 <= x0 < tx0 + tx or not ty0 <= y0 < ty0 + ty:
        raise _broken("SIZ has no image, or its first tile lies beside it", number, 2, "A.5.1")
    tiles = -((tx0 - x) // tx) * -((ty0 - y) // ty)
    if tiles > _MOST_TILES:
        raise _broken(f"SIZ has {tiles} tiles", number, 2, "A.5.1")
    components = []
    for k in range(count):
        depth, dx, dy = segment[36 + 3 * k : 39 + 3 * k]
        component = Component((depth & 0x7F) + 1, depth >= 0x80, dx, dy)
        if component.precision > _MOST_PRECISION or not dx or not dy:
            raise _broken(f"component {k + 1} is {component}", number, 2, "A.5.1")
        components.append(component)
    return y - y0, x - x0, tiles, tuple(components)


def _coding(segment: bytes, number: int, at: int) -> _Cod:
    """Return what COD tells (ISO 15444-1 A.6.1)."""
    if len(segment) < 10:
        raise _broken(f"COD has {len(segment) + 2} bytes", number, at, "A.6.1")
    _, progression, layers, mct, decompositions, _, _, _, wavelet = unpack_from(
        ">BBHBBBBBB", segment
    )
    if progression > 4 or not layers or decompositions > _MOST_DECOMPOSITIONS:
        raise _broken("COD has values out of range", number, at, "A.6.1")
    if mct > 1:
        raise UnsupportedSyntaxError(
            "the components are transformed as ISO 15444-2 has it, which no library undoes",
            frame=number,
            offset=at,
            clause="ISO 15444-1 Table A.17",
        )
    return _Cod(bool(mct), wavelet == 1, progression, decompositions)


def _whole(data: bytes, at: int, tiles: int, number: int) -> bytes:
    """Return the stream with its end, once every tile-part has been found (ISO 15444-1 A.4.2)."""
    seen: dict[int, int] = {}
    declared: dict[int, int] = {}
    end = len(data.rstrip(b"\0"))
    while at + 12 <= len(data) and unpack_from(">H", data, at)[0] == SOT:
        length, tile, size, _, parts = unpack_from(">HHIBB", data, at + 2)
        if length != 10 or tile >= tiles:
            raise _broken(f"SOT of tile {tile} among {tiles}", number, at, "A.4.2")
        seen[tile] = seen.get(tile, 0) + 1
        declared[tile] = max(declared.get(tile, 0), parts)
        if size == 0:  # the last one: to the end of the stream
            at = end - 2
            break
        if size < 14 or at + size > len(data):
            left = len(data) - at
            raise _broken(f"a tile-part of {size} bytes, and {left} are there", number, at, "A.4.2")
        at += size
    if len(seen) < tiles:
        raise _broken(f"{len(seen)} of {tiles} tiles are there", number, at, "A.4.2")
    if data[at : at + 2] == EOC:
        return data
    # Streams without EOC occur; they are whole if they say of how many parts they are.
    if end > at or any(seen[tile] < (declared[tile] or _MOST_PARTS) for tile in seen):
        raise _broken("the code stream has no end", number, at, "A.4.4")
    return data[:at] + EOC


def _word(data: bytes, at: int, number: int) -> int:
    if at + 2 > len(data):
        raise _broken("the stream ends in its main header", number, at, "A.3")
    return data[at] << 8 | data[at + 1]


def _broken(message: str, number: int, at: int, clause: str) -> CorruptStreamError:
    return CorruptStreamError(message, frame=number, offset=at, clause=f"ISO 15444-1 {clause}")
