"""RLE Lossless frames (PS3.5 Annex G)."""

from __future__ import annotations

import sys
import warnings
from array import array
from struct import pack, unpack_from
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError
from pydcm.kernels import rle
from pydcm.kernels.status import OUTPUT_FULL, failure

__all__ = ["Expanded", "decode", "encode", "expand"]

_HEADER = 64
_MOST_SEGMENTS = 15
_LONGEST_RUN = 128


def decode(
    frame: bytes | memoryview,
    layout: FrameLayout,
    number: int = 1,
    *,
    most_significant_first: bool = True,
) -> NDArray[np.generic]:
    """Return one frame.

    Parameters
    ----------
    frame : bytes or memoryview
        Header and segments.
    layout : FrameLayout
        Its shape. Planar Configuration does not matter: segments hold one byte
        of one sample each (PS3.5 G.2).
    number : int
        Which frame it is, from 1, for messages.
    most_significant_first : bool
        The order of the segments of one sample; the standard's is True.

    Returns
    -------
    ndarray, shape (rows, columns, samples)
        Fresh and C-contiguous.

    Raises
    ------
    CorruptStreamError
        If the segments do not yield the frame.
    """
    return expand(frame, layout, number, most_significant_first=most_significant_first).cells


class Expanded(NamedTuple):
    """A frame, and what its segments tell of it besides.

    Attributes
    ----------
    cells : ndarray, shape (rows, columns, samples)
        The frame.
    occurring : int
        Every bit that is set in some cell.
    """

    cells: NDArray[np.generic]
    occurring: int


def expand(
    frame: bytes | memoryview,
    layout: FrameLayout,
    number: int = 1,
    *,
    most_significant_first: bool = True,
) -> Expanded:
    """Return one frame, as :func:`decode` does, and which bits occur in it."""
    if layout.bits_allocated == 1:
        return Expanded(_one_bit(frame, layout, number), 1)
    octets = layout.bits_allocated // 8
    segments = _segments(frame, layout.samples * octets, layout.pixels, number)
    places = array("q", range(len(segments)))
    if most_significant_first == (sys.byteorder == "little"):
        places = array("q", [_turned(segment, octets) for segment in places])
    bounds = array("q", [bound for segment in segments for bound in segment])
    state = array("q", bytes(8 * len(segments)))
    group = bytearray(len(segments))
    cells = np.empty((layout.cells, octets), np.uint8)
    result = rle.decode_segments(
        memoryview(frame), bounds, places, cells.reshape(-1).data, state, group
    )
    for segment, status in enumerate(state):
        _judge(status, segment, layout, number)
    if result < 0:
        raise failure("rle.decode_segments", result, frame=number)
    occurring = 0
    for first in range(0, len(group), octets):
        occurring |= int.from_bytes(group[first : first + octets], sys.byteorder)
    missing = layout.item_bytes - octets
    if missing:  # as of 24 bits, which numpy has no type for
        cells = np.pad(cells, ((0, 0), (0, missing) if sys.byteorder == "little" else (missing, 0)))
    return Expanded(cells.reshape(-1).view(layout.dtype).reshape(layout.shape), occurring)


def _turned(segment: int, octets: int) -> int:
    """Return which segment a segment would be if the octets of a sample were turned round."""
    return segment + octets - 1 - 2 * (segment % octets)


def encode(pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions) -> bytes:
    """Return one encoded frame.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        In the type of the layout; 1-bit pixels as 0 and 1, which are packed.
    layout : FrameLayout
        Their shape.
    options : EncodeOptions
        None of them matters.

    Returns
    -------
    bytes
        Header and segments, each of even length.

    Raises
    ------
    UnsupportedSyntaxError
        If the samples of a pixel have more octets than there can be segments.
    """
    planes = _split(pixels, layout)
    if len(planes) > _MOST_SEGMENTS:
        raise _too_many(len(planes))
    columns = layout.columns
    if layout.bits_allocated == 1:
        # Packed pixels go on from row to row (PS3.5 8.1.1), so that rows may have no bounds.
        columns = columns // 8 if columns % 8 == 0 else len(planes[0])
    rows = len(planes[0]) // columns
    room = bytearray(rle.longest_segment(rows, columns))
    segments, offsets = [], [_HEADER]
    for plane in planes:
        count = rle.encode_segment(plane.data, columns, room)
        if count < 0:
            raise failure("rle.encode_segment", count)
        segments.append(bytes(memoryview(room)[:count]) + bytes(count % 2))
        offsets.append(offsets[-1] + len(segments[-1]))
    unused = [0] * (_MOST_SEGMENTS - len(segments))
    return b"".join([pack("<16I", len(segments), *offsets[:-1], *unused), *segments])


