"""A JPEG 2000 example: two ramps of colour, compressed without loss."""

from __future__ import annotations

import base64

from pydcm.dataset import Dataset
from pydcm.encaps import encapsulate
from pydcm.examples.identity import new_instance
from pydcm.uid import JPEG2000Lossless, UltrasoundImageStorage

__all__ = ["jpeg2k"]

_SIZE = 128

# Reading it takes a codec of JPEG 2000, but having it must not: so the stream is kept.
_STREAM = (
    "/0//UQAvAAAAAACAAAAAgAAAAAAAAAAAAAAAgAAAAIAAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEBBAQEAAH/"
    "XAAQQEBISFBISFBISFBISFD/kAAKAAAAAAE9AAH/k8+0tBEdwSVfxreTGuLNHAb2Z/88gDhKYb72bjs2qLzBPSy7"
    "COexjoFfTz2uNUqmf9+BWD2l+Pe68h/WFj/lU407MSSXhJPFCFM2+lvCDdkX5PS4DW9TGwGEfiOc1l/fgYg2oM+8"
    "QnaM5+PbfQJVFGiw3aIsPAI8JBm0ouBFhBahalLIKe0oeKUkaeFAYRrJZj0/wHwiQHwiADahmr89pjQvoPnDgD2m"
    "NFsQ3FfB84cANqGZrmOjX8A6JAOiAF+nx4edrCk/oHyCQJ2sKUEAwxgGD8D5BABfp8eIoA2wf8ASQBIAi2IBv+GN"
    "YqegPhGA4Y1ip39rwHwigItiAauhwBPAE0AKoBQAXK/LfH8UAFyv/38T/0hX/3//f/9/oB0c+FBAKo5/f8A6MK1y"
    "Ab/Zr//Z"
)
"""The pixels as a JPEG 2000 code stream (ISO/IEC 15444-1): reversible, with colour transform."""


def jpeg2k() -> Dataset:
    """Return a YBR_RCT image of 128 x 128 pixels in JPEG 2000.

    Decoded to RGB, red is twice the column, blue twice the row, green 90 everywhere.
    """
    image = new_instance(
        UltrasoundImageStorage,
        "US",
        "JPEG 2000 example",
        transfer_syntax=JPEG2000Lossless,
        ImageType=["ORIGINAL", "PRIMARY"],
        BodyPartExamined="ABDOMEN",
        PatientOrientation="",
        SamplesPerPixel=3,
        PhotometricInterpretation="YBR_RCT",
        PlanarConfiguration=0,
        Rows=_SIZE,
        Columns=_SIZE,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelRepresentation=0,
        LossyImageCompression="00",
    )
    image.PixelData = encapsulate([base64.b64decode(_STREAM)])
    image["PixelData"].VR = "OB"
    return image
