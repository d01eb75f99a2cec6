"""Frames in the forms that decoders give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm.pixels.frames import FrameReader
from pydcm.pixels.results import described, layout_of_result, native_octets

__all__ = ["array_of", "arrays_of", "checked", "octets_of"]

Array = NDArray[Any]


def array_of(reader: FrameReader, index: int | None) -> Array:
    """Return frames without the axes of frames and of samples where there is one.

    Parameters
    ----------
    reader : FrameReader
        What reads them.
    index : int, optional
        The only frame wanted, from 0.
    """
    if index is None:
        array: Array = reader.read(0, reader.count)
    else:
        array = reader.read(checked(index, reader.count), 1)
    if array.shape[3] == 1:
        array = array[..., 0]
    return array[0] if len(array) == 1 else array


def arrays_of(reader: FrameReader, indices: Iterable[int] | None) -> Iterator[Array]:
    """Yield frames one by one, without the axis of samples where there is one.

    Parameters
    ----------
    reader : FrameReader
        What reads them.
    indices : iterable of int, optional
        The frames wanted, from 0, in this order.
    """
    wanted = range(reader.count) if indices is None else indices
    for frame in reader.stream(checked(index, reader.count) for index in wanted):
        yield frame[..., 0] if frame.shape[2] == 1 else frame


def checked(index: int, count: int) -> int:
    """Return the number of a frame, from 0, or raise `ValueError` if there is no such frame."""
    if index < 0:
        raise ValueError(f"index {index} is negative; the first frame is 0")
    if index >= count:
        raise ValueError(f"there are {count} frames, and index {index} is asked for")
    return index


def octets_of(reader: FrameReader, first: int, count: int) -> tuple[bytes, dict[str, str | int]]:
    """Return frames as octets, and what describes them.

    Native pixel data are as they are stored; see
    :meth:`pydcm.pixels.decoders.base.Decoder.as_buffer`.

    Parameters
    ----------
    reader : FrameReader
        What reads them.
    first : int
        The first frame, from 0.
    count : int
        How many frames.
    """
    layout = reader.model.layout
    if reader.model.codec.encapsulated:
        cells = reader.read(first, count)
        # Segments of RLE are planes (PS3.5 G.2), and programs know their octets like that.
        planar = layout.samples > 1 and reader.model.codec.module == "rle"
        described_as = described(layout_of_result(reader), count, planar=planar)
        return native_octets(np.moveaxis(cells, 3, 1) if planar else cells, layout), described_as
    options = described(layout, count, planar=layout.planar)
    begin, end = first * layout.frame_bits, (first + count) * layout.frame_bits
    limits.check("max_array_bytes", (end - begin) // 8, "bytes of pixels")
    if begin % 8:  # a frame of 1-bit pixels that begins within an octet
        return native_octets(reader.read(first, count), layout), options
    extent = reader.model.extent
    start, stop = begin // 8, (end + 7) // 8
    if reader.model.words:  # an octet alone is not where its word has it
        start, stop = start - start % 2, min(stop + stop % 2, extent.length)
    return extent.source.read(extent.offset + start, stop - start), options
