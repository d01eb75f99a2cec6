"""Second opinions: JPEG-LS through CharLS, JPEG through libjpeg-turbo, and RLE."""

from __future__ import annotations

from struct import unpack_from

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import sof
from pydcm._codecs.bounds import check_expansion
from pydcm._codecs.by_imagecodecs.library import decoding, encoding, image, unsigned
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError

__all__ = [
    "decode_jpeg",
    "decode_jpegls",
    "decode_rle",
    "encode_jpeg",
    "encode_jpeg_lossless",
    "encode_jpegls",
]

_LOSSLESS = 0xC3
_JPEG = (0xC0, 0xC1, 0xC2, _LOSSLESS)
_JPEG_LS = (0xF7,)
_UNSAMPLED = 0x11
_RLE_HEADER = 64

_SPACES = {1: "GRAYSCALE", 3: "YCBCR", 4: "CMYK"}
"""The colour space that libjpeg is told to decode from and to, so that it converts nothing."""


def decode_jpegls(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame.

    Raises
    ------
    CorruptStreamError
        If the stream is broken, or another image than `layout`.
    UnsupportedSyntaxError
        If it is not JPEG-LS, or its components are sub-sampled.
    """
    import imagecodecs

    head = sof.checked(frame, layout, number, _JPEG_LS)
    _refuse_sampling(head, number)
    # Without EOI, CharLS may look for it for ever.
    whole = frame if sof.has_end(frame) else frame + sof.EOI
    decoded = decoding(number, "CharLS", lambda: imagecodecs.jpegls_decode(whole))
    if decoded.shape == (layout.samples, layout.rows, layout.columns) != layout.shape:
        decoded = decoded.transpose(1, 2, 0)  # a scan for each component
    return _cells(decoded, layout)


def decode_jpeg(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame, of whichever process, its colours as they are stored.

    Raises
    ------
    CorruptStreamError
        If the stream is broken, or another image than `layout`.
    UnsupportedSyntaxError
        If it is hierarchical or arithmetic coded, or lossless with sub-sampled components.
    """
    import imagecodecs

    head = sof.checked(frame, layout, number, _JPEG)
    if head.process == _LOSSLESS:
        _refuse_sampling(head, number)
    if not sof.has_end(frame):  # libjpeg makes up what is missing
        raise CorruptStreamError(
            "the JPEG stream has no end",
            frame=number,
            offset=len(frame),
            clause="ISO 10918-1 B.2.1",
        )
    space = _space(layout, number)
    decoded = decoding(
        number,
        "libjpeg-turbo",
        lambda: imagecodecs.jpeg8_decode(frame, colorspace=space, outcolorspace=space),
    )
    return _cells(decoded, layout)


def _space(layout: FrameLayout, number: int | None = None) -> str:
    if layout.samples not in _SPACES:
        raise UnsupportedSyntaxError(
            f"{layout.samples} samples for each pixel are not for this library", frame=number
        )
    return _SPACES[layout.samples]


def _refuse_sampling(head: sof.StartOfFrame, number: int) -> None:
    if len(head.sampling) > 1 and set(head.sampling) != {_UNSAMPLED}:
        raise UnsupportedSyntaxError("the components are sub-sampled", frame=number)


def _cells(decoded: NDArray[np.generic], layout: FrameLayout) -> NDArray[np.generic]:
    return decoded.astype(layout.dtype, copy=False).reshape(layout.shape)


def decode_rle(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame.

    Raises
    ------
    CorruptStreamError
        If the segments do not yield the frame.
    UnsupportedSyntaxError
        If it has cells of 1, 24, 40, 48 or 56 bits.
    """
    import imagecodecs

    if layout.bits_allocated != 8 * layout.item_bytes:
        raise UnsupportedSyntaxError(
            f"cells of {layout.bits_allocated} bits are not for this library", frame=number
        )
    check_expansion(len(frame), layout)
    _check_segments(frame, layout.samples * layout.item_bytes, number)
    octets = decoding(
        number, "imagecodecs", lambda: imagecodecs.dicomrle_decode(frame, layout.dtype)
    )
    if len(octets) != layout.cells * layout.item_bytes:
        raise CorruptStreamError(
            f"the RLE frame has {len(octets)} bytes, and the data set says "
            f"{layout.cells * layout.item_bytes}",
            frame=number,
            clause="PS3.5 G.2",
        )
    planes = np.frombuffer(octets, layout.dtype).reshape(
        layout.samples, layout.rows, layout.columns
    )
    return planes.transpose(1, 2, 0)


def _check_segments(frame: bytes, expected: int, number: int) -> None:
    """Raise unless the header of an RLE frame is right: the library believes it (PS3.5 G.5)."""
    if len(frame) < _RLE_HEADER:
        raise CorruptStreamError(
            f"an RLE frame of {len(frame)} bytes", frame=number, clause="PS3.5 G.5"
        )
    count, *offsets = unpack_from("<16I", frame)
    bounds = [_RLE_HEADER, *offsets[:expected], len(frame)]
    if count != expected or bounds != sorted(bounds):
        raise CorruptStreamError(
            f"the RLE frame has {count} segments at {offsets[:expected]}, and {expected} are "
            f"expected within {len(frame)} bytes",
            frame=number,
            clause="PS3.5 G.5",
        )


def encode_jpegls(
    pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions
) -> bytes:
    """Return a stream of one scan.

    Raises
    ------
    UnsupportedSyntaxError
        If samples do not fill 8 or 16 bits: the library takes the precision from the array.
    """
    import imagecodecs

    if layout.bits_stored not in (8, 16):
        raise UnsupportedSyntaxError(
            f"the library encodes samples of 8 or 16 bits, and these have {layout.bits_stored} of "
            f"{layout.bits_allocated}"
        )
    if options.near and layout.signed:
        raise UnsupportedSyntaxError("the library does not encode signed samples with losses")
    cells = unsigned(pixels, layout)
    return encoding("CharLS", lambda: imagecodecs.jpegls_encode(cells, level=options.near))


def encode_jpeg_lossless(
    pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions
) -> bytes:
    """Return a stream of lossless JPEG; ``restart_interval`` does not matter here.

    Raises
    ------
    UnsupportedSyntaxError
        If samples have other than 2 to 16 bits.
    """
    import imagecodecs

    if not 2 <= layout.bits_stored <= 16:
        raise UnsupportedSyntaxError(f"lossless JPEG does not have {layout.bits_stored} bits")
    cells = unsigned(pixels, layout)
    space = "UNKNOWN" if layout.samples > 1 else "GRAYSCALE"
    return encoding(
        "libjpeg-turbo",
        lambda: imagecodecs.jpeg8_encode(
            cells,
            colorspace=space,
            outcolorspace=space,
            lossless=True,
            predictor=options.predictor,
            bitspersample=layout.bits_stored,
        ),
    )


def encode_jpeg(pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions) -> bytes:
    """Return a baseline stream; ``restart_interval`` does not matter here.

    Raises
    ------
    UnsupportedSyntaxError
        If samples are signed, or have other than 8 bits.
    """
    import imagecodecs

    if layout.signed or layout.bits_stored != 8 or layout.item_bytes != 1:
        raise UnsupportedSyntaxError("baseline JPEG has unsigned samples of 8 bits")
    space = "RGB" if layout.photometric == "RGB" else _space(layout)
    if space == "RGB" and options.subsampling != "444":
        raise ValueError("RGB has no chrominance to sub-sample; convert it to YBR_FULL first")
    return encoding(
        "libjpeg-turbo",
        lambda: imagecodecs.jpeg8_encode(
            image(pixels, layout),
            level=options.quality,
            colorspace=space,
            outcolorspace=space,
            subsampling=options.subsampling if layout.samples == 3 else None,
        ),
    )
