"""From Pixel Data to stored values, a frame at a time where only that is asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm._codecs import Decode, rle
from pydcm._codecs.layout import FrameLayout
from pydcm.diagnostics import Diagnostic
from pydcm.encaps import FrameIndex, frame_index
from pydcm.errors import CodecError, LimitError
from pydcm.pixels.colour import is_full_range_ybr, rgb_to_ybr_full, ybr_full_to_rgb
from pydcm.pixels.masking import store
from pydcm.pixels.model import PixelModel
from pydcm.pixels.native import NativeFrames
from pydcm.pixels.workers import for_each, in_order, worker_count

__all__ = ["Colour", "Decoding", "FrameReader"]

Array: TypeAlias = NDArray[np.generic]
Colour: TypeAlias = Literal["stored", "rgb", "force-rgb", "force-ybr"]
"""Stored components; YBR_FULL as RGB; whatever has three samples, converted to RGB or YBR_FULL."""


class Conversion(Protocol):
    """Converts colours, given with their Bits Stored, in place or not."""

    def __call__(self, pixels: Array, bits: int = ..., *, out: Array | None = ...) -> Array:
        """Return the converted pixels."""


_MOST_AHEAD_BYTES = 1 << 30
"""What frames that are decoded at the same time may take."""
_LEAST_FOR_A_THREAD = 1 << 16
"""To hand a smaller frame to another thread takes about as long as to decode it."""


class Decoding(NamedTuple):
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
    colour : Colour
        What to do with colours.
    implementation : str
        The codec's implementation; empty for the best that is here.
    workers : int or None
        Threads that decode several frames; by default one for each processor,
        or what the environment variable ``PYDCM_THREADS`` says, and one for
        frames of less than 64 KiB.
    decode : callable, optional
        What decodes a frame instead of an implementation of the codec.
    """

    mask: bool = True
    allow_excess_frames: bool = False
    most_significant_first: bool = True
    keep_byte_order: bool = False
    colour: Colour = "stored"
    implementation: str = ""
    workers: int | None = None
    decode: Decode | None = None


