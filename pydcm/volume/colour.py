"""Colour images as volumes: red, green and blue of each voxel, whatever they are stored as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm.errors import GeometryError, LimitError, PydcmError
from pydcm.pixels.palette import palette_of
from pydcm.pixels.workers import for_each, worker_count
from pydcm.progress import Progress, reporting
from pydcm.volume.frames import Frame

__all__ = ["SAMPLES", "load_colours"]

SAMPLES = 3


def load_colours(
    frames: Sequence[Frame], *, workers: int | None = None, progress: Progress = None
) -> NDArray[Any]:
    """Return the colours of frames of one size.

    Parameters
    ----------
    frames : sequence of Frame
        Of colour, in the order of the result.
    workers, progress
        As for :func:`pydcm.volume.loading.load_frames`.

    Returns
    -------
    ndarray, shape (frames, rows, columns, 3)
        Red, green and blue in the type that they are stored in: YBR is converted
        (PS3.3 C.7.6.3.1.2), and palettes give 8 bits (PS3.3 C.7.9).

    Raises
    ------
    GeometryError
        If colours are stored in a way that is not converted to RGB.
    """
    kinds = {np.dtype(np.uint8) if _is_palette(frame) else frame.image.stored_type
             for frame in frames}  # fmt: skip
    dtype = np.result_type(*kinds)
    shape = (len(frames), frames[0].rows, frames[0].columns, SAMPLES)
    size = dtype.itemsize * shape[0] * shape[1] * shape[2] * SAMPLES
    limits.check("max_array_bytes", size, "bytes of a volume")
    try:
        out = np.empty(shape, dtype)
    except MemoryError as error:
        raise LimitError(f"there is no memory for {size} bytes of voxels") from error

    def run(index: int) -> None:
        frame = frames[index]
        try:
            plane = _rgb(frame)
        except PydcmError as error:
            error.path = error.path or frame.path
            raise
        tile = frame.tile
        if tile is not None:
            plane = plane[tile.row : tile.row + tile.rows, tile.column : tile.column + tile.columns]
        out[index] = plane
        meter.advance()

    with reporting(progress, len(frames), "slices") as meter:
        for_each(run, len(frames), worker_count(workers))
    return out


def _is_palette(frame: Frame) -> bool:
    return frame.image.photometric == "PALETTE COLOR"


def _rgb(frame: Frame) -> NDArray[Any]:
    plane: NDArray[Any] = frame.image.stored(frame.number)[0]
    if _is_palette(frame):
        return palette_of(frame.image.dataset).rgb8(plane[..., 0])
    found = frame.image.decoded_photometric
    if found != "RGB":
        raise GeometryError(
            f"its colours are {found}, which is not converted to RGB", clause="PS3.3 C.7.6.3.1.2"
        )
    return plane
