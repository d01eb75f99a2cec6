"""Volumes of every dtype and geometry that the formats are tried on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.volume import Volume
from pydcm.volume.placing import spacing_of

AFFINES: dict[str, NDArray[np.float64]] = {}
"""Voxel to LPS: straight, oblique, sheared like a tilted gantry, left-handed."""


def _affine(columns: list[list[float]], origin: list[float]) -> NDArray[np.float64]:
    affine = np.eye(4)
    affine[:3, :3] = np.array(columns).T
    affine[:3, 3] = origin
    return affine


def _turned() -> NDArray[np.float64]:
    a, b = math.radians(23), math.radians(-11)
    first = np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, 1]])
    second = np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    affine = np.eye(4)
    affine[:3, :3] = first @ second * [0.7, 0.8, 2.5]
    affine[:3, 3] = (-181.25, 77.125, -412.0625)
    return affine


AFFINES["straight"] = _affine([[0.7, 0, 0], [0, 0.8, 0], [0, 0, 2.5]], [-100.5, -90.25, 33.0])
AFFINES["oblique"] = _turned()
AFFINES["sheared"] = _affine([[0.7, 0, 0], [0, 0.8, 0], [0, 0.9, 2.5]], [-100.5, -90.25, 33.0])
AFFINES["left-handed"] = _affine([[0.7, 0, 0], [0, 0.8, 0], [0, 0, -2.5]], [1.0, 2.0, 3.0])


def volume(
    dtype: str = "int16",
    geometry: str = "oblique",
    shape: tuple[int, ...] = (5, 6, 7),
    **fields: Any,
) -> Volume:
    """Return a volume of values that fill the range of integers."""
    rng = np.random.default_rng(3)
    kind = np.dtype(dtype)
    if kind.kind in "iu":
        bounds = np.iinfo(kind)
        pixels = rng.integers(bounds.min, bounds.max, shape, kind, endpoint=True)
        pixels.flat[0], pixels.flat[-1] = bounds.min, bounds.max
    elif kind.kind == "b":
        pixels = rng.integers(0, 2, shape).astype(kind)
    else:
        pixels = rng.normal(0, 1000, shape).astype(kind)
    affine = AFFINES[geometry]
    return Volume(pixels, spacing_of(affine), affine, "1.2.3", **fields)