class FrameReader:
    """Decodes the frames of one image.

    Parameters
    ----------
    model : PixelModel
        The image.
    decoding : Decoding
        How.
    index : FrameIndex, optional
        Where encapsulated frames are, if that is known.

    Attributes
    ----------
    count : int
        How many frames there are.
    index : FrameIndex or None
        Where encapsulated frames are.

    Raises
    ------
    CorruptStreamError
        If there are too few bytes for the frames.
    StructureError
        If encapsulated frames cannot be told apart.
    UnsupportedSyntaxError
        If there is no decoder.
    """

    def __init__(
        self,
        model: PixelModel,
        decoding: Decoding | None = None,
        index: FrameIndex | None = None,
    ) -> None:
        self.model = model
        self.decoding = decoding or Decoding()
        self._decode = self.decoding.decode or model.codec.decoder(self.decoding.implementation)
        self._expands = self._decode is rle.decode or self._is_least_significant_first()
        self.index: FrameIndex | None = None
        self._native: NativeFrames | None = None
        self._told = 0
        self._compared = False
        self._suspicious = False
        self._photometric: str | None = None
        if model.codec.encapsulated:
            if index is None:
                index = frame_index(model.extent, model.frames, model.extended_offsets)
            self.index = index
            self._report(index)
            self._suspect_native()
            self.count = len(index) if self.decoding.allow_excess_frames else model.frames
        else:
            self._native = NativeFrames(model, self.decoding.mask)
            self.count = self._native.count(self.decoding.allow_excess_frames)

    def __reduce__(self) -> tuple[object, ...]:
        return FrameReader, (self.model, self.decoding)

    def is_settled(self) -> bool:
        """Whether it can stand for any other reader of the same frames, in several threads too.

        It cannot where something is wrong, which each reader tells once, or where
        colours depend on the frame.
        """
        if self.index is None or self._suspicious or self.index.problems:
            return False
        return not self.model.codec.tells_colours

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of the stored values."""
        dtype = self.model.layout.dtype
        if self.decoding.keep_byte_order and self.model.codec.big_endian:
            return dtype.newbyteorder(">")
        return dtype

    @property
    def photometric(self) -> str:
        """Photometric Interpretation of what is returned.

        Where a code stream tells its colours itself, that is known from the
        frame that was decoded last, or else from the first one.
        """
        if self._photometric is None:
            stored = self.model.layout.photometric
            if self.index is not None:
                stored = self.model.codec.photometric(self._encoded(self.index, 0), self._layout)
            self._photometric = self._converted(stored)[1]
        return self._photometric

    def read(self, first: int, count: int) -> NDArray[np.generic]:
        """Return frames that follow each other.

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
        layout = self._layout
        size = count * layout.cells * layout.item_bytes
        limits.check("max_array_bytes", size, "bytes of decoded pixels")
        if self.index is not None:
            self._check_expansion(size)
            if count == 1:
                return self._frame(self.index, first)[np.newaxis]
        try:
            out = np.empty((count, *layout.shape), self.dtype)
        except MemoryError as error:
            raise LimitError(f"there is no memory for {size} bytes of pixels") from error
        if self.index is None:
            assert self._native is not None
            self._native.read(first, out)
            for plane in out if layout.samples == 3 and self._changes_colours() else ():
                self._recolour(plane, layout.photometric)
        else:
            index = self.index

            def decode_into(k: int) -> None:
                self._frame(index, first + k, out[k])

            for_each(decode_into, count, self._workers(count))
        return out

    def read_again(self, first: int, scratch: NDArray[np.generic] | None) -> NDArray[np.generic]:
        """Return one frame, in the memory of `scratch` if it has its shape and type.

        To take fresh memory for each of many frames costs as much as to read them.

        Parameters
        ----------
        first : int
            The frame, from 0.
        scratch : ndarray or None
            What an earlier call returned and nobody needs any more, or where the
            values are to stay.

        Returns
        -------
        ndarray, shape (1, rows, columns, samples)
        """
        shape = (1, *self._layout.shape)
        usable = scratch is not None and scratch.shape == shape and scratch.dtype == self.dtype
        if not usable or self._native is None or self._changes_colours():
            return self.read(first, 1)
        assert scratch is not None
        self._native.read(first, scratch)
        return scratch

    def stream(self, frames: Iterable[int]) -> Iterator[NDArray[np.generic]]:
        """Yield frames one by one, a few of them decoded ahead.

        Parameters
        ----------
        frames : iterable of int
            Which, from 0.

        Yields
        ------
        ndarray, shape (rows, columns, samples)
        """
        index = self.index
        if index is None:
            for frame in frames:
                yield self.read(frame, 1)[0]
            return
        size = self._layout.cells * self._layout.item_bytes
        self._check_expansion(size)
        yield from in_order(
            lambda frame: self._frame(index, frame), frames, self._workers(self.count)
        )

    @property
    def _layout(self) -> FrameLayout:
        return self.model.layout

    def _workers(self, frames: int) -> int:
        """Return how many threads decode; no more than would hold too much memory at once."""
        size = max(1, self._layout.cells * self._layout.item_bytes)
        if self.decoding.workers is None and size < _LEAST_FOR_A_THREAD:
            return 1
        return max(1, min(worker_count(self.decoding.workers), frames, _MOST_AHEAD_BYTES // size))

    # ---- encapsulated ----------------------------------------------------

    def _check_expansion(self, size: int) -> None:
        """Refuse what no code stream of this length can hold, before memory is taken."""
        bounds = limits.current()
        length = max(1, self.model.extent.length)
        if size > bounds.expansion_floor_bytes:
            limits.check(
                "max_expansion_ratio", size // length, "decoded bytes for each encoded byte"
            )

    def _report(self, index: FrameIndex) -> None:
        """Tell what is wrong with the offset tables, once."""
        for problem in index.problems[self._told :]:
            self._told += 1
            warnings.warn(problem, stacklevel=5)
            action = "the frames were found by what their fragments are"
            where = self.model.extent.offset
            self._note(Diagnostic("offset-table", problem, "(7FE0,0010)", where, action))

    def _suspect_native(self) -> None:
        """Warn of fragments that take exactly what the pixels would take without compression."""
        layout, length = self._layout, self.model.extent.length
        native = self.model.frames * ((layout.cells * layout.bits_allocated + 7) // 8)
        if native <= length <= native + native % 2:
            self._suspicious = True
            warnings.warn(
                f"encapsulated Pixel Data have the {length} bytes of native ones; the Transfer "
                "Syntax UID may be wrong",
                stacklevel=5,
            )

    def _encoded(self, index: FrameIndex, frame: int) -> bytes:
        """Return the code stream of a frame; the index is not for several threads at once."""
        with index.lock:
            data = index.read(frame)
            self._report(index)
        return data

    def _is_least_significant_first(self) -> bool:
        return self.model.codec.module == "rle" and not self.decoding.most_significant_first

    def _expanded(self, index: FrameIndex, frame: int) -> rle.Expanded:
        """Return an RLE frame, whose octets are not copied if they are in memory."""
        with index.lock:
            data = index.view(frame)
            if index.problems:
                self._report(index)
        first = self.decoding.most_significant_first
        return rle.expand(data, self._layout, frame + 1, most_significant_first=first)

    def _frame(
        self, index: FrameIndex, frame: int, out: NDArray[np.generic] | None = None
    ) -> NDArray[np.generic]:
        """Return one decoded frame, in `out` if that is given."""
        stored, mask = self._layout.photometric, self.decoding.mask
        try:
            if self._expands:
                cells, occurring = self._expanded(index, frame)
                mask = mask and occurring & ~self._layout.positive_bits != 0
            else:
                data = self._encoded(index, frame)
                cells = self._decode(data, self._layout, frame + 1)
                stored = self.model.codec.photometric(data, self._layout)
                if stored != self._layout.photometric.removesuffix("_422"):
                    self._compare_colours(index, data, stored)
        except CodecError as error:
            error.path = error.path or self.model.extent.source.path
            raise
        if out is None:
            usable = self._expands or (_is_own(cells) and cells.dtype == self.dtype)
            out = cells if usable else np.empty_like(cells, self.dtype, "C")
        store(cells, out, self._layout, mask=mask)
        self._recolour(out, stored)
        return out

    def _compare_colours(self, index: FrameIndex, data: bytes, stored: str) -> None:
        """Tell, once, that a code stream has other colours than the data set says."""
        with index.lock:
            if self._compared:
                return
            self._compared = True
        mark = self.model.codec.contradiction(data, self._layout)
        if not mark:
            return
        declared = self._layout.photometric
        problem = f"Photometric Interpretation is {declared}, and the code stream has {mark}"
        action = f"the pixels are taken for {stored}"
        warnings.warn(f"{problem}; {action}", stacklevel=6)
        self._note(Diagnostic("colours", problem, "(0028,0004)", None, action))

    def _note(self, found: Diagnostic) -> None:
        if found not in self.model.diagnostics:
            self.model.diagnostics.append(found)

    # ---- colours ---------------------------------------------------------

    def _changes_colours(self) -> bool:
        return self._converted(self._layout.photometric)[0] is not None

    def _converted(self, stored: str) -> tuple[Conversion | None, str]:
        """Return what converts pixels of a photometric interpretation, and what they are then."""
        colour, layout = self.decoding.colour, self._layout
        if stored == "YBR_FULL_422":  # its chrominance is complete now
            stored = "YBR_FULL"
        if colour == "stored" or layout.samples != 3 or layout.floating:
            return None, stored
        if colour == "force-ybr":
            return rgb_to_ybr_full, "YBR_FULL"
        if colour == "force-rgb" or (is_full_range_ybr(stored) and not layout.signed):
            return ybr_full_to_rgb, "RGB"
        return None, stored

    def _recolour(self, plane: NDArray[np.generic], stored: str) -> None:
        convert, self._photometric = self._converted(stored)
        if convert is not None:
            convert(plane, self._layout.bits_stored, out=plane)


def _is_own(cells: Array) -> bool:
    """Return whether an array is nearly all of its memory, which nothing else uses."""
    whole: object = cells if cells.base is None else cells.base
    if not (isinstance(whole, np.ndarray) and whole.flags.owndata):
        return False
    if whole.nbytes > cells.nbytes + cells.nbytes // 8:  # a row or two is no waste
        return False
    return cells.flags.c_contiguous and cells.flags.writeable
