"""What the compatible API has in ``pydicom.pixel_data_handlers.rle_handler``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pydcm._borrowed import borrowed
from pydcm.dataset import Dataset
from pydcm.pixel_data_handlers.handler import Handler
from pydcm.uid import RLELossless

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "HAVE_RLE",
    "SUPPORTED_TRANSFER_SYNTAXES",
    "get_pixeldata",
    "is_available",
    "needs_to_convert_to_RGB",
    "should_change_PhotometricInterpretation_to_RGB",
    "supports_transfer_syntax",
]

HANDLER_NAME = "RLE Lossless"
SUPPORTED_TRANSFER_SYNTAXES = [RLELossless]

_handler = Handler(HANDLER_NAME, SUPPORTED_TRANSFER_SYNTAXES)

DEPENDENCIES = _handler.DEPENDENCIES
is_available = _handler.is_available
supports_transfer_syntax = _handler.supports_transfer_syntax
needs_to_convert_to_RGB = _handler.needs_to_convert_to_RGB
should_change_PhotometricInterpretation_to_RGB = (
    _handler.should_change_PhotometricInterpretation_to_RGB
)

HAVE_RLE = True


def get_pixeldata(ds: Dataset, rle_segment_order: str = ">") -> NDArray[Any]:
    """Return all pixels in one row; see :meth:`Handler.get_pixeldata`.

    Parameters
    ----------
    ds : Dataset
        An image.
    rle_segment_order : {">", "<"}
        Whether the most significant octets of a sample come first, as they
        must (PS3.5 G.2).
    """
    return _handler.get_pixeldata(ds, rle_segment_order=rle_segment_order)


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
