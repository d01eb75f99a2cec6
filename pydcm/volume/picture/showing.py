"""The picture of a volume as a PNG, and how to bring it before somebody's eyes."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pydcm.png import array_to_png
from pydcm.volume.picture.montage import Window, montage
from pydcm.volume.picture.windowing import percentile_window

if TYPE_CHECKING:
    from pydcm.volume.model import Volume

__all__ = ["gray_of", "picture_of", "show", "windows_of"]

_SOFT_TISSUE = Window("soft tissue", 40, 400)
_LUNG = Window("lung", -600, 1500)
_LUNG_HU = (-950, -500)
_LUNG_SHARE = 0.03
"""A CT of which more than this share of voxels is lung is worth a window for it."""


def windows_of(
    pixels: NDArray[Any], *, hounsfield: bool, own: Window | None = None
) -> list[Window]:
    """Return what to show of a volume: one window, or two for a chest CT.

    Parameters
    ----------
    pixels : ndarray
        Of any shape.
    hounsfield : bool
        Whether the values are Hounsfield units.
    own : Window, optional
        What their file wants to be shown first.
    """
    if not hounsfield:
        return [own or Window("", *percentile_window(pixels))]
    low, high = _LUNG_HU
    lung = (pixels >= low) & (pixels < high)
    main = own or _SOFT_TISSUE
    return [main, _LUNG] if lung.mean() > _LUNG_SHARE else [main]


def picture_of(
    volume: Volume, window: tuple[float, float] | None, *, title: str, subtitle: str
) -> bytes:
    """Return a PNG file of the montage of a volume.

    Parameters
    ----------
    volume : Volume
        Of any orientation; of colour voxels the mean is shown.
    window : tuple of float, optional
        Centre and width.
    title, subtitle : str
        Two lines on top.
    """
    gray = gray_of(volume)
    if window is not None:
        windows = [Window("", *window)]
    else:
        is_ct = volume.units == "HU" or (volume.modality == "CT" and volume.pixels.ndim == 3)
        windows = windows_of(gray.pixels, hounsfield=is_ct)
    return array_to_png(montage(gray, windows, title=title, subtitle=subtitle))


def gray_of(volume: Volume) -> Volume:
    """Return a volume with one real number for each voxel.

    Parameters
    ----------
    volume : Volume
        Of colour voxels the mean is taken, of complex ones the magnitude.
    """
    pixels = volume.pixels
    if pixels.ndim == 4:
        pixels = pixels.mean(axis=3, dtype=np.float32)
    elif pixels.dtype.kind == "c":
        pixels = np.abs(pixels)
    elif pixels.dtype == np.bool_:
        pixels = pixels.view(np.uint8)
    return replace(volume, pixels=pixels)


def show(picture: bytes) -> None:
    """Show a PNG file in the notebook that this runs in, else with the system's program for it."""
    if "IPython" in sys.modules:
        from IPython import get_ipython
        from IPython.display import Image, display

        if getattr(get_ipython(), "kernel", None) is not None:
            display(Image(data=picture))
            return
    import tempfile
    import webbrowser
    from pathlib import Path

    with tempfile.NamedTemporaryFile(prefix="pydcm-", suffix=".png", delete=False) as file:
        file.write(picture)
    webbrowser.open(Path(file.name).as_uri())  # which hands a file to whatever shows it
