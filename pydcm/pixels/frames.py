"""From Pixel Data to stored values, a frame at a time where only that is asked for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm._codecs.layout import FrameLayout
from pydcm.diagnostics import Diagnostic
from pydcm.encaps import FrameIndex, frame_index
from pydcm.errors import CodecError, CorruptStreamError, LimitError
from pydcm.kernels import bits
from pydcm.kernels.status import failure
from pydcm.pixels.model import PixelModel

__all__ = ["Decoding", "FrameReader"]

_CHUNK_BYTES = 128 << 10
"""Native pixels are read so many bytes at a time: what stays in the cache is copied faster."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """What may be varied in decoding.

    Attributes
    ----------
    mask : bool
        Remove the bits above Bits Stored, or extend the sign into them.
    allow_excess_frames : bool
        Give frames beyond Number of Frames too if the data hold them.
    most_significant_first : bool
        Order of the RLE segments of a sample.
    keep_byte_order : bool
        Give big endian data as big endian arrays.
    """

    mask: bool = True
    allow_excess_frames: bool = False
    most_significant_first: bool = True
    keep_byte_order: bool = False


class FrameReader:
    """Decodes the frames of one image.

    Parameters
    ----------
    model : PixelModel
        The image.
    decoding : Decoding
        How.

    Attributes
    ----------
    count : int
        How many frames there are.

    Raises
    ------
    CorruptStreamError
        If there are too few bytes for the frames.
    StructureError
        If encapsulated frames cannot be told apart.
    UnsupportedSyntaxError
        If there is no decoder.
    """

    def __init__(self, model: PixelModel, decoding: Decoding | None = None) -> None:
        self.model = model
        self.decoding = decoding or Decoding()
        self._decode = model.codec.decoder()
        self._index: FrameIndex | None = None
        if model.codec.encapsulated:
            self._index = frame_index(model.extent, model.frames, model.extended_offsets)
            self.count = self._encapsulated_count(self._index)
        else:
            self.count = self._native_count()

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of the stored values."""
        dtype = self.model.layout.dtype
        if self.decoding.keep_byte_order and self.model.codec.big_endian:
            return dtype.newbyteorder(">")
        return dtype

    def read(self, first: int, count: int) -> NDArray[np.generic]:
        """Return stored values.

        Parameters
        ----------
        first : int
            The first frame, from 0.
        count : int
            How many frames.

        Returns
        -------
        ndarray, shape (count, rows, columns, samples)
            Fresh, writable and C-contiguous.
        """
        layout = self.model.layout
        size = count * layout.cells * layout.item_bytes
        limits.check("max_array_bytes", size, "bytes of decoded pixels")
        if self._index is not None:
            self._check_expansion(size)
        try:
            out = np.empty((count, *layout.shape), self.dtype)
        except MemoryError as error:
            raise LimitError(f"there is no memory for {size} bytes of pixels") from error
        if self._index is not None:
            for k in range(count):
                self._store(self._decoded(self._index, first + k), out[k])
        elif layout.bits_allocated == 1 and not layout.planar:
            self._read_bits(first * layout.cells, out.reshape(-1))
        elif _in_order(layout) and not self.model.words:
            self._read_cells(first * layout.cells, out.reshape(-1))
        else:
            step = max(1, _CHUNK_BYTES * 8 // layout.frame_bits)
            for k in range(0, count, step):
                part = out[k : k + step]
                self._store(self._native(first + k, len(part)), part)
        return out

    def _check_expansion(self, size: int) -> None:
        """Refuse what no code stream of this length can hold, before memory is taken."""
        bounds = limits.current()
        length = max(1, self.model.extent.length)
        if size > bounds.expansion_floor_bytes:
            limits.check(
                "max_expansion_ratio", size // length, "decoded bytes for each encoded byte"
            )

    # ---- encapsulated ----------------------------------------------------

    def _encapsulated_count(self, index: FrameIndex) -> int:
        self._report(index)
        return len(index) if self.decoding.allow_excess_frames else self.model.frames

    def _report(self, index: FrameIndex) -> None:
        """Tell what is wrong with the offset tables, once."""
        for problem in index.problems:
            warnings.warn(problem, stacklevel=5)
            found = Diagnostic(
                "offset-table",
                problem,
                "(7FE0,0010)",
                self.model.extent.offset,
                "the frames were found by what their fragments are",
            )
            if found not in self.model.diagnostics:
                self.model.diagnostics.append(found)
        index.problems.clear()

    def _decoded(self, index: FrameIndex, frame: int) -> NDArray[np.generic]:
        layout = self.model.layout
        data = index.read(frame)
        self._report(index)
        try:
            if self.decoding.most_significant_first or self.model.codec.module != "rle":
                return self._decode(data, layout, frame + 1)
            from pydcm._codecs import rle

            return rle.decode(data, layout, frame + 1, most_significant_first=False)
        except CodecError as error:
            error.path = error.path or self.model.extent.source.path
            raise

    # ---- native ----------------------------------------------------------

    def _native_count(self) -> int:
        """Return how many frames there are, after a look at the length of the data."""
        layout, frames = self.model.layout, self.model.frames
        length = self.model.extent.length
        expected = (frames * layout.frame_bits + 7) // 8
        if length < expected:
            raise CorruptStreamError(
                f"{frames} frames of {layout.rows} x {layout.columns} x {layout.samples} samples "
                f"of {layout.bits_allocated} bits take {expected} bytes, and Pixel Data have "
                f"{length}",
                path=self.model.extent.source.path,
                offset=self.model.extent.offset,
                hint="the file is truncated, or what describes its pixels is wrong",
            )
        if layout.subsampled and length - length % 2 >= expected // 2 * 3:
            raise CorruptStreamError(
                f"Pixel Data have {length} bytes instead of {expected}: their chrominance is not "
                f"halved as {layout.photometric} says",
                path=self.model.extent.source.path,
                hint="read them with photometric_interpretation='YBR_FULL' or 'RGB'",
            )
        if length <= expected + expected % 2:
            return frames
        self._refuse_fragments()
        found = length * 8 // layout.frame_bits
        if found > frames and self.decoding.allow_excess_frames:
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
        extent = self.model.extent
        if extent.undefined and extent.source.read(extent.offset, 4) == b"\xfe\xff\x00\xe0":
            raise CorruptStreamError(
                f"Pixel Data are encapsulated, which {self.model.codec.label} does not allow",
                path=extent.source.path,
                offset=extent.offset,
                clause="PS3.5 A.4",
                hint="the Transfer Syntax UID is wrong",
            )

    def _read_bits(self, first: int, out: NDArray[np.generic]) -> None:
        """Fill a flat array with the 1-bit cells of native Pixel Data from one of them on."""
        extent = self.model.extent
        for start in range(0, len(out), 8 * _CHUNK_BYTES):
            part = out[start : start + 8 * _CHUNK_BYTES]
            octet, bit = divmod(first + start, 8)
            data = extent.source.read(extent.offset + octet, (bit + len(part) + 7) // 8)
            status = bits.unpack(np.frombuffer(data, np.uint8), bit, part.view(np.uint8))
            if status < 0:
                raise failure("bits.unpack", status)

    def _read_cells(self, first: int, out: NDArray[np.generic]) -> None:
        """Fill a flat array with the cells of native Pixel Data from one of them on."""
        layout, extent = self.model.layout, self.model.extent
        stored = layout.dtype.newbyteorder(">" if self.model.codec.big_endian else "<")
        step = _CHUNK_BYTES // stored.itemsize
        for start in range(0, len(out), step):
            part = out[start : start + step]
            offset = extent.offset + (first + start) * stored.itemsize
            data = extent.source.read(offset, len(part) * stored.itemsize)
            self._store(np.frombuffer(data, stored), part)

    def _native(self, first: int, count: int) -> NDArray[np.generic]:
        from pydcm._codecs import native

        layout, extent = self.model.layout, self.model.extent
        begin = first * layout.frame_bits
        start = begin // 8
        stop = (begin + count * layout.frame_bits + 7) // 8
        if self.model.words:
            data = self._swapped(start, stop)
        else:
            data = extent.source.read(extent.offset + start, stop - start)
        return native.decode_frames(
            data,
            layout,
            count,
            number=first + 1,
            first_bit=begin % 8,
            big_endian=self.model.codec.big_endian,
        )

    def _swapped(self, start: int, stop: int) -> bytes:
        """Return octets that are stored in big endian words (PS3.5 7.3)."""
        extent = self.model.extent
        even_start = start - start % 2
        even_stop = min(stop + stop % 2, extent.length)
        data = bytearray(extent.source.read(extent.offset + even_start, even_stop - even_start))
        whole = len(data) - len(data) % 2
        data[0:whole:2], data[1:whole:2] = data[1:whole:2], data[0:whole:2]
        return bytes(data[start - even_start : stop - even_start])

    # ---- both ------------------------------------------------------------

    def _store(self, cells: NDArray[np.generic], out: NDArray[np.generic]) -> None:
        layout = self.model.layout
        mask = self.decoding.mask and needs_mask(layout)
        if cells.flags.c_contiguous:
            planes = [(cells, out)]
        else:  # samples lie apart, and numpy is slow at bringing them together all at once
            planes = [(cells[..., k], out[..., k]) for k in range(layout.samples)]
        for source, target in planes:
            if mask:
                store_masked(source, target, layout)
            else:
                np.copyto(target, source, casting="unsafe")


def _in_order(layout: FrameLayout) -> bool:
    """Return whether native cells lie in the order, and have the size, of the array's."""
    whole = layout.bits_allocated == 8 * layout.item_bytes
    return whole and not layout.subsampled and not (layout.planar and layout.samples > 1)


def needs_mask(layout: FrameLayout) -> bool:
    """Return whether a cell has bits that are not part of the pixel."""
    return not layout.floating and layout.bits_allocated > 1 and _unused(layout) > 0


def store_masked(cells: NDArray[np.generic], out: NDArray[np.generic], layout: FrameLayout) -> None:
    """Copy cells without the bits above Bits Stored (PS3.5 8.1.1).

    They belong to nobody, or to an overlay of old; signed values get their
    sign extended into them.
    """
    if layout.signed:
        np.left_shift(cells, _unused(layout), out=out)
        np.right_shift(out, _unused(layout), out=out)
    else:
        mask = layout.dtype.type((1 << layout.bits_stored) - 1)
        np.bitwise_and(cells, mask, out=out)


def _unused(layout: FrameLayout) -> int:
    return 8 * layout.item_bytes - layout.bits_stored
