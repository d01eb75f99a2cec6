"""Codecs of the libraries that the package imagecodecs brings (extra ``codecs``).

OpenJPEG for JPEG 2000 and HTJ2K, which OpenJPH encodes; libjxl for JPEG XL; CharLS,
libjpeg-turbo and its own for second opinions on what pydcm decodes itself.
"""

from pydcm._codecs.by_imagecodecs.jpegxl import (
    decode_jpegxl,
    encode_jpegxl,
    jpeg_from_jpegxl,
    jpegxl_from_jpeg,
)
from pydcm._codecs.by_imagecodecs.library import lacks
from pydcm._codecs.by_imagecodecs.others import (
    decode_jpeg,
    decode_jpegls,
    decode_rle,
    encode_jpeg,
    encode_jpeg_lossless,
    encode_jpegls,
)
from pydcm._codecs.by_imagecodecs.wavelet import (
    decode_jpeg2000,
    encode_htj2k,
    encode_jpeg2000,
)

__all__ = [
    "decode_jpeg",
    "decode_jpeg2000",
    "decode_jpegls",
    "decode_jpegxl",
    "decode_rle",
    "encode_htj2k",
    "encode_jpeg",
    "encode_jpeg2000",
    "encode_jpeg_lossless",
    "encode_jpegls",
    "encode_jpegxl",
    "jpeg_from_jpegxl",
    "jpegxl_from_jpeg",
    "lacks",
]
