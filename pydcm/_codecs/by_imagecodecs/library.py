"""What every call of imagecodecs has in common."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pydcm.errors import BackendError, CodecError, CorruptStreamError, LimitError, PydcmError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pydcm._codecs.layout import FrameLayout

__all__ = ["decoding", "encoding", "image", "lacks", "largest_below", "unsigned"]

T = TypeVar("T")

_NEEDS = {
    "decode_jpeg2000": "JPEG2K",
    "encode_jpeg2000": "JPEG2K",
    "encode_htj2k": "HTJ2K",
    "decode_jpegxl": "JPEGXL",
    "encode_jpegxl": "JPEGXL",
    "decode_jpegls": "JPEGLS",
    "encode_jpegls": "JPEGLS",
    "decode_jpeg": "JPEG8",
    "encode_jpeg": "JPEG8",
    "encode_jpeg_lossless": "JPEG8",
    "decode_rle": "DICOMRLE",
}
"""The codec of imagecodecs that each function needs."""


def lacks(function: str) -> str:
    """Return what the installed imagecodecs lacks for a function, or an empty string."""
    codec = _NEEDS[function]
    try:
        import imagecodecs
    except ImportError as error:
        return f"imagecodecs cannot be imported: {error}"
    if getattr(getattr(imagecodecs, codec, None), "available", False):
        return ""
    return f"this imagecodecs was built without {codec}"


def decoding(number: int, library: str, function: Callable[[], T]) -> T:
    """Return what a library decodes; whatever it raises becomes our error.

    Raises
    ------
    CorruptStreamError
        If the library refuses the stream.
    LimitError
        If it has no memory for it.
    """
    try:
        return function()
    except PydcmError:
        raise
    except MemoryError as error:
        raise LimitError(f"{library} has no memory for frame {number}") from error
    except ImportError as error:  # imagecodecs without the part
        raise BackendError(f"{library} is not there: {error}", name="imagecodecs") from error
    except Exception as error:  # whatever another library raises is its refusal
        raise CorruptStreamError(f"{library} refuses the stream: {error}", frame=number) from error


def encoding(library: str, function: Callable[[], bytes | bytearray]) -> bytes:
    """Return what a library encodes; whatever it raises becomes our error.

    Raises
    ------
    CodecError
        If the library refuses the pixels.
    """
    try:
        return bytes(function())
    except PydcmError:
        raise
    except MemoryError as error:
        raise LimitError(f"{library} has no memory for encoding") from error
    except Exception as error:  # as in decoding
        raise CodecError(f"{library} refuses the pixels: {error}") from error


def image(pixels: NDArray[np.generic], layout: FrameLayout) -> NDArray[np.generic]:
    """Return pixels as libraries take them.

    One sample has no axis of its own. Cells are of the smallest type that holds Bits Stored,
    since libraries derive the precision, or its range, from the type.
    """
    size = 1 if layout.bits_stored <= 8 else 2 if layout.bits_stored <= 16 else 4
    narrow = pixels.astype(f"{pixels.dtype.kind}{min(size, pixels.itemsize)}", copy=False)
    return narrow.reshape(layout.shape if layout.samples > 1 else layout.shape[:2])


def unsigned(pixels: NDArray[np.generic], layout: FrameLayout) -> NDArray[np.generic]:
    """Return pixels as :func:`image` does, signed ones as bit patterns of Bits Stored."""
    import numpy as np

    cells = image(pixels, layout)
    if not layout.signed:
        return cells
    patterns = cells.astype(f"u{cells.itemsize}")
    patterns &= np.array((1 << layout.bits_stored) - 1, patterns.dtype)
    return patterns


def largest_below(
    encode: Callable[[float], bytes], most: int, coarse: float, fine: float, steps: int = 7
) -> bytes:
    """Return the finest encoding of at most so many bytes, or the coarsest.

    Parameters
    ----------
    encode : callable
        Encodes with a setting.
    most : int
        Bytes.
    coarse, fine : float
        The settings to search between, by halves of their logarithms.
    steps : int
        How often.
    """
    best = encode(coarse)
    if len(best) >= most:
        return best
    low, high = math.log(coarse), math.log(fine)
    for _ in range(steps):
        middle = (low + high) / 2
        found = encode(math.exp(middle))
        if len(found) <= most:
            best, low = found, middle
        else:
            high = middle
    return best
