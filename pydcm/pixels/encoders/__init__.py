"""Encoders of pixels, one for each transfer syntax.

Every transfer syntax that can be encoded has one, which
:func:`~pydcm.pixels.encoders.base.get_encoder` returns; those of the compatible
API have a name here, too.
"""

from pydcm.pixels.encoders.base import (
    EncodeOptions,
    Encoder,
    EncodeRunner,
    JPEG2000Encoder,
    JPEG2000LosslessEncoder,
    JPEGLSLosslessEncoder,
    JPEGLSNearLosslessEncoder,
    RLELosslessEncoder,
    get_encoder,
)

__all__ = [
    "EncodeOptions",
    "EncodeRunner",
    "Encoder",
    "JPEG2000Encoder",
    "JPEG2000LosslessEncoder",
    "JPEGLSLosslessEncoder",
    "JPEGLSNearLosslessEncoder",
    "RLELosslessEncoder",
    "get_encoder",
]
