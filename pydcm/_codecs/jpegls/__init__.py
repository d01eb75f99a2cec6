"""JPEG-LS frames (ISO 14495-1, PS3.5 8.2.3)."""

from pydcm._codecs.jpegls.decoding import decode
from pydcm._codecs.jpegls.encoding import encode

__all__ = ["decode", "encode"]
