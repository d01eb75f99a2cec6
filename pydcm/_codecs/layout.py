"""What a codec must know about a frame (PS3.3 C.7.6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

__all__ = ["EncodeOptions", "FrameLayout"]


@dataclass(frozen=True)
class FrameLayout:
    """Shape and cell of one frame.

    What follows from the attributes is computed once: the images of a series share
    their layout.

    Attributes
    ----------
    rows, columns, samples : int
        Rows, Columns, Samples per Pixel.
    bits_allocated : int
        1, or a multiple of 8 up to 64.
    bits_stored : int
        At most `bits_allocated`; the low bits of each cell.
    signed : bool
        Pixel Representation 1: two's complement.
    planar : bool
        Planar Configuration 1: all of a sample, then all of the next.
    floating : bool
        Float or Double Float Pixel Data: IEEE 754 instead of integers.
    photometric : str
        Photometric Interpretation.
    """

    rows: int
    columns: int
    samples: int = 1
    bits_allocated: int = 8
    bits_stored: int = 8
    signed: bool = False
    planar: bool = False
    floating: bool = False
    photometric: str = "MONOCHROME2"

    @cached_property
    def pixels(self) -> int:
        """Rows times columns."""
        return self.rows * self.columns

    @cached_property
    def cells(self) -> int:
        """Rows times columns times samples."""
        return self.rows * self.columns * self.samples

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """``(rows, columns, samples)``."""
        return self.rows, self.columns, self.samples

    @cached_property
    def subsampled(self) -> bool:
        """Whether native frames have half of the chrominance (PS3.3 C.7.6.3.1.2)."""
        return self.samples == 3 and self.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422")

    @cached_property
    def has_palette(self) -> bool:
        """Whether a pixel is a number in Palette Color Lookup Tables (PS3.3 C.7.9)."""
        return self.photometric == "PALETTE COLOR" and self.samples == 1 and not self.floating

    @cached_property
    def frame_bits(self) -> int:
        """Size of a native frame; frames of 1-bit pixels need not fill whole bytes."""
        stored = 2 * self.pixels if self.subsampled else self.cells
        return stored * self.bits_allocated

    @cached_property
    def frame_bytes(self) -> int:
        """Size of a native frame that stands alone, in bytes."""
        return (self.frame_bits + 7) // 8

    @cached_property
    def item_bytes(self) -> int:
        """Size of a cell in an array: 1, 2, 4 or 8."""
        return 1 << (max(0, self.bits_allocated - 1) // 8).bit_length()

    @cached_property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of a cell in an array, in the machine's byte order."""
        kind = "f" if self.floating else "i" if self.signed and self.bits_allocated > 1 else "u"
        return _dtype(kind, self.item_bytes)

    @cached_property
    def unused_bits(self) -> int:
        """How many bits of a cell are not part of the pixel (PS3.5 8.1.1)."""
        if self.floating or self.bits_allocated == 1:
            return 0
        return 8 * self.item_bytes - self.bits_stored

    @cached_property
    def positive_bits(self) -> int:
        """The bits of a pixel without a sign: a cell with no other ones set is as it should be."""
        return (1 << (self.bits_stored - self.signed)) - 1

    @cached_property
    def largest(self) -> np.generic:
        """The largest value of an unsigned cell, as a scalar of its type: all bits stored."""
        return self.dtype.type((1 << self.bits_stored) - 1)


@cache
def _dtype(kind: str, item_bytes: int) -> np.dtype[np.generic]:
    return np.dtype(f"{kind}{item_bytes}")


@dataclass(frozen=True, slots=True)
class EncodeOptions:
    """What may be chosen in encoding; each codec looks at its own.

    Attributes
    ----------
    near : int
        JPEG-LS: the largest error of a sample (NEAR of ISO 14495-1); 0 is lossless.
    quality : int
        JPEG: 1 to 100, the scale of the quantisation tables that libjpeg made common.
    subsampling : str
        JPEG: sampling of the chrominance, ``"444"``, ``"422"``, ``"420"`` or ``"440"``.
    predictor : int
        Lossless JPEG: selection value 1 to 7 (ISO 10918-1 Table H.1).
    restart_interval : int
        JPEG and JPEG-LS: units between restart markers; 0 for none.
    compression_ratios : tuple of float
        JPEG 2000, HTJ2K, JPEG XL: one for each quality layer, largest first; empty is lossless
        where the transfer syntax allows it.
    psnr : tuple of float
        JPEG 2000: decibels of each quality layer, instead of ratios.
    distance : float
        JPEG XL: Butteraugli distance; 0 is lossless.
    """

    near: int = 0
    quality: int = 90
    subsampling: str = "444"
    predictor: int = 1
    restart_interval: int = 0
    compression_ratios: tuple[float, ...] = ()
    psnr: tuple[float, ...] = ()
    distance: float = 0.0
