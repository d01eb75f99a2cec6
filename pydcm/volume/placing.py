"""What an affine says about the place of voxels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import GeometryError

__all__ = ["checked_affine", "corners_apart_mm", "spacing_of"]


def checked_affine(affine: NDArray[np.float64], path: str | None = None) -> NDArray[np.float64]:
    """Return an affine, or raise if it spans no volume.

    Parameters
    ----------
    affine : ndarray, shape (4, 4)
        Voxel (x, y, z) to mm.
    path : str, optional
        The file that it is of, for messages.

    Raises
    ------
    GeometryError
        If it is not 4 x 4, not finite or singular.

    Examples
    --------
    >>> checked_affine(np.diag([1.0, 1.0, 0.0, 1.0]))
    Traceback (most recent call last):
        ...
    pydcm.errors.GeometryError: an affine with columns of (1, 1, 0) mm spans no volume
    """
    matrix = np.asarray(affine, np.float64)
    if matrix.shape != (4, 4) or not np.array_equal(matrix[3], [0, 0, 0, 1]):
        raise GeometryError(f"{np.asarray(affine).tolist()} is no affine of four rows", path=path)
    finite = bool(np.isfinite(matrix).all())
    with np.errstate(all="ignore"):  # lengths may be beyond all bounds
        lengths = np.linalg.norm(matrix[:3, :3], axis=0)
        volume, box = abs(float(np.linalg.det(matrix[:3, :3]))), float(lengths.prod())
    if not (finite and np.isfinite(box) and volume > 1e-9 * box):
        steps = ", ".join(f"{length:.6g}" for length in lengths)
        raise GeometryError(f"an affine with columns of ({steps}) mm spans no volume", path=path)
    return matrix


def spacing_of(affine: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the lengths of the steps of an affine along (z, y, x), mm.

    Examples
    --------
    >>> spacing_of(np.diag([0.5, 0.75, 3.0, 1.0]))
    (3.0, 0.75, 0.5)
    """
    x, y, z = np.linalg.norm(affine[:3, :3], axis=0).tolist()
    return z, y, x


def corners_apart_mm(
    first: NDArray[np.float64], second: NDArray[np.float64], shape: tuple[int, ...]
) -> float:
    """Return the largest distance between the places that two affines give a voxel.

    Parameters
    ----------
    first, second : ndarray, shape (4, 4)
        Voxel (x, y, z) to mm.
    shape : tuple of int
        Number of voxels along (z, y, x); the largest distance is at a corner.

    Examples
    --------
    >>> corners_apart_mm(np.eye(4), np.diag([1.01, 1.0, 1.0, 1.0]), (3, 5, 101))
    1.0
    """
    ends = np.indices((2, 2, 2)).reshape(3, 8) * (np.array(shape[::-1]) - 1)[:, np.newaxis]
    corners = np.vstack([ends, np.ones(8)])
    away = (np.asarray(first) - np.asarray(second))[:3] @ corners
    return round(float(np.linalg.norm(away, axis=0).max()), 12)
