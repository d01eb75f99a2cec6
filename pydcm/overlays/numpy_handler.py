"""What the compatible API has in ``pydicom.overlays.numpy_handler``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pydcm._borrowed import borrowed
from pydcm.overlays.planes import get_overlay_array

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "HAVE_NP",
    "get_expected_length",
    "get_overlay_array",
    "is_available",
    "reshape_overlay_array",
]

HANDLER_NAME = "Numpy Overlay"
"""Name of the handler."""

HAVE_NP = True
"""Whether numpy is installed."""

DEPENDENCIES = {"numpy": ("https://numpy.org/", "NumPy")}
"""What the handler needs: the home page and the name of each package."""


def is_available() -> bool:
    """Return whether the handler can be used: always."""
    return True


def get_expected_length(elem: dict[str, Any], unit: str = "bytes") -> int:
    """Return how long Overlay Data must be.

    Parameters
    ----------
    elem : dict
        OverlayRows, OverlayColumns and NumberOfFramesInOverlay.
    unit : {"bytes", "pixels"}
        What to count; bytes without padding.

    Examples
    --------
    >>> elem = {"OverlayRows": 2, "OverlayColumns": 3, "NumberOfFramesInOverlay": 5}
    >>> get_expected_length(elem), get_expected_length(elem, "pixels")
    (4, 30)
    """
    pixels: int = elem["OverlayRows"] * elem["OverlayColumns"] * elem["NumberOfFramesInOverlay"]
    return pixels if unit == "pixels" else (pixels + 7) // 8


def reshape_overlay_array(elem: dict[str, Any], arr: NDArray[Any]) -> NDArray[Any]:
    """Return flat pixels in the shape of an overlay.

    Parameters
    ----------
    elem : dict
        OverlayRows, OverlayColumns and NumberOfFramesInOverlay.
    arr : ndarray
        The pixels.

    Raises
    ------
    ValueError
        If there are fewer frames than one, or another number of pixels.
    """
    frames = elem["NumberOfFramesInOverlay"]
    if frames < 1:
        raise ValueError(f"an overlay has at least one frame, not {frames}")
    size = (elem["OverlayRows"], elem["OverlayColumns"])
    return arr.reshape(size if frames == 1 else (frames, *size))


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
