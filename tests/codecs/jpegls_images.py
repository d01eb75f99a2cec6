"""Images for the tests of JPEG-LS."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.jpegls.markers import Interleave
from pydcm._codecs.layout import EncodeOptions, FrameLayout

Pixels = NDArray[np.generic]

LOSSLESS = EncodeOptions()
ILV = {"none": Interleave.NONE, "line": Interleave.LINE, "sample": Interleave.SAMPLE}
QUICK = 70_000
"""Samples that the reference decodes in a fraction of a second."""


def layout_of(pixels: Pixels, bits: int, *, signed: bool = False) -> FrameLayout:
    rows, columns, samples = pixels.shape
    return FrameLayout(rows, columns, samples, 8 * pixels.dtype.itemsize, bits, signed)


def smooth(
    rows: int, columns: int, samples: int, bits: int, *, seed: int = 0, noise: int = 3
) -> NDArray[Any]:
    """Return an image with slopes, noise and flat stretches."""
    rng = np.random.default_rng(seed)
    y, x, s = np.mgrid[:rows, :columns, :samples]
    waves = (np.sin(x / 9 + s) + np.cos(y / 7 - s) + 2) / 4 * ((1 << bits) - 1)
    found = waves + rng.integers(-noise, noise + 1, waves.shape)
    found[: rows // 3, columns // 2 :] = 1
    return np.asarray(found.clip(0, (1 << bits) - 1), np.uint8 if bits <= 8 else np.uint16)
