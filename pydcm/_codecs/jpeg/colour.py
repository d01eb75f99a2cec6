"""What the components of a JPEG stream are: RGB, luminance and chrominance, or inks.

ISO 10918-1 does not say it, and DICOM's header, which should (PS3.5 8.2.1), is often left
as it was before the pixels were compressed. So what the stream says of itself comes first.
"""

from __future__ import annotations

from pydcm._codecs.jpeg.markers import JpegStream, parse_headers
from pydcm._codecs.layout import FrameLayout

__all__ = ["photometric"]

_INKS = {0: "CMYK", 2: "YCCK"}
_ADOBE = {0: "RGB", 1: "YBR_FULL"}


def photometric(frame: bytes, layout: FrameLayout) -> str:
    """Return the Photometric Interpretation of the components of a DCT-based stream.

    The first of these rules that applies decides on three components:

    1. A JFIF segment: ``YBR_FULL``. A file of JFIF has no other colours.
    2. An Adobe segment: ``RGB`` for its transform 0, ``YBR_FULL`` for 1.
    3. Components with the identifiers R, G and B: ``RGB``.
    4. The data set's Photometric Interpretation, where ``YBR_FULL_422`` becomes
       ``YBR_FULL``, because decoded components have the full size.

    Rules 1 to 3 are libjpeg-turbo's, which takes everything else for YCbCr. Streams of RGB
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
    if bytes(component.identifier for component in stream.frame.components) == b"RGB":
        return "RGB"
    return "YBR_FULL" if declared == "YBR_FULL_422" else declared
