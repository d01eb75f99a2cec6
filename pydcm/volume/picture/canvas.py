"""A picture to draw gray images, text and lines into."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pydcm.volume.picture.glyphs import ADVANCE, text_mask

__all__ = ["Canvas", "Colour", "resized"]

Colour = tuple[int, int, int]


class Canvas:
    """An RGB picture.

    Parameters
    ----------
    width, height : int
        In pixels.
    background : tuple of int
        Its colour.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        The picture.
    """

    def __init__(self, width: int, height: int, background: Colour) -> None:
        self.pixels = np.empty((height, width, 3), np.uint8)
        self.pixels[:] = background

    def image(self, x: int, y: int, gray: NDArray[np.uint8]) -> None:
        """Put a gray image with its upper left corner at a point."""
        rows, columns = gray.shape
        self.pixels[y : y + rows, x : x + columns] = gray[:, :, np.newaxis]

    def fill(self, x: int, y: int, width: int, height: int, colour: Colour) -> None:
        """Fill a rectangle."""
        self.pixels[max(0, y) : y + height, max(0, x) : x + width] = colour

    def text(
        self,
        x: int,
        y: int,
        text: str,
        colour: Colour,
        *,
        scale: int = 2,
        align: Literal["left", "centre", "right"] = "left",
        shadow: bool = False,
    ) -> None:
        """Write a line of text whose top is at `y`; what does not fit is cut off.

        A shadow keeps it readable on top of an image.
        """
        width = scale * (ADVANCE * len(text) - 1)
        left = x - {"left": 0, "centre": width // 2, "right": width}[align]
        mask = text_mask(text, scale)
        if shadow:
            for down in (-1, 0, 1):
                for right in (-1, 0, 1):
                    self._stencil(left + right, y + down, mask, (0, 0, 0))
        self._stencil(left, y, mask, colour)

    def _stencil(self, x: int, y: int, mask: NDArray[np.bool_], colour: Colour) -> None:
        cut = mask[max(0, -y) :, max(0, -x) :]
        x, y = max(0, x), max(0, y)
        region = self.pixels[y : y + cut.shape[0], x : x + cut.shape[1]]
        region[cut[: region.shape[0], : region.shape[1]]] = colour


def resized(image: NDArray[Any], rows: int, columns: int) -> NDArray[np.float32]:
    """Return an image of another size: linear when it grows, averaged when it shrinks."""
    vertical = _weights(image.shape[0], rows)
    horizontal = _weights(image.shape[1], columns)
    result: NDArray[np.float32] = vertical @ image.astype(np.float32) @ horizontal.T
    return result


def _weights(size: int, wanted: int) -> NDArray[np.float32]:
    """Return the weight of each of `size` pixels in each of `wanted`: a triangle each."""
    ratio = size / wanted
    centres = (np.arange(wanted) + 0.5) * ratio - 0.5
    away = np.abs(np.arange(size) - centres[:, np.newaxis])
    weights = np.maximum(0.0, 1.0 - away / max(1.0, ratio))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights.astype(np.float32)
