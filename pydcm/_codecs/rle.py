"""RLE Lossless frames (PS3.5 Annex G)."""

from __future__ import annotations

import warnings
from struct import pack, unpack_from

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError
from pydcm.kernels import rle
from pydcm.kernels.status import OUTPUT_FULL, failure

__all__ = ["decode", "encode"]

_HEADER = 64
_MOST_SEGMENTS = 15
_LONGEST_RUN = 128


def decode(
    frame: bytes, layout: FrameLayout, number: int = 1, *, most_significant_first: bool = True
) -> NDArray[np.generic]:
    """Return one frame.

    Parameters
    ----------
    frame : bytes
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
        Of several samples a view, in whose memory they lie apart.

    Raises
    ------
    CorruptStreamError
        If the segments do not yield the frame.
    """
    if layout.bits_allocated == 1:
        return _one_bit(frame, layout, number)
    octets = layout.bits_allocated // 8
    segments = _segments(frame, layout.samples * octets, layout.pixels, number)
    rows, columns, samples = layout.shape
    cells = np.empty((rows, columns, 1) if samples == 1 else (samples, rows, columns), layout.dtype)
    unsigned = cells.view(f"u{layout.item_bytes}").reshape(samples, layout.pixels)
    planes = unsigned[:, np.newaxis]
    if octets > 1:
        planes = np.empty((samples, octets, layout.pixels), np.uint8)
    for segment, data in enumerate(segments):
        sample, rank = divmod(segment, octets)
        octet = rank if most_significant_first else octets - 1 - rank
        _expand(data, planes[sample, octet].data, segment, number)
    if octets > 1:
        _join(planes, unsigned)
    return cells if samples == 1 else cells.transpose(1, 2, 0)


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


def _join(planes: NDArray[np.uint8], cells: NDArray[np.generic]) -> None:
    """Make cells of their octets, which come most significant first."""
    first, *others = range(planes.shape[1])
    cells[...] = planes[:, first]
    for octet in others:
        cells <<= 8  # type: ignore[misc]  # they are integers
        cells |= planes[:, octet]  # type: ignore[misc]


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


def _one_bit(frame: bytes, layout: FrameLayout, number: int) -> NDArray[np.generic]:
    """Return a frame of 1-bit pixels, which are encoded packed or as an octet each.

    PS3.5 G.2 speaks of whole octets only, and both forms exist. The length of
    the segment's output tells which one it is.
    """
    from pydcm._codecs import native

    (data,) = _segments(frame, 1, layout.frame_bytes, number)
    if len(data) * _LONGEST_RUN >= layout.pixels:
        octets = bytearray(layout.pixels)
        if rle.decode_segment(data, octets) == layout.pixels:
            return (np.frombuffer(octets, np.uint8) & 1).reshape(layout.shape)
    packed = bytearray(layout.frame_bytes)
    _expand(data, memoryview(packed), 0, number)
    return native.decode(bytes(packed), layout, number)


def _too_many(segments: int) -> UnsupportedSyntaxError:
    """Return the error for 64-bit samples in three colours and the like."""
    return UnsupportedSyntaxError(
        f"a frame of this kind needs {segments} RLE segments, and the header has room for "
        f"{_MOST_SEGMENTS}",
        clause="PS3.5 G.5",
    )


def _segments(frame: bytes, expected: int, size: int, number: int) -> list[memoryview]:
    """Return the segments (PS3.5 G.5), each of which must be able to hold `size` octets."""
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
    view = memoryview(frame)
    return [view[start:stop] for start, stop in found]


def _expand(data: memoryview, plane: memoryview, segment: int, number: int) -> None:
    """Fill a plane with the octets of a segment, which are counted from 0."""
    status = rle.decode_segment(data, plane)
    if status == OUTPUT_FULL:
        warnings.warn(
            f"RLE segment {segment + 1} of frame {number} holds more than the {len(plane)} bytes "
            "of its plane; the rest is left out",
            stacklevel=2,
        )
    elif status < 0:
        raise failure(f"rle.decode_segment, segment {segment + 1}", status, frame=number)
