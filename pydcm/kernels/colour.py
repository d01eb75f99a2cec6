"""YBR_FULL to RGB and back, of 8 bits (PS3.3 C.7.6.3.1.2).

The coefficients are exact fractions, as in :mod:`pydcm.pixels.colour`, and so is each
rounding: to the nearest integer, halves up. Where neither numba was asked for nor the
accelerator is there, arrays are converted there, and give the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import i64
from pydcm.kernels.registry import kernel

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells

__all__ = ["rgb_to_ybr", "ybr_to_rgb"]


@kernel("colour.ybr_to_rgb", clause="PS3.3 C.7.6.3.1.2", jit_by_default=False)
def ybr_to_rgb(pixels: Cells) -> int:
    """Convert Y, CB, CR to red, green, blue, in place.

    Parameters
    ----------
    pixels : octets
        Three for each pixel; one or two more at the end are left alone.

    Returns
    -------
    int
        The pixels converted.
    """
    count = len(pixels) // 3
    for p in range(0, 3 * count, 3):
        y = i64(pixels[p])
        cb = i64(pixels[p + 1]) - 128
        cr = i64(pixels[p + 2]) - 128
        red = y + (2804 * cr + 1000) // 2000
        green = y + (-404016 * cb - 838396 * cr + 587000) // 1174000
        blue = y + (3544 * cb + 1000) // 2000
        pixels[p] = min(max(red, 0), 255)
        pixels[p + 1] = min(max(green, 0), 255)
        pixels[p + 2] = min(max(blue, 0), 255)
    return count


@kernel("colour.rgb_to_ybr", clause="PS3.3 C.7.6.3.1.2", jit_by_default=False)
def rgb_to_ybr(pixels: Cells) -> int:
    """Convert red, green, blue to Y, CB, CR, in place; argument and result as `ybr_to_rgb`."""
    count = len(pixels) // 3
    for p in range(0, 3 * count, 3):
        red = i64(pixels[p])
        green = i64(pixels[p + 1])
        blue = i64(pixels[p + 2])
        # The greatest chrominance would be 255.5, and rounded 256.
        pixels[p] = (598 * red + 1174 * green + 228 * blue + 1000) // 2000
        pixels[p + 1] = min(128 + (-598 * red - 1174 * green + 1772 * blue + 1772) // 3544, 255)
        pixels[p + 2] = min(128 + (1402 * red - 1174 * green - 228 * blue + 1402) // 2804, 255)
    return count
