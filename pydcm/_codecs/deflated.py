"""Deflated Image Frame Compression: each frame a deflated stream (PS3.5 A.4)."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import native
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError

__all__ = ["decode", "encode"]


def decode(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame.

    Parameters
    ----------
    frame : bytes
        A stream of RFC 1951, padded to even length.
    layout : FrameLayout
        Its shape.
    number : int
        Which frame it is, from 1, for messages.

    Returns
    -------
    ndarray, shape (rows, columns, samples)

    Raises
    ------
    CorruptStreamError
        If the stream is broken, or shorter than the frame.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # Not a byte more than the frame needs, whatever the stream would expand to.
        data = inflater.decompress(frame, layout.frame_bytes)
    except zlib.error as error:
        raise CorruptStreamError(f"the deflated frame is broken: {error}", frame=number) from error
    return native.decode(data, layout, number)


def encode(pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions) -> bytes:
    """Return one frame.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        The frame.
    layout : FrameLayout
        Its shape.
    options : EncodeOptions
        There is nothing to choose.

    Returns
    -------
    bytes
        A stream of RFC 1951, not padded.
    """
    del options
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(native.encode(pixels, layout)) + deflater.flush()