def _split(pixels: NDArray[np.generic], layout: FrameLayout) -> list[NDArray[np.uint8]]:
    """Return a plane for each octet of each sample, most significant first (PS3.5 G.2)."""
    if layout.bits_allocated == 1:
        return [np.packbits(pixels.astype(np.uint8).ravel(), bitorder="little")]
    unsigned = pixels.view(np.dtype(f"u{layout.item_bytes}"))
    shifts = range(layout.bits_allocated - 8, -1, -8)
    return [
        (unsigned[..., sample] >> shift).astype(np.uint8).reshape(-1)
        for sample in range(layout.samples)
        for shift in shifts
    ]


def _one_bit(frame: bytes | memoryview, layout: FrameLayout, number: int) -> NDArray[np.generic]:
    """Return a frame of 1-bit pixels, which are encoded packed or as an octet each.

    PS3.5 G.2 speaks of whole octets only, and both forms exist. The length of
    the segment's output tells which one it is.
    """
    from pydcm._codecs import native

    ((start, stop),) = _segments(frame, 1, layout.frame_bytes, number)
    data = memoryview(frame)[start:stop]
    if len(data) * _LONGEST_RUN >= layout.pixels:
        octets = bytearray(layout.pixels)
        if rle.decode_segment(data, octets) == layout.pixels:
            return (np.frombuffer(octets, np.uint8) & 1).reshape(layout.shape)
    packed = bytearray(layout.frame_bytes)
    _judge(rle.decode_segment(data, packed), 0, layout, number)
    return native.decode(bytes(packed), layout, number)


def _too_many(segments: int) -> UnsupportedSyntaxError:
    """Return the error for 64-bit samples in three colours and the like."""
    return UnsupportedSyntaxError(
        f"a frame of this kind needs {segments} RLE segments, and the header has room for "
        f"{_MOST_SEGMENTS}",
        clause="PS3.5 G.5",
    )


def _segments(
    frame: bytes | memoryview, expected: int, size: int, number: int
) -> list[tuple[int, int]]:
    """Return where the segments begin and end (PS3.5 G.5); each must be able to hold `size`."""
    if len(frame) < _HEADER:
        raise CorruptStreamError(
            f"an RLE frame has a header of {_HEADER} bytes, and {len(frame)} are there",
            frame=number,
            clause="PS3.5 G.5",
        )
    if expected > _MOST_SEGMENTS:
        raise _too_many(expected)
    count, *offsets = unpack_from("<16I", frame)
    if count != expected:
        raise CorruptStreamError(
            f"an RLE frame of this kind has {expected} segments, and its header says {count}",
            frame=number,
            offset=0,
            clause="PS3.5 G.2",
        )
    stops = [*offsets[1:count], len(frame)]
    found = list(zip(offsets[:count], stops, strict=True))
    for segment, (start, stop) in enumerate(found):
        if not _HEADER <= start <= stop <= len(frame):
            raise CorruptStreamError(
                f"RLE segment {segment + 1} reaches from {start} to {stop} in a frame of "
                f"{len(frame)} bytes",
                frame=number,
                offset=4 + 4 * segment,
                clause="PS3.5 G.5",
            )
        if (stop - start) * _LONGEST_RUN < size:  # refuse before memory is taken for it
            raise CorruptStreamError(
                f"RLE segment {segment + 1} of {stop - start} bytes cannot hold {size}",
                frame=number,
                offset=start,
                clause="PS3.5 G.3",
            )
    return found


def _judge(status: int, segment: int, layout: FrameLayout, number: int) -> None:
    """Raise if a segment, counted from 0, was too short, and warn if it was too long."""
    if status == OUTPUT_FULL:
        size = layout.frame_bytes if layout.bits_allocated == 1 else layout.pixels
        warnings.warn(
            f"RLE segment {segment + 1} of frame {number} holds more than the {size} bytes "
            "of its plane; the rest is left out",
            stacklevel=2,
        )
    elif status < 0:
        raise failure(f"rle.decode_segment, segment {segment + 1}", status, frame=number)
