"""What the processes of JPEG have in common: which decodes a stream, and its colours.

The transfer syntax promises a process, and the frame header decides: streams of another one
occur, such as baseline ones under JPEG Lossless, and are read as what they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import sof
from pydcm._codecs.layout import EncodeOptions, FrameLayout

__all__ = ["decode", "encoded_photometric", "photometric"]

_LOSSLESS = 0xC3


def decode(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame.

    Parameters
    ----------
    frame : bytes
        A stream of SOF0 to SOF3.
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
        If the stream is broken, or of another size than `layout`.
    UnsupportedSyntaxError
        If it is of another process.
    """
    from pydcm._codecs.jpeg import dct, lossless

    if sof.read(frame, number).process == _LOSSLESS:
        return lossless.decode(frame, layout, number)
    return dct.decode(frame, layout, number)


def photometric(frame: bytes, layout: FrameLayout) -> str:
    """Return the Photometric Interpretation of decoded components.

    A lossless stream has what the data set says; what a DCT-based one has is told by
    :func:`pydcm._codecs.jpeg.colour.photometric`.
    """
    from pydcm._codecs.jpeg import colour

    if layout.samples == 1 or sof.read(frame).process == _LOSSLESS:
        return layout.photometric
    return colour.photometric(frame, layout)


def encoded_photometric(layout: FrameLayout, options: EncodeOptions) -> str:
    """Return the Photometric Interpretation of an encoded baseline frame (PS3.5 8.2.1).

    Components are encoded as they are; sub-sampled chrominance is called YBR_FULL_422,
    whichever the sampling.
    """
    if not layout.photometric.startswith("YBR_FULL"):
        return layout.photometric
    return "YBR_FULL" if options.subsampling == "444" else "YBR_FULL_422"
