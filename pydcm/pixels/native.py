"""Frames of Pixel Data that are not encapsulated, read a piece at a time."""

from __future__ import annotations

import sys
import warnings

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CorruptStreamError
from pydcm.kernels import bits
from pydcm.kernels.status import failure
from pydcm.pixels.masking import store, store_masked
from pydcm.pixels.model import PixelModel
from pydcm.source import FileSource, MemorySource

__all__ = ["NativeFrames"]

_CHUNK_BYTES = 128 << 10
"""Pixels are read so many bytes at a time: what stays in the cache is copied faster."""
_FILL_BYTES = 1 << 20
"""As many where they are read to their place, and masked there before they leave the cache."""


class NativeFrames:
    """The frames of native Pixel Data, Float or Double Float Pixel Data.

    Parameters
    ----------
    model : PixelModel
        The image.
    mask : bool
        Remove the bits above Bits Stored.
    """

    def __init__(self, model: PixelModel, mask: bool) -> None:
        self._model = model
        self._mask = mask

    def read(self, first: int, out: NDArray[np.generic]) -> None:
        """Fill an array ``[frames, rows, columns, samples]`` with frames from one of them on."""
        layout = self._model.layout
        if layout.bits_allocated == 1 and not layout.planar:
            self._read_bits(first * layout.cells, out.reshape(-1))
        elif _in_order(layout) and not self._model.words:
            self._read_cells(first * layout.cells, out.reshape(-1))
        else:
            step = max(1, _CHUNK_BYTES * 8 // layout.frame_bits)
            for k in range(0, len(out), step):
                part = out[k : k + step]
                self._store(self._native(first + k, len(part)), part)

    def count(self, allow_excess: bool) -> int:
        """Return how many frames there are, after a look at the length of the data.

        Parameters
        ----------
        allow_excess : bool
            Count frames beyond Number of Frames, too.

        Raises
        ------
        CorruptStreamError
            If there are too few bytes for the frames.
        """
        layout, frames = self._model.layout, self._model.frames
        length = self._model.extent.length
        expected = (frames * layout.frame_bits + 7) // 8
        if length < expected:
            raise CorruptStreamError(
                f"{frames} frames of {layout.rows} x {layout.columns} x {layout.samples} samples "
                f"of {layout.bits_allocated} bits take {expected} bytes, and Pixel Data have "
                f"{length}",
                path=self._model.extent.source.path,
                offset=self._model.extent.offset,
                hint="the file is truncated, or what describes its pixels is wrong",
            )
        if layout.subsampled and length - length % 2 >= expected // 2 * 3:
            raise CorruptStreamError(
                f"Pixel Data have {length} bytes instead of {expected}: their chrominance is not "
                f"halved as {layout.photometric} says",
                path=self._model.extent.source.path,
                hint="read them with photometric_interpretation='YBR_FULL' or 'RGB'",
            )
        if length <= expected + expected % 2:
            return frames
        self._refuse_fragments()
        found = length * 8 // layout.frame_bits
        if found > frames and allow_excess:
            warnings.warn(
                f"Number of Frames says {frames} and Pixel Data hold {found}; all are returned",
                stacklevel=4,
            )
            return found
        warnings.warn(
            f"Pixel Data have {length} bytes, {length - expected} more than their frames take",
            stacklevel=4,
        )
        return frames

    def _refuse_fragments(self) -> None:
        extent = self._model.extent
        if extent.undefined and extent.source.read(extent.offset, 4) == b"\xfe\xff\x00\xe0":
            raise CorruptStreamError(
                f"Pixel Data are encapsulated, which {self._model.codec.label} does not allow",
                path=extent.source.path,
                offset=extent.offset,
                clause="PS3.5 A.4",
                hint="the Transfer Syntax UID is wrong",
            )

    def _read_bits(self, first: int, out: NDArray[np.generic]) -> None:
        """Fill a flat array with the 1-bit cells of native Pixel Data from one of them on."""
        extent = self._model.extent
        for start in range(0, len(out), 8 * _CHUNK_BYTES):
            part = out[start : start + 8 * _CHUNK_BYTES]
            octet, bit = divmod(first + start, 8)
            data = extent.source.read(extent.offset + octet, (bit + len(part) + 7) // 8)
            status = bits.unpack(np.frombuffer(data, np.uint8), bit, part.view(np.uint8))
            if status < 0:
                raise failure("bits.unpack", status)

    def _read_cells(self, first: int, out: NDArray[np.generic]) -> None:
        """Fill a flat array with the cells of native Pixel Data from one of them on."""
        layout, extent = self._model.layout, self._model.extent
        swapped = self._model.codec.big_endian != (sys.byteorder == "big")
        as_stored = out.itemsize == 1 or out.dtype.isnative != swapped
        if as_stored and isinstance(extent.source, (FileSource, MemorySource)):
            self._fill(extent.source, extent.offset + first * out.itemsize, out)
            return
        stored = layout.dtype.newbyteorder(">" if self._model.codec.big_endian else "<")
        step = _CHUNK_BYTES // stored.itemsize
        for start in range(0, len(out), step):
            part = out[start : start + step]
            offset = extent.offset + (first + start) * stored.itemsize
            data = extent.source.read(offset, len(part) * stored.itemsize)
            self._store(np.frombuffer(data, stored), part)

    def _fill(
        self, source: FileSource | MemorySource, offset: int, out: NDArray[np.generic]
    ) -> None:
        """Fill a flat array with cells that need no change but of their unused bits."""
        octets = out.view(np.uint8).data
        mask = self._mask and self._model.layout.unused_bits > 0
        step = _FILL_BYTES if mask else max(1, len(octets))
        for start in range(0, len(octets), step):
            source.read_into(offset + start, octets[start : start + step])
            if mask:
                part = out[start // out.itemsize : (start + step) // out.itemsize]
                store_masked(part, part, self._model.layout)

    def _native(self, first: int, count: int) -> NDArray[np.generic]:
        from pydcm._codecs import native

        layout, extent = self._model.layout, self._model.extent
        begin = first * layout.frame_bits
        start = begin // 8
        stop = (begin + count * layout.frame_bits + 7) // 8
        if self._model.words:
            data = self._swapped(start, stop)
        else:
            data = extent.source.read(extent.offset + start, stop - start)
        return native.decode_frames(
            data,
            layout,
            count,
            number=first + 1,
            first_bit=begin % 8,
            big_endian=self._model.codec.big_endian,
        )

    def _swapped(self, start: int, stop: int) -> bytes:
        """Return octets that are stored in big endian words (PS3.5 7.3)."""
        extent = self._model.extent
        even_start = start - start % 2
        even_stop = min(stop + stop % 2, extent.length)
        data = bytearray(extent.source.read(extent.offset + even_start, even_stop - even_start))
        whole = len(data) - len(data) % 2
        data[0:whole:2], data[1:whole:2] = data[1:whole:2], data[0:whole:2]
        return bytes(data[start - even_start : stop - even_start])

    def _store(self, cells: NDArray[np.generic], out: NDArray[np.generic]) -> None:
        store(cells, out, self._model.layout, mask=self._mask)


def _in_order(layout: FrameLayout) -> bool:
    """Return whether native cells lie in the order, and have the size, of the array's."""
    whole = layout.bits_allocated == 8 * layout.item_bytes
    return whole and not layout.subsampled and not (layout.planar and layout.samples > 1)
