"""The bits of a cell that are not part of the pixel (PS3.5 8.1.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import FrameLayout

__all__ = ["needs_mask", "store", "store_masked"]


def store(
    cells: NDArray[np.generic], out: NDArray[np.generic], layout: FrameLayout, *, mask: bool
) -> None:
    """Copy the cells of frames, without the bits above Bits Stored if `mask` says so.

    `out` may be `cells`.
    """
    mask = mask and needs_mask(layout)
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


def needs_mask(layout: FrameLayout) -> bool:
    """Return whether a cell has bits that are not part of the pixel."""
    return not layout.floating and layout.bits_allocated > 1 and _unused(layout) > 0


def store_masked(cells: NDArray[np.generic], out: NDArray[np.generic], layout: FrameLayout) -> None:
    """Copy cells without the bits above Bits Stored (PS3.5 8.1.1).

    They belong to nobody, or to an overlay of old; signed values get their
    sign extended into them.
    """
    if layout.signed:
        np.left_shift(cells, _unused(layout), out=out)
        np.right_shift(out, _unused(layout), out=out)
    else:
        mask = layout.dtype.type((1 << layout.bits_stored) - 1)
        np.bitwise_and(cells, mask, out=out)


def _unused(layout: FrameLayout) -> int:
    return 8 * layout.item_bytes - layout.bits_stored
