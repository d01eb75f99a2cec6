"""What the compatible API has in ``pydicom.pixel_data_handlers.gdcm_handler``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.pixel_data_handlers.handler import Handler
from pydcm.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
)

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "HAVE_GDCM",
    "HAVE_GDCM_IN_MEMORY_SUPPORT",
    "HAVE_NP",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "should_convert_these_syntaxes_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "GDCM"
SUPPORTED_TRANSFER_SYNTAXES = [
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    JPEG2000Lossless,
    JPEG2000,
]

_handler = Handler(HANDLER_NAME, SUPPORTED_TRANSFER_SYNTAXES, others=True)

DEPENDENCIES = _handler.DEPENDENCIES
is_available = _handler.is_available
supports_transfer_syntax = _handler.supports_transfer_syntax
needs_to_convert_to_RGB = _handler.needs_to_convert_to_RGB
should_change_PhotometricInterpretation_to_RGB = (
    _handler.should_change_PhotometricInterpretation_to_RGB
)
get_pixeldata = _handler.get_pixeldata

HAVE_NP = True
HAVE_GDCM = HAVE_GDCM_IN_MEMORY_SUPPORT = is_available()
should_convert_these_syntaxes_to_RGB = [JPEGBaseline8Bit]

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
