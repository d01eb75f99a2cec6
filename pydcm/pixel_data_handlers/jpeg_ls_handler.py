"""What the compatible API has in ``pydicom.pixel_data_handlers.jpeg_ls_handler``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.pixel_data_handlers.handler import Handler
from pydcm.uid import JPEGLSLossless, JPEGLSNearLossless

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "HAVE_JPEGLS",
    "HAVE_NP",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "JPEG-LS"
SUPPORTED_TRANSFER_SYNTAXES = [JPEGLSLossless, JPEGLSNearLossless]

_handler = Handler(HANDLER_NAME, SUPPORTED_TRANSFER_SYNTAXES)

DEPENDENCIES = _handler.DEPENDENCIES
is_available = _handler.is_available
supports_transfer_syntax = _handler.supports_transfer_syntax
needs_to_convert_to_RGB = _handler.needs_to_convert_to_RGB
should_change_PhotometricInterpretation_to_RGB = (
    _handler.should_change_PhotometricInterpretation_to_RGB
)
get_pixeldata = _handler.get_pixeldata

HAVE_NP = True
HAVE_JPEGLS = is_available()

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
