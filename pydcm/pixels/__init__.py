"""Pixels as arrays: decoding, packing, and what makes values of them.

Examples
--------
>>> from pydcm import examples
>>> from pydcm.pixels import apply_rescale, pixel_array
>>> ct = examples.ct
>>> apply_rescale(pixel_array(ct), ct).dtype.name
'float64'
"""

from pydcm.pixels.decoding import decode
from pydcm.pixels.processing import apply_modality_lut, apply_rescale, convert_color_space
from pydcm.pixels.utils import (
    as_pixel_options,
    decode_uncompressed,
    iter_pixels,
    pack_bits,
    pixel_array,
    unpack_bits,
)

__all__ = [
    "apply_modality_lut",
    "apply_rescale",
    "as_pixel_options",
    "convert_color_space",
    "decode",
    "decode_uncompressed",
    "iter_pixels",
    "pack_bits",
    "pixel_array",
    "unpack_bits",
]
