"""Slices brought onto a regular grid, where the user asks for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm import limits

__all__ = ["evenly_spaced", "upright"]

_HALF = 0.5


def evenly_spaced(
    pixels: NDArray[Any], heights_mm: NDArray[np.float64], step_mm: float
) -> NDArray[np.float32]:
    """Return slices at even distances, interpolated linearly between the given ones.

    Parameters
    ----------
    pixels : ndarray, shape (z, y, x)
        Slices.
    heights_mm : ndarray, shape (z,)
        Where each lies, ascending from 0.
    step_mm : float
        Distance of the new slices, from the first one to the last that is
        within.

    Returns
    -------
    ndarray of float32, shape (z', y, x)
        The new slices.
    """
    count = int(np.floor(heights_mm[-1] / step_mm + 1e-3)) + 1
    limits.check("max_array_bytes", 4 * count * pixels[0].size, "bytes of a resampled volume")
    out = np.empty((count, *pixels.shape[1:]), np.float32)
    for number in range(count):
        height = min(number * step_mm, float(heights_mm[-1]))
        above = min(int(np.searchsorted(heights_mm, height, side="right")), len(pixels) - 1)
        below = above - 1
        share = (height - heights_mm[below]) / (heights_mm[above] - heights_mm[below])
        share = float(np.clip(share, 0.0, 1.0))
        out[number] = pixels[below] * np.float32(1 - share)
        out[number] += pixels[above] * np.float32(share)
    return out


def upright(
    pixels: NDArray[Any], affine: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return a sheared stack with its slices shifted back, so that the axes are perpendicular.

    Rows and columns are added so that no voxel is lost.

    Parameters
    ----------
    pixels : ndarray, shape (z, y, x)
        Slices.
    affine : ndarray, shape (4, 4)
        Voxel (x, y, z) to mm.

    Returns
    -------
    ndarray of float32, shape (z, y', x')
        The slices, interpolated linearly; where there is no data, the smallest
        value of all.
    ndarray, shape (4, 4)
        Their affine.
    """
    column, row = affine[:3, 0], affine[:3, 1]
    step = affine[:3, 2]
    # How far each slice lies to the side of the one before it, in pixels.
    shift = np.array([step @ row / (row @ row), step @ column / (column @ column)])
    offsets = np.arange(len(pixels))[:, np.newaxis] * shift
    low = np.floor(offsets.min(axis=0) + 1e-6).astype(int)
    high = np.ceil(offsets.max(axis=0) - 1e-6).astype(int)
    rows, columns = (int(n) for n in np.array(pixels.shape[1:]) + high - low)
    limits.check("max_array_bytes", 4 * len(pixels) * rows * columns, "bytes of a resampled volume")
    fill = np.float32(pixels.min())
    out = np.full((len(pixels), rows, columns), fill, np.float32)
    for plane, target, offset in zip(pixels, out, offsets - low, strict=True):
        _shifted(plane.astype(np.float32, copy=False), offset, target)
    straight = affine.copy()
    straight[:3, 2] = step - shift[0] * row - shift[1] * column
    straight[:3, 3] = affine[:3, 3] + low[0] * row + low[1] * column
    return out, straight


def _shifted(
    plane: NDArray[np.float32], offset: NDArray[np.float64], target: NDArray[np.float32]
) -> None:
    """Put a plane at a place between the pixels of a larger one, interpolating linearly."""
    fill = target.flat[0]
    whole = np.floor(offset + 1e-9).astype(int)
    part = np.maximum(offset - whole, 0.0)
    part[part < 1e-6] = 0
    canvas = np.pad(plane, [(int(share > 0), int(share > 0)) for share in part], mode="edge")
    for axis, share in enumerate(part.astype(np.float32)):
        if share:
            along = np.moveaxis(canvas, axis, 0)  # pixel k lies at k - share of the plane
            along = along[1:] * (1 - share) + along[:-1] * share
            along[0 if share > _HALF else -1] = fill  # more than half a pixel beyond the edge
            canvas = np.moveaxis(along, 0, axis)
    target[
        whole[0] : whole[0] + canvas.shape[0], whole[1] : whole[1] + canvas.shape[1]
    ] = canvas  # fmt: skip
