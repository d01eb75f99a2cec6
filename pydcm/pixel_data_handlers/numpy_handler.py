"""What the compatible API has in ``pydicom.pixel_data_handlers.numpy_handler``."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pydcm._borrowed import borrowed
from pydcm.dataset import Dataset
from pydcm.pixel_data_handlers.handler import Handler
from pydcm.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "HAVE_NP",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "Numpy"
SUPPORTED_TRANSFER_SYNTAXES = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]

_handler = Handler(HANDLER_NAME, SUPPORTED_TRANSFER_SYNTAXES)

DEPENDENCIES = _handler.DEPENDENCIES
is_available = _handler.is_available
supports_transfer_syntax = _handler.supports_transfer_syntax
needs_to_convert_to_RGB = _handler.needs_to_convert_to_RGB
should_change_PhotometricInterpretation_to_RGB = (
    _handler.should_change_PhotometricInterpretation_to_RGB
)

HAVE_NP = True


def get_pixeldata(ds: Dataset, read_only: bool = False) -> NDArray[Any]:
    """Return all pixels in one row; see :meth:`Handler.get_pixeldata`.

    Bits above Bits Stored are as they are.

    Parameters
    ----------
    ds : Dataset
        An image.
    read_only : bool
        Make the array refuse to be written to.
    """
    array = _handler.get_pixeldata(ds, correct_unused_bits=False)
    pixels = ds.locate(0x7FE00010)
    if pixels is not None and pixels.length % 2:
        warnings.warn("Pixel Data have an odd length, and no padding (PS3.5 7.1.1)", stacklevel=2)
    array.flags.writeable = not read_only
    return array


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
