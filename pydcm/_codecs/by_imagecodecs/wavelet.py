"""JPEG 2000 and HTJ2K through OpenJPEG; HTJ2K is encoded by OpenJPH.

OpenJPH, as imagecodecs calls it, decodes faster, but tells nothing of what it finds wrong with
a stream, and some broken streams end the process. So it decodes nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import jpeg2000
from pydcm._codecs.by_imagecodecs.library import decoding, encoding, image, largest_below
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import UnsupportedSyntaxError

__all__ = ["decode_jpeg2000", "encode_htj2k", "encode_jpeg2000"]

_OPENJPEG_BITS = 24
"""Beyond this, with the bit that transformed components have more, OpenJPEG loses some."""

_OPENJPH_BITS = 16
"""Of what OpenJPH encodes of larger cells, OpenJPEG decodes nothing."""

_THUMBNAIL = 64
"""Largest base resolution of HTJ2K with RPCL options (PS3.5 10.18)."""


def decode_jpeg2000(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame; the multiple component transformation is undone.

    Parameters
    ----------
    frame : bytes
        A code stream.
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
        If the stream is broken, or another image than `layout`.
    UnsupportedSyntaxError
        If its components are sub-sampled, differ, or have more bits than OpenJPEG keeps.
    """
    import imagecodecs

    stream = jpeg2000.checked(frame, layout, number)
    _check_openjpeg(stream.components[0].precision + stream.mct, number)
    decoded = decoding(number, "OpenJPEG", lambda: imagecodecs.jpeg2k_decode(stream.data))
    return jpeg2000.cells(decoded, stream, layout)


def _check_openjpeg(bits: int, number: int | None = None) -> None:
    if bits > _OPENJPEG_BITS:
        raise UnsupportedSyntaxError(
            f"OpenJPEG does not keep samples of more than {_OPENJPEG_BITS} bits, counting one for "
            f"transformed components; these have {bits}",
            frame=number,
        )


def encode_jpeg2000(
    pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions
) -> bytes:
    """Return a bare code stream (PS3.5 A.4.4) of one tile and one quality layer.

    RGB is transformed, see :func:`pydcm._codecs.jpeg2000.encoded_photometric`.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        The frame.
    layout : FrameLayout
        Its shape.
    options : EncodeOptions
        ``psnr`` or ``compression_ratios``, of which the last counts; lossless without.
        A ratio is met by search: it takes eight times as long.
    """
    import imagecodecs

    mct = jpeg2000.with_mct(layout)
    _check_openjpeg(layout.bits_stored + mct)
    encode = partial(
        cast("Callable[..., bytes]", imagecodecs.jpeg2k_encode),
        image(pixels, layout),
        codecformat="j2k",
        colorspace="SRGB" if mct else "GRAY" if layout.samples == 1 else "UNSPECIFIED",
        planar=False,
        bitspersample=layout.bits_stored,
        mct=mct,
    )
    if jpeg2000.is_lossless(options):
        return encoding("OpenJPEG", lambda: encode(level=0, reversible=True))
    if options.psnr:
        return encoding("OpenJPEG", lambda: encode(level=options.psnr[-1], reversible=False))
    return largest_below(
        lambda psnr: encoding("OpenJPEG", lambda: encode(level=psnr, reversible=False)),
        _size(layout, options),
        coarse=15.0,
        fine=120.0,
    )


def _size(layout: FrameLayout, options: EncodeOptions) -> int:
    """Return the bytes that the last ratio leaves of a frame."""
    return int(layout.cells * layout.bits_stored / 8 / options.compression_ratios[-1])


def encode_htj2k(pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions) -> bytes:
    """Return a code stream that fits each of the three transfer syntaxes (PS3.5 10.18).

    Its packets are in the order RPCL, a tile-part for each resolution, with their lengths in
    TLM, and the smallest resolution has at most 64 rows and columns.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        The frame.
    layout : FrameLayout
        Its shape.
    options : EncodeOptions
        ``compression_ratios``, of which the last counts; lossless without. A ratio is met by
        search: it takes eight times as long.

    Raises
    ------
    UnsupportedSyntaxError
        If samples have more than 16 bits; or if lossy encoding is asked of such that do not
        fill their bytes: what is decoded of them may go beyond Bits Stored.
    ValueError
        If ``psnr`` is asked for.
    """
    import imagecodecs

    if options.psnr:
        raise ValueError("HTJ2K is encoded by compression_ratios; psnr is for JPEG 2000")
    if layout.bits_stored > _OPENJPH_BITS:
        raise UnsupportedSyntaxError(
            f"HTJ2K is encoded of samples of at most {_OPENJPH_BITS} bits, and these have "
            f"{layout.bits_stored}"
        )
    lossless = jpeg2000.is_lossless(options)
    cells = image(pixels, layout)
    cell_bits = 8 * cells.itemsize
    if not lossless and layout.bits_stored != cell_bits:
        raise UnsupportedSyntaxError(
            f"lossy HTJ2K is encoded of samples that fill their {cell_bits} bits, and these have "
            f"{layout.bits_stored}"
        )
    encode = partial(
        imagecodecs.htj2k_encode,
        rgb=jpeg2000.with_mct(layout),
        planar=False,
        resolutions=_decompositions(layout),
        tlm=True,
        tilepart=imagecodecs.HTJ2K.TILEPART.RESOLUTIONS,
    )
    if lossless:
        ready = jpeg2000.levelled(cells, layout)
        data = encoding("OpenJPH", lambda: encode(ready, reversible=True))
        return jpeg2000.with_precision(data, layout)
    return largest_below(
        lambda step: encoding("OpenJPH", lambda: encode(cells, level=step, reversible=False)),
        _size(layout, options),
        coarse=0.5,
        fine=1e-6,
    )


def _decompositions(layout: FrameLayout) -> int:
    """Return how often to halve the image: five times, or until it is a thumbnail."""
    larger = max(layout.rows, layout.columns)
    return max(5, (-(-larger // _THUMBNAIL) - 1).bit_length())
