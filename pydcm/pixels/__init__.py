"""Pixels as arrays: decoding, packing, and what makes values of them.

Examples
--------
>>> from pydcm import examples
>>> from pydcm.pixels import apply_rescale, pixel_array
>>> ct = examples.ct
>>> apply_rescale(pixel_array(ct), ct).dtype.name
'float64'
"""

from pydcm.pixels.compression import compress, decompress
from pydcm.pixels.decoders.base import get_decoder
from pydcm.pixels.decoding import decode
from pydcm.pixels.encoders.base import get_encoder
from pydcm.pixels.pixel_data import set_pixel_data
from pydcm.pixels.processing import (
    apply_color_lut,
    apply_icc_profile,
    apply_modality_lut,
    apply_presentation_lut,
    apply_rescale,
    apply_voi,
    apply_voi_lut,
    apply_windowing,
    convert_color_space,
    create_icc_transform,
)
from pydcm.pixels.utils import (
    as_pixel_options,
    decode_uncompressed,
    iter_pixels,
    pack_bits,
    pixel_array,
    unpack_bits,
)

__all__ = [
    "apply_color_lut",
    "apply_icc_profile",
    "apply_modality_lut",
    "apply_presentation_lut",
    "apply_rescale",
    "apply_voi",
    "apply_voi_lut",
    "apply_windowing",
    "as_pixel_options",
    "compress",
    "convert_color_space",
    "create_icc_transform",
    "decode",
    "decode_uncompressed",
    "decompress",
    "get_decoder",
    "get_encoder",
    "iter_pixels",
    "pack_bits",
    "pixel_array",
    "set_pixel_data",
    "unpack_bits",
]
