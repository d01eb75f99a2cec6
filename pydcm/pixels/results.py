"""Decoded frames described, and put into octets again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import FrameLayout
from pydcm.kernels import bits
from pydcm.kernels.status import failure
from pydcm.pixels.frames import FrameReader

__all__ = ["described", "layout_of_result", "native_octets"]


def described(layout: FrameLayout, frames: int, *, planar: bool = False) -> dict[str, Any]:
    """Return the options that describe frames of a layout.

    Parameters
    ----------
    layout : FrameLayout
        The frames.
    frames : int
        How many there are.
    planar : bool
        Whether their samples are stored plane after plane.
    """
    options: dict[str, Any] = {
        "bits_allocated": layout.bits_allocated,
        "columns": layout.columns,
        "number_of_frames": frames,
        "photometric_interpretation": layout.photometric,
        "rows": layout.rows,
        "samples_per_pixel": layout.samples,
    }
    if layout.samples > 1:
        options["planar_configuration"] = int(planar)
    if not layout.floating:
        options["bits_stored"] = layout.bits_stored
        options["pixel_representation"] = int(layout.signed)
    return options


def layout_of_result(reader: FrameReader) -> FrameLayout:
    """Return the layout of the frames that a reader gives.

    Parameters
    ----------
    reader : FrameReader
        The chrominance of its frames is complete, their samples lie together.
    """
    photometric = reader.photometric
    if reader.model.layout.samples == 3:
        photometric = photometric.removesuffix("_422")
    return replace(reader.model.layout, photometric=photometric, planar=False)


def native_octets(cells: NDArray[np.generic], layout: FrameLayout) -> bytes:
    """Return cells as the octets of little endian Native Pixel Data (PS3.5 8.1.1).

    Parameters
    ----------
    cells : ndarray
        Samples, those of a pixel together.
    layout : FrameLayout
        How many bits each is to take.
    """
    flat = cells.reshape(-1)
    if layout.bits_allocated == 1:
        packed = np.zeros((len(flat) + 7) // 8, np.uint8)
        status = bits.pack(flat.astype(np.uint8), packed, 0)
        if status < 0:
            raise failure("bits.pack", status)
        return packed.tobytes()
    little = flat.astype(flat.dtype.newbyteorder("<"), copy=False)
    size = layout.bits_allocated // 8
    if size == layout.item_bytes:
        return little.tobytes()
    return little.view(np.uint8).reshape(-1, layout.item_bytes)[:, :size].tobytes()
