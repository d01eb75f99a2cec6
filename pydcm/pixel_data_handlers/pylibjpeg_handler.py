"""What the compatible API has in ``pydicom.pixel_data_handlers.pylibjpeg_handler``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pydcm._borrowed import borrowed
from pydcm.dataset import Dataset
from pydcm.pixel_data_handlers.handler import Handler, can_decode
from pydcm.pixels.utils import iter_pixels, pixel_array
from pydcm.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "HAVE_LIBJPEG",
    "HAVE_NP",
    "HAVE_OPENJPEG",
    "HAVE_PYLIBJPEG",
    "HAVE_RLE",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "as_array",
    "generate_frames",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "pylibjpeg"
SUPPORTED_TRANSFER_SYNTAXES = [
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    JPEG2000Lossless,
    JPEG2000,
    RLELossless,
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

HAVE_NP = HAVE_PYLIBJPEG = True
HAVE_LIBJPEG = can_decode(SUPPORTED_TRANSFER_SYNTAXES[:6])
HAVE_OPENJPEG = can_decode(SUPPORTED_TRANSFER_SYNTAXES[6:8])
HAVE_RLE = can_decode(SUPPORTED_TRANSFER_SYNTAXES[8:])


def as_array(ds: Dataset) -> NDArray[Any]:
    """Return all pixels in the shape of the image, colours as they are stored.

    Parameters
    ----------
    ds : Dataset
        An image.
    """
    return pixel_array(ds, raw=True)


def generate_frames(ds: Dataset, reshape: bool = True) -> Iterator[NDArray[Any]]:
    """Yield the frames one at a time, colours as they are stored.

    Parameters
    ----------
    ds : Dataset
        An image.
    reshape : bool
        Give each the shape of a frame; else all its samples in one row.
    """
    for frame in iter_pixels(ds, raw=True):
        yield frame if reshape else frame.reshape(-1)


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
