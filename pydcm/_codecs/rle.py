"""RLE Lossless frames (PS3.5 Annex G)."""

from __future__ import annotations

import warnings
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError
from pydcm.kernels import rle
from pydcm.kernels.status import OUTPUT_FULL, failure

__all__ = ["decode"]

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

    Raises
    ------
    CorruptStreamError
        If the segments do not yield the frame.
    """
    if layout.bits_allocated == 1:
        return _one_bit(frame, layout, number)
    octets = layout.bits_allocated // 8
    segments = _segments(frame, layout.samples * octets, number)
    planes = np.zeros((layout.pixels, layout.samples, layout.item_bytes), np.uint8)
    for segment, (start, stop) in enumerate(segments):
        sample, rank = divmod(segment, octets)
        octet = octets - 1 - rank if most_significant_first else rank
        planes[:, sample, octet] = _expanded(frame[start:stop], layout.pixels, segment, number)
    return planes.view(layout.dtype.newbyteorder("<")).reshape(layout.shape)


def _one_bit(frame: bytes, layout: FrameLayout, number: int) -> NDArray[np.generic]:
    """Return a frame of 1-bit pixels, which are encoded packed or as an octet each.

    PS3.5 G.2 speaks of whole octets only, and both forms exist. The length of
    the segment's output tells which one it is.
    """
    from pydcm._codecs import native

    ((start, stop),) = _segments(frame, 1, number)
    octets = bytearray(layout.pixels)
    if rle.decode_segment(frame[start:stop], octets) == layout.pixels:
        return (np.frombuffer(octets, np.uint8) & 1).reshape(layout.shape)
    packed = _expanded(frame[start:stop], layout.frame_bytes, 0, number)
    return native.decode(packed.tobytes(), layout, number)


def _segments(frame: bytes, expected: int, number: int) -> list[tuple[int, int]]:
    """Return where each segment begins and ends (PS3.5 G.5)."""
    if len(frame) < _HEADER:
        raise CorruptStreamError(
            f"an RLE frame has a header of {_HEADER} bytes, and {len(frame)} are there",
            frame=number,
            clause="PS3.5 G.5",
        )
    if expected > _MOST_SEGMENTS:  # 64-bit samples in three colours
        raise UnsupportedSyntaxError(
            f"a frame of this kind needs {expected} RLE segments, and the header has room for "
            f"{_MOST_SEGMENTS}",
            clause="PS3.5 G.5",
        )
    count, *offsets = unpack_from("<16I", frame)
    if count != expected:
        raise CorruptStreamError(
            f"an RLE frame of this kind has {expected} segments, and its header says {count}",
            frame=number,
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
                clause="PS3.5 G.5",
            )
    return found


def _expanded(data: bytes, size: int, segment: int, number: int) -> NDArray[np.uint8]:
    """Return the octets of a segment, which are counted from 0."""
    if len(data) * _LONGEST_RUN < size:  # refuse before memory is taken for it
        raise CorruptStreamError(
            f"RLE segment {segment + 1} of {len(data)} bytes cannot hold {size}",
            frame=number,
            clause="PS3.5 G.3",
        )
    octets = bytearray(size)
    status = rle.decode_segment(data, octets)
    if status == OUTPUT_FULL:
        warnings.warn(
            f"RLE segment {segment + 1} of frame {number} holds more than the {size} bytes of its "
            "plane; the rest is left out",
            stacklevel=2,
        )
    elif status < 0:
        raise failure(f"rle.decode_segment, segment {segment + 1}", status, frame=number)
    return np.frombuffer(octets, np.uint8)
