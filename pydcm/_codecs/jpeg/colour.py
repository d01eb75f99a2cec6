"""What the components of a JPEG stream are: RGB, luminance and chrominance, or inks.

ISO 10918-1 does not say it, and DICOM's header, which should (PS3.5 8.2.1), is often left
as it was before the pixels were compressed. So what the stream says of itself comes first.
"""

from __future__ import annotations

from pydcm._codecs.jpeg.markers import JpegStream, parse_headers
from pydcm._codecs.layout import FrameLayout

__all__ = ["contradiction", "photometric"]

_INKS = {0: "CMYK", 2: "YCCK"}
_ADOBE = {0: "RGB", 1: "YBR_FULL"}
_NAMES_OF_RGB = (b"RGB", b"rgb")


def photometric(frame: bytes, layout: FrameLayout) -> str:
    """Return the Photometric Interpretation of the components of a DCT-based stream.

    The first of these rules that applies decides on three components:

    1. A JFIF segment: ``YBR_FULL``. A file of JFIF has no other colours.
    2. An Adobe segment: ``RGB`` for its transform 0, ``YBR_FULL`` for 1.
    3. Components with the identifiers R, G and B, or r, g and b: ``RGB``.
    4. The data set's Photometric Interpretation, where ``YBR_FULL_422`` becomes
       ``YBR_FULL``, because decoded components have the full size.

    Rules 1 to 3 are libjpeg-turbo's (but for the small letters, which libjpeg 9 writes for
    RGB of a large gamut), which takes everything else for YCbCr. Streams of RGB
    without any flag are common in DICOM, though, and rule 4 gives them their colours. So
    does pydicom 3.0, which differs in that an Adobe segment does not count for it.

    Parameters
    ----------
    frame : bytes
        The stream.
    layout : FrameLayout
        What the data set says.

    Returns
    -------
    str
        Of one component, what the data set says; of four, ``YCCK`` for Adobe's
        transform 2, else ``CMYK``.

    Raises
    ------
    CorruptStreamError, UnsupportedSyntaxError
        If the stream's marker segments, up to the first scan, cannot be read.
    """
    if layout.samples == 1:
        return layout.photometric
    return _of(parse_headers(frame), layout.photometric)


def contradiction(frame: bytes, layout: FrameLayout) -> str:
    """Return which mark of a DCT-based stream belies the data set's Photometric Interpretation.

    An Adobe segment is not worth a word: encoders write it as a matter of course beside
    whatever the header says, and it is right.

    Parameters
    ----------
    frame : bytes
        The stream, which :func:`photometric` has read.
    layout : FrameLayout
        What the data set says.

    Returns
    -------
    str
        Empty if there is none.
    """
    stream = parse_headers(frame)
    if len(stream.frame.components) != 3:
        return ""
    if stream.jfif and "YBR" not in layout.photometric:
        return "a JFIF segment"
    if _is_named_rgb(stream) and layout.photometric != "RGB":
        return "components that are named R, G and B"
    return ""


def _is_named_rgb(stream: JpegStream) -> bool:
    return bytes(one.identifier for one in stream.frame.components) in _NAMES_OF_RGB


def _of(stream: JpegStream, declared: str) -> str:
    count = len(stream.frame.components)
    if count == 4:
        return _INKS.get(stream.adobe_transform or 0, "CMYK")
    if count < 3:
        return declared
    if stream.jfif:
        return "YBR_FULL"
    if stream.adobe_transform in _ADOBE:
        return _ADOBE[stream.adobe_transform]
    if _is_named_rgb(stream):
        return "RGB"
    return "YBR_FULL" if declared == "YBR_FULL_422" else declared
