"""What the compatible API has in ``pydicom.pixel_data_handlers.pillow_handler``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.pixel_data_handlers.handler import Handler, can_decode
from pydcm.uid import JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit, JPEGExtended12Bit

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "HAVE_JPEG",
    "HAVE_JPEG2K",
    "HAVE_NP",
    "HAVE_PIL",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "PillowJPEG2000TransferSyntaxes",
    "PillowJPEGTransferSyntaxes",
    "PillowSupportedTransferSyntaxes",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "Pillow"
PillowJPEGTransferSyntaxes = [JPEGBaseline8Bit, JPEGExtended12Bit]
PillowJPEG2000TransferSyntaxes = [JPEG2000, JPEG2000Lossless]
PillowSupportedTransferSyntaxes = PillowJPEGTransferSyntaxes + PillowJPEG2000TransferSyntaxes
SUPPORTED_TRANSFER_SYNTAXES = PillowSupportedTransferSyntaxes

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
HAVE_PIL = is_available()
HAVE_JPEG = can_decode(PillowJPEGTransferSyntaxes)
HAVE_JPEG2K = can_decode(PillowJPEG2000TransferSyntaxes)

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
