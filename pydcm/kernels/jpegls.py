"""JPEG-LS (ISO 14495-1): the kernels, each of which is in a module of its own kind."""

from pydcm.kernels.jpegls_bits import MARGIN, WORD, stuff, unstuff
from pydcm.kernels.jpegls_decode import decode_lines, decode_samples
from pydcm.kernels.jpegls_encode import encode_lines, encode_samples

__all__ = [
    "MARGIN",
    "WORD",
    "decode_lines",
    "decode_samples",
    "encode_lines",
    "encode_samples",
    "stuff",
    "unstuff",
]
