"""The bits of a cell that are not part of the pixel (PS3.5 8.1.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import FrameLayout

__all__ = ["store", "store_masked"]


def store(
    cells: NDArray[np.generic], out: NDArray[np.generic], layout: FrameLayout, *, mask: bool
) -> None:
    """Copy the cells of frames, without the bits above Bits Stored if `mask` says so.

    `out` may be `cells`.
    """
    mask = mask and layout.unused_bits > 0
    if cells is out and not mask:
        return
    if cells.flags.c_contiguous:
        planes = [(cells, out)]
    else:  # samples lie apart, and numpy is slow at bringing them together all at once
        planes = [(cells[..., k], out[..., k]) for k in range(layout.samples)]
    for source, target in planes:
        if mask:
            store_masked(source, target, layout)
        else:
            np.copyto(target, source, casting="unsafe")


def store_masked(cells: NDArray[np.generic], out: NDArray[np.generic], layout: FrameLayout) -> None:
    """Copy cells without the bits above Bits Stored (PS3.5 8.1.1).

    They belong to nobody, or to an overlay of old; signed values get their
    sign extended into them. Cells that are in their place are looked at first,
    which takes half as long as to write them again.
    """
    if layout.signed:
        np.left_shift(cells, layout.unused_bits, out=out)
        np.right_shift(out, layout.unused_bits, out=out)
        return
    largest = layout.largest
    if cells is not out or (cells.size and cells.max() > largest):
        np.bitwise_and(cells, largest, out=out)
