"""JPEG XL through libjxl."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import jpegxl
from pydcm._codecs.by_imagecodecs.library import decoding, encoding, largest_below, unsigned
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import UnsupportedSyntaxError

__all__ = ["decode_jpegxl", "encode_jpegxl", "jpeg_from_jpegxl", "jpegxl_from_jpeg"]

_MOST_BITS = 16


def decode_jpegxl(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame, colours as RGB.

    An orientation in the image is not applied: Rows and Columns describe what is stored.

    Parameters
    ----------
    frame : bytes
        An image, bare or in a container.
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
        If it is animated, or has floating point samples.
    """
    import imagecodecs

    jpegxl.checked(frame, layout, number)
    decoded = decoding(
        number, "libjxl", lambda: imagecodecs.jpegxl_decode(frame, keeporientation=True)
    )
    pixels: NDArray[np.generic] = decoded.astype(layout.dtype, copy=False)
    return pixels.reshape(layout.shape)


def encode_jpegxl(
    pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions
) -> bytes:
    """Return an image; in a container only where libjxl must have one.

    JPEG XL knows no sign: signed samples are encoded as the bit patterns that they are.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        The frame.
    layout : FrameLayout
        Its shape.
    options : EncodeOptions
        ``distance``, or ``compression_ratios`` of which the last counts; lossless without.
        A ratio is met by search: it takes eight times as long.

    Raises
    ------
    UnsupportedSyntaxError
        If samples have more than 16 bits, or are not one or three for each pixel; or if lossy
        encoding is asked of signed ones, or of colours other than RGB.
    """
    import imagecodecs

    lossless = jpegxl.is_lossless(options)
    _refuse_what_it_lacks(layout, lossless)
    encode = partial(
        imagecodecs.jpegxl_encode,
        unsigned(pixels, layout),
        bitspersample=layout.bits_stored,
        photometric="RGB" if layout.samples == 3 else "GRAY",
        usecontainer=False,
    )
    if lossless:
        return encoding("libjxl", lambda: encode(lossless=True))
    if options.distance:
        return encoding("libjxl", lambda: encode(distance=options.distance))
    size = int(layout.cells * layout.bits_stored / 8 / options.compression_ratios[-1])
    return largest_below(
        lambda distance: encoding("libjxl", lambda: encode(distance=distance)),
        size,
        coarse=25.0,
        fine=0.01,
    )


def _refuse_what_it_lacks(layout: FrameLayout, lossless: bool) -> None:
    refused = ""
    if layout.bits_stored > _MOST_BITS:
        refused = f"samples of {layout.bits_stored} bits"
    elif layout.samples not in (1, 3):
        refused = f"{layout.samples} samples for each pixel"
    elif layout.signed and not lossless:
        refused = "signed samples, unless it is lossless"
    elif layout.samples == 3 and layout.photometric != "RGB" and not lossless:
        refused = f"{layout.photometric}, unless it is lossless"
    if refused:
        raise UnsupportedSyntaxError(f"JPEG XL is not for {refused}", clause="PS3.5 8.2.15")


def jpegxl_from_jpeg(frame: bytes) -> bytes:
    """Return a JPEG frame recompressed as JPEG XL, from which it can be had again.

    Parameters
    ----------
    frame : bytes
        A stream of baseline JPEG.

    Raises
    ------
    CorruptStreamError
        If libjxl cannot read it.
    """
    import imagecodecs

    return bytes(decoding(1, "libjxl", lambda: imagecodecs.jpegxl_encode_jpeg(frame)))


def jpeg_from_jpegxl(frame: bytes, number: int = 1) -> bytes:
    """Return the JPEG frame that was recompressed, to the last bit.

    Parameters
    ----------
    frame : bytes
        What :func:`jpegxl_from_jpeg` returned.
    number : int
        Which frame it is, from 1, for messages.

    Raises
    ------
    CorruptStreamError
        If there is none in it.
    """
    import imagecodecs

    jpegxl.read(frame, number)
    return bytes(
        decoding(number, "libjxl", lambda: imagecodecs.jpegxl_decode_jpeg(frame, numthreads=1))
    )
