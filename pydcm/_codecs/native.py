"""Frames that are not compressed (PS3.5 8.1.1, 8.2)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError
from pydcm.kernels import bits
from pydcm.kernels.status import failure

__all__ = ["decode", "decode_frames", "encode"]


def decode(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one little endian frame, as Encapsulated Uncompressed has them (PS3.5 A.4).

    Parameters
    ----------
    frame : bytes
        The frame; padding after it is allowed.
    layout : FrameLayout
        Its shape.
    number : int
        Which frame it is, from 1, for messages.

    Returns
    -------
    ndarray, shape (rows, columns, samples)
        A view of `frame` where that is possible.

    Raises
    ------
    CorruptStreamError
        If `frame` is too short.
    """
    found: NDArray[np.generic] = decode_frames(frame, layout, 1, number=number)[0]
    return found


def encode(pixels: NDArray[np.generic], layout: FrameLayout) -> bytes:
    """Return one little endian frame, as :func:`decode` takes it.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        The frame.
    layout : FrameLayout
        Its shape.

    Raises
    ------
    UnsupportedSyntaxError
        If the layout wants halved chrominance: the pixels have whole ones.
    """
    if layout.subsampled:
        raise UnsupportedSyntaxError(f"{layout.photometric} is not encoded from whole chrominance")
    cells = pixels.transpose(2, 0, 1) if layout.planar else pixels
    if layout.bits_allocated == 1:
        return np.packbits(cells.astype(np.uint8).ravel() & 1, bitorder="little").tobytes()
    size = layout.bits_allocated // 8
    octets = np.ascontiguousarray(cells, cells.dtype.newbyteorder("<"))
    if size == layout.item_bytes:
        return octets.tobytes()
    # 24, 40, 48 and 56 bits: the low bytes of the next larger type
    return octets.reshape(-1).view(np.uint8).reshape(-1, layout.item_bytes)[:, :size].tobytes()


def decode_frames(
    data: bytes,
    layout: FrameLayout,
    frames: int,
    *,
    number: int = 1,
    first_bit: int = 0,
    big_endian: bool = False,
) -> NDArray[np.generic]:
    """Return frames that follow each other.

    Parameters
    ----------
    data : bytes
        The frames; more may follow.
    layout : FrameLayout
        The shape of each.
    frames : int
        How many.
    number : int
        Which frame the first one is, from 1, for messages.
    first_bit : int
        Where the first begins in ``data[0]``; not 0 only for 1-bit pixels.
    big_endian : bool
        Byte order of cells of several bytes.

    Returns
    -------
    ndarray, shape (frames, rows, columns, samples)
        A view of `data` where that is possible, in the byte order of `data`.

    Raises
    ------
    CorruptStreamError
        If `data` is too short.
    """
    needed = (first_bit + frames * layout.frame_bits + 7) // 8
    if len(data) < needed:
        raise CorruptStreamError(
            f"{frames} frames of {layout.rows} x {layout.columns} pixels take {needed} bytes, and "
            f"{len(data)} are there",
            frame=number,
            clause="PS3.5 8.1.1",
        )
    cells = _cells(data, layout, frames, first_bit, big_endian)
    if layout.subsampled:
        return _full_chrominance(cells, layout, frames)
    if layout.planar and layout.samples > 1:
        planes = cells.reshape(frames, layout.samples, layout.rows, layout.columns)
        return planes.transpose(0, 2, 3, 1)
    return cells.reshape(frames, *layout.shape)


def _cells(
    data: bytes, layout: FrameLayout, frames: int, first_bit: int, big_endian: bool
) -> NDArray[np.generic]:
    """Return one element for each cell, in the order of `data`."""
    count = frames * layout.frame_bits // layout.bits_allocated
    if layout.bits_allocated == 1:
        return _unpacked(data, first_bit, count)
    size = layout.bits_allocated // 8
    order: Literal["<", ">"] = ">" if big_endian else "<"
    if size == layout.item_bytes:
        return np.frombuffer(data, layout.dtype.newbyteorder(order), count)
    # 24, 40, 48 and 56 bits: into the next larger type, whose high bytes stay 0
    octets = np.frombuffer(data, np.uint8, count * size).reshape(count, size)
    wide = np.zeros((count, layout.item_bytes), np.uint8)
    if big_endian:
        wide[:, -size:] = octets
    else:
        wide[:, :size] = octets
    return wide.view(layout.dtype.newbyteorder(order)).reshape(count)


def _unpacked(data: bytes, first_bit: int, count: int) -> NDArray[np.uint8]:
    unpacked = np.empty(count, np.uint8)
    status = bits.unpack(np.frombuffer(data, np.uint8), first_bit, unpacked)
    if status < 0:
        raise failure("bits.unpack", status)
    return unpacked


def _full_chrominance(
    cells: NDArray[np.generic], layout: FrameLayout, frames: int
) -> NDArray[np.generic]:
    """Give each of two pixels the chrominance that they share (PS3.3 C.7.6.3.1.2).

    They are stored as Y1 Y2 CB CR; the first of them has the chrominance's site.
    """
    if layout.pixels % 2:
        raise CorruptStreamError(
            f"{layout.photometric} pairs pixels, and {layout.rows} x {layout.columns} is odd",
            clause="PS3.3 C.7.6.3.1.2",
        )
    pairs = cells.reshape(frames, layout.pixels // 2, 4)
    full = np.empty((frames, layout.pixels // 2, 2, 3), cells.dtype)
    full[..., 0] = pairs[..., :2]
    full[..., 1:] = pairs[:, :, np.newaxis, 2:]
    return full.reshape(frames, *layout.shape)
